//! Tables as programs and people write them.

use super::*;
use crate::formats::matching::PathIndex;
use crate::model::FieldValue;
use proptest::prelude::*;

fn detect(bytes: &[u8]) -> Result<Dialect, TableError> {
    Dialect::detect(&mut || Ok(Box::new(bytes)), &Wishes::default(), &TableLimits::default())
}

fn all(bytes: &[u8], dialect: &Dialect, limits: &TableLimits) -> Result<Vec<Row>, TableError> {
    let mut rows = Rows::new(bytes, dialect, limits)?;
    let (mut all, mut row) = (Vec::new(), Row::default());
    while rows.next(&mut row)? {
        all.push(row.clone());
    }
    Ok(all)
}

fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let dialect = Dialect { has_header: false, ..detect(bytes).unwrap() };
    all(bytes, &dialect, &TableLimits::default()).unwrap().into_iter().map(|row| row.cells).collect()
}

fn surveyed(text: &str, paths: &[&str]) -> Survey {
    let index = PathIndex::new(paths.iter().map(|path| (*path).to_owned()).collect());
    let mut open = || Ok(Box::new(text.as_bytes()) as Box<dyn std::io::Read>);
    let dialect = detect(text.as_bytes()).unwrap();
    survey(&mut open, &dialect, &TableLimits::default(), &index).unwrap()
}

fn kinds(text: &str) -> Vec<ColumnKind> {
    surveyed(text, &[]).columns.into_iter().map(|column| column.kind).collect()
}

#[test]
fn encodings_are_found_out() {
    let text = "file,title\nä.png,Käse € “x”\n";
    let utf16 = |le: bool, mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit: u16| if le { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    };
    let windows = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    for (bytes, encoding) in [
        (text.as_bytes().to_vec(), Encoding::Utf8),
        ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), Encoding::Utf8),
        (utf16(true, true), Encoding::Utf16Le),
        (utf16(false, true), Encoding::Utf16Be),
        (utf16(true, false), Encoding::Utf16Le),
        (utf16(false, false), Encoding::Utf16Be),
        (windows, Encoding::Windows1252),
    ] {
        assert_eq!(detect(&bytes).unwrap().encoding, encoding);
        assert_eq!(cells(&bytes), [["file", "title"], ["ä.png", "Käse € “x”"]], "{encoding:?}");
    }
    // One byte that is no UTF-8, far behind what is read at first; and a character across that border.
    for (last, encoding) in [(&b"\xE4,y\n"[..], Encoding::Windows1252), ("ä,y\n".as_bytes(), Encoding::Utf8)] {
        for shift in 0..3 {
            let long = [&b"xx"[..shift], b"file,title\n", &"ü,y\n".repeat(20_000).into_bytes(), last].concat();
            assert_eq!(detect(&long).unwrap().encoding, encoding);
        }
    }
    for bytes in [&b"\xFF\xFE\0\0a\0\0\0"[..], b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0", b"a,b\n\0\0\0\0\0\0"] {
        assert!(matches!(detect(bytes), Err(TableError::NoText)), "{bytes:?}");
    }
    assert!(matches!(detect(b""), Err(TableError::Empty)));
    assert!(matches!(detect(b" \n\n"), Err(TableError::Empty)));
}

#[test]
fn delimiters_and_quotes_are_found_out() {
    for (text, delimiter, quote) in [
        ("a,b\nc,d\n", b',', b'"'),
        ("file;x;y\na.png;1,5;2,5\nb.png;3,5;4,5\n", b';', b'"'),
        ("a.png;1,5;2,5\nb.png;3,5;4,5\n", b';', b'"'),
        ("file\ttitle\na\tOne, two; three\n", b'\t', b'"'),
        ("a|b|c\n1|2|3\n", b'|', b'"'),
        ("file,words\na.png,\"x;y\"\nb.png,\"z;w;v\"\n", b',', b'"'),
        ("file,text\na.png,'one, two'\nb.png,'three, four'\n", b',', b'\''),
        ("file,text\na.png,\"one, two\"\nb.png,\"it's, theirs\"\n", b',', b'"'),
        ("file\na.png\nb.png\n", b',', b'"'),
        ("sep=|\r\na,b|c\r\n", b'|', b'"'),
        ("sep=\t\na,b\tc\n", b'\t', b'"'),
    ] {
        let dialect = detect(text.as_bytes()).unwrap();
        assert_eq!((dialect.delimiter, dialect.quote), (delimiter, quote), "{text}");
        assert_eq!(dialect.says_delimiter, text.starts_with("sep="));
    }
    // Every row has one delimiter between quotes, so that with the wrong quotes all rows are alike as well.
    for (quote, other) in [('"', '\''), ('\'', '"')] {
        for width in [1, 2, 30] {
            let row = format!("{}{quote}one, two{quote}\n", "x,".repeat(width));
            let text = format!("{}last\n{}", "column,".repeat(width), row.repeat(50));
            assert_eq!(detect(text.as_bytes()).unwrap().quote, quote as u8, "{row}");
            let text = format!("{}{}", row.repeat(50), row.replace(quote, &other.to_string()));
            assert_eq!(detect(text.as_bytes()).unwrap().quote, quote as u8, "{row}");
        }
    }
    let wishes = Wishes { delimiter: Some(';'), has_header: Some(false), ..Wishes::default() };
    let dialect = Dialect::detect(&mut || Ok(Box::new(&b"a,b\nc,d\n"[..])), &wishes, &TableLimits::default()).unwrap();
    assert_eq!((dialect.delimiter, dialect.has_header), (b';', false));
    for delimiter in ['"', '\n', '€', 'a', '7'] {
        let wishes = Wishes { delimiter: Some(delimiter), ..Wishes::default() };
        let detected = Dialect::detect(&mut || Ok(Box::new(&b"a,b\n"[..])), &wishes, &TableLimits::default());
        assert!(matches!(detected, Err(TableError::Delimiter(_))), "{delimiter:?}");
    }
}

