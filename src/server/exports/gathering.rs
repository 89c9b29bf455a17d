//! What is known of the pictures that leave, written into a temporary file: formats go through it several times, and memory holds a
//! few pictures at a time.

use super::fields::FieldColumns;
use super::selection::{Chosen, Selected};
use super::tables;
use super::{MAX_BYTES, went_wrong};
use crate::formats::annotations::{Annotated, FormatError, Head, PixelSize, Source};
use crate::model::picture::Original;
use crate::model::text::path_segment;
use crate::model::{AppError, ExportOptions, Picture, Region, Viewer};
use crate::server::errors::internal;
use crate::server::list_download::{BATCH, held_together};
use crate::server::state::AppState;
use crate::server::store::{self, exports};
use crate::server::versions::pictures_at::each_drawn;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// A picture that leaves, with what is said of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Gathered {
    /// Its place among the pictures that were chosen.
    pub place: usize,
    /// What its file is called.
    pub path: String,
    /// Its part of the split.
    pub split: Option<String>,
    /// Width in pixels, orientation applied.
    pub width: u32,
    /// Height in pixels, orientation applied.
    pub height: u32,
    /// What leaves of its regions.
    pub regions: Vec<Region>,
    /// Where its file can be had.
    pub url: String,
    /// What the site says of it today, without regions; none where it was deleted since.
    pub picture: Option<Picture>,
    /// Names of the objects that its regions show, the most frequent first.
    pub objects: Vec<String>,
    /// What it was copied from, if it was.
    pub original: Option<Original>,
}

/// What was left out or changed on the way, besides what the format cannot say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shaped {
    /// Regions that leave.
    pub regions: u64,
    /// Boxes and polygons that were too small.
    pub too_small: u64,
    /// Regions that do not show what the project is about.
    pub other_objects: u64,
    /// Regions whose object was said as one above it.
    pub rolled_up: u64,
    /// Pictures of which nothing is known any more but their files.
    pub unknown: u64,
    /// Additional fields that no table has a column for.
    pub fields_without_column: u64,
}

impl Shaped {
    /// The same in words, as far as there is anything to say.
    pub fn sentences(&self) -> Vec<String> {
        let said = |count: u64, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let too_small = said(
            self.too_small,
            "box or polygon is smaller than was asked for",
            "boxes and polygons are smaller than was asked for",
        );
        let other = said(
            self.other_objects,
            "region shows nothing that the project is about",
            "regions show nothing that the project is about",
        );
        let rolled_up = said(
            self.rolled_up,
            "region says an object further up in the taxonomy",
            "regions say objects further up in the taxonomy",
        );
        let unknown = said(
            self.unknown,
            "picture was deleted since, so that its author and licences are not known",
            "pictures were deleted since, so that their authors and licences are not known",
        );
        let fields = said(
            self.fields_without_column,
            "additional field is left out, since tables have too many columns",
            "additional fields are left out, since tables have too many columns",
        );
        [too_small, other, rolled_up, unknown, fields].into_iter().flatten().collect()
    }
}

/// The pictures with what is known of them, in a file.
pub struct Spool {
    file: File,
    /// What was left out or changed.
    pub shaped: Shaped,
    /// The columns of additional fields.
    pub fields: FieldColumns,
}

/// What is done to annotations on the way.
struct Shaping<'a> {
    options: &'a ExportOptions,
    objects: &'a BTreeSet<String>,
    above: HashMap<String, String>,
}

