//! Notices, and what stands where there is nothing.

use super::icons::{Glyph, Icon, Mark};
use leptos::prelude::*;

/// How serious a notice is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Something to know.
    #[default]
    Info,
    /// Something to mind.
    Warning,
    /// Something that failed.
    Danger,
    /// Something that worked.
    Success,
}

impl Tone {
    pub(super) fn class(self) -> &'static str {
        match self {
            Tone::Info => "info",
            Tone::Warning => "warning",
            Tone::Danger => "danger",
            Tone::Success => "success",
        }
    }

    fn glyph(self) -> Glyph {
        match self {
            Tone::Info => Glyph::Info,
            Tone::Warning | Tone::Danger => Glyph::Warning,
            Tone::Success => Glyph::Check,
        }
    }
}

/// A coloured box with a message.
#[component]
pub fn Notice(
    /// How serious it is.
    #[prop(optional)]
    tone: Tone,
    /// The message.
    children: Children,
) -> impl IntoView {
    let role = match tone {
        Tone::Danger => "alert",
        Tone::Success => "status",
        Tone::Info | Tone::Warning => "note",
    };
    view! {
        <div class=format!("notice {}", tone.class()) role=role>
            <Icon glyph=tone.glyph() />
            <div>{children()}</div>
        </div>
    }
}

/// What stands where a list would be: why it is empty, and what to do about it.
#[component]
pub fn Empty(
    /// What is missing, in a few words.
    #[prop(into)]
    title: String,
    /// Why, and what to do.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Mark class="empty-mark" />
            <h2>{title}</h2>
            {children()}
        </div>
    }
}
