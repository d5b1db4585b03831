//! Selecting layers within one stream: which of its packets one slot gets, and under what shift of numbers.
//!
//! Temporal layers (VP8, VP9, AV1) and spatial layers (SVC) above the target are left out, whole frames at a
//! time, and the numbers closed up behind them, so that the receiver sees no gap. Going down takes effect at the
//! next frame; going up waits for a frame at which the codec allows it. Which stream, that is which simulcast
//! encoding, feeds the slot is `slot`'s.
//!
//! Owns the log of what was left out, because packets come late and repaired: a late packet finds out from it
//! whether it was left out, and what its number is. A number missing on ingress when its successor is placed is
//! reserved on egress, whatever it turns out to be.

use crate::history::Entry;
use crate::ids::{RtpTime, Seq64};
use crate::limits::CUTS_PER_SLOT;
use std::collections::VecDeque;

/// Spatial and temporal layers of a stream up to which a slot is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    pub spatial: u8,
    pub temporal: u8,
}

impl Layer {
    /// Everything there is.
    pub const ALL: Self = Self { spatial: u8::MAX, temporal: u8::MAX };
}

/// By how much egress numbers fall behind, for what was left out before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shift {
    pub packets: u64,
    /// Whole pictures, which their ids count.
    pub frames: u16,
}

/// How a packet that is sent differs from the one that came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub shift: Shift,
    /// It ends its frame here, since the layers after it are left out.
    pub ends_frame: bool,
}

/// Numbers left out, and the shift after them.
#[derive(Clone, Copy, Debug)]
struct Cut {
    from: Seq64,
    to: Seq64,
    after: Shift,
}

/// The picture being placed.
#[derive(Clone, Copy, Debug)]
struct Picture {
    time: RtpTime,
    /// It is left out whole.
    dropped: bool,
}

/// One slot's selection within the stream that feeds it.
#[derive(Debug)]
pub(crate) struct Selection {
    target: Layer,
    current: Layer,
    picture: Option<Picture>,
    highest: Option<Seq64>,
    shift: Shift,
    /// Of the cuts that fell out of the log: the last number they covered, and the shift after.
    forgotten: Option<(Seq64, Shift)>,
    log: VecDeque<Cut>,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            target: Layer::ALL,
            current: Layer::ALL,
            picture: None,
            highest: None,
            shift: Shift::default(),
            forgotten: None,
            log: VecDeque::new(),
        }
    }
}

impl Selection {
    /// A source begins, at a place where all its layers can be taken up.
    pub fn begin(&mut self) {
        self.current = self.target;
        self.picture = None;
        self.highest = None;
        self.shift = Shift::default();
        self.forgotten = None;
        self.log.clear();
    }

    /// Says up to which layers from now on.
    pub fn aim(&mut self, target: Layer) {
        self.target = target;
    }

    /// Whether a keyframe is needed to get all that is aimed at: spatial layers of a stream join only there.
    pub fn lacks_spatial(&self) -> bool {
        self.target.spatial > self.current.spatial
    }

    /// Decides about a packet; `None` if it is left out.
    pub fn place(&mut self, entry: &Entry) -> Option<Kept> {
        if self.highest.is_some_and(|highest| entry.seq <= highest) {
            return self.late(entry);
        }
        let same_picture = self.picture.filter(|picture| picture.time == entry.time);
        let picture = match same_picture {
            Some(picture) => picture,
            None => self.open_picture(entry),
        };
        let layer = entry.layer;
        let rises = layer.spatial_switch && layer.spatial <= self.target.spatial;
        if layer.spatial > self.current.spatial && rises && !picture.dropped {
            self.current.spatial = layer.spatial;
        }
        let dropped = picture.dropped || layer.spatial > self.current.spatial;
        if dropped {
            self.cut(entry.seq, same_picture.is_some());
        }
        self.highest = Some(entry.seq);
        (!dropped).then(|| self.kept(entry, self.shift))
    }

