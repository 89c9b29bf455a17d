//! The editor's log in the browser's database (IndexedDB): every finished gesture is written down at once, so that neither a
//! crash nor a closed laptop loses one, and what was done can be undone after a reload.
//!
//! A log belongs to one person, one picture and one visit of the editor: neither two accounts nor two tabs ever write over
//! each other. As long as a visit lasts it holds a lock with the name of its log. A log whose lock is free was left behind,
//! and the next visit of the same person to the same picture goes on from it.

use super::claim::{Claim, claim, claimed};
use crate::editor::{DraftChange, Head, Log, LogUpdate};
use futures::channel::oneshot;
use idb::{
    Database, DatabaseEvent, Error, Event, Factory, KeyRange, ObjectStore, ObjectStoreParams, Query, Request,
    Transaction, TransactionMode,
};
use js_sys::Array;
use serde::de::DeserializeOwned;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// The database. Another layout needs another number.
const DATABASE: (&str, u32) = ("ocellus-editor", 2);
/// Heads by name of the log.
const HEADS: &str = "heads";
/// Sheets of regions by name of the log and number.
const CHANGES: &str = "changes";
/// Entries of the history by name of the log and number.
const ENTRIES: &str = "entries";
/// Ids by name of the log and number of the part.
const IDS: &str = "ids";
/// Deltas that are under way by name of the log.
const DELTAS: &str = "deltas";
const STORES: [&str; 5] = [HEADS, DELTAS, CHANGES, ENTRIES, IDS];
/// So long a history is kept without unsaved work, in milliseconds.
const KEPT_MS: f64 = 7.0 * 24.0 * 3600.0 * 1000.0;

/// The logs of one person on one picture, as one visit sees them.
#[derive(Debug)]
pub struct Logs {
    database: Database,
    /// What the names of all of them begin with.
    prefix: String,
    /// The name of this visit's own.
    name: String,
}

/// A connection that stays open keeps a newer version of the site in another tab from changing the layout. What was asked for is
/// still written.
impl Drop for Logs {
    fn drop(&mut self) {
        self.database.close();
    }
}

/// The stores of a transaction.
struct Stores {
    heads: ObjectStore,
    deltas: ObjectStore,
    changes: ObjectStore,
    entries: ObjectStore,
    ids: ObjectStore,
}

impl Stores {
    fn of(transaction: &Transaction) -> Result<Self, Error> {
        let [heads, deltas, changes, entries, ids] = STORES.map(|store| transaction.object_store(store));
        Ok(Self { heads: heads?, deltas: deltas?, changes: changes?, entries: entries?, ids: ids? })
    }
}

/// A log that was left behind.
pub struct LeftBehind {
    /// What is in it.
    pub log: Log,
    /// Its name, so that no other tab takes it as well.
    pub claim: Claim,
}

/// What an earlier visit left behind.
#[derive(Default)]
pub struct Found {
    /// What to go on from.
    pub left: Option<LeftBehind>,
    /// Whether there is unsaved work that cannot be read.
    pub is_unreadable: bool,
}

/// Removes what a person has left unsaved on a picture, or what cannot be read of it. Tells whether there is none any more: another
/// tab may have it.
pub async fn discard(user: &str, picture: i64) -> bool {
    match Logs::open(user, picture, &name_of_visit()).await {
        Ok(logs) => logs.discard_own().await.unwrap_or(false),
        Err(_) => false,
    }
}

/// A name for a visit, which no other has: hexadecimal digits and a hyphen, later ones greater.
pub fn name_of_visit() -> String {
    format!("{:x}-{:x}", js_sys::Date::now() as u64, (js_sys::Math::random() * 1e15) as u64)
}

impl Logs {
    /// Opens the database for a visit. Fails where the browser keeps nothing.
    pub async fn open(user: &str, picture: i64, visit: &str) -> Result<Self, Error> {
        let mut request = Factory::new()?.open(DATABASE.0, Some(DATABASE.1))?;
        request.on_upgrade_needed(|event| {
            let made = event.database().and_then(|database| {
                let known = database.store_names();
                let mut lacking = STORES.into_iter().filter(|store| !known.iter().any(|known| known == store));
                lacking.try_for_each(|store| database.create_object_store(store, ObjectStoreParams::new()).map(drop))
            });
            // Opening fails with it, and the next visit tries again.
            if made.is_err()
                && let Some(upgrade) = event.target().ok().and_then(|request| request.transaction())
            {
                let _ = upgrade.abort();
            }
        });
        let mut database = request.await?;
        // A newer version of the site in another tab may change the layout; it waits for this one otherwise.
        database.on_version_change(|event| {
            if let Ok(database) = event.database() {
                database.close();
            }
        });
        let prefix = prefix(user, picture);
        Ok(Self { database, name: format!("{prefix}{visit}"), prefix })
    }

