//! Reading and writing annotations, whatever the format.

use super::annotations::{FormatError, Reading, Writing};
use super::{coco, cvat, datumaro, imagefolder, label_studio, labelme, ocellus, via, voc, w3c, yolo};
use crate::model::AnnotationFormat;

impl AnnotationFormat {
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
    fn inputs_of_nothing_are_refused_with_a_reason() {
        for reader in [coco::read, yolo::read, voc::read, cvat::read, labelme::read, label_studio::read] {
            assert!(read_from(reader, &Memory::default()).0.is_err());
        }
        for reader in [datumaro::read, via::read, imagefolder::read, ocellus::read] {
            assert!(read_from(reader, &Memory::default()).0.is_err());
        }
    }
}
