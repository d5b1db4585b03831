//! Rewrite: keeping egress contiguous. Between a stream's history and the bytes one subscriber gets.
//!
//! Owns the offsets from one source's numbers to one slot's, and applying them. A `Rewrite` is made when
//! a slot takes up a source and never changes after. Together with the history's fixed entries this makes
//! an egress packet a pure function of (slot, egress sequence number): **sending it again gives the same
//! plaintext**, as AES-GCM demands of a packet sealed again under the same SSRC and SRTP index
//! (RFC 7714 §8.1, §9.1). The lossy-link tests assert it for every packet.

use crate::codec::descriptor::PictureFields;
use crate::ids::{PayloadType, RtpTime, Seq64, StreamKey};
use crate::select::Shift;
use crate::time::Time;

/// Offsets of one source in one slot. All are added, wrapping in the field's own width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rewrite {
    pub stream: StreamKey,
    /// First ingress packet forwarded; older ones have no egress number.
    pub first_in: Seq64,
    /// Its egress number.
    pub first_out: Seq64,
    time: u32,
    picture_id: u16,
    tl0_pic_idx: u8,
    key_idx: u8,
    frame_number: u16,
    /// The source's payload type; a packet of another is another codec, hence another rewrite.
    pub payload_type_in: PayloadType,
    /// The receiver's.
    pub payload_type: PayloadType,
    /// The receiver's for retransmissions.
    pub rtx_payload_type: Option<PayloadType>,
    /// Whether the receiver may ask for packets again.
    pub nack: bool,
    /// The source is RED (RFC 2198) and the receiver takes the primary encoding only.
    pub strip_red: bool,
    /// The id under which its packets keep their dependency descriptors: those of AV1, which says nothing of its
    /// layers elsewhere. Kept here, so that a packet sent again is the same after a renegotiation, too.
    pub dependency: Option<u8>,
    /// Ids of pictures that are left out stay free: VP9 names what a picture refers to by the distance of ids
    /// (RFC 9628 §4.2).
    pub keeps_picture_ids: bool,
}

/// The numbers of the packet a slot starts a source with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub stream: StreamKey,
    pub seq: Seq64,
    pub time: RtpTime,
    pub fields: PictureFields,
    pub payload_type_in: PayloadType,
    pub payload_type: PayloadType,
    pub rtx_payload_type: Option<PayloadType>,
    pub nack: bool,
    pub strip_red: bool,
    pub dependency: Option<u8>,
    pub keeps_picture_ids: bool,
}

impl Rewrite {
    /// Makes `start` come out as `seq` and `time`, with the picture numbers following `progress`.
    pub fn begin(start: &Start, seq: Seq64, time: RtpTime, progress: &Progress) -> Self {
        let Start { fields, .. } = start;
        let follow_byte = |last: Option<u8>, first: Option<u8>| match (last, first) {
            (Some(last), Some(first)) => last.wrapping_add(1).wrapping_sub(first),
            (None, _) | (_, None) => 0,
        };
        let picture_id = match (progress.picture_id, fields.picture_id) {
            (Some(last), Some(first)) => last.wrapping_add(1).wrapping_sub(first.value),
            (None, _) | (_, None) => 0,
        };
        let frame_number = match (progress.frame_number, fields.frame_number) {
            (Some(last), Some(first)) => last.wrapping_add(1).wrapping_sub(first),
            (None, _) | (_, None) => 0,
        };
        Self {
            stream: start.stream,
            first_in: start.seq,
            first_out: seq,
            time: time.0.wrapping_sub(start.time.0),
            picture_id,
            tl0_pic_idx: follow_byte(progress.tl0_pic_idx, fields.tl0_pic_idx.map(|f| f.value)),
            key_idx: follow_byte(progress.key_idx, fields.key_idx.map(|f| f.value)),
            frame_number,
            payload_type_in: start.payload_type_in,
            payload_type: start.payload_type,
            rtx_payload_type: start.rtx_payload_type,
            nack: start.nack,
            strip_red: start.strip_red,
            dependency: start.dependency,
            keeps_picture_ids: start.keeps_picture_ids,
        }
    }

