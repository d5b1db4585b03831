//! A server with too much to do: it sends less video and all of the sound, opens no room, lets people into those that
//! are there, says so, and recovers by itself. Too much is made so here by what the server takes for too much.

#[cfg(test)]
mod house;

#[cfg(test)]
mod tests {
    use crate::house::{House, NEVER_BUSY};
    use bot::http::{Response, request};
    use bot::{Bot, Credentials, JoinError, OfferSpec, Options, SendSsrcs, Stats, keep_lines, write_offer};
    use signal::{ErrorCode, RoomStatus};
    use std::time::Duration;

    const PATIENCE: Duration = Duration::from_mins(1);

    async fn get(house: &House, target: &str, headers: &[(&str, &str)]) -> Response {
        request(house.running.http_addr(), "GET", target, headers, b"").await.unwrap()
    }

    /// One of the metrics.
    async fn metric(house: &House, name: &str) -> f64 {
        let page = get(house, "/metrics", &[]).await;
        let value = page.body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name} in\n{}", page.body))
    }

    async fn until_metric(house: &House, name: &str, is: impl Fn(f64) -> bool) {
        let looks = tokio::time::timeout(PATIENCE, async {
            while !is(metric(house, name).await) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        assert!(looks.await.is_ok(), "{name} is {}", metric(house, name).await);
    }

    fn packets(stats: &Stats, video: bool) -> u64 {
        stats.received.values().filter(|slot| slot.video == video).map(|slot| slot.packets).sum()
    }

    async fn refusal(house: &House, room: &str) -> Option<ErrorCode> {
        match Bot::join(Options::subscriber(&house.url, room)).await {
            Err(JoinError::Refused(info)) => Some(info.code),
            Err(other) => panic!("{other}"),
            Ok(_) => None,
        }
    }

    async fn check_status(house: &House, room: &str, participants: u32, overloaded: bool) {
        let answer = get(house, &format!("/api/rooms/{room}"), &[]).await;
        let mode = (participants > 0).then_some(signal::RoomMode::Auto);
        let status = RoomStatus {
            room: room.to_owned(),
            participants,
            max_participants: 2000,
            overloaded,
            closed: false,
            mode,
        };
        assert_eq!(answer.body, signal::encode(&status));
        assert_eq!(answer.body.contains("overloaded"), overloaded, "left out otherwise");
    }

    async fn whip(house: &House, room: &str) -> Response {
        let fingerprint = ["AB"; 32].join(":");
        let (sends, ice) = (SendSsrcs { audio: 1, video: 2, rtx: 3 }, Credentials::random());
        let spec = OfferSpec {
            ice: &ice,
            fingerprint: &fingerprint,
            sends,
            seats: 0,
            version: 1,
            reports_arrivals: true,
            data: false,
        };
        let offer = keep_lines(&write_offer(&spec), &["0", "1"]);
        let head = [("Content-Type", "application/sdp")];
        let target = format!("/whip/{room}");
        request(house.running.http_addr(), "POST", &target, &head, offer.as_bytes()).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_refuses_new_rooms_keeps_those_it_has_and_recovers() {
        let house = House::open().await;
        let publisher = house.admit(Options::publisher(&house.url, "tea")).await;
        let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
        watcher.until("video", |stats, _| packets(stats, true) > 100).await.unwrap();
        let worker = |name: &str| format!("madang_worker_{name}{{worker=\"0\"}}");
        assert_eq!(metric(&house, &worker("shed_ratio")).await.to_bits(), 0f64.to_bits());

        house.running.set_busy_limit(0);
        until_metric(&house, &worker("shed_ratio"), |shed| shed >= 1.0).await;
        until_metric(&house, "madang_slots_shed_whole", |slots| slots >= 1.0).await;
        assert_eq!(refusal(&house, "mint").await, Some(ErrorCode::Overloaded));
        check_status(&house, "mint", 0, true).await;
        check_status(&house, "tea", 2, false).await;
        let answer = whip(&house, "mint").await;
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(
            answer.header("retry-after").is_some() && answer.body.contains("\"overloaded\""),
            "{answer:?}"
        );
        assert!(metric(&house, "madang_rooms_refused_total").await >= 2.0);
        assert_eq!((house.counts().await.rooms, house.counts().await.joining), (1, 0), "nothing is left");
        assert_eq!(house.report().await.peers, 2, "nor of a peer");

        let guest = house.admit(Options::subscriber(&house.url, "tea")).await;
        guest.until("sound", |stats, _| packets(stats, false) > 100).await.unwrap();
        let (heard, seen) = (packets(&watcher.stats(), false), packets(&watcher.stats(), true));
        watcher.until("sound goes on", |stats, _| packets(stats, false) > heard + 100).await.unwrap();
        assert_eq!(packets(&watcher.stats(), true), seen, "while pictures do not");
        watcher.until("it is told", |_, roster| !roster.paused.is_empty()).await.unwrap();

        // However full the machine is, this is not too much.
        house.running.set_busy_limit(NEVER_BUSY);
        until_metric(&house, &worker("overloaded"), |overloaded| overloaded < 1.0).await;
        watcher.until("video", |stats, _| packets(stats, true) > seen + 100).await.unwrap();
        watcher.until("it is told again", |_, roster| roster.paused.is_empty()).await.unwrap();
        assert_eq!(refusal(&house, "mint").await, None);
        check_status(&house, "basil", 0, false).await;
        watcher
            .until("sound without a gap", |stats, _| {
                stats.received.values().any(|slot| !slot.video && slot.is_seamless())
            })
            .await
            .unwrap();
        drop(publisher);
    }
}
