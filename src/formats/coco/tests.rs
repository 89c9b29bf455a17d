use super::*;
use crate::formats::annotations::Annotated;
use crate::formats::annotations::tests_support::*;
use crate::geometry::area;
use crate::model::region::Kind;
use proptest::prelude::*;

/// As the COCO data set and its tools have them, annotations first.
const SAMPLE: &str = r#"{"info": {"year": 2017}, "licenses": [], "annotations": [
 {"segmentation": [[100.0, 48.0, 300.5, 48.0, 300.5, 240.25]], "area": 19281.1, "iscrowd": 0, "image_id": 9, "bbox": [100.0, 48.0, 200.5, 192.25], "category_id": 18, "id": 1},
 {"segmentation": [[0, 0, 64, 0, 64, 48], [320, 240, 384, 240, 384, 288, 320, 288]], "iscrowd": 0, "image_id": 9, "bbox": [0, 0, 384, 288], "category_id": 18, "id": 2},
 {"segmentation": {"counts": [5, 3, 1, 3, 12], "size": [4, 6]}, "iscrowd": 1, "image_id": 9, "bbox": [1, 1, 2, 3], "category_id": 1, "id": 900100000009},
 {"segmentation": {"counts": "5310;", "size": [4, 6]}, "iscrowd": 0, "image_id": 9, "bbox": [1, 1, 2, 3], "category_id": 1, "id": 4},
 {"segmentation": [], "image_id": "9", "bbox": ["64", "48", "32", "24"], "category_id": 1.0, "id": 5},
 {"image_id": 9, "bbox": [600, 400, 80, 40], "category_id": 77, "id": 6, "attributes": {"occluded": false}},
 {"image_id": 10, "bbox": [0, 0, 80, 40], "category_id": 1, "id": 7},
 {"image_id": 9, "bbox": [NaN, 0, 80, 40], "category_id": 1, "id": 8},
 {"image_id": 9, "bbox": [1e999, 0, 80, 40], "category_id": 1, "id": 8},
 {"image_id": 9, "bbox": [10, 0, -80, 40], "category_id": 1, "id": 8}
], "images": [{"license": 1, "file_name": "a.b/Bär.jpg", "coco_url": "", "height": 480, "width": 640, "id": 9}, {"file_name": "..\\up.jpg", "id": 11}],
 "categories": [{"supercategory": "person", "id": 1, "name": "person"}, {"supercategory": "animal", "id": 18, "name": "dog"}]}"#;

#[test]
fn a_document_of_the_wild_is_read() {
    let (read, losses) = read_well(
        read,
        &[("annotations/instances_train2017.json", SAMPLE), ("annotations/captions_train2017.json", "{")],
    );
    assert_eq!(read.objects, ["person", "dog"]);
    let picture = read.picture("a.b/Bär.jpg");
    assert_eq!(picture.head.size, Some(PixelSize { width: 640, height: 480 }));
    assert_eq!(picture.head.split.as_deref(), Some("train2017"));
    assert_eq!(read.picture("up.jpg").regions.len(), 0);
    let mask = Shape::Polygon(points(&[(1.0 / 6.0, 1.0), (1.0 / 6.0, 0.25), (0.5, 0.25), (0.5, 1.0)]));
    let expected = [
        (Shape::Polygon(points(&[(0.15625, 0.1), (300.5 / 640.0, 0.1), (300.5 / 640.0, 240.25 / 480.0)])), "dog"),
        (Shape::Polygon(points(&[(0.0, 0.0), (0.1, 0.0), (0.1, 0.1)])), "dog"),
        (Shape::Polygon(points(&[(0.5, 0.5), (0.6, 0.5), (0.6, 0.6), (0.5, 0.6)])), "dog"),
        (mask.clone(), "person"),
        (mask, "person"),
        (rect(0.1, 0.1, 0.05, 0.05), "person"),
        (rect(0.9375, 400.0 / 480.0, 0.0625, 40.0 / 480.0), "77"),
    ];
    assert_eq!(read.shapes("a.b/Bär.jpg"), expected);
    assert_eq!(
        counted(&losses),
        [
            (Loss::Clipped, 1),
            (Loss::Degenerate, 1),
            (Loss::SeveralParts, 1),
            (Loss::Unreadable, 2),
            (Loss::UnknownPicture, 1),
            (Loss::UnknownObject, 1),
            (Loss::Attribute, 4),
            (Loss::OfPicture, 1),
            (Loss::File, 1),
        ]
    );
    assert!(losses.listed().iter().any(|entry| entry.place == "annotations/instances_train2017.json, annotations[6]"));
}

#[test]
fn what_is_broken_is_told_from_what_is_odd() {
    for (text, message) in [
        ("{\"images\": [", "ends too early"),
        ("[]", "no list `images`"),
        ("{\"images\": [], \"annotations\": []} x", "something follows"),
        ("", "no list `images`"),
    ] {
        let error = read_badly(read, &[("x.json", text)]);
        assert!(error.starts_with("x.json") && error.contains(message), "{error}");
    }
    assert!(read_badly(read, &[("x.txt", "")]).contains("no JSON file"));
    let odd = r#"{"images": [{"id": 1, "file_name": "unknown.jpg"}, {"id": 1, "file_name": "b.jpg"}, {"id": 2, "file_name": "b.jpg"}, {"id": 3, "file_name": ""}, 7, {}],
      "categories": [{"id": 1, "name": ""}, {"id": 1, "name": "x"}],
      "annotations": [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9]}, {"image_id": 2, "category_id": 1, "bbox": [0, 0, 9, 9]},
        {"image_id": 2, "bbox": [0, 0]}, {"image_id": 2, "segmentation": {"size": [1e12, 1e12], "counts": [0, 1e15]}},
        {"image_id": 2, "segmentation": {"size": [4, 4], "counts": [0, -1]}}, {"image_id": 2, "segmentation": [[1, 2, 3]]},
        {"image_id": 2, "segmentation": [[1, 2, 3, 4]]}, [[[]]], {"image_id": 2, "segmentation": [0, 0, 64, 0, 64, 48]}]}"#;
    let (read, losses) = read_well(read, &[("x.json", odd)]);
    assert_eq!((read.pictures.len(), read.picture("b.jpg").regions.len()), (2, 2));
    assert_eq!(losses.count(Loss::DuplicatePicture), 2);
    assert_eq!((losses.count(Loss::UnknownSize), losses.count(Loss::Unnamed)), (1, 2));
    assert_eq!((losses.count(Loss::Degenerate), losses.count(Loss::Unreadable)), (3, 5));
}

