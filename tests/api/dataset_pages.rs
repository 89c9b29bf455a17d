//! The pages of datasets and their namespaces, as the server renders them.

use super::app::{Api, PASSWORD, TestApp, expect, png};
use super::lab::Lab;
use super::storage_sites::{folder, register, with_root};
use serde_json::json;

/// A page with its status, without the marks by which the browser's half finds its place.
async fn page(api: &Api, path: &str) -> (u16, String) {
    let response = api.get(path).header("accept", "text/html").send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap().replace("<!>", ""))
}

/// The same, of a page that must be there.
async fn shown(api: &Api, path: &str) -> String {
    let (status, html) = page(api, path).await;
    assert_eq!(status, 200, "{path}");
    html
}

#[tokio::test]
async fn statistics_of_a_dataset_are_a_view_of_its_page() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let empty = shown(&ada, "/ada/cats?view=statistics").await;
    assert!(empty.contains("Nothing to count") && !empty.contains("plot-card"), "{empty}");
    lab.put("cat.png", png(40, 30, 1)).await;
    let html = shown(&ada, "/ada/cats?view=statistics").await;
    assert!(html.contains("<title>Statistics of ada/cats"), "{html}");
    let plots = html.split("class=\"plots\"").nth(1).unwrap();
    assert!(plots.contains("Pictures by licence") && plots.contains("<svg"), "{plots}");
    let query = plots.split("href=\"").find(|link| link.starts_with("/query?query=")).unwrap();
    let query = query.split('"').next().unwrap();
    assert!(query.contains("in_dataset") && query.ends_with("view=statistics"), "{query}");
    // The page's other views lead there, and nowhere else.
    let pictures = shown(&ada, "/ada/cats").await;
    assert!(pictures.contains("href=\"/ada/cats?view=statistics\"") && !pictures.contains("&amp;view=statistics"));
    assert_eq!(page(&app.anonymous(), "/ada/cats?view=statistics").await.0, 404);
}

/// Somebody in a browser without JavaScript.
async fn signed_in(app: &TestApp, name: &str) -> Api {
    let browser = app.browser();
    let login = json!({"username": name, "password": PASSWORD});
    expect(browser.post("/api/login").json(&login).send().await.unwrap(), 200).await;
    browser
}

/// Sends a form from a page, and gives the address that it leads to.
async fn sent(browser: &Api, from: &str, function: &str, form: &[(&str, &str)]) -> String {
    let request = browser.post(&format!("/fn/{function}")).header("accept", "text/html");
    let response =
        request.header("referer", format!("{}{from}", browser.url)).form(&form.to_vec()).send().await.unwrap();
    assert_eq!(response.status(), 302, "{function}");
    response.headers()["location"].to_str().unwrap().replace(&browser.url, "")
}

#[tokio::test]
async fn the_storage_site_of_an_empty_dataset_is_chosen_in_its_settings() {
    const BUTTON: &str = "Choose this storage site";
    let (app, root) = with_root().await;
    let (ada, ben) = (app.user("ada").await, app.user("ben").await);
    let lab = Lab::new(&ada, "ada", "private").await;
    let settings = "/ada/cats?view=settings";
    // There is nothing to choose from.
    assert!(!shown(&ada, settings).await.contains(BUTTON));
    register(&ada, folder(&root, "a", "shelf", "ada")).await;
    register(&ben, folder(&root, "b", "cellar", "ben")).await;
    let browser = signed_in(&app, "ada").await;
    let html = shown(&browser, settings).await;
    assert!(html.contains(BUTTON) && html.contains("shelf") && !html.contains("cellar"), "{html}");
    let id = lab.id.to_string();
    let back = sent(&browser, settings, "pick_storage_site", &[("id", &id), ("storage_site", "")]).await;
    assert!(shown(&browser, &back).await.contains("ust name the storage site"), "{back}");
    let back = sent(&browser, settings, "pick_storage_site", &[("id", &id), ("storage_site", "shelf")]).await;
    assert_eq!(back, settings);
    let html = shown(&browser, settings).await;
    assert!(!html.contains(BUTTON) && html.contains("files at <a href=\"/storage-sites/"), "{html}");
    // Files that are there stay where they are.
    let body = json!({"namespace": "ada", "name": "dogs", "visibility": "private"});
    let made = expect(ada.post("/api/v1/datasets").json(&body).send().await.unwrap(), 201).await;
    let dogs = Lab::at(&ada, format!("/api/v1/datasets/{}", made["id"]));
    assert!(shown(&browser, "/ada/dogs?view=settings").await.contains(BUTTON));
    dogs.put("a.txt", "a").await;
    assert!(!shown(&browser, "/ada/dogs?view=settings").await.contains(BUTTON));
}

