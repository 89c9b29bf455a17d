//! A query as a link and as a program in another tongue, ready to be pasted.

use crate::model::Ordering;
use crate::model::text::path_segment;

/// What a query is copied as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    /// The address of the page that shows what is found.
    Link,
    /// A command for a POSIX shell.
    Curl,
    /// Python with the package `requests`.
    Python,
    /// JavaScript with `fetch`, as browsers and servers have it.
    JavaScript,
}

impl Tongue {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Link, Self::Curl, Self::Python, Self::JavaScript];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Link => "Link",
            Self::Curl => "curl",
            Self::Python => "Python (requests)",
            Self::JavaScript => "JavaScript (fetch)",
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Scheme, host and port of the site, without a slash at the end.
    pub origin: &'a str,
    /// The query's text.
    pub query: &'a str,
    /// The order of the pictures.
    pub ordering: Ordering,
    /// Which shuffle, where the order is random.
    pub seed: i64,
}

impl Request<'_> {
    /// The request in a tongue. Whatever the text holds, it arrives as it is, but for hidden characters in [`Tongue::Curl`].
    pub fn copy_as(&self, tongue: Tongue) -> String {
        match tongue {
            Tongue::Link => self.link(),
            Tongue::Curl => self.curl(),
            Tongue::Python => self.python(),
            Tongue::JavaScript => self.javascript(),
        }
    }

    /// Order and seed as parameters of an address, without what is as usual.
    pub fn order_parameters(&self) -> Vec<String> {
        let mut parameters = Vec::new();
        if self.ordering != Ordering::default() {
            parameters.push(format!("ordering={}", self.ordering.as_str()));
        }
        if self.ordering == Ordering::Random {
            parameters.push(format!("seed={}", self.seed));
        }
        parameters
    }

    fn link(&self) -> String {
        let mut parameters = self.order_parameters();
        if !self.query.is_empty() {
            parameters.insert(0, format!("query={}", path_segment(self.query)));
        }
        address(&format!("{}/query", self.origin), &parameters)
    }

    /// The address of the first and longest part of the list. Each part names the next one.
    fn parts(&self) -> String {
        let mut parameters = self.order_parameters();
        parameters.push("limit=1000".to_owned());
        address(&format!("{}/api/query-pictures", self.origin), &parameters)
    }

    /// The address of the whole list, one picture a line.
    fn list(&self) -> String {
        let mut parameters = self.order_parameters();
        parameters.push("format=jsonl".to_owned());
        address(&format!("{}/api/query-download", self.origin), &parameters)
    }

    /// The command that asks the JSON API for all pictures, for a POSIX shell.
    pub fn curl(&self) -> String {
        // Of the options for data only this one takes a text that begins with `@` for a text, not for the name of a file.
        format!(
            "curl --fail-with-body --header 'Content-Type: application/yaml' --data-raw {} {}",
            shell_word(self.query),
            shell_word(&self.list())
        )
    }

    fn python(&self) -> String {
        format!(
            r#"import requests

query = {}
pictures, part = [], {}
while part:
    answer = requests.post(part, data=query.encode(), headers={{"Content-Type": "application/yaml"}})
    answer.raise_for_status()
    pictures += answer.json()
    part = answer.links.get("next", {{}}).get("url")
print(len(pictures), [picture["download"] for picture in pictures])
"#,
            python_string(self.query),
            python_string(&self.parts())
        )
    }

    fn javascript(&self) -> String {
        format!(
            r#"const query = {};
const pictures = [];
for (let part = {}; part; ) {{
  const answer = await fetch(part, {{ method: "POST", headers: {{ "Content-Type": "application/yaml" }}, body: query }});
  if (!answer.ok) throw new Error((await answer.json()).detail);
  pictures.push(...(await answer.json()));
  part = answer.headers.get("Link")?.match(/<([^>]*)>; rel="next"/)?.[1];
}}
console.log(pictures.length, pictures.map((picture) => picture.download));
"#,
            javascript_string(self.query),
            javascript_string(&self.parts())
        )
    }
}

