//! Which colour an object has.

/// How many colours there are to tell objects apart.
pub const COLOURS: usize = 12;

/// The colour of an object, as an index below [`COLOURS`]: the same on every page and every visit, because it depends on
/// the name alone.
pub fn colour_of(object: &str) -> usize {
    // FNV-1a: tiny, and spread well enough for a dozen colours.
    let hash = object.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    // The upper bits, because the last byte has hardly been stirred into the lower ones.
    (hash >> 8) as usize % COLOURS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_spread() {
        let mut used = [0; COLOURS];
        for index in 0..1200 {
            used[colour_of(&format!("Object {index}"))] += 1;
        }
        assert!(used.iter().all(|count| (60..160).contains(count)), "{used:?}");
    }
}
