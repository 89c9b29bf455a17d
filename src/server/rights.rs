//! Who may do what with what belongs to somebody.

use super::context::RequestContext;
use super::store;
use super::store::access::{may_write, not_a_writer};
use crate::model::{Account, AppError};

/// The viewer's account, if it may change, replace and delete the picture: in the commons it is the author's or an
/// administrator's, in a dataset a writer's. The refusal says what was to be done, such as "delete it".
pub async fn must_own_picture(context: &RequestContext, picture: i64, what: &str) -> Result<Account, AppError> {
    let account = context.writer()?;
    let db = &context.state.db;
    let owner = store::pictures::owner_of(db, &context.viewer, picture).await?;
    if may_write(&mut &*db, &account, owner).await? {
        return Ok(account);
    }
    Err(not_a_writer(picture, owner, what).into())
}
