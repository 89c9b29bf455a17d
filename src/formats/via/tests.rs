use super::*;
use crate::formats::annotations::tests_support::*;
use crate::formats::annotations::{Annotated, PixelSize};
use crate::model::region::Kind;
use proptest::prelude::*;

/// As VIA 2 saves a project; pictures have 640 x 480 pixels.
const SAMPLE: &str = r#"{"_via_settings": {"core": {}}, "_via_img_metadata": {
 "Bär v2.jpg1234": {"filename": "Bär v2.jpg", "size": 1234, "file_attributes": {"caption": "x", "public": ""}, "regions": [
  {"shape_attributes": {"name": "rect", "x": 64, "y": 48, "width": 320, "height": 240}, "region_attributes": {"Name": "bear", "quality": {"good": true, "blurred": false}}},
  {"shape_attributes": {"name": "polygon", "all_points_x": [0, 320, 320, 0], "all_points_y": [0, 0, 240, 0]}, "region_attributes": {"animal": {"cat": true, "dog": true}}},
  {"shape_attributes": {"name": "polyline", "all_points_x": [0, 320], "all_points_y": ["0", 240]}, "region_attributes": {"label": "line "}},
  {"shape_attributes": {"name": "point", "cx": 320, "cy": 240}, "region_attributes": {"id": 7}},
  {"shape_attributes": {"name": "circle", "cx": 320, "cy": 240, "r": 9}, "region_attributes": {}},
  {"shape_attributes": {"name": "rect", "x": 0, "y": 0, "width": 640, "height": 480}, "region_attributes": {}},
  {"shape_attributes": {"name": "polygon", "all_points_x": [0, 320], "all_points_y": [0]}, "region_attributes": {"label": "x"}},
  {"region_attributes": {}}
 ]},
 "a/1.jpg-1": {"filename": "https://example.org/a/1.jpg", "size": -1, "regions": {"0": {"shape_attributes": {"name": "point", "cx": 0, "cy": 0}, "region_attributes": {"label": "x"}}}, "base64_img_data": ""},
 "unknown.jpg1": {"filename": "unknown.jpg", "size": 1, "regions": [{}], "file_attributes": {}},
 "x": {"filename": ".."}, "y": 7
}, "_via_attributes": {}, "_via_data_format_version": "2.0.10", "_via_image_id_list": []}"#;

#[test]
fn projects_and_annotations_are_read() {
    let (read, losses) = read_well(read, &[("via_project.json", SAMPLE)]);
    let expected = [
        (rect(0.1, 0.1, 0.5, 0.5), "bear"),
        (Shape::Polygon(points(&[(0.0, 0.0), (0.5, 0.0), (0.5, 0.5)])), "cat"),
        (Shape::Polyline(points(&[(0.0, 0.0), (0.5, 0.5)])), "line"),
        (Shape::Point(Point { x: 0.5, y: 0.5 }), "7"),
        (rect(0.0, 0.0, 1.0, 1.0), ""),
    ];
    // The last corner is the first one again, which is not kept.
    assert_eq!(read.shapes("Bär v2.jpg"), expected);
    assert_eq!(read.shapes("a/1.jpg").len(), 1);
    assert_eq!(
        counted(&losses),
        [
            (Loss::NotFinite, 1),
            (Loss::OtherShape, 1),
            (Loss::Unreadable, 2),
            (Loss::Unnamed, 1),
            (Loss::UnknownSize, 1),
            (Loss::BadName, 1),
            (Loss::Attribute, 2),
            (Loss::OfPicture, 1),
        ]
    );
    let plain = r#"{"a.jpg1": {"filename": "a.jpg", "size": 1, "regions": [], "file_attributes": {}}}"#;
    assert_eq!(read_well(super::read, &[("x.json", plain)]).0.pictures.len(), 1);
    for text in ["", "[]", "{\"a\"", "{} x"] {
        assert!(read_badly(super::read, &[("x.json", text)]).starts_with("x.json, byte"), "{text}");
    }
}

#[test]
fn regions_of_a_dictionary_are_in_the_order_of_their_numbers() {
    let region = |number: u32| {
        let shape = "{\"shape_attributes\": {\"name\": \"point\", \"cx\": 0, \"cy\": 0}";
        format!("\"{number}\": {shape}, \"region_attributes\": {{\"label\": \"{number}\"}}}}")
    };
    let regions = [10, 9, 11].map(region).join(", ");
    let text = format!("{{\"a\": {{\"filename\": \"a.jpg\", \"regions\": {{{regions}}}}}}}");
    let (read, _) = read_well(read, &[("a.json", &text)]);
    let names: Vec<&str> = read.pictures[0].regions.iter().map(|region| region.object.as_str()).collect();
    assert_eq!(names, ["9", "10", "11"]);
}

#[test]
fn attributes_without_end_are_refused() {
    let attributes = format!("{{{}\"z\": 0}}", (0..10_000).map(|key| format!("\"{key}\": 0, ")).collect::<String>());
    let text = format!(
        "{{\"a\": {{\"filename\": \"a.jpg\", \"regions\": [{{\"shape_attributes\": {{}}, \"region_attributes\": {attributes}}}]}}}}"
    );
    let (_, losses) = read_well(read, &[("a.json", &text)]);
    assert_eq!(counted(&losses), [(Loss::Unreadable, 1)]);
}

#[test]
fn annotations_are_those_of_via() {
    let head =
        Head { path: "a.jpg".into(), size: Some(PixelSize { width: 100, height: 50 }), split: Some("val".into()) };
    let unknown = Head { path: "b.jpg".into(), size: None, split: None };
    let regions = vec![region(rect(0.1, 0.2, 0.5, 0.5), "cat")];
    let pictures = [Annotated { head, regions: regions.clone() }, Annotated { head: unknown, regions }];
    let (files, losses) = write_out(write, &pictures);
    assert_eq!(counted(&losses), [(Loss::UnknownSize, 1)]);
    assert_eq!(
        files.text("via.json"),
        "{\n\"val/a.jpg-1\":{\"filename\":\"val/a.jpg\",\"size\":-1,\"regions\":[{\"shape_attributes\":{\"name\":\"rect\",\"x\":10,\"y\":10,\"width\":50,\"height\":25},\
         \"region_attributes\":{\"object\":\"cat\"}}],\"file_attributes\":{\"split\":\"val\"}},\n\
         \"b.jpg-1\":{\"filename\":\"b.jpg\",\"size\":-1,\"regions\":[],\"file_attributes\":{}}}\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn out_and_in_again(pictures in pictures(&Kind::ALL)) {
        // The size is not said; the tests answer this one.
        let mut pictures = pictures;
        pictures.iter_mut().for_each(|picture| picture.head.size = Some(PixelSize { width: 640, height: 480 }));
        check_round_trip(&pictures, (read, write), 2e-6)?;
    }

    #[test]
    fn damage_does_not_matter(cut in 0..2500_usize, put: u8, length in 0..50_usize) {
        check_damage(read, &[("a.json", SAMPLE)], cut, put, length);
    }
}
