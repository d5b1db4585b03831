//! Screens as the others see them.

use crate::world::World;
use session::SourceState::{Live, Muted};
use signal::Source::{Screen, ScreenAudio};

#[test]
fn a_screen_and_its_sound_are_shown_with_their_slots() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.set_source("bob", Screen, Live);
    world.set_source("bob", ScreenAudio, Muted);
    world.pass_secs(1);
    let bob = world.other("ada", "bob");
    let (screen, sound) = (bob.screen.unwrap(), bob.screen_audio.unwrap());
    assert!(!screen.muted && sound.muted);
    assert!(screen.slot.is_some() && sound.slot.is_some());
    world.agree();
}
