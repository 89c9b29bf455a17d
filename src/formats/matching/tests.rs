//! Which row gets which file.

use super::*;
use proptest::prelude::*;

fn index(paths: &[&str]) -> PathIndex {
    PathIndex::new(paths.iter().map(|path| (*path).to_owned()).collect())
}

fn rows(names: &[&str]) -> Vec<(u64, String)> {
    names.iter().enumerate().map(|(row, name)| (row as u64 + 2, (*name).to_owned())).collect()
}

#[test]
fn a_text_means_the_nearest_path() {
    let paths =
        ["a/Cat.jpg", "a/dog.png", "b/dog.png", "b/bird.v2.tif", "u\u{308}.png", "c/cat", "d/fox.jpg", "d/fox.png"];
    let index = index(&paths);
    use Likeness::{Case, Name, NameStem, Same, Stem};
    for (text, found) in [
        ("a/Cat.jpg", Found::One(0, Same)),
        (" a/Cat.jpg ", Found::One(0, Same)),
        ("A/cat.JPG", Found::One(0, Case)),
        (".\\a\\Cat.jpg", Found::One(0, Case)),
        ("a/cat", Found::One(0, Stem)),
        ("a/cat.tif", Found::One(0, Stem)),
        ("cat.jpg", Found::One(0, Name)),
        ("C:\\pictures\\cat.jpg", Found::One(0, Name)),
        ("https://example.org/x/CAT.jpg?size=1", Found::One(0, Name)),
        ("dog.png", Found::Several),
        ("b/dog.png", Found::One(2, Same)),
        ("bird.v2", Found::One(3, NameStem)),
        ("bird.v2.jpg", Found::One(3, NameStem)),
        ("ü.png", Found::One(4, Case)),
        ("c/cat", Found::One(5, Same)),
        ("d/fox", Found::Several),
        ("d/fox.PNG", Found::One(7, Case)),
        ("horse.png", Found::None),
        ("", Found::None),
        ("a\0", Found::None),
    ] {
        assert_eq!(index.find(text), found, "{text}");
    }
    let candidates = index.candidates(&["dog.png", "d/fox", "horse.png", "dog.png"], 2);
    assert_eq!(
        candidates,
        [vec!["a/dog.png", "b/dog.png"], vec!["d/fox.jpg", "d/fox.png"], vec![], candidates[0].clone()]
    );
    assert_eq!(index.candidates(&["d/fox"], 1), [["d/fox.jpg"]]);
    assert!(index.candidates(&[], 1).is_empty());
}

#[test]
fn every_fault_is_told() {
    let index = index(&["a/cat.png", "a/dog.png", "b/dog.png", "bird.png", "readme.txt"]);
    let rows = rows(&["cat.png", "A/CAT.PNG", "dog.png", "brid.png", "", "horse.png"]);
    let Matches { report, files } = match_rows(&index, &rows, &Repairs::default(), 10);
    assert_eq!(files, [Some(0), None, None, None, None, None]);
    assert_eq!((report.matched, &report.alike), (1, &BTreeMap::from([(Likeness::Name, 1)])));
    let row = |row: u64, name: &str| NamedRow { row, line: row + 2, name: name.into() };
    assert_eq!(report.repeated.first, [Repeated { row: row(1, "A/CAT.PNG"), path: "a/cat.png".into(), first: 0 }]);
    let paths = vec!["a/dog.png".to_owned(), "b/dog.png".to_owned()];
    assert_eq!(report.ambiguous.first, [Ambiguous { row: row(2, "dog.png"), paths }]);
    let nearest: Vec<Option<&str>> = report.missing.first.iter().map(|missing| missing.nearest.as_deref()).collect();
    assert_eq!(nearest, [Some("bird.png"), None]);
    assert_eq!(report.unnamed.first, [row(4, "")]);
    assert_eq!(report.without_row.first, ["a/dog.png", "b/dog.png", "bird.png", "readme.txt"]);
}

