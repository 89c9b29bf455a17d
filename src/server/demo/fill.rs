//! `ocellus demo`: an empty site comes alive.

use super::draw::{self, Drawn};
use super::random::Random;
use super::scenes::KINDS;
use super::site::{Caption, DemoError, Site, Summary, new_picture, now_s};
use super::taxonomy;
use crate::model::Viewer;
use crate::model::page::PageRequest;
use crate::server::store::audit::Actor;
use crate::server::store::{galleries, pictures, ratings};
use futures::{Stream, StreamExt, stream};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;

/// Who posts the pictures.
const AUTHORS: [&str; 5] = ["ada", "bruno", "chiyo", "dmitri", "esi"];

/// Licences with how often they occur.
const LICENCES: &[(&[&str], usize)] = &[
    (&["CC0-1.0"], 6),
    (&["CC-BY-4.0"], 8),
    (&["CC-BY-SA-4.0"], 6),
    (&["CC-BY-NC-4.0"], 3),
    (&["CC-BY-SA-3.0", "GFDL-1.3-or-later"], 2),
    (&["X-informal-attribution"], 2),
    (&["X-all-rights-reserved"], 1),
];

/// What galleries are about. Their titles are those that the kinds of scenes name.
const GALLERIES: &[(&str, &str)] = &[
    ("Hills and valleys", "Land in all kinds of light: mountains, deserts, fields from above."),
    ("At sea", "On the water and below it."),
    ("Town life", "Streets by day and skylines by night. Look for the power lines: they are traced."),
    ("Still life", "Fruit, bowls and flowers on tables."),
    ("Animals", "Cats, sheep and butterflies at close range, with outlines to train on."),
    ("Beyond the sky", "Planets, orbits and a rocket on its way."),
    ("Charts and shapes", "Plain geometry: good for trying the tools."),
];

/// Days over which the pictures are spread, up to yesterday.
const DAYS: i64 = 730;
const DAY_S: i64 = 86_400;

/// Fills a site with objects, pictures, regions, galleries and ratings.
///
/// A site that has pictures of its own is left alone, unless `force` says otherwise. What an earlier run has done already
/// is not done again. `progress` hears how many pictures are done, of how many, and what the last one is called.
pub async fn fill(
    site: &Site<'_>,
    force: bool,
    progress: impl FnMut(usize, usize, &str),
) -> Result<Summary, DemoError> {
    fill_with(site, force, draw::count(), progress).await
}

/// Does what [`fill`] does, with the first `total` of its pictures.
pub(super) async fn fill_with(
    site: &Site<'_>,
    force: bool,
    total: usize,
    mut progress: impl FnMut(usize, usize, &str),
) -> Result<Summary, DemoError> {
    let now = now_s();
    let start = now - DAYS * DAY_S;
    let mut summary = Summary::default();
    let authors = site.users(&AUTHORS, start).await?;
    let others = pictures::count_by_others(site.db, &authors).await?;
    if others > 0 && !force {
        return Err(DemoError::Refused(format!(
            "the site has {others} pictures that are not from the demo; use --force to add the demo's pictures to them"
        )));
    }
    for (index, (name, description, parents)) in taxonomy::in_order().into_iter().enumerate() {
        let parents: Vec<String> = parents.iter().map(|parent| (*parent).to_owned()).collect();
        let author = authors[index % authors.len()];
        summary.objects += usize::from(site.object(name, description, &parents, author, start).await?);
    }

    let mut by_gallery: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let mut drawings = drawings(total);
    let mut number = 0;
    while let Some(drawn) = drawings.next().await {
        let drawn = drawn?;
        let title = drawn.subject.title();
        let mut random = Random::new(number as u64 + 1_000);
        // Evenly over the time, with the hour of the day left to chance.
        let day = DAYS * number as i64 / total as i64;
        let created_at = start + day * DAY_S + random.below(DAY_S as usize) as i64;
        let author = random.below(authors.len());
        let hash = blake3::hash(&drawn.bytes).to_hex().to_string();
        let id = match pictures::of_blob(site.db, &hash).await?.first() {
            Some(&id) => {
                summary.already_there += 1;
                id
            }
            None => {
                let kept = site.keep(drawn.bytes, created_at).await?;
                let caption = Caption {
                    title: title.to_owned(),
                    description: drawn.subject.kind.description.to_owned(),
                    author: authors[author],
                    created_at,
                    nature: nature(drawn.subject.kind.nature, drawn.kind),
                    licences: licences(&mut random),
                };
                summary.pictures += 1;
                summary.regions += drawn.regions.len();
                pictures::insert(site.db, new_picture(&kept, caption, drawn.regions)).await?
            }
        };
        for (rater, &user) in authors.iter().enumerate() {
            if rater != author && random.chance(0.55) {
                let grade = 2 + random.below(2) as u8 + random.below(3) as u8;
                ratings::set(site.db, id, user, Some(grade.clamp(1, 5)), created_at + DAY_S).await?;
            }
        }
        by_gallery.entry(drawn.subject.kind.gallery).or_default().push(id);
        number += 1;
        progress(number, total, title);
    }
    summary.galleries = fill_galleries(site, &by_gallery, &authors, start).await?;
    Ok(summary)
}

