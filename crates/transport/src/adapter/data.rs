//! The data channels of one peer, as the rest sees them: bytes in, bytes out, and both ends of the back-pressure.
//!
//! What arrives waits here until it is asked for. While nobody asks, `webrtc` leaves it to SCTP, whose window closes,
//! and the browser is held back; both channels share that window. What is sent counts until the browser acknowledges it.

use super::{AdapterError, DataConfig};
use std::sync::Arc;
use webrtc::data_channel::{DataChannel as Inner, DataChannelEvent, RTCDataChannelInit};
use webrtc::error::Error;
use webrtc::peer_connection::PeerConnection;

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataSendError {
    /// More is on its way than [`DataConfig::buffer`] already.
    #[error("too much is on its way")]
    Full,
    /// The channel is closed, or was never open.
    #[error("the data channel is closed")]
    Closed,
}

/// Both channels of a peer.
pub struct DataChannels {
    /// Delivers all, in order.
    pub reliable: DataChannel,
    /// Delivers what comes at the first attempt, in any order.
    pub unreliable: DataChannel,
}

impl DataChannels {
    /// Has them opened with the SCTP association, or at once if there is one.
    pub(super) async fn open(
        connection: &dyn PeerConnection,
        config: &DataConfig,
    ) -> Result<Self, AdapterError> {
        let reliable = RTCDataChannelInit { negotiated: Some(config.reliable), ..Default::default() };
        let unreliable = RTCDataChannelInit {
            ordered: false,
            max_retransmits: Some(0),
            negotiated: Some(config.unreliable),
            ..Default::default()
        };
        let open = async |label, init| {
            let inner = connection.create_data_channel(label, Some(init)).await;
            inner.map(|inner| DataChannel { inner }).map_err(AdapterError::at("data channel"))
        };
        Ok(Self {
            reliable: open("reliable", reliable).await?,
            unreliable: open("unreliable", unreliable).await?,
        })
    }

    /// Closes both.
    pub async fn close(&self) {
        for channel in [&self.reliable, &self.unreliable] {
            // One that is closed already is as it should be.
            let _ = channel.inner.close().await;
        }
    }
}

/// One channel.
pub struct DataChannel {
    inner: Arc<dyn Inner>,
}

impl DataChannel {
    /// Waits until it is open; false if it never will be. Called before anything is received.
    pub(crate) async fn opened(&self) -> bool {
        while let Some(event) = self.inner.poll().await {
            match event {
                // SCTP hears of its streams with the driver's next turn, and a call makes it take one. Until then it
                // would not notice if the browser closed one.
                DataChannelEvent::OnOpen => {
                    return self.inner.set_buffered_amount_low_threshold(0).await.is_ok();
                }
                DataChannelEvent::OnClosing | DataChannelEvent::OnClose => return false,
                // Foreign: more may be added.
                _ => {}
            }
        }
        false
    }

    /// The next message, `None` once it is closed. Whoever does not ask holds the sender back.
    pub async fn receive(&self) -> Option<Received> {
        while let Some(event) = self.inner.poll().await {
            match event {
                DataChannelEvent::OnMessage(message) => {
                    return Some(Received { is_string: message.is_string, bytes: message.data.to_vec() });
                }
                DataChannelEvent::OnClosing | DataChannelEvent::OnClose => return None,
                // Foreign: more may be added.
                _ => {}
            }
        }
        None
    }

    /// Sends as soon as less than [`DataConfig::buffer`] is on its way.
    ///
    /// # Errors
    /// [`DataSendError::Closed`].
    pub async fn send(&self, message: &[u8]) -> Result<(), DataSendError> {
        self.inner.send(message.into()).await.map_err(|error| refused(&error))
    }

    /// Sends if it fits into [`DataConfig::buffer`].
    ///
    /// # Errors
    /// See [`DataSendError`].
    pub async fn try_send(&self, message: &[u8]) -> Result<(), DataSendError> {
        self.inner.try_send(message.into()).await.map_err(|error| refused(&error))
    }
}

/// What came over a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// As a string of the browser's, rather than as bytes.
    pub is_string: bool,
    /// Itself.
    pub bytes: Vec<u8>,
}

/// All else is said of a channel that is not open.
fn refused(error: &Error) -> DataSendError {
    match error {
        Error::ErrSendBufferFull => DataSendError::Full,
        _ => DataSendError::Closed,
    }
}