#[test]
fn what_people_decide_counts() {
    let index = index(&["a/cat.png", "a/dog.png", "b/dog.png", "bird.png", "readme.txt"]);
    let rows = rows(&["cat.png", "A/CAT.PNG", "dog.png", "brid.png", "", "horse.png"]);
    let path = |path: &str| Some(path.to_owned());
    let repairs = Repairs {
        rows: BTreeMap::from([
            (1, path("a/cat.png")),
            (2, path("b/dog.png")),
            (4, None),
            (9, None),
            (5, path("gone.png")),
        ]),
        files: BTreeMap::from([
            ("bird.png".into(), Some(3)),
            ("readme.txt".into(), None),
            ("none".into(), None),
            ("a/dog.png".into(), Some(2)),
        ]),
    };
    let Matches { report, files } = match_rows(&index, &rows, &repairs, 10);
    assert_eq!(files, [None, Some(0), Some(2), Some(3), None, None]);
    assert_eq!((report.matched, report.left_out, report.without_need), (3, 1, 1));
    assert_eq!((report.repeated.count, report.repeated.first[0].first), (1, 1));
    assert_eq!(report.wrong_repairs.count, 4, "{:?}", report.wrong_repairs);
    assert_eq!(report.without_row.first, ["a/dog.png"]);
}

#[test]
fn lists_are_bounded_and_numbers_exact() {
    let index = index(&["a.png"]);
    let names: Vec<(u64, String)> = (0..1000).map(|row| (row, format!("{}{row}", "x".repeat(1000)))).collect();
    let report = match_rows(&index, &names, &Repairs::default(), 3).report;
    assert_eq!((report.missing.count, report.missing.first.len()), (1000, 3));
    assert_eq!(report.missing.first[0].row.name.len(), 300);
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<RowsReport>(&json).unwrap(), report);
}

fn path() -> impl Strategy<Value = String> {
    "([abAB]{1,2}/)?[abAB]{1,2}(\\.png|\\.jpg)?"
}

proptest! {
    #[test]
    fn each_row_and_file_is_counted_once(
        paths in prop::collection::btree_set(path(), 0..12),
        names in prop::collection::vec(prop_oneof![path(), Just(String::new())], 0..15),
        row_repairs in prop::collection::btree_map(0..16_u64, prop::option::of(path()), 0..4),
        file_repairs in prop::collection::btree_map(path(), prop::option::of(0..16_u64), 0..4),
        most in 0..4_usize,
    ) {
        let paths: Vec<String> = paths.into_iter().collect();
        let index = PathIndex::new(paths.clone());
        let rows: Vec<(u64, String)> = names.iter().cloned().enumerate().map(|(row, name)| (row as u64, name)).collect();
        let repairs = Repairs { rows: row_repairs, files: file_repairs };
        let Matches { report, files } = match_rows(&index, &rows, &repairs, most);
        let faults = report.left_out + report.unnamed.count + report.missing.count + report.ambiguous.count + report.repeated.count;
        prop_assert_eq!(report.matched + faults, rows.len() as u64);
        prop_assert_eq!(report.matched + report.without_row.count + report.without_need, paths.len() as u64);
        let mut given: Vec<usize> = files.iter().flatten().copied().collect();
        prop_assert_eq!(given.len() as u64, report.matched);
        given.sort_unstable();
        given.dedup();
        prop_assert_eq!(given.len() as u64, report.matched, "no file belongs to two rows");
        prop_assert!(report.missing.first.len() <= most && report.without_row.first.len() <= most);
        // Whoever names a path as it is gets it, unless another row has it.
        for (row, name) in names.iter().enumerate() {
            if let (Some(number), false) = (paths.iter().position(|path| path == name), repairs.rows.contains_key(&(row as u64)))
                && !repairs.files.values().any(|other| *other == Some(row as u64))
            {
                prop_assert!(files[row] == Some(number) || files.contains(&Some(number)));
            }
        }
    }

    #[test]
    fn any_text_may_be_looked_for(text in any::<String>(), paths in prop::collection::vec(any::<String>(), 0..4)) {
        let index = PathIndex::new(paths);
        let _ = index.find(&text);
        let _ = index.candidates(&[&text], 3);
    }
}
