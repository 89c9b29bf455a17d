//! Names for queries, as the site knows them.

use super::text::{count, spelled_out};
use crate::api::datasets::datasets;
use crate::api::galleries::{galleries, gallery};
use crate::api::objects::objects;
use crate::api::reference::{licences, natures};
use crate::api::users::users;
use crate::model::licence::short_name;
use crate::model::search::Search;
use crate::model::text::fold;
use crate::model::{AppError, Dataset, DatasetFilter, DatasetOrder, Licence};
use crate::query::Vocabulary;
use crate::query::text::complete::Names;
use std::cell::RefCell;
use std::time::Duration;

/// So many names are offered at once.
const OFFERED: usize = 20;
/// The site is asked when nothing was typed for so long.
pub const PAUSE: Duration = Duration::from_millis(120);

/// A name that can stand in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What stands in the query.
    pub value: String,
    /// What people call it.
    pub label: String,
    /// More about it.
    pub detail: String,
}

thread_local! {
    // Short lists that are asked for once.
    static LICENCES: RefCell<Vec<Licence>> = const { RefCell::new(Vec::new()) };
    static NATURES: RefCell<Vec<Offer>> = const { RefCell::new(Vec::new()) };
}

/// Every licence.
pub async fn all_licences() -> Result<Vec<Licence>, AppError> {
    let known = LICENCES.with_borrow(Clone::clone);
    if !known.is_empty() {
        return Ok(known);
    }
    let all = licences().await?;
    LICENCES.with_borrow_mut(|known| known.clone_from(&all));
    Ok(all)
}

/// Every nature.
pub async fn all_natures() -> Result<Vec<Offer>, AppError> {
    let known = NATURES.with_borrow(Clone::clone);
    if !known.is_empty() {
        return Ok(known);
    }
    let all = natures().await?.into_iter();
    let all: Vec<Offer> = all
        .map(|nature| Offer { label: spelled_out(&nature.id), value: nature.id, detail: nature.description })
        .collect();
    NATURES.with_borrow_mut(|known| known.clone_from(&all));
    Ok(all)
}

fn fitting(offers: Vec<Offer>, typed: &str) -> Vec<Offer> {
    if typed.trim().is_empty() {
        return offers;
    }
    let words = |offer: &Offer| fold(&format!("{} {} {}", offer.value, offer.label, offer.detail));
    let names: Vec<String> = offers.iter().map(words).collect();
    Search::new(typed).ranked(&names).into_iter().filter_map(|at| offers.get(at).cloned()).collect()
}

/// The names that fit what was typed, best first, without those that are taken.
pub async fn ask(from: Names, typed: String, taken: Vec<String>) -> Result<Vec<Offer>, AppError> {
    let search = Some(typed.clone()).filter(|typed| !typed.trim().is_empty());
    let most = Some((OFFERED + taken.len().min(OFFERED)) as i64);
    let offers = match from {
        Names::Of(Vocabulary::Objects) => {
            let page = objects(search, false, Some(0), most).await?;
            let offer = |object: crate::model::Object| Offer {
                detail: count(object.pictures, "picture", "pictures"),
                label: object.id.clone(),
                value: object.id,
            };
            page.items.into_iter().map(offer).collect()
        }
        Names::Of(Vocabulary::Natures) => fitting(all_natures().await?, &typed),
        Names::Of(Vocabulary::Licences) => {
            let offer =
                |licence: Licence| Offer { label: short_name(&licence.id), value: licence.id, detail: licence.title };
            fitting(all_licences().await?.into_iter().map(offer).collect(), &typed)
        }
        Names::Of(Vocabulary::Users) => {
            let page = users(search, Some(0), most).await?;
            let offer = |user: crate::model::UserProfile| Offer {
                label: user.id.clone(),
                value: user.id,
                detail: String::new(),
            };
            page.items.into_iter().map(offer).collect()
        }
        Names::Of(Vocabulary::Datasets) => {
            let filter = DatasetFilter { search, ..DatasetFilter::default() };
            let page = datasets(filter, DatasetOrder::Name, Some(0), most).await?;
            let offer = |dataset: Dataset| Offer {
                label: dataset.full_name(),
                value: dataset.full_name(),
                detail: count(dataset.pictures, "picture", "pictures"),
            };
            page.items.into_iter().map(offer).collect()
        }
        Names::Galleries => {
            let page = galleries(None, search, Some(0), most).await?;
            let offer = |gallery: crate::model::GallerySummary| Offer {
                detail: format!("{} by {}", count(gallery.pictures, "picture", "pictures"), gallery.owner),
                label: gallery.title,
                value: gallery.id.to_string(),
            };
            page.items.into_iter().map(offer).collect()
        }
        Names::Pictures => Vec::new(),
    };
    Ok(offers.into_iter().filter(|offer| !taken.contains(&offer.value)).take(OFFERED).collect())
}

/// What people call a value, as far as that is known without asking.
pub fn label_of(from: Names, value: &str) -> String {
    match from {
        Names::Of(Vocabulary::Licences) => short_name(value),
        Names::Of(Vocabulary::Natures) => spelled_out(value),
        Names::Galleries => format!("Gallery {value}"),
        Names::Pictures => format!("Picture {value}"),
        Names::Of(Vocabulary::Objects | Vocabulary::Users | Vocabulary::Datasets) => value.to_owned(),
    }
}

/// What people call a value, where the site has to be asked.
pub async fn asked_label(from: Names, value: &str) -> Option<String> {
    let id = value.parse().ok().filter(|_| from == Names::Galleries)?;
    gallery(id).await.ok().map(|gallery| gallery.title)
}
