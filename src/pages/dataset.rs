//! `/<namespace>/<name>`: one dataset: what it is, its pictures, files and history, its members, and for those who may, its settings.

mod chosen;
mod commit;
mod downloads;
mod file;
mod files;
mod history;
mod scene;
mod settings;
mod state;
mod statistics;
mod upload;
mod view;

use super::datasets::{Tags, dataset_href};
use super::namespaces::namespace_href;
use super::picture_list::PictureList;
use super::storage_sites::site_href;
use crate::api::datasets::{EditDataset, GiveDatasetRole, RemoveDataset, TakeDatasetRole};
use crate::api::storage_sites::PickStorageSite;
use crate::api::version_forms::{NameVersion, RevertCommit};
use crate::model::text::path_segment;
use crate::model::{Account, Dataset, DatasetDetail, DatasetFile, FolderList, Membership, Page, PictureCard, Role};
use crate::ui::error_view::NotFoundPage;
use crate::ui::form_error::{clear_refusal, is_ending, on_success, successes};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::members::{Inherited, MemberRights, Members};
use crate::ui::notice::{Notice, Tone};
use crate::ui::pagination::Pagination;
use crate::ui::parameters::use_here;
use crate::ui::query_address::QueryAddress;
use crate::ui::queue_address::QueueAddress;
use crate::ui::search_field::use_typed;
use crate::ui::session::use_session;
use crate::ui::tabs::{Tab, Tabs};
use crate::ui::text::{bytes, count, query_for, sentence};
use crate::ui::time::Date;
use crate::ui::toast::use_toasts;
use crate::ui::visibility::VisibilityBadge;
use commit::{CommitPage, ComparePage};
use downloads::Downloads;
use file::{Changing, FilePage, FileView};
use files::{Files, Readme};
use history::HistoryPage;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use scene::{Scene, called, title_of};
use settings::Settings;
use statistics::Plots;
use std::sync::Arc;
pub use upload::fetch_piece as fetch_upload_piece;
use upload::{Missing, UploadStart, upload_piece};
use view::{Part, View, Wanted, load, use_asked};

/// The query that finds the dataset's pictures.
fn query_of(detail: &DatasetDetail) -> QueryAddress {
    QueryAddress { query: query_for("in_dataset", &detail.dataset.full_name()), ..QueryAddress::default() }
}

/// What one can do to the dataset.
#[derive(Clone, Copy)]
struct Managing {
    edit: ServerAction<EditDataset>,
    choose: ServerAction<PickStorageSite>,
    remove: ServerAction<RemoveDataset>,
    give: ServerAction<GiveDatasetRole>,
    take: ServerAction<TakeDatasetRole>,
    files: Changing,
    revert: ServerAction<RevertCommit>,
    name: ServerAction<NameVersion>,
}

impl Managing {
    fn new() -> Self {
        Self {
            edit: ServerAction::new(),
            choose: ServerAction::new(),
            remove: ServerAction::new(),
            give: ServerAction::new(),
            take: ServerAction::new(),
            files: Changing {
                rename: ServerAction::new(),
                gather: ServerAction::new(),
                delete: ServerAction::new(),
                restore: ServerAction::new(),
            },
            revert: ServerAction::new(),
            name: ServerAction::new(),
        }
    }

    /// Says what has been done.
    fn announce(self) {
        let toasts = use_toasts();
        let say = move |words: &'static str| move || toasts.show(Tone::Success, words);
        on_success(self.edit, say("The dataset is changed."));
        on_success(self.choose, say("The storage site is chosen."));
        on_success(self.give, say("The role is given."));
        on_success(self.take, say("The role is taken back."));
        on_success(self.files.rename, say("The file has a new path."));
        on_success(self.files.gather, say("Moved."));
        on_success(self.files.delete, say("Deleted. The history brings the files back."));
        on_success(self.files.restore, say("The file is as it was."));
        on_success(self.revert, say("The commit is undone."));
        on_success(self.name, say("The version has its name."));
    }

