//! What goes on in a call without the server's media as it does with it: who speaks, who saves data, what is shared,
//! another camera; and by which servers a way may be found.

use crate::direct::{ALL, MESH, sees_and_hears_directly, server_rests};
use crate::speaking::speaks;
use anyhow::{Result, ensure};
use e2e::{Kind, Seen, Settings, Sound, Tab, Wishes, in_house, until, view::View};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn who_speaks_has_a_ring_without_the_server_too() -> Result<()> {
    in_house(MESH, async |house| {
        let talks = Wishes { sound: Sound::Talk, ..Kind::Chromium.with_devices() };
        let ada = house.browser(talks).await?.window().await?;
        ada.enter("porch", "Ada").await?;
        let bo = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        bo.enter("porch", "Bo").await?;
        // Twice: a ring that is always there would be no witness.
        for _ in 0..2 {
            for speaking in [true, false] {
                speaks(&bo, "Ada", speaking).await?;
                speaks(&ada, "Ada", speaking).await?;
            }
        }
        // A Firefox beeps without end.
        speaks(&ada, "Bo", true).await?;
        bo.click("toggle-mic").await?;
        speaks(&ada, "Bo", false).await?;
        server_rests(&ada).await
    })
    .await
}

#[tokio::test]
async fn who_saves_data_is_sent_no_pictures_by_anybody() -> Result<()> {
    in_house(MESH, async |house| {
        let fox = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        fox.enter("porch", "Fox").await?;
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, bo) = (chromium.window().await?, chromium.window().await?);
        ada.enter("porch", "Ada").await?;
        bo.enter("porch", "Bo").await?;
        sees_and_hears_directly(&ada, &["Bo", "Fox"]).await?;
        ada.click("more").await?;
        ada.click("open-settings").await?;
        ada.click("set-saver").await?;
        ada.click("panel-close").await?;
        no_pictures_come(&ada).await?;
        ada.until_moving("others heard and not seen", |view, moved| {
            let hidden = |name| view.tile(name).is_some_and(|tile| tile.avatar && tile.picture.is_none());
            view.shows("tile-paused") && hidden("Bo") && hidden("Fox") && moved.heard.len() == 2
        })
        .await?;
        fox.until("Bo still seen, and Ada without a camera", |view| {
            let seen = |name| view.tile(name).is_some_and(|tile| tile.picture.is_some());
            seen("Bo") && !seen("Ada")
        })
        .await?;
        ada.click("saving").await?;
        for (tab, others) in [(&ada, ["Bo", "Fox"]), (&fox, ["Ada", "Bo"])] {
            sees_and_hears_directly(tab, &others).await?;
        }
        Ok(())
    })
    .await
}

/// For three seconds no byte of a picture comes.
async fn no_pictures_come(tab: &Tab) -> Result<()> {
    let (mut since, mut before) = (Instant::now(), 0);
    until("no pictures", async || {
        let now = tab.stats().await?.bytes_received("video");
        if now != before {
            (since, before) = (Instant::now(), now);
        }
        Ok(Seen::when(since.elapsed() > Duration::from_secs(3), &now))
    })
    .await
}

/// A screen to share, on which something moves.
const SCREEN: &str = "
    navigator.mediaDevices.getDisplayMedia = async () => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [640, 360];
        const context = canvas.getContext('2d');
        setInterval(() => {
            context.fillStyle = `hsl(${Date.now() % 360} 80% 50%)`;
            context.fillRect(0, 0, 640, 360);
        }, 100);
        return canvas.captureStream(10);
    };";

#[tokio::test]
async fn a_screen_shared_directly_is_seen_and_gone_when_it_ends() -> Result<()> {
    in_house(ALL, async |house| {
        let ada = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        let bo = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        ada.enter("porch", "Ada").await?;
        bo.enter("porch", "Bo").await?;
        for (tab, other) in [(&ada, &bo), (&bo, &ada)] {
            tab.until("a direct path", View::is_direct).await?;
            tab.script::<Option<bool>>(SCREEN, vec![]).await?;
            tab.click("toggle-screen").await?;
            let mut first: Option<u64> = None;
            until("frames of the screen", async || {
                let seen = screen_line(other).await?;
                let Some(mid) = seen.as_ref().filter(|mid| mid.starts_with("direct-")) else {
                    return Ok(Seen::NotYet(format!("{seen:?}")));
                };
                let frames = other.stats().await?.picture(mid).map_or(0, |report| report.frames_decoded);
                let first = *first.get_or_insert(frames);
                // The camera with it.
                let direct = other.view().await?.is_direct();
                Ok(Seen::when(direct && frames > first + 3, &(mid, first, frames, direct)))
            })
            .await?;
            tab.click("toggle-screen").await?;
            other.until("no screen", |view| !view.shows("tile-screen") && view.is_direct()).await?;
        }
        server_rests(&ada).await
    })
    .await
}

