//! The data channels of the peer connection, for whatever an application wants to say through the server.
//!
//! Both are made with the offer that first asks for them, with fixed ids, so that nothing is said in between. The frame
//! around each message is `signal`'s.

use super::peer::PeerError;
use ::signal::{DataError, DataIn, DataKind, DataOut, ParticipantId, RELIABLE_CHANNEL, UNRELIABLE_CHANNEL};
use js_sys::{ArrayBuffer, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{
    MessageEvent, RtcDataChannel, RtcDataChannelInit, RtcDataChannelState, RtcDataChannelType,
    RtcPeerConnection,
};

/// Bytes that may wait in the browser for one channel. Past it [`DataSendError::Full`], until half is gone.
pub const MAX_BUFFERED: u32 = 1024 * 1024;

/// How a message is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Whole, in order, sooner or later.
    Reliable,
    /// At the first attempt or not at all, in any order.
    Unreliable,
}

/// What is told of the channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataEvent {
    /// Messages may be sent.
    Open,
    /// Somebody sent one.
    Message {
        /// Who. It may be somebody that the room has not told of yet.
        from: ParticipantId,
        /// What it is.
        kind: DataKind,
        /// Itself.
        payload: Vec<u8>,
    },
    /// After [`DataSendError::Full`]: there is room again.
    Drained,
    /// No message may be sent any more, before there is another peer connection.
    Closed,
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum DataSendError {
    /// The channels are not open: not asked for, not yet, or no more.
    #[error("the data channels are not open")]
    NotOpen,
    /// Too much waits to be sent: try again after [`DataEvent::Drained`].
    #[error("too much waits to be sent")]
    Full,
    /// It is no message.
    #[error(transparent)]
    Message(#[from] DataError),
    /// The browser does not take it.
    #[error(transparent)]
    Browser(#[from] PeerError),
}

/// See the module. Dropping them tells nothing more.
#[derive(Debug)]
pub(crate) struct DataChannels {
    reliable: Channel,
    unreliable: Channel,
}

impl DataChannels {
    /// Makes both; they open when an offer with them is answered.
    pub fn new(connection: &RtcPeerConnection, told: &Rc<dyn Fn(DataEvent)>) -> Self {
        let unreliable = RtcDataChannelInit::new();
        unreliable.set_ordered(false);
        unreliable.set_max_retransmits(0);
        Self {
            reliable: Channel::new(connection, RELIABLE_CHANNEL, &RtcDataChannelInit::new(), told),
            unreliable: Channel::new(connection, UNRELIABLE_CHANNEL, &unreliable, told),
        }
    }

    /// Whether messages may be sent.
    pub fn are_open(&self) -> bool {
        self.reliable.inner.ready_state() == RtcDataChannelState::Open
    }

    /// Sends a message.
    ///
    /// # Errors
    /// See [`DataSendError`]; then nothing was sent.
    pub fn send(&self, message: DataOut<'_>, delivery: Delivery) -> Result<(), DataSendError> {
        let frame = message.write()?;
        let channel = match delivery {
            Delivery::Reliable => &self.reliable.inner,
            Delivery::Unreliable => &self.unreliable.inner,
        };
        if channel.ready_state() != RtcDataChannelState::Open {
            return Err(DataSendError::NotOpen);
        }
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        if channel.buffered_amount().saturating_add(length) > MAX_BUFFERED {
            return Err(DataSendError::Full);
        }
        Ok(channel.send_with_u8_array(&frame).map_err(PeerError::at("send a message"))?)
    }
}

/// One of them, and who listens.
#[derive(Debug)]
struct Channel {
    inner: RtcDataChannel,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_change: [Closure<dyn FnMut()>; 3],
}

impl Channel {
    fn new(
        connection: &RtcPeerConnection,
        id: u16,
        init: &RtcDataChannelInit,
        told: &Rc<dyn Fn(DataEvent)>,
    ) -> Self {
        init.set_negotiated(true);
        init.set_id(id);
        let channel = connection.create_data_channel_with_data_channel_dict("madang", init);
        channel.set_binary_type(RtcDataChannelType::Arraybuffer);
        channel.set_buffered_amount_low_threshold(MAX_BUFFERED / 2);
        let listener = told.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(message) = read(&event.data()) {
                listener(message);
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let tells = |event: DataEvent| {
            let told = told.clone();
            Closure::<dyn FnMut()>::new(move || told(event.clone()))
        };
        // Both open and close together; the reliable one tells.
        let on_change = [tells(DataEvent::Open), tells(DataEvent::Closed), tells(DataEvent::Drained)];
        let [on_open, on_close, on_drained] = &on_change;
        if id == RELIABLE_CHANNEL {
            channel.set_onopen(Some(on_open.as_ref().unchecked_ref()));
            channel.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        }
        channel.set_onbufferedamountlow(Some(on_drained.as_ref().unchecked_ref()));
        Self { inner: channel, _on_message: on_message, _on_change: on_change }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.inner.set_onmessage(None);
        self.inner.set_onopen(None);
        self.inner.set_onclose(None);
        self.inner.set_onbufferedamountlow(None);
    }
}

/// The server sends nothing but frames; anything else is passed over.
fn read(data: &JsValue) -> Option<DataEvent> {
    let bytes = Uint8Array::new(data.dyn_ref::<ArrayBuffer>()?).to_vec();
    let DataIn { from, kind, payload } = DataIn::read(&bytes).ok()?;
    Some(DataEvent::Message { from, kind, payload: payload.to_vec() })
}
