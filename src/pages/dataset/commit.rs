//! What changed in a commit, or between any two states, file by file.

use super::history::{CompareForm, NameForm, author_of};
use super::scene::{Scene, called, short, title_of};
use crate::api::version_forms::{NameVersion, RevertCommit};
use crate::model::version::{PictureDifference, RegionDifferences, is_moved};
use crate::model::{CommitDetail, Comparison, Differences, Fate, FileDifference, Role, VersionTag};
use crate::ui::copy_button::CopyButton;
use crate::ui::form::SubmitButton;
use crate::ui::form_error::{FormNotice, form_error, general_error};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::pagination::Pagination;
use crate::ui::text::{bytes, count, counts, grouped};
use crate::ui::time::Moment;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// So many files are shown at once.
pub(super) const FILES: i64 = 100;

/// The states before and after; the one before is none for the first commit.
#[derive(Clone, Debug)]
struct Sides {
    before: Option<Scene>,
    after: Scene,
}

fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::Added => "added",
        Fate::Replaced => "replaced",
        Fate::Removed => "removed",
        Fate::Renamed => "renamed",
    }
}

/// The numbers in words: "2 added, 1 removed".
fn summary(differences: &Differences) -> String {
    let Differences { added, replaced, removed, renamed, moved, .. } = *differences;
    let numbers = [
        (added, "added"),
        (replaced, "replaced"),
        (removed, "removed"),
        (moved, "moved"),
        (renamed - moved, "renamed"),
    ];
    counts(&numbers).map_or_else(|| "No file differs.".to_owned(), |told| format!("Files: {told}."))
}

/// What differs in what is drawn, in words; nothing where nothing does.
fn drawn(regions: &RegionDifferences) -> Option<String> {
    let RegionDifferences { pictures, added, removed, changed, .. } = *regions;
    let told = counts(&[(added, "added"), (changed, "changed"), (removed, "removed")])?;
    Some(format!("Regions: {told} on {}.", count(pictures, "picture", "pictures")))
}

/// What differs on each picture in what is drawn.
#[component]
fn Drawn(regions: RegionDifferences, after: Scene) -> impl IntoView {
    let words = drawn(&regions)?;
    let more = regions.pictures - regions.changes.len() as i64;
    let rows = regions.changes.into_iter().map(|PictureDifference { path, added, removed, changed, gone }| {
        let told = counts(&[(added, "added"), (changed, "changed"), (removed, "removed")]).unwrap_or_default();
        let path = match gone {
            true => path.into_any(),
            false => view! { <a href=after.file(&path)>{path.clone()}</a> }.into_any(),
        };
        view! {
            <li>
                {path}
                ": "
                {told}
            </li>
        }
    });
    let rows = rows.collect_view();
    Some(view! {
        <details class="name-version">
            <summary>{words}</summary>
            <ul class="drawn-changes" aria-label="Pictures with other regions">
                {rows}
            </ul>
            {(more > 0).then(|| view! { <p class="field-hint">{format!("And on {} more.", grouped(more))}</p> })}
        </details>
    })
}

#[component]
fn Side(
    label: &'static str,
    path: String,
    thumbnail: Option<String>,
    size: Option<u64>,
    href: Option<String>,
) -> impl IntoView {
    size.map(|size| {
        let image = thumbnail.map(|src| {
            view! { <img src=src alt=format!("{path}: {label}") loading="lazy" decoding="async" width="96" height="96" /> }
        });
        let link = href.filter(|_| image.is_some());
        let image = match link {
            Some(href) => view! { <a href=href>{image}</a> }.into_any(),
            None => image.into_any(),
        };
        view! {
            <div class="side-of-change">
                {image}
                <span class="field-hint">{label} ": " {bytes(size as f64)}</span>
            </div>
        }
    })
}

