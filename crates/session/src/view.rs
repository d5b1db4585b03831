//! How large the page shows each slot, and whom it wants to see first: what it said last, and what the
//! server was told of it. Sizes change with every frame of a resize, so they are told at most once in
//! [`PACE`], the first at once.

use crate::{Now, Session, SortedMap, SortedSet};
use core::time::Duration;
use signal::limits::MAX_PREFERRED;
use signal::{ClientMessage, Mid, PublicationId, SlotView};

/// Two `view` messages are at least so far apart. Also how long the page has to lay out a slot that has just
/// begun to be fed, before the server is told that it is not shown.
const PACE: Duration = Duration::from_millis(100);

/// What is shown, and preferred.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// All that is shown, as the page said last. Before it says anything, nothing is told to the server,
    /// for which the slots of the first offer are then shown at any size, and others not at all.
    shown: Option<SortedMap<Mid, Size>>,
    /// What the server was told. Bounded by the m-lines of one peer.
    told: SortedMap<Mid, Told>,
    /// No `view` is sent before.
    quiet_until: Now,
    /// When what the page said is to be told.
    due: Option<Now>,
    /// When the page has had time to lay out what is fed now. Until then nothing is said of what it leaves
    /// out and the server was never told of.
    laid_out_at: Option<Now>,
    preferred: Vec<PublicationId>,
    told_preferred: ToldPreferred,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    width: u16,
    height: u16,
}

const HIDDEN: Size = Size { width: 0, height: 0 };

/// What the server knows of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Size(Size),
    /// It was told something, by a socket that was lost; maybe not the last.
    Maybe,
}

/// What the server knows of our preferences.
#[derive(Debug, Default, PartialEq, Eq)]
enum ToldPreferred {
    #[default]
    Nothing,
    These(Vec<PublicationId>),
    /// It was told something, by a socket that was lost; maybe not the last.
    Maybe,
}

impl View {
    /// The page shows this now.
    fn show(&mut self, slots: Vec<SlotView>, now: Now) {
        let size = |slot: SlotView| (slot.mid, Size { width: slot.width, height: slot.height });
        self.shown = Some(slots.into_iter().map(size).collect());
        self.due = Some(self.quiet_until.max(now));
    }

    /// When there may be something to tell.
    pub(crate) fn deadline(&self) -> Option<Now> {
        self.due.into_iter().chain(self.laid_out_at).min()
    }

    /// Other slots are fed than before.
    fn fed_otherwise(&mut self, now: Now) {
        if self.shown.is_some() {
            self.laid_out_at.get_or_insert(now.saturating_add(PACE).max(self.quiet_until));
        }
    }

    /// Whether it is time to look for news; and if so, whether what is fed has been laid out.
    fn take_due(&mut self, now: Now) -> Option<bool> {
        let is_over = |at: &mut Now| *at <= now;
        let laid_out = self.laid_out_at.take_if(is_over).is_some();
        let said = self.due.take_if(is_over).is_some();
        (laid_out || said).then_some(self.laid_out_at.is_none())
    }

    /// What the server does not know yet; it counts as told. Of those that are not shown it need only know
    /// what it was told otherwise, and what is `fed`.
    fn tell(&mut self, fed: SortedSet<Mid>) -> Vec<SlotView> {
        let Some(shown) = &self.shown else { return Vec::new() };
        let mids: SortedSet<Mid> = shown.keys().chain(self.told.keys()).cloned().chain(fed).collect();
        let mut news = Vec::new();
        for mid in mids {
            let size = shown.get(&mid).copied().unwrap_or(HIDDEN);
            let told = Told::Size(size);
            if self.told.insert(mid.clone(), told) != Some(told) {
                news.push(SlotView { mid, width: size.width, height: size.height });
            }
        }
        news
    }

    /// The preferences, if the server does not know them; they count as told.
    fn tell_preferred(&mut self) -> Option<Vec<PublicationId>> {
        let known = match &self.told_preferred {
            ToldPreferred::Nothing => self.preferred.is_empty(),
            ToldPreferred::These(told) => *told == self.preferred,
            ToldPreferred::Maybe => false,
        };
        if known {
            return None;
        }
        self.told_preferred = ToldPreferred::These(self.preferred.clone());
        Some(self.preferred.clone())
    }

    /// A new participant, of whom the server knows nothing.
    fn forget_told(&mut self) {
        self.told.clear();
        self.told_preferred = ToldPreferred::Nothing;
        self.quiet_until = Now::ZERO;
    }

    /// A new socket. The server keeps what it was told, but the last may have been lost.
    fn doubt_told(&mut self) {
        self.told.values_mut().for_each(|told| *told = Told::Maybe);
        self.told_preferred = match &self.told_preferred {
            ToldPreferred::Nothing => ToldPreferred::Nothing,
            ToldPreferred::These(_) | ToldPreferred::Maybe => ToldPreferred::Maybe,
        };
        self.quiet_until = Now::ZERO;
    }
}

impl Session {
    /// The page shows this now, and nothing else.
    pub(crate) fn show(&mut self, slots: Vec<SlotView>, now: Now) {
        self.view.show(slots, now);
        self.check_view(now);
    }

    /// Other slots are fed than before: those that the page does not show soon are hidden.
    pub(crate) fn fed_otherwise(&mut self, now: Now) {
        self.view.fed_otherwise(now);
    }

    pub(crate) fn prefer(&mut self, mut publications: Vec<PublicationId>, now: Now) {
        publications.truncate(MAX_PREFERRED);
        self.view.preferred = publications;
        self.tell_preferred(now);
    }

    /// After `joined`: the server knows nothing of the page.
    pub(crate) fn tell_view_afresh(&mut self, now: Now) {
        self.view.forget_told();
        self.tell_whole_view(now);
    }

    /// After `resumed`: the server may know all of it, or not.
    pub(crate) fn tell_view_again(&mut self, now: Now) {
        self.view.doubt_told();
        self.tell_whole_view(now);
    }

    /// What is shown at once; what is fed besides a little later, for the page may not have seen it yet.
    fn tell_whole_view(&mut self, now: Now) {
        self.tell_view(SortedSet::new(), now);
        self.fed_otherwise(now);
        self.tell_preferred(now);
    }

    pub(crate) fn check_view(&mut self, now: Now) {
        if !self.is_live() {
            return;
        }
        if let Some(laid_out) = self.view.take_due(now) {
            let fed = if laid_out { self.roster.fed_video() } else { SortedSet::new() };
            self.tell_view(fed, now);
        }
    }

    fn tell_view(&mut self, fed: SortedSet<Mid>, now: Now) {
        let slots = self.view.tell(fed);
        if !slots.is_empty() {
            self.view.quiet_until = now.saturating_add(PACE);
            self.send(ClientMessage::View { slots }, now);
        }
    }

    fn tell_preferred(&mut self, now: Now) {
        if !self.is_live() {
            return;
        }
        if let Some(publications) = self.view.tell_preferred() {
            self.send(ClientMessage::Prefer { publications }, now);
        }
    }
}
