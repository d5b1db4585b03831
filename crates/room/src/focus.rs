//! Whom a player shows alone. It may be asked for before it comes, and again after it left: whoever has the id or
//! the name now is shown, and nobody else ever.

use crate::member::Member;
use signal::{DisplayName, ParticipantId};
use std::collections::BTreeMap;

/// A participant by its id, or else by its display name.
#[derive(Debug)]
pub(crate) struct Focus(DisplayName);

impl Focus {
    pub(crate) fn on(whom: DisplayName) -> Self {
        Self(whom)
    }

    /// Who that is now: of several with the name the newest that publishes anything, since whoever lost its
    /// connection and came again is still there under the same name for a while.
    pub(crate) fn find(&self, members: &BTreeMap<ParticipantId, Member>) -> Option<ParticipantId> {
        let by_id = || members.keys().find(|id| id.to_string() == self.0.as_str());
        let is_meant = |member: &Member| member.name == self.0 && !member.publications.is_empty();
        let by_name = || members.iter().rev().find(|(_, member)| is_meant(member)).map(|(id, _)| id);
        by_id().or_else(by_name).copied()
    }
}
