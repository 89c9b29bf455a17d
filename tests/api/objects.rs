//! Objects over HTTP.

use super::app::{TestApp, expect, hidden, problem};
use crate::support::promote;
use serde_json::{Value, json};

#[tokio::test]
async fn objects_form_a_graph_without_cycles() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Animal", &[]).await;
    ada.object("Pet", &[]).await;
    ada.object("Cat (Felis catus)", &["Animal", "Pet"]).await;
    let cat = expect(ada.get("/api/object/Cat%20(Felis%20catus)/").send().await.unwrap(), 200).await;
    assert_eq!(cat["parents"], json!(["Animal", "Pet"]));
    let animal = expect(ada.get("/api/object/Animal").send().await.unwrap(), 200).await;
    assert_eq!(animal["children"], json!(["Cat (Felis catus)"]));
    let cycle = ada.post("/api/object/Animal/update").json(&json!({"parents": ["Cat (Felis catus)"]}));
    let detail = problem(cycle.send().await.unwrap(), 409).await["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("Animal") && detail.contains("Cat"), "{detail}");
    let unknown = ada.post("/api/object/Animal/update").json(&json!({"parents": ["Plant"]}));
    problem(unknown.send().await.unwrap(), 400).await;
    let described = ada.post("/api/object/Animal/update").json(&json!({"description": "Moves about."}));
    let animal = expect(described.send().await.unwrap(), 200).await;
    assert_eq!((&animal["description"], &animal["children"]), (&json!("Moves about."), &json!(["Cat (Felis catus)"])));
    problem(ada.post("/api/new-object").json(&json!({"id": "animal"})).send().await.unwrap(), 409).await;
    problem(ada.get("/api/object/Plant").send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn objects_are_listed_in_parts_and_searched() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for name in ["Ähre", "Cat", "Caterpillar", "Dog"] {
        ada.object(name, &[]).await;
    }
    let names = |value: Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect()
    };
    let found = ada.get("/api/object/?search=cAT").send().await.unwrap();
    assert_eq!(found.headers()["x-total-count"], "2");
    assert_eq!(names(expect(found, 200).await), ["Cat", "Caterpillar"]);
    let folded = expect(ada.get("/api/object/?search=%C3%A4HR").send().await.unwrap(), 200).await;
    assert_eq!(names(folded), ["Ähre"]);
    let part = ada.get("/api/object/?offset=1&limit=2").send().await.unwrap();
    assert_eq!(part.headers()["x-total-count"], "4");
    assert_eq!(names(expect(part, 200).await).len(), 2);
    problem(ada.get("/api/object/?limit=0").send().await.unwrap(), 400).await;
    problem(ada.get("/api/object/?offset=-1").send().await.unwrap(), 400).await;
    problem(ada.get("/api/object/?offset=x").send().await.unwrap(), 400).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_change_different_parts_at_once_both_get_their_way() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for name in ["Animal", "Pet", "Cat"] {
        ada.object(name, &[]).await;
    }
    for round in 0..20 {
        let (text, parent) = (format!("text {round}"), ["Animal", "Pet"][round % 2]);
        let update = |change: Value| ada.post("/api/object/Cat/update").json(&change).send();
        let (first, second) = tokio::join!(update(json!({"description": text})), update(json!({"parents": [parent]})));
        expect(first.unwrap(), 200).await;
        expect(second.unwrap(), 200).await;
        let cat = expect(ada.get("/api/object/Cat").send().await.unwrap(), 200).await;
        assert_eq!((&cat["description"], &cat["parents"]), (&json!(text), &json!([parent])));
    }
}

#[tokio::test]
async fn a_typing_mistake_still_finds_and_the_top_is_listed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Elephant", &[]).await;
    ada.object("African elephant", &["Elephant"]).await;
    let found = ada.get("/api/object/?search=elehpant").send().await.unwrap();
    assert_eq!(found.headers()["x-total-count"], "2");
    assert_eq!(expect(found, 200).await[1]["id"], "Elephant");
    let top = expect(ada.get("/api/object/?top=true").send().await.unwrap(), 200).await;
    assert_eq!(top.as_array().unwrap().len(), 1);
    assert_eq!(top[0]["children"], json!(["African elephant"]));
}

