use super::*;
use crate::formats::annotations::Annotated;
use crate::formats::annotations::tests_support::*;
use crate::model::region::Kind;
use proptest::prelude::*;

/// As CVAT exports a task.
const SAMPLE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task><id>1</id><labels><label><name>car</name><color>#fff</color><attributes><attribute><name>x</name></attribute></attributes></label><label><name>R&amp;D</name></label></labels></task>
    <dumped>2024-01-01</dumped>
  </meta>
  <image id="0" name="b.c/Straße.jpg" subset="Train" task_id="1" width="100" height="50">
    <tag label="sunny" source="manual"></tag>
    <box label="car" source="manual" occluded="1" xtl="10.00" ytl="5.00" xbr="30.50" ybr="25.00" z_order="2" group_id="3">
      <attribute name="x">true</attribute>
    </box>
    <box label="car" occluded="0" xtl="40" ytl="20" xbr="60" ybr="30" rotation="90.00" z_order="0"></box>
    <polygon label="R&amp;D" occluded="0" points="10.00,10.00;20.00,10.00;20.00,30.00" z_order="0"/>
    <polyline label="car" points="0,0;50,25;100,0" z_order="0"/>
    <points label="car" points="50,25;75,25" z_order="0"/>
    <mask label="car" rle="1, 2, 1, 2" left="10" top="20" width="3" height="2" z_order="0"></mask>
    <ellipse label="car" cx="1" cy="1" rx="1" ry="1"/>
    <polygon label="car" points="1,1;2,2"/>
    <polygon label="car" points="1,1;x;3,3"/>
    <box label="car" xtl="90" ytl="40" xbr="120" ybr="60"/>
    <mask label="car" rle="1,99999999" left="0" top="0" width="3" height="2"/>
  </image>
  <image id="1" name="empty.jpg" width="100" height="50"/>
  <image id="2" name="empty.jpg" width="100" height="50"/>
  <image id="3" name="unknown.jpg"><box label="car" xtl="1" ytl="1" xbr="2" ybr="2"/></image>
  <track id="0" label="car"><box frame="0" xtl="1"/><box frame="1" xtl="1"/></track>
</annotations>"#;

#[test]
fn an_export_of_cvat_is_read() {
    let (read, losses) = read_well(read, &[("annotations.xml", SAMPLE)]);
    assert_eq!(read.objects, ["car", "R&D"]);
    assert_eq!(read.picture("b.c/Straße.jpg").head.split.as_deref(), Some("Train"));
    let polygon = |corners: &[(f64, f64)]| Shape::Polygon(points(corners));
    let expected = [
        (rect(0.1, 0.1, 0.205, 0.4), "car"),
        (polygon(&[(0.55, 0.3), (0.55, 0.7), (0.45, 0.7), (0.45, 0.3)]), "car"),
        (polygon(&[(0.1, 0.2), (0.2, 0.2), (0.2, 0.6)]), "R&D"),
        (Shape::Polyline(points(&[(0.0, 0.0), (0.5, 0.5), (1.0, 0.0)])), "car"),
        (Shape::Point(Point { x: 0.5, y: 0.5 }), "car"),
        (Shape::Point(Point { x: 0.75, y: 0.5 }), "car"),
        (polygon(&[(0.13, 0.4), (0.11, 0.4), (0.11, 0.44), (0.13, 0.44)]), "car"),
        (rect(0.9, 0.8, 0.1, 0.2), "car"),
    ];
    let found = read.shapes("b.c/Straße.jpg");
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((found, label), (expected, object)) in found.iter().zip(&expected) {
        assert!(alike(found, expected, 1e-12) && label == object, "{found:?} is not {expected:?}");
    }
    assert_eq!(read.pictures.len(), 3);
    assert_eq!(
        counted(&losses),
        [
            (Loss::Clipped, 1),
            (Loss::Degenerate, 1),
            (Loss::NotFinite, 1),
            (Loss::OtherShape, 3),
            (Loss::SeveralParts, 1),
            (Loss::Unreadable, 1),
            (Loss::UnknownSize, 1),
            (Loss::DuplicatePicture, 1),
            (Loss::Attribute, 4),
            (Loss::OfPicture, 1),
        ]
    );
    let others = [("a.xml", "<annotation/>"), ("b.xml", SAMPLE), ("__MACOSX/._b.xml", "\u{0}")];
    let (found, with_others) = read_well(super::read, &others);
    assert_eq!((found.pictures.len(), with_others.count(Loss::File)), (3, 1));
    assert!(losses.listed().iter().any(|entry| entry.place == "annotations.xml, line 9"));
}

#[test]
fn hostile_documents_are_refused() {
    for (text, message) in [
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><annotations/>", "document type"),
        ("<annotations><image name=\"a\">", "too early"),
        ("<x/>", "expected <annotations>"),
        ("<annotations><image name=\"&x;\"/></annotations>", ""),
    ] {
        let error = read_badly(read, &[("a.xml", text)]);
        assert!(error.starts_with("a.xml, line 1") && error.contains(message), "{error}");
    }
}

#[test]
fn documents_are_those_of_cvat() {
    let head = Head { path: "a & b.jpg".into(), size: Some(PixelSize { width: 100, height: 50 }), split: None };
    let regions = vec![
        region(rect(0.1, 0.1, 0.2, 0.2), "\"x\""),
        region(Shape::Polyline(points(&[(0.0, 0.0), (0.3, 0.5)])), "y"),
    ];
    let unknown = Head { path: "c.jpg".into(), size: None, split: Some("val".into()) };
    let pictures = [Annotated { head, regions: regions.clone() }, Annotated { head: unknown, regions }];
    let (files, losses) = write_out(write, &pictures);
    assert_eq!(counted(&losses), [(Loss::UnknownSize, 1)]);
    let text = files.text("annotations.xml");
    let images = &text[text.find("  <image").unwrap()..];
    assert_eq!(
        images,
        "  <image id=\"0\" name=\"a &amp; b.jpg\" subset=\"default\" width=\"100\" height=\"50\">\n    \
         <box label=\"&quot;x&quot;\" source=\"manual\" occluded=\"0\" xtl=\"10\" ytl=\"5\" xbr=\"30\" ybr=\"15\" z_order=\"0\"></box>\n    \
         <polyline label=\"y\" source=\"manual\" occluded=\"0\" points=\"0,0;30,25\" z_order=\"0\"></polyline>\n  </image>\n  \
         <image id=\"1\" name=\"c.jpg\" subset=\"val\"/>\n</annotations>\n"
    );
    assert_eq!(files.pictures[1].1, "images/val/c.jpg");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn out_and_in_again(pictures in pictures(&Kind::ALL)) {
        check_round_trip(&pictures, (read, write), 2e-6)?;
    }

    #[test]
    fn damage_does_not_matter(cut in 0..3000_usize, put: u8, length in 0..50_usize) {
        check_damage(read, &[("annotations.xml", SAMPLE)], cut, put, length);
    }
}
