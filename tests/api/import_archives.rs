//! Archives with a table are brought in over HTTP: a look first, then repairs, then the import.

use super::app::{Api, TestApp, expect, png, problem};
use super::imports::{done, ended, failed, ocellus, send, zip_of};
use super::lab::Lab;
use serde_json::{Value, json};

/// What the site says of the picture at this path.
async fn picture(api: &Api, lab: &Lab<'_>, path: &str) -> Value {
    let id = lab.picture(path).await;
    expect(api.get(&format!("/api/picture/{id}")).send().await.unwrap(), 200).await
}

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// Pictures in folders, a file that is none, and a table as a German spreadsheet writes it.
fn garden() -> Vec<u8> {
    let table = "Datei;Titel;Fotograf;Lizenz;Natur;Wetter;Temperatur;Aufgenommen;lat;lon;URL\r\n\
                 a/one.png;Bäume;Jörg Ä;CC BY 4.0;photo;sonnig;21,5;17.05.2026;52,5;13,25;https://example.org/1\r\n\
                 b/one.png;\"Hof; hinten\";;mine;scan;;-3,0;31.12.2025;;;\r\n\
                 two.png;;;CC0;;Regen;0,5;01.01.2026;-10,0;0,5;\r\n\
                 gone.png;weg;;;;;;;;;\r\n\
                 a/one.png;noch einmal;;;;;;;;;\r\n\
                 notes.txt;Notizen;;;;;;;;;\r\n";
    zip_of(&[
        ("a/one.png", png(40, 30, 1)),
        ("b/one.png", png(40, 30, 2)),
        ("Two.PNG", png(40, 30, 3)),
        ("alone.png", png(40, 30, 4)),
        ("broken.png", b"no picture".to_vec()),
        ("notes.txt", b"notes".to_vec()),
        ("table.csv", latin_1(table)),
    ])
}

fn field(picture: &Value, name: &str) -> Value {
    let fields = picture["fields"].as_array().unwrap();
    fields.iter().find(|field| field["name"] == name).map_or(Value::Null, |field| field["value"].clone())
}

