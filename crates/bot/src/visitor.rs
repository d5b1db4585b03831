//! A participant over HTTP: WHIP (RFC 9725) or WHEP (draft-ietf-wish-whep), by which m-lines it offers.

use crate::answer::{Answer, AnswerError};
use crate::crowd::Shared;
use crate::dice::random_u32;
use crate::dtls::{DtlsError, Identity};
use crate::handle::start_media;
use crate::http::{Response, request};
use crate::ice::Credentials;
use crate::offer::{OfferSpec, SendSsrcs, keep_lines, write_offer};
use crate::options::Options;
use crate::stats::Stats;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is waited for must have come by then; far longer than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a condition is looked at while waiting for it.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Why a visitor is not in, or was not understood.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// The server could not be reached.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The server said no, or something else than it should.
    #[error("the server answered {0:?}")]
    Refused(Box<Response>),
    /// The answer is of no use.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// No certificate.
    #[error(transparent)]
    Identity(#[from] DtlsError),
    /// What was waited for did not come about.
    #[error("not in time: {0}\n{1:#?}")]
    TimedOut(String, Box<Stats>),
}

/// A participant whose session is an HTTP resource. Dropping it cuts its media without a goodbye.
pub struct Visitor {
    server: SocketAddr,
    ice: Credentials,
    sends: SendSsrcs,
    answer: Answer,
    location: String,
    etag: String,
    shared: Arc<Shared>,
}

impl Visitor {
    /// Posts an offer of these m-lines to `target`, a path with its query; media comes up on its own.
    ///
    /// # Errors
    /// When the server refuses, or cannot be reached.
    pub async fn enter(
        server: SocketAddr,
        target: &str,
        options: Options,
        mids: &[&str],
    ) -> Result<Self, VisitError> {
        let identity = Identity::generate()?;
        let ice = Credentials::random();
        let sends = SendSsrcs { audio: random_u32(), video: random_u32(), rtx: random_u32() };
        let offer = write_offer(&OfferSpec {
            ice: &ice,
            fingerprint: &identity.fingerprint,
            sends,
            seats: options.seats,
            version: 1,
            reports_arrivals: options.reports_arrivals,
            data: false,
        });
        let offer = keep_lines(&offer, mids);
        let head = [("Content-Type", "application/sdp")];
        let response = request(server, "POST", target, &head, offer.as_bytes()).await?;
        let told = |name| response.header(name).map(str::to_owned);
        let (201, Some(location), Some(etag)) = (response.status, told("location"), told("etag")) else {
            return Err(VisitError::Refused(Box::new(response)));
        };
        let answer = Answer::parse(&response.body)?;
        let shared = start_media(&options, identity, ice.clone(), &answer, sends)?;
        Ok(Self { server, ice, sends, answer, location, etag, shared })
    }

    /// The path of its resource.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The entity-tag of its ICE session.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// The server's end, as of the first answer.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// What its send lines send with.
    pub fn sends(&self) -> SendSsrcs {
        self.sends
    }

    /// What it has seen of media so far.
    pub fn stats(&self) -> Stats {
        self.shared.agent().stats.clone()
    }

    /// Waits until something holds.
    ///
    /// # Errors
    /// When that does not come about in time.
    pub async fn until(&self, what: &str, condition: impl Fn(&Stats) -> bool) -> Result<(), VisitError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let stats = self.stats();
            if condition(&stats) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(VisitError::TimedOut(what.to_owned(), Box::new(stats)));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Restarts ICE by a fragment.
    ///
    /// # Errors
    /// When the server refuses, or cannot be reached.
    pub async fn restart_ice(&mut self) -> Result<(), VisitError> {
        let ice = Credentials::random();
        let head = [("Content-Type", "application/trickle-ice-sdpfrag"), ("If-Match", "*")];
        let response =
            request(self.server, "PATCH", &self.location, &head, fragment(&ice).as_bytes()).await?;
        let (200, Some(etag)) = (response.status, response.header("etag").map(str::to_owned)) else {
            return Err(VisitError::Refused(Box::new(response)));
        };
        let value = |key: &'static str| {
            let line = response.body.lines().find_map(|line| line.strip_prefix(key));
            line.map(str::to_owned).ok_or_else(|| VisitError::Refused(Box::new(response.clone())))
        };
        let remote = Credentials { ufrag: value("a=ice-ufrag:")?, password: value("a=ice-pwd:")? };
        self.shared.agent().restart_ice(ice.clone(), remote, Instant::now());
        self.shared.wake();
        (self.ice, self.etag) = (ice, etag);
        Ok(())
    }

    /// Tells a candidate under these conditions.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn trickle(&self, condition: Option<&str>) -> io::Result<Response> {
        let mut head = vec![("Content-Type", "application/trickle-ice-sdpfrag")];
        head.extend(condition.map(|condition| ("If-Match", condition)));
        request(self.server, "PATCH", &self.location, &head, fragment(&self.ice).as_bytes()).await
    }

    /// Deletes its resource.
    ///
    /// # Errors
    /// When the server refuses, or cannot be reached.
    pub async fn leave(self) -> Result<(), VisitError> {
        let response = request(self.server, "DELETE", &self.location, &[], b"").await?;
        if response.status == 200 { Ok(()) } else { Err(VisitError::Refused(Box::new(response))) }
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.shared.leave();
    }
}

fn fragment(ice: &Credentials) -> String {
    format!(
        "a=ice-options:trickle ice2\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=ice-ufrag:{}\r\n\
         a=ice-pwd:{}\r\na=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\na=end-of-candidates\r\n",
        ice.ufrag, ice.password
    )
}
