//! What goes into a direct connection and what comes out, beside the session's own inputs and outputs.

use crate::Connectivity;
use signal::{CallNumber, DirectTrack, IceCandidate, Mid, PeerMessage, Sdp, Source};

/// What the caller must do with a direct connection, strictly in order: the next only when the one before is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectOrder {
    /// Make it: a peer connection, and the data channel [`signal::CHANNEL_LABEL`] on it.
    Open,
    /// Make an offer and set it as the local description; answer with [`DirectEvent::OfferMade`] or
    /// [`DirectEvent::Failed`]. The first has the four lines that send and receive: microphone, camera, screen, screen audio.
    Offer {
        /// With new ICE credentials (`restartIce`).
        ice_restart: bool,
    },
    /// Set this offer as the remote description, taking back one's own if there is one (`rollback`); send on its lines; make an answer and set it as
    /// the local description; answer with [`DirectEvent::AnswerMade`] or [`DirectEvent::Failed`].
    Answer {
        /// The whole description.
        offer: Sdp,
    },
    /// Set this answer as the remote description; answer with [`DirectEvent::Failed`] if that fails.
    Accept {
        /// The whole description.
        answer: Sdp,
    },
    /// Try this address too. One that cannot be used is passed over.
    AddCandidate(IceCandidate),
    /// Say this on the data channel.
    Say(PeerMessage),
    /// Send pictures on it, or none from now on: the other one looks at none. A connection sends them until told otherwise.
    SendPictures(bool),
    /// Close it, without an answer.
    Close,
}

/// What a direct connection has to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectEvent {
    /// The offer asked for is the local description.
    OfferMade(Sdp),
    /// The answer asked for is the local description.
    AnswerMade(Sdp),
    /// The browser could not make or apply a description. In words, for the log.
    Failed(String),
    /// The browser gathered an address; with an empty `candidate` there are no more.
    Gathered(IceCandidate),
    /// Its state changed.
    Connectivity(Connectivity),
    /// The data channel is open. Which line sends which source.
    Opened(Vec<(Source, Mid)>),
    /// The other one said something on it.
    Heard(PeerMessage),
    /// All that the other one says it sends (see [`DirectView::tracks`]) has come: a picture was decoded of each,
    /// and packets of each sound. Nothing is needed of what is muted. May be told again and again.
    Plays,
    /// The same of what the other one sends by the server, since the path was last [`Way::Returning`]: of each
    /// feed that is not muted, has a slot, and is looked at.
    ServerPlays,
    /// What came since this was told last, about half a second ago.
    Measured {
        /// Packets of media.
        packets: u32,
        /// Packets missed.
        lost: u32,
    },
}

/// By which way one sees and hears another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// By the server.
    #[default]
    Server,
    /// By the server, while a direct connection is tried beside it. In a room without the server: not yet.
    Trying,
    /// Directly.
    Direct,
    /// On the way back to the server: still directly, until its picture is back.
    Returning,
    /// By none: nobody connects straight in this room but all, and here it failed.
    None,
}

/// A direct connection as the views, and those who fetch its tracks, need to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectView {
    /// Which.
    pub call: CallNumber,
    /// What the other one says that it sends on it.
    pub tracks: Vec<DirectTrack>,
}

/// From where a feed's picture or sound is to be taken now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// From its slot, if it has one.
    #[default]
    Server,
    /// From this line of the direct connection to its owner.
    Direct(Mid),
}
