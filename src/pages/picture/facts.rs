//! What is known of the picture, what there is to download, and where it belongs.

use super::Shown;
use crate::api::pictures::surroundings;
use crate::model::field::PictureField;
use crate::model::licence::short_name;
use crate::model::picture::{THUMBNAIL_LARGE_PX, THUMBNAIL_SMALL_PX};
use crate::model::text::path_segment;
use crate::model::{Exif, FieldValue, Licence, Mark};
use crate::ui::add_to_gallery::{AddToGallery, Additions};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::session::use_session;
use crate::ui::text::{bytes, format_name, grouped, spelled_out};
use crate::ui::time::Moment;
use leptos::prelude::*;

#[component]
fn Licences(ids: Vec<String>, known: Vec<Licence>) -> impl IntoView {
    if ids.is_empty() {
        return view! { <span class="muted">"None given: ask the author before you use it"</span> }.into_any();
    }
    let items = ids
        .into_iter()
        .map(|id| {
            let licence = known.iter().find(|licence| licence.id == id);
            let title = licence.map_or_else(|| short_name(&id), |licence| licence.title.clone());
            let free = licence.is_some_and(|licence| licence.free);
            view! {
                <li>
                    <a href=format!("/licence/{}", path_segment(&id)) rel="license">
                        {title}
                    </a>
                    {free.then(|| view! { " " <span class="badge success">"free"</span> })}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="plain-list">{items}</ul> }.into_any()
}

/// What the camera wrote into the file.
#[component]
fn Camera(exif: Exif) -> impl IntoView {
    let rows = [
        ("Camera", exif.camera.clone()),
        ("Lens", exif.lens.clone()),
        ("Exposure", exif.exposure_text()),
        ("Taken", exif.taken_text()),
        ("Place", exif.place.map(|place| place.text())),
    ];
    rows.into_iter()
        .filter_map(|(name, value)| {
            let value = value?;
            Some(view! {
                <dt>{name}</dt>
                <dd>{value}</dd>
            })
        })
        .collect_view()
}

/// What is said of the work on the picture.
#[component]
fn Work(mark: Mark) -> impl IntoView {
    let comment = (!mark.comment.is_empty()).then(|| view! { <p class="field-hint">{mark.comment}</p> });
    view! {
        <dt>"Annotation"</dt>
        <dd>
            {mark.state.label()} ", says "
            <a href=format!("/user/{}", path_segment(&mark.author))>{mark.author.clone()}</a> ", "
            <Moment unix=mark.timestamp /> {comment}
        </dd>
    }
}

/// What a table or the file itself says beside all this.
#[component]
fn Fields(fields: Vec<PictureField>) -> impl IntoView {
    if fields.is_empty() {
        return ().into_any();
    }
    let rows = fields.into_iter().map(|PictureField { name, value }| {
        let text = match value {
            FieldValue::Place(place) => place.text(),
            value => value.text(),
        };
        view! {
            <dt>{name}</dt>
            <dd class="field-value">{text}</dd>
        }
    });
    view! {
        <h3 id="fields">"Additional fields"</h3>
        <dl class="facts" aria-labelledby="fields">
            {rows.collect_view()}
        </dl>
    }
    .into_any()
}

/// Licences, author, time, origin, nature, size, camera.
#[component]
pub(super) fn Facts(shown: Shown) -> impl IntoView {
    let metadata = shown.metadata();
    // Neither changes while the page is open.
    let (exif, mark) = shown.detail.with_untracked(|detail| (detail.exif.clone(), detail.mark.clone()));
    let facts = move || {
        let (picture, exif) = (metadata.get(), exif.clone());
        let work = mark.clone().map(|mark| view! { <Work mark=mark /> });
        let nature = shown.natures.with_value(|natures| {
            natures.iter().find(|nature| nature.id == picture.nature).map(|nature| nature.description.clone())
        });
        let megapixels = (picture.width * picture.height) as f64 / 1e6;
        let origin = picture.origin_url.clone().map(|url| {
            view! {
                <dt>"Origin"</dt>
                <dd>
                    <a href=url.clone() rel="nofollow noopener external">
                        {url.clone()}
                    </a>
                </dd>
            }
        });
        let copied = picture.copied_from.map(|id| {
            view! {
                <dt>"Copy of"</dt>
                <dd>
                    <a href=format!("/picture/{id}")>{format!("picture {id}")}</a>
                </dd>
            }
        });
        let dataset = picture.dataset.clone().map(|name| {
            view! {
                <dt>"Dataset"</dt>
                <dd>
                    <a href=format!("/{name}")>{name.clone()}</a>
                </dd>
            }
        });
        view! {
            <dl class="facts">
                {dataset}
                <dt>{if picture.licences.len() > 1 { "Licences" } else { "Licence" }}</dt>
                <dd>
                    <Licences ids=picture.licences.clone() known=shown.licences.get_value() />
                </dd>
                {picture.attribution.clone().map(|author| view! {
                    <dt>"Author"</dt>
                    <dd>{author}</dd>
                })}
                <dt>"Posted by"</dt>
                <dd>
                    <a href=format!("/user/{}", path_segment(&picture.author))>{picture.author.clone()}</a>
                </dd>
                <dt>"Posted"</dt>
                <dd>
                    <Moment unix=picture.timestamp />
                </dd>
                {origin}
                {copied}
                {work}
                <dt>"Nature"</dt>
                <dd>
                    {spelled_out(&picture.nature)}
                    {nature.map(|meaning| view! { <p class="field-hint">{meaning}</p> })}
                </dd>
                <dt>"Size"</dt>
                <dd>
                    {format!("{} × {} pixels ({megapixels:.1} MP)", grouped(picture.width), grouped(picture.height))}
                </dd>
                <dt>"Format"</dt>
                <dd>{format_name(&picture.file_format)}</dd>
                {exif.map(|exif| view! { <Camera exif=exif /> })}
            </dl>
            <Fields fields=picture.fields.clone() />
        }
    };
    view! {
        <section aria-labelledby="facts">
            <div class="side-head">
                <h2 id="facts">"Details"</h2>
            </div>
            {facts}
        </section>
    }
}

/// The original and the thumbnails that are smaller.
#[component]
pub(super) fn Downloads(shown: Shown) -> impl IntoView {
    let picture = shown.detail.with_untracked(|detail| detail.picture.clone());
    let size = shown.surroundings.with_untracked(|around| around.size_bytes);
    let original = format!(
        "{} × {} {}, {}",
        grouped(picture.width),
        grouped(picture.height),
        format_name(&picture.file_format),
        bytes(size as f64)
    );
    let entry = |name: &'static str, href: String, file: String, detail: String| {
        view! {
            <li>
                <a href=href download=file rel="external">
                    <Icon glyph=Glyph::Download />
                    {name}
                </a>
                " "
                <span class="muted">{detail}</span>
            </li>
        }
    };
    let smaller = [("Large", THUMBNAIL_LARGE_PX), ("Small", THUMBNAIL_SMALL_PX)]
        .into_iter()
        .filter(|(_, longest)| picture.width.max(picture.height) > i64::from(*longest))
        .map(|(name, longest)| {
            let (width, height) = picture.thumbnail_size_px(longest);
            let file = format!("picture-{}-{longest}", picture.id);
            entry(name, picture.thumbnail_path(longest), file, format!("{} × {}", grouped(width), grouped(height)))
        })
        .collect_view();
    let extension = picture.image_path().rsplit('.').next().unwrap_or_default().to_owned();
    let file = format!("picture-{}.{extension}", picture.id);
    view! {
        <section aria-labelledby="downloads">
            <div class="side-head">
                <h2 id="downloads">"Download"</h2>
            </div>
            <ul class="plain-list downloads">
                {entry("Original", picture.image_path().to_owned(), file, original)} {smaller}
            </ul>
        </section>
    }
}

/// The galleries that have the picture, if there are any.
#[component]
pub(super) fn Galleries(shown: Shown) -> impl IntoView {
    let account = use_session().account;
    let adding = RwSignal::new(false);
    let what = Signal::stored(Additions::Pictures(vec![shown.id]));
    let on_added = Callback::new(move |()| {
        leptos::task::spawn_local(async move {
            // Without it the list stays as it was, and the next visit shows the whole.
            if let Ok(around) = surroundings(shown.id).await {
                shown.surroundings.try_set(around);
            }
        });
    });
    let add = move || {
        Suspend::new(async move {
            matches!(account.await, Ok(Some(_))).then(|| {
                view! {
                    <button class="button quiet small script-only" type="button" on:click=move |_| adding.set(true)>
                        <Icon glyph=Glyph::Plus />
                        "Add to a gallery"
                    </button>
                }
            })
        })
    };
    let list = move || {
        let around = shown.surroundings.get();
        let more = around.gallery_count - around.galleries.len() as i64;
        let entries = around
            .galleries
            .into_iter()
            .map(|(id, title)| {
                view! {
                    <li>
                        <a href=format!("/gallery/{id}")>{title}</a>
                    </li>
                }
            })
            .collect_view();
        if around.gallery_count == 0 {
            return view! { <p class="muted">"In no gallery yet."</p> }.into_any();
        }
        view! {
            <ul class="plain-list">
                {entries} {(more > 0).then(|| view! { <li class="muted">{format!("and {} more", grouped(more))}</li> })}
            </ul>
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="part-of">
            <div class="side-head">
                <h2 id="part-of">"Part of"</h2>
                <Suspense fallback=|| ()>{add}</Suspense>
            </div>
            {list}
            <AddToGallery open=adding what=what id="add-picture-to-gallery" on_added=on_added />
        </section>
    }
}