#[tokio::test]
async fn members_of_the_namespace_are_among_those_of_a_dataset() {
    let app = TestApp::start().await;
    let (ada, _, eve) = (app.user("ada").await, app.account("bob").await, app.user("eve").await);
    let group = json!({"name": "lab", "visibility": "private"});
    expect(ada.post("/api/v1/namespaces").json(&group).send().await.unwrap(), 201).await;
    let role = json!({"username": "bob", "role": "writer"});
    expect(ada.post("/api/v1/namespaces/lab/members").json(&role).send().await.unwrap(), 204).await;
    let lab = Lab::new(&ada, "lab", "private").await;
    lab.post("members", json!({"username": "eve", "role": "reader"}), 204).await;
    let members = "/lab/cats?view=members";
    let html = shown(&ada, members).await;
    let (own, around) = html.split_once("From the namespace").unwrap();
    assert!(own.contains("/user/eve") && !own.contains("/user/bob"), "{own}");
    assert!(around.contains("/user/bob") && around.contains("Writer") && around.contains("Namespace lab"), "{around}");
    assert!(!around.contains("<form") && around.contains("/user/ada"), "{around}");
    // Who is a member of the dataset alone learns no more than before.
    let html = shown(&eve, members).await;
    assert!(html.contains("only they may know who they are") && !html.contains("/user/bob"), "{html}");
    // Without a script nobody asks before the form is sent.
    let browser = signed_in(&app, "ada").await;
    let id = lab.id.to_string();
    assert_eq!(sent(&browser, members, "take_dataset_role", &[("of", &id), ("username", "eve")]).await, members);
    assert_eq!(page(&eve, members).await.0, 404);
}

#[tokio::test]
async fn nobody_is_offered_what_their_role_in_the_dataset_does_not_allow() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    lab.put("cat.png", png(40, 30, 1)).await;
    let picture = format!("/picture/{}", lab.picture("cat.png").await);
    let (annotate, copy) = (format!("href=\"{picture}/annotate"), "Copy in the dataset");
    let query = "/query?query=want: [{in_dataset: ada/cats}]";
    for (name, role, annotates, copies) in [
        ("stranger", None, false, false),
        ("reader", Some("reader"), false, false),
        ("annotator", Some("annotator"), true, false),
        ("writer", Some("writer"), true, true),
    ] {
        let api = app.user(name).await;
        if let Some(role) = role {
            lab.post("members", json!({"username": name, "role": role}), 204).await;
        }
        let html = shown(&api, &picture).await;
        assert_eq!((html.contains(&annotate), html.contains(copy)), (annotates, copies), "{name}");
        for grid in [query, "/ada/cats"] {
            let html = shown(&api, grid).await;
            assert_eq!(html.contains("Annotate these"), annotates, "{name}: {grid}");
        }
    }
    assert!(shown(&app.anonymous(), &picture).await.contains("Sign in to annotate"));
    // A row begins with the first picture that one may draw on.
    let reader = app.user("reader2").await;
    let own = reader.picture("Own").await["id"].as_i64().unwrap();
    let html = shown(&reader, "/query").await;
    assert!(html.contains(&format!("/picture/{own}/annotate")) && !html.contains(&annotate), "{html}");
    let html = shown(&reader, &format!("/picture/{own}")).await;
    assert!(html.contains(&format!("/picture/{own}/annotate")) && html.contains("Copy to my pictures"), "{html}");
}

