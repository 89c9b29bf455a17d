//! `/picture/<id>`: one picture with its regions, its licences, and all that is known of it.

use crate::api::pictures::picture;
use crate::api::reference::{licences, natures};
use crate::model::picture::{THUMBNAIL_LARGE_PX, THUMBNAIL_SMALL_PX};
use crate::model::text::path_segment;
use crate::model::{AppError, Licence, Nature, Picture, PictureDetail, Rect, Region};
use crate::ui::clipboard::write_to_clipboard;
use crate::ui::editor_colours::object_colour;
use crate::ui::editor_overlay::RegionOverlay;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::licence_badge::short_name;
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::{Notice, Tone};
use crate::ui::object_link::object_href;
use crate::ui::picture_grid::{alternative_text, thumbnail_srcset};
use crate::ui::session::use_session;
use crate::ui::stars::Stars;
use crate::ui::text::{count, format_name, grouped, spelled_out};
use crate::ui::time::Moment;
use crate::ui::toast::use_toasts;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;

type Loaded = (PictureDetail, Vec<Licence>, Vec<Nature>);

async fn load(id: Option<i64>) -> Result<Loaded, AppError> {
    let id = id.ok_or_else(|| AppError::NotFound("pictures have whole numbers as addresses".to_owned()))?;
    let detail = picture(id).await?;
    let all = licences().await?;
    let of_picture =
        detail.picture.licences.iter().filter_map(|id| all.iter().find(|licence| &licence.id == id).cloned()).collect();
    Ok((detail, of_picture, natures().await?))
}

/// The line that a reuser puts beside the picture: title, author, source, licences.
fn attribution(picture: &Picture, licences: &[Licence]) -> String {
    let mut line = format!("“{}” by {}", picture.display_title(), picture.author);
    if let Some(origin) = &picture.origin_url {
        line.push_str(&format!(" ({origin})"));
    }
    for (index, licence) in licences.iter().enumerate() {
        line.push_str(if index == 0 { ", " } else { " or " });
        line.push_str(&short_name(&licence.id));
        if let Some(url) = licence.info_url.as_ref().or(licence.legalese_url.as_ref()) {
            line.push_str(&format!(" ({url})"));
        }
    }
    line
}

/// Where the name of a region with these bounds goes: above its corner, but inside the picture.
fn label_place(bounds: Rect) -> String {
    let side = if bounds.x + bounds.w / 2.0 <= 0.5 {
        format!("left: {:.3}%", bounds.x * 100.0)
    } else {
        format!("right: {:.3}%", (1.0 - bounds.x - bounds.w).max(0.0) * 100.0)
    };
    // Near the upper edge there is no room above the region.
    let end = if bounds.y < 0.08 { "; translate: none" } else { "" };
    format!("{side}; top: {:.3}%{end}", bounds.y * 100.0)
}

/// The names of the regions at their places; only that of the highlighted one is seen.
#[component]
fn Labels(regions: Vec<Region>, highlighted: RwSignal<Option<i64>>) -> impl IntoView {
    let labels = regions
        .into_iter()
        .map(|region| {
            let id = region.id;
            let place = label_place(region.shape.bounds());
            let style = format!("--region: {}; {place}", object_colour(&region.object));
            let active = move || id.is_some() && highlighted.get() == id;
            view! {
                <span class="region-label" class:active=active style=style>
                    {region.object}
                </span>
            }
        })
        .collect_view();
    view! {
        <div class="region-labels" aria-hidden="true">
            {labels}
        </div>
    }
}

