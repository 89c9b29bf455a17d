//! Who may do what with what belongs to somebody.

use super::context::RequestContext;
use super::store;
use crate::model::{Account, AppError};

/// The viewer's account, if it may change, replace and delete the picture: it is the author's or an administrator's. The
/// refusal says what was to be done, such as "delete it".
pub async fn must_own_picture(context: &RequestContext, picture: i64, what: &str) -> Result<Account, AppError> {
    let account = context.writer()?;
    let is_own = store::pictures::author_of(&context.state.db, &context.viewer, picture).await? == account.id;
    if is_own || account.admin {
        Ok(account)
    } else {
        Err(AppError::Forbidden(format!("only the author of picture {picture} or an administrator may {what}")))
    }
}
