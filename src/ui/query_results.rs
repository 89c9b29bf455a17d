//! What the query page has found: how many, the pictures, and the way to the other ones.

use super::pagination::{NeighbourPages, Pagination, Steps};
use super::picture_grid::PictureGrid;
use super::query_address::{QueryAddress, View, beside_offset};
use super::queue_address::QueueAddress;
use super::tabs::{Tab, Tabs};
use super::text::{count, grouped};
use crate::model::{AppError, Beside, Part, PictureCard};
use leptos::prelude::*;

/// What was found, or why nothing was.
pub type Found = Result<Part<PictureCard>, AppError>;

/// The number of all pictures that a query's text finds, once it was counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    /// The text.
    pub query: String,
    /// The number, or why it is not known.
    pub pictures: Result<i64, AppError>,
}

/// The number of all results of a text, as far as it is known: from the part that is shown, or from counting.
fn total_of(part: &Part<PictureCard>, query: &str, counted: Option<&Total>) -> Option<Result<i64, AppError>> {
    let counted = counted.filter(|total| total.query == query).map(|total| total.pictures.clone());
    part.known_total().map(Ok).or(counted)
}

/// The count in words.
pub fn summary(found: &Found, address: &QueryAddress, counted: Option<&Total>) -> String {
    match found {
        Ok(part) => summary_of(part, address.view, total_of(part, &address.query, counted)),
        Err(AppError::InvalidQuery(errors)) => match errors.len() {
            0 => "The query is not finished".to_owned(),
            1 => "The query has an error".to_owned(),
            several => format!("The query has {several} errors"),
        },
        Err(_) => "No answer".to_owned(),
    }
}

fn summary_of(part: &Part<PictureCard>, view: View, total: Option<Result<i64, AppError>>) -> String {
    let last = part.offset.saturating_add(i64::try_from(part.items.len()).unwrap_or_default());
    let shown = || format!("{}–{}", grouped(part.offset.saturating_add(1)), grouped(last));
    match total {
        Some(Ok(0)) => "No picture fits".to_owned(),
        Some(Ok(total)) if view == View::Statistics => count(total, "picture", "pictures"),
        None if view == View::Statistics => "All pictures found, in numbers".to_owned(),
        Some(Err(AppError::TookTooLong(_))) if view == View::Statistics => {
            "Counting all pictures takes too long".to_owned()
        }
        Some(Err(_)) if view == View::Statistics => "The pictures could not be counted".to_owned(),
        Some(Ok(total)) if part.items.is_empty() => {
            format!("{}, none of them here", count(total, "picture", "pictures"))
        }
        // The list has become shorter since this part was where the address says.
        Some(Ok(total)) if total < last => count(total, "picture", "pictures"),
        Some(Ok(total)) if total > part.limit => format!("{} of {}", shown(), count(total, "picture", "pictures")),
        Some(Ok(total)) => count(total, "picture", "pictures"),
        _ if part.items.is_empty() => "No pictures here".to_owned(),
        Some(Err(AppError::TookTooLong(_))) => format!("Pictures {}; counting all of them takes too long", shown()),
        Some(Err(_)) => format!("Pictures {}; all of them could not be counted", shown()),
        None => format!("Pictures {}", shown()),
    }
}

/// Links to what can be shown of the results.
#[component]
pub fn ViewTabs(
    /// What the page shows.
    address: Signal<QueryAddress>,
) -> impl IntoView {
    let tabs = [(View::Pictures, "Pictures"), (View::Statistics, "Statistics")].map(|(view, label)| Tab {
        href: Signal::derive(move || address.with(|address| QueryAddress { view, ..address.beginning() }.href())),
        label: label.to_owned(),
        current: Signal::derive(move || address.with(|address| address.view == view)),
    });
    view! { <Tabs label="Views" tabs=tabs.to_vec() stays=true /> }
}

