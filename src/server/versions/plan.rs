//! What people want to do with files becomes what a commit changes, or is refused as a whole.

use super::{ALL_FILES, Held, no_file};
use crate::model::version::{MAX_CHANGES, check_path, is_md5, is_moved};
use crate::model::{AppError, FieldError, FileChange};
use crate::server::git::{Edit, Pointer, shown};
use crate::server::store::dataset_files::{self, FileRow};
use std::collections::{BTreeMap, BTreeSet};

/// What is done, for those who write no message.
pub(super) fn in_words(changes: &[FileChange]) -> String {
    match changes {
        [FileChange::Put { path, .. }] => format!("Put {path}"),
        [FileChange::Delete { path }] => format!("Delete {path}"),
        [FileChange::Move { from, to }] => {
            format!("{} {from} to {to}", if is_moved(from, to) { "Move" } else { "Rename" })
        }
        several => {
            let (mut put, mut deleted, mut moved, mut renamed) = (0, 0, 0, 0);
            for change in several {
                match change {
                    FileChange::Put { .. } => put += 1,
                    FileChange::Delete { .. } => deleted += 1,
                    FileChange::Move { from, to } if is_moved(from, to) => moved += 1,
                    FileChange::Move { .. } => renamed += 1,
                }
            }
            let words = [(put, "put"), (deleted, "deleted"), (moved, "moved"), (renamed, "renamed")];
            let words = words.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}"));
            format!("Files: {}", words.collect::<Vec<_>>().join(", "))
        }
    }
}

/// What a commit changes. Nothing that would be as it is, and no path twice.
pub(super) async fn edits(held: &Held, changes: &[FileChange]) -> Result<Vec<Edit>, AppError> {
    if changes.is_empty() || changes.len() > MAX_CHANGES {
        return Err(AppError::field("changes", format!("must be 1 to {MAX_CHANGES}")));
    }
    let (db, dataset) = (&held.state.db, held.dataset);
    let changes = whole_folders(held, changes).await?;
    check_paths(&changes)?;
    let paths: BTreeSet<&str> = changes.iter().flat_map(paths_of).collect();
    let paths: Vec<&str> = paths.into_iter().collect();
    let before = dataset_files::at(db, dataset, &paths).await?;
    let sums = changes.iter().filter_map(|change| match change {
        FileChange::Put { md5, .. } => Some(md5.clone()),
        _ => None,
    });
    let known = dataset_files::known(db, dataset, &sums.collect()).await?;

    let mut after: BTreeMap<&str, Option<Pointer>> = BTreeMap::new();
    let now = |after: &BTreeMap<&str, Option<Pointer>>, path: &str| match after.get(path) {
        Some(pointer) => pointer.clone(),
        None => before.get(path).map(FileRow::pointer),
    };
    for (index, change) in changes.iter().enumerate() {
        match change {
            FileChange::Put { path, md5 } => {
                let kept = known.get(md5).ok_or_else(|| {
                    AppError::field(format!("changes[{index}].md5"), "names bytes that this dataset does not have")
                })?;
                after.insert(path, Some(super::bytes::pointer(kept)));
            }
            FileChange::Delete { path } => {
                now(&after, path).ok_or_else(|| no_file(path))?;
                after.insert(path, None);
            }
            FileChange::Move { from, to } => {
                let pointer = now(&after, from).ok_or_else(|| no_file(from))?;
                if now(&after, to).is_some() {
                    return Err(AppError::Conflict(format!("there is a file `{to}` already")));
                }
                after.insert(from, None);
                after.insert(to, Some(pointer));
            }
        }
    }
    after.retain(|path, pointer| before.get(*path).map(FileRow::pointer) != *pointer);
    refuse_files_in_files(held, &after, &before.keys().map(String::as_str).collect()).await?;
    let edit = |(path, pointer): (&str, Option<Pointer>)| match pointer {
        Some(pointer) => Edit::Put(path.to_owned(), pointer),
        None => Edit::Remove(path.to_owned()),
    };
    Ok(after.into_iter().map(edit).collect())
}

