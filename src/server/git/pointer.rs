//! Pointers: what stands in the repository in place of a file's bytes, in the form that DVC reads and writes.

use crate::model::version::is_md5;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a pointer's name ends with.
pub const EXTENSION: &str = ".dvc";
/// No pointer is larger, in bytes.
pub const MAX_BYTES: usize = 16 << 10;

/// Which bytes a file has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pointer {
    /// Their MD5, in lower-case hexadecimal digits.
    pub md5: String,
    /// How many they are.
    pub size: u64,
}

/// What is wrong with a text that should be a pointer.
#[derive(Debug)]
pub struct PointerError(String);

impl fmt::Display for PointerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PointerError {}

/// The whole text. Other keys, which DVC knows, would say that the bytes are elsewhere or come from something else.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    outs: Vec<Out>,
}

/// The one file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Out {
    md5: String,
    size: u64,
    hash: String,
    path: String,
}

impl Pointer {
    /// The text of the pointer to a file at this path.
    pub fn write(&self, path: &str) -> String {
        // DVC writes the same by hand; only the name has to be quoted, for which every JSON string is YAML.
        let name = serde_json::Value::from(name_of(path));
        format!("outs:\n- md5: {}\n  size: {}\n  hash: md5\n  path: {name}\n", self.md5, self.size)
    }

    /// Reads the pointer to a file at this path.
    pub fn read(path: &str, text: &[u8]) -> Result<Self, PointerError> {
        let wrong = |how: String| Err(PointerError(how));
        if text.len() > MAX_BYTES {
            return wrong(format!("it has more than {MAX_BYTES} bytes"));
        }
        let document: Document = serde_yaml::from_slice(text).map_err(|error| PointerError(error.to_string()))?;
        let [out] = <[Out; 1]>::try_from(document.outs)
            .map_err(|outs| PointerError(format!("it has {} entries in place of one", outs.len())))?;
        if out.hash != "md5" {
            return wrong(format!("its hash is `{}`, and not `md5`", out.hash));
        }
        if !is_md5(&out.md5) {
            return wrong(
                "its md5 is not one of 32 lower-case hexadecimal digits; folders as a whole are not kept here"
                    .to_owned(),
            );
        }
        if out.path != name_of(path) {
            return wrong(format!("its path is not `{}`, as its own name says", name_of(path)));
        }
        Ok(Self { md5: out.md5, size: out.size })
    }
}

/// The last name of a path.
fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MD5: &str = "0123456789abcdef0123456789abcdef";

    proptest! {
        #[test]
        fn what_is_written_is_read(md5 in "[0-9a-f]{32}", size: u64, path in "(\\PC|[\"'#:&*! ])(\\PC|[/\"'#: ]){0,40}") {
            let pointer = Pointer { md5, size };
            prop_assert_eq!(Pointer::read(&path, pointer.write(&path).as_bytes()).unwrap(), pointer);
        }

        #[test]
        fn no_text_is_too_much(text in "\\PC*|(outs|:|-|\\*|&a|\n| |md5|size|\\{|\\[){0,200}") {
            let _ = Pointer::read("a", text.as_bytes());
        }
    }

    #[test]
    fn what_dvc_writes_is_read() {
        let text = format!("outs:\n- md5: {MD5}\n  size: 5\n  hash: md5\n  path: cat 1.png\n");
        assert_eq!(Pointer::read("a/cat 1.png", text.as_bytes()).unwrap(), Pointer { md5: MD5.to_owned(), size: 5 });
        // What a name looks like does not matter.
        let pointer = Pointer { md5: "1".repeat(32), size: 0 };
        for name in ["1e3", "null", "true", "- a", "\"", "'", "a: b", "# a", "é", "~", "2026-01-01", "|", "%"] {
            assert_eq!(Pointer::read(name, pointer.write(name).as_bytes()).unwrap(), pointer, "{name}");
        }
    }

    #[test]
    fn what_is_no_pointer_to_one_file_is_refused() {
        let out = format!("- md5: {MD5}\n  size: 5\n  hash: md5\n  path: a\n");
        for (text, what) in [
            (String::new(), "missing"),
            ("outs: []\n".to_owned(), "0 entries"),
            (format!("outs:\n{out}{out}"), "2 entries"),
            (format!("deps: []\nouts:\n{out}"), "unknown field `deps`"),
            (format!("outs:\n{out}  remote: elsewhere\n"), "unknown field `remote`"),
            (format!("outs:\n{out}").replace("path: a", "path: b"), "its path"),
            (format!("outs:\n{out}").replace("path: a", "path: ../a"), "its path"),
            (format!("outs:\n{out}").replace("hash: md5", "hash: etag"), "its hash"),
            (format!("outs:\n{out}").replace(MD5, &format!("{MD5}.dir")), "its md5"),
            (format!("outs:\n{out}").replace("size: 5", "size: -5"), "integer"),
            ("x".repeat(MAX_BYTES + 1), "bytes"),
        ] {
            let error = Pointer::read("a", text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(what), "{what}: {error}");
        }
        assert!(Pointer::read("a", &[0xff, 0xfe, 0]).is_err());
    }
}
