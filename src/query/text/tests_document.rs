//! Edits and format: what becomes of a text, and properties over texts as people write them.

use super::document::{Document, Edit, Edited, Refused, format};
use super::sheet::{Line, List};
use crate::query::rules::{Bound, NumberField, TextField};
use crate::query::tests::{any_query, any_rule, any_text};
use crate::query::tree::{Query, Rule};
use crate::query::{parse, write};
use proptest::prelude::*;

const TEXT: &str = "\
# Pets.

want:  # all of these
  # the animal
  - has:
      - Cat   # mine
      - \"Dog\"
  - above_width:   800 # wide
  # - below_width: 4000
exclude:
  - {title: draft}
# end
";

fn document(text: &str) -> Document {
    Document::read(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

fn title(text: &str) -> Rule {
    Rule::Text(TextField::Title, text.to_owned())
}

fn edited(text: &str, edit: Edit) -> Edited {
    document(text).edit(&edit).unwrap_or_else(|refused| panic!("{text}: {refused:?}"))
}

#[test]
fn disabled_rules_are_cards_too() {
    let document = document(TEXT);
    let cards: Vec<_> =
        document.cards(List::Want).map(|card| (card.rule.name(), card.enabled, card.lines.clone())).collect();
    assert_eq!(cards, [("has", true, 4..7), ("above_width", true, 7..8), ("below_width", false, 8..9)]);
    assert_eq!(document.rules().query(), parse(TEXT).unwrap().into_query());
}

#[test]
fn edits_leave_the_rest_alone() {
    use List::{Exclude, Want};
    for (edit, from, to) in [
        (Edit::Add { list: Want, at: 0, rule: title("x") }, "  # the animal\n", "  - title: x\n  # the animal\n"),
        (Edit::Add { list: Exclude, at: 1, rule: title("a: b") }, "draft}\n", "draft}\n  - title: \"a: b\"\n"),
        (Edit::Remove { list: Want, at: 1 }, "  - above_width:   800 # wide\n", ""),
        (Edit::Remove { list: Exclude, at: 0 }, "exclude:\n  - {title: draft}\n", ""),
        (Edit::SetEnabled { list: Want, at: 2, enabled: true }, "# - below", "- below"),
        (Edit::SetEnabled { list: Want, at: 1, enabled: false }, "- above_width:   800", "# - above_width:   800"),
        (
            Edit::SetEnabled { list: Want, at: 0, enabled: false },
            "- has:\n      - Cat   # mine\n      - \"Dog\"\n",
            "# - has:\n  #     - Cat   # mine\n  #     - \"Dog\"\n",
        ),
        (
            Edit::SetEnabled { list: Exclude, at: 0, enabled: false },
            "exclude:\n  - {title: draft}\n",
            "# exclude:\n  # - {title: draft}\n",
        ),
        (
            Edit::Change { list: Want, at: 1, rule: Rule::Number(NumberField::Width, Bound::AtMost, 900) },
            "above_width:   800 # wide",
            "below_width: 900  # wide",
        ),
        (Edit::IncludeObsolete(true), "# end", "include_obsolete: true\n# end"),
        (
            Edit::Move { from: (Want, 1), to: (Exclude, 0) },
            "  - above_width:   800 # wide\n  # - below_width: 4000\nexclude:\n",
            "  # - below_width: 4000\nexclude:\n  - above_width:   800 # wide\n",
        ),
    ] {
        let Edited { text, lost } = edited(TEXT, edit.clone());
        assert_eq!(text, TEXT.replace(from, to), "{edit:?}");
        let removed: &[&str] = if matches!(edit, Edit::Remove { list: Want, .. }) { &["# wide"] } else { &[] };
        assert_eq!(lost, removed, "{edit:?}");
    }
}

#[test]
fn a_rule_moves_with_its_comments() {
    let Edited { text, lost } = edited(TEXT, Edit::Move { from: (List::Want, 0), to: (List::Want, 1) });
    assert!(lost.is_empty());
    let moved = "  - above_width:   800 # wide\n  # the animal\n  - has:\n      - Cat   # mine\n      - \"Dog\"\n";
    assert!(text.contains(&format!("want:  # all of these\n{moved}  # - below")), "{text}");
}

#[test]
fn comments_of_values_stay_with_their_values() {
    let animals = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Rule::Names(crate::query::rules::NameField::Object, names)
    };
    let change = |names| Edit::Change { list: List::Want, at: 0, rule: animals(names) };
    let Edited { text, lost } = edited(TEXT, change(&["Dog", "Cat", "Fox"]));
    assert!(lost.is_empty() && text.contains("  - has:\n      - Dog\n      - Cat  # mine\n      - Fox\n"), "{text}");
    assert_eq!(edited(TEXT, change(&["Dog"])).lost, ["# mine"]);
}

#[test]
fn empty_and_missing_lists_come_and_go() {
    let add = |list| Edit::Add { list, at: 0, rule: title("x") };
    for (text, edit, expected) in [
        ("", add(List::Want), "want:\n  - title: x\n"),
        ("# c\n", add(List::Exclude), "exclude:\n  - title: x\n# c\n"),
        ("include_obsolete: true\n", add(List::Exclude), "exclude:\n  - title: x\ninclude_obsolete: true\n"),
        (
            "# top\n\n# people\nexclude:\n- has: a\n",
            add(List::Want),
            "# top\n\nwant:\n  - title: x\n# people\nexclude:\n- has: a\n",
        ),
        ("want:\n  - has: a\n", Edit::Remove { list: List::Want, at: 0 }, ""),
        (
            "want:\n- has: a # b\n",
            Edit::SetEnabled { list: List::Want, at: 0, enabled: false },
            "# want:\n# - has: a # b\n",
        ),
        ("# want:\n#   - has: a\n", Edit::SetEnabled { list: List::Want, at: 0, enabled: true }, "want:\n  - has: a\n"),
        (
            "want:\n  - has: a\n# want:\n  # - has: b\n",
            Edit::SetEnabled { list: List::Want, at: 1, enabled: true },
            "want:\n  - has: a\n  - has: b\n",
        ),
        ("include_obsolete: true # x\n", Edit::IncludeObsolete(false), "include_obsolete: false  # x\n"),
        ("want: [{has: a}] # c\n", add(List::Want), "want:\n  - title: x\n  - has: a  # c\n"),
        ("want: [{has: a}] # c\n", add(List::Exclude), "want: [{has: a}] # c\nexclude:\n  - title: x\n"),
        (r#"{"want": [{"has": ["a", "b"]}]}"#, add(List::Want), "want:\n  - title: x\n  - has: [a, b]\n"),
    ] {
        assert_eq!(edited(text, edit.clone()), Edited { text: expected.to_owned(), lost: vec![] }, "{text} {edit:?}");
    }
}

#[test]
fn comments_that_look_like_rules_stay_comments() {
    let text = "want:\n  - has:\n      # - title: old\n      - Cat\n      - Dog\n      # - author: me\n";
    let named: Vec<_> = document(text).cards(List::Want).map(|card| (card.rule.name(), card.enabled)).collect();
    assert_eq!(named, [("has", true), ("author", false)]);
    let text = "want:\n  - title:\n      # - has: old\n      winter\n";
    assert_eq!(format(text).unwrap(), "want:\n  # # - has: old\n  - title: winter\n");
    assert_eq!(document(text).format().unwrap().lost, ["# - has: old"]);
}

#[test]
fn what_cannot_be_done_is_refused() {
    let refused = |edit| document(TEXT).edit(&edit).expect_err("refused");
    assert_eq!(refused(Edit::Remove { list: List::Want, at: 3 }), Refused::NoSuchRule);
    assert_eq!(refused(Edit::Add { list: List::Want, at: 4, rule: title("x") }), Refused::NoSuchRule);
    let Refused::Errors(errors) = refused(Edit::Add { list: List::Want, at: 0, rule: title("") }) else { panic!() };
    assert_eq!(errors[0].message, "`title` takes one text; the text is empty");
    let nan = Rule::Rating(Bound::AtLeast, f64::NAN);
    assert!(matches!(refused(Edit::Add { list: List::Want, at: 0, rule: nan }), Refused::Errors(_)));
    assert!(Document::read("want:\n  - haz: a\n").is_err());
}

#[test]
fn formatting_keeps_comments_and_order() {
    let messy = "\n\n# top\n---\nexclude :\n- 'has' : [ \"Cat\" , # c1\n    'Dog fish',\n    # c2\n    Fox ]   # c3\n\n\n\n-   title: >-\n      one\n      \
                 line\n#x\nwant: [ { above_width: 4e3 }, # c4\n  # - title: no more\n  {after_date: 1735603200} ]\n# end\n";
    let expected = "# top\nexclude:\n  # c1\n  - has:  # c3\n      - Cat\n      - Dog fish\n      # c2\n      - Fox\n\n  - title: one line\n\
                    #x\nwant:\n  - above_width: 4000  # c4\n  # - title: no more\n  - after_date: 2024-12-31\n# end\n";
    assert_eq!(format(messy).unwrap(), expected);
    assert_eq!(format(expected).unwrap(), expected);
    let long =
        Query { want: vec![Rule::Ids(crate::query::rules::IdField::Gallery, (1..60).collect())], ..Query::default() };
    assert!(write(&long).lines().all(|line| line.len() < 20));
    assert!(format("want: [").is_err());
}

#[test]
fn texts_of_several_lines_survive() {
    let text = "want:\n  - title: |\n      one\n\n      # two\n  - description: \"a\n\n      b\"\n  - has: a\n";
    let toggle = |text: &str, at, enabled| edited(text, Edit::SetEnabled { list: List::Want, at, enabled }).text;
    for at in 0..2 {
        let without = toggle(text, at, false);
        assert_eq!(document(&without).rules().want.iter().filter(|(_, enabled)| *enabled).count(), 2, "{without}");
        assert_eq!(document(&toggle(&without, at, true)).rules(), document(text).rules(), "{without}");
        let moved = edited(text, Edit::Move { from: (List::Want, at), to: (List::Exclude, 0) });
        assert!(moved.text.contains("exclude:\n") && moved.lost.is_empty(), "{moved:?}");
    }
    assert_eq!(
        format(text).unwrap(),
        "want:\n  - title: \"one\\n\\n# two\\n\"\n  - description: \"a\\nb\"\n  - has: a\n"
    );
}

#[test]
fn long_texts_are_edited_too() {
    let edits = [
        Edit::Add { list: List::Exclude, at: 0, rule: title("x") },
        Edit::SetEnabled { list: List::Want, at: 0, enabled: true },
        Edit::Remove { list: List::Want, at: 0 },
    ];
    let many = |lines: &str| format!("want:\n  - has: a\n{}", lines.repeat(50_000 / lines.len()));
    let stairs: String = (0..150).map(|column| format!("#{} - has: a\n", " ".repeat(column))).collect();
    let numbered: String = (0..6_000).map(|number| format!("# {number}\n")).collect();
    for text in [many("# - has: b\n"), many("# want:\n# - has: c\n"), many("#\n"), many("# want:\n"), stairs, numbered]
    {
        let document = document(&text);
        for edit in &edits {
            match document.edit(edit) {
                Ok(edited) => assert!(parse(&edited.text).is_ok()),
                Err(refused) => assert_eq!(refused, Refused::NoSuchRule),
            }
        }
        document.format().expect("formatted");
    }
}

/// Writes a query as people do: each die decides how the next piece looks. Comments are `# c1`, `# c2`, …
struct Scribe<'d> {
    dice: std::iter::Cycle<std::slice::Iter<'d, u8>>,
    text: String,
    comments: usize,
}

impl Scribe<'_> {
    fn roll(&mut self, sides: u8) -> u8 {
        self.dice.next().map_or(0, |die| die % sides)
    }

    fn comment(&mut self) -> String {
        self.comments += 1;
        format!("# c{};", self.comments)
    }

    fn end_line(&mut self) {
        if self.roll(4) == 0 {
            let comment = self.comment();
            self.text.push_str(&format!(" {comment}"));
        }
        self.text.push('\n');
        match self.roll(8) {
            0 => self.text.push('\n'),
            1 => {
                let indent = " ".repeat(usize::from(self.roll(5)));
                let comment = self.comment();
                self.text.push_str(&format!("{indent}{comment}\n"));
            }
            _ => {}
        }
    }

    fn rule(&mut self, rule: &Rule, column: usize) {
        let values = crate::query::write::values(rule);
        let indent = " ".repeat(column);
        let name = rule.name();
        let way = self.roll(6);
        let is_list = rule.form().takes_list();
        self.text.push_str(&format!("{indent}- "));
        match way {
            0 if is_list => {
                self.text.push_str(&format!("{name}:"));
                self.end_line();
                for value in &values {
                    self.text.push_str(&format!("{indent}    - {value}"));
                    self.end_line();
                }
                return;
            }
            1 if is_list => {
                self.text.push_str(&format!("{name}: ["));
                self.end_line();
                for value in &values {
                    self.text.push_str(&format!("{indent}    {value},"));
                    self.end_line();
                }
                self.text.push_str(&format!("{indent}    ]"));
            }
            2 => self.text.push_str(&format!("{{ {name}: [{}] }}", values.join(" , "))),
            3 => {
                self.text.push_str(&format!("{name}:"));
                self.end_line();
                self.text.push_str(&format!("{indent}      [ {} ]", values.join(",")));
            }
            _ => self.text.push_str(&format!("\"{name}\" :   [{}]", values.join(", "))),
        }
        self.end_line();
    }

    fn list(&mut self, key: &str, rules: &[Rule]) {
        if rules.is_empty() {
            return;
        }
        if self.roll(5) == 0 {
            self.text.push_str(&format!("{key}: ["));
            self.end_line();
            for rule in rules {
                let values = crate::query::write::values(rule).join(", ");
                self.text.push_str(&format!("   {{{}: [{values}]}} ,", rule.name()));
                self.end_line();
            }
            self.text.push_str("  ]");
            return self.end_line();
        }
        self.text.push_str(&format!("{key}:"));
        self.end_line();
        let column = usize::from(self.roll(4));
        for rule in rules {
            self.rule(rule, column);
            if self.roll(5) == 0 {
                let indent = " ".repeat(usize::from(self.roll(4)));
                self.text.push_str(&format!("{indent}# - has: [Off, \"a b\"]\n"));
            }
        }
    }
}

