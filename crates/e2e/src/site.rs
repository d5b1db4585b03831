//! Pages of somebody else's, on a port of their own. What is not theirs goes on to the server if they stand before one,
//! as Trunk and proxies pass it on.

use anyhow::{Context, Result};
use std::{
    collections::BTreeMap,
    fs, io,
    io::{BufRead, BufReader, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::Arc,
    thread,
};

/// A site. It lasts as long as the process.
#[derive(Debug)]
pub struct Site(SocketAddr);

/// By path, with its type.
type Pages = BTreeMap<String, (&'static str, Vec<u8>)>;

impl Site {
    /// Serves one page, at `/`.
    ///
    /// # Errors
    /// When no port is free.
    pub fn of_page(html: &str) -> Result<Self> {
        Self::start(Pages::from([("/".to_owned(), (kind(".html"), html.into()))]), None)
    }

    /// Stands before a server, and lets all through but the policy that the server has for browsers.
    ///
    /// # Errors
    /// When no port is free.
    pub fn without_policy(server: SocketAddr) -> Result<Self> {
        Self::start(Pages::new(), Some(server))
    }

    /// Serves the files of a folder, `index.html` at `/`, before a server.
    ///
    /// # Errors
    /// When they cannot be read, or no port is free.
    pub fn of_folder(folder: &Path, server: SocketAddr) -> Result<Self> {
        let mut pages = Pages::new();
        for entry in fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_file() {
                let path = if name == "index.html" { "/".to_owned() } else { format!("/{name}") };
                pages.insert(path, (kind(&name), fs::read(entry.path())?));
            }
        }
        Self::start(pages, Some(server))
    }

    fn start(pages: Pages, server: Option<SocketAddr>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let pages = Arc::new(pages);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let pages = Arc::clone(&pages);
                // One that goes away in the middle is the browser's business.
                thread::spawn(move || drop(answer(stream, &pages, server)));
            }
        });
        Ok(Self(address))
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.0.port()
    }

    /// Where it is, as browsers name it: scheme, host and port.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.0.port())
    }
}

fn answer(mut stream: TcpStream, pages: &Pages, server: Option<SocketAddr>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while reader.read_line(&mut head)? > 2 {}
    let path = head.split_whitespace().nth(1).unwrap_or_default();
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    match (pages.get(path), server) {
        (Some((kind, bytes)), _) => {
            let length = bytes.len();
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n")?;
            stream.write_all(b"connection: close\r\n\r\n")?;
            stream.write_all(bytes)
        }
        // A browser says nothing more before it has its answer.
        (None, Some(server)) if path == "/ws" => pass_on(stream, &head, server),
        (None, Some(server)) => pass_back(stream, &head, server),
        (None, None) => {
            stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        }
    }
}

fn pass_on(stream: TcpStream, head: &str, server: SocketAddr) -> io::Result<()> {
    let mut there = TcpStream::connect(server)?;
    there.write_all(head.as_bytes())?;
    let back = (there.try_clone()?, stream.try_clone()?);
    thread::spawn(move || copy(back.0, back.1));
    copy(stream, there);
    Ok(())
}

/// One question and its answer, without the policy.
fn pass_back(mut stream: TcpStream, head: &str, server: SocketAddr) -> io::Result<()> {
    let is = |line: &str, name: &str| line.to_ascii_lowercase().starts_with(name);
    let mut there = TcpStream::connect(server)?;
    for line in head.split_inclusive("\r\n").filter(|line| !is(line, "connection:") && *line != "\r\n") {
        there.write_all(line.as_bytes())?;
    }
    there.write_all(b"connection: close\r\n\r\n")?;
    let mut reader = BufReader::new(there);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if !is(&line, "content-security-policy:") {
            stream.write_all(line.as_bytes())?;
        }
        if line.len() <= 2 {
            return io::copy(&mut reader, &mut stream).map(drop);
        }
    }
}

/// Until either end closes; then both are.
fn copy(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

fn kind(name: &str) -> &'static str {
    let kinds = [
        (".html", "text/html; charset=utf-8"),
        (".js", "text/javascript"),
        (".css", "text/css"),
        (".wasm", "application/wasm"),
    ];
    kinds.iter().find(|(end, _)| name.ends_with(end)).map_or("application/octet-stream", |(_, kind)| kind)
}
