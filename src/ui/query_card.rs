//! One rule as a card: what it asks, the control for its argument, and what can be done with it.

use super::icons::{Glyph, Icon};
use super::query_builder::{Builder, list_label};
use super::query_effects;
use super::query_widgets::WidgetView;
use crate::query::rules::{Form, NameField, by_form};
use crate::query::text::List;
use crate::query::text::board::{Action, Slot};
use crate::query::{rule_of, rules::RuleSpec};
use leptos::prelude::*;

/// A card and the rule in it.
#[derive(Clone, Copy)]
pub struct Card {
    /// What the cards share.
    pub builder: Builder,
    /// Its id.
    pub id: u32,
    /// The card as it is; `None` once it is gone.
    slot: Memo<Option<Slot>>,
    /// Why its argument was not taken.
    pub problem: RwSignal<Option<String>>,
}

impl Card {
    /// What the card asks for.
    pub fn form(self) -> Option<Form> {
        self.slot.with(|slot| slot.as_ref().map(|slot| slot.form))
    }

    fn spec(self) -> Option<&'static RuleSpec> {
        self.slot.with_untracked(|slot| slot.as_ref().and_then(|slot| by_form(slot.form)))
    }

    /// The values as somebody types them.
    pub fn values(self) -> Vec<String> {
        self.slot.with(|slot| {
            slot.as_ref().and_then(|slot| slot.rule.as_ref()).map(|rule| rule.values()).unwrap_or_default()
        })
    }

    /// The one value, and again whenever another one was refused.
    pub fn value(self) -> String {
        self.builder.refused.track();
        self.values().into_iter().next().unwrap_or_default()
    }

    /// Gives the rule other values. Without any the card waits for one.
    pub fn set_values(self, values: &[String]) {
        if values.iter().all(|value| value.is_empty()) {
            self.problem.set(None);
            return self.builder.act(Action::Empty(self.id));
        }
        let Some(spec) = self.spec() else { return };
        match rule_of(spec, values) {
            Ok(rule) => {
                self.problem.set(None);
                self.builder.act(Action::Fill(self.id, rule));
            }
            Err(problem) => self.refuse(spec, &problem),
        }
    }

    /// Says why an argument was not taken, with the card's name for the rule.
    fn refuse(self, spec: &RuleSpec, problem: &str) {
        let problem = problem.replacen(&format!("`{}`", spec.name), &format!("“{}”", spec.label), 1);
        self.problem.set(Some(super::text::sentence(&problem)));
    }

    /// Takes what somebody types. A field that is empty for a moment, on the way to another value, takes nothing away.
    pub fn type_value(self, value: String) {
        if !value.is_empty() {
            self.set_values(&[value]);
        }
    }

    /// Takes what a field holds when somebody is done with it.
    pub fn leave_value(self, value: &str) {
        if value.is_empty() {
            self.set_values(&[]);
        }
    }

    /// Makes the card ask for the counterpart of what it asks for.
    pub fn turn_over(self) {
        let other = self.spec().and_then(|spec| spec.form.counterpart()).and_then(by_form);
        let Some(spec) = other else { return };
        let values = self
            .slot
            .with_untracked(|slot| slot.as_ref().and_then(|slot| slot.rule.as_ref()).map(|rule| rule.values()));
        match values.map(|values| rule_of(spec, &values)) {
            None => self.builder.act(Action::Ask(self.id, spec.form)),
            Some(Ok(rule)) => self.builder.act(Action::Fill(self.id, rule)),
            Some(Err(problem)) => {
                self.refuse(spec, &problem);
                self.builder.refused.update(|refused| *refused = refused.wrapping_add(1));
            }
        }
    }
}

