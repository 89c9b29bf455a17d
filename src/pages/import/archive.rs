//! What comes of an archive with a table, or would: its columns, the texts that stand for licences and natures, and rows without files, with
//! repair by hand.

use super::report::{Faults, many};
use crate::api::imports::GoOnWithArchive;
use crate::model::import::{
    ArchiveReport, ColumnReport, ColumnUse, Encoding, Listed, NamedRow, RowsReport, TextReport,
};
use crate::ui::field::CheckBox;
use crate::ui::form::Form;
use crate::ui::table::Column::{Number, Text};
use crate::ui::table::Table;
use crate::ui::text::grouped;
use leptos::prelude::*;

/// What licences and natures there are to choose from: their ids, and what they are called.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Choices {
    pub licences: Vec<(String, String)>,
    pub natures: Vec<(String, String)>,
}

fn delimiter_name(delimiter: char) -> String {
    match delimiter {
        ',' => "commas".to_owned(),
        ';' => "semicolons".to_owned(),
        '\t' => "tabs".to_owned(),
        other => format!("`{other}`"),
    }
}

fn encoding_name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16Le | Encoding::Utf16Be => "UTF-16",
        Encoding::Windows1252 => "Latin-1",
    }
}

/// What a column is used for, as a choice.
#[component]
fn Use(index: usize, column: ColumnReport, is_open: bool) -> impl IntoView {
    if !is_open {
        return column.used.label().into_any();
    }
    let label = format!("Use of {}", column.name);
    let options = ColumnUse::ALL.iter().map(|used| {
        view! {
            <option value=used.as_str() selected=*used == column.used>
                {used.label()}
            </option>
        }
    });
    view! {
        <input type="hidden" name=format!("choices[columns][{index}]") value=column.name />
        <select name=format!("choices[uses][{index}]") aria-label=label>
            {options.collect_view()}
        </select>
    }
    .into_any()
}

/// The columns of the table, and what each is used for.
#[component]
fn Columns(columns: Vec<ColumnReport>, is_open: bool) -> impl IntoView {
    let rows = columns.into_iter().enumerate().map(move |(index, column)| {
        let kind = match (column.kind.as_str(), column.ambiguous_days) {
            (_, true) => "days, whose order nobody can tell, as texts",
            ("number", _) => "numbers",
            ("boolean", _) => "yes or no",
            ("time", _) => "days or moments",
            ("place", _) => "places",
            ("empty", _) => "nothing",
            _ => "texts",
        };
        let examples = column.examples.join(" · ");
        view! {
            <tr>
                <th scope="row">{column.name.clone()}</th>
                <td data-label="In it">
                    {kind} <p class="field-hint">{examples}</p>
                </td>
                <td class="number" data-label="Filled">
                    {grouped(column.filled as i64)}
                </td>
                <td data-label="Used as">
                    <Use index=index column=column is_open=is_open />
                </td>
            </tr>
        }
    });
    view! {
        <Table label="Columns" columns=&[Text("Column"), Text("In it"), Number("Filled"), Text("Used as")]>
            {rows.collect_view()}
        </Table>
    }
}

