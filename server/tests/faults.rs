//! Faults stay where they are: a panic in one peer's work ends that peer, one in nobody's ends what its worker has and
//! nothing else, and a worker that hangs is noticed. The faults are planted (`transport`'s feature `fault-injection`).

#[cfg(test)]
mod house;

#[cfg(test)]
mod tests {
    use crate::house::House;
    use bot::http::request;
    use bot::{Bot, Credentials, OfferSpec, Options, SendSsrcs, write_offer};
    use signal::{ErrorCode, LeaveReason};
    use std::num::NonZeroUsize;
    use std::time::Duration;
    use transport::{DataConfig, Event, GroupId, PeerKey, Sending, Site, Transport};

    const PATIENCE: Duration = Duration::from_mins(1);

    /// A bot that is in, and the media plane's name for it.
    async fn admit(house: &House, options: Options) -> (Bot, PeerKey) {
        let everybody = |house: &House| {
            let workers = 0..house.running.transport().loads().len();
            workers.flat_map(|worker| house.running.transport().peers_on(worker)).collect::<Vec<_>>()
        };
        let before = everybody(house);
        let bot = house.admit(options).await;
        let key = everybody(house).into_iter().find(|key| !before.contains(key));
        (bot, key.expect("somebody new"))
    }

    async fn is_sent_away(bot: &Bot) {
        bot.until("to be sent away", |_, roster| roster.closed).await.unwrap();
        let codes: Vec<ErrorCode> = bot.roster().errors.iter().map(|error| error.code).collect();
        assert_eq!(codes, [ErrorCode::MediaFailed]);
    }

    /// So many more packets come, none is missing, and pictures have no holes.
    async fn goes_on(bot: &Bot) {
        let so_far = bot.stats().packets();
        bot.until("more packets", |stats, _| stats.packets() > so_far + 200).await.unwrap();
        bot.until("nothing missing, and nothing lost for good", |stats, _| stats.is_seamless())
            .await
            .unwrap();
        assert!(!bot.roster().closed);
    }

    async fn workers(number: usize) -> House {
        House::with(|config| config.workers = NonZeroUsize::new(number).unwrap()).await
    }

