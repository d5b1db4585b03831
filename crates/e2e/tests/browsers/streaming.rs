//! Browsers as clients of WHIP and WHEP: a page of its own `RTCPeerConnection` and plain `fetch`, beside people in the
//! room's own pages.

use anyhow::{Result, ensure};
use e2e::{Devices, Kind, Seen, Settings, Tab, in_house, until};
use serde_json::json;

/// Posts an offer to a path, and gives the entity-tag. Its second argument is what the three sizes that it sends are
/// scaled down by, in their order, if it sends.
const VISIT: &str = r"
    const [path, scales] = arguments;
    const pc = new RTCPeerConnection();
    const gathered = new Promise((done) => {
        pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done();
    });
    return (async () => {
        if (scales) {
            const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
            const encodings = scales.map((scale) => ({ rid: `by${scale}`, scaleResolutionDownBy: scale }));
            pc.addTransceiver(media.getAudioTracks()[0], { direction: 'sendonly' });
            pc.addTransceiver(media.getVideoTracks()[0], { direction: 'sendonly', sendEncodings: encodings });
        } else {
            pc.ontrack = ({ track }) => {
                const element = document.createElement(track.kind);
                element.srcObject = new MediaStream([track]);
                element.muted = true;
                document.body.append(element);
                element.play();
            };
            pc.addTransceiver('audio', { direction: 'recvonly' });
            pc.addTransceiver('video', { direction: 'recvonly' });
        }
        await pc.setLocalDescription();
        const headers = { 'Content-Type': 'application/sdp', Authorization: 'Bearer none' };
        const response = await fetch(path, { method: 'POST', headers, body: pc.localDescription.sdp });
        const answer = await response.text();
        if (response.status !== 201) throw new Error(`${response.status} ${answer}`);
        await pc.setRemoteDescription({ type: 'answer', sdp: answer });
        const resource = new URL(response.headers.get('Location'), location.href);
        const etag = response.headers.get('ETag');
        window.visit = { pc, resource, etag, gathered };
        return etag;
    })();
";

/// Tells its candidates, and gives the status.
const TRICKLE: &str = r"
    const { pc, resource, etag, gathered } = window.visit;
    const kept = /^(m=|a=(mid|ice-ufrag|ice-pwd|candidate|end-of-candidates))/;
    return gathered.then(async () => {
        const body = pc.localDescription.sdp.split('\r\n').filter((line) => kept.test(line)).join('\r\n') + '\r\n';
        const headers = { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': etag };
        return (await fetch(resource, { method: 'PATCH', headers, body })).status;
    });
";

/// Restarts ICE, and gives the new entity-tag.
const RESTART: &str = r"
    const { pc, resource } = window.visit;
    const credentials = (sdp) => sdp.split('\r\n').filter((line) => /^(m=|a=(mid|ice-ufrag|ice-pwd))/.test(line));
    return (async () => {
        const answered = pc.remoteDescription.sdp;
        await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
        const body = credentials(pc.localDescription.sdp).join('\r\n') + '\r\n';
        const headers = { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*' };
        const response = await fetch(resource, { method: 'PATCH', headers, body });
        const fragment = await response.text();
        if (response.status !== 200) throw new Error(`${response.status} ${fragment}`);
        const line = (key) => fragment.split('\r\n').find((line) => line.startsWith(key));
        const sdp = answered
            .replace(/a=ice-ufrag:.*/g, line('a=ice-ufrag:'))
            .replace(/a=ice-pwd:.*/g, line('a=ice-pwd:'));
        await pc.setRemoteDescription({ type: 'answer', sdp });
        return response.headers.get('ETag');
    })();
";

/// Deletes the resource, and gives the status.
const LEAVE: &str = r"
    const { pc, resource } = window.visit;
    return fetch(resource, { method: 'DELETE' }).then((response) => (pc.close(), response.status));
";

/// What was decoded: pictures, and samples of sound.
const PLAYED: &str = r"
    return window.visit.pc.getStats().then((stats) => {
        const inbound = [...stats.values()].filter((report) => report.type === 'inbound-rtp');
        const of = (kind) => inbound.find((report) => report.kind === kind) ?? {};
        return [of('video').framesDecoded ?? 0, of('audio').totalSamplesReceived ?? 0];
    });
";

async fn plays(tab: &Tab) -> Result<()> {
    let before: (u64, u64) = tab.script(PLAYED, vec![]).await?;
    until("pictures and sound", async || {
        let now: (u64, u64) = tab.script(PLAYED, vec![]).await?;
        Ok(Seen::when(now.0 >= before.0 + 10 && now.1 >= before.1 + 24_000, &now))
    })
    .await
}

async fn publishes(kind: Kind, scales: [u8; 3]) -> Result<()> {
    in_house(Settings::default(), async |house| {
        let watcher = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        watcher.enter("studio", "Ada").await?;
        let page = house.browser(kind.with_a_full_picture()).await?.window().await?;
        page.open("/").await?;
        let etag: String = page.script(VISIT, vec![json!("/whip/studio?name=Stage"), json!(scales)]).await?;
        watcher.sees_and_hears(&["Stage"]).await?;
        ensure!(page.script::<u16>(TRICKLE, vec![]).await? == 204);
        let restarted: String = page.script(RESTART, vec![]).await?;
        ensure!(restarted != etag, "a new ICE session has another tag than {etag}");
        watcher.sees_and_hears(&["Stage"]).await?;
        ensure!(page.script::<u16>(LEAVE, vec![]).await? == 200);
        watcher.until("being alone again", |view| view.names().is_empty()).await
    })
    .await
}

async fn watches(kind: Kind) -> Result<()> {
    in_house(Settings::default(), async |house| {
        let publisher = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        publisher.enter("studio", "Ada").await?;
        // A Firefox without devices would use no address but that of the page.
        let devices = if kind == Kind::Firefox { Devices::Given } else { Devices::None };
        let page = house.browser(kind.with(devices)).await?.window().await?;
        page.open("/").await?;
        let path = json!("/whep/studio?participant=Ada&name=Screen");
        page.script::<String>(VISIT, vec![path, json!(null)]).await?;
        plays(&page).await?;
        publisher.until("who plays it", |view| view.names() == ["Screen"]).await?;
        page.script::<String>(RESTART, vec![]).await?;
        plays(&page).await?;
        ensure!(page.script::<u16>(LEAVE, vec![]).await? == 200);
        publisher.until("being alone again", |view| view.names().is_empty()).await
    })
    .await
}

#[tokio::test]
async fn a_chromium_publishes_in_three_sizes_by_whip() -> Result<()> {
    publishes(Kind::Chromium, [4, 2, 1]).await
}

#[tokio::test]
async fn a_chromium_may_offer_the_largest_size_first() -> Result<()> {
    publishes(Kind::Chromium, [1, 2, 4]).await
}

#[tokio::test]
async fn a_firefox_publishes_in_three_sizes_by_whip() -> Result<()> {
    publishes(Kind::Firefox, [4, 2, 1]).await
}

#[tokio::test]
async fn a_chromium_plays_by_whep() -> Result<()> {
    watches(Kind::Chromium).await
}

#[tokio::test]
async fn a_firefox_plays_by_whep() -> Result<()> {
    watches(Kind::Firefox).await
}
