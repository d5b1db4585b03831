//! The browser has another network. Whatever went over the old one may be dead without a sign: the socket is
//! asked, media is given another path, direct connections are given up, and whoever waits to get back waits no longer.

use crate::{Now, Session};

impl Session {
    pub(crate) fn network_changed(&mut self, now: Now) {
        if self.next_attempt().is_some() {
            self.attempt(now);
        }
        if self.is_live() {
            self.probe_link(now);
            self.media.network_changed();
            self.renegotiate(now);
        }
        // Also while the socket is away: another network is what most often takes it.
        self.direct_network_changed(now);
    }
}
