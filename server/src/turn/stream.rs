//! One client that speaks TURN over a stream: TCP, or what is said inside TLS. Messages are cut out on the way in; on
//! the way out each is whole already.

use super::owner::Event;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use turn::{Client, Deframer, MAX_FRAME};

/// Messages waiting to be written to one stream. Data that finds it nearly full is dropped, as it would be by a router;
/// an answer that finds no room at all ends the stream, because nobody asks twice over one.
pub(super) const OUTBOX: usize = 256;
/// A single write may take so long before the stream counts as dead.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// A client that says nothing for so long is gone: it refreshes its allocation more often.
const SILENCE: Duration = Duration::from_mins(10);

/// Reads and writes until either side ends it, or the owner lets it go.
pub(super) async fn serve<S>(stream: S, client: Client, events: &mpsc::Sender<Event>)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (outbox, words) = mpsc::channel(OUTBOX);
    if events.send(Event::Opened { client, outbox }).await.is_err() {
        return;
    }
    let (reading, writing) = tokio::io::split(stream);
    tokio::select! {
        () = read_all(reading, client, events) => {}
        () = write_all(writing, words) => {}
    }
    // Without an owner there is nobody to tell.
    let _ = events.send(Event::Closed { client }).await;
}

async fn read_all<S: AsyncRead>(mut reading: ReadHalf<S>, client: Client, events: &mpsc::Sender<Event>) {
    let (mut deframer, mut buffer) = (Deframer::default(), vec![0; MAX_FRAME]);
    loop {
        let read = match tokio::time::timeout(SILENCE, reading.read(&mut buffer)).await {
            Ok(Ok(read)) if read > 0 => read,
            Ok(Ok(_) | Err(_)) | Err(_) => return,
        };
        deframer.push(buffer.get(..read).unwrap_or_default());
        loop {
            let bytes = match deframer.next_frame() {
                Ok(Some(bytes)) => bytes.to_vec(),
                Ok(None) => break,
                Err(_) => return,
            };
            // A full queue is waited for: so the sender waits, too.
            if events.send(Event::FromClient { client, bytes }).await.is_err() {
                return;
            }
        }
    }
}

async fn write_all<S: AsyncWrite>(mut writing: WriteHalf<S>, mut words: mpsc::Receiver<Vec<u8>>) {
    while let Some(bytes) = words.recv().await {
        let written = async {
            writing.write_all(&bytes).await?;
            if words.is_empty() { writing.flush().await } else { Ok(()) }
        };
        match tokio::time::timeout(WRITE_TIMEOUT, written).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
    // It may be gone already.
    let _ = tokio::time::timeout(WRITE_TIMEOUT, writing.shutdown()).await;
}
