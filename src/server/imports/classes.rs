//! Which object each class of an input is.

use super::reading::{Classes, Survey};
use crate::model::import::{ClassMatch, ClassReport, ImportRequest};
use crate::model::object::check_object;
use crate::model::text::fold;
use crate::model::{AppError, FieldError};
use crate::server::store::{Db, StoreError, objects};
use std::collections::{HashMap, HashSet};

/// So many unknown objects are named in an error.
const MOST_NAMED: usize = 100;

/// Looks classes up: what was said of them counts first, then an object of the same name or that had it, then one whose name differs
/// only in case and in what separates its words.
pub async fn look_up(db: &Db, survey: &Survey, request: &ImportRequest) -> Result<Vec<ClassReport>, AppError> {
    let all = objects::names(db).await?;
    let names: HashSet<&str> = all.iter().map(String::as_str).collect();
    let mut alike: HashMap<String, &str> = HashMap::with_capacity(all.len());
    // What has neither letters nor digits is like nothing.
    for object in all.iter().filter(|object| !plain(object).is_empty()) {
        alike.entry(plain(object)).or_insert(object);
    }
    let wanted = survey.classes.keys().map(String::as_str);
    let chosen = request.classes.values().flatten().map(String::as_str);
    // No object's name has this in it, and PostgreSQL does not take it.
    let asked = wanted.chain(chosen).filter(|name| !name.contains('\0'));
    let known = objects::ids_by_name(&mut &*db, asked).await?;
    let mut classes = Vec::with_capacity(survey.classes.len());
    let mut unknown = Vec::new();
    for (name, (regions, _)) in &survey.classes {
        let is_usable = || check_object(name, "").is_empty();
        let (object, matched) = match request.classes.get(name) {
            Some(None) => (None, ClassMatch::Chosen),
            Some(Some(object)) => {
                if !known.contains_key(object) && !request.create_objects && unknown.len() < MOST_NAMED {
                    let message = format!("names `{object}` for `{name}`, which is not a registered object");
                    unknown.push(FieldError::new("classes", message));
                }
                (Some(object.clone()), ClassMatch::Chosen)
            }
            None if names.contains(name.as_str()) => (Some(name.clone()), ClassMatch::Name),
            None if known.contains_key(name) => (Some(now_called(db, name).await?), ClassMatch::Name),
            None => match alike.get(&plain(name)) {
                Some(object) => (Some((*object).to_owned()), ClassMatch::Alike),
                None if request.create_objects && is_usable() => {
                    // The next one that is called nearly so is the same.
                    alike.insert(plain(name), name);
                    (Some(name.clone()), ClassMatch::New)
                }
                None => (None, ClassMatch::None),
            },
        };
        classes.push(ClassReport { name: name.clone(), regions: *regions, object, matched });
    }
    if unknown.is_empty() { Ok(classes) } else { Err(AppError::fields(unknown)) }
}

/// The name that an object has by now which once had this one.
async fn now_called(db: &Db, name: &str) -> Result<String, StoreError> {
    Ok(objects::name_and_author(db, name).await?.0)
}

/// A name without what people write differently.
fn plain(name: &str) -> String {
    fold(name).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// What regions of each class show.
pub fn mapping(classes: &[ClassReport]) -> Classes {
    classes.iter().map(|class| (class.name.clone(), class.object.clone())).collect()
}

/// How many regions are of classes that are objects, and of pictures that are found.
pub fn kept(survey: &Survey, classes: &[ClassReport]) -> u64 {
    // Both are in the order of the names.
    let all = survey.classes.values().zip(classes);
    all.filter(|(_, class)| class.object.is_some()).map(|((_, found), _)| found).sum()
}

/// The objects that are shown.
pub fn objects(classes: &[ClassReport]) -> Vec<String> {
    let mut objects: Vec<String> = classes.iter().filter_map(|class| class.object.clone()).collect();
    objects.sort_unstable();
    objects.dedup();
    objects
}
