//! How long queries take on a crowd (`ocellus generate`): a fixed set of 200 mixed ones, and the worst that a hostile user can
//! write. `scripts/bench.sh queries` runs it on both databases; by itself:
//!
//! ```text
//! BENCH_DATABASES="sqlite:/tmp/site.db postgres://…" cargo bench --bench queries -- PICTURES [SLOWEST]
//! ```
//!
//! The budget is that of pages as the site goes from one to the next: the first one, and the hundredth from the last picture of the one
//! before. The hundredth by its number is read from the beginning, and only told.
//!
//! Each of the databases is filled unless it has so many pictures already. SLOWEST is for how many of the slowest queries to print;
//! with BENCH_PAGES set, only pages are measured.

use ocellus::model::{Beside, Dimension, Ordering, Page, PageRequest, Viewer};
use ocellus::query::rules::{Bound, Form, IdField, NameField, NumberField, Side, TextField};
use ocellus::query::{MAX_RULES, Query, RULES, Rule, write};
use ocellus::server::blobs::BlobStore;
use ocellus::server::demo::{Crowd, Site, crowd};
use ocellus::server::images::{ImagePipeline, ThumbnailCache};
use ocellus::server::search::{SearchError, Stretch, Wanted, find, find_some, insights};
use ocellus::server::store::{Caller, Db, Engine, StoreError, pictures};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const QUERIES: usize = 200;
const OBJECTS: usize = 600;
const PAGE: i64 = 60;
/// At most so long for 95 % of the pages.
const BUDGET: Duration = Duration::from_millis(20);
/// At least so many regions a second are made on SQLite.
const MADE_PER_SECOND: f64 = 50_000.0;
/// The limit of a site that sets none.
const LIMIT: Duration = Duration::from_secs(10);
/// More searches than there are places.
const SIEGE: i64 = 12;
const NOTHING: Wanted = Wanted { effects: false, dimensions: Vec::new(), top: 10 };

type Failure = Box<dyn std::error::Error>;

/// SplitMix64, so that the queries are the same for ever.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % count as u64) as usize
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

struct Asked {
    text: String,
    ordering: Ordering,
    seed: i64,
}

/// Every rule in turn, often with others beside it, in `want` and `exclude`; every ordering.
fn queries(site_pictures: usize) -> Vec<Asked> {
    let mut random = Random(5);
    // The site has no datasets, and without that rule the queries are those that were measured before.
    let forms: Vec<Form> =
        RULES.iter().map(|spec| spec.form).filter(|form| *form != Form::Names(NameField::Dataset)).collect();
    let mut queries = vec![Asked { text: String::new(), ordering: Ordering::DateDesc, seed: 0 }];
    for number in 0..QUERIES - 1 {
        let mut query = Query { include_obsolete: random.below(8) == 0, ..Query::default() };
        for index in 0..1 + random.below(3) {
            let form = forms[if index == 0 { number % forms.len() } else { random.below(forms.len()) }];
            let rule = rule(&mut random, form, site_pictures);
            if random.below(10) < 7 { query.want.push(rule) } else { query.exclude.push(rule) }
        }
        queries.push(Asked {
            text: write(&query),
            ordering: Ordering::ALL[random.below(Ordering::ALL.len())],
            seed: number as i64,
        });
    }
    queries
}

