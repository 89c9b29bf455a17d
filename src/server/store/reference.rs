//! The natures and licences that every site starts with. Rows that exist are left alone: administrators may edit them.

use super::db::{Db, Result};
use super::licences::insertion;
use super::schema::{Licences, Natures};
use crate::model::Licence;
use sea_query::{OnConflict, Query};

/// Natures in the order of lists, the commonest first.
const NATURES: &[(&str, &str)] = &[
    ("photo", "A picture that a camera took of the world, edited no more than a darkroom would."),
    ("computer-3d-art", "A scene that a program rendered from a three-dimensional model."),
    ("computer-2d-art", "A picture made with a drawing program: vector graphics, pixel art, digital painting."),
    ("drawing", "Lines made by hand with pencil, ink, chalk or the like."),
    ("painting", "Colour put on a surface by hand: oil, watercolour, acrylic."),
    ("screenshot", "What a screen showed: of a program, a page or a game."),
    ("video-frame", "One frame of a film or a video recording."),
    ("scan", "A page, a slide or a flat object as a scanner saw it."),
    ("diagram", "A schematic picture that explains something: a chart, a plan, a circuit."),
    ("map", "A picture of a land, a town or a building from above, drawn to a scale."),
    ("microscopy", "A picture taken through a microscope of any kind."),
    ("astronomy", "A picture of the sky taken through a telescope or by a space probe."),
    ("satellite", "The Earth as seen from an orbit."),
    ("aerial", "The ground as seen from an aircraft, a drone or a balloon."),
    ("medical", "An image of a body made for medicine: X-ray, ultrasound, tomography, magnetic resonance."),
    ("thermal", "A picture of heat rather than of light."),
    ("depth", "A picture whose values are distances, or a projection of a point cloud."),
    ("generated", "A picture that a statistical model made from a text or from other pictures."),
    ("photomontage", "Several photographs joined into one, or a photograph altered beyond recognition."),
    ("comic", "A drawing, or several in sequence, that tells a story."),
    ("logo", "A sign or symbol that stands for something."),
    ("other", "Anything that none of the other words fits."),
];

/// Versions of the Creative Commons licences with the word for their reach, the newest first.
const CC_VERSIONS: &[(&str, &str)] =
    &[("4.0", "International"), ("3.0", "Unported"), ("2.5", "Generic"), ("2.0", "Generic"), ("1.0", "Generic")];

/// Creative Commons licences: id, title, what they ask for, and whether that leaves the Four Freedoms intact.
const CC_KINDS: &[(&str, &str, &str, bool)] = &[
    ("BY", "Attribution", "Use it for anything, also changed and for money, as long as you name the author.", true),
    (
        "BY-SA",
        "Attribution-ShareAlike",
        "Use it for anything as long as you name the author and put what you make of it under the same licence.",
        true,
    ),
    ("BY-NC", "Attribution-NonCommercial", "Use and change it, but not for money, and name the author.", false),
    (
        "BY-NC-SA",
        "Attribution-NonCommercial-ShareAlike",
        "Use and change it, but not for money; name the author and pass it on under the same licence.",
        false,
    ),
    ("BY-ND", "Attribution-NoDerivatives", "Pass it on, also for money, but unchanged, and name the author.", false),
    (
        "BY-NC-ND",
        "Attribution-NonCommercial-NoDerivatives",
        "Pass it on unchanged, not for money, and name the author.",
        false,
    ),
];

/// Licences that forms offer first: what most people need.
const PINNED: &[&str] = &[
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "X-public-domain",
    "X-all-rights-reserved",
];

