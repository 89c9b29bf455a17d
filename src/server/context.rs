//! Who is asking: the context of one request.

use super::auth::rate_limits::network;
use super::auth::session_store::DbSessionStore;
use super::auth::{clients, passwords};
use super::state::AppState;
use super::store;
use super::store::audit::Actor;
use super::store::users::UserRow;
use super::store::{Caller, StoreError};
use crate::model::{Account, AppError, Viewer};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use leptos::prelude::{Owner, provide_context, use_context};
use leptos::reactive::computed::ScopedFuture;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio_util::sync::CancellationToken;
use tower_http::request_id::RequestId;
use tower_sessions::Session;
use tracing::Instrument;

/// The key of the signed-in user's id in a session.
pub const SESSION_USER: &str = "user";

/// The key of what a session keeps of the user's password, so that it ends when there is another one.
pub const SESSION_STAMP: &str = "stamp";

/// The key of the time when somebody signed in, in Unix seconds.
pub const SESSION_STARTED: &str = "started";

/// The key of the time when a session was last written down as used, in Unix seconds.
pub const SESSION_SEEN: &str = "seen";

/// The key of the browser and system in a few words.
pub const SESSION_CLIENT: &str = "client";

/// The use of a session or token is written down at most once in so many seconds: to its owner that is exact enough, and
/// reading stays cheap.
const SEEN_EVERY_S: i64 = 3600;

/// One request's context, which every operation starts from.
#[derive(Clone)]
pub struct RequestContext {
    /// What handlers share.
    pub state: AppState,
    /// Whoever is asking.
    pub viewer: Viewer,
    /// The cookie session.
    pub session: Session,
    /// The client's address, for rate limits.
    pub client: IpAddr,
    /// What the client says that it is; empty where it says nothing.
    pub user_agent: String,
    /// Cancelled when nobody waits any more for a page that is rendered all the same; never for other requests, whose work is
    /// dropped then.
    pub gone: CancellationToken,
}

impl RequestContext {
    /// What may take its time, as long as somebody waits for it.
    pub async fn while_wanted<T, E: From<StoreError>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        tokio::select! {
            biased;
            () = self.gone.cancelled() => Err(StoreError::TimedOut.into()),
            outcome = work => outcome,
        }
    }

    /// The signed-in user, who may change things; or why they may not.
    pub fn writer(&self) -> Result<Account, AppError> {
        match &self.viewer.account {
            None => Err(AppError::NotSignedIn("sign in first".to_owned())),
            Some(_) if self.viewer.read_only => Err(AppError::Forbidden("this token may only read".to_owned())),
            Some(account) => Ok(account.clone()),
        }
    }

    /// The signed-in user, who may also come with a token that only reads.
    pub fn reader(&self) -> Result<Account, AppError> {
        self.viewer.account.clone().ok_or_else(|| AppError::NotSignedIn("sign in first".to_owned()))
    }

    /// The same, if `is_meant` says yes to the username: what a page does that somebody else opened, before another one signed
    /// in in the same browser, is not done under this name.
    pub fn writer_if(&self, is_meant: impl FnOnce(&str) -> bool) -> Result<Account, AppError> {
        let account = self.writer()?;
        if is_meant(&account.username) {
            Ok(account)
        } else {
            Err(AppError::NotSignedIn("somebody else is signed in now".to_owned()))
        }
    }

    /// The user who is signed in with the cookie: a token, which programs carry around, does not look after the account.
    pub async fn account_holder(&self) -> Result<Account, AppError> {
        let account = self.writer()?;
        let failed = |error: tower_sessions::session::Error| super::errors::internal("the session", &error);
        if self.session.get::<i64>(SESSION_USER).await.map_err(failed)? == Some(account.id) {
            Ok(account)
        } else {
            Err(AppError::Forbidden("a token may not do this; sign in on the site".to_owned()))
        }
    }

    /// The signed-in administrator, who may change things; or why they may not.
    pub fn administrator(&self) -> Result<Account, AppError> {
        self.writer()?;
        self.reading_administrator()
    }

    /// The signed-in administrator, who may read what only administrators may; or why they may not.
    pub fn reading_administrator(&self) -> Result<Account, AppError> {
        match &self.viewer.account {
            None => Err(AppError::NotSignedIn("sign in first".to_owned())),
            Some(account) if account.admin => Ok(account.clone()),
            Some(_) => Err(AppError::Forbidden("only administrators may do this".to_owned())),
        }
    }
}

/// An account that does something now.
pub fn actor(account: &Account) -> Actor {
    Actor::user(account.id, now_s())
}

/// The context of the request that is being answered. There is one in every server function, whether it was called over
/// the wire, by a page that is being rendered, or by a route of the JSON API through [`within`].
pub fn current() -> Result<RequestContext, AppError> {
    use_context::<RequestContext>()
        .ok_or_else(|| super::errors::internal("a server function", &"it was called outside a request"))
}

/// Runs a server function in the context of a request of the JSON API.
pub async fn within<T>(context: RequestContext, operation: impl Future<Output = T>) -> T {
    let owner = Owner::new();
    owner
        .with(|| {
            provide_context(context);
            ScopedFuture::new(operation)
        })
        .await
}

/// The present time in Unix seconds.
pub fn now_s() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs() as i64)
}

/// The id by which the log calls a request; empty before one is given.
pub fn request_id(extensions: &Extensions) -> String {
    extensions.get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).map(str::to_owned).unwrap_or_default()
}

