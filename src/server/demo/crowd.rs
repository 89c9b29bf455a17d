//! `ocellus generate`: a crowd of tiny pictures for benchmarks.
//!
//! What they show follows Zipf's law, as what people photograph does: the commonest object is on every other picture,
//! the rarest on a handful. So do authors, galleries and the words of their descriptions, and every rule of the query language has
//! something to find. The pictures are real, but small and quickly made.

use super::draw::{FileKind, encode};
use super::random::Random;
use super::site::{Caption, DemoError, Kept, Site, Summary, new_picture};
use super::taxonomy::OBJECTS;
use crate::model::Region;
use crate::model::Viewer;
use crate::model::region::{MAX_REGIONS, Point, Rect, Shape};
use crate::server::store::audit::Actor;
use crate::server::store::picture_bulk::{GivenRating, Prepared, insert_prepared};
use crate::server::store::pictures::NewPicture;
use crate::server::store::{self, StoreError, galleries};
use crate::server::taxonomy::Entry;
use clap::Args;

/// Pictures in one transaction, at most: the more there are, the fewer pages of the indexes are written twice.
const BATCH: usize = 20_000;
/// Pictures in the first one, at most: nothing is written while these are made.
const FIRST_BATCH: usize = 2_000;
/// So many different files; pictures share them, since rows are what benchmarks measure.
const FILES: usize = 64;
/// Made-up objects have so many children each, until there are enough.
const CHILDREN: usize = 4;
/// How many people post, rate and collect.
const AUTHORS: usize = 64;
/// How many galleries there are.
const GALLERIES: usize = 48;
/// How many words there are to describe pictures with.
const WORDS: usize = 3000;
/// 2026-01-01: when the newest picture was posted, whatever the clock says, so that the crowd is always the same.
const END_S: i64 = 1_767_225_600;
/// The pictures were posted over six years.
const DURATION_S: i64 = 6 * 365 * 86_400;

/// How large a crowd is. The same numbers give the same one.
#[derive(Clone, Debug, Args)]
pub struct Crowd {
    /// How many tiny pictures; they share 64 files
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

/// From common to rare.
const NATURES: [&str; 8] =
    ["photo", "drawing", "scan", "diagram", "screenshot", "computer-2d-art", "aerial", "microscopy"];
/// From common to rare.
const LICENCES: [&[&str]; 8] = [
    &["CC-BY-SA-4.0"],
    &["CC-BY-4.0"],
    &["CC0-1.0"],
    &["CC-BY-SA-3.0", "GFDL-1.3-or-later"],
    &["CC-BY-NC-4.0"],
    &["X-informal-attribution"],
    &["X-all-rights-reserved"],
    &["CC0-1.0", "CC-BY-4.0"],
];
const ADJECTIVES: [&str; 10] = ["quiet", "red", "old", "small", "bright", "lost", "early", "broken", "open", "distant"];
/// Where pictures come from, from common to rare.
const ORIGINS: [&str; 6] = [
    "https://photos.example.org/",
    "https://commons.example.org/wiki/File:",
    "https://archive.example.com/items/",
    "http://museum.example.net/collection/",
    "https://www.example.edu/herbarium/",
    "https://example.gov/survey/",
];
/// What made-up words are made of.
const SYLLABLES: [&str; 16] =
    ["ka", "lo", "mi", "ren", "sa", "tor", "ve", "wun", "ba", "del", "fi", "gra", "hol", "ju", "nep", "ost"];
/// Sizes in pixels as screens and cameras have them. Files of these sizes are vector graphics, which stay small.
const SIZES: [(u32, u32); 7] =
    [(640, 480), (1024, 768), (1080, 1920), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160)];

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

/// Adds a crowd. Nobody else should change the site meanwhile.
pub async fn crowd(
    site: &Site<'_>,
    crowd: &Crowd,
    progress: impl FnMut(usize, usize, &str),
) -> Result<Summary, DemoError> {
    site.db.expect_much().await?;
    let made = fill(site, crowd, progress).await;
    // Also where that has failed: a server may be running, and wants its indexes back.
    site.db.take_stock().await?;
    made
}

