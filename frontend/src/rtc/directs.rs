//! All direct connections of a call: the session's orders go to each, and a few times a second each is asked what
//! came, which the session and the figures on screen are told.

use super::direct::{Direct, Incoming};
use super::direct_stats::{Counts, read, together};
use super::pump::{Pump, now};
use super::stats;
use crate::state::room::line_of;
use ::signal::{CallNumber, IceServer, Mid, ParticipantId, Quality};
use gloo_timers::callback::Interval;
use session::SortedMap;
use session::{DirectEvent, DirectOrder, Feed, Origin, Other, Way};
use std::rc::Weak;
use std::time::Duration;
use wasm_bindgen_futures::spawn_local;
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
    /// To the screen.
    pub quality: Option<Quality>,
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
                if self.all.is_empty() {
                    self.ticker = None;
                }
            }
            order @ (DirectOrder::Offer { .. }
            | DirectOrder::Answer { .. }
            | DirectOrder::Accept { .. }
            | DirectOrder::AddCandidate(_)
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

    /// A connection counted so much, and the one to the server.
    pub fn counted(
        &mut self,
        other: &Other,
        here: &Counts,
        there: Option<Counts>,
        looked_at: &[Mid],
    ) -> Seen {
        let mut seen = Seen::default();
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
                let there = there.unwrap_or_default();
                if let Some(before) = &watched.returned {
                    if awaited(other, looked_at).all(|slot| there.came(slot, Some(before))) {
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
                    let first = self.watched.keys().next() == Some(&other.id);
                    let all = self.watched.values().map(|watched| &watched.quality);
                    seen.quality = first.then(|| together(all));
                }
            }
            Way::Server | Way::None => {}
        }
        seen
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