#[tokio::test]
async fn an_archive_with_a_table_is_looked_at_repaired_and_brought_in() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let look = json!({"kind": "archive", "dataset": "ada/cats", "folder": "in", "dry_run": true});
    let (first, report) = done(&ada, look, Some(("garden.zip", garden()))).await;
    assert_eq!(lab.paths("").await, Vec::<String>::new());
    assert_eq!((&report["table"], &report["delimiter"]), (&json!("table.csv"), &json!(";")));
    let uses: Vec<&str> = report["columns"].as_array().unwrap().iter().map(|c| c["used"].as_str().unwrap()).collect();
    let expected =
        ["file", "title", "author", "licence", "nature", "field", "field", "field", "field", "field", "origin"];
    assert_eq!(uses, expected);
    let rows = &report["rows"];
    assert_eq!(
        (&rows["matched"], &rows["missing"]["count"], &rows["repeated"]["count"]),
        (&json!(4), &json!(1), &json!(1))
    );
    assert_eq!(rows["missing"]["first"][0]["row"], json!({"row": 3, "line": 5, "name": "gone.png"}));
    assert_eq!(rows["without_row"], json!({"count": 2, "first": ["alone.png", "broken.png"]}));
    assert_eq!(report["unreadable"], json!({"count": 1, "first": ["broken.png"]}));
    assert_eq!(report["without_picture"], json!({"count": 1, "first": ["notes.txt"]}));
    let licences = json!([
        {"text": "mine", "rows": 1, "ids": []},
        {"text": "CC BY 4.0", "rows": 1, "ids": ["CC-BY-4.0"]},
        {"text": "CC0", "rows": 1, "ids": ["CC0-1.0"]},
    ]);
    assert_eq!(report["licences"], licences);
    assert_eq!((&report["files"], &report["added"], &report["described"]), (&json!(6), &json!(6), &json!(3)));

    // A form says the same piece by piece, and may look again first.
    let form = [
        ("of", first.to_string().as_str()),
        ("dry_run", "true"),
        ("choices[columns][0]", "Wetter"),
        ("choices[uses][0]", "description"),
        ("choices[licence_texts][0]", "mine"),
        ("choices[licence_ids][0]", "CC-BY-4.0"),
        ("choices[rows][0]", "3"),
        ("choices[files][0]", "alone.png"),
        ("choices[rows][1]", "4"),
        ("choices[files][1]", ""),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let second = expect(ada.post("/fn/go_on_with_archive").form(&form).send().await.unwrap(), 200).await;
    let report = ended(&ada, second.as_i64().unwrap()).await["result"].clone();
    assert_eq!((&report["dry_run"], &report["rows"]["matched"]), (&json!(true), &json!(5)));
    assert_eq!(
        (&report["columns"][5]["used"], &report["licences"][0]["ids"]),
        (&json!("description"), &json!(["CC-BY-4.0"]))
    );

    // The row without a file gets the file without a row; one column is left out, and one is used for something else.
    let follow = json!({
        "kind": "archive", "dataset": "ada/cats", "folder": "in", "of": first,
        "repairs": {"rows": {"3": "alone.png", "4": null}},
        "columns": {"Wetter": "description", "URL": "skip"},
    });
    let (_, report) = done(&ada, follow.clone(), None).await;
    assert_eq!((&report["rows"]["matched"], &report["described"], &report["added"]), (&json!(5), &json!(4), &json!(6)));
    assert_eq!(report["commits"].as_array().unwrap().len(), 1);
    assert_eq!(lab.messages().await, ["Import of garden.zip"]);
    let paths = ["in/Two.PNG", "in/a/one.png", "in/alone.png", "in/b/one.png", "in/broken.png", "in/notes.txt"];
    assert_eq!(lab.paths("").await, paths);
    let one = picture(&ada, &lab, "in/a/one").await;
    assert_eq!((&one["title"], &one["attribution"]), (&json!("Bäume"), &json!("Jörg Ä")));
    assert_eq!((&one["licences"], &one["nature"]), (&json!(["CC-BY-4.0"]), &json!("photo")));
    assert_eq!((&one["description"], &one["origin_url"]), (&json!("sonnig"), &Value::Null));
    let fields = json!([
        {"name": "Aufgenommen", "kind": "time", "value": "2026-05-17"},
        {"name": "place", "kind": "place", "value": {"latitude": 52.5, "longitude": 13.25}},
        {"name": "Temperatur", "kind": "number", "value": 21.5},
    ]);
    assert_eq!(one["fields"], fields);
    let other = picture(&ada, &lab, "in/b/one").await;
    assert_eq!((&other["title"], &other["nature"]), (&json!("Hof; hinten"), &json!("scan")));
    // What is no known licence is not lost.
    assert_eq!((&other["licences"], field(&other, "Lizenz")), (&json!([]), json!("mine")));
    assert_eq!(picture(&ada, &lab, "in/alone").await["title"], "weg");
    assert_eq!(field(&picture(&ada, &lab, "in/Two").await, "Temperatur"), json!(0.5));

    // Who brings the same again changes nothing; another meaning of a text is taken over.
    let again = json!({
        "kind": "archive", "dataset": "ada/cats", "folder": "in", "licences": {"mine": "CC-BY-SA-4.0"},
        "columns": {"Titel": "field"},
    });
    let (_, report) = done(&ada, again, Some(("garden.zip", garden()))).await;
    assert_eq!((&report["added"], &report["already_there"]), (&json!(0), &json!(6)));
    assert_eq!(report["commits"], json!([]));
    let other = picture(&ada, &lab, "in/b/one").await;
    assert_eq!((&other["licences"], field(&other, "Titel")), (&json!(["CC-BY-SA-4.0"]), json!("Hof; hinten")));

    // They leave again, each in a column of its own.
    let table = ada.get("/api/v1/export?format=csv&dataset=ada/cats").send().await.unwrap().text().await.unwrap();
    let mut table = csv::Reader::from_reader(table.as_bytes());
    let names = table.headers().unwrap().clone();
    let column = |name: &str| names.iter().position(|other| other == name).unwrap();
    let (path, place, temperature) = (column("path"), column("place"), column("Temperatur"));
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let row = rows.iter().find(|row| row[path] == *"in/a/one.png").unwrap();
    assert_eq!((&row[place], &row[temperature]), ("52.5,13.25", "21.5"));
}

#[tokio::test]
async fn archives_that_cannot_be_are_refused_with_a_reason() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let request = json!({"kind": "archive", "dataset": "ada/cats"});
    let table = |text: &str| ("t.csv", text.as_bytes().to_vec());
    let one = || ("one.png", png(4, 3, 1));
    for (files, why) in [
        (vec![one()], "there is no CSV in the archive"),
        (vec![one(), table("file\none.png\n"), ("u.csv", b"file\n".to_vec())], "t.csv"),
        (vec![one(), table("height\n2\n")], "no column of t.csv names the files"),
        (vec![one(), table("")], "t.csv"),
        (vec![one(), table("file\none.png\n"), ("../x.png", png(4, 3, 2))], "../x.png"),
    ] {
        let failure = failed(&ada, request.clone(), ("a.zip", zip_of(&files))).await;
        assert!(failure.contains(why), "{failure}");
    }
    let failure = failed(&ada, request.clone(), ("t.csv", b"file\none.png\n".to_vec())).await;
    assert!(failure.contains("no archive"), "{failure}");
    let files = || zip_of(&[one(), table("file,a,b\none.png,1,2\n")]);
    for (change, why) in [
        (json!({"columns": {"c": "title"}}), "names `c`, which is no column of the table"),
        (json!({"columns": {"a": "title", "b": "title"}}), "says `title` of both `a` and `b`"),
        (json!({"licences": {"x": "nope"}}), "names `nope`, which is not a licence"),
    ] {
        let mut request = request.clone();
        request.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let failure = failed(&ada, request, ("a.zip", files())).await;
        assert!(failure.contains(why), "{failure}");
    }
    assert_eq!(lab.paths("").await, Vec::<String>::new());
    problem(send(&ada, &json!({"kind": "nonsense", "dataset": "ada/cats"}), Some(("a.zip", files()))).await, 400).await;
}