#[test]
fn a_first_row_names_columns_or_not() {
    for (text, has_header) in [
        ("file,title\na.png,A\n", true),
        ("a.png,A\nb.png,B\n", false),
        ("x,12\ny,13\n", false),
        ("https://example.org/a,b\n", false),
        ("day,2024-05-17\n", false),
        ("only\n", true),
    ] {
        assert_eq!(detect(text.as_bytes()).unwrap().has_header, has_header, "{text}");
    }
}

#[test]
fn rows_know_their_lines() {
    let text = "sep=,\r\nfile,title\r\n\r\n a , \"one\r\ntwo \"\"x\"\"\" \r\n,,\r\nb,\"c\"d\"e\n";
    for text in [text.to_owned(), text.replace("\r\n", "\n"), text.replace("\r\n", "\r").replace("e\n", "e\r")] {
        let dialect = detect(text.as_bytes()).unwrap();
        let rows = all(text.as_bytes(), &dialect, &TableLimits::default()).unwrap();
        let row = |line, cells: [&str; 2]| Row { line, cells: cells.map(str::to_owned).to_vec() };
        assert_eq!(rows, [row(4, ["a", "one\ntwo \"x\""]), row(7, ["b", "cd\"e"])], "{text:?}");
    }
    assert_eq!(cells(b"a,b"), [["a", "b"]]);
    assert_eq!(cells(b"a,b\n\"\",c\n"), [["a", "b"], ["", "c"]]);
}

#[test]
fn tables_that_are_too_large_are_refused_at_their_line() {
    let limits = TableLimits { columns: 3, cell_bytes: 5, rows: 2 };
    let dialect =
        Dialect { encoding: Encoding::Utf8, delimiter: b',', quote: b'"', has_header: true, says_delimiter: false };
    let fault = |text: &str| all(text.as_bytes(), &dialect, &limits).unwrap_err().to_string();
    assert_eq!(fault("a,b\n1,2,3,4\n"), "line 2: there are more than 3 columns");
    assert!(fault("a,b\n1,2\n3,123456\n").starts_with("line 3, column 2: the text is longer than 5 bytes"));
    assert_eq!(fault("a\n1\n2\n3\n"), "there are more than 2 rows");
    assert_eq!(fault("a\n1\n\"2\n\n"), "line 3: a quote is opened here and never closed");
    assert!(fault("a\n\"\n\n\n\n\n\n\"").starts_with("line 2, column 1: the text is longer than 5 bytes"));
}

#[test]
fn columns_have_kinds() {
    use ColumnKind::{Boolean, Empty, Integer, Number, Place, Text, Time};
    let text = "i\tz\tp\tc\tb\tiso\tdmy\tmdy\tdots\tboth\tplace\te\tlong\tthousand\n\
                1\t007\t1.5\t1,5\tyes\t2024-05-17\t17/5/2024\t5/17/2024\t1.2.2024\t1/2/2024\t52.5, 13.4\t\t12345678901234567\t1,234\n\
                -2\t008\t2\t1,25\tno\t2024-05-17T10:00Z\t1/5/2024\t5/1/2024\t2.2.2024\t2/2/2024\t-1.5° N\t\t1\t2,345\n\
                \t\t3e5\t\t\t\t\t\t\t\t\t\t\t\n";
    let text = text.replace("-1.5° N", "1.5°S 13.4°W");
    let time = |order| Time { order };
    let expected = [
        Integer,
        Text,
        Number { comma: false },
        Number { comma: true },
        Boolean,
        time(DateOrder::YearFirst),
        time(DateOrder::DayFirst),
        time(DateOrder::MonthFirst),
        time(DateOrder::DayFirst),
        Text,
        Place,
        Empty,
        Text,
        Text,
    ];
    let survey = surveyed(&text, &[]);
    for (column, expected) in survey.columns.iter().zip(expected) {
        assert_eq!(column.kind, expected, "{}", column.name);
    }
    assert!(survey.columns[9].ambiguous_days && !survey.columns[8].ambiguous_days);
    assert_eq!((survey.rows, survey.columns[2].filled, survey.columns[0].filled), (3, 3, 2));
    assert_eq!(kinds("file,number\nx,\"1,5\"\n"), [Text, Text]);
    assert_eq!(kinds("file;id;number\nx;01e5;1e5\ny;12e3;-2.5E-3\n"), [Text, Text, Number { comma: false }]);
}

