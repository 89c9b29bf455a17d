//! Paths of pictures and of the files that describe them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Extensions of pictures.
pub(in crate::formats) const EXTENSIONS: [&str; 13] =
    ["jpg", "jpeg", "png", "bmp", "gif", "webp", "tif", "tiff", "svg", "dng", "mpo", "heic", "avif"];
/// Longer paths are refused.
const MAX_PATH: usize = 4096;

/// The path that `name` means in a file of the folder `folder`: with `/` for every separator, and without `.`, `..`, drives and
/// leading slashes. What leads out of the inputs ends at their root. `None` if nothing is left, or nothing that a path can be.
pub(in crate::formats) fn resolved(folder: &str, name: &str) -> Option<String> {
    if name.len() > MAX_PATH || name.contains(char::is_control) {
        return None;
    }
    let name = name.trim().replace('\\', "/");
    let is_drive = |part: &&str| part.len() == 2 && part.ends_with(':') && part.as_bytes()[0].is_ascii_alphabetic();
    let is_absolute = name.starts_with('/') || name.split('/').next().as_ref().is_some_and(is_drive);
    let mut parts: Vec<&str> = if is_absolute { Vec::new() } else { folder.split('/').collect() };
    parts.retain(|part| !part.is_empty());
    for (index, part) in name.split('/').enumerate() {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part if index == 0 && is_drive(&part) => {}
            part => parts.push(part),
        }
    }
    // A name that ends with a separator is one of a folder.
    (!parts.is_empty() && !name.is_empty() && !name.ends_with('/')).then(|| parts.join("/"))
}

/// The folder of a file, without a slash at its end; empty for files at the root.
pub(in crate::formats) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a path has one of these extensions, which are in lower case.
pub(in crate::formats) fn has_extension(path: &str, extensions: &[&str]) -> bool {
    let extension = path[stem_of(path).len()..].trim_start_matches('.').to_lowercase();
    extensions.contains(&extension.as_str())
}

/// Whether a file is called as pictures are.
pub fn is_picture(path: &str) -> bool {
    has_extension(path, &EXTENSIONS)
}

/// A path without the extension of its file. Dots elsewhere stay, and so does a name that is nothing but an extension.
pub(in crate::formats) fn stem_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rfind('.') {
        Some(dot) if dot > 0 => &path[..path.len() - name.len() + dot],
        _ => path,
    }
}

/// Tells pictures apart whose paths differ in the extension only, for formats that drop it. With each stem that is taken goes the number
/// from which on others of it may be free.
#[derive(Default)]
pub(in crate::formats) struct Stems(HashMap<String, u64>);

impl Stems {
    /// A path for the picture whose stem no other has: its own, or one with a number. Answers also whether it is its own.
    /// `folder` keeps the parts of a split apart.
    pub fn distinct(&mut self, folder: &str, path: &str) -> (String, bool) {
        let stem = stem_of(path);
        // Systems that fold case are many.
        let key = |stem: &str| format!("{folder}/{stem}").to_lowercase();
        let own = key(stem);
        let Some(mut number) = self.0.get(&own).copied() else {
            self.0.insert(own, 2);
            return (path.to_owned(), true);
        };
        loop {
            let other = format!("{stem}-{number}");
            number += 1;
            if let Entry::Vacant(free) = self.0.entry(key(&other)) {
                free.insert(2);
                self.0.insert(own, number);
                return (format!("{other}{}", &path[stem.len()..]), false);
            }
        }
    }
}

/// The path that an address of a picture means: what follows the host, or a path itself.
pub(in crate::formats) fn path_of_url(url: &str) -> Option<String> {
    let Some((_, rest)) = url.split_once("://") else { return resolved("", url) };
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    resolved("", &percent_decoded(path.split(['?', '#']).next().unwrap_or_default()))
}

/// The path that Label Studio means: for files that it serves, the one within its folder or without the mark that it puts before uploads.
pub(in crate::formats) fn path_of_served(url: &str) -> Option<String> {
    if let Some((_, query)) = url.split_once("/local-files/?d=") {
        return resolved("", &percent_decoded(query.split('&').next().unwrap_or_default()));
    }
    let Some(upload) = url.trim_start_matches('/').strip_prefix("data/upload/") else { return path_of_url(url) };
    let name = percent_decoded(upload.rsplit('/').next().unwrap_or_default());
    let own = match name.split_once('-') {
        Some((mark, own)) if mark.len() == 8 && mark.bytes().all(|byte| byte.is_ascii_hexdigit()) => own,
        _ => &name,
    };
    resolved("", own)
}

