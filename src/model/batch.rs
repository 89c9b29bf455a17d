//! Files that somebody brings into a dataset by one commit: which of them wait, which are on their way, and what is to be done next.
//!
//! [`Batch::handle`] takes what has happened and tells what to do about it; whoever calls it talks to the server and says what came of
//! that. Every request has a number of its own, so that the end of one that was given up disturbs nothing. A file that is sent is kept by
//! the server whatever happens here; only the commit puts the files into the dataset.

pub mod answer;
mod file;
pub mod pace;
pub mod paths;
mod talk;
mod tally;
#[cfg(test)]
mod tests;
pub mod words;

use super::FileChange;
use super::version::{MAX_CHANGES, check_path};
use answer::{Answer, Failure};
pub use file::{Chosen, File, Phase, There};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
pub use talk::{Effect, Input};
pub use tally::{Standing, Tally};

/// So many requests that send are under way at once.
pub const PARALLEL: usize = 4;
/// Up to this size a file comes in one request, in bytes.
pub const WHOLE_BYTES: u64 = 4 * 1024 * 1024;
/// A request brings at most so much of a larger one, in bytes.
pub const CHUNK_BYTES: u64 = 16 * 1024 * 1024;
/// For so many paths at once it is found out what is there.
pub const LOOKED_UP: usize = 1000;
/// A file whose connection broke so often without anything of it coming through is given up.
const MAX_LOST: u32 = 8;
/// The server may hold a file for a minute whose connection broke; so often one asks whether it still does.
const MAX_BUSY: u32 = 45;
/// A file costs as much time as so many bytes, however small it is.
const FILE_COST: u64 = 200_000;
/// So long one waits before that, in milliseconds.
const BUSY_MS: u64 = 1_500;
/// The first pause after a connection broke, and the longest one, in milliseconds.
const PAUSES_MS: (u64, u64) = (1_000, 30_000);

/// The server cannot be reached, or says that it cannot take anything now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Outage {
    tries: u32,
    /// Whether it is being tried just now.
    is_probing: bool,
    /// What the server said, if it said anything.
    reason: Option<String>,
}

/// Files that become one commit.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The site takes files of at most so many bytes.
    limit: u64,
    files: Vec<File>,
    by_path: BTreeMap<String, usize>,
    is_paused: bool,
    outage: Option<Outage>,
    /// Why no file can be sent.
    stopped: Option<String>,
    looking: Option<(u32, Vec<usize>)>,
    /// It is known of every file before this one what is at its path.
    next_unknown: usize,
    comparing: Option<usize>,
    /// Those whose turn to be compared comes later.
    to_compare: VecDeque<usize>,
    running: usize,
    /// No file before this one is ready to be sent.
    next: usize,
    attempts: u32,
    /// How many bytes have gone over the line.
    moved: u64,
    /// How many files have come.
    come: u64,
    /// How many files were chosen that were in the list already.
    twice: usize,
    /// How many files took the place of others in the list that have the same path.
    displaced: usize,
    /// Of how many files something else was at the path when one looked once more.
    changed: usize,
}

impl Batch {
    /// No files yet, for a site that takes such of at most so many bytes.
    pub fn new(limit: u64) -> Self {
        Self { limit, ..Self::default() }
    }

    /// A file.
    pub fn file(&self, file: usize) -> Option<&File> {
        self.files.get(file).filter(|file| !file.is_gone)
    }

    /// The files in the order in which they were chosen, with their numbers.
    pub fn files(&self) -> impl Iterator<Item = (usize, &File)> {
        self.files.iter().enumerate().filter(|(_, file)| !file.is_gone)
    }

