//! What people do in a call beside their media: reactions, raised hands, the list of people, the
//! invitation, keys; and what is told of all that.

use anyhow::{Context, Result, ensure};
use e2e::{Devices, House, Kind, Seen, Settings, Tab, in_house, until};
use serde_json::json;

#[tokio::test]
async fn reactions_are_seen_by_everybody_and_end() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let [ada, bo] = two(house, Kind::Chromium, Kind::Firefox).await?;
        ada.key('r').await?;
        ada.until("a choice", |view| view.shows("reaction-choice")).await?;
        ada.key('5').await?;
        ada.until("no choice", |view| !view.shows("reaction-choice")).await?;
        // For three seconds on both pages alike.
        tokio::try_join!(reads(&bo, "float", &["👏"]), reads(&ada, "float", &["👏"]))?;
        ensure!(announced(&bo).await?.contains("Ada: Applause"), "{:?}", announced(&bo).await?);
        reads(&bo, "float", &[]).await?;
        bo.click("reactions").await?;
        bo.click("reaction").await?;
        reads(&ada, "float", &["👍"]).await
    })
    .await
}

#[tokio::test]
async fn hands_stand_in_their_order_and_go_with_whom_they_belong_to() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let [ada, bo] = two(house, Kind::Chromium, Kind::Chromium).await?;
        let cy = house.browser(Kind::Firefox.with(Devices::None)).await?.window().await?;
        cy.enter("porch", "Cy").await?;
        ada.until("all three", |view| view.tiles.len() == 3).await?;
        ada.click("open-people").await?;
        people(&ada, &["Ada", "Bo", "Cy"]).await?;
        cy.key('h').await?;
        told(&ada, "Cy raised a hand").await?;
        hands(&ada, &["Cy"]).await?;
        bo.click("raise-hand").await?;
        hands(&ada, &["Cy", "Bo"]).await?;
        people(&ada, &["Cy", "Bo", "Ada"]).await?;
        cy.click("leave").await?;
        hands(&ada, &["Bo"]).await?;
        bo.key('h').await?;
        hands(&ada, &[]).await?;
        people(&ada, &["Ada", "Bo"]).await
    })
    .await
}

#[tokio::test]
async fn the_list_of_people_says_what_they_do() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let [ada, bo] = two(house, Kind::Chromium, Kind::Chromium).await?;
        ada.key('p').await?;
        people(&ada, &["Ada", "Bo"]).await?;
        person(&ada, "Bo", &[]).await?;
        bo.key('m').await?;
        person(&ada, "Bo", &["person-muted"]).await?;
        bo.key('v').await?;
        person(&ada, "Bo", &["person-muted", "person-dark"]).await?;
        bo.key('m').await?;
        person(&ada, "Bo", &["person-dark"]).await?;
        ada.click_on("[data-testid=person][data-name=Bo] [data-testid=person-pin]").await?;
        let pinned = ".tile[data-role=large][data-name=Bo]";
        until("Bo pinned", async || {
            let there: bool =
                ada.script("return !!document.querySelector(arguments[0])", vec![json!(pinned)]).await?;
            Ok(Seen::when(there, &there))
        })
        .await
    })
    .await
}

#[tokio::test]
async fn keys_open_and_close_and_rest_while_one_writes() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let [ada, _bo] = two(house, Kind::Chromium, Kind::Chromium).await?;
        opens_and_closes(&ada).await
    })
    .await
}

#[tokio::test]
async fn keys_in_firefox_as_in_chromium() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let [ada, _bo] = two(house, Kind::Firefox, Kind::Chromium).await?;
        opens_and_closes(&ada).await
    })
    .await
}

async fn opens_and_closes(tab: &Tab) -> Result<()> {
    tab.key('?').await?;
    tab.until("the list of keys", |view| view.shows("shortcuts-sheet")).await?;
    tab.key('m').await?;
    tab.escape().await?;
    tab.until("no list", |view| !view.shows("shortcuts-sheet")).await?;
    is_muted(tab, false).await?;

    tab.click("open-chat").await?;
    tab.until("the chat", |view| view.shows("chat-panel")).await?;
    focused(tab, "chat-field").await?;
    tab.types("m v c p ?").await?;
    let written = tab.text("chat-field").await?;
    ensure!(written.as_deref() == Some("m v c p ?"), "{written:?} was written");
    is_muted(tab, false).await?;
    tab.escape().await?;
    tab.until("no chat", |view| !view.shows("chat-panel")).await?;
    focused(tab, "open-chat").await?;

    // What was written is still there, and one panel takes another's place.
    tab.key('c').await?;
    focused(tab, "chat-field").await?;
    let written = tab.text("chat-field").await?;
    ensure!(written.as_deref() == Some("m v c p ?"), "{written:?} is left");
    tab.click("open-people").await?;
    tab.until("people alone", |view| view.shows("people-panel") && !view.shows("chat-panel")).await?;
    tab.click("panel-close").await?;
    tab.until("nothing", |view| !view.shows("people-panel")).await?;
    tab.click("pick-microphone-open").await?;
    focused(tab, "pick-microphone").await?;
    tab.click("pick-camera-open").await?;
    focused(tab, "pick-camera").await?;
    tab.escape().await?;
    tab.until("no settings", |view| !view.shows("settings")).await?;
    tab.key('m').await?;
    is_muted(tab, true).await
}

