//! How often strangers may try what costs the server much or lets them guess.
//!
//! The counts live in the memory of one server: a restart forgets them, and a site of several servers allows so much on
//! each.

use crate::model::AppError;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A number of tries at once, and the time after which one more is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many tries may come at once.
    pub burst: NonZeroU32,
    /// How long it takes until one more is allowed.
    pub refill: Duration,
}

impl Rate {
    /// `burst` tries at once, of which there is at least one, and one more after every `refill`.
    pub fn new(burst: u32, refill: Duration) -> Self {
        Self { burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN), refill }
    }
}

/// The rates of everything that is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Registrations from one address, the first account and new passwords by a link included.
    pub register: Rate,
    /// Attempts to sign in from one address.
    pub login: Rate,
    /// Attempts to sign in as one user, from wherever: generous, since a stranger could otherwise lock the user out.
    pub login_as: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            register: Rate::new(10, Duration::from_secs(360)),
            login: Rate::new(20, Duration::from_secs(15)),
            login_as: Rate::new(30, Duration::from_secs(30)),
        }
    }
}

/// Counts the tries.
pub struct RateLimits {
    register: Keyed<u64>,
    login: Keyed<u64>,
    login_as: Keyed<[u8; 32]>,
}

impl RateLimits {
    /// With these rates.
    pub fn new(rates: &Rates) -> Self {
        Self {
            register: Keyed::new(rates.register),
            login: Keyed::new(rates.login),
            login_as: Keyed::new(rates.login_as),
        }
    }

    /// Counts an attempt to register, or to use a link that leads into an account.
    pub fn check_register(&self, address: IpAddr) -> Result<(), AppError> {
        self.register.check(&network(address))
    }

    /// Counts an attempt to sign in.
    pub fn check_login(&self, address: IpAddr, username: &str) -> Result<(), AppError> {
        self.login.check(&network(address))?;
        // Hashed, so that long names take no more memory than short ones.
        self.login_as.check(blake3::hash(username.as_bytes()).as_bytes())
    }
}

/// One number for whoever holds an address: of IPv6, a household gets a whole /64.
pub fn network(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => u64::from(u32::from(address)),
        IpAddr::V6(address) => (u128::from(address) >> 64) as u64,
    }
}

/// Tries before the keys that nobody used of late are forgotten.
const CLEAN_EVERY: u32 = 1024;

struct Keyed<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
    checks: AtomicU32,
}

impl<K: Hash + Eq + Clone> Keyed<K> {
    fn new(rate: Rate) -> Self {
        // A quota cannot be made of no time at all.
        let refill = rate.refill.max(Duration::from_millis(1));
        let quota = Quota::with_period(refill).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(rate.burst);
        Self { limiter: RateLimiter::keyed(quota), clock: DefaultClock::default(), checks: AtomicU32::new(0) }
    }

    fn check(&self, key: &K) -> Result<(), AppError> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CLEAN_EVERY == CLEAN_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|denied| {
            let wait = denied.wait_time_from(self.clock.now());
            AppError::RateLimited { retry_after_s: wait.as_secs() + 1 }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_and_each_name_has_its_own_count() {
        let rates = Rates {
            login: Rate::new(3, Duration::from_secs(60)),
            login_as: Rate::new(4, Duration::from_secs(60)),
            ..Rates::default()
        };
        let limits = RateLimits::new(&rates);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        for _ in 0..3 {
            limits.check_login(address("192.0.2.1"), "ada").unwrap();
        }
        let denied = limits.check_login(address("192.0.2.1"), "ada").unwrap_err();
        assert!(matches!(denied, AppError::RateLimited { retry_after_s: 1..=61 }), "{denied:?}");
        limits.check_login(address("192.0.2.2"), "ada").unwrap();
        assert!(limits.check_login(address("192.0.2.3"), "ada").is_err());
        limits.check_login(address("192.0.2.3"), "grace").unwrap();
    }

    #[test]
    fn a_household_is_one_network() {
        let number = |text: &str| network(text.parse().unwrap());
        assert_eq!(number("2001:db8::1"), number("2001:db8::ffff"));
        assert_ne!(number("2001:db8::1"), number("2001:db8:0:1::1"));
        assert_eq!(number("::ffff:192.0.2.1"), number("192.0.2.1"));
    }
}
