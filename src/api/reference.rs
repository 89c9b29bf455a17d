//! Reference data: licences and natures. Everybody may read them, administrators may add and change them.

// A form's fields are the function's arguments.
#![allow(clippy::too_many_arguments)]

use crate::model::{AppError, Counted, Licence, LicenceChange, Nature};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// Every licence, pinned ones first.
#[server(prefix = "/fn", endpoint = "licences", input = Json)]
pub async fn licences() -> Result<Vec<Licence>, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::licences::list(&context.state.db).await?)
}

/// Every licence with the number of its pictures, pinned ones first.
#[server(prefix = "/fn", endpoint = "counted_licences", input = Json)]
pub async fn counted_licences() -> Result<Vec<Counted<Licence>>, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::licences::counted(&context.state.db).await?)
}

/// One licence with the number of its pictures.
#[server(name = GetLicence, prefix = "/fn", endpoint = "licence", input = Json)]
pub async fn licence(id: String) -> Result<Counted<Licence>, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::licences::get_counted(&context.state.db, &id).await?)
}

/// Adds a licence.
#[server(prefix = "/fn", endpoint = "create_licence", input = Json)]
pub async fn create_licence(licence: Licence) -> Result<Licence, AppError> {
    let context = crate::server::context::current()?;
    let actor = crate::server::context::actor(&context.administrator()?);
    let errors = crate::model::licence::check_licence(&licence);
    if !errors.is_empty() {
        return Err(AppError::fields(errors));
    }
    crate::server::store::licences::insert(&context.state.db, &licence, actor).await?;
    Ok(licence)
}

/// Changes a licence; what is absent stays. Its id never changes.
#[server(prefix = "/fn", endpoint = "update_licence", input = Json)]
pub async fn update_licence(id: String, change: LicenceChange) -> Result<Counted<Licence>, AppError> {
    let context = crate::server::context::current()?;
    let actor = crate::server::context::actor(&context.administrator()?);
    let errors = crate::model::licence::check_licence_change(&change);
    if !errors.is_empty() {
        return Err(AppError::fields(errors));
    }
    let db = &context.state.db;
    crate::server::store::licences::update(db, &id, &change, actor).await?;
    Ok(crate::server::store::licences::get_counted(db, &id).await?)
}

/// Every nature.
#[server(prefix = "/fn", endpoint = "natures", input = Json)]
pub async fn natures() -> Result<Vec<Nature>, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::natures::list(&context.state.db).await?)
}

/// Every nature with the number of its pictures.
#[server(prefix = "/fn", endpoint = "counted_natures", input = Json)]
pub async fn counted_natures() -> Result<Vec<Counted<Nature>>, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::natures::counted(&context.state.db).await?)
}

/// One nature with the number of its pictures.
#[server(name = GetNature, prefix = "/fn", endpoint = "nature", input = Json)]
pub async fn nature(id: String) -> Result<Counted<Nature>, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::natures::get_counted(&context.state.db, &id).await?)
}

/// Adds a nature.
#[server(prefix = "/fn", endpoint = "create_nature", input = Json)]
pub async fn create_nature(nature: Nature) -> Result<Nature, AppError> {
    let context = crate::server::context::current()?;
    let actor = crate::server::context::actor(&context.administrator()?);
    let errors = crate::model::nature::check_nature(&nature);
    if !errors.is_empty() {
        return Err(AppError::fields(errors));
    }
    crate::server::store::natures::insert(&context.state.db, &nature, actor).await?;
    Ok(nature)
}

/// Changes what a nature means. Its id never changes.
#[server(prefix = "/fn", endpoint = "update_nature", input = Json)]
pub async fn update_nature(id: String, description: String) -> Result<Counted<Nature>, AppError> {
    let context = crate::server::context::current()?;
    let actor = crate::server::context::actor(&context.administrator()?);
    let errors = crate::model::nature::check_description(&description);
    if !errors.is_empty() {
        return Err(AppError::fields(errors));
    }
    let db = &context.state.db;
    crate::server::store::natures::update(db, &id, &description, actor).await?;
    Ok(crate::server::store::natures::get_counted(db, &id).await?)
}

/// Adds a licence from a form that works without JavaScript.
#[server(prefix = "/fn", endpoint = "new_licence")]
pub async fn new_licence(
    id: String,
    title: String,
    #[server(default)] description: String,
    #[server(default)] info_url: String,
    #[server(default)] legalese_url: String,
    #[server(default)] logo_url: String,
    #[server(default)] free: bool,
    #[server(default)] pinned: bool,
) -> Result<Licence, AppError> {
    let licence = Licence {
        id: id.trim().to_owned(),
        title: title.trim().to_owned(),
        description: description.trim().to_owned(),
        info_url: address(&info_url),
        legalese_url: address(&legalese_url),
        free,
        pinned,
        logo_url: address(&logo_url),
    };
    let licence = create_licence(licence).await.map_err(taken)?;
    leptos_axum::redirect(&format!("/licence/{}", crate::model::text::path_segment(&licence.id)));
    Ok(licence)
}

/// Changes a licence from a form that works without JavaScript. What is as the form began, a [`LicenceChange`] in `before`,
/// stays as it is by now.
#[server(prefix = "/fn", endpoint = "edit_licence")]
pub async fn edit_licence(
    id: String,
    title: String,
    #[server(default)] description: String,
    #[server(default)] info_url: String,
    #[server(default)] legalese_url: String,
    #[server(default)] logo_url: String,
    #[server(default)] free: bool,
    #[server(default)] pinned: bool,
    #[server(default)] before: String,
) -> Result<(), AppError> {
    use super::changed;
    use crate::model::picture::tidy;
    let before: LicenceChange = super::began_with(&before)?.unwrap_or_default();
    let change = LicenceChange {
        title: changed(title.trim().to_owned(), before.title),
        description: changed(tidy(&description), before.description.as_deref().map(tidy)),
        info_url: changed(address(&info_url), before.info_url),
        legalese_url: changed(address(&legalese_url), before.legalese_url),
        free: changed(free, before.free),
        pinned: changed(pinned, before.pinned),
        logo_url: changed(address(&logo_url), before.logo_url),
    };
    let path = format!("/licence/{}", crate::model::text::path_segment(&id));
    update_licence(id, change).await?;
    leptos_axum::redirect(&path);
    Ok(())
}

/// Adds a nature from a form that works without JavaScript.
#[server(prefix = "/fn", endpoint = "new_nature")]
pub async fn new_nature(id: String, description: String) -> Result<Nature, AppError> {
    let nature = Nature { id: id.trim().to_owned(), description: description.trim().to_owned() };
    let nature = create_nature(nature).await.map_err(taken)?;
    leptos_axum::redirect(&format!("/nature/{}", crate::model::text::path_segment(&nature.id)));
    Ok(nature)
}

/// Changes what a nature means from a form that works without JavaScript.
#[server(prefix = "/fn", endpoint = "edit_nature")]
pub async fn edit_nature(id: String, description: String) -> Result<(), AppError> {
    let path = format!("/nature/{}", crate::model::text::path_segment(&id));
    update_nature(id, description.trim().to_owned()).await?;
    leptos_axum::redirect(&path);
    Ok(())
}

/// An address as a form sends it: nothing where its field is empty.
#[cfg(feature = "ssr")]
fn address(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// An id that is taken, as an error of its field.
#[cfg(feature = "ssr")]
fn taken(error: AppError) -> AppError {
    match error {
        AppError::Conflict(message) => AppError::field("id", message),
        other => other,
    }
}
