use super::*;
use crate::formats::annotations::Annotated;
use crate::formats::annotations::tests_support::*;
use crate::model::region::Kind;
use proptest::prelude::*;
use std::collections::HashSet;

/// As labelme writes a file, of which forks make a little more.
const SAMPLE: &str = r#"{
  "version": "5.4.1", "flags": {"night": true, "day": false},
  "shapes": [
    {"label": "dog", "points": [[50.0, 40.0], [10.0, 10.0]], "group_id": null, "description": "", "shape_type": "rectangle", "flags": {}, "mask": null},
    {"label": "dog", "points": [[10, 10], [50, 10], [50, 40], [10, 40]], "group_id": 3, "description": "x", "shape_type": "rectangle", "flags": {"hard": true}},
    {"label": "dog", "points": [[10, 10], [50, 20], [40, 40], [5, 30]], "shape_type": "rotation"},
    {"label": "cat", "points": [[0, 0], [50, 0], [50, 25.0]], "shape_type": "polygon"},
    {"label": "cat", "points": [[0, 0], [50, 0], [50, 25.0]], "shape_type": null},
    {"label": "cat", "points": [[0, 0], [50, 25]], "shape_type": "line"},
    {"label": "cat", "points": [[0, 0], [50, 25], [100, 0]], "shape_type": "linestrip"},
    {"label": "cat", "points": [[50, 25]], "shape_type": "point"},
    {"label": "cat", "points": [[25, 25], [50, 50]], "shape_type": "points"},
    {"label": "cat", "points": [[50, 25], [60, 25]], "shape_type": "circle"},
    {"label": "cat", "points": [[1, 1], [2, 2]], "shape_type": "mask", "mask": "iVBORw0KGgo"},
    {"label": null, "points": [[0, 0], ["50", "50"]], "shape_type": "rectangle"},
    {"label": "x", "points": [[0], [1, 2]], "shape_type": "line"},
    {"label": "x", "points": [], "shape_type": "points"},
    {"label": 7}
  ],
  "imagePath": "..\\pictures\\a.b ü.jpg", "imageData": "/9j/4AAQ", "imageHeight": 50, "imageWidth": 100
}"#;

#[test]
fn files_of_labelme_are_read() {
    let files = [
        ("x/labels/a.json", SAMPLE),
        ("x/bare.json", "{\"shapes\": []}"),
        ("x/other.json", "[1]"),
        ("x/z.json", "{\"shapes\": ["),
    ];
    let (read, losses) = read_well(read, &files);
    let picture = read.picture("x/pictures/a.b ü.jpg");
    assert_eq!(picture.head.size, Some(PixelSize { width: 100, height: 50 }));
    let triangle = Shape::Polygon(points(&[(0.0, 0.0), (0.5, 0.0), (0.5, 0.5)]));
    let expected = [
        (rect(0.1, 0.2, 0.4, 0.6), "dog"),
        (rect(0.1, 0.2, 0.4, 0.6), "dog"),
        (Shape::Polygon(points(&[(0.1, 0.2), (0.5, 0.4), (0.4, 0.8), (0.05, 0.6)])), "dog"),
        (triangle.clone(), "cat"),
        (triangle, "cat"),
        (Shape::Polyline(points(&[(0.0, 0.0), (0.5, 0.5)])), "cat"),
        (Shape::Polyline(points(&[(0.0, 0.0), (0.5, 0.5), (1.0, 0.0)])), "cat"),
        (Shape::Point(Point { x: 0.5, y: 0.5 }), "cat"),
        (Shape::Point(Point { x: 0.25, y: 0.5 }), "cat"),
        (Shape::Point(Point { x: 0.5, y: 1.0 }), "cat"),
        (rect(0.0, 0.0, 0.5, 1.0), ""),
    ];
    assert_eq!(read.shapes("x/pictures/a.b ü.jpg"), expected);
    assert!(read.picture("x/bare").regions.is_empty());
    assert_eq!(
        counted(&losses),
        [
            (Loss::Degenerate, 1),
            (Loss::NotFinite, 1),
            (Loss::OtherShape, 2),
            (Loss::SeveralParts, 1),
            (Loss::Unreadable, 2),
            (Loss::Unnamed, 1),
            (Loss::Attribute, 3),
            (Loss::OfPicture, 1),
            (Loss::File, 1),
        ]
    );
    assert!(read_badly(super::read, &[("a.json", "{}")]).contains("`shapes`"));
}

#[test]
fn two_files_of_one_picture_are_put_together() {
    let shape = r#"{"shapes": [{"label": "a", "points": [[0, 0]], "shape_type": "point"}], "imagePath": "a.jpg"}"#;
    let (read, losses) = read_well(read, &[("1.json", shape), ("2.json", shape)]);
    assert_eq!((read.pictures.len(), read.shapes("a.jpg").len()), (1, 2));
    assert_eq!(counted(&losses), [(Loss::DuplicatePicture, 1)]);
}

#[test]
fn many_shapes_are_read_one_by_one() {
    let shapes = format!("{{\"shapes\": [0{}]}}", ",0".repeat(1_000_000));
    let (_, losses) = read_well(read, &[("a.json", &shapes)]);
    assert_eq!(counted(&losses), [(Loss::Unreadable, 1_000_001)]);
}

#[test]
fn parts_of_a_split_are_folders() {
    let head = |path: &str, split: Option<&str>| Head {
        path: path.into(),
        size: Some(PixelSize { width: 4, height: 4 }),
        split: split.map(str::to_owned),
    };
    let pictures = [("a.jpg", Some("train")), ("a.jpg", None), ("a.png", None)]
        .map(|(path, split)| Annotated { head: head(path, split), regions: vec![] });
    let (files, losses) = write_out(write, &pictures);
    assert_eq!(files.files.keys().collect::<Vec<_>>(), ["a-2.json", "a.json", "train/a.json"]);
    assert!(files.text("a-2.json").contains("\"imagePath\": \"a-2.png\""));
    assert_eq!(counted(&losses), [(Loss::Renamed, 1), (Loss::Split, 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn out_and_in_again(pictures in pictures(&Kind::ALL)) {
        let mut pictures = pictures;
        let mut seen = HashSet::new();
        pictures.retain(|picture| seen.insert(picture.head.path.clone()));
        pictures.iter_mut().for_each(|picture| picture.head.split = None);
        check_round_trip(&pictures, (read, write), 2e-6)?;
    }

    #[test]
    fn damage_does_not_matter(cut in 0..3000_usize, put: u8, length in 0..50_usize) {
        check_damage(read, &[("a.json", SAMPLE)], cut, put, length);
    }
}
