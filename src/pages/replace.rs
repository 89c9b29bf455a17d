//! `/picture/<id>/replace`: a better file takes a picture's place.

use super::upload::ACCEPT;
use super::upload::fields::{LineField, SharedFields};
use super::upload::sending::{Shared, State, preview_of, revoke, send_file};
use crate::api::accounts::site_state;
use crate::api::pictures::{picture, surroundings};
use crate::api::reference::{licences, natures};
use crate::model::limits::MAX_TITLE;
use crate::model::picture::{THUMBNAIL_SMALL_PX, same_aspect_ratio};
use crate::model::text::path_segment;
use crate::model::{AppError, Licence, Nature, Picture};
use crate::ui::field::FieldError;
use crate::ui::form_error::{FormNotice, field_error, general_error};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::leaving::ask_before_leaving;
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::{Notice, Tone};
use crate::ui::picture_grid::alternative_text;
use crate::ui::session::use_session;
use crate::ui::text::{bytes, count, grouped};
use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_params_map};
use web_sys::{File, XmlHttpRequest};

/// The fields that show by themselves what is wrong with them.
const FIELDS: &[&str] = &["title", "file", "carry_regions", "nature", "licence", "origin_url", "description"];

#[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Known {
    picture: Picture,
    may_edit: bool,
    licences: Vec<Licence>,
    natures: Vec<Nature>,
    limit_bytes: i64,
}

async fn load(id: Option<i64>) -> Result<Known, AppError> {
    let id = id.ok_or_else(|| AppError::NotFound("pictures have whole numbers as addresses".to_owned()))?;
    Ok(Known {
        picture: picture(id).await?.picture,
        may_edit: surroundings(id).await?.may_edit,
        licences: licences().await?,
        natures: natures().await?,
        limit_bytes: site_state().await?.upload_limit_bytes,
    })
}

/// The better file, as far as the browser can tell.
#[derive(Clone)]
struct Chosen {
    file: File,
    preview: Option<String>,
}

/// What is asked for the new picture, and what became of it.
#[derive(Clone, Copy)]
struct Form {
    replaced: i64,
    title: RwSignal<String>,
    shared: Shared,
    chosen: RwSignal<Option<Chosen>>,
    /// Whether the regions fit the file; unknown while no file is chosen, and for those that browsers do not show.
    fits: RwSignal<Option<bool>>,
    carry: RwSignal<bool>,
    state: RwSignal<State>,
    request: StoredValue<Option<XmlHttpRequest>>,
}

impl Form {
    fn new(picture: &Picture) -> Self {
        Self {
            replaced: picture.id,
            title: RwSignal::new(picture.title.clone()),
            shared: Shared {
                nature: RwSignal::new(picture.nature.clone()),
                licences: RwSignal::new(picture.licences.clone()),
                origin: RwSignal::new(picture.origin_url.clone().unwrap_or_default()),
                description: RwSignal::new(picture.description.clone()),
                keep_place: RwSignal::new(false),
                // The new picture comes where the old one is.
                dataset: RwSignal::new(String::new()),
                error: RwSignal::new(None),
            },
            chosen: RwSignal::new(None),
            fits: RwSignal::new(None),
            carry: RwSignal::new(!picture.regions.is_empty()),
            state: RwSignal::new(State::Waiting),
            request: StoredValue::new(None),
        }
    }

    fn choose(self, file: File) {
        let preview = preview_of(&file);
        let before = self.chosen.try_update(|chosen| chosen.replace(Chosen { file, preview })).flatten();
        if let Some(preview) = before.and_then(|before| before.preview) {
            revoke(&preview);
        }
        self.fits.set(None);
        self.shared.error.set(None);
        self.state.set(State::Waiting);
    }

    fn sending(self) -> bool {
        self.state.with(|state| matches!(state, State::Sending(_)))
    }

    /// Ends what is under way because the page is left, and gives back the memory of the preview.
    fn abandon(self) {
        if let Some(request) = self.request.try_update_value(Option::take).flatten() {
            // Aborting a request that has ended does nothing.
            let _ = request.abort();
        }
        let chosen = self.chosen.try_update(Option::take).flatten();
        if let Some(preview) = chosen.and_then(|chosen| chosen.preview) {
            revoke(&preview);
        }
    }

