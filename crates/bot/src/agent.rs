//! One bot's end of the media connection, sans-I/O: ICE, then DTLS, then SRTP with a publisher and a
//! receiver behind it. Datagrams go in and come out; the crowd owns the socket.

use crate::answer::{Answer, AnsweredSlot};
use crate::data::Data;
use crate::dice::{Dice, random_u32};
use crate::dtls::{Dtls, DtlsError, Identity};
use crate::ice::{Checks, Credentials, Taken};
use crate::offer::{AUDIO_MID, MID_ID, OPUS, SendSsrcs};
use crate::options::Options;
use crate::publisher::{Packet, Publisher};
use crate::receiver::Receiver;
use crate::rtp::{self, Header};
use crate::secure::Secure;
use crate::stats::{Phase, Stats};
use crate::{rtcp, vp8};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use transport::srtp::Profile;

/// Things no honest client does, for tests.
#[derive(Clone, Debug)]
pub enum Mischief {
    /// Send these bytes.
    Datagram(Vec<u8>),
    /// Send a sealed RTP packet of an SSRC that was never declared, with this mid or none.
    UnknownSsrc {
        /// In its MID header extension.
        mid: Option<String>,
        /// Which.
        ssrc: u32,
    },
    /// Send a sealed RTP packet of this SSRC with so many bytes of payload.
    Oversized {
        /// Which.
        ssrc: u32,
        /// How many.
        len: usize,
    },
    /// Send the last media packet again, bit for bit.
    Replay,
    /// Send a sealed compound of these bytes.
    Rtcp(Vec<u8>),
}

/// See the module.
pub(crate) struct Agent {
    identity: Identity,
    profiles: Vec<Profile>,
    server: SocketAddr,
    fingerprint: String,
    checks: Checks,
    dtls: Option<Dtls>,
    secure: Option<Secure>,
    wants_data: bool,
    data: Option<Data>,
    publisher: Publisher,
    receiver: Receiver,
    loss_per_mille: u32,
    uplink_loss_per_mille: u32,
    dice: Dice,
    last_media: Option<Vec<u8>>,
    outgoing: VecDeque<Vec<u8>>,
    started: Instant,
    pub(crate) stats: Stats,
}

impl Agent {
    pub(crate) fn new(
        options: &Options,
        identity: Identity,
        local: Credentials,
        answer: &Answer,
        server: SocketAddr,
        sends: SendSsrcs,
        now: Instant,
    ) -> Self {
        let mut agent = Self {
            identity,
            profiles: options.profiles.clone(),
            server,
            fingerprint: answer.fingerprint.clone(),
            checks: Checks::new(local, answer.ice.clone(), now),
            dtls: None,
            secure: None,
            wants_data: options.data,
            data: None,
            publisher: Publisher::new(sends, options.video, options.audio, now),
            receiver: Receiver::new(random_u32(), options.open_every, now),
            loss_per_mille: options.loss_per_mille,
            uplink_loss_per_mille: options.uplink_loss_per_mille,
            dice: Dice::new(options.seed),
            last_media: None,
            outgoing: VecDeque::new(),
            started: now,
            stats: Stats::default(),
        };
        agent.set_slots(&answer.slots);
        agent
    }

    pub(crate) fn server(&self) -> SocketAddr {
        self.server
    }

    pub(crate) fn set_slots(&mut self, slots: &[AnsweredSlot]) {
        self.receiver.set_slots(slots, &mut self.stats);
    }

    /// Checks with new credentials; DTLS and SRTP go on.
    pub(crate) fn restart_ice(&mut self, local: Credentials, remote: Credentials, now: Instant) {
        self.checks = Checks::new(local, remote, now);
    }

    /// Opens the data channels, now or as soon as DTLS is up.
    pub(crate) fn open_data(&mut self, now: Instant) {
        self.wants_data = true;
        if self.secure.is_some() && self.data.is_none() {
            self.data = Data::connect(now);
            self.move_data(now);
        }
    }

    /// The data channels, once DTLS is up.
    pub(crate) fn data<T>(&mut self, at: impl FnOnce(&mut Data) -> T) -> Option<T> {
        let result = at(self.data.as_mut()?);
        self.move_data(Instant::now());
        Some(result)
    }

