//! The decision, and nothing else: from what somebody shows and what the room asks for to a grant or a refusal. No
//! clock, no key and no work here: what was shown is verified before.

use room::Admission;
use signal::{DisplayName, ErrorCode, ErrorInfo, Permissions, RoomName};

/// Who may enter rooms of which nothing else is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessPolicy {
    /// Whoever knows the name.
    Open,
    /// Nobody.
    Closed,
}

/// What the room asks of those who have no invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// Nothing is known of the room: it is as the policy says.
    Unknown,
    /// That one knows its name, which cannot be guessed.
    Link,
    /// Its password.
    Password,
    /// An invitation; there is nothing else to enter by.
    Invitation,
}

/// What was shown, as far as it was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing.
    Nothing,
    /// A password, and whether it is the room's.
    Password {
        /// False too if the room has none.
        right: bool,
    },
    /// An invitation that holds.
    Invitation(Grant),
    /// One that does not, whatever is wrong with it.
    Worthless,
}

/// What an invitation grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Where to.
    pub(crate) room: RoomName,
    /// To whom, in the words of whoever made it. For the log, and to keep out whom a moderator removes; nobody in the room
    /// is told.
    pub(crate) identity: Option<String>,
    /// What its bearer is called inside.
    pub(crate) name: Option<DisplayName>,
    /// What its bearer may do.
    pub(crate) permissions: Permissions,
}

/// The one refusal there is: it does not say whether there is such a room, nor what was wrong.
pub(crate) fn refusal() -> ErrorInfo {
    ErrorInfo::new(ErrorCode::NotAllowed)
}

/// Whether, and on what terms, somebody may come in.
///
/// # Errors
/// [`refusal`].
pub(crate) fn decide(
    policy: AccessPolicy,
    room: &RoomName,
    asks: Asks,
    shown: Shown,
) -> Result<Admission, ErrorInfo> {
    let anybody = Ok(Admission::default());
    let open = match (policy, asks) {
        (_, Asks::Password | Asks::Invitation) | (AccessPolicy::Closed, Asks::Unknown) => false,
        (AccessPolicy::Open, Asks::Unknown) | (_, Asks::Link) => true,
    };
    match shown {
        Shown::Invitation(Grant { room: to, name, permissions, identity }) if to == *room => {
            Ok(Admission { permissions, name, invited: true, identity, ..Admission::default() })
        }
        // Where nothing is asked for, what is shown in vain takes nothing away: it need not have been shown.
        Shown::Password { right: true } if asks == Asks::Password => anybody,
        Shown::Nothing | Shown::Password { .. } | Shown::Invitation(_) | Shown::Worthless => {
            if open {
                anybody
            } else {
                Err(refusal())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn room(name: &str) -> RoomName {
        RoomName::parse(name).unwrap()
    }

    fn grant(to: &str) -> Grant {
        let permissions = Permissions { publish: false, moderate: true, ..Permissions::default() };
        let name = Some(DisplayName::parse("Ada").unwrap());
        Grant { room: room(to), identity: None, name, permissions }
    }

    fn asks() -> impl Strategy<Value = Asks> {
        prop::sample::select(vec![Asks::Unknown, Asks::Link, Asks::Password, Asks::Invitation])
    }

    fn policy() -> impl Strategy<Value = AccessPolicy> {
        prop::sample::select(vec![AccessPolicy::Open, AccessPolicy::Closed])
    }

    fn shown() -> impl Strategy<Value = Shown> {
        prop_oneof![
            Just(Shown::Nothing),
            any::<bool>().prop_map(|right| Shown::Password { right }),
            prop::sample::select(vec!["tea", "mint"]).prop_map(|to| Shown::Invitation(grant(to))),
            Just(Shown::Worthless),
        ]
    }

    proptest! {
        /// The rule as a sentence, against the decision.
        #[test]
        fn one_enters_by_an_invitation_to_this_room_or_as_the_room_asks(
            policy in policy(), asks in asks(), shown in shown()
        ) {
            let invited = matches!(&shown, Shown::Invitation(grant) if grant.room == room("tea"));
            let knows = asks == Asks::Password && shown == Shown::Password { right: true };
            let free = asks == Asks::Link || asks == Asks::Unknown && policy == AccessPolicy::Open;
            let decided = decide(policy, &room("tea"), asks, shown);
            prop_assert_eq!(decided.is_ok(), invited || knows || free);
            match decided {
                Ok(admission) if invited => {
                    prop_assert_eq!(admission.permissions, grant("tea").permissions);
                    prop_assert_eq!(admission.name, grant("tea").name);
                }
                Ok(admission) => prop_assert_eq!(admission, Admission::default()),
                Err(error) => prop_assert_eq!(error, refusal()),
            }
        }

        /// Only an invitation makes somebody a moderator, or anything less than anybody.
        #[test]
        fn without_an_invitation_nobody_is_anything_special(policy in policy(), asks in asks(), right: bool) {
            for shown in [Shown::Nothing, Shown::Password { right }, Shown::Worthless] {
                if let Ok(admission) = decide(policy, &room("tea"), asks, shown) {
                    prop_assert!(admission.permissions.is_default());
                }
            }
        }
    }
}
