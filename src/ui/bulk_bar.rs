//! What can be done with the selected pictures of a grid.

use super::add_to_gallery::{AddToGallery, Additions};
use super::dialog::{Confirm, Dialog, DialogActions};
use super::icons::{Glyph, Icon};
use super::licence_picker::LicencePicker;
use super::nature_options::NatureOptions;
use super::notice::{Notice, Tone};
use super::picture_grid::GridPicture;
use super::session::use_session;
use super::text::{count, sentence};
use super::toast::{Toasts, use_toasts};
use crate::api::bulk::{delete_pictures, update_pictures};
use crate::api::reference::{licences, natures};
use crate::model::{AppError, Licence, Nature};
use leptos::prelude::*;
use std::future::Future;

fn pictures(number: usize) -> String {
    count(number as i64, "picture", "pictures")
}

/// What becomes of the selected pictures.
#[derive(Clone, Copy)]
enum Done {
    Changed,
    Deleted,
}

/// Runs a change of the selected pictures, and says how it went.
#[derive(Clone, Copy)]
struct Runner {
    chosen: Signal<Vec<GridPicture>>,
    clear: Callback<usize>,
    busy: RwSignal<bool>,
    toasts: Toasts,
    changes: RwSignal<u32>,
}

impl Runner {
    fn ids(self) -> Vec<i64> {
        self.chosen.with_untracked(|chosen| chosen.iter().map(|picture| picture.id).collect())
    }

    fn run<F>(self, done: Done, change: impl FnOnce(Vec<i64>) -> F)
    where
        F: Future<Output = Result<(), AppError>> + 'static,
    {
        let (toasts, changes, ids) = (self.toasts, self.changes, self.ids());
        if ids.is_empty() || self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let number = ids.len();
        let change = change(ids);
        leptos::task::spawn_local(async move {
            match change.await {
                Ok(()) => {
                    let (done, gone) = match done {
                        Done::Changed => ("changed", 0),
                        Done::Deleted => ("deleted", number),
                    };
                    toasts.show(Tone::Success, format!("{} {done}.", pictures(number)));
                    self.clear.try_run(gone);
                    changes.update(|changes| *changes += 1);
                }
                Err(error) => toasts.show(Tone::Danger, sentence(&error.to_string())),
            }
            self.busy.try_set(false);
        });
    }
}

/// What one chooses from, fetched when the dialog opens for the first time.
fn fetched<T, F>(open: RwSignal<bool>, fetch: fn() -> F) -> RwSignal<Option<Result<T, AppError>>>
where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = Result<T, AppError>> + 'static,
{
    let known = RwSignal::new(None);
    Effect::new(move |_| {
        if open.get() && !matches!(known.get_untracked(), Some(Ok(_))) {
            leptos::task::spawn_local(async move {
                let answer = fetch().await;
                known.try_set(Some(answer));
            });
        }
    });
    known
}

fn waiting_or<T>(known: Option<Result<T, AppError>>, show: impl FnOnce(T) -> AnyView) -> AnyView {
    match known {
        None => view! { <p class="muted">"One moment…"</p> }.into_any(),
        Some(Ok(value)) => show(value),
        Some(Err(error)) => view! {
            <Notice tone=Tone::Danger>
                <p>{sentence(&error.to_string())}</p>
            </Notice>
        }
        .into_any(),
    }
}

#[component]
fn SetLicences(open: RwSignal<bool>, runner: Runner) -> impl IntoView {
    let known = fetched::<Vec<Licence>, _>(open, licences);
    let chosen = RwSignal::new(Vec::new());
    let set = move |_| {
        open.set(false);
        let licences = chosen.get_untracked();
        runner.run(Done::Changed, move |ids| update_pictures(ids, Some(licences), None));
    };
    let picker = move || {
        waiting_or(known.get(), |licences| {
            view! { <LicencePicker licences=licences chosen=chosen error=Signal::stored(None::<String>) /> }.into_any()
        })
    };
    view! {
        <Dialog open=open title="Set licences" id="bulk-licences">
            <p class="muted">"These take the place of the licences that the selected pictures have now."</p>
            {picker}
            <DialogActions open=open>
                <button
                    class="button primary"
                    type="button"
                    disabled=move || chosen.with(Vec::is_empty)
                    on:click=set
                >
                    "Set licences"
                </button>
            </DialogActions>
        </Dialog>
    }
}

