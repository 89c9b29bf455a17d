use super::*;
use crate::formats::annotations::Annotated;
use crate::formats::annotations::tests_support::*;
use crate::model::region::Kind;
use proptest::prelude::*;

/// As datumaro 1.x exports it, with the labels behind the items.
const SAMPLE: &str = r#"{"dm_format_version": "1.0", "media_type": 2, "infos": {},
 "items": [
  {"id": "a.b/ü.v1", "attr": {"id": 3}, "image": {"path": "a.b_ü.v1.jpg", "size": [50, 100]}, "annotations": [
   {"id": 0, "type": "bbox", "attributes": {"occluded": false, "pose": "left"}, "group": 0, "label_id": 1, "z_order": 0, "bbox": [10.0, 10.0, 50.0, 25.0]},
   {"id": 0, "type": "polygon", "attributes": {}, "group": 4, "label_id": 0, "points": [0.0, 0.0, 50.0, 0.0, 50.0, 25.0], "z_order": 1},
   {"id": 0, "type": "polyline", "attributes": {}, "group": 0, "label_id": 0, "points": [0.0, 0.0, 50.0, 25.0], "z_order": 0},
   {"id": 0, "type": "points", "attributes": {}, "group": 0, "label_id": 0, "points": [50, 25, 75, 25], "z_order": 0, "visibility": [2, 2]},
   {"id": 0, "type": "mask", "attributes": {}, "group": 0, "label_id": 0, "rle": {"counts": "5310;", "size": [4, 6]}, "z_order": 0},
   {"id": 0, "type": "label", "label_id": 0}, {"id": 0, "type": "caption", "caption": "x"},
   {"id": 0, "type": "ellipse", "label_id": 0, "points": [1, 1, 2, 2]},
   {"id": 0, "type": "bbox", "label_id": null, "bbox": [0, 0, 100, 50]},
   {"id": 0, "type": "bbox", "label_id": 7, "bbox": [0, 0, 100, 50]},
   {"id": 0, "type": "bbox", "label_id": 0}, {"type": "mask", "rle": {"counts": "zzz", "size": [4, 6]}}, {}
  ]},
  {"id": "plain", "annotations": []}, {"id": "plain", "annotations": []}, {"id": ".."}, 7],
 "categories": {"label": {"labels": [{"name": "cat", "parent": "", "attributes": []}, {"name": "dog", "parent": ""}], "attributes": []}, "mask": {"colormap": []}}}"#;

#[test]
fn exports_of_datumaro_are_read() {
    let (read, losses) = read_well(
        read,
        &[
            ("annotations/train.json", SAMPLE),
            ("annotations/default.json", "{\"items\": [{\"id\": \"plain\"}]}"),
            ("x.json", "{}"),
        ],
    );
    assert_eq!(read.objects, ["cat", "dog"]);
    let picture = read.picture("a.b/ü.v1.jpg");
    assert_eq!(
        (picture.head.size, picture.head.split.as_deref()),
        (Some(PixelSize { width: 100, height: 50 }), Some("train"))
    );
    let expected = [
        (rect(0.1, 0.2, 0.5, 0.5), "dog"),
        (Shape::Polygon(points(&[(0.0, 0.0), (0.5, 0.0), (0.5, 0.5)])), "cat"),
        (Shape::Polyline(points(&[(0.0, 0.0), (0.5, 0.5)])), "cat"),
        (Shape::Point(Point { x: 0.5, y: 0.5 }), "cat"),
        (Shape::Point(Point { x: 0.75, y: 0.5 }), "cat"),
        (Shape::Polygon(points(&[(1.0 / 6.0, 1.0), (1.0 / 6.0, 0.25), (0.5, 0.25), (0.5, 1.0)])), "cat"),
        (rect(0.0, 0.0, 1.0, 1.0), ""),
        (rect(0.0, 0.0, 1.0, 1.0), "7"),
    ];
    assert_eq!(read.shapes("a.b/ü.v1.jpg"), expected);
    assert_eq!(read.pictures.iter().filter(|picture| picture.head.path == "plain").count(), 2);
    assert_eq!(
        counted(&losses),
        [
            (Loss::OtherShape, 1),
            (Loss::SeveralParts, 1),
            (Loss::Unreadable, 4),
            (Loss::UnknownObject, 1),
            (Loss::Unnamed, 1),
            (Loss::DuplicatePicture, 1),
            (Loss::BadName, 1),
            (Loss::Attribute, 3),
            (Loss::OfPicture, 3),
        ]
    );
    assert!(read_badly(super::read, &[("a.json", "{}")]).contains("`items`"));
}

#[test]
fn what_is_not_there_is_left_out() {
    let text = r#"{"items": [
      {"id": "x.png", "image": {"path": "a/x.png.png", "size": [50, 100]}, "annotations": [
        {"type": "points", "points": [50, 25, 75, 25], "visibility": [2, 0]}, {"type": "points", "points": [1, 1], "visibility": [0]},
        {"type": "polyline", "points": [0, 0, 50, 25, 7]}]},
      {"id": "y.png", "image": {"path": "y.png"}, "annotations": null}]}"#;
    let (read, losses) = read_well(read, &[("default.json", text)]);
    assert_eq!(read.shapes("x.png.png"), [(Shape::Point(Point { x: 0.5, y: 0.5 }), "")]);
    assert!(read.picture("y.png").regions.is_empty());
    assert_eq!(counted(&losses), [(Loss::Unreadable, 1), (Loss::Unnamed, 1), (Loss::Attribute, 2)]);
}

#[test]
fn documents_are_those_of_datumaro() {
    let head = |path: &str| Head { path: path.into(), size: Some(PixelSize { width: 100, height: 50 }), split: None };
    let pictures = [
        Annotated { head: head("a/b.jpg"), regions: vec![region(rect(0.1, 0.2, 0.5, 0.5), "cat")] },
        Annotated { head: head("a/b.png"), regions: vec![] },
    ];
    let (files, losses) = write_out(write, &pictures);
    assert_eq!(counted(&losses), [(Loss::Renamed, 1)]);
    assert_eq!(
        files.text("annotations/default.json"),
        "{\"dm_format_version\":\"1.0\",\"media_type\":2,\"infos\":{},\"categories\":{\"label\":{\"labels\":[{\"name\":\"cat\",\"parent\":\"\",\"attributes\":[]}],\
         \"label_groups\":[],\"attributes\":[]}},\n\"items\":[\n\
         {\"id\":\"a/b\",\"annotations\":[{\"id\":0,\"type\":\"bbox\",\"attributes\":{},\"group\":0,\"label_id\":0,\"bbox\":[10,10,50,25],\"z_order\":0}],\
         \"image\":{\"path\":\"a/b.jpg\",\"size\":[50,100]}},\n\
         {\"id\":\"a/b-2\",\"annotations\":[],\"image\":{\"path\":\"a/b-2.png\",\"size\":[50,100]}}]}\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn out_and_in_again(pictures in pictures(&Kind::ALL)) {
        check_round_trip(&pictures, (read, write), 2e-6)?;
    }

    #[test]
    fn damage_does_not_matter(cut in 0..2500_usize, put: u8, length in 0..50_usize) {
        check_damage(read, &[("a.json", SAMPLE)], cut, put, length);
    }
}
