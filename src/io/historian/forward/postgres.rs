//! PostgreSQL as the other side of a link; with TimescaleDB where the server has it.
//!
//! Rows go by binary COPY. The first parcel of a connection, which the one before may have stored already, goes into a staging
//! table and from there, in the same transaction, into the history with ON CONFLICT DO NOTHING, so that a parcel sent twice is
//! stored once. Where all of it was new, the next ones are copied straight into the history, which takes the server half the
//! work; one that meets a row that is there already is refused whole by the primary key and goes by the staging table. Tables are made where they are missing; those that are there, say
//! partitioned by time, are used as they are. Encryption: none of its own; let the server listen on the site's network or
//! a tunnel.
//!
//! A way that neither answers nor breaks: every step has a time of its own, so that a slow line is no dead one; where it
//! runs out, the connection is given up and the next one is new. The server is asked to give up its side as soon, because
//! a transaction that it keeps open for a dead connection would lock the rows that come again.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, NoTls};

use super::{Outgoing, Target, TargetError};

/// No step of the way takes longer: connecting, taking [`ROWS_PER_STEP`] rows, storing a parcel, committing it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Rows handed over in one step: 50 kB, which no line in use takes half a minute for.
const ROWS_PER_STEP: usize = 1000;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS hypocaust_tag (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, site text NOT NULL, name text NOT NULL, UNIQUE (site, name));
    CREATE TABLE IF NOT EXISTS hypocaust_history (
        source_time timestamptz NOT NULL, value double precision NOT NULL, tag integer NOT NULL, quality smallint NOT NULL,
        PRIMARY KEY (tag, source_time));";

/// Parameters by which the server notices a client that is gone; those that it knows are set. $1: seconds, $2: milliseconds.
const GIVING_UP: &str = "
    SELECT set_config(known.name, wanted.value, false) FROM pg_settings known
    JOIN (VALUES ('tcp_keepalives_idle', $1), ('tcp_keepalives_interval', $1), ('tcp_keepalives_count', '2'),
                 ('tcp_user_timeout', $2), ('client_connection_check_interval', $2),
                 ('idle_in_transaction_session_timeout', $2)) wanted (name, value) ON known.name = wanted.name";

/// Only where the extension is installed in this database; a table with rows becomes one with all its rows.
const HYPERTABLE: &str = "
    SELECT create_hypertable('hypocaust_history', 'source_time', if_not_exists => TRUE, migrate_data => TRUE);";

const STAGING: &str = "
    CREATE TEMPORARY TABLE IF NOT EXISTS hypocaust_staged (
        tag integer, source_time timestamptz, value double precision, quality smallint) ON COMMIT DELETE ROWS;";

const HISTORY: &str = "hypocaust_history";
const STAGED: &str = "hypocaust_staged";

const INSERT: &str = "
    INSERT INTO hypocaust_history (tag, source_time, value, quality)
    SELECT tag, source_time, value, quality FROM hypocaust_staged ON CONFLICT DO NOTHING";

/// A database that gets the rows of one site.
#[derive(Debug)]
pub struct Postgres {
    config: Config,
    site: String,
    patience: Duration,
    runtime: Runtime,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    client: Client,
    /// Does the talking. Ended with the connection, or it would wait for an answer that nobody wants any more and keep the
    /// server at work, and the rows that come again locked.
    line: JoinHandle<()>,
    /// Numbers that the database gave to tags.
    tags: BTreeMap<Arc<str>, i32>,
    /// The last parcel was new to the database: so will be the next.
    all_new: bool,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.line.abort();
    }
}

impl Postgres {
    /// `connection` as PostgreSQL writes it (`host=… user=… dbname=…` or `postgres://…`); a password is better taken from
    /// [`Postgres::password`] than written there. `site` tells the rows of one city from those of another. Connects when
    /// the first rows come.
    pub fn new(connection: &str, site: &str) -> Result<Postgres, TargetError> {
        let mut config: Config = connection.parse()?;
        config.keepalives_idle(Duration::from_secs(25));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| TargetError(error.to_string()))?;
        Ok(Postgres { config, site: site.to_owned(), patience: PATIENCE, runtime, open: None })
    }

    /// Sets how long a step may take before the connection is given up.
    pub const fn patience(mut self, patience: Duration) -> Postgres {
        self.patience = patience;
        self
    }

    /// Sets the password.
    pub fn password(mut self, password: &str) -> Postgres {
        self.config.password(password);
        self
    }
}

impl Target for Postgres {
    fn store(&mut self, rows: &[Outgoing]) -> Result<(), TargetError> {
        let Postgres { config, site, patience, runtime, open } = self;
        let mut ready = open.take();
        runtime.block_on(async {
            let outcome = hand_over(&mut ready, config, site, rows, *patience).await.map_err(TargetError::from);
            if outcome.is_err() {
                ready = None;
                // Lets the line end now, and with it the connection.
                tokio::task::yield_now().await;
            }
            outcome
        })?;
        // Only here: after a failure, whatever state the connection is in, the next one is new.
        *open = ready;
        Ok(())
    }
}

/// Stores rows, over a new connection where none is open.
async fn hand_over(
    open: &mut Option<Open>,
    config: &Config,
    site: &str,
    rows: &[Outgoing],
    patience: Duration,
) -> Result<(), StoreError> {
    let open = match open {
        Some(open) => open,
        none => none.insert(connect(config, patience).await?),
    };
    store(open, site, rows, patience).await
}

/// Waits for a step of the way, so long at most.
async fn within<T, E: Into<StoreError>>(
    patience: Duration,
    step: impl Future<Output = Result<T, E>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(patience, step).await {
        Ok(outcome) => outcome.map_err(Into::into),
        Err(_) => Err(TargetError(format!("the database did not answer within {} s", patience.as_secs_f64())).into()),
    }
}

