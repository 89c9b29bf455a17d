//! The decision about conflicts.

use super::dialog::Dialog;
use super::editor_overlay::path;
use super::editor_session::EditorSession;
use crate::editor::{Choice, Conflict, Input};
use crate::geometry::bounds_of;
use crate::model::region::{Rect, Region};
use leptos::prelude::*;

/// So many times as large as the shapes is the part of the picture that is shown with them.
const AROUND: f64 = 1.6;
/// At least so much of the picture is shown, as a part of its width and height.
const LEAST_PART: f64 = 0.1;

/// Lets a person decide what cannot be merged.
#[component]
pub fn ConflictsDialog(
    /// The editor.
    session: EditorSession,
    /// Address of a small image of the picture.
    #[prop(into)]
    src: Signal<String>,
    /// How wide the picture is, measured in its height.
    #[prop(into)]
    ratio: Signal<f64>,
) -> impl IntoView {
    let conflicts = Memo::new(move |_| {
        // Read again whenever the panels have news: deciding one conflict changes the status.
        session.panel.track();
        session.read(|editor| editor.conflicts().to_vec())
    });
    let decide = move |conflict: &Conflict, choice: Choice| session.send(Input::Resolve(conflict.key, choice));
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
                <Drawing conflict=conflict.clone() src=src.get_untracked() ratio=ratio.get_untracked() />
                <p class="conflict-side is-mine">"Yours: " {in_words(conflict.mine.as_ref())}</p>
                <p class="conflict-side is-theirs">"Theirs: " {in_words(conflict.theirs.as_ref())}</p>
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

/// Both shapes over the part of the picture in which they are: mine with a full line, theirs with a broken one.
#[component]
fn Drawing(conflict: Conflict, src: String, ratio: f64) -> impl IntoView {
    let shapes = || [&conflict.mine, &conflict.theirs].into_iter().flatten().map(|region| &region.shape);
    let Some(bounds) = bounds_of(shapes()) else { return ().into_any() };
    // Around both, with room, and never so near that nothing of the picture can be recognised.
    let room = |length: f64| (length * AROUND).max(LEAST_PART);
    let (w, h) = (room(bounds.w), room(bounds.h));
    let (x, y) = (bounds.x + (bounds.w - w) / 2.0, bounds.y + (bounds.h - h) / 2.0);
    let view_box = format!("{} {y} {} {h}", x * ratio, w * ratio);
    let lines = [(&conflict.mine, "conflict-line is-mine"), (&conflict.theirs, "conflict-line is-theirs")];
    let lines = lines
        .into_iter()
        .filter_map(|(region, class)| Some((path(&region.as_ref()?.shape), class)))
        .map(|(data, class)| {
            view! {
                <path class="conflict-halo" d=data.clone()></path>
                <path class=class d=data></path>
            }
        })
        .collect_view();
    view! {
        <svg class="conflict-drawing" viewBox=view_box role="img" aria-label="Both shapes on the picture">
            <image href=src x="0" y="0" width=ratio height="1" preserveAspectRatio="none"></image>
            <g transform=format!("scale({ratio} 1)")>{lines}</g>
        </svg>
    }
    .into_any()
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
