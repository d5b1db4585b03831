//! Fills a room with bots and says what they saw.

fn main() {}
