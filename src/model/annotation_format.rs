//! The formats in which annotations come and go, by their names.

use super::export::Said;

/// A format in which annotations come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnnotationFormat {
    /// COCO.
    Coco,
    /// YOLO with boxes.
    Yolo,
    /// YOLO with segments.
    YoloSeg,
    /// Pascal VOC.
    Voc,
    /// CVAT for images 1.1.
    Cvat,
    /// labelme.
    Labelme,
    /// Label Studio.
    LabelStudio,
    /// Datumaro.
    Datumaro,
    /// VGG Image Annotator.
    Via,
    /// W3C Web Annotation; written only.
    W3c,
    /// Hugging Face's imagefolder.
    Imagefolder,
    /// Our own: JSON Lines.
    Ocellus,
}

impl AnnotationFormat {
    /// Every format, in the order in which they are offered.
    pub const ALL: [Self; 12] = [
        Self::Coco,
        Self::Yolo,
        Self::YoloSeg,
        Self::Voc,
        Self::Cvat,
        Self::Labelme,
        Self::LabelStudio,
        Self::Datumaro,
        Self::Via,
        Self::W3c,
        Self::Imagefolder,
        Self::Ocellus,
    ];

    /// What is said of it where it is offered.
    pub(super) fn said(self) -> Said {
        let said = |name, label, code| Said { name, label, code };
        match self {
            Self::Coco => said(
                "coco",
                "COCO (JSON)",
                "from pycocotools.coco import COCO\ncoco = COCO(\"annotations/instances_default.json\")\nprint(len(coco.imgs), \"pictures\")",
            ),
            Self::Yolo => said(
                "yolo",
                "YOLO, boxes",
                "from ultralytics import YOLO\nmodel = YOLO(\"yolo11n.pt\")\nmodel.train(data=\"data.yaml\", epochs=100)",
            ),
            Self::YoloSeg => said(
                "yolo-seg",
                "YOLO, segments",
                "from ultralytics import YOLO\nmodel = YOLO(\"yolo11n-seg.pt\")\nmodel.train(data=\"data.yaml\", epochs=100)",
            ),
            Self::Voc => said(
                "voc",
                "Pascal VOC (XML)",
                "from datumaro import Dataset\ndataset = Dataset.import_from(\".\", \"voc\")\nprint(len(dataset), \"pictures\")",
            ),
            Self::Cvat => said(
                "cvat",
                "CVAT for images 1.1 (XML)",
                "from datumaro import Dataset\ndataset = Dataset.import_from(\".\", \"cvat\")\nprint(len(dataset), \"pictures\")",
            ),
            Self::Labelme => said(
                "labelme",
                "labelme (JSON)",
                "import json, pathlib\nfiles = [p for p in pathlib.Path(\".\").rglob(\"*.json\") if p.name != \"losses.json\"]\nshapes = {p: json.loads(p.read_text())[\"shapes\"] for p in files}",
            ),
            Self::LabelStudio => said(
                "label-studio",
                "Label Studio (JSON)",
                "import json\ntasks = json.load(open(\"tasks.json\"))\nprint(len(tasks), \"tasks\")",
            ),
            Self::Datumaro => said(
                "datumaro",
                "Datumaro",
                "from datumaro import Dataset\ndataset = Dataset.import_from(\".\", \"datumaro\")\nprint(len(dataset), \"pictures\")",
            ),
            Self::Via => said(
                "via",
                "VGG Image Annotator (JSON)",
                "import json\nproject = json.load(open(\"via.json\"))\npictures = project[\"_via_img_metadata\"].values()",
            ),
            Self::W3c => said(
                "w3c",
                "W3C Web Annotation (JSON-LD)",
                "import json\npage = json.load(open(\"annotations.jsonld\"))\nprint(len(page[\"items\"]), \"annotations\")",
            ),
            Self::Imagefolder => said(
                "imagefolder",
                "Hugging Face imagefolder",
                "from datasets import load_dataset\ndataset = load_dataset(\"imagefolder\", data_dir=\".\")\nprint(dataset)",
            ),
            Self::Ocellus => said(
                "ocellus",
                "Ocellus (JSON Lines)",
                "import json\npictures = [json.loads(line) for line in open(\"annotations.jsonl\")]\nprint(len(pictures), \"pictures\")",
            ),
        }
    }

    /// The name in addresses and on the command line.
    pub fn as_str(self) -> &'static str {
        self.said().name
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        self.said().label
    }

    /// The format with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// Whether it can be read.
    pub fn is_readable(self) -> bool {
        self != Self::W3c
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_formats() {
        for format in AnnotationFormat::ALL {
            assert_eq!(AnnotationFormat::named(format.as_str()), Some(format));
        }
        assert_eq!(AnnotationFormat::named("COCO"), None);
    }
}
