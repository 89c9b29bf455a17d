//! The tools of a grid: selecting by check box, range and rubber band, moving by keys, previews, and what can be done with
//! a selection. They come in a piece of the front end of their own; see `picture_grid.rs`.

use super::add_to_gallery::{AddToGallery, Additions};
use super::bulk_bar::BulkBar;
use super::focus::{focus_in_place, is_lost};
use super::grid_memory::{forget_keyboard, leave_keyboard};
use super::grid_preview::{GridPreview, Preview};
use super::grid_selection::{Place, Selection, step};
use super::key_listener::on_key_down;
use super::picture_grid::{Grid, GridPicture};
use crate::api::regions::annotations;
use crate::model::Region;
use leptos::ev;
use leptos::prelude::*;
use std::collections::HashMap;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent, MouseEvent, PointerEvent};

/// What holds grids, and nothing else at the places where it is seen itself.
const BLANK: &str = "main, .page, .sections, .grid-area, .query-results, .query-list, .query-found";
/// So long does one look at a card before its regions are fetched and drawn.
const LOOK: Duration = Duration::from_millis(250);

/// A press becomes a rubber band when the pointer has moved so far, in CSS pixels.
const BAND_FROM: f64 = 6.0;

/// A rubber band that is being drawn. Points are relative to the grid's area.
#[derive(Clone)]
struct Band {
    from: (f64, f64),
    to: (f64, f64),
    /// What was selected before it.
    before: Selection,
    /// Whether the pointer has moved far enough.
    drawn: bool,
}

fn target(event: &Event) -> Option<Element> {
    event.target().and_then(|target| target.dyn_into::<Element>().ok())
}

fn closest(element: &Element, selector: &str) -> Option<HtmlElement> {
    element.closest(selector).ok().flatten().and_then(|element| element.dyn_into().ok())
}

fn id_of(card: &Element) -> Option<i64> {
    card.get_attribute("data-picture").and_then(|id| id.parse().ok())
}

fn place_of(element: &Element) -> Place {
    let bounds = element.get_bounding_client_rect();
    Place { left: bounds.left(), top: bounds.top(), width: bounds.width(), height: bounds.height() }
}

/// What the listeners share.
#[derive(Clone, Copy)]
struct Tools {
    grid: Grid,
    selection: RwSignal<Selection>,
    band: RwSignal<Option<Band>>,
    preview: RwSignal<Option<Preview>>,
    /// The card that is looked at.
    looked_at: StoredValue<Option<i64>>,
    known: StoredValue<HashMap<i64, Vec<Region>>>,
    /// Whether the click that comes next belongs to a rubber band.
    swallow_click: StoredValue<bool>,
}

impl Tools {
    fn list(self) -> Option<HtmlElement> {
        self.grid.list.try_get_untracked().flatten().map(|list| list.unchecked_into())
    }

    fn cards(self) -> Vec<HtmlElement> {
        let Some(children) = self.list().map(|list| list.children()) else { return Vec::new() };
        (0..children.length())
            .filter_map(|index| children.item(index)?.dyn_into::<HtmlElement>().ok())
            .filter(|card| card.has_attribute("data-picture"))
            .collect()
    }

    fn order(self) -> Vec<i64> {
        self.grid.pictures.with_value(|pictures| pictures.iter().map(|picture| picture.id).collect())
    }

    fn fact(self, picture: i64) -> Option<GridPicture> {
        self.grid.pictures.with_value(|pictures| pictures.iter().find(|fact| fact.id == picture).cloned())
    }

    /// The card that an event in this grid belongs to.
    fn card_of(self, event: &Event) -> Option<HtmlElement> {
        let target = target(event)?;
        let card = closest(&target, "[data-picture]")?;
        self.list()?.contains(Some(&card)).then_some(card)
    }

    /// Of all cards only one can be reached with the Tab key; the arrow keys lead to the others.
    fn rove(self, to: usize, focus: bool) {
        for (index, card) in self.cards().into_iter().enumerate() {
            let Ok(controls) = card.query_selector_all("a, input") else { continue };
            for control in (0..controls.length()).filter_map(|at| controls.item(at)) {
                let control: HtmlElement = control.unchecked_into();
                control.set_tab_index(if index == to { 0 } else { -1 });
            }
            if index == to
                && focus
                && let Ok(Some(title)) = card.query_selector(".picture-title")
            {
                // Fails only for an element that has left the page.
                let _ = title.unchecked_into::<HtmlElement>().focus();
            }
        }
    }

