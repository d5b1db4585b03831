//! How the person wants the stage to be: what is large, and where one's own picture stands. Pure;
//! [`settings`](super::settings) remembers it as a text.

/// What is large.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LayoutChoice {
    /// Everybody alike, until a screen is shared or somebody is pinned.
    #[default]
    Auto,
    /// Everybody alike; only who is pinned is large.
    Grid,
    /// Who speaks, unless somebody is pinned or a screen is shared.
    Speaker,
}

/// Where one's own picture stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnPlace {
    /// Over the stage while there are two people, else among the others.
    #[default]
    Auto,
    /// Over the stage.
    Floating,
    /// Among the others.
    Among,
    /// Nowhere.
    Hidden,
}

/// A corner of the stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Corner {
    pub left: bool,
    pub top: bool,
}

/// All of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub choice: LayoutChoice,
    pub own: OwnPlace,
    /// In which one's own picture floats.
    pub corner: Corner,
}

impl LayoutChoice {
    /// All there are, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Grid, Self::Speaker];

    /// The one that is offered after it; after the last the first.
    pub fn next(self) -> Self {
        match self {
            Self::Auto => Self::Grid,
            Self::Grid => Self::Speaker,
            Self::Speaker => Self::Auto,
        }
    }

    /// For what remembers, and for tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Grid => "grid",
            Self::Speaker => "speaker",
        }
    }
}

impl OwnPlace {
    const ALL: [Self; 4] = [Self::Auto, Self::Floating, Self::Among, Self::Hidden];

    fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Floating => "floating",
            Self::Among => "among",
            Self::Hidden => "hidden",
        }
    }

    /// Whether one's own picture floats among so many people, oneself counted.
    pub fn floats(self, people: usize) -> bool {
        match self {
            Self::Auto => people == 2,
            Self::Floating => people > 1,
            Self::Among | Self::Hidden => false,
        }
    }
}

impl Corner {
    /// The next one in the direction of an arrow key; nothing for another key.
    pub fn towards(self, key: &str) -> Option<Self> {
        match key {
            "ArrowLeft" => Some(Self { left: true, ..self }),
            "ArrowRight" => Some(Self { left: false, ..self }),
            "ArrowUp" => Some(Self { top: true, ..self }),
            "ArrowDown" => Some(Self { top: false, ..self }),
            _ => None,
        }
    }
}

impl Layout {
    /// As a text.
    pub fn to_text(self) -> String {
        let Self { choice, own, corner } = self;
        let side = |there, yes, no| if there { yes } else { no };
        format!(
            "{} {} {} {}",
            choice.name(),
            own.name(),
            side(corner.top, "top", "bottom"),
            side(corner.left, "left", "right")
        )
    }

    /// From a text, perhaps of another version: what is not understood is as it is at first.
    pub fn of_text(text: &str) -> Self {
        let mut words = text.split(' ');
        let (choice, own) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        Self {
            choice: LayoutChoice::ALL.into_iter().find(|one| one.name() == choice).unwrap_or_default(),
            own: OwnPlace::ALL.into_iter().find(|one| one.name() == own).unwrap_or_default(),
            corner: Corner { top: words.next() == Some("top"), left: words.next() == Some("left") },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_comes_back() {
        for choice in LayoutChoice::ALL {
            for own in OwnPlace::ALL {
                for (left, top) in [(false, false), (true, false), (false, true), (true, true)] {
                    let layout = Layout { choice, own, corner: Corner { left, top } };
                    assert_eq!(Layout::of_text(&layout.to_text()), layout);
                }
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_as_at_first() {
        for text in ["", " ", "mosaic", "auto round", "💡"] {
            assert_eq!(Layout::of_text(text), Layout::default(), "{text:?}");
        }
        assert_eq!(Layout::of_text("speaker ?").choice, LayoutChoice::Speaker);
    }

    #[test]
    fn arrows_move_to_the_corner_they_point_to() {
        let corner = Corner::default();
        let up = corner.towards("ArrowUp").unwrap();
        assert_eq!(up, Corner { left: false, top: true });
        assert_eq!(up.towards("ArrowLeft"), Some(Corner { left: true, top: true }));
        assert_eq!(up.towards("ArrowDown"), Some(corner));
        assert_eq!(up.towards("Enter"), None);
    }

    #[test]
    fn ones_own_floats_beside_one_other_unless_it_is_placed() {
        let floats = |own: OwnPlace| [1, 2, 3].map(|people| own.floats(people));
        assert_eq!(floats(OwnPlace::Auto), [false, true, false]);
        assert_eq!(floats(OwnPlace::Floating), [false, true, true]);
        assert_eq!(floats(OwnPlace::Among), [false; 3]);
        assert_eq!(floats(OwnPlace::Hidden), [false; 3]);
    }
}
