//! Store and forward to a real PostgreSQL: every row once, while either side is killed.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hypocaust::io::historian::forward::postgres::Postgres;
use hypocaust::io::historian::forward::{Forwarder, Start};
use hypocaust::io::historian::{Historian, Options};
use hypocaust::live::{Fault, Observed, Quality, Sample, Tag, TagId, TagTable, Timestamp};
use hypocaust::units::Quantity;
use tokio_postgres::{Client, NoTls};

use super::line::{Line, Way};

const START_MS: i64 = 1_768_348_800_000;
const TAGS: u32 = 40;

/// A cluster of its own in a temporary folder.
struct Server {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
}

/// Where the server's programs lie: Debian keeps them off the path.
fn programs() -> PathBuf {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.map(|entry| entry.unwrap().path().join("bin")).collect())
        .unwrap_or_default();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders.retain(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists());
    folders.sort();
    folders.pop().expect("PostgreSQL is not installed; tests/setup does it")
}

impl Server {
    fn start() -> Server {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Server { folder, programs: programs(), port };
        if is_root() {
            chown(server.folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        server.run("initdb", &["--no-sync", "--auth=trust", "--username=hypocaust", "--encoding=UTF8", "--locale=C"]);
        server.up();
        server
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-D").arg(self.data()).args(arguments).current_dir(self.folder.path());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        // The server refuses to run as root.
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let status = command.status().unwrap();
        assert!(status.success(), "{program} {arguments:?}: {status}; {}", self.log());
    }

    fn up(&self) {
        let sockets = self.folder.path().display();
        let options = format!("-p {} -k {sockets} -c listen_addresses=127.0.0.1", self.port);
        let log = self.folder.path().join("log");
        self.run("pg_ctl", &["-w", "-t", "60", "-l", log.to_str().unwrap(), "-o", &options, "start"]);
    }

    /// Ends the server as a crash does: no checkpoint, no goodbye.
    fn crash(&self) {
        self.run("pg_ctl", &["-w", "-m", "immediate", "stop"]);
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn connection(&self) -> String {
        format!("host=127.0.0.1 port={} user=hypocaust dbname=postgres", self.port)
    }

    fn ask<T>(&self, question: impl AsyncFnOnce(&Client) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.connection(), NoTls).await.unwrap();
            tokio::spawn(connection);
            question(&client).await
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be down already.
        let mut command = Command::new(self.programs.join("pg_ctl"));
        command.arg("-D").arg(self.data()).args(["-m", "immediate", "stop"]).current_dir(self.folder.path());
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").unwrap().uid() == 0
}

fn table() -> TagTable {
    let mut table = TagTable::default();
    for n in 0..TAGS {
        let name = format!("CS{n:04}.T1");
        table.add(Tag::new(name, Observed::SupplyTemperature, Quantity::Temperature)).unwrap();
    }
    table
}

fn batch(minute: i64) -> Vec<Sample> {
    let time = Timestamp::from_ms(START_MS + minute * 60_000);
    (0..TAGS)
        .map(|tag| {
            let (value, quality) = match (minute + i64::from(tag)) % 50 {
                0 => (f64::NAN, Quality::Bad(Fault::Communication)),
                _ => (value(tag, minute), Quality::Good),
            };
            Sample { tag: TagId(tag), source_time: time, arrival_time: time.plus_ms(250), value, quality }
        })
        .collect()
}

fn value(tag: u32, minute: i64) -> f64 {
    (minute as f64 * 0.37 + f64::from(tag)).sin() * 10.0 + 60.0
}

fn options() -> Options {
    Options { rows_per_step: 2_000, ..Options::default() }
}

/// Both sides are killed again and again while a day and a half is recorded and sent; then every row is there, once.
#[test]
fn every_row_is_there_once_whoever_was_killed() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let minutes = 2200;
    let mut historian = Historian::open(folder.path(), options()).unwrap();
    historian.register(&table()).unwrap();
    historian.link("regulator", Start::Everything).unwrap();
    let start_sending = |historian: &Historian| {
        let target = Postgres::new(&server.connection(), "city").unwrap();
        Forwarder::start(historian.clone(), "regulator", Box::new(target)).unwrap()
    };
    let mut sending = Some(start_sending(&historian));
    let mut down_until = None;
    for minute in 0..minutes {
        historian.append(&batch(minute)).unwrap();
        if minute % 10 == 0 {
            // Time for parcels to be on their way when something breaks.
            std::thread::sleep(Duration::from_millis(5));
        }
        if minute % 400 == 170 {
            server.crash();
            down_until = Some(minute + 150);
        }
        if down_until == Some(minute) {
            server.up();
            down_until = None;
        }
        // This side: the sender is dropped in the middle, and with it what it knew; the folder is opened anew.
        if minute % 300 == 299 {
            drop(sending.take());
            drop(historian);
            historian = Historian::open(folder.path(), options()).unwrap();
            historian.register(&table()).unwrap();
            sending = Some(start_sending(&historian));
        }
    }
    if down_until.is_some() {
        server.up();
    }
    let start = Instant::now();
    while historian.backlog("regulator") != Default::default() {
        let status = sending.as_ref().unwrap().status();
        assert!(start.elapsed() < Duration::from_secs(120), "{status:?}\n{}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(sending);
    assert_each_once(&server, minutes);
}

/// Compares every row of the database with what was recorded.
fn assert_each_once(server: &Server, minutes: i64) {
    let rows = server.ask(async |client| {
        let rows = client
            .query(
                "SELECT t.name, (extract(epoch FROM h.source_time) * 1000)::bigint, h.value, h.quality
                 FROM hypocaust_history h JOIN hypocaust_tag t ON t.id = h.tag WHERE t.site = 'city' ORDER BY 2, 1",
                &[],
            )
            .await
            .unwrap();
        rows.iter()
            .map(|row| (row.get::<_, String>(0), row.get::<_, i64>(1), row.get::<_, f64>(2), row.get::<_, i16>(3)))
            .collect::<Vec<_>>()
    });
    assert_eq!(rows.len() as i64, minutes * i64::from(TAGS));
    let wanted = (0..minutes).flat_map(batch);
    for ((name, ms, found, quality), sample) in rows.into_iter().zip(wanted) {
        assert_eq!((name, ms), (format!("CS{:04}.T1", sample.tag.0), sample.source_time.ms()));
        assert_eq!((found.to_bits(), quality), (sample.value.to_bits(), i16::from(sample.quality.code())));
    }
}

/// The way to the server falls silent at the worst moments: the rows are there but their commit never came through, or it
/// did and nobody heard of it; and at any other. The link notices, connects anew and every row is there once.
#[test]
fn a_silent_way_is_left_and_every_row_is_there_once() {
    let server = Server::start();
    let line = Line::to(server.port);
    let folder = tempfile::tempdir().unwrap();
    let historian = Historian::open(folder.path(), options()).unwrap();
    historian.register(&table()).unwrap();
    historian.link("regulator", Start::Everything).unwrap();
    let connection = server.connection().replace(&format!("port={}", server.port), &format!("port={}", line.port()));
    let target = Postgres::new(&connection, "city").unwrap().patience(Duration::from_millis(1500));
    let sending = Forwarder::start(historian.clone(), "regulator", Box::new(target)).unwrap();
    let wait_until_sent = || {
        let start = Instant::now();
        while historian.backlog("regulator") != Default::default() {
            assert!(start.elapsed() < Duration::from_secs(90), "{:?}\n{}", sending.status(), server.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let mut minutes = 0;
    let mut record = |count: i64| {
        for minute in minutes..minutes + count {
            historian.append(&batch(minute)).unwrap();
        }
        minutes += count;
    };
    record(5);
    wait_until_sent();
    let words: [(Way, &[u8]); 3] = [(Way::ToServer, b"COMMIT"), (Way::ToClient, b"COMMIT"), (Way::ToServer, b"COPY")];
    for (number, (way, word)) in words.into_iter().enumerate() {
        line.set_trap(way, word);
        record(100);
        wait_until_sent();
        assert_eq!(line.trapped(), number + 1, "nothing was cut off at {way:?} {word:?}");
    }
    for _ in 0..4 {
        record(100);
        std::thread::sleep(Duration::from_millis(7));
        line.fall_silent();
        record(20);
        wait_until_sent();
    }
    drop(sending);
    assert_each_once(&server, minutes);
}

/// What comes again over a line that stands, whole or in part, is stored once, and what is new in it is not lost.
#[test]
fn what_comes_twice_over_one_line_is_there_once() {
    use hypocaust::io::historian::forward::{Outgoing, Target};
    let server = Server::start();
    let mut target = Postgres::new(&server.connection(), "city").unwrap();
    let rows: Vec<Outgoing> = (0..9)
        .flat_map(batch)
        .map(|sample| Outgoing {
            tag: format!("CS{:04}.T1", sample.tag.0).into(),
            source_time: sample.source_time,
            value: sample.value,
            quality: sample.quality,
        })
        .collect();
    let of_minutes = |from: usize, to: usize| &rows[from * TAGS as usize..to * TAGS as usize];
    // New; new, now copied straight; again whole; half of it again; new; again.
    for (from, to) in [(0, 2), (2, 4), (2, 4), (3, 6), (6, 7), (7, 8), (7, 8), (0, 9)] {
        target.store(of_minutes(from, to)).unwrap();
    }
    assert_each_once(&server, 9);
}

/// A server that is not there, and one that refuses, are told in words.
#[test]
fn what_is_wrong_is_told() {
    use hypocaust::io::historian::forward::{Outgoing, Target};
    let row = Outgoing { tag: "T".into(), source_time: Timestamp::from_ms(0), value: 1.0, quality: Quality::Good };
    let mut nobody = Postgres::new("host=127.0.0.1 port=1 user=a dbname=b", "city").unwrap();
    let refused = nobody.store(std::slice::from_ref(&row)).unwrap_err().to_string();
    assert!(refused.contains("refused"), "{refused}");
    let server = Server::start();
    let mut wrong = Postgres::new(&server.connection().replace("dbname=postgres", "dbname=nothing"), "city").unwrap();
    let missing = wrong.store(&[row]).unwrap_err().to_string();
    assert!(missing.contains("nothing") && missing.contains("does not exist"), "{missing}");
    assert!(Postgres::new("host", "city").is_err());
    assert!(Path::new(server.folder.path()).exists());
}
