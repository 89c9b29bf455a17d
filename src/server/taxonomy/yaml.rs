//! Objects as YAML, in two forms that may be mixed:
//!
//! ```yaml
//! Animal:              # names within names
//!   Mammal:
//!     Cat: Felis catus # a text is the description
//!     Dog:
//! ```
//!
//! ```yaml
//! - name: Cat          # a list with everything about each
//!   description: Felis catus
//!   parents: [Mammal, Pet]
//!   children: [Kitten]
//! - Stone              # or just the name
//! ```

use super::Entries;
use crate::query::yaml::{self, Node};

/// Deepest nesting, lists and mappings together.
const MAX_DEPTH: usize = 100;

/// Reads a document.
pub(super) fn read(text: &str, entries: &mut Entries) {
    let mut errors = yaml::Errors::default();
    let root = yaml::read(text, MAX_DEPTH, &mut errors);
    for error in errors.0 {
        entries.faults.add(error.line, error.message);
    }
    match root {
        None | Some(Node::Refused) => {}
        Some(Node::Scalar { at, .. }) => entries.faults.add(at.line, "a list or a mapping of names was expected"),
        Some(node) => below(&node, None, entries),
    }
}

fn text_of<'n>(node: &'n Node, what: &str, entries: &mut Entries) -> Option<(&'n str, u32)> {
    match node {
        Node::Scalar { text, at, .. } => Some((text.trim(), at.line)),
        Node::List { at, .. } | Node::Map { at, .. } => {
            entries.faults.add(at.line, format!("{what} must be a text"));
            None
        }
        Node::Refused => None,
    }
}

/// Objects below another one, or at the top.
fn below(node: &Node, parent: Option<&str>, entries: &mut Entries) {
    match node {
        _ if node.is_null() || entries.are_enough() => {}
        Node::Refused => {}
        Node::Scalar { text, at, .. } => add(at.line, text.trim(), None, parent, Vec::new(), entries),
        Node::List { items, .. } => {
            for item in items {
                match item {
                    Node::Map { entries: pairs, .. } if is_described(pairs) => described(pairs, parent, entries),
                    item => below(item, parent, entries),
                }
            }
        }
        Node::Map { entries: pairs, .. } => {
            for (key, value) in pairs {
                let Some((name, line)) = text_of(key, "a name", entries) else { continue };
                match value {
                    Node::Scalar { text, .. } if !value.is_null() => {
                        add(line, name, Some(text), parent, Vec::new(), entries);
                    }
                    value => {
                        add(line, name, None, parent, Vec::new(), entries);
                        below(value, Some(name), entries);
                    }
                }
            }
        }
    }
}

/// Whether a mapping tells of one object, rather than naming several.
fn is_described(pairs: &[(Node, Node)]) -> bool {
    pairs.iter().any(|(key, _)| matches!(key, Node::Scalar { text, .. } if text == "name"))
}

fn described(pairs: &[(Node, Node)], parent: Option<&str>, entries: &mut Entries) {
    let (mut name, mut description, mut parents, mut children) = (None, None, Vec::new(), Vec::new());
    for (key, value) in pairs {
        let Some((key, line)) = text_of(key, "a key", entries) else { continue };
        match key {
            _ if value.is_null() => {}
            "name" => name = text_of(value, "`name`", entries),
            "description" => description = text_of(value, "`description`", entries),
            "parents" | "parent" => match value {
                Node::List { items, .. } => {
                    parents.extend(items.iter().filter_map(|item| text_of(item, "a parent", entries)));
                }
                value => parents.extend(text_of(value, "a parent", entries)),
            },
            "children" => children.push(value),
            key => {
                let message =
                    format!("`{key}` is not a known key; there are `name`, `description`, `parents` and `children`");
                entries.faults.add(line, message);
            }
        }
    }
    let Some((name, line)) = name else {
        let line = pairs.first().and_then(|(key, _)| text_of(key, "a key", entries)).map_or(1, |(_, line)| line);
        return entries.faults.add(line, "the name must not be empty");
    };
    let parents = parents.into_iter().map(|(name, line)| (name.to_owned(), line)).collect();
    add(line, name, description.map(|(text, _)| text), parent, parents, entries);
    for child in children {
        below(child, Some(name), entries);
    }
}

