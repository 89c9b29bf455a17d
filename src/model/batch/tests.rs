//! A batch against a server that is played.

use super::*;
use std::collections::BTreeMap;

const MB: u64 = 1024 * 1024;

fn chosen(path: &str, size: u64) -> Chosen {
    Chosen { path: path.to_owned(), size, modified: 1, begun: None }
}

/// The server: how much of which upload it has, and of which file.
#[derive(Default)]
struct Desk {
    batch: Batch,
    uploads: BTreeMap<String, (usize, u64)>,
    there: Vec<There>,
    /// What is to be done.
    todo: Vec<Effect>,
    /// Everything that was to be done.
    seen: Vec<Effect>,
    /// How many bytes were sent in all.
    sent: u64,
}

impl Desk {
    fn new() -> Self {
        Self { batch: Batch::new(1000 * MB), ..Self::default() }
    }

    fn say(&mut self, input: Input) {
        let effects = self.batch.handle(input);
        let running = self.batch.files.iter().filter(|file| file.phase == Phase::Sending).count();
        assert_eq!(self.batch.running, running);
        assert!(running <= PARALLEL);
        for effect in effects {
            if let Effect::Abort(key) = effect {
                self.todo.retain(|todo| of(todo) != Some(key));
            }
            self.seen.push(effect.clone());
            self.todo.push(effect);
        }
    }

    fn md5(size: u64) -> String {
        format!("{size:032x}")
    }

    fn answer(&self, upload: &str) -> Answer {
        let (key, offset) = self.uploads[upload];
        let size = self.batch.files[key].size;
        Answer { upload: None, offset, md5: (offset == size).then(|| Self::md5(size)) }
    }

    /// Does the first thing that is to be done. `breaks` says after how many bytes the connection breaks, if it does.
    fn work(&mut self, breaks: Option<u64>) {
        let effect = self.todo.remove(0);
        match effect {
            Effect::Look(number, paths) => {
                let found = self.there.iter().filter(|there| paths.contains(&there.path)).cloned().collect();
                self.say(Input::Looked(number, if breaks.is_some() { Err(Failure::Lost) } else { Ok(found) }));
            }
            Effect::Compare(key) => {
                let md5 = Self::md5(self.batch.files[key].size);
                self.say(Input::Compared(key, Some(md5)));
            }
            Effect::Begin(key, attempt, whole) => {
                if breaks.is_some() {
                    return self.say(Input::Ended(key, attempt, Err(Failure::Lost)));
                }
                let name = format!("u{}", self.uploads.len());
                let bytes = if whole { self.batch.files[key].size } else { 0 };
                self.sent += bytes;
                self.uploads.insert(name.clone(), (key, bytes));
                let answer = Answer { upload: Some(name.clone()), ..self.answer(&name) };
                self.say(Input::Ended(key, attempt, Ok(answer)));
            }
            Effect::Ask(key, attempt, upload) => {
                let ended = if breaks.is_some() { Err(Failure::Lost) } else { Ok(self.answer(&upload)) };
                self.say(Input::Ended(key, attempt, ended));
            }
            Effect::Send(key, attempt, upload, from, to) => {
                let at = self.uploads[&upload].1;
                assert_eq!(at, from, "nothing is sent twice, nothing is left out");
                assert!(to - from <= CHUNK_BYTES && to <= self.batch.files[key].size);
                let come = breaks.map_or(to - from, |bytes| bytes.min(to - from));
                self.sent += come;
                self.uploads.insert(upload.clone(), (key, from + come));
                self.say(Input::Moved(key, attempt, come));
                let ended = if breaks.is_some() { Err(Failure::Lost) } else { Ok(self.answer(&upload)) };
                self.say(Input::Ended(key, attempt, ended));
            }
            Effect::Wait(_) => self.say(Input::TryAgain),
            Effect::Rest(key, _) => self.say(Input::Rested(key)),
            Effect::Probe => self.say(Input::Probed(breaks.is_none())),
            Effect::End(upload) => drop(self.uploads.remove(&upload)),
            Effect::Abort(_) | Effect::Remember(..) | Effect::Forget(_) => {}
        }
    }