#[tokio::test]
async fn push_to_talk_is_heard_while_it_is_held() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let [ada, bo] = two(house, Kind::Chromium, Kind::Chromium).await?;
        push_to_talk(&ada, &bo).await
    })
    .await
}

#[tokio::test]
async fn push_to_talk_in_firefox() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let [ada, bo] = two(house, Kind::Firefox, Kind::Chromium).await?;
        push_to_talk(&ada, &bo).await
    })
    .await
}

async fn push_to_talk(speaker: &Tab, listener: &Tab) -> Result<()> {
    // By a click, so that the button has the focus: the space bar does not press it again.
    speaker.click("toggle-mic").await?;
    is_muted(speaker, true).await?;
    listener.until("a muted one", |view| view.others().all(|tile| tile.muted)).await?;
    // In the reactions, which a key opened, it chooses one.
    speaker.key('r').await?;
    focused(speaker, "reaction").await?;
    speaker.key(' ').await?;
    reads(listener, "float", &["👍"]).await?;
    speaker.escape().await?;
    speaker.until("no choice", |view| !view.shows("reaction-choice")).await?;
    is_muted(speaker, true).await?;
    let silence = energy(listener).await?;
    speaker.hold(' ').await?;
    is_muted(speaker, false).await?;
    speaker.until("words about it", |view| view.shows("talking")).await?;
    until("more sound than in silence", async || {
        let now = energy(listener).await?;
        Ok(Seen::when(now > silence + 1e-4, &(silence, now)))
    })
    .await?;
    speaker.let_go(' ').await?;
    is_muted(speaker, true).await?;
    listener.until("a muted one", |view| view.others().all(|tile| tile.muted)).await?;
    // One that is on, and that the system mutes, is not switched off by it.
    speaker.key('m').await?;
    is_muted(speaker, false).await?;
    mute_by_the_system(speaker, true).await?;
    is_muted(speaker, true).await?;
    speaker.hold(' ').await?;
    speaker.let_go(' ').await?;
    mute_by_the_system(speaker, false).await?;
    is_muted(speaker, false).await?;
    speaker.key('m').await?;
    is_muted(speaker, true).await?;
    // Reached by the keyboard, a button is pressed by it.
    speaker.key(thirtyfour::Key::Tab).await?;
    let script = "document.querySelector('[data-testid=open-people]').focus(); return true";
    let _: bool = speaker.script(script, vec![]).await?;
    speaker.key(' ').await?;
    speaker.until("people", |view| view.shows("people-panel")).await?;
    is_muted(speaker, true).await
}

/// As a telephone call does on a phone; as far as a page can tell.
async fn mute_by_the_system(tab: &Tab, muted: bool) -> Result<()> {
    let script = "
        const track = e2e.tracks.find((track) => track.kind === 'audio' && track.readyState === 'live');
        Object.defineProperty(track, 'muted', { value: arguments[0], configurable: true });
        track.dispatchEvent(new Event(arguments[0] ? 'mute' : 'unmute'));
        return true";
    ensure!(tab.script::<bool>(script, vec![json!(muted)]).await?);
    Ok(())
}

async fn energy(tab: &Tab) -> Result<f64> {
    Ok(tab.stats().await?.sounds().map(|report| report.total_audio_energy).sum())
}

#[tokio::test]
async fn the_code_leads_to_the_room() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        tab.enter("마당-1", "Ada").await?;
        tab.click("alone-invite").await?;
        tab.until("the code", |view| view.shows("qr-code")).await?;
        let link: String = tab.script("return document.querySelector('[data-testid=invite-link]').value", vec![]).await?;
        let address: String = tab.script("return location.href", vec![]).await?;
        ensure!(link == address, "{link} is not {address}");
        // As a camera sees it: drawn on a canvas, eight pixels to a module.
        let script = "
            const code = document.querySelector('[data-testid=qr-code]');
            const side = code.viewBox.baseVal.width * 8;
            const canvas = new OffscreenCanvas(side, side);
            const pen = canvas.getContext('2d', { willReadFrequently: true });
            pen.fillStyle = 'white';
            pen.fillRect(0, 0, side, side);
            pen.scale(8, 8);
            pen.fillStyle = 'black';
            pen.fill(new Path2D(code.querySelector('path').getAttribute('d')));
            const { data } = pen.getImageData(0, 0, side, side);
            return [side, Array.from({ length: side * side }, (_, at) => data[at * 4] > 127 ? '1' : '0').join('')]";
        let (side, pixels): (usize, String) = tab.script(script, vec![]).await?;
        let pixels = pixels.as_bytes();
        let mut seen = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
            if pixels.get(y * side + x) == Some(&b'1') { 255 } else { 0 }
        });
        let grids = seen.detect_grids();
        let (_, read) = grids.first().context("no code is seen")?.decode()?;
        ensure!(read == link, "the code leads to {read}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn comings_and_goings_are_told_together_and_not_for_long() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with(Devices::None)).await?;
        let (ada, bo) = (chromium.window().await?, chromium.window().await?);
        ada.enter("porch", "Ada").await?;
        bo.wait_at("porch", "Bo").await?;
        bo.join().await?;
        // For four seconds only, from when he is let in.
        told(&ada, "Bo joined").await?;
        bo.until("Bo inside", e2e::view::View::is_connected).await?;
        // Who comes is told nothing of who was there.
        ensure!(bo.texts("toast").await?.is_empty(), "{:?}", bo.texts("toast").await?);
        ensure!(announced(&ada).await?.contains("Bo joined"), "{:?}", announced(&ada).await?);
        reads(&ada, "toast", &[]).await?;
        bo.click("leave").await?;
        told(&ada, "Bo left").await
    })
    .await
}