/// A rule that few pictures satisfy, or most, or something between.
fn rule(random: &mut Random, form: Form, site_pictures: usize) -> Rule {
    let names = |random: &mut Random, choices: &[&str]| {
        let mut names: Vec<String> = (0..1 + random.below(2)).map(|_| random.pick(choices).to_owned()).collect();
        names.dedup();
        names
    };
    match form {
        Form::Names(field) => Rule::Names(
            field,
            match field {
                NameField::Object | NameField::ExactObject => names(
                    random,
                    &[
                        "Living thing",
                        "Animal",
                        "Cat",
                        "Tree",
                        "Car",
                        "Vehicle",
                        "Thing 1",
                        "Thing 20",
                        "Thing 150",
                        "Thing 490",
                    ],
                ),
                NameField::Nature => names(random, &["photo", "drawing", "scan", "diagram", "microscopy", "map"]),
                NameField::Licence => names(
                    random,
                    &["CC-BY-SA-4.0", "CC-BY-4.0", "CC0-1.0", "GFDL-1.3-or-later", "X-all-rights-reserved"],
                ),
                NameField::Author | NameField::Dataset => {
                    names(random, &["crowd-01", "crowd-02", "crowd-05", "crowd-20", "crowd-64"])
                }
            },
        ),
        Form::Ids(IdField::Gallery) => Rule::Ids(IdField::Gallery, vec![random.pick(&[1, 2, 5, 20, 40])]),
        Form::Ids(IdField::CopiedFrom) => {
            Rule::Ids(IdField::CopiedFrom, (0..50).map(|_| 1 + random.below(site_pictures) as i64).collect())
        }
        Form::Text(TextField::Title) => Rule::Text(
            TextField::Title,
            random.pick(&["red", "cat", "LOST", "quiet %", "%99", "thing 31", "apple 1_1%"]).into(),
        ),
        Form::Text(TextField::Description) => Rule::Text(
            TextField::Description,
            random.pick(&["ka", "kakaka", "sami", "%gra%", "lokaka%", "junep"]).into(),
        ),
        Form::Origin => Rule::Origin(
            random
                .pick(&[
                    "https://photos.example.org",
                    "archive.example.com/items/1",
                    "https://example.gov/",
                    "photos.example.org/77",
                ])
                .into(),
        ),
        Form::Number(field, bound) => Rule::Number(
            field,
            bound,
            match field {
                NumberField::Width | NumberField::Height => random.pick(&[70, 96, 640, 1080, 1920, 2160]),
                NumberField::RatingCount => random.pick(&[0, 1, 2, 5]),
                NumberField::RegionCount => random.pick(&[1, 4, 8, 12, 14]),
            },
        ),
        // From the first days to the last.
        Form::Time(side) => {
            Rule::Time(side, random.pick(&[1_580_000_000, 1_650_000_000, 1_720_000_000, 1_766_500_000]))
        }
        Form::Rating(bound) => Rule::Rating(bound, random.pick(&[1.5, 3.0, 4.0, 5.0])),
    }
}

struct Timed {
    name: &'static str,
    has_budget: bool,
    /// With the number of the query.
    times: Vec<(usize, Duration)>,
}

impl Timed {
    fn quantile(&self, part: f64) -> Duration {
        quantile(&self.times.iter().map(|(_, time)| *time).collect::<Vec<_>>(), part)
    }
}

fn quantile(times: &[Duration], part: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}

fn ms(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1000.0)
}

/// The middle one of three times after one that counts for nothing; what takes long is measured once.
async fn time<T, F: Future<Output = Result<T, SearchError>>>(run: impl Fn() -> F) -> Result<Duration, Failure> {
    let mut times = Vec::new();
    for _ in 0..4 {
        let begin = Instant::now();
        match run().await {
            Ok(_) | Err(SearchError::Store(StoreError::TimedOut)) => {}
            Err(error) => return Err(error.into()),
        }
        times.push(begin.elapsed());
        if begin.elapsed() > Duration::from_secs(1) {
            return Ok(begin.elapsed());
        }
    }
    Ok(quantile(&times[1..], 0.5))
}

async fn measure(db: &Db, pictures: usize, slowest: usize) -> Result<bool, Failure> {
    let viewer = &Viewer::default();
    let queries = queries(pictures);
    let page = |asked: &Asked, stretch| {
        let (text, ordering, seed) = (asked.text.clone(), asked.ordering, asked.seed);
        async move { find_some(&db.as_if_new(), viewer, &text, ordering, seed, stretch).await }
    };
    let count = |asked: &Asked, wanted: Wanted| {
        let text = asked.text.clone();
        async move { insights(&db.as_if_new(), viewer, &text, &wanted).await }
    };
    let effects = Wanted { effects: true, ..NOTHING };
    let facets = Wanted { dimensions: Dimension::FACETS.to_vec(), ..NOTHING };
    let at = |offset| Stretch::Page(PageRequest { offset, limit: PAGE });
    let timed = |name, has_budget| Timed { name, has_budget, times: Vec::new() };
    let mut rows = [
        timed("first page of 60", true),
        timed("hundredth page, going on", true),
        timed("hundredth page, by its number", false),
        timed("exact total", false),
        timed("total and seven facets", false),
        timed("total and what each rule removes", false),
    ];
    for (number, asked) in queries.iter().enumerate() {
        rows[0].times.push((number, time(|| page(asked, at(0))).await?));
        let before = page(asked, Stretch::Page(PageRequest { offset: 99 * PAGE - 1, limit: 1 })).await;
        if let Some(last) = before.ok().and_then(|found| found.last().copied()) {
            rows[1].times.push((number, time(|| page(asked, Stretch::Beside(Beside::After(last), PAGE))).await?));
        }
        rows[2].times.push((number, time(|| page(asked, at(99 * PAGE))).await?));
        if std::env::var_os("BENCH_PAGES").is_none() {
            rows[3].times.push((number, time(|| count(asked, NOTHING)).await?));
            rows[4].times.push((number, time(|| count(asked, facets.clone())).await?));
            rows[5].times.push((number, time(|| count(asked, effects.clone())).await?));
        }
    }
    println!("{:40} {:>8} {:>8} {:>8}", "ms (of so many queries)", "p50", "p95", "max");
    let mut within = true;
    for row in rows.iter().filter(|row| !row.times.is_empty()) {
        let Timed { name, has_budget, times } = row;
        let p95 = row.quantile(0.95);
        let verdict = match has_budget {
            true if p95 <= BUDGET => "  ok: p95 at most 20",
            true => "  OVER: p95 at most 20",
            false => "",
        };
        within &= !has_budget || p95 <= BUDGET;
        let (name, p50, max) = (format!("{name} ({})", times.len()), ms(row.quantile(0.5)), ms(row.quantile(1.0)));
        println!("{name:40} {p50:>8} {:>8} {max:>8}{verdict}", ms(p95));
    }
    for Timed { name, times, .. } in &rows[..3] {
        let mut times = times.clone();
        times.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        for (index, time) in times.into_iter().take(slowest) {
            let Asked { text, ordering, .. } = &queries[index];
            println!("{name} {index}: {} ms {ordering:?} {}", ms(time), text.replace('\n', " "));
        }
    }
    Ok(within)
}

