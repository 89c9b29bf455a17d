//! Where storage sites may be: below folders and at addresses that the operator has named, and nowhere else. Whoever registers a
//! site could otherwise have the server look into its own folders, or speak to what only it can reach.

use crate::model::site_place::{IN_ANOTHER_SITE, SITE_BASE};
use crate::model::{AppError, FieldError, SitePlace};
use std::io;
use std::path::{Path, PathBuf};

/// What the settings allow.
#[derive(Clone, Debug, Default)]
pub struct Allowed {
    roots: Vec<PathBuf>,
    endpoints: Vec<String>,
    data_dir: PathBuf,
}

impl Allowed {
    /// These folders and endpoints; never the data folder.
    pub fn new(roots: &[PathBuf], endpoints: &[String], data_dir: &Path) -> Self {
        Self { roots: roots.to_vec(), endpoints: endpoints.to_vec(), data_dir: data_dir.to_owned() }
    }

    /// Whether there can be storage sites at all.
    pub fn any(&self) -> bool {
        !(self.roots.is_empty() && self.endpoints.is_empty())
    }

    /// Fails unless there may be a storage site here. A folder is made if it is missing, and its path becomes the real one.
    pub fn check_new(&self, place: &mut SitePlace) -> Result<(), AppError> {
        if let SitePlace::Folder { folder } = place {
            let wrong = |message: &str| AppError::fields(vec![FieldError::new("folder", message)]);
            let unfit = |error: io::Error| {
                tracing::info!(%error, "a folder for a storage site cannot be used");
                wrong("must be below one of the folders that this site's settings allow, and writable")
            };
            let (root, wanted) = self.find(Path::new(folder)).map_err(unfit)?;
            let below = wanted.strip_prefix(root).unwrap_or(&wanted);
            if below.iter().any(|part| part.to_string_lossy().starts_with(SITE_BASE)) {
                return Err(wrong(IN_ANOTHER_SITE));
            }
            let real = make(&wanted).map_err(unfit)?;
            *folder = real.into_os_string().into_string().map_err(|_| wrong("must be UTF-8"))?;
        }
        if self.permits(place) {
            return Ok(());
        }
        Err(match place {
            SitePlace::Folder { .. } => {
                AppError::field("folder", "must be below one of the folders that this site's settings allow")
            }
            SitePlace::S3 { .. } => {
                AppError::field("endpoint", "must be one of the addresses that this site's settings allow")
            }
        })
    }

    /// Whether there may be a storage site here. Asked again each time that one is used, since settings and links change.
    pub fn permits(&self, place: &SitePlace) -> bool {
        match place {
            SitePlace::Folder { folder } => std::fs::canonicalize(folder).is_ok_and(|real| {
                real == Path::new(folder) && self.root_of(&real).is_some() && !self.touches_data(&real)
            }),
            SitePlace::S3 { endpoint, bucket, path_style: true, .. } => !bucket.is_empty() && self.has(endpoint),
            // The bucket's name becomes a part of the host, which has to be allowed as a whole.
            SitePlace::S3 { .. } => address(place).is_some_and(|address| self.has(&address)),
        }
    }

    /// The root that a folder is to be below, and where it really is: no link on the way to what is there leads out.
    fn find(&self, folder: &Path) -> io::Result<(PathBuf, PathBuf)> {
        let outside = || io::Error::new(io::ErrorKind::PermissionDenied, "it is not below an allowed folder");
        let plain = |part: std::path::Component| {
            matches!(part, std::path::Component::Normal(_) | std::path::Component::RootDir)
        };
        if !folder.is_absolute() || !folder.components().all(plain) {
            return Err(outside());
        }
        let there = folder.ancestors().find(|path| path.exists()).ok_or_else(outside)?;
        let real = std::fs::canonicalize(there)?;
        let root = self.root_of(&real).ok_or_else(outside)?;
        let rest = folder.strip_prefix(there).map_err(|_| outside())?;
        let wanted = if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        if self.touches_data(&wanted) {
            return Err(outside());
        }
        Ok((root, wanted))
    }

    fn root_of(&self, real: &Path) -> Option<PathBuf> {
        self.roots.iter().filter_map(|root| std::fs::canonicalize(root).ok()).find(|root| real.starts_with(root))
    }

    /// Whether a folder is that of the site's own data, in it or around it.
    fn touches_data(&self, real: &Path) -> bool {
        // Without the data folder there is nothing to be kept apart from; but then something is wrong.
        let Ok(data) = std::fs::canonicalize(&self.data_dir) else { return true };
        real.starts_with(&data) || data.starts_with(real)
    }

