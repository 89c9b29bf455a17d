//! Which key does what for a person: the table of commands, and what they have changed of it.

use super::commands::{COMMANDS, Command, Row, row_of};
use super::shortcut::Shortcut;
use std::collections::BTreeMap;

/// The keys of every command: those of the table, unless a person has given it others. A key that a person gave to one
/// command is no other command's, whatever the table says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    own: Vec<(Command, Vec<Shortcut>)>,
    letters_pick: bool,
}

/// What a pressed key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To obey a command.
    Command(Command),
    /// To look for an object whose name has the letter: only where letters pick.
    Letter,
}

impl Keymap {
    /// Reads what [`Keymap::written`] has written. Commands that there are not and keys that cannot be read are passed
    /// over, and so are keys that two commands are given: the first one in the table has them.
    pub fn read(written: &BTreeMap<String, Vec<String>>) -> Self {
        let mut keymap = Self::default();
        for row in COMMANDS {
            let Some(keys) = written.get(&row.id()) else { continue };
            let mut own: Vec<Shortcut> = Vec::new();
            for key in keys.iter().filter_map(|key| key.parse::<Shortcut>().ok()) {
                let is_default = row.keys.contains(&key);
                if (is_default || key.refusal().is_none()) && !own.contains(&key) && keymap.owner(key).is_none() {
                    own.push(key);
                }
            }
            keymap.set(row.command, own);
        }
        keymap
    }

    /// Whether every letter looks for an object; the commands have theirs together with Alt then.
    pub fn with_letters_picking(self, letters_pick: bool) -> Self {
        Self { letters_pick, ..self }
    }

    /// What a person has changed: the keys by the command's id.
    pub fn written(&self) -> BTreeMap<String, Vec<String>> {
        let entry = |(command, keys): &(Command, Vec<Shortcut>)| {
            Some((row_of(*command)?.id(), keys.iter().map(Shortcut::to_string).collect()))
        };
        self.own.iter().filter_map(entry).collect()
    }

    /// The command that has a key.
    pub fn command(&self, key: Shortcut) -> Option<Command> {
        let untouched = |row: &&Row| row.keys.contains(&key) && self.own_keys(row.command).is_none();
        self.owner(key).or_else(|| COMMANDS.iter().find(untouched).map(|row| row.command))
    }

    /// What a pressed key asks for. Where letters pick, every letter looks for an object, and the commands have theirs together
    /// with Alt; elsewhere none does, so that nobody who types a name obeys commands with some of its letters.
    pub fn asked(&self, pressed: Shortcut) -> Option<Asked> {
        let without_alt = Shortcut { alt: false, ..pressed };
        let command = match self.command(pressed) {
            Some(_) if self.letters_pick && pressed.is_letter() => None,
            None if self.letters_pick && pressed.alt && without_alt.is_letter() => self.command(without_alt),
            command => command,
        };
        command.map(Asked::Command).or((self.letters_pick && pressed.is_letter()).then_some(Asked::Letter))
    }

    /// What a key asks for by what it types, and where that is no command, by the Latin letter at its place.
    pub fn asked_by_either(&self, typed: Option<Shortcut>, latin: Option<Shortcut>) -> Option<Asked> {
        let [typed, latin] = [typed, latin].map(|key| key.and_then(|key| self.asked(key)));
        [typed, latin].into_iter().flatten().find(|asked| matches!(asked, Asked::Command(_))).or(typed)
    }

    /// The keys of a command, the main one first.
    pub fn keys(&self, command: Command) -> Vec<Shortcut> {
        match self.own_keys(command) {
            Some(own) => own.to_vec(),
            None => {
                let defaults = row_of(command).map_or(&[][..], |row| row.keys);
                defaults.iter().copied().filter(|key| self.owner(*key).is_none()).collect()
            }
        }
    }

    /// A command's key as it has to be pressed: where letters pick objects, with Alt.
    pub fn as_pressed(&self, key: Shortcut) -> Shortcut {
        Shortcut { alt: key.alt || self.letters_pick && key.is_letter(), ..key }
    }

    /// The keys of a command as they have to be pressed, without those that mean another one then.
    pub fn pressed_keys(&self, command: Command) -> Vec<Shortcut> {
        let keys = self.keys(command).into_iter().map(|key| self.as_pressed(key));
        keys.filter(|key| self.asked(*key) == Some(Asked::Command(command))).collect()
    }

    /// Whether the keys of a command are not those of the table.
    pub fn is_changed(&self, command: Command) -> bool {
        row_of(command).is_some_and(|row| self.keys(command) != row.keys)
    }

    /// Whether any command has other keys than in the table.
    pub fn is_any_changed(&self) -> bool {
        !self.own.is_empty()
    }

    /// Gives a command one more key. The command that had it so far loses it.
    pub fn give(&mut self, command: Command, key: Shortcut) {
        if let Some(before) = self.command(key).filter(|before| *before != command) {
            self.take(before, key);
        }
        let mut keys = self.keys(command);
        if !keys.contains(&key) {
            keys.push(key);
        }
        self.set(command, keys);
    }