/// A text as people write them, with the number of its comments.
fn scribbled(query: &Query, dice: &[u8]) -> (String, usize) {
    let mut scribe = Scribe { dice: dice.iter().cycle(), text: String::new(), comments: 0 };
    if scribe.roll(3) == 0 {
        scribe.end_line();
    }
    let swapped = scribe.roll(3) == 0;
    if swapped {
        scribe.list("exclude", &query.exclude);
    }
    if query.want.is_empty() && scribe.roll(2) == 0 {
        scribe.text.push_str("# want:\n#  - title: not now\n#  - has:\n#      - Cat\n");
    }
    scribe.list("want", &query.want);
    if query.include_obsolete {
        scribe.text.push_str("include_obsolete: true");
        scribe.end_line();
    }
    if !swapped {
        scribe.list("exclude", &query.exclude);
    }
    (scribe.text, scribe.comments)
}

fn any_list() -> impl Strategy<Value = List> {
    proptest::sample::select(List::ALL.to_vec())
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let place = || (any_list(), 0..6_usize);
    prop_oneof![
        (place(), any_rule()).prop_map(|((list, at), rule)| Edit::Add { list, at, rule }),
        place().prop_map(|(list, at)| Edit::Remove { list, at }),
        (place(), any_rule()).prop_map(|((list, at), rule)| Edit::Change { list, at, rule }),
        (place(), any::<bool>()).prop_map(|((list, at), enabled)| Edit::SetEnabled { list, at, enabled }),
        (place(), place()).prop_map(|(from, to)| Edit::Move { from, to }),
        any::<bool>().prop_map(Edit::IncludeObsolete),
    ]
}

