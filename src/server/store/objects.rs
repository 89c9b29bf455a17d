//! Objects: kinds of things, and the graph of what is a kind of what.

use super::audit::{Actor, record_if_anothers};
use super::db::{Db, ROWS_PER_STATEMENT, Result, Source, Tx, VALUES_PER_LIST, escape_like};
use super::error::StoreError;
use super::graph::Graph;
use super::schema::{FormerNames, ObjectClosure, ObjectParents, Objects, PictureObjects, Pictures, Users};
use super::{access, locks};
use crate::model::limits::MAX_OBJECT_NAME;
use crate::model::object::MAX_PATHS;
use crate::model::search::Search;
use crate::model::text::fold;
use crate::model::{
    AuditAction, FieldError, Object, ObjectChange, ObjectDetail, ObjectSummary, Page, PageRequest, Viewer,
};
use sea_query::{Expr, ExprTrait, Func, LikeExpr, OnConflict, Order, Query, SelectStatement};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Characters of a description that a summary shows.
const SUMMARY_LENGTH: usize = 80;
/// So many names are searched for typing mistakes; names that contain what is looked for are found among all.
const FORGIVING: u64 = 50_000;
/// Comparing more names than this with a text would keep an async thread from others for milliseconds.
const MANY_NAMES: usize = 2_000;

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

/// A part of the list of objects, by name. With `search`, those that fit it, the best first: the same name, names that
/// begin with it, that contain it, and that differ by typing mistakes. Former names count, too. With `top`, only
/// those that have no parents.
pub async fn list(db: &Db, search: Option<&str>, top: bool, page: PageRequest) -> Result<Page<Object>> {
    let (offset, limit) = (page.offset, page.limit);
    let search = search.map(str::trim).filter(|search| !search.is_empty());
    let (rows, total) = match search {
        Some(search) => {
            let ids = find(db, search, top).await?;
            let part = |index| usize::try_from(index).unwrap_or(usize::MAX);
            let wanted: Vec<i64> = ids.iter().skip(part(offset)).take(part(limit)).copied().collect();
            let mut statement = select();
            statement.and_where(Expr::col(Objects::Id).is_in(wanted.iter().copied()));
            let mut rows: HashMap<i64, ObjectRow> =
                db.all::<ObjectRow>(&statement).await?.into_iter().map(|row| (row.id, row)).collect();
            (wanted.iter().filter_map(|id| rows.remove(id)).collect(), ids.len() as i64)
        }
        None => {
            let mut statement = select();
            let mut count = Query::select().expr(Func::count(Expr::col(Objects::Id))).from(Objects::Table).to_owned();
            if top {
                statement.and_where(has_no_parents());
                count.and_where(has_no_parents());
            }
            statement.order_by(Objects::NameFolded, Order::Asc).offset(offset as u64).limit(limit as u64);
            (db.all::<ObjectRow>(&statement).await?, db.scalar(&count).await?)
        }
    };
    Ok(Page { items: complete(db, rows).await?, total, offset, limit })
}

fn has_no_parents() -> Expr {
    let parent = Query::select()
        .expr(Expr::cust("1"))
        .from(ObjectParents::Table)
        .and_where(Expr::col((ObjectParents::Table, ObjectParents::Child)).equals((Objects::Table, Objects::Id)))
        .to_owned();
    Expr::exists(parent).not()
}

/// The ids of the objects that fit a text, best first.
async fn find(db: &Db, text: &str, top: bool) -> Result<Vec<i64>> {
    let search = Search::new(text);
    // No name is as long, even where folding makes three letters of one; and databases limit the length of a pattern.
    if search.folded().chars().count() > 3 * MAX_OBJECT_NAME {
        return Ok(Vec::new());
    }
    let contains = || {
        let pattern = format!("%{}%", escape_like(search.folded()));
        Expr::col(Objects::NameFolded).like(LikeExpr::new(pattern).escape('\\'))
    };
    let mut names = Query::select().columns([Objects::Id, Objects::NameFolded]).from(Objects::Table).to_owned();
    if top {
        names.and_where(has_no_parents());
    }
    let mut candidates = db.all::<(i64, String)>(names.clone().and_where(contains())).await?;
    if search.forgives() {
        names.and_where(contains().not()).order_by(Objects::NameFolded, Order::Asc).limit(FORGIVING);
        candidates.extend(db.all::<(i64, String)>(&names).await?);
    }
    if !top {
        let former = Query::select()
            .columns([FormerNames::Object, FormerNames::Name])
            .from(FormerNames::Table)
            .order_by(FormerNames::Name, Order::Asc)
            .limit(FORGIVING)
            .to_owned();
        let former = db.all::<(i64, String)>(&former).await?;
        candidates.extend(former.into_iter().map(|(id, name)| (id, fold(&name))));
    }
    if candidates.len() <= MANY_NAMES {
        return Ok(ranked(&search, candidates));
    }
    let work = tokio::task::spawn_blocking(move || ranked(&search, candidates)).await;
    work.map_err(|error| StoreError::corrupt(format!("names could not be compared: {error}")))
}

