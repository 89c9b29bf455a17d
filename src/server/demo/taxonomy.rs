//! The objects of the demo: a graph in which several have two parents.

/// An object: name, description, parents.
pub(super) type Entry = (&'static str, &'static str, &'static [&'static str]);

/// All objects, by subject.
pub(super) const OBJECTS: &[Entry] = &[
    ("Living thing", "Anything that is or was alive.", &[]),
    ("Animal", "A living thing that feeds on others and mostly moves about.", &["Living thing"]),
    ("Mammal", "An animal with hair or fur that suckles its young.", &["Animal"]),
    ("Pet", "An animal that lives with people for company.", &["Animal"]),
    ("Farm animal", "An animal that people keep for wool, milk, meat or work.", &["Animal"]),
    ("Sea animal", "An animal that lives in the sea.", &["Animal"]),
    ("Cat", "Felis catus, the domestic cat. Its outline includes ears, tail and paws.", &["Mammal", "Pet"]),
    ("Sheep", "Ovis aries, kept for its wool.", &["Mammal", "Farm animal"]),
    ("Bird", "An animal with feathers; far away often no more than a pair of wings.", &["Animal"]),
    ("Butterfly", "A day-flying insect with large coloured wings.", &["Animal"]),
    ("Fish", "A vertebrate with gills and fins.", &["Sea animal"]),
    ("Jellyfish", "A drifting animal with a soft bell and trailing arms.", &["Sea animal"]),
    ("Starfish", "An animal of the sea floor with five arms or more.", &["Sea animal"]),
    ("Plant", "A living thing that feeds on light.", &["Living thing"]),
    ("Tree", "A tall plant with a woody trunk.", &["Plant"]),
    ("Conifer", "A tree with needles and cones.", &["Tree"]),
    ("Broadleaf tree", "A tree with flat leaves, most of which lose them in winter.", &["Tree"]),
    ("Cactus", "A plant of dry places that stores water in its stem.", &["Plant"]),
    ("Flower", "A flowering plant, or its blossom with the stem.", &["Plant"]),
    ("Seaweed", "Algae that grow on the sea floor; traced from foot to tip.", &["Plant"]),
    ("Food", "What people eat and drink.", &[]),
    ("Fruit", "The sweet part of a plant around its seeds.", &["Food", "Plant"]),
    ("Apple", "The fruit of Malus domestica: red, yellow or green.", &["Fruit"]),
    ("Banana", "The long curved fruit of Musa.", &["Fruit"]),
    ("Grapes", "A bunch of the fruit of Vitis vinifera.", &["Fruit"]),
    ("Orange", "The fruit of Citrus × sinensis.", &["Fruit"]),
    ("Pear", "The fruit of Pyrus communis.", &["Fruit"]),
    ("Eye", "The eye of an animal; the point is its pupil.", &["Animal"]),
    ("Vehicle", "What carries people or goods.", &[]),
    ("Car", "A motor vehicle with four wheels for a few people.", &["Vehicle"]),
    ("Aircraft", "A vehicle that flies.", &["Vehicle"]),
    ("Hot-air balloon", "An aircraft that warm air lifts.", &["Aircraft"]),
    ("Rocket", "A vehicle that flies on its own exhaust, also where there is no air.", &["Aircraft"]),
    ("Sailing boat", "A boat that the wind drives.", &["Vehicle"]),
    ("Wheel", "A wheel with its tyre.", &["Vehicle"]),
    ("Wheel hub", "The middle of a wheel, as a point.", &["Wheel"]),
    ("Building", "What has walls and a roof.", &[]),
    ("House", "A building to live in, or a barn.", &["Building"]),
    ("Lighthouse", "A tower whose light guides ships.", &["Building"]),
    ("Skyscraper", "A building of many storeys.", &["Building"]),
    ("Window", "A pane in a wall, with its frame.", &["Building"]),
    ("Door", "The way into a building.", &["Building"]),
    ("Street furniture", "What stands and hangs along roads.", &[]),
    ("Fence", "A row of posts with rails; the upper rail is traced.", &["Street furniture"]),
    ("Street lamp", "A lamp on a pole that lights a road.", &["Street furniture"]),
    ("Power line", "A wire on poles, traced along its sag.", &["Street furniture"]),
    ("Road", "A way for vehicles or people.", &[]),
    ("Road marking", "A painted line on a road, traced along its middle.", &["Road"]),
    ("Landscape", "The shape of the land and the sky above it.", &[]),
    ("Hill", "Raised ground with a gentle slope; also a dune.", &["Landscape"]),
    ("Mountain", "High ground with steep flanks.", &["Landscape"]),
    ("Horizon", "The line between sky and water or land.", &["Landscape"]),
    ("Cloud", "Visible drops of water in the sky.", &["Landscape"]),
    ("Celestial body", "Anything natural beyond the sky.", &[]),
    ("Sun", "The star that the Earth goes around.", &["Celestial body", "Star"]),
    ("Moon", "What goes around a planet.", &["Celestial body"]),
    ("Star", "A sun far away, as a point.", &["Celestial body"]),
    ("Planet", "A body that goes around a star, with its rings.", &["Celestial body"]),
    ("Orbit", "The way of a planet around its star, traced.", &["Celestial body"]),
    ("Furniture", "What makes rooms fit to live in.", &[]),
    ("Table", "A flat top to put things on.", &["Furniture"]),
    ("Vessel", "What holds things or liquids.", &[]),
    ("Bowl", "A round open dish.", &["Vessel"]),
    ("Vase", "A tall vessel for flowers.", &["Vessel"]),
    ("Chart", "A drawing that shows numbers.", &[]),
    ("Bar chart", "A chart with a bar for every number.", &["Chart"]),
    ("Bar", "One bar of a bar chart.", &["Bar chart"]),
    ("Pie chart", "A chart that divides a circle by shares.", &["Chart"]),
    ("Slice", "One share of a pie chart.", &["Pie chart"]),
    ("Shape", "A figure of plane geometry.", &[]),
    ("Curve", "A line, smooth or not, traced; also the line of a chart.", &["Shape"]),
    ("Circle", "All points at the same distance from a centre.", &["Shape"]),
    ("Triangle", "A figure with three corners.", &["Shape"]),
    ("Square", "A figure with four equal sides and right angles.", &["Shape"]),
];

/// The objects in an order in which every parent comes before its children.
pub(super) fn in_order() -> Vec<&'static Entry> {
    let mut ordered: Vec<&Entry> = Vec::with_capacity(OBJECTS.len());
    while ordered.len() < OBJECTS.len() {
        let known = |name: &str| ordered.iter().any(|entry| entry.0 == name);
        let next = OBJECTS.iter().find(|entry| !known(entry.0) && entry.2.iter().all(|parent| known(parent)));
        match next {
            Some(entry) => ordered.push(entry),
            // Only a circle or an unknown parent gets here, which the tests rule out.
            None => break,
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::object::check_object;

    #[test]
    fn the_graph_is_sound() {
        assert_eq!(in_order().len(), OBJECTS.len(), "a circle or an unknown parent");
        assert!(OBJECTS.iter().filter(|entry| entry.2.len() > 1).count() >= 3, "several have two parents");
        for (name, description, _) in OBJECTS {
            assert_eq!(check_object(name, description), []);
        }
    }
}
