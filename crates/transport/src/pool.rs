//! The workers, and on which of them everybody is.
//!
//! Stands between the control side's handle and the workers. It owns who is where: a new group goes to the worker
//! with the least to do and stays there; when that worker has much to do, those who come later go to another, and
//! the group spans both. Then each of its publishers is a guest wherever the others are, and the workers pass the
//! packets on to each other. The first worker of a group is its home, which tells who speaks.
//!
//! A worker that has too much to do is given nobody as long as another has not. When all have, no group begins. One that
//! stands still is given nobody at all, but where there is no other.

use crate::adapter::Outlet;
use crate::peer::NegotiateError;
use crate::worker::{Command, CommandSender, Load, Relay, Report, WorkerGone, WorkerId};
use forward::{GroupId, Mid, PeerConfig, PeerKey};
use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};

/// A worker's peers and fed slots from which on a group there may span another worker as well: about a third of
/// what a core forwards, at 130 packets a second for each.
pub const SPAN_AT: usize = 600;

/// A worker that hangs says nothing of how things stand with it.
const REPORT_PATIENCE: Duration = Duration::from_secs(10);

/// Another worker is worth it if it has less than one in so many of that.
const WORTH: usize = 2;

/// A worker, as the control side has it.
pub(crate) struct Handle {
    pub commands: CommandSender,
    pub outlet: Arc<Outlet>,
    /// What browsers are told to send to, best first.
    pub candidates: Vec<SocketAddr>,
    /// Its slots that something feeds.
    pub fed: AtomicUsize,
    /// Written by the worker.
    pub load: Arc<Load>,
}

/// See the module.
pub(crate) struct Pool {
    pub workers: Vec<Handle>,
    /// Locked until the workers have been told: they have to hear of one change before the next.
    places: Mutex<Places>,
    /// Groups that could not begin.
    refused: AtomicU64,
}

impl Pool {
    pub fn new(workers: Vec<Handle>, span_at: usize) -> Self {
        let places = Mutex::new(Places::new(workers.len(), span_at));
        Self { workers, places, refused: AtomicU64::new(0) }
    }

    /// How many groups could not begin.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Finds a worker for a peer of a group that is about to be opened. Whoever is placed has to [`Self::leave`]. The
    /// first of a group is refused while every worker has too much to do.
    pub async fn place(&self, group: GroupId, peer: PeerKey) -> Result<usize, NegotiateError> {
        let mut places = self.places().await;
        let burden = |worker: &Handle| {
            let load = worker.load.values();
            Burden { still: load.still, overloaded: load.overloaded, fed: worker.fed.load(Relaxed) }
        };
        let burdens: Vec<Burden> = self.workers.iter().map(burden).collect();
        let Some(placed) = places.place(group, peer, &burdens) else {
            self.refused.fetch_add(1, Relaxed);
            return Err(NegotiateError::Overloaded);
        };
        self.tell(placed.news).await;
        Ok(placed.worker)
    }

