//! What a person labels with: their keys, favourites and recently used objects, and how the editor's panels pass the keyboard on.

use super::editor_delivery::is_signed_in;
use super::editor_session::EditorSession;
use crate::api::editor_settings::save_editor_settings;
use crate::editor::{Command, Input, Key, Keymap};
use crate::model::editor_settings::FAVOURITE_DIGITS;
use crate::model::{AppError, EditorSettings, EditorSettingsChange};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// So many objects are remembered as used.
const REMEMBERED: usize = 8;

/// What panels, picker and list share about labelling.
#[derive(Clone, Copy)]
pub struct Labels {
    /// The person's settings.
    pub settings: RwSignal<EditorSettings>,
    /// The keys of the commands.
    pub keymap: Memo<Keymap>,
    /// The objects that were picked last, the newest first.
    pub recent: RwSignal<Vec<String>>,
    /// Why the settings could not be kept, if that is so.
    pub unkept: RwSignal<Option<String>>,
    /// Whether every command is being offered by its name.
    pub palette_open: RwSignal<bool>,
    /// What was typed already where the picker is asked for by a letter.
    pub typed: RwSignal<String>,
    /// Whether whatever is tapped is added to the selection.
    pub adds: RwSignal<bool>,
    /// The row of the list of regions that is to get the keyboard.
    pub row_call: RwSignal<Option<Key>>,
    /// The row of the list that the keyboard returns to when the picker closes or the region has been moved.
    pub return_to: StoredValue<Option<Key>>,
    /// Whose settings they are; nobody's are kept.
    user: StoredValue<Option<String>>,
    keeper: SettingsKeeper,
}

/// What is kept of the settings from picture to picture. No signals: what listens to them on a page that is about to go would
/// find that page half gone.
#[derive(Clone, Copy)]
pub struct SettingsKeeper {
    /// The settings with all that was changed here; nothing while they are still to come.
    known: StoredValue<Option<EditorSettings>>,
    unsent: StoredValue<EditorSettingsChange>,
    sending: StoredValue<bool>,
}

impl Default for SettingsKeeper {
    fn default() -> Self {
        Self {
            known: StoredValue::new(None),
            unsent: StoredValue::new(EditorSettingsChange::default()),
            sending: StoredValue::new(false),
        }
    }
}

impl SettingsKeeper {
    /// The settings, if they need not be asked for.
    pub fn known(self) -> Option<EditorSettings> {
        self.known.try_get_value().flatten()
    }
}

