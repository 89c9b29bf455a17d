//! `/storage-sites/new`: registers a folder or a bucket.

use crate::api::namespaces::namespaces;
use crate::api::storage_sites::{RegisterStorageSite, storage_sites_possible};
use crate::model::site_place::MAX_PLACE;
use crate::model::storage_site::{MAX_KEY, MAX_SITE_NAME};
use crate::model::{AppError, NamespaceFilter, Role, SiteKind, Visibility};
use crate::ui::field::{CheckBox, SelectField, TextArea, TextField};
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Empty;
use crate::ui::parameters::use_sign_in;
use crate::ui::session::use_session;
use crate::ui::visibility::VisibilityChoice;
use leptos::prelude::*;
use leptos_meta::Title;

const FIELDS: &[&str] = &[
    "name",
    "description",
    "visibility",
    "namespace",
    "folder",
    "endpoint",
    "region",
    "bucket",
    "prefix",
    "access_key",
    "secret_key",
];

/// The namespaces in whose name the viewer may register, one's own first, and whether there can be any sites.
async fn load() -> Result<(Vec<String>, bool), AppError> {
    let filter = NamespaceFilter { role: Some(Role::Maintainer), ..NamespaceFilter::default() };
    let mut all = namespaces(filter, None, Some(1000)).await?.items;
    all.sort_by_key(|namespace| namespace.group);
    let names = all.into_iter().map(|namespace| namespace.name).collect();
    Ok((names, storage_sites_possible().await?))
}

#[component]
fn KindChoice(kind: RwSignal<SiteKind>) -> impl IntoView {
    let choices = SiteKind::ALL.iter().map(|choice| {
        let choice = *choice;
        let words = match choice {
            SiteKind::Folder => ": a folder of the server, below one that the settings allow",
            SiteKind::S3 => ": of a server that speaks the protocol of Amazon S3",
        };
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="kind"
                    value=choice.as_str()
                    checked=choice == SiteKind::Folder
                    prop:checked=move || kind.get() == choice
                    on:change=move |_| kind.set(choice)
                />
                <span>{choice.label()} <span class="muted">{words}</span></span>
            </label>
        }
    });
    view! {
        <fieldset class="visibility-choice">
            <legend class="field-label">"Kind"</legend>
            {choices.collect_view()}
        </fieldset>
    }
}

#[component]
fn NewSiteForm(namespaces: Vec<String>, admin: bool, action: ServerAction<RegisterStorageSite>) -> impl IntoView {
    let error = form_error(action);
    let kind = RwSignal::new(SiteKind::Folder);
    // Without JavaScript all fields are there, and those of the other kind are not looked at.
    let live = RwSignal::new(false);
    Effect::new(move |_| live.set(true));
    let is_hidden = move |of: SiteKind| move || live.get() && kind.get() != of;
    let first = namespaces.first().cloned().unwrap_or_default();
    let mut options: Vec<(String, String)> = namespaces.into_iter().map(|name| (name.clone(), name)).collect();
    if admin {
        options.push((String::new(), "None: only administrators manage it".to_owned()));
    }
    view! {
        <Form action=action submit="Register the storage site" fields=FIELDS>
            <TextField
                label="Name"
                name="name"
                required=true
                verbatim=true
                max_length=MAX_SITE_NAME
                hint="Lower-case letters, digits, -, _ and dots. It stays."
                error=field_error(error, "name")
            />
            <TextArea
                label="Description"
                name="description"
                hint="What it is for, and who looks after it."
                error=field_error(error, "description")
            />
            <SelectField
                label="Namespace"
                name="namespace"
                options=options
                value=first
                hint="Its maintainers manage the storage site, its writers use it, and its other members read it."
                error=field_error(error, "namespace")
            />
            <VisibilityChoice
                chosen=RwSignal::new(Visibility::Private)
                most=Visibility::Public
                reason="Who sees it, and reads the files of datasets there that they may see. What else somebody may do is granted."
                error=field_error(error, "visibility")
            />
            <KindChoice kind=kind />
            <div class="stack" hidden=is_hidden(SiteKind::Folder)>
                <TextField
                    label="Folder"
                    name="folder"
                    verbatim=true
                    max_length=MAX_PLACE
                    hint="Its path on the server. It is made if it is missing. Where a storage site is stays for good."
                    error=field_error(error, "folder")
                />
            </div>
            <div class="stack" hidden=is_hidden(SiteKind::S3)>
                <TextField
                    label="Endpoint"
                    name="endpoint"
                    verbatim=true
                    hint="The address of the server, such as https://s3.example.org. The settings have to allow it."
                    error=field_error(error, "endpoint")
                />
                <TextField
                    label="Region"
                    name="region"
                    verbatim=true
                    value="us-east-1"
                    max_length=50
                    error=field_error(error, "region")
                />
                <TextField label="Bucket" name="bucket" verbatim=true max_length=63 error=field_error(error, "bucket") />
                <TextField
                    label="Prefix"
                    name="prefix"
                    verbatim=true
                    max_length=MAX_PLACE
                    hint="What the names in the bucket begin with, such as datasets/2026."
                    error=field_error(error, "prefix")
                />
                <CheckBox label="The bucket is a part of the path, not of the host" name="path_style" checked=true />
                <TextField
                    label="Access key"
                    name="access_key"
                    verbatim=true
                    max_length=MAX_KEY
                    error=field_error(error, "access_key")
                />
                <TextField
                    label="Secret key"
                    name="secret_key"
                    kind="password"
                    autocomplete="new-password"
                    verbatim=true
                    max_length=MAX_KEY
                    hint="It is encrypted, and never shown again."
                    error=field_error(error, "secret_key")
                />
            </div>
        </Form>
    }
}

/// The form for a new storage site.
#[component]
pub fn NewStorageSitePage() -> impl IntoView {
    let action = ServerAction::<RegisterStorageSite>::new();
    let (account, sign_in) = (use_session().account, use_sign_in());
    let known = Resource::new_blocking(|| (), |()| load());
    view! {
        <Title text="New storage site" />
        <div class="page page-form">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/storage-sites">"Storage sites"</a>
                    </p>
                    <h1>"New storage site"</h1>
                </div>
            </div>
            <Suspense fallback=Loading>
                {move || {
                    Suspend::new(async move {
                        match (account.await, known.await) {
                            (Ok(Some(account)), Ok((namespaces, true))) => {
                                view! { <NewSiteForm namespaces=namespaces admin=account.admin action=action /> }
                                    .into_any()
                            }
                            (Ok(Some(_)), Ok((_, false))) => {
                                view! {
                                    <Empty title="Not possible here">
                                        <p>
                                            "The settings of this site name no folder and no address where there may be storage sites."
                                        </p>
                                    </Empty>
                                }
                                    .into_any()
                            }
                            (Ok(None), _) => {
                                view! {
                                    <p class="muted">
                                        <a href=sign_in>"Sign in"</a>
                                        " to register storage sites."
                                    </p>
                                }
                                    .into_any()
                            }
                            (Err(error), _) | (_, Err(error)) => failed(error),
                        }
                    })
                }}
            </Suspense>
        </div>
    }
}
