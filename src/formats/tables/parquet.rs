//! Parquet: a table column by column, which programs for data read without asking what stands in it.
//!
//! After the specification of the format at github.com/apache/parquet-format (`LogicalTypes.md` for lists and times). A picture is one row; its
//! licences are a list of texts, and its regions a list of structures: `object`, `type`, the box around it as `x`, `y`, `w` and `h`, and
//! `points`, which see [`PixelRegion`]. A time is a number of milliseconds in UTC. JSON is a text.
//!
//! Rows are gathered until they take about as much memory as a group of rows may; so the bound on memory is that of one group and the
//! largest picture.

use super::{Cell, Column, ColumnKind, Columns, LICENCES, PixelRegion, REGIONS, Row, count_unplaced};
use crate::formats::annotations::Losses;
use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::{Type, TypePtr};
use std::io::{self, Write};
use std::sync::Arc;

/// A group of rows takes about so many bytes of memory at most, unless a single picture takes more.
const GROUP_BYTES: usize = 32 << 20;
/// What a text takes beside its letters.
const TEXT_BYTES: usize = 48;

/// The values of a column that has no columns in it.
enum Values {
    Integers(Vec<i64>),
    Floats(Vec<f64>),
    Texts(Vec<ByteArray>),
    Booleans(Vec<bool>),
}

/// A column that has no columns in it, as far as it is gathered. Where values are missing or in lists, two numbers for each place say so:
/// how much of what might be missing is there, and in which list the place continues.
struct Leaf {
    values: Values,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    /// Whether the column is one of lists.
    is_listed: bool,
}

impl Leaf {
    fn new(values: Values, is_listed: bool) -> Self {
        Self { values, definitions: Vec::new(), repetitions: Vec::new(), is_listed }
    }

    fn level(&mut self, definition: i16, repetition: i16) -> usize {
        self.definitions.push(definition);
        if self.is_listed {
            self.repetitions.push(repetition);
        }
        2 * size_of::<i16>()
    }

    fn text(&mut self, text: &str) -> usize {
        if let Values::Texts(texts) = &mut self.values {
            texts.push(ByteArray::from(text));
        }
        text.len() + TEXT_BYTES
    }

    fn float(&mut self, float: f64) -> usize {
        if let Values::Floats(floats) = &mut self.values {
            floats.push(float);
        }
        size_of::<f64>()
    }

    fn integer(&mut self, integer: i64) -> usize {
        if let Values::Integers(integers) = &mut self.values {
            integers.push(integer);
        }
        size_of::<i64>()
    }

    fn boolean(&mut self, boolean: bool) -> usize {
        if let Values::Booleans(booleans) = &mut self.values {
            booleans.push(boolean);
        }
        size_of::<bool>()
    }

    /// Takes a cell. Answers how many bytes it takes.
    fn cell(&mut self, cell: Option<&Cell>) -> usize {
        let Some(cell) = cell else { return self.level(0, 0) };
        match cell {
            Cell::Texts(texts) => self.list(1, texts, |leaf, text| leaf.text(text)),
            Cell::Floats(floats) => self.list(1, floats, |leaf, float| leaf.float(*float)),
            Cell::Text(text) | Cell::Json(text) => self.level(1, 0) + self.text(text),
            Cell::Float(float) => self.level(1, 0) + self.float(*float),
            Cell::Integer(integer) => self.level(1, 0) + self.integer(*integer),
            // What is so far away that it does not fit means nothing anyway.
            Cell::Time(seconds) => self.level(1, 0) + self.integer(seconds.saturating_mul(1000)),
            Cell::Boolean(boolean) => self.level(1, 0) + self.boolean(*boolean),
        }
    }

    /// Takes a list that is there, of which `present` says so.
    fn list<T>(&mut self, present: i16, items: &[T], put: impl Fn(&mut Self, &T) -> usize) -> usize {
        if items.is_empty() {
            return self.level(present, 0);
        }
        let mut bytes = 0;
        for (index, item) in items.iter().enumerate() {
            bytes += self.level(present + 1, i16::from(index > 0)) + put(self, item);
        }
        bytes
    }

    /// Writes what is gathered, and forgets it.
    fn write(&mut self, column: &mut SerializedColumnWriter) -> Result<(), ParquetError> {
        let definitions = Some(self.definitions.as_slice()).filter(|definitions| !definitions.is_empty());
        let repetitions = self.is_listed.then_some(self.repetitions.as_slice());
        match &mut self.values {
            Values::Integers(values) => {
                column.typed::<Int64Type>().write_batch(values, definitions, repetitions)?;
                values.clear();
            }
            Values::Floats(values) => {
                column.typed::<DoubleType>().write_batch(values, definitions, repetitions)?;
                values.clear();
            }
            Values::Texts(values) => {
                column.typed::<ByteArrayType>().write_batch(values, definitions, repetitions)?;
                values.clear();
            }
            Values::Booleans(values) => {
                column.typed::<BoolType>().write_batch(values, definitions, repetitions)?;
                values.clear();
            }
        }
        self.definitions.clear();
        self.repetitions.clear();
        Ok(())
    }
}

