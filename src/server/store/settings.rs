//! Values that every server of the site must agree on, and answered challenges of the registration form.

use super::db::{Db, Result};
use super::error::StoreError;
use super::schema::{Settings, UsedChallenges};
use sea_query::{Expr, ExprTrait, OnConflict, Query};

/// The value of this name. Where there is none yet, `proposal` becomes it; of several servers that propose at once, one
/// wins, and all get the winner's.
pub async fn get_or_insert(db: &Db, name: &str, proposal: &str) -> Result<String> {
    let select = Query::select()
        .column(Settings::Value)
        .from(Settings::Table)
        .and_where(Expr::col(Settings::Name).eq(name))
        .to_owned();
    if let Some((value,)) = db.optional::<(String,)>(&select).await? {
        return Ok(value);
    }
    let insert = Query::insert()
        .into_table(Settings::Table)
        .columns([Settings::Name, Settings::Value])
        .values_panic([name.into(), proposal.into()])
        .on_conflict(OnConflict::column(Settings::Name).do_nothing().to_owned())
        .to_owned();
    db.execute(&insert).await?;
    let row = db.optional::<(String,)>(&select).await?;
    row.map(|(value,)| value).ok_or_else(|| StoreError::corrupt("a setting vanished"))
}

/// Remembers that a challenge was answered, and forgets those that have expired by `now`. False if it was answered
/// before.
pub async fn use_challenge(db: &Db, nonce: &str, expires_at: i64, now: i64) -> Result<bool> {
    let expired = Query::delete()
        .from_table(UsedChallenges::Table)
        .and_where(Expr::col(UsedChallenges::ExpiresAt).lte(now))
        .to_owned();
    db.execute(&expired).await?;
    let insert = Query::insert()
        .into_table(UsedChallenges::Table)
        .columns([UsedChallenges::Nonce, UsedChallenges::ExpiresAt])
        .values_panic([nonce.into(), expires_at.into()])
        .on_conflict(OnConflict::column(UsedChallenges::Nonce).do_nothing().to_owned())
        .to_owned();
    Ok(db.execute(&insert).await? == 1)
}