    fn finish(&mut self) {
        for _ in 0..100_000 {
            if self.todo.is_empty() {
                return;
            }
            self.work(None);
        }
        panic!("it never ends");
    }

    fn phase(&self, key: usize) -> &Phase {
        &self.batch.files[key].phase
    }

    fn paths(&self) -> Vec<String> {
        let put = |change: FileChange| match change {
            FileChange::Put { path, .. } => path,
            other => panic!("{other:?}"),
        };
        self.batch.changes().1.into_iter().map(put).collect()
    }
}

/// Which file an effect is about, where it is a request.
fn of(effect: &Effect) -> Option<usize> {
    match effect {
        Effect::Begin(key, ..) | Effect::Ask(key, ..) | Effect::Send(key, ..) => Some(*key),
        _ => None,
    }
}

#[test]
fn small_files_come_in_one_request_and_large_ones_in_parts() {
    let mut desk = Desk::new();
    desk.say(Input::Add(vec![chosen("a", 10), chosen("b", 40 * MB), chosen("empty", 0)]));
    desk.finish();
    assert_eq!(desk.paths(), ["a", "b", "empty"]);
    assert_eq!(desk.batch.standing(), Standing::Settled);
    let sends: Vec<_> = desk.seen.iter().filter(|effect| matches!(effect, Effect::Send(..))).collect();
    assert_eq!(sends.len(), 3, "40 MB are three parts: {sends:?}");
    assert!(desk.seen.contains(&Effect::Begin(0, 2, true)), "{:?}", desk.seen);
    assert_eq!(desk.batch.moved(), 10 + 40 * MB);
    let tally = desk.batch.tally();
    assert_eq!((tally.done, tally.bytes, tally.sent), (3, 10 + 40 * MB, 10 + 40 * MB));
}

#[test]
fn what_cannot_be_is_refused_at_once() {
    let mut desk = Desk::new();
    desk.say(Input::Add(vec![chosen("a/.git/b", 1), chosen("large", 1001 * MB), chosen("fine", 1)]));
    assert!(matches!(desk.phase(0), Phase::Refused(reason) if reason.contains(".git")));
    assert!(matches!(desk.phase(1), Phase::Refused(reason) if reason.contains("at most")));
    desk.finish();
    assert_eq!(desk.paths(), ["fine"]);
    assert!(desk.seen.iter().all(|effect| of(effect).is_none_or(|key| key == 2)), "nothing of the others is sent");
}

#[test]
fn no_folder_is_called_like_a_file() {
    let mut desk = Desk::new();
    desk.there = vec![There { path: "a".to_owned(), size: 1, md5: Desk::md5(1) }];
    desk.say(Input::Add(vec![chosen("a/b/c", 1)]));
    desk.finish();
    assert!(matches!(desk.phase(0), Phase::Refused(reason) if reason.contains("file a,")));
}

#[test]
fn what_is_there_is_replaced_skipped_or_known_to_be_the_same() {
    let mut desk = Desk::new();
    let there = |path: &str, size: u64, md5: u64| There { path: path.to_owned(), size, md5: Desk::md5(md5) };
    desk.there = vec![there("same", 7, 7), there("other", 7, 8), there("longer", 9, 9)];
    desk.say(Input::Add(vec![chosen("same", 7), chosen("other", 7), chosen("longer", 8), chosen("new", 1)]));
    desk.finish();
    assert_eq!(*desk.phase(0), Phase::Same);
    assert_eq!(desk.paths(), ["other", "longer", "new"]);
    let tally = desk.batch.tally();
    assert_eq!((tally.same, tally.there, tally.replacing), (1, 2, 2));
    desk.say(Input::Skip(1, true));
    assert_eq!(desk.paths(), ["longer", "new"]);
    desk.say(Input::SkipAll(true));
    assert_eq!(desk.paths(), ["new"]);
    assert_eq!(desk.batch.tally().skipped, 2);
    desk.say(Input::SkipAll(false));
    assert_eq!(desk.paths(), ["other", "longer", "new"]);
}

