//! `/upload`: bring pictures in. What is shared by all of them is asked once; every file has its own row. With `?dataset=` they go
//! into that one, named by its number or as `namespace/name`.

mod destination;
pub(super) mod fields;
mod queue;
mod row;
pub(super) mod sending;

use crate::api::accounts::site_state;
use crate::api::reference::{licences, natures};
use crate::model::text::path_segment;
use crate::model::{AppError, Licence, Nature};
use crate::ui::add_to_gallery::{AddToGallery, Additions};
use crate::ui::form_error::FormNotice;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::leaving::ask_before_leaving;
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::{Notice, Tone};
use crate::ui::parameters::{use_here, use_parameter};
use crate::ui::session::use_session;
use crate::ui::text::{bytes, count, sentence};
use crate::ui::toast::use_toasts;
use destination::{DestinationField, Destinations, Refused};
use fields::SharedFields;
use leptos::prelude::*;
use leptos_meta::Title;
use queue::{Queue, SHARED_FIELDS};
use row::Row;
use web_sys::{DragEvent, FileList};

/// What the file chooser offers. The server looks at the content, whatever the name.
pub(super) const ACCEPT: &str = ".jpg,.jpeg,.png,.gif,.webp,.tif,.tiff,.bmp,.svg,image/*";

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Known {
    licences: Vec<Licence>,
    natures: Vec<Nature>,
    limit_bytes: i64,
    destinations: Destinations,
}

async fn load(dataset: String) -> Result<Known, AppError> {
    let limit_bytes = site_state().await?.upload_limit_bytes;
    let destinations = Destinations::load(dataset).await?;
    Ok(Known { licences: licences().await?, natures: natures().await?, limit_bytes, destinations })
}

#[component]
fn DropZone(queue: Queue, limit_bytes: i64) -> impl IntoView {
    let over = RwSignal::new(false);
    let take = move |files: Option<FileList>| {
        let Some(files) = files else { return };
        for index in 0..files.length() {
            if let Some(file) = files.item(index) {
                queue.add(file);
            }
        }
    };
    let drop_files = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        take(event.data_transfer().and_then(|transfer| transfer.files()));
    };
    let drag_over = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    view! {
        <div
            class="drop-zone script-only"
            class:over=move || over.get()
            on:dragover=drag_over
            on:dragleave=move |_| over.set(false)
            on:drop=drop_files
        >
            <Icon glyph=Glyph::Upload />
            <p>
                <label class="button primary" for="files">
                    "Choose pictures"
                </label>
                <input
                    id="files"
                    type="file"
                    multiple=true
                    accept=ACCEPT
                    aria-describedby="files-hint"
                    on:change:target=move |event| {
                        let input = event.target();
                        take(input.files());
                        input.set_value("");
                    }
                />
                <span class="drop-or">"or drop them here"</span>
            </p>
            <p class="field-hint" id="files-hint">
                {format!("JPEG, PNG, GIF, WebP, TIFF, BMP or SVG, up to {} each", bytes(limit_bytes as f64))}
            </p>
        </div>
    }
}

#[component]
fn Progress(queue: Queue) -> impl IntoView {
    let tally = Memo::new(move |_| queue.tally());
    let words = move || {
        let tally = tally.get();
        match (tally.sending + tally.waiting, tally.done, tally.failed) {
            _ if tally.total == 0 => "No pictures chosen yet.".to_owned(),
            (0, done, 0) => format!("{} uploaded.", count(done, "picture", "pictures")),
            (0, done, failed) => format!("{done} uploaded, {failed} failed."),
            _ if queue.running.get() => format!("{} of {} uploaded …", tally.done, tally.total),
            (left, ..) => format!("{} ready to upload.", count(left, "picture", "pictures")),
        }
    };
    let ready = move || tally.get().waiting > 0 && !queue.running.get();
    let (adding, account) = (RwSignal::new(false), use_session().account);
    let uploaded = Signal::derive(move || Additions::Pictures(queue.uploaded()));
    let over = move || tally.get().done > 0 && !queue.running.get();
    // Where the pictures of now go; those before may have gone elsewhere.
    let own_page = move || {
        let dataset = queue.shared.dataset.get();
        if !dataset.is_empty() {
            return Some(format!("/{dataset}"));
        }
        let name = account.get()?.ok()??.username;
        Some(format!("/user/{}", path_segment(&name)))
    };
    let own_words =
        move || queue.shared.dataset.with(|name| if name.is_empty() { "Show my pictures" } else { "Show the dataset" });
    view! {
        <div class="upload-bar script-only">
            <p role="status">{words}</p>
            <div class="form-actions">
                <Show when=over>
                    <a class="button" href=own_page>
                        {own_words}
                    </a>
                    <button class="button" type="button" on:click=move |_| adding.set(true)>
                        <Icon glyph=Glyph::Plus />
                        "Add them to a gallery"
                    </button>
                </Show>
                <Show when=move || queue.running.get()>
                    <button class="button" type="button" on:click=move |_| queue.cancel_all()>
                        "Cancel all"
                    </button>
                </Show>
                <Show when=move || (tally.get().failed > 1) && !queue.running.get()>
                    <button class="button" type="button" on:click=move |_| queue.retry_all()>
                        <Icon glyph=Glyph::Retry />
                        "Retry failed ones"
                    </button>
                </Show>
                <button class="button primary" type="button" disabled=move || !ready() on:click=move |_| queue.start()>
                    <Icon glyph=Glyph::Upload />
                    "Upload"
                </button>
            </div>
            <AddToGallery open=adding what=uploaded id="add-uploaded-to-gallery" />
        </div>
    }
}

