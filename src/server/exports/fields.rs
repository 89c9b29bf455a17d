//! Additional fields of the pictures that leave, as columns of tables.

use crate::formats::tables::{Column, ColumnKind};
use crate::model::field::{FieldValue, PictureField, field_key};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Tables have at most so many columns for fields: those of spreadsheets have room for 16,384 altogether.
const MAX_COLUMNS: usize = 5000;

/// The columns of all fields that some picture has.
#[derive(Debug, Default)]
pub struct FieldColumns {
    by_key: BTreeMap<String, FieldColumn>,
    /// How many fields of pictures have no column.
    pub without_column: u64,
}

#[derive(Debug)]
struct FieldColumn {
    name: String,
    is_number: bool,
}

impl FieldColumns {
    /// Notes the fields of a picture. `is_taken` says which names other columns have.
    pub fn see(&mut self, fields: &[PictureField], is_taken: impl Fn(&str) -> bool) {
        for PictureField { name, value } in fields {
            let is_number = matches!(value, FieldValue::Number(_));
            let is_full = self.by_key.len() >= MAX_COLUMNS;
            match self.by_key.entry(field_key(name)) {
                Entry::Occupied(mut known) => known.get_mut().is_number &= is_number,
                Entry::Vacant(_) if is_full => self.without_column += 1,
                Entry::Vacant(free) => {
                    let name = if is_taken(free.key()) { format!("{name} (field)") } else { name.clone() };
                    free.insert(FieldColumn { name, is_number });
                }
            }
        }
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_key.values().map(|column| column.name.as_str())
    }

    /// The columns with what is in them: numbers only where all pictures have numbers.
    pub fn columns(&self) -> impl Iterator<Item = Column> {
        let kind = |is_number| if is_number { ColumnKind::Float } else { ColumnKind::Text };
        self.by_key.values().map(move |column| Column::new(&column.name, kind(column.is_number)))
    }

    /// What a picture's fields say in these columns.
    pub fn put(&self, fields: &[PictureField], row: &mut Map<String, Value>) {
        for PictureField { name, value } in fields {
            let Some(column) = self.by_key.get(&field_key(name)) else { continue };
            let said = match value {
                FieldValue::Number(number) if column.is_number => (*number).into(),
                value => value.text().into(),
            };
            row.insert(column.name.clone(), said);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_columns() {
        let field = |name: &str, value| PictureField { name: name.to_owned(), value };
        let first = [field("Depth", FieldValue::Number(2.5)), field("title", FieldValue::Text("x".into()))];
        let second = [field("depth", FieldValue::Text("deep".into())), field("age", FieldValue::Number(3.0))];
        let mut columns = FieldColumns::default();
        for fields in [&first, &second] {
            columns.see(fields, |key| key == "title");
        }
        assert_eq!(columns.names().collect::<Vec<_>>(), ["age", "Depth", "title (field)"]);
        let kinds: Vec<ColumnKind> = columns.columns().map(|column| column.kind).collect();
        assert_eq!(kinds, [ColumnKind::Float, ColumnKind::Text, ColumnKind::Text]);
        let mut row = Map::new();
        columns.put(&first, &mut row);
        assert_eq!(Value::Object(row), serde_json::json!({ "Depth": "2.5", "title (field)": "x" }));
    }
}
