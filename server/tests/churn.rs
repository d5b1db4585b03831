//! People come and go a thousand times, and the server is what it was: no task, socket, table entry or
//! memory is left of them. One test, in a process of its own, because it counts what the process holds.

#[cfg(test)]
mod house;

#[cfg(test)]
mod tests {
    use crate::house::House;
    use bot::{Bot, Identity, Options};
    use std::time::{Duration, Instant};

    /// Joins before anything is compared: pools, caches and the allocator's arenas are warm by then.
    const WARM_UP: usize = 300;
    const JOINS: usize = 1000;
    /// Each so-many-th bot brings its media up and receives some; the others only signal and negotiate.
    const WITH_MEDIA: usize = 10;
    /// Each so-many-th is cut off instead of saying goodbye; few, since each keeps its place, and its memory,
    /// for the resume window of 30 s, or 10 where its media came and is lost.
    const CUT_OFF: usize = 20;
    /// What the resident set may grow over a thousand joins. A PeerConnection is some 120 kB: had every
    /// hundredth stayed, it would be more than a megabyte, and had all stayed, 120 MB. The rest is the
    /// allocator's: glibc gives memory back unwillingly, and more so with two threads on a busy machine.
    const RSS_TOLERANCE: u64 = 8 << 20;
    const PATIENCE: Duration = Duration::from_mins(1);

    /// What the process holds.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Holdings {
        tasks: usize,
        descriptors: usize,
        peers: usize,
        ufrags: usize,
        addresses: usize,
        sizes: forward::Sizes,
        counts: room::Counts,
    }

    async fn holdings(house: &House) -> Holdings {
        let mut report = house.report().await;
        // Packets that are missing just now are no matter.
        report.sizes.missing = 0;
        Holdings {
            tasks: tokio::runtime::Handle::current().metrics().num_alive_tasks(),
            descriptors: std::fs::read_dir("/proc/self/fd").unwrap().count(),
            peers: report.peers,
            ufrags: report.ufrags,
            addresses: report.addresses,
            sizes: report.sizes,
            counts: house.counts().await,
        }
    }

    fn resident() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    async fn come_and_go(house: &House, identity: &Identity, number: usize) {
        let media = number.is_multiple_of(WITH_MEDIA);
        let options = Options { media, ..Options::participant(&house.url, "revolving-door", 2) };
        let bot = Bot::join_as(options, identity.clone()).await.unwrap();
        if media {
            bot.connected().await.unwrap();
            bot.receives(1).await.unwrap();
        }
        if number % CUT_OFF == 1 {
            drop(bot);
        } else {
            bot.leave().await.unwrap();
        }
    }

    /// Waits until the host's audio and video have both come: their histories are made with the first packet.
    async fn media_flows(house: &House) {
        let deadline = Instant::now() + PATIENCE;
        while house.report().await.forward.rtp_packets_in < 1000 {
            assert!(Instant::now() < deadline, "the host sends nothing");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until as much is held as before, and says what is not.
    async fn settles(house: &House, before: Holdings) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = holdings(house).await;
            if now == before {
                return;
            }
            assert!(Instant::now() < deadline, "before {before:#?}\nnow {now:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_thousand_visits_leave_nothing_behind() {
        let house = House::open().await;
        let identity = Identity::generate().unwrap();
        // Somebody is there all the time, so that the room lives on and its tables are used.
        let host = house.admit(Options::publisher(&house.url, "revolving-door")).await;
        media_flows(&house).await;
        let before = holdings(&house).await;
        for number in 0..WARM_UP {
            come_and_go(&house, &identity, number).await;
        }
        settles(&house, before).await;
        let resident_before = resident();
        for number in 0..JOINS {
            come_and_go(&house, &identity, number).await;
        }
        settles(&house, before).await;
        let grown = resident().saturating_sub(resident_before);
        println!("{} kB more resident after {JOINS} visits", grown / 1024);
        assert!(grown <= RSS_TOLERANCE, "{grown} bytes more, from {resident_before}");
        assert!(host.stats().is_connected() && !host.roster().closed);
    }
}
