use super::*;
use crate::formats::annotations::tests_support::*;
use crate::formats::annotations::{Annotated, Head, PixelSize};
use crate::model::region::Kind;
use proptest::prelude::*;

const CONFIG: &str =
    "path: ../datasets/x # root\ntrain: images/train\nval: images/val\ntest:\nnames:\n  0: person\n  2: \"Bär: a\"\n";
const ROWS: &str = "0 0.5 0.5 0.25 0.5\n2 0.1 0.1 0.2 0.1 0.2 0.2\r\n\n7 0.5 0.5 0.5 0.5 0.93\n0 0.5 0.5\nx 0 0 1 1\n0 0.9 0.5 0.4 0.2\n0 nan 0.5 0.1 0.1\n0 0.5 0.5 -1 1\n";

#[test]
fn the_layout_of_ultralytics_is_read() {
    let files = [
        ("x/data.yaml", CONFIG),
        ("x/images/train/a.b/c.d.jpg", ""),
        ("x/images/train/background.png", ""),
        ("x/labels/train/a.b/c.d.txt", ROWS),
        ("x/labels/val/c.d.txt", "0 0.5 0.5 1 1"),
        ("x/labels/classes.txt", "no\nlabels"),
    ];
    let (read, losses) = read_well(read, &files);
    assert_eq!(read.objects, ["person", "Bär: a"]);
    let picture = read.picture("a.b/c.d.jpg");
    assert_eq!(picture.head.split.as_deref(), Some("train"));
    let shapes = read.shapes("a.b/c.d.jpg");
    assert_eq!(shapes[0], (rect(0.375, 0.25, 0.25, 0.5), "person"));
    assert_eq!(shapes[1], (Shape::Polygon(points(&[(0.1, 0.1), (0.2, 0.1), (0.2, 0.2)])), "Bär: a"));
    assert_eq!(shapes[2], (rect(0.25, 0.25, 0.5, 0.5), "7"));
    assert!(alike(&shapes[3].0, &rect(0.7, 0.4, 0.3, 0.2), 1e-12));
    assert_eq!(shapes.len(), 4);
    assert_eq!(read.picture("c.d").head.split.as_deref(), Some("val"));
    assert!(read.picture("background.png").regions.is_empty());
    assert_eq!(
        counted(&losses),
        [
            (Loss::Clipped, 1),
            (Loss::Degenerate, 1),
            (Loss::NotFinite, 1),
            (Loss::Unreadable, 2),
            (Loss::UnknownObject, 1),
            (Loss::Attribute, 1)
        ]
    );
    assert_eq!(losses.listed()[0].place, "x/labels/train/a.b/c.d.txt, line 4");
}

#[test]
fn other_layouts_are_read() {
    let row = "1 0.5 0.5 0.5 0.5";
    let roboflow = [
        ("data.yaml", "train: ../train/images\nval: ../valid/images\nnc: 2\nnames: [cat, 3]"),
        ("train/images/a.jpg", ""),
        ("train/labels/a.txt", row),
        ("valid/images/a.jpg", ""),
        ("valid/labels/a.txt", row),
        ("README.roboflow.txt", "Hello"),
    ];
    let (found, losses) = read_well(read, &roboflow);
    assert!(losses.is_empty());
    let heads: Vec<_> =
        found.pictures.iter().map(|picture| (picture.head.path.as_str(), picture.head.split.as_deref())).collect();
    assert_eq!(heads, [("a.jpg", Some("train")), ("a.jpg", Some("val"))]);
    assert_eq!(found.pictures[1].regions[0].object, "3");

    let darknet = [
        ("obj.names", "cat\ndog\n"),
        ("obj/a.jpg", ""),
        ("obj/a.txt", row),
        ("notes.txt", "1 2 3"),
        ("train.txt", "obj/a.jpg"),
    ];
    let (found, losses) = read_well(read, &darknet);
    // What is no label and what nobody names.
    assert_eq!(counted(&losses), [(Loss::File, 2)]);
    assert_eq!(found.shapes("obj/a.jpg"), [(rect(0.25, 0.25, 0.5, 0.5), "dog")]);

    let listed = [
        ("d.yaml", "path: .\ntrain: train.txt\nval: [v.txt]\nnames: [a, b]"),
        ("train.txt", "./images/2017/a.jpg\n"),
        ("v.txt", "./images/2017/b.jpg"),
        ("labels/2017/a.txt", row),
        ("labels/2017/b.txt", row),
    ];
    let (found, _) = read_well(read, &listed);
    assert_eq!(found.picture("2017/a").head.split.as_deref(), Some("train"));
    assert_eq!(found.picture("2017/b").head.split.as_deref(), Some("val"));
}

