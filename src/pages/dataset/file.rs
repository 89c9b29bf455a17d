//! One file of a dataset: what it is, its bytes, what it was before, and what can be done with it.

use super::files::kind;
use super::history::CommitEntry;
use super::scene::{Scene, short};
use super::state::{EarlierState, Path};
use crate::api::version_forms::{DeleteFiles, MoveFile, MoveFiles, RestoreFile};
use crate::model::folder::split_path;
use crate::model::version::MAX_PATH;
use crate::model::{DatasetFile, FileState, Page};
use crate::ui::copy_button::CopyButton;
use crate::ui::field::TextField;
use crate::ui::form::{Form, SubmitButton};
use crate::ui::form_error::{FormNotice, field_error, form_error, general_error};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::pagination::Pagination;
use crate::ui::text::{bytes, count};
use leptos::form::ActionForm;
use leptos::prelude::*;

/// So many commits of a file are shown at once.
pub(super) const COMMITS: i64 = 20;

/// A file of a state.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct FileView {
    /// The commit of the state.
    pub commit: String,
    /// The file.
    pub file: DatasetFile,
    /// What has become of it up to that state.
    pub history: Page<FileState>,
}

/// What changes a file.
#[derive(Clone, Copy)]
pub(super) struct Changing {
    /// Gives it another path.
    pub rename: ServerAction<MoveFile>,
    /// Puts it, with others, into another folder.
    pub gather: ServerAction<MoveFiles>,
    /// Takes it away.
    pub delete: ServerAction<DeleteFiles>,
    /// Makes it as it was.
    pub restore: ServerAction<RestoreFile>,
}

/// The file as a picture, where it is one.
#[component]
fn Preview(scene: Scene, file: DatasetFile) -> impl IntoView {
    let DatasetFile { path, picture, thumbnail, .. } = file;
    thumbnail.map(|src| {
        let image = view! { <img src=src alt=format!("What {path} shows") decoding="async" /> };
        match picture {
            Some(picture) => view! {
                <a class="file-stage" href=format!("/picture/{picture}") aria-label="Open the picture">
                    {image}
                </a>
            }
            .into_any(),
            None => view! {
                <a class="file-stage" href=scene.bytes(&path) rel="external" aria-label="Open the image">
                    {image}
                </a>
            }
            .into_any(),
        }
    })
}

#[component]
fn Facts(file: DatasetFile) -> impl IntoView {
    let sum = |label: &'static str, sum: String| {
        view! {
            <dt>{label}</dt>
            <dd>
                <code class="sum">{sum}</code>
            </dd>
        }
    };
    let (size, exact) = (bytes(file.size as f64), count(file.size, "byte", "bytes"));
    view! {
        <dl class="facts">
            <dt>"Size"</dt>
            <dd title=exact>{size}</dd>
            <dt>"Kind"</dt>
            <dd>{kind(&file)}</dd>
            {sum("MD5", file.md5)}
            {file.sha256.map(|sha256| sum("SHA-256", sha256))}
        </dl>
    }
}

/// The forms of those who may change the file.
#[component]
fn Changes(scene: Scene, path: String, changing: Changing) -> impl IntoView {
    let (not_moved, not_deleted) = (form_error(changing.rename), form_error(changing.delete));
    let folder = split_path(&path).0.to_owned();
    let dataset = scene.dataset.id;
    let (from, to, deleted) = (path.clone(), path.clone(), path);
    view! {
        <section class="card" aria-labelledby="move-file">
            <h3 id="move-file">"Rename or move"</h3>
            <Form action=changing.rename submit="Save the path" fields=&["to"]>
                <input type="hidden" name="dataset" value=dataset.to_string() />
                <input type="hidden" name="from" value=from />
                <TextField
                    label="Path"
                    name="to"
                    value=to
                    required=true
                    verbatim=true
                    max_length=MAX_PATH
                    hint="With a / between the folders. Its picture comes along, with everything that is drawn on it."
                    error=field_error(not_moved, "to")
                />
            </Form>
        </section>
        <section class="card" aria-labelledby="delete-file">
            <h3 id="delete-file">"Delete"</h3>
            <FormNotice error=general_error(not_deleted, &[]) />
            <details class="stack">
                <summary>"Delete the file …"</summary>
                <p>
                    "Earlier states keep the file, and the history brings it back. What is drawn on its picture goes with it for good."
                </p>
                <ActionForm action=changing.delete>
                    <input type="hidden" name="dataset" value=dataset.to_string() />
                    <input type="hidden" name="folder" value=folder />
                    <input type="hidden" name="paths[]" value=deleted />
                    <SubmitButton pending=changing.delete.pending() class="button danger">
                        <Icon glyph=Glyph::Delete />
                        "Delete the file"
                    </SubmitButton>
                </ActionForm>
            </details>
        </section>
    }
}

