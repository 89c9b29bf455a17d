//! `/picture/<id>`: one picture with its regions, its licences, and all that is known of it.

mod actions;
mod attribution;
mod edit;
mod facts;
mod history;
mod rating;
mod stage;

use crate::api::pictures::{DeletePicture, EditPicture, picture, surroundings};
use crate::api::reference::{licences, natures};
use crate::api::regions::{annotations_at, sittings};
use crate::model::history::HistoryPart;
use crate::model::picture::THUMBNAIL_SMALL_PX;
use crate::model::{Annotations, AppError, Licence, Nature, Picture, PictureDetail, PictureSurroundings, Region};
use crate::ui::focus::{by_id, focus_soon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::{Notice, Tone};
use crate::ui::parameters::use_parameter;
use actions::{Actions, EDIT_LINK};
use attribution::Attributions;
use edit::EditForm;
use facts::{Downloads, Facts, Galleries};
use history::History;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;
use rating::Rating;
use stage::{Regions, Stage};
use std::collections::BTreeSet;

#[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Loaded {
    detail: PictureDetail,
    surroundings: PictureSurroundings,
    history: HistoryPart,
    licences: Vec<Licence>,
    natures: Vec<Nature>,
    earlier: Option<Annotations>,
}

/// Loads a picture, with the regions of an earlier state where one is looked at, and its history from a state on.
async fn load(id: Option<i64>, revision: Option<i64>, from: Option<i64>) -> Result<Loaded, AppError> {
    let id = id.ok_or_else(|| AppError::NotFound("pictures have whole numbers as addresses".to_owned()))?;
    let detail = picture(id).await?;
    let surroundings = surroundings(id).await?;
    let mut licences = licences().await?;
    // The form offers all of them.
    if !surroundings.may_edit {
        licences.retain(|licence| detail.picture.licences.contains(&licence.id));
    }
    // The newest state is there already, and may be newer than the one that was asked for.
    let earlier = match revision.filter(|revision| *revision != detail.revision) {
        Some(revision) => Some(annotations_at(id, revision).await?),
        None => None,
    };
    Ok(Loaded {
        surroundings,
        history: sittings(id, from).await?,
        licences,
        natures: natures().await?,
        earlier,
        detail,
    })
}

/// What a person has unfolded of the history: it stays so while the page follows what happens.
#[derive(Clone, Copy)]
struct Unfolded {
    /// The list of states.
    list: RwSignal<bool>,
    /// Sittings, by the number of their first state.
    sittings: StoredValue<BTreeSet<i64>>,
}

/// What the page shows. Its parts read from here, and change it when something was done.
#[derive(Clone, Copy)]
struct Shown {
    id: i64,
    detail: RwSignal<PictureDetail>,
    surroundings: RwSignal<PictureSurroundings>,
    history: RwSignal<HistoryPart>,
    /// The state with which the history begins that is shown; the newest where there is none.
    history_from: Option<i64>,
    /// The state of the regions that is looked at, where it is not the newest.
    earlier: RwSignal<Option<Annotations>>,
    /// The regions that are looked at: those of now, or of an earlier state.
    regions: Memo<Vec<Region>>,
    unfolded: Unfolded,
    /// All licences for whoever may edit the picture, and its own for everybody else.
    licences: StoredValue<Vec<Licence>>,
    natures: StoredValue<Vec<Nature>>,
    /// The region that the pointer or the focus is on.
    highlighted: RwSignal<Option<i64>>,
    /// Whether the regions are drawn over the picture.
    regions_shown: RwSignal<bool>,
    edit: ServerAction<EditPicture>,
    delete: ServerAction<DeletePicture>,
}

impl Shown {
    fn new(loaded: Loaded, unfolded: Unfolded, history_from: Option<i64>) -> Self {
        let (detail, earlier) = (RwSignal::new(loaded.detail), RwSignal::new(loaded.earlier));
        let regions = Memo::new(move |_| {
            let looked_at = earlier.with(|earlier| earlier.as_ref().map(|state| state.regions.clone()));
            looked_at.unwrap_or_else(|| detail.with(|detail| detail.picture.regions.clone()))
        });
        Self {
            id: detail.with_untracked(|detail| detail.picture.id),
            detail,
            surroundings: RwSignal::new(loaded.surroundings),
            history: RwSignal::new(loaded.history),
            earlier,
            regions,
            unfolded,
            history_from,
            licences: StoredValue::new(loaded.licences),
            natures: StoredValue::new(loaded.natures),
            highlighted: RwSignal::new(None),
            regions_shown: RwSignal::new(true),
            edit: ServerAction::new(),
            delete: ServerAction::new(),
        }
    }

