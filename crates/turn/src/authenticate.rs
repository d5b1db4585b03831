//! Whose a request is (RFC 8489 §9.2.4), and what those are told who have not shown it.

use crate::counters::add;
use crate::credentials;
use crate::message::{Class, Message, kind};
use crate::write::{Writer, integrity_key};
use crate::{Client, Now, Refusal, Relay, Way};
use aws_lc_rs::hmac;

/// Part of what passwords are hashed with, and shown by nobody.
pub(crate) const REALM: &str = "madang";

/// Somebody whose password was good.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) username: String,
    pub(crate) key: hmac::Key,
    /// Who it is, whichever of its credentials these are.
    pub(crate) person: u64,
    /// Whether the credentials are good for something new.
    pub(crate) is_current: bool,
}

impl Relay {
    /// Whose it is. Whether its credentials are over is another question, and asked of new allocations alone.
    pub(crate) fn authenticate(
        &self,
        client: Client,
        message: &Message<'_>,
        now: Now,
    ) -> Result<User, Refusal> {
        if !message.has_integrity() {
            return Err(Refusal::Unauthenticated);
        }
        let all = (message.text(kind::USERNAME), message.text(kind::REALM), message.text(kind::NONCE));
        let (Some(username), Some(realm), Some(nonce)) = all else { return Err(Refusal::BadRequest) };
        if !self.authority.knows_nonce(nonce, client, now) {
            return Err(Refusal::StaleNonce);
        }
        let key = integrity_key(username, REALM, &self.authority.password(username));
        let ours = credentials::read(username).filter(|_| realm == REALM && message.verify(&key));
        let (until, person) = ours.ok_or(Refusal::WrongPassword)?;
        Ok(User { username: username.to_owned(), key, person, is_current: until > now.as_secs() })
    }

    /// Whether somebody unknown is answered once more. On a stream always: its address is nobody else's, so the answer
    /// bothers nobody, and who forges datagrams in its name takes nothing from it.
    pub(crate) fn is_answered(&mut self, client: Client, now: Now) -> bool {
        let answered = match client.way {
            Way::Stream(_) => true,
            Way::Datagram => self.budget.take(client.address.ip(), now),
        };
        if !answered {
            add(&mut self.counters.unanswered, 1);
        }
        answered
    }

    /// Refuses somebody unknown. The answer is signed by nobody, small, and given so often.
    pub(crate) fn turn_away(&mut self, client: Client, message: &Message<'_>, refusal: Refusal, now: Now) {
        self.counters.refuse(refusal);
        if !self.is_answered(client, now) {
            return;
        }
        let answer = Writer::new(message.method, Class::Error, message.transaction);
        let answer = answer.with(kind::ERROR_CODE, &refusal.value());
        let answer =
            if refusal == Refusal::BadRequest { answer } else { self.with_nonce(answer, client, now) };
        self.answer(client, answer.finish(None));
    }

    pub(crate) fn with_nonce(&self, answer: Writer, client: Client, now: Now) -> Writer {
        let nonce = self.authority.nonce(client, now);
        answer.with(kind::REALM, REALM.as_bytes()).with(kind::NONCE, nonce.as_bytes())
    }
}
