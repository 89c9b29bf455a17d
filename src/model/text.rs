//! Text as search compares it.

/// Unicode full case folding: equal for texts that differ in case only. `Straße` becomes `strasse`.
pub fn fold(text: &str) -> String {
    caseless::default_case_fold_str(text)
}

/// An address as search compares it: without its scheme and folded.
pub fn origin_key(url: &str) -> String {
    let is_scheme = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    // An address inside an address (`example.org/?from=https://…`) keeps its own scheme.
    let rest = url.split_once("://").filter(|(scheme, _)| is_scheme(scheme)).map_or(url, |(_, rest)| rest);
    fold(rest)
}

/// The path to go on to after signing in: one on this site, and not a form that would ask to sign in again. Anything else,
/// above all an address elsewhere, becomes the home page.
pub fn local_path(next: &str) -> &str {
    // Browsers take a backslash for a slash, and drop tabs and line breaks: both could turn a path into a host.
    let is_local = next.starts_with('/')
        && next.is_ascii()
        && !next.starts_with("//")
        && !next.contains(|c: char| c == '\\' || c.is_control());
    let is_form = next.starts_with("/login") || next.starts_with("/register");
    if is_local && !is_form { next } else { "/" }
}

/// A text as one segment of an address: everything but unreserved characters is percent-encoded (RFC 3986).
pub fn path_segment(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

/// A text as the content of an element, or of an attribute in quotes.
pub fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// "1 region", "12 regions", "12 000 regions".
pub fn count(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// "1 file", "12 files".
pub fn files(number: usize) -> String {
    count(i64::try_from(number).unwrap_or(i64::MAX), "file", "files")
}

/// A number with a thin space before every three digits.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    if number < 0 {
        text.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A short name as words: `computer-3d-art` is "Computer 3d art".
pub fn spelled_out(id: &str) -> String {
    let words = id.replace('-', " ");
    capitalised(words.chars())
}

/// A text with a capital letter in front, if it begins with one of the 26: messages and ids are English.
pub fn capitalised(mut letters: impl Iterator<Item = char>) -> String {
    letters.next().map(|first| std::iter::once(first.to_ascii_uppercase()).chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(-1_234_567), "−1\u{202f}234\u{202f}567");
        assert_eq!(count(1, "region", "regions"), "1 region");
    }

    #[test]
    fn folds_beyond_ascii() {
        assert_eq!(fold("STRASSE"), fold("Straße"));
        assert_eq!(fold("ÄÖÜ Σίσυφος"), fold("äöü ΣΊΣΥΦΟΣ"));
    }

    #[test]
    fn the_scheme_does_not_count() {
        assert_eq!(origin_key("https://Example.org/a"), origin_key("http://example.org/a"));
        assert_eq!(origin_key("example.org/?from=https://a"), "example.org/?from=https://a");
    }

    #[test]
    fn only_local_paths_are_gone_on_to() {
        for (next, expected) in [
            ("/picture/4/annotate?x=1", "/picture/4/annotate?x=1"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("https://evil.example", "/"),
            ("/login?next=/", "/"),
            ("/register", "/"),
        ] {
            assert_eq!(local_path(next), expected);
        }
    }

    #[test]
    fn a_segment_survives_an_address() {
        assert_eq!(path_segment("Cat (Felis catus)/ü"), "Cat%20%28Felis%20catus%29%2F%C3%BC");
    }
}