/// The button that makes the file as it was in a state.
#[component]
fn RestoreButton(
    scene: Scene,
    path: String,
    reference: String,
    restore: ServerAction<RestoreFile>,
    label: String,
) -> impl IntoView {
    view! {
        <ActionForm action=restore>
            <input type="hidden" name="dataset" value=scene.dataset.id.to_string() />
            <input type="hidden" name="path" value=path />
            <input type="hidden" name="reference" value=reference />
            <SubmitButton pending=restore.pending() class="button small" label=label>
                <Icon glyph=Glyph::Retry />
                "Restore"
            </SubmitButton>
        </ActionForm>
    }
}

#[component]
fn History(scene: Scene, path: String, states: Page<FileState>, changing: Changing) -> impl IntoView {
    let Page { items, total, offset, limit } = states;
    let newest = items.first().filter(|_| offset == 0).map(|state| state.commit.id.clone());
    let rows = items.into_iter().map(|FileState { commit, md5 }| {
        let earlier = scene.at(&commit.id);
        let label = |what: &str| format!("{what} the file as of {}", short(&commit.id));
        let (show, restore) = (label("Show"), label("Restore"));
        let is_there = md5.is_some();
        // The newest change made the file what it is.
        let brings_back = scene.writes() && is_there && newest.as_ref() != Some(&commit.id);
        let buttons = view! {
            {is_there
                .then(|| {
                    view! {
                        <a class="button small quiet" href=earlier.file(&path) aria-label=show>
                            "Show"
                        </a>
                    }
                })}
            {(!is_there).then(|| view! { <span class="badge fate-removed">"not there"</span> })}
            {brings_back
                .then(|| {
                    view! {
                        <RestoreButton
                            scene=scene.clone()
                            path=path.clone()
                            reference=commit.id.clone()
                            restore=changing.restore
                            label=restore
                        />
                    }
                })}
        };
        view! { <CommitEntry scene=scene.clone() commit=commit.clone() buttons=buttons.into_any() /> }
    });
    let rows = rows.collect_view();
    let base = scene.view("file", &[("path", &path), ("ref", &scene.reference)]);
    let not_restored = general_error(form_error(changing.restore), &[]);
    view! {
        <section class="stack" aria-labelledby="file-history">
            <h3 id="file-history">{count(total, "change", "changes")}</h3>
            <FormNotice error=not_restored />
            <ol class="commits">{rows}</ol>
            <Pagination total=total offset=offset limit=limit base=format!("{base}&offset=") />
        </section>
    }
}

/// The file.
#[component]
pub(super) fn FilePage(scene: Scene, shown: FileView, changing: Changing) -> impl IntoView {
    let FileView { commit, file, history } = shown;
    let path = file.path.clone();
    let name = split_path(&path).1.to_owned();
    let absolute = Signal::stored(format!("{}{}", scene.site, scene.at(&commit).bytes(&path)));
    let picture = file.picture.map(|picture| {
        view! {
            <a class="button" href=format!("/picture/{picture}")>
                <Icon glyph=Glyph::Picture />
                "Open the picture"
            </a>
        }
    });
    let back = (scene.writes() && !scene.reference.is_empty()).then(|| {
        view! {
            <RestoreButton
                scene=scene.clone()
                path=path.clone()
                reference=scene.reference.clone()
                restore=changing.restore
                label="Restore this state of the file".to_owned()
            />
        }
    });
    let changes = scene.changes().then(|| {
        view! { <Changes scene=scene.clone() path=path.clone() changing=changing /> }
    });
    view! {
        <div class="with-side">
            <div class="stack">
                <EarlierState newest=scene.at("").folder(split_path(&path).0) scene=scene.clone() />
                <Path scene=scene.clone() path=path.clone() />
                <h2 class="file-title">{name.clone()}</h2>
                <div class="cluster">
                    <a class="button" href=scene.bytes(&path) download=name rel="external">
                        <Icon glyph=Glyph::Download />
                        "Download"
                    </a>
                    {picture}
                    <CopyButton what="The permanent link" text=absolute label="Copy permanent link" class="" visible=false />
                    {back}
                </div>
                <Preview scene=scene.clone() file=file.clone() />
                <History scene=scene path=path states=history changing=changing />
            </div>
            <div class="stack">
                <section class="card" aria-label="About the file">
                    <Facts file=file />
                </section>
                {changes}
            </div>
        </div>
    }
}
