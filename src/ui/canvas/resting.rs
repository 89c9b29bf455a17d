//! The regions that rest, drawn a bit in each frame.
//!
//! Thousands of shapes take longer to draw than a frame may. So they are drawn out of sight, as many in a frame as its time
//! allows, and change places with what is seen when they are complete. Until then the browser moves and scales what was drawn
//! last, which costs nothing here. Few shapes are complete at once, so that nobody sees any of this.

use super::inks::Inks;
use super::pace::Pace;
use super::pen::{Pen, Style};
use super::sheet::{Sheet, device_px, transform};
use crate::editor::{Editor, Key, Look};
use crate::geometry::{Rect, ScreenPoint, ScreenRect, Shape, Size, View};
use std::collections::BTreeSet;
use web_sys::HtmlCanvasElement;

/// From so many regions in view on they are drawn with hairlines: wide lines would cover the picture, and they are what takes
/// long.
const MANY: usize = 400;
/// So many regions are drawn between two looks at how much was done: sorted by colour where there are many.
const BATCH: usize = 64;
const SMALL_BATCH: usize = 8;
/// Lines reach so far beyond the bounds of their region, in CSS pixels.
const REACH_PX: f64 = 8.0;
/// Drawing one region costs as much as so many corners, on top of its own.
const REGION_UNITS: f64 = 8.0;
/// Wide lines with a halo cost so many times as much as hairlines.
const WIDE: f64 = 6.0;
/// Filling so many square pixels of the screen costs as much as one corner. Near by, it is what takes long.
const FILLED_PX: f64 = 250.0;
/// The first drawing may take so many frames' time at once: people wait for it.
const FIRST: f64 = 10.0;
/// Of its time, so much of the frame in which a drawing begins is left for it.
const BEGINNING: f64 = 0.4;
/// Mending a part of the drawing at once may take so many frames' time: it is better than a moment in which the old is seen.
const MEND: f64 = 1.5;
/// So many parts are mended at once at most.
const MOST_MENDED: usize = 64;
/// So many names are shown at most, and none over another one.
const MOST_NAMES: usize = 300;

/// The layer of the regions that rest.
pub(super) struct Resting {
    sheet: Sheet,
    shown: Option<Shot>,
    /// Whether hairlines are what is seen.
    many: bool,
    job: Option<Job>,
    pace: Pace,
    inks: Option<Inks>,
    /// The regions that the job draws, by their places in the drawing order.
    queue: Vec<usize>,
}

/// What a drawing shows.
#[derive(Clone, Debug, PartialEq)]
struct Shot {
    view: View,
    version: u64,
    /// Which regions are hidden, by the number of that state.
    flags: u64,
    held: Vec<Key>,
    look: Look,
}

struct Job {
    shot: Shot,
    many: bool,
    /// How many of the queue are drawn.
    done: usize,
}

impl Resting {
    pub fn new(canvases: [HtmlCanvasElement; 2]) -> Option<Self> {
        let sheet = Sheet::new(canvases)?;
        // The picture before may have left something there.
        sheet.show(false);
        Some(Self { sheet, shown: None, many: false, job: None, pace: Pace::default(), inks: None, queue: Vec::new() })
    }

    /// A frame in which so many units were drawn kept the main thread for so long.
    pub fn learn(&mut self, units: f64, took_ms: f64) {
        self.pace.learn(units, took_ms);
    }

    /// Draws what is new, or as much of it as a frame allows. Returns how many units were drawn if there is more to do.
    pub fn follow(&mut self, editor: &Editor, look: Look, ratio: f64) -> Option<f64> {
        let (width, height) = device_px(editor.view().surface(), ratio);
        if self.sheet.fit(width, height) {
            (self.shown, self.job) = (None, None);
        }
        let wanted = Shot {
            view: *editor.view(),
            version: editor.document().version(),
            flags: editor.flags_version(),
            held: editor.held(),
            look,
        };
        if self.inks.as_ref().is_none_or(|inks| inks.look() != look) {
            self.inks = Some(Inks::new(look, self.sheet.front()));
        }
        let mut drawn = 0.0;
        if self.shown.as_ref() != Some(&wanted) && !self.mend(editor, &wanted, ratio) {
            // A drawing for an earlier view is brought to its end all the same: otherwise there would be none while the view moves.
            let of_today = |shot: &Shot| Shot { view: shot.view, ..wanted.clone() } == *shot;
            let begins = !self.job.as_ref().is_some_and(|job| of_today(&job.shot));
            if begins {
                self.begin(editor, &wanted, ratio);
            }
            drawn = self.go_on(editor, ratio, begins);
        } else {
            self.job = None;
        }
        self.place(&wanted.view);
        (self.shown.as_ref() != Some(&wanted)).then_some(drawn)
    }

