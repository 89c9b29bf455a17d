//! A repository from its first commit on, with the real program.

use super::*;
use crate::model::version::Commit;
use std::time::Instant;

struct Lab {
    _folder: tempfile::TempDir,
    repositories: Repositories,
}

fn lab() -> Lab {
    let folder = tempfile::tempdir().unwrap();
    let repositories = Repositories::open(&folder.path().join("datasets")).unwrap();
    Lab { _folder: folder, repositories }
}

fn ada() -> Person {
    Person { name: "ada".into(), email: "1@users.invalid".into() }
}

fn pointer(number: u64) -> Pointer {
    Pointer { md5: format!("{number:032x}"), size: number }
}

fn put(path: &str, number: u64) -> Edit {
    Edit::Put(path.to_owned(), pointer(number))
}

fn remove(path: &str) -> Edit {
    Edit::Remove(path.to_owned())
}

async fn commit(repository: &Repository, parent: Option<&str>, message: &str, edits: &[Edit]) -> Result<String> {
    let lock = repository.lock().await?;
    repository
        .commit(
            &lock,
            &NewCommit {
                parent,
                author: &ada(),
                at: 1_780_000_000,
                message,
                edits,
                texts: &[],
                settings: &[(".dvc/config", "[core]\n".into())],
            },
        )
        .await
}

async fn paths(repository: &Repository, commit: &str, prefix: &str) -> Vec<String> {
    repository.files(commit, prefix).await.unwrap().into_iter().map(|file| file.path).collect()
}

#[tokio::test]
async fn a_history_is_written_and_read() {
    let lab = lab();
    let repository = lab.repositories.of(7);
    assert_eq!(repository.head().await.unwrap(), None);
    assert!(repository.tags().await.unwrap().is_empty());
    repository.ensure().await.unwrap();
    repository.ensure().await.unwrap();
    assert_eq!(lab.repositories.all().unwrap(), [7]);
    assert_eq!(repository.head().await.unwrap(), None);

    let strange = "ein \"Ordner\"/ü 'x'.png";
    let first =
        commit(&repository, None, "First\n\nof all", &[put("a-b", 2), put("a", 1), put(strange, 3)]).await.unwrap();
    assert_eq!(repository.head().await.unwrap().as_ref(), Some(&first));
    assert_eq!(paths(&repository, &first, "").await, ["a", "a-b", strange]);
    assert_eq!(paths(&repository, &first, "ein \"Ordner\"/").await, [strange]);
    assert_eq!(paths(&repository, &first, "a-").await, ["a-b"]);
    for nothing in ["none/", "../", "/", "/etc/", "a\0/b", ".dvc/", "a//", "--all/"] {
        assert_eq!(paths(&repository, &first, nothing).await, [""; 0], "{nothing}");
    }
    let files = repository.files(&first, "a").await.unwrap();
    assert_eq!(repository.pointers(&files).await.unwrap(), [Some(pointer(1)), Some(pointer(2))]);

    // A folder where a file was, a file of the same bytes elsewhere, another one in place of one.
    let edits = [remove("a"), put("a/b", 1), put("a-b", 4)];
    let second = commit(&repository, Some(&first), "Second", &edits).await.unwrap();
    let change = |path: &str, before: Option<u64>, after: Option<u64>| Change {
        path: path.to_owned(),
        before: before.map(pointer),
        after: after.map(pointer),
    };
    let expected = [change("a", Some(1), None), change("a-b", Some(2), Some(4)), change("a/b", None, Some(1))];
    assert_eq!(repository.changes(Some(&first), &second).await.unwrap(), expected);
    assert_eq!(repository.changes(None, &first).await.unwrap().len(), 3);
    assert!(repository.changes(Some(&second), &second).await.unwrap().is_empty());
    assert_eq!(repository.pointer(&first, "a").await.unwrap(), Some(pointer(1)));
    assert_eq!(repository.pointer(&second, "a").await.unwrap(), None);
    assert_eq!(repository.pointer(&first, strange).await.unwrap(), Some(pointer(3)));
    assert_eq!(repository.all_pointers().await.unwrap().len(), 4);

    let range = Range { offset: 0, limit: 10 };
    let (log, total) = repository.log(&second, None, range).await.unwrap();
    let entry = |id: &str, parents: &[&String], message: &str| Commit {
        id: id.to_owned(),
        parents: parents.iter().map(|id| (*id).clone()).collect(),
        author: "ada".into(),
        author_id: None,
        author_known: false,
        at: 1_780_000_000,
        message: message.to_owned(),
    };
    assert_eq!(log, [entry(&second, &[&first], "Second"), entry(&first, &[], "First\n\nof all")]);
    assert_eq!(total, 2);
    assert_eq!(repository.log(&second, None, Range { offset: 1, limit: 1 }).await.unwrap(), (log[1..].to_vec(), 2));
    assert_eq!(repository.log(&second, Some("a"), range).await.unwrap().1, 2);
    assert_eq!(repository.log(&second, Some(strange), range).await.unwrap().1, 1);
    assert_eq!(repository.log(&second, Some("*"), range).await.unwrap().1, 0);
    assert_eq!(repository.commit_info(&first).await.unwrap(), log[1]);
    assert_eq!(repository.author_email(&first).await.unwrap(), "1@users.invalid");
    repository.tidy().await.unwrap();

    let lock = repository.lock().await.unwrap();
    repository.remove(&lock).unwrap();
    assert!(!repository.exists());
    repository.remove(&lock).unwrap();
    assert!(lab.repositories.all().unwrap().is_empty());
}