/// What texts stand for, as choices.
#[component]
fn Texts(
    /// `licence` or `nature`.
    what: &'static str,
    texts: Vec<TextReport>,
    choices: Vec<(String, String)>,
) -> impl IntoView {
    if texts.is_empty() {
        return ().into_any();
    }
    let unknown = texts.iter().filter(|text| text.ids.is_empty()).count() as u64;
    let heading = match unknown {
        0 => format!("All {what}s are known"),
        _ => many(unknown, &format!("{what} is unknown"), &format!("{what}s are unknown")),
    };
    let choices = StoredValue::new(choices);
    let rows = texts.into_iter().enumerate().map(move |(index, text)| {
        let label = format!("Meaning of {}", text.text);
        let several = (text.ids.len() > 1).then(|| text.ids.join(", "));
        let choice = match several {
            // Whoever wants another one says so in the table.
            Some(ids) => ids.into_any(),
            None => {
                let chosen = text.ids.first().cloned().unwrap_or_default();
                let options = choices.with_value(|choices| {
                    let option = |(id, name): &(String, String)| {
                        let (id, name) = (id.clone(), name.clone());
                        view! {
                            <option value=id.clone() selected=id == chosen>
                                {name}
                            </option>
                        }
                    };
                    choices.iter().map(option).collect_view()
                });
                view! {
                    <input type="hidden" name=format!("choices[{what}_texts][{index}]") value=text.text.clone() />
                    <select name=format!("choices[{what}_ids][{index}]") aria-label=label>
                        <option value="">"Unknown: keep as a field"</option>
                        {options}
                    </select>
                }
                .into_any()
            }
        };
        view! {
            <tr>
                <th scope="row">{text.text.clone()}</th>
                <td class="number" data-label="Rows">
                    {grouped(text.rows as i64)}
                </td>
                <td data-label="Means">{choice}</td>
            </tr>
        }
    });
    let label = if what == "licence" { "Licences" } else { "Natures" };
    view! {
        <details class="stack" open={unknown > 0}>
            <summary>{heading}</summary>
            <Table label=label columns=&[Text("In the table"), Number("Rows"), Text("Means")]>
                {rows.collect_view()}
            </Table>
        </details>
    }
    .into_any()
}

/// A row that needs a file, what may be meant, and which files there are to choose from.
struct Open {
    row: NamedRow,
    why: &'static str,
    near: Option<String>,
}

fn open_rows(rows: &RowsReport) -> Vec<Open> {
    let missing = rows.missing.first.iter().map(|missing| Open {
        row: missing.row.clone(),
        why: "no file is called so",
        near: missing.nearest.clone(),
    });
    let ambiguous = rows.ambiguous.first.iter().map(|ambiguous| Open {
        row: ambiguous.row.clone(),
        why: "several files are called so",
        near: None,
    });
    let unnamed = rows.unnamed.first.iter().map(|row| Open { row: row.clone(), why: "no file is named", near: None });
    missing.chain(ambiguous).chain(unnamed).collect()
}

/// Rows without files, each with a field for its file.
#[component]
fn Repairs(rows: RowsReport) -> impl IntoView {
    let open = open_rows(&rows);
    if open.is_empty() {
        return ().into_any();
    }
    let all = rows.missing.count + rows.ambiguous.count + rows.unnamed.count;
    let candidates = rows.ambiguous.first.iter().flat_map(|ambiguous| ambiguous.paths.iter());
    let mut files: Vec<String> = rows.without_row.first.iter().chain(candidates).cloned().collect();
    files.sort();
    files.dedup();
    let more = all - open.len() as u64;
    let lines = open.into_iter().enumerate().map(|(index, Open { row, why, near })| {
        let label = format!("File of line {}", row.line);
        let hint = near.map(|near| format!("perhaps {near}"));
        view! {
            <tr>
                <th scope="row">{format!("Line {}", grouped(row.line as i64))}</th>
                <td data-label="Says">
                    {row.name} <p class="field-hint">{why}</p>
                </td>
                <td data-label="File">
                    <input type="hidden" name=format!("choices[rows][{index}]") value=row.row.to_string() />
                    <input
                        type="text"
                        name=format!("choices[files][{index}]")
                        list="free-files"
                        placeholder="none"
                        aria-label=label
                        autocomplete="off"
                        spellcheck="false"
                        maxlength="1000"
                    />
                    {hint.map(|hint| view! { <p class="field-hint">{hint}</p> })}
                </td>
            </tr>
        }
    });
    view! {
        <details class="stack" open>
            <summary>{many(all, "row has no file", "rows have no files")}</summary>
            <p class="muted">"Name the file of a row, or leave it empty: the row is left out then."</p>
            <Table label="Rows without files" columns=&[Text("Row"), Text("Says"), Text("File")]>
                {lines.collect_view()}
            </Table>
            {(more > 0).then(|| view! { <p class="muted">{format!("and {} more", grouped(more as i64))}</p> })}
        </details>
        <datalist id="free-files">
            {files.into_iter().map(|path| view! { <option value=path></option> }).collect_view()}
        </datalist>
    }
    .into_any()
}

