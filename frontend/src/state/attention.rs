//! Whom to show large while nobody is pinned, and who comes to the first page. Pure. Neither follows everybody who
//! coughs: what moves under one's eyes is worse than what is small.

use ::signal::ParticipantId;
use core::time::Duration;

/// One has to be heard for so long, and more than who is shown, to be shown instead.
pub const LONG_ENOUGH: Duration = Duration::from_millis(1500);

/// Since when everybody is heard who is heard now.
#[derive(Clone, Debug, Default)]
struct Since(Vec<(ParticipantId, Duration)>);

impl Since {
    /// Those are heard, and nobody else.
    fn note(&mut self, heard: &[ParticipantId], now: Duration) {
        self.0.retain(|(id, _)| heard.contains(id));
        for id in heard {
            if !self.0.iter().any(|(known, _)| known == id) {
                self.0.push((*id, now));
            }
        }
    }

    /// How much is missing until this one was heard for long enough.
    fn missing(&self, id: ParticipantId, now: Duration) -> Duration {
        let since = self.0.iter().find(|(known, _)| *known == id).map_or(now, |(_, since)| *since);
        LONG_ENOUGH.saturating_sub(now.saturating_sub(since))
    }
}

/// The one who is shown large.
#[derive(Clone, Debug, Default)]
pub struct Attention {
    shown: Option<ParticipantId>,
    /// Those who are heard more than the one who is shown.
    rivals: Since,
}

impl Attention {
    /// Who is shown.
    pub fn shown(&self) -> Option<ParticipantId> {
        self.shown
    }

    /// Takes in who speaks, the loudest first, and who is here besides oneself. When to look again, if time alone
    /// may change something.
    pub fn look(
        &mut self,
        speakers: &[ParticipantId],
        here: &[ParticipantId],
        now: Duration,
    ) -> Option<Duration> {
        let louder: Vec<ParticipantId> = speakers
            .iter()
            .copied()
            .take_while(|id| Some(*id) != self.shown)
            .filter(|id| here.contains(id))
            .collect();
        if self.shown.is_none_or(|shown| !here.contains(&shown)) {
            self.shown = louder.first().or(here.first()).copied();
            self.rivals = Since::default();
            return None;
        }
        self.rivals.note(&louder, now);
        let missing = |id: &ParticipantId| self.rivals.missing(*id, now);
        match louder.iter().find(|id| missing(id).is_zero()) {
            Some(rival) => {
                self.shown = Some(*rival);
                self.rivals = Since::default();
                None
            }
            None => louder.iter().map(missing).min(),
        }
    }
}

/// In which order everybody else stands: as they came, but for those who were brought to the first page.
#[derive(Clone, Debug, Default)]
pub struct Order {
    ids: Vec<ParticipantId>,
    speaking: Since,
    /// When each was heard last, who ever was.
    heard: Vec<(ParticipantId, Duration)>,
}

/// What an order follows.
#[derive(Clone, Copy, Debug)]
pub struct Room<'a> {
    /// Everybody else, as they came.
    pub here: &'a [ParticipantId],
    /// Who speaks, the loudest first.
    pub speakers: &'a [ParticipantId],
    /// Who wants to speak, the first first.
    pub hands: &'a [ParticipantId],
    /// Who of them stands on the first page, in order.
    pub page: &'a [ParticipantId],
    /// And who on further ones.
    pub away: &'a [ParticipantId],
}

impl Order {
    /// The order.
    pub fn ids(&self) -> &[ParticipantId] {
        &self.ids
    }

    /// Takes in the room. When to look again, if time alone may change something.
    pub fn look(&mut self, room: Room<'_>, now: Duration) -> Option<Duration> {
        let Room { here, speakers, hands, page, away } = room;
        self.ids.retain(|id| here.contains(id));
        let new: Vec<ParticipantId> = here.iter().copied().filter(|id| !self.ids.contains(id)).collect();
        self.ids.extend(new);
        self.speaking.note(speakers, now);
        self.heard.retain(|(id, _)| here.contains(id) && !speakers.contains(id));
        self.heard.extend(speakers.iter().filter(|id| here.contains(id)).map(|id| (*id, now)));
        let mut quiet: Vec<ParticipantId> =
            page.iter().copied().filter(|id| !speakers.contains(id) && !hands.contains(id)).collect();
        let mut again: Option<Duration> = None;
        for id in away.iter().copied().filter(|id| hands.contains(id) || speakers.contains(id)) {
            let missing = if hands.contains(&id) { Duration::ZERO } else { self.speaking.missing(id, now) };
            if !missing.is_zero() {
                again = Some(again.map_or(missing, |known| known.min(missing)));
            } else if let Some(other) = self.silent_longest(&quiet) {
                quiet.retain(|one| *one != other);
                self.swap(id, other);
            }
        }
        again
    }

    /// Of these, who was heard longest ago; the last of several.
    fn silent_longest(&self, quiet: &[ParticipantId]) -> Option<ParticipantId> {
        let heard = |id| self.heard.iter().find(|(known, _)| *known == id).map(|(_, at)| *at);
        quiet.iter().copied().rev().min_by_key(|id| heard(*id))
    }

    fn swap(&mut self, a: ParticipantId, b: ParticipantId) {
        let place = |id| self.ids.iter().position(|one| *one == id);
        if let (Some(a), Some(b)) = (place(a), place(b)) {
            self.ids.swap(a, b);
        }
    }
}

#[cfg(test)]
#[path = "attention/tests.rs"]
mod tests;
