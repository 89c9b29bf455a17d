//! What a plot is drawn on: it writes SVG, and lets no text be anything but text.

use crate::model::insights::slice_link;
use crate::model::text::escape_html;
use std::collections::HashMap;
use std::fmt::Write;

/// Width of every plot, in its own units. A phone shows about one unit as one CSS pixel.
pub const WIDTH: f64 = 360.0;
/// Height of the letters.
const FONT: f64 = 12.5;
/// About how wide a letter is in a wide font; wide letters are taken twice.
const LETTER: f64 = 8.0;
/// From the middle of a line of text down to what its letters stand on.
const BASELINE: f64 = 4.5;

/// Which part of a text is at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A plot in the making.
#[derive(Debug, Default)]
pub struct Paper {
    body: String,
    height: f64,
    /// The values that are links, and the number of the slice that each is.
    links: HashMap<String, usize>,
}

impl Paper {
    /// An empty one.
    pub fn new(links: HashMap<String, usize>) -> Self {
        Self { links, ..Self::default() }
    }

    /// Makes the plot at least so high.
    pub fn reach(&mut self, height: f64) {
        self.height = self.height.max(height);
    }

    /// One line of text with its middle at this height.
    pub fn text(&mut self, x: f64, y: f64, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y) = (number(x), number(y + BASELINE));
        self.put(format_args!("<text x=\"{x}\" y=\"{y}\"{anchor}>{}</text>", sound(text)));
    }

    /// A sentence below what has been drawn.
    pub fn note(&mut self, text: &str) {
        self.text(0.0, self.height + 12.0, Anchor::Start, text);
        self.height += 24.0;
    }

    /// What stands for a number.
    pub fn mark(&mut self, x: f64, y: f64, width: f64, height: f64) {
        let [x, y, width, height] = [x, y, width, height].map(number);
        let fill = "fill=\"var(--plot-mark, #0a6a72)\"";
        self.put(format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {fill}/>"));
    }

    /// What stands for a number of one of several classes. The page says which colour each class has.
    pub fn part(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let [x, y, width, height] = [x, y, width, height].map(number);
        let class = sound(class);
        self.put(format_args!(
            "<rect class=\"state-{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
        ));
    }

    /// A line that helps to read off a number.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), opacity: f64) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(number);
        let stroke = format_args!("stroke=\"currentColor\" stroke-opacity=\"{opacity}\"").to_string();
        self.put(format_args!("<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" {stroke}/>"));
    }

    /// What is drawn in `draw` stands for a value: it says `title` when somebody points at it, also between its parts, and is a
    /// link where the value has one. The keyboard passes by: it would stop at each of a hundred marks, and finds the same links in
    /// the table beside the plot.
    pub fn titled(&mut self, value: &str, title: &str, draw: impl FnOnce(&mut Self)) {
        let title = sound(title);
        let around = match self.links.get(value) {
            Some(slice) => {
                self.put(format_args!("<a href=\"{}\" tabindex=\"-1\" ", slice_link(*slice)));
                "a"
            }
            None => {
                self.put(format_args!("<g "));
                "g"
            }
        };
        self.put(format_args!("pointer-events=\"bounding-box\"><title>{title}</title>"));
        draw(self);
        self.put(format_args!("</{around}>"));
    }

    /// The whole text. `name` makes the ids that several plots of one page must not share.
    pub fn finish(self, name: &str, title: &str, summary: &str) -> String {
        let Self { body, height, .. } = self;
        // Nothing in an image can be a link for those who hear it.
        let role = if body.contains("<a ") { "group" } else { "img" };
        let (height, title, summary) = (number(height), sound(title), sound(summary));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"{role}\" viewBox=\"0 0 {WIDTH} {height}\" \
             aria-labelledby=\"plot-{name}\" aria-describedby=\"plot-{name}-summary\" fill=\"currentColor\" \
             font-family=\"system-ui, sans-serif\" font-size=\"{FONT}\"><title id=\"plot-{name}\">{title}</title>\
             <desc id=\"plot-{name}-summary\">{summary}</desc>{body}</svg>"
        )
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into a string never fails.
        let _ = self.body.write_fmt(text);
    }
}

/// About how wide a text is.
pub fn width_of(text: &str) -> f64 {
    text.chars().map(letters).sum::<usize>() as f64 * LETTER
}

/// The text, cut where it would be wider than so many units.
pub fn fitted(text: &str, width: f64) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let mut left = (width / LETTER).floor() as usize;
    let fits = |c: &char| {
        let needed = letters(*c);
        // One is for the mark that something is missing.
        let fits = needed < left;
        left = left.saturating_sub(needed);
        fits
    };
    let cut: String = text.chars().take_while(fits).collect();
    format!("{}…", cut.trim_end())
}

/// Scripts whose letters are as wide as two of others begin here, roughly.
fn letters(c: char) -> usize {
    if c < '\u{1100}' || ('\u{2000}'..'\u{2e80}').contains(&c) { 1 } else { 2 }
}

/// A number with one decimal, where it has one.
fn number(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A text that XML takes: without what it knows no way to write.
fn sound(text: &str) -> String {
    let is_char = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    let text: String = text.chars().map(|c| if is_char(c) { c } else { '\u{fffd}' }).collect();
    escape_html(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut() {
        assert_eq!(fitted("Cat", 30.0), "Cat");
        assert_eq!(fitted("Caterpillar", 6.0 * LETTER), "Cater…");
        assert_eq!(fitted("Cat (Felis catus)", 5.0 * LETTER), "Cat…");
        assert_eq!(fitted("猫猫猫猫", 5.0 * LETTER), "猫猫…");
        assert_eq!(fitted("Cat", 0.0), "…");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([1.0, 0.25, 1.96].map(number), ["1", "0.2", "2"]);
    }
}