impl Shaping<'_> {
    /// Whether a box or polygon has fewer pixels than was asked for. Lines and points have no size.
    fn is_too_small(&self, region: &Region, (width, height): (u32, u32)) -> bool {
        let Some(least) = self.options.min_size.map(f64::from) else { return false };
        let bounds = region.shape.bounds();
        let is_area = matches!(region.shape, crate::model::Shape::Bbox(_) | crate::model::Shape::Polygon(_));
        is_area && (bounds.w * f64::from(width) < least || bounds.h * f64::from(height) < least)
    }

    fn shape(&self, mut regions: Vec<Region>, size: (u32, u32), shaped: &mut Shaped) -> Vec<Region> {
        regions.retain(|region| {
            let is_other = !self.objects.is_empty() && !self.objects.contains(&region.object);
            let is_too_small = !is_other && self.is_too_small(region, size);
            shaped.other_objects += u64::from(is_other);
            shaped.too_small += u64::from(is_too_small);
            !is_other && !is_too_small
        });
        for region in &mut regions {
            if let Some(above) = self.above.get(&region.object) {
                region.object.clone_from(above);
                shaped.rolled_up += 1;
            }
        }
        shaped.regions += regions.len() as u64;
        regions
    }
}

/// Spreads files evenly over all numbers, the same each time.
fn number_of(origin: &str, seed: u64) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes()).update(origin.as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

fn failed(error: impl std::fmt::Display) -> AppError {
    internal("gathering an export", &error)
}

/// Writes one thing behind the others.
fn put(file: &mut impl Write, written: &mut u64, value: &impl Serialize) -> Result<(), AppError> {
    let bytes = serde_json::to_vec(value).map_err(failed)?;
    *written += bytes.len() as u64;
    if *written > MAX_BYTES {
        return Err(went_wrong(io::ErrorKind::FileTooLarge.into()));
    }
    file.write_all(&(bytes.len() as u64).to_le_bytes()).and_then(|()| file.write_all(&bytes)).map_err(failed)
}

/// Reads the next thing into a buffer; nothing at the end.
fn next<'b>(file: &mut impl Read, buffer: &'b mut Vec<u8>) -> io::Result<Option<&'b [u8]>> {
    let mut length = [0; 8];
    match file.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    buffer.resize(u64::from_le_bytes(length) as usize, 0);
    file.read_exact(buffer)?;
    Ok(Some(buffer))
}

/// What was drawn in a state, in the order of its pictures.
struct Drawn {
    file: BufReader<File>,
    buffer: Vec<u8>,
    /// The next picture on which something was drawn.
    waiting: Option<(usize, Vec<Region>)>,
}

impl Drawn {
    async fn of(state: &AppState, selected: &Selected) -> Result<Option<Self>, AppError> {
        let Some((dataset, at)) = &selected.state else { return Ok(None) };
        let mut file = BufWriter::new(tempfile::tempfile().map_err(failed)?);
        let mut written = 0;
        each_drawn(state, *dataset, at, |place, regions| put(&mut file, &mut written, &(place, regions))).await?;
        let mut file = file.into_inner().map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(Some(Self { file: BufReader::new(file), buffer: Vec::new(), waiting: None }))
    }

    /// What was drawn on the picture at this place, which is behind those that were asked for before.
    fn at(&mut self, place: usize) -> Result<Vec<Region>, AppError> {
        while self.waiting.as_ref().is_none_or(|(waiting, _)| *waiting < place) {
            let Some(bytes) = next(&mut self.file, &mut self.buffer).map_err(failed)? else { return Ok(Vec::new()) };
            self.waiting = Some(serde_json::from_slice(bytes).map_err(failed)?);
        }
        Ok(self.waiting.take_if(|(waiting, _)| *waiting == place).map(|(_, regions)| regions).unwrap_or_default())
    }
}