    /// Where everybody is, without those whom a worker lost when it began anew.
    async fn places(&self) -> MutexGuard<'_, Places> {
        let mut places = self.places.lock().await;
        for (number, worker) in self.workers.iter().enumerate() {
            let news = places.begun(number, worker.load.restarts());
            self.tell(news).await;
        }
        places
    }

    /// A peer was configured: wherever else its group is, it is a guest with this.
    pub async fn configured(&self, group: GroupId, peer: PeerKey, worker: usize, config: &PeerConfig) {
        let mut places = self.places().await;
        let news = places.configured(group, peer, worker, config);
        self.tell(news).await;
    }

    /// Of these lines of a peer nothing is to reach anybody, wherever its group is.
    pub async fn hold(&self, group: GroupId, peer: PeerKey, lines: &[Mid]) {
        let mut places = self.places().await;
        let news = places.hold(group, peer, lines);
        self.tell(news).await;
    }

    /// A placed peer is gone.
    pub async fn leave(&self, group: GroupId, peer: PeerKey, worker: usize) {
        let mut places = self.places().await;
        let news = places.leave(group, peer, worker);
        self.tell(news).await;
    }

    /// How things stand with all workers together, but for those that do not answer.
    pub async fn report(&self) -> Result<Report, WorkerGone> {
        let mut all: Option<Report> = None;
        for worker in self.workers.iter().filter(|worker| !worker.load.is_still()) {
            let Ok(one) = tokio::time::timeout(REPORT_PATIENCE, worker.commands.report()).await else {
                continue;
            };
            let one = one?;
            all = Some(all.map_or(one, |all| all.and(one)));
        }
        all.ok_or(WorkerGone)
    }

    /// A worker that does not take it hangs, and begins anew if it goes on; it is no matter of whoever comes or goes.
    async fn tell(&self, news: Vec<(usize, News)>) {
        for (to, news) in news {
            let told = match news {
                News::Command(command) => self.send(to, command).await,
                News::Link(other) => self.link(to, other).await,
            };
            if told.is_err() {
                tracing::debug!(worker = to, "it takes no commands");
            }
        }
    }

    async fn link(&self, one: usize, other: usize) -> Result<(), WorkerGone> {
        let (Some(first), Some(second)) = (self.workers.get(one), self.workers.get(other)) else {
            return Err(WorkerGone);
        };
        let (here, there) = Relay::pair(first.commands.waker(), second.commands.waker());
        self.send(one, Command::Link { worker: id(other), relay: here }).await?;
        self.send(other, Command::Link { worker: id(one), relay: there }).await
    }

    async fn send(&self, to: usize, command: Command) -> Result<(), WorkerGone> {
        self.workers.get(to).ok_or(WorkerGone)?.commands.send(command).await
    }
}

fn id(worker: usize) -> WorkerId {
    WorkerId::try_from(worker).unwrap_or(WorkerId::MAX)
}

/// Something a worker has to be told.
#[derive(Debug)]
enum News {
    Command(Command),
    /// It and this other one have to be linked.
    Link(usize),
}

/// Where everybody is. Without I/O.
#[derive(Debug)]
struct Places {
    /// Peers on each worker.
    peers: Vec<usize>,
    groups: HashMap<GroupId, Group>,
    /// Pairs that are linked, the lower first. A link stays.
    links: BTreeSet<(usize, usize)>,
    /// How often each worker has begun anew, as far as it was seen here.
    restarts: Vec<u64>,
    span_at: usize,
}

#[derive(Debug, Default)]
struct Group {
    /// The workers it is on, its home first, and how many of its peers are there.
    on: Vec<(usize, usize)>,
    /// Its peers, and where, from when they are placed until they leave: what is negotiated with one that leaves
    /// meanwhile counts no more.
    members: HashMap<PeerKey, usize>,
    /// Its peers that send something: where they are, and what was negotiated, without slots.
    publishers: HashMap<PeerKey, (usize, PeerConfig)>,
    /// Lines of its peers' that are held, where there are any.
    held: HashMap<PeerKey, Vec<Mid>>,
}

/// What a worker has to do already.
#[derive(Clone, Copy, Debug, Default)]
struct Burden {
    still: bool,
    overloaded: bool,
    /// Its slots that something feeds.
    fed: usize,
}

/// Where a peer goes, and who is to be told what.
struct Placed {
    worker: usize,
    news: Vec<(usize, News)>,
}

impl Places {
    fn new(workers: usize, span_at: usize) -> Self {
        Self {
            peers: vec![0; workers],
            groups: HashMap::new(),
            links: BTreeSet::new(),
            restarts: vec![0; workers],
            span_at,
        }
    }

