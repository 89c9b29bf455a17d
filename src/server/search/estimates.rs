//! What PostgreSQL does not decide by itself, by what it expects.
//!
//! It knows how many rows a rule finds, but does not look for another table by itself, and takes the way through all pictures for a
//! short one without a thought to what each of them costs: to look a picture up in the table of a rule takes as long as to walk past
//! ten. Where the rule's pictures are few, it is told to read them into a list once.

use super::conditions;
use super::names::Names;
use super::order;
use super::plan::{MANY, Plan, Purpose, RULES_LOOKED_INTO, Way, Which, all_pictures, rules_of, wanted};
use super::rules::{Membership, Translator, rows_within};
use crate::model::Ordering;
use crate::query::rules::TextField;
use crate::query::{Query, Rule};
use crate::server::store::db::{Bounded, Planned, Result, Statement};
use crate::server::store::schema::Pictures;
use sea_query::{Query as Sql, SelectStatement};

/// The search begins with the index of texts where fewer rows than this are expected; of more, walking soon finds a page, if it has
/// to find fewer than that.
const FEW: f64 = 3_000.0;

// What takes how long, in the time that it takes to walk past a picture in an index that has all that is tested: 0.2 µs where it was
// measured.

/// To read a row of a rule into a list.
const LISTED: f64 = 1.5;
/// To look a picture up in the table of a rule.
const LOOKED_UP: f64 = 8.0;
/// To fetch a picture, where the index by which one walks has not what a rule tests.
const FETCHED: f64 = 5.0;
/// To fetch a picture that a rule has led to, to test it and to sort it.
const SORTED: f64 = 20.0;
/// The same where the rule's index has what is tested.
const SORTED_UNFETCHED: f64 = 3.0;
/// So much is nothing to worry about: walking may take far longer than it seems, since what is searched for may stand at the end.
const LITTLE: f64 = 20_000.0;

/// A rule, and what is expected of it.
#[derive(Clone, Debug)]
struct Expected {
    which: Which,
    /// Its rows, and how many.
    from: SelectStatement,
    rows: f64,
    /// How it is tested where it is no list.
    test: Test,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    /// In the index by which one walks.
    Inside,
    /// In the picture itself.
    Fetched,
    /// In another table.
    LookedUp,
}

/// The way that PostgreSQL is shown.
pub(super) async fn way(source: &mut Bounded, query: &Query, names: &Names, plan: &Plan) -> Result<Way> {
    let rules = Translator { names, engine: plan.engine };
    if let Some(way) = by_texts(source, query, &rules, plan.purpose).await? {
        return Ok(way);
    }
    let Purpose::Page(ordering, page) = plan.purpose else { return Ok(Way::default()) };
    let sets = rules_of(query).filter_map(|(which, rule)| {
        let membership = rules.membership(rule).filter(|membership| !membership.is_of_texts())?;
        let test = match (membership.is_of_pairs(), membership.can_be_listed()) {
            (true, _) => Test::LookedUp,
            (false, true) => Test::Fetched,
            (false, false) => Test::Inside,
        };
        Some((which, membership.rows(), test))
    });
    let sets: Vec<_> = sets.take(RULES_LOOKED_INTO).collect();
    // A shuffle asks how much is passed.
    if rules_of(query).next().is_none()
        || (ordering != Ordering::Random && sets.iter().all(|(_, _, test)| *test == Test::Inside))
    {
        return Ok(Way { walks: true, ..Way::default() });
    }
    let mut found = Vec::new();
    for (which, from, test) in sets {
        if let Some(rows) = expected(source, from.clone()).await? {
            found.push(Expected { which, from, rows, test });
        }
    }
    found.sort_by(|a, b| a.rows.total_cmp(&b.rows));
    let all = all_pictures(source).await?;
    // How many have what the rules ask for that are about the pictures themselves.
    let is_paired = |rule: &Rule| rules.membership(rule).is_some_and(|membership| membership.is_of_pairs());
    let mut others = query.clone();
    others.want.retain(|rule| !is_paired(rule));
    others.exclude.retain(|rule| !is_paired(rule));
    let others = Sql::select()
        .column((Pictures::Table, Pictures::Id))
        .from(Pictures::Table)
        .cond_where(conditions(&others, names, &Plan::without_decisions(&others, plan.engine)))
        .to_owned();
    let fitting = expected(source, others).await?.unwrap_or(all).max(1.0);
    let is_fetched = rules_of(query).any(|(_, rule)| matches!(rule, Rule::Text(TextField::Description, _)));
    let wanted = wanted(ordering, page);
    let within = match plan.ranges.iter().find(|(column, _)| order::column(ordering) == Some(*column)) {
        Some((column, range)) => expected(source, rows_within(column, range, plan.engine)).await?.unwrap_or(all),
        None => all,
    };
    let walk = Walk { all, within: within.min(all), passed: wanted * all / fitting };
    let way = quickest(&found, walk, is_fetched);
    // Of many pages it joins what it has to join with all pictures.
    Ok(if wanted < FEW { way } else { Way { lists: Vec::new(), looks_up: false, ..way } })
}

