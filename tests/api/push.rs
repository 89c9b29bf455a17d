//! `git push` over HTTP, with the program that people have; and with the real `dvc`.

use super::app::{Api, TestApp, expect, png, problem};
use super::lab::{Lab, git, sum};
use crate::support::{dvc_program, roomy_folder};
use ocellus::server::versions::check::check;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A folder at home with a clone of a dataset.
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// Clones a dataset `ada/cats` as somebody.
    pub async fn clone_of(app: &TestApp, token: &str) -> Self {
        Self::clone_at(app, token, "ada/cats").await
    }

    /// The same of another one, whose own name is `cats` as well.
    pub async fn clone_at(app: &TestApp, token: &str, name: &str) -> Self {
        let home = Self { folder: roomy_folder() };
        let address = app.url.replace("http://", &format!("http://me:{token}@")) + &format!("/{name}.git");
        let folder = home.folder.path().to_owned();
        let (done, said) = run(move || git(&folder, &["clone", &address, "cats"])).await;
        assert!(done, "{said}");
        home
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("cats")
    }

    /// Runs Git in the clone.
    pub async fn git(&self, arguments: &[&str]) -> (bool, String) {
        let (folder, arguments): (_, Vec<String>) =
            (self.path(), arguments.iter().map(|text| (*text).to_owned()).collect());
        run(move || git(&folder, &arguments.iter().map(String::as_str).collect::<Vec<_>>())).await
    }

    /// The same, which must succeed.
    pub async fn done(&self, arguments: &[&str]) -> String {
        let (done, said) = self.git(arguments).await;
        assert!(done, "{arguments:?}: {said}");
        said
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Writes the pointer that DVC writes for these bytes.
    pub fn point(&self, path: &str, md5: &str, size: usize) {
        let name = path.rsplit('/').next().unwrap();
        self.write(
            &format!("{path}.dvc"),
            format!("outs:\n- md5: {md5}\n  size: {size}\n  hash: md5\n  path: {name}\n"),
        );
    }

    /// Commits everything there is, whatever is ignored.
    pub async fn commit(&self, message: &str) {
        self.done(&["add", "--all", "--force", "."]).await;
        self.done(&["commit", "-m", message]).await;
    }

    /// Pushes, which must fail with these words; and nothing of it is there. The clone is as before.
    pub async fn refused(&self, lab: &Lab<'_>, arguments: &[&str], words: &[&str]) {
        let before = lab.get("commits").await;
        let offered = self.done(&["ls-remote", "origin"]).await;
        let (done, said) = self.git(&[&["push", "origin"], arguments].concat()).await;
        assert!(!done, "{arguments:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
        assert_eq!(lab.get("commits").await, before, "{said}");
        assert_eq!(self.done(&["ls-remote", "origin"]).await, offered);
        self.done(&["reset", "--hard", "origin/main"]).await;
        self.done(&["clean", "-fdx"]).await;
    }

    /// Pushes, which must fail with this word; the clone keeps what it has.
    pub async fn refused_but_kept(&self, lab: &Lab<'_>, word: &str) {
        let before = lab.get("commits").await;
        let (done, said) = self.git(&["push", "origin", "HEAD:main"]).await;
        assert!(!done && said.contains(word), "{said}");
        assert_eq!(lab.get("commits").await, before);
    }
}

pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// The MD5 of what DVC would push, which is brought in as DVC does it.
pub async fn bring(lab: &Lab<'_>, bytes: &[u8]) -> String {
    let md5 = sum(bytes);
    let path = format!("dvc/files/md5/{}/{}", &md5[..2], &md5[2..]);
    expect(lab.send(Method::PUT, &path, bytes.to_vec()).await, 201).await;
    md5
}

/// How many files lie in the folder of objects of a dataset.
fn files_in(app: &TestApp, dataset: i64) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() { walk(&entry.path(), found) } else { found.push(entry.path()) }
        }
    }
    let mut found = Vec::new();
    walk(&app.state.config.data_dir.join(format!("datasets/{dataset}.git/objects")), &mut found);
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_a_change_of_the_dataset() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("cat.png", png(40, 30, 1)).await;
    lab.put("old.txt", "old").await;
    let (picture, home) = (lab.picture("cat.png").await, Home::clone_of(&app, &token).await);

    let md5 = bring(&lab, &png(40, 30, 2)).await;
    home.point("cat.png", &md5, png(40, 30, 2).len());
    let hello = bring(&lab, b"hello").await;
    home.point("a b/hello.txt", &hello, 5);
    home.write("README.md", "# Cats\n");
    home.done(&["rm", "old.txt.dvc"]).await;
    home.commit("Better cats\n\nMany of them").await;
    home.done(&["tag", "-a", "-m", "First", "v1"]).await;
    home.done(&["tag", "light"]).await;
    let said = home.done(&["push", "origin", "main", "v1", "light"]).await;
    assert!(said.contains("remote: 3 files of the dataset have changed."), "{said}");

    assert_eq!(lab.paths("").await, ["a b/hello.txt", "cat.png"]);
    assert_eq!(lab.messages().await[0], "Better cats\n\nMany of them");
    let commits = lab.get("commits?limit=1").await;
    assert_eq!((&commits[0]["author"], &commits[0]["author_known"]), (&json!("x"), &json!(false)));
    assert_eq!(expect(lab.raw("files/a%20b/hello.txt?ref=v1").await, 200).await, "hello");
    let newer = lab.picture("cat.png").await;
    let told = expect(ada.get(&format!("/api/picture/{picture}/")).send().await.unwrap(), 200).await;
    assert_eq!(told["replaced_by"], newer);
    let told = expect(ada.get(&format!("/api/picture/{newer}/")).send().await.unwrap(), 200).await;
    assert_eq!((&told["author"], &told["title"]), (&json!("ada"), &json!("cat")));
    let tags = lab.get("tags").await;
    let names: Vec<&Value> = tags.as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    assert!(names.contains(&&json!("v1")) && names.contains(&&json!("light")), "{tags}");
    assert!(tags.as_array().unwrap().iter().all(|tag| tag["commit"] == commits[0]["id"]), "{tags}");

    // The site goes on from there, and so does the clone; a merge is as good as any commit.
    lab.put("site.txt", "site").await;
    home.point("home.txt", &hello, 5);
    home.commit("At home").await;
    home.refused_but_kept(&lab, "fetch first").await;
    home.done(&["pull", "--no-rebase", "--no-edit"]).await;
    home.done(&["push", "origin", "HEAD:main"]).await;
    assert_eq!(lab.paths("").await, ["a b/hello.txt", "cat.png", "home.txt", "site.txt"]);
    assert_eq!(lab.picture("cat.png").await, newer);
    lab.put("more.txt", "more").await;
    assert_eq!(check(&app.state, false).await.unwrap(), []);
    let (done, said) = run({
        let folder = app.state.config.data_dir.join(format!("datasets/{}.git", lab.id));
        move || git(&folder, &["fsck", "--strict"])
    })
    .await;
    assert!(done, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_commit_can_be_pushed() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let home = Home::clone_of(&app, &token).await;
    let folder = app.state.config.data_dir.join(format!("datasets/{}.git", lab.id));
    assert!(!folder.exists(), "reading makes nothing");
    let hello = bring(&lab, b"hello").await;
    home.point("hello.txt", &hello, 5);
    home.write(".gitignore", "# Ours\n");
    home.commit("First").await;
    home.done(&["push", "origin", "HEAD:main"]).await;
    assert_eq!(lab.paths("").await, ["hello.txt"]);
    lab.put("b.txt", "b").await;
    assert_eq!(lab.messages().await, ["Put b.txt", "First"]);
    // With the next commit of the site, DVC knows where the files are; what people have written themselves stays.
    assert!(!home.path().join(".dvc/config").exists());
    home.done(&["pull", "--rebase", "origin", "main"]).await;
    let config = std::fs::read_to_string(home.path().join(".dvc/config")).unwrap();
    assert!(config.contains(&format!("/api/v1/datasets/{}/dvc", lab.id)), "{config}");
    assert_eq!(std::fs::read_to_string(home.path().join(".gitignore")).unwrap(), "# Ours\n");
    lab.put("c.txt", "c").await;
    home.done(&["pull", "--rebase", "origin", "main"]).await;
    assert_eq!(home.done(&["log", "--format=%s", "--", ".dvc/config"]).await, "Put b.txt\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_kept_here_is_refused_with_its_place() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a/b.txt", "hello").await;
    let home = Home::clone_of(&app, &token).await;
    let (md5, missing) = ("5d41402abc4b2a76b9719d911017c592", "0123456789abcdef0123456789abcdef");
    let files = files_in(&app, lab.id);
    let main = ["HEAD:main"];

    home.point("new.png", missing, 7);
    home.point("c/other.png", &"1".repeat(32), 8);
    home.commit("Missing").await;
    let words = ["remote:   new.png (MD5 0123456789abcdef0123456789abcdef, 7 bytes)", "c/other.png", "dvc push"];
    home.refused(&lab, &main, &words).await;
    home.point("size.txt", md5, 6);
    home.commit("Another size").await;
    home.refused(&lab, &main, &["size.txt: its pointer says 6 bytes, but"]).await;

    for (path, text, word) in [
        ("data.csv", "1,2", "`data.csv`: it is no pointer"),
        ("dvc.yaml", "stages: {}", "`dvc.yaml`"),
        ("x.dvc", "not a pointer", "`x.dvc`: this is no pointer to one file"),
        (
            "y.dvc",
            "outs:\n- md5: 5d41402abc4b2a76b9719d911017c592.dir\n  size: 5\n  hash: md5\n  path: y\n",
            "folders as a whole",
        ),
        (
            ".dvc/config",
            "[core]\n    remote = x\n['remote \"x\"']\n    url = http://evil.invalid/\n",
            "`.dvc/config`: line 4",
        ),
        (".dvc/config", "# x\r['remote \"x\"']\r    url = http://evil.invalid/\n", "`.dvc/config`: line 1"),
        ("README.md", "a\0b", "no text"),
        ("LICENCE", &"x".repeat(1_100_000), "more than"),
        (".ocellus/annotations/a/b.txt.json", "[]", "what is drawn is changed on the site"),
        (
            "a.dvc",
            "outs:\n- md5: 5d41402abc4b2a76b9719d911017c592\n  size: 5\n  hash: md5\n  path: a\n",
            "`a` is the name of a file",
        ),
    ] {
        home.write(path, text);
        home.commit("Strange").await;
        home.refused(&lab, &main, &[word]).await;
    }
    std::os::unix::fs::symlink("/etc/passwd", home.path().join("link.dvc")).unwrap();
    home.commit("A link").await;
    home.refused(&lab, &main, &["`link.dvc`: it is a link"]).await;
    // Nor where a later commit takes it away again.
    home.write("secret.bin", "x");
    home.commit("In").await;
    home.done(&["rm", "secret.bin"]).await;
    home.done(&["commit", "-m", "Out"]).await;
    home.refused(&lab, &main, &["`secret.bin`"]).await;
    let head = home.done(&["rev-parse", "HEAD"]).await;
    home.done(&["update-index", "--add", "--cacheinfo", &format!("160000,{},sub", head.trim())]).await;
    home.done(&["commit", "-m", "Another repository"]).await;
    home.refused(&lab, &main, &["`sub`: it is another repository"]).await;
    home.done(&["commit", "--allow-empty", "-m", "Strange", "--date=@9999999999999 +0000"]).await;
    home.refused(&lab, &main, &["the time, cannot be read"]).await;

    // Other branches, tags that are none, deletions and other pasts.
    home.point("fine.txt", md5, 5);
    home.commit("Fine").await;
    home.refused(&lab, &["HEAD:other"], &["there is one branch here"]).await;
    home.refused(&lab, &[":main"], &["rejected"]).await;
    home.done(&["commit", "--allow-empty", "-m", "Aside"]).await;
    home.refused(&lab, &["HEAD:refs/tags/aside"], &["a tag names a commit of the branch"]).await;
    home.refused(&lab, &["HEAD:refs/tags/a/b"], &["the name of a tag"]).await;
    home.refused(&lab, &["HEAD^{tree}:refs/tags/tree"], &["a tag names a commit, and nothing else"]).await;
    lab.post("tags", json!({"name": "v1"}), 201).await;
    home.done(&["commit", "--amend", "--allow-empty", "-m", "Another past"]).await;
    home.refused(&lab, &["--force", "HEAD:main"], &["non-fast-forward"]).await;
    home.done(&["commit", "--allow-empty", "-m", "Moved"]).await;
    home.refused(&lab, &["--force", "HEAD:refs/tags/v1"], &["tags never move"]).await;
    home.refused(&lab, &[":refs/tags/v1"], &["rejected"]).await;
    // One is refused, and so are all.
    home.point("fine.txt", md5, 5);
    home.commit("Fine").await;
    home.refused(&lab, &["HEAD:main", "HEAD:other"], &["all are taken or none"]).await;
    assert_eq!(lab.paths("").await, ["a/b.txt"]);
    let left: Vec<PathBuf> = files_in(&app, lab.id).into_iter().filter(|path| !files.contains(path)).collect();
    assert!(left.len() <= 1, "only the tag that was made on the site: {left:?}");

    // Nothing of it stands in the way of what is fine.
    home.point("fine.txt", md5, 5);
    home.commit("Fine").await;
    home.done(&["push", "origin", "HEAD:main"]).await;
    assert_eq!(lab.paths("").await, ["a/b.txt", "fine.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_writers_push_and_only_maintainers_name_versions() {
    let app = TestApp::start().await;
    let (ada, _) = app.user_with_token("ada").await;
    let (bob, bobs) = app.user_with_token("bob").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a.txt", "hello").await;
    let advert = "/ada/cats.git/info/refs?service=git-receive-pack";
    let try_with = async |api: &Api, status: u16| {
        problem(api.get(advert).send().await.unwrap(), status).await;
        problem(api.post("/ada/cats.git/git-receive-pack").body("0000").send().await.unwrap(), status).await;
    };
    try_with(&bob, 404).await;
    let nobody = app.anonymous();
    let asked = nobody.get(advert).send().await.unwrap();
    assert!(asked.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    try_with(&nobody, 401).await;
    lab.post("members", json!({"username": "bob", "role": "reader"}), 204).await;
    try_with(&bob, 403).await;
    let home = Home::clone_of(&app, &bobs).await;
    home.point("b.txt", "5d41402abc4b2a76b9719d911017c592", 5);
    home.commit("Mine").await;
    home.refused_but_kept(&lab, "403").await;
    lab.post("update", json!({"visibility": "public"}), 200).await;
    try_with(&nobody, 401).await;
    lab.post("members", json!({"username": "bob", "role": "writer"}), 204).await;
    let (done, said) = home.git(&["push", "origin", "HEAD:main", "HEAD:refs/tags/v1"]).await;
    assert!(!done && said.contains("maintainer"), "{said}");
    home.done(&["push", "origin", "HEAD:main"]).await;
    assert_eq!(lab.paths("").await, ["a.txt", "b.txt"]);
    // Whose token may only read does not push.
    let reading = app.user_with("eve", ocellus::server::store::tokens::Scope::Read).await;
    lab.post("members", json!({"username": "eve", "role": "writer"}), 204).await;
    try_with(&reading, 403).await;
    for strange in ["", "0", "zzzz", "0001", "0014hello", "00000000"] {
        let answer = ada.post("/ada/cats.git/git-receive-pack").body(strange).send().await.unwrap();
        if strange == "00000000" {
            expect(answer, 200).await
        } else {
            problem(answer, 400).await
        };
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sum_of_a_strangers_file_is_no_key_to_it() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let bob = app.user("bob").await;
    Lab::new(&bob, "bob", "private").await.put("secret.txt", "hello").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a.txt", "a").await;
    let home = Home::clone_of(&app, &token).await;
    home.point("stolen.txt", "5d41402abc4b2a76b9719d911017c592", 5);
    home.commit("Stolen").await;
    home.refused(&lab, &["HEAD:main"], &["stolen.txt (MD5"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_and_uploads_at_once_lose_nothing() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a.txt", "hello").await;
    let push = async |number: usize| {
        let home = Home::clone_of(&app, &token).await;
        home.point(&format!("pushed-{number}.txt"), "5d41402abc4b2a76b9719d911017c592", 5);
        home.commit("Pushed").await;
        for _ in 0..50 {
            if home.git(&["push", "origin", "HEAD:main"]).await.0 {
                return;
            }
            home.done(&["pull", "--rebase"]).await;
        }
        panic!("push {number} never came through");
    };
    let upload = async |number: usize| {
        for part in 0..5 {
            lab.put(&format!("put-{number}-{part}.txt"), "x").await;
        }
    };
    futures::join!(push(1), push(2), upload(1), upload(2));
    assert_eq!(lab.paths("").await.len(), 13);
    assert_eq!(lab.get("commits").await.as_array().unwrap().len(), 13);
    assert_eq!(check(&app.state, false).await.unwrap(), []);
}

/// Runs DVC in a clone.
pub async fn dvc(program: &str, home: &Home, arguments: &[&str]) -> String {
    let (program, folder) = (program.to_owned(), home.path());
    let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
    run(move || {
        let said = Command::new(program)
            .args(&arguments)
            .envs([("DVC_NO_ANALYTICS", "1"), ("HOME", "/nonexistent"), ("DVC_SITE_CACHE_DIR", ".dvc/tmp/site")])
            .current_dir(folder)
            .output()
            .unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
        assert!(said.status.success(), "dvc {arguments:?}: {text}");
        text
    })
    .await
}

/// Tells DVC in a clone who asks.
pub async fn introduce(program: &str, home: &Home, token: &str) {
    for setting in [["auth", "basic"], ["user", "me"], ["password", token]] {
        dvc(program, home, &[&["remote", "modify", "--local", "ocellus"], &setting[..]].concat()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dvc_and_git_bring_changes_from_home() {
    let program = dvc_program();
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("cat.png", png(40, 30, 1)).await;
    lab.put("notes/a b.txt", "one").await;
    let home = Home::clone_of(&app, &token).await;
    introduce(&program, &home, &token).await;
    dvc(&program, &home, &["pull"]).await;
    assert_eq!(std::fs::read(home.path().join("cat.png")).unwrap(), png(40, 30, 1));
    home.write("notes/a b.txt", "two");
    home.write("new/dog.png", png(20, 20, 2));
    dvc(&program, &home, &["add", "notes/a b.txt", "new/dog.png"]).await;
    home.done(&["add", "."]).await;
    home.done(&["commit", "-m", "From home"]).await;
    let (done, said) = home.git(&["push"]).await;
    assert!(!done && said.contains("remote:   new/dog.png (MD5"), "{said}");
    dvc(&program, &home, &["push"]).await;
    home.done(&["push"]).await;
    assert_eq!(lab.paths("").await, ["cat.png", "new/dog.png", "notes/a b.txt"]);
    assert_eq!(expect(lab.raw("files/notes/a%20b.txt").await, 200).await, "two");
    assert!(lab.picture("new/dog.png").await > 0);
    assert_eq!(home.done(&["status", "--short"]).await, "");
    let other = Home::clone_of(&app, &token).await;
    introduce(&program, &other, &token).await;
    dvc(&program, &other, &["pull"]).await;
    assert_eq!(std::fs::read(other.path().join("new/dog.png")).unwrap(), png(20, 20, 2));
}
