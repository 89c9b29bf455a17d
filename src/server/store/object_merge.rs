//! Merging an object into another, which takes over everything that refers to it.

use super::audit::{Actor, record, record_if_anothers};
use super::db::{Db, ROWS_PER_STATEMENT, Result, Source, Tx};
use super::error::StoreError;
use super::objects::{
    add_edges, author_by_id, get, id_of, load_graph, lock_graph, names_by_id, remember_former, rewrite_closure,
};
use super::regions::picture_objects_insertion;
use super::schema::{FormerNames, ObjectParents, Objects, PastRegions, PictureObjects, ProjectObjects, Regions};
use crate::model::{AuditAction, Object};
use sea_query::{Cond, Expr, ExprTrait, IntoColumnRef, IntoIden, IntoTableRef, OnConflict, Query};

/// Makes `name` and `into` one object, which keeps the name, description and parents of `into`, and gives it. Regions, their
/// history and the children of `name` become those of `into`, and its parents, too, where it was a parent itself; the name
/// goes on leading there.
///
/// Where `into` is below one of those children, the merge would close a cycle, and is refused. With `only_own`, it is also
/// refused where anybody but this user has drawn regions that show `name`, now or in an earlier state.
///
/// Whoever needs the right of an administrator for it is named in the audit log.
pub async fn merge(db: &Db, name: &str, into: &str, only_own: Option<i64>, actor: Actor) -> Result<Object> {
    let kept = db
        .write(|mut tx| async move {
            lock_graph(&mut tx).await?;
            let (gone, kept) = (id_of(&mut tx, name).await?, id_of(&mut tx, into).await?);
            if gone == kept {
                return Err(StoreError::field("into", "is the same object"));
            }
            // Whoever saves regions of this object at the same moment comes either before all of this, or after it.
            let mut lock = Query::select().column(Objects::Name).from(Objects::Table).to_owned();
            lock.and_where(Expr::col(Objects::Id).eq(gone));
            let row = tx.optional::<(String,)>(lock.lock_exclusive()).await?;
            let (old_name,) = row.ok_or_else(|| StoreError::NotFound(format!("there is no object `{name}`")))?;
            if let Some(user) = only_own
                && is_drawn_by_others(&mut tx, gone, user).await?
            {
                let message = format!(
                    "others have drawn regions that show `{old_name}`, so that only an administrator can merge it"
                );
                return Err(StoreError::Conflict(message));
            }
            note(&mut tx, gone, &old_name, into, actor).await?;
            move_edges(&mut tx, gone, kept).await?;
            count_together(&mut tx, gone, kept).await?;
            merge_in_projects(&mut tx, gone, kept).await?;
            repoint(&mut tx, Regions::Table, Regions::Object, gone, kept).await?;
            repoint(&mut tx, PastRegions::Table, PastRegions::Object, gone, kept).await?;
            repoint(&mut tx, FormerNames::Table, FormerNames::Object, gone, kept).await?;
            remember_former(&mut tx, kept, &old_name).await?;
            // Edges, closure and counts that still name it go with it.
            let delete =
                Query::delete().from_table(Objects::Table).and_where(Expr::col(Objects::Id).eq(gone)).to_owned();
            tx.execute(&delete).await?;
            tx.commit(kept).await
        })
        .await?;
    let name = names_by_id(&mut &*db, &[kept]).await?.remove(&kept);
    get(db, name.as_deref().unwrap_or(into)).await
}

/// Writes the merge down where it takes the right of an administrator: somebody else has registered the object or drawn it.
async fn note(tx: &mut Tx, gone: i64, name: &str, into: &str, actor: Actor) -> Result<()> {
    let author = author_by_id(tx, gone).await?;
    let (action, subject, details) = (AuditAction::ObjectMerged, format!("object {name}"), format!("into {into}"));
    match actor.user.filter(|user| author == Some(*user)) {
        None => record_if_anothers(tx, actor, author, action, &subject, &details).await,
        Some(user) if is_drawn_by_others(tx, gone, user).await? => record(tx, actor, action, &subject, &details).await,
        Some(_) => Ok(()),
    }
}

