//! A way to a server that can fall silent without a word: what is connected neither answers nor breaks any more, as when a
//! modem or a firewall forgets a connection. Connections made afterwards work.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Where bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToServer,
    ToClient,
}

/// Falls silent instead of passing on bytes that hold the word this way, once.
type Trap = Option<(Way, &'static [u8])>;

#[derive(Default)]
struct Inner {
    trap: Mutex<Trap>,
    /// Of the connections made so far; a silent one stays open until the line ends.
    connections: Mutex<Vec<(Arc<AtomicBool>, [TcpStream; 2])>>,
    fell_silent: AtomicUsize,
    ending: AtomicBool,
}

pub struct Line {
    port: u16,
    inner: Arc<Inner>,
}

impl Line {
    pub fn to(server: u16) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Arc::new(Inner::default());
        let theirs = inner.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if theirs.ending.load(Ordering::SeqCst) {
                    return;
                }
                // A server that is down refuses; so does the line.
                if let (Ok(client), Ok(server)) = (client, TcpStream::connect(("127.0.0.1", server))) {
                    theirs.connect(client, server);
                }
            }
        });
        Line { port, inner }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Falls silent where bytes with this word would pass next.
    pub fn set_trap(&self, way: Way, word: &'static [u8]) {
        *self.inner.trap.lock().unwrap() = Some((way, word));
    }

    /// Makes all that is connected now silent.
    pub fn fall_silent(&self) {
        self.inner.connections.lock().unwrap().iter().for_each(|(silent, _)| silent.store(true, Ordering::SeqCst));
    }

    /// Connections that a trap made silent.
    pub fn trapped(&self) -> usize {
        self.inner.fell_silent.load(Ordering::SeqCst)
    }
}

impl Inner {
    fn connect(self: &Arc<Inner>, client: TcpStream, server: TcpStream) {
        let silent = Arc::new(AtomicBool::new(false));
        for (way, from, to) in [(Way::ToServer, &client, &server), (Way::ToClient, &server, &client)] {
            let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
            let (inner, silent) = (self.clone(), silent.clone());
            std::thread::spawn(move || inner.pass(way, from, to, &silent));
        }
        self.connections.lock().unwrap().push((silent, [client, server]));
    }

    fn pass(&self, way: Way, mut from: TcpStream, mut to: TcpStream, silent: &AtomicBool) {
        let mut bytes = vec![0; 1 << 16];
        loop {
            let read = from.read(&mut bytes).unwrap_or(0);
            {
                let mut trap = self.trap.lock().unwrap();
                let sprung = |(at, word): &(Way, &[u8])| {
                    *at == way && bytes[..read].windows(word.len()).any(|window| window == *word)
                };
                if trap.as_ref().is_some_and(sprung) {
                    *trap = None;
                    silent.store(true, Ordering::SeqCst);
                    self.fell_silent.fetch_add(1, Ordering::SeqCst);
                }
            }
            // Neither passes on nor closes; the ends stay open in the list.
            if silent.load(Ordering::SeqCst) {
                return;
            }
            if read == 0 || to.write_all(&bytes[..read]).is_err() {
                // One of the two may be gone already.
                let _ = to.shutdown(Shutdown::Both);
                return;
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.inner.ending.store(true, Ordering::SeqCst);
        for (_, ends) in self.inner.connections.lock().unwrap().iter() {
            for end in ends {
                let _ = end.shutdown(Shutdown::Both);
            }
        }
        // Wakes the one that waits for connections.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}