    /// Takes a key from a command.
    pub fn take(&mut self, command: Command, key: Shortcut) {
        let keys = self.keys(command).into_iter().filter(|other| *other != key).collect();
        self.set(command, keys);
    }

    /// Gives a command the keys of the table, also those that another command has by now.
    pub fn reset(&mut self, command: Command) {
        self.own.retain(|(other, _)| *other != command);
        for key in row_of(command).map_or(&[][..], |row| row.keys) {
            if let Some(other) = self.owner(*key) {
                self.take(other, *key);
            }
        }
    }

    /// Gives every command the keys of the table.
    pub fn reset_all(&mut self) {
        self.own.clear();
    }

    /// The keys of a command in brackets, for after its name; nothing where it has none.
    pub fn in_brackets(&self, command: Command) -> String {
        let keys: Vec<String> = self.pressed_keys(command).iter().map(Shortcut::label).collect();
        if keys.is_empty() { String::new() } else { format!(" ({})", keys.join(" or ")) }
    }

    /// The keys of a command as the attribute `aria-keyshortcuts` spells them, unless it has none.
    pub fn aria(&self, command: Command) -> Option<String> {
        let keys: Vec<String> = self.pressed_keys(command).iter().map(Shortcut::aria).collect();
        (!keys.is_empty()).then(|| keys.join(" "))
    }

    fn set(&mut self, command: Command, keys: Vec<Shortcut>) {
        self.own.retain(|(other, _)| *other != command);
        if row_of(command).is_some_and(|row| row.keys != keys) {
            self.own.push((command, keys));
        }
    }

    fn own_keys(&self, command: Command) -> Option<&[Shortcut]> {
        self.own.iter().find(|(other, _)| *other == command).map(|(_, keys)| &keys[..])
    }

