//! The batch on its page: does what the batch asks for, and tells it what came of that.

use super::memory::{Memory, claim_name};
use super::walk::Walked;
use crate::api::version_forms::files_at;
use crate::model::AppError;
use crate::model::batch::answer::{Failure, understood};
use crate::model::batch::pace::Pace;
use crate::model::batch::paths::{base64, is_litter, target};
use crate::model::batch::words::UNREADABLE;
use crate::model::batch::{Batch, Chosen, Effect, Input, LOOKED_UP, Standing, There};
use crate::ui::announcer::Announcer;
use crate::ui::claim::{Claim, claim, claimed};
use crate::ui::transfer::{Ending, request, watch_end, watch_progress};
use crate::ui::wait::wait;
use futures::future::{Either, select};
use leptos::prelude::*;
use leptos::task::spawn_local;
use md5::{Digest, Md5};
use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, XmlHttpRequest};

/// What is shown changes at most so often.
const REDRAWN: Duration = Duration::from_millis(80);
/// So much of a file is read at once, in bytes.
const READ_BYTES: f64 = 4.0 * 1024.0 * 1024.0;

/// A connection over which nothing has gone for so long is taken for broken: after a laptop's sleep a browser may wait for ever. The
/// second is for a server that has all of a request: it may still have to bring a large file elsewhere. In milliseconds.
const SILENT_MS: (f64, f64) = (45_000.0, 600_000.0);

/// A server that has nothing to do but to answer has answered by then.
const ANSWERED: Duration = Duration::from_secs(20);

/// A request that is under way.
struct UnderWay {
    request: XmlHttpRequest,
    attempt: u32,
    /// When something was last heard of it, in Unix milliseconds.
    heard: f64,
    /// Whether all of it has left, and the server may have a file to see to.
    is_whole: bool,
}

/// A batch, its files, and what is under way.
#[derive(Clone, Copy)]
pub struct Desk {
    dataset: i64,
    batch: StoredValue<Batch>,
    files: StoredValue<HashMap<usize, File>>,
    requests: StoredValue<HashMap<usize, UnderWay>>,
    /// Nothing until it has been read.
    memory: StoredValue<Option<Memory>>,
    /// What was chosen before that, with the folder that it is for.
    early: StoredValue<Vec<(String, Vec<Walked>)>>,
    /// Held as long as the page is there, so that other tabs know.
    claim: StoredValue<Option<Claim>>,
    /// That of the bytes, and that of all that is done.
    pace: StoredValue<(Pace, Pace)>,
    is_drawing: StoredValue<bool>,
    /// Grows whenever something may look different.
    pub drawn: RwSignal<u32>,
    /// How many files are left out because systems leave them in folders.
    pub litter: RwSignal<usize>,
    /// What could not be read.
    pub unread: RwSignal<Vec<String>>,
    /// How many folders are being gone through.
    pub walking: RwSignal<usize>,
    /// The paths of files that were begun before and not gone on with yet.
    pub interrupted: RwSignal<Vec<String>>,
    /// What has just happened.
    pub announcer: Announcer,
}

fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// What is answered in time.
async fn soon<T>(answer: impl Future<Output = T>) -> Option<T> {
    match select(pin!(answer), pin!(wait(ANSWERED))).await {
        Either::Left((answer, _)) => Some(answer),
        Either::Right(_) => None,
    }
}

/// What is at these paths of a dataset.
async fn look_up(dataset: i64, paths: Vec<String>) -> Result<Vec<There>, AppError> {
    let late = || Err(AppError::Unreachable("the server does not answer".to_owned()));
    soon(files_at(dataset, paths)).await.unwrap_or_else(late)
}

impl Desk {
    /// A desk without files, for a site that takes files of at most so many bytes.
    pub fn new(dataset: i64, limit: u64) -> Self {
        Self {
            dataset,
            batch: StoredValue::new(Batch::new(limit)),
            files: StoredValue::new(HashMap::new()),
            requests: StoredValue::new(HashMap::new()),
            memory: StoredValue::new(None),
            early: StoredValue::new(Vec::new()),
            claim: StoredValue::new(None),
            pace: StoredValue::new(Default::default()),
            is_drawing: StoredValue::new(false),
            drawn: RwSignal::new(0),
            litter: RwSignal::new(0),
            unread: RwSignal::new(Vec::new()),
            walking: RwSignal::new(0),
            interrupted: RwSignal::new(Vec::new()),
            announcer: Announcer::default(),
        }
    }