#[test]
fn cells_become_values() {
    let text = |kind: ColumnKind, cell: &str| kind.value(cell).map(|value| value.text());
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(text(ColumnKind::Integer, "-12"), some("-12"));
    assert_eq!(text(ColumnKind::Number { comma: true }, "−1,50"), some("-1.5"));
    assert_eq!(text(ColumnKind::Boolean, "Ja"), some("true"));
    assert_eq!(text(ColumnKind::Time { order: DateOrder::DayFirst }, "17.5.2024 9:05"), some("2024-05-17T09:05"));
    assert_eq!(text(ColumnKind::Place, "(52,5; 13,25)"), some("52.5,13.25"));
    assert_eq!(text(ColumnKind::Place, "1.5°S 13.4°W"), some("-1.5,-13.4"));
    assert_eq!(text(ColumnKind::Place, "95.0, 13.4"), None);
    assert_eq!(text(ColumnKind::Integer, "x"), None);
    assert_eq!(ColumnKind::Text.value("x"), Some(FieldValue::Text("x".into())));
}

#[test]
fn files_places_and_meanings_are_found() {
    let text = "title,picture,where,lat,lon,start_lat,start_lon,source,LICENSE\n\
                A,a.png,x,52.5,13.4,1.5,2.5,https://example.org/1,CC0-1.0\n\
                B,B,y,53.5,12.4,,,https://example.org/2,CC0-1.0\n\
                C,nothing,y,53.5,12.4,,,,CC0-1.0,more\n";
    let survey = surveyed(text, &["x/a.png", "x/b.png"]);
    assert_eq!((survey.file_column, survey.address_column), (Some(1), Some(7)));
    assert_eq!((survey.columns[1].files, survey.columns[0].files), (2, 2));
    let place = |name: &str, latitude, longitude| PlaceColumns { name: name.into(), latitude, longitude };
    assert_eq!(survey.places, [place("place", 3, 4), place("start", 5, 6)]);
    let row = Row { line: 2, cells: text.lines().nth(1).unwrap().split(',').map(str::to_owned).collect() };
    assert_eq!(survey.places[0].value(&row).unwrap().text(), "52.5,13.4");
    assert_eq!((survey.columns[0].meaning, survey.columns[8].meaning), (Some(Meaning::Title), Some(Meaning::Licence)));
    assert_eq!((survey.long_rows, survey.long_lines, survey.columns.len()), (1, vec![4], 10));
    assert_eq!(survey.columns[9].name, "column 10");
}

/// A table as a careful program writes it.
fn written(rows: &[Vec<String>], delimiter: char, end: &str) -> String {
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(&delimiter.to_string());
    rows.iter().map(|row| line(row) + end).collect()
}

proptest! {
    #[test]
    fn what_is_written_comes_back(
        rows in (1..5_usize).prop_flat_map(|width| prop::collection::vec(prop::collection::vec("[a-z\",;|\t\n' ä€]{0,6}", width), 1..8)),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let text = written(&rows, delimiter, end);
        let dialect = Dialect {
            encoding: Encoding::Utf8, delimiter: delimiter as u8, quote: b'"', has_header: false, says_delimiter: false,
        };
        let read: Vec<Vec<String>> =
            all(text.as_bytes(), &dialect, &TableLimits::default()).unwrap().into_iter().map(|row| row.cells).collect();
        let trimmed = rows.iter().map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect::<Vec<_>>());
        let expected: Vec<Vec<String>> = trimmed.filter(|row| row.iter().any(|cell| !cell.is_empty())).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn any_bytes_are_a_table_or_an_error(bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"\",;'\n\r\t1.".to_vec())], 0..200)) {
        if let Ok(dialect) = detect(&bytes) {
            let index = PathIndex::new(vec!["a.png".into()]);
            let limits = TableLimits { columns: 20, cell_bytes: 50, rows: 50 };
            let mut open = || Ok(Box::new(&bytes[..]) as Box<dyn std::io::Read>);
            let _ = survey(&mut open, &dialect, &limits, &index);
        }
    }

    #[test]
    fn any_cell_has_values(cell in any::<String>()) {
        for kind in [
            ColumnKind::Integer,
            ColumnKind::Number { comma: true },
            ColumnKind::Boolean,
            ColumnKind::Place,
            ColumnKind::Time { order: DateOrder::MonthFirst },
        ] {
            let _ = kind.value(&cell);
        }
    }
}
