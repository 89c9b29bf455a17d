//! Bringing files to a dataset, as one commit.

use super::digest::hash;
use super::progress;
use super::site::{Course, FIRST_WAIT, Refusal, Site, again, patiently};
use super::{Remote, not_done, told};
use crate::model::batch::WHOLE_BYTES;
use crate::model::batch::paths::is_litter;
use crate::model::text::{count, path_segment};
use crate::model::version::{MAX_CHANGES, check_path};
use crate::model::{Committed, DatasetFile, FileChange};
use crate::server::cli::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use clap::Args;
use futures::{Stream, StreamExt};
use indicatif::ProgressBar;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;
use walkdir::WalkDir;

/// Largest part that is sent in one request, in bytes: of a file that broke off, at most so much is sent again.
const PART: u64 = 32 << 20;
/// It leaves in pieces of so many bytes.
const PIECE: usize = 64 * 1024;
/// Files are asked for in lists of so many.
const LISTED: usize = 1000;
const RESUMABLE: (HeaderName, HeaderValue) =
    (HeaderName::from_static("tus-resumable"), HeaderValue::from_static("1.0.0"));
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const BYTES: &str = "application/offset+octet-stream";

/// What `ocellus upload` can be told.
#[derive(Debug, Args)]
pub struct UploadArguments {
    #[command(flatten)]
    remote: Remote,
    /// The folder of the dataset to put them into; without, they stand at its top
    #[arg(long, value_name = "FOLDER", default_value = "", hide_default_value = true)]
    into: String,
    /// What the commit says
    #[arg(long, short, value_name = "TEXT")]
    message: Option<String>,
    /// Where to remember what was begun; without, in the user's own folder of such things
    #[arg(long, env = "OCELLUS_CACHE", value_name = "DIR", hide = true)]
    cache: Option<PathBuf>,
    /// Only say what would be brought
    #[arg(long)]
    dry_run: bool,
    /// Files and folders. A folder comes with its name; with a `/` at its end, only what is in it
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// A file that is to be brought.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Local {
    /// Where it is here.
    file: PathBuf,
    /// Where it is to be in the dataset.
    path: String,
    size: u64,
}

/// Brings what the dataset does not have yet, commits it, and says what has been done, line by line.
pub async fn upload(arguments: UploadArguments) -> Result<Vec<String>, Failure> {
    let UploadArguments { remote, into, message, cache, dry_run, files } = &arguments;
    let Scanned { locals, litter, linked } = scan(files, into.trim_matches('/'))?;
    let site = Site::find(remote).await?;
    let there = list(&site, into.trim_matches('/')).await?;
    let jobs = usize::from(remote.jobs);
    let summed = sums(&locals, jobs).await?;
    let is_new = |(local, md5): &(&Local, String)| there.get(&local.path).is_none_or(|there| there != md5);
    let (new, same): (Vec<_>, Vec<_>) = locals.iter().zip(summed).partition(is_new);
    let mut report = Vec::new();
    if litter > 0 {
        report.push(format!(
            "Left out {} that systems leave in folders (such as .DS_Store or Thumbs.db).",
            progress::files(litter)
        ));
    }
    if let Some(first) = linked.first() {
        let number = count(linked.len() as i64, "folder that is a link", "folders that are links");
        report.push(format!("Left out {number}: name what is to be brought of {}.", first.display()));
    }
    if !same.is_empty() {
        report.push(format!("{} there already.", progress::files(same.len())));
    }
    if new.is_empty() {
        report.push("There is nothing to bring.".to_owned());
        return Ok(report);
    }
    if *dry_run {
        report.extend(new.iter().map(|(local, _)| match there.contains_key(&local.path) {
            true => format!("replace {}", local.path),
            false => format!("add {}", local.path),
        }));
        return Ok(report);
    }
    let notes = Notes::of(cache.as_deref());
    bring_all(&site, &new, jobs, notes.as_ref()).await?;
    let changes =
        new.iter().map(|(local, md5)| FileChange::Put { path: local.path.clone(), md5: md5.clone() }).collect();
    let commit = commit(&site, message.as_deref(), changes).await?;
    let replaced = new.iter().filter(|(local, _)| there.contains_key(&local.path)).count();
    let in_place = if replaced == 0 { String::new() } else { format!(", {replaced} of them in place of others") };
    report.push(format!("Uploaded {}{in_place}: commit {commit} of {}.", progress::files(new.len()), remote.dataset));
    report.push(site.page(&format!("/{}", remote.dataset)));
    Ok(report)
}

