//! Serving: from the settings to a listening server, and its orderly end.

use super::accounts;
use super::cli::Failure;
use super::config::Config;
use super::context::now_s;
use super::routes::router;
use super::state::AppState;
use super::{git, imports, jobs, store, uploads, versions};
use axum::serve::ListenerExt;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How often that is removed which has expired.
const SWEEP_INTERVAL: Duration = Duration::from_secs(3600);

/// Jobs that have ended are kept for so long, in seconds: 90 days.
const JOBS_LAST_S: i64 = 90 * 24 * 60 * 60;

/// How long to wait for the database at the end.
const CLOSING_PATIENCE: Duration = Duration::from_secs(5);

/// Serves until the process is told to stop.
pub async fn serve(mut config: Config) -> Result<(), Failure> {
    // Said at once, and not when somebody first needs it.
    git::version().await?;
    let listener = TcpListener::bind(config.address)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.address))?;
    let bound = listener.local_addr()?;
    // Port 0 took a free one, and the address that follows from it has to say which.
    if config.public_url == format!("http://{}", config.address) {
        config.public_url = format!("http://{bound}");
    }
    let state = AppState::open(config).await?;
    if let Some(link) = accounts::setup_link(&state).await? {
        println!(
            "There is no account yet. Make the first one, an administrator, here (the link works once):\n\n    {link}\n"
        );
    }
    println!("Ocellus serves {} (listening on {bound})", state.config.public_url);
    run(listener, state, stop_signal()?).await?;
    println!("Stopped.");
    Ok(())
}

/// Serves on a listener until `stop` is cancelled, then lets running requests finish for as long as the settings allow,
/// and closes the database.
pub async fn run(listener: TcpListener, state: AppState, stop: CancellationToken) -> Result<(), Failure> {
    let patience = Duration::from_secs(state.config.shutdown_seconds);
    // Without it, small answers wait 40 ms for the acknowledgement of the packet before.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    // A crash may have left datasets between Git and the database.
    if let Err(error) = versions::heal_all(&state).await {
        tracing::error!(%error, "datasets could not be healed");
    }
    let (db, sweeper) = (state.db.clone(), tokio::spawn(sweep(state.clone(), stop.clone())));
    let worker = tokio::spawn(jobs::serve(state.clone(), stop.clone()));
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    let out_of_patience = async {
        stop.cancelled().await;
        tokio::time::sleep(patience).await;
    };
    tokio::select! {
        result = server => result?,
        () = out_of_patience => tracing::warn!("some requests were cut off at shutdown"),
    }
    sweeper.await?;
    worker.await?;
    // A request that was cut off may still hold a connection.
    if tokio::time::timeout(CLOSING_PATIENCE, db.close()).await.is_err() {
        tracing::warn!("the database was still in use at shutdown");
    }
    Ok(())
}

/// Is cancelled by Ctrl+C or the signal with which service managers stop a program.
fn stop_signal() -> Result<CancellationToken, Failure> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        tracing::info!("stopping");
        stopped.cancel();
    });
    Ok(stop)
}

/// Removes expired sessions, and what was kept to recognise deltas that come again, every now and then.
async fn sweep(state: AppState, stop: CancellationToken) {
    loop {
        if let Err(error) = store::sessions::delete_expired(&state.db, now_s()).await {
            tracing::warn!(%error, "expired sessions could not be removed");
        }
        if let Err(error) = store::region_delta::forget(&state.db, now_s() - store::region_delta::MEMORY_S).await {
            tracing::warn!(%error, "old deltas could not be forgotten");
        }
        if let Err(error) = uploads::sweep(&state, now_s()).await {
            tracing::warn!(%error, "old uploads could not be removed");
        }
        if let Err(error) = store::jobs::forget(&state.db, now_s() - JOBS_LAST_S).await {
            tracing::warn!(%error, "old jobs could not be forgotten");
        }
        if let Err(error) = imports::source::sweep(&state).await {
            tracing::warn!(%error, "what was brought long ago could not be removed");
        }
        tokio::select! { () = stop.cancelled() => return, () = tokio::time::sleep(SWEEP_INTERVAL) => {} }
    }
}