fn add(
    line: u32,
    name: &str,
    description: Option<&str>,
    parent: Option<&str>,
    mut parents: Vec<(String, u32)>,
    entries: &mut Entries,
) {
    parents.extend(parent.map(|name| (name.to_owned(), line)));
    entries.add(line, name, description, parents);
}

#[cfg(test)]
mod tests {
    use crate::model::TaxonomyFormat::Yaml;
    use crate::server::taxonomy::read;

    /// Entries in short: `name<parent,parent "description" @line`.
    fn short(text: &str) -> Vec<String> {
        let (entries, faults) = read(Yaml, text);
        assert_eq!(faults, [], "{text}");
        entries
            .into_iter()
            .map(|entry| {
                let parents: Vec<String> = entry.parents.into_iter().map(|(name, _)| name).collect();
                let description = entry.description.map(|text| format!(" {text:?}")).unwrap_or_default();
                format!("{}<{}{description} @{}", entry.name, parents.join(","), entry.line)
            })
            .collect()
    }

    #[test]
    fn names_within_names() {
        let text = "Animal:\n  Mammal:\n    Cat: Felis catus\n    Dog:\n  Pet:\n    - Cat\n    - Fish:\n        Carp: ~\nStone:\n";
        let expected = [
            "Animal< @1",
            "Mammal<Animal @2",
            "Cat<Mammal,Pet \"Felis catus\" @3",
            "Dog<Mammal @4",
            "Pet<Animal @5",
            "Fish<Pet @7",
            "Carp<Fish @8",
            "Stone< @9",
        ];
        assert_eq!(short(text), expected);
    }

    #[test]
    fn a_list_with_everything() {
        let text = "- name: Cat\n  description: Purrs.\n  parents: [Mammal, Pet]\n  children: [Kitten]\n- Stone\n\
                    - name: Dog\n  parent: Mammal\n";
        let expected = ["Cat<Mammal,Pet \"Purrs.\" @1", "Kitten<Cat @4", "Stone< @5", "Dog<Mammal @6"];
        assert_eq!(short(text), expected);
        assert_eq!(short("{\"Animal\": {\"Cat\": null}}"), ["Animal< @1", "Cat<Animal @1"]);
    }

    #[test]
    fn every_fault_has_its_line() {
        for (text, line, words) in [
            ("Animal:\n  a/b:\n", 2, "slashes"),
            ("- name: Cat\n  colour: black\n", 2, "`colour` is not a known key"),
            ("- description: nothing\n  name:\n", 1, "empty"),
            ("- name: [Cat]\n", 1, "must be a text"),
            ("Cat: &a\n  Dog: *a\n", 1, "anchors"),
            ("Cat: [\n", 2, ""),
            ("Cat", 1, "list or a mapping"),
            ("", 1, "no object"),
            ("Cat: one\nDog:\n  Cat: two\n", 3, "line 1"),
        ] {
            let (_, faults) = read(Yaml, text);
            let fault = faults.first().unwrap_or_else(|| panic!("{text:?} has no fault"));
            assert!(fault.message.contains(words), "{text:?}: {fault:?}");
            assert!(fault.line == line || words.is_empty(), "{text:?}: {fault:?}");
        }
    }

    #[test]
    fn deep_nesting_ends_with_a_fault() {
        let deep: String = (0..200).map(|depth| format!("{}N{depth}:\n", " ".repeat(depth))).collect();
        assert!(read(Yaml, &deep).1[0].message.contains("too deep"));
    }

    #[test]
    fn a_text_of_very_many_values_ends_with_a_fault() {
        let (entries, faults) = read(Yaml, &format!("[{}]", "a,".repeat(1_000_001)));
        assert!(entries.is_empty() && faults[0].message.contains("more than 1000000"), "{faults:?}");
    }
}