    /// Writes what is new in this visit, and with it removes the logs that it takes the place of: all of that happens, or
    /// nothing. It is asked for at once, in the order of the calls; the future tells whether it worked: there may be no room.
    pub fn write(&self, update: LogUpdate, replaced: &[String]) -> impl Future<Output = bool> + use<> {
        let transaction = self.begin_write(update, replaced);
        async move {
            match transaction {
                Ok(transaction) => is_committed(transaction).await,
                Err(_) => false,
            }
        }
    }

    fn begin_write(&self, update: LogUpdate, replaced: &[String]) -> Result<Transaction, Error> {
        let transaction = self.database.transaction(&STORES, TransactionMode::ReadWrite)?;
        let ask = |stores: &Stores| {
            // What goes makes room.
            replaced.iter().try_for_each(|name| delete(name, stores))?;
            if update.is_empty() { delete(&self.name, stores) } else { self.put(update, stores) }
        };
        match Stores::of(&transaction).and_then(|stores| ask(&stores)) {
            Ok(()) => transaction.commit(),
            Err(error) => {
                // Left alone, it would keep what was asked for so far.
                transaction.abort()?;
                Err(error)
            }
        }
    }

    fn put(&self, update: LogUpdate, stores: &Stores) -> Result<(), Error> {
        let Stores { heads, deltas, changes, entries, ids } = stores;
        let name = JsValue::from_str(&self.name);
        if update.replaces_ids() {
            ids.delete(parts(&self.name, 0.0, f64::MAX)?)?;
        }
        match update.outstanding {
            Some(Some(outstanding)) => put(deltas, &outstanding, &name)?,
            Some(None) => drop(deltas.delete(name.clone())?),
            None => {}
        }
        if let Some((number, part)) = update.ids {
            put(ids, &part, &part_name(&self.name, number as f64))?;
        }
        if update.replaces_changes {
            changes.delete(parts(&self.name, 0.0, f64::MAX)?)?;
        }
        for (number, sheet) in update.changes {
            let place = part_name(&self.name, number as f64);
            match sheet.is_empty() {
                false => put(changes, &sheet, &place)?,
                true => drop(changes.delete(place)?),
            }
        }
        let span = update.head.history;
        entries.delete(parts(&self.name, span.end as f64, f64::MAX)?)?;
        if let Some(last) = span.first.checked_sub(1) {
            entries.delete(parts(&self.name, 0.0, last as f64)?)?;
        }
        for (number, entry) in update.entries {
            put(entries, &entry, &part_name(&self.name, number as f64))?;
        }
        put(heads, &update.head, &name)
    }

    /// Claims this visit's own name, so that no other visit takes its log for one that was left behind.
    pub async fn claim(&self) -> Option<Claim> {
        claim(&self.name).await
    }

    /// What an earlier visit left behind: the newest log with unsaved work, otherwise the newest. Older ones with unsaved
    /// work wait for the next call; what is older and has none goes.
    pub async fn left_behind(&self) -> Found {
        let mut found = Found::default();
        let heads = self.heads().await.unwrap_or_default();
        let mut own: Vec<&(String, Head)> =
            heads.iter().filter(|(name, _)| name.starts_with(&self.prefix) && *name != self.name).collect();
        own.sort_by_key(|(name, head)| std::cmp::Reverse((head.unsaved, name.clone())));
        for (name, head) in own {
            if found.left.is_some() {
                if !head.unsaved {
                    self.forget(name).await;
                }
                continue;
            }
            let Some(claim) = claim(name).await else { continue };
            match self.read(name).await {
                // Whoever had it until now may have saved what was in it, or gone on from it.
                Ok(Some(log)) if log.head.unsaved || !head.unsaved => found.left = Some(LeftBehind { log, claim }),
                Ok(_) => {}
                Err(_) => found.is_unreadable |= head.unsaved,
            }
        }
        self.forget_old(&heads).await;
        found
    }

