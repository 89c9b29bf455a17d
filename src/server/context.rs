//! Who is asking: the context of one request.

use super::auth::passwords;
use super::state::AppState;
use super::store;
use super::store::audit::Actor;
use super::store::users::UserRow;
use crate::model::{Account, AppError, Viewer};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use leptos::prelude::{Owner, provide_context, use_context};
use leptos::reactive::computed::ScopedFuture;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{SystemTime, UNIX_EPOCH};
use tower_http::request_id::RequestId;
use tower_sessions::Session;

/// The key of the signed-in user's id in a session.
pub const SESSION_USER: &str = "user";

/// The key of what a session keeps of the user's password, so that it ends when there is another one.
pub const SESSION_STAMP: &str = "stamp";

/// The key of the time when a session was last written down as used, in Unix seconds.
const SESSION_SEEN: &str = "seen";

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
}

impl RequestContext {
    /// The signed-in user, who may change things; or why they may not.
    pub fn writer(&self) -> Result<Account, AppError> {
        match &self.viewer.account {
            None => Err(AppError::NotSignedIn("sign in first".to_owned())),
            Some(_) if self.viewer.read_only => Err(AppError::Forbidden("this token may only read".to_owned())),
            Some(account) => Ok(account.clone()),
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
        let session = session_of(parts)?;
        let viewer = match bearer_token(&parts.headers)? {
            Some(token) => token_viewer(state, token).await?,
            None => session_viewer(state, &session).await?,
        };
        let client = client_address(parts, state);
        Ok(Self { state: state.clone(), viewer, session, client })
    }
}

impl RequestContext {
    /// The context of a page that is the same for everybody: neither token nor session is read, whoever asks.
    pub fn anonymous(parts: &Parts, state: &AppState) -> Result<Self, AppError> {
        let (session, client) = (session_of(parts)?, client_address(parts, state));
        Ok(Self { state: state.clone(), viewer: Viewer::default(), session, client })
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
    let hash = super::auth::tokens::hash_token(token);
    match store::tokens::by_hash(&state.db, &hash, now_s()).await? {
        Some((account, read_only)) => Ok(Viewer { account: Some(account), read_only }),
        None => Err(AppError::NotSignedIn("the token is unknown, revoked or expired".to_owned())),
    }
}

async fn session_viewer(state: &AppState, session: &Session) -> Result<Viewer, AppError> {
    let failed = |error: tower_sessions::session::Error| super::errors::internal("the session", &error);
    let Some(user) = session.get::<i64>(SESSION_USER).await.map_err(failed)? else { return Ok(Viewer::default()) };
    let stamp: Option<String> = session.get(SESSION_STAMP).await.map_err(failed)?;
    let row = store::users::by_id(&state.db, user).await?;
    // A session from before the password was changed may be a thief's.
    let holds = |row: &UserRow| row.suspended_at.is_none() && stamp == Some(passwords::stamp(&row.password_hash));
    let Some(row) = row.filter(holds) else {
        return Ok(Viewer::default());
    };
    keep_alive(session).await?;
    let account = Account { id: row.id, username: row.username, admin: row.admin };
    Ok(Viewer { account: Some(account), read_only: false })
}

/// A session lasts for so many days after its last use. Writing that down once a day is enough, and cheap.
async fn keep_alive(session: &Session) -> Result<(), AppError> {
    let failed = |error: tower_sessions::session::Error| super::errors::internal("the session", &error);
    let seen: Option<i64> = session.get(SESSION_SEEN).await.map_err(failed)?;
    let now = now_s();
    if seen.is_none_or(|seen| now - seen > 86_400) {
        session.insert(SESSION_SEEN, now).await.map_err(failed)?;
    }
    Ok(())
}

fn client_address(parts: &Parts, state: &AppState) -> IpAddr {
    let forwarded = state.config.client_address_header.as_ref().and_then(|name| {
        // Only the last entry was written by the proxy that the operator trusts.
        parts.headers.get_all(name).iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    });
    let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    forwarded.or(connection).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}
