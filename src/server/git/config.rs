//! DVC's settings that come with a repository. Whoever clones a dataset lets DVC read them: so they lead nowhere but to this site, and
//! hold no secret.

/// Settings of DVC itself that concern nobody's disk.
const CORE: [&str; 7] =
    ["remote", "autostage", "analytics", "check_update", "checksum_jobs", "hardlink_lock", "no_scm"];
/// Settings of a remote beside its address.
const REMOTE: [&str; 6] = ["auth", "user", "method", "ask_password", "jobs", "verify"];

/// Says what is wrong with such settings, if anything is. `remote` is the only address that they may name.
pub(super) fn fault(content: &[u8], remote: &str) -> Option<String> {
    let Ok(text) = std::str::from_utf8(content) else { return Some("it is no text in UTF-8".to_owned()) };
    let mut section = None;
    for (index, line) in text.lines().enumerate() {
        let wrong = |what: &str| Some(format!("line {}: {what}", index + 1));
        // DVC is written in Python, where lines end at other characters as well: what is a comment here could be a setting there.
        if !line.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t')) {
            return wrong("it has characters beside those of ASCII that can be seen, which are not read here");
        }
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = match name {
                "core" => Some(Section::Core),
                name if is_remote(name) => Some(Section::Remote),
                _ => return wrong("only the sections `core` and of remotes may be shared; keep others with `--local`"),
            };
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { return wrong("it is no setting") };
        let (key, value) = (key.trim(), value.trim());
        if value.contains(['"', '\'', '#', '\\']) {
            return wrong("a value has quotes or comments, which are not read here");
        }
        match section {
            Some(Section::Core) if CORE.contains(&key) => {}
            Some(Section::Remote) if key == "url" && value == remote => {}
            Some(Section::Remote) if key == "url" => {
                return wrong(&format!("the remote that everybody gets must be {remote}; keep others with `--local`"));
            }
            Some(Section::Remote) if REMOTE.contains(&key) => {}
            Some(Section::Remote) if key == "password" => {
                return wrong("this is a password, which all would get; keep it with `--local`, and make a new one");
            }
            _ => return wrong(&format!("the setting `{key}` must not be shared; keep it with `--local`")),
        }
    }
    None
}

enum Section {
    Core,
    Remote,
}

/// Whether a section is that of a remote, in the quotes that DVC writes or without the outer ones.
fn is_remote(name: &str) -> bool {
    let name = name.strip_prefix('\'').and_then(|name| name.strip_suffix('\'')).unwrap_or(name);
    let name = name.strip_prefix("remote \"").and_then(|name| name.strip_suffix('"'));
    name.is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://ocellus.example/api/v1/datasets/7/dvc";

    #[test]
    fn settings_lead_to_this_site_only() {
        let ours = format!(
            "[core]\n    remote = ocellus\n    autostage = true\n['remote \"ocellus\"']\n    url = {URL}\n    method = PUT\n    auth = basic\n"
        );
        assert_eq!(fault(ours.as_bytes(), URL), None);
        assert_eq!(fault(b"", URL), None);
        for (wrong, word) in [
            (ours.replace(URL, "https://evil.example/dvc"), "line 5: the remote"),
            (ours.replace(URL, "/etc"), "the remote"),
            (ours.replace("auth = basic", "password = secret"), "password"),
            (ours.replace("auth = basic", "custom_auth_header = x"), "custom_auth_header"),
            (ours.replace("auth = basic", "auth = \"\"\""), "quotes"),
            (ours.replace("[core]", "[cache]"), "sections"),
            (ours.replace("autostage", "site_cache_dir"), "site_cache_dir"),
            (ours.replace("[core]\n", ""), "line 1"),
            (ours.replace("method = PUT", "method"), "no setting"),
            (ours.replace("'remote \"ocellus\"'", "[x]"), "sections"),
            ("[core".to_owned(), "no setting"),
        ] {
            let told = fault(wrong.as_bytes(), URL).unwrap_or_default();
            assert!(told.contains(word), "{word}: {told}");
        }
        assert!(fault(&[0xff], URL).is_some());
        assert_eq!(fault(ours.replace('\n', "\r\n").as_bytes(), URL), None);
    }

    #[test]
    fn lines_end_here_where_they_end_for_dvc() {
        let ends = ["\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\u{85}", "\u{2028}", "\u{2029}", "\r\r\n", "\0"];
        for end in ends {
            for text in [
                format!("# fine{end}[remote \"evil\"]{end}url = https://evil.example/\n"),
                format!("[core]\nremote = ocellus{end}site_cache_dir = /etc\n"),
            ] {
                let told = fault(text.as_bytes(), URL).unwrap_or_default();
                assert!(told.contains("characters beside"), "{end:?}: {told}");
            }
        }
        // At the end of the last line, too.
        assert!(fault(b"[core]\r", URL).is_some());
    }
}
