//! Queries over HTTP.

use super::app::{Api, TestApp, expect, problem};
use crate::search_limits::{fill, patterns, worst};
use ocellus::model::text::path_segment;
use serde_json::{Value, json};
use std::time::Duration;

fn titles(pictures: &Value) -> Vec<String> {
    pictures.as_array().unwrap().iter().map(|picture| picture["title"].as_str().unwrap().to_owned()).collect()
}

async fn find(api: &Api, parameters: &str, query: &str) -> Vec<String> {
    let request = api.post(&format!("/api/query-pictures{parameters}")).header("content-type", "application/yaml");
    titles(&expect(request.body(query.to_owned()).send().await.unwrap(), 200).await)
}

async fn site() -> (TestApp, Api) {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Animal", &[]).await;
    ada.object("Cat", &["Animal"]).await;
    for title in ["Anna", "Berta", "Cäsar"] {
        let picture = ada.picture(title).await;
        if title != "Cäsar" {
            let object = if title == "Anna" { "Cat" } else { "Animal" };
            let regions = json!([{"type": "point", "shape": {"x": 0.5, "y": 0.5}, "object": object}]);
            let path = format!("/api/picture/{}/annotations", picture["id"]);
            expect(ada.put(&path).json(&regions).send().await.unwrap(), 200).await;
        }
    }
    (app, ada)
}

