//! Taxonomies: many objects in one text, as a table or as YAML.
//!
//! [`read`] turns a text into entries, [`Plan::new`] compares them with the objects that there are; both find every fault and
//! its line. Only a plan without faults is carried out (`store::taxonomy`).

mod csv;
mod plan;
mod yaml;

pub use plan::{Known, Made, Plan};

use crate::model::limits::{MAX_DESCRIPTION, check_text};
use crate::model::object::check_object_name;
use crate::model::{AppError, ImportFault, TaxonomyFormat};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest text, in bytes.
pub const MAX_BYTES: usize = 16_000_000;
/// Most objects in one text.
const MAX_ENTRIES: usize = 100_000;
/// Most parents of one object in a text.
const MAX_PARENTS: usize = 100;
/// Most faults that one text is told about.
const MAX_FAULTS: usize = 100;

/// An object as a text describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// The description, where there is one.
    pub description: Option<String>,
    /// Names of parents, with the lines that name them.
    pub parents: Vec<(String, u32)>,
    /// The first line that names the object.
    pub line: u32,
}

/// Collects faults, and says when there are enough.
#[derive(Debug, Default)]
struct Faults(Vec<ImportFault>);

impl Faults {
    fn add(&mut self, line: u32, message: impl Into<String>) {
        if !self.are_enough() {
            self.0.push(ImportFault { line, message: message.into() });
        }
    }

    fn are_enough(&self) -> bool {
        self.0.len() >= MAX_FAULTS
    }
}

/// Entries by name: an object may be named several times, and then has all the parents.
#[derive(Debug, Default)]
struct Entries {
    entries: Vec<Entry>,
    places: BTreeMap<String, usize>,
    faults: Faults,
}

impl Entries {
    /// Adds what one place of the text says of an object.
    fn add(&mut self, line: u32, name: &str, description: Option<&str>, parents: Vec<(String, u32)>) {
        let description = description.map(str::trim).filter(|text| !text.is_empty());
        let error = check_object_name("the name", name)
            .or_else(|| description.and_then(|text| check_text("the description", text, MAX_DESCRIPTION)));
        if let Some(error) = error {
            self.faults.add(line, format!("{} {}", error.field, error.message));
            return;
        }
        let place = self.places.get(name).copied();
        if place.is_none() && self.entries.len() >= MAX_ENTRIES {
            // What is beyond the limit is not kept; one fault says so.
            self.faults.add(line, format!("there are more than {MAX_ENTRIES} objects; import them in parts"));
            return;
        }
        let place = place.unwrap_or_else(|| {
            self.places.insert(name.to_owned(), self.entries.len());
            self.entries.push(Entry { name: name.to_owned(), description: None, parents: Vec::new(), line });
            self.entries.len() - 1
        });
        let entry = &mut self.entries[place];
        match (&entry.description, description) {
            (Some(first), Some(second)) if first != second => {
                let message = format!("`{name}` has another description on line {}", entry.line);
                self.faults.add(line, message);
            }
            (None, Some(second)) => entry.description = Some(second.to_owned()),
            _ => {}
        }
        let mut too_many = parents.len() > MAX_PARENTS;
        for (parent, line) in parents.into_iter().take(MAX_PARENTS) {
            if entry.parents.iter().any(|(known, _)| *known == parent) {
                continue;
            }
            too_many |= entry.parents.len() == MAX_PARENTS;
            if !too_many {
                entry.parents.push((parent, line));
            }
        }
        if too_many {
            self.faults.add(line, format!("`{name}` has more than {MAX_PARENTS} parents"));
        }
    }

    fn are_enough(&self) -> bool {
        self.faults.are_enough() || self.entries.len() >= MAX_ENTRIES && !self.faults.0.is_empty()
    }
}

/// Reads a text. The faults are sorted by line.
pub fn read(format: TaxonomyFormat, text: &str) -> (Vec<Entry>, Vec<ImportFault>) {
    let mut entries = Entries::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_BYTES {
        entries.faults.add(1, format!("the text has more than {} MB; import it in parts", MAX_BYTES / 1_000_000));
        return (Vec::new(), entries.faults.0);
    }
    match format {
        TaxonomyFormat::Csv => csv::read(text, &mut entries),
        TaxonomyFormat::Yaml => yaml::read(text, &mut entries),
    }
    let Entries { entries, mut faults, .. } = entries;
    if entries.is_empty() && faults.0.is_empty() {
        faults.add(1, "there is no object in this text");
    }
    faults.0.sort_by_key(|fault| fault.line);
    (entries, faults.0)
}

/// Reads a text on a thread for blocking work; without a format, it is guessed.
pub async fn read_off_thread(
    text: String,
    format: Option<TaxonomyFormat>,
) -> Result<(Arc<[Entry]>, Vec<ImportFault>), AppError> {
    let work = tokio::task::spawn_blocking(move || {
        let (entries, faults) = read(format.unwrap_or_else(|| TaxonomyFormat::guess(&text)), &text);
        (Arc::from(entries), faults)
    });
    work.await.map_err(|error| super::errors::internal("reading a taxonomy", &error))
}
