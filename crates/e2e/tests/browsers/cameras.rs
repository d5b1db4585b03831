//! Which camera: the other side of a phone, and Firefox, which has one of everything.

use crate::choosing::{pick, shows, uses};
use anyhow::{Result, ensure};
use e2e::view::View;
use e2e::{Kind, Seen, Settings, Tab, in_house, until};

/// A phone's two cameras, as far as a page can tell: one is asked for by the side that it is on, and says so. Made-up
/// ones have no sides.
const PHONE: &str = "
    const devices = navigator.mediaDevices;
    const sides = new WeakMap();
    const ask = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async ({ audio, video }) => {
        const side = video && (video.facingMode ?? 'user');
        const label = side === 'environment' ? 'fake_device_2' : 'fake_device_0';
        const listed = (await devices.enumerateDevices()).find((device) => device.label === label);
        const picture = video && { ...video, deviceId: listed && { exact: listed.deviceId } };
        const stream = await ask({ audio, video: picture });
        for (const track of stream.getVideoTracks()) sides.set(track, side);
        return stream;
    };
    const known = MediaStreamTrack.prototype.getSettings;
    MediaStreamTrack.prototype.getSettings = function () {
        const side = sides.get(this);
        return { ...known.call(this), ...(side && { facingMode: side }) };
    };
    return true";

#[tokio::test]
async fn a_phones_other_camera_is_asked_for_by_its_side_and_is_not_mirrored() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (phone, other) = (chromium.window().await?, chromium.window().await?);
        phone.open("/").await?;
        phone.until("the start page", |view| view.offers("go")).await?;
        ensure!(phone.script::<bool>(PHONE, vec![]).await?);
        phone.write("name-input", "Ada").await?;
        phone.write("room-input", "porch").await?;
        phone.click("go").await?;
        phone.until("the preview", |view| view.preview && view.offers("join")).await?;
        mirrored(&phone, true).await?;
        phone.click("flip-camera").await?;
        uses(&phone, "fake_device_2").await?;
        mirrored(&phone, false).await?;

        phone.join().await?;
        other.enter("porch", "Bo").await?;
        other.sees_and_hears(&["Ada"]).await?;
        mirrored(&phone, false).await?;
        phone.click("pick-camera-open").await?;
        phone.click_on(".panel [data-testid=flip-camera]").await?;
        uses(&phone, "fake_device_0").await?;
        mirrored(&phone, true).await?;
        other.sees_and_hears(&["Ada"]).await?;
        let held = phone.view().await?.live_tracks;
        ensure!(held == 2, "the first camera is still held: {held} live tracks");
        Ok(())
    })
    .await
}

async fn mirrored(tab: &Tab, mirrored: bool) -> Result<()> {
    let script = "
        const video = document.querySelector('[data-testid=preview-video], .tile.own video');
        return getComputedStyle(video).transform.startsWith('matrix(-1')";
    until(&format!("a mirrored picture: {mirrored}"), async || {
        let is: bool = tab.script(script, vec![]).await?;
        Ok(Seen::when(is == mirrored, &is))
    })
    .await
}

#[tokio::test]
async fn in_firefox_a_camera_is_chosen_and_comes_back_after_it_went_away() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let fox = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        let other = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        fox.enter("porch", "Fox").await?;
        other.enter("porch", "Bo").await?;
        other.sees_and_hears(&["Fox"]).await?;
        let first: String = fox.script("return e2e.used('video').id", vec![]).await?;
        fox.click("pick-camera-open").await?;
        pick(&fox, "pick-camera", "Default Video Device").await?;
        until("the camera asked for anew", async || {
            let used: (String, u32) = fox.script("return [e2e.used('video').id, e2e.asked]", vec![]).await?;
            Ok(Seen::when(used.0 != first, &used))
        })
        .await?;
        shows(&fox, "pick-camera", "Default Video Device").await?;
        other.sees_and_hears(&["Fox"]).await?;

        let _: Option<bool> = fox.script("e2e.unplug('video')", vec![]).await?;
        fox.until("a word about it", |view| {
            view.device_notice.as_deref().is_some_and(|notice| notice.contains("went away"))
        })
        .await?;
        let dark = |view: &View| view.tile("Fox").is_some_and(|tile| tile.avatar && tile.picture.is_none());
        other.until("an avatar", dark).await?;
        let _: Option<bool> = fox.script("e2e.plug()", vec![]).await?;
        fox.until("no more words", |view| view.device_notice.is_none()).await?;
        other.sees_and_hears(&["Fox"]).await
    })
    .await
}