    /// The picture without its regions, which are shown by themselves: changes only when the metadata does.
    fn metadata(self) -> Memo<Picture> {
        Memo::new(move |_| self.detail.with(|detail| Picture { regions: Vec::new(), ..detail.picture.clone() }))
    }

    fn path(self) -> String {
        format!("/picture/{}", self.id)
    }
}

#[component]
fn Replacements(shown: Shown) -> impl IntoView {
    // Neither changes while the page is open.
    let (by, earlier) = shown.detail.with_untracked(|detail| (detail.picture.replaced_by, detail.picture.replaces));
    let by = by.map(|id| {
        view! {
            <Notice tone=Tone::Warning>
                <p>
                    "This picture is obsolete: it has been replaced by "
                    <a href=format!("/picture/{id}")>{format!("picture {id}")}</a> "."
                </p>
            </Notice>
        }
    });
    let earlier = earlier.map(|id| {
        view! {
            <Notice>
                <p>
                    "This picture replaces an earlier one, " <a href=format!("/picture/{id}")>{format!("picture {id}")}</a>
                    "."
                </p>
            </Notice>
        }
    });
    view! {
        {by}
        {earlier}
    }
}

#[component]
fn Heading(shown: Shown) -> impl IntoView {
    let metadata = shown.metadata();
    view! {
        <header class="stack stack-tight">
            <h1>{move || metadata.with(Picture::display_title)}</h1>
            {move || {
                let description = metadata.with(|picture| picture.description.clone());
                (!description.is_empty()).then(|| view! { <p class="description">{description}</p> })
            }}
        </header>
    }
}

#[component]
fn Content(loaded: Loaded, unfolded: Unfolded, history_from: Option<i64>) -> impl IntoView {
    let shown = Shown::new(loaded, unfolded, history_from);
    // The form has closed by the time the answer is there, so that this page minds it.
    Effect::new(move |_| {
        if let Some(Ok(detail)) = shown.edit.value().get() {
            shown.detail.set(detail);
        }
    });
    let form = use_parameter("form");
    let editing =
        Memo::new(move |_| form.with(|form| form == "edit") && shown.surroundings.with(|around| around.may_edit));
    // The form goes together with what had the focus in it.
    Effect::new(move |before: Option<bool>| {
        let now = editing.get();
        if before == Some(true) && !now {
            focus_soon(|| by_id(EDIT_LINK));
        }
        now
    });
    let title = Memo::new(move |_| shown.detail.with(|detail| detail.picture.display_title()));
    let image = shown.detail.with_untracked(|detail| detail.picture.thumbnail_path(THUMBNAIL_SMALL_PX));
    view! {
        // Texts, not closures: the document's head may ask for them once more when this page has gone.
        {move || {
            view! {
                <Title text=title.get() />
                <Meta property="og:title" content=title.get() />
            }
        }}
        <Meta property="og:image" content=image />
        <div class="picture-page">
            <Stage shown=shown />
            <div class="picture-side">
                {move || {
                    if editing.get() {
                        view! { <EditForm shown=shown /> }.into_any()
                    } else {
                        view! {
                            <Heading shown=shown />
                            <Replacements shown=shown />
                            <Actions shown=shown />
                        }
                            .into_any()
                    }
                }}
                <Regions shown=shown />
                <Rating shown=shown />
                <Attributions shown=shown />
                <Facts shown=shown />
                <Downloads shown=shown />
                <Galleries shown=shown />
                <History shown=shown />
            </div>
        </div>
    }
}

/// The page of one picture.
#[component]
pub fn PicturePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get_str("id").and_then(|id| id.parse::<i64>().ok())));
    let revision = use_parameter("revision");
    // Whoever goes from one state to another goes on in the same list.
    let from = use_parameter("history");
    let list = RwSignal::new([revision, from].iter().any(|part| part.with_untracked(|part| !part.is_empty())));
    let unfolded = Unfolded { list, sittings: StoredValue::new(BTreeSet::new()) };
    let number = |parameter: Memo<String>| parameter.with(|text| text.parse::<i64>().ok());
    let wanted = move || (id.get(), number(revision), number(from));
    let loaded = Resource::new_blocking(wanted, |(id, revision, from)| async move {
        load(id, revision, from).await.map(|loaded| (loaded, from))
    });
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((loaded, from)) => {
                        view! { <Content loaded=loaded unfolded=unfolded history_from=from /> }.into_any()
                    }
                    Err(error) => failed(error),
                }
            })}
        </Transition>
    }
}
