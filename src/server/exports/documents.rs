//! What every export has beside the pictures and their regions: how to load it, whom to name, what the licences ask for, what is not in it, and
//! what all its files should be.

use super::gathering::{Gathered, Spool};
use super::selection::Chosen;
use super::texts::Texts;
use super::{Part, Site, Written};
use crate::formats::attribution::{Credit, CreditList, CreditTable, LicenceTally};
use crate::model::attribution::Attribution;
use crate::model::download::safe_cell;
use crate::model::licence_group::Conditions;
use crate::model::{ExportFormat, ExportOptions};
use crate::server::list_download::table_into;
use serde_json::json;
use std::collections::HashSet;
use std::io::{self, BufWriter, Write};

/// What the documents say.
pub struct About<'a> {
    /// What was exported.
    pub name: &'a str,
    /// How.
    pub options: &'a ExportOptions,
    /// What was left out or changed, in words.
    pub losses: &'a [String],
    /// Whether the pictures' files come along.
    pub with_files: bool,
    /// What is known of the site.
    pub site: &'a Site,
}

/// The list of all files with their SHA-256, as `sha256sum --check` reads it.
const MANIFEST: &str = "manifest-sha256.txt";

/// The files that the documents are about.
pub struct Files<'a> {
    /// What is in the archive besides texts.
    pub parts: &'a [Part],
    /// Where each picture's file is, or where loaders look for it.
    pub places: &'a [String],
    /// The pictures.
    pub chosen: &'a [Chosen],
    /// Of each picture whether the place is taken out of its file.
    pub placeless: &'a [bool],
}

/// Writes the documents. The manifest is the last: it has all others in it.
pub fn add(written: &mut Written, about: &About, files: &Files) -> io::Result<()> {
    let taken: HashSet<&str> = files.parts.iter().map(|part| part.path.as_str()).collect();
    // Somebody may have called a picture's file so.
    let free = |texts: &Texts, name: &str| {
        let mut path = name.to_owned();
        while texts.has(&path) || taken.contains(path.as_str()) {
            path = format!("export-{path}");
        }
        path
    };
    let Written { texts, spool, .. } = written;
    let path = free(texts, "README.md");
    texts.add(&path, readme(about, files.chosen.len()).as_bytes())?;
    let path = free(texts, "losses.json");
    texts.add(&path, &serde_json::to_vec_pretty(&json!({ "losses": about.losses }))?)?;
    let path = free(texts, "ATTRIBUTION.md");
    write_credits(spool, about.site, files.places, BufWriter::new(texts.begin(&path)))?;
    let path = free(texts, "attribution.csv");
    write_credit_table(spool, about.site, files.places, BufWriter::new(texts.begin(&path)))?;
    if !about.with_files {
        let path = free(texts, "urls.csv");
        write_urls(spool, files, BufWriter::new(texts.begin(&path)))?;
    }
    let listed: Vec<(String, String)> =
        texts.list().iter().map(|text| (text.sha256.clone(), text.path.clone())).collect();
    let path = free(texts, MANIFEST);
    let mut manifest = BufWriter::new(texts.begin(&path));
    let of_parts = files.parts.iter().filter_map(|part| Some((part.sha256.as_ref()?, &part.path)));
    for (sha256, path) in listed.iter().map(|(sha256, path)| (sha256, path)).chain(of_parts) {
        writeln!(manifest, "{sha256}  {path}")?;
    }
    manifest.flush()
}

/// Whom to name for a picture.
fn credit_of(gathered: &Gathered, site: &Site, places: &[String]) -> Credit {
    let attribution = match &gathered.picture {
        Some(picture) => Attribution::of(picture, gathered.original.as_ref(), &site.licences),
        None => Attribution {
            title: gathered.path.clone(),
            author: "somebody who is not known any more".to_owned(),
            source: gathered.url.clone(),
            licences: Vec::new(),
        },
    };
    Credit { path: places[gathered.place].clone(), attribution, changes: Vec::new() }
}

/// Whom to name for which picture, with what the licences ask for.
fn write_credits(spool: &Spool, site: &Site, places: &[String], file: impl Write) -> io::Result<()> {
    let conditions = site.licences.iter().map(|licence| (licence.id.clone(), Conditions::of(licence)));
    let mut tally = LicenceTally::new(conditions.collect());
    let mut list = CreditList::new(file)?;
    spool.each(|gathered| {
        tally.add(gathered.picture.as_ref().map(|picture| picture.licences.as_slice()).unwrap_or_default());
        list.add(&credit_of(&gathered, site, places))
    })?;
    list.finish(&tally)?.flush()
}

/// The same as a table.
fn write_credit_table(spool: &Spool, site: &Site, places: &[String], file: impl Write) -> io::Result<()> {
    let mut table = CreditTable::new(file)?;
    spool.each(|gathered| table.add(&credit_of(&gathered, site, places)))?;
    table.finish()?.flush()
}

/// Where the pictures' files can be had, and what they are then. Of a file that comes without its place no digest is said.
fn write_urls(spool: &Spool, files: &Files, file: impl Write) -> io::Result<()> {
    let mut table = table_into(file);
    table.write_record(["path", "split", "url", "media_type", "size", "sha256"])?;
    spool.each(|gathered| {
        let file = &files.chosen[gathered.place].file;
        let split = gathered.split.as_deref().unwrap_or_default();
        let cells = [files.places[gathered.place].as_str(), split, &gathered.url].map(safe_cell);
        let sha256 = if files.placeless[gathered.place] { "" } else { &file.sha256 };
        let size = file.size.to_string();
        table.write_record(cells.iter().map(|cell| &**cell).chain([file.media_type.as_str(), &size, sha256]))?;
        Ok::<(), io::Error>(())
    })?;
    table.flush()
}

fn readme(about: &About, pictures: usize) -> String {
    let About { name, options, losses, with_files, .. } = about;
    let format = options.format;
    let mut text = format!("# {name}\n\n{pictures} pictures as {}, from Ocellus.\n\n", format.label());
    if !with_files {
        text += "The pictures' files are not in here; `urls.csv` says where they are.\n\n";
    }
    let python = format.python(options.split.is_some());
    text += &format!("Load it in Python, in this folder:\n\n```python\n{python}\n```\n\n");
    text += &format!(
        "- `ATTRIBUTION.md` and `attribution.csv` name the authors, sources and licences that reusers have to name; the first ends with \
         what the licences ask for together.\n\
         - `{MANIFEST}` has the SHA-256 of every file: `sha256sum --check {MANIFEST}`.\n\
         - `losses.json` says what could not be said in this form.\n"
    );
    if format == ExportFormat::Webdataset {
        text += "- `samples-sha256.csv` has the SHA-256 of every file in a shard; the shards themselves are not in the manifest.\n";
    }
    if !losses.is_empty() {
        text += "\nNot everything is in here as it is on the site:\n\n";
        for loss in *losses {
            text += &format!("- {loss}\n");
        }
    }
    text
}