#[component]
fn SetNature(open: RwSignal<bool>, runner: Runner) -> impl IntoView {
    let known = fetched::<Vec<Nature>, _>(open, natures);
    let chosen = RwSignal::new(String::new());
    let set = move |_| {
        open.set(false);
        let nature = chosen.get_untracked();
        runner.run(Done::Changed, move |ids| update_pictures(ids, None, Some(nature)));
    };
    let choices = move || {
        waiting_or(known.get(), |natures| {
            view! {
                <label class="field-label" for="bulk-nature-choice">
                    "Nature"
                </label>
                <select id="bulk-nature-choice" on:change=move |event| chosen.set(event_target_value(&event))>
                    <option value="">"Choose one"</option>
                    <NatureOptions natures=natures chosen=chosen />
                </select>
            }
            .into_any()
        })
    };
    view! {
        <Dialog open=open title="Set the nature" id="bulk-nature">
            {choices}
            <DialogActions open=open>
                <button
                    class="button primary"
                    type="button"
                    disabled=move || chosen.with(String::is_empty)
                    on:click=set
                >
                    "Set the nature"
                </button>
            </DialogActions>
        </Dialog>
    }
}

#[component]
fn Delete(open: RwSignal<bool>, runner: Runner) -> impl IntoView {
    move || {
        let number = runner.chosen.with(Vec::len);
        let confirm = Callback::new(move |()| runner.run(Done::Deleted, delete_pictures));
        view! {
            <Confirm
                open=open
                title=format!("Delete {}?", pictures(number))
                id="bulk-delete"
                detail="Their regions and ratings go with them, and galleries lose them. This cannot be undone."
                action="Delete"
                on_confirm=confirm
            />
        }
    }
}

/// What can be done with the selected pictures; out of sight while nothing is selected.
#[component]
pub fn BulkBar(
    /// The selected pictures.
    chosen: Signal<Vec<GridPicture>>,
    /// Ends the selection; so many of its pictures leave the list.
    clear: Callback<usize>,
) -> impl IntoView {
    let session = use_session();
    let account = session.account;
    let own = move || match account.get() {
        Some(Ok(Some(account))) => {
            account.admin || chosen.with(|chosen| chosen.iter().all(|picture| picture.author == account.username))
        }
        _ => false,
    };
    let (toasts, changes) = (use_toasts(), session.changes);
    let runner = Runner { chosen, clear, busy: RwSignal::new(false), toasts, changes };
    let [adding, licensing, naturing, deleting] = std::array::from_fn(|_| RwSignal::new(false));
    let what = Signal::derive(move || {
        Additions::Pictures(chosen.with(|chosen| chosen.iter().map(|picture| picture.id).collect()))
    });
    let any = Memo::new(move |_| !chosen.with(Vec::is_empty));
    let button = move |name: &'static str, glyph: Glyph, open: RwSignal<bool>| {
        view! {
            // It keeps the keyboard while a change is on its way, which it would lose if it were disabled.
            <button
                class="button small"
                type="button"
                aria-disabled=move || runner.busy.get().then_some("true")
                on:click=move |_| {
                    if !runner.busy.get_untracked() {
                        open.set(true);
                    }
                }
            >
                <Icon glyph=glyph />
                {name}
            </button>
        }
    };
    let bar = move || {
        any.get().then(|| {
            let for_own = move || {
                own().then(|| {
                    view! {
                        {button("Set licences", Glyph::Edit, licensing)}
                        {button("Set nature", Glyph::Edit, naturing)}
                        {button("Delete", Glyph::Delete, deleting)}
                    }
                })
            };
            view! {
                <section class="bulk-bar" aria-label="Selected pictures">
                    <p role="status">{move || format!("{} selected", pictures(chosen.with(Vec::len)))}</p>
                    {button("Add to gallery", Glyph::Plus, adding)}
                    <Transition fallback=|| ()>{for_own}</Transition>
                    <button class="button quiet small" type="button" on:click=move |_| clear.run(0)>
                        <Icon glyph=Glyph::Close />
                        "Clear selection"
                    </button>
                </section>
            }
        })
    };
    view! {
        {bar}
        <AddToGallery open=adding what=what id="add-to-gallery" on_added=Callback::new(move |()| clear.run(0)) />
        <SetLicences open=licensing runner=runner />
        <SetNature open=naturing runner=runner />
        <Delete open=deleting runner=runner />
    }
}
