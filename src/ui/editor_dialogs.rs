//! The decision about conflicts.

use super::dialog::Dialog;
use super::editor_session::EditorSession;
use crate::editor::{Choice, Conflict, Input};
use crate::model::region::{Rect, Region};
use leptos::prelude::*;

/// Lets a person decide what cannot be merged.
#[component]
pub fn ConflictsDialog(
    /// The editor.
    session: EditorSession,
) -> impl IntoView {
    let conflicts = Memo::new(move |_| {
        // Read again whenever the panels have news: deciding one conflict changes the status.
        session.panel.track();
        session.read(|editor| editor.conflicts().to_vec())
    });
    let decide = move |conflict: &Conflict, choice: Choice| {
        session.send(Input::Resolve(conflict.key, choice));
        if session.read(|editor| editor.conflicts().is_empty()) {
            session.conflicts_open.set(false);
        }
    };
    let decide_all = move |choice: Choice| {
        for conflict in conflicts.get_untracked() {
            decide(&conflict, choice);
        }
    };
    let item = move |conflict: Conflict| {
        let (for_mine, for_theirs) = (conflict.clone(), conflict.clone());
        let name =
            conflict.mine.as_ref().or(conflict.theirs.as_ref()).map(|region| region.object.clone()).unwrap_or_default();
        view! {
            <li class="conflict">
                <p class="conflict-name">{name.clone()}</p>
                <p>"Yours: " {in_words(conflict.mine.as_ref())}</p>
                <p>"Theirs: " {in_words(conflict.theirs.as_ref())}</p>
                <div class="cluster">
                    <button
                        class="button small"
                        type="button"
                        aria-label=format!("Keep mine: {name}")
                        on:click=move |_| decide(&for_mine, Choice::Mine)
                    >
                        "Keep mine"
                    </button>
                    <button
                        class="button small"
                        type="button"
                        aria-label=format!("Take theirs: {name}")
                        on:click=move |_| decide(&for_theirs, Choice::Theirs)
                    >
                        "Take theirs"
                    </button>
                </div>
            </li>
        }
    };
    view! {
        <Dialog open=session.conflicts_open title="Somebody else changed the same regions" id="editor-conflicts">
            <p>"Both of you changed these regions since you last saved. Everything else has been merged."</p>
            <ul class="conflicts">{move || conflicts.get().into_iter().map(item).collect_view()}</ul>
            <div class="dialog-actions">
                <button class="button" type="button" on:click=move |_| decide_all(Choice::Theirs)>
                    "Take all of theirs"
                </button>
                <button class="button primary" type="button" on:click=move |_| decide_all(Choice::Mine)>
                    "Keep all of mine"
                </button>
            </div>
        </Dialog>
    }
}

/// A region for a person to recognise: its object, kind, and place in percent of the picture.
fn in_words(region: Option<&Region>) -> String {
    let Some(region) = region else { return "deleted".to_owned() };
    let Rect { x, y, w, h } = region.shape.bounds();
    let percent = |part: f64| (part * 100.0).round();
    format!(
        "{} ({}), {} % from the left, {} % from the top, {} × {} %",
        region.object,
        region.shape.kind().label().to_lowercase(),
        percent(x),
        percent(y),
        percent(w),
        percent(h),
    )
}
