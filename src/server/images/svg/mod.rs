//! SVG: read without touching anything else, and drawn at the size of the large thumbnail.
//!
//! An SVG is a program in disguise, written by a stranger. No file and no address that it names is ever opened; pictures
//! inside `data:` addresses are drawn if they are small. How much work it can cause is bounded before it is drawn, since
//! drawing cannot be interrupted: by the size of the file, by what it comes to once every reference is followed
//! ([`guard`]), and by what drawing that takes ([`drawing`]).

mod drawing;
mod guard;

use super::decode::{self, Header};
use super::error::ImageError;
use super::format::{Format, sniff_bytes};
use super::raster::{Channels, Raster};
use super::thumbnail::fit;
use crate::model::picture::THUMBNAIL_LARGE_PX;
use image::metadata::Orientation;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, ImageHrefResolver, ImageKind, Options, Size, Tree, fontdb, roxmltree};
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Largest SVG file.
const MAX_FILE_BYTES: u64 = 5_000_000;
/// Most nodes that the document may have as it is written.
const MAX_NODES: u32 = 300_000;
/// Most pixels that all pictures inside an SVG may have together.
const MAX_INNER_PIXELS: u64 = 16_000_000;
/// What browsers take where a document says nothing about its size.
const DEFAULT_SIZE: (f32, f32) = (300.0, 150.0);
/// What reading and drawing take at most: layers, pictures inside and the document itself.
pub(super) const MEMORY_BYTES: u64 = 320 * 1024 * 1024;

pub(super) fn header(path: &Path) -> Result<Header, ImageError> {
    let tree = parse(path)?;
    let (width, height) = pixel_size(&tree);
    Ok(Header { width, height, orientation: Orientation::NoTransforms, memory_bytes: MEMORY_BYTES })
}

/// Draws the document at the size of the large thumbnail.
pub(super) fn rasterise(path: &Path) -> Result<Raster, ImageError> {
    let tree = parse(path)?;
    let full_size = pixel_size(&tree);
    let (width, height) = fit(full_size, THUMBNAIL_LARGE_PX);
    let scale = (width as f32 / tree.size().width(), height as f32 / tree.size().height());
    drawing::check(&tree, scale.0.max(scale.1)).map_err(|limit| too_complex(&limit))?;
    let Some(mut pixmap) = Pixmap::new(width, height) else {
        return Err(damaged("it has no size"));
    };
    resvg::render(&tree, Transform::from_scale(scale.0, scale.1), &mut pixmap.as_mut());
    Ok(Raster {
        channels: Channels::Rgba,
        width,
        height,
        covered_width: f64::from(width),
        covered_height: f64::from(height),
        full_size,
        bottom_up: false,
        pixels: pixmap.take(),
        profile: None,
    })
}

/// The size in whole pixels; at least one by one.
fn pixel_size(tree: &Tree) -> (u32, u32) {
    // A conversion from floating point saturates; the limits are checked by whoever asked.
    (tree.size().width().round().max(1.0) as u32, tree.size().height().round().max(1.0) as u32)
}

fn parse(path: &Path) -> Result<Tree, ImageError> {
    let file = File::open(path)?;
    if file.metadata()?.len() > MAX_FILE_BYTES {
        return Err(ImageError::TooLarge(format!("an SVG may have at most {} MB", MAX_FILE_BYTES / 1_000_000)));
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| damaged("it is not written in UTF-8"))?;
    parse_text(text.trim_start_matches('\u{FEFF}'))
}

