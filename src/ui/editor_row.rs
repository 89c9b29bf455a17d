//! The row of pictures as it was begun. Drawing and marking take pictures out of what a query finds, and move them in it; whoever
//! goes through it keeps their place all the same, and the way back. The tab remembers it, so that a reload begins no other one.

use super::queue_address::{QueueAddress, ROW_PLACE, row_storage};
use crate::api::flow::neighbours;
use crate::model::{BegunRow, Queue, QueueEntry};
use leptos::prelude::*;

/// The row that somebody goes through in the editor.
#[derive(Clone, Copy)]
pub struct KeptRow {
    kept: StoredValue<Option<(QueueAddress, BegunRow)>>,
}

impl Default for KeptRow {
    fn default() -> Self {
        Self { kept: StoredValue::new(None) }
    }
}

impl KeptRow {
    /// What is around a picture in the row; nothing where the row was not begun, or is about to end here because it is long.
    pub async fn around(self, picture: i64, row: &QueueAddress) -> Option<Queue> {
        let (before, after) = self.with(row, |begun| {
            let (before, after) = begun.around(picture)?;
            Some((before, after.to_vec()))
        })?;
        let (first, rest) = after.split_at(after.len().min(BegunRow::ASKED_FIRST));
        let mut queue = match neighbours(before.clone(), first.to_vec()).await {
            Ok(queue) => queue,
            // Where the server is not reached, the numbers are known all the same.
            Err(_) => Queue { previous: entry(&before), next: entry(first), ..Queue::default() },
        };
        if queue.next_without_regions.is_none()
            && !rest.is_empty()
            && let Ok(more) = neighbours(Vec::new(), rest.to_vec()).await
        {
            queue.next = queue.next.or(more.next);
            queue.next_without_regions = more.next_without_regions;
        }
        self.with(row, |begun| Some(begun.placed(picture, queue)))
    }

    /// Begins the row with a picture, which has its place in it, unless it was begun before. Says whether it was, and nobody knew
    /// on this page. In the browser only.
    pub async fn begin(self, picture: i64, row: &QueueAddress, place: Option<String>) -> bool {
        let knows = |begun: &BegunRow| begun.around(picture).map(drop);
        if self.with(row, knows).is_some() {
            return false;
        }
        if let Some(begun) = recall(row).filter(|begun| knows(begun).is_some()) {
            let _ = self.kept.try_set_value(Some((row.clone(), begun)));
            return true;
        }
        // Without a place the picture is in no row.
        let Some(place) = place else { return false };
        if let Ok(begun) = row.begin(picture, place).await {
            let text = serde_json::to_string(&(row.search(), &begun)).ok();
            if let Some((storage, text)) = row_storage().zip(text) {
                // Where nothing can be stored, the row lasts until the page is left.
                let _ = storage.set_item(ROW_PLACE, &text);
            }
            let _ = self.kept.try_set_value(Some((row.clone(), begun)));
        }
        false
    }

    fn with<T>(self, row: &QueueAddress, read: impl FnOnce(&BegunRow) -> Option<T>) -> Option<T> {
        let read = |kept: &Option<(QueueAddress, BegunRow)>| match kept {
            Some((of, begun)) if of == row => read(begun),
            _ => None,
        };
        self.kept.try_with_value(read).flatten()
    }
}

/// What the tab remembers of a row.
fn recall(row: &QueueAddress) -> Option<BegunRow> {
    let text = row_storage()?.get_item(ROW_PLACE).ok().flatten()?;
    let (of, begun): (String, BegunRow) = serde_json::from_str(&text).ok()?;
    (of == row.search()).then_some(begun)
}

fn entry(ids: &[i64]) -> Option<QueueEntry> {
    ids.first().map(|id| QueueEntry { id: *id, title: String::new() })
}