/// What was found here.
struct Scanned {
    locals: Vec<Local>,
    /// How many files were passed over that nobody means.
    litter: usize,
    /// The folders that were passed over because they are links.
    linked: Vec<PathBuf>,
}

/// The files that are meant, by their paths in the dataset.
fn scan(arguments: &[PathBuf], into: &str) -> Result<Scanned, Failure> {
    let (mut found, mut faults, mut litter, mut linked) = (BTreeMap::new(), Vec::new(), 0, Vec::new());
    for argument in arguments {
        let text = argument.to_string_lossy();
        let only_inside = text.ends_with(['/', '.']) && argument.is_dir();
        let base = if only_inside { Some(argument.as_path()) } else { argument.parent() };
        for entry in WalkDir::new(argument).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    faults.push(error.to_string());
                    continue;
                }
            };
            // What a link leads to is brought where it is a file: folders could lead round in circles.
            let Ok(metadata) = fs::metadata(entry.path()) else {
                faults.push(format!("{} cannot be read", entry.path().display()));
                continue;
            };
            // A link that was named itself is gone into.
            if metadata.is_dir() && entry.path_is_symlink() && entry.depth() > 0 {
                linked.push(entry.into_path());
                continue;
            }
            if !metadata.is_file() {
                continue;
            }
            if entry.file_name().to_str().is_some_and(is_litter) {
                litter += 1;
                continue;
            }
            match path_of(entry.path(), base, into) {
                Ok(path) => {
                    let local = Local { file: entry.into_path(), path: path.clone(), size: metadata.len() };
                    if let Some(other) =
                        found.insert(path, local.clone()).filter(|other: &Local| other.file != local.file)
                    {
                        faults.push(format!(
                            "{} and {} would both be {}",
                            other.file.display(),
                            local.file.display(),
                            local.path
                        ));
                    }
                }
                Err(fault) => faults.push(format!("{} {fault}", entry.path().display())),
            }
        }
    }
    if !faults.is_empty() {
        return Err(told("nothing was brought, since these cannot be:", &faults));
    }
    if found.len() > MAX_CHANGES {
        return Err(format!("one commit changes at most {MAX_CHANGES} files, and these are {}", found.len()).into());
    }
    if found.is_empty() {
        return Err("there are no files in these folders".into());
    }
    Ok(Scanned { locals: found.into_values().collect(), litter, linked })
}

/// The path of a file in the dataset.
fn path_of(file: &Path, base: Option<&Path>, into: &str) -> Result<String, String> {
    let inside = base.and_then(|base| file.strip_prefix(base).ok()).unwrap_or(file);
    let mut parts: Vec<&str> = if into.is_empty() { Vec::new() } else { vec![into] };
    for part in inside.components() {
        match part {
            std::path::Component::Normal(part) => parts.push(part.to_str().ok_or("has a name that is no UTF-8")?),
            std::path::Component::CurDir => {}
            // `..` and roots name no place in a dataset.
            _ => return Err("needs a path below the current folder, or a `/` at the end of its folder".to_owned()),
        }
    }
    let path = parts.join("/");
    check_path("path", &path).map_or(Ok(path), |fault| Err(fault.message))
}

/// What the dataset has in a folder: the MD5 of each file.
async fn list(site: &Site, folder: &str) -> Result<HashMap<String, String>, Failure> {
    let mut there = HashMap::new();
    for offset in (0..).step_by(LISTED) {
        let prefix = path_segment(folder);
        let path = site.path(&format!("/files/?prefix={prefix}&offset={offset}&limit={LISTED}"));
        let files: Vec<DatasetFile> = site.json(Method::GET, &path).await?;
        let listed = files.len();
        there.extend(files.into_iter().map(|file| (file.path, file.md5)));
        if listed < LISTED {
            break;
        }
    }
    Ok(there)
}