impl Labels {
    /// What is shared on the page of one picture.
    pub fn new(keeper: SettingsKeeper) -> Self {
        let settings = RwSignal::new(EditorSettings::default());
        Self {
            settings,
            keymap: Memo::new(move |_| {
                settings.with(|settings| Keymap::read(&settings.keys).with_letters_picking(settings.letters_pick))
            }),
            recent: RwSignal::new(Vec::new()),
            unkept: RwSignal::new(None),
            palette_open: RwSignal::new(false),
            typed: RwSignal::new(String::new()),
            adds: RwSignal::new(false),
            row_call: RwSignal::new(None),
            return_to: StoredValue::new(None),
            user: StoredValue::new(None),
            keeper,
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn recent_place(user: &str) -> String {
    format!("ocellus.recent-objects.{user}")
}

impl Labels {
    /// Takes over what a person has set. Runs on the server as well, so that both render the same.
    pub fn take_over(self, settings: EditorSettings, user: Option<String>) {
        self.settings.set(self.keeper.known.get_value().unwrap_or(settings));
        self.user.set_value(user);
        self.keep();
    }

    /// Begins another picture.
    pub fn begin(self) {
        self.palette_open.set(false);
        self.adds.set(false);
        self.row_call.set(None);
        self.return_to.set_value(None);
    }

    /// Keeps the settings for the next picture.
    fn keep(self) {
        self.keeper.known.set_value(self.user.get_value().map(|_| self.settings.get_untracked()));
    }

    /// Takes over what only this browser knows.
    pub fn wake(self) {
        let Some(user) = self.user.get_value() else { return };
        let stored = storage().and_then(|storage| storage.get_item(&recent_place(&user)).ok().flatten());
        let recent: Option<Vec<String>> = stored.and_then(|stored| serde_json::from_str(&stored).ok());
        self.recent.set(recent.unwrap_or_default().into_iter().take(REMEMBERED).collect());
    }

    /// Remembers that an object was picked.
    pub fn remember(self, name: &str) {
        self.recent.update(|recent| {
            recent.retain(|known| known != name);
            recent.insert(0, name.to_owned());
            recent.truncate(REMEMBERED);
        });
        let stored = self.recent.with_untracked(serde_json::to_string).ok();
        if let (Some(user), Some(stored), Some(storage)) = (self.user.get_value(), stored, storage()) {
            // Where nothing can be stored, they are remembered for this visit.
            let _ = storage.set_item(&recent_place(&user), &stored);
        }
    }

    /// The digit of a favourite object.
    pub fn digit_of(self, object: &str) -> Option<u8> {
        self.settings.with(|settings| {
            settings.favourites.iter().find(|(_, favourite)| *favourite == object).map(|(digit, _)| *digit)
        })
    }

    /// The settings of the keys as a change.
    pub fn keys(keymap: &Keymap) -> EditorSettingsChange {
        EditorSettingsChange { keys: Some(keymap.written()), ..EditorSettingsChange::default() }
    }

    /// One request after the other, so that a later change cannot be overtaken by an earlier one.
    async fn send_settings(self, user: String) {
        let Self { unkept, keeper, .. } = self;
        while let Some(change) = keeper.unsent.try_update_value(std::mem::take).filter(|change| !change.is_empty()) {
            // Whoever signed in elsewhere meanwhile has settings of their own.
            let kept = match is_signed_in(&user).await {
                Ok(true) => save_editor_settings(change.clone()).await.map(drop),
                Ok(false) => Err(AppError::NotSignedIn("sign in again to keep them".to_owned())),
                Err(error) => Err(error),
            };
            let trouble = kept.err().map(|error| format!("These settings hold until you leave the page: {error}"));
            if trouble.is_some() {
                // They go along with the next change.
                keeper.unsent.try_update_value(|unsent| *unsent = change.and(std::mem::take(unsent)));
            }
            let failed = trouble.is_some();
            // The page of the picture may have gone; the settings have not.
            let _ = unkept.try_set(trouble);
            if failed {
                break;
            }
        }
        keeper.sending.try_set_value(false);
    }
}

impl EditorSession {
    /// Changes settings: here at once, on the server in the background.
    pub fn change_settings(self, change: EditorSettingsChange) {
        let labels = self.labels;
        labels.settings.update(|settings| {
            let EditorSettingsChange { keys, favourites, letters_pick, view } = change.clone();
            settings.keys = keys.unwrap_or_else(|| std::mem::take(&mut settings.keys));
            settings.favourites = favourites.unwrap_or_else(|| std::mem::take(&mut settings.favourites));
            settings.letters_pick = letters_pick.unwrap_or(settings.letters_pick);
            settings.view = view.unwrap_or_else(|| std::mem::take(&mut settings.view));
        });
        let Some(user) = labels.user.get_value() else { return };
        labels.keep();
        let SettingsKeeper { unsent, sending, .. } = labels.keeper;
        unsent.update_value(|unsent| *unsent = std::mem::take(unsent).and(change));
        if !sending.get_value() {
            sending.set_value(true);
            spawn_local(labels.send_settings(user));
        }
    }

    /// Labels the selected regions, or sets the object of the next one.
    pub fn pick_object(self, name: &str) {
        self.labels.remember(name);
        self.send(Input::PickObject(name.to_owned()));
    }

    /// Picks the favourite object that has a digit.
    pub fn pick_favourite(self, digit: u8) {
        let favourite = self.labels.settings.with_untracked(|settings| settings.favourites.get(&digit).cloned());
        match favourite {
            Some(name) => self.pick_object(&name),
            None => self
                .announcer
                .say(format!("No object has the digit {digit} yet; a star in the list of objects gives it")),
        }
    }

    /// Makes an object a favourite with the lowest free digit, or takes that away from it.
    pub fn toggle_favourite(self, name: &str) {
        let mut favourites = self.labels.settings.with_untracked(|settings| settings.favourites.clone());
        let digit = favourites.iter().find(|(_, favourite)| *favourite == name).map(|(digit, _)| *digit);
        let free = FAVOURITE_DIGITS.into_iter().find(|digit| !favourites.contains_key(digit));
        match (digit, free) {
            (Some(digit), _) => {
                favourites.remove(&digit);
                self.announcer.say(format!("{name} is no favourite any more"));
            }
            (None, Some(digit)) => {
                favourites.insert(digit, name.to_owned());
                self.announcer.say(format!("{name} has the digit {digit}"));
            }
            (None, None) => {
                return self.announcer.say("Every digit has an object; take the star from one of them first");
            }
        }
        self.change_settings(EditorSettingsChange { favourites: Some(favourites), ..EditorSettingsChange::default() });
    }

    /// Says that a letter does nothing, and which key opens the object picker.
    pub fn say_no_command(self, letter: &str) {
        let picks = self.labels.keymap.with_untracked(|keymap| keymap.pressed_keys(Command::PickObject));
        if let Some(key) = picks.first().filter(|_| self.read(|editor| editor.can(Command::PickObject))) {
            self.announcer.say(format!("No command has the key {letter}; {} looks for an object", key.label()));
        }
    }

    /// Opens the object picker with a letter typed.
    pub fn pick_by_letter(self, letter: String) {
        if self.read(|editor| editor.can(Command::PickObject)) {
            self.labels.typed.set(letter);
            self.command(Command::PickObject);
        }
    }

    /// Gives the keyboard back to the row of the list that it came from, otherwise to the drawing surface.
    pub fn give_keyboard_back(self) {
        match self.labels.return_to.try_update_value(Option::take).flatten() {
            Some(key) => self.labels.row_call.set(Some(key)),
            None => self.focus_surface(),
        }
    }
}