#[tokio::test]
async fn rules_find_pictures() {
    let (_app, ada) = site().await;
    for (query, expected) in [
        ("", vec!["Cäsar", "Berta", "Anna"]),
        ("want:\n- has: Animal\n", vec!["Berta", "Anna"]),
        ("want:\n- has_object: [Animal]\n", vec!["Berta"]),
        ("exclude:\n- has: [Animal]\n", vec!["Cäsar"]),
        ("want:\n- title: CÄS\n", vec!["Cäsar"]),
        (
            "want:\n- author: [ada]\n- licence: CC0-1.0\n- nature: photo\n- above_width: 64\n",
            vec!["Cäsar", "Berta", "Anna"],
        ),
        ("want:\n- below_height: 47\n", vec![]),
        ("want:\n- after_date: 2020-01\n- after_date: 2020\n", vec!["Cäsar", "Berta", "Anna"]),
        ("want:\n- before_date: 2020-01\n", vec![]),
    ] {
        assert_eq!(find(&ada, "", query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn json_and_addresses_ask_the_same() {
    let (_app, ada) = site().await;
    let body = json!({"want": [{"has_object": ["Cat"]}]});
    let by_json = ada.post("/api/query-pictures").json(&body).send().await.unwrap();
    assert_eq!(titles(&expect(by_json, 200).await), ["Anna"]);
    let by_address =
        ada.get("/api/query-pictures?query=want%3A%20%5B%7Bhas_object%3A%20Cat%7D%5D").send().await.unwrap();
    assert_eq!(titles(&expect(by_address, 200).await), ["Anna"]);
}

#[tokio::test]
async fn parts_never_overlap_and_say_where_to_go_on() {
    let (_app, ada) = site().await;
    for ordering in
        ["date-desc", "date-asc", "title-asc", "title-desc", "number-regions-desc", "number-regions-asc", "random"]
    {
        let mut all = Vec::new();
        for offset in 0..3 {
            all.extend(find(&ada, &format!("?ordering={ordering}&seed=5&limit=1&offset={offset}"), "").await);
        }
        all.sort();
        assert_eq!(all, ["Anna", "Berta", "Cäsar"], "{ordering}");
    }
    let response = ada.get("/api/query-pictures?limit=1&offset=1").send().await.unwrap();
    assert_eq!(response.headers()["x-total-count"], "3");
    let links = response.headers()["link"].to_str().unwrap().to_owned();
    assert!(links.contains("offset=2&after=2&limit=1&query=>; rel=\"next\""), "{links}");
    assert!(links.contains("offset=0&limit=1&query=>; rel=\"prev\""), "{links}");
    for (bad, field) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=abc", "limit"),
        ("limit=", "limit"),
        ("offset=-1", "offset"),
        ("offset=abc", "offset"),
        ("limit=1&offset=99999999999999999999", "offset"),
        ("after=abc", "after"),
        ("seed=abc", "seed"),
        ("ordering=best", "ordering"),
    ] {
        for path in ["query-pictures", "gallery", "object", "user"] {
            let is_list = field == "limit" || field == "offset";
            if path == "query-pictures" || is_list {
                let answer = problem(ada.get(&format!("/api/{path}/?{bad}")).send().await.unwrap(), 400).await;
                assert_eq!(answer["errors"][0]["field"], field, "{path} {bad}: {answer}");
            }
        }
    }
    let answer = problem(ada.get("/api/query-pictures?limit=abc").send().await.unwrap(), 400).await;
    assert_eq!(answer["errors"], json!([{"field": "limit", "message": "must be a whole number"}]));
    let answer = problem(ada.get("/api/query-insights?effects=maybe").send().await.unwrap(), 400).await;
    assert_eq!(answer["errors"], json!([{"field": "effects", "message": "must be `true` or `false`"}]));
}

#[tokio::test]
async fn parameters_are_those_that_are_described() {
    let (_app, ada) = site().await;
    let document = expect(ada.get("/api/openapi.json").send().await.unwrap(), 200).await;
    for path in ["query-pictures", "query-insights", "query-plot/{dimension}", "query-download", "saved-query"] {
        let described = &document["paths"][format!("/api/{path}")];
        let address = format!("/api/{}", path.replace("{dimension}", "licence"));
        for (method, operation) in described.as_object().unwrap() {
            let ask = async |parameters: &str| {
                let address = format!("{address}?{parameters}");
                let request = if method == "get" { ada.get(&address) } else { ada.post(&address).body("") };
                problem(request.send().await.unwrap(), 400).await["errors"].clone()
            };
            let errors = ask("limt=5").await;
            assert_eq!(errors[0]["field"], "limt", "{errors}");
            let message = errors[0]["message"].as_str().unwrap();
            let mut expected: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
            let parameters = operation["parameters"].as_array().unwrap().iter();
            let mut names: Vec<&str> = parameters
                .filter(|parameter| parameter["in"] == "query")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            expected.sort_unstable();
            names.sort_unstable();
            assert_eq!(names, expected, "{method} {path}: {message}");
            for name in names {
                let value = if name == "effects" { "true" } else { "1" };
                let errors = ask(&format!("{name}={value}&{name}={value}")).await;
                assert_eq!(errors, json!([{"field": name, "message": "must be given once only"}]), "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_list_that_shrinks_meanwhile_is_read_to_its_end() {
    let (_app, ada) = site().await;
    let path = |link: &str| link[link.find("/api/").unwrap()..link.find('>').unwrap()].to_owned();
    let first = ada.post("/api/query-pictures?limit=1").body("exclude: [{title: Zed}]").send().await.unwrap();
    let link = first.headers()["link"].to_str().unwrap().to_owned();
    assert!(link.contains("offset=1&after=3&"), "{link}");
    assert_eq!(titles(&expect(first, 200).await), ["Cäsar"]);

    // The picture that was read is no longer among the results; those that follow it are, each one place further up.
    let picture = expect(ada.get("/api/picture/3/").send().await.unwrap(), 200).await;
    let base = format!("\"{}\"", picture["metadata_revision"]);
    let change = ada.post("/api/picture/3/update").header("if-match", base).json(&json!({"title": "Zed"}));
    expect(change.send().await.unwrap(), 200).await;
    let second = ada.get(&path(&link)).send().await.unwrap();
    assert_eq!(second.headers()["x-total-count"], "2");
    let link = second.headers()["link"].to_str().unwrap().to_owned();
    assert!(link.contains("offset=2&after=2&") && link.contains("rel=\"prev\""), "{link}");
    assert_eq!(titles(&expect(second, 200).await), ["Berta"]);
    let third = ada.get(&path(&link)).send().await.unwrap();
    let link = third.headers()["link"].to_str().unwrap().to_owned();
    assert!(!link.contains("rel=\"next\""), "{link}");
    assert_eq!(titles(&expect(third, 200).await), ["Anna"]);
}

#[tokio::test]
async fn whoever_follows_the_links_sees_each_picture_once() {
    let (_app, ada) = site().await;
    for ordering in ocellus::model::Ordering::ALL.map(ocellus::model::Ordering::as_str) {
        let mut titles = Vec::new();
        let mut next = Some(format!("/api/query-pictures?limit=1&ordering={ordering}"));
        while let Some(path) = next {
            let response = ada.get(&path).send().await.unwrap();
            assert_eq!(response.headers()["x-total-count"], "3");
            let links = response.headers().get("link").map(|links| links.to_str().unwrap().to_owned());
            let address = links.as_deref().and_then(|links| links.strip_prefix('<')?.split_once(">; rel=\"next\""));
            next = address.map(|(address, _)| address[address.find("/api/").unwrap()..].to_owned());
            titles
                .extend(expect(response, 200).await.as_array().unwrap().iter().map(|picture| picture["title"].clone()));
        }
        titles.sort_by_key(ToString::to_string);
        assert_eq!(titles, ["Anna", "Berta", "Cäsar"], "{ordering}");
    }
    // Without an offset nothing is counted; where the picture is no more, the offset leads on.
    let response = ada.get("/api/query-pictures?ordering=title-asc&after=1&limit=1").send().await.unwrap();
    assert!(!response.headers().contains_key("x-total-count"));
    let gone = ada.get("/api/query-pictures?ordering=title-asc&after=99&offset=2").send().await.unwrap();
    assert_eq!(titles(&expect(gone, 200).await), ["Cäsar"]);
    // Whoever follows the link of a body with GET sees the same pictures.
    let response = ada.post("/api/query-pictures?limit=1").body("exclude: [{title: Anna}]").send().await.unwrap();
    let link = response.headers()["link"].to_str().unwrap().to_owned();
    let next = ada.get(&link[link.find("/api/").unwrap()..link.find('>').unwrap()]).send().await.unwrap();
    assert_eq!(next.headers()["x-total-count"], "2");
    assert_eq!(titles(&expect(next, 200).await).len(), 1);
    for (wrong, field) in
        [("after=99", "after"), ("after=-1&ordering=title-asc", "after"), ("after=1&ordering=random", "seed")]
    {
        let problem = problem(ada.get(&format!("/api/query-pictures?{wrong}")).send().await.unwrap(), 400).await;
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

#[tokio::test]
async fn who_searches_too_much_at_once_is_sent_away_and_others_are_not() {
    let app = TestApp::start_with(|config| config.query_seconds = 3).await;
    fill(&app.state.db).await;
    let greedy = app.user("greedy").await;
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let request = greedy.post("/api/query-pictures").body(worst());
        running.spawn(async move { request.send().await.unwrap() });
    }
    let mut refused = 0;
    while let Some(response) = running.join_next().await {
        let response = response.unwrap();
        if response.status() == 429 {
            assert_eq!(response.headers()["retry-after"], "2");
            // The others wait still.
            let other = app.anonymous().get("/api/query-pictures?limit=1").send().await.unwrap();
            assert_eq!(expect(other, 200).await.as_array().unwrap().len(), 1);
            refused += 1;
        } else {
            problem(response, 422).await;
        }
    }
    assert!((1..=8).contains(&refused), "{refused}");
}

#[tokio::test]
async fn who_goes_away_gives_their_places_back() {
    let app = TestApp::start_with(|config| config.query_seconds = 600).await;
    fill(&app.state.db).await;
    let hasty = app.user("hasty").await;
    let page = format!("/query?query={}", path_segment(&patterns(100)));
    // One after another, more than one caller may have.
    for round in 0..60 {
        let request = match round % 3 {
            0 => hasty.post("/api/query-pictures").body(worst()),
            1 => hasty.post("/fn/query_grid").json(&json!({"query": worst()})),
            _ => hasty.get(&page),
        };
        let gone = request.timeout(Duration::from_millis(50)).send().await;
        assert!(gone.as_ref().is_err_and(reqwest::Error::is_timeout), "{round}: {gone:?}");
    }
    // Far sooner than by the limit there is a place again.
    let found = hasty.get("/api/query-pictures?limit=1").timeout(Duration::from_secs(60)).send().await;
    expect(found.expect("what was abandoned goes on"), 200).await;
}

/// Whether any of more searches at once than one caller may have is sent away.
async fn is_limited(app: &TestApp, client: &str) -> bool {
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let request = app.anonymous().post("/api/query-pictures").header("x-client", client).body(worst());
        running.spawn(async move { request.send().await.unwrap().status() });
    }
    while let Some(status) = running.join_next().await {
        match status.unwrap().as_u16() {
            429 => return true,
            status => assert_eq!(status, 422),
        }
    }
    false
}

#[tokio::test]
async fn addresses_that_many_share_are_not_one_caller() {
    let app = TestApp::start_with(|config| {
        config.query_seconds = 1;
        config.client_address_header = Some("x-client".into());
    })
    .await;
    fill(&app.state.db).await;
    // Behind a proxy that says nothing everybody comes from such an address.
    assert!(!is_limited(&app, "10.1.2.3").await);
    assert!(is_limited(&app, "203.0.113.9").await);
}

#[tokio::test]
async fn errors_name_line_and_column() {
    let (_app, ada) = site().await;
    let request = ada.post("/api/query-pictures").header("content-type", "text/yaml");
    let answer =
        problem(request.body("want:\n- has: Cat\n- has_objct: Cat\n- author: adda\n").send().await.unwrap(), 400).await;
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!((&errors[0]["line"], &errors[0]["column"]), (&json!(3), &json!(3)), "{answer}");
    assert!(errors[0]["message"].as_str().unwrap().contains("has_object"), "{answer}");
    assert_eq!(errors[0]["suggestions"], json!(["has_object"]), "{answer}");
    // What only the site knows comes with what anybody can see.
    assert_eq!((&errors[1]["line"], &errors[1]["suggestions"]), (&json!(4), &json!(["ada"])), "{answer}");
    let unknown = ada.post("/api/query-pictures").body("want:\n- author: adda\n").header("content-type", "text/plain");
    let answer = problem(unknown.send().await.unwrap(), 400).await;
    assert_eq!((&answer["errors"][0]["line"], &answer["errors"][0]["column"]), (&json!(2), &json!(11)), "{answer}");
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("ada"), "{answer}");
    let image = ada.post("/api/query-pictures").body("x").header("content-type", "image/png");
    problem(image.send().await.unwrap(), 415).await;
}

#[tokio::test]
async fn a_shuffle_without_a_seed_is_another_each_time_and_its_parts_fit() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for number in 0..12 {
        ada.picture(&format!("picture {number:02}")).await;
    }
    let mut orders = std::collections::HashSet::new();
    for _ in 0..6 {
        let mut next = Some(format!("{}/api/query-pictures?ordering=random&limit=5", app.url));
        let mut order = Vec::new();
        while let Some(address) = next {
            let response = ada.client.get(&address).send().await.unwrap();
            let link = response.headers().get("link").map_or("", |link| link.to_str().unwrap()).to_owned();
            assert!(link.is_empty() || link.contains("seed="), "{link}");
            let entry = link.split(", ").find(|entry| entry.ends_with("rel=\"next\"")).map(str::to_owned);
            next = entry.map(|entry| entry[1..entry.find('>').unwrap()].to_owned());
            order.extend(titles(&expect(response, 200).await));
        }
        let mut sorted = order.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), 12);
        orders.insert(order);
    }
    assert!(orders.len() > 1);
}

#[tokio::test]
async fn a_text_that_is_nonsense_throughout_is_answered_quickly() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let names: Vec<String> = (0..60).map(|number| format!("Cat{number}")).collect();
    let body = json!({"want": [{"has": names}]});
    let answer = problem(ada.post("/api/query-pictures").json(&body).send().await.unwrap(), 400).await;
    let errors = answer["errors"].as_array().unwrap();
    let with_suggestion = errors.iter().filter(|error| error["message"].as_str().unwrap().contains("did you mean"));
    assert_eq!((errors.len() > 20, with_suggestion.count()), (true, 8), "{answer}");
}

#[tokio::test]
async fn insights_tell_what_rules_do_and_what_there_is() {
    let (_app, ada) = site().await;
    let query = "want:\n- has: Animal\nexclude:\n- title: Berta\n";
    let request = ada.post("/api/query-insights?dimensions=object,author&top=1").body(query);
    let told = expect(request.header("content-type", "text/plain").send().await.unwrap(), 200).await;
    let expected = json!({
        "total": 1,
        "effects": [{"excluded": false, "index": 0, "rule": "has", "removes": 1},
                    {"excluded": true, "index": 0, "rule": "title", "removes": 1}],
        "obsolete": 0,
        "breakdowns": [
            {"dimension": "object", "more": false, "slices": [
                {"value": "Cat", "pictures": 1, "regions": 1, "rules": [{"name": "has_object", "values": ["Cat"]}]}]},
            {"dimension": "author", "more": false, "slices": [
                {"value": "ada", "pictures": 1, "rules": [{"name": "author", "values": ["ada"]}]}]},
        ],
        "complete": true,
    });
    assert_eq!(told, expected);
    let told = expect(ada.get("/api/query-insights?effects=false").send().await.unwrap(), 200).await;
    assert_eq!((&told["total"], told["breakdowns"].as_array().unwrap().len()), (&json!(3), 7));
    let none = expect(ada.get("/api/query-insights?dimensions=").send().await.unwrap(), 200).await;
    assert_eq!(none["breakdowns"], json!([]));
    for bad in ["dimensions=colour", "top=0", "top=1001", "query=x%3A"] {
        problem(ada.get(&format!("/api/query-insights?{bad}")).send().await.unwrap(), 400).await;
    }
}

#[tokio::test]
async fn results_are_plotted() {
    let (_app, ada) = site().await;
    let plot = ada.get("/api/query-plot/object?query=want%3A%0A-%20has%3A%20Animal%0A").send().await.unwrap();
    assert_eq!(plot.status(), 200);
    assert_eq!(plot.headers()["content-type"], "image/svg+xml; charset=utf-8");
    assert_eq!(plot.headers()["content-security-policy"], "default-src 'none'; sandbox");
    let svg = plot.text().await.unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("<title>Cat: 1 picture (50.0 %), 1 region</title>"), "{svg}");
    let top = ada.get("/api/query-plot/object?top=1").send().await.unwrap().text().await.unwrap();
    assert!(top.contains("Others are less frequent."), "{top}");
    problem(ada.get("/api/query-plot/colour").send().await.unwrap(), 404).await;
    for bad in ["top=0", "top=x", "query=want%3A%20x"] {
        problem(ada.get(&format!("/api/query-plot/month?{bad}")).send().await.unwrap(), 400).await;
    }

    let text = "# mine\nwant:\n- has: Animal\n";
    let asked = ada.post("/fn/query_statistics").json(&json!({"query": text})).send().await.unwrap();
    let told = expect(asked, 200).await;
    assert_eq!((&told["total"], &told["complete"]), (&json!(2), &json!(true)));
    let plots = told["plots"].as_array().unwrap();
    let of = |dimension: &str| plots.iter().find(|plot| plot["breakdown"]["dimension"] == dimension).unwrap();
    assert_eq!(plots.len(), 6);
    assert_eq!(of("object")["narrowed"][0], "# mine\nwant:\n- has: Animal\n- has_object: Animal\n");
    assert_eq!(of("area")["narrowed"], json!([null]));
    assert!(plots.iter().all(|plot| plot["svg"].as_str().unwrap().starts_with("<svg ")));
    // Whoever follows such a link finds what the slice says.
    for slice in [("licence", 2), ("object", 1), ("regions", 2), ("month", 2), ("width-height", 2)] {
        let narrower = of(slice.0)["narrowed"][0].as_str().unwrap();
        assert_eq!(find(&ada, "", narrower).await.len(), slice.1, "{narrower}");
    }
}

#[tokio::test]
async fn cards_have_outlines_of_what_was_asked_for() {
    let (_app, ada) = site().await;
    for path in ["/fn/query_cards", "/fn/query_grid"] {
        let ask = async |query: &str| {
            let answer = expect(ada.post(path).json(&json!({"query": query})).send().await.unwrap(), 200).await;
            answer["items"].as_array().unwrap().iter().map(|card| card["outlines"].clone()).collect::<Vec<_>>()
        };
        let outlined = ask("want:\n- has: Animal\n").await;
        assert_eq!(outlined.len(), 2);
        assert_eq!((&outlined[0][0]["object"], &outlined[1][0]["object"]), (&json!("Animal"), &json!("Cat")));
        assert!(outlined[0][0]["path"].as_str().unwrap().starts_with('M'));
        assert_eq!(ask("").await, [Value::Null, Value::Null, Value::Null]);
    }
}
