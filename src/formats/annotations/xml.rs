//! XML as annotation tools write it, element by element.
//!
//! A document type is refused, and with it every entity but the predefined ones: nobody who writes annotations needs one, and
//! they are what small files become large with. An element that is read is kept as a small tree; its size is bounded.

use super::error::{FormatError, Place};
use super::exchange::Files;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

/// An element may take at most so many bytes: a picture with all its regions.
const MAX_ELEMENT: u64 = 64 << 20;
/// An element may have at most so many elements and attributes in it.
const MAX_NODES: usize = 2_000_000;
/// A single element may have so many attributes: each is held against all others, so that none is there twice.
const MAX_ATTRIBUTES: usize = 200;
/// Elements may stand in each other so deep.
const MAX_DEPTH: usize = 64;

/// An element with all that is in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::formats) struct Node {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// All text directly in it, without spaces around it.
    pub text: String,
    pub children: Vec<Node>,
    /// The line on which it begins, from 1.
    pub line: u64,
}

impl Node {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first child with this name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child with this name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }
}

/// What the bytes from 0x80 to 0x9f mean in Windows-1252; those after them are the same in Unicode. What is said to be ISO-8859-1 is read
/// in the same way, as browsers do, since there they would be control characters.
const WINDOWS: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}', '\u{2030}',
    '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}',
    '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}',
    '\u{17e}', '\u{178}',
];
/// A declaration is no longer.
const MAX_DECLARATION: usize = 200;

/// Makes UTF-8 of what is declared to be in Windows-1252 or ISO-8859-1.
struct Decoded<R> {
    reader: R,
    /// Whether there is something to decode, once that is known.
    is_windows: Option<bool>,
    /// What was read already, or decoded, and how much of it has gone on.
    pending: Vec<u8>,
    at: usize,
}

impl<R: Read> Decoded<R> {
    fn new(reader: R) -> Self {
        Self { reader, is_windows: None, pending: Vec::new(), at: 0 }
    }

    /// Looks at the declaration.
    fn decide(&mut self) -> io::Result<bool> {
        let mut head = Vec::new();
        (&mut self.reader).take(MAX_DECLARATION as u64).read_to_end(&mut head)?;
        let end = head.iter().position(|byte| *byte == b'>').unwrap_or_default();
        let declaration = String::from_utf8_lossy(&head[..end]).to_lowercase().replace('\'', "\"");
        let is_declared = |name: &&str| declaration.contains(&format!("encoding=\"{name}\""));
        let is_windows = declaration.starts_with("<?xml")
            && ["iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252"].iter().any(is_declared);
        self.put(&head, is_windows);
        Ok(is_windows)
    }

    fn put(&mut self, bytes: &[u8], is_windows: bool) {
        self.pending.clear();
        self.at = 0;
        if !is_windows {
            self.pending.extend_from_slice(bytes);
            return;
        }
        for byte in bytes {
            let character = match byte {
                0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
                byte => char::from(*byte),
            };
            self.pending.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let is_windows = match self.is_windows {
            Some(is_windows) => is_windows,
            None => {
                let is_windows = self.decide()?;
                *self.is_windows.insert(is_windows)
            }
        };
        if self.at == self.pending.len() {
            if !is_windows {
                return self.reader.read(buffer);
            }
            let mut bytes = [0; 4096];
            let count = self.reader.read(&mut bytes)?;
            self.put(&bytes[..count], true);
        }
        let rest = &self.pending[self.at..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

/// Counts lines, and refuses to read more than is left.
struct Metered<R> {
    reader: R,
    left: Rc<Cell<u64>>,
    line: Rc<Cell<u64>>,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("an element is longer than {MAX_ELEMENT} bytes"),
            ));
        }
        let available = self.reader.fill_buf()?;
        let count = available.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        Ok(&available[..count])
    }

    fn consume(&mut self, count: usize) {
        // What is consumed is in the buffer still, so that this reads nothing.
        if let Ok(available) = self.reader.fill_buf() {
            let lines = available[..count.min(available.len())].iter().filter(|byte| **byte == b'\n').count();
            self.line.set(self.line.get() + lines as u64);
        }
        self.left.set(self.left.get().saturating_sub(count as u64));
        self.reader.consume(count);
    }
}

/// The text of an input.
type Text<'a> = Metered<BufReader<Decoded<Box<dyn Read + 'a>>>>;

/// Walks through the children of a document's root.
pub(in crate::formats) struct Walk<'a> {
    file: &'a str,
    reader: Reader<Text<'a>>,
    left: Rc<Cell<u64>>,
    line: Rc<Cell<u64>>,
    /// How many elements and attributes may follow.
    nodes: Cell<usize>,
    buffer: Vec<u8>,
}

impl<'a> Walk<'a> {
    /// Opens an input.
    pub fn open(files: &'a dyn Files, file: &'a str) -> Result<Self, FormatError> {
        Ok(Self::new(file, files.open(file).map_err(FormatError::io(file))?))
    }