fn parse_text(text: &str) -> Result<Tree, ImageError> {
    guard::check_entities(text).map_err(too_complex)?;
    let parsing = roxmltree::ParsingOptions { allow_dtd: true, nodes_limit: MAX_NODES, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(text, parsing).map_err(|error| match error {
        roxmltree::Error::NodesLimitReached => too_complex("it has too many elements"),
        other => damaged(other),
    })?;
    guard::check(&document).map_err(too_complex)?;
    let root = document.root_element();
    let silent = !root.has_attribute("viewBox") && ["width", "height"].iter().any(|name| says_nothing(&root, name));
    let parsed = if silent {
        let text = with_default_size(text, &root);
        Tree::from_str(&text, &options())
    } else {
        Tree::from_xmltree(&document, &options())
    };
    parsed.map_err(|error| match error {
        usvg::Error::ElementsLimitReached | usvg::Error::ParsingFailed(roxmltree::Error::NodesLimitReached) => {
            too_complex("it has too many elements")
        }
        usvg::Error::InvalidSize => damaged("its width and height must be more than 0"),
        other => damaged(other),
    })
}

/// Whether the root leaves a side of the picture to whoever shows it.
fn says_nothing(root: &roxmltree::Node, side: &str) -> bool {
    root.attribute(side).is_none_or(|value| value.trim().ends_with('%'))
}

/// The document with the missing ones of its width and height written into it, since the renderer would take the bounds
/// of what is drawn.
fn with_default_size(text: &str, root: &roxmltree::Node) -> String {
    let range = root.range();
    let end_of_name = text[range.start + 1..].find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
    let after_name = range.start + 1 + end_of_name.unwrap_or(0);
    // Ranges to replace, from the last to the first so that they stay right.
    let mut edits = Vec::new();
    for (name, default) in [("width", DEFAULT_SIZE.0), ("height", DEFAULT_SIZE.1)] {
        match root.attribute_node(name) {
            Some(attribute) if says_nothing(root, name) => edits.push((attribute.range_value(), default.to_string())),
            Some(_) => {}
            None => edits.push((after_name..after_name, format!(" {name}=\"{default}\""))),
        }
    }
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut sized = text.to_owned();
    for (range, replacement) in edits {
        sized.replace_range(range, &replacement);
    }
    sized
}

fn damaged(how: impl ToString) -> ImageError {
    ImageError::Damaged(Format::Svg, how.to_string())
}

fn too_complex(how: &str) -> ImageError {
    ImageError::TooLarge(format!("this SVG is too complex: {how}"))
}

/// How documents are read: nothing outside of them exists.
fn options() -> Options<'static> {
    Options {
        resources_dir: None,
        default_size: Size::from_wh(DEFAULT_SIZE.0, DEFAULT_SIZE.1).unwrap_or_else(|| Options::default().default_size),
        image_href_resolver: ImageHrefResolver {
            resolve_data: inner_pictures(),
            resolve_string: Box::new(|_, _| None),
        },
        font_family: "sans-serif".to_owned(),
        fontdb: fonts(),
        ..Options::default()
    }
}

/// Takes pictures in `data:` addresses as long as they are small together. SVG within SVG is left out.
fn inner_pictures() -> usvg::ImageHrefDataResolverFn<'static> {
    let left = AtomicU64::new(MAX_INNER_PIXELS);
    Box::new(move |_, data: Arc<Vec<u8>>, _| {
        let kind = match sniff_bytes(&data)? {
            Format::Png => ImageKind::PNG(data.clone()),
            Format::Jpeg => ImageKind::JPEG(data.clone()),
            Format::Gif => ImageKind::GIF(data.clone()),
            Format::Webp => ImageKind::WEBP(data.clone()),
            Format::Tiff | Format::Bmp | Format::Svg => return None,
        };
        let (width, height) = decode::size_of_bytes(Cursor::new(data.as_slice()))?;
        let pixels = u64::from(width) * u64::from(height);
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(pixels)).ok()?;
        Some(kind)
    })
}

