//! Where one is in a dataset: the folder, and the state of it.

use super::scene::{Scene, called};
use crate::ui::notice::Notice;
use leptos::prelude::*;

/// The name of the chooser's entry for the newest state.
const NEWEST: &str = "Newest";

/// The way from the dataset to the folder. The last part is no link where it is what is shown.
#[component]
pub(super) fn Path(scene: Scene, path: String) -> impl IntoView {
    let ends: Vec<usize> = path.match_indices('/').map(|(slash, _)| slash + 1).collect();
    let mut parts = vec![(scene.dataset.name.clone(), String::new())];
    let mut begin = 0;
    for end in ends {
        parts.push((path[begin..end - 1].to_owned(), path[..end].to_owned()));
        begin = end;
    }
    let file = Some(path[begin..].to_owned()).filter(|name| !name.is_empty());
    let last = parts.len() - 1;
    let links = parts.into_iter().enumerate().map(|(index, (name, folder))| {
        let here = index == last && file.is_none();
        view! {
            <li>
                <a href=scene.folder(&folder) aria-current=here.then_some("page")>
                    {name}
                </a>
            </li>
        }
    });
    let links = links.collect_view();
    view! {
        <nav aria-label="Folders">
            <ol class="path">
                {links}
                {file
                    .map(|name| {
                        view! {
                            <li>
                                <span aria-current="page">{name}</span>
                            </li>
                        }
                    })}
            </ol>
        </nav>
    }
}

/// Says so where what is shown is not the newest state.
#[component]
pub(super) fn EarlierState(scene: Scene, newest: String) -> impl IntoView {
    (!scene.reference.is_empty()).then(|| {
        view! {
            <Notice>
                <p>
                    "This is the state of " <a href=scene.commit(&scene.reference)>{called(&scene.reference)}</a>
                    ". It stays as it is. " <a href=newest>"Show the newest state"</a>
                </p>
            </Notice>
        }
    })
}

/// The choice among the newest state and the versions that have names.
#[component]
pub(super) fn StateChoice(
    name: &'static str,
    label: &'static str,
    chosen: String,
    versions: Vec<String>,
) -> impl IntoView {
    let is_other = !chosen.is_empty() && !versions.contains(&chosen);
    let other = is_other.then(|| chosen.clone());
    let options = other.into_iter().chain(versions).map(|version| {
        let selected = version == chosen;
        view! {
            <option value=version.clone() selected=selected>
                {called(&version)}
            </option>
        }
    });
    let options = options.collect_view();
    view! {
        <label class="filter-field">
            {label}
            <select name=name>
                <option value="" selected=chosen.is_empty()>
                    {NEWEST}
                </option>
                {options}
            </select>
        </label>
    }
}
