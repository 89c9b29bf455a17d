//! Changes to many pictures at once: all or nothing.

use crate::model::AppError;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// Gives pictures of the viewer's the same licences, the same nature, or both. What is absent stays.
#[server(prefix = "/fn", endpoint = "update_pictures", input = Json)]
pub async fn update_pictures(
    ids: Vec<i64>,
    licences: Option<Vec<String>>,
    nature: Option<String>,
) -> Result<(), AppError> {
    use crate::model::PictureChange;
    use crate::server::store::picture_changes::update_many;
    let (context, account) = own(&ids).await?;
    let mut change = PictureChange { licence_ids: licences, nature_id: nature, ..PictureChange::default() };
    AppError::refuse(change.check())?;
    let actor = crate::server::context::actor(&account);
    Ok(update_many(&context.state.db, &ids, &change, actor).await?)
}

/// Deletes pictures of the viewer's.
#[server(prefix = "/fn", endpoint = "delete_pictures", input = Json)]
pub async fn delete_pictures(ids: Vec<i64>) -> Result<(), AppError> {
    let (context, account) = own(&ids).await?;
    crate::server::versions::pictures::delete(&context, &account, &ids).await
}

/// The context of a viewer who may change all of these pictures, being who posted them or an administrator; and who that is.
#[cfg(feature = "ssr")]
async fn own(ids: &[i64]) -> Result<(crate::server::context::RequestContext, crate::model::Account), AppError> {
    const MOST: usize = 1000;
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    if ids.is_empty() || ids.len() > MOST {
        return Err(AppError::field("picture_ids", format!("must name 1 to {MOST} pictures")));
    }
    let db = &context.state.db;
    for owner in crate::server::store::pictures::owners_of(db, &context.viewer, ids).await? {
        if !crate::server::store::access::may_write(&mut &*db, &account, owner).await? {
            let message = "only who posted a picture may do this, or a writer of its dataset, and some are not yours";
            return Err(AppError::Forbidden(message.to_owned()));
        }
    }
    Ok((context, account))
}
