//! One place in a text, counted in bytes, as browsers count, and as errors count.

use crate::query::Place;

/// The length of a text as browsers count: in UTF-16 units.
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The byte at which so many UTF-16 units have passed. Half a character counts as none, what lies behind the end as the end.
pub fn from_utf16(text: &str, units: usize) -> usize {
    let mut passed = 0;
    for (at, c) in text.char_indices() {
        passed += c.len_utf16();
        if passed > units {
            return at;
        }
    }
    text.len()
}

/// How many UTF-16 units stand before a byte.
pub fn to_utf16(text: &str, offset: usize) -> usize {
    utf16_len(&text[..floor(text, offset)])
}

/// The last start of a character at or before a byte, or the end.
pub fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The byte at a line and column. Behind the end of a line it is that end.
pub fn offset_of(text: &str, place: Place) -> usize {
    let (mut line, mut column) = (1, 1);
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let ends_line = c == '\n' || c == '\r';
        if line == place.line && (column >= place.column || ends_line) {
            return at;
        }
        if ends_line {
            if c == '\r' {
                rest.next_if(|(_, next)| *next == '\n');
            }
            (line, column) = (line + 1, 1);
        } else {
            column += 1;
        }
    }
    text.len()
}

/// Line and column of a byte.
pub fn place_of(text: &str, offset: usize) -> Place {
    let before = &text[..floor(text, offset)];
    let (mut line, mut column, mut last) = (1, 1, ' ');
    for c in before.chars() {
        match c {
            '\n' if last == '\r' => {}
            '\n' | '\r' => (line, column) = (line + 1, 1),
            _ => column += 1,
        }
        last = c;
    }
    Place { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn browsers_and_errors_count_differently() {
        let text = "a😀é\r\nb\n";
        assert_eq!((to_utf16(text, 5), from_utf16(text, 3), utf16_len(text)), (3, 5, 8));
        assert_eq!(from_utf16(text, 2), 1, "half of a character");
        assert_eq!(place_of(text, 9), Place { line: 2, column: 1 });
        assert_eq!(offset_of(text, Place { line: 2, column: 1 }), 9);
        assert_eq!(offset_of(text, Place { line: 1, column: 99 }), 7);
        assert_eq!(offset_of(text, Place { line: 99, column: 1 }), text.len());
    }

    proptest! {
        #[test]
        fn there_and_back(text in "[a\u{e9}\u{1f600}\n]{0,20}", at in 0..90_usize) {
            let at = floor(&text, at);
            prop_assert_eq!(from_utf16(&text, to_utf16(&text, at)), at);
            prop_assert_eq!(offset_of(&text, place_of(&text, at)), at);
        }
    }
}
