use super::*;
use crate::formats::annotations::tests_support::*;
use crate::model::region::Kind;
use crate::model::region::Point;
use proptest::prelude::*;

/// As LabelImg and the challenge itself have it.
const SAMPLE: &str = "<annotation>\n\t<folder>VOC2007</folder>\n\t<filename>a.v1 &amp; b.jpg</filename>\n\t<path>C:\\x.jpg</path>\n\t<size><width>100</width><height>50</height><depth>3</depth></size>\n\t<segmented>0</segmented>\n\
    <object>\n<name>dog</name><pose>Left</pose><truncated>1</truncated><difficult>0</difficult><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>10</xmax><ymax>50</ymax></bndbox></object>\n\
    <object><name>cat</name><bndbox><xmax> 50.5 </xmax><xmin>11</xmin><ymin>11</ymin><ymax>20</ymax></bndbox><part><name>head</name></part></object>\n\
    <object><name></name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>100</xmax><ymax>50</ymax></bndbox></object>\n\
    <object><name>x</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>7</xmax><ymax>8</ymax></bndbox></object>\n\
    <object><name>x</name><bndbox><xmin>a</xmin></bndbox></object><object><name>x</name><robndbox/></object></annotation>";

#[test]
fn pixels_count_from_one() {
    let files = [
        ("VOC/Annotations/sub/1.xml", SAMPLE),
        (
            "VOC/Annotations/2.xml",
            "<annotation><object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>320</xmax><ymax>240</ymax></bndbox></object></annotation>",
        ),
        ("VOC/Annotations/3.xml", "<annotation><filename>../../etc/3.jpg</filename></annotation>"),
        ("VOC/Annotations/broken.xml", "<annotation>\n<object>"),
        ("VOC/Annotations/bomb.xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><annotation/>"),
        ("VOC/ImageSets/Main/train.txt", "sub/1 \n\"3\"\n"),
        ("VOC/ImageSets/Main/cat_train.txt", "2 1\n3 -1"),
        ("VOC/ImageSets/Main/trainval.txt", "2\n"),
        ("VOC/ImageSets/Main/val.txt", ""),
        ("VOC/ImageSets/Main/hard_train.txt", "4"),
        ("VOC/Annotations/4.xml", "<annotation></annotation>"),
    ];
    let (read, losses) = read_well(read, &files);
    let picture = read.picture("sub/a.v1 & b.jpg");
    assert_eq!(
        (picture.head.size, picture.head.split.as_deref()),
        (Some(PixelSize { width: 100, height: 50 }), Some("train"))
    );
    let expected =
        [(rect(0.0, 0.0, 0.1, 1.0), "dog"), (rect(0.1, 0.2, 0.405, 0.2), "cat"), (rect(0.0, 0.0, 1.0, 1.0), "")];
    assert_eq!(read.shapes("sub/a.v1 & b.jpg"), expected);
    assert_eq!(read.shapes("2"), [(rect(0.0, 0.0, 0.5, 0.5), "cat")]);
    assert_eq!(read.picture("2").head.split.as_deref(), Some("trainval"));
    assert_eq!(read.picture("4").head.split.as_deref(), Some("hard_train"));
    assert_eq!(read.picture("etc/3.jpg").head.split.as_deref(), Some("train"));
    assert_eq!(
        counted(&losses),
        [
            (Loss::Degenerate, 1),
            (Loss::NotFinite, 1),
            (Loss::OtherShape, 2),
            (Loss::Unreadable, 2),
            (Loss::Unnamed, 1),
            (Loss::Attribute, 2)
        ]
    );
    assert!(read_badly(super::read, &[("a.xml", "<other/>")]).contains("no XML file"));
}

#[test]
fn files_are_those_of_the_challenge() {
    let head = |path: &str, split: &str| Head {
        path: path.into(),
        size: Some(PixelSize { width: 100, height: 50 }),
        split: Some(split.into()),
    };
    let regions = vec![
        region(rect(0.0, 0.0, 0.1, 1.0), "a:b"),
        region(rect(0.0, 0.0, 0.1, 1.0), "a_b"),
        region(rect(0.105, 0.2, 0.1, 0.2), "<cat>"),
        region(Shape::Polygon(points(&[(0.0, 0.0), (0.5, 0.0), (0.5, 0.5)])), "<cat>"),
        region(Shape::Point(Point::default()), "<cat>"),
    ];
    let pictures = [
        Annotated { head: head("a/b.jpg", "train"), regions },
        Annotated { head: head("a/b.jpg", "val"), regions: vec![] },
    ];
    let (files, losses) = write_out(write, &pictures);
    let text = files.text("Annotations/a/b.xml");
    assert!(
        text.contains("<xmin>1</xmin>\n      <ymin>1</ymin>\n      <xmax>10</xmax>\n      <ymax>50</ymax>"),
        "{text}"
    );
    assert!(text.contains("<xmin>11.5</xmin>") && text.contains("<name>&lt;cat&gt;</name>"), "{text}");
    assert!(text.contains("<name>a_b</name>") && text.contains("<name>a_b_</name>"), "{text}");
    assert_eq!(files.text("ImageSets/Main/val.txt"), "a/b-2\n");
    assert_eq!(files.text("labelmap.txt"), "# label:color_rgb:parts:actions\n<cat>:::\na_b_:::\na_b:::\n");
    assert_eq!(counted(&losses), [(Loss::Point, 1), (Loss::BoxOnly, 1), (Loss::Renamed, 1), (Loss::ObjectName, 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn out_and_in_again(pictures in pictures(&[Kind::Bbox])) {
        // Parts of the split share a folder.
        let mut pictures = pictures;
        let mut seen = HashSet::new();
        pictures.retain(|picture| seen.insert(picture.head.path.clone()));
        check_round_trip(&pictures, (read, write), 2e-6)?;
    }

    #[test]
    fn damage_does_not_matter(cut in 0..1200_usize, put: u8, length in 0..20_usize) {
        check_damage(read, &[("Annotations/a.xml", SAMPLE), ("ImageSets/Main/train.txt", "a")], cut, put, length);
    }
}
