//! Several workers: rooms are spread over them, and a room that outgrows one spans two without anybody noticing.

#[cfg(test)]
mod house;

#[cfg(test)]
mod tests {
    use crate::house::House;
    use bot::{Bot, Crowd, Identity, Options, Video};
    use signal::{ClientMessage, Mid, SlotView};
    use std::collections::BTreeMap;
    use std::num::NonZeroUsize;
    use std::time::Duration;

    /// Whoever comes after the second has no room on the first worker.
    const SOON: usize = 3;

    /// Rooms span both as soon as one has so much to do.
    async fn two_workers(span_at: usize) -> House {
        House::with(|config| {
            config.workers = NonZeroUsize::new(2).unwrap();
            config.span_at = span_at;
        })
        .await
    }

    fn port(bot: &Bot) -> u16 {
        bot.answer().candidates[0].port()
    }

    async fn is_seamless(bot: &Bot) {
        bot.until("nothing missing, and nothing lost for good", |stats, _| stats.is_seamless())
            .await
            .unwrap();
    }

    async fn shows(bot: &Bot, width: u16, height: u16) {
        let slot = bot.answer().slots.iter().find(|slot| slot.video).expect("a video slot");
        let slots = vec![SlotView { mid: Mid(slot.mid.clone()), width, height }];
        bot.say(ClientMessage::View { slots }).await;
    }

    /// Nothing is left of anybody on any worker.
    async fn is_empty(house: &House) {
        let looks = tokio::time::timeout(Duration::from_secs(30), async {
            while house.report().await.sizes.peers > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        assert!(looks.await.is_ok(), "{:#?}", house.report().await);
        let sizes = house.report().await.sizes;
        assert_eq!((sizes.publications, sizes.streams, sizes.slots, sizes.groups), (0, 0, 0, 0));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn rooms_are_spread_over_the_workers() {
        let house = two_workers(transport::SPAN_AT).await;
        assert_eq!(house.running.udp_addrs().len(), 2);
        let mut ports = Vec::new();
        for room in ["tea", "mint"] {
            let publisher = house.admit(Options::publisher(&house.url, room)).await;
            let watcher = house.admit(Options::subscriber(&house.url, room)).await;
            watcher.receives(100).await.unwrap();
            assert_eq!(port(&publisher), port(&watcher), "one room, one worker");
            ports.push((port(&watcher), publisher, watcher));
        }
        assert_ne!(ports[0].0, ports[1].0);
        for (_, _, watcher) in &ports {
            is_seamless(watcher).await;
        }
        assert_eq!(house.report().await.sizes.peers, 4, "nobody is a guest");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_room_on_two_workers_sees_and_hears_as_one() {
        let house = two_workers(SOON).await;
        let mut bots = Vec::new();
        for name in ["ada", "bo", "cy", "di"] {
            bots.push(house.admit(Options::participant(&house.url, "tea", 3).named(name)).await);
        }
        let first = port(&bots[0]);
        assert!(bots.iter().any(|bot| port(bot) != first), "it spans both");
        for bot in &bots {
            bot.until("six slots with media", |stats, _| {
                stats.received.values().filter(|slot| slot.packets >= 100).count() == 6
            })
            .await
            .unwrap();
            is_seamless(bot).await;
            bot.until("everybody speaks", |_, roster| roster.speakers.len() == 4).await.unwrap();
        }
        assert_eq!(house.report().await.transport.relay_full, 0);
        while let Some(bot) = bots.pop() {
            bot.leave().await.unwrap();
        }
        is_empty(&house).await;
        assert_eq!(house.counts().await.participants, 0);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_worker_needs_one_port() {
        let house = House::open().await;
        assert_eq!(house.running.udp_addrs().len(), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_comes_to_another_worker_gets_a_keyframe() {
        let house = two_workers(SOON).await;
        let publisher = house.admit(Options::publisher(&house.url, "tea")).await;
        let near = house.admit(Options::subscriber(&house.url, "tea")).await;
        near.receives(100).await.unwrap();
        for _ in 0..3 {
            let far = house.admit(Options::subscriber(&house.url, "tea")).await;
            assert_ne!(port(&far), port(&publisher));
            far.receives(100).await.unwrap();
            is_seamless(&far).await;
            far.leave().await.unwrap();
        }
        is_seamless(&near).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_somebody_on_another_worker_looks_at_is_made() {
        let house = two_workers(SOON).await;
        let publisher = house.admit(Options::publisher(&house.url, "tea")).await;
        let near = house.admit(Options::subscriber(&house.url, "tea")).await;
        near.receives(100).await.unwrap();
        let far = house.admit(Options::subscriber(&house.url, "tea")).await;
        assert_ne!(port(&far), port(&publisher));
        far.receives(100).await.unwrap();
        let wanted = async |wanted: &[u8]| {
            publisher
                .until("to be told", |_, roster| {
                    roster.wanted.values().next().is_some_and(|told| told == wanted)
                })
                .await
                .unwrap();
        };
        for bot in [&near, &far] {
            shows(bot, 0, 0).await;
        }
        wanted(&[]).await;
        shows(&far, 640, 360).await;
        wanted(&[0]).await;
        far.leave().await.unwrap();
        wanted(&[]).await;
        shows(&near, 640, 360).await;
        wanted(&[0]).await;
        near.receives(100).await.unwrap();
    }

    /// Those who watch in the next test: unoptimised, a core carries no more.
    const AUDIENCE: usize = if cfg!(debug_assertions) { 200 } else { 1000 };

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_who_sends_to_a_large_audience_on_two_workers_is_seen_and_heard_by_all() {
        let house = two_workers(AUDIENCE / 2).await;
        let (crowd, identity) = (Crowd::start().unwrap(), Identity::generate().unwrap());
        let camera = Video { frame_rate: 10, packets_per_frame: 2, ..Video::default() };
        let sending = Options { video: Some(camera), ..Options::publisher(&house.url, "square") };
        let mut bots = vec![house.admit(Options { crowd: Some(crowd.clone()), ..sending }).await];
        for number in 0..AUDIENCE {
            let options = Options::subscriber(&house.url, "square").named(&format!("watcher {number}"));
            let options = Options { crowd: Some(crowd.clone()), open_every: 8, ..options };
            let bot = Bot::join_as(options, identity.clone()).await.unwrap();
            bot.connected().await.unwrap();
            bots.push(bot);
        }
        let mut on_each = BTreeMap::new();
        for bot in &bots[1..] {
            *on_each.entry(port(bot)).or_insert(0_usize) += 1;
            bot.until("pictures and sound", |stats, _| {
                let come =
                    |video| stats.received.values().any(|slot| slot.video == video && slot.packets >= 20);
                come(true) && come(false)
            })
            .await
            .unwrap();
        }
        assert_eq!(on_each.len(), 2, "{on_each:?}");
        assert!(on_each.values().all(|watchers| *watchers >= AUDIENCE / 10), "{on_each:?}");
        assert_eq!(house.report().await.transport.relay_full, 0, "nothing is lost between workers");
    }
}
