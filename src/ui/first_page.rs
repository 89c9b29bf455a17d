//! The first page, which comes from the server and is taken over by the browser.

use leptos::prelude::{Owner, document};

/// Whether the first page has been taken over from the server: see the script in the shell. In the browser only.
pub fn is_taken_over() -> bool {
    document().document_element().is_some_and(|root| root.has_attribute("data-hydrated"))
}

/// Whether what is built now is the first page: on the server, and in the browser until it has taken that page over. Both have to
/// build the same then.
pub fn is_first_page() -> bool {
    !Owner::current_shared_context().is_some_and(|context| context.is_browser()) || !is_taken_over()
}
