//! Secrets that stand for somebody: API tokens and one-time links. Only their hashes are stored.

/// What every token begins with, so that a leaked one is recognised for what it is.
const PREFIX: &str = "oc_";

/// A new secret of 256 random bits.
pub fn new_token() -> String {
    format!("{PREFIX}{}", hex::encode(rand::random::<[u8; 32]>()))
}

/// The hash under which a secret is stored. A fast hash is right here: nobody can guess 256 random bits.
pub fn hash_token(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_so_do_their_hashes() {
        let (a, b) = (new_token(), new_token());
        assert_ne!(a, b);
        assert_eq!(a.len(), PREFIX.len() + 64);
        assert_ne!(hash_token(&a), hash_token(&b));
        assert_eq!(hash_token(&a), hash_token(&a));
    }
}
