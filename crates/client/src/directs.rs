//! All direct connections of a call: the session's orders go to each, and a few times a second each is asked what
//! came, which the session and the figures on screen are told.

use super::direct::{Direct, Incoming};
use super::direct_stats::{Counts, read, together};
use super::page::now;
use super::pump::Pump;
use super::slots::line_of;
use super::stats;
use super::voices::Voices;
use crate::page::spawn_local;
use ::signal::{CallNumber, IceServer, Mid, ParticipantId, Quality};
use gloo_timers::callback::Interval;
use session::{DirectEvent, DirectOrder, Feed, Origin, Other, SortedMap, Way};
use std::rc::Weak;
use std::time::Duration;
use web_sys::RtcPeerConnection;

/// How often a connection is asked, in milliseconds: a switch waits for the answer.
const LOOK: u32 = 200;
/// How often the session is told how much came, and how often the screen.
const SAMPLE: Duration = Duration::from_millis(500);
const SECOND: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug, Default)]
pub struct Directs {
    all: Vec<Direct>,
    watched: SortedMap<ParticipantId, Watched>,
    voices: Voices,
    ticker: Option<Interval>,
}

/// What a connection counted when.
#[derive(Debug, Default)]
struct Watched {
    call: CallNumber,
    /// When the session was told last, and the screen.
    sample: Option<Counts>,
    second: Option<Counts>,
    /// What the connection to the server had counted when media began to return to it.
    returned: Option<Counts>,
    quality: Quality,
}

/// What there is to be told after a look.
#[derive(Debug, Default)]
pub struct Seen {
    /// To the session.
    pub events: Vec<DirectEvent>,
    /// To the session: who speaks, if that is news.
    pub speakers: Option<Vec<ParticipantId>>,
    /// To the screen.
    pub quality: Option<Quality>,
}

/// What the page knows besides.
#[derive(Debug, Default)]
pub struct Page {
    /// The slots that are looked at.
    pub looked_at: Vec<Mid>,
    /// One's own participant.
    pub me: Option<ParticipantId>,
    /// The id of the track that one's microphone sends.
    pub microphone: Option<String>,
}

impl Directs {
    /// Carries out an order.
    pub fn order(
        &mut self,
        with: ParticipantId,
        call: CallNumber,
        order: DirectOrder,
        ice_servers: &[IceServer],
        pump: &Weak<Pump>,
    ) -> Result<(), super::peer::PeerError> {
        match order {
            DirectOrder::Open => {
                self.all.push(Direct::open(with, call, ice_servers, pump.clone())?);
                self.watched.insert(with, Watched { call, ..Watched::default() });
                if self.ticker.is_none() {
                    let pump = pump.clone();
                    self.ticker = Some(Interval::new(LOOK, move || {
                        if let Some(pump) = pump.upgrade() {
                            pump.look_at_directs();
                        }
                    }));
                }
            }
            DirectOrder::Close => {
                self.all.retain(|direct| (direct.with, direct.call) != (with, call));
                self.watched.remove(&with);
                self.voices.forget(with);
                if self.all.is_empty() {
                    self.ticker = None;
                    self.voices.forget_all();
                }
            }
            order @ (DirectOrder::Offer { .. }
            | DirectOrder::Answer { .. }
            | DirectOrder::Accept { .. }
            | DirectOrder::AddCandidate(_)
            | DirectOrder::SendPictures(_)
            | DirectOrder::Say(_)) => {
                if let Some(direct) = self.find(with, call) {
                    direct.take(order);
                }
            }
        }
        Ok(())
    }

