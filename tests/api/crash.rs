//! The program itself, killed at random moments while files come and commits are made, and started again over the same folder: nothing
//! that was acknowledged is lost, and Git, the database and the files agree.

use super::app::{Api, PASSWORD, expect};
use super::lab::{Lab, git, sum};
use super::push::run;
use crate::support::{TestDb, report};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::future::join_all;
use image::{ImageFormat, RgbImage};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// Nothing takes so long, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(180);
/// A site has so many datasets.
const DATASETS: usize = 2;
/// So many bring files to each dataset at once.
const CLIENTS: usize = 3;

/// A folder of the program, and what was made there before anything was killed.
struct Site {
    folder: TempDir,
    database: Option<String>,
    token: String,
    datasets: Vec<i64>,
}

impl Site {
    /// Makes an empty one, with its people and datasets.
    async fn new(database: Option<String>) -> Arc<Self> {
        let mut site =
            Self { folder: tempfile::tempdir().unwrap(), database, token: String::new(), datasets: Vec::new() };
        let (done, said) = site.done(&["user", "add", "ada", "--password-stdin"], PASSWORD);
        assert!(done, "{said}");
        let (done, said) = site.done(&["user", "token", "ada", "--scope", "write"], "");
        assert!(done, "{said}");
        site.token = said.lines().next().unwrap().to_owned();
        let mut site = Arc::new(site);
        let running = Running::start(&site).await;
        let api = running.api(&site.token);
        let mut datasets = Vec::new();
        for number in 0..DATASETS {
            let body = json!({"namespace": "ada", "name": format!("cats-{number}"), "visibility": "private"});
            let made = expect(api.post("/api/v1/datasets").json(&body).send().await.unwrap(), 201).await;
            datasets.push(made["id"].as_i64().unwrap());
        }
        drop(running);
        Arc::get_mut(&mut site).unwrap().datasets = datasets;
        site
    }

    /// The program with the settings of this site, and nothing that the environment says to another.
    fn program(&self, arguments: &[&str]) -> Command {
        let log = OpenOptions::new().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ocellus"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OCELLUS_")) {
            command.env_remove(name);
        }
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        command
            .env("NO_COLOR", "1")
            .env("OCELLUS_ADDRESS", "127.0.0.1:0")
            .env("OCELLUS_DATA_DIR", self.folder.path().join("data"));
        command.envs(self.database.iter().map(|url| ("OCELLUS_DATABASE_URL", url)));
        command
    }

    /// Runs it to its end, and gives whether it succeeded and what it printed.
    fn done(&self, arguments: &[&str], input: &str) -> (bool, String) {
        let mut child = self.program(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let said = child.wait_with_output().unwrap();
        (said.status.success(), String::from_utf8_lossy(&said.stdout).into_owned())
    }

    /// Requires that `ocellus check` finds nothing.
    async fn check(self: &Arc<Self>, arguments: &'static [&'static str]) {
        let site = self.clone();
        let (sound, said) = run(move || site.done(arguments, "")).await;
        assert!(sound && said.contains("\n0 differences found, 0 unused files found, 0 files missing\n"), "{said}");
    }

    /// What Git says of the history of a dataset, and whether it succeeded.
    async fn git(&self, dataset: i64, arguments: &'static [&'static str]) -> (bool, String) {
        let folder = self.folder.path().join(format!("data/datasets/{dataset}.git"));
        if !folder.exists() {
            return (false, String::new());
        }
        run(move || git(&folder, arguments)).await
    }

    /// Requires that Git finds nothing wrong.
    async fn fsck(&self, dataset: i64) {
        for tries in 1.. {
            let (sound, said) = self.git(dataset, &["fsck", "--strict", "--no-dangling", "--no-progress"]).await;
            if sound && said.is_empty() {
                return;
            }
            // What packs the history just then takes objects away from where they were. What is broken stays broken.
            assert!(tries < 10, "{said}");
            sleep(Duration::from_secs(1)).await;
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("the log of a site ends with:\n{}", lines[lines.len().saturating_sub(40)..].join("\n"));
        }
    }
}

