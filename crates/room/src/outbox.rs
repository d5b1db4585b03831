//! What the caller must do, in order, and the news of who comes and goes while it is gathered.
//!
//! In a large room each coming and going is told to everybody, and a write to hundreds of sockets costs more than all
//! else in a join. So that news waits a moment for more of it ([`Gathering`](crate::Gathering)), and goes out as one. Whatever else is
//! said to somebody comes after the news gathered for it: a message never names whom its receiver was not told of.
//! Only what names nobody overtakes.

use crate::{ConnectionId, Gathering, Now, Output, RoomId};
use signal::{ErrorInfo, ServerMessage};
use std::collections::{BTreeMap, VecDeque};

/// News of one room that is told at once, however short it has waited: one frame holds no more.
const MOST_GATHERED: usize = 256;

/// The queue behind [`Rooms::poll_output`](crate::Rooms::poll_output), drained after every call, and what waits.
#[derive(Debug)]
pub(crate) struct Outbox {
    gathering: Gathering,
    /// Of the present call.
    now: Now,
    queue: VecDeque<Output>,
    gathered: BTreeMap<RoomId, Gathered>,
    /// Where to find the news that somebody has not been told yet.
    unaware: BTreeMap<ConnectionId, RoomId>,
}

/// A room's news, the oldest first.
#[derive(Debug)]
struct Gathered {
    news: Vec<ServerMessage>,
    /// Who has not been told all of it, and how much of it each need not be told: it came before them, or they
    /// were told.
    unaware: BTreeMap<ConnectionId, usize>,
    due: Now,
}

impl Outbox {
    pub(crate) fn new(gathering: Gathering) -> Self {
        let (queue, gathered, unaware) = (VecDeque::new(), BTreeMap::new(), BTreeMap::new());
        Self { gathering, now: Now::ZERO, queue, gathered, unaware }
    }

    /// What is gathered from here on is gathered from then on.
    pub(crate) fn begin(&mut self, now: Now) {
        self.now = now;
    }

    /// Of the present call.
    pub(crate) fn now(&self) -> Now {
        self.now
    }

    pub(crate) fn push(&mut self, output: Output) {
        self.queue.push_back(output);
    }

    pub(crate) fn send(&mut self, connection: ConnectionId, message: ServerMessage) {
        if !overtakes(&message) {
            self.catch_up(connection);
        }
        self.push(Output::Send { connection, message });
    }

    /// The same to several, at once.
    pub(crate) fn tell(&mut self, connections: impl Iterator<Item = ConnectionId>, message: &ServerMessage) {
        // By room and how much of its news each knows: those who know as much are told the same.
        let mut alike: BTreeMap<Option<(RoomId, usize)>, Vec<ConnectionId>> = BTreeMap::new();
        for connection in connections {
            let place = self
                .unaware
                .get(&connection)
                .and_then(|room| Some((*room, *self.gathered.get(room)?.unaware.get(&connection)?)));
            alike.entry(place).or_default().push(connection);
        }
        for (place, connections) in alike {
            let mut messages = Vec::new();
            if let Some((room, known)) = place {
                messages.extend(self.gathered.get(&room).into_iter().flat_map(|all| all.since(known)));
                for connection in &connections {
                    self.forget(*connection);
                }
            }
            messages.push(message.clone());
            self.push(Output::Tell { connections, messages });
        }
    }

    /// Who came or went, to everybody else in a room with so many places taken.
    pub(crate) fn gather(
        &mut self,
        room: RoomId,
        places: u32,
        connections: impl Iterator<Item = ConnectionId>,
        message: ServerMessage,
    ) {
        let patience = self.gathering.patience(places);
        if patience.is_zero() {
            return self.tell(connections, &message);
        }
        let due = self.now.saturating_add(patience);
        let all = self.gathered.entry(room).or_insert_with(|| Gathered {
            news: Vec::new(),
            unaware: BTreeMap::new(),
            due,
        });
        for connection in connections {
            all.unaware.entry(connection).or_insert(all.news.len());
            self.unaware.entry(connection).or_insert(room);
        }
        all.news.push(message);
        if all.news.len() >= MOST_GATHERED || all.unaware.is_empty() {
            self.release(room);
        }
    }

    /// When [`release_due`](Self::release_due) has something to do.
    pub(crate) fn due(&self) -> Option<Now> {
        self.gathered.values().map(|all| all.due).min()
    }

    /// Tells the news that has waited long enough.
    pub(crate) fn release_due(&mut self) {
        let due = self.gathered.iter().filter(|(_, all)| all.due <= self.now);
        for room in due.map(|(room, _)| *room).collect::<Vec<_>>() {
            self.release(room);
        }
    }

    /// How many have news waiting for them.
    pub(crate) fn untold(&self) -> usize {
        self.unaware.len()
    }

    /// A socket is gone: there is nobody to tell.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        let Some(room) = self.unaware.remove(&connection) else { return };
        let Some(all) = self.gathered.get_mut(&room) else { return };
        all.unaware.remove(&connection);
        if all.unaware.is_empty() {
            self.gathered.remove(&room);
        }
    }

    pub(crate) fn error(&mut self, connection: ConnectionId, error: ErrorInfo) {
        self.send(connection, ServerMessage::Error(error));
    }

    pub(crate) fn close(&mut self, connection: ConnectionId) {
        self.forget(connection);
        self.push(Output::Close { connection });
    }

    pub(crate) fn pop(&mut self) -> Option<Output> {
        self.queue.pop_front()
    }

    /// Tells one the news it lacks.
    fn catch_up(&mut self, connection: ConnectionId) {
        let all = self.unaware.get(&connection).and_then(|room| self.gathered.get(room));
        let Some(messages) = all.and_then(|all| Some(all.since(*all.unaware.get(&connection)?).collect()))
        else {
            return;
        };
        self.forget(connection);
        self.push(Output::Tell { connections: vec![connection], messages });
    }

    /// Tells everybody the news of a room that each lacks.
    fn release(&mut self, room: RoomId) {
        let Some(mut all) = self.gathered.remove(&room) else { return };
        let mut alike: BTreeMap<usize, Vec<ConnectionId>> = BTreeMap::new();
        for (connection, known) in std::mem::take(&mut all.unaware) {
            self.unaware.remove(&connection);
            alike.entry(known).or_default().push(connection);
        }
        for (known, connections) in alike {
            let messages = all.since(known).collect();
            self.push(Output::Tell { connections, messages });
        }
    }
}

impl Gathered {
    fn since(&self, known: usize) -> impl Iterator<Item = ServerMessage> {
        self.news.iter().skip(known).cloned()
    }
}

/// Whether a message means the same before news of other participants as after it: it names none. Those that are
/// said every second would let nothing be gathered.
fn overtakes(message: &ServerMessage) -> bool {
    matches!(message, ServerMessage::Quality(_) | ServerMessage::Pong { .. })
}