    /// `burdens` says what each worker has to do already. None when the group would be a new one and they all have too
    /// much.
    fn place(&mut self, id: GroupId, peer: PeerKey, burdens: &[Burden]) -> Option<Placed> {
        let burden = |worker: usize| burdens.get(worker).copied().unwrap_or_default();
        let load = |worker: usize| self.peers.get(worker).copied().unwrap_or(0) + burden(worker).fed;
        let still = |worker: usize| burden(worker).still;
        let overloaded = |worker: usize| still(worker) || burden(worker).overloaded;
        let order = |worker: &usize| (still(*worker), overloaded(*worker), load(*worker));
        let least = (0..self.peers.len()).min_by_key(order).unwrap_or(0);
        let here =
            self.groups.get(&id).and_then(|group| group.on.iter().map(|(on, _)| *on).min_by_key(order));
        let worker = match here {
            None if overloaded(least) => return None,
            None => least,
            Some(here) if still(here) && !still(least) => least,
            Some(here) if overloaded(here) && !overloaded(least) => least,
            Some(here) if load(here) >= self.span_at && load(least) < load(here) / WORTH => least,
            Some(here) => here,
        };
        let group = self.groups.entry(id).or_default();
        group.members.insert(peer, worker);
        let mut news = Vec::new();
        if let Some((_, peers)) = group.on.iter_mut().find(|(on, _)| *on == worker) {
            *peers += 1;
        } else {
            for (other, _) in &group.on {
                if self.links.insert((worker.min(*other), worker.max(*other))) {
                    news.push((worker, News::Link(*other)));
                }
            }
            if !group.on.is_empty() {
                news.push((worker, News::Command(Command::Span { group: id })));
            }
            for (peer, (home, config)) in &group.publishers {
                invite(&mut news, id, (*peer, *home, config), worker);
                if let Some(lines) = group.held.get(peer).cloned() {
                    news.push((worker, News::Command(Command::Hold { peer: *peer, lines })));
                }
            }
            group.on.push((worker, 1));
        }
        if let Some(peers) = self.peers.get_mut(worker) {
            *peers += 1;
        }
        Some(Placed { worker, news })
    }

    fn configured(
        &mut self,
        id: GroupId,
        peer: PeerKey,
        worker: usize,
        config: &PeerConfig,
    ) -> Vec<(usize, News)> {
        let mut news = Vec::new();
        let Some(group) = self.groups.get_mut(&id) else { return news };
        let sends = !config.sends.is_empty() || group.publishers.contains_key(&peer);
        if !sends || !group.members.contains_key(&peer) {
            return news;
        }
        let config = PeerConfig {
            extensions: config.extensions,
            sends: config.sends.clone(),
            feedback_ssrc: config.feedback_ssrc,
            ..PeerConfig::default()
        };
        for (other, _) in group.on.iter().filter(|(other, _)| *other != worker) {
            invite(&mut news, id, (peer, worker, &config), *other);
            if let Some(lines) = group.held.get(&peer).cloned() {
                news.push((*other, News::Command(Command::Hold { peer, lines })));
            }
        }
        group.publishers.insert(peer, (worker, config));
        news
    }

    fn hold(&mut self, id: GroupId, peer: PeerKey, lines: &[Mid]) -> Vec<(usize, News)> {
        let Some(group) = self.groups.get_mut(&id) else { return Vec::new() };
        let Some(home) = group.members.get(&peer).copied() else { return Vec::new() };
        if lines.is_empty() {
            group.held.remove(&peer);
        } else {
            group.held.insert(peer, lines.to_vec());
        }
        let is_guest = group.publishers.contains_key(&peer);
        let told = group.on.iter().filter(|(on, _)| *on == home || is_guest);
        told.map(|(on, _)| (*on, News::Command(Command::Hold { peer, lines: lines.to_vec() }))).collect()
    }

    fn leave(&mut self, id: GroupId, peer: PeerKey, worker: usize) -> Vec<(usize, News)> {
        let mut news = Vec::new();
        let Some(group) = self.groups.get_mut(&id) else { return news };
        if group.members.remove(&peer).is_none() {
            // Its worker lost it before.
            return news;
        }
        group.held.remove(&peer);
        if let Some(peers) = self.peers.get_mut(worker) {
            *peers = peers.saturating_sub(1);
        }
        if group.publishers.remove(&peer).is_some() {
            for (other, _) in group.on.iter().filter(|(other, _)| *other != worker) {
                news.push((*other, News::Command(Command::Remove { peer })));
            }
        }
        let home = group.on.first().map(|(worker, _)| *worker);
        let Some(place) = group.on.iter().position(|(on, _)| *on == worker) else { return news };
        if let Some((_, peers)) = group.on.get_mut(place) {
            *peers = peers.saturating_sub(1);
        }
        // The home stays the home, though none of its own are left: it tells who speaks.
        let is_left = |(on, peers): &(usize, usize)| *on != worker || *peers > 0;
        if home != Some(worker) && !group.on.iter().all(is_left) {
            group.on.retain(is_left);
            news.push((worker, News::Command(Command::Unspan { group: id })));
            for (peer, (home, _)) in &group.publishers {
                news.push((worker, News::Command(Command::Remove { peer: *peer })));
                let stop = Command::Relay { peer: *peer, worker: self::id(worker), on: false };
                news.push((*home, News::Command(stop)));
            }
        }
        if group.on.iter().all(|(_, peers)| *peers == 0) {
            self.groups.remove(&id);
        }
        news
    }
}

