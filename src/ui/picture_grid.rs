//! Pictures as a grid of cards. The shape of every card is known before its image has come, so nothing on the page moves.
//!
//! Selection, keys and previews are tools in a piece of the front end of their own (`grid_tools.rs`), which the browser
//! fetches when somebody points at a card or moves the focus to one. Without them the cards are links all the same.

use super::density::DensitySwitch;
use super::grid_memory::{remember, restore, take_keyboard};
use super::grid_tools::GridTools;
use super::icons::{Glyph, Icon};
use super::licence_badge::LicenceBadge;
use super::outlines::{CardOutlines, OutlinesSwitch};
use super::queue_address::{QueueAddress, forget_row};
use super::text::count;
use crate::model::picture::{NAMED_OBJECTS, Picture, PictureCard, THUMBNAIL_LARGE_PX, THUMBNAIL_SMALL_PX};
use crate::model::text::path_segment;
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_router::hooks::use_url;
use std::borrow::Borrow;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

/// What the tools have to know of a picture in the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridPicture {
    /// Its number.
    pub id: i64,
    /// Username of who posted it.
    pub author: String,
    /// Width in pixels.
    pub width: i64,
    /// Height in pixels.
    pub height: i64,
    /// How many regions it has.
    pub regions: i64,
}

/// What a grid and its tools share.
#[derive(Clone, Copy)]
pub struct Grid {
    /// The list of cards.
    pub list: NodeRef<html::Ul>,
    /// The pictures in their order.
    pub pictures: StoredValue<Vec<GridPicture>>,
    /// The query that finds these pictures and those on the other pages.
    pub query: StoredValue<Option<String>>,
    /// Whether the person is about to add all that the query finds to a gallery.
    pub adding_all: RwSignal<bool>,
}

/// The tools could not be fetched.
struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

#[wasm_split(grid, wasm_split_path = ::leptos::wasm_split, fallible)]
fn tools_piece(grid: Grid) -> Result<AnyView, Missing> {
    Ok(view! { <GridTools grid=grid /> }.into_any())
}

/// So many cards are in sight at first on a usual screen: their images are asked for at once.
const EAGER: usize = 6;

/// Id of the hint that only one card can be reached with the Tab key, and how to come to the others.
const KEYS: &str = "grid-keys";

/// Marks the element of a list as one that shows pictures already.
const TAKEN: &str = "data-taken";

/// Width by height as the card shows it: very long pictures are cropped, so that their captions can be read.
fn card_shape(picture: &Picture) -> f64 {
    let shape = picture.width.max(1) as f64 / picture.height.max(1) as f64;
    shape.clamp(0.72, 2.4)
}

/// The alternatives of the picture's image for an `<img>`: both thumbnails with their true widths.
pub fn thumbnail_srcset(picture: &Picture) -> String {
    let small = picture.thumbnail_width_px(THUMBNAIL_SMALL_PX);
    let large = picture.thumbnail_width_px(THUMBNAIL_LARGE_PX);
    let small_entry = format!("{} {small}w", picture.thumbnail_path(THUMBNAIL_SMALL_PX));
    if large <= small {
        return small_entry;
    }
    format!("{small_entry}, {} {large}w", picture.thumbnail_path(THUMBNAIL_LARGE_PX))
}

/// What to say to those who do not see the picture: its title, and what its regions show.
pub fn alternative_text(picture: &Picture) -> String {
    let mut objects: Vec<&str> = Vec::new();
    for region in &picture.regions {
        if !objects.contains(&region.object.as_str()) {
            objects.push(&region.object);
        }
        if objects.len() == NAMED_OBJECTS {
            break;
        }
    }
    text_naming(picture, &objects)
}

/// The title, and what is to be seen.
fn text_naming(picture: &Picture, objects: &[impl Borrow<str>]) -> String {
    match (picture.title.is_empty(), objects.is_empty()) {
        (_, true) => picture.display_title(),
        (true, false) => format!("Picture showing {}", objects.join(", ")),
        (false, false) => format!("{}, showing {}", picture.title, objects.join(", ")),
    }
}