/// The worst queries, by what is bad about them.
fn worst() -> Vec<(&'static str, Asked, i64)> {
    let ask = |query: Query, ordering| Asked { text: write(&query), ordering, seed: 0 };
    let patterns = |field| {
        let pattern = |number: usize| Rule::Text(field, format!("{}b{number}%", "%a_".repeat(60)));
        Query { exclude: (0..MAX_RULES).map(pattern).collect(), ..Query::default() }
    };
    let objects = || (1..=500).map(|number| format!("Thing {number}")).collect::<Vec<_>>();
    let many_objects = Query {
        want: vec![Rule::Names(NameField::Object, objects()); 5],
        exclude: vec![Rule::Names(NameField::ExactObject, objects()[100..].to_vec()); 1],
        ..Query::default()
    };
    let ids = |list: i64| (1..=1000).map(|id| list * 1000 + id).collect();
    let copies =
        Query { exclude: (0..4).map(|list| Rule::Ids(IdField::CopiedFrom, ids(list))).collect(), ..Query::default() };
    let objects_one_by_one =
        (1..=MAX_RULES).map(|number| Rule::Names(NameField::Object, vec![format!("Thing {number}")]));
    let numbers = (0..MAX_RULES as i64).map(|number| Rule::Number(NumberField::Width, Bound::AtLeast, number));
    let last = Query { want: vec![Rule::Time(Side::After, 0), Rule::Rating(Bound::AtLeast, 1.0)], ..Query::default() };
    vec![
        ("256 patterns on titles", ask(patterns(TextField::Title), Ordering::TitleAsc), 0),
        ("256 patterns on descriptions", ask(patterns(TextField::Description), Ordering::DateDesc), 0),
        (
            "256 excluded objects",
            ask(Query { exclude: objects_one_by_one.clone().collect(), ..Query::default() }, Ordering::Random),
            0,
        ),
        (
            "256 wanted objects",
            ask(Query { want: objects_one_by_one.collect(), ..Query::default() }, Ordering::TitleDesc),
            0,
        ),
        ("6 lists of 400 and 500 objects", ask(many_objects, Ordering::NumberRegionsAsc), 0),
        ("4 lists of 1,000 excluded sources", ask(copies, Ordering::Random), 0),
        ("256 numbers", ask(Query { want: numbers.collect(), ..Query::default() }, Ordering::Random), 0),
        ("the deepest offset", ask(last, Ordering::Random), i64::MAX),
    ]
}