    /// The number of the file at a path.
    pub fn key_of(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// The path, length and time of the last change of a file, also of one that has left the list.
    pub fn known_by(&self, key: usize) -> Option<(String, u64, i64)> {
        self.files.get(key).map(|file| (file.path.clone(), file.size, file.modified))
    }

    /// How many bytes have gone over the line.
    pub fn moved(&self) -> u64 {
        self.moved
    }

    /// What was done so far, and what is left, as bytes: each file counts as some, so that thousands of small ones take their time.
    pub fn work(&self) -> (u64, u64) {
        let Tally { bytes, sent, waiting, sending, .. } = self.tally();
        let files = (waiting + sending) as u64;
        (self.moved + self.come * FILE_COST, bytes.saturating_sub(sent) + files * FILE_COST)
    }

    /// How many files were chosen that were in the list already.
    pub fn twice(&self) -> usize {
        self.twice
    }

    /// How many files took the place of others in the list that have the same path.
    pub fn displaced(&self) -> usize {
        self.displaced
    }

    /// Of how many files something else was at the path when one looked once more.
    pub fn changed(&self) -> usize {
        self.changed
    }

    /// The files that have come, as the commit takes them: as many as one takes.
    pub fn changes(&self) -> (Vec<usize>, Vec<FileChange>) {
        let come = self.files().filter(|(_, file)| file.is_wanted()).filter_map(|(key, file)| match &file.phase {
            Phase::Done(md5) => Some((key, FileChange::Put { path: file.path.clone(), md5: md5.clone() })),
            _ => None,
        });
        come.take(MAX_CHANGES).unzip()
    }

    /// Takes what has happened, and tells what is to be done about it.
    pub fn handle(&mut self, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.take(input, &mut effects);
        self.go_on(&mut effects);
        effects
    }

    fn take(&mut self, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Add(files) => files.into_iter().for_each(|chosen| self.add(chosen, effects)),
            Input::Looked(number, found) => self.looked(number, found, effects),
            Input::LookedAgain(keys, found) => self.looked_again(&keys, found),
            Input::Compared(key, md5) => self.compared(key, md5),
            Input::Moved(key, attempt, bytes) => self.progress(key, attempt, bytes),
            Input::Ended(key, attempt, ended) => self.ended(key, attempt, ended, effects),
            Input::Pause(key) => self.pause(key, effects),
            Input::Resume(key) => {
                self.stopped = None;
                self.resume(key);
            }
            Input::Skip(key, skip) => self.skip(key, skip, effects),
            Input::Remove(key) => self.remove(key, effects),
            Input::PauseAll => {
                self.is_paused = true;
                self.files.iter_mut().for_each(|file| file.is_called = false);
                (0..self.files.len()).for_each(|key| self.halt(key, Phase::Waiting, effects));
            }
            Input::ResumeAll => {
                (self.is_paused, self.stopped, self.next) = (false, None, 0);
                (0..self.files.len()).for_each(|key| self.resume(key));
            }
            Input::SkipAll(skip) => (0..self.files.len()).for_each(|key| self.skip(key, skip, effects)),
            Input::RemoveAll => (0..self.files.len()).for_each(|key| self.remove(key, effects)),
            Input::Rested(key) => {
                if let Some(file) = self.files.get_mut(key) {
                    file.is_resting = false;
                    self.next = self.next.min(key);
                }
            }
            Input::TryAgain | Input::Online => {
                if let Some(outage) = self.outage.as_mut().filter(|outage| !outage.is_probing) {
                    outage.is_probing = true;
                    effects.push(Effect::Probe);
                }
            }
            Input::Probed(true) => self.outage = None,
            Input::Probed(false) => {
                if let Some(outage) = &mut self.outage {
                    outage.tries += 1;
                    outage.is_probing = false;
                    effects.push(Effect::Wait(pause_ms(outage.tries)));
                }
            }
            Input::Committed(keys) => {
                for key in keys {
                    self.forget(key);
                    effects.push(Effect::Forget(key));
                }
            }
        }
    }

    /// What is wrong with a file before anything of it is sent.
    fn fault_of(&self, chosen: &Chosen) -> Option<String> {
        if let Some(error) = check_path("path", &chosen.path) {
            return Some(format!("the path {}", error.message));
        }
        (chosen.size > self.limit).then(|| words::too_large(chosen.size, self.limit))
    }

    fn add(&mut self, chosen: Chosen, effects: &mut Vec<Effect>) {
        if let Some(key) = self.by_path.get(&chosen.path).copied() {
            let before = &self.files[key];
            let is_same = (before.size, before.modified) == (chosen.size, chosen.modified);
            if is_same {
                self.twice += 1;
                // Somebody who chooses what failed once more means that it shall be tried again.
                self.resume(key);
                return;
            }
            self.displaced += 1;
            self.remove(key, effects);
        }
        let key = self.files.len();
        let phase = self.fault_of(&chosen).map_or(Phase::Looking, Phase::Refused);
        let Chosen { path, size, modified, begun } = chosen;
        self.by_path.insert(path.clone(), key);
        self.files.push(File {
            path,
            size,
            modified,
            phase,
            there: None,
            is_skipped: false,
            is_sure: begun.is_none(),
            upload: begun,
            offset: 0,
            moving: 0,
            attempt: 0,
            lost: 0,
            busy: 0,
            is_resting: false,
            is_called: false,
            is_gone: false,
        });
    }