fn dice() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 1..60)
}

/// The comments on the lines of a rule: all that may go with it.
fn inner_comments(document: &Document, list: List, at: usize) -> Vec<String> {
    let notes = &document.cards(list).nth(at).expect("a card").notes;
    let lines = notes.values.iter().flat_map(|value| &value.before).chain(&notes.after);
    let alone = lines.filter_map(|line| match line {
        Line::Comment(text, _) => Some(text),
        Line::Blank | Line::Mark(_) => None,
    });
    alone.chain(&notes.own).chain(notes.values.iter().flat_map(|value| &value.own)).cloned().collect()
}

fn has(text: &str, comment: usize) -> bool {
    text.contains(&format!("# c{comment};"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn scribbled_texts_are_read_in_place(query in any_query(), dice in dice()) {
        let (text, comments) = scribbled(&query, &dice);
        let document = document(&text);
        prop_assert_eq!(document.rules().query(), query, "{}", text);
        for comment in 1..=comments {
            prop_assert!(document.comments().contains(&format!("# c{comment};")), "{} in {}", comment, text);
        }
    }

    #[test]
    fn an_edit_of_the_text_is_an_edit_of_the_rules(query in any_query(), dice in dice(), edits in proptest::collection::vec(any_edit(), 1..6)) {
        let (mut text, comments) = scribbled(&query, &dice);
        let mut gone = Vec::new();
        for edit in edits {
            let document = document(&text);
            let mut rules = document.rules();
            let expected = rules.apply(&edit).map(|()| rules);
            match (document.edit(&edit), expected) {
                (Ok(edited), Some(rules)) => {
                    prop_assert_eq!(parse(&edited.text).unwrap().into_query(), rules.query(), "{}\n{:?}\n{}", text, edit, edited.text);
                    prop_assert_eq!(Document::read(&edited.text).unwrap().rules(), rules);
                    let own = match edit {
                        Edit::Remove { list, at } | Edit::Change { list, at, .. } => inner_comments(&document, list, at),
                        _ => Vec::new(),
                    };
                    let is_told = edited.lost.iter().all(|comment| own.contains(comment));
                    prop_assert!(is_told, "{}\n{:?}\n{}", text, edit, edited.text);
                    gone.extend(edited.lost);
                    text = edited.text;
                }
                (Err(Refused::NoSuchRule), None) => {}
                (result, expected) => prop_assert!(false, "{}\n{:?}: {:?}, {:?}", text, edit, result, expected),
            }
            for comment in 1..=comments {
                let told = gone.contains(&format!("# c{comment};"));
                prop_assert!(has(&text, comment) != told, "# c{};\n{}", comment, text);
            }
        }
    }

    #[test]
    fn formatting_twice_is_formatting_once(query in any_query(), dice in dice()) {
        let (text, comments) = scribbled(&query, &dice);
        let formatted = format(&text).unwrap();
        prop_assert_eq!(document(&formatted).rules(), document(&text).rules(), "{}\n{}", text, formatted);
        prop_assert!((1..=comments).all(|comment| has(&formatted, comment)), "{}\n{}", text, formatted);
        prop_assert_eq!(format(&formatted).unwrap(), formatted, "{}", text);
    }

    #[test]
    fn what_is_written_is_formatted(query in any_query()) {
        let text = write(&query);
        prop_assert_eq!(format(&text).unwrap(), text);
    }

    #[test]
    fn any_text_can_be_tried(text in any_text(), edit in any_edit()) {
        if let Ok(document) = Document::read(&text) {
            prop_assert_eq!(document.rules().query(), parse(&text).unwrap().into_query());
            let formatted = document.format().unwrap();
            prop_assert_eq!(Document::read(&formatted.text).unwrap().rules(), document.rules());
            let _ = document.edit(&edit);
        }
    }

    #[test]
    fn what_is_disabled_comes_back_as_it_was(query in any_query(), dice in dice(), at in 0..4_usize) {
        let (text, _) = scribbled(&query, &dice);
        let before = document(&text);
        let toggle = |document: &Document, enabled| document.edit(&Edit::SetEnabled { list: List::Want, at, enabled });
        if before.cards(List::Want).nth(at).is_some_and(|card| card.enabled) {
            let without = toggle(&before, false).unwrap();
            let again = toggle(&document(&without.text), true).unwrap();
            prop_assert_eq!(document(&again.text).rules(), before.rules());
            prop_assert!(without.lost.is_empty() && again.lost.is_empty(), "{}\n{:?}\n{:?}", text, without, again);
        }
    }
}
