//! Completion as a table: `|` in a text is the caret.

use super::complete::{Choices, Completion, Names, complete};
use crate::query::tests::{any_name, any_query, any_text};
use crate::query::{Query, RULES, Rule, Vocabulary, parse, rules, write};
use proptest::prelude::*;

const NOW: i64 = 1_735_689_599;

/// What is offered at the `|` of a text.
fn at(marked: &str) -> (String, Option<Completion>) {
    let caret = marked.find('|').expect("a caret");
    let text = marked.replacen('|', "", 1);
    let completion = complete(&text, caret, NOW);
    (text, completion)
}

/// The text after the first choice, or after the name `Big: dog`.
fn chosen(marked: &str) -> String {
    let (text, completion) = at(marked);
    let Some(completion) = completion else { return "nothing".to_owned() };
    let insert = match &completion.choices {
        Choices::Words(words) => completion.insert(&words[0]),
        Choices::Names { from: Names::Of(_), .. } => completion.insert_name("Big: dog"),
        Choices::Names { .. } => completion.insert_name("14"),
    };
    format!("{}{insert}|{}", &text[..completion.range.start], &text[completion.range.end..])
}

#[test]
fn the_first_choice_makes_sense() {
    for (marked, expected) in [
        // Keys.
        ("|", "want:\n  - |"),
        ("w|", "want:\n  - |"),
        ("exc|lu", "exclude:\n  - |"),
        ("wan|:\n  - has: Cat", "want|:\n  - has: Cat"),
        ("want:\n  - has: Cat\n|", "want:\n  - has: Cat\nexclude:\n  - |"),
        ("want:\n  - has: Cat\nobso|", "want:\n  - has: Cat\ninclude_obsolete: true|"),
        ("{|}", "{want: |}"),
        ("{\"wa|", "{want: |"),
        ("include_obsolete: |", "include_obsolete: true|"),
        ("include_obsolete:|", "include_obsolete: true|"),
        ("include_obsolete: f|", "include_obsolete: false|"),
        // Rules.
        ("want:\n  - |", "want:\n  - has: |"),
        ("want:\n  -|", "want:\n  - has: |"),
        ("want:\n  |", "want:\n  - has: |"),
        ("want:\n    - has: a\n  |", "want:\n    - has: a\n    - has: |"),
        ("want:\n  - has: a\n  au|", "want:\n  - has: a\n  - author: |"),
        ("want:\n  - lic|", "want:\n  - licence: |"),
        ("want:\n  - license|", "want:\n  - licence: |"),
        ("want:\n  - wide|", "want:\n  - above_width: |"),
        ("want:\n  - height|", "want:\n  - above_height: |"),
        ("want:\n  - ti|: winter", "want:\n  - title|: winter"),
        ("want:\n- has: a\n-|\n- has: b", "want:\n- has: a\n- has: |\n- has: b"),
        ("want: [{na|", "want: [{nature: |"),
        ("want: [\n  na|", "want: [\n  nature: |"),
        ("want:\n  # c\n  |", "want:\n  # c\n  - has: |"),
        ("want:\n  - has: a\n    ti|", "want:\n  - has: a\n  - title: |"),
        ("want: [na|]", "want: [nature: |]"),
        ("want: [has: a, {|}]", "want: [has: a, {has: |}]"),
        ("include_obsolete: true\n  - |", "nothing"),
        // Names.
        ("want:\n  - has: |", "want:\n  - has: \"Big: dog\"|"),
        ("want:\n  - has:|", "want:\n  - has: \"Big: dog\"|"),
        ("want:\n  - has: Big d|", "want:\n  - has: \"Big: dog\"|"),
        ("want:\n  - has: Big |", "want:\n  - has: \"Big: dog\"|"),
        ("want:\n  - has: [|", "want:\n  - has: [\"Big: dog\"|"),
        ("want:\n  - has: [B|ig]", "want:\n  - has: [\"Big: dog\"|]"),
        ("want:\n  - has: [|Cat]", "want:\n  - has: [\"Big: dog\", |Cat]"),
        ("want:\n  - has: [Cat, |]", "want:\n  - has: [Cat, \"Big: dog\"|]"),
        ("want:\n  - has: [Cat,\n   |", "want:\n  - has: [Cat,\n   \"Big: dog\"|"),
        ("want:\n  - has: [\"Bi|\"]", "want:\n  - has: [\"Big: dog\"|]"),
        ("want:\n  - has: [\"Bi|, \"Cat\"]", "want:\n  - has: [\"Big: dog\"|, \"Cat\"]"),
        ("want:\n  - has: \"Bi|\n  - title: \"x\"", "want:\n  - has: \"Big: dog\"|\n  - title: \"x\""),
        ("want:\n  - has: 'it''|", "want:\n  - has: \"Big: dog\"|"),
        ("want:\n  - has:\n      - |", "want:\n  - has:\n      - \"Big: dog\"|"),
        ("want:\n  - has: # c\n      # d\n      |", "want:\n  - has: # c\n      # d\n      - \"Big: dog\"|"),
        (
            "want:\n  - has:\n      - Cat # c\n      # d\n      |",
            "want:\n  - has:\n      - Cat # c\n      # d\n      - \"Big: dog\"|",
        ),
        ("want:\n  - has: [Cat, # c\n   |", "want:\n  - has: [Cat, # c\n   \"Big: dog\"|"),
        ("want:\n  - has:\n      |", "want:\n  - has:\n      - \"Big: dog\"|"),
        ("want:\n  - has:\n      - Cat\n      |", "want:\n  - has:\n      - Cat\n      - \"Big: dog\"|"),
        ("{\"want\": [{\"has\": [\"B|\"]}]}", "{\"want\": [{\"has\": [\"Big: dog\"|]}]}"),
        ("want:\n  - in_gallery: [3, 1|]", "want:\n  - in_gallery: [3, 14|]"),
        ("want:\n  - in_gallery: |", "want:\n  - in_gallery: 14|"),
        // Numbers and dates.
        ("want:\n  - above_width: 1|", "want:\n  - above_width: 1280|"),
        ("want:\n  - above_rating: |", "want:\n  - above_rating: 1|"),
        ("want:\n  - after_date: |", "want:\n  - after_date: 2024-12-31|"),
        ("want:\n  - after_date: 2024-01|", "want:\n  - after_date: 2024-01-01|"),
        // Nothing to offer.
        ("want:\n  - title: a|", "nothing"),
        ("want:\n  - has: [Cat] |", "nothing"),
        ("want:\n  - has: \"Cat\"|", "nothing"),
        ("want:\n  - has: \"Cat\" |", "nothing"),
        ("want:\n  - has: [\"Cat\" |]", "nothing"),
        ("want:\n  - has: Cat\n      |", "nothing"),
        ("# wa|", "nothing"),
        ("want: # |", "nothing"),
        ("want:\n  - xylophone|", "nothing"),
        ("want:\n  - frobnicate: |", "nothing"),
        ("--- |", "nothing"),
    ] {
        assert_eq!(chosen(marked), expected, "{marked}");
    }
}

