//! Names of columns, and what they usually mean.

use crate::model::text::fold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a column can be used for, beside being a field of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// It names the files.
    File,
    /// It has the addresses of the images.
    Address,
    /// The title.
    Title,
    /// The description.
    Description,
    /// Who made the picture.
    Author,
    /// The licence.
    Licence,
    /// The nature.
    Nature,
    /// Degrees north of the equator.
    Latitude,
    /// Degrees east of Greenwich.
    Longitude,
}

/// Names that columns have, folded and without anything but letters and digits.
const KNOWN: [(Meaning, &[&str]); 9] = [
    (
        Meaning::File,
        &[
            "file",
            "filename",
            "filenames",
            "filepath",
            "files",
            "path",
            "imagename",
            "imagefile",
            "imagepath",
            "image",
            "img",
            "imageid",
            "picture",
            "photo",
            "datei",
            "dateiname",
            "bild",
            "bilddatei",
            "fichier",
            "nomdefichier",
            "archivo",
            "nombredearchivo",
            "localpath",
            "relativepath",
            "sourcefile",
        ],
    ),
    (
        Meaning::Address,
        &[
            "url",
            "imageurl",
            "fileurl",
            "link",
            "address",
            "uri",
            "downloadurl",
            "originalurl",
            "contenturl",
            "photourl",
            "pictureurl",
            "bildurl",
        ],
    ),
    (
        Meaning::Title,
        &["title", "name", "headline", "objectname", "dctitle", "titel", "titre", "titulo", "título", "imagetitle"],
    ),
    (
        Meaning::Description,
        &[
            "description",
            "caption",
            "text",
            "comment",
            "comments",
            "notes",
            "remarks",
            "dcdescription",
            "imagedescription",
            "beschreibung",
            "bemerkung",
            "legende",
            "légende",
            "descripcion",
            "descripción",
            "alttext",
            "abstract",
        ],
    ),
    (
        Meaning::Author,
        &[
            "author",
            "authors",
            "creator",
            "photographer",
            "artist",
            "by",
            "byline",
            "credit",
            "dccreator",
            "autor",
            "urheber",
            "fotograf",
            "fotografin",
            "auteur",
            "photographe",
            "fotografo",
            "fotógrafo",
            "rightsholder",
        ],
    ),
    (
        Meaning::Licence,
        &[
            "licence",
            "licences",
            "license",
            "licenses",
            "licenseurl",
            "licenceurl",
            "lizenz",
            "lizenzen",
            "licencia",
            "dclicense",
            "dcrights",
            "rights",
            "usageterms",
            "spdx",
            "licenseid",
            "licenceid",
        ],
    ),
    (Meaning::Nature, &["nature", "imagetype", "mediatype", "dctype", "natur", "bildart"]),
    (
        Meaning::Latitude,
        &["latitude", "lat", "gpslatitude", "decimallatitude", "breite", "breitengrad", "y", "latitud"],
    ),
    (
        Meaning::Longitude,
        &[
            "longitude",
            "lon",
            "lng",
            "long",
            "gpslongitude",
            "decimallongitude",
            "länge",
            "längengrad",
            "x",
            "longitud",
        ],
    ),
];

fn key(name: &str) -> String {
    fold(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What a column with this name usually means.
pub fn meaning_of(name: &str) -> Option<Meaning> {
    let key = key(name);
    KNOWN.iter().find(|(_, names)| names.iter().any(|known| fold(known) == key)).map(|(meaning, _)| *meaning)
}

/// What stands before the name of a coordinate: `start` of `start_lat`. `None` if it is none.
pub(super) fn coordinate_of(name: &str) -> Option<(Meaning, String)> {
    if let Some(meaning @ (Meaning::Latitude | Meaning::Longitude)) = meaning_of(name) {
        return Some((meaning, String::new()));
    }
    let folded = fold(name);
    let (before, last) = folded.rsplit_once(['_', ' ', '-', '.'])?;
    match meaning_of(last) {
        // A size such as `width x` is no place.
        Some(meaning @ (Meaning::Latitude | Meaning::Longitude)) if last.len() > 1 => {
            Some((meaning, before.to_owned()))
        }
        _ => None,
    }
}

/// A name has at most so many characters.
const MAX_NAME: usize = 200;

/// Names for columns: as they are said, but none empty and none twice, whatever their case.
pub(super) fn distinct(said: &[String], columns: usize) -> Vec<String> {
    let (mut names, mut taken) = (Vec::with_capacity(columns), BTreeSet::new());
    for index in 0..columns {
        let said =
            said.get(index).map(|name| name.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default();
        let said: String = said.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
        let own = if said.is_empty() { format!("column {}", index + 1) } else { said };
        let mut name = own.clone();
        let mut number = 1_u64;
        while !taken.insert(fold(&name)) {
            number += 1;
            name = format!("{own} {number}");
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_have_a_meaning() {
        for (name, meaning) in [
            ("File name", Some(Meaning::File)),
            ("image_url", Some(Meaning::Address)),
            ("dc:title", Some(Meaning::Title)),
            ("LICENSE", Some(Meaning::Licence)),
            ("Fotograf", Some(Meaning::Author)),
            ("Länge", Some(Meaning::Longitude)),
            ("weather", None),
            ("", None),
        ] {
            assert_eq!(meaning_of(name), meaning, "{name}");
        }
        assert_eq!(coordinate_of("Start_Lat"), Some((Meaning::Latitude, "start".into())));
        assert_eq!(coordinate_of("size x"), None);
    }

    #[test]
    fn no_name_means_two_things() {
        let mut all: Vec<String> = KNOWN.iter().flat_map(|(_, names)| names.iter().map(|name| fold(name))).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn names_are_made_distinct() {
        let said = ["a", "", "A", "a 2", " b\n c "].map(str::to_owned);
        assert_eq!(distinct(&said, 6), ["a", "column 2", "A 2", "a 2 2", "b c", "column 6"]);
    }
}
