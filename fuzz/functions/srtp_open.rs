//! Any datagram opens or is refused. What opens, opens once; what the fuzzer makes up opens never. The
//! input's first byte chooses: the input as it is, or sealed first, so that what lies behind the tag is
//! reached too.

use transport::srtp::{KeyingMaterial, Opener, Profile, Sealer};

/// Checks one input.
pub fn run(data: &[u8]) {
    let Some((choice, packet)) = data.split_first() else { return };
    let profile = if choice & 1 == 0 { Profile::AeadAes128Gcm } else { Profile::Aes128CmSha1_80 };
    let exported: [u8; 60] = std::array::from_fn(|k| u8::try_from(k).unwrap_or_default());
    let keys = KeyingMaterial::from_exporter(profile, &exported).expect("60 bytes are enough");
    let mut opener = Opener::new(profile, &keys.client).expect("a good key");
    let mut sealer = Sealer::new(profile, &keys.client).expect("a good key");
    let mut packet = packet.to_vec();
    match choice >> 1 & 3 {
        0 => drop(opener.open_rtp(&mut packet)),
        1 => drop(opener.open_rtcp(&mut packet)),
        2 => {
            let (header_len, ssrc, seq) = (12, ssrc_at(&packet, 8), seq_of(&packet));
            packet.resize(packet.len() + profile.rtp_overhead(), 0);
            if sealer.seal_rtp(&mut packet, header_len, ssrc, seq).is_ok() {
                opens_at_most_once(&packet, |packet| opener.open_rtp(packet).ok());
            }
        }
        _ => {
            packet.resize(packet.len() + profile.rtcp_overhead(), 0);
            if sealer.seal_rtcp(&mut packet).is_ok() {
                opens_at_most_once(&packet, |packet| opener.open_rtcp(packet).ok());
            }
        }
    }
}

fn opens_at_most_once(sealed: &[u8], mut open: impl FnMut(&mut [u8]) -> Option<usize>) {
    let first = open(&mut sealed.to_vec());
    assert!(first.is_none_or(|len| len < sealed.len()));
    if first.is_some() {
        assert_eq!(open(&mut sealed.to_vec()), None, "a replay");
    }
}

fn ssrc_at(packet: &[u8], at: usize) -> u32 {
    packet.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes)
}

fn seq_of(packet: &[u8]) -> u64 {
    packet
        .get(2..4)
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, |seq| u64::from(u16::from_be_bytes(seq)))
}
