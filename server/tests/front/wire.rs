//! Bytes to and from the server, whatever they are.

use crate::house::House;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than anything takes on the slowest machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// What it says until it closes; one that breaks has closed, too.
pub async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = Vec::new();
    let reading = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut text));
    let _ = reading.await.expect("it is not closed");
    String::from_utf8_lossy(&text).into_owned()
}

/// Says the bytes one by one, slowly, again and again, until the connection is closed; what was answered.
pub async fn drip(stream: impl AsyncRead + AsyncWrite, bytes: &[u8]) -> String {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let dripping = async {
        for byte in bytes.iter().cycle() {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if writer.write_all(&[*byte]).await.is_err() {
                // Whoever listens hears of it.
                break;
            }
        }
        std::future::pending::<String>().await
    };
    tokio::select! {
        answer = rest(&mut reader) => answer,
        never = dripping => never,
    }
}

/// Says all of it, and hears all that is answered.
pub async fn exchange(house: &House, text: &str) -> String {
    let mut stream = TcpStream::connect(house.running.http_addr()).await.unwrap();
    // Whoever has heard enough closes before the end.
    let _ = stream.write_all(text.as_bytes()).await;
    rest(&mut stream).await
}

pub fn status(answer: &str) -> Option<u16> {
    answer.split(' ').nth(1)?.parse().ok()
}

/// So many are refused for this, now or in a moment.
pub async fn are_refused(house: &House, cause: &str, expected: u64) {
    let name = format!("madang_http_refused_total{{cause=\"{cause}\"}} ");
    let count = async || -> u64 {
        let page = bot::http::request(house.running.http_addr(), "GET", "/metrics", &[], b"").await.unwrap();
        let value = page.body.lines().find_map(|line| line.strip_prefix(&name)).unwrap();
        value.parse().unwrap()
    };
    let looks = tokio::time::timeout(PATIENCE, async {
        while count().await < expected {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(looks.await.is_ok() && count().await == expected, "{} are refused: {cause}", count().await);
}
