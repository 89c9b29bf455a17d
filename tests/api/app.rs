//! A whole site for one test: a server on a free port, SQLite and blobs in a temporary folder.

use image::{ImageFormat, Rgb, RgbImage};
use ocellus::server::config::Config;
use ocellus::server::context::now_s;
use ocellus::server::state::AppState;
use ocellus::server::store::{self, tokens::Scope, users::NewUser};
use ocellus::server::{auth, serve};
use reqwest::header::{HeaderMap, HeaderValue, ORIGIN};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::io::Cursor;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The password of every test user.
pub const PASSWORD: &str = "correct horse battery staple";

/// A running site. It stops and disappears when it is dropped.
pub struct TestApp {
    /// Its address, without a slash at the end.
    pub url: String,
    /// Its inside.
    pub state: AppState,
    stop: CancellationToken,
    server: Option<JoinHandle<()>>,
    folder: Arc<TempDir>,
}

impl TestApp {
    /// Starts an empty site.
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    /// Starts an empty site with other settings.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut config = Config {
            data_dir: folder.path().to_owned(),
            database_url: format!("sqlite:{}", folder.path().join("test.sqlite").display()),
            public_url: url.clone(),
            logins_per_minute: 1000,
            ..Config::default()
        };
        change(&mut config);
        Self::serve(config, listener, url, folder).await
    }

    /// Starts a site that has been stopped, at another address.
    pub async fn again(&self) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let config = Config { public_url: url.clone(), ..(*self.state.config).clone() };
        Self::serve(config, listener, url, self.folder.clone()).await
    }

    async fn serve(config: Config, listener: TcpListener, url: String, folder: Arc<TempDir>) -> Self {
        let state = AppState::open(config).await.unwrap();
        let stop = CancellationToken::new();
        let server = tokio::spawn({
            let (state, stop) = (state.clone(), stop.clone());
            async move { serve::run(listener, state, stop).await.unwrap() }
        });
        Self { url, state, stop, server: Some(server), folder }
    }

    /// Stops the site and waits until it has ended.
    pub async fn stop(&mut self) {
        self.stop.cancel();
        self.server.take().unwrap().await.unwrap();
    }

    /// Makes a user and gives a client with a token that may write.
    pub async fn user(&self, name: &str) -> Api {
        self.user_with(name, Scope::Write).await
    }

    /// Makes a user and gives a client with a token that may write, and the token.
    pub async fn user_with_token(&self, name: &str) -> (Api, String) {
        self.made(name, Scope::Write).await
    }

    /// Makes a user and gives a client with a token of a scope.
    pub async fn user_with(&self, name: &str, scope: Scope) -> Api {
        self.made(name, scope).await.0
    }

    async fn made(&self, name: &str, scope: Scope) -> (Api, String) {
        let id = self.account(name).await;
        let token = auth::tokens::new_token();
        let hash = auth::tokens::hash_token(&token);
        store::tokens::insert(&self.state.db, id, "test", &hash, scope, None, now_s()).await.unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        (Api { url: self.url.clone(), client: Client::builder().default_headers(headers).build().unwrap() }, token)
    }

    /// Makes a user with [`PASSWORD`].
    pub async fn account(&self, name: &str) -> i64 {
        let password_hash = auth::passwords::hash(PASSWORD).await.unwrap();
        let user = NewUser { username: name.to_owned(), password_hash, admin: false, joined: now_s() };
        store::users::insert(&self.state.db, &user).await.unwrap()
    }

    /// A client without any identity.
    pub fn anonymous(&self) -> Api {
        Api { url: self.url.clone(), client: Client::new() }
    }

    /// A client that keeps cookies and says where its requests come from, as a browser does.
    pub fn browser(&self) -> Api {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, HeaderValue::from_str(&self.url).unwrap());
        let client = Client::builder()
            .default_headers(headers)
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Api { url: self.url.clone(), client }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A client of a site.
pub struct Api {
    /// The site's address.
    pub url: String,
    /// What sends the requests.
    pub client: Client,
}

impl Api {
    /// Begins a GET request.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    /// Begins a POST request.
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.url))
    }

    /// Begins a PUT request.
    pub fn put(&self, path: &str) -> RequestBuilder {
        self.client.put(format!("{}{path}", self.url))
    }

    /// Registers an object that must be new.
    pub async fn object(&self, name: &str, parents: &[&str]) {
        let response =
            self.post("/api/new-object").json(&json!({"id": name, "parents": parents})).send().await.unwrap();
        expect(response, 201).await;
    }

    /// Uploads a small picture that must be accepted, and gives its dictionary.
    pub async fn picture(&self, title: &str) -> Value {
        // Every title gets bytes of its own.
        let seed = title.bytes().fold(7_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        self.picture_with(json!({"title": title, "nature": "photo", "licence": ["CC0-1.0"]}), png(64, 48, seed)).await
    }

    /// Uploads a picture that must be accepted, and gives its dictionary.
    pub async fn picture_with(&self, metadata: Value, bytes: Vec<u8>) -> Value {
        expect(self.upload(metadata, bytes).await, 201).await
    }

    /// Uploads.
    pub async fn upload(&self, metadata: Value, bytes: Vec<u8>) -> Response {
        let file = Part::bytes(bytes).file_name("picture.bin");
        let form = Form::new().text("json", metadata.to_string()).part("file", file);
        self.post("/api/upload").multipart(form).send().await.unwrap()
    }
}

/// A PNG with a gradient.
pub fn png(width: u32, height: u32, seed: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, seed]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// What the first hidden field of this name on a page holds.
pub fn hidden(page: &str, name: &str) -> String {
    let field = page.split(&format!("type=\"hidden\" name=\"{name}\" value=\"")).nth(1);
    let value = field.unwrap_or_else(|| panic!("no field {name}: {page}")).split('"').next().unwrap();
    value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The body of an answer that must have this status.
pub async fn expect(response: Response, status: u16) -> Value {
    let (actual, url) = (response.status().as_u16(), response.url().to_string());
    let text = response.text().await.unwrap();
    assert_eq!(actual, status, "{url}: {text}");
    if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

/// The problem document of an answer that must have this status.
pub async fn problem(response: Response, status: u16) -> Value {
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{}", response.url());
    let problem = expect(response, status).await;
    assert_eq!(problem["status"], status);
    for key in ["type", "title", "detail", "instance"] {
        assert!(problem[key].is_string(), "{problem}");
    }
    problem
}
