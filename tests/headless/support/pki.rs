//! Certificates made for one test: an authority, the device's, and clients' with the role of Modbus/TCP Security.

use std::fs;
use std::path::PathBuf;

use hypocaust::io::modbus::map::TlsFiles;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, IsCa, KeyPair};

const ROLE: [u64; 9] = [1, 3, 6, 1, 4, 1, 50_316, 802, 1];

pub struct Pki {
    folder: tempfile::TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Pki {
    pub fn new() -> Pki {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "heat works");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let pki = Pki { folder: tempfile::tempdir().unwrap(), issuer };
        fs::write(pki.authority(), pki.issuer.pem()).unwrap();
        pki
    }

    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Certificate and key of this name, signed; with a role for clients.
    pub fn signed(&self, name: &str, role: Option<&str>) -> (PathBuf, PathBuf) {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        if let Some(role) = role {
            // ASN.1 UTF8String: tag, length, text.
            let content = [&[0x0C, role.len() as u8][..], role.as_bytes()].concat();
            params.custom_extensions.push(CustomExtension::from_oid_content(&ROLE, content));
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let (at, key_at) =
            (self.folder.path().join(format!("{name}.pem")), self.folder.path().join(format!("{name}.key")));
        fs::write(&at, certificate.pem()).unwrap();
        fs::write(&key_at, key.serialize_pem()).unwrap();
        (at, key_at)
    }

    pub fn files(&self, name: &str, role: Option<&str>) -> TlsFiles {
        let (certificate, key) = self.signed(name, role);
        TlsFiles { authority: self.authority(), certificate, key, server_name: None }
    }
}
