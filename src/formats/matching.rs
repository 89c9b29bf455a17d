//! Rows of a table and the files that they name.
//!
//! [`PathIndex`] finds the file that a text means. [`match_rows`] does that for all rows, and says what fits and what does not: every
//! number is exact, and of each kind of fault the first ones are listed. What people decide by hand ([`Repairs`]) comes before
//! everything that is found.

mod index;
mod pictures;
#[cfg(test)]
mod tests;

pub use index::{Found, Likeness, PathIndex};
pub use pictures::{PictureIndex, Sought};

use crate::query::nearest;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// What people decide by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Repairs {
    /// By the number of a row, from 0: the path of its file, or null for a row that is left out.
    pub rows: BTreeMap<u64, Option<String>>,
    /// By the path of a file: the number of its row, or null for a file that needs none. What is said of the row itself counts more.
    pub files: BTreeMap<String, Option<u64>>,
}

/// How many there are of something, and the first of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed<T> {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub first: Vec<T>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

impl<T> Listed<T> {
    /// Counts one more, which is only made where it is listed.
    fn add(&mut self, most: usize, make: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.len() < most {
            self.first.push(make());
        }
    }
}

/// A row as a table has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedRow {
    /// Its number, from 0.
    pub row: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// What it says its file is; cut where it is long.
    pub name: String,
}

/// A row without a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The row.
    pub row: NamedRow,
    /// A file without a row that may be meant.
    pub nearest: Option<String>,
}

/// A row that names more than one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ambiguous {
    /// The row.
    pub row: NamedRow,
    /// Some of these files.
    pub paths: Vec<String>,
}

/// A row whose file an earlier one has, or one that somebody gave it to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeated {
    /// The row.
    pub row: NamedRow,
    /// The file.
    pub path: String,
    /// The number of the row that has the file.
    pub first: u64,
}

/// What fits and what does not. Each row is counted once: `matched`, `left_out`, `unnamed`, `missing`, `ambiguous` and `repeated` are all
/// of them. Each file is counted once, too: `matched`, `without_row` and `without_need` are all files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Rows with a file.
    pub matched: u64,
    /// How many of them have another name than their file, by what is the same.
    pub alike: BTreeMap<Likeness, u64>,
    /// Rows that somebody left out.
    pub left_out: u64,
    /// Rows that name no file.
    pub unnamed: Listed<NamedRow>,
    /// Rows that name a file that is not there.
    pub missing: Listed<Missing>,
    /// Rows that name one of several files.
    pub ambiguous: Listed<Ambiguous>,
    /// Rows that name a file that another row has.
    pub repeated: Listed<Repeated>,
    /// Files that no row names.
    pub without_row: Listed<String>,
    /// Files of which somebody said that they need no row.
    pub without_need: u64,
    /// Repairs that name a row or file that does not exist, or a row twice.
    pub wrong_repairs: Listed<String>,
}

/// The report, and which file belongs to which row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// What fits and what does not.
    pub report: Report,
    /// For each row its file, as the number of its path.
    pub files: Vec<Option<usize>>,
}

/// A name is shown up to so many characters.
const SHOWN: usize = 300;
/// Of the files that a row may mean so many are listed.
const CANDIDATES: usize = 5;
/// So many comparisons of names are worth their time.
const COMPARISONS: usize = 500_000;

/// What a row is, before its file is known to be free.
enum Wanted {
    File(usize, Likeness),
    LeftOut,
    Unnamed,
    Missing,
    Ambiguous,
}

