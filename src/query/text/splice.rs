//! How one text becomes another by replacing a single part of it.

use std::ops::Range;

/// The smallest part of `old` that differs, and what stands there in `new`. `None` where the texts are the same.
pub fn difference<'n>(old: &str, new: &'n str) -> Option<(Range<usize>, &'n str)> {
    if old == new {
        return None;
    }
    let same = |pairs: &mut dyn Iterator<Item = (char, char)>| {
        pairs.take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum::<usize>()
    };
    let head = same(&mut old.chars().zip(new.chars()));
    let tail = same(&mut old[head..].chars().rev().zip(new[head..].chars().rev()));
    Some((head..old.len() - tail, &new[head..new.len() - tail]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_differs_is_replaced() {
        assert_eq!(difference("abc", "abc"), None);
        assert_eq!(difference("abc", "axc"), Some((1..2, "x")));
        assert_eq!(difference("aa", "aaa"), Some((2..2, "a")));
        assert_eq!(difference("é", "è"), Some((0..2, "è")));
    }

    proptest! {
        #[test]
        fn it_leads_from_one_to_the_other(old in "[a\u{e9}\u{1f600}]{0,8}", new in "[a\u{e9}\u{1f600}]{0,8}") {
            let mut text = old.clone();
            if let Some((range, part)) = difference(&old, &new) {
                text.replace_range(range, part);
            }
            prop_assert_eq!(text, new);
        }
    }
}