/// One card.
#[component]
pub fn CardView(
    /// What the cards share.
    builder: Builder,
    /// The list that it is in.
    list: List,
    /// Its id.
    id: u32,
) -> impl IntoView {
    let slot = Memo::new(move |_| builder.board.with(|board| board.slot(id).cloned()));
    let card = Card { builder, id, slot, problem: RwSignal::new(None) };
    let enabled = Memo::new(move |_| slot.with(|slot| slot.as_ref().is_none_or(|slot| slot.enabled)));
    let is_empty = Memo::new(move |_| slot.with(|slot| slot.as_ref().is_some_and(|slot| slot.rule.is_none())));
    let name = Memo::new(move |_| card.form().and_then(by_form).map_or("", |spec| spec.label));
    let place = Memo::new(move |_| {
        builder.board.with(|board| board.find(id).map_or((0, 0), |(list, at)| (at, board.slots(list).len())))
    });
    let other = if list == List::Want { List::Exclude } else { List::Want };
    let said = move |what: &str| format!("{what}: {}", name.get());
    let move_by = move |by: isize, control: &str| {
        let at = place.get_untracked().0.saturating_add_signed(by);
        builder.act_and_focus(Action::Move(id, list, at), format!("query-card-{id}-{control}"));
    };
    let turn = move |_| {
        let end = builder.board.with_untracked(|board| board.slots(other).len());
        builder.act_and_focus(Action::Move(id, other, end), format!("query-card-{id}-turn"));
        builder.shared.announcer.say(format!("{} is under “{}” now.", name.get_untracked(), list_label(other)));
    };
    let remove = move |_| {
        let (at, count) = place.get_untracked();
        let next = builder.board.with_untracked(|board| {
            let slots = board.slots(list);
            let neighbour =
                if at + 1 < count { slots.get(at + 1) } else { at.checked_sub(1).and_then(|at| slots.get(at)) };
            neighbour.map(|slot| format!("query-card-{}-remove", slot.id))
        });
        builder.act_and_focus(Action::Remove(id), next.unwrap_or_else(|| format!("query-add-{}", list.key())));
    };
    let take_up = move |event: web_sys::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        // No text is selected on the way.
        event.prevent_default();
        let grip = event_target::<web_sys::Element>(&event);
        // Without it, the card goes no further than its grip.
        let _ = grip.set_pointer_capture(event.pointer_id());
        builder.dragged.set(Some(id));
    };
    let put_down = move |place: Option<(List, usize)>| {
        if builder.dragged.get_untracked() != Some(id) {
            return;
        }
        builder.dragged.set(None);
        builder.drop_at.set(None);
        if let Some((list, at)) = place {
            builder.act(Action::Move(id, list, at));
        }
    };
    let is_next = Memo::new(move |_| {
        let dragged = builder.dragged.get();
        let Some((to, at)) = builder.drop_at.get().filter(|(to, _)| *to == list) else { return false };
        builder.board.with(|board| {
            let others = board.slots(to).iter().filter(|slot| Some(slot.id) != dragged);
            others.map(|slot| slot.id).nth(at) == Some(id)
        })
    });
    view! {
        <li
            class="query-card"
            class:drop-next=move || is_next.get()
            class:disabled=move || !enabled.get()
            class:unfinished=move || is_empty.get()
            class:dragged=move || builder.dragged.get() == Some(id)
            id=format!("query-card-{id}")
            aria-label=move || name.get()
        >
            <div class="query-card-head">
                // Whoever has no pointer presses the buttons beside it.
                <span
                    class="query-grip"
                    aria-hidden="true"
                    on:pointerdown=take_up
                    on:pointermove=move |event| {
                        if builder.dragged.get_untracked() == Some(id) {
                            builder.drop_at.set(builder.place_at(id, f64::from(event.client_y())));
                        }
                    }
                    on:pointerup=move |event| put_down(builder.place_at(id, f64::from(event.client_y())))
                    on:pointercancel=move |_| put_down(None)
                ></span>
                <CardTitle card=card name=name />
                <Removed card=card list=list />
                <span class="query-card-tools">
                    <button
                        class="icon-button"
                        type="button"
                        aria-label=move || said("Disable")
                        title=move || if enabled.get() { "Disable" } else { "Enable" }
                        aria-pressed=move || (!enabled.get()).to_string()
                        on:click=move |_| builder.act(Action::Enable(id, !enabled.get_untracked()))
                    >
                        {move || view! { <Icon glyph=if enabled.get() { Glyph::Eye } else { Glyph::EyeOff } /> }}
                    </button>
                    <button
                        class="icon-button"
                        type="button"
                        id=format!("query-card-{id}-up")
                        aria-label=move || said("Move up")
                        title="Move up"
                        aria-disabled=move || (place.get().0 == 0).then_some("true")
                        on:click=move |_| {
                            if place.get_untracked().0 > 0 {
                                move_by(-1, "up");
                            }
                        }
                    >
                        <Icon glyph=Glyph::Up />
                    </button>
                    <button
                        class="icon-button"
                        type="button"
                        id=format!("query-card-{id}-down")
                        aria-label=move || said("Move down")
                        title="Move down"
                        aria-disabled=move || {
                            let (at, count) = place.get();
                            (at + 1 >= count).then_some("true")
                        }
                        on:click=move |_| {
                            let (at, count) = place.get_untracked();
                            if at + 1 < count {
                                move_by(1, "down");
                            }
                        }
                    >
                        <Icon glyph=Glyph::Down />
                    </button>
                    <button
                        class="icon-button"
                        type="button"
                        id=format!("query-card-{id}-turn")
                        aria-label=move || said(if other == List::Want { "Turn into must" } else { "Turn into must not" })
                        title=if other == List::Want { "Turn into “must”" } else { "Turn into “must not”" }
                        on:click=turn
                    >
                        <Icon glyph=Glyph::Swap />
                    </button>
                    <button
                        class="icon-button"
                        type="button"
                        id=format!("query-card-{id}-remove")
                        aria-label=move || said("Remove")
                        title="Remove"
                        on:click=remove
                    >
                        <Icon glyph=Glyph::Delete />
                    </button>
                </span>
            </div>
            <div class="query-widget">
                <WidgetView card=card name=name />
            </div>
            <p class="field-error" id=format!("query-card-{id}-error") role="alert">
                {move || card.problem.get()}
            </p>
        </li>
    }
}