    /// The egress number of an ingress packet that so many before it were left out; `None` for one before
    /// the start.
    pub fn seq(&self, ingress: Seq64, shift: Shift) -> Option<Seq64> {
        let distance = ingress.0.checked_sub(self.first_in.0)?.checked_sub(shift.packets)?;
        self.first_out.0.checked_add(distance).map(Seq64)
    }

    /// How many packets before an ingress one were left out, if it went out under `seq`: [`Self::seq`] turned round.
    pub fn left_out(&self, ingress: Seq64, seq: Seq64) -> Option<u64> {
        let distance = ingress.0.checked_sub(self.first_in.0)?;
        distance.checked_sub(seq.0.checked_sub(self.first_out.0)?)
    }

    /// The egress timestamp of an ingress one.
    pub fn time(&self, ingress: RtpTime) -> RtpTime {
        ingress.plus(self.time)
    }

    fn egress_picture_id(&self, ingress: u16, shift: Shift) -> u16 {
        let left_out = if self.keeps_picture_ids { 0 } else { shift.frames };
        ingress.wrapping_add(self.picture_id).wrapping_sub(left_out)
    }

    /// The egress form of a dependency descriptor's frame number. Numbers of frames left out stay free: a
    /// frame names those it depends on by the distance.
    pub fn frame_number(&self, ingress: u16) -> u16 {
        ingress.wrapping_add(self.frame_number)
    }

    /// Rewrites a copied payload in place.
    pub fn payload(&self, fields: &PictureFields, shift: Shift, payload: &mut [u8]) {
        if let Some(id) = fields.picture_id {
            let value = self.egress_picture_id(id.value, shift);
            let at = usize::from(id.at);
            if id.wide {
                if let Some(bytes) = payload.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
                    *bytes = (value | 0x8000).to_be_bytes();
                }
            } else if let Some(byte) = payload.get_mut(at) {
                let [_, low] = value.to_be_bytes();
                *byte = low & 0x7f;
            }
        }
        if let Some(byte) = fields.tl0_pic_idx.and_then(|field| payload.get_mut(usize::from(field.at))) {
            *byte = byte.wrapping_add(self.tl0_pic_idx);
        }
        if let Some(byte) = fields.key_idx.and_then(|field| payload.get_mut(usize::from(field.at))) {
            *byte = (*byte & 0xe0) | (byte.wrapping_add(self.key_idx) & 0x1f);
        }
    }
}

/// How far a slot's egress has come: what the next source must go on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Highest number sent.
    pub seq: Seq64,
    /// Latest timestamp sent; never goes back.
    pub time: RtpTime,
    /// When the packet with that timestamp arrived here.
    pub at: Time,
    /// Latest numbers sent, in the width they were sent in.
    picture_id: Option<u16>,
    tl0_pic_idx: Option<u8>,
    key_idx: Option<u8>,
    frame_number: Option<u16>,
}

impl Progress {
    /// Before anything was sent, `seq` being the number before the first.
    pub fn before(seq: Seq64, time: RtpTime) -> Self {
        Self {
            seq,
            time,
            at: Time::ZERO,
            picture_id: None,
            tl0_pic_idx: None,
            key_idx: None,
            frame_number: None,
        }
    }

