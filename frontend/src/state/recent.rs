//! The rooms visited lately, as a list. Pure: [`settings`](super::settings) keeps it in the browser.

/// How many are remembered; the oldest falls out.
pub const MAX_RECENT: usize = 8;

/// Room names, newest first, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent(Vec<String>);

impl Recent {
    /// Reads what [`to_json`](Self::to_json) wrote; anything else is an empty list.
    pub fn from_json(text: &str) -> Self {
        let names: Vec<String> = ::signal::decode(text).unwrap_or_default();
        let mut list = Self::default();
        for name in names.iter().rev().filter(|name| ::signal::RoomName::check(name).is_ok()) {
            list.visit(name);
        }
        list
    }

    /// As text to keep.
    pub fn to_json(&self) -> String {
        ::signal::encode(&self.0)
    }

    /// Puts a room at the top.
    pub fn visit(&mut self, room: &str) {
        self.forget(room);
        self.0.insert(0, room.to_owned());
        self.0.truncate(MAX_RECENT);
    }

    /// Takes a room out.
    pub fn forget(&mut self, room: &str) {
        self.0.retain(|name| name != room);
    }

    /// The names, newest first.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_first_and_each_once() {
        let mut list = Recent::default();
        for room in ["a", "b", "a", "c"] {
            list.visit(room);
        }
        assert_eq!(list.names(), ["c", "a", "b"]);
        list.forget("a");
        assert_eq!(list.names(), ["c", "b"]);
    }

    #[test]
    fn the_oldest_falls_out() {
        let mut list = Recent::default();
        for n in 0..20 {
            list.visit(&n.to_string());
        }
        assert_eq!(list.names().len(), MAX_RECENT);
        assert_eq!(list.names()[0], "19");
    }

    #[test]
    fn what_was_kept_is_read_and_rubbish_is_not() {
        let mut list = Recent::default();
        list.visit("tea");
        list.visit("마당");
        assert_eq!(Recent::from_json(&list.to_json()), list);
        assert_eq!(Recent::from_json("{"), Recent::default());
        assert_eq!(Recent::from_json(r#"["ok","<b>"]"#).names(), ["ok"]);
    }
}
