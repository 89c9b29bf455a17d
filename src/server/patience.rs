//! Bodies that end when nobody reads them.

use axum::body::Bytes;
use futures::{Stream, StreamExt};
use std::io;
use std::time::Duration;
use tokio::sync::mpsc;

/// So long a reader may take for the next piece.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How large a piece is at most.
const PIECE_BYTES: usize = 64 * 1024;

/// The same parts, as long as they are taken: when the next one was not for so long, `parts` is dropped with all that it holds,
/// and whoever reads on gets an error, so that what was read cannot be taken for whole.
///
/// A body alone cannot do that, since nobody asks it anything while the connection is full.
pub fn while_read(
    parts: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    patience: Duration,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    // `None` says that this was all.
    let (sender, receiver) = mpsc::channel::<Option<io::Result<Bytes>>>(1);
    tokio::spawn(async move {
        let mut parts = std::pin::pin!(parts);
        loop {
            // Who has gone needs no more either.
            let part = tokio::select! { part = parts.next() => part, () = sender.closed() => return };
            let was_last = part.is_none();
            for piece in pieces(part) {
                if !matches!(tokio::time::timeout(patience, sender.send(piece)).await, Ok(Ok(()))) {
                    return;
                }
            }
            if was_last {
                return;
            }
        }
    });
    futures::stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Some(part)) => Some((part, Some(receiver))),
            Some(None) => None,
            None => Some((Err(io::Error::new(io::ErrorKind::TimedOut, "nobody read on")), None)),
        }
    })
    // Whoever compresses asks once more after the end.
    .fuse()
}

/// The parts of a body that comes in, as long as they come: who sends nothing for so long is not waited for.
pub fn while_sent<E: Into<Box<dyn std::error::Error + Send + Sync>> + Send>(
    parts: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    patience: Duration,
) -> impl Stream<Item = io::Result<Bytes>> + Send + Unpin {
    Box::pin(futures::stream::unfold(Box::pin(parts), move |mut parts| async move {
        let part: io::Result<Bytes> = match tokio::time::timeout(patience, parts.next()).await {
            Ok(None) => return None,
            Ok(Some(part)) => part.map_err(|error| io::Error::new(io::ErrorKind::ConnectionAborted, error)),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "nobody sent on")),
        };
        Some((part, parts))
    }))
}

/// A part as it is sent: who reads slowly but steadily takes a small piece in time, though not a large one.
fn pieces(part: Option<io::Result<Bytes>>) -> Vec<Option<io::Result<Bytes>>> {
    let Some(Ok(mut rest)) = part else { return vec![part] };
    let mut pieces = Vec::new();
    while rest.len() > PIECE_BYTES {
        pieces.push(Some(Ok(rest.split_to(PIECE_BYTES))));
    }
    pieces.push(Some(Ok(rest)));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use tokio::sync::oneshot;

    /// So many parts, and what tells when they are dropped.
    fn parts(count: u8) -> (impl Stream<Item = io::Result<Bytes>> + Send + 'static, oneshot::Receiver<Infallible>) {
        let (held, dropped) = oneshot::channel();
        let parts = futures::stream::unfold((0, held), move |(number, held)| async move {
            (number < count).then(|| (Ok(Bytes::copy_from_slice(&[number])), (number + 1, held)))
        });
        (parts, dropped)
    }

    #[tokio::test]
    async fn who_reads_gets_everything() {
        let mut body = Box::pin(while_read(parts(5).0, PATIENCE));
        let mut read = Vec::new();
        while let Some(part) = body.next().await {
            read.extend(part.unwrap());
        }
        assert_eq!(read, [0, 1, 2, 3, 4]);
        assert!(body.next().await.is_none());
    }

    #[tokio::test]
    async fn who_stops_reading_holds_nothing_and_is_told() {
        let (parts, dropped) = parts(9);
        let mut body = Box::pin(while_read(parts, Duration::from_millis(1)));
        assert!(dropped.await.is_err());
        let mut read = Vec::new();
        while let Some(part) = body.next().await {
            read.push(part);
        }
        assert!(read.len() < 9 && read.pop().is_some_and(|last| last.is_err()));
        assert!(read.iter().all(Result::is_ok));
    }

    #[tokio::test]
    async fn who_sends_nothing_more_is_not_waited_for() {
        let sent = futures::stream::iter([Ok::<_, io::Error>(Bytes::from_static(b"a"))]);
        let mut body = while_sent(sent.chain(futures::stream::pending()), Duration::from_millis(1));
        assert_eq!(body.next().await.unwrap().unwrap(), "a");
        assert_eq!(body.next().await.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
        let mut whole = while_sent(parts(2).0, PATIENCE);
        assert!(whole.next().await.is_some() && whole.next().await.is_some() && whole.next().await.is_none());
    }

    #[tokio::test]
    async fn who_has_gone_holds_nothing() {
        let (parts, dropped) = parts(9);
        drop(while_read(parts, PATIENCE));
        assert!(dropped.await.is_err());
    }
}
