//! One HTTP request and its response, as far as WHIP and WHEP need: HTTP/1.1, a connection for each.

use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A response.
#[derive(Clone, Debug)]
pub struct Response {
    /// Its status code.
    pub status: u16,
    /// Its body.
    pub body: String,
    headers: Vec<(String, String)>,
}

impl Response {
    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// All values of a header, by its name in lower case.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn parse(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Some(Self { status, body: body.to_owned(), headers: lines.filter_map(header).collect() })
    }
}

/// Asks. `target` is the path with its query, percent-encoded.
///
/// # Errors
/// When the server cannot be reached, or answers no HTTP.
pub async fn request(
    server: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Response> {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n"]);
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Response::parse(&String::from_utf8_lossy(&answer))
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is no HTTP"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_read() {
        let text = "HTTP/1.1 201 Created\r\nLocation: /whip/tea/ab\r\nETag: \"x\"\r\n\r\nv=0\r\n\r\n";
        let response = Response::parse(text).unwrap();
        assert_eq!((response.status, response.body.as_str()), (201, "v=0\r\n\r\n"));
        assert_eq!(
            (response.header("location"), response.header("etag")),
            (Some("/whip/tea/ab"), Some("\"x\""))
        );
        assert!(Response::parse("nonsense").is_none());
    }
}