/// Ada and Bo in one room, each in a browser of that kind; both know of each other.
pub async fn two(house: &mut House, first: Kind, second: Kind) -> Result<[Tab; 2]> {
    let ada = house.browser(first.with_devices()).await?.window().await?;
    let bo = house.browser(second.with_devices()).await?.window().await?;
    ada.enter("porch", "Ada").await?;
    bo.enter("porch", "Bo").await?;
    ada.until("Bo", |view| view.names() == ["Bo"]).await?;
    bo.until("Ada", |view| view.names() == ["Ada"]).await?;
    Ok([ada, bo])
}

/// What the page shows under a name, from the top.
pub async fn reads(tab: &Tab, id: &str, expected: &[&str]) -> Result<()> {
    until(&format!("{id} reading {expected:?}"), async || {
        let texts = tab.texts(id).await?;
        Ok(Seen::when(texts == expected, &texts))
    })
    .await
}

async fn told(tab: &Tab, words: &str) -> Result<()> {
    until(&format!("a line that says {words:?}"), async || {
        let texts = tab.texts("toast").await?;
        Ok(Seen::when(texts.iter().any(|text| text.contains(words)), &texts))
    })
    .await
}

/// What was told to a screen reader last.
pub async fn announced(tab: &Tab) -> Result<String> {
    Ok(tab.text("announcement").await?.unwrap_or_default())
}

/// Names in the list of people, from the top.
async fn people(tab: &Tab, expected: &[&str]) -> Result<()> {
    let script = "return [...document.querySelectorAll('[data-testid=person]')].map((e) => e.dataset.name)";
    until(&format!("the people {expected:?}"), async || {
        let names: Vec<String> = tab.script(script, vec![]).await?;
        Ok(Seen::when(names == expected, &names))
    })
    .await
}

/// Whose hands are up, from the top.
async fn hands(tab: &Tab, expected: &[&str]) -> Result<()> {
    let script = "return [...document.querySelectorAll('[data-testid=person-hand]')].map((e) => [e.closest('li').dataset.name, e.textContent])";
    let expected: Vec<[String; 2]> =
        expected.iter().enumerate().map(|(at, name)| [(*name).to_owned(), (at + 1).to_string()]).collect();
    until(&format!("the hands {expected:?}"), async || {
        let hands: Vec<[String; 2]> = tab.script(script, vec![]).await?;
        Ok(Seen::when(hands == expected, &hands))
    })
    .await
}

/// What the list says of somebody.
async fn person(tab: &Tab, name: &str, signs: &[&str]) -> Result<()> {
    let script = "return [...document.querySelectorAll(`[data-testid=person][data-name=${arguments[0]}] .sign`)].map((e) => e.dataset.testid)";
    until(&format!("{name} with {signs:?}"), async || {
        let seen: Vec<String> = tab.script(script, vec![json!(name)]).await?;
        Ok(Seen::when(seen == signs, &seen))
    })
    .await
}

async fn is_muted(tab: &Tab, muted: bool) -> Result<()> {
    let script = "return document.querySelector('[data-testid=toggle-mic]').getAttribute('aria-pressed')";
    until(&format!("the microphone being off: {muted}"), async || {
        let on: String = tab.script(script, vec![]).await?;
        Ok(Seen::when((on == "false") == muted, &on))
    })
    .await
}

/// Waits until the focus is there: on what tests call so, or of what they call nothing on an element of that kind.
pub async fn focused(tab: &Tab, id: &str) -> Result<()> {
    until(&format!("the focus on {id}"), async || {
        let script = "const has = document.activeElement; return has.dataset.testid ?? has.localName";
        let focused: String = tab.script(script, vec![]).await?;
        Ok(Seen::when(focused == id, &focused))
    })
    .await
}
