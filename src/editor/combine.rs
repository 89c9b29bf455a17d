//! Several areas become one, or others: uniting, subtracting, cutting, splitting lines.

use super::Editor;
use super::document::Key;
use super::obey::regions;
use super::selection::Selection;
use crate::geometry::{Piece, Shape, area, cut_along, outline, subtracted, united};
use crate::model::region::{Kind, MAX_POINTS, MAX_REGIONS};
use std::collections::{BTreeSet, HashSet};

/// A region as commands give it to the document.
type Placed = (Key, Option<(Shape, String)>);

/// A piece with the indices of the shapes that it is made of.
type Union = (Piece, Vec<usize>);

impl Editor {
    /// Makes one polygon of the selected areas that touch, which takes the place and the object of the one selected first.
    /// What touches no other stays as it is.
    pub(super) fn unite(&mut self) {
        let (keys, shapes) = self.selected_shapes(|shape| outline(shape).is_some());
        if self.is_all_locked() {
            return;
        }
        let shapes: Vec<&Shape> = shapes.iter().collect();
        let groups = groups(united(&shapes, self.view.picture_px()));
        if groups.is_empty() {
            return self.say("Select boxes or polygons that touch each other to unite them".to_owned());
        }
        let seam = groups.iter().flatten().any(|(piece, _)| piece.has_seam);
        let (mut changes, mut made, mut gone): (Vec<Placed>, Vec<Key>, HashSet<Key>) = Default::default();
        for group in groups {
            let members: BTreeSet<usize> = group.iter().flat_map(|(_, members)| members).copied().collect();
            gone.extend(members.iter().map(|index| keys[*index]));
            let first = members.first().map(|index| keys[*index]);
            for (piece, members) in group {
                let objects = members.iter().filter_map(|index| Some(self.document.get(keys[*index])?.object.clone()));
                let object = objects.into_iter().find(|object| !object.is_empty()).unwrap_or_default();
                let goes_on = first.filter(|first| gone.remove(first));
                let key = goes_on.unwrap_or_else(|| self.document.new_key());
                made.extend(goes_on.is_none().then_some(key));
                changes.push((key, Some((Shape::Polygon(piece.corners), object))));
            }
        }
        let number = gone.len() + changes.len() - made.len();
        let left = keys.iter().copied().filter(|key| !gone.contains(key)).chain(made).collect();
        changes.extend(keys.iter().filter(|key| gone.contains(key)).map(|key| (*key, None)));
        self.replace(changes, left, format!("{} united{}", regions(number), seam_in_words(seam)));
    }

    /// Takes the other selected areas out of the one selected first, and cuts that along the selected lines. The others stay:
    /// somebody drew and labelled them. Where the first falls apart, the largest piece goes on as that region.
    pub(super) fn subtract(&mut self) {
        let (keys, shapes) = self.selected_shapes(|shape| shape.kind() != Kind::Point);
        if self.is_all_locked() {
            return;
        }
        let first = shapes.first().filter(|first| outline(first).is_some());
        let (Some(first), Some(key)) = (first, keys.first().copied().filter(|_| keys.len() > 1)) else {
            return self.say("Select a box or polygon first, and then what to take out of it".to_owned());
        };
        let (areas, lines): (Vec<&Shape>, Vec<&Shape>) = shapes[1..].iter().partition(|shape| outline(shape).is_some());
        let picture_px = self.view.picture_px();
        let rest = subtracted(first, &areas, picture_px);
        let cut = |piece: Piece| {
            if lines.is_empty() { vec![piece] } else { cut_along(&Shape::Polygon(piece.corners), &lines, picture_px) }
        };
        let mut pieces: Vec<Piece> = rest.into_iter().flat_map(cut).collect();
        pieces.sort_by(|a, b| area_of(b).total_cmp(&area_of(a)));
        let Some(largest) = pieces.first() else {
            return self.say("Nothing would be left of the first region".to_owned());
        };
        if pieces.len() == 1 && (area_of(largest) - area(first)).abs() < 1e-9 {
            return self.say("The others neither overlap the first region nor go all the way through it".to_owned());
        }
        let object = self.document.get(key).map(|region| region.object.clone()).unwrap_or_default();
        let seam = pieces.iter().any(|piece| piece.has_seam);
        let number = pieces.len();
        let mut changes: Vec<Placed> = Vec::new();
        for piece in pieces {
            let key = if changes.is_empty() { key } else { self.document.new_key() };
            changes.push((key, Some((Shape::Polygon(piece.corners), object.clone()))));
        }
        let chosen = changes.iter().map(|(key, _)| *key).collect();
        let what = if number > 1 { format!("{number} pieces") } else { "Taken out".to_owned() };
        self.replace(changes, chosen, format!("{what}{}", seam_in_words(seam)));
    }