    /// Between SCTP and DTLS, both ways.
    fn move_data(&mut self, now: Instant) {
        let Some(dtls) = &mut self.dtls else { return };
        while let Some(packet) = dtls.poll_packet() {
            if let Some(data) = &mut self.data {
                data.handle(packet, now);
            }
        }
        while let Some(packet) = self.data.as_mut().and_then(Data::poll_transmit) {
            dtls.send(&packet, now);
        }
    }

    /// The socket has another address now.
    pub(crate) fn path_changed(&mut self, now: Instant) {
        self.checks.start_over(now);
    }

    /// Takes a datagram that arrived at `at`, by the wall clock.
    pub(crate) fn handle_datagram(&mut self, datagram: &mut [u8], at: Duration, now: Instant) {
        match datagram.first() {
            Some(0..=3) => self.take_stun(datagram, now),
            Some(20..=63) => self.take_dtls(datagram, now),
            Some(128..=191) => self.take_media(datagram, at, now),
            _ => self.stats.refused += 1,
        }
    }

    fn take_stun(&mut self, datagram: &[u8], now: Instant) {
        match self.checks.take(datagram, self.server, now) {
            Taken::FirstAnswer => {}
            Taken::Request(answer) => return self.outgoing.push_back(answer),
            Taken::Nothing => return,
        }
        self.stats.paths_answered += 1;
        if self.dtls.is_some() {
            return;
        }
        self.stats.phase = Phase::Handshaking;
        let expected = self.fingerprint.clone();
        match Dtls::connect(&self.identity, &self.profiles, self.server, expected, now) {
            Ok(dtls) => self.dtls = Some(dtls),
            Err(error) => self.fail(&error),
        }
    }

    fn take_dtls(&mut self, datagram: &[u8], now: Instant) {
        let Some(dtls) = &mut self.dtls else { return };
        match dtls.take(datagram, now) {
            Ok(None) => self.move_data(now),
            Ok(Some(keys)) => match Secure::new(&keys) {
                Ok(secure) => {
                    self.secure = Some(secure);
                    self.publisher.start(now);
                    self.stats.phase = Phase::Connected;
                    self.stats.connected_after = Some(now.saturating_duration_since(self.started));
                    if self.wants_data {
                        self.open_data(now);
                    }
                }
                Err(_) => self.fail(&DtlsError::NoProfile),
            },
            // Once connected, a datagram that is nonsense is just that.
            Err(_) if self.secure.is_some() => self.stats.refused += 1,
            Err(error) => self.fail(&error),
        }
    }

    fn take_media(&mut self, datagram: &mut [u8], at: Duration, now: Instant) {
        if self.dice.falls(self.loss_per_mille) {
            self.stats.dropped += 1;
            return;
        }
        let Some(secure) = &mut self.secure else {
            self.stats.refused += 1;
            return;
        };
        if rtp::is_rtcp(datagram) {
            match secure.open_rtcp(datagram) {
                Ok(compound) => {
                    let packets = rtcp::read(compound);
                    self.take_rtcp(packets, now);
                }
                Err(_) => self.stats.refused += 1,
            }
        } else if !self.receiver.wants_opened(datagram) {
            self.receiver.take_sealed(datagram, now, &mut self.stats);
        } else {
            match secure.open_rtp(datagram) {
                Ok(packet) => self.receiver.take(packet, at, now, &mut self.stats),
                Err(_) => self.stats.refused += 1,
            }
        }
    }

    fn take_rtcp(&mut self, packets: Vec<rtcp::Packet>, now: Instant) {
        for packet in packets {
            match packet {
                rtcp::Packet::SenderReport { ssrc, ntp } => {
                    self.receiver.take_report(ssrc, ntp, now, &mut self.stats);
                }
                rtcp::Packet::Nack { media, seqs } => {
                    let (secure, outgoing) = (&self.secure, &mut self.outgoing);
                    let sent = &mut self.stats.sent;
                    self.publisher.resend(media, &seqs, sent, |packet| {
                        outgoing.extend(seal(secure.as_ref(), packet));
                    });
                }
                rtcp::Packet::KeyframeRequest { media } => {
                    self.publisher.want_keyframe(media, &mut self.stats.sent);
                }
                rtcp::Packet::TransportFeedback => self.stats.sent.transport_feedback += 1,
                rtcp::Packet::Other => {}
            }
        }
    }

    fn fail(&mut self, error: &DtlsError) {
        self.stats.phase = Phase::Failed(error.to_string());
    }

