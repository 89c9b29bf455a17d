//! What helps seeing, beside the canvases: the panel that says how everything looks, the map of the picture, the line that says
//! where the pointer is, and where the browser remembers what a person likes.

use super::editor_session::EditorSession;
use crate::editor::{Access, Command, Extent, Input, Look, Reading, Switch};
use crate::geometry::{Point, Rect};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Where the browser remembers how a person wants to see pictures.
const KEY: &str = "ocellus-editor-look";
/// The filter that brightness, contrast, gamma and edges need.
const FILTER: &str = "editor-look-filter";

/// What a slider sets: how it is read and written, what it is called, its least and greatest number.
#[derive(Clone, Copy)]
struct Slider {
    name: &'static str,
    read: fn(&Look) -> u16,
    write: fn(&mut Look, u16),
    bounds: (u16, u16),
}

const PICTURE: [Slider; 4] = [
    Slider {
        name: "Brightness",
        read: |look| look.brightness,
        write: |look, value| look.brightness = value,
        bounds: Look::STRETCH,
    },
    Slider {
        name: "Contrast",
        read: |look| look.contrast,
        write: |look, value| look.contrast = value,
        bounds: Look::STRETCH,
    },
    Slider { name: "Gamma", read: |look| look.gamma, write: |look, value| look.gamma = value, bounds: Look::GAMMA },
    Slider { name: "Edges", read: |look| look.edges, write: |look, value| look.edges = value, bounds: (0, 100) },
];
const OPACITY: Slider =
    Slider { name: "Opacity", read: |look| look.fill, write: |look, value| look.fill = value, bounds: (0, 100) };

/// Brings back how the person saw the last picture, and remembers how this one is seen. Runs in the browser only.
pub fn remember_look(look: RwSignal<Look>) {
    Effect::new(move |before: Option<()>| {
        let storage = window().local_storage().ok().flatten();
        if before.is_none() {
            let kept = storage.and_then(|storage| storage.get_item(KEY).ok().flatten());
            if let Some(kept) = kept.and_then(|text| serde_json::from_str::<Look>(&text).ok()) {
                look.set(kept.within_bounds());
            }
            return look.track();
        }
        // Where nothing can be stored, the choice holds for this picture.
        if let (Some(storage), Ok(text)) = (storage, serde_json::to_string(&look.get())) {
            let _ = storage.set_item(KEY, &text);
        }
    });
}

/// What CSS does to the picture for a way of looking.
pub fn picture_filter(look: &Look) -> String {
    if look.shows_picture_as_it_is() {
        return "none".to_owned();
    }
    format!("brightness({}%) contrast({}%) url(#{FILTER})", look.brightness, look.contrast)
}

