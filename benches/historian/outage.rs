//! A week in which another historian is away: how much is kept for it meanwhile, and how it comes to a real PostgreSQL
//! afterwards, exactly once, while the sending program is killed and the server crashes.
//!
//! `… --bench historian -- --hours 168 --folder PATH --postgres 'host=… user=… dbname=…' [--crash 'COMMAND'] outage`
//!
//! Every tag has a value every minute: no dead band thins anything out. Without `--postgres` only the size is measured. The
//! database is one of its own, with default settings; the table is made beforehand, a partition a day. Sending goes day by
//! day in a program of its own, which is killed (SIGKILL) a quarter into the first three days; COMMAND crashes and restarts
//! the server in the middle of the second. When a day is over its rows are counted and summed, exactly, against the
//! generator, and its partition is dropped so that a week fits a small disk; only that is not counted as time.

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use hypocaust::io::historian::forward::postgres::Postgres;
use hypocaust::io::historian::forward::{Forwarder, Start};
use hypocaust::io::historian::{Historian, Options};
use hypocaust::live::{Quality, Sample, TagId, Timestamp};
use tokio_postgres::{Client, NoTls};

use super::{Arguments, Ingest, MINUTE_MS, START_MS, TAGS, bytes_in, table, value};

const DAY_MS: i64 = 1440 * MINUTE_MS;
const LINK: &str = "upstream";

pub fn measure(given: &Arguments, folder: &Path) {
    {
        let historian = Historian::open(folder, Options::default()).unwrap();
        historian.register(&table()).unwrap();
        historian.link(LINK, Start::Now).unwrap();
        let mut most = 0;
        let mut batches = 0;
        let mut ingest = Ingest::of(given.hours, given.batch, |batch| {
            assert_eq!(historian.append(batch).unwrap().doubles, 0);
            batches += 1;
            if batches % 500 == 0 {
                most = most.max(bytes_in(folder));
            }
        });
        ingest.print("outage");
        let end = Timestamp::from_ms(START_MS + (given.hours * 60 + 10) * MINUTE_MS);
        let last = Sample { tag: TagId(0), source_time: end, arrival_time: end, value: 0.0, quality: Quality::Good };
        historian.append(&[last]).unwrap();
        historian.tidy().unwrap();
        let bytes = bytes_in(folder);
        println!(
            "  kept for the other side: {:?}, {:.1} MB = {:.2} bytes/row, never more than {:.1} MB",
            historian.backlog(LINK),
            bytes as f64 / 1e6,
            bytes as f64 / ingest.rows as f64,
            most as f64 / 1e6
        );
    }
    match &given.postgres {
        Some(connection) => catch_up(given, folder, connection),
        None => println!("  not sent anywhere: name a database with --postgres 'host=… user=… dbname=…'"),
    }
}

/// The sending program: until everything before an instant is sent.
pub fn send(given: &Arguments) {
    let folder = given.folder.as_ref().unwrap().join("outage");
    let until = Timestamp::from_ms(given.until_ms.unwrap());
    let historian = Historian::open(&folder, Options::default()).unwrap();
    let target = Postgres::new(given.postgres.as_ref().unwrap(), "bench").unwrap();
    let forwarder = Forwarder::start(historian.clone(), LINK, Box::new(target)).unwrap();
    let mut told = None;
    while historian.backlog(LINK).oldest.is_some_and(|oldest| oldest < until) {
        std::thread::sleep(Duration::from_millis(50));
        let status = forwarder.status();
        if status.error != told {
            status.error.iter().for_each(|error| println!("  the link says: {error}"));
            told = status.error;
        }
    }
}

fn start_sending(given: &Arguments, until_ms: i64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--folder", given.folder.as_ref().unwrap().to_str().unwrap()])
        .args(["--postgres", given.postgres.as_ref().unwrap()])
        .args(["--until-ms", &until_ms.to_string(), "send"])
        .spawn()
        .unwrap()
}

/// Hours that the other side lacks, as a second program sees it.
fn hours_left(folder: &Path) -> usize {
    Historian::read(folder, Options::default()).unwrap().backlog(LINK).hours
}

