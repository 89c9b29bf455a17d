//! What became of an action, for the form that started it and for the page around it.

use super::parameters::parameter;
use crate::model::AppError;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_router::hooks::use_url;

/// Why the last submission of a form failed. Without JavaScript the server sends the browser back to the form with the
/// failure in the address, so that it shows the same as with it.
pub fn form_error<F>(action: ServerAction<F>) -> Signal<Option<AppError>>
where
    F: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
{
    let value = action.value();
    let sent = error_in_address(F::PATH);
    Signal::derive(move || match value.get() {
        Some(Err(error)) => Some(error),
        Some(Ok(_)) => None,
        None => sent.clone(),
    })
}

/// How often an action had run when it last succeeded in the way that counts: what is fetched anew after changes depends on
/// this. A refusal changes nothing, and a form that was drawn anew for it would lose what was typed.
pub fn successes<F>(action: ServerAction<F>, counts: impl Fn(&F::Output) -> bool + Send + Sync + 'static) -> Memo<usize>
where
    F: ServerFn + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
    F::Error: Clone + Send + Sync + 'static,
{
    let (value, version) = (action.value(), action.version());
    Memo::new(move |before: Option<&usize>| {
        let succeeded = value.with(|value| matches!(value, Some(Ok(output)) if counts(output)));
        if succeeded { version.get() } else { before.copied().unwrap_or_default() }
    })
}

/// Whether an action is under way, or has succeeded so that what the page is about is gone for the viewer: what the page would
/// fetch then, on the way to another one, would not be found.
pub fn is_ending<F>(action: ServerAction<F>, ends: impl Fn(&F::Output) -> bool) -> bool
where
    F: ServerFn + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
    F::Error: Clone + Send + Sync + 'static,
{
    action.pending().get() || action.value().with(|value| matches!(value, Some(Ok(output)) if ends(output)))
}

/// Calls `then` whenever an action has succeeded.
pub fn on_success<F>(action: ServerAction<F>, then: impl Fn() + 'static)
where
    F: ServerFn + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
    F::Error: Clone + Send + Sync + 'static,
{
    let value = action.value();
    Effect::new(move |_| {
        if value.with(|value| matches!(value, Some(Ok(_)))) {
            untrack(&then);
        }
    });
}

/// Forgets, on the page of a form, what an earlier visit failed with: the action outlives the page. What the address tells
/// without JavaScript goes on being shown.
pub fn forget<F>(action: ServerAction<F>)
where
    F: ServerFn + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
    F::Error: Clone + Send + Sync + 'static,
{
    Effect::new(move |_| action.clear());
}

/// Forgets what an action failed with, if it did. After a success nothing is touched: the view of before may be on its way out then, and
/// would look once more at what is gone already.
pub fn clear_refusal<F>(action: ServerAction<F>)
where
    F: ServerFn + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
    F::Error: Clone + Send + Sync + 'static,
{
    if action.value().with_untracked(|value| matches!(value, Some(Err(_)))) {
        action.clear();
    }
}

/// Why a form was refused that was sent without JavaScript, as the address tells. `path` is what it was sent to.
pub fn error_in_address(path: &str) -> Option<AppError> {
    use_url().with_untracked(|url| {
        let of_this_form = parameter(url.search(), "__path").as_deref() == Some(path);
        let error = parameter(url.search(), "__err").filter(|_| of_this_form)?;
        Some(ServerFnUrlError::<AppError>::decode_err(&error))
    })
}

/// The part of a form's failure that belongs to the field called `name`.
pub fn field_error(error: Signal<Option<AppError>>, name: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || error.with(|error| error.as_ref().and_then(|e| e.message_for(name).map(str::to_owned))))
}

/// The part of a form's failure that belongs to none of the fields that the form shows.
pub fn general_error(error: Signal<Option<AppError>>, fields: &'static [&'static str]) -> Signal<Option<String>> {
    Signal::derive(move || {
        error.with(|error| {
            let error = error.as_ref()?;
            let shown = fields.iter().any(|name| error.message_for(name).is_some());
            (!shown).then(|| super::text::sentence(&error.to_string()))
        })
    })
}

/// The failure above a form.
#[component]
pub fn FormNotice(
    /// What to say, if anything.
    error: Signal<Option<String>>,
) -> impl IntoView {
    use super::notice::{Notice, Tone};
    move || {
        error.get().map(|message| {
            view! {
                <Notice tone=Tone::Danger>
                    <p>{message}</p>
                </Notice>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::EditObject;
    use crate::model::Object;

    #[test]
    fn refusals_do_not_count_as_successes() {
        let owner = Owner::new();
        owner.set();
        let action = ServerAction::<EditObject>::new();
        let successes = successes(action, |object| object.id == "Cat");
        let run = |answer: Result<Object, AppError>| {
            action.version().update(|version| *version += 1);
            action.value().set(Some(answer));
            successes.get_untracked()
        };
        let named = |name: &str| {
            let (id, description) = (name.to_owned(), String::new());
            Ok(Object { id, description, parents: Vec::new(), children: Vec::new(), pictures: 0 })
        };
        let refused = || Err(AppError::Forbidden("not yours".to_owned()));
        assert_eq!(run(refused()), 0);
        assert_eq!(run(named("Cat")), 2);
        assert_eq!(run(refused()), 2);
        assert_eq!(run(named("Dog")), 2);
        assert_eq!(run(named("Cat")), 5);
    }
}