    /// Shows on the cards what is selected.
    fn paint(self, selection: &Selection) {
        for card in self.cards() {
            let selected = id_of(&card).is_some_and(|id| selection.contains(id));
            let _ = card.class_list().toggle_with_force("selected", selected);
            if let Ok(Some(check)) = card.query_selector(".picture-check input") {
                check.unchecked_into::<HtmlInputElement>().set_checked(selected);
            }
        }
        if let Some(list) = self.list() {
            let _ = list.class_list().toggle_with_force("selecting", !selection.is_empty());
        }
    }

    /// Ends the selection, and brings the focus back to the cards when it was in the bar, which goes. So many cards are about
    /// to leave the list: its elements are used for those that stay, so that the last ones go.
    fn leave_bar(self, gone: usize) {
        self.selection.set(Selection::default());
        let cards = self.cards();
        let current = cards.iter().position(|card| matches!(card.query_selector("[tabindex='0']"), Ok(Some(_))));
        let last_that_stays = cards.len().saturating_sub(gone + 1);
        let place = current.unwrap_or_default().min(last_that_stays);
        // The next list may be there before the next frame, and these tools gone.
        if let Some(list) = self.list() {
            leave_keyboard(&list, place);
        }
        request_animation_frame(move || {
            // Where no card goes and the list is still this one, nothing is to come.
            if gone == 0 {
                self.list().inspect(forget_keyboard);
            }
            // The bar may be gone by now, or be about to go.
            let in_bar = document().active_element().is_some_and(|element| closest(&element, ".bulk-bar").is_some());
            if !is_lost() && !in_bar {
                return;
            }
            self.rove(place, false);
            let title = self.cards().get(place).and_then(|card| card.query_selector(".picture-title").ok().flatten());
            if let Some(title) = title {
                focus_in_place(&title.unchecked_into());
            }
        });
    }

    /// What was ticked before the tools had come.
    fn read_checks(self) {
        let ticked = self.cards().into_iter().filter(|card| {
            let check = card.query_selector(".picture-check input").ok().flatten();
            check.is_some_and(|check| check.unchecked_into::<HtmlInputElement>().checked())
        });
        let ticked: Vec<i64> = ticked.filter_map(|card| id_of(&card)).collect();
        self.selection.set(Selection::of(ticked));
    }

    fn clicked(self, event: &MouseEvent) {
        let Some(card) = self.card_of(event) else { return };
        let on_check = target(event).is_some_and(|target| target.tag_name() == "INPUT");
        let (Some(id), true) = (id_of(&card), on_check) else { return };
        let order = self.order();
        self.selection.update(|selection| match event.shift_key() {
            true => selection.extend_to(id, &order),
            false => selection.toggle(id),
        });
    }

    fn key(self, event: &KeyboardEvent) {
        let Some(on) = target(event) else { return };
        if event.alt_key() || matches!(document().query_selector("dialog[open]"), Ok(Some(_))) {
            return;
        }
        let inside = self.list().is_some_and(|list| list.contains(Some(&on)));
        let in_field = matches!(on.tag_name().as_str(), "TEXTAREA" | "SELECT") || (on.tag_name() == "INPUT" && !inside);
        let selecting = !self.selection.with_untracked(Selection::is_empty);
        match event.key().as_str() {
            "a" | "A" if (event.ctrl_key() || event.meta_key()) && !in_field && (inside || selecting) => {
                event.prevent_default();
                self.selection.set(Selection::of(self.order()));
            }
            _ if event.ctrl_key() || event.meta_key() => {}
            "Escape" if selecting && closest(&on, ".bulk-bar").is_some() => self.leave_bar(0),
            "Escape" if selecting && !in_field => self.selection.set(Selection::default()),
            " " if inside && on.tag_name() == "A" => {
                let Some(id) = closest(&on, "[data-picture]").and_then(|card| id_of(&card)) else { return };
                event.prevent_default();
                let order = self.order();
                self.selection.update(|selection| match event.shift_key() {
                    true => selection.extend_to(id, &order),
                    false => selection.toggle(id),
                });
            }
            key if inside => self.arrow(event, &on, key),
            _ => {}
        }
    }

