//! Markdown that people write, as HTML that may stand in a page: no markup of their own, and no link but to web and mail.

use crate::model::text::escape_html;
use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

/// What links may begin with; what has no scheme leads to this site.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

fn parse(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// The text as HTML. Headings begin below the page's own, and none skips a level. Of images only the words remain, since those
/// of other sites would tell them who reads here.
pub fn to_html(text: &str) -> String {
    let mut headings = Headings { above: 1, open: HeadingLevel::H2 };
    let mut links = Vec::new();
    let events = parse(text).filter_map(|event| match event {
        Event::Html(_) | Event::InlineHtml(_) => None,
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { link_type, dest_url, .. }) => {
            let address =
                if link_type == LinkType::Email { format!("mailto:{dest_url}") } else { dest_url.into_string() };
            let safe = is_safe(&address);
            links.push(safe);
            let start = format!("<a href=\"{}\" rel=\"nofollow noopener ugc\">", escape_html(&address));
            safe.then(|| Event::InlineHtml(start.into()))
        }
        Event::End(TagEnd::Link) => links.pop().unwrap_or(false).then(|| Event::InlineHtml("</a>".into())),
        Event::Start(Tag::Heading { level, .. }) => {
            let level = headings.begin(level);
            Some(Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() }))
        }
        Event::End(TagEnd::Heading(_)) => Some(Event::End(TagEnd::Heading(headings.open))),
        other => Some(other),
    });
    let mut output = String::new();
    html::push_html(&mut output, events);
    output
}

/// The beginning of the text without its marks, in one line of at most so many characters.
pub fn excerpt(text: &str, most: usize) -> String {
    let mut words = String::new();
    let mut length = 0;
    for event in parse(text) {
        let part = match &event {
            Event::Text(text) | Event::Code(text) => text.as_ref(),
            Event::SoftBreak | Event::HardBreak => " ",
            Event::End(end) if !is_inline(*end) => " ",
            _ => "",
        };
        for letter in part.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }) {
            if letter == ' ' && (words.is_empty() || words.ends_with(' ') || length >= most) {
                continue;
            }
            if length >= most {
                words.truncate(words.trim_end().len());
                words.push('…');
                return words;
            }
            words.push(letter);
            length += 1;
        }
    }
    words.truncate(words.trim_end().len());
    words
}

/// Whether what ends stands in the middle of a sentence.
fn is_inline(end: TagEnd) -> bool {
    matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image)
}

/// The headings of a text below a page's own one.
struct Headings {
    above: u8,
    open: HeadingLevel,
}

impl Headings {
    fn begin(&mut self, level: HeadingLevel) -> HeadingLevel {
        let wanted = (level as u8).saturating_add(1).min(self.above.saturating_add(1));
        self.open = match wanted {
            0..=2 => HeadingLevel::H2,
            3 => HeadingLevel::H3,
            4 => HeadingLevel::H4,
            5 => HeadingLevel::H5,
            _ => HeadingLevel::H6,
        };
        self.above = self.open as u8;
        self.open
    }
}

fn is_safe(address: &str) -> bool {
    match address.find([':', '/', '?', '#']) {
        Some(end) if address[end..].starts_with(':') => {
            SCHEMES.iter().any(|scheme| address[..end].eq_ignore_ascii_case(scheme))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_of_strangers_is_dropped() {
        for (text, html) in [
            ("a <script>alert(1)</script> b", "<p>a alert(1) b</p>\n"),
            ("<img src=x onerror=alert(1)>", ""),
            ("<div>\n*x*\n</div>", ""),
            ("a < b & c", "<p>a &lt; b &amp; c</p>\n"),
            ("![cat](https://tracker.example/x.png)", "<p>cat</p>\n"),
            ("```x\" onclick=\"y\n<b>\n```", "<pre><code class=\"language-x&quot;\">&lt;b&gt;\n</code></pre>\n"),
        ] {
            assert_eq!(to_html(text), html, "{text}");
        }
    }

    #[test]
    fn links_lead_to_web_and_mail_only() {
        let link =
            |href: &str, text: &str| format!("<p><a href=\"{href}\" rel=\"nofollow noopener ugc\">{text}</a></p>\n");
        for (text, html) in [
            ("[a](https://example.org/?x=1&y=2)", link("https://example.org/?x=1&amp;y=2", "a")),
            ("[a](HTTP://example.org)", link("HTTP://example.org", "a")),
            ("[a](/help#query)", link("/help#query", "a")),
            ("[a](#b:c)", link("#b:c", "a")),
            ("<ada@example.org>", link("mailto:ada@example.org", "ada@example.org")),
            ("[a](https://example.org/\"x)", link("https://example.org/&quot;x", "a")),
        ] {
            assert_eq!(to_html(text), html, "{text}");
        }
        for address in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java&Tab;script:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "&#1;javascript:x",
        ] {
            assert_eq!(to_html(&format!("[a]({address})")), "<p>a</p>\n", "{address}");
        }
    }

    #[test]
    fn headings_stand_below_that_of_the_page() {
        assert_eq!(to_html("# A\n\n### B\n\n# C"), "<h2>A</h2>\n<h3>B</h3>\n<h2>C</h2>\n");
        assert_eq!(to_html("###### A {#id .class}"), "<h2>A {#id .class}</h2>\n");
    }

    #[test]
    fn an_excerpt_has_no_marks() {
        assert_eq!(
            excerpt("# Cats\n\nOf *our* garden, see [here](/x).\n\n- `one`", 100),
            "Cats Of our garden, see here. one"
        );
        assert_eq!(excerpt("one two three", 7), "one two…");
        assert_eq!(excerpt("one two", 7), "one two");
        assert_eq!(excerpt("", 7), "");
    }
}
