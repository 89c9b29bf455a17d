//! Croissant 1.1: a description of a dataset in JSON-LD, by which programs for learning load its tables and pictures.
//!
//! After "Croissant Format Specification" 1.1 (docs.mlcommons.org/croissant), whose context is that of its first appendix. The description
//! stands beside the files that it names: two tables as Parquet (see [`tables::parquet`](super::tables::parquet)), one with a row for each
//! picture and one with a row for each region, both with their SHA-256, and the pictures in a folder. The record set `pictures` has a record
//! for each file of a picture, with its content and the row of the table that has the same path; `regions` has one for each region, which
//! names its picture by the number.
//!
//! The reference implementation joins a record set once at most and compares paths as text, so that the join begins at the files.

use super::annotations::percent_encoded;
use super::tables::{Column, ColumnKind, LICENCES, region_columns};
use crate::model::Licence;
use crate::query::date::write_iso;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// What the description is called.
pub const FILE: &str = "croissant.json";
/// Where the specification is, in this version.
const VERSION: &str = "http://mlcommons.org/croissant/1.1";
/// What the reference implementation knows Parquet by.
const PARQUET: &str = "application/x-parquet";

/// Somebody who made a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creator {
    /// The name.
    pub name: String,
    /// A page about them.
    pub url: Option<String>,
}

/// A file beside the description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// Its path from the folder of the description.
    pub path: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// What is said of a dataset.
#[derive(Clone, Debug)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Its page.
    pub url: String,
    /// The licences that its pictures have.
    pub licences: Vec<Licence>,
    /// Who made it.
    pub creators: Vec<Creator>,
    /// When it was published, in Unix seconds.
    pub published: i64,
    /// Its version, as `MAJOR.MINOR.PATCH`.
    pub version: String,
    /// How to cite it; where nobody has said, it is cited by creators, name, year and page.
    pub cite_as: Option<String>,
    /// The table of pictures.
    pub pictures: DataFile,
    /// Its columns as they are called in the file, without licences and regions.
    pub columns: Vec<Column>,
    /// The column that has the path of a picture's file, from the folder of the description.
    pub path_column: String,
    /// The column that has the number by which regions name a picture, if there is one.
    pub number_column: Option<String>,
    /// The table of regions.
    pub regions: DataFile,
    /// The folder in which all files of pictures lie.
    pub folder: String,
    /// Their media types.
    pub media_types: Vec<String>,
}

