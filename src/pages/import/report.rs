//! An import that is under way, or what came of it; of a dry run, what would, with the objects that its classes are.

use super::archive::{Choices, Outcome};
use crate::api::imports::GoOnWithImport;
use crate::model::import::{
    AnnotationsReport, ArchiveReport, ClassMatch, ClassReport, Existing, ImportJob, ImportKind, ImportRequest, Listed,
    archive_report_of, report_of,
};
use crate::model::job::JobState;
use crate::model::text::path_segment;
use crate::model::{AnnotationFormat, Job};
use crate::ui::field::CheckBox;
use crate::ui::form::Form;
use crate::ui::job_progress::JobProgress;
use crate::ui::notice::{Notice, Tone};
use crate::ui::object_link::object_href;
use crate::ui::table::Column::{Number, Text};
use crate::ui::table::Table;
use crate::ui::text::{count, grouped, sentence};
use leptos::prelude::*;

/// A number of things of a kind.
pub(super) fn many(number: u64, one: &str, more: &str) -> String {
    count(number as i64, one, more)
}

/// What is not as it should be, with the first names.
#[component]
pub(super) fn Faults(title: String, of: Listed) -> impl IntoView {
    if of.count == 0 {
        return ().into_any();
    }
    let more = of.count - of.first.len() as u64;
    view! {
        <details class="stack">
            <summary>{title}</summary>
            <ul class="plain-list faults">
                {of.first.into_iter().map(|name| view! { <li>{name}</li> }).collect_view()}
            </ul>
            {(more > 0).then(|| view! { <p class="muted">{format!("and {} more", grouped(more as i64))}</p> })}
        </details>
    }
    .into_any()
}

/// Why a class is an object.
fn reason(matched: ClassMatch) -> &'static str {
    match matched {
        ClassMatch::Chosen => "chosen",
        ClassMatch::Name => "has this name",
        ClassMatch::Alike => "has nearly this name",
        ClassMatch::New => "is new",
        ClassMatch::None => "left out",
    }
}

fn class_name(name: &str) -> String {
    if name.is_empty() { "(without a name)".to_owned() } else { name.to_owned() }
}

/// Which object each class is, to be changed before the import.
#[component]
fn Classes(classes: Vec<ClassReport>, objects: Vec<String>) -> impl IntoView {
    let rows = classes.into_iter().enumerate().map(|(index, class)| {
        let label = format!("Object for {}", class_name(&class.name));
        view! {
            <tr>
                <th scope="row">{class_name(&class.name)}</th>
                <td class="number" data-label="Regions">
                    {grouped(class.regions as i64)}
                </td>
                <td data-label="Object">
                    <input type="hidden" name=format!("names[{index}]") value=class.name />
                    <input
                        type="text"
                        name=format!("objects[{index}]")
                        value=class.object.unwrap_or_default()
                        list="known-objects"
                        placeholder="left out"
                        aria-label=label
                        autocomplete="off"
                        spellcheck="false"
                        maxlength="200"
                    />
                </td>
                <td class="muted" data-label="Why">
                    {reason(class.matched)}
                </td>
            </tr>
        }
    });
    view! {
        <Table label="Classes" columns=&[Text("Class"), Number("Regions"), Text("Object"), Text("Why")]>
            {rows.collect_view()}
        </Table>
        <datalist id="known-objects">
            {objects.into_iter().map(|name| view! { <option value=name></option> }).collect_view()}
        </datalist>
    }
}

/// Which object each class has become.
#[component]
fn ClassesThen(classes: Vec<ClassReport>) -> impl IntoView {
    let rows = classes.into_iter().map(|class| {
        let object = match class.object {
            Some(object) => view! { <a href=object_href(&object)>{object.clone()}</a> }.into_any(),
            None => view! { <span class="muted">"left out"</span> }.into_any(),
        };
        view! {
            <tr>
                <th scope="row">{class_name(&class.name)}</th>
                <td class="number" data-label="Regions">
                    {grouped(class.regions as i64)}
                </td>
                <td data-label="Object">{object}</td>
            </tr>
        }
    });
    view! {
        <Table label="Classes" columns=&[Text("Class"), Number("Regions"), Text("Object")]>
            {rows.collect_view()}
        </Table>
    }
}