/// The parts of the filter that CSS has no words for: gamma and edges.
fn filter_markup(look: &Look) -> String {
    let exponent = 100.0 / f64::from(look.gamma.max(1));
    let channel = |name: &str| format!(r#"<feFunc{name} type="gamma" exponent="{exponent}"/>"#);
    let (beside, middle) = (-f64::from(look.edges) / 50.0, 1.0 + f64::from(look.edges) / 12.5);
    format!(
        r#"<filter id="{FILTER}" x="0" y="0" width="1" height="1" color-interpolation-filters="sRGB"><feComponentTransfer>{}{}{}</feComponentTransfer><feConvolveMatrix order="3" preserveAlpha="true" edgeMode="duplicate" kernelMatrix="0 {beside} 0 {beside} {middle} {beside} 0 {beside} 0"/></filter>"#,
        channel("R"),
        channel("G"),
        channel("B"),
    )
}

/// The filter that [`picture_filter`] names.
#[component]
pub fn PictureFilter(
    /// The editor.
    session: EditorSession,
) -> impl IntoView {
    view! {
        <svg
            class="editor-filter"
            aria-hidden="true"
            width="0"
            height="0"
            inner_html=move || session.look.with(filter_markup)
        ></svg>
    }
}

/// The panel that says how the picture and its regions look. It covers nothing but a corner, so that one sees what one does.
#[component]
pub fn LookPanel(
    /// The editor.
    session: EditorSession,
    /// What the viewer may do.
    access: Access,
) -> impl IntoView {
    let look = session.look;
    let panel = NodeRef::<html::Section>::new();
    Effect::new(move |_| {
        if session.look_open.get()
            && let Some(panel) = panel.get_untracked()
            && let Ok(Some(first)) = panel.query_selector("input")
        {
            // Fails only for an element that cannot be focused, which this can. It is shown after this only.
            request_animation_frame(move || drop(first.unchecked_into::<web_sys::HtmlElement>().focus()));
        }
    });
    let close = move || {
        session.look_open.set(false);
        session.focus_surface();
    };
    let slider = move |slider: Slider| {
        let value = move || look.with(slider.read);
        view! {
            <label class="look-slider">
                <span>{slider.name}</span>
                <input
                    type="range"
                    min=slider.bounds.0
                    max=slider.bounds.1
                    prop:value=move || value().to_string()
                    on:input:target=move |event| {
                        if let Ok(value) = event.target().value().parse() {
                            look.update(|look| (slider.write)(look, value));
                        }
                    }
                />
                <output class="tabular">{move || format!("{} %", value())}</output>
            </label>
        }
    };
    let switch = move |switch: Switch| {
        view! {
            <label class="look-switch">
                <input
                    type="checkbox"
                    prop:checked=move || look.with(|look| look.has(switch))
                    on:change=move |_| session.command(Command::Switch(switch))
                />
                <span>{switch.name()}</span>
            </label>
        }
    };
    let switches = Switch::ALL.into_iter().filter(|switch| access == Access::Write || *switch != Switch::Crosshair);
    view! {
        <section
            class="editor-look"
            role="dialog"
            aria-label="View"
            // Also where somebody clicks between the controls, the keyboard is here.
            tabindex="-1"
            hidden=move || !session.look_open.get()
            node_ref=panel
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    event.prevent_default();
                    close();
                }
            }
        >
            <div class="look-head">
                <h2 class="editor-heading">"View"</h2>
                <button class="icon-button" type="button" aria-label="Close" on:click=move |_| close()>
                    <super::icons::Icon glyph=super::icons::Glyph::Close />
                </button>
            </div>
            <fieldset class="look-part">
                <legend>"Picture"</legend>
                {PICTURE.map(slider).into_iter().collect_view()}
                // It keeps the keyboard, which it would lose if it were disabled.
                <button
                    class="button small"
                    type="button"
                    aria-disabled=move || look.with(Look::shows_picture_as_it_is).then_some("true")
                    on:click=move |_| look.update(|look| *look = look.with_picture_as_it_is())
                >
                    "Reset the picture"
                </button>
            </fieldset>
            <fieldset class="look-part">
                <legend>"Regions and tools"</legend>
                {slider(OPACITY)}
                {switches.map(switch).collect_view()}
            </fieldset>
        </section>
    }
}

