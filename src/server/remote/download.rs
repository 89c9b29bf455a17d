//! Bringing files of a dataset's state here.

use super::digest::{Hashing, Sum, hash};
use super::progress;
use super::site::{Course, FIRST_WAIT, Refusal, Site, patiently};
use super::{Remote, not_done, told};
use crate::model::DatasetFile;
use crate::model::text::path_segment;
use crate::model::version::check_path;
use crate::server::cli::Failure;
use crate::server::representation::{WANT_REPR_DIGEST, WANTED, digest_said, is_placeless};
use clap::Args;
use futures::{StreamExt, TryStreamExt};
use indicatif::ProgressBar;
use reqwest::header::RANGE;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Files are asked for in lists of so many.
const LISTED: usize = 1000;
/// Where files are until they are whole, below the folder that they are brought to.
const PARTIAL: &str = ".ocellus-partial";

/// What `ocellus download` can be told.
#[derive(Debug, Args)]
pub struct DownloadArguments {
    #[command(flatten)]
    remote: Remote,
    /// A version or commit; without, the newest state
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,
    /// The folder to put the files into, under their paths in the dataset
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
    /// Replace files that are there and are different
    #[arg(long)]
    force: bool,
    /// Files and folders of the dataset; without, all
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
}

/// What is to be fetched, and where.
struct Plan {
    files: Vec<DatasetFile>,
    /// How many are there already.
    same: usize,
    commit: String,
}

/// What is here of the files that are wanted.
#[derive(Default)]
struct Look {
    missing: Vec<DatasetFile>,
    same: usize,
    /// Those that have other bytes here, and the SHA-256 of these where they are as many.
    other: Vec<(DatasetFile, Option<String>)>,
    faults: Vec<String>,
}

/// Downloads what is not there yet, and says what has been done, line by line.
pub async fn download(arguments: DownloadArguments) -> Result<Vec<String>, Failure> {
    let DownloadArguments { remote, output, force, .. } = &arguments;
    let site = Site::find(remote).await?;
    let (files, commit) = list(&site, &arguments).await?;
    let plan = plan(&site, &arguments, files, commit).await?;
    let bytes: u64 = plan.files.iter().map(size).sum();
    let partial = output.join(PARTIAL);
    fs::create_dir_all(&partial).map_err(|error| format!("{}: {error}", partial.display()))?;
    let bar = progress::bar("Downloading", bytes);
    let course = Course::default();
    let fetched = futures::stream::iter(&plan.files)
        .map(|file| async {
            let fetched = course.one(fetch(&site, file, &plan.commit, output, *force, &bar)).await;
            fetched.map(|fetched| fetched.map_err(|error| format!("{}: {error}", file.path)))
        })
        .buffer_unordered(remote.jobs.into());
    let fetched: Vec<Option<Result<bool, String>>> = fetched.collect().await;
    bar.finish_and_clear();
    if let Some(failure) = not_done("fetched", &fetched) {
        return Err(failure);
    }
    // Only where nothing is left in it.
    let _ = fs::remove_dir(&partial);
    let (done, bytes) = (progress::files(fetched.len()), progress::bytes(bytes));
    let mut report = vec![format!("Downloaded {done} ({bytes}) of {} at {}.", remote.dataset, plan.commit)];
    if plan.same > 0 {
        report.push(format!("{} had been there already.", progress::files(plan.same)));
    }
    let placeless = fetched.iter().flatten().filter(|done| **done == Ok(true)).count();
    if placeless > 0 {
        let files = progress::files(placeless);
        report.push(format!("{files} came without the place where the picture was taken, which you may not know."));
    }
    Ok(report)
}

fn size(file: &DatasetFile) -> u64 {
    u64::try_from(file.size).unwrap_or_default()
}