/// The columns that say a region, in their order.
const OF_REGION: [(&str, Physical); 7] = [
    ("object", Physical::BYTE_ARRAY),
    ("type", Physical::BYTE_ARRAY),
    ("x", Physical::DOUBLE),
    ("y", Physical::DOUBLE),
    ("w", Physical::DOUBLE),
    ("h", Physical::DOUBLE),
    ("points", Physical::DOUBLE),
];

/// A table that is being written.
pub struct ParquetTable<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: Columns,
    /// Whether licences and regions follow the columns.
    has_pictures: bool,
    leaves: Vec<Leaf>,
    /// How many bytes are gathered, about.
    gathered: usize,
    group_bytes: usize,
}

impl<W: Write + Send> ParquetTable<W> {
    /// Begins a table of pictures, which has licences and regions behind these columns.
    pub fn of_pictures(columns: Vec<Column>, to: W) -> io::Result<Self> {
        Self::begin(Columns::new(columns)?, true, to)
    }

    /// Begins a table of something else, which has these columns alone.
    pub fn of_rows(columns: Vec<Column>, to: W) -> io::Result<Self> {
        Self::begin(Columns::new(columns)?, false, to)
    }

    fn begin(columns: Columns, has_pictures: bool, to: W) -> io::Result<Self> {
        let mut leaves: Vec<Leaf> = columns.as_slice().iter().map(|column| leaf_of(column.kind)).collect();
        if has_pictures {
            leaves.push(Leaf::new(Values::Texts(Vec::new()), true));
            leaves.extend(OF_REGION.map(|(_, kind)| match kind {
                Physical::DOUBLE => Leaf::new(Values::Floats(Vec::new()), true),
                _ => Leaf::new(Values::Texts(Vec::new()), true),
            }));
        }
        let schema = schema_of(&columns, has_pictures).map_err(io::Error::other)?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer = SerializedFileWriter::new(to, schema, Arc::new(properties)).map_err(io::Error::other)?;
        Ok(Self { writer, columns, has_pictures, leaves, gathered: 0, group_bytes: GROUP_BYTES })
    }

    /// The columns as they are called in the file.
    pub fn columns(&self) -> &[Column] {
        self.columns.as_slice()
    }

    /// Writes a picture.
    pub fn picture(&mut self, row: &Row, losses: &mut Losses) -> io::Result<()> {
        self.columns.check(&row.cells)?;
        count_unplaced(row, losses);
        let own = row.cells.len();
        let mut bytes = 0;
        for (leaf, cell) in self.leaves.iter_mut().zip(&row.cells) {
            bytes += leaf.cell(cell.as_ref());
        }
        if let Some([licences, regions @ ..]) = self.leaves.get_mut(own..).filter(|_| self.has_pictures) {
            bytes += licences.list(0, &row.licences, |leaf, licence| leaf.text(licence));
            bytes += put_regions(regions, row);
        }
        self.count(bytes)
    }

    /// Writes a row of a table that is none of pictures.
    pub fn row(&mut self, cells: &[Option<Cell>]) -> io::Result<()> {
        self.columns.check(cells)?;
        let bytes = self.leaves.iter_mut().zip(cells).map(|(leaf, cell)| leaf.cell(cell.as_ref())).sum();
        self.count(bytes)
    }

