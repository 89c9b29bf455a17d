//! Archives as programs write them, and as nobody should.

use super::*;
use proptest::prelude::*;
use std::io::{Cursor, Seek, SeekFrom, Write};
use tar::{Builder, EntryType, Header};

/// A file as it is put into a ZIP, with all that can be wrong with it.
#[derive(Clone)]
struct Put {
    name: Vec<u8>,
    own_name: Option<Vec<u8>>,
    packed: Vec<u8>,
    size: u32,
    crc32: u32,
    method: u16,
    flags: u16,
    mode: u32,
    extra: Vec<u8>,
    offset: Option<u32>,
}

fn put(name: &str, bytes: &[u8]) -> Put {
    Put {
        name: name.into(),
        own_name: None,
        packed: bytes.to_vec(),
        size: bytes.len() as u32,
        crc32: crc32fast::hash(bytes),
        method: 0,
        flags: 1 << 11,
        mode: 0o100_644,
        extra: Vec::new(),
        offset: None,
    }
}

fn packed(name: &str, bytes: &[u8], method: u16) -> Put {
    let packed = match method {
        8 => {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        12 => bzip2_of(bytes),
        93 => zstd_of(bytes),
        95 => xz_of(bytes),
        _ => bytes.to_vec(),
    };
    Put { packed, method, ..put(name, bytes) }
}

fn zip_of(files: &[Put]) -> Vec<u8> {
    let (mut bytes, mut records) = (Vec::new(), Vec::new());
    for file in files {
        let offset = file.offset.unwrap_or(bytes.len() as u32);
        let own = file.own_name.as_ref().unwrap_or(&file.name);
        let middle =
            [&20_u16.to_le_bytes()[..], &file.flags.to_le_bytes(), &file.method.to_le_bytes(), &[0; 4]].concat();
        let numbers = [file.crc32, file.packed.len() as u32, file.size].map(u32::to_le_bytes).concat();
        bytes.extend(
            [b"PK\x03\x04", &middle[..], &numbers, &(own.len() as u16).to_le_bytes(), &[0, 0], own, &file.packed]
                .concat(),
        );
        let lengths = [file.name.len() as u16, file.extra.len() as u16, 0, 0, 0].map(u16::to_le_bytes).concat();
        let place = [file.mode << 16, offset].map(u32::to_le_bytes).concat();
        records
            .extend([b"PK\x01\x02\x14\x03", &middle[..], &numbers, &lengths, &place, &file.name, &file.extra].concat());
    }
    let count = (files.len() as u16).to_le_bytes();
    let end = [records.len() as u32, bytes.len() as u32].map(u32::to_le_bytes).concat();
    let comment = b"a comment";
    [&bytes[..], &records, b"PK\x05\x06\0\0\0\0", &count, &count, &end, &[comment.len() as u8, 0], comment].concat()
}

fn head(path: &str, size: u64, kind: EntryType) -> Header {
    let mut header = Header::new_gnu();
    // The library refuses to write what leads out.
    header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
    header.set_size(size);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}

fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (path, bytes) in files {
        builder.append(&head(path, bytes.len() as u64, EntryType::Regular), *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip_of(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bzip2_of(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz_of(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd_of(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn within(bytes: &[u8], limits: &UnpackLimits) -> Result<Unpacked, UnpackError> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    // Whoever wrote the file may have left it at its end.
    file.seek(SeekFrom::End(0)).unwrap();
    Unpacked::open(file, &std::env::temp_dir(), limits)
}

fn open(bytes: &[u8]) -> Result<Unpacked, UnpackError> {
    within(bytes, &UnpackLimits::default())
}

fn fault(bytes: &[u8]) -> String {
    open(bytes).err().expect("it is refused").to_string()
}

fn content(unpacked: &Unpacked, path: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    unpacked.reader(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn paths(unpacked: &Unpacked) -> Vec<&str> {
    unpacked.files().iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn every_kind_is_read_more_than_once() {
    let long = b"0123456789".repeat(30_000);
    let files: [(&str, &[u8]); 3] = [("./a/b.png", b"picture"), ("list.csv", b"file\na/b.png\n"), ("long", &long)];
    let tar = tar_of(&files);
    let skippable = [b"\x50\x2A\x4D\x18\x03\0\0\0abc", &zstd_of(&tar[..1024])[..], &zstd_of(&tar[1024..])].concat();
    let zip = |method| zip_of(&files.map(|(path, bytes)| packed(path, bytes, method)));
    for (kind, bytes) in [
        (PackedKind::Tar, tar.clone()),
        (PackedKind::TarGzip, gzip_of(&tar)),
        (PackedKind::TarGzip, [gzip_of(&tar[..700]), gzip_of(&tar[700..])].concat()),
        (PackedKind::TarBzip2, bzip2_of(&tar)),
        (PackedKind::TarXz, xz_of(&tar)),
        (PackedKind::TarZstd, zstd_of(&tar)),
        (PackedKind::TarZstd, skippable),
        (PackedKind::Zip, zip(0)),
        (PackedKind::Zip, zip(8)),
        (PackedKind::Zip, zip(12)),
        (PackedKind::Zip, zip(93)),
        (PackedKind::Zip, zip(95)),
    ] {
        let unpacked = open(&bytes).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert_eq!((unpacked.kind(), paths(&unpacked)), (kind, vec!["a/b.png", "list.csv", "long"]));
        assert_eq!(unpacked.table().unwrap().path, "list.csv");
        let kinds: Vec<EntryKind> = unpacked.files().iter().map(|file| file.kind).collect();
        assert_eq!(kinds, [EntryKind::Image, EntryKind::Table, EntryKind::Other]);
        for _ in 0..2 {
            assert_eq!(content(&unpacked, "long").unwrap(), long);
            assert_eq!(content(&unpacked, "a/b.png").unwrap(), b"picture");
        }
        assert_eq!(unpacked.reader("b.png").err().unwrap().kind(), io::ErrorKind::NotFound);
        assert_eq!(Files::paths(&unpacked), ["a/b.png", "list.csv", "long"]);
    }
}

#[test]
fn what_others_write_is_read() {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_directory("pictures/", ::zip::write::SimpleFileOptions::default()).unwrap();
    for large in [false, true] {
        let options = ::zip::write::SimpleFileOptions::default()
            .compression_method(::zip::CompressionMethod::Stored)
            .large_file(large);
        writer.start_file(format!("pictures/ü {large}.jpg"), options).unwrap();
        writer.write_all(b"bytes").unwrap();
    }
    let unpacked = open(&writer.finish().unwrap().into_inner()).unwrap();
    assert_eq!(paths(&unpacked), ["pictures/ü false.jpg", "pictures/ü true.jpg"]);
    assert_eq!(content(&unpacked, "pictures/ü true.jpg").unwrap(), b"bytes");

    let mut builder = Builder::new(Vec::new());
    let long = format!("{}/a.png", "folder".repeat(40));
    let mut header = Header::new_gnu();
    header.set_size(5);
    builder.append_data(&mut header, &long, &b"bytes"[..]).unwrap();
    builder.append_pax_extensions([("comment", &b"x"[..]), ("path", "from/päx.png".as_bytes())]).unwrap();
    builder.append(&head("short", 5, EntryType::Regular), &b"bytes"[..]).unwrap();
    builder.append(&head("./", 0, EntryType::Directory), &b""[..]).unwrap();
    builder.append(&head("old/", 0, EntryType::Regular), &b""[..]).unwrap();
    let unpacked = open(&builder.into_inner().unwrap()).unwrap();
    assert_eq!(paths(&unpacked), [long.as_str(), "from/päx.png"]);
    assert_eq!(content(&unpacked, "from/päx.png").unwrap(), b"bytes");
}

#[test]
fn names_are_in_their_encoding() {
    let dos = Put { name: b"M\x81ller.jpg".to_vec(), flags: 0, ..put("", b"1") };
    let unmarked = Put { flags: 0, ..put("Jörg.jpg", b"2") };
    let mut field = vec![1];
    field.extend(crc32fast::hash(b"_.jpg").to_le_bytes());
    field.extend("ß.jpg".as_bytes());
    let extra = [&0x7075_u16.to_le_bytes()[..], &(field.len() as u16).to_le_bytes(), &field].concat();
    let unicode = Put { flags: 0, extra, ..put("_.jpg", b"3") };
    assert_eq!(paths(&open(&zip_of(&[dos, unmarked, unicode])).unwrap()), ["Müller.jpg", "Jörg.jpg", "ß.jpg"]);
    let wrong = Put { name: b"M\x81ller.jpg".to_vec(), ..put("", b"1") };
    assert!(fault(&zip_of(&[wrong])).contains("said to be UTF-8"));
}

#[test]
fn paths_that_lead_elsewhere_are_refused() {
    for (path, why) in [
        ("../a.png", "`..`"),
        ("a/../../b.png", "`..`"),
        ("/etc/passwd", "is absolute"),
        ("//server/a", "is absolute"),
        ("C:/a.png", "drive"),
        ("c:a.png", "drive"),
        ("a\\b.png", "backslash"),
        ("a\0.png", "code 0"),
        ("a\nb.png", "control characters"),
        ("a//b.png", "must"),
        ("a/./b.png", "must"),
        (".git/config", "Git"),
        ("a\u{202e}gnp.png", "invisible"),
        ("a. ", "must"),
    ] {
        let (zip, tar) = (zip_of(&[put(path, b"1")]), tar_of(&[(path, b"1")]));
        let message = fault(&zip);
        assert!(message.contains(why) && !message.contains(['\n', '\0']), "{path:?}: {message}");
        // In the head of a TAR a path ends at a zero.
        if !path.contains('\0') {
            assert!(fault(&tar).contains(why), "{path:?}");
        }
    }
    assert!(fault(&zip_of(&[put("", b"1")])).contains("is empty"));
    assert!(fault(&zip_of(&[put(&"a/".repeat(600), b"")])).contains("more than 1000 bytes"));
    assert!(fault(&zip_of(&[put("../", b"")])).contains("`..`"));
    assert!(fault(&zip_of(&[put("/", b"")])).contains("is"));
}

#[test]
fn names_that_are_one_somewhere_are_refused_as_a_pair() {
    for (first, second) in
        [("a.png", "a.png"), ("a/B.png", "A/b.png"), ("ä.png", "a\u{308}.png"), ("STRASSE", "straße")]
    {
        for bytes in [zip_of(&[put(first, b"1"), put(second, b"2")]), tar_of(&[(first, b"1"), (second, b"2")])] {
            match open(&bytes).err().unwrap() {
                UnpackError::Twice { first: one, second: other } => assert_eq!((&*one, &*other), (first, second)),
                other => panic!("{other}"),
            }
        }
    }
    for files in [["a", "A/b"], ["a/b", "A"], ["a/b/c", "a/b"]] {
        let message = fault(&tar_of(&files.map(|path| (path, &b""[..]))));
        assert!(message.contains("needs a folder there"), "{message}");
    }
    let fine = tar_of(&[("a/b", b""), ("a/c", b""), ("A/d", b"")]);
    assert_eq!(open(&fine).unwrap().files().len(), 3);
}

#[test]
fn links_and_devices_are_refused() {
    assert!(fault(&zip_of(&[Put { mode: 0o120_777, ..put("a", b"/etc/passwd") }])).contains("is a link"));
    assert!(fault(&zip_of(&[Put { mode: 0o020_644, ..put("a", b"") }])).contains("a device"));
    for (kind, what) in [
        (EntryType::Symlink, "“a” is a link to “../b”"),
        (EntryType::Link, "“a” is a link to “../b”"),
        (EntryType::Char, "a device"),
        (EntryType::Block, "a device"),
        (EntryType::Fifo, "a pipe"),
        (EntryType::GNUSparse, "holes"),
        (EntryType::new(b'V'), "something unknown"),
    ] {
        let mut header = head("a", 0, kind);
        header.set_link_name("../b").unwrap();
        header.set_cksum();
        let mut builder = Builder::new(Vec::new());
        builder.append(&header, &b""[..]).unwrap();
        let message = fault(&builder.into_inner().unwrap());
        assert!(message.contains(what), "{message}");
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    assert_eq!(fault(b""), "the file is empty");
    assert!(fault(b"file,title\na.png,A\n").contains("no archive"));
    assert!(fault(b"Rar!\x1A\x07\x01\0").contains("RAR"));
    assert!(fault(&gzip_of(b"file,title\na.png,A\n")).contains("gzip, but there is no TAR"));
    assert!(fault(&gzip_of(&gzip_of(&tar_of(&[("a", b"")])))).contains("no TAR"));
    assert_eq!(fault(&zip_of(&[])), "there is no file in the archive");
    assert_eq!(fault(&tar_of(&[])), "there is no file in the archive");
    assert_eq!(fault(&gzip_of(&[])), "there is no file in the archive");
    assert!(fault(&zip_of(&[Put { flags: 1, ..put("a.png", b"1") }])).contains("“a.png” is encrypted"));
    assert!(fault(&zip_of(&[Put { method: 99, ..put("a.png", b"1") }])).contains("is encrypted"));
    assert!(fault(&zip_of(&[Put { method: 9, ..put("a.png", b"1") }])).contains("compressed with Deflate64"));
    assert!(fault(&zip_of(&[put("a.png", b"1")])[..40]).contains("list of files at its end is missing"));
}

#[test]
fn tables_are_counted() {
    let table = |paths: &[&str]| {
        let files: Vec<Put> = paths.iter().map(|path| put(path, b"1")).collect();
        open(&zip_of(&files)).unwrap().table().map(|table| table.path.clone()).map_err(|error| error.to_string())
    };
    assert_eq!(table(&["a.png", "x/Pictures.CSV"]).unwrap(), "x/Pictures.CSV");
    assert!(table(&["a.png"]).unwrap_err().contains("no CSV"));
    let several = table(&["a.csv", "b.tsv", "c.csv"]).unwrap_err();
    assert!(several.contains("3 CSV files") && several.contains("“a.csv” and “b.tsv”"), "{several}");
}

#[test]
fn what_systems_leave_behind_is_passed_over() {
    let left = ["__MACOSX/._a.png", "a/.DS_Store", "a/Thumbs.db", "DESKTOP.INI", "._a.csv", "a/b.png"];
    let files = left.map(|path| put(path, b"1"));
    let unpacked = open(&zip_of(&files)).unwrap();
    assert_eq!((paths(&unpacked), unpacked.passed_over()), (vec!["a/b.png"], 5));
    let unpacked = open(&tar_of(&left.map(|path| (path, &b"1"[..])))).unwrap();
    assert_eq!((paths(&unpacked), unpacked.passed_over()), (vec!["a/b.png"], 5));
}

#[test]
fn limits_hold() {
    let limits = UnpackLimits {
        entries: 2,
        bytes: 8000,
        entry_bytes: 4000,
        ratio: 10,
        free_bytes: 1000,
        path_bytes: 20,
        all_path_bytes: 30,
    };
    let refused = |bytes: &[u8]| within(bytes, &limits).err().map(|error| error.to_string());
    let random: Vec<u8> = (0..6000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert_eq!(refused(&zip_of(&[put("a", &random[..3000]), put("b", &random[..3000])])), None);
    assert!(refused(&zip_of(&["a", "b", "c"].map(|path| put(path, b"")))).unwrap().contains("more than 2 files"));
    assert!(refused(&tar_of(&[("a", b""), ("b", b""), ("c", b"")])).unwrap().contains("more than 2 files"));
    assert!(refused(&zip_of(&[put("a", &random)])).unwrap().contains("“a” has more than 4000 bytes"));
    let wide = UnpackLimits { entries: 9, ..limits };
    let three = zip_of(&["a", "b", "c"].map(|path| put(path, &random[..3000])));
    assert!(within(&three, &wide).err().unwrap().to_string().contains("more than 8000 bytes"));
    let zeros = zip_of(&[packed("zeros", &[0; 3000], 8)]);
    assert!(refused(&zeros).unwrap().contains("“zeros” becomes more than 10 times as large"));
    let bomb = tar_of(&[("zeros", &[0; 3000])]);
    for packed in [gzip_of(&bomb), bzip2_of(&bomb), xz_of(&bomb), zstd_of(&bomb)] {
        assert!(refused(&packed).unwrap().contains("bomb"));
    }
    let large = tar_of(&[("a", &random), ("b", &random)]);
    assert!(refused(&gzip_of(&large)).unwrap().contains("more than 8000 bytes when it is unpacked"));
    // Each of the files is small enough, and all of them together are a bomb.
    let zeros = zip_of(&[packed("a", &[0; 900], 8), packed("b", &[0; 900], 8)]);
    assert!(refused(&zeros).unwrap().contains("the archive becomes more than 10 times as large"));
    // Folders count that no entry of their own says.
    for bytes in [zip_of(&[put("a/b/c", b"")]), tar_of(&[("a/b/c", b"")])] {
        assert!(refused(&bytes).unwrap().contains("more than 2 files and folders"));
    }
    let long = ["a", "b"].map(|path| path.repeat(16));
    assert_eq!(refused(&zip_of(&[put(&long[0], b"")])), None);
    let both = zip_of(&[put(&long[0], b""), put(&long[1], b"")]);
    assert!(refused(&both).unwrap().contains("paths in the archive have more than 30 bytes together"));
}

#[test]
fn what_tars_say_beside_files_is_no_file() {
    let said = |times: usize| {
        let mut builder = Builder::new(Vec::new());
        for _ in 0..times {
            builder.append_pax_extensions([("comment", &b"x"[..])]).unwrap();
        }
        builder.append(&head("a", 0, EntryType::Regular), &b""[..]).unwrap();
        builder.into_inner().unwrap()
    };
    let limits = UnpackLimits { entries: 1, ..UnpackLimits::default() };
    assert_eq!(paths(&within(&said(3), &limits).unwrap()), ["a"]);
    assert!(fault(&said(17)).contains("too much is said"), "{}", fault(&said(17)));
}

#[test]
fn windows_that_are_too_large_are_refused() {
    // A block header with a dictionary of 4 GiB, which no preset has.
    let mut xz = xz_of(&tar_of(&[("a", b"1")]));
    let header = usize::from(xz[12]) * 4 + 4;
    let at = 12 + (0..header).position(|at| xz[12 + at] == 0x21).unwrap() + 2;
    xz[at] = 40;
    let sum = crc32fast::hash(&xz[12..12 + header - 4]);
    xz[12 + header - 4..12 + header].copy_from_slice(&sum.to_le_bytes());
    assert!(fault(&xz).contains("its xz ends with"), "{}", fault(&xz));
    // A frame with a window of 2^41 bytes, and one of 2^31.
    for descriptor in [31 << 3, 21 << 3] {
        let zstd = [b"\x28\xB5\x2F\xFD\0", &[descriptor][..], &[0; 40]].concat();
        assert!(fault(&zstd).contains("its Zstandard ends with"), "{}", fault(&zstd));
    }
}

#[test]
fn files_that_are_not_what_the_list_says_break() {
    let read = |file: Put| {
        let unpacked = open(&zip_of(&[file])).unwrap();
        content(&unpacked, "a").unwrap_err().to_string()
    };
    let file = packed("a", &[7; 1000], 8);
    assert!(read(Put { crc32: 1, ..file.clone() }).contains("checksum"));
    assert!(read(Put { size: 999, ..file.clone() }).contains("longer"));
    assert!(read(Put { size: 1001, ..file.clone() }).contains("shorter"));
    assert!(fault(&zip_of(&[Put { own_name: Some(b"b".to_vec()), ..file.clone() }])).contains("another name"));
    assert!(
        fault(&zip_of(&[put("a", b"x"), Put { offset: Some(0), own_name: None, ..put("a2", b"x") }]))
            .contains("another name")
    );
    // Two files with the same bytes: how a small archive becomes a large one.
    let nested = zip_of(&[put("b", b"xy")]);
    let mut outer = put("a", &nested);
    outer.packed.truncate(33);
    outer.size = 33;
    let inner = Put { offset: Some(31), ..put("b", b"xy") };
    assert!(fault(&zip_of(&[outer, inner])).contains("belong to"), "overlapping");
}

#[test]
fn what_is_cut_off_is_noticed() {
    let tar = tar_of(&[("a.png", &[1; 2000]), ("b.png", &[2; 2000])]);
    for packed in
        [tar.clone(), gzip_of(&tar), bzip2_of(&tar), xz_of(&tar), zstd_of(&tar), zip_of(&[put("a", &[3; 500])])]
    {
        for part in 1..8 {
            let message = fault(&packed[..packed.len() * part / 9]);
            assert!(message.contains("damaged") || message.contains("no archive"), "{message}");
        }
    }
    // Between two files, too.
    assert!(fault(&tar[..512 + 2048]).contains("what follows it is cut off"));
    let unpacked = open(&tar).unwrap();
    assert_eq!(content(&unpacked, "b.png").unwrap(), [2; 2000]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_damage_is_an_error_or_harmless(which in 0..6_usize, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let tar = tar_of(&[("a.png", b"one"), ("b/c.png", &[9; 600])]);
        let zip = zip_of(&[packed("a.png", b"one", 8), put("b/c.png", &[9; 600])]);
        let mut bytes = [tar.clone(), gzip_of(&tar), bzip2_of(&tar), xz_of(&tar), zstd_of(&tar), zip][which].clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let limits = UnpackLimits { bytes: 1 << 20, ..UnpackLimits::default() };
        if let Ok(unpacked) = within(&bytes, &limits) {
            for path in Files::paths(&unpacked) {
                prop_assert!(!path.starts_with('/') && !path.split('/').any(|part| part == ".."));
                let _ = content(&unpacked, &path);
            }
        }
    }

    #[test]
    fn any_bytes_are_no_archive_or_one(head in 0..5_usize, rest in prop::collection::vec(any::<u8>(), 0..600)) {
        let head: &[u8] = [&b"PK\x03\x04"[..], b"PK\x05\x06", b"\x1F\x8B\x08\0", b"\xFD7zXZ\0", b"\x28\xB5\x2F\xFD"][head];
        prop_assert!(open(&[head, &rest].concat()).is_err());
    }
}
