//! A message as fields by name, each still text. What reads messages by their fields has the code for each type of
//! field once, where serde's own reading of a tagged enum has it once for each variant, which weighs in a client
//! that is fetched before it runs. [`read`](crate::read) is made of it.

use crate::DecodeError;
use crate::json::{self, Flaw};
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::cell::RefCell;

/// See the module. Of a field that is there twice the first counts.
///
/// What is wrong is kept here rather than handed on, so that a message of ten fields does not carry ten errors about:
/// a field that cannot be read is `None`, and [`why`](Self::why) says the rest.
pub(crate) struct Fields<'a> {
    /// The message's type, for errors.
    kind: String,
    all: Vec<(Cow<'a, str>, &'a str)>,
    /// What was wrong first.
    error: RefCell<Option<DecodeError>>,
}

impl<'a> Fields<'a> {
    /// Of a text that is a JSON object with a string under `tag`.
    pub(crate) fn read(text: &'a str, tag: &str) -> Result<Self, DecodeError> {
        let not_a_message = |flaw: Flaw| DecodeError::NotAMessage(flaw.to_string());
        let all = json::members(text).map_err(not_a_message)?;
        let kind = all.iter().find(|(name, _)| name == tag);
        let kind = kind.ok_or_else(|| DecodeError::NotAMessage(format!("no \"{tag}\"")))?;
        let kind = json::read(kind.1).map_err(not_a_message)?;
        Ok(Self { kind, all, error: RefCell::default() })
    }

    /// The message's type.
    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    /// Why the message could not be read: something of it, or else nothing has this type.
    pub(crate) fn why(self) -> DecodeError {
        self.error.into_inner().unwrap_or(DecodeError::UnknownMessage(self.kind))
    }

    /// A field.
    pub(crate) fn get<T: DeserializeOwned>(&self, name: &'static str) -> Option<T> {
        self.parse(self.text(name)?)
    }

    /// A field, or what stands for one that is left out.
    pub(crate) fn get_or_default<T: DeserializeOwned + Default>(&self, name: &str) -> Option<T> {
        self.find(name).map_or_else(|| Some(T::default()), |text| self.parse(text))
    }

    /// Something of this message's text.
    pub(crate) fn parse<T: DeserializeOwned>(&self, text: &str) -> Option<T> {
        json::read(text).map_err(|flaw| self.malformed(&flaw)).ok()
    }

    /// A field that is read by fields itself.
    pub(crate) fn inner<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, DecodeError>,
    ) -> Option<T> {
        read(self.text(name)?).map_err(|error| self.wrong(error)).ok()
    }

    /// A field, as its text.
    fn text(&self, name: &'static str) -> Option<&'a str> {
        let text = self.find(name);
        if text.is_none() {
            self.malformed(&Flaw::Missing(name));
        }
        text
    }

    fn find(&self, name: &str) -> Option<&'a str> {
        self.all.iter().find(|(known, _)| known == name).map(|(_, text)| *text)
    }

    fn malformed(&self, flaw: &Flaw) {
        self.wrong(DecodeError::Malformed { message_type: self.kind.clone(), detail: flaw.to_string() });
    }

    fn wrong(&self, error: DecodeError) {
        self.error.borrow_mut().get_or_insert(error);
    }
}
