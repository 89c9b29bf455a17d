//! The scenes of the demo: what is drawn, and what it is called.

mod indoors;
mod nature;
mod paper;
mod towns;
mod water;

use super::scene::Scene;

/// A kind of scene, drawn several times with other chances.
pub(super) struct Kind {
    /// Which gallery its pictures belong to.
    pub(super) gallery: &'static str,
    /// Id of the nature that its pictures are said to have.
    pub(super) nature: &'static str,
    /// One title for each picture.
    pub(super) titles: &'static [&'static str],
    /// What can be seen.
    pub(super) description: &'static str,
    /// Draws one. The number tells which of the titles.
    pub(super) draw: fn(&mut Scene, usize),
}

/// Every kind.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        gallery: "Hills and valleys",
        nature: "drawing",
        titles: &[
            "The house below the pass",
            "Morning in the upper valley",
            "Two cottages at dusk",
            "Alpine noon",
            "First light on the ridge",
        ],
        description: "Mountains under snow, a house or two, trees and birds.",
        draw: nature::valley,
    },
    Kind {
        gallery: "At sea",
        nature: "drawing",
        titles: &[
            "Regatta off the point",
            "Coming home in the evening",
            "Three sails and a lighthouse",
            "The beam at night",
            "Light breeze",
        ],
        description: "Boats under sail before a lighthouse; the horizon is traced.",
        draw: water::harbour,
    },
    Kind {
        gallery: "Town life",
        nature: "drawing",
        titles: &[
            "Market street, ten o'clock",
            "Rush hour in miniature",
            "Lamps come on",
            "Sunday on Mill Lane",
            "Cars under the wires",
        ],
        description: "A street with houses, cars and lamps. Wires, road and wheel hubs are annotated, too.",
        draw: towns::street,
    },
    Kind {
        gallery: "Still life",
        nature: "painting",
        titles: &[
            "Fruit on a blue cloth",
            "Apples, pears and a vase",
            "Kitchen table in June",
            "The green bowl",
            "Oranges",
        ],
        description: "Fruit, a bowl and a vase on a table.",
        draw: indoors::still_life,
    },
    Kind {
        gallery: "Animals",
        nature: "drawing",
        titles: &[
            "Waiting at the window",
            "The cat from number nine",
            "Rain can wait",
            "Siesta over",
            "Guard on the sill",
        ],
        description: "A cat on a windowsill. Its outline is a polygon, its eyes are points.",
        draw: indoors::windowsill,
    },
    Kind {
        gallery: "Beyond the sky",
        nature: "computer-3d-art",
        titles: &["Rings", "Departure", "Two worlds", "Past the third moon", "A long way from home"],
        description: "Planets on their orbits, stars and a rocket.",
        draw: paper::space,
    },
    Kind {
        gallery: "At sea",
        nature: "drawing",
        titles: &["Over the reef", "The shoal turns", "Lanterns in the deep", "Shallow water", "Starfish bay"],
        description: "Fish and jellyfish between seaweed; every fish has an outline.",
        draw: water::reef,
    },
    Kind {
        gallery: "Charts and shapes",
        nature: "diagram",
        titles: &[
            "Harvest by orchard",
            "Visitors per month",
            "Shares of a small market",
            "Two trends",
            "Quarterly figures",
        ],
        description: "A chart, with its bars, its line or its slices annotated.",
        draw: paper::chart,
    },
    Kind {
        gallery: "Charts and shapes",
        nature: "drawing",
        titles: &["Composition in five colours", "Circles at rest", "Counterpoint", "Study of triangles"],
        description: "Plain shapes on paper: the simplest thing to annotate.",
        draw: paper::shapes,
    },
    Kind {
        gallery: "Town life",
        nature: "drawing",
        titles: &["Skyline with moon", "Forty storeys", "Across the river at midnight", "Evening downtown"],
        description: "Towers by night above the water.",
        draw: towns::skyline,
    },
    Kind {
        gallery: "Hills and valleys",
        nature: "drawing",
        titles: &["Dunes with cactus", "The long dry road", "Desert evening", "Mirage"],
        description: "Cacti among dunes, and a road to the horizon.",
        draw: nature::desert,
    },
    Kind {
        gallery: "Animals",
        nature: "drawing",
        titles: &["Butterflies over the border", "The wild corner", "Garden in July", "Colour and wings"],
        description: "Flowers and butterflies close by.",
        draw: nature::garden,
    },
    Kind {
        gallery: "Animals",
        nature: "drawing",
        titles: &["Sheep by the barn", "The flock on the hill", "Behind the fence", "Wool"],
        description: "Sheep in a meadow behind a fence.",
        draw: nature::farm,
    },
    Kind {
        gallery: "Hills and valleys",
        nature: "drawing",
        titles: &["Five balloons", "Lift-off at dawn", "Slow traffic", "Above the fields"],
        description: "Hot-air balloons over rolling country.",
        draw: nature::balloons,
    },
];

/// A picture that can be drawn: a kind, and which of its titles.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    pub(super) kind: &'static Kind,
    pub(super) variant: usize,
}

impl Subject {
    pub(super) fn title(&self) -> &'static str {
        self.kind.titles[self.variant % self.kind.titles.len()]
    }
}

/// All subjects, the kinds mixed so that neighbours differ.
pub(super) fn subjects() -> Vec<Subject> {
    let rounds = KINDS.iter().map(|kind| kind.titles.len()).max().unwrap_or(0);
    (0..rounds)
        .flat_map(|variant| KINDS.iter().map(move |kind| Subject { kind, variant }))
        .filter(|subject| subject.variant < subject.kind.titles.len())
        .collect()
}
