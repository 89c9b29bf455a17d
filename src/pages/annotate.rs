//! `/picture/<id>/annotate`: the annotation editor.
//!
//! The server renders the whole page: toolbar, list of regions, and the picture with its regions drawn over it. In the
//! browser the canvases take the picture's place.

use crate::api::editor_settings::editor_settings;
use crate::api::set_page_status;
use crate::editor::{Access, Editor};
use crate::geometry::Size;
use crate::model::picture::{THUMBNAIL_LARGE_PX, THUMBNAIL_SMALL_PX};
use crate::model::region::Region;
use crate::model::text::path_segment;
use crate::model::{Annotations, AppError, EditorSettings, ObjectSummary};
use crate::ui::announcer::{Announcements, LastSaid};
use crate::ui::canvas::Canvas;
use crate::ui::command_palette::CommandPalette;
use crate::ui::editor_cache::{EditorCache, Prepared, image_path};
use crate::ui::editor_dialogs::ConflictsDialog;
use crate::ui::editor_flow::FlowBar;
use crate::ui::editor_keeper::Keeper;
use crate::ui::editor_labels::{Labels, SettingsKeeper};
use crate::ui::editor_overlay::RegionOverlay;
use crate::ui::editor_picker::ObjectPicker;
use crate::ui::editor_regions::RegionList;
use crate::ui::editor_seen::{LookPanel, Minimap, ReadingLine};
use crate::ui::editor_session::EditorSession;
use crate::ui::editor_shortcuts::ShortcutsDialog;
use crate::ui::editor_sign_in::SignInDialog;
use crate::ui::editor_toolbar::{EditorToolbar, SaveIndicator};
use crate::ui::error_view::ErrorView;
use crate::ui::first_page::is_first_page;
use crate::ui::left_work::{LeftPicture, LeftWork, use_left_work};
use crate::ui::queue_address::QueueAddress;
use crate::ui::session::use_session;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map};
use serde::{Deserialize, Serialize};

/// So many regions are drawn at most until the canvases take over, and with so many corners.
const STILL_REGIONS: usize = 400;
const STILL_CORNERS: usize = 20_000;

/// What there is to begin with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Loaded {
    prepared: Prepared,
    objects: Vec<ObjectSummary>,
    settings: EditorSettings,
    /// The objects that the project asks for, where pictures are annotated in one.
    asked: Option<Vec<String>>,
    user: Option<String>,
}

impl Loaded {
    /// What the viewer may do with the picture.
    fn access(&self) -> Access {
        match (&self.user, self.prepared.may_annotate) {
            (Some(_), Some(true) | None) => Access::Write,
            (Some(_), Some(false)) | (None, _) => Access::Read,
        }
    }
}

/// What was found in a row.
type Found = (QueueAddress, Result<Loaded, AppError>);

