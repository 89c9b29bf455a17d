//! Masks as run lengths, and their outlines as polygons.
//!
//! A mask says of every pixel whether it belongs to a thing. COCO counts runs of equal pixels down the columns, alternately
//! outside and inside and beginning outside; its compressed form writes those counts as text (`rleToString` and `rleFrString`
//! of pycocotools: six bits at a time, five of them payload, each count from the third on as the difference to the last but
//! one). CVAT counts along the rows of a small frame.
//!
//! Outlines go exactly along the edges of pixels. Pixels that touch at a corner only are parts of their own. All work is in the number
//! of runs, never in that of pixels, so that a huge mask of few runs costs nothing. A hole is joined to its outline by a
//! seam, as in [`geometry`](crate::geometry): along a row, there and back.

use crate::model::region::Point;
use std::collections::BTreeMap;

/// No side of a mask is longer.
const MAX_SIDE: u32 = 1 << 20;
/// More runs are refused. Masks of things have thousands.
const MAX_RUNS: usize = 4_000_000;

/// Ranges of rows.
type Rows = Vec<(u32, u32)>;

/// Runs of equal pixels, alternately outside and inside, down the columns of a mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Runs {
    width: u32,
    height: u32,
    counts: Vec<u64>,
}

/// A connected part of a mask.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::formats) struct Part {
    /// Corners in pixels of the mask, holes joined by seams.
    pub corners: Vec<Point>,
    /// How many holes it has.
    pub holes: u64,
}

impl Runs {
    /// Runs from plain counts, `None` if they do not fit the size.
    pub fn new(width: f64, height: f64, counts: Vec<u64>) -> Option<Self> {
        let side =
            |side: f64| (side.fract() == 0.0 && (1.0..=f64::from(MAX_SIDE)).contains(&side)).then_some(side as u32);
        let (width, height) = (side(width)?, side(height)?);
        let pixels = u64::from(width) * u64::from(height);
        let sum = counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count).filter(|sum| *sum <= pixels));
        sum.filter(|_| counts.len() <= MAX_RUNS).map(|_| Self { width, height, counts })
    }

    /// Runs from the compressed form, `None` if that is broken or does not fit the size.
    pub fn compressed(width: f64, height: f64, text: &[u8]) -> Option<Self> {
        let mut counts: Vec<i64> = Vec::new();
        let mut bytes = text.iter();
        while !bytes.as_slice().is_empty() {
            let (mut number, mut shift) = (0_i64, 0_u32);
            loop {
                let byte = i64::from(bytes.next()?.checked_sub(48).filter(|byte| *byte < 64)?);
                if shift > 55 {
                    return None;
                }
                number |= (byte & 31) << shift;
                shift += 5;
                if byte & 32 == 0 {
                    if byte & 16 != 0 {
                        number |= -1 << shift;
                    }
                    break;
                }
            }
            if counts.len() > 2 {
                number = number.checked_add(counts[counts.len() - 2])?;
            }
            counts.push(number);
        }
        let counts = counts.into_iter().map(|count| u64::try_from(count).ok()).collect::<Option<_>>()?;
        Self::new(width, height, counts)
    }

    /// The connected parts of the mask, from left to right and from top to bottom.
    pub fn parts(&self) -> Vec<Part> {
        Outlines::of(&self.edges()).parts()
    }

    /// The ranges of columns that are alike, with the pixels inside: first column, the column behind the last, and ranges of rows.
    fn columns(&self) -> Vec<(u32, u32, Rows)> {
        let height = u64::from(self.height);
        let mut columns: Vec<(u32, u32, Rows)> = Vec::new();
        let mut add = |first: u64, behind: u64, from: u64, to: u64| {
            // Runs of no pixels lie between runs that belong together.
            match columns.last_mut() {
                Some((column, _, rows)) if u64::from(*column) == first => match rows.last_mut() {
                    Some(last) if u64::from(last.1) == from => last.1 = to as u32,
                    _ => rows.push((from as u32, to as u32)),
                },
                _ => columns.push((first as u32, behind as u32, vec![(from as u32, to as u32)])),
            }
        };
        let mut at = 0;
        for (index, count) in self.counts.iter().enumerate() {
            let end = at + count;
            if index % 2 == 1 && *count > 0 {
                let (first, last) = (at / height, (end - 1) / height);
                if first == last {
                    add(first, first + 1, at % height, (end - 1) % height + 1);
                } else {
                    let mut full = first;
                    if at % height != 0 {
                        add(first, first + 1, at % height, height);
                        full += 1;
                    }
                    let behind = if end % height == 0 { last + 1 } else { last };
                    if full < behind {
                        add(full, behind, 0, height);
                    }
                    if end % height != 0 {
                        add(last, last + 1, 0, end % height);
                    }
                }
            }
            at = end;
        }
        columns
    }

    /// The upright edges between inside and outside, from left to right and from top to bottom.
    fn edges(&self) -> Vec<Edge> {
        let columns = self.columns();
        let mut edges = Vec::new();
        let none: &[(u32, u32)] = &[];
        let mut before: (u32, &[(u32, u32)]) = (0, none);
        for (first, behind, rows) in &columns {
            if before.0 < *first {
                edges_between(before.0, before.1, none, &mut edges);
                before.1 = none;
            }
            edges_between(*first, before.1, rows, &mut edges);
            before = (*behind, rows);
        }
        edges_between(before.0, before.1, none, &mut edges);
        edges
    }
}

