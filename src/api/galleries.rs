//! Galleries: picked sets of pictures, ordered by hand.
//!
//! The mutating functions that forms call are URL-encoded, so that they work without JavaScript.

use crate::model::{AppError, Gallery, GalleryName, GallerySummary, Page, Picture, PictureCard, Slide};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the list of galleries, of all or of one owner's, maybe of those that a text finds, newest first.
#[server(prefix = "/fn", endpoint = "galleries", input = Json)]
pub async fn galleries(
    owner: Option<String>,
    search: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<GallerySummary>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::galleries::list(&context.state.db, owner.as_deref(), search.as_deref(), page).await?)
}

/// One gallery.
#[server(name = GetGallery, prefix = "/fn", endpoint = "gallery", input = Json)]
pub async fn gallery(id: i64) -> Result<Gallery, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::galleries::get(&context.state.db, id).await?)
}

/// A part of a gallery's pictures, in the order that was made by hand.
#[server(prefix = "/fn", endpoint = "gallery_pictures", input = Json)]
pub async fn gallery_pictures(id: i64, offset: Option<i64>, limit: Option<i64>) -> Result<Page<Picture>, AppError> {
    let (context, found) = part(id, offset, limit).await?;
    super::whole_pictures(&context, found).await
}

/// The same for a page that shows cards.
#[server(prefix = "/fn", endpoint = "gallery_cards", input = Json)]
pub async fn gallery_cards(id: i64, offset: Option<i64>, limit: Option<i64>) -> Result<Page<PictureCard>, AppError> {
    let (context, found) = part(id, offset, limit).await?;
    super::cards(&context, found).await
}

/// One picture of a gallery with its neighbours; the first one unless `picture` names another.
#[server(name = GetSlide, prefix = "/fn", endpoint = "slide", input = Json)]
pub async fn slide(id: i64, picture: Option<i64>) -> Result<Slide, AppError> {
    use crate::server::store;
    let context = crate::server::context::current()?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    let gallery = store::galleries::get(db, id).await?;
    let standing = store::galleries::standing(db, viewer, id, picture).await?;
    let wanted: Vec<i64> = [standing.previous, standing.picture, standing.next].into_iter().flatten().collect();
    let cards = store::pictures::cards(db, viewer, &wanted, &context.state.urls).await?;
    let mut pictures: Vec<Picture> = cards.into_iter().map(|card| card.picture).collect();
    let mut take = |id: Option<i64>| {
        let at = pictures.iter().position(|picture| Some(picture.id) == id)?;
        Some(pictures.swap_remove(at))
    };
    Ok(Slide {
        gallery: crate::model::GalleryName { id, title: gallery.title },
        previous: take(standing.previous),
        picture: take(standing.picture),
        next: take(standing.next),
        index: standing.index,
        total: standing.total,
        first: standing.first,
        last: standing.last,
    })
}

/// The address under which other sites may show a gallery in a frame.
#[server(prefix = "/fn", endpoint = "gallery_embed_url", input = Json)]
pub async fn gallery_embed_url(id: i64) -> Result<String, AppError> {
    let context = crate::server::context::current()?;
    Ok(format!("{}/embed/gallery/{id}", context.state.config.public_url))
}

/// The galleries that the viewer may put pictures into as their owner or trusted user, newest first.
#[server(prefix = "/fn", endpoint = "my_galleries", input = Json)]
pub async fn my_galleries() -> Result<Vec<GalleryName>, AppError> {
    let context = crate::server::context::current()?;
    match &context.viewer.account {
        Some(account) => Ok(crate::server::store::galleries::editable_by(&context.state.db, account).await?),
        None => Ok(Vec::new()),
    }
}

/// The galleries that a picture is in, newest first.
#[server(prefix = "/fn", endpoint = "galleries_of_picture", input = Json)]
pub async fn galleries_of_picture(picture: i64) -> Result<Vec<GalleryName>, AppError> {
    let context = crate::server::context::current()?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    Ok(crate::server::store::galleries::of_picture(db, viewer, picture).await?)
}

