//! The settings: `Leptos.toml`, overridden by environment variables.

use super::storage::sealing::read_key;
use crate::model::site_place::is_endpoint;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The file that settings are read from unless another is named.
pub const DEFAULT_FILE: &str = "Leptos.toml";

/// Environment variables with the prefix that are no settings: the command line reads them itself.
const OTHER_VARIABLES: [&str; 3] = ["OCELLUS_CONFIG", "OCELLUS_SERVER", "OCELLUS_TOKEN"];

/// What begins so tells the tests what they may use, such as a PostgreSQL server.
const TEST_VARIABLES: &str = "OCELLUS_TEST_";

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// All settings, checked. `Leptos.toml` in the project's root says what each means.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where the server listens.
    pub address: SocketAddr,
    /// The site's address without a slash at the end; empty until [`Config::finish`] has run.
    pub public_url: String,
    /// Address of the database.
    pub database_url: String,
    /// Folder of blobs, thumbnails and the embedded database.
    pub data_dir: PathBuf,
    /// Largest picture file in bytes.
    pub upload_limit_bytes: u64,
    /// Largest file of a dataset in bytes. One that is larger than a picture may be is kept without a look at it.
    pub file_limit_bytes: u64,
    /// Largest picture in pixels.
    pub picture_limit_pixels: u64,
    /// Number of pictures decoded at the same time, at least 1.
    pub thumbnail_threads: usize,
    /// Number of jobs that this server works on at the same time; with 0 others have to.
    pub jobs_at_once: usize,
    /// Whether files are served without the place where they were taken, unless their uploaders keep it.
    pub strip_location: bool,
    /// Folders below which storage sites may be.
    pub storage_roots: Vec<PathBuf>,
    /// Addresses of S3 servers at which storage sites may be.
    pub storage_endpoints: Vec<String>,
    /// The key that credentials of storage sites are encrypted with; without one it is in the data folder.
    pub storage_key: Option<[u8; 32]>,
    /// Seconds that a request to a storage site may take.
    pub storage_seconds: u64,
    /// Whether strangers may register.
    pub registration_open: bool,
    /// Seconds that one search may take, with everything that is counted for it.
    pub query_seconds: u64,
    /// Accounts an address may register within an hour.
    pub registrations_per_hour: u32,
    /// Tries to sign in that an address has within a minute.
    pub logins_per_minute: u32,
    /// Days that a session lasts after its last use.
    pub session_days: i64,
    /// Header of a trusted proxy with the client's address, in lower case.
    pub client_address_header: Option<String>,
    /// Filter of the log.
    pub log_level: String,
    /// Form of the log.
    pub log_format: LogFormat,
    /// Seconds for running requests at shutdown.
    pub shutdown_seconds: u64,
    /// Port of the development reload script.
    pub reload_port: Option<u16>,
}

/// A setting that cannot be used. The message names it and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Default for Config {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 3000)),
            public_url: String::new(),
            database_url: String::new(),
            data_dir: PathBuf::from("data"),
            upload_limit_bytes: 100_000_000,
            file_limit_bytes: 50_000_000_000,
            picture_limit_pixels: 200_000_000,
            thumbnail_threads: std::thread::available_parallelism().map_or(1, usize::from),
            jobs_at_once: 2,
            strip_location: true,
            storage_roots: Vec::new(),
            storage_endpoints: Vec::new(),
            storage_key: None,
            storage_seconds: 30,
            registration_open: true,
            query_seconds: 10,
            registrations_per_hour: 20,
            logins_per_minute: 10,
            session_days: 30,
            client_address_header: None,
            log_level: "info".to_owned(),
            log_format: LogFormat::Text,
            shutdown_seconds: 10,
            reload_port: None,
        }
    }
}

