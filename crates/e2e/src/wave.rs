//! A sound to speak with: a WAV file, made up from nothing.

/// Samples a second.
const RATE: u32 = 48_000;
/// Seconds of talk, and then of silence.
const TALK: u32 = 3;
const SILENCE: u32 = 3;

/// Three seconds that sound like vowels, four a second, so that no echo canceller takes them for noise, and
/// three of silence. 16 bits, one channel.
pub fn talk() -> Vec<u8> {
    let samples: Vec<i16> = (0..RATE * (TALK + SILENCE)).map(sample).collect();
    let bytes = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX);
    let mut file = Vec::with_capacity(samples.len() * 2 + 44);
    file.extend(b"RIFF");
    file.extend((36 + bytes).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend(1_u16.to_le_bytes()); // PCM
    file.extend(1_u16.to_le_bytes()); // channels
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * 2).to_le_bytes());
    file.extend(2_u16.to_le_bytes()); // bytes of a frame
    file.extend(16_u16.to_le_bytes()); // bits of a sample
    file.extend(b"data");
    file.extend(bytes.to_le_bytes());
    file.extend(samples.into_iter().flat_map(i16::to_le_bytes));
    file
}

#[expect(clippy::cast_possible_truncation, reason = "at most 0.8 of what i16 holds")]
fn sample(at: u32) -> i16 {
    let seconds = f64::from(at) / f64::from(RATE);
    if seconds >= f64::from(TALK) {
        return 0;
    }
    let turn = |hertz: f64| (seconds * hertz * std::f64::consts::TAU).sin();
    let pitch = 140.0 + 25.0 * turn(0.7);
    let voice: f64 = (1..=12).map(|harmonic| turn(pitch * f64::from(harmonic)) / f64::from(harmonic)).sum();
    let syllable = turn(2.0).abs();
    (voice / 3.0 * syllable * 0.8 * f64::from(i16::MAX)).clamp(-26_000.0, 26_000.0) as i16
}