/// From the pictures that the index of texts finds, where all rules about texts together find few.
async fn by_texts(
    source: &mut Bounded,
    query: &Query,
    rules: &Translator<'_>,
    purpose: Purpose,
) -> Result<Option<Way>> {
    let texts = rules_of(query).filter(|(which, rule)| matches!((which, rule), (Which::Wanted(_), Rule::Text(..))));
    let texts = texts.filter_map(|(which, rule)| Some((which, rules.membership(rule)?)));
    let (leaders, memberships): (Vec<_>, Vec<_>) = texts.take(RULES_LOOKED_INTO).unzip();
    let Some(leading) = Membership::rows_in_all(&memberships) else { return Ok(None) };
    let few = match purpose {
        Purpose::Page(ordering, page) if wanted(ordering, page) < FEW => FEW,
        // Every text is seen sooner or later.
        _ => MANY,
    };
    let is_little = expected(source, leading.clone()).await?.is_some_and(|rows| rows < few);
    Ok(is_little.then(|| Way { leaders, leading: Some(leading), ..Way::default() }))
}

/// How many rows a statement is expected to find.
async fn expected(source: &mut Bounded, statement: impl Statement + Sync) -> Result<Option<f64>> {
    let rows = |(line,): (String,)| line.split_once(" rows=")?.1.split_once(' ')?.0.parse::<i64>().ok();
    Ok(source.lately(&Planned(statement), rows).await?.map(|rows| rows as f64))
}

/// To go through the pictures in order.
#[derive(Clone, Copy, Debug)]
struct Walk {
    /// How many pictures there are.
    all: f64,
    /// How many are in the range of the order's own column that is asked for: the index begins and ends with it.
    within: f64,
    /// How many would be passed if all of them had what the rules in tables of their own ask for.
    passed: f64,
}

