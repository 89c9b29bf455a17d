//! Properties of every plot, whatever is counted.

use super::*;
use crate::model::insights::RuleText;
use crate::server::search::extent_classes;
use proptest::collection::vec;
use proptest::prelude::*;
use resvg::usvg::roxmltree::{Document, Node};

fn slice(value: &str, pictures: i64) -> Slice {
    let rules = vec![RuleText { name: "title".into(), values: vec!["x".into()] }];
    Slice { value: value.into(), pictures, regions: None, rules }
}

fn breakdown(dimension: Dimension, slices: &[(&str, i64)]) -> Breakdown {
    Breakdown { dimension, slices: slices.iter().map(|(value, number)| slice(value, *number)).collect(), more: false }
}

fn titles(document: &Document) -> Vec<String> {
    let texts = document.descendants().filter(|node| node.has_tag_name("title"));
    texts.filter_map(|node| node.text().map(str::to_owned)).collect()
}

fn side(node: Node, name: &str) -> f64 {
    node.attribute(name).and_then(|value| value.parse().ok()).unwrap()
}

fn marks<'a>(document: &'a Document) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(|node| node.has_tag_name("rect"))
}

#[test]
fn a_plot_is_an_image_with_a_title_and_a_summary() {
    let svg = svg(&breakdown(Dimension::Licence, &[("CC0-1.0", 3), ("X-unknown", 1)]), 4, &[]);
    let document = Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let by_id = |id: &str| document.descendants().find(|node| node.attribute("id") == Some(id)).unwrap();
    assert_eq!(by_id(root.attribute("aria-labelledby").unwrap()).text(), Some("Pictures by licence"));
    let summary = by_id(root.attribute("aria-describedby").unwrap()).text();
    assert_eq!(summary, Some("CC0-1.0: 3 pictures; X-unknown: 1 picture."));
    assert_eq!(titles(&document)[1..], ["CC0-1.0: 3 pictures (75.0 %)", "X-unknown: 1 picture (25.0 %)"]);
}

#[test]
fn long_names_are_cut_and_told_whole() {
    let name = "Thing ".repeat(30);
    let svg = svg(&breakdown(Dimension::Object, &[(&name, 3)]), 3, &[]);
    let document = Document::parse(&svg).unwrap();
    assert!(titles(&document)[1].starts_with(&name));
    let texts: Vec<&str> =
        document.descendants().filter(|node| node.has_tag_name("text")).filter_map(|node| node.text()).collect();
    assert!(texts.iter().any(|text| text.ends_with('…') && text.len() < 30) && !texts.contains(&name.as_str()));
}

#[test]
fn bars_and_squares_are_as_large_as_their_numbers() {
    let svg_text = svg(&breakdown(Dimension::Author, &[("ada", 40), ("bob", 20), ("eve", 5)]), 65, &[]);
    let document = Document::parse(&svg_text).unwrap();
    let widths: Vec<f64> = marks(&document).map(|mark| side(mark, "width")).collect();
    assert!((widths[0] / widths[1] - 2.0).abs() < 0.02 && (widths[0] / widths[2] - 8.0).abs() < 0.1, "{widths:?}");

    let svg_text =
        svg(&breakdown(Dimension::WidthHeight, &[("400–559 × 280–399", 5), ("560–799 × 400–559", 20)]), 25, &[]);
    let document = Document::parse(&svg_text).unwrap();
    let squares: Vec<(f64, f64)> = marks(&document).map(|mark| (side(mark, "width"), side(mark, "height"))).collect();
    assert!((squares[1].0 / squares[0].0 - 2.0).abs() < 0.02 && squares.iter().all(|(w, h)| w == h), "{squares:?}");
    let places: Vec<(f64, f64)> = marks(&document).map(|mark| (side(mark, "x"), side(mark, "y"))).collect();
    assert!(places[0].0 < places[1].0 && places[0].1 > places[1].1, "{places:?}");
}

#[test]
fn classes_between_others_are_there_without_pictures() {
    let svg = svg(&breakdown(Dimension::Regions, &[("0", 4), ("6–10", 1)]), 5, &[]);
    let document = Document::parse(&svg).unwrap();
    let told: Vec<String> =
        titles(&document)[1..].iter().map(|title| title.split(" (").next().unwrap().to_owned()).collect();
    assert_eq!(told, ["0: 4 pictures", "1: 0 pictures", "2–5: 0 pictures", "6–10: 1 picture"]);
    assert_eq!(marks(&document).count(), 2);
}

