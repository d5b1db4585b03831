//! What a peer may send, in one place. Each limit says what happens past it.

use core::time::Duration;

/// Bytes of one client message after decompression (an offer with 64 seats is about 230 kB).
/// Past it: `message_too_large`, and the socket is closed.
pub const MAX_CLIENT_MESSAGE: usize = 512 * 1024;
/// Bytes of one server message after decompression. Past it the client drops the socket and resumes.
pub const MAX_SERVER_MESSAGE: usize = 2 * 1024 * 1024;
/// A message at least this long is sent compressed. Unit: bytes.
pub const COMPRESS_FROM: usize = 1024;
/// Client messages per second, sustained, and the burst allowed above it.
/// Past both: `too_many_messages`, and the socket is closed.
pub const MAX_MESSAGE_RATE: u32 = 50;
/// See [`MAX_MESSAGE_RATE`].
pub const MAX_MESSAGE_BURST: u32 = 200;
/// Characters (Unicode scalar values) of a room name. Past it: `bad_room_name`.
pub const MAX_ROOM_NAME: usize = 64;
/// Characters (Unicode scalar values) of a display name. Past it: `bad_name`.
pub const MAX_DISPLAY_NAME: usize = 48;
/// Bytes of a token. Past it: `not_allowed`, as with any other that does not hold.
pub const MAX_ACCESS_TOKEN: usize = 4096;
/// Bytes (UTF-8) of a room's password. Past it: `not_allowed`, as with any other that is wrong.
pub const MAX_PASSWORD: usize = 256;
/// Bytes of a mid. Past it: `bad_offer`.
pub const MAX_MID_LENGTH: usize = 16;
/// M-lines of one offer: 64 seats of two, plus what a participant publishes and the data channel.
/// Past it: `bad_offer`.
pub const MAX_MEDIA_SECTIONS: usize = 140;
/// Publications of one participant. Past it: `too_many_publications`.
pub const MAX_PUBLICATIONS: usize = 8;
/// Participants per room unless the server is told otherwise. Past it: `room_full`.
pub const DEFAULT_MAX_PARTICIPANTS: u32 = 100;
/// Participants in all rooms together unless the server is told otherwise. Past it: `server_full`.
pub const DEFAULT_MAX_PARTICIPANTS_TOTAL: u32 = 5000;
/// Rooms at the same time unless the server is told otherwise. Past it: `too_many_rooms`.
pub const DEFAULT_MAX_ROOMS: u32 = 1000;
/// Thousands of bits per second of one publication, all its encodings and what is sent again together, unless the
/// server is told otherwise. It may bring two seconds' worth at once. Past it packets are dropped as if lost, and the
/// publisher is told how much it may send (REMB).
pub const DEFAULT_MAX_BITRATE: u32 = 12_000;
/// Participants of a room without the server's media plane, where each sends to each, unless the server is told
/// otherwise. Past it: `room_full`.
pub const DEFAULT_MAX_MESH: u32 = 4;
/// `direct` messages per second that one participant may have passed on, sustained, and the burst allowed above
/// it: a connection takes about twenty. Past both they are dropped without a word: the connection is tried again.
pub const MAX_DIRECT_RATE: u32 = 10;
/// See [`MAX_DIRECT_RATE`].
pub const MAX_DIRECT_BURST: u32 = 150;
/// Bytes of a description in `direct`. Past it: `malformed`.
pub const MAX_DIRECT_DESCRIPTION: usize = 64 * 1024;
/// Bytes of a candidate in `direct`. Past it: `malformed`.
pub const MAX_DIRECT_CANDIDATE: usize = 1024;
/// Candidates of one description of a direct connection. The client passes over more.
pub const MAX_DIRECT_CANDIDATES: usize = 64;
/// Bytes of a message on the data channel between two participants. The client passes over a longer one.
pub const MAX_PEER_MESSAGE: usize = 4096;
/// The most seats (an audio and a video slot with one stream id) a client offers.
pub const MAX_SEATS: usize = 64;
/// Publications that one `prefer` may name. Those past it are passed over.
pub const MAX_PREFERRED: usize = 128;
/// Characters (Unicode scalar values) of a chat message. Past it: `bad_chat`.
pub const MAX_CHAT: usize = 2000;
/// Chat messages that a room remembers for those who come later. Past it the oldest are forgotten.
pub const MAX_CHAT_HISTORY: usize = 200;
/// Bytes (UTF-8) of their texts and names together. Past it the oldest are forgotten.
pub const MAX_CHAT_HISTORY_BYTES: usize = 128 * 1024;
/// Chat messages of one participant per second, sustained, and the burst allowed above it.
/// Past both: `too_much_chat`.
pub const MAX_CHAT_RATE: u32 = 1;
/// See [`MAX_CHAT_RATE`].
pub const MAX_CHAT_BURST: u32 = 10;
/// Reactions of one participant per second, sustained, and the burst allowed above it.
/// Those past both are dropped without a word.
pub const MAX_REACTION_RATE: u32 = 2;
/// See [`MAX_REACTION_RATE`].
pub const MAX_REACTION_BURST: u32 = 10;
/// How many microphones a room forwards at once unless the server is told otherwise: the loudest. A room
/// with no more than that forwards all.
pub const DEFAULT_MAX_AUDIBLE: usize = 6;
/// How often the server tells each participant how its media flows.
pub const QUALITY_INTERVAL: Duration = Duration::from_secs(1);
/// A socket that has not joined or resumed by then is closed with `handshake_timeout`.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);
/// The client sends `ping` when it has sent nothing else for so long.
pub const PING_INTERVAL: Duration = Duration::from_secs(4);
/// A side that has heard nothing for so long takes the socket for dead.
pub const SILENCE_TIMEOUT: Duration = Duration::from_secs(10);
/// A participant whose socket is gone keeps its place for so long, waiting for `resume`.
pub const RESUME_WINDOW: Duration = Duration::from_secs(30);
/// The same of one whose media path is lost as well: most likely nobody is there any more.
pub const LOST_WINDOW: Duration = Duration::from_secs(10);
/// UTF-16 code units of a text in what a page says to the room that it has in a frame. Past it the message is ignored.
pub const MAX_FRAME_TEXT: usize = 4096;
/// Bytes of one message over a data channel, without its header. Past it the message is dropped; no browser sends one,
/// since the answer says so (`a=max-message-size`).
pub const MAX_DATA_MESSAGE: usize = 16 * 1024;
/// Bytes per second that a participant may send over one data channel, sustained; it may run ahead by as much as one
/// second brings. Past it the reliable channel is read no faster, so that its sender is held back, and messages of the
/// unreliable one are dropped.
pub const MAX_DATA_RATE: u32 = 1024 * 1024;
/// Messages per second, as [`MAX_DATA_RATE`] is bytes.
pub const MAX_DATA_MESSAGE_RATE: u32 = 500;
/// Bytes on their way from the server to one participant over one data channel, not yet acknowledged. Past it what is
/// unreliable is dropped, and whoever sends something reliable waits.
pub const MAX_DATA_BUFFER: usize = 128 * 1024;
/// A reliable message waits so long for a receiver whose buffer is full. Past it the receiver loses its data channels.
pub const DATA_STALL_TIMEOUT: Duration = Duration::from_secs(10);
/// Participants that wait to be let into one room. Past it: `room_full`.
pub const MAX_WAITING: usize = 32;
/// Bytes of the offer of somebody who waits; it is kept meanwhile. Past it: `bad_offer`.
pub const MAX_WAITING_OFFER: usize = 128 * 1024;
/// So long somebody waits to be let in. Past it: `denied`.
pub const WAITING_TIMEOUT: Duration = Duration::from_mins(10);
/// Identities that a room keeps out, since a moderator removed them. Past it the first is forgotten.
pub const MAX_KEPT_OUT: usize = 1000;
/// Places in a room that are gone and may be come back to by `returning`. Past it the first is forgotten.
pub const MAX_RETURNING: usize = 256;
