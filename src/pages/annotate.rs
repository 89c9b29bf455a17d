//! `/picture/<id>/annotate`: the annotation editor.
//!
//! The server renders the whole page: toolbar, list of regions, and the picture with its regions drawn over it. In the
//! browser the canvases take the picture's place.

use crate::api::set_page_status;
use crate::editor::{Access, Editor};
use crate::geometry::Size;
use crate::model::text::path_segment;
use crate::model::{AppError, ObjectSummary};
use crate::ui::announcer::Announcements;
use crate::ui::canvas::Canvas;
use crate::ui::editor_cache::{EditorCache, Prepared, image_path};
use crate::ui::editor_dialogs::{ConflictsDialog, ShortcutsDialog};
use crate::ui::editor_flow::FlowBar;
use crate::ui::editor_overlay::RegionOverlay;
use crate::ui::editor_picker::ObjectPicker;
use crate::ui::editor_regions::RegionList;
use crate::ui::editor_session::EditorSession;
use crate::ui::editor_sign_in::SignInDialog;
use crate::ui::editor_toolbar::{EditorToolbar, SaveIndicator};
use crate::ui::error_view::ErrorView;
use crate::ui::queue_address::QueueAddress;
use crate::ui::session::use_session;
use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map};

type Loaded = (Prepared, Vec<ObjectSummary>);

/// The annotation editor of one picture.
#[component]
pub fn AnnotatePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let search = use_location().search;
    let row = Memo::new(move |_| search.with(|search| QueueAddress::read(search)));
    let cache = EditorCache::default();
    provide_context(cache);
    let loaded = Resource::new_blocking(move || (id.get(), row.get()), move |(id, row)| load(cache, id, row));
    let account = use_session().account;
    view! {
        <Transition fallback=|| view! { <p class="editor-loading" role="status">"Loading the picture…"</p> }>
            {move || Suspend::new(async move {
                let user = account.await.ok().flatten().map(|account| account.username);
                match loaded.await {
                    Ok((prepared, objects)) => {
                        cache.keep_objects(&objects);
                        let row = row.get_untracked();
                        view! { <Workspace prepared=prepared row=row cache=cache objects=objects user=user /> }.into_any()
                    }
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

async fn load(cache: EditorCache, id: String, row: QueueAddress) -> Result<Loaded, AppError> {
    let id: i64 = id.parse().map_err(|_| AppError::NotFound(format!("picture {id} does not exist")))?;
    Ok((cache.open(id, row).await?, cache.objects().await?))
}

#[component]
fn Workspace(
    prepared: Prepared,
    row: QueueAddress,
    cache: EditorCache,
    objects: Vec<ObjectSummary>,
    user: Option<String>,
) -> impl IntoView {
    let access = if user.is_some() { Access::Write } else { Access::Read };
    let (picture, annotations) = (prepared.detail.picture.clone(), prepared.annotations());
    let size_px = Size::new(picture.width as f64, picture.height as f64);
    let regions = annotations.regions.clone();
    let session = EditorSession::new(picture.id, Editor::new(size_px, annotations, access));
    let drawer = user.clone();
    Effect::new(move |_| {
        if let Some(drawer) = &drawer {
            session.wake(drawer.clone());
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
    let zoom = Memo::new(move |_| session.panel.with(|panel| panel.zoom_percent));
    let proportions = format!("--width: {}; --height: {}", picture.width.max(1), picture.height.max(1));
    view! {
        <Title text=page_title />
        <div class="editor">
            <div class="editor-head">
                <h1 class="editor-title truncate">
                    <a href=page>{title.clone()}</a>
                </h1>
                <FlowBar session=session access=access prepared=prepared row=row cache=cache />
                <p class="editor-zoom tabular script-only">{move || format!("{} %", zoom.get())}</p>
                {saving}
            </div>
            <EditorToolbar session=session access=access />
            <Canvas session=session picture=image>
                <div class="editor-still" style=proportions>
                    <div class="editor-still-frame">
                        <img
                            src=image_path(&picture)
                            alt=title
                            width=picture.width
                            height=picture.height
                            node_ref=image
                        />
                        <RegionOverlay regions=regions />
                    </div>
                </div>
            </Canvas>
            <div class="editor-panel">{picker} <RegionList session=session access=access /></div>
            <p class="visually-hidden" id="editor-canvas-help">
                "Take up a tool with its button or key; press the question mark for all keys. With the Box or Point tool, Enter puts a shape into the middle of the view, and the arrow keys move it."
            </p>
            <Announcements announcer=session.announcer />
            <ShortcutsDialog session=session />
            <ConflictsDialog session=session />
            {user.map(|user| view! { <SignInDialog session=session user=user /> })}
        </div>
    }
}