    /// The first packet of a picture decides for all of it.
    fn open_picture(&mut self, entry: &Entry) -> Picture {
        let layer = entry.layer;
        self.current.spatial = if entry.keyframe_start {
            self.target.spatial
        } else {
            self.current.spatial.min(self.target.spatial)
        };
        if self.target.temporal < self.current.temporal {
            self.current.temporal = self.target.temporal;
        } else if layer.temporal_switch
            && self.current.temporal.checked_add(1) == Some(layer.temporal)
            && layer.temporal <= self.target.temporal
        {
            // One at a time: a frame may refer to the layer just below, which has to be there.
            self.current.temporal = layer.temporal;
        }
        let dropped = layer.temporal > self.current.temporal;
        self.shift.frames = self.shift.frames.wrapping_add(u16::from(dropped));
        let picture = Picture { time: entry.time, dropped };
        self.picture = Some(picture);
        picture
    }

    fn cut(&mut self, seq: Seq64, same_picture: bool) {
        // What is missing between two packets left out of one picture is left out, too.
        if let (true, Some(last), Some(highest)) = (same_picture, self.log.back_mut(), self.highest)
            && last.to == highest
        {
            self.shift.packets += seq.0 - last.to.0;
            last.to = seq;
            last.after = self.shift;
            return;
        }
        self.shift.packets += 1;
        if self.log.len() >= CUTS_PER_SLOT {
            self.forgotten = self.log.pop_front().map(|cut| (cut.to, cut.after));
        }
        if self.log.capacity() == 0 {
            self.log.reserve_exact(CUTS_PER_SLOT);
        }
        self.log.push_back(Cut { from: seq, to: seq, after: self.shift });
    }

    fn late(&self, entry: &Entry) -> Option<Kept> {
        let shift = match self.log.iter().rev().find(|cut| cut.from <= entry.seq) {
            Some(cut) if entry.seq <= cut.to => return None,
            Some(cut) => cut.after,
            None => match self.forgotten {
                Some((to, _)) if entry.seq <= to => return None,
                Some((_, after)) => after,
                None => Shift::default(),
            },
        };
        Some(self.kept(entry, shift))
    }