/// The files that are wanted, and the commit that they are of.
async fn list(site: &Site, arguments: &DownloadArguments) -> Result<(Vec<DatasetFile>, String), Failure> {
    let DownloadArguments { reference, paths, remote, .. } = arguments;
    let wanted: BTreeSet<&str> = paths.iter().map(|path| path.trim_end_matches('/')).collect();
    let prefixes = if paths.is_empty() { [""].into() } else { wanted };
    let (mut found, mut commit) = (BTreeMap::new(), reference.clone());
    for prefix in prefixes {
        let mut matched = 0;
        for offset in (0..).step_by(LISTED) {
            let state = commit.as_deref().map(|state| format!("&ref={}", path_segment(state))).unwrap_or_default();
            let path = format!("/files/?prefix={}&offset={offset}&limit={LISTED}{state}", path_segment(prefix));
            let (files, at) = patiently(|| part_of_list(site, &path)).await?;
            // All that follows is of the same state, whatever is changed meanwhile.
            commit = at.or(commit);
            let count = files.len();
            for file in files {
                let rest = file.path.strip_prefix(prefix);
                if rest.is_some_and(|rest| prefix.is_empty() || rest.is_empty() || rest.starts_with('/')) {
                    matched += 1;
                    found.insert(file.path.clone(), file);
                }
            }
            if count < LISTED {
                break;
            }
        }
        if matched == 0 && !prefix.is_empty() {
            return Err(
                format!("there is neither a file nor a folder `{prefix}` in this state of {}", remote.dataset).into()
            );
        }
    }
    let commit = commit.filter(|_| !found.is_empty()).ok_or_else(|| format!("{} has no files yet", remote.dataset))?;
    Ok((found.into_values().collect(), commit))
}

async fn part_of_list(site: &Site, path: &str) -> Result<(Vec<DatasetFile>, Option<String>), Refusal> {
    let response = site.send(site.request(Method::GET, &site.path(path))).await?;
    let commit = response.headers().get("x-commit").and_then(|value| Some(value.to_str().ok()?.to_owned()));
    Ok((response.json().await?, commit))
}

/// Looks what is there already. Whatever would be lost is told before anything is changed.
async fn plan(
    site: &Site,
    arguments: &DownloadArguments,
    files: Vec<DatasetFile>,
    commit: String,
) -> Result<Plan, Failure> {
    let DownloadArguments { remote, output, force, .. } = arguments;
    let to = output.clone();
    let Look { mut missing, mut same, other, mut faults } =
        tokio::task::spawn_blocking(move || look(&to, files)).await?;
    if *force {
        missing.extend(other.into_iter().map(|(file, _)| file));
    } else {
        // What was fetched without its place has other bytes than the dataset's, and as many.
        let asked = futures::stream::iter(&other).map(|(file, sha256)| async {
            let Some(sha256) = sha256 else { return Ok(false) };
            let request = || asked(site, Method::HEAD, file, &commit);
            let answer = patiently(|| site.send(request())).await?;
            Ok::<_, Refusal>(without_place(&answer).is_some_and(|said| said == *sha256))
        });
        let asked: Vec<bool> = asked.buffered(remote.jobs.into()).try_collect().await?;
        for ((file, _), is_it) in other.iter().zip(asked) {
            match is_it {
                true => same += 1,
                false => faults.push(format!("{} is there and is different", output.join(&file.path).display())),
            }
        }
    }
    match faults.is_empty() {
        true => Ok(Plan { files: missing, same, commit }),
        false => Err(told("nothing was fetched, since these are in the way (--force replaces files):", &faults)),
    }
}

