//! Modal dialogs on the browser's own `<dialog>`, which keeps the focus inside and closes on Escape.

use super::icons::{Glyph, Icon};
use leptos::html;
use leptos::prelude::*;

fn show(dialog: &web_sys::HtmlDialogElement) {
    if !dialog.open() {
        // Fails only for a dialog that is not on the page, where nothing can be shown.
        let _ = dialog.show_modal();
    }
}

/// A modal dialog that is open while `open` is true.
#[component]
pub fn Dialog(
    /// Whether it is open; closing it by any means sets this to false.
    open: RwSignal<bool>,
    /// What to call it.
    #[prop(into)]
    title: String,
    /// Its id, which must be the only one on the page.
    id: &'static str,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    Effect::new(move |_| {
        let wanted = open.get();
        let Some(dialog) = node.get() else { return };
        if wanted && !dialog.is_connected() {
            // It was wanted before it was there, and is about to stand on the page.
            request_animation_frame(move || {
                if open.try_get_untracked() == Some(true) {
                    show(&dialog);
                }
            });
        } else if wanted {
            show(&dialog);
        } else if dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog class="dialog" id=id node_ref=node aria-labelledby=labelled_by on:close=move |_| open.set(false)>
            <div class="dialog-head">
                <h2 id=title_id>{title}</h2>
                <button class="icon-button" type="button" aria-label="Close" on:click=move |_| open.set(false)>
                    <Icon glyph=Glyph::Close />
                </button>
            </div>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}

/// The button that closes a dialog, and those that do what it is for.
#[component]
pub fn DialogActions(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
    /// The other buttons.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="dialog-actions">
            <button class="button" type="button" on:click=move |_| open.set(false)>
                "Cancel"
            </button>
            {children()}
        </div>
    }
}

/// Asks before something that cannot be undone.
#[component]
pub fn Confirm(
    /// Whether the question is asked at present.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: String,
    /// The dialog's id, which must be the only one on the page.
    id: &'static str,
    /// What will happen.
    #[prop(into)]
    detail: String,
    /// The words on the button that goes ahead, such as "Delete".
    action: &'static str,
    /// Called after that button was pressed.
    on_confirm: Callback<()>,
) -> impl IntoView {
    view! {
        <Dialog open=open title=title id=id>
            <p>{detail}</p>
            <DialogActions open=open>
                <button
                    class="button danger"
                    type="button"
                    on:click=move |_| {
                        open.set(false);
                        on_confirm.run(());
                    }
                >
                    {action}
                </button>
            </DialogActions>
        </Dialog>
    }
}
