//! The language as tables: text in, tree or errors out; and properties over random texts and trees.

use super::rules::{Bound, IdField, NameField, NumberField, Side, TextField};
use super::*;
use crate::model::QueryError;
use proptest::prelude::*;

fn tree(text: &str) -> Query {
    parse(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}")).into_query()
}

fn places(errors: &[QueryError]) -> Vec<(u32, u32, &str)> {
    errors.iter().map(|error| (error.line, error.column, error.message.as_str())).collect()
}

/// A site with a few names of each kind.
fn site() -> KnownNames {
    let mut known = KnownNames::default();
    known.add(Vocabulary::Objects, ["Cat", "Dog", "Animal", "Café table", "123"]);
    known.add(Vocabulary::Natures, ["photo", "scan"]);
    known.add(Vocabulary::Licences, ["CC0-1.0", "CC-BY-4.0"]);
    known.add(Vocabulary::Users, ["alice", "bob"]);
    known.galleries = [3, 14].into();
    known
}

#[test]
fn every_rule_is_read() {
    let text = r#"
# A comment.
want:
  - has: [Cat, "Dog"]
  - has_object: 'Café table'
  - nature:
      - photo
      - scan
  - licence: CC0-1.0
  - author: alice
  - title: Straße im Winter
  - description: "%snow%"
  - origin_url: https://Example.org/a
  - above_width: 800
  - below_width: 4e3
  - above_height: 600.0
exclude:
  - below_height: +10
  - after_date: 2024-12-31
  - before_date: 1735689599
  - after_date: "2024-12-31T18:00:00+01:00"
  - before_date: -5
  - in_gallery: [3, 14]
  - above_rating: 3.5
  - below_rating: 2
  - above_rating_count: 5
  - below_rating_count: 0
  - above_region_count: 1
  - below_region_count: 10
  - copied_from: 42
include_obsolete: true
"#;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let query = tree(text);
    assert_eq!(
        query.want,
        [
            Rule::Names(NameField::Object, words(&["Cat", "Dog"])),
            Rule::Names(NameField::ExactObject, words(&["Café table"])),
            Rule::Names(NameField::Nature, words(&["photo", "scan"])),
            Rule::Names(NameField::Licence, words(&["CC0-1.0"])),
            Rule::Names(NameField::Author, words(&["alice"])),
            Rule::Text(TextField::Title, "Straße im Winter".into()),
            Rule::Text(TextField::Description, "%snow%".into()),
            Rule::Origin("https://Example.org/a".into()),
            Rule::Number(NumberField::Width, Bound::AtLeast, 800),
            Rule::Number(NumberField::Width, Bound::AtMost, 4000),
            Rule::Number(NumberField::Height, Bound::AtLeast, 600),
        ]
    );
    assert_eq!(
        query.exclude,
        [
            Rule::Number(NumberField::Height, Bound::AtMost, 10),
            Rule::Time(Side::After, 1_735_603_200),
            Rule::Time(Side::Before, 1_735_689_599),
            Rule::Time(Side::After, 1_735_664_400),
            Rule::Time(Side::Before, -5),
            Rule::Ids(IdField::Gallery, vec![3, 14]),
            Rule::Rating(Bound::AtLeast, 3.5),
            Rule::Rating(Bound::AtMost, 2.0),
            Rule::Number(NumberField::RatingCount, Bound::AtLeast, 5),
            Rule::Number(NumberField::RatingCount, Bound::AtMost, 0),
            Rule::Number(NumberField::RegionCount, Bound::AtLeast, 1),
            Rule::Number(NumberField::RegionCount, Bound::AtMost, 10),
            Rule::Ids(IdField::CopiedFrom, vec![42]),
        ]
    );
    assert!(query.include_obsolete);
    check(parse(text).unwrap(), &site()).unwrap();
}

#[test]
fn an_empty_document_is_every_picture_that_is_not_obsolete() {
    for text in
        ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "{}", "null", "\u{feff}", "include_obsolete: false"]
    {
        assert_eq!(tree(text), Query::default(), "{text:?}");
    }
}