/// Why a parcel was not stored.
enum StoreError {
    /// One of its rows is there already.
    Twice,
    Other(TargetError),
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> StoreError {
        if error.code() == Some(&SqlState::UNIQUE_VIOLATION) {
            StoreError::Twice
        } else {
            StoreError::Other(error.into())
        }
    }
}

impl From<TargetError> for StoreError {
    fn from(error: TargetError) -> StoreError {
        StoreError::Other(error)
    }
}

impl From<StoreError> for TargetError {
    fn from(error: StoreError) -> TargetError {
        match error {
            StoreError::Twice => TargetError("the database has one of these rows twice in its own table".to_owned()),
            StoreError::Other(error) => error,
        }
    }
}

/// With its causes; the library's own text names only the outermost.
impl From<tokio_postgres::Error> for TargetError {
    fn from(error: tokio_postgres::Error) -> TargetError {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            // Writing to a String cannot fail.
            let _ = write!(text, ": {cause}");
            source = cause.source();
        }
        TargetError(text)
    }
}

async fn connect(config: &Config, patience: Duration) -> Result<Open, StoreError> {
    let (client, connection) = within(patience, config.connect(NoTls)).await?;
    // Its error is also the client's.
    let line = tokio::spawn(async move {
        let _ = connection.await;
    });
    let open = Open { client, line, tags: BTreeMap::new(), all_new: false };
    within(patience, prepare(&open.client, patience)).await?;
    Ok(open)
}

async fn prepare(client: &Client, patience: Duration) -> Result<(), tokio_postgres::Error> {
    // A commit that the server has only in memory would not be one.
    client.batch_execute("SET synchronous_commit = on; SET client_min_messages = warning;").await?;
    let seconds = patience.as_secs().div_ceil(3).max(1).to_string();
    let milliseconds = patience.as_millis().to_string();
    client.query_typed(GIVING_UP, &[(&seconds, Type::TEXT), (&milliseconds, Type::TEXT)]).await?;
    client.batch_execute(TABLES).await?;
    let timescale = client.query_opt("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'", &[]).await?;
    if timescale.is_some() {
        client.batch_execute(HYPERTABLE).await?;
    }
    client.batch_execute(STAGING).await
}

async fn store(open: &mut Open, site: &str, rows: &[Outgoing], patience: Duration) -> Result<(), StoreError> {
    let Open { client, tags, all_new, .. } = open;
    // Rows of one tag mostly follow each other.
    let mut missing: Vec<&str> = rows
        .chunk_by(|a, b| a.tag == b.tag)
        .filter_map(|of_tag| of_tag.first())
        .filter(|row| !tags.contains_key(&row.tag))
        .map(|row| &*row.tag)
        .collect();
    missing.sort_unstable();
    missing.dedup();
    if !missing.is_empty() {
        within(patience, number(client, tags, site, &missing)).await?;
    }
    if *all_new {
        match copy(client, tags, HISTORY, rows, patience).await {
            Err(StoreError::Twice) => *all_new = false,
            outcome => return outcome.map(|_| ()),
        }
    }
    let stored = copy(client, tags, STAGED, rows, patience).await?;
    *all_new = stored == rows.len() as u64;
    Ok(())
}

/// Copies rows into a table and commits; the number of rows of the history that are new.
async fn copy(
    client: &mut Client,
    tags: &BTreeMap<Arc<str>, i32>,
    table: &str,
    rows: &[Outgoing],
    patience: Duration,
) -> Result<u64, StoreError> {
    let transaction = within(patience, client.transaction()).await?;
    let copy = format!("COPY {table} (tag, source_time, value, quality) FROM STDIN (FORMAT binary)");
    let sink = within(patience, transaction.copy_in(&copy)).await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &[Type::INT4, Type::TIMESTAMPTZ, Type::FLOAT8, Type::INT2]));
    for rows in rows.chunks(ROWS_PER_STEP) {
        within(patience, async {
            for of_tag in rows.chunk_by(|a, b| a.tag == b.tag) {
                let Some(tag) = of_tag.first().and_then(|row| tags.get(&row.tag)) else {
                    return Err(StoreError::Other(TargetError("the database gave no number to a tag".to_owned())));
                };
                for row in of_tag {
                    let quality = i16::from(row.quality.code());
                    writer.as_mut().write(&[tag, &system_time(row.source_time.ms()), &row.value, &quality]).await?;
                }
            }
            Ok(())
        })
        .await?;
    }
    let mut stored = within(patience, writer.finish()).await?;
    if table == STAGED {
        stored = within(patience, transaction.execute(INSERT, &[])).await?;
    }
    within(patience, transaction.commit()).await?;
    Ok(stored)
}

/// Asks the database for the numbers of tags that it may not have met yet.
async fn number(
    client: &Client,
    tags: &mut BTreeMap<Arc<str>, i32>,
    site: &str,
    missing: &[&str],
) -> Result<(), tokio_postgres::Error> {
    let insert = "INSERT INTO hypocaust_tag (site, name) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING";
    client.execute(insert, &[&site, &missing]).await?;
    let select = "SELECT name, id FROM hypocaust_tag WHERE site = $1 AND name = ANY($2::text[])";
    for row in client.query(select, &[&site, &missing]).await? {
        tags.insert(Arc::from(row.try_get::<_, &str>(0)?), row.try_get(1)?);
    }
    Ok(())
}

fn system_time(ms: i64) -> SystemTime {
    let distance = Duration::from_millis(ms.unsigned_abs());
    // Stored instants lie in the years 1 to 9999.
    if ms >= 0 { UNIX_EPOCH + distance } else { UNIX_EPOCH - distance }
}
