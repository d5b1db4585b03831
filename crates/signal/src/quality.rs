//! How well media flows, by the server's own figures, and how large a client shows it.
//!
//! Whole numbers only: bits per second, milliseconds, and loss in tenths of a percent.

use crate::Mid;
use serde::{Deserialize, Serialize};

/// How large a video slot is shown, in device pixels. Zero by zero: not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotView {
    /// The slot.
    pub mid: Mid,
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
}

/// How a participant's media flows, over the last second.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quality {
    /// From the participant to the server.
    pub uplink: LinkQuality,
    /// From the server to the participant.
    pub downlink: LinkQuality,
    /// What the participant sends, by m-line; one that sends nothing is left out.
    pub sending: Vec<LineQuality>,
    /// What is sent to the participant, by slot; an idle slot is left out.
    pub slots: Vec<LineQuality>,
}

/// One direction of a participant's connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkQuality {
    /// Media, repairs and probes together, in bits per second.
    pub bitrate: u32,
    /// What the path is believed to bear, in bits per second; absent when nobody estimates it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<u32>,
    /// Packets lost on the way, in per mille, before any repair.
    pub loss: u16,
    /// Round trip in milliseconds; absent before it is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rtt: Option<u32>,
}

/// One m-line's media.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineQuality {
    /// The m-line.
    pub mid: Mid,
    /// Media in bits per second.
    pub bitrate: u32,
    /// Packets lost on the way from the sending participant to the server, in per mille, before any repair.
    pub loss: u16,
    /// Of the picture; 0 for sound, and while it is not known.
    pub width: u16,
    /// See `width`.
    pub height: u16,
    /// Per second; 0 for sound.
    pub frames: u16,
    /// Why it is no better.
    pub limit: Limit,
}

/// Why a picture is no better than it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// It is as good as the sender makes it.
    #[default]
    None,
    /// It is shown no larger, or not at all, or nobody watches.
    View,
    /// The receiver's connection.
    Downlink,
    /// The sender's connection.
    Uplink,
    /// The server has too much to do.
    Server,
}