#[tokio::test]
async fn the_name_of_a_namespace_is_an_address() {
    const CURRENT: &str = "href=\"/datasets\" aria-current=\"page\"";
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    Lab::new(&ada, "ada", "public").await;
    let group = json!({"name": "lab", "visibility": "private"});
    expect(ada.post("/api/v1/namespaces").json(&group).send().await.unwrap(), 201).await;
    let nobody = app.anonymous();
    for (address, words) in
        [("/ada", "/ada/cats"), ("/ada?view=members", "/user/ada"), ("/ada/cats?view=files", "cats")]
    {
        let html = shown(&nobody, address).await;
        assert!(html.contains(words) && html.contains(CURRENT), "{address}: {html}");
    }
    assert!(shown(&ada, "/lab").await.contains("<h1>lab</h1>"));
    assert!(!shown(&nobody, "/user/ada").await.contains(CURRENT));
    // What is not there, what nobody may know of and what is the site's own are told of alike.
    for address in ["/lab", "/nothing", "/about", "/nothing.php"] {
        let (status, html) = page(&nobody, address).await;
        assert!(status == 404 && html.contains("This address leads to no page"), "{address}: {status} {html}");
    }
}

#[tokio::test]
async fn commands_name_the_site_and_moving_is_told_from_renaming() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a.txt", "a").await;
    lab.post("move", json!({"from": "a.txt", "to": "b.txt"}), 201).await;
    lab.post("move", json!({"from": "b.txt", "to": "texts/b.txt"}), 201).await;
    let history = shown(&ada, "/ada/cats?view=history").await;
    assert!(history.contains(&format!("git clone {}/ada/cats.git", ada.url)), "{history}");
    assert!(history.contains("Rename a.txt to b.txt") && history.contains("Move b.txt to texts/b.txt"), "{history}");
    let commits = expect(ada.get(&format!("{}/commits", lab.path)).send().await.unwrap(), 200).await;
    for (back, word, other) in [(0, "moved", "renamed"), (1, "renamed", "moved")] {
        let id = commits[back]["id"].as_str().unwrap();
        let html = shown(&ada, &format!("/ada/cats?view=commit&ref={id}")).await;
        assert!(html.contains(&format!("Files: 1 {word}.")) && html.contains(&format!(">{word}</span>")), "{html}");
        assert!(!html.contains(&format!(">{other}</span>")), "{html}");
    }
}

#[tokio::test]
async fn a_form_registers_what_a_project_asks_for_and_says_who_annotates() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("cat.png", png(40, 30, 1)).await;
    let browser = signed_in(&app, "ada").await;
    let form = |name: &'static str, more: &[(&'static str, &'static str)]| {
        let first = [("dataset", "ada/cats"), ("name", name), ("objects", "Whisker")];
        first.into_iter().chain(more.iter().copied()).collect::<Vec<_>>()
    };
    let refused = sent(&browser, "/projects/new", "new_project", &form("First", &[])).await;
    assert!(refused.starts_with("/projects/new?"), "{refused}");
    let more = [("register_objects", "true"), ("myself", "true")];
    let made = sent(&browser, "/projects/new", "new_project", &form("First", &more)).await;
    let path = made.replace("/project/", "/api/v1/projects/");
    let project = expect(ada.get(&path).send().await.unwrap(), 200).await;
    assert_eq!((&project["objects"], &project["role"]), (&json!(["Whisker"]), &json!("annotator")));
    // Whoever does not want to annotate has no part in it, and manages it all the same.
    let made = sent(&browser, "/projects/new", "new_project", &form("Second", &[])).await;
    let path = made.replace("/project/", "/api/v1/projects/");
    let project = expect(ada.get(&path).send().await.unwrap(), 200).await;
    assert_eq!((&project["manages"], &project["role"]), (&json!(true), &json!(null)));
}