/// The other licences: id, title, description, page for people, legal text (empty where there is none), free.
const OTHERS: &[(&str, &str, &str, &str, &str, bool)] = &[
    (
        "CC0-1.0",
        "Creative Commons Zero 1.0 Universal",
        "The author gives up every right that the law lets them give up: use it for anything, without conditions.",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "https://creativecommons.org/publicdomain/zero/1.0/legalcode",
        true,
    ),
    (
        "CC-PDM-1.0",
        "Creative Commons Public Domain Mark 1.0",
        "Somebody looked into it and found no copyright on it anywhere. A label, not a licence.",
        "https://creativecommons.org/publicdomain/mark/1.0/",
        "",
        true,
    ),
    (
        "X-public-domain",
        "Public domain",
        "No copyright applies, whatever the reason: it never did, its author gave it up, or it has run out.",
        "https://en.wikipedia.org/wiki/Public_domain",
        "",
        true,
    ),
    (
        "X-public-domain-old",
        "Public domain by age",
        "The author died so long ago that the copyright has run out in most of the world (seventy years in many countries).",
        "https://en.wikipedia.org/wiki/Public_domain",
        "",
        true,
    ),
    (
        "X-informal-attribution",
        "Informal: name the author",
        "The author said in their own words that anyone may use it for anything who names them.",
        "",
        "",
        true,
    ),
    (
        "X-informal-do-anything",
        "Informal: do anything",
        "The author said in their own words that anyone may use it for anything, without conditions.",
        "",
        "",
        true,
    ),
    (
        "X-all-rights-reserved",
        "All rights reserved",
        "No permission beyond what the law itself grants. Ask the author first.",
        "https://en.wikipedia.org/wiki/All_rights_reserved",
        "",
        false,
    ),
    (
        "LAL-1.3",
        "Free Art License 1.3",
        "Copy, spread and change it freely; name the author and pass it on under the same terms.",
        "https://artlibre.org/",
        "https://artlibre.org/licence/lal/en/",
        true,
    ),
    (
        "GFDL-1.2-or-later",
        "GNU Free Documentation License 1.2 or later",
        "Made for manuals: copy and change it, keep the notices and pass it on under the same licence.",
        "https://www.gnu.org/licenses/old-licenses/fdl-1.2.html",
        "https://www.gnu.org/licenses/old-licenses/fdl-1.2.txt",
        true,
    ),
    (
        "GFDL-1.3-or-later",
        "GNU Free Documentation License 1.3 or later",
        "Made for manuals: copy and change it, keep the notices and pass it on under the same licence.",
        "https://www.gnu.org/licenses/fdl-1.3.html",
        "https://www.gnu.org/licenses/fdl-1.3.txt",
        true,
    ),
    (
        "ODC-By-1.0",
        "Open Data Commons Attribution License 1.0",
        "Made for databases: use it for anything and name the source.",
        "https://opendatacommons.org/licenses/by/",
        "https://opendatacommons.org/licenses/by/1-0/",
        true,
    ),
    (
        "ODbL-1.0",
        "Open Data Commons Open Database License 1.0",
        "Made for databases: use it for anything, name the source and share changed databases alike.",
        "https://opendatacommons.org/licenses/odbl/",
        "https://opendatacommons.org/licenses/odbl/1-0/",
        true,
    ),
    (
        "PDDL-1.0",
        "Open Data Commons Public Domain Dedication and License 1.0",
        "Made for databases: every right is given up.",
        "https://opendatacommons.org/licenses/pddl/",
        "https://opendatacommons.org/licenses/pddl/1-0/",
        true,
    ),
    (
        "OGL-UK-3.0",
        "Open Government Licence 3.0 (United Kingdom)",
        "Works of British public bodies: use them for anything and name the source.",
        "https://www.nationalarchives.gov.uk/information-management/re-using-public-sector-information/uk-government-licensing-framework/open-government-licence/",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        true,
    ),
    (
        "MIT",
        "MIT License",
        "Use, change and sell it; keep the copyright notice and the text of the licence with it.",
        "https://en.wikipedia.org/wiki/MIT_License",
        "https://opensource.org/license/mit",
        true,
    ),
    (
        "BSD-2-Clause",
        "BSD 2-Clause \"Simplified\" License",
        "Use, change and sell it; keep the copyright notice and the two conditions with it.",
        "https://en.wikipedia.org/wiki/BSD_licenses",
        "https://opensource.org/license/bsd-2-clause",
        true,
    ),
    (
        "BSD-3-Clause",
        "BSD 3-Clause \"New\" or \"Revised\" License",
        "As BSD-2-Clause, and do not use the authors' names to advertise what you made of it.",
        "https://en.wikipedia.org/wiki/BSD_licenses",
        "https://opensource.org/license/bsd-3-clause",
        true,
    ),
    (
        "Apache-2.0",
        "Apache License 2.0",
        "Use, change and sell it; keep the notices, say what you changed. Grants patent rights, too.",
        "https://www.apache.org/licenses/LICENSE-2.0",
        "https://www.apache.org/licenses/LICENSE-2.0.txt",
        true,
    ),
    (
        "MPL-2.0",
        "Mozilla Public License 2.0",
        "Use it anywhere; changed files stay under this licence, files beside them need not.",
        "https://www.mozilla.org/MPL/2.0/FAQ/",
        "https://www.mozilla.org/MPL/2.0/",
        true,
    ),
    (
        "ISC",
        "ISC License",
        "Use, change and sell it; keep the copyright notice with it.",
        "https://en.wikipedia.org/wiki/ISC_license",
        "https://opensource.org/license/isc-license-txt",
        true,
    ),
    (
        "Zlib",
        "zlib License",
        "Use, change and sell it; do not claim that you made it, and mark changed versions.",
        "https://en.wikipedia.org/wiki/Zlib_License",
        "https://opensource.org/license/zlib",
        true,
    ),
    (
        "Unlicense",
        "The Unlicense",
        "The author gives it to the public domain: use it for anything, without conditions.",
        "https://unlicense.org/",
        "https://unlicense.org/UNLICENSE",
        true,
    ),
    (
        "WTFPL",
        "Do What The F*ck You Want To Public License",
        "Use it for anything, without conditions, as its name says.",
        "http://www.wtfpl.net/about/",
        "http://www.wtfpl.net/txt/copying/",
        true,
    ),
    (
        "0BSD",
        "BSD Zero Clause License",
        "Use, change and sell it, without conditions.",
        "https://en.wikipedia.org/wiki/BSD_licenses",
        "https://opensource.org/license/0bsd",
        true,
    ),
];

