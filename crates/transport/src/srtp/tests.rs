//! Published vectors, both ends back to back, and everything a hostile peer can do to a packet.

#![allow(clippy::cast_possible_truncation, reason = "small numbers made here")]

use super::cipher::{Cipher, Place};
use super::derive::{Label, derive};
use super::open::MAX_SOURCES;
use super::*;
use proptest::prelude::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn master(profile: Profile, seed: u8) -> MasterKey {
    MasterKey { key: [seed; 16], salt: vec![seed ^ 0x5a; profile.salt_len()] }
}

/// RFC 3711 appendix B.3.
#[test]
fn key_derivation_as_published() {
    let master = MasterKey {
        key: hex("E1F97A0D3E018BE0D64FA32C06DE4139").try_into().unwrap(),
        salt: hex("0EC675AD498AFEEBB6960B3AABE6"),
    };
    let key: [u8; 16] = derive(&master, Label::RtpEncryption).unwrap();
    assert_eq!(key.to_vec(), hex("C61E7A93744F39EE10734AFE3FF7A087"));
    let salt: [u8; 14] = derive(&master, Label::RtpSalt).unwrap();
    assert_eq!(salt.to_vec(), hex("30CBBC08863D8C85D49DB34A9AE1"));
    let auth: [u8; 20] = derive(&master, Label::RtpAuthentication).unwrap();
    assert_eq!(auth.to_vec(), hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
}

/// RFC 7714 §16.1.1: session key and salt given, so the cipher is built by hand.
#[test]
fn gcm_as_published() {
    use aws_lc_rs::aead::{AES_128_GCM, LessSafeKey, UnboundKey};
    let key = UnboundKey::new(&AES_128_GCM, &hex("000102030405060708090a0b0c0d0e0f")).unwrap();
    let cipher =
        Cipher::Gcm { key: LessSafeKey::new(key), salt: hex("517569642070726f2071756f").try_into().unwrap() };
    let header = hex("8040f17b8041f8d35501a0b2");
    let mut text = hex("47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573");
    let mut tag = [0u8; 16];
    let place = Place::Rtp { ssrc: 0x5501_a0b2, index: 0xf17b };
    cipher.seal(place, &header, &mut text, [0; 4], &mut tag).unwrap();
    let sealed = hex("f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833");
    assert_eq!(text, sealed);
    assert_eq!(tag.to_vec(), hex("899d7f27beb16a9152cf765ee4390cce"));
}

fn rtp(seq: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x90, 96];
    packet.extend(seq.to_be_bytes());
    packet.extend([0, 0, 0, 1, 0, 0, 0, 7]);
    // one-byte header extension of one word
    packet.extend([0xbe, 0xde, 0, 1, 0x10, 0xaa, 0, 0]);
    packet.extend(payload);
    packet
}

fn sealed_rtp(sealer: &Sealer, index: u64, payload: &[u8]) -> Vec<u8> {
    let mut packet = rtp(index as u16, payload);
    packet.resize(packet.len() + sealer.profile().rtp_overhead(), 0);
    sealer.seal_rtp(&mut packet, 20, 7, index).unwrap();
    packet
}

const RTCP: [u8; 16] = [0x80, 201, 0, 1, 0, 0, 0, 9, 0x81, 206, 0, 2, 0, 0, 0, 9];

fn sealed_rtcp(sealer: &mut Sealer) -> Vec<u8> {
    let mut packet = RTCP.to_vec();
    packet.resize(packet.len() + sealer.profile().rtcp_overhead(), 0);
    sealer.seal_rtcp(&mut packet).unwrap();
    packet
}

fn pair(profile: Profile) -> (Sealer, Opener) {
    let master = master(profile, 3);
    (Sealer::new(profile, &master).unwrap(), Opener::new(profile, &master).unwrap())
}

const PROFILES: [Profile; 2] = [Profile::AeadAes128Gcm, Profile::Aes128CmSha1_80];

