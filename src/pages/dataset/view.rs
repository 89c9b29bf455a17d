//! What the address of a dataset's page asks for, and fetching that.

use super::file::FileView;
use super::upload::UploadStart;
use super::{commit, file, files, history, query_of};
use crate::api::accounts::site_state;
use crate::api::datasets::{dataset_detail, dataset_members};
use crate::api::namespaces::namespace_members;
use crate::api::queries::{query_cards, query_statistics};
use crate::api::set_page_status;
use crate::api::storage_sites::usable_storage_sites;
use crate::api::versions::{
    compare_dataset_states, dataset_commit, dataset_commits, dataset_file_history, dataset_folder, dataset_readme,
    dataset_versions, find_dataset_file,
};
use crate::model::dataset::is_reserved;
use crate::model::folder::read_folder;
use crate::model::version::BRANCH;
use crate::model::{
    AppError, Commit, CommitDetail, Comparison, DatasetDetail, FolderList, Membership, Page, PictureCard, Role,
    VersionTag,
};
use crate::ui::parameters::{use_offset, use_parameter};
use crate::ui::query_statistics::Answer;
use futures::join;
use leptos::prelude::*;

/// So many members are shown at once.
const MEMBERS: i64 = 100;

/// What the page shows of the dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum View {
    #[default]
    Pictures,
    Files,
    File,
    History,
    Commit,
    Compare,
    Statistics,
    Members,
    Settings,
    Upload,
}

impl View {
    fn read(word: &str) -> Self {
        match word {
            "files" => Self::Files,
            "file" => Self::File,
            "history" => Self::History,
            "commit" => Self::Commit,
            "compare" => Self::Compare,
            "statistics" => Self::Statistics,
            "members" => Self::Members,
            "settings" => Self::Settings,
            "upload" => Self::Upload,
            _ => Self::Pictures,
        }
    }
}

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Wanted {
    /// The namespace.
    pub namespace: String,
    /// The dataset.
    pub name: String,
    /// What is shown of it.
    pub view: View,
    /// How many entries of the list come before those that are shown.
    pub offset: i64,
    /// The folder or file.
    pub path: String,
    /// The state, or the second of two: a tag or commit, or nothing for the newest one.
    pub reference: String,
    /// The first of two states.
    pub from: String,
    /// What is searched for among the files.
    pub find: String,
    /// Whether pictures have previews among the files.
    pub previews: bool,
    /// The commit of an upload that has led here.
    pub uploaded: String,
}

/// What stands behind the path of the page.
pub(super) fn use_asked() -> Memo<Wanted> {
    let (view, offset, path) = (use_parameter("view"), use_offset(), use_parameter("path"));
    let (state, to, from) = (use_parameter("ref"), use_parameter("to"), use_parameter("from"));
    let (find, previews, uploaded) = (use_parameter("find"), use_parameter("previews"), use_parameter("uploaded"));
    Memo::new(move |_| {
        let view = view.with(|word| View::read(word));
        Wanted {
            view,
            offset: offset.get(),
            path: path.get(),
            reference: newest_is_empty(if view == View::Compare { to.get() } else { state.get() }),
            from: newest_is_empty(from.get()),
            find: find.with(|find| find.trim().to_owned()),
            previews: previews.with(|word| word != "off"),
            uploaded: uploaded.get(),
            ..Wanted::default()
        }
    })
}

/// The newest state has no name here.
fn newest_is_empty(reference: String) -> String {
    if reference == BRANCH { String::new() } else { reference }
}

/// What the view needs.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) enum Part {
    Pictures(Page<PictureCard>, Option<String>),
    Files(FolderList, Vec<String>, Option<String>),
    File(FileView),
    History(Page<Commit>, Vec<VersionTag>),
    Commit(CommitDetail),
    Compare(Comparison, Vec<VersionTag>),
    /// The page is of use without them, too.
    Statistics(Answer),
    /// Those of the dataset, and those of its namespace where the viewer may know them.
    Members(Page<Membership>, Option<Page<Membership>>),
    /// The storage sites that the viewer may choose, where that is still possible.
    Settings(Vec<String>),
    /// Nothing for those who may not change files.
    Upload(Option<UploadStart>),
}

async fn versions(dataset: i64) -> Result<Vec<VersionTag>, AppError> {
    Ok(dataset_versions(dataset, None, Some(history::VERSIONS)).await?.items)
}