/// What there is, in sentences.
#[component]
fn Numbers(report: ArchiveReport) -> impl IntoView {
    let ArchiveReport { dry_run, row_count, files, added, already_there, described, .. } = report;
    let would = |done: &'static str, would: &'static str| if dry_run { would } else { done };
    let table = format!(
        "The table {} is in {}, with {} between cells{}.",
        report.table,
        encoding_name(report.encoding),
        delimiter_name(report.delimiter),
        if report.has_header { "" } else { ", without names of columns" },
    );
    let matched = format!(
        "{}, of which {} {} a file.",
        many(row_count, "row", "rows"),
        grouped(report.rows.matched as i64),
        if report.rows.matched == 1 { "has" } else { "have" },
    );
    let brought = format!(
        "{}: {} {} to the dataset, {} there already.",
        many(files, "file", "files"),
        grouped(added as i64),
        would("added", "would be added"),
        grouped(already_there as i64),
    );
    let said = format!(
        "{} what the table says of {}.",
        many(
            described,
            would("picture has got", "picture would get"),
            would("pictures have got", "pictures would get")
        ),
        if described == 1 { "it" } else { "them" },
    );
    let repeated = report.rows.repeated;
    let repeated = Listed {
        count: repeated.count,
        first: repeated.first.into_iter().map(|row| format!("line {}: {}", row.row.line, row.path)).collect(),
    };
    view! {
        <ul class="stack plain-list">
            <li>{table}</li>
            <li>{matched}</li>
            <li>{brought}</li>
            <li>
                <strong>{said}</strong>
            </li>
        </ul>
        <Faults
            title=many(report.rows.without_row.count, "file without a row", "files without rows")
            of=report.rows.without_row
        />
        <Faults
            title=many(repeated.count, "row names a file that another has", "rows name files that others have")
            of=repeated
        />
        <Faults
            title=many(
                report.unreadable.count,
                "picture cannot be read, and is kept as a file",
                "pictures cannot be read, and are kept as files",
            )
            of=report.unreadable
        />
        <Faults
            title=many(
                report.without_picture.count,
                "row is about a file that is no picture: nothing of it can be kept",
                "rows are about files that are no pictures: nothing of them can be kept",
            )
            of=report.without_picture
        />
        <Faults
            title=many(report.unfit.count, "cell is kept as a field", "cells are kept as fields")
            of=report.unfit
        />
        <Faults
            title=many(report.rows.wrong_repairs.count, "repair does not fit", "repairs do not fit")
            of=report.rows.wrong_repairs
        />
        <Faults title=many(report.refused.count, "file cannot come in", "files cannot come in") of=report.refused />
    }
}

/// What came of it, or would, with what comes next.
#[component]
pub(super) fn Outcome(id: i64, report: ArchiveReport, choices: Choices) -> impl IntoView {
    let action = ServerAction::<GoOnWithArchive>::new();
    let is_open = report.dry_run;
    let (columns, rows) = (report.columns.clone(), report.rows.clone());
    let (licences, natures) = (report.licences.clone(), report.natures.clone());
    let next = match is_open {
        false => view! { <Columns columns=columns is_open=false /> }.into_any(),
        true => view! {
            <section class="card stack" aria-labelledby="next">
                <h2 id="next">"What the table says"</h2>
                <Form action=action submit="Go on" busy="Beginning …">
                    <input type="hidden" name="of" value=id.to_string() />
                    <Columns columns=columns is_open=true />
                    <Texts what="licence" texts=licences choices=choices.licences />
                    <Texts what="nature" texts=natures choices=choices.natures />
                    <Repairs rows=rows />
                    <CheckBox label="Only look again, and change nothing yet" name="dry_run" checked=false />
                </Form>
            </section>
        }
        .into_any(),
    };
    view! {
        <Numbers report=report />
        {next}
    }
}
