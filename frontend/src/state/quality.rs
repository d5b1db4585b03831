//! How good a participant's connection is, and why it is no better: one verdict from the server's figures.
//! Pure. What is said about it in words is in [`words`](crate::words).

use ::signal::{Limit, LineQuality, LinkQuality, Mid, Quality};

/// How good, in three bars and none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing to complain of.
    Good,
    /// It can be noticed.
    Fair,
    /// It disturbs.
    Poor,
    /// Nothing comes through.
    Lost,
}

impl Level {
    /// For the stylesheet and for tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Poor => "poor",
            Self::Lost => "lost",
        }
    }
}

/// Why it is no better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// There is nothing to be better.
    Fine,
    /// The picture is shown small, and sent no larger.
    ByChoice,
    /// Between oneself and the server so many per mille are lost.
    OwnUplinkLoss(u16),
    /// Between the server and oneself so many per mille are lost.
    OwnDownlinkLoss(u16),
    /// Between the other one and the server so many per mille are lost.
    TheirUplinkLoss(u16),
    /// On the direct way from the other one so many per mille are lost.
    WayLoss(u16),
    /// The round trip takes so many milliseconds.
    Delay(u32),
    /// One's connection to the server bears no better picture: so many bits per second are sent.
    OwnUplinkSends(u32),
    /// One's connection from the server bears so many bits per second.
    OwnDownlinkBears(u32),
    /// The other one's connection to the server bears no more.
    TheirUplink,
    /// The server holds the picture back: one's connection does not bear it.
    Paused,
    /// The server holds the picture back: it has too much to do.
    PausedByServer,
    /// The server sends a smaller picture: it has too much to do.
    Server,
    /// The other one sends, and nothing arrives.
    NothingArrives,
    /// One's own media does not flow.
    Interrupted,
}

/// A level, and why it is no better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How good.
    pub level: Level,
    /// Why no better.
    pub cause: Cause,
}

impl Verdict {
    /// Nothing to complain of.
    pub const FINE: Self = Self { level: Level::Good, cause: Cause::Fine };
    /// One's own media does not flow.
    pub const INTERRUPTED: Self = Self { level: Level::Lost, cause: Cause::Interrupted };
}

/// Losses in per mille from which on they are noticed, and from which on they disturb: repair hides less.
const LOSS: (u16, u16) = (30, 100);
/// Round trips in milliseconds: ITU-T G.114 calls 150 ms one way good and 400 ms the end of usable.
const RTT: (u32, u32) = (300, 700);
/// A picture that a connection holds down to this height, in pixels, disturbs.
const SMALL: u16 = 200;

/// What is known of somebody else.
#[derive(Clone, Copy, Debug, Default)]
pub struct Others<'a> {
    /// The slot their picture comes through, if they send one.
    pub video: Option<&'a Mid>,
    /// The slot their sound comes through, if they send it.
    pub audio: Option<&'a Mid>,
    /// The server holds the picture back.
    pub paused: bool,
    /// They are seen and heard directly.
    pub direct: bool,
    /// Nothing of the picture arrives, and has not for a while.
    pub silent: bool,
}

/// Of oneself: both directions, the worse one. Nothing before it is measured.
pub fn of_oneself(quality: Option<&Quality>, connected: bool) -> Option<Verdict> {
    if !connected {
        return Some(Verdict::INTERRUPTED);
    }
    let quality = quality?;
    let held_down = quality.sending.iter().filter(|line| line.limit == Limit::Uplink);
    let held_back = quality.slots.iter().filter(|line| line.limit == Limit::Downlink);
    let up = held_down.map(|line| bears(line, Cause::OwnUplinkSends(quality.uplink.bitrate)));
    let down = held_back.map(|line| bears(line, Cause::OwnDownlinkBears(carried(&quality.downlink))));
    let rtt = quality.uplink.rtt.or(quality.downlink.rtt);
    let known = [
        lossy(quality.uplink.loss, Cause::OwnUplinkLoss),
        lossy(quality.downlink.loss, Cause::OwnDownlinkLoss),
        rtt.and_then(slow),
    ];
    Some(worst(known.into_iter().flatten().chain(up).chain(down)))
}

