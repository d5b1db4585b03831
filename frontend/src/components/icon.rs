//! Line icons, drawn on a 24-unit square in the text's colour. Decoration: the button beside has the words.

use crate::dom::{El, svg};

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Microphone,
    MicrophoneOff,
    Camera,
    CameraOff,
    Leave,
    Link,
    Check,
    Close,
    Shuffle,
    Person,
    People,
    Sound,
    Pause,
    Screen,
    Pin,
    Previous,
    Next,
    More,
    Hand,
    Grid,
    Speaker,
    FullScreen,
    Picture,
    Silence,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Self::Microphone => {
                "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21"
            }
            Self::MicrophoneOff => {
                "M15 9.5V6a3 3 0 0 0-5.7-1.3M9 9v2a3 3 0 0 0 4.6 2.5M5.5 11a6.5 6.5 0 0 0 10.1 5.4M18.5 11a6.5 6.5 0 \
                 0 1-.8 3.1M12 17.5V21M4 4l16 16"
            }
            Self::Camera => {
                "M5 6.5h8a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2ZM15 11l6-3.5v9L15 13"
            }
            Self::CameraOff => {
                "M9.5 6.5H13a2 2 0 0 1 2 2V12M15 15.5a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2h1M15 11l6-3.5v9\
                 l-3-1.8M4 4l16 16"
            }
            Self::Leave => "M13 4.5H7a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2h6M10.5 12H20M16.5 8.5 20 12l-3.5 3.5",
            Self::Link => {
                "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-.9.9M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7\
                 l.9-.9"
            }
            Self::Check => "M5 12.5 10 17.5 19.5 7",
            Self::Close => "M6.5 6.5 17.5 17.5M17.5 6.5 6.5 17.5",
            Self::Shuffle => {
                "M4 12a8 8 0 0 1 13.7-5.6L20 8.5M20 4v4.5h-4.5M20 12a8 8 0 0 1-13.7 5.6L4 15.5M4 20v-4.5h4.5"
            }
            Self::Person => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20a7.5 7.5 0 0 1 15 0",
            Self::People => {
                "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.5a6.5 6.5 0 0 1 13 0M15.5 4.8a3.5 3.5 0 \
                 0 1 0 6.4M18 14a6.5 6.5 0 0 1 3.5 5.5"
            }
            Self::Screen => {
                "M4.5 4.5h15a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15V6a1.5 1.5 0 0 1 1.5-1.5ZM8 20h8M12 13.5v-6M9.25 10 12 7.25 14.75 10"
            }
            Self::Pin => "M9 4h6l-.75 6.5L17.5 14h-11l3.25-3.5ZM12 14v6.5",
            Self::Previous => "M14.5 6 8.5 12l6 6",
            Self::Next => "M9.5 6l6 6-6 6",
            Self::More => "M12 5.5v.01M12 12v.01M12 18.5v.01",
            Self::Hand => {
                "M8 12.5v-6a1.5 1.5 0 0 1 3 0V11M11 11V5a1.5 1.5 0 0 1 3 0v6M14 11V6.5a1.5 1.5 0 0 1 3 0V14a6.5 6.5 0 0 1-6.5 6.5c-2.6 0-4-1.4-5.2-3.6L3.7 14a1.5 1.5 0 0 1 2.6-1.4L8 15"
            }
            Self::Grid => "M4.5 5h6v6h-6ZM13.5 5h6v6h-6ZM4.5 14h6v5h-6ZM13.5 14h6v5h-6Z",
            Self::Speaker => "M4 5.5h16v8.5H4ZM4.5 18.5h3M10.5 18.5h3M16.5 18.5h3",
            Self::FullScreen => "M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15",
            Self::Picture => {
                "M21 10V6.5A1.5 1.5 0 0 0 19.5 5h-15A1.5 1.5 0 0 0 3 6.5v10A1.5 1.5 0 0 0 4.5 18H10M13 13h8v6h-8Z"
            }
            Self::Silence => "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM16 9.5l5 5M21 9.5l-5 5",
            Self::Pause => "M9 6v12M15 6v12",
            Self::Sound => "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
        }
    }
}

/// An icon that stays.
pub fn icon(shape: Shape) -> El {
    frame().child(svg("path").set("d", shape.path()))
}

/// An icon that follows signals.
pub fn icon_of(shape: impl Fn() -> Shape + 'static) -> El {
    frame().child(svg("path").bind("d", move || shape().path().to_owned()))
}

fn frame() -> El {
    svg("svg").class("icon").set("viewBox", "0 0 24 24").set("aria-hidden", "true").set("focusable", "false")
}