/// A server, and the programs that it has begun: all of them are of one group, and end with this.
struct Running {
    server: Child,
    output: BufReader<ChildStdout>,
    url: String,
    /// Ends them where the test itself is killed, with whom its end of a pipe is closed.
    guard: Child,
}

impl Running {
    /// Starts the server. It may still be healing what it finds; whoever asks waits for that.
    async fn start(site: &Arc<Site>) -> Self {
        let site = site.clone();
        run(move || {
            let mut server = site.program(&["serve"]).process_group(0).spawn().unwrap();
            let output = BufReader::new(server.stdout.take().unwrap());
            let end = "read -r _; kill -s KILL -- \"-$0\"";
            let mut guard = Command::new("sh");
            guard.args(["-c", end, &server.id().to_string()]).stdin(Stdio::piped()).process_group(0);
            let mut running = Self { server, output, url: String::new(), guard: guard.spawn().unwrap() };
            while running.url.is_empty() {
                let mut line = String::new();
                assert_ne!(running.output.read_line(&mut line).unwrap(), 0, "the server has ended at once");
                let address = line.strip_prefix("Ocellus serves ").and_then(|rest| rest.split(' ').next());
                running.url.push_str(address.unwrap_or_default());
            }
            running
        })
        .await
    }

    /// A client with the token of whoever brings files.
    fn api(&self, token: &str) -> Api {
        // Several tests may ask for it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        let client = Client::builder().default_headers(headers).timeout(PATIENCE).build().unwrap();
        Api { url: self.url.clone(), client }
    }

    /// Kills it, alone as somebody does by hand, or with what it has begun, as a service manager does. It is dead when this returns.
    fn kill(&mut self, alone: bool) {
        if alone {
            self.server.kill().unwrap();
        } else {
            assert!(self.kill_group());
        }
        // Nobody else has the other end, which is closed with the process.
        self.output.read_to_end(&mut Vec::new()).unwrap();
    }

