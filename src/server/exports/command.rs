//! What `ocellus export` does: an export of the site here, or of another server.

use super::ExportParameters;
use crate::model::text::path_segment;
use crate::model::{Account, AppError, ExportPreview, Viewer};
use crate::server::cli::Failure;
use crate::server::remote::site::{Refusal, Site, patiently};
use crate::server::remote::{Token, progress};
use crate::server::state::AppState;
use bytes::Bytes;
use clap::Args;
use futures::{Stream, TryStreamExt};
use reqwest::header::{ETAG, IF_RANGE, RANGE};
use reqwest::{Method, Response, StatusCode};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;

/// A connection on which nothing comes for so long is taken for broken.
const SILENCE: Duration = Duration::from_secs(60);
/// The same before the first byte, when the server may have much to do.
const LONG_SILENCE: Duration = Duration::from_secs(3600);

/// What `ocellus export` can be told.
#[derive(Debug, Args)]
#[group(id = "selection", required = true)]
pub struct ExportArguments {
    /// The form: coco, yolo, yolo-seg, voc, cvat, labelme, label-studio, datumaro, via, w3c, imagefolder, webdataset, croissant, ocellus, csv, xlsx, jsonl
    /// or parquet
    #[arg(long)]
    format: String,
    /// What a query finds: a file with its text, or `-` for standard input
    #[arg(long, value_name = "FILE", group = "selection")]
    query: Option<PathBuf>,
    /// What is in the gallery with this number
    #[arg(long, value_name = "NUMBER", group = "selection")]
    gallery: Option<i64>,
    /// The pictures of a dataset
    #[arg(long, value_name = "NAMESPACE/NAME", group = "selection")]
    dataset: Option<String>,
    /// A version or commit of the dataset; without, the newest state
    #[arg(long = "ref", value_name = "REF", requires = "dataset")]
    reference: Option<String>,
    /// The pictures of the project with this number
    #[arg(long, value_name = "NUMBER", group = "selection")]
    project: Option<i64>,
    /// Only pictures of the project with which the work is there, such as `done,accepted`
    #[arg(long, value_name = "STATES", requires = "project")]
    states: Option<String>,
    /// Whether the pictures' files come along, or only their addresses: files or urls
    #[arg(long, value_name = "WHAT")]
    images: Option<String>,
    /// Shares of train, val and test, such as 80,10,10
    #[arg(long, value_name = "SHARES")]
    split: Option<String>,
    /// Another number shares the pictures out otherwise
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Say objects further down in the taxonomy than this as those above them; the topmost are at 0
    #[arg(long, value_name = "LEVEL")]
    level: Option<u32>,
    /// Leave out boxes and polygons that are narrower or lower
    #[arg(long, value_name = "PIXELS")]
    min_size: Option<u32>,
    /// What you have in mind: commercial, derivatives or both with a comma between them. Nothing is exported where licences exclude it
    #[arg(long = "use", value_name = "USE")]
    purpose: Option<String>,
    /// Leave out the pictures whose licences exclude the use
    #[arg(long, requires = "purpose")]
    leave_out: bool,
    /// The file to write; an archive is what its name says, .zip or .tar
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Another server's address; without, the site here
    #[arg(long, env = "OCELLUS_SERVER", value_name = "URL")]
    server: Option<String>,
    #[command(flatten)]
    token: Token,
}

impl ExportArguments {
    /// Whether the export is that of another server.
    pub fn is_remote(&self) -> bool {
        self.server.is_some()
    }

    /// The same as an address says it.
    fn address(&self) -> Result<String, Failure> {
        let query = match &self.query {
            None => None,
            Some(file) if file.as_os_str() == "-" => Some(std::io::read_to_string(std::io::stdin())?),
            Some(file) => {
                Some(fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?)
            }
        };
        let number = |number: Option<i64>| number.map(|number| number.to_string());
        let extension = self.output.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let archive = match extension.to_ascii_lowercase().as_str() {
            archive @ ("zip" | "tar") => Some(archive.to_owned()),
            _ => None,
        };
        let said = [
            ("format", Some(self.format.clone())),
            ("query", query),
            ("gallery", number(self.gallery)),
            ("dataset", self.dataset.clone()),
            ("ref", self.reference.clone()),
            ("project", number(self.project)),
            ("states", self.states.clone()),
            ("images", self.images.clone()),
            ("split", self.split.clone()),
            ("seed", self.seed.map(|seed| seed.to_string())),
            ("level", number(self.level.map(i64::from))),
            ("min_size", number(self.min_size.map(i64::from))),
            ("archive", archive),
            ("use", self.purpose.clone()),
            ("excluded", self.leave_out.then(|| "leave-out".to_owned())),
        ];
        let said = said.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", path_segment(&value?))));
        Ok(said.collect::<Vec<_>>().join("&"))
    }
}

