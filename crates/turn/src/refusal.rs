//! Why a request is refused (RFC 8489 §14.8, RFC 8656 §19).

/// See the module. Each is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It lacks something, or contradicts itself.
    BadRequest,
    /// Without credentials: every client asks like that at first.
    Unauthenticated,
    /// The credentials are none of ours, or the request was not made with them.
    WrongPassword,
    /// They were ours, and are over.
    Expired,
    /// To anything but our own media ports.
    Forbidden,
    /// It holds attributes that have to be understood, and are not.
    UnknownAttribute,
    /// There is no such allocation, or there is one already.
    Mismatch,
    /// The nonce is over, or another client's.
    StaleNonce,
    /// The allocation was made with other credentials.
    OthersAllocation,
    /// Such addresses are not relayed to.
    FamilyNotSupported,
    /// The allocation's address is of the other kind.
    PeerFamily,
    /// Only UDP is relayed.
    TransportNotSupported,
    /// This person has as many allocations as one may have.
    Quota,
    /// There are as many allocations as there may be in all, or no socket was to be had.
    Capacity,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::BadRequest,
        Self::Unauthenticated,
        Self::WrongPassword,
        Self::Expired,
        Self::Forbidden,
        Self::UnknownAttribute,
        Self::Mismatch,
        Self::StaleNonce,
        Self::OthersAllocation,
        Self::FamilyNotSupported,
        Self::PeerFamily,
        Self::TransportNotSupported,
        Self::Quota,
        Self::Capacity,
    ];

    /// In a word, for figures.
    pub fn name(self) -> &'static str {
        self.both().1
    }

    /// As clients are told.
    pub fn code(self) -> u16 {
        self.both().0
    }

    fn both(self) -> (u16, &'static str) {
        match self {
            Self::BadRequest => (400, "bad_request"),
            Self::Unauthenticated => (401, "unauthenticated"),
            Self::WrongPassword => (401, "wrong_password"),
            Self::Expired => (401, "expired"),
            Self::Forbidden => (403, "forbidden"),
            Self::UnknownAttribute => (420, "unknown_attribute"),
            Self::Mismatch => (437, "mismatch"),
            Self::StaleNonce => (438, "stale_nonce"),
            Self::OthersAllocation => (441, "wrong_credentials"),
            Self::FamilyNotSupported => (440, "family_not_supported"),
            Self::PeerFamily => (443, "peer_family"),
            Self::TransportNotSupported => (442, "transport_not_supported"),
            Self::Quota => (486, "quota"),
            Self::Capacity => (508, "capacity"),
        }
    }

    /// ERROR-CODE's value. The answers that anybody can get have no words: they must not be larger than what was
    /// asked by much.
    pub(crate) fn value(self) -> Vec<u8> {
        let (code, name) = self.both();
        let words = if code == 401 || code == 438 || code == 400 { "" } else { name };
        let (hundreds, rest) = (code / 100, code % 100);
        let mut value: Vec<u8> =
            [0, 0].into_iter().chain([hundreds, rest].map(|n| n.to_le_bytes()[0])).collect();
        value.extend(words.as_bytes());
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_in_hundreds() {
        assert_eq!(Refusal::StaleNonce.value(), [0, 0, 4, 38]);
        assert_eq!(Refusal::Quota.value(), b"\0\0\x04\x56quota");
    }

    #[test]
    fn each_has_a_name_of_its_own() {
        let mut names = Refusal::ALL.map(Refusal::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Refusal::ALL.len());
    }
}