/// The fonts of this machine, found once. A machine without any draws SVGs without their texts.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    FONTS
        .get_or_init(|| {
            let mut fonts = fontdb::Database::new();
            fonts.load_system_fonts();
            // The generic families are names of fonts that a server rarely has.
            let installed = |names: &[&str]| {
                let has = |name: &&&str| fonts.faces().any(|face| face.families.iter().any(|(n, _)| n == **name));
                names.iter().find(has).map(|name| (*name).to_owned())
            };
            let any = fonts.faces().next().and_then(|face| face.families.first()).map(|(name, _)| name.clone());
            let sans = installed(&["Arial", "Liberation Sans", "DejaVu Sans", "Noto Sans", "FreeSans"]).or(any);
            let serif = installed(&["Times New Roman", "Liberation Serif", "DejaVu Serif", "Noto Serif"]);
            let mono = installed(&["Courier New", "Liberation Mono", "DejaVu Sans Mono", "Noto Sans Mono"]);
            if let Some(sans) = sans {
                fonts.set_serif_family(serif.unwrap_or_else(|| sans.clone()));
                fonts.set_monospace_family(mono.unwrap_or_else(|| sans.clone()));
                fonts.set_cursive_family(&sans);
                fonts.set_fantasy_family(&sans);
                fonts.set_sans_serif_family(sans);
            }
            Arc::new(fonts)
        })
        .clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMESPACES: &str = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'";

    fn svg(attributes: &str, body: &str) -> String {
        format!("<svg {NAMESPACES} {attributes}>{body}</svg>")
    }

    fn refusal(text: &str) -> String {
        match parse_text(text) {
            Ok(tree) => match drawing::check(&tree, 1.0) {
                Ok(()) => panic!("accepted: {}", &text[..text.len().min(200)]),
                Err(how) => too_complex(&how).to_string(),
            },
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_size_comes_from_the_document_or_from_custom() {
        for (attributes, size) in [
            ("width='40' height='30'", (40, 30)),
            ("width='1in' height='1cm'", (96, 38)),
            ("viewBox='0 0 640 480'", (640, 480)),
            ("width='320' viewBox='0 0 640 480'", (320, 240)),
            ("width='100%' height='100%' viewBox='0 0 64 48'", (64, 48)),
            ("", (300, 150)),
            ("width='100%'", (300, 150)),
            ("width='40'", (40, 150)),
        ] {
            let tree = parse_text(&svg(attributes, "<rect width='10' height='10'/>")).unwrap();
            assert_eq!(pixel_size(&tree), size, "{attributes}");
        }
        assert!(refusal(&svg("width='0' height='10'", "")).contains("must be more than 0"));
    }

    #[test]
    fn files_and_addresses_stay_closed() {
        let dir = tempfile::tempdir().unwrap();
        let secret = dir.path().join("secret.png");
        image::RgbImage::from_pixel(10, 10, image::Rgb([255, 0, 0])).save(&secret).unwrap();
        for href in
            [secret.display().to_string(), format!("file://{}", secret.display()), "http://127.0.0.1:9/a".into()]
        {
            let text = svg("width='10' height='10'", &format!("<image width='10' height='10' xlink:href='{href}'/>"));
            let path = dir.path().join("a.svg");
            std::fs::write(&path, text).unwrap();
            let raster = rasterise(&path).unwrap();
            assert!(raster.pixels.iter().all(|&byte| byte == 0), "{href} was drawn");
        }
    }

    #[test]
    fn bombs_are_refused_before_they_are_drawn() {
        // Nine levels of ten references each: a billion rectangles.
        let mut body = "<g id='l0'><rect width='1' height='1'/></g>".to_owned();
        for level in 1..10 {
            let uses = format!("<use xlink:href='#l{}'/>", level - 1).repeat(10);
            body += &format!("<g id='l{level}'>{uses}</g>");
        }
        assert!(refusal(&svg("", &body)).contains("too complex"));

        let entities = "<!DOCTYPE svg [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>";
        assert!(refusal(&format!("{entities}{}", svg("", "<text>&b;</text>"))).contains("too complex"));

        // A value ends at its quotation mark: what looks like the end of a declaration, or like another one, is part of it.
        let long = "a".repeat(5_000);
        for value in [format!("x> {long}"), format!("<!ENTITY b 'x'> {long}")] {
            let entities = format!("<!DOCTYPE svg [<!ENTITY a \"{value}\">]>");
            assert!(refusal(&format!("{entities}{}", svg("", "<text>&a;</text>"))).contains("too complex"));
        }

        let deep = "<g>".repeat(5_000) + &"</g>".repeat(5_000);
        assert!(refusal(&svg("", &deep)).contains("too complex"));

        let mut chain = String::new();
        for link in 0..3_000 {
            chain += &format!("<g id='c{link}'><use xlink:href='#c{}'/></g>", link + 1);
        }
        assert!(refusal(&svg("", &chain)).contains("too complex"));

        let filter = "<filter id='f'><feTurbulence baseFrequency='1' numOctaves='1000000'/></filter>";
        assert!(refusal(&svg("", filter)).contains("too complex"));
        let filter = "<filter id='f'><feGaussianBlur stdDeviation='9'/></filter>";
        let many = "<rect width='99' height='99' filter='url(#f)'/>".repeat(3_000);
        assert!(refusal(&svg("", &format!("{filter}{many}"))).contains("too complex"));

        let vast = "<filter id='f' filterUnits='userSpaceOnUse' x='-50000' y='-50000' width='100000' height='100000'>\
            <feGaussianBlur stdDeviation='9'/></filter><rect width='9' height='9' filter='url(#f)'/>";
        assert!(refusal(&svg("", vast)).contains("too complex"));
        let vast = "<pattern id='p' patternUnits='userSpaceOnUse' width='90000' height='90000'>\
            <rect width='9' height='9'/></pattern><rect width='9' height='9' fill='url(#p)'/>";
        assert!(refusal(&svg("", vast)).contains("too complex"));
    }

    #[test]
    fn what_would_take_minutes_to_draw_is_refused_and_names_the_limit() {
        let size = "width='960' height='960'";
        let steps = "more than 4000 million steps";
        // A hundred thousand shapes, each over the whole canvas, are two megabytes.
        let full = "<rect width='960' height='960'/>".repeat(100_000);
        assert!(refusal(&svg(size, &full)).contains(steps));
        let zigzag: String = (0..60_000).map(|n| if n % 2 == 0 { "L1 1 " } else { "L950 950 " }).collect();
        assert!(refusal(&svg(size, &format!("<path d='M0 0 {zigzag}'/>"))).contains(steps));
        let wide = "<path stroke='red' stroke-width='900' stroke-dasharray='.01' d='M0 0H900'/>";
        assert!(refusal(&svg(size, wide)).contains(steps));
        let filter = "<filter id='f'><feMorphology operator='dilate' radius='90'/></filter>";
        let used = "<rect width='900' height='900' filter='url(#f)'/>";
        assert!(refusal(&svg(size, &format!("{filter}{used}"))).contains(steps));
        let filter = "<filter id='f'><feTurbulence baseFrequency='.1' numOctaves='16'/></filter>";
        assert!(refusal(&svg(size, &format!("{filter}{}", used.repeat(9)))).contains(steps));
        let clip = "<clipPath id='c'><path d='M0 0H900V900H0Z'/></clipPath>";
        let clipped = "<g clip-path='url(#c)'><path d='M0 0H900V900H0Z'/></g>".repeat(1_000);
        assert!(refusal(&svg(size, &format!("{clip}{clipped}"))).contains(steps));

        // Each rectangle in the clip has a clip of its own, for which the renderer makes layers of the full size.
        let clip = "<clipPath id='d'><rect width='9' height='9'/></clipPath><clipPath id='c'>".to_owned()
            + &"<rect width='9' height='9' clip-path='url(#d)'/>".repeat(1_000)
            + "<rect width='900' height='900'/></clipPath><rect width='900' height='900' clip-path='url(#c)'/>";
        assert!(refusal(&svg(size, &clip)).contains(steps));

        let dashes = "<path stroke='red' stroke-dasharray='.001' d='M0 0H900'/>";
        assert!(refusal(&svg(size, dashes)).contains("more than 100000 dashes"));
        let (open, close) = ("<g opacity='.5'>".repeat(60), "</g>".repeat(60));
        let nested = format!("{open}<path d='M0 0H900V900H0Z'/>{close}");
        assert!(refusal(&svg(size, &nested)).contains("more than 32 megapixels"));
    }

    #[test]
    fn a_costly_document_within_the_budget_is_drawn() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.svg");
        let full = "<path d='M0 0H960V960H0Z' fill='red' opacity='.9'/>".repeat(60);
        let lines = "<path stroke='red' stroke-dasharray='2' d='M0 0L960 960'/>".repeat(20);
        let blur = "<filter id='f'><feGaussianBlur stdDeviation='9'/></filter><rect width='800' height='800' filter='url(#f)'/>";
        std::fs::write(&path, svg("width='960' height='960'", &format!("{blur}{full}{lines}"))).unwrap();
        rasterise(&path).unwrap();
    }

    #[test]
    fn references_in_a_circle_are_refused() {
        let body = "<g id='a'><use xlink:href='#b'/></g><g id='b'><use xlink:href='#a'/></g>";
        let refusal = refusal(&svg("", body));
        assert!(refusal.contains("too complex"), "{refusal}");
    }

    #[test]
    fn namespaces_by_entity_are_fine() {
        let text = "<!DOCTYPE svg [<!ENTITY ns_svg 'http://www.w3.org/2000/svg'>]><svg xmlns='&ns_svg;' width='5' height='4'/>";
        assert_eq!(pixel_size(&parse_text(text).unwrap()), (5, 4));
    }
}
