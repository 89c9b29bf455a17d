//! Objects: kinds of things, and the graph of what is a kind of what.

use super::db::{Db, ROWS_PER_STATEMENT, Result, Source, Tx, VALUES_PER_LIST, escape_like};
use super::error::StoreError;
use super::graph::Graph;
use super::schema::{ObjectClosure, ObjectParents, Objects, PictureObjects, Pictures};
use super::{access, locks};
use crate::model::text::fold;
use crate::model::{FieldError, Object, ObjectSummary, Page, PageRequest, Viewer};
use sea_query::{Expr, ExprTrait, Func, LikeExpr, Order, Query, SelectStatement};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Characters of a description that a summary shows.
const SUMMARY_LENGTH: usize = 80;

#[derive(Clone, sqlx::FromRow)]
struct ObjectRow {
    id: i64,
    name: String,
    description: String,
}

fn select() -> SelectStatement {
    Query::select().columns([Objects::Id, Objects::Name, Objects::Description]).from(Objects::Table).to_owned()
}

fn unknown(name: &str) -> StoreError {
    StoreError::NotFound(format!("there is no object `{name}`"))
}

/// Restricts a statement on objects to those whose name contains `search`, whatever the case.
fn restrict(statement: &mut SelectStatement, search: Option<&str>) {
    if let Some(search) = search.filter(|search| !search.trim().is_empty()) {
        let pattern = format!("%{}%", escape_like(&fold(search.trim())));
        statement.and_where(Expr::col(Objects::NameFolded).like(LikeExpr::new(pattern).escape('\\')));
    }
}

/// A part of the list of objects, by name; with `search`, of those whose name contains it.
pub async fn list(db: &Db, search: Option<&str>, page: PageRequest) -> Result<Page<Object>> {
    let mut statement = select();
    restrict(&mut statement, search);
    statement.order_by(Objects::NameFolded, Order::Asc).offset(page.offset as u64).limit(page.limit as u64);
    let rows = db.all::<ObjectRow>(&statement).await?;
    let mut count = Query::select().expr(Func::count(Expr::col(Objects::Id))).from(Objects::Table).to_owned();
    restrict(&mut count, search);
    let total = db.scalar(&count).await?;
    Ok(Page { items: complete(db, rows).await?, total, offset: page.offset, limit: page.limit })
}

/// One object.
pub async fn get(db: &Db, name: &str) -> Result<Object> {
    let mut statement = select();
    statement.and_where(Expr::col(Objects::Name).eq(name));
    let row = db.optional::<ObjectRow>(&statement).await?.ok_or_else(|| unknown(name))?;
    complete(db, vec![row]).await?.pop().ok_or_else(|| unknown(name))
}

/// Adds parents, children and numbers of pictures, with one statement for each.
async fn complete(db: &Db, rows: Vec<ObjectRow>) -> Result<Vec<Object>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut parents = neighbours(db, &ids, ObjectParents::Child, ObjectParents::Parent).await?;
    let mut children = neighbours(db, &ids, ObjectParents::Parent, ObjectParents::Child).await?;
    let counts = picture_counts(db, &ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| Object {
            parents: parents.remove(&row.id).unwrap_or_default(),
            children: children.remove(&row.id).unwrap_or_default(),
            pictures: counts.get(&row.id).copied().unwrap_or_default(),
            id: row.name,
            description: row.description,
        })
        .collect())
}

/// For each of `ids`, which stand at the end `from` of an edge, the names at the end `to`, sorted.
async fn neighbours(db: &Db, ids: &[i64], from: ObjectParents, to: ObjectParents) -> Result<HashMap<i64, Vec<String>>> {
    let statement = Query::select()
        .column((ObjectParents::Table, from))
        .column((Objects::Table, Objects::Name))
        .from(ObjectParents::Table)
        .inner_join(Objects::Table, Expr::col((Objects::Table, Objects::Id)).equals((ObjectParents::Table, to)))
        .and_where(Expr::col((ObjectParents::Table, from)).is_in(ids.iter().copied()))
        .order_by((Objects::Table, Objects::NameFolded), Order::Asc)
        .to_owned();
    let mut names: HashMap<i64, Vec<String>> = HashMap::new();
    for (id, name) in db.all::<(i64, String)>(&statement).await? {
        names.entry(id).or_default().push(name);
    }
    Ok(names)
}

