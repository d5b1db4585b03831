//! One TCP stream: what has come of a frame, and frames that wait for the kernel to take them.

use super::framing::{HEAD, MAX_FRAME};
use crate::path::StreamId;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// Bytes of frames that wait for a stream's kernel buffer to have room: a picture of 60 kB, or a quarter of a second at
/// 2 Mbit/s. What has no room any more is dropped, frame by frame, and counted: who cannot take it has lost it, as over
/// UDP, and asks again for what it misses.
pub const WAITING: usize = 64 * 1024;

/// Of a frame that was to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It leaves now or waits.
    Taken,
    /// There was no room.
    NoRoom,
    /// It could not be written, or the stream is gone.
    Failed,
}

/// See the module.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a state of its own, and all combine")]
pub struct Stream {
    pub id: StreamId,
    pub from: SocketAddr,
    socket: TcpStream,
    /// It brought a check that was believed.
    pub proven: bool,
    /// It is in the list of those to be read.
    pub ready: bool,
    /// It is in the list of those to be written.
    pub dirty: bool,
    /// The kernel's buffer is full, until it says that it is not.
    pub blocked: bool,
    /// The other end has said that it sends no more, or the stream broke: what is there is read up to its end.
    pub ends: bool,
    /// A frame that has not come whole.
    partial: Vec<u8>,
    /// Frames from `written` on.
    waiting: Vec<u8>,
    written: usize,
}

/// What came of a look at a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    /// So many bytes are there, with those kept from before; and whether there may be more.
    Bytes(usize, bool),
    /// Nothing came.
    Nothing,
    /// It has ended.
    End,
}

impl Stream {
    pub fn new(id: StreamId, from: SocketAddr, socket: TcpStream) -> Self {
        Self {
            id,
            from,
            socket,
            proven: false,
            ready: false,
            dirty: false,
            blocked: false,
            ends: false,
            partial: Vec::new(),
            waiting: Vec::new(),
            written: 0,
        }
    }

    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// From now on it is sent to. All the memory that it will ever use is had now.
    pub fn prove(&mut self) {
        self.proven = true;
        self.partial.reserve_exact(HEAD + MAX_FRAME);
        self.waiting.reserve_exact(WAITING);
    }

