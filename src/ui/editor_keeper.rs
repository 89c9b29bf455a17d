//! Keeps the work on a picture in the browser, whoever has it: a visit of the editor, what finishes it after the picture was left,
//! or the visit that takes it back from there.

use super::claim::Claim;
use super::editor_log::Logs;
use crate::editor::{Editor, LogUpdate, Writes, Written};
use futures::lock::Mutex;
use std::cell::RefCell;
use std::rc::Rc;

/// Keeps one log. Clones are the same keeper; the name of the log is claimed for as long as there is one of them.
#[derive(Clone)]
pub struct Keeper(Rc<Inner>);

struct Inner {
    user: String,
    picture: i64,
    visit: String,
    owner: RefCell<Option<Rc<Owner>>>,
    /// Held by whoever opens the database.
    opening: Mutex<()>,
    logs: RefCell<Option<Rc<Logs>>>,
    claim: RefCell<Option<Claim>>,
    writes: RefCell<Writes>,
    /// The logs that were gone on from, with the number of the last write that removes them, if there was one.
    replaced: RefCell<Vec<(Option<u64>, Claim)>>,
}

/// Whoever has the work.
struct Owner {
    /// Gives what is new, or all of it where it is asked to; nothing once the work is elsewhere.
    take: Box<dyn Fn(bool) -> Option<LogUpdate>>,
    /// Hears whether the browser has all of it.
    hear: Box<dyn Fn(bool)>,
}

/// What is to be written of an editor: what is new, or all of it.
pub fn log_of(editor: &mut Editor, all: bool) -> LogUpdate {
    if all {
        editor.forget_log();
    }
    editor.take_log()
}

impl Keeper {
    /// A keeper for a visit. It keeps nothing before somebody owns it.
    pub fn new(user: String, picture: i64, visit: String) -> Self {
        Self(Rc::new(Inner {
            user,
            picture,
            visit,
            owner: RefCell::default(),
            opening: Mutex::default(),
            logs: RefCell::default(),
            claim: RefCell::default(),
            writes: RefCell::default(),
            replaced: RefCell::default(),
        }))
    }

    /// From here on somebody else has the work. `take` gives what is new of it, or all where it is asked to, and nothing once it
    /// is elsewhere; `hear` is told whether the browser has it. What was begun before counts on.
    pub fn belong_to(&self, take: impl Fn(bool) -> Option<LogUpdate> + 'static, hear: impl Fn(bool) + 'static) {
        let owner = Owner { take: Box::new(take), hear: Box::new(hear) };
        self.0.owner.replace(Some(Rc::new(owner)));
    }

    /// Opens the database, unless it is open, and claims the name of the log. Tells whether it is open then: there are browsers
    /// that keep nothing.
    pub async fn open(&self) -> bool {
        let Inner { user, picture, visit, logs, claim, .. } = &*self.0;
        let _alone = self.0.opening.lock().await;
        if self.is_open() {
            return true;
        }
        let Ok(opened) = Logs::open(user, *picture, visit).await else { return false };
        if claim.borrow().is_none() {
            let own = opened.claim().await;
            claim.replace(own);
        }
        logs.replace(Some(Rc::new(opened)));
        true
    }

    /// Whether the database is open.
    pub fn is_open(&self) -> bool {
        self.0.logs.borrow().is_some()
    }

    /// This person's logs, while the database is open.
    pub fn logs(&self) -> Option<Rc<Logs>> {
        self.0.logs.borrow().clone()
    }

    /// A log was gone on from. What was in it is all new now, and the write that takes it along removes the log.
    pub fn replace(&self, log: Claim) {
        self.0.replaced.borrow_mut().push((None, log));
    }

    /// Whether the browser has all that was written, and nothing that it should not have any more. That may be nothing at all.
    pub fn is_settled(&self) -> bool {
        self.0.writes.borrow().have_arrived() && self.0.replaced.borrow().is_empty()
    }

    /// Whether nothing was ever written.
    pub fn is_blank(&self) -> bool {
        !self.0.writes.borrow().has_begun() && self.0.replaced.borrow().is_empty()
    }

    /// Whether the browser has the work.
    pub fn has_it(&self) -> bool {
        self.is_settled() && !self.is_blank()
    }

    /// Writes down what is new. Where the database is open, that is asked for at once, in the order of the calls; otherwise
    /// when it is. The future sees to it that what fails is tried once more.
    pub fn write(&self) -> impl Future<Output = ()> + use<> {
        let begun = self.begin();
        let keeper = self.clone();
        async move {
            let mut written = match begun {
                Some((number, written)) => keeper.end(number, written.await),
                None => keeper.write_when_open().await,
            };
            if written == (Written::Lacking { at_once: true }) {
                // The browser may have dropped the connection.
                keeper.0.logs.take();
                written = keeper.write_when_open().await;
                if matches!(written, Written::Lacking { .. }) && keeper.make_room().await {
                    written = keeper.write_when_open().await;
                }
            }
            let owner = keeper.0.owner.borrow().clone();
            if let Some(owner) = owner.filter(|_| written != Written::Overtaken) {
                (owner.hear)(written == Written::All);
            }
        }
    }

    async fn write_when_open(&self) -> Written {
        if !self.open().await {
            return Written::Lacking { at_once: false };
        }
        match self.begin() {
            Some((number, written)) => self.end(number, written.await),
            None => Written::Overtaken,
        }
    }

    async fn make_room(&self) -> bool {
        match self.logs() {
            Some(logs) => logs.make_room().await,
            None => false,
        }
    }

    fn begin(&self) -> Option<(u64, impl Future<Output = bool> + use<>)> {
        let logs = self.logs()?;
        let owner = self.0.owner.borrow().clone()?;
        let is_fresh = self.0.replaced.borrow().iter().any(|(removed, _)| removed.is_none());
        let all = is_fresh || self.0.writes.borrow().is_lacking();
        let update = (owner.take)(all)?;
        let number = self.0.writes.borrow_mut().begin();
        let mut names = Vec::new();
        // Only together with everything: of what is merely new, nobody knows yet whether that which it adds to has arrived.
        for (removed, claim) in self.0.replaced.borrow_mut().iter_mut().filter(|_| all) {
            *removed = Some(number);
            names.push(claim.name().to_owned());
        }
        Some((number, logs.write(update, &names)))
    }

    /// Hears what became of a write.
    fn end(&self, number: u64, is_written: bool) -> Written {
        let written = self.0.writes.borrow_mut().end(number, is_written);
        if written == Written::All {
            let waits = |removed: Option<u64>| removed.is_none_or(|removed| removed > number);
            self.0.replaced.borrow_mut().retain(|(removed, _)| waits(*removed));
        }
        written
    }
}
