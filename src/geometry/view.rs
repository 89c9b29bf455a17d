//! The view: where on the screen the picture lies, and how large.

use super::{Point, Rect, ScreenPoint, ScreenRect, Size};

/// Space that [`View::fit`] leaves around the picture, in CSS pixels.
const FIT_MARGIN_PX: f64 = 16.0;
/// So much of the picture always stays on the surface, in CSS pixels.
const KEEP_VISIBLE_PX: f64 = 48.0;
/// A pixel of the picture is at most so large, in CSS pixels, unless the picture is so small that fitting needs more.
const LARGEST_PIXEL: f64 = 96.0;

/// What [`View::show`] shows takes so much of the surface, in one of its directions.
const SHOWN_PART: f64 = 0.6;

/// The transform between image space, the picture's pixels, and the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    picture_px: Size,
    surface: Size,
    /// CSS pixels per pixel of the picture.
    scale: f64,
    /// Where the picture's top left corner lies.
    origin: ScreenPoint,
    /// Whether the picture is to stay fitted when the surface changes its size.
    fitted: bool,
}

impl View {
    /// The whole picture, fitted into the surface.
    pub fn new(picture_px: Size, surface: Size) -> Self {
        let mut view = Self { picture_px, surface, scale: 1.0, origin: ScreenPoint::default(), fitted: true };
        view.fit();
        view
    }

    /// Size of the picture in its own pixels.
    pub fn picture_px(&self) -> Size {
        self.picture_px
    }

    /// Size of the drawing surface in CSS pixels.
    pub fn surface(&self) -> Size {
        self.surface
    }

    /// CSS pixels per pixel of the picture.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Where a point of the image lies on the screen.
    pub fn screen_from_image(&self, point_in_image: Point) -> ScreenPoint {
        ScreenPoint::new(
            self.origin.x + point_in_image.x * self.picture_px.width * self.scale,
            self.origin.y + point_in_image.y * self.picture_px.height * self.scale,
        )
    }

    /// Which point of the image lies at a place on the screen; outside `[0, 1]` where the picture does not reach.
    pub fn image_from_screen(&self, point_on_screen: ScreenPoint) -> Point {
        Point {
            x: (point_on_screen.x - self.origin.x) / (self.picture_px.width * self.scale),
            y: (point_on_screen.y - self.origin.y) / (self.picture_px.height * self.scale),
        }
    }

    /// Where a rectangle of the image lies on the screen.
    pub fn screen_rect(&self, rect_in_image: Rect) -> ScreenRect {
        let Rect { x, y, w, h } = rect_in_image;
        ScreenRect {
            min: self.screen_from_image(Point { x, y }),
            max: self.screen_from_image(Point { x: x + w, y: y + h }),
        }
    }

    /// The rectangle of the image below a rectangle of the screen and so many CSS pixels beside it; also outside `[0, 1]`.
    pub fn image_rect(&self, rect_on_screen: ScreenRect, beside_px: f64) -> Rect {
        let way = ScreenPoint::new(beside_px, beside_px);
        let (low, high) =
            (self.image_from_screen(rect_on_screen.min - way), self.image_from_screen(rect_on_screen.max + way));
        Rect { x: low.x, y: low.y, w: high.x - low.x, h: high.y - low.y }
    }

    /// The surface as a rectangle of the screen.
    pub fn surface_on_screen(&self) -> ScreenRect {
        ScreenRect { min: ScreenPoint::default(), max: ScreenPoint::new(self.surface.width, self.surface.height) }
    }

    /// Where the whole picture lies on the screen.
    pub fn picture_on_screen(&self) -> ScreenRect {
        self.screen_rect(Rect { x: 0.0, y: 0.0, w: 1.0, h: 1.0 })
    }

    /// Width and height of one pixel of the picture, in image space.
    pub fn pixel_in_image(&self) -> Point {
        Point { x: 1.0 / self.picture_px.width, y: 1.0 / self.picture_px.height }
    }

    /// Shows the whole picture, as large as the surface allows.
    pub fn fit(&mut self) {
        self.scale = self.fit_scale();
        self.centre();
        self.fitted = true;
    }

    /// Shows one pixel of the picture as one CSS pixel; the middle of the surface stays where it is.
    pub fn one_to_one(&mut self) {
        self.scale_at(ScreenPoint::new(self.surface.width / 2.0, self.surface.height / 2.0), 1.0);
    }

    /// Makes everything `factor` times as large; the point of the image below `fixed` stays there.
    pub fn zoom_at(&mut self, fixed: ScreenPoint, factor: f64) {
        if factor.is_finite() && factor > 0.0 {
            self.scale_at(fixed, self.scale * factor);
        }
    }

    /// Moves the picture by a way on the screen.
    pub fn pan_by(&mut self, way: ScreenPoint) {
        if way.x.is_finite() && way.y.is_finite() {
            self.origin = self.origin + way;
            self.fitted = false;
            self.keep_visible();
        }
    }

