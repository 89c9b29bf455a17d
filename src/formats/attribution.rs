//! What a reuser owes for many pictures: a line for each as Markdown and in a table, and what their licences ask for together.
//!
//! A picture may be used under any one of its licences, so within a picture they are joined by `OR`, and pictures by `AND`. The expression
//! is after annex D of the SPDX specification 2.3 ("SPDX license expressions"): what is no licence of SPDX is a `LicenseRef-`, and a picture
//! without a licence is `NONE`. A table is RFC 4180, and no cell of it is a formula.
//!
//! Pictures come one by one, and of each only its licences are kept, counted.

mod uses;

pub use uses::{Exclusion, Use, UseCheck, Verdict};

use crate::model::attribution::Attribution;
use crate::model::download::safe_cell;
use crate::model::licence_group::Conditions;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// So many combinations of licences are told apart; what comes then is counted without being named.
const MAX_COMBINATIONS: usize = 10_000;

/// A picture as a list of attributions has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The path of its file among what is taken along.
    pub path: String,
    /// What a reuser owes.
    pub attribution: Attribution,
    /// What was done to the file, such as "resized".
    pub changes: Vec<String>,
}

/// A list of attributions in Markdown (CommonMark).
pub struct CreditList<W: Write> {
    to: W,
}

impl<W: Write> CreditList<W> {
    /// Begins the list.
    pub fn new(mut to: W) -> io::Result<Self> {
        writeln!(to, "# Attribution\n")?;
        writeln!(to, "Every picture may be used under any one of the licences that it names.\n")?;
        Ok(Self { to })
    }

    /// Writes what is owed for a picture, as one item of the list.
    pub fn add(&mut self, credit: &Credit) -> io::Result<()> {
        write!(self.to, "- {}: {}", code(&credit.path), credit.attribution.markdown())?;
        if credit.attribution.licences.is_empty() {
            write!(self.to, ", no licence")?;
        }
        if !credit.changes.is_empty() {
            // Only words of ours, but they come from elsewhere in the program.
            write!(self.to, ". Changes: {}", code(&credit.changes.join(", ")))?;
        }
        writeln!(self.to)
    }

    /// Ends the list with what the licences ask for.
    pub fn finish(mut self, licences: &LicenceTally) -> io::Result<W> {
        writeln!(self.to, "\n# Licences\n")?;
        for line in licences.lines() {
            writeln!(self.to, "- {line}")?;
        }
        writeln!(self.to, "\nAll pictures together: {}", code(&licences.expression()))?;
        Ok(self.to)
    }
}

/// A text as code in Markdown, between more backticks than it has in a row.
fn code(text: &str) -> String {
    let text = text.replace(char::is_control, " ");
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let ticks = "`".repeat(longest + 1);
    // A space on both sides belongs to the marks, and keeps backticks apart.
    format!("{ticks} {text} {ticks}")
}

/// The same list as a table.
pub struct CreditTable<W: Write> {
    table: csv::Writer<W>,
}

impl<W: Write> CreditTable<W> {
    /// Begins the table with a line of names.
    pub fn new(to: W) -> io::Result<Self> {
        let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
        table.write_record(["path", "title", "author", "source", "licences", "licence_urls", "changes"])?;
        Ok(Self { table })
    }

    /// Writes what is owed for a picture, as a row.
    pub fn add(&mut self, credit: &Credit) -> io::Result<()> {
        let Attribution { title, author, source, licences } = &credit.attribution;
        let names: Vec<&str> = licences.iter().map(|terms| terms.name.as_str()).collect();
        let urls: Vec<&str> = licences.iter().map(|terms| terms.url.as_deref().unwrap_or_default()).collect();
        let lists = [names.join(";"), urls.join(";"), credit.changes.join(";")];
        let cells = [&credit.path, title, author, source].into_iter().chain(&lists);
        self.table.write_record(cells.map(|cell| safe_cell(cell).into_owned()))?;
        Ok(())
    }

    /// Ends the table.
    pub fn finish(self) -> io::Result<W> {
        self.table.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }
}

/// How many pictures have which licences.
#[derive(Clone, Debug, Default)]
pub struct LicenceTally {
    /// By the sorted ids of the licences.
    combinations: BTreeMap<Vec<String>, u64>,
    /// What is known of the licences.
    conditions: BTreeMap<String, Conditions>,
    /// How many pictures have combinations beyond those that are told apart.
    others: u64,
}