    /// The newest of all.
    pub fn last(&self) -> Option<&Direct> {
        self.all.last()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Direct> {
        self.all.iter()
    }

    /// What comes in by each.
    pub fn incoming(&self) -> impl Iterator<Item = (ParticipantId, Incoming)> {
        self.all.iter().flat_map(|direct| direct.incoming().into_iter().map(|line| (direct.with, line)))
    }

    /// Lets be heard what comes from where the session says, and nothing twice.
    pub fn hear(&self, others: &[Other]) {
        for direct in &self.all {
            let other = others.iter().find(|other| other.id == direct.with);
            direct.hear(|mid| {
                other.is_some_and(|other| feeds(other).any(|feed| feed.origin == Origin::Direct(mid.clone())))
            });
        }
    }

    /// Asks each what it counts, and the connection to the server where something is to come back from there.
    pub fn look(&self, others: &[Other], server: Option<&RtcPeerConnection>, pump: &Weak<Pump>) {
        for direct in &self.all {
            let way = others.iter().find(|other| other.id == direct.with).map(|other| other.way);
            let server = server.filter(|_| way == Some(Way::Returning)).cloned();
            let (with, call) = (direct.with, direct.call);
            let (connection, pump) = (direct.connection().clone(), pump.clone());
            spawn_local(async move {
                let Ok(counted) = stats::of(connection).await else { return };
                let there = match server {
                    Some(server) => stats::of(server).await.ok(),
                    None => None,
                };
                let Some(pump) = pump.upgrade() else { return };
                let there = there.map(|reports| read(&reports, now()));
                pump.counted(with, call, &read(&counted, now()), there);
            });
        }
    }

    /// A connection counted so much, and the one to the server, if it was asked. One that was closed meanwhile tells
    /// nothing of the one after it.
    pub fn counted(
        &mut self,
        other: &Other,
        call: CallNumber,
        here: &Counts,
        there: Option<Counts>,
        page: &Page,
    ) -> Seen {
        if self.watched.get(&other.id).is_none_or(|watched| watched.call != call) {
            return Seen::default();
        }
        self.listen(other, here, page);
        let mut seen = Seen { speakers: self.voices.news(), ..Seen::default() };
        let first = self.measured_first() == Some(other.id);
        let Some(watched) = self.watched.get_mut(&other.id) else { return seen };
        let Some(direct) = other.direct.as_ref().filter(|direct| direct.call == watched.call) else {
            return seen;
        };
        if other.way != Way::Returning {
            watched.returned = None;
        }
        match other.way {
            Way::Trying => {
                let mut sent = direct.tracks.iter().filter(|track| !track.muted);
                if sent.all(|track| here.came(&track.mid, None)) {
                    seen.events.push(DirectEvent::Plays);
                }
            }
            Way::Returning => {
                // Where it could not be asked nothing is known: neither what comes, nor what came before.
                let Some(there) = there else { return seen };
                if let Some(before) = &watched.returned {
                    if awaited(other, &page.looked_at).all(|slot| there.came(slot, Some(before))) {
                        seen.events.push(DirectEvent::ServerPlays);
                    }
                } else {
                    watched.returned = Some(there);
                }
            }
            Way::Direct => {
                let since = |before: &Option<Counts>, wait| {
                    before.as_ref().is_none_or(|before| here.at.saturating_sub(before.at) >= wait)
                };
                if since(&watched.sample, SAMPLE)
                    && let Some(before) = watched.sample.replace(here.clone())
                {
                    let (packets, lost) = here.packets_since(&before);
                    seen.events.push(DirectEvent::Measured { packets, lost });
                }
                if since(&watched.second, SECOND)
                    && let Some(before) = watched.second.replace(here.clone())
                {
                    watched.quality = here.flow_since(&before, |mid| {
                        feeds(other).find(|feed| feed.origin == Origin::Direct(mid.clone())).and_then(line_of)
                    });
                    let all = self.watched.values().map(|watched| &watched.quality);
                    seen.quality = first.then(|| together(all));
                }
            }
            Way::Server | Way::None => {}
        }
        seen
    }

    /// Whose connection tells what is of all, and of oneself: the first of those that are measured at all.
    fn measured_first(&self) -> Option<ParticipantId> {
        self.watched.iter().find(|(_, watched)| watched.second.is_some()).map(|(id, _)| *id)
    }

    /// How loud somebody is who is heard directly, and oneself.
    fn listen(&mut self, other: &Other, here: &Counts, page: &Page) {
        let heard =
            other.microphone.as_ref().filter(|feed| !feed.muted).and_then(|feed| match &feed.origin {
                Origin::Direct(mid) => here.sound(mid),
                Origin::Server => None,
            });
        match heard {
            Some(sound) => self.voices.hear(other.id, sound, here.at),
            None => self.voices.forget(other.id),
        }
        if let Some(me) = page.me.filter(|_| self.measured_first() == Some(other.id)) {
            match page.microphone.as_ref().and_then(|track| here.source(track)) {
                Some(sound) => self.voices.hear(me, sound, here.at),
                None => self.voices.forget(me),
            }
        }
    }

    fn find(&mut self, with: ParticipantId, call: CallNumber) -> Option<&mut Direct> {
        self.all.iter_mut().find(|direct| (direct.with, direct.call) == (with, call))
    }
}

/// The slots by which somebody's media is to come back from the server: not a picture that nobody looks at.
fn awaited<'a>(other: &'a Other, looked_at: &'a [Mid]) -> impl Iterator<Item = &'a Mid> {
    let sounds = [&other.microphone, &other.screen_audio].into_iter().flatten().filter_map(sent_slot);
    let pictures = [&other.camera, &other.screen].into_iter().flatten().filter_map(sent_slot);
    sounds.chain(pictures.filter(|slot| looked_at.contains(slot)))
}

fn sent_slot(feed: &Feed) -> Option<&Mid> {
    feed.slot.as_ref().filter(|_| !feed.muted)
}

fn feeds(other: &Other) -> impl Iterator<Item = &Feed> {
    [&other.microphone, &other.camera, &other.screen, &other.screen_audio].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::super::direct_stats::tests::counts;
    use super::*;
    use ::signal::{DirectTrack, PublicationId, Source};
    use session::DirectView;

    const CALL: CallNumber = CallNumber(1);

    /// Connections to these, all begun.
    fn to(with: &[u32]) -> Directs {
        let watched = |id: &u32| (ParticipantId(*id), Watched { call: CALL, ..Watched::default() });
        Directs { watched: with.iter().map(watched).collect(), ..Directs::default() }
    }

    /// Somebody whose microphone comes by line and slot "0", and whose camera by "1".
    fn other(id: u32, way: Way) -> Other {
        let direct = matches!(way, Way::Direct | Way::Returning);
        let feed = |mid: &str| Feed {
            publication: PublicationId(id),
            muted: false,
            slot: Some(mid.into()),
            origin: if direct { Origin::Direct(mid.into()) } else { Origin::Server },
        };
        let track = DirectTrack { mid: "1".into(), source: Source::Camera, muted: false };
        Other {
            id: ParticipantId(id),
            name: String::new(),
            microphone: Some(feed("0")),
            camera: Some(feed("1")),
            screen: None,
            screen_audio: None,
            way,
            direct: Some(DirectView { call: CALL, tracks: vec![track] }),
        }
    }

    #[test]
    fn the_servers_picture_is_back_when_it_runs_and_not_where_nobody_could_ask() {
        let mut directs = to(&[7]);
        let bo = other(7, Way::Returning);
        let page = Page { looked_at: vec!["1".into()], ..Page::default() };
        // What the server's connection counted of old, and goes on from.
        let mut told = |frames: Option<f64>| {
            let there = frames.map(|frames| counts(1, frames, 0.0, frames));
            directs.counted(&bo, CALL, &counts(1, 10.0, 0.0, 1.0), there, &page).events
        };
        assert_eq!(told(None), []);
        assert_eq!(told(Some(300.0)), [], "the first look is what the next are compared with");
        assert_eq!(told(None), []);
        assert_eq!(told(Some(300.0)), []);
        assert_eq!(told(Some(301.0)), [DirectEvent::ServerPlays]);
    }

    #[test]
    fn what_a_closed_connection_counted_says_nothing_of_the_next() {
        let mut directs = to(&[7]);
        let bo = other(7, Way::Direct);
        let mut told = |call, at, packets| {
            let here = counts(at, packets, 0.0, 1.0);
            directs.counted(&bo, call, &here, None, &Page::default()).events
        };
        assert_eq!(told(CALL, 1, 10.0), []);
        assert_eq!(told(CallNumber(0), 2, 9000.0), []);
        assert_eq!(told(CALL, 3, 60.0), [DirectEvent::Measured { packets: 100, lost: 0 }]);
    }

    #[test]
    fn the_quality_of_all_is_told_by_the_first_that_is_measured() {
        // The first of all connects in vain.
        let mut directs = to(&[3, 5, 9]);
        let mut told = |id, way, at| {
            let here = counts(at, 10.0, 0.0, 1.0);
            directs.counted(&other(id, way), CALL, &here, None, &Page::default()).quality.is_some()
        };
        for at in [1, 2, 3] {
            let told = [told(3, Way::Trying, at), told(5, Way::Direct, at), told(9, Way::Direct, at)];
            assert_eq!(told, [false, at > 1, false], "second {at}");
        }
    }

    #[test]
    fn who_is_heard_directly_is_told_to_speak_and_so_is_oneself() {
        let mut directs = to(&[7]);
        let me = Some(ParticipantId(1));
        let page = Page { me, microphone: Some("mine".to_owned()), ..Page::default() };
        let mut told = |bo: &Other, at: u32| {
            let here = counts(at.into(), 50.0 * f64::from(at), 0.0, 1.0);
            directs.counted(bo, CALL, &here, None, &page).speakers
        };
        let (direct, mut muted) = (other(7, Way::Direct), other(7, Way::Direct));
        muted.microphone.as_mut().unwrap().muted = true;
        let both = Some(vec![ParticipantId(7), ParticipantId(1)]);
        let all: Vec<_> = (1..=4).map(|at| told(&direct, at)).collect();
        assert_eq!(all, [None, Some(vec![ParticipantId(7)]), both, None]);
        assert_eq!(told(&muted, 5), Some(vec![ParticipantId(1)]));
        assert_eq!(told(&other(7, Way::Server), 6), None);
    }
}
