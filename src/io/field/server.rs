//! Modbus/TCP servers: one listening address for each controller or gateway, one task for each connection, inside TLS where
//! the field has certificates. Then the role in the client's certificate says whether it may write.
//!
//! Connections are accepted and answered apart from each other, so a slow client delays nobody. An address takes a bounded
//! number of connections, and a frame a bounded number of bytes. How a device misbehaves is looked up for every request.
//! What a request means is the [`Image`]'s business.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::certificates::OPERATOR;
use super::image::{Image, Written};
use crate::io::modbus::role;

/// Connections one address holds; the next is closed at once, as controllers do.
const CONNECTIONS: usize = 16;
/// A client that says nothing for so long is hung up on.
const IDLE: Duration = Duration::from_secs(600);
/// A client that has not shown its certificate by then is hung up on.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that wait to be accepted.
pub const BACKLOG: u32 = 64;
/// Longest unit identifier and PDU of a frame (the protocol's 254 bytes).
const LONGEST: usize = 254;
/// What a gateway says of a unit that does not answer it.
const GATEWAY_TARGET_SILENT: u8 = 11;
/// What a device says to a client that may not do this.
const ILLEGAL_FUNCTION: u8 = 1;

/// How a device talks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manners {
    pub dead: bool,
    pub silent: bool,
    pub drops: bool,
    pub slow_ms: u32,
    pub exception: Option<u8>,
    pub zero_transaction: bool,
    pub short: bool,
}

/// What a device is to its server.
#[derive(Debug)]
pub struct Unit {
    image: Mutex<Image>,
    manners: Mutex<Manners>,
}

impl Unit {
    pub fn new(image: Image) -> Unit {
        Unit { image: Mutex::new(image), manners: Mutex::new(Manners::default()) }
    }

    pub fn image(&self) -> MutexGuard<'_, Image> {
        // Numbers stay numbers whoever panicked.
        self.image.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn manners(&self) -> Manners {
        *self.manners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn behave(&self, manners: Manners) {
        *self.manners.lock().unwrap_or_else(PoisonError::into_inner) = manners;
    }
}

/// An address with the units behind it.
pub struct Endpoint {
    units: BTreeMap<u8, Arc<Unit>>,
    written: SyncSender<Written>,
    /// A gateway answers for units that do not.
    gateway: bool,
    secure: Option<TlsAcceptor>,
}

impl Endpoint {
    /// `secure`: connections are TLS.
    pub fn new(units: BTreeMap<u8, Arc<Unit>>, written: SyncSender<Written>, secure: Option<TlsAcceptor>) -> Endpoint {
        let gateway = units.len() > 1;
        Endpoint { units, written, gateway, secure }
    }

    /// Whether nobody is at home: then connections are refused.
    fn is_dead(&self) -> bool {
        self.units.values().all(|unit| unit.manners().dead)
    }
}

/// Binds an address; port 0 takes a free one. The socket does not listen yet.
pub fn bind(address: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Serves an address until the task is dropped. `moved` is touched whenever manners may have changed.
pub async fn serve(
    endpoint: Arc<Endpoint>,
    listener: TcpListener,
    address: SocketAddr,
    mut moved: watch::Receiver<u64>,
) {
    let mut listener = Some(listener);
    loop {
        if let Some(listener) = listener.take()
            && !accept_until_dead(&endpoint, listener, &mut moved).await
        {
            return;
        }
        // A socket that is bound and does not listen refuses connections and keeps its port from others.
        let mut socket = bind(address);
        while endpoint.is_dead() {
            if moved.changed().await.is_err() {
                return;
            }
        }
        while listener.is_none() {
            match socket.and_then(|socket| socket.listen(BACKLOG)) {
                Ok(again) => {
                    listener = Some(again);
                    break;
                }
                // Somebody else took the port meanwhile.
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
            socket = bind(address);
        }
    }
}

/// Accepts until the device dies, then hangs up on everybody. `false`: the field has ended.
async fn accept_until_dead(endpoint: &Arc<Endpoint>, listener: TcpListener, moved: &mut watch::Receiver<u64>) -> bool {
    let mut connections = JoinSet::new();
    if endpoint.is_dead() {
        return true;
    }
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    if let Ok(permit) = room.clone().try_acquire_owned() {
                        let endpoint = endpoint.clone();
                        connections.spawn(async move {
                            // What ends a connection ends it alone; the client will come again.
                            let _ = meet(&endpoint, stream).await;
                            drop(permit);
                        });
                    }
                }
                // Out of handles: others will be closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
            changed = moved.changed() => {
                if changed.is_err() {
                    return false;
                }
                if endpoint.is_dead() {
                    return true;
                }
            }
        }
    }
}

