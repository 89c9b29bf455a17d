//! What every export has beside the pictures and their regions: how to load it, what is not in it, and what all its files should be.

use super::selection::Chosen;
use super::{Image, Written, failed};
use crate::model::download::safe_cell;
use crate::model::{AppError, ExportOptions};
use crate::server::list_download::table_into;
use serde_json::json;
use std::io::{self, Write};

/// What the documents say.
pub struct About<'a> {
    /// What was exported.
    pub name: &'a str,
    /// How.
    pub options: &'a ExportOptions,
    /// How many pictures there are.
    pub pictures: usize,
    /// Whether the pictures' files come along.
    pub with_files: bool,
}

/// The list of all files with their SHA-256, as `sha256sum --check` reads it.
const MANIFEST: &str = "manifest-sha256.txt";

/// Writes the documents. The manifest is the last: it has all others in it.
pub fn add(written: &mut Written, about: &About, images: &[Image], chosen: &[Chosen]) -> Result<(), AppError> {
    let losses = json!({ "losses": written.losses });
    let losses = serde_json::to_string_pretty(&losses).map_err(failed)?;
    let mut texts = vec![("README.md", readme(about, &written.losses)), ("losses.json", losses + "\n")];
    if !about.with_files {
        texts.push(("urls.csv", urls(written, chosen).map_err(failed)?));
    }
    for (path, text) in texts {
        written.texts.add(path, text.as_bytes()).map_err(failed)?;
    }
    let mut manifest = Vec::new();
    for text in written.texts.list() {
        writeln!(manifest, "{}  {}", text.sha256, text.path).map_err(failed)?;
    }
    for image in images {
        writeln!(manifest, "{}  {}", image.sha256, image.path).map_err(failed)?;
    }
    written.texts.add(MANIFEST, &manifest).map_err(failed)
}

/// Where the pictures' files can be had, and what they are then.
fn urls(written: &Written, chosen: &[Chosen]) -> io::Result<String> {
    let mut table = table_into(Vec::new());
    table.write_record(["path", "split", "url", "media_type", "size", "sha256"])?;
    written.spool.each(|gathered| {
        let file = &chosen[gathered.place].file;
        let place = written.places.get(&(gathered.split.clone(), gathered.path.clone()));
        let cells = [place.unwrap_or(&gathered.path), gathered.split.as_deref().unwrap_or_default(), &gathered.url];
        let [size, sha256] = [file.size.to_string(), file.sha256.clone()];
        let cells = cells.map(safe_cell);
        table.write_record(cells.iter().map(|cell| &**cell).chain([file.media_type.as_str(), &size, &sha256]))?;
        Ok::<(), io::Error>(())
    })?;
    let bytes = table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

fn readme(about: &About, losses: &[String]) -> String {
    let About { name, options, pictures, with_files } = about;
    let format = options.format;
    let mut text = format!("# {name}\n\n{pictures} pictures as {}, from Ocellus.\n\n", format.label());
    if !with_files {
        text += "The pictures' files are not in here; `urls.csv` says where they are.\n\n";
    }
    text += &format!(
        "Load it in Python, in this folder:\n\n```python\n{}\n```\n\n",
        format.python(options.split.is_some())
    );
    text += &format!(
        "- `ATTRIBUTION.md` and `attribution.csv` name the authors, sources and licences that reusers have to name.\n\
         - `LICENCES.md` sums up what the licences oblige to.\n\
         - `{MANIFEST}` has the SHA-256 of every file: `sha256sum --check {MANIFEST}`.\n\
         - `losses.json` says what this format could not say.\n"
    );
    if !losses.is_empty() {
        text += "\nNot everything could be said:\n\n";
        for loss in losses {
            text += &format!("- {loss}\n");
        }
    }
    text
}