    /// The number of the group cannot be another's, for as long as nobody has asked how the server has ended.
    fn kill_group(&self) -> bool {
        let group = self.server.id().to_string();
        let killed = Command::new("sh").args(["-c", "kill -s KILL -- \"-$0\"", &group]).status();
        killed.is_ok_and(|status| status.success())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill_group();
        // The guard first: later the number may be another's.
        for child in [&mut self.guard, &mut self.server] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What everybody who uses a server knows of it.
#[derive(Default)]
struct Moment {
    /// From now on it may be dead.
    killed: AtomicBool,
    /// How much it has acknowledged.
    acknowledged: AtomicUsize,
}

impl Moment {
    /// The headers and the body of an answer that must be good; nothing where the server was killed before all of it came.
    async fn answer(&self, request: RequestBuilder) -> Option<(HeaderMap, Value)> {
        let whole = async {
            let response = request.send().await?;
            let (status, headers) = (response.status(), response.headers().clone());
            Ok::<_, reqwest::Error>((status, headers, response.text().await?))
        };
        match whole.await {
            Ok((status, headers, text)) if status.is_success() => {
                self.acknowledged.fetch_add(1, Ordering::SeqCst);
                Some((headers, serde_json::from_str(&text).unwrap_or_default()))
            }
            // What it has begun may have died a little earlier than the server itself.
            _ if self.killed.load(Ordering::SeqCst) => None,
            Ok((status, _, text)) => panic!("{status}: {text}"),
            Err(error) => panic!("nobody had killed the server: {error:?}"),
        }
    }
}

/// The bytes of a file.
#[derive(Clone)]
struct File {
    md5: String,
    bytes: Bytes,
}

impl File {
    fn new(bytes: Vec<u8>) -> Self {
        Self { md5: sum(&bytes), bytes: bytes.into() }
    }

    fn random(random: &mut StdRng, size: usize) -> Self {
        let mut bytes = vec![0; size];
        random.fill_bytes(&mut bytes);
        Self::new(bytes)
    }
}

/// Files by their paths.
type Files = BTreeMap<String, File>;

/// A large file that comes in parts.
struct Coming {
    location: String,
    path: String,
    file: File,
    /// So much was acknowledged.
    acknowledged: usize,
    /// So much was sent, whether or not that was acknowledged.
    sent: usize,
}

/// Somebody who brings files to a folder of their own, and remembers what was acknowledged.
struct Somebody {
    folder: String,
    dataset: usize,
    random: StdRng,
    number: usize,
    files: Files,
    /// The files as they are where the commit counts whose answer has not come.
    attempted: Option<Files>,
    /// The files as they were when they were last looked at.
    seen: Files,
    commits: Vec<String>,
    tags: Vec<(String, String)>,
    coming: Option<Coming>,
}

fn tus(request: RequestBuilder) -> RequestBuilder {
    request.header("tus-resumable", "1.0.0").header("content-type", "application/offset+octet-stream")
}

fn offset(headers: &HeaderMap) -> usize {
    headers["upload-offset"].to_str().unwrap().parse().unwrap()
}

impl Somebody {
    fn new(dataset: usize, number: usize, random: StdRng) -> Self {
        Self {
            folder: format!("somebody {number}"),
            dataset,
            random,
            number: 0,
            files: Files::new(),
            attempted: None,
            seen: Files::new(),
            commits: Vec::new(),
            tags: Vec::new(),
            coming: None,
        }
    }

    fn new_name(&mut self) -> usize {
        self.number += 1;
        self.number
    }

    fn new_path(&mut self) -> String {
        let (folder, name) = (self.random.random_range(0..10), self.new_name());
        format!("{}/{folder:02}/{name}", self.folder)
    }

    /// A small file: a picture or anything else.
    fn new_file(&mut self) -> File {
        if self.random.random_bool(0.3) {
            let mut pixels = vec![0; 24 * 16 * 3];
            self.random.fill_bytes(&mut pixels);
            let mut bytes = Cursor::new(Vec::new());
            RgbImage::from_raw(24, 16, pixels).unwrap().write_to(&mut bytes, ImageFormat::Png).unwrap();
            return File::new(bytes.into_inner());
        }
        let size = self.random.random_range(1..20_000);
        File::random(&mut self.random, size)
    }

    /// One of the files.
    fn any(&mut self) -> Option<String> {
        let place = self.random.random_range(0..self.files.len().max(1));
        self.files.keys().nth(place).cloned()
    }

    /// Works until the server does not answer any more.
    async fn work(&mut self, lab: &Lab<'_>, moment: &Moment) {
        loop {
            let done = match self.random.random_range(0..10) {
                0..3 => self.put(lab, moment).await,
                3..5 => self.commit_several(lab, moment).await,
                5 => self.tag(lab, moment).await,
                _ => self.bring_large(lab, moment).await,
            };
            if done.is_none() {
                return;
            }
        }
    }

    /// Sends what makes a commit, after which the files are these.
    async fn commit(&mut self, moment: &Moment, request: RequestBuilder, after: Files) -> Option<()> {
        self.attempted = Some(after);
        let (_, made) = moment.answer(request).await?;
        self.commits.push(made["commit"].as_str().unwrap().to_owned());
        self.files = self.attempted.take().unwrap();
        Some(())
    }

    /// Puts a file, perhaps in place of another.
    async fn put(&mut self, lab: &Lab<'_>, moment: &Moment) -> Option<()> {
        let again = self.any().filter(|_| self.random.random_bool(0.3));
        let (path, file) = (again.unwrap_or_else(|| self.new_path()), self.new_file());
        let request = lab.api.put(&format!("{}/files/{path}", lab.path)).body(file.bytes.clone());
        let mut after = self.files.clone();
        after.insert(path, file);
        self.commit(moment, request, after).await
    }

    /// Brings some files, and does several things in one commit.
    async fn commit_several(&mut self, lab: &Lab<'_>, moment: &Moment) -> Option<()> {
        let (mut after, mut changes) = (self.files.clone(), Vec::new());
        for _ in 0..self.random.random_range(2..5) {
            let (path, file) = (self.new_path(), self.new_file());
            let request = tus(lab.api.post(&format!("{}/uploads", lab.path)))
                .header("upload-length", file.bytes.len())
                .header("upload-metadata", format!("path {}", STANDARD.encode(&path)));
            let (headers, _) = moment.answer(request.body(file.bytes.clone())).await?;
            assert_eq!(headers["upload-md5"], file.md5);
            changes.push(json!({"action": "put", "path": path, "md5": file.md5}));
            after.insert(path, file);
        }
        if let Some(path) = self.any() {
            let file = after.remove(&path).unwrap();
            if self.random.random_bool(0.5) {
                let to = self.new_path();
                changes.push(json!({"action": "move", "from": path, "to": to}));
                after.insert(to, file);
            } else {
                changes.push(json!({"action": "delete", "path": path}));
            }
        }
        let request = lab.api.post(&format!("{}/commits", lab.path)).json(&json!({"changes": changes}));
        self.commit(moment, request, after).await
    }

    /// Names a version: the newest, or the last one that came from here.
    async fn tag(&mut self, lab: &Lab<'_>, moment: &Moment) -> Option<()> {
        let Some(last) = self.commits.last().cloned() else { return Some(()) };
        let number = self.new_name();
        let name = format!("{}-{number}", self.folder.replace(' ', "-"));
        let mut wish = json!({"name": name});
        if self.random.random_bool(0.5) {
            wish["ref"] = last.into();
        }
        let (_, told) = moment.answer(lab.api.post(&format!("{}/tags", lab.path)).json(&wish)).await?;
        self.tags.push((name, told["commit"].as_str().unwrap().to_owned()));
        Some(())
    }

    /// Goes on with a large file: begins it, brings a part of it, or commits it.
    async fn bring_large(&mut self, lab: &Lab<'_>, moment: &Moment) -> Option<()> {
        let Some(coming) = &mut self.coming else {
            let (path, size) = (self.new_path(), self.random.random_range(300_000..1_500_000));
            let file = File::random(&mut self.random, size);
            let request = lab.api.post(&format!("{}/uploads", lab.path)).header("tus-resumable", "1.0.0");
            let request = request.header("upload-length", size);
            let request = request.header("upload-metadata", format!("path {}", STANDARD.encode(&path)));
            let (headers, _) = moment.answer(request).await?;
            let location = headers["location"].to_str().unwrap().to_owned();
            self.coming = Some(Coming { location, path, file, acknowledged: 0, sent: 0 });
            return Some(());
        };
        if coming.acknowledged < coming.file.bytes.len() {
            let size = self.random.random_range(50_000..700_000);
            return coming.bring(lab.api, moment, size).await;
        }
        let (path, file) = (coming.path.clone(), coming.file.clone());
        let changes = json!([{"action": "put", "path": path, "md5": file.md5}]);
        let request = lab.api.post(&format!("{}/commits", lab.path)).json(&json!({"changes": changes}));
        let mut after = self.files.clone();
        after.insert(path, file);
        self.commit(moment, request, after).await?;
        self.coming = None;
        Some(())
    }

    /// Looks whether everything is there that was acknowledged, and nothing by halves; and goes on from there.
    async fn look(&mut self, lab: &Lab<'_>, moment: &Moment) {
        let there = listed(lab, &self.folder).await;
        let is_so = |files: &Files| files.iter().map(|(path, file)| (path, &file.md5)).eq(&there);
        match self.attempted.take() {
            Some(attempted) if is_so(&attempted) => self.files = attempted,
            attempted => {
                let sums = |files: &Files| files.iter().map(|(path, file)| (path.clone(), file.md5.clone())).collect();
                let acknowledged: BTreeMap<String, String> = sums(&self.files);
                assert_eq!(there, acknowledged, "attempted was {:?}", attempted.as_ref().map(sums));
            }
        }
        let is_new = |(path, file): &(&String, &File)| self.seen.get(*path).is_none_or(|seen| seen.md5 != file.md5);
        for (path, file) in self.files.iter().filter(is_new) {
            require_bytes(lab, path, file).await;
        }
        self.seen = self.files.clone();
        // The commit that puts it there may have counted.
        self.coming.take_if(|coming| self.files.contains_key(&coming.path));
        if let Some(coming) = &mut self.coming {
            let told = expect(lab.api.get(&coming.location).send().await.unwrap(), 200).await;
            let offset = usize::try_from(told["offset"].as_u64().unwrap()).unwrap();
            assert!((coming.acknowledged..=coming.sent).contains(&offset), "{told}, not {}", coming.acknowledged);
            coming.acknowledged = offset;
            if offset == coming.file.bytes.len() {
                assert_eq!(told["md5"], coming.file.md5);
            } else {
                coming.bring(lab.api, moment, 40_000).await.unwrap();
            }
        }
    }
}

impl Coming {
    /// Brings the next bytes, piece by piece.
    async fn bring(&mut self, api: &Api, moment: &Moment, size: usize) -> Option<()> {
        let (begin, whole) = (self.acknowledged, self.file.bytes.len());
        self.sent = whole.min(begin + size);
        let pieces: Vec<Bytes> =
            self.file.bytes.slice(begin..self.sent).chunks(40_000).map(Bytes::copy_from_slice).collect();
        let pieces = futures::stream::unfold(pieces.into_iter(), async |mut pieces| {
            let piece = pieces.next()?;
            sleep(Duration::from_millis(2)).await;
            Some((Ok::<_, std::io::Error>(piece), pieces))
        });
        let request = tus(api.client.patch(format!("{}{}", api.url, self.location))).header("upload-offset", begin);
        let (headers, _) = moment.answer(request.body(reqwest::Body::wrap_stream(pieces))).await?;
        assert_eq!(offset(&headers), self.sent);
        if self.sent == whole {
            assert_eq!(headers["upload-md5"], self.file.md5);
        }
        self.acknowledged = self.sent;
        Some(())
    }
}

/// The MD5 of each file in a folder, as the index has it.
async fn listed(lab: &Lab<'_>, folder: &str) -> BTreeMap<String, String> {
    let list = lab.raw(&format!("files/?prefix={folder}/&limit=1000")).await;
    let total: usize = list.headers()["x-total-count"].to_str().unwrap().parse().unwrap();
    let text = |file: &Value, key: &str| file[key].as_str().unwrap().to_owned();
    let list = expect(list, 200).await;
    let found: BTreeMap<_, _> =
        list.as_array().unwrap().iter().map(|file| (text(file, "path"), text(file, "md5"))).collect();
    assert_eq!(found.len(), total);
    found
}

async fn require_bytes(lab: &Lab<'_>, path: &str, file: &File) {
    let response = lab.raw(&format!("files/{path}")).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    assert!(response.bytes().await.unwrap() == file.bytes, "{path} has other bytes");
}

/// Changes a dataset, as whoever comes next: so it is healed. A Git that the dead server has begun may still come between.
async fn heal(lab: &Lab<'_>, round: usize) {
    let begin = Instant::now();
    loop {
        let request = lab.api.put(&format!("{}/files/healed.txt", lab.path));
        let response = request.body(format!("round {round}")).send().await.unwrap();
        if response.status() != StatusCode::TOO_MANY_REQUESTS {
            expect(response, 201).await;
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "the dataset stays busy");
        sleep(Duration::from_millis(200)).await;
    }
}

/// Kills the server of a site so often, and looks what is there after each time. Gives how many commits were acknowledged.
async fn survive(database: Option<String>, rounds: usize, seed: u64) -> usize {
    let mut random = StdRng::seed_from_u64(seed);
    let site = Site::new(database).await;
    let mut people: Vec<Somebody> = (0..DATASETS * CLIENTS)
        .map(|number| Somebody::new(number % DATASETS, number, StdRng::seed_from_u64(random.random())))
        .collect();
    let mut running = Running::start(&site).await;
    for round in 0..rounds {
        let (api, moment) = (running.api(&site.token), Moment::default());
        let labs: Vec<Lab> = site.datasets.iter().map(|id| Lab::at(&api, format!("/api/v1/datasets/{id}"))).collect();
        let work = join_all(people.iter_mut().map(|somebody| somebody.work(&labs[somebody.dataset], &moment)));
        // The number makes sure that something was done on the slowest machine, the pause that it is any moment of the next things.
        let (wanted, pause) = (random.random_range(0..30), random.random_range(0..300));
        let alone = random.random_bool(0.4);
        let kill = async {
            let begin = Instant::now();
            while moment.acknowledged.load(Ordering::SeqCst) < wanted {
                assert!(begin.elapsed() < PATIENCE, "the server acknowledges nothing");
                sleep(Duration::from_millis(1)).await;
            }
            sleep(Duration::from_millis(pause)).await;
            moment.killed.store(true, Ordering::SeqCst);
            tokio::task::block_in_place(|| running.kill(alone));
        };
        tokio::join!(work, kill);

        // Lives until the end of the round: who kills the server alone does not kill what it has begun.
        let _dead = std::mem::replace(&mut running, Running::start(&site).await);
        let (api, moment) = (running.api(&site.token), Moment::default());
        let labs: Vec<Lab> = site.datasets.iter().map(|id| Lab::at(&api, format!("/api/v1/datasets/{id}"))).collect();
        // Answered when everything is healed that a start heals.
        expect(api.get("/api/health").send().await.unwrap(), 200).await;
        if alone {
            for lab in &labs {
                heal(lab, round).await;
            }
        }
        site.check(&["check"]).await;
        for (number, lab) in labs.iter().enumerate() {
            let head = expect(api.get(&lab.path).send().await.unwrap(), 200).await["head"].clone();
            let (done, history) = site.git(lab.id, &["rev-list", "main", "--"]).await;
            let history: BTreeSet<&str> = if done { history.lines().collect() } else { BTreeSet::new() };
            assert_eq!(head.as_str().is_some(), done, "round {round}: {head}");
            assert!(head.as_str().is_none_or(|head| history.contains(head)), "round {round}: {head}");
            let tags = lab.get("tags?limit=1000").await;
            let tags: BTreeMap<&str, &str> = tags
                .as_array()
                .unwrap()
                .iter()
                .map(|tag| (tag["name"].as_str().unwrap(), tag["commit"].as_str().unwrap()))
                .collect();
            for somebody in people.iter_mut().filter(|somebody| somebody.dataset == number) {
                let lost: Vec<&String> =
                    somebody.commits.iter().filter(|commit| !history.contains(commit.as_str())).collect();
                assert!(lost.is_empty(), "round {round}: the commits {lost:?} are lost");
                for (name, commit) in &somebody.tags {
                    assert_eq!(tags.get(name.as_str()), Some(&commit.as_str()), "round {round}: {name}");
                }
                somebody.look(lab, &moment).await;
            }
            if done {
                site.fsck(lab.id).await;
            }
        }
    }

    // What was begun is brought to its end, and all of it is looked at once more.
    let (api, moment) = (running.api(&site.token), Moment::default());
    for somebody in &mut people {
        let lab = Lab::at(&api, format!("/api/v1/datasets/{}", site.datasets[somebody.dataset]));
        while somebody.coming.is_some() {
            somebody.bring_large(&lab, &moment).await.unwrap();
        }
        somebody.look(&lab, &moment).await;
        for (path, file) in &somebody.files {
            require_bytes(&lab, path, file).await;
        }
    }
    site.check(&["check", "--texts"]).await;
    people.iter().map(|somebody| somebody.commits.len()).sum()
}

/// What the random numbers begin with: others with each run, unless somebody wants a run again.
fn seed() -> u64 {
    std::env::var("OCELLUS_TEST_SEED").map_or_else(|_| rand::random(), |seed| seed.parse().unwrap())
}

/// Several sites at once, each of which is killed so often.
async fn all_survive(databases: Vec<Option<String>>, rounds: usize) {
    let (seed, begin) = (seed(), Instant::now());
    println!("OCELLUS_TEST_SEED={seed}");
    let sites = databases.len();
    let each = databases.into_iter().zip(seed..).map(|(database, seed)| survive(database, rounds, seed));
    let commits: usize = join_all(each).await.into_iter().sum();
    assert!(commits >= sites * rounds, "hardly anything was done: {commits}");
    let seconds = begin.elapsed().as_secs_f64();
    report(&format!("{commits} commits outlived {} kills, in {seconds:.1} s", sites * rounds));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_outlives_forty_kills_on_sqlite() {
    all_survive(vec![None; 4], 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_outlives_ten_kills_on_postgres() {
    let tests = [TestDb::postgres().await, TestDb::postgres().await];
    all_survive(tests.iter().map(|test| Some(test.url.clone())).collect(), 5).await;
    for test in tests {
        test.close().await;
    }
}
