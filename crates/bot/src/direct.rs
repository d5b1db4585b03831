//! A bot without a conversation: whoever has it carries its offer to the server and the answer back. For tests of
//! the transport with no server around it.

use crate::agent::Agent;
use crate::answer::Answer;
use crate::crowd::{Crowd, Shared};
use crate::dice::random_u32;
use crate::dtls::Identity;
use crate::handle::JoinError;
use crate::ice::Credentials;
use crate::offer::{OfferSpec, SendSsrcs, write_offer};
use crate::options::Options;
use crate::stats::Stats;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

/// The media of one participant. Dropping it falls silent without a goodbye.
#[derive(Debug)]
pub struct Direct {
    options: Options,
    identity: Identity,
    ice: Credentials,
    sends: SendSsrcs,
    media: Option<Arc<Shared>>,
}

impl Direct {
    /// One that will do this. Of the options, those about signaling are of no account.
    pub fn new(options: Options, identity: Identity) -> Self {
        let sends = SendSsrcs { audio: random_u32(), video: random_u32(), rtx: random_u32() };
        Self { options, identity, ice: Credentials::random(), sends, media: None }
    }

    /// Its offer.
    pub fn offer(&self) -> String {
        let (seats, version) = (self.options.seats, 1);
        let fingerprint = &self.identity.fingerprint;
        write_offer(&OfferSpec {
            ice: &self.ice,
            fingerprint,
            sends: self.sends,
            seats,
            version,
            reports_arrivals: true,
            data: self.options.data,
        })
    }

    /// Connects, as the answer says.
    ///
    /// # Errors
    /// When the answer is of no use, or there is no socket.
    pub fn connect(&mut self, answer: &str, crowd: &Crowd) -> Result<(), JoinError> {
        let answer = Answer::parse(answer)?;
        let server = answer
            .candidate(IpAddr::V4(Ipv4Addr::LOCALHOST), self.options.carrier)
            .ok_or(JoinError::TimedOut)?;
        let (identity, ice) = (self.identity.clone(), self.ice.clone());
        let agent = Agent::new(&self.options, identity, ice, &answer, server, self.sends, Instant::now());
        self.media = Some(crowd.add(agent, self.options.carrier)?);
        Ok(())
    }

    /// Looks at what it has seen of media so far; nothing before it connects.
    pub fn look<T>(&self, at: impl FnOnce(&Stats) -> T) -> Option<T> {
        self.media.as_ref().map(|shared| at(&shared.agent().stats))
    }
}

impl Drop for Direct {
    fn drop(&mut self) {
        if let Some(shared) = &self.media {
            shared.leave();
        }
    }
}
