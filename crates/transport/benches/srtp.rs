//! What sealing and opening a packet costs: `cargo bench -p transport`. `open` takes 1,024 packets at a time, since each
//! opens only once; its throughput is by packet.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that panics has found something")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::time::Duration;
use transport::srtp::{KeyingMaterial, Opener, Profile, Sealer};

const PROFILES: [Profile; 2] = [Profile::AeadAes128Gcm, Profile::Aes128CmSha1_80];
/// Sound, and a full packet of video.
const LENGTHS: [usize; 2] = [120, 1150];
const HEADER_LEN: usize = 12;
const SSRC: u32 = 7;
/// Packets sealed ahead for the opener, which takes each only once.
const AHEAD: u64 = 1024;

fn keys(profile: Profile) -> KeyingMaterial {
    let exported: [u8; 60] = std::array::from_fn(|k| u8::try_from(k).unwrap_or_default());
    KeyingMaterial::from_exporter(profile, &exported).expect("60 bytes are enough")
}

/// A packet with room for the tag.
fn plain(profile: Profile, len: usize, index: u64) -> Vec<u8> {
    let mut packet = vec![0x5a; len + profile.rtp_overhead()];
    packet[..2].copy_from_slice(&[0x80, 96]);
    packet[2..4].copy_from_slice(&((index & 0xffff) as u16).to_be_bytes());
    packet[8..12].copy_from_slice(&SSRC.to_be_bytes());
    packet
}

fn name(profile: Profile, len: usize) -> BenchmarkId {
    BenchmarkId::new(format!("{profile:?}"), len)
}

fn seal(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("seal");
    for (profile, len) in PROFILES.into_iter().flat_map(|profile| LENGTHS.map(|len| (profile, len))) {
        let sealer = Sealer::new(profile, &keys(profile).server).expect("a key of the right length");
        let (mut packet, mut index) = (plain(profile, len, 0), 0);
        group.throughput(Throughput::Bytes(len as u64));
        group.bench_function(name(profile, len), |bencher| {
            bencher.iter(|| {
                index += 1;
                sealer.seal_rtp(&mut packet, HEADER_LEN, SSRC, index)
            });
        });
    }
}

fn open(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("open");
    for (profile, len) in PROFILES.into_iter().flat_map(|profile| LENGTHS.map(|len| (profile, len))) {
        let keys = keys(profile);
        let sealer = Sealer::new(profile, &keys.client).expect("a key of the right length");
        let sealed: Vec<Vec<u8>> = (0..AHEAD)
            .map(|index| {
                let mut packet = plain(profile, len, index);
                sealer.seal_rtp(&mut packet, HEADER_LEN, SSRC, index).expect("room for the tag");
                packet
            })
            .collect();
        group.throughput(Throughput::Elements(AHEAD));
        group.bench_function(name(profile, len), |bencher| {
            let fresh = || {
                let opener = Opener::new(profile, &keys.client).expect("a key of the right length");
                (opener, sealed.clone())
            };
            let open_all = |(mut opener, mut packets): (Opener, Vec<Vec<u8>>)| {
                for packet in &mut packets {
                    opener.open_rtp(packet).expect("what was sealed opens");
                }
                packets
            };
            bencher.iter_batched(fresh, open_all, BatchSize::LargeInput);
        });
    }
}

fn quick() -> Criterion {
    Criterion::default().sample_size(20).measurement_time(Duration::from_secs(2)).without_plots()
}

criterion_group!(name = benches; config = quick(); targets = seal, open);
criterion_main!(benches);
