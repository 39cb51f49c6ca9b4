//! Modbus/TCP Security (MB-TCP-Security v36, 2021): the same frames inside TLS with certificates on both sides.
//!
//! As a client: the device's certificate must come from the authority of the map, ours with its whole chain is shown. As
//! the server of simulated devices: the same with changed places. The role a certificate gives stands in an extension of it
//! ([`role`]). What does not live here: deciding what a role may do.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::map::TlsFiles;
use crate::io::{IoError, Problem};

/// Object identifier of the role in a certificate, assigned to the Modbus organisation.
pub const ROLE_OID: &str = "1.3.6.1.4.1.50316.802.1";

/// What a TLS connection needs, read once.
#[derive(Clone)]
pub(super) struct Client {
    pub connector: TlsConnector,
    pub name: ServerName<'static>,
}

/// Reads the certificates and the key of a connection to `host`.
pub(super) fn client(files: &TlsFiles, host: &str) -> Result<Client, IoError> {
    let roots = roots(&files.authority)?;
    let (chain, key) = identity(&files.certificate, &files.key)?;
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|reason| refused(&files.authority, &reason))?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(|reason| refused(&files.key, &reason))?;
    let name = files.server_name.as_deref().unwrap_or(host);
    let name = ServerName::try_from(name.to_owned())
        .map_err(|_| Problem::new(&files.authority, "io-modbus-server-name").with("name", name))?;
    Ok(Client { connector: TlsConnector::from(Arc::new(config)), name })
}

/// What takes the connections of a device that shows this certificate: only of clients whose own one comes from the
/// authority.
pub(in crate::io) fn server(authority: &Path, certificate: &Path, key: &Path) -> Result<TlsAcceptor, IoError> {
    let provider = Arc::new(crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(authority)?), provider.clone())
        .build()
        .map_err(|reason| refused(authority, &reason))?;
    let (chain, own) = identity(certificate, key)?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|reason| refused(authority, &reason))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, own)
        .map_err(|reason| refused(key, &reason))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn refused(file: &Path, reason: &dyn std::fmt::Display) -> Problem {
    Problem::new(file, "io-modbus-certificate").with("reason", reason)
}

fn bytes(file: &Path) -> Result<Vec<u8>, IoError> {
    std::fs::read(file).map_err(|error| IoError::system(file, &error))
}

fn roots(authority: &Path) -> Result<RootCertStore, IoError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authority)? {
        roots.add(certificate).map_err(|reason| refused(authority, &reason))?;
    }
    Ok(roots)
}

/// A certificate with its chain, and its key.
fn identity(certificate: &Path, key: &Path) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), IoError> {
    let chain = certificates(certificate)?;
    let key = PrivateKeyDer::from_pem_slice(&bytes(key)?).map_err(|reason| refused(key, &reason))?;
    Ok((chain, key))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, IoError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&bytes(file)?)
        .collect::<Result<_, _>>()
        .map_err(|reason| refused(file, &reason))?;
    if chain.is_empty() { Err(refused(file, &"no certificate").into()) } else { Ok(chain) }
}

/// The role a certificate (DER) gives its holder; `None` where it gives none, or none that can be read.
pub fn role(certificate: &[u8]) -> Option<String> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let extension = certificate.extensions().iter().find(|extension| extension.oid.to_id_string() == ROLE_OID)?;
    // ASN.1 UTF8String: tag 0C, length in one byte, text. Longer roles than 127 bytes are none.
    match extension.value {
        [0x0C, length @ 0..=127, text @ ..] if text.len() == usize::from(*length) => {
            std::str::from_utf8(text).ok().map(str::to_owned)
        }
        _ => None,
    }
}
