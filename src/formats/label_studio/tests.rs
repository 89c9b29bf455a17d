use super::*;
use crate::formats::annotations::Annotated;
use crate::formats::annotations::tests_support::*;
use proptest::prelude::*;

/// As exports of several releases have it.
const SAMPLE: &str = r#"[
{"id": 1, "data": {"image": "/data/upload/3/0a1b2c3d-B%C3%A4r.v2.jpg", "note": "x"},
 "annotations": [
  {"id": 1, "was_cancelled": true, "result": [{"type": "rectanglelabels", "value": {"x": 0, "y": 0, "width": 1, "height": 1, "rectanglelabels": ["no"]}}]},
  {"id": 2, "was_cancelled": false, "ground_truth": false, "result": [
   {"original_width": 200, "original_height": 100, "image_rotation": 0, "value": {"x": 10, "y": 20.5, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["Airplane", "Jet"]},
    "id": "a", "from_name": "label", "to_name": "image", "type": "rectanglelabels", "origin": "manual"},
   {"original_width": 200, "original_height": 100, "value": {"x": 50, "y": 50, "width": 10, "height": 10, "rotation": 90, "rectanglelabels": ["Car"]}, "type": "rectanglelabels"},
   {"value": {"points": [[10, 10], [20, 10], [20, 30]], "closed": true, "polygonlabels": ["Car"]}, "type": "polygonlabels", "meta": {"text": ["x"]}},
   {"value": {"points": [[10, 10], [20, 10], [20, 30]], "closed": false, "polygonlabels": ["Car"]}, "type": "polygonlabels"},
   {"value": {"x": 49.5, "y": 25, "width": 0.2, "keypointlabels": ["Nose"]}, "type": "keypointlabels"},
   {"id": "b", "value": {"x": 0, "y": 0, "width": 10, "height": 10, "rotation": 0}, "type": "rectangle"},
   {"id": "b", "value": {"x": 0, "y": 0, "width": 10, "height": 10, "rotation": 0, "labels": ["Car"]}, "type": "labels"},
   {"id": "c", "value": {"x": "90", "y": 0, "width": 20, "height": 10}, "type": "rectangle"},
   {"value": {"vertices": [{"x": 1, "y": 2}, {"x": 3, "y": 4}], "closed": false, "vectorlabels": ["Road"]}, "type": "vectorlabels"},
   {"value": {"x": 1, "y": 1, "radiusX": 1, "radiusY": 2, "ellipselabels": ["x"]}, "type": "ellipselabels"},
   {"value": {"format": "rle", "rle": [0, 1], "brushlabels": ["x"]}, "type": "brushlabels"},
   {"value": {"choices": ["sunny"]}, "type": "choices"},
   {"value": {"x": 1, "y": 1, "width": 1, "height": 1, "text": ["t"]}, "type": "textarea"},
   {"from_id": "a", "to_id": "b", "type": "relation"},
   {"type": 7},
   {"value": {"points": 7, "polygonlabels": ["x"]}, "type": "polygonlabels"}
  ]}], "predictions": [{"result": []}]},
{"data": {"img": "https://example.org/a/b.jpg?x=1"}, "completions": []},
{"data": {"image": ""}}, {"no": "task"}, 7
]"#;

