//! How a person wants to see the picture and its regions. Nothing of it touches the data.

use serde::{Deserialize, Serialize};

/// What the view panel sets. Percentages are whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// Brightness of the picture in percent; 100 leaves it alone.
    pub brightness: u16,
    /// Contrast of the picture in percent; 100 leaves it alone.
    pub contrast: u16,
    /// Gamma in percent: more than 100 brings out what is dark, less what is bright.
    pub gamma: u16,
    /// How strongly edges are enhanced, in percent.
    pub edges: u16,
    /// How opaque the insides of regions are, in percent.
    pub fill: u16,
    /// Whether regions are drawn without their insides.
    pub outlines_only: bool,
    /// Whether all regions show their names, and not only the selected ones.
    pub names: bool,
    /// Whether objects differ by dashes and hatching as well as by colour.
    pub patterns: bool,
    /// Whether lines to aim by cross at the pointer while drawing.
    pub crosshair: bool,
    /// Whether rulers lie along the edges.
    pub rulers: bool,
    /// Whether a map of the whole picture shows up when only a part of it is in view.
    pub minimap: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            brightness: 100,
            contrast: 100,
            gamma: 100,
            edges: 0,
            fill: 10,
            outlines_only: false,
            names: false,
            patterns: false,
            crosshair: true,
            rulers: false,
            minimap: true,
        }
    }
}

/// What is either there or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Regions without their insides.
    OutlinesOnly,
    /// Names at all regions.
    Names,
    /// Dashes and hatching.
    Patterns,
    /// Lines to aim by.
    Crosshair,
    /// Rulers along the edges.
    Rulers,
    /// A map of the whole picture.
    Minimap,
}

impl Switch {
    /// Every switch, in the order of the panel.
    pub const ALL: [Switch; 6] =
        [Self::OutlinesOnly, Self::Names, Self::Patterns, Self::Crosshair, Self::Rulers, Self::Minimap];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OutlinesOnly => "Outlines only",
            Self::Names => "Names",
            Self::Patterns => "Patterns",
            Self::Crosshair => "Crosshair",
            Self::Rulers => "Rulers",
            Self::Minimap => "Minimap",
        }
    }
}

impl Look {
    /// Between which numbers brightness and contrast are.
    pub const STRETCH: (u16, u16) = (10, 300);
    /// Between which numbers gamma is.
    pub const GAMMA: (u16, u16) = (20, 400);

    /// Whether something is there.
    pub fn has(&self, switch: Switch) -> bool {
        match switch {
            Switch::OutlinesOnly => self.outlines_only,
            Switch::Names => self.names,
            Switch::Patterns => self.patterns,
            Switch::Crosshair => self.crosshair,
            Switch::Rulers => self.rulers,
            Switch::Minimap => self.minimap,
        }
    }

    /// Puts something there, or takes it away. Returns whether it is there now.
    pub fn turn(&mut self, switch: Switch) -> bool {
        let part = match switch {
            Switch::OutlinesOnly => &mut self.outlines_only,
            Switch::Names => &mut self.names,
            Switch::Patterns => &mut self.patterns,
            Switch::Crosshair => &mut self.crosshair,
            Switch::Rulers => &mut self.rulers,
            Switch::Minimap => &mut self.minimap,
        };
        *part = !*part;
        *part
    }

    /// The same with every number where its slider can be.
    pub fn within_bounds(self) -> Self {
        Self {
            brightness: self.brightness.clamp(Self::STRETCH.0, Self::STRETCH.1),
            contrast: self.contrast.clamp(Self::STRETCH.0, Self::STRETCH.1),
            gamma: self.gamma.clamp(Self::GAMMA.0, Self::GAMMA.1),
            edges: self.edges.min(100),
            fill: self.fill.min(100),
            ..self
        }
    }

    /// Whether the picture is shown as it is.
    pub fn shows_picture_as_it_is(&self) -> bool {
        (self.brightness, self.contrast, self.gamma, self.edges) == (100, 100, 100, 0)
    }

    /// The same, but with the picture as it is.
    pub fn with_picture_as_it_is(self) -> Self {
        Self { brightness: 100, contrast: 100, gamma: 100, edges: 0, ..self }
    }

    /// How opaque the insides of resting regions are: from 0 to 1.
    pub fn opacity(&self) -> f64 {
        if self.outlines_only { 0.0 } else { f64::from(self.fill) / 100.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_version_wrote_is_read() {
        let look: Look = serde_json::from_str(r#"{"fill": 900, "gamma": 0, "gone": true}"#).unwrap();
        assert_eq!(look.within_bounds(), Look { fill: 100, gamma: 20, ..Look::default() });
    }

    #[test]
    fn resetting_the_picture_leaves_the_regions_alone() {
        let look = Look { gamma: 150, edges: 40, names: true, fill: 30, ..Look::default() };
        assert!(!look.shows_picture_as_it_is());
        assert_eq!(look.with_picture_as_it_is(), Look { names: true, fill: 30, ..Look::default() });
        assert!(look.with_picture_as_it_is().shows_picture_as_it_is());
    }

    #[test]
    fn every_switch_turns_one_thing() {
        for switch in Switch::ALL {
            let mut look = Look::default();
            let before = Switch::ALL.map(|switch| look.has(switch));
            assert_eq!(look.turn(switch), !Look::default().has(switch));
            let other = Switch::ALL.iter().zip(before).filter(|(switch, before)| look.has(**switch) != *before);
            assert_eq!(other.map(|(switch, _)| *switch).collect::<Vec<_>>(), [switch]);
            look.turn(switch);
            assert_eq!(look, Look::default());
        }
    }

    #[test]
    fn outlines_have_no_inside() {
        assert_eq!(Look { fill: 40, ..Look::default() }.opacity(), 0.4);
        assert_eq!(Look { fill: 40, outlines_only: true, ..Look::default() }.opacity(), 0.0);
    }
}
