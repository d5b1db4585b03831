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
    Settings,
    Hand,
    Smile,
    Chat,
    More,
    Send,
    Down,
    FullScreen,
    Keyboard,
    Invite,
    Share,
    Signal,
    Search,
    Caret,
    Previous,
    Next,
    Grid,
    Speaker,
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
            Self::Settings => {
                "M4 7.5h8.5M17.5 7.5H20M4 16.5h2.5M11.5 16.5H20M15 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM9 19a2.5 2.5 \
                 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z"
            }
            Self::Hand => {
                "M8 12.5V6a1.5 1.5 0 0 1 3 0v5M11 11V4.5a1.5 1.5 0 0 1 3 0V11M14 11V6a1.5 1.5 0 0 1 3 0v6M17 12V9.5a1.5 1.5 \
                 0 0 1 3 0V14a7 7 0 0 1-7 7c-3 0-4.6-1.2-6-3.4l-2.7-4.3a1.5 1.5 0 0 1 2.5-1.7L8 13.5"
            }
            Self::Smile => {
                "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5c.9 1.2 2 1.8 3.5 1.8s2.6-.6 3.5-1.8M9 9.5v.5M15 9.5v.5"
            }
            Self::Chat => {
                "M6 4.5h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-6.5L7 20v-3.5H6a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2Z"
            }
            Self::More => "M12 5h.01v.5H12ZM12 11.75h.01v.5H12ZM12 18.5h.01v.5H12Z",
            Self::Send => "M12 19.5V5M5.5 11.5 12 5l6.5 6.5",
            Self::Down => "M12 4.5V19M5.5 12.5 12 19l6.5-6.5",
            Self::FullScreen => "M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15",
            Self::Keyboard => {
                "M5 6h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2ZM7 10v.01M10.5 10v.01M14 10v.01\
                 M17 10v.01M8.5 14.25h7"
            }
            Self::Invite => {
                "M10 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3.5 19.5a6.5 6.5 0 0 1 13 0M18.5 7v6M15.5 10h6"
            }
            Self::Share => "M12 14.5V4M8 7.5 12 3.5l4 4M5.5 12.5v5.5a2 2 0 0 0 2 2h9a2 2 0 0 0 2-2v-5.5",
            Self::Signal => "M5 19v-3.5M10 19v-7M15 19V8.5M20 19V5",
            Self::Caret => "M6.5 14.5 12 9l5.5 5.5",
            Self::Search => "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20 20",
            Self::Previous => "M14.5 6 8.5 12l6 6",
            Self::Next => "M9.5 6l6 6-6 6",
            Self::Grid => "M4.5 5h6v6h-6ZM13.5 5h6v6h-6ZM4.5 14h6v5h-6ZM13.5 14h6v5h-6Z",
            Self::Speaker => "M4 5.5h16v8.5H4ZM4.5 18.5h3M10.5 18.5h3M16.5 18.5h3",
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
