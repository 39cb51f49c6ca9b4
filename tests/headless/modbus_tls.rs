//! Modbus/TCP Security against a server in the test that gives rights by the role in the client's certificate.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hypocaust::io::field::{Certificates, Field, FieldOptions, Pace};
use hypocaust::io::modbus::map::{Device, DeviceMap, Point, TlsFiles, Transport, WritePermit};
use hypocaust::io::modbus::value::DataType;
use hypocaust::io::modbus::{DeviceState, Fault, NotWritten, Polling, role};
use hypocaust::live::{Quality, Sample, TagId};
use hypocaust::network::generate::demo_city;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto};

use crate::support::pki::Pki;
use crate::support::plc::{Asked, on_registers};

const NEVER: Duration = Duration::from_secs(40);

/// Serves one register until the test ends: operators read and write, viewers read, nobody else does anything.
fn secure_plc(pki: &Pki) -> u16 {
    let provider = Arc::new(crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(pki.authority()).unwrap()).unwrap();
    let (certificate, key) = pki.signed("device", None);
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![CertificateDer::from_pem_file(certificate).unwrap()],
            PrivateKeyDer::from_pem_file(key).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    listener.set_nonblocking(true).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let registers = Arc::new(Mutex::new(BTreeMap::from([(0, 7)])));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, registers) = (acceptor.clone(), registers.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let shown = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
                    let role = role(&shown);
                    let mut header = [0; 7];
                    while stream.read_exact(&mut header).await.is_ok() {
                        let mut pdu = vec![0; usize::from(header[5]) - 1];
                        stream.read_exact(&mut pdu).await.unwrap();
                        let transaction = u16::from_be_bytes([header[0], header[1]]);
                        let asked = Asked { transaction, unit: header[6], pdu, nth: 0 };
                        let reading = asked.pdu[0] < 5;
                        let answer = match role.as_deref() {
                            Some("Operator") => on_registers(&asked, &mut registers.lock().unwrap()),
                            Some("Viewer") if reading => on_registers(&asked, &mut registers.lock().unwrap()),
                            _ => asked.exception(1),
                        };
                        stream.write_all(&answer).await.unwrap();
                    }
                });
            }
        });
    });
    port
}

fn map(port: u16, files: TlsFiles) -> DeviceMap {
    let transport = Transport::Tls { host: "127.0.0.1".to_owned(), port, files };
    let permit = Some(WritePermit { least: 0.0, most: 100.0, most_step: None, least_interval_s: 0.0 });
    let point = Point { write: permit, period_ms: 100, ..Point::new("a", "plc", 0, DataType::U16) };
    DeviceMap { devices: vec![Device::new("plc", transport, 1)], points: vec![point] }
}

fn until(samples: &Receiver<Vec<Sample>>, holds: impl Fn(&Sample) -> bool) -> Sample {
    let end = Instant::now() + NEVER;
    loop {
        let batch = samples.recv_timeout(end.saturating_duration_since(Instant::now())).unwrap();
        if let Some(sample) = batch.into_iter().find(&holds) {
            return sample;
        }
    }
}

#[test]
fn rights_follow_the_role_in_the_certificate() {
    let pki = Pki::new();
    let port = secure_plc(&pki);
    let (sink, samples) = sync_channel(1000);
    let mut operator = Polling::start(&map(port, pki.files("operator", Some("Operator"))), sink).unwrap();
    assert_eq!(until(&samples, |sample| sample.quality.is_good()).value, 7.0);
    assert_eq!(operator.take_writer().unwrap().write(TagId(0), 42.0).unwrap().value, 42.0);
    drop(operator);

    let (sink, samples) = sync_channel(1000);
    let mut viewer = Polling::start(&map(port, pki.files("viewer", Some("Viewer"))), sink).unwrap();
    assert_eq!(until(&samples, |sample| sample.quality.is_good()).value, 42.0);
    let refused = viewer.take_writer().unwrap().write(TagId(0), 1.0);
    assert!(matches!(refused, Err(NotWritten::Refused(exception)) if exception.0 == 1), "{refused:?}");

    let (sink, samples) = sync_channel(1000);
    let _nobody = Polling::start(&map(port, pki.files("nobody", None)), sink).unwrap();
    let exception = Quality::Bad(hypocaust::live::Fault::DeviceException);
    until(&samples, |sample| sample.quality == exception);
}