/// An object that is found by a former name as well counts once, where it fits best.
fn ranked(search: &Search, candidates: Vec<(i64, String)>) -> Vec<i64> {
    let (ids, names): (Vec<i64>, Vec<String>) = candidates.into_iter().unzip();
    let mut seen = HashSet::new();
    search.ranked(&names).into_iter().map(|index| ids[index]).filter(|id| seen.insert(*id)).collect()
}

/// One object, by its name or a former one.
pub async fn get(db: &Db, name: &str) -> Result<Object> {
    let id = id_of(&mut &*db, name).await?;
    let mut statement = select();
    statement.and_where(Expr::col(Objects::Id).eq(id));
    let row = db.optional::<ObjectRow>(&statement).await?.ok_or_else(|| unknown(name))?;
    complete(db, vec![row]).await?.pop().ok_or_else(|| unknown(name))
}

/// One object with what its own page shows, by its name or a former one.
pub async fn detail(db: &Db, name: &str) -> Result<ObjectDetail> {
    let object = get(db, name).await?;
    let id = id_of(&mut &*db, &object.id).await?;
    let mut statement = Query::select();
    statement
        .column((Users::Table, Users::Username))
        .column((Objects::Table, Objects::CreatedAt))
        .from(Objects::Table)
        .left_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals((Objects::Table, Objects::Author)))
        .and_where(Expr::col((Objects::Table, Objects::Id)).eq(id));
    let row = db.optional::<(Option<String>, i64)>(&statement).await?;
    let (author, timestamp) = row.ok_or_else(|| unknown(name))?;
    let mut former = Query::select().column(FormerNames::Name).from(FormerNames::Table).to_owned();
    former.and_where(Expr::col(FormerNames::Object).eq(id)).order_by(FormerNames::Name, Order::Asc);
    Ok(ObjectDetail {
        own_pictures: own_picture_counts(db, Some(id)).await?.get(&id).copied().unwrap_or_default(),
        paths: paths_down(db, id).await?,
        former_names: db.column(&former).await?,
        object,
        author,
        timestamp,
    })
}

/// Ways down to an object from the most general ones, by name.
async fn paths_down(db: &Db, id: i64) -> Result<Vec<Vec<String>>> {
    // Only the part of the graph above the object is read.
    let of_descendant = Expr::col((ObjectClosure::Table, ObjectClosure::Descendant)).eq(id);
    let above = |column| Expr::col((ObjectClosure::Table, ObjectClosure::Ancestor)).equals(column);
    let edges = Query::select()
        .columns([(ObjectParents::Table, ObjectParents::Child), (ObjectParents::Table, ObjectParents::Parent)])
        .from(ObjectClosure::Table)
        .inner_join(ObjectParents::Table, above((ObjectParents::Table, ObjectParents::Child)))
        .and_where(of_descendant)
        .to_owned();
    let paths = Graph::new(db.all::<(i64, i64)>(&edges).await?).paths_down(id, MAX_PATHS);
    let ids: Vec<i64> = paths.iter().flatten().copied().collect::<BTreeSet<i64>>().into_iter().collect();
    let names = names_by_id(&mut &*db, &ids).await?;
    let named = |path: Vec<i64>| path.iter().filter_map(|id| names.get(id).cloned()).collect();
    Ok(paths.into_iter().map(named).collect())
}

/// The name that an object has now, by this name or a former one, and who registered it, if that is known.
pub async fn name_and_author(db: &Db, name: &str) -> Result<(String, Option<i64>)> {
    let id = id_of(&mut &*db, name).await?;
    let statement = Query::select()
        .columns([Objects::Name, Objects::Author])
        .from(Objects::Table)
        .and_where(Expr::col(Objects::Id).eq(id))
        .to_owned();
    db.optional(&statement).await?.ok_or_else(|| unknown(name))
}