    /// Brings a point of the image into the middle of the surface, or as near as the picture's edges allow.
    pub fn look_at(&mut self, point_in_image: Point) {
        let middle = ScreenPoint::new(self.surface.width / 2.0, self.surface.height / 2.0);
        self.pan_by(middle - self.screen_from_image(point_in_image));
    }

    /// The part of the image that is in view: inside of `[0, 1]`.
    pub fn seen(&self) -> Rect {
        let Rect { x, y, w, h } = self.image_rect(self.surface_on_screen(), 0.0);
        let part = |from: f64, length: f64| {
            let (low, high) = (from.clamp(0.0, 1.0), (from + length).clamp(0.0, 1.0));
            (low, high - low)
        };
        let ((x, w), (y, h)) = (part(x, w), part(y, h));
        Rect { x, y, w, h }
    }

    /// Whether the whole picture is in view.
    pub fn shows_all(&self) -> bool {
        let Rect { w, h, .. } = self.seen();
        w > 1.0 - 1e-9 && h > 1.0 - 1e-9
    }

    /// How a drawing made for an earlier view lies in this one: so many times as large, and then moved by the way.
    pub fn since(&self, earlier: &Self) -> (f64, ScreenPoint) {
        let factor = self.scale / earlier.scale;
        let way =
            ScreenPoint::new(self.origin.x - factor * earlier.origin.x, self.origin.y - factor * earlier.origin.y);
        (factor, way)
    }

    /// The view with the picture moved by a way in image space, however far that leads: what lies elsewhere than it is drawn.
    pub fn shifted(&self, way_in_image: Point) -> Self {
        let origin = self.screen_from_image(way_in_image);
        Self { origin, ..*self }
    }

    /// Follows two fingers that moved from `before` to `after`: the picture grows and moves with them.
    pub fn pinch(&mut self, before: [ScreenPoint; 2], after: [ScreenPoint; 2]) {
        let (centre_before, centre_after) = (before[0].midpoint(before[1]), after[0].midpoint(after[1]));
        let distance_before = before[0].distance_to(before[1]);
        if distance_before >= 1.0 {
            self.zoom_at(centre_before, after[0].distance_to(after[1]).max(1.0) / distance_before);
        }
        self.pan_by(centre_after - centre_before);
    }

    /// Takes over a new size of the surface: a fitted picture stays fitted, any other keeps what is in the middle there.
    pub fn resize(&mut self, surface: Size) {
        let way =
            ScreenPoint::new((surface.width - self.surface.width) / 2.0, (surface.height - self.surface.height) / 2.0);
        self.surface = surface;
        if self.fitted {
            self.fit();
        } else {
            self.scale = self.scale.clamp(self.smallest_scale(), self.largest_scale());
            self.pan_by(way);
        }
    }

    /// Moves as little as needed for `rect_in_image` to be seen, if it cannot be seen at all.
    pub fn reveal(&mut self, rect_in_image: Rect) -> bool {
        let rect = self.screen_rect(rect_in_image);
        let surface = self.surface_on_screen();
        if rect.meets(&surface) {
            return false;
        }
        self.pan_by(surface.min.midpoint(surface.max) - rect.min.midpoint(rect.max));
        true
    }

    /// Shows a rectangle of the image in the middle, with some of its surroundings, as large as the surface allows.
    pub fn show(&mut self, rect_in_image: Rect) {
        let Rect { x, y, w, h } = rect_in_image;
        let room = |surface: f64, image: f64, pixels: f64| surface * SHOWN_PART / (image * pixels).max(1.0);
        let scale = room(self.surface.width, w, self.picture_px.width).min(room(
            self.surface.height,
            h,
            self.picture_px.height,
        ));
        let middle = ScreenPoint::new(self.surface.width / 2.0, self.surface.height / 2.0);
        self.scale_at(middle, scale);
        self.pan_by(middle - self.screen_from_image(Point { x: x + w / 2.0, y: y + h / 2.0 }));
    }

    fn scale_at(&mut self, fixed: ScreenPoint, scale: f64) {
        let point_in_image = self.image_from_screen(fixed);
        self.scale = scale.clamp(self.smallest_scale(), self.largest_scale());
        self.fitted = false;
        self.pan_by(fixed - self.screen_from_image(point_in_image));
    }

    fn fit_scale(&self) -> f64 {
        let room = |length: f64| (length - 2.0 * FIT_MARGIN_PX).max(length / 2.0);
        (room(self.surface.width) / self.picture_px.width).min(room(self.surface.height) / self.picture_px.height)
    }

    fn smallest_scale(&self) -> f64 {
        (self.fit_scale() / 2.0).min(1.0)
    }

    fn largest_scale(&self) -> f64 {
        (self.fit_scale() * 2.0).max(LARGEST_PIXEL)
    }

    fn centre(&mut self) {
        self.origin = ScreenPoint::new(
            (self.surface.width - self.picture_px.width * self.scale) / 2.0,
            (self.surface.height - self.picture_px.height * self.scale) / 2.0,
        );
    }