/// What is left of groups when a worker begins anew.
impl Places {
    /// A worker has begun anew so often by now: who was there is nowhere any more.
    fn begun(&mut self, worker: usize, restarts: u64) -> Vec<(usize, News)> {
        let mut news = Vec::new();
        match self.restarts.get_mut(worker) {
            Some(seen) if *seen != restarts => *seen = restarts,
            Some(_) | None => return news,
        }
        self.links.retain(|(one, other)| *one != worker && *other != worker);
        if let Some(peers) = self.peers.get_mut(worker) {
            *peers = 0;
        }
        for (id, group) in &mut self.groups {
            let Some(place) = group.on.iter().position(|(on, _)| *on == worker) else { continue };
            group.on.remove(place);
            group.members.retain(|_, on| *on != worker);
            group.held.retain(|peer, _| group.members.contains_key(peer));
            // Of those it had, nobody has a guest.
            for (peer, _) in group.publishers.extract_if(|_, (home, _)| *home == worker) {
                news.extend(group.on.iter().map(|(on, _)| (*on, News::Command(Command::Remove { peer }))));
            }
            // And it has no guests, whatever waited in its queue.
            for (peer, (home, _)) in &group.publishers {
                let stop = Command::Relay { peer: *peer, worker: self::id(worker), on: false };
                news.push((*home, News::Command(stop)));
                news.push((worker, News::Command(Command::Remove { peer: *peer })));
            }
            if let (0, Some((home, _))) = (place, group.on.first()) {
                // Another tells who speaks.
                news.push((*home, News::Command(Command::Unspan { group: *id })));
            }
        }
        self.groups.retain(|_, group| group.on.iter().any(|(_, peers)| *peers > 0));
        news
    }
}

/// Makes a peer a guest of a worker.
fn invite(
    news: &mut Vec<(usize, News)>,
    group: GroupId,
    (peer, home, config): (PeerKey, usize, &PeerConfig),
    to: usize,
) {
    let guest = Command::Guest { peer, group, home: id(home), config: Box::new(config.clone()) };
    news.push((to, News::Command(guest)));
    news.push((home, News::Command(Command::Relay { peer, worker: id(to), on: true })));
}

#[cfg(test)]
mod tests {
    use super::*;
    use forward::{Kind, Mid, SendLine};
    use slotmap::SlotMap;

    const ROOM: GroupId = GroupId(1);

    fn sends() -> PeerConfig {
        let line =
            SendLine { mid: Mid::from("0"), kind: Kind::Audio, codecs: vec![], rids: vec![], ssrcs: vec![] };
        PeerConfig { sends: vec![line], transport_cc: true, ..PeerConfig::default() }
    }

    fn burdens<const N: usize>(fed: [usize; N]) -> [Burden; N] {
        fed.map(|fed| Burden { fed, ..Burden::default() })
    }

    /// What was to be told, in short.
    fn short(news: &[(usize, News)]) -> Vec<String> {
        let mut lines: Vec<String> = news
            .iter()
            .map(|(to, news)| match news {
                News::Link(other) => format!("{to}: link {other}"),
                News::Command(Command::Span { .. }) => format!("{to}: span"),
                News::Command(Command::Unspan { .. }) => format!("{to}: unspan"),
                News::Command(Command::Guest { home, config, .. }) => {
                    assert!(!config.transport_cc, "a guest reports no arrivals");
                    format!("{to}: guest of {home}")
                }
                News::Command(Command::Relay { worker, on, .. }) => format!("{to}: relay {worker} {on}"),
                News::Command(Command::Remove { .. }) => format!("{to}: remove"),
                News::Command(Command::Hold { lines, .. }) => format!("{to}: hold {}", lines.len()),
                News::Command(other) => format!("{to}: {other:?}"),
            })
            .collect();
        lines.sort();
        lines
    }

