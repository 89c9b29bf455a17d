//! Licences that somebody wants together.

use super::Licence;

/// What people need a licence to allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LicenceGroup {
    /// The Four Freedoms: use, study, change and pass on.
    Free,
    /// Use without naming anybody.
    NoAttribution,
    /// Use for money.
    Commercial,
}

/// Licences, and the like, without conditions. Which ask for nothing no field of a licence says.
const UNCONDITIONAL: [&str; 10] = [
    "0BSD",
    "CC-PDM-1.0",
    "CC0-1.0",
    "MIT-0",
    "PDDL-1.0",
    "Unlicense",
    "WTFPL",
    "X-informal-do-anything",
    "X-public-domain",
    "X-public-domain-old",
];

impl LicenceGroup {
    /// All groups, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Free, Self::NoAttribution, Self::Commercial];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::NoAttribution => "No attribution",
            Self::Commercial => "Commercial use",
        }
    }

    /// Whether a licence belongs to it. What is not known of a licence counts as not allowed.
    pub fn holds(self, licence: &Licence) -> bool {
        match self {
            Self::Free => licence.free,
            Self::NoAttribution => UNCONDITIONAL.contains(&licence.id.as_str()),
            // Among those that are not free, the names of Creative Commons tell.
            Self::Commercial => licence.free || (licence.id.starts_with("CC-BY-") && !licence.id.contains("-NC")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_belong_where_their_terms_say() {
        let groups = |id: &str, free| {
            let licence = Licence {
                id: id.to_owned(),
                title: String::new(),
                description: String::new(),
                info_url: None,
                legalese_url: None,
                free,
                pinned: false,
                logo_url: None,
            };
            LicenceGroup::ALL.map(|group| group.holds(&licence))
        };
        assert_eq!(groups("CC0-1.0", true), [true, true, true]);
        assert_eq!(groups("CC-BY-4.0", true), [true, false, true]);
        assert_eq!(groups("CC-BY-ND-4.0", false), [false, false, true]);
        assert_eq!(groups("CC-BY-NC-SA-4.0", false), [false, false, false]);
        assert_eq!(groups("X-all-rights-reserved", false), [false, false, false]);
    }
}
