//! The command line of the demo.

use super::{Crowd, DemoError, Site, Summary, crowd, draw_files, fill, yolo};
use crate::server::state::AppState;
use clap::Args;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::Instant;

/// What `ocellus demo` can be told.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Add the demo even though the site has pictures of its own
    #[arg(long)]
    force: bool,
    /// Only draw the pictures, as files into this folder; needs no database
    #[arg(long, value_name = "DIR", conflicts_with = "yolo")]
    draw: Option<PathBuf>,
    /// With --draw: how many
    #[arg(long, value_name = "N", requires = "draw", default_value_t = usize::MAX, hide_default_value = true)]
    count: usize,
    /// Load a YOLO folder: images/, boxes/*.txt, polygons/*.txt, boxes.classes.txt, polygons.classes.txt
    #[arg(long, value_name = "DIR")]
    yolo: Option<PathBuf>,
    /// With --yolo: the licence of the pictures
    #[arg(long, value_name = "ID", requires = "yolo", default_value = "X-all-rights-reserved")]
    licence: String,
}

impl DemoArguments {
    /// Draws files if that is all that was asked for, which needs no site. Says whether it was.
    pub async fn draw_only(&self) -> Result<bool, DemoError> {
        let Some(dir) = &self.draw else { return Ok(false) };
        let count = draw_files(dir, self.count).await?;
        println!("Drew {count} pictures into {}.", dir.display());
        Ok(true)
    }

    /// Fills the site as was asked for, showing how far it is.
    pub async fn run(self, state: &AppState) -> Result<(), DemoError> {
        let site = site(state);
        let summary = if let Some(dir) = &self.yolo {
            yolo(&site, dir, &self.licence, show).await?
        } else {
            fill(&site, self.force, show).await?
        };
        report(&summary);
        Ok(())
    }
}

fn site(state: &AppState) -> Site<'_> {
    Site { db: &state.db, blobs: &state.blobs, images: &state.images, thumbnails: &state.thumbnails }
}

/// Adds a crowd of tiny pictures, showing how far it is.
pub async fn generate(state: &AppState, size: &Crowd) -> Result<(), DemoError> {
    let begin = Instant::now();
    let summary = crowd(&site(state), size, show).await?;
    report(&summary);
    let seconds = begin.elapsed().as_secs_f64();
    println!("That took {seconds:.1} s: {:.0} regions a second.", summary.regions as f64 / seconds);
    Ok(())
}

/// Shows progress on one line of a terminal, or on a line now and then in a log.
fn show(done: usize, total: usize, what: &str) {
    let mut out = std::io::stderr();
    // Progress that cannot be shown is no reason to stop.
    let _ = if out.is_terminal() {
        let end = if done == total { "\n" } else { "" };
        write!(out, "\r\x1b[K{done} of {total}: {what}{end}").and_then(|()| out.flush())
    } else if done == total || done.is_multiple_of((total / 10).max(1)) {
        writeln!(out, "{done} of {total}")
    } else {
        Ok(())
    };
}

fn report(summary: &Summary) {
    for problem in &summary.problems {
        eprintln!("{problem}");
    }
    let Summary { pictures, already_there, regions, objects, galleries, problems } = summary;
    println!("Added {pictures} pictures with {regions} regions, {objects} objects and {galleries} galleries.");
    if *already_there > 0 {
        println!("{already_there} pictures were there already.");
    }
    if !problems.is_empty() {
        println!("{} problems were reported.", problems.len());
    }
}
