//! The WebSocket, message by message. Tests that misbehave use it directly.

use crate::frames;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use signal::{ClientMessage, DecodeError, ServerMessage};
use std::collections::VecDeque;
use std::net::SocketAddr;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

/// Why there is no next message.
#[derive(Debug, thiserror::Error)]
pub enum SignalingError {
    /// The socket could not be opened, or broke.
    #[error("the signaling socket: {0}")]
    Socket(#[from] Box<tungstenite::Error>),
    /// A frame could not be packed or unpacked.
    #[error("a frame: {0}")]
    Frame(#[from] std::io::Error),
    /// The server said what no server says.
    #[error("the server's message: {0}")]
    Message(#[from] DecodeError),
    /// The server closed.
    #[error("the server closed the signaling socket")]
    Closed,
}

impl From<tungstenite::Error> for SignalingError {
    fn from(error: tungstenite::Error) -> Self {
        Self::Socket(Box::new(error))
    }
}

/// Bytes that a narrow socket asks of the kernel for what it has not read.
const NARROW: u32 = 4096;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// An open socket.
#[derive(Debug)]
pub struct Signaling {
    /// What is said.
    pub speaker: Speaker,
    /// What is heard.
    pub listener: Listener,
}

/// The sending half.
#[derive(Debug)]
pub struct Speaker(SplitSink<Socket, Message>);

/// The receiving half, and what the last frame held besides the message that was heard.
#[derive(Debug)]
pub struct Listener(SplitStream<Socket>, VecDeque<ServerMessage>);

impl Signaling {
    /// Opens a socket to `url`, like `ws://127.0.0.1:8080/ws`.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn connect(url: &str) -> Result<Self, SignalingError> {
        let (socket, _) = connect_async(url).await?;
        Ok(Self::of(socket))
    }

    /// Opens a socket that takes next to nothing unless it is read.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn connect_narrow(server: SocketAddr, url: &str) -> Result<Self, SignalingError> {
        let socket = if server.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_recv_buffer_size(NARROW)?;
        let stream = MaybeTlsStream::Plain(socket.connect(server).await?);
        let (socket, _) = client_async(url, stream).await?;
        Ok(Self::of(socket))
    }

    fn of(socket: Socket) -> Self {
        let (sink, stream) = socket.split();
        Self { speaker: Speaker(sink), listener: Listener(stream, VecDeque::new()) }
    }
}

impl Speaker {
    /// Says a message, compressed when it is long.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn say(&mut self, message: &ClientMessage) -> Result<(), SignalingError> {
        Ok(self.0.send(frames::write(signal::encode(message))?).await?)
    }

    /// Says anything at all, as text.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn say_text(&mut self, text: &str) -> Result<(), SignalingError> {
        Ok(self.0.send(Message::text(text)).await?)
    }

    /// Says anything at all, compressed.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn say_compressed(&mut self, text: &[u8]) -> Result<(), SignalingError> {
        Ok(self.0.send(Message::binary(frames::deflate(text)?)).await?)
    }

    /// Says anything at all, as bytes.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn say_bytes(&mut self, bytes: Vec<u8>) -> Result<(), SignalingError> {
        Ok(self.0.send(Message::binary(bytes)).await?)
    }

    /// Queues a text without waiting until it is on its way.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn feed_text(&mut self, text: &str) -> Result<(), SignalingError> {
        Ok(self.0.feed(Message::text(text)).await?)
    }

    /// Closes the socket in an orderly way.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn close(&mut self) -> Result<(), SignalingError> {
        Ok(self.0.close().await?)
    }
}

impl Listener {
    /// The next message.
    ///
    /// # Errors
    /// When the socket is gone, or what came is no message.
    pub async fn next(&mut self) -> Result<ServerMessage, SignalingError> {
        loop {
            if let Some(message) = self.1.pop_front() {
                return Ok(message);
            }
            let text = match self.0.next().await.ok_or(SignalingError::Closed)?? {
                Message::Text(text) => text.as_str().to_owned(),
                Message::Binary(bytes) => frames::inflate(&bytes)?,
                Message::Close(_) => return Err(SignalingError::Closed),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            };
            for message in signal::decode_server(&text)? {
                self.1.push_back(message?);
            }
        }
    }
}
