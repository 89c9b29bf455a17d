//! Passwords: hashed with Argon2id, off the async threads, a few at a time.

use crate::model::AppError;
use crate::model::user::MAX_PASSWORD;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// A hash takes about 20 MB of memory and some tens of milliseconds of one core: more of them at once than there are
/// cores would only take memory and slow each other down.
static AT_ONCE: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, |cores| cores.get())));

/// The hash that is checked when there is no such user, so that the answer takes as long as for one who exists.
static DUMMY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("nobody has this password").ok());

fn failed(what: &str) -> AppError {
    tracing::error!(what, "a password could not be processed");
    AppError::Internal { request_id: String::new() }
}

fn hash_now(password: &str) -> Result<String, AppError> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|error| failed(&error.to_string()))?;
    Ok(hash.to_string())
}

fn verify_now(password: &str, hash: &str) -> Result<bool, AppError> {
    // Made here rather than on first need, which would be seen in the time of the first unknown user.
    LazyLock::force(&DUMMY);
    let hash = PasswordHash::new(hash).map_err(|error| failed(&error.to_string()))?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Runs `work` on a thread for blocking work when its turn has come.
async fn bounded<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    let _turn = AT_ONCE.acquire().await.map_err(|error| failed(&error.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| failed(&error.to_string()))?
}

/// The hash of a new password, in the PHC string format, with a salt of its own.
pub async fn hash(password: &str) -> Result<String, AppError> {
    let password = password.to_owned();
    bounded(move || hash_now(&password)).await
}

/// What a session keeps of the password that it was started with, made from the password's hash: enough to notice another
/// password, and of no use to whoever reads it.
pub fn stamp(hash: &str) -> String {
    let key = blake3::derive_key("Ocellus session stamp", hash.as_bytes());
    hex::encode(&key[..16])
}

/// What of a typed password is looked at: a longer one than any account can have is wrong, and is not hashed as a whole.
pub fn cut(password: &str) -> &str {
    password.char_indices().nth(MAX_PASSWORD + 1).map_or(password, |(end, _)| &password[..end])
}

/// Whether the password is the one that was hashed.
pub async fn verify(password: &str, hash: &str) -> Result<bool, AppError> {
    let (password, hash) = (password.to_owned(), hash.to_owned());
    bounded(move || verify_now(&password, &hash)).await
}

/// Takes as long as [`verify`]: to be called when there is no such user, so that the time does not tell.
pub async fn verify_dummy(password: &str) -> Result<(), AppError> {
    let password = password.to_owned();
    bounded(move || match DUMMY.as_deref() {
        Some(hash) => verify_now(&password, hash).map(drop),
        None => Err(failed("the dummy hash is missing")),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let stored = hash("correct horse battery staple").await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("correct horse battery staple", &stored).await.unwrap());
        assert!(!verify("correct horse battery stapl", &stored).await.unwrap());
        assert_ne!(stored, hash("correct horse battery staple").await.unwrap());
        verify_dummy("anything").await.unwrap();
    }
}
