//! One-time links: a secret in an address that opens one page once.

use super::tokens::{hash_token, new_token};
use crate::server::store::links::{self, Link};
use crate::server::store::{Db, Result};

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To make the first account of a site, an administrator's.
    FirstAccount,
    /// To give an account another password.
    PasswordReset,
}

impl Purpose {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::FirstAccount => "first-account",
            Purpose::PasswordReset => "password-reset",
        }
    }
}

/// Makes a link that works for `lifetime_s` seconds and gives its secret, which cannot be read again later.
pub async fn issue(db: &Db, purpose: Purpose, user: Option<i64>, lifetime_s: i64, now: i64) -> Result<String> {
    let token = new_token();
    links::create(db, purpose.as_str(), user, &hash_token(&token), now + lifetime_s, now).await?;
    Ok(token)
}

/// Uses a link up. Nothing if there is no such link, or it has expired or was used before.
pub async fn redeem(db: &Db, purpose: Purpose, token: &str, now: i64) -> Result<Option<Link>> {
    links::take(db, purpose.as_str(), &hash_token(token), now).await
}

/// Looks at a link without using it up.
pub async fn peek(db: &Db, purpose: Purpose, token: &str, now: i64) -> Result<Option<Link>> {
    links::peek(db, purpose.as_str(), &hash_token(token), now).await
}

/// Makes every link for a purpose useless.
pub async fn revoke_all(db: &Db, purpose: Purpose) -> Result<()> {
    links::delete_all(db, purpose.as_str()).await
}
