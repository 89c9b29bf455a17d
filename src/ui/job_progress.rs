//! How far a job is, as it goes on. Without JavaScript the page shows how far it was when it was asked for.

use crate::api::jobs::{CancelJob, job};
use crate::model::Job;
use crate::model::job::JobState;
use crate::ui::form::ButtonForm;
use crate::ui::text::{count, grouped};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{EventSource, MessageEvent};

/// Where the browser cannot be told of news, it asks so often.
const ASKS_EVERY: Duration = Duration::from_secs(2);

/// A time that is left, in words.
fn duration_text(seconds: i64) -> String {
    match seconds {
        ..60 => count(seconds.max(1), "second", "seconds"),
        60..5400 => count((seconds + 30) / 60, "minute", "minutes"),
        5400.. => count((seconds + 1800) / 3600, "hour", "hours"),
    }
}

/// How far a job is, in words.
pub fn progress_text(job: &Job) -> String {
    let mut parts = vec![match (job.state, job.cancelling) {
        (JobState::Running, true) => "Being cancelled".to_owned(),
        (state, _) => state.label().to_owned(),
    }];
    match (job.total, job.done) {
        (Some(total), done) if job.state != JobState::Queued => {
            parts.push(format!("{} of {}", grouped(done), grouped(total)));
        }
        (None, done) if done > 0 => parts.push(grouped(done)),
        _ => {}
    }
    if job.state == JobState::Running {
        parts.extend(job.rate.map(|rate| format!("{} in a second", grouped(rate.round() as i64))));
        parts.extend(job.left_s.map(|left| format!("{} left", duration_text(left))));
    }
    if job.errors > 0 {
        parts.push(count(job.errors, "error", "errors"));
    }
    parts.join(", ")
}

/// A bar that shows how far a job is.
#[component]
pub fn JobBar(
    /// The job.
    #[prop(into)]
    job: Signal<Job>,
) -> impl IntoView {
    let class = move || {
        job.with(|job| match job.state {
            JobState::Done => "progress done",
            JobState::Failed | JobState::Cancelled => "progress failed",
            JobState::Queued | JobState::Running => "progress",
        })
    };
    let part = move || {
        job.with(|job| match (job.state, job.total) {
            (JobState::Done, _) => Some("1".to_owned()),
            (JobState::Queued, _) => Some("0".to_owned()),
            (_, Some(total)) if total > 0 => Some((job.done as f64 / total as f64).min(1.0).to_string()),
            // How much there is nobody knows yet.
            (state, _) => state.has_ended().then(|| "0".to_owned()),
        })
    };
    let label = move || job.with(|job| format!("Progress of {}", job.title));
    view! { <progress class=class max="1" value=part aria-label=label /> }
}

/// Follows a job until it has ended or the page is left.
fn follow(id: i64, newest: RwSignal<Job>) {
    let Ok(source) = EventSource::new(&format!("/api/v1/jobs/{id}/events")) else {
        return ask_again(id, newest);
    };
    let ended = source.clone();
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let job = event.data().as_string().and_then(|text| serde_json::from_str::<Job>(&text).ok());
        let Some(job) = job else { return };
        let is_over = job.state.has_ended();
        if newest.try_set(job).is_some() || is_over {
            ended.close();
        }
    });
    let broken = source.clone();
    let lost = Closure::<dyn FnMut()>::new(move || {
        // The browser connects again by itself, unless it was refused.
        if broken.ready_state() == EventSource::CLOSED
            && newest.try_with_untracked(|job| !job.state.has_ended()) == Some(true)
        {
            ask_again(id, newest);
        }
    });
    let _ = source.add_event_listener_with_callback("job", heard.as_ref().unchecked_ref());
    source.set_onerror(Some(lost.as_ref().unchecked_ref()));
    // The browser frees both together with the source.
    heard.forget();
    lost.forget();
    let source = send_wrapper::SendWrapper::new(source);
    on_cleanup(move || source.close());
}

/// Asks how far a job is, again and again.
fn ask_again(id: i64, newest: RwSignal<Job>) {
    spawn_local(async move {
        let seen = job(id).await;
        let goes_on = match seen {
            Ok(job) => {
                let has_ended = job.state.has_ended();
                newest.try_set(job).is_none() && !has_ended
            }
            Err(_) => newest.try_with_untracked(|_| ()).is_some(),
        };
        if goes_on {
            set_timeout(move || ask_again(id, newest), ASKS_EVERY);
        }
    });
}

/// How far a job is, with what can be done about it.
#[component]
pub fn JobProgress(
    /// The job as it is known now.
    job: Job,
    /// Takes the job whenever there is news of it.
    newest: RwSignal<Job>,
) -> impl IntoView {
    let id = job.id;
    let cancel = ServerAction::<CancelJob>::new();
    let is_open = Memo::new(move |_| newest.with(|job| !job.state.has_ended()));
    let may_cancel = Memo::new(move |_| newest.with(|job| !job.state.has_ended() && !job.cancelling));
    Effect::new(move |_| {
        if newest.with_untracked(|job| !job.state.has_ended()) {
            follow(id, newest);
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(job)) = cancel.value().get() {
            newest.set(job);
        }
    });
    // What is read out is only what somebody waits for.
    let said = Memo::new(move |_| newest.with(|job| format!("{}: {}", job.title, job.state.label())));
    view! {
        <div class="stack job-progress">
            <JobBar job=newest />
            <p class="cluster">
                <span>{move || newest.with(progress_text)}</span>
                {move || {
                    may_cancel
                        .get()
                        .then(|| {
                            view! {
                                <ButtonForm action=cancel id=id class="button small quiet">
                                    "Cancel"
                                </ButtonForm>
                            }
                        })
                }}
            </p>
            <p class="visually-hidden" role="status">
                {move || said.get()}
            </p>
            {move || {
                is_open
                    .get()
                    .then(|| {
                        view! {
                            <p class="muted no-script-only">
                                <a href="">"Load the page again"</a>
                                " to see how far it is."
                            </p>
                        }
                    })
            }}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::job::JobKind;

    fn job(state: JobState, done: i64, total: Option<i64>) -> Job {
        Job {
            id: 1,
            kind: JobKind::Import,
            title: "Import of a.json".to_owned(),
            owner: "ada".to_owned(),
            state,
            cancelling: false,
            done,
            total,
            errors: 0,
            rate: None,
            left_s: None,
            result: None,
            failure: None,
            created: 0,
            ended: None,
        }
    }

    #[test]
    fn progress_is_said_as_far_as_it_is_known() {
        assert_eq!(progress_text(&job(JobState::Queued, 0, Some(10))), "Waiting");
        assert_eq!(progress_text(&job(JobState::Running, 0, None)), "Running");
        assert_eq!(progress_text(&job(JobState::Running, 1200, None)), "Running, 1\u{202f}200");
        let running = Job { rate: Some(11.6), left_s: Some(61), errors: 1, ..job(JobState::Running, 5, Some(1000)) };
        assert_eq!(progress_text(&running), "Running, 5 of 1\u{202f}000, 12 in a second, 1 minute left, 1 error");
        assert_eq!(progress_text(&Job { cancelling: true, ..job(JobState::Running, 0, None) }), "Being cancelled");
        assert_eq!(progress_text(&job(JobState::Done, 10, Some(10))), "Done, 10 of 10");
        assert_eq!(duration_text(0), "1 second");
        assert_eq!(duration_text(7200), "2 hours");
    }
}