/// Makes an export, and says what is in it, line by line. `state` is the site here, which an export of another server needs not.
pub async fn export(state: Option<&AppState>, arguments: &ExportArguments) -> Result<Vec<String>, Failure> {
    let address = arguments.address()?;
    if arguments.output.exists() {
        return Err(format!("{} is there already", arguments.output.display()).into());
    }
    let partial = {
        let mut name = arguments.output.file_name().ok_or("--output must name a file")?.to_owned();
        name.push(".partial");
        arguments.output.with_file_name(name)
    };
    let preview = match (state, &arguments.server) {
        (None, Some(server)) => fetch(&Site::at(server, &arguments.token.token)?, &address, &partial).await?,
        (Some(state), _) => make(state, &address, &partial).await?,
        (None, None) => return Err("there is no site to export from".into()),
    };
    File::open(&partial)?.sync_all()?;
    fs::rename(&partial, &arguments.output)?;
    let ExportPreview { size, pictures, regions, losses, .. } = preview;
    let output = arguments.output.display();
    let mut report =
        vec![format!("Wrote {output} ({}): {pictures} pictures, {regions} regions.", progress::bytes(size))];
    report.extend(losses);
    Ok(report)
}

/// Writes an export of the site here. Whoever runs the program sees everything.
async fn make(state: &AppState, address: &str, partial: &Path) -> Result<ExportPreview, Failure> {
    let operator = Account { id: 0, username: String::new(), admin: true };
    let viewer = Viewer { account: Some(operator), read_only: true };
    let planned =
        ExportParameters::read(address).map_err(in_words)?.plan(state, &viewer, false).await.map_err(in_words)?;
    let preview = planned.preview.clone();
    let bytes = planned.into_bytes(0..preview.size).await?;
    let bar = progress::bar("Exporting", preview.size);
    let mut file = File::create(partial).map_err(|error| format!("cannot write {}: {error}", partial.display()))?;
    keep(&mut file, bytes, &bar).await?;
    bar.finish_and_clear();
    Ok(preview)
}

async fn keep<E: Into<Failure>>(
    file: &mut File,
    bytes: impl Stream<Item = Result<Bytes, E>>,
    bar: &indicatif::ProgressBar,
) -> Result<(), Failure> {
    let mut bytes = pin!(bytes);
    loop {
        let next = timeout(SILENCE, bytes.try_next()).await.map_err(|_| "the connection went silent")?;
        let Some(part) = next.map_err(Into::into)? else { break };
        file.write_all(&part)?;
        bar.inc(part.len() as u64);
    }
    Ok(())
}

fn in_words(error: AppError) -> Failure {
    error.to_string().into()
}

/// Waits for an answer that has to be planned first.
async fn planned(answer: impl Future<Output = Result<Response, Refusal>>) -> Result<Response, Refusal> {
    let silent = |_| Refusal::Passing { why: "the server did not answer".to_owned(), wait: None };
    timeout(LONG_SILENCE, answer).await.map_err(silent)?
}

/// Fetches an export of another server. What came before the connection broke is kept, unless the export has changed since.
async fn fetch(site: &Site, address: &str, partial: &Path) -> Result<ExportPreview, Failure> {
    let preview = patiently(|| async {
        let asked = site.bringing(Method::GET, &format!("/api/v1/export/preview?{address}"));
        Ok::<ExportPreview, Refusal>(planned(site.send(asked)).await?.json().await?)
    });
    let preview = preview.await?;
    let bar = progress::bar("Exporting", preview.size);
    // Whether what is there belongs to what comes, only a name given in this run can tell.
    File::create(partial).map_err(|error| format!("cannot write {}: {error}", partial.display()))?;
    let mut etag: Option<String> = None;
    loop {
        let before = fs::metadata(partial)?.len();
        let once = async || {
            let mut asked = site.bringing(Method::GET, &format!("/api/v1/export?{address}"));
            if let Some(etag) = etag.as_ref().filter(|_| before > 0) {
                asked = asked.header(RANGE, format!("bytes={before}-")).header(IF_RANGE, etag);
            }
            planned(site.send(asked)).await
        };
        let answer = patiently(once).await?;
        let goes_on = answer.status() == StatusCode::PARTIAL_CONTENT;
        etag = answer.headers().get(ETAG).and_then(|etag| Some(etag.to_str().ok()?.to_owned()));
        let size = answer.content_length().unwrap_or(preview.size) + if goes_on { before } else { 0 };
        let mut file = OpenOptions::new().append(true).open(partial)?;
        if !goes_on {
            file.set_len(0)?;
        }
        bar.set_length(size);
        bar.set_position(if goes_on { before } else { 0 });
        let came = keep(&mut file, answer.bytes_stream(), &bar).await;
        let there = file.metadata()?.len();
        if there == size {
            bar.finish_and_clear();
            return Ok(ExportPreview { size, ..preview });
        }
        if there <= before {
            return Err(came.err().unwrap_or_else(|| "the export broke off".into()));
        }
    }
}
