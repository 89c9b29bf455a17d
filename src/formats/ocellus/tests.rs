use super::*;
use crate::formats::annotations::Annotated;
use crate::formats::annotations::tests_support::*;
use crate::model::region::{Kind, Shape};
use proptest::prelude::*;

const SAMPLE: &str = "{\"path\":\"a/b.jpg\",\"width\":4,\"height\":3,\"split\":\"train\",\"regions\":[{\"type\":\"bbox\",\"shape\":{\"x\":0.1,\"y\":0.2,\"w\":0.3,\"h\":0.4},\"object\":\"cat\"},\
{\"id\":7,\"object\":\"cat\",\"shape\":[{\"x\":0,\"y\":0},{\"x\":1,\"y\":1}],\"type\":\"polyline\"},{\"type\":\"point\",\"shape\":{\"x\":2,\"y\":0},\"object\":\"cat\"},{\"type\":\"bbox\"}]}\n\
{\"id\":42,\"title\":\"A cat\",\"origin_url\":null,\"width\":4,\"height\":3,\"regions\":[],\"download\":\"https://example.org/blob/c.png\"}\n\
{\"path\":\"../x.jpg\",\"regions\":7}\n{}\n[]\n";

#[test]
fn lines_and_answers_are_read() {
    let (read, losses) = read_well(read, &[("x.jsonl", SAMPLE)]);
    let expected = [(rect(0.1, 0.2, 0.3, 0.4), "cat"), (Shape::Polyline(points(&[(0.0, 0.0), (1.0, 1.0)])), "cat")];
    assert_eq!(read.shapes("a/b.jpg"), expected);
    assert_eq!(read.picture("blob/c.png").head.size, Some(PixelSize { width: 4, height: 3 }));
    assert!(read.picture("x.jpg").regions.is_empty());
    assert_eq!(counted(&losses), [(Loss::Unreadable, 4), (Loss::BadName, 1), (Loss::OfPicture, 1)]);
    assert_eq!(losses.listed()[0].place, "x.jsonl, line 1, regions[2]: .shape.x must be between 0 and 1");
    assert!(read_badly(super::read, &[("x.json", "{}")]).contains("no file"));
}

#[test]
fn a_region_has_bounded_values() {
    let line = format!("{{\"path\": \"a.jpg\", \"regions\": [[0{}]]}}", ",0".repeat(MAX_NODES));
    let (_, losses) = read_well(read, &[("x.jsonl", &line)]);
    assert_eq!(losses.listed()[0].place, "x.jsonl, line 1, regions[0]: it has too many values in it");
}

#[test]
fn lines_are_those_of_the_api() {
    let head = Head { path: "a.jpg".into(), size: None, split: None };
    let (files, losses) =
        write_out(write, &[Annotated { head, regions: vec![region(rect(0.1, 0.2, 0.3, 1.0 / 3.0), "cat")] }]);
    assert!(losses.is_empty());
    assert_eq!(
        files.text("annotations.jsonl"),
        "{\"path\":\"a.jpg\",\"regions\":[{\"type\":\"bbox\",\"shape\":{\"x\":0.1,\"y\":0.2,\"w\":0.3,\"h\":0.3333333333333333},\"object\":\"cat\"}]}\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn out_and_in_again_to_the_last_bit(pictures in pictures(&Kind::ALL)) {
        check_round_trip(&pictures, (read, write), 0.0)?;
    }

    #[test]
    fn damage_does_not_matter(cut in 0..800_usize, put: u8, length in 0..50_usize) {
        check_damage(read, &[("a.jsonl", SAMPLE)], cut, put, length);
    }
}
