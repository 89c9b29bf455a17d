//! What every export has beside the pictures and their regions: how to load it, whom to name, what the licences ask for, what is not in it, and
//! what all its files should be.

use super::selection::Chosen;
use super::{Part, Site, Written};
use crate::formats::attribution::{Credit, CreditList, CreditTable, LicenceTally};
use crate::model::ExportOptions;
use crate::model::attribution::Attribution;
use crate::model::download::safe_cell;
use crate::model::licence_group::Conditions;
use crate::server::list_download::table_into;
use serde_json::json;
use std::io::{self, Write};

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

/// Writes the documents. The manifest is the last: it has all others in it.
pub fn add(
    written: &mut Written,
    about: &About,
    parts: &[Part],
    places: &[String],
    chosen: &[Chosen],
) -> io::Result<()> {
    let (list, table) = credits(written, about.site, places)?;
    let losses = serde_json::to_vec_pretty(&json!({ "losses": about.losses }))?;
    let mut texts = vec![
        ("ATTRIBUTION.md", list),
        ("README.md", readme(about, chosen.len()).into_bytes()),
        ("attribution.csv", table),
        ("losses.json", losses),
    ];
    if !about.with_files {
        texts.push(("urls.csv", urls(written, places, chosen)?));
    }
    for (path, text) in texts {
        // Somebody may have called a picture's file so.
        let mut path = path.to_owned();
        while written.texts.has(&path) || parts.iter().any(|part| part.path == path) {
            path = format!("export-{path}");
        }
        written.texts.add(&path, &text)?;
    }
    let mut manifest = Vec::new();
    let of_texts = written.texts.list().iter().map(|text| (&text.sha256, &text.path));
    let of_parts = parts.iter().filter_map(|part| Some((part.sha256.as_ref()?, &part.path)));
    for (sha256, path) in of_texts.chain(of_parts) {
        writeln!(manifest, "{sha256}  {path}")?;
    }
    written.texts.add(MANIFEST, &manifest)
}

/// Whom to name for which picture, as a text with what the licences ask for, and as a table.
fn credits(written: &Written, site: &Site, places: &[String]) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let conditions = site.licences.iter().map(|licence| (licence.id.clone(), Conditions::of(licence)));
    let mut tally = LicenceTally::new(conditions.collect());
    let (mut list, mut table) = (CreditList::new(Vec::new())?, CreditTable::new(Vec::new())?);
    written.spool.each(|gathered| {
        let attribution = match &gathered.picture {
            Some(picture) => Attribution::of(picture, gathered.original.as_ref(), &site.licences),
            None => Attribution {
                title: gathered.path.clone(),
                author: "somebody who is not known any more".to_owned(),
                source: gathered.url.clone(),
                licences: Vec::new(),
            },
        };
        tally.add(gathered.picture.as_ref().map(|picture| picture.licences.as_slice()).unwrap_or_default());
        let credit = Credit { path: places[gathered.place].clone(), attribution, changes: Vec::new() };
        list.add(&credit)?;
        table.add(&credit)
    })?;
    Ok((list.finish(&tally)?, table.finish()?))
}

/// Where the pictures' files can be had, and what they are then.
fn urls(written: &Written, places: &[String], chosen: &[Chosen]) -> io::Result<Vec<u8>> {
    let mut table = table_into(Vec::new());
    table.write_record(["path", "split", "url", "media_type", "size", "sha256"])?;
    written.spool.each(|gathered| {
        let file = &chosen[gathered.place].file;
        let split = gathered.split.as_deref().unwrap_or_default();
        let cells = [places[gathered.place].as_str(), split, &gathered.url].map(safe_cell);
        let [size, sha256] = [file.size.to_string(), file.sha256.clone()];
        table.write_record(cells.iter().map(|cell| &**cell).chain([file.media_type.as_str(), &size, &sha256]))?;
        Ok::<(), io::Error>(())
    })?;
    table.into_inner().map_err(|error| io::Error::other(error.to_string()))
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
    if !losses.is_empty() {
        text += "\nNot everything is in here as it is on the site:\n\n";
        for loss in *losses {
            text += &format!("- {loss}\n");
        }
    }
    text
}
