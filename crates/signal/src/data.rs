//! The frame around what an application sends over the data channels: whom it is for or from, and whether it is text.
//!
//! Outside the WebSocket: these bytes travel over SCTP, between `frontend/rtc` and the server's relay. Five bytes, then
//! the payload:
//!
//! ```text
//!  0               4      5
//! +---------------+------+------------…
//! | participant   | kind | payload
//! +---------------+------+------------…
//! ```
//!
//! The participant is a big-endian id: to the server the one it is for, or [`EVERYBODY`]; from the server the one it is
//! from. SCTP itself tells text from binary, but its text must be UTF-8, and four bytes of an id are not: so every frame is
//! binary for SCTP, and says its kind itself.

use crate::ParticipantId;
use crate::limits::MAX_DATA_MESSAGE;

/// The SCTP stream of the channel that delivers all, in order. Both sides open it with this id, so that no word
/// is needed in between (`negotiated: true`).
pub const RELIABLE_CHANNEL: u16 = 1;
/// The SCTP stream of the channel that delivers what comes at the first attempt, in any order (`maxRetransmits: 0`).
pub const UNRELIABLE_CHANNEL: u16 = 2;
/// The participant id that means all others in the room. Nobody has it.
pub const EVERYBODY: u32 = u32::MAX;
/// Bytes before the payload.
pub const DATA_HEADER: usize = 5;

/// What a payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataKind {
    /// Any bytes.
    Binary,
    /// UTF-8.
    Text,
}

/// Whom a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataTo {
    /// All others in the room who have the channels.
    Everybody,
    /// One of them.
    One(ParticipantId),
}

/// Why bytes are no frame, or a message cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// Shorter than its header.
    #[error("the frame is shorter than its header")]
    TooShort,
    /// A kind that is none.
    #[error("the frame is neither text nor binary")]
    UnknownKind,
    /// Said to be text and is not.
    #[error("the text is not UTF-8")]
    NotText,
    /// More payload than [`MAX_DATA_MESSAGE`].
    #[error("the message is longer than {MAX_DATA_MESSAGE} bytes")]
    TooLarge,
}

/// A message on its way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataOut<'a> {
    /// Whom it is for.
    pub to: DataTo,
    /// What it is.
    pub kind: DataKind,
    /// Itself.
    pub payload: &'a [u8],
}

/// A message on its way from the server, or from a participant who is connected directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataIn<'a> {
    /// Who sent it.
    pub from: ParticipantId,
    /// What it is.
    pub kind: DataKind,
    /// Itself.
    pub payload: &'a [u8],
}

impl<'a> DataOut<'a> {
    /// The frame.
    ///
    /// # Errors
    /// When the payload is too large, or is to be text and is not.
    pub fn write(&self) -> Result<Vec<u8>, DataError> {
        let participant = match self.to {
            DataTo::Everybody => EVERYBODY,
            DataTo::One(ParticipantId(id)) => id,
        };
        write(participant, self.kind, self.payload)
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// See [`DataError`].
    pub fn read(frame: &'a [u8]) -> Result<Self, DataError> {
        let (participant, kind, payload) = read(frame)?;
        let to = match participant {
            EVERYBODY => DataTo::Everybody,
            id => DataTo::One(ParticipantId(id)),
        };
        Ok(Self { to, kind, payload })
    }
}

impl<'a> DataIn<'a> {
    /// The frame.
    ///
    /// # Errors
    /// When the payload is too large, or is to be text and is not.
    pub fn write(&self) -> Result<Vec<u8>, DataError> {
        write(self.from.0, self.kind, self.payload)
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// See [`DataError`].
    pub fn read(frame: &'a [u8]) -> Result<Self, DataError> {
        let (participant, kind, payload) = read(frame)?;
        Ok(Self { from: ParticipantId(participant), kind, payload })
    }
}

fn check(kind: DataKind, payload: &[u8]) -> Result<(), DataError> {
    if payload.len() > MAX_DATA_MESSAGE {
        return Err(DataError::TooLarge);
    }
    match kind {
        DataKind::Binary => Ok(()),
        DataKind::Text => core::str::from_utf8(payload).map(drop).map_err(|_| DataError::NotText),
    }
}

fn write(participant: u32, kind: DataKind, payload: &[u8]) -> Result<Vec<u8>, DataError> {
    check(kind, payload)?;
    let mut frame = Vec::with_capacity(DATA_HEADER + payload.len());
    frame.extend(participant.to_be_bytes());
    frame.push(match kind {
        DataKind::Binary => 0,
        DataKind::Text => 1,
    });
    frame.extend(payload);
    Ok(frame)
}

fn read(frame: &[u8]) -> Result<(u32, DataKind, &[u8]), DataError> {
    let (participant, rest) = frame.split_first_chunk::<4>().ok_or(DataError::TooShort)?;
    let (kind, payload) = rest.split_first().ok_or(DataError::TooShort)?;
    let kind = match kind {
        0 => DataKind::Binary,
        1 => DataKind::Text,
        _ => return Err(DataError::UnknownKind),
    };
    check(kind, payload)?;
    Ok((u32::from_be_bytes(*participant), kind, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVE: ParticipantId = ParticipantId(0x0102_0304);

    #[test]
    fn frames_stand_on_the_wire_as_they_are_documented() {
        let text = DataOut { to: DataTo::One(EVE), kind: DataKind::Text, payload: b"hi" };
        assert_eq!(text.write().unwrap(), [1, 2, 3, 4, 1, b'h', b'i']);
        let bytes = DataOut { to: DataTo::Everybody, kind: DataKind::Binary, payload: &[0xff] };
        assert_eq!(bytes.write().unwrap(), [255, 255, 255, 255, 0, 0xff]);
        let relayed = DataIn { from: EVE, kind: DataKind::Binary, payload: &[] };
        assert_eq!(relayed.write().unwrap(), [1, 2, 3, 4, 0]);
    }

    #[test]
    fn frames_are_read_as_they_were_written() {
        for to in [DataTo::Everybody, DataTo::One(EVE)] {
            for (kind, payload) in [(DataKind::Text, "마당".as_bytes()), (DataKind::Binary, &[0xff, 0])] {
                let out = DataOut { to, kind, payload };
                assert_eq!(DataOut::read(&out.write().unwrap()), Ok(out));
                let relayed = DataIn { from: EVE, kind, payload };
                assert_eq!(DataIn::read(&relayed.write().unwrap()), Ok(relayed));
            }
        }
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        let check = |frame: &[u8], expected| assert_eq!(DataOut::read(frame), Err(expected), "{frame:?}");
        check(&[], DataError::TooShort);
        check(&[0, 0, 0, 1], DataError::TooShort);
        check(&[0, 0, 0, 1, 2], DataError::UnknownKind);
        check(&[0, 0, 0, 1, 1, 0xc3], DataError::NotText);
        check(&vec![0; DATA_HEADER + MAX_DATA_MESSAGE + 1], DataError::TooLarge);
        assert!(DataOut::read(&vec![0; DATA_HEADER + MAX_DATA_MESSAGE]).is_ok());
    }

    #[test]
    fn what_cannot_be_a_frame_is_not_written() {
        let out = |kind, payload| DataOut { to: DataTo::Everybody, kind, payload }.write();
        assert_eq!(out(DataKind::Text, &[0xc3]), Err(DataError::NotText));
        assert_eq!(out(DataKind::Binary, &vec![0; MAX_DATA_MESSAGE + 1]), Err(DataError::TooLarge));
    }
}
