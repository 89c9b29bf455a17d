//! `/administration/log`: what administrators and the command line did.

use super::{Views, member_href, options};
use crate::api::administration::{audit_actors, audit_log};
use crate::model::administration::COMMAND_LINE;
use crate::model::text::path_segment;
use crate::model::{AppError, AuditAction, AuditEntry, Page};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Empty;
use crate::ui::object_link::object_href;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::{use_parameter, use_part};
use crate::ui::table::Column::Text;
use crate::ui::table::Table;
use crate::ui::text::{count, spelled_out};
use crate::ui::time::Moment;
use leptos::prelude::*;
use leptos_meta::Title;

/// So many entries are shown unless the address asks for another number.
const USUAL: i64 = 50;

/// Who did what, as an address asks for it; empty where anything will do.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Filtered {
    actor: String,
    action: String,
}

impl Filtered {
    /// The address of the log up to the number of the offset.
    fn base(&self, limit: i64) -> String {
        let mut base = "/administration/log?".to_owned();
        for (name, value) in [("actor", &self.actor), ("action", &self.action)] {
            if !value.is_empty() {
                base.push_str(&format!("{name}={}&", path_segment(value)));
            }
        }
        crate::pages::with_limit(base, limit, USUAL)
    }
}

/// What the page shows: a part of the log, and whom it can be filtered by.
type Shown = (Page<AuditEntry>, Vec<String>, Filtered);

async fn load(filter: Filtered, (offset, limit): (i64, i64)) -> Result<Shown, AppError> {
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    let page = audit_log(given(&filter.actor), given(&filter.action), Some(offset), Some(limit)).await?;
    Ok((page, audit_actors().await?, filter))
}

/// The page of what an entry is about; none for what is gone, and for what is no page.
fn subject_href(entry: &AuditEntry) -> Option<String> {
    if entry.action.ends_with("-deleted") {
        return None;
    }
    let (kind, name) = entry.subject.split_once(' ')?;
    match kind {
        "user" => Some(member_href(name)),
        "object" => Some(object_href(name)),
        "picture" | "gallery" | "licence" | "nature" => Some(format!("/{kind}/{}", path_segment(name))),
        _ => None,
    }
}

#[component]
fn Rows(entries: Vec<AuditEntry>) -> impl IntoView {
    let rows = entries
        .into_iter()
        .map(|entry| {
            let (href, no_details) = (subject_href(&entry), entry.details.is_empty());
            let who = match entry.actor {
                Some(name) => view! { <a href=member_href(&name)>{name.clone()}</a> }.into_any(),
                None => view! { <span class="muted">"Command line"</span> }.into_any(),
            };
            let subject = match href {
                Some(href) => view! { <a href=href>{entry.subject}</a> }.into_any(),
                None => entry.subject.into_any(),
            };
            view! {
                <tr>
                    <th scope="row">
                        <Moment unix=entry.timestamp />
                    </th>
                    <td data-label="Who">{who}</td>
                    <td data-label="What">{spelled_out(&entry.action)}</td>
                    <td data-label="On what">{subject}</td>
                    <td data-label="Details" class:none=no_details>
                        {entry.details}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table label="Log" columns=&[Text("When"), Text("Who"), Text("What"), Text("On what"), Text("Details")]>{rows}</Table>
    }
}

#[component]
fn Filter(actors: Vec<String>, filter: Filtered) -> impl IntoView {
    let named = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let mut who = vec![named("", "Everybody"), named(COMMAND_LINE, "Command line")];
    who.extend(actors.into_iter().map(|name| (name.clone(), name)));
    let mut what = vec![named("", "Everything")];
    what.extend(AuditAction::ALL.map(|action| (action.as_str().to_owned(), spelled_out(action.as_str()))));
    view! {
        <form class="search-form" method="get" action="/administration/log">
            <select name="actor" aria-label="Who">
                {options(who, &filter.actor)}
            </select>
            <select name="action" aria-label="What">
                {options(what, &filter.action)}
            </select>
            <button class="button" type="submit">
                "Show"
            </button>
        </form>
    }
}

#[component]
fn Content(page: Page<AuditEntry>, actors: Vec<String>, filter: Filtered) -> impl IntoView {
    let base = filter.base(page.limit);
    view! {
        <div class="page">
            <div class="page-head">
                <div>
                    <h1>"Log"</h1>
                    <p>"What was done with rights that only administrators have. Nobody can change or remove an entry."</p>
                </div>
                <Filter actors=actors filter=filter />
            </div>
            <div class="stack">
                <Views current="/administration/log" />
                {if page.total == 0 {
                    view! {
                        <Empty title="No entries">
                            <p>"Nothing that fits has been done yet."</p>
                        </Empty>
                    }
                        .into_any()
                } else {
                    view! {
                        <p class="muted result-count">{count(page.total, "entry", "entries")}</p>
                        <Rows entries=page.items />
                        <Pagination total=page.total offset=page.offset limit=page.limit base=base />
                    }
                        .into_any()
                }}
            </div>
        </div>
    }
}

/// The audit log.
#[component]
pub fn LogPage() -> impl IntoView {
    let (actor, action, part) = (use_parameter("actor"), use_parameter("action"), use_part(USUAL));
    let wanted = move || (Filtered { actor: actor.get(), action: action.get() }, part.get());
    let loaded = Resource::new_blocking(wanted, |(filter, part)| load(filter, part));
    view! {
        <Title text="Log" />
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((page, actors, filter)) => {
                        view! { <Content page=page actors=actors filter=filter /> }.into_any()
                    }
                    Err(error) => failed(error),
                }
            })}
        </Transition>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_leads_to_what_is_still_there() {
        let href = |action: &str, subject: &str| {
            subject_href(&AuditEntry {
                id: 1,
                timestamp: 0,
                actor: None,
                action: action.to_owned(),
                subject: subject.to_owned(),
                details: String::new(),
            })
        };
        assert_eq!(href("user-suspended", "user ada").as_deref(), Some("/administration/user/ada"));
        assert_eq!(href("object-renamed", "object Big cat").as_deref(), Some("/object/Big%20cat"));
        assert_eq!(href("picture-changed", "picture 7").as_deref(), Some("/picture/7"));
        assert_eq!(href("picture-deleted", "picture 7"), None);
        assert_eq!(href("site-closed", "site"), None);
    }
}
