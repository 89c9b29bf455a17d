//! How much a document comes to once every reference is followed.
//!
//! Few bytes can mean endless work: a group that is used ten times by a group that is used ten times, and so on. The
//! guard adds up what every element costs including all that it refers to, each once and remembered, and refuses
//! documents beyond a budget. Costs are rough; their order of magnitude is what counts.

use resvg::usvg::roxmltree::{Document, Node, NodeId, NodeType};
use std::collections::HashMap;

/// What a whole document may cost: a plain shape is 1.
const BUDGET: u64 = 300_000;
/// A filter primitive runs over a whole layer, often several times.
const PRIMITIVE_COST: u64 = 400;
/// A layer of its own: clip, mask, pattern, opacity.
const LAYER_COST: u64 = 20;
/// A glyph is a path that has to be shaped first.
const CHARACTER_COST: u64 = 5;
/// So many bytes of path data cost as much as a plain shape.
const PATH_BYTES: u64 = 64;
/// How deep elements may lie in each other, references followed.
const MAX_DEPTH: u32 = 256;

/// Longest text that an entity may stand for, and how often entities may be used: together at most a few megabytes.
const MAX_ENTITY_BYTES: usize = 256;
const MAX_ENTITY_USES: usize = 10_000;

const MAX_ENTITIES: usize = 1_000;

/// Whether a declaration is `NAME "value">` with a short value that refers to nothing. The value ends at its quotation mark
/// and nowhere else: a `>` or another declaration inside it would hide how long it is.
fn is_small(declaration: &str) -> bool {
    let Some(start) = declaration.find(['"', '\'']) else { return false };
    let (quote, rest) = declaration[start..].split_at(1);
    let Some((value, after)) = rest.split_once(quote) else { return false };
    value.len() <= MAX_ENTITY_BYTES && !value.contains(['&', '%', '<']) && after.trim_start().starts_with('>')
}

/// Refuses documents whose entities could expand to much more than is written.
pub(super) fn check_entities(text: &str) -> Result<(), &'static str> {
    let declarations = || text.split("<!ENTITY").skip(1);
    if declarations().next().is_none() {
        return Ok(());
    }
    if declarations().count() > MAX_ENTITIES || !declarations().all(is_small) {
        return Err("its entities stand for too much");
    }
    if text.matches('&').count() > MAX_ENTITY_USES { Err("it uses entities too often") } else { Ok(()) }
}

/// Refuses documents that would take too long to draw.
pub(super) fn check(document: &Document) -> Result<(), &'static str> {
    let mut guard = Guard::new(document);
    match guard.cost(document.root(), 0) {
        Ok(cost) if cost <= BUDGET => Ok(()),
        Ok(_) => Err("drawing it would take too long"),
        Err(how) => Err(how),
    }
}

struct Guard<'a> {
    by_id: HashMap<&'a str, Node<'a, 'a>>,
    /// What elements cost; `None` while that is being found out, which is how circles show.
    known: HashMap<NodeId, Option<u64>>,
    /// What the style sheet may add to any element.
    styled: u64,
}

impl<'a> Guard<'a> {
    fn new(document: &'a Document<'a>) -> Self {
        let by_id = document.descendants().filter_map(|node| Some((node.attribute("id")?, node))).collect();
        let mut guard = Self { by_id, known: HashMap::new(), styled: 0 };
        let sheets: String = document
            .descendants()
            .filter(|node| node.has_tag_name("style") || node.tag_name().name() == "style")
            .filter_map(|node| node.text())
            .collect();
        // Which elements a rule hits is not worked out: whatever rules refer to counts for every element, and so does
        // going through the rules.
        guard.styled = sheets.matches('{').count() as u64 / 20;
        if sheets.contains("opacity") || sheets.contains("mix-blend") {
            guard.styled += 2;
        }
        let referenced: Vec<_> = references(&sheets).collect();
        for id in referenced {
            if let Some(&node) = guard.by_id.get(id) {
                guard.styled = guard.styled.saturating_add(guard.cost(node, 0).unwrap_or(BUDGET));
            }
        }
        guard
    }

    /// What a node costs with all that is in it and all that it refers to.
    fn cost(&mut self, node: Node<'a, 'a>, depth: u32) -> Result<u64, &'static str> {
        if depth > MAX_DEPTH {
            return Err("its elements are nested too deeply");
        }
        match self.known.get(&node.id()) {
            Some(Some(cost)) => return Ok(*cost),
            // A circle: the renderer leaves such references out.
            Some(None) => return Ok(0),
            None => {}
        }
        self.known.insert(node.id(), None);
        let mut cost = match node.node_type() {
            NodeType::Element => self.own_cost(node, depth)?,
            NodeType::Text if node.ancestors().any(|ancestor| ancestor.tag_name().name() == "text") => {
                CHARACTER_COST * node.text().map_or(0, str::len) as u64
            }
            _ => 0,
        };
        for child in node.children() {
            cost = cost.saturating_add(self.cost(child, depth + 1)?);
        }
        self.known.insert(node.id(), Some(cost));
        Ok(cost)
    }

    fn own_cost(&mut self, node: Node<'a, 'a>, depth: u32) -> Result<u64, &'static str> {
        let name = node.tag_name().name();
        let mut cost = self.styled.saturating_add(match name {
            _ if name.starts_with("fe") => PRIMITIVE_COST,
            "mask" | "clipPath" | "pattern" | "image" => LAYER_COST,
            _ => 1,
        });
        check_primitive(node)?;
        let mut vertices = 1;
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            match name {
                "d" | "points" => {
                    cost = cost.saturating_add(value.len() as u64 / PATH_BYTES);
                    vertices = value.len() as u64 / 2;
                }
                "opacity" => cost += LAYER_COST,
                "style" if value.contains("opacity") || value.contains("mix-blend") => cost += LAYER_COST,
                _ => {}
            }
        }
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            // A marker is drawn at every corner of a path.
            let times = if name.starts_with("marker") || value.contains("marker") { vertices.max(1) } else { 1 };
            for id in references(value) {
                cost = cost.saturating_add(self.cost_of(id, depth)?.saturating_mul(times));
            }
            if name == "href"
                && let Some(id) = value.trim().strip_prefix('#')
            {
                cost = cost.saturating_add(self.cost_of(id, depth)?);
            }
        }
        Ok(cost)
    }

    fn cost_of(&mut self, id: &str, depth: u32) -> Result<u64, &'static str> {
        match self.by_id.get(id) {
            Some(&target) => self.cost(target, depth + 1),
            None => Ok(0),
        }
    }
}

/// The ids in all `url(#…)` of a text.
fn references(text: &str) -> impl Iterator<Item = &str> {
    text.split("url(").skip(1).filter_map(|rest| {
        let inside = rest.split(')').next()?;
        inside.trim().trim_matches(['\'', '"']).trim().strip_prefix('#')
    })
}

/// Filter primitives whose parameters make them slow beyond measure.
fn check_primitive(node: Node) -> Result<(), &'static str> {
    let largest = |attribute: &str| {
        let numbers = node.attribute(attribute).unwrap_or_default().split([' ', ',']);
        numbers.filter_map(|number| number.trim().parse::<f64>().ok()).fold(0.0, f64::max)
    };
    let excessive = match node.tag_name().name() {
        "feTurbulence" => largest("numOctaves") > 16.0,
        "feConvolveMatrix" => largest("order") > 16.0,
        "feMorphology" => largest("radius") > 100.0,
        _ => false,
    };
    if excessive { Err("one of its filters would take too long") } else { Ok(()) }
}
