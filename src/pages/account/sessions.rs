//! Where the user is signed in.

use crate::api::account::{EndOtherSessions, EndSession};
use crate::model::SessionInfo;
use crate::ui::form::SubmitButton;
use crate::ui::form_error::{FormNotice, form_error, general_error};
use crate::ui::table::Column::{Buttons, Text};
use crate::ui::table::Table;
use crate::ui::time::{Date, Moment};
use leptos::form::ActionForm;
use leptos::prelude::*;

#[component]
fn Row(session: SessionInfo, end: ServerAction<EndSession>) -> impl IntoView {
    let client = session.client.unwrap_or_else(|| "A browser".to_owned());
    let unknown = || view! { <span class="muted">"not known"</span> };
    let started = session.started_at.map(|unix| view! { <Date unix=unix /> });
    let seen = session.seen_at.map(|unix| view! { <Moment unix=unix /> });
    let label = format!("End the session of {client}");
    let button = (!session.current).then(|| {
        view! {
            <ActionForm action=end>
                <SubmitButton
                    pending=end.pending()
                    class="button small"
                    name="id"
                    value=session.id.clone()
                    label=label
                >
                    "End"
                </SubmitButton>
            </ActionForm>
        }
    });
    view! {
        <tr>
            <th scope="row">
                {client} {session.current.then(|| view! { " " <span class="badge accent">"this one"</span> })}
            </th>
            <td data-label="Signed in">{started.map_or_else(|| unknown().into_any(), IntoAny::into_any)}</td>
            <td data-label="Last used">{seen.map_or_else(|| unknown().into_any(), IntoAny::into_any)}</td>
            <td class:none=session.current>{button}</td>
        </tr>
    }
}

/// The list of sessions, and the ways to end them.
#[component]
pub(super) fn Sessions(
    sessions: Vec<SessionInfo>,
    end: ServerAction<EndSession>,
    end_others: ServerAction<EndOtherSessions>,
) -> impl IntoView {
    let error = general_error(form_error(end), &[]);
    let others_error = general_error(form_error(end_others), &[]);
    let others = sessions.iter().any(|session| !session.current);
    let rows = sessions.into_iter().map(|session| view! { <Row session=session end=end /> }).collect_view();
    view! {
        <section aria-labelledby="sessions">
            <div class="section-head">
                <h2 id="sessions" tabindex="-1">
                    "Sessions"
                </h2>
                {others
                    .then(|| {
                        view! {
                            <ActionForm action=end_others>
                                <SubmitButton pending=end_others.pending() class="button small">
                                    "End all others"
                                </SubmitButton>
                            </ActionForm>
                        }
                    })}
            </div>
            <div class="stack">
                <p class="muted">
                    "Where you are signed in. If you do not recognise one, end it and "
                    <a href="/account/password">"change your password"</a> "."
                </p>
                <FormNotice error=error />
                <FormNotice error=others_error />
                <Table label="List of sessions" columns=&[Text("Browser"), Text("Signed in"), Text("Last used"), Buttons]>{rows}</Table>
            </div>
        </section>
    }
}
