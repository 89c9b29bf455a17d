//! What only administrators see.

use super::session::use_session;
use leptos::prelude::*;

/// Shows its children to administrators. That hides what others cannot use; the server decides who may do what.
#[component]
pub fn AdminOnly(
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    let account = use_session().account;
    let children = StoredValue::new(children);
    view! {
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                match account.await {
                    Ok(Some(account)) if account.admin => children.with_value(|children| children()).into_any(),
                    _ => ().into_any(),
                }
            })}
        </Suspense>
    }
}