    /// Notes a packet going out, if it is the furthest so far.
    pub fn advance(
        &mut self,
        seq: Seq64,
        time: RtpTime,
        arrival: Time,
        fields: &PictureFields,
        by: &Rewrite,
        shift: Shift,
    ) {
        if seq <= self.seq {
            return;
        }
        self.seq = seq;
        self.at = self.at.max(arrival);
        if time.since(self.time) > 0 {
            self.time = time;
        }
        if let Some(id) = fields.picture_id {
            let width = if id.wide { 0x7fff } else { 0x7f };
            let value = by.egress_picture_id(id.value, shift);
            self.picture_id = Some(value & width);
        }
        if let Some(field) = fields.tl0_pic_idx {
            self.tl0_pic_idx = Some(field.value.wrapping_add(by.tl0_pic_idx));
        }
        if let Some(field) = fields.key_idx {
            self.key_idx = Some(field.value.wrapping_add(by.key_idx) & 0x1f);
        }
        if let Some(number) = fields.frame_number {
            self.frame_number = Some(by.frame_number(number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Codec;
    use crate::codec::dependency::DependencyState;
    use crate::codec::descriptor::Descriptor;

    fn start(seq: u64, time: u32, payload: &[u8]) -> Start {
        Start {
            stream: StreamKey::default(),
            seq: Seq64(seq),
            time: RtpTime(time),
            fields: Descriptor::read(Codec::Vp8, payload, None, &mut DependencyState::default()).fields,
            payload_type_in: PayloadType(96),
            payload_type: PayloadType(100),
            rtx_payload_type: None,
            nack: false,
            strip_red: false,
            dependency: None,
            keeps_picture_ids: false,
        }
    }

    #[test]
    fn numbers_follow_the_last_source_in_their_own_width() {
        // Extended, all fields: picture id 15 bits, tl0picidx, T|K.
        let first = [0x90, 0xf0, 0xff, 0xff, 0xff, 0x7f, 0x00];
        let second = [0x90, 0xf0, 0x80, 0x05, 0x10, 0x43, 0x00];
        let third = [0x90, 0x80, 0x42, 0x00]; // picture id 7 bits, nothing else

        let mut progress = Progress::before(Seq64(99), RtpTime(0));
        let one = start(500, 7, &first);
        let by = Rewrite::begin(&one, Seq64(100), RtpTime(1000), &progress);
        let mut sent = first;
        by.payload(&one.fields, Shift::default(), &mut sent);
        assert_eq!(sent, first, "the first source keeps its picture numbers");
        progress.advance(Seq64(100), by.time(RtpTime(7)), Time(1), &one.fields, &by, Shift::default());

        let two = start(9, u32::MAX, &second);
        let by = Rewrite::begin(&two, Seq64(101), RtpTime(4000), &progress);
        let mut sent = second;
        by.payload(&two.fields, Shift::default(), &mut sent);
        assert_eq!(
            sent,
            [0x90, 0xf0, 0x80, 0x00, 0x00, 0x40, 0x00],
            "all three wrap to zero; TID and Y stay"
        );
        assert_eq!(by.seq(Seq64(12), Shift::default()), Some(Seq64(104)));
        assert_eq!(by.seq(Seq64(8), Shift::default()), None);
        assert_eq!(by.time(RtpTime(1)), RtpTime(4002));
        progress.advance(Seq64(101), RtpTime(4000), Time(2), &two.fields, &by, Shift::default());

        let three = start(1, 0, &third);
        let by = Rewrite::begin(&three, Seq64(102), RtpTime(8000), &progress);
        let mut sent = third;
        by.payload(&three.fields, Shift::default(), &mut sent);
        assert_eq!(sent, [0x90, 0x80, 0x01, 0x00]);
    }

    #[test]
    fn progress_never_goes_back() {
        let by =
            Rewrite::begin(&start(1, 0, &[]), Seq64(1), RtpTime(50), &Progress::before(Seq64(0), RtpTime(0)));
        let mut progress = Progress::before(Seq64(0), RtpTime(0));
        let none = PictureFields::default();
        progress.advance(Seq64(5), RtpTime(90), Time(5), &none, &by, Shift::default());
        progress.advance(Seq64(4), RtpTime(99), Time(9), &none, &by, Shift::default());
        progress.advance(Seq64(6), RtpTime(80), Time(6), &none, &by, Shift::default());
        assert_eq!((progress.seq, progress.time, progress.at), (Seq64(6), RtpTime(90), Time(6)));
    }
}
