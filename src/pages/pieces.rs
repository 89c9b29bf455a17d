//! In which piece of the front end each page comes.
//!
//! The WebAssembly is cut in pieces, so that nobody waits for an editor to look at a list. What every page needs and the query
//! page are the first piece; each function here that is marked `wasm_split` begins another, which the browser fetches when it
//! goes there. On the server there are no pieces, and these are plain calls.

use super::account::{AccountPage, ClosePage, PasswordPage, TokenPage};
use super::administration::log::LogPage;
use super::administration::reset_link::ResetLinkPage;
use super::administration::user::AdministrationUserPage;
use super::administration::users::AdministrationPage;
use super::annotate::AnnotatePage;
use super::contributions::ContributionsPage;
use super::dataset::{DatasetPage, fetch_upload_piece};
use super::datasets::DatasetsPage;
use super::export::ExportPage;
use super::first_account::FirstAccountPage;
use super::galleries::GalleriesPage;
use super::gallery::GalleryPage;
use super::help::HelpPage;
use super::home::HomePage;
use super::import::ImportPage;
use super::import_objects::ImportObjectsPage;
use super::job::JobPage;
use super::jobs::JobsPage;
use super::licence::LicencePage;
use super::licences::LicencesPage;
use super::login::LoginPage;
use super::namespace::NamespacePage;
use super::namespaces::NamespacesPage;
use super::nature::NaturePage;
use super::natures::NaturesPage;
use super::new_dataset::NewDatasetPage;
use super::new_gallery::NewGalleryPage;
use super::new_namespace::NewNamespacePage;
use super::new_project::NewProjectPage;
use super::new_storage_site::NewStorageSitePage;
use super::object::ObjectPage;
use super::objects::ObjectsPage;
use super::picture::PicturePage;
use super::project::ProjectPage;
use super::projects::ProjectsPage;
use super::query::QueryPage;
use super::register::RegisterPage;
use super::replace::ReplacePage;
use super::reset::ResetPage;
use super::saved_queries::SavedQueriesPage;
use super::slideshow::{EmbedPage, SlideshowPage};
use super::storage_site::StorageSitePage;
use super::storage_sites::StorageSitesPage;
use super::upload::UploadPage;
use super::user::UserPage;
use crate::ui::first_page::is_taken_over;
use crate::ui::parameters::parameter;
use crate::ui::query_address::{QueryAddress, View};
use crate::ui::query_statistics::fetch_plots_piece;
use crate::ui::wait::wait;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_router::ChooseView;
use leptos_router::hooks::{use_location, use_url};
use std::time::Duration;

/// A page, as the table of routes names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Place {
    Account,
    AccountClose,
    AccountPassword,
    AccountToken,
    Administration,
    AdministrationLog,
    AdministrationResetLink,
    AdministrationUser,
    Annotate,
    Contributions,
    Dataset,
    Datasets,
    Embed,
    Export,
    FirstAccount,
    Galleries,
    Gallery,
    Help,
    Home,
    Import,
    ImportObjects,
    Job,
    Jobs,
    Licence,
    Licences,
    Login,
    Namespace,
    Namespaces,
    Nature,
    Natures,
    NewDataset,
    NewGallery,
    NewNamespace,
    NewProject,
    NewStorageSite,
    Object,
    Objects,
    Picture,
    Project,
    Projects,
    Query,
    Register,
    Replace,
    Reset,
    SavedQueries,
    Slideshow,
    StorageSite,
    StorageSites,
    Upload,
    User,
}

/// A piece could not be fetched: the connection is broken, or the site has been built anew since this page was loaded.
struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

#[wasm_split(annotate, wasm_split_path = ::leptos::wasm_split, fallible)]
fn annotate_piece() -> Result<AnyView, Missing> {
    Ok(AnnotatePage().into_any())
}

#[wasm_split(upload, wasm_split_path = ::leptos::wasm_split, fallible)]
fn upload_piece(place: Place) -> Result<AnyView, Missing> {
    // Both send files.
    Ok(if place == Place::Replace { ReplacePage().into_any() } else { UploadPage().into_any() })
}