#[test]
fn what_leads_to_a_narrower_query_is_a_link() {
    let linked = [false, true];
    for (dimension, values) in [
        (Dimension::Regions, ["0", "6–10"]),
        (Dimension::Month, ["2024-02", "2024-05"]),
        (Dimension::WidthHeight, ["400–559 × 280–399", "560–799 × 400–559"]),
        (Dimension::Object, ["Cat", "Dog"]),
    ] {
        let svg = svg(&breakdown(dimension, &[(values[0], 4), (values[1], 1)]), 5, &linked);
        let document = Document::parse(&svg).unwrap();
        assert_eq!(document.root_element().attribute("role"), Some("group"));
        let links: Vec<Node> = document.descendants().filter(|node| node.has_tag_name("a")).collect();
        let [link] = links[..] else { panic!("{dimension:?}: {svg}") };
        assert_eq!((link.attribute("href"), link.attribute("tabindex")), (Some("#slice-1"), Some("-1")));
        let title = link.children().find(|node| node.has_tag_name("title")).unwrap().text().unwrap();
        assert!(title.starts_with(&format!("{}: 1 picture", values[1])), "{title}");
        assert!(link.children().any(|node| node.has_tag_name("rect")));
    }
    // Where several months share a column, it leads to none of them.
    let shared = svg(&breakdown(Dimension::Month, &[("2001-05", 4), ("2024-05", 1)]), 5, &[true, true]);
    assert!(!shared.contains("<a "), "{shared}");
}

#[test]
fn there_may_be_nothing_or_more() {
    for dimension in Dimension::ALL {
        let nothing = svg(&breakdown(dimension, &[]), 0, &[]);
        assert!(
            Document::parse(&nothing)
                .unwrap()
                .descendants()
                .any(|node| node.text() == Some("There is nothing to count."))
        );
    }
    let more = svg(&Breakdown { more: true, ..breakdown(Dimension::Object, &[("Cat", 2), ("Dog", 1)]) }, 3, &[]);
    assert!(more.contains("Others are less frequent."));
}

fn any_value(dimension: Dimension) -> BoxedStrategy<String> {
    let classes = extent_classes();
    let hostile = prop_oneof![
        any::<String>(),
        Just("</title><script>alert(1)</script>".to_owned()),
        Just("\"' onload=\"x\" ]]> &amp; \u{0}\u{ffff}\u{202e}".to_owned()),
    ];
    match dimension {
        Dimension::Month => {
            (-3000..300_000_i64, 1..13).prop_map(|(year, month)| format!("{year:04}-{month:02}")).boxed()
        }
        Dimension::Year => (1960..2040_i64).prop_map(|year| format!("{year:04}")).boxed(),
        Dimension::WidthHeight => {
            let class = prop::sample::select(classes);
            (class.clone(), class).prop_map(|(width, height)| format!("{width} × {height}")).boxed()
        }
        Dimension::Regions => prop_oneof![prop::sample::select(region_classes()), hostile].boxed(),
        _ => hostile.boxed(),
    }
}

fn any_breakdown() -> impl Strategy<Value = Breakdown> {
    prop::sample::select(Dimension::ALL.to_vec()).prop_flat_map(|dimension| {
        let numbers = prop_oneof![0..20_i64, 0..100_000_000_i64];
        let slices = vec((any_value(dimension), numbers), 0..25);
        (slices, any::<bool>()).prop_map(move |(slices, more)| {
            let slices = slices.into_iter().map(|(value, pictures)| slice(&value, pictures)).collect();
            Breakdown { dimension, slices, more }
        })
    })
}

proptest! {
    /// Well-formed whatever names hold, with nothing outside of its frame and nothing but drawings in it.
    #[test]
    fn every_plot_is_sound(
        breakdown in any_breakdown(),
        total in 0..200_000_000_i64,
        linked in vec(any::<bool>(), 0..25),
    ) {
        let svg = svg(&breakdown, total, &linked);
        let document = Document::parse(&svg).unwrap();
        let frame: Vec<f64> =
            document.root_element().attribute("viewBox").unwrap().split(' ').map(|side| side.parse().unwrap()).collect();
        for node in document.descendants().filter(Node::is_element) {
            let name = node.tag_name().name();
            prop_assert!(["svg", "title", "desc", "a", "g", "text", "rect", "line"].contains(&name), "{name}");
            prop_assert!(node.attributes().all(|attribute| !attribute.name().starts_with("on")));
            prop_assert!(node.attribute("href").is_none_or(|href| name == "a" && href.starts_with("#slice-")));
            if name == "rect" {
                let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| side(node, name));
                prop_assert!(x >= -0.1 && y >= -0.1 && width > 0.0 && height > 0.0, "{svg}");
                prop_assert!(x + width <= frame[2] + 0.2 && y + height <= frame[3] + 0.2, "{svg}");
            }
            if name == "text" {
                prop_assert!((0.0..=frame[2]).contains(&side(node, "x")) && (0.0..=frame[3]).contains(&side(node, "y")));
            }
        }
    }

    /// No picture gets lost on the way into columns.
    #[test]
    fn columns_add_up(slices in vec((any_value(Dimension::Month), 1..1000_i64), 1..40)) {
        let total: i64 = slices.iter().map(|(_, pictures)| pictures).sum();
        let slices = slices.iter().map(|(value, pictures)| slice(value, *pictures)).collect();
        let svg = svg(&Breakdown { dimension: Dimension::Month, slices, more: false }, total, &[]);
        let document = Document::parse(&svg).unwrap();
        let told = |title: &String| -> i64 {
            let number = title.rsplit_once(": ").unwrap().1.split(' ').next().unwrap();
            number.replace('\u{202f}', "").parse().unwrap()
        };
        prop_assert_eq!(titles(&document)[1..].iter().map(told).sum::<i64>(), total);
    }
}