/// An upright edge between a pixel that is inside and one that is not.
#[derive(Clone, Copy, Debug)]
struct Edge {
    x: u32,
    top: u32,
    bottom: u32,
    /// Whether the inside is to its right.
    opens: bool,
}

/// The edges where the column to the left has pixels inside in these rows, and that to the right in those.
fn edges_between(x: u32, left: &[(u32, u32)], right: &[(u32, u32)], edges: &mut Vec<Edge>) {
    // Every row at which either column changes, and which of them does.
    let mut changes: Vec<(u32, bool)> = Vec::with_capacity(2 * (left.len() + right.len()));
    changes.extend(left.iter().flat_map(|(top, bottom)| [(*top, false), (*bottom, false)]));
    changes.extend(right.iter().flat_map(|(top, bottom)| [(*top, true), (*bottom, true)]));
    changes.sort_unstable();
    let (mut in_left, mut in_right) = (false, false);
    let mut begun: Option<(u32, bool)> = None;
    let mut changes = changes.into_iter().peekable();
    while let Some((row, is_right)) = changes.next() {
        if is_right {
            in_right = !in_right;
        } else {
            in_left = !in_left;
        }
        if changes.peek().is_some_and(|(next, _)| *next == row) {
            continue;
        }
        let now = (in_left != in_right).then_some(in_right);
        if begun.map(|(_, opens)| opens) != now {
            if let Some((top, opens)) = begun {
                edges.push(Edge { x, top, bottom: row, opens });
            }
            begun = now.map(|opens| (row, opens));
        }
    }
}

/// The closed lines around a mask.
struct Outlines<'a> {
    edges: &'a [Edge],
    /// The line that each edge belongs to.
    line_of: Vec<usize>,
    /// Each line as the edges that it goes along, in their order. The first one is leftmost.
    lines: Vec<Vec<usize>>,
}

impl<'a> Outlines<'a> {
    /// Joins the ends of edges along the rows: from left to right, every second stretch between two ends of one row is an edge.
    fn of(edges: &'a [Edge]) -> Self {
        // An end is twice the number of its edge, and one more for the lower one.
        let row = |end: usize| if end.is_multiple_of(2) { edges[end / 2].top } else { edges[end / 2].bottom };
        let mut ends: Vec<usize> = (0..2 * edges.len()).collect();
        // Where pixels touch at a corner, the end whose inside is to the left belongs to the stretch on the left.
        ends.sort_unstable_by_key(|end| (row(*end), edges[end / 2].x, edges[end / 2].opens));
        let mut partner = vec![0; ends.len()];
        for pair in ends.chunks_exact(2) {
            (partner[pair[0]], partner[pair[1]]) = (pair[1], pair[0]);
        }
        let mut outlines = Self { edges, line_of: vec![usize::MAX; edges.len()], lines: Vec::new() };
        for (first, edge) in edges.iter().enumerate() {
            if outlines.line_of[first] != usize::MAX {
                continue;
            }
            let (mut line, number) = (Vec::new(), outlines.lines.len());
            // The inside is to the right of the way: up along edges that open, down along the others.
            let mut leaves = if edge.opens { 2 * first } else { 2 * first + 1 };
            loop {
                let edge = leaves / 2;
                outlines.line_of[edge] = number;
                line.push(edge);
                leaves = partner[leaves] ^ 1;
                if leaves / 2 == first {
                    break;
                }
            }
            outlines.lines.push(line);
        }
        outlines
    }

