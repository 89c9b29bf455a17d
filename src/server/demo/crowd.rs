//! `ocellus demo --pictures N`: a crowd of tiny pictures for benchmarks.
//!
//! What they show follows Zipf's law, as what people photograph does: the commonest object is on every other picture,
//! the rarest on a handful. The pictures are real, but small and quickly made.

use super::draw::{FileKind, encode};
use super::random::Random;
use super::site::{Caption, DemoError, Site, Summary, new_picture, now_s};
use super::taxonomy;
use crate::model::Region;
use crate::model::region::{Point, Rect, Shape};
use crate::server::store::pictures;

/// Pictures in one transaction.
const BATCH: usize = 250;
/// How many regions a picture has on average.
const MEAN_REGIONS: usize = 8;
/// So many different files; pictures share them, since rows are what benchmarks measure.
const FILES: usize = 256;
const AUTHORS: [&str; 8] = ["crowd-a", "crowd-b", "crowd-c", "crowd-d", "crowd-e", "crowd-f", "crowd-g", "crowd-h"];
const NATURES: [&str; 4] = ["photo", "photo", "drawing", "diagram"];
const LICENCES: [&str; 6] =
    ["CC0-1.0", "CC-BY-4.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "X-all-rights-reserved"];
const ADJECTIVES: [&str; 10] = ["quiet", "red", "old", "small", "bright", "lost", "early", "broken", "open", "distant"];

/// Adds `count` pictures; the same seed gives the same ones.
pub async fn crowd(
    site: &Site<'_>,
    count: usize,
    seed: u64,
    mut progress: impl FnMut(usize, usize, &str),
) -> Result<Summary, DemoError> {
    let mut summary = Summary::default();
    let mut random = Random::new(seed);
    let now = now_s();
    let authors = site.users(&AUTHORS, now).await?;
    let mut names = Vec::new();
    for (name, description, parents) in taxonomy::in_order() {
        let parents: Vec<String> = parents.iter().map(|parent| (*parent).to_owned()).collect();
        summary.objects += usize::from(site.object(name, description, &parents, authors[0], now).await?);
        names.push(*name);
    }
    let weights = zipf(names.len());

    let mut files = Vec::new();
    for number in 0..FILES.min(count) {
        let (width, height) = (64 + 16 * random.below(5) as u32, 48 + 16 * random.below(5) as u32);
        let kind = if number % 4 == 0 { FileKind::Png } else { FileKind::Jpeg };
        files.push(site.keep(tiny(&mut random, width, height, kind)?, now).await?);
    }

    let mut done = 0;
    while done < count {
        let batch: Vec<_> = (done..count.min(done + BATCH))
            .map(|number| {
                let kept = &files[random.below(files.len())];
                let regions: Vec<Region> = (0..random.count(1, 2 * MEAN_REGIONS - 1))
                    .map(|_| {
                        let name = names[pick(&weights, random.unit())];
                        region(&mut random, name)
                    })
                    .collect();
                let shown = regions.first().map_or("thing", |region| region.object.as_str()).to_lowercase();
                let caption = Caption {
                    title: format!("{} {shown} {}", random.pick(&ADJECTIVES), number + 1),
                    description: String::new(),
                    author: authors[random.below(authors.len())],
                    created_at: now - (count - number) as i64 * 60,
                    nature: random.pick(&NATURES).to_owned(),
                    licences: vec![random.pick(&LICENCES).to_owned()],
                };
                summary.regions += regions.len();
                new_picture(kept, caption, regions)
            })
            .collect();
        done += pictures::insert_many(site.db, &batch).await?.len();
        summary.pictures = done;
        progress(done, count, "pictures");
    }
    Ok(summary)
}

/// The first so many sums of Zipf's weights, scaled to end at 1.
fn zipf(count: usize) -> Vec<f64> {
    let total: f64 = (1..=count).map(|rank| 1.0 / rank as f64).sum();
    let mut sum = 0.0;
    (1..=count)
        .map(|rank| {
            sum += 1.0 / rank as f64 / total;
            sum
        })
        .collect()
}

/// Which weight a number from 0 to 1 falls on.
fn pick(sums: &[f64], at: f64) -> usize {
    sums.partition_point(|&sum| sum < at).min(sums.len().saturating_sub(1))
}

fn region(random: &mut Random, object: &str) -> Region {
    let (x, y) = (random.range(0.0, 0.8), random.range(0.0, 0.8));
    let (w, h) = (random.range(0.02, 0.2), random.range(0.02, 0.2));
    let corner = |dx: f64, dy: f64| Point { x: x + w * dx, y: y + h * dy };
    let shape = match random.below(10) {
        0 => Shape::Point(corner(0.5, 0.5)),
        1 => Shape::Polyline(vec![corner(0.0, 0.2), corner(0.5, 0.9), corner(1.0, 0.1)]),
        2 | 3 => Shape::Polygon(vec![corner(0.5, 0.0), corner(1.0, 0.6), corner(0.6, 1.0), corner(0.0, 0.7)]),
        _ => Shape::Bbox(Rect { x, y, w, h }),
    };
    Region { id: None, shape, object: object.to_owned() }
}

/// A small picture: two colours and a disc.
fn tiny(random: &mut Random, width: u32, height: u32, kind: FileKind) -> std::io::Result<Vec<u8>> {
    let mut colour = || [0, 1, 2].map(|_| random.below(256) as f64);
    let (top, bottom, disc) = (colour(), colour(), colour());
    let (cx, cy) = (random.unit() * f64::from(width), random.unit() * f64::from(height));
    let mut pixels = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let t = f64::from(y) / f64::from(height);
            let inside = (f64::from(x) - cx).hypot(f64::from(y) - cy) < f64::from(height) * 0.3;
            pixels.extend((0..3).map(|c| if inside { disc[c] } else { top[c] + (bottom[c] - top[c]) * t } as u8));
        }
    }
    encode(&pixels, width, height, kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::region::check_regions;

    #[test]
    fn the_commonest_comes_most_often_and_the_rarest_at_all() {
        let sums = zipf(50);
        let mut random = Random::new(1);
        let mut counts = [0; 50];
        for _ in 0..20_000 {
            counts[pick(&sums, random.unit())] += 1;
        }
        assert!(counts[0] > 3 * counts[4] && counts[49] > 0, "{counts:?}");
    }

    #[test]
    fn regions_are_valid() {
        let mut random = Random::new(2);
        let regions: Vec<Region> = (0..500).map(|_| region(&mut random, "Cat")).collect();
        assert_eq!(check_regions(&regions, "regions"), Ok(()));
    }
}
