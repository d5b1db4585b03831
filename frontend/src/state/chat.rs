//! What was said in the room, as the chat shows it: who said what when, what of it was read, and what is being
//! written. Pure.

use ::signal::{ErrorCode, ParticipantId};
use std::sync::Arc;

/// Something that was said.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Rises.
    pub id: u32,
    /// Who said it.
    pub whose: ParticipantId,
    /// It was oneself.
    pub own: bool,
    /// The display name then.
    pub name: String,
    /// What.
    pub text: String,
    /// When, by the page's clock: milliseconds since 1970.
    pub at: f64,
}

impl Said {
    /// Whether it stands under a name and a time of its own, rather than with the one before: another author, or
    /// another minute.
    pub fn begins(&self, before: Option<&Self>) -> bool {
        let minute = |said: &Self| (said.at / 60_000.0).floor();
        let later = |before: &Self| minute(before) < minute(self);
        before.is_none_or(|before| before.whose != self.whose || later(before))
    }
}

/// The conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conversation {
    /// By ascending id.
    pub said: Vec<Arc<Said>>,
    /// What the person said and nobody was told yet.
    pub unsaid: Vec<String>,
    /// The last that the person read.
    seen: u32,
}

/// What is being written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// As it is written.
    pub text: String,
    /// Why the last could not be said.
    pub refused: Option<ErrorCode>,
}

impl Conversation {
    /// What was said so far, by ascending id, none of it read.
    #[cfg(any(test, feature = "gallery"))]
    pub fn of(said: Vec<Arc<Said>>) -> Self {
        Self { said, ..Self::default() }
    }

    /// How many of the others' words were not read.
    pub fn unread(&self) -> usize {
        self.fresh().filter(|said| !said.own).count()
    }

    /// The first of them.
    pub fn first_unread(&self) -> Option<u32> {
        self.fresh().filter(|said| !said.own).last().map(|said| said.id)
    }

    /// All was read.
    pub fn read(&mut self) {
        self.seen = self.said.last().map_or(self.seen, |said| said.id);
    }

    /// Whether anything is left to read, one's own words too.
    pub fn is_behind(&self) -> bool {
        self.fresh().next().is_some()
    }

    /// The newest first.
    fn fresh(&self) -> impl Iterator<Item = &Arc<Said>> {
        self.said.iter().rev().take_while(|said| said.id > self.seen)
    }

    /// Takes in what was said since, and keeps so much of all as the session does: the oldest goes.
    pub fn take_in(&mut self, fresh: Vec<Arc<Said>>, kept: usize) {
        self.said.extend(fresh);
        self.said.drain(..self.said.len().saturating_sub(kept));
    }

    /// Another room, or the same one joined afresh: its numbers may begin anew.
    pub fn begin(&mut self) {
        self.said.clear();
        self.seen = 0;
    }
}

impl Draft {
    /// Something could not be said: it goes back to where it was written.
    pub fn refuse(&mut self, text: &str, why: ErrorCode) {
        let rest = core::mem::take(&mut self.text);
        self.text = if rest.is_empty() { text.to_owned() } else { format!("{text}\n{rest}") };
        self.refused = Some(why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(id: u32, whose: u32, at: f64) -> Arc<Said> {
        let (name, text) = (format!("P{whose}"), format!("Message {id}"));
        Arc::new(Said { id, whose: ParticipantId(whose), own: whose == 0, name, text, at })
    }

    #[test]
    fn one_author_in_one_minute_stands_together() {
        let minute = 60_000.0;
        let check = |before: Option<(u32, f64)>, now: (u32, f64), expected: bool| {
            let before = before.map(|(whose, at)| said(1, whose, at));
            assert_eq!(said(2, now.0, now.1).begins(before.as_deref()), expected, "{before:?} {now:?}");
        };
        check(None, (1, 0.0), true);
        check(Some((1, 0.0)), (1, minute - 1.0), false);
        check(Some((1, 0.0)), (1, minute), true);
        check(Some((1, 0.0)), (2, 1.0), true);
    }

    #[test]
    fn ones_own_words_are_not_unread() {
        let mut all = Conversation::of(vec![said(3, 1, 0.0), said(4, 0, 0.0), said(7, 2, 0.0)]);
        assert_eq!((all.unread(), all.first_unread()), (2, Some(3)));
        all.read();
        assert_eq!((all.unread(), all.first_unread(), all.is_behind()), (0, None, false));
        all.said.push(said(8, 0, 0.0));
        assert_eq!((all.unread(), all.is_behind()), (0, true));
        all.said.push(said(9, 1, 0.0));
        assert_eq!((all.unread(), all.first_unread()), (1, Some(9)));
    }

    #[test]
    fn the_oldest_goes_for_what_is_said_now() {
        let mut all = Conversation::of(vec![said(3, 1, 0.0), said(4, 0, 0.0)]);
        all.take_in(vec![said(7, 2, 0.0)], 2);
        assert_eq!(all.said.iter().map(|said| said.id).collect::<Vec<_>>(), [4, 7]);
        all.take_in(vec![], 5);
        assert_eq!(all.said.len(), 2);
    }

    #[test]
    fn a_room_joined_afresh_begins_anew() {
        let mut all = Conversation::of(vec![said(9, 1, 0.0)]);
        all.read();
        all.begin();
        all.said.push(said(1, 1, 0.0));
        assert_eq!(all.unread(), 1);
    }

    #[test]
    fn what_was_refused_comes_back_before_what_was_written_since() {
        let mut draft = Draft::default();
        draft.refuse("first", ErrorCode::TooMuchChat);
        assert_eq!(draft.text, "first");
        draft.refuse("zeroth", ErrorCode::TooMuchChat);
        assert_eq!((draft.text.as_str(), draft.refused), ("zeroth\nfirst", Some(ErrorCode::TooMuchChat)));
    }
}
