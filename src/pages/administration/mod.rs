//! The pages of administrators: who there is, what may be done to an account, and what was done.

pub mod log;
pub mod reset_link;
pub mod user;
pub mod users;

use crate::model::Member;
use crate::model::text::path_segment;
use crate::ui::tabs::{Tab, Tabs};
use leptos::prelude::*;

/// The page of one user for administrators.
pub(super) fn member_href(name: &str) -> String {
    format!("/administration/user/{}", path_segment(name))
}

/// The ways between the pages of administrators.
#[component]
fn Views(
    /// The address of the present page.
    current: &'static str,
) -> impl IntoView {
    let views = [("/administration", "Users"), ("/administration/log", "Log")];
    let tabs = views.map(|(href, name)| Tab::fixed(href, name, href == current));
    view! { <Tabs label="Administration" tabs=tabs.to_vec() /> }
}

/// Options of a list to choose from, each with its word in the address and the words for a person.
fn options(all: Vec<(String, String)>, chosen: &str) -> AnyView {
    all.into_iter()
        .map(|(value, label)| {
            let selected = value == chosen;
            view! {
                <option value=value selected=selected>
                    {label}
                </option>
            }
        })
        .collect_view()
        .into_any()
}

/// What a user is on the site.
fn role(member: &Member) -> &'static str {
    if member.admin { "Administrator" } else { "User" }
}

/// Whether a user may sign in, and since when not.
#[component]
fn AccountState(
    /// Whose state.
    member: Member,
) -> impl IntoView {
    use crate::ui::time::Date;
    let since = |class: &'static str, state: &'static str, unix: i64| {
        view! {
            <span class=class>{state}</span>
            " since "
            <Date unix=unix />
        }
        .into_any()
    };
    match (member.closed_at, member.suspended_at) {
        (Some(closed_at), _) => since("badge", "Closed", closed_at),
        (None, Some(suspended_at)) => since("badge warning", "Suspended", suspended_at),
        (None, None) => "Active".into_any(),
    }
}