    fn carries(self) -> bool {
        self.carry.get() && self.fits.get() != Some(false)
    }

    fn send(self, done: Callback<i64>) {
        let Some(chosen) = self.chosen.get_untracked() else {
            self.fail(AppError::field("file", "must be chosen first"));
            return;
        };
        let mut metadata = self.shared.metadata(&self.title.get_untracked());
        metadata["replaces"] = self.replaced.into();
        metadata["carry_regions"] = untrack(|| self.carries()).into();
        self.shared.error.set(None);
        self.state.set(State::Sending(0.0));
        let on_progress = Callback::new(move |part: f64| {
            // The page may have gone meanwhile.
            let _ = self.state.try_set(State::Sending(part));
        });
        let on_end = move |state| match state {
            State::Failed(error) => self.fail(error),
            State::Done(id) => {
                let _ = self.state.try_set(State::Done(id));
                done.try_run(id);
            }
            other => drop(self.state.try_set(other)),
        };
        match send_file(&metadata, &chosen.file, on_progress, on_end) {
            Ok(request) => self.request.set_value(Some(request)),
            Err(_) => self.fail(AppError::field("file", "could not be read by the browser")),
        }
    }

    fn fail(self, error: AppError) {
        let _ = self.shared.error.try_set(Some(error.clone()));
        let _ = self.state.try_set(State::Failed(error));
    }

    fn error(self, name: &'static str) -> Signal<Option<String>> {
        field_error(self.shared.error.into(), name)
    }
}

/// Where the file is chosen, with a look at it beside the picture that it replaces.
#[component]
fn FileField(form: Form, picture: Picture, limit_bytes: i64) -> impl IntoView {
    let error = form.error("file");
    let size = (picture.width, picture.height);
    let image = NodeRef::<html::Img>::new();
    let measure = move |_| {
        if let Some(image) = image.get_untracked() {
            let new = (i64::from(image.natural_width()), i64::from(image.natural_height()));
            form.fits.set(Some(same_aspect_ratio(size, new)));
        }
    };
    let preview = move || form.chosen.with(|chosen| chosen.as_ref().and_then(|chosen| chosen.preview.clone()));
    view! {
        <div class="field">
            <label class="field-label" for="file">
                "The better file"
            </label>
            <input
                id="file"
                type="file"
                accept=ACCEPT
                aria-describedby="file-hint file-error"
                aria-invalid=move || error.get().is_some().then_some("true")
                on:change:target=move |event| {
                    if let Some(file) = event.target().files().and_then(|files| files.item(0)) {
                        form.choose(file);
                    }
                }
            />
            <p class="field-hint" id="file-hint">
                {format!("JPEG, PNG, GIF, WebP, TIFF, BMP or SVG, up to {}", bytes(limit_bytes as f64))}
            </p>
            <FieldError id="file-error" error=error />
        </div>
        <div class="replace-pair">
            <figure>
                <img
                    src=picture.thumbnail_path(THUMBNAIL_SMALL_PX)
                    width=picture.width.to_string()
                    height=picture.height.to_string()
                    alt=alternative_text(&picture)
                />
                <figcaption class="muted">
                    {format!("Now: {} × {} pixels", grouped(picture.width), grouped(picture.height))}
                </figcaption>
            </figure>
            {move || {
                preview()
                    .map(|url| {
                        view! {
                            <figure>
                                <img src=url alt="The better file" node_ref=image on:load=measure />
                                <figcaption class="muted">"The better file"</figcaption>
                            </figure>
                        }
                    })
            }}
        </div>
    }
}

/// Whether the regions go over to the new picture.
#[component]
fn CarryField(form: Form, regions: i64) -> impl IntoView {
    let error = form.error("carry_regions");
    let misfit = move || form.fits.get() == Some(false);
    let hint = move || {
        if misfit() {
            "Not possible: the better file has another aspect ratio, so that they would not fit."
        } else {
            "They are copied, and stay on the old picture, too."
        }
    };
    view! {
        <div class="field">
            <label class="choice">
                <input
                    type="checkbox"
                    aria-describedby="carry-hint carry-error"
                    prop:checked=move || form.carries()
                    prop:disabled=misfit
                    on:change:target=move |event| form.carry.set(event.target().checked())
                />
                <span>{format!("Carry {} over", count(regions, "region", "regions"))}</span>
            </label>
            <p class="field-hint" id="carry-hint">
                {hint}
            </p>
            <FieldError id="carry-error" error=error />
        </div>
    }
}

