//! Keeps programs from registering in bulk, without asking anybody else and without JavaScript.
//!
//! The form shows a question in plain words that a screen reader reads like any text. Its token carries the time of issue
//! and a random number, both signed; question and answer follow from the number and a key that only the site's servers
//! know. So nothing is stored until a form comes back: then the number is remembered until it expires, because every
//! question counts once, whether the answer was right or wrong. Two more things give programs away: they fill in the
//! field that people do not see, and they are faster than anybody can read and type.
//!
//! Limits: this stops programs that fill in every form they meet. It does not stop somebody who writes a program for this
//! site, or asks a language model; for that there are the rate limits, and the setting that closes registration.

use crate::model::{AppError, Challenge};
use crate::server::store::{Db, StoreError, settings};
use std::fmt::Write as _;

/// How long a question can be answered.
const LIFETIME_S: i64 = 3600;
/// Nobody reads and fills in the form in less time.
const LEAST_TIME_S: i64 = 2;
/// Clocks of several servers may differ by so much.
const CLOCK_SKEW_S: i64 = 60;

/// Asks questions and checks the answers.
#[derive(Clone)]
pub struct BotCheck {
    key: [u8; 32],
    least_time_s: i64,
}

/// A question with the answers that count as right, in the form that [`normal`] gives.
struct Question {
    text: String,
    answers: Vec<String>,
}

impl BotCheck {
    /// With the site's key, which is made on first use.
    pub async fn open(db: &Db) -> Result<Self, StoreError> {
        let proposal = hex::encode(rand::random::<[u8; 32]>());
        let value = settings::get_or_insert(db, "bot-check-key", &proposal).await?;
        Ok(Self { key: blake3::derive_key("Ocellus registration form", value.as_bytes()), least_time_s: LEAST_TIME_S })
    }

    /// The same, but whoever answers may take as little time as this. For tests.
    pub fn with_least_time(mut self, least_time_s: i64) -> Self {
        self.least_time_s = least_time_s;
        self
    }

    /// A new question.
    pub fn challenge(&self, now: i64) -> Challenge {
        let nonce = hex::encode(rand::random::<[u8; 16]>());
        let signed = format!("{now}.{nonce}");
        let token = format!("{signed}.{}", self.mac(&signed));
        Challenge { question: self.question(&nonce).text, token }
    }

    /// Checks an answer. `trap` is the field that people do not see.
    pub async fn verify(&self, db: &Db, token: &str, answer: &str, trap: &str, now: i64) -> Result<(), AppError> {
        if !trap.is_empty() {
            return Err(AppError::field("website", "must stay empty"));
        }
        let (issued, nonce) = self.open_token(token).ok_or_else(|| {
            AppError::field("answer", "belongs to a question that this site did not ask; answer the new one")
        })?;
        let age = now - issued;
        if !(-CLOCK_SKEW_S..=LIFETIME_S).contains(&age) {
            return Err(AppError::field("answer", "came too late; answer the new question"));
        }
        if age < self.least_time_s {
            return Err(AppError::field("answer", "came faster than anybody types; wait a moment and send it again"));
        }
        let fresh = settings::use_challenge(db, nonce, issued + LIFETIME_S + CLOCK_SKEW_S, now).await;
        let fresh = fresh.map_err(|error| {
            tracing::error!(%error, "a registration could not be checked");
            AppError::Internal { request_id: String::new() }
        })?;
        if !fresh {
            return Err(AppError::field("answer", "was used before; answer the new question"));
        }
        if !self.question(nonce).answers.contains(&normal(answer)) {
            return Err(AppError::field("answer", "is not right; answer the new question"));
        }
        Ok(())
    }

    fn mac(&self, signed: &str) -> String {
        blake3::keyed_hash(&self.key, format!("token {signed}").as_bytes()).to_hex().to_string()
    }

