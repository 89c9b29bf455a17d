//! JSON walked from the outside: large lists and dictionaries entry by entry.
//!
//! Only the entry that is being read is in memory, and only as the bytes that it has; `serde_json` reads those. What is skipped is
//! scanned for its end, not checked.

use super::error::{FormatError, Place};
use super::exchange::Files;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt::{self, Formatter};
use std::io::Read;

/// A single entry may take at most so many bytes. A picture's shapes may take 30 MB, and other tools write them longer.
const MAX_ENTRY: usize = 48 << 20;
const BUFFER: usize = 1 << 16;

/// Walks through one JSON document.
pub(in crate::formats) struct Scanner<'a> {
    file: &'a str,
    reader: Box<dyn Read + 'a>,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    /// How many bytes came before the buffer.
    before: u64,
    /// Whether a list or dictionary was entered of which nothing was read yet.
    is_fresh: bool,
    raw: Vec<u8>,
}

impl<'a> Scanner<'a> {
    /// Opens an input.
    pub fn open(files: &'a dyn Files, file: &'a str) -> Result<Self, FormatError> {
        Self::new(file, files.open(file).map_err(FormatError::io(file))?)
    }

    /// Walks through what `reader` has; errors name `file`.
    pub fn new(file: &'a str, reader: Box<dyn Read + 'a>) -> Result<Self, FormatError> {
        let buffer = vec![0; BUFFER];
        let mut scanner = Self { file, reader, buffer, at: 0, end: 0, before: 0, is_fresh: false, raw: Vec::new() };
        // Some editors put a byte order mark before everything.
        while scanner.end < 3 && scanner.more()? {}
        if scanner.buffer[..scanner.end].starts_with(b"\xef\xbb\xbf") {
            scanner.at = 3;
        }
        Ok(scanner)
    }

    /// Reads more behind what is in the buffer; when all of that was used, in its place. Answers whether there was more.
    fn more(&mut self) -> Result<bool, FormatError> {
        if self.at == self.end {
            self.before += self.end as u64;
            (self.at, self.end) = (0, 0);
        }
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.end += count;
                    return Ok(true);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(FormatError::io(self.file)(error)),
            }
        }
    }

    /// The place that was reached.
    pub fn place(&self) -> Place {
        Place::Byte(self.before + self.at as u64)
    }

    /// Says what is wrong at the place that was reached.
    pub fn fault(&self, message: impl Into<String>) -> FormatError {
        FormatError::invalid(self.file, self.place(), message)
    }

    /// The next byte that is no space, which stays.
    pub fn peek(&mut self) -> Result<Option<u8>, FormatError> {
        loop {
            while self.at < self.end {
                match self.buffer[self.at] {
                    b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                    byte => return Ok(Some(byte)),
                }
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), FormatError> {
        match self.peek()? {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.fault(format!("expected `{}`", char::from(byte)))),
            None => Err(self.fault("it ends too early")),
        }
    }

    /// Enters a dictionary or a list: `{` or `[` has to come next.
    pub fn enter(&mut self, bracket: u8) -> Result<(), FormatError> {
        self.expect(bracket)?;
        self.is_fresh = true;
        Ok(())
    }

    /// Goes to the next entry, or leaves what was entered.
    fn next_entry(&mut self, bracket: u8) -> Result<bool, FormatError> {
        let is_fresh = std::mem::take(&mut self.is_fresh);
        if self.peek()? == Some(bracket) {
            self.at += 1;
            return Ok(false);
        }
        if !is_fresh {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// The next key of the dictionary that was entered; its value has to be read or skipped then. `None` leaves it.
    pub fn key(&mut self) -> Result<Option<String>, FormatError> {
        if !self.next_entry(b'}')? {
            return Ok(None);
        }
        if self.peek()? != Some(b'"') {
            return Err(self.fault("expected a key"));
        }
        let key = self.value::<String>()?.map_err(|_| self.fault("a key is no text"))?;
        self.expect(b':')?;
        Ok(Some(key))
    }

    /// Whether the list that was entered has another item, which has to be read or skipped then. If not, the list is left.
    pub fn item(&mut self) -> Result<bool, FormatError> {
        self.next_entry(b']')
    }

    /// The bytes of the next value.
    pub fn raw(&mut self) -> Result<&[u8], FormatError> {
        self.raw.clear();
        self.scan(true)?;
        Ok(&self.raw)
    }

    /// Reads the next value. An inner error says that the value is not of the expected form; the walk can go on after it.
    pub fn value<'s, T: Deserialize<'s>>(&'s mut self) -> Result<Result<T, serde_json::Error>, FormatError> {
        Ok(serde_json::from_slice(self.raw()?))
    }

    /// Reads the next value, which the whole document depends on. `path` is how errors call it.
    pub fn needed<T: for<'de> Deserialize<'de>>(&mut self, path: &str) -> Result<T, FormatError> {
        let file = self.file;
        self.value()?.map_err(|error| FormatError::invalid(file, Place::Path(path.to_owned()), said(&error)))
    }

    /// Goes past the next value.
    pub fn skip(&mut self) -> Result<(), FormatError> {
        self.scan(false)
    }

    /// Nothing may follow.
    pub fn finish(&mut self) -> Result<(), FormatError> {
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err(self.fault("something follows the end")),
        }
    }

    fn scan(&mut self, keep: bool) -> Result<(), FormatError> {
        match self.peek()? {
            None => return Err(self.fault("it ends too early")),
            Some(b',' | b':' | b']' | b'}') => return Err(self.fault("expected a value")),
            Some(_) => {}
        }
        let (mut depth, mut in_text, mut is_escaped) = (0_u64, false, false);
        loop {
            if self.at == self.end && !self.more()? {
                // A number may stand at the very end.
                return if depth == 0 && !in_text { Ok(()) } else { Err(self.fault("it ends too early")) };
            }
            let window = &self.buffer[self.at..self.end];
            let mut used = None;
            for (index, byte) in window.iter().enumerate() {
                if in_text {
                    match byte {
                        _ if is_escaped => is_escaped = false,
                        b'\\' => is_escaped = true,
                        b'"' => {
                            in_text = false;
                            if depth == 0 {
                                used = Some(index + 1);
                                break;
                            }
                        }
                        _ => {}
                    }
                    continue;
                }
                match byte {
                    b'"' => in_text = true,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' if depth <= 1 => {
                        used = Some(index + usize::from(depth == 1));
                        break;
                    }
                    b'}' | b']' => depth -= 1,
                    b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => {
                        used = Some(index);
                        break;
                    }
                    _ => {}
                }
            }
            let count = used.unwrap_or(window.len());
            if keep {
                if self.raw.len() + count > MAX_ENTRY {
                    return Err(self.fault(format!("an entry is longer than {MAX_ENTRY} bytes")));
                }
                self.raw.extend_from_slice(&window[..count]);
            }
            self.at += count;
            if used.is_some() {
                return Ok(());
            }
        }
    }
}

