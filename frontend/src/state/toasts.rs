//! What just happened in the room, for a few seconds: who came and went, who raised a hand, who shares a screen, and
//! what was said while the chat was closed. What is alike is told together, and never more than a few things at once.
//! Pure; times are the page's, in milliseconds.

use ::signal::ParticipantId;

/// How long one is shown after the last that was added to it, in milliseconds.
pub const STAYS: f64 = 4_000.0;
/// So many at once; the oldest goes for a new one.
pub const MOST: usize = 3;
/// So many people in one of them; past it, it tells of those alone who follow. People may come and go without a pause, and
/// nothing here may grow for as long as they do.
pub const MOST_PEOPLE: usize = 200;
/// Of so many the name is told.
const NAMED: usize = 2;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Joined,
    Left,
    Hand,
    Screen,
    /// Something was said: the name goes on with it. The last stands for all.
    Message,
}

/// Something that happened, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    pub about: About,
    /// To whom. Two may have one name.
    pub whose: ParticipantId,
    /// The display name.
    pub name: String,
}

/// What is shown: one thing that happened, to one or to many.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// Names it among all there were.
    pub key: u64,
    pub about: About,
    /// Of the first of them, in the order it happened.
    pub names: Vec<String>,
    /// To whom, in the same order, each once.
    whose: Vec<ParticipantId>,
    until: f64,
}

impl Toast {
    /// To how many it happened.
    pub fn count(&self) -> usize {
        self.whose.len()
    }
}

/// What is shown now, the oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Toasts {
    list: Vec<Toast>,
    told: u64,
}

impl Toasts {
    /// The oldest first.
    pub fn list(&self) -> &[Toast] {
        &self.list
    }

    /// Adds it to what is shown of the like, which stays as long again; or shows it beside. What happens to one person
    /// twice is told once.
    pub fn push(&mut self, news: News, now: f64) {
        let until = now + STAYS;
        let News { about, whose, name } = news;
        if let Some(toast) = self.list.iter_mut().find(|toast| toast.about == about) {
            toast.until = until;
            if about == About::Message {
                toast.names = vec![name];
                return;
            }
            if toast.whose.contains(&whose) {
                return;
            }
            if toast.whose.len() == MOST_PEOPLE {
                toast.whose.clear();
                toast.names.clear();
            }
            toast.whose.push(whose);
            if toast.names.len() < NAMED {
                toast.names.push(name);
            }
            return;
        }
        self.told += 1;
        self.list.push(Toast { key: self.told, about, names: vec![name], whose: vec![whose], until });
        if self.list.len() > MOST {
            self.list.remove(0);
        }
    }

    /// Takes away what was shown for long enough.
    pub fn expire(&mut self, now: f64) {
        self.list.retain(|toast| toast.until > now);
    }

    /// When that is to be done next.
    pub fn next(&self) -> Option<f64> {
        self.list.iter().map(|toast| toast.until).min_by(f64::total_cmp)
    }
}

/// The like together, in the order in which it was first.
pub fn together(news: &[News]) -> Vec<(About, Vec<String>)> {
    let mut all: Vec<(About, Vec<String>)> = Vec::new();
    for News { about, whose: _, name } in news {
        match all.iter_mut().find(|(other, _)| other == about) {
            Some((_, names)) => names.push(name.clone()),
            None => all.push((*about, vec![name.clone()])),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By its first letter a name is somebody's.
    fn news(about: About, name: &str) -> News {
        let whose = ParticipantId(name.bytes().next().unwrap_or_default().into());
        News { about, whose, name: name.to_owned() }
    }

    fn shown(toasts: &Toasts) -> Vec<(About, usize)> {
        toasts.list().iter().map(|toast| (toast.about, toast.count())).collect()
    }

    #[test]
    fn of_what_is_said_the_last_is_shown() {
        let mut toasts = Toasts::default();
        toasts.push(news(About::Message, "Ada: Hello"), 0.0);
        toasts.push(news(About::Message, "Ada: Anybody?"), 1.0);
        toasts.push(news(About::Message, "Bo: Yes"), 2.0);
        assert_eq!(shown(&toasts), [(About::Message, 1)]);
        assert_eq!(toasts.list()[0].names, ["Bo: Yes"]);
    }

    #[test]
    fn the_like_is_one_and_stays_as_long_again() {
        let mut toasts = Toasts::default();
        toasts.push(news(About::Joined, "Ada"), 0.0);
        toasts.push(news(About::Left, "Cy"), 1_000.0);
        toasts.push(news(About::Joined, "Bo"), 3_000.0);
        assert_eq!(shown(&toasts), [(About::Joined, 2), (About::Left, 1)]);
        assert_eq!(toasts.next(), Some(5_000.0));
        toasts.expire(5_000.0);
        assert_eq!(shown(&toasts), [(About::Joined, 2)]);
        toasts.expire(7_000.0);
        assert_eq!((shown(&toasts), toasts.next()), (vec![], None));
    }

    #[test]
    fn a_crowd_that_comes_without_a_pause_is_counted_and_then_counted_anew() {
        let mut toasts = Toasts::default();
        let mut come = |id: usize| {
            let whose = ParticipantId(u32::try_from(id).unwrap());
            toasts.push(News { about: About::Joined, whose, name: format!("P{id}") }, 0.0);
            (toasts.list()[0].count(), toasts.list()[0].names.join(" "))
        };
        assert_eq!(come(1), (1, "P1".to_owned()));
        let all: Vec<_> = (2..=MOST_PEOPLE).map(&mut come).collect();
        assert_eq!(all.last(), Some(&(MOST_PEOPLE, "P1 P2".to_owned())));
        assert_eq!(come(MOST_PEOPLE), (MOST_PEOPLE, "P1 P2".to_owned()), "known");
        assert_eq!(come(MOST_PEOPLE + 1), (1, format!("P{}", MOST_PEOPLE + 1)));
    }

    #[test]
    fn a_few_at_most_and_each_with_a_key_of_its_own() {
        let mut toasts = Toasts::default();
        for about in [About::Joined, About::Left, About::Hand, About::Screen] {
            toasts.push(news(about, "Ada"), 0.0);
        }
        assert_eq!(shown(&toasts), [(About::Left, 1), (About::Hand, 1), (About::Screen, 1)]);
        toasts.push(news(About::Joined, "Bo"), 1.0);
        let keys: Vec<u64> = toasts.list().iter().map(|toast| toast.key).collect();
        assert_eq!(keys, [3, 4, 5]);
    }

    #[test]
    fn one_person_is_named_once_and_two_of_one_name_twice() {
        let mut toasts = Toasts::default();
        let hand =
            |id, name: &str| News { about: About::Hand, whose: ParticipantId(id), name: name.to_owned() };
        toasts.push(hand(1, "Ada"), 0.0);
        toasts.push(hand(1, "Ada"), 1_000.0);
        assert_eq!(shown(&toasts), [(About::Hand, 1)]);
        assert_eq!(toasts.next(), Some(1_000.0 + STAYS));
        toasts.push(hand(2, "Ada"), 2_000.0);
        assert_eq!(shown(&toasts), [(About::Hand, 2)]);
    }

    #[test]
    fn news_are_told_together() {
        let all = [news(About::Joined, "Ada"), news(About::Left, "Bo"), news(About::Joined, "Cy")];
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(together(&all), [(About::Joined, names(&["Ada", "Cy"])), (About::Left, names(&["Bo"]))]);
    }
}
