//! Somebody moderates: what the others' pages show of it, and what a page that will not have it gets round.

use crate::talk::focused;
use anyhow::{Result, ensure};
use e2e::{Devices, Kind, Seen, Settings, Tab, in_house, until, view::View};
use serde_json::Value;
use std::time::{Duration, Instant};
use thirtyfour::Key;

/// Chooses something in the menu beside somebody in the panel of who is here.
async fn decides(tab: &Tab, name: &str, choice: &str) -> Result<()> {
    if !tab.view().await?.shows("people-panel") {
        tab.click("open-people").await?;
    }
    tab.click_on(&format!("[data-testid=person][data-name='{name}'] [data-testid=person-more]")).await?;
    tab.click(choice).await
}

/// How many bytes of sound have come, and how many were sent.
async fn sound(tab: &Tab) -> Result<(u64, u64)> {
    let stats = tab.stats().await?;
    Ok((stats.bytes_received("audio"), stats.bytes_sent("audio")))
}

#[tokio::test]
async fn who_is_muted_by_a_moderator_is_shown_so_and_heard_by_nobody_though_it_goes_on_sending() -> Result<()>
{
    in_house(Settings::default(), async |house| {
        // She sends nothing: of all sound that comes to Cy, Bo's is the only one.
        let ada = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        ada.enter("hall", "Ada").await?;
        let bo = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        // A page that will not have it: its microphone cannot be switched off from the page.
        bo.wait_at("hall", "Bo").await?;
        let _: Value = bo
            .script(
                "Object.defineProperty(MediaStreamTrack.prototype, 'enabled', { get: () => true, set: () => {} });
                 const replace = RTCRtpSender.prototype.replaceTrack;
                 RTCRtpSender.prototype.replaceTrack = function (track) {
                   return track ? replace.call(this, track) : Promise.resolve();
                 };
                 return true;",
                vec![],
            )
            .await?;
        bo.join().await?;
        let cy = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        cy.enter("hall", "Cy").await?;
        cy.until_moving("Bo heard", |_, moved| moved.heard.len() == 1).await?;
        decides(&ada, "Bo", "hold-sound").await?;
        bo.until("being told", |view| view.shows("held")).await?;
        cy.until("Bo muted", |view| view.tile("Bo").is_some_and(|tile| tile.muted)).await?;
        let (mut before, mut quiet) = (sound(&cy).await?.0, Instant::now());
        let sent = sound(&bo).await?.1;
        until("no sound", async || {
            let now = sound(&cy).await?.0;
            if now != before {
                (before, quiet) = (now, Instant::now());
            }
            Ok(Seen::when(quiet.elapsed() > Duration::from_secs(3), &now))
        })
        .await?;
        ensure!(sound(&bo).await?.1 > sent, "Bo's page goes on sending");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn push_to_talk_does_not_say_that_one_is_heard_who_is_held() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let ada = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        ada.enter("hall", "Ada").await?;
        let bo = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        bo.enter("hall", "Bo").await?;
        ada.until("Bo", |view| view.tile("Bo").is_some()).await?;
        decides(&ada, "Bo", "hold-sound").await?;
        bo.until("being told", |view| view.shows("held")).await?;
        bo.hold(' ').await?;
        // What is pressed after it was heard after it.
        bo.key('p').await?;
        bo.until("the people", |view| view.shows("people-panel")).await?;
        ensure!(!bo.view().await?.shows("talking"));
        bo.let_go(' ').await?;
        bo.key('p').await?;
        decides(&ada, "Bo", "hold-sound").await?;
        bo.until("being let go", |view| !view.shows("held")).await?;
        bo.hold(' ').await?;
        bo.until("being heard", |view| view.shows("talking")).await?;
        bo.let_go(' ').await?;
        bo.until("silence", |view| !view.shows("talking")).await
    })
    .await
}

