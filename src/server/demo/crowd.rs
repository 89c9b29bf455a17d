//! `ocellus generate`: a crowd of tiny pictures for benchmarks.
//!
//! What they show follows Zipf's law, as what people photograph does: the commonest object is on every other picture,
//! the rarest on a handful. The pictures are real, but small and quickly made.

use super::draw::{FileKind, encode};
use super::random::Random;
use super::site::{Caption, DemoError, Site, Summary, new_picture, now_s};
use super::taxonomy::OBJECTS;
use crate::model::Region;
use crate::model::region::{MAX_REGIONS, Point, Rect, Shape};
use crate::server::store;
use crate::server::taxonomy::Entry;
use clap::Args;

/// Pictures in one transaction.
const BATCH: usize = 1000;
/// So many different files; pictures share them, since rows are what benchmarks measure.
const FILES: usize = 256;
/// Made-up objects have so many children each, until there are enough.
const CHILDREN: usize = 4;

/// How large a crowd is. The same numbers give the same one.
#[derive(Clone, Debug, Args)]
pub struct Crowd {
    /// How many tiny pictures
    #[arg(long, value_name = "N")]
    pub pictures: usize,
    /// How many regions a picture has on average
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = regions_per_picture)]
    pub regions_per_picture: usize,
    /// How many objects they show
    #[arg(long, value_name = "N", default_value_t = 600, value_parser = number_of_objects)]
    pub objects: usize,
    /// Another seed gives other pictures
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

fn regions_per_picture(text: &str) -> Result<usize, String> {
    in_range(text, 0, MAX_REGIONS / 2)
}

fn number_of_objects(text: &str) -> Result<usize, String> {
    in_range(text, 1, 100_000)
}

fn in_range(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("must be a whole number from {least} to {most}"))
}

const AUTHORS: [&str; 8] = ["crowd-a", "crowd-b", "crowd-c", "crowd-d", "crowd-e", "crowd-f", "crowd-g", "crowd-h"];
const NATURES: [&str; 4] = ["photo", "photo", "drawing", "diagram"];
const LICENCES: [&str; 6] =
    ["CC0-1.0", "CC-BY-4.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "X-all-rights-reserved"];
const ADJECTIVES: [&str; 10] = ["quiet", "red", "old", "small", "bright", "lost", "early", "broken", "open", "distant"];

/// The objects of a crowd: those of the demo first, then a deep tree of made-up ones.
fn objects(count: usize) -> Vec<Entry> {
    let entry = |name: String, description: Option<&str>, parents: Vec<String>| Entry {
        name,
        description: description.map(str::to_owned),
        parents: parents.into_iter().map(|parent| (parent, 1)).collect(),
        line: 1,
    };
    let known = OBJECTS.iter().map(|(name, description, parents)| {
        // As far as they are among so few.
        let among = |parent: &&&str| OBJECTS.iter().take(count).any(|(name, ..)| name == *parent);
        let parents = parents.iter().filter(among).map(|parent| (*parent).to_owned()).collect();
        entry((*name).to_owned(), Some(description), parents)
    });
    let made_up = (0..).map(|number: usize| {
        let parent = number.checked_sub(1).map(|before| format!("Thing {}", before / CHILDREN + 1));
        entry(format!("Thing {}", number + 1), None, parent.into_iter().collect())
    });
    known.chain(made_up).take(count).collect()
}

/// Adds a crowd.
pub async fn crowd(
    site: &Site<'_>,
    crowd: &Crowd,
    mut progress: impl FnMut(usize, usize, &str),
) -> Result<Summary, DemoError> {
    let count = crowd.pictures;
    let mut summary = Summary::default();
    let mut random = Random::new(crowd.seed);
    let now = now_s();
    let authors = site.users(&AUTHORS, now).await?;
    let entries = objects(crowd.objects);
    let names: Vec<String> = entries.iter().map(|entry| entry.name.clone()).collect();
    let report = store::taxonomy::import(site.db, entries.into(), Vec::new(), Some(authors[0]), now).await?;
    if let Some(fault) = report.faults.first() {
        return Err(DemoError::Refused(fault.message.clone()));
    }
    summary.objects = report.made.len();
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
                let regions: Vec<Region> = (0..number_of_regions(&mut random, crowd.regions_per_picture))
                    .map(|_| {
                        let name = &names[pick(&weights, random.unit())];
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
        done += store::picture_bulk::insert_many(site.db, &batch).await?.len();
        summary.pictures = done;
        progress(done, count, "pictures");
    }
    Ok(summary)
}

/// From one to twice the mean less one; none where the mean is zero.
fn number_of_regions(random: &mut Random, mean: usize) -> usize {
    if mean == 0 { 0 } else { random.count(1, 2 * mean - 1) }
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
    fn there_are_as_many_objects_as_asked_for() {
        for count in [1, 30, 600] {
            let objects = objects(count);
            assert_eq!(objects.len(), count);
            for (parent, _) in objects.iter().flat_map(|object| &object.parents) {
                assert!(objects.iter().any(|object| object.name == *parent), "{count}: {parent}");
            }
        }
        assert!(number_of_objects("0").is_err() && regions_per_picture("x").is_err());
    }

    #[test]
    fn regions_are_valid() {
        let mut random = Random::new(2);
        let regions: Vec<Region> = (0..500).map(|_| region(&mut random, "Cat")).collect();
        assert_eq!(check_regions(&regions, "regions"), Ok(()));
    }
}
