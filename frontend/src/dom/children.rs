//! Children that come and go: one of several, one or none, a list by keys.

use super::El;
use crate::boxed::Ask;
use crate::reactive::{AnySignal, follow_boxed, is_same, memo};
use leptos::prelude::{document, untrack};
use leptos::reactive::owner::Owner;
use web_sys::{Comment, Element, Node};

impl El {
    /// A child while the condition holds.
    #[must_use]
    pub fn when(
        self,
        on: impl Fn() -> bool + Send + Sync + 'static,
        make: impl Fn() -> El + 'static,
    ) -> Self {
        self.swap(on, move |on| on.then(&make))
    }

    /// One of several children, or none, by a value that follows signals: made anew when the value is another one,
    /// and only then, whatever is read while it is made.
    #[must_use]
    pub fn swap<T>(
        self,
        choose: impl Fn() -> T + Send + Sync + 'static,
        make: impl Fn(T) -> Option<El> + 'static,
    ) -> Self
    where
        T: Clone + PartialEq + Send + Sync + 'static,
    {
        let chosen = memo(choose);
        self.swap_boxed(chosen.any(), Box::new(move |()| make(chosen.get_untracked())))
    }

    fn swap_boxed(self, chosen: AnySignal, make: Box<dyn Ask<(), Option<El>>>) -> Self {
        let place = Place::at_the_end_of(&self);
        let mut row = Row::under(&Owner::current().unwrap_or_default());
        let mut last = None;
        follow_boxed(Box::new(move |()| {
            let now = chosen.get();
            // Whatever else may wake the effect, what stands then stays. So it does when it is about to go.
            if now.is_none() || is_same(last.as_ref(), now.as_ref()) {
                return;
            }
            last = now;
            // What the old one says while it goes is no reason to come back here.
            untrack(|| {
                row.clear();
                row.fill(&|| make.ask(()));
            });
            if let Some(element) = &row.element {
                place.insert(element);
            }
        }));
        self
    }

    /// A child for each key, in their order. A key that stays keeps its element, and an element moves only when
    /// one that stood behind it now stands before.
    #[must_use]
    pub fn each(self, keys: impl Fn() -> Vec<u64> + 'static, make: impl Fn(u64) -> El + 'static) -> Self {
        self.each_boxed(Box::new(move |()| keys()), Box::new(make))
    }

    fn each_boxed(self, keys: Box<dyn Ask<(), Vec<u64>>>, make: Box<dyn Ask<u64, El>>) -> Self {
        let place = Place::at_the_end_of(&self);
        let parent = Owner::current().unwrap_or_default();
        let mut rows: Vec<(u64, Row)> = Vec::new();
        let mut spare: Vec<Row> = Vec::new();
        follow_boxed(Box::new(move |()| {
            let keys = keys.ask(());
            untrack(|| {
                for (_, mut row) in rows.extract_if(.., |(key, _)| !keys.contains(key)) {
                    row.clear();
                    spare.push(row);
                }
                let mut next = Vec::with_capacity(keys.len());
                for key in keys {
                    let known = rows.iter().position(|(known, _)| *known == key).map(|at| rows.remove(at));
                    next.push(known.unwrap_or_else(|| {
                        let mut row = spare.pop().unwrap_or_else(|| Row::under(&parent));
                        row.fill(&|| Some(make.ask(key)));
                        (key, row)
                    }));
                }
                rows = next;
            });
            place.arrange(rows.iter().filter_map(|(_, row)| row.element.as_ref()));
        }));
        self
    }
}

/// A place for an element, with an owner for what it is made of. The owner is used again for the next element: a parent
/// keeps a note of every owner that was ever made under it, for as long as it lives itself.
struct Row {
    element: Option<Element>,
    owner: Owner,
}

impl Row {
    fn under(parent: &Owner) -> Self {
        Self { element: None, owner: parent.child() }
    }

    /// Makes an element. One that is there is to be cleared before.
    fn fill(&mut self, make: &dyn Fn() -> Option<El>) {
        self.element = self.owner.with(make).map(|made| made.raw().clone());
    }

    fn clear(&mut self) {
        // First out of the page: what its cleanup changes is seen by nobody.
        if let Some(element) = self.element.take() {
            element.remove();
        }
        self.owner.cleanup();
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Where children that come and go stand: before this mark.
struct Place(Comment);

impl Place {
    fn at_the_end_of(parent: &El) -> Self {
        let mark = document().create_comment("");
        parent.append(&mark);
        Self(mark)
    }

    fn insert(&self, element: &Element) {
        insert(element, &self.0);
    }

    /// Puts the elements before the mark, in this order, and moves as few as it can tell at a glance.
    fn arrange<'a>(&self, elements: impl DoubleEndedIterator<Item = &'a Element>) {
        let mut before: Node = self.0.clone().into();
        for element in elements.rev() {
            if element.next_sibling().as_ref() != Some(&before) {
                insert(element, &before);
            }
            before = element.clone().into();
        }
    }
}

fn insert(element: &Element, before: &Node) {
    if let Some(parent) = before.parent_node() {
        // A browser refuses only what would contain itself.
        let _ = parent.insert_before(element, Some(before));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos::prelude::on_cleanup;
    use std::cell::RefCell;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn a_place_has_one_owner_whatever_is_made_in_it() {
        let mut row = Row::under(&Owner::new());
        let (owners, gone) = (RefCell::new(Vec::new()), Arc::new(AtomicU32::new(0)));
        for turn in 0..3 {
            row.fill(&|| {
                owners.borrow_mut().extend(Owner::current().map(|owner| owner.debug_id()));
                let gone = Arc::clone(&gone);
                on_cleanup(move || {
                    gone.fetch_add(1, Ordering::Relaxed);
                });
                None
            });
            assert_eq!(gone.load(Ordering::Relaxed), turn, "what is shown stays");
            row.clear();
            assert_eq!(gone.load(Ordering::Relaxed), turn + 1);
        }
        let owners = owners.into_inner();
        assert_eq!(owners, [row.owner.debug_id(); 3]);
    }
}