    /// The command that a person gave a key to.
    fn owner(&self, key: Shortcut) -> Option<Command> {
        self.own.iter().find(|(_, keys)| keys.contains(&key)).map(|(command, _)| *command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::Tool;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn key(text: &str) -> Shortcut {
        text.parse().unwrap()
    }

    fn labels(keymap: &Keymap, command: Command) -> Vec<String> {
        keymap.keys(command).iter().map(Shortcut::label).collect()
    }

    const BOX: Command = Command::Use(Tool::Box);

    #[test]
    fn without_changes_the_table_holds() {
        let keymap = Keymap::default();
        for row in COMMANDS {
            assert_eq!(keymap.keys(row.command), row.keys, "{}", row.name);
            assert!(row.keys.iter().all(|key| keymap.command(*key) == Some(row.command)), "{}", row.name);
        }
        assert!(keymap.written().is_empty());
    }

    #[test]
    fn ids_tell_commands_apart() {
        let ids: BTreeSet<String> = COMMANDS.iter().map(Row::id).collect();
        assert_eq!(ids.len(), COMMANDS.len());
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')), "{ids:?}");
        assert_eq!(row_of(Command::ZoomIn).unwrap().id(), "zoom-in");
        assert_eq!(row_of(Command::OneToOne).unwrap().id(), "1-1");
    }

    #[test]
    fn a_key_that_is_given_away_is_lost() {
        let mut keymap = Keymap::default();
        keymap.give(Command::Fit, key("B"));
        assert_eq!(keymap.command(key("B")), Some(Command::Fit));
        assert_eq!(labels(&keymap, Command::Fit), ["0", "B"]);
        assert_eq!(labels(&keymap, BOX), Vec::<String>::new());
        assert!(keymap.is_changed(BOX) && keymap.is_changed(Command::Fit) && !keymap.is_changed(Command::Undo));

        let again = Keymap::read(&keymap.written());
        assert_eq!(again.command(key("B")), Some(Command::Fit));
        keymap.reset(BOX);
        assert_eq!(keymap.command(key("B")), Some(BOX), "who resets has the key back");
        assert!(!keymap.is_any_changed(), "{:?}", keymap.written());
    }

    #[test]
    fn keys_are_taken_and_all_reset() {
        let mut keymap = Keymap::default();
        keymap.take(Command::Redo, key("Ctrl+Y"));
        keymap.give(Command::Redo, key("F2"));
        assert_eq!(labels(&keymap, Command::Redo), ["Ctrl+Shift+Z", "F2"]);
        assert_eq!(keymap.in_brackets(Command::Redo), " (Ctrl+Shift+Z or F2)");
        assert_eq!(keymap.aria(Command::Redo).as_deref(), Some("Control+Shift+Z F2"));
        keymap.reset_all();
        assert_eq!(keymap, Keymap::default());
    }

    #[test]
    fn what_cannot_be_understood_is_passed_over() {
        let written = [
            ("no-such-command", vec!["X"]),
            ("zoom-in", vec!["Nonsense", "Ctrl+W", "X", "X"]),
            ("zoom-out", vec!["X", "F9"]),
            ("cancel", vec!["Escape", "Q"]),
        ];
        let written = written.map(|(id, keys)| (id.to_owned(), keys.into_iter().map(str::to_owned).collect()));
        let keymap = Keymap::read(&written.into_iter().collect());
        assert_eq!(labels(&keymap, Command::ZoomIn), ["X"]);
        assert_eq!(labels(&keymap, Command::ZoomOut), ["F9"], "the first in the table has the other key");
        assert_eq!(labels(&keymap, Command::Cancel), ["Esc", "Q"]);
    }

    #[test]
    fn letters_look_for_objects_where_a_person_wants_that() {
        let (keymap, picking) = (Keymap::default(), Keymap::default().with_letters_picking(true));
        for (pressed, plain, swapped) in [
            ("B", Some(Asked::Command(BOX)), Some(Asked::Letter)),
            ("Shift+B", None, Some(Asked::Letter)),
            ("Я", None, Some(Asked::Letter)),
            ("Z", None, Some(Asked::Letter)),
            ("Shift+R", Some(Asked::Command(Command::BringPrevious)), Some(Asked::Letter)),
            ("Alt+Shift+R", None, Some(Asked::Command(Command::BringPrevious))),
            ("Alt+B", None, Some(Asked::Command(BOX))),
            ("Ctrl+Z", Some(Asked::Command(Command::Undo)), Some(Asked::Command(Command::Undo))),
            ("Ctrl+B", None, None),
            ("7", Some(Asked::Command(Command::Favourite(7))), Some(Asked::Command(Command::Favourite(7)))),
            ("Alt+ArrowLeft", Some(Asked::Command(Command::Grow(-1, 0))), Some(Asked::Command(Command::Grow(-1, 0)))),
            ("!", None, None),
        ] {
            assert_eq!(keymap.asked(key(pressed)), plain, "{pressed}");
            assert_eq!(picking.asked(key(pressed)), swapped, "{pressed}, swapped");
        }
    }

    #[test]
    fn where_letters_pick_commands_are_shown_with_alt() {
        let mut keymap = Keymap::default().with_letters_picking(true);
        assert_eq!((keymap.in_brackets(BOX).as_str(), keymap.aria(BOX).as_deref()), (" (Alt+B)", Some("Alt+B")));
        assert_eq!(keymap.in_brackets(Command::Undo), " (Ctrl+Z)");
        keymap.give(Command::Fit, key("Alt+B"));
        assert_eq!(keymap.in_brackets(BOX), "", "the key means another command now");
        assert_eq!(keymap.clone().with_letters_picking(false).in_brackets(BOX), " (B)");
    }

    #[test]
    fn other_layouts_have_the_keys_where_they_are() {
        let asked =
            |keymap: &Keymap, typed: &str, latin: &str| keymap.asked_by_either(typed.parse().ok(), latin.parse().ok());
        let keymap = Keymap::default();
        assert_eq!(asked(&keymap, "Ctrl+Я", "Ctrl+Z"), Some(Asked::Command(Command::Undo)));
        assert_eq!(asked(&keymap, "И", "B"), Some(Asked::Command(BOX)));
        assert_eq!(asked(&keymap, "Shift+И", "Shift+B"), None);
        assert_eq!(asked(&keymap, "Ctrl+И", "Ctrl+B"), None);
        let picking = Keymap::default().with_letters_picking(true);
        assert_eq!(asked(&picking, "И", "B"), Some(Asked::Letter));
        assert_eq!(asked(&picking, "Alt+∫", "Alt+B"), Some(Asked::Command(BOX)));
        assert_eq!(asked(&picking, "", "Alt+B"), Some(Asked::Command(BOX)), "Alt has made it a dead key");
        let mut own = Keymap::default();
        own.give(Command::Fit, key("Ctrl+Я"));
        assert_eq!(asked(&own, "Ctrl+Я", "Ctrl+Z"), Some(Asked::Command(Command::Fit)), "what is typed comes first");
    }

    proptest! {
        #[test]
        fn whatever_is_changed_a_key_has_one_meaning(
            steps in prop::collection::vec((0..3u8, 0..COMMANDS.len(), "[a-f0-3]|F[6-8]"), 0..40),
        ) {
            let mut keymap = Keymap::default();
            for (what, place, name) in steps {
                let (command, key) = (COMMANDS[place].command, key(&name));
                match what {
                    0 => {
                        keymap.give(command, key);
                        prop_assert_eq!(keymap.command(key), Some(command));
                    }
                    1 => {
                        keymap.take(command, key);
                        prop_assert_ne!(keymap.command(key), Some(command));
                    }
                    _ => {
                        keymap.reset(command);
                        prop_assert!(!keymap.is_changed(command));
                    }
                }
                for row in COMMANDS {
                    for key in keymap.keys(row.command) {
                        prop_assert_eq!(keymap.command(key), Some(row.command));
                    }
                    let picking = keymap.clone().with_letters_picking(true);
                    for key in picking.pressed_keys(row.command) {
                        prop_assert_eq!(picking.asked(key), Some(Asked::Command(row.command)));
                    }
                }
                let again = Keymap::read(&keymap.written());
                for row in COMMANDS {
                    prop_assert_eq!(again.keys(row.command), keymap.keys(row.command));
                }
            }
        }
    }
}
