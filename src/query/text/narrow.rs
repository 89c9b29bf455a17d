//! A query made narrower by rules that somebody has chosen from what there is, and wider again.

use super::List;
use super::document::{Document, Edit, Edited, Refused};
use crate::model::RuleText;
use crate::query::rules::by_name;
use crate::query::{Rule, rule_of};

/// The rules, if all of them are some.
fn read(rules: &[RuleText]) -> Option<Vec<Rule>> {
    rules.iter().map(|rule| rule_of(by_name(&rule.name)?, &rule.values).ok()).collect()
}

/// The places of rules in a list, as far as they count there.
fn places(document: &Document, list: List, rules: &[Rule]) -> Option<Vec<usize>> {
    let all = document.rules();
    let there = match list {
        List::Want => all.want,
        List::Exclude => all.exclude,
    };
    rules.iter().map(|rule| there.iter().position(|(other, enabled)| *enabled && other == rule)).collect()
}

/// Whether all of these rules count in a list.
pub fn has_rules(document: &Document, list: List, rules: &[RuleText]) -> bool {
    !rules.is_empty() && read(rules).is_some_and(|rules| places(document, list, &rules).is_some())
}

/// The text with these rules, which come at the end of a list; those that are there already are not added again.
pub fn add_rules(text: &str, list: List, rules: &[RuleText]) -> Result<Edited, Refused> {
    let rules = read(rules).ok_or(Refused::NoSuchRule)?;
    let mut edited = Edited { text: text.to_owned(), lost: Vec::new() };
    for rule in rules {
        let document = Document::read(&edited.text).map_err(Refused::Errors)?;
        if places(&document, list, std::slice::from_ref(&rule)).is_none() {
            let at = document.cards(list).count();
            edited = then(edited, document.edit(&Edit::Add { list, at, rule })?);
        }
    }
    Ok(edited)
}

/// The text without these rules of a list.
pub fn remove_rules(text: &str, list: List, rules: &[RuleText]) -> Result<Edited, Refused> {
    let rules = read(rules).ok_or(Refused::NoSuchRule)?;
    let mut edited = Edited { text: text.to_owned(), lost: Vec::new() };
    for rule in rules {
        let document = Document::read(&edited.text).map_err(Refused::Errors)?;
        let at = places(&document, list, std::slice::from_ref(&rule)).and_then(|places| places.first().copied());
        let at = at.ok_or(Refused::NoSuchRule)?;
        edited = then(edited, document.edit(&Edit::Remove { list, at })?);
    }
    Ok(edited)
}

fn then(before: Edited, after: Edited) -> Edited {
    let mut lost = before.lost;
    lost.extend(after.lost);
    Edited { text: after.text, lost }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, value: &str) -> RuleText {
        RuleText { name: name.to_owned(), values: vec![value.to_owned()] }
    }

    fn has(text: &str, list: List, rules: &[RuleText]) -> bool {
        has_rules(&Document::read(text).unwrap(), list, rules)
    }

    #[test]
    fn rules_come_and_go_and_leave_the_rest_alone() {
        let text = "# mine\nwant:\n  - title: sea # not lake\n";
        let year = [rule("after_date", "2023-12-31T23:59:59Z"), rule("before_date", "2025-01-01")];
        assert!(!has(text, List::Want, &year));
        let narrow = add_rules(text, List::Want, &year).unwrap();
        assert!(narrow.text.starts_with(text), "{}", narrow.text);
        assert!(narrow.lost.is_empty());
        assert!(has(&narrow.text, List::Want, &year));
        assert!(!has(&narrow.text, List::Exclude, &year));
        assert_eq!(add_rules(&narrow.text, List::Want, &year).unwrap().text, narrow.text);
        assert_eq!(remove_rules(&narrow.text, List::Want, &year).unwrap().text, text);
    }

    #[test]
    fn an_empty_text_gets_its_first_rule() {
        let nature = [rule("nature", "photo")];
        let excluded = add_rules("", List::Exclude, &nature).unwrap().text;
        assert!(has(&excluded, List::Exclude, &nature), "{excluded}");
        assert!(crate::query::parse(&remove_rules(&excluded, List::Exclude, &nature).unwrap().text).is_ok());
    }

    #[test]
    fn what_is_no_rule_or_not_there_is_refused() {
        assert!(matches!(add_rules("", List::Want, &[rule("colour", "red")]), Err(Refused::NoSuchRule)));
        assert!(matches!(add_rules("want: [", List::Want, &[rule("nature", "photo")]), Err(Refused::Errors(_))));
        assert!(matches!(remove_rules("", List::Want, &[rule("nature", "photo")]), Err(Refused::NoSuchRule)));
        // A rule that is disabled does not count.
        let photo = [rule("nature", "photo")];
        let there = Document::read(&add_rules("", List::Want, &photo).unwrap().text).unwrap();
        let disabled = there.edit(&Edit::SetEnabled { list: List::Want, at: 0, enabled: false }).unwrap().text;
        assert!(!has(&disabled, List::Want, &photo), "{disabled}");
    }
}
