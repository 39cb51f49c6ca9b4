//! What can happen between asking and an answer that may be believed.

use super::frame::BadFrame;
use super::pdu::{BadReply, Exception};
use super::write::NotWritten;
use crate::text::{Argument, Language};

/// Why there is no answer. Each of them ends the connection: whatever comes after it cannot be told apart from a late
/// answer to an earlier question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No connection in time.
    ConnectTimeOut,
    /// The system refuses the connection, in its words.
    Connect(String),
    /// Certificates or handshake, in the library's words.
    Tls(String),
    /// Connected, but no whole answer in time.
    TimeOut,
    /// The device closed the connection.
    Closed,
    /// The connection broke, in the system's words.
    Broken(String),
    Frame(BadFrame),
    /// An answer of another unit.
    Unit {
        wanted: u8,
        got: u8,
    },
    /// An answer to another question.
    Transaction {
        wanted: u16,
        got: u16,
    },
    Reply(BadReply),
    /// More bytes than any answer has, and no answer among them.
    Noise,
}

impl Fault {
    /// Whether there was no connection at all, so that every unit behind it is out of reach.
    pub const fn is_of_line(&self) -> bool {
        matches!(self, Fault::ConnectTimeOut | Fault::Connect(_) | Fault::Tls(_))
    }

    /// Whether time ran out.
    pub const fn is_time_out(&self) -> bool {
        matches!(self, Fault::ConnectTimeOut | Fault::TimeOut)
    }

    /// A sentence for people.
    pub fn text(&self, language: Language) -> String {
        let texts = language.texts();
        let said = |key, name: &str, value: String| texts.with(key, &[(name, Argument::from(value))]);
        let both = |key, wanted: String, got: String| {
            texts.with(key, &[("wanted", Argument::from(wanted)), ("got", Argument::from(got))])
        };
        match self {
            Fault::ConnectTimeOut => texts.get("modbus-fault-connect-time-out").into_owned(),
            Fault::Connect(reason) => said("modbus-fault-connect", "reason", reason.clone()),
            Fault::Tls(reason) => said("modbus-fault-tls", "reason", reason.clone()),
            Fault::TimeOut => texts.get("modbus-fault-time-out").into_owned(),
            Fault::Closed => texts.get("modbus-fault-closed").into_owned(),
            Fault::Broken(reason) => said("modbus-fault-broken", "reason", reason.clone()),
            Fault::Frame(BadFrame::Protocol(got)) => both("modbus-fault-protocol", "0".into(), got.to_string()),
            Fault::Frame(BadFrame::Length(got)) => both("modbus-fault-length", "2…254".into(), got.to_string()),
            Fault::Unit { wanted, got } => both("modbus-fault-unit", wanted.to_string(), got.to_string()),
            Fault::Transaction { wanted, got } => both("modbus-fault-transaction", wanted.to_string(), got.to_string()),
            Fault::Reply(BadReply::Empty) => both("modbus-fault-length", "2…254".into(), "1".into()),
            Fault::Reply(BadReply::Function { wanted, got }) => {
                both("modbus-fault-function", wanted.to_string(), got.to_string())
            }
            Fault::Reply(BadReply::Length { wanted, got } | BadReply::Count { wanted, got }) => {
                both("modbus-fault-length", wanted.to_string(), got.to_string())
            }
            Fault::Reply(BadReply::Echo) => texts.get("modbus-fault-echo").into_owned(),
            Fault::Noise => texts.get("modbus-fault-noise").into_owned(),
        }
    }
}

impl Exception {
    /// A sentence for people, with the code.
    pub fn text(self, language: Language) -> String {
        language.texts().with(self.key(), &[("code", Argument::from(format!("{:02X}", self.0)))])
    }
}

impl NotWritten {
    /// A sentence for people.
    pub fn text(&self, language: Language) -> String {
        let texts = language.texts();
        let said = |key, reason: String| texts.with(key, &[("reason", Argument::from(reason))]);
        match self {
            NotWritten::UnknownTag => texts.get("modbus-not-written-unknown").into_owned(),
            NotWritten::NotPermitted => texts.get("modbus-not-written-no-permit").into_owned(),
            NotWritten::OutsidePermit { .. } => texts.get("modbus-not-written-outside").into_owned(),
            NotWritten::Coding(_) => texts.get("modbus-not-written-coding").into_owned(),
            NotWritten::OutOfReach => texts.get("modbus-not-written-out-of-reach").into_owned(),
            NotWritten::Expired => texts.get("modbus-not-written-expired").into_owned(),
            NotWritten::Refused(exception) => said("modbus-not-written-refused", exception.text(language)),
            NotWritten::Fault { fault, sent: true } => said("modbus-not-written-unknown-whether", fault.text(language)),
            NotWritten::Fault { fault, sent: false } => fault.text(language),
            NotWritten::NotHeld { .. } => texts.get("modbus-not-written-not-held").into_owned(),
            NotWritten::Ended => texts.get("modbus-not-written-ended").into_owned(),
        }
    }
}
