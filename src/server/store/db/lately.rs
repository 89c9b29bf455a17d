//! Numbers that were read lately. Whoever decides by them how to search, and not what is found, does well with those of a minute ago:
//! the same rule is counted for each page, and for each count beside it.

use super::bounded::Bounded;
use super::{Result, Row, Source, Statement};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const KEPT: Duration = Duration::from_secs(60);
/// So many numbers are kept.
const MOST: usize = 4096;

/// A hash of a statement's text and its values.
type Key = [u8; 32];
/// When it was read, and what it was.
type Number = (Instant, Option<i64>);

/// What statements gave.
#[derive(Clone, Default)]
pub(super) struct Lately(Arc<Mutex<HashMap<Key, Number>>>);

impl Lately {
    fn get(&self, key: &Key, now: Instant) -> Option<Option<i64>> {
        let numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.get(key).filter(|(at, _)| now.duration_since(*at) < KEPT).map(|(_, number)| *number)
    }

    fn put(&self, key: Key, number: Option<i64>, now: Instant) {
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if numbers.len() >= MOST {
            numbers.retain(|_, (at, _)| now.duration_since(*at) < KEPT);
        }
        if numbers.len() >= MOST {
            numbers.clear();
        }
        numbers.insert(key, (now, number));
    }
}

impl Bounded {
    /// The number that `read` finds in a statement's first row, as it is now or was within the last minute.
    pub async fn lately<R: Row>(
        &mut self,
        statement: &impl Statement,
        read: impl FnOnce(R) -> Option<i64>,
    ) -> Result<Option<i64>> {
        let (sql, values) = statement.build_for(self.engine());
        let key = *blake3::hash(format!("{sql}\n{:?}", values.0).as_bytes()).as_bytes();
        let now = Instant::now();
        if let Some(number) = self.numbers().get(&key, now) {
            return Ok(number);
        }
        let number = self.optional::<R>(statement).await?.and_then(read);
        self.numbers().put(key, number, now);
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_for_a_while_and_not_too_many() {
        let (lately, begin) = (Lately::default(), Instant::now());
        lately.put([1; 32], Some(7), begin);
        assert_eq!(lately.get(&[1; 32], begin + KEPT / 2), Some(Some(7)));
        assert_eq!(lately.get(&[2; 32], begin), None);
        assert_eq!(lately.get(&[1; 32], begin + KEPT), None);
        for number in 0..2 * MOST as u64 {
            let mut key = [3; 32];
            key[..8].copy_from_slice(&number.to_le_bytes());
            lately.put(key, None, begin);
            assert!(lately.0.lock().unwrap().len() <= MOST);
        }
    }
}
