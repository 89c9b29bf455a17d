//! Running the program `git`: without a shell, without anybody's settings, within limits of time and output.

use super::{GitError, Result};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// How long one command may take. The largest commits and differences take seconds.
const PATIENCE: Duration = Duration::from_secs(300);
/// How much one command may say, in bytes: the tree of a dataset with a million files is smaller.
pub(super) const MAX_OUTPUT: u64 = 512 << 20;
/// How much of a complaint is kept for the log, in bytes.
const MAX_COMPLAINT: u64 = 4 << 10;
/// Settings that hold in every repository, whatever stands in its own file.
const SETTINGS: [&str; 8] = [
    // What Git has said to have written survives a power cut.
    "core.fsync=all",
    "core.fsyncMethod=fsync",
    "core.hooksPath=/dev/null",
    "core.logAllRefUpdates=false",
    // Packing is asked for, and never begun by the way.
    "maintenance.auto=false",
    "gc.autoDetach=false",
    "receive.autogc=false",
    // More folders in one another than any path has would only be there to keep a processor busy.
    "core.maxTreeDepth=600",
];

/// What a command has said.
#[derive(Debug)]
pub(super) struct Said {
    /// With which code it ended.
    pub code: i32,
    /// Its output.
    pub output: Vec<u8>,
    /// The beginning of its complaints, for the log.
    pub complaint: String,
}

impl Said {
    /// The output, if the command has succeeded.
    pub(super) fn succeeded(self) -> Result<Vec<u8>> {
        if self.code == 0 { Ok(self.output) } else { Err(self.failed()) }
    }

    /// What it failed with.
    pub(super) fn failed(self) -> GitError {
        GitError::Failed(format!("ended with {}: {}", self.code, self.complaint.trim()))
    }
}

/// The program with the settings that every command has.
fn program() -> Command {
    let mut command = Command::new("git");
    command.env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
        .envs([("LC_ALL", "C"), ("HOME", "/nonexistent"), ("XDG_CONFIG_HOME", "/nonexistent")])
        .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_ATTR_NOSYSTEM", "1")])
        .envs([("GIT_TERMINAL_PROMPT", "0"), ("GIT_NO_REPLACE_OBJECTS", "1"), ("GIT_OPTIONAL_LOCKS", "0")])
        .current_dir("/")
        .args(["--no-pager", "--literal-pathspecs"])
        .kill_on_drop(true);
    command
}

/// Which Git there is, in its own words. Fails where there is none.
pub async fn version() -> Result<String> {
    let said = run(program().arg("version"), Vec::new(), MAX_COMPLAINT).await?.succeeded()?;
    Ok(String::from_utf8_lossy(&said).trim().to_owned())
}

/// The program at work in one repository.
#[derive(Clone, Debug)]
pub(super) struct Git {
    dir: PathBuf,
    /// Where objects are that do not belong to the repository yet, and lead to its own.
    objects: Option<PathBuf>,
}

impl Git {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir, objects: None }
    }

    /// The same repository, which sees what lies in this folder of objects as well, and writes nowhere else.
    pub(super) fn with_objects(&self, objects: &Path) -> Self {
        Self { dir: self.dir.clone(), objects: Some(objects.to_owned()) }
    }

    /// The folder of the repository.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A command in this repository.
    pub(super) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = program();
        let mut safe = std::ffi::OsString::from("safe.directory=");
        safe.push(&self.dir);
        command.arg("-c").arg(safe);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.env("GIT_DIR", &self.dir).args(arguments);
        if let Some(objects) = &self.objects {
            command.env("GIT_OBJECT_DIRECTORY", objects);
        }
        command
    }

    /// Runs a command that says something.
    pub(super) async fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>, input: Vec<u8>) -> Result<Said> {
        run(&mut self.command(arguments), input, MAX_OUTPUT).await
    }

    /// Makes an empty repository in the folder.
    pub(super) async fn init(&self) -> Result<()> {
        let mut command = program();
        command.args([
            "init",
            "--quiet",
            "--bare",
            "--template=",
            "--object-format=sha1",
            "--initial-branch=main",
            "--",
        ]);
        run(command.arg(&self.dir), Vec::new(), MAX_COMPLAINT).await?.succeeded().map(drop)
    }
}

/// Runs a command with this input.
pub(super) async fn run(command: &mut Command, input: Vec<u8>, most: u64) -> Result<Said> {
    run_from(command, input.as_slice(), most, PATIENCE).await
}

/// Runs a command with what is read while it runs, for as long as this. Where reading fails, the command ends with it.
pub(super) async fn run_from(
    command: &mut Command,
    mut input: impl AsyncRead + Unpin,
    most: u64,
    patience: Duration,
) -> Result<Said> {
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => GitError::NoProgram,
        _ => GitError::Io(error),
    })?;
    let (Some(mut stdin), Some(stdout), Some(mut stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(GitError::Failed("has no pipes".to_owned()));
    };
    let write = async move {
        let mut part = vec![0; 64 * 1024];
        let mut listens = true;
        loop {
            let length = input.read(&mut part).await?;
            if length == 0 {
                break;
            }
            // A program that has ended already says why with its code; whoever sends hears it when everything was read.
            listens = listens && stdin.write_all(&part[..length]).await.is_ok();
        }
        let _ = stdin.shutdown().await;
        Ok::<(), GitError>(())
    };
    let read = async move {
        let mut output = Vec::new();
        stdout.take(most + 1).read_to_end(&mut output).await?;
        if output.len() as u64 > most {
            return Err(GitError::SaidTooMuch);
        }
        Ok(output)
    };
    let complain = async move {
        let mut complaint = Vec::new();
        (&mut stderr).take(MAX_COMPLAINT).read_to_end(&mut complaint).await?;
        tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await?;
        Ok(String::from_utf8_lossy(&complaint).into_owned())
    };
    let work = async {
        let ((), output, complaint) = tokio::try_join!(write, read, complain)?;
        let code = child.wait().await?.code().unwrap_or(-1);
        Ok(Said { code, output, complaint })
    };
    tokio::time::timeout(patience, work).await.unwrap_or_else(|_| Err(GitError::Failed("took too long".to_owned())))
}