    /// Forgets what was refused as soon as the address asks for something else: the actions outlive the views. Later, with the next
    /// view, would be too late: then the one before is still there, and what its notices look at is not.
    fn forget_when_leaving(self, asked: Memo<Wanted>) {
        Effect::new(move |before: Option<()>| {
            asked.track();
            if before.is_some() {
                clear_refusal(self.choose);
                clear_refusal(self.files.rename);
                clear_refusal(self.files.gather);
                clear_refusal(self.files.delete);
                clear_refusal(self.files.restore);
                clear_refusal(self.revert);
                clear_refusal(self.name);
            }
        });
    }

    /// How often something has changed that the views show. A dataset that has got another name is fetched from its new address, to
    /// which the form leads; `stays` says whether this is still that of the dataset. A file or folder that is gone is no more to be
    /// fetched, either; `is_shown` says whether the folder to which the form leads is what is shown already.
    fn changes(
        self,
        stays: impl Fn(&str) -> bool + Send + Sync + 'static,
        is_shown: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Signal<usize> {
        let edited = successes(self.edit, move |dataset| stays(&dataset.name));
        let chosen = successes(self.choose, |_| true);
        let (given, taken) = (successes(self.give, |()| true), successes(self.take, |sees| *sees));
        let (restored, reverted) = (successes(self.files.restore, |_| true), successes(self.revert, |_| true));
        let named = successes(self.name, |_| true);
        let deleted = successes(self.files.delete, move |folder| is_shown(folder));
        let all = [edited, chosen, given, taken, restored, reverted, named, deleted];
        Signal::derive(move || all.iter().map(|times| times.get()).sum())
    }

    /// Whether the dataset is gone, or for the viewer.
    fn is_ending(self) -> bool {
        is_ending(self.remove, |()| true) || is_ending(self.take, |sees| !sees)
    }
}

/// How much there is.
#[component]
fn Numbers(detail: DatasetDetail) -> impl IntoView {
    let pictures = count(detail.dataset.pictures, "picture", "pictures");
    let mut words = Vec::new();
    match detail.numbers {
        Some(numbers) => {
            words.push(match numbers.replaced {
                0 => pictures,
                replaced => format!("{pictures}, {replaced} of them replaced"),
            });
            words.push(count(numbers.regions, "region", "regions"));
            words.push(count(numbers.objects, "object", "objects"));
            words.push(match detail.dataset.files {
                0 => format!("{} of files", bytes(numbers.size_bytes as f64)),
                files => format!("{} with {}", count(files, "file", "files"), bytes(detail.dataset.bytes as f64)),
            });
        }
        None => words.push(pictures),
    }
    let items = words.into_iter().map(|words| view! { <li>{words}</li> }).collect_view();
    let site = detail.dataset.storage_site.map(|site| match (site.id, site.name) {
        (Some(id), Some(name)) => view! { <li>"files at " <a href=site_href(id)>{name}</a></li> }.into_any(),
        _ => view! { <li>"files at a storage site that you may not read"</li> }.into_any(),
    });
    view! {
        <ul class="cluster muted dataset-numbers" aria-label="How much there is">
            {items}
            {site}
            <li>"made on " <Date unix=detail.dataset.created /></li>
        </ul>
    }
}

/// What the dataset is, and what can be done with it. Among its files there is another button to upload, which knows the folder.
#[component]
fn Head(detail: DatasetDetail, member: bool, among_files: bool) -> impl IntoView {
    let dataset = detail.dataset.clone();
    let query = query_of(&detail);
    let uploads = dataset.role >= Some(Role::Writer) && !among_files;
    let whole = (dataset.files > 0).then(|| Scene {
        dataset: Arc::new(dataset.clone()),
        site: detail.site.as_str().into(),
        reference: String::new(),
        previews: true,
    });
    let upload = format!("/upload?dataset={}", path_segment(&dataset.full_name()));
    let projects = format!("/projects?dataset={}", dataset.id);
    let start = format!("/projects/new?dataset={}", path_segment(&dataset.full_name()));
    let import = format!("/import?dataset={}", path_segment(&dataset.full_name()));
    let imports = (dataset.role >= Some(Role::Annotator)).then(|| {
        view! {
            <a class="nav-link" href=import>
                "Import"
            </a>
        }
    });
    let starts = (dataset.role >= Some(Role::Maintainer) && dataset.pictures > 0).then(|| {
        view! {
            <a class="nav-link" href=start>
                "Start a project"
            </a>
        }
    });
    let role = dataset.role.filter(|_| member).map(|role| format!(" Your role is {}.", role.as_str()));
    view! {
        <div class="page-head">
            <div class="stack">
                <p class="crumb">
                    <a href="/datasets">"Datasets"</a> " / "
                    <a href=namespace_href(&dataset.namespace)>{dataset.namespace.clone()}</a>
                </p>
                <h1>{dataset.name.clone()}</h1>
                <p class="cluster">
                    <VisibilityBadge visibility=dataset.visibility />
                    <span>{sentence(dataset.visibility.meaning())} {role}</span>
                </p>
                {(!dataset.tags.is_empty()).then(|| view! { <Tags tags=dataset.tags.clone() /> })}
                <Numbers detail=detail />
            </div>
            <div class="cluster dataset-actions">
                {uploads
                    .then(|| {
                        view! {
                            <a class="button" href=upload>
                                <Icon glyph=Glyph::Upload />
                                "Upload"
                            </a>
                        }
                    })}
                {whole.map(|scene| view! { <Downloads scene=scene folder=String::new() id="download-all" /> })}
                <details class="menu">
                    <summary class="button">
                        "More"
                        <Icon glyph=Glyph::Down />
                    </summary>
                    <div class="menu-panel">
                        <a class="nav-link" href=query.href()>
                            "Query these pictures"
                        </a>
                        {imports}
                        <a class="nav-link" href=projects>
                            "Projects"
                        </a>
                        {starts}
                    </div>
                </details>
            </div>
        </div>
    }
}

/// The description and the pictures.
#[component]
fn Overview(detail: DatasetDetail, pictures: Page<PictureCard>, readme: Option<String>) -> impl IntoView {
    let base = format!("{}?offset=", dataset_href(&detail.dataset));
    let row = QueueAddress::Query(query_of(&detail));
    let empty = match detail.dataset.role >= Some(Role::Writer) {
        true => "Nothing has been uploaded into this dataset yet.",
        false => "Nobody has put pictures into this dataset yet.",
    };
    let list = match detail.dataset.role >= Some(Role::Annotator) {
        true => view! { <PictureList pictures=pictures base=base row=row empty=empty /> }.into_any(),
        false => view! { <PictureList pictures=pictures base=base empty=empty /> }.into_any(),
    };
    let description = (!detail.description_html.is_empty()).then(|| {
        view! {
            <section class="prose dataset-description" aria-label="Description" inner_html=detail.description_html></section>
        }
    });
    view! {
        {description}
        {list}
        <Readme html=readme />
    }
}

#[component]
fn MemberView(
    detail: DatasetDetail,
    members: Page<Membership>,
    around: Option<Page<Membership>>,
    account: Option<Account>,
    managing: Managing,
) -> impl IntoView {
    let Page { items, total, offset, limit } = members;
    let rights =
        MemberRights { role: detail.dataset.role, username: account.map(|account| account.username), fixed: None };
    let base = format!("{}?view=members&offset=", dataset_href(&detail.dataset));
    let namespace = detail.namespace.name.clone();
    let href = format!("{}?view=members", namespace_href(&namespace));
    let around = match around {
        Some(members) => view! { <Inherited href=href namespace=namespace members=members /> }.into_any(),
        None => view! {
            <p class="muted">
                {format!(
                    "Besides these, the members of {namespace} have their roles here, too; only they may know who they are. Of two \
                     roles the higher one counts.",
                )}
            </p>
        }
        .into_any(),
    };
    view! {
        <div class="settings">
            <h2 class="visually-hidden">"Members"</h2>
            <Members
                of=detail.dataset.id.to_string()
                members=items
                rights=rights
                give=managing.give
                take=managing.take
            />
            <Pagination total=total offset=offset limit=limit base=base />
            {around}
        </div>
    }
}

/// Bringing files in, for those who may.
#[component]
fn Uploading(scene: Scene, start: Option<UploadStart>, user: String) -> impl IntoView {
    let Some(start) = start else {
        let next = path_segment(&use_here().get_untracked());
        let words = match user.is_empty() {
            true => {
                view! { <a href=format!("/login?next={next}")>"Sign in"</a> " as somebody who may change files here." }
            }
            false => {
                view! { "Only those with the role of a writer change files here. " <a href=scene.view("members", &[])>"Members"</a> }
            }
        };
        return view! { <Notice><p>{words}</p></Notice> }.into_any();
    };
    Suspend::new(async move {
        match upload_piece(scene, start, user).await {
            Ok(view) => view,
            Err(Missing) => {
                view! { <Notice tone=Tone::Danger><p>"The view could not be loaded. Reload the page."</p></Notice> }
                    .into_any()
            }
        }
    })
    .into_any()
}

/// The view itself.
#[component]
fn Body(
    detail: DatasetDetail,
    wanted: Wanted,
    part: Part,
    account: Option<Account>,
    managing: Managing,
    typed: RwSignal<String>,
) -> impl IntoView {
    let Wanted { reference, from, find, previews, offset, uploaded, .. } = wanted;
    let site = detail.site.as_str().into();
    let scene = Scene { dataset: Arc::new(detail.dataset.clone()), site, reference, previews };
    match part {
        Part::Pictures(pictures, readme) => {
            view! { <Overview detail=detail pictures=pictures readme=readme /> }.into_any()
        }
        Part::Files(list, versions, readme) => view! {
            <Files
                scene=scene
                list=list
                find=find
                uploaded=uploaded
                typed=typed
                versions=versions
                readme=readme
                changing=managing.files
            />
        }
        .into_any(),
        Part::File(shown) => view! { <FilePage scene=scene shown=shown changing=managing.files /> }.into_any(),
        Part::History(commits, versions) => {
            view! { <HistoryPage scene=scene commits=commits versions=versions name=managing.name /> }.into_any()
        }
        Part::Commit(commit) => view! {
            <CommitPage scene=scene detail=commit offset=offset revert=managing.revert name=managing.name />
        }
        .into_any(),
        Part::Compare(comparison, versions) => view! {
            <ComparePage scene=scene from=from comparison=comparison versions=versions offset=offset />
        }
        .into_any(),
        Part::Statistics(answer) => view! { <Plots detail=detail answer=answer /> }.into_any(),
        Part::Members(members, around) => {
            view! { <MemberView detail=detail members=members around=around account=account managing=managing /> }
                .into_any()
        }
        Part::Settings(sites) => view! {
            <Settings detail=detail sites=sites edit=managing.edit choose=managing.choose remove=managing.remove />
        }
        .into_any(),
        Part::Upload(start) => {
            let user = account.map(|account| account.username).unwrap_or_default();
            view! { <Uploading scene=scene.at("") start=start user=user /> }.into_any()
        }
    }
}

/// What tabs and bookmarks call the page.
fn title(dataset: &Dataset, wanted: &Wanted, part: &Part) -> String {
    let name = dataset.full_name();
    match part {
        Part::Pictures(..) => name,
        Part::Files(list, ..) if list.folder.is_empty() => format!("Files of {name}"),
        Part::Files(FolderList { folder: path, .. }, ..)
        | Part::File(FileView { file: DatasetFile { path, .. }, .. }) => {
            format!("{path} of {name}")
        }
        Part::History(..) => format!("History of {name}"),
        Part::Commit(detail) => format!("{} · {name}", title_of(&detail.commit.message)),
        Part::Compare(..) => {
            let called = |state: &str| if state.is_empty() { "newest state".to_owned() } else { called(state) };
            format!("{} to {} of {name}", called(&wanted.from), called(&wanted.reference))
        }
        Part::Statistics(_) => format!("Statistics of {name}"),
        Part::Members(..) => format!("Members of {name}"),
        Part::Settings(_) => format!("Settings of {name}"),
        Part::Upload(Some(UploadStart { folder, .. })) if !folder.is_empty() => {
            format!("Upload into {folder} of {name}")
        }
        Part::Upload(_) => format!("Upload into {name}"),
    }
}

#[component]
fn Content(
    detail: DatasetDetail,
    wanted: Wanted,
    part: Part,
    account: Option<Account>,
    managing: Managing,
    typed: RwSignal<String>,
) -> impl IntoView {
    let href = dataset_href(&detail.dataset);
    let of = |view: &str| format!("{href}?view={view}");
    let is = |view: bool| Signal::stored(view);
    let files = matches!(part, Part::Files(..) | Part::File(_) | Part::Upload(_));
    let history = matches!(part, Part::History(..) | Part::Commit(_) | Part::Compare(..));
    let mut tabs = vec![
        Tab::fixed(href.clone(), "Pictures", is(matches!(part, Part::Pictures(..)))),
        Tab::fixed(of("files"), "Files", is(files)),
        Tab::fixed(of("history"), "History", is(history)),
        Tab::fixed(of("statistics"), "Statistics", is(matches!(part, Part::Statistics(_)))),
        Tab::fixed(of("members"), "Members", is(matches!(part, Part::Members(..)))),
    ];
    if detail.dataset.role >= Some(Role::Maintainer) {
        tabs.push(Tab::fixed(of("settings"), "Settings", is(matches!(part, Part::Settings(_)))));
    }
    let member = account.is_some();
    view! {
        <Title text=title(&detail.dataset, &wanted, &part) />
        <div class="page">
            <Head detail=detail.clone() member=member among_files=files />
            <div class="stack">
                <Tabs label="Views" tabs=tabs />
                <Body detail=detail wanted=wanted part=part account=account managing=managing typed=typed />
            </div>
        </div>
    }
}

/// The page of one dataset.
#[component]
pub fn DatasetPage() -> impl IntoView {
    let (params, asked) = (use_params_map(), use_asked());
    let (session, typed) = (use_session(), use_typed("find"));
    let managing = Managing::new();
    managing.announce();
    managing.forget_when_leaving(asked);
    let named = move |part: &'static str| params.with(|params| params.get(part).unwrap_or_default());
    let changes = managing.changes(
        move |name| params.with_untracked(|params| params.get_str("name") == Some(name)),
        move |folder| {
            asked.with_untracked(|asked| {
                asked.view == View::Files && asked.path.trim_end_matches('/') == folder.trim_end_matches('/')
            })
        },
    );
    let wanted = Memo::new(move |before: Option<&(Wanted, (usize, u32))>| {
        if let (true, Some(before)) = (managing.is_ending(), before) {
            return before.clone();
        }
        let wanted = Wanted { namespace: named("namespace"), name: named("name"), ..asked.get() };
        (wanted, (changes.get(), session.changes.get()))
    });
    let loaded = Resource::new_blocking(move || wanted.get(), |(wanted, _)| load(wanted));
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match (loaded.await, session.account.await) {
                    (Ok(Some((detail, wanted, part))), account) => {
                        let account = account.ok().flatten();
                        view! {
                            <Content
                                detail=detail
                                wanted=wanted
                                part=part
                                account=account
                                managing=managing
                                typed=typed
                            />
                        }
                            .into_any()
                    }
                    (Ok(None), _) => view! { <NotFoundPage /> }.into_any(),
                    (Err(error), _) => failed(error),
                }
            })}
        </Transition>
    }
}