    fn keep_visible(&mut self) {
        let keep = |origin: f64, length: f64, surface: f64| {
            let least = KEEP_VISIBLE_PX.min(length).min(surface / 2.0);
            origin.clamp(least - length, surface - least)
        };
        self.origin = ScreenPoint::new(
            keep(self.origin.x, self.picture_px.width * self.scale, self.surface.width),
            keep(self.origin.y, self.picture_px.height * self.scale, self.surface.height),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn view() -> impl Strategy<Value = View> {
        (1.0..9000.0, 1.0..9000.0, 50.0..4000.0, 50.0..3000.0)
            .prop_map(|(pw, ph, sw, sh)| View::new(Size::new(pw, ph), Size::new(sw, sh)))
    }

    proptest! {
        #[test]
        fn screen_and_image_are_inverse(mut view in view(), x in 0.0..1.0, y in 0.0..1.0, factor in 0.1..10.0) {
            view.zoom_at(ScreenPoint::new(20.0, 30.0), factor);
            let back = view.image_from_screen(view.screen_from_image(Point { x, y }));
            prop_assert!((back.x - x).abs() < 1e-9 && (back.y - y).abs() < 1e-9);
        }

        #[test]
        fn zooming_keeps_the_point_below_the_pointer(mut view in view(), x in 0.3..0.7, y in 0.3..0.7, factor in 0.5..4.0) {
            let point_in_image = Point { x, y };
            let fixed = view.screen_from_image(point_in_image);
            view.zoom_at(fixed, factor);
            prop_assert!(view.screen_from_image(point_in_image).distance_to(fixed) < 1e-6);
        }

        #[test]
        fn a_fitted_picture_is_wholly_visible(view in view()) {
            let picture = view.picture_on_screen();
            prop_assert!(picture.min.x >= -1e-6 && picture.max.x <= view.surface.width + 1e-6);
            prop_assert!(picture.min.y >= -1e-6 && picture.max.y <= view.surface.height + 1e-6);
        }

        #[test]
        fn the_picture_cannot_be_lost(mut view in view(), dx in -1e6..1e6, dy in -1e6..1e6, factor in 1e-6..1e6) {
            view.zoom_at(ScreenPoint::new(dx, dy), factor);
            view.pan_by(ScreenPoint::new(dx, dy));
            let picture = view.picture_on_screen();
            prop_assert!(picture.max.x > 0.0 && picture.min.x < view.surface.width);
            prop_assert!(picture.max.y > 0.0 && picture.min.y < view.surface.height);
        }
    }

    #[test]
    fn a_pinch_zooms_and_moves() {
        let mut view = View::new(Size::new(100.0, 100.0), Size::new(400.0, 400.0));
        let before = view.image_from_screen(ScreenPoint::new(200.0, 200.0));
        let scale = view.scale();
        let at = |x, y| ScreenPoint::new(x, y);
        view.pinch([at(150.0, 200.0), at(250.0, 200.0)], [at(110.0, 220.0), at(310.0, 220.0)]);
        assert_eq!(view.scale(), scale * 2.0);
        assert!(view.screen_from_image(before).distance_to(at(210.0, 220.0)) < 1e-9);
    }

    #[test]
    fn a_single_pixel_can_be_seen_large() {
        let mut view = View::new(Size::new(4000.0, 3000.0), Size::new(1000.0, 700.0));
        assert!(view.shows_all());
        view.zoom_at(ScreenPoint::new(500.0, 350.0), 1e9);
        assert!(view.scale() >= 64.0 && !view.shows_all());
        view.look_at(Point { x: 0.25, y: 0.75 });
        let Rect { x, y, w, h } = view.seen();
        assert!((x + w / 2.0 - 0.25).abs() < 1e-9 && (y + h / 2.0 - 0.75).abs() < 1e-9);
        view.zoom_at(ScreenPoint::new(500.0, 350.0), 1e-9);
        assert!(view.scale() < View::new(view.picture_px(), view.surface()).scale());
    }

    #[test]
    fn an_earlier_drawing_lies_where_the_picture_lies() {
        let mut view = View::new(Size::new(640.0, 480.0), Size::new(800.0, 600.0));
        let earlier = view;
        view.zoom_at(ScreenPoint::new(30.0, 60.0), 2.5);
        view.pan_by(ScreenPoint::new(-40.0, 9.0));
        let (factor, way) = view.since(&earlier);
        let (before, after) =
            (earlier.screen_from_image(Point { x: 0.3, y: 0.8 }), view.screen_from_image(Point { x: 0.3, y: 0.8 }));
        let there = ScreenPoint::new(before.x * factor + way.x, before.y * factor + way.y);
        assert!(there.distance_to(after) < 1e-9);
    }

    #[test]
    fn resizing_the_surface_keeps_a_fitted_picture_fitted() {
        let mut view = View::new(Size::new(640.0, 480.0), Size::new(800.0, 600.0));
        view.resize(Size::new(300.0, 900.0));
        assert_eq!(view, View::new(Size::new(640.0, 480.0), Size::new(300.0, 900.0)));
    }
}
