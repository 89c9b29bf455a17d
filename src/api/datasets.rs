//! Datasets: named collections of pictures, and who has which role in them.
//!
//! The mutating functions that forms call are URL-encoded, so that they work without JavaScript.

use crate::model::{
    AppError, Dataset, DatasetCard, DatasetChange, DatasetDetail, DatasetFilter, DatasetNumbers, DatasetOrder,
    Membership, NewDataset, Page, Role, Visibility,
};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the datasets that the viewer may see.
#[server(prefix = "/fn", endpoint = "datasets", input = Json)]
pub async fn datasets(
    filter: DatasetFilter,
    order: DatasetOrder,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<Dataset>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::datasets::list(&context.state.db, &context.viewer, &filter, order, page).await?)
}

/// The same for a page that shows cards.
#[server(prefix = "/fn", endpoint = "dataset_cards", input = Json)]
pub async fn dataset_cards(
    filter: DatasetFilter,
    order: DatasetOrder,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<DatasetCard>, AppError> {
    const EXCERPT: usize = 240;
    let context = crate::server::context::current()?;
    let mut page = datasets(filter, order, offset, limit).await?;
    let ids: Vec<i64> = page.items.iter().map(|dataset| dataset.id).collect();
    let (db, viewer) = (&context.state.db, &context.viewer);
    let mut covers = crate::server::store::datasets::covers(db, viewer, &ids).await?;
    let card = |mut dataset: Dataset| {
        dataset.description = crate::server::markdown::excerpt(&dataset.description, EXCERPT);
        DatasetCard { covers: covers.remove(&dataset.id).unwrap_or_default(), dataset }
    };
    let cards = std::mem::take(&mut page.items).into_iter().map(card).collect();
    Ok(page.with(cards))
}

/// One dataset by its name, with all that its page shows of it.
#[server(name = GetDatasetDetail, prefix = "/fn", endpoint = "dataset_detail", input = Json)]
pub async fn dataset_detail(namespace: String, name: String) -> Result<DatasetDetail, AppError> {
    use crate::server::store;
    let context = crate::server::context::current()?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    let dataset = store::datasets::by_name(db, viewer, &namespace, &name).await?;
    // Without them the page is of use all the same.
    let numbers = match store::datasets::numbers(db, viewer, dataset.id).await {
        Err(store::StoreError::TimedOut | store::StoreError::Busy) => None,
        counted => Some(counted?),
    };
    Ok(DatasetDetail {
        namespace: store::namespaces::get(db, viewer, &namespace).await?,
        description_html: crate::server::markdown::to_html(&dataset.description),
        dataset,
        numbers,
        site: context.state.config.public_url.clone(),
    })
}

/// How much a dataset has.
#[server(name = GetDatasetNumbers, prefix = "/fn", endpoint = "dataset_numbers", input = Json)]
pub async fn dataset_numbers(id: i64) -> Result<DatasetNumbers, AppError> {
    use crate::server::store::datasets;
    let context = crate::server::context::current()?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    datasets::get(db, viewer, id).await?;
    Ok(datasets::numbers(db, viewer, id).await?)
}

/// One dataset.
#[server(name = GetDataset, prefix = "/fn", endpoint = "dataset", input = Json)]
pub async fn dataset(id: i64) -> Result<Dataset, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::datasets::get(&context.state.db, &context.viewer, id).await?)
}

/// One dataset by its name.
#[server(prefix = "/fn", endpoint = "dataset_by_name", input = Json)]
pub async fn dataset_by_name(namespace: String, name: String) -> Result<Dataset, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::datasets::by_name(&context.state.db, &context.viewer, &namespace, &name).await?)
}

/// Makes a dataset: maintainers of its namespace may.
#[server(prefix = "/fn", endpoint = "create_dataset", input = Json)]
pub async fn create_dataset(dataset: NewDataset) -> Result<Dataset, AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let mut dataset = dataset;
    AppError::refuse(dataset.check())?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    let id = crate::server::store::datasets::insert(db, viewer, &dataset, account.id, actor).await?;
    Ok(crate::server::store::datasets::get(db, viewer, id).await?)
}

/// Changes the settings of a dataset; absent ones stay.
#[server(prefix = "/fn", endpoint = "update_dataset", input = Json)]
pub async fn update_dataset(id: i64, change: DatasetChange) -> Result<Dataset, AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let mut change = change;
    AppError::refuse(change.check())?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    crate::server::store::datasets::update(db, viewer, id, &change, account.id, actor).await?;
    Ok(crate::server::store::datasets::get(db, viewer, id).await?)
}

/// Deletes a dataset with its pictures, files and history.
#[server(prefix = "/fn", endpoint = "delete_dataset", input = Json)]
pub async fn delete_dataset(id: i64) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    crate::server::versions::delete(&context, id).await
}