impl Config {
    /// Reads the file, if there is one, and the environment. A file that was named must exist.
    pub fn load(named_file: Option<&Path>) -> Result<Self, ConfigError> {
        let file = named_file.unwrap_or(Path::new(DEFAULT_FILE));
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && named_file.is_none() => String::new(),
            Err(error) => {
                return Err(ConfigError(format!("cannot read the settings file {}: {error}", file.display())));
            }
        };
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
            .collect();
        Self::from_sources(&text, &file.display().to_string(), &environment)
    }

    /// Reads the text of a settings file called `file`, then the environment.
    pub fn from_sources(text: &str, file: &str, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let table: toml::Table =
            text.parse().map_err(|error| ConfigError(format!("{file} is not valid TOML: {error}")))?;
        let mut config = Self::default();
        for (name, value) in &table {
            let value = match value {
                toml::Value::String(text) => text.clone(),
                toml::Value::Integer(_) | toml::Value::Boolean(_) | toml::Value::Float(_) => value.to_string(),
                _ => return Err(ConfigError(format!("{file}: the setting `{name}` must be a text or a number"))),
            };
            config.set(name, &value).map_err(|problem| ConfigError(format!("{file}: {problem}")))?;
        }
        for (variable, value) in environment {
            let Some(name) = variable.strip_prefix("OCELLUS_") else { continue };
            if !OTHER_VARIABLES.contains(&variable.as_str()) && !variable.starts_with(TEST_VARIABLES) {
                config
                    .set(&name.to_ascii_lowercase(), value)
                    .map_err(|problem| ConfigError(format!("environment variable {variable}: {problem}")))?;
            }
        }
        config.finish();
        Ok(config)
    }

    /// Sets one setting from its text. The one place that knows a setting's name, form and range.
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "address" => {
                self.address = value
                    .parse()
                    .map_err(|_| wrong(name, value, "an IP address and a port, such as 127.0.0.1:3000"))?;
            }
            "public_url" => {
                let url = value.trim_end_matches('/');
                let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
                // The origin check compares whole origins, so that a site lives at the root of its host.
                if !url.is_empty() && host.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', ' '])) {
                    return Err(wrong(name, value, "http:// or https:// and a host, without a path"));
                }
                self.public_url = url.to_owned();
            }
            "database_url" => {
                let known = ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| value.starts_with(scheme));
                if !value.is_empty() && !known {
                    // The value may hold a password and is not repeated.
                    return Err("the setting `database_url` must start with sqlite: or postgres:".to_owned());
                }
                self.database_url = value.to_owned();
            }
            "data_dir" => {
                if value.is_empty() {
                    return Err(wrong(name, value, "the path of a folder"));
                }
                self.data_dir = PathBuf::from(value);
            }
            "upload_limit_mb" => self.upload_limit_bytes = number::<u64>(name, value, 1, 1_000_000)? * 1_000_000,
            "file_limit_mb" => self.file_limit_bytes = number::<u64>(name, value, 1, 10_000_000)? * 1_000_000,
            "picture_limit_megapixels" => {
                self.picture_limit_pixels = number::<u64>(name, value, 1, 4_000)? * 1_000_000;
            }
            "thumbnail_threads" => match number::<usize>(name, value, 0, 1024)? {
                0 => self.thumbnail_threads = Self::default().thumbnail_threads,
                threads => self.thumbnail_threads = threads,
            },
            "jobs_at_once" => self.jobs_at_once = number(name, value, 0, 1024)?,
            "strip_location" => {
                self.strip_location =
                    value.parse().map_err(|_| wrong(name, value, "true or false, without quotation marks"))?;
            }
            "storage_roots" => {
                self.storage_roots = entries(value).map(PathBuf::from).collect();
                if self.storage_roots.iter().any(|root| !root.is_absolute()) {
                    return Err(wrong(name, value, "absolute paths of folders, separated by commas"));
                }
            }
            "storage_endpoints" => {
                self.storage_endpoints = entries(value).map(str::to_ascii_lowercase).collect();
                let plain = |endpoint: &String| endpoint.replacen("://*.", "://", 1);
                if !self.storage_endpoints.iter().all(|endpoint| is_endpoint(&plain(endpoint))) {
                    let form = "addresses such as https://s3.example.org or https://*.example.org, without a path, separated by commas";
                    return Err(wrong(name, value, form));
                }
            }
            "storage_key" => {
                // The value is secret and not repeated.
                let wrong = || "the setting `storage_key` must be 64 hexadecimal digits".to_owned();
                self.storage_key = match value {
                    "" => None,
                    value => Some(read_key(value).ok_or_else(wrong)?),
                };
            }
            "storage_seconds" => self.storage_seconds = number(name, value, 1, 3_600)?,
            "registration" => {
                self.registration_open = match value {
                    "open" => true,
                    "closed" => false,
                    _ => return Err(wrong(name, value, "\"open\" or \"closed\"")),
                };
            }
            "query_seconds" => self.query_seconds = number(name, value, 1, 3_600)?,
            "registrations_per_hour" => self.registrations_per_hour = number(name, value, 1, 1_000_000)?,
            "logins_per_minute" => self.logins_per_minute = number(name, value, 1, 1_000_000)?,
            "session_days" => self.session_days = number(name, value, 1, 3_650)?,
            "client_address_header" => {
                let header = value.to_ascii_lowercase();
                if !header.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
                    return Err(wrong(name, value, "the name of a header"));
                }
                self.client_address_header = (!header.is_empty()).then_some(header);
            }
            "log_level" => {
                tracing_subscriber::EnvFilter::from_str(value)
                    .map_err(|_| wrong(name, value, "error, warn, info, debug or trace"))?;
                self.log_level = value.to_owned();
            }
            "log_format" => {
                self.log_format = match value {
                    "text" => LogFormat::Text,
                    "json" => LogFormat::Json,
                    _ => return Err(wrong(name, value, "\"text\" or \"json\"")),
                };
            }
            "shutdown_seconds" => self.shutdown_seconds = number(name, value, 0, 3_600)?,
            "reload_port" => {
                let port: u16 = number(name, value, 0, 65_535)?;
                self.reload_port = (port != 0).then_some(port);
            }
            _ => return Err(format!("unknown setting `{name}`")),
        }
        Ok(())
    }

    /// Fills in what follows from other settings.
    fn finish(&mut self) {
        if self.public_url.is_empty() {
            self.public_url = format!("http://{}", self.address);
        }
        if self.database_url.is_empty() {
            self.database_url = format!("sqlite:{}", self.data_dir.join("ocellus.sqlite").display());
        }
    }

    /// Whether browsers reach the site through TLS.
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// The entries of a list that is separated by commas.
fn entries(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

fn wrong(name: &str, value: &str, expected: &str) -> String {
    format!("the setting `{name}` must be {expected}, not {value:?}")
}

fn number<T: FromStr + PartialOrd + fmt::Display>(name: &str, value: &str, least: T, most: T) -> Result<T, String> {
    match value.parse::<T>() {
        Ok(number) if number >= least && number <= most => Ok(number),
        _ => Err(wrong(name, value, &format!("a whole number from {least} to {most}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::from_sources(text, "Leptos.toml", &environment).map_err(|error| error.to_string())
    }

    #[test]
    fn the_commented_file_holds_every_default() {
        let text = include_str!("../../Leptos.toml");
        assert_eq!(read(text, &[]), read("", &[]));
        let names: Vec<String> = text.parse::<toml::Table>().unwrap().keys().cloned().collect();
        // One name for each field of the structure.
        assert_eq!(names.len(), 24, "{names:?}");
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config = read("address = \"127.0.0.1:1\"", &[("OCELLUS_ADDRESS", "127.0.0.1:2"), ("HOME", "/")]).unwrap();
        assert_eq!(config.address.port(), 2);
        assert_eq!(config.public_url, "http://127.0.0.1:2");
        assert_eq!(config.database_url, "sqlite:data/ocellus.sqlite");
        let others = [("OCELLUS_SERVER", "https://example.org"), ("OCELLUS_TEST_DVC", "/bin/dvc")];
        assert_eq!(read("", &others), read("", &[]));
    }

    #[test]
    fn lists_are_separated_by_commas() {
        let text = "storage_roots = \"/a, /b c\"\nstorage_endpoints = \"https://S3.example.org,https://*.example.com\"";
        let config = read(text, &[]).unwrap();
        assert_eq!(config.storage_roots, [PathBuf::from("/a"), PathBuf::from("/b c")]);
        assert_eq!(config.storage_endpoints, ["https://s3.example.org", "https://*.example.com"]);
    }

    #[test]
    fn faults_are_named() {
        for (text, environment, expected) in [
            ("adress = \"x\"", vec![], "Leptos.toml: unknown setting `adress`"),
            ("address = \"x\"", vec![], "Leptos.toml: the setting `address` must be an IP address and a port"),
            ("", vec![("OCELLUS_ADRESS", "x")], "environment variable OCELLUS_ADRESS: unknown setting `adress`"),
            (
                "",
                vec![("OCELLUS_UPLOAD_LIMIT_MB", "-1")],
                "the setting `upload_limit_mb` must be a whole number from 1",
            ),
            ("", vec![("OCELLUS_DATABASE_URL", "mysql://u:secret@h")], "must start with sqlite: or postgres:"),
            ("", vec![("OCELLUS_PUBLIC_URL", "https://h/path")], "without a path"),
            ("strip_location = \"no\"", vec![], "the setting `strip_location` must be true or false"),
            ("data_dir = [1]", vec![], "must be a text or a number"),
            ("storage_roots = \"/a, b\"", vec![], "the setting `storage_roots` must be absolute paths"),
            (
                "storage_endpoints = \"https://a/b\"",
                vec![],
                "the setting `storage_endpoints` must be addresses such as",
            ),
            ("storage_endpoints = \"https://*\"", vec![], "the setting `storage_endpoints` must be addresses such as"),
            ("", vec![("OCELLUS_STORAGE_KEY", "secret")], "the setting `storage_key` must be 64 hexadecimal digits"),
            ("a b", vec![], "Leptos.toml is not valid TOML"),
        ] {
            let message = read(text, &environment).unwrap_err();
            assert!(message.contains(expected), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
