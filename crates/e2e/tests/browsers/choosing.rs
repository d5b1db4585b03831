//! What a person chooses: devices, how they are captured, data, language, looks. It holds at once, in a call too,
//! and is there again on the next visit.

use anyhow::Result;
use e2e::{Devices, Kind, Seen, Settings, Sound, Tab, Wishes, in_house, until};
use serde_json::json;
use std::time::{Duration, Instant};

// Of Chromium's made-up cameras the second makes depths, which nothing can be made of: the third is taken.

#[tokio::test]
async fn what_was_chosen_is_there_after_a_reload() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        tab.wait_at("porch", "Ada").await?;
        pick(&tab, "pick-camera", "fake_device_2").await?;
        pick(&tab, "pick-microphone", "Fake Audio Input 2").await?;
        pick(&tab, "pick-speaker", "Fake Audio Output 2").await?;
        tab.click("open-settings").await?;
        for switch in ["set-echo", "set-mirror", "lines-360"] {
            press(&tab, switch).await?;
        }
        tab.open("/r/porch").await?;
        tab.until("the preview", |view| view.preview).await?;
        for (picker, label) in [
            ("pick-camera", "fake_device_2"),
            ("pick-microphone", "Fake Audio Input 2"),
            ("pick-speaker", "Fake Audio Output 2"),
        ] {
            shows(&tab, picker, label).await?;
        }
        let (camera, microphone) = (device(&tab, "video").await?, device(&tab, "audio").await?);
        anyhow::ensure!(camera == "fake_device_2" && microphone == "Fake Audio Input 2", "{camera} {microphone}");
        let asked: (u32, bool, bool) = tab
            .script("const { audio, video } = e2e.wished; return [video.height, audio.echoCancellation, audio.noiseSuppression]", vec![])
            .await?;
        anyhow::ensure!(asked == (360, false, true), "{asked:?}");
        let flipped: String =
            tab.script("return getComputedStyle(document.querySelector('video.mirrored')).transform", vec![]).await?;
        anyhow::ensure!(flipped == "none", "mirrored: {flipped}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn another_camera_in_a_call_is_seen_without_a_negotiation() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let (speaker, listener) = two(house).await?;
        let offers =
            |view: &e2e::view::View| view.said.iter().filter(|said| said.contains("\"offer\"")).count();
        let before = (device(&speaker, "video").await?, offers(&speaker.view().await?));
        open_settings(&speaker).await?;
        pick(&speaker, "pick-camera", "fake_device_2").await?;
        until("the other camera in use", async || {
            let used = device(&speaker, "video").await?;
            Ok(Seen::when(used == "fake_device_2" && used != before.0, &used))
        })
        .await?;
        listener.sees_and_hears(&["Ada"]).await?;
        let view = speaker.view().await?;
        anyhow::ensure!(view.live_tracks == 2, "the first camera is still held: {}", view.live_tracks);
        anyhow::ensure!(offers(&view) == before.1 && view.open_peers == 1, "{view:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn another_microphone_stays_off_if_the_first_was() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let (speaker, listener) = two(house).await?;
        let is_muted = |muted: bool| {
            move |view: &e2e::view::View| view.tile("Ada").is_some_and(|tile| tile.muted == muted)
        };
        speaker.click("toggle-mic").await?;
        listener.until("the badge", is_muted(true)).await?;
        open_settings(&speaker).await?;
        pick(&speaker, "pick-microphone", "Fake Audio Input 2").await?;
        let script = "return e2e.tracks.filter((t) => t.kind === 'audio' && t.readyState === 'live' && t.label === arguments[0]).map((t) => t.enabled)";
        until("the other microphone, off", async || {
            let on: Vec<bool> = speaker.script(script, vec![json!("Fake Audio Input 2")]).await?;
            // Another one, which listens whether somebody speaks in vain, is on and sends nothing.
            Ok(Seen::when(on.contains(&false), &on))
        })
        .await?;
        listener.until("the badge still", is_muted(true)).await?;
        speaker.click("panel-close").await?;
        speaker.click("toggle-mic").await?;
        listener.until("no badge", is_muted(false)).await?;
        listener.sees_and_hears(&["Ada"]).await
    })
    .await
}

