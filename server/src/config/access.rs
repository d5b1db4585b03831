//! Settings: who may enter.

use crate::Secret;
use crate::front::Reach;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Who may enter a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AccessMode {
    /// Whoever knows a room's name.
    Open,
    /// Whoever has a room's secret link, its password or an invitation.
    Closed,
    /// Open where only this machine, or its local network, can reach the pages, closed elsewhere.
    #[default]
    Auto,
}

/// Who may enter, and who decides about it.
#[derive(Clone, Debug, Default, Args)]
pub struct AccessSettings {
    /// Who may enter a room. `open`: whoever knows its name. `closed`: whoever has its secret link, its password or an
    /// invitation, all of which whoever has the --admin-key makes. `auto`: open while pages are served to this
    /// machine alone (--http), or to the local network (--lan), and closed otherwise, a --trusted-proxy in front
    /// included. Where `auto` leaves rooms open the server answers to no names but this machine's own and those that
    /// --allow-origin or --acme give, so that pages of other sites cannot come in by a name that leads here
    #[arg(
        help_heading = "Who may enter",
        long = "access",
        env = "MADANG_ACCESS",
        value_name = "MODE",
        value_enum,
        default_value = "auto"
    )]
    pub mode: AccessMode,

    /// The key of whoever makes rooms and invitations, at /admin or by /api: at least 16 characters. Unset: there is no
    /// such page and no such API. In the environment it is seen by fewer than on the command line
    #[arg(
        help_heading = "Who may enter",
        long,
        env = "MADANG_ADMIN_KEY",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub admin_key: Option<Secret>,

    /// The secret that signs invitations (HS256), at least 32 characters: whoever has it can invite to any room. Unset,
    /// and no --token-key either: one that is made the first time, and kept in the --state folder
    #[arg(
        help_heading = "Who may enter",
        long,
        env = "MADANG_TOKEN_SECRET",
        value_name = "SECRET",
        hide_env_values = true,
        conflicts_with = "token_key"
    )]
    pub token_secret: Option<Secret>,

    /// A file with an Ed25519 key (PEM) for invitations (`EdDSA`) instead. The public one lets invitations in that are
    /// made elsewhere; with the private one they are made here, too
    #[arg(help_heading = "Who may enter", long, env = "MADANG_TOKEN_KEY", value_name = "FILE")]
    pub token_key: Option<PathBuf>,
}

impl AccessMode {
    /// Whether rooms are closed when so many reach the pages.
    pub(crate) fn is_closed_to(self, reach: Reach) -> bool {
        match self {
            Self::Open => false,
            Self::Closed => true,
            Self::Auto => match reach {
                Reach::Machine | Reach::Lan => false,
                Reach::World => true,
            },
        }
    }

    /// Whether they are open only because so few do.
    pub(crate) fn is_open_by_place(self, reach: Reach) -> bool {
        self == Self::Auto && !self.is_closed_to(reach)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_word_rooms_are_open_to_this_machine_alone() {
        for (http, closed) in [
            ("127.0.0.1:8080", false),
            ("127.1.2.3:8080", false),
            ("[::1]:8080", false),
            ("[::ffff:127.0.0.1]:8080", false),
            ("0.0.0.0:8080", true),
            ("[::]:8080", true),
            ("192.0.2.7:443", true),
        ] {
            let reach = Reach::of(http.parse().unwrap());
            assert_eq!(AccessMode::default().is_closed_to(reach), closed, "{http}");
            assert_eq!(AccessMode::default().is_open_by_place(reach), !closed, "{http}");
            assert!(!AccessMode::Open.is_closed_to(reach) && !AccessMode::Open.is_open_by_place(reach));
            assert!(AccessMode::Closed.is_closed_to(reach));
        }
        assert!(!AccessMode::default().is_closed_to(Reach::Lan));
    }
}
