//! An [`El`] as a Leptos view: what `mount_to_body` and `view!` take. Nothing here is ever rendered to text; the
//! page is made in the browser alone.

use super::El;
use leptos::tachys::html::attribute::{Attribute, any_attribute::AnyAttribute};
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::add_attr::AddAnyAttr;
use leptos::tachys::view::{Position, PositionState, Render, RenderHtml};
use web_sys::Element;

impl Render for El {
    type State = Element;

    fn build(self) -> Element {
        self.raw().clone()
    }

    /// The element keeps itself true: a view that is built again has built another.
    fn rebuild(self, state: &mut Element) {
        // A browser refuses to replace only what has no parent.
        let _ = state.replace_with_with_node_1(self.raw());
        *state = self.raw().clone();
    }
}

impl AddAnyAttr for El {
    type Output<New: Attribute> = El;

    fn add_any_attr<New: Attribute>(self, attr: New) -> El
    where
        El: RenderHtml,
    {
        let _state = attr.build(self.raw());
        self
    }
}

impl RenderHtml for El {
    type AsyncOutput = El;
    type Owned = El;
    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> El {
        self
    }

    fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {}

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Element {
        self.build()
    }

    fn into_owned(self) -> El {
        self
    }
}
