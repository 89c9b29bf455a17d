//! The import of a taxonomy: all of it in one transaction, or nothing.

use super::db::{Db, ROWS_PER_STATEMENT, Result, Source, Tx};
use super::graph::Graph;
use super::objects::{add_edges, ids_by_name, load_graph, lock_graph, replace_closure};
use super::schema::{FormerNames, ObjectParents, Objects};
use crate::model::text::fold;
use crate::model::{ImportFault, ImportReport};
use crate::server::taxonomy::{Entry, Known, Made, Plan};
use sea_query::Query;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Compares a taxonomy with the objects that there are, and says what it would change.
pub async fn preview(db: &Db, entries: Arc<[Entry]>, faults: Vec<ImportFault>) -> Result<ImportReport> {
    Ok(compare(db, entries, faults).await?.report(true))
}

async fn compare(db: &Db, entries: Arc<[Entry]>, faults: Vec<ImportFault>) -> Result<Plan> {
    let known = known(&mut db.snapshot().await?).await?;
    plan(entries, faults, known).await
}

/// Makes the objects of a taxonomy that there are not yet, and adds parents. With any fault nothing is changed.
pub async fn import(
    db: &Db,
    entries: Arc<[Entry]>,
    faults: Vec<ImportFault>,
    author: Option<i64>,
    now: i64,
) -> Result<ImportReport> {
    // Nobody waits for a text that has faults anyway.
    let first = compare(db, entries.clone(), faults.clone()).await?;
    if !first.is_sound() {
        return Ok(first.report(false));
    }
    db.write(|mut tx| {
        let (entries, faults) = (entries.clone(), faults.clone());
        async move {
            lock_graph(&mut tx).await?;
            let known = known(&mut tx).await?;
            let plan = plan(entries, faults, known).await?;
            if !plan.is_sound() {
                return Ok(plan.report(false));
            }
            carry_out(&mut tx, &plan, author, now).await?;
            tx.commit(plan.report(false)).await
        }
    })
    .await
}

/// Comparing may take a while where there are very many objects.
async fn plan(entries: Arc<[Entry]>, faults: Vec<ImportFault>, known: Known) -> Result<Plan> {
    let work = tokio::task::spawn_blocking(move || {
        let mut plan = Plan::new(&entries, faults, &known);
        if plan.is_sound() {
            let graph = Graph::new(known.edges.iter().chain(&plan.edges).copied());
            let made = plan.made.iter().map(|made| made.key);
            if let Some(excess) = graph.excess(&changed(&graph, made, &plan.edges)) {
                plan.refuse(format!("this {excess}"));
            }
        }
        plan
    });
    work.await.map_err(|error| super::StoreError::corrupt(format!("a taxonomy could not be compared: {error}")))
}

/// The objects that are new or have other ancestors than before: whatever has a new parent, and what is below it.
fn changed(graph: &Graph, made: impl Iterator<Item = i64>, edges: &[(i64, i64)]) -> BTreeSet<i64> {
    graph.descendants_of_all(made.chain(edges.iter().map(|(child, _)| *child)))
}

async fn known(source: &mut impl Source) -> Result<Known> {
    let names = Query::select().columns([Objects::Id, Objects::Name]).from(Objects::Table).to_owned();
    let former = Query::select().columns([FormerNames::Name, FormerNames::Object]).from(FormerNames::Table).to_owned();
    let edges =
        Query::select().columns([ObjectParents::Child, ObjectParents::Parent]).from(ObjectParents::Table).to_owned();
    Ok(Known {
        names: source.all::<(i64, String)>(&names).await?.into_iter().collect(),
        former: source.all::<(String, i64)>(&former).await?.into_iter().collect(),
        edges: source.all::<(i64, i64)>(&edges).await?,
    })
}

async fn carry_out(tx: &mut Tx, plan: &Plan, author: Option<i64>, now: i64) -> Result<()> {
    for chunk in plan.made.chunks(ROWS_PER_STATEMENT) {
        let mut insert = Query::insert();
        insert.into_table(Objects::Table).columns([
            Objects::Name,
            Objects::NameFolded,
            Objects::Description,
            Objects::Author,
            Objects::CreatedAt,
        ]);
        for Made { name, description, .. } in chunk {
            insert.values_panic([
                name.as_str().into(),
                fold(name).into(),
                description.as_str().into(),
                author.into(),
                now.into(),
            ]);
        }
        tx.execute(&insert).await?;
    }
    let names: Vec<&str> = plan.made.iter().map(|made| made.name.as_str()).collect();
    let ids = ids_by_name(tx, names.into_iter()).await?;
    let ids: HashMap<i64, i64> = plan.made.iter().filter_map(|made| Some((made.key, *ids.get(&made.name)?))).collect();
    let id = |key: i64| ids.get(&key).copied().unwrap_or(key);
    let edges: Vec<(i64, i64)> = plan.edges.iter().map(|(child, parent)| (id(*child), id(*parent))).collect();
    add_edges(tx, &edges).await?;
    let graph = load_graph(tx).await?;
    let changed = changed(&graph, ids.values().copied(), &edges);
    replace_closure(tx, &graph, &changed).await
}
