//! One line against servers that do what real devices were seen to do: no wrong value, no panic, no line that goes on
//! after a fault.

use std::time::Duration;

use hypocaust::io::modbus::Fault;
use hypocaust::io::modbus::frame::BadFrame;
use hypocaust::io::modbus::line::{Framing, Line};
use hypocaust::io::modbus::map::Table;
use hypocaust::io::modbus::pdu::{BadReply, Exception, Reply, Request};

use crate::support::plc::{Act, Asked, Plc, frame};

/// Long enough for a loaded machine; only the tests of silence wait for less.
const PATIENT: Duration = Duration::from_secs(20);
const HASTY: Duration = Duration::from_millis(150);
const READ: Request = Request::Read { table: Table::Holding, start: 100, count: 4 };
const VALUES: [u16; 4] = [100, 101, 102, 103];

/// Asks `requests` over one line until one fails. Unit 7.
fn ask(
    behaviour: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static,
    requests: &[Request],
    any_transaction: bool,
    limit: Duration,
) -> Vec<Result<Reply, Fault>> {
    let plc = Plc::start(behaviour);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(plc.address).await.unwrap();
        let mut line = Line::new(stream, Framing::Tcp);
        let mut out = Vec::new();
        for request in requests {
            match line.ask(7, request, any_transaction, limit).await {
                Ok((again, answer)) => {
                    assert!(answer.source_time <= answer.arrival_time && answer.took <= limit);
                    out.push(Ok(answer.reply));
                    line = again;
                }
                Err(fault) => {
                    out.push(Err(fault));
                    break;
                }
            }
        }
        out
    })
}

fn once(behaviour: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static) -> Result<Reply, Fault> {
    ask(behaviour, &[READ], false, PATIENT).remove(0)
}

fn send(bytes: Vec<u8>) -> Vec<Act> {
    vec![Act::Send(bytes)]
}

fn words(words: &[u16]) -> Result<Reply, Fault> {
    Ok(Reply::Words(words.to_vec()))
}

#[test]
fn an_honest_device() {
    assert_eq!(ask(|asked| send(asked.honest()), &[READ, READ, READ], false, PATIENT), vec![words(&VALUES); 3]);
}

#[test]
fn the_wrong_number_of_registers() {
    for count in [0_u16, 2, 3, 5, 8, 125] {
        let answer = once(move |asked| send(asked.words(0..count)));
        let got = 2 + 2 * usize::from(count);
        assert_eq!(answer, Err(Fault::Reply(BadReply::Length { wanted: 10, got })));
    }
    // The count inside contradicts the length of the frame.
    let answer = once(|asked| send(asked.frame(&[3, 4, 0, 1, 0, 2, 0, 3, 0, 4])));
    assert_eq!(answer, Err(Fault::Reply(BadReply::Count { wanted: 8, got: 4 })));
}

/// An answer after the time-out must not become the answer to the next question: there is no next on that line.
#[test]
fn an_answer_that_comes_too_late() {
    let late = |asked: &Asked| vec![Act::Wait(HASTY * 3), Act::Send(asked.honest())];
    assert_eq!(ask(late, &[READ, READ], false, HASTY), [Err(Fault::TimeOut)]);
    assert_eq!(ask(|_| Vec::new(), &[READ, READ], false, HASTY), [Err(Fault::TimeOut)]);
}

#[test]
fn closed_at_every_moment() {
    assert_eq!(once(|_| vec![Act::Close]), Err(Fault::Closed));
    for sent in [1, 6, 7, 12] {
        let answer = once(move |asked| vec![Act::Send(asked.honest()[..sent].to_vec()), Act::Close]);
        assert_eq!(answer, Err(Fault::Closed), "{sent}");
    }
    // A whole answer counts, the close is met by the next question.
    let answers = ask(|asked| vec![Act::Send(asked.honest()), Act::Close], &[READ, READ], false, PATIENT);
    assert_eq!(answers[0], words(&VALUES));
    assert!(matches!(answers[1], Err(Fault::Closed | Fault::Broken(_))), "{answers:?}");
}

#[test]
fn bytes_that_are_no_frame() {
    let answer = once(|_| send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()));
    assert_eq!(answer, Err(Fault::Frame(BadFrame::Protocol(u16::from_be_bytes(*b"TP")))));
    for length in [0_u16, 1, 255, 65_535] {
        let answer = once(move |asked| {
            let mut bytes = asked.honest();
            bytes[4..6].copy_from_slice(&length.to_be_bytes());
            send(bytes)
        });
        assert_eq!(answer, Err(Fault::Frame(BadFrame::Length(length))));
    }
    let short = |asked: &Asked| {
        let mut bytes = asked.honest();
        bytes[5] = 3;
        send(bytes)
    };
    assert_eq!(once(short), Err(Fault::Reply(BadReply::Length { wanted: 10, got: 2 })));
    // A header that promises more than ever comes: our patience ends it.
    let long = |asked: &Asked| {
        let mut bytes = asked.honest();
        bytes[5] = 200;
        send(bytes)
    };
    assert_eq!(ask(long, &[READ], false, HASTY), [Err(Fault::TimeOut)]);
}

