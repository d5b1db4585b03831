//! SRTP of one association, from the client's side.

use transport::srtp::{BadKey, KeyingMaterial, OpenError, Opener, Profile, SealError, Sealer};

/// Both directions.
#[derive(Debug)]
pub(crate) struct Secure {
    sealer: Sealer,
    opener: Opener,
}

impl Secure {
    pub(crate) fn new(keys: &KeyingMaterial) -> Result<Self, BadKey> {
        Ok(Self {
            sealer: Sealer::new(keys.profile, &keys.client)?,
            opener: Opener::new(keys.profile, &keys.server)?,
        })
    }

    pub(crate) fn profile(&self) -> Profile {
        self.sealer.profile()
    }

    /// A packet with its tag.
    pub(crate) fn seal_rtp(
        &self,
        mut packet: Vec<u8>,
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<Vec<u8>, SealError> {
        packet.resize(packet.len() + self.profile().rtp_overhead(), 0);
        self.sealer.seal_rtp(&mut packet, header_len, ssrc, index)?;
        Ok(packet)
    }

    /// A compound with its tag and index.
    pub(crate) fn seal_rtcp(&mut self, mut compound: Vec<u8>) -> Result<Vec<u8>, SealError> {
        compound.resize(compound.len() + self.profile().rtcp_overhead(), 0);
        self.sealer.seal_rtcp(&mut compound)?;
        Ok(compound)
    }

    pub(crate) fn open_rtp<'a>(&mut self, datagram: &'a mut [u8]) -> Result<&'a [u8], OpenError> {
        let len = self.opener.open_rtp(datagram)?;
        datagram.get(..len).ok_or(OpenError::Malformed)
    }

    pub(crate) fn open_rtcp<'a>(&mut self, datagram: &'a mut [u8]) -> Result<&'a [u8], OpenError> {
        let len = self.opener.open_rtcp(datagram)?;
        datagram.get(..len).ok_or(OpenError::Malformed)
    }
}