    /// Whether a line goes around a hole: its leftmost edge has the inside to its left.
    fn is_hole(&self, line: usize) -> bool {
        !self.edges[self.lines[line][0]].opens
    }

    /// For each edge, the holes that hang on it: the nearest edge to the left of a hole's leftmost corner.
    fn seams(&self) -> BTreeMap<usize, Vec<usize>> {
        let mut seams: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        if (0..self.lines.len()).all(|line| !self.is_hole(line)) {
            return seams;
        }
        // The last edge in each row so far, as ranges of rows: where a range begins, where it ends, and which edge.
        let mut last: BTreeMap<u32, (u32, usize)> = BTreeMap::new();
        for (number, edge) in self.edges.iter().enumerate() {
            let line = self.line_of[number];
            if self.lines[line][0] == number
                && !edge.opens
                && let Some((_, (_, to))) = last.range(..=edge.top).next_back()
            {
                seams.entry(*to).or_default().push(line);
            }
            // Takes its rows from those before.
            if let Some((_, range)) = last.range_mut(..edge.top).next_back()
                && range.0 > edge.top
            {
                let (bottom, other) = *range;
                range.0 = edge.top;
                if bottom > edge.bottom {
                    last.insert(edge.bottom, (bottom, other));
                }
            }
            while let Some((top, (bottom, other))) =
                last.range(edge.top..edge.bottom).next().map(|(top, rest)| (*top, *rest))
            {
                last.remove(&top);
                if bottom > edge.bottom {
                    last.insert(edge.bottom, (bottom, other));
                }
            }
            last.insert(edge.top, (edge.bottom, number));
        }
        seams
    }

    fn parts(&self) -> Vec<Part> {
        let seams = self.seams();
        (0..self.lines.len())
            .filter(|line| !self.is_hole(*line))
            .map(|line| {
                let mut part = Part { corners: Vec::new(), holes: 0 };
                self.walk(line, &seams, &mut part);
                part.corners.dedup();
                part
            })
            .collect()
    }

