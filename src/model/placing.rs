//! Many entries put into a list, each at an index that counts those put in before it.

/// Puts entries into a list one after the other, each at its index, or at the end where the list is shorter then. That is
/// what [`Vec::insert`] does, but in `n log n` steps, however the indexes come.
pub fn put_in<T>(list: Vec<T>, entries: Vec<(usize, T)>) -> Vec<T> {
    let (before, count) = (list.len(), list.len() + entries.len());
    let mut places: Vec<Option<T>> = Vec::new();
    places.resize_with(count, || None);
    let mut free = Free::new(count);
    // From behind: the last one stands where its index says, and the one before among the places that are left.
    for (earlier, (index, entry)) in entries.into_iter().enumerate().rev() {
        places[free.take(index.min(before + earlier))] = Some(entry);
    }
    let mut rest = list.into_iter();
    places.into_iter().filter_map(|entry| entry.or_else(|| rest.next())).collect()
}

/// Which places are free: a Fenwick tree of their numbers.
struct Free(Vec<usize>);

impl Free {
    /// All of them.
    fn new(count: usize) -> Self {
        Self((0..=count).map(|node| node & node.wrapping_neg()).collect())
    }

    /// Takes the one that so many free places come before. There has to be one.
    fn take(&mut self, mut before: usize) -> usize {
        let mut at = 0;
        let mut step = self.0.len().next_power_of_two();
        while step > 0 {
            if let Some(free) = self.0.get_mut(at + step) {
                if *free <= before {
                    before -= *free;
                    at += step;
                } else {
                    *free -= 1;
                }
            }
            step /= 2;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::put_in;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn does_what_insert_does(length in 0_usize..20, indexes in prop::collection::vec(0_usize..40, 0..40)) {
            let list: Vec<usize> = (0..length).collect();
            let entries: Vec<(usize, usize)> = indexes.into_iter().zip(100..).collect();
            let mut expected = list.clone();
            for (index, entry) in &entries {
                expected.insert((*index).min(expected.len()), *entry);
            }
            prop_assert_eq!(put_in(list, entries), expected);
        }
    }

    /// A million insertions at the front would move half a trillion entries.
    #[test]
    fn the_front_is_as_good_as_the_end() {
        let many = 1_000_000;
        let turned = put_in(vec![many], (0..many).map(|entry| (0, entry)).collect());
        assert!(turned[..many].iter().rev().copied().eq(0..many));
        assert_eq!(turned[many], many);
    }
}