    /// Makes two lines of one at the selected corner, which both have from then on.
    pub(super) fn split_line(&mut self) {
        let Some((key, points, index)) = self.split_place() else {
            return self.say("Select a corner between the ends of a line to split it there".to_owned());
        };
        let object = self.document.get(key).map(|region| region.object.clone()).unwrap_or_default();
        let second = self.document.new_key();
        let part = |points: &[_]| Some((Shape::Polyline(points.to_vec()), object.clone()));
        let changes = vec![(key, part(&points[..=index])), (second, part(&points[index..]))];
        self.replace(changes, vec![key, second], "Line split in two".to_owned());
    }

    /// Whether nothing that is selected may be changed, which was said then.
    fn is_all_locked(&self) -> bool {
        self.selection.keys().iter().all(|key| self.is_locked(*key))
    }

    fn split_place(&self) -> Option<(Key, Vec<crate::geometry::Point>, usize)> {
        let (key, index) = self.selection.selected_corner().filter(|(key, _)| self.is_within_reach(*key))?;
        match &self.document.get(key)?.shape {
            Shape::Polyline(points) if index > 0 && index + 1 < points.len() => Some((key, points.clone(), index)),
            _ => None,
        }
    }

    /// The selected regions that may be changed and whose shapes are wanted, in the order in which they were selected.
    fn selected_shapes(&mut self, wanted: impl Fn(&Shape) -> bool) -> (Vec<Key>, Vec<Shape>) {
        let keys = self.selection.keys().to_vec();
        let unlocked = self.unlocked(&keys).into_iter();
        unlocked
            .filter_map(|key| Some((key, self.document.get(key)?.shape.clone())))
            .filter(|(_, shape)| wanted(shape))
            .unzip()
    }

    /// Makes a change of several regions and selects what came of it, unless there would be too much.
    fn replace(&mut self, changes: Vec<Placed>, chosen: Vec<Key>, sentence: String) {
        let corners = |shape: &Shape| crate::geometry::corners(shape).len();
        let added = changes.iter().filter(|(key, after)| after.is_some() && self.document.get(*key).is_none()).count();
        if self.document.items().len() + added > MAX_REGIONS {
            return self.say(format!("A picture can have {MAX_REGIONS} regions at most"));
        }
        if changes.iter().any(|(_, after)| after.as_ref().is_some_and(|(shape, _)| corners(shape) > MAX_POINTS)) {
            return self.say(format!("A polygon can have {MAX_POINTS} corners at most"));
        }
        if self.document.commit_all(changes) {
            self.selection = Selection::of(chosen);
            self.say(sentence);
        }
    }
}

/// The pieces that belong together because they share a shape, of which at least two were united: the largest of each group
/// first. A shape is part of several pieces where its outline crosses itself.
fn groups(pieces: Vec<Union>) -> Vec<Vec<Union>> {
    let mut groups: Vec<(BTreeSet<usize>, Vec<Union>)> = Vec::new();
    for (piece, members) in pieces {
        let mut together = (members.iter().copied().collect::<BTreeSet<usize>>(), vec![(piece, members)]);
        for (other, pieces) in groups.extract_if(.., |(other, _)| !other.is_disjoint(&together.0)).collect::<Vec<_>>() {
            together.0.extend(other);
            together.1.extend(pieces);
        }
        groups.push(together);
    }
    let mut groups: Vec<_> =
        groups.into_iter().filter(|(members, _)| members.len() > 1).map(|(_, pieces)| pieces).collect();
    for group in &mut groups {
        group.sort_by(|(a, _), (b, _)| area_of(b).total_cmp(&area_of(a)));
    }
    groups
}

fn area_of(piece: &Piece) -> f64 {
    area(&Shape::Polygon(piece.corners.clone()))
}

fn seam_in_words(is_there: bool) -> &'static str {
    if is_there { "; a seam joins the hole to the outline" } else { "" }
}
