//! What a taxonomy changes: which objects are new, which exist, and which edges there will be. Pure.

use super::{Entry, Faults};
use crate::model::text::fold;
use crate::model::{ImportFault, ImportReport, NewParent};
use crate::query::{MAX_NAMES_WITH_SUGGESTIONS, suggestion};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The objects that there are.
#[derive(Debug, Default)]
pub struct Known {
    /// Names by id.
    pub names: BTreeMap<i64, String>,
    /// Ids by former name.
    pub former: HashMap<String, i64>,
    /// Pairs of a child and a parent.
    pub edges: Vec<(i64, i64)>,
}

/// A new object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Stands for the object in [`Plan::edges`] until it has an id; negative.
    pub key: i64,
    /// The name.
    pub name: String,
    /// The description, possibly empty.
    pub description: String,
}

/// What a taxonomy changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Objects to make.
    pub made: Vec<Made>,
    /// Pairs of a child and a parent to add: ids, or keys of objects that are made.
    pub edges: Vec<(i64, i64)>,
    existing: Vec<String>,
    new_parents: Vec<NewParent>,
    faults: Vec<ImportFault>,
}

/// So many steps of a cycle are told at most; it may be as long as the text.
const TOLD_STEPS: usize = 20;

/// An edge that goes up, with the line of the text that asks for it, unless it is there already.
type Up = (i64, Option<u32>);

impl Plan {
    /// Compares what a text says with what there is. `faults` were found while it was read.
    pub fn new(entries: &[Entry], faults: Vec<ImportFault>, known: &Known) -> Self {
        let mut plan = Self::default();
        let mut faults = Faults(faults);
        let mut keys: HashMap<&str, i64> = known.former.iter().map(|(name, id)| (name.as_str(), *id)).collect();
        keys.extend(known.names.iter().map(|(id, name)| (name.as_str(), *id)));
        plan.sort_out(entries, known, &mut keys, &mut faults);

        let mut there: HashSet<(i64, i64)> = known.edges.iter().copied().collect();
        let mut above: BTreeMap<i64, Vec<Up>> = BTreeMap::new();
        for (child, parent) in &known.edges {
            above.entry(*child).or_default().push((*parent, None));
        }
        let mut suggested = 0;
        for entry in entries {
            let Some(&child) = keys.get(entry.name.as_str()) else { continue };
            for (name, line) in &entry.parents {
                let Some(&parent) = keys.get(name.as_str()) else {
                    suggested += 1;
                    let names = keys.keys().copied().take_while(|_| suggested <= MAX_NAMES_WITH_SUGGESTIONS);
                    let near = suggestion(name, names);
                    faults.add(*line, format!("the parent `{name}` is neither in this text nor registered{near}"));
                    continue;
                };
                if !there.insert((child, parent)) {
                    continue;
                }
                plan.edges.push((child, parent));
                above.entry(child).or_default().push((parent, Some(*line)));
                if child > 0 {
                    plan.new_parents.push(NewParent { object: entry.name.clone(), parent: name.clone() });
                }
            }
        }
        let made = plan.made.iter().map(|made| (made.key, made.name.as_str()));
        let names: HashMap<i64, &str> = known.names.iter().map(|(id, name)| (*id, name.as_str())).chain(made).collect();
        find_cycles(&above, &names, &mut faults);
        faults.0.sort_by_key(|fault| fault.line);
        plan.faults = faults.0;
        plan
    }

