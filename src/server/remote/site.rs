//! Speaking with another server.

use super::Remote;
use crate::model::text::path_segment;
use crate::server::cli::Failure;
use reqwest::header::{AUTHORIZATION, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;

/// So often something is tried that a bad connection, or a server that is busy or down, may have broken.
const TRIES: u32 = 8;
/// How long to wait before the second try; each further one takes twice as long.
pub const FIRST_WAIT: Duration = Duration::from_millis(500);
/// Nobody waits longer between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A server that says nothing for so long is tried again.
const SILENCE: Duration = Duration::from_secs(60);

/// Why something cannot be had from a server.
#[derive(Debug)]
pub enum Refusal {
    /// It might go well later.
    Passing { why: String, wait: Option<Duration> },
    /// It will not.
    Final { status: Option<StatusCode>, why: String },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passing { why, .. } | Self::Final { why, .. } => f.write_str(why),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<reqwest::Error> for Refusal {
    fn from(error: reqwest::Error) -> Self {
        // What it is about stands in the errors behind it.
        let mut why = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            why = format!("{why}: {error}");
            source = error.source();
        }
        if error.is_builder() { Self::Final { status: None, why } } else { Self::Passing { why, wait: None } }
    }
}

/// A dataset of a server.
#[derive(Clone)]
pub struct Site {
    client: Client,
    /// The server's address, without `/` at its end.
    server: String,
    /// The dataset's address in the API, from `/api/` on.
    dataset: String,
    authorization: HeaderMap,
}

impl Site {
    /// Finds a dataset.
    pub async fn find(remote: &Remote) -> Result<Self, Failure> {
        let Remote { server, dataset, token, .. } = remote;
        let server = server.trim_end_matches('/').to_owned();
        if !(server.starts_with("https://") || server.starts_with("http://")) {
            return Err(format!("--server must begin with https:// or http://, not be {server}").into());
        }
        let (namespace, name) = dataset
            .split_once('/')
            .filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty() && !name.contains('/'))
            .ok_or_else(|| format!("--dataset must be namespace/name, not {dataset}"))?;
        // Several of its kind may have asked for it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().connect_timeout(SILENCE).read_timeout(SILENCE).build()?;
        let mut authorization = HeaderMap::new();
        if !token.is_empty() {
            let value = format!("Bearer {}", token.trim()).parse();
            authorization.insert(AUTHORIZATION, value.map_err(|_| "the token has characters that no token has")?);
        }
        let mut site = Self { client, server, dataset: String::new(), authorization };
        let path = format!("/api/v1/datasets/by-name/{}/{}", path_segment(namespace), path_segment(name));
        let found: serde_json::Value = site.json(Method::GET, &path).await?;
        let id = found["id"].as_i64().ok_or_else(|| format!("{} is no Ocellus server", site.server))?;
        site.dataset = format!("/api/v1/datasets/{id}");
        Ok(site)
    }

    /// The dataset's address in the API with this behind it.
    pub fn path(&self, rest: &str) -> String {
        format!("{}{rest}", self.dataset)
    }

    /// The address of a page of the server.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.server)
    }

    /// The name of this dataset of this server, for what is remembered of it.
    pub fn name(&self) -> String {
        self.page(&self.dataset)
    }

    /// Begins a request to a path, or to the whole address of something on the server.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with('/') { self.page(path) } else { path.to_owned() };
        let request = self.client.request(method, &url);
        // Nobody else learns the token, wherever the server sends us.
        if url.starts_with(&format!("{}/", self.server)) {
            request.headers(self.authorization.clone())
        } else {
            request
        }
    }

    /// What is answered to a request that changes nothing, or changes the same when it comes again.
    pub async fn json<T: DeserializeOwned>(&self, method: Method, path: &str) -> Result<T, Refusal> {
        patiently(|| async { Ok(self.send(self.request(method.clone(), path)).await?.json().await?) }).await
    }

    /// Sends a request once. Whatever says that it did not go well is a refusal.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, Refusal> {
        let response = request.send().await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let wait = wait.map(Duration::from_secs);
        let told: serde_json::Value = response.json().await.unwrap_or_default();
        let told = told["detail"].as_str().map_or_else(|| status.to_string(), str::to_owned);
        let passes = status.is_server_error()
            || status == StatusCode::TOO_MANY_REQUESTS
            || status == StatusCode::REQUEST_TIMEOUT;
        if passes && status != StatusCode::NOT_IMPLEMENTED {
            return Err(Refusal::Passing { why: told, wait });
        }
        let why = match status {
            StatusCode::UNAUTHORIZED => format!("{told} (put a token of your account into OCELLUS_TOKEN)"),
            _ => told,
        };
        Err(Refusal::Final { status: Some(status), why })
    }
}

/// Does something until it goes well, is refused for good, or has been tried often enough.
pub async fn patiently<T, F: Future<Output = Result<T, Refusal>>>(mut once: impl FnMut() -> F) -> Result<T, Refusal> {
    let mut tries = 0;
    loop {
        match once().await {
            Err(Refusal::Passing { why, wait }) => again(&mut tries, why, wait).await?,
            done => return done,
        }
    }
}

/// Waits before the next try, if there is to be one: `tries` has failed so often before.
pub async fn again(tries: &mut u32, why: String, wait: Option<Duration>) -> Result<(), Refusal> {
    *tries += 1;
    if *tries >= TRIES {
        return Err(Refusal::Final { status: None, why: format!("{why} (tried {TRIES} times)") });
    }
    tokio::time::sleep(pause(*tries, wait)).await;
    Ok(())
}

/// How long to wait after so many tries. Many that failed together do not all come again together.
fn pause(tries: u32, asked: Option<Duration>) -> Duration {
    let usual = FIRST_WAIT.saturating_mul(1 << (tries - 1).min(16)).min(LONGEST_WAIT);
    let usual = usual.mul_f64(rand::random_range(0.5..1.0));
    asked.map_or(usual, |asked| asked.clamp(usual, LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_passes_is_tried_again_and_what_does_not_is_told() {
        let mut tries = 0;
        let done = patiently(|| {
            tries += 1;
            let wait = Some(Duration::ZERO);
            let done = if tries < 2 { Err(Refusal::Passing { why: "busy".into(), wait }) } else { Ok(tries) };
            async { done }
        });
        assert_eq!(done.await.unwrap(), 2);
        let mut tries = TRIES - 1;
        let never = again(&mut tries, "busy".into(), None).await.unwrap_err();
        assert_eq!(never.to_string(), "busy (tried 8 times)");
        let mut tries = 0;
        let refused = patiently(|| {
            tries += 1;
            async { Err::<(), _>(Refusal::Final { status: None, why: "no".into() }) }
        });
        assert_eq!(refused.await.unwrap_err().to_string(), "no");
        assert_eq!(tries, 1);
    }

    #[test]
    fn pauses_grow_and_end() {
        assert!(pause(1, None) <= FIRST_WAIT && pause(40, None) <= LONGEST_WAIT);
        assert!(pause(1, Some(Duration::from_secs(5))) == Duration::from_secs(5));
        assert!(pause(1, Some(Duration::from_secs(5000))) == LONGEST_WAIT);
    }
}
