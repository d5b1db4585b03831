//! One's own tracks: what the person wants, on which m-lines, and what the server was told. The person
//! wins: whatever happens to the socket, the server is told the difference in the end.

use crate::{Now, Output, Session, SortedMap, SortedSet, SourceState, io::publish_track};
use signal::{ClientMessage, Hold, Mid, ParticipantInfo, PublishTrack, Source};

/// Every encoding that a track may have, by place: simulcast has three.
const ALL_ENCODINGS: [u8; 3] = [0, 1, 2];

/// All of one's own tracks. At most one of each source.
#[derive(Debug, Default)]
pub(crate) struct Tracks {
    /// What a moderator holds: it is muted, and stays so until the person wants it again after it was let go.
    pub(crate) held: Vec<Hold>,
    /// What the person wants; a source not here is absent.
    wanted: SortedMap<Source, SourceState>,
    /// The m-lines of the last answered offer.
    mids: SortedMap<Source, Mid>,
    /// Those of the offer under way.
    offered: SortedMap<Source, Mid>,
    /// What the server was told is published.
    told: SortedMap<Source, Told>,
    /// Sources for which an offer was made already, lest one that gets no m-line is asked for forever.
    asked: SortedSet<Source>,
    /// M-lines whose encodings the server chose. They are this peer's, so there are few.
    limited: SortedSet<Mid>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    mid: Mid,
    muted: bool,
}

impl Tracks {
    pub(crate) fn set(&mut self, source: Source, state: SourceState) {
        match state {
            SourceState::Absent => {
                self.wanted.remove(&source);
                self.asked.remove(&source);
            }
            SourceState::Muted | SourceState::Live => {
                self.wanted.insert(source, state);
                self.mute_held();
            }
        }
    }

    /// Nothing that is held is wanted otherwise than muted.
    pub(crate) fn mute_held(&mut self) {
        for (source, state) in &mut self.wanted {
            if self.held.iter().any(|hold| hold.covers(*source)) {
                *state = SourceState::Muted;
            }
        }
    }

    pub(crate) fn offer_mids(&mut self, mids: Vec<(Source, Mid)>) {
        self.offered = mids.into_iter().collect();
    }

    pub(crate) fn ask_for_mids(&mut self) {
        self.asked.extend(self.wanted.keys().copied());
    }

    /// What is sent, and whether it is muted.
    pub(crate) fn sources(&self) -> Vec<(Source, bool)> {
        let sent = |(source, state): (&Source, &SourceState)| match state {
            SourceState::Absent => None,
            SourceState::Muted => Some((*source, true)),
            SourceState::Live => Some((*source, false)),
        };
        self.wanted.iter().filter_map(sent).collect()
    }

    /// Whether a track waits for an m-line that no offer has tried to give it.
    pub(crate) fn lack_mid(&self) -> bool {
        self.wanted.keys().any(|source| !self.mids.contains_key(source) && !self.asked.contains(source))
    }

    /// What `join` publishes; the server counts as told.
    pub(crate) fn tell_all(&mut self) -> Vec<PublishTrack> {
        let publish: Vec<_> = self
            .wanted
            .iter()
            .filter_map(|(source, state)| publish_track(*source, self.offered.get(source)?.clone(), *state))
            .collect();
        self.told = publish.iter().map(|track| (track.source, Told::of(track))).collect();
        publish
    }

    /// The offer under way was answered: its m-lines can be published on.
    pub(crate) fn mids_agreed(&mut self) {
        if !self.offered.is_empty() {
            self.mids = std::mem::take(&mut self.offered);
        }
    }

    /// What the server holds published of us, as it says itself.
    pub(crate) fn resumed(&mut self, me: &ParticipantInfo) {
        let before = std::mem::take(&mut self.told);
        for publication in &me.publications {
            let source = publication.source;
            let mid = before.get(&source).map(|told| &told.mid).or_else(|| self.mids.get(&source));
            if let Some(mid) = mid.cloned() {
                self.told.insert(source, Told { mid, muted: publication.muted });
            }
        }
    }

    /// What the server must be told; it counts as told.
    pub(crate) fn tell_changes(&mut self) -> Vec<ClientMessage> {
        let mut messages = Vec::new();
        let mut wanted: SortedMap<Source, PublishTrack> = SortedMap::new();
        for (source, state) in &self.wanted {
            let track = self.mids.get(source).and_then(|mid| publish_track(*source, mid.clone(), *state));
            wanted.extend(track.map(|track| (*source, track)));
        }
        let stays =
            |source: &Source, told: &Told| wanted.get(source).is_some_and(|track| track.mid == told.mid);
        for (_, told) in self.told.extract_if(|source, told| !stays(source, told)) {
            messages.push(ClientMessage::Unpublish { mid: told.mid });
        }
        for (source, track) in wanted {
            match self.told.insert(source, Told::of(&track)) {
                None => messages.push(ClientMessage::Publish { track }),
                Some(told) if told.muted != track.muted => {
                    messages.push(ClientMessage::SetMuted { mid: track.mid, muted: track.muted });
                }
                Some(_) => {}
            }
        }
        messages
    }

    /// Whether a publication begins on an m-line whose encodings were chosen for an earlier one.
    fn free(&mut self, message: &ClientMessage) -> Option<Mid> {
        match message {
            ClientMessage::Publish { track } => self.limited.take(&track.mid),
            ClientMessage::Join { .. }
            | ClientMessage::Resume { .. }
            | ClientMessage::Offer { .. }
            | ClientMessage::Unpublish { .. }
            | ClientMessage::SetMuted { .. }
            | ClientMessage::View { .. }
            | ClientMessage::Prefer { .. }
            | ClientMessage::Chat { .. }
            | ClientMessage::React { .. }
            | ClientMessage::RaiseHand { .. }
            | ClientMessage::Direct { .. }
            | ClientMessage::Moderate { .. }
            | ClientMessage::Ping { .. }
            | ClientMessage::Leave {} => None,
        }
    }

    /// Another peer will have other m-lines.
    pub(crate) fn peer_closed(&mut self) {
        let wanted = std::mem::take(&mut self.wanted);
        *self = Self { wanted, held: std::mem::take(&mut self.held), ..Self::default() };
    }
}

impl Told {
    fn of(track: &PublishTrack) -> Self {
        Self { mid: track.mid.clone(), muted: track.muted }
    }
}

impl Session {
    /// Tells the server what changed, if it can be told now.
    pub(crate) fn publish_changes(&mut self, now: Now) {
        if !self.is_live() {
            return;
        }
        for message in self.tracks.tell_changes() {
            if let Some(mid) = self.tracks.free(&message) {
                self.output(Output::SetEncodings { mid, wanted: ALL_ENCODINGS.to_vec() });
            }
            self.send(message, now);
        }
        self.renegotiate(now);
    }

    /// The server says which encodings of a track of ours anybody wants. That is for as long as it is
    /// published: of the next on the same m-line all are wanted again.
    pub(crate) fn limit_encodings(&mut self, mid: Mid, wanted: Vec<u8>) {
        self.tracks.limited.insert(mid.clone());
        self.output(Output::SetEncodings { mid, wanted });
    }

    /// The m-lines of the offer that is about to come, or of the one that was agreed on last.
    pub(crate) fn mids(&mut self, mids: Vec<(Source, Mid)>, now: Now) {
        self.tracks.offer_mids(mids);
        if self.offers.is_settled() {
            self.tracks.mids_agreed();
            self.publish_changes(now);
        }
    }
}
