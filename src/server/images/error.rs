//! What can be wrong with a picture, in words for whoever uploaded it.

use super::format::Format;
use crate::model::AppError;
use std::fmt;
use std::io;

/// What can go wrong with a picture.
#[derive(Debug)]
pub enum ImageError {
    /// The file has none of the supported formats.
    UnknownFormat,
    /// The file is of a supported format, but uses a part of it that is not supported. Says which.
    Unsupported(Format, String),
    /// The file is damaged. Says how, as far as is known.
    Damaged(Format, String),
    /// The picture claims more than the limits allow. Says which limit.
    TooLarge(String),
    /// The file system failed.
    Io(io::Error),
    /// The pipeline is shutting down or failed in a way that is nobody's fault.
    Unavailable(String),
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFormat => {
                f.write_str("this is not a picture of a supported format (GIF, PNG, JPEG, TIFF, BMP, WebP, SVG)")
            }
            Self::Unsupported(format, what) => {
                write!(f, "this {} file cannot be read: {what}", format.label())
            }
            Self::Damaged(format, how) => write!(f, "this {} file is damaged: {how}", format.label()),
            Self::TooLarge(limit) => f.write_str(limit),
            Self::Io(error) => write!(f, "reading a picture: {error}"),
            Self::Unavailable(why) => write!(f, "pictures cannot be processed: {why}"),
        }
    }
}

impl std::error::Error for ImageError {}

impl From<io::Error> for ImageError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ImageError> for AppError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::UnknownFormat | ImageError::Unsupported(..) => Self::UnsupportedMediaType(error.to_string()),
            ImageError::Damaged(..) => Self::field("file", error.to_string()),
            ImageError::TooLarge(limit) => Self::TooLarge(limit),
            ImageError::Io(_) | ImageError::Unavailable(_) => {
                tracing::error!(%error, "the image pipeline failed");
                Self::Internal { request_id: String::new() }
            }
        }
    }
}

impl ImageError {
    /// What the `image` crate says about a file of this format.
    pub(super) fn from_image(format: Format, error: image::ImageError) -> Self {
        use image::ImageError as Cause;
        match error {
            Cause::Limits(_) => Self::TooLarge("decoding this picture would need too much memory".to_owned()),
            Cause::Unsupported(what) => Self::Unsupported(format, what.to_string()),
            // At the end of the file a decoder that wants more gets this, too: the file is at fault, not the disk.
            Cause::IoError(error) => Self::from_read(format, error),
            other => Self::Damaged(format, other.to_string()),
        }
    }

    /// A failure while a decoder was reading.
    pub(super) fn from_read(format: Format, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged(format, "it ends too early".to_owned()),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                Self::Damaged(format, error.to_string())
            }
            _ => Self::Io(error),
        }
    }

    /// What the PNG decoder says.
    pub(super) fn from_png(error: png::DecodingError) -> Self {
        match error {
            png::DecodingError::IoError(error) => Self::from_read(Format::Png, error),
            png::DecodingError::LimitsExceeded => {
                Self::TooLarge("decoding this picture would need too much memory".to_owned())
            }
            other => Self::Damaged(Format::Png, other.to_string()),
        }
    }

    /// What the JPEG decoder says.
    pub(super) fn from_jpeg(error: zune_jpeg::errors::DecodeErrors) -> Self {
        use zune_jpeg::errors::DecodeErrors as Cause;
        match error {
            Cause::Unsupported(what) => Self::Unsupported(Format::Jpeg, format!("{what:?}")),
            Cause::ExhaustedData => Self::Damaged(Format::Jpeg, "it ends too early".to_owned()),
            Cause::LargeDimensions(_) => Self::TooLarge("this picture has too many pixels".to_owned()),
            other => Self::Damaged(Format::Jpeg, format!("{other:?}")),
        }
    }

    /// What the TIFF decoder says.
    pub(super) fn from_tiff(error: tiff::TiffError) -> Self {
        use tiff::TiffError as Cause;
        match error {
            Cause::IoError(error) => Self::from_read(Format::Tiff, error),
            Cause::UnsupportedError(what) => Self::Unsupported(Format::Tiff, what.to_string()),
            Cause::LimitsExceeded => Self::TooLarge("decoding this picture would need too much memory".to_owned()),
            other => Self::Damaged(Format::Tiff, other.to_string()),
        }
    }

    /// What the GIF decoder says.
    pub(super) fn from_gif(error: gif::DecodingError) -> Self {
        match error {
            gif::DecodingError::Io(error) => Self::from_read(Format::Gif, error),
            other => Self::Damaged(Format::Gif, other.to_string()),
        }
    }
}
