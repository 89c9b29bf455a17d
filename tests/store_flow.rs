//! Stories of the store: annotating picture after picture.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, new_picture, nobody, object, picture, point, user};
use ocellus::model::mark::EARLIER_MARKS;
use ocellus::model::{
    BegunRow, Mark, MarkEnd, MarkState, Marks, NewMark, Only, Ordering, PageRequest, PicturesFate, Queue,
};
use ocellus::server::search::{self, SearchError};
use ocellus::server::store::queue::Question;
use ocellus::server::store::{
    Db, StoreError, closing, galleries, marks, picture_changes, picture_copy, pictures, queue, regions,
};

fn at(picture: i64) -> Question<'static> {
    Question { picture, place: None, only: None }
}

async fn around(db: &Db, query: &str, ordering: Ordering, picture: i64) -> Queue {
    search::in_query(db, &nobody(), query, ordering, 7, at(picture)).await.unwrap()
}

async fn ids(db: &Db, query: &str, ordering: Ordering) -> Vec<i64> {
    let page = PageRequest { offset: 0, limit: 1000 };
    search::find(db, &nobody(), query, ordering, 7, page).await.unwrap().items
}

fn numbers(queue: &Queue) -> (Option<i64>, Option<i64>, Option<i64>) {
    let id = |entry: &Option<ocellus::model::QueueEntry>| entry.as_ref().map(|entry| entry.id);
    (id(&queue.previous), id(&queue.next), id(&queue.next_without_regions))
}

/// Pictures of few different times, titles and numbers of regions, so that ties are frequent.
async fn many(db: &Db, author: i64) -> Vec<i64> {
    let mut made = Vec::new();
    for number in 0..23_i64 {
        let mut new = new_picture(author, ["", "Ä b", "a", "Z"][(number % 4) as usize]);
        new.created_at = NOW + number * 5 % 7;
        new.regions = (0..number % 3).map(|n| point(n as f64 / 10.0, 0.5, "Cat")).collect();
        made.push(pictures::insert(db, new).await.unwrap());
    }
    made
}

async fn mark(db: &Db, picture: i64, state: MarkState, comment: &str, author: i64, now: i64) -> Marks {
    let mark = NewMark { state, comment: comment.into() };
    marks::set(db, &nobody(), picture, &mark, author, now).await.unwrap()
}

