//! One connection: opened, asked, and thrown away at the first thing that is wrong.
//!
//! [`Line::ask`] takes the line and gives it back only with an answer. A time-out, a broken frame, a dropped future: the
//! line is gone, and with it every late byte that could be taken for the answer to a later question. Nothing here tries
//! again; that is the session's.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use serial2_tokio::{CharSize, FlowControl, SerialPort, Settings, StopBits};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::fault::Fault;
use super::frame;
use super::map::{Parity, Transport};
use super::pdu::{Reply, Request};
use super::tls;

/// The first probe of an idle connection and the pause between further ones: well under the 30 s after which the
/// strictest of routers forget a connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const KEEP_ALIVE_PAUSE: Duration = Duration::from_secs(5);
/// More than the longest answer with noise around it.
const LONGEST_NOISE: usize = 2048;

/// What a line runs over.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// How requests are framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// The header of Modbus/TCP.
    Tcp,
    /// Address and checksum of serial lines.
    Serial,
}

/// A connection that has answered everything it was asked so far.
pub struct Line {
    stream: Box<dyn Stream>,
    framing: Framing,
    /// Of the last request.
    transaction: u16,
    buffer: Vec<u8>,
}

/// An answer and when it was true.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub reply: Reply,
    /// Middle between request and reply.
    pub source_time: SystemTime,
    pub arrival_time: SystemTime,
    pub took: Duration,
}

impl Line {
    /// A line over a stream that is connected.
    pub fn new(stream: impl Stream + 'static, framing: Framing) -> Line {
        // A start drawn by chance: an answer kept by some gateway for an earlier client is not ours by accident.
        Line { stream: Box::new(stream), framing, transaction: rand::random(), buffer: Vec::new() }
    }

    /// Connects. `tls` is needed for that transport.
    pub(super) async fn open(transport: &Transport, tls: Option<&tls::Client>, limit: Duration) -> Result<Line, Fault> {
        timeout(limit, connect(transport, tls)).await.unwrap_or(Err(Fault::ConnectTimeOut))
    }

    /// Asks and waits for the answer. `any_transaction`: the answer need not carry the number of the request.
    pub async fn ask(
        mut self,
        unit: u8,
        request: &Request,
        any_transaction: bool,
        limit: Duration,
    ) -> Result<(Line, Answer), Fault> {
        timeout(limit, async move {
            let answer = self.exchange(unit, request, any_transaction).await?;
            Ok((self, answer))
        })
        .await
        .unwrap_or(Err(Fault::TimeOut))
    }

    /// Whether the other side has closed the line. Forgets what came unasked.
    pub async fn is_closed(&mut self) -> bool {
        self.buffer.clear();
        loop {
            let mut bytes = [0; 256];
            let mut room = ReadBuf::new(&mut bytes);
            let read = poll_fn(|context| Poll::Ready(Pin::new(&mut self.stream).poll_read(context, &mut room))).await;
            match read {
                Poll::Pending => return false,
                Poll::Ready(Ok(())) if room.filled().is_empty() => return true,
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => return true,
            }
        }
    }

    async fn exchange(&mut self, unit: u8, request: &Request, any_transaction: bool) -> Result<Answer, Fault> {
        if self.is_closed().await {
            return Err(Fault::Closed);
        }
        let before = self.transaction;
        self.transaction = before.wrapping_add(1);
        let pdu = request.encode();
        let bytes = match self.framing {
            Framing::Tcp => frame::tcp(self.transaction, unit, &pdu),
            Framing::Serial => frame::serial(unit, &pdu),
        };
        let asked = Instant::now();
        self.stream.write_all(&bytes).await.map_err(broken)?;
        self.stream.flush().await.map_err(broken)?;
        let reply = loop {
            let found = match self.framing {
                Framing::Tcp => self.reply_tcp(unit, request, before, any_transaction)?,
                Framing::Serial => self.reply_serial(unit, request)?,
            };
            if let Some(reply) = found {
                break reply;
            }
            if self.stream.read_buf(&mut self.buffer).await.map_err(broken)? == 0 {
                return Err(Fault::Closed);
            }
        };
        let took = asked.elapsed();
        let arrival_time = SystemTime::now();
        let source_time = arrival_time.checked_sub(took / 2).unwrap_or(arrival_time);
        Ok(Answer { reply, source_time, arrival_time, took })
    }