    /// Finds out what was left behind by an earlier visit of this person. In the browser only.
    pub async fn remember(self, user: String) {
        let visit = format!("{:x}-{:x}", now_ms() as u64, (js_sys::Math::random() * 1e15) as u64);
        let held = claim(&claim_name(&visit)).await;
        let others = claimed().await;
        let memory = Memory::read(&user, self.dataset, &visit, &others, now_ms() as i64);
        let paths = memory.paths();
        // The page may be gone by now, and the name with it.
        self.claim.try_set_value(held);
        self.memory.try_set_value(Some(memory));
        let _ = self.interrupted.try_set(paths);
        for (folder, walked) in self.early.try_update_value(std::mem::take).unwrap_or_default() {
            self.add(&folder, walked);
        }
    }

    /// What is remembered, once that was read.
    fn remembered<T>(self, look: impl FnOnce(&mut Memory) -> T) -> Option<T> {
        self.memory.try_update_value(|memory| memory.as_mut().map(look)).flatten()
    }

    /// What is shown of the batch; it is looked at once more whenever that may have changed.
    pub fn look<T>(self, look: impl FnOnce(&Batch) -> T) -> T {
        self.drawn.track();
        self.batch.with_value(look)
    }

    /// The batch as it is now.
    pub fn now<T>(self, look: impl FnOnce(&Batch) -> T) -> Option<T> {
        self.batch.try_with_value(look)
    }

    /// How many bytes go over the line in a second, and how many seconds are left, once that can be told.
    pub fn pace(self) -> Option<(f64, f64)> {
        let (_, left) = self.look(Batch::work);
        self.pace.with_value(|(bytes, work)| bytes.rate().zip(work.left_s(left)))
    }

    /// Takes files for a folder of the dataset.
    pub fn add(self, folder: &str, walked: Vec<Walked>) {
        if self.remembered(|_| ()).is_none() {
            self.early.try_update_value(|early| early.push((folder.to_owned(), walked)));
            return;
        }
        let all = walked.len();
        let walked: Vec<Walked> = walked.into_iter().filter(|(path, _)| !is_litter(path)).collect();
        let litter = all - walked.len();
        if self.litter.try_update(|number| *number += litter).is_none() || walked.is_empty() {
            return;
        }
        let now = now_ms() as i64;
        let chosen = |(path, file): &Walked| {
            let (path, size, modified) = (target(folder, path), file.size() as u64, file.last_modified() as i64);
            let begun = self.remembered(|memory| memory.take(&path, size, modified, now)).flatten();
            Chosen { path, size, modified, begun }
        };
        let chosen: Vec<Chosen> = walked.iter().map(chosen).collect();
        if chosen.iter().any(|chosen| chosen.begun.is_some()) {
            let left = self.remembered(|memory| memory.paths()).unwrap_or_default();
            let _ = self.interrupted.try_set(left);
        }
        let paths: Vec<String> = chosen.iter().map(|chosen| chosen.path.clone()).collect();
        let effects = self.batch.try_update_value(|batch| {
            let effects = batch.handle(Input::Add(chosen));
            let keys: Vec<Option<usize>> = paths.iter().map(|path| batch.key_of(path)).collect();
            (effects, keys)
        });
        let Some((effects, keys)) = effects else { return };
        self.files.try_update_value(|files| {
            files.extend(keys.into_iter().zip(walked).filter_map(|(key, (_, file))| Some((key?, file))));
        });
        self.perform_all(effects);
    }

    /// Looks once more what is at the paths of the files that have come. Gives of how many it is something else than before.
    pub async fn look_again(self) -> Result<usize, AppError> {
        let come = self.now(|batch| {
            let (keys, _) = batch.changes();
            let paths = keys.iter().filter_map(|key| Some(batch.file(*key)?.path.clone()));
            let paths: Vec<String> = paths.collect();
            (batch.changed(), keys, paths)
        });
        let Some((before, keys, paths)) = come else { return Ok(0) };
        let mut found = Vec::new();
        for some in paths.chunks(LOOKED_UP) {
            found.extend(look_up(self.dataset, some.to_vec()).await?);
        }
        self.say(Input::LookedAgain(keys, found));
        Ok(self.now(Batch::changed).unwrap_or(before) - before)
    }

    /// Tells the batch what has happened, and does what it asks for.
    pub fn say(self, input: Input) {
        // Whoever has left the page is told nothing more.
        if let Some(effects) = self.batch.try_update_value(|batch| batch.handle(input)) {
            self.perform_all(effects);
        }
    }

    /// The same, later.
    fn say_after(self, pause: Duration, input: Input) {
        set_timeout(move || self.say(input), pause);
    }

    /// Ends uploads that were left behind.
    pub fn discard(self) {
        let uploads = self.remembered(Memory::discard).unwrap_or_default();
        uploads.iter().for_each(|upload| self.end(upload));
        let _ = self.interrupted.try_set(Vec::new());
    }

    /// The page is left: nothing is sent any more. What was begun is remembered.
    pub fn leave(self) {
        let requests = self.requests.try_update_value(std::mem::take).unwrap_or_default();
        for UnderWay { request, .. } in requests.into_values() {
            // Aborting a request that has ended does nothing.
            let _ = request.abort();
        }
    }

