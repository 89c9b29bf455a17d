//! What came of an import, as the command line says it.

use crate::model::Job;
use crate::model::import::{AnnotationsReport, ArchiveReport, ClassMatch, ColumnUse, Listed};

fn some(what: &str, list: &Listed) -> Option<String> {
    let first = || list.first.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    (list.count > 0).then(|| format!("{} {what}, such as {}", list.count, first()))
}

fn errors(job: &Job) -> Option<String> {
    (job.errors > 0).then(|| format!("{} errors in all; /job/{} lists them.", job.errors, job.id))
}

/// What came of annotations, line by line.
pub fn of_annotations(report: &AnnotationsReport, job: &Job) -> Vec<String> {
    let AnnotationsReport { dry_run, format, pictures, found, regions, stored, .. } = report;
    let (were, be) = if *dry_run { ("would be", "would be ") } else { ("were", "") };
    let mut lines = vec![format!(
        "Read {format}: {found} of {pictures} pictures found, {stored} of {regions} regions {were} stored."
    )];
    if report.added + report.already_there > 0 {
        lines.push(format!("{} pictures {be}added; {} there already.", report.added, report.already_there));
    }
    for class in &report.classes {
        let name = if class.name.is_empty() { "(without a name)" } else { &class.name };
        lines.push(match (&class.object, class.matched) {
            (Some(object), ClassMatch::New) => format!("  {name}: {} regions of {object}, which is new", class.regions),
            (Some(object), _) => format!("  {name}: {} regions of {object}", class.regions),
            (None, _) => format!("  {name}: {} regions left out", class.regions),
        });
    }
    lines.extend(report.losses.iter().map(|(what, times)| format!("{times} {what}")));
    lines.extend(some("pictures not found", &report.missing));
    lines.extend(some("pictures one of several", &report.ambiguous));
    lines.extend(some("pictures refused", &report.refused));
    lines.extend(errors(job));
    lines
}

/// What came of an archive with a table, line by line.
pub fn of_archive(report: &ArchiveReport, job: &Job) -> Vec<String> {
    let ArchiveReport { dry_run, table, row_count, files, rows, added, already_there, described, .. } = report;
    let (be, get) = if *dry_run { ("would be ", "would get") } else { ("", "got") };
    let mut lines = vec![
        format!("Read {table}: {} of {row_count} rows have a file.", rows.matched),
        format!("{added} of {files} files {be}added; {already_there} there already."),
        format!("{described} pictures {get} what the table says of them."),
    ];
    let used = report.columns.iter().filter(|column| column.used != ColumnUse::Skip);
    lines.extend(used.map(|column| format!("  {}: {}", column.name, column.used.as_str())));
    for (what, texts) in [("licence", &report.licences), ("nature", &report.natures)] {
        for text in texts.iter().filter(|text| text.ids.is_empty()) {
            lines.push(format!("“{}” is no known {what}, and is kept as a field ({} rows)", text.text, text.rows));
        }
    }
    if rows.missing.count > 0 {
        let first = rows.missing.first.iter().take(3).map(|missing| missing.row.name.as_str());
        lines.push(format!(
            "{} rows without files, such as {}",
            rows.missing.count,
            first.collect::<Vec<_>>().join(", ")
        ));
    }
    for (what, count) in [
        ("rows that may have one of several files", rows.ambiguous.count),
        ("rows whose file another has", rows.repeated.count),
        ("rows that name no file", rows.unnamed.count),
    ] {
        lines.extend((count > 0).then(|| format!("{count} {what}")));
    }
    lines.extend(some("files without rows", &rows.without_row));
    lines.extend(some("pictures that cannot be read", &report.unreadable));
    lines.extend(some("rows about files that are no pictures", &report.without_picture));
    lines.extend(some("files refused", &report.refused));
    lines.extend(errors(job));
    lines
}
