//! The worst queries that a hostile user can write end in time, and leave the database to everybody else.

use crate::on_both_databases;
use crate::support::{new_picture, user};
use ocellus::model::{Dimension, Ordering, PageRequest, Viewer};
use ocellus::query::rules::TextField;
use ocellus::query::{MAX_RULES, Query, Rule};
use ocellus::server::search::{SearchError, Wanted, find, insights};
use ocellus::server::store::{Db, StoreError, picture_bulk};
use std::time::Duration;

const FIRST: PageRequest = PageRequest { offset: 0, limit: 10 };

/// Long descriptions that nearly fit.
pub(crate) async fn fill(db: &Db) {
    let author = user(db, "ada").await;
    let description = "a".repeat(20_000);
    let many: Vec<_> = (0..400)
        .map(|number| {
            let mut picture = new_picture(author, &format!("picture {number}"));
            picture.description.clone_from(&description);
            picture
        })
        .collect();
    picture_bulk::insert_many(db, &many).await.unwrap();
}

/// As many patterns as the language allows, none of which is known not to fit before the last character was seen.
pub(crate) fn worst() -> String {
    patterns(MAX_RULES)
}

pub(crate) fn patterns(rules: usize) -> String {
    let pattern = |number: usize| Rule::Text(TextField::Description, format!("{}b{number}%", "%a_".repeat(60)));
    let exclude = (0..rules).map(pattern).collect();
    let text = ocellus::query::write(&Query { exclude, ..Query::default() });
    assert!(text.len() <= ocellus::query::MAX_TEXT_BYTES, "{}", text.len());
    text
}

async fn search(db: &Db, text: &str) -> Result<i64, SearchError> {
    find(db, &Viewer::default(), text, Ordering::TitleAsc, 0, FIRST).await.map(|page| page.total)
}

on_both_databases! {
    async fn the_worst_query_ends_and_others_go_on(test: &TestDb) {
        let db = &test.db;
        fill(db).await;
        let hasty = db.clone().with_limit(Duration::from_millis(100));
        let text = worst();
        // More at once than there are connections.
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let (db, text) = (hasty.clone(), text.clone());
            running.spawn(async move { search(&db, &text).await });
        }
        // Meanwhile everybody else is served.
        db.ping().await.unwrap();
        while let Some(outcome) = running.join_next().await {
            let outcome = outcome.unwrap();
            assert!(matches!(outcome, Err(SearchError::Store(StoreError::TimedOut))), "{outcome:?}");
        }
        // No connection keeps the limit, or is lost.
        for _ in 0..40 {
            db.ping().await.unwrap();
            assert_eq!(search(db, "").await.unwrap(), 400);
        }
    }

    async fn what_nobody_waits_for_ends_too(test: &TestDb) {
        let db = &test.db;
        fill(db).await;
        let patient = db.clone().with_limit(Duration::from_secs(60));
        for _ in 0..40 {
            let gone = tokio::time::timeout(Duration::from_millis(20), search(&patient, &worst())).await;
            assert!(gone.is_err(), "{gone:?}");
        }
        // Far sooner than by the limit there is a place again.
        let total = tokio::time::timeout(Duration::from_secs(15), search(&patient, "")).await;
        assert_eq!(total.expect("what was abandoned goes on").unwrap(), 400);
    }

    async fn counts_that_take_too_long_are_left_out(test: &TestDb) {
        let db = &test.db;
        fill(db).await;
        let hasty = db.clone().with_limit(Duration::from_millis(100));
        let wanted = Wanted { effects: true, dimensions: Dimension::FACETS.to_vec(), top: 10 };
        let outcome = insights(&hasty, &Viewer::default(), &worst(), &wanted).await;
        assert!(matches!(outcome, Err(SearchError::Store(StoreError::TimedOut))), "{outcome:?}");
        // The total is quickly counted, since no title fits; what each of the other rules does is not.
        let text = patterns(MAX_RULES - 1).replacen("exclude:", "want:\n  - title: nothing\nexclude:", 1);
        let patient = db.clone().with_limit(Duration::from_secs(2));
        let insights = insights(&patient, &Viewer::default(), &text, &wanted).await.unwrap();
        assert_eq!((insights.total, insights.complete), (0, false));
        assert!(insights.breakdowns.is_empty());
    }
}

on_both_databases! {
    async fn what_was_read_lately_is_read_again_only_where_it_is_another_question(test: &TestDb) {
        let db = &test.db;
        fill(db).await;
        let count = |most: u64, title: &str| {
            use sea_query::ExprTrait;
            let rows = sea_query::Query::select()
                .expr(sea_query::Expr::cust("1"))
                .from("pictures")
                .and_where(sea_query::Expr::col("title").like(title.to_owned()))
                .limit(most)
                .to_owned();
            let count = sea_query::Expr::cust("CAST(COUNT(*) AS BIGINT)");
            sea_query::Query::select().expr(count).from_subquery(rows, "some").to_owned()
        };
        let read = async |db: &Db, most, title| {
            let mut source = db.bounded().await.unwrap();
            source.lately(&count(most, title), |(number,): (i64,)| Some(number)).await.unwrap()
        };
        assert_eq!(read(db, 1000, "picture %").await, Some(400));
        assert_eq!(read(db, 100, "picture %").await, Some(100), "another limit");
        assert_eq!(read(db, 1000, "picture 1%").await, Some(111), "another value");
        let author = user(db, "bob").await;
        picture_bulk::insert_many(db, &[new_picture(author, "picture 1000")]).await.unwrap();
        assert_eq!(read(db, 1000, "picture %").await, Some(400), "the same question");
        assert_eq!(read(&db.as_if_new(), 1000, "picture %").await, Some(401), "somebody who has read nothing");
    }
}

/// Where the environment has its own idea of how SQLite is compiled, cargo's configuration is passed by without a word.
#[tokio::test]
async fn sqlite_is_compiled_as_configured() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::connect(&format!("sqlite:{}", folder.path().join("site.db").display())).await.unwrap();
    for (option, expected) in [
        ("ENABLE_MEMORY_MANAGEMENT", 0),
        ("DEFAULT_MEMSTATUS=0", 1),
        ("MAX_MMAP_SIZE=1099511627776", 1),
        ("ENABLE_FTS5", 1),
    ] {
        let used = sea_query::Expr::expr(sea_query::Func::cust("sqlite_compileoption_used").arg(option));
        let statement = sea_query::Query::select().expr(used).to_owned();
        assert_eq!(db.scalar::<i64>(&statement).await.unwrap(), expected, "{option}");
    }
}
