//! The history ring of one ingress stream: the only copy of a payload the plane ever makes.
//!
//! Ingest writes each packet here once; every subscriber's egress packet, first sending or resending, is
//! built from here. Owns payload memory and what ingest read from the packet. An entry never changes
//! while it is there: a second packet of the same number is refused, so a rebuilt packet is the same
//! bytes (see `rewrite`).

use crate::codec::descriptor::PictureFields;
use crate::codec::layer::LayerInfo;
use crate::ids::{PayloadType, RtpTime, Seq64};
use crate::limits::MAX_PAYLOAD;
use crate::time::Time;

/// What is kept of a packet besides its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub seq: Seq64,
    pub time: RtpTime,
    pub arrival: Time,
    pub payload_type: PayloadType,
    pub marker: bool,
    /// First packet of a keyframe.
    pub keyframe_start: bool,
    pub layer: LayerInfo,
    pub fields: PictureFields,
}

/// An entry and how many bytes it has in the payload block: its payload's, then its dependency descriptor's.
#[derive(Clone, Copy, Debug)]
struct Stored {
    entry: Entry,
    payload: u16,
    dependency: u8,
}

/// A kept packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet<'a> {
    pub entry: &'a Entry,
    pub payload: &'a [u8],
    /// Content of its dependency descriptor extension, empty without.
    pub dependency: &'a [u8],
}

/// Why a packet was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Duplicate,
    /// The ring has gone past it.
    TooOld,
    /// Larger than [`MAX_PAYLOAD`].
    Oversized,
}

/// A ring of packets, addressed by unwrapped sequence number.
#[derive(Debug)]
pub(crate) struct History {
    capacity: usize,
    /// Empty until the first packet. The payload block is one zeroed allocation, whose pages the system
    /// provides as they are first written.
    entries: Vec<Option<Stored>>,
    payloads: Vec<u8>,
}

impl History {
    /// `capacity` is a power of two.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, entries: Vec::new(), payloads: Vec::new() }
    }

    /// Keeps a packet, replacing the one `capacity` numbers before it.
    pub fn insert(&mut self, entry: Entry, payload: &[u8], dependency: &[u8]) -> Result<(), Refused> {
        if payload.len() + dependency.len() > MAX_PAYLOAD {
            return Err(Refused::Oversized);
        }
        let stored = Stored {
            entry,
            payload: u16::try_from(payload.len()).map_err(|_| Refused::Oversized)?,
            dependency: u8::try_from(dependency.len()).map_err(|_| Refused::Oversized)?,
        };
        if self.entries.is_empty() {
            self.entries = vec![None; self.capacity];
            self.payloads = vec![0; self.capacity * MAX_PAYLOAD];
        }
        let at = self.slot(entry.seq);
        let Some(place) = self.entries.get_mut(at) else { return Err(Refused::TooOld) };
        match place {
            Some(kept) if kept.entry.seq == entry.seq => return Err(Refused::Duplicate),
            Some(kept) if kept.entry.seq > entry.seq => return Err(Refused::TooOld),
            Some(_) | None => {}
        }
        if let Some(room) = self.payloads.get_mut(at * MAX_PAYLOAD..)
            && let Some((payload_room, room)) = room.split_at_mut_checked(payload.len())
        {
            payload_room.copy_from_slice(payload);
            if let Some(room) = room.get_mut(..dependency.len()) {
                room.copy_from_slice(dependency);
            }
        }
        *place = Some(stored);
        Ok(())
    }

    /// The packet of this number, if it came and is still here.
    pub fn get(&self, seq: Seq64) -> Option<Packet<'_>> {
        let at = self.slot(seq);
        let stored = self.entries.get(at)?.as_ref().filter(|stored| stored.entry.seq == seq)?;
        let room = self.payloads.get(at * MAX_PAYLOAD..)?;
        let (payload, room) = room.split_at_checked(usize::from(stored.payload))?;
        let dependency = room.get(..usize::from(stored.dependency))?;
        Some(Packet { entry: &stored.entry, payload, dependency })
    }

    /// Forgets everything and gives the memory back.
    pub fn clear(&mut self) {
        self.entries = Vec::new();
        self.payloads = Vec::new();
    }

    /// How many numbers it spans.
    pub fn capacity(&self) -> u64 {
        u64::try_from(self.capacity).unwrap_or(u64::MAX)
    }

    /// Bytes reserved for payloads.
    pub fn bytes(&self) -> usize {
        self.payloads.len()
    }

    fn slot(&self, seq: Seq64) -> usize {
        let mask = self.capacity().saturating_sub(1);
        usize::try_from(seq.0 & mask).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: u64) -> Entry {
        Entry {
            seq: Seq64(seq),
            time: RtpTime(0),
            arrival: Time(0),
            payload_type: PayloadType(96),
            marker: false,
            keyframe_start: false,
            layer: LayerInfo::default(),
            fields: PictureFields::default(),
        }
    }

    #[test]
    fn keeps_the_last_capacity_packets_and_never_rewrites_one() {
        let mut history = History::new(4);
        for seq in 10..16 {
            history.insert(entry(seq), &[seq.to_be_bytes()[7]; 3], &[9]).unwrap();
        }
        assert!(history.get(Seq64(11)).is_none());
        assert_eq!(history.get(Seq64(12)).unwrap().payload, [12; 3]);
        assert_eq!(history.get(Seq64(12)).unwrap().dependency, [9]);
        assert_eq!(history.insert(entry(12), &[0], &[]), Err(Refused::Duplicate));
        assert_eq!(history.insert(entry(11), &[0], &[]), Err(Refused::TooOld));
        assert_eq!(history.insert(entry(16), &[0; MAX_PAYLOAD], &[1]), Err(Refused::Oversized));
        assert_eq!(history.get(Seq64(12)).unwrap().payload, [12; 3]);
    }

    #[test]
    fn reserves_nothing_before_the_first_packet() {
        let mut history = History::new(512);
        assert_eq!(history.bytes(), 0);
        assert!(history.get(Seq64(0)).is_none());
        history.insert(entry(1), &[], &[]).unwrap();
        assert_eq!(history.get(Seq64(1)).unwrap().payload, []);
        history.clear();
        assert_eq!(history.bytes(), 0);
    }
}