#[test]
fn a_skipped_file_is_not_sent_until_it_is_wanted() {
    let mut desk = Desk::new();
    desk.there = vec![There { path: "a".to_owned(), size: 1, md5: Desk::md5(1) }];
    desk.say(Input::PauseAll);
    desk.say(Input::Add(vec![chosen("a", 2)]));
    desk.finish();
    desk.say(Input::Skip(0, true));
    desk.say(Input::ResumeAll);
    desk.finish();
    assert_eq!((desk.sent, desk.batch.standing()), (0, Standing::Settled));
    desk.say(Input::Skip(0, false));
    desk.finish();
    assert_eq!(desk.paths(), ["a"]);
}

#[test]
fn a_paused_file_goes_on_where_the_server_is() {
    let mut desk = Desk::new();
    desk.say(Input::Add(vec![chosen("a", 40 * MB)]));
    desk.work(None);
    desk.work(None);
    desk.todo.retain(|effect| !matches!(effect, Effect::Remember(..)));
    desk.work(None);
    // In the middle of the second part.
    let Some(Effect::Send(0, attempt, upload, from, _)) = desk.todo.first().cloned() else { panic!("{:?}", desk.todo) };
    assert_eq!(from, 16 * MB);
    desk.say(Input::Moved(0, attempt, MB));
    desk.uploads.insert(upload, (0, 17 * MB));
    desk.say(Input::Pause(0));
    assert_eq!(desk.batch.standing(), Standing::Paused);
    // The end of what was given up says nothing.
    desk.say(Input::Ended(0, attempt, Err(Failure::Lost)));
    assert_eq!(*desk.phase(0), Phase::Paused);
    desk.finish();
    assert_eq!(*desk.phase(0), Phase::Paused);
    desk.say(Input::Resume(0));
    assert!(matches!(desk.todo.last(), Some(Effect::Ask(0, ..))));
    desk.finish();
    assert_eq!(desk.paths(), ["a"]);
}

#[test]
fn what_was_begun_before_goes_on() {
    let mut desk = Desk::new();
    desk.uploads.insert("old".to_owned(), (0, 30 * MB));
    desk.say(Input::Add(vec![Chosen { begun: Some("old".to_owned()), ..chosen("a", 40 * MB) }]));
    desk.finish();
    assert_eq!((desk.paths(), desk.sent), (vec!["a".to_owned()], 10 * MB));
    assert_eq!(desk.batch.moved(), 10 * MB, "what was there has not gone over the line now");
}

#[test]
fn what_the_server_has_forgotten_begins_anew() {
    let mut desk = Desk::new();
    desk.say(Input::Add(vec![Chosen { begun: Some("old".to_owned()), ..chosen("a", 10) }]));
    desk.work(None);
    let Some(Effect::Ask(0, attempt, _)) = desk.todo.pop() else { panic!("{:?}", desk.todo) };
    desk.say(Input::Ended(0, attempt, Err(Failure::Gone("no such upload".to_owned()))));
    assert!(desk.seen.contains(&Effect::Forget(0)));
    desk.finish();
    assert_eq!((desk.paths(), desk.sent), (vec!["a".to_owned()], 10));
}

#[test]
fn a_broken_connection_stops_all_until_it_is_back() {
    let mut desk = Desk::new();
    desk.say(Input::Add((0..10).map(|file| chosen(&format!("f{file}"), 10)).collect()));
    desk.work(None);
    for _ in 0..PARALLEL {
        desk.work(Some(0));
    }
    assert_eq!(desk.batch.standing(), Standing::Unconnected(None));
    assert_eq!(desk.todo, [Effect::Wait(1000)], "one pause is enough for all of them");
    for pause in [2000, 4000, 8000, 16_000, 30_000, 30_000] {
        desk.work(None);
        desk.work(Some(0));
        assert_eq!(desk.todo, [Effect::Wait(pause)]);
    }
    // Nobody has to wait where the browser knows better.
    desk.todo.clear();
    desk.say(Input::Online);
    assert_eq!(desk.todo, [Effect::Probe]);
    desk.say(Input::TryAgain);
    assert_eq!(desk.todo, [Effect::Probe], "it is being tried already");
    desk.finish();
    assert_eq!(desk.batch.tally().done, 10);
}

