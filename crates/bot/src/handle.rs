//! The handle on one bot: joining, looking, misbehaving, leaving.

use crate::agent::{Agent, Mischief};
use crate::answer::{Answer, AnswerError, AnsweredSlot};
use crate::crowd::{Crowd, Shared};
use crate::data::Data;
use crate::dice::random_u32;
use crate::dtls::{DtlsError, Identity};
use crate::ice::Credentials;
use crate::line::Carrier;
use crate::offer::{AUDIO_MID, OfferSpec, SendSsrcs, VIDEO_MID, write_offer};
use crate::options::Options;
use crate::roster::Roster;
use crate::signaling::{Signaling, SignalingError};
use crate::stats::Stats;
use signal::limits::PING_INTERVAL;
use signal::{
    ClientMessage, ErrorInfo, Mid, OfferId, PROTOCOL_VERSION, ParticipantId, PublishTrack, ResumeToken, Sdp,
    ServerMessage, SlotView, Source,
};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Messages waiting to be said. Past it the caller waits.
const SAYINGS: usize = 64;
/// Everything a bot waits for must have come by then; far longer than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(30);
/// How large a bot says that it shows pictures: as large as they come.
const SHOWN: (u16, u16) = (1920, 1080);
/// How often a condition is looked at while waiting for it.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Why a bot is not in, or an offer was not answered.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The socket.
    #[error(transparent)]
    Signaling(#[from] SignalingError),
    /// The server said no.
    #[error("refused: {0:?}")]
    Refused(ErrorInfo),
    /// The server said something else.
    #[error("the server answered with {0:?}")]
    Unexpected(Box<ServerMessage>),
    /// The answer is of no use.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// No certificate.
    #[error(transparent)]
    Identity(#[from] DtlsError),
    /// No UDP socket.
    #[error("no UDP socket: {0}")]
    Udp(#[from] std::io::Error),
    /// It took too long.
    #[error("nothing came in time")]
    TimedOut,
}

/// What was waited for did not come about.
#[derive(Debug, thiserror::Error)]
#[error("not in time: {what}\n{stats:#?}\n{roster:#?}")]
pub struct TimedOut {
    /// What was waited for.
    pub what: String,
    /// How the media stood.
    pub stats: Box<Stats>,
    /// How the room stood.
    pub roster: Box<Roster>,
}

/// A participant. Dropping it cuts both its connections without a goodbye.
pub struct Bot {
    options: Options,
    identity: Identity,
    ice: Credentials,
    sends: SendSsrcs,
    offers: u32,
    participant: ParticipantId,
    token: ResumeToken,
    answer: Answer,
    roster: Arc<Mutex<Roster>>,
    sayings: mpsc::Sender<ClientMessage>,
    conversation: JoinHandle<()>,
    media: Option<Arc<Shared>>,
}

impl Bot {
    /// Joins with a certificate of its own, and returns when the server has answered; media comes up on
    /// its own.
    ///
    /// # Errors
    /// When the server refuses, or cannot be reached.
    pub async fn join(options: Options) -> Result<Self, JoinError> {
        Self::join_as(options, Identity::generate()?).await
    }

    /// Joins with a given certificate.
    ///
    /// # Errors
    /// When the server refuses, or cannot be reached.
    pub async fn join_as(options: Options, identity: Identity) -> Result<Self, JoinError> {
        let ice = Credentials::random();
        let sends = SendSsrcs { audio: random_u32(), video: random_u32(), rtx: random_u32() };
        let offer = offer(&options, &ice, &identity, sends, 1);
        let mut signaling = Signaling::connect(&options.url).await?;
        let join = ClientMessage::Join {
            version: PROTOCOL_VERSION,
            room: options.room.clone(),
            name: options.name.clone(),
            offer,
            publish: publications(&options),
            mode: None,
            direct: false,
            token: options.token.clone(),
            password: options.password.clone(),
            returning: None,
        };
        signaling.speaker.say(&join).await?;
        let message = in_time(signaling.listener.next()).await??;
        let (participant, token, answer) = match &message {
            ServerMessage::Joined { participant, token, answer, .. } => {
                (*participant, token.clone(), Answer::parse(&answer.0)?)
            }
            ServerMessage::Error(error) => return Err(JoinError::Refused(error.clone())),
            other => return Err(JoinError::Unexpected(Box::new(other.clone()))),
        };
        let mut roster = Roster::default();
        roster.take(message);
        let roster = Arc::new(Mutex::new(roster));
        let (sayings, conversation) = converse(signaling, roster.clone());
        let mut bot = Self {
            options,
            identity,
            ice,
            sends,
            offers: 0,
            participant,
            token,
            answer,
            roster,
            sayings,
            conversation,
            media: None,
        };
        if bot.options.media {
            bot.begin_media()?;
        }
        Ok(bot)
    }

    /// Begins with media, for one that was to do without.
    ///
    /// # Errors
    /// When there is no socket for it.
    pub fn begin_media(&mut self) -> std::io::Result<()> {
        let (identity, ice) = (self.identity.clone(), self.ice.clone());
        self.media = Some(start_media(&self.options, identity, ice, &self.answer, self.sends)?);
        Ok(())
    }

    /// Its id.
    pub fn participant(&self) -> ParticipantId {
        self.participant
    }

    /// The server's end, as of the last answer.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// Our ICE credentials.
    pub fn ice(&self) -> &Credentials {
        &self.ice
    }

    /// What its send lines send with.
    pub fn sends(&self) -> SendSsrcs {
        self.sends
    }

    /// What it has seen of media so far.
    pub fn stats(&self) -> Stats {
        self.media.as_ref().map(|shared| shared.agent().stats.clone()).unwrap_or_default()
    }

    /// Looks at what it has seen of media so far, without a copy.
    pub fn look<T>(&self, at: impl FnOnce(&Stats) -> T) -> Option<T> {
        self.media.as_ref().map(|shared| at(&shared.agent().stats))
    }

    /// Forgets the delays measured so far.
    pub fn forget_delays(&self) {
        if let Some(shared) = &self.media {
            shared.agent().stats.forget_delays();
        }
    }

    /// Forgets the silences on its slots so far.
    pub fn forget_gaps(&self) {
        if let Some(shared) = &self.media {
            let now = Instant::now();
            shared.agent().stats.received.values_mut().for_each(|slot| slot.forget_gap(now));
        }
        let mut roster = self.roster.lock().unwrap_or_else(PoisonError::into_inner);
        roster.paused_at.values_mut().for_each(|told| drop(told.drain(..told.len().saturating_sub(1))));
    }

    /// Whether its signaling socket is gone.
    pub fn is_closed(&self) -> bool {
        self.known().closed
    }

    /// What it knows of the room.
    pub fn roster(&self) -> Roster {
        self.known().clone()
    }

    fn known(&self) -> MutexGuard<'_, Roster> {
        self.roster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where its UDP socket is bound.
    pub fn udp_addr(&self) -> Option<SocketAddr> {
        self.media.as_ref().map(|shared| shared.local_addr())
    }

    /// Waits until something holds.
    ///
    /// # Errors
    /// When that does not come about in time.
    pub async fn until(
        &self,
        what: &str,
        condition: impl Fn(&Stats, &Roster) -> bool,
    ) -> Result<(), TimedOut> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (stats, roster) = (self.stats(), self.roster());
            if condition(&stats, &roster) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(TimedOut {
                    what: what.to_owned(),
                    stats: Box::new(stats),
                    roster: Box::new(roster),
                });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until media may flow.
    ///
    /// # Errors
    /// When that does not come about in time.
    pub async fn connected(&self) -> Result<(), TimedOut> {
        self.until("connected", |stats, _| stats.is_connected()).await
    }

    /// Waits for so many more packets, on all slots together.
    ///
    /// # Errors
    /// When that does not come about in time.
    pub async fn receives(&self, more: u64) -> Result<(), TimedOut> {
        let before = self.stats().packets();
        let what = format!("{more} more packets than {before}");
        self.until(&what, move |stats, _| stats.packets() >= before + more).await
    }

    /// Says anything to the server.
    pub async fn say(&self, message: ClientMessage) {
        // A conversation that has ended shows in the roster.
        let _ = self.sayings.send(message).await;
    }

    /// Offers again, with so many seats, and waits for the answer.
    ///
    /// # Errors
    /// When the server refuses, or does not answer in time.
    pub async fn renegotiate(&mut self, seats: usize, restart_ice: bool) -> Result<(), JoinError> {
        self.offers += 1;
        self.options.seats = seats;
        if restart_ice {
            self.ice = Credentials::random();
        }
        let id = OfferId(self.offers);
        let sdp = offer(&self.options, &self.ice, &self.identity, self.sends, self.offers + 1);
        let refused_before = self.known().errors.len();
        self.say(ClientMessage::Offer { id, sdp }).await;
        let waited = self
            .until("an answer", |_, roster| {
                roster.answers.contains_key(&id) || roster.errors.len() > refused_before
            })
            .await;
        let (answer, error) = {
            let roster = self.known();
            (roster.answers.get(&id).cloned(), roster.errors.last().cloned())
        };
        match (waited, answer, error) {
            (Err(_), ..) | (Ok(()), None, None) => return Err(JoinError::TimedOut),
            (Ok(()), None, Some(error)) => return Err(JoinError::Refused(error)),
            (Ok(()), Some(sdp), _) => self.answer = Answer::parse(&sdp.0)?,
        }
        if let Some(shared) = &self.media {
            let mut agent = shared.agent();
            agent.set_slots(&self.answer.slots);
            if restart_ice {
                agent.restart_ice(self.ice.clone(), self.answer.ice.clone(), Instant::now());
            }
            if self.options.data {
                agent.open_data(Instant::now());
            }
            drop(agent);
            shared.wake();
        }
        let shown =
            |slot: &AnsweredSlot| SlotView { mid: Mid(slot.mid.clone()), width: SHOWN.0, height: SHOWN.1 };
        let slots = self.answer.slots.iter().filter(|slot| slot.video).map(shown).collect();
        self.say(ClientMessage::View { slots }).await;
        Ok(())
    }

    /// Offers data channels from the next offer on.
    pub fn ask_for_data(&mut self) {
        self.options.data = true;
    }

    /// Does something with its data channels; `None` while there are none.
    pub fn data<T>(&self, at: impl FnOnce(&mut Data) -> T) -> Option<T> {
        let shared = self.media.as_ref()?;
        let result = shared.agent().data(at);
        shared.wake();
        result
    }

    /// Goes on from a new UDP port, as after a change of network.
    pub fn move_address(&self) {
        if let Some(shared) = &self.media {
            shared.move_away();
        }
    }

    /// Goes on by something else, on a new port: the answer had a candidate for it at the same address.
    pub fn change_carrier(&self, carrier: Carrier) {
        if let Some(shared) = &self.media {
            shared.change_carrier(carrier);
        }
    }

    /// Reads nothing more of what comes until it is told to again; the kernel keeps what it can.
    pub fn stop_reading(&self, stop: bool) {
        if let Some(shared) = &self.media {
            shared.stop_reading(stop);
        }
    }

    /// The last media packet it sent, sealed.
    pub fn last_sealed(&self) -> Option<Vec<u8>> {
        self.media.as_ref()?.agent().last_media()
    }

    /// Misbehaves.
    pub fn play(&self, mischief: Mischief) {
        if let Some(shared) = &self.media {
            shared.agent().play(mischief);
            shared.wake();
        }
    }

    /// Cuts the signaling socket without a word; media goes on.
    pub async fn lose_signaling(&mut self) {
        self.conversation.abort();
        // Waited for, so that the socket is closed when this returns; the error is the abort itself.
        let _ = (&mut self.conversation).await;
    }

    /// Takes the participant up again on a new signaling socket.
    ///
    /// # Errors
    /// When the server refuses, or cannot be reached.
    pub async fn resume(&mut self) -> Result<(), JoinError> {
        let mut signaling = Signaling::connect(&self.options.url).await?;
        let (participant, token) = (self.participant, self.token.clone());
        signaling
            .speaker
            .say(&ClientMessage::Resume { version: PROTOCOL_VERSION, participant, token })
            .await?;
        match in_time(signaling.listener.next()).await?? {
            message @ ServerMessage::Resumed { .. } => self.known().take(message),
            ServerMessage::Error(error) => return Err(JoinError::Refused(error)),
            other => return Err(JoinError::Unexpected(Box::new(other))),
        }
        (self.sayings, self.conversation) = converse(signaling, self.roster.clone());
        Ok(())
    }

    /// Says goodbye everywhere and waits until the server has closed the signaling socket.
    ///
    /// # Errors
    /// When that does not come about in time.
    pub async fn leave(self) -> Result<(), TimedOut> {
        if let Some(shared) = &self.media {
            shared.agent().close(Instant::now());
            shared.wake();
        }
        self.say(ClientMessage::Leave {}).await;
        self.until("the server closes the socket", |_, roster| roster.closed).await
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        self.conversation.abort();
        if let Some(shared) = &self.media {
            shared.leave();
        }
    }
}

/// Hands an agent to a thread that brings its media up and keeps it going.
pub(crate) fn start_media(
    options: &Options,
    identity: Identity,
    ice: Credentials,
    answer: &Answer,
    sends: SendSsrcs,
) -> std::io::Result<Arc<Shared>> {
    let near = SocketAddr::from(([127, 0, 0, 1], 0)).ip();
    let server = answer.candidate(near, options.carrier).ok_or(std::io::ErrorKind::AddrNotAvailable)?;
    let agent = Agent::new(options, identity, ice, answer, server, sends, Instant::now());
    let crowd = match &options.crowd {
        Some(crowd) => crowd.clone(),
        None => Crowd::start()?,
    };
    crowd.add(agent, options.carrier)
}

fn offer(options: &Options, ice: &Credentials, identity: &Identity, sends: SendSsrcs, version: u32) -> Sdp {
    let (seats, reports_arrivals, data) = (options.seats, options.reports_arrivals, options.data);
    let fingerprint = &identity.fingerprint;
    Sdp(write_offer(&OfferSpec { ice, fingerprint, sends, seats, version, reports_arrivals, data }))
}

fn publications(options: &Options) -> Vec<PublishTrack> {
    let microphone = options.audio.then_some((AUDIO_MID, Source::Microphone));
    let camera = options.video.map(|_| (VIDEO_MID, Source::Camera));
    let lines = microphone.into_iter().chain(camera);
    lines.map(|(mid, source)| PublishTrack { mid: Mid::from(mid), source, muted: false }).collect()
}

async fn in_time<T>(future: impl Future<Output = T>) -> Result<T, JoinError> {
    tokio::time::timeout(PATIENCE, future).await.map_err(|_| JoinError::TimedOut)
}

/// Starts the task that keeps the roster up to date, says what there is to say, and pings.
fn converse(
    mut signaling: Signaling,
    roster: Arc<Mutex<Roster>>,
) -> (mpsc::Sender<ClientMessage>, JoinHandle<()>) {
    let (sayings, mut to_say) = mpsc::channel(SAYINGS);
    let task = tokio::spawn(async move {
        let mut pings = tokio::time::interval(PING_INTERVAL);
        let known = || roster.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let message = tokio::select! {
                heard = signaling.listener.next() => match heard {
                    Ok(message) => {
                        known().take(message);
                        continue;
                    }
                    Err(_) => break,
                },
                message = to_say.recv() => match message {
                    Some(message) => message,
                    None => break,
                },
                _ = pings.tick() => ClientMessage::Ping { nonce: 0 },
            };
            if signaling.speaker.say(&message).await.is_err() {
                break;
            }
        }
        known().closed = true;
    });
    (sayings, task)
}