/// The MD5 of each file, in their order.
async fn sums(locals: &[Local], jobs: usize) -> Result<Vec<String>, Failure> {
    let bar = progress::bar("Looking", locals.iter().map(|local| local.size).sum());
    let sums = futures::stream::iter(locals).map(|local| {
        let (file, bar) = (local.file.clone(), bar.clone());
        async move {
            let summed = tokio::task::spawn_blocking(move || hash(&file, |read| bar.inc(read)))
                .await
                .map_err(io::Error::other)?;
            summed.map(|hashing| hashing.finish().md5)
        }
    });
    let sums: Vec<io::Result<String>> = sums.buffered(jobs).collect().await;
    bar.finish_and_clear();
    let fault = |(local, sum): (&Local, &io::Result<String>)| {
        Some(format!("{}: {}", local.file.display(), sum.as_ref().err()?))
    };
    let faults: Vec<String> = locals.iter().zip(&sums).filter_map(fault).collect();
    if !faults.is_empty() {
        return Err(told("nothing was brought, since these cannot be read:", &faults));
    }
    Ok(sums.into_iter().flatten().collect())
}

async fn bring_all(site: &Site, new: &[(&Local, String)], jobs: usize, notes: Option<&Notes>) -> Result<(), Failure> {
    // The same bytes are brought once.
    let once: BTreeMap<&str, &Local> = new.iter().map(|(local, md5)| (md5.as_str(), *local)).collect();
    let bar = progress::bar("Uploading", once.values().map(|local| local.size).sum());
    let course = Course::default();
    let brought = futures::stream::iter(&once)
        .map(|(md5, local)| async {
            let note = notes.map(|notes| notes.note(site, md5, local.size));
            let done = course.one(bring(site, local, md5, note.as_ref(), &bar)).await;
            done.map(|done| done.map_err(|error| format!("{}: {error}", local.path)))
        })
        .buffer_unordered(jobs);
    let brought: Vec<Option<Result<(), String>>> = brought.collect().await;
    bar.finish_and_clear();
    not_done("brought, and nothing was committed", &brought).map_or(Ok(()), Err)
}

/// Brings the bytes of a file, unless the dataset knows them.
async fn bring(site: &Site, local: &Local, md5: &str, note: Option<&Note>, bar: &ProgressBar) -> Result<(), Refusal> {
    let known = site.path(&format!("/dvc/files/md5/{}/{}", &md5[..2], &md5[2..]));
    match patiently(|| site.send(site.request(Method::HEAD, &known))).await {
        Ok(_) => {
            bar.inc(local.size);
            return Ok(());
        }
        Err(Refusal::Final { status: Some(StatusCode::NOT_FOUND), .. }) => {}
        Err(error) => return Err(error),
    }
    let (location, offset) = match note.and_then(Note::read) {
        Some(location) => match patiently(|| how_much(site, &location)).await {
            Ok(offset) => (location, offset),
            // It was forgotten, or is another's.
            Err(Refusal::Final { status: Some(StatusCode::NOT_FOUND | StatusCode::FORBIDDEN), .. }) => {
                patiently(|| begin(site, local)).await?
            }
            Err(error) => return Err(error),
        },
        None => patiently(|| begin(site, local)).await?,
    };
    if let Some(note) = note.filter(|_| offset < local.size) {
        note.write(&location);
    }
    bar.inc(offset);
    bring_rest(site, &location, local, offset, bar).await?;
    if let Some(note) = note {
        note.remove();
    }
    Ok(())
}

fn speaking(request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    request.header(RESUMABLE.0, RESUMABLE.1)
}

/// How much the server has.
fn number(response: &Response) -> Result<u64, Refusal> {
    let number = response.headers().get(OFFSET).and_then(|value| value.to_str().ok()?.parse().ok());
    number.ok_or_else(|| Refusal::here("the server does not say how much it has"))
}

/// Asks how much of a file has come.
async fn how_much(site: &Site, location: &str) -> Result<u64, Refusal> {
    number(&site.send(speaking(site.request(Method::HEAD, location))).await?)
}