#[tokio::test]
async fn sound_that_is_worked_on_no_more_is_heard_all_the_same() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let (speaker, listener) = two(house).await?;
        let echo = "return e2e.used('audio').getSettings().echoCancellation";
        anyhow::ensure!(speaker.script::<bool>(echo, vec![]).await?, "echo is not cancelled at first");
        open_settings(&speaker).await?;
        press(&speaker, "set-echo").await?;
        until("no echo cancellation", async || {
            Ok(Seen::when(!speaker.script::<bool>(echo, vec![]).await?, &"cancelled"))
        })
        .await?;
        listener.sees_and_hears(&["Ada"]).await
    })
    .await
}

#[tokio::test]
async fn the_chosen_speaker_plays_everybody() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let (speaker, _) = two(house).await?;
        open_settings(&speaker).await?;
        let sinks = "return [...document.querySelectorAll('audio')].map((audio) => audio.sinkId)";
        for label in ["Fake Audio Output 1", "System default"] {
            pick(&speaker, "pick-speaker", label).await?;
            let chosen: String = speaker
                .script("return document.querySelector('[data-testid=pick-speaker]').value", vec![])
                .await?;
            until("every element on it", async || {
                let sinks: Vec<String> = speaker.script(sinks, vec![]).await?;
                Ok(Seen::when(!sinks.is_empty() && sinks.iter().all(|sink| *sink == chosen), &sinks))
            })
            .await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_unplugged_camera_gives_way_to_another_and_comes_back() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (speaker, listener) = (chromium.window().await?, chromium.window().await?);
        speaker.wait_at("porch", "Ada").await?;
        pick(&speaker, "pick-camera", "fake_device_2").await?;
        speaker.join().await?;
        listener.enter("porch", "Bo").await?;
        listener.sees_and_hears(&["Ada"]).await?;
        uses(&speaker, "fake_device_2").await?;

        let _: Option<bool> = speaker.script("e2e.unplug('video')", vec![]).await?;
        uses(&speaker, "fake_device_0").await?;
        speaker
            .until("a word about it", |view| {
                let notice = view.device_notice.as_deref().unwrap_or_default();
                notice.contains("went away") && notice.contains("fake_device_0")
            })
            .await?;
        listener.sees_and_hears(&["Ada"]).await?;

        let _: Option<bool> = speaker.script("e2e.plug()", vec![]).await?;
        uses(&speaker, "fake_device_2").await?;
        speaker.until("no more words", |view| view.device_notice.is_none()).await?;
        listener.sees_and_hears(&["Ada"]).await
    })
    .await
}

#[tokio::test]
async fn who_saves_data_sends_and_receives_no_pictures_until_it_ends() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let (saver, other) = two(house).await?;
        open_settings(&saver).await?;
        press(&saver, "set-saver").await?;
        saver.click("panel-close").await?;
        quiet(&saver).await?;
        saver
            .until("a word in the tile", |view| {
                view.shows("tile-paused")
                    && view.tile("Bo").is_some_and(|tile| tile.avatar && tile.picture.is_none())
            })
            .await?;
        other
            .until("an avatar", |view| view.tile("Ada").is_some_and(|tile| tile.avatar && !tile.muted))
            .await?;
        saver.click("toggle-camera").await?;
        saver
            .until("why the camera stays off", |view| {
                view.device_notice.as_deref().is_some_and(|notice| notice.contains("Data saver"))
            })
            .await?;

        saver.click("saving").await?;
        saver.sees_and_hears(&["Bo"]).await?;
        other.sees_and_hears(&["Ada"]).await
    })
    .await
}