#[tokio::test]
async fn of_two_writers_one_is_refused() {
    let lab = lab();
    let repository = lab.repositories.of(1);
    repository.ensure().await.unwrap();
    let first = commit(&repository, None, "", &[put("a", 1)]).await.unwrap();
    let second = commit(&repository, Some(&first), "2", &[put("a", 2)]).await.unwrap();
    for parent in [Some(&first), None] {
        let refused = commit(&repository, parent.map(String::as_str), "3", &[put("a", 3)]).await;
        assert!(matches!(refused, Err(GitError::Busy)), "{refused:?}");
    }
    assert_eq!(repository.head().await.unwrap(), Some(second.clone()));
    assert!(repository.is_ancestor(&first, &second).await.unwrap());
    assert!(repository.is_ancestor(&second, &second).await.unwrap());
    assert!(!repository.is_ancestor(&second, &first).await.unwrap());
    for strange in ["main", "HEAD~1", "--all", &"0".repeat(40), ""] {
        assert!(!repository.is_ancestor(strange, &second).await.unwrap(), "{strange}");
    }
}

#[tokio::test]
async fn tags_never_move() {
    let lab = lab();
    let repository = lab.repositories.of(1);
    repository.ensure().await.unwrap();
    let first = commit(&repository, None, "", &[put("a", 1)]).await.unwrap();
    let second = commit(&repository, Some(&first), "2", &[put("a", 2)]).await.unwrap();
    let lock = repository.lock().await.unwrap();
    let author = ada();
    fn new<'a>(author: &'a Person, name: &'a str, commit: &'a str, message: &'a str, at: i64) -> NewTag<'a> {
        NewTag { name, commit, author, at, message }
    }
    let tag = |name, commit, message, at| new(&author, name, commit, message, at);
    repository.tag(&lock, &tag("v1", &first, "The first\n# one", 100)).await.unwrap();
    repository.tag(&lock, &tag("v2", &second, "", 200)).await.unwrap();
    assert!(matches!(repository.tag(&lock, &tag("v1", &second, "", 300)).await, Err(GitError::TagExists)));
    let tags = repository.tags().await.unwrap();
    let told: Vec<(&str, &str, &str, i64)> =
        tags.iter().map(|tag| (tag.name.as_str(), tag.commit.as_str(), tag.message.as_str(), tag.at)).collect();
    assert_eq!(told, [("v2", second.as_str(), "", 200), ("v1", first.as_str(), "The first\n# one", 100)]);
    assert_eq!(repository.tagged("v1").await.unwrap(), Some(first));
    for missing in ["v3", "../heads/main", "--help", "v1^{tree}", ""] {
        assert_eq!(repository.tagged(missing).await.unwrap(), None, "{missing}");
    }
}

