//! PostgreSQL as the other side of a link; with TimescaleDB where the server has it.
//!
//! Rows go by binary COPY into a staging table and from there, in the same transaction, into the history with ON CONFLICT DO
//! NOTHING, so that a parcel sent twice is stored once. Tables are made where they are missing. The connection is made
//! anew after every failure. Encryption: none of its own; let the server listen on the site's network or a tunnel.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::runtime::Runtime;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, NoTls};

use super::{Outgoing, Target, TargetError};

/// Nothing on the other side takes longer.
const TIMEOUT: Duration = Duration::from_secs(60);

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS hypocaust_tag (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, site text NOT NULL, name text NOT NULL, UNIQUE (site, name));
    CREATE TABLE IF NOT EXISTS hypocaust_history (
        tag integer NOT NULL, source_time timestamptz NOT NULL, value double precision NOT NULL, quality smallint NOT NULL,
        PRIMARY KEY (tag, source_time));";

/// Only where the extension is installed in this database; a table with rows becomes one with all its rows.
const HYPERTABLE: &str = "
    SELECT create_hypertable('hypocaust_history', 'source_time', if_not_exists => TRUE, migrate_data => TRUE);";

const STAGING: &str = "
    CREATE TEMPORARY TABLE IF NOT EXISTS hypocaust_staged (
        tag integer, source_time timestamptz, value double precision, quality smallint) ON COMMIT DELETE ROWS;";

/// A database that gets the rows of one site.
#[derive(Debug)]
pub struct Postgres {
    config: Config,
    site: String,
    runtime: Runtime,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    client: Client,
    /// Numbers that the database gave to tags.
    tags: BTreeMap<Arc<str>, i32>,
}

impl Postgres {
    /// `connection` as PostgreSQL writes it (`host=… user=… dbname=…` or `postgres://…`); a password is better taken from
    /// [`Postgres::password`] than written there. `site` tells the rows of one city from those of another. Connects when
    /// the first rows come.
    pub fn new(connection: &str, site: &str) -> Result<Postgres, TargetError> {
        let mut config: Config = connection.parse()?;
        config.connect_timeout(Duration::from_secs(10)).keepalives_idle(Duration::from_secs(25));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| TargetError(error.to_string()))?;
        Ok(Postgres { config, site: site.to_owned(), runtime, open: None })
    }

    /// Sets the password.
    pub fn password(mut self, password: &str) -> Postgres {
        self.config.password(password);
        self
    }
}

impl Target for Postgres {
    fn store(&mut self, rows: &[Outgoing]) -> Result<(), TargetError> {
        let Postgres { config, site, runtime, open } = self;
        let mut ready = open.take();
        let outcome = runtime.block_on(async {
            let work = async {
                let open = match &mut ready {
                    Some(open) => open,
                    none => none.insert(connect(config).await?),
                };
                store(open, site, rows).await
            };
            tokio::time::timeout(TIMEOUT, work).await
        });
        match outcome {
            Ok(Ok(())) => {
                *open = ready;
                Ok(())
            }
            // Whatever state the connection is in, the next one is new.
            Ok(Err(error)) => Err(error),
            Err(_) => Err(TargetError(format!("the database did not answer within {} s", TIMEOUT.as_secs()))),
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

async fn connect(config: &Config) -> Result<Open, TargetError> {
    let (client, connection) = config.connect(NoTls).await?;
    // Ends with the client; its error is also the client's.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    // A commit that the server has only in memory would not be one.
    client.batch_execute("SET synchronous_commit = on; SET client_min_messages = warning;").await?;
    client.batch_execute(TABLES).await?;
    let timescale = client.query_opt("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'", &[]).await?;
    if timescale.is_some() {
        client.batch_execute(HYPERTABLE).await?;
    }
    client.batch_execute(STAGING).await?;
    Ok(Open { client, tags: BTreeMap::new() })
}

async fn store(open: &mut Open, site: &str, rows: &[Outgoing]) -> Result<(), TargetError> {
    let Open { client, tags } = open;
    let mut missing: Vec<&str> = rows.iter().filter(|row| !tags.contains_key(&row.tag)).map(|row| &*row.tag).collect();
    missing.sort_unstable();
    missing.dedup();
    if !missing.is_empty() {
        client
            .execute(
                "INSERT INTO hypocaust_tag (site, name) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING",
                &[&site, &missing],
            )
            .await?;
        let found = client
            .query("SELECT name, id FROM hypocaust_tag WHERE site = $1 AND name = ANY($2::text[])", &[&site, &missing])
            .await?;
        for row in found {
            tags.insert(Arc::from(row.try_get::<_, &str>(0)?), row.try_get(1)?);
        }
    }
    let transaction = client.transaction().await?;
    let sink = transaction
        .copy_in("COPY hypocaust_staged (tag, source_time, value, quality) FROM STDIN (FORMAT binary)")
        .await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &[Type::INT4, Type::TIMESTAMPTZ, Type::FLOAT8, Type::INT2]));
    for row in rows {
        let Some(tag) = tags.get(&row.tag) else {
            return Err(TargetError(format!("the database gave no number to tag {}", row.tag)));
        };
        let quality = i16::from(row.quality.code());
        writer.as_mut().write(&[tag, &system_time(row.source_time.ms()), &row.value, &quality]).await?;
    }
    writer.finish().await?;
    transaction
        .batch_execute("INSERT INTO hypocaust_history SELECT * FROM hypocaust_staged ON CONFLICT DO NOTHING")
        .await?;
    Ok(transaction.commit().await?)
}

fn system_time(ms: i64) -> SystemTime {
    let distance = Duration::from_millis(ms.unsigned_abs());
    // Stored instants lie in the years 1 to 9999.
    if ms >= 0 { UNIX_EPOCH + distance } else { UNIX_EPOCH - distance }
}
