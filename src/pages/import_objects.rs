//! `/objects/import`: many objects at once, from a table or YAML.

use crate::api::objects::ImportTaxonomy;
use crate::model::{AppError, ImportReport};
use crate::ui::field::TextArea;
use crate::ui::form::SubmitButton;
use crate::ui::form_error::form_error;
use crate::ui::loaded::Loading;
use crate::ui::notice::{Notice, Tone};
use crate::ui::object_link::object_href;
use crate::ui::session::use_session;
use crate::ui::text::count;
use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// So many names of each kind are listed; the numbers are exact.
const LISTED: usize = 200;

const TABLE: &str = "name,description,parent
Animal,,
Cat,\"Felis catus, also wild ones\",Animal;Pet
Pet,Lives with people,Animal";

const NESTED: &str = "Animal:
  Pet:
    Cat: Felis catus, also wild ones
    Dog:";

const LIST: &str = "- name: Mammal
- name: Cat
  description: Felis catus, also wild ones
  parents: [Mammal]";

#[component]
fn Listed(title: String, lines: Vec<String>) -> impl IntoView {
    if lines.is_empty() {
        return ().into_any();
    }
    let more = lines.len().saturating_sub(LISTED);
    let items = lines.into_iter().take(LISTED).map(|line| view! { <li>{line}</li> }).collect_view();
    view! {
        <section class="stack">
            <h2>{title}</h2>
            <ul class="plain-list">{items}</ul>
            {(more > 0).then(|| view! { <p class="muted">{format!("and {more} more")}</p> })}
        </section>
    }
    .into_any()
}

/// What is wrong with a text, by line.
#[component]
fn Faults(lines: Vec<(String, String)>) -> impl IntoView {
    let items = lines
        .into_iter()
        .map(|(line, message)| {
            view! {
                <li>
                    <strong>{line}</strong>
                    ": "
                    {message}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="plain-list faults">{items}</ul> }
}

#[component]
fn Report(report: ImportReport) -> impl IntoView {
    let ImportReport { dry_run, made, existing, new_parents, faults } = report;
    if !faults.is_empty() {
        let lines = faults.into_iter().map(|fault| (format!("Line {}", fault.line), fault.message)).collect();
        return view! {
            <Notice tone=Tone::Danger>
                <p>"Nothing can be imported before this is right:"</p>
                <Faults lines=lines />
            </Notice>
        }
        .into_any();
    }
    let (all, number) = (count(made.len() as i64, "object", "objects"), made.len());
    let (verb, tone) = if dry_run { ("would be made", Tone::Info) } else { ("made", Tone::Success) };
    let parents: Vec<String> = new_parents.into_iter().map(|new| format!("{} → {}", new.object, new.parent)).collect();
    let first = (!dry_run).then(|| made.first().map(|name| object_href(name))).flatten();
    view! {
        <Notice tone=tone>
            <p>
                {format!("{all} {verb}.")} {first.map(|href| view! { " " <a href=href>"See the first"</a> })}
            </p>
        </Notice>
        <Listed title=format!("New ({number})") lines=made />
        <Listed title=format!("New parents of objects that exist ({})", parents.len()) lines=parents />
        <Listed title=format!("Exist already ({})", existing.len()) lines=existing />
    }
    .into_any()
}

#[component]
fn Refusal(error: AppError) -> impl IntoView {
    let lines = match &error {
        AppError::Invalid { errors, .. } => {
            errors.iter().map(|error| (crate::ui::text::spelled_out(&error.field), error.message.clone())).collect()
        }
        _ => Vec::new(),
    };
    view! {
        <Notice tone=Tone::Danger>
            <p>{crate::ui::text::sentence(&error.to_string())}</p>
            <Faults lines=lines />
        </Notice>
    }
}

#[component]
fn Form() -> impl IntoView {
    let action = ServerAction::<ImportTaxonomy>::new();
    let error = form_error(action);
    let form = NodeRef::<html::Div>::new();
    let read = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) else { return };
        let field = form.get_untracked().and_then(|form| form.query_selector("textarea").ok().flatten());
        let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlTextAreaElement>().ok()) else { return };
        spawn_local(async move {
            if let Some(text) = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()) {
                field.set_value(&text);
            }
        });
    };
    let outcome = move || {
        let report = action.value().get().and_then(Result::ok);
        match (report, error.get()) {
            (Some(report), _) => view! { <Report report=report /> }.into_any(),
            (None, Some(error)) => view! { <Refusal error=error /> }.into_any(),
            (None, None) => ().into_any(),
        }
    };
    view! {
        <ActionForm action=action>
            <div class="form" node_ref=form>
                <div aria-live="polite" class="stack">
                    {outcome}
                </div>
                <div class="field script-only">
                    <label class="field-label" for="file">
                        "File"
                        <span class="field-optional">"optional"</span>
                    </label>
                    <input id="file" type="file" accept=".csv,.yaml,.yml,.json,text/csv,application/yaml" on:change=read />
                </div>
                <TextArea label="Taxonomy" name="text" rows=14 required=true max_length=16_000_000 />
                <div class="field">
                    <label class="field-label" for="format">
                        "Written as"
                    </label>
                    <select id="format" name="format">
                        <option value="">"What it looks like"</option>
                        <option value="csv">"Table (CSV)"</option>
                        <option value="yaml">"YAML"</option>
                    </select>
                </div>
                <div class="form-actions">
                    <SubmitButton pending=action.pending() class="button script-only" name="dry_run" value="true">
                        "Try it"
                    </SubmitButton>
                    <SubmitButton pending=action.pending() class="button primary" name="dry_run" value="false">
                        "Import"
                    </SubmitButton>
                </div>
            </div>
        </ActionForm>
    }
}