fn address(path: &str, parameters: &[String]) -> String {
    if parameters.is_empty() { path.to_owned() } else { format!("{path}?{}", parameters.join("&")) }
}

/// A word of a POSIX shell. Hidden characters are left out: quotes cannot escape them, terminals obey some of them, and
/// nobody writes a query with them on purpose.
fn shell_word(text: &str) -> String {
    let seen: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !is_hidden(*c)).collect();
    format!("'{}'", seen.replace('\'', "'\\''"))
}

/// Whether a character cannot be seen, ends lines elsewhere, or turns the direction of writing.
fn is_hidden(c: char) -> bool {
    let marks = matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
    c.is_control() || marks || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text as a literal of Python, in brackets with a piece for each line, so that it can be read.
fn python_string(text: &str) -> String {
    by_lines(text, "(\n    ", "\n    ", |code| format!("\\U{code:08x}"))
}

/// A text as an expression of JavaScript, likewise.
fn javascript_string(text: &str) -> String {
    by_lines(text, "(\n  ", " +\n  ", |code| format!("\\u{{{code:x}}}"))
}

/// A text in double quotes, one literal for each of its lines. What cannot be seen, ends lines elsewhere or turns the
/// direction of writing is escaped: pasted code has to say what it looks like.
fn by_lines(text: &str, begin: &str, between: &str, beyond: fn(u32) -> String) -> String {
    let lines: Vec<String> = text.split_inclusive('\n').map(|line| quoted(line, beyond)).collect();
    match lines.as_slice() {
        [] => "\"\"".to_owned(),
        [only] => only.clone(),
        lines => format!("{begin}{}\n)", lines.join(between)),
    }
}

/// A text in double quotes. The two languages differ only in how they write characters beyond U+FFFF.
fn quoted(text: &str, beyond: fn(u32) -> String) -> String {
    let mut literal = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if is_hidden(c) && u32::from(c) > 0xFFFF => literal.push_str(&beyond(u32::from(c))),
            c if is_hidden(c) => literal.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::tests::any_text;
    use proptest::prelude::*;

    fn request(query: &str) -> Request<'_> {
        Request { origin: "http://127.0.0.1:3000", query, ordering: Ordering::Random, seed: 7 }
    }

    #[test]
    fn every_tongue_reads_well() {
        let request = request("want:\n  - title: \"it's\"\n");
        assert_eq!(
            request.copy_as(Tongue::Link),
            "http://127.0.0.1:3000/query?query=want%3A%0A%20%20-%20title%3A%20%22it%27s%22%0A&ordering=random&seed=7"
        );
        assert_eq!(
            request.copy_as(Tongue::Curl),
            "curl --fail-with-body --header 'Content-Type: application/yaml' --data-raw 'want:\n  - title: \"it'\\''s\"\n' \
             'http://127.0.0.1:3000/api/query-download?ordering=random&seed=7&format=jsonl'"
        );
        assert_eq!(
            request.copy_as(Tongue::Python),
            r#"import requests

query = (
    "want:\n"
    "  - title: \"it's\"\n"
)
pictures, part = [], "http://127.0.0.1:3000/api/query-pictures?ordering=random&seed=7&limit=1000"
while part:
    answer = requests.post(part, data=query.encode(), headers={"Content-Type": "application/yaml"})
    answer.raise_for_status()
    pictures += answer.json()
    part = answer.links.get("next", {}).get("url")
print(len(pictures), [picture["download"] for picture in pictures])
"#
        );
        assert_eq!(
            request.copy_as(Tongue::JavaScript),
            r#"const query = (
  "want:\n" +
  "  - title: \"it's\"\n"
);
const pictures = [];
for (let part = "http://127.0.0.1:3000/api/query-pictures?ordering=random&seed=7&limit=1000"; part; ) {
  const answer = await fetch(part, { method: "POST", headers: { "Content-Type": "application/yaml" }, body: query });
  if (!answer.ok) throw new Error((await answer.json()).detail);
  pictures.push(...(await answer.json()));
  part = answer.headers.get("Link")?.match(/<([^>]*)>; rel="next"/)?.[1];
}
console.log(pictures.length, pictures.map((picture) => picture.download));
"#
        );
    }

    #[test]
    fn what_is_as_usual_is_left_out() {
        let request = Request { ordering: Ordering::default(), ..request("") };
        assert_eq!(request.copy_as(Tongue::Link), "http://127.0.0.1:3000/query");
        assert!(request.copy_as(Tongue::Python).contains("query = \"\"\n"));
        assert!(
            Request { query: "@/etc/passwd", ..request }.copy_as(Tongue::Curl).contains("--data-raw '@/etc/passwd'")
        );
    }

    #[test]
    fn a_command_hides_nothing_from_who_pastes_it() {
        let request = request("a\u{1b}[2Jb\rc\u{7f}d\u{202e}e\u{2066}f\u{200b}g\0h\u{9b}i\n\tjé👩");
        assert!(request.curl().contains("--data-raw 'a[2Jbcdefghi\n\tjé👩' "), "{:?}", request.curl());
    }

    /// What a shell makes of the words of a command.
    fn shell_words(command: &str) -> Vec<String> {
        let (mut words, mut word, mut in_word) = (Vec::new(), String::new(), false);
        let mut rest = command.chars();
        while let Some(c) = rest.next() {
            match c {
                ' ' if in_word => {
                    words.push(std::mem::take(&mut word));
                    in_word = false;
                }
                ' ' => {}
                '\'' => {
                    in_word = true;
                    word.extend(rest.by_ref().take_while(|c| *c != '\''));
                }
                '\\' => word.extend(rest.next()),
                c => {
                    assert!(c.is_ascii_alphanumeric() || c == '-', "{c:?} outside of quotes");
                    in_word = true;
                    word.push(c);
                }
            }
        }
        words.push(word);
        words
    }

    /// What Python or JavaScript makes of literals in a row, up to the end of the statement.
    fn literals(code: &str) -> String {
        let (mut text, mut rest) = (String::new(), code.chars());
        loop {
            match rest.next() {
                Some('"') => {}
                Some(' ' | '\n' | '(' | '+') => continue,
                _ => return text,
            }
            while let Some(c) = rest.next().filter(|c| *c != '"') {
                assert!(!c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}'), "{c:?} in a literal");
                if c != '\\' {
                    text.push(c);
                    continue;
                }
                let digits = |rest: &mut std::str::Chars, count| rest.by_ref().take(count).collect::<String>();
                let code = match rest.next() {
                    Some('n') => "a".to_owned(),
                    Some('r') => "d".to_owned(),
                    Some('t') => "9".to_owned(),
                    Some('u') if rest.as_str().starts_with('{') => {
                        rest.next();
                        rest.by_ref().take_while(|c| *c != '}').collect()
                    }
                    Some('u') => digits(&mut rest, 4),
                    Some('U') => digits(&mut rest, 8),
                    Some(c @ ('"' | '\\')) => format!("{:x}", u32::from(c)),
                    other => panic!("\\{other:?}"),
                };
                text.extend(char::from_u32(u32::from_str_radix(&code, 16).unwrap()));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn any_text_arrives_as_it_is(query in prop_oneof![any_text(), "(\\PC|['\"\\\\@$`!\n\r\t\u{202e}\u{2028}\u{e0041}\0]){0,40}"]) {
            let request = request(&query);
            let words = shell_words(&request.copy_as(Tongue::Curl));
            let seen: String = query.chars().filter(|c| matches!(c, '\n' | '\t') || !is_hidden(*c)).collect();
            prop_assert_eq!(&words[5], &seen);
            prop_assert_eq!(words.len(), 7);
            for tongue in [Tongue::Python, Tongue::JavaScript] {
                let code = request.copy_as(tongue);
                let literal = code.split_once("query = ").unwrap().1;
                prop_assert_eq!(literals(literal), query.as_str(), "{}", code);
            }
            let link = request.copy_as(Tongue::Link);
            prop_assert!(link.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'\\')));
        }
    }
}
