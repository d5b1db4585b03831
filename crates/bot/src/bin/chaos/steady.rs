//! Rooms in which everybody stays, and what those who watch there lack.

use crate::acts::{Place, late};
use anyhow::Result;
use bot::{Bot, Options, Roster, Stats};
use serde_json::{Value, json};
use signal::Mid;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// In each room so many send, and so many watch all of them.
const SEND: usize = 2;
const WATCH: usize = 6;
/// A change of address, or that the server said that the path bears no more, explains a silence that begins so long
/// after it.
const EXPLAINS: Duration = Duration::from_secs(5);

/// All of the rooms. Clones are the same.
#[derive(Clone)]
pub(crate) struct Steady {
    place: Place,
    rooms: Vec<Room>,
}

#[derive(Clone)]
struct Room {
    /// Those who send first.
    bots: Vec<Arc<Mutex<Bot>>>,
    /// Who went on from another address, and when.
    moved: Arc<std::sync::Mutex<Vec<(usize, Instant)>>>,
}

/// The longest silence on a slot.
#[derive(Default)]
struct Silence {
    lasted: Duration,
    at: String,
}

impl Silence {
    fn add(&mut self, lasted: Duration, at: impl FnOnce() -> String) {
        if lasted > self.lasted {
            *self = Self { lasted, at: at() };
        }
    }

    fn to_json(&self) -> Value {
        json!({"ms": u64::try_from(self.lasted.as_millis()).unwrap_or(u64::MAX), "at": self.at})
    }
}

impl Steady {
    pub(crate) fn new(place: Place) -> Self {
        Self { place, rooms: Vec::new() }
    }

    /// What a room is called.
    pub(crate) fn name(room: u64) -> String {
        format!("steady-{room}")
    }

    /// How many rooms there are.
    pub(crate) fn rooms(&self) -> u64 {
        self.rooms.len() as u64
    }

    /// Fills rooms until there are so many, and waits until all in them see everybody.
    pub(crate) async fn grow(&mut self, rooms: u64) -> Result<Value> {
        while self.rooms() < rooms {
            let (url, name) = (&self.place.url, Self::name(self.rooms()));
            let mut bots = Vec::new();
            for number in 0..SEND {
                let options = Options { seed: number as u64, ..Options::publisher(url, &name) };
                bots.push(self.place.admit(options.named(&format!("sends {number}"))).await?);
            }
            for number in 0..WATCH {
                // Half of them are sent all that there is; of the others' paths the server has an estimate.
                let reports_arrivals = number.is_multiple_of(2);
                let options = Options { seats: SEND, reports_arrivals, ..Options::subscriber(url, &name) };
                bots.push(self.place.admit(options.named(&format!("watches {number}"))).await?);
            }
            for (number, bot) in bots.iter().enumerate().skip(SEND) {
                let expected = if (number - SEND).is_multiple_of(2) { SEND } else { 2 * SEND };
                let arrives = move |stats: &Stats, _: &Roster| {
                    stats.received.values().filter(|slot| slot.packets > 0).count() >= expected
                };
                bot.until("sound and pictures", arrives).await.map_err(late)?;
            }
            let bots = bots.into_iter().map(|bot| Arc::new(Mutex::new(bot))).collect();
            self.rooms.push(Room { bots, moved: Arc::default() });
        }
        Ok(json!({"rooms": self.rooms(), "participants": self.rooms() * (SEND + WATCH) as u64}))
    }

    /// What was missing since this was asked last: the longest silence on any slot that nothing explains, and that
    /// something does; and who is not there any more.
    pub(crate) async fn look(&self) -> Value {
        let (mut unexplained, mut explained) = (Silence::default(), Silence::default());
        let mut lost = Vec::new();
        let now = Instant::now();
        for (number, room) in self.rooms.iter().enumerate() {
            let moved = std::mem::take(&mut *room.moved.lock().unwrap_or_else(PoisonError::into_inner));
            for (who, bot) in room.bots.iter().enumerate() {
                let bot = bot.lock().await;
                let name = || format!("{} bot {who}", Self::name(number as u64));
                let connected = bot.look(Stats::is_connected).unwrap_or_default();
                if !connected || bot.is_closed() {
                    lost.push(format!("{}: {:?}", name(), bot.look(|stats| stats.phase.clone())));
                }
                let paused = bot.roster().paused_at;
                let silences = bot.look(|stats| {
                    let of = |slot: &bot::Received| Some((slot.mid.clone(), slot.silence(now)?));
                    stats.received.values().filter_map(of).collect::<Vec<_>>()
                });
                for (mid, (lasted, until)) in silences.unwrap_or_default() {
                    let begun = until.checked_sub(lasted).unwrap_or(until);
                    let in_time = |at: &Instant| *at <= until && *at + EXPLAINS >= begun;
                    let is_paused =
                        paused.get(&Mid(mid.clone())).is_some_and(|told| told.iter().any(in_time));
                    // Whoever sends explains it to everybody, whoever watches to itself.
                    let explains =
                        |(mover, at): &(usize, Instant)| (*mover < SEND || *mover == who) && in_time(at);
                    let why = if is_paused || moved.iter().any(explains) {
                        &mut explained
                    } else {
                        &mut unexplained
                    };
                    why.add(lasted, || format!("{} slot {mid}", name()));
                }
                bot.forget_gaps();
            }
        }
        json!({"unexplained": unexplained.to_json(), "explained": explained.to_json(), "lost": lost})
    }

    /// Somebody loses the socket and comes back.
    pub(crate) async fn cut(&self, room: u64, who: u64, away: Duration) -> Result<()> {
        let Some((_, _, bot)) = self.find(room, who) else { return Ok(()) };
        // Who is away already is another's to bring back.
        let Ok(mut bot) = bot.try_lock() else { return Ok(()) };
        bot.lose_signaling().await;
        tokio::time::sleep(away).await;
        Ok(bot.resume().await?)
    }

    /// Somebody goes on from another port.
    pub(crate) async fn move_away(&self, room: u64, who: u64) {
        let Some((room, who, bot)) = self.find(room, who) else { return };
        room.moved.lock().unwrap_or_else(PoisonError::into_inner).push((who, Instant::now()));
        bot.lock().await.move_address();
    }

    fn find(&self, room: u64, who: u64) -> Option<(&Room, usize, &Arc<Mutex<Bot>>)> {
        let room = self.rooms.get(usize::try_from(room).ok()? % self.rooms.len().max(1))?;
        let who = usize::try_from(who).ok()? % room.bots.len().max(1);
        Some((room, who, room.bots.get(who)?))
    }
}