#[test]
fn choices_are_filtered_and_explained() {
    let words = |marked: &str| match at(marked).1.expect(marked).choices {
        Choices::Words(words) => words,
        Choices::Names { .. } => panic!("names"),
    };
    let labels = |marked: &str| words(marked).into_iter().map(|choice| choice.label).collect::<Vec<_>>();
    assert_eq!(labels("want:\n  - |").len(), RULES.len());
    assert_eq!(labels("want:\n  - width|"), ["above_width", "below_width"]);
    assert_eq!(labels("want:\n  - has|"), ["has", "has_object"]);
    assert_eq!(labels("want:\n  - tag|"), ["has", "has_object"]);
    assert_eq!(labels("|\nexclude:\n  - has: a"), ["want", "include_obsolete"]);
    assert_eq!(labels("want:\n- has: a\n|").len(), 2 + RULES.len());
    assert_eq!(words("want:\n  - author|")[0].help, "The picture was posted by one of these users.");
}

#[test]
fn names_come_from_the_rules_vocabulary() {
    for spec in &RULES {
        let expected = match spec.form {
            rules::Form::Names(field) => Some(Names::Of(field.vocabulary())),
            rules::Form::Ids(rules::IdField::Gallery) => Some(Names::Galleries),
            rules::Form::Ids(rules::IdField::CopiedFrom) => Some(Names::Pictures),
            _ => None,
        };
        let from = match at(&format!("want:\n  - {}: |", spec.name)).1.map(|completion| completion.choices) {
            Some(Choices::Names { from, .. }) => Some(from),
            _ => None,
        };
        assert_eq!(from, expected, "{}", spec.name);
    }
    let (_, completion) = at("want:\n  - has: [Cat, Do|, \"Big\"]\n  - has: Fox");
    let completion = completion.unwrap();
    assert_eq!(completion.typed, "Do");
    let taken = vec!["Cat".to_owned(), "Big".to_owned()];
    assert_eq!(completion.choices, Choices::Names { from: Names::Of(Vocabulary::Objects), taken });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_place_of_any_text_can_be_completed(text in any_text(), caret in 0..300_usize) {
        if let Some(completion) = complete(&text, caret, NOW) {
            let _ = &text[completion.range.clone()];
            prop_assert!(completion.range.start <= caret);
        }
    }

    #[test]
    fn names_that_are_chosen_read_back(name in any_name(), flow in any::<bool>(), quote in "[\"']?") {
        let marked = if flow { format!("want:\n  - has: [Cat, {quote}|]\n") } else { format!("want:\n  - has: {quote}|\n") };
        let caret = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        let completion = complete(&text, caret, NOW).expect("names");
        let text = format!("{}{}{}", &text[..completion.range.start], completion.insert_name(&name), &text[completion.range.end..]);
        let query = parse(&text).map_err(|errors| TestCaseError::fail(format!("{text}: {errors:?}")))?.into_query();
        let Rule::Names(_, names) = &query.want[0] else { panic!("no names") };
        prop_assert_eq!(names.last(), Some(&name));
        prop_assert_eq!(names.len(), if flow { 2 } else { 1 });
    }

    #[test]
    fn every_rule_of_a_query_is_among_its_completions(query in any_query()) {
        let text = write(&Query { include_obsolete: false, ..query });
        for (at, _) in text.match_indices("\n  - ") {
            let name = text[at + 5..].split(':').next().unwrap();
            let completion = complete(&text, at + 6, NOW).expect(name);
            let Choices::Words(words) = &completion.choices else { panic!("no words for {name}") };
            prop_assert!(words.iter().any(|word| word.label == name), "{} in {}", name, text);
            let own = words.iter().find(|word| word.label == name).unwrap();
            // To choose what stands there changes nothing.
            prop_assert_eq!(&text[completion.range.clone()], completion.insert(own));
        }
    }
}
