//! Whether pictures may be used for what somebody has in mind.

use super::selection::Selected;
use crate::formats::attribution::{Use, UseCheck, Verdict};
use crate::model::export::Purpose;
use crate::model::licence_group::Conditions;
use crate::model::{AppError, Licence};
use crate::server::state::AppState;
use crate::server::store::exports;
use std::collections::HashMap;

/// So many pictures are named in a refusal.
const MAX_NAMED: usize = 5;

/// So many pictures, in words.
pub fn pictures(count: u64) -> String {
    if count == 1 { "1 picture".to_owned() } else { format!("{count} pictures") }
}

/// Leaves out the pictures whose licences exclude the purpose, or refuses where there are any. Says what was left out, and of how many pictures
/// nobody knows.
pub async fn apply(
    state: &AppState,
    selected: &mut Selected,
    purpose: Purpose,
    licences: &[Licence],
) -> Result<Vec<String>, AppError> {
    let conditions: HashMap<&str, Conditions> =
        licences.iter().map(|licence| (licence.id.as_str(), Conditions::of(licence))).collect();
    let ids: Vec<i64> = selected.pictures.iter().filter_map(|chosen| chosen.picture).collect();
    let of_pictures = exports::licences(&state.db, &ids).await?;
    let wanted = Use { commercial: purpose.commercial, derivatives: purpose.derivatives, ..Use::default() };
    let mut check = UseCheck::new(wanted);
    let mut named: Vec<String> = Vec::new();
    let fits = selected.pictures.iter().map(|chosen| {
        let own = chosen.picture.and_then(|picture| of_pictures.get(&picture)).map(Vec::as_slice).unwrap_or_default();
        let own = own.iter().map(|licence| conditions.get(licence.as_str()).copied().unwrap_or_default());
        let own: Vec<Conditions> = own.collect();
        check.add(&chosen.path, own.iter().copied());
        let is_excluded = wanted.under_any(own) == Verdict::Excluded;
        if is_excluded && named.len() < MAX_NAMED {
            named.push(format!("`{}`", chosen.path));
        }
        !is_excluded
    });
    let fits: Vec<bool> = fits.collect();
    if check.excluded() > 0 && !purpose.leave_out {
        let message = format!(
            "the licences of {} of {} pictures exclude this use, such as those of {}; say excluded=leave-out to leave them out",
            check.excluded(),
            fits.len(),
            named.join(", ")
        );
        return Err(AppError::Conflict(message));
    }
    selected.retain(&fits);
    let mut said = Vec::new();
    if check.excluded() > 0 {
        said.push(format!("{} left out, since the licences exclude this use", pictures(check.excluded())));
    }
    if check.unknown() > 0 {
        said.push(format!(
            "{} of which nobody has said whether the licences allow this use",
            pictures(check.unknown())
        ));
    }
    Ok(said)
}
