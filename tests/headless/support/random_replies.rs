//! Random replies of a device, from right to nonsense, and what of them may be believed.
//!
//! Structured: mostly well-formed frames with one thing wrong, because random bytes never get past the header.

use hypocaust::io::modbus::Fault;
use hypocaust::io::modbus::line::{Framing, Line};
use hypocaust::io::modbus::map::Table;
use hypocaust::io::modbus::pdu::{Reply, Request};
use rand::{Rng, RngExt, SeedableRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What came of many replies.
#[derive(Debug, Default)]
pub struct Tally {
    pub believed: u64,
    pub refusals: u64,
    pub faults: u64,
}

const UNIT: u8 = 7;

fn request(rng: &mut impl Rng) -> Request {
    let at = rng.random::<u16>() % 60_000;
    match rng.random_range(0..8) {
        0 => Request::WriteRegister { at, word: rng.random() },
        1 => Request::WriteRegisters { at, words: (0..rng.random_range(1..5)).map(|_| rng.random()).collect() },
        2 => Request::WriteCoil { at, on: rng.random() },
        3 => Request::Read { table: Table::Coil, start: at, count: rng.random_range(1..=2000) },
        4 => Request::Read { table: Table::Input, start: at, count: rng.random_range(1..=125) },
        _ => Request::Read { table: Table::Holding, start: at, count: rng.random_range(1..=20) },
    }
}

/// The right answer with random content.
fn right(request: &Request, rng: &mut impl Rng) -> Vec<u8> {
    match request {
        Request::Read { .. } => {
            let data: Vec<u8> = (2..request.reply_length()).map(|_| rng.random()).collect();
            [&[request.function(), data.len() as u8][..], &data].concat()
        }
        _ => request.encode()[..5].to_vec(),
    }
}

fn frame(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut out = transaction.to_be_bytes().to_vec();
    out.extend([0, 0]);
    out.extend((pdu.len() as u16 + 1).to_be_bytes());
    out.push(unit);
    out.extend(pdu);
    out
}

/// Bytes a device might send for this request.
fn reply(request: &Request, transaction: u16, rng: &mut impl Rng) -> Vec<u8> {
    let pdu = right(request, rng);
    let good = frame(transaction, UNIT, &pdu);
    match rng.random_range(0..14) {
        0 | 1 => good,
        2 => frame(transaction, UNIT, &[request.function() | 0x80, rng.random()]),
        3 => frame(transaction, rng.random(), &pdu),
        4 => frame(transaction.wrapping_add(rng.random_range(0..4)), UNIT, &pdu),
        5 => {
            // A whole frame that holds fewer or more values, with its own counts right.
            let data: Vec<u8> = (0..rng.random_range(0..253)).map(|_| rng.random()).collect();
            frame(
                transaction,
                UNIT,
                &[&[request.function(), data.len() as u8][..], &data].concat()[..(data.len() + 2).min(253)],
            )
        }
        6 => good[..rng.random_range(0..good.len())].to_vec(),
        7 => [good, (0..rng.random_range(1..40)).map(|_| rng.random()).collect()].concat(),
        8 => {
            let mut bytes = good;
            let at = rng.random_range(0..bytes.len().min(12));
            bytes[at] = rng.random();
            bytes
        }
        9 => {
            let mut bytes = good;
            let at = rng.random_range(0..bytes.len());
            bytes[at] ^= 1 << rng.random_range(0..8);
            bytes
        }
        10 => {
            let mut bytes = good;
            bytes.insert(rng.random_range(0..bytes.len()), rng.random());
            bytes
        }
        11 => {
            let mut bytes = good;
            bytes.remove(rng.random_range(0..bytes.len()));
            bytes
        }
        12 => [frame(transaction.wrapping_sub(1), UNIT, &pdu), good].concat(),
        _ => (0..rng.random_range(0..300)).map(|_| rng.random()).collect(),
    }
}

/// The body of the first frame that is not a copy of an earlier answer, if it is one for us: an oracle of its own.
fn believable(mut bytes: &[u8], transaction: u16) -> Option<&[u8]> {
    loop {
        let [t1, t2, 0, 0, l1, l2, unit, rest @ ..] = bytes else { return None };
        let length = usize::from(u16::from_be_bytes([*l1, *l2]));
        let body = rest.get(..length.checked_sub(1)?)?;
        let number = u16::from_be_bytes([*t1, *t2]);
        if number == transaction.wrapping_sub(1) {
            bytes = &rest[length - 1..];
            continue;
        }
        return (number == transaction && *unit == UNIT && (2..=254).contains(&length)).then_some(body);
    }
}

/// Asks so many questions and holds what is believed against the bytes that came. Panics where it may not be believed.
pub fn run(replies: u64, seed: u64) -> Tally {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut tally = Tally::default();
    runtime.block_on(async {
        for _ in 0..replies {
            let request = request(&mut rng);
            let (ours, mut theirs) = tokio::io::duplex(1024);
            let line = Line::new(ours, Framing::Tcp);
            let device = async {
                let mut asked = vec![0; 7 + request.encode().len()];
                theirs.read_exact(&mut asked).await.unwrap();
                let transaction = u16::from_be_bytes([asked[0], asked[1]]);
                let bytes = reply(&request, transaction, &mut rng);
                theirs.write_all(&bytes).await.unwrap();
                drop(theirs);
                (transaction, bytes)
            };
            let asking = line.ask(UNIT, &request, false, std::time::Duration::from_secs(3600));
            let (answer, (transaction, bytes)) = tokio::join!(asking, device);
            let body = believable(&bytes, transaction);
            let case = || format!("{request:?} {bytes:?}");
            match answer.map(|(_, answer)| answer.reply) {
                Err(fault) => {
                    assert!(!matches!(fault, Fault::TimeOut), "{}", case());
                    tally.faults += 1;
                }
                Ok(Reply::Exception(exception)) => {
                    assert_eq!(body, Some(&[request.function() | 0x80, exception.0][..]), "{}", case());
                    tally.refusals += 1;
                }
                Ok(reply) => {
                    let body = body.unwrap_or_else(|| panic!("{}", case()));
                    assert_eq!(body[0], request.function(), "{}", case());
                    match (&request, reply) {
                        (Request::Read { count, .. }, Reply::Words(words)) => {
                            assert_eq!(words.len(), usize::from(*count), "{}", case());
                            assert_eq!(body.len(), 2 + 2 * words.len(), "{}", case());
                            let data: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
                            assert_eq!((usize::from(body[1]), &body[2..]), (data.len(), &data[..]), "{}", case());
                        }
                        (Request::Read { count, .. }, Reply::Bits(bits)) => {
                            assert_eq!(bits.len(), usize::from(*count), "{}", case());
                            assert_eq!(body.len(), 2 + bits.len().div_ceil(8), "{}", case());
                            let all = bits
                                .iter()
                                .enumerate()
                                .all(|(at, bit)| (body[2 + at / 8] >> (at % 8) & 1 == 1) == *bit);
                            assert!(all, "{}", case());
                        }
                        (_, Reply::Written) => assert_eq!(body, &request.encode()[..5], "{}", case()),
                        _ => panic!("{}", case()),
                    }
                    tally.believed += 1;
                }
            }
        }
    });
    tally
}
