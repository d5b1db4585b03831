//! Who speaks is seen to speak, by the others and by nobody who is silent.

use anyhow::Result;
use e2e::{Devices, Kind, Seen, Settings, Sound, Tab, Wishes, in_house, until};

#[tokio::test]
async fn who_speaks_has_a_ring_and_who_falls_silent_has_none() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let listener = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        listener.enter("porch", "Bo").await?;
        let talks = Wishes { sound: Sound::Talk, ..Kind::Chromium.with_devices() };
        let speaker = house.browser(talks).await?.window().await?;
        speaker.enter("porch", "Ada").await?;
        listener.sees_and_hears(&["Ada"]).await?;
        // Twice: a ring that is always there would be no witness.
        for _ in 0..2 {
            speaks(&listener, "Ada", true).await?;
            speaks(&listener, "Ada", false).await?;
        }
        speaks(&speaker, "Ada", true).await?;
        speaks(&listener, "Bo", false).await
    })
    .await
}

/// Waits until somebody has a ring, or none.
pub async fn speaks(tab: &Tab, name: &str, asked: bool) -> Result<()> {
    let script = "return document.querySelector(`[data-testid=tile][data-name=\"${arguments[0]}\"]`)?.dataset.speaking ?? ''";
    until(&format!("{name} speaking: {asked}"), async || {
        let speaking: String = tab.script(script, vec![name.into()]).await?;
        Ok(Seen::when(speaking == asked.to_string(), &speaking))
    })
    .await
}
