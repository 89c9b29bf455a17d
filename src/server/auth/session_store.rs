//! Sessions in the database: they survive a restart, and every server of the site knows them.

use crate::server::context::{SESSION_CLIENT, SESSION_SEEN, SESSION_STARTED, SESSION_USER};
use crate::server::store::{Db, StoreError, sessions};
use async_trait::async_trait;
use std::fmt;
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// Keeps sessions in the platform's database.
#[derive(Clone)]
pub struct DbSessionStore(pub Db);

impl fmt::Debug for DbSessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DbSessionStore")
    }
}

impl DbSessionStore {
    /// Removes the sessions that have expired, and gives their number. To be called now and then.
    pub async fn delete_expired(&self) -> std::result::Result<u64, StoreError> {
        sessions::delete_expired(&self.0, OffsetDateTime::now_utc().unix_timestamp()).await
    }
}

/// The database never holds the id that is in the cookie.
pub fn hash(id: &Id) -> String {
    blake3::hash(id.to_string().as_bytes()).to_hex().to_string()
}

/// What is stored: the data as it is, and columns of what of it is asked for across sessions.
fn content(record: &Record) -> Result<sessions::Content> {
    let number = |key| record.data.get(key).and_then(serde_json::Value::as_i64);
    Ok(sessions::Content {
        data: serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?,
        expires_at: record.expiry_date.unix_timestamp(),
        user: number(SESSION_USER),
        started_at: number(SESSION_STARTED),
        seen_at: number(SESSION_SEEN),
        client: record.data.get(SESSION_CLIENT).and_then(serde_json::Value::as_str).map(str::to_owned),
    })
}

fn failed(error: StoreError) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for DbSessionStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let content = content(record)?;
        while !sessions::create(&self.0, &hash(&record.id), &content).await.map_err(failed)? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        sessions::save(&self.0, &hash(&record.id), &content(record)?).await.map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let Some((data, expires_at)) = sessions::load(&self.0, &hash(id), now).await.map_err(failed)? else {
            return Ok(None);
        };
        let decode = |error: &dyn fmt::Display| Error::Decode(error.to_string());
        Ok(Some(Record {
            id: *id,
            data: serde_json::from_str(&data).map_err(|error| decode(&error))?,
            expiry_date: OffsetDateTime::from_unix_timestamp(expires_at).map_err(|error| decode(&error))?,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sessions::delete(&self.0, &hash(id)).await.map_err(failed)
    }
}
