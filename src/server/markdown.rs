//! Markdown that people write, as HTML that may stand in a page: no markup of their own, no link but to web and mail, and no image
//! but of this site.

use crate::model::text::escape_html;
use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

/// What links may begin with; what has no scheme leads to this site.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

fn parse(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// What the relative addresses in a text lead to. Neither is asked for any other address.
pub trait Relative {
    /// Where a link leads; nothing where there is none.
    fn link(&self, address: &str) -> Option<String>;

    /// Where an image comes from; nothing where only its words remain.
    fn image(&self, address: &str) -> Option<String>;
}

/// The address of the page is what relative links are read from.
struct Page;

impl Relative for Page {
    fn link(&self, address: &str) -> Option<String> {
        Some(address.to_owned())
    }

    fn image(&self, _: &str) -> Option<String> {
        None
    }
}

/// The text as HTML. Headings begin below the page's own, and none skips a level. Of images only the words remain, since those
/// of other sites would tell them who reads here.
pub fn to_html(text: &str) -> String {
    to_html_around(text, &Page)
}

/// The same where relative addresses lead to something, images among them.
pub fn to_html_around(text: &str, relative: &impl Relative) -> String {
    let mut headings = Headings { above: 1, open: HeadingLevel::H2 };
    let mut links = Vec::new();
    let mut image: Option<Image> = None;
    let events = parse(text).filter_map(|event| match event {
        event if image.is_some() => {
            let is_over = image.as_mut().is_some_and(|image| image.read(&event));
            let whole = image.take_if(|_| is_over)?;
            Some(Event::InlineHtml(whole.html().into()))
        }
        Event::Html(_) | Event::InlineHtml(_) => None,
        Event::Start(Tag::Image { dest_url, .. }) => {
            let src = if is_relative(&dest_url) { relative.image(&dest_url) } else { None };
            image = src.map(|src| Image { src, words: String::new(), inner: 0 });
            None
        }
        Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { link_type, dest_url, .. }) => {
            let address =
                if link_type == LinkType::Email { format!("mailto:{dest_url}") } else { dest_url.into_string() };
            let href = match is_relative(&address) {
                true => relative.link(&address),
                false => Some(address).filter(|address| is_safe(address)),
            };
            links.push(href.is_some());
            let start = |href: String| format!("<a href=\"{}\" rel=\"nofollow noopener ugc\">", escape_html(&href));
            href.map(|href| Event::InlineHtml(start(href).into()))
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

/// An image that is shown, while its words are read.
struct Image {
    src: String,
    words: String,
    /// How many images among its words have begun.
    inner: u32,
}

impl Image {
    /// Reads what comes next of its words, and says whether they are over.
    fn read(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Text(text) | Event::Code(text) => self.words.push_str(text),
            Event::SoftBreak | Event::HardBreak => self.words.push(' '),
            Event::Start(Tag::Image { .. }) => self.inner += 1,
            Event::End(TagEnd::Image) if self.inner == 0 => return true,
            Event::End(TagEnd::Image) => self.inner -= 1,
            _ => {}
        }
        false
    }

    fn html(&self) -> String {
        let (src, words) = (escape_html(&self.src), escape_html(&self.words));
        format!("<img src=\"{src}\" alt=\"{words}\" loading=\"lazy\" />")
    }
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

fn scheme(address: &str) -> Option<&str> {
    let end = address.find([':', '/', '?', '#'])?;
    address[end..].starts_with(':').then_some(&address[..end])
}

fn is_safe(address: &str) -> bool {
    scheme(address).is_none_or(|named| SCHEMES.iter().any(|scheme| named.eq_ignore_ascii_case(scheme)))
}

/// Whether an address is read from where the text is: it names neither a site nor a place on this one, and leaves the text.
fn is_relative(address: &str) -> bool {
    !address.is_empty() && !address.starts_with(['/', '\\', '#', '?']) && scheme(address).is_none()
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
