//! What the editor keeps while it goes from picture to picture: what is needed of the next ones, fetched in advance, so that
//! nobody waits for them.

use super::queue_address::QueueAddress;
use crate::api::objects::object_summaries;
use crate::api::pictures::picture as fetch_picture;
use crate::api::regions::annotations as fetch_annotations;
use crate::model::picture::{Picture, THUMBNAIL_LARGE_PX};
use crate::model::{Annotations, AppError, ObjectSummary, PictureDetail, Queue, Region};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlImageElement;

/// So many pictures are fetched in advance.
const AHEAD: usize = 2;
/// So many that were fetched in advance are kept: more only where somebody goes back and forth.
const KEPT: usize = 6;

thread_local! {
    /// The images of the last pictures fetched in advance: the browser keeps what it has decoded for as long as somebody
    /// holds them.
    static IMAGES: RefCell<Vec<HtmlImageElement>> = const { RefCell::new(Vec::new()) };
}

/// What the editor begins a picture with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    /// The picture with its regions, in one state.
    pub detail: PictureDetail,
    /// What is around it in the row that one came by, or why that is not known: a query may be wrong.
    pub around: Result<Queue, AppError>,
    /// Whether it may have changed since: it was fetched in advance, or before everything drawn on another had arrived.
    pub is_early: bool,
}

impl Prepared {
    /// Fetches it.
    async fn fetch(picture: i64, row: &QueueAddress) -> Result<Self, AppError> {
        let detail = fetch_picture(picture).await?;
        let around = row.around(picture).await;
        Ok(Self { detail, around, is_early: false })
    }

    /// The regions in the state that the picture was fetched in.
    pub fn annotations(&self) -> Annotations {
        Annotations { revision: self.detail.revision, regions: self.detail.picture.regions.clone() }
    }
}

/// What is kept for as long as the editor is open, from picture to picture.
#[derive(Clone, Copy)]
pub struct EditorCache {
    /// Pictures that were fetched in advance, by number and row, the oldest first.
    early: StoredValue<Vec<(i64, QueueAddress, Prepared)>>,
    objects: StoredValue<Option<Vec<ObjectSummary>>>,
    /// The picture that was left last, with its regions.
    left: StoredValue<Option<(i64, Vec<Region>)>>,
    /// Id of the button that led here, which is to have the keyboard again.
    focus: StoredValue<Option<String>>,
    /// What is said on arrival at the next picture before its place.
    said: StoredValue<String>,
    /// How often what was drawn on a picture reached the server only after the picture was left.
    deliveries: RwSignal<u32>,
}

impl Default for EditorCache {
    fn default() -> Self {
        Self {
            early: StoredValue::new(Vec::new()),
            objects: StoredValue::new(None),
            left: StoredValue::new(None),
            focus: StoredValue::new(None),
            said: StoredValue::new(String::new()),
            deliveries: RwSignal::new(0),
        }
    }
}

impl EditorCache {
    /// What the editor begins a picture with, at once where it was fetched in advance.
    pub async fn open(self, picture: i64, row: QueueAddress) -> Result<Prepared, AppError> {
        let early = self.early.try_update_value(|early| {
            let at = early.iter().position(|(id, of, _)| *id == picture && *of == row)?;
            // It is for one visit: afterwards the regions are others.
            Some(early.remove(at).2)
        });
        match early.flatten() {
            Some(prepared) => Ok(Prepared { is_early: true, ..prepared }),
            None => {
                let deliveries = self.deliveries.try_get_untracked();
                let prepared = Prepared::fetch(picture, &row).await?;
                let is_early = self.deliveries.try_get_untracked() != deliveries;
                Ok(Prepared { is_early, ..prepared })
            }
        }
    }

    /// Every object, fetched once for all pictures.
    pub async fn objects(self) -> Result<Vec<ObjectSummary>, AppError> {
        if let Some(objects) = self.objects.try_get_value().flatten() {
            return Ok(objects);
        }
        object_summaries().await
    }