    /// Goes once around a line, and from where holes hang on it to them, around them and back.
    fn walk(&self, line: usize, seams: &BTreeMap<usize, Vec<usize>>, part: &mut Part) {
        enum Step {
            /// Goes along the edges of a line from one on.
            Edges(usize, usize),
            Corner(u32, u32),
        }
        // Holes may hang on holes, so deep that the stack would not do.
        let mut steps = vec![Step::Edges(line, 0)];
        let corner = |x: u32, y: u32| Point { x: f64::from(x), y: f64::from(y) };
        while let Some(step) = steps.pop() {
            let (line, index) = match step {
                Step::Corner(x, y) => {
                    part.corners.push(corner(x, y));
                    continue;
                }
                Step::Edges(line, index) => (line, index),
            };
            let Some(number) = self.lines[line].get(index) else { continue };
            let Edge { x, top, bottom, opens } = self.edges[*number];
            let (from, to) = if opens { (bottom, top) } else { (top, bottom) };
            steps.push(Step::Edges(line, index + 1));
            steps.push(Step::Corner(x, to));
            if let Some(holes) = seams.get(number) {
                let row = |hole: &usize| self.edges[self.lines[*hole][0]].top;
                let mut holes = holes.clone();
                holes.sort_by_key(row);
                // What is pushed last comes first.
                if !opens {
                    holes.reverse();
                }
                for hole in holes {
                    let first = self.edges[self.lines[hole][0]];
                    part.holes += 1;
                    steps.push(Step::Corner(x, first.top));
                    steps.push(Step::Corner(first.x, first.top));
                    steps.push(Step::Edges(hole, 0));
                    steps.push(Step::Corner(x, first.top));
                }
            }
            part.corners.push(corner(x, from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{contains, polygon_area};
    use proptest::prelude::*;

    /// Runs of a mask that is drawn with `#`, down the columns.
    fn runs(rows: &[&str]) -> Runs {
        let (width, height) = (rows[0].len(), rows.len());
        let mut counts = vec![0];
        for index in 0..width * height {
            let inside = rows[index % height].as_bytes()[index / height] == b'#';
            if inside == counts.len().is_multiple_of(2) {
                *counts.last_mut().unwrap() += 1;
            } else {
                counts.push(1);
            }
        }
        Runs::new(width as f64, height as f64, counts).unwrap()
    }

    fn corners(part: &Part) -> Vec<(f64, f64)> {
        part.corners.iter().map(|corner| (corner.x, corner.y)).collect()
    }

    /// A mask's outlines cover its pixels and nothing else.
    fn check(rows: &[&str]) -> Vec<Part> {
        let parts = runs(rows).parts();
        let mut area = 0.0;
        for (y, row) in rows.iter().enumerate() {
            for (x, pixel) in row.bytes().enumerate() {
                let centre = Point { x: x as f64 + 0.5, y: y as f64 + 0.5 };
                let covers = parts.iter().filter(|part| contains(&part.corners, centre)).count();
                assert_eq!(covers, usize::from(pixel == b'#'), "{x} {y} of {rows:#?}: {parts:?}");
                area += f64::from(u8::from(pixel == b'#'));
            }
        }
        assert_eq!(parts.iter().map(|part| polygon_area(&part.corners)).sum::<f64>(), area);
        parts
    }

    #[test]
    fn outlines_go_along_pixels() {
        let [part] = check(&["....", ".##.", ".##.", "...."]).try_into().unwrap();
        assert_eq!(corners(&part), [(1.0, 3.0), (1.0, 1.0), (3.0, 1.0), (3.0, 3.0)]);
        assert_eq!(check(&["#..", ".#.", "..#"]).len(), 3);
        assert_eq!(check(&["..#", ".#.", "#.."]).len(), 3);
        assert_eq!(check(&["###", "###"]).len(), 1);
        assert!(check(&["...", "..."]).is_empty());
        assert_eq!(check(&["###.", "#.#.", "###.", "...#"])[0].holes, 1);
        let nested = check(&["#######", "#.....#", "#.###.#", "#.#.#.#", "#.###.#", "#.....#", "#######"]);
        assert_eq!(nested.iter().map(|part| part.holes).collect::<Vec<_>>(), [1, 1]);
        let row = check(&["##########", "#.#.#..#.#", "##########", "##.#.#.#.#", "##########"]);
        assert_eq!((row.len(), row[0].holes), (1, 8));
    }

    #[test]
    fn compressed_counts_are_those_of_the_reference() {
        // What pycocotools encodes of a mask of 6 x 4 with 2 x 3 pixels from (1, 1) on.
        let small = runs(&["......", ".##...", ".##...", ".##..."]);
        assert_eq!(small.counts, [5, 3, 1, 3, 12]);
        assert_eq!(Runs::compressed(6.0, 4.0, b"5310;").unwrap(), small);
        for broken in ["o", "\x7f", "ooooooooooooooooooooooooooo0", "5310é"] {
            assert_eq!(Runs::compressed(6.0, 4.0, broken.as_bytes()), None, "{broken}");
        }
        // What follows the last run is empty.
        for (short, counts) in [("", vec![]), ("531", vec![5, 3, 1]), ("53109", vec![5, 3, 1, 3, 10])] {
            assert_eq!(Runs::compressed(6.0, 4.0, short.as_bytes()).unwrap().counts, counts);
        }
    }

    #[test]
    fn absurd_masks_cost_nothing() {
        assert!(Runs::new(1e9, 1e9, vec![0, 1]).is_none());
        assert!(Runs::new(f64::NAN, 4.0, vec![0, 1]).is_none());
        assert!(Runs::new(-4.0, 4.0, vec![0, 1]).is_none());
        assert!(Runs::new(4.0, 4.0, vec![0, 17]).is_none());
        assert!(Runs::new(4.0, 4.0, vec![u64::MAX, u64::MAX]).is_none());
        let side = f64::from(MAX_SIDE);
        let parts = Runs::new(side, side, vec![1, (1 << 40) - 2]).unwrap().parts();
        assert_eq!(parts.len(), 1);
        assert_eq!(polygon_area(&parts[0].corners), side * side - 2.0);
    }

    proptest! {
        #[test]
        fn any_mask_is_covered_exactly(
            width in 1..17_usize,
            pixels in prop::collection::vec(0.0..1.0f64, 1..256),
            filled in 0.1..0.95f64,
        ) {
            let row = |row: &[f64]| row.iter().map(|pixel| if *pixel < filled { '#' } else { '.' }).collect::<String>();
            let rows: Vec<String> = pixels.chunks_exact(width.min(pixels.len())).map(row).collect();
            check(&rows.iter().map(String::as_str).collect::<Vec<_>>());
        }

        #[test]
        fn any_text_is_taken(text in prop::collection::vec(40..130u8, 0..40)) {
            if let Some(runs) = Runs::compressed(30.0, 40.0, &text) {
                runs.parts();
            }
        }
    }
}