#[tokio::test]
async fn an_old_name_leads_on_and_only_its_maker_gives_another() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.object("Cat", &[]).await;
    let rename =
        |api: &super::app::Api, name: &str| api.post("/api/object/Cat/update").json(&json!({"id": name})).send();
    problem(rename(&bob, "Dog").await.unwrap(), 403).await;
    problem(rename(&ada, "a/b").await.unwrap(), 400).await;
    assert_eq!(expect(rename(&ada, "House cat").await.unwrap(), 200).await["id"], "House cat");

    // The former name is another name: taking it back is for its maker, too.
    problem(rename(&bob, "Cat").await.unwrap(), 403).await;
    assert_eq!(expect(rename(&bob, "House cat").await.unwrap(), 200).await["id"], "House cat");

    let moved = app.browser().get("/api/object/Cat").send().await.unwrap();
    assert_eq!(
        (moved.status().as_u16(), moved.headers()["location"].to_str().unwrap()),
        (302, "/api/object/House%20cat/")
    );
    let cat = expect(bob.get("/api/object/Cat").send().await.unwrap(), 200).await;
    assert_eq!(
        (&cat["id"], &cat["former_names"], &cat["author"]),
        (&json!("House cat"), &json!(["Cat"]), &json!("ada"))
    );
    let page = app.browser().get("/object/Cat").header("accept", "text/html").send().await.unwrap();
    assert_eq!((page.status().as_u16(), page.headers()["location"].to_str().unwrap()), (302, "/object/House%20cat"));

    // Programs and saved queries that use the old name go on working.
    let picture = bob.picture("one").await;
    let path = format!("/api/picture/{}/annotations", picture["id"]);
    let point = json!([{"type": "point", "shape": {"x": 0.5, "y": 0.5}, "object": "Cat"}]);
    let saved = expect(bob.put(&path).json(&point).send().await.unwrap(), 200).await;
    assert_eq!(saved[0]["object"], "House cat");
    let query = bob.post("/api/query-pictures").body("want:\n  - has_object: [Cat]\n");
    assert_eq!(expect(query.send().await.unwrap(), 200).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn objects_are_merged_by_those_who_may() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let boss = app.user("boss").await;
    promote(&app.state.db, "boss").await;
    for name in ["Cat", "Kitty", "Puss"] {
        ada.object(name, &[]).await;
    }
    let merge = |api: &super::app::Api, name: &str| {
        api.post(&format!("/api/object/{name}/merge")).json(&json!({"into": "Cat"})).send()
    };
    problem(merge(&app.anonymous(), "Kitty").await.unwrap(), 401).await;
    problem(merge(&bob, "Kitty").await.unwrap(), 403).await;
    expect(merge(&ada, "Kitty").await.unwrap(), 200).await;
    problem(merge(&ada, "Cat").await.unwrap(), 400).await;
    problem(merge(&ada, "Dog").await.unwrap(), 404).await;

    let region = json!([{"type": "point", "shape": {"x": 0.5, "y": 0.5}, "object": "Puss"}]);
    bob.picture_with(
        json!({"nature": "photo", "licence": ["CC0-1.0"], "annotations": region}),
        super::app::png(64, 48, 1),
    )
    .await;
    let detail = problem(merge(&ada, "Puss").await.unwrap(), 409).await["detail"].to_string();
    assert!(detail.contains("administrator"), "{detail}");
    assert_eq!(expect(merge(&boss, "Puss").await.unwrap(), 200).await["pictures"], 1);
}