/// The quickest way. The rules begin with the rarest.
fn quickest(found: &[Expected], walk: Walk, mut is_fetched: bool) -> Way {
    let Walk { all, within, passed } = walk;
    let part = |expected: &Expected| match expected.which {
        Which::Excluded(_) => 1.0,
        Which::Wanted(_) | Which::Range(_) => (expected.rows / all.max(1.0)).min(1.0),
    };
    let of = |test| found.iter().filter(move |expected| expected.test == test);
    let fitting: f64 = of(Test::LookedUp).map(part).product();
    let passed = (passed / fitting.max(f64::MIN_POSITIVE)).min(within);
    let (mut time, mut lists) = (passed, Vec::new());
    for expected in of(Test::Fetched) {
        if expected.rows < MANY && expected.rows * LISTED <= passed * FETCHED {
            lists.push(expected.which);
            time += expected.rows * LISTED;
        } else {
            is_fetched = true;
        }
    }
    if is_fetched {
        time += passed * FETCHED;
    }
    let mut left = passed;
    for expected in of(Test::LookedUp) {
        let (listed, looked_up) = (expected.rows * LISTED, left * LOOKED_UP);
        if expected.rows < MANY && listed <= looked_up {
            lists.push(expected.which);
        }
        time += listed.min(looked_up);
        // What one rule turns away is no more looked for by the next.
        left *= part(expected);
    }
    let sorted = |expected: &&Expected| {
        let each = if expected.test == Test::Fetched { SORTED_UNFETCHED } else { SORTED };
        expected.rows * each
    };
    let wanted = found.iter().filter(|expected| !matches!(expected.which, Which::Excluded(_)));
    let leader = wanted.min_by(|a, b| sorted(a).total_cmp(&sorted(b)));
    if let Some(leader) = leader.filter(|leader| sorted(leader) <= time.max(LITTLE.min(all))) {
        return match leader.test {
            Test::LookedUp => Way { leaders: vec![leader.which], leading: Some(leader.from.clone()), ..Way::default() },
            // It knows these best.
            Test::Inside | Test::Fetched => Way::default(),
        };
    }
    Way { lists, walks: true, passed: passed / all.max(1.0), looks_up: true, ..Way::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: f64 = 1_000_000.0;

    fn past(passed: f64) -> Walk {
        Walk { all: ALL, within: ALL, passed }
    }

    fn expected(which: Which, rows: f64) -> Expected {
        Expected { which, from: Sql::select(), rows, test: Test::LookedUp }
    }

    #[test]
    fn few_lead_some_are_listed_and_many_are_looked_up() {
        let of = |rows| quickest(&[expected(Which::Wanted(0), rows)], past(60.0), false);
        assert_eq!(of(500.0).leaders, [Which::Wanted(0)]);
        assert!(!of(500.0).walks && of(500.0).lists.is_empty());
        assert!(of(5_000.0).walks);
        assert_eq!(of(5_000.0).lists, [Which::Wanted(0)]);
        assert!(of(100_000.0).walks && of(100_000.0).lists.is_empty());
    }

    #[test]
    fn what_is_left_by_one_is_looked_up_in_the_other() {
        let found = [expected(Which::Wanted(1), 12_000.0), expected(Which::Excluded(0), 25_000.0)];
        assert_eq!(quickest(&found, past(120.0), false).lists, [Which::Wanted(1)]);
        assert_eq!(quickest(&found[1..], past(30_000.0), false).lists, [Which::Excluded(0)]);
    }

    #[test]
    fn what_would_have_to_be_fetched_is_listed_where_that_is_less() {
        let of = |rows, passed| {
            quickest(&[Expected { test: Test::Fetched, ..expected(Which::Excluded(0), rows) }], past(passed), false)
        };
        assert_eq!(of(10.0, 1_000.0).lists, [Which::Excluded(0)]);
        assert!(of(20_000.0, 1_000.0).lists.is_empty());
        // Many are fetched sooner than few are led to.
        let gallery = || expected(Which::Wanted(0), 5_000.0);
        let origin = Expected { test: Test::Fetched, ..expected(Which::Excluded(0), 400_000.0) };
        assert!(quickest(&[gallery()], past(120.0), false).walks);
        assert!(!quickest(&[gallery(), origin], past(120.0), false).walks);
    }

    #[test]
    fn no_more_is_passed_than_the_order_has_in_a_range() {
        let gallery = [expected(Which::Wanted(0), 36_000.0)];
        assert_eq!(quickest(&gallery, past(40_000.0), false).leaders, [Which::Wanted(0)]);
        assert!(quickest(&gallery, Walk { within: 8_000.0, ..past(40_000.0) }, false).walks);
    }

    #[test]
    fn so_much_is_passed_as_makes_a_page() {
        let way = quickest(&[expected(Which::Wanted(0), 20_000.0)], past(120.0), false);
        assert!((way.passed - 0.006).abs() < 1e-9, "{}", way.passed);
        assert!(quickest(&[], past(f64::MAX), false).passed <= 1.0);
    }
}
