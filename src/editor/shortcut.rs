//! Keys with their modifiers: how browsers name them, how they are written down, how people read them.

use std::fmt;
use std::str::FromStr;

/// A key of a keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyName {
    /// What it types, letters in lower case.
    Typed(char),
    /// What browsers call it, one of [`NAMED`].
    Named(&'static str),
}

/// Every key that types nothing and can be a shortcut, as browsers call it.
pub const NAMED: &[&str] = &[
    "Enter",
    "Backspace",
    "Delete",
    "Escape",
    "Tab",
    "Insert",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "ArrowLeft",
    "ArrowRight",
    "ArrowUp",
    "ArrowDown",
    "F1",
    "F2",
    "F3",
    "F4",
    "F5",
    "F6",
    "F7",
    "F8",
    "F9",
    "F10",
    "F11",
    "F12",
];

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shortcut {
    /// The key.
    pub key: KeyName,
    /// Whether Control (or Command on a Mac) has to be held.
    pub ctrl: bool,
    /// Whether Shift has to be held. Signs and digits are looked up by what they type, so there it never counts.
    pub shift: bool,
    /// Whether Alt has to be held.
    pub alt: bool,
}

impl Shortcut {
    /// A key of the table of commands, without modifiers: an ASCII character, letters in lower case, or one of [`NAMED`].
    pub(super) const fn of(name: &'static str) -> Self {
        let bytes = name.as_bytes();
        let key = if bytes.len() == 1 { KeyName::Typed(bytes[0] as char) } else { KeyName::Named(name) };
        Self { key, ctrl: false, shift: false, alt: false }
    }

    /// What a person pressed, as browsers report it, unless that can be no shortcut.
    pub fn pressed(key: &str, ctrl: bool, shift: bool, alt: bool) -> Option<Self> {
        let mut characters = key.chars();
        let (key, shift) = match (characters.next(), characters.next()) {
            (Some(letter), None) if letter.is_alphabetic() => {
                (KeyName::Typed(letter.to_lowercase().next().unwrap_or(letter)), shift)
            }
            (Some(sign), None) if !sign.is_control() => (KeyName::Typed(sign), false),
            _ => (KeyName::Named(NAMED.iter().find(|named| **named == key)?), shift),
        };
        Some(Self { key, ctrl, shift, alt })
    }

    /// What is pressed by the key that has a Latin letter on most keyboards, as browsers call it by its place (`code`): for
    /// layouts whose letters are others, and for systems where Alt types signs. Nothing where the key types a Latin letter.
    pub fn in_latin(key: &str, code: &str, ctrl: bool, shift: bool, alt: bool) -> Option<Self> {
        let mut characters = key.chars();
        let types = characters.next().filter(|_| characters.next().is_none());
        let has_meaning = match types {
            Some(letter) => letter.is_ascii_alphabetic() || letter.is_ascii() && !alt,
            None => key != "Dead",
        };
        let letter = code.strip_prefix("Key").filter(|letter| letter.len() == 1 && !has_meaning)?;
        Self::pressed(letter, ctrl, shift, alt)
    }

    /// Whether it can be a shortcut in text fields and dialogs, too: it types nothing, and does nothing there on its own.
    pub fn works_in_fields(self) -> bool {
        match self.key {
            KeyName::Typed('a' | 'c' | 'v' | 'x' | 'y' | 'z') if self.ctrl => false,
            KeyName::Typed(_) => self.ctrl || self.alt,
            // Of all names only those of function keys begin so.
            KeyName::Named(name) => name.starts_with('F'),
        }
    }

    /// Whether it types a letter.
    pub fn is_letter(self) -> bool {
        matches!(self.key, KeyName::Typed(letter) if letter.is_alphabetic()) && !self.ctrl && !self.alt
    }

    /// Why it can be given to no command, if that is so.
    pub fn refusal(self) -> Option<&'static str> {
        const WINDOWS: &str = "the browser keeps it for its tabs and windows";
        const TOOLS: &str = "the browser keeps it for looking into pages";
        const RELOADS: &str = "the browser loads the page anew with it";
        let Self { key, ctrl, shift, alt } = self;
        match key {
            KeyName::Named("Tab") => Some("it leads from one control to the next"),
            KeyName::Named("Escape") => Some("it closes and gives up whatever is open"),
            KeyName::Typed(' ') => Some("held, it turns every drag into moving the view"),
            KeyName::Named("F5") => Some(RELOADS),
            KeyName::Typed('r') if ctrl => Some(RELOADS),
            KeyName::Named("F11" | "F4") if alt || key == KeyName::Named("F11") => Some(WINDOWS),
            KeyName::Named("F12") => Some(TOOLS),
            KeyName::Typed('i' | 'j' | 'c') if ctrl && shift => Some(TOOLS),
            KeyName::Typed('t' | 'n' | 'w' | 'q') if ctrl => Some(WINDOWS),
            KeyName::Named("PageUp" | "PageDown") if ctrl => Some(WINDOWS),
            KeyName::Typed('0'..='9') if ctrl || alt => Some("the browser keeps it for its tabs and its own zoom"),
            _ => None,
        }
    }

    /// The shortcut as a person reads it: `Ctrl+Shift+Z`.
    pub fn label(&self) -> String {
        self.joined("Ctrl", |key| match key {
            KeyName::Named("ArrowLeft") => "←".to_owned(),
            KeyName::Named("ArrowRight") => "→".to_owned(),
            KeyName::Named("ArrowUp") => "↑".to_owned(),
            KeyName::Named("ArrowDown") => "↓".to_owned(),
            KeyName::Named("Delete") => "Del".to_owned(),
            KeyName::Named("Escape") => "Esc".to_owned(),
            other => in_full(other),
        })
    }

    /// The shortcut as the attribute `aria-keyshortcuts` spells it.
    pub fn aria(&self) -> String {
        self.joined("Control", |key| match key {
            KeyName::Typed('+') => "Plus".to_owned(),
            other => in_full(other),
        })
    }

    fn joined(&self, control: &str, key: impl Fn(KeyName) -> String) -> String {
        let mut text = String::new();
        for (held, name) in [(self.ctrl, control), (self.alt, "Alt"), (self.shift, "Shift")] {
            if held {
                text.push_str(name);
                text.push('+');
            }
        }
        text + &key(self.key)
    }
}