impl Description {
    /// Writes the description.
    pub fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *to, &self.document())?;
        writeln!(to)
    }

    fn document(&self) -> Value {
        let creators = self.creators.iter().map(|creator| {
            let mut said = json!({ "@type": "sc:Person", "name": creator.name });
            if let (Some(url), Value::Object(said)) = (&creator.url, &mut said) {
                said.insert("url".into(), url.as_str().into());
            }
            said
        });
        json!({
            "@context": context(),
            "@type": "sc:Dataset",
            "conformsTo": VERSION,
            "name": self.name,
            "description": self.description,
            "url": self.url,
            "license": self.licences.iter().map(address_of).collect::<Vec<_>>(),
            "creator": creators.collect::<Vec<_>>(),
            "datePublished": write_iso(self.published),
            "version": self.version,
            "citeAs": self.cite_as.clone().unwrap_or_else(|| self.citation()),
            "distribution": [self.file("pictures-table", &self.pictures), self.file("regions-table", &self.regions), self.files()],
            "recordSet": [self.picture_records(), self.region_records()],
        })
    }

    fn citation(&self) -> String {
        let creators: Vec<&str> = self.creators.iter().map(|creator| creator.name.as_str()).collect();
        let written = write_iso(self.published);
        let year = written.split('-').next().unwrap_or_default();
        let parts = [creators.join(", "), self.name.clone(), year.to_owned(), self.url.clone()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(". ")
    }

    fn file(&self, id: &str, file: &DataFile) -> Value {
        json!({
            "@type": "cr:FileObject",
            "@id": id,
            "name": file.path,
            "contentUrl": file.path,
            "contentSize": format!("{} B", file.size),
            "encodingFormat": PARQUET,
            "sha256": file.sha256,
        })
    }

    fn files(&self) -> Value {
        json!({
            "@type": "cr:FileSet",
            "@id": "picture-files",
            "name": self.folder,
            "encodingFormat": self.media_types,
            "includes": format!("{}/**", self.folder),
        })
    }

    fn picture_records(&self) -> Value {
        let key = id_of("pictures", &self.path_column);
        let content = json!({
            "@type": "cr:Field",
            "@id": "pictures/@content",
            "name": "content",
            "description": "The picture itself.",
            "dataType": "sc:ImageObject",
            "source": { "fileSet": { "@id": "picture-files" }, "extract": { "fileProperty": "content" } },
        });
        let path = json!({
            "@type": "cr:Field",
            "@id": key,
            "name": self.path_column,
            "description": "The path of the picture's file.",
            "dataType": "sc:Text",
            "source": {
                "fileSet": { "@id": "picture-files" },
                "extract": { "fileProperty": "fullpath" },
                "transform": { "regex": "^(.*)$" },
            },
            "references": of_column("pictures-table", &self.path_column),
        });
        let licences = Column::new(LICENCES, ColumnKind::Texts);
        let others = self.columns.iter().filter(|column| column.name != self.path_column).chain([&licences]);
        let others = others.map(|column| field("pictures", "pictures-table", column));
        let fields: Vec<Value> = std::iter::once(path).chain([content]).chain(others).collect();
        json!({
            "@type": "cr:RecordSet",
            "@id": "pictures",
            "name": "pictures",
            "description": "A record for each picture.",
            "key": { "@id": key },
            "field": fields,
        })
    }

    fn region_records(&self) -> Value {
        let said = |column: &Column| {
            let mut said = field("regions", "regions-table", column);
            let picture = self.number_column.as_ref().filter(|_| column.name == "picture");
            if let (Some(number), Value::Object(said)) = (picture, &mut said) {
                said.insert("references".into(), of_column("pictures-table", number));
            }
            said
        };
        json!({
            "@type": "cr:RecordSet",
            "@id": "regions",
            "name": "regions",
            "description": "A record for each region. All numbers are pixels of the upright picture.",
            "field": region_columns().iter().map(said).collect::<Vec<_>>(),
        })
    }
}

/// What names a field. Names of columns may have anything in them.
fn id_of(records: &str, column: &str) -> String {
    format!("{records}/{}", percent_encoded(column).replace('/', "%2F"))
}

fn of_column(file: &str, column: &str) -> Value {
    json!({ "fileObject": { "@id": file }, "extract": { "column": column } })
}

fn field(records: &str, file: &str, column: &Column) -> Value {
    let (kind, is_list) = match column.kind {
        ColumnKind::Integer => ("sc:Integer", false),
        ColumnKind::Float => ("sc:Float", false),
        ColumnKind::Text | ColumnKind::Json => ("sc:Text", false),
        ColumnKind::Texts => ("sc:Text", true),
        ColumnKind::Floats => ("sc:Float", true),
        ColumnKind::Time => ("sc:DateTime", false),
        ColumnKind::Boolean => ("sc:Boolean", false),
    };
    let mut said = Map::new();
    said.insert("@type".into(), "cr:Field".into());
    said.insert("@id".into(), id_of(records, &column.name).into());
    said.insert("name".into(), column.name.as_str().into());
    said.insert("description".into(), said_of(&column.name).into());
    said.insert("dataType".into(), kind.into());
    said.insert("source".into(), of_column(file, &column.name));
    if is_list {
        said.insert("isArray".into(), true.into());
        said.insert("arrayShape".into(), "-1".into());
    }
    Value::Object(said)
}

