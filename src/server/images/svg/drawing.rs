//! What drawing a document costs, found out before it is drawn, since drawing cannot be interrupted.
//!
//! Time is counted in steps, of which one takes about a nanosecond: the weights below were measured. Paths cost
//! by the area that they may cover, by the length of their outlines and by how many edges lie beside each other; layers
//! and filters by their size. The counts are estimates from above: they follow boxes around shapes, not the shapes.

use resvg::tiny_skia::{PathSegment, Point};
use resvg::usvg::filter::{Filter, Kind};
use resvg::usvg::{Group, Image, Node, Opacity, Paint, Path, Pattern, Rect, Stroke, Transform, Tree};

/// Most steps for a whole document, in millions: some seconds.
const MAX_MEGASTEPS: f64 = 4_000.0;
/// Most dashes of all lines together.
const MAX_DASHES: f64 = 100_000.0;
/// Most pixels that a filter's layer or a pattern's tile may have, in millions.
const MAX_LAYER_MEGAPIXELS: f64 = 8.0;
/// Most pixels that layers which lie in each other may have together, in millions.
const MAX_NESTED_MEGAPIXELS: f64 = 32.0;

/// An opaque colour is written; a translucent one is mixed with what is there, a gradient is computed, and the tile of a
/// pattern is read for every pixel.
const OPAQUE_STEPS: f64 = 1.0;
const TRANSLUCENT_STEPS: f64 = 10.0;
const GRADIENT_STEPS: f64 = 20.0;
const PATTERN_STEPS: f64 = 16.0;
/// Decoding a pixel of a picture inside, and painting one.
const DECODED_STEPS: f64 = 8.0;
const IMAGE_STEPS: f64 = 16.0;
/// Clearing a layer and laying it onto what is below; the same again for each clip and mask.
const LAYER_STEPS: f64 = 8.0;
/// Four scan lines for every pixel of an outline, and what it takes to begin an edge.
const OUTLINE_STEPS: f64 = 32.0;
const SEGMENT_STEPS: f64 = 200.0;

/// Refuses documents that take too long or too much memory to draw at `scale`. Says which limit it is.
pub(super) fn check(tree: &Tree, scale: f32) -> Result<(), String> {
    let (width, height) = (tree.size().width(), tree.size().height());
    let seen = Rect::from_xywh(0.0, 0.0, width, height);
    let scale = f64::from(scale);
    let size = (f64::from(width) * scale, f64::from(height) * scale);
    let place = Place { scale, seen, size, nested_pixels: 0.0 };
    let reach = Rect::from_xywh(-2.0 * width, -2.0 * height, 5.0 * width, 5.0 * height);
    Budget { steps: 0.0, dashes: 0.0, reach }.group(tree.root(), &place)
}

/// What nodes are drawn onto.
#[derive(Clone, Copy)]
struct Place {
    /// Pixels for one unit of the nodes' absolute coordinates.
    scale: f64,
    /// The part of the document that there are pixels for, in absolute coordinates, where these are the document's.
    seen: Option<Rect>,
    /// Width and height in pixels.
    size: (f64, f64),
    /// Pixels of the layers that this one lies in, itself included.
    nested_pixels: f64,
}

impl Place {
    /// Pixels under a box.
    fn pixels(&self, bounds: Rect) -> f64 {
        let bounds = match self.seen.map(|seen| seen.intersect(&bounds)) {
            Some(Some(part)) => part,
            // Not seen, or as thin as a line.
            Some(None) => return 0.0,
            None => bounds,
        };
        let pixels = f64::from(bounds.width()) * f64::from(bounds.height()) * self.scale.powi(2);
        pixels.min(self.all_pixels())
    }

    fn all_pixels(&self) -> f64 {
        self.size.0 * self.size.1
    }

    /// The longest that something straight can be seen, in pixels.
    fn most_length(&self) -> f64 {
        self.size.0 + self.size.1
    }

    /// A layer of so many pixels in this place.
    fn layer(&self, size: (f64, f64)) -> Result<Self, String> {
        let nested_pixels = self.nested_pixels + size.0 * size.1;
        // Also refuses what is no number.
        if nested_pixels <= MAX_NESTED_MEGAPIXELS * 1e6 {
            Ok(Self { size, nested_pixels, ..*self })
        } else {
            Err(format!("layers within layers have more than {MAX_NESTED_MEGAPIXELS} megapixels"))
        }
    }

    /// The same, for a root whose coordinates are not the document's but those of who uses it.
    fn inside(&self, transform: Transform) -> Self {
        let (x, y) = transform.get_scale();
        Self { scale: self.scale * f64::from(x.max(y)), seen: None, ..*self }
    }
}