    /// Whether what is seen shows the regions as they are now, from wherever it was drawn.
    pub fn shows_today(&self, editor: &Editor) -> bool {
        self.shown.as_ref().is_some_and(|shown| {
            let today = (editor.document().version(), editor.flags_version());
            (shown.version, shown.flags) == today && shown.held == editor.held()
        })
    }

    /// Lays what was drawn last where it belongs by now.
    fn place(&mut self, view: &View) {
        if let Some(shown) = &self.shown {
            self.sheet.place(transform(view.since(&shown.view)));
        }
    }

    fn begin(&mut self, editor: &Editor, wanted: &Shot, ratio: f64) {
        self.queue.clear();
        editor.resting_in(wanted.view.image_rect(wanted.view.surface_on_screen(), REACH_PX), &mut self.queue);
        self.job = Some(Job { shot: wanted.clone(), many: self.queue.len() >= MANY, done: 0 });
        Pen::cleared(self.sheet.back(), &wanted.view, ratio);
    }

    /// Draws more of the job, and shows it when it is complete. Returns how many units that were.
    fn go_on(&mut self, editor: &Editor, ratio: f64, begins: bool) -> f64 {
        let (Some(job), Some(inks)) = (&mut self.job, &self.inks) else { return 0.0 };
        let pen = Pen { context: self.sheet.back(), view: &job.shot.view };
        let most = self.pace.units()
            * match (self.shown.is_none(), begins) {
                (true, _) => FIRST,
                // Finding what is in view took its part of the frame.
                (false, true) => BEGINNING,
                (false, false) => 1.0,
            };
        let mut units = 0.0;
        while job.done < self.queue.len() && units < most {
            let size = if job.many { BATCH } else { SMALL_BATCH };
            let batch = job.done..(job.done + size).min(self.queue.len());
            job.done = batch.end;
            let batch = &mut self.queue[batch];
            if job.many {
                // Changing the colour costs more than a small shape does.
                batch.sort_by_cached_key(|position| {
                    editor.resting_at(*position).map(|(shape, _)| (shape.colour, shape.variant))
                });
            }
            units += draw(&pen, editor, batch, job.many, inks, ratio);
        }
        if job.done < self.queue.len() {
            return units;
        }
        if job.shot.look.names {
            names(&pen, editor, &self.queue);
        }
        self.many = job.many;
        let shot = self.job.take().map(|job| job.shot);
        self.sheet.turn();
        self.shown = shot;
        units
    }

    /// Draws those parts anew in which regions have changed, if nothing else has and that is quickly done.
    fn mend(&mut self, editor: &Editor, wanted: &Shot, ratio: f64) -> bool {
        let (Some(shown), Some(inks), None) = (&self.shown, &self.inks, &self.job) else { return false };
        if (shown.view, shown.look, shown.flags) != (wanted.view, wanted.look, wanted.flags) || wanted.look.names {
            return false;
        }
        // Looking for what lies around each of many would take longer than drawing all.
        if shown.held.len().abs_diff(wanted.held.len()) > MOST_MENDED {
            return false;
        }
        let Some(touched) = editor.document().changed_since(shown.version) else { return false };
        let both: [&[Key]; 2] = if shown.held == wanted.held { [&[], &[]] } else { [&shown.held, &wanted.held] };
        let held: [BTreeSet<Key>; 2] = both.map(|keys| keys.iter().copied().collect());
        let taken = held[0].symmetric_difference(&held[1]).filter_map(|key| editor.document().bounds(*key));
        let surface = wanted.view.surface_on_screen();
        let parts = touched.chain(taken).map(|bounds| grown(wanted.view.screen_rect(bounds)));
        let parts: Vec<ScreenRect> = parts.filter(|part| part.meets(&surface)).take(MOST_MENDED + 1).collect();
        if parts.len() > MOST_MENDED {
            return false;
        }
        self.queue.clear();
        let mut ends = Vec::new();
        for part in &parts {
            editor.resting_in(wanted.view.image_rect(*part, REACH_PX), &mut self.queue);
            ends.push(self.queue.len());
        }
        let cost: f64 = self
            .queue
            .iter()
            .filter_map(|position| editor.resting_at(*position))
            .map(|(shape, bounds)| units_of(shape.shape, bounds, &wanted.view, self.many))
            .sum();
        if cost > self.pace.units() * MEND {
            return false;
        }
        let pen = Pen { context: self.sheet.front(), view: &wanted.view };
        let mut from = 0;
        for (part, end) in parts.iter().zip(ends) {
            let part_of_queue = &self.queue[from..end];
            pen.within(*part, || {
                draw(&pen, editor, part_of_queue, self.many, inks, ratio);
            });
            from = end;
        }
        self.shown = Some(wanted.clone());
        true
    }
}

