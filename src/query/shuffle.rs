//! The random order: a function of seed and id that Rust, SQLite and PostgreSQL compute alike.

/// Shuffles ids: first their buckets `id mod B`, then what is in the same bucket. Both are put in the order of
/// `(x·a + b)³ mod P`, with P = B for the buckets, where `a` and `b` come from the seed.
///
/// An index on the bucket leads to the first pictures of any shuffle. Each P is a prime below 2³¹, so no product overflows
/// 63 bits, and 3 does not divide P − 1, so cubing permutes the remainders: ids below the larger P never share a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shuffle {
    /// Puts the buckets in order.
    pub buckets: Cube,
    /// Puts in order what is in a bucket.
    pub ids: Cube,
}

/// `(x·factor + shift)³ mod prime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cube {
    /// From 1 to `prime` − 1.
    pub factor: i64,
    /// From 0 to `prime` − 1.
    pub shift: i64,
    /// P.
    pub prime: i64,
}

impl Cube {
    fn of(self, x: i64) -> i64 {
        let mixed = (x % self.prime * self.factor + self.shift) % self.prime;
        mixed * mixed % self.prime * mixed % self.prime
    }
}

impl Shuffle {
    /// The larger P.
    const PRIME: i64 = 2_147_483_579;
    /// B: so many that on a large site a few of them make a page.
    pub const BUCKETS: i64 = 4_091;
    /// What the place of a bucket counts in a key: more than any P.
    pub const BUCKET: i64 = 1 << 31;

    /// The shuffle that belongs to a seed.
    pub fn new(seed: i64) -> Self {
        let mut state = u64::from_ne_bytes(seed.to_ne_bytes());
        // SplitMix64: neighbouring seeds give unrelated numbers.
        let mut next = || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            // 31 bits at most remain, so the conversion cannot fail.
            i64::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or_default()
        };
        let mut cube = |prime| Cube { factor: 1 + next() % (prime - 1), shift: next() % prime, prime };
        Self { buckets: cube(Self::BUCKETS), ids: cube(Self::PRIME) }
    }

    /// By what a picture is ordered.
    pub fn key(self, id: i64) -> i64 {
        self.buckets.of(id) * Self::BUCKET + self.ids.of(id)
    }

    /// All buckets, as the shuffle goes through them.
    pub fn buckets_in_order(self) -> Vec<i64> {
        let mut buckets: Vec<i64> = (0..Self::BUCKETS).collect();
        buckets.sort_by_cached_key(|&bucket| self.buckets.of(bucket));
        buckets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn keys_differ_and_look_shuffled() {
        for prime in [Shuffle::PRIME, Shuffle::BUCKETS] {
            assert_eq!((2..prime.min(46_341)).find(|d| prime % d == 0), None, "{prime} is prime");
            assert_ne!((prime - 1) % 3, 0);
        }
        for seed in [0, 1, 2, -1, i64::MIN, i64::MAX] {
            let shuffle = Shuffle::new(seed);
            let keys: Vec<i64> = (1..=20_000).map(|id| shuffle.key(id)).collect();
            assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
            // In a fair shuffle a third of the inner entries are smaller than both neighbours.
            let valleys = keys.windows(3).filter(|w| w[1] < w[0] && w[1] < w[2]).count();
            assert!((6_300..7_000).contains(&valleys), "seed {seed}: {valleys}");
        }
        assert_ne!(Shuffle::new(1), Shuffle::new(2));
        let shuffle = Shuffle::new(3);
        let mut ids: Vec<i64> = (1..=20_000).collect();
        ids.sort_unstable_by_key(|&id| shuffle.key(id));
        let first = &shuffle.buckets_in_order()[..10];
        let (in_first, rest) = ids.split_at(ids.iter().filter(|&id| first.contains(&(id % Shuffle::BUCKETS))).count());
        assert!(in_first.len() > 40 && in_first.iter().all(|id| first.contains(&(id % Shuffle::BUCKETS))));
        assert!(rest.iter().all(|id| !first.contains(&(id % Shuffle::BUCKETS))));
        // The largest id does not overflow.
        Shuffle::new(7).key(i64::MAX);
    }
}
