//! Forms that know where the pictures' files are: WebDataset's shards, which have them in them, and Croissant, which names them.

use super::contents::Origin;
use super::images::Image;
use super::selection::Selected;
use super::tables::{columns, row, write_parquet, write_regions};
use super::{Part, Site, Written};
use crate::formats::archive::{Archive, Piece};
use crate::formats::croissant::{Creator, DataFile, Description, FILE};
use crate::formats::webdataset::{Sample, Shard, ShardFile, ShardLimits, metadata, shards as planned};
use crate::model::download::safe_cell;
use crate::server::list_download::table_into;
use std::collections::BTreeSet;
use std::io::{self, BufWriter};
use std::sync::Arc;

/// So many authors are named as creators; whoever wants them all finds them in the attributions.
const MAX_CREATORS: usize = 100;
/// Where Croissant finds the pictures.
const FOLDER: &str = "images";

/// The pictures with what is said of them as shards. Which file has which bytes is listed beside them: those of a shard itself are not known
/// before it is sent. `places` are those in the shards afterwards.
pub fn shards(
    written: &mut Written,
    site: &Site,
    images: Vec<Image>,
    places: &mut [String],
    made_at: i64,
) -> io::Result<Vec<Part>> {
    let columns = columns(&written.spool.fields);
    let (first, mut samples) = (written.texts.list().len(), Vec::with_capacity(images.len()));
    let (spool, texts) = (&written.spool, &mut written.texts);
    spool.each(|gathered| {
        let said = metadata(&columns, &row(&gathered, (&columns, &spool.fields), &gathered.path, &site.public_url)?);
        texts.add(&format!("{}.json", gathered.place), &said)?;
        let image = &images[gathered.place];
        samples.push(Sample {
            path: gathered.path,
            split: gathered.split,
            media_type: image.media_type.clone(),
            size: image.size,
            metadata_size: said.len() as u64,
        });
        Ok::<(), io::Error>(())
    })?;
    let said = written.texts.hide(first);
    let mut list = table_into(Vec::new());
    list.write_record(["shard", "file", "sha256"])?;
    let mut parts = Vec::new();
    for Shard { path, archive, files } in planned(&samples, ShardLimits::default(), made_at) {
        let (mut origins, mut checksums, mut mark) = (Vec::new(), Vec::new(), blake3::Hasher::new());
        for (entry, file) in archive.entries().iter().zip(files) {
            let (origin, crc32, sha256) = match file {
                ShardFile::Metadata(index) => {
                    (Origin::Text(said[index].begin), Some(said[index].crc32), &said[index].sha256)
                }
                ShardFile::Picture(index) => {
                    places[index] = format!("{path}/{}", entry.path);
                    (images[index].origin.clone(), images[index].crc32, &images[index].sha256)
                }
            };
            list.write_record([&path, &*safe_cell(&entry.path), sha256])?;
            mark.update(entry.path.as_bytes()).update(&[0]).update(sha256.as_bytes());
            origins.push(origin);
            checksums.push(crc32);
        }
        parts.push(Part {
            path,
            size: archive.length(),
            crc32: checksum(&archive, &checksums),
            sha256: None,
            mark: mark.finalize().to_hex().to_string(),
            origin: Origin::Shard { archive: Arc::new(archive), origins: Arc::new(origins) },
        });
    }
    let list = list.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    written.texts.add("samples-sha256.csv", &list)?;
    Ok(parts)
}

/// The checksum of an archive, if those of all its files are known.
fn checksum(archive: &Archive, files: &[Option<u32>]) -> Option<u32> {
    let files: Vec<u32> = files.iter().copied().collect::<Option<_>>()?;
    let mut whole = crc32fast::Hasher::new();
    for piece in (0..).map_while(|index| archive.piece(index)) {
        match piece {
            Piece::Content(file) => {
                let size = archive.entries()[file].size;
                whole.combine(&crc32fast::Hasher::new_with_initial_len(files[file], size));
            }
            other => whole.update(&archive.write(other, &files)),
        }
    }
    Some(whole.finalize())
}

/// Tables of the pictures and of their regions, and what describes them.
pub fn croissant(written: &mut Written, site: &Site, selected: &Selected, places: &[String]) -> io::Result<()> {
    let Written { texts, spool, losses, .. } = written;
    let file = BufWriter::new(texts.begin("pictures.parquet"));
    write_parquet(spool, &site.public_url, &|gathered| places[gathered.place].clone(), losses, file)?;
    write_regions(spool, &site.public_url, BufWriter::new(texts.begin("regions.parquet")))?;
    let data_file =
        |text: &super::Text| DataFile { path: text.path.clone(), size: text.size, sha256: text.sha256.clone() };
    let mut files = texts.list().iter().rev().map(data_file);
    let (Some(regions), Some(pictures)) = (files.next(), files.next()) else { return Ok(()) };
    let (mut authors, mut used, mut newest) = (BTreeSet::new(), BTreeSet::new(), 0);
    spool.each(|gathered| {
        if let Some(picture) = gathered.picture {
            let page = match picture.attribution {
                Some(_) => None,
                None => Some(format!("{}/user/{}", site.public_url, picture.author)),
            };
            if authors.len() < MAX_CREATORS {
                authors.insert((picture.author_name().to_owned(), page));
            }
            newest = newest.max(picture.timestamp);
            used.extend(picture.licences);
        }
        Ok::<(), io::Error>(())
    })?;
    let media_types: BTreeSet<String> = selected.pictures.iter().map(|chosen| chosen.file.media_type.clone()).collect();
    let description = Description {
        name: selected.name.clone(),
        description: format!("{} pictures with their regions, from {}.", selected.pictures.len(), site.public_url),
        url: site.public_url.clone(),
        licences: site.licences.iter().filter(|licence| used.contains(&licence.id)).cloned().collect(),
        creators: authors.into_iter().map(|(name, url)| Creator { name, url }).collect(),
        published: selected.made_at.unwrap_or(newest),
        version: "1.0.0".to_owned(),
        cite_as: None,
        pictures,
        columns: columns(&spool.fields),
        path_column: "path".to_owned(),
        number_column: Some("id".to_owned()),
        regions,
        folder: FOLDER.to_owned(),
        media_types: media_types.into_iter().collect(),
    };
    description.write(&mut texts.begin(FILE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::archive::Entry;
    use crate::model::ArchiveKind;

    #[test]
    fn the_checksum_of_an_archive_follows_from_those_of_its_files() {
        let files = [b"one".to_vec(), Vec::new(), vec![7; 3000]];
        let entries = files.iter().zip(0..).map(|(bytes, number)| Entry {
            path: format!("{number}"),
            size: bytes.len() as u64,
            crc32: None,
        });
        let archive = Archive::new(ArchiveKind::Tar, entries.collect(), 5);
        let mut whole = Vec::new();
        for piece in (0..).map_while(|index| archive.piece(index)) {
            match piece {
                Piece::Content(file) => whole.extend(&files[file]),
                other => whole.extend(archive.write(other, &[])),
            }
        }
        let sums: Vec<_> = files.iter().map(|bytes| Some(crc32fast::hash(bytes))).collect();
        assert_eq!(checksum(&archive, &sums), Some(crc32fast::hash(&whole)));
        assert_eq!(checksum(&archive, &[None, Some(0), Some(0)]), None);
    }
}