/// A rectangle with whole numbers around everything that is drawn for these bounds.
fn grown(bounds: ScreenRect) -> ScreenRect {
    ScreenRect {
        min: ScreenPoint::new((bounds.min.x - REACH_PX).floor(), (bounds.min.y - REACH_PX).floor()),
        max: ScreenPoint::new((bounds.max.x + REACH_PX).ceil(), (bounds.max.y + REACH_PX).ceil()),
    }
}

/// How much work drawing a shape with these bounds is.
pub(super) fn units_of(shape: &Shape, bounds: Rect, view: &View, hair: bool) -> f64 {
    let inside = || {
        let (Size { width, height }, ScreenRect { min, max }) = (view.surface(), view.screen_rect(bounds));
        let seen = |min: f64, max: f64, end: f64| (max.min(end) - min.max(0.0)).max(0.0);
        seen(min.x, max.x, width) * seen(min.y, max.y, height) / FILLED_PX
    };
    let (corners, inside) = match shape {
        Shape::Polygon(points) => (points.len() as f64, inside()),
        Shape::Polyline(points) => (points.len() as f64, 0.0),
        Shape::Bbox(_) => (4.0, inside()),
        Shape::Point(_) => (1.0, 0.0),
    };
    (REGION_UNITS + corners) * if hair { 1.0 } else { WIDE } + inside
}

/// Draws regions, and returns how many units that were.
fn draw(pen: &Pen<'_>, editor: &Editor, positions: &[usize], many: bool, inks: &Inks, ratio: f64) -> f64 {
    let style = if many { Style::hair(ratio) } else { Style::PLAIN };
    let (mut units, mut taken_up) = (0.0, None);
    for (shape, bounds) in positions.iter().filter_map(|position| editor.resting_at(*position)) {
        let ink = inks.of(shape.colour, shape.variant);
        let speck = pen.speck(&bounds).filter(|_| many);
        // Taking up the same ink again is not worth the time that it takes.
        let taking_up = Some((shape.colour, shape.variant, speck.is_some()));
        if taken_up != taking_up {
            taken_up = taking_up;
            pen.take_up(ink, style, speck.is_some());
        }
        match speck {
            Some(place) => {
                pen.context.fill_rect(place.min.x, place.min.y, place.width(), place.height());
                units += 1.0;
            }
            None => {
                pen.resting(&shape, &bounds, ink, style);
                units += units_of(shape.shape, bounds, pen.view, many);
            }
        }
    }
    pen.dashes(&[]);
    units
}

/// Names of regions, the upper ones first, where none covers another.
fn names(pen: &Pen<'_>, editor: &Editor, positions: &[usize]) {
    let mut taken: Vec<ScreenRect> = Vec::new();
    for (shape, _) in positions.iter().rev().filter_map(|position| editor.resting_at(*position)) {
        if taken.len() >= MOST_NAMES {
            break;
        }
        let place = pen.place_of_name(&shape);
        if !taken.iter().any(|other| other.meets(&place)) {
            pen.name(&shape, place);
            taken.push(place);
        }
    }
}