/// Takes from the cards of a list what tools have left on them.
fn untick(list: &HtmlElement) {
    // Names of classes without spaces are never refused, nor are names of attributes.
    let _ = list.class_list().remove_1("selecting");
    let Ok(left) = list.query_selector_all(".picture-card, .picture-card a, .picture-card input") else { return };
    for element in (0..left.length()).filter_map(|at| left.item(at)?.dyn_into::<Element>().ok()) {
        let _ = element.class_list().remove_1("selected");
        let _ = element.remove_attribute("tabindex");
        if let Some(check) = element.dyn_ref::<HtmlInputElement>() {
            check.set_checked(false);
        }
    }
}

/// One picture as a card.
#[component]
fn Card(card: PictureCard, eager: bool) -> impl IntoView {
    let PictureCard { picture, region_count: regions, objects, outlines, .. } = card;
    let shape = card_shape(&picture);
    // A card is as high as a row and as wide as its shape makes it; rows stretch a little to fill the width.
    let sizes = format!("calc({shape:.2} * 1.15 * clamp(8.5rem, 6rem + 8vw, 18rem))");
    let select = format!("Select {}", picture.display_title());
    let more_licences = picture.licences.len().saturating_sub(1);
    view! {
        <li class="picture-card" style=format!("--shape: {shape:.3}") data-picture=picture.id.to_string()>
            <div class="picture-frame">
                <img
                    src=picture.thumbnail_path(THUMBNAIL_SMALL_PX)
                    srcset=thumbnail_srcset(&picture)
                    sizes=sizes
                    width=picture.width.to_string()
                    height=picture.height.to_string()
                    alt=text_naming(&picture, &objects)
                    loading=if eager { "eager" } else { "lazy" }
                    decoding="async"
                />
                {(!outlines.is_empty())
                    .then(|| view! { <CardOutlines outlines=outlines size=(picture.width, picture.height) /> })}
            </div>
            <div class="picture-caption">
                <a class="picture-title" href=format!("/picture/{}", picture.id)>
                    {picture.display_title()}
                </a>
                <div class="picture-meta">
                    <a href=format!("/user/{}", path_segment(&picture.author))>{picture.author_name().to_owned()}</a>
                    <span>
                        {if regions == 0 { "no regions".to_owned() } else { count(regions, "region", "regions") }}
                    </span>
                    {picture.licences.first().map(|id| view! { <LicenceBadge id=id.clone() /> })}
                    {(more_licences > 0).then(|| format!("+{more_licences}"))}
                </div>
            </div>
            <label class="picture-check script-only">
                <input type="checkbox" aria-label=select autocomplete="off" />
            </label>
            {picture
                .replaced_by
                .map(|_| {
                    view! {
                        <div class="picture-flags">
                            <span class="badge warning">
                                <Icon glyph=Glyph::Warning />
                                "Replaced"
                            </span>
                        </div>
                    }
                })}
        </li>
    }
}

