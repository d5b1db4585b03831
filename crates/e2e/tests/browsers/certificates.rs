//! Certificates of an unusual size: their handshake's messages come in pieces.

use anyhow::{Result, ensure};
use e2e::{Kind, Settings, in_house};

/// Has the page's connections show a key of so many bits.
const WITH_RSA: &str = "
    const key = {
        name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256',
        modulusLength: arguments[0], publicExponent: new Uint8Array([1, 0, 1]),
    };
    return RTCPeerConnection.generateCertificate(key).then((certificate) => {
        const Peer = RTCPeerConnection;
        window.RTCPeerConnection = class extends Peer {
            constructor(how) {
                super({ ...how, certificates: [certificate] });
            }
        };
        return true;
    });";

/// Bytes of the certificate that the page has shown.
const SHOWN: &str = "
    return e2e.peers.at(-1).getStats().then((stats) => {
        const transport = [...stats.values()].find((it) => it.type === 'transport');
        return atob(stats.get(transport.localCertificateId).base64Certificate).length;
    });";

#[tokio::test]
async fn chromium_comes_in_with_large_certificates() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let ada = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        ada.enter("porch", "Ada").await?;
        for (bits, name) in [(2048, "Bo"), (4096, "Cy")] {
            let tab = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
            tab.wait_at("porch", name).await?;
            ensure!(tab.script::<bool>(WITH_RSA, vec![bits.into()]).await?);
            tab.join().await?;
            tab.sees_and_hears(&["Ada"]).await?;
            ada.sees_and_hears(&[name]).await?;
            // A key and a signature, of so many bits each.
            let shown: u32 = tab.script(SHOWN, vec![]).await?;
            ensure!(shown > bits / 4, "{shown} bytes for {bits} bits");
            tab.go_to("about:blank").await?;
        }
        Ok(())
    })
    .await
}
