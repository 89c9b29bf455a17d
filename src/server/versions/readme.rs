//! What the relative addresses in a README lead to: files and folders of its dataset, in the state that is looked at.

use crate::model::text::path_segment;
use crate::model::version::check_path;
use crate::server::markdown::Relative;

/// A README of a state of a dataset.
pub(super) struct Around<'a> {
    /// The dataset's number.
    pub dataset: i64,
    /// What the dataset is called: `namespace/name`.
    pub name: String,
    /// The state; nothing for the newest one.
    pub reference: Option<&'a str>,
    /// The folder that the README is in: empty, or with a `/` at the end.
    pub folder: &'a str,
}

impl Relative for Around<'_> {
    fn link(&self, address: &str) -> Option<String> {
        let path = resolve(self.folder, address)?;
        let view = if is_folder(&path) { "files" } else { "file" };
        let mut href = format!("/{}?view={view}", self.name);
        for (name, value) in [("path", path.as_str()), ("ref", self.reference.unwrap_or_default())] {
            if !value.is_empty() {
                href.push_str(&format!("&{name}={}", path_segment(value)));
            }
        }
        Some(href)
    }

    fn image(&self, address: &str) -> Option<String> {
        let path = resolve(self.folder, address).filter(|path| !is_folder(path))?;
        let path: Vec<String> = path.split('/').map(path_segment).collect();
        let state = self.reference.map(|reference| format!("?ref={}", path_segment(reference))).unwrap_or_default();
        Some(format!("/api/v1/datasets/{}/files/{}{state}", self.dataset, path.join("/")))
    }
}

fn is_folder(path: &str) -> bool {
    path.is_empty() || path.ends_with('/')
}