/// Begins a file, and gives its address and how much has come: all of a small one. A large one begins with nothing, so that its address
/// is known before anything can break off.
async fn begin(site: &Site, local: &Local) -> Result<(String, u64), Refusal> {
    let is_small = local.size <= WHOLE_BYTES;
    let path = site.path("/uploads");
    let request = if is_small { site.bringing(Method::POST, &path) } else { site.request(Method::POST, &path) };
    let request = speaking(request)
        .header("upload-length", local.size)
        .header("upload-metadata", format!("path {}", STANDARD.encode(&local.path)));
    let response = match is_small {
        true => site.bring(request.header(CONTENT_TYPE, BYTES), part(local, 0).await?).await?,
        false => site.send(request).await?,
    };
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let location = location.ok_or_else(|| Refusal::here("the server does not say where the file is"))?;
    Ok((location, number(&response)?))
}

/// Brings a file from there on. After a part that failed it is asked how much of it has come; whatever has come makes up for the failure.
async fn bring_rest(
    site: &Site,
    location: &str,
    local: &Local,
    mut offset: u64,
    bar: &ProgressBar,
) -> Result<(), Refusal> {
    let (mut tries, mut most) = (0, offset);
    while offset < local.size {
        let next = match bring_part(site, location, local, offset).await {
            // It would go on so for ever.
            Ok(next) if next <= offset => return Err(Refusal::here("the server takes no more of the file")),
            Ok(next) => next,
            Err(Refusal::Passing { why, wait }) => {
                again(&mut tries, why, wait).await?;
                patiently(|| how_much(site, location)).await?
            }
            Err(error) => return Err(error),
        };
        if next > most {
            (tries, most) = (0, next);
        }
        // The server may have less than was thought.
        bar.inc(next.saturating_sub(offset));
        bar.dec(offset.saturating_sub(next));
        offset = next;
    }
    Ok(())
}

/// Sends the next part of a file, and gives how much there is then.
async fn bring_part(site: &Site, location: &str, local: &Local, offset: u64) -> Result<u64, Refusal> {
    let request = speaking(site.bringing(Method::PATCH, location)).header(OFFSET, offset).header(CONTENT_TYPE, BYTES);
    match site.bring(request, part(local, offset).await?).await {
        Ok(response) => number(&response),
        // Something of a try that seemed to have failed came in the end.
        Err(Refusal::Final { status: Some(StatusCode::CONFLICT), why }) => {
            Err(Refusal::Passing { why, wait: Some(FIRST_WAIT) })
        }
        Err(error) => Err(error),
    }
}

/// The bytes of a file from there on, as many as go at once.
async fn part(
    local: &Local,
    offset: u64,
) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + 'static + use<>, Refusal> {
    let gone = |error: io::Error| Refusal::here(format!("{}: {error}", local.file.display()));
    let mut file = tokio::fs::File::open(&local.file).await.map_err(gone)?;
    if file.metadata().await.map_err(gone)?.len() != local.size {
        return Err(Refusal::here(format!("{} was changed while it was brought", local.file.display())));
    }
    file.seek(SeekFrom::Start(offset)).await.map_err(gone)?;
    let length = PART.min(local.size.saturating_sub(offset));
    Ok(ReaderStream::with_capacity(file.take(length), PIECE))
}

/// Makes the commit. It is made once: where the answer gets lost, the next one changes nothing.
async fn commit(site: &Site, message: Option<&str>, changes: Vec<FileChange>) -> Result<String, Failure> {
    let body = Bytes::from(serde_json::to_vec(&json!({"message": message, "changes": changes}))?);
    let path = site.path("/commits");
    let committed = patiently(|| async {
        let (request, mut rest) = (site.bringing(Method::POST, &path), body.clone());
        let pieces = std::iter::from_fn(move || {
            let piece = rest.split_to(rest.len().min(PIECE));
            (!piece.is_empty()).then_some(Ok(piece))
        });
        let request = request.header(CONTENT_TYPE, "application/json");
        site.read::<Committed>(site.bring(request, futures::stream::iter(pieces)).await?).await
    });
    Ok(committed.await?.commit)
}

/// Where uploads are noted, so that they go on after the program was stopped. What is not noted is sent from its beginning.
struct Notes(PathBuf);

impl Notes {
    /// In a folder of caches, or in that of the user, if there is one.
    fn of(folder: Option<&Path>) -> Option<Self> {
        let caches = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let usual = || caches.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
        Some(Self(folder.map(Path::to_owned).or_else(usual)?.join("ocellus/uploads")))
    }