#[component]
fn Uploader(known: Known) -> impl IntoView {
    let Destinations { datasets, chosen, refused } = known.destinations;
    if let Some(refused) = refused {
        return view! { <Refused name=refused /> }.into_any();
    }
    let queue = Queue::new(known.limit_bytes, chosen);
    let shared = queue.shared;
    Effect::new(move |_| {
        ask_before_leaving(queue.running.into(), "Pictures are still being uploaded. Leave and stop them?")
    });
    let toasts = use_toasts();
    on_cleanup(move || {
        let unsent = queue.abandon();
        if unsent > 0 {
            let pictures = count(unsent, "picture was", "pictures were");
            toasts.show(Tone::Warning, format!("The upload stopped when you left its page: {pictures} not sent."));
        }
    });
    let general = Signal::derive(move || {
        shared.error.with(|error| {
            let error = error.as_ref()?;
            let at_field = SHARED_FIELDS.iter().any(|name| error.message_for(name).is_some());
            let stopped = "The upload stopped: see the marked fields.".to_owned();
            Some(if at_field { stopped } else { sentence(&error.to_string()) })
        })
    });
    view! {
        <div class="with-side upload">
            <div class="stack">
                <p class="notice no-script-only">
                    <span>
                        "Uploading in the browser needs JavaScript, which shows the progress and sends several pictures at once. Without it, "
                        <code>"POST /api/upload"</code> " takes the same pictures from any program."
                    </span>
                </p>
                <DestinationField datasets=datasets shared=shared />
                <DropZone queue=queue limit_bytes=known.limit_bytes />
                <FormNotice error=general />
                <ul class="upload-list" aria-label="Pictures to upload">
                    <For each=move || queue.entries.get() key=|entry| entry.key let:entry>
                        <Row entry=entry queue=queue />
                    </For>
                </ul>
                <Progress queue=queue />
            </div>
            <SharedFields
                shared=shared
                natures=known.natures
                licences=known.licences
                title="About all of these pictures"
            />
        </div>
    }
    .into_any()
}

#[component]
fn SignInFirst() -> impl IntoView {
    let next = path_segment(&use_here().get_untracked());
    view! {
        <Notice>
            <p>
                "Pictures belong to somebody. " <a href=format!("/login?next={next}")>"Sign in"</a> " or "
                <a href=format!("/register?next={next}")>"make an account"</a> " to upload yours."
            </p>
        </Notice>
    }
}

/// The page to bring pictures in.
#[component]
pub fn UploadPage() -> impl IntoView {
    let account = use_session().account;
    let dataset = use_parameter("dataset");
    let known = Resource::new_blocking(move || dataset.get(), load);
    view! {
        <Title text="Upload" />
        <div class="page">
            <div class="page-head">
                <div>
                    <h1>"Upload pictures"</h1>
                    <p>"Choose as many as you like. Each keeps its own title; the rest is asked once."</p>
                </div>
            </div>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match (account.await, known.await) {
                        (Ok(Some(_)), Ok(known)) => view! { <Uploader known=known /> }.into_any(),
                        (Ok(None), _) => view! { <SignInFirst /> }.into_any(),
                        (Err(error), _) | (_, Err(error)) => failed(error),
                    }
                })}
            </Suspense>
        </div>
    }
}
