//! Ingest: a packet's way from the peer it came from to a history entry and a place in the batch.

use super::Plane;
use super::planted::Site;
use super::relay::SsrcName;
use crate::history::Refused;
use crate::ids::{PeerKey, PublicationKey, Seq16, StreamKey};
use crate::ingest::demux::{Binding, Demux};
use crate::ingest::publication::{Carries, Publication};
use crate::ingest::stream::{Incoming, Kept, Rejected, Stream};
use crate::limits::{BATCH, SILENT_STREAM};
use crate::rtp::header::RtpView;
use crate::rtp::level::AudioLevel;
use crate::time::Time;
use std::time::Duration;

/// A stream other than the current one takes over when that has been silent for this long.
const CURRENT_SILENT: Duration = Duration::from_secs(1);

/// How often a publisher gets a receiver report.
pub(super) const RECEIVER_REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// What a packet's header extensions say.
#[derive(Debug, Default)]
struct Names<'a> {
    /// Its transport-wide number, if arrivals are reported.
    arrival: Option<Seq16>,
    mid: Option<&'a [u8]>,
    rid: Option<&'a [u8]>,
    repaired_rid: Option<&'a [u8]>,
    level: Option<AudioLevel>,
    dependency: Option<&'a [u8]>,
}

impl Plane {
    /// Takes a decrypted RTP packet of a peer. It goes out at the next [`Plane::flush`].
    pub fn ingest_rtp(&mut self, from: PeerKey, packet: &[u8], now: Time) {
        self.ingest_named(from, packet, None, now);
    }

    /// The same, where another plane knows what the packet's SSRC stands for.
    pub(super) fn ingest_named(&mut self, from: PeerKey, packet: &[u8], known: Option<SsrcName>, now: Time) {
        self.tick(now);
        self.counters.rtp_packets_in += 1;
        self.counters.rtp_bytes_in += u64::try_from(packet.len()).unwrap_or(0);
        let Some(view) = RtpView::parse(packet) else {
            self.counters.malformed_rtp += 1;
            return;
        };
        let Some(peer) = self.peers.get_mut(from) else {
            self.counters.unknown_peer += 1;
            return;
        };
        if self.batch.len() >= BATCH {
            self.counters.batch_overflow += 1;
            return;
        }
        let ids = peer.extensions;
        let mut names = Names::default();
        for (id, content) in view.extensions.elements() {
            if ids.transport_cc == Some(id) && peer.transport_cc {
                names.arrival = content.first_chunk().map(|seq| Seq16(u16::from_be_bytes(*seq)));
            } else if ids.mid == Some(id) {
                names.mid = Some(content);
            } else if ids.rid == Some(id) {
                names.rid = Some(content);
            } else if ids.repaired_rid == Some(id) {
                names.repaired_rid = Some(content);
            } else if ids.audio_level == Some(id) {
                names.level = AudioLevel::parse(content);
            } else if ids.dependency_descriptor == Some(id) {
                names.dependency = Some(content);
            }
        }
        let bound = peer.demux.find(view.ssrc);
        let binding = bound.or_else(|| self.bind(from, &view, &names, known));
        if binding.is_some_and(|binding| !self.may_bring(binding, packet.len(), now)) {
            // Nor is it reported as arrived: to the sender it is a loss, from which it learns if from nothing else.
            self.counters.over_bitrate += 1;
            self.cap(from, now);
            return;
        }
        if let Some(arrival) = names.arrival {
            self.arrived(from, arrival, now);
        }
        let Some(binding) = binding else {
            self.counters.unknown_ssrc += 1;
            return;
        };
        self.ingest_bound(from, binding, &view, &names, now);
    }

    /// Whether a packet of this length is within what its publication may bring.
    fn may_bring(&mut self, binding: Binding, len: usize, now: Time) -> bool {
        let Some(tariff) = self.tariff else { return true };
        let line = self.streams.get(binding.stream()).map(|stream| stream.publication);
        let publication = line.and_then(|line| self.publications.get_mut(line));
        publication.is_none_or(|publication| publication.allowance.take(len, tariff, now))
    }

    /// Has a peer told how much it may send, at once the first time.
    fn cap(&mut self, from: PeerKey, now: Time) {
        let Some(peer) = self.peers.get_mut(from) else { return };
        if !peer.is_capped {
            peer.is_capped = true;
            peer.report_due = now;
            self.wake(from, now);
        }
    }

    /// Notes a packet's arrival for transport-wide feedback.
    fn arrived(&mut self, from: PeerKey, arrival: Seq16, now: Time) {
        if let Some(peer) = self.peers.get_mut(from) {
            let due = peer.arrivals.record(arrival, now);
            self.wake(from, due);
        }
    }

