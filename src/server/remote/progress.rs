//! How far all is: a bar where somebody looks, and nothing in a log.

pub use crate::model::text::files;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The bar of something that goes on for so many bytes.
pub fn bar(what: &'static str, bytes: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let style = "{msg:>11} {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
    // Were the words of the style wrong, the usual one would do.
    bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(what);
    bar
}

/// A number of bytes as people say it.
pub fn bytes(count: u64) -> String {
    indicatif::DecimalBytes(count).to_string()
}
