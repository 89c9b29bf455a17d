//! Tables whose rows become cards of their own where there is little room.

use leptos::prelude::*;

/// What stands above a column.
#[derive(Clone, Copy, Debug)]
pub enum Column {
    /// A column of texts.
    Text(&'static str),
    /// A column of numbers.
    Number(&'static str),
    /// A column of buttons, which say by themselves what they are.
    Buttons,
}

impl Column {
    fn heading(self) -> AnyView {
        match self {
            Column::Text(name) => view! { <th scope="col">{name}</th> }.into_any(),
            Column::Buttons => view! { <td></td> }.into_any(),
            Column::Number(name) => view! {
                <th scope="col" class="number">
                    {name}
                </th>
            }
            .into_any(),
        }
    }
}

/// A table. Where a row becomes a card, a cell shows the column's name from its attribute `data-label`.
#[component]
pub fn Table(
    /// What the table holds, in a few words.
    label: &'static str,
    /// The columns, from left to right.
    columns: &'static [Column],
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-wrap table-rows" role="region" aria-label=label tabindex="0">
            <table>
                <thead>
                    <tr>{columns.iter().map(|column| column.heading()).collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
