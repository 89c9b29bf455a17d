use super::*;
use crate::formats::annotations::tests_support::*;
use crate::formats::annotations::{Annotated, Head};
use serde_json::Value;

#[test]
fn annotations_are_those_of_the_recommendation() {
    let head = |size| Head { path: "a b.jpg".into(), size, split: Some("val".into()) };
    let size = Some(PixelSize { width: 100, height: 50 });
    let regions = vec![
        region(rect(0.1, 0.2, 0.5, 0.5), "cat"),
        region(rect(0.105, 0.2, 0.5, 0.5), "cat"),
        region(Shape::Polygon(points(&[(0.0, 0.0), (0.5, 0.0), (0.5, 0.5)])), "\"dog\""),
        region(Shape::Polyline(points(&[(0.0, 0.0), (0.5, 1.0)])), "cat"),
        region(Shape::Point(Point { x: 0.5, y: 0.5 }), "cat"),
    ];
    let pictures = [Annotated { head: head(size), regions: regions.clone() }, Annotated { head: head(None), regions }];
    let (files, losses) = write_out(write, &pictures);
    assert_eq!(counted(&losses), [(Loss::UnknownSize, 1), (Loss::Split, 1)]);
    let page: Value = serde_json::from_str(files.text("annotations.jsonld")).unwrap();
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 5);
    assert_eq!(items[0]["target"]["selector"]["value"], "xywh=pixel:10,10,50,25");
    assert_eq!(items[0]["target"]["source"], "images/val/a%20b.jpg");
    assert_eq!(items[2]["body"]["value"], "\"dog\"");
    let svg = |index: usize| items[index]["target"]["selector"]["value"].as_str().unwrap();
    assert!(svg(1).contains("<rect x=\"10.5\" y=\"10\" width=\"50\" height=\"25\"/>"));
    assert!(svg(2).contains("viewBox=\"0 0 100 50\"><polygon points=\"0,0 50,0 50,25\"/>"));
    assert!(svg(3).contains("<polyline fill=\"none\" points=\"0,0 50,50\"/>"));
    assert!(svg(4).contains("<path d=\"M50 25z\"/>"));
}