    fn note(&self, site: &Site, md5: &str, size: u64) -> Note {
        let name = blake3::hash(format!("{}\0{md5}\0{size}", site.name()).as_bytes()).to_hex();
        Note(self.0.join(&name[..32]))
    }
}

/// Where an upload goes on.
struct Note(PathBuf);

impl Note {
    fn read(&self) -> Option<String> {
        // A path of the server that it was written for, since its name says which.
        fs::read_to_string(&self.0).ok().filter(|location| location.starts_with("/api/"))
    }

    fn write(&self, location: &str) {
        // Without it, more is sent again.
        if let Some(folder) = self.0.parent()
            && fs::create_dir_all(folder).is_ok()
        {
            let _ = fs::write(&self.0, location);
        }
    }

    fn remove(&self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(arguments: &[PathBuf], into: &str) -> Vec<String> {
        scan(arguments, into).unwrap().locals.into_iter().map(|local| local.path).collect()
    }

    #[test]
    fn folders_come_with_their_names_or_without() {
        let home = tempfile::tempdir().unwrap();
        let at = |path: &str| home.path().join(path);
        for path in ["cats/a.png", "cats/b/c.png", "cats/.DS_Store", "one.txt"] {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), path).unwrap();
        }
        assert_eq!(paths(&[at("cats")], ""), ["cats/a.png", "cats/b/c.png"]);
        assert_eq!(paths(&[at("cats/")], "x/y"), ["x/y/a.png", "x/y/b/c.png"]);
        assert_eq!(paths(&[at("cats/."), at("one.txt")], ""), ["a.png", "b/c.png", "one.txt"]);
        // The same file twice is one, and two files at one place are none.
        assert_eq!(paths(&[at("one.txt"), at("one.txt")], ""), ["one.txt"]);
        fs::write(at("a.png"), "another").unwrap();
        let both = scan(&[at("cats/"), at("a.png")], "").err().unwrap().to_string();
        assert!(both.contains("would both be a.png"), "{both}");
    }

    #[tokio::test]
    async fn a_file_that_becomes_another_length_is_not_brought() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("a");
        fs::write(&file, [1; 10]).unwrap();
        let local = Local { file: file.clone(), path: "a".to_owned(), size: 10 };
        let parts: Vec<_> = part(&local, 4).await.unwrap().collect().await;
        assert_eq!(parts.into_iter().map(|part| part.unwrap().len()).sum::<usize>(), 6);
        for length in [3, 4, 11] {
            fs::write(&file, vec![1; length]).unwrap();
            let refused = part(&local, 4).await.err().unwrap();
            assert!(matches!(refused, Refusal::Final { .. }) && refused.to_string().contains("was changed"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn folders_that_are_links_are_told() {
        let home = tempfile::tempdir().unwrap();
        let at = |path: &str| home.path().join(path);
        fs::create_dir_all(at("cats/a")).unwrap();
        fs::write(at("cats/a/one.txt"), "one").unwrap();
        std::os::unix::fs::symlink(at("cats"), at("cats/round")).unwrap();
        std::os::unix::fs::symlink(at("cats/a/one.txt"), at("cats/two.txt")).unwrap();
        let Scanned { linked, locals, .. } = scan(&[at("cats")], "").unwrap();
        assert_eq!(linked, [at("cats/round")]);
        assert_eq!(locals.into_iter().map(|local| local.path).collect::<Vec<_>>(), ["cats/a/one.txt", "cats/two.txt"]);
        // One that is named itself is what it leads to.
        assert_eq!(paths(&[at("cats/round/a")], ""), ["a/one.txt"]);
    }

    #[test]
    fn what_cannot_be_brought_is_told_with_its_place() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("x.dvc"), "").unwrap();
        let fault = scan(&[home.path().join(".")], "").err().unwrap().to_string();
        assert!(fault.contains("x.dvc must have no name that ends with `.dvc`"), "{fault}");
        assert!(scan(&[home.path().join("nowhere")], "").err().unwrap().to_string().contains("nowhere"));
        fs::remove_file(home.path().join("x.dvc")).unwrap();
        assert!(scan(&[home.path().join(".")], "").err().unwrap().to_string().contains("no files"));
    }
}