/// Finds the file of each row. `rows` are the lines on which they begin, and what they say; `most` faults of each kind are listed.
pub fn match_rows(index: &PathIndex, rows: &[(u64, String)], repairs: &Repairs, most: usize) -> Matches {
    let mut report = Report::default();
    let paths = index.paths();
    let numbers: HashMap<&str, usize> =
        paths.iter().enumerate().map(|(number, path)| (path.as_str(), number)).collect();
    let decided = decided(&numbers, rows.len() as u64, repairs, most, &mut report);
    let named =
        |row: usize| NamedRow { row: row as u64, line: rows[row].0, name: rows[row].1.chars().take(SHOWN).collect() };
    let mut owners: Vec<Option<u64>> = vec![None; paths.len()];
    let mut files: Vec<Option<usize>> = vec![None; rows.len()];
    // Whom somebody gave a file has it, wherever other rows stand that name it.
    for (row, file) in &decided {
        if let Some(file) = file
            && owners[*file].is_none()
        {
            owners[*file] = Some(*row);
            files[*row as usize] = Some(*file);
        }
    }
    let (mut missing, mut ambiguous) = (Vec::new(), Vec::new());
    for (number, (_, name)) in rows.iter().enumerate() {
        let wanted = match decided.get(&(number as u64)) {
            Some(Some(file)) => Wanted::File(*file, Likeness::Same),
            Some(None) => Wanted::LeftOut,
            None if name.trim().is_empty() => Wanted::Unnamed,
            None => match index.find(name) {
                Found::One(file, likeness) => Wanted::File(file, likeness),
                Found::Several => Wanted::Ambiguous,
                Found::None => Wanted::Missing,
            },
        };
        match wanted {
            Wanted::LeftOut => report.left_out += 1,
            Wanted::Unnamed => report.unnamed.add(most, || named(number)),
            Wanted::Ambiguous => {
                report.ambiguous.count += 1;
                if ambiguous.len() < most {
                    ambiguous.push(number);
                }
            }
            Wanted::Missing => {
                report.missing.count += 1;
                if missing.len() < most {
                    missing.push(number);
                }
            }
            Wanted::File(file, likeness) => match owners[file] {
                Some(first) if first != number as u64 => {
                    report.repeated.add(most, || Repeated { row: named(number), path: paths[file].clone(), first })
                }
                _ => {
                    owners[file] = Some(number as u64);
                    files[number] = Some(file);
                    report.matched += 1;
                    if likeness != Likeness::Same {
                        *report.alike.entry(likeness).or_default() += 1;
                    }
                }
            },
        }
    }
    let free: Vec<&String> =
        paths.iter().zip(&owners).filter(|(_, owner)| owner.is_none()).map(|(path, _)| path).collect();
    for path in &free {
        if matches!(repairs.files.get(*path), Some(None)) {
            report.without_need += 1;
        } else {
            report.without_row.add(most, || (*path).clone());
        }
    }
    let texts: Vec<&str> = ambiguous.iter().map(|number| rows[*number].1.as_str()).collect();
    let candidates = index.candidates(&texts, CANDIDATES);
    report.ambiguous.first = ambiguous
        .into_iter()
        .zip(candidates)
        .map(|(number, paths)| Ambiguous { row: named(number), paths: paths.into_iter().map(str::to_owned).collect() })
        .collect();
    let mut left = COMPARISONS;
    for number in missing {
        let rest = left.checked_sub(free.len());
        let meant = rest.and_then(|_| nearest_of(&rows[number].1, &free));
        left = rest.unwrap_or(left);
        report.missing.first.push(Missing { row: named(number), nearest: meant });
    }
    Matches { report, files }
}

/// What people decided of rows: a file, or nothing for a row that is left out. What names nothing that exists is reported.
fn decided(
    numbers: &HashMap<&str, usize>,
    rows: u64,
    repairs: &Repairs,
    most: usize,
    report: &mut Report,
) -> BTreeMap<u64, Option<usize>> {
    let mut decided = BTreeMap::new();
    for (row, path) in &repairs.rows {
        let file = path.as_ref().map(|path| numbers.get(path.as_str()).copied());
        match file {
            _ if *row >= rows => report.wrong_repairs.add(most, || format!("there is no row {row}")),
            Some(None) => {
                let path = path.as_deref().unwrap_or_default();
                report.wrong_repairs.add(most, || format!("there is no file “{path}” for row {row}"));
            }
            Some(Some(file)) => drop(decided.insert(*row, Some(file))),
            None => drop(decided.insert(*row, None)),
        }
    }
    for (path, row) in &repairs.files {
        let Some(file) = numbers.get(path.as_str()) else {
            report.wrong_repairs.add(most, || format!("there is no file “{path}”"));
            continue;
        };
        let Some(row) = row else { continue };
        if *row >= rows {
            report.wrong_repairs.add(most, || format!("there is no row {row} for the file “{path}”"));
        } else if decided.get(row).is_some_and(|other| *other != Some(*file)) {
            report.wrong_repairs.add(most, || format!("row {row} is given another file than “{path}”"));
        } else {
            decided.insert(*row, Some(*file));
        }
    }
    decided
}

/// The free file whose name is nearest to what a row says.
fn nearest_of(name: &str, free: &[&String]) -> Option<String> {
    let last = |path: &str| path.rfind(['/', '\\']).map_or(0, |slash| slash + 1);
    let best = nearest(&name[last(name)..], free.iter().map(|path| &path[last(path)..]))?;
    free.iter().find(|path| path[last(path)..] == *best).map(|path| (*path).clone())
}
