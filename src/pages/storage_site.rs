//! `/storage-sites/<id>`: one storage site; for those who manage it, where it is, its test, its rights and its settings.

use crate::api::storage_sites::{
    EditStorageSite, GrantStorageSite, RemoveStorageSite, TakeStorageSiteGrant, TryStorageSite, storage_site,
    storage_site_grants,
};
use crate::model::storage_site::MAX_KEY;
use crate::model::text::path_segment;
use crate::model::{AppError, GrantedRight, SiteAccess, SiteKind, SitePlace, SiteTest, StorageSite, Visibility};
use crate::ui::field::{SelectField, TextArea, TextField};
use crate::ui::form::{Form, SubmitButton};
use crate::ui::form_error::{FormNotice, field_error, form_error, is_ending, on_success, successes};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::{Notice, Tone};
use crate::ui::table::Column::{Buttons, Number, Text};
use crate::ui::table::Table;
use crate::ui::text::{count, sentence};
use crate::ui::toast::use_toasts;
use crate::ui::visibility::{VisibilityBadge, VisibilityChoice};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// What one can do to the site.
#[derive(Clone, Copy)]
struct Managing {
    edit: ServerAction<EditStorageSite>,
    remove: ServerAction<RemoveStorageSite>,
    test: ServerAction<TryStorageSite>,
    grant: ServerAction<GrantStorageSite>,
    take: ServerAction<TakeStorageSiteGrant>,
}

async fn load(id: String) -> Result<(StorageSite, Vec<GrantedRight>), AppError> {
    let missing = || AppError::NotFound("there is no such storage site".to_owned());
    let id = id.parse().map_err(|_| missing())?;
    let site = storage_site(id).await?;
    let grants = match site.access {
        SiteAccess::Manage => storage_site_grants(id).await?,
        SiteAccess::Read | SiteAccess::Use => Vec::new(),
    };
    Ok((site, grants))
}

#[component]
fn Whereabouts(place: SitePlace) -> impl IntoView {
    let rows: Vec<(&str, String)> = match place {
        SitePlace::Folder { folder } => vec![("Folder", folder)],
        SitePlace::S3 { endpoint, region, bucket, prefix, path_style } => vec![
            ("Endpoint", endpoint),
            ("Region", region),
            ("Bucket", bucket),
            ("Prefix", if prefix.is_empty() { "none".to_owned() } else { prefix }),
            ("Bucket's name", if path_style { "in the path" } else { "in the host" }.to_owned()),
        ],
    };
    let rows = rows.into_iter().map(|(name, value)| {
        view! {
            <dt>{name}</dt>
            <dd>{value}</dd>
        }
    });
    view! {
        <section class="card" aria-labelledby="place">
            <h2 id="place">"Where it is"</h2>
            <dl class="facts">{rows.collect_view()}</dl>
        </section>
    }
}

#[component]
fn TestResult(test: SiteTest) -> impl IntoView {
    let (tone, words) = match test.ok {
        true => (Tone::Success, "The storage site works: something small was written, read and deleted."),
        false => (Tone::Danger, "The storage site does not work as it should."),
    };
    let rows = test.steps.into_iter().map(|step| {
        let name = match step.step.as_str() {
            "write" => "Write",
            "read" => "Read",
            _ => "Delete",
        };
        let outcome = step.error.map_or_else(|| "Works".to_owned(), |error| sentence(&error));
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td data-label="Result">{outcome}</td>
                <td class="number" data-label="Milliseconds">
                    {step.milliseconds}
                </td>
            </tr>
        }
    });
    view! {
        <Notice tone=tone>
            <p>{words}</p>
        </Notice>
        <Table label="Steps of the test" columns=&[Text("Step"), Text("Result"), Number("Milliseconds")]>
            {rows.collect_view()}
        </Table>
    }
}

