//! What editors write, and what nobody should.

use super::*;
use proptest::prelude::*;

const PACKET: &str = r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:t="http://ns.adobe.com/tiff/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
  xmlns:cc="http://creativecommons.org/ns#" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" xmlns:ex="http://cipa.jp/exif/1.0/"
  t:Make="Canon" exif:ExposureTime="1/250" exif:FNumber="28/10" exif:GPSLatitude="52,30.6N" exif:GPSLongitude="13,15,0W"
  exif:GPSAltitude="345/10" exif:GPSAltitudeRef="1" photoshop:Credit="An &quot;agency&quot;">
 <t:Model>EOS R5</t:Model>
 <ex:LensModel>RF 50 mm</ex:LensModel>
 <exif:ISOSpeedRatings><rdf:Seq><rdf:li>400</rdf:li></rdf:Seq></exif:ISOSpeedRatings>
 <exif:DateTimeOriginal>2026-05-17T14:03:59+02:00</exif:DateTimeOriginal>
 <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Cats &amp; dogs</rdf:li><rdf:li xml:lang="de">Katzen</rdf:li></rdf:Alt></dc:title>
 <dc:subject><rdf:Bag><rdf:li>cat</rdf:li><rdf:li><![CDATA[dog]]></rdf:li><rdf:li/></rdf:Bag></dc:subject>
 <dc:creator><rdf:Seq><rdf:li>Ada</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>
 <cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>
 <plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource"><plus:LicensorURL>https://example.org/buy</plus:LicensorURL></rdf:li></rdf:Seq></plus:Licensor>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"#;

fn texts(fields: &PhotoFields) -> Vec<(&'static str, String)> {
    fields.iter().map(|(field, value)| (field.name(), value.text())).collect()
}

#[test]
fn a_packet_is_read() {
    let expected = [
        ("camera", "Canon EOS R5"),
        ("lens", "RF 50 mm"),
        ("exposure time", "0.004"),
        ("aperture", "2.8"),
        ("ISO", "400"),
        ("taken", "2026-05-17T14:03:59+02:00"),
        ("place", "52.51,-13.25"),
        ("altitude", "-34.5"),
        ("title", "Cats & dogs"),
        ("keywords", "cat; dog"),
        ("creator", "Ada; Bob"),
        ("credit", "An \"agency\""),
        ("licence URL", "https://creativecommons.org/licenses/by/4.0/"),
        ("licensor URL", "https://example.org/buy"),
    ];
    assert_eq!(texts(&xmp(PACKET.as_bytes())), expected.map(|(name, text)| (name, text.to_owned())));
}

#[test]
fn hostile_packets_say_nothing() {
    let laughs =
        "<!DOCTYPE x [<!ENTITY a \"ha\">]><x xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>&a;</dc:title></x>";
    assert!(xmp(laughs.as_bytes()).is_empty());
    let deep = format!("<x xmlns:dc='http://purl.org/dc/elements/1.1/'>{}<dc:title>t</dc:title>", "<a>".repeat(100));
    assert!(xmp(deep.as_bytes()).is_empty());
    assert!(xmp(&vec![b' '; 5 << 20]).is_empty());
    let many = format!("<x xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:subject>{}", "<l>word</l>".repeat(100_000));
    assert_eq!(texts(&xmp(many.as_bytes()))[0].1.split("; ").count(), 200);
    // Names are looked up among all prefixes that are bound around them.
    let prefixes = |depth: usize| {
        let many: String = (0..60).map(|number| format!(" xmlns:p{number}='x'")).collect();
        let title = "<dc:title xmlns:dc='http://purl.org/dc/elements/1.1/'>t</dc:title>";
        format!("{}{title}", format!("<a{many}>").repeat(depth))
    };
    assert_eq!(texts(&xmp(prefixes(4).as_bytes())), [("title", "t".to_owned())]);
    assert!(xmp(prefixes(5).as_bytes()).is_empty());
    let other = "<x xmlns:dc='http://example.org/'><dc:title>t</dc:title></x>";
    assert!(xmp(other.as_bytes()).is_empty());
}

fn set(record: u8, number: u8, value: &[u8]) -> Vec<u8> {
    [&[0x1C, record, number], &(value.len() as u16).to_be_bytes()[..], value].concat()
}

fn sets() -> Vec<u8> {
    let extended = [&[0x1C, 2, 120, 0x80, 4, 0, 0, 0, 4][..], b"Text"].concat();
    [
        set(2, 5, b"Caf\xE9"),
        set(2, 25, b"cat"),
        set(2, 25, b"dog"),
        set(2, 55, b"20260517"),
        set(2, 60, b"140359+0200"),
        set(2, 80, b"Ada"),
        set(2, 116, "© Ada".as_bytes()),
        extended,
    ]
    .concat()
}

#[test]
fn data_sets_are_read() {
    let expected = [
        ("taken", "2026-05-17T14:03:59+02:00"),
        ("title", "Café"),
        ("description", "Text"),
        ("keywords", "cat; dog"),
        ("creator", "Ada"),
        ("copyright", "© Ada"),
    ];
    assert_eq!(texts(&iptc(&sets())), expected.map(|(name, text)| (name, text.to_owned())));
    let day = |day: &[u8], time: &[u8]| texts(&iptc(&[set(2, 55, day), set(2, 60, time)].concat()));
    assert_eq!(day(b"20260517", b"nonsense"), [("taken", "2026-05-17".to_owned())]);
    assert!(day(b"20260500", b"").is_empty());
    let other = [set(2, 5, b"Title"), b"8BIM".to_vec()].concat();
    let resources = [&b"8BIM\x04\x25\x03abc\0\0\0\x01x\0"[..], b"8BIM\x04\x04\0\0\0\0\0\x0A", &other].concat();
    assert_eq!(from_photoshop(&resources), Some(&set(2, 5, b"Title")[..]));
    assert_eq!(from_photoshop(b"8BIM\x04\x25\0\0\xFF\xFF\xFF\xFF"), None);
}

#[test]
fn the_later_standard_counts() {
    let text = |text: &str| FieldValue::Text(text.into());
    let fields = |pairs: &[(PhotoField, &str)]| pairs.iter().map(|(field, value)| (*field, text(value))).collect();
    use PhotoField::{Copyright, Creator, Title};
    let merged = merged(
        fields(&[(Creator, "exif"), (Copyright, "exif")]),
        fields(&[(Creator, "iptc"), (Title, "iptc")]),
        fields(&[(Creator, "xmp")]),
    );
    assert_eq!(merged, fields(&[(Creator, "xmp"), (Title, "iptc"), (Copyright, "exif")]));
    let exif = Exif { iso: Some(400), camera: Some("C".into()), ..Exif::default() };
    assert_eq!(texts(&from_exif(&exif)), [("camera", "C".to_owned()), ("ISO", "400".to_owned())]);
    let names: std::collections::BTreeSet<&str> = PhotoField::ALL.iter().map(|field| field.name()).collect();
    assert_eq!(names.len(), PhotoField::ALL.len());
}

proptest! {
    #[test]
    fn damage_is_survived(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12), cut in any::<prop::sample::Index>()) {
        for whole in [PACKET.as_bytes().to_vec(), sets()] {
            let mut bytes = whole;
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            for fields in [xmp(&bytes), iptc(&bytes)] {
                for value in fields.values() {
                    prop_assert!(!matches!(value, FieldValue::Number(number) if !number.is_finite()));
                }
            }
            let _ = from_photoshop(&bytes);
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (xmp(&bytes), iptc(&bytes), from_photoshop(&[b"8BIM", &bytes[..]].concat()));
    }
}