fn catch_up(given: &Arguments, folder: &Path, connection: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let days = (given.hours * 60 * MINUTE_MS).div_euclid(DAY_MS) + 1;
    runtime.block_on(async {
        let client = connect(connection).await;
        let tables = "CREATE TABLE hypocaust_history (
            source_time timestamptz NOT NULL, value double precision NOT NULL, tag integer NOT NULL,
            quality smallint NOT NULL, PRIMARY KEY (tag, source_time)) PARTITION BY RANGE (source_time);";
        client.batch_execute(tables).await.unwrap();
        for day in 0..days {
            let bound = |day: i64| Timestamp::from_ms(START_MS + day * DAY_MS).to_string();
            let (from, to) = (bound(day), bound(day + 1));
            let partition =
                format!("CREATE TABLE day_{day} PARTITION OF hypocaust_history FOR VALUES FROM ('{from}') TO ('{to}')");
            client.batch_execute(&partition).await.unwrap();
        }
    });
    let (mut spent, mut rows, mut kills) = (Duration::ZERO, 0, 0);
    for day in 0..days - 1 {
        let (before, start) = (hours_left(folder), Instant::now());
        let until_ms = START_MS + (day + 1) * DAY_MS;
        let mut sender = start_sending(given, until_ms);
        let wait_for = |sent: usize, sender: &mut Child| {
            while before - hours_left(folder) < sent {
                std::thread::sleep(Duration::from_millis(100));
                assert!(sender.try_wait().unwrap().is_none(), "the sender ended");
            }
        };
        if day < 3 {
            wait_for(6, &mut sender);
            sender.kill().unwrap();
            sender.wait().unwrap();
            kills += 1;
            sender = start_sending(given, until_ms);
        }
        if day == 1
            && let Some(command) = &given.crash
        {
            wait_for(12, &mut sender);
            assert!(Command::new("sh").args(["-c", command]).status().unwrap().success(), "{command}");
            println!("  the server crashed and came back");
        }
        assert!(sender.wait().unwrap().success());
        let time = start.elapsed();
        spent += time;
        let found = runtime.block_on(check(connection, day));
        println!("  day {day}: {found} rows there, each once and as generated, after {:.0} s", time.as_secs_f64());
        rows += found;
    }
    println!(
        "  {rows} rows sent in {:.0} s = {:.0} rows/s with {kills} kills of the sender; left: {} h",
        spent.as_secs_f64(),
        rows as f64 / spent.as_secs_f64(),
        hours_left(folder)
    );
}

async fn connect(connection: &str) -> Client {
    let (client, line) = tokio_postgres::connect(connection, NoTls).await.unwrap();
    tokio::spawn(line);
    client
}

/// Compares number and exact sums of a day's rows with the generator, and drops them; their number.
async fn check(connection: &str, day: i64) -> i64 {
    let client = connect(connection).await;
    let numbers = client.query("SELECT id, name FROM hypocaust_tag WHERE site = 'bench'", &[]).await.unwrap();
    assert_eq!(numbers.len(), TAGS as usize);
    // Values are whole multiples of 2^-20, or rounded to such alike here and there.
    let sums = format!(
        "SELECT count(*), sum(q)::text, sum(q * (7 * tag + minute))::text FROM (
             SELECT tag, (value * 1048576)::bigint AS q, (extract(epoch FROM source_time) / 60)::bigint % 10007 AS minute
             FROM day_{day}) AS rows"
    );
    let row = client.query_one(&sums, &[]).await.unwrap();
    let found: (i64, String, String) = (row.get(0), row.get(1), row.get(2));
    let table = table();
    let (mut count, mut sum, mut weighted) = (0i64, 0i128, 0i128);
    for row in &numbers {
        let (id, name): (i32, &str) = (row.get(0), row.get(1));
        let tag = table.id(name).unwrap();
        for minute in day * 1440..(day + 1) * 1440 {
            let q = (value(tag.0, minute) * 1_048_576.0).round_ties_even() as i64;
            let since_1970 = (START_MS / MINUTE_MS + minute) % 10_007;
            count += 1;
            sum += i128::from(q);
            weighted += i128::from(q) * i128::from(7 * i64::from(id) + since_1970);
        }
    }
    assert_eq!(found, (count, sum.to_string(), weighted.to_string()), "day {day}");
    client.batch_execute(&format!("DROP TABLE day_{day}")).await.unwrap();
    count
}
