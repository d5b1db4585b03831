//! What the media plane measures and decides reaches those it concerns, through the whole server.

#[cfg(test)]
mod house;

#[cfg(test)]
mod tests {
    use crate::house::House;
    use bot::{Bot, Options, Stats};
    use signal::{ClientMessage, Limit, LineQuality, Mid, SlotView};

    async fn shows(bot: &Bot, width: u16, height: u16) {
        let mid = video_slot(bot);
        bot.say(ClientMessage::View { slots: vec![SlotView { mid, width, height }] }).await;
    }

    fn video_slot(bot: &Bot) -> Mid {
        let stats = bot.stats();
        let slot = stats.received.values().find(|slot| slot.video).expect("a video slot");
        Mid(slot.mid.clone())
    }

    /// The publisher's bot sends 30 frames a second at some two megabits, and speaks all the time.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn everybody_is_told_how_their_media_flows() {
        let house = House::open().await;
        let publisher = house.admit(Options::publisher(&house.url, "tea")).await;
        let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
        watcher.receives(300).await.unwrap();
        let slot = video_slot(&watcher);
        watcher
            .until("a picture's figures", |_, roster| {
                let quality = roster.quality.clone().unwrap_or_default();
                let shown =
                    |line: &LineQuality| line.mid == slot && line.frames > 10 && line.bitrate > 500_000;
                quality.slots.iter().any(shown)
                    && quality.downlink.estimate.is_some_and(|estimate| estimate > 500_000)
                    && quality.downlink.bitrate > 500_000
            })
            .await
            .unwrap();
        assert!(watcher.roster().quality.expect("told").sending.is_empty());
        publisher
            .until("its own figures", |_, roster| {
                let quality = roster.quality.clone().unwrap_or_default();
                quality.sending.iter().any(|line| line.frames > 10 && line.limit == Limit::None)
            })
            .await
            .unwrap();
        let id = publisher.participant();
        watcher.until("who speaks", |_, roster| roster.speakers == [id]).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_nobody_looks_at_is_neither_sent_nor_made() {
        let house = House::open().await;
        let publisher = house.admit(Options::publisher(&house.url, "tea")).await;
        let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
        watcher.receives(300).await.unwrap();
        shows(&watcher, 0, 0).await;
        let wanted = |none: bool| move |wanted: &Vec<u8>| wanted.is_empty() == none;
        publisher
            .until("nobody wants the picture", |_, roster| roster.wanted.values().any(wanted(true)))
            .await
            .unwrap();
        let before = house.report().await.forward.rtp_packets_out;
        assert_eq!(house.counts().await.participants, 2);
        let video = |bot: &Bot| bot.stats().received.values().find(|slot| slot.video).unwrap().packets;
        let sound = |stats: &Stats| stats.received.values().find(|slot| !slot.video).unwrap().packets;
        // It comes by the same way as the last pictures, and behind them.
        let heard = sound(&watcher.stats());
        watcher
            .until("what was on its way", |stats, _| {
                sound(stats) > heard + 50 && stats.received.values().all(|slot| slot.missing == 0)
            })
            .await
            .unwrap();
        let seen = video(&watcher);
        watcher.until("sound goes on", |stats, _| sound(stats) > heard + 300).await.unwrap();
        assert_eq!(video(&watcher), seen, "no picture to a slot that is not shown");
        assert!(house.report().await.forward.rtp_packets_out > before, "sound is");

        shows(&watcher, 640, 360).await;
        publisher
            .until("it is wanted again", |_, roster| roster.wanted.values().all(wanted(false)))
            .await
            .unwrap();
        watcher
            .until("and seen", |stats, _| {
                stats.received.values().any(|slot| slot.video && slot.packets > seen + 100)
            })
            .await
            .unwrap();
    }

    /// A path that carries a tenth of the picture: the picture waits, is said to, and sound does not.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_picture_the_path_cannot_carry_is_paused_and_said_to_be() {
        let house = House::open().await;
        let _publisher = house.admit(Options::publisher(&house.url, "tea")).await;
        let options = Options { loss_per_mille: 700, ..Options::subscriber(&house.url, "tea") };
        let watcher = house.admit(options).await;
        let slot = video_slot(&watcher);
        watcher.until("paused", |_, roster| roster.paused == [slot.clone()]).await.unwrap();
        let sound = |bot: &Bot| bot.stats().received.values().find(|slot| !slot.video).unwrap().packets;
        let heard = sound(&watcher);
        watcher
            .until("sound goes on", |stats, _| {
                stats.received.values().any(|slot| !slot.video && slot.packets > heard + 50)
            })
            .await
            .unwrap();
    }
}