#[tokio::test]
async fn the_meter_moves_with_the_sound_and_rests_without() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        tab.wait_at("porch", "Ada").await?;
        let mut seen = (100, 0);
        until("a beep and the silence after it", async || {
            let level = level(&tab).await?;
            seen = (level.min(seen.0), level.max(seen.1));
            Ok(Seen::when(seen.0 < 20 && seen.1 > 50, &seen))
        })
        .await?;
        tab.click("toggle-mic").await?;
        let mut since: Option<Instant> = None;
        until("two seconds at rest", async || {
            let level = level(&tab).await?;
            let start = *since.get_or_insert_with(Instant::now);
            since = (level == 0).then_some(start);
            Ok(Seen::when(since.is_some() && start.elapsed() > Duration::from_secs(2), &level))
        })
        .await
    })
    .await
}

#[tokio::test]
async fn who_speaks_with_the_microphone_off_is_told() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let wishes = Wishes { sound: Sound::Talk, ..Kind::Chromium.with_devices() };
        let tab = house.browser(wishes).await?.window().await?;
        tab.enter("porch", "Ada").await?;
        anyhow::ensure!(!tab.view().await?.shows("unheard"), "told while it is on");
        tab.click("toggle-mic").await?;
        tab.until("the notice", |view| view.shows("unheard")).await?;
        tab.until("none in the silence", |view| !view.shows("unheard")).await?;
        tab.until("the notice again", |view| view.shows("unheard")).await?;
        tab.click("toggle-mic").await?;
        tab.until("none when it is on", |view| !view.shows("unheard")).await?;
        let tracks = tab.view().await?.live_tracks;
        anyhow::ensure!(tracks == 2, "it still listens: {tracks} live tracks");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_korean_browser_is_spoken_to_in_korean_and_a_picker_changes_that() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let wishes = Wishes { language: "ko", ..Kind::Chromium.with(Devices::None) };
        let tab = house.browser(wishes).await?.window().await?;
        tab.open("/").await?;
        tab.until("the start page", |view| view.offers("go")).await?;
        says(&tab, "go", "방으로 가기").await?;
        tab.write("name-input", "김민수").await?;
        tab.write("room-input", "안방").await?;
        pick(&tab, "language", "English").await?;
        says(&tab, "go", "Go to the room").await?;
        says(&tab, "name-input", "김민수").await?;
        says(&tab, "room-input", "안방").await?;
        let language: String = tab.script("return document.documentElement.lang", vec![]).await?;
        anyhow::ensure!(language == "en", "{language}");

        tab.open("/r/porch").await?;
        tab.until("a way in", |view| view.offers("join-without-devices")).await?;
        tab.write("name-input", "민수").await?;
        tab.click("open-settings").await?;
        pick(&tab, "language", "한국어").await?;
        tab.click("sheet-close").await?;
        says(&tab, "join-without-devices", "보고 듣기만 하며 들어가기").await?;
        says(&tab, "name-input", "민수").await
    })
    .await
}

#[tokio::test]
async fn a_chosen_theme_is_there_before_the_program_is() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        tab.open("/r/porch").await?;
        tab.until("a way in", |view| view.offers("join-without-devices")).await?;
        let light = ground(&tab).await?;
        tab.click("open-settings").await?;
        press(&tab, "theme-dark").await?;
        let dark = ground(&tab).await?;
        anyhow::ensure!(light != dark, "{light} in both");

        // As it was when the page had been read, long before the program started.
        tab.open("/").await?;
        anyhow::ensure!(ground(&tab).await? == dark, "light again after a reload");
        let early: String = tab.script("return e2e.theme ?? 'none'", vec![]).await?;
        anyhow::ensure!(early == "dark", "{early} before the program");
        tab.until("the start page", |view| view.offers("go")).await?;
        anyhow::ensure!(ground(&tab).await? == dark, "light again once the program runs");
        let loading: u32 = tab.script("return document.querySelectorAll('.loading').length", vec![]).await?;
        anyhow::ensure!(loading == 0, "what stood there while it loaded still does");
        Ok(())
    })
    .await
}