    #[test]
    fn groups_go_where_there_is_least_to_do_and_stay() {
        let mut places = Places::new(3, 100);
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        let mut place = |group, fed: [usize; 3]| {
            places.place(GroupId(group), keys.insert(()), &burdens(fed)).unwrap().worker
        };
        assert_eq!([place(1, [0; 3]), place(2, [0; 3]), place(3, [0; 3])], [0, 1, 2]);
        assert_eq!(place(1, [50, 0, 0]), 0, "together");
        assert_eq!(place(4, [50, 1, 0]), 2);
        assert_eq!(place(4, [0, 0, 90]), 2, "not so much yet");
    }

    #[test]
    fn a_group_spans_another_worker_when_its_own_has_much_to_do() {
        let mut places = Places::new(2, 10);
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        let [first, second] = [keys.insert(()), keys.insert(())];
        assert_eq!(places.place(ROOM, first, &burdens([0, 0])).unwrap().worker, 0);
        assert!(places.configured(ROOM, first, 0, &sends()).is_empty(), "nobody else to tell");
        let placed = places.place(ROOM, second, &burdens([30, 0])).unwrap();
        assert_eq!(placed.worker, 1);
        assert_eq!(short(&placed.news), ["0: relay 1 true", "1: guest of 0", "1: link 0", "1: span"]);
        let news = places.configured(ROOM, second, 1, &sends());
        assert_eq!(short(&news), ["0: guest of 1", "1: relay 0 true"]);
        let third = keys.insert(());
        assert_eq!(
            places.place(ROOM, third, &burdens([30, 20])).unwrap().worker,
            1,
            "on both already: the one with less"
        );
        assert!(places.configured(ROOM, third, 1, &PeerConfig::default()).is_empty(), "only listens");
    }

    #[test]
    fn what_is_held_is_held_wherever_its_group_comes_to_be() {
        let (mut places, mut keys) = (Places::new(2, 10), SlotMap::<PeerKey, ()>::with_key());
        let first = keys.insert(());
        places.place(ROOM, first, &burdens([0, 0])).unwrap();
        places.configured(ROOM, first, 0, &sends());
        assert_eq!(short(&places.hold(ROOM, first, &[Mid::from("0")])), ["0: hold 1"]);
        let news = places.place(ROOM, keys.insert(()), &burdens([30, 0])).unwrap().news;
        assert!(short(&news).contains(&"1: hold 1".to_owned()));
        assert_eq!(short(&places.hold(ROOM, first, &[])), ["0: hold 0", "1: hold 0"]);
    }

    #[test]
    fn the_last_to_leave_a_worker_ends_the_relays_to_it() {
        let mut places = Places::new(2, 10);
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        let [first, second] = [keys.insert(()), keys.insert(())];
        places.place(ROOM, first, &burdens([0, 0])).unwrap();
        places.configured(ROOM, first, 0, &sends());
        places.place(ROOM, second, &burdens([30, 0])).unwrap();
        places.configured(ROOM, second, 1, &sends());
        let news = places.leave(ROOM, second, 1);
        assert_eq!(short(&news), ["0: relay 1 false", "0: remove", "1: remove", "1: unspan"]);
        assert!(places.leave(ROOM, first, 0).is_empty());
        assert!(places.groups.is_empty());
        assert_eq!(places.peers, [0, 0]);
    }

    #[test]
    fn what_is_negotiated_with_one_who_left_counts_no_more() {
        let mut places = Places::new(2, 1);
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        let [first, second] = [keys.insert(()), keys.insert(())];
        places.place(ROOM, first, &burdens([0, 0])).unwrap();
        places.place(ROOM, second, &burdens([30, 0])).unwrap();
        places.configured(ROOM, first, 0, &sends());
        places.leave(ROOM, first, 0);
        assert!(places.configured(ROOM, first, 0, &sends()).is_empty());
    }

