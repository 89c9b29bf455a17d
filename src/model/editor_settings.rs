//! What a person has made of the annotation editor, and takes along to every browser.

use super::error::FieldError;
use super::limits::check_text;
use super::object::check_object_name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The digits that stand for favourite objects; the others zoom.
pub const FAVOURITE_DIGITS: std::ops::RangeInclusive<u8> = 3..=9;

/// So many commands can have keys of their own.
pub const MAX_COMMANDS: usize = 300;
/// A command has at most so many keys.
pub const MAX_KEYS: usize = 10;
/// Longest name of a command or key, in characters.
pub const MAX_NAME: usize = 60;
/// Most room that preferences of the view take as JSON, in bytes.
const MAX_VIEW_BYTES: usize = 10_000;

/// Settings of the annotation editor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EditorSettings {
    /// Keys of commands that differ from the usual ones: `{"zoom-in": ["Ctrl+Shift+Z"]}`. What cannot be understood is
    /// passed over by whoever reads it.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Favourite objects by their digits, which are among [`FAVOURITE_DIGITS`].
    pub favourites: BTreeMap<u8, String>,
    /// Whether letters look for objects, and commands have theirs together with Alt.
    pub letters_pick: bool,
    /// How pictures and regions are shown. Nothing else depends on what it holds.
    pub view: serde_json::Map<String, serde_json::Value>,
}

/// What to change of the settings; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EditorSettingsChange {
    /// See [`EditorSettings::keys`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<BTreeMap<String, Vec<String>>>,
    /// See [`EditorSettings::favourites`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favourites: Option<BTreeMap<u8, String>>,
    /// See [`EditorSettings::letters_pick`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letters_pick: Option<bool>,
    /// See [`EditorSettings::view`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<serde_json::Map<String, serde_json::Value>>,
}

impl EditorSettingsChange {
    /// Says what is wrong with it.
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if let Some(keys) = &self.keys {
            if keys.len() > MAX_COMMANDS {
                errors.push(FieldError::new("keys", format!("must be of at most {MAX_COMMANDS} commands")));
            }
            for (command, keys) in keys {
                let field = format!("keys.{command}");
                if keys.len() > MAX_KEYS {
                    errors.push(FieldError::new(&field, format!("must be at most {MAX_KEYS} keys")));
                }
                errors.extend(keys.iter().chain([command]).find_map(|name| check_text(&field, name, MAX_NAME)));
            }
        }
        for (digit, object) in self.favourites.iter().flatten() {
            let field = format!("favourites.{digit}");
            if !FAVOURITE_DIGITS.contains(digit) {
                errors.push(FieldError::new(&field, "must have a digit from 3 to 9"));
            }
            errors.extend(check_object_name(&field, object));
        }
        let room = self.view.as_ref().and_then(|view| serde_json::to_string(view).ok()).map_or(0, |json| json.len());
        if room > MAX_VIEW_BYTES {
            errors.push(FieldError::new("view", format!("must have at most {MAX_VIEW_BYTES} bytes")));
        }
        // A message for each of a thousand faults helps nobody.
        errors.truncate(20);
        errors
    }

    /// The changes of both, of which `later` counts where they differ.
    pub fn and(self, later: Self) -> Self {
        Self {
            keys: later.keys.or(self.keys),
            favourites: later.favourites.or(self.favourites),
            letters_pick: later.letters_pick.or(self.letters_pick),
            view: later.view.or(self.view),
        }
    }

    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(change: serde_json::Value) -> Vec<String> {
        let change: EditorSettingsChange = serde_json::from_value(change).unwrap();
        change.errors().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn what_is_too_much_is_refused() {
        assert_eq!(
            faults(json!({"keys": {"fit": ["F"], "zoom-in": []}, "favourites": {"3": "Cat"}, "letters_pick": true})),
            [""; 0]
        );
        assert_eq!(faults(json!({"keys": {"fit": vec!["F"; 11]}})), ["keys.fit"]);
        assert_eq!(faults(json!({"keys": {"fit": ["F".repeat(61)]}})), ["keys.fit"]);
        assert_eq!(faults(json!({"favourites": {"2": "Cat", "4": "", "9": "Dog"}})), ["favourites.2", "favourites.4"]);
        assert_eq!(faults(json!({"view": {"note": "x".repeat(10_000)}})), ["view"]);
        let many: BTreeMap<String, Vec<String>> = (0..301).map(|number| (format!("c-{number}"), Vec::new())).collect();
        assert_eq!(faults(json!({"keys": many})), ["keys"]);
    }

    #[test]
    fn the_later_change_counts() {
        let first =
            EditorSettingsChange { letters_pick: Some(true), favourites: Some(BTreeMap::new()), ..Default::default() };
        let both = first.clone().and(EditorSettingsChange { letters_pick: Some(false), ..Default::default() });
        assert_eq!(both, EditorSettingsChange { letters_pick: Some(false), ..first });
        assert!(EditorSettingsChange::default().is_empty());
    }

    #[test]
    fn settings_of_another_version_can_be_read() {
        let read: EditorSettings = serde_json::from_value(json!({"favourites": {"4": "Cat"}, "later": 1})).unwrap();
        assert_eq!(read, EditorSettings { favourites: [(4, "Cat".to_owned())].into(), ..EditorSettings::default() });
    }
}
