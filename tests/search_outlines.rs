//! The regions that are outlined on the cards of a query's results.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, new_picture, nobody, object, point, rect, user};
use ocellus::model::{Outline, Point, Rect, Region, Shape};
use ocellus::server::search::outlines;
use ocellus::server::store::{Db, objects, pictures, regions};

/// A picture of 1000 × 500 pixels with these regions.
async fn picture(db: &Db, author: i64, list: &[Region]) -> i64 {
    let new = pictures::NewPicture { width: 1000, height: 500, ..new_picture(author, "one") };
    let id = pictures::insert(db, new).await.unwrap();
    regions::save(db, &nobody(), id, None, list, author, NOW).await.unwrap();
    id
}

fn bbox(x: f64, y: f64, w: f64, h: f64, object: &str) -> Region {
    Region { id: None, shape: Shape::Bbox(Rect { x, y, w, h }), object: object.into() }
}

fn outline(object: &str, path: &str) -> Outline {
    Outline { object: object.into(), path: path.into() }
}

on_both_databases! {
    async fn what_a_query_asks_for_is_outlined(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Animal", &[], ada).await;
        object(db, "Cat", &["Animal"], ada).await;
        object(db, "Car", &[], ada).await;
        let zoo = picture(db, ada, &[
            bbox(0.0, 0.0, 0.125, 0.25, "Cat"),
            bbox(0.5, 0.5, 0.25, 0.5, "Cat"),
            bbox(0.25, 0.0, 0.25, 0.25, "Animal"),
            bbox(0.0, 0.0, 1.0, 1.0, "Car"),
        ]).await;
        let street = picture(db, ada, &[bbox(0.25, 0.25, 0.5, 0.5, "Car")]).await;
        let bare = picture(db, ada, &[]).await;
        let of = async |text: &str| outlines(db, &nobody(), text, &[bare, street, zoo, 999]).await.unwrap();

        // The largest come first, together with the others of their object; more specific ones count where they do for the query.
        let cats = outline("Cat", "M500.0 250.0H750.0V500.0H500.0ZM0.0 0.0H125.0V125.0H0.0Z");
        let animal = outline("Animal", "M250.0 0.0H500.0V125.0H250.0Z");
        let found = of("want:\n- has: Animal\n").await;
        assert_eq!((found.len(), &found[&zoo]), (1, &vec![cats.clone(), animal.clone()]));
        assert_eq!(of("want:\n- has_object: Animal\n").await[&zoo], [animal]);
        let found = of("want:\n- has_object: [Cat]\n- has: [Car]\n").await;
        assert_eq!(found[&zoo], [outline("Car", "M0.0 0.0H1000.0V500.0H0.0Z"), cats]);
        assert_eq!(found[&street], [outline("Car", "M250.0 125.0H750.0V375.0H250.0Z")]);

        // What is not to be seen is not outlined, and what cannot be read shows nothing.
        for none in ["", "exclude:\n- has: Animal\n", "want:\n- title: one\n", "want:\n- has: Nobody\n", "want: ["] {
            assert!(of(none).await.is_empty(), "{none}");
        }
        assert!(outlines(db, &nobody(), "want:\n- has: Animal\n", &[]).await.unwrap().is_empty());

        // A query that was saved outlives the name of an object.
        let change = ocellus::model::ObjectChange { id: Some("Felis catus".into()), ..Default::default() };
        objects::update(db, "Cat", &change, ACTOR).await.unwrap();
        assert_eq!(of("want:\n- has: Cat\n").await[&zoo][0].object, "Felis catus");
    }

    async fn shapes_of_every_kind_and_length_are_outlined(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        let corners = |list: &[(f64, f64)]| list.iter().map(|&(x, y)| Point { x, y }).collect::<Vec<_>>();
        let region = |shape| Region { id: None, shape, object: "Cat".into() };
        let shapes = picture(db, ada, &[
            point(0.5, 0.5, "Cat"),
            region(Shape::Polygon(corners(&[(0.0, 0.0), (0.5, 0.0), (0.5, 0.5)]))),
            region(Shape::Polyline(corners(&[(0.0, 0.5), (1.0, 0.5)]))),
        ]).await;
        // A coast of so many corners that only where it lies is shown.
        let angle = |step: i32| f64::from(step) / 5000.0 * std::f64::consts::TAU;
        let coast = (0..5000).map(|step| Point { x: 0.5 + angle(step).cos() * 0.5, y: 0.5 + angle(step).sin() * 0.25 });
        let long = picture(db, ada, &[region(Shape::Polygon(coast.collect())), rect(0.1, "Cat")]).await;
        let crowd: Vec<Region> = (0..80).map(|index| rect(f64::from(index) / 100.0, "Cat")).collect();
        let crowded = picture(db, ada, &crowd).await;

        let found = outlines(db, &nobody(), "want:\n- has: Cat\n", &[crowded, long, shapes]).await.unwrap();
        let path = |picture: i64| found[&picture][0].path.as_str();
        assert_eq!(
            path(shapes),
            "M0.0 0.0L500.0 0.0 500.0 250.0ZM0.0 250.0L1000.0 250.0\
             M488.0 250.0a12.0 12.0 0 1 0 24.0 0a12.0 12.0 0 1 0 -24.0 0"
        );
        // Nothing that lies behind the long one is read, either; both are there.
        assert!(path(long).starts_with("M0.0 125.0H1000.0V375.0H0.0ZM100.0 "), "{}", path(long));
        assert_eq!(path(crowded).matches('M').count(), 50);
    }
}