/// Ada and Bo, who see and hear each other.
/// In the room they are behind "More".
async fn open_settings(tab: &Tab) -> Result<()> {
    tab.click("more").await?;
    tab.click("open-settings").await
}

async fn two(house: &mut e2e::House) -> Result<(Tab, Tab)> {
    let chromium = house.browser(Kind::Chromium.with_devices()).await?;
    let (ada, bo) = (chromium.window().await?, chromium.window().await?);
    ada.enter("porch", "Ada").await?;
    bo.enter("porch", "Bo").await?;
    ada.sees_and_hears(&["Bo"]).await?;
    bo.sees_and_hears(&["Ada"]).await?;
    Ok((ada, bo))
}

/// Chooses in a list, as a person does, once it is offered.
pub async fn pick(tab: &Tab, picker: &str, label: &str) -> Result<()> {
    let script = "
        const lists = [...document.querySelectorAll(`[data-testid='${arguments[0]}']`)];
        const list = lists.findLast((list) => !list.disabled);
        const option = [...(list?.options ?? [])].find((option) => option.text === arguments[1]);
        if (!option) return false;
        list.value = option.value;
        list.dispatchEvent(new Event('change', { bubbles: true }));
        return true";
    until(&format!("{label} in {picker}"), async || {
        let picked: bool = tab.script(script, vec![json!(picker), json!(label)]).await?;
        Ok(Seen::when(picked, &tab.view().await?.ids))
    })
    .await
}

pub async fn shows(tab: &Tab, picker: &str, label: &str) -> Result<()> {
    let script =
        "return document.querySelector(`[data-testid='${arguments[0]}']`)?.selectedOptions[0]?.text ?? ''";
    until(&format!("{label} shown by {picker}"), async || {
        let shown: String = tab.script(script, vec![json!(picker)]).await?;
        Ok(Seen::when(shown == label, &shown))
    })
    .await
}

/// Presses a switch in the settings, wherever they are scrolled to.
async fn press(tab: &Tab, id: &str) -> Result<()> {
    let script = "const input = document.querySelector(`.settings [data-testid='${arguments[0]}']`); input?.click(); return Boolean(input)";
    until(&format!("{id} to press"), async || {
        let pressed: bool = tab.script(script, vec![json!(id)]).await?;
        Ok(Seen::when(pressed, &id))
    })
    .await
}

/// The label of the device in use.
async fn device(tab: &Tab, kind: &str) -> Result<String> {
    tab.script("return e2e.used(arguments[0])?.label ?? ''", vec![json!(kind)]).await
}

pub async fn uses(tab: &Tab, camera: &str) -> Result<()> {
    until(&format!("{camera} in use"), async || {
        let used = device(tab, "video").await?;
        Ok(Seen::when(used == camera, &used))
    })
    .await
}

async fn says(tab: &Tab, id: &str, words: &str) -> Result<()> {
    until(&format!("{id} saying {words:?}"), async || {
        let said = tab.text(id).await?;
        Ok(Seen::when(said.as_deref() == Some(words), &said))
    })
    .await
}

async fn level(tab: &Tab) -> Result<u32> {
    let script = "return parseInt(document.querySelector('[data-testid=level]').style.getPropertyValue('--level')) || 0";
    tab.script(script, vec![]).await
}

async fn ground(tab: &Tab) -> Result<String> {
    tab.script("return getComputedStyle(document.body).backgroundColor", vec![]).await
}

/// Waits until for two seconds no picture comes or goes.
async fn quiet(tab: &Tab) -> Result<()> {
    let mut since: Option<(Instant, (u64, u64))> = None;
    until("no pictures either way", async || {
        let stats = tab.stats().await?;
        let now = (stats.bytes_received("video"), stats.bytes_sent("video"));
        let (start, then) = *since.get_or_insert_with(|| (Instant::now(), now));
        if then != now {
            since = Some((Instant::now(), now));
        }
        Ok(Seen::when(then == now && start.elapsed() > Duration::from_secs(2), &now))
    })
    .await
}
