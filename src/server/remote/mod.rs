//! Datasets of another server, from the command line: what `ocellus download` and `ocellus upload` do.
//!
//! - `site` speaks with the server, and tries again what a bad connection has broken.
//! - `download` brings files of a state here; `upload` brings files there, as one commit.
//! - `digest` says which bytes a file has, and `progress` shows how far all is.
//!
//! Both can be stopped at any time: the same command goes on where they were.

mod digest;
mod download;
pub(super) mod progress;
pub(super) mod site;
mod upload;

pub use download::{DownloadArguments, download};
pub use upload::{UploadArguments, upload};

use super::cli::Failure;
use clap::Args;

/// Who asks.
#[derive(Debug, Args)]
pub struct Token {
    /// A token of your account there; without, only what everybody may see is there
    #[arg(
        long,
        env = "OCELLUS_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN",
        default_value = "",
        hide_default_value = true
    )]
    pub token: String,
}

/// Which dataset of which server.
#[derive(Debug, Args)]
pub struct Remote {
    /// The server's address
    #[arg(long, env = "OCELLUS_SERVER", value_name = "URL")]
    server: String,
    /// The dataset, as `namespace/name`
    #[arg(long, value_name = "NAMESPACE/NAME")]
    dataset: String,
    #[command(flatten)]
    token: Token,
    /// How many files are on their way at once
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
}

/// Some of many faults in words, each on a line of its own.
fn told(what: &str, faults: &[String]) -> Failure {
    const MOST: usize = 20;
    let mut text = what.to_owned();
    for fault in faults.iter().take(MOST) {
        text.push_str("\n  ");
        text.push_str(fault);
    }
    if faults.len() > MOST {
        text.push_str(&format!("\n  and {} more", faults.len() - MOST));
    }
    text.into()
}

/// What is told of files of which not all went well, in words such as "fetched"; nothing where all did. Those of which there is nothing
/// were not begun any more.
fn not_done<T>(what: &str, done: &[Option<Result<T, String>>]) -> Option<Failure> {
    let faults: Vec<String> = done.iter().flatten().filter_map(|done| done.as_ref().err().cloned()).collect();
    if faults.is_empty() {
        return None;
    }
    let rest = match done.iter().filter(|done| done.is_none()).count() {
        0 => String::new(),
        rest => format!(", {} not tried any more", progress::files(rest)),
    };
    let all = progress::files(done.len());
    Some(told(&format!("{} of {all} could not be {what}{rest}; the same command goes on:", faults.len()), &faults))
}