/// The map of the whole picture with the part that is in view, while that is not all. The arrow keys move the view as well.
#[component]
pub fn Minimap(
    /// The editor.
    session: EditorSession,
    /// The picture's thumbnail.
    #[prop(into)]
    src: Signal<String>,
    /// Width of the picture divided by its height.
    #[prop(into)]
    ratio: Signal<f64>,
) -> impl IntoView {
    let map = NodeRef::<html::Div>::new();
    let view = Memo::new(move |_| session.reading.with(|reading| reading.view));
    let hidden = move || view.with(crate::geometry::View::shows_all) || !session.look.with(|look| look.minimap);
    let part = move || {
        let Rect { x, y, w, h } = view.with(crate::geometry::View::seen);
        let percent = |part: f64| part * 100.0;
        format!("left: {}%; top: {}%; width: {}%; height: {}%", percent(x), percent(y), percent(w), percent(h))
    };
    let go_to = move |event: &web_sys::PointerEvent| {
        let Some(map) = map.get_untracked() else { return };
        let edges = map.get_bounding_client_rect();
        let x = (f64::from(event.client_x()) - edges.left()) / edges.width().max(1.0);
        let y = (f64::from(event.client_y()) - edges.top()) / edges.height().max(1.0);
        session.send(Input::LookAt(Point { x: x.clamp(0.0, 1.0), y: y.clamp(0.0, 1.0) }));
    };
    view! {
        <div
            class="editor-minimap"
            aria-hidden="true"
            hidden=hidden
            style=move || format!("aspect-ratio: {}", ratio.get())
            node_ref=map
            on:pointerdown=move |event| {
                event.prevent_default();
                if let Some(map) = event.current_target().and_then(|map| map.dyn_into::<Element>().ok()) {
                    // Fails only for a pointer that is gone already.
                    let _ = map.set_pointer_capture(event.pointer_id());
                }
                go_to(&event);
            }
            on:pointermove=move |event| {
                if event.buttons() & 1 == 1 {
                    go_to(&event);
                }
            }
        >
            // Made anew for each picture: with another address it would show the old one until the new one has come.
            <For each=move || [src.get()] key=String::clone let:src>
                <img src=src alt="" draggable="false" loading="lazy" />
            </For>
            <div class="minimap-part" style=part></div>
        </div>
    }
}

/// Where the pointer is and how large the selected region is, in pixels of the picture.
#[component]
pub fn ReadingLine(
    /// The editor.
    session: EditorSession,
) -> impl IntoView {
    let words = Memo::new(move |_| session.reading.with(in_words));
    view! {
        <p class="editor-reading tabular script-only" role="group" aria-label="Pixels">
            {move || words.get()}
        </p>
    }
}

fn in_words(reading: &Reading) -> String {
    let size = reading.extent.map(|Extent { width, height, area }| {
        let covers = if area >= 1.0 { format!(" ({area:.0} px²)") } else { String::new() };
        format!("{width:.0} × {height:.0} px{covers}")
    });
    let pixel = reading.pixel.map(|(x, y)| format!("{x}, {y}"));
    size.into_iter().chain(pixel).collect::<Vec<_>>().join(" · ")
}

/// Marks on the rulers where the pointer is.
#[component]
pub fn RulerMarks(
    /// The editor.
    session: EditorSession,
) -> impl IntoView {
    // Without rulers a moving pointer changes nothing here.
    let ruled = Memo::new(move |_| session.look.with(|look| look.rulers));
    let pointer = Memo::new(move |_| if ruled.get() { session.reading.with(|reading| reading.pointer) } else { None });
    let hidden = move || pointer.get().is_none();
    let across = move || pointer.get().map(|at| format!("transform: translateX({}px)", at.x));
    let down = move || pointer.get().map(|at| format!("transform: translateY({}px)", at.y));
    view! {
        <div class="ruler-mark is-across" aria-hidden="true" hidden=hidden style=across></div>
        <div class="ruler-mark is-down" aria-hidden="true" hidden=hidden style=down></div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_as_it_is_needs_no_filter() {
        assert_eq!(picture_filter(&Look::default()), "none");
        let look = Look { brightness: 130, ..Look::default() };
        assert_eq!(picture_filter(&look), format!("brightness(130%) contrast(100%) url(#{FILTER})"));
    }

    #[test]
    fn the_filter_leaves_even_areas_alone() {
        let markup = filter_markup(&Look { gamma: 200, edges: 100, ..Look::default() });
        assert!(markup.contains(r#"exponent="0.5""#), "{markup}");
        assert!(markup.contains(r#"kernelMatrix="0 -2 0 -2 9 -2 0 -2 0""#), "{markup}");
    }
}
