//! The rules of a query as cards, which follow the text and which the text follows.

use super::dialog::Dialog;
use super::focus::{by_id, focus_soon};
use super::icons::{Glyph, Icon};
use super::query_card::CardView;
use super::query_effects;
use super::query_shared::QueryText;
use super::query_tools::LostComments;
use crate::query::rules::{Form, Side};
use crate::query::text::List;
use crate::query::text::board::{Action, Board};
use crate::query::text::document::{Document, Refused};
use crate::query::widgets::Group;
use leptos::prelude::*;

/// What the cards share.
#[derive(Clone, Copy)]
pub struct Builder {
    /// The text.
    pub shared: QueryText,
    /// The cards.
    pub board: RwSignal<Board>,
    /// Counts what was refused, so that fields show again what is there.
    pub refused: RwSignal<u32>,
    /// The card that is being dragged.
    pub dragged: RwSignal<Option<u32>>,
    /// Where it would go: into which list, and how many other cards come before it there.
    pub drop_at: RwSignal<Option<(List, usize)>>,
    /// The new text and the comments that it does not have, while somebody is asked about them.
    lost: RwSignal<Option<(String, Vec<String>)>>,
    /// The cards that belong to that text.
    lost_board: RwSignal<Board>,
    /// Why something could not be done.
    problem: RwSignal<Option<String>>,
}

impl Builder {
    /// Does something to a card and to the text.
    pub fn act(self, action: Action) {
        let text = self.shared.text.get_untracked();
        let Ok(document) = Document::read(&text) else { return };
        let mut board = self.board.get_untracked();
        board.follow(&document.rules());
        let Some((next, edit)) = board.after(&action) else { return };
        self.problem.set(None);
        let Some(edit) = edit else { return self.board.set(next) };
        match document.edit(&edit) {
            Ok(edited) if edited.lost.is_empty() => self.commit(next, &edited.text),
            Ok(edited) => {
                self.lost_board.set(next);
                self.lost.set(Some((edited.text, edited.lost)));
                self.show_again();
            }
            Err(Refused::NoSuchRule) => self.show_again(),
            Err(Refused::Errors(errors)) => {
                let problem = errors.into_iter().next().map(|error| super::text::sentence(&error.message));
                self.problem.set(problem);
                self.show_again();
            }
        }
    }

    fn commit(self, board: Board, text: &str) {
        self.board.set(board);
        self.shared.write(text);
    }

    fn show_again(self) {
        self.refused.update(|refused| *refused = refused.wrapping_add(1));
    }

    /// Where a card that is being dragged would go at a height of the window, in CSS pixels.
    pub fn place_at(self, id: u32, y: f64) -> Option<(List, usize)> {
        let exclude = by_id(&format!("query-area-{}", List::Exclude.key()))?.get_bounding_client_rect();
        let list = if y < exclude.top() { List::Want } else { List::Exclude };
        let is_above = |other: u32| {
            let bounds = by_id(&format!("query-card-{other}")).map(|card| card.get_bounding_client_rect());
            bounds.is_some_and(|bounds| bounds.top() + bounds.height() / 2.0 < y)
        };
        let above = self
            .board
            .with_untracked(|board| board.slots(list).iter().filter(|slot| slot.id != id && is_above(slot.id)).count());
        Some((list, above))
    }

    /// Does something that moves a card, and leads the keyboard to one of its controls, wherever it is then.
    pub fn act_and_focus(self, action: Action, id: String) {
        self.act(action);
        focus_soon(move || by_id(&id));
    }
}

/// The heading of a list, as a continuation of the sentence "A picture …".
pub fn list_label(list: List) -> &'static str {
    match list {
        List::Want => "Must",
        List::Exclude => "Must not",
    }
}

/// The builder.
#[component]
pub fn QueryBuilder(
    /// The text.
    shared: QueryText,
) -> impl IntoView {
    let builder = Builder {
        shared,
        board: RwSignal::new(Board::default()),
        refused: RwSignal::new(0),
        dragged: RwSignal::new(None),
        drop_at: RwSignal::new(None),
        lost: RwSignal::new(None),
        lost_board: RwSignal::new(Board::default()),
        problem: RwSignal::new(None),
    };
    query_effects::follow(shared);
    let more = move || {
        let more = query_effects::obsolete(shared).filter(|more| *more > 0)?;
        Some(format!(" ({} more)", super::text::grouped(more)))
    };
    let broken = RwSignal::new(false);
    Effect::new(move |_| {
        let read = shared.text.with(|text| Document::read(text));
        let is_broken = read.is_err();
        if let Ok(document) = read {
            let mut board = builder.board.get_untracked();
            board.follow(&document.rules());
            if builder.board.with_untracked(|now| *now != board) {
                builder.board.set(board);
            }
        }
        if broken.get_untracked() != is_broken {
            broken.set(is_broken);
        }
    });
    let agreed = Callback::new(move |text: String| {
        let board = builder.lost_board.get_untracked();
        builder.commit(board, &text);
    });
    let obsolete = Memo::new(move |_| builder.board.with(|board| board.include_obsolete));
    let lists = List::ALL.map(|list| view! { <ListView builder=builder list=list broken=broken /> });
    view! {
        <section class="query-builder" aria-label="Rules">
            <div class="query-cards" class:broken=move || broken.get() inert=move || broken.get()>
                {lists.into_iter().collect_view()}
                <label class="choice query-obsolete">
                    <input
                        type="checkbox"
                        prop:checked=move || {
                            builder.refused.track();
                            obsolete.get()
                        }
                        on:change:target=move |event| builder.act(Action::IncludeObsolete(event.target().checked()))
                    />
                    <span>"Also pictures that have been replaced" {more}</span>
                </label>
            </div>
            <p class="query-broken" role="status">
                {move || broken.get().then_some("These are the rules from before the error in the text.")}
            </p>
            <p class="field-error" role="alert">
                {move || builder.problem.get()}
            </p>
        </section>
        <AddDialog builder=builder />
        <LostComments lost=builder.lost id="query-edit-lost" doing="This change" on_agreed=agreed />
    }
}