    fn arrow(self, event: &KeyboardEvent, on: &Element, key: &str) {
        let cards = self.cards();
        let Some(card) = closest(on, "[data-picture]") else { return };
        let Some(from) = cards.iter().position(|other| *other == card) else { return };
        let places: Vec<Place> = cards.iter().map(|card| place_of(card)).collect();
        let Some(to) = step(&places, from, key) else { return };
        event.prevent_default();
        self.rove(to, true);
        if event.shift_key() {
            let (order, ids) = (self.order(), (id_of(&cards[from]), id_of(&cards[to])));
            self.selection.update(|selection| {
                for id in [ids.0, ids.1].into_iter().flatten() {
                    selection.extend_to(id, &order);
                }
            });
        }
    }

    /// The pointer's place relative to the grid's area.
    fn point(self, event: &MouseEvent) -> Option<(f64, f64)> {
        let area = self.list()?.parent_element()?;
        let place = place_of(&area);
        Some((f64::from(event.client_x()) - place.left, f64::from(event.client_y()) - place.top))
    }

    fn pressed(self, event: &PointerEvent) {
        self.swallow_click.set_value(false);
        if event.button() != 0 || event.pointer_type() != "mouse" {
            return;
        }
        let Some(on) = target(event) else { return };
        let inside = self.list().is_some_and(|list| list.contains(Some(&on)));
        // A band may also begin beside the pictures, where nothing else is.
        let is_blank = || on.matches(BLANK).unwrap_or(false);
        if !(inside || is_blank()) || closest(&on, ".picture-check").is_some() {
            return;
        }
        let Some(from) = self.point(event) else { return };
        let adding = event.shift_key() || event.ctrl_key() || event.meta_key();
        let before = if adding { self.selection.get_untracked() } else { Selection::default() };
        self.band.set(Some(Band { from, to: from, before, drawn: false }));
    }

    fn moved(self, event: &PointerEvent) {
        let Some(mut band) = self.band.get_untracked() else { return };
        if event.buttons() & 1 == 0 {
            self.band.set(None);
            return;
        }
        let Some(to) = self.point(event) else { return };
        let far = (to.0 - band.from.0).abs().max((to.1 - band.from.1).abs()) > BAND_FROM;
        if !band.drawn && !far {
            return;
        }
        (band.to, band.drawn) = (to, true);
        self.preview.set(None);
        let area = self.list().and_then(|list| list.parent_element()).map(|area| place_of(&area));
        let (left, top) = area.map_or((0.0, 0.0), |area| (area.left, area.top));
        let spanned = Place::between(band.from, band.to);
        let touched = self.cards().into_iter().filter(|card| {
            let card = place_of(card);
            spanned.touches(&Place { left: card.left - left, top: card.top - top, ..card })
        });
        let touched: Vec<i64> = touched.filter_map(|card| id_of(&card)).collect();
        self.selection.set(band.before.with(touched));
        self.band.set(Some(band));
    }

    fn released(self) {
        if let Some(band) = self.band.get_untracked() {
            self.swallow_click.set_value(band.drawn);
            self.band.set(None);
        }
    }

    /// Waits a moment, then draws the regions of the card that is still looked at.
    fn look(self, card: Option<HtmlElement>) {
        let id = card.as_deref().and_then(id_of);
        if self.looked_at.get_value() == id {
            return;
        }
        self.looked_at.set_value(id);
        self.preview.set(None);
        let (Some(id), Some(card)) = (id, card) else { return };
        let Some(fact) = self.fact(id).filter(|fact| fact.regions > 0) else { return };
        let show = move |regions: Vec<Region>| self.show(&card, &fact, regions);
        set_timeout(
            move || {
                if self.looked_at.try_get_value().flatten() != Some(id) {
                    return;
                }
                leptos::task::spawn_local(async move {
                    let known = self.known.try_with_value(|known| known.get(&id).cloned()).flatten();
                    let regions = match known {
                        Some(regions) => regions,
                        // A preview that does not come is missed by nobody.
                        None => match annotations(id).await {
                            Ok(state) => state.regions,
                            Err(_) => return,
                        },
                    };
                    let _ = self.known.try_update_value(|known| known.insert(id, regions.clone()));
                    if self.looked_at.try_get_value().flatten() == Some(id) {
                        show(regions);
                    }
                });
            },
            LOOK,
        );
    }

    fn show(self, card: &HtmlElement, fact: &GridPicture, regions: Vec<Region>) {
        let area = self.list().and_then(|list| list.parent_element());
        let frame = card.query_selector(".picture-frame").ok().flatten();
        let (Some(area), Some(frame)) = (area, frame) else { return };
        let (area, frame) = (place_of(&area), place_of(&frame));
        let place = Place { left: frame.left - area.left, top: frame.top - area.top, ..frame };
        let size = (fact.width.max(1) as f64, fact.height.max(1) as f64);
        self.preview.set(Some(Preview { picture: fact.id, place, size, regions }));
    }