#[tokio::test]
async fn regions_are_cut_out_of_their_pictures() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let region = json!([{"type": "bbox", "shape": {"x": 0.5, "y": 0.25, "w": 0.25, "h": 0.5}, "object": "Cat"}]);
    let metadata = json!({"title": "one", "nature": "photo", "licence": ["CC0-1.0"], "annotations": region});
    ada.picture_with(metadata, super::app::png(1600, 1200, 1)).await;
    let samples = expect(ada.get("/api/object/Cat/samples").send().await.unwrap(), 200).await;
    assert_eq!((samples.as_array().unwrap().len(), &samples[0]["title"]), (1, &json!("one")));
    let path = samples[0]["crop"].as_str().unwrap();
    let mut tags = Vec::new();
    // The second comes from the folder of crops.
    for _ in 0..2 {
        let crop = app.anonymous().get(path).send().await.unwrap();
        assert_eq!((crop.status().as_u16(), &crop.headers()["content-type"]), (200, &"image/jpeg".parse().unwrap()));
        assert_eq!(crop.headers()["x-content-type-options"], "nosniff");
        tags.push(crop.headers()["etag"].clone());
        let image = image::load_from_memory(&crop.bytes().await.unwrap()).unwrap();
        // 400 × 600 pixels and a quarter more, with the longer side as 320.
        assert_eq!((image.width(), image.height()), (213, 320));
    }
    assert_eq!(tags[0], tags[1]);
    let again = app.anonymous().get(path).header("if-none-match", &tags[0]).send().await.unwrap();
    assert_eq!(again.status(), 304);
    problem(app.anonymous().get("/crop/999").send().await.unwrap(), 404).await;
    problem(app.anonymous().get("/crop/x").send().await.unwrap(), 404).await;
    problem(app.anonymous().get("/api/object/Dog/samples").send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn a_taxonomy_is_tried_and_imported() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let table = "name,description,parent\nAnimal,,\nPet,,Animal\nCat,Felis catus,Animal;Pet\n";
    let send = |query: &str, kind: &'static str, text: &str| {
        ada.post(&format!("/api/import-objects{query}")).header("content-type", kind).body(text.to_owned()).send()
    };
    problem(app.anonymous().post("/api/import-objects").body(table).send().await.unwrap(), 401).await;
    let tried = expect(send("?dry_run=true", "text/csv", table).await.unwrap(), 200).await;
    assert_eq!((&tried["dry_run"], &tried["made"]), (&json!(true), &json!(["Animal", "Pet", "Cat"])));
    problem(ada.get("/api/object/Cat").send().await.unwrap(), 404).await;
    let made = expect(send("", "text/csv", table).await.unwrap(), 200).await;
    assert_eq!((&made["dry_run"], made["made"].as_array().unwrap().len()), (&json!(false), 3));
    let cat = expect(ada.get("/api/object/Cat").send().await.unwrap(), 200).await;
    assert_eq!((&cat["parents"], &cat["author"]), (&json!(["Animal", "Pet"]), &json!("ada")));
    assert_eq!(cat["paths"], json!([["Animal"], ["Animal", "Pet"]]));

    // YAML, by its type, by the parameter, and guessed.
    for (query, kind) in [("", "application/yaml"), ("?format=yaml", "text/plain"), ("", "application/octet-stream")] {
        let report = expect(send(query, kind, "Animal:\n  Dog:\n").await.unwrap(), 200).await;
        assert_eq!(report["existing"][0], "Animal", "{kind}");
    }
    let broken = "name,parent\nHorse,Animal\n,\nCow,Anmal\nAnimal,Cat\n";
    let refused = problem(send("", "text/csv", broken).await.unwrap(), 400).await;
    let fields: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    // The last line closes two cycles.
    assert_eq!(fields, ["line 3", "line 4", "line 5", "line 5"], "{refused}");
    let tried = expect(send("?dry_run=true", "text/csv", broken).await.unwrap(), 200).await;
    assert_eq!(tried["faults"].as_array().unwrap().len(), 4);
    problem(ada.get("/api/object/Horse").send().await.unwrap(), 404).await;
    problem(send("?dry_run=maybe", "text/csv", table).await.unwrap(), 400).await;
    let not_text = ada.post("/api/import-objects").body(vec![0xFF, 0xFE]).send().await.unwrap();
    problem(not_text, 400).await;
}

