//! Files that come in parts.

/// So long after its last byte an upload is forgotten, in seconds.
pub const UPLOAD_LASTS_S: i64 = 24 * 3600;

/// What the form that brings files without JavaScript is called in an address that tells why it was refused.
pub const UPLOAD_FORM: &str = "upload_files";

/// A file of a dataset that comes in parts, by the protocol tus.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Upload {
    /// Its random name.
    pub id: String,
    /// Where the file is to be. A commit puts it there, or elsewhere.
    pub path: String,
    /// The length of the file in bytes.
    pub size: i64,
    /// How much of it has come, in bytes.
    pub offset: i64,
    /// The MD5 of the whole, once all of it has come and a commit can mention it.
    pub md5: Option<String>,
}