    /// Some time has passed: what has been silent for too long is taken for broken, and the pace is looked at anew.
    pub fn pass_time(self) {
        let now = now_ms();
        let is_silent = |it: &UnderWay| now - it.heard > if it.is_whole { SILENT_MS.1 } else { SILENT_MS.0 };
        let silent = self.requests.try_update_value(|requests| {
            let keys: Vec<usize> = requests.iter().filter(|(_, it)| is_silent(it)).map(|(key, _)| *key).collect();
            keys.into_iter().filter_map(|key| requests.remove(&key).map(|it| (key, it))).collect::<Vec<_>>()
        });
        for (key, UnderWay { request, attempt, .. }) in silent.unwrap_or_default() {
            let _ = request.abort();
            self.say(Input::Ended(key, attempt, Err(Failure::Lost)));
        }
        if self.now(Batch::standing) == Some(Standing::Sending) {
            self.redraw();
        }
    }

    /// Something was heard of a request.
    fn hear(self, key: usize, attempt: u32, part: f64) {
        self.requests.try_update_value(|requests| {
            if let Some(it) = requests.get_mut(&key).filter(|it| it.attempt == attempt) {
                (it.heard, it.is_whole) = (now_ms(), part >= 1.0);
            }
        });
    }

    fn perform_all(self, effects: Vec<Effect>) {
        for effect in effects {
            self.perform(effect);
        }
        self.redraw();
    }

    fn redraw(self) {
        if self.is_drawing.try_get_value() != Some(false) {
            return;
        }
        self.is_drawing.set_value(true);
        let draw = move || {
            let look = |batch: &Batch| (batch.moved(), batch.work().0, batch.standing());
            let Some((moved, done, standing)) = self.now(look) else { return };
            self.is_drawing.try_set_value(false);
            self.pace.try_update_value(|(bytes, work)| match standing {
                Standing::Sending => {
                    bytes.note(now_ms(), moved);
                    work.note(now_ms(), done);
                }
                _ => {
                    bytes.stop();
                    work.stop();
                }
            });
            let _ = self.drawn.try_update(|drawn| *drawn = drawn.wrapping_add(1));
        };
        set_timeout(draw, REDRAWN);
    }

    fn file(self, key: usize) -> Option<File> {
        self.files.try_with_value(|files| files.get(&key).cloned()).flatten()
    }

    /// The path, length and time of a file's last change.
    fn known_by(self, key: usize) -> Option<(String, u64, i64)> {
        // Also of one that has left the list.
        self.now(|batch| batch.known_by(key)).flatten()
    }

    fn perform(self, effect: Effect) {
        match effect {
            Effect::Look(number, paths) => {
                let dataset = self.dataset;
                spawn_local(async move {
                    let found = look_up(dataset, paths).await.map_err(Failure::from);
                    self.say(Input::Looked(number, found));
                });
            }
            Effect::Compare(key) => spawn_local(async move {
                let md5 = self.md5(key).await;
                self.say(Input::Compared(key, md5));
            }),
            Effect::Begin(key, attempt, whole) => {
                let Some(file) = self.file(key) else { return };
                let Some((path, size, _)) = self.known_by(key) else { return };
                let metadata = format!("path {}", base64(path.as_bytes()));
                let headers = [("Upload-Length", size.to_string()), ("Upload-Metadata", metadata)];
                let place = format!("/api/v1/datasets/{}/uploads", self.dataset);
                let body = (whole && size > 0).then(|| Blob::from(file));
                self.send("POST", &place, &headers, body, (key, attempt, size));
            }
            Effect::Ask(key, attempt, upload) => {
                self.send("HEAD", &self.place(&upload), &[], None, (key, attempt, 0));
            }
            Effect::Send(key, attempt, upload, from, to) => {
                let Some(file) = self.file(key) else { return };
                let headers = [("Upload-Offset", from.to_string())];
                match file.slice_with_f64_and_f64(from as f64, to as f64) {
                    Ok(part) => {
                        self.send("PATCH", &self.place(&upload), &headers, Some(part), (key, attempt, to - from))
                    }
                    Err(_) => self.unsent(key, attempt),
                }
            }
            Effect::Abort(key) => {
                let under_way = self.requests.try_update_value(|requests| requests.remove(&key)).flatten();
                if let Some(UnderWay { request, .. }) = under_way {
                    // Aborting a request that has ended does nothing.
                    let _ = request.abort();
                }
            }
            Effect::Remember(key, upload) => {
                if let Some((path, size, modified)) = self.known_by(key) {
                    let now = now_ms() as i64;
                    self.remembered(|memory| memory.keep(&path, size, modified, &upload, now));
                }
            }
            Effect::Forget(key) => {
                if let Some((path, size, modified)) = self.known_by(key) {
                    self.remembered(|memory| memory.forget(&path, size, modified));
                }
            }
            Effect::End(upload) => self.end(&upload),
            Effect::Rest(key, ms) => self.say_after(Duration::from_millis(ms), Input::Rested(key)),
            Effect::Wait(ms) => self.say_after(Duration::from_millis(ms), Input::TryAgain),
            Effect::Probe => spawn_local(async move {
                let answer = soon(gloo_net::http::Request::get("/api/health").send()).await;
                self.say(Input::Probed(answer.is_some_and(|answer| answer.is_ok_and(|answer| answer.ok()))));
            }),
        }
    }

