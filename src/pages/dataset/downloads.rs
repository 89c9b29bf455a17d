//! Bringing a dataset, a state of it or a folder to one's own machine.

use super::scene::{Scene, called};
use crate::model::{ArchiveKind, Visibility};
use crate::ui::copy_button::CopyButton;
use crate::ui::icons::{Glyph, Icon};
use leptos::prelude::*;

/// How to bring the dataset to one's own machine with its history.
#[component]
pub(super) fn Commands(scene: Scene) -> impl IntoView {
    let (path, name) = (format!("/{}.git", scene.dataset.full_name()), scene.dataset.name.clone());
    let is_public = scene.dataset.visibility == Visibility::Public;
    // DVC asks for nothing: it is told beforehand who fetches.
    let who = match is_public {
        true => "",
        false => {
            "dvc remote modify --local ocellus auth basic\n\
             dvc remote modify --local ocellus user YOUR-NAME\n\
             dvc remote modify --local ocellus password YOUR-TOKEN\n"
        }
    };
    let commands = format!("git clone {}{path}\ncd {name}\n{who}dvc pull\n", scene.site);
    let text = Signal::stored(commands.clone());
    view! {
        <div class="stack">
            <pre class="snippet">{commands}</pre>
            {(!is_public)
                .then(|| {
                    view! {
                        <p class="field-hint">
                            "Git asks for your name and, as the password, a "<a href="/account">"token of your account"</a>"."
                        </p>
                    }
                })}
            <CopyButton what="The commands" text=text label="Copy the commands" class="small" visible=false />
        </div>
    }
}

/// A button and what it opens, which needs no script: archives of a folder, or of all that there is.
#[component]
pub(super) fn Downloads(
    /// The state.
    scene: Scene,
    /// The folder; empty for everything.
    folder: String,
    /// What tells this button from others of the page.
    id: &'static str,
) -> impl IntoView {
    let what = match (folder.as_str(), scene.reference.as_str()) {
        ("", "") => scene.dataset.name.clone(),
        ("", state) => format!("{} at {}", scene.dataset.name, called(state)),
        (folder, "") => folder.to_owned(),
        (folder, state) => format!("{folder} at {}", called(state)),
    };
    let all = folder.is_empty();
    let label = if all { "Download" } else { "Download this folder" };
    let link = |content: &'static str, kind: ArchiveKind, of: &str| {
        let href = scene.archive(&folder, content, kind);
        let word = kind.as_str().to_uppercase();
        let name = format!("{of} as {word}");
        view! {
            <a class="button" href=href download="" rel="external" aria-label=name>
                <Icon glyph=Glyph::Download />
                {word}
            </a>
        }
    };
    let links = |content, of| ArchiveKind::ALL.map(|kind| link(content, kind, of)).into_iter().collect_view();
    let (files, pointers) = (links("files", "All files"), links("pointers", "Pointers"));
    let (heading, named_by) = (format!("{id}-heading"), format!("{id}-heading"));
    // They fetch the newest state.
    let commands = (all && scene.reference.is_empty()).then(|| {
        view! {
            <h3>"With Git and DVC"</h3>
            <p class="field-hint">"With the whole history, and able to push what is changed."</p>
            <Commands scene=scene.clone() />
        }
    });
    view! {
        <button class="button" type="button" popovertarget=id>
            <Icon glyph=Glyph::Download />
            {label}
        </button>
        <div id=id class="dialog downloads" popover="auto" role="dialog" aria-labelledby=named_by>
            <div class="dialog-head">
                <h2 id=heading>{format!("Download {what}")}</h2>
                <button
                    class="icon-button"
                    type="button"
                    popovertarget=id
                    popovertargetaction="hide"
                    aria-label="Close"
                >
                    <Icon glyph=Glyph::Close />
                </button>
            </div>
            <div class="dialog-body stack">
                <h3>"All files"</h3>
                <p class="field-hint">
                    "Under their paths, as they were uploaded; where a picture was taken is left out unless you may know it. A download that breaks off goes on where it was."
                </p>
                <div class="cluster">{files}</div>
                <h3>"With annotations"</h3>
                <p class="field-hint">
                    "Files have none in them. An export has pictures with what is drawn on them as COCO, YOLO, Pascal VOC and a dozen other forms; naming a version in the history also puts it as JSON into Git, in the folder .ocellus."
                </p>
                <div class="cluster">
                    <a class="button" href=scene.export()>
                        "Export"
                    </a>
                </div>
                <h3>"Pointers only"</h3>
                <p class="field-hint">"What Git keeps: small texts, by which DVC fetches the files."</p>
                <div class="cluster">{pointers}</div>
                {commands}
            </div>
        </div>
    }
}
