//! A device looked at without a map: which of its registers exist and what is in them.
//!
//! Reads only. A refused read is halved until the registers that do not exist stand alone, so that one probe shows the
//! shape of a device. Blocks the caller; what words may mean is the reader's to judge (`value` gives every reading).

use std::time::{Duration, Instant};

use super::fault::Fault;
use super::line::Line;
use super::map::{MOST_BITS, MOST_REGISTERS, Table, Transport};
use super::pdu::{Exception, Reply, Request};
use super::tls;
use crate::io::IoError;

/// What is to be read from where.
#[derive(Clone, Debug)]
pub struct Target {
    pub transport: Transport,
    pub unit: u8,
    pub table: Table,
    /// As on the wire.
    pub from: u16,
    pub count: u16,
    pub connect_timeout: Duration,
    pub request_timeout: Duration,
    pub ignores_transaction_id: bool,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Probed {
    /// From `from` on; bits as 0 and 1; `None` where the device refuses.
    pub words: Vec<Option<u16>>,
    /// The last refusal.
    pub exception: Option<Exception>,
    pub requests: usize,
    /// Longest wait for an answer, s.
    pub longest_s: f64,
}

/// Why nothing can be shown.
#[derive(Clone, Debug, PartialEq)]
pub enum NotProbed {
    /// A certificate or key.
    File(IoError),
    Fault(Fault),
    /// The system gives no sockets or timers, in its words.
    System(String),
}

/// Tries while the device says that it is busy, and the wait between them.
const BUSY_TRIES: usize = 10;
const BUSY_WAIT: Duration = Duration::from_millis(100);

/// Reads.
pub fn probe(target: &Target) -> Result<Probed, NotProbed> {
    let tls = match &target.transport {
        Transport::Tls { host, files, .. } => Some(tls::client(files, host).map_err(NotProbed::File)?),
        _ => None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| NotProbed::System(error.to_string()))?;
    runtime.block_on(async {
        let line = Line::open(&target.transport, tls.as_ref(), target.connect_timeout).await;
        read(line.map_err(NotProbed::Fault)?, target).await.map_err(NotProbed::Fault)
    })
}

async fn read(mut line: Line, target: &Target) -> Result<Probed, Fault> {
    let most = u32::from(if target.table.is_bits() { MOST_BITS } else { MOST_REGISTERS });
    let end = (u32::from(target.from) + u32::from(target.count)).min(65_536);
    let mut out = Probed::default();
    // Pieces yet to be read, the next one last.
    let mut pieces: Vec<(u32, u32)> = Vec::new();
    let mut start = u32::from(target.from);
    while start < end {
        pieces.push((start, (end - start).min(most)));
        start += most;
    }
    pieces.reverse();
    let mut busy = 0;
    while let Some((start, count)) = pieces.pop() {
        // Both lie below 65 536 by construction.
        let request = Request::Read { table: target.table, start: start as u16, count: count as u16 };
        let asked = Instant::now();
        let (again, answer) =
            line.ask(target.unit, &request, target.ignores_transaction_id, target.request_timeout).await?;
        line = again;
        out.requests += 1;
        out.longest_s = out.longest_s.max(asked.elapsed().as_secs_f64());
        match answer.reply {
            Reply::Words(words) => out.words.extend(words.into_iter().map(Some)),
            Reply::Bits(bits) => out.words.extend(bits.into_iter().map(|bit| Some(u16::from(bit)))),
            Reply::Exception(exception) if exception.is_busy() && busy < BUSY_TRIES => {
                busy += 1;
                tokio::time::sleep(BUSY_WAIT).await;
                pieces.push((start, count));
            }
            Reply::Exception(exception) => {
                let divisible = matches!(exception, Exception::ILLEGAL_ADDRESS | Exception::ILLEGAL_VALUE) && count > 1;
                if divisible {
                    let half = count / 2;
                    pieces.push((start + half, count - half));
                    pieces.push((start, half));
                } else {
                    out.exception = Some(exception);
                    out.words.extend((0..count).map(|_| None));
                }
            }
            // A read is never answered so: `Request::decode` gives words, bits or a refusal.
            Reply::Written => {}
        }
    }
    Ok(out)
}
