use super::*;
use crate::formats::annotations::PixelSize;
use crate::formats::annotations::tests_support::{points, rect, region};
use crate::model::region::Shape;
use std::io::{Cursor, Read};

fn columns() -> Vec<Column> {
    let kinds = [ColumnKind::Integer, ColumnKind::Text, ColumnKind::Time, ColumnKind::Float, ColumnKind::Boolean];
    kinds.map(|kind| Column::new(&format!("a {kind:?}"), kind)).to_vec()
}

fn row(number: i64, text: &str) -> Row {
    let cells = vec![
        Some(Cell::Integer(number)),
        Some(Cell::Text(text.to_owned())),
        Some(Cell::Time(1_700_000_000)),
        Some(Cell::Float(f64::NAN)),
        Some(Cell::Boolean(true)),
    ];
    let triangle = Shape::Polygon(points(&[(0.0, 0.0), (1.0, 0.0), (0.5, 1.0)]));
    Row {
        picture: number,
        cells,
        licences: vec!["CC0-1.0".into(), "X-mine".into()],
        size: Some(PixelSize { width: 200, height: 100 }),
        regions: vec![region(rect(0.0, 0.5, 0.5, 0.5), "=cat"), region(triangle, "dog")],
    }
}

fn written(rows: &[Row], max_rows: u32) -> (Vec<u8>, Losses) {
    let (folder, mut losses) = (tempfile::tempdir().unwrap(), Losses::default());
    let mut book = PictureWorkbook::new(columns(), 1_700_000_000, folder.path()).unwrap();
    (book.pictures.max_rows, book.regions.max_rows) = (max_rows, max_rows);
    rows.iter().for_each(|row| book.picture(row, &mut losses).unwrap());
    let licence = Licence {
        id: "CC0-1.0".into(),
        title: "Zero".into(),
        description: String::new(),
        info_url: Some("https://example.org/".into()),
        legalese_url: None,
        free: true,
        pinned: false,
        logo_url: None,
    };
    let mut bytes = Vec::new();
    book.finish(&[licence], &mut losses, &mut bytes).unwrap();
    (bytes, losses)
}

/// A file in a workbook.
fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = ::zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn every_text_is_a_text() {
    let (bytes, losses) = written(&[row(1, "=1+1"), row(1 << 60, "http://example.org/ \u{1}_x0041_<")], MAX_ROWS);
    assert!(losses.is_empty());
    let pictures = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(!pictures.contains("<f>") && !pictures.contains("hyperlink"));
    assert!(pictures.contains("<t>=1+1</t>") && pictures.contains("<t>a Integer</t>"), "{pictures}");
    assert!(pictures.contains("_x0001__x005F_x0041_&lt;</t>") && pictures.contains("<t>1152921504606846976</t>"));
    assert!(pictures.contains("<t>NaN</t>") && pictures.contains("<t>CC0-1.0;X-mine</t>"));
    let regions = part(&bytes, "xl/worksheets/sheet2.xml");
    assert!(regions.contains("<t>=cat</t>") && regions.contains("<t>0 0 200 0 100 100</t>"), "{regions}");
    let licences = part(&bytes, "xl/worksheets/sheet3.xml");
    assert!(licences.contains("<t>https://example.org/</t>") && licences.contains("<v>2</v>"), "{licences}");
    let names = part(&bytes, "xl/workbook.xml");
    assert!(["Pictures", "Regions", "Licences"].iter().all(|name| names.contains(&format!("name=\"{name}\""))));
    assert!(part(&bytes, "docProps/core.xml").contains("2023-11-14T22:13:20Z"));
}

#[test]
fn the_same_pictures_make_the_same_workbook() {
    let rows = [row(1, "a"), row(2, "b")];
    assert!(written(&rows, MAX_ROWS).0 == written(&rows, MAX_ROWS).0);
}

#[test]
fn sheets_that_are_full_go_on_in_others() {
    let rows: Vec<Row> = (0..5).map(|number| row(number, "a")).collect();
    let names = part(&written(&rows, 3).0, "xl/workbook.xml");
    let expected = ["Pictures", "Pictures 2", "Pictures 3", "Regions", "Regions 5"];
    assert!(expected.iter().all(|name| names.contains(&format!("name=\"{name}\""))), "{names}");
    assert!(!names.contains("Pictures 4") && !names.contains("Regions 6"));
    // A workbook without pictures has its sheets, too.
    let names = part(&written(&[], 3).0, "xl/workbook.xml");
    assert_eq!(names.matches("<sheet ").count(), 3);
}

#[test]
fn texts_are_cut_between_characters_and_numbers() {
    assert_eq!(cut("ab", false), "ab");
    let clefs = "𝄞".repeat(20_000);
    assert_eq!(cut(&clefs, false).chars().count(), MAX_TEXT / 2);
    assert_eq!(cut(&"ä".repeat(MAX_TEXT), false).chars().count(), MAX_TEXT);
    let numbers = "12.5 ".repeat(10_000);
    assert!(cut(&numbers, true).ends_with(" 12.5") && cut(&numbers, true).len() <= MAX_TEXT);
    let (bytes, losses) = written(&[row(1, &"x".repeat(40_000))], MAX_ROWS);
    assert_eq!(losses.counts().collect::<Vec<_>>(), [(Loss::Cell, 1)]);
    assert!(part(&bytes, "xl/worksheets/sheet1.xml").contains(&format!("<t>{}</t>", "x".repeat(MAX_TEXT))));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    assert!(PictureWorkbook::new(columns(), 0, Path::new("/nowhere/at/all")).is_err());
}