    /// Listens. The listeners end with the calling component, and the next list has some of its own.
    fn listen(self) {
        let handles = [
            window_event_listener(ev::click, move |event| self.clicked(&event)),
            on_key_down(move |event| self.key(&event)),
            window_event_listener(ev::pointerdown, move |event| self.pressed(&event)),
            window_event_listener(ev::pointermove, move |event| self.moved(&event)),
            window_event_listener(ev::pointerup, move |_| self.released()),
            window_event_listener(ev::pointercancel, move |_| self.released()),
            window_event_listener(ev::pointerover, move |event| {
                if event.pointer_type() == "mouse" && self.band.with_untracked(Option::is_none) {
                    self.look(self.card_of(&event));
                }
            }),
            window_event_listener(ev::focusin, move |event| {
                let Some(card) = self.card_of(&event) else { return };
                if let Some(at) = self.cards().iter().position(|other| *other == card) {
                    self.rove(at, false);
                }
                self.look(Some(card));
            }),
            // A card is a link, and links are dragged by browsers: the rubber band comes first.
            window_event_listener(ev::dragstart, move |event| {
                if self.card_of(&event).is_some() {
                    event.prevent_default();
                }
            }),
        ];
        on_cleanup(move || handles.into_iter().for_each(|handle| handle.remove()));
        self.swallow();
    }

    /// Keeps the click that ends a rubber band from the cards.
    fn swallow(self) {
        let Some(list) = self.list() else { return };
        let swallow = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            if self.swallow_click.try_get_value() == Some(true) {
                self.swallow_click.set_value(false);
                event.prevent_default();
                event.stop_propagation();
            }
        });
        // Neither fails for an element that exists.
        let _ = list.add_event_listener_with_callback_and_bool("click", swallow.as_ref().unchecked_ref(), true);
        let listening = StoredValue::new_local((list, swallow));
        on_cleanup(move || {
            listening.try_with_value(|(list, swallow)| {
                let _ =
                    list.remove_event_listener_with_callback_and_bool("click", swallow.as_ref().unchecked_ref(), true);
            });
        });
    }
}

/// What works on the cards of a grid beyond following their links.
#[component]
pub fn GridTools(
    /// The grid.
    grid: Grid,
) -> impl IntoView {
    let tools = Tools {
        grid,
        selection: RwSignal::new(Selection::default()),
        band: RwSignal::new(None),
        preview: RwSignal::new(None),
        looked_at: StoredValue::new(None),
        known: StoredValue::new(HashMap::new()),
        swallow_click: StoredValue::new(false),
    };
    tools.read_checks();
    tools.listen();
    Effect::new(move |_| tools.selection.with(|selection| tools.paint(selection)));
    // Whoever has the focus in the grid already is where Tab leads to, and the card that made the tools come is looked at.
    let focused = document().active_element().and_then(|element| closest(&element, "[data-picture]"));
    let at = focused.as_ref().and_then(|card| tools.cards().iter().position(|other| other == card));
    tools.rove(at.unwrap_or(0), false);
    let hovered = tools.cards().into_iter().find(|card| card.matches(":hover").unwrap_or(false));
    tools.look(hovered.or_else(|| focused.filter(|_| at.is_some())));

    let chosen = Signal::derive(move || {
        let order = tools.order();
        let ids = tools.selection.with(|selection| selection.in_order(&order));
        ids.into_iter().filter_map(|id| tools.fact(id)).collect::<Vec<_>>()
    });
    let clear = Callback::new(move |gone| tools.leave_bar(gone));
    let band = move || {
        tools.band.get().filter(|band| band.drawn).map(|band| {
            let Place { left, top, width, height } = Place::between(band.from, band.to);
            let style = format!("left: {left}px; top: {top}px; width: {width}px; height: {height}px");
            view! { <div class="rubber-band" style=style></div> }
        })
    };
    let preview = move || tools.preview.get().map(|preview| view! { <GridPreview preview=preview /> });
    let add_all = grid.query.get_value().map(|query| {
        let what = Signal::stored(Additions::Query(query));
        view! { <AddToGallery open=grid.adding_all what=what id="add-all-to-gallery" /> }
    });
    view! {
        {preview}
        {band}
        <BulkBar chosen=chosen clear=clear />
        {add_all}
    }
}