/// The annotation editor of one picture.
#[component]
pub fn AnnotatePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let search = use_location().search;
    let row = Memo::new(move |_| search.with(|search| QueueAddress::read(search)));
    let cache = EditorCache::default();
    provide_context(cache);
    let (settings, left) = (SettingsKeeper::default(), use_left_work());
    let account = use_session().account;
    let load = move |id, row| async move {
        let user = account.await.ok().flatten().map(|account| account.username);
        load(cache, settings, left, user, id, row).await
    };
    let first_row = row.get_untracked();
    let first = Resource::new_blocking(|| (), move |()| load(id.get_untracked(), row.get_untracked()));
    let shown = RwSignal::new(None::<Found>);
    // How often another page had to take the place of the one before.
    let others = RwSignal::new(0_u32);
    // The page stays while its pictures change: making a new one of the old one would take longer than anything else.
    Effect::new(move |before: Option<(String, QueueAddress)>| {
        let wanted = (id.get(), row.get());
        let is_there = move |wanted: &(String, QueueAddress)| {
            shown.with_untracked(|shown| match shown {
                Some((row, Ok(loaded))) => {
                    *row == wanted.1 && loaded.prepared.detail.picture.id.to_string() == wanted.0
                }
                _ => false,
            })
        };
        if before.is_none_or(|before| before == wanted) {
            return wanted;
        }
        if is_there(&wanted) {
            // Whoever turns back at once has never left.
            cache.stay();
        } else {
            let wanted = wanted.clone();
            spawn_local(async move {
                let loaded = load(wanted.0.clone(), wanted.1.clone()).await;
                // Somebody may have gone elsewhere meanwhile, or come here by a quicker answer.
                if id.try_get_untracked().zip(row.try_get_untracked()).as_ref() == Some(&wanted) && !is_there(&wanted) {
                    let found = (wanted.1, loaded);
                    let is_other =
                        !shown.with_untracked(|shown| shown.as_ref().is_some_and(|shown| is_alike(shown, &found)));
                    shown.set(Some(found));
                    if is_other {
                        others.update(|others| *others += 1);
                    }
                }
            });
        }
        wanted
    });
    view! {
        <Transition fallback=|| view! { <p class="editor-loading" role="status">"Loading the picture…"</p> }>
            {move || {
                others.track();
                let row = first_row.clone();
                Suspend::new(async move {
                    let first = first.await;
                    if shown.with_untracked(Option::is_none) {
                        shown.set(Some((row, first)));
                    }
                    let user = shown.with_untracked(|shown| {
                        let (_, loaded) = shown.as_ref()?;
                        Some(loaded.as_ref().map(|loaded| loaded.user.clone()).map_err(Clone::clone))
                    });
                    match user {
                        Some(Err(error)) => {
                            set_page_status(&error);
                            view! {
                                <Title text="Annotate" />
                                <div class="page page-text">
                                    <ErrorView error=error />
                                </div>
                            }
                            .into_any()
                        }
                        user => {
                            let (labels, user) = (Labels::new(settings), user.and_then(Result::ok).flatten());
                            view! { <Workspace shown=shown cache=cache labels=labels user=user /> }.into_any()
                        }
                    }
                })
            }}
        </Transition>
    }
}

/// Whether a page that shows one of them can show the other one: an editor is somebody's, who draws or looks.
fn is_alike(shown: &Found, (_, loaded): &Found) -> bool {
    match (&shown.1, loaded) {
        (Ok(shown), Ok(loaded)) => (&shown.user, shown.access()) == (&loaded.user, loaded.access()),
        _ => false,
    }
}

async fn load(
    cache: EditorCache,
    settings: SettingsKeeper,
    left: LeftWork,
    user: Option<String>,
    id: String,
    row: QueueAddress,
) -> Result<Loaded, AppError> {
    let id: i64 = id.parse().map_err(|_| AppError::NotFound(format!("picture {id} does not exist")))?;
    let (asked, prepared, objects, settings) = futures::join!(
        cache.asked_in(&row),
        cache.open(id, row.clone(), left),
        cache.new_objects(),
        settings_of_viewer(settings)
    );
    Ok(Loaded { prepared: prepared?, objects: objects?, settings: settings?, asked, user })
}

/// Asked for once: a picture that was fetched in advance is there without the server.
async fn settings_of_viewer(keeper: SettingsKeeper) -> Result<EditorSettings, AppError> {
    match keeper.known() {
        Some(settings) => Ok(settings),
        None => match editor_settings().await {
            Err(AppError::NotSignedIn(_)) => Ok(EditorSettings::default()),
            settings => settings,
        },
    }
}

/// The regions that are drawn over the picture until the canvases take over: not so many that the page would come late.
fn worth_showing(regions: &[Region]) -> Vec<Region> {
    let mut corners = 0;
    let fits = |region: &&Region| {
        corners += crate::geometry::corners(&region.shape).len();
        corners <= STILL_CORNERS
    };
    regions.iter().take(STILL_REGIONS).take_while(fits).cloned().collect()
}

/// A picture that somebody has come to.
#[derive(Clone)]
struct Arrived {
    /// How many there were before it.
    visit: u32,
    prepared: Prepared,
    row: QueueAddress,
}

impl Arrived {
    /// Its address in the row.
    fn href(&self) -> String {
        self.row.annotate_href(self.prepared.detail.picture.id)
    }

    fn title(&self) -> String {
        self.prepared.detail.picture.display_title()
    }