#[test]
fn documents_have_pictures_in_common() {
    let text =
        r#"{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"image_id": 1, "bbox": [0, 0, 9, 9]}]}"#;
    let (read, losses) = read_well(read, &[("x.json", text), ("y.json", text)]);
    assert_eq!((read.pictures.len(), read.shapes("a.jpg").len()), (1, 2));
    assert_eq!(losses.count(Loss::DuplicatePicture), 1);
}

#[test]
fn deep_values_are_no_danger() {
    let deep = format!(
        "{{\"images\":[{{\"id\":1,\"file_name\":\"a\"}}],\"annotations\":[{{\"image_id\":1,\"segmentation\":{}{}}}]}}",
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    let (_, losses) = read_well(read, &[("x.json", &deep)]);
    assert_eq!(losses.count(Loss::Unreadable), 1);
}

#[test]
fn names_are_of_bounded_length() {
    let name = "ä".repeat(2000);
    let text = format!(
        "{{\"images\":[{{\"id\":1,\"file_name\":\"a\"}}],\"categories\":[{{\"id\":1,\"name\":\"{name}\"}}],\
         \"annotations\":[{{\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,9,9]}}]}}"
    );
    let (read, losses) = read_well(read, &[("x.json", &text)]);
    assert_eq!((read.pictures[0].regions[0].object.len(), losses.count(Loss::ObjectName)), (1000, 1));
}

#[test]
fn holes_keep_their_area() {
    // A frame of 4 x 4 pixels around 2 x 2, in a picture of 6 x 6.
    let text = r#"{"images": [{"id": 1, "file_name": "a", "width": 6, "height": 6}], "categories": [],
      "annotations": [{"image_id": 1, "category_id": 1, "segmentation": {"size": [6, 6], "counts": [7, 4, 2, 1, 2, 1, 2, 1, 2, 1, 2, 4, 7]}}]}"#;
    let (read, losses) = read_well(read, &[("x.json", text)]);
    assert_eq!(losses.count(Loss::Hole), 1);
    assert!((area(&read.picture("a").regions[0].shape) * 36.0 - 12.0).abs() < 1e-9);
}

#[test]
fn documents_are_what_loaders_expect() {
    let mut picture = Annotated {
        head: Head { path: "a/ü.jpg".into(), size: Some(PixelSize { width: 640, height: 480 }), split: None },
        regions: vec![
            region(rect(0.25, 0.5, 0.125, 0.25), "dog"),
            region(Shape::Polygon(points(&[(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.5, 0.0)])), "cat"),
            region(Shape::Polyline(points(&[(0.0, 0.0), (0.0, 0.5)])), "cat"),
            region(Shape::Point(Point { x: 0.5, y: 0.5 }), "cat"),
        ],
    };
    let (files, losses) = write_out(write, &[picture.clone()]);
    assert_eq!(counted(&losses), [(Loss::Polyline, 1), (Loss::Point, 1)]);
    assert_eq!(files.pictures, [("a/ü.jpg".to_owned(), "images/default/a/ü.jpg".to_owned())]);
    assert_eq!(
        files.text("annotations/instances_default.json"),
        "{\"info\":{\"description\":\"Ocellus\"},\"licenses\":[],\"categories\":[{\"id\":1,\"name\":\"cat\",\"supercategory\":\"\"},\
         {\"id\":2,\"name\":\"dog\",\"supercategory\":\"\"}],\n\"images\":[\n\
         {\"id\":1,\"file_name\":\"a/ü.jpg\",\"width\":640,\"height\":480}],\n\"annotations\":[\n\
         {\"id\":1,\"image_id\":1,\"category_id\":2,\"bbox\":[160,240,80,120],\"area\":9600,\"iscrowd\":0,\
         \"segmentation\":[[160,240,160,360,240,360,240,240]]},\n\
         {\"id\":2,\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,320,240],\"area\":76800,\"iscrowd\":0,\
         \"segmentation\":[[0,240,320,240,320,0,0,0]]}]}\n"
    );
    // What was a polygon is one still, and what was a box is a box.
    let (outcome, found, _) = read_from(read, &files);
    outcome.unwrap();
    let kinds: Vec<Kind> = found.pictures[0].regions.iter().map(|region| region.shape.kind()).collect();
    assert_eq!(kinds, [Kind::Bbox, Kind::Polygon]);

    picture.head.size = None;
    assert_eq!(counted(&write_out(write, &[picture]).1), [(Loss::UnknownSize, 1)]);
    assert!(write_out(write, &[]).0.files.contains_key("annotations/instances_default.json"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn out_and_in_again(pictures in pictures(&[Kind::Bbox, Kind::Polygon])) {
        check_round_trip(&pictures, (read, write), 2e-6)?;
    }

    #[test]
    fn damage_does_not_matter(cut in 0..4000_usize, put: u8, length in 0..50_usize) {
        check_damage(read, &[("x.json", SAMPLE)], cut, put, length);
    }
}