#[tokio::test]
async fn whoever_may_only_draw_brings_no_files() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let bob = app.user("bob").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let member = json!({"username": "bob", "role": "annotator"});
    expect(ada.post(&format!("{}/members", lab.path)).json(&member).send().await.unwrap(), 204).await;
    let request = json!({"kind": "archive", "dataset": "ada/cats"});
    problem(send(&bob, &request, Some(("a.zip", garden()))).await, 403).await;
}

#[tokio::test]
async fn the_command_line_brings_a_folder_with_a_table() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join("a")).unwrap();
    std::fs::write(home.path().join("a/one.png"), png(10, 8, 1)).unwrap();
    std::fs::write(home.path().join("table.csv"), "file,Who,Rights,Depth\na/one.png,Zoe,free,3\n").unwrap();
    let there = ["--server", &app.url, "--token", &token, "--dataset", "ada/cats", "--kind", "archive"];
    let path = home.path().to_str().unwrap();
    let said = ["--column", "Who=author", "--licence", "free=CC0-1.0", path];
    ocellus(&[&there[..], &said[..], &["--dry-run"]].concat()).await.unwrap();
    assert_eq!(lab.paths("").await, Vec::<String>::new());
    ocellus(&[&there[..], &said[..]].concat()).await.unwrap();
    let one = picture(&ada, &lab, "a/one").await;
    assert_eq!((&one["attribution"], &one["licences"]), (&json!("Zoe"), &json!(["CC0-1.0"])));
    assert_eq!(field(&one, "Depth"), json!(3.0));
    let refused = ocellus(&[&there[..], &["--column", "Who=somebody", path]].concat()).await.unwrap_err();
    assert!(refused.contains("must be one of `file`"), "{refused}");
}

#[tokio::test]
async fn fields_are_changed_one_by_one_and_go_with_copies() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let id = ada.picture("A").await["id"].as_i64().unwrap();
    let update = async |change: Value, status: u16| {
        expect(ada.post(&format!("/api/picture/{id}/update")).json(&change).send().await.unwrap(), status).await
    };
    let text = |text: &str| json!({"kind": "text", "value": text});
    let change =
        json!({"attribution": "Zoe", "fields": {"Weather": text("sunny"), "Depth": {"kind": "number", "value": 2.5}}});
    let changed = update(change, 200).await;
    assert_eq!((&changed["attribution"], &changed["metadata_revision"]), (&json!("Zoe"), &json!(1)));
    let again = update(json!({"fields": {"weather": text("rain"), "Gone": null}}), 200).await;
    assert_eq!(again["metadata_revision"], 2);
    let fields = json!([
        {"name": "Depth", "kind": "number", "value": 2.5},
        {"name": "weather", "kind": "text", "value": "rain"},
    ]);
    assert_eq!(again["fields"], fields);
    assert_eq!(update(json!({"fields": {"weather": text("rain")}}), 200).await["metadata_revision"], 2);
    let copy = expect(ada.post(&format!("/api/picture/{id}/copy")).send().await.unwrap(), 201).await;
    assert_eq!((&copy["attribution"], &copy["fields"]), (&json!("Zoe"), &fields));
    let less = update(json!({"attribution": null, "fields": {"WEATHER": null}}), 200).await;
    assert_eq!((&less["attribution"], less["fields"].as_array().unwrap().len()), (&Value::Null, 1));
    for (wrong, field) in [
        (json!({"fields": {"a": {"kind": "time", "value": "yesterday"}}}), "fields.a"),
        (json!({"fields": {" ": null}}), "fields. "),
        (json!({"attribution": "x".repeat(301)}), "attribution"),
    ] {
        let refused =
            problem(ada.post(&format!("/api/picture/{id}/update")).json(&wrong).send().await.unwrap(), 400).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
}
