//! Names that one page holds and no other, on the browser's locks: they tell whether who wrote something is still there.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Holds a name until it is dropped. The browser lets go of it together with the page, too.
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
pub async fn claim(name: &str) -> Option<Claim> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object);
    let Some(locks) = locks else {
        // Browsers have locks on secure sites only. Without them nobody can tell whether work was left behind, and a
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
