//! Who is asking: passwords, sessions, tokens, and what keeps programs from guessing and registering in bulk.

pub mod bot_check;
pub mod clients;
pub mod common;
pub mod handover;
pub mod links;
pub mod passwords;
pub mod rate_limits;
pub mod session_store;
pub mod tokens;
