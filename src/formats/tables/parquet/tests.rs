use super::*;
use crate::formats::annotations::tests_support::{points, rect, region};
use crate::formats::annotations::{Loss, PixelSize};
use crate::model::region::Shape;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use proptest::prelude::*;
use serde_json::{Value, json};

const KINDS: [ColumnKind; 8] = [
    ColumnKind::Integer,
    ColumnKind::Float,
    ColumnKind::Text,
    ColumnKind::Texts,
    ColumnKind::Floats,
    ColumnKind::Time,
    ColumnKind::Boolean,
    ColumnKind::Json,
];

fn columns() -> Vec<Column> {
    KINDS.map(|kind| Column::new(&format!("a {kind:?}"), kind)).to_vec()
}

/// A table of these pictures whose groups are about as large, and how many groups it has.
fn written(rows: &[Row], group_bytes: usize) -> (Vec<u8>, Losses) {
    let mut losses = Losses::default();
    let mut table = ParquetTable::of_pictures(columns(), Vec::new()).unwrap();
    table.group_bytes = group_bytes;
    rows.iter().for_each(|row| table.picture(row, &mut losses).unwrap());
    (table.finish().unwrap(), losses)
}

fn read(bytes: &[u8]) -> (Vec<Value>, usize) {
    let reader = SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes)).unwrap();
    let rows = reader.get_row_iter(None).unwrap().map(|row| said(row.unwrap().get_column_iter()));
    (rows.collect(), reader.num_row_groups())
}

fn said<'a>(fields: impl Iterator<Item = (&'a String, &'a ::parquet::record::Field)>) -> Value {
    fields.map(|(name, field)| (name.clone(), value(field))).collect::<serde_json::Map<_, _>>().into()
}

fn value(field: &::parquet::record::Field) -> Value {
    use ::parquet::record::Field;
    match field {
        Field::Null => Value::Null,
        Field::Bool(boolean) => (*boolean).into(),
        Field::Long(number) | Field::TimestampMillis(number) => (*number).into(),
        Field::Double(number) => (*number).into(),
        Field::Str(text) => text.as_str().into(),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::Group(group) => said(group.get_column_iter()),
        other => panic!("{other:?}"),
    }
}

fn expected(cell: &Option<Cell>) -> Value {
    match cell {
        None => Value::Null,
        Some(Cell::Integer(number)) => (*number).into(),
        Some(Cell::Float(number)) => (*number).into(),
        Some(Cell::Text(text) | Cell::Json(text)) => text.as_str().into(),
        Some(Cell::Texts(texts)) => texts.clone().into(),
        Some(Cell::Floats(floats)) => floats.clone().into(),
        Some(Cell::Time(seconds)) => seconds.saturating_mul(1000).into(),
        Some(Cell::Boolean(boolean)) => (*boolean).into(),
    }
}

fn cell(kind: ColumnKind) -> BoxedStrategy<Option<Cell>> {
    let text = "[a=ä\\PC]{0,6}";
    let number = -1e9..1e9_f64;
    let cell = match kind {
        ColumnKind::Integer => any::<i64>().prop_map(Cell::Integer).boxed(),
        ColumnKind::Float => number.prop_map(Cell::Float).boxed(),
        ColumnKind::Text => text.prop_map(Cell::Text).boxed(),
        ColumnKind::Texts => prop::collection::vec(text, 0..4).prop_map(Cell::Texts).boxed(),
        ColumnKind::Floats => prop::collection::vec(number, 0..4).prop_map(Cell::Floats).boxed(),
        ColumnKind::Time => (-1_i64 << 40..1 << 40).prop_map(Cell::Time).boxed(),
        ColumnKind::Boolean => any::<bool>().prop_map(Cell::Boolean).boxed(),
        ColumnKind::Json => text.prop_map(Cell::Json).boxed(),
    };
    prop::option::of(cell).boxed()
}

fn row() -> impl Strategy<Value = Row> {
    let shape = prop_oneof![
        Just(rect(0.25, 0.5, 0.5, 0.25)),
        Just(Shape::Polygon(points(&[(0.0, 0.0), (1.0, 0.0), (0.5, 1.0)]))),
        Just(Shape::Point(points(&[(0.5, 0.5)])[0])),
    ];
    let region = shape.prop_map(|shape| region(shape, "cat"));
    let size = prop::option::weighted(0.8, Just(PixelSize { width: 200, height: 100 }));
    let cells = KINDS.map(cell).to_vec();
    (cells, prop::collection::vec("[A-Z]{1,3}", 0..3), size, prop::collection::vec(region, 0..4))
        .prop_map(|(cells, licences, size, regions)| Row { picture: 1, cells, licences, size, regions })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn another_reader_finds_every_cell(rows in prop::collection::vec(row(), 0..12), group_bytes in 1..3000_usize) {
        let (bytes, losses) = written(&rows, group_bytes);
        prop_assert_eq!(&bytes, &written(&rows, group_bytes).0);
        let (found, _) = read(&bytes);
        prop_assert_eq!(found.len(), rows.len());
        for (row, found) in rows.iter().zip(found) {
            for (column, cell) in columns().iter().zip(&row.cells) {
                prop_assert_eq!(&found[&column.name], &expected(cell));
            }
            prop_assert_eq!(&found[LICENCES], &Value::from(row.licences.clone()));
            let regions = row.regions.iter().map(|region| {
                let PixelRegion { object, kind, bounds, points } = PixelRegion::of(region, row.size);
                let side = |side: fn(crate::model::region::Rect) -> f64| bounds.map(side);
                json!({
                    "object": object, "type": kind, "x": side(|rect| rect.x), "y": side(|rect| rect.y),
                    "w": side(|rect| rect.w), "h": side(|rect| rect.h), "points": points,
                })
            });
            prop_assert_eq!(&found[REGIONS], &regions.collect::<Value>());
        }
        let unplaced = rows.iter().filter(|row| row.size.is_none() && !row.regions.is_empty()).count();
        prop_assert_eq!(losses.count(Loss::UnknownSize), unplaced as u64);
    }
}

#[test]
fn groups_are_bounded() {
    let cells = vec![None, None, Some(Cell::Text("x".repeat(1000))), None, None, None, None, None];
    let rows = vec![Row { cells, ..Row::default() }; 100];
    let (found, groups) = read(&written(&rows, 10_000).0);
    // Nine texts of a thousand letters have room, with what they take besides.
    assert_eq!((found.len(), groups), (100, 12));
    assert_eq!(read(&written(&rows, GROUP_BYTES).0).1, 1);
    assert_eq!(read(&written(&[], GROUP_BYTES).0), (Vec::new(), 0));
}

#[test]
fn tables_of_something_else_have_their_columns_alone() {
    let mut table = ParquetTable::of_rows(vec![Column::new("n", ColumnKind::Integer)], Vec::new()).unwrap();
    table.row(&[Some(Cell::Integer(7))]).unwrap();
    assert!(table.row(&[Some(Cell::Text("7".into()))]).is_err());
    assert_eq!(read(&table.finish().unwrap()).0, [json!({ "n": 7 })]);
}
