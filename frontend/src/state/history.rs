//! The last minute of every line's quality, one sample a second. Pure: the caller says when a second is over.

use ::session::SortedMap;
use ::signal::{Limit, LineQuality, LinkQuality, Mid, PublicationId, Quality};
use std::collections::VecDeque;

/// Seconds kept; the oldest falls out.
pub const SECONDS: usize = 60;
/// So many seconds without anything are silence.
const SILENCE: usize = 2;

/// Whose figures these are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// The path from oneself to the server.
    Uplink,
    /// The path from the server to oneself.
    Downlink,
    /// What one sends on an m-line.
    Own(Mid),
    /// Somebody else's publication, whichever slot it comes through.
    Of(PublicationId),
}

/// One second of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// In bits per second.
    pub bitrate: u32,
    /// What the path is believed to bear, in bits per second.
    pub estimate: Option<u32>,
    /// In per mille.
    pub loss: u16,
    /// In milliseconds.
    pub rtt: Option<u32>,
    /// Of the picture, in pixels.
    pub height: u16,
    /// A second.
    pub frames: u16,
    /// Nothing arrived, and nothing that is known of held it back.
    pub silent: bool,
}

impl From<&LinkQuality> for Sample {
    fn from(link: &LinkQuality) -> Self {
        let LinkQuality { bitrate, estimate, loss, rtt } = *link;
        Self { bitrate, estimate, loss, rtt, ..Self::default() }
    }
}

impl From<&LineQuality> for Sample {
    fn from(line: &LineQuality) -> Self {
        let LineQuality { mid: _, bitrate, loss, width: _, height, frames, limit } = *line;
        let silent = bitrate == 0 && limit == Limit::None;
        Self { bitrate, estimate: None, loss, rtt: None, height, frames, silent }
    }
}

/// See the module. Every ring ends with the same second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    rings: SortedMap<Line, VecDeque<Option<Sample>>>,
}

impl History {
    /// A second is over. `fed` says which publication comes through a slot. A line that is not told of gets
    /// a gap, and is forgotten after a minute of nothing else.
    pub fn push(&mut self, quality: &Quality, fed: impl Fn(&Mid) -> Option<PublicationId>) {
        let mut fresh: SortedMap<Line, Sample> = SortedMap::new();
        fresh.insert(Line::Uplink, (&quality.uplink).into());
        fresh.insert(Line::Downlink, (&quality.downlink).into());
        fresh.extend(quality.sending.iter().map(|line| (Line::Own(line.mid.clone()), line.into())));
        fresh.extend(quality.slots.iter().filter_map(|line| Some((Line::Of(fed(&line.mid)?), line.into()))));
        for line in fresh.keys() {
            if !self.rings.contains_key(line) {
                self.rings.insert(line.clone(), VecDeque::with_capacity(SECONDS));
            }
        }
        for (line, ring) in &mut self.rings {
            if ring.len() == SECONDS {
                ring.pop_front();
            }
            ring.push_back(fresh.get(line).copied());
        }
        self.rings.retain(|_, ring| ring.iter().any(Option::is_some));
    }

    /// Forgets the others' lines but for what is published still: of everybody who was there within a minute it would be
    /// much, where people come and go.
    pub fn keep(&mut self, published: impl Fn(PublicationId) -> bool) {
        self.rings.retain(|line, _| match line {
            Line::Of(publication) => published(*publication),
            Line::Uplink | Line::Downlink | Line::Own(_) => true,
        });
    }

    /// The last minute of a line, oldest first, one value a second and the last of them now; nothing where it
    /// was not told of.
    pub fn of(&self, line: &Line) -> Vec<Option<Sample>> {
        let ring = self.rings.get(line);
        let known = ring.map_or(0, VecDeque::len);
        let before = core::iter::repeat_n(None, SECONDS.saturating_sub(known));
        before.chain(ring.into_iter().flatten().copied()).collect()
    }

    /// Whether nothing arrived on a line in this second and the one before, though nothing held it back: a
    /// single one may be the pause before what begins, or is shown again.
    pub fn is_silent(&self, line: &Line) -> bool {
        let newest = self.rings.get(line).into_iter().flat_map(|ring| ring.iter().rev()).take(SILENCE);
        newest.filter(|sample| sample.is_some_and(|sample| sample.silent)).count() == SILENCE
    }

