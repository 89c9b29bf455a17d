//! The index of what titles and descriptions have in them. Triggers keep it (`0010_search_texts.sql`); here it is compared with the
//! pictures.

use super::db::{Db, Engine, Result};
use super::error::StoreError;
use super::schema::{PictureTexts, Pictures};
use sea_query::{Expr, ExprTrait, Func, JoinType, OnConflict, Query};

/// What SQLite says of an index that is not whole (`SQLITE_CORRUPT`), or does not agree with its table (`SQLITE_CORRUPT_VTAB`).
const CORRUPT: [&str; 2] = ["11", "267"];

/// FTS5 takes commands as rows.
fn command(command: &str, rank: Option<i64>) -> sea_query::InsertStatement {
    Query::insert()
        .into_table(PictureTexts::Table)
        .columns([PictureTexts::Table, PictureTexts::Rank])
        .values_panic([command.into(), rank.into()])
        .to_owned()
}

/// Whether the index agrees with the pictures. While SQLite looks, nobody can write: a command of FTS5 is a change to it.
pub async fn is_whole(db: &Db) -> Result<bool> {
    if db.engine() == Engine::Sqlite {
        // With this rank, the index is compared with the pictures.
        return match db.execute(&command("integrity-check", Some(1))).await {
            Ok(_) => Ok(true),
            Err(StoreError::Database(sqlx::Error::Database(error)))
                if error.code().is_some_and(|code| CORRUPT.contains(&code.as_ref())) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        };
    }
    let (picture, text) = (|column| (Pictures::Table, column), |column| (PictureTexts::Table, column));
    let differs = |ours, theirs| Expr::col(text(ours)).ne(Expr::col(picture(theirs)));
    let statement = Query::select()
        .expr(Func::count(Expr::col(picture(Pictures::Id))))
        .from(Pictures::Table)
        .join(
            JoinType::LeftJoin,
            PictureTexts::Table,
            Expr::col(text(PictureTexts::Picture)).equals(picture(Pictures::Id)),
        )
        .and_where(
            Expr::col(text(PictureTexts::Picture))
                .is_null()
                .or(differs(PictureTexts::TitleFolded, Pictures::TitleFolded))
                .or(differs(PictureTexts::DescriptionFolded, Pictures::DescriptionFolded)),
        )
        .to_owned();
    Ok(db.scalar::<i64>(&statement).await? == 0)
}

/// Makes the index anew from the pictures. With SQLite, nobody can write meanwhile.
pub async fn rebuild(db: &Db) -> Result<()> {
    if db.engine() == Engine::Sqlite {
        return db.execute(&command("rebuild", None)).await.map(drop);
    }
    // Texts of pictures that have gone went with them. Others may be written at the same time.
    let mut all = Query::select();
    all.columns([Pictures::Id, Pictures::TitleFolded, Pictures::DescriptionFolded]).from(Pictures::Table);
    let texts = [PictureTexts::TitleFolded, PictureTexts::DescriptionFolded];
    let mut fill = Query::insert();
    fill.into_table(PictureTexts::Table)
        .columns([PictureTexts::Picture, PictureTexts::TitleFolded, PictureTexts::DescriptionFolded])
        .on_conflict(OnConflict::column(PictureTexts::Picture).update_columns(texts).to_owned());
    // As many columns as there are values.
    fill.select_from(all).map_err(|error| StoreError::corrupt(error.to_string()))?;
    db.execute(&fill).await.map(drop)
}
