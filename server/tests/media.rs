//! Media over real sockets: bots in one process with the server, ICE and DTLS and SRTP and all.

#[cfg(test)]
mod house;

#[cfg(test)]
mod tests {
    use crate::house::House;
    use bot::{Bot, Options, Stats, Video};
    use std::collections::BTreeSet;
    use std::time::Duration;
    use transport::srtp::Profile;

    /// What feeds the slots, by the SSRC it is sent with.
    fn sources(stats: &Stats, video: bool) -> BTreeSet<u32> {
        let slots = stats.received.values().filter(|slot| slot.video == video && slot.packets > 0);
        slots.map(|slot| slot.source).collect()
    }

    /// No packet of any slot was lost and no number jumped.
    async fn is_seamless(bot: &Bot) {
        bot.until("nothing missing, and nothing lost for good", |stats, _| stats.is_seamless())
            .await
            .unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn everybody_hears_and_sees_everybody() {
        let house = House::open().await;
        let mut bots = Vec::new();
        for name in ["ada", "bo", "cy"] {
            bots.push(house.admit(Options::participant(&house.url, "tea", 2).named(name)).await);
        }
        for bot in &bots {
            bot.until("four slots with media", |stats, roster| {
                stats.received.values().filter(|slot| slot.packets >= 100).count() == 4
                    && roster.participants.len() == 3
            })
            .await
            .unwrap();
            let others = || bots.iter().filter(|other| other.participant() != bot.participant());
            assert_eq!(sources(&bot.stats(), false), others().map(|other| other.sends().audio).collect());
            assert_eq!(sources(&bot.stats(), true), others().map(|other| other.sends().video).collect());
            is_seamless(bot).await;
        }
        for bot in &bots {
            bot.until("reports and feedback", |stats, _| {
                stats.sent.transport_feedback > 0
                    && stats.received.values().all(|slot| slot.sender_reports > 0)
            })
            .await
            .unwrap();
        }
    }

    /// A late watcher starts on a keyframe that the server asked for.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_late_watcher_begins_with_a_keyframe() {
        let house = House::open().await;
        let hour = Duration::from_hours(1);
        let video = Some(Video { keyframe_every: hour, ..Video::default() });
        let publisher = house.admit(Options { video, ..Options::publisher(&house.url, "tea") }).await;
        publisher.until("half a second of video", |stats, _| stats.sent.video > 100).await.unwrap();
        let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
        watcher
            .until("pictures", |stats, _| {
                stats.received.values().any(|slot| slot.video && slot.packets >= 100)
            })
            .await
            .unwrap();
        is_seamless(&watcher).await;
        assert!(publisher.stats().sent.keyframe_requests > 0);
    }

    /// Five publish, two seats: as those who are seen leave, the others take their seats, and each slot's
    /// numbers go on as if there had been one sender.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_slots_sources_follow_each_other_without_a_jump() {
        let house = House::open().await;
        let mut publishers = Vec::new();
        for name in ["1", "2", "3", "4", "5"] {
            publishers.push(house.admit(Options::publisher(&house.url, "tea").named(name)).await);
        }
        let watcher = house.admit(Options::participant(&house.url, "tea", 2)).await;
        let mut seen: BTreeSet<u32> = BTreeSet::new();
        while publishers.len() >= 2 {
            watcher
                .until("two seats with media from who is there", |stats, _| {
                    let there: BTreeSet<u32> = publishers.iter().map(|bot| bot.sends().video).collect();
                    let now = sources(stats, true);
                    now.len() == 2 && now.is_subset(&there)
                })
                .await
                .unwrap();
            watcher.receives(100).await.unwrap();
            let now = sources(&watcher.stats(), true);
            seen.extend(now.iter());
            let leaver = publishers.iter().position(|bot| now.contains(&bot.sends().video)).unwrap();
            publishers.remove(leaver).leave().await.unwrap();
        }
        is_seamless(&watcher).await;
        let stats = watcher.stats();
        assert_eq!(seen.len(), 5, "everybody was seen");
        let taken: u64 = stats.received.values().filter(|slot| slot.video).map(|slot| slot.sources).sum();
        assert_eq!(taken, 5, "{stats:#?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_lost_on_the_way_down_is_sent_again() {
        let house = House::open().await;
        let _publisher = house.admit(Options::publisher(&house.url, "tea")).await;
        let options = Options::subscriber(&house.url, "tea");
        let watcher = house.admit(Options { loss_per_mille: 50, ..options }).await;
        watcher
            .until("20 packets healed", |stats, _| stats.received.values().any(|slot| slot.healed >= 20))
            .await
            .unwrap();
        watcher
            .until("nothing missing", |stats, _| stats.received.values().all(|slot| slot.missing == 0))
            .await
            .unwrap();
        let stats = watcher.stats();
        let video = stats.received.values().find(|slot| slot.video).unwrap();
        assert_eq!((video.lost, video.time_breaks, video.picture_breaks), (0, 0, 0), "{stats:#?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_lost_on_the_way_up_is_asked_for_again() {
        let house = House::open().await;
        let options = Options { audio: false, ..Options::publisher(&house.url, "tea") };
        let publisher = house.admit(Options { uplink_loss_per_mille: 50, ..options }).await;
        let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
        publisher.until("20 packets sent again", |stats, _| stats.sent.retransmitted >= 20).await.unwrap();
        watcher.receives(100).await.unwrap();
        watcher
            .until("nothing missing", |stats, _| stats.received.values().all(|slot| slot.missing == 0))
            .await
            .unwrap();
        let stats = watcher.stats();
        let video = stats.received.values().find(|slot| slot.video).unwrap();
        assert_eq!((video.lost, video.time_breaks, video.picture_breaks), (0, 0, 0), "{stats:#?}");
    }

    /// A new port, and checks with USE-CANDIDATE from there: media comes from there and goes there.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn media_follows_a_change_of_address() {
        let house = House::open().await;
        let publisher = house.admit(Options::publisher(&house.url, "tea")).await;
        let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
        watcher.receives(100).await.unwrap();
        for mover in [&publisher, &watcher] {
            let before = (mover.udp_addr(), mover.stats().paths_answered);
            mover.move_address();
            mover
                .until("the new path is answered", |stats, _| stats.paths_answered > before.1)
                .await
                .unwrap();
            assert_ne!(mover.udp_addr(), before.0);
            watcher.receives(200).await.unwrap();
        }
        watcher
            .until("something in each slot", |stats, _| stats.received.values().all(|slot| slot.packets > 0))
            .await
            .unwrap();
        let stats = watcher.stats();
        let jumps = |slot: &bot::Received| slot.time_breaks + slot.picture_breaks + slot.bad_starts;
        assert!(stats.received.values().all(|slot| jumps(slot) == 0), "{stats:#?}");
        assert!(stats.received.values().all(|slot| slot.sources == 1), "{stats:#?}");
        let report = house.report().await;
        assert_eq!(report.addresses, 4, "old addresses are remembered: {report:#?}");
    }

