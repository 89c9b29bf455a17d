//! The binary: parse the command line, run the subcommand.

use clap::Parser;
use ocellus::server::cli::{Cli, run};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("ocellus: {error}");
            ExitCode::FAILURE
        }
    }
}
