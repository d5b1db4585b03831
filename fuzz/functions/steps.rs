//! The input of a fuzzer that plays a conversation: a row of steps, each a byte and what it needs.

/// What is left of it. Past its end everything is zero or empty.
pub struct Steps<'a>(pub &'a [u8]);

impl<'a> Steps<'a> {
    /// The next step, if there is one.
    pub fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub fn byte(&mut self) -> u8 {
        self.next().unwrap_or_default()
    }

    pub fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// As many bytes as the two before them say, 2047 at most.
    pub fn bytes(&mut self) -> &'a [u8] {
        let len = usize::from(self.word() & 0x7ff).min(self.0.len());
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        taken
    }

    /// A place in something of this length.
    pub fn place(&mut self, len: usize) -> usize {
        usize::from(self.word()) % len.max(1)
    }

    /// One to four bytes of a packet are changed.
    pub fn change(&mut self, packet: &mut [u8], times: u8) {
        for _ in 0..=times & 3 {
            let place = self.place(packet.len());
            let mask = self.byte();
            if let Some(byte) = packet.get_mut(place) {
                *byte ^= mask;
            }
        }
    }
}