    /// Walks through what `reader` has; errors name `file`.
    pub fn new(file: &'a str, reader: Box<dyn Read + 'a>) -> Self {
        let (left, line) = (Rc::new(Cell::new(MAX_ELEMENT)), Rc::new(Cell::new(1)));
        let metered =
            Metered { reader: BufReader::new(Decoded::new(reader)), left: Rc::clone(&left), line: Rc::clone(&line) };
        Self { file, reader: Reader::from_reader(metered), left, line, nodes: Cell::new(MAX_NODES), buffer: Vec::new() }
    }

    fn fault(&self, message: impl Into<String>) -> FormatError {
        FormatError::invalid(self.file, Place::Line(self.line.get()), message)
    }

    fn next(&mut self) -> Result<Event<'static>, FormatError> {
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::DocType(_)) => Err(self.fault("a document type is not accepted")),
            Ok(event) => Ok(event.into_owned()),
            Err(quick_xml::Error::Io(error)) if error.kind() != io::ErrorKind::FileTooLarge => {
                Err(FormatError::io(self.file)(io::Error::new(error.kind(), error.to_string())))
            }
            Err(error) => Err(self.fault(error.to_string())),
        }
    }

    /// Enters the root, which has to have this name.
    pub fn root(&mut self, name: &str) -> Result<(), FormatError> {
        loop {
            match self.next()? {
                Event::Start(start) if start.name().as_ref() == name.as_bytes() => return Ok(()),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => {}
                Event::Text(text) if *text == *b"\xef\xbb\xbf" => {}
                Event::Eof => return Err(self.fault("it ends too early")),
                _ => return Err(self.fault(format!("expected <{name}>"))),
            }
        }
    }

    /// The root with this name and all that is in it.
    pub fn whole(&mut self, name: &str) -> Result<Node, FormatError> {
        self.root(name)?;
        self.node(&BytesStart::new(name), true)
    }

    /// The next child of the root for whose name `wanted` says so; others are passed by.
    pub fn child(&mut self, wanted: impl Fn(&[u8]) -> bool) -> Result<Option<Node>, FormatError> {
        loop {
            self.left.set(MAX_ELEMENT);
            self.nodes.set(MAX_NODES);
            match self.next()? {
                Event::Start(start) => {
                    let is_wanted = wanted(start.name().as_ref());
                    let node = self.node(&start, is_wanted)?;
                    if is_wanted {
                        return Ok(Some(node));
                    }
                }
                Event::Empty(start) if wanted(start.name().as_ref()) => return self.begun(&start).map(Some),
                Event::End(_) => return Ok(None),
                Event::Eof => return Err(self.fault("it ends too early")),
                _ => {}
            }
        }
    }

    /// Names would not be what they are if other bytes were guessed at.
    fn text<'b>(&self, bytes: &'b [u8]) -> Result<&'b str, FormatError> {
        std::str::from_utf8(bytes)
            .map_err(|_| self.fault("it is in none of the encodings UTF-8, ISO-8859-1 and Windows-1252"))
    }

    fn begun(&self, start: &BytesStart) -> Result<Node, FormatError> {
        let attributes = start.attributes().with_checks(false).take(MAX_ATTRIBUTES + 1).count();
        if attributes > MAX_ATTRIBUTES {
            return Err(self.fault("an element has too many attributes"));
        }
        let nodes = self.nodes.get().checked_sub(1 + attributes);
        self.nodes.set(nodes.ok_or_else(|| self.fault("an element has too much in it"))?);
        let mut node =
            Node { name: self.text(start.name().as_ref())?.to_owned(), line: self.line.get(), ..Node::default() };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.fault(error.to_string()))?;
            let raw = self.text(&attribute.value)?;
            let value = quick_xml::escape::unescape(raw).map_err(|error| self.fault(error.to_string()))?;
            let key = self.text(attribute.key.as_ref())?;
            node.attributes.push((key.to_owned(), value.into_owned()));
        }
        Ok(node)
    }

    /// Reads an element that has begun to its end; if it is not kept, only the name of it is answered.
    fn node(&mut self, start: &BytesStart, keep: bool) -> Result<Node, FormatError> {
        let mut open = vec![if keep { self.begun(start)? } else { Node::default() }];
        let mut depth = 1;
        loop {
            if !keep {
                // What is passed by may be of any length.
                self.left.set(MAX_ELEMENT);
            }
            let event = self.next()?;
            match event {
                Event::Start(start) => {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        return Err(self.fault("elements stand in each other too deep"));
                    }
                    if keep {
                        open.push(self.begun(&start)?);
                    }
                }
                Event::End(_) => {
                    depth -= 1;
                    if let (true, Some(mut node)) = (keep, open.pop()) {
                        let trimmed = node.text.trim();
                        if trimmed.len() < node.text.len() {
                            node.text = trimmed.to_owned();
                        }
                        match open.last_mut() {
                            Some(parent) => parent.children.push(node),
                            None => return Ok(node),
                        }
                    }
                    if depth == 0 {
                        return Ok(open.pop().unwrap_or_default());
                    }
                }
                Event::Eof => return Err(self.fault("it ends too early")),
                _ if !keep => {}
                Event::Empty(start) => {
                    let node = self.begun(&start)?;
                    if let Some(parent) = open.last_mut() {
                        parent.children.push(node);
                    }
                }
                Event::Text(text) => self.add(&mut open, self.text(&text)?),
                Event::CData(text) => self.add(&mut open, self.text(&text)?),
                Event::GeneralRef(reference) => {
                    let entity = format!("&{};", self.text(&reference)?);
                    let text = quick_xml::escape::unescape(&entity).map_err(|error| self.fault(error.to_string()))?;
                    self.add(&mut open, &text);
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn add(&self, open: &mut [Node], text: &str) {
        if let Some(node) = open.last_mut() {
            node.text.push_str(text);
        }
    }
}

/// A text as it stands in an attribute or element. What XML cannot hold at all, such as most control characters, becomes a mark.
pub(in crate::formats) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<Node>, FormatError> {
        let mut walk = Walk::new("f.xml", Box::new(text.as_bytes()));
        walk.root("r")?;
        let mut nodes = Vec::new();
        while let Some(node) = walk.child(|name| name == b"a")? {
            nodes.push(node);
        }
        Ok(nodes)
    }

    #[test]
    fn elements_are_read_one_by_one() {
        let text = "\u{feff}<?xml version=\"1.0\"?>\n<!-- x --><r><b><a/></b>\n<a x='1 &lt; 2' y=\"&#228;\"> t&amp;<![CDATA[<u>]]> <c>v</c></a><a/></r>";
        let nodes = all(text).unwrap();
        assert_eq!(nodes.len(), 2);
        assert_eq!((nodes[0].attribute("x"), nodes[0].attribute("y")), (Some("1 < 2"), Some("ä")));
        assert_eq!((nodes[0].text.as_str(), nodes[0].text_of("c"), nodes[0].line), ("t&<u>", Some("v"), 3));
    }

    #[test]
    fn hostile_documents_are_refused() {
        let laughs = "<!DOCTYPE r [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><r><a>&b;</a></r>";
        assert!(all(laughs).unwrap_err().to_string().contains("document type"));
        let deep = format!("<r><a>{}", "<a>".repeat(1000));
        assert!(all(&deep).unwrap_err().to_string().contains("too deep"));
        let attributes: String = (0..1000).map(|number| format!(" a{number}=''")).collect();
        assert!(all(&format!("<r><a{attributes}/></r>")).unwrap_err().to_string().contains("too many attributes"));
        let nodes = format!("<r><a>{}", "<b/>".repeat(MAX_NODES + 1));
        assert!(all(&nodes).unwrap_err().to_string().contains("too much"));
        for text in [
            "",
            "<r>",
            "<x/>",
            "<r><a>",
            "<r><a>&unknown;</a></r>",
            "<r><a></b></r>",
            "<r><a x=\"&y;\"/></r>",
            "text<r/>",
        ] {
            assert!(all(text).is_err(), "{text}");
        }
        let error = all("<r>\n<a>\n</b></r>").unwrap_err().to_string();
        assert!(error.starts_with("f.xml, line 3: "), "{error}");
    }

    #[test]
    fn encodings_are_declared() {
        let walk = |encoding: &str| {
            let declaration = format!("<?xml version='1.0' encoding='{encoding}'?><r><a x='");
            let bytes = [declaration.as_bytes(), b"\xe4\x80", &b" ".repeat(300), b"'>\xfc</a></r>"].concat();
            let mut walk = Walk::new("f.xml", Box::new(bytes.as_slice()));
            walk.root("r")?;
            walk.child(|name| name == b"a").map(Option::unwrap)
        };
        for encoding in ["ISO-8859-1", "windows-1252"] {
            let node = walk(encoding).unwrap();
            assert_eq!((node.attribute("x").unwrap().trim_end(), node.text.as_str()), ("ä€", "ü"));
        }
        assert!(walk("utf-8").unwrap_err().to_string().contains("none of the encodings"));
    }

    #[test]
    fn any_text_comes_back() {
        let text = "a<b>&\"'\n\t\u{7}ü";
        let nodes = all(&format!("<r><a x=\"{0}\">{0}</a></r>", escaped(text))).unwrap();
        assert_eq!(nodes[0].attribute("x"), Some("a<b>&\"'\n\t\u{fffd}ü"));
        assert_eq!(nodes[0].text, "a<b>&\"'\n\t\u{fffd}ü");
    }
}
