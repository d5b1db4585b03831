//! Each act, played. An error is something that should not have happened to somebody who did nothing wrong.

use crate::plan::Act;
use crate::raw;
use crate::steady::Steady;
use anyhow::{Context, Result, anyhow};
use bot::signaling::Signaling;
use bot::{AUDIO_MID, Bot, Crowd, Identity, JoinError, Mischief, Options, TimedOut, VIDEO_MID, Visitor};
use signal::{CallNumber, ClientMessage, DirectSignal, ErrorCode, OfferId, ParticipantId, Sdp};
use std::net::SocketAddr;
use std::time::Duration;

/// Rooms that are opened besides those that stay.
const STAGES: u64 = 4;
/// Messages of a flood: five times what may be said at once.
const FLOOD: usize = 1000;
/// What is sent to somebody who reads nothing: more than the kernel takes for one socket, in the largest messages there
/// are, and then little ones until the server's queue for it is full.
const LARGE: usize = 140;
const LITTLE: usize = 360;
/// Between two of these, so that whoever sends them is no flood.
const BREATH: Duration = Duration::from_millis(24);

/// Where it all happens, and what all share.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) server: SocketAddr,
    pub(crate) url: String,
    pub(crate) identity: Identity,
    pub(crate) crowd: Crowd,
}

impl Place {
    /// A bot of this kind whose media is up.
    pub(crate) async fn admit(&self, options: Options) -> Result<Bot> {
        let name = options.name.clone();
        let options = Options { crowd: Some(self.crowd.clone()), open_every: 8, ..options };
        let bot = Bot::join_as(options, self.identity.clone()).await.with_context(|| name.clone())?;
        bot.connected().await.map_err(late).context(name)?;
        Ok(bot)
    }

    fn stage(number: u64) -> String {
        format!("stage-{}", number % STAGES)
    }
}

/// Without all that the bot has seen until then.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` has it")]
pub(crate) fn late(error: TimedOut) -> anyhow::Error {
    anyhow!("not in time: {}", error.what)
}

/// Plays one. That a server with too much to do opens no other room is no fault of its own.
pub(crate) async fn play(act: Act, place: &Place, steady: &Steady) -> Result<()> {
    match try_out(act, place, steady).await {
        Err(error) if is_overloaded(&error) => Ok(()),
        outcome => outcome,
    }
}

fn is_overloaded(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| match cause.downcast_ref() {
        Some(JoinError::Refused(refusal)) => refusal.code == ErrorCode::Overloaded,
        Some(_) => false,
        None => cause.to_string().to_lowercase().contains("overloaded"),
    })
}

async fn try_out(act: Act, place: &Place, steady: &Steady) -> Result<()> {
    match act {
        Act::Visit { room, stays } => {
            let visitor = place.admit(Options::subscriber(&place.url, &Steady::name(room))).await?;
            tokio::time::sleep(stays).await;
            visitor.leave().await.map_err(late)?;
        }
        Act::Vanish { room, stays } => {
            let visitor = place.admit(Options::subscriber(&place.url, &Steady::name(room))).await?;
            tokio::time::sleep(stays).await;
            drop(visitor);
        }
        Act::Stage { number, stays } => stage(place, &Place::stage(number), stays).await?,
        Act::Cut { room, who, away } => steady.cut(room, who, away).await?,
        Act::Move { room, who } => steady.move_away(room, who).await,
        Act::Flood { room } => flood(place, &Steady::name(room)).await?,
        Act::Deaf { number } => deaf(place, &format!("deaf-{number}")).await?,
        Act::Silent { stays } => {
            let socket = Signaling::connect(&place.url).await?;
            tokio::time::sleep(stays).await;
            drop(socket);
        }
        Act::Nonsense => {
            let mut socket = Signaling::connect(&place.url).await?;
            for text in ["", "{", "[[[[[[", "{\"type\":\"dance\"}", "{\"type\":\"leave\",\"x\":1}"] {
                socket.speaker.say_text(text).await?;
            }
            socket.speaker.say_bytes(vec![0xff; 1000]).await?;
            socket.speaker.say_compressed(&vec![b' '; 1 << 20]).await?;
        }
        Act::BadPackets { room } => bad_packets(place, &Steady::name(room)).await?,
        Act::Stream { number, stays, ends } => {
            let room = Place::stage(number);
            let options =
                Options { crowd: Some(place.crowd.clone()), ..Options::publisher(&place.url, &room) };
            let target = format!("/whip/{room}");
            let stream = Visitor::enter(place.server, &target, options, &[AUDIO_MID, VIDEO_MID]).await?;
            tokio::time::sleep(stays).await;
            if ends {
                stream.leave().await?;
            }
        }
    }
    Ok(())
}