    fn ingest_bound(&mut self, from: PeerKey, binding: Binding, view: &RtpView, names: &Names, now: Time) {
        let key = binding.stream();
        let Some(stream) = self.streams.get_mut(key) else { return };
        let line = stream.publication;
        let Some(publication) = self.publications.get(line) else { return };
        let incoming = |payload_type, codec, nack| Incoming {
            seq: view.seq,
            time: view.time,
            marker: view.marker,
            payload_type,
            codec,
            nack,
            // Its header extension is not negotiated yet.
            dependency: names.dependency,
            payload: view.payload,
        };
        let kept = match (binding, publication.carries(view.payload_type)) {
            (Binding::Media(_), Some(Carries::Media { codec, nack })) => {
                stream.receive(&incoming(view.payload_type, codec, nack), now)
            }
            (Binding::Media(_) | Binding::Rtx(_), Some(Carries::Rtx { original })) => {
                self.counters.rtx_in += 1;
                // RFC 4588 §4: the original number, then the original payload.
                let Some((number, payload)) = view.payload.split_first_chunk() else {
                    self.counters.rtx_probes_in += 1;
                    return;
                };
                let Some(Carries::Media { codec, nack }) = publication.carries(original) else { return };
                let seq = Seq16(u16::from_be_bytes(*number));
                let restored = Incoming { seq, payload, ..incoming(original, codec, nack) };
                match stream.restore(&restored, now) {
                    Some(Err(Rejected::History(Refused::Duplicate))) => {
                        self.counters.rtx_duplicates_in += 1;
                        return;
                    }
                    Some(kept) => kept,
                    None => Err(Rejected::History(Refused::TooOld)),
                }
            }
            // Media under the SSRC of retransmissions would have numbers of another sequence.
            (Binding::Rtx(_), Some(Carries::Media { .. })) | (_, None) => {
                self.counters.unknown_payload_type += 1;
                return;
            }
        };
        match kept {
            Ok(kept) => {
                self.planted.trip(Site::Ingest, from);
                self.hear(line, names.level, view.payload.len(), now);
                self.publish(from, key, line, kept, now);
            }
            Err(rejected) => self.count_rejected(rejected),
        }
    }

    /// Hands a packet in the history to the slots its publication feeds.
    fn publish(&mut self, from: PeerKey, key: StreamKey, line: PublicationKey, kept: Kept, now: Time) {
        let Some(publication) = self.publications.get(line) else { return };
        let encoding = self.streams.get(key).map_or(0, |stream| stream.encoding);
        let current = publication.stream_of(encoding);
        let silent = |current: StreamKey| {
            let heard = self.streams.get(current).and_then(|stream| stream.heard);
            heard.is_none_or(|heard| now.since(heard) >= CURRENT_SILENT)
        };
        let orphaned = (current != Some(key) && current.is_none_or(silent)).then_some(kept.seq);
        if let Some(from) = kept.source_from.or(orphaned) {
            self.counters.resyncs += u64::from(current == Some(key));
            self.take_over(line, encoding, key, from, now);
            let begins = self.streams.get(key).and_then(|stream| stream.history.get(kept.seq));
            if self.is_listened_to(line, key) && begins.is_some_and(|begins| !begins.entry.keyframe_start) {
                self.request_keyframe(key, now);
            }
        }
        if kept.needs_keyframe {
            self.request_keyframe(key, now);
        }
        if kept.revived {
            self.allocate_subscribers(line, now);
        }
        self.enqueue(key, line, kept);
        let Some(stream) = self.streams.get(key) else { return };
        let due = stream.missing.due().min(stream.keyframes.due());
        let Some(peer) = self.peers.get_mut(from) else { return };
        if let Some(rtt) = kept.repaired_in {
            peer.rtt.sample(rtt);
        }
        if peer.report_due == Time::NEVER {
            peer.report_due = now + RECEIVER_REPORT_INTERVAL;
        }
        let due = due.min(peer.report_due);
        self.wake(from, due);
    }

    fn enqueue(&mut self, key: StreamKey, line: PublicationKey, kept: Kept) {
        let Some(publication) = self.publications.get(line) else { return };
        if !publication.streams().any(|stream| stream == key) {
            return;
        }
        if !publication.audible {
            self.counters.inaudible += 1;
            return;
        }
        if publication.held {
            self.counters.held += 1;
            return;
        }
        let at = self.batch.len();
        self.batch.push((key, kept.seq));
        for slot_key in &publication.subscribers {
            let Some(slot) = self.slots.get(*slot_key).filter(|slot| slot.listens_to(key)) else { continue };
            let Some(receiver) = self.peers.get_mut(slot.peer) else { continue };
            if receiver.is_reachable() {
                receiver.pending.push((*slot_key, at));
                receiver.make_ready(slot.peer, &mut self.ready);
            } else {
                self.counters.not_connected += 1;
            }
        }
    }