/// The first so many pictures in their order, drawn on as many threads as the machine has.
fn drawings(count: usize) -> impl Stream<Item = io::Result<Drawn>> + Unpin {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let draw = |number| async move {
        tokio::task::spawn_blocking(move || draw::draw(number))
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    };
    Box::pin(stream::iter(0..count).map(draw).buffered(threads))
}

/// Vector files are always drawn with a program.
fn nature(nature: &str, kind: draw::FileKind) -> String {
    let nature = if kind == draw::FileKind::Svg && nature == "drawing" { "computer-2d-art" } else { nature };
    nature.to_owned()
}

fn licences(random: &mut Random) -> Vec<String> {
    let total: usize = LICENCES.iter().map(|(_, weight)| weight).sum();
    let mut at = random.below(total);
    for (licences, weight) in LICENCES {
        if at < *weight {
            return licences.iter().map(|&licence| licence.to_owned()).collect();
        }
        at -= weight;
    }
    vec!["CC0-1.0".to_owned()]
}

async fn fill_galleries(
    site: &Site<'_>,
    by_gallery: &BTreeMap<&str, Vec<i64>>,
    authors: &[i64],
    now: i64,
) -> Result<usize, DemoError> {
    let existing = galleries::list(site.db, None, None, PageRequest { offset: 0, limit: 1000 }).await?;
    let existing: HashMap<String, i64> =
        existing.items.into_iter().map(|gallery| (gallery.title, gallery.id)).collect();
    let mut made = 0;
    for (index, (title, description)) in GALLERIES.iter().enumerate() {
        let owner = authors[index % authors.len()];
        let id = match existing.get(*title) {
            Some(&id) => id,
            None => {
                made += 1;
                galleries::insert(site.db, title, description, owner, now).await?
            }
        };
        let owner = Actor::user(owner, now);
        for &picture in by_gallery.get(title).into_iter().flatten() {
            galleries::add_picture(site.db, &Viewer::default(), id, picture, owner).await?;
        }
        galleries::add_user(site.db, id, AUTHORS[(index + 1) % AUTHORS.len()], owner).await?;
    }
    debug_assert!(KINDS.iter().all(|kind| GALLERIES.iter().any(|gallery| gallery.0 == kind.gallery)));
    Ok(made)
}

/// Draws the first `count` pictures of the demo as files into a folder: for tests, where no photographs are at hand.
pub async fn draw_files(dir: &Path, count: usize) -> Result<usize, DemoError> {
    tokio::fs::create_dir_all(dir).await?;
    let count = count.min(draw::count());
    let mut drawings = drawings(count);
    let mut number = 0;
    while let Some(drawn) = drawings.next().await {
        let drawn = drawn?;
        number += 1;
        let words: Vec<String> = drawn
            .subject
            .title()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let name = format!("{number:02}-{}.{}", words.join("-"), drawn.kind.extension());
        tokio::fs::write(dir.join(name), drawn.bytes).await?;
    }
    Ok(number)
}