    /// A publisher, and a receiver besides the one concerned, whom nothing may happen to.
    async fn ends_one_alone(site: Site, hurts_a_sender: bool) {
        let house = House::open().await;
        let (sender, _) = admit(&house, Options::publisher(&house.url, "tea").named("sender")).await;
        let (other, _) = admit(&house, Options::subscriber(&house.url, "tea").named("other")).await;
        let hurt = if hurts_a_sender { Options::publisher } else { Options::subscriber };
        let (hurt, key) = admit(&house, hurt(&house.url, "tea").named("hurt")).await;
        other.receives(100).await.unwrap();
        if !hurts_a_sender {
            hurt.receives(100).await.unwrap();
        }
        house.running.transport().plant(key, site).await;
        is_sent_away(&hurt).await;
        other
            .until("to hear of it", |_, roster| matches!(roster.left[..], [(_, LeaveReason::MediaFailed)]))
            .await
            .unwrap();
        goes_on(&other).await;
        assert!(!sender.roster().closed);
        let report = house.report().await;
        assert_eq!((report.transport.peer_panics, report.peers), (1, 2));
        assert_eq!(house.counts().await.participants, 2);
        assert_eq!(house.running.transport().loads()[0].restarts, 0);
        // And whoever is hurt may come back.
        let (again, _) = admit(&house, Options::subscriber(&house.url, "tea").named("hurt")).await;
        again.receives(100).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_panic_over_a_senders_packet_ends_the_sender_alone() {
        ends_one_alone(Site::Ingest, true).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_panic_on_the_way_to_a_receiver_ends_the_receiver_alone() {
        ends_one_alone(Site::Flush, false).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_panic_in_somebodys_timers_ends_that_one_alone() {
        ends_one_alone(Site::Timers, false).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_worker_that_panics_begins_anew_and_others_notice_nothing() {
        let house = workers(2).await;
        let (sender, key) = admit(&house, Options::publisher(&house.url, "tea")).await;
        let (watcher, _) = admit(&house, Options::subscriber(&house.url, "tea")).await;
        let (_elsewhere, _) = admit(&house, Options::publisher(&house.url, "mint")).await;
        let (untouched, _) = admit(&house, Options::subscriber(&house.url, "mint")).await;
        watcher.receives(100).await.unwrap();
        untouched.receives(100).await.unwrap();
        let port = watcher.answer().candidates[0].port();
        assert_ne!(untouched.answer().candidates[0].port(), port);
        house.running.transport().plant(key, Site::Group).await;
        is_sent_away(&sender).await;
        is_sent_away(&watcher).await;
        goes_on(&untouched).await;
        let restarts: Vec<u64> =
            house.running.transport().loads().iter().map(|worker| worker.restarts).collect();
        assert_eq!(restarts, [1, 0]);
        // They come back, to the same port.
        let (_sender, _) = admit(&house, Options::publisher(&house.url, "tea")).await;
        let (watcher, _) = admit(&house, Options::subscriber(&house.url, "tea")).await;
        watcher.receives(100).await.unwrap();
        assert_eq!(watcher.answer().candidates[0].port(), port);
        assert_eq!(house.report().await.peers, 4);
    }

    /// Told at once: their clients would find out by themselves too, and late.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whose_worker_began_anew_is_told_by_name() {
        let any = "127.0.0.1:0".parse().unwrap();
        let (transport, mut events) = Transport::start(&transport::Config {
            udp: any,
            ice_tcp: false,
            advertised: Vec::new(),
            max_audible: 6,
            max_bitrate: None,
            workers: NonZeroUsize::MIN,
            flush_deadline: Duration::ZERO,
            span_at: transport::SPAN_AT,
            stall_after: PATIENCE,
            data: DataConfig { reliable: 1, unreliable: 2, message: 1000, buffer: 1000 },
        })
        .unwrap();
        let offer = write_offer(&OfferSpec {
            ice: &Credentials::random(),
            fingerprint: &["00"; 32].join(":"),
            sends: SendSsrcs { audio: 1, video: 2, rtx: 3 },
            seats: 1,
            version: 1,
            reports_arrivals: false,
            data: false,
        });
        let (key, _) = transport.open_peer(GroupId(1), &offer, Sending::Taken).await.unwrap();
        assert!(transport.stands(key));
        transport.plant(key, Site::Group).await;
        // Another one who could speak has the group looked at.
        let _ = transport.open_peer(GroupId(1), &offer, Sending::Taken).await;
        assert_eq!(events.recv().await, Some(Event::Faulted(key)));
        assert!(!transport.stands(key));
    }

    /// A room that spans two workers, of which one begins anew: those on the other stay, and see who comes back.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn of_a_room_on_two_workers_one_half_stays_and_the_other_comes_back() {
        let house = House::with(|config| {
            config.workers = NonZeroUsize::new(2).unwrap();
            config.span_at = 3;
        })
        .await;
        let mut bots = Vec::new();
        for name in ["ada", "bo", "cy", "di"] {
            bots.push(admit(&house, Options::participant(&house.url, "tea", 3).named(name)).await);
        }
        let first = house.running.transport().peers_on(0);
        assert!(!first.is_empty() && first.len() < 4, "{first:?}");
        house.running.transport().plant(first[0], Site::Group).await;
        let (mut stay, mut come_back) = (Vec::new(), Vec::new());
        for (bot, key) in bots {
            if first.contains(&key) {
                is_sent_away(&bot).await;
                let name = bot.roster().participants.values().next().map(|_| "again");
                come_back.push(
                    admit(&house, Options::participant(&house.url, "tea", 3).named(name.unwrap())).await.0,
                );
            } else {
                stay.push(bot);
            }
        }
        for bot in stay.iter().chain(&come_back) {
            let so_far: u64 = bot.stats().packets();
            bot.until("six slots with media", |stats, roster| {
                roster.slots.len() == 6 && stats.packets() > so_far + 300
            })
            .await
            .unwrap();
            bot.until("everybody speaks", |_, roster| roster.speakers.len() == 4).await.unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_worker_that_hangs_is_noticed_and_its_rooms_go_elsewhere() {
        let house = House::with(|config| {
            config.workers = NonZeroUsize::new(2).unwrap();
            config.steady.stall_after = Duration::from_secs(1);
        })
        .await;
        let (sender, _) = admit(&house, Options::publisher(&house.url, "tea")).await;
        let port = sender.answer().candidates[0].port();
        let transport = house.running.transport().clone();
        transport.stall(0, Duration::from_secs(15)).await;
        is_sent_away(&sender).await;
        assert!(transport.loads()[0].still);
        let status = async |path| request(house.running.http_addr(), "GET", path, &[], b"").await.unwrap();
        let ill = status("/healthz").await;
        assert_eq!((ill.status, ill.body.as_str()), (503, "media worker 0 stands still\n"));
        for _ in 0..3 {
            let (again, _) = admit(&house, Options::publisher(&house.url, "tea")).await;
            assert_ne!(again.answer().candidates[0].port(), port);
        }
        let goes_on = tokio::time::timeout(PATIENCE, async {
            while transport.loads()[0].still {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        goes_on.await.expect("it wakes");
        assert_eq!((status("/healthz").await.status, status("/readyz").await.status), (200, 200));
        let (mint, _) = admit(&house, Options::publisher(&house.url, "mint")).await;
        assert_eq!(mint.answer().candidates[0].port(), port, "it is given work again");
    }
}
