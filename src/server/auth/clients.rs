//! What a browser says of itself, in a few words that help somebody to recognise their own.

/// Marks of browsers in the order in which they have to be looked for: most claim to be others, too.
const BROWSERS: [(&str, &str); 14] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex Browser"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("Safari/", "Safari"),
];

/// Marks of systems, likewise.
const SYSTEMS: [(&str, &str); 8] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
];

/// Longest name of a program that is not known, in characters.
const LONGEST: usize = 30;

/// A User-Agent as "Firefox on Linux". A program that is not known is called by the name that it gives itself first.
pub fn describe(user_agent: &str) -> String {
    let find = |marks: &[(&str, &'static str)]| {
        marks.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let own_name = || {
        let first = user_agent.split(['/', ' ', '(']).next().unwrap_or_default();
        first.chars().filter(|c| c.is_ascii_graphic()).take(LONGEST).collect::<String>()
    };
    // What is no browser does not begin as all of them do, whatever it says after that.
    let is_browser = user_agent.starts_with("Mozilla/") || user_agent.starts_with("Opera/");
    let browser = if is_browser { find(&BROWSERS).unwrap_or("A browser").to_owned() } else { own_name() };
    match (browser.as_str(), find(&SYSTEMS)) {
        ("", _) => "An unknown program".to_owned(),
        (_, Some(system)) => format!("{browser} on {system}"),
        (_, None) => browser,
    }
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn names_browser_and_system() {
        for (user_agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 \
                 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 \
                 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 \
                 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 FxiOS/133.0 Mobile/15E148 Safari/605.1.15",
                "Firefox on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 \
                 Chrome/125.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 \
                 Safari/537.36",
                "Chrome on ChromeOS",
            ),
            ("Mozilla/5.0 (compatible)", "A browser"),
            ("curl/8.17.0", "curl"),
            ("python-requests/2.32.5", "python-requests"),
            ("MyUploader (Linux)", "MyUploader on Linux"),
            ("", "An unknown program"),
            ("\u{1}\u{2}/1", "An unknown program"),
        ] {
            assert_eq!(describe(user_agent), words, "{user_agent}");
        }
    }

    #[test]
    fn no_name_is_endless() {
        assert_eq!(describe(&"x".repeat(5000)).len(), 30);
    }
}
