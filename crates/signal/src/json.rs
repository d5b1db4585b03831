//! JSON, as far as a client reads and writes it, of types that serde derives: reading, what is under the fields of a
//! message. `serde_json` does the same, and `json/tests.rs` holds this to it. It also knows floats, says at which place
//! a text is wrong and shows what stands there, and that weighs in a client that is fetched before it runs. Here numbers
//! are whole, as everywhere in the protocol, structs are objects, and enums are strings, or objects with a tag.

mod read;
mod write;

use core::fmt;
use read::Reader;
use serde::de::value::CowStrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, Unexpected, Visitor};
use serde::{Serialize, forward_to_deserialize_any};
use std::borrow::Cow;
use write::Writer;

/// Why a text cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Flaw {
    /// It is not JSON, or goes on after it should end.
    #[error("not JSON")]
    Syntax,
    /// A value is not of the type that is due, or out of its bounds.
    #[error("a value is of another type")]
    Type,
    /// A field is left out.
    #[error("missing field `{0}`")]
    Missing(&'static str),
    /// A field is there twice.
    #[error("duplicate field `{0}`")]
    Duplicate(&'static str),
    /// A name stands for nothing that is known.
    #[error("unknown `{0}`")]
    Unknown(String),
    /// What a type says itself.
    #[error("{0}")]
    Other(String),
}

impl de::Error for Flaw {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Other(message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::Type
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::Type
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::Type
    }

    fn unknown_variant(variant: &str, _: &'static [&'static str]) -> Self {
        Self::Unknown(variant.to_owned())
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::Unknown(field.to_owned())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Duplicate(field)
    }
}

/// Writes a value.
///
/// # Errors
/// When there is a float or a map in it, or a variant that is not named by a field beside what it holds.
pub(crate) fn write(value: &impl Serialize) -> Result<String, fmt::Error> {
    let mut writer = Writer::default();
    value.serialize(&mut writer)?;
    Ok(writer.into_text())
}

/// Reads all of a text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Flaw> {
    let mut reader = Reader::new(text);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// The members of an object, in their order, each value still text.
pub(crate) fn members(text: &str) -> Result<Vec<(Cow<'_, str>, &str)>, Flaw> {
    let mut reader = Reader::new(text);
    reader.open(b'{')?;
    let mut all = Vec::new();
    while reader.more(b'}', all.is_empty())? {
        let name = reader.string()?;
        reader.colon()?;
        all.push((name, reader.skip()?));
    }
    reader.end()?;
    Ok(all)
}

/// The elements of a list, each still text.
pub(crate) fn elements(text: &str) -> Result<Vec<&str>, Flaw> {
    let mut reader = Reader::new(text);
    reader.open(b'[')?;
    let mut all = Vec::new();
    while reader.more(b']', all.is_empty())? {
        all.push(reader.skip()?);
    }
    reader.end()?;
    Ok(all)
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Flaw;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        match self.peek() {
            b'"' => self.deserialize_str(visitor),
            b'[' => self.deserialize_seq(visitor),
            b'{' => self.deserialize_map(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'n' => self.deserialize_unit(visitor),
            _ => self.deserialize_i64(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        visitor.visit_bool(self.bool()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        visitor.visit_i64(self.number()?)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        visitor.visit_string(self.string()?.into_owned())
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.deserialize_str(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        if self.null()? { visitor.visit_unit() } else { Err(Flaw::Type) }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        if self.null()? { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.open(b'[')?;
        let mut parts = Parts::of(self);
        let value = visitor.visit_seq(&mut parts)?;
        parts.close(b']').map(|()| value)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.open(b'{')?;
        let mut parts = Parts::of(self);
        let value = visitor.visit_map(&mut parts)?;
        parts.close(b'}').map(|()| value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        visitor.visit_enum(CowStrDeserializer::new(self.string()?))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u128 f32 f64 char bytes byte_buf unit_struct tuple tuple_struct
    }
}

/// What is between two brackets.
struct Parts<'r, 'de> {
    reader: &'r mut Reader<'de>,
    /// Nothing was read yet.
    first: bool,
    /// The closing bracket was read.
    ended: bool,
}

impl<'r, 'de> Parts<'r, 'de> {
    /// Behind the opening bracket.
    fn of(reader: &'r mut Reader<'de>) -> Self {
        Self { reader, first: true, ended: false }
    }

    /// Whether another part follows.
    fn more(&mut self, end: u8) -> Result<bool, Flaw> {
        self.ended = !self.reader.more(end, self.first)?;
        self.first = false;
        Ok(!self.ended)
    }

    /// Nothing may be left.
    fn close(&mut self, end: u8) -> Result<(), Flaw> {
        if self.ended || !self.more(end)? { Ok(()) } else { Err(Flaw::Type) }
    }
}

impl<'de> de::SeqAccess<'de> for &mut Parts<'_, 'de> {
    type Error = Flaw;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Flaw> {
        if self.more(b']')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> de::MapAccess<'de> for &mut Parts<'_, 'de> {
    type Error = Flaw;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Flaw> {
        if self.more(b'}')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Flaw> {
        self.reader.colon()?;
        seed.deserialize(&mut *self.reader)
    }
}

#[cfg(test)]
mod tests;