    /// Keeps the objects that the page came with, unless there are some already.
    pub fn keep_objects(self, objects: &[ObjectSummary]) {
        let _ = self.objects.try_update_value(|kept| {
            kept.get_or_insert_with(|| objects.to_vec());
        });
    }

    /// Keeps an object that was made here, so that the next pictures offer it, too.
    pub fn add_object(self, object: ObjectSummary) {
        let _ = self.objects.try_update_value(|kept| {
            if let Some(kept) = kept {
                kept.push(object);
            }
        });
    }

    /// Has something said on arrival at the next picture.
    pub fn say_on_arrival(self, words: String) {
        self.said.try_set_value(words);
    }

    /// What there is to be said on arrival.
    pub fn take_said(self) -> String {
        self.said.try_update_value(std::mem::take).unwrap_or_default()
    }

    /// Fetches the next pictures of a row, and has their images decoded. In the browser only.
    pub fn prepare(self, row: &QueueAddress, ahead: &[i64]) {
        for &picture in ahead.iter().take(AHEAD) {
            let is_there = |early: &Vec<(i64, QueueAddress, Prepared)>| {
                early.iter().any(|(id, of, _)| *id == picture && of == row)
            };
            if self.early.try_with_value(is_there) != Some(false) {
                continue;
            }
            let row = row.clone();
            spawn_local(async move {
                // What fails here is tried again by whoever goes there, and told then.
                let Ok(prepared) = Prepared::fetch(picture, &row).await else { return };
                let path = image_path(&prepared.detail.picture);
                let _ = self.early.try_update_value(|early| {
                    early.retain(|(id, of, _)| *id != picture || *of != row);
                    early.push((picture, row, prepared));
                    let surplus = early.len().saturating_sub(KEPT);
                    early.drain(..surplus);
                });
                decode(&path).await;
            });
        }
    }

    /// Remembers a picture that is being left, with the regions that it has by now, and the button that leads away.
    pub fn leave(self, picture: i64, regions: Vec<Region>, button: Option<String>) {
        let _ = self.left.try_set_value(Some((picture, regions)));
        let _ = self.focus.try_set_value(button);
    }

    /// Id of the button that led here, once.
    pub fn take_focus(self) -> Option<String> {
        self.focus.try_update_value(Option::take).flatten()
    }

    /// The server has the last of what was drawn on a picture that was left: a query may no longer find it.
    pub fn delivered(self) {
        let _ = self.deliveries.try_update(|deliveries| *deliveries += 1);
    }

    /// Changes with every such delivery.
    pub fn deliveries(self) -> Signal<u32> {
        self.deliveries.into()
    }

    /// Whether somebody came here from another picture.
    pub fn has_left(self) -> bool {
        self.left.try_with_value(Option::is_some).unwrap_or(false)
    }

    /// The regions of the picture that one came from, without ids; otherwise of the one before in the row. Nothing where
    /// there is no such picture.
    pub async fn regions_before(self, previous: Option<i64>) -> Result<Vec<Region>, AppError> {
        let regions = match (self.left.try_get_value().flatten(), previous) {
            (Some((_, regions)), _) => regions,
            (None, Some(picture)) => fetch_annotations(picture).await?.regions,
            (None, None) => Vec::new(),
        };
        Ok(regions.into_iter().map(|region| Region { id: None, ..region }).collect())
    }
}

/// The image to draw on. Browsers show no TIFF, so its thumbnail stands in for it; shapes are relative to either.
pub fn image_path(picture: &Picture) -> String {
    match picture.file_format.as_str() {
        "image/tiff" => picture.thumbnail_path(THUMBNAIL_LARGE_PX),
        _ => picture.image_path().to_owned(),
    }
}

/// Has the browser fetch and decode an image.
async fn decode(path: &str) {
    let Ok(image) = HtmlImageElement::new() else { return };
    image.set_src(path);
    IMAGES.with_borrow_mut(|images| {
        images.push(image.clone());
        let surplus = images.len().saturating_sub(AHEAD + 1);
        images.drain(..surplus);
    });
    // An image that cannot be decoded shows itself as broken where it is drawn.
    let _ = JsFuture::from(image.decode()).await;
}
