//! What the server answers to a request that sends, and what that means for the file and for the others.

use crate::model::AppError;

/// How much of a file has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The upload, where it was begun.
    pub upload: Option<String>,
    /// How many bytes there are.
    pub offset: u64,
    /// The MD5 of the whole, once that is all and a commit can mention it.
    pub md5: Option<String>,
}

/// Why a request brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// There was no answer.
    Lost,
    /// The server cannot do it now, and may be able to soon.
    Down(String),
    /// The server asks to wait for so many seconds.
    Later(u64),
    /// Somebody else is just bringing the file, or has brought more of it.
    Busy(String),
    /// There is no such upload any more.
    Gone(String),
    /// This file cannot come so.
    Refused(String),
    /// No file can come so, whichever it is.
    Everybody(String),
}

impl Failure {
    /// What to tell people.
    pub fn words(self) -> String {
        match self {
            Self::Lost => "the server could not be reached".to_owned(),
            Self::Later(seconds) => super::words::later(seconds),
            Self::Down(words)
            | Self::Busy(words)
            | Self::Gone(words)
            | Self::Refused(words)
            | Self::Everybody(words) => words,
        }
    }

    /// What the server's answer means: its status, and the error that it sent.
    pub fn of(status: u16, body: &str) -> Self {
        match serde_json::from_str::<AppError>(body) {
            Ok(error) => Self::from(error),
            // What stands before the server has no errors of ours.
            Err(_) => {
                let words = format!("the server answered with status {status}");
                Self::with_status(status, words)
            }
        }
    }

    fn with_status(status: u16, words: String) -> Self {
        match status {
            401 => Self::Everybody("you are not signed in any more".to_owned()),
            403 | 507 => Self::Everybody(words),
            404 | 410 => Self::Gone(words),
            409 | 423 => Self::Busy(words),
            429 => Self::Later(10),
            408 | 500 | 502..=504 => Self::Down(words),
            _ => Self::Refused(words),
        }
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::RateLimited { retry_after_s } => Self::Later(retry_after_s),
            AppError::Unreachable(_) => Self::Lost,
            // The file's name stands beside it.
            error => {
                let fault = error.message_for("path").map(|fault| format!("the path {fault}"));
                Self::with_status(error.status(), fault.unwrap_or_else(|| error.to_string()))
            }
        }
    }
}

/// What an answer to a request of the protocol says: its status, its body, and its headers by their names.
pub fn understood(status: u16, body: &str, header: impl Fn(&str) -> Option<String>) -> Result<Answer, Failure> {
    if !(200..300).contains(&status) {
        return Err(Failure::of(status, body));
    }
    let strange = || Failure::Down("the server's answer was not understood".to_owned());
    let offset = header("Upload-Offset").and_then(|offset| offset.trim().parse().ok()).ok_or_else(strange)?;
    let upload = header("Location").and_then(|place| place.rsplit('/').next().map(str::to_owned));
    let md5 = header("Upload-Md5").filter(|md5| crate::model::version::is_md5(md5));
    Ok(Answer { upload, offset, md5 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_say_how_much_there_is() {
        let header = |name: &str| match name {
            "Upload-Offset" => Some("12".to_owned()),
            "Location" => Some("/api/v1/datasets/7/uploads/abc".to_owned()),
            _ => None,
        };
        let begun = Answer { upload: Some("abc".to_owned()), offset: 12, md5: None };
        assert_eq!(understood(201, "", header), Ok(begun));
        let md5 = "0123456789abcdef0123456789abcdef".to_owned();
        let whole = |name: &str| if name == "Upload-Md5" { Some(md5.clone()) } else { header(name) };
        assert_eq!(understood(204, "", whole).map(|answer| answer.md5), Ok(Some(md5.clone())));
        // A portal that answers everything with a page of its own has taken nothing.
        assert!(matches!(understood(200, "<html>", |_| None), Err(Failure::Down(_))));
    }

    #[test]
    fn errors_say_whom_they_meet() {
        let of = |error: &AppError| Failure::of(error.status(), &serde_json::to_string(error).unwrap_or_default());
        assert_eq!(
            of(&AppError::field("path", "must be relative")),
            Failure::Refused("the path must be relative".to_owned())
        );
        assert_eq!(of(&AppError::RateLimited { retry_after_s: 7 }), Failure::Later(7));
        assert!(matches!(of(&AppError::NotSignedIn(String::new())), Failure::Everybody(_)));
        assert!(matches!(of(&AppError::Forbidden("no".to_owned())), Failure::Everybody(_)));
        assert!(matches!(of(&AppError::StorageFull("full".to_owned())), Failure::Everybody(_)));
        assert!(matches!(of(&AppError::StorageDown("down".to_owned())), Failure::Down(_)));
        assert!(matches!(of(&AppError::NotFound("gone".to_owned())), Failure::Gone(_)));
        assert!(matches!(of(&AppError::Conflict("busy".to_owned())), Failure::Busy(_)));
        assert!(matches!(of(&AppError::TooLarge("large".to_owned())), Failure::Refused(_)));
        assert!(matches!(Failure::of(502, "<html>"), Failure::Down(_)));
    }
}
