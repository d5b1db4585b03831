//! The end of what plays.

use super::track;
use crate::reactive::keep;
use web_sys::HtmlMediaElement;

/// Lets an element's track go when the owner of now is gone. Else the browser keeps what plays, and with it all of the
/// page that it stood in.
pub fn let_go_at_the_end(element: &HtmlMediaElement) {
    keep(Playing(element.clone()));
}

/// Plays nothing more once it is dropped.
struct Playing(HtmlMediaElement);

impl Drop for Playing {
    fn drop(&mut self) {
        track::attach(&self.0, None);
    }
}
