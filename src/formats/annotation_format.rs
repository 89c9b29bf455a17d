//! The annotation formats by the names that the API and the command line have for them.

use super::annotations::{FormatError, Reading, Writing};
use super::{coco, cvat, datumaro, imagefolder, label_studio, labelme, ocellus, via, voc, w3c, yolo};

/// A format in which annotations come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnnotationFormat {
    /// COCO, see [`coco`].
    Coco,
    /// YOLO with boxes, see [`yolo`].
    Yolo,
    /// YOLO with segments, see [`yolo`].
    YoloSeg,
    /// Pascal VOC, see [`voc`].
    Voc,
    /// CVAT for images 1.1, see [`cvat`].
    Cvat,
    /// labelme, see [`labelme`].
    Labelme,
    /// Label Studio, see [`label_studio`].
    LabelStudio,
    /// Datumaro, see [`datumaro`].
    Datumaro,
    /// VGG Image Annotator, see [`via`].
    Via,
    /// Web Annotation, see [`w3c`]; written only.
    W3c,
    /// Hugging Face's imagefolder, see [`imagefolder`].
    Imagefolder,
    /// Our own, see [`ocellus`].
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

    /// The name in addresses and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Coco => "coco",
            Self::Yolo => "yolo",
            Self::YoloSeg => "yolo-seg",
            Self::Voc => "voc",
            Self::Cvat => "cvat",
            Self::Labelme => "labelme",
            Self::LabelStudio => "label-studio",
            Self::Datumaro => "datumaro",
            Self::Via => "via",
            Self::W3c => "w3c",
            Self::Imagefolder => "imagefolder",
            Self::Ocellus => "ocellus",
        }
    }

    /// The format with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// Whether it can be read.
    pub fn is_readable(self) -> bool {
        self != Self::W3c
    }

    /// Reads inputs of this format; those of one that is written only have nothing in them.
    pub fn read(self, reading: &mut Reading) -> Result<(), FormatError> {
        match self {
            Self::Coco => coco::read(reading),
            Self::Yolo | Self::YoloSeg => yolo::read(reading),
            Self::Voc => voc::read(reading),
            Self::Cvat => cvat::read(reading),
            Self::Labelme => labelme::read(reading),
            Self::LabelStudio => label_studio::read(reading),
            Self::Datumaro => datumaro::read(reading),
            Self::Via => via::read(reading),
            Self::W3c => Ok(()),
            Self::Imagefolder => imagefolder::read(reading),
            Self::Ocellus => ocellus::read(reading),
        }
    }

    /// Writes this format.
    pub fn write(self, writing: &mut Writing) -> Result<(), FormatError> {
        match self {
            Self::Coco => coco::write(writing),
            Self::Yolo => yolo::write(writing),
            Self::YoloSeg => yolo::write_segments(writing),
            Self::Voc => voc::write(writing),
            Self::Cvat => cvat::write(writing),
            Self::Labelme => labelme::write(writing),
            Self::LabelStudio => label_studio::write(writing),
            Self::Datumaro => datumaro::write(writing),
            Self::Via => via::write(writing),
            Self::W3c => w3c::write(writing),
            Self::Imagefolder => imagefolder::write(writing),
            Self::Ocellus => ocellus::write(writing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::annotations::tests_support::{Memory, read_from};

    #[test]
    fn names_are_those_of_the_formats() {
        for format in AnnotationFormat::ALL {
            assert_eq!(AnnotationFormat::named(format.as_str()), Some(format));
        }
        assert_eq!(AnnotationFormat::named("COCO"), None);
    }

    #[test]
    fn inputs_of_nothing_are_refused_with_a_reason() {
        for reader in [coco::read, yolo::read, voc::read, cvat::read, labelme::read, label_studio::read] {
            assert!(read_from(reader, &Memory::default()).0.is_err());
        }
        for reader in [datumaro::read, via::read, imagefolder::read, ocellus::read] {
            assert!(read_from(reader, &Memory::default()).0.is_err());
        }
    }
}
