//! The command line: what `ocellus --help` documents. Nothing here asks questions, so that all of it works in scripts.

use super::auth::{common, passwords, tokens};
use super::config::{Config, LogFormat};
use super::context::now_s;
use super::demo::{self, Crowd, DemoArguments};
use super::exports::{ExportArguments, export};
use super::imports::{ImportArguments, import};
use super::remote::{DownloadArguments, UploadArguments, download, upload};
use super::state::AppState;
use super::store::administration;
use super::store::audit::Actor;
use super::store::users::NewUser;
use super::store::{self, text_index, tokens::Scope};
use super::{accounts, file_check, git, password_reset, serve, taxonomy, versions};
use crate::model::user::check_username;
use crate::model::{AccountChange, ImportReport, TaxonomyFormat};
use clap::{Parser, Subcommand, ValueEnum};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

/// A failure in words for whoever runs the program.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A web platform for image datasets.
#[derive(Debug, Parser)]
#[command(
    name = "ocellus",
    version,
    arg_required_else_help = true,
    after_help = "Settings come from Leptos.toml in the current folder, if there is one, and from environment variables \
                  such as OCELLUS_ADDRESS, OCELLUS_PUBLIC_URL, OCELLUS_DATABASE_URL and OCELLUS_DATA_DIR, which override it."
)]
pub struct Cli {
    /// Read the settings from this file
    #[arg(long, global = true, env = "OCELLUS_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the site (brings the database up to date first)
    Serve,
    /// Bring the database up to date and insert missing reference data
    Migrate,
    /// Make and change accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Look after the kinds of things that regions show
    #[command(subcommand)]
    Objects(ObjectsCommand),
    /// Fill an empty site with pictures that the program draws, so that it looks alive
    Demo(DemoArguments),
    /// Add many tiny pictures with regions, for benchmarks: what they show follows Zipf's law. Leave the site alone meanwhile
    Generate(Crowd),
    /// Bring files of a dataset here, from any server; the same command goes on where one was stopped
    Download(DownloadArguments),
    /// Bring files to a dataset of any server, as one commit; the same command goes on where one was stopped
    Upload(UploadArguments),
    /// Write pictures with their regions into a file, in a form that training and other programs load, from this site or any server
    Export(ExportArguments),
    /// Bring annotations into a dataset of this site or of any server, with their pictures or for pictures that are there
    Import(ImportArguments),
    /// Check settings, database, files and everything derived
    Check {
        /// Write the recomputed values
        #[arg(long)]
        repair: bool,
        /// Compare the index of titles and descriptions as well. With SQLite nobody can write meanwhile: about half a minute with a
        /// million pictures
        #[arg(long)]
        texts: bool,
        /// Remove files that neither a picture nor a dataset has, such as those of uploads that were refused at the last moment
        #[arg(long)]
        remove_unused: bool,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Make an account; the password is the first line of standard input
    Add {
        /// Username: lower-case letters, digits, `-` and `_`
        name: String,
        /// Make it an administrator
        #[arg(long)]
        admin: bool,
        /// Read the password from standard input (the only way, so that none stands in a process list)
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Set a new password; it is the first line of standard input
    Password {
        /// Username
        name: String,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Make an account an administrator, or with --revoke an ordinary one
    Admin {
        /// Username
        name: String,
        /// Take the right away
        #[arg(long)]
        revoke: bool,
    },
    /// Keep a user out: sessions and tokens stop working at once. Pictures and regions stay
    Suspend {
        /// Username
        name: String,
        /// Why, for the audit log
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Let a suspended user in again; tokens work again
    Restore {
        /// Username
        name: String,
        /// Why, for the audit log
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Print a link that gives an account a new password, once and within 24 hours; earlier links stop working
    ResetLink {
        /// Username
        name: String,
    },
    /// Make a personal token for the API and print it; it is never shown again
    Token {
        /// Username
        name: String,
        /// What the token may do
        #[arg(long, value_enum, default_value = "read")]
        scope: ScopeArgument,
        /// A name by which to recognise it
        #[arg(long, default_value = "made on the command line")]
        label: String,
        /// Days until it expires; without, it does not
        #[arg(long)]
        days: Option<u32>,
    },
}

#[derive(Debug, Subcommand)]
enum ObjectsCommand {
    /// Make all objects of a taxonomy: a table (`name,description,parent`) or YAML. With any fault, none is made
    Import {
        /// The file, or `-` for standard input
        file: PathBuf,
        /// Change nothing, and say what would be changed
        #[arg(long)]
        dry_run: bool,
        /// How the file is written; without, its name or its first line tells
        #[arg(long, value_enum)]
        format: Option<FormatArgument>,
        /// Whose objects they are; without, nobody's
        #[arg(long, value_name = "USERNAME")]
        author: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatArgument {
    Csv,
    Yaml,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ScopeArgument {
    Read,
    Write,
}

/// Runs a command line.
pub async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let config = || {
        let config = Config::load(cli.config.as_deref())?;
        start_log(&config);
        Ok::<_, Failure>(config)
    };
    match cli.command {
        // What concerns another server needs no settings of one here.
        Command::Download(arguments) => download(arguments).await?.iter().for_each(|line| println!("{line}")),
        Command::Upload(arguments) => upload(arguments).await?.iter().for_each(|line| println!("{line}")),
        Command::Export(arguments) if arguments.is_remote() => {
            export(None, &arguments).await?.iter().for_each(|line| println!("{line}"));
        }
        Command::Export(arguments) => {
            let report = on_site(config()?, async |state| export(Some(state), &arguments).await).await?;
            report.iter().for_each(|line| println!("{line}"));
        }
        Command::Import(arguments) if arguments.is_remote() => {
            import(None, &arguments).await?.iter().for_each(|line| println!("{line}"));
        }
        Command::Import(arguments) => {
            let report = on_site(config()?, async |state| import(Some(state), &arguments).await).await?;
            report.iter().for_each(|line| println!("{line}"));
        }
        Command::Serve => serve::serve(config()?).await?,
        Command::Migrate => {
            on_site(config()?, async |_| Ok(())).await?;
            println!("The database is up to date.");
        }
        Command::User(command) => on_site(config()?, async |state| user(state, command).await).await?,
        Command::Objects(command) => return on_site(config()?, async |state| objects(state, command).await).await,
        Command::Demo(arguments) => {
            if !arguments.draw_only().await? {
                on_site(config()?, async |state| Ok(arguments.run(state).await?)).await?;
            }
        }
        Command::Generate(size) => on_site(config()?, async |state| Ok(demo::generate(state, &size).await?)).await?,
        Command::Check { repair, texts, remove_unused } => {
            return on_site(config()?, async |state| check(state, repair, texts, remove_unused).await).await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens the site, works on it, and closes its database, whatever came of the work.
async fn on_site<T>(config: Config, work: impl AsyncFnOnce(&AppState) -> Result<T, Failure>) -> Result<T, Failure> {
    let state = AppState::open(config).await?;
    let outcome = work(&state).await;
    state.db.close().await;
    outcome
}

fn start_log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::new(&config.log_level);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process, as in tests, keeps the first log.
    let _ = match config.log_format {
        LogFormat::Json => log.json().flatten_event(true).try_init(),
        LogFormat::Text => log.with_target(false).try_init(),
    };
}

async fn user(state: &AppState, command: UserCommand) -> Result<(), Failure> {
    let (db, actor) = (&state.db, Actor::command_line(now_s()));
    match command {
        UserCommand::Add { name, admin, .. } => {
            if let Some(error) = check_username(&name) {
                return Err(format!("the username {}", error.message).into());
            }
            let password = read_password(&name)?;
            let password_hash = passwords::hash(&password).await?;
            let user = NewUser { username: name.clone(), password_hash, admin, joined: actor.at };
            administration::add_user(db, &user, actor).await?;
            accounts::forget_setup_link(state).await?;
            println!("Made the {} {name}.", if admin { "administrator" } else { "user" });
        }
        UserCommand::Password { name, .. } => {
            let password_hash = passwords::hash(&read_password(&name)?).await?;
            administration::set_password(db, &name, &password_hash, actor).await?;
            println!("Set a new password for {name}.");
        }
        UserCommand::Admin { name, revoke } => {
            let change = AccountChange { admin: Some(!revoke), ..AccountChange::default() };
            administration::change(db, &name, &change, actor).await?;
            println!("{name} is {} administrator.", if revoke { "no longer an" } else { "an" });
        }
        UserCommand::Suspend { name, reason } => {
            suspend(state, &name, true, reason).await?;
            println!("{name} is suspended.");
        }
        UserCommand::Restore { name, reason } => {
            suspend(state, &name, false, reason).await?;
            println!("{name} may sign in again.");
        }
        UserCommand::ResetLink { name } => {
            println!("{}", password_reset::make_link(state, &name, actor).await?.url);
        }
        UserCommand::Token { name, scope, label, days } => {
            let expires_at = days.map(|days| actor.at + i64::from(days) * 86_400);
            let scope = match scope {
                ScopeArgument::Read => Scope::Read,
                ScopeArgument::Write => Scope::Write,
            };
            let token = tokens::new_token();
            let hash = tokens::hash_token(&token);
            administration::make_token(db, &name, &label, &hash, scope, expires_at, actor).await?;
            println!("{token}");
        }
    }
    Ok(())
}

async fn suspend(state: &AppState, name: &str, suspended: bool, reason: String) -> Result<(), Failure> {
    let change = AccountChange { suspended: Some(suspended), reason, ..AccountChange::default() };
    if let Some(error) = change.check() {
        return Err(format!("the reason {}", error.message).into());
    }
    Ok(administration::change(&state.db, name, &change, Actor::command_line(now_s())).await?)
}

async fn objects(state: &AppState, command: ObjectsCommand) -> Result<ExitCode, Failure> {
    let ObjectsCommand::Import { file, dry_run, format, author } = command;
    let text = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(&file)
    };
    let text = text.map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let by_name = match file.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => Some(FormatArgument::Csv),
        Some("yaml" | "yml" | "json") => Some(FormatArgument::Yaml),
        _ => None,
    };
    let format = format.or(by_name).map(|format| match format {
        FormatArgument::Csv => TaxonomyFormat::Csv,
        FormatArgument::Yaml => TaxonomyFormat::Yaml,
    });
    let author = match author {
        None => None,
        Some(name) => {
            let user = store::users::by_name(&state.db, &name).await?;
            Some(user.ok_or(format!("there is no user {name}"))?.id)
        }
    };
    let (entries, faults) = taxonomy::read_off_thread(text, format).await?;
    let report = if dry_run {
        store::taxonomy::preview(&state.db, entries, faults).await?
    } else {
        store::taxonomy::import(&state.db, entries, faults, author, now_s()).await?
    };
    print!("{}", in_words(&report));
    Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What an import did or would do, a line for each change and each fault.
fn in_words(report: &ImportReport) -> String {
    let mut text = String::new();
    let ImportReport { dry_run, made, existing, new_parents, faults } = report;
    if !faults.is_empty() {
        faults.iter().for_each(|fault| text.push_str(&format!("line {}: {}\n", fault.line, fault.message)));
        text.push_str(&format!("Nothing was imported; faults: {}\n", faults.len()));
        return text;
    }
    if *dry_run {
        made.iter().for_each(|name| text.push_str(&format!("new: {name}\n")));
        existing.iter().for_each(|name| text.push_str(&format!("exists: {name}\n")));
        new_parents.iter().for_each(|new| text.push_str(&format!("new parent: {} → {}\n", new.object, new.parent)));
    }
    let would = if *dry_run { "would be " } else { "" };
    let (made, existing, parents) = (made.len(), existing.len(), new_parents.len());
    text.push_str(&format!(
        "New objects {would}made: {made}; parents {would}added: {parents}; objects that exist: {existing}\n"
    ));
    text
}

/// The first line of standard input, with the rules for passwords applied.
fn read_password(username: &str) -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().lock().take(4096).read_to_string(&mut text)?;
    new_password(&text, username).map(str::to_owned)
}

fn new_password<'t>(text: &'t str, username: &str) -> Result<&'t str, Failure> {
    let password = text.lines().next().unwrap_or_default();
    match common::check_new_password(password, username) {
        Some(error) => Err(format!("the password {}", error.message).into()),
        None => Ok(password),
    }
}

async fn check(state: &AppState, repair: bool, texts: bool, remove_unused: bool) -> Result<ExitCode, Failure> {
    state.db.ping().await?;
    println!("database: answers");
    state.blobs.probe().await?;
    println!("files: the folder can be written to");
    println!("history: {}", git::version().await?);
    // First, since it finds which bytes commits mention: what nobody knows of yet would be removed otherwise.
    let in_datasets = versions::check::check(state, repair).await?;
    for fault in &in_datasets {
        println!("versions: {}", fault.what);
    }
    let lost = in_datasets.iter().filter(|fault| !fault.mendable).count();
    let remove_unused = remove_unused && lost == 0;
    if lost > 0 {
        println!("versions: no unused file is removed while something is lost, which it may be");
    }
    let files = file_check::check(state, remove_unused, file_check::GRACE).await?;
    for (hashes, what) in [(&files.missing, "is missing"), (&files.unused, "belongs to no picture and no dataset")] {
        hashes.iter().for_each(|hash| println!("files: {hash} {what}"));
    }
    for (site, error) in &files.unreachable {
        println!("storage site {site}: {error}");
    }
    // First, since whatever changes a title changes the index.
    let texts_differ = texts && !text_index::is_whole(&state.db).await?;
    if texts_differ {
        println!("derived: the index of titles and descriptions does not agree with the pictures");
        if repair {
            text_index::rebuild(&state.db).await?;
        }
    }
    let differences =
        if repair { store::repair::repair(&state.db).await? } else { store::repair::check(&state.db).await? };
    for difference in &differences {
        println!("derived: {difference}");
    }
    let orphans = versions::check::orphans(state, remove_unused).await?;
    for dataset in &orphans {
        println!("versions: there is a repository of dataset {dataset}, which the database does not know");
    }
    let found = differences.len() + usize::from(texts_differ) + in_datasets.len() - lost;
    let mended = if repair { "mended" } else { "found" };
    let removed = if remove_unused { "removed" } else { "found" };
    let (missing, unused) = (files.missing.len() + files.unreachable.len() + lost, files.unused.len() + orphans.len());
    println!("{found} differences {mended}, {unused} unused files {removed}, {missing} files missing");
    let sound = missing == 0 && (repair || found == 0) && (remove_unused || unused == 0);
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::{in_words, new_password};
    use crate::model::{ImportFault, ImportReport, NewParent};

    #[test]
    fn an_import_tells_what_it_does() {
        let mut report = ImportReport {
            dry_run: true,
            made: vec!["Pet".into()],
            existing: vec!["Cat".into()],
            new_parents: vec![NewParent { object: "Cat".into(), parent: "Pet".into() }],
            faults: Vec::new(),
        };
        assert_eq!(
            in_words(&report),
            "new: Pet\nexists: Cat\nnew parent: Cat → Pet\nNew objects would be made: 1; \
             parents would be added: 1; objects that exist: 1\n"
        );
        report.dry_run = false;
        assert_eq!(in_words(&report), "New objects made: 1; parents added: 1; objects that exist: 1\n");
        report.faults.push(ImportFault { line: 3, message: "the name must not be empty".into() });
        assert_eq!(in_words(&report), "line 3: the name must not be empty\nNothing was imported; faults: 1\n");
    }

    #[test]
    fn a_password_must_be_hard_to_guess_here_too() {
        for text in ["", "short\n", "password123\n", "wilhelmina-1\n"] {
            assert!(new_password(text, "wilhelmina").is_err(), "{text}");
        }
        assert_eq!(new_password("drei Gurken im Regen\nmore\n", "wilhelmina").unwrap(), "drei Gurken im Regen");
    }
}
