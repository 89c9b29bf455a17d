//! Whether pictures may be used for what somebody has in mind.

use crate::model::licence_group::Conditions;

/// So many pictures are named; the counts are exact beyond that.
pub(super) const MAX_LISTED: usize = 1000;

/// What somebody has in mind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// To use pictures for money.
    pub commercial: bool,
    /// To change pictures.
    pub derivatives: bool,
    /// To name nobody.
    pub without_attribution: bool,
    /// To give what is made of pictures other terms.
    pub own_terms: bool,
}

/// Whether that is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// No licence allows it.
    Excluded,
    /// A licence may allow it, of which too little is known.
    Unknown,
    /// At least one licence allows it.
    Allowed,
}

impl Use {
    /// Whether a licence allows it.
    pub fn under(self, conditions: Conditions) -> Verdict {
        let not = |answer: Option<bool>| answer.map(|answer| !answer);
        let asked = [
            (self.commercial, conditions.commercial),
            (self.derivatives, conditions.derivatives),
            (self.without_attribution, not(conditions.attribution)),
            (self.own_terms, not(conditions.share_alike)),
        ];
        let answers = asked.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, answer)| match answer {
            Some(true) => Verdict::Allowed,
            Some(false) => Verdict::Excluded,
            None => Verdict::Unknown,
        });
        answers.min().unwrap_or(Verdict::Allowed)
    }

    /// Whether any of a picture's licences allows it. Without a licence nothing is allowed.
    pub fn under_any(self, licences: impl IntoIterator<Item = Conditions>) -> Verdict {
        licences.into_iter().map(|conditions| self.under(conditions)).max().unwrap_or(Verdict::Excluded)
    }
}

/// A picture that does not fit a use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// Its path.
    pub path: String,
    /// Why: it is excluded, or nobody knows.
    pub verdict: Verdict,
}

/// Which of many pictures do not fit a use.
#[derive(Clone, Debug)]
pub struct UseCheck {
    wanted: Use,
    excluded: u64,
    unknown: u64,
    listed: Vec<Exclusion>,
}

impl UseCheck {
    /// Checks for a use.
    pub fn new(wanted: Use) -> Self {
        Self { wanted, excluded: 0, unknown: 0, listed: Vec::new() }
    }

    /// Takes a picture, with what is known of its licences.
    pub fn add(&mut self, path: &str, licences: impl IntoIterator<Item = Conditions>) {
        let verdict = self.wanted.under_any(licences);
        match verdict {
            Verdict::Allowed => return,
            Verdict::Excluded => self.excluded += 1,
            Verdict::Unknown => self.unknown += 1,
        }
        if self.listed.len() < MAX_LISTED {
            self.listed.push(Exclusion { path: path.to_owned(), verdict });
        }
    }

    /// How many pictures exclude the use.
    pub fn excluded(&self) -> u64 {
        self.excluded
    }

    /// Of how many pictures nobody knows.
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// The first pictures of both sorts.
    pub fn listed(&self) -> &[Exclusion] {
        &self.listed
    }
}
