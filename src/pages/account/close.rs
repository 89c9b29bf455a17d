//! `/account/close`: what hangs on the account, what shall become of it, and the end.

use super::Below;
use crate::api::account::account_holdings;
use crate::model::Holdings;
use crate::model::account::MAX_ATTRIBUTION;
use crate::ui::field::{FieldError, PasswordField, TextField};
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, forget, form_error};
use crate::ui::loaded::{Loading, failed};
use crate::ui::session::use_session;
use crate::ui::text::count;
use leptos::prelude::*;

const FIELDS: &[&str] = &["pictures", "attribution", "password"];

/// What becomes of all but the pictures, a sentence each.
fn consequences(holdings: Holdings) -> Vec<String> {
    let Holdings { galleries, regions_elsewhere, ratings, .. } = holdings;
    let mut sentences = vec![
        "You are signed out everywhere, and nobody can sign in again.".to_owned(),
        "Your API tokens and saved queries go.".to_owned(),
        "Pictures that you put into datasets of others belong to these and stay there, with what is drawn on them."
            .to_owned(),
    ];
    if galleries > 0 {
        let go = if galleries == 1 { "goes; its" } else { "go; their" };
        sentences.push(format!("{} of yours {go} pictures stay.", count(galleries, "gallery", "galleries")));
    }
    if ratings > 0 {
        let are = if ratings == 1 { "is" } else { "are" };
        sentences.push(format!("{} that you gave {are} withdrawn.", count(ratings, "rating", "ratings")));
    }
    if regions_elsewhere > 0 {
        let stay = if regions_elsewhere == 1 { "stays" } else { "stay" };
        let regions = count(regions_elsewhere, "region", "regions");
        sentences.push(format!("{regions} that you drew on pictures of others {stay}, and so does the history."));
    }
    sentences
}

#[component]
fn Choice(value: &'static str, checked: bool, children: Children) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="radio" name="pictures" value=value checked=checked />
            <span>{children()}</span>
        </label>
    }
}

#[component]
fn CloseForm(holdings: Holdings) -> impl IntoView {
    let action = use_session().close_account;
    let error = form_error(action);
    let sentences = consequences(holdings).into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view();
    let legend = match holdings.pictures {
        0 => "You have no pictures, but this also decides about your username.".to_owned(),
        1 => "What becomes of your picture?".to_owned(),
        pictures => format!("What becomes of your {}?", count(pictures, "picture", "pictures")),
    };
    view! {
        <Form action=action submit="Close the account for good" button="danger" fields=FIELDS>
            <p>"This cannot be undone."</p>
            <ul class="consequences">{sentences}</ul>
            <fieldset class="stack stack-tight" aria-describedby="pictures-error">
                <legend class="field-label">{legend}</legend>
                <Choice value="name" checked=true>
                    "They stay under your username, which nobody else can take."
                </Choice>
                <Choice value="attribution" checked=false>
                    "They stay under another name, below. Your username goes, and nobody else can take it."
                </Choice>
                <Choice value="delete" checked=false>
                    "They go, with everything that is drawn on them, and so does your username, which nobody else can take."
                </Choice>
                <FieldError id="pictures-error" error=field_error(error, "pictures") />
            </fieldset>
            <TextField
                label="The other name"
                name="attribution"
                max_length=MAX_ATTRIBUTION
                hint="Such as your real name: whoever uses your pictures has to name it. Only for the second choice."
                error=field_error(error, "attribution")
            />
            <PasswordField
                label="Your password"
                autocomplete="current-password"
                hint="So that nobody does this who has found your screen unlocked."
                error=field_error(error, "password")
            />
        </Form>
    }
}

/// The page to close one's account.
#[component]
pub fn ClosePage() -> impl IntoView {
    forget(use_session().close_account);
    let holdings = Resource::new_blocking(|| (), |()| account_holdings());
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match holdings.await {
                    Ok(holdings) => {
                        view! {
                            <Below title="Close the account">
                                <CloseForm holdings=holdings />
                            </Below>
                        }
                            .into_any()
                    }
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_goes_and_what_stays() {
        assert_eq!(consequences(Holdings::default()).len(), 3);
        let all = Holdings { pictures: 2, galleries: 1, regions_elsewhere: 3, ratings: 1 };
        assert_eq!(
            consequences(all)[3..],
            [
                "1 gallery of yours goes; its pictures stay.",
                "1 rating that you gave is withdrawn.",
                "3 regions that you drew on pictures of others stay, and so does the history.",
            ]
        );
    }
}