/// The path that an address leads to from a folder; that of a folder is empty or ends with a `/`. Nothing for what is outside of the
/// dataset, or can be no path in it.
fn resolve(folder: &str, address: &str) -> Option<String> {
    let end = address.find(['?', '#']).unwrap_or(address.len());
    // Before it is taken apart: an escaped `/` separates, too, and an escaped `..` leads up.
    let relative = decoded(&address[..end])?;
    let mut parts: Vec<&str> = folder.split_terminator('/').collect();
    let mut ends_in_folder = true;
    for part in relative.split('/') {
        ends_in_folder = matches!(part, "" | "." | "..");
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    if parts.is_empty() {
        return Some(String::new());
    }
    let mut path = parts.join("/");
    if check_path("path", &path).is_some() {
        return None;
    }
    if ends_in_folder {
        path.push('/');
    }
    Some(path)
}

/// A text without its percent-encoding; nothing where it is no text.
fn decoded(text: &str) -> Option<String> {
    let hex = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match after {
            [high, low, ..] if *first == b'%' => hex(high).zip(hex(low)),
            _ => None,
        };
        bytes.push(escaped.map_or(*first, |(high, low)| high * 16 + low));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::markdown::to_html_around;
    use proptest::prelude::*;

    fn around<'a>(folder: &'a str, reference: Option<&'a str>) -> Around<'a> {
        Around { dataset: 7, name: "ada/cats".to_owned(), reference, folder }
    }

    #[test]
    fn addresses_are_read_from_the_folder_of_the_readme() {
        for (folder, address, path) in [
            ("", "a.txt", "a.txt"),
            ("docs/", "a.txt", "docs/a.txt"),
            ("docs/", "./a.txt", "docs/a.txt"),
            ("docs/en/", "../a.txt", "docs/a.txt"),
            ("docs/en/", "../../a.txt", "a.txt"),
            ("", "in/./a.txt?raw=true#top", "in/a.txt"),
            ("", "a%20b/%C3%A9.png", "a b/é.png"),
            ("", "100%.txt", "100%.txt"),
            ("", "a+b.txt", "a+b.txt"),
            ("", "in//a.txt", "in/a.txt"),
            ("", "in/", "in/"),
            ("docs/", "..", ""),
            ("docs/", "./", "docs/"),
            ("docs/", "../in/x/..", "in/"),
        ] {
            assert_eq!(resolve(folder, address).as_deref(), Some(path), "{folder} {address}");
        }
    }

    #[test]
    fn nothing_leads_out_of_the_dataset() {
        for (folder, address) in [
            ("", ".."),
            ("", "../a"),
            ("docs/", "../../a"),
            ("", "in/../../a"),
            ("", "%2e%2e/a"),
            ("docs/", "..%2f..%2fa"),
            ("", "..\\a"),
            ("", "%5c%5cevil.example"),
            ("", "\t//evil.example"),
            ("", ".git/config"),
            ("", "%ff"),
            ("", "a%00b"),
        ] {
            assert_eq!(resolve(folder, address), None, "{folder} {address}");
        }
        // Two escapes are one name with a sign in it.
        assert_eq!(resolve("", "%252e%252e/a").as_deref(), Some("%2e%2e/a"));
        let href = around("", None).image("%252e%252e/a");
        assert_eq!(href.as_deref(), Some("/api/v1/datasets/7/files/%252e%252e/a"));
    }

    #[test]
    fn links_lead_to_pages_and_images_to_bytes_of_the_same_state() {
        let text = "[a](x.md) [b](../in/) [c](..) ![A *cat*](cat%201.png) [![d](e.png)](f)";
        let rel = "rel=\"nofollow noopener ugc\"";
        assert_eq!(
            to_html_around(text, &around("docs/", None)),
            format!(
                "<p><a href=\"/ada/cats?view=file&amp;path=docs%2Fx.md\" {rel}>a</a> \
                 <a href=\"/ada/cats?view=files&amp;path=in%2F\" {rel}>b</a> <a href=\"/ada/cats?view=files\" {rel}>c</a> \
                 <img src=\"/api/v1/datasets/7/files/docs/cat%201.png\" alt=\"A cat\" loading=\"lazy\" /> \
                 <a href=\"/ada/cats?view=file&amp;path=docs%2Ff\" {rel}>\
                 <img src=\"/api/v1/datasets/7/files/docs/e.png\" alt=\"d\" loading=\"lazy\" /></a></p>\n"
            )
        );
        assert_eq!(
            to_html_around("[a](b) ![c](d)", &around("", Some("v1"))),
            format!(
                "<p><a href=\"/ada/cats?view=file&amp;path=b&amp;ref=v1\" {rel}>a</a> \
                 <img src=\"/api/v1/datasets/7/files/d?ref=v1\" alt=\"c\" loading=\"lazy\" /></p>\n"
            )
        );
    }

    #[test]
    fn what_is_absolute_stays_and_what_leads_nowhere_is_text() {
        let link = |href: &str| format!("<p><a href=\"{href}\" rel=\"nofollow noopener ugc\">a</a></p>\n");
        let around = around("", None);
        for address in ["https://example.org/x", "/help", "#part", "mailto:ada@example.org"] {
            assert_eq!(to_html_around(&format!("[a]({address})"), &around), link(address), "{address}");
        }
        for address in ["../a", "javascript:x", "a:b"] {
            assert_eq!(to_html_around(&format!("[a]({address})"), &around), "<p>a</p>\n", "{address}");
        }
        // Images of other sites would tell them who reads here.
        for address in
            ["https://tracker.example/x.png", "//tracker.example/x.png", "/thumbnail/x/320", "../x.png", "in/"]
        {
            assert_eq!(to_html_around(&format!("![a]({address})"), &around), "<p>a</p>\n", "{address}");
        }
        let marks = "![\" onerror=\"x <b> `&`](\"x.png)";
        let html = to_html_around(&format!("{marks}\n"), &around);
        assert!(!html.contains("<b>") && !html.contains("\" onerror"), "{html}");
    }

    proptest! {
        #[test]
        fn whatever_is_written_stays_within_the_dataset(
            folder in "([a-c]{1,2}/){0,2}",
            address in "([a-c]|\\.{1,2}|/|%2[eEfF]|%5[cC]|\\\\|:|#|\\?|%|é| ){0,12}",
        ) {
            let around = around(&folder, Some("v1"));
            let is_plain = |part: &str| !matches!(part, "" | "." | "..");
            if let Some(src) = around.image(&address) {
                let path = src.strip_prefix("/api/v1/datasets/7/files/").and_then(|rest| rest.strip_suffix("?ref=v1"));
                prop_assert!(path.is_some_and(|path| path.split('/').all(is_plain)), "{}", src);
            }
            if let Some(href) = around.link(&address) {
                prop_assert!(href.starts_with("/ada/cats?view=file") && href.ends_with("ref=v1"), "{}", href);
                prop_assert!(!href.contains(['\\', '#', ' ']), "{}", href);
            }
        }
    }
}
