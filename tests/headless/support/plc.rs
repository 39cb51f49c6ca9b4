//! A Modbus server of a few lines that answers as it is told to, wrongly if it is told to: what real devices do.
//!
//! Plain threads and sockets, so that nothing of the program under test is in it. Port 0, ready when it is returned.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub transaction: u16,
    pub unit: u8,
    /// From the function code on.
    pub pdu: Vec<u8>,
    /// How many requests came before on this connection.
    pub nth: usize,
}

/// What the server does about it, in order.
pub enum Act {
    Send(Vec<u8>),
    Wait(Duration),
    Close,
}

pub type Behaviour = dyn Fn(&Asked) -> Vec<Act> + Send + Sync;

impl Asked {
    pub fn address(&self) -> u16 {
        u16::from_be_bytes([self.pdu[1], self.pdu[2]])
    }

    pub fn count(&self) -> u16 {
        u16::from_be_bytes([self.pdu[3], self.pdu[4]])
    }

    /// A frame with this body.
    pub fn frame(&self, pdu: &[u8]) -> Vec<u8> {
        frame(self.transaction, self.unit, pdu)
    }

    /// The right answer to a read of registers whose content is their address.
    pub fn honest(&self) -> Vec<u8> {
        let words = (0..self.count()).map(|at| self.address().wrapping_add(at));
        self.words(words)
    }

    pub fn words(&self, words: impl IntoIterator<Item = u16>) -> Vec<u8> {
        let data: Vec<u8> = words.into_iter().flat_map(u16::to_be_bytes).collect();
        self.frame(&[&[self.pdu[0], data.len() as u8][..], &data].concat())
    }

    pub fn exception(&self, code: u8) -> Vec<u8> {
        self.frame(&[self.pdu[0] | 0x80, code])
    }
}

pub fn frame(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut out = transaction.to_be_bytes().to_vec();
    out.extend([0, 0]);
    out.extend((pdu.len() as u16 + 1).to_be_bytes());
    out.push(unit);
    out.extend(pdu);
    out
}

/// A running server; ends when dropped.
pub struct Plc {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
    thread: Option<JoinHandle<()>>,
}

impl Plc {
    pub fn start(behaviour: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static) -> Plc {
        Plc::start_at("127.0.0.1:0".parse().unwrap(), behaviour)
    }

    /// At an address that was free a moment ago.
    pub fn start_at(address: SocketAddr, behaviour: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static) -> Plc {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, open): (Arc<AtomicBool>, Arc<Mutex<Vec<TcpStream>>>) = Default::default();
        let connections: Arc<AtomicUsize> = Arc::default();
        let behaviour: Arc<Behaviour> = Arc::new(behaviour);
        let (ending, kept, counted) = (stop.clone(), open.clone(), connections.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                counted.fetch_add(1, Ordering::SeqCst);
                stream.set_nodelay(true).unwrap();
                kept.lock().unwrap().push(stream.try_clone().unwrap());
                let behaviour = behaviour.clone();
                std::thread::spawn(move || serve(stream, &*behaviour));
            }
        });
        Plc { address, connections, stop, open, thread: Some(thread) }
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// A well-behaved device of one unit whose registers can be seen and set.
    pub fn with_registers(registers: Arc<Mutex<BTreeMap<u16, u16>>>) -> Plc {
        Plc::start(move |asked| vec![Act::Send(on_registers(asked, &mut registers.lock().unwrap()))])
    }
}

/// Answers reads and writes from a table; what is not in it does not exist.
pub fn on_registers(asked: &Asked, registers: &mut BTreeMap<u16, u16>) -> Vec<u8> {
    match asked.pdu[0] {
        3 | 4 => {
            let words: Option<Vec<u16>> =
                (0..asked.count()).map(|at| registers.get(&(asked.address() + at)).copied()).collect();
            words.map_or_else(|| asked.exception(2), |words| asked.words(words))
        }
        6 => {
            registers.insert(asked.address(), asked.count());
            asked.frame(&asked.pdu)
        }
        16 => {
            for (at, pair) in asked.pdu[6..].chunks_exact(2).enumerate() {
                registers.insert(asked.address() + at as u16, u16::from_be_bytes([pair[0], pair[1]]));
            }
            asked.frame(&asked.pdu[..5])
        }
        _ => asked.exception(1),
    }
}

impl Drop for Plc {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

fn serve(mut stream: TcpStream, behaviour: &Behaviour) {
    for nth in 0.. {
        let mut header = [0; 7];
        if stream.read_exact(&mut header).is_err() {
            return;
        }
        let mut pdu = vec![0; usize::from(u16::from_be_bytes([header[4], header[5]])) - 1];
        if stream.read_exact(&mut pdu).is_err() {
            return;
        }
        let asked = Asked { transaction: u16::from_be_bytes([header[0], header[1]]), unit: header[6], pdu, nth };
        for act in behaviour(&asked) {
            match act {
                Act::Send(bytes) => {
                    if stream.write_all(&bytes).is_err() {
                        return;
                    }
                }
                Act::Wait(time) => std::thread::sleep(time),
                Act::Close => {
                    let _ = stream.shutdown(std::net::Shutdown::Both);
                    return;
                }
            }
        }
    }
}
