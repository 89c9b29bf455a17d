//! The size of the layers that the renderer would allocate for a document.
//!
//! Plain groups get no larger than the canvas, but filter regions and pattern tiles are as large as the document says.

use resvg::usvg::{Group, Node, Paint, Path, Transform, Tree};

/// Most pixels that one layer may have.
const MAX_LAYER_PIXELS: f64 = 8_000_000.0;
/// Most pixels that all layers may have together.
const MAX_ALL_PIXELS: f64 = 400_000_000.0;

const TOO_LARGE: &str = "a filter or pattern covers too large an area";

/// Refuses documents with layers that are too large when drawn at `scale`.
pub(super) fn check(tree: &Tree, scale: f32) -> Result<(), &'static str> {
    let mut budget = Budget { scale: f64::from(scale), left: MAX_ALL_PIXELS };
    budget.group(tree.root())
}

struct Budget {
    scale: f64,
    left: f64,
}

impl Budget {
    fn layer(&mut self, width: f32, height: f32, times: usize) -> Result<(), &'static str> {
        let pixels = f64::from(width) * self.scale * f64::from(height) * self.scale;
        self.left -= pixels * times as f64;
        // Also refuses what is no number.
        if pixels <= MAX_LAYER_PIXELS && self.left >= 0.0 { Ok(()) } else { Err(TOO_LARGE) }
    }

    fn group(&mut self, group: &Group) -> Result<(), &'static str> {
        if !group.filters().is_empty() {
            let area = group.abs_layer_bounding_box();
            let primitives: usize = group.filters().iter().map(|filter| filter.primitives().len()).sum();
            self.layer(area.width(), area.height(), primitives + 1)?;
        }
        for child in group.children() {
            self.node(child)?;
        }
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Result<(), &'static str> {
        match node {
            Node::Group(group) => self.group(group)?,
            Node::Path(path) => self.path(path)?,
            Node::Text(text) => self.group(text.flattened())?,
            Node::Image(_) => {}
        }
        let mut result = Ok(());
        // Clips, masks and the insides of patterns.
        node.subroots(|group| {
            if result.is_ok() {
                result = self.group(group);
            }
        });
        result
    }

    fn path(&mut self, path: &Path) -> Result<(), &'static str> {
        let paints = [path.fill().map(|fill| fill.paint()), path.stroke().map(|stroke| stroke.paint())];
        for paint in paints.into_iter().flatten() {
            if let Paint::Pattern(pattern) = paint {
                let transform: Transform = path.abs_transform().pre_concat(pattern.transform());
                let (x, y) = transform.get_scale();
                self.layer(pattern.rect().width() * x, pattern.rect().height() * y, 1)?;
            }
        }
        Ok(())
    }
}
