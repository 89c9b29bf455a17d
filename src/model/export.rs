//! What leaves the site for a training run: the form, and what is done to annotations on the way.

use super::annotation_format::AnnotationFormat;
use super::error::AppError;
use serde::{Deserialize, Serialize};

/// A form in which pictures and their regions leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// One of those in which annotations come, too.
    Annotations(AnnotationFormat),
    /// WebDataset: shards for programs that learn.
    Webdataset,
    /// Croissant: tables and pictures with a description.
    Croissant,
    /// A single table, which stands alone unless an archive is asked for.
    Table(TableFormat),
}

/// A table with a row for each picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableFormat {
    /// Comma-separated values.
    Csv,
    /// A workbook for spreadsheets.
    Xlsx,
    /// Lines of JSON, one picture each.
    Jsonl,
    /// A table by columns, with regions as a nested one.
    Parquet,
}

impl TableFormat {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Xlsx, Self::Jsonl, Self::Parquet];

    fn said(self) -> Said {
        let said = |name, label, code| Said { name, label, code };
        match self {
            Self::Csv => said(
                "csv",
                "Table (CSV)",
                "import pandas\npictures = pandas.read_csv(\"pictures.csv\")\nprint(pictures.head())",
            ),
            Self::Xlsx => said(
                "xlsx",
                "Workbook (XLSX)",
                "import pandas\npictures = pandas.read_excel(\"pictures.xlsx\", sheet_name=None)\nprint(pictures[\"Pictures\"].head())",
            ),
            Self::Jsonl => said(
                "jsonl",
                "Table (JSON Lines)",
                "import pandas\npictures = pandas.read_json(\"pictures.jsonl\", lines=True)\nprint(pictures.head())",
            ),
            Self::Parquet => said(
                "parquet",
                "Table (Parquet)",
                "import pandas\npictures = pandas.read_parquet(\"pictures.parquet\")\nprint(pictures.head())",
            ),
        }
    }

    /// The name in addresses, and the end of its file's name.
    pub fn as_str(self) -> &'static str {
        self.said().name
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Jsonl => "application/jsonl",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// What a format is good for, and how it is loaded.
pub(super) struct Said {
    /// The name in addresses and on the command line.
    pub name: &'static str,
    /// The name for people.
    pub label: &'static str,
    /// Three lines of Python.
    pub code: &'static str,
}

impl ExportFormat {
    /// All of them, in the order in which they are offered.
    pub fn all() -> impl Iterator<Item = Self> {
        let annotations = AnnotationFormat::ALL.map(Self::Annotations).into_iter();
        annotations.chain([Self::Webdataset, Self::Croissant]).chain(TableFormat::ALL.map(Self::Table))
    }

    fn said(self) -> Said {
        let said = |name, label, code| Said { name, label, code };
        match self {
            Self::Annotations(format) => format.said(),
            Self::Table(format) => format.said(),
            Self::Webdataset => said(
                "webdataset",
                "WebDataset (TAR shards)",
                "import glob, webdataset\ndataset = webdataset.WebDataset(sorted(glob.glob(\"default-*.tar\")), shardshuffle=False)\nprint(next(iter(dataset.decode(\"pil\"))).keys())",
            ),
            Self::Croissant => said(
                "croissant",
                "Croissant 1.1",
                "import mlcroissant\ndataset = mlcroissant.Dataset(jsonld=\"croissant.json\")\nprint(next(iter(dataset.records(record_set=\"pictures\"))))",
            ),
        }
    }

    /// The name in addresses and on the command line.
    pub fn as_str(self) -> &'static str {
        self.said().name
    }

    /// The name for people.
    pub fn label(self) -> &'static str {
        self.said().label
    }

    /// Three lines of Python that load what was unpacked, run in its folder. With a split they load the part for training.
    pub fn python(self, is_split: bool) -> String {
        let code = self.said().code;
        if is_split {
            code.replace("instances_default", "instances_train").replace("default-*", "train-*")
        } else {
            code.to_owned()
        }
    }

    /// Whether it is nothing without the pictures' files.
    pub fn needs_files(self) -> bool {
        matches!(self, Self::Webdataset | Self::Croissant)
    }
}

impl std::str::FromStr for ExportFormat {
    type Err = AppError;

    fn from_str(name: &str) -> Result<Self, AppError> {
        Self::all().find(|format| format.as_str() == name).ok_or_else(|| {
            let names: Vec<&str> = Self::all().map(Self::as_str).collect();
            AppError::field("format", format!("must be one of {}", names.join(", ")))
        })
    }
}

/// Whether the pictures' files come along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportImages {
    /// They do.
    #[default]
    Files,
    /// Only their addresses do.
    Urls,
}

impl std::str::FromStr for ExportImages {
    type Err = AppError;

    fn from_str(word: &str) -> Result<Self, AppError> {
        match word {
            "files" => Ok(Self::Files),
            "urls" => Ok(Self::Urls),
            _ => Err(AppError::field("images", "must be files or urls")),
        }
    }
}

/// The names of the parts of a split, in the order in which their shares are said.
pub const SPLIT_PARTS: [&str; 3] = ["train", "val", "test"];

/// How pictures are shared out among the parts of a split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// Where each part of [`SPLIT_PARTS`] ends, as a share of all; 1 from the last part on.
    ends: [f64; 3],
}

