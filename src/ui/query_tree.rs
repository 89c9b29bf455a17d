//! The objects as a tree to pick from.

use super::notice::{Notice, Tone};
use super::text::sentence;
use crate::api::objects::object_summaries;
use crate::model::object::ObjectSummary;
use leptos::prelude::*;
use leptos::tachys::html::attribute::custom::custom_attribute;
use std::collections::{HashSet, VecDeque};
use web_sys::KeyboardEvent;

/// So many rows are shown at most.
const MOST: usize = 2_000;

/// The objects with what is below each.
#[derive(Clone, Debug, Default, PartialEq)]
struct Tree {
    names: Vec<String>,
    pictures: Vec<i64>,
    children: Vec<Vec<usize>>,
    top: Vec<usize>,
}

/// A row of the tree that is to be seen. An object below several parents has several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Row {
    /// The objects on the way from the top, this one last.
    path: Vec<usize>,
    /// Whether there is something below it, and whether that is shown.
    open: Option<bool>,
}

impl Row {
    fn object(&self) -> usize {
        self.path.last().copied().unwrap_or_default()
    }
}

impl Tree {
    fn new(objects: Vec<ObjectSummary>) -> Self {
        let mut tree = Self { children: vec![Vec::new(); objects.len()], ..Self::default() };
        for (at, object) in objects.into_iter().enumerate() {
            for parent in &object.parents {
                if let Some(children) = tree.children.get_mut(*parent as usize) {
                    children.push(at);
                }
            }
            if object.parents.is_empty() {
                tree.top.push(at);
            }
            tree.names.push(object.name);
            tree.pictures.push(object.pictures);
        }
        tree
    }

    /// The shortest way from the top to each of these objects that is in the tree.
    fn ways_to(&self, names: &[String]) -> Vec<Vec<usize>> {
        let mut above = vec![None; self.names.len()];
        let mut reached = vec![false; self.names.len()];
        let mut waiting: VecDeque<usize> = self.top.iter().copied().collect();
        for top in &self.top {
            reached[*top] = true;
        }
        while let Some(at) = waiting.pop_front() {
            for &child in &self.children[at] {
                if !std::mem::replace(&mut reached[child], true) {
                    above[child] = Some(at);
                    waiting.push_back(child);
                }
            }
        }
        let found = names.iter().filter_map(|name| self.names.iter().position(|known| known == name));
        let way = |at| {
            let mut way: Vec<usize> = std::iter::successors(Some(at), |at| above[*at]).collect();
            way.reverse();
            way
        };
        found.filter(|at| reached[*at]).map(way).collect()
    }

    /// The rows that are to be seen, from top to bottom.
    fn rows(&self, open: &HashSet<Vec<usize>>) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut waiting: Vec<Vec<usize>> = self.top.iter().rev().map(|at| vec![*at]).collect();
        while let Some(path) = waiting.pop() {
            if rows.len() == MOST {
                break;
            }
            let below = path.last().and_then(|at| self.children.get(*at)).map_or(&[][..], Vec::as_slice);
            let is_open = (!below.is_empty()).then(|| open.contains(&path));
            if is_open == Some(true) {
                waiting.extend(below.iter().rev().map(|child| {
                    let mut next = path.clone();
                    next.push(*child);
                    next
                }));
            }
            rows.push(Row { path, open: is_open });
        }
        rows
    }
}

