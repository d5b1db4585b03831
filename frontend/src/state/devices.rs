//! The devices that the browser lists, and what follows when the list changes. Pure;
//! [`rtc::listing`](crate::rtc::listing) asks the browser.

/// What kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Makes pictures.
    Camera,
    /// Hears.
    Microphone,
    /// Is heard.
    Speaker,
}

/// A device as the browser lists it. Before the person allowed one, ids and labels are empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What kind.
    pub kind: Kind,
    /// The browser's name for it, the same on later visits.
    pub id: String,
    /// For people.
    pub label: String,
    /// The same for all that is in one box: a headset's microphone and its speaker.
    pub group: String,
}

/// The ids under which Chromium lists a device a second time, for the part it plays.
const PARTS: [&str; 2] = ["default", "communications"];

/// The devices of a kind that can be chosen: ids, and labels that are not the same twice.
pub fn choosable(list: &[Listed], kind: Kind) -> Vec<(String, String)> {
    let numbered = |(place, device): (usize, &Listed)| {
        let same = real(list, kind).take(place).filter(|before| before.label == device.label).count();
        let number = if same == 0 { String::new() } else { format!(" ({})", same + 1) };
        (device.id.clone(), device.label.clone() + &number)
    };
    real(list, kind).enumerate().map(numbered).collect()
}

/// The label of what the system prefers, where the browser tells.
pub fn preferred(list: &[Listed], kind: Kind) -> Option<&str> {
    let group = preferred_group(list, kind)?;
    real(list, kind).find(|device| device.group == group).map(|device| device.label.as_str())
}

/// The id of what was chosen while it is there, else none.
pub fn present<'a>(list: &[Listed], kind: Kind, chosen: &'a str) -> &'a str {
    if real(list, kind).any(|device| device.id == chosen) { chosen } else { "" }
}

/// Whether a device that is in use is to be changed for another, now that the list has changed: what was chosen
/// has come back, or the system prefers another one and nothing was chosen.
pub fn wants_other(before: &[Listed], now: &[Listed], kind: Kind, chosen: &str, used: &str) -> bool {
    if chosen.is_empty() {
        let (was, is) = (preferred_group(before, kind), preferred_group(now, kind));
        return was.is_some() && is.is_some() && was != is;
    }
    let came = present(before, kind, chosen).is_empty() && !present(now, kind, chosen).is_empty();
    came && used != chosen
}

fn real(list: &[Listed], kind: Kind) -> impl Iterator<Item = &Listed> {
    list.iter().filter(move |device| {
        device.kind == kind && !device.id.is_empty() && !PARTS.contains(&device.id.as_str())
    })
}

fn preferred_group(list: &[Listed], kind: Kind) -> Option<&str> {
    let [default, _] = PARTS;
    let default = list.iter().find(|device| device.kind == kind && device.id == default);
    default.map(|device| device.group.as_str()).filter(|group| !group.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Kind::{Camera, Microphone, Speaker};

    fn device(kind: Kind, id: &str, label: &str, group: &str) -> Listed {
        Listed { kind, id: id.to_owned(), label: label.to_owned(), group: group.to_owned() }
    }

    /// A laptop with a headset, the system preferring what is in `group`.
    fn list(group: &str) -> Vec<Listed> {
        vec![
            device(Microphone, "default", "Default - whatever", group),
            device(Microphone, "in", "Built-in", "laptop"),
            device(Microphone, "head", "Headset", "headset"),
            device(Camera, "eye", "Webcam", "laptop"),
            device(Camera, "eye2", "Webcam", "desk"),
            device(Speaker, "communications", "Communications - whatever", group),
            device(Speaker, "out", "Built-in", "laptop"),
        ]
    }

    #[test]
    fn each_device_is_offered_once_and_told_apart() {
        let offered = |kind| choosable(&list("laptop"), kind);
        let check = |kind, expected: &[(&str, &str)]| {
            let offered = offered(kind);
            let offered: Vec<_> = offered.iter().map(|(id, label)| (id.as_str(), label.as_str())).collect();
            assert_eq!(offered, expected);
        };
        check(Microphone, &[("in", "Built-in"), ("head", "Headset")]);
        check(Camera, &[("eye", "Webcam"), ("eye2", "Webcam (2)")]);
        check(Speaker, &[("out", "Built-in")]);
        assert_eq!(choosable(&[device(Camera, "", "", "")], Camera), [], "not allowed yet");
    }

    #[test]
    fn what_the_system_prefers_is_told_where_the_browser_tells() {
        assert_eq!(preferred(&list("headset"), Microphone), Some("Headset"));
        assert_eq!(preferred(&list("headset"), Camera), None);
        assert_eq!(preferred(&list("gone"), Microphone), None);
    }

    #[test]
    fn what_was_chosen_and_is_gone_is_nothing() {
        assert_eq!(present(&list(""), Camera, "eye"), "eye");
        assert_eq!(present(&list(""), Microphone, "eye"), "");
        assert_eq!(present(&list(""), Microphone, "default"), "");
        assert_eq!(present(&[], Camera, "eye"), "");
    }

    #[test]
    fn what_was_chosen_is_taken_when_it_comes_back_and_only_then() {
        let all = list("laptop");
        let without: Vec<_> = all.iter().filter(|device| device.id != "head").cloned().collect();
        let check =
            |before: &[Listed], now: &[Listed], used| wants_other(before, now, Microphone, "head", used);
        assert!(check(&without, &all, "in"));
        assert!(!check(&without, &all, "head"), "in use already");
        assert!(!check(&all, &all, "in"), "it was there, and could not be opened");
        assert!(!check(&all, &without, "head"), "its end is told by the track");
    }

    #[test]
    fn the_system_is_followed_by_who_chose_nothing() {
        let (laptop, headset) = (list("laptop"), list("headset"));
        assert!(wants_other(&laptop, &headset, Microphone, "", "in"));
        assert!(!wants_other(&laptop, &headset, Microphone, "in", "in"));
        assert!(!wants_other(&laptop, &laptop, Microphone, "", "in"));
        assert!(!wants_other(&list(""), &headset, Microphone, "", "in"), "not told before it was allowed");
        assert!(!wants_other(&[], &headset, Microphone, "", "in"));
        assert!(!wants_other(&laptop, &headset, Camera, "", "eye"));
    }
}