impl Split {
    /// The part that a picture with this number belongs to, which is spread evenly over all numbers.
    pub fn part(&self, number: u64) -> &'static str {
        let place = number as f64 / u64::MAX as f64;
        let part = self.ends.iter().position(|end| place < *end);
        // What is the very last belongs to the last part that has any share.
        let last = || self.ends.iter().position(|end| *end >= 1.0);
        SPLIT_PARTS[part.or_else(last).unwrap_or_default()]
    }
}

impl std::str::FromStr for Split {
    type Err = AppError;

    /// Reads shares such as `80,10,10`: of train, val and test, in any unit. What is not said is 0.
    fn from_str(text: &str) -> Result<Self, AppError> {
        let wrong = || AppError::field("split", "must be up to three shares such as 80,10,10, of train, val and test");
        let shares: Vec<f64> = text
            .split(',')
            .map(|share| share.trim().parse::<f64>().ok().filter(|share| (0.0..=1e9).contains(share)))
            .collect::<Option<_>>()
            .ok_or_else(wrong)?;
        let sum: f64 = shares.iter().sum();
        if shares.len() > SPLIT_PARTS.len() || sum <= 0.0 {
            return Err(wrong());
        }
        let (mut ends, mut end) = ([1.0; 3], 0.0);
        for (place, share) in shares.iter().enumerate() {
            end += share / sum;
            // Whatever the rounding says, nothing is left behind the last share.
            let is_last = shares[place + 1..].iter().all(|share| *share == 0.0);
            ends[place] = if is_last { 1.0 } else { end };
        }
        Ok(Self { ends })
    }
}

/// How an export is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExportOptions {
    /// The form.
    pub format: ExportFormat,
    /// Whether the pictures' files come along.
    pub images: ExportImages,
    /// How the pictures are shared out; not at all if absent.
    pub split: Option<Split>,
    /// Another number shares them out otherwise.
    pub seed: u64,
    /// Objects further down in the taxonomy are said as the ones above them at this level; the topmost are at 0.
    pub level: Option<u32>,
    /// Boxes and polygons that are narrower or lower than so many pixels are left out.
    pub min_size: Option<u32>,
    /// What somebody has in mind with the pictures, if they say it.
    pub purpose: Option<Purpose>,
}

/// What somebody has in mind with pictures, and what becomes of those whose licences exclude it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purpose {
    /// To use them for money.
    pub commercial: bool,
    /// To change them.
    pub derivatives: bool,
    /// Whether those that exclude it are left out; otherwise nothing is exported where there are any.
    pub leave_out: bool,
}

impl Purpose {
    /// Reads words such as `commercial,derivatives`.
    pub fn read(words: &str, leave_out: bool) -> Result<Self, AppError> {
        let mut purpose = Self { leave_out, ..Self::default() };
        for word in words.split(',').map(str::trim) {
            match word {
                "commercial" => purpose.commercial = true,
                "derivatives" => purpose.derivatives = true,
                _ => {
                    return Err(AppError::field(
                        "use",
                        "must be commercial, derivatives, or both, separated by a comma",
                    ));
                }
            }
        }
        Ok(purpose)
    }
}

/// What an export will have in it, before anything of it is sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExportPreview {
    /// What the file will be called.
    pub name: String,
    /// How many bytes it will have.
    pub size: u64,
    /// How many files are in it; none if it is a single table.
    pub files: u64,
    /// How many pictures.
    pub pictures: u64,
    /// How many regions, as far as the format can say them or not.
    pub regions: u64,
    /// What the format cannot say, in words: `37 polylines cannot be said`.
    pub losses: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formats_are_named_and_come_with_three_lines() {
        for format in ExportFormat::all() {
            assert_eq!(format.as_str().parse::<ExportFormat>().unwrap(), format);
            assert_eq!(format.python(true).lines().count(), 3, "{format:?}");
        }
        assert!("COCO".parse::<ExportFormat>().unwrap_err().to_string().contains("coco, yolo"));
    }

    #[test]
    fn shares_are_read() {
        let split: Split = "80, 10,10".parse().unwrap();
        assert_eq!(
            [0, u64::MAX / 2, u64::MAX / 20 * 17, u64::MAX].map(|n| split.part(n)),
            ["train", "train", "val", "test"]
        );
        let split: Split = "1,0,0".parse().unwrap();
        assert_eq!(split.part(u64::MAX), "train");
        let split: Split = "0,0,5".parse().unwrap();
        assert_eq!(split.part(0), "test");
        for wrong in ["", "0", "0,0", "a", "-1,2", "1,2,3,4", "nan", "inf,1", "1e300"] {
            assert_eq!(wrong.parse::<Split>().unwrap_err().status(), 400, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn parts_without_a_share_get_nothing(shares in prop::array::uniform3(0_u32..4), numbers in prop::collection::vec(any::<u64>(), 50)) {
            prop_assume!(shares.iter().any(|share| *share > 0));
            let split: Split = format!("{},{},{}", shares[0], shares[1], shares[2]).parse().unwrap();
            for number in numbers.into_iter().chain([0, u64::MAX]) {
                let part = SPLIT_PARTS.iter().position(|part| *part == split.part(number)).unwrap();
                prop_assert!(shares[part] > 0);
            }
        }
    }
}