#[component]
fn Change(change: FileDifference, sides: Sides) -> impl IntoView {
    let FileDifference { path, fate, renamed_from, size_before, size, thumbnail_before, thumbnail, .. } = change;
    let earlier = renamed_from.clone().unwrap_or_else(|| path.clone());
    let before = sides.before.as_ref().map(|scene| scene.file(&earlier));
    let after = (fate != Fate::Removed).then(|| sides.after.file(&path));
    let has_moved = renamed_from.as_ref().is_some_and(|from| is_moved(from, &path));
    let told = if has_moved { "moved" } else { word(fate) };
    let href = after.clone().or_else(|| before.clone()).unwrap_or_default();
    // A file with another name shows the same as before.
    let (size_before, thumbnail_before) =
        if fate == Fate::Renamed { (None, None) } else { (size_before, thumbnail_before) };
    view! {
        <li class="change">
            <div class="commit-text">
                <p>
                    <span class=format!("badge fate-{}", word(fate))>{told}</span>
                    " "
                    <a href=href>{path.clone()}</a>
                </p>
                {renamed_from.map(|from| view! { <p class="field-hint">"from " {from}</p> })}
            </div>
            <div class="cluster">
                <Side label="Before" path=earlier thumbnail=thumbnail_before size=size_before href=before />
                <Side label="After" path=path.clone() thumbnail=thumbnail size=size href=after />
            </div>
        </li>
    }
}

#[component]
fn Changes(differences: Differences, sides: Sides, offset: i64, base: String) -> impl IntoView {
    let (all, words, regions) = (differences.total(), summary(&differences), differences.regions);
    let drawn = view! { <Drawn regions=regions after=sides.after.clone() /> };
    let rows = differences.changes.into_iter().map(|change| view! { <Change change=change sides=sides.clone() /> });
    let rows = rows.collect_view();
    view! {
        <section class="stack" aria-labelledby="changes">
            <h3 id="changes">{words}</h3>
            {drawn}
            {(all > 0)
                .then(|| {
                    view! {
                        <ol class="changes" aria-label="Changed files">
                            {rows}
                        </ol>
                    }
                })}
            <Pagination total=all offset=offset limit=FILES base=format!("{base}&offset=") />
        </section>
    }
}

/// One commit.
#[component]
pub(super) fn CommitPage(
    scene: Scene,
    detail: CommitDetail,
    offset: i64,
    revert: ServerAction<RevertCommit>,
    name: ServerAction<NameVersion>,
) -> impl IntoView {
    let CommitDetail { commit, differences } = detail;
    let after = scene.at(&commit.id);
    let before = commit.parents.first().map(|parent| scene.at(parent));
    let title = title_of(&commit.message).to_owned();
    let rest = commit.message.split_once('\n').map(|(_, rest)| rest.trim().to_owned()).filter(|rest| !rest.is_empty());
    let is_tag = scene.reference != commit.id && !scene.reference.is_empty();
    let tag = is_tag.then(|| view! { <span class="badge version-badge">{scene.reference.clone()}</span> });
    let id = commit.id.clone();
    let copied = Signal::stored(commit.id.clone());
    let parent = commit.parents.first().map(|parent| {
        view! {
            <a class="button small quiet" href=scene.commit(parent)>
                "The commit before"
            </a>
        }
    });
    let (undone, named, id_of_dataset) = (commit.id.clone(), commit.id.clone(), scene.dataset.id);
    let warning = match differences.added + differences.replaced {
        0 => "A new commit will make everything as it was before this one.",
        _ => {
            "A new commit will make everything as it was before this one. What is drawn on pictures that came with it goes with them for \
             good."
        }
    };
    let undo = (scene.writes() && differences.total() > 0).then(|| {
        view! {
            <details class="name-version">
                <summary>"Undo this commit …"</summary>
                <p>{warning}</p>
                <ActionForm action=revert>
                    <input type="hidden" name="dataset" value=id_of_dataset.to_string() />
                    <input type="hidden" name="commit" value=undone />
                    <SubmitButton pending=revert.pending() class="button small">
                        <Icon glyph=Glyph::Retry />
                        "Undo this commit"
                    </SubmitButton>
                </ActionForm>
            </details>
        }
    });
    let names = (scene.dataset.role >= Some(Role::Maintainer)).then(|| {
        view! {
            <NameForm scene=scene.clone() reference=named name=name words="Name this state" />
        }
    });
    let base = scene.commit(if scene.reference.is_empty() { &commit.id } else { &scene.reference });
    let error = general_error(form_error(revert), &[]);
    view! {
        <section class="stack" aria-labelledby="commit">
            <p class="crumb">
                <a href=scene.view("history", &[])>"History"</a>
            </p>
            <h2 id="commit" class="file-title">
                {title}
                " "
                {tag}
            </h2>
            {rest.map(|rest| view! { <p class="version-message">{rest}</p> })}
            <p class="field-hint">
                {author_of(commit.author, commit.author_known)} ", " <Moment unix=commit.at /> ", " <code>{short(&id)}</code> " "
                <CopyButton what="The id of the commit" text=copied label="Copy the whole id" visible=false />
            </p>
            <FormNotice error=error />
            <div class="cluster">
                <a class="button small" href=after.folder("")>
                    "Files of this state"
                </a>
                {parent}
            </div>
            {undo}
            {names}
            <Changes differences=differences sides=Sides { before, after } offset=offset base=base />
        </section>
    }
}

