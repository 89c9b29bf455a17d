//! Projects: a version of a dataset that people annotate together, each with a queue of pictures.

use super::dataset::words;
use super::error::{AppError, FieldError};
use super::limits::{MAX_DESCRIPTION, MAX_OBJECT_NAME, MAX_TITLE, check_text};
use super::mark::MAX_COMMENT;
use super::object::check_object_name;
use super::picture::tidy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A project names so many objects at most.
pub const MAX_PROJECT_OBJECTS: usize = 1_000;
/// A project has so many members at most.
pub const MAX_PROJECT_MEMBERS: usize = 500;
/// A project has so many pictures at most.
pub const MAX_PROJECT_PICTURES: usize = 1_000_000;
/// Nobody takes more pictures than these into their queue at once.
pub const MAX_TAKEN: i64 = 1_000;

/// What stands for nobody where a user is named; nobody is called so.
pub const NOBODY: &str = "-";

/// How far the work on a picture of a project is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkState {
    /// It is to be annotated.
    #[default]
    ToDo,
    /// Its annotator has done everything.
    Done,
    /// Its annotator asks somebody else to look.
    NeedsReview,
    /// A reviewer has found it good.
    Accepted,
}

words!(WorkState, "state", [ToDo = "to_do", Done = "done", NeedsReview = "needs_review", Accepted = "accepted"]);

impl WorkState {
    /// The states in which a picture waits for a reviewer.
    pub const REVIEWABLE: [Self; 2] = [Self::NeedsReview, Self::Done];

    /// The words for a person.
    pub fn label(self) -> &'static str {
        match self {
            Self::ToDo => "To do",
            Self::Done => "Done",
            Self::NeedsReview => "Needs review",
            Self::Accepted => "Accepted",
        }
    }

    /// Whether somebody may bring a picture from this state to another one, or say something about it as it is. Annotators do so with
    /// pictures in their own queue, and what a reviewer has accepted is no more theirs; reviewers decide about all.
    pub fn may_become(self, state: Self, reviews: bool) -> bool {
        reviews || ![state, self].contains(&Self::Accepted)
    }

    /// The other states to which somebody may bring a picture.
    pub fn next(self, reviews: bool) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|state| *state != self && self.may_become(*state, reviews)).collect()
    }
}

/// What a member of a project does; each may also do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProjectRole {
    /// Annotates the pictures of a queue.
    Annotator,
    /// Accepts what others have done, or sends it back.
    Reviewer,
}

words!(ProjectRole, "role", [Annotator = "annotator", Reviewer = "reviewer"]);

impl ProjectRole {
    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Annotator => "Annotator",
            Self::Reviewer => "Reviewer",
        }
    }

    /// What its members do.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Annotator => "annotates the pictures of their queue",
            Self::Reviewer => "accepts what others have done, or sends it back",
        }
    }
}

/// How many pictures of a project are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkCounts {
    /// To be annotated.
    pub to_do: i64,
    /// Done.
    pub done: i64,
    /// Waiting for somebody to look.
    pub needs_review: i64,
    /// Accepted.
    pub accepted: i64,
}

impl WorkCounts {
    /// Those in one state.
    pub fn of(&self, state: WorkState) -> i64 {
        match state {
            WorkState::ToDo => self.to_do,
            WorkState::Done => self.done,
            WorkState::NeedsReview => self.needs_review,
            WorkState::Accepted => self.accepted,
        }
    }

    /// Adds to those in one state.
    pub fn add(&mut self, state: WorkState, count: i64) {
        let counter = match state {
            WorkState::ToDo => &mut self.to_do,
            WorkState::Done => &mut self.done,
            WorkState::NeedsReview => &mut self.needs_review,
            WorkState::Accepted => &mut self.accepted,
        };
        *counter += count;
    }

    /// All of them.
    pub fn total(&self) -> i64 {
        WorkState::ALL.iter().map(|state| self.of(*state)).sum()
    }
}

