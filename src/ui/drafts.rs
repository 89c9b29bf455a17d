//! Drafts in the browser's local storage, so that a crash loses nothing.
//!
//! A draft belongs to one person, one picture and one visit of the editor: neither two accounts nor two tabs ever write over
//! each other. As long as a visit lasts it holds a lock with the name of its draft. A draft whose lock is free was left
//! behind, and the next visit of the same person to the same picture takes it over.

use crate::editor::Draft;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Storage;

const PREFIX: &str = "ocellus.draft";

/// The drafts of one person on one picture, as one visit sees them.
#[derive(Clone, Debug)]
pub struct Drafts {
    /// What the names of all of them begin with.
    prefix: String,
    /// The name of this visit's own.
    name: String,
}

impl Drafts {
    /// Starts a visit. Runs in the browser only.
    pub fn new(user: &str, picture: i64) -> Self {
        let prefix = prefix(user, picture);
        let visit = format!("{:x}-{:x}", js_sys::Date::now() as u64, (js_sys::Math::random() * 1e15) as u64);
        Self { name: format!("{prefix}{visit}"), prefix }
    }

    /// Keeps this visit's draft, or removes it where nothing is unsaved. Says whether that worked: storage may be full, or
    /// switched off.
    pub fn keep(&self, draft: Option<&Draft>) -> bool {
        match draft {
            Some(draft) => {
                let written = storage()
                    .zip(serde_json::to_string(draft).ok())
                    .map(|(storage, text)| storage.set_item(&self.name, &text).is_ok());
                written.unwrap_or(false)
            }
            None => {
                remove(&self.name);
                true
            }
        }
    }

    /// Claims this visit's own name, so that no other visit takes its draft for one that was left behind.
    pub async fn claim(&self) -> Option<Claim> {
        claim(&self.name).await
    }

    /// The newest draft that an earlier visit left behind. Older ones wait for the next visit.
    pub async fn left_behind(&self) -> Option<LeftBehind> {
        let mut found: Vec<(String, Draft)> = names().into_iter().filter_map(|name| self.read(name)).collect();
        found.sort_by_key(|(_, draft)| draft.revision);
        for (name, draft) in found.into_iter().rev() {
            if let Some(claim) = claim(&name).await {
                return Some(LeftBehind { name, draft, _claim: claim });
            }
        }
        None
    }

    fn read(&self, name: String) -> Option<(String, Draft)> {
        if !name.starts_with(&self.prefix) || name == self.name {
            return None;
        }
        let text = storage()?.get_item(&name).ok()??;
        Some((name, serde_json::from_str(&text).ok()?))
    }
}

/// A draft that was left behind, claimed so that no other tab takes it as well.
pub struct LeftBehind {
    name: String,
    draft: Draft,
    _claim: Claim,
}

impl LeftBehind {
    /// The draft.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Removes it from the storage: it is kept under another name by now, or the server has everything.
    pub fn remove(self) {
        remove(&self.name);
    }
}

/// Holds a draft's name until it is dropped. The browser lets go of it together with the page, too.
pub struct Claim(Option<Function>);

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(release) = &self.0 {
            // Resolving a promise cannot fail.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Claims a name, unless another tab or visit has it.
async fn claim(name: &str) -> Option<Claim> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object);
    let Some(locks) = locks else {
        // Browsers have locks on secure sites only. Without them nobody can tell whether a draft was left behind, and a
        // region that appears twice is better than one that is lost.
        return Some(Claim(None));
    };
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE).ok()?;
    let granted = Promise::new(&mut |grant, _| {
        let tell = grant.clone();
        // The lock is held until the promise that this gives back is resolved.
        let hold = Closure::once_into_js(move |lock: JsValue| {
            if lock.is_null() {
                let _ = tell.call1(&JsValue::UNDEFINED, &JsValue::NULL);
                return JsValue::UNDEFINED;
            }
            Promise::new(&mut |release, _| {
                let _ = tell.call1(&JsValue::UNDEFINED, &release);
            })
            .into()
        });
        let held = request.call3(&locks, &name.into(), &options, &hold).map(Promise::from);
        spawn_local(async move {
            // Where the browser refuses to hold locks, waiting for one would never end.
            let refused = match held {
                Ok(held) => JsFuture::from(held).await.is_err(),
                Err(_) => true,
            };
            if refused {
                let _ = grant.call1(&JsValue::UNDEFINED, &JsValue::NULL);
            }
        });
    });
    let release: Function = JsFuture::from(granted).await.ok()?.dyn_into().ok()?;
    Some(Claim(Some(release)))
}

/// Usernames have no dots, so that the parts of a name cannot run into each other.
fn prefix(user: &str, picture: i64) -> String {
    format!("{PREFIX}.{user}.{picture}.")
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn names() -> Vec<String> {
    let Some(storage) = storage() else { return Vec::new() };
    let count = storage.length().unwrap_or(0);
    (0..count).filter_map(|index| storage.key(index).ok().flatten()).collect()
}

fn remove(name: &str) {
    if let Some(storage) = storage() {
        // What cannot be removed is merged once more at the next visit, which changes nothing.
        let _ = storage.remove_item(name);
    }
}

#[cfg(test)]
mod tests {
    use super::prefix;

    #[test]
    fn nobody_sees_the_drafts_of_others() {
        let mine = prefix("ada", 1);
        for (user, picture) in [("ada", 11), ("ad", 1), ("a", 1), ("ada-1", 1)] {
            let other = prefix(user, picture);
            assert!(!other.starts_with(&mine) && !mine.starts_with(&other));
        }
    }
}
