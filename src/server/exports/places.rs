//! Where the pictures' files are in an export.

use super::selection::Selected;
use super::{Written, failed};
use crate::model::AppError;
use std::collections::BTreeSet;

/// Where each picture's file belongs, by its place among those that were chosen. Where the format does not say it, that is in `images/`.
pub fn wanted(selected: &Selected, written: &Written) -> Result<Vec<String>, AppError> {
    let (mut places, mut taken) = (vec![String::new(); selected.pictures.len()], BTreeSet::new());
    let visited = written.spool.each(|gathered| {
        let key = (gathered.split, gathered.path);
        let mut place = match (written.places.get(&key), &key.0) {
            (Some(place), _) => place.clone(),
            (None, Some(split)) => format!("images/{split}/{}", key.1),
            (None, None) => format!("images/{}", key.1),
        };
        // No two files of an archive have the same name.
        while written.texts.has(&place) || !taken.insert(place.clone()) {
            place = format!("more/{place}");
        }
        places[gathered.place] = place;
        Ok::<(), std::io::Error>(())
    });
    visited.map_err(failed)?;
    Ok(places)
}
