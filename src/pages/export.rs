//! `/export`: a query's results, a gallery, a dataset or a project in the form that a training run needs. What was chosen stands in the
//! address, so that it can be kept and shared.

use crate::api::exports::preview_export;
use crate::model::text::path_segment;
use crate::model::{AnnotationFormat, AppError, ExportFormat, ExportPreview};
use crate::ui::copy_button::CopyButton;
use crate::ui::field::{SelectField, TextField};
use crate::ui::notice::{Notice, Tone};
use crate::ui::parameters::parameter;
use crate::ui::text::{bytes, count, sentence};
use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// The form that is chosen at first.
const USUAL: ExportFormat = ExportFormat::Annotations(AnnotationFormat::Coco);
/// What says which pictures leave.
const SELECTION: [&str; 7] = ["query", "gallery", "dataset", "ref", "project", "states", "pictures"];
/// What says how.
const OPTIONS: [&str; 9] = ["format", "images", "split", "seed", "level", "min_size", "archive", "use", "excluded"];

/// What stands in an address under these names, as far as anything does.
fn kept(search: &str, names: &[&'static str]) -> Vec<(&'static str, String)> {
    let value = |name: &&'static str| Some((*name, parameter(search, name).filter(|value| !value.is_empty())?));
    names.iter().filter_map(value).collect()
}

fn address_of(said: &[(&'static str, String)]) -> String {
    let said = said.iter().map(|(name, value)| format!("{name}={}", path_segment(value)));
    said.collect::<Vec<_>>().join("&")
}

/// The address of the export that an address of this page means. Some format is always chosen.
fn export_of(search: &str) -> String {
    let mut said = kept(search, &SELECTION);
    said.extend(kept(search, &OPTIONS));
    if !said.iter().any(|(name, _)| *name == "format") {
        said.push(("format", USUAL.as_str().to_owned()));
    }
    address_of(&said)
}

fn format_of(search: &str) -> ExportFormat {
    parameter(search, "format").and_then(|name| name.parse().ok()).unwrap_or(USUAL)
}

/// What is exported, in words, and the page that shows it.
fn source_of(search: &str) -> Option<(String, String)> {
    let (name, value) = kept(search, &SELECTION).into_iter().next()?;
    Some(match name {
        "query" => ("The results of a query".to_owned(), format!("/query?query={}", path_segment(&value))),
        "gallery" => (format!("Gallery {value}"), format!("/gallery/{}", path_segment(&value))),
        "project" => (format!("Project {value}"), format!("/project/{}", path_segment(&value))),
        "dataset" => {
            let reference = parameter(search, "ref").filter(|reference| !reference.is_empty());
            let said = match &reference {
                Some(reference) => format!("{value}, version {reference}"),
                None => format!("{value}, as it is now"),
            };
            (said, format!("/{value}"))
        }
        _ => ("Pictures".to_owned(), "/query".to_owned()),
    })
}

#[component]
fn Preview(preview: ExportPreview) -> impl IntoView {
    let ExportPreview { name, size, files, pictures, regions, losses } = preview;
    let (pictures, regions) =
        (count(pictures as i64, "picture", "pictures"), count(regions as i64, "region", "regions"));
    let files = match files {
        0 => String::new(),
        files => format!(" in {}", count(files as i64, "file", "files")),
    };
    let losses = (!losses.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Warning>
                <p>"Not everything can be said in this form:"</p>
                <ul>{losses.into_iter().map(|loss| view! { <li>{loss}</li> }).collect_view()}</ul>
            </Notice>
        }
    });
    view! {
        <p>
            <strong>{name}</strong>
            {format!(": {pictures} with {regions}{files}, {}.", bytes(size as f64))}
        </p>
        {losses}
    }
}

#[component]
fn Refusal(error: AppError) -> impl IntoView {
    view! {
        <Notice tone=Tone::Danger>
            <p>{sentence(&error.to_string())}</p>
        </Notice>
    }
}

/// Words to choose from, with what they are called.
fn options<const N: usize>(words: [(&str, &str); N]) -> Vec<(String, String)> {
    words.map(|(word, called)| (word.to_owned(), called.to_owned())).to_vec()
}

/// The page for taking pictures out.
#[component]
pub fn ExportPage() -> impl IntoView {
    let search = use_location().search;
    let export = Memo::new(move |_| search.with(|search| export_of(search)));
    let preview = Resource::new(move || export.get(), preview_export);
    let form = NodeRef::<html::Form>::new();
    let navigate = use_navigate();
    // What is chosen goes into the address at once; without JavaScript a button does that.
    let choose = move |_| {
        let data = form.get_untracked().and_then(|form| web_sys::FormData::new_with_form(&form).ok());
        let Some(data) = data else { return };
        let value = |name: &&'static str| Some((*name, data.get(name).as_string().filter(|value| !value.is_empty())?));
        let said: Vec<_> = SELECTION.iter().chain(&OPTIONS).filter_map(value).collect();
        let quietly = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&format!("/export?{}", address_of(&said)), quietly);
    };
    let at_first = search.get_untracked();
    let value = |name: &str| parameter(&at_first, name).unwrap_or_default();
    let hidden = move || {
        let kept = search.with(|search| kept(search, &SELECTION));
        kept.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()
    };
    let formats = ExportFormat::all().map(|format| (format.as_str().to_owned(), format.label().to_owned())).collect();
    let python = Signal::derive(move || {
        search
            .with(|search| format_of(search).python(parameter(search, "split").is_some_and(|split| !split.is_empty())))
    });
    let source = move || search.with(|search| source_of(search)).map(|(said, href)| view! { <a href=href>{said}</a> });
    let curl = Signal::derive(move || {
        format!(
            "curl --fail --globoff --location --remote-header-name --remote-name '{}/api/v1/export?{}'",
            origin(),
            export.get().replace('\'', "%27")
        )
    });
    view! {
        <Title text="Export" />
        <div class="page page-text">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">{source}</p>
                    <h1>"Export"</h1>
                    <p>"Pictures with their regions, in the form that a training run or another program needs, with everything that reusers owe their authors."</p>
                </div>
            </div>
            <div class="sections">
                <form class="form" method="get" action="/api/v1/export" node_ref=form on:change=choose>
                    {hidden}
                    <SelectField label="Form" name="format" options=formats value=value("format") />
                    <SelectField
                        label="Pictures"
                        name="images"
                        options=options([("files", "Their files come along"), ("urls", "Only their addresses")])
                        value=value("images")
                    />
                    <TextField label="Split" name="split" value=value("split") hint="Shares of train, val and test, such as 80,10,10. Copies of a picture stay together." />
                    <details class="more-options" open=!(value("seed") + &value("level") + &value("min_size") + &value("archive") + &value("use")).is_empty()>
                        <summary>"More options"</summary>
                        <div class="form">
                            <TextField label="Seed" name="seed" value=value("seed") hint="Another number shares the pictures out otherwise." />
                            <TextField label="Level of objects" name="level" value=value("level") hint="Objects further down in the taxonomy are said as those above them there; the topmost are at 0." />
                            <TextField label="Least size" name="min_size" value=value("min_size") hint="Boxes and polygons with fewer pixels in width or height are left out." />
                            <SelectField label="Archive" name="archive" options=options([("", "As usual"), ("zip", "ZIP"), ("tar", "TAR")]) value=value("archive") />
                            <SelectField
                                label="Intended use"
                                name="use"
                                options=options([
                                    ("", "Not said"),
                                    ("commercial", "For money"),
                                    ("derivatives", "To change pictures"),
                                    ("commercial,derivatives", "Both"),
                                ])
                                value=value("use")
                            />
                            <SelectField
                                label="Pictures whose licences exclude it"
                                name="excluded"
                                options=options([("", "Export nothing then"), ("leave-out", "Leave them out")])
                                value=value("excluded")
                            />
                        </div>
                    </details>
                    <div class="stack" aria-live="polite">
                        <Transition fallback=|| view! { <p class="muted">"Looking what will be in it…"</p> }>
                            {move || Suspend::new(async move {
                                match preview.await {
                                    Ok(preview) => view! { <Preview preview=preview /> }.into_any(),
                                    Err(error) => view! { <Refusal error=error /> }.into_any(),
                                }
                            })}
                        </Transition>
                    </div>
                    <div class="form-actions">
                        <noscript>
                            <button class="button" formaction="/export">
                                "Show what will be in it"
                            </button>
                        </noscript>
                        <button class="button primary">"Download"</button>
                    </div>
                </form>
                <section class="stack" aria-labelledby="code">
                    <h2 id="code">"In code"</h2>
                    <p>"Unpacked, three lines of Python load it:"</p>
                    <pre tabindex="0" aria-label="Python that loads it"><code>{python}</code></pre>
                    <div class="cluster">
                        <CopyButton what="The program" text=python name="Copy the Python" />
                        <CopyButton what="The command" text=curl label="Copy as curl" visible=false />
                    </div>
                </section>
            </div>
        </div>
    }
}

/// Where this site is.
fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_means_an_export() {
        assert_eq!(export_of("?query=want%3A%0A&split=&seed=7"), "query=want%3A%0A&seed=7&format=coco");
        assert_eq!(export_of("?dataset=ada%2Fcats&ref=v1&format=voc&other=1"), "dataset=ada%2Fcats&ref=v1&format=voc");
        assert_eq!(
            source_of("?dataset=ada%2Fcats&ref=v1").unwrap(),
            ("ada/cats, version v1".into(), "/ada/cats".into())
        );
        assert!(source_of("?format=voc").is_none());
    }
}
