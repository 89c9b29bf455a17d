//! Takes the editor's deltas to the server, and says what became of them.

use crate::api::accounts::current_account;
use crate::editor::{Input, Trouble};
use crate::model::AppError;
use crate::model::error::Problem;
use crate::model::region::{Annotations, Region};
use crate::model::region_delta::{Delta, DeltaAnswer};
use crate::model::text::path_segment;
use std::time::Duration;

/// When to give up waiting for an answer, in milliseconds.
const ANSWER_TIMEOUT_MS: u32 = 30_000;
/// How long to wait at most before trying again to reach the server: after the first failure, and ever.
const RETRY_MS: (f64, f64) = (1_000.0, 60_000.0);
/// Names the person whose work a delta carries, percent-encoded. The cookie does not: somebody else may have signed in
/// meanwhile in another tab of this browser. The server answers 401 where the two are not the same person.
const USER_HEADER: &str = "X-Ocellus-User";

/// Whose work on which picture a delta carries.
#[derive(Clone, Debug)]
pub struct Author {
    /// The username.
    pub user: String,
    /// The picture's id.
    pub picture: i64,
}

/// Sends a delta, and says what became of it.
pub async fn deliver(author: &Author, delta: &Delta) -> Input {
    match try_deliver(author, delta).await {
        Ok(answer) => answer,
        // No answer, or none that can be read: a proxy's error page, a connection that broke.
        Err(_) => Input::SaveFailed(Trouble::Offline),
    }
}

async fn try_deliver(Author { user, picture }: &Author, delta: &Delta) -> Result<Input, gloo_net::Error> {
    let signal = web_sys::AbortSignal::timeout_with_u32(ANSWER_TIMEOUT_MS);
    let response = gloo_net::http::Request::post(&format!("/api/picture/{picture}/annotations/delta"))
        .header(USER_HEADER, &path_segment(user))
        .abort_signal(Some(&signal))
        .json(delta)?
        .send()
        .await?;
    let revision = response.headers().get("ETag").as_deref().and_then(revision_of);
    Ok(match (response.status(), revision) {
        (200, _) => {
            let answer = response.json::<DeltaAnswer>().await?;
            if answer.regions.len() == delta.changes.len() {
                Input::Delivered(answer)
            } else {
                Input::SaveFailed(Trouble::Offline)
            }
        }
        (412, Some(revision)) => {
            Input::Outdated(Annotations { revision, regions: response.json::<Vec<Region>>().await? })
        }
        // Nobody is signed in any more, or somebody else is.
        (401, _) => Input::SaveFailed(Trouble::SignedOut),
        // The server wants fewer requests, or took too long to read this one.
        (408 | 425 | 429, _) => Input::SaveFailed(Trouble::Offline),
        (400..=428, _) => {
            let problem = response.json::<Problem>().await;
            let detail = problem.map_or_else(|_| "the server refused the regions".to_owned(), |problem| problem.detail);
            Input::SaveFailed(Trouble::Refused(detail))
        }
        _ => Input::SaveFailed(Trouble::Offline),
    })
}

/// Whether it is this person who is signed in now: somebody else may have signed in elsewhere in this browser.
pub async fn is_signed_in(user: &str) -> Result<bool, AppError> {
    Ok(current_account().await?.is_some_and(|account| account.username == user))
}

/// How long to wait after so many failures in a row. A part that is left to chance keeps all the browsers that lost a server
/// from coming back to it at once.
pub fn pause_after(failures: u32) -> Duration {
    pause(failures, js_sys::Math::random())
}

/// The same, with the part that is left to chance, from 0 to 1.
fn pause(failures: u32, chance: f64) -> Duration {
    let (first, longest) = RETRY_MS;
    let most = (first * 2_f64.powi(failures.clamp(1, 16) as i32 - 1)).min(longest);
    Duration::from_millis((most * (1.0 + chance) / 2.0) as u64)
}

/// The revision in an entity tag such as `"7"` or, where something between compressed the answer, `W/"7"`.
fn revision_of(tag: &str) -> Option<i64> {
    tag.trim_start_matches("W/").trim_matches('"').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{pause, revision_of};
    use std::time::Duration;

    #[test]
    fn waits_longer_and_longer() {
        assert_eq!((pause(1, 0.0), pause(1, 1.0)), (Duration::from_millis(500), Duration::from_secs(1)));
        assert_eq!(pause(3, 1.0), Duration::from_secs(4));
        assert_eq!((pause(7, 1.0), pause(u32::MAX, 1.0)), (Duration::from_secs(60), Duration::from_secs(60)));
    }

    #[test]
    fn reads_entity_tags() {
        assert_eq!(revision_of("\"7\""), Some(7));
        assert_eq!(revision_of("W/\"12\""), Some(12));
        assert_eq!(revision_of("\"abc\""), None);
    }
}