    /// Says which entries are new. A name may not differ from another one in case only.
    fn sort_out<'e>(
        &mut self,
        entries: &'e [Entry],
        known: &Known,
        keys: &mut HashMap<&'e str, i64>,
        faults: &mut Faults,
    ) {
        let registered: HashMap<String, &str> = known.names.values().map(|name| (fold(name), name.as_str())).collect();
        let mut lines: HashMap<String, u32> = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            let name = entry.name.as_str();
            if keys.contains_key(name) {
                self.existing.push(name.to_owned());
                continue;
            }
            let folded = fold(name);
            if let Some(other) = registered.get(&folded) {
                faults.add(entry.line, format!("`{name}` differs from the registered object `{other}` in case only"));
            } else if let Some(line) = lines.insert(folded, entry.line) {
                faults.add(entry.line, format!("`{name}` differs from a name on line {line} in case only"));
            }
            let key = -1 - i64::try_from(index).unwrap_or(i64::MAX - 1);
            keys.insert(name, key);
            let description = entry.description.clone().unwrap_or_default();
            self.made.push(Made { key, name: name.to_owned(), description });
        }
    }

    /// Adds a reason not to carry the plan out that is none of any one line.
    pub fn refuse(&mut self, message: String) {
        self.faults.push(ImportFault { line: 1, message });
    }

    /// Whether there is nothing against carrying the plan out.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    /// The plan in words.
    pub fn report(self, dry_run: bool) -> ImportReport {
        ImportReport {
            dry_run,
            made: self.made.into_iter().map(|made| made.name).collect(),
            existing: self.existing,
            new_parents: self.new_parents,
            faults: self.faults,
        }
    }
}

