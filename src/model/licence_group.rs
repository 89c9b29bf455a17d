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

/// How the ids of licences begin that ask for the same terms for what is made of a work.
const SHARE_ALIKE: [&str; 7] = ["AGPL-", "GFDL-", "GPL-", "LAL-", "LGPL-", "MPL-", "ODbL-"];
/// Free licences that leave the terms of what is made of a work to whoever makes it.
const PERMISSIVE: [&str; 8] = ["Apache-", "BSD-", "ISC", "MIT", "ODC-By-", "OGL-", "X-informal-attribution", "Zlib"];
/// What says that nothing is allowed.
const RESERVED: &str = "X-all-rights-reserved";

/// What a licence asks for and allows, as far as that is known: no answer means that nobody has said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Conditions {
    /// Whether the author, or a notice, has to be named.
    pub attribution: Option<bool>,
    /// Whether what is made of a work has to come under the same terms.
    pub share_alike: Option<bool>,
    /// Whether a work may be changed.
    pub derivatives: Option<bool>,
    /// Whether a work may be used for money.
    pub commercial: Option<bool>,
}

impl Conditions {
    /// Those of a licence.
    pub fn of(licence: &Licence) -> Self {
        let id = licence.id.as_str();
        if id == RESERVED {
            return Self { attribution: None, share_alike: None, derivatives: Some(false), commercial: Some(false) };
        }
        if LicenceGroup::NoAttribution.holds(licence) {
            let (no, yes) = (Some(false), Some(true));
            return Self { attribution: no, share_alike: no, derivatives: yes, commercial: yes };
        }
        // The names of Creative Commons tell.
        if let Some(elements) = id.strip_prefix("CC-BY-") {
            let has = |element: &str| elements.split('-').any(|part| part == element);
            return Self {
                attribution: Some(true),
                share_alike: Some(has("SA")),
                derivatives: Some(!has("ND")),
                commercial: Some(LicenceGroup::Commercial.holds(licence)),
            };
        }
        let begins = |names: &[&str]| names.iter().any(|name| id.starts_with(name));
        let share_alike = match (begins(&SHARE_ALIKE), begins(&PERMISSIVE)) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        // A free licence that asks for a notice at least; of others nothing is known.
        let is_known = share_alike.is_some();
        let allowed = licence.free.then_some(true);
        Self { attribution: is_known.then_some(true), share_alike, derivatives: allowed, commercial: allowed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn licence(id: &str, free: bool) -> Licence {
        Licence {
            id: id.to_owned(),
            title: String::new(),
            description: String::new(),
            info_url: None,
            legalese_url: None,
            free,
            pinned: false,
            logo_url: None,
        }
    }

    #[test]
    fn conditions_are_those_of_the_terms() {
        let of = |id: &str, free| {
            let Conditions { attribution, share_alike, derivatives, commercial } = Conditions::of(&licence(id, free));
            [attribution, share_alike, derivatives, commercial]
        };
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(of("CC0-1.0", true), [no, no, yes, yes]);
        assert_eq!(of("CC-BY-4.0", true), [yes, no, yes, yes]);
        assert_eq!(of("CC-BY-SA-3.0", true), [yes, yes, yes, yes]);
        assert_eq!(of("CC-BY-NC-ND-4.0", false), [yes, no, no, no]);
        assert_eq!(of("CC-BY-ND-4.0", false), [yes, no, no, yes]);
        assert_eq!(of("GFDL-1.3-or-later", true), [yes, yes, yes, yes]);
        assert_eq!(of("MIT", true), [yes, no, yes, yes]);
        assert_eq!(of("X-mine", true), [None, None, yes, yes]);
        assert_eq!(of("X-mine", false), [None; 4]);
        assert_eq!(of("X-all-rights-reserved", false), [None, None, no, no]);
    }

    #[test]
    fn licences_belong_where_their_terms_say() {
        let groups = |id: &str, free| {
            let licence = licence(id, free);
            LicenceGroup::ALL.map(|group| group.holds(&licence))
        };
        assert_eq!(groups("CC0-1.0", true), [true, true, true]);
        assert_eq!(groups("CC-BY-4.0", true), [true, false, true]);
        assert_eq!(groups("CC-BY-ND-4.0", false), [false, false, true]);
        assert_eq!(groups("CC-BY-NC-SA-4.0", false), [false, false, false]);
        assert_eq!(groups("X-all-rights-reserved", false), [false, false, false]);
    }
}
