//! Maps by region, which are asked thousands of times in a frame.

use super::document::Key;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map by region.
pub(super) type KeyMap<V> = HashMap<Key, V, BuildHasherDefault<KeyHasher>>;

/// Mixes a key's number, and nothing more: keys are counted here, so that nobody can choose them to collide.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        // The golden ratio spreads numbers that follow each other; a map goes by the upper bits and the lower ones.
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::hash::BuildHasher;

    #[test]
    fn keys_that_follow_each_other_are_spread() {
        let build = BuildHasherDefault::<KeyHasher>::default();
        let hashes: Vec<u64> = (0..100_000).map(|number| build.hash_one(Key(number))).collect();
        assert_eq!(hashes.iter().collect::<HashSet<_>>().len(), hashes.len());
        for shift in [0, 57] {
            let buckets: HashSet<u64> = hashes.iter().map(|hash| (hash >> shift) & 127).collect();
            assert_eq!(buckets.len(), 128);
        }
    }
}