#[tokio::test]
async fn what_a_crash_left_is_no_obstacle() {
    let lab = lab();
    let repository = lab.repositories.of(1);
    repository.ensure().await.unwrap();
    let first = commit(&repository, None, "", &[put("a", 1)]).await.unwrap();
    // A stream that breaks off changes nothing, however much of it has come.
    let broken = format!("commit refs/heads/main\ncommitter a <b> 1 +0000\ndata 1\nx\nfrom {first}\nD \"a.dvc\"\n");
    let said = repository.git.run(["fast-import", "--quiet", "--done"], broken.into_bytes()).await.unwrap();
    assert_ne!(said.code, 0);
    assert_eq!(repository.head().await.unwrap(), Some(first.clone()));
    let left = repository.git.dir().join("refs/heads/main.lock");
    let file = fs::File::create(&left).unwrap();
    file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(60)).unwrap();
    let second = commit(&repository, Some(&first), "2", &[put("a", 2)]).await.unwrap();
    assert!(!left.exists());
    // Nor do those on tags, and one from the future is waited for no longer than any other.
    fs::create_dir_all(repository.git.dir().join("refs/tags")).unwrap();
    let (tag, packed) = (repository.git.dir().join("refs/tags/v1.lock"), repository.git.dir().join("packed-refs.lock"));
    for (path, seconds) in [(&tag, -60), (&packed, 3600)] {
        let time = std::time::SystemTime::now();
        let shift = std::time::Duration::from_secs(i64::unsigned_abs(seconds));
        fs::File::create(path).unwrap().set_modified(if seconds < 0 { time - shift } else { time + shift }).unwrap();
    }
    let started = Instant::now();
    let lock = repository.lock().await.unwrap();
    assert!(started.elapsed().as_secs() < 20 && !tag.exists() && !packed.exists());
    repository.tag(&lock, &NewTag { name: "v1", commit: &second, author: &ada(), at: 1, message: "" }).await.unwrap();
}