/// What there is, in sentences.
#[component]
fn Numbers(report: AnnotationsReport) -> impl IntoView {
    let format =
        AnnotationFormat::named(&report.format).map_or(report.format.clone(), |format| format.label().to_owned());
    let would = |done: &str, would: &str| if report.dry_run { would.to_owned() } else { done.to_owned() };
    let pictures = format!(
        "{}, of which {} {} found in the dataset or {} along.",
        many(report.pictures, "picture is named", "pictures are named"),
        grouped(report.found as i64),
        if report.found == 1 { "is" } else { "are" },
        if report.found == 1 { "comes" } else { "come" },
    );
    let along = (report.added + report.already_there + report.refused.count > 0).then(|| {
        format!(
            "{} {} to the dataset; {} there already.",
            many(report.added, "picture", "pictures"),
            would("added", "would be added"),
            grouped(report.already_there as i64),
        )
    });
    let by_name = (report.found_by_name > 0).then(|| {
        format!(
            "{} found by the name alone, in another folder.",
            many(report.found_by_name, "picture is", "pictures are")
        )
    });
    let regions = format!(
        "{}, of which {} {}.",
        many(report.regions, "region can be read", "regions can be read"),
        grouped(report.stored as i64),
        would(if report.stored == 1 { "was stored" } else { "were stored" }, "would be stored"),
    );
    let losses = (!report.losses.is_empty()).then(|| {
        let lines = report.losses.iter().map(|(what, times)| format!("{} {what}", grouped(*times as i64)));
        let lines: Vec<_> = lines.map(|line| view! { <li>{line}</li> }).collect();
        view! {
            <Notice tone=Tone::Warning>
                <div>
                    <p>"Not everything can be said here:"</p>
                    <ul>{lines}</ul>
                </div>
            </Notice>
        }
    });
    view! {
        <ul class="stack plain-list">
            <li>
                "Format: " <strong>{format}</strong>
            </li>
            <li>{pictures}</li>
            {by_name.map(|line| view! { <li>{line}</li> })}
            {along.map(|line| view! { <li>{line}</li> })}
            <li>
                <strong>{regions}</strong>
            </li>
        </ul>
        <Faults
            title=many(report.missing.count, "picture is not there", "pictures are not there")
            of=report.missing
        />
        <Faults
            title=many(report.ambiguous.count, "picture may be one of several", "pictures may be one of several")
            of=report.ambiguous
        />
        <Faults
            title=many(report.refused.count, "picture cannot come along", "pictures cannot come along")
            of=report.refused
        />
        {losses}
    }
}

/// What comes after a dry run.
#[component]
fn GoOn(id: i64, request: ImportRequest, report: AnnotationsReport, objects: Vec<String>) -> impl IntoView {
    let action = ServerAction::<GoOnWithImport>::new();
    let existing = request.existing;
    let choice = |value: Existing, words: &'static str| {
        view! {
            <label class="choice">
                <input type="radio" name="existing" value=value.as_str() checked=existing == value />
                <span>{words}</span>
            </label>
        }
    };
    let choices = (
        choice(Existing::Keep, "Keep them, and put the new ones on top"),
        choice(Existing::Replace, "Replace them; earlier states stay in each picture's history"),
    );
    view! {
        <section class="card stack" aria-labelledby="classes">
            <h2 id="classes">"Which objects its classes are"</h2>
            <Form action=action submit="Import" busy="Beginning …">
                <input type="hidden" name="of" value=id.to_string() />
                <p class="muted">"Regions of a class without an object are left out."</p>
                <Classes classes=report.classes objects=objects />
                <CheckBox label="Register objects that are not there yet" name="create_objects" checked=true />
                <fieldset class="field">
                    <legend class="field-label">"Regions that pictures have already"</legend>
                    {choices}
                </fieldset>
            </Form>
        </section>
    }
}

