//! Additional fields of pictures.

use super::db::{ROWS_PER_STATEMENT, Result, Source, Tx, VALUES_PER_LIST};
use super::error::StoreError;
use super::schema::PictureFields;
use crate::model::FieldValue;
use crate::model::field::{FieldChanges, MAX_FIELDS, PictureField, field_key};
use crate::model::text::fold;
use sea_query::{Expr, ExprTrait, InsertStatement, Order, Query};
use std::collections::HashMap;

/// So many characters of a text are in the index.
pub const INDEXED_CHARS: usize = 300;

/// The fields of each of these pictures, by name.
pub(super) async fn of_pictures(tx: &mut Tx, pictures: &[i64]) -> Result<HashMap<i64, Vec<PictureField>>> {
    let mut found: HashMap<i64, Vec<PictureField>> = HashMap::new();
    for part in pictures.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .columns([PictureFields::Picture, PictureFields::Name, PictureFields::Kind, PictureFields::Value])
            .from(PictureFields::Table)
            .and_where(Expr::col(PictureFields::Picture).is_in(part.iter().copied()))
            .order_by(PictureFields::Picture, Order::Asc)
            .order_by(PictureFields::Key, Order::Asc)
            .to_owned();
        for (picture, name, kind, value) in tx.all::<(i64, String, String, String)>(&statement).await? {
            let value = FieldValue::read(&kind, &value)
                .ok_or_else(|| StoreError::corrupt(format!("the field {name} of picture {picture} is no {kind}")))?;
            found.entry(picture).or_default().push(PictureField { name, value });
        }
    }
    Ok(found)
}

/// Inserts the fields of pictures that have none of these names, by the number of their picture.
pub(super) fn insertions<'f>(fields: impl Iterator<Item = (i64, &'f PictureField)>) -> Vec<InsertStatement> {
    let fields: Vec<_> = fields.collect();
    let insertion = |chunk: &[(i64, &PictureField)]| {
        let mut insert = Query::insert();
        insert.into_table(PictureFields::Table).columns([
            PictureFields::Picture,
            PictureFields::Key,
            PictureFields::Name,
            PictureFields::Kind,
            PictureFields::Value,
            PictureFields::Folded,
            PictureFields::Start,
            PictureFields::Number,
        ]);
        for (picture, PictureField { name, value }) in chunk {
            let text = value.text();
            let folded = fold(&text);
            let start: String = folded.chars().take(INDEXED_CHARS).collect();
            insert.values_panic([
                (*picture).into(),
                field_key(name).into(),
                name.as_str().into(),
                value.kind().into(),
                text.into(),
                folded.into(),
                start.into(),
                value.number().into(),
            ]);
        }
        insert
    };
    fields.chunks(ROWS_PER_STATEMENT).map(insertion).collect()
}

/// Gives a picture, which is locked, other fields; says whether anything is different then.
pub(super) async fn change(tx: &mut Tx, picture: i64, changes: &FieldChanges) -> Result<bool> {
    if changes.is_empty() {
        return Ok(false);
    }
    let before = of_pictures(tx, &[picture]).await?.remove(&picture).unwrap_or_default();
    let mut by_key: HashMap<String, &PictureField> =
        before.iter().map(|field| (field_key(&field.name), field)).collect();
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for (name, value) in changes {
        let key = field_key(name);
        let old = by_key.remove(&key);
        let wanted = value.as_ref().map(|value| PictureField { name: name.clone(), value: value.clone() });
        if old == wanted.as_ref() {
            continue;
        }
        gone.extend(old.map(|_| key));
        new.extend(wanted);
    }
    if before.len() - gone.len() + new.len() > MAX_FIELDS {
        let message = format!("are too many: a picture has at most {MAX_FIELDS} additional fields");
        return Err(StoreError::field("fields", message));
    }
    for part in gone.chunks(VALUES_PER_LIST) {
        let delete = Query::delete()
            .from_table(PictureFields::Table)
            .and_where(Expr::col(PictureFields::Picture).eq(picture))
            .and_where(Expr::col(PictureFields::Key).is_in(part.iter().map(String::as_str)))
            .to_owned();
        tx.execute(&delete).await?;
    }
    for insert in insertions(new.iter().map(|field| (picture, field))) {
        tx.execute(&insert).await?;
    }
    Ok(!(gone.is_empty() && new.is_empty()))
}