#[component]
fn ReplaceForm(known: Known) -> impl IntoView {
    let Known { picture, licences, natures, limit_bytes, .. } = known;
    let form = Form::new(&picture);
    let navigate = use_navigate();
    let done = Callback::new(move |id: i64| navigate(&format!("/picture/{id}"), Default::default()));
    let regions = picture.regions.len() as i64;
    let back = format!("/picture/{}", picture.id);
    let sending = Signal::derive(move || form.sending());
    Effect::new(move |_| ask_before_leaving(sending, "The picture is still being uploaded. Leave and stop it?"));
    on_cleanup(move || form.abandon());
    let words = move || match form.state.get() {
        State::Sending(part) if part >= 1.0 => "Reading the picture …".to_owned(),
        State::Sending(part) => format!("{:.0} % sent", part * 100.0),
        _ => String::new(),
    };
    let general = general_error(form.shared.error.into(), FIELDS);
    view! {
        <div class="with-side">
            <div class="form">
                <p class="notice no-script-only">
                    <span>
                        "Replacing a picture in the browser needs JavaScript. Without it, " <code>"POST /api/upload"</code>
                        " with " <code>"replaces"</code> " does the same from any program."
                    </span>
                </p>
                <FormNotice error=general />
                <div class="form script-only">
                    <FileField form=form picture=picture limit_bytes=limit_bytes />
                    {(regions > 0).then(|| view! { <CarryField form=form regions=regions /> })}
                    <LineField label="Title" id="title" value=form.title max_length=MAX_TITLE error=form.error("title") />
                    <p role="status">{words}</p>
                    <div class="form-actions">
                        <button class="button primary" type="button" aria-disabled=move || sending.get().then_some("true") on:click=move |_| if !sending.get_untracked() { form.send(done) }>
                            <Icon glyph=Glyph::Upload />
                            "Replace the picture"
                        </button>
                        <a class="button" href=back>
                            "Cancel"
                        </a>
                    </div>
                </div>
            </div>
            <SharedFields shared=form.shared natures=natures licences=licences title="About the picture" />
        </div>
    }
}

#[component]
fn Content(known: Known, signed_in: bool) -> impl IntoView {
    let (id, title) = (known.picture.id, known.picture.display_title());
    let page_title = format!("Replace {title}");
    let body = match known.picture.replaced_by {
        Some(by) => view! {
            <Notice tone=Tone::Warning>
                <p>
                    "This picture has been replaced already, by " <a href=format!("/picture/{by}")>{format!("picture {by}")}</a>
                    ". Replace that one instead."
                </p>
            </Notice>
        }
        .into_any(),
        None if !signed_in => {
            let next = path_segment(&format!("/picture/{id}/replace"));
            view! {
                <Notice>
                    <p>
                        <a href=format!("/login?next={next}")>"Sign in"</a>
                        " to replace this picture. Its author may, and in a dataset its writers."
                    </p>
                </Notice>
            }
            .into_any()
        }
        None if !known.may_edit => view! {
            <Notice>
                <p>"Only the author of a picture may replace it, or in a dataset its writers; and administrators."</p>
            </Notice>
        }
        .into_any(),
        None => view! { <ReplaceForm known=known /> }.into_any(),
    };
    view! {
        <Title text=page_title />
        <div class="page">
            <div class="page-head">
                <div>
                    <p class="crumb">
                        <a href=format!("/picture/{id}")>{title}</a>
                    </p>
                    <h1>"Replace the picture"</h1>
                    <p>"The new picture takes this one's place in lists. This one stays at its address and says that it is obsolete."</p>
                </div>
            </div>
            {body}
        </div>
    }
}

/// The page to replace a picture.
#[component]
pub fn ReplacePage() -> impl IntoView {
    let params = use_params_map();
    let account = use_session().account;
    let id = Memo::new(move |_| params.with(|params| params.get_str("id").and_then(|id| id.parse::<i64>().ok())));
    let known = Resource::new_blocking(move || id.get(), load);
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                let signed_in = matches!(account.await, Ok(Some(_)));
                match known.await {
                    Ok(known) => view! { <Content known=known signed_in=signed_in /> }.into_any(),
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}