/// Makes a gallery, which the viewer then owns.
#[server(prefix = "/fn", endpoint = "create_gallery", input = Json)]
pub async fn create_gallery(title: String, description: String) -> Result<Gallery, AppError> {
    let context = crate::server::context::current()?;
    let owner = context.writer()?;
    check(Some(&title), Some(&description))?;
    let (db, now) = (&context.state.db, crate::server::context::now_s());
    let id = crate::server::store::galleries::insert(db, title.trim(), &description, owner.id, now).await?;
    Ok(crate::server::store::galleries::get(db, id).await?)
}

/// Makes a gallery from a form, and goes on to it.
#[server(prefix = "/fn", endpoint = "new_gallery")]
pub async fn new_gallery(title: String, #[server(default)] description: String) -> Result<Gallery, AppError> {
    let gallery = create_gallery(title, description).await?;
    leptos_axum::redirect(&format!("/gallery/{}", gallery.id));
    Ok(gallery)
}

/// Changes title and description; absent ones stay. What is as a form began, title and description in `before`, stays as it is
/// by now.
#[server(prefix = "/fn", endpoint = "edit_gallery")]
pub async fn edit_gallery(
    id: i64,
    title: Option<String>,
    description: Option<String>,
    #[server(default)] before: String,
) -> Result<Gallery, AppError> {
    use crate::model::picture::tidy;
    let (context, actor) = managed(id).await?;
    let before: Option<(String, String)> = super::began_with(&before)?;
    let unlike = |text: &String, begun: Option<&String>| begun.is_none_or(|begun| tidy(text) != tidy(begun));
    let title = title.filter(|text| unlike(text, before.as_ref().map(|(title, _)| title)));
    let description = description.filter(|text| unlike(text, before.as_ref().map(|(_, description)| description)));
    check(title.as_deref(), description.as_deref())?;
    let db = &context.state.db;
    crate::server::store::galleries::update(db, id, title.as_deref().map(str::trim), description.as_deref(), actor)
        .await?;
    Ok(crate::server::store::galleries::get(db, id).await?)
}

/// Deletes a gallery. Its pictures stay.
#[server(prefix = "/fn", endpoint = "delete_gallery", input = Json)]
pub async fn delete_gallery(id: i64) -> Result<(), AppError> {
    let (context, actor) = managed(id).await?;
    Ok(crate::server::store::galleries::delete(&context.state.db, id, actor).await?)
}

/// Deletes a gallery from a form, and goes on to the list of galleries.
#[server(prefix = "/fn", endpoint = "remove_gallery")]
pub async fn remove_gallery(id: i64) -> Result<(), AppError> {
    delete_gallery(id).await?;
    leptos_axum::redirect("/galleries");
    Ok(())
}

/// Lets a user add, remove and order pictures. Doing so again changes nothing.
#[server(prefix = "/fn", endpoint = "add_gallery_user")]
pub async fn add_gallery_user(id: i64, username: String) -> Result<Gallery, AppError> {
    let (context, actor) = managed(id).await?;
    let db = &context.state.db;
    crate::server::store::galleries::add_user(db, id, username.trim(), actor).await?;
    Ok(crate::server::store::galleries::get(db, id).await?)
}

/// Takes that right away. Doing so again changes nothing.
#[server(prefix = "/fn", endpoint = "remove_gallery_user")]
pub async fn remove_gallery_user(id: i64, username: String) -> Result<Gallery, AppError> {
    let (context, actor) = managed(id).await?;
    let db = &context.state.db;
    crate::server::store::galleries::remove_user(db, id, username.trim(), actor).await?;
    Ok(crate::server::store::galleries::get(db, id).await?)
}

/// Puts a picture at the end of a gallery. Doing so again changes nothing.
#[server(prefix = "/fn", endpoint = "add_to_gallery", input = Json)]
pub async fn add_to_gallery(id: i64, picture: i64) -> Result<Gallery, AppError> {
    let (context, actor) = edited(id).await?;
    let db = &context.state.db;
    crate::server::store::galleries::add_picture(db, &context.viewer, id, picture, actor).await?;
    Ok(crate::server::store::galleries::get(db, id).await?)
}

/// Puts pictures at the end of a gallery, all or none of them, and says how many were not in it before.
#[server(prefix = "/fn", endpoint = "add_many_to_gallery", input = Json)]
pub async fn add_many_to_gallery(id: i64, pictures: Vec<i64>) -> Result<i64, AppError> {
    let (context, actor) = edited(id).await?;
    check_number("picture_ids", i64::try_from(pictures.len()).unwrap_or(i64::MAX))?;
    let db = &context.state.db;
    Ok(crate::server::store::galleries::add_pictures(db, &context.viewer, id, &pictures, actor).await?)
}

