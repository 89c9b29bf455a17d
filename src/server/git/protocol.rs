//! What `git push` says over HTTP and what it is answered: the part of Git's pack protocol that `receive-pack` speaks.

use super::{Repository, Result};
use crate::model::version::{BRANCH, is_commit_id};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

/// What a client may ask of us.
const CAPABILITIES: &str = "report-status side-band-64k ofs-delta atomic object-format=sha1 agent=ocellus";
/// One push names at most so many references.
const MAX_UPDATES: usize = 100;
/// A shallow clone tells at most so many ends of what it has.
const MAX_SHALLOW: usize = 10_000;
/// Longest name of a reference, in bytes.
const MAX_REFERENCE: usize = 300;
/// Largest packet, in bytes, its length included.
const MAX_PACKET: usize = 65_520;
/// How the protocol writes that there is no object.
const NOTHING: &str = "0000000000000000000000000000000000000000";

/// What is to become of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Its full name.
    pub reference: String,
    /// What it is now, as the client knows it; none where it is new.
    pub old: Option<String>,
    /// What it shall be; none where it shall go.
    pub new: Option<String>,
}

/// What a client wants, before the pack with the objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What shall become of references; never empty.
    pub updates: Vec<Update>,
    /// Whether it wants to be told what has become of them.
    pub report: bool,
    /// Whether it can be told more than that, beside it.
    pub side_band: bool,
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What its user shall read, line by line.
    pub messages: Vec<String>,
    /// Why the pack was not taken, if so.
    pub unpacked: std::result::Result<(), String>,
    /// What became of each reference, or why it is as it was.
    pub updates: Vec<(String, std::result::Result<(), String>)>,
}

/// One packet: its length in four hexadecimal digits, and what is in it.
pub fn packet(content: &[u8]) -> Vec<u8> {
    let mut packet = format!("{:04x}", content.len() + 4).into_bytes();
    packet.extend_from_slice(content);
    packet
}

/// What ends a part of the talk.
pub const FLUSH: &[u8] = b"0000";

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("this is not what `git push` says: {what}"))
}

/// The next packet; none at the end of a part.
async fn read_packet(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    reader.read_exact(&mut length).await?;
    let length = std::str::from_utf8(&length).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let length = length.and_then(|text| usize::from_str_radix(text, 16).ok());
    match length {
        Some(0) => Ok(None),
        Some(length @ 4..=MAX_PACKET) => {
            let mut content = vec![0; length - 4];
            reader.read_exact(&mut content).await?;
            Ok(Some(content))
        }
        _ => Err(malformed("a packet has no length")),
    }
}

fn id(text: &str) -> io::Result<Option<String>> {
    match text {
        NOTHING => Ok(None),
        text if is_commit_id(text) => Ok(Some(text.to_owned())),
        _ => Err(malformed("an object has no name")),
    }
}

