//! A dataset for one test, and Git as somebody has it at home.

use super::app::{Api, expect, problem};
use md5::{Digest, Md5};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// A dataset of somebody's.
pub struct Lab<'a> {
    /// Who asks.
    pub api: &'a Api,
    /// Its address in the API.
    pub path: String,
    /// Its number.
    pub id: i64,
}

impl<'a> Lab<'a> {
    /// Makes it.
    pub async fn new(api: &'a Api, namespace: &str, visibility: &str) -> Self {
        let body = json!({"namespace": namespace, "name": "cats", "visibility": visibility});
        let made = expect(api.post("/api/v1/datasets").json(&body).send().await.unwrap(), 201).await;
        let id = made["id"].as_i64().unwrap();
        Self { api, path: format!("/api/v1/datasets/{id}"), id }
    }

    /// One that is there, by its address in the API.
    pub fn at(api: &'a Api, path: String) -> Self {
        let id = path.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap();
        Self { api, path, id }
    }

    /// The same for somebody else.
    pub fn seen_by<'b>(&self, api: &'b Api) -> Lab<'b> {
        Lab { api, path: self.path.clone(), id: self.id }
    }

    /// Sends a body below its address.
    pub async fn send(&self, method: Method, path: &str, body: impl Into<reqwest::Body>) -> Response {
        let url = format!("{}{}/{path}", self.api.url, self.path);
        self.api.client.request(method, url).body(body).send().await.unwrap()
    }

    /// Puts a file, as a commit.
    pub async fn put(&self, path: &str, body: impl Into<reqwest::Body>) -> String {
        let made = expect(self.send(Method::PUT, &format!("files/{path}"), body).await, 201).await;
        made["commit"].as_str().unwrap().to_owned()
    }

    /// Asks for what is below its address.
    pub async fn raw(&self, path: &str) -> Response {
        self.api.get(&format!("{}/{path}", self.path)).send().await.unwrap()
    }

    /// The same, which must be there.
    pub async fn get(&self, path: &str) -> Value {
        expect(self.raw(path).await, 200).await
    }

    /// Posts, and must be answered so.
    pub async fn post(&self, path: &str, body: Value, status: u16) -> Value {
        let response = self.api.post(&format!("{}/{path}", self.path)).json(&body).send().await.unwrap();
        if status < 400 { expect(response, status).await } else { problem(response, status).await }
    }

    /// The paths of its files.
    pub async fn paths(&self, parameters: &str) -> Vec<String> {
        let list = self.get(&format!("files/?{parameters}")).await;
        list.as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect()
    }

    /// The number of the picture at a path.
    pub async fn picture(&self, path: &str) -> i64 {
        let list = self.get(&format!("files/?prefix={path}")).await;
        list[0]["picture"].as_i64().unwrap_or_else(|| panic!("{path} is no picture: {list}"))
    }

    /// What its commits say, the newest first.
    pub async fn messages(&self) -> Vec<String> {
        let commits = self.get("commits").await;
        commits.as_array().unwrap().iter().map(|commit| commit["message"].as_str().unwrap().to_owned()).collect()
    }
}

/// The MD5 of these bytes, as pointers and lists have it.
pub fn sum(bytes: &[u8]) -> String {
    hex::encode(Md5::digest(bytes))
}

/// Runs Git as somebody would at home, and gives whether it succeeded and what it said.
pub fn git(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let said = Command::new("git")
        .args(["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "credential.helper="])
        .args(arguments)
        .envs([
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("LC_ALL", "C"),
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    (said.status.success(), text)
}
