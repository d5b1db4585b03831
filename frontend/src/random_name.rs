//! Readable random room names such as `quiet-otter-42`. Pure: the caller brings the random numbers.

const MOODS: [&str; 32] = [
    "amber", "brave", "breezy", "bright", "calm", "clear", "cosy", "early", "fair", "gentle", "golden",
    "green", "happy", "hushed", "kind", "late", "lucky", "mellow", "mild", "misty", "open", "patient",
    "quiet", "rainy", "shady", "snowy", "soft", "steady", "sunny", "warm", "wide", "windy",
];

const THINGS: [&str; 32] = [
    "acorn",
    "badger",
    "bamboo",
    "birch",
    "crane",
    "dove",
    "fern",
    "finch",
    "garden",
    "gate",
    "heron",
    "jar",
    "kettle",
    "lantern",
    "lotus",
    "magpie",
    "maple",
    "meadow",
    "moon",
    "otter",
    "paper",
    "pebble",
    "persimmon",
    "pine",
    "plum",
    "pond",
    "river",
    "sparrow",
    "stone",
    "teapot",
    "tiger",
    "willow",
];

/// A name from three random numbers: about 90 000 of them, enough that two strangers seldom meet.
pub fn room_name([mood, thing, number]: [u8; 3]) -> String {
    let pick =
        |list: &[&'static str; 32], n: u8| list.get(usize::from(n) % list.len()).copied().unwrap_or("open");
    format!("{}-{}-{}", pick(&MOODS, mood), pick(&THINGS, thing), 10 + u32::from(number) * 90 / 256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_room_name_as_it_is() {
        for a in 0..=255 {
            for n in [0, 1, 127, 254, 255] {
                let name = room_name([a, a.wrapping_mul(7), n]);
                assert_eq!(::signal::RoomName::parse(&name).expect("valid").as_str(), name);
            }
        }
    }

    #[test]
    fn numbers_have_two_digits() {
        assert_eq!(room_name([0, 0, 0]), "amber-acorn-10");
        assert_eq!(room_name([22, 19, 93]), "quiet-otter-42");
        assert_eq!(room_name([255, 255, 255]), "windy-willow-99");
    }
}
