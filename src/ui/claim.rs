//! Names that one page holds and no other, on the browser's locks: they tell whether who wrote something is still there.

use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::collections::HashSet;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// So long at most a name is waited for that this page has let go of: until the browser knows, too, in milliseconds.
const SOON_MS: u32 = 2_000;

thread_local! {
    /// The names that this page has let go of, and the browser perhaps not yet.
    static FREE: RefCell<HashSet<String>> = RefCell::default();
}

/// Holds a name until it is dropped. The browser lets go of it together with the page, too.
pub struct Claim {
    name: String,
    release: Option<Function>,
}

impl Claim {
    /// What is claimed.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            // Resolving a promise cannot fail.
            let _ = release.call0(&JsValue::UNDEFINED);
            FREE.with_borrow_mut(|free| free.insert(std::mem::take(&mut self.name)));
        }
    }
}

/// Claims a name, unless another tab or visit has it.
pub async fn claim(name: &str) -> Option<Claim> {
    let name = name.to_owned();
    let Some(locks) = locks() else {
        // Browsers have locks on secure sites only. Without them nobody can tell whether work was left behind, and a
        // region that appears twice is better than one that is lost.
        return Some(Claim { name, release: None });
    };
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    if FREE.with_borrow_mut(|free| free.remove(&name)) {
        let signal = web_sys::AbortSignal::timeout_with_u32(SOON_MS);
        Reflect::set(&options, &"signal".into(), &signal).ok()?;
    } else {
        Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE).ok()?;
    }
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
        let held = request.call3(&locks, &name.as_str().into(), &options, &hold).map(Promise::from);
        let name = name.clone();
        spawn_local(async move {
            // Where the browser refuses to hold locks, waiting for one would never end.
            let refused = match held {
                Ok(held) => JsFuture::from(held).await.is_err(),
                Err(_) => true,
            };
            // By now the browser knows that it is free. Whoever has it from here on is somebody else.
            FREE.with_borrow_mut(|free| free.remove(&name));
            if refused {
                let _ = grant.call1(&JsValue::UNDEFINED, &JsValue::NULL);
            }
        });
    });
    let release: Function = JsFuture::from(granted).await.ok()?.dyn_into().ok()?;
    Some(Claim { name, release: Some(release) })
}

/// The names that are claimed just now, in any tab. It takes none of them, so that nobody is kept from claiming one meanwhile.
pub async fn claimed() -> HashSet<String> {
    let held = async {
        let locks = locks()?;
        let query: Function = Reflect::get(&locks, &"query".into()).ok()?.dyn_into().ok()?;
        let state = JsFuture::from(Promise::from(query.call0(&locks).ok()?)).await.ok()?;
        Reflect::get(&state, &"held".into()).ok()?.dyn_into::<Array>().ok()
    };
    let name = |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string();
    held.await.map(|held| held.iter().filter_map(name).collect()).unwrap_or_default()
}

fn locks() -> Option<JsValue> {
    Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object)
}