struct Budget {
    steps: f64,
    dashes: f64,
    /// As far as layers reach beyond the canvas.
    reach: Option<Rect>,
}

impl Budget {
    fn spend(&mut self, steps: f64) -> Result<(), String> {
        self.steps += steps;
        if self.steps <= MAX_MEGASTEPS * 1e6 {
            Ok(())
        } else {
            Err(format!("drawing it takes more than {MAX_MEGASTEPS} million steps"))
        }
    }

    fn group(&mut self, group: &Group, place: &Place) -> Result<(), String> {
        if !group.should_isolate() {
            return group.children().iter().try_for_each(|child| self.node(child, place));
        }
        let bounds = group.abs_layer_bounding_box().to_rect();
        let has_filters = !group.filters().is_empty();
        // Filters may move things into view from anywhere.
        let visible = match self.reach {
            Some(reach) if !has_filters && place.seen.is_some() => reach.intersect(&bounds),
            _ => Some(bounds),
        };
        let in_pixels = |length: f32| f64::from(length) * place.scale;
        let mut size = visible.map_or((0.0, 0.0), |visible| (in_pixels(visible.width()), in_pixels(visible.height())));
        if place.seen.is_none() {
            // Within a clip, a layer is as large as what is clipped.
            size = (size.0.max(place.size.0), size.1.max(place.size.1));
        }
        if has_filters {
            check_layer(size)?;
        }
        let mut layer = place.layer(size)?;
        if place.seen.is_some() {
            layer.seen = visible;
        }
        let mut passes = 1.0;
        let (mut clip, mut mask) = (group.clip_path(), group.mask());
        while let Some(used) = clip {
            passes += 1.0;
            let inside = layer.inside(group.abs_transform().pre_concat(used.transform()));
            self.group(used.root(), &inside.layer(size)?)?;
            clip = used.clip_path();
        }
        while let Some(used) = mask {
            passes += 2.0;
            self.group(used.root(), &layer.inside(group.abs_transform()).layer(size)?)?;
            mask = used.mask();
        }
        self.spend(passes * LAYER_STEPS * layer.all_pixels())?;
        for filter in group.filters() {
            self.filter(filter, group, &layer)?;
        }
        group.children().iter().try_for_each(|child| self.node(child, &layer))
    }

    fn filter(&mut self, filter: &Filter, group: &Group, layer: &Place) -> Result<(), String> {
        let (x, y) = group.abs_transform().get_scale();
        let in_pixels = |length: f32, by: f32| f64::from(length) * f64::from(by) * layer.scale;
        for primitive in filter.primitives() {
            let steps = match primitive.kind() {
                Kind::ConvolveMatrix(it) => 15.0 * f64::from(it.matrix().columns()) * f64::from(it.matrix().rows()),
                Kind::Morphology(it) => {
                    let window = |radius| 2.0 * radius + 1.0;
                    2.0 * window(in_pixels(it.radius_x().get(), x)) * window(in_pixels(it.radius_y().get(), y))
                }
                Kind::Turbulence(it) => 60.0 * f64::from(it.num_octaves()),
                Kind::DiffuseLighting(_) | Kind::SpecularLighting(_) => 60.0,
                Kind::GaussianBlur(_) | Kind::DropShadow(_) => 150.0,
                Kind::Image(it) => {
                    self.group(it.root(), &layer.inside(group.abs_transform()).layer(layer.size)?)?;
                    16.0
                }
                _ => 16.0,
            };
            self.spend((16.0 + steps) * layer.all_pixels())?;
        }
        Ok(())
    }

    fn node(&mut self, node: &Node, place: &Place) -> Result<(), String> {
        match node {
            Node::Group(group) => self.group(group, place),
            Node::Path(path) => self.path(path, place),
            Node::Text(text) => self.group(text.flattened(), place),
            Node::Image(image) => self.image(image, place),
        }
    }

    fn image(&mut self, image: &Image, place: &Place) -> Result<(), String> {
        let decoded = f64::from(image.size().width()) * f64::from(image.size().height());
        self.spend(DECODED_STEPS * decoded + IMAGE_STEPS * place.pixels(image.abs_bounding_box()))
    }

