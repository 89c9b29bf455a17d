//! How buckets are spoken to: only where they are, never further, and never for long.

use super::allowed;
use super::failure::{Answer, SiteFailure};
use crate::model::{SiteCredentials, SitePlace};
use async_trait::async_trait;
use futures::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use std::time::Duration;

/// So often is a request tried again that went wrong by no fault of ours.
const RETRIES: usize = 3;
/// So much of an answer is read that says what is wrong, in bytes.
const MAX_ANSWER: usize = 16_000;

/// Makes the cryptography known that TLS uses. Doing so again changes nothing.
pub fn prepare_tls() {
    // Fails only where it has been done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A bucket, for requests that take no longer than this.
pub fn bucket(place: &SitePlace, credentials: SiteCredentials, most: Duration) -> Result<AmazonS3, SiteFailure> {
    let (SitePlace::S3 { region, bucket, path_style, .. }, Some(address)) = (place, allowed::address(place)) else {
        return Err(SiteFailure::Refused);
    };
    let backoff =
        BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(2), base: 2.0 };
    let is_plain = address.starts_with("http://");
    AmazonS3Builder::new()
        .with_endpoint(address)
        .with_allow_http(is_plain)
        .with_region(region)
        .with_bucket_name(bucket)
        .with_virtual_hosted_style_request(!path_style)
        // Always with a key: without one it would ask the machine that it runs on for one.
        .with_access_key_id(credentials.access_key)
        .with_secret_access_key(credentials.secret_key)
        .with_retry(RetryConfig { backoff, max_retries: RETRIES, retry_timeout: most })
        .with_http_connector(Connector { most, is_plain })
        .build()
        .map_err(|error| {
            tracing::warn!(%error, "a bucket cannot be used");
            SiteFailure::Refused
        })
}

#[derive(Debug)]
struct Connector {
    most: Duration,
    is_plain: bool,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = reqwest::Client::builder()
            // Wherever a server leads to, nobody has allowed it.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(!self.is_plain)
            .connect_timeout(self.most.min(Duration::from_secs(5)))
            .timeout(self.most)
            .user_agent(concat!("ocellus/", env!("CARGO_PKG_VERSION")))
            .build();
        let client = client.map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })?;
        Ok(HttpClient::new(Client(client)))
    }
}

/// Tells apart what a server means that refuses something.
#[derive(Debug)]
struct Client(reqwest::Client);

#[async_trait]
impl HttpService for Client {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = HttpService::call(&self.0, request).await?;
        let status = answer.status().as_u16();
        // What succeeds, what was there before, and what is worth another try goes on to who knows about it.
        if matches!(status, 200..=299 | 304 | 408 | 409 | 412 | 416 | 429 | 500..=506 | 508..) {
            return Ok(answer);
        }
        let (head, body) = answer.into_parts();
        let mut body = body.bytes_stream();
        let mut said = Vec::new();
        while let Ok(Some(chunk)) = body.try_next().await {
            said.extend_from_slice(&chunk);
            if said.len() >= MAX_ANSWER {
                break;
            }
        }
        let answer = match status {
            404 => Answer::of_missing(&String::from_utf8_lossy(&said)),
            _ => Some(Answer::of(status, &String::from_utf8_lossy(&said))),
        };
        match answer {
            Some(answer) => Err(HttpError::new(HttpErrorKind::Unknown, answer)),
            // So does what is only not there.
            None => Ok(HttpResponse::from_parts(head, said.into())),
        }
    }
}