fn in_full(key: KeyName) -> String {
    match key {
        // Some letters have no capital, or share one with another letter.
        KeyName::Typed(letter) => {
            let capital: String = letter.to_uppercase().collect();
            let is_its_own = capital.chars().count() == 1 && capital.to_lowercase().chars().eq([letter]);
            if is_its_own { capital } else { letter.to_string() }
        }
        KeyName::Named(name) => name.to_owned(),
    }
}

/// As settings keep it: `Ctrl+Shift+Z`, `Alt+ArrowLeft`, `Ctrl++`.
impl fmt::Display for Shortcut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.joined("Ctrl", in_full))
    }
}

impl FromStr for Shortcut {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (mut rest, mut held) = (text, [false; 3]);
        for (held, name) in held.iter_mut().zip(["Ctrl+", "Alt+", "Shift+"]) {
            if let Some(after) = rest.strip_prefix(name).filter(|after| !after.is_empty()) {
                (rest, *held) = (after, true);
            }
        }
        let [ctrl, alt, shift] = held;
        Self::pressed(rest, ctrl, shift, alt).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shortcuts_are_readable() {
        let redo = Shortcut { ctrl: true, shift: true, ..Shortcut::of("z") };
        assert_eq!((redo.label().as_str(), redo.aria().as_str()), ("Ctrl+Shift+Z", "Control+Shift+Z"));
        let narrower = Shortcut { alt: true, ..Shortcut::of("ArrowLeft") };
        assert_eq!((narrower.label(), narrower.to_string()), ("Alt+←".to_owned(), "Alt+ArrowLeft".to_owned()));
        assert_eq!(Shortcut::of("+").aria(), "Plus");
    }

    #[test]
    fn what_is_no_shortcut_cannot_be_read() {
        for text in ["", "Ctrl+", "Hyper+x", "Unidentified", "ctrl+z", "Dead", "xy", "\u{7}"] {
            assert_eq!(text.parse::<Shortcut>(), Err(()), "{text:?}");
        }
        assert_eq!("Ctrl++".parse(), Ok(Shortcut { ctrl: true, ..Shortcut::of("+") }));
        assert_eq!("Shift+?".parse(), Ok(Shortcut::of("?")), "what a sign needs to be typed is no part of it");
    }

    #[test]
    fn what_browsers_keep_is_refused() {
        for text in ["Ctrl+T", "Ctrl+Shift+N", "Ctrl+W", "Alt+F4", "F5", "F11", "Ctrl+R", "Tab", "Escape", " ", "Alt+3"]
        {
            assert!(text.parse::<Shortcut>().is_ok_and(|shortcut| shortcut.refusal().is_some()), "{text}");
        }
        for text in ["T", "F4", "F2", "Ctrl+E", "PageUp", "Alt+ArrowLeft", "Shift+R", "3", "é", "я"] {
            assert_eq!(text.parse::<Shortcut>().map(Shortcut::refusal), Ok(None), "{text}");
        }
    }

    #[test]
    fn letters_of_other_layouts_stand_where_latin_ones_are() {
        let latin =
            |key, code, alt: bool| Shortcut::in_latin(key, code, !alt, false, alt).map(|shortcut| shortcut.to_string());
        assert_eq!(latin("я", "KeyZ", false).as_deref(), Some("Ctrl+Z"));
        assert_eq!(latin("π", "KeyP", true).as_deref(), Some("Alt+P"));
        assert_eq!(latin("@", "KeyL", true).as_deref(), Some("Alt+L"), "Alt types signs on some systems");
        assert_eq!(latin("Dead", "KeyN", true).as_deref(), Some("Alt+N"));
        for (key, code) in
            [("z", "KeyY"), ("'", "KeyQ"), ("é", "Digit2"), ("ArrowUp", "ArrowUp"), ("F2", "KeyX"), ("", "")]
        {
            assert_eq!(latin(key, code, false), None, "{key} at {code}");
        }
    }

    #[test]
    fn what_types_works_outside_of_fields_only() {
        for text in ["Ctrl+S", "Alt+K", "Ctrl+Shift+P", "F2", "Ctrl+F9"] {
            assert!(text.parse::<Shortcut>().is_ok_and(Shortcut::works_in_fields), "{text}");
        }
        for text in ["Q", "Shift+Q", "?", "Enter", "Backspace", "ArrowLeft", "Ctrl+ArrowLeft", "Ctrl+Enter", "Ctrl+V"] {
            assert!(text.parse::<Shortcut>().is_ok_and(|shortcut| !shortcut.works_in_fields()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(key in "[a-zäяßıſŉς0-9?+=\\[]|Enter|F7|ArrowUp", ctrl: bool, shift: bool, alt: bool) {
            let shortcut = Shortcut::pressed(&key, ctrl, shift, alt).unwrap();
            prop_assert_eq!(shortcut.to_string().parse(), Ok(shortcut));
        }
    }
}