async fn fill(
    site: &Site<'_>,
    crowd: &Crowd,
    mut progress: impl FnMut(usize, usize, &str),
) -> Result<Summary, DemoError> {
    let count = crowd.pictures;
    let mut summary = Summary::default();
    let mut random = Random::new(crowd.seed);
    let names: Vec<String> = (1..=AUTHORS).map(|number| format!("crowd-{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let authors = site.users(&names, END_S - DURATION_S).await?;
    let entries = objects(crowd.objects);
    let objects: Vec<String> = entries.iter().map(|entry| entry.name.clone()).collect();
    let report =
        store::taxonomy::import(site.db, entries.into(), Vec::new(), Some(authors[0]), END_S - DURATION_S).await?;
    if let Some(fault) = report.faults.first() {
        return Err(DemoError::Refused(fault.message.clone()));
    }
    summary.objects = report.made.len();

    let mut files = Vec::new();
    for number in 0..FILES.min(count) {
        files.push(site.keep(file(&mut random, number)?, END_S - DURATION_S).await?);
    }
    let mut maker = Maker {
        random,
        count,
        regions: crowd.regions_per_picture,
        objects: Choice::new(objects),
        authors: Choice::new(authors.clone()),
        words: Choice::new((0..WORDS).map(word).collect()),
        galleries: Choice::new((0..GALLERIES).collect()),
        files,
        authors_of_made: Vec::with_capacity(count),
        latest: Vec::new(),
        collected: vec![Vec::new(); GALLERIES],
    };

    let mut ids: Vec<i64> = Vec::with_capacity(count);
    let mut next = maker.batch()?;
    while let Some(mut batch) = next {
        // The next ones are made while these are written.
        let making = tokio::task::spawn_blocking(move || {
            let next = maker.batch();
            (maker, next)
        });
        batch.link(|place| ids.get(usize::try_from(place).ok()?).copied());
        ids.extend(insert_prepared(site.db, &batch).await?);
        summary.pictures = ids.len();
        summary.regions += batch.pictures().iter().map(|picture| picture.regions.len()).sum::<usize>();
        progress(summary.pictures, count, "pictures");
        let made = making.await.map_err(std::io::Error::other)?;
        (maker, next) = (made.0, made.1?);
    }
    for (number, places) in maker.collected.iter().enumerate().filter(|(_, places)| !places.is_empty()) {
        let pictures: Vec<i64> = places.iter().map(|place| ids[*place]).collect();
        let owner = authors[number % authors.len()];
        let title = format!("{} {}", maker.words.at(number), number + 1);
        let gallery = galleries::insert(site.db, &title, "", owner, END_S - DURATION_S).await?;
        let owner = Actor::user(owner, END_S);
        galleries::add_pictures(site.db, &Viewer::default(), gallery, &pictures, owner).await?;
        summary.galleries += 1;
    }
    Ok(summary)
}

/// Makes pictures up.
struct Maker {
    random: Random,
    count: usize,
    /// How many on average.
    regions: usize,
    objects: Choice<String>,
    authors: Choice<i64>,
    words: Choice<String>,
    galleries: Choice<usize>,
    files: Vec<Kept>,
    /// Of every picture that was made; none where it was replaced.
    authors_of_made: Vec<Option<i64>>,
    /// Those of the last batch.
    latest: Vec<NewPicture>,
    /// The places of those that are in each gallery.
    collected: Vec<Vec<usize>>,
}

impl Maker {
    /// The next pictures for one transaction, with what others think of them, until there are enough. They name others by their places
    /// among all that were made.
    fn batch(&mut self) -> Result<Option<Prepared>, StoreError> {
        let first = self.authors_of_made.len();
        // In a small crowd, too, some are copies of those in the batch before.
        let most = if first == 0 { FIRST_BATCH } else { BATCH };
        let numbers = first..self.count.min(first + self.count.div_ceil(3).min(most));
        if numbers.is_empty() {
            return Ok(None);
        }
        let (mut pictures, mut ratings) = (Vec::with_capacity(numbers.len()), Vec::with_capacity(numbers.len()));
        for number in numbers.clone() {
            let picture = self.picture(number);
            ratings.push(self.ratings(&picture));
            pictures.push(picture);
        }
        for place in numbers {
            self.collect(place);
        }
        self.authors_of_made.extend(pictures.iter().map(|picture| Some(picture.author)));
        self.latest.clone_from(&pictures);
        Prepared::new(pictures, ratings).map(Some)
    }

    fn picture(&mut self, number: usize) -> NewPicture {
        // More and more are posted: half of them in the last third of the time.
        let part = ((number + 1) as f64 / self.count as f64).sqrt();
        let created_at = END_S - DURATION_S + (DURATION_S as f64 * part) as i64;
        if !self.latest.is_empty() && self.random.chance(0.02) {
            let index = self.random.below(self.latest.len());
            let author = *self.authors.pick(&mut self.random);
            let copied_from = Some((self.authors_of_made.len() - self.latest.len() + index) as i64);
            let copy = self.latest[index].clone();
            return NewPicture { author, created_at, copied_from, replaces: None, ..copy };
        }
        let mut picture = self.original(number, created_at);
        if !self.authors_of_made.is_empty() && self.random.chance(0.03) {
            let index = self.random.below(self.authors_of_made.len());
            // Nobody replaces what is another's, or twice.
            if let Some(author) = self.authors_of_made[index].take() {
                picture.author = author;
                picture.replaces = Some(index as i64);
            }
        }
        picture
    }

    fn original(&mut self, number: usize, created_at: i64) -> NewPicture {
        let random = &mut self.random;
        let count = number_of_regions(random, self.regions);
        let regions: Vec<Region> = (0..count)
            .map(|_| {
                let object = self.objects.pick(random);
                region(random, object)
            })
            .collect();
        let shown = regions.first().map_or("thing", |region| region.object.as_str()).to_lowercase();
        let title = format!("{} {shown} {}", random.pick(&ADJECTIVES), number + 1);
        let words = if random.chance(0.6) { random.count(3, 14) } else { 0 };
        let words: Vec<&str> = (0..words).map(|_| self.words.pick(random).as_str()).collect();
        let caption = Caption {
            title,
            description: words.join(" "),
            author: *self.authors.pick(random),
            created_at,
            nature: (*rarer(random, &NATURES)).to_owned(),
            licences: rarer(random, &LICENCES).iter().map(|&licence| licence.to_owned()).collect(),
        };
        let kept = &self.files[random.below(self.files.len())];
        let origin_url = random.chance(0.5).then(|| format!("{}{}", rarer(random, &ORIGINS), number + 1));
        NewPicture { origin_url, ..new_picture(kept, caption, regions) }
    }

    /// Two of five are rated, by one to eight others.
    fn ratings(&mut self, picture: &NewPicture) -> Vec<GivenRating> {
        let random = &mut self.random;
        if random.chance(0.6) {
            return Vec::new();
        }
        let raters = 1 + random.below(8).min(random.below(8));
        let first = random.below(AUTHORS);
        let raters = (first..first + raters).map(|rater| *self.authors.at(rater % AUTHORS));
        let taste = random.below(3);
        raters
            .filter(|user| *user != picture.author)
            .map(|user| GivenRating {
                user,
                rating: (1 + taste + random.below(3)) as u8,
                at: picture.created_at + 3600,
            })
            .collect()
    }

    /// Every third picture is in a gallery, some in two.
    fn collect(&mut self, place: usize) {
        while self.random.chance(0.25) {
            self.collected[*self.galleries.pick(&mut self.random)].push(place);
        }
    }
}

/// Things of which some are chosen more often than others, as Zipf's law has it: the first most often.
struct Choice<T> {
    things: Vec<T>,
    sums: Vec<f64>,
}

impl<T> Choice<T> {
    fn new(things: Vec<T>) -> Self {
        Self { sums: zipf(things.len()), things }
    }

    fn at(&self, place: usize) -> &T {
        &self.things[place]
    }

    fn pick(&self, random: &mut Random) -> &T {
        &self.things[pick(&self.sums, random.unit())]
    }
}

/// One of a few: each about half as often as the one before.
fn rarer<'a, T>(random: &mut Random, things: &'a [T]) -> &'a T {
    &things[(random.next().trailing_zeros() as usize).min(things.len() - 1)]
}

