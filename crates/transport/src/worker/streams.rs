//! TCP streams beside the UDP socket (ICE-TCP, RFC 6544), for those whose network lets no UDP through.
//!
//! The worker listens on the same port, and the answer has a passive candidate for it. A frame that comes (RFC 4571) is
//! demultiplexed and answered as a datagram would be; what goes to a peer whose selected path is a stream waits in that
//! stream's bounded buffer. A stream must bring a check that is believed before anything else, soon, or it is closed; its
//! end is the end of that path and no more. Nothing is allocated for a frame, and where no stream is open nothing is
//! done.

mod framing;
mod stream;
mod table;
mod way_out;

pub(super) use table::Streams;
pub use way_out::WayOut;

use super::isolation::Work;
use super::{Worker, count};
use crate::demux::Class;
use crate::path::{Path, StreamId};
use forward::Time;
use framing::Split;
use std::net::SocketAddr;
use stream::Filled;

impl Worker {
    /// Reads and writes streams, each a little; true if there may be more.
    pub(super) fn take_streams(&mut self, now: Time) -> bool {
        self.close_orphans();
        if self.streams.is_at_rest() {
            return false;
        }
        let mut more = self.streams.accept(now, &self.counters);
        let mut scratch = std::mem::take(&mut self.streams.scratch);
        for _ in 0..self.streams.ready() {
            let Some(id) = self.streams.next_ready() else { break };
            more |= self.read_stream(id, &mut scratch, now);
        }
        self.streams.scratch = scratch;
        self.streams.take_leaving(&self.counters);
        self.streams.flush();
        self.streams.expire(now, &self.counters);
        while let Some(broken) = self.streams.broken.pop() {
            self.close_stream(broken);
        }
        more
    }

    /// Reads a stream once; true if it is to be read again.
    fn read_stream(&mut self, id: StreamId, scratch: &mut [u8], now: Time) -> bool {
        let (len, more) = match self.streams.fill(id, scratch) {
            Filled::Bytes(len, more) => (len, more),
            Filled::Nothing => return false,
            Filled::End => {
                self.close_stream(id);
                return false;
            }
        };
        let Some(from) = self.streams.get(id).map(|stream| stream.from) else { return false };
        let mut rest = scratch.get_mut(..len).unwrap_or_default();
        loop {
            rest = match framing::split(rest) {
                Split::Frame(frame, after) => {
                    if !self.take_frame(frame, id, from, now) {
                        return false;
                    }
                    after
                }
                Split::Part(part) => {
                    if let Some(stream) = self.streams.get(id) {
                        stream.keep(part);
                    }
                    break;
                }
                Split::TooLong => {
                    count(&self.counters.streams_too_long);
                    self.close_stream(id);
                    return false;
                }
            };
        }
        if more {
            self.streams.read_again(id);
        }
        more
    }

    /// False when the stream is gone.
    fn take_frame(&mut self, frame: &mut [u8], id: StreamId, from: SocketAddr, now: Time) -> bool {
        let Some(proven) = self.streams.get(id).map(|stream| stream.proven) else { return false };
        count(&self.counters.stream_frames_in);
        if frame.is_empty() {
            // RFC 4571 §2 has them: nothing.
            return true;
        }
        let path = Path::Tcp(id, from);
        if proven || Class::of(frame) == Class::Stun {
            self.guard(Work::Stranger, |worker| worker.take_datagram(frame, path, now));
        }
        if self.demux.peer_at(path).is_some() {
            self.streams.prove(id);
        } else {
            // Nothing but a check that is believed begins a stream; and one that is nobody's any more is of no use.
            if !proven {
                count(&self.counters.streams_disbelieved);
            }
            self.close_stream(id);
        }
        self.streams.get(id).is_some()
    }

    /// Closes streams whose peers are gone, or have too many of them.
    pub(super) fn close_orphans(&mut self) {
        while let Some(orphan) = self.demux.orphan() {
            self.close_stream(orphan);
        }
    }

    fn close_stream(&mut self, id: StreamId) {
        if let Some(from) = self.streams.close(id, &self.counters) {
            self.demux.end(id, from);
        }
    }
}