/// Whether anybody else has drawn regions that show an object, now or in an earlier state.
async fn is_drawn_by_others(tx: &mut Tx, object: i64, user: i64) -> Result<bool> {
    let now = Query::select()
        .expr(Expr::cust("CAST(1 AS BIGINT)"))
        .from(Regions::Table)
        .and_where(Expr::col(Regions::Object).eq(object))
        .and_where(Expr::col(Regions::Author).ne(user))
        .limit(1)
        .to_owned();
    let then = Query::select()
        .expr(Expr::cust("CAST(1 AS BIGINT)"))
        .from(PastRegions::Table)
        .and_where(Expr::col(PastRegions::Object).eq(object))
        .and_where(Expr::col(PastRegions::Author).ne(user))
        .limit(1)
        .to_owned();
    Ok(tx.optional::<(i64,)>(&now).await?.is_some() || tx.optional::<(i64,)>(&then).await?.is_some())
}

/// Gives the children of one object to the other, and writes the closure anew where it changes.
async fn move_edges(tx: &mut Tx, gone: i64, kept: i64) -> Result<()> {
    let before = load_graph(tx).await?;
    let children: Vec<i64> = before.children(gone).into_iter().filter(|child| *child != kept).collect();
    // A child that is above the object that stays would come to lie below it as well.
    if let Some(way) = children.iter().find_map(|child| before.path_up(kept, *child)) {
        let names = names_by_id(tx, &way).await?;
        let around = way.iter().chain(way.first()).filter_map(|id| names.get(id).cloned());
        return Err(StoreError::Cycle(around.collect()));
    }
    let mut edges: Vec<(i64, i64)> = children.into_iter().map(|child| (child, kept)).collect();
    // Without its parent, an object would hang in the air.
    if before.parents(kept).contains(&gone) {
        edges.extend(before.parents(gone).into_iter().map(|parent| (kept, parent)));
    }
    add_edges(tx, &edges).await?;
    let mut below = before.descendants(gone);
    below.remove(&gone);
    let delete = Query::delete()
        .from_table(ObjectParents::Table)
        .cond_where(
            Cond::any().add(Expr::col(ObjectParents::Child).eq(gone)).add(Expr::col(ObjectParents::Parent).eq(gone)),
        )
        .to_owned();
    tx.execute(&delete).await?;
    let after = load_graph(tx).await?;
    rewrite_closure(tx, &after, &below, "into").await
}

/// A picture that shows both objects shows the one that stays as often as both together.
async fn count_together(tx: &mut Tx, gone: i64, kept: i64) -> Result<()> {
    let of_gone = Query::select()
        .columns([PictureObjects::Picture, PictureObjects::Count])
        .from(PictureObjects::Table)
        .and_where(Expr::col(PictureObjects::Object).eq(gone))
        .to_owned();
    let rows = tx.all::<(i64, i64)>(&of_gone).await?;
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let shown = chunk.iter().map(|(picture, count)| (kept, *picture, *count));
        let mut insert = picture_objects_insertion(shown);
        let sum = Expr::cust("picture_objects.count + excluded.count");
        let both = OnConflict::columns([PictureObjects::Object, PictureObjects::Picture])
            .value(PictureObjects::Count, sum)
            .to_owned();
        tx.execute(insert.on_conflict(both)).await?;
    }
    Ok(())
}

/// Projects that ask for the one object ask for the other. What asks for both goes with the one.
async fn merge_in_projects(tx: &mut Tx, gone: i64, kept: i64) -> Result<()> {
    let both = Query::select()
        .column(ProjectObjects::Project)
        .from(ProjectObjects::Table)
        .and_where(Expr::col(ProjectObjects::Object).eq(kept))
        .to_owned();
    let update = Query::update()
        .table(ProjectObjects::Table)
        .value(ProjectObjects::Object, kept)
        .and_where(Expr::col(ProjectObjects::Object).eq(gone))
        .and_where(Expr::col(ProjectObjects::Project).not_in_subquery(both))
        .to_owned();
    tx.execute(&update).await.map(drop)
}

/// Lets every row that refers to one object refer to the other.
async fn repoint<T>(tx: &mut Tx, table: T, column: T, gone: i64, kept: i64) -> Result<()>
where
    T: Copy + IntoColumnRef + IntoIden + IntoTableRef,
{
    let update = Query::update().table(table).value(column, kept).and_where(Expr::col(column).eq(gone)).to_owned();
    tx.execute(&update).await.map(drop)
}