/// The page for importing objects.
#[component]
pub fn ImportObjectsPage() -> impl IntoView {
    let account = use_session().account;
    view! {
        <Title text="Import objects" />
        <div class="page page-text">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/objects">"Objects"</a>
                    </p>
                    <h1>"Import objects"</h1>
                    <p>
                        "Objects that exist keep their descriptions and get parents in addition; the others are made. If anything is wrong, nothing is imported."
                    </p>
                </div>
            </div>
            <div class="sections">
                <Suspense fallback=Loading>
                    {move || Suspend::new(async move {
                        match account.await {
                            Ok(Some(_)) => view! { <Form /> }.into_any(),
                            _ => {
                                view! {
                                    <p class="card">
                                        <a href="/login?next=%2Fobjects%2Fimport">"Sign in"</a>
                                        " to import objects."
                                    </p>
                                }
                                    .into_any()
                            }
                        }
                    })}
                </Suspense>
                <section class="stack" aria-labelledby="forms">
                    <h2 id="forms">"What it may look like"</h2>
                    <p>"A table with these columns; several parents are separated by semicolons:"</p>
                    <pre tabindex="0" aria-label="Example of a table"><code>{TABLE}</code></pre>
                    <p>"YAML with names within names:"</p>
                    <pre tabindex="0" aria-label="Example of names within names"><code>{NESTED}</code></pre>
                    <p>"Or a YAML list with more about each. The two may stand within each other:"</p>
                    <pre tabindex="0" aria-label="Example of a list"><code>{LIST}</code></pre>
                </section>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::object::TaxonomyFormat;
    use crate::server::taxonomy::{Known, Plan, read};

    #[test]
    fn every_example_can_be_imported_as_it_stands() {
        for (format, text, objects) in
            [(TaxonomyFormat::Csv, TABLE, 3), (TaxonomyFormat::Yaml, NESTED, 4), (TaxonomyFormat::Yaml, LIST, 2)]
        {
            let (entries, faults) = read(format, text);
            let report = Plan::new(&entries, faults, &Known::default()).report(true);
            assert_eq!((report.made.len(), report.faults), (objects, Vec::new()), "{text}");
        }
    }
}