/// A version of a dataset that people annotate together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Numeric identity.
    pub id: i64,
    /// Its name, which no other project of the dataset has.
    pub name: String,
    /// Description in Markdown, possibly empty.
    pub description: String,
    /// What annotators are to do, in Markdown, possibly empty.
    pub instructions: String,
    /// Number of the dataset.
    pub dataset: i64,
    /// The dataset as queries and addresses name it: `namespace/name`.
    pub dataset_name: String,
    /// The tag by which the version was named; null where it was not.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The version.
    pub commit: String,
    /// Names of the objects that are to be annotated; empty where everything is.
    pub objects: Vec<String>,
    /// So many pictures of the version are there no more.
    pub missing: i64,
    /// Its pictures.
    pub pictures: WorkCounts,
    /// So many that are to be done are in nobody's queue.
    pub unassigned: i64,
    /// Who has started it.
    pub author: String,
    /// When, in Unix seconds.
    pub created: i64,
    /// What the viewer does in it; null for those who are no members.
    pub role: Option<ProjectRole>,
    /// Whether the viewer manages it, as maintainers of the dataset do.
    pub manages: bool,
}

impl Project {
    /// Whether the viewer reviews.
    pub fn reviews(&self) -> bool {
        self.manages || self.role == Some(ProjectRole::Reviewer)
    }
}

/// A project as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectDetail {
    /// The project.
    pub project: Project,
    /// Its description as HTML that may stand in a page.
    pub description_html: String,
    /// Its instructions as HTML that may stand in a page.
    pub instructions_html: String,
    /// The pictures in the viewer's own queue.
    pub own: WorkCounts,
    /// So many of them were sent back to be done again.
    pub sent_back: i64,
    /// The first of them that is to be done.
    pub first: Option<i64>,
    /// For reviewers, the first picture that waits for one.
    pub to_review: Option<i64>,
}

/// The number of a dataset, or `namespace/name`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DatasetReference {
    /// Its number.
    Number(i64),
    /// Its name.
    Name(String),
}

impl std::fmt::Display for DatasetReference {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(out, "{number}"),
            Self::Name(name) => out.write_str(name),
        }
    }
}

/// A project to be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewProject {
    /// Its name.
    pub name: String,
    /// The dataset.
    pub dataset: DatasetReference,
    /// Which version: a tag or a commit; without one the newest state.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Description in Markdown.
    #[serde(default)]
    pub description: String,
    /// What annotators are to do, in Markdown.
    #[serde(default)]
    pub instructions: String,
    /// Names of the objects that are to be annotated; empty: everything.
    #[serde(default)]
    pub objects: Vec<String>,
    /// Whether those of them that there are not yet are registered.
    #[serde(default)]
    pub register_objects: bool,
    /// Usernames of those who annotate; the pictures are shared out among them.
    #[serde(default)]
    pub annotators: Vec<String>,
    /// Usernames of those who review.
    #[serde(default)]
    pub reviewers: Vec<String>,
}

/// New settings of a project. What is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectChange {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Description in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What annotators are to do, in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Names of the objects that are to be annotated; empty: everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<Vec<String>>,
    /// Whether those of them that there are not yet are registered.
    #[serde(default)]
    pub register_objects: bool,
}

/// Texts in order, without what is empty or there already.
fn tidied(texts: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    *texts = std::mem::take(texts)
        .into_iter()
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty() && seen.insert(text.clone()))
        .collect();
}

