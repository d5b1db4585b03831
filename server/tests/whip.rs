//! WHIP and WHEP on a whole server: who comes over HTTP is a participant like any other, and every answer has the
//! status that RFC 9725 gives it.

#[cfg(test)]
mod house;

#[cfg(test)]
mod tests {
    use crate::house::House;
    use bot::http::{Response, request};
    use bot::{Bot, Credentials, OfferSpec, Options, Roster, SendSsrcs, Stats, Visitor};
    use bot::{keep_lines, write_offer};
    use signal::limits::MAX_CLIENT_MESSAGE;
    use signal::{LeaveReason, Source};
    use std::collections::BTreeSet;

    const SDP: (&str, &str) = ("Content-Type", "application/sdp");
    const FRAGMENT: (&str, &str) = ("Content-Type", "application/trickle-ice-sdpfrag");
    /// The m-lines of a publisher, and of a player with one seat.
    const SENDS: [&str; 2] = ["0", "1"];
    const SLOTS: [&str; 2] = ["2", "3"];

    impl House {
        async fn publisher(&self, target: &str, mids: &[&str]) -> Visitor {
            let options = Options {
                audio: mids.contains(&"0"),
                video: Options::publisher("", "").video.filter(|_| mids.contains(&"1")),
                ..Options::publisher(&self.url, "tea")
            };
            Visitor::enter(self.running.http_addr(), target, options, mids).await.unwrap()
        }

        async fn player(&self, target: &str) -> Visitor {
            let options = Options::subscriber(&self.url, "tea");
            Visitor::enter(self.running.http_addr(), target, options, &SLOTS).await.unwrap()
        }

        async fn ask(&self, method: &str, target: &str, head: &[(&str, &str)], body: &str) -> Response {
            request(self.running.http_addr(), method, target, head, body.as_bytes()).await.unwrap()
        }
    }

    fn offer(mids: &[&str]) -> String {
        let fingerprint = ["AB"; 32].join(":");
        let sends = SendSsrcs { audio: 1, video: 2, rtx: 3 };
        let ice = Credentials::random();
        let spec = OfferSpec {
            ice: &ice,
            fingerprint: &fingerprint,
            sends,
            seats: 1,
            version: 1,
            reports_arrivals: true,
            data: false,
        };
        keep_lines(&write_offer(&spec), mids)
    }

    /// What feeds the slots, by the SSRC it is sent with.
    fn sources(stats: &Stats) -> BTreeSet<u32> {
        stats.received.values().filter(|slot| slot.packets > 0).map(|slot| slot.source).collect()
    }