/// Pictures as a grid of cards.
#[component]
pub fn PictureGrid(
    /// The pictures in their order.
    pictures: Vec<PictureCard>,
    /// What to call the list, where the page has several.
    #[prop(optional)]
    label: Option<&'static str>,
    /// The query that finds these pictures and those on the other pages, where there is one to add all of.
    #[prop(optional)]
    query: Option<String>,
    /// The row in which these pictures can be annotated one after the other, where there is one.
    #[prop(optional)]
    row: Option<QueueAddress>,
) -> impl IntoView {
    let first = pictures.iter().find(|card| !card.locked).map(|card| card.picture.id);
    let annotate = row.zip(first).map(|(row, first)| {
        view! {
            <a class="button small" href=row.annotate_href(first) on:click=move |_| forget_row()>
                <Icon glyph=Glyph::Edit />
                "Annotate these"
            </a>
        }
    });
    let is_outlined = pictures.iter().any(|card| !card.outlines.is_empty());
    let facts = pictures.iter().map(|PictureCard { picture, region_count, .. }| GridPicture {
        id: picture.id,
        author: picture.author.clone(),
        width: picture.width,
        height: picture.height,
        regions: *region_count,
    });
    let grid = Grid {
        list: NodeRef::new(),
        pictures: StoredValue::new(facts.collect()),
        query: StoredValue::new(query.clone()),
        adding_all: RwSignal::new(false),
    };
    let awake = RwSignal::new(false);
    let wake = move || {
        if !awake.get_untracked() {
            awake.set(true);
        }
    };
    let tools = move || {
        awake.get().then(|| {
            view! {
                <Suspense fallback=|| ()>
                    {move || Suspend::new(async move {
                        match tools_piece(grid).await {
                            Ok(tools) => tools,
                            Err(Missing) => {
                                // The next touch tries again.
                                awake.set(false);
                                ().into_any()
                            }
                        }
                    })}
                </Suspense>
            }
        })
    };
    let here = use_url().with_untracked(|url| format!("{}?{}", url.path(), url.search()));
    let here = StoredValue::new(here);
    Effect::new(move |_| {
        let Some(list) = grid.list.get() else { return };
        // The next list takes over the elements of this one, and with them what was ticked and where the focus was.
        if list.has_attribute(TAKEN) {
            untick(&list);
            if list.contains(document().active_element().as_deref()) {
                wake();
            }
        } else {
            let _ = list.set_attribute(TAKEN, "");
        }
        request_animation_frame(move || {
            if let Some(here) = here.try_get_value() {
                take_keyboard(&list);
                restore(&list, &here);
            }
        });
    });
    let cards = pictures
        .into_iter()
        .enumerate()
        .map(|(index, card)| view! { <Card card=card eager=index < EAGER /> })
        .collect_view();
    let add_all = query.map(|_| {
        view! {
            <button
                class="button small"
                type="button"
                on:click=move |_| {
                    grid.adding_all.set(true);
                    wake();
                }
            >
                <Icon glyph=Glyph::Plus />
                "Add all to a gallery"
            </button>
        }
    });
    view! {
        <div class="grid-area">
            <div class="grid-head script-only">
                <p class="grid-keys" id=KEYS>
                    "Arrow keys move between pictures, Space selects."
                </p>
                {annotate} {add_all}
                {is_outlined.then(|| view! { <OutlinesSwitch /> })} <DensitySwitch />
            </div>
            <ul
                class="picture-grid"
                node_ref=grid.list
                aria-label=label
                aria-describedby=KEYS
                on:pointerover=move |_| wake()
                on:focusin=move |_| wake()
                on:click=move |event| here.with_value(|here| remember(&event, here))
            >
                {cards}
            </ul>
            {tools}
        </div>
    }
}

/// A picture for tests.
#[cfg(test)]
pub fn any_picture() -> Picture {
    Picture {
        id: 7,
        title: String::new(),
        description: String::new(),
        author: "ada".into(),
        attribution: None,
        origin_url: None,
        timestamp: 0,
        width: 100,
        height: 100,
        file_format: "image/png".into(),
        nature: "photo".into(),
        licences: Vec::new(),
        replaces: None,
        replaced_by: None,
        copied_from: None,
        dataset: None,
        fields: Vec::new(),
        regions: Vec::new(),
        download: "http://127.0.0.1:3000/image/ab12.png".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: i64, height: i64) -> Picture {
        Picture { width, height, ..any_picture() }
    }

    #[test]
    fn offers_the_sizes_that_exist() {
        assert_eq!(thumbnail_srcset(&picture(4000, 3000)), "/thumbnail/ab12/320 320w, /thumbnail/ab12/960 960w");
        assert_eq!(thumbnail_srcset(&picture(300, 4000)), "/thumbnail/ab12/320 24w, /thumbnail/ab12/960 72w");
        assert_eq!(thumbnail_srcset(&picture(200, 100)), "/thumbnail/ab12/320 200w");
    }

    #[test]
    fn crops_only_extremes() {
        assert_eq!(card_shape(&picture(4000, 2000)), 2.0);
        assert_eq!(card_shape(&picture(10, 4000)), 0.72);
    }
}