#[test]
fn a_file_that_always_breaks_does_not_keep_the_others() {
    let mut desk = Desk::new();
    desk.say(Input::Add(vec![chosen("bad", 10), chosen("good", 10)]));
    for _ in 0..1000 {
        let Some(next) = desk.todo.first() else { break };
        let breaks = of(next) == Some(0);
        desk.work(breaks.then_some(0));
    }
    assert!(matches!(desk.phase(0), Phase::Failed(reason) if reason.contains("8 times")), "{:?}", desk.phase(0));
    assert_eq!(desk.paths(), ["good"]);
    desk.say(Input::Resume(0));
    desk.finish();
    assert_eq!(desk.paths(), ["bad", "good"]);
}

/// The server says every time how much it has, and never takes more.
#[test]
fn a_file_that_is_begun_and_never_goes_on_does_not_keep_the_others() {
    for failure in [Failure::Lost, Failure::Down("full".to_owned()), Failure::Busy("held".to_owned())] {
        let mut desk = Desk::new();
        desk.uploads.insert("old".to_owned(), (0, 3));
        desk.say(Input::Add(vec![Chosen { begun: Some("old".to_owned()), ..chosen("bad", 10) }, chosen("good", 10)]));
        for _ in 0..1000 {
            match desk.todo.first().cloned() {
                None => break,
                Some(Effect::Send(0, attempt, ..)) => {
                    desk.todo.remove(0);
                    desk.say(Input::Ended(0, attempt, Err(failure.clone())));
                }
                Some(_) => desk.work(None),
            }
        }
        assert!(matches!(desk.phase(0), Phase::Failed(_)), "{failure:?}: {:?}", desk.phase(0));
        assert_eq!((desk.paths(), desk.batch.standing()), (vec!["good".to_owned()], Standing::Settled));
    }
}

#[test]
fn what_comes_is_remembered_with_each_part() {
    let mut desk = Desk::new();
    desk.say(Input::Add(vec![chosen("a", 40 * MB)]));
    desk.finish();
    let remembered = desk.seen.iter().filter(|effect| matches!(effect, Effect::Remember(0, _))).count();
    assert_eq!(remembered, 4, "when it is begun, and with each of three parts");
}

#[test]
fn one_file_goes_on_while_all_others_rest() {
    let mut desk = Desk::new();
    desk.say(Input::Add((0..3).map(|file| chosen(&format!("f{file}"), 10)).collect()));
    desk.say(Input::Pause(1));
    desk.say(Input::PauseAll);
    desk.finish();
    desk.say(Input::Pause(1));
    desk.say(Input::Resume(1));
    desk.finish();
    assert_eq!((desk.paths(), desk.batch.standing()), (vec!["f1".to_owned()], Standing::Paused));
    desk.say(Input::ResumeAll);
    desk.finish();
    assert_eq!(desk.paths(), ["f0", "f1", "f2"]);
}

