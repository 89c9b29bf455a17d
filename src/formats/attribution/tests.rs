use super::*;
use crate::model::Licence;
use crate::model::attribution::Terms;

fn tally() -> LicenceTally {
    let licence = |id: &str, free| Licence {
        id: id.to_owned(),
        title: String::new(),
        description: String::new(),
        info_url: None,
        legalese_url: None,
        free,
        pinned: false,
        logo_url: None,
    };
    let known = [licence("CC0-1.0", true), licence("CC-BY-NC-4.0", false), licence("CC-BY-SA-4.0", true)];
    LicenceTally::new(known.iter().map(|licence| (licence.id.clone(), Conditions::of(licence))).collect())
}

fn ids(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn credit() -> Credit {
    let attribution = Attribution {
        title: "=A *cat*".into(),
        author: "ada".into(),
        source: "https://example.org/cat".into(),
        licences: vec![Terms { name: "CC BY 4.0".into(), url: None }, Terms { name: "MIT".into(), url: None }],
    };
    Credit { path: "a`b/c.jpg".into(), attribution, changes: vec!["resized".into()] }
}

#[test]
fn combinations_become_one_expression() {
    let mut tally = tally();
    assert_eq!(tally.expression(), "NONE");
    tally.add(&ids(&["CC0-1.0", "CC-BY-SA-4.0", "CC0-1.0"]));
    assert_eq!(tally.expression(), "CC-BY-SA-4.0 OR CC0-1.0");
    for licences in [&["CC-BY-SA-4.0", "CC0-1.0"][..], &["X-mine"], &["CC-BY-NC-4.0"], &[], &["X-mine"]] {
        tally.add(&ids(licences));
    }
    assert_eq!(tally.expression(), "NONE AND CC-BY-NC-4.0 AND (CC-BY-SA-4.0 OR CC0-1.0) AND LicenseRef-X-mine");
    let counts: Vec<(&str, u64)> = tally.licences().into_iter().collect();
    assert_eq!(counts, [("CC-BY-NC-4.0", 1), ("CC-BY-SA-4.0", 2), ("CC0-1.0", 2), ("X-mine", 2)]);
    assert_eq!(
        tally.lines(),
        [
            "2 pictures: CC-BY-SA-4.0 (name the author, share alike) or CC0-1.0 (no conditions)",
            "2 pictures: X-mine (terms unknown)",
            "1 picture: no licence, so ask first",
            "1 picture: CC-BY-NC-4.0 (name the author, not for money)",
        ]
    );
}

#[test]
fn combinations_are_bounded() {
    let mut tally = tally();
    for number in 0..MAX_COMBINATIONS + 5 {
        tally.add(&[format!("X-{number}")]);
    }
    assert_eq!((tally.combinations().count(), tally.others()), (MAX_COMBINATIONS, 5));
    assert!(tally.expression().ends_with(" AND LicenseRef-others"));
}

#[test]
fn lists_say_what_is_owed_and_no_markup() {
    let mut list = CreditList::new(Vec::new()).unwrap();
    list.add(&credit()).unwrap();
    let mut licences = tally();
    licences.add(&ids(&["CC0-1.0"]));
    let text = String::from_utf8(list.finish(&licences).unwrap()).unwrap();
    assert!(
        text.contains(
            "- `` a`b/c.jpg ``: [“\\=A \\*cat\\*” by ada](https://example.org/cat), CC BY 4.0 or MIT. Changes: ` resized `\n"
        ),
        "{text}"
    );
    assert!(text.ends_with("- 1 picture: CC0-1.0 (no conditions)\n\nAll pictures together: ` CC0-1.0 `\n"), "{text}");
}

#[test]
fn no_cell_of_the_table_is_a_formula() {
    let mut table = CreditTable::new(Vec::new()).unwrap();
    table.add(&credit()).unwrap();
    let text = String::from_utf8(table.finish().unwrap()).unwrap();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines[0], "path,title,author,source,licences,licence_urls,changes");
    assert_eq!(lines[1], "a`b/c.jpg,'=A *cat*,ada,https://example.org/cat,CC BY 4.0;MIT,;,resized");
}

#[test]
fn one_licence_that_allows_a_use_is_enough() {
    let tally = tally();
    let of = |names: &[&str]| names.iter().map(|name| tally.conditions_of(name)).collect::<Vec<_>>();
    let commercial = Use { commercial: true, ..Use::default() };
    assert_eq!(commercial.under_any(of(&["CC-BY-NC-4.0", "CC-BY-SA-4.0"])), Verdict::Allowed);
    assert_eq!(commercial.under_any(of(&["CC-BY-NC-4.0", "X-mine"])), Verdict::Unknown);
    assert_eq!(commercial.under_any(of(&["CC-BY-NC-4.0"])), Verdict::Excluded);
    assert_eq!(commercial.under_any(of(&[])), Verdict::Excluded);
    assert_eq!(Use { own_terms: true, ..commercial }.under_any(of(&["CC-BY-SA-4.0"])), Verdict::Excluded);
    // What no single licence allows, two do not either.
    let both = Use { derivatives: true, without_attribution: true, ..Use::default() };
    assert_eq!(both.under_any(of(&["CC0-1.0"])), Verdict::Allowed);
    let mut check = UseCheck::new(commercial);
    for number in 0..1500 {
        check.add(&format!("{number}.jpg"), of(if number % 2 == 0 { &["CC-BY-NC-4.0"] } else { &["X-mine"] }));
    }
    assert_eq!((check.excluded(), check.unknown(), check.listed().len()), (750, 750, uses::MAX_LISTED));
}