#[test]
fn answers_to_other_questions() {
    let other = |asked: &Asked| send(frame(asked.transaction.wrapping_add(9), asked.unit, &asked.honest()[7..]));
    assert!(matches!(once(other), Err(Fault::Transaction { .. })));
    let unit = |asked: &Asked| send(frame(asked.transaction, 8, &asked.honest()[7..]));
    assert_eq!(once(unit), Err(Fault::Unit { wanted: 7, got: 8 }));
    for function in [4, 1, 0x84, 0x90, 0, 0xFF] {
        let answer = once(move |asked| {
            let mut bytes = asked.honest();
            bytes[7] = function;
            send(bytes)
        });
        assert_eq!(answer, Err(Fault::Reply(BadReply::Function { wanted: 3, got: function })));
    }
}

#[test]
fn refusals_keep_the_line() {
    for code in [1, 2, 4, 6, 0x0B, 99] {
        let refuse = move |asked: &Asked| send(if asked.nth == 0 { asked.exception(code) } else { asked.honest() });
        let answers = ask(refuse, &[READ, READ], false, PATIENT);
        assert_eq!(answers, [Ok(Reply::Exception(Exception(code))), words(&VALUES)]);
    }
    let long = once(|asked| send(asked.frame(&[0x83, 2, 0])));
    assert_eq!(long, Err(Fault::Reply(BadReply::Length { wanted: 2, got: 3 })));
}

#[test]
fn slow_bytes_duplicates_and_several_answers_at_once() {
    let slow = |asked: &Asked| {
        asked
            .honest()
            .into_iter()
            .flat_map(|byte| [Act::Send(vec![byte]), Act::Wait(Duration::from_millis(3))])
            .collect()
    };
    assert_eq!(once(slow), words(&VALUES));
    // Twice in one packet, and the second copy only just before the next answer.
    let twice = |asked: &Asked| send([asked.honest(), asked.honest()].concat());
    assert_eq!(ask(twice, &[READ, READ, READ], false, PATIENT), vec![words(&VALUES); 3]);
    let before = |asked: &Asked| {
        let old = frame(asked.transaction.wrapping_sub(1), asked.unit, &[3, 8, 9, 9, 9, 9, 9, 9, 9, 9]);
        send([old, asked.honest()].concat())
    };
    assert_eq!(ask(before, &[READ, READ], false, PATIENT), vec![words(&VALUES); 2]);
}

/// Some gateways answer every request with number 0.
#[test]
fn a_gateway_without_transaction_numbers() {
    let zero = |asked: &Asked| send(frame(0, asked.unit, &asked.honest()[7..]));
    assert_eq!(ask(zero, &[READ, READ], true, PATIENT), vec![words(&VALUES); 2]);
    let answers = ask(zero, &[READ, READ, READ], false, PATIENT);
    assert!(answers.iter().any(Result::is_err), "{answers:?}");
}

#[test]
fn echoes_of_writes_are_compared() {
    let write = Request::WriteRegister { at: 3, word: 500 };
    let echo = |asked: &Asked| send(asked.frame(&asked.pdu));
    assert_eq!(ask(echo, std::slice::from_ref(&write), false, PATIENT), [Ok(Reply::Written)]);
    for at in 1..5 {
        let wrong = move |asked: &Asked| {
            let mut pdu = asked.pdu.clone();
            pdu[at] ^= 1;
            send(asked.frame(&pdu))
        };
        let answers = ask(wrong, std::slice::from_ref(&write), false, PATIENT);
        assert_eq!(answers, [Err(Fault::Reply(BadReply::Echo))]);
    }
}

/// A gateway between serial frames and TCP: noise, another unit's frame, a damaged copy, then the answer in two parts.
#[test]
fn serial_frames_are_found_in_noise() {
    use hypocaust::io::modbus::frame::serial;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(4096);
        let device = tokio::spawn(async move {
            for nth in 0..3 {
                let mut request = [0; 8];
                theirs.read_exact(&mut request).await.unwrap();
                assert_eq!(request[..], serial(7, &READ.encode()));
                let mut pdu = vec![3, 8];
                pdu.extend(VALUES.iter().flat_map(|word| word.to_be_bytes()));
                let good = serial(7, &pdu);
                let mut damaged = good.clone();
                damaged[5] ^= 0x40;
                let bytes = match nth {
                    0 => good,
                    1 => [&[0, 0xFF, 7, 3][..], &serial(9, &pdu), &damaged, &good].concat(),
                    _ => serial(7, &[0x83, 4]),
                };
                let (first, second) = bytes.split_at(bytes.len() / 2);
                theirs.write_all(first).await.unwrap();
                tokio::task::yield_now().await;
                theirs.write_all(second).await.unwrap();
            }
        });
        let mut line = Line::new(ours, Framing::Serial);
        for nth in 0..3 {
            let (again, answer) = line.ask(7, &READ, false, PATIENT).await.unwrap();
            let wanted = if nth < 2 { Reply::Words(VALUES.to_vec()) } else { Reply::Exception(Exception(4)) };
            assert_eq!(answer.reply, wanted);
            line = again;
        }
        device.await.unwrap();
    });
}