    /// The pictures on which this person has left something that the server does not have, and on which nobody works just now.
    pub async fn pictures_with_work(&self) -> BTreeSet<i64> {
        let heads = self.heads().await.unwrap_or_default();
        let claimed = claimed().await;
        let is_left = |(name, head): &&(String, Head)| head.unsaved && !claimed.contains(name);
        heads.iter().filter(is_left).filter_map(|(name, _)| self.picture_of(name)).collect()
    }

    /// Which picture a log of this person is about.
    fn picture_of(&self, name: &str) -> Option<i64> {
        let (own, _) = self.prefix.split_once('.')?;
        let (user, rest) = name.split_once('.')?;
        rest.split_once('.')?.0.parse().ok().filter(|_| user == own)
    }

    /// Removes what nobody has come back to for long and the server has.
    async fn forget_old(&self, heads: &[(String, Head)]) {
        let now = js_sys::Date::now();
        let is_old = |name: &str| begun_at(name).is_some_and(|begun| now - begun > KEPT_MS);
        for (name, _) in heads.iter().filter(|(name, head)| !head.unsaved && is_old(name)) {
            self.forget(name).await;
        }
    }

    /// Makes room for unsaved work: every history without any goes. Tells whether there was one.
    pub async fn make_room(&self) -> bool {
        let mut has_gone = false;
        for (name, _) in self.heads().await.unwrap_or_default().iter().filter(|(_, head)| !head.unsaved) {
            has_gone |= *name != self.name && self.forget(name).await;
        }
        has_gone
    }

    /// Removes a log in which nothing is unsaved, unless somebody has it.
    async fn forget(&self, name: &str) -> bool {
        match claim(name).await {
            Some(_claim) => self.delete_if(name, |head| head.is_some_and(|head| !head.unsaved)).await.unwrap_or(false),
            None => false,
        }
    }

    /// Removes every log of this person on this picture but those in which nothing is unsaved.
    async fn discard_own(&self) -> Result<bool, Error> {
        let transaction = self.database.transaction(&[HEADS], TransactionMode::ReadOnly)?;
        let names = transaction.object_store(HEADS)?.get_all_keys(None, None)?.await?;
        let mut is_gone = true;
        for name in names.into_iter().filter_map(|name| name.as_string()).filter(|name| name.starts_with(&self.prefix))
        {
            let is_free = match claim(&name).await {
                Some(_claim) => self.delete_if(&name, |head| head.is_none_or(|head| head.unsaved)).await.is_ok(),
                None => false,
            };
            is_gone &= is_free;
        }
        Ok(is_gone)
    }

    /// Removes a log if its head, as far as it can be read, is so at this moment: it was somebody's until it was claimed. Tells
    /// whether it was removed.
    async fn delete_if(&self, name: &str, is_meant: impl FnOnce(Option<Head>) -> bool) -> Result<bool, Error> {
        let transaction = self.database.transaction(&STORES, TransactionMode::ReadWrite)?;
        let stores = Stores::of(&transaction)?;
        let head = stores.heads.get(JsValue::from_str(name))?.await?;
        if !is_meant(head.and_then(|head| parse(&head.as_string()?))) {
            return Ok(false);
        }
        delete(name, &stores)?;
        Ok(is_committed(transaction.commit()?).await)
    }

    /// The heads of all logs of everybody, but those that cannot be read.
    async fn heads(&self) -> Result<Vec<(String, Head)>, Error> {
        let transaction = self.database.transaction(&[HEADS], TransactionMode::ReadOnly)?;
        let store = transaction.object_store(HEADS)?;
        let (names, heads) = (store.get_all_keys(None, None)?, store.get_all(None, None)?);
        let (names, heads) = (names.await?, heads.await?);
        let read = |(name, head): (JsValue, JsValue)| Some((name.as_string()?, parse(&head.as_string()?)?));
        Ok(names.into_iter().zip(heads).filter_map(read).collect())
    }