    fn count(&mut self, bytes: usize) -> io::Result<()> {
        self.gathered += bytes;
        if self.gathered >= self.group_bytes { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> io::Result<()> {
        let (writer, leaves) = (&mut self.writer, &mut self.leaves);
        let written = || -> Result<(), ParquetError> {
            let mut group = writer.next_row_group()?;
            for leaf in leaves {
                if let Some(mut column) = group.next_column()? {
                    leaf.write(&mut column)?;
                    column.close()?;
                }
            }
            group.close()?;
            Ok(())
        };
        self.gathered = 0;
        written().map_err(io::Error::other)
    }

    /// Ends the table.
    pub fn finish(mut self) -> io::Result<W> {
        if self.gathered > 0 {
            self.write_group()?;
        }
        self.writer.into_inner().map_err(io::Error::other)
    }
}

/// Takes the regions of a picture. Answers how many bytes they take.
fn put_regions(leaves: &mut [Leaf], row: &Row) -> usize {
    let mut bytes = 0;
    if row.regions.is_empty() {
        return leaves.iter_mut().map(|leaf| leaf.level(0, 0)).sum();
    }
    for (index, region) in row.regions.iter().enumerate() {
        let said = PixelRegion::of(region, row.size);
        let sides = said.bounds.map(|bounds| [bounds.x, bounds.y, bounds.w, bounds.h]);
        let goes_on = i16::from(index > 0);
        let [object, kind, rest @ .., points] = &mut *leaves else { return bytes };
        bytes += object.level(1, goes_on) + object.text(said.object);
        bytes += kind.level(1, goes_on) + kind.text(said.kind);
        for (side, leaf) in rest.iter_mut().enumerate() {
            bytes += match sides {
                Some(sides) => leaf.level(2, goes_on) + leaf.float(sides[side]),
                None => leaf.level(1, goes_on),
            };
        }
        if said.points.is_empty() {
            bytes += points.level(1, goes_on);
        }
        for (corner, number) in said.points.iter().enumerate() {
            bytes += points.level(2, if corner == 0 { goes_on } else { 2 }) + points.float(*number);
        }
    }
    bytes
}

fn leaf_of(kind: ColumnKind) -> Leaf {
    match kind {
        ColumnKind::Integer | ColumnKind::Time => Leaf::new(Values::Integers(Vec::new()), false),
        ColumnKind::Float => Leaf::new(Values::Floats(Vec::new()), false),
        ColumnKind::Text | ColumnKind::Json => Leaf::new(Values::Texts(Vec::new()), false),
        ColumnKind::Boolean => Leaf::new(Values::Booleans(Vec::new()), false),
        ColumnKind::Texts => Leaf::new(Values::Texts(Vec::new()), true),
        ColumnKind::Floats => Leaf::new(Values::Floats(Vec::new()), true),
    }
}

fn schema_of(columns: &Columns, has_pictures: bool) -> Result<TypePtr, ParquetError> {
    let column = |column: &Column| {
        let name = column.name.as_str();
        match column.kind {
            ColumnKind::Integer => leaf(name, Physical::INT64, Repetition::OPTIONAL),
            ColumnKind::Float => leaf(name, Physical::DOUBLE, Repetition::OPTIONAL),
            ColumnKind::Text | ColumnKind::Json => leaf(name, Physical::BYTE_ARRAY, Repetition::OPTIONAL),
            ColumnKind::Boolean => leaf(name, Physical::BOOLEAN, Repetition::OPTIONAL),
            ColumnKind::Time => time(name),
            ColumnKind::Texts => {
                list(name, Repetition::OPTIONAL, leaf("element", Physical::BYTE_ARRAY, Repetition::REQUIRED)?)
            }
            ColumnKind::Floats => {
                list(name, Repetition::OPTIONAL, leaf("element", Physical::DOUBLE, Repetition::REQUIRED)?)
            }
        }
    };
    let mut fields = columns.as_slice().iter().map(column).collect::<Result<Vec<_>, _>>()?;
    if has_pictures {
        let licence = leaf("element", Physical::BYTE_ARRAY, Repetition::REQUIRED)?;
        fields.push(list(LICENCES, Repetition::REQUIRED, licence)?);
        let said = OF_REGION.iter().map(|(name, kind)| match *name {
            "points" => list(name, Repetition::REQUIRED, leaf("element", *kind, Repetition::REQUIRED)?),
            "object" | "type" => leaf(name, *kind, Repetition::REQUIRED),
            name => leaf(name, *kind, Repetition::OPTIONAL),
        });
        let region = Type::group_type_builder("element")
            .with_repetition(Repetition::REQUIRED)
            .with_fields(said.collect::<Result<Vec<_>, _>>()?);
        fields.push(list(REGIONS, Repetition::REQUIRED, Arc::new(region.build()?))?);
    }
    Ok(Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?))
}

fn leaf(name: &str, kind: Physical, repetition: Repetition) -> Result<TypePtr, ParquetError> {
    let is_text = kind == Physical::BYTE_ARRAY;
    let builder = Type::primitive_type_builder(name, kind).with_repetition(repetition);
    Ok(Arc::new(builder.with_logical_type(is_text.then_some(LogicalType::String)).build()?))
}

fn time(name: &str) -> Result<TypePtr, ParquetError> {
    let kind = LogicalType::timestamp(true, TimeUnit::MILLIS);
    let builder = Type::primitive_type_builder(name, Physical::INT64).with_repetition(Repetition::OPTIONAL);
    Ok(Arc::new(builder.with_logical_type(Some(kind)).build()?))
}

fn list(name: &str, repetition: Repetition, element: TypePtr) -> Result<TypePtr, ParquetError> {
    let items = Type::group_type_builder("list").with_repetition(Repetition::REPEATED).with_fields(vec![element]);
    let list = Type::group_type_builder(name)
        .with_repetition(repetition)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![Arc::new(items.build()?)]);
    Ok(Arc::new(list.build()?))
}

#[cfg(test)]
mod tests;
