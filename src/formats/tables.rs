//! Tables of pictures: columns with types, a row for each picture, and what the picture's regions are in pixels.
//!
//! Which columns there are is known only when a table is written, since pictures may have fields that people have added. Every table of
//! pictures has two more: the licences, and the regions, as far as the kind of file can say them. Rows come one by one, and none is kept
//! once it is written. The same rows make the same file, byte for byte.

pub mod parquet;
pub mod xlsx;

use super::annotations::{Loss, Losses, PixelSize, decimal, in_pixels};
use crate::model::region::{Rect, Region, Shape};
use std::collections::HashSet;
use std::io;

/// No table has more columns: each takes memory while rows are gathered.
pub const MAX_COLUMNS: usize = 1000;
/// Longer names of columns are cut, to so many bytes.
const MAX_NAME: usize = 200;

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Float,
    /// Texts.
    Text,
    /// Lists of texts.
    Texts,
    /// Lists of numbers.
    Floats,
    /// Times, in Unix seconds.
    Time,
    /// Yes or no.
    Boolean,
    /// JSON, as text.
    Json,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it is called.
    pub name: String,
    /// What stands in it.
    pub kind: ColumnKind,
}

impl Column {
    /// A column with this name.
    pub fn new(name: &str, kind: ColumnKind) -> Self {
        Self { name: name.to_owned(), kind }
    }
}

/// What stands in a row under a column of the kind with the same name.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of numbers.
    Floats(Vec<f64>),
    /// A time, in Unix seconds.
    Time(i64),
    /// Yes or no.
    Boolean(bool),
    /// JSON, as text.
    Json(String),
}

impl Cell {
    /// The kind of column that it stands under.
    pub fn kind(&self) -> ColumnKind {
        match self {
            Cell::Integer(_) => ColumnKind::Integer,
            Cell::Float(_) => ColumnKind::Float,
            Cell::Text(_) => ColumnKind::Text,
            Cell::Texts(_) => ColumnKind::Texts,
            Cell::Floats(_) => ColumnKind::Floats,
            Cell::Time(_) => ColumnKind::Time,
            Cell::Boolean(_) => ColumnKind::Boolean,
            Cell::Json(_) => ColumnKind::Json,
        }
    }
}

/// The name of the column with the licences.
pub const LICENCES: &str = "licences";
/// The name of the column with the regions.
pub const REGIONS: &str = "regions";

/// The columns of a table, no two of which have the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns(Vec<Column>);

impl Columns {
    /// Takes the columns of the caller. A name that another column has already, also one that differs in case alone, gets a number behind it:
    /// what a field is called is nobody's fault.
    pub fn new(columns: Vec<Column>) -> io::Result<Self> {
        if columns.len() > MAX_COLUMNS {
            let message = format!("there are more than {MAX_COLUMNS} columns");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let mut taken = HashSet::from([LICENCES, REGIONS].map(str::to_owned));
        let mut distinct = |mut column: Column| {
            let name = column.name.replace(char::is_control, " ");
            let name = match name.trim() {
                "" => "column",
                name => &name[..name.floor_char_boundary(MAX_NAME)],
            };
            let numbered = (2..).map(|number| format!("{name}_{number}"));
            let mut names = std::iter::once(name.to_owned()).chain(numbered);
            column.name = names.find(|name| taken.insert(name.to_lowercase())).unwrap_or_default();
            column
        };
        Ok(Self(columns.into_iter().map(&mut distinct).collect()))
    }

    /// The columns, in their order.
    pub fn as_slice(&self) -> &[Column] {
        &self.0
    }

    /// Whether a row is one of this table; where it is not, whoever made it has made a mistake.
    fn check(&self, cells: &[Option<Cell>]) -> io::Result<()> {
        let wrong = |message: String| Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        if cells.len() != self.0.len() {
            return wrong(format!("a row has {} cells, and the table has {} columns", cells.len(), self.0.len()));
        }
        for (column, cell) in self.0.iter().zip(cells) {
            if let Some(cell) = cell.as_ref().filter(|cell| cell.kind() != column.kind) {
                return wrong(format!("column {} has a cell of the kind {:?}", column.name, cell.kind()));
            }
        }
        Ok(())
    }
}

/// A picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Its number, by which other tables name it.
    pub picture: i64,
    /// What stands under each of the caller's columns; `None` where nothing is known.
    pub cells: Vec<Option<Cell>>,
    /// The ids of its licences.
    pub licences: Vec<String>,
    /// Its upright size. Without it nobody knows where in pixels its regions are.
    pub size: Option<PixelSize>,
    /// Its regions.
    pub regions: Vec<Region>,
}

/// A region in pixels of the upright picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PixelRegion<'a> {
    /// Name of the object.
    pub object: &'a str,
    /// Kind of the shape.
    pub kind: &'static str,
    /// The box around it, where the picture's size is known.
    pub bounds: Option<Rect>,
    /// Its corners, first x and then y of each. Of a box that is nothing, since the box around it says all.
    pub points: Vec<f64>,
}