#[test]
fn what_has_changed_meanwhile_is_found_before_the_commit() {
    let mut desk = Desk::new();
    desk.there = vec![There { path: "old".to_owned(), size: 1, md5: Desk::md5(1) }];
    desk.say(Input::Add(["old", "new", "same", "gone"].map(|path| chosen(path, 10)).to_vec()));
    desk.finish();
    let keys = desk.batch.changes().0;
    desk.say(Input::LookedAgain(keys.clone(), desk.there.clone()));
    assert_eq!((desk.batch.changed(), desk.batch.tally().replacing), (0, 1), "it is as it was");
    let there = |path: &str, md5: u64| There { path: path.to_owned(), size: 10, md5: Desk::md5(md5) };
    desk.say(Input::LookedAgain(keys.clone(), vec![there("old", 2), there("new", 3), there("same", 10)]));
    assert_eq!((desk.batch.changed(), desk.batch.tally().replacing), (2, 2));
    assert_eq!((desk.paths(), desk.phase(2)), (["old", "new", "gone"].map(str::to_owned).to_vec(), &Phase::Same));
    // What is there no more is overwritten by nobody.
    desk.say(Input::LookedAgain(keys, Vec::new()));
    assert_eq!((desk.batch.changed(), desk.batch.tally().replacing), (2, 0));
}

#[test]
fn a_commit_takes_as_many_as_it_can() {
    let mut batch = Batch::new(10);
    batch.handle(Input::Add(vec![chosen("f", 1)]));
    let file = File { phase: Phase::Done(Desk::md5(1)), ..batch.files.remove(0) };
    batch.files = (0..=MAX_CHANGES).map(|number| File { path: format!("f{number}"), ..file.clone() }).collect();
    let (keys, changes) = batch.changes();
    assert_eq!((keys.len(), changes.len()), (MAX_CHANGES, MAX_CHANGES));
    batch.handle(Input::Committed(keys));
    assert_eq!(batch.changes().0, [MAX_CHANGES], "the rest stays for the next one");
}

#[test]
fn who_is_signed_out_has_lost_nothing() {
    let mut desk = Desk::new();
    desk.say(Input::Add(vec![chosen("a", 10), chosen("b", 10)]));
    desk.work(None);
    let Some(Effect::Begin(0, attempt, _)) = desk.todo.first().cloned() else { panic!("{:?}", desk.todo) };
    desk.say(Input::Ended(0, attempt, Err(Failure::Everybody("signed out".to_owned()))));
    assert_eq!(desk.batch.standing(), Standing::Stopped("signed out".to_owned()));
    desk.todo.clear();
    desk.say(Input::Add(vec![chosen("c", 10)]));
    assert!(desk.todo.is_empty());
    desk.say(Input::ResumeAll);
    desk.finish();
    assert_eq!(desk.paths(), ["a", "b", "c"]);
}

#[test]
fn whoever_still_holds_a_file_is_waited_for() {
    let mut desk = Desk::new();
    desk.uploads.insert("old".to_owned(), (0, 0));
    desk.say(Input::Add(vec![Chosen { begun: Some("old".to_owned()), ..chosen("a", 10) }]));
    desk.work(None);
    desk.work(None);
    let Some(Effect::Send(0, attempt, ..)) = desk.todo.pop() else { panic!("{:?}", desk.todo) };
    desk.say(Input::Ended(0, attempt, Err(Failure::Busy("another request".to_owned()))));
    assert_eq!(desk.todo, [Effect::Rest(0, BUSY_MS)]);
    assert_eq!(desk.batch.standing(), Standing::Sending);
    desk.finish();
    assert_eq!(desk.paths(), ["a"]);
}

#[test]
fn who_chooses_twice_means_once() {
    let mut desk = Desk::new();
    desk.say(Input::Add(vec![chosen("a", 10), chosen("a", 10)]));
    assert_eq!((desk.batch.tally().total, desk.batch.twice(), desk.batch.displaced()), (1, 1, 0));
    desk.finish();
    // Another file of that name takes the place, and what was sent of the first is not wanted any more.
    desk.say(Input::Add(vec![chosen("a", 11)]));
    desk.finish();
    assert_eq!((desk.paths(), desk.batch.tally().total, desk.batch.displaced()), (vec!["a".to_owned()], 1, 1));
    assert_eq!(desk.uploads.values().map(|(key, _)| *key).collect::<Vec<_>>(), [1]);
}