#[test]
fn exports_are_read() {
    let (read, losses) = read_well(read, &[("project.json", SAMPLE)]);
    assert_eq!(read.pictures.len(), 2);
    let picture = read.picture("Bär.v2.jpg");
    assert_eq!(picture.head.size, Some(PixelSize { width: 200, height: 100 }));
    let expected = [
        (rect(0.1, 0.205, 0.3, 0.4), "Airplane"),
        // 20 x 10 pixels, turned about their corner at (100, 50).
        (Shape::Polygon(points(&[(0.5, 0.5), (0.5, 0.7), (0.45, 0.7), (0.45, 0.5)])), "Car"),
        (Shape::Polygon(points(&[(0.1, 0.1), (0.2, 0.1), (0.2, 0.3)])), "Car"),
        (Shape::Polyline(points(&[(0.1, 0.1), (0.2, 0.1), (0.2, 0.3)])), "Car"),
        (Shape::Point(Point { x: 0.495, y: 0.25 }), "Nose"),
        (rect(0.0, 0.0, 0.1, 0.1), "Car"),
        (rect(0.9, 0.0, 0.1, 0.1), ""),
        (Shape::Polyline(points(&[(0.01, 0.02), (0.03, 0.04)])), "Road"),
    ];
    let found = read.shapes("Bär.v2.jpg");
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((found, label), (expected, object)) in found.iter().zip(&expected) {
        assert!(alike(found, expected, 1e-12) && label == object, "{found:?} is not {expected:?}");
    }
    assert!(read.picture("a/b.jpg").regions.is_empty());
    assert_eq!(
        counted(&losses),
        [
            (Loss::Clipped, 1),
            (Loss::OtherShape, 2),
            (Loss::Unreadable, 4),
            (Loss::Unnamed, 1),
            (Loss::BadName, 1),
            (Loss::Attribute, 4),
            (Loss::OfPicture, 4),
        ]
    );
    assert!(losses.listed().iter().any(|entry| entry.place == "project.json, [0], result 7"));
    for text in ["", "[", "7", "[{}] x"] {
        assert!(read_badly(super::read, &[("a.json", text)]).starts_with("a.json, byte"), "{text}");
    }
}

#[test]
fn the_picture_is_the_field_that_is_called_so_or_looks_so() {
    let text = r#"[{"data": {"author": "me", "photo": "s3://x/a.jpg"}, "annotations": [{"result": null}]},
      {"data": {"note": "no picture"}}, {"data": {"image": "b", "thumbnail": "b-small.jpg"}},
      {"data": {"image": "c.jpg"}, "annotations": [{"result": [{"type": "rectanglelabels", "value": {"x": 1, "y": 1, "width": 2}}]}]}]"#;
    let (read, losses) = read_well(read, &[("a.json", text)]);
    let paths: Vec<&str> = read.pictures.iter().map(|picture| picture.head.path.as_str()).collect();
    assert_eq!(paths, ["a.jpg", "b", "c.jpg"]);
    assert_eq!(counted(&losses), [(Loss::Unreadable, 1), (Loss::BadName, 1), (Loss::OfPicture, 2)]);
}

#[test]
fn tasks_come_with_their_configuration() {
    let head = Head { path: "a/ü b.jpg".into(), size: None, split: Some("val".into()) };
    let regions = vec![
        region(rect(0.15, 0.25, 0.5, 0.5), "<x>"),
        region(Shape::Polyline(points(&[(0.0, 0.0), (1.0, 1.0)])), "y"),
    ];
    let (files, losses) = write_out(write, &[Annotated { head, regions }]);
    assert_eq!(counted(&losses), [(Loss::Polyline, 1)]);
    assert_eq!(
        files.text("tasks.json"),
        "[\n{\"data\":{\"image\":\"/data/local-files/?d=images/val/a/%C3%BC%20b.jpg\",\"split\":\"val\"},\"annotations\":[{\"result\":[\
         {\"id\":\"r1\",\"type\":\"rectanglelabels\",\"from_name\":\"rectanglelabels\",\"to_name\":\"image\",\"image_rotation\":0,\
         \"value\":{\"x\":15,\"y\":25,\"width\":50,\"height\":50,\"rotation\":0,\"rectanglelabels\":[\"<x>\"]}}]}]}]\n"
    );
    assert!(files.text("config.xml").contains("<Label value=\"&lt;x&gt;\"/>"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn out_and_in_again(pictures in pictures(&[Kind::Bbox, Kind::Polygon, Kind::Point])) {
        check_round_trip(&pictures, (read, write), 1e-10)?;
    }

    #[test]
    fn damage_does_not_matter(cut in 0..3500_usize, put: u8, length in 0..50_usize) {
        check_damage(read, &[("a.json", SAMPLE)], cut, put, length);
    }
}