/// GNU licences: start of the id, title, version, description, address of the legal text.
const GNU: &[(&str, &str, &str, &str, &str)] = &[
    (
        "GPL",
        "GNU General Public License",
        "2.0",
        "Use and change it; whoever gets a copy gets the source and the same rights.",
        "old-licenses/gpl-2.0",
    ),
    (
        "GPL",
        "GNU General Public License",
        "3.0",
        "Use and change it; whoever gets a copy gets the source and the same rights, patents included.",
        "gpl-3.0",
    ),
    (
        "LGPL",
        "GNU Lesser General Public License",
        "2.1",
        "As the GPL, but works that only use it may have other terms.",
        "old-licenses/lgpl-2.1",
    ),
    (
        "LGPL",
        "GNU Lesser General Public License",
        "3.0",
        "As the GPL, but works that only use it may have other terms.",
        "lgpl-3.0",
    ),
    (
        "AGPL",
        "GNU Affero General Public License",
        "3.0",
        "As the GPL, and whoever uses it over a network gets the source, too.",
        "agpl-3.0",
    ),
];

/// Every licence that a site starts with, in the order of lists.
pub fn licences() -> Vec<Licence> {
    let mut all = Vec::new();
    for (version, reach) in CC_VERSIONS {
        for (kind, title, description, free) in CC_KINDS {
            let id = format!("CC-{kind}-{version}");
            // The first version had the two words the other way round in its address.
            let path = if id == "CC-BY-NC-ND-1.0" { "by-nd-nc".to_owned() } else { kind.to_lowercase() };
            let address = format!("https://creativecommons.org/licenses/{path}/{version}/");
            all.push(Licence {
                title: format!("Creative Commons {title} {version} {reach}"),
                description: (*description).to_owned(),
                legalese_url: Some(format!("{address}legalcode")),
                info_url: Some(address),
                free: *free,
                pinned: PINNED.contains(&id.as_str()),
                logo_url: None,
                id,
            });
        }
    }
    let address = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    all.extend(OTHERS.iter().map(|(id, title, description, info, legalese, free)| Licence {
        id: (*id).to_owned(),
        title: (*title).to_owned(),
        description: (*description).to_owned(),
        info_url: address(info),
        legalese_url: address(legalese),
        free: *free,
        pinned: PINNED.contains(id),
        logo_url: None,
    }));
    for (kind, title, version, description, page) in GNU {
        for (suffix, words) in [("only", "only"), ("or-later", "or later")] {
            all.push(Licence {
                id: format!("{kind}-{version}-{suffix}"),
                title: format!("{title} {version} {words}"),
                description: (*description).to_owned(),
                info_url: Some(format!("https://www.gnu.org/licenses/{page}.html")),
                legalese_url: Some(format!("https://www.gnu.org/licenses/{page}.txt")),
                free: true,
                pinned: false,
                logo_url: None,
            });
        }
    }
    all
}

/// Adds the natures and licences that are missing.
pub(super) async fn insert_missing(db: &Db) -> Result<()> {
    let mut natures = Query::insert();
    natures.into_table(Natures::Table).columns([Natures::Id, Natures::Description, Natures::Position]);
    for (position, (id, description)) in NATURES.iter().enumerate() {
        natures.values_panic([(*id).into(), (*description).into(), (position as i64).into()]);
    }
    natures.on_conflict(OnConflict::column(Natures::Id).do_nothing().to_owned());
    db.execute(&natures).await?;

    let mut rows = insertion((0..).zip(licences()));
    rows.on_conflict(OnConflict::column(Licences::Id).do_nothing().to_owned());
    db.execute(&rows).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_distinct_and_pinned_ones_exist() {
        let all = licences();
        let ids: HashSet<_> = all.iter().map(|licence| licence.id.as_str()).collect();
        assert_eq!(ids.len(), all.len());
        assert!(PINNED.iter().all(|id| ids.contains(id)));
        assert_eq!(NATURES.iter().map(|(id, _)| id).collect::<HashSet<_>>().len(), NATURES.len());
    }

    #[test]
    fn noncommercial_and_no_derivatives_are_not_free() {
        for licence in licences() {
            let restricted =
                licence.id.contains("-NC") || licence.id.contains("-ND") || licence.id.ends_with("reserved");
            assert_eq!(licence.free, !restricted, "{}", licence.id);
        }
    }
}