#[wasm_split(places, wasm_split_path = ::leptos::wasm_split, fallible)]
fn places_piece(place: Place) -> Result<AnyView, Missing> {
    Ok(match place {
        Place::Account => AccountPage().into_any(),
        Place::AccountClose => ClosePage().into_any(),
        Place::AccountPassword => PasswordPage().into_any(),
        Place::AccountToken => TokenPage().into_any(),
        Place::Contributions => ContributionsPage().into_any(),
        Place::Dataset => DatasetPage().into_any(),
        Place::Datasets => DatasetsPage().into_any(),
        Place::Administration => AdministrationPage().into_any(),
        Place::AdministrationLog => LogPage().into_any(),
        Place::AdministrationResetLink => ResetLinkPage().into_any(),
        Place::AdministrationUser => AdministrationUserPage().into_any(),
        Place::Embed => EmbedPage().into_any(),
        Place::FirstAccount => FirstAccountPage().into_any(),
        Place::Galleries => GalleriesPage().into_any(),
        Place::Gallery => GalleryPage().into_any(),
        Place::Help => HelpPage().into_any(),
        Place::Home => HomePage().into_any(),
        Place::Export => ExportPage().into_any(),
        Place::Import => ImportPage().into_any(),
        Place::Job => JobPage().into_any(),
        Place::Jobs => JobsPage().into_any(),
        Place::ImportObjects => ImportObjectsPage().into_any(),
        Place::Licence => LicencePage().into_any(),
        Place::Licences => LicencesPage().into_any(),
        Place::Login => LoginPage().into_any(),
        Place::Namespace => NamespacePage().into_any(),
        Place::Namespaces => NamespacesPage().into_any(),
        Place::NewStorageSite => NewStorageSitePage().into_any(),
        Place::StorageSite => StorageSitePage().into_any(),
        Place::StorageSites => StorageSitesPage().into_any(),
        Place::Nature => NaturePage().into_any(),
        Place::Natures => NaturesPage().into_any(),
        Place::NewDataset => NewDatasetPage().into_any(),
        Place::NewGallery => NewGalleryPage().into_any(),
        Place::NewNamespace => NewNamespacePage().into_any(),
        Place::Object => ObjectPage().into_any(),
        Place::Objects => ObjectsPage().into_any(),
        Place::NewProject => NewProjectPage().into_any(),
        Place::Project => ProjectPage().into_any(),
        Place::Projects => ProjectsPage().into_any(),
        Place::Picture => PicturePage().into_any(),
        Place::Register => RegisterPage().into_any(),
        Place::Reset => ResetPage().into_any(),
        Place::SavedQueries => SavedQueriesPage().into_any(),
        Place::Slideshow => SlideshowPage().into_any(),
        Place::User => UserPage().into_any(),
        // These have pieces of their own.
        Place::Annotate | Place::Query | Place::Replace | Place::Upload => ().into_any(),
    })
}

async fn view(place: Place) -> Result<AnyView, Missing> {
    match place {
        Place::Query => {
            let shown = use_url().with_untracked(|url| QueryAddress::read(url.search()).view);
            if shown == View::Statistics {
                fetch_plots_piece().await?;
            }
            Ok(QueryPage().into_any())
        }
        Place::Annotate => annotate_piece().await,
        Place::Replace | Place::Upload => upload_piece(place).await,
        Place::Dataset => {
            let shown = use_url().with_untracked(|url| parameter(url.search(), "view"));
            match shown.as_deref() {
                Some("upload") => fetch_upload_piece().await?,
                Some("statistics") => fetch_plots_piece().await?,
                _ => {}
            }
            places_piece(place).await
        }
        place => places_piece(place).await,
    }
}

impl ChooseView for Place {
    async fn choose(self) -> AnyView {
        let (url, location) = (use_url(), use_location());
        let mut pause = Duration::from_secs(1);
        loop {
            if let Ok(view) = view(self).await {
                return view;
            }
            // Who came here by a link gets the whole page from the server, as it is there now. Who opened this page reads what
            // the server has rendered, until the piece comes.
            let here = url.with_untracked(|url| (url.path().to_owned(), url.search().to_owned()));
            // Who has gone elsewhere meanwhile is not pulled away from there; the router drops what is given back here.
            if location.pathname.get_untracked() != here.0 {
                return ().into_any();
            }
            if is_taken_over() && window().navigator().on_line() {
                let (path, search) = here;
                let address = if search.is_empty() { path } else { format!("{path}?{search}") };
                // The page ends here, unless it asks first and is told to stay.
                if window().location().assign(&address).is_ok() {
                    pause = Duration::from_secs(60);
                }
            }
            wait(pause).await;
            pause = (pause * 2).min(Duration::from_secs(60));
        }
    }

    async fn preload(&self) {}
}
