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

/// Where nothing can work on sound.
const DEAF: &str = "
    const analyser = AudioContext.prototype.createAnalyser;
    e2e.contexts = [];
    AudioContext.prototype.createAnalyser = function () {
        e2e.contexts.push(this);
        return analyser.call(this);
    };
    AudioContext.prototype.createMediaStreamSource = () => {
        throw new DOMException('deaf', 'NotSupportedError');
    };";

#[tokio::test]
async fn where_nothing_can_work_on_sound_nothing_is_held_for_it() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let ada = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        ada.enter("porch", "Ada").await?;
        let _: Option<bool> = ada.script(DEAF, vec![]).await?;
        // Whether somebody speaks whose microphone is off is heard from a copy of its sound.
        ada.click("toggle-mic").await?;
        let script = "
            const live = e2e.tracks.filter((track) => track.kind === 'audio' && track.readyState === 'live');
            return [e2e.contexts.map((context) => context.state), live.length];";
        until("a closed context, and one track", async || {
            let held: (Vec<String>, usize) = ada.script(script, vec![]).await?;
            Ok(Seen::when(held == (vec!["closed".to_owned()], 1), &held))
        })
        .await
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