/// How many pictures the rule removes.
#[component]
fn Removed(card: Card, list: List) -> impl IntoView {
    let removed = Memo::new(move |_| {
        // Its place among the rules that count.
        let index = card.builder.board.with(|board| {
            let mut counting = board.slots(list).iter().filter(|slot| slot.enabled && slot.rule.is_some());
            counting.position(|slot| slot.id == card.id)
        })?;
        query_effects::removed_by(card.builder.shared, list, index)
    });
    move || {
        removed.get().map(|removes| {
            let (short, long) = query_effects::in_words(removes);
            let title = long.clone();
            view! {
                <span class="query-card-removes" title=title>
                    <span aria-hidden="true">{short}</span>
                    <span class="visually-hidden">{long}</span>
                </span>
            }
        })
    }
}

/// What the card asks. Where there is a counterpart, one can be chosen for the other.
#[component]
fn CardTitle(card: Card, name: Memo<&'static str>) -> impl IntoView {
    let pair = Memo::new(move |_| {
        let form = card.form()?;
        let other = form.counterpart()?;
        // An object with or without what is more specific is a switch of its own.
        if matches!(form, Form::Names(NameField::Object | NameField::ExactObject)) {
            return None;
        }
        let mut labels = [by_form(form)?, by_form(other)?];
        labels.sort_by_key(|spec| crate::query::RULES.iter().position(|row| row.name == spec.name));
        Some(labels.map(|spec| spec.label))
    });
    move || match pair.get() {
        None => view! { <span class="query-card-title">{move || name.get()}</span> }.into_any(),
        Some(labels) => {
            let options = labels.map(|label| {
                view! { <option value=label selected=move || name.get() == label>{label}</option> }
            });
            view! {
                <select
                    class="query-card-title"
                    aria-label="What is asked"
                    prop:value=move || name.get()
                    on:change=move |event| {
                        if event_target_value(&event) != name.get_untracked() {
                            card.turn_over();
                        }
                    }
                >
                    {options.into_iter().collect_view()}
                </select>
            }
            .into_any()
        }
    }
}