/// The dataset and what the address asks for. Nothing where that is an address of the site itself that leads nowhere.
pub(super) async fn load(wanted: Wanted) -> Result<Option<(DatasetDetail, Wanted, Part)>, AppError> {
    if is_reserved(&wanted.namespace) {
        return Ok(None);
    }
    let detail = dataset_detail(wanted.namespace.clone(), wanted.name.clone()).await?;
    let part = part(&detail, &wanted).await?;
    Ok(Some((detail, wanted, part)))
}

async fn part(detail: &DatasetDetail, wanted: &Wanted) -> Result<Part, AppError> {
    let id = detail.dataset.id;
    let state = Some(wanted.reference.clone()).filter(|reference| !reference.is_empty());
    let (offset, path) = (Some(wanted.offset), wanted.path.clone());
    Ok(match wanted.view {
        View::Files => {
            let find = Some(wanted.find.clone());
            let readme = async {
                match wanted.find.is_empty() && wanted.offset == 0 {
                    true => dataset_readme(id, state.clone(), path.clone()).await,
                    false => Ok(None),
                }
            };
            let list = dataset_folder(id, state.clone(), Some(path.clone()), find, offset, Some(files::ENTRIES));
            let (list, readme, names) = join!(list, readme, versions(id));
            let names = names?.into_iter().map(|version| version.name).collect();
            match list {
                Err(error @ AppError::NotFound(_)) if !wanted.path.is_empty() => {
                    // The state may lack the folder, which the page then says.
                    let root = dataset_folder(id, state.clone(), None, None, None, Some(1)).await?;
                    set_page_status(&error);
                    let folder = format!("{}/", wanted.path.trim_end_matches('/'));
                    let list = FolderList { folder, total: 0, folders: Vec::new(), files: Vec::new(), ..root };
                    Part::Files(list, names, None)
                }
                list => Part::Files(list?, names, readme?),
            }
        }
        View::File => {
            let found = find_dataset_file(id, state.clone(), path.clone());
            let history = dataset_file_history(id, state.clone(), path.clone(), offset, Some(file::COMMITS));
            let (found, history) = join!(found, history);
            let (commit, file) = found?;
            Part::File(FileView { commit, file, history: history? })
        }
        View::History => {
            let (commits, versions) =
                join!(dataset_commits(id, None, None, offset, Some(history::COMMITS)), versions(id));
            Part::History(commits?, versions?)
        }
        View::Commit => {
            let reference = state.ok_or_else(|| AppError::NotFound("the address names no commit".to_owned()))?;
            Part::Commit(dataset_commit(id, reference, offset, Some(commit::FILES)).await?)
        }
        View::Compare => {
            let compared = compare_dataset_states(id, wanted.from.clone(), state, offset, Some(commit::FILES));
            let (compared, versions) = join!(compared, versions(id));
            Part::Compare(compared?, versions?)
        }
        View::Statistics => {
            let answer = query_statistics(query_of(detail).query).await;
            Part::Statistics(answer.inspect_err(set_page_status))
        }
        View::Members => {
            let around = namespace_members(wanted.namespace.clone(), None, Some(MEMBERS));
            let (members, around) = join!(dataset_members(id, offset, Some(MEMBERS)), around);
            let around = match around {
                Err(AppError::Forbidden(_)) => None,
                around => Some(around?),
            };
            Part::Members(members?, around)
        }
        View::Upload if detail.dataset.role >= Some(Role::Writer) => {
            let site = site_state().await?;
            let (limit_bytes, picture_limit_bytes) = (site.file_limit_bytes, site.upload_limit_bytes);
            let (folder, fault) = match read_folder("path", &wanted.path) {
                Ok(folder) => (folder, None),
                Err(error) => (wanted.path.clone(), Some(error.message)),
            };
            Part::Upload(Some(UploadStart { folder, fault, limit_bytes, picture_limit_bytes }))
        }
        View::Upload => Part::Upload(None),
        View::Settings if detail.dataset.role >= Some(Role::Maintainer) => {
            let dataset = &detail.dataset;
            let is_open = dataset.storage_site.is_none() && dataset.files == 0 && dataset.pictures == 0;
            Part::Settings(if is_open { usable_storage_sites().await? } else { Vec::new() })
        }
        View::Pictures | View::Settings => {
            let query = query_of(detail).query;
            let pictures = query_cards(query, None, None, offset, Some(crate::pages::PICTURES));
            let readme = async {
                match wanted.offset {
                    0 => dataset_readme(id, None, String::new()).await,
                    _ => Ok(None),
                }
            };
            let (pictures, readme) = join!(pictures, readme);
            Part::Pictures(pictures?, readme?)
        }
    })
}
