//! Every number of an element by the name of its field: not finite, or outside its sensible range.
//!
//! Walks any serialisable value as a serialiser that writes nothing, so that a field added to an element is checked
//! without a word here. The ranges are those the editor uses.

use serde::ser::{self, Serialize};

use crate::network::fields;

/// A number that cannot be.
#[derive(Clone, Debug, PartialEq)]
pub struct BadNumber {
    /// Name of the field, without the groups around it.
    pub field: &'static str,
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl BadNumber {
    /// Whether no network can hold it: not finite, or negative where only a size makes sense. Other numbers out of range
    /// are doubtful but a file must be able to carry them, or a network could not be saved.
    pub fn is_impossible(&self) -> bool {
        !self.value.is_finite() || (self.low >= 0.0 && self.value < self.low)
    }

    /// The key of its sentence.
    pub fn key(&self) -> &'static str {
        if self.value.is_finite() { "io-out-of-range" } else { "io-not-finite" }
    }
}

/// The numbers of a value that no network can hold, in the order of its fields.
pub fn impossible<T: Serialize + ?Sized>(value: &T) -> Vec<BadNumber> {
    let mut bad = check(value);
    bad.retain(BadNumber::is_impossible);
    bad
}

/// All bad numbers of a value, in the order of its fields.
pub fn check<T: Serialize + ?Sized>(value: &T) -> Vec<BadNumber> {
    let mut walk = Walk { field: "", bad: Vec::new() };
    // The walk itself cannot fail: its error type has no way to be made but by the values' own serialisers.
    let _ = value.serialize(&mut walk);
    walk.bad
}

struct Walk {
    field: &'static str,
    bad: Vec<BadNumber>,
}

/// Only exists because the interface asks for it.
#[derive(Debug)]
struct Never;

impl std::fmt::Display for Never {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not serialisable")
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Never
    }
}

impl Walk {
    fn number(&mut self, value: f64) {
        let (low, high) = fields::range(self.field);
        if !(value.is_finite() && (low..=high).contains(&value)) {
            self.bad.push(BadNumber { field: self.field, value, low, high });
        }
    }

    fn inside<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Never> {
        let outer = std::mem::replace(&mut self.field, field);
        let done = value.serialize(&mut *self);
        self.field = outer;
        done
    }
}

macro_rules! pass {
    ($($name:ident: $type:ty),*) => {
        $(fn $name(self, _: $type) -> Result<(), Never> { Ok(()) })*
    };
}

macro_rules! numbers {
    ($($name:ident: $type:ty),*) => {
        $(fn $name(self, value: $type) -> Result<(), Never> { self.number(value as f64); Ok(()) })*
    };
}

impl ser::Serializer for &mut Walk {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    pass!(serialize_bool: bool, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8]);
    numbers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_u8: u8,
        serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32, serialize_f64: f64
    );

    fn serialize_none(self) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }
}

macro_rules! sequence {
    ($($trait:ident $method:ident),*) => { $(
        impl ser::$trait for &mut Walk {
            type Ok = ();
            type Error = Never;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
                value.serialize(&mut **self)
            }
            fn end(self) -> Result<(), Never> {
                Ok(())
            }
        }
    )* };
}

sequence!(
    SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

macro_rules! fields_of {
    ($($trait:ident),*) => { $(
        impl ser::$trait for &mut Walk {
            type Ok = ();
            type Error = Never;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Never> {
                self.inside(name, value)
            }
            fn end(self) -> Result<(), Never> {
                Ok(())
            }
        }
    )* };
}

fields_of!(SerializeStruct, SerializeStructVariant);

/// Free attributes: their keys are not the program's, so only finiteness counts.
impl ser::SerializeMap for &mut Walk {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        self.inside("attributes", value)
    }

    fn end(self) -> Result<(), Never> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Insulation, Pipe, PipeDetails};

    #[test]
    fn finds_bad_numbers_however_deep() {
        let insulation = Box::new(Insulation { thickness_m: -0.1, conductivity_w_mk: f64::NAN, ageing_factor: 1.0 });
        let details = PipeDetails { insulation: Some(insulation), ..PipeDetails::default() };
        let pipe = Pipe { length_m: -5.0, details: details.into(), ..Pipe::default() };
        let fields: Vec<&str> = check(&pipe).iter().map(|bad| bad.field).collect();
        assert_eq!(fields, ["length_m", "thickness_m", "conductivity_w_mk"]);
        assert_eq!(check(&Pipe::default()), []);
    }
}