async fn stage(place: &Place, room: &str, stays: Duration) -> Result<()> {
    let with = |name: &str| Options::participant(&place.url, room, 2).named(name).with_data();
    let leaving = place.admit(with("leaves")).await?;
    let vanishing = place.admit(with("vanishes")).await?;
    let mut moving = place.admit(with("moves")).await?;
    tokio::time::sleep(stays / 2).await;
    moving.renegotiate(4, true).await?;
    moving.move_address();
    tokio::time::sleep(stays / 2).await;
    leaving.leave().await.map_err(late)?;
    drop(vanishing);
    moving.lose_signaling().await;
    Ok(())
}

async fn flood(place: &Place, room: &str) -> Result<()> {
    let mut socket = Signaling::connect(&place.url).await?;
    raw::join(&mut socket, room).await?;
    for _ in 0..FLOOD {
        // It is cut off on the way.
        if socket.speaker.feed_text(r#"{"type":"ping","nonce":1}"#).await.is_err() {
            break;
        }
    }
    // So that all of it is on its way.
    let _ = socket.speaker.say_text(r#"{"type":"ping","nonce":1}"#).await;
    while socket.listener.next().await.is_ok() {}
    Ok(())
}

async fn bad_packets(place: &Place, room: &str) -> Result<()> {
    let bot = place.admit(Options::publisher(&place.url, &format!("{room}-beside"))).await?;
    bot.until("something sent", |stats, _| stats.sent.video > 0).await.map_err(late)?;
    for length in [0, 1, 11, 12, 40, 1400] {
        for first in [0, 22, 0x80, 0xff] {
            let mut datagram = vec![0xa5; length];
            if let Some(byte) = datagram.first_mut() {
                *byte = first;
            }
            bot.play(Mischief::Datagram(datagram.clone()));
            bot.play(Mischief::Rtcp(datagram));
        }
        bot.play(Mischief::Replay);
        bot.play(Mischief::UnknownSsrc { mid: None, ssrc: 0x0bad_0000 + u32::try_from(length)? });
    }
    drop(bot);
    Ok(())
}

async fn deaf(place: &Place, room: &str) -> Result<()> {
    let mut deaf = Signaling::connect_narrow(place.server, &place.url).await?;
    let whom = raw::join(&mut deaf, room).await?;
    let mut other = Signaling::connect(&place.url).await?;
    raw::join(&mut other, room).await?;
    let Signaling { mut speaker, mut listener } = other;
    let reading = tokio::spawn(async move { while listener.next().await.is_ok() {} });
    let large = large(whom);
    for _ in 0..LARGE {
        tokio::time::sleep(BREATH / 2).await;
        // Both are sent away at last, the deaf one for its deafness, and either because its media never comes.
        if speaker.say(&large).await.is_err() {
            break;
        }
    }
    for number in 0..LITTLE {
        tokio::time::sleep(BREATH).await;
        let raised = number.is_multiple_of(2);
        let _ = deaf.speaker.say(&ClientMessage::RaiseHand { raised }).await;
        if speaker.say(&ClientMessage::RaiseHand { raised }).await.is_err() {
            break;
        }
    }
    reading.abort();
    Ok(())
}

/// As long as may be, and such that it does not compress.
fn large(to: ParticipantId) -> ClientMessage {
    let mut dice = bot::Dice::new(77);
    let letter = |_| char::from(b'!' + u8::try_from(dice.below(90)).unwrap_or_default());
    let sdp = Sdp((0..60_000).map(letter).filter(|letter| *letter != '"' && *letter != '\\').collect());
    let signal = DirectSignal::Offer { id: OfferId(0), sdp };
    ClientMessage::Direct { to, call: CallNumber(1), signal }
}