/// Reads what a client wants. None where it only tries whether it may talk at all.
pub async fn read_asked(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Asked>> {
    let mut asked = Asked::default();
    let mut shallow = 0;
    while let Some(content) = read_packet(reader).await? {
        let text = String::from_utf8(content).map_err(|_| malformed("a reference is no UTF-8"))?;
        let (line, capabilities) = text.split_once('\0').unwrap_or((&text, ""));
        let line = line.trim_end_matches('\n');
        if line.starts_with("shallow ") {
            // What such a clone lacks is here; whether everything is, is looked at anyway.
            shallow += 1;
            if shallow > MAX_SHALLOW {
                return Err(malformed("it has too many ends"));
            }
            continue;
        }
        if asked.updates.is_empty() {
            let has = |name: &str| capabilities.split_ascii_whitespace().any(|word| word == name);
            (asked.report, asked.side_band) = (has("report-status"), has("side-band-64k"));
        }
        let mut words = line.splitn(3, ' ');
        let (Some(old), Some(new), Some(reference)) = (words.next(), words.next(), words.next()) else {
            return Err(malformed("a line is no update of a reference"));
        };
        let is_name = |byte: u8| byte.is_ascii_graphic() || byte >= 0x80;
        if reference.is_empty() || reference.len() > MAX_REFERENCE || !reference.bytes().all(is_name) {
            return Err(malformed("a reference has no name"));
        }
        let update = Update { old: id(old)?, new: id(new)?, reference: reference.to_owned() };
        if update.old == update.new || asked.updates.iter().any(|other| other.reference == update.reference) {
            return Err(malformed("a reference is named without a change, or twice"));
        }
        asked.updates.push(update);
        if asked.updates.len() > MAX_UPDATES {
            return Err(malformed(&format!("one push changes at most {MAX_UPDATES} references")));
        }
    }
    Ok((!asked.updates.is_empty()).then_some(asked))
}

impl Asked {
    /// The answer, as far as the client can read it.
    pub fn answer(&self, report: &Report) -> Vec<u8> {
        let mut status = Vec::new();
        if self.report {
            let unpacked = report.unpacked.as_ref().map_or_else(|why| one_line(why), |()| "ok".to_owned());
            status.extend(packet(format!("unpack {unpacked}\n").as_bytes()));
            for (reference, outcome) in &report.updates {
                let line = match outcome {
                    Ok(()) => format!("ok {reference}\n"),
                    Err(why) => format!("ng {reference} {}\n", one_line(why)),
                };
                status.extend(packet(line.as_bytes()));
            }
            status.extend_from_slice(FLUSH);
        }
        if !self.side_band {
            return status;
        }
        let words: String = report.messages.iter().map(|line| format!("{}\n", one_line(line))).collect();
        let mut answer = on_band(2, words.as_bytes());
        answer.extend(on_band(1, &status));
        answer.extend_from_slice(FLUSH);
        answer
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// This on one of the bands that go side by side.
fn on_band(band: u8, content: &[u8]) -> Vec<u8> {
    let part = |part: &[u8]| packet(&[&[band][..], part].concat());
    content.chunks(MAX_PACKET - 5).flat_map(part).collect()
}

impl Repository {
    /// What the first request of a push asks for: the references there are, and what may be asked for.
    pub async fn advertise_push(&self) -> Result<Vec<u8>> {
        let heads = format!("refs/heads/{BRANCH}");
        let arguments = ["for-each-ref", "--format=%(objectname) %(refname)", &heads, "refs/tags/"];
        let output = if self.exists() { self.git.run(arguments, Vec::new()).await?.succeeded()? } else { Vec::new() };
        let listed = String::from_utf8_lossy(&output).into_owned();
        let mut lines: Vec<&str> = listed.lines().collect();
        let none = format!("{NOTHING} capabilities^{{}}");
        if lines.is_empty() {
            lines.push(&none);
        }
        let mut answer = Vec::new();
        for (index, line) in lines.into_iter().enumerate() {
            let end = if index == 0 { format!("\0{CAPABILITIES}\n") } else { "\n".to_owned() };
            answer.extend(packet(format!("{line}{end}").as_bytes()));
        }
        answer.extend_from_slice(FLUSH);
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "1111111111111111111111111111111111111111";
    const NEW: &str = "2222222222222222222222222222222222222222";

    fn said(lines: &[String]) -> Vec<u8> {
        lines.iter().flat_map(|line| packet(line.as_bytes())).chain(FLUSH.iter().copied()).collect()
    }

    #[tokio::test]
    async fn what_a_client_wants_is_read() {
        let lines = [
            format!("shallow {OLD}"),
            format!("{OLD} {NEW} refs/heads/main\0 report-status side-band-64k agent=git/2\n"),
            format!("{NOTHING} {NEW} refs/tags/v1"),
            format!("{OLD} {NOTHING} refs/tags/v0"),
        ];
        let mut bytes = said(&lines);
        bytes.extend_from_slice(b"PACK");
        let mut reader = bytes.as_slice();
        let asked = read_asked(&mut reader).await.unwrap().unwrap();
        assert_eq!(reader, b"PACK");
        let update = |reference: &str, old: Option<&str>, new: Option<&str>| Update {
            reference: reference.to_owned(),
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
        };
        let expected = [
            update("refs/heads/main", Some(OLD), Some(NEW)),
            update("refs/tags/v1", None, Some(NEW)),
            update("refs/tags/v0", Some(OLD), None),
        ];
        assert_eq!(asked.updates, expected);
        assert!(asked.report && asked.side_band);
        let mut nothing = FLUSH;
        assert_eq!(read_asked(&mut nothing).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_is_no_push_is_refused() {
        let many: Vec<String> = (0..=MAX_UPDATES).map(|number| format!("{NOTHING} {NEW} refs/tags/{number}")).collect();
        for lines in [
            vec!["hello".to_owned()],
            vec![format!("{OLD} {NEW}")],
            vec![format!("{OLD} {NEW} ")],
            vec![format!("{OLD} {NEW} a\nb")],
            vec![format!("{OLD} {OLD} refs/heads/main")],
            vec![format!("{OLD} main refs/heads/main")],
            vec![format!("{OLD} {NEW} a"), format!("{OLD} {NEW} a")],
            vec![format!("{OLD} {NEW} {}", "x".repeat(MAX_REFERENCE + 1))],
            vec![format!("shallow {OLD}"); MAX_SHALLOW + 1],
            many,
        ] {
            let fault = read_asked(&mut said(&lines).as_slice()).await.unwrap_err();
            assert_eq!(fault.kind(), io::ErrorKind::InvalidData, "{lines:?}");
        }
        for broken in [&b"00"[..], b"0001", b"0003", b"fff5", b"+00a", b"ffffx", b"0010abc"] {
            assert!(read_asked(&mut &*broken).await.is_err(), "{broken:?}");
        }
    }

    #[test]
    fn answers_fit_into_packets() {
        let update = Update { reference: "refs/heads/main".into(), old: None, new: Some(NEW.into()) };
        let asked = Asked { updates: vec![update], report: true, side_band: true };
        let report = Report {
            messages: vec!["x".repeat(100_000), "two\nlines".into()],
            unpacked: Ok(()),
            updates: vec![("refs/heads/main".into(), Err("no\nway".into()))],
        };
        let answer = asked.answer(&report);
        let mut rest = answer.as_slice();
        let (mut words, mut status) = (Vec::new(), Vec::new());
        loop {
            let length = usize::from_str_radix(std::str::from_utf8(&rest[..4]).unwrap(), 16).unwrap();
            if length == 0 {
                break;
            }
            assert!(length <= MAX_PACKET);
            if rest[4] == 2 {
                words.extend_from_slice(&rest[5..length])
            } else {
                status.extend_from_slice(&rest[5..length])
            }
            rest = &rest[length..];
        }
        assert_eq!(rest, FLUSH);
        assert_eq!(words, format!("{}\ntwo lines\n", "x".repeat(100_000)).into_bytes());
        assert_eq!(status, b"000eunpack ok\n001eng refs/heads/main no way\n0000");
        let mute = Asked { report: false, side_band: false, ..asked };
        assert!(mute.answer(&report).is_empty());
    }
}
