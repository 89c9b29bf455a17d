//! Forms that a server function takes, with and without JavaScript.

use super::focus::focus_first_fault;
use super::form_error::{FormNotice, form_error, general_error};
use crate::model::AppError;
use leptos::form::ActionForm;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::server_fn::client::browser::BrowserClient;
use leptos::server_fn::codec::PostUrl;
use leptos::server_fn::{Http, ServerFn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::MouseEvent;

/// A button that sends its form, and rests while that is on its way. It keeps the keyboard then, which would go astray if the
/// button were disabled.
#[component]
pub fn SubmitButton(
    /// Whether the form is on its way.
    #[prop(into)]
    pending: Signal<bool>,
    /// The button's classes.
    #[prop(into, default = "button".into())]
    class: Signal<String>,
    /// What the button's value is called in the form, where it has one.
    #[prop(optional)]
    name: Option<&'static str>,
    /// The value that goes with the form.
    #[prop(optional, into)]
    value: Option<String>,
    /// What to call the button, where its words alone do not say which one it is.
    #[prop(optional, into)]
    label: Option<String>,
    /// For buttons that stay down: whether this one is.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    /// Called before the form is sent, which can be kept back: to ask first, for instance.
    #[prop(optional)]
    before: Option<Callback<MouseEvent>>,
    /// What the button says.
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class=move || class.get()
            type="submit"
            name=name
            value=value
            aria-label=label
            aria-pressed=move || pressed.map(|pressed| pressed.get().to_string())
            aria-disabled=move || pending.get().then_some("true")
            on:click=move |event| {
                if pending.get_untracked() {
                    event.prevent_default();
                } else if let Some(before) = before {
                    before.run(event);
                }
            }
        >
            {children()}
        </button>
    }
}

/// A form with the notice of what went wrong above its fields and the button that sends it below. The button rests while
/// the form is on its way. After a refusal the keyboard is at the first field that is wrong, if there is one.
#[component]
pub fn Form<F, Output>(
    /// What the form sends itself to.
    action: ServerAction<F>,
    /// What the button says.
    #[prop(into)]
    submit: String,
    /// What the button says while the form is on its way, where that takes a moment.
    #[prop(optional)]
    busy: Option<&'static str>,
    /// The fields that show by themselves what is wrong with them (see [`super::form_error::field_error`]).
    #[prop(optional)]
    fields: &'static [&'static str],
    /// The button's classes beside `button`.
    #[prop(default = "primary")]
    button: &'static str,
    /// What stands beside the button, such as a link to another way.
    #[prop(optional)]
    beside: Option<AnyView>,
    /// Whether the form is all that a narrow page holds: it stands in a card, with a button of its full width.
    #[prop(optional)]
    card: bool,
    /// The fields.
    children: Children,
) -> impl IntoView
where
    F: ServerFn<Client = BrowserClient, Protocol = Http<PostUrl, Output>, Error = AppError>,
    F: DeserializeOwned + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
    Output: 'static,
{
    let error = general_error(form_error(action), fields);
    let fields = NodeRef::<Div>::new();
    focus_first_fault(action, fields);
    let label = move || match busy {
        Some(busy) if action.pending().get() => busy.to_owned(),
        _ => submit.clone(),
    };
    view! {
        <ActionForm action=action>
            <div class=if card { "form card" } else { "form" } node_ref=fields>
                <FormNotice error=error />
                {children()}
                <div class="form-actions">
                    <SubmitButton pending=action.pending() class=format!("button {button}{}", if card { " wide" } else { "" })>
                        {label}
                    </SubmitButton>
                    {beside}
                </div>
            </div>
        </ActionForm>
    }
}

/// What a form begins with, in a hidden field: the server leaves alone what is sent back unchanged, so that nobody overwrites
/// what somebody else has changed meanwhile.
#[component]
pub fn Beginning<T>(
    /// The values of the fields, as the form's server function reads them.
    of: T,
) -> impl IntoView
where
    T: Serialize + 'static,
{
    view! { <input type="hidden" name="before" value=serde_json::to_string(&of).unwrap_or_default() /> }
}

/// A form that is nothing but a button, for something that is done to one picture. The button rests while the form is on its
/// way.
#[component]
pub fn ButtonForm<F, Output>(
    /// What the form sends itself to.
    action: ServerAction<F>,
    /// Id of the picture.
    id: i64,
    /// The button's classes.
    #[prop(default = "button")]
    class: &'static str,
    /// What the button says.
    children: Children,
) -> impl IntoView
where
    F: ServerFn<Client = BrowserClient, Protocol = Http<PostUrl, Output>, Error = AppError>,
    F: DeserializeOwned + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
    Output: 'static,
{
    view! {
        <ActionForm action=action>
            <input type="hidden" name="id" value=id.to_string() />
            <SubmitButton pending=action.pending() class=class>
                {children()}
            </SubmitButton>
        </ActionForm>
    }
}
