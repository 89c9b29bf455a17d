//! What is in a folder of a dataset, in the newest state or an earlier one.

use super::chosen::{Check, Chosen, ChosenBar};
use super::downloads::Downloads;
use super::file::Changing;
use super::scene::Scene;
use super::state::{EarlierState, Path, StateChoice};
use crate::model::version::is_commit_id;
use crate::model::{DatasetFile, Folder, FolderList};
use crate::ui::copy_button::CopyButton;
use crate::ui::dropped::{self, has_files};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::notice::{Empty, Notice, Tone};
use crate::ui::pagination::Pagination;
use crate::ui::search_field::SearchField;
use crate::ui::table::Column::{Buttons, Number, Text};
use crate::ui::table::Table;
use crate::ui::text::{bytes, count, format_name};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::collections::BTreeSet;

/// So many folders and files are shown at once.
pub(super) const ENTRIES: i64 = 100;

#[component]
fn Filters(
    scene: Scene,
    folder: String,
    find: String,
    typed: RwSignal<String>,
    versions: Vec<String>,
) -> impl IntoView {
    let other = Scene { previews: !scene.previews, ..scene.clone() };
    let switch = base(&other, &folder, &find, "");
    view! {
        <form
            class="file-filters"
            role="search"
            aria-label="Files"
            method="get"
            action=crate::pages::datasets::dataset_href(&scene.dataset)
        >
            <input type="hidden" name="view" value="files" />
            <input type="hidden" name="path" value=folder.clone() />
            {(!scene.previews).then(|| view! { <input type="hidden" name="previews" value="off" /> })}
            <label class="filter-field">
                {if folder.is_empty() { "Find a file" } else { "Find a file in this folder" }}
                <SearchField typed=typed name="find" max_length=200 placeholder="Part of its path" />
            </label>
            <StateChoice name="ref" label="State" chosen=scene.reference.clone() versions=versions />
            <button class="button" type="submit">
                <Icon glyph=Glyph::Search />
                "Show"
            </button>
            <a class="button quiet" href=switch>
                <Icon glyph=if scene.previews { Glyph::EyeOff } else { Glyph::Eye } />
                {if scene.previews { "Hide previews" } else { "Show previews" }}
            </a>
        </form>
    }
}

/// The address of this list with something at its end.
fn base(scene: &Scene, folder: &str, find: &str, end: &str) -> String {
    let parameters = [("path", folder), ("ref", &scene.reference), ("find", find), ("previews", scene.hidden())];
    format!("{}{end}", scene.view("files", &parameters))
}

#[component]
fn FolderRow(scene: Scene, above: String, folder: Folder, chosen: Option<Chosen>) -> impl IntoView {
    let path = format!("{above}{}/", folder.name);
    let href = scene.folder(&path);
    let inside = folder.files.map(|files| count(files, "file", "files"));
    let size = folder.size.map(|size| bytes(size as f64));
    let is_unknown = size.is_none();
    view! {
        <tr class="folder-row">
            {chosen.map(|chosen| view! { <td><Check path=path chosen=chosen /></td> })}
            <th scope="row">
                <a class="file-name" href=href>
                    <span class="file-preview">
                        <Icon glyph=Glyph::Folder />
                    </span>
                    <span>{folder.name}"/"</span>
                </a>
            </th>
            <td class="number" data-label="Size" class:none=is_unknown>
                {size}
            </td>
            <td data-label="Kind">{inside.unwrap_or_else(|| "folder".to_owned())}</td>
            <td></td>
        </tr>
    }
}

/// What a file is, in a word or two.
pub(super) fn kind(file: &DatasetFile) -> String {
    match (&file.thumbnail, file.media_type.as_str()) {
        (Some(_), media_type) => format_name(media_type),
        (None, "application/octet-stream") => "file".to_owned(),
        (None, media_type) => media_type.to_owned(),
    }
}

#[component]
fn FileRow(scene: Scene, commit: String, above: String, file: DatasetFile, chosen: Option<Chosen>) -> impl IntoView {
    let name = file.path.strip_prefix(above.as_str()).unwrap_or(&file.path).to_owned();
    let kind = kind(&file);
    let preview = match file.thumbnail.clone().filter(|_| scene.previews) {
        Some(src) => view! { <img src=src alt="" width="48" height="48" loading="lazy" decoding="async" /> }.into_any(),
        None if file.thumbnail.is_some() => view! { <Icon glyph=Glyph::Picture /> }.into_any(),
        None => view! { <Icon glyph=Glyph::File /> }.into_any(),
    };
    let (href, bytes_at) = (scene.file(&file.path), scene.bytes(&file.path));
    // A link to what is here now leads there for good, whatever becomes of the newest state.
    let link = Signal::stored(format!("{}{}", scene.site, scene.at(&commit).bytes(&file.path)));
    let file_name = name.rsplit('/').next().unwrap_or_default().to_owned();
    view! {
        <tr>
            {chosen.map(|chosen| view! { <td><Check path=file.path.clone() chosen=chosen /></td> })}
            <th scope="row">
                <a class="file-name" href=href>
                    <span class="file-preview">{preview}</span>
                    <span>{name.clone()}</span>
                </a>
            </th>
            <td class="number" data-label="Size">
                {bytes(file.size as f64)}
            </td>
            <td data-label="Kind">{kind}</td>
            <td>
                <a
                    class="button quiet small"
                    href=bytes_at
                    download=file_name
                    rel="external"
                    aria-label=format!("Download {name}")
                >
                    <Icon glyph=Glyph::Download />
                    "Download"
                </a>
                <CopyButton what="The permanent link" text=link label="Copy link" name=format!("Copy link to {name}") visible=false />
            </td>
        </tr>
    }
}