#[test]
fn what_is_sealed_opens_once() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let mut packet = sealed_rtp(&sealer, 5, b"picture");
        let mut again = packet.clone();
        let len = opener.open_rtp(&mut packet).unwrap();
        assert_eq!(packet[..len], rtp(5, b"picture"));
        assert_eq!(opener.open_rtp(&mut again), Err(OpenError::Replayed));

        let mut packet = sealed_rtcp(&mut sealer);
        let mut again = packet.clone();
        assert_ne!(packet[8..16], RTCP[8..], "encrypted");
        let len = opener.open_rtcp(&mut packet).unwrap();
        assert_eq!(packet[..len], RTCP);
        assert_eq!(opener.open_rtcp(&mut again), Err(OpenError::Replayed));
    }
}

#[test]
fn the_rollover_counter_is_followed() {
    for profile in PROFILES {
        let (sealer, mut opener) = pair(profile);
        for index in (0xfff0..0x2_0010).step_by(7) {
            assert!(opener.open_rtp(&mut sealed_rtp(&sealer, index, b"x")).is_ok(), "{index:#x}");
        }
        // late, but within the window and never seen
        assert!(opener.open_rtp(&mut sealed_rtp(&sealer, 0x1_fff4, b"x")).is_ok());
    }
}

#[test]
fn a_flood_of_sources_is_bounded() {
    let (sealer, mut opener) = pair(Profile::AeadAes128Gcm);
    let mut send = |ssrc: u32| {
        let mut packet = rtp(1, b"x");
        packet[8..12].copy_from_slice(&ssrc.to_be_bytes());
        packet.resize(packet.len() + 16, 0);
        sealer.seal_rtp(&mut packet, 20, ssrc, 1).unwrap();
        opener.open_rtp(&mut packet)
    };
    for ssrc in 0..MAX_SOURCES as u32 {
        assert!(send(ssrc).is_ok());
    }
    assert_eq!(send(1 << 20), Err(OpenError::TooManySources));
}

#[test]
fn another_peers_key_opens_nothing() {
    for profile in PROFILES {
        let mut sealer = Sealer::new(profile, &master(profile, 1)).unwrap();
        let mut opener = Opener::new(profile, &master(profile, 2)).unwrap();
        assert_eq!(opener.open_rtp(&mut sealed_rtp(&sealer, 1, b"x")), Err(OpenError::NotAuthentic));
        assert_eq!(opener.open_rtcp(&mut sealed_rtcp(&mut sealer)), Err(OpenError::NotAuthentic));
    }
}

/// The exporter's layout (RFC 5764 §4.2), and that too little is refused.
#[test]
fn keying_material_is_split_in_order() {
    let exported: Vec<u8> = (0..60).collect();
    let keys = KeyingMaterial::from_exporter(Profile::AeadAes128Gcm, &exported).unwrap();
    assert_eq!(keys.client.key[0], 0);
    assert_eq!(keys.server.key[0], 16);
    assert_eq!(keys.client.salt, (32..44).collect::<Vec<u8>>());
    assert_eq!(keys.server.salt, (44..56).collect::<Vec<u8>>());
    let keys = KeyingMaterial::from_exporter(Profile::Aes128CmSha1_80, &exported).unwrap();
    assert_eq!(keys.server.salt, (46..60).collect::<Vec<u8>>());
    assert!(KeyingMaterial::from_exporter(Profile::Aes128CmSha1_80, &exported[..59]).is_none());
}

proptest! {
    #[test]
    fn garbage_is_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for profile in PROFILES {
            let (_, mut opener) = pair(profile);
            prop_assert!(opener.open_rtp(&mut bytes.clone()).is_err());
            prop_assert!(opener.open_rtcp(&mut bytes).is_err());
        }
    }

    #[test]
    fn one_changed_bit_is_noticed(at in 0usize..400, bit in 0u8..8) {
        for profile in PROFILES {
            let (mut sealer, mut opener) = pair(profile);
            let mut packet = sealed_rtp(&sealer, 9, b"some payload of a packet");
            let at = at % packet.len();
            packet[at] ^= 1 << bit;
            prop_assert!(opener.open_rtp(&mut packet).is_err());
            let mut packet = sealed_rtcp(&mut sealer);
            let at = at % packet.len();
            packet[at] ^= 1 << bit;
            prop_assert!(opener.open_rtcp(&mut packet).is_err());
        }
    }
}