#[tokio::test]
async fn forms_about_objects_work_without_javascript() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let browser = app.browser();
    let login = json!({"username": "ada", "password": super::app::PASSWORD});
    expect(browser.post("/api/login").json(&login).send().await.unwrap(), 200).await;
    let send = |function: &str, page: &str, form: &[(&str, &str)]| {
        let form: Vec<(String, String)> = form.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let request = browser.post(&format!("/fn/{function}")).header("accept", "text/html");
        request.header("referer", format!("{}{page}", app.url)).form(&form).send()
    };
    let went = |response: &reqwest::Response| {
        assert_eq!(response.status(), 302);
        response.headers()["location"].to_str().unwrap().to_owned()
    };
    for (name, parents) in [("Animal", ""), ("Pet, tame", "Animal\n"), ("Cat", "Animal\r\nPet, tame")] {
        let made =
            send("new_object", "/objects", &[("id", name), ("description", ""), ("parents", parents)]).await.unwrap();
        assert!(went(&made).starts_with("/object/"), "{}", went(&made));
    }
    let cycle = [("name", "Animal"), ("id", "Animal"), ("description", ""), ("parents", "Cat")];
    let back = went(&send("edit_object", "/object/Animal", &cycle).await.unwrap());
    let page = browser.client.get(&back).send().await.unwrap().text().await.unwrap();
    let error = page.split("id=\"parents-error\"").nth(1).unwrap().split("</p>").next().unwrap();
    assert!(error.contains("cycle: Animal → Cat → Animal"), "beside the field: {error}");

    // What the form leaves as it was is as somebody else made it since.
    let before = hidden(&browser.get("/object/Cat").send().await.unwrap().text().await.unwrap(), "before");
    let other = app.user("bob").await;
    let described = json!({"description": "Purrs,\nsleeps."});
    expect(other.post("/api/object/Cat/update").json(&described).send().await.unwrap(), 200).await;
    let cat = [("name", "Cat"), ("id", "Cat"), ("description", ""), ("parents", "Animal"), ("before", &before)];
    send("edit_object", "/object/Cat", &cat).await.unwrap();
    let before = hidden(&browser.get("/object/Cat").send().await.unwrap().text().await.unwrap(), "before");
    let placed = json!({"parents": ["Pet, tame"]});
    expect(other.post("/api/object/Cat/update").json(&placed).send().await.unwrap(), 200).await;
    let both = expect(other.get("/api/object/Cat").send().await.unwrap(), 200).await;
    assert_eq!((&both["description"], &both["parents"]), (&described["description"], &placed["parents"]));
    // Browsers send other line breaks than they get.
    let same = [("name", "Cat"), ("id", "Cat"), ("description", "Purrs,\r\nsleeps."), ("parents", "Animal\r\n")];
    let same: Vec<(&str, &str)> = same.into_iter().chain([("before", before.as_str())]).collect();
    send("edit_object", "/object/Cat", &same).await.unwrap();
    let kept = expect(other.get("/api/object/Cat").send().await.unwrap(), 200).await;
    assert_eq!((&kept["description"], &kept["parents"]), (&described["description"], &placed["parents"]));

    let better = [("name", "Cat"), ("id", "House cat"), ("description", "Purrs."), ("parents", "Pet, tame")];
    assert_eq!(went(&send("edit_object", "/object/Cat", &better).await.unwrap()), "/object/House%20cat");
    let merge = [("name", "House cat"), ("into", "Animal")];
    assert_eq!(went(&send("merge_object_form", "/object/House%20cat", &merge).await.unwrap()), "/object/Animal");
    let text = [("text", "Animal:\n  Dog:\n"), ("format", ""), ("dry_run", "false")];
    assert_eq!(went(&send("import_taxonomy", "/objects/import", &text).await.unwrap()), "/objects?made=1");
    let page = browser.get("/objects?made=1").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("The taxonomy is imported: 1 object is new."), "{page}");
    let broken = [("text", "name,parent\nHorse,Nothing\n"), ("format", "csv"), ("dry_run", "false")];
    let back = went(&send("import_taxonomy", "/objects/import", &broken).await.unwrap());
    let page = browser.client.get(&back).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Line 2") && page.contains("neither in this text nor registered"), "{page}");
}
