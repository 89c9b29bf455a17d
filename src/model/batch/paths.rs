//! Where chosen files are to be, and by what one knows them again.

/// Files that systems leave in folders by themselves.
const LITTER: [&str; 4] = [".DS_Store", "Thumbs.db", "desktop.ini", "ehthumbs.db"];

/// Whether a file was left in its folder by a system, and nobody means to bring it.
pub fn is_litter(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    // Copies of the first kind come from other file systems with two signs in front.
    LITTER.iter().any(|litter| name.eq_ignore_ascii_case(litter)) || name == "._.DS_Store"
}

/// Where a file is to be that has this path in what was chosen. `folder` is empty or ends with `/`.
pub fn target(folder: &str, relative: &str) -> String {
    format!("{folder}{}", relative.trim_start_matches('/'))
}

/// By what one knows a file again: the same path, length and time of its last change.
pub fn fingerprint(path: &str, size: u64, modified: i64) -> String {
    format!("{size:x}-{modified:x}-{path}")
}

/// The path in a fingerprint.
pub fn path_in(fingerprint: &str) -> Option<&str> {
    let mut parts = fingerprint.splitn(3, '-');
    let is_hex = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex(parts.next()?) && is_hex(parts.next()?)).then_some(())?;
    parts.next()
}

/// Bytes as Base64, with which headers hold any text.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let word = three.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systems_leave_is_known() {
        for path in [".DS_Store", "a/b/Thumbs.db", "a/thumbs.db", "desktop.ini"] {
            assert!(is_litter(path), "{path}");
        }
        for path in ["a.png", "Thumbs.db/a.png", "my desktop.ini", ".hidden"] {
            assert!(!is_litter(path), "{path}");
        }
    }

    #[test]
    fn paths_of_folders_are_kept() {
        assert_eq!(target("masks/", "a/b.png"), "masks/a/b.png");
        assert_eq!(target("", "/a/b.png"), "a/b.png");
    }

    #[test]
    fn fingerprints_tell_files_apart_and_hold_the_path() {
        let all = [("a-b/c.png", 10, 5), ("a-b/c.png", 11, 5), ("a-b/c.png", 10, 6), ("a-b/d.png", 10, 5)];
        for (index, (path, size, modified)) in all.into_iter().enumerate() {
            let known = fingerprint(path, size, modified);
            assert_eq!(path_in(&known), Some(path));
            assert_eq!(all.iter().position(|it| fingerprint(it.0, it.1, it.2) == known), Some(index));
        }
        assert_eq!(path_in("something else"), None);
        assert_eq!(path_in("a-b"), None);
        // What was changed before 1970 has a number, too.
        assert_eq!(path_in(&fingerprint("a", 1, -1)), Some("a"));
    }

    #[test]
    fn any_text_fits_into_a_header() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("ä/ü.png", "w6Qvw7wucG5n"),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded, "{text}");
        }
    }
}
