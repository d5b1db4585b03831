//! Networks that let nothing through but a relay: the server's own.

use anyhow::{Context, Result, ensure};
use e2e::{Kind, Network, Seen, Settings, Tab, in_house, until};
use serde::Deserialize;

const SETTINGS: Settings = Settings {
    max_participants: None,
    modes: e2e::Modes::Server,
    embed: None,
    links: None,
    network: Network::Open,
    ice_servers: &[],
    turn: true,
    closed: false,
    front: e2e::Front::Plain,
    max_bitrate: None,
};

/// By which way the connection to the server goes, and what came of it.
#[derive(Debug, Deserialize)]
struct Path {
    /// The type of the own candidate of the selected pair; one that was learnt of a relay's counts as that.
    local: Option<String>,
    /// By what the relay is spoken to.
    relay: Option<String>,
    /// Frames of pictures that were decoded.
    decoded: u64,
    /// How many ICE servers it was given.
    servers: usize,
}

async fn path(tab: &Tab) -> Result<Path> {
    let script = "
        const peer = e2e.peers.at(-1);
        return peer.getStats().then((stats) => {
            const all = [...stats.values()];
            const chosen = all.find((it) => it.type === 'transport' && it.selectedCandidatePairId);
            const pair = chosen ? stats.get(chosen.selectedCandidatePairId) : all.find((it) => it.selected);
            const local = pair && stats.get(pair.localCandidateId);
            const decoded = all.filter((it) => it.type === 'inbound-rtp' && it.kind === 'video');
            return {
                local: local ? (local.relayProtocol ? 'relay' : local.candidateType) : null,
                relay: local?.relayProtocol ?? null,
                decoded: decoded.reduce((sum, it) => sum + (it.framesDecoded || 0), 0),
                servers: peer.getConfiguration().iceServers?.length ?? 0,
            };
        });";
    tab.script(script, vec![]).await.context("no stats")
}

/// What the server counts of it.
async fn relayed_bytes(tab: &Tab) -> Result<u64> {
    let text: String = tab.script("return fetch('/metrics').then((answer) => answer.text())", vec![]).await?;
    let line = text.lines().find_map(|line| line.strip_prefix("madang_turn_bytes_out_total "));
    line.context("no such figure")?.parse().context("a figure that is no number")
}

async fn comes_by_the_relay(kind: Kind) -> Result<()> {
    in_house(SETTINGS, async |house| {
        let ada = house.browser(kind.by_relays_alone()).await?.window().await?;
        let bo = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        bo.enter("porch", "Bo").await?;
        ada.enter("porch", "Ada").await?;
        ada.sees_and_hears(&["Bo"]).await?;
        bo.sees_and_hears(&["Ada"]).await?;
        let relayed = path(&ada).await?;
        ensure!(relayed.local.as_deref() == Some("relay") && relayed.decoded > 0, "{relayed:?}");
        until("more than a little relayed to Ada, as the server says", async || {
            let bytes = relayed_bytes(&bo).await?;
            Ok(Seen::when(bytes > 10_000, &bytes))
        })
        .await?;
        let straight = path(&bo).await?;
        ensure!(straight.local.as_deref() != Some("relay") && straight.servers == 0, "{straight:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn chromium_comes_by_the_relay_when_there_is_no_other_way() -> Result<()> {
    comes_by_the_relay(Kind::Chromium).await
}

#[tokio::test]
async fn firefox_comes_by_the_relay_when_there_is_no_other_way() -> Result<()> {
    comes_by_the_relay(Kind::Firefox).await
}

/// An office that lets out nothing but HTTPS: media goes inside TLS to the port that the page came from.
#[tokio::test]
async fn chromium_comes_by_https_when_nothing_else_is_let_out() -> Result<()> {
    in_house(Settings { network: Network::HttpsAlone, turn: false, ..SETTINGS }, async |house| {
        let ada = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        ada.enter("porch", "Ada").await?;
        let bo = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        bo.enter("porch", "Bo").await?;
        ada.sees_and_hears(&["Bo"]).await?;
        bo.sees_and_hears(&["Ada"]).await?;
        let before = path(&ada).await?;
        ensure!(
            before.local.as_deref() == Some("relay") && before.relay.as_deref() == Some("tls"),
            "{before:?}"
        );
        until("more pictures", async || {
            let now = path(&ada).await?;
            Ok(Seen::when(now.decoded > before.decoded, &now))
        })
        .await?;
        let streams = bo.figure("tcp_streams_open").await?;
        ensure!(streams == 0, "{streams} streams came by another way");
        Ok(())
    })
    .await
}