impl<'a> PixelRegion<'a> {
    /// A region of a picture of this size.
    pub fn of(region: &'a Region, size: Option<PixelSize>) -> Self {
        let shape = size.map(|size| in_pixels(&region.shape, size));
        let points = match &shape {
            None | Some(Shape::Bbox(_)) => Vec::new(),
            Some(Shape::Point(at)) => vec![at.x, at.y],
            Some(Shape::Polygon(points) | Shape::Polyline(points)) => {
                points.iter().flat_map(|at| [at.x, at.y]).collect()
            }
        };
        let bounds = shape.map(|shape| {
            let Rect { x, y, w, h } = shape.bounds();
            // What is subtracted from each other is no number with six decimals.
            Rect { x, y, w: decimal(w).0, h: decimal(h).0 }
        });
        Self { object: &region.object, kind: region.shape.kind().as_str(), bounds, points }
    }
}

/// Counts a picture whose regions are nowhere, since nobody knows its size.
fn count_unplaced(row: &Row, losses: &mut Losses) {
    if row.size.is_none() && !row.regions.is_empty() {
        losses.add(Loss::UnknownSize, || format!("picture {}", row.picture));
    }
}

/// The columns of a table whose rows are regions. `picture` and `number`, from 1, name a region.
pub fn region_columns() -> Vec<Column> {
    let sides = ["x", "y", "w", "h"].map(|side| (side, ColumnKind::Float));
    let names = [("picture", ColumnKind::Integer), ("number", ColumnKind::Integer)];
    let said = [("object", ColumnKind::Text), ("type", ColumnKind::Text)];
    let all = names.into_iter().chain(said).chain(sides).chain([("points", ColumnKind::Floats)]);
    all.map(|(name, kind)| Column::new(name, kind)).collect()
}

/// The rows of that table for one picture.
pub fn region_rows(row: &Row) -> impl Iterator<Item = Vec<Option<Cell>>> + '_ {
    row.regions.iter().zip(1..).map(|(region, number)| {
        let PixelRegion { object, kind, bounds, points } = PixelRegion::of(region, row.size);
        let text = |text: &str| Some(Cell::Text(text.to_owned()));
        let sides = bounds.map(|Rect { x, y, w, h }| [x, y, w, h]);
        let sides = (0..4).map(|side| sides.map(|sides| Cell::Float(sides[side])));
        let names = [Some(Cell::Integer(row.picture)), Some(Cell::Integer(number)), text(object), text(kind)];
        names.into_iter().chain(sides).chain([Some(Cell::Floats(points))]).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::annotations::tests_support::{points, rect, region};

    #[test]
    fn no_two_columns_have_the_same_name() {
        let named = |names: &[&str]| {
            let columns = names.iter().map(|name| Column::new(name, ColumnKind::Text)).collect();
            Columns::new(columns).unwrap().0.into_iter().map(|column| column.name).collect::<Vec<_>>()
        };
        assert_eq!(named(&["a", "A", "a_2", " a\n"]), ["a", "A_2", "a_2_2", "a_3"]);
        assert_eq!(named(&["Regions", "", "\0"]), ["Regions_2", "column", "column_2"]);
        assert_eq!(named(&["ä".repeat(200).as_str()]), ["ä".repeat(100)]);
        assert!(Columns::new(vec![Column::new("a", ColumnKind::Text); MAX_COLUMNS + 1]).is_err());
    }

    #[test]
    fn rows_of_another_table_are_refused() {
        let columns = Columns::new(vec![Column::new("size", ColumnKind::Integer)]).unwrap();
        assert!(columns.check(&[Some(Cell::Integer(1))]).is_ok() && columns.check(&[None]).is_ok());
        assert!(columns.check(&[]).is_err());
        let error = columns.check(&[Some(Cell::Boolean(true))]).unwrap_err();
        assert_eq!(error.to_string(), "column size has a cell of the kind Boolean");
    }

    #[test]
    fn regions_are_in_pixels() {
        let size = Some(PixelSize { width: 200, height: 100 });
        let triangle = region(Shape::Polygon(points(&[(0.1, 0.1), (0.3, 0.1), (0.3, 0.4)])), "leaf");
        let said = PixelRegion::of(&triangle, size);
        assert_eq!(said.points, [20.0, 10.0, 60.0, 10.0, 60.0, 40.0]);
        assert_eq!(said.bounds, Some(Rect { x: 20.0, y: 10.0, w: 40.0, h: 30.0 }));
        let square = region(rect(0.0, 0.5, 0.5, 0.5), "tile");
        let said = PixelRegion::of(&square, size);
        assert!(said.points.is_empty() && said.bounds == Some(Rect { x: 0.0, y: 50.0, w: 100.0, h: 50.0 }));
        assert_eq!(PixelRegion::of(&square, None).bounds, None);
        let row = Row { picture: 7, size, regions: vec![square, triangle], ..Row::default() };
        let rows: Vec<_> = region_rows(&row).collect();
        assert_eq!((rows.len(), rows[1].len()), (2, region_columns().len()));
        assert_eq!(rows[1][..2], [Some(Cell::Integer(7)), Some(Cell::Integer(2))]);
    }
}