impl ProjectChange {
    /// Brings texts and names into the form that is stored, and says what is wrong with them.
    pub fn check(&mut self) -> Vec<FieldError> {
        if let Some(name) = &mut self.name {
            *name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        for text in [&mut self.description, &mut self.instructions].into_iter().flatten() {
            *text = tidy(text);
        }
        if let Some(objects) = &mut self.objects {
            tidied(objects);
        }
        let mut errors = Vec::new();
        if let Some(name) = &self.name {
            match name.is_empty() {
                true => errors.push(FieldError::new("name", "must not be empty")),
                false => errors.extend(check_text("name", name, MAX_TITLE)),
            }
        }
        let texts = [("description", &self.description), ("instructions", &self.instructions)];
        for (field, text) in texts {
            errors.extend(text.as_deref().and_then(|text| check_text(field, text, MAX_DESCRIPTION)));
        }
        if let Some(objects) = &self.objects {
            if objects.len() > MAX_PROJECT_OBJECTS {
                errors.push(FieldError::new("objects", format!("must be at most {MAX_PROJECT_OBJECTS}")));
            }
            let check = |name: &String| match self.register_objects {
                true => check_object_name("objects", name),
                false => check_text("objects", name, MAX_OBJECT_NAME),
            };
            errors.extend(objects.iter().find_map(check));
        }
        errors
    }
}

impl NewProject {
    /// Brings texts and names into the form that is stored, and says what is wrong with them.
    pub fn check(&mut self) -> Vec<FieldError> {
        let mut settings = ProjectChange {
            name: Some(std::mem::take(&mut self.name)),
            description: Some(std::mem::take(&mut self.description)),
            instructions: Some(std::mem::take(&mut self.instructions)),
            objects: Some(std::mem::take(&mut self.objects)),
            register_objects: self.register_objects,
        };
        let mut errors = settings.check();
        self.name = settings.name.unwrap_or_default();
        self.description = settings.description.unwrap_or_default();
        self.instructions = settings.instructions.unwrap_or_default();
        self.objects = settings.objects.unwrap_or_default();
        let mut members = 0;
        for (field, names) in [("annotators", &mut self.annotators), ("reviewers", &mut self.reviewers)] {
            tidied(names);
            members += names.len();
            if members > MAX_PROJECT_MEMBERS {
                errors.push(FieldError::new(field, format!("must be at most {MAX_PROJECT_MEMBERS} members")));
            }
        }
        if let Some(both) = self.annotators.iter().find(|name| self.reviewers.contains(name)) {
            errors.push(FieldError::new("reviewers", format!("names {both}, who is an annotator, too")));
        }
        errors
    }
}

/// Which projects a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectFilter {
    /// Part of the name.
    pub search: Option<String>,
    /// Number of the dataset.
    pub dataset: Option<i64>,
    /// Whether only those are wanted that the viewer is a member of.
    pub mine: bool,
}

/// Somebody with a role in a project, and what they have done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectMember {
    /// Username.
    pub username: String,
    /// What they do; null for those who are no members any more, or change things as a manager.
    pub role: Option<ProjectRole>,
    /// Whether their role in the dataset still lets them annotate.
    pub may_annotate: bool,
    /// Whether they maintain the dataset, by a role in it or in its namespace, and so manage the project and review in it.
    pub manages: bool,
    /// The pictures of their queue.
    pub pictures: WorkCounts,
    /// So many pictures they have said to be done, or asked others to look at.
    pub finished: i64,
    /// So many pictures they have accepted or sent back.
    pub reviewed: i64,
    /// So many regions they have drawn on the project's pictures since it was started.
    pub regions: i64,
    /// When they last changed a picture's state, in Unix seconds.
    pub last: Option<i64>,
}

/// A role in a project to be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectMembership {
    /// Username.
    pub username: String,
    /// What they are to do.
    pub role: ProjectRole,
}

/// Where the work on a picture stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// How far it is.
    pub state: WorkState,
    /// Whether it is to be done because somebody else than its annotator has said so after it had been done. Such pictures come first.
    pub sent_back: bool,
    /// In whose queue it is; null where in nobody's.
    pub annotator: Option<String>,
    /// What was said with the last change, possibly empty.
    pub comment: String,
    /// Who has changed the state last; null before the first change.
    pub author: Option<String>,
    /// When, in Unix seconds.
    pub timestamp: Option<i64>,
}