#[test]
fn json_is_read_too() {
    let value = serde_json::json!({
        "want": [{"has": ["Cat", "Dog"]}, {"title": "tab\t \"quote\" \\ / 😀 \u{2028} ä"}, {"above_width": 800}],
        "exclude": [{"above_rating": 2.5}],
        "include_obsolete": true,
    });
    let query = tree(&value.to_string());
    assert_eq!(tree(&serde_json::to_string_pretty(&value).unwrap().replace("  ", "\t")), query);
    let Rule::Text(_, title) = &query.want[1] else { panic!("no text") };
    assert_eq!(title, value["want"][1]["title"].as_str().unwrap());
    // As programs write it that stick to ASCII; the place counts what stands in the text.
    let ascii =
        r#"{"want": [{"title": "\ud83d\ude00\u00e4\\ud83d\\ude00"}, {"has": "\ud83d\ude00", "\ud83d\ude00": 1}]}"#;
    let errors = parse(ascii).unwrap_err();
    let place = |text: &str| u32::try_from(ascii.rfind(text).unwrap() + 1).unwrap();
    let at = place(r#""\ud83d\ude00": 1"#);
    assert_eq!(places(&errors), [(1, at, "a rule has one key; put `- ` before `😀`")]);
    let lone = parse(r#"{"want": [{"title": "\ud83d"}]}"#).unwrap_err();
    assert!(lone[0].message.contains("escape"), "{lone:?}");
}

#[test]
fn text_and_numbers_are_told_apart() {
    // The rule says what its argument is, so a word is a word even where YAML would rather see a boolean or a number.
    for (text, expected) in [
        ("title: yes", "yes"),
        ("title: true", "true"),
        ("title: 2024", "2024"),
        ("title: 007", "007"),
        ("title: 1e3", "1e3"),
        ("title: 2024-12-31", "2024-12-31"),
        ("title: \"null\"", "null"),
        ("title: a # comment", "a"),
        ("title: a#b", "a#b"),
        ("title: |\n      two\n      lines", "two\nlines\n"),
        ("title: >-\n      one\n      line", "one line"),
        ("title: [one]", "one"),
    ] {
        let query = tree(&format!("want:\n  - {text}"));
        assert_eq!(query.want, [Rule::Text(TextField::Title, expected.into())], "{text}");
    }
    let query = tree("want: [{has: [123, yes, no]}]");
    assert_eq!(query.want, [Rule::Names(NameField::Object, vec!["123".into(), "yes".into(), "no".into()])]);
}

#[test]
fn a_day_and_a_month_mean_their_beginning_and_a_number_is_seconds() {
    let query = tree("want: [after_date: 2020, after_date: 2020-03, after_date: \"2020-03-01\", before_date: 2020-03]");
    let march = 1_583_020_800;
    assert_eq!(
        query.want,
        [(Side::After, 2_020), (Side::After, march), (Side::After, march), (Side::Before, march)]
            .map(|(side, time)| Rule::Time(side, time))
    );
    // Strictly: the moment itself is neither before nor after.
    let finds = |rule: &str, timestamp| {
        let subject = evaluate::Subject { timestamp, ..evaluate::Subject::default() };
        evaluate::matches(&tree(&format!("want: [{rule}]")), &subject, &|_, _| false)
    };
    for (rule, found) in [("after_date: 2020-03", [false, false, true]), ("before_date: 2020-03", [true, false, false])]
    {
        assert_eq!([march - 1, march, march + 1].map(|time| finds(rule, time)), found, "{rule}");
    }
}

#[test]
fn parts_of_a_second_are_neither_before_nor_after_too_much() {
    let query = tree(
        "want: [before_date: 2024-12-31T23:59:59.5Z, after_date: 2024-12-31T23:59:59.5Z, before_date: 2024-12-31T23:59:59.0Z]",
    );
    let (whole, next) = (1_735_689_599, 1_735_689_600);
    assert_eq!(
        query.want,
        [Rule::Time(Side::Before, next), Rule::Time(Side::After, whole), Rule::Time(Side::Before, whole)]
    );
}

#[test]
fn rules_that_are_wrong_say_where_and_why() {
    let number = "`above_width` takes a whole number; ";
    let objects = "`has` takes the name of an object or a list of them; ";
    let galleries = "`in_gallery` takes the number of a gallery or a list of them; ";
    let time =
        "`after_date` takes a time: Unix seconds, or a date such as 2024-12, 2024-12-31 or 2024-12-31T18:00:00Z; ";
    for (rule, column, message) in [
        ("has_objct: Cat", 5, "unknown rule `has_objct`; did you mean `has_object`?".to_owned()),
        ("license: MIT", 5, "unknown rule `license`; did you mean `licence`?".to_owned()),
        ("Has: Cat", 5, "unknown rule `Has`; did you mean `has`?".to_owned()),
        ("width: 1", 5, "unknown rule `width`; did you mean `above_width` or `below_width`?".to_owned()),
        (
            "frobnicate: 1",
            5,
            "unknown rule `frobnicate`; rules are such as `has`, `licence` and `after_date`".to_owned(),
        ),
        ("has:", 5, format!("{objects}there is none")),
        ("has: ~", 10, format!("{objects}put `~` in quotes if it is a name or a text")),
        ("has: []", 10, format!("{objects}an empty list finds nothing")),
        ("has: [Cat, '']", 16, format!("{objects}the text is empty")),
        ("has: [Cat, [Dog]]", 16, format!("{objects}a list cannot stand here")),
        ("has: {a: b}", 10, format!("{objects}a mapping cannot stand here")),
        ("has: \"a\\0b\"", 10, format!("{objects}control characters cannot be found")),
        ("above_width: \"800\"", 18, format!("{number}remove the quotes")),
        ("above_width: '800'", 18, format!("{number}remove the quotes")),
        ("above_width: wide", 18, format!("{number}`wide` is not a number")),
        ("above_width: -1", 18, format!("{number}it must not be negative")),
        ("above_width: 1.5", 18, format!("{number}`1.5` is not a whole number that fits")),
        ("above_width: 1e30", 18, format!("{number}`1e30` is not a whole number that fits")),
        (
            "above_width: 99999999999999999999",
            18,
            format!("{number}`99999999999999999999` is not a whole number that fits"),
        ),
        ("above_width: 1_000", 18, format!("{number}`1_000` is not a number")),
        ("above_width: 0x10", 18, format!("{number}`0x10` is not a number")),
        ("above_width: .inf", 18, format!("{number}`.inf` is not a number")),
        ("above_width: inf", 18, format!("{number}`inf` is not a number")),
        ("above_width: nan", 18, format!("{number}`nan` is not a number")),
        ("above_width: true", 18, format!("{number}`true` is not a number")),
        ("above_width: [800, 900]", 18, format!("{number}write one `- above_width: …` for each")),
        ("above_rating: 0", 19, "`above_rating` takes a number from 1 to 5; `0` is outside".to_owned()),
        ("above_rating: 5.01", 19, "`above_rating` takes a number from 1 to 5; `5.01` is outside".to_owned()),
        ("in_gallery: ['3']", 18, format!("{galleries}remove the quotes")),
        ("in_gallery: 0", 17, format!("{galleries}numbers start at 1")),
        ("after_date: 2024-02-30", 17, format!("{time}`2024-02-30` is neither")),
        ("after_date: tomorrow", 17, format!("{time}`tomorrow` is neither")),
        ("after_date: \"5\"", 17, format!("{time}remove the quotes")),
        ("after_date: \"2020\"", 17, format!("{time}for the beginning of a year write `2020-01`")),
        ("title: ''", 12, "`title` takes one text; the text is empty".to_owned()),
        ("title: [a, b]", 12, "`title` takes one text; write one `- title: …` for each".to_owned()),
        ("origin_url: https://", 17, "`origin_url` takes one text; there is nothing after the scheme".to_owned()),
        ("has", 5, "`has` needs a value: write `has: …`, with a space after the colon".to_owned()),
        ("has:Cat", 5, "`has` needs a value: write `has: …`, with a space after the colon".to_owned()),
        ("Cat", 5, "expected a rule, such as `has: Cat`".to_owned()),
        ("{}", 5, "expected a rule, such as `has: Cat`".to_owned()),
        ("[has]", 5, "expected a rule, such as `has: Cat`".to_owned()),
        ("{[a]: b}", 6, "a key must be a word".to_owned()),
        ("{has: Cat, has: Dog}", 16, "`has` appears twice in one rule".to_owned()),
        ("{has: Cat, title: x}", 16, "a rule has one key; put `- ` before `title`".to_owned()),
        ("title: %cat%", 12, "a text that starts with `%` has to be in quotes".to_owned()),
        ("title: @cat", 12, "a text that starts with `@` has to be in quotes".to_owned()),
        ("title: *cat", 12, "aliases (`*`) are not allowed; put a text that starts with `*` in quotes".to_owned()),
        ("title: &cat x", 12, "anchors (`&`) are not allowed; put a text that starts with `&` in quotes".to_owned()),
        ("title: !cat x", 12, "tags (`!`) are not allowed; put a text that starts with `!` in quotes".to_owned()),
        ("title: !!int 3", 12, "tags (`!`) are not allowed; put a text that starts with `!` in quotes".to_owned()),
        (
            "title: cat: dog",
            15,
            "there is a second `:` here; put a text that contains `: ` in quotes, and start every rule with `- `"
                .to_owned(),
        ),
        ("title: \"cat", 12, "the closing quote is missing".to_owned()),
        (
            "title: \"\\d\"",
            12,
            "this is not a known escape; write `\\\\` for a backslash, or use single quotes".to_owned(),
        ),
    ] {
        let errors = parse(&format!("want:\n  - {rule}\n")).expect_err(rule);
        assert_eq!(places(&errors), [(2, column, message.as_str())], "{rule}");
    }
}

#[test]
fn forms_are_told_what_the_parser_would_say() {
    let filled = |name: &str, values: &[&str]| rule_of(rules::by_name(name).unwrap(), values);
    assert_eq!(filled("above_width", &[" 800 "]), Ok(Rule::Number(NumberField::Width, Bound::AtLeast, 800)));
    assert_eq!(filled("title", &["null"]), Ok(Rule::Text(TextField::Title, "null".into())));
    for (name, values, message) in [
        ("above_width", &["wide"][..], "`above_width` takes a whole number; `wide` is not a number"),
        ("above_width", &[""], "`above_width` takes a whole number; there is none"),
        ("above_width", &[], "`above_width` takes a whole number; there is none"),
        ("above_rating", &["6"], "`above_rating` takes a number from 1 to 5; `6` is outside"),
        ("has", &[], "`has` takes the name of an object or a list of them; an empty list finds nothing"),
        ("has", &["Cat", ""], "`has` takes the name of an object or a list of them; the text is empty"),
        ("title", &[""], "`title` takes one text; the text is empty"),
    ] {
        assert_eq!(filled(name, values), Err(message.to_owned()), "{name} {values:?}");
    }
}

#[test]
fn documents_that_are_wrong_say_where_and_why() {
    for (text, expected) in [
        (
            "wants: []",
            "1:1 unknown key `wants`; expected `want`, `exclude` or `include_obsolete`; did you mean `want`?",
        ),
        ("has: Cat", "1:1 `has` is a rule; put it under `want:` as `- has: …`"),
        ("- has: Cat", "1:1 a query is not a list; put these rules under `want:`"),
        ("Cat", "1:1 a query has the keys `want`, `exclude` and `include_obsolete`, such as `want:`"),
        ("want:\n", "1:1 `want` needs a list of rules, such as `- has: Cat`"),
        ("want: Cat", "1:7 `want` needs a list of rules, such as `- has: Cat`"),
        ("want: []", "1:7 `want` is empty; add a rule such as `- has: Cat`, or remove `want`"),
        ("want:\n  has: Cat\n", "2:3 `want` needs a list of rules: put `- ` before each"),
        ("want: [{has: a}]\nwant: [{has: b}]", "2:1 `want` appears twice"),
        ("include_obsolete: yes", "1:19 `include_obsolete` must be `true` or `false`, without quotes"),
        ("include_obsolete: \"true\"", "1:19 `include_obsolete` must be `true` or `false`, without quotes"),
        ("include_obsolete:", "1:1 `include_obsolete` must be `true` or `false`, without quotes"),
        ("include_obsolete: 1", "1:19 `include_obsolete` must be `true` or `false`, without quotes"),
        ("{}\n---\n{}", "2:1 there can be only one document; remove the `---` and what follows it"),
        ("? [a]\n: b", "1:3 a key must be a word"),
        ("want:\n\t- has: Cat", "2:2 tabs cannot be used to indent; use spaces"),
        ("want:\n  - has: Cat\n exclude:\n", "3:2 a key was expected here; check the indentation"),
        ("want: [{has: Cat}", "1:18 a `,` or `]` was expected here"),
        ("want: [{has: Cat]", "1:17 a `,` or `}` was expected here"),
        ("want: &a [{has: Cat}]", "1:7 anchors (`&`) are not allowed; put a text that starts with `&` in quotes"),
        ("%YAML 9.9\n", "2:1 "),
    ] {
        let errors = parse(text).expect_err(text);
        let written = format!("{}:{} {}", errors[0].line, errors[0].column, errors[0].message);
        assert!(errors.len() == 1 && (written == expected || text.starts_with('%')), "{text}: {errors:?}");
    }
}

#[test]
fn all_errors_come_at_once_in_the_order_of_the_text() {
    let text = "exclude:\n  - haz: Cat\n  - above_width: \"3\"\nwant:\n  - has: [Cat, Dgo, Xylophone]\n  - author: [123, alise]\n  \
                - in_gallery: [4]\n  - nature: foto\n";
    let (parsed, mut errors) = read(text);
    errors.extend(parsed.unknown_names(&site()));
    assert_eq!(
        places(&errors),
        [
            (2, 5, "unknown rule `haz`; did you mean `has`?"),
            (3, 18, "`above_width` takes a whole number; remove the quotes"),
            (5, 16, "unknown object `Dgo`; did you mean `Dog`?"),
            (5, 21, "unknown object `Xylophone`"),
            (6, 14, "unknown user `123`"),
            (6, 19, "unknown user `alise`; did you mean `alice`?"),
            (7, 18, "unknown gallery `4`; did you mean `3`?"),
            (8, 13, "unknown nature `foto`; did you mean `photo`?"),
        ]
    );
}

#[test]
fn a_syntax_error_hides_no_error_before_it() {
    for (text, expected) in [
        ("want:\n  - haz: Cat\n  - title: \"x\n", vec![(2, 5), (3, 12)]),
        ("wants: 1\nwant:\n  - above_width: wide\n  - has: [Cat, Dgo\n", vec![(1, 1), (3, 18), (4, 16), (4, 19)]),
        ("want:\n  - title: a: b\n  - haz: Cat\n", vec![(2, 13)]),
        // What is cut short is not blamed for what it lacks.
        ("want:\n  - {", vec![(2, 6)]),
        ("want: [", vec![(1, 8)]),
    ] {
        let (parsed, mut errors) = read(text);
        errors.extend(parsed.unknown_names(&site()));
        errors.sort_by_key(|error| (error.line, error.column));
        let found: Vec<_> = errors.iter().map(|error| (error.line, error.column)).collect();
        assert_eq!(found, expected, "{text}: {errors:?}");
    }
}

#[test]
fn columns_count_characters() {
    let errors = parse("want:\n  - has: [\"Käse 😀\", '', ä: b]").unwrap_err();
    assert_eq!(errors.iter().map(|error| error.column).collect::<Vec<_>>(), [21, 25]);
}

#[test]
fn references_are_what_has_to_be_looked_up() {
    let parsed =
        parse("want:\n- has: [Cat, Dog]\n- has_object: Cat\n- in_gallery: 3\nexclude:\n- author: bob\n").unwrap();
    let references = parsed.references();
    assert_eq!(references.names[&Vocabulary::Objects], ["Cat".to_owned(), "Dog".to_owned()].into());
    assert_eq!(references.names[&Vocabulary::Users], ["bob".to_owned()].into());
    assert_eq!(references.galleries, [3].into());
    let mut known = KnownNames::default();
    known.add(Vocabulary::Objects, ["Cat"]);
    assert_eq!(known.missing(&references)[&Vocabulary::Objects], ["Dog".to_owned()].into());
    known.suggestions.insert(Vocabulary::Users, vec!["rob".to_owned()]);
    let errors = parsed.unknown_names(&known);
    assert_eq!(errors[2].message, "unknown user `bob`; did you mean `rob`?");
}

#[test]
fn limits_hold_exactly() {
    let rules = |count: usize| format!("want:\n{}", "- has: a\n".repeat(count));
    assert_eq!(tree(&rules(256)).want.len(), 256);
    assert_eq!(places(&parse(&rules(300)).unwrap_err()), [(258, 3, "at most 256 rules are allowed")]);
    let split = format!("want:\n{}exclude:\n{}", "- has: a\n".repeat(200), "- has: a\n".repeat(57));
    assert_eq!(parse(&split).unwrap_err().len(), 1);

    let values = |count: usize| format!("want:\n- has: [{}]\n", vec!["a"; count].join(","));
    let Rule::Names(_, names) = &tree(&values(1000)).want[0] else { panic!("no names") };
    assert_eq!(names.len(), 1000);
    assert_eq!(places(&parse(&values(1001)).unwrap_err()), [(2, 2009, "a list has at most 1000 values")]);

    let text = |bytes: usize| format!("#{}", "x".repeat(bytes - 1));
    assert!(parse(&text(MAX_TEXT_BYTES)).is_ok());
    assert_eq!(
        places(&parse(&text(MAX_TEXT_BYTES + 1)).unwrap_err()),
        [(1, 1, "the query is too long; at most 64 KiB are allowed")]
    );

    let title = |length: usize| format!("want: [{{title: {}}}]", "ä".repeat(length));
    assert!(parse(&title(1000)).is_ok());
    assert!(parse(&title(1001)).is_err());
}

#[test]
fn hostile_texts_are_refused_quickly() {
    let bomb: String =
        (0..60).map(|level| format!("a{level}: &a{level} [*a{0},*a{0},*a{0},*a{0}]\n", level.max(1) - 1)).collect();
    let half = MAX_TEXT_BYTES / 2;
    let hostile = [
        bomb,
        "[".repeat(MAX_TEXT_BYTES),
        "{".repeat(MAX_TEXT_BYTES),
        "[{".repeat(half),
        "{a: ".repeat(MAX_TEXT_BYTES / 4),
        "- ".repeat(half),
        "? ".repeat(half),
        "?\n".repeat(half),
        "- - a\n".repeat(MAX_TEXT_BYTES / 6),
        "&a ".repeat(MAX_TEXT_BYTES / 3),
        "!a ".repeat(MAX_TEXT_BYTES / 3),
        format!("want: [{}]", "&a b,".repeat(10_000)),
        format!("want: [{}]", "*a,".repeat(10_000)),
        format!("want: [{}]", "a,".repeat(30_000)),
        format!("want: [{}", "a: b,".repeat(12_000)),
        (0..10_000).map(|n| format!("{n}: 1\n")).collect(),
        "want: [{has: a}]\n".repeat(3_000),
        "\"".repeat(MAX_TEXT_BYTES),
        "\"\\".repeat(half),
        "%\n".repeat(half),
        "---\n".repeat(MAX_TEXT_BYTES / 4),
        format!("{{{}", "\\ud83d\\ude00".repeat(5_000)),
        format!("{{\"want\": [{{\"{}\": 1}}]}}", "\\ud83d\\ude00".repeat(5_000)),
        format!("a: {}", "b ".repeat(30_000)),
        format!("a: |\n{}", " b\n".repeat(20_000)),
        format!("want:\n- {}: 1", "has".repeat(20_000)),
        format!("want:\n- has: [{}]", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,".repeat(900)),
    ];
    for text in hostile {
        // All of them take a few milliseconds in an optimised build; what takes forever would show here.
        let (parsed, errors) = read(&text);
        let _ = parsed.unknown_names(&site());
        assert!(errors.len() <= 50);
        assert!(!errors.is_empty() || !parsed.want.is_empty(), "{:?}", &text[..20]);
    }
}

pub(super) fn any_name() -> impl Strategy<Value = String> {
    let awkward = proptest::sample::select(vec![
        "null",
        "~",
        "yes",
        "Off",
        "1",
        "-3.5",
        "1e3",
        "2024-12-31",
        "a: b",
        "- a",
        "a -",
        "#a",
        "a #b",
        "%a",
        "*a",
        "&a",
        "!a",
        "{",
        "]",
        "'",
        "\"",
        "\\",
        " a",
        "a ",
        "a\nb",
        "\u{feff}",
        "\u{2028}x",
        "?",
        "|",
        ">",
        "@",
        "`",
        "---",
        "...",
        "<<",
        "a,b",
        "[x]",
        "C:\\temp\\%",
        "Ünï",
    ]);
    prop_oneof![awkward.prop_map(str::to_owned), "[ -~]{1,12}", "\\PC{1,12}"]
}

pub(super) fn any_rule() -> impl Strategy<Value = Rule> {
    let names = proptest::collection::vec(any_name(), 1..4);
    let ids = proptest::collection::vec(1..=i64::MAX, 1..4);
    let origin = any_name().prop_filter("not empty", |text| !crate::model::text::origin_key(text).is_empty());
    let argument = (names, ids, any_name(), origin, 0..=i64::MAX, any::<i64>(), 1.0..=5.0);
    (proptest::sample::select(RULES.iter().map(|spec| spec.form).collect::<Vec<_>>()), argument).prop_map(
        |(form, (names, ids, text, origin, number, time, rating))| match form {
            rules::Form::Names(field) => Rule::Names(field, names),
            rules::Form::Ids(field) => Rule::Ids(field, ids),
            rules::Form::Text(field) => Rule::Text(field, text),
            rules::Form::Origin => Rule::Origin(origin),
            rules::Form::Number(field, bound) => Rule::Number(field, bound, number),
            rules::Form::Time(side) => Rule::Time(side, time),
            rules::Form::Rating(bound) => Rule::Rating(bound, rating),
        },
    )
}

pub(super) fn any_query() -> impl Strategy<Value = Query> {
    let rules = || proptest::collection::vec(any_rule(), 0..5);
    (rules(), rules(), any::<bool>()).prop_map(|(want, exclude, include_obsolete)| Query {
        want,
        exclude,
        include_obsolete,
    })
}

/// Text that looks like a query often enough to get far.
pub(super) fn any_text() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "want:",
        "exclude:",
        "include_obsolete:",
        "has:",
        "title:",
        "above_width:",
        "after_date:",
        "\n",
        "\n  - ",
        "  ",
        " ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        ": ",
        "\"",
        "'",
        "\\",
        "\\u0041",
        "\\ud83d\\ude00",
        "&a ",
        "*a",
        "!t ",
        "!<",
        "%",
        "#",
        "|",
        ">",
        "? ",
        "---",
        "...",
        "\t",
        "\r",
        "\r\n",
        "\u{85}",
        "\u{feff}",
        "\0",
        "é",
        "😀",
        "Cat",
        "true",
        "1",
        "-1.5e3",
        "2024-01-01",
        "~",
        "null",
        "<<",
        "@",
        "`",
    ]);
    prop_oneof![proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat()), any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_written_reads_back_the_same(query in any_query()) {
        let text = write(&query);
        let read = parse(&text).map(ParsedQuery::into_query);
        prop_assert_eq!(read, Ok(query), "{}", text);
    }

    #[test]
    fn a_form_filled_with_a_rule_gives_the_rule(rule in any_rule()) {
        let spec = rules::by_form(rule.form()).unwrap();
        prop_assert_eq!(rule_of(spec, &rule.values()), Ok(rule));
    }

    #[test]
    fn other_readers_of_yaml_agree_about_what_is_written(name in any_name()) {
        let text = write(&Query { want: vec![Rule::Text(TextField::Title, name.clone())], ..Query::default() });
        let value: serde_yaml::Value = serde_yaml::from_str(&text).expect("valid YAML");
        prop_assert_eq!(value["want"][0]["title"].as_str(), Some(name.as_str()), "{}", text);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any_text()) {
        let (parsed, errors) = read(&text);
        let _ = parsed.unknown_names(&site());
        let lines = text.split(['\n', '\r', '\u{85}']).count();
        for error in errors {
            prop_assert!((1..=lines).contains(&(error.line as usize)) && error.column >= 1, "{:?}", error);
            prop_assert!(!error.message.is_empty() && error.message.len() < 1_000);
        }
    }

    #[test]
    fn cutting_a_query_anywhere_is_survived(query in any_query(), at in 0.0..1.0) {
        let text = write(&query);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let cut = (at * text.len() as f64) as usize;
        if let Some(part) = text.get(..cut) {
            let _ = read(part);
        }
    }
}