/// What was found, or what was found last where the present text cannot be run.
#[component]
pub fn Results(
    /// What was found.
    found: Found,
    /// Where the page is.
    address: QueryAddress,
    /// What was found last.
    last: StoredValue<Option<(QueryAddress, Part<PictureCard>)>>,
    /// The number of all, once it was counted.
    counted: RwSignal<Option<Total>>,
    /// What is said below where no picture fits.
    #[prop(into)]
    advice: ViewFn,
) -> impl IntoView {
    let stale = found.is_err();
    if let Ok(part) = found {
        last.set_value(Some((address, part)));
    }
    let Some((address, part)) = last.get_value() else {
        return view! { <p class="muted">"The pictures appear here as soon as the query can be read."</p> }.into_any();
    };
    let Part { offset, limit, more, .. } = part;
    let base = address.href_up_to_offset();
    let query = address.query.clone();
    let known = part.known_total();
    let total = Memo::new(move |_| {
        let counted =
            || counted.with(|counted| counted.as_ref().filter(|total| total.query == query)?.pictures.clone().ok());
        known.or_else(counted)
    });
    let beside = |card: Option<&PictureCard>, beside: fn(i64) -> Beside| {
        card.map(|card| beside_offset(beside(card.picture.id))).unwrap_or_default()
    };
    let steps =
        Steps { previous: beside(part.items.first(), Beside::Before), next: beside(part.items.last(), Beside::After) };
    let pages = move || {
        let (base, steps) = (base.clone(), steps.clone());
        match total.get() {
            // The list may have become another one since this part was where the address says.
            Some(total) if !more || total > offset.saturating_add(limit) => {
                view! { <Pagination total=total offset=offset limit=limit base=base steps=steps /> }.into_any()
            }
            _ => view! { <NeighbourPages more=more offset=offset limit=limit base=base steps=steps /> }.into_any(),
        }
    };
    let body = if part.items.is_empty() && offset > 0 {
        let first = address.beginning().href();
        view! {
            <p class="empty">
                "The list is not that long. " <a href=first>"Go to its beginning"</a>
            </p>
        }
        .into_any()
    } else if part.items.is_empty() {
        view! {
            <div class="empty">
                <h2>"No picture fits"</h2>
                <p>"Remove a rule, or make one of them wider: the pictures appear while you type."</p>
                {(!stale).then(|| advice.run())}
            </div>
        }
        .into_any()
    } else {
        let row = QueueAddress::Query(address.clone());
        view! { <PictureGrid pictures=part.items label="Results" query=address.query.clone() row=row /> }.into_any()
    };
    view! { <div class="query-found" class:stale=stale>{body} {pages}</div> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::picture_grid::any_picture;

    fn part(items: usize, offset: i64, more: bool) -> Found {
        let picture = || PictureCard {
            picture: any_picture(),
            region_count: 0,
            objects: Vec::new(),
            outlines: Vec::new(),
            locked: false,
        };
        Ok(Part { items: (0..items).map(|_| picture()).collect(), offset, limit: 60, more, beside: false })
    }

    #[test]
    fn the_summary_says_what_is_known() {
        let counted = |pictures| Some(Total { query: "q".to_owned(), pictures });
        let address = QueryAddress { query: "q".to_owned(), ..QueryAddress::default() };
        let words = |found: &Found, counted: Option<Total>| summary(found, &address, counted.as_ref());
        assert_eq!(words(&part(0, 0, false), None), "No picture fits");
        assert_eq!(words(&part(1, 0, false), None), "1 picture");
        assert_eq!(words(&part(60, 0, true), None), "Pictures 1–60");
        assert_eq!(words(&part(60, 0, true), counted(Ok(12_345))), "1–60 of 12\u{202f}345 pictures");
        assert_eq!(words(&part(5, 60, false), None), "61–65 of 65 pictures");
        assert_eq!(words(&part(0, 120, false), None), "No pictures here");
        assert_eq!(words(&part(0, 120, false), counted(Ok(65))), "65 pictures, none of them here");
        let late = counted(Err(AppError::TookTooLong("it was ended".to_owned())));
        assert_eq!(words(&part(60, 0, true), late), "Pictures 1–60; counting all of them takes too long");
        // A number that belongs to another text says nothing of this one.
        let other = Total { query: "other".to_owned(), pictures: Ok(7) };
        assert_eq!(words(&part(60, 0, true), Some(other)), "Pictures 1–60");
    }
}