    fn place(self, upload: &str) -> String {
        format!("/api/v1/datasets/{}/uploads/{upload}", self.dataset)
    }

    /// The browser could not even begin.
    fn unsent(self, key: usize, attempt: u32) {
        let failure = Failure::Refused(UNREADABLE.to_owned());
        self.say_after(Duration::ZERO, Input::Ended(key, attempt, Err(failure)));
    }

    /// Sends a request of the protocol. `about` is the file, the number of the request, and how many bytes it brings.
    fn send(self, method: &str, place: &str, headers: &[(&str, String)], body: Option<Blob>, about: (usize, u32, u64)) {
        // Without a body, only the beginning of an empty file finishes one.
        let (key, attempt, bytes) = about;
        let is_whole = method == "POST" && bytes == 0;
        match self.try_send(method, place, headers, body, about) {
            Ok(request) => {
                let under_way = UnderWay { request, attempt, heard: now_ms(), is_whole };
                self.requests.try_update_value(|requests| requests.insert(key, under_way));
            }
            Err(_) => self.unsent(key, attempt),
        }
    }

    fn try_send(
        self,
        method: &str,
        place: &str,
        headers: &[(&str, String)],
        body: Option<Blob>,
        (key, attempt, bytes): (usize, u32, u64),
    ) -> Result<XmlHttpRequest, JsValue> {
        let request = request(method, place)?;
        request.set_request_header("Tus-Resumable", "1.0.0")?;
        for (name, value) in headers {
            request.set_request_header(name, value)?;
        }
        if body.is_some() {
            request.set_request_header("Content-Type", "application/offset+octet-stream")?;
            let on_progress = move |part: f64| {
                self.hear(key, attempt, part);
                self.say(Input::Moved(key, attempt, (part * bytes as f64) as u64));
            };
            watch_progress(&request, on_progress)?;
        }
        let (asked, first) = (request.clone(), body.clone());
        let on_end = move |ending: Ending| match ending {
            // Whoever gave it up knows.
            Ending::Cancelled => {}
            Ending::Answered { status, body } => {
                self.requests.try_update_value(|requests| requests.remove(&key));
                let header = |name: &str| asked.get_response_header(name).ok().flatten();
                self.say(Input::Ended(key, attempt, understood(status, &body, header)));
            }
            Ending::Lost => {
                self.requests.try_update_value(|requests| requests.remove(&key));
                let first = first.clone();
                spawn_local(async move {
                    // A browser does not tell a broken connection from a file that has changed since it was chosen.
                    let failure = match first {
                        Some(part) if read(&part, 0.0, 1.0).await.is_err() => Failure::Refused(UNREADABLE.to_owned()),
                        _ => Failure::Lost,
                    };
                    self.say(Input::Ended(key, attempt, Err(failure)));
                });
            }
        };
        watch_end(&request, on_end)?;
        request.send_with_opt_blob(body.as_ref())?;
        Ok(request)
    }

    /// Tells the server that an upload is not wanted any more. It forgets it by itself one day, should it not hear that.
    fn end(self, upload: &str) {
        let told = request("DELETE", &self.place(upload)).and_then(|request| {
            request.set_request_header("Tus-Resumable", "1.0.0")?;
            request.send()
        });
        drop(told);
    }

    /// The MD5 of a file's bytes; nothing where they cannot be read, or need not be any more.
    async fn md5(self, key: usize) -> Option<String> {
        let file = self.file(key)?;
        let (size, mut from, mut sum) = (file.size(), 0.0, Md5::new());
        while from < size {
            let to = (from + READ_BYTES).min(size);
            sum.update(read(&file, from, to).await.ok()?);
            from = to;
            // Whoever has taken it out of the list, or left the page, needs it no more.
            self.now(|batch| batch.file(key).is_some()).filter(|is_there| *is_there)?;
        }
        Some(sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// A part of a file.
async fn read(file: &Blob, from: f64, to: f64) -> Result<Vec<u8>, JsValue> {
    let part = file.slice_with_f64_and_f64(from, to)?;
    let buffer = JsFuture::from(part.array_buffer()).await?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}