/// What `serde_json` says, without the place in the entry, which would be mistaken for one in the file.
pub(in crate::formats) fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// What a list or dictionary consists of: the bytes of its values, in a dictionary each with its key. Nothing is copied or kept. The
/// text has to be valid JSON, as what was read as [`IgnoredAny`] is; otherwise it ends early.
pub(in crate::formats) struct Entries<'a>(&'a [u8]);

/// The entries of a list or dictionary; none if the value is neither.
pub(in crate::formats) fn entries(value: &[u8]) -> Entries<'_> {
    match value.trim_ascii() {
        [b'[' | b'{', inside @ .., b']' | b'}'] => Entries(inside),
        _ => Entries(&[]),
    }
}

impl<'a> Entries<'a> {
    /// What comes before the next comma or colon that is in nothing else.
    fn part(&mut self) -> (&'a [u8], Option<u8>) {
        let (mut depth, mut in_text, mut is_escaped) = (0_u64, false, false);
        for (index, byte) in self.0.iter().enumerate() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if in_text => is_escaped = true,
                b'"' => in_text = !in_text,
                _ if in_text => {}
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b',' | b':' if depth == 0 => {
                    let part = &self.0[..index];
                    self.0 = &self.0[index + 1..];
                    return (part.trim_ascii(), Some(*byte));
                }
                _ => {}
            }
        }
        (std::mem::take(&mut self.0).trim_ascii(), None)
    }
}

impl<'a> Iterator for Entries<'a> {
    /// The key, empty in lists, and the value.
    type Item = (String, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (part, end) = self.part();
        if end == Some(b':') {
            return Some((serde_json::from_slice(part).unwrap_or_default(), self.part().0));
        }
        (!part.is_empty()).then(|| (String::new(), part))
    }
}

/// The bytes of the values in a dictionary that are asked for, and how many others say something.
pub(in crate::formats) struct Fields<'a, const COUNT: usize> {
    pub known: [Option<&'a [u8]>; COUNT],
    pub others: u64,
}

/// Takes a dictionary apart. An error says that the text is no JSON or no dictionary.
pub(in crate::formats) fn fields<'a, const COUNT: usize>(
    value: &'a [u8],
    keys: [&str; COUNT],
) -> Result<Fields<'a, COUNT>, String> {
    serde_json::from_slice::<IgnoredAny>(value).map_err(|error| said(&error))?;
    if !value.trim_ascii().starts_with(b"{") {
        return Err("it is no dictionary".to_owned());
    }
    let mut fields = Fields { known: [None; COUNT], others: 0 };
    for (key, value) in entries(value) {
        match keys.iter().position(|known| *known == key) {
            Some(index) => fields.known[index] = Some(value),
            None => fields.others += u64::from(![&b"null"[..], b"\"\""].contains(&value)),
        }
    }
    Ok(fields)
}

/// A value of the expected form.
pub(in crate::formats) fn read<T: for<'de> Deserialize<'de>>(value: Option<&[u8]>) -> Option<T> {
    serde_json::from_slice(value?).ok()
}