/// What came of an import.
#[derive(Clone, Debug, PartialEq)]
enum Came {
    Annotations(Box<AnnotationsReport>),
    Archive(Box<ArchiveReport>),
}

impl Came {
    /// None before the end.
    fn of(job: &Job, kind: &ImportKind) -> Option<Self> {
        match kind {
            ImportKind::Annotations => report_of(job).map(|report| Self::Annotations(Box::new(report))),
            ImportKind::Archive => archive_report_of(job).map(|report| Self::Archive(Box::new(report))),
        }
    }
}

/// An import.
#[component]
pub(super) fn Import(import: ImportJob, objects: Vec<String>, choices: Choices) -> impl IntoView {
    let ImportJob { job, request, file, dataset, .. } = import;
    let (id, dry_run) = (job.id, request.dry_run);
    let kind = request.kind().unwrap_or_default();
    let newest = RwSignal::new(job.clone());
    // What is shown of the result is drawn once, so that nothing that was typed is lost while the job goes on to be looked at.
    let result = Memo::new(move |_| newest.with(|job| Came::of(job, &kind)));
    let state = Memo::new(move |_| newest.with(|job| job.state));
    let failure = move || {
        let failed = newest.with(|job| job.failure.clone()).filter(|_| state.get() == JobState::Failed);
        failed.map(|why| {
            view! {
                <Notice tone=Tone::Danger>
                    <p>{sentence(&why)}</p>
                </Notice>
            }
        })
    };
    let errors = move || newest.with(|job| (job.state.has_ended() && job.errors > 0).then_some(job.errors));
    let errors = move || {
        errors().map(|errors| {
            let words = format!("{} as CSV", count(errors, "error", "errors"));
            view! {
                <p>
                    <a href=format!("/api/v1/jobs/{id}/errors.csv") rel="external" download="">
                        {words}
                    </a>
                </p>
            }
        })
    };
    let (title, again) = match dry_run {
        true => (format!("What would come of {file}"), "Choose another file"),
        false => (format!("Import of {file}"), "Import more"),
    };
    let again_href = match &dataset {
        Some(name) => format!("/import?dataset={}&folder={}", path_segment(name), path_segment(&request.folder)),
        None => "/import".to_owned(),
    };
    let crumb = match dataset.clone() {
        Some(name) => view! { <a href=format!("/{name}")>{name.clone()}</a> }.into_any(),
        None => view! { <a href="/datasets">"Datasets"</a> }.into_any(),
    };
    let see = dataset.map(|name| {
        view! {
            <a class="button" href=format!("/{name}")>
                "See the dataset"
            </a>
        }
    });
    let request = StoredValue::new(request);
    let objects = StoredValue::new(objects);
    let choices = StoredValue::new(choices);
    let outcome = move || {
        result.get().map(|came| {
            let report = match came {
                Came::Annotations(report) => *report,
                Came::Archive(report) => {
                    return view! {
                        <Outcome id=id report=*report choices=choices.get_value() />
                        {errors}
                    }
                    .into_any();
                }
            };
            let go_on = dry_run.then(|| {
                let (request, report) = (request.get_value(), report.clone());
                view! { <GoOn id=id request=request report=report objects=objects.get_value() /> }
            });
            let classes = (!dry_run).then(|| view! { <ClassesThen classes=report.classes.clone() /> });
            view! {
                <Numbers report=report />
                {errors}
                {classes}
                {go_on}
            }
            .into_any()
        })
    };
    view! {
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">{crumb}</p>
                    <h1>{title}</h1>
                </div>
            </div>
            <div class="stack">
                <JobProgress job=job newest=newest />
                {failure}
                {move || result.with(Option::is_none).then_some(errors)}
                {outcome}
                <p class="cluster">
                    <a class="button" href=again_href>
                        {again}
                    </a>
                    {see}
                    <a href="/jobs">"All jobs"</a>
                </p>
            </div>
        </div>
    }
}
