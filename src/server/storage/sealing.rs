//! Credentials of storage sites at rest: encrypted with a key that is not in the database.

use crate::model::SiteCredentials;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What the key's file is called in the data folder.
pub const KEY_FILE: &str = "storage.key";
/// How many bytes the key has.
const KEY_BYTES: usize = 32;
/// How many bytes stand before what is encrypted, which no two texts have in common.
const NONCE_BYTES: usize = 24;

/// Encrypts credentials, with the key of the settings or that of a file in the data folder, which is made when it is first needed.
pub struct Sealing {
    key: Option<[u8; KEY_BYTES]>,
    file: PathBuf,
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealing(…)")
    }
}

/// A key as the settings have it: 64 hexadecimal digits.
pub fn read_key(text: &str) -> Option<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    hex::decode_to_slice(text.trim(), &mut key).ok()?;
    Some(key)
}

impl Sealing {
    /// With this key, or without one with that of the data folder.
    pub fn new(key: Option<[u8; KEY_BYTES]>, data_dir: &Path) -> Self {
        Self { key, file: data_dir.join(KEY_FILE) }
    }

    /// Encrypts credentials. They can be read again only for the same `place`, so that nobody who can write into the database leads
    /// them elsewhere.
    pub fn seal(&self, credentials: &SiteCredentials, place: &str) -> io::Result<String> {
        let text = serde_json::to_vec(credentials)?;
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload { msg: &text, aad: place.as_bytes() };
        let sealed = cipher(&self.key_or_make()?).encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| io::Error::other("credentials could not be encrypted"))?;
        Ok(STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    /// Reads what [`seal`](Self::seal) gave.
    pub fn open(&self, sealed: &str, place: &str) -> io::Result<SiteCredentials> {
        let broken =
            || io::Error::new(io::ErrorKind::InvalidData, "credentials cannot be decrypted: is it the right key?");
        let key = match self.key {
            Some(key) => key,
            None => read_file(&self.file)?,
        };
        let bytes = STANDARD.decode(sealed).map_err(|_| broken())?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or_else(broken)?;
        let payload = Payload { msg: text, aad: place.as_bytes() };
        let text = cipher(&key).decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken())?;
        serde_json::from_slice(&text).map_err(|_| broken())
    }

    fn key_or_make(&self) -> io::Result<[u8; KEY_BYTES]> {
        if let Some(key) = self.key {
            return Ok(key);
        }
        match read_file(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        let dir = self.file.parent().ok_or_else(|| io::Error::other("the key's file has no folder"))?;
        // Temporary files can be read by their owner alone, and keep that.
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(hex::encode(rand::random::<[u8; KEY_BYTES]>()).as_bytes())?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(&self.file) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => return Err(error.error),
            // Another server was quicker, and its key is that of both.
            _ => super::super::blobs::durable::sync(dir)?,
        }
        read_file(&self.file)
    }
}

fn cipher(key: &[u8; KEY_BYTES]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}

fn read_file(file: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let text = fs::read_to_string(file)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if fs::metadata(file)?.permissions().mode() & 0o077 != 0 {
            let message = format!("{KEY_FILE} in the data folder may be read by others; make it `chmod 600`");
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
    }
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, format!("{KEY_FILE} must hold 64 hexadecimal digits"));
    read_key(&text).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> SiteCredentials {
        SiteCredentials { access_key: "AKIA".into(), secret_key: "hush".into() }
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_at_the_same_place_only() {
        let dir = tempfile::tempdir().unwrap();
        let sealing = Sealing::new(Some([7; KEY_BYTES]), dir.path());
        let sealed = sealing.seal(&credentials(), "a").unwrap();
        assert_ne!(sealed, sealing.seal(&credentials(), "a").unwrap());
        let bytes = STANDARD.decode(&sealed).unwrap();
        assert!(!bytes.windows(4).any(|part| part == b"hush" || part == b"AKIA"));
        assert_eq!(sealing.open(&sealed, "a").unwrap(), credentials());
        assert!(sealing.open(&sealed, "b").is_err());
        assert!(Sealing::new(Some([8; KEY_BYTES]), dir.path()).open(&sealed, "a").is_err());
        let mut changed = bytes;
        *changed.last_mut().unwrap() ^= 1;
        assert!(sealing.open(&STANDARD.encode(changed), "a").is_err());
        for nonsense in ["", "!", "AAAA"] {
            assert!(sealing.open(nonsense, "a").is_err(), "{nonsense}");
        }
        assert!(!dir.path().join(KEY_FILE).exists());
    }

    #[test]
    fn the_key_is_made_once_and_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let sealing = || Sealing::new(None, dir.path());
        let sealed = sealing().seal(&credentials(), "a").unwrap();
        assert_eq!(sealing().open(&sealed, "a").unwrap(), credentials());
        let again = sealing().seal(&credentials(), "a").unwrap();
        assert_eq!(sealing().open(&again, "a").unwrap(), credentials());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let file = dir.path().join(KEY_FILE);
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
            assert_eq!(sealing().open(&sealed, "a").unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        }
    }

    #[test]
    fn keys_of_the_settings_are_64_digits() {
        assert!(read_key(&"0f".repeat(32)).is_some());
        for wrong in ["", "0f", &"0g".repeat(32), &"0f".repeat(33)] {
            assert!(read_key(wrong).is_none(), "{wrong}");
        }
    }
}