    /// The time of issue and the random number, if the signature is right.
    fn open_token<'t>(&self, token: &'t str) -> Option<(i64, &'t str)> {
        let (signed, mac) = token.rsplit_once('.')?;
        let mac = blake3::Hash::from_hex(mac).ok()?;
        // Comparing hashes takes the same time wherever they differ.
        if mac != blake3::keyed_hash(&self.key, format!("token {signed}").as_bytes()) {
            return None;
        }
        let (issued, nonce) = signed.split_once('.')?;
        Some((issued.parse().ok()?, nonce))
    }

    fn question(&self, nonce: &str) -> Question {
        let dice = blake3::keyed_hash(&self.key, format!("question {nonce}").as_bytes());
        let dice = dice.as_bytes();
        let pick = |at: usize, most: usize| usize::from(dice[at]) % most;
        match pick(0, 4) {
            0 => {
                let (a, b) = (pick(1, 12) + 2, pick(2, 8) + 1);
                number(format!("What is {} plus {}?", NUMBERS[a], NUMBERS[b]), a + b)
            }
            1 => {
                let (a, b) = (pick(1, 9) + 11, pick(2, 9) + 1);
                number(format!("What is {} minus {}?", NUMBERS[a], NUMBERS[b]), a - b)
            }
            2 => {
                let (words, at) = (list(dice), pick(1, 4));
                let text = format!("What is the {} of these words: {}?", ORDINALS[at], words.join(", "));
                Question { text, answers: vec![words[at].to_owned()] }
            }
            _ => {
                let (kind, members) = KINDS[pick(1, KINDS.len())];
                let (mut words, at) = (list(dice), pick(2, 4));
                words[at] = members[pick(3, members.len())];
                let text = format!("Which of these words is {kind}: {}?", words.join(", "));
                Question { text, answers: vec![words[at].to_owned()] }
            }
        }
    }
}

const NUMBERS: [&str; 23] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "twenty-one",
    "twenty-two",
];
const ORDINALS: [&str; 4] = ["first", "second", "third", "fourth"];
/// Words that belong to none of [`KINDS`].
const WORDS: [&str; 16] = [
    "window", "bridge", "candle", "paper", "ladder", "pocket", "garden", "bottle", "basket", "hammer", "mirror",
    "carpet", "needle", "engine", "letter", "pillow",
];
const KINDS: [(&str, &[&str]); 4] = [
    ("an animal", &["horse", "rabbit", "spider", "dolphin"]),
    ("a colour", &["red", "green", "yellow", "purple"]),
    ("a fruit", &["apple", "banana", "cherry", "lemon"]),
    ("a day of the week", &["monday", "tuesday", "thursday", "friday"]),
];

fn number(text: String, answer: usize) -> Question {
    let mut answers = vec![answer.to_string()];
    answers.extend(NUMBERS.get(answer).map(|word| normal(word)));
    Question { text, answers }
}

/// Four different words.
fn list(dice: &[u8; 32]) -> [&'static str; 4] {
    let mut words = WORDS;
    for place in 0..4 {
        let other = place + usize::from(dice[8 + place]) % (words.len() - place);
        words.swap(place, other);
    }
    [words[0], words[1], words[2], words[3]]
}

/// An answer as it is compared: letters and digits in lower case.
fn normal(answer: &str) -> String {
    let mut text = String::new();
    for c in answer.chars().filter(|c| c.is_alphanumeric()) {
        let _ = write!(text, "{}", c.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check() -> BotCheck {
        BotCheck { key: [7; 32], least_time_s: LEAST_TIME_S }
    }

    #[test]
    fn every_question_has_its_answer_in_it_or_is_a_sum() {
        let check = check();
        for seed in 0..500 {
            let question = check.question(&seed.to_string());
            assert!(question.text.ends_with('?'));
            let sum = question.answers.len() == 2;
            assert!(sum || question.text.contains(&question.answers[0]), "{}", question.text);
        }
    }

    #[test]
    fn answers_may_be_written_in_many_ways() {
        assert_eq!(normal(" Twenty One. "), normal("twenty-one"));
        assert_eq!(normal("19"), "19");
    }

    #[test]
    fn a_changed_token_is_refused() {
        let check = check();
        let token = check.challenge(1000).token;
        assert_eq!(check.open_token(&token).map(|(issued, _)| issued), Some(1000));
        assert!(check.open_token(&token.replacen("1000", "2000", 1)).is_none());
        assert!(check.open_token("").is_none());
        assert!(check.open_token("1.2.3").is_none());
        let other = BotCheck { key: [8; 32], least_time_s: LEAST_TIME_S };
        assert!(other.open_token(&token).is_none());
    }
}