#[test]
fn hostile_configurations_are_refused() {
    let bomb = format!(
        "a: &a [x,x,x,x,x,x,x,x,x]\n{}names: *h",
        ('b'..='h')
            .map(|name| {
                let before = (name as u8 - 1) as char;
                format!("{name}: &{name} [{}]\n", vec![format!("*{before}"); 9].join(","))
            })
            .collect::<String>()
    );
    // Each list is small, and there are thousands of it.
    let list = format!("a: &a [{}]\nnames: [{}]", vec!["x"; 5000].join(","), vec!["*a"; 5000].join(","));
    assert!(read_badly(read, &[("data.yaml", &list), ("labels/a.txt", "")]).contains("too much in it"));
    let deep = "{a: ".repeat(80_000);
    assert!(read_badly(read, &[("data.yaml", &deep), ("labels/a.txt", "")]).contains("longer than"));
    let (found, _) = read_well(read, &[("data.yaml", "names: {999999: a}"), ("labels/a.txt", "999999 0.5 0.5 1 1")]);
    assert_eq!((found.objects, found.pictures[0].regions[0].object.as_str()), (vec!["a".to_owned()], "a"));
    for text in [bomb.as_str(), "{"] {
        assert!(read_badly(read, &[("data.yaml", text), ("labels/a.txt", "")]).contains("it is no YAML"));
    }
    for (text, objects) in [
        ("names: {18446744073709551615: a, 999999999: b}", vec!["b", "a"]),
        ("train: ../../../etc\nnames: [a]", vec!["a"]),
    ] {
        let (found, _) = read_well(read, &[("data.yaml", text), ("labels/a.txt", "0 0 0 1 1")]);
        assert_eq!(found.objects, objects);
        assert_eq!(found.pictures[0].head.split, None);
    }
    assert!(read_badly(read, &[("data.yaml", "names: 7"), ("labels/a.txt", "")]).contains("names"));
    assert!(read_badly(read, &[("data.yaml", "names: [a]")]).contains("no file with labels"));
}

#[test]
fn labels_are_where_loaders_look_for_them() {
    let row = "0 0.5 0.5 1 1";
    let files = [
        ("data.yaml", "train: images/train\nnames: [a]\nkpt_shape: [2, 3]"),
        ("images/train/images/x.jpg", ""),
        ("images/train/labels/x.txt", "0 0.5 0.5 1 1 0.1 0.1 2 0.2 0.2 2"),
        ("images/train/test.jpg", ""),
        ("labels/train/test.txt", row),
        ("labels/train/classes.txt", "a"),
    ];
    let (found, losses) = read_well(read, &files);
    assert_eq!(found.pictures.len(), 2);
    for path in ["images/x.jpg", "test.jpg"] {
        assert_eq!(found.shapes(path), [(rect(0.0, 0.0, 1.0, 1.0), "a")]);
        assert_eq!(found.picture(path).head.split.as_deref(), Some("train"));
    }
    assert_eq!(counted(&losses), [(Loss::Attribute, 1)]);
}

