//! What the editor keeps while it goes from picture to picture: what is needed of the next ones, fetched in advance, so that
//! nobody waits for them.

use super::editor_row::KeptRow;
use super::left_work::LeftWork;
use super::queue_address::QueueAddress;
use crate::api::objects::object_summaries;
use crate::api::pictures::{PictureToAnnotate, picture_to_annotate};
use crate::api::projects::project;
use crate::api::regions::annotations as fetch_annotations;
use crate::model::picture::{Picture, THUMBNAIL_LARGE_PX};
use crate::model::{AppError, ObjectSummary, PictureDetail, PictureWork, Queue, Region};
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
    /// Whether the viewer may draw on it, as far as is known: nothing is of whose session has ended, and they may come back.
    pub may_annotate: Option<bool>,
    /// Where the work on it stands, where it is annotated in a project, or why that is not known.
    pub work: Option<Result<PictureWork, AppError>>,
    /// What is around it in the row that one came by, or why that is not known: a query may be wrong.
    pub around: Result<Queue, AppError>,
    /// Whether it may have changed since: it was fetched in advance, or before everything drawn on another had arrived.
    pub is_early: bool,
}

/// What is kept for as long as the editor is open, from picture to picture.
#[derive(Clone, Copy)]
pub struct EditorCache {
    /// Pictures that were fetched in advance, by number and row, the oldest first.
    early: StoredValue<Vec<(i64, QueueAddress, Prepared)>>,
    objects: StoredValue<Option<Vec<ObjectSummary>>>,
    /// The project that pictures are annotated in, and the objects that it asks for.
    asked: RwSignal<Option<(i64, Vec<String>)>>,
    row: KeptRow,
    /// The picture that was left last, with its regions.
    left: StoredValue<Option<(i64, Vec<Region>)>>,
    /// Id of the button that led here, which is to have the keyboard again.
    focus: StoredValue<Option<String>>,
    /// What is said on arrival at the next picture before its place.
    said: StoredValue<String>,
}

impl Default for EditorCache {
    fn default() -> Self {
        Self {
            early: StoredValue::new(Vec::new()),
            objects: StoredValue::new(None),
            asked: RwSignal::new(None),
            row: KeptRow::default(),
            left: StoredValue::new(None),
            focus: StoredValue::new(None),
            said: StoredValue::new(String::new()),
        }
    }
}

impl EditorCache {
    /// What the editor begins a picture with, at once where it was fetched in advance.
    pub async fn open(self, picture: i64, row: QueueAddress, left: LeftWork) -> Result<Prepared, AppError> {
        let early = self.early.try_update_value(|early| {
            let at = early.iter().position(|(id, of, _)| *id == picture && *of == row)?;
            // It is for one visit: afterwards the regions are others.
            Some(early.remove(at).2)
        });
        match early.flatten() {
            Some(prepared) => Ok(Prepared { is_early: true, ..prepared }),
            None => {
                let deliveries = left.deliveries().try_get_untracked();
                let prepared = self.fetch(picture, &row).await?;
                let is_early = left.deliveries().try_get_untracked() != deliveries || left.is_at_work_on(picture);
                Ok(Prepared { is_early, ..prepared })
            }
        }
    }

    /// Fetches what the editor begins a picture with.
    async fn fetch(self, picture: i64, row: &QueueAddress) -> Result<Prepared, AppError> {
        let project = if let QueueAddress::Project(id, _) = row { Some(*id) } else { None };
        let (found, around) = futures::join!(picture_to_annotate(picture, project), self.around(picture, row));
        let PictureToAnnotate { detail, may_annotate, signed_in, work } = found?;
        let may_annotate = signed_in.then_some(may_annotate);
        Ok(Prepared { detail, may_annotate, work, around, is_early: false })
    }

    /// What is around a picture in a row as it was begun, otherwise as it is now.
    pub async fn around(self, picture: i64, row: &QueueAddress) -> Result<Queue, AppError> {
        match self.row.around(picture, row).await {
            Some(queue) => Ok(queue),
            None => row.around(picture).await,
        }
    }

