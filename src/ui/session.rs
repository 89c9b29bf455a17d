//! Who is signed in, for every page: one resource, refetched whenever one of the account actions has run.

use crate::api::account::CloseAccount;
use crate::api::accounts::{FirstAccount, Login, Logout, Register, current_account};
use crate::api::password_reset::ResetPassword;
use crate::model::{Account, AppError};
use leptos::prelude::*;
use leptos_router::hooks::use_url;

/// The session as pages see it, provided to all of them by the application.
#[derive(Clone, Copy)]
pub struct Session {
    /// Who is signed in.
    pub account: Resource<Result<Option<Account>, AppError>>,
    /// Signs in.
    pub login: ServerAction<Login>,
    /// Signs out.
    pub logout: ServerAction<Logout>,
    /// Makes an account and signs it in.
    pub register: ServerAction<Register>,
    /// Makes the first account and signs it in.
    pub first_account: ServerAction<FirstAccount>,
    /// Closes the account for good.
    pub close_account: ServerAction<CloseAccount>,
    /// Sets another password with a link, and signs in.
    pub reset_password: ServerAction<ResetPassword>,
    /// Grows whenever pictures were changed or deleted in a list: pages that show pictures fetch them again then.
    pub changes: RwSignal<u32>,
}

/// Makes the session and provides it as context.
pub fn provide_session() -> Session {
    // A form without JavaScript that was refused comes back with the reason in the address. The router would tell only
    // actions that are made below its routes.
    use_url().read_untracked().provide_server_action_error();
    let (login, logout) = (ServerAction::new(), ServerAction::new());
    let (register, first_account) = (ServerAction::new(), ServerAction::new());
    let (reset_password, close_account) = (ServerAction::new(), ServerAction::new());
    let versions = move || {
        let entered = (login.version().get(), register.version().get(), first_account.version().get());
        (entered, reset_password.version().get(), logout.version().get(), close_account.version().get())
    };
    let account = Resource::new_blocking(versions, |_| current_account());
    let changes = RwSignal::new(0);
    let session = Session { account, login, logout, register, first_account, reset_password, close_account, changes };
    provide_context(session);
    session
}

/// The session of the application.
pub fn use_session() -> Session {
    expect_context()
}
