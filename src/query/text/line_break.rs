//! What a line break brings along, so that nobody counts spaces.

use super::position::floor;

/// The line break that somebody makes at a byte of a text. The new line is indented as the one that ends there, and further below
/// a key whose list has still to come.
pub fn line_break(text: &str, at: usize) -> String {
    let before = &text[..floor(text, at)];
    let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let content = line.trim_start_matches([' ', '\t']);
    let is_name = |key: &&str| key.chars().all(|c| c.is_alphanumeric() || c == '_');
    let further = match content.trim_end().strip_suffix(':') {
        // The values of a rule stand below its name, which begins behind the dash.
        Some(key) if key.strip_prefix("- ").filter(is_name).is_some() => "    ",
        Some(key) if is_name(&key) => "  ",
        _ => "",
    };
    format!("\n{}{further}", &line[..line.len() - content.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a break at `|` makes of a text.
    fn broken(marked: &str) -> String {
        let at = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        let (before, after) = text.split_at(at);
        format!("{before}{}|{after}", line_break(&text, at))
    }

    #[test]
    fn the_indentation_goes_on() {
        for (before, after) in [
            ("|", "\n|"),
            ("want:|", "want:\n  |"),
            ("want: |", "want: \n  |"),
            ("want:\n  - has: Cat|", "want:\n  - has: Cat\n  |"),
            ("want:\n  - has:|", "want:\n  - has:\n      |"),
            ("want:\n  - has:\n      - Cat|\nexclude:", "want:\n  - has:\n      - Cat\n      |\nexclude:"),
            // What is left of the caret counts, in the middle of a line and in its indentation as well.
            ("  - title: a| b", "  - title: a\n  | b"),
            (" |   - title: a", " \n |   - title: a"),
            ("  # as in:|", "  # as in:\n  |"),
            ("  - title: a # as in:|", "  - title: a # as in:\n  |"),
            ("\t- é: 😀|", "\t- é: 😀\n\t|"),
        ] {
            assert_eq!(broken(before), after, "{before}");
        }
    }

    #[test]
    fn half_a_character_does_no_harm() {
        assert_eq!(line_break("  é", 3), "\n  ");
        assert_eq!(line_break("  a", 99), "\n  ");
    }
}
