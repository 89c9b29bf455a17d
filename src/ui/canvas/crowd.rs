//! The layer of a crowd: of many regions that are selected, or that a gesture holds.
//!
//! They are drawn once, some in each frame. What a gesture does to all of them, the browser does to the drawing.

use super::pace::Pace;
use super::pen::Pen;
use super::resting::units_of;
use super::sheet::{Sheet, device_px, transform};
use crate::editor::{Editor, Key, SceneShape};
use crate::geometry::{Point, Rect, Shape, View, encloses, fitted};
use web_sys::HtmlCanvasElement;

/// So many regions are drawn between two looks at how much was done.
const BATCH: usize = 32;
/// Lines reach so far beyond the bounds of their region, in CSS pixels.
const REACH_PX: f64 = 8.0;
/// The first drawing may take so many frames' time at once: people wait for it.
const FIRST: f64 = 6.0;

/// The layer of a crowd.
pub(super) struct Crowd {
    sheet: Sheet,
    shown: Option<Shot>,
    /// Whether all of the crowd is on what is seen.
    is_whole: bool,
    job: Option<Job>,
    /// The regions that the job draws, by their places in the crowd.
    queue: Vec<usize>,
    /// What has become of the frame around what is seen since the gesture began.
    carried: Option<Carried>,
    pace: Pace,
}

/// The frame around a crowd as a gesture found it and as it has become.
type Carried = (Rect, Rect);

/// What a drawing shows.
#[derive(Clone, Debug, PartialEq)]
struct Shot {
    view: View,
    carried: Option<Carried>,
    version: u64,
    flags: u64,
    keys: Vec<Key>,
}

struct Job {
    shot: Shot,
    is_whole: bool,
    /// How many of the queue are drawn.
    done: usize,
}

impl Crowd {
    pub fn new(canvases: [HtmlCanvasElement; 2]) -> Option<Self> {
        let sheet = Sheet::new(canvases)?;
        // Nearly always there is none, and nothing to keep room for.
        sheet.fit(0, 0);
        sheet.show(false);
        Some(Self {
            sheet,
            shown: None,
            is_whole: false,
            job: None,
            queue: Vec::new(),
            carried: None,
            pace: Pace::default(),
        })
    }

    /// The last frame kept the main thread for so long.
    pub fn learn(&mut self, units: f64, took_ms: f64) {
        self.pace.learn(units, took_ms);
    }

    /// There is no crowd any more.
    pub fn leave(&mut self) {
        if self.shown.is_some() || self.job.is_some() {
            (self.shown, self.job, self.carried) = (None, None, None);
            self.sheet.show(false);
            self.sheet.fit(0, 0);
        }
    }

    /// Draws what is new of the crowd, or as much of it as a frame allows unless others need the frame, and lays it where it
    /// belongs. Returns how many units of work were done if there is more to do.
    pub fn follow(&mut self, editor: &Editor, ratio: f64, has_time: bool) -> Option<f64> {
        let wanted = Shot {
            view: *editor.view(),
            carried: editor.carried(),
            version: editor.document().version(),
            flags: editor.flags_version(),
            keys: editor.crowd(),
        };
        let (width, height) = device_px(wanted.view.surface(), ratio);
        if self.sheet.fit(width, height) {
            (self.shown, self.job) = (None, None);
        }
        // What a gesture has changed stays where it has led until it is drawn there.
        if self.shown.as_ref().is_none_or(|shown| shown.version == wanted.version) {
            self.carried = wanted.carried;
        }
        let is_done = self.shown.as_ref().is_some_and(|shown| {
            // All of it moves as it is: what comes into view has been drawn before.
            let is_moving = self.is_whole && wanted.carried.is_some() && shown.view.scale() == wanted.view.scale();
            *shown == wanted || is_moving && shown.is_of(&wanted)
        });
        let mut drawn = 0.0;
        if is_done {
            self.job = None;
        } else if has_time {
            // A drawing for an earlier view is brought to its end all the same: otherwise there would be none while the view moves.
            if !self.job.as_ref().is_some_and(|job| job.shot.is_of(&wanted)) {
                self.begin(editor, &wanted, ratio);
            }
            drawn = self.go_on(editor, wanted.carried);
        }
        self.place(editor.view());
        (!is_done).then_some(drawn)
    }

