//! Who has which role in a dataset or a namespace, and the forms that change that.

use super::field::{SelectField, TextField};
use super::form::SubmitButton;
use super::form_error::{FormNotice, form_error};
use super::table::Column::{Buttons, Text};
use super::table::Table;
use super::text::sentence;
use crate::model::text::path_segment;
use crate::model::{AppError, Membership, Role};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::server_fn::client::browser::BrowserClient;
use leptos::server_fn::codec::PostUrl;
use leptos::server_fn::{Http, ServerFn};
use serde::de::DeserializeOwned;

/// What the viewer may do about members.
#[derive(Clone, Debug)]
pub struct MemberRights {
    /// The viewer's own role, by which they may change those of others.
    pub role: Option<Role>,
    /// The viewer, who may leave.
    pub username: Option<String>,
    /// Who stays the owner in any case.
    pub fixed: Option<String>,
}

impl MemberRights {
    /// Whether the viewer may give or take a role.
    fn gives(&self, role: Role) -> bool {
        self.role >= Some(role.given_by())
    }

    /// The roles that the viewer may give.
    fn given(&self) -> Vec<Role> {
        Role::ALL.iter().copied().filter(|role| self.gives(*role)).collect()
    }

    fn is_fixed(&self, member: &Membership) -> bool {
        self.fixed.as_ref() == Some(&member.username)
    }
}

/// The members, and for those who may, what changes them. The functions take `of`, `username` and, to give one, `role`.
#[component]
pub fn Members<Give, Gave, Take, Took>(
    /// Of what, as the functions name it.
    of: String,
    /// The members.
    members: Vec<Membership>,
    /// What the viewer may do about them.
    rights: MemberRights,
    /// Gives a role.
    give: ServerAction<Give>,
    /// Takes somebody out.
    take: ServerAction<Take>,
) -> impl IntoView
where
    Give: ServerFn<Client = BrowserClient, Protocol = Http<PostUrl, Gave>, Error = AppError>,
    Give: DeserializeOwned + Clone + Send + Sync + 'static,
    Give::Output: Clone + Send + Sync + 'static,
    Gave: 'static,
    Take: ServerFn<Client = BrowserClient, Protocol = Http<PostUrl, Took>, Error = AppError>,
    Take: DeserializeOwned + Clone + Send + Sync + 'static,
    Take::Output: Clone + Send + Sync + 'static,
    Took: 'static,
{
    let (not_given, not_taken) = (form_error(give), form_error(take));
    // That nobody has this name is said beside it.
    let in_name = Signal::derive(move || {
        not_given.with(|error| error.as_ref().and_then(|e| e.message_for("username").map(str::to_owned)))
    });
    let other = Signal::derive(move || {
        let given = not_given.get().filter(|error| error.message_for("username").is_none());
        given.or_else(|| not_taken.get()).map(|error| sentence(&error.to_string()))
    });
    let given = rights.given();
    let whose = of.clone();
    let row = |member: Membership| {
        let is_free = !rights.is_fixed(&member);
        let Membership { username, role } = member;
        let changes = is_free && rights.gives(role);
        let leaves = is_free && rights.username.as_ref() == Some(&username);
        let shown = if changes {
            let (of, username) = (whose.clone(), username.clone());
            let options = given.iter().map(|option| {
                view! {
                    <option value=option.as_str() selected=*option == role>
                        {option.label()}
                    </option>
                }
            });
            let options = options.collect_view();
            view! {
                <ActionForm action=give>
                    <div class="cluster member-role">
                        <input type="hidden" name="of" value=of />
                        <input type="hidden" name="username" value=username.clone() />
                        <select name="role" aria-label=format!("Role of {username}")>
                            {options}
                        </select>
                        <SubmitButton
                            pending=give.pending()
                            class="button small"
                            label=format!("Change the role of {username}")
                        >
                            "Change"
                        </SubmitButton>
                    </div>
                </ActionForm>
            }
            .into_any()
        } else {
            role.label().into_any()
        };
        let (verb, label) = match leaves {
            true => ("Leave", "Leave".to_owned()),
            false => ("Remove", format!("Remove {username}")),
        };
        let out = (changes || leaves).then(|| {
            let (of, username) = (whose.clone(), username.clone());
            view! {
                <ActionForm action=take>
                    <input type="hidden" name="of" value=of />
                    <input type="hidden" name="username" value=username />
                    <SubmitButton pending=take.pending() class="button small quiet" label=label>
                        {verb}
                    </SubmitButton>
                </ActionForm>
            }
        });
        let href = format!("/user/{}", path_segment(&username));
        view! {
            <tr>
                <th scope="row">
                    <a href=href>{username}</a>
                </th>
                <td data-label="Role">{shown}</td>
                <td>{out}</td>
            </tr>
        }
    };
    let list = if members.is_empty() {
        view! { <p class="muted">"Nobody has a role here yet."</p> }.into_any()
    } else {
        let rows = members.into_iter().map(row).collect_view();
        view! {
            <Table label="Members" columns=&[Text("User"), Text("Role"), Buttons]>
                {rows}
            </Table>
        }
        .into_any()
    };
    let options: Vec<(String, String)> =
        given.iter().map(|role| (role.as_str().to_owned(), format!("{}: {}", role.label(), role.meaning()))).collect();
    let add = (!options.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="add-member">
                <ActionForm action=give>
                    <div class="form">
                        <h3 id="add-member">"Add a member"</h3>
                        <input type="hidden" name="of" value=of.clone() />
                        <TextField label="Username" name="username" required=true verbatim=true error=in_name />
                        <SelectField
                            label="Role"
                            name="role"
                            options=options
                            value="reader"
                            hint="Each may also do what those above it in the list may."
                        />
                        <div class="form-actions">
                            <SubmitButton pending=give.pending()>"Add the member"</SubmitButton>
                        </div>
                    </div>
                </ActionForm>
            </section>
        }
    });
    view! {
        <div class="stack members">
            <FormNotice error=other />
            {list}
            {add}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maintainers_give_roles_below_theirs() {
        let rights = |role| MemberRights { role, username: None, fixed: None };
        assert_eq!(rights(None).given(), []);
        assert_eq!(rights(Some(Role::Writer)).given(), []);
        assert_eq!(rights(Some(Role::Maintainer)).given(), [Role::Reader, Role::Annotator, Role::Writer]);
        assert_eq!(rights(Some(Role::Owner)).given(), Role::ALL);
    }
}