    /// Binds an SSRC not declared in SDP by the MID its packet names (RFC 9143 §9.2), and on a simulcast line
    /// by the RID or, of retransmissions, the repaired RID (RFC 8852 §3).
    fn bind(
        &mut self,
        from: PeerKey,
        view: &RtpView,
        names: &Names,
        known: Option<SsrcName>,
    ) -> Option<Binding> {
        let is_named = |line: &Publication| match (known, names.mid) {
            (Some(known), _) => line.mid == known.line,
            (None, Some(mid)) => line.mid.is(mid),
            (None, None) => false,
        };
        let keys = &self.peers.get(from)?.publications;
        let found =
            keys.iter().find_map(|key| Some((*key, self.publications.get(*key).filter(|p| is_named(p))?)));
        let (line, publication) = found?;
        let (kind, carries) = (publication.kind, publication.carries(view.payload_type)?);
        let encoding = match (known, publication.is_simulcast(), carries) {
            (Some(known), ..) => {
                Some(usize::from(known.encoding)).filter(|place| *place < publication.encodings.len())?
            }
            (None, false, _) => 0,
            (None, true, Carries::Media { .. }) => publication.encoding_named(names.rid?)?,
            (None, true, Carries::Rtx { .. }) => {
                publication.encoding_named(names.repaired_rid.or(names.rid)?)?
            }
        };
        if matches!(carries, Carries::Media { .. }) {
            self.drop_silent(from, line, encoding);
        }
        if self.peers.get(from)?.demux.is_full() {
            self.make_room(from)?;
        }
        let binding = match carries {
            Carries::Media { .. } => {
                Binding::Media(self.streams.insert(Stream::new(line, encoding, view.ssrc, kind, false)))
            }
            Carries::Rtx { .. } => Binding::Rtx(self.without_rtx(from, line, encoding)?),
        };
        self.peers.get_mut(from)?.demux.bind(view.ssrc, binding);
        Some(binding)
    }

    /// The stream of an encoding an undeclared RTX SSRC must belong to: the current one, or else any that has
    /// no RTX SSRC yet.
    fn without_rtx(&self, from: PeerKey, line: PublicationKey, encoding: usize) -> Option<StreamKey> {
        let demux = &self.peers.get(from)?.demux;
        let current = self.publications.get(line)?.stream_of(encoding);
        let of_encoding = |key: &StreamKey| {
            let stream = self.streams.get(*key);
            stream.is_some_and(|stream| stream.publication == line && stream.encoding == encoding)
        };
        let mut candidates = current.into_iter().chain(demux.streams().filter(of_encoding));
        candidates.find(|key| !demux.has_rtx(*key))
    }

    /// Ends the undeclared stream that has been silent longest, if long enough.
    fn make_room(&mut self, from: PeerKey) -> Option<()> {
        let silent = self.silent(from).map(|(heard, key, _)| (heard, key));
        let (_, oldest) = silent.min()?;
        self.remove_stream(from, oldest);
        Some(())
    }

    /// Ends the undeclared streams of an encoding that goes on by another SSRC: each holds a history.
    fn drop_silent(&mut self, from: PeerKey, line: PublicationKey, encoding: usize) {
        let of_encoding = |stream: &Stream| stream.publication == line && stream.encoding == encoding;
        let silent = self.silent(from).filter(|(_, _, stream)| of_encoding(stream)).map(|(_, key, _)| key);
        for key in silent.collect::<Vec<_>>() {
            self.remove_stream(from, key);
        }
    }

    /// The undeclared streams of which nothing came for [`SILENT_STREAM`], and when something last did.
    fn silent(&self, from: PeerKey) -> impl Iterator<Item = (Time, StreamKey, &Stream)> {
        let demux = self.peers.get(from).map(|peer| &peer.demux);
        demux.into_iter().flat_map(Demux::streams).filter_map(|key| {
            let stream = self.streams.get(key).filter(|stream| !stream.declared)?;
            let heard = stream.heard.unwrap_or(Time::ZERO);
            (self.now.since(heard) >= SILENT_STREAM).then_some((heard, key, stream))
        })
    }

    fn count_rejected(&mut self, rejected: Rejected) {
        let counter = match rejected {
            Rejected::Jumped => &mut self.counters.jumped,
            Rejected::History(Refused::Duplicate) => &mut self.counters.duplicate,
            Rejected::History(Refused::TooOld) => &mut self.counters.too_old,
            Rejected::History(Refused::Oversized) => &mut self.counters.oversized,
        };
        *counter += 1;
    }
}
