//! Choosing licences: all of them as check boxes, with a filter, the usual ones first.

use super::field::FieldError;
use crate::model::Licence;
use crate::model::licence::short_name;
use leptos::prelude::*;

/// Whether every word of the filter occurs in the licence's name or id.
fn fits(licence: &Licence, filter: &str) -> bool {
    let text = format!("{} {}", licence.title, licence.id).to_lowercase();
    filter.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// Check boxes for licences, with a filter.
#[component]
pub fn LicencePicker(
    /// Every licence, the pinned ones first.
    licences: Vec<Licence>,
    /// Ids of those that are chosen.
    chosen: RwSignal<Vec<String>>,
    /// What is wrong with the choice, if anything is.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The boxes' name in a form that is sent as it is.
    #[prop(optional)]
    name: Option<&'static str>,
) -> impl IntoView {
    let filter = RwSignal::new(String::new());
    let boxes = licences
        .into_iter()
        .map(|licence| {
            let (id, toggled, value) = (licence.id.clone(), licence.id.clone(), licence.id.clone());
            let at_first = chosen.with_untracked(|chosen| chosen.contains(&id));
            let checked = move || chosen.with(|chosen| chosen.contains(&id));
            let always = checked.clone();
            let (short, title) = (short_name(&licence.id), licence.title.clone());
            let free = licence.free;
            let hidden = move || !always() && filter.with(|filter| !fits(&licence, filter));
            view! {
                <li hidden=hidden>
                    <label class="choice">
                        <input
                            type="checkbox"
                            name=name
                            value=value
                            checked=at_first
                            prop:checked=checked
                            on:change=move |_| {
                                chosen
                                    .update(|chosen| match chosen.iter().position(|id| *id == toggled) {
                                        Some(at) => drop(chosen.remove(at)),
                                        None => chosen.push(toggled.clone()),
                                    });
                            }
                        />
                        <span>
                            {short} " " <span class="licence-title">{title}</span>
                        </span>
                        {free.then(|| view! { <span class="badge success">"free"</span> })}
                    </label>
                </li>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field" aria-describedby="licence-hint licence-error">
            <legend class="field-label">"Licences"</legend>
            <p class="field-hint" id="licence-hint">
                {move || match chosen.with(Vec::len) {
                    0 => "Under which terms may others use the pictures? Choose at least one if they may.".to_owned(),
                    1 => "1 licence chosen.".to_owned(),
                    several => format!("{several} licences chosen: reusers may pick any of them."),
                }}
            </p>
            <div class="licence-picker">
                <input
                    type="search"
                    aria-label="Filter licences"
                    placeholder="Filter, such as CC BY"
                    autocomplete="off"
                    prop:value=move || filter.get()
                    on:input:target=move |event| filter.set(event.target().value())
                />
                <ul class="licence-list" tabindex="0" aria-label="Licences">
                    {boxes}
                </ul>
            </div>
            <FieldError id="licence-error" error=error />
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_by_all_words() {
        let licence = Licence {
            id: "CC-BY-SA-4.0".into(),
            title: "Creative Commons Attribution-ShareAlike 4.0".into(),
            description: String::new(),
            info_url: None,
            legalese_url: None,
            free: true,
            pinned: true,
            logo_url: None,
        };
        assert!(fits(&licence, ""));
        assert!(fits(&licence, "creative 4.0"));
        assert!(fits(&licence, "cc-by-sa"));
        assert!(!fits(&licence, "creative 3.0"));
    }
}
