//! The smallest server of files that a client without its own can be looked at by: the page for a path without a dot, a
//! room of two for whoever asks about one. On the loopback, for one browser that is ours.

use anyhow::Result;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Requests are cut off here; a browser's are far shorter.
const LONGEST: usize = 16 * 1024;

/// Serves a folder on a port of the system's choice until the program ends.
pub async fn serve(folder: PathBuf) -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let folder = folder.clone();
            // A browser that goes away is not answered.
            tokio::spawn(async move { answer(socket, &folder).await });
        }
    });
    Ok(port)
}

async fn answer(mut socket: TcpStream, folder: &Path) -> Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") && request.len() < LONGEST {
        if socket.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let target = request.split(' ').nth(1).unwrap_or("/");
    let path = target.split('?').next().unwrap_or("/");
    let (status, kind, body) = found(folder, path);
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).await?;
    Ok(socket.write_all(&body).await?)
}

fn found(folder: &Path, path: &str) -> (&'static str, &'static str, Vec<u8>) {
    if path.starts_with("/api/") {
        let room = r#"{"room":"quiet-otter-42","participants":2,"max_participants":100}"#;
        return ("200 OK", "application/json", room.into());
    }
    let name = path.trim_start_matches('/');
    let name = if name.contains('.') { name } else { "index.html" };
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    // Ours asks for nothing outside of the folder.
    match std::fs::read(folder.join(name)) {
        Ok(body) if !name.contains("..") => ("200 OK", kind, body),
        Ok(_) | Err(_) => ("404 Not Found", "text/plain", Vec::new()),
    }
}