    /// What is in a log, in one state; nothing where it has gone.
    async fn read(&self, name: &str) -> Result<Option<Log>, Error> {
        let transaction = self.database.transaction(&STORES, TransactionMode::ReadOnly)?;
        let one = |store: &str| transaction.object_store(store)?.get(JsValue::from_str(name));
        let all = |store: &str| transaction.object_store(store)?.get_all(Some(parts(name, 0.0, f64::MAX)?), None);
        let (head, outstanding) = (one(HEADS)?, one(DELTAS)?);
        let (changes, entries, ids) = (all(CHANGES)?, all(ENTRIES)?, all(IDS)?);
        let (head, outstanding) = (head.await?, outstanding.await?);
        let (changes, entries, ids) = (changes.await?, entries.await?, ids.await?);
        let Some(head) = read_all(head.as_slice(), parse)?.pop() else { return Ok(None) };
        let ids: Vec<Vec<_>> = read_all(&ids, parse)?;
        Ok(Some(Log {
            head,
            outstanding: read_all(outstanding.as_slice(), parse)?.pop(),
            ids: ids.concat(),
            changes: read_all(&changes, DraftChange::read_sheet)?.concat(),
            // A history with a gap leads nowhere, and nothing is lost with it that is not saved.
            entries: read_all(&entries, parse).unwrap_or_default(),
        }))
    }
}

/// Waits until all of a transaction has happened, or none of it. The crate's own future ends with the first request that fails, and
/// those that fail after it would call what is no more.
async fn is_committed(mut transaction: Transaction) -> bool {
    let (end, ended) = oneshot::channel();
    let end = Rc::new(Cell::new(Some(end)));
    let tell = |is_committed| {
        let end = Rc::clone(&end);
        move |_: web_sys::Event| {
            if let Some(end) = end.take() {
                let _ = end.send(is_committed);
            }
        }
    };
    transaction.on_complete(tell(true));
    transaction.on_abort(tell(false));
    ended.await.unwrap_or(false)
}

fn delete(name: &str, Stores { heads, deltas, changes, entries, ids }: &Stores) -> Result<(), Error> {
    for store in [heads, deltas] {
        store.delete(JsValue::from_str(name))?;
    }
    for store in [changes, entries, ids] {
        store.delete(parts(name, 0.0, f64::MAX)?)?;
    }
    Ok(())
}

fn part_name(name: &str, number: f64) -> JsValue {
    Array::of2(&name.into(), &number.into()).into()
}

/// The parts of a log from one number to another.
fn parts(name: &str, first: f64, last: f64) -> Result<Query, Error> {
    KeyRange::bound(&part_name(name, first), &part_name(name, last), None, None).map(Query::from)
}

/// Writes a value as text, which is quicker than as an object, and reads back bit for bit.
fn put(store: &ObjectStore, value: &impl serde::Serialize, name: &JsValue) -> Result<(), Error> {
    let text = serde_json::to_string(value).map_err(|_| Error::UpdateFailed(JsValue::NULL))?;
    store.put(&text.into(), Some(name)).map(drop)
}

fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// All parts of a kind. Where one cannot be read the whole log cannot, and stays where it is: whoever goes on without that part
/// would have it removed.
fn read_all<T>(parts: &[JsValue], read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Error> {
    let read = |part: &JsValue| part.as_string().and_then(|text| read(&text));
    parts
        .iter()
        .map(|part| read(part).ok_or_else(|| Error::UnexpectedJsType("a part of a log", part.clone())))
        .collect()
}

/// Usernames have no dots, so that the parts of a name cannot run into each other.
fn prefix(user: &str, picture: i64) -> String {
    format!("{user}.{picture}.")
}

/// When the visit of a log began, in milliseconds since 1970.
fn begun_at(name: &str) -> Option<f64> {
    let visit = name.rsplit('.').next()?;
    u64::from_str_radix(visit.split('-').next()?, 16).ok().map(|begun| begun as f64)
}

#[cfg(test)]
mod tests {
    use super::{begun_at, prefix};

    #[test]
    fn nobody_sees_the_logs_of_others() {
        let mine = prefix("ada", 1);
        for (user, picture) in [("ada", 11), ("ad", 1), ("a", 1), ("ada-1", 1)] {
            let other = prefix(user, picture);
            assert!(!other.starts_with(&mine) && !mine.starts_with(&other));
        }
    }

    #[test]
    fn names_tell_when() {
        assert_eq!(begun_at("ada-b.12.ff-3"), Some(255.0));
        assert_eq!(begun_at("ada.12.now"), None);
    }
}
