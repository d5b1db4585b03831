//! What people say and do beside their media, and the STUN and TURN servers they are told, on a whole server.

#[cfg(test)]
mod house;

#[cfg(test)]
mod tests {
    use crate::house::House;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use bot::http::request;
    use bot::{Bot, Options};
    use bot::{Credentials, OfferSpec, SendSsrcs, keep_lines, write_offer};
    use hmac::{Hmac, Mac};
    use server::Config;
    use signal::{ClientMessage, IceServer, Reaction};
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    const STUN: &str = "stun:stun.example.org:3478";
    const TURN: &str = "turn:turn.example.org:3478?transport=udp";
    const SECRET: &str = "north";

    async fn enter(house: &House, name: &str) -> Bot {
        house.admit(Options::subscriber(&house.url, "tea").named(name)).await
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_comes_late_reads_what_was_said() {
        let house = House::open().await;
        let (ada, bob) = (enter(&house, "ada").await, enter(&house, "bob").await);
        ada.say(ClientMessage::Chat { text: " Hello\n🦦 ".to_owned() }).await;
        bob.until("a message", |_, roster| roster.chat.len() == 1).await.unwrap();
        bob.say(ClientMessage::Chat { text: "Hello ada".to_owned() }).await;
        ada.until("an answer", |_, roster| roster.chat.len() == 2).await.unwrap();
        bob.leave().await.unwrap();
        let mut eve = enter(&house, "eve").await;
        let read = |bot: &Bot| {
            let chat = bot.roster().chat.into_iter();
            chat.map(|said| (said.id.0, said.name, said.text)).collect::<Vec<_>>()
        };
        let line = |id, name: &str, text: &str| (id, name.to_owned(), text.to_owned());
        let expected = [line(1, "ada", "Hello\n🦦"), line(2, "bob", "Hello ada")];
        assert_eq!(read(&eve), expected);
        assert_eq!(read(&ada), expected);
        eve.lose_signaling().await;
        ada.say(ClientMessage::Chat { text: "Are you there?".to_owned() }).await;
        ada.until("one's own words", |_, roster| roster.chat.len() == 3).await.unwrap();
        eve.resume().await.unwrap();
        assert_eq!(read(&eve).last(), Some(&line(3, "ada", "Are you there?")));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn reactions_and_hands_are_seen_by_everybody() {
        let house = House::open().await;
        let (ada, bob) = (enter(&house, "ada").await, enter(&house, "bob").await);
        ada.say(ClientMessage::React { reaction: Reaction::Celebrate }).await;
        bob.say(ClientMessage::RaiseHand { raised: true }).await;
        for bot in [&ada, &bob] {
            let shown = [(ada.participant(), Reaction::Celebrate)];
            bot.until("a reaction", |_, roster| roster.reactions == shown).await.unwrap();
            bot.until("a hand", |_, roster| roster.hands == [bob.participant()]).await.unwrap();
        }
        let eve = enter(&house, "eve").await;
        assert_eq!((eve.roster().hands, eve.roster().reactions), (vec![bob.participant()], vec![]));
    }

    fn with_turn(config: &mut Config) {
        config.ice_server = [STUN, TURN].map(|url| url.parse().unwrap()).to_vec();
        config.turn_secret = Some(SECRET.to_owned().into());
    }

    /// As a TURN server that knows the secret takes them, and for twelve hours from a moment in between.
    fn check_credentials(server: &IceServer, began: SystemTime) -> String {
        let (username, credential) = (server.username.clone().unwrap(), server.credential.clone().unwrap());
        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(username.as_bytes());
        assert_eq!(credential, STANDARD.encode(mac.finalize().into_bytes()));
        let expiry: u64 = username.split_once(':').unwrap().0.parse().unwrap();
        let ends = |moment: SystemTime| {
            (moment.duration_since(UNIX_EPOCH).unwrap() + Duration::from_hours(12)).as_secs()
        };
        assert!((ends(began)..=ends(SystemTime::now())).contains(&expiry), "{username}");
        username
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn turn_credentials_are_told_and_are_fresh_after_a_resume() {
        let began = SystemTime::now();
        let house = House::with(with_turn).await;
        let mut ada = enter(&house, "ada").await;
        let told = |bot: &Bot| {
            let servers = bot.roster().ice_servers;
            let [stun, turn] = &servers[..] else { panic!("{servers:?}") };
            assert_eq!(
                (&stun.urls[..], &stun.username, &stun.credential),
                (&[STUN.to_owned()][..], &None, &None)
            );
            assert_eq!(turn.urls, [TURN]);
            check_credentials(turn, began)
        };
        let first = told(&ada);
        ada.lose_signaling().await;
        ada.resume().await.unwrap();
        assert_ne!(told(&ada), first);
        let silent = House::open().await;
        assert_eq!(enter(&silent, "ada").await.roster().ice_servers, []);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whip_and_whep_are_told_in_headers() {
        let began = SystemTime::now();
        let house = House::with(with_turn).await;
        let fingerprint = ["AB"; 32].join(":");
        for (endpoint, mids) in [("whip", ["0", "1"]), ("whep", ["2", "3"])] {
            let (ice, sends) = (Credentials::random(), SendSsrcs { audio: 1, video: 2, rtx: 3 });
            let spec = OfferSpec {
                ice: &ice,
                fingerprint: &fingerprint,
                sends,
                seats: 1,
                version: 1,
                reports_arrivals: true,
                data: false,
            };
            let offer = keep_lines(&write_offer(&spec), &mids);
            let head = [("Content-Type", "application/sdp")];
            let address = house.running.http_addr();
            let target = format!("/{endpoint}/tea");
            let answer = request(address, "POST", &target, &head, offer.as_bytes()).await.unwrap();
            assert_eq!(answer.status, 201, "{answer:?}");
            let links: Vec<&str> = answer.headers("link").collect();
            let [stun, turn] = links[..] else { panic!("{links:?}") };
            assert_eq!(stun, format!("<{STUN}>; rel=\"ice-server\""));
            let words: Vec<&str> = turn.split('"').collect();
            let link = format!("<{TURN}>; rel=");
            assert_eq!(words[0], link);
            assert_eq!(
                [words[1], words[2], words[4], words[6], words[7], words[8]],
                ["ice-server", "; username=", "; credential=", "; credential-type=", "password", ""]
            );
            let (username, credential) = (Some(words[3].to_owned()), Some(words[5].to_owned()));
            check_credentials(&IceServer { urls: vec![TURN.to_owned()], username, credential }, began);
        }
        assert_eq!((house.counts().await.resources, house.report().await.peers), (2, 2));
    }

    #[tokio::test]
    async fn turn_without_credentials_keeps_the_server_from_starting() {
        let mut config = <Config as clap::Parser>::parse_from(["madang", "--ice-server", TURN]);
        (config.http, config.udp) = ("127.0.0.1:0".parse().unwrap(), "127.0.0.1:0".parse().unwrap());
        let Err(error) = server::start(&config).await else { panic!("it started") };
        assert!(error.to_string().contains("--turn-secret"), "{error}");
    }
}