#[component]
fn Stage(picture: Picture, highlighted: RwSignal<Option<i64>>, shown: RwSignal<bool>) -> impl IntoView {
    let shape = picture.width.max(1) as f64 / picture.height.max(1) as f64;
    // Small pictures are shown from the original, whose pixels are all there are.
    let mut srcset = thumbnail_srcset(&picture);
    let large = picture.thumbnail_width_px(THUMBNAIL_LARGE_PX);
    if picture.width > large {
        srcset.push_str(&format!(", {} {}w", picture.image_path(), picture.width));
    }
    let sizes = format!("(min-width: 62rem) min(calc(100vw - 27rem), calc(82vh * {shape:.3})), 100vw");
    let style = format!("--shape: {shape:.4}; --natural-width: {}px", picture.width);
    view! {
        <figure class="stage">
            <div class="stage-box" style=style>
                <a href=picture.image_path().to_owned() rel="external" aria-label="Open the original file">
                    <img
                        src=picture.thumbnail_path(THUMBNAIL_LARGE_PX)
                        srcset=srcset
                        sizes=sizes
                        width=picture.width.to_string()
                        height=picture.height.to_string()
                        alt=alternative_text(&picture)
                        fetchpriority="high"
                    />
                </a>
                <Show when=move || shown.get()>
                    <RegionOverlay
                        regions=picture.regions.clone()
                        highlighted=highlighted
                        on_point=Callback::new(move |id| highlighted.set(id))
                    />
                    <Labels regions=picture.regions.clone() highlighted=highlighted />
                </Show>
            </div>
        </figure>
    }
}

