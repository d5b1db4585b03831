//! A publication: one send line of a peer, whatever SSRC feeds it now.
//!
//! Owns the line's payload types, which of its streams is current, and the list of slots it feeds.

use crate::codec::{Codec, Kind};
use crate::config::CodecMap;
use crate::ids::{Mid, PayloadType, PeerKey, SlotKey, StreamKey};

#[derive(Debug)]
pub(crate) struct Publication {
    pub peer: PeerKey,
    pub mid: Mid,
    pub kind: Kind,
    pub codecs: Vec<CodecMap>,
    /// The stream its slots take. Changes when a new SSRC begins to send.
    pub current: Option<StreamKey>,
    pub subscribers: Vec<SlotKey>,
}

/// What a payload type of the line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carries {
    Media {
        codec: Codec,
        nack: bool,
    },
    /// Retransmissions of that payload type.
    Rtx {
        original: PayloadType,
    },
}

impl Publication {
    pub fn new(peer: PeerKey, mid: Mid, kind: Kind) -> Self {
        Self { peer, mid, kind, codecs: Vec::new(), current: None, subscribers: Vec::new() }
    }

    pub fn carries(&self, payload_type: PayloadType) -> Option<Carries> {
        self.codecs.iter().find_map(|map| {
            if map.payload_type == payload_type {
                Some(Carries::Media { codec: map.codec, nack: map.nack })
            } else if map.rtx == Some(payload_type) {
                Some(Carries::Rtx { original: map.payload_type })
            } else {
                None
            }
        })
    }

    pub fn subscribe(&mut self, slot: SlotKey) {
        if !self.subscribers.contains(&slot) {
            self.subscribers.push(slot);
        }
    }

    pub fn unsubscribe(&mut self, slot: SlotKey) {
        self.subscribers.retain(|subscriber| *subscriber != slot);
    }
}