/// Runs one of the worst queries in all places at once, for so many callers, and a decent one for another caller beside it. Every other
/// one of them asks for everything that can be counted instead of the pictures.
async fn besiege(db: &Db, asked: &Asked, offset: i64, callers: i64) -> Result<(String, Vec<Duration>), Failure> {
    let decent = "want:\n  - has_object: Cat\n  - licence: CC0-1.0\n";
    let request = PageRequest { offset: 0, limit: PAGE };
    let mut attack = tokio::task::JoinSet::new();
    let begin = Instant::now();
    for number in 0..SIEGE {
        let db = db.clone().on_behalf_of(Caller::Account(number % callers));
        let (text, ordering) = (asked.text.clone(), asked.ordering);
        attack.spawn(async move {
            if number % 2 == 1 {
                let wanted = Wanted { effects: true, dimensions: Dimension::ALL.to_vec(), top: 50 };
                let counted = insights(&db, &Viewer::default(), &text, &wanted).await?;
                return Ok(Page { items: Vec::new(), total: counted.total, offset, limit: PAGE });
            }
            find(&db, &Viewer::default(), &text, ordering, 0, PageRequest { offset, limit: PAGE }).await
        });
    }
    let mut outcome = String::new();
    let mut times = Vec::new();
    let db = &db.clone().on_behalf_of(Caller::Account(-1));
    loop {
        let one = Instant::now();
        match find_some(db, &Viewer::default(), decent, Ordering::DateDesc, 0, Stretch::Page(request)).await {
            Ok(_) | Err(SearchError::Store(StoreError::TimedOut)) => times.push(one.elapsed()),
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        while let Some(ended) = attack.try_join_next() {
            outcome = match ended? {
                Ok(page) => format!("{} found", page.total),
                Err(SearchError::Store(StoreError::TimedOut)) => "the time limit".to_owned(),
                Err(SearchError::Store(StoreError::Busy)) => "refused: too many at once".to_owned(),
                // It would measure nothing.
                Err(error) => return Err(error.into()),
            };
        }
        if attack.is_empty() {
            return Ok((format!("{:.1} s: {outcome}", begin.elapsed().as_secs_f64()), times));
        }
    }
}

/// Fills a database. Whether that was quick enough.
async fn fill(db: &Db, folder: &std::path::Path, pictures: usize) -> Result<bool, Failure> {
    let blobs = BlobStore::open(&folder.join("blobs"))?;
    let images = ImagePipeline::new(2, 200_000_000);
    let thumbnails = ThumbnailCache::open(&folder.join("thumbnails"), blobs.clone(), images.clone())?;
    let site = Site { db, blobs: &blobs, images: &images, thumbnails: &thumbnails };
    let begin = Instant::now();
    let size = Crowd { pictures, regions_per_picture: 8, objects: OBJECTS, seed: 1 };
    let summary = crowd(&site, &size, |_, _, _| {}).await?;
    let seconds = begin.elapsed().as_secs_f64();
    let rate = summary.regions as f64 / seconds;
    let has_budget = db.engine() == Engine::Sqlite;
    let verdict = match has_budget {
        true if rate >= MADE_PER_SECOND => "  ok: at least 50,000",
        true => "  BELOW 50,000",
        false => "",
    };
    println!(
        "{pictures} pictures with {} regions made in {seconds:.1} s: {rate:.0} regions a second{verdict}",
        summary.regions
    );
    Ok(!has_budget || rate >= MADE_PER_SECOND)
}

async fn bench(url: &str, pictures: usize, slowest: usize) -> Result<bool, Failure> {
    let db = Db::connect(url).await?;
    db.migrate().await?;
    let name = if db.engine() == Engine::Sqlite { "SQLite" } else { "PostgreSQL" };
    println!("\n{name}, {pictures} pictures");
    let mut within = true;
    if pictures::count_by_others(&db, &[]).await? != pictures as i64 {
        let folder = tempfile::tempdir()?;
        within &= fill(&db, folder.path(), pictures).await?;
    }
    // A site has statistics after a while.
    db.close().await;
    let db = Db::connect(url).await?.with_limit(LIMIT);
    within &= measure(&db, pictures, slowest).await?;
    if std::env::var_os("BENCH_PAGES").is_none() {
        println!(
            "{:46} {:32} {:>8} {:>8} {:>8}",
            format!("{SIEGE} at once"),
            "ended after",
            "a page beside them: p50",
            "p95",
            "max"
        );
        for (what, asked, offset) in worst() {
            for (whose, callers) in [("one caller", 1), ("all others", SIEGE)] {
                let (outcome, times) = besiege(&db, &asked, offset, callers).await?;
                println!(
                    "{:46} {outcome:32} {:>8} {:>8} {:>8}",
                    format!("{what}, {whose}"),
                    ms(quantile(&times, 0.5)),
                    ms(quantile(&times, 0.95)),
                    ms(quantile(&times, 1.0))
                );
            }
        }
    }
    db.close().await;
    Ok(within)
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let (pictures, slowest) = (numbers.next().unwrap_or(10_000), numbers.next().unwrap_or(0));
    let databases = std::env::var("BENCH_DATABASES").map_err(|_| "BENCH_DATABASES names no database")?;
    let mut within = true;
    for url in databases.split_whitespace() {
        within &= bench(url, pictures, slowest).await?;
    }
    Ok(if within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
