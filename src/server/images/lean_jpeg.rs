//! Small JPEGs that are their own thumbnails: taken over bit by bit, without what is not needed to show them.
//!
//! Encoding a picture again at the size that it has costs time and quality, and gains nothing. What goes is metadata: a
//! thumbnail tells no camera, place or words, and whatever stands behind the picture's end goes, too. Markers are those of
//! ITU-T T.81, annex B.

/// What a picture may weigh to be taken over, in bytes for each pixel: more than what this program would write is fine, as
/// long as pages full of thumbnails stay light.
const MAX_BYTES_PER_PIXEL: f64 = 0.75;

/// How many bytes a JPEG of so many pixels may have to be taken over.
pub(super) fn max_bytes(width: u32, height: u32) -> u64 {
    (f64::from(width) * f64::from(height) * MAX_BYTES_PER_PIXEL) as u64
}

/// The picture alone, with its colour profile if that is asked for. `None` for a file that is cut off, or of a kind that not
/// every browser shows: four colours, more than 8 bits, arithmetic coding.
pub(super) fn lean(file: &[u8], keep_profile: bool) -> Option<Vec<u8>> {
    let mut rest = file.strip_prefix(&[0xFF, 0xD8])?;
    let mut out = Vec::with_capacity(file.len());
    out.extend_from_slice(&[0xFF, 0xD8]);
    let (mut has_frame, mut has_scan) = (false, false);
    loop {
        // Any number of 0xFF may stand before a marker.
        let filled = rest.iter().take_while(|byte| **byte == 0xFF).count();
        let marker = *rest.get(filled).filter(|_| filled > 0)?;
        rest = &rest[filled + 1..];
        if marker == 0xD9 {
            out.extend_from_slice(&[0xFF, 0xD9]);
            return has_scan.then_some(out);
        }
        let length = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        let payload = rest.get(2..length)?;
        rest = &rest[length..];
        let mut keep = |payload: &[u8]| {
            out.extend_from_slice(&[0xFF, marker]);
            out.extend_from_slice(&(payload.len() as u16 + 2).to_be_bytes());
            out.extend_from_slice(payload);
        };
        match marker {
            // The kinds of frames: baseline, extended, progressive.
            0xC0..=0xC2 => {
                if has_frame || payload.first() != Some(&8) || !matches!(payload.get(5), Some(1 | 3)) {
                    return None;
                }
                has_frame = true;
                keep(payload);
            }
            // Tables of codes and of quantisation, and the interval of restarts.
            0xC4 | 0xDB | 0xDD => keep(payload),
            // JFIF says how colours are written. The tiny picture that may follow its 12 bytes stays behind.
            0xE0 if payload.starts_with(b"JFIF\0") => {
                let mut head = *payload.first_chunk::<14>()?;
                head[12..].fill(0);
                keep(&head);
            }
            0xE2 if keep_profile && payload.starts_with(b"ICC_PROFILE\0") => keep(payload),
            // So does Adobe's.
            0xEE if payload.starts_with(b"Adobe") => keep(payload),
            0xE0..=0xEF | 0xFE => {}
            0xDA if has_frame => {
                has_scan = true;
                keep(payload);
                let end = end_of_scan(rest)?;
                out.extend_from_slice(&rest[..end]);
                rest = &rest[end..];
            }
            _ => return None,
        }
    }
}

/// Where the marker stands that ends a scan. Inside of it, 0xFF is followed by 0 or by a marker of a restart.
fn end_of_scan(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += bytes[at..].iter().position(|byte| *byte == 0xFF)?;
        match bytes.get(at + 1)? {
            0x00 | 0xD0..=0xD7 => at += 2,
            _ => return Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

    fn jpeg(progressive: bool, colours: ColorType, channels: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, 90);
        encoder.set_progressive(progressive);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.set_restart_interval(2);
        encoder.add_app_segment(1, b"Exif\0\0somewhere".to_vec()).unwrap();
        encoder.add_icc_profile(&[7; 300]).unwrap();
        encoder.add_app_segment(13, b"Photoshop 3.0\0somebody".to_vec()).unwrap();
        let pixels: Vec<u8> = (0..40 * 30 * channels).map(|at| (at * at / 7 % 251) as u8).collect();
        encoder.encode(&pixels, 40, 30, colours).unwrap();
        bytes
    }

    fn pixels(jpeg: &[u8]) -> Vec<u8> {
        image::load_from_memory(jpeg).unwrap().into_rgb8().into_raw()
    }

    fn has(bytes: &[u8], needle: &[u8]) -> bool {
        bytes.windows(needle.len()).any(|window| window == needle)
    }

    #[test]
    fn pixels_stay_to_the_bit_and_metadata_goes() {
        for (colours, channels) in [(ColorType::Rgb, 3), (ColorType::Luma, 1)] {
            for progressive in [false, true] {
                let mut file = jpeg(progressive, colours, channels);
                let whole = lean(&file, false).unwrap();
                assert_eq!(pixels(&whole), pixels(&file));
                assert!(!has(&whole, b"somewhere") && !has(&whole, b"somebody") && !has(&whole, b"ICC_PROFILE"));
                assert!(has(&lean(&file, true).unwrap(), &[7; 300]));
                // What hangs behind the end, such as a second picture with a place of its own, goes, too.
                file.extend_from_slice(b"\xFF\xE1\0\x10Exif\0\0elsewhere");
                assert_eq!(lean(&file, false).unwrap(), whole);
                assert_eq!(lean(&whole, true).unwrap(), whole);
            }
        }
    }

    #[test]
    fn a_tiny_picture_inside_of_the_head_goes() {
        let file = jpeg(false, ColorType::Rgb, 3);
        let end = 4 + 16;
        assert_eq!(file[2..4], [0xFF, 0xE0]);
        let mut fat = file[..2].to_vec();
        fat.extend_from_slice(&[0xFF, 0xE0, 0, 19]);
        fat.extend_from_slice(&file[6..18]);
        fat.extend_from_slice(&[1, 1, 9, 9, 9]);
        fat.extend_from_slice(&file[end..]);
        assert_eq!(lean(&fat, true), lean(&file, true));
    }

    #[test]
    fn what_is_cut_off_or_unusual_is_not_taken_over() {
        let file = jpeg(true, ColorType::Rgb, 3);
        for length in 0..file.len() {
            assert_eq!(lean(&file[..length], true), None, "{length}");
        }
        assert_eq!(lean(&jpeg(false, ColorType::Cmyk, 4), true), None);
        assert_eq!(lean(b"\xFF\xD8\xFF\xD9", true), None);
        // Broken anywhere, it is left out or taken over, and nothing worse.
        for at in 0..file.len() {
            let mut broken = file.clone();
            broken[at] ^= 0x55;
            lean(&broken, true);
        }
    }
}