fn paths_of(change: &FileChange) -> impl Iterator<Item = &str> {
    let (one, other) = match change {
        FileChange::Put { path, .. } | FileChange::Delete { path } => (path, None),
        FileChange::Move { from, to } => (from, Some(to)),
    };
    std::iter::once(one).chain(other).map(String::as_str)
}

fn check_paths(changes: &[FileChange]) -> Result<(), AppError> {
    // Whoever sends very many hears of some.
    const MOST: usize = 20;
    let faults = changes.iter().enumerate().flat_map(|(index, change)| {
        let fault = |key: &str, path: &str| check_path(&format!("changes[{index}].{key}"), path);
        let faults: Vec<FieldError> = match change {
            FileChange::Put { path, md5 } => {
                let sum = (!is_md5(md5)).then(|| {
                    FieldError::new(format!("changes[{index}].md5"), "must be 32 lower-case hexadecimal digits")
                });
                fault("path", path).into_iter().chain(sum).collect()
            }
            FileChange::Delete { path } => fault("path", path).into_iter().collect(),
            FileChange::Move { from, to } => fault("from", from).into_iter().chain(fault("to", to)).collect(),
        };
        faults
    });
    let faults: Vec<FieldError> = faults.take(MOST).collect();
    if faults.is_empty() { Ok(()) } else { Err(AppError::fields(faults)) }
}

/// In place of a folder, every file in it.
async fn whole_folders(held: &Held, changes: &[FileChange]) -> Result<Vec<FileChange>, AppError> {
    let mut whole = Vec::with_capacity(changes.len());
    for (index, change) in changes.iter().enumerate() {
        match change {
            FileChange::Delete { path } if path.ends_with('/') => {
                let inside = files_in(held, path).await?;
                whole.extend(inside.into_iter().map(|row| FileChange::Delete { path: row.path }));
            }
            FileChange::Move { from, to } if from.ends_with('/') || to.ends_with('/') => {
                if !(from.ends_with('/') && to.ends_with('/')) {
                    let message = "must end with `/` if the other one does: a folder becomes a folder";
                    return Err(AppError::field(format!("changes[{index}].to"), message));
                }
                whole.extend(files_in(held, from).await?.into_iter().map(|row| {
                    let to = format!("{to}{}", row.path.strip_prefix(from.as_str()).unwrap_or_default());
                    FileChange::Move { from: row.path, to }
                }));
            }
            other => whole.push(other.clone()),
        }
        if whole.len() > MAX_CHANGES {
            let message = format!("one commit changes at most {MAX_CHANGES} files; take smaller folders");
            return Err(AppError::TooLarge(message));
        }
    }
    Ok(whole)
}

async fn files_in(held: &Held, folder: &str) -> Result<Vec<FileRow>, AppError> {
    if check_path("path", folder.trim_end_matches('/')).is_some() {
        return Err(no_file(folder));
    }
    let most = MAX_CHANGES as u64 + 1;
    let inside = dataset_files::below(&held.state.db, held.dataset, folder, most).await?;
    if inside.is_empty() { Err(no_file(folder)) } else { Ok(inside) }
}