    /// Reads into `scratch`, behind what was kept.
    pub fn fill(&mut self, scratch: &mut [u8]) -> Filled {
        let kept = self.partial.len();
        let Some((head, room)) = scratch.split_at_mut_checked(kept) else { return Filled::End };
        let filled = match self.socket.read(room) {
            Ok(0) => return Filled::End,
            // A read that was not filled has emptied the socket; only the end is not seen that way.
            Ok(count) => Filled::Bytes(kept + count, count == room.len() || self.ends),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => return Filled::Nothing,
                io::ErrorKind::Interrupted => Filled::Bytes(kept, true),
                _ => return Filled::End,
            },
        };
        head.copy_from_slice(&self.partial);
        self.partial.clear();
        filled
    }

    /// Keeps a frame that has not come whole: less than the longest there is.
    pub fn keep(&mut self, part: &[u8]) {
        self.partial.extend_from_slice(part);
    }

    /// Lets `write` fill a frame, and has it wait.
    pub fn add(&mut self, len: usize, write: impl FnOnce(&mut [u8]) -> bool) -> Fate {
        let need = HEAD + len;
        if self.waiting.len() + need > WAITING {
            if self.flush().is_err() {
                return Fate::Failed;
            }
            self.waiting.drain(..self.written);
            self.written = 0;
        }
        let start = self.waiting.len();
        let (true, Ok(head)) = (start + need <= WAITING, u16::try_from(len)) else { return Fate::NoRoom };
        self.waiting.extend_from_slice(&head.to_be_bytes());
        self.waiting.resize(start + need, 0);
        let filled = self.waiting.get_mut(start + HEAD..).is_some_and(write);
        if !filled {
            self.waiting.truncate(start);
            return Fate::Failed;
        }
        Fate::Taken
    }

    /// Writes what waits, as far as the kernel takes it.
    ///
    /// # Errors
    /// The stream is broken.
    pub fn flush(&mut self) -> io::Result<()> {
        while !self.blocked
            && let Some(rest) = self.waiting.get(self.written..).filter(|rest| !rest.is_empty())
        {
            match self.socket.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.blocked = true,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.written >= self.waiting.len() {
            self.waiting.clear();
            self.written = 0;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::framing::{Split, split};
    use super::*;
    use std::net::TcpListener;

    /// A stream with a small kernel buffer, and its other end.
    fn pair() -> (Stream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let theirs = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (ours, from) = listener.accept().unwrap();
        ours.set_nonblocking(true).unwrap();
        socket2::SockRef::from(&ours).set_send_buffer_size(4096).unwrap();
        let mut stream = Stream::new(StreamId { place: 0, number: 0 }, from, ours);
        stream.prove();
        (stream, theirs)
    }

    /// A frame whose bytes say which it is.
    fn add(stream: &mut Stream, number: usize, len: usize) -> Fate {
        let mark = u8::try_from(number % 251).unwrap();
        stream.add(len, |room| {
            room.fill(mark);
            true
        })
    }

    #[test]
    fn a_reader_that_is_slow_loses_whole_frames_and_never_part_of_one() {
        let (mut stream, mut theirs) = pair();
        let (mut taken, mut dropped, mut read) = (vec![], 0, vec![]);
        // The reader takes less than half of it.
        for number in 0..20_000 {
            let len = 1 + number * 7 % 1400;
            match add(&mut stream, number, len) {
                Fate::Taken => taken.push((u8::try_from(number % 251).unwrap(), len)),
                Fate::NoRoom => dropped += 1,
                Fate::Failed => panic!("it is not broken"),
            }
            assert!(stream.waiting.len() <= WAITING && stream.waiting.capacity() == WAITING);
            // The kernel would say so.
            stream.blocked = false;
            stream.flush().unwrap();
            if number % 2 == 0 {
                let mut some = [0; 333];
                theirs.set_nonblocking(true).unwrap();
                let count = theirs.read(&mut some).unwrap_or(0);
                read.extend_from_slice(&some[..count]);
            }
        }
        assert!(dropped > 1000, "{dropped}");
        theirs.set_nonblocking(false).unwrap();
        let reading = std::thread::spawn(move || {
            theirs.read_to_end(&mut read).unwrap();
            read
        });
        while stream.waiting.len() > stream.written {
            stream.blocked = false;
            stream.flush().unwrap();
            std::thread::yield_now();
        }
        drop(stream);
        let mut read = reading.join().unwrap();
        let (mut rest, mut frames) = (&mut read[..], vec![]);
        loop {
            rest = match split(rest) {
                Split::Frame(frame, after) => {
                    assert!(frame.iter().all(|byte| *byte == frame[0]));
                    frames.push((frame[0], frame.len()));
                    after
                }
                Split::Part(part) => break assert!(part.is_empty(), "part of a frame: {part:?}"),
                Split::TooLong => panic!("out of step"),
            }
        }
        assert_eq!(frames, taken);
    }

    #[test]
    fn a_frame_that_is_not_written_after_all_leaves_nothing_behind() {
        let (mut stream, mut theirs) = pair();
        assert_eq!(stream.add(10, |_| false), Fate::Failed);
        assert_eq!(add(&mut stream, 5, 2), Fate::Taken);
        stream.flush().unwrap();
        let mut read = [0; 4];
        theirs.read_exact(&mut read).unwrap();
        assert_eq!(read, [0, 2, 5, 5]);
    }

    #[test]
    fn a_stream_that_was_cut_fails() {
        let (mut stream, theirs) = pair();
        drop(theirs);
        let mut scratch = [0; 16];
        while stream.fill(&mut scratch) == Filled::Nothing {
            std::thread::yield_now();
        }
        assert_eq!(stream.fill(&mut scratch), Filled::End);
    }
}
