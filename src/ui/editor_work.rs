//! The part of the editor's bar that says how far the work on a picture of a project is.

use super::dialog::Dialog;
use super::editor_said::Said;
use super::text::sentence;
use super::time::Moment;
use super::work_bar::StateBadge;
use crate::api::projects::{picture_work, set_work_state};
use crate::model::{AppError, MarkState, NewWorkState, PictureWork, WorkState};
use leptos::prelude::*;

/// The work on the picture that is open.
#[derive(Clone, Copy)]
pub struct OpenWork {
    project: i64,
    picture: i64,
    known: RwSignal<Option<Result<PictureWork, AppError>>>,
    /// What was said of the picture as far as it was known in advance, so that nothing moves when the answer is the same.
    said: StoredValue<String>,
}

/// What a button of the bar does in a project: the state that it leads to, and its words.
pub type Step = (WorkState, &'static str);

/// What the buttons for marks do in a project. The first says that all is well: annotators are done, reviewers accept what waits for
/// them; the other says that something is not: annotators ask somebody to look, reviewers send the picture back.
pub fn step_of(work: &PictureWork, mark: MarkState) -> Option<Step> {
    let waits = WorkState::REVIEWABLE.contains(&work.work.state);
    let step = match (mark, work.reviews && waits) {
        (MarkState::Done, true) => (WorkState::Accepted, "Accept"),
        (MarkState::Done, false) => (WorkState::Done, "Done"),
        (MarkState::NeedsReview, true) => (WorkState::ToDo, "Send back"),
        (MarkState::NeedsReview, false) => (WorkState::NeedsReview, "Needs review"),
        (MarkState::Skipped, _) => return None,
    };
    work.next.contains(&step.0).then_some(step)
}

impl OpenWork {
    /// That of a picture, as far as it is known; `is_early` says whether that may be no longer so.
    pub fn new(project: i64, picture: i64, known: Option<Result<PictureWork, AppError>>, is_early: bool) -> Self {
        let said = known.as_ref().and_then(|known| known.as_ref().ok()).map(|known| known.work.comment.clone());
        let known = known.filter(|_| !is_early);
        Self { project, picture, known: RwSignal::new(known), said: StoredValue::new(said.unwrap_or_default()) }
    }

    /// What was said of the picture last.
    pub fn said(self) -> String {
        self.known.with(|known| match known {
            Some(Ok(known)) => known.work.comment.clone(),
            // What is no longer known is not shown as if it were.
            Some(Err(_)) => String::new(),
            None => self.said.get_value(),
        })
    }

    /// Asks the server.
    pub async fn refresh(self) {
        let work = picture_work(self.project, self.picture).await;
        // The page may have gone on to another picture.
        let _ = self.known.try_set(Some(work));
    }

    /// What a button for marks does at present, as far as that is known.
    pub fn step(self, mark: MarkState) -> Option<Step> {
        self.known.with(|known| step_of(known.as_ref()?.as_ref().ok()?, mark))
    }

    /// Whether it is known that a button for marks does nothing at present.
    pub fn is_barred(self, mark: MarkState) -> bool {
        let is_known = self.known.with(|known| matches!(known, Some(Ok(_))));
        is_known && mark != MarkState::Skipped && self.step(mark).is_none()
    }

    /// Does what a button for marks does. Whoever is quicker than the server's answer is waited for. The error says what was to be
    /// done.
    pub async fn mark(self, mark: MarkState, comment: String, user: Option<String>) -> Result<(), String> {
        let known = self.known.try_get_untracked().flatten().and_then(Result::ok);
        let work = match known {
            Some(work) => work,
            None => picture_work(self.project, self.picture).await.map_err(|error| {
                format!("Picture {} stays as it is: {}", self.picture, sentence(&error.to_string()))
            })?,
        };
        match step_of(&work, mark) {
            Some((state, _)) => self.put(state, comment, Some(work.work.state), user).await,
            None => Err(format!("Picture {} stays as it is: you cannot say this of it at present.", self.picture)),
        }
    }

    /// Begins with the picture anew.
    pub async fn reopen(self, user: Option<String>) -> Result<(), String> {
        let before = self.known.with_untracked(|known| Some(known.as_ref()?.as_ref().ok()?.work.state));
        self.put(WorkState::ToDo, String::new(), before, user).await
    }

    /// Whether the picture can be begun with anew by the viewer.
    fn reopens(self) -> bool {
        self.known.with(|known| {
            let Some(Ok(work)) = known else { return false };
            work.work.state != WorkState::ToDo && work.next.contains(&WorkState::ToDo)
        })
    }

    async fn put(
        self,
        state: WorkState,
        comment: String,
        before: Option<WorkState>,
        user: Option<String>,
    ) -> Result<(), String> {
        let put = set_work_state(self.project, self.picture, NewWorkState { state, comment, before }, user).await;
        match put {
            Ok(work) => {
                let _ = self.known.try_set(Some(Ok(work)));
                Ok(())
            }
            Err(error) => {
                let label = state.label().to_lowercase();
                let why = sentence(&error.to_string());
                if matches!(error, AppError::Conflict(_)) {
                    self.refresh().await;
                }
                Err(format!("Picture {} was not set to {label}: {why}", self.picture))
            }
        }
    }
}

/// Where the work stands, in words, with what was said of it, and the project's instructions.
#[component]
pub fn PresentWork(
    /// The work.
    work: OpenWork,
    /// Begins with the picture anew.
    on_reopen: Callback<()>,
) -> impl IntoView {
    let reading = RwSignal::new(false);
    let shown = move || match work.known.get()? {
        Err(error) => Some(view! { <span class="muted truncate">{sentence(&error.to_string())}</span> }.into_any()),
        Ok(PictureWork { name, work: now, steps, instructions_html, .. }) => {
            let whose = match (&now.annotator, &now.author) {
                (Some(annotator), _) => format!("queue of {annotator}"),
                (None, _) => "nobody's queue".to_owned(),
            };
            let said = now.timestamp.zip(now.author).map(|(timestamp, author)| {
                view! { <span class="muted truncate">{format!("by {author}, ")} <Moment unix=timestamp /></span> }
            });
            let history = steps
                .into_iter()
                .map(|step| {
                    let comment = (!step.comment.is_empty()).then(|| view! { <p class="pre-line">{step.comment}</p> });
                    view! {
                        <li>
                            <p>
                                {format!("{} to {} by {}, ", step.from.label(), step.to.label().to_lowercase(), step.author)}
                                <Moment unix=step.timestamp />
                            </p>
                            {comment}
                        </li>
                    }
                })
                .collect_view();
            let instructions = match instructions_html.is_empty() {
                true => view! { <p class="muted">"The project has no instructions."</p> }.into_any(),
                false => view! { <div class="prose" inner_html=instructions_html></div> }.into_any(),
            };
            Some(
                view! {
                    <StateBadge state=now.state sent_back=now.sent_back />
                    <span class="muted truncate">{whose}</span>
                    {said}
                    <button class="button small" type="button" id="work-about" on:click=move |_| reading.set(true)>
                        "Instructions"
                    </button>
                    <Dialog open=reading title=name id="work-instructions">
                        {instructions}
                        <h3>"What became of this picture"</h3>
                        <ul class="work-steps">{history}</ul>
                    </Dialog>
                }
                .into_any(),
            )
        }
    };
    view! {
        <div class="editor-mark" role="group" aria-label="Work">
            {shown}
            <Show when=move || work.reopens()>
                <button class="button small" type="button" id="work-reopen" on:click=move |_| on_reopen.run(())>
                    "Begin anew"
                </button>
            </Show>
        </div>
        <Said words=Signal::derive(move || work.said()) />
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Work;

    fn at(state: WorkState, reviews: bool) -> PictureWork {
        PictureWork {
            project: 1,
            name: String::new(),
            work: Work { state, ..Work::default() },
            next: state.next(reviews),
            reviews,
            steps: Vec::new(),
            instructions_html: String::new(),
        }
    }

    #[test]
    fn buttons_do_what_the_role_asks_for() {
        let state = |state, reviews, mark| step_of(&at(state, reviews), mark).map(|(state, _)| state);
        use MarkState::{Done, NeedsReview, Skipped};
        assert_eq!(state(WorkState::ToDo, false, Done), Some(WorkState::Done));
        assert_eq!(state(WorkState::ToDo, false, NeedsReview), Some(WorkState::NeedsReview));
        assert_eq!(state(WorkState::Done, false, Done), None);
        assert_eq!(state(WorkState::NeedsReview, false, Done), Some(WorkState::Done));
        assert_eq!(state(WorkState::Accepted, false, NeedsReview), None);
        assert_eq!(state(WorkState::Done, true, Done), Some(WorkState::Accepted));
        assert_eq!(state(WorkState::NeedsReview, true, NeedsReview), Some(WorkState::ToDo));
        assert_eq!(state(WorkState::ToDo, true, Done), Some(WorkState::Done));
        assert_eq!(state(WorkState::ToDo, true, Skipped), None);
    }
}