    /// Begins a row with a picture, unless it was begun before: see [`KeptRow::begin`].
    pub async fn begin(self, picture: i64, row: &QueueAddress, place: Option<String>) -> bool {
        self.row.begin(picture, row, place).await
    }

    /// Every object, unless they are kept already: they are fetched once for all pictures.
    pub async fn new_objects(self) -> Result<Vec<ObjectSummary>, AppError> {
        match self.objects.try_with_value(Option::is_some) {
            Some(true) => Ok(Vec::new()),
            _ => object_summaries().await,
        }
    }

    /// The objects that the project of a row asks for, which are fetched once for all its pictures; empty where everything may be
    /// annotated, nothing where the server is not reached.
    pub async fn asked_in(self, row: &QueueAddress) -> Option<Vec<String>> {
        let QueueAddress::Project(id, _) = row else { return Some(Vec::new()) };
        let known = self.asked.try_with_untracked(|asked| asked.clone().filter(|(of, _)| of == id));
        match known.flatten() {
            Some((_, objects)) => Some(objects),
            None => project(*id).await.ok().map(|project| project.objects),
        }
    }

    /// Asks anew what the project asks for: objects get other names.
    pub async fn renew_asked(self) {
        let of = self.asked.try_with_untracked(|asked| asked.as_ref().map(|(of, _)| *of)).flatten();
        if let Some(id) = of
            && let Ok(project) = project(id).await
        {
            let _ = self.asked.try_set(Some((id, project.objects)));
        }
    }

    /// Keeps what the project of a row asks for.
    pub fn keep_asked(self, row: &QueueAddress, objects: Option<Vec<String>>) {
        let asked = if let QueueAddress::Project(id, _) = row { objects.map(|objects| (*id, objects)) } else { None };
        if self.asked.try_with_untracked(|before| *before != asked) == Some(true) {
            let _ = self.asked.try_set(asked);
        }
    }

    /// The objects that there are to choose from; empty where there are all.
    pub fn asked(self) -> Vec<String> {
        self.asked.with(|asked| asked.as_ref().map(|(_, objects)| objects.clone()).unwrap_or_default())
    }

    /// Every object that is kept.
    pub fn objects(self) -> Vec<ObjectSummary> {
        self.objects.try_get_value().flatten().unwrap_or_default()
    }

    /// Keeps the objects that the page came with, unless there are some already.
    pub fn keep_objects(self, objects: &[ObjectSummary]) {
        let _ = self.objects.try_update_value(|kept| {
            kept.get_or_insert_with(|| objects.to_vec());
        });
    }

    /// Keeps every object as they are now.
    pub fn renew_objects(self, objects: &[ObjectSummary]) {
        let _ = self.objects.try_set_value(Some(objects.to_vec()));
    }

    /// Keeps an object that was made here, so that the next pictures offer it, too.
    pub fn add_object(self, object: ObjectSummary) {
        let _ = self.objects.try_update_value(|kept| {
            if let Some(kept) = kept {
                kept.push(object);
            }
        });
    }

    /// Has something said on arrival at the next picture, in place of what was to be said there before.
    pub fn say_on_arrival(self, words: String) {
        self.said.try_set_value(words);
    }

    /// Nobody arrives: whoever wanted to leave has stayed, and what waited for the next picture is not for the one after it.
    pub fn stay(self) {
        self.say_on_arrival(String::new());
        self.focus.try_set_value(None);
        self.left.try_set_value(None);
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
                let Ok(prepared) = self.fetch(picture, &row).await else { return };
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

    /// Whether somebody came here from another picture.
    pub fn has_left(self) -> bool {
        self.left.try_with_value(Option::is_some).unwrap_or(false)
    }

    /// The regions of the picture that one came from to this one, without ids; otherwise of the one before in the row. Nothing
    /// where there is no such picture.
    pub async fn regions_before(self, picture: i64, previous: Option<i64>) -> Result<Vec<Region>, AppError> {
        // The picture that was left last is this one where the browser's own way led back to it.
        let left = self.left.try_get_value().flatten().filter(|(left, _)| *left != picture);
        let regions = match (left, previous) {
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
