//! The certificates of simulated devices that speak Modbus/TCP Security: found in a folder, or made there.
//!
//! In a folder without an authority one is made, together with a certificate for the devices and one for each role a client
//! may have ([`OPERATOR`], [`VIEWER`]); the key of that authority is thrown away. They are for trying things on: where they
//! lie there already they are taken as they are.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, IsCa, KeyPair};

use crate::io::modbus::map::TlsFiles;
use crate::io::{IoError, Problem};

/// The role that may write, and one that may not.
pub const OPERATOR: &str = "Operator";
pub const VIEWER: &str = "Viewer";
/// [`ROLE_OID`](crate::io::modbus::ROLE_OID) in numbers.
const ROLE: [u64; 9] = [1, 3, 6, 1, 4, 1, 50_316, 802, 1];

/// Where the certificates of a field lie (PEM).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificates {
    pub authority: PathBuf,
    /// The devices'.
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// What the device map gives its reader: those of an operator.
    pub client: TlsFiles,
}

impl Certificates {
    /// Those of a folder: `authority.pem`, `device.pem` and `.key`, `operator.pem` and `.key`. Where there is no authority
    /// all of them are made, for devices at this host.
    pub fn of_folder(folder: &Path, host: &str) -> Result<Certificates, IoError> {
        // Whatever folder the map that names them will lie in.
        let folder = &std::path::absolute(folder).map_err(|error| IoError::system(folder, &error))?;
        let file = |name: &str| folder.join(name);
        let authority = file("authority.pem");
        if !authority.exists() {
            make(folder, host)?;
        }
        Ok(Certificates {
            authority: authority.clone(),
            certificate: file("device.pem"),
            key: file("device.key"),
            client: TlsFiles {
                authority,
                certificate: file("operator.pem"),
                key: file("operator.key"),
                server_name: None,
            },
        })
    }
}

fn make(folder: &Path, host: &str) -> Result<(), IoError> {
    std::fs::create_dir_all(folder).map_err(|error| IoError::system(folder, &error))?;
    let refused = |reason: rcgen::Error| Problem::new(folder, "io-modbus-certificate").with("reason", reason);
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "Simulated field");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(refused)?).map_err(refused)?;
    let mut hosts = vec![host.to_owned(), "localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    hosts.dedup();
    for (name, role) in [("device", None), ("operator", Some(OPERATOR)), ("viewer", Some(VIEWER))] {
        let mut params = CertificateParams::new(hosts.clone()).map_err(refused)?;
        params.distinguished_name.push(DnType::CommonName, name);
        if let Some(role) = role {
            // ASN.1 UTF8String: tag, length, text. Both roles are short.
            let content = [&[0x0C, role.len() as u8][..], role.as_bytes()].concat();
            params.custom_extensions.push(CustomExtension::from_oid_content(&ROLE, content));
        }
        let key = KeyPair::generate().map_err(refused)?;
        let certificate = params.signed_by(&key, &authority).map_err(refused)?;
        write(&folder.join(format!("{name}.key")), &key.serialize_pem())?;
        write(&folder.join(format!("{name}.pem")), &certificate.pem())?;
    }
    // Last: a folder with an authority is complete.
    write(&folder.join("authority.pem"), &authority.pem())
}

/// A file that only its owner reads.
fn write(path: &Path, text: &str) -> Result<(), IoError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| IoError::system(path, &error))
}