/// A picture of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectPicture {
    /// Its number.
    pub id: i64,
    /// Its title, possibly empty.
    pub title: String,
    /// Its width in pixels, as a person sees it.
    pub width: i64,
    /// Its height in pixels.
    pub height: i64,
    /// The path of a small version.
    pub thumbnail: String,
    /// How many regions it has.
    pub regions: i64,
    /// Where the work on it stands.
    pub work: Work,
}

/// What the editor needs to know of a picture's place in a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureWork {
    /// Number of the project.
    pub project: i64,
    /// Its name.
    pub name: String,
    /// Where the work stands.
    pub work: Work,
    /// The states to which the viewer may bring it.
    pub next: Vec<WorkState>,
    /// Whether the viewer reviews.
    pub reviews: bool,
    /// Earlier changes of the state, at most [`STEPS`], the newest first.
    pub steps: Vec<WorkStep>,
    /// The instructions as HTML that may stand in a page.
    pub instructions_html: String,
}

/// So many changes of a picture's state are told.
pub const STEPS: u64 = 50;

/// A change of a picture's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkStep {
    /// Before.
    pub from: WorkState,
    /// After.
    pub to: WorkState,
    /// What was said with it, possibly empty.
    pub comment: String,
    /// Who did it.
    pub author: String,
    /// When, in Unix seconds.
    pub timestamp: i64,
}

/// A change of a picture's state to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewWorkState {
    /// The new state.
    pub state: WorkState,
    /// What there is to say of it.
    #[serde(default)]
    pub comment: String,
    /// The state that whoever asks believes it to have: where it has another one by now, nothing changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<WorkState>,
}

impl NewWorkState {
    /// Brings the comment into the form that is stored, and says what is wrong with it, if anything is.
    pub fn check(&mut self) -> Option<FieldError> {
        self.comment = tidy(&self.comment);
        check_text("comment", &self.comment, MAX_COMMENT)
    }
}

/// Which pictures of a project are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkFilter {
    /// Those in one of these states; empty: in any.
    pub states: Vec<WorkState>,
    /// Those in the queue of this user; [`NOBODY`]: in nobody's; absent or empty: whosever they are.
    pub annotator: Option<String>,
}

impl WorkFilter {
    /// Those that somebody is to annotate.
    pub fn queue_of(username: &str) -> Self {
        Self { states: vec![WorkState::ToDo], annotator: Some(username.to_owned()) }
    }

    /// Those that wait for a reviewer.
    pub fn to_review() -> Self {
        Self { states: WorkState::REVIEWABLE.to_vec(), annotator: None }
    }

    /// Reads the states as addresses name them: separated by commas.
    pub fn read_states(text: &str) -> Result<Vec<WorkState>, AppError> {
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::parse).collect()
    }

    /// The states as addresses name them.
    pub fn states_text(&self) -> String {
        self.states.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(",")
    }
}

/// Pictures that are to be put into a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Numbers of the pictures.
    pub pictures: Vec<i64>,
    /// Whose queue; null: nobody's.
    pub annotator: Option<String>,
}

/// How many pictures had which state at the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCounts {
    /// The beginning of the day (UTC), in Unix seconds.
    pub day: i64,
    /// The pictures.
    pub pictures: WorkCounts,
}

/// How a project goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Every day since the start on which something has changed, and the first, in order.
    pub days: Vec<DayCounts>,
    /// Who does and did how much: members by name, then others who had a part in it.
    pub members: Vec<ProjectMember>,
}