    fn ratio(&self) -> f64 {
        let picture = &self.prepared.detail.picture;
        picture.width.max(1) as f64 / picture.height.max(1) as f64
    }

    /// Guards what is drawn from now on.
    fn wake(&self, session: EditorSession, left: LeftWork, user: Option<&str>, keeper: Option<Keeper>) {
        session.labels.wake();
        if let Some(user) = user {
            let picture = self.prepared.detail.picture.id;
            let place = LeftPicture { picture, title: self.title(), href: self.href() };
            let is_early = self.prepared.is_early;
            session.within_visit(|visit| visit.wake(user.to_owned(), place, left, keeper, is_early));
        }
    }
}

/// An editor of the regions that were fetched, which go from here into it.
fn editor_of(prepared: &mut Prepared, access: Access) -> Editor {
    let (revision, picture) = (prepared.detail.revision, &mut prepared.detail.picture);
    let size_px = Size::new(picture.width as f64, picture.height as f64);
    let regions = std::mem::take(&mut picture.regions);
    Editor::new(size_px, Annotations { revision, regions }, access)
}

/// What this person is to be shown, with its regions, which are kept no longer where they were: the editor has its own. In the
/// browser only, where a page is made once of what there is.
fn take(
    shown: RwSignal<Option<Found>>,
    cache: EditorCache,
    user: Option<&str>,
    access: Access,
) -> Option<(QueueAddress, Prepared)> {
    let found = shown.try_update_untracked(|shown| match shown {
        Some((row, Ok(loaded))) if loaded.user.as_deref() == user && loaded.access() == access => {
            cache.keep_asked(row, loaded.asked.clone());
            let regions = std::mem::take(&mut loaded.prepared.detail.picture.regions);
            let mut prepared = loaded.prepared.clone();
            prepared.detail.picture.regions = regions;
            Some((row.clone(), prepared))
        }
        _ => None,
    });
    found.flatten()
}