#[component]
fn ListView(builder: Builder, list: List, broken: RwSignal<bool>) -> impl IntoView {
    let ids = Memo::new(move |_| {
        builder.board.with(|board| board.slots(list).iter().map(|slot| slot.id).collect::<Vec<_>>())
    });
    let heading = format!("query-list-{}", list.key());
    let labelled_by = heading.clone();
    let is_last = Memo::new(move |_| {
        let dragged = builder.dragged.get();
        let others = ids.with(|ids| ids.iter().filter(|id| Some(**id) != dragged).count());
        builder.drop_at.get() == Some((list, others))
    });
    view! {
        <div
            class=format!("query-cards-list is-{}", list.key())
            class:drop-last=move || is_last.get()
            id=format!("query-area-{}", list.key())
        >
            <h2 id=heading>{list_label(list)}</h2>
            <ul aria-labelledby=labelled_by>
                <For each=move || ids.get() key=|id| *id let:id>
                    <CardView builder=builder list=list id=id />
                </For>
            </ul>
            <button
                class="button small query-add"
                id=format!("query-add-{}", list.key())
                type="button"
                aria-haspopup="dialog"
                aria-label=format!("Add a rule: {}", list_label(list).to_lowercase())
                disabled=move || broken.get()
                on:click=move |_| builder.shared.adding.set(Some(list))
            >
                <Icon glyph=Glyph::Plus />
                "Add a rule"
            </button>
        </div>
    }
}

/// All rules there are, in groups.
#[component]
fn AddDialog(builder: Builder) -> impl IntoView {
    let adding = builder.shared.adding;
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(adding.get().is_some()));
    Effect::new(move |_| {
        if !open.get() && adding.with_untracked(Option::is_some) {
            adding.set(None);
        }
    });
    let choose = move |forms: &[Form]| {
        let Some(list) = adding.get_untracked() else { return };
        open.set(false);
        let before = builder.board.with_untracked(|board| board.slots(list).len());
        for form in forms {
            builder.act(Action::Add(list, *form));
        }
        let added = builder.board.with_untracked(|board| board.slots(list).get(before).map(|slot| slot.id));
        // When the dialog has given the keyboard back to the button.
        set_timeout(
            move || {
                focus_soon(move || {
                    let card = by_id(&format!("query-card-{}", added?))?;
                    let field = card.query_selector(".query-widget :is(input, select, button)").ok().flatten()?;
                    wasm_bindgen::JsCast::dyn_into(field).ok()
                });
            },
            std::time::Duration::from_millis(30),
        );
    };
    let group = move |group: Group| {
        let rules = group.rules().map(|spec| {
            view! {
                <li>
                    <button class="query-choice" type="button" on:click=move |_| choose(&[spec.form])>
                        <span class="query-choice-label">{spec.label}</span>
                        <span class="query-choice-detail">{super::query_editor::inline_code(short(spec.meaning))}</span>
                    </button>
                </li>
            }
        });
        // What is left out is outside: there, two dates would leave nearly everything out.
        let between = (group == Group::Origin && adding.get_untracked() == Some(List::Want)).then(|| {
            view! {
                <li>
                    <button
                        class="query-choice"
                        type="button"
                        on:click=move |_| choose(&[Form::Time(Side::After), Form::Time(Side::Before)])
                    >
                        <span class="query-choice-label">"Posted between"</span>
                        <span class="query-choice-detail">"was posted between two dates, which are two rules"</span>
                    </button>
                </li>
            }
        });
        view! {
            <section>
                <h3>{group.label()}</h3>
                <ul>{rules.collect_view()} {between}</ul>
            </section>
        }
    };
    let groups = move || open.get().then(|| Group::ALL.map(group).into_iter().collect_view());
    let lead = move || match adding.get() {
        Some(List::Exclude) => "A picture that fits the rule is left out.",
        _ => "Only pictures that fit the rule are found.",
    };
    view! {
        <Dialog open=open title="Add a rule" id="query-add-rule">
            <p class="muted">{lead}</p>
            <div class="query-choices">{groups}</div>
        </Dialog>
    }
}

/// The first part of a meaning.
fn short(meaning: &'static str) -> &'static str {
    meaning.split(';').next().unwrap_or(meaning)
}
