//! The page's address, and what stands after its `?`.
//!
//! The router's own map of parameters decodes twice, which would turn the wildcards of `%cat%` into something else; so
//! parameters are read from the address as it stands.

use crate::model::text::path_segment;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The page's own address: the path, and what follows it.
pub fn use_here() -> Signal<String> {
    let location = use_location();
    Signal::derive(move || {
        let (path, search) = (location.pathname.get(), location.search.get());
        let search = search.trim_start_matches('?');
        if search.is_empty() { path } else { format!("{path}?{search}") }
    })
}

/// Where to sign in. Whoever does comes back to this page, unless it is of no use to them then.
pub fn use_sign_in() -> Signal<String> {
    let (path, here) = (use_location().pathname, use_here());
    Signal::derive(move || match path.get().as_str() {
        "/" | "/login" | "/register" | "/setup" | "/reset" => "/login".to_owned(),
        _ => format!("/login?next={}", path_segment(&here.get())),
    })
}

/// A parameter of the page's address; empty where there is none.
pub fn use_parameter(name: &'static str) -> Memo<String> {
    // The location of the router. What a route is told of its address stays as it was when only a part of its path changes.
    let search = use_location().search;
    Memo::new(move |_| search.with(|search| parameter(search, name)).unwrap_or_default())
}

/// How many entries of a list come before those that the page's address asks for; what is no such number counts as none.
pub fn use_offset() -> Memo<i64> {
    let text = use_parameter("offset");
    Memo::new(move |_| text.with(|text| text.parse().unwrap_or(0)).max(0))
}

/// The part of a list that the page's address asks for, as offset and limit; what is no such number counts as the usual.
pub fn use_part(usual: i64) -> Memo<(i64, i64)> {
    let (offset, limit) = (use_offset(), use_parameter("limit"));
    Memo::new(move |_| {
        let limit = limit.with(|text| text.parse().ok()).filter(|limit| (1..=1000).contains(limit));
        (offset.get(), limit.unwrap_or(usual))
    })
}

/// The first value of a parameter in what follows the `?`, decoded as forms encode.
pub fn parameter(search: &str, name: &str) -> Option<String> {
    let pairs = search.trim_start_matches('?').split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.into_iter().find(|(key, _)| decode(key) == name).map(|(_, value)| decode(value))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let escaped = match after {
            [high, low, ..] if first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                bytes.push(high * 16 + low);
                rest = &after[2..];
            }
            None => {
                bytes.push(if first == b'+' { b' ' } else { first });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::parameter;

    #[test]
    fn decodes_once() {
        for (search, value) in [
            ("?next=%2Fquery%3Fquery%3D%2525ca%2525", Some("/query?query=%25ca%25")),
            ("search=a+b%26c", Some("a b&c")),
            ("search=100%", Some("100%")),
            ("?search=%C3%A9&search=second", Some("é")),
            ("?search", Some("")),
            ("?research=x", None),
        ] {
            let name = if search.contains("next") { "next" } else { "search" };
            assert_eq!(parameter(search, name).as_deref(), value, "{search}");
        }
    }
}