#[test]
fn what_is_removed_is_ended_at_the_server_too() {
    let mut desk = Desk::new();
    desk.say(Input::Add(vec![chosen("a", 40 * MB), chosen("b", 10)]));
    for _ in 0..4 {
        desk.work(None);
    }
    desk.say(Input::RemoveAll);
    desk.finish();
    assert_eq!((desk.batch.standing(), desk.uploads.len()), (Standing::Empty, 0));
    assert_eq!(desk.batch.running, 0);
}

#[test]
fn after_the_commit_the_rest_stays() {
    let mut desk = Desk::new();
    desk.say(Input::Add(vec![chosen("a", 10), chosen("b/.git", 10)]));
    desk.finish();
    let (keys, changes) = desk.batch.changes();
    assert_eq!(changes, [FileChange::Put { path: "a".to_owned(), md5: Desk::md5(10) }]);
    desk.say(Input::Committed(keys));
    assert_eq!(desk.seen.last(), Some(&Effect::Forget(0)));
    assert_eq!((desk.batch.tally().total, desk.batch.tally().refused), (1, 1));
    assert!(desk.uploads.len() == 1, "what the commit mentions is ended by nobody");
}

/// Whatever breaks whenever, in the end all of it is there, and nothing was sent twice.
#[test]
fn nothing_is_lost_however_often_it_breaks() {
    let mut random = 1_u64;
    let mut roll = move |sides: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % sides
    };
    for _ in 0..200 {
        let mut desk = Desk::new();
        let sizes: Vec<u64> = (0..12).map(|_| roll(60) * MB + roll(2)).collect();
        let files = sizes.iter().enumerate().map(|(key, size)| chosen(&format!("f{key}"), *size));
        desk.say(Input::Add(files.collect()));
        for _ in 0..400 {
            match roll(12) {
                0 => desk.say(Input::Pause(roll(12) as usize)),
                1 => desk.say(Input::Resume(roll(12) as usize)),
                2 => desk.say(Input::PauseAll),
                3 | 4 => desk.say(Input::ResumeAll),
                5 => desk.say(Input::Online),
                _ if desk.todo.is_empty() => {}
                6 => desk.work(Some(roll(20) * MB)),
                _ => desk.work(None),
            }
        }
        for _ in 0..3 {
            desk.say(Input::ResumeAll);
            desk.finish();
        }
        assert_eq!(desk.paths().len(), sizes.len(), "{:?}", desk.batch.tally());
        assert_eq!(desk.sent, sizes.iter().sum::<u64>());
        assert_eq!(desk.batch.standing(), Standing::Settled);
    }
}

#[test]
fn small_files_take_their_time_as_well() {
    let mut desk = Desk::new();
    desk.say(Input::Add((0..100).map(|file| chosen(&format!("f{file}"), 1)).collect()));
    let (done, left) = desk.batch.work();
    assert_eq!((done, left), (0, 100 * (FILE_COST + 1)));
    desk.finish();
    assert_eq!(desk.batch.work(), (left, 0));
}

/// Ten thousand files are no burden.
#[test]
fn many_files_are_handled_quickly() {
    let mut desk = Desk::new();
    desk.say(Input::Add((0..10_000).map(|file| chosen(&format!("d/f{file}"), 10)).collect()));
    let (mut steps, mut ended) = (0, 0);
    while let Some(effect) = desk.todo.first().cloned() {
        desk.todo.remove(0);
        steps += 1;
        match effect {
            Effect::Look(number, _) => {
                let effects = desk.batch.handle(Input::Looked(number, Ok(Vec::new())));
                desk.todo.extend(effects);
            }
            Effect::Begin(key, attempt, true) => {
                ended += 1;
                let answer = Answer { upload: Some(format!("u{key}")), offset: 10, md5: Some(Desk::md5(10)) };
                let effects = desk.batch.handle(Input::Ended(key, attempt, Ok(answer)));
                desk.todo.extend(effects);
            }
            Effect::Remember(..) => {}
            other => panic!("{other:?}"),
        }
        assert!(desk.todo.len() < 50);
    }
    assert_eq!((ended, desk.batch.tally().done), (10_000, 10_000));
    assert!(steps < 21_000);
}
