//! Licences: terms of use.

use super::error::FieldError;
use super::limits::{MAX_DESCRIPTION, MAX_TITLE, check_text, check_url};
use super::text::spelled_out;
use serde::{Deserialize, Deserializer, Serialize};

/// Terms of use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// SPDX identifier where one exists; otherwise a word that starts with `X-`. Never changes.
    pub id: String,
    /// Full name.
    pub title: String,
    /// What it means, in a sentence or two.
    pub description: String,
    /// A page for people.
    pub info_url: Option<String>,
    /// The legal text.
    pub legalese_url: Option<String>,
    /// Whether it grants the Four Freedoms.
    pub free: bool,
    /// Whether forms offer it first.
    pub pinned: bool,
    /// A picture that stands for it.
    pub logo_url: Option<String>,
}

/// A licence as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceSummary {
    /// Full name.
    pub title: String,
    /// Whether it grants the Four Freedoms.
    pub free: bool,
    /// Whether forms offer it first.
    pub pinned: bool,
}

/// Something that pictures refer to, with their number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted<T> {
    /// What it is.
    #[serde(flatten)]
    pub item: T,
    /// How many pictures refer to it: those that are not obsolete.
    pub pictures: i64,
}

/// What to change of a licence; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenceChange {
    /// The new title.
    pub title: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// The new page for people; null for none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub info_url: Option<Option<String>>,
    /// The new address of the legal text; null for none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub legalese_url: Option<Option<String>>,
    /// Whether it grants the Four Freedoms from now on.
    pub free: Option<bool>,
    /// Whether forms offer it first from now on.
    pub pinned: Option<bool>,
    /// The new address of a picture that stands for it; null for none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<Option<String>>,
}

/// Everything that can be changed, as it is.
impl From<&Licence> for LicenceChange {
    fn from(licence: &Licence) -> Self {
        let Licence { id: _, title, description, info_url, legalese_url, free, pinned, logo_url } = licence.clone();
        Self {
            title: Some(title),
            description: Some(description),
            info_url: Some(info_url),
            legalese_url: Some(legalese_url),
            free: Some(free),
            pinned: Some(pinned),
            logo_url: Some(logo_url),
        }
    }
}

/// Tells null, which takes a value away, from a key that is absent.
fn given<'d, D: Deserializer<'d>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// The id of a licence as people say it: `CC-BY-SA-4.0` is "CC BY-SA 4.0", `X-public-domain` is "Public domain".
pub fn short_name(id: &str) -> String {
    if let Some(words) = id.strip_prefix("X-") {
        return spelled_out(words);
    }
    match id.strip_prefix("CC-").and_then(|rest| rest.rsplit_once('-')) {
        Some((terms, version)) => format!("CC {terms} {version}"),
        None => id.replace("CC0-", "CC0 "),
    }
}

/// Longest id of a licence or nature, in characters.
pub const MAX_ID: usize = 64;

/// Says what is wrong with a new licence.
pub fn check_licence(licence: &Licence) -> Vec<FieldError> {
    let fits = licence.id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && licence.id.len() <= MAX_ID
        && licence.id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'));
    let id_error = (!fits).then(|| {
        let message =
            "must be an SPDX identifier or start with `X-`, and have at most 64 letters, digits, `.`, `+` and `-`";
        FieldError::new("id", message)
    });
    id_error.into_iter().chain(check_licence_change(&licence.into())).collect()
}

/// Says what is wrong with a change to a licence.
pub fn check_licence_change(change: &LicenceChange) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Some(title) = &change.title {
        let empty = title.trim().is_empty().then(|| FieldError::new("title", "must not be empty"));
        errors.extend(empty.or_else(|| check_text("title", title, MAX_TITLE)));
    }
    errors.extend(change.description.as_ref().and_then(|text| check_text("description", text, MAX_DESCRIPTION)));
    for (field, url) in
        [("info_url", &change.info_url), ("legalese_url", &change.legalese_url), ("logo_url", &change.logo_url)]
    {
        errors.extend(url.iter().flatten().find_map(|url| check_url(field, url)));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_shortened() {
        assert_eq!(short_name("CC-BY-SA-4.0"), "CC BY-SA 4.0");
        assert_eq!(short_name("CC0-1.0"), "CC0 1.0");
        assert_eq!(short_name("X-public-domain"), "Public domain");
        assert_eq!(short_name("MIT"), "MIT");
    }

    #[test]
    fn null_takes_an_address_away_and_absence_leaves_it() {
        let change: LicenceChange = serde_json::from_str(r#"{"info_url": null, "free": true}"#).unwrap();
        assert_eq!((change.info_url, change.legalese_url, change.free), (Some(None), None, Some(true)));
        assert!(serde_json::from_str::<LicenceChange>(r#"{"id": "MIT"}"#).is_err(), "ids never change");
    }

    #[test]
    fn ids_and_addresses_are_checked() {
        let mut licence = Licence {
            id: "X-mine".into(),
            title: "Mine".into(),
            description: String::new(),
            info_url: Some("https://example.org/".into()),
            legalese_url: None,
            free: false,
            pinned: false,
            logo_url: None,
        };
        assert_eq!(check_licence(&licence), []);
        licence.id = "X mine".into();
        licence.title = " ".into();
        licence.info_url = Some("javascript:alert(1)".into());
        licence.logo_url = Some("//example.org".into());
        let fields: Vec<String> = check_licence(&licence).into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["id", "title", "info_url", "logo_url"]);
    }
}
