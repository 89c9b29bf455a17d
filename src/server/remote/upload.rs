//! Bringing files to a dataset, as one commit.

use super::digest::hash;
use super::progress;
use super::site::{FIRST_WAIT, Refusal, Site, patiently};
use super::{Remote, told};
use crate::model::version::{MAX_CHANGES, check_path};
use crate::model::{Committed, DatasetFile, FileChange};
use crate::server::cli::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use futures::StreamExt;
use indicatif::ProgressBar;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use reqwest::{Body, Method, Response, StatusCode};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;
use walkdir::WalkDir;

/// What file managers leave in folders, and nobody means to bring.
const LITTER: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];
/// Largest part that is sent in one request, in bytes: of a file that broke off, at most so much is sent again.
const PART: u64 = 32 << 20;
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
    let UploadArguments { remote, into, message, dry_run, files } = &arguments;
    let Scanned { locals, litter } = scan(files, into.trim_matches('/'))?;
    let site = Site::find(remote).await?;
    let there = list(&site, into.trim_matches('/')).await?;
    let jobs = usize::from(remote.jobs);
    let summed = sums(&locals, jobs).await?;
    let is_new = |(local, md5): &(&Local, String)| there.get(&local.path).is_none_or(|there| there != md5);
    let (new, same): (Vec<_>, Vec<_>) = locals.iter().zip(summed).partition(is_new);
    let mut report = Vec::new();
    if litter > 0 {
        report.push(format!("Left out {} that file managers leave ({}).", progress::files(litter), LITTER.join(", ")));
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
    bring_all(&site, &new, jobs).await?;
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
}