    fn path(&mut self, path: &Path, place: &Place) -> Result<(), String> {
        if !path.is_visible() {
            return Ok(());
        }
        let (x, y) = path.abs_transform().get_scale();
        let scale = f64::from(x.max(y)) * place.scale;
        let Outline { segments, length, seen } = outline(path, place.most_length() / scale);
        if let Some(fill) = path.fill() {
            self.edges(segments, seen * scale, path.abs_bounding_box(), place)?;
            self.paint(fill.paint(), fill.opacity(), path, path.abs_bounding_box(), place)?;
        }
        if let Some(stroke) = path.stroke() {
            let dashes = self.dashes(stroke, length)?;
            // Both sides of the line, and both ends of each of its parts.
            let across = (f64::from(stroke.width().get()) * scale).min(place.most_length());
            let seen = 2.0 * seen * scale + 2.0 * (segments + dashes) * across;
            self.edges(4.0 * (segments + dashes), seen, path.abs_stroke_bounding_box(), place)?;
            self.paint(stroke.paint(), stroke.opacity(), path, path.abs_stroke_bounding_box(), place)?;
        }
        Ok(())
    }

    /// How many dashes a line of this length has, in units of the path.
    fn dashes(&mut self, stroke: &Stroke, length: f64) -> Result<f64, String> {
        let Some(pattern) = stroke.dasharray() else { return Ok(0.0) };
        let period: f64 = pattern.iter().copied().map(f64::from).sum();
        let dashes = length / period * pattern.len() as f64 / 2.0;
        self.dashes += dashes;
        // Also refuses what is no number.
        if self.dashes <= MAX_DASHES { Ok(dashes) } else { Err(format!("it has more than {MAX_DASHES} dashes")) }
    }

    fn edges(&mut self, edges: f64, length: f64, bounds: Rect, place: &Place) -> Result<(), String> {
        let height = (f64::from(bounds.height()) * place.scale).max(1.0);
        // So many edges lie beside each other, and each may cross every other.
        let abreast = (length / height).min(edges);
        self.spend(SEGMENT_STEPS * edges + OUTLINE_STEPS * length + abreast * abreast)
    }

    fn paint(
        &mut self,
        paint: &Paint,
        opacity: Opacity,
        path: &Path,
        bounds: Rect,
        place: &Place,
    ) -> Result<(), String> {
        let pixels = place.pixels(bounds);
        match paint {
            Paint::Color(_) if opacity == Opacity::ONE => self.spend(OPAQUE_STEPS * pixels),
            Paint::Color(_) => self.spend(TRANSLUCENT_STEPS * pixels),
            // Every pixel is compared with every stop.
            Paint::LinearGradient(it) => self.spend((GRADIENT_STEPS + it.stops().len() as f64) * pixels),
            Paint::RadialGradient(it) => self.spend((GRADIENT_STEPS + it.stops().len() as f64) * pixels),
            Paint::Pattern(pattern) => {
                self.pattern(pattern, path, place)?;
                self.spend(PATTERN_STEPS * pixels)
            }
        }
    }

    /// The tile is drawn anew for every path.
    fn pattern(&mut self, pattern: &Pattern, path: &Path, place: &Place) -> Result<(), String> {
        let inside = place.inside(path.abs_transform().pre_concat(pattern.transform()));
        let rect = pattern.rect();
        let size = (f64::from(rect.width()) * inside.scale, f64::from(rect.height()) * inside.scale);
        check_layer(size)?;
        let tile = inside.layer(size)?;
        self.spend(LAYER_STEPS * tile.all_pixels())?;
        self.group(pattern.root(), &tile)
    }
}

fn check_layer((width, height): (f64, f64)) -> Result<(), String> {
    // Also refuses what is no number.
    if width * height <= MAX_LAYER_MEGAPIXELS * 1e6 {
        Ok(())
    } else {
        Err(format!("a filter or pattern covers more than {MAX_LAYER_MEGAPIXELS} megapixels"))
    }
}

/// What a path's outline consists of, with lengths in units of the path. A curve counts for the way along its control
/// points, which is no shorter.
struct Outline {
    segments: f64,
    length: f64,
    /// The length, but no segment counts for more than can be seen of it.
    seen: f64,
}

fn outline(path: &Path, most_seen: f64) -> Outline {
    let mut outline = Outline { segments: 0.0, length: 0.0, seen: 0.0 };
    let (mut start, mut at) = (Point::zero(), Point::zero());
    for segment in path.data().segments() {
        let way: [Option<Point>; 3] = match segment {
            PathSegment::MoveTo(to) => {
                (start, at) = (to, to);
                continue;
            }
            PathSegment::LineTo(to) => [Some(to), None, None],
            PathSegment::QuadTo(control, to) => [Some(control), Some(to), None],
            PathSegment::CubicTo(first, second, to) => [Some(first), Some(second), Some(to)],
            PathSegment::Close => [Some(start), None, None],
        };
        let mut along = 0.0;
        for to in way.into_iter().flatten() {
            along += f64::from(at.distance(to));
            at = to;
        }
        outline.segments += 1.0;
        outline.length += along;
        outline.seen += along.min(most_seen);
    }
    outline
}