    /// The reply in the buffer, if it is whole. An answer to the request before may come twice; anything else that is
    /// not the answer is a fault.
    fn reply_tcp(
        &mut self,
        unit: u8,
        request: &Request,
        before: u16,
        any_transaction: bool,
    ) -> Result<Option<Reply>, Fault> {
        loop {
            let Some(found) = frame::find_tcp(&self.buffer).map_err(Fault::Frame)? else { return Ok(None) };
            if !any_transaction && found.transaction == before {
                self.buffer.drain(..found.pdu.end);
                continue;
            }
            if !any_transaction && found.transaction != self.transaction {
                return Err(Fault::Transaction { wanted: self.transaction, got: found.transaction });
            }
            if found.unit != unit {
                return Err(Fault::Unit { wanted: unit, got: found.unit });
            }
            return request.decode(&self.buffer[found.pdu]).map(Some).map_err(Fault::Reply);
        }
    }

    fn reply_serial(&mut self, unit: u8, request: &Request) -> Result<Option<Reply>, Fault> {
        match frame::find_serial(&self.buffer, unit, request) {
            Some(pdu) => request.decode(&self.buffer[pdu]).map(Some).map_err(Fault::Reply),
            None if self.buffer.len() > LONGEST_NOISE => Err(Fault::Noise),
            None => Ok(None),
        }
    }
}

fn broken(error: std::io::Error) -> Fault {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Fault::Closed,
        _ => Fault::Broken(error.to_string()),
    }
}

async fn connect(transport: &Transport, tls: Option<&tls::Client>) -> Result<Line, Fault> {
    match transport {
        Transport::Tcp { host, port } => Ok(Line::new(socket(host, *port).await?, Framing::Tcp)),
        Transport::RtuOverTcp { host, port } => Ok(Line::new(socket(host, *port).await?, Framing::Serial)),
        Transport::Tls { host, port, .. } => {
            let client = tls.ok_or_else(|| Fault::Tls("no certificates".to_owned()))?;
            let socket = socket(host, *port).await?;
            let stream = client.connector.connect(client.name.clone(), socket).await;
            Ok(Line::new(stream.map_err(|error| Fault::Tls(error.to_string()))?, Framing::Tcp))
        }
        Transport::Serial { path, baud, parity, stop_bits } => {
            let parity = match parity {
                Parity::None => serial2_tokio::Parity::None,
                Parity::Odd => serial2_tokio::Parity::Odd,
                Parity::Even => serial2_tokio::Parity::Even,
            };
            let set = |mut settings: Settings| {
                settings.set_raw();
                settings.set_baud_rate(*baud)?;
                settings.set_char_size(CharSize::Bits8);
                settings.set_parity(parity);
                settings.set_stop_bits(if *stop_bits == 2 { StopBits::Two } else { StopBits::One });
                settings.set_flow_control(FlowControl::None);
                Ok(settings)
            };
            let stream = SerialPort::open(path, set).map_err(|error| Fault::Connect(error.to_string()))?;
            Ok(Line::new(stream, Framing::Serial))
        }
    }
}

async fn socket(host: &str, port: u16) -> Result<TcpStream, Fault> {
    let refused = |error: std::io::Error| Fault::Connect(error.to_string());
    let stream = TcpStream::connect((host, port)).await.map_err(refused)?;
    stream.set_nodelay(true).map_err(refused)?;
    let probes = socket2::TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE_PAUSE);
    socket2::SockRef::from(&stream).set_tcp_keepalive(&probes).map_err(refused)?;
    Ok(stream)
}
