//! What helps where a query finds too little.

use super::List;
use super::document::{Document, Edit};
use crate::model::Insights;
use crate::query::Rule;

/// A change that makes a query find more.
#[derive(Clone, Debug, PartialEq)]
pub struct Wider {
    /// The change.
    pub edit: Edit,
    /// The rule that no longer counts then, and its list; `None` where pictures that have been replaced are to be found.
    pub rule: Option<(List, Rule)>,
    /// How many pictures more are found.
    pub pictures: i64,
}

/// The single change that helps most, if any does. The numbers have to belong to the text.
pub fn widest(document: &Document, insights: &Insights) -> Option<Wider> {
    let rules = document.rules();
    let disabled = insights.effects.iter().filter_map(|effect| {
        let (list, all) = if effect.excluded { (List::Exclude, &rules.exclude) } else { (List::Want, &rules.want) };
        // Effects count only the rules that count.
        let counting = all.iter().enumerate().filter(|(_, (_, enabled))| *enabled);
        let (at, (rule, _)) = counting.into_iter().nth(usize::try_from(effect.index).ok()?)?;
        let edit = Edit::SetEnabled { list, at, enabled: false };
        Some(Wider { edit, rule: Some((list, rule.clone())), pictures: effect.removes })
    });
    let replaced = insights.obsolete.map(|pictures| Wider { edit: Edit::IncludeObsolete(true), rule: None, pictures });
    // Of those that help as much, the last one: it was probably added last.
    replaced.into_iter().chain(disabled).filter(|wider| wider.pictures > 0).max_by_key(|wider| wider.pictures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RuleEffect;

    fn found(effects: &[(bool, i64, i64)], obsolete: Option<i64>) -> Insights {
        let effects = effects
            .iter()
            .map(|&(excluded, index, removes)| RuleEffect { excluded, index, rule: String::new(), removes })
            .collect();
        Insights { total: 0, effects, obsolete, breakdowns: Vec::new(), complete: true }
    }

    #[test]
    fn the_rule_that_removes_most_goes() {
        let text = "want:\n  # - title: sea\n  - has: Cat\n  - title: dog\nexclude:\n  - has: Dog\n";
        let document = Document::read(text).unwrap();
        let widest = |insights: &Insights| widest(&document, insights);
        let wider = widest(&found(&[(false, 0, 3), (false, 1, 9), (true, 0, 9)], Some(2))).unwrap();
        assert_eq!((wider.edit, wider.pictures), (Edit::SetEnabled { list: List::Exclude, at: 0, enabled: false }, 9));
        // The rule that is disabled has a place, but no effect.
        let wider = widest(&found(&[(false, 0, 3), (false, 1, 9)], None)).unwrap();
        let text = document.edit(&wider.edit).unwrap().text;
        assert!(text.contains("  - has: Cat\n  # - title: dog\n"), "{text}");
        assert_eq!(widest(&found(&[(false, 0, 0)], Some(4))).unwrap().edit, Edit::IncludeObsolete(true));
        assert_eq!(widest(&found(&[(false, 0, 0), (true, 0, 0)], Some(0))), None);
        assert_eq!(widest(&found(&[(false, 7, 5)], None)), None, "no such rule");
    }
}
