//! Speaking with another server.

use super::Remote;
use crate::model::text::path_segment;
use crate::server::cli::Failure;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use reqwest::header::{AUTHORIZATION, HeaderMap, RETRY_AFTER};
use reqwest::{Body, Client, Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use std::{fmt, io};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// So often something is tried that a bad connection, or a server that is busy or down, may have broken.
const TRIES: u32 = 8;
/// How long to wait before the second try; each further one takes twice as long.
pub const FIRST_WAIT: Duration = Duration::from_millis(500);
/// Nobody waits longer between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A server that says nothing for so long is tried again.
const SILENCE: Duration = Duration::from_secs(60);
/// The same where it has all of a body, with which it may have much to do.
const LONG_SILENCE: Duration = Duration::from_secs(3600);

/// Why something cannot be had from a server.
#[derive(Debug)]
pub enum Refusal {
    /// It might go well later.
    Passing { why: String, wait: Option<Duration> },
    /// It will not.
    Final { status: Option<StatusCode>, why: String },
    /// It was tried often enough.
    Exhausted { why: String },
}

impl Refusal {
    /// One that has nothing to do with what the server said.
    pub fn here(why: impl fmt::Display) -> Self {
        Self::Final { status: None, why: why.to_string() }
    }

    /// Whether any other file would be met by the same.
    fn meets_all(&self) -> bool {
        const ALL: [StatusCode; 3] =
            [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::INSUFFICIENT_STORAGE];
        matches!(self, Self::Final { status: Some(status), .. } if ALL.contains(status))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passing { why, .. } | Self::Final { why, .. } | Self::Exhausted { why } => f.write_str(why),
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
    /// For requests with a body. The time that a client gives a server to answer passes while the body is sent, which no other sees to.
    sender: Client,
    /// The server's address, without `/` at its end.
    server: String,
    /// The dataset's address in the API, from `/api/` on.
    dataset: String,
    authorization: HeaderMap,
}

impl Site {
    /// A server, without any dataset of it in mind.
    pub fn at(server: &str, token: &str) -> Result<Self, Failure> {
        let server = server.trim_end_matches('/').to_owned();
        if !(server.starts_with("https://") || server.starts_with("http://")) {
            return Err(format!("--server must begin with https:// or http://, not be {server}").into());
        }
        // Several of its kind may have asked for it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().connect_timeout(SILENCE).read_timeout(SILENCE).build()?;
        let sender = Client::builder().connect_timeout(SILENCE).tcp_keepalive(SILENCE).build()?;
        let mut authorization = HeaderMap::new();
        if !token.is_empty() {
            let value = format!("Bearer {}", token.trim()).parse();
            authorization.insert(AUTHORIZATION, value.map_err(|_| "the token has characters that no token has")?);
        }
        Ok(Self { client, sender, server, dataset: String::new(), authorization })
    }

    /// Finds a dataset.
    pub async fn find(remote: &Remote) -> Result<Self, Failure> {
        let Remote { server, dataset, token, .. } = remote;
        let (namespace, name) = dataset
            .split_once('/')
            .filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty() && !name.contains('/'))
            .ok_or_else(|| format!("--dataset must be namespace/name, not {dataset}"))?;
        let token = &token.token;
        let mut site = Self::at(server, token)?;
        let path = format!("/api/v1/datasets/by-name/{}/{}", path_segment(namespace), path_segment(name));
        let found: Result<serde_json::Value, Refusal> = site.json(Method::GET, &path).await;
        let found = found.map_err(|refusal| match refusal {
            Refusal::Final { status: Some(StatusCode::NOT_FOUND), why } if token.is_empty() => {
                format!("{why} that everybody may see (put a token of your account into OCELLUS_TOKEN)")
            }
            refusal => refusal.to_string(),
        })?;
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
        self.request_of(&self.client, method, path)
    }

    /// The same with a body, which [`bring`](Self::bring) sends.
    pub fn bringing(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_of(&self.sender, method, path)
    }

    fn request_of(&self, client: &Client, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with('/') { self.page(path) } else { path.to_owned() };
        let request = client.request(method, &url);
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

    /// Sends a request with a body once. The line may be as slow as it likes, for as long as bytes leave; what gives up is silence.
    pub async fn bring(
        &self,
        request: RequestBuilder,
        body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<Response, Refusal> {
        let (left, leaving) = watch::channel(());
        // Dropped together with the body, once all of it has left.
        let body = body.inspect(move |_| left.send_replace(()));
        tokio::select! {
            answer = self.send(request.body(Body::wrap_stream(body))) => answer,
            () = silence(leaving, SILENCE, LONG_SILENCE) => Err(Refusal::Passing { why: "the connection went silent".to_owned(), wait: None }),
        }
    }

    /// What the answer to a request with a body says.
    pub async fn read<T: DeserializeOwned>(&self, answer: Response) -> Result<T, Refusal> {
        let silent = |_| Refusal::Passing { why: "the answer broke off".to_owned(), wait: None };
        Ok(timeout(SILENCE, answer.json()).await.map_err(silent)??)
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
        // No room is made by waiting for it.
        if passes && ![StatusCode::NOT_IMPLEMENTED, StatusCode::INSUFFICIENT_STORAGE].contains(&status) {
            return Err(Refusal::Passing { why: told, wait });
        }
        let why = match status {
            StatusCode::UNAUTHORIZED => format!("{told} (put a token of your account into OCELLUS_TOKEN)"),
            _ => told,
        };
        Err(Refusal::Final { status: Some(status), why })
    }
}

/// Ends when no part of a body has left for too long, or when nothing was answered for long after all of it has.
async fn silence(mut leaving: watch::Receiver<()>, short: Duration, long: Duration) {
    loop {
        match timeout(short, leaving.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return sleep(long).await,
            Err(_) => return,
        }
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
        return Err(Refusal::Exhausted { why: format!("{why} (tried {TRIES} times)") });
    }
    sleep(pause(*tries, wait)).await;
    Ok(())
}

/// How files fare that are on their way together: what would meet all of them needs not be met by each.
#[derive(Debug, Default)]
pub struct Course {
    is_over: AtomicBool,
    /// How many have used up their tries since one got through.
    exhausted: AtomicUsize,
}

impl Course {
    /// Does what one file needs, unless it is known by now that it would be in vain: then nothing.
    pub async fn one<T>(&self, work: impl Future<Output = Result<T, Refusal>>) -> Option<Result<T, Refusal>> {
        if self.is_over.load(Ordering::Relaxed) {
            return None;
        }
        let done = work.await;
        match &done {
            Ok(_) => self.exhausted.store(0, Ordering::Relaxed),
            Err(refusal) if refusal.meets_all() => self.is_over.store(true, Ordering::Relaxed),
            // One alone may have only itself to blame.
            Err(Refusal::Exhausted { .. }) if self.exhausted.fetch_add(1, Ordering::Relaxed) > 0 => {
                self.is_over.store(true, Ordering::Relaxed);
            }
            Err(_) => {}
        }
        Some(done)
    }
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
    use tokio::time::Instant;

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

    #[tokio::test]
    async fn what_meets_every_file_is_met_by_few() {
        let of = |status| Err::<(), _>(Refusal::Final { status: Some(status), why: "no".into() });
        for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::INSUFFICIENT_STORAGE] {
            let course = Course::default();
            assert!(course.one(async { of(StatusCode::BAD_REQUEST) }).await.is_some());
            assert!(course.one(async { of(status) }).await.is_some());
            assert!(course.one(async { Ok(()) }).await.is_none());
        }
        let exhausted = || async { Err::<(), _>(Refusal::Exhausted { why: "no".into() }) };
        let course = Course::default();
        // As long as others get through in between, each has its turn.
        for _ in 0..5 {
            assert!(course.one(exhausted()).await.is_some());
            assert!(course.one(async { Ok(()) }).await.is_some());
        }
        for _ in 0..2 {
            assert!(course.one(exhausted()).await.is_some());
        }
        assert!(course.one(exhausted()).await.is_none());
    }

    #[tokio::test]
    async fn a_slow_body_is_waited_for_and_a_silent_one_is_not() {
        let (short, long) = (Duration::from_millis(200), Duration::from_millis(500));
        let begin = Instant::now();
        let (left, leaving) = watch::channel(());
        let body = async move {
            for _ in 0..10 {
                sleep(short / 4).await;
                left.send_replace(());
            }
            // Nothing more leaves, and not all of it has.
            sleep(long * 2).await;
        };
        let ended = async {
            silence(leaving, short, long).await;
            begin.elapsed()
        };
        let (ended, ()) = tokio::join!(ended, body);
        assert!(ended >= short * 7 / 2 && ended < long * 3, "{ended:?}");
        let begin = Instant::now();
        let (left, leaving) = watch::channel(());
        drop(left);
        silence(leaving, short, long).await;
        assert!(begin.elapsed() >= long, "the server has all of it");
    }

    #[test]
    fn pauses_grow_and_end() {
        assert!(pause(1, None) <= FIRST_WAIT && pause(40, None) <= LONGEST_WAIT);
        assert!(pause(1, Some(Duration::from_secs(5))) == Duration::from_secs(5));
        assert!(pause(1, Some(Duration::from_secs(5000))) == LONGEST_WAIT);
    }
}
