//! Bringing files of a dataset's state here.

use super::digest::{Hashing, Sum, hash};
use super::progress;
use super::site::{FIRST_WAIT, Refusal, Site, patiently};
use super::{Remote, told};
use crate::model::DatasetFile;
use crate::model::text::path_segment;
use crate::model::version::check_path;
use crate::server::cli::Failure;
use clap::Args;
use futures::{StreamExt, TryStreamExt};
use indicatif::ProgressBar;
use reqwest::header::{ETAG, RANGE};
use reqwest::{Method, StatusCode};
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

/// Downloads what is not there yet, and says what has been done, line by line.
pub async fn download(arguments: DownloadArguments) -> Result<Vec<String>, Failure> {
    let DownloadArguments { remote, output, force, .. } = &arguments;
    let site = Site::find(remote).await?;
    let (files, commit) = list(&site, &arguments).await?;
    let plan = plan(output.clone(), files, commit, *force).await?;
    let bytes: u64 = plan.files.iter().map(size).sum();
    let partial = output.join(PARTIAL);
    fs::create_dir_all(&partial).map_err(|error| format!("{}: {error}", partial.display()))?;
    let bar = progress::bar("Downloading", bytes);
    let fetched = futures::stream::iter(&plan.files)
        .map(|file| fetch(&site, file, &plan.commit, output, &bar))
        .buffer_unordered(remote.jobs.into());
    let fetched: Vec<Result<bool, String>> = fetched.collect().await;
    bar.finish_and_clear();
    let faults: Vec<String> = fetched.iter().filter_map(|done| done.clone().err()).collect();
    if !faults.is_empty() {
        let all = progress::files(fetched.len());
        let what = format!("{} of {all} could not be fetched; the same command goes on:", faults.len());
        return Err(told(&what, &faults));
    }
    // Only where nothing is left in it.
    let _ = fs::remove_dir(&partial);
    let (done, bytes) = (progress::files(fetched.len()), progress::bytes(bytes));
    let mut report = vec![format!("Downloaded {done} ({bytes}) of {} at {}.", remote.dataset, plan.commit)];
    if plan.same > 0 {
        report.push(format!("{} had been there already.", progress::files(plan.same)));
    }
    let placeless = fetched.iter().filter(|done| **done == Ok(true)).count();
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
async fn plan(output: PathBuf, files: Vec<DatasetFile>, commit: String, force: bool) -> Result<Plan, Failure> {
    let work = move || {
        let (mut missing, mut same, mut faults) = (Vec::new(), 0, Vec::new());
        let there = progress::bar("Looking", files.iter().map(size).sum());
        for file in files {
            // The server may be anybody's.
            if let Some(fault) = check_path("path", &file.path) {
                faults.push(format!("{:?} {}", file.path, fault.message));
                continue;
            }
            let path = output.join(&file.path);
            let fault = match fs::metadata(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    missing.push(file);
                    continue;
                }
                Err(error) => error.to_string(),
                Ok(metadata) if metadata.is_file() => match has(&path, &metadata, &file, &there) {
                    Err(error) => error.to_string(),
                    Ok(true) => {
                        same += 1;
                        continue;
                    }
                    Ok(false) if force => {
                        missing.push(file);
                        continue;
                    }
                    Ok(false) => "is there and is different".to_owned(),
                },
                Ok(_) => "is there and is no file".to_owned(),
            };
            faults.push(format!("{} {fault}", path.display()));
        }
        there.finish_and_clear();
        match faults.is_empty() {
            true => Ok(Plan { files: missing, same, commit }),
            false => Err(told("nothing was fetched, since these are in the way (--force replaces files):", &faults)),
        }
    };
    tokio::task::spawn_blocking(work).await?
}

/// Whether a file here has the bytes of one there.
fn has(path: &Path, here: &fs::Metadata, file: &DatasetFile, bar: &ProgressBar) -> io::Result<bool> {
    if here.len() != size(file) {
        return Ok(false);
    }
    Ok(is_it(file, &hash(path, |read| bar.inc(read))?.finish()))
}