/// Holds what is here against the files that are wanted.
fn look(output: &Path, files: Vec<DatasetFile>) -> Look {
    let mut look = Look::default();
    let bar = progress::bar("Looking", files.iter().map(size).sum());
    for file in files {
        // The server may be anybody's.
        if let Some(fault) = check_path("path", &file.path) {
            look.faults.push(format!("{:?} {}", file.path, fault.message));
            continue;
        }
        let path = output.join(&file.path);
        let fault = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                look.missing.push(file);
                continue;
            }
            Err(error) => error.to_string(),
            Ok(metadata) if metadata.is_file() && metadata.len() != size(&file) => {
                look.other.push((file, None));
                continue;
            }
            Ok(metadata) if metadata.is_file() => match hash(&path, |read| bar.inc(read)) {
                Err(error) => error.to_string(),
                Ok(hashing) => {
                    let sum = hashing.finish();
                    match is_it(&file, &sum) {
                        true => look.same += 1,
                        false => look.other.push((file, Some(sum.sha256))),
                    }
                    continue;
                }
            },
            Ok(_) => "is there and is no file".to_owned(),
        };
        look.faults.push(format!("{} {fault}", path.display()));
    }
    bar.finish_and_clear();
    look
}

/// Whether bytes are those that the server says a file has.
fn is_it(file: &DatasetFile, sum: &Sum) -> bool {
    sum.size == size(file) && sum.md5 == file.md5 && file.sha256.as_ref().is_none_or(|sha256| *sha256 == sum.sha256)
}

/// A request for a file of a commit, and for the digest of what is served.
fn asked(site: &Site, method: Method, file: &DatasetFile, commit: &str) -> RequestBuilder {
    let segments: Vec<String> = file.path.split('/').map(path_segment).collect();
    let path = site.path(&format!("/files/{}?ref={commit}", segments.join("/")));
    site.request(method, &path).header(WANT_REPR_DIGEST, WANTED)
}

/// Where a file comes without the place where a picture was taken, which makes other bytes of it: their SHA-256. It is empty where the
/// server does not say it.
fn without_place(response: &Response) -> Option<String> {
    is_placeless(response.headers()).then(|| digest_said(response.headers()).unwrap_or_default())
}

/// Fetches a file, or what of it is missing. Says whether it comes without the place where a picture was taken.
async fn fetch(
    site: &Site,
    file: &DatasetFile,
    commit: &str,
    output: &Path,
    force: bool,
    bar: &ProgressBar,
) -> Result<bool, Refusal> {
    // The same bytes may be wanted under several paths at once.
    let name = blake3::hash(format!("{}\0{}", file.path, file.md5).as_bytes()).to_hex();
    let partial = output.join(PARTIAL).join(&name[..32]);
    let coming = Coming { site, file, commit, partial: partial.clone(), bar };
    let mut tries = 0;
    loop {
        tries += 1;
        let (sum, placeless) = patiently(|| bring_on(&coming)).await?;
        if placeless.as_ref().map_or_else(|| is_it(file, &sum), |said| *said == sum.sha256) {
            let target = output.join(&file.path);
            let kept = tokio::task::spawn_blocking(move || keep(&partial, &target, force)).await;
            kept.map_err(Refusal::here)?.map_err(Refusal::here)?;
            return Ok(placeless.is_some());
        }
        bar.dec(sum.size);
        fs::remove_file(&partial).map_err(Refusal::here)?;
        if tries == 2 {
            return Err(Refusal::here("what came twice was not what the server said it would be"));
        }
    }
}

/// Gives a file that is whole its name, and takes it from another one only by force.
fn keep(partial: &Path, target: &Path, force: bool) -> io::Result<()> {
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    File::open(partial)?.sync_all()?;
    if force {
        return fs::rename(partial, target);
    }
    // To many disks, names are the same that differ only in the case of letters: of two such files the second finds the first.
    let taken = || {
        let what = "there is a file of this name by now, or of one that this disk does not tell from it";
        Err(io::Error::new(io::ErrorKind::AlreadyExists, what))
    };
    match fs::hard_link(partial, target) {
        Ok(()) => fs::remove_file(partial),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken(),
        // Not every disk knows a second name for a file.
        Err(_) if fs::symlink_metadata(target).is_ok() => taken(),
        Err(_) => fs::rename(partial, target),
    }
}

/// A file that is on its way.
struct Coming<'a> {
    site: &'a Site,
    file: &'a DatasetFile,
    commit: &'a str,
    /// Where what has come of it is.
    partial: PathBuf,
    bar: &'a ProgressBar,
}

