//! Handing a history out to other Gits: Git's own program speaks, over HTTP.

use super::{GitError, Repository, Result};
use crate::model::ArchiveKind;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use std::fs;
use std::io::{self, Write};
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};
use tokio_util::io::ReaderStream;

/// Packing is for one request among many: little memory, and no more than one core.
const MODEST: [&str; 6] = ["-c", "pack.threads=1", "-c", "pack.windowMemory=64m", "-c", "uploadpack.allowFilter=true"];
/// What a client may ask to say of the protocol, at most, in bytes.
const MAX_PROTOCOL: usize = 100;

/// What a program says, while it says it. Dropping it ends the program.
pub struct Pack {
    child: Child,
    output: ReaderStream<tokio::process::ChildStdout>,
}

impl Pack {
    /// Its parts.
    pub fn into_stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send {
        let Self { child, output } = self;
        output.map(move |part| {
            // It lasts for as long as somebody listens.
            let _ = &child;
            part
        })
    }

    /// The same, which fails in the end where the program does: for readers who could not tell by what has come whether that is all.
    pub fn into_whole(self) -> impl Stream<Item = io::Result<Bytes>> + Send {
        futures::stream::try_unfold(self, |Self { mut child, mut output }| async move {
            if let Some(part) = output.next().await {
                return Ok(Some((part?, Self { child, output })));
            }
            if child.wait().await?.success() { Ok(None) } else { Err(io::Error::other("git archive has failed")) }
        })
    }
}

/// Files may ask by attributes that Git writes a message into each of their lines, or leaves others out, when it makes an archive.
const NO_ATTRIBUTES: &[u8] = b"* !export-subst !export-ignore\n";

/// A word on the protocol that can be passed on: `version=2` and its like.
fn is_harmless(protocol: &str) -> bool {
    protocol.len() <= MAX_PROTOCOL
        && protocol.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'=' | b':' | b'.' | b'-'))
}

impl Repository {
    /// What there is to fetch, as the first request over HTTP asks for it.
    pub async fn advertise(&self, protocol: Option<&str>) -> Result<Vec<u8>> {
        let mut command =
            self.git.command(MODEST.into_iter().chain(["upload-pack", "--http-backend-info-refs", "--stateless-rpc"]));
        command.arg("--").arg(self.git.dir());
        if let Some(protocol) = protocol.filter(|protocol| is_harmless(protocol)) {
            command.env("GIT_PROTOCOL", protocol);
        }
        super::command::run(&mut command, Vec::new(), super::command::MAX_OUTPUT).await?.succeeded()
    }

    /// What a client wants, as the second request says it.
    pub async fn upload_pack(&self, protocol: Option<&str>, wants: Bytes) -> Result<Pack> {
        let mut command = self.git.command(MODEST.into_iter().chain(["upload-pack", "--stateless-rpc"]));
        command.arg("--").arg(self.git.dir());
        if let Some(protocol) = protocol.filter(|protocol| is_harmless(protocol)) {
            command.env("GIT_PROTOCOL", protocol);
        }
        let (pack, mut stdin) = speak(&mut command)?;
        tokio::spawn(async move {
            // A program that has ended already has said why.
            let _ = stdin.write_all(&wants).await;
            let _ = stdin.shutdown().await;
        });
        Ok(pack)
    }

    /// The files that are in a commit itself, pointers among them, as an archive: those in a folder that is there and ends with `/`,
    /// or all of them. The same commit makes the same archive.
    pub fn archive(&self, commit: &str, kind: ArchiveKind, folder: &str) -> Result<Pack> {
        self.overrule_attributes()?;
        let format = format!("--format={}", kind.as_str());
        let arguments = ["archive", &format, "--end-of-options", commit].into_iter();
        let mut command = self.git.command(arguments.chain(Some(folder).filter(|folder| !folder.is_empty())));
        Ok(speak(&mut command)?.0)
    }

    /// Makes sure that what files say of themselves counts for nothing in an archive (gitattributes(5): this file has the last word).
    fn overrule_attributes(&self) -> Result<()> {
        let folder = self.git.dir().join("info");
        let path = folder.join("attributes");
        if fs::read(&path).is_ok_and(|there| there == NO_ATTRIBUTES) {
            return Ok(());
        }
        fs::create_dir_all(&folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&folder)?;
        file.write_all(NO_ATTRIBUTES)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}

/// Begins a program that is listened to.
fn speak(command: &mut Command) -> Result<(Pack, ChildStdin)> {
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = spawned.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => GitError::NoProgram,
        _ => GitError::Io(error),
    })?;
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(GitError::Failed("has no pipes".to_owned()));
    };
    Ok((Pack { child, output: ReaderStream::with_capacity(stdout, 64 * 1024) }, stdin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_on_the_protocol_are_passed_on() {
        assert!(is_harmless("version=2") && is_harmless("version=1:object-format=sha1"));
        for strange in ["version=2\nx", "$(x)", "a b", &"x".repeat(MAX_PROTOCOL + 1)] {
            assert!(!is_harmless(strange), "{strange}");
        }
    }
}