/// Who registered an object, if that is known; none where there is no such object.
pub(super) async fn author_by_id(source: &mut impl Source, id: i64) -> Result<Option<i64>> {
    let statement = Query::select()
        .column(Objects::Author)
        .from(Objects::Table)
        .and_where(Expr::col(Objects::Id).eq(id))
        .to_owned();
    Ok(source.optional::<(Option<i64>,)>(&statement).await?.and_then(|(author,)| author))
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

/// How many pictures show exactly each object, or the one that is asked for; otherwise as [`picture_counts`] counts.
async fn own_picture_counts(db: &Db, only: Option<i64>) -> Result<HashMap<i64, i64>> {
    let object = (PictureObjects::Table, PictureObjects::Object);
    let mut counts = Query::select();
    counts
        .column(object)
        .expr(Func::count(Expr::col((PictureObjects::Table, PictureObjects::Picture))))
        .from(PictureObjects::Table)
        .inner_join(
            Pictures::Table,
            Expr::col((Pictures::Table, Pictures::Id)).equals((PictureObjects::Table, PictureObjects::Picture)),
        )
        .and_where(Expr::col((Pictures::Table, Pictures::ReplacedBy)).is_null())
        .cond_where(access::visible(&Viewer::default()))
        .group_by_col(object);
    if let Some(id) = only {
        counts.and_where(Expr::col(object).eq(id));
    }
    Ok(db.all::<(i64, i64)>(&counts).await?.into_iter().collect())
}

/// Every object as a picker needs it, by name. `pictures` counts exactly the object, without descendants.
pub async fn summaries(db: &Db) -> Result<Vec<ObjectSummary>> {
    let counts = own_picture_counts(db, None).await?;
    let mut statement = select();
    statement.order_by(Objects::NameFolded, Order::Asc);
    let rows = db.all::<ObjectRow>(&statement).await?;
    let edges = Query::select()
        .columns([ObjectParents::Child, ObjectParents::Parent])
        .from(ObjectParents::Table)
        .order_by(ObjectParents::Parent, Order::Asc)
        .to_owned();
    let edges = db.all::<(i64, i64)>(&edges).await?;
    let places: HashMap<i64, u32> = rows.iter().zip(0..).map(|(row, place)| (row.id, place)).collect();
    let mut parents: HashMap<i64, Vec<u32>> = HashMap::new();
    for (child, parent) in edges {
        parents.entry(child).or_default().extend(places.get(&parent));
    }
    Ok(rows
        .into_iter()
        .map(|row| ObjectSummary {
            pictures: counts.get(&row.id).copied().unwrap_or_default(),
            parents: parents.remove(&row.id).unwrap_or_default(),
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

/// The names of all objects.
pub async fn names(db: &Db) -> Result<Vec<String>> {
    let statement =
        Query::select().column(Objects::Name).from(Objects::Table).order_by(Objects::NameFolded, Order::Asc).to_owned();
    db.column(&statement).await
}

/// The ids of the objects with these names, by the names that were asked for: where no object has a name, the one that had
/// it. Names that neither is found for are left out.
pub(in crate::server) async fn ids_by_name(
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
    let others: Vec<&str> = names.into_iter().filter(|name| !ids.contains_key(*name)).collect();
    for chunk in others.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .columns([FormerNames::Name, FormerNames::Object])
            .from(FormerNames::Table)
            .and_where(Expr::col(FormerNames::Name).is_in(chunk.iter().copied()))
            .to_owned();
        ids.extend(source.all::<(String, i64)>(&statement).await?);
    }
    Ok(ids)
}

/// The id of the object with this name, or that had it.
pub(super) async fn id_of(source: &mut impl Source, name: &str) -> Result<i64> {
    ids_by_name(source, std::iter::once(name)).await?.remove(name).ok_or_else(|| unknown(name))
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
        let id = insert_row(&mut tx, name, description, author, now).await?;
        insert_edges(&mut tx, id, &parents).await?;
        let graph = load_graph(&mut tx).await?;
        rewrite_closure(&mut tx, &graph, &BTreeSet::from([id]), "parents").await?;
        tx.commit(()).await
    })
    .await?;
    get(db, name).await
}

async fn insert_row(tx: &mut Tx, name: &str, description: &str, author: i64, now: i64) -> Result<i64> {
    let insert = Query::insert()
        .into_table(Objects::Table)
        .columns([Objects::Name, Objects::NameFolded, Objects::Description, Objects::Author, Objects::CreatedAt])
        .values_panic([name.into(), fold(name).into(), description.into(), author.into(), now.into()])
        .returning_col(Objects::Id)
        .to_owned();
    let id = tx.scalar::<i64>(&insert).await?;
    forget_former(tx, &[name]).await?;
    Ok(id)
}

/// Registers those of these names that no object has or had, without descriptions and parents. What is wrong with one is a fault of
/// `field`.
pub(super) async fn register_missing(tx: &mut Tx, field: &str, names: &[String], author: i64, now: i64) -> Result<()> {
    let are_all_known = |known: usize| known == names.iter().collect::<BTreeSet<_>>().len();
    // Who has nothing to register keeps nobody waiting.
    if are_all_known(ids_by_name(tx, names.iter().map(String::as_str)).await?.len()) {
        return Ok(());
    }
    lock_graph(tx).await?;
    let known = ids_by_name(tx, names.iter().map(String::as_str)).await?;
    let mut new = BTreeSet::new();
    for name in names.iter().filter(|name| !known.contains_key(*name)) {
        let same = Query::select()
            .column(Objects::Name)
            .from(Objects::Table)
            .and_where(Expr::col(Objects::NameFolded).eq(fold(name)))
            .to_owned();
        if let Some((other,)) = tx.optional::<(String,)>(&same).await? {
            return Err(StoreError::field(field, format!("names `{name}`, but that object is called `{other}`")));
        }
        new.insert(insert_row(tx, name, "", author, now).await?);
    }
    if !new.is_empty() {
        let graph = load_graph(tx).await?;
        rewrite_closure(tx, &graph, &new, field).await?;
    }
    Ok(())
}

/// Changes an object. Regions keep an object that gets another name, and the old name goes on leading to it. A parent that is
/// the object itself or one of its descendants would close a cycle, which is refused and named.
pub async fn update(db: &Db, name: &str, change: &ObjectChange, actor: Actor) -> Result<Object> {
    let id = db
        .write(|mut tx| async move {
            lock_graph(&mut tx).await?;
            let id = id_of(&mut tx, name).await?;
            if let Some(parents) = &change.parents {
                let parents = parent_ids(&mut tx, parents).await?;
                replace_parents(&mut tx, id, &parents).await?;
            }
            if let Some(name) = &change.id {
                rename(&mut tx, id, name, actor).await?;
            }
            if let Some(description) = &change.description {
                let set = Query::update()
                    .table(Objects::Table)
                    .value(Objects::Description, description.as_str())
                    .and_where(Expr::col(Objects::Id).eq(id))
                    .to_owned();
                tx.execute(&set).await?;
            }
            tx.commit(id).await
        })
        .await?;
    let name = names_by_id(&mut &*db, &[id]).await?.remove(&id).ok_or_else(|| unknown(name))?;
    get(db, &name).await
}

/// Everybody may describe an object and place it among others, but not rename what is another's.
async fn rename(tx: &mut Tx, id: i64, name: &str, actor: Actor) -> Result<()> {
    let Some(old) = names_by_id(tx, &[id]).await?.remove(&id).filter(|old| old != name) else { return Ok(()) };
    let set = Query::update()
        .table(Objects::Table)
        .value(Objects::Name, name)
        .value(Objects::NameFolded, fold(name))
        .and_where(Expr::col(Objects::Id).eq(id))
        .to_owned();
    tx.execute(&set).await?;
    forget_former(tx, &[name]).await?;
    remember_former(tx, id, &old).await?;
    let (author, subject, details) = (author_by_id(tx, id).await?, format!("object {old}"), format!("now {name}"));
    record_if_anothers(tx, actor, author, AuditAction::ObjectRenamed, &subject, &details).await
}

/// Lets a name lead to an object from now on that no longer has it.
pub(super) async fn remember_former(tx: &mut Tx, id: i64, name: &str) -> Result<()> {
    let insert = Query::insert()
        .into_table(FormerNames::Table)
        .columns([FormerNames::Name, FormerNames::Object])
        .values_panic([name.into(), id.into()])
        .on_conflict(OnConflict::column(FormerNames::Name).update_column(FormerNames::Object).to_owned())
        .to_owned();
    tx.execute(&insert).await.map(drop)
}

/// Names that objects have now lead nowhere else any more.
pub(super) async fn forget_former(tx: &mut Tx, names: &[&str]) -> Result<()> {
    for chunk in names.chunks(VALUES_PER_LIST) {
        let delete = Query::delete()
            .from_table(FormerNames::Table)
            .and_where(Expr::col(FormerNames::Name).is_in(chunk.iter().copied()))
            .to_owned();
        tx.execute(&delete).await?;
    }
    Ok(())
}

/// Gives an object other parents, unless that closes a cycle. The transaction holds the graph.
async fn replace_parents(tx: &mut Tx, id: i64, parents: &BTreeSet<i64>) -> Result<()> {
    let before = load_graph(tx).await?;
    if let Some(cycle) = parents.iter().find_map(|parent| before.path_up(*parent, id)) {
        let names = names_by_id(tx, &cycle).await?;
        return Err(StoreError::Cycle(std::iter::once(&id).chain(&cycle).map(|id| names[id].clone()).collect()));
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
    rewrite_closure(tx, &after, &after.descendants(id), "parents").await
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
        .take(100)
        .collect();
    if errors.is_empty() { Ok(found.into_values().collect()) } else { Err(StoreError::Invalid(errors)) }
}

pub(super) async fn names_by_id(source: &mut impl Source, ids: &[i64]) -> Result<BTreeMap<i64, String>> {
    let mut names = BTreeMap::new();
    for chunk in ids.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .columns([Objects::Id, Objects::Name])
            .from(Objects::Table)
            .and_where(Expr::col(Objects::Id).is_in(chunk.iter().copied()))
            .to_owned();
        names.extend(source.all::<(i64, String)>(&statement).await?);
    }
    Ok(names)
}

async fn insert_edges(tx: &mut Tx, child: i64, parents: &BTreeSet<i64>) -> Result<()> {
    let edges: Vec<(i64, i64)> = parents.iter().map(|parent| (child, *parent)).collect();
    add_edges(tx, &edges).await
}

/// Adds pairs of a child and a parent; those that are there already stay.
pub(super) async fn add_edges(tx: &mut Tx, edges: &[(i64, i64)]) -> Result<()> {
    for chunk in edges.chunks(ROWS_PER_STATEMENT) {
        let mut insert = Query::insert();
        insert.into_table(ObjectParents::Table).columns([ObjectParents::Child, ObjectParents::Parent]);
        for (child, parent) in chunk {
            insert.values_panic([(*child).into(), (*parent).into()]);
        }
        let known = OnConflict::columns([ObjectParents::Child, ObjectParents::Parent]).do_nothing().to_owned();
        tx.execute(insert.on_conflict(known)).await?;
    }
    Ok(())
}

/// Writes the ancestors of these objects anew, after a change. If there are too many, `field` is what is wrong.
pub(super) async fn rewrite_closure(
    tx: &mut Tx,
    graph: &Graph,
    descendants: &BTreeSet<i64>,
    field: &str,
) -> Result<()> {
    match graph.excess(descendants) {
        Some(message) => Err(StoreError::field(field, message)),
        None => replace_closure(tx, graph, descendants).await,
    }
}

/// Does what [`rewrite_closure`] does, however many there are.
pub(super) async fn replace_closure(tx: &mut Tx, graph: &Graph, descendants: &BTreeSet<i64>) -> Result<()> {
    let ids: Vec<i64> = descendants.iter().copied().collect();
    for chunk in ids.chunks(VALUES_PER_LIST) {
        let delete = Query::delete()
            .from_table(ObjectClosure::Table)
            .and_where(Expr::col(ObjectClosure::Descendant).is_in(chunk.iter().copied()))
            .to_owned();
        tx.execute(&delete).await?;
    }
    let mut pairs = Vec::new();
    for descendant in ids {
        pairs.extend(graph.ancestors(descendant).into_iter().map(|ancestor| (ancestor, descendant)));
        // All pairs together could be too much for the memory.
        if pairs.len() >= ROWS_PER_STATEMENT {
            insert_closure(tx, &pairs).await?;
            pairs.clear();
        }
    }
    insert_closure(tx, &pairs).await
}

async fn insert_closure(tx: &mut Tx, pairs: &[(i64, i64)]) -> Result<()> {
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
