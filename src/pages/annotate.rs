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
use crate::model::{AppError, EditorSettings, ObjectSummary};
use crate::ui::announcer::{Announcements, LastSaid};
use crate::ui::canvas::Canvas;
use crate::ui::command_palette::CommandPalette;
use crate::ui::editor_cache::{EditorCache, Prepared, image_path};
use crate::ui::editor_dialogs::ConflictsDialog;
use crate::ui::editor_flow::FlowBar;
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
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map};

/// So many regions are drawn at most until the canvases take over, and with so many corners.
const STILL_REGIONS: usize = 400;
const STILL_CORNERS: usize = 20_000;

type Loaded = (Prepared, Vec<ObjectSummary>, EditorSettings);

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
    let loaded =
        Resource::new_blocking(move || (id.get(), row.get()), move |(id, row)| load(cache, settings, left, id, row));
    let account = use_session().account;
    view! {
        <Transition fallback=|| view! { <p class="editor-loading" role="status">"Loading the picture…"</p> }>
            {move || Suspend::new(async move {
                let user = account.await.ok().flatten().map(|account| account.username);
                match loaded.await {
                    Ok((prepared, objects, set)) => {
                        cache.keep_objects(&objects);
                        let labels = Labels::new(settings);
                        labels.take_over(set, user.clone());
                        let row = row.get_untracked();
                        view! {
                            <Workspace
                                prepared=prepared
                                row=row
                                cache=cache
                                objects=objects
                                labels=labels
                                user=user
                            />
                        }
                    }
                    .into_any(),
                    Err(error) => {
                        set_page_status(&error);
                        view! {
                            <Title text="Annotate" />
                            <div class="page page-text">
                                <ErrorView error=error />
                            </div>
                        }
                        .into_any()
                    }
                }
            })}
        </Transition>
    }
}

async fn load(
    cache: EditorCache,
    settings: SettingsKeeper,
    left: LeftWork,
    id: String,
    row: QueueAddress,
) -> Result<Loaded, AppError> {
    let id: i64 = id.parse().map_err(|_| AppError::NotFound(format!("picture {id} does not exist")))?;
    let (prepared, objects, settings) =
        futures::join!(cache.open(id, row, left), cache.objects(), settings_of_viewer(settings));
    Ok((prepared?, objects?, settings?))
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

#[component]
fn Workspace(
    prepared: Prepared,
    row: QueueAddress,
    cache: EditorCache,
    objects: Vec<ObjectSummary>,
    labels: Labels,
    user: Option<String>,
) -> impl IntoView {
    let access = if user.is_some() { Access::Write } else { Access::Read };
    let (picture, annotations) = (prepared.detail.picture.clone(), prepared.annotations());
    let size_px = Size::new(picture.width as f64, picture.height as f64);
    // In a page that is there already, the canvases take over before anything is seen.
    let regions = if is_first_page() { worth_showing(&annotations.regions) } else { Vec::new() };
    let session = EditorSession::new(picture.id, Editor::new(size_px, annotations, access), labels);
    session.take_up_habits(cache);
    let left = use_left_work();
    let place = LeftPicture {
        picture: picture.id,
        title: picture.display_title(),
        href: row.annotate_href(picture.id),
        status: None,
    };
    let drawer = user.clone();
    Effect::new(move |_| {
        session.labels.wake();
        if let Some(drawer) = &drawer {
            session.wake(drawer.clone(), place.clone(), left);
        }
    });
    let image = NodeRef::<html::Img>::new();
    let title = picture.display_title();
    let page_title = format!("Annotate {title}");
    let sign_in = format!("/login?next={}", path_segment(&row.annotate_href(picture.id)));
    let page = format!("/picture/{}{}", picture.id, row.search());
    let saving = match access {
        Access::Write => view! { <SaveIndicator session=session user=user.clone().unwrap_or_default() /> }.into_any(),
        Access::Read => view! {
            <p class="editor-looking">
                "You are only looking. " <a href=sign_in>"Sign in"</a> " to draw."
            </p>
        }
        .into_any(),
    };
    let picker = (access == Access::Write).then(|| view! { <ObjectPicker session=session objects=objects /> });
    let (src, alt, width, height) = (image_path(&picture), title.clone(), picture.width, picture.height);
    let zoom = Memo::new(move |_| session.panel.with(|panel| panel.zoom_percent));
    let (map, small) = (picture.thumbnail_path(THUMBNAIL_SMALL_PX), picture.thumbnail_path(THUMBNAIL_LARGE_PX));
    let ratio = picture.width.max(1) as f64 / picture.height.max(1) as f64;
    let proportions = format!("--width: {}; --height: {}", picture.width.max(1), picture.height.max(1));
    view! {
        <Title text=page_title />
        <div class="editor">
            <div class="editor-head">
                <h1 class="editor-title truncate">
                    <a href=page>{title.clone()}</a>
                </h1>
                <FlowBar session=session access=access prepared=prepared row=row cache=cache user=user.clone() />
                <LastSaid announcer=session.announcer />
                <ReadingLine session=session />
                <p class="editor-zoom tabular script-only">{move || format!("{} %", zoom.get())}</p>
                {saving}
            </div>
            <EditorToolbar session=session access=access />
            <Canvas session=session picture=image>
                <div class="editor-still" style=proportions>
                    <div class="editor-still-frame">
                        // Made anew for each picture: an image that is only given another address shows the old one until the
                        // new one has come.
                        {move || {
                            view! { <img src=src.clone() alt=alt.clone() width=width height=height node_ref=image /> }
                        }}
                        <RegionOverlay regions=regions />
                    </div>
                </div>
            </Canvas>
            <Minimap
                session=session
                src=map
                ratio=ratio
            />
            <LookPanel session=session access=access />
            <div class="editor-panel">{picker} <RegionList session=session access=access /></div>
            <p class="visually-hidden" id="editor-canvas-help">
                "Take up a tool with its button or key; press the question mark for all keys. With the Box or Point tool, Enter puts a shape into the middle of the view, and the arrow keys move it."
            </p>
            <Announcements announcer=session.announcer />
            <ShortcutsDialog session=session />
            <CommandPalette session=session />
            <ConflictsDialog session=session src=small ratio=ratio />
            {user.map(|user| view! { <SignInDialog session=session user=user /> })}
        </div>
    }
}
