//! A message as fields by name, each still text. What reads messages by their fields has the code for each type of
//! field once, where serde's own reading of a tagged enum has it once for each variant, which weighs in a client
//! that is fetched before it runs. [`read`](crate::read) is made of it.

use crate::DecodeError;
use crate::json::{self, Flaw};
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// See the module. Of a field that is there twice the first counts.
pub(crate) struct Fields<'a> {
    /// The message's type, for errors.
    kind: String,
    all: Vec<(Cow<'a, str>, &'a str)>,
}

impl<'a> Fields<'a> {
    /// Of a text that is a JSON object with a string under `tag`.
    pub(crate) fn read(text: &'a str, tag: &str) -> Result<Self, DecodeError> {
        let not_a_message = |flaw: Flaw| DecodeError::NotAMessage(flaw.to_string());
        let all = json::members(text).map_err(not_a_message)?;
        let kind = all.iter().find(|(name, _)| name == tag);
        let kind = kind.ok_or_else(|| DecodeError::NotAMessage(format!("no \"{tag}\"")))?;
        let kind = json::read(kind.1).map_err(not_a_message)?;
        Ok(Self { kind, all })
    }

    /// The message's type.
    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    /// Nothing has this type.
    pub(crate) fn unknown(self) -> DecodeError {
        DecodeError::UnknownMessage(self.kind)
    }

    /// A field, as its text.
    pub(crate) fn text(&self, name: &str) -> Result<&'a str, DecodeError> {
        self.find(name).ok_or_else(|| self.malformed(format!("missing field `{name}`")))
    }

    /// A field.
    pub(crate) fn get<T: DeserializeOwned>(&self, name: &str) -> Result<T, DecodeError> {
        self.parse(self.text(name)?)
    }

    /// A field, or what stands for one that is left out.
    pub(crate) fn get_or_default<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, DecodeError> {
        self.find(name).map_or_else(|| Ok(T::default()), |text| self.parse(text))
    }

    /// Something of this message's text.
    pub(crate) fn parse<T: DeserializeOwned>(&self, text: &str) -> Result<T, DecodeError> {
        json::read(text).map_err(|flaw| self.malformed(flaw.to_string()))
    }

    fn find(&self, name: &str) -> Option<&'a str> {
        self.all.iter().find(|(known, _)| known == name).map(|(_, text)| *text)
    }

    fn malformed(&self, detail: String) -> DecodeError {
        DecodeError::Malformed { message_type: self.kind.clone(), detail }
    }
}