/// How many of `pool` pictures go to each of several people who have `loads` to do already, so that in the end all have as much
/// to do as possible: those with little get more. Whoever is named first gets what does not divide.
pub fn shares(loads: &[i64], pool: usize) -> Vec<usize> {
    let mut shares = vec![0_usize; loads.len()];
    let mut by_load: Vec<usize> = (0..loads.len()).collect();
    by_load.sort_by_key(|person| (loads[*person], *person));
    let mut left = pool as i64;
    // The most that everybody among the first can be brought to without taking from anybody.
    let level = |people: &[usize], left: i64| {
        let have: i64 = people.iter().map(|person| loads[*person]).sum();
        (have + left).div_euclid(people.len() as i64)
    };
    let mut people = by_load.len();
    while people > 1 && loads[by_load[people - 1]] > level(&by_load[..people], left) {
        people -= 1;
    }
    if people == 0 {
        return shares;
    }
    let level = level(&by_load[..people], left);
    for person in &by_load[..people] {
        let share = (level - loads[*person]).clamp(0, left);
        shares[*person] = share as usize;
        left -= share;
    }
    for person in by_load[..people].iter().cycle().take(left.max(0) as usize) {
        shares[*person] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn annotators_do_not_touch_what_is_accepted() {
        use WorkState::{Accepted, Done, NeedsReview, ToDo};
        assert_eq!(ToDo.next(false), [Done, NeedsReview]);
        assert_eq!(Done.next(false), [ToDo, NeedsReview]);
        assert_eq!(Accepted.next(false), []);
        assert_eq!(Accepted.next(true), [ToDo, Done, NeedsReview]);
        assert_eq!(NeedsReview.next(true), [ToDo, Done, Accepted]);
    }

    #[test]
    fn words_lead_back() {
        for state in WorkState::ALL {
            assert_eq!(state.as_str().parse::<WorkState>().unwrap(), *state);
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        for role in ProjectRole::ALL {
            assert_eq!(role.as_str().parse::<ProjectRole>().unwrap(), *role);
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        let filter = WorkFilter::to_review();
        assert_eq!(WorkFilter::read_states(&filter.states_text()).unwrap(), filter.states);
        assert_eq!(WorkFilter::read_states("").unwrap(), []);
        assert!(WorkFilter::read_states("done,well").is_err());
    }

    #[test]
    fn nobody_is_no_user() {
        assert!(crate::model::user::check_username(NOBODY).is_some());
    }

    #[test]
    fn a_project_is_tidied_and_checked() {
        let mut project: NewProject = serde_json::from_str(
            r#"{"name": " Cats \n and  dogs ", "dataset": "ada/pets", "ref": "v1", "objects": ["Cat", " ", "Cat "],
                "annotators": ["bob", "bob"]}"#,
        )
        .unwrap();
        assert_eq!(project.check(), []);
        assert_eq!(project.name, "Cats and dogs");
        assert_eq!(project.objects, ["Cat"]);
        assert_eq!(project.annotators, ["bob"]);
        assert_eq!(project.dataset.to_string(), "ada/pets");
        project.reviewers = vec!["bob".to_owned()];
        project.name = " ".to_owned();
        let fields: Vec<String> = project.check().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["name", "reviewers"]);
    }

    #[test]
    fn those_with_little_to_do_get_more() {
        assert_eq!(shares(&[0, 0, 0], 10), [4, 3, 3]);
        assert_eq!(shares(&[5, 0], 3), [0, 3]);
        assert_eq!(shares(&[5, 0], 9), [2, 7]);
        assert_eq!(shares(&[100, 1, 0], 0), [0, 0, 0]);
        assert_eq!(shares(&[], 5), Vec::<usize>::new());
    }

    proptest! {
        #[test]
        fn everything_is_shared_out_as_evenly_as_can_be(
            loads in prop::collection::vec(0_i64..50, 1..8), pool in 0_usize..300,
        ) {
            let shares = shares(&loads, pool);
            prop_assert_eq!(shares.iter().sum::<usize>(), pool);
            let after: Vec<i64> = loads.iter().zip(&shares).map(|(load, share)| load + *share as i64).collect();
            // Nobody who got something has more than one above anybody else.
            let least = *after.iter().min().unwrap();
            for (after, share) in after.iter().zip(&shares) {
                prop_assert!(*share == 0 || *after <= least + 1, "{:?} {:?}", loads, shares);
            }
        }
    }
}