/// What a column means, where that is not in its name.
fn said_of(column: &str) -> String {
    let known = match column {
        "picture" => "The number of the picture.",
        "number" => "Which of the picture's regions it is, from 1.",
        "object" => "What the region shows.",
        "type" => "The kind of the shape: bbox, polygon, polyline or point.",
        "x" => "The left edge of the box around the region.",
        "y" => "The top edge of the box around the region.",
        "w" => "The width of the box around the region.",
        "h" => "The height of the box around the region.",
        "points" => "The corners, first x and then y of each; nothing for a box.",
        LICENCES => "The licences, of which one may pick any.",
        other => return format!("The column {other} of the table."),
    };
    known.to_owned()
}

/// A page that says what a licence is.
fn address_of(licence: &Licence) -> String {
    let known = licence.info_url.clone().or_else(|| licence.legalese_url.clone());
    known.unwrap_or_else(|| licence.title.clone())
}

/// The terms of Croissant that need no prefix in the context that the specification recommends, with those that the reference
/// implementation expects besides.
const TERMS: [&str; 35] = [
    "annotation",
    "arrayShape",
    "citeAs",
    "column",
    "containedIn",
    "equivalentProperty",
    "excludes",
    "extract",
    "field",
    "fileObject",
    "fileProperty",
    "fileSet",
    "format",
    "includes",
    "isArray",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "readLines",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "samplingRate",
    "sdVersion",
    "separator",
    "source",
    "subField",
    "transform",
    "unArchive",
    "value",
];

fn context() -> Value {
    let mut context = json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "conformsTo": "dct:conformsTo",
        "data": { "@id": "cr:data", "@type": "@json" },
        "dataType": { "@id": "cr:dataType", "@type": "@vocab" },
        "description": { "@container": "@language" },
        "examples": { "@id": "cr:examples", "@type": "@json" },
        "name": { "@container": "@language" },
    });
    if let Value::Object(context) = &mut context {
        context.extend(TERMS.map(|term| (term.to_owned(), format!("cr:{term}").into())));
    }
    context
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_columns_are_called_they_have_ids_of_their_own() {
        let column = |name: &str, kind| Column::new(name, kind);
        let file = |path: &str| DataFile { path: path.into(), size: 7, sha256: "00".into() };
        let description = Description {
            name: "Cats".into(),
            description: "Cats of all sorts.".into(),
            url: "https://example.org/cats".into(),
            licences: Vec::new(),
            creators: vec![Creator { name: "Ada".into(), url: None }],
            published: 1_700_000_000,
            version: "1.0.0".into(),
            cite_as: None,
            pictures: file("pictures.parquet"),
            columns: vec![
                column("id", ColumnKind::Integer),
                column("path", ColumnKind::Text),
                column("a/ä b", ColumnKind::Texts),
            ],
            path_column: "path".into(),
            number_column: Some("id".into()),
            regions: file("regions.parquet"),
            folder: "images".into(),
            media_types: vec!["image/jpeg".into()],
        };
        let document = description.document();
        assert_eq!(document["citeAs"], "Ada. Cats. 2023. https://example.org/cats");
        let fields = document["recordSet"][0]["field"].as_array().unwrap();
        let ids: Vec<&str> = fields.iter().filter_map(|field| field["@id"].as_str()).collect();
        assert_eq!(
            ids,
            ["pictures/path", "pictures/@content", "pictures/id", "pictures/a%2F%C3%A4%20b", "pictures/licences"]
        );
        assert_eq!(fields[3]["isArray"], true);
        assert_eq!(document["recordSet"][1]["field"][0]["references"]["extract"]["column"], "id");
        let mut twice = [Vec::new(), Vec::new()];
        twice.iter_mut().for_each(|to| description.write(to).unwrap());
        assert_eq!(twice[0], twice[1]);
    }
}