    fn has(&self, address: &str) -> bool {
        self.endpoints.iter().any(|allowed| match allowed.split_once("://*.") {
            None => allowed == address,
            Some((scheme, domain)) => address
                .strip_prefix(scheme)
                .and_then(|rest| rest.strip_prefix("://"))
                .and_then(|host| host.strip_suffix(domain))
                .is_some_and(|before| before.len() > 1 && before.ends_with('.')),
        })
    }
}

/// Makes a folder with those above it, and gives its path when it can be written to.
fn make(wanted: &Path) -> io::Result<PathBuf> {
    std::fs::create_dir_all(wanted)?;
    let real = std::fs::canonicalize(wanted)?;
    tempfile::NamedTempFile::new_in(&real)?.close()?;
    Ok(real)
}

/// The address that requests for a bucket go to.
pub fn address(place: &SitePlace) -> Option<String> {
    match place {
        SitePlace::S3 { endpoint, path_style: true, .. } => Some(endpoint.clone()),
        SitePlace::S3 { endpoint, bucket, .. } => {
            let (scheme, host) = endpoint.split_once("://")?;
            Some(format!("{scheme}://{bucket}.{host}"))
        }
        SitePlace::Folder { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s3(endpoint: &str, bucket: &str, path_style: bool) -> SitePlace {
        SitePlace::S3 {
            endpoint: endpoint.into(),
            region: "eu".into(),
            bucket: bucket.into(),
            prefix: String::new(),
            path_style,
        }
    }

    #[test]
    fn only_named_addresses_are_spoken_to() {
        let named = ["https://s3.example.org", "http://127.0.0.1:9000", "https://*.amazonaws.com"].map(str::to_owned);
        let allowed = Allowed::new(&[], &named, Path::new("/"));
        for (endpoint, bucket, path_style, expected) in [
            ("https://s3.example.org", "cats", true, true),
            ("http://s3.example.org", "cats", true, false),
            ("https://s3.example.org:8443", "cats", true, false),
            ("https://s3.example.org", "cats", false, false),
            ("http://127.0.0.1:9000", "cats", true, true),
            ("http://127.0.0.1:9001", "cats", true, false),
            ("http://169.254.169.254", "cats", true, false),
            ("https://s3.eu-west-1.amazonaws.com", "cats", true, true),
            ("https://s3.eu-west-1.amazonaws.com", "cats", false, true),
            ("https://amazonaws.com", "cats", true, false),
            ("https://evilamazonaws.com", "cats", true, false),
            ("https://.amazonaws.com", "cats", true, false),
            ("http://s3.amazonaws.com", "cats", true, false),
            ("https://s3.amazonaws.com.evil.org", "cats", true, false),
        ] {
            assert_eq!(allowed.permits(&s3(endpoint, bucket, path_style)), expected, "{endpoint} {path_style}");
        }
        assert!(!Allowed::default().permits(&s3("https://s3.example.org", "cats", true)));
    }

    #[cfg(unix)]
    #[test]
    fn folders_are_below_a_root_and_no_link_leads_out() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        for made in ["root/here", "data", "other", "root/inner-data"] {
            std::fs::create_dir_all(at(made)).unwrap();
        }
        std::os::unix::fs::symlink(at("other"), at("root/out")).unwrap();
        let allowed = Allowed::new(&[at("root")], &[], &at("data"));
        let check = |allowed: &Allowed, path: &str| {
            let mut place = SitePlace::Folder { folder: at(path).to_str().unwrap().to_owned() };
            allowed.check_new(&mut place).map(|()| place)
        };
        for right in ["root/here", "root/new/deep", "root"] {
            let place = check(&allowed, right).unwrap();
            assert!(allowed.permits(&place), "{right}");
        }
        for wrong in [
            "other",
            "root/out",
            "root/out/new",
            "root/../other",
            "data",
            "rootless",
            // What is checked for files without use in one site would be those of the other one.
            "root/here/ocellus-0123",
            "root/here/ocellus-0123/aa",
        ] {
            assert!(check(&allowed, wrong).is_err(), "{wrong}");
        }
        assert!(!at("other/new").exists() && !at("rootless").exists() && !at("root/here/ocellus-0123").exists());
        let around = Allowed::new(&[at("root")], &[], &at("root/inner-data"));
        for wrong in ["root", "root/inner-data", "root/inner-data/x"] {
            assert!(check(&around, wrong).is_err(), "{wrong}");
        }
        // What was a folder becomes a link.
        let place = check(&allowed, "root/here").unwrap();
        std::fs::remove_dir(at("root/here")).unwrap();
        std::os::unix::fs::symlink(at("other"), at("root/here")).unwrap();
        assert!(!allowed.permits(&place));
    }
}