/// The simulated field with certificates of its own making: an operator reads and writes, a viewer reads, and who has no
/// certificate of its authority nothing.
#[test]
fn the_simulated_field_gives_rights_by_role() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::of_folder(folder.path(), "127.0.0.1").unwrap();
    let options = FieldOptions {
        pace: Pace::ByHand,
        noise: 0.0,
        certificates: Some(certificates.clone()),
        ..FieldOptions::default()
    };
    let field = Field::start(demo_city(), options).unwrap();
    // One device is enough.
    let tag = field.device_map().points.iter().position(|point| &*point.tag == "ST001.T3.SET").unwrap();
    let point = Point { period_ms: 100, ..field.device_map().points[tag].clone() };
    let device = field.device_map().device(&point.device).unwrap().clone();
    let polled = |files: TlsFiles| {
        let Transport::Tls { host, port, .. } = device.transport.clone() else { panic!("{:?}", device.transport) };
        let device = Device { transport: Transport::Tls { host, port, files }, ..device.clone() };
        let (sink, samples) = sync_channel(1000);
        let map = DeviceMap { devices: vec![device], points: vec![point.clone()] };
        (Polling::start(&map, sink).unwrap(), samples)
    };
    let (mut operator, samples) = polled(certificates.client.clone());
    let before = until(&samples, |sample| sample.quality.is_good()).value;
    let resolution = (point.scale / point.unit.scale).abs();
    let written = operator.take_writer().unwrap().write(TagId(0), before - 2.0).unwrap().value;
    assert!((written - before + 2.0).abs() <= resolution, "{written} {before}");
    drop(operator);

    let viewer = TlsFiles {
        certificate: folder.path().join("viewer.pem"),
        key: folder.path().join("viewer.key"),
        ..certificates.client.clone()
    };
    let (mut viewer, samples) = polled(viewer);
    assert!((until(&samples, |sample| sample.quality.is_good()).value - written).abs() <= resolution);
    let refused = viewer.take_writer().unwrap().write(TagId(0), before);
    assert!(matches!(refused, Err(NotWritten::Refused(exception)) if exception.0 == 1), "{refused:?}");

    let other = Pki::new();
    let (certificate, key) = other.signed("spy", Some("Operator"));
    let (spy, samples) = polled(TlsFiles { certificate, key, ..certificates.client.clone() });
    until(&samples, |sample| sample.quality == Quality::Bad(hypocaust::live::Fault::Communication));
    assert_eq!(spy.health().devices[0].answers, 0);

    // What lies there is taken as it is, by a name that is not that of this folder too.
    let again = Certificates::of_folder(&folder.path().join("."), "elsewhere").unwrap();
    assert_eq!(std::fs::read(&again.authority).unwrap(), std::fs::read(&certificates.authority).unwrap());
    std::fs::remove_file(folder.path().join("device.key")).unwrap();
    let options = FieldOptions { pace: Pace::ByHand, certificates: Some(again), ..FieldOptions::default() };
    let error = Field::start(demo_city(), options).unwrap_err().to_string();
    assert!(error.contains("device.key"), "{error}");
}

#[test]
fn certificates_of_another_authority_are_refused_by_both_sides() {
    let (pki, other) = (Pki::new(), Pki::new());
    let port = secure_plc(&pki);
    let mut theirs = pki.files("spy", Some("Operator"));
    (theirs.certificate, theirs.key) = other.signed("spy", Some("Operator"));
    let mut ours = pki.files("operator", Some("Operator"));
    ours.authority = other.authority();
    for files in [theirs, ours] {
        let (sink, samples) = sync_channel(1000);
        let polling = Polling::start(&map(port, files), sink).unwrap();
        until(&samples, |sample| sample.quality == Quality::Bad(hypocaust::live::Fault::Communication));
        let health = polling.health().devices.remove(0);
        assert!(matches!(health.state, DeviceState::Silent | DeviceState::Unreachable), "{health:?}");
        assert!(matches!(health.last_fault, Some(Fault::Tls(_) | Fault::Broken(_) | Fault::Closed)), "{health:?}");
    }
}

#[test]
fn files_that_hold_no_certificate_are_named() {
    let pki = Pki::new();
    let mut files = pki.files("operator", Some("Operator"));
    std::mem::swap(&mut files.certificate, &mut files.key);
    let (sink, _samples) = sync_channel(1);
    let error = Polling::start(&map(1, files), sink).err().unwrap().to_string();
    assert!(error.contains("operator.key") && error.contains("PEM"), "{error}");
    let mut files = pki.files("operator", Some("Operator"));
    files.authority = "nowhere.pem".into();
    let (sink, _samples) = sync_channel(1);
    let error = Polling::start(&map(1, files), sink).err().unwrap().to_string();
    assert!(error.contains("nowhere.pem: there is no such file"), "{error}");
}

#[test]
fn roles_are_read_from_certificates() {
    let pki = Pki::new();
    for (name, wanted) in [("a", Some("Operator")), ("b", Some("值班员")), ("c", None)] {
        let (certificate, _) = pki.signed(name, wanted);
        let certificate = CertificateDer::from_pem_file(certificate).unwrap();
        assert_eq!(role(&certificate).as_deref(), wanted);
        for cut in 0..certificate.len() {
            assert_eq!(role(&certificate[..cut]), None);
        }
    }
    assert_eq!(role(b"no certificate"), None);
}