/// The tree.
#[component]
pub fn ObjectTree(
    /// A number that no other tree on the page has.
    id: u32,
    /// The objects that are chosen.
    chosen: Memo<Vec<String>>,
    /// Called with an object that is to be chosen, or no longer.
    on_toggle: Callback<String>,
) -> impl IntoView {
    let tree = RwSignal::new(None::<Tree>);
    let failure = RwSignal::new(None::<String>);
    let open = RwSignal::new(HashSet::<Vec<usize>>::new());
    let active = RwSignal::new(0_usize);
    let rows = Memo::new(move |_| {
        tree.with(|tree| tree.as_ref().map(|tree| open.with(|open| tree.rows(open))).unwrap_or_default())
    });
    let row_id = move |at: usize| format!("query-tree-{id}-{at}");
    let go = move |at: usize| {
        active.set(at);
        if let Some(row) = super::focus::by_id(&row_id(at)) {
            super::focus::scroll_near(&row);
        }
    };
    // What is chosen already is in view.
    let show_chosen = move |found: Tree| {
        let ways = found.ways_to(&chosen.get_untracked());
        let above = ways.iter().flat_map(|way| (1..way.len()).map(|length| way[..length].to_vec()));
        open.set(above.collect());
        tree.set(Some(found));
        let first = rows.with_untracked(|rows| rows.iter().position(|row| ways.contains(&row.path)));
        if let Some(first) = first {
            active.set(first);
            // Its row comes with the next frame.
            request_animation_frame(move || {
                if active.try_get_untracked() == Some(first) {
                    go(first);
                }
            });
        }
    };
    let fetch = move || {
        failure.set(None);
        leptos::task::spawn_local(async move {
            match object_summaries().await {
                // Whoever has closed the tree meanwhile sees nothing of it.
                Ok(objects) if tree.try_get_untracked().is_some() => show_chosen(Tree::new(objects)),
                Ok(_) => {}
                Err(error) => {
                    let _ = failure.try_set(Some(sentence(&error.to_string())));
                }
            }
        });
    };
    fetch();
    let name = move |row: &Row| {
        tree.with_untracked(|tree| tree.as_ref().and_then(|tree| tree.names.get(row.object()).cloned()))
            .unwrap_or_default()
    };
    let set_open = move |path: &[usize], is_open: bool| {
        open.update(|open| {
            let _ = if is_open { open.insert(path.to_vec()) } else { open.remove(path) };
        });
    };
    let key = move |event: KeyboardEvent| {
        let (all, at) = (rows.get_untracked(), active.get_untracked());
        let Some(row) = all.get(at) else { return };
        match event.key().as_str() {
            "ArrowDown" => go((at + 1).min(all.len() - 1)),
            "ArrowUp" => go(at.saturating_sub(1)),
            "Home" => go(0),
            "End" => go(all.len() - 1),
            "ArrowRight" if row.open == Some(false) => set_open(&row.path, true),
            "ArrowRight" if row.open == Some(true) => go(at + 1),
            "ArrowLeft" if row.open == Some(true) => set_open(&row.path, false),
            "ArrowLeft" if row.path.len() > 1 => {
                let parent = &row.path[..row.path.len() - 1];
                go(all.iter().position(|other| other.path == parent).unwrap_or(at));
            }
            "ArrowRight" | "ArrowLeft" => {}
            "Enter" | " " => on_toggle.run(name(row)),
            _ => return,
        }
        event.prevent_default();
    };
    let items = move || {
        let item = |(at, row): (usize, Row)| {
            let name = name(&row);
            let (is_chosen, toggled) = (name.clone(), name.clone());
            let pictures = tree.with_untracked(|tree| {
                tree.as_ref().and_then(|tree| tree.pictures.get(row.object()).copied()).unwrap_or_default()
            });
            let (path, is_open) = (row.path.clone(), row.open);
            let twist = move |event: web_sys::MouseEvent| {
                event.stop_propagation();
                active.set(at);
                if let Some(is_open) = is_open {
                    set_open(&path, !is_open);
                }
            };
            view! {
                <li
                    id=row_id(at)
                    class="query-tree-row"
                    class:active=move || active.get() == at
                    role="treeitem"
                    {..custom_attribute("aria-level", row.path.len().to_string())}
                    aria-expanded=row.open.map(|open| open.to_string())
                    aria-selected=move || chosen.with(|chosen| chosen.contains(&is_chosen)).to_string()
                    style=format!("--level: {}", row.path.len() - 1)
                    on:click=move |_| {
                        active.set(at);
                        on_toggle.run(toggled.clone());
                    }
                >
                    <span class="query-twist" class:open=row.open == Some(true) class:leaf=row.open.is_none() aria-hidden="true" on:click=twist></span>
                    <span class="query-tree-name">{name}</span>
                    <span class="query-option-detail">{(pictures > 0).then(|| pictures.to_string())}</span>
                </li>
            }
        };
        rows.get().into_iter().enumerate().map(item).collect_view()
    };
    let failed = move || {
        failure.get().map(|why| {
            view! {
                <Notice tone=Tone::Danger>
                    <p>{why}</p>
                    <button class="button small" type="button" on:click=move |_| fetch()>
                        "Try again"
                    </button>
                </Notice>
            }
        })
    };
    view! {
        {failed}
        <ul
            class="query-tree"
            hidden=move || failure.with(Option::is_some)
            role="tree"
            tabindex="0"
            aria-label="Objects"
            aria-multiselectable="true"
            aria-busy=move || tree.with(Option::is_none).to_string()
            aria-activedescendant=move || (!rows.with(Vec::is_empty)).then(|| row_id(active.get()))
            on:keydown=key
        >
            {items}
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_shown_below_its_parent() {
        let object = |name: &str, parents: &[u32]| ObjectSummary {
            name: name.to_owned(),
            description: String::new(),
            pictures: 0,
            parents: parents.to_vec(),
        };
        let tree = Tree::new(vec![object("Animal", &[]), object("Cat", &[0, 2]), object("Pet", &[])]);
        let shown = |open: &[&[usize]]| {
            let open = open.iter().map(|path| path.to_vec()).collect();
            let rows = tree.rows(&open);
            rows.iter()
                .map(|row| format!("{}{}", "-".repeat(row.path.len()), tree.names[row.object()]))
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(&[]), ["-Animal", "-Pet"]);
        assert_eq!(shown(&[&[0], &[2]]), ["-Animal", "--Cat", "-Pet", "--Cat"]);
    }

    #[test]
    fn what_is_chosen_is_found_by_the_shortest_way() {
        let object = |(name, parents): (&str, &[u32])| ObjectSummary {
            name: name.to_owned(),
            description: String::new(),
            pictures: 0,
            parents: parents.to_vec(),
        };
        let objects: [(&str, &[u32]); 6] =
            [("Animal", &[]), ("Mammal", &[0]), ("Cat", &[1, 3]), ("Pet", &[]), ("Lost", &[5]), ("Found", &[4])];
        let tree = Tree::new(objects.map(object).into());
        let ways = |names: &[&str]| tree.ways_to(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(ways(&["Cat", "Mammal", "Pet"]), [vec![3, 2], vec![0, 1], vec![3]]);
        // Neither what does not exist, nor what no way leads to.
        assert_eq!(ways(&["Dog", "Lost"]), Vec::<Vec<usize>>::new());
    }
}