    async fn sees(watcher: &Bot, name: &str, expected: &[Source]) {
        let sources = |info: &signal::ParticipantInfo| {
            info.publications.iter().map(|publication| publication.source).collect::<Vec<_>>()
        };
        watcher
            .until("somebody of that name", |_, roster| {
                roster.participants.values().any(|info| info.name == name && sources(info) == expected)
            })
            .await
            .unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_publishes_over_http_is_seen_and_heard_like_anybody() {
        let house = House::open().await;
        let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
        let publisher = house.publisher("/whip/tea?name=Ada%20L", &SENDS).await;
        sees(&watcher, "Ada L", &[Source::Microphone, Source::Camera]).await;
        let expected = BTreeSet::from([publisher.sends().audio, publisher.sends().video]);
        watcher.until("both", |stats, _| sources(stats) == expected && stats.packets() >= 200).await.unwrap();
        publisher.leave().await.unwrap();
        watcher.until("it left", |_, roster| roster.participants.len() == 1).await.unwrap();
        assert!(watcher.roster().left.iter().any(|(_, reason)| *reason == LeaveReason::Left));
        assert_eq!(house.counts().await.resources, 0);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_offer_may_hold_audio_or_video_alone() {
        let house = House::open().await;
        let watcher = house.admit(Options::participant(&house.url, "tea", 2)).await;
        let audio = house.publisher("/whip/tea?name=ears", &["0"]).await;
        let video = house.publisher("/whip/tea?name=eyes", &["1"]).await;
        sees(&watcher, "ears", &[Source::Microphone]).await;
        sees(&watcher, "eyes", &[Source::Camera]).await;
        let expected = BTreeSet::from([audio.sends().audio, video.sends().video]);
        watcher.until("both", |stats, _| sources(stats) == expected).await.unwrap();
        assert_eq!(house.report().await.peers, 3);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_player_gets_what_the_room_sends() {
        let house = House::open().await;
        let publisher = house.admit(Options::publisher(&house.url, "tea").named("ada")).await;
        let player = house.player("/whep/tea").await;
        let expected = BTreeSet::from([publisher.sends().audio, publisher.sends().video]);
        player
            .until("both slots", |stats| sources(stats) == expected && stats.packets() > 200)
            .await
            .unwrap();
        sees(&publisher, "Player", &[]).await;
    }

    /// Before it comes, while another is there, and after it left.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_player_of_one_participant_plays_nobody_else() {
        let house = House::open().await;
        let _other = house.admit(Options::publisher(&house.url, "tea").named("bo")).await;
        let by_name = house.player("/whep/tea?participant=ada&name=one").await;
        let ada = house.publisher("/whip/tea?name=ada", &SENDS).await;
        let expected = BTreeSet::from([ada.sends().audio, ada.sends().video]);
        by_name.until("ada", |stats| sources(stats) == expected && stats.packets() > 100).await.unwrap();
        ada.leave().await.unwrap();
        let again = house.admit(Options::publisher(&house.url, "tea").named("ada")).await;
        let expected = BTreeSet::from([again.sends().audio, again.sends().video]);
        by_name.until("ada again", |stats| sources(stats) == expected).await.unwrap();
        let by_id = house.player(&format!("/whep/tea?participant={}", again.participant())).await;
        by_id.until("ada by her id", |stats| sources(stats) == expected).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn media_stays_through_an_ice_restart() {
        let house = House::open().await;
        let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
        let mut publisher = house.publisher("/whip/tea", &SENDS).await;
        watcher.receives(100).await.unwrap();
        let before = publisher.etag().to_owned();
        assert_eq!(publisher.trickle(Some(&before)).await.unwrap().status, 204);
        publisher.restart_ice().await.unwrap();
        assert_ne!(publisher.etag(), before);
        publisher.until("new checks", |stats| stats.paths_answered == 2).await.unwrap();
        watcher.receives(200).await.unwrap();
        assert_eq!(publisher.trickle(Some(&before)).await.unwrap().status, 412, "its ICE session is over");
        assert_eq!(publisher.trickle(Some(publisher.etag())).await.unwrap().status, 204);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_resource_answers_as_its_state_is() {
        let house = House::open().await;
        let publisher = house.publisher("/whip/tea", &SENDS).await;
        let (at, etag) = (publisher.location().to_owned(), publisher.etag().to_owned());
        let trickled = publisher.trickle(Some(&etag)).await.unwrap();
        assert_eq!((trickled.status, trickled.header("etag")), (204, None));
        assert_eq!(publisher.trickle(Some("*")).await.unwrap().status, 204, "the same credentials");
        assert_eq!(publisher.trickle(None).await.unwrap().status, 428);
        assert_eq!(publisher.trickle(Some("\"other\"")).await.unwrap().status, 412);
        let matched = ("If-Match", etag.as_str());
        let wrong_type = house.ask("PATCH", &at, &[SDP, matched], "a=mid:0\r\n").await;
        assert_eq!(wrong_type.status, 415);
        assert_eq!(wrong_type.header("accept-patch"), Some("application/trickle-ice-sdpfrag"));
        assert_eq!(house.ask("PATCH", &at, &[FRAGMENT, matched], "{}").await.status, 400);
        // By one byte: all of it is read before it is refused.
        let mut long = "a=x\r\n".repeat(MAX_CLIENT_MESSAGE / 5 + 1);
        long.truncate(MAX_CLIENT_MESSAGE + 1);
        assert_eq!(house.ask("PATCH", &at, &[FRAGMENT, matched], &long).await.status, 413);
        for method in ["GET", "PUT", "POST"] {
            let refused = house.ask(method, &at, &[], "").await;
            assert_eq!(refused.status, 405, "{method}");
            assert!(refused.header("allow").is_some_and(|allow| allow.contains("PATCH")), "{refused:?}");
        }
        assert_eq!(house.ask("DELETE", &at, &[], "").await.status, 200);
        assert_eq!(house.ask("DELETE", &at, &[], "").await.status, 404);
        assert_eq!(house.ask("PATCH", &at, &[FRAGMENT, matched], "a=mid:0\r\n").await.status, 404);
        assert_eq!(house.ask("DELETE", "/whip/tea/nonsense", &[], "").await.status, 404);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_endpoint_says_what_is_wrong_with_a_request() {
        let house = House::with(|config| {
            config.front.allow_origin = vec!["https://example.org".parse().unwrap()];
        })
        .await;
        let (send, receive) = (offer(&SENDS), offer(&SLOTS));
        let unbundled = send.replace("a=group:BUNDLE", "a=group:LS");
        for (target, head, body, expected) in [
            ("/whip/tea", &[SDP][..], send.as_str(), 201),
            ("/whip/tea", &[SDP, ("Authorization", "Bearer anything")], &send, 201),
            ("/whep/tea?name=Eve&token=x", &[SDP], &receive, 201),
            ("/whip/%EB%A7%88%EB%8B%B9", &[SDP], &send, 201),
            ("/whip/tea", &[], &send, 415),
            ("/whip/tea", &[("Content-Type", "application/json")], "{}", 415),
            ("/whip/tea", &[SDP], "", 400),
            ("/whip/tea", &[SDP], "not a description", 400),
            ("/whip/tea", &[SDP], &unbundled, 400),
            ("/whip/tea", &[SDP], &receive, 400),
            ("/whep/tea", &[SDP], &send, 400),
            ("/whip/a%20b", &[SDP], &send, 400),
            ("/whip/tea?name=%20", &[SDP], &send, 400),
            ("/whep/tea?participant=", &[SDP], &receive, 400),
        ] {
            let response = house.ask("POST", target, head, body).await;
            assert_eq!(response.status, expected, "{target} {head:?} {body:.20} {response:?}");
            assert_eq!(response.header("access-control-allow-origin"), Some("*"));
        }
        let created = house.ask("POST", "/whip/tea/", &[SDP], &send).await;
        assert_ne!(created.status, 201, "no such path");
        let created = house.ask("POST", "/whip/tea?name=x", &[SDP], &send).await;
        assert_eq!(created.header("content-type"), Some("application/sdp"));
        assert_eq!(created.header("accept-patch"), Some(FRAGMENT.1));
        let exposed = created.header("access-control-expose-headers").unwrap();
        assert!(exposed.contains("Location") && exposed.contains("ETag") && exposed.contains("Link"));
        let location = created.header("location").unwrap();
        let id = location.strip_prefix("/whip/tea/").unwrap();
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{location}");
        let large = " ".repeat(MAX_CLIENT_MESSAGE + 1);
        assert_eq!(house.ask("POST", "/whip/tea", &[SDP], &large).await.status, 413);
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            assert_eq!(house.ask(method, "/whip/tea", &[], "").await.status, 405, "{method}");
        }
        for (target, methods) in [("/whip/tea", "POST"), ("/whep/tea", "POST"), (location, "PATCH")] {
            let response = house.ask("OPTIONS", target, &[("Origin", "https://example.org")], "").await;
            assert_eq!(response.status, 204);
            assert!(response.header("access-control-allow-methods").unwrap().contains(methods));
            let headers = response.header("access-control-allow-headers").unwrap();
            assert!(["Authorization", "Content-Type", "If-Match"].iter().all(|name| headers.contains(name)));
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_full_room_asks_to_come_again() {
        let house = House::with(|config| config.max_participants = 1).await;
        let first = house.publisher("/whip/tea", &SENDS).await;
        let refused = house.ask("POST", "/whep/tea", &[SDP], &offer(&SLOTS)).await;
        assert_eq!(refused.status, 503);
        assert!(refused.header("retry-after").is_some());
        assert_eq!(house.counts().await.resources, 1);
        first.leave().await.unwrap();
        assert_eq!(house.ask("POST", "/whep/tea", &[SDP], &offer(&SLOTS)).await.status, 201);
    }

    /// Its peer is given up after half a minute, and all that stood for it is gone.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_never_connects_is_gone() {
        let house = House::open().await;
        let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
        let created = house.ask("POST", "/whip/tea?name=ghost", &[SDP], &offer(&SENDS)).await;
        let location = created.header("location").unwrap().to_owned();
        sees(&watcher, "ghost", &[Source::Microphone, Source::Camera]).await;
        let gone = |_: &Stats, roster: &Roster| {
            roster.left.iter().any(|(_, reason)| *reason == LeaveReason::MediaFailed)
        };
        // One wait is no longer than the server's for a peer.
        if watcher.until("the ghost is gone", gone).await.is_err() {
            watcher.until("the ghost is gone at last", gone).await.unwrap();
        }
        assert_eq!(house.ask("DELETE", &location, &[], "").await.status, 404);
        let counts = house.counts().await;
        assert_eq!((counts.resources, counts.participants), (0, 1));
    }
}