#[component]
fn Workspace(
    /// What is to be shown.
    shown: RwSignal<Option<Found>>,
    cache: EditorCache,
    labels: Labels,
    user: Option<String>,
) -> impl IntoView {
    let Some((row, Ok(loaded))) = shown.get_untracked() else {
        return ().into_any();
    };
    let access = loaded.access();
    let Loaded { mut prepared, objects, settings, asked, .. } = loaded;
    labels.take_over(settings, user.clone());
    cache.keep_objects(&objects);
    cache.keep_asked(&row, asked);
    // In a page that is there already, the canvases take over before anything is seen.
    let still = if is_first_page() { worth_showing(&prepared.detail.picture.regions) } else { Vec::new() };
    let session = EditorSession::new(prepared.detail.picture.id, editor_of(&mut prepared, access), labels);
    let arrived = RwSignal::new(Arrived { visit: 0, prepared, row });
    let (left, drawer) = (use_left_work(), user.clone());
    Effect::new(move |woken: Option<()>| {
        shown.track();
        // Where there is nothing, another page takes the place of this one, whose picture is guarded already.
        let Some((row, mut prepared)) = take(shown, cache, drawer.as_deref(), access) else { return };
        let picture = prepared.detail.picture.id;
        // The picture that is left may be this one in another row.
        let habits = woken.and_then(|()| session.leave());
        // What this tab has of an earlier visit is newer than what was fetched.
        let back = drawer.as_deref().and_then(|user| left.take_back(user, picture));
        prepared.is_early |= back.is_some();
        let (editor, keeper) = match back {
            Some((editor, keeper)) => (Some(editor), Some(keeper)),
            None => (woken.map(|()| editor_of(&mut prepared, access)), None),
        };
        if let Some(editor) = editor {
            prepared.detail.picture.regions = Vec::new();
            session.open(picture, editor, habits);
            arrived.set(Arrived { visit: session.visits.get_untracked(), prepared, row });
        }
        arrived.with_untracked(|arrived| arrived.wake(session, left, drawer.as_deref(), keeper));
    });
    let image = NodeRef::<html::Img>::new();
    let title = Memo::new(move |_| arrived.with(Arrived::title));
    // The server asks for the title of a page once more when it sends the head, and this may be gone by then.
    let first_title = arrived.with_untracked(Arrived::title);
    let tab_title = move || format!("Annotate {}", title.try_get().unwrap_or_else(|| first_title.clone()));
    let zoom = Memo::new(move |_| session.reading.with(|reading| (reading.view.scale() * 100.0).round()));
    let ratio = Memo::new(move |_| arrived.with(Arrived::ratio));
    let thumbnail = move |width: u32| {
        Memo::new(move |_| arrived.with(|arrived| arrived.prepared.detail.picture.thumbnail_path(width)))
    };
    let proportions = move || {
        arrived.with(|Arrived { prepared, .. }| {
            let picture = &prepared.detail.picture;
            format!("--width: {}; --height: {}", picture.width.max(1), picture.height.max(1))
        })
    };
    let page = move || {
        arrived.with(|Arrived { prepared, row, .. }| format!("/picture/{}{}", prepared.detail.picture.id, row.search()))
    };
    let sign_in = move || format!("/login?next={}", path_segment(&arrived.with(Arrived::href)));
    let saving = match access {
        Access::Write => view! { <SaveIndicator session=session user=user.clone().unwrap_or_default() /> }.into_any(),
        Access::Read if user.is_some() => {
            view! { <p class="editor-looking">"You are only looking: this dataset does not let you draw."</p> }
                .into_any()
        }
        Access::Read => view! {
            <p class="editor-looking">
                "You are only looking. " <a href=sign_in>"Sign in"</a> " to draw."
            </p>
        }
        .into_any(),
    };
    let picker = (access == Access::Write).then(|| view! { <ObjectPicker session=session objects=cache.objects() /> });
    let flow = {
        let user = user.clone();
        move || {
            let Arrived { prepared, row, .. } = arrived.get();
            let user = user.clone();
            session.visit().map(|visit| {
                view! {
                    <FlowBar session=session visit=visit access=access prepared=prepared row=row cache=cache user=user />
                }
            })
        }
    };
    // Made anew for each picture: an image that is only given another address shows the old one until the new one has come.
    let picture = move |Arrived { prepared, .. }: Arrived| {
        let picture = prepared.detail.picture;
        let (src, alt) = (image_path(&picture), picture.display_title());
        view! { <img src=src alt=alt width=picture.width height=picture.height node_ref=image /> }
    };
    view! {
        <Title text=tab_title />
        <div class="editor">
            <div class="editor-head">
                <h1 class="editor-title truncate">
                    <a href=page>{move || title.get()}</a>
                </h1>
                {flow}
                <LastSaid announcer=session.announcer />
                <ReadingLine session=session />
                <p class="editor-zoom tabular script-only">{move || format!("{} %", zoom.get())}</p>
                {saving}
            </div>
            <EditorToolbar session=session access=access />
            <Canvas session=session picture=image>
                <div class="editor-still" style=proportions>
                    <div class="editor-still-frame">
                        <For each=move || [arrived.get()] key=|arrived| arrived.visit children=picture />
                        {move || {
                            let regions = if session.visits.get() == 0 { still.clone() } else { Vec::new() };
                            view! { <RegionOverlay regions=regions /> }
                        }}
                    </div>
                </div>
            </Canvas>
            <Minimap session=session src=thumbnail(THUMBNAIL_SMALL_PX) ratio=ratio />
            <LookPanel session=session access=access />
            <div class="editor-panel">{picker} <RegionList session=session access=access /></div>
            <p class="visually-hidden" id="editor-canvas-help">
                "Take up a tool with its button or key; press the question mark for all keys, and O to pick an object. With a drawing tool and nothing selected, the arrow keys move a cross, Space sets a corner or point there, or begins and ends a box, and Enter ends a polygon or line."
            </p>
            <Announcements announcer=session.announcer />
            <ShortcutsDialog session=session />
            <CommandPalette session=session />
            <ConflictsDialog session=session src=thumbnail(THUMBNAIL_LARGE_PX) ratio=ratio />
            {user.map(|user| view! { <SignInDialog session=session user=user /> })}
        </div>
    }
    .into_any()
}