/// Gathers what is known of the pictures, and does to it what is asked for.
pub async fn gather(
    state: &AppState,
    viewer: &Viewer,
    selected: &Selected,
    options: &ExportOptions,
) -> Result<Spool, AppError> {
    let above = match options.level {
        Some(level) => exports::above_level(&state.db, level).await?,
        None => HashMap::new(),
    };
    let shaping = Shaping { options, objects: &selected.objects, above };
    let mut drawn = Drawn::of(state, selected).await?;
    let mut file = BufWriter::new(tempfile::tempfile().map_err(failed)?);
    let (mut shaped, mut place, mut written) = (Shaped::default(), 0, 0);
    let mut fields = FieldColumns::default();
    while place < selected.pictures.len() {
        let rest = &selected.pictures[place..];
        let ahead: Vec<i64> = rest.iter().take(BATCH).filter_map(|chosen| chosen.picture).collect();
        let bytes = match drawn {
            Some(_) => HashMap::new(),
            None => store::pictures::region_bytes(&state.db, &ahead).await?,
        };
        let bytes_of =
            |chosen: &Chosen| chosen.picture.and_then(|picture| bytes.get(&picture).copied()).unwrap_or_default();
        let part = &rest[..held_together(rest.iter().take(BATCH).map(bytes_of))];
        let ids: Vec<i64> = part.iter().filter_map(|chosen| chosen.picture).collect();
        let records = store::pictures::records(&state.db, viewer, &ids, &state.urls, drawn.is_none()).await?;
        let mut records: HashMap<i64, _> = records.into_iter().map(|card| (card.picture.id, card)).collect();
        let origins = match options.split {
            Some(_) => exports::origins(&state.db, &ids).await?,
            None => HashMap::new(),
        };
        let copies = records.values().filter(|card| card.picture.copied_from.is_some()).map(|card| card.picture.id);
        let mut originals = exports::originals(&state.db, viewer, &copies.collect::<Vec<_>>()).await?;
        for chosen in part {
            let mut card = chosen.picture.and_then(|picture| records.remove(&picture));
            let of_today = card.as_mut().map(|card| std::mem::take(&mut card.picture.regions)).unwrap_or_default();
            let regions = match &mut drawn {
                Some(drawn) => drawn.at(place)?,
                None => of_today,
            };
            let side = |side: i64| u32::try_from(side).unwrap_or_default();
            let (width, height) = (side(chosen.size_px.0), side(chosen.size_px.1));
            let regions = shaping.shape(regions, (width, height), &mut shaped);
            shaped.unknown += u64::from(card.is_none());
            let origin = chosen.picture.and_then(|picture| origins.get(&picture)).unwrap_or(&chosen.file.hash);
            let split = options.split.map(|split| split.part(number_of(origin, options.seed)).to_owned());
            let gathered = Gathered {
                place,
                path: chosen.path.clone(),
                split,
                width,
                height,
                objects: objects_of(&regions),
                original: chosen.picture.and_then(|picture| originals.remove(&picture)),
                regions,
                url: url_of(state, selected, chosen, card.as_ref().map(|card| &card.picture)),
                picture: card.map(|card| card.picture),
            };
            if let Some(picture) = &gathered.picture {
                fields.see(&picture.fields, tables::is_fixed);
            }
            put(&mut file, &mut written, &gathered)?;
            place += 1;
        }
    }
    let file = file.into_inner().map_err(failed)?;
    shaped.fields_without_column = fields.without_column;
    Ok(Spool { file, shaped, fields })
}

/// Where a picture's file can be had: that of a state for ever, that of today as long as the picture is there.
fn url_of(state: &AppState, selected: &Selected, chosen: &Chosen, picture: Option<&Picture>) -> String {
    match (&selected.state, picture) {
        (Some((dataset, at)), _) => {
            let (site, path) = (&state.urls.public_url, chosen.path.split('/').map(path_segment));
            let path = path.collect::<Vec<_>>().join("/");
            format!("{site}/api/v1/datasets/{dataset}/files/{path}?ref={}", at.commit)
        }
        (None, Some(picture)) => picture.download.clone(),
        (None, None) => String::new(),
    }
}

/// What regions show, the most frequent first.
fn objects_of(regions: &[Region]) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for region in regions {
        *counts.entry(region.object.as_str()).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    counts.into_iter().map(|(object, _)| object.to_owned()).collect()
}

