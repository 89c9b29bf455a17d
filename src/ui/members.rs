//! Who has which role in a dataset or a namespace, and the forms that change that.

use super::dialog::Confirm;
use super::field::{SelectField, TextField};
use super::form::SubmitButton;
use super::form_error::{FormNotice, form_error};
use super::table::Column::{Buttons, Text};
use super::table::Table;
use super::text::{count, sentence};
use crate::model::text::path_segment;
use crate::model::{AppError, Membership, Page, Role};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::server_fn::client::browser::BrowserClient;
use leptos::server_fn::codec::PostUrl;
use leptos::server_fn::{Http, ServerFn};
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use web_sys::{HtmlFormElement, MouseEvent};

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

/// Asks before somebody is taken out. Without a script the forms are sent at once.
#[derive(Clone, Copy)]
struct Question {
    open: RwSignal<bool>,
    /// Whom it is about, and whether that is the viewer.
    about: RwSignal<Option<(String, bool)>>,
}

/// What the button that takes somebody out is called.
fn label_of(username: &str, leaves: bool) -> String {
    if leaves { "Leave".to_owned() } else { format!("Remove {username}") }
}

impl Question {
    fn new() -> Self {
        Self { open: RwSignal::new(false), about: RwSignal::new(None) }
    }

    /// What the button of a form does first.
    fn of(self, username: String, leaves: bool) -> Callback<MouseEvent> {
        Callback::new(move |event: MouseEvent| {
            event.prevent_default();
            self.about.set(Some((username.clone(), leaves)));
            self.open.set(true);
        })
    }

    fn view(self) -> impl IntoView {
        let send = Callback::new(move |()| {
            let Some((username, leaves)) = self.about.get_untracked() else { return };
            // Names of users have no characters that mean something here.
            let button = format!(".members button[aria-label='{}']", label_of(&username, leaves));
            let button = document().query_selector(&button).ok().flatten();
            let form = button.and_then(|button| button.closest("form").ok()?);
            if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
                // Fails only for a form that is not on the page any more, where nobody is to be taken out.
                let _ = form.request_submit();
            }
        });
        move || {
            self.about.get().map(|(username, leaves)| {
                let (title, detail, action) = match leaves {
                    true => (
                        "Do you want to leave?".to_owned(),
                        "From then on you may do here only what everybody may, until somebody gives you a role again."
                            .to_owned(),
                        "Leave",
                    ),
                    false => (
                        format!("Remove {username}?"),
                        "From then on they may do here only what everybody may, until somebody gives them a role again."
                            .to_owned(),
                        "Remove",
                    ),
                };
                view! {
                    <Confirm open=self.open title=title id="take-role" detail=detail action=action on_confirm=send />
                }
            })
        }
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
    let question = Question::new();
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
        let (verb, label) = (if leaves { "Leave" } else { "Remove" }, label_of(&username, leaves));
        let out = (changes || leaves).then(|| {
            let (of, username) = (whose.clone(), username.clone());
            let ask = question.of(username.clone(), leaves);
            view! {
                <ActionForm action=take>
                    <input type="hidden" name="of" value=of />
                    <input type="hidden" name="username" value=username />
                    <SubmitButton pending=take.pending() class="button small quiet" label=label before=ask>
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
            {question.view()}
            {add}
        </div>
    }
}

/// The members of a namespace, who have the same role in its datasets.
#[component]
pub fn Inherited(
    /// The namespace's page of members.
    href: String,
    /// The namespace.
    namespace: String,
    /// Its members, or the first of them.
    members: Page<Membership>,
) -> impl IntoView {
    let rows = members.items.iter().map(|Membership { username, role }| {
        let (user, name) = (format!("/user/{}", path_segment(username)), username.clone());
        view! {
            <tr>
                <th scope="row">
                    <a href=user>{name}</a>
                </th>
                <td data-label="Role">{role.label()}</td>
                <td data-label="From">{format!("Namespace {namespace}")}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let shown = members.items.len() as i64;
    let all = (members.total > shown).then(|| {
        view! {
            <p>
                <a href=href.clone()>{format!("All {}", count(members.total, "member", "members"))}</a>
            </p>
        }
    });
    view! {
        <section class="stack" aria-labelledby="inherited">
            <h3 id="inherited">"From the namespace"</h3>
            <p class="muted">
                "The " <a href=href>{format!("members of {namespace}")}</a>
                " have their roles here, too. Of two roles the higher one counts."
            </p>
            <Table label="Members of the namespace" columns=&[Text("User"), Text("Role"), Text("From")]>
                {rows}
            </Table>
            {all}
        </section>
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
