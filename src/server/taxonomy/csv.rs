//! A table with a line for each object: `name,description,parent`.

use super::Entries;
use csv::{ReaderBuilder, StringRecord, Trim};

/// Stands between the names of several parents.
const SEPARATOR: char = ';';

/// Which field is what.
#[derive(Default)]
struct Columns {
    name: Option<usize>,
    description: Option<usize>,
    parent: Option<usize>,
}

/// Reads a table whose first line names its columns, in any order.
pub(super) fn read(text: &str, entries: &mut Entries) {
    // The reader would skip this mark of some programs, and count its bytes or not.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return entries.faults.add(1, format!("the table cannot be read: {error}")),
    };
    let Some(columns) = columns(&header, entries) else { return };
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) if !entries.are_enough() => {
                let at = record.position().map_or(0, csv::Position::byte);
                row(&record, lines.of(at), &header, &columns, entries);
            }
            Ok(_) => return,
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                return entries.faults.add(line_number(line), format!("the table cannot be read: {error}"));
            }
        }
    }
}

/// Finds the lines of records, which come in the order of the text. The reader's own number is that of the line where it went
/// on reading, which may be empty or the end of the one before.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line on which the record stands whose reading began at a byte.
    fn of(&mut self, byte: u64) -> u32 {
        let bytes = self.text.as_bytes();
        let begin = usize::try_from(byte).unwrap_or(bytes.len()).clamp(self.at, bytes.len());
        let breaks = bytes[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let newlines = bytes[self.at..begin + breaks].iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
        self.at = begin + breaks;
        self.line
    }
}

fn line_number(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

fn columns(header: &StringRecord, entries: &mut Entries) -> Option<Columns> {
    let mut columns = Columns::default();
    for (index, title) in header.iter().enumerate() {
        let column = match title.to_lowercase().as_str() {
            "name" => &mut columns.name,
            "description" => &mut columns.description,
            "parent" | "parents" => &mut columns.parent,
            _ => {
                let message = format!("`{title}` is not a known column; there are `name`, `description` and `parent`");
                entries.faults.add(1, message);
                continue;
            }
        };
        if column.replace(index).is_some() {
            entries.faults.add(1, format!("there are two columns `{title}`"));
        }
    }
    if columns.name.is_none() {
        entries.faults.add(1, "the first line must name the columns, and one of them must be `name`");
    }
    entries.faults.0.is_empty().then_some(columns)
}

fn row(record: &StringRecord, line: u32, header: &StringRecord, columns: &Columns, entries: &mut Entries) {
    if record.len() > header.len() {
        let message =
            format!("there are {} fields for {} columns; put a text with commas in quotes", record.len(), header.len());
        return entries.faults.add(line, message);
    }
    let field = |column: Option<usize>| column.and_then(|index| record.get(index)).unwrap_or_default();
    let parents = field(columns.parent).split(SEPARATOR).map(str::trim).filter(|name| !name.is_empty());
    let parents = parents.map(|name| (name.to_owned(), line)).collect();
    entries.add(line, field(columns.name), Some(field(columns.description)), parents);
}

#[cfg(test)]
mod tests {
    use crate::model::TaxonomyFormat::Csv;
    use crate::server::taxonomy::{Entry, read};

    fn entry(name: &str, description: Option<&str>, parents: &[(&str, u32)], line: u32) -> Entry {
        let parents = parents.iter().map(|(name, line)| ((*name).to_owned(), *line)).collect();
        Entry { name: name.into(), description: description.map(str::to_owned), parents, line }
    }

    #[test]
    fn a_table_is_read() {
        let text = "\u{feff}Name,Parent,Description\r\nAnimal,,\r\n\r\nPet,,\"Lives with people,\nmostly.\"\r\n\
                    Cat (Felis catus), Animal ; Pet ,Purrs\r\nCat (Felis catus),Mammal,\r\n";
        let (entries, faults) = read(Csv, text);
        assert_eq!(faults, []);
        let expected = [
            entry("Animal", None, &[], 2),
            entry("Pet", Some("Lives with people,\nmostly."), &[], 4),
            entry("Cat (Felis catus)", Some("Purrs"), &[("Animal", 6), ("Pet", 6), ("Mammal", 7)], 6),
        ];
        assert_eq!(entries, expected);
    }

    #[test]
    fn every_fault_has_its_line() {
        let faults = |text: &str| -> Vec<(u32, String)> {
            read(Csv, text).1.into_iter().map(|fault| (fault.line, fault.message)).collect()
        };
        let table = faults("name,description\nCat,a,b\n,x\nDog,one\na/b,\nDog,two\n");
        assert_eq!(table.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 5, 6], "{table:?}");
        assert!(table[0].1.contains("quotes") && table[3].1.contains("line 4"), "{table:?}");
        assert!(faults("title,parent\nCat,\n")[0].1.contains("`title` is not a known column"));
        assert!(faults("name,name\n")[0].1.contains("two columns"));
        assert_eq!(faults("name\n"), [(1, "there is no object in this text".to_owned())]);
        assert_eq!(faults("").len(), 1);
    }
}