/// How many pictures show each of the objects or one of its descendants: those that everybody may see and that are not
/// obsolete, so that the number is that of a query's results.
async fn picture_counts(db: &Db, ids: &[i64]) -> Result<HashMap<i64, i64>> {
    let ancestor = (ObjectClosure::Table, ObjectClosure::Ancestor);
    let picture = (PictureObjects::Table, PictureObjects::Picture);
    let statement = Query::select()
        .column(ancestor)
        .expr(Func::count_distinct(Expr::col(picture)))
        .from(ObjectClosure::Table)
        .inner_join(
            PictureObjects::Table,
            Expr::col((PictureObjects::Table, PictureObjects::Object))
                .equals((ObjectClosure::Table, ObjectClosure::Descendant)),
        )
        .inner_join(Pictures::Table, Expr::col((Pictures::Table, Pictures::Id)).equals(picture))
        .and_where(Expr::col(ancestor).is_in(ids.iter().copied()))
        .and_where(Expr::col((Pictures::Table, Pictures::ReplacedBy)).is_null())
        .cond_where(access::visible(&Viewer::default()))
        .group_by_col(ancestor)
        .to_owned();
    Ok(db.all::<(i64, i64)>(&statement).await?.into_iter().collect())
}

/// Every object as a picker needs it, by name. `pictures` counts exactly the object, without descendants.
pub async fn summaries(db: &Db) -> Result<Vec<ObjectSummary>> {
    let object = (PictureObjects::Table, PictureObjects::Object);
    let counts = Query::select()
        .column(object)
        .expr(Func::count(Expr::col((PictureObjects::Table, PictureObjects::Picture))))
        .from(PictureObjects::Table)
        .inner_join(
            Pictures::Table,
            Expr::col((Pictures::Table, Pictures::Id)).equals((PictureObjects::Table, PictureObjects::Picture)),
        )
        .and_where(Expr::col((Pictures::Table, Pictures::ReplacedBy)).is_null())
        .cond_where(access::visible(&Viewer::default()))
        .group_by_col(object)
        .to_owned();
    let counts: HashMap<i64, i64> = db.all::<(i64, i64)>(&counts).await?.into_iter().collect();
    let mut statement = select();
    statement.order_by(Objects::NameFolded, Order::Asc);
    let rows = db.all::<ObjectRow>(&statement).await?;
    Ok(rows
        .into_iter()
        .map(|row| ObjectSummary {
            pictures: counts.get(&row.id).copied().unwrap_or_default(),
            description: first_words(&row.description),
            name: row.name,
        })
        .collect())
}

/// The beginning of a text up to the end of a word, with an ellipsis where something is left out.
fn first_words(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let Some((end, _)) = line.char_indices().nth(SUMMARY_LENGTH) else { return line.to_owned() };
    let cut = line[..end].rfind(' ').unwrap_or(end);
    format!("{}…", line[..cut].trim_end())
}

/// The ids of the objects with these names. Names that do not exist are left out.
pub(super) async fn ids_by_name(
    source: &mut impl Source,
    names: impl Iterator<Item = &str>,
) -> Result<HashMap<String, i64>> {
    let names: Vec<&str> = names.collect();
    let mut ids = HashMap::with_capacity(names.len());
    for chunk in names.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .columns([Objects::Name, Objects::Id])
            .from(Objects::Table)
            .and_where(Expr::col(Objects::Name).is_in(chunk.iter().copied()))
            .to_owned();
        ids.extend(source.all::<(String, i64)>(&statement).await?);
    }
    Ok(ids)
}

/// Registers an object. A name that differs from another one in case only is a conflict.
pub async fn insert(
    db: &Db,
    name: &str,
    description: &str,
    parents: &[String],
    author: i64,
    now: i64,
) -> Result<Object> {
    db.write(|mut tx| async move {
        lock_graph(&mut tx).await?;
        let parents = parent_ids(&mut tx, parents).await?;
        let insert = Query::insert()
            .into_table(Objects::Table)
            .columns([Objects::Name, Objects::NameFolded, Objects::Description, Objects::Author, Objects::CreatedAt])
            .values_panic([name.into(), fold(name).into(), description.into(), author.into(), now.into()])
            .returning_col(Objects::Id)
            .to_owned();
        let id = tx.scalar::<i64>(&insert).await?;
        insert_edges(&mut tx, id, &parents).await?;
        let graph = load_graph(&mut tx).await?;
        insert_closure(&mut tx, graph.ancestors(id).into_iter().map(|ancestor| (ancestor, id)).collect()).await?;
        tx.commit(()).await
    })
    .await?;
    get(db, name).await
}

/// Changes an object's description and parents; what is absent stays as it is. A parent that is the object itself or one
/// of its descendants would close a cycle, and is a conflict that names the way around.
pub async fn update(db: &Db, name: &str, description: Option<&str>, parents: Option<&[String]>) -> Result<Object> {
    db.write(|mut tx| async move {
        lock_graph(&mut tx).await?;
        let id = ids_by_name(&mut tx, std::iter::once(name)).await?.remove(name).ok_or_else(|| unknown(name))?;
        if let Some(description) = description {
            let set = Query::update()
                .table(Objects::Table)
                .value(Objects::Description, description)
                .and_where(Expr::col(Objects::Id).eq(id))
                .to_owned();
            tx.execute(&set).await?;
        }
        if let Some(parents) = parents {
            let parents = parent_ids(&mut tx, parents).await?;
            replace_parents(&mut tx, id, &parents).await?;
        }
        tx.commit(()).await
    })
    .await?;
    get(db, name).await
}

