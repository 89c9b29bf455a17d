//! What is wrong with a storage site, in the few kinds that somebody can act on.

use object_store::Error;
use std::fmt;
use std::io;

/// What is wrong with a storage site. Says nothing of where it is, since whoever reads a dataset need not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteFailure {
    /// It does not answer, or not in time, or says itself that something is wrong with it.
    Down,
    /// It has no room.
    Full,
    /// It does not let this site in, or do what it asks for.
    Refused,
    /// What should be there is not, or is something else.
    Lost,
}

impl fmt::Display for SiteFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Down => "the storage site does not answer; nothing was changed, try again later",
            Self::Full => {
                "the storage site is full; nothing was changed, try again when there is room, or ask those who manage it"
            }
            Self::Refused => "the storage site refuses access; nothing was changed, those who manage it have to look at its key",
            Self::Lost => "the storage site has not what should be there",
        })
    }
}

impl std::error::Error for SiteFailure {}

/// What a server said, as far as it may be known: its answer itself can repeat what was signed, or anything else.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// What that means.
    pub failure: SiteFailure,
    /// The status of HTTP.
    pub status: u16,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it answered with status {}", self.status)
    }
}

impl std::error::Error for Answer {}

/// What went wrong, and what stands in the log of it.
#[derive(Debug)]
pub struct Fault {
    /// What it means.
    pub failure: SiteFailure,
    /// What may be known of it.
    pub said: String,
}

impl Fault {
    /// A failure of which everything may be known.
    pub fn new(failure: SiteFailure, said: &dyn fmt::Display) -> Self {
        Self { failure, said: said.to_string() }
    }

    /// A failure of a bucket.
    pub fn of_store(failure: SiteFailure, error: &Error) -> Self {
        Self { failure, said: for_the_log(error) }
    }
}

/// What a server says, with the status of something that is not there, that has no such bucket.
const NO_BUCKET: &str = "NoSuchBucket";
/// What servers say that have no room, whatever the status.
const FULL: [&str; 4] = ["QuotaExceeded", "StorageFull", "InsufficientStorage", "InsufficientCapacity"];

impl Answer {
    /// What an answer means that is none of those that are tried again, or that say that something is not there.
    pub fn of(status: u16, body: &str) -> Self {
        let is_full = status == 507 || FULL.iter().any(|word| body.contains(word));
        Self { failure: if is_full { SiteFailure::Full } else { SiteFailure::Refused }, status }
    }

    /// What it means that something is not there: a file, or without a bucket that nothing can be.
    pub fn of_missing(body: &str) -> Option<Self> {
        body.contains(NO_BUCKET).then_some(Self { failure: SiteFailure::Refused, status: 404 })
    }
}

impl SiteFailure {
    /// The kind of a failure to read something.
    pub fn of_reading(error: &Error) -> Self {
        match error {
            Error::NotFound { .. } => Self::Lost,
            other => Self::of(other),
        }
    }

    /// The kind of a failure to do anything else, for which what is missing is the bucket.
    pub fn of(error: &Error) -> Self {
        if let Some(failure) = causes(error).find_map(of_cause) {
            return failure;
        }
        match error {
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } | Error::NotFound { .. } => Self::Refused,
            _ => Self::Down,
        }
    }

    /// What an answer of the file system means, where it says more than that something went wrong.
    pub fn of_disk(kind: io::ErrorKind) -> Option<Self> {
        match kind {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(Self::Full),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(Self::Refused),
            _ => None,
        }
    }
}

fn causes<'e>(error: &'e Error) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source())
}

fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<SiteFailure> {
    if let Some(answer) = cause.downcast_ref::<Answer>() {
        return Some(answer.failure);
    }
    SiteFailure::of_disk(cause.downcast_ref::<io::Error>()?.kind())
}

/// What stands in the log of a failure.
pub fn for_the_log(error: &Error) -> String {
    let cause = causes(error).find_map(|cause| match cause.downcast_ref::<Answer>() {
        Some(answer) => Some(answer.to_string()),
        None => Some(cause.downcast_ref::<io::Error>()?.kind().to_string()),
    });
    let kind = || match error {
        Error::NotFound { .. } => "not found",
        Error::PermissionDenied { .. } => "permission denied",
        Error::Unauthenticated { .. } => "not authenticated",
        _ => "no answer, or one that says that it failed",
    };
    cause.unwrap_or_else(|| kind().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(error: impl std::error::Error + Send + Sync + 'static) -> Error {
        Error::Generic { store: "test", source: Box::new(error) }
    }

    #[test]
    fn what_a_disk_says_is_told_apart() {
        for (kind, expected) in [
            (io::ErrorKind::StorageFull, SiteFailure::Full),
            (io::ErrorKind::QuotaExceeded, SiteFailure::Full),
            (io::ErrorKind::PermissionDenied, SiteFailure::Refused),
            (io::ErrorKind::ReadOnlyFilesystem, SiteFailure::Refused),
            (io::ErrorKind::Other, SiteFailure::Down),
        ] {
            assert_eq!(SiteFailure::of(&generic(io::Error::from(kind))), expected, "{kind}");
        }
    }

    #[test]
    fn what_is_not_found_is_lost_only_where_it_was_to_be_read() {
        let missing = || Error::NotFound { path: "a".into(), source: "b".into() };
        assert_eq!(SiteFailure::of_reading(&missing()), SiteFailure::Lost);
        assert_eq!(SiteFailure::of(&missing()), SiteFailure::Refused);
    }

    #[test]
    fn an_answer_is_understood_and_never_logged() {
        let said = "<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>AKIA</AWSAccessKeyId>";
        let error = generic(Answer::of(403, said));
        assert_eq!(SiteFailure::of(&error), SiteFailure::Refused);
        assert_eq!(for_the_log(&error), "it answered with status 403");
        assert_eq!(Answer::of(403, "<Code>QuotaExceeded</Code>").failure, SiteFailure::Full);
        assert_eq!(Answer::of(507, "").failure, SiteFailure::Full);
        assert!(Answer::of_missing("<Code>NoSuchKey</Code>").is_none());
        let gone = Answer::of_missing("<Code>NoSuchBucket</Code>").unwrap();
        assert_eq!(SiteFailure::of_reading(&generic(gone)), SiteFailure::Refused);
    }
}
