//! Everybody's numbers together.

use bot::{Bot, Received, RunShape};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// At one moment.
#[derive(Default)]
pub(crate) struct Tally {
    video_sent: u64,
    audio_sent: u64,
    feedback: u64,
    received: Received,
    /// Of that, sound.
    sound: Received,
    refused: u64,
    runs: BTreeMap<RunShape, u64>,
    delays: Vec<u32>,
    sound_delays: Vec<u32>,
}

impl Tally {
    /// As it stands.
    pub(crate) fn of(bots: &[Bot]) -> Self {
        let mut tally = Self::default();
        for bot in bots {
            bot.look(|stats| {
                tally.video_sent += stats.sent.video;
                tally.audio_sent += stats.sent.audio;
                tally.feedback += stats.sent.feedback;
                tally.refused += stats.refused + stats.unknown_ssrc;
                stats.received.values().for_each(|slot| add(&mut tally.received, slot));
                let sound = stats.received.values().filter(|slot| !slot.video);
                sound.for_each(|slot| add(&mut tally.sound, slot));
                for (shape, count) in &stats.runs {
                    *tally.runs.entry(*shape).or_default() += count;
                }
                tally.delays.extend(stats.delays());
                tally.sound_delays.extend(stats.sound_delays());
            });
        }
        tally
    }
}

fn add(total: &mut Received, slot: &Received) {
    total.packets += slot.packets;
    total.bytes += slot.bytes;
    total.healed += slot.healed;
    total.duplicates += slot.duplicates;
    total.probes += slot.probes;
    total.missing += slot.missing;
    total.lost += slot.lost;
    total.time_breaks += slot.time_breaks;
    total.picture_breaks += slot.picture_breaks;
    total.bad_starts += slot.bad_starts;
}

/// What happened between two moments.
pub(crate) fn report(before: &Tally, after: &Tally, seconds: u64) -> Value {
    let (first, last) = (&before.received, &after.received);
    let lost = |first: &Received, last: &Received| {
        (last.lost + last.missing).saturating_sub(first.lost + first.missing)
    };
    let runs: Vec<Value> = after
        .runs
        .iter()
        .filter_map(|(shape, count)| {
            let count = count - before.runs.get(shape).unwrap_or(&0);
            let RunShape { segments, segment, last } = *shape;
            (count > 0)
                .then(|| json!({"segments": segments, "segment": segment, "last": last, "count": count}))
        })
        .collect();
    json!({
        "seconds": seconds,
        "video_sent": after.video_sent - before.video_sent,
        "audio_sent": after.audio_sent - before.audio_sent,
        "feedback": after.feedback - before.feedback,
        "packets": last.packets - first.packets,
        "bytes": last.bytes - first.bytes,
        "healed": last.healed - first.healed,
        "lost": lost(first, last),
        "sound": {
            "packets": after.sound.packets - before.sound.packets,
            "lost": lost(&before.sound, &after.sound),
            "delay_us": percentiles(after.sound_delays.clone()),
        },
        "duplicates": last.duplicates - first.duplicates,
        "probes": last.probes - first.probes,
        "jumps": last.time_breaks + last.picture_breaks + last.bad_starts,
        "refused": after.refused - before.refused,
        "delay_us": percentiles(after.delays.clone()),
        "runs": runs,
    })
}

/// The 50th and the 99th.
pub(crate) fn percentiles(mut values: Vec<u32>) -> Value {
    values.sort_unstable();
    let at = |percent: usize| {
        values.get((values.len() * percent / 100).min(values.len().checked_sub(1)?)).copied()
    };
    json!({"p50": at(50), "p99": at(99)})
}
