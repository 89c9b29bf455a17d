//! Licences in short.

use leptos::prelude::*;

/// The id of a licence as people say it: `CC-BY-SA-4.0` is "CC BY-SA 4.0", `X-public-domain` is "Public domain".
pub fn short_name(id: &str) -> String {
    if let Some(words) = id.strip_prefix("X-") {
        return super::text::spelled_out(words);
    }
    match id.strip_prefix("CC-").and_then(|rest| rest.rsplit_once('-')) {
        Some((terms, version)) => format!("CC {terms} {version}"),
        None => id.replace("CC0-", "CC0 "),
    }
}

/// A licence as a small label that leads to its page.
#[component]
pub fn LicenceBadge(
    /// Id of the licence.
    #[prop(into)]
    id: String,
) -> impl IntoView {
    let name = short_name(&id);
    view! {
        <a class="badge" href=format!("/licence/{}", crate::model::text::path_segment(&id)) title=format!("Licence: {id}")>
            {name}
        </a>
    }
}

/// Whether a licence grants the Four Freedoms.
#[component]
pub fn FreedomBadge(
    /// Whether it does.
    free: bool,
) -> impl IntoView {
    let (class, word) = if free { ("badge success", "Free") } else { ("badge", "Restricted") };
    view! { <span class=class>{word}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortens() {
        assert_eq!(short_name("CC-BY-SA-4.0"), "CC BY-SA 4.0");
        assert_eq!(short_name("CC0-1.0"), "CC0 1.0");
        assert_eq!(short_name("X-public-domain"), "Public domain");
        assert_eq!(short_name("MIT"), "MIT");
    }
}
