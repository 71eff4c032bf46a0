//! Words of the contract as the API description shows them: strings with a closed list of values.

use medique_contracts::vocabulary::{
    AdviceFailure, ArrivalMode, Consciousness, DoctorStatus, ReturnPlace, Role, Sex, StageState,
    TransferPlace, TriagePolicy, TriageSource, VitalSign,
};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{
    ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::str::FromStr;

/// A closed list of words.
pub trait Vocabulary: Copy + FromStr + Send + Sync + 'static {
    /// Name in the API description.
    const NAME: &'static str;
    /// Every word.
    fn words() -> Vec<&'static str>;
    /// This word.
    fn word(self) -> &'static str;
}

macro_rules! vocabulary {
    ($($name:ident),+ $(,)?) => {
        $(impl Vocabulary for $name {
            const NAME: &'static str = stringify!($name);
            fn words() -> Vec<&'static str> {
                $name::ALL.iter().map(|word| word.as_str()).collect()
            }
            fn word(self) -> &'static str {
                self.as_str()
            }
        })+
    };
}

vocabulary!(
    AdviceFailure,
    ArrivalMode,
    Consciousness,
    DoctorStatus,
    ReturnPlace,
    Role,
    Sex,
    StageState,
    TransferPlace,
    TriagePolicy,
    TriageSource,
    VitalSign
);

/// A word of the contract in a request or an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<T>(pub T);

impl<T: Vocabulary> Serialize for Word<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

impl<'de, T: Vocabulary> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| {
            let words = T::words().join(", ");
            serde::de::Error::custom(format!("unknown word, expected one of {words}"))
        })
    }
}

impl<T: Vocabulary> Type for Word<T> {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let mut schema = MetaSchema::new("string");
        schema.enum_items = T::words().into_iter().map(Value::from).collect();
        MetaSchemaRef::Inline(Box::new(schema))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: Vocabulary> ParseFromJSON for Word<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let value = value.unwrap_or_default();
        let word = value.as_str().and_then(|text| text.parse().ok());
        word.map(Self)
            .ok_or_else(|| ParseError::expected_type(value))
    }
}

impl<T: Vocabulary> ParseFromParameter for Word<T> {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        value
            .parse()
            .map(Self)
            .map_err(|_| ParseError::custom("unknown word"))
    }
}

impl<T: Vocabulary> ToJSON for Word<T> {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.word().into())
    }
}
