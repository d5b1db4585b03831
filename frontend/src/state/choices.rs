//! What a person chose of devices, pictures, sound and looks. Plain values; [`settings`](super::settings) keeps
//! them, and [`Call::choose`](crate::rtc::call::Call::choose) acts on them.

use super::devices::Kind;

/// All choices. What was never chosen is as most people want it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that a person sees")]
pub struct Choices {
    /// The camera's id, as the browser gives it; empty for whichever the system prefers.
    pub camera: String,
    /// The microphone's, likewise.
    pub microphone: String,
    /// The speaker's, likewise.
    pub speaker: String,
    /// On a phone: which of its cameras, while none is chosen by id.
    pub facing: Facing,
    /// How large a picture is captured.
    pub lines: Lines,
    /// The microphone does not hear the speaker.
    pub echo: bool,
    /// It hears the voice and not the fan.
    pub noise: bool,
    /// It is as loud whoever speaks.
    pub gain: bool,
    /// Sound only: no picture is received, and none sent.
    pub saver: bool,
    /// One's own picture is shown as in a mirror.
    pub mirror: bool,
    /// Light or dark.
    pub theme: Theme,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            camera: String::new(),
            microphone: String::new(),
            speaker: String::new(),
            facing: Facing::default(),
            lines: Lines::default(),
            echo: true,
            noise: true,
            gain: true,
            saver: false,
            mirror: true,
            theme: Theme::default(),
        }
    }
}

/// Where a phone's camera looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Facing {
    /// Wherever the system's own choice does.
    #[default]
    Any,
    /// At the person.
    Front,
    /// Away from the person.
    Back,
}

impl Facing {
    /// As the browser says it: Media Capture and Streams §4.3.8, `facingMode`.
    pub fn mode(self) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::Front => Some("user"),
            Self::Back => Some("environment"),
        }
    }

    /// What a browser says; nothing where it does not know.
    pub fn of_mode(mode: &str) -> Option<Self> {
        [Self::Front, Self::Back].into_iter().find(|facing| facing.mode() == Some(mode))
    }

    /// The other camera of two.
    pub fn turned(self) -> Self {
        match self {
            Self::Any | Self::Front => Self::Back,
            Self::Back => Self::Front,
        }
    }
}

/// How large a picture is captured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lines {
    /// 640×360.
    Small,
    /// 1280×720.
    #[default]
    Usual,
    /// 1920×1080.
    Large,
}

impl Lines {
    /// From small to large.
    pub const ALL: [Self; 3] = [Self::Small, Self::Usual, Self::Large];

    /// Width and height in pixels.
    pub fn size(self) -> (i32, i32) {
        match self {
            Self::Small => (640, 360),
            Self::Usual => (1280, 720),
            Self::Large => (1920, 1080),
        }
    }

    /// The one of this code, or the usual one.
    pub fn of_code(code: &str) -> Self {
        by_code(Self::ALL, Self::code, code)
    }

    /// By its height.
    pub fn code(self) -> &'static str {
        match self {
            Self::Small => "360",
            Self::Usual => "720",
            Self::Large => "1080",
        }
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// In the order they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The one of this code, or the system's.
    pub fn of_code(code: &str) -> Self {
        by_code(Self::ALL, Self::code, code)
    }

    /// As the stylesheet knows it.
    pub fn code(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Choices {
    /// A line for each, `name=value`.
    pub fn to_text(&self) -> String {
        let Self { camera, microphone, speaker, facing, lines, echo, noise, gain, saver, mirror, theme } =
            self;
        let on = |on: &bool| if *on { "on" } else { "off" };
        let lines = [
            ("camera", camera.as_str()),
            ("microphone", microphone),
            ("speaker", speaker),
            ("facing", facing.mode().unwrap_or_default()),
            ("lines", lines.code()),
            ("echo", on(echo)),
            ("noise", on(noise)),
            ("gain", on(gain)),
            ("saver", on(saver)),
            ("mirror", on(mirror)),
            ("theme", theme.code()),
        ];
        lines.iter().flat_map(|(name, value)| [name, "=", *value, "\n"]).collect()
    }

    /// What cannot be read is as it would be had nobody chosen.
    pub fn from_text(text: &str) -> Self {
        let mut read = Self::default();
        for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
            let on = value == "on";
            match name {
                "camera" => value.clone_into(&mut read.camera),
                "microphone" => value.clone_into(&mut read.microphone),
                "speaker" => value.clone_into(&mut read.speaker),
                "facing" => read.facing = Facing::of_mode(value).unwrap_or_default(),
                "lines" => read.lines = Lines::of_code(value),
                "echo" => read.echo = on,
                "noise" => read.noise = on,
                "gain" => read.gain = on,
                "saver" => read.saver = on,
                "mirror" => read.mirror = on,
                "theme" => read.theme = Theme::of_code(value),
                _ => {} // of a newer version, perhaps
            }
        }
        read
    }

    /// The chosen device of a kind.
    pub fn device(&self, kind: Kind) -> &str {
        match kind {
            Kind::Camera => &self.camera,
            Kind::Microphone => &self.microphone,
            Kind::Speaker => &self.speaker,
        }
    }

    /// The same, to choose another.
    pub fn device_mut(&mut self, kind: Kind) -> &mut String {
        match kind {
            Kind::Camera => &mut self.camera,
            Kind::Microphone => &mut self.microphone,
            Kind::Speaker => &mut self.speaker,
        }
    }

    /// What a microphone is opened by.
    pub fn of_microphone(&self) -> (&str, bool, bool, bool) {
        (&self.microphone, self.echo, self.noise, self.gain)
    }

    /// What a camera is opened by, but for its size, which can be changed while it is open.
    pub fn of_camera(&self) -> (&str, Facing) {
        (&self.camera, self.facing)
    }
}

/// The one of this code, or the usual one.
fn by_code<T: Copy + Default>(all: [T; 3], code: fn(T) -> &'static str, wanted: &str) -> T {
    all.into_iter().find(|one| code(*one) == wanted).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_read_again() {
        let chosen = Choices {
            camera: "a1=b/c==".to_owned(),
            microphone: "mic".to_owned(),
            speaker: "loud".to_owned(),
            facing: Facing::Back,
            lines: Lines::Large,
            echo: false,
            noise: false,
            gain: false,
            saver: true,
            mirror: false,
            theme: Theme::Dark,
        };
        assert_eq!(Choices::from_text(&chosen.to_text()), chosen);
        assert_eq!(Choices::from_text(&Choices::default().to_text()), Choices::default());
    }

    #[test]
    fn what_cannot_be_read_is_as_usual() {
        for text in ["", "=", "\n\n", "lines=4k\ntheme=purple\nfacing=up", "hat=on", "echo on"] {
            assert_eq!(Choices::from_text(text), Choices::default(), "{text:?}");
        }
        assert_eq!(
            Choices::from_text("theme=dark\nlines=what"),
            Choices { theme: Theme::Dark, ..Choices::default() }
        );
    }

    #[test]
    fn turning_a_phone_takes_the_other_camera() {
        assert_eq!(Facing::of_mode("user").map(Facing::turned), Some(Facing::Back));
        assert_eq!(Facing::of_mode("environment").map(Facing::turned), Some(Facing::Front));
        assert_eq!(Facing::of_mode("left"), None);
    }
}
