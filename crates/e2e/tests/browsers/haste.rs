//! Cameras that are changed in haste, and by whom there is one at a time, as on phones.

use crate::choosing::pick;
use anyhow::Result;
use e2e::{Kind, Seen, Settings, Tab, in_house, until};

/// One camera at a time, and answers that wait until `e2e.answer()`.
const PHONE: &str = "
    const devices = navigator.mediaDevices;
    const ask = devices.getUserMedia;
    e2e.waiting = [];
    e2e.answer = () => e2e.waiting.shift()();
    devices.getUserMedia = async (wished) => {
        if (e2e.used('video')) throw new DOMException('one at a time', 'NotReadableError');
        await new Promise((resolve) => e2e.waiting.push(resolve));
        return ask(wished);
    };";

#[tokio::test]
async fn of_two_cameras_chosen_in_haste_the_last_is_seen() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, bo) = (chromium.window().await?, chromium.window().await?);
        ada.enter("porch", "Ada").await?;
        bo.enter("porch", "Bo").await?;
        bo.sees_and_hears(&["Ada"]).await?;
        let _: Option<bool> = ada.script(PHONE, vec![]).await?;
        ada.click("more").await?;
        ada.click("open-settings").await?;
        for label in ["fake_device_2", "fake_device_0"] {
            pick(&ada, "pick-camera", label).await?;
            waits(&ada, 1).await?;
        }
        answer(&ada).await?;
        // What was chosen last is asked for when the first has come.
        waits(&ada, 1).await?;
        answer(&ada).await?;
        until("the camera chosen last", async || {
            let used: Option<String> = ada.script("return e2e.used('video')?.label", vec![]).await?;
            Ok(Seen::when(used.as_deref() == Some("fake_device_0"), &used))
        })
        .await?;
        bo.sees_and_hears(&["Ada"]).await
    })
    .await
}

async fn answer(tab: &Tab) -> Result<()> {
    tab.script::<Option<bool>>("e2e.answer()", vec![]).await.map(drop)
}

/// So many questions wait for an answer.
async fn waits(tab: &Tab, count: usize) -> Result<()> {
    until("a question to the browser", async || {
        let waiting: usize = tab.script("return e2e.waiting.length", vec![]).await?;
        Ok(Seen::when(waiting == count, &waiting))
    })
    .await
}
