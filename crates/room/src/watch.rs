//! `view` and `prefer`: what a member wants to see, and how large. Sizes go to the media plane as they are;
//! preferences decide who is seated. Neither is answered, and what they name wrongly is passed over: it may
//! have gone while the message was on its way.

use crate::{Output, Rooms, refused};
use signal::limits::MAX_MEDIA_SECTIONS;
use signal::{ErrorCode, ErrorInfo, ParticipantId, PublicationId, SlotView};

impl Rooms {
    pub(crate) fn view(
        &mut self,
        participant: ParticipantId,
        mut slots: Vec<SlotView>,
    ) -> Result<(), ErrorInfo> {
        let Some(member) = self.directory.member(participant) else { return refused(ErrorCode::NotJoined) };
        slots.truncate(MAX_MEDIA_SECTIONS);
        slots.retain(|view| member.seating.has_video(&view.mid));
        if !slots.is_empty() {
            self.outbox.push(Output::View { participant, slots });
        }
        Ok(())
    }

    pub(crate) fn prefer(
        &mut self,
        participant: ParticipantId,
        publications: &[PublicationId],
    ) -> Result<(), ErrorInfo> {
        let room = self.directory.home(participant);
        let Some(member) = room.and_then(|room| room.members.get_mut(&participant)) else {
            return refused(ErrorCode::NotJoined);
        };
        member.seating.prefer(publications);
        Ok(())
    }
}