/// A text whose bytes some of are said as `%` and two digits. What is no UTF-8 then becomes marks.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digit = |index: usize| after.get(index).and_then(|digit| char::from(*digit).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (first, digit(0), digit(1)) {
            bytes.push((high * 16 + low) as u8);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A path as it stands in an address: slashes stay.
pub(in crate::formats) fn percent_encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_never_lead_out() {
        for (folder, name, path) in [
            ("", "a.jpg", Some("a.jpg")),
            ("x/y", "../a b.jpg", Some("x/a b.jpg")),
            ("x", "../../../etc/passwd", Some("etc/passwd")),
            ("x", "/etc/passwd", Some("etc/passwd")),
            ("x", "C:\\Users\\me\\a.jpg", Some("Users/me/a.jpg")),
            ("", "images\\ü.v2.jpg", Some("images/ü.v2.jpg")),
            ("", "./a//b.jpg", Some("a/b.jpg")),
            ("", "..", None),
            ("", "", None),
            ("", "a/", None),
            ("", "a\0b", None),
            ("", "a\nb", None),
        ] {
            assert_eq!(resolved(folder, name).as_deref(), path, "{folder:?} {name:?}");
        }
        assert_eq!(resolved("", &"x".repeat(5000)), None);
    }

    #[test]
    fn extensions_are_behind_the_last_dot() {
        for (path, stem) in [
            ("a.b/c.d.jpg", "a.b/c.d"),
            ("a.b/c", "a.b/c"),
            (".hidden", ".hidden"),
            ("x/.hidden", "x/.hidden"),
            ("", ""),
        ] {
            assert_eq!(stem_of(path), stem);
        }
        assert_eq!((folder_of("a/b/c"), folder_of("c")), ("a/b", ""));
    }

    #[test]
    fn pictures_that_differ_in_the_extension_stay_apart() {
        let mut stems = Stems::default();
        let mut distinct = |path| stems.distinct("", path);
        assert_eq!(distinct("a/b.jpg"), ("a/b.jpg".to_owned(), true));
        assert_eq!(distinct("a/b-2.jpg"), ("a/b-2.jpg".to_owned(), true));
        assert_eq!(distinct("a/b.png"), ("a/b-3.png".to_owned(), false));
        assert_eq!(distinct("c/b.png"), ("c/b.png".to_owned(), true));
    }

    #[test]
    fn many_pictures_of_one_name_are_numbered_in_no_time() {
        let mut stems = Stems::default();
        let started = std::time::Instant::now();
        for number in 1..30_000_u64 {
            let (path, is_own) = stems.distinct("", "a.jpg");
            assert_eq!((path == format!("a-{number}.jpg"), is_own), (number > 1, number == 1));
        }
        // One try after the other would be half a milliard.
        assert!(started.elapsed().as_secs() < 10);
    }

    #[test]
    fn addresses_are_of_paths() {
        for (url, path) in [
            ("/data/local-files/?d=a%20b/%C3%A4.jpg", "a b/ä.jpg"),
            ("/data/upload/7/0a1b2c3d-my-cat.jpg", "my-cat.jpg"),
            ("data/upload/7/my-cat.jpg", "my-cat.jpg"),
            ("s3://bucket/folder/a.jpg", "folder/a.jpg"),
            ("https://example.org/x/a%2.jpg?size=1#top", "x/a%2.jpg"),
            ("folder/a.jpg", "folder/a.jpg"),
            ("my/data/upload/0a1b2c3d-a.jpg", "my/data/upload/0a1b2c3d-a.jpg"),
        ] {
            assert_eq!(path_of_served(url).as_deref(), Some(path), "{url}");
        }
        assert_eq!(path_of_url("data/upload/7/0a1b2c3d-a.jpg").as_deref(), Some("data/upload/7/0a1b2c3d-a.jpg"));
        assert_eq!(path_of_url("https://example.org"), None);
        assert_eq!(percent_decoded(&percent_encoded("ä ?%/b.c")), "ä ?%/b.c");
    }
}
