//! The random order: a function of seed and id that Rust, SQLite and PostgreSQL compute alike.

/// Shuffles ids: `key(id) = (id·a + b)³ mod P`, where `a` and `b` come from the seed.
///
/// P is a prime below 2³¹, so no product overflows 63 bits, and 3 does not divide P − 1, so cubing permutes the
/// remainders: ids below P never share a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shuffle {
    /// From 1 to P − 1.
    pub factor: i64,
    /// From 0 to P − 1.
    pub shift: i64,
}

impl Shuffle {
    /// P.
    pub const PRIME: i64 = 2_147_483_579;

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
        Self { factor: 1 + next() % (Self::PRIME - 1), shift: next() % Self::PRIME }
    }

    /// By what a picture is ordered.
    pub fn key(self, id: i64) -> i64 {
        let mixed = (id % Self::PRIME * self.factor + self.shift) % Self::PRIME;
        mixed * mixed % Self::PRIME * mixed % Self::PRIME
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn keys_differ_and_look_shuffled() {
        assert_eq!((2..46_341).find(|d| Shuffle::PRIME % d == 0), None, "P is prime");
        assert_ne!((Shuffle::PRIME - 1) % 3, 0);
        for seed in [0, 1, 2, -1, i64::MIN, i64::MAX] {
            let shuffle = Shuffle::new(seed);
            let keys: Vec<i64> = (1..=20_000).map(|id| shuffle.key(id)).collect();
            assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
            // In a fair shuffle a third of the inner entries are smaller than both neighbours.
            let valleys = keys.windows(3).filter(|w| w[1] < w[0] && w[1] < w[2]).count();
            assert!((6_300..7_000).contains(&valleys), "seed {seed}: {valleys}");
        }
        assert_ne!(Shuffle::new(1), Shuffle::new(2));
        // The largest id does not overflow.
        Shuffle::new(7).key(i64::MAX);
    }
}
