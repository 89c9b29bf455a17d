//! What strangers to the rules send by `git push`, and what becomes of it: packs that no Git packs, clients that take their time, and
//! things that change in the middle.

use super::app::{Api, TestApp, expect, png, problem};
use super::lab::{Lab, git};
use super::push::{Home, bring, run};
use crate::support::promote;
use bytes::Bytes;
use ocellus::server::git::protocol::packet;
use ocellus::server::git::{Edit, NewCommit, Person, Pointer};
use ocellus::server::store::users;
use ocellus::server::versions::check::check;
use ocellus::server::versions::heal_all;
use reqwest::Response;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// "hello", which every dataset here has.
const HELLO: &str = "5d41402abc4b2a76b9719d911017c592";
const NOTHING: &str = "0000000000000000000000000000000000000000";
const ADDRESS: &str = "/ada/cats.git/git-receive-pack";

/// What Git says in the clone when it is told this.
async fn git_with(home: &Home, arguments: &[&str], input: &str) -> Vec<u8> {
    let (folder, input) = (home.path(), input.to_owned());
    let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
    run(move || {
        let mut child = Command::new("git")
            .args(["-c", "user.name=x", "-c", "user.email=x@example.org"])
            .args(&arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let said = child.wait_with_output().unwrap();
        assert!(said.status.success(), "{arguments:?}");
        said.stdout
    })
    .await
}

/// The same, in one line.
async fn line_with(home: &Home, arguments: &[&str], input: &str) -> String {
    String::from_utf8(git_with(home, arguments, input).await).unwrap().trim().to_owned()
}

async fn id_of(home: &Home, name: &str) -> String {
    home.done(&["rev-parse", name]).await.trim().to_owned()
}

/// What `git push` says before its pack.
fn wish(reference: &str, old: &str, new: &str) -> Vec<u8> {
    let line = format!("{old} {new} {reference}\0 report-status side-band-64k");
    [packet(line.as_bytes()), b"0000".to_vec()].concat()
}

/// Pushes these objects of a clone and no others, whatever they lead to, and gives what is answered.
async fn push_objects(api: &Api, home: &Home, main: [&str; 2], objects: &[&str]) -> String {
    let pack = git_with(home, &["pack-objects", "--stdout", "-q"], &format!("{}\n", objects.join("\n"))).await;
    let body = [wish("refs/heads/main", main[0], main[1]), pack].concat();
    let answer = api.post(ADDRESS).body(body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned()
}

/// What a push of these commits would send.
async fn objects_of(home: &Home, tips: &[&str]) -> Vec<String> {
    let arguments = [&["rev-list", "--objects", "--no-object-names"], tips, &["--not", "origin/main"]].concat();
    home.done(&arguments).await.lines().map(str::to_owned).collect()
}

fn folder_of(app: &TestApp, dataset: i64) -> PathBuf {
    app.state.config.data_dir.join(format!("datasets/{dataset}.git"))
}

/// Whether the repository of a dataset has an object.
async fn has(app: &TestApp, dataset: i64, object: &str) -> bool {
    let (folder, object) = (folder_of(app, dataset), object.to_owned());
    run(move || git(&folder, &["cat-file", "-e", &object]).0).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_brings_nothing_beside_its_commits() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a.txt", "hello").await;
    let home = Home::clone_of(&app, &token).await;
    let old = id_of(&home, "HEAD").await;
    home.point("b.txt", HELLO, 5);
    home.commit("Fine").await;
    let new = id_of(&home, "HEAD").await;
    let stowaway = line_with(&home, &["hash-object", "-w", "--stdin"], "nobody has looked at this").await;
    let fine = objects_of(&home, &["HEAD"]).await;
    let fine: Vec<&str> = fine.iter().map(String::as_str).collect();
    let said = push_objects(&ada, &home, [&old, &new], &[&fine[..], &[&stowaway]].concat()).await;
    assert!(said.contains("belong to none of the commits") && said.contains("ng refs/heads/main"), "{said}");
    assert!(!has(&app, lab.id, &stowaway).await && !has(&app, lab.id, &new).await);
    assert_eq!(lab.get("commits").await.as_array().unwrap().len(), 1);
    // Nor with a tag of what is there already.
    let pack = git_with(&home, &["pack-objects", "--stdout", "-q"], &format!("{stowaway}\n")).await;
    let body = [wish("refs/tags/v1", NOTHING, &old), pack].concat();
    let said = expect(ada.post(ADDRESS).body(body).send().await.unwrap(), 200).await.to_string();
    assert!(said.contains("belong to none of the commits"), "{said}");
    assert!(!has(&app, lab.id, &stowaway).await);
    // What is here already may come again.
    let said = push_objects(&ada, &home, [&old, &new], &[&fine[..], &[&old]].concat()).await;
    assert!(said.contains("ok refs/heads/main"), "{said}");
    assert_eq!(lab.paths("").await, ["a.txt", "b.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_branch_names_commits_that_hold_something() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    // In a dataset without commits, and in one with.
    for is_first in [true, false] {
        if !is_first {
            lab.put("a.txt", "hello").await;
        }
        let home = Home::clone_of(&app, &token).await;
        home.point("b.txt", HELLO, 5);
        home.commit("Fine").await;
        home.done(&["tag", "-a", "-m", "v1", "v1"]).await;
        let old = if is_first { NOTHING.to_owned() } else { id_of(&home, "origin/main").await };
        let before = if is_first { vec![] } else { vec!["-p", "HEAD~1"] };
        let (commit, tree) = (id_of(&home, "HEAD").await, id_of(&home, "HEAD^{tree}").await);
        let (blob, tag) = (id_of(&home, "HEAD:b.txt.dvc").await, id_of(&home, "v1").await);
        let said = push_objects(&ada, &home, [&old, &tree], &[&tree, &blob]).await;
        assert!(said.contains("ng refs/heads/main") && said.contains("and no tree"), "{said}");
        let said = push_objects(&ada, &home, [&old, &tag], &[&tag, &commit, &tree, &blob]).await;
        assert!(said.contains("ng refs/heads/main") && said.contains("and no tag"), "{said}");
        // A folder in which nothing is has a name that nobody looks at.
        let empty = line_with(&home, &["mktree"], "").await;
        let trees = format!("040000 tree {empty}\tanything at all\n100644 blob {blob}\tb.txt.dvc\n");
        let tree = line_with(&home, &["mktree"], &trees).await;
        for tree in [&tree, &empty] {
            let commit = line_with(&home, &[&["commit-tree", "-m", "x", tree], &before[..]].concat(), "").await;
            let said = push_objects(&ada, &home, [&old, &commit], &[&commit, tree, &empty, &blob]).await;
            assert!(said.contains("ng refs/heads/main") && said.contains("empty folder"), "{said}");
            assert!(!has(&app, lab.id, &commit).await);
        }
        assert!(!has(&app, lab.id, &tag).await && !has(&app, lab.id, &blob).await);
        let commits = if is_first { 0 } else { 1 };
        assert_eq!(lab.get("commits").await.as_array().unwrap().len(), commits);
    }
    assert_eq!(check(&app.state, false).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_drawn_comes_from_nowhere_else() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    ada.object("Cat", &[]).await;
    let lab = Lab::new(&ada, "ada", "private").await;
    // Nothing was ever drawn: nothing of it can be pushed, not even at first.
    let home = Home::clone_of(&app, &token).await;
    let text = ".ocellus/annotations/cat.png.json";
    home.write(text, "[]");
    home.commit("Drawn at home").await;
    let (done, said) = home.git(&["push", "origin", "HEAD:main"]).await;
    assert!(!done && said.contains("what is drawn is changed on the site"), "{said}");

    lab.put("cat.png", png(40, 30, 1)).await;
    lab.put("a.txt", "hello").await;
    let (early, picture) = (Home::clone_of(&app, &token).await, lab.picture("cat.png").await);
    let drawn = json!([{"type": "point", "shape": {"x": 0.1, "y": 0.5}, "object": "Cat"}]);
    expect(ada.put(&format!("/api/picture/{picture}/annotations")).json(&drawn).send().await.unwrap(), 200).await;
    lab.post("tags", json!({"name": "v1"}), 201).await;
    let home = Home::clone_of(&app, &token).await;
    // The pointer is known here, but not as what was drawn; that a later commit takes it back makes nothing better.
    let pointer = std::fs::read(home.path().join("cat.png.dvc")).unwrap();
    let was = std::fs::read(home.path().join(text)).unwrap();
    home.write(text, pointer);
    home.commit("Not drawn").await;
    home.write(text, &was);
    home.commit("As before").await;
    home.refused(&lab, &["HEAD:main"], &[text, "what is drawn is changed on the site"]).await;
    // Nor at another place.
    home.write(".ocellus/annotations/a.txt.json", &was);
    home.commit("Elsewhere").await;
    home.done(&["rm", ".ocellus/annotations/a.txt.json"]).await;
    home.done(&["commit", "-m", "Gone"]).await;
    home.refused(&lab, &["HEAD:main"], &["a.txt.json", "what is drawn is changed on the site"]).await;

    // What was drawn comes along where somebody merges, or takes back that it was deleted.
    early.point("early.txt", HELLO, 5);
    early.commit("Before it was drawn").await;
    early.done(&["pull", "--no-rebase", "--no-edit"]).await;
    early.done(&["rm", text]).await;
    early.done(&["commit", "-m", "Less"]).await;
    early.done(&["revert", "--no-edit", "HEAD"]).await;
    early.done(&["push", "origin", "HEAD:main"]).await;
    assert_eq!(lab.get("annotations/cat.png?ref=v1").await.as_array().unwrap().len(), 1);
    for commit in lab.get("commits").await.as_array().unwrap() {
        lab.get(&format!("commits/{}", commit["id"].as_str().unwrap())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_and_a_file_are_never_called_the_same() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    lab.put("a.txt", "hello").await;
    let home = Home::clone_of(&app, &token).await;
    home.write("README.md", "# Written <b>at home</b>\n");
    home.write("docs/README.md", "# About docs\n");
    home.commit("Texts").await;
    home.done(&["push", "origin", "HEAD:main"]).await;
    // They are shown like those that are files.
    let page = async |address: &str| {
        let address = format!("/ada/cats?view=files{address}");
        let answer = app.anonymous().get(&address).header("accept", "text/html").send().await.unwrap();
        answer.text().await.unwrap()
    };
    let commit = id_of(&home, "HEAD").await;
    for address in ["", &format!("&ref={commit}")] {
        let shown = page(address).await;
        assert!(shown.contains("Written") && shown.contains("at home") && shown.contains("<h2>"), "{shown}");
    }

    let put = async |path: &str| lab.send(reqwest::Method::PUT, &format!("files/{path}"), "x").await;
    for (path, text) in [("README.md", "`README.md`"), ("README.md/x.txt", "`README.md`"), ("docs", "`docs/README.md`")]
    {
        let told = problem(put(path).await, 409).await;
        assert!(told["detail"].as_str().unwrap().contains(text), "{told}");
    }
    lab.post("move", json!({"from": "a.txt", "to": "docs"}), 409).await;
    lab.put("docs/b.txt", "b").await;
    assert!(page("&path=docs").await.contains("About docs"));
    lab.post("move", json!({"from": "docs/", "to": "other/"}), 201).await;
    lab.post("move", json!({"from": "a.txt", "to": "docs"}), 409).await;
    lab.put("README.txt", "x").await;

    // Where it has happened before, it is no reason to refuse whatever is pushed.
    let repository = app.state.repositories.of(lab.id);
    let (lock, head) = (repository.lock().await.unwrap(), repository.head().await.unwrap());
    let author = Person { name: "ada".into(), email: "1@users.ocellus.invalid".into() };
    let edits = [Edit::Put("docs".into(), Pointer { md5: HELLO.into(), size: 5 })];
    let parent = head.as_deref();
    let clash =
        NewCommit { parent, author: &author, at: 1, message: "Clash", edits: &edits, texts: &[], settings: &[] };
    repository.commit(&lock, &clash).await.unwrap();
    drop(lock);
    heal_all(&app.state).await.unwrap();
    home.done(&["pull", "--rebase"]).await;
    home.point("more.txt", HELLO, 5);
    home.commit("More").await;
    home.done(&["push", "origin", "HEAD:main"]).await;
    assert!(lab.paths("").await.contains(&"more.txt".to_owned()));
    home.point("README.md", HELLO, 5);
    home.commit("Another one").await;
    home.refused(&lab, &["HEAD:main"], &["`README.md` is the name of a file"]).await;
}

/// A push of which the pack comes when it is told to.
struct Slow {
    parts: tokio::sync::mpsc::UnboundedSender<Bytes>,
    answer: tokio::task::JoinHandle<Response>,
}

impl Slow {
    fn begin(api: &Api, address: &str, wish: Vec<u8>) -> Self {
        let (parts, coming) = tokio::sync::mpsc::unbounded_channel::<Bytes>();
        parts.send(wish.into()).unwrap();
        let body = futures::stream::unfold(coming, |mut coming| async {
            let part = coming.recv().await?;
            Some((Ok::<_, std::io::Error>(part), coming))
        });
        let request = api.post(address).body(reqwest::Body::wrap_stream(body));
        Self { parts, answer: tokio::spawn(async move { request.send().await.unwrap() }) }
    }

    async fn end(self, pack: Vec<u8>) -> Response {
        self.parts.send(pack.into()).unwrap();
        drop(self.parts);
        self.answer.await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_slowly_holds_up_nobody() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let bob = app.user("bob").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a.txt", "hello").await;
    Lab::new(&bob, "bob", "private").await;
    // More than are taken at a time, of each of whom something has come.
    let wish = || wish("refs/heads/main", NOTHING, &"1".repeat(40));
    let slow: Vec<Slow> = (0..6).map(|_| Slow::begin(&bob, "/bob/cats.git/git-receive-pack", wish())).collect();
    for one in &slow {
        one.parts.send(Bytes::from_static(b"PACK\0\0\0\x02\0\0\0\x01")).unwrap();
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(slow.iter().all(|one| !one.answer.is_finished()));
    let home = Home::clone_of(&app, &token).await;
    home.point("b.txt", HELLO, 5);
    home.commit("In between").await;
    home.done(&["push", "origin", "HEAD:main"]).await;
    assert_eq!(lab.paths("").await, ["a.txt", "b.txt"]);
    // What has ended without a whole pack is refused, and is nobody's fault here.
    for one in slow {
        let answer = one.end(Vec::new()).await;
        assert_eq!(answer.status(), 200);
        let said = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
        assert!(said.contains("the pack was not taken"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_that_is_deleted_meanwhile_stays_deleted() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let home = Home::clone_of(&app, &token).await;
    let hello = bring(&lab, b"hello").await;
    home.point("a.txt", &hello, 5);
    home.commit("First").await;
    let new = id_of(&home, "HEAD").await;
    let objects = home.done(&["rev-list", "--objects", "--no-object-names", "HEAD"]).await;
    let pack = git_with(&home, &["pack-objects", "--stdout", "-q"], &objects).await;
    let slow = Slow::begin(&ada, ADDRESS, wish("refs/heads/main", NOTHING, &new));
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!slow.answer.is_finished());
    expect(ada.post(&format!("{}/delete", lab.path)).json(&json!({})).send().await.unwrap(), 204).await;
    problem(slow.end(pack).await, 404).await;
    assert!(!folder_of(&app, lab.id).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_maintainer_any_more_pushes_no_tag() {
    let app = TestApp::start().await;
    let (ada, _) = app.user_with_token("ada").await;
    let (_, token) = app.user_with_token("bob").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a.txt", "hello").await;
    lab.post("members", json!({"username": "bob", "role": "maintainer"}), 204).await;
    let home = Home::clone_of(&app, &token).await;
    home.done(&["tag", "v1"]).await;
    let repository = app.state.repositories.of(lab.id);
    let lock = repository.lock().await.unwrap();
    let incoming = || {
        let entries = std::fs::read_dir(folder_of(&app, lab.id).join("objects")).unwrap();
        entries.map(Result::unwrap).any(|entry| entry.file_name().to_string_lossy().starts_with("tmp_objdir-incoming-"))
    };
    let demoted = async {
        while !incoming() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Whether they may was asked before that, and is asked again.
        tokio::time::sleep(Duration::from_millis(500)).await;
        lab.post("members", json!({"username": "bob", "role": "writer"}), 204).await;
        drop(lock);
    };
    let ((done, said), ()) = futures::join!(home.git(&["push", "origin", "v1"]), demoted);
    assert!(!done && said.contains("rejected") && said.contains("maintainer"), "{said}");
    assert_eq!(lab.get("tags").await, json!([]));
}

/// What the audit log tells of pushes, the newest first.
async fn pushes(boss: &Api) -> Vec<(Value, Value)> {
    let log = expect(boss.get("/api/audit-log/?action=dataset-pushed").send().await.unwrap(), 200).await;
    log.as_array().unwrap().iter().map(|entry| (entry["actor"].clone(), entry["details"].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pushed_is_known_whatever_commits_say() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let (bob, token) = app.user_with_token("bob").await;
    let boss = app.user("boss").await;
    promote(&app.state.db, "boss").await;
    let lab = Lab::new(&bob, "bob", "public").await;
    let home = Home::clone_at(&app, &token, "bob/cats").await;
    let cat = bring(&lab, &png(40, 30, 1)).await;
    home.point("cat.png", &cat, png(40, 30, 1).len());
    home.done(&["add", "--force", "."]).await;
    home.done(&["-c", "user.name=ada", "commit", "-m", "As if by ada"]).await;
    home.done(&["push", "origin", "HEAD:main"]).await;
    let first = id_of(&home, "HEAD").await;
    let commits = lab.get("commits").await;
    assert_eq!((&commits[0]["author"], &commits[0]["author_known"]), (&json!("ada"), &json!(false)));
    let by_site = lab.put("b.txt", "hello").await;
    assert_eq!(lab.get(&format!("commits/{by_site}")).await["author_known"], true);
    for address in ["view=history".to_owned(), format!("view=commit&ref={first}")] {
        let page = app.anonymous().get(&format!("/bob/cats?{address}")).header("accept", "text/html").send().await;
        let page = page.unwrap().text().await.unwrap();
        assert!(page.contains("ada (not an account here)") && !page.contains("bob (not"), "{page}");
    }
    assert_eq!(pushes(&boss).await, [(json!("bob"), json!(format!("commit {first}")))]);
    // A tag is pushed as well, and leaves nothing for whoever heals.
    home.done(&["pull", "--rebase", "origin", "main"]).await;
    home.done(&["tag", "v1"]).await;
    home.done(&["push", "origin", "v1"]).await;
    assert_eq!(pushes(&boss).await[0], (json!("bob"), json!("tag v1")));
    assert!(!folder_of(&app, lab.id).join("ocellus.note").exists());

    // After a crash between Git and the index, too.
    let repository = app.state.repositories.of(lab.id);
    let (lock, head) = (repository.lock().await.unwrap(), repository.head().await.unwrap());
    let user = users::by_name(&app.state.db, "bob").await.unwrap().unwrap().id;
    let note = json!({"parent": head, "user": user, "at": 7, "prepared": null, "pushed": true});
    repository.write_note(&lock, note.to_string().as_bytes()).unwrap();
    let author = Person { name: "ada".into(), email: "ada@example.org".into() };
    let edits = [Edit::Put("copy.png".into(), Pointer { md5: cat, size: png(40, 30, 1).len() as u64 })];
    let parent = head.as_deref();
    let commit =
        NewCommit { parent, author: &author, at: 1, message: "Unheard", edits: &edits, texts: &[], settings: &[] };
    let unheard = repository.commit(&lock, &commit).await.unwrap();
    drop(lock);
    heal_all(&app.state).await.unwrap();
    assert_eq!(pushes(&boss).await[0], (json!("bob"), json!(format!("commit {unheard}"))));
    let picture = lab.picture("copy.png").await;
    let told = expect(bob.get(&format!("/api/picture/{picture}/")).send().await.unwrap(), 200).await;
    assert_eq!(told["author"], "bob");
    assert_eq!(check(&app.state, false).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_files_say_of_archives_counts_for_nothing() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a.txt", "hello").await;
    let home = Home::clone_of(&app, &token).await;
    // Each line would become the message of the commit, and the pointer be left out.
    home.write(".gitattributes", "README.md export-subst\n*.dvc export-ignore\n");
    let line = "$Format:%B$\n";
    home.write("README.md", line.repeat(1000));
    home.commit(&"x".repeat(1000)).await;
    home.done(&["push", "origin", "HEAD:main"]).await;
    let archive = lab.raw("archive?content=pointers&format=tar").await.bytes().await.unwrap();
    let mut archive = tar::Archive::new(&archive[..]);
    let mut found = std::collections::BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
        found.insert(path, text);
    }
    assert_eq!(found["README.md"], line.repeat(1000));
    assert!(found.contains_key("a.txt.dvc"), "{:?}", found.keys());
}