    #[test]
    fn a_home_stays_the_home_without_peers_of_its_own() {
        let mut places = Places::new(2, 10);
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        let [first, second] = [keys.insert(()), keys.insert(())];
        places.place(ROOM, first, &burdens([0, 0])).unwrap();
        places.configured(ROOM, first, 0, &sends());
        places.place(ROOM, second, &burdens([30, 0])).unwrap();
        places.configured(ROOM, second, 1, &sends());
        assert_eq!(short(&places.leave(ROOM, first, 0)), ["1: remove"]);
        let third = keys.insert(());
        assert_eq!(places.place(ROOM, third, &burdens([0, 0])).unwrap().worker, 0);
        assert_eq!(short(&places.configured(ROOM, third, 0, &sends())), ["0: relay 1 true", "1: guest of 0"]);
        places.leave(ROOM, second, 1);
        places.leave(ROOM, third, 0);
        assert!(places.groups.is_empty());
    }

    #[test]
    fn of_a_worker_that_began_anew_nothing_is_left_and_another_is_home() {
        let mut places = Places::new(2, 10);
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        let [first, second] = [keys.insert(()), keys.insert(())];
        places.place(ROOM, first, &burdens([0, 0])).unwrap();
        places.configured(ROOM, first, 0, &sends());
        places.place(ROOM, second, &burdens([30, 0])).unwrap();
        places.configured(ROOM, second, 1, &sends());
        assert!(places.begun(0, 0).is_empty(), "it did not");
        let news = places.begun(0, 1);
        assert_eq!(short(&news), ["0: remove", "1: relay 0 false", "1: remove", "1: unspan"]);
        assert!(places.begun(0, 1).is_empty(), "once");
        assert!(places.leave(ROOM, first, 0).is_empty(), "lost before");
        assert_eq!(places.peers, [0, 1]);
        // Who comes there again finds the other, by queues that are new.
        let third = keys.insert(());
        let placed = places.place(ROOM, third, &burdens([0, 30])).unwrap();
        assert_eq!(placed.worker, 0);
        assert_eq!(short(&placed.news), ["0: guest of 1", "0: link 1", "0: span", "1: relay 0 true"]);
    }

    #[test]
    fn a_group_that_was_on_one_worker_alone_ends_when_that_begins_anew() {
        let mut places = Places::new(2, 10);
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        places.place(ROOM, keys.insert(()), &burdens([0, 0])).unwrap();
        assert!(places.begun(0, 3).is_empty());
        assert!(places.groups.is_empty());
        assert_eq!(places.peers, [0, 0]);
    }

    #[test]
    fn nobody_is_put_on_a_worker_that_stands_still() {
        let mut places = Places::new(2, 100);
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        let still = |still: [bool; 2]| still.map(|still| Burden { still, ..Burden::default() });
        let mut place = |group, burdens: [Burden; 2]| {
            places.place(GroupId(group), keys.insert(()), &burdens).map(|placed| placed.worker)
        };
        assert_eq!(place(1, still([false, false])), Some(0));
        assert_eq!(place(2, still([true, false])), Some(1));
        assert_eq!(place(1, still([true, false])), Some(1), "nor of a group that is there");
        assert_eq!(place(3, still([true, true])), None);
    }

    #[test]
    fn when_all_have_too_much_to_do_no_group_begins_and_whoever_comes_to_one_is_let_in() {
        let mut places = Places::new(2, 100);
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        let some =
            |first, second| [first, second].map(|overloaded| Burden { overloaded, ..Burden::default() });
        let mut place = |group, burdens: [Burden; 2]| {
            places.place(GroupId(group), keys.insert(()), &burdens).map(|placed| placed.worker)
        };
        assert_eq!(place(1, some(true, false)), Some(1), "though the first has as little");
        assert_eq!(place(2, some(true, true)), None);
        assert_eq!(place(1, some(true, true)), Some(1));
        assert_eq!(place(1, some(false, true)), Some(0), "it spans the one that can");
        assert_eq!(place(2, some(false, true)), Some(0));
        assert_eq!(
            (places.groups.len(), places.peers),
            (2, vec![2, 2]),
            "nothing is left of who was refused"
        );
    }
}