/// A name is that of a file or of a folder, never of both.
async fn refuse_files_in_files(
    held: &Held,
    after: &BTreeMap<&str, Option<Pointer>>,
    before: &BTreeSet<&str>,
) -> Result<(), AppError> {
    let (db, dataset) = (&held.state.db, held.dataset);
    let gone = |path: &str| matches!(after.get(path), Some(None));
    let conflict = |file: &str, inside: &str| {
        let (file, inside) = (shown(file), shown(inside));
        AppError::Conflict(format!("`{file}` cannot be a file and, because of `{inside}`, a folder as well"))
    };
    let new: Vec<&str> = after
        .iter()
        .filter(|(path, after)| after.is_some() && !before.contains(*path))
        .map(|(path, _)| *path)
        .collect();
    let mut folders: BTreeMap<&str, &str> = BTreeMap::new();
    for path in &new {
        folders.extend(path.match_indices('/').map(|(end, _)| (&path[..end], *path)));
    }
    let names: Vec<&str> = folders.keys().copied().collect();
    let files = dataset_files::at(db, dataset, &names).await?;
    for (folder, inside) in &folders {
        let is_new = matches!(after.get(folder), Some(Some(_)));
        if is_new || (files.contains_key(*folder) && !gone(folder)) {
            return Err(conflict(folder, inside));
        }
    }
    let removed = after.values().filter(|pointer| pointer.is_none()).count() as u64;
    let files: BTreeSet<&str> = new.iter().copied().collect();
    for path in paths_inside(held, &new, removed.saturating_add(1)).await?.iter().filter(|path| !gone(path)) {
        let mut above = path.match_indices('/').map(|(end, _)| &path[..end]);
        if let Some(file) = above.find(|folder| files.contains(folder)) {
            return Err(conflict(file, path));
        }
    }
    refuse_texts_as_files(held, &files, &folders).await
}

/// Texts that Git keeps itself are no files, and the index does not know them: no file is called like one, or like the folder of one, nor
/// is in a folder that is called so. `folders` says of each folder which new file is in it.
async fn refuse_texts_as_files(
    held: &Held,
    files: &BTreeSet<&str>,
    folders: &BTreeMap<&str, &str>,
) -> Result<(), AppError> {
    let Some(head) = held.head().filter(|_| !files.is_empty()) else { return Ok(()) };
    let names: Vec<&str> = files.iter().copied().chain(folders.keys().copied()).collect();
    let kinds = held.repository.kinds(head, &names).await?;
    let conflict = |text: &str, file: &str| {
        let (text, file) = (shown(text), shown(file));
        AppError::Conflict(format!(
            "Git keeps the text `{text}` itself, so that there can be no file `{file}`; take another name"
        ))
    };
    let mut taken = Vec::new();
    for (name, kind) in names.into_iter().zip(kinds) {
        match kind.as_deref() {
            Some("blob") => return Err(conflict(name, folders.get(name).copied().unwrap_or(name))),
            Some("tree") if files.contains(name) => taken.push(name),
            _ => {}
        }
    }
    for text in held.repository.texts_below(head, &taken).await? {
        let mut above = text.match_indices('/').map(|(end, _)| &text[..end]);
        if let Some(file) = above.find(|folder| files.contains(folder)) {
            return Err(conflict(&text, file));
        }
    }
    Ok(())
}

/// Of each folder that is called like one of these paths, the first `most` files at least.
async fn paths_inside(held: &Held, paths: &[&str], most: u64) -> Result<Vec<String>, AppError> {
    // So many looks take no longer than one at everything.
    const LOOKS: usize = 1000;
    let (db, dataset) = (&held.state.db, held.dataset);
    let mut rows = Vec::new();
    if paths.len() > LOOKS {
        rows = dataset_files::below(db, dataset, "", ALL_FILES).await?;
    } else {
        for path in paths {
            rows.extend(dataset_files::below(db, dataset, &format!("{path}/"), most).await?);
        }
    }
    Ok(rows.into_iter().map(|row| row.path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_is_done() {
        let put = |path: &str| FileChange::Put { path: path.into(), md5: "0".repeat(32) };
        let delete = |path: &str| FileChange::Delete { path: path.into() };
        let renamed = || FileChange::Move { from: "a".into(), to: "b".into() };
        let moved = || FileChange::Move { from: "a".into(), to: "b/a".into() };
        assert_eq!(in_words(&[put("a")]), "Put a");
        assert_eq!(in_words(&[delete("a/")]), "Delete a/");
        assert_eq!(in_words(&[renamed()]), "Rename a to b");
        assert_eq!(in_words(&[moved()]), "Move a to b/a");
        assert_eq!(in_words(&[put("a"), put("b"), delete("c")]), "Files: 2 put, 1 deleted");
        assert_eq!(in_words(&[moved(), moved(), renamed()]), "Files: 2 moved, 1 renamed");
    }
}
