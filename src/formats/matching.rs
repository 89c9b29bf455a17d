//! Rows of a table and the files that they name.
//!
//! [`PathIndex`] finds the file that a text means. [`match_rows`] does that for all rows, and says what fits and what does not: every
//! number is exact, and of each kind of fault the first ones are listed. What people decide by hand ([`Repairs`]) comes before
//! everything that is found.

mod index;
mod pictures;
#[cfg(test)]
mod tests;

pub use index::{Found, PathIndex};
pub use pictures::{PictureIndex, Sought};

use crate::model::import::{Ambiguous, Likeness, Missing, NamedRow, Repairs, Repeated, RowsReport};
use crate::query::nearest;
use std::collections::{BTreeMap, HashMap};

/// The report, and which file belongs to which row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// What fits and what does not.
    pub report: RowsReport,
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
    let mut report = RowsReport::default();
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
            Wanted::Unnamed => report.unnamed.add_up_to(most, || named(number)),
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
                Some(first) if first != number as u64 => report.repeated.add_up_to(most, || Repeated {
                    row: named(number),
                    path: paths[file].clone(),
                    first,
                }),
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
            report.without_row.add_up_to(most, || (*path).clone());
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
    report: &mut RowsReport,
) -> BTreeMap<u64, Option<usize>> {
    let mut decided = BTreeMap::new();
    for (row, path) in &repairs.rows {
        let file = path.as_ref().map(|path| numbers.get(path.as_str()).copied());
        match file {
            _ if *row >= rows => report.wrong_repairs.add_up_to(most, || format!("there is no row {row}")),
            Some(None) => {
                let path = path.as_deref().unwrap_or_default();
                report.wrong_repairs.add_up_to(most, || format!("there is no file “{path}” for row {row}"));
            }
            Some(Some(file)) => drop(decided.insert(*row, Some(file))),
            None => drop(decided.insert(*row, None)),
        }
    }
    for (path, row) in &repairs.files {
        let Some(file) = numbers.get(path.as_str()) else {
            report.wrong_repairs.add_up_to(most, || format!("there is no file “{path}”"));
            continue;
        };
        let Some(row) = row else { continue };
        if *row >= rows {
            report.wrong_repairs.add_up_to(most, || format!("there is no row {row} for the file “{path}”"));
        } else if decided.get(row).is_some_and(|other| *other != Some(*file)) {
            report.wrong_repairs.add_up_to(most, || format!("row {row} is given another file than “{path}”"));
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
