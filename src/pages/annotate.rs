//! `/picture/<id>/annotate`: the annotation editor.
//!
//! The server renders the whole page: toolbar, list of regions, and the picture with its regions drawn over it. In the
//! browser the canvases take the picture's place.

use crate::api::editor_settings::editor_settings;
use crate::api::objects::object_summaries;
use crate::api::pictures::picture as fetch_picture;
use crate::api::regions::annotations as fetch_annotations;
use crate::api::set_page_status;
use crate::editor::{Access, Editor};
use crate::geometry::Size;
use crate::model::picture::{Picture, THUMBNAIL_LARGE_PX};
use crate::model::region::Annotations;
use crate::model::text::path_segment;
use crate::model::{AppError, EditorSettings, ObjectSummary, PictureDetail};
use crate::ui::announcer::Announcements;
use crate::ui::canvas::Canvas;
use crate::ui::command_palette::CommandPalette;
use crate::ui::editor_dialogs::ConflictsDialog;
use crate::ui::editor_overlay::RegionOverlay;
use crate::ui::editor_picker::ObjectPicker;
use crate::ui::editor_regions::RegionList;
use crate::ui::editor_session::EditorSession;
use crate::ui::editor_shortcuts::ShortcutsDialog;
use crate::ui::editor_toolbar::{EditorToolbar, SaveIndicator};
use crate::ui::error_view::ErrorView;
use crate::ui::session::use_session;
use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

type Loaded = (PictureDetail, Annotations, Vec<ObjectSummary>, EditorSettings);

/// The annotation editor of one picture.
#[component]
pub fn AnnotatePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let loaded = Resource::new_blocking(move || id.get(), load);
    let account = use_session().account;
    view! {
        <Suspense fallback=|| view! { <p class="editor-loading" role="status">"Loading the picture…"</p> }>
            {move || Suspend::new(async move {
                let user = account.await.ok().flatten().map(|account| account.username);
                match loaded.await {
                    Ok((detail, annotations, objects, settings)) => view! {
                        <Workspace
                            picture=detail.picture
                            annotations=annotations
                            objects=objects
                            settings=settings
                            user=user
                        />
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
        </Suspense>
    }
}

async fn load(id: String) -> Result<Loaded, AppError> {
    let id: i64 = id.parse().map_err(|_| AppError::NotFound(format!("picture {id} does not exist")))?;
    let picture = fetch_picture(id).await?;
    let annotations = fetch_annotations(id).await?;
    let objects = object_summaries().await?;
    let settings = match editor_settings().await {
        Err(AppError::NotSignedIn(_)) => EditorSettings::default(),
        settings => settings?,
    };
    Ok((picture, annotations, objects, settings))
}

/// The image to draw on. Browsers show no TIFF, so its thumbnail stands in for it; shapes are relative to either.
fn image_path(picture: &Picture) -> String {
    match picture.file_format.as_str() {
        "image/tiff" => picture.thumbnail_path(THUMBNAIL_LARGE_PX),
        _ => picture.image_path().to_owned(),
    }
}

#[component]
fn Workspace(
    picture: Picture,
    annotations: Annotations,
    objects: Vec<ObjectSummary>,
    settings: EditorSettings,
    user: Option<String>,
) -> impl IntoView {
    let access = if user.is_some() { Access::Write } else { Access::Read };
    let size_px = Size::new(picture.width as f64, picture.height as f64);
    let regions = annotations.regions.clone();
    let session = EditorSession::new(picture.id, Editor::new(size_px, annotations, access));
    session.labels.take_over(settings, user.clone());
    let drawer = user.clone();
    Effect::new(move |_| {
        session.labels.wake();
        if let Some(drawer) = &drawer {
            session.wake(drawer.clone());
        }
    });
    let image = NodeRef::<html::Img>::new();
    let title = picture.display_title();
    let page_title = format!("Annotate {title}");
    let sign_in = format!("/login?next={}", path_segment(&format!("/picture/{}/annotate", picture.id)));
    let saving = match access {
        Access::Write => {
            view! { <SaveIndicator session=session user=user.unwrap_or_default() sign_in=sign_in /> }.into_any()
        }
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
                    <a href=format!("/picture/{}", picture.id)>{title.clone()}</a>
                </h1>
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
            <CommandPalette session=session />
            <ConflictsDialog session=session />
        </div>
    }
}