/// Reports cycles, each at the first line of the text that has a part in it, until there are enough faults. One walk over the
/// graph, whatever its size; the way is kept on the heap, since a chain may be as long as the text.
fn find_cycles(above: &BTreeMap<i64, Vec<Up>>, names: &HashMap<i64, &str>, faults: &mut Faults) {
    let mut done: HashSet<i64> = HashSet::new();
    for start in above.keys() {
        if done.contains(start) {
            continue;
        }
        // The way up, each step with how many of its edges have been followed, and the line that led there.
        let mut way: Vec<(i64, usize, Option<u32>)> = vec![(*start, 0, None)];
        let mut on_way: HashSet<i64> = HashSet::from([*start]);
        while let Some((here, followed, _)) = way.last_mut() {
            if faults.are_enough() {
                return;
            }
            let Some(&(next, line)) = above.get(here).and_then(|edges| edges.get(*followed)) else {
                done.insert(*here);
                on_way.remove(here);
                way.pop();
                continue;
            };
            *followed += 1;
            if on_way.contains(&next) {
                let from = way.iter().position(|(step, ..)| *step == next).unwrap_or_default();
                let around = &way[from..];
                let lines = around.iter().skip(1).filter_map(|(.., line)| *line).chain(line);
                let left_out = (around.len() > TOLD_STEPS).then_some("…");
                let steps = around.iter().map(|(step, ..)| step).take(TOLD_STEPS);
                let words = steps.filter_map(|step| names.get(step).copied());
                let words: Vec<&str> = words.chain(left_out).chain(names.get(&next).copied()).collect();
                faults.add(lines.min().unwrap_or(1), format!("that would close a cycle: {}", words.join(" → ")));
            } else if !done.contains(&next) {
                on_way.insert(next);
                way.push((next, 0, line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TaxonomyFormat::{Csv, Yaml};
    use crate::server::taxonomy::read;

    fn known() -> Known {
        Known {
            names: BTreeMap::from([(1, "Animal".into()), (2, "Mammal".into()), (3, "Cat".into())]),
            former: HashMap::from([("Kitty".into(), 3)]),
            edges: vec![(2, 1), (3, 2)],
        }
    }

    fn csv(text: &str) -> Plan {
        let (entries, faults) = read(Csv, text);
        Plan::new(&entries, faults, &known())
    }

    #[test]
    fn new_objects_and_new_edges_are_told_from_old_ones() {
        let plan = csv("name,description,parent\nPet,,Animal\nCat,,Pet;Mammal\nKitty,,Pet\nSiamese,A breed,Cat\n");
        assert!(plan.is_sound(), "{plan:?}");
        assert_eq!(plan.edges, [(-1, 1), (3, -1), (-4, 3)]);
        let report = plan.report(true);
        assert_eq!(
            (report.made, report.existing),
            (vec!["Pet".into(), "Siamese".into()], vec!["Cat".into(), "Kitty".into()])
        );
        assert_eq!(report.new_parents, [NewParent { object: "Cat".into(), parent: "Pet".into() }]);
    }

    #[test]
    fn every_fault_is_found_at_once() {
        let text = "name,parent\nDog,Mamal\ncat,\nFish,Whale\nWhale,Fish\nAnimal,Cat\nfish,\nStone,Stone\n";
        let faults = csv(text).report(true).faults;
        let said: Vec<(u32, &str)> = faults.iter().map(|fault| (fault.line, fault.message.as_str())).collect();
        let expected = [
            (2, "the parent `Mamal` is neither in this text nor registered; did you mean `Mammal`?"),
            (3, "`cat` differs from the registered object `Cat` in case only"),
            (6, "that would close a cycle: Animal → Cat → Mammal → Animal"),
            (7, "`fish` differs from a name on line 4 in case only"),
            (8, "that would close a cycle: Stone → Stone"),
        ];
        for fault in expected {
            assert!(said.contains(&fault), "{fault:?} is missing from {said:?}");
        }
        assert!(said.iter().any(|(line, text)| *line == 4 && text.contains("Fish") && text.contains("Whale")));
        assert_eq!(said.len(), 6, "{said:?}");
    }

    #[test]
    fn a_chain_as_long_as_a_text_can_be_needs_no_deep_stack() {
        let mut text = String::from("name,parent\nN0,N99999\n");
        (1..100_000).for_each(|number| text.push_str(&format!("N{number},N{}\n", number - 1)));
        let (entries, faults) = read(Csv, &text);
        let report = Plan::new(&entries, faults, &Known::default()).report(true);
        assert_eq!(report.faults.len(), 1);
        assert_eq!(report.faults[0].line, 2);
        assert!(report.faults[0].message.len() < 1000, "a message is for people");
    }

    #[test]
    fn a_text_full_of_cycles_is_told_of_some() {
        // Each object has the root of the chain as another parent, which closes a cycle as long as the way there.
        let last = 50_000;
        let mut text = format!("name,parent\nN0,N{last}\n");
        (1..=last).for_each(|number| text.push_str(&format!("N{number},N{};N{last}\n", number - 1)));
        let (entries, faults) = read(Csv, &text);
        let report = Plan::new(&entries, faults, &Known::default()).report(true);
        assert_eq!(report.faults.len(), 100);
        assert!(report.faults.iter().map(|fault| fault.message.len()).sum::<usize>() < 100_000);
    }

    #[test]
    fn parents_of_an_object_are_limited() {
        let all: Vec<String> = (0..=100).map(|number| format!("N{number}")).collect();
        let fault = |text: &str| {
            let (_, faults) = read(Csv, text);
            assert!(faults.len() <= 1, "{faults:?}");
            faults.into_iter().next().map(|fault| (fault.line, fault.message))
        };
        let many = Some((2, "`A` has more than 100 parents".to_owned()));
        assert_eq!(fault(&format!("name,parent\nA,{}\n", all.join(";"))), many);
        assert_eq!(fault(&format!("name,parent\nA,{}\n", "B;".repeat(8_000))), many);
        assert_eq!(fault(&format!("name,parent\nA,{}\nA,N5\n", all[..100].join(";"))), None);
        let on_two_lines = fault(&format!("name,parent\nA,{}\nA,N100\n", all[..100].join(";")));
        assert_eq!(on_two_lines, many.map(|(_, message)| (3, message)));
    }

    #[test]
    fn the_same_edge_twice_is_one() {
        let (entries, faults) = read(Yaml, "Pet:\n  Dog:\n- x");
        assert!(!Plan::new(&entries, faults, &known()).is_sound(), "a text that cannot be read changes nothing");
        let (entries, faults) = read(Yaml, "- name: Dog\n  parents: [Animal, Animal]\n");
        assert_eq!(Plan::new(&entries, faults, &known()).edges, [(-1, 1)]);
    }
}