    /// The old address falls silent for good. Nobody may take the participant for lost on that account: the
    /// server's ICE gives a silent address up after 21 s.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_change_of_address_is_still_good_half_a_minute_later() {
        let house = House::open().await;
        let publisher = house.admit(Options::publisher(&house.url, "tea")).await;
        let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
        watcher.receives(100).await.unwrap();
        publisher.move_address();
        // 260 packets a second.
        for _ in 0..8 {
            watcher.receives(1000).await.unwrap();
        }
        assert_eq!(publisher.roster().errors, []);
        assert!(!publisher.roster().closed);
    }

    /// An ICE restart and more seats in one offer: new credentials, and the media stays.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn media_stays_through_an_ice_restart_with_more_seats() {
        let house = House::open().await;
        let _first = house.admit(Options::publisher(&house.url, "tea").named("1")).await;
        let second = house.admit(Options::publisher(&house.url, "tea").named("2")).await;
        let mut watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
        watcher.receives(100).await.unwrap();
        let old = watcher.answer().clone();
        watcher.renegotiate(2, true).await.unwrap();
        assert_ne!(watcher.answer().ice, old.ice);
        assert_eq!(watcher.answer().slots[..2], old.slots, "a slot keeps its SSRC");
        watcher
            .until("both, after new checks", |stats, _| {
                stats.paths_answered == 2 && sources(stats, true).contains(&second.sends().video)
            })
            .await
            .unwrap();
        watcher.receives(100).await.unwrap();
        is_seamless(&watcher).await;
    }

    /// One that speaks only the older SRTP profile watches one that prefers GCM, and the other way round.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn both_srtp_profiles_meet() {
        let house = House::open().await;
        let profiles = vec![Profile::Aes128CmSha1_80];
        let old = Options { profiles, ..Options::participant(&house.url, "tea", 1) };
        let old = house.admit(old.named("old")).await;
        let new = house.admit(Options::participant(&house.url, "tea", 1).named("new")).await;
        for bot in [&old, &new] {
            bot.until("both slots", |stats, _| stats.received.values().all(|slot| slot.packets > 100))
                .await
                .unwrap();
            is_seamless(bot).await;
            assert_eq!(bot.stats().refused, 0);
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn media_stays_while_signaling_is_lost_and_resumed() {
        let house = House::open().await;
        let mut publisher = house.admit(Options::publisher(&house.url, "tea")).await;
        let mut watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
        watcher.receives(100).await.unwrap();
        for bot in [&mut publisher, &mut watcher] {
            bot.lose_signaling().await;
        }
        watcher.receives(200).await.unwrap();
        for bot in [&mut publisher, &mut watcher] {
            bot.resume().await.unwrap();
        }
        watcher.receives(200).await.unwrap();
        is_seamless(&watcher).await;
        assert_eq!(house.counts().await.participants, 2);
        assert_eq!(watcher.roster().participants.len(), 2);
    }
}
