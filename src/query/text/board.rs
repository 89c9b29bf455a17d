//! The cards of a builder: the rules of a text, and those that somebody is about to fill in.
//!
//! A text knows no rule without an argument and gives its rules no names. The board does: a card keeps its id while its rule
//! changes, moves or is emptied, so that whatever shows it stays where it is.

use super::List;
use super::document::{Edit, Rules};
use crate::query::rules::Form;
use crate::query::tree::Rule;

/// A card.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// No other card of the board ever has it.
    pub id: u32,
    /// What the card asks for.
    pub form: Form,
    /// Its rule in the text. Without one, it waits for an argument.
    pub rule: Option<Rule>,
    /// Whether the rule counts.
    pub enabled: bool,
}

/// All cards.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    want: Vec<Slot>,
    exclude: Vec<Slot>,
    /// Whether pictures that have been replaced may appear.
    pub include_obsolete: bool,
    next: u32,
}

/// What somebody does to a card.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A new card without an argument, at the end.
    Add(List, Form),
    /// The card gets a rule, or another one.
    Fill(u32, Rule),
    /// The card asks for something else while it has no argument.
    Ask(u32, Form),
    /// The argument goes; the card stays.
    Empty(u32),
    /// The card goes.
    Remove(u32),
    /// Whether the rule counts.
    Enable(u32, bool),
    /// The card goes to a place in a list, counted without it.
    Move(u32, List, usize),
    /// Whether pictures that have been replaced may appear.
    IncludeObsolete(bool),
}

impl Board {
    /// The cards of a list.
    pub fn slots(&self, list: List) -> &[Slot] {
        match list {
            List::Want => &self.want,
            List::Exclude => &self.exclude,
        }
    }

    fn slots_mut(&mut self, list: List) -> &mut Vec<Slot> {
        match list {
            List::Want => &mut self.want,
            List::Exclude => &mut self.exclude,
        }
    }

    /// In which list a card is, and where.
    pub fn find(&self, id: u32) -> Option<(List, usize)> {
        let place = |list| self.slots(list).iter().position(|slot| slot.id == id).map(|at| (list, at));
        List::ALL.into_iter().find_map(place)
    }

    /// A card.
    pub fn slot(&self, id: u32) -> Option<&Slot> {
        self.find(id).and_then(|(list, at)| self.slots(list).get(at))
    }

    /// Where the rule of the card at a place stands, or would stand, among the rules of the text.
    fn in_text(&self, list: List, at: usize) -> usize {
        self.slots(list).iter().take(at).filter(|slot| slot.rule.is_some()).count()
    }

    /// The board after an action, and what has to become of the text. `None` where there is no such card.
    pub fn after(&self, action: &Action) -> Option<(Self, Option<Edit>)> {
        let mut next = self.clone();
        let edit = match action {
            Action::Add(list, form) => {
                let id = next.new_id();
                next.slots_mut(*list).push(Slot { id, form: *form, rule: None, enabled: true });
                None
            }
            Action::Fill(id, rule) => {
                let (list, place) = self.find(*id)?;
                let at = self.in_text(list, place);
                let slot = next.slots_mut(list).get_mut(place)?;
                slot.form = rule.form();
                let rule = rule.clone();
                Some(match slot.rule.replace(rule.clone()) {
                    Some(_) => Edit::Change { list, at, rule },
                    None => {
                        slot.enabled = true;
                        Edit::Add { list, at, rule }
                    }
                })
            }
            Action::Ask(id, form) => {
                let (list, place) = self.find(*id)?;
                let slot = next.slots_mut(list).get_mut(place)?;
                if slot.rule.is_some() {
                    return None;
                }
                slot.form = *form;
                None
            }
            Action::Empty(id) => {
                let (list, place) = self.find(*id)?;
                let at = self.in_text(list, place);
                let had = next.slots_mut(list).get_mut(place)?.rule.take();
                had.map(|_| Edit::Remove { list, at })
            }
            Action::Remove(id) => {
                let (list, place) = self.find(*id)?;
                let at = self.in_text(list, place);
                let slot = next.slots_mut(list).remove(place);
                slot.rule.map(|_| Edit::Remove { list, at })
            }
            Action::Enable(id, enabled) => {
                let (list, place) = self.find(*id)?;
                let at = self.in_text(list, place);
                let slot = next.slots_mut(list).get_mut(place)?;
                slot.enabled = *enabled;
                slot.rule.as_ref().map(|_| Edit::SetEnabled { list, at, enabled: *enabled })
            }
            Action::Move(id, to, place) => {
                let (list, from) = self.find(*id)?;
                let at = self.in_text(list, from);
                let slot = next.slots_mut(list).remove(from);
                let place = (*place).min(next.slots(*to).len());
                let target = (*to, next.in_text(*to, place));
                let is_rule = slot.rule.is_some();
                next.slots_mut(*to).insert(place, slot);
                is_rule.then_some(Edit::Move { from: (list, at), to: target })
            }
            Action::IncludeObsolete(include) => {
                next.include_obsolete = *include;
                Some(Edit::IncludeObsolete(*include))
            }
        };
        Some((next, edit))
    }