#[tokio::test]
async fn who_is_removed_is_told_so_and_a_locked_room_takes_nobody() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, bo) = (chromium.window().await?, chromium.window().await?);
        ada.enter("hall", "Ada").await?;
        ada.until("being alone", View::is_connected).await?;
        bo.enter("hall", "Bo").await?;
        ada.sees_and_hears(&["Bo"]).await?;
        ada.click("open-people").await?;
        ada.click("lock").await?;
        decides(&ada, "Bo", "remove").await?;
        bo.until("words about it", |view| view.shows("ended")).await?;
        let words = bo.text("ended").await?.unwrap_or_default();
        ensure!(words.contains("removed"), "{words}");
        ada.until("nobody else", |view| view.others().count() == 0).await?;
        bo.click("rejoin").await?;
        bo.until("a way in", |view| view.preview && view.offers("join")).await?;
        bo.join().await?;
        until("a locked room", async || {
            let words = bo.text("ended").await?.unwrap_or_default();
            Ok(Seen::when(words.contains("locked"), &words))
        })
        .await
    })
    .await
}

#[tokio::test]
async fn who_waits_is_let_in_by_a_moderator() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, bo) = (chromium.window().await?, chromium.window().await?);
        ada.enter("hall", "Ada").await?;
        ada.until("being alone", View::is_connected).await?;
        ada.click("open-people").await?;
        ada.click("waiting-room").await?;
        bo.wait_at("hall", "Bo").await?;
        bo.join().await?;
        bo.until("the page of those who wait", |view| view.shows("waiting")).await?;
        ada.until("a knock", |view| view.shows("let-in")).await?;
        ada.click("panel-close").await?;
        ada.click("let-in").await?;
        focused(&ada, "h1").await?;
        bo.sees_and_hears(&["Ada"]).await?;
        ada.sees_and_hears(&["Bo"]).await
    })
    .await
}

#[tokio::test]
async fn who_ends_the_call_for_everybody_is_asked_first() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with(Devices::None)).await?;
        asks_and_ends(&chromium.window().await?, &chromium.window().await?).await
    })
    .await
}

#[tokio::test]
async fn who_ends_the_call_in_firefox_is_asked_first() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let firefox = house.browser(Kind::Firefox.with(Devices::None)).await?;
        asks_and_ends(&firefox.window().await?, &firefox.window().await?).await
    })
    .await
}

/// By keys alone, from the button on.
async fn asks_and_ends(ada: &Tab, bo: &Tab) -> Result<()> {
    ada.enter("hall", "Ada").await?;
    bo.enter("hall", "Bo").await?;
    ada.until("Bo", |view| view.tile("Bo").is_some()).await?;
    ada.click("open-people").await?;
    let asks = async || {
        let script = "document.querySelector('[data-testid=end-all]').focus(); return true";
        let _: bool = ada.script(script, vec![]).await?;
        ada.key(Key::Enter).await?;
        ada.until("the question", |view| view.shows("end-sheet")).await?;
        // What does no harm is what a key presses that was pressed once too often.
        focused(ada, "sheet-close").await
    };
    let stays = async || {
        ada.until("no question", |view| !view.shows("end-sheet")).await?;
        focused(ada, "end-all").await?;
        ensure!(!ada.view().await?.shows("ended"));
        Ok(())
    };
    asks().await?;
    // Keys of the room do nothing meanwhile.
    ada.key('p').await?;
    ada.escape().await?;
    stays().await?;
    ensure!(ada.view().await?.shows("people-panel"));
    asks().await?;
    ada.key(Key::Enter).await?;
    stays().await?;
    asks().await?;
    ada.key(Key::Tab).await?;
    focused(ada, "end-cancel").await?;
    ada.key(Key::Enter).await?;
    stays().await?;
    ensure!(bo.view().await?.tile("Ada").is_some());
    asks().await?;
    for id in ["end-cancel", "end-confirm"] {
        ada.key(Key::Tab).await?;
        focused(ada, id).await?;
    }
    ada.key(Key::Enter).await?;
    for tab in [ada, bo] {
        tab.until("the end", |view| view.shows("ended")).await?;
        focused(tab, "h1").await?;
        let words = tab.text("ended").await?.unwrap_or_default();
        ensure!(words.contains("ended for everybody"), "{words}");
    }
    Ok(())
}
