//! Values of any form, of which so many are held and no more.

use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fmt::{self, Formatter};

/// A value of JSON or YAML that has at most so many values in it, itself included. As a tree, a value takes up to a hundred times the
/// bytes of its text, and in YAML a few lines of text may stand for any number of them. Keys that are numbers become text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::formats) struct Tree<const NODES: usize>(pub Value);

impl<'de, const NODES: usize> Deserialize<'de> for Tree<NODES> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Node(&Cell::new(NODES)).deserialize(deserializer).map(Self)
    }
}

/// Reads one value; the cell says how many may follow.
struct Node<'a>(&'a Cell<usize>);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let left = self.0.get().checked_sub(1).ok_or_else(|| D::Error::custom("it has too many values in it"))?;
        self.0.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, is: bool) -> Result<Value, E> {
        Ok(is.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Node(self.0))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = map.next_key_seed(Node(self.0))? {
            let key = match key {
                Value::String(key) => key,
                other => other.to_string(),
            };
            values.insert(key, map.next_value_seed(Node(self.0))?);
        }
        Ok(Value::Object(values))
    }

    /// YAML's tags, which say nothing that matters here.
    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let (_, value) = tagged.variant_seed(Node(self.0))?;
        value.newtype_variant_seed(Node(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_counted() {
        let text = "{\"a\": [1, -2, 2.5, \"x\"], \"b\": {\"c\": null}}";
        let expected = json!({"a": [1, -2, 2.5, "x"], "b": {"c": null}});
        assert_eq!(serde_json::from_str::<Tree<11>>(text).unwrap().0, expected);
        assert!(serde_json::from_str::<Tree<10>>(text).unwrap_err().to_string().contains("too many"));
        assert_eq!(serde_yaml::from_str::<Tree<9>>("{1: !x a, true: ~}").unwrap().0, json!({"1": "a", "true": null}));
    }
}
