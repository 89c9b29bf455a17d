//! A real S3 server for one test, which can be made slow, broken, full or forbidding in the middle of what it does.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The name of the key that it knows.
pub const ACCESS_KEY: &str = "AKIATEST";
/// The key that it knows.
pub const SECRET_KEY: &str = "a-secret-that-nobody-may-read";
/// The bucket that it has. Its name is a part of names of files, as those of objects are, and they may not become too long.
pub const BUCKET: &str = "cat";

/// What is wrong with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It answers only after so long.
    Slow(Duration),
    /// It says that something is wrong with it.
    Broken,
    /// It has no room.
    Full,
    /// It no longer lets the key in.
    Forbidding,
    /// It no longer has the bucket.
    WithoutBucket,
}

#[derive(Default)]
struct Mood {
    fault: Option<Fault>,
    /// So many more requests that write are answered as they should be.
    spared: usize,
    /// How many requests came.
    requests: usize,
}

/// A running server.
pub struct S3 {
    /// Its address.
    pub endpoint: String,
    folder: TempDir,
    mood: Arc<Mutex<Mood>>,
    server: JoinHandle<()>,
}

impl S3 {
    /// Starts a server with an empty bucket.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let mood: Arc<Mutex<Mood>> = Arc::default();
        let router = Router::new().fallback(answer).with_state((builder.build(), mood.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { endpoint, folder, mood, server }
    }

    /// From now on this is wrong with it, after so many more requests that write.
    pub fn fail(&self, fault: Fault, spared: usize) {
        let mut mood = self.mood.lock().unwrap();
        (mood.fault, mood.spared) = (Some(fault), spared);
    }

    /// Nothing is wrong with it any more.
    pub fn recover(&self) {
        self.mood.lock().unwrap().fault = None;
    }

    /// How many requests came so far.
    pub fn requests(&self) -> usize {
        self.mood.lock().unwrap().requests
    }

    /// How many parts there are of uploads that were neither completed nor ended.
    pub fn unfinished(&self) -> usize {
        let names = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_str().unwrap().starts_with(".upload_id-")).count()
    }

    /// The names of all objects, without those that the server itself keeps beside them.
    pub fn objects(&self) -> Vec<String> {
        let root = self.folder.path().join(BUCKET);
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path: PathBuf = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.file_name().unwrap().to_str().unwrap().starts_with('.') {
                    found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        found.sort();
        found
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State((service, mood)): State<(S3Service, Arc<Mutex<Mood>>)>, request: Request) -> Response {
    let writes = matches!(*request.method(), Method::PUT | Method::POST);
    let fault = {
        let mut mood = mood.lock().unwrap();
        mood.requests += 1;
        if mood.fault.is_some() && mood.spared > 0 {
            mood.spared -= usize::from(writes);
            None
        } else {
            mood.fault
        }
    };
    let refuse = |status: StatusCode, code: &str| {
        // As real ones do, it repeats what nobody should see.
        let body = format!("<Error><Code>{code}</Code><AWSAccessKeyId>{ACCESS_KEY}</AWSAccessKeyId></Error>");
        (status, body).into_response()
    };
    match fault {
        Some(Fault::Slow(pause)) => tokio::time::sleep(pause).await,
        Some(Fault::Broken) => return refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
        Some(Fault::Full) => return refuse(StatusCode::INSUFFICIENT_STORAGE, "XMinioStorageFull"),
        Some(Fault::Forbidding) => return refuse(StatusCode::FORBIDDEN, "AccessDenied"),
        Some(Fault::WithoutBucket) => return refuse(StatusCode::NOT_FOUND, "NoSuchBucket"),
        None => {}
    }
    let request = request.map(s3s::Body::http_body_unsync);
    match service.call(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => panic!("the S3 server failed: {error:?}"),
    }
}