/// Gives an object other parents, unless that closes a cycle. The transaction holds the graph.
async fn replace_parents(tx: &mut Tx, id: i64, parents: &BTreeSet<i64>) -> Result<()> {
    let before = load_graph(tx).await?;
    if let Some(cycle) = parents.iter().find_map(|parent| before.path_up(*parent, id)) {
        let names = names_by_id(tx, &cycle).await?;
        let way: Vec<&str> = std::iter::once(&id).chain(&cycle).map(|id| names[id].as_str()).collect();
        return Err(StoreError::Conflict(format!("that would close a cycle: {}", way.join(" → "))));
    }
    if before.parents(id) == *parents {
        return Ok(());
    }
    let delete =
        Query::delete().from_table(ObjectParents::Table).and_where(Expr::col(ObjectParents::Child).eq(id)).to_owned();
    tx.execute(&delete).await?;
    insert_edges(tx, id, parents).await?;
    let after = load_graph(tx).await?;
    // Only the object and what is below it can have other ancestors than before.
    replace_closure(tx, &after, &after.descendants(id)).await
}

/// Holds the graph until the end of the transaction: two changes that are harmless one by one could close a cycle.
pub(super) async fn lock_graph(tx: &mut Tx) -> Result<()> {
    locks::hold(tx, "object-graph").await
}

pub(super) async fn load_graph(tx: &mut Tx) -> Result<Graph> {
    let edges =
        Query::select().columns([ObjectParents::Child, ObjectParents::Parent]).from(ObjectParents::Table).to_owned();
    Ok(Graph::new(tx.all::<(i64, i64)>(&edges).await?))
}

/// The ids of parents. Every name that does not exist is reported.
async fn parent_ids(tx: &mut Tx, parents: &[String]) -> Result<BTreeSet<i64>> {
    let found = ids_by_name(tx, parents.iter().map(String::as_str)).await?;
    let errors: Vec<FieldError> = parents
        .iter()
        .enumerate()
        .filter(|(_, name)| !found.contains_key(*name))
        .map(|(index, name)| {
            FieldError::new(format!("parents[{index}]"), format!("names `{name}`, which is not a registered object"))
        })
        .collect();
    if errors.is_empty() { Ok(found.into_values().collect()) } else { Err(StoreError::Invalid(errors)) }
}

async fn names_by_id(tx: &mut Tx, ids: &[i64]) -> Result<BTreeMap<i64, String>> {
    let statement = Query::select()
        .columns([Objects::Id, Objects::Name])
        .from(Objects::Table)
        .and_where(Expr::col(Objects::Id).is_in(ids.iter().copied()))
        .to_owned();
    Ok(tx.all::<(i64, String)>(&statement).await?.into_iter().collect())
}

async fn insert_edges(tx: &mut Tx, child: i64, parents: &BTreeSet<i64>) -> Result<()> {
    if parents.is_empty() {
        return Ok(());
    }
    let mut insert = Query::insert();
    insert.into_table(ObjectParents::Table).columns([ObjectParents::Child, ObjectParents::Parent]);
    for parent in parents {
        insert.values_panic([child.into(), (*parent).into()]);
    }
    tx.execute(&insert).await.map(drop)
}

/// Writes the ancestors of these objects anew.
pub(super) async fn replace_closure(tx: &mut Tx, graph: &Graph, descendants: &BTreeSet<i64>) -> Result<()> {
    let ids: Vec<i64> = descendants.iter().copied().collect();
    for chunk in ids.chunks(VALUES_PER_LIST) {
        let delete = Query::delete()
            .from_table(ObjectClosure::Table)
            .and_where(Expr::col(ObjectClosure::Descendant).is_in(chunk.iter().copied()))
            .to_owned();
        tx.execute(&delete).await?;
    }
    let pairs = ids
        .iter()
        .flat_map(|&descendant| graph.ancestors(descendant).into_iter().map(move |ancestor| (ancestor, descendant)))
        .collect();
    insert_closure(tx, pairs).await
}

async fn insert_closure(tx: &mut Tx, pairs: Vec<(i64, i64)>) -> Result<()> {
    for chunk in pairs.chunks(ROWS_PER_STATEMENT) {
        let mut insert = Query::insert();
        insert.into_table(ObjectClosure::Table).columns([ObjectClosure::Ancestor, ObjectClosure::Descendant]);
        for (ancestor, descendant) in chunk {
            insert.values_panic([(*ancestor).into(), (*descendant).into()]);
        }
        tx.execute(&insert).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::first_words;

    #[test]
    fn summaries_end_with_a_word() {
        assert_eq!(first_words("A small animal."), "A small animal.");
        assert_eq!(first_words("First.\nSecond."), "First.");
        let long = first_words(&"word ".repeat(40));
        assert!(long.ends_with("word…") && long.chars().count() <= 81, "{long}");
        assert_eq!(first_words(&"ä".repeat(100)).chars().count(), 81);
    }
}
