//! The line that a reuser puts beside a picture: title, author, source, licences, as text, HTML and Markdown.

use super::licence::{Licence, short_name};
use super::picture::{Original, Picture};
use super::text::escape_html;

/// What a reuser owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// What the picture is called.
    pub title: String,
    /// Who posted it.
    pub author: String,
    /// The address where it comes from, or where it is.
    pub source: String,
    /// The licences, of which a reuser may pick any.
    pub licences: Vec<Terms>,
}

/// A licence, as an attribution names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Its short name.
    pub name: String,
    /// A page about it.
    pub url: Option<String>,
}

impl Attribution {
    /// What is owed for a picture. Who made a copy is not who made the picture.
    pub fn of(picture: &Picture, original: Option<&Original>, known: &[Licence]) -> Self {
        let terms = |id: &String| {
            let licence = known.iter().find(|licence| licence.id == *id);
            let url = licence.and_then(|licence| licence.info_url.clone().or_else(|| licence.legalese_url.clone()));
            Terms { name: short_name(id), url }
        };
        Self {
            title: picture.display_title(),
            author: original.map_or_else(|| picture.author_name().to_owned(), |original| original.author.clone()),
            source: picture.origin_url.clone().unwrap_or_else(|| {
                original.map_or_else(|| picture.page_url(), |original| picture.page_url_of(original.id))
            }),
            licences: picture.licences.iter().map(terms).collect(),
        }
    }

    /// As plain text, with the addresses in brackets.
    pub fn text(&self) -> String {
        let link = |text: &str, url: &str| format!("{text} ({url})");
        self.line(|text| text.to_owned(), link)
    }

    /// As HTML, with links.
    pub fn html(&self) -> String {
        let link = |text: &str, url: &str| match is_web(url) {
            true => format!("<a href=\"{}\">{text}</a>", escape_html(url)),
            false => text.to_owned(),
        };
        self.line(escape_html, link)
    }

    /// As Markdown (CommonMark), with links.
    pub fn markdown(&self) -> String {
        let link = |text: &str, url: &str| match is_web(url) {
            true => format!("[{text}]({})", escape_markdown_url(url)),
            false => text.to_owned(),
        };
        self.line(escape_markdown, link)
    }

    /// `escape` makes text harmless; `link` gets harmless text and an address as it is.
    fn line(&self, escape: impl Fn(&str) -> String, link: impl Fn(&str, &str) -> String) -> String {
        // A line is one line, whatever the title was typed like.
        let escape = |text: &str| escape(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        let title = format!("“{}” by {}", escape(&self.title), escape(&self.author));
        let mut line = link(&title, &self.source);
        for (index, terms) in self.licences.iter().enumerate() {
            line.push_str(if index == 0 { ", " } else { " or " });
            let name = escape(&terms.name);
            line.push_str(&terms.url.as_ref().map_or(name.clone(), |url| link(&name, url)));
        }
        line
    }
}

/// Only such addresses become links: a `javascript:` address would run in the page that the line is pasted into.
fn is_web(url: &str) -> bool {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    lower.starts_with("http://") || lower.starts_with("https://")
}

/// CommonMark lets every ASCII punctuation character be escaped; those that mean nothing inside a line stay as they are.
fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() && !matches!(c, ',' | '.' | ';' | '?' | '%' | '/' | '\'' | '"' | '-' | '(' | ')') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Percent-encodes what would end a link's address.
fn escape_markdown_url(url: &str) -> String {
    let mut escaped = String::with_capacity(url.len());
    for c in url.chars() {
        if c.is_ascii_control() || matches!(c, ' ' | '(' | ')' | '<' | '>' | '\\' | '"' | '`' | '[' | ']' | '*' | '_') {
            escaped.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cat() -> Attribution {
        let terms = |name: &str, url: Option<&str>| Terms { name: name.into(), url: url.map(str::to_owned) };
        Attribution {
            title: "A cat".into(),
            author: "ada".into(),
            source: "https://example.org/cat".into(),
            licences: vec![
                terms("CC BY 4.0", Some("https://creativecommons.org/licenses/by/4.0/")),
                terms("MIT", None),
            ],
        }
    }

    #[test]
    fn names_everything_a_reuser_owes() {
        assert_eq!(
            cat().text(),
            "“A cat” by ada (https://example.org/cat), CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/) or MIT"
        );
        assert_eq!(
            cat().html(),
            "<a href=\"https://example.org/cat\">“A cat” by ada</a>, \
             <a href=\"https://creativecommons.org/licenses/by/4.0/\">CC BY 4.0</a> or MIT"
        );
        assert_eq!(
            cat().markdown(),
            "[“A cat” by ada](https://example.org/cat), \
             [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/) or MIT"
        );
    }

    #[test]
    fn nothing_typed_by_users_becomes_markup() {
        let nasty = Attribution {
            title: "<b>\"R&D\"</b> [x](y) *z* `w`\n# _v_ \\".into(),
            source: "https://example.org/a_(b)?c=\"d\"&e='f'".into(),
            licences: Vec::new(),
            ..cat()
        };
        assert_eq!(
            nasty.html(),
            "<a href=\"https://example.org/a_(b)?c=&quot;d&quot;&amp;e=&#39;f&#39;\">“&lt;b&gt;&quot;R&amp;D&quot;&lt;/b&gt; \
             [x](y) *z* `w` # _v_ \\” by ada</a>"
        );
        assert_eq!(
            nasty.markdown(),
            "[“\\<b\\>\"R\\&D\"\\</b\\> \\[x\\](y) \\*z\\* \\`w\\` \\# \\_v\\_ \\\\” by ada]\
             (https://example.org/a%5F%28b%29?c=%22d%22&e='f')"
        );
        let script = Attribution { source: "javascript:alert(1)".into(), licences: Vec::new(), ..cat() };
        assert_eq!((script.html(), script.markdown()), ("“A cat” by ada".into(), "“A cat” by ada".into()));
    }

    #[test]
    fn a_line_is_one_line() {
        let tall = Attribution { title: "one\r\n\ttwo".into(), ..cat() };
        assert!(tall.text().starts_with("“one two” by ada"));
    }
}