    fn looked(&mut self, number: u32, found: Result<Vec<There>, Failure>, effects: &mut Vec<Effect>) {
        let Some((_, keys)) = self.looking.take_if(|(looking, _)| *looking == number) else { return };
        if found.is_err() {
            self.next_unknown = keys.first().copied().unwrap_or_default();
        }
        let found = match found {
            Ok(found) => found,
            Err(Failure::Lost) => return self.lose(None, 0, effects),
            Err(Failure::Down(reason)) => return self.lose(Some(reason), 0, effects),
            Err(Failure::Later(seconds)) => return self.hold_off(seconds, effects),
            Err(failure) => return self.stop(failure.words(), effects),
        };
        let mut found: BTreeMap<String, There> = found.into_iter().map(|there| (there.path.clone(), there)).collect();
        for key in keys {
            let file = &mut self.files[key];
            if file.phase != Phase::Looking {
                continue;
            }
            let above = file.path.match_indices('/').map(|(end, _)| &file.path[..end]);
            if let Some(above) = above.map(str::to_owned).find(|above| found.contains_key(above)) {
                let reason = format!("there is a file {above}, so that there can be no folder of that name");
                file.phase = Phase::Refused(reason);
                continue;
            }
            file.there = found.remove(&file.path);
            // What came already needs not be read: that is quicker.
            let may_be_same = file.upload.is_none() && file.there.as_ref().is_some_and(|it| it.size == file.size);
            file.phase = if may_be_same { Phase::Comparing } else { Phase::Waiting };
            self.to_compare.extend(may_be_same.then_some(key));
            self.next = self.next.min(key);
        }
    }

    /// What is at the paths of files that have come was looked at once more.
    fn looked_again(&mut self, keys: &[usize], found: Vec<There>) {
        let mut found: BTreeMap<String, There> = found.into_iter().map(|there| (there.path.clone(), there)).collect();
        for key in keys {
            let Some(file) = self.files.get_mut(*key).filter(|file| !file.is_gone) else { continue };
            let now = found.remove(&file.path);
            let Phase::Done(md5) = &file.phase else { continue };
            if now.as_ref().is_some_and(|now| now.md5 == *md5) {
                file.phase = Phase::Same;
            } else if now.is_some() && now != file.there {
                self.changed += 1;
            }
            file.there = now;
        }
    }

    fn compared(&mut self, key: usize, md5: Option<String>) {
        self.comparing.take_if(|comparing| *comparing == key);
        let Some(file) = self.files.get_mut(key).filter(|file| file.phase == Phase::Comparing) else { return };
        file.phase = match (md5, &file.there) {
            (Some(md5), Some(there)) if md5 == there.md5 => Phase::Same,
            (Some(_), _) => Phase::Waiting,
            (None, _) => Phase::Failed(words::UNREADABLE.to_owned()),
        };
        self.next = self.next.min(key);
    }

    fn under_way(&mut self, key: usize, attempt: u32) -> Option<&mut File> {
        self.files.get_mut(key).filter(|file| file.phase == Phase::Sending && file.attempt == attempt)
    }

    fn progress(&mut self, key: usize, attempt: u32, bytes: u64) {
        let Some(file) = self.under_way(key, attempt) else { return };
        let more = bytes.saturating_sub(file.moving);
        file.moving = file.moving.max(bytes);
        self.moved += more;
    }

    fn ended(&mut self, key: usize, attempt: u32, ended: Result<Answer, Failure>, effects: &mut Vec<Effect>) {
        let Some(file) = self.under_way(key, attempt) else { return };
        let (before, moving, had_upload) = (file.offset, std::mem::take(&mut file.moving), file.upload.is_some());
        let was_asked = !file.is_sure;
        match ended {
            Ok(Answer { upload, offset, md5 }) => {
                let size = file.size;
                if !had_upload {
                    file.upload = upload;
                }
                let file = &mut self.files[key];
                file.is_sure = true;
                file.offset = offset.min(size);
                // To be told how much there is brings nothing.
                let brings = file.offset > before || md5.is_some();
                if brings {
                    (file.lost, file.busy) = (0, 0);
                }
                let stands_still = had_upload && !was_asked && !brings;
                if !was_asked {
                    self.moved += file.offset.saturating_sub(before + moving);
                }
                match md5 {
                    Some(md5) => {
                        self.come += 1;
                        self.rest_with(key, Phase::Done(md5));
                    }
                    // Not even a fault was told: it would go on so for ever.
                    None if stands_still => self.lose_file(key, None, effects),
                    None => self.step(key, effects),
                }
                // Again with each part: what is remembered grows old.
                if let Some(upload) = self.files[key].upload.clone().filter(|_| brings || !had_upload) {
                    effects.push(Effect::Remember(key, upload));
                }
            }
            Err(failure) => self.failed(key, failure, effects),
        }
    }