/// Whether bytes are those that the server says a file has.
fn is_it(file: &DatasetFile, sum: &Sum) -> bool {
    sum.size == size(file) && sum.md5 == file.md5 && file.sha256.as_ref().is_none_or(|sha256| *sha256 == sum.sha256)
}

/// Fetches a file, or what of it is missing. Says whether it comes without the place where a picture was taken.
async fn fetch(
    site: &Site,
    file: &DatasetFile,
    commit: &str,
    output: &Path,
    bar: &ProgressBar,
) -> Result<bool, String> {
    let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", file.path);
    // The same bytes may be wanted under several paths at once.
    let name = blake3::hash(format!("{}\0{}", file.path, file.md5).as_bytes()).to_hex();
    let partial = output.join(PARTIAL).join(&name[..32]);
    let mut tries = 0;
    loop {
        tries += 1;
        let brought = patiently(|| bring_on(site, file, commit, &partial, bar)).await;
        let (sum, placeless) = brought.map_err(|error| fault(&error))?;
        if is_it(file, &sum) || (placeless && sum.size == size(file)) {
            let (target, partial) = (output.join(&file.path), partial.clone());
            let kept = tokio::task::spawn_blocking(move || keep(&partial, &target)).await;
            kept.map_err(|error| fault(&error))?.map_err(|error| fault(&error))?;
            return Ok(placeless);
        }
        bar.dec(sum.size);
        fs::remove_file(&partial).map_err(|error| fault(&error))?;
        if tries == 2 {
            return Err(fault(&"what came twice was not what the server said it would be"));
        }
    }
}

/// Gives a file that is whole its name.
fn keep(partial: &Path, target: &Path) -> io::Result<()> {
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    File::open(partial)?.sync_all()?;
    fs::rename(partial, target)
}

/// Brings what is missing of a file, for as long as each try brings something.
async fn bring_on(
    site: &Site,
    file: &DatasetFile,
    commit: &str,
    partial: &Path,
    bar: &ProgressBar,
) -> Result<(Sum, bool), Refusal> {
    let there = || fs::metadata(partial).map_or(0, |metadata| metadata.len());
    loop {
        let before = there();
        match bring(site, file, commit, partial, bar).await {
            Err(Refusal::Passing { .. }) if there() > before => tokio::time::sleep(FIRST_WAIT).await,
            done => return done,
        }
    }
}

/// Brings what is missing of a file, once.
async fn bring(
    site: &Site,
    file: &DatasetFile,
    commit: &str,
    partial: &Path,
    bar: &ProgressBar,
) -> Result<(Sum, bool), Refusal> {
    let io = |error: io::Error| Refusal::Final { status: None, why: error.to_string() };
    let whole = size(file);
    let (mut hashing, mut there) = here(partial, whole).await.map_err(io)?;
    let begin = hashing.size();
    let segments: Vec<String> = file.path.split('/').map(path_segment).collect();
    let path = site.path(&format!("/files/{}?ref={commit}", segments.join("/")));
    let mut request = site.request(Method::GET, &path);
    if begin > 0 && begin < whole {
        request = request.header(RANGE, format!("bytes={begin}-"));
    } else if begin == whole {
        // All may have come before, but not whether the place is in it.
        request = site.request(Method::HEAD, &path);
    }
    let response = site.send(request).await?;
    let placeless = response.headers().get(ETAG).is_some_and(|etag| etag.as_bytes().ends_with(b"-placeless\""));
    if begin > 0 && begin < whole && response.status() != StatusCode::PARTIAL_CONTENT {
        (hashing, there) = (Hashing::default(), File::create(partial).map_err(io)?);
    }
    // What was shown before, a try that broke off has shown.
    let mut shown = Shown { bar, count: 0, stays: false };
    shown.more(hashing.size());
    let mut parts = response.bytes_stream();
    while let Some(part) = parts.try_next().await? {
        if hashing.size() + part.len() as u64 > whole {
            return Err(Refusal::Final { status: None, why: "the server sends more bytes than it said".to_owned() });
        }
        there.write_all(&part).map_err(io)?;
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