/// A part of the members of a dataset, the highest role first; those of its namespace are not among them.
#[server(prefix = "/fn", endpoint = "dataset_members", input = Json)]
pub async fn dataset_members(id: i64, offset: Option<i64>, limit: Option<i64>) -> Result<Page<Membership>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::datasets::members(&context.state.db, &context.viewer, id, page).await?)
}

/// Gives somebody a role in a dataset; without one they are taken out. Doing so again changes nothing.
#[server(prefix = "/fn", endpoint = "set_dataset_member", input = Json)]
pub async fn set_dataset_member(id: i64, username: String, role: Option<Role>) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    let username = username.trim();
    Ok(crate::server::store::datasets::set_member(db, viewer, id, username, role, account.id, actor).await?)
}

/// The tags that a form sends, separated by commas or line breaks.
#[cfg(feature = "ssr")]
fn tags_of(text: &str) -> Vec<String> {
    text.split([',', '\n', '\r']).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

#[cfg(feature = "ssr")]
fn address_of(dataset: &Dataset) -> String {
    format!("/{}", dataset.full_name())
}

/// Makes a dataset from a form, and goes on to it.
#[server(name = MakeDataset, prefix = "/fn", endpoint = "new_dataset")]
pub async fn new_dataset(
    namespace: String,
    name: String,
    #[server(default)] description: String,
    visibility: Visibility,
    #[server(default)] tags: String,
    #[server(default)] storage_site: String,
) -> Result<Dataset, AppError> {
    let (name, tags) = (name.trim().to_owned(), tags_of(&tags));
    let storage_site = Some(storage_site).filter(|name| !name.is_empty());
    let dataset = create_dataset(NewDataset { namespace, name, description, visibility, tags, storage_site }).await?;
    leptos_axum::redirect(&address_of(&dataset));
    Ok(dataset)
}

/// Changes the settings of a dataset from a form. What is as the form began, all of them in `before`, stays as it is by now. One
/// with another name has another address.
#[server(prefix = "/fn", endpoint = "edit_dataset")]
pub async fn edit_dataset(
    id: i64,
    name: String,
    #[server(default)] description: String,
    visibility: Visibility,
    #[server(default)] tags: String,
    #[server(default)] before: String,
) -> Result<Dataset, AppError> {
    use crate::model::picture::tidy;
    let before: Option<(String, String, Visibility, String)> = super::began_with(&before)?;
    let earlier = dataset(id).await?;
    let (begun_name, begun_description, begun_visibility, begun_tags) = match before {
        Some((name, description, visibility, tags)) => {
            (Some(name), Some(tidy(&description)), Some(visibility), Some(tags))
        }
        None => (None, None, None, None),
    };
    let change = DatasetChange {
        name: super::changed(name.trim().to_owned(), begun_name),
        description: super::changed(tidy(&description), begun_description),
        visibility: super::changed(visibility, begun_visibility),
        tags: super::changed(tags_of(&tags), begun_tags.as_deref().map(tags_of)),
    };
    let changed = update_dataset(id, change).await?;
    if changed.name != earlier.name {
        leptos_axum::redirect(&format!("{}?view=settings", address_of(&changed)));
    }
    Ok(changed)
}

/// Deletes a dataset with its pictures from a form, which says its name once more, and goes on to the list of datasets.
#[server(prefix = "/fn", endpoint = "remove_dataset")]
pub async fn remove_dataset(id: i64, #[server(default)] confirm: String) -> Result<(), AppError> {
    let dataset = dataset(id).await?;
    if ![dataset.name.clone(), dataset.full_name()].contains(&confirm.trim().to_owned()) {
        return Err(AppError::field("confirm", format!("must be the name of the dataset, `{}`", dataset.name)));
    }
    delete_dataset(id).await?;
    leptos_axum::redirect("/datasets");
    Ok(())
}

/// Gives somebody a role in a dataset, from a form.
#[server(prefix = "/fn", endpoint = "give_dataset_role")]
pub async fn give_dataset_role(of: i64, username: String, role: Role) -> Result<(), AppError> {
    set_dataset_member(of, username, Some(role)).await
}

/// Takes somebody out of a dataset, from a form, and says whether the viewer still sees it. Who does not goes on to the list of datasets.
#[server(prefix = "/fn", endpoint = "take_dataset_role")]
pub async fn take_dataset_role(of: i64, username: String) -> Result<bool, AppError> {
    set_dataset_member(of, username, None).await?;
    if matches!(dataset(of).await, Err(AppError::NotFound(_))) {
        leptos_axum::redirect("/datasets");
        return Ok(false);
    }
    Ok(true)
}