/// The README of a folder.
#[component]
pub(super) fn Readme(html: Option<String>) -> impl IntoView {
    html.map(|html| {
        view! { <section class="prose card readme" aria-label="README" inner_html=html></section> }
    })
}

#[component]
fn Nothing(scene: Scene, folder: String, find: String) -> impl IntoView {
    let words = match (find.is_empty(), scene.changes()) {
        (false, _) => "No path here contains what you are looking for.",
        (true, _) if !folder.is_empty() => "There is no such folder in this state.",
        (true, true) => "Upload some, drop them here, or push them with Git and DVC.",
        (true, false) => "Nobody has put files into this dataset yet.",
    };
    view! {
        <Empty title="No files">
            <p>{words}</p>
        </Empty>
    }
}

/// Files that are dropped anywhere on the page go where files are brought into its folder, if there is such an address. Gives whether
/// some are being dragged over it.
fn use_drop(dataset: i64, folder: String, upload: Option<String>) -> RwSignal<bool> {
    let (over, navigate) = (RwSignal::new(false), use_navigate());
    Effect::new(move |_| {
        let Some(upload) = upload.clone() else { return };
        let (navigate, folder) = (navigate.clone(), folder.clone());
        let drag = window_event_listener(leptos::ev::dragover, move |event| {
            if has_files(&event) {
                event.prevent_default();
                let _ = over.try_set(true);
            }
        });
        let leave = window_event_listener(leptos::ev::dragleave, move |event| {
            if event.related_target().is_none() {
                let _ = over.try_set(false);
            }
        });
        let drop_there = window_event_listener(leptos::ev::drop, move |event| {
            if has_files(&event) {
                event.prevent_default();
                dropped::hold(dataset, &folder, dropped::of(&event));
                navigate(&upload, NavigateOptions::default());
            }
        });
        on_cleanup(move || {
            for listener in [drag, leave, drop_there] {
                listener.remove();
            }
        });
    });
    over
}

/// The folder.
#[component]
pub(super) fn Files(
    scene: Scene,
    list: FolderList,
    find: String,
    uploaded: String,
    typed: RwSignal<String>,
    versions: Vec<String>,
    readme: Option<String>,
    changing: Changing,
) -> impl IntoView {
    let folder = list.folder.clone();
    let upload = scene.changes().then(|| scene.view("upload", &[("path", &folder)]));
    let over = use_drop(scene.dataset.id, folder.clone(), upload.clone());
    let come = is_commit_id(&uploaded).then(|| {
        let href = scene.commit(&uploaded);
        view! {
            <Notice tone=Tone::Success>
                <p>"The upload is in the dataset. " <a href=href>"See its commit"</a></p>
            </Notice>
        }
    });
    let chosen = scene.changes().then(|| Chosen::new(BTreeSet::new()));
    let FolderList { total, offset, limit, .. } = list;
    let commit = list.commit.clone().unwrap_or_default();
    let body = if total == 0 {
        view! { <Nothing scene=scene.clone() folder=folder.clone() find=find.clone() /> }.into_any()
    } else {
        let folders = list.folders.clone().into_iter().map(|inside| {
            view! { <FolderRow scene=scene.clone() above=folder.clone() folder=inside chosen=chosen /> }
        });
        let folders = folders.collect_view();
        let files = list.files.clone().into_iter().map(|file| {
            view! {
                <FileRow
                    scene=scene.clone()
                    commit=commit.clone()
                    above=folder.clone()
                    file=file
                    chosen=chosen
                />
            }
        });
        let files = files.collect_view();
        let columns: &'static [_] = match chosen {
            Some(_) => &[Buttons, Text("Name"), Number("Size"), Text("Kind"), Buttons],
            None => &[Text("Name"), Number("Size"), Text("Kind"), Buttons],
        };
        view! {
            {chosen
                .map(|chosen| {
                    view! { <ChosenBar
                            scene=scene.clone()
                            list=list.clone()
                            find=find.clone()
                            chosen=chosen
                            changing=changing
                        /> }
                })}
            <div class="files" class:without-previews=!scene.previews>
                <Table label="Folders and files" columns=columns>
                    {folders}
                    {files}
                </Table>
            </div>
            <Pagination total=total offset=offset limit=limit base=base(&scene, &folder, &find, "&offset=") />
        }
        .into_any()
    };
    // The newest state as a whole is offered above.
    let apart = total > 0 && !(folder.is_empty() && scene.reference.is_empty());
    let entries = if find.is_empty() { ("entry", "entries") } else { ("file found", "files found") };
    view! {
        <section class="stack" class:drop-target=move || over.get() aria-labelledby="files">
            <h2 class="visually-hidden" id="files">
                "Files"
            </h2>
            {come}
            <EarlierState newest=scene.at("").folder("") scene=scene.clone() />
            <Filters scene=scene.clone() folder=folder.clone() find=find typed=typed versions=versions />
            <div class="section-head files-head">
                <Path scene=scene.clone() path=folder.clone() />
                <div class="cluster">
                    <p class="muted result-count">{count(total, entries.0, entries.1)}</p>
                    {upload
                        .map(|href| {
                            view! {
                                <a class="button" href=href>
                                    <Icon glyph=Glyph::Upload />
                                    "Upload"
                                </a>
                            }
                        })}
                    {apart.then(|| view! { <Downloads scene=scene folder=folder id="download-part" /> })}
                </div>
            </div>
            {body}
            <Readme html=readme />
        </section>
    }
}
