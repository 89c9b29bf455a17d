//! Help beside the query editor: examples to begin with, and the rules of the language.

use super::query_address::QueryAddress;
use super::query_editor::inline_code;
use super::text::query_for;
use crate::query::{RULES, RuleSpec};
use leptos::prelude::*;

/// Queries that are right on every site: they name nothing that a site may lack.
const EXAMPLES: [(&str, &str); 4] = [
    ("Large photos", "want:\n  - nature: photo\n  - above_width: 1600\n  - above_height: 1200\n"),
    ("Free to use for anything", "want:\n  - licence: [CC0-1.0, X-public-domain]\n"),
    ("Waiting to be annotated", "want:\n  - below_region_count: 0\n"),
    ("Winter, but no screenshots", "want:\n  - title: winter\nexclude:\n  - nature: screenshot\n"),
];

/// Queries to click on where there is none yet.
#[component]
pub fn QueryExamples(
    /// An object that pictures show, if one is known.
    #[prop(optional_no_strip)]
    object: Option<String>,
) -> impl IntoView {
    let shown = object.map(|name| (format!("Pictures with: {name}"), query_for("has", &name)));
    let fixed = EXAMPLES.iter().map(|(title, query)| ((*title).to_owned(), (*query).to_owned()));
    let items = shown.into_iter().chain(fixed).map(|(title, query)| {
        let href = QueryAddress { query: query.clone(), ..Default::default() }.href();
        view! {
            <li>
                <a class="query-example" href=href>
                    <span>{title}</span>
                    <code>{query.trim_end().to_owned()}</code>
                </a>
            </li>
        }
    });
    view! {
        <div class="query-examples">
            <h2>"Begin with one of these"</h2>
            <ul>{items.collect_view()}</ul>
        </div>
    }
}

/// The rules of the language, folded away.
#[component]
pub fn QueryReference() -> impl IntoView {
    let rule = |spec: &'static RuleSpec| {
        view! {
            <dt>
                <code>{format!("{}: {}", spec.name, spec.form.placeholder())}</code>
            </dt>
            <dd>
                "The picture " {inline_code(spec.meaning)} ". " <code class="query-sample">{format!("- {}", spec.example)}</code>
            </dd>
        }
    };
    view! {
        <details class="query-reference">
            <summary>"The rules"</summary>
            <p>
                "A picture must satisfy every rule under " <code>"want"</code> " and none under " <code>"exclude"</code>
                ". Every rule is an entry of its own, after a dash; a list in " <code>"[ ]"</code> " means any of these. "
                <code>"include_obsolete: true"</code> " adds pictures that have been replaced."
            </p>
            <dl class="query-rules">{RULES.iter().map(rule).collect_view()}</dl>
        </details>
    }
}
