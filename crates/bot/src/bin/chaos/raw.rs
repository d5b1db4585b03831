//! Sockets without a bot behind them, for what no bot does.

use anyhow::{Result, bail};
use bot::signaling::Signaling;
use bot::{Credentials, OfferSpec, SendSsrcs, write_offer};
use signal::{ClientMessage, PROTOCOL_VERSION, ParticipantId, Sdp, ServerMessage};

/// Joins a room by an offer that nobody stands behind.
pub(crate) async fn join(socket: &mut Signaling, room: &str) -> Result<ParticipantId> {
    let fingerprint = ["AB"; 32].join(":");
    let ice = Credentials::random();
    let sends = SendSsrcs { audio: 1, video: 2, rtx: 3 };
    let (fingerprint, reports_arrivals) = (&fingerprint, true);
    let offer =
        OfferSpec { ice: &ice, fingerprint, sends, seats: 1, version: 1, reports_arrivals, data: false };
    let join = ClientMessage::Join {
        version: PROTOCOL_VERSION,
        room: room.to_owned(),
        name: "mallory".to_owned(),
        offer: Sdp(write_offer(&offer)),
        publish: Vec::new(),
        mode: None,
        direct: true,
        token: None,
        password: None,
        returning: None,
    };
    socket.speaker.say(&join).await?;
    match socket.listener.next().await? {
        ServerMessage::Joined { participant, .. } => Ok(participant),
        other => bail!("not let in: {other:?}"),
    }
}