/// Two states side by side.
#[component]
pub(super) fn ComparePage(
    scene: Scene,
    from: String,
    comparison: Comparison,
    versions: Vec<VersionTag>,
    offset: i64,
) -> impl IntoView {
    let to = scene.reference.clone();
    let Comparison { from: first, to: second, differences } = comparison;
    let (before, after) = (scene.at(&first), scene.at(&second));
    let newest = |reference: &str| match reference {
        "" => "the newest state".to_owned(),
        reference => called(reference),
    };
    let base = scene.view("compare", &[("from", &from), ("to", &to)]);
    let swapped = scene.view("compare", &[("from", if to.is_empty() { &second } else { &to }), ("to", &from)]);
    view! {
        <section class="stack" aria-labelledby="comparison">
            <p class="crumb">
                <a href=scene.view("history", &[])>"History"</a>
            </p>
            <h2 id="comparison" class="file-title">
                {format!("From {} to {}", newest(&from), newest(&to))}
            </h2>
            <div class="cluster">
                <a class="button small" href=swapped>
                    <Icon glyph=Glyph::Swap />
                    "The other way round"
                </a>
                <a class="button small quiet" href=scene.commit(&first)>
                    <code>{short(&first)}</code>
                </a>
                <a class="button small quiet" href=scene.commit(&second)>
                    <code>{short(&second)}</code>
                </a>
            </div>
            <details class="name-version">
                <summary>"Compare other states …"</summary>
                <CompareForm scene=scene from=from to=to versions=versions />
            </details>
            <Changes differences=differences sides=Sides { before: Some(before), after } offset=offset base=base />
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_where_there_are_some() {
        let of = |added, replaced, removed, renamed| {
            summary(&Differences { added, replaced, removed, renamed, moved: renamed / 2, ..Differences::default() })
        };
        assert_eq!(of(0, 0, 0, 0), "No file differs.");
        assert_eq!(of(1200, 0, 1, 0), "Files: 1\u{202f}200 added, 1 removed.");
        assert_eq!(of(0, 1, 0, 2), "Files: 1 replaced, 1 moved, 1 renamed.");
        assert_eq!(drawn(&RegionDifferences::default()), None);
        let regions = RegionDifferences { pictures: 1, added: 2, removed: 0, changed: 1, changes: Vec::new() };
        assert_eq!(drawn(&regions).as_deref(), Some("Regions: 2 added, 1 changed on 1 picture."));
    }
}