    pub(crate) fn poll_timeout(&self) -> Instant {
        let mut at = self.checks.poll_timeout();
        if self.secure.is_some() {
            at = at.min(self.receiver.poll_timeout());
            at = self.publisher.poll_timeout().map_or(at, |publisher| at.min(publisher));
            at = self.data.as_ref().and_then(Data::poll_timeout).map_or(at, |data| at.min(data));
        } else if let Some(dtls) = self.dtls.as_ref().and_then(Dtls::poll_timeout) {
            at = at.min(dtls);
        }
        at
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.outgoing.extend(self.checks.due(now));
        if self.checks.has_expired(now) {
            self.stats.phase = Phase::Failed("the server no longer answers checks".to_owned());
        }
        if self.secure.is_none() {
            if let Some(Err(error)) = self.dtls.as_mut().map(|dtls| dtls.handle_timeout(now)) {
                self.fail(&error);
            }
            return;
        }
        if self.data.as_ref().and_then(Data::poll_timeout).is_some_and(|due| due <= now) {
            self.data.iter_mut().for_each(|data| data.handle_timeout(now));
            self.move_data(now);
        }
        let mut compounds = self.receiver.due(now, &mut self.stats);
        self.stats.sent.feedback += compounds.len() as u64;
        compounds.extend(self.publisher.reports(now).iter().map(rtcp::sender_report));
        for compound in compounds {
            self.send_rtcp(compound);
        }
        let (secure, outgoing, last) = (&self.secure, &mut self.outgoing, &mut self.last_media);
        let (dice, loss) = (&mut self.dice, self.uplink_loss_per_mille);
        self.publisher.due(now, &mut self.stats.sent, |packet| {
            if let Some(sealed) = seal(secure.as_ref(), packet)
                && !dice.falls(loss)
            {
                last.get_or_insert_default().clone_from(&sealed);
                outgoing.push_back(sealed);
            }
        });
    }

    fn send_rtcp(&mut self, compound: Vec<u8>) {
        if let Some(secure) = &mut self.secure {
            self.outgoing.extend(secure.seal_rtcp(compound).ok());
        }
    }

    /// The next datagram for the server.
    pub(crate) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.outgoing.pop_front().or_else(|| self.dtls.as_mut()?.poll_transmit())
    }

    /// The last media packet, as it was sent.
    pub(crate) fn last_media(&self) -> Option<Vec<u8>> {
        self.last_media.clone()
    }

    /// Misbehaves.
    pub(crate) fn play(&mut self, mischief: Mischief) {
        match mischief {
            Mischief::Datagram(bytes) => self.outgoing.push_back(bytes),
            Mischief::Replay => self.outgoing.extend(self.last_media.clone()),
            Mischief::Rtcp(compound) => self.send_rtcp(compound),
            Mischief::Oversized { ssrc, len } => {
                // A later number for a longer one.
                let seq = u16::try_from(len / 10).unwrap_or(u16::MAX);
                let header = Header { payload_type: OPUS, marker: false, seq, time: 0, ssrc };
                let mut bytes = rtp::write(&header, &[(MID_ID, AUDIO_MID.as_bytes())]);
                let header_len = bytes.len();
                bytes.resize(header_len + len, 0x5a);
                let packet = Packet { bytes, header_len, ssrc, index: u64::from(seq) };
                self.outgoing.extend(seal(self.secure.as_ref(), packet));
            }
            Mischief::UnknownSsrc { mid, ssrc } => {
                let header = Header { payload_type: OPUS, marker: false, seq: 1, time: 0, ssrc };
                let mid = mid.as_ref().map(|mid| (MID_ID, mid.as_bytes()));
                let mut bytes = rtp::write(&header, mid.as_slice());
                let header_len = bytes.len();
                bytes.extend(vp8::audio(vp8::Stamp { sent: 0, source: ssrc }));
                let packet = Packet { bytes, header_len, ssrc, index: 1 };
                self.outgoing.extend(seal(self.secure.as_ref(), packet));
            }
        }
    }

    /// Says goodbye.
    pub(crate) fn close(&mut self, now: Instant) {
        if let Some(dtls) = &mut self.dtls {
            dtls.close(now);
        }
    }
}

fn seal(secure: Option<&Secure>, packet: Packet) -> Option<Vec<u8>> {
    secure?.seal_rtp(packet.bytes, packet.header_len, packet.ssrc, packet.index).ok()
}