on_both_databases! {
    async fn every_picture_has_the_neighbours_that_the_list_shows(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        many(db, ada).await;
        for query in ["", "want:\n  - has: Cat\n", "exclude:\n  - has: Cat\n", "want:\n  - title: a\n"] {
            for ordering in Ordering::ALL {
                let row = ids(db, query, ordering).await;
                assert!(row.len() > 3, "{query}");
                for (index, &id) in row.iter().enumerate() {
                    let queue = around(db, query, ordering, id).await;
                    let at = |index: Option<usize>| index.and_then(|index| row.get(index)).copied();
                    let (previous, next, empty) = numbers(&queue);
                    assert_eq!((previous, next), (at(index.checked_sub(1)), at(Some(index + 1))), "{query} {ordering:?}");
                    assert_eq!((queue.position, queue.total), (Some(index as i64 + 1), row.len() as i64));
                    assert_eq!(queue.ahead, row.iter().skip(index + 1).take(5).copied().collect::<Vec<_>>());
                    let mut first_empty = None;
                    for later in &row[index + 1..] {
                        if first_empty.is_none() && regions::annotations(db, &nobody(), *later).await.unwrap().regions.is_empty() {
                            first_empty = Some(*later);
                        }
                    }
                    assert_eq!(empty, first_empty, "{query} {ordering:?}");
                }
            }
        }
    }

    async fn what_drops_out_of_the_results_keeps_its_place(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        let query = "exclude:\n  - has: Cat\n";
        let mut row = Vec::new();
        for _ in 0..4 {
            row.insert(0, picture(db, ada).await);
        }
        let cat = [point(0.5, 0.5, "Cat")];
        regions::save(db, &nobody(), row[1], None, &cat, ada, NOW).await.unwrap();
        let queue = around(db, query, Ordering::DateDesc, row[1]).await;
        assert_eq!(numbers(&queue), (Some(row[0]), Some(row[2]), Some(row[2])));
        assert_eq!((queue.position, queue.before, queue.total), (None, 1, 3));
        // The others count without it.
        let queue = around(db, query, Ordering::DateDesc, row[2]).await;
        assert_eq!((queue.position, numbers(&queue).0), (Some(2), Some(row[0])));
    }

    async fn what_is_drawn_on_goes_on_from_where_it_stood(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        let cats = |count: i64| (0..count).map(|n| point(n as f64 / 10.0, 0.5, "Cat")).collect::<Vec<_>>();
        for (ordering, before, after) in [
            (Ordering::NumberRegionsAsc, [0, 0, 0, 3], 5),
            (Ordering::NumberRegionsAsc, [1, 2, 3, 4], 0),
            (Ordering::NumberRegionsDesc, [3, 2, 1, 0], 0),
            (Ordering::NumberRegionsDesc, [3, 1, 0, 0], 4),
        ] {
            let title = format!("{ordering:?} {after}");
            let mut made = Vec::new();
            for count in before {
                let mut new = new_picture(ada, &title);
                new.regions = cats(count);
                made.push(pictures::insert(db, new).await.unwrap());
            }
            let query = format!("want:\n  - title: {title}\n");
            let row = ids(db, &query, ordering).await;
            let drawn = row[1];
            let first = around(db, &query, ordering, drawn).await;
            regions::save(db, &nobody(), drawn, None, &cats(after), ada, NOW).await.unwrap();
            let question = Question { place: first.place.as_deref(), ..at(drawn) };
            let then = search::in_query(db, &nobody(), &query, ordering, 7, question).await.unwrap();
            assert_eq!(then, first, "{title}");
            let elsewhere = around(db, &query, ordering, drawn).await;
            assert_ne!((elsewhere.position, elsewhere.place), (first.position, first.place), "{title}");
        }
        let wrong = Question { place: Some("first"), ..at(ids(db, "", Ordering::DateAsc).await[0]) };
        let wrong = search::in_query(db, &nobody(), "", Ordering::DateAsc, 7, wrong).await;
        assert!(matches!(wrong, Err(SearchError::Store(StoreError::Invalid(_)))), "{wrong:?}");
    }

    async fn a_row_is_begun_as_it_is_then(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        many(db, ada).await;
        let query = "exclude:\n  - has: Cat\n";
        for ordering in Ordering::ALL {
            let row = ids(db, query, ordering).await;
            assert!(row.len() > 3, "{ordering:?}");
            for id in [row[0], row[2], row[row.len() - 1]] {
                let begun = search::begin_query(db, &nobody(), query, ordering, 7, at(id)).await.unwrap();
                assert_eq!(begun, BegunRow { ids: row.clone(), before: 0, total: row.len() as i64 }, "{ordering:?}");
            }
        }
        // Somebody is quicker than the question: the place that an earlier answer named is in the row.
        let ordering = Ordering::NumberRegionsAsc;
        let row = ids(db, query, ordering).await;
        let place = around(db, query, ordering, row[1]).await.place;
        regions::save(db, &nobody(), row[1], None, &[point(0.5, 0.5, "Cat")], ada, NOW).await.unwrap();
        let question = Question { place: place.as_deref(), ..at(row[1]) };
        let begun = search::begin_query(db, &nobody(), query, ordering, 7, question).await.unwrap();
        assert_eq!(begun, BegunRow { total: row.len() as i64, before: 0, ids: row });
    }

    async fn neighbours_are_those_that_are_still_there(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        let mut made = Vec::new();
        for _ in 0..8 {
            made.push(picture(db, ada).await);
        }
        let gone = 1 << 40;
        regions::save(db, &nobody(), made[3], None, &[point(0.5, 0.5, "Cat")], ada, NOW).await.unwrap();
        let found = queue::neighbours(db, &nobody(), &[gone, made[1], made[0]], &[gone, made[3], made[2], made[7]]).await.unwrap();
        assert_eq!(numbers(&found), (Some(made[1]), Some(made[3]), Some(made[2])));
        assert_eq!(found.ahead, [made[3], made[2], made[7]]);
        assert_eq!(queue::neighbours(db, &nobody(), &[], &[]).await.unwrap(), Queue::default());
        let long = [&[gone][..], &made].concat();
        assert_eq!(queue::neighbours(db, &nobody(), &[], &long).await.unwrap().ahead, made[..5]);
    }

    async fn only_what_is_to_be_done(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        let mut row = Vec::new();
        for _ in 0..5 {
            row.insert(0, picture(db, ada).await);
        }
        regions::save(db, &nobody(), row[1], None, &[point(0.5, 0.5, "Cat")], ada, NOW).await.unwrap();
        mark(db, row[2], MarkState::Done, "", ada, NOW).await;
        let only = async |only| search::in_query(db, &nobody(), "", Ordering::DateDesc, 0, Question { only, ..at(row[0]) }).await.unwrap();
        let all = only(None).await;
        assert_eq!((all.ahead, all.next_without_regions.map(|entry| entry.id)), (row[1..].to_vec(), Some(row[2])));
        let empty = only(Some(Only::Unannotated)).await;
        assert_eq!((empty.ahead, empty.total), (vec![row[2], row[3], row[4]], 4));
        let unmarked = only(Some(Only::Unmarked)).await;
        assert_eq!((unmarked.ahead, unmarked.total), (vec![row[1], row[3], row[4]], 4));
        marks::remove(db, &nobody(), row[2], ada, NOW).await.unwrap();
        assert_eq!(only(Some(Only::Unmarked)).await.total, 5);
    }

    async fn a_gallery_has_an_order_of_its_own(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let mut made = Vec::new();
        for _ in 0..4 {
            made.push(picture(db, ada).await);
        }
        let gallery = galleries::insert(db, "Mine", "", ada, NOW).await.unwrap();
        let row = [made[2], made[0], made[3]];
        galleries::add_pictures(db, &nobody(), gallery, &row, ACTOR).await.unwrap();
        let around = async |picture| queue::in_gallery(db, &nobody(), gallery, at(picture)).await.unwrap();
        for (index, &id) in row.iter().enumerate() {
            let queue = around(id).await;
            let at = |index: Option<usize>| index.and_then(|index| row.get(index)).copied();
            assert_eq!(numbers(&queue), (at(index.checked_sub(1)), at(Some(index + 1)), at(Some(index + 1))));
            assert_eq!((queue.position, queue.total), (Some(index as i64 + 1), 3));
        }
        let begun = queue::begin_gallery(db, &nobody(), gallery, at(row[1])).await.unwrap();
        assert_eq!(begun, BegunRow { ids: row.to_vec(), before: 0, total: 3 });
        assert_eq!(queue::begin_gallery(db, &nobody(), gallery, at(made[1])).await.unwrap(), BegunRow::default());
        // One that is not in it stands before it.
        let queue = around(made[1]).await;
        assert_eq!((queue.position, queue.before, numbers(&queue)), (None, 0, (None, Some(row[0]), Some(row[0]))));
        galleries::delete(db, gallery, ACTOR).await.unwrap();
        let gone = queue::in_gallery(db, &nobody(), gallery, at(row[0])).await;
        assert!(matches!(gone, Err(StoreError::NotFound(_))));
    }

    async fn what_does_not_exist_is_said(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let one = picture(db, ada).await;
        let ask = async |query, picture| search::in_query(db, &nobody(), query, Ordering::DateDesc, 0, at(picture)).await;
        assert!(matches!(ask("", one + 1).await, Err(SearchError::Store(StoreError::NotFound(_)))));
        assert!(matches!(ask("want:\n  - has_wings: 2\n", one).await, Err(SearchError::Query(_))));
        assert!(matches!(ask("want:\n  - has: Unicorn\n", one).await, Err(SearchError::Query(_))));
        let alone = ask("", one).await.unwrap();
        assert_eq!(alone, Queue { position: Some(1), total: 1, place: alone.place.clone(), ..Queue::default() });
    }

    async fn one_mark_counts_and_the_others_are_kept(test: &TestDb) {
        let db = &test.db;
        let (ada, grace) = (user(db, "ada").await, user(db, "grace").await);
        let one = picture(db, ada).await;
        assert_eq!(marks::of_picture(db, &nobody(), one).await.unwrap(), Marks::default());
        mark(db, one, MarkState::NeedsReview, "Which cat?", ada, NOW).await;
        // Pressing the button twice is no news.
        let same = mark(db, one, MarkState::NeedsReview, "Which cat?", ada, NOW + 5).await;
        assert_eq!(same.mark.as_ref().map(|mark| mark.timestamp), Some(NOW));
        let now = mark(db, one, MarkState::Done, "", grace, NOW + 10).await;
        let said = |state, comment: &str, author: &str, timestamp| Mark { state, comment: comment.into(), author: author.into(), timestamp, ended: None };
        let ended = |mark: &Mark, author: &str, timestamp| Mark { ended: Some(MarkEnd { author: author.into(), timestamp }), ..mark.clone() };
        let (done, review) = (said(MarkState::Done, "", "grace", NOW + 10), said(MarkState::NeedsReview, "Which cat?", "ada", NOW));
        assert_eq!(now, Marks { mark: Some(done.clone()), earlier: vec![ended(&review, "grace", NOW + 10)] });
        let urls = ocellus::server::store::Urls { public_url: "http://x".into() };
        assert_eq!(pictures::get(db, &nobody(), one, &urls).await.unwrap().mark, Some(done.clone()));
        // Whoever takes back another one's mark says so under their own name.
        let taken = marks::remove(db, &nobody(), one, ada, NOW + 20).await.unwrap();
        assert_eq!(taken, Marks { mark: None, earlier: vec![ended(&done, "ada", NOW + 20), ended(&review, "grace", NOW + 10)] });
        assert_eq!(marks::remove(db, &nobody(), one, grace, NOW + 30).await.unwrap(), taken);

        // A copy starts anew, and what replaces a picture, too.
        mark(db, one, MarkState::Done, "", ada, NOW).await;
        let copy = picture_copy::copy(db, &nobody(), one, grace, NOW).await.unwrap();
        let mut newer = new_picture(ada, "Newer");
        newer.replaces = Some(one);
        let newer = pictures::insert(db, newer).await.unwrap();
        for picture in [copy, newer] {
            assert_eq!(marks::of_picture(db, &nobody(), picture).await.unwrap(), Marks::default());
        }
        assert!(marks::of_picture(db, &nobody(), one).await.unwrap().mark.is_some());
        let missing = NewMark { state: MarkState::Done, comment: String::new() };
        assert!(matches!(marks::set(db, &nobody(), 999, &missing, ada, NOW).await, Err(StoreError::NotFound(_))));
        picture_changes::delete(db, one, ACTOR).await.unwrap();
        assert!(matches!(marks::of_picture(db, &nobody(), one).await, Err(StoreError::NotFound(_))));
    }

    async fn only_the_last_marks_are_told(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let one = picture(db, ada).await;
        for n in 0..EARLIER_MARKS as i64 + 20 {
            mark(db, one, MarkState::ALL[n as usize % 2], "", ada, NOW + n).await;
        }
        let marks = marks::of_picture(db, &nobody(), one).await.unwrap();
        let told: Vec<i64> = marks.earlier.iter().map(|mark| mark.timestamp).collect();
        assert_eq!(marks.mark.unwrap().timestamp, NOW + EARLIER_MARKS as i64 + 19);
        assert_eq!(told, (NOW + 19..NOW + 19 + EARLIER_MARKS as i64).rev().collect::<Vec<_>>());
    }

    async fn marks_stay_when_an_account_is_closed(test: &TestDb) {
        let db = &test.db;
        let (ada, grace) = (user(db, "ada").await, user(db, "grace").await);
        let (one, own) = (picture(db, ada).await, picture(db, grace).await);
        mark(db, one, MarkState::Done, "", grace, NOW).await;
        mark(db, own, MarkState::Done, "", grace, NOW).await;
        let name = closing::close(db, grace, &PicturesFate::Delete, NOW).await.unwrap();
        let kept = marks::of_picture(db, &nobody(), one).await.unwrap().mark.unwrap();
        assert_eq!(kept.author, name);
        // What was on its way comes too late.
        let late = NewMark { state: MarkState::Skipped, comment: String::new() };
        assert!(matches!(marks::set(db, &nobody(), one, &late, grace, NOW).await, Err(StoreError::Inactive)));
        assert!(matches!(marks::remove(db, &nobody(), one, grace, NOW).await, Err(StoreError::Inactive)));
    }

    async fn marks_at_once_leave_one(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let one = picture(db, ada).await;
        let comments: Vec<String> = (0..12).map(|n| n.to_string()).collect();
        let all = comments.iter().enumerate().map(|(n, comment)| mark(db, one, MarkState::ALL[n % 3], comment, ada, NOW));
        futures::future::join_all(all).await;
        let marks = marks::of_picture(db, &nobody(), one).await.unwrap();
        assert!(marks.mark.is_some());
        assert_eq!(marks.earlier.len(), 11);
    }
}