/// Of somebody else, as they arrive here. Nothing while they send nothing, or before it is measured.
pub fn of_other(quality: Option<&Quality>, other: Others<'_>) -> Option<Verdict> {
    let quality = quality?;
    if other.paused {
        let by_server = is_shed(quality, other.video);
        let cause = if by_server { Cause::PausedByServer } else { Cause::Paused };
        return Some(Verdict { level: Level::Poor, cause });
    }
    let line_of = |mid: &Mid| quality.slots.iter().find(|line| line.mid == *mid);
    let (video, audio) = (other.video.and_then(line_of), other.audio.and_then(line_of));
    video.or(audio)?;
    let silent = video.filter(|_| other.silent);
    let nothing = silent.map(|_| Verdict { level: Level::Lost, cause: Cause::NothingArrives });
    let loss = [video, audio].into_iter().flatten().map(|line| line.loss).max().unwrap_or(0);
    let limited = video.and_then(|line| match line.limit {
        Limit::None => None,
        Limit::View => Some(Verdict { level: Level::Good, cause: Cause::ByChoice }),
        Limit::Downlink => Some(bears(line, Cause::OwnDownlinkBears(carried(&quality.downlink)))),
        Limit::Uplink => Some(bears(line, Cause::TheirUplink)),
        Limit::Server => Some(bears(line, Cause::Server)),
    });
    let known = [
        nothing,
        lossy(loss, if other.direct { Cause::WayLoss } else { Cause::TheirUplinkLoss }),
        lossy(quality.downlink.loss, Cause::OwnDownlinkLoss),
        limited,
    ];
    Some(worst(known.into_iter().flatten()))
}

/// Whether the server sends less of the picture in a slot than it could, since it has too much to do.
fn is_shed(quality: &Quality, slot: Option<&Mid>) -> bool {
    quality.slots.iter().any(|line| Some(&line.mid) == slot && line.limit == Limit::Server)
}

/// The worst of all; of equals the first, but a cause at all before none.
fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.fold(Verdict::FINE, |worst, next| {
        let says_more = worst.cause == Cause::Fine && next.level == worst.level;
        if next.level > worst.level || says_more { next } else { worst }
    })
}

fn lossy(loss: u16, cause: impl Fn(u16) -> Cause) -> Option<Verdict> {
    above(loss, LOSS).map(|level| Verdict { level, cause: cause(loss) })
}

fn slow(rtt: u32) -> Option<Verdict> {
    above(rtt, RTT).map(|level| Verdict { level, cause: Cause::Delay(rtt) })
}

fn above<T: PartialOrd + Copy>(value: T, (fair, poor): (T, T)) -> Option<Level> {
    if value >= poor {
        Some(Level::Poor)
    } else if value >= fair {
        Some(Level::Fair)
    } else {
        None
    }
}

/// A picture that a connection holds down.
fn bears(line: &LineQuality, cause: Cause) -> Verdict {
    // A phone's picture stands: its shorter side counts.
    let level = if line.height.min(line.width) <= SMALL { Level::Poor } else { Level::Fair };
    Verdict { level, cause }
}

