//! Links to the parts of a long list.

use super::icons::{Glyph, Icon};
use leptos::prelude::*;

/// Which page numbers to show: the first, the last, and those around the present one; `None` is a gap.
fn shown_pages(present: i64, last: i64) -> Vec<Option<i64>> {
    if last <= 7 {
        return (1..=last).map(Some).collect();
    }
    let (from, to) = ((present - 1).max(2), (present + 1).min(last - 1));
    let mut pages = vec![Some(1)];
    // A gap of a single page is no shorter than the page itself.
    if from > 2 {
        pages.push((from == 3).then_some(2));
    }
    pages.extend((from..=to).map(Some));
    if to < last - 1 {
        pages.push((to == last - 2).then_some(last - 1));
    }
    pages.push(Some(last));
    pages
}

/// What follows the offset in the addresses of the neighbouring parts, where the server finds them sooner by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// In that of the part before; not where it is the first.
    pub previous: String,
    /// In that of the part after.
    pub next: String,
}

impl Steps {
    fn to_previous(&self, base: &str, offset: i64) -> String {
        format!("{base}{}{}", offset.max(0), if offset > 0 { self.previous.as_str() } else { "" })
    }

    fn to_next(&self, base: &str, offset: i64) -> String {
        format!("{base}{offset}{}", self.next)
    }
}

/// Links to the parts of a long list. Shows nothing where everything fits on one page.
#[component]
pub fn Pagination(
    /// How many entries the whole list has.
    total: i64,
    /// How many entries come before the part that is shown.
    offset: i64,
    /// How many entries a part has.
    limit: i64,
    /// The address up to the number of the offset, such as `/objects?search=cat&offset=`.
    #[prop(into)]
    base: String,
    /// What the addresses of the neighbours have besides.
    #[prop(optional)]
    steps: Steps,
) -> impl IntoView {
    let limit = limit.max(1);
    let last = (total + limit - 1) / limit;
    if last <= 1 {
        return ().into_any();
    }
    let present = (offset / limit + 1).clamp(1, last);
    let previous = (present > 1).then(|| steps.to_previous(&base, (present - 2) * limit));
    let next = (present < last).then(|| steps.to_next(&base, present * limit));
    let href = move |page: i64| format!("{base}{}", (page - 1) * limit);
    let pages = shown_pages(present, last)
        .into_iter()
        .map(|page| match page {
            None => view! { <li class="page-link off" aria-hidden="true">"…"</li> }.into_any(),
            Some(page) => {
                let current = (page == present).then_some("page");
                view! {
                    <li>
                        <a class="page-link" href=href(page) aria-current=current aria-label=format!("Page {page}")>
                            {page}
                        </a>
                    </li>
                }
                .into_any()
            }
        })
        .collect_view();
    view! {
        <nav class="pagination" aria-label="Pages">
            {to_previous(previous)} <ol class="pages">{pages}</ol> {to_next(next)}
        </nav>
    }
    .into_any()
}

fn to_previous(href: Option<String>) -> Option<impl IntoView> {
    href.map(|href| {
        view! {
            <a class="page-link" href=href rel="prev" aria-label="Previous page">
                <Icon glyph=Glyph::Left />
            </a>
        }
    })
}

fn to_next(href: Option<String>) -> Option<impl IntoView> {
    href.map(|href| {
        view! {
            <a class="page-link" href=href rel="next" aria-label="Next page">
                <Icon glyph=Glyph::Right />
            </a>
        }
    })
}

/// Links to the parts before and after the one that is shown, of a list that nobody has counted.
#[component]
pub fn NeighbourPages(
    /// Whether entries follow those that are shown.
    more: bool,
    /// How many entries come before them.
    offset: i64,
    /// How many entries a part has.
    limit: i64,
    /// The address up to the number of the offset.
    #[prop(into)]
    base: String,
    /// What the addresses of the neighbours have besides.
    #[prop(optional)]
    steps: Steps,
) -> impl IntoView {
    if offset <= 0 && !more {
        return ().into_any();
    }
    let previous = (offset > 0).then(|| steps.to_previous(&base, offset - limit));
    let next = more.then(|| steps.to_next(&base, offset + limit));
    view! {
        <nav class="pagination" aria-label="Pages">
            {to_previous(previous)}
            <ol class="pages">
                <li>
                    <span class="page-link" aria-current="page">
                        {offset / limit.max(1) + 1}
                    </span>
                </li>
            </ol>
            {to_next(next)}
        </nav>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(present: i64, last: i64) -> String {
        let words = shown_pages(present, last).into_iter().map(|page| page.map_or("…".to_owned(), |n| n.to_string()));
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn shows_ends_and_neighbours() {
        assert_eq!(text(1, 3), "1 2 3");
        assert_eq!(text(1, 20), "1 2 … 20");
        assert_eq!(text(4, 20), "1 2 3 4 5 … 20");
        assert_eq!(text(10, 20), "1 … 9 10 11 … 20");
        assert_eq!(text(18, 20), "1 … 17 18 19 20");
        assert_eq!(text(20, 20), "1 … 19 20");
    }
}
