//! One element as a line of the native file: id, ends and notes beside the element's own fields in one object.
//!
//! The common keys are taken out of the stream of keys on the way to the element's own reader, and put before its own
//! fields when writing. That keeps unknown fields refused and costs no intermediate tree, which `serde(flatten)` would.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};

use crate::network::{Name, Notes};

/// Keys of every link beside those of its kind.
pub const LINK_KEYS: [&str; 6] = ["id", "from", "to", "name", "chamber", "attributes"];
/// Keys of every other element beside its own.
pub const PLAIN_KEYS: [&str; 1] = ["id"];

/// An element with its id.
#[derive(Debug)]
pub struct Plain<T> {
    pub id: Name,
    pub element: T,
}

/// A link with its id, ends and notes.
#[derive(Debug)]
pub struct Linked<T> {
    pub id: Name,
    pub from: Name,
    pub to: Name,
    pub notes: Option<Box<Notes>>,
    pub element: T,
}

#[derive(Default)]
struct Head {
    id: Option<Name>,
    from: Option<Name>,
    to: Option<Name>,
    name: Option<String>,
    chamber: Option<Name>,
    attributes: Option<crate::network::attributes::Attributes>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Plain<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (head, element) = deserializer.deserialize_map(Split { link: false, element: PhantomData })?;
        let id = head.id.ok_or_else(|| D::Error::missing_field("id"))?;
        Ok(Plain { id, element })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Linked<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (head, element) = deserializer.deserialize_map(Split { link: true, element: PhantomData })?;
        let id = head.id.ok_or_else(|| D::Error::missing_field("id"))?;
        let from = head.from.ok_or_else(|| D::Error::missing_field("from"))?;
        let to = head.to.ok_or_else(|| D::Error::missing_field("to"))?;
        let notes = Notes {
            name: head.name.unwrap_or_default(),
            chamber: head.chamber,
            attributes: head.attributes.unwrap_or_default(),
        };
        let notes = (notes != Notes::default()).then(|| Box::new(notes));
        Ok(Linked { id, from, to, notes, element })
    }
}

struct Split<T> {
    link: bool,
    element: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Split<T> {
    type Value = (Head, T);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an element { \"id\": … }")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut head = Head::default();
        let keys = Intercept { inner: map, head: &mut head, link: self.link };
        let element = T::deserialize(MapAccessDeserializer::new(keys))?;
        Ok((head, element))
    }
}

/// Passes keys on, keeping the common ones back.
struct Intercept<'h, A> {
    inner: A,
    head: &'h mut Head,
    link: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Intercept<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(Key(key)) = self.inner.next_key::<Key<'de>>()? {
            let (inner, head) = (&mut self.inner, &mut *self.head);
            match &*key {
                "id" => once(inner, &mut head.id, "id")?,
                "from" if self.link => once(inner, &mut head.from, "from")?,
                "to" if self.link => once(inner, &mut head.to, "to")?,
                "name" if self.link => once(inner, &mut head.name, "name")?,
                "chamber" if self.link => once(inner, &mut head.chamber, "chamber")?,
                "attributes" if self.link => once(inner, &mut head.attributes, "attributes")?,
                _ => return seed.deserialize(key.into_deserializer()).map(Some),
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.inner.next_value_seed(seed)
    }
}

fn once<'de, A: MapAccess<'de>, V: Deserialize<'de>>(
    map: &mut A,
    place: &mut Option<V>,
    field: &'static str,
) -> Result<(), A::Error> {
    let value = map.next_value()?;
    if place.replace(value).is_some() {
        return Err(A::Error::duplicate_field(field));
    }
    Ok(())
}

/// A key, borrowed from the text where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