    fn kept(&self, entry: &Entry, shift: Shift) -> Kept {
        let top = entry.layer.frame_end && entry.layer.spatial == self.current.spatial;
        Kept { shift, ends_frame: entry.marker || top }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::descriptor::PictureFields;
    use crate::codec::layer::LayerInfo;
    use crate::ids::PayloadType;
    use crate::time::Time;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn entry(seq: u64, time: u32, layer: LayerInfo, marker: bool) -> Entry {
        Entry {
            seq: Seq64(seq),
            time: RtpTime(time),
            arrival: Time(0),
            payload_type: PayloadType(96),
            marker,
            keyframe_start: false,
            layer,
            fields: PictureFields::default(),
        }
    }

    /// Two packets a frame, temporal layers 0 2 1 2, all of them switching points.
    fn temporal(seq: u64) -> Entry {
        let frame = seq / 2;
        let temporal = [0, 2, 1, 2][usize::try_from(frame % 4).unwrap()];
        let layer = LayerInfo { temporal, temporal_switch: true, ..LayerInfo::default() };
        entry(seq, u32::try_from(frame).unwrap() * 3000, layer, seq % 2 == 1)
    }

    fn out(selection: &mut Selection, seqs: impl IntoIterator<Item = u64>) -> Vec<(u64, u64, u16)> {
        let place = |seq| {
            let kept = selection.place(&temporal(seq))?;
            Some((seq, seq - kept.shift.packets, kept.shift.frames))
        };
        seqs.into_iter().filter_map(place).collect()
    }

    #[test]
    fn everything_passes_untouched_by_default() {
        let mut selection = Selection::default();
        let all: Vec<_> = (0..16).map(|seq| (seq, seq, 0)).collect();
        assert_eq!(out(&mut selection, 0..16), all);
    }

    #[test]
    fn upper_temporal_layers_are_left_out_and_the_numbers_close_up() {
        let mut selection = Selection::default();
        selection.aim(Layer { spatial: u8::MAX, temporal: 1 });
        selection.begin();
        let found = out(&mut selection, 0..12);
        assert_eq!(found, [(0, 0, 0), (1, 1, 0), (4, 2, 1), (5, 3, 1), (8, 4, 2), (9, 5, 2)]);
    }

    #[test]
    fn down_at_the_next_frame_and_up_at_a_switching_point() {
        let mut selection = Selection::default();
        out(&mut selection, 0..2);
        assert_eq!(out(&mut selection, [2]), [(2, 2, 0)]);
        selection.aim(Layer { spatial: u8::MAX, temporal: 0 });
        assert_eq!(out(&mut selection, [3, 4, 5, 6, 7, 8]), [(3, 3, 0), (8, 4, 2)]);
        selection.aim(Layer::ALL);
        let mut blind = temporal(10);
        blind.layer.temporal_switch = false;
        assert_eq!(selection.place(&blind), None, "no switching point");
        assert_eq!(out(&mut selection, [12]), [(12, 7, 3)]);
    }

    #[test]
    fn late_packets_find_their_numbers_or_that_they_were_left_out() {
        let mut selection = Selection::default();
        selection.aim(Layer { spatial: u8::MAX, temporal: 1 });
        selection.begin();
        // 1 and 5 late; 3 lost within a frame that is left out; 6 and 7 unseen.
        assert_eq!(out(&mut selection, [0, 2, 4, 8]), [(0, 0, 0), (4, 3, 1), (8, 7, 1)]);
        assert_eq!(out(&mut selection, [1]), [(1, 1, 0)]);
        assert_eq!(out(&mut selection, [5]), [(5, 4, 1)]);
        assert_eq!(out(&mut selection, [7]), [(7, 6, 1)], "its number was reserved");
    }

    #[test]
    fn upper_spatial_layers_are_left_out_and_the_one_below_ends_the_frame() {
        let svc = |seq: u64, spatial: u8, switch: bool| {
            let frame = u32::try_from(seq / 3).unwrap();
            let layer = LayerInfo {
                spatial,
                spatial_switch: switch,
                frame_start: true,
                frame_end: true,
                ..LayerInfo::default()
            };
            entry(seq, frame * 3000, layer, spatial == 2)
        };
        let mut selection = Selection::default();
        selection.aim(Layer { spatial: 1, temporal: u8::MAX });
        selection.begin();
        let kept = selection.place(&svc(0, 0, true)).unwrap();
        assert!(!kept.ends_frame);
        assert!(selection.place(&svc(1, 1, true)).unwrap().ends_frame);
        assert_eq!(selection.place(&svc(2, 2, true)), None);
        let kept = selection.place(&svc(3, 0, false)).unwrap();
        assert_eq!(kept.shift, Shift { packets: 1, frames: 0 });

        selection.aim(Layer { spatial: 2, temporal: u8::MAX });
        assert!(selection.lacks_spatial());
        assert_eq!(selection.place(&svc(5, 2, false)), None, "predicted from a picture that was left out");
        selection.place(&svc(6, 0, true)).unwrap();
        selection.place(&svc(7, 1, true)).unwrap();
        assert!(selection.place(&svc(8, 2, true)).unwrap().ends_frame);
        assert!(!selection.lacks_spatial());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is lost, late and re-aimed: no two packets share a number, and order is kept.
        #[test]
        fn numbers_are_unique_and_in_order(
            steps in prop::collection::vec((0u64..4, 0u8..4, prop::bool::weighted(0.1)), 1..400),
        ) {
            let mut selection = Selection::default();
            let (mut next, mut held) = (0u64, Vec::new());
            let mut numbers: BTreeMap<u64, u64> = BTreeMap::new();
            let mut send = |selection: &mut Selection, seq: u64| {
                if let Some(kept) = selection.place(&temporal(seq)) {
                    let number = seq - kept.shift.packets;
                    prop_assert_eq!(*numbers.entry(seq).or_insert(number), number);
                }
                Ok(())
            };
            for (step, temporal, aim) in steps {
                if aim {
                    selection.aim(Layer { spatial: u8::MAX, temporal });
                }
                match step {
                    0 => held.push(next),
                    1 => while let Some(seq) = held.pop() { send(&mut selection, seq)?; },
                    _ => send(&mut selection, next)?,
                }
                next += u64::from(step != 1);
            }
            let pairs: Vec<_> = numbers.into_iter().collect();
            for pair in pairs.windows(2) {
                prop_assert!(pair[0].1 < pair[1].1, "{:?}", pair);
            }
        }
    }
}