/// The m-line of the screen that is seen, as it is named among the statistics.
async fn screen_line(tab: &Tab) -> Result<Option<String>> {
    let script = "
        const tile = document.querySelector('[data-testid=tile-screen]');
        const track = tile?.querySelector('video.playing')?.srcObject?.getVideoTracks()[0];
        const lines = e2e.peers.filter((peer) => peer.connectionState !== 'closed').flatMap((peer) => peer.getTransceivers());
        const line = lines.find((line) => track && line.receiver.track === track);
        if (!line) return null;
        return line.direction === 'sendrecv' ? `direct-${tile.dataset.participantId}-${line.mid}` : line.mid;";
    tab.script(script, vec![]).await
}

#[tokio::test]
async fn another_camera_is_seen_directly() -> Result<()> {
    in_house(ALL, async |house| {
        let ada = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        let bo = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        ada.enter("porch", "Ada").await?;
        bo.enter("porch", "Bo").await?;
        sees_and_hears_directly(&bo, &["Ada"]).await?;
        ada.click("more").await?;
        ada.click("open-settings").await?;
        crate::choosing::pick(&ada, "pick-camera", "fake_device_2").await?;
        until("the other camera in use", async || {
            let used: Option<String> = ada.script("return e2e.used('video')?.label", vec![]).await?;
            Ok(Seen::when(used.as_deref() == Some("fake_device_2"), &used))
        })
        .await?;
        // What is sent is what is in use, and it runs.
        let sent = "
            const direct = e2e.peers.find((peer) => peer.getTransceivers().some((line) => line.direction === 'sendrecv'));
            return direct.getSenders().map((sender) => sender.track?.label).filter((label) => label?.startsWith('fake_device'))";
        until("the other camera sent", async || {
            let sent: Vec<String> = ada.script(sent, vec![]).await?;
            Ok(Seen::when(sent == ["fake_device_2"], &sent))
        })
        .await?;
        sees_and_hears_directly(&bo, &["Ada"]).await?;
        server_rests(&ada).await
    })
    .await
}

#[tokio::test]
async fn by_which_way_somebody_comes_is_said_beside_the_figures() -> Result<()> {
    in_house(ALL, async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, bo, cy) = (chromium.window().await?, chromium.window().await?, chromium.window().await?);
        ada.enter("porch", "Ada").await?;
        bo.enter("porch", "Bo").await?;
        ada.click_on("[data-testid=tile][data-name=Bo] [data-testid=quality]").await?;
        says_way(&ada, "Directly").await?;
        cy.enter("porch", "Cy").await?;
        says_way(&ada, "Through the server").await?;
        cy.click("leave").await?;
        says_way(&ada, "Directly").await
    })
    .await
}

async fn says_way(tab: &Tab, words: &str) -> Result<()> {
    until(words, async || {
        let said = tab.text("quality-way").await?;
        Ok(Seen::when(said.as_deref() == Some(words), &said))
    })
    .await
}

#[tokio::test]
async fn direct_connections_use_the_servers_that_the_operator_names() -> Result<()> {
    // Nobody answers there: those who are on one machine need them not.
    let ice_servers = &["stun:127.0.0.1:3478", "turn:127.0.0.1:3478?transport=udp"];
    in_house(Settings { ice_servers, ..ALL }, async |house| {
        let ada = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        let bo = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        ada.enter("porch", "Ada").await?;
        bo.enter("porch", "Bo").await?;
        for (tab, other) in [(&ada, "Bo"), (&bo, "Ada")] {
            sees_and_hears_directly(tab, &[other]).await?;
            let script = "
                const direct = e2e.peers.find((peer) => peer.getTransceivers().some((line) => line.direction === 'sendrecv'));
                return direct.getConfiguration().iceServers.map(
                    ({ urls, username, credential }) => [[urls].flat(), username || null, credential || null],
                )";
            let told: Value = tab.script(script, vec![]).await?;
            let [stun, turn] = ice_servers;
            let expected = json!([[[stun], null, null], [[turn], e2e::TURN_NAME, e2e::TURN_PASSWORD]]);
            ensure!(told == expected, "{other}'s other end uses {told}");
        }
        Ok(())
    })
    .await
}