/// A made-up word; different numbers below 4096 give different ones.
fn word(number: usize) -> String {
    [number % 16, number / 16 % 16, number / 256 % 16].map(|syllable| SYLLABLES[syllable]).concat()
}

/// A file of its own for each number below [`FILES`]: every other one is tiny, the others have sizes as screens and cameras have
/// them.
fn file(random: &mut Random, number: usize) -> std::io::Result<Vec<u8>> {
    if number % 2 == 1 {
        let (width, height) = random.pick(&SIZES);
        return Ok(vector(random, width, height).into_bytes());
    }
    let (width, height) = (64 + 16 * random.below(5) as u32, 48 + 16 * random.below(5) as u32);
    tiny(random, width, height, if number.is_multiple_of(4) { FileKind::Png } else { FileKind::Jpeg })
}

/// A disc as a vector graphic.
fn vector(random: &mut Random, width: u32, height: u32) -> String {
    let mut colour = || random.below(0x0100_0000);
    let (ground, disc) = (colour(), colour());
    let (x, y) = (random.below(width as usize), random.below(height as usize));
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' viewBox='0 0 {width} {height}'>\
         <rect width='{width}' height='{height}' fill='#{ground:06x}'/>\
         <circle cx='{x}' cy='{y}' r='{}' fill='#{disc:06x}'/></svg>\n",
        height / 3
    )
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
    fn words_differ() {
        let words: std::collections::BTreeSet<String> = (0..WORDS).map(word).collect();
        assert_eq!(words.len(), WORDS);
    }

    #[test]
    fn regions_are_valid() {
        let mut random = Random::new(2);
        let regions: Vec<Region> = (0..500).map(|_| region(&mut random, "Cat")).collect();
        assert_eq!(check_regions(&regions, "regions"), Ok(()));
    }
}