impl Spool {
    /// Visits every picture, in the order in which they leave.
    pub fn each<E: From<io::Error>>(&self, mut visit: impl FnMut(Gathered) -> Result<(), E>) -> Result<(), E> {
        let mut file = BufReader::with_capacity(256 * 1024, &self.file);
        file.seek(SeekFrom::Start(0))?;
        let mut buffer = Vec::new();
        while let Some(bytes) = next(&mut file, &mut buffer)? {
            visit(serde_json::from_slice(bytes).map_err(io::Error::from)?)?;
        }
        Ok(())
    }
}

/// What formats take from.
pub struct SpoolSource<'s>(pub &'s Spool);

/// Wraps what went wrong in the temporary file or in what visits it.
enum Broken {
    Spool(io::Error),
    Visit(FormatError),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Spool(error)
    }
}

impl Source for SpoolSource<'_> {
    fn each(&mut self, visit: &mut dyn FnMut(&Annotated) -> Result<(), FormatError>) -> Result<(), FormatError> {
        let done = self.0.each(|gathered| {
            let Gathered { path, split, width, height, regions, .. } = gathered;
            let size = (width > 0 && height > 0).then_some(PixelSize { width, height });
            visit(&Annotated { head: Head { path, size, split }, regions }).map_err(Broken::Visit)
        });
        done.map_err(|broken| match broken {
            Broken::Spool(error) => FormatError::Io { file: String::new(), error },
            Broken::Visit(error) => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::export::SPLIT_PARTS;
    use crate::model::{ExportFormat, ExportImages, Rect, Shape};

    fn options() -> ExportOptions {
        let (format, images) = (ExportFormat::Croissant, ExportImages::Files);
        ExportOptions { format, images, split: None, seed: 0, level: None, min_size: None, purpose: None }
    }

    fn region(object: &str, shape: Shape) -> Region {
        Region { id: None, shape, object: object.into() }
    }

    #[test]
    fn what_is_too_small_or_of_no_interest_is_left_out_and_counted() {
        let small = Shape::Bbox(Rect { x: 0.0, y: 0.0, w: 0.1, h: 0.5 });
        let large = Shape::Bbox(Rect { x: 0.0, y: 0.0, w: 0.5, h: 0.5 });
        let point = Shape::Point(crate::model::Point { x: 0.5, y: 0.5 });
        let options = ExportOptions { min_size: Some(20), ..options() };
        let objects = ["Cat".to_owned()].into();
        let shaping = Shaping { options: &options, objects: &objects, above: [("Cat".into(), "Animal".into())].into() };
        let mut shaped = Shaped::default();
        let regions =
            vec![region("Cat", small), region("Cat", large.clone()), region("Cat", point), region("Dog", large)];
        let left = shaping.shape(regions, (100, 100), &mut shaped);
        assert_eq!(left.iter().map(|region| region.object.as_str()).collect::<Vec<_>>(), ["Animal", "Animal"]);
        assert_eq!(shaped, Shaped { regions: 2, too_small: 1, other_objects: 1, rolled_up: 2, ..Shaped::default() });
        assert_eq!(shaped.sentences()[0], "1 box or polygon is smaller than was asked for");
    }

    #[test]
    fn shares_are_about_what_was_asked_for_and_the_seed_changes_who_is_in_them() {
        let split: crate::model::Split = "70,20,10".parse().unwrap();
        let parts = |seed| (0..10_000).map(|n| split.part(number_of(&format!("{n}"), seed))).collect::<Vec<_>>();
        let (one, other) = (parts(1), parts(2));
        assert_eq!(one, parts(1));
        assert_ne!(one, other);
        for (part, share) in SPLIT_PARTS.iter().zip([7000_i64, 2000, 1000]) {
            let count = one.iter().filter(|own| *own == part).count() as i64;
            assert!((count - share).abs() < 200, "{part} {count}");
        }
    }
}