#[test]
fn rows_are_never_mixed() {
    let head = Head { path: "a/b.c.jpg".into(), size: None, split: None };
    let regions = vec![
        region(rect(0.25, 0.25, 0.5, 0.5), "x: \"y\"\u{85}"),
        region(Shape::Polygon(points(&[(0.0, 0.0), (0.5, 0.0), (0.5, 1.0 / 3.0)])), "cat"),
        region(Shape::Polygon(points(&[(0.5, 0.0), (0.5, 0.1), (0.5, 0.2)])), "cat"),
        region(Shape::Polyline(points(&[(0.0, 0.0), (0.5, 0.0)])), "cat"),
        region(Shape::Point(Point::default()), "cat"),
    ];
    let twin = Head { path: "a/b.c.png".into(), ..head.clone() };
    let pictures = [Annotated { head, regions }, Annotated { head: twin, regions: vec![] }];
    let (files, losses) = write_out(write, &pictures);
    assert_eq!(files.text("labels/default/a/b.c.txt"), "1 0.5 0.5 0.5 0.5\n0 0.25 0.166666666667 0.5 0.333333333333\n");
    assert_eq!(
        files.text("data.yaml"),
        "train: \"images/default\"\nval: \"images/default\"\n\"default\": \"images/default\"\nnc: 2\nnames:\n  0: \"cat\"\n  1: \"x: \\\"y\\\"\\u0085\"\n"
    );
    assert_eq!(files.pictures[1], ("a/b.c.png".to_owned(), "images/default/a/b.c-2.png".to_owned()));
    assert_eq!(
        counted(&losses),
        [(Loss::Polyline, 1), (Loss::Point, 1), (Loss::BoxOnly, 1), (Loss::Degenerate, 1), (Loss::Renamed, 1)]
    );
    let (files, losses) = write_out(write_segments, &pictures);
    assert_eq!(
        files.text("labels/default/a/b.c.txt").lines().next(),
        Some("1 0.25 0.25 0.75 0.25 0.75 0.75 0.25 0.75")
    );
    assert_eq!(counted(&losses), [(Loss::Polyline, 1), (Loss::Point, 1), (Loss::Outlined, 1), (Loss::Renamed, 1)]);
    let (outcome, found, _) = read_from(read, &files);
    outcome.unwrap();
    assert_eq!(found.picture("a/b.c").head, Head { path: "a/b.c".into(), size: None, split: None });
    assert_eq!(found.picture("a/b.c").regions[0].object, "x: \"y\"\u{85}");
}

/// YOLO leaves out sizes.
fn without_size(pictures: Vec<Annotated>) -> Vec<Annotated> {
    let unit = Some(PixelSize { width: 1, height: 1 });
    pictures
        .into_iter()
        .map(|mut picture| {
            picture.head.size = unit;
            picture
        })
        .collect()
}

#[test]
fn as_many_classes_come_back_as_went_out() {
    let size = Some(PixelSize { width: 10, height: 10 });
    let regions = (0..20_000).map(|class| region(rect(0.0, 0.0, 1.0, 1.0), &format!("class: \"{class}\""))).collect();
    let pictures = [Annotated { head: Head { path: "a.jpg".into(), size, split: None }, regions }];
    let (mut written, losses) = write_out(write, &pictures);
    assert!(losses.is_empty() && written.files["data.yaml"].len() > 64 << 10);
    written.put_pictures();
    let (outcome, read, losses) = read_from(super::read, &written);
    outcome.unwrap();
    assert!(losses.is_empty(), "{losses:?}");
    let said =
        |pictures: &[Annotated]| pictures[0].regions.iter().map(|region| region.object.clone()).collect::<Vec<_>>();
    assert_eq!(said(&read.pictures), said(&pictures));
    // What is not a list of classes stays bounded.
    let long = format!("names:\n  0: a\nx: {}\n", "[".repeat(70_000));
    assert!(read_badly(super::read, &[("data.yaml", &long)]).contains("line 3"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn boxes_go_out_and_in_again(pictures in pictures(&[Kind::Bbox])) {
        check_round_trip(&without_size(pictures), (read, write), 2e-12)?;
    }

    #[test]
    fn polygons_go_out_and_in_again(pictures in pictures(&[Kind::Polygon])) {
        check_round_trip(&without_size(pictures), (read, write_segments), 1e-12)?;
    }

    #[test]
    fn damage_does_not_matter(cut in 0..300_usize, put: u8, length in 0..20_usize) {
        check_damage(read, &[("data.yaml", CONFIG), ("labels/a.txt", ROWS)], cut, put, length);
    }
}
