//! What a bot is to do.

use crate::crowd::Crowd;
use crate::line::Carrier;
use signal::{AccessToken, RoomPassword};
use std::time::Duration;
use transport::srtp::Profile;

/// What a bot is to do.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Options {
    /// The signaling socket, like `ws://127.0.0.1:8080/ws`.
    pub url: String,
    /// The room.
    pub room: String,
    /// Shown to the others.
    pub name: String,
    /// Pairs of an audio and a video slot to offer.
    pub seats: usize,
    /// A camera, and what it sends.
    pub video: Option<Video>,
    /// A microphone, 50 packets a second.
    pub audio: bool,
    /// Whether UDP is used at all; without it the bot only signals.
    pub media: bool,
    /// By what media goes.
    pub carrier: Carrier,
    /// SRTP profiles offered in DTLS, the preferred first.
    pub profiles: Vec<Profile>,
    /// Received SRTP packets out of a thousand that are dropped as if lost on the way.
    pub loss_per_mille: u32,
    /// Sent SRTP packets out of a thousand that are dropped as if lost on the way.
    pub uplink_loss_per_mille: u32,
    /// Of the losses.
    pub seed: u64,
    /// Whether it reports arrivals (transport-cc). The server sends one that does not all that there is at once.
    pub reports_arrivals: bool,
    /// Of so many received packets of a slot one is opened and looked into; of the others the header is read, so that
    /// numbers, losses and arrivals are as well known. 1 opens all, and only then are neighbours compared.
    pub open_every: u16,
    /// Whether it offers data channels.
    pub data: bool,
    /// What it shows at the door.
    pub token: Option<AccessToken>,
    /// The room's password.
    pub password: Option<RoomPassword>,
    /// The thread that carries its media; one of its own when there is none.
    pub crowd: Option<Crowd>,
}

/// A synthetic camera.
#[derive(Clone, Copy, Debug)]
pub struct Video {
    /// Frames a second.
    pub frame_rate: u32,
    /// Packets of one frame.
    pub packets_per_frame: u32,
    /// Bytes of one RTP packet without header extensions, as it is forwarded.
    pub packet_len: usize,
    /// Packets sent at once; a browser's pacer sends so many every [`PACE`].
    pub burst: u32,
    /// A keyframe comes at least so often.
    pub keyframe_every: Duration,
}

/// Between the bursts of one frame.
pub const PACE: Duration = Duration::from_millis(5);

impl Default for Video {
    /// 210 packets a second of 1,150 bytes, in bursts of three: 1.9 Mbit/s, a 720p camera.
    fn default() -> Self {
        Self {
            frame_rate: 30,
            packets_per_frame: 7,
            packet_len: 1150,
            burst: 3,
            keyframe_every: Duration::from_secs(10),
        }
    }
}

impl Options {
    /// A bot that only watches, with one seat.
    pub fn subscriber(url: &str, room: &str) -> Self {
        Self {
            url: url.to_owned(),
            room: room.to_owned(),
            name: "bot".to_owned(),
            seats: 1,
            video: None,
            audio: false,
            media: true,
            carrier: Carrier::Udp,
            profiles: vec![Profile::AeadAes128Gcm, Profile::Aes128CmSha1_80],
            loss_per_mille: 0,
            uplink_loss_per_mille: 0,
            seed: 1,
            reports_arrivals: true,
            open_every: 1,
            data: false,
            token: None,
            password: None,
            crowd: None,
        }
    }

    /// A bot that publishes camera and microphone, without seats.
    pub fn publisher(url: &str, room: &str) -> Self {
        Self { video: Some(Video::default()), audio: true, seats: 0, ..Self::subscriber(url, room) }
    }

    /// A bot that publishes, and watches so many others.
    pub fn participant(url: &str, room: &str, seats: usize) -> Self {
        Self { seats, ..Self::publisher(url, room) }
    }

    /// The same with data channels.
    #[must_use]
    pub fn with_data(self) -> Self {
        Self { data: true, ..self }
    }

    /// The same by something else than UDP.
    #[must_use]
    pub fn by(self, carrier: Carrier) -> Self {
        Self { carrier, ..self }
    }

    /// The same with a token.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        Self { token: Some(AccessToken(token.to_owned())), ..self }
    }

    /// The same with a password.
    #[must_use]
    pub fn with_password(self, password: &str) -> Self {
        Self { password: Some(RoomPassword(password.to_owned())), ..self }
    }

    /// The same under another name.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }
}
