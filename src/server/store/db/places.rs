//! Whose turn it is: few searches, or other things that take their time, run at once, and of one caller only some of them, so that nobody holds all places.

use super::{Result, StoreError};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many wait for a place at most, whoever they are.
const WAITING: usize = 256;
/// So many searches one caller may have, those that wait included.
const OF_ONE: usize = 32;

/// Who is asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// Whoever is signed in to this account.
    Account(i64),
    /// Whoever is not signed in, by the number of the network that they come from.
    Network(u64),
}

/// The places, which all clones share.
#[derive(Clone)]
pub struct Places(Arc<Shared>);

struct Shared {
    all: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// How many places one caller can hold.
    of_one: usize,
    callers: Mutex<HashMap<Caller, Searches>>,
}

/// Those of one caller.
struct Searches {
    running: Arc<Semaphore>,
    count: usize,
}

/// Holds a place until it is dropped.
pub struct Place {
    _all: OwnedSemaphorePermit,
    _own: Option<(OwnedSemaphorePermit, Counted)>,
}

/// One of a caller's searches.
struct Counted(Arc<Shared>, Caller);

impl Drop for Counted {
    fn drop(&mut self) {
        let mut callers = self.0.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(searches) = callers.get_mut(&self.1) {
            searches.count -= 1;
            if searches.count == 0 {
                callers.remove(&self.1);
            }
        }
    }
}

/// One who waits.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Places {
    /// So many, of which one caller can hold a quarter.
    pub fn new(count: usize) -> Self {
        Self(Arc::new(Shared {
            all: Arc::new(Semaphore::new(count.max(1))),
            waiting: AtomicUsize::new(0),
            of_one: (count / 4).max(2),
            callers: Mutex::default(),
        }))
    }

    /// Waits for a place. Whoever has too many searches already, or would have to wait behind too many others, is sent away.
    pub async fn take(&self, caller: Option<Caller>) -> Result<Place> {
        // No semaphore is ever closed.
        let closed = |_| StoreError::Busy;
        let own = match caller {
            None => None,
            Some(caller) => {
                let (counted, running) = self.count(caller)?;
                Some((running.acquire_owned().await.map_err(closed)?, counted))
            }
        };
        // Who waits for their own searches is in nobody's way.
        let all = match Arc::clone(&self.0.all).try_acquire_owned() {
            Ok(all) => all,
            Err(_) => {
                let _waiting = Waiting(&self.0.waiting);
                if self.0.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING {
                    return Err(StoreError::Busy);
                }
                Arc::clone(&self.0.all).acquire_owned().await.map_err(closed)?
            }
        };
        Ok(Place { _all: all, _own: own })
    }

    fn count(&self, caller: Caller) -> Result<(Counted, Arc<Semaphore>)> {
        let mut callers = self.0.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Searches { running: Arc::new(Semaphore::new(self.0.of_one)), count: 0 };
        let searches = callers.entry(caller).or_insert_with(new);
        if searches.count >= OF_ONE {
            return Err(StoreError::Busy);
        }
        searches.count += 1;
        Ok((Counted(Arc::clone(&self.0), caller), Arc::clone(&searches.running)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    const ADA: Option<Caller> = Some(Caller::Account(1));
    const GRACE: Option<Caller> = Some(Caller::Account(2));

    #[tokio::test]
    async fn nobody_holds_all_places() {
        let places = Places::new(8);
        let first = places.take(ADA).await.unwrap();
        let _second = places.take(ADA).await.unwrap();
        let mut third = Box::pin(places.take(ADA));
        assert!(third.as_mut().now_or_never().is_none());
        let _other = places.take(GRACE).now_or_never().expect("another one waits for nobody").unwrap();
        drop(first);
        third.now_or_never().expect("a place is free again").unwrap();
    }

    #[tokio::test]
    async fn who_asks_too_often_is_sent_away_and_forgotten_later() {
        let places = Places::new(8);
        let mut searches: Vec<_> = (0..OF_ONE).map(|_| Box::pin(places.take(ADA))).collect();
        let running: Vec<_> = searches.iter_mut().filter_map(|search| search.as_mut().now_or_never()).collect();
        assert_eq!(running.len(), 2);
        assert!(matches!(places.take(ADA).await, Err(StoreError::Busy)));
        places.take(GRACE).await.unwrap();
        drop((running, searches));
        assert!(places.0.callers.lock().unwrap().is_empty());
        places.take(ADA).await.unwrap();
    }

    #[tokio::test]
    async fn the_queue_has_an_end() {
        let places = Places::new(1);
        let place = places.take(None).await.unwrap();
        let mut queue: Vec<_> = (0..WAITING).map(|_| Box::pin(places.take(None))).collect();
        for waiting in &mut queue {
            assert!(waiting.as_mut().now_or_never().is_none());
        }
        assert!(matches!(places.take(GRACE).await, Err(StoreError::Busy)));
        drop(queue);
        drop(place);
        places.take(GRACE).await.unwrap();
    }
}