fn carried(link: &LinkQuality) -> u32 {
    link.estimate.unwrap_or(link.bitrate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(mid: &str, height: u16, limit: Limit) -> LineQuality {
        let width = height * 16 / 9;
        LineQuality { mid: Mid::from(mid), bitrate: 500_000, loss: 0, width, height, frames: 30, limit }
    }

    fn receiving(lines: Vec<LineQuality>) -> Quality {
        Quality { slots: lines, ..Quality::default() }
    }

    fn seen(quality: &Quality, paused: bool) -> Option<Verdict> {
        let (video, audio) = (Mid::from("3"), Mid::from("2"));
        let other = Others { video: Some(&video), audio: Some(&audio), paused, ..Others::default() };
        of_other(Some(quality), other)
    }

    fn verdict(level: Level, cause: Cause) -> Verdict {
        Verdict { level, cause }
    }

    #[test]
    fn nothing_is_said_before_it_is_measured() {
        assert_eq!(of_oneself(None, true), None);
        assert_eq!(seen(&Quality::default(), false), None);
        assert_eq!(of_other(None, Others { paused: true, ..Others::default() }), None);
    }

    #[test]
    fn oneself_by_the_worse_direction() {
        let check = |up: u16, down: u16, rtt: u32, level, cause| {
            let uplink = LinkQuality { loss: up, rtt: Some(rtt), ..LinkQuality::default() };
            let downlink = LinkQuality { loss: down, ..LinkQuality::default() };
            let quality = Quality { uplink, downlink, ..Quality::default() };
            assert_eq!(of_oneself(Some(&quality), true), Some(verdict(level, cause)), "{up} {down} {rtt}");
        };
        check(0, 0, 40, Level::Good, Cause::Fine);
        check(29, 29, 299, Level::Good, Cause::Fine);
        check(80, 0, 40, Level::Fair, Cause::OwnUplinkLoss(80));
        check(80, 120, 40, Level::Poor, Cause::OwnDownlinkLoss(120));
        check(0, 0, 300, Level::Fair, Cause::Delay(300));
        check(0, 50, 900, Level::Poor, Cause::Delay(900));
    }

    #[test]
    fn oneself_held_down_by_the_connection() {
        let uplink = LinkQuality { bitrate: 380_000, ..LinkQuality::default() };
        let sending = vec![line("1", 180, Limit::Uplink)];
        let quality = Quality { uplink, sending, ..Quality::default() };
        assert_eq!(
            of_oneself(Some(&quality), true),
            Some(verdict(Level::Poor, Cause::OwnUplinkSends(380_000)))
        );
        let downlink = LinkQuality { bitrate: 600_000, ..LinkQuality::default() };
        let quality = Quality { downlink, ..receiving(vec![line("3", 360, Limit::Downlink)]) };
        assert_eq!(
            of_oneself(Some(&quality), true),
            Some(verdict(Level::Fair, Cause::OwnDownlinkBears(600_000)))
        );
    }

    #[test]
    fn an_interruption_is_said_without_figures() {
        assert_eq!(of_oneself(None, false), Some(verdict(Level::Lost, Cause::Interrupted)));
    }

    #[test]
    fn others_by_what_limits_them() {
        let check = |height, limit, level, cause| {
            let quality = receiving(vec![line("3", height, limit)]);
            assert_eq!(seen(&quality, false), Some(verdict(level, cause)), "{height} {limit:?}");
        };
        check(720, Limit::None, Level::Good, Cause::Fine);
        check(180, Limit::View, Level::Good, Cause::ByChoice);
        check(360, Limit::Downlink, Level::Fair, Cause::OwnDownlinkBears(0));
        check(180, Limit::Downlink, Level::Poor, Cause::OwnDownlinkBears(0));
        check(360, Limit::Uplink, Level::Fair, Cause::TheirUplink);
        check(180, Limit::Uplink, Level::Poor, Cause::TheirUplink);
        check(360, Limit::Server, Level::Fair, Cause::Server);
    }

    #[test]
    fn others_by_loss_of_picture_or_sound() {
        let lossy = |mid, loss, limit| LineQuality { loss, ..line(mid, 720, limit) };
        let quality = receiving(vec![lossy("3", 60, Limit::View), lossy("2", 10, Limit::None)]);
        assert_eq!(seen(&quality, false), Some(verdict(Level::Fair, Cause::TheirUplinkLoss(60))));
        let quality = receiving(vec![lossy("2", 150, Limit::None)]);
        assert_eq!(seen(&quality, false), Some(verdict(Level::Poor, Cause::TheirUplinkLoss(150))));
    }

    #[test]
    fn on_a_direct_way_nobodys_uplink_is_blamed() {
        let quality = receiving(vec![LineQuality { loss: 60, ..line("3", 720, Limit::None) }]);
        let video = Mid::from("3");
        let other = Others { video: Some(&video), direct: true, ..Others::default() };
        assert_eq!(of_other(Some(&quality), other), Some(verdict(Level::Fair, Cause::WayLoss(60))));
    }

    #[test]
    fn a_paused_picture_is_said_before_all() {
        let quality = receiving(vec![line("3", 0, Limit::Downlink)]);
        assert_eq!(seen(&quality, true), Some(verdict(Level::Poor, Cause::Paused)));
        let quality = receiving(vec![line("3", 0, Limit::Server)]);
        assert_eq!(seen(&quality, true), Some(verdict(Level::Poor, Cause::PausedByServer)));
    }

    #[test]
    fn a_picture_of_no_bits_is_lost_once_it_is_silent() {
        let none = |limit| receiving(vec![LineQuality { bitrate: 0, ..line("3", 0, limit) }]);
        let mid = Mid::from("3");
        let other = Others { video: Some(&mid), silent: true, ..Others::default() };
        let lost = Some(verdict(Level::Lost, Cause::NothingArrives));
        assert_eq!(of_other(Some(&none(Limit::None)), other), lost);
        assert_eq!(seen(&none(Limit::None), false), Some(verdict(Level::Good, Cause::Fine)), "a second");
        assert_eq!(seen(&none(Limit::View), false), Some(verdict(Level::Good, Cause::ByChoice)));
        assert_eq!(
            seen(&none(Limit::Downlink), false),
            Some(verdict(Level::Poor, Cause::OwnDownlinkBears(0)))
        );
    }
}