    /// Takes over the rules of a text. Cards whose rules are still there keep their ids, and so do cards at the places where
    /// rules have changed; cards without an argument stay between their neighbours.
    pub fn follow(&mut self, rules: &Rules) {
        self.include_obsolete = rules.include_obsolete;
        for (list, rules) in [(List::Want, &rules.want), (List::Exclude, &rules.exclude)] {
            let slots = std::mem::take(self.slots_mut(list));
            let slots = self.followed(slots, rules);
            *self.slots_mut(list) = slots;
        }
    }

    fn new_id(&mut self) -> u32 {
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        id
    }

    fn followed(&mut self, slots: Vec<Slot>, rules: &[(Rule, bool)]) -> Vec<Slot> {
        let mut empty: Vec<(usize, Slot)> = Vec::new();
        let mut filled: Vec<Slot> = Vec::new();
        for slot in slots {
            match slot.rule {
                Some(_) => filled.push(slot),
                None => empty.push((filled.len(), slot)),
            }
        }
        let is_same = |(slot, (rule, _)): (&Slot, &(Rule, bool))| slot.rule.as_ref() == Some(rule);
        let head = filled.iter().zip(rules).take_while(|pair| is_same(*pair)).count();
        let most = filled.len().min(rules.len()) - head;
        let tail = filled.iter().rev().zip(rules.iter().rev()).take(most).take_while(|pair| is_same(*pair)).count();
        let old = filled.len();

        // Between the two ends, a rule is what became of the next card that asks for the same kind of thing.
        let after = filled.split_off(old - tail);
        let mut changed = filled.split_off(head);
        let take = |rule: &Rule, changed: &mut Vec<Slot>| {
            let same = |slot: &Slot| slot.form.widget() == rule.form().widget();
            let at = changed.iter().position(|slot| slot.rule.as_ref() == Some(rule));
            at.or_else(|| changed.iter().position(same)).map(|at| changed.remove(at).id)
        };
        let mut now = filled;
        for (rule, _) in &rules[head..rules.len() - tail] {
            let id = take(rule, &mut changed).unwrap_or_else(|| self.new_id());
            now.push(Slot { id, form: rule.form(), rule: Some(rule.clone()), enabled: true });
        }
        now.extend(after);
        for (slot, (_, enabled)) in now.iter_mut().zip(rules) {
            slot.enabled = *enabled;
        }
        for (place, slot) in empty.into_iter().rev() {
            let place = if place <= head { place } else { (rules.len() + place).saturating_sub(old).max(head) };
            now.insert(place.min(rules.len()), slot);
        }
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::rules::{Bound, NameField, NumberField, RULES, TextField};
    use crate::query::tests::any_rule;
    use proptest::prelude::*;

    fn has(name: &str) -> Rule {
        Rule::Names(NameField::Object, vec![name.to_owned()])
    }

    fn title(text: &str) -> Rule {
        Rule::Text(TextField::Title, text.to_owned())
    }

    fn of(rules: &[Rule]) -> Rules {
        Rules { want: rules.iter().map(|rule| (rule.clone(), true)).collect(), ..Rules::default() }
    }

    fn ids(board: &Board) -> Vec<u32> {
        board.slots(List::Want).iter().map(|slot| slot.id).collect()
    }

    fn board(rules: &[Rule]) -> Board {
        let mut board = Board::default();
        board.follow(&of(rules));
        board
    }

    /// The rules that the cards stand for.
    fn rules(board: &Board) -> Rules {
        let of = |list| {
            let filled = |slot: &Slot| slot.rule.clone().map(|rule| (rule, slot.enabled));
            board.slots(list).iter().filter_map(filled).collect()
        };
        Rules { want: of(List::Want), exclude: of(List::Exclude), include_obsolete: board.include_obsolete }
    }

    #[test]
    fn cards_keep_their_ids() {
        let mut board = board(&[has("Cat"), title("a"), has("Dog")]);
        assert_eq!(ids(&board), [0, 1, 2]);
        board.follow(&of(&[has("Cat"), title("ab"), has("Dog")]));
        assert_eq!(ids(&board), [0, 1, 2]);
        board.follow(&of(&[title("ab"), has("Dog")]));
        assert_eq!(ids(&board), [1, 2]);
        board.follow(&of(&[title("ab"), Rule::Number(NumberField::Width, Bound::AtLeast, 5), has("Dog")]));
        assert_eq!(ids(&board), [1, 3, 2]);
        board.follow(&of(&[has("Dog"), title("ab")]));
        assert_eq!(ids(&board), [2, 1]);
    }

    #[test]
    fn a_card_waits_for_its_argument_where_it_is() {
        let (board, edit) = board(&[has("Cat"), title("a")]).after(&Action::Empty(0)).unwrap();
        assert_eq!(edit, Some(Edit::Remove { list: List::Want, at: 0 }));
        let mut board = board;
        board.follow(&of(&[title("a")]));
        assert_eq!(ids(&board), [0, 1]);
        board.follow(&of(&[title("a"), has("Dog")]));
        assert_eq!(ids(&board), [0, 1, 2]);
        let (board, edit) = board.after(&Action::Fill(0, has("Cow"))).unwrap();
        assert_eq!(edit, Some(Edit::Add { list: List::Want, at: 0, rule: has("Cow") }));
        assert_eq!(ids(&board), [0, 1, 2]);
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let board = board(&[has("Cat")]);
        assert!(board.after(&Action::Remove(7)).is_none());
        assert!(board.after(&Action::Ask(0, RULES[0].form)).is_none(), "it has an argument");
    }

    proptest! {
        #[test]
        fn an_edit_makes_of_the_rules_what_the_action_makes_of_the_cards(
            steps in prop::collection::vec((0..8_u8, 0..8_usize, 0..8_usize, any::<bool>(), any_rule()), 0..30),
        ) {
            let mut board = Board::default();
            for (kind, which, place, first, rule) in steps {
                let list = if first { List::Want } else { List::Exclude };
                let all: Vec<u32> = List::ALL.into_iter().flat_map(|list| board.slots(list)).map(|slot| slot.id).collect();
                let id = if all.is_empty() { 0 } else { all[which % all.len()] };
                let action = match kind {
                    0 | 1 => Action::Add(list, rule.form()),
                    2 | 3 => Action::Fill(id, rule),
                    4 => Action::Empty(id),
                    5 => Action::Remove(id),
                    6 => Action::Enable(id, first),
                    _ => Action::Move(id, list, place),
                };
                let mut expected = rules(&board);
                let Some((next, edit)) = board.after(&action) else { continue };
                if let Some(edit) = edit {
                    prop_assert!(expected.apply(&edit).is_some());
                }
                prop_assert_eq!(&rules(&next), &expected);
                board = next;
                let before = board.clone();
                board.follow(&expected);
                prop_assert_eq!(&board, &before, "what the text says is there already");
            }
        }

        #[test]
        fn any_text_is_followed(
            before in prop::collection::vec(any_rule(), 0..6),
            after in prop::collection::vec((any_rule(), any::<bool>()), 0..6),
            emptied in 0..6_u32,
        ) {
            let mut board = board(&before);
            if let Some((next, _)) = board.after(&Action::Empty(emptied)) {
                board = next;
            }
            let wanted = Rules { want: after, ..Rules::default() };
            board.follow(&wanted);
            prop_assert_eq!(rules(&board), wanted);
            let mut ids = ids(&board);
            ids.sort_unstable();
            let count = ids.len();
            ids.dedup();
            prop_assert_eq!(ids.len(), count);
            prop_assert!(emptied as usize >= before.len() || board.slot(emptied).is_some_and(|slot| slot.rule.is_none()));
        }
    }
}