    fn begin(&mut self, editor: &Editor, wanted: &Shot, ratio: f64) {
        let view = wanted.lain();
        let seen = view.image_rect(view.surface_on_screen(), REACH_PX);
        let bounds = |place: &usize| editor.crowd_at(*place).map(|(_, bounds)| wanted.stretched(bounds));
        let places = 0..wanted.keys.len();
        let is_whole = places.clone().filter_map(|place| bounds(&place)).all(|bounds| encloses(seen, bounds));
        self.queue = places.filter(|place| bounds(place).is_some_and(|bounds| meet(bounds, seen))).collect();
        self.job = Some(Job { shot: wanted.clone(), is_whole, done: 0 });
        Pen::cleared(self.sheet.back(), &view, ratio);
    }

    /// Draws more of the job, and shows it when it is complete. Returns how many units that were.
    fn go_on(&mut self, editor: &Editor, carried: Option<Carried>) -> f64 {
        let Some(job) = &mut self.job else { return 0.0 };
        let view = job.shot.lain();
        let pen = Pen { context: self.sheet.back(), view: &view };
        let most = self.pace.units() * if self.shown.is_none() { FIRST } else { 1.0 };
        let mut units = 0.0;
        while job.done < self.queue.len() && units < most {
            let batch = job.done..(job.done + BATCH).min(self.queue.len());
            job.done = batch.end;
            for (shape, bounds) in self.queue[batch].iter().filter_map(|place| editor.crowd_at(*place)) {
                match stretch(job.shot.carried) {
                    None => pen.active(&shape),
                    Some((from, to)) => {
                        let stretched = fitted(shape.shape, from, to, Point::default());
                        pen.active(&SceneShape { shape: &stretched, ..shape });
                    }
                }
                units += units_of(shape.shape, job.shot.stretched(bounds), &view, false);
            }
        }
        if job.done == self.queue.len()
            && let Some(job) = self.job.take()
        {
            self.sheet.turn();
            (self.shown, self.is_whole, self.carried) = (Some(job.shot), job.is_whole, carried);
        }
        units
    }

    /// Lays what was drawn last where it belongs by now.
    pub fn place(&mut self, view: &View) {
        let Some(shown) = &self.shown else { return };
        let transform = match stretch(self.carried).or(stretch(shown.carried)) {
            None => transform(lain(view, self.carried).since(&shown.lain())),
            Some((found, _)) => {
                let frame = |carried: Option<Carried>| carried.map_or(found, |(_, to)| to);
                let (from, to) = (shown.view.screen_rect(frame(shown.carried)), view.screen_rect(frame(self.carried)));
                // A frame that is a line has no width to stretch.
                let times = |from: f64, to: f64| if from > 0.0 { to / from } else { view.scale() / shown.view.scale() };
                let (x, y) = (times(from.width(), to.width()), times(from.height(), to.height()));
                let (left, top) = (to.min.x - x * from.min.x, to.min.y - y * from.min.y);
                format!("translate({left}px, {top}px) scale({x}, {y})")
            }
        };
        self.sheet.place(transform);
    }
}

impl Shot {
    /// Whether it shows the same crowd in the same state, from wherever it was drawn.
    fn is_of(&self, other: &Self) -> bool {
        (self.version, self.flags, &self.keys) == (other.version, other.flags, &other.keys)
    }

    /// The view in which a crowd that was moved lies where it was before.
    fn lain(&self) -> View {
        lain(&self.view, self.carried)
    }

    /// What has become of bounds in a frame that was stretched.
    fn stretched(&self, bounds: Rect) -> Rect {
        stretch(self.carried)
            .map_or(bounds, |(from, to)| fitted(&Shape::Bbox(bounds), from, to, Point::default()).bounds())
    }
}

/// The way that a frame was carried, if that is all that has happened to it.
fn way_of((from, to): Carried) -> Option<Point> {
    ((from.w, from.h) == (to.w, to.h)).then_some(Point { x: to.x - from.x, y: to.y - from.y })
}

/// What was done to a frame, if it is another size now.
fn stretch(carried: Option<Carried>) -> Option<Carried> {
    carried.filter(|carried| way_of(*carried).is_none())
}

fn lain(view: &View, carried: Option<Carried>) -> View {
    carried.and_then(way_of).map_or(*view, |way| view.shifted(way))
}

fn meet(a: Rect, b: Rect) -> bool {
    a.x <= b.x + b.w && b.x <= a.x + a.w && a.y <= b.y + b.h && b.y <= a.y + a.h
}