/// Puts all pictures that a query finds at the end of a gallery, the newest first, and says how many were not in it before.
#[server(prefix = "/fn", endpoint = "add_query_to_gallery", input = Json)]
pub async fn add_query_to_gallery(id: i64, query: String) -> Result<i64, AppError> {
    let (context, actor) = edited(id).await?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    let all = crate::model::PageRequest { offset: 0, limit: crate::model::gallery::MAX_ADDED };
    let found = crate::server::search::find(db, viewer, &query, crate::model::Ordering::DateDesc, 0, all).await?;
    check_number("query", found.total)?;
    Ok(crate::server::store::galleries::add_pictures(db, viewer, id, &found.items, actor).await?)
}

/// Takes a picture out of a gallery. Doing so again changes nothing.
#[server(prefix = "/fn", endpoint = "remove_from_gallery")]
pub async fn remove_from_gallery(id: i64, picture: i64) -> Result<Gallery, AppError> {
    let (context, actor) = edited(id).await?;
    let db = &context.state.db;
    crate::server::store::galleries::remove_picture(db, id, picture, actor).await?;
    Ok(crate::server::store::galleries::get(db, id).await?)
}

/// Moves a picture to where `position` others come before it, or to the end where there are not so many.
#[server(prefix = "/fn", endpoint = "reorder_gallery")]
pub async fn reorder_gallery(id: i64, picture: i64, position: i64) -> Result<Gallery, AppError> {
    let (context, actor) = edited(id).await?;
    if position < 0 {
        return Err(AppError::field("position", "must not be negative"));
    }
    let db = &context.state.db;
    crate::server::store::galleries::move_picture(db, &context.viewer, id, picture, position, actor).await?;
    Ok(crate::server::store::galleries::get(db, id).await?)
}

/// Chooses the picture that stands for a gallery, one of its own; without one it is the first again.
#[server(prefix = "/fn", endpoint = "set_gallery_cover")]
pub async fn set_gallery_cover(id: i64, picture: Option<i64>) -> Result<Gallery, AppError> {
    let (context, actor) = edited(id).await?;
    let db = &context.state.db;
    crate::server::store::galleries::set_cover(db, &context.viewer, id, picture, actor).await?;
    Ok(crate::server::store::galleries::get(db, id).await?)
}

#[cfg(feature = "ssr")]
async fn part(
    id: i64,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<(crate::server::context::RequestContext, Page<i64>), AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    let found = crate::server::store::galleries::pictures(&context.state.db, &context.viewer, id, page).await?;
    Ok((context, found))
}

#[cfg(feature = "ssr")]
fn check(title: Option<&str>, description: Option<&str>) -> Result<(), AppError> {
    let errors = crate::model::gallery::check_gallery(title, description);
    if errors.is_empty() { Ok(()) } else { Err(AppError::fields(errors)) }
}

#[cfg(feature = "ssr")]
fn check_number(field: &str, pictures: i64) -> Result<(), AppError> {
    let most = crate::model::gallery::MAX_ADDED;
    if pictures > most {
        return Err(AppError::field(field, format!("names {pictures} pictures, but at most {most} are added at once")));
    }
    Ok(())
}

/// The context of a viewer who may change the gallery itself, and who that is for the audit log.
#[cfg(feature = "ssr")]
async fn managed(
    id: i64,
) -> Result<(crate::server::context::RequestContext, crate::server::store::audit::Actor), AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    if !crate::server::store::galleries::may_manage(&context.state.db, id, &account).await? {
        return Err(AppError::Forbidden("only the gallery's owner may do this".to_owned()));
    }
    let actor = crate::server::context::actor(&account);
    Ok((context, actor))
}

/// The same of a viewer who may add, remove and order the gallery's pictures.
#[cfg(feature = "ssr")]
async fn edited(
    id: i64,
) -> Result<(crate::server::context::RequestContext, crate::server::store::audit::Actor), AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    if !crate::server::store::galleries::may_edit(&context.state.db, id, &account).await? {
        return Err(AppError::Forbidden("only the gallery's owner and trusted users may do this".to_owned()));
    }
    let actor = crate::server::context::actor(&account);
    Ok((context, actor))
}
