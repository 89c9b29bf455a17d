//! The import of a taxonomy: all of it in one transaction, or nothing.

use super::db::{Db, ROWS_PER_STATEMENT, Result, Source, Tx};
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
    let known = known(&mut db.snapshot().await?).await?;
    Ok(plan(entries, faults, known).await?.report(true))
}

/// Makes the objects of a taxonomy that there are not yet, and adds parents. With any fault nothing is changed.
pub async fn import(
    db: &Db,
    entries: Arc<[Entry]>,
    faults: Vec<ImportFault>,
    author: Option<i64>,
    now: i64,
) -> Result<ImportReport> {
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
    let work = tokio::task::spawn_blocking(move || Plan::new(&entries, faults, &known)).await;
    work.map_err(|error| super::StoreError::corrupt(format!("a taxonomy could not be compared: {error}")))
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
    // Objects with a new parent have other ancestors than before, and so has what is below them.
    let mut changed: BTreeSet<i64> = ids.values().copied().collect();
    for (child, _) in &edges {
        if !changed.contains(child) {
            changed.extend(graph.descendants(*child));
        }
    }
    replace_closure(tx, &graph, &changed).await
}