/// The files that are meant, by their paths in the dataset.
fn scan(arguments: &[PathBuf], into: &str) -> Result<Scanned, Failure> {
    let (mut found, mut faults, mut litter) = (BTreeMap::new(), Vec::new(), 0);
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
            if !metadata.is_file() {
                continue;
            }
            if entry.file_name().to_str().is_some_and(|name| LITTER.contains(&name)) {
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
    Ok(Scanned { locals: found.into_values().collect(), litter })
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
        let prefix = crate::model::text::path_segment(folder);
        let path = site.path(&format!("/files/?prefix={prefix}&offset={offset}&limit={LISTED}"));
        let files: Vec<DatasetFile> = site.json(Method::GET, &path).await?;
        let count = files.len();
        there.extend(files.into_iter().map(|file| (file.path, file.md5)));
        if count < LISTED {
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

async fn bring_all(site: &Site, new: &[(&Local, String)], jobs: usize) -> Result<(), Failure> {
    // The same bytes are brought once.
    let once: BTreeMap<&str, &Local> = new.iter().map(|(local, md5)| (md5.as_str(), *local)).collect();
    let bar = progress::bar("Uploading", once.values().map(|local| local.size).sum());
    let brought = futures::stream::iter(&once)
        .map(|(md5, local)| async {
            bring(site, local, md5, &bar).await.map_err(|error| format!("{}: {error}", local.path))
        })
        .buffer_unordered(jobs);
    let brought: Vec<Result<(), String>> = brought.collect().await;
    bar.finish_and_clear();
    let faults: Vec<String> = brought.into_iter().filter_map(Result::err).collect();
    if faults.is_empty() {
        return Ok(());
    }
    Err(told(
        &format!(
            "{} could not be brought, and nothing was committed; the same command goes on:",
            progress::files(faults.len())
        ),
        &faults,
    ))
}

/// Brings the bytes of a file, unless the dataset knows them.
async fn bring(site: &Site, local: &Local, md5: &str, bar: &ProgressBar) -> Result<(), Refusal> {
    let known = site.path(&format!("/dvc/files/md5/{}/{}", &md5[..2], &md5[2..]));
    match patiently(|| site.send(site.request(Method::HEAD, &known))).await {
        Ok(_) => {
            bar.inc(local.size);
            return Ok(());
        }
        Err(Refusal::Final { status: Some(StatusCode::NOT_FOUND), .. }) => {}
        Err(error) => return Err(error),
    }
    let note = Note::of(site, md5, local.size);
    let mut begun = note.as_ref().and_then(Note::read);
    loop {
        let (location, mut offset) = match begun.take() {
            Some(location) => match patiently(|| site.send(speaking(site.request(Method::HEAD, &location)))).await {
                Ok(response) => (location, number(&response)?),
                // It was forgotten, or is another's.
                Err(Refusal::Final { status: Some(StatusCode::NOT_FOUND | StatusCode::FORBIDDEN), .. }) => continue,
                Err(error) => return Err(error),
            },
            None => patiently(|| begin(site, local)).await?,
        };
        if let Some(note) = note.as_ref().filter(|_| offset < local.size) {
            note.write(&location);
        }
        bar.inc(offset);
        while offset < local.size {
            let next = go_on(site, &location, local, offset).await?;
            // The server may have less than was thought.
            bar.inc(next.saturating_sub(offset));
            bar.dec(offset.saturating_sub(next));
            offset = next;
        }
        if let Some(note) = &note {
            note.remove();
        }
        return Ok(());
    }
}

fn speaking(request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    request.header(RESUMABLE.0, RESUMABLE.1)
}

/// How much the server has.
fn number(response: &Response) -> Result<u64, Refusal> {
    let number = response.headers().get(OFFSET).and_then(|value| value.to_str().ok()?.parse().ok());
    number.ok_or_else(|| Refusal::Final { status: None, why: "the server does not say how much it has".to_owned() })
}

/// Begins a file, with its first bytes, and gives its address and how much has come.
async fn begin(site: &Site, local: &Local) -> Result<(String, u64), Refusal> {
    let request = speaking(site.request(Method::POST, &site.path("/uploads")))
        .header("upload-length", local.size)
        .header("upload-metadata", format!("path {}", STANDARD.encode(&local.path)))
        .header(CONTENT_TYPE, BYTES);
    let response = site.send(request.body(part(local, 0).await?)).await?;
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let location = location
        .ok_or_else(|| Refusal::Final { status: None, why: "the server does not say where the file is".to_owned() })?;
    Ok((location, number(&response)?))
}

/// Sends the next part of a file, and gives how much there is then. Each try asks first how much has come of the one before.
async fn go_on(site: &Site, location: &str, local: &Local, offset: u64) -> Result<u64, Refusal> {
    let mut known = Some(offset);
    let mut once = async || {
        let offset = match known.take() {
            Some(offset) => offset,
            None => number(&site.send(speaking(site.request(Method::HEAD, location))).await?)?,
        };
        if offset >= local.size {
            return Ok(offset);
        }
        let request =
            speaking(site.request(Method::PATCH, location)).header(OFFSET, offset).header(CONTENT_TYPE, BYTES);
        match site.send(request.body(part(local, offset).await?)).await {
            Ok(response) => number(&response),
            // Something of a try that seemed to have failed came in the end.
            Err(Refusal::Final { status: Some(StatusCode::CONFLICT), why }) => {
                Err(Refusal::Passing { why, wait: Some(FIRST_WAIT) })
            }
            Err(error) => Err(error),
        }
    };
    let mut tries = 0;
    loop {
        match once().await {
            Err(Refusal::Passing { why, wait }) => super::site::again(&mut tries, why, wait).await?,
            done => return done,
        }
    }
}

/// The bytes of a file from there on, as many as go at once.
async fn part(local: &Local, offset: u64) -> Result<Body, Refusal> {
    let gone = |error: io::Error| Refusal::Final { status: None, why: format!("{}: {error}", local.file.display()) };
    let mut file = tokio::fs::File::open(&local.file).await.map_err(gone)?;
    file.seek(SeekFrom::Start(offset)).await.map_err(gone)?;
    let length = PART.min(local.size.saturating_sub(offset));
    Ok(Body::wrap_stream(ReaderStream::with_capacity(file.take(length), 64 * 1024)))
}

/// Makes the commit. It is made once: where the answer gets lost, the next one changes nothing.
async fn commit(site: &Site, message: Option<&str>, changes: Vec<FileChange>) -> Result<String, Failure> {
    let body = serde_json::to_vec(&json!({"message": message, "changes": changes}))?;
    let path = site.path("/commits");
    let committed = patiently(|| async {
        let request = site.request(Method::POST, &path).header(CONTENT_TYPE, "application/json").body(body.clone());
        // It looks at all files before it answers.
        let request = request.timeout(std::time::Duration::from_secs(3600));
        Ok(site.send(request).await?.json::<Committed>().await?)
    });
    Ok(committed.await?.commit)
}

/// Where an upload goes on after the program was stopped. What is not noted is sent from its beginning.
struct Note(PathBuf);

impl Note {
    fn of(site: &Site, md5: &str, size: u64) -> Option<Self> {
        let caches = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = caches.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
        let name = blake3::hash(format!("{}\0{md5}\0{size}", site.name()).as_bytes()).to_hex();
        Some(Self(caches.join("ocellus/uploads").join(&name[..32])))
    }

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