#[component]
fn Test(id: i64, test: ServerAction<TryStorageSite>) -> impl IntoView {
    let value = test.value();
    view! {
        <section class="card stack" aria-labelledby="test">
            <h2 id="test">"Test"</h2>
            <Form action=test submit="Test the storage site" busy="Testing …" button="">
                <p class="muted">"Writes, reads and deletes something small."</p>
                <input type="hidden" name="id" value=id.to_string() />
            </Form>
            <div role="status">
                {move || match value.get() {
                    Some(Ok(result)) => Some(view! { <TestResult test=result /> }),
                    _ => None,
                }}
            </div>
        </section>
    }
}

#[component]
fn Grants(id: i64, grants: Vec<GrantedRight>, managing: Managing) -> impl IntoView {
    let (not_granted, not_taken) = (form_error(managing.grant), form_error(managing.take));
    let in_name = field_error(not_granted, "namespace");
    let other = Signal::derive(move || {
        let granted = not_granted.get().filter(|error| error.message_for("namespace").is_none());
        granted.or_else(|| not_taken.get()).map(|error| sentence(&error.to_string()))
    });
    let is_empty = grants.is_empty();
    let rows = grants.into_iter().map(|GrantedRight { number, namespace, access }| {
        let (shown, name) = match namespace {
            Some(namespace) => {
                let href = format!("/namespace/{}", path_segment(&namespace));
                (view! { <a href=href>{namespace.clone()}</a> }.into_any(), namespace)
            }
            None => {
                let name = format!("Hidden namespace {number}");
                (view! { <span class="muted">{name.clone()}</span> }.into_any(), name)
            }
        };
        view! {
            <tr>
                <th scope="row">{shown}</th>
                <td data-label="Right">{access.label()}</td>
                <td>
                    <ActionForm action=managing.take>
                        <input type="hidden" name="id" value=id.to_string() />
                        <input type="hidden" name="number" value=number.to_string() />
                        <SubmitButton
                            pending=managing.take.pending()
                            class="button small quiet"
                            label=format!("Remove {name}")
                        >
                            "Remove"
                        </SubmitButton>
                    </ActionForm>
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let options: Vec<(String, String)> = SiteAccess::ALL
        .iter()
        .map(|access| (access.as_str().to_owned(), format!("{}: {}", access.label(), access.meaning())))
        .collect();
    view! {
        <section class="card stack" aria-labelledby="rights">
            <h2 id="rights">"Rights"</h2>
            <p class="muted">
                "The members of these namespaces may do this, as far as their role there goes: readers and annotators read, writers use, maintainers and owners manage. Whoever adds files to a dataset or reads them needs the right of the dataset and that of its storage site."
            </p>
            <FormNotice error=other />
            {if is_empty {
                view! { <p class="muted">"Nothing is granted. Only administrators manage it."</p> }.into_any()
            } else {
                view! {
                    <Table label="Granted rights" columns=&[Text("Namespace"), Text("Right"), Buttons]>
                        {rows}
                    </Table>
                }
                    .into_any()
            }}
            <ActionForm action=managing.grant>
                <div class="form">
                    <h3>"Grant a right"</h3>
                    <input type="hidden" name="id" value=id.to_string() />
                    <TextField
                        label="Namespace"
                        name="namespace"
                        required=true
                        verbatim=true
                        max_length=64
                        hint="That of a group, or the name of a user."
                        error=in_name
                    />
                    <SelectField label="Right" name="access" options=options value="use" />
                    <div class="form-actions">
                        <SubmitButton pending=managing.grant.pending()>"Grant the right"</SubmitButton>
                    </div>
                </div>
            </ActionForm>
        </section>
    }
}

#[component]
fn Settings(site: StorageSite, managing: Managing) -> impl IntoView {
    let error = form_error(managing.edit);
    let (id, removed, is_used) = (site.id.to_string(), site.id.to_string(), site.datasets > 0);
    let keys = (site.kind == SiteKind::S3).then(|| {
        view! {
            <TextField
                label="New access key"
                name="access_key"
                verbatim=true
                max_length=MAX_KEY
                hint="Empty: the keys stay as they are."
                error=field_error(error, "access_key")
            />
            <TextField
                label="New secret key"
                name="secret_key"
                kind="password"
                autocomplete="new-password"
                verbatim=true
                max_length=MAX_KEY
                error=field_error(error, "secret_key")
            />
        }
    });
    view! {
        <section class="card" aria-labelledby="settings">
            <h2 id="settings">"Settings"</h2>
            <Form
                action=managing.edit
                submit="Save"
                fields=&["description", "visibility", "access_key", "secret_key"]
            >
                <input type="hidden" name="id" value=id />
                <TextArea
                    label="Description"
                    name="description"
                    value=site.description.clone()
                    error=field_error(error, "description")
                />
                <VisibilityChoice
                    chosen=RwSignal::new(site.visibility)
                    most=Visibility::Public
                    reason="Who sees it, and reads the files of datasets there that they may see."
                    error=field_error(error, "visibility")
                />
                {keys}
            </Form>
        </section>
        <section class="card" aria-labelledby="remove">
            <h2 id="remove">"Remove the storage site"</h2>
            {if is_used {
                view! {
                    <p class="muted">"Datasets have their files there. When they are gone, it can be removed, too."</p>
                }
                    .into_any()
            } else {
                view! {
                    <Form action=managing.remove submit="Remove the storage site" button="danger">
                        <p>"It is forgotten here. What is still there stays there."</p>
                        <input type="hidden" name="id" value=removed />
                    </Form>
                }
                    .into_any()
            }}
        </section>
    }
}

#[component]
fn Content(site: StorageSite, grants: Vec<GrantedRight>, managing: Managing) -> impl IntoView {
    let (id, manages) = (site.id, site.access == SiteAccess::Manage);
    let you = match site.access {
        SiteAccess::Read => "You may read files of datasets there.",
        SiteAccess::Use => "You may choose it for datasets, and add files there.",
        SiteAccess::Manage => "You manage it.",
    };
    let management = manages.then(|| {
        view! {
            {site.place.clone().map(|place| view! { <Whereabouts place=place /> })}
            <Test id=id test=managing.test />
            <Grants id=id grants=grants managing=managing />
            <Settings site=site.clone() managing=managing />
        }
    });
    view! {
        <Title text=site.name.clone() />
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/datasets">"Datasets"</a>
                        " / "
                        <a href="/storage-sites">"Storage sites"</a>
                    </p>
                    <h1>{site.name.clone()}</h1>
                    <p class="cluster">
                        <span class="badge">{site.kind.label()}</span>
                        <VisibilityBadge visibility=site.visibility />
                        <span>
                            {format!("Used by {}. {you}", count(site.datasets, "dataset", "datasets"))}
                        </span>
                    </p>
                    <p class="pre-line">{site.description.clone()}</p>
                </div>
            </div>
            <div class="settings">{management}</div>
        </div>
    }
}

/// What the page asks for: number, and what has changed how often.
type Wanted = (String, (usize, usize, usize));

/// The page of one storage site.
#[component]
pub fn StorageSitePage() -> impl IntoView {
    let params = use_params_map();
    let managing = Managing {
        edit: ServerAction::new(),
        remove: ServerAction::new(),
        test: ServerAction::new(),
        grant: ServerAction::new(),
        take: ServerAction::new(),
    };
    let toasts = use_toasts();
    on_success(managing.edit, move || toasts.show(Tone::Success, "The storage site is changed."));
    on_success(managing.grant, move || toasts.show(Tone::Success, "The right is granted."));
    on_success(managing.take, move || toasts.show(Tone::Success, "The right is taken back."));
    let edited = successes(managing.edit, |_| true);
    let (granted, taken) = (successes(managing.grant, |()| true), successes(managing.take, |sees| *sees));
    let wanted = Memo::new(move |before: Option<&Wanted>| {
        let is_left = is_ending(managing.remove, |()| true) || is_ending(managing.take, |sees| !sees);
        if let (true, Some(before)) = (is_left, before) {
            return Wanted::clone(before);
        }
        let id = params.with(|params| params.get("id").unwrap_or_default());
        (id, (edited.get(), granted.get(), taken.get()))
    });
    let loaded = Resource::new_blocking(move || wanted.get(), |(id, _)| load(id));
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((site, grants)) => view! { <Content site=site grants=grants managing=managing /> }.into_any(),
                    Err(error) => failed(error),
                }
            })}
        </Transition>
    }
}
