//! Form fields: label, hint and error beside the control, and tied to it for those who cannot see that.

use super::form_error::field_error;
use super::icons::{Glyph, Icon};
use crate::model::AppError;
use crate::model::limits::MAX_TITLE;
use crate::model::text::escape_html;
use leptos::prelude::*;

/// The message under a field; takes no room without one.
#[component]
pub fn FieldError(
    /// The element's id, which the control names in `aria-describedby`.
    #[prop(into)]
    id: String,
    /// What is wrong, if anything is.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <p class="field-error" id=id role="alert">
            {move || error.get().map(|message| super::text::sentence(&message))}
        </p>
    }
}

/// A field of one line of text.
#[component]
pub fn TextField(
    /// What to call the field.
    #[prop(into)]
    label: String,
    /// The field's name in the form, and its id.
    name: &'static str,
    /// The control's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// What it holds at first.
    #[prop(into, optional)]
    value: String,
    /// What to write into it.
    #[prop(into, optional)]
    hint: String,
    /// What is wrong with it, if anything is.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// What a browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Whether it may not stay empty.
    #[prop(optional)]
    required: bool,
    /// Longest text, in characters.
    #[prop(default = 2_000)]
    max_length: usize,
    /// Whether the text is a name or an address, which no program should correct.
    #[prop(optional)]
    verbatim: bool,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described_by = if hint.is_empty() { error_id.clone() } else { format!("{hint_id} {error_id}") };
    view! {
        <div class="field">
            <label class="field-label" for=name>
                {label}
                {(!required).then(|| view! { <span class="field-optional">"optional"</span> })}
            </label>
            <input
                id=name
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                required=required
                maxlength=max_length.to_string()
                autocapitalize=verbatim.then_some("none")
                spellcheck=verbatim.then_some("false")
                aria-describedby=described_by
                aria-invalid=move || error.get().is_some().then_some("true")
            />
            {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <FieldError id=error_id error=error />
        </div>
    }
}

/// What something is called by people.
#[component]
pub fn TitleField(
    /// What it holds at first.
    #[prop(into, optional)]
    value: String,
    /// Why the form was refused, if it was.
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    view! {
        <TextField
            label="Title"
            name="title"
            value=value
            required=true
            max_length=MAX_TITLE
            error=field_error(error, "title")
        />
    }
}

/// A field of several lines of text.
#[component]
pub fn TextArea(
    /// What to call the field.
    #[prop(into)]
    label: String,
    /// The field's name in the form, and its id.
    name: &'static str,
    /// What it holds at first.
    #[prop(into, optional)]
    value: String,
    /// What to write into it.
    #[prop(into, optional)]
    hint: String,
    /// What is wrong with it, if anything is.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Whether it may not stay empty.
    #[prop(optional)]
    required: bool,
    /// How many lines it shows.
    #[prop(default = 3)]
    rows: u8,
    /// Longest text, in characters.
    #[prop(default = crate::model::limits::MAX_DESCRIPTION)]
    max_length: usize,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described_by = if hint.is_empty() { error_id.clone() } else { format!("{hint_id} {error_id}") };
    view! {
        <div class="field">
            <label class="field-label" for=name>
                {label}
                {(!required).then(|| view! { <span class="field-optional">"optional"</span> })}
            </label>
            <textarea
                id=name
                name=name
                rows=rows.to_string()
                required=required
                maxlength=max_length.to_string()
                aria-describedby=described_by
                aria-invalid=move || error.get().is_some().then_some("true")
                inner_html=escape_html(&value)
            ></textarea>
            {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <FieldError id=error_id error=error />
        </div>
    }
}

/// A box to tick, which the form sends as `true`.
#[component]
pub fn CheckBox(
    /// What ticking it says.
    #[prop(into)]
    label: String,
    /// The field's name in the form, and its id.
    name: &'static str,
    /// Whether it is ticked at first.
    #[prop(optional)]
    checked: bool,
) -> impl IntoView {
    view! {
        <label class="choice">
            <input id=name name=name type="checkbox" value="true" checked=checked />
            {label}
        </label>
    }
}

/// A choice of one from a short list.
#[component]
pub fn SelectField(
    /// What to call the field.
    #[prop(into)]
    label: String,
    /// The field's name in the form, and its id.
    name: &'static str,
    /// What there is to choose from: the values, and what people read.
    options: Vec<(String, String)>,
    /// The value that is chosen at first.
    #[prop(into)]
    value: String,
    /// What to choose.
    #[prop(into, optional)]
    hint: String,
    /// What is wrong with it, if anything is.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described_by = if hint.is_empty() { error_id.clone() } else { format!("{hint_id} {error_id}") };
    let options = options
        .into_iter()
        .map(|(option, words)| {
            let selected = option == value;
            view! {
                <option value=option selected=selected>
                    {words}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label class="field-label" for=name>
                {label}
            </label>
            <select
                id=name
                name=name
                aria-describedby=described_by
                aria-invalid=move || error.get().is_some().then_some("true")
            >
                {options}
            </select>
            {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <FieldError id=error_id error=error />
        </div>
    }
}

/// A password, which can be made visible.
#[component]
pub fn PasswordField(
    /// What to call the field.
    #[prop(into)]
    label: String,
    /// The field's name in the form, and its id.
    #[prop(default = "password")]
    name: &'static str,
    /// `current-password` or `new-password`.
    autocomplete: &'static str,
    /// What it must be like.
    #[prop(into, optional)]
    hint: String,
    /// What is wrong with it, if anything is.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described_by = if hint.is_empty() { error_id.clone() } else { format!("{hint_id} {error_id}") };
    view! {
        <div class="field">
            <label class="field-label" for=name>
                {label}
            </label>
            <div class="field-password">
                <input
                    id=name
                    name=name
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    required=true
                    maxlength=crate::model::user::MAX_PASSWORD.to_string()
                    autocapitalize="none"
                    spellcheck="false"
                    aria-describedby=described_by
                    aria-invalid=move || error.get().is_some().then_some("true")
                />
                <button
                    class="icon-button script-only"
                    type="button"
                    aria-label="Show the password"
                    aria-pressed=move || shown.get().to_string()
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {move || {
                        view! { <Icon glyph=if shown.get() { Glyph::EyeOff } else { Glyph::Eye } /> }
                    }}
                </button>
            </div>
            {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <FieldError id=error_id error=error />
        </div>
    }
}