impl FromRequestParts<AppState> for RequestContext {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, AppError> {
        let mut context = Self::anonymous(parts, state)?;
        context.viewer = match bearer_token(&parts.headers)? {
            Some(token) => token_viewer(state, token).await?,
            None => session_viewer(&context).await?,
        };
        if let Some(account) = &context.viewer.account {
            context.state.db = context.state.db.on_behalf_of(Caller::Account(account.id));
        }
        Ok(context)
    }
}

impl RequestContext {
    /// The context of a job, whose owner asks without a browser. `end` is cancelled when nobody wants it any more.
    pub fn of_job(state: &AppState, viewer: Viewer, end: CancellationToken) -> Self {
        let session = Session::new(None, Arc::new(DbSessionStore(state.db.clone())), None);
        let client = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        Self { state: state.clone(), viewer, session, client, user_agent: String::new(), gone: end }
    }

    /// The context of a page that is the same for everybody: neither token nor session is read, whoever asks.
    pub fn anonymous(parts: &Parts, state: &AppState) -> Result<Self, AppError> {
        let (session, client) = (session_of(parts)?, client_address(parts, state));
        let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let user_agent = user_agent.unwrap_or_default().to_owned();
        let mut state = state.clone();
        // Behind a proxy that says nothing everybody comes from the same address.
        if !is_near(client) {
            state.db = state.db.on_behalf_of(Caller::Network(network(client)));
        }
        Ok(Self { state, viewer: Viewer::default(), session, client, user_agent, gone: CancellationToken::new() })
    }
}

/// Whether an address is that of this machine or of a network without addresses of its own in the internet.
fn is_near(client: IpAddr) -> bool {
    match client.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_unspecified(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unspecified(),
    }
}

fn session_of(parts: &Parts) -> Result<Session, AppError> {
    let session = parts.extensions.get::<Session>().cloned();
    session.ok_or_else(|| super::errors::internal("the session", &"its layer is missing"))
}

fn bearer_token(headers: &HeaderMap) -> Result<Option<&str>, AppError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    token.map(Some).ok_or_else(|| AppError::NotSignedIn("the Authorization header must be `Bearer` and a token".into()))
}

async fn token_viewer(state: &AppState, token: &str) -> Result<Viewer, AppError> {
    let (hash, now) = (super::auth::tokens::hash_token(token), now_s());
    let bearer = store::tokens::by_hash(&state.db, &hash, now).await?;
    let unknown = || AppError::NotSignedIn("the token is unknown, revoked or expired".to_owned());
    let bearer = bearer.ok_or_else(unknown)?;
    if is_due(bearer.last_used_at, now) {
        // Reading waits for no writer, nor fails because of one.
        let db = state.db.clone();
        let note = async move {
            if let Err(error) = store::tokens::mark_used(&db, &hash, now).await {
                tracing::error!(%error, "the use of a token could not be written down");
            }
        };
        tokio::spawn(note.in_current_span());
    }
    Ok(Viewer { account: Some(bearer.account), read_only: bearer.read_only })
}

/// Whether a use at `now` is to be written down.
fn is_due(seen: Option<i64>, now: i64) -> bool {
    seen.is_none_or(|seen| now - seen >= SEEN_EVERY_S)
}

async fn session_viewer(context: &RequestContext) -> Result<Viewer, AppError> {
    let RequestContext { state, session, .. } = context;
    let failed = |error: tower_sessions::session::Error| super::errors::internal("the session", &error);
    let Some(user) = session.get::<i64>(SESSION_USER).await.map_err(failed)? else { return Ok(Viewer::default()) };
    let stamp: Option<String> = session.get(SESSION_STAMP).await.map_err(failed)?;
    let row = store::users::by_id(&state.db, user).await?;
    // A session from before the password was changed may be a thief's.
    let holds = |row: &UserRow| row.suspended_at.is_none() && stamp == Some(passwords::stamp(&row.password_hash));
    let Some(row) = row.filter(holds) else {
        return Ok(Viewer::default());
    };
    keep_alive(context).await?;
    let account = Account { id: row.id, username: row.username, admin: row.admin };
    Ok(Viewer { account: Some(account), read_only: false })
}

/// A session lasts for so many days after its last use.
async fn keep_alive(context: &RequestContext) -> Result<(), AppError> {
    let failed = |error: tower_sessions::session::Error| super::errors::internal("the session", &error);
    let seen: Option<i64> = context.session.get(SESSION_SEEN).await.map_err(failed)?;
    if is_due(seen, now_s()) { mark_seen(context).await.map_err(failed) } else { Ok(()) }
}

/// Notes in the session when it was used, and with what.
pub async fn mark_seen(context: &RequestContext) -> Result<(), tower_sessions::session::Error> {
    context.session.insert(SESSION_SEEN, now_s()).await?;
    context.session.insert(SESSION_CLIENT, clients::describe(&context.user_agent)).await
}

fn client_address(parts: &Parts, state: &AppState) -> IpAddr {
    let forwarded = state.config.client_address_header.as_ref().and_then(|name| {
        // Only the last entry was written by the proxy that the operator trusts.
        parts.headers.get_all(name).iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    });
    let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    forwarded.or(connection).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_many_share_are_near() {
        for near in
            ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.7", "0.0.0.0", "::1", "::", "fd00::1", "::ffff:10.1.2.3"]
        {
            assert!(is_near(near.parse().unwrap()), "{near}");
        }
        for far in ["203.0.113.9", "172.32.0.1", "8.8.8.8", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert!(!is_near(far.parse().unwrap()), "{far}");
        }
    }
}