    /// The first of one's own lines that sent a picture within the last minute.
    pub fn own_picture(&self) -> Option<Line> {
        let shows = |ring: &VecDeque<Option<Sample>>| ring.iter().flatten().any(|sample| sample.height > 0);
        let own = self.rings.iter().filter(|(line, _)| matches!(line, Line::Own(_)));
        own.filter(|(_, ring)| shows(ring)).map(|(line, _)| line.clone()).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    fn line(mid: &str, bitrate: u32) -> LineQuality {
        let mid = Mid::from(mid);
        LineQuality { mid, bitrate, loss: 0, width: 640, height: 360, frames: 30, limit: Limit::None }
    }

    fn quality(uplink: u32, slots: Vec<LineQuality>) -> Quality {
        let uplink = LinkQuality { bitrate: uplink, ..LinkQuality::default() };
        Quality { uplink, slots, ..Quality::default() }
    }

    fn rates(history: &History, line: &Line) -> Vec<Option<u32>> {
        history.of(line).into_iter().map(|sample| sample.map(|sample| sample.bitrate)).collect()
    }

    #[test]
    fn a_minute_is_kept() {
        let mut history = History::default();
        for second in 0..100 {
            history.push(&quality(second, vec![]), |_| None);
        }
        let rates = rates(&history, &Line::Uplink);
        assert_eq!(rates.len(), SECONDS);
        assert_eq!((rates[0], rates[SECONDS - 1]), (Some(40), Some(99)));
    }

    #[test]
    fn what_is_new_begins_at_the_right() {
        let mut history = History::default();
        history.push(&quality(1, vec![]), |_| None);
        history.push(&quality(2, vec![line("3", 7)]), |_| Some(PublicationId(9)));
        let rates = rates(&history, &Line::Of(PublicationId(9)));
        assert_eq!(rates.len(), SECONDS);
        assert_eq!(rates[SECONDS - 2..], [None, Some(7)]);
    }

    #[test]
    fn a_publication_keeps_its_line_in_another_slot() {
        let mut history = History::default();
        history.push(&quality(1, vec![line("3", 7)]), |_| Some(PublicationId(9)));
        history.push(&quality(1, vec![line("5", 8)]), |_| Some(PublicationId(9)));
        assert_eq!(rates(&history, &Line::Of(PublicationId(9)))[SECONDS - 2..], [Some(7), Some(8)]);
    }

    #[test]
    fn a_line_without_news_has_gaps_and_is_forgotten() {
        let mut history = History::default();
        history.push(&quality(1, vec![line("3", 7)]), |_| Some(PublicationId(9)));
        history.push(&quality(1, vec![]), |_| None);
        assert_eq!(rates(&history, &Line::Of(PublicationId(9)))[SECONDS - 2..], [Some(7), None]);
        for _ in 0..SECONDS {
            history.push(&quality(1, vec![]), |_| None);
        }
        assert_eq!(history.rings.len(), 2, "only the two links");
    }

    #[test]
    fn who_is_gone_is_forgotten_at_once() {
        let mut history = History::default();
        let slots = vec![line("3", 7), line("5", 8)];
        history.push(&quality(1, slots), |mid| Some(PublicationId(if mid.0 == "3" { 9 } else { 10 })));
        history.keep(|publication| publication == PublicationId(10));
        let lines: Vec<&Line> = history.rings.keys().collect();
        assert_eq!(lines, [&Line::Uplink, &Line::Downlink, &Line::Of(PublicationId(10))]);
    }

    #[test]
    fn silence_takes_two_seconds_in_which_nothing_held_the_line_back() {
        let silent = |seconds: &[Option<(u32, Limit)>]| {
            let mut history = History::default();
            for second in seconds {
                let slots = second.map(|(bitrate, limit)| LineQuality { limit, ..line("3", bitrate) });
                history.push(&quality(1, slots.into_iter().collect()), |_| Some(PublicationId(9)));
            }
            history.is_silent(&Line::Of(PublicationId(9)))
        };
        let (nothing, held, some) =
            (Some((0, Limit::None)), Some((0, Limit::Downlink)), Some((7, Limit::None)));
        assert!(silent(&[some, nothing, nothing]));
        assert!(!silent(&[nothing]), "it begins");
        assert!(!silent(&[nothing, some]) && !silent(&[some, nothing]));
        assert!(!silent(&[held, held]) && !silent(&[held, nothing]), "it was held back");
        assert!(!silent(&[Some((0, Limit::View)), nothing]), "it was not looked at");
        assert!(!silent(&[nothing, None, nothing]), "it was not told of");
        assert!(!silent(&[]));
    }

    #[test]
    fn nothing_is_known_of_a_stranger() {
        assert_eq!(History::default().of(&Line::Own(Mid::from("1"))), vec![None; SECONDS]);
    }
}