/// Brings what is missing of a file, for as long as each try brings something.
async fn bring_on(coming: &Coming<'_>) -> Result<(Sum, Option<String>), Refusal> {
    let there = || fs::metadata(&coming.partial).map_or(0, |metadata| metadata.len());
    loop {
        let before = there();
        match bring(coming).await {
            Err(Refusal::Passing { .. }) if there() > before => tokio::time::sleep(FIRST_WAIT).await,
            done => return done,
        }
    }
}

/// Brings what is missing of a file, once. Gives what is here then, and what [`without_place`] says.
async fn bring(coming: &Coming<'_>) -> Result<(Sum, Option<String>), Refusal> {
    let Coming { site, file, commit, partial, bar } = coming;
    let whole = size(file);
    let (mut hashing, mut there) = here(partial, whole).await.map_err(Refusal::here)?;
    let begin = hashing.size();
    let mut request = asked(site, Method::GET, file, commit);
    if begin > 0 && begin < whole {
        request = request.header(RANGE, format!("bytes={begin}-"));
    } else if begin == whole {
        // All may have come before, but not whether the place is in it.
        request = asked(site, Method::HEAD, file, commit);
    }
    let response = site.send(request).await?;
    if begin > 0 && begin < whole && response.status() != StatusCode::PARTIAL_CONTENT {
        (hashing, there) = (Hashing::default(), File::create(partial).map_err(Refusal::here)?);
    }
    let placeless = without_place(&response);
    if placeless.as_ref().is_some_and(String::is_empty) {
        return Err(Refusal::here("the server does not say the digest of this picture without its place"));
    }
    // What was shown before, a try that broke off has shown.
    let mut shown = Shown { bar, count: 0, stays: false };
    shown.more(hashing.size());
    let mut parts = response.bytes_stream();
    while let Some(part) = parts.try_next().await? {
        if hashing.size() + part.len() as u64 > whole {
            return Err(Refusal::here("the server sends more bytes than it said"));
        }
        there.write_all(&part).map_err(Refusal::here)?;
        hashing.update(&part);
        shown.more(part.len() as u64);
    }
    if hashing.size() < whole {
        return Err(Refusal::Passing { why: "the file broke off".to_owned(), wait: None });
    }
    shown.stays = true;
    Ok((hashing.finish(), placeless))
}

/// What is here of a file, and the file open for what follows.
async fn here(partial: &Path, whole: u64) -> io::Result<(Hashing, File)> {
    let partial = partial.to_owned();
    let work = move || {
        let mut file = OpenOptions::new().create(true).append(true).open(&partial)?;
        if file.metadata()?.len() > whole {
            file = File::create(&partial)?;
        }
        Ok((hash(&partial, |_| ())?, file))
    };
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// What a try has added to the bar, which goes when the try fails.
struct Shown<'a> {
    bar: &'a ProgressBar,
    count: u64,
    stays: bool,
}

impl Shown<'_> {
    fn more(&mut self, bytes: u64) {
        self.count += bytes;
        self.bar.inc(bytes);
    }
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if !self.stays {
            self.bar.dec(self.count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_keeps_its_name() {
        let home = tempfile::tempdir().unwrap();
        let (partial, target) = (home.path().join("partial"), home.path().join("a/b.txt"));
        let come = |text: &str| fs::write(&partial, text).unwrap();
        come("first");
        keep(&partial, &target, false).unwrap();
        assert!(!partial.exists());
        // Such as one whose path differs only in its case, where a disk does not tell them apart.
        come("second");
        let taken = keep(&partial, &target, false).unwrap_err();
        assert!(taken.kind() == io::ErrorKind::AlreadyExists && taken.to_string().contains("does not tell"));
        assert_eq!(fs::read_to_string(&target).unwrap(), "first");
        assert!(partial.exists(), "what has come is kept");
        keep(&partial, &target, true).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "second");
        assert!(!partial.exists());
    }
}