    fn failed(&mut self, key: usize, failure: Failure, effects: &mut Vec<Effect>) {
        let file = &mut self.files[key];
        let begins = file.upload.is_none();
        match failure {
            Failure::Lost => self.lose_file(key, None, effects),
            Failure::Down(reason) => self.lose_file(key, Some(reason), effects),
            Failure::Later(seconds) => {
                file.is_sure = begins;
                self.rest_with(key, Phase::Waiting);
                self.hold_off(seconds, effects);
            }
            Failure::Gone(_) if !begins => {
                (file.upload, file.offset, file.is_sure) = (None, 0, true);
                effects.push(Effect::Forget(key));
                self.rest_with(key, Phase::Waiting);
            }
            Failure::Busy(reason) if !begins => {
                file.busy += 1;
                file.is_sure = false;
                if file.busy > MAX_BUSY {
                    return self.rest_with(key, Phase::Failed(reason));
                }
                file.is_resting = true;
                self.rest_with(key, Phase::Waiting);
                effects.push(Effect::Rest(key, BUSY_MS));
            }
            Failure::Busy(reason) | Failure::Refused(reason) => {
                file.is_sure = begins;
                self.rest_with(key, Phase::Failed(reason));
            }
            Failure::Gone(reason) | Failure::Everybody(reason) => {
                file.is_sure = begins;
                self.rest_with(key, Phase::Waiting);
                self.stop(reason, effects);
            }
        }
    }

    /// The connection of a file broke.
    fn lose_file(&mut self, key: usize, reason: Option<String>, effects: &mut Vec<Effect>) {
        let file = &mut self.files[key];
        // Of several that break at once each one says so, and all of them mean the same.
        file.lost += u32::from(self.outage.is_none());
        file.is_sure = file.upload.is_none();
        if file.upload.is_none() {
            file.offset = 0;
        }
        let lost = file.lost;
        if lost >= MAX_LOST {
            let reason = reason.unwrap_or_else(|| words::broke_off(lost));
            return self.rest_with(key, Phase::Failed(reason));
        }
        self.rest_with(key, Phase::Waiting);
        self.lose(reason, lost, effects);
    }

    /// The server cannot be reached.
    fn lose(&mut self, reason: Option<String>, tries: u32, effects: &mut Vec<Effect>) {
        if self.outage.is_none() {
            self.outage = Some(Outage { tries: 0, is_probing: false, reason });
            effects.push(Effect::Wait(pause_ms(tries.saturating_sub(1))));
        }
    }

    /// The server asks not to be asked for so many seconds.
    fn hold_off(&mut self, seconds: u64, effects: &mut Vec<Effect>) {
        if self.outage.is_none() {
            let reason = Some(words::later(seconds));
            self.outage = Some(Outage { tries: 0, is_probing: false, reason });
            effects.push(Effect::Wait(seconds.clamp(1, 600) * 1000));
        }
    }

    /// No file can be sent.
    fn stop(&mut self, reason: String, effects: &mut Vec<Effect>) {
        (0..self.files.len()).for_each(|key| self.halt(key, Phase::Waiting, effects));
        self.stopped = Some(reason);
    }

    /// A request of a file is under way no more.
    fn rest_with(&mut self, key: usize, phase: Phase) {
        let file = &mut self.files[key];
        if file.phase == Phase::Sending {
            self.running -= 1;
        }
        file.moving = 0;
        file.phase = phase;
        self.next = self.next.min(key);
    }

    /// Gives up what is under way for a file.
    fn halt(&mut self, key: usize, phase: Phase, effects: &mut Vec<Effect>) {
        let file = &mut self.files[key];
        if file.phase != Phase::Sending {
            return;
        }
        file.is_sure = file.upload.is_none();
        effects.push(Effect::Abort(key));
        self.rest_with(key, phase);
    }