impl LicenceTally {
    /// Counts nothing yet. What licences ask for is looked up here by their ids.
    pub fn new(conditions: BTreeMap<String, Conditions>) -> Self {
        Self { combinations: BTreeMap::new(), conditions, others: 0 }
    }

    /// Counts a picture with these licences.
    pub fn add(&mut self, licences: &[String]) {
        let mut sorted = licences.to_vec();
        sorted.sort();
        sorted.dedup();
        if let Some(count) = self.combinations.get_mut(&sorted) {
            *count += 1;
        } else if self.combinations.len() < MAX_COMBINATIONS {
            self.combinations.insert(sorted, 1);
        } else {
            self.others += 1;
        }
    }

    /// The combinations, sorted, with how many pictures have exactly these licences.
    pub fn combinations(&self) -> impl Iterator<Item = (&[String], u64)> {
        self.combinations.iter().map(|(licences, count)| (licences.as_slice(), *count))
    }

    /// How many pictures have combinations beyond those.
    pub fn others(&self) -> u64 {
        self.others
    }

    /// How many pictures have each licence, as far as their combinations are told apart.
    pub fn licences(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for (licences, count) in &self.combinations {
            for licence in licences {
                *counts.entry(licence.as_str()).or_default() += count;
            }
        }
        counts
    }

    /// What one has to comply with who uses all pictures: each combination once, sorted.
    pub fn expression(&self) -> String {
        let is_alone = self.combinations.len() + usize::from(self.others > 0) == 1;
        let mut terms: Vec<String> = self.combinations.keys().map(|licences| either(licences, is_alone)).collect();
        if self.others > 0 {
            terms.push("LicenseRef-others".to_owned());
        }
        if terms.is_empty() { "NONE".to_owned() } else { terms.join(" AND ") }
    }

    /// What is known of a licence.
    fn conditions_of(&self, licence: &str) -> Conditions {
        self.conditions.get(licence).copied().unwrap_or_default()
    }

    /// What the licences of each combination oblige to, as plain sentences, the most frequent combination first.
    pub fn lines(&self) -> Vec<String> {
        let mut sorted: Vec<(&Vec<String>, u64)> = self.combinations.iter().map(|(key, count)| (key, *count)).collect();
        sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let mut lines: Vec<String> = sorted
            .into_iter()
            .map(|(licences, count)| {
                let pictures = if count == 1 { "picture" } else { "pictures" };
                let words = |licence: &String| format!("{licence} ({})", obligations(self.conditions_of(licence)));
                let choice: Vec<String> = licences.iter().map(words).collect();
                let said = if choice.is_empty() { "no licence, so ask first".to_owned() } else { choice.join(" or ") };
                format!("{count} {pictures}: {said}")
            })
            .collect();
        if self.others > 0 {
            lines.push(format!("{} more pictures with other licences together", self.others));
        }
        lines
    }
}

/// Licences of which one is enough, as a part of an expression.
fn either(licences: &[String], is_alone: bool) -> String {
    let name = |id: &String| match id.starts_with("X-") {
        true => format!("LicenseRef-{id}"),
        false => id.clone(),
    };
    let names: Vec<String> = licences.iter().map(name).collect();
    match names.as_slice() {
        [] => "NONE".to_owned(),
        [one] => one.clone(),
        many if is_alone => many.join(" OR "),
        many => format!("({})", many.join(" OR ")),
    }
}

/// What a licence obliges to, in words.
pub fn obligations(conditions: Conditions) -> String {
    let Conditions { attribution, share_alike, derivatives, commercial } = conditions;
    if conditions == Conditions::default() {
        return "terms unknown".to_owned();
    }
    let words = [
        (attribution == Some(true), "name the author"),
        (share_alike == Some(true), "share alike"),
        (derivatives == Some(false), "no derivatives"),
        (commercial == Some(false), "not for money"),
        (
            attribution.is_none() || share_alike.is_none() || derivatives.is_none() || commercial.is_none(),
            "rest unknown",
        ),
    ];
    let said: Vec<&str> = words.into_iter().filter_map(|(holds, word)| holds.then_some(word)).collect();
    if said.is_empty() { "no conditions".to_owned() } else { said.join(", ") }
}

#[cfg(test)]
mod tests;
