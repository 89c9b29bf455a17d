//! The pictures' files that leave: from where, and whether the place is taken out of them.

use super::contents::Origin;
use super::selection::Selected;
use super::{Part, purpose::pictures};
use crate::model::{AppError, SiteAccess, Viewer};
use crate::server::image_bytes;
use crate::server::images::Placeless;
use crate::server::state::AppState;
use crate::server::store;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A picture's file in the archive.
pub struct Image {
    /// Its path there.
    pub path: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its CRC-32, if anybody knows it.
    pub crc32: Option<u32>,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Its media type.
    pub media_type: String,
    /// Where its bytes come from.
    pub origin: Origin,
}

impl From<Image> for Part {
    fn from(image: Image) -> Self {
        let Image { path, size, crc32, sha256, origin, .. } = image;
        Self { path, size, crc32, mark: sha256.clone(), sha256: Some(sha256), origin }
    }
}

/// The storage sites of the datasets that have one. Where the viewer may not read from one, nothing of a dataset or project leaves; of anything
/// else that spans datasets only those pictures stay behind, and it is said how many.
pub async fn sites(
    state: &AppState,
    viewer: &Viewer,
    selected: &mut Selected,
    is_of_one: bool,
) -> Result<(HashMap<i64, i64>, Option<String>), AppError> {
    let datasets: BTreeSet<i64> = selected.pictures.iter().filter_map(|chosen| chosen.dataset).collect();
    let (mut sites, mut closed) = (HashMap::new(), BTreeSet::new());
    for dataset in datasets {
        let site = store::site_choice::of_dataset(&state.db, viewer, dataset, SiteAccess::Read).await;
        match site.map_err(AppError::from) {
            Ok(site) => sites.extend(site.map(|site| (dataset, site))),
            Err(AppError::Forbidden(_)) if !is_of_one => {
                closed.insert(dataset);
            }
            Err(error) => return Err(error),
        }
    }
    let is_open = |dataset: Option<i64>| dataset.is_none_or(|dataset| !closed.contains(&dataset));
    let open: Vec<bool> = selected.pictures.iter().map(|chosen| is_open(chosen.dataset)).collect();
    let left_out = open.iter().filter(|open| !**open).count() as u64;
    selected.retain(&open);
    let said = (left_out > 0)
        .then(|| format!("{} left out, since you may not read from their storage site", pictures(left_out)));
    Ok((sites, said))
}

/// Of each picture whether the place is taken out of its file.
pub async fn placeless(state: &AppState, viewer: &Viewer, selected: &Selected) -> Result<Vec<bool>, AppError> {
    let mut by_dataset: BTreeMap<Option<i64>, BTreeSet<&str>> = BTreeMap::new();
    for chosen in selected.pictures.iter().filter(|chosen| Placeless::concerns(&chosen.file.media_type)) {
        by_dataset.entry(chosen.dataset).or_default().insert(&chosen.file.hash);
    }
    let mut told = HashMap::new();
    for (dataset, hashes) in by_dataset {
        told.insert(dataset, image_bytes::with_place(state, viewer, dataset, hashes).await?);
    }
    let is_told = |dataset: Option<i64>, hash: &str| told.get(&dataset).is_some_and(|told| told.contains(hash));
    let tells = selected
        .pictures
        .iter()
        .map(|chosen| Placeless::concerns(&chosen.file.media_type) && !is_told(chosen.dataset, &chosen.file.hash));
    Ok(tells.collect())
}

/// The files of the pictures at their places. What they are without their place is found out, unless nothing is to be sent.
pub async fn images(
    state: &AppState,
    selected: &Selected,
    sites: &HashMap<i64, i64>,
    (places, placeless): (&[String], &[bool]),
    is_preview: bool,
) -> Result<Vec<Image>, AppError> {
    let mut images = Vec::with_capacity(selected.pictures.len());
    for ((chosen, path), is_placeless) in selected.pictures.iter().zip(places).zip(placeless) {
        let (file, dataset) = (&chosen.file, chosen.dataset);
        let site = dataset.and_then(|dataset| sites.get(&dataset).copied());
        let (sha256, crc32) = match is_placeless {
            true if !is_preview => {
                let of_file = (file.sha256.as_str(), file.crc32);
                state.placeless.digests(&file.hash, &file.media_type, site.as_slice(), of_file).await?
            }
            _ => (file.sha256.clone(), file.crc32),
        };
        let placeless = is_placeless.then(|| file.media_type.clone());
        images.push(Image {
            path: path.clone(),
            size: file.size,
            crc32,
            sha256,
            media_type: file.media_type.clone(),
            origin: Origin::Picture { hash: file.hash.clone(), placeless, dataset },
        });
    }
    Ok(images)
}