    fn pause(&mut self, key: usize, effects: &mut Vec<Effect>) {
        self.halt(key, Phase::Paused, effects);
        if let Some(file) = self.files.get_mut(key).filter(|file| file.phase == Phase::Waiting) {
            file.phase = Phase::Paused;
        }
    }

    fn resume(&mut self, key: usize) {
        let Some(file) = self.files.get_mut(key).filter(|file| !file.is_gone) else { return };
        if matches!(file.phase, Phase::Paused | Phase::Failed(_)) {
            (file.lost, file.busy, file.is_resting) = (0, 0, false);
            file.phase = Phase::Waiting;
            // While all others are stopped it goes on alone.
            file.is_called = self.is_paused;
            self.next = self.next.min(key);
        }
    }

    fn skip(&mut self, key: usize, skip: bool, effects: &mut Vec<Effect>) {
        let is_there = self.files.get(key).is_some_and(|file| file.there.is_some() && !file.is_gone);
        if is_there {
            self.files[key].is_skipped = skip;
            if skip {
                self.halt(key, Phase::Waiting, effects);
            }
            self.next = self.next.min(key);
        }
    }

    fn remove(&mut self, key: usize, effects: &mut Vec<Effect>) {
        if self.files.get(key).is_none_or(|file| file.is_gone) {
            return;
        }
        self.halt(key, Phase::Waiting, effects);
        if let Some(upload) = self.files[key].upload.take() {
            effects.push(Effect::Forget(key));
            effects.push(Effect::End(upload));
        }
        self.forget(key);
    }

    fn forget(&mut self, key: usize) {
        if let Some(file) = self.files.get_mut(key) {
            file.is_gone = true;
            if self.by_path.get(&file.path) == Some(&key) {
                self.by_path.remove(&file.path);
            }
        }
    }

    /// Begins whatever can be begun.
    fn go_on(&mut self, effects: &mut Vec<Effect>) {
        if self.outage.is_some() || self.stopped.is_some() {
            return;
        }
        if self.looking.is_none() {
            self.look(effects);
        }
        while let Some(key) = self.to_compare.front().copied().filter(|_| self.comparing.is_none()) {
            self.to_compare.pop_front();
            if !self.files[key].is_gone {
                self.comparing = Some(key);
                effects.push(Effect::Compare(key));
            }
        }
        while self.running < PARALLEL && self.next < self.files.len() {
            let key = self.next;
            if self.files[key].is_ready() && (!self.is_paused || self.files[key].is_called) {
                self.files[key].phase = Phase::Sending;
                self.running += 1;
                self.step(key, effects);
            }
            self.next = key + 1;
        }
    }

    fn look(&mut self, effects: &mut Vec<Effect>) {
        let is_unknown = |key: &usize| self.files[*key].phase == Phase::Looking && !self.files[*key].is_gone;
        let keys: Vec<usize> = (self.next_unknown..self.files.len()).filter(is_unknown).take(LOOKED_UP).collect();
        let Some(last) = keys.last() else {
            self.next_unknown = self.files.len();
            return;
        };
        self.next_unknown = last + 1;
        let mut paths = BTreeSet::new();
        for key in &keys {
            let path = &self.files[*key].path;
            paths.insert(path.as_str());
            // What is a file cannot be a folder as well.
            paths.extend(path.match_indices('/').map(|(end, _)| &path[..end]));
        }
        let paths = paths.into_iter().map(str::to_owned).collect();
        self.attempts += 1;
        self.looking = Some((self.attempts, keys));
        effects.push(Effect::Look(self.attempts, paths));
    }

    /// The next request of a file that is being sent.
    fn step(&mut self, key: usize, effects: &mut Vec<Effect>) {
        self.attempts += 1;
        let (attempt, file) = (self.attempts, &mut self.files[key]);
        file.attempt = attempt;
        file.moving = 0;
        effects.push(match file.upload.clone() {
            None => Effect::Begin(key, attempt, file.size <= WHOLE_BYTES),
            Some(upload) if !file.is_sure => Effect::Ask(key, attempt, upload),
            Some(upload) => Effect::Send(key, attempt, upload, file.offset, (file.offset + CHUNK_BYTES).min(file.size)),
        });
    }
}

/// How long to wait after so many tries, in milliseconds.
fn pause_ms(tries: u32) -> u64 {
    PAUSES_MS.0.saturating_mul(1 << tries.min(16)).min(PAUSES_MS.1)
}