/// One connection, from its first byte.
async fn meet(endpoint: &Endpoint, stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let Some(secure) = &endpoint.secure else { return talk(endpoint, stream, true).await };
    let Ok(stream) = tokio::time::timeout(HANDSHAKE, secure.accept(stream)).await else { return Ok(()) };
    let stream = stream?;
    let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let may_write = shown.and_then(|certificate| role(certificate)).as_deref() == Some(OPERATOR);
    talk(endpoint, stream, may_write).await
}

/// Request by request.
async fn talk(
    endpoint: &Endpoint,
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    may_write: bool,
) -> std::io::Result<()> {
    let mut header = [0_u8; 6];
    let mut body = [0_u8; LONGEST];
    loop {
        match tokio::time::timeout(IDLE, stream.read_exact(&mut header)).await {
            Ok(read) => read?,
            Err(_) => return Ok(()),
        };
        let length = usize::from(u16::from_be_bytes([header[4], header[5]]));
        // Another protocol, or no frame at all: nothing that follows could be trusted.
        if header[2..4] != [0, 0] || !(2..=LONGEST).contains(&length) {
            return Ok(());
        }
        stream.read_exact(&mut body[..length]).await?;
        let Some((&unit_id, request)) = body[..length].split_first() else { return Ok(()) };
        let unit = endpoint.units.get(&unit_id);
        let manners = unit.map(|unit| unit.manners()).unwrap_or_default();
        if manners.slow_ms > 0 {
            tokio::time::sleep(Duration::from_millis(u64::from(manners.slow_ms))).await;
        }
        let function = request.first().copied().unwrap_or_default();
        let answer = match unit {
            Some(_) if manners.drops => return Ok(()),
            Some(_) if manners.silent => continue,
            Some(_) if !manners.dead => {
                let Some(unit) = unit else { continue };
                match manners.exception {
                    Some(code) => vec![function | 0x80, code],
                    // Functions 1 to 4 read.
                    None if function > 4 && !may_write => vec![function | 0x80, ILLEGAL_FUNCTION],
                    None => unit.image().answer(request, &mut |written| endpoint.written.try_send(written).is_ok()),
                }
            }
            _ if endpoint.gateway => vec![function | 0x80, GATEWAY_TARGET_SILENT],
            // A controller does not answer for others.
            _ => continue,
        };
        let answer = if manners.short { shortened(answer) } else { answer };
        let mut frame = Vec::with_capacity(7 + answer.len());
        frame.extend_from_slice(if manners.zero_transaction { &[0, 0] } else { &header[..2] });
        frame.extend_from_slice(&[0, 0]);
        // An answer has at most 253 bytes.
        frame.extend_from_slice(&(answer.len() as u16 + 1).to_be_bytes());
        frame.push(unit_id);
        frame.extend_from_slice(&answer);
        stream.write_all(&frame).await?;
        stream.flush().await?;
    }
}

/// A reply to a read with its last register missing and a byte count that agrees with that.
fn shortened(mut answer: Vec<u8>) -> Vec<u8> {
    if matches!(answer.first(), Some(3 | 4)) && answer.len() > 4 {
        answer.truncate(answer.len() - 2);
        answer[1] -= 2;
    }
    answer
}
