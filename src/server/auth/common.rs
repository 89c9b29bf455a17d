//! Refuses passwords that are easy to guess. The estimate is that of the `zxcvbn` library, which knows tens of thousands
//! of common passwords, names and words, and sees through dates, repetitions, keyboard rows and letters swapped for digits.

use crate::model::FieldError;
use crate::model::user::check_password;
use zxcvbn::{Score, zxcvbn};

/// The least score that is accepted: about a hundred million guesses.
const LEAST: Score = Score::Three;

/// Whether a password is among the first that an attacker would try.
pub fn is_common(password: &str) -> bool {
    zxcvbn(password, &[]).score() < LEAST
}

/// Says what is wrong with a new password, if anything is: every way to get one comes through here.
pub fn check_new_password(password: &str, username: &str) -> Option<FieldError> {
    check_password(password, username).or_else(|| check_strength(password, username))
}

/// Says what is wrong with a new password, if it is easy to guess, also for somebody who knows the username.
pub fn check_strength(password: &str, username: &str) -> Option<FieldError> {
    let estimate = zxcvbn(password, &[username, "ocellus"]);
    if estimate.score() >= LEAST {
        return None;
    }
    let advice = estimate.feedback().map(|feedback| match feedback.warning() {
        Some(warning) => warning.to_string(),
        None => feedback.suggestions().iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
    });
    let advice = advice.filter(|advice| !advice.is_empty());
    let advice = advice.unwrap_or_else(|| "Several words that do not belong together are easy to remember.".to_owned());
    Some(FieldError::new("password", format!("is too easy to guess: {advice}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_tried_first() {
        for password in ["password123", "qwertyuiop", "1234567890", "aaaaaaaaaaaa", "iloveyou2024", "P@ssw0rd12"] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn accepts_what_is_not() {
        for password in ["correct horse battery staple", "vT9-kRu2-xWq7", "drei Gurken im Regen"] {
            assert!(!is_common(password), "{password}");
        }
    }

    #[test]
    fn a_new_password_is_neither_short_nor_easy_to_guess() {
        for password in ["", "x", "password123", "wilhelmina-1"] {
            assert!(check_new_password(password, "wilhelmina").is_some(), "{password}");
        }
        assert_eq!(check_new_password("drei Gurken im Regen", "wilhelmina"), None);
    }

    #[test]
    fn the_username_does_not_help() {
        assert!(check_strength("wilhelmina-1", "wilhelmina").is_some());
    }
}
