use super::*;
use crate::formats::annotations::Annotated;
use crate::formats::annotations::tests_support::*;
use crate::model::region::{Kind, Point};
use proptest::prelude::*;

/// As the documentation has it; pictures have 640 x 480 pixels.
const SAMPLE: &str = "\u{feff}{\"file_name\": \"0001.v1.png\", \"objects\": {\"bbox\": [[64.0, 48.0, 320.0, 240.0]], \"categories\": [0]}}\r\n\n\
{\"file_name\": \"sub\\\\ü.png\", \"text\": \"x\", \"objects\": {\"bbox\": [[600, 0, 80, 480], [0, 0], [0, 0, \"64\", 48], [0, 0, 9, 9]], \"category\": [\"cat\", \"x\", \"dog\"], \"area\": [1, 2]}}\n\
{\"file_name\": \"unknown.png\", \"objects\": {\"bbox\": [[0, 0, 1, 1]], \"categories\": [1]}}\n\
{\"file_name\": \"none.png\", \"objects\": null}\n{\"file_name\": \"none.png\"}\n{\"objects\": {}}\nno json\n{\"file_name\": \"z\", \"objects\": 7}";

#[test]
fn lines_are_read() {
    let (read, losses) = read_well(read, &[("data/train/metadata.jsonl", SAMPLE), ("data/train/metadata.csv", "")]);
    assert_eq!(read.picture("data/0001.v1.png").head.split.as_deref(), Some("train"));
    assert_eq!(read.shapes("data/0001.v1.png"), [(rect(0.1, 0.1, 0.5, 0.5), "0")]);
    let found = read.shapes("data/sub/ü.png");
    assert_eq!(found[0], (rect(0.9375, 0.0, 0.0625, 1.0), "cat"));
    assert_eq!(found[1], (rect(0.0, 0.0, 0.1, 0.1), "dog"));
    assert_eq!(found[2].1, "");
    assert_eq!(read.pictures.len(), 5);
    assert_eq!(
        counted(&losses),
        [
            (Loss::Clipped, 1),
            (Loss::Unreadable, 3),
            (Loss::UnknownObject, 1),
            (Loss::Unnamed, 1),
            (Loss::UnknownSize, 1),
            (Loss::DuplicatePicture, 1),
            (Loss::BadName, 1),
            (Loss::Attribute, 2),
            (Loss::OfPicture, 1),
            (Loss::File, 1),
        ]
    );
    assert!(read_badly(super::read, &[("a.jsonl", "")]).contains("metadata"));
}

#[test]
fn folders_are_parts_only_if_they_are_called_so() {
    let row = "{\"file_name\": \"x/a.jpg\"}";
    let files =
        [("pets/metadata.jsonl", row), ("pets/my_train-1/metadata.jsonl", row), ("__MACOSX/._metadata.jsonl", "\u{0}")];
    let (read, losses) = read_well(read, &files);
    assert!(losses.is_empty());
    let heads: Vec<_> =
        read.pictures.iter().map(|picture| (picture.head.path.as_str(), picture.head.split.as_deref())).collect();
    assert_eq!(heads, [("pets/x/a.jpg", None), ("pets/x/a.jpg", Some("my_train-1"))]);
}

#[test]
fn parts_that_nobody_would_know_are_counted() {
    let head = |path: &str, split: &str| Head { path: path.into(), size: None, split: Some(split.into()) };
    let pictures = [head("a.jpg", "fold1"), head("b.jpg", "dev")].map(|head| Annotated { head, regions: Vec::new() });
    assert_eq!(counted(&write_out(write, &pictures).1), [(Loss::Split, 1)]);
}

#[test]
fn tables_are_read() {
    let table = "\u{feff}file_name,label,objects\n\"a, b.png\",3,\"{\"\"bbox\"\": [[64, 48, 64, 48]], \"\"categories\"\": [\"\"cat\"\"]}\"\nb.png,,\nc.png,,{broken\n,,\n";
    let (read, losses) = read_well(read, &[("metadata.csv", table)]);
    assert_eq!(read.shapes("a, b.png"), [(rect(0.1, 0.1, 0.1, 0.1), "cat")]);
    assert_eq!(read.pictures.len(), 3);
    assert_eq!(counted(&losses), [(Loss::Unreadable, 1), (Loss::BadName, 1), (Loss::OfPicture, 1)]);
    assert_eq!(losses.listed()[1].place, "metadata.csv, line 4, objects");
}

#[test]
fn types_are_the_same_in_all_parts() {
    let picture = |split: &str, regions: Vec<crate::model::region::Region>| {
        let size = Some(PixelSize { width: 10, height: 10 });
        Annotated { head: Head { path: "a.jpg".into(), size, split: Some(split.into()) }, regions }
    };
    let boxed = || vec![region(rect(0.0, 0.0, 0.5, 0.5), "cat")];
    let names = |pictures: &[Annotated]| write_out(write, pictures).0.files.into_keys().collect::<Vec<_>>();
    assert_eq!(
        names(&[picture("test", boxed()), picture("train", boxed())]),
        ["test/metadata.jsonl", "train/metadata.jsonl"]
    );
    assert_eq!(
        names(&[picture("test", vec![]), picture("train", boxed())]),
        ["test/metadata.csv", "train/metadata.csv"]
    );
    assert_eq!(
        names(&[picture("test", vec![]), picture("train", vec![])]),
        ["test/metadata.jsonl", "train/metadata.jsonl"]
    );
}

#[test]
fn numbers_have_a_point_always() {
    let head = Head {
        path: "a \"b\".jpg".into(),
        size: Some(PixelSize { width: 100, height: 50 }),
        split: Some("test".into()),
    };
    let regions = vec![
        region(rect(0.1, 0.2, 0.5, 0.5), "cat"),
        region(Shape::Polygon(points(&[(0.0, 0.0), (0.5, 0.0), (0.5, 0.5)])), "dog"),
        region(Shape::Point(Point::default()), "dog"),
    ];
    let pictures = [Annotated { head, regions }];
    let (files, losses) = write_out(write, &pictures);
    assert_eq!(
        files.text("test/metadata.jsonl"),
        "{\"file_name\":\"a \\\"b\\\".jpg\",\"width\":100,\"height\":50,\"objects\":{\"bbox\":[[10.0,10.0,50.0,25.0],[0.0,0.0,50.0,25.0]],\"categories\":[\"cat\",\"dog\"]}}\n"
    );
    assert_eq!(counted(&losses), [(Loss::Point, 1), (Loss::BoxOnly, 1)]);
    let (files, _) = write_out(write_csv, &pictures);
    assert!(
        files
            .text("test/metadata.csv")
            .starts_with("file_name,width,height,objects\n\"a \"\"b\"\".jpg\",100,50,\"{\"\"bbox\"\"")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn out_and_in_again(pictures in pictures(&[Kind::Bbox])) {
        check_round_trip(&pictures, (read, write), 2e-6)?;
        check_round_trip(&pictures, (read, write_csv), 2e-6)?;
    }

    #[test]
    fn damage_does_not_matter(cut in 0..800_usize, put: u8, length in 0..50_usize) {
        check_damage(read, &[("metadata.jsonl", SAMPLE)], cut, put, length);
        check_damage(read, &[("metadata.csv", SAMPLE)], cut, put, length);
    }
}