#[tokio::test]
async fn who_waits_for_the_lock_gets_it() {
    let lab = lab();
    let repository = lab.repositories.of(1);
    repository.ensure().await.unwrap();
    let lock = repository.lock().await.unwrap();
    let other = repository.clone();
    let waiting = tokio::spawn(async move { other.lock().await.map(drop) });
    tokio::time::sleep(std::time::Duration::from_millis(80)).await;
    assert!(!waiting.is_finished());
    drop(lock);
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn ten_thousand_files_are_one_commit() {
    let lab = lab();
    let repository = lab.repositories.of(1);
    repository.ensure().await.unwrap();
    let edits: Vec<Edit> = (0..10_000).map(|number| put(&format!("train/{number:05}.jpg"), number)).collect();
    let started = Instant::now();
    let first = commit(&repository, None, "Many", &edits).await.unwrap();
    let second = commit(&repository, Some(&first), "One", &[remove("train/00007.jpg")]).await.unwrap();
    assert_eq!(repository.changes(None, &second).await.unwrap().len(), 9_999);
    let files = repository.files(&second, "").await.unwrap();
    assert_eq!(repository.pointers(&files[9_000..]).await.unwrap().iter().flatten().count(), 999);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    println!("{:?}", started.elapsed());
}

#[tokio::test]
async fn ten_thousand_texts_are_compared_with_those_before() {
    let lab = lab();
    let repository = lab.repositories.of(1);
    repository.ensure().await.unwrap();
    let lock = repository.lock().await.unwrap();
    let author = ada();
    let new =
        |parent, texts| NewCommit { parent, author: &author, at: 1, message: "", edits: &[], texts, settings: &[] };
    let text = |number: usize| (text_path(&format!("train/{number:05}.png")), Some(format!("{{\"n\": {number}}}\n")));
    let texts: Vec<_> = (0..10_000).map(text).collect();
    let started = Instant::now();
    let first = repository.commit(&lock, &new(None, &texts)).await.unwrap();
    let some = [(text_path("train/00007.png"), None), (text_path("train/00008.png"), Some("8\n".to_owned()))];
    let second = repository.commit(&lock, &new(Some(&first), &some)).await.unwrap();
    assert_eq!(repository.texts(&second).await.unwrap().len(), 9_999);
    assert_eq!(repository.text_changes(None, &second).await.unwrap().len(), 9_999);
    let changes = repository.text_changes(Some(&first), &second).await.unwrap();
    assert_eq!(changes.len(), 2);
    assert!(changes[0].after.is_none() && changes[1].before.is_some());
    let objects: Vec<&str> = changes[1].after.iter().map(String::as_str).collect();
    assert_eq!(repository.contents_of(&objects).await.unwrap(), [b"8\n"]);
    assert_eq!(repository.text(&second, "train/00007.png").await.unwrap(), None);
    assert_eq!(repository.text(&first, "train/00007.png").await.unwrap().unwrap(), b"{\"n\": 7}\n");
    assert_ne!(repository.texts_tree(&first).await.unwrap(), repository.texts_tree(&second).await.unwrap());
    assert!(
        repository.files(&second, "").await.unwrap().is_empty()
            && repository.changes(None, &second).await.unwrap().is_empty()
    );
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[tokio::test]
async fn what_git_keeps_itself_is_found_beside_the_files() {
    let lab = lab();
    let repository = lab.repositories.of(1);
    repository.ensure().await.unwrap();
    let lock = repository.lock().await.unwrap();
    let author = ada();
    let text = |path: &str, text: &str| (path.to_owned(), Some(text.to_owned()));
    let drawn = text_path("a");
    let edits = [put("a", 1), put("in/b", 2), put("other/c", 3)];
    let texts = [text("README", "Hello"), text("in/README.md", "In"), text(&drawn, "1")];
    let new =
        |parent, edits, texts| NewCommit { parent, author: &author, at: 1, message: "", edits, texts, settings: &[] };
    let first = repository.commit(&lock, &new(None, &edits, &texts)).await.unwrap();
    let kinds = repository.kinds(&first, &["README", "in", "a", "a.dvc", "in/none", "README/x"]).await.unwrap();
    let kinds: Vec<Option<&str>> = kinds.iter().map(Option::as_deref).collect();
    assert_eq!(kinds, [Some("blob"), Some("tree"), None, Some("blob"), None, None]);
    assert_eq!(repository.texts_below(&first, &["in", "other"]).await.unwrap(), ["in/README.md"]);
    assert_eq!(repository.texts_below(&first, &[]).await.unwrap(), [""; 0]);
    let found = repository.first_text(&first, &["README.md", "README", "in/README.md"], 5).await.unwrap();
    assert_eq!(found, Some((1, b"Hello".to_vec())));
    assert_eq!(repository.first_text(&first, &["README", "in"], 4).await.unwrap(), None);

    // Which text was where, whatever has become of it since.
    let changed = [text(&drawn, "2")];
    let second = repository.commit(&lock, &new(Some(&first), &[], &changed)).await.unwrap();
    let objects = async |commit: &str| repository.texts(commit).await.unwrap().remove("a").unwrap();
    let (was, is) = (objects(&first).await, objects(&second).await);
    assert_ne!(was, is);
    let strange = "0".repeat(40);
    let elsewhere = text_path("b");
    let known = [(drawn.as_str(), was.as_str()), (&drawn, &is)];
    let unknown = [(drawn.as_str(), strange.as_str()), (&elsewhere, &was)];
    let ever = repository.texts_ever(known.iter().chain(&unknown).copied().collect()).await.unwrap();
    assert_eq!(ever, known.into_iter().collect());
}

#[tokio::test]
async fn the_program_is_there() {
    assert!(version().await.unwrap().starts_with("git version"));
}
