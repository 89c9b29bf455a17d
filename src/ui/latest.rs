//! Work of which only the latest counts, such as a search while somebody types.

use futures::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Something that is done anew again and again. Whatever is under way ends, with its request, when something later begins and
/// when the page is left.
#[derive(Clone, Copy)]
pub struct Latest {
    under_way: StoredValue<Option<AbortHandle>>,
}

impl Latest {
    /// Belongs to the page or component that makes it.
    pub fn here() -> Self {
        let latest = Self { under_way: StoredValue::new(None) };
        on_cleanup(move || latest.stop());
        latest
    }

    /// Ends what is under way.
    pub fn stop(self) {
        if let Some(handle) = self.under_way.try_update_value(Option::take).flatten() {
            handle.abort();
        }
    }

    /// Begins this instead of what is under way.
    pub fn run(self, work: impl Future<Output = ()> + 'static) {
        self.stop();
        let (work, handle) = abortable(work);
        self.under_way.set_value(Some(handle));
        spawn_local(async move {
            // Who was stopped has nothing more to say.
            let _ = work.await;
        });
    }
}