/// How many values of a dictionary say something: null, false and empty texts do not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::formats) struct Attributes(pub u64);

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counting;
        impl<'de> Visitor<'de> for Counting {
            type Value = Attributes;

            fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("a dictionary")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
                let mut count = 0;
                while map.next_key::<IgnoredAny>()?.is_some() {
                    count += u64::from(map.next_value::<IsSaid>()?.0);
                }
                Ok(Attributes(count))
            }

            fn visit_unit<E: Error>(self) -> Result<Attributes, E> {
                Ok(Attributes(0))
            }
        }
        deserializer.deserialize_any(Counting)
    }
}

/// Whether a value says something.
struct IsSaid(bool);

impl<'de> Deserialize<'de> for IsSaid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Asking;
        impl<'de> Visitor<'de> for Asking {
            type Value = IsSaid;

            fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_bool<E: Error>(self, is: bool) -> Result<IsSaid, E> {
                Ok(IsSaid(is))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<IsSaid, E> {
                Ok(IsSaid(true))
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<IsSaid, E> {
                Ok(IsSaid(true))
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<IsSaid, E> {
                Ok(IsSaid(true))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<IsSaid, E> {
                Ok(IsSaid(!text.is_empty()))
            }

            fn visit_unit<E: Error>(self) -> Result<IsSaid, E> {
                Ok(IsSaid(false))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<IsSaid, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(IsSaid(true))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<IsSaid, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(IsSaid(true))
            }
        }
        deserializer.deserialize_any(Asking)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, so that everything is at the end of a buffer once.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let (Some((first, rest)), Some(place)) = (self.0.split_first(), buffer.first_mut()) else { return Ok(0) };
            *place = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn documents_are_walked_through() {
        let text = "\u{feff} {\"a\\u0062\" : [1, {\"x\": \"]}\\\"\"}, [] , -2.5e3] , \"skip\":{\"y\":[[\"{\"]]},\"last\":true } ";
        for slow in [false, true] {
            let reader: Box<dyn Read> = if slow { Box::new(Slow(text.as_bytes())) } else { Box::new(text.as_bytes()) };
            let mut scanner = Scanner::new("f", reader).unwrap();
            scanner.enter(b'{').unwrap();
            assert_eq!(scanner.key().unwrap().as_deref(), Some("ab"));
            scanner.enter(b'[').unwrap();
            let mut items = Vec::new();
            while scanner.item().unwrap() {
                items.push(String::from_utf8(scanner.raw().unwrap().to_vec()).unwrap());
            }
            assert_eq!(items, ["1", "{\"x\": \"]}\\\"\"}", "[]", "-2.5e3"]);
            assert_eq!(scanner.key().unwrap().as_deref(), Some("skip"));
            scanner.skip().unwrap();
            assert_eq!(scanner.key().unwrap().as_deref(), Some("last"));
            assert!(scanner.needed::<bool>("last").unwrap());
            assert_eq!(scanner.key().unwrap(), None);
            scanner.finish().unwrap();
        }
    }

    #[test]
    fn what_is_broken_is_an_error_with_its_place() {
        fn walk(text: &str) -> Result<(), FormatError> {
            let mut scanner = Scanner::new("f.json", Box::new(text.as_bytes()))?;
            scanner.enter(b'{')?;
            while scanner.key()?.is_some() {
                scanner.enter(b'[')?;
                while scanner.item()? {
                    scanner.needed::<u8>("list[]")?;
                }
            }
            scanner.finish()
        }
        assert!(walk("{\"a\":[1,2],\"b\":[]}").is_ok());
        for text in [
            "",
            "[",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":[1,",
            "{\"a\":[1,]}",
            "{\"a\":[1 2]}",
            "{,}",
            "{\"a\":[]},",
            "{a:[]}",
            "{\"a\":[\"",
            "{\"a\":[300]}",
            "{\"a\":[1}",
        ] {
            let error = walk(text).unwrap_err().to_string();
            assert!(error.starts_with("f.json, "), "{text}: {error}");
        }
        let deep = format!("{{\"a\":[{}", "[".repeat(1_000_000));
        assert!(walk(&deep).is_err());
        let deep = format!("{{\"a\":[{}{}]}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(walk(&deep).is_err());
    }

    #[test]
    fn values_are_taken_apart_without_being_kept() {
        let text = " { \"a\\u0062\" : [1, {\"x\": \"]}\\\",\"}, [] , -2.5e3] , \"n\":null,\"t\":\"\", \"u\": 7 } ";
        let found = fields(text.as_bytes(), ["ab", "none"]).unwrap();
        assert_eq!((found.others, found.known[1]), (1, None));
        let items: Vec<_> = entries(found.known[0].unwrap()).map(|(_, item)| String::from_utf8_lossy(item)).collect();
        assert_eq!(items, ["1", "{\"x\": \"]}\\\",\"}", "[]", "-2.5e3"]);
        assert_eq!(entries(b"[]").count() + entries(b"{ }").count() + entries(b"7").count(), 0);
        assert!(fields(b"[]", [""]).is_err() && fields(b"{", [""]).is_err());
        let said = "{\"a\": null, \"b\": false, \"c\": \"\", \"d\": 0, \"e\": [1], \"f\": {\"g\": []}, \"h\": \"x\"}";
        assert_eq!(serde_json::from_str::<Attributes>(said).unwrap(), Attributes(4));
    }
}