#[component]
fn Regions(regions: Vec<Region>, highlighted: RwSignal<Option<i64>>, shown: RwSignal<bool>) -> impl IntoView {
    let total = regions.len() as i64;
    let rows = regions
        .into_iter()
        .map(|region| {
            let id = region.id;
            let active = move || id.is_some() && highlighted.get() == id;
            let (href, colour) = (object_href(&region.object), object_colour(&region.object));
            view! {
                <li
                    class="shown-region"
                    class:active=active
                    style=format!("--region: {colour}")
                    on:pointerenter=move |_| highlighted.set(id)
                    on:pointerleave=move |_| highlighted.set(None)
                    on:focusin=move |_| highlighted.set(id)
                    on:focusout=move |_| highlighted.set(None)
                >
                    <span class="shown-swatch" aria-hidden="true"></span>
                    <a href=href>{region.object}</a>
                    <span class="muted">{region.shape.kind().label()}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <section aria-labelledby="regions">
            <div class="side-head">
                <h2 id="regions">
                    {if total == 0 { "No regions".to_owned() } else { count(total, "region", "regions") }}
                </h2>
                {(total > 0)
                    .then(|| {
                        view! {
                            <button
                                class="button quiet small script-only"
                                type="button"
                                aria-pressed=move || shown.get().to_string()
                                on:click=move |_| shown.update(|shown| *shown = !*shown)
                            >
                                <Icon glyph=Glyph::Eye />
                                "Show on the picture"
                            </button>
                        }
                    })}
            </div>
            {if total == 0 {
                view! { <p class="muted">"Nobody has drawn on this picture yet."</p> }.into_any()
            } else {
                view! { <ol class="shown-regions">{rows}</ol> }.into_any()
            }}
        </section>
    }
}

#[component]
fn Attribution(line: String) -> impl IntoView {
    let toasts = use_toasts();
    let text = line.clone();
    let copy = move |_| {
        // A refusal leaves the text there to be selected by hand.
        let text = text.clone();
        wasm_bindgen_futures::spawn_local(async move {
            if write_to_clipboard(&text).await {
                toasts.show(Tone::Success, "The attribution is on the clipboard.");
            } else {
                toasts.show(Tone::Warning, "The browser did not allow copying. Select the text instead.");
            }
        });
    };
    view! {
        <section aria-labelledby="attribution">
            <div class="side-head">
                <h2 id="attribution">"Attribution"</h2>
                <button class="button quiet small script-only" type="button" on:click=copy>
                    <Icon glyph=Glyph::Copy />
                    "Copy"
                </button>
            </div>
            <p class="attribution">{line}</p>
        </section>
    }
}

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

#[component]
fn Facts(detail: PictureDetail, licences: Vec<Licence>, natures: Vec<Nature>) -> impl IntoView {
    let PictureDetail { picture, rating, revision } = detail;
    let nature = natures.into_iter().find(|nature| nature.id == picture.nature).map(|nature| nature.description);
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
    view! {
        <section aria-labelledby="facts">
            <div class="side-head">
                <h2 id="facts">"Details"</h2>
            </div>
            <dl class="facts">
                <dt>{if picture.licences.len() > 1 { "Licences" } else { "Licence" }}</dt>
                <dd>
                    <Licences ids=picture.licences.clone() known=licences />
                </dd>
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
                <dt>"Rating"</dt>
                <dd>
                    <Stars rating=rating />
                </dd>
                <dt>"Revision"</dt>
                <dd>
                    {if revision == 0 {
                        "0, the regions were never saved".to_owned()
                    } else {
                        format!("{revision} of the regions")
                    }}
                </dd>
            </dl>
        </section>
    }
}

#[component]
fn Replacements(picture: Picture) -> impl IntoView {
    let by = picture.replaced_by.map(|id| {
        view! {
            <Notice tone=Tone::Warning>
                <p>
                    "This picture is obsolete: its author has replaced it by "
                    <a href=format!("/picture/{id}")>{format!("picture {id}")}</a> "."
                </p>
            </Notice>
        }
    });
    let earlier = picture.replaces.map(|id| {
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
fn Actions(id: i64, image: String) -> impl IntoView {
    let account = use_session().account;
    view! {
        <div class="cluster picture-actions">
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let annotate = format!("/picture/{id}/annotate");
                    let signed_in = matches!(account.await, Ok(Some(_)));
                    let href = if signed_in { annotate } else { format!("/login?next={}", path_segment(&annotate)) };
                    view! {
                        <a class="button primary" href=href>
                            <Icon glyph=Glyph::Edit />
                            {if signed_in { "Annotate" } else { "Sign in to annotate" }}
                        </a>
                    }
                })}
            </Suspense>
            <a class="button" href=image download="" rel="external">
                <Icon glyph=Glyph::Download />
                "Download"
            </a>
        </div>
    }
}

#[component]
fn Content(loaded: Loaded) -> impl IntoView {
    let (detail, licences, natures) = loaded;
    let picture = detail.picture.clone();
    let (highlighted, shown) = (RwSignal::new(None), RwSignal::new(true));
    let title = picture.display_title();
    let description = picture.description.clone();
    view! {
        <Title text=title.clone() />
        <Meta property="og:title" content=title.clone() />
        <Meta property="og:image" content=picture.thumbnail_path(THUMBNAIL_SMALL_PX) />
        <div class="picture-page">
            <Stage picture=picture.clone() highlighted=highlighted shown=shown />
            <div class="picture-side">
                <header class="stack stack-tight">
                    <h1>{title}</h1>
                    {(!description.is_empty()).then(|| view! { <p class="description">{description}</p> })}
                </header>
                <Replacements picture=picture.clone() />
                <Actions id=picture.id image=picture.image_path().to_owned() />
                <Regions regions=picture.regions.clone() highlighted=highlighted shown=shown />
                <Attribution line=attribution(&picture, &licences) />
                <Facts detail=detail licences=licences natures=natures />
            </div>
        </div>
    }
}

/// The page of one picture.
#[component]
pub fn PicturePage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get_str("id").and_then(|id| id.parse::<i64>().ok()));
    let loaded = Resource::new_blocking(id, load);
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(loaded) => view! { <Content loaded=loaded /> }.into_any(),
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_inside_the_picture() {
        let place = |x, y| label_place(Rect { x, y, w: 0.25, h: 0.25 });
        assert_eq!(place(0.0, 0.5), "left: 0.000%; top: 50.000%");
        assert_eq!(place(0.75, 0.5), "right: 0.000%; top: 50.000%");
        assert_eq!(place(0.0, 0.0), "left: 0.000%; top: 0.000%; translate: none");
    }

    #[test]
    fn attribution_names_everything_a_reuser_owes() {
        let picture = Picture {
            id: 7,
            title: "A cat".into(),
            description: String::new(),
            author: "ada".into(),
            origin_url: Some("https://example.org/cat".into()),
            timestamp: 0,
            width: 1,
            height: 1,
            file_format: "image/png".into(),
            nature: "photo".into(),
            licences: vec!["CC-BY-4.0".into()],
            replaces: None,
            replaced_by: None,
            copied_from: None,
            regions: Vec::new(),
            download: String::new(),
        };
        let licence = Licence {
            id: "CC-BY-4.0".into(),
            title: String::new(),
            description: String::new(),
            info_url: Some("https://creativecommons.org/licenses/by/4.0/".into()),
            legalese_url: None,
            free: true,
            pinned: true,
            logo_url: None,
        };
        assert_eq!(
            attribution(&picture, &[licence]),
            "“A cat” by ada (https://example.org/cat), CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)"
        );
    }
}
