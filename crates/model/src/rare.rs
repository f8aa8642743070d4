//! What few things have: it costs those that don't a pointer.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};

/// A value that nearly always is the one that everything begins with.
///
/// It reads and writes like the value itself. A schema has many columns and few of them have a
/// comment or an expression, so that room for each would be most of what a schema takes.
#[derive(Clone)]
pub struct Rare<T>(Option<Box<T>>);

/// What a [`Rare`] value is where nothing was said.
pub trait Unsaid: Default + PartialEq + 'static {
    /// The value that everything begins with.
    const UNSAID: &'static Self;
}

impl<T> Rare<T> {
    /// Nothing is said.
    pub const fn new() -> Self {
        Self(None)
    }
}

impl<T: Unsaid> Rare<T> {
    /// Gives back the room of a value that says nothing any more.
    pub fn settle(&mut self) {
        if **self == *T::UNSAID {
            self.0 = None;
        }
    }

    /// The value to be changed, where something is said.
    pub fn said_mut(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }

    /// Says a part of it, or takes it back; none where nothing is said takes no room.
    pub fn put<V>(&mut self, value: Option<V>, part: fn(&mut T) -> &mut Option<V>) {
        if value.is_some() || self.0.is_some() {
            *part(self) = value;
        }
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Unsaid> From<T> for Rare<T> {
    fn from(value: T) -> Self {
        Self((value != *T::UNSAID).then(|| Box::new(value)))
    }
}

impl<T: Unsaid> Deref for Rare<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::UNSAID)
    }
}

impl<T: Unsaid> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Unsaid> PartialEq for Rare<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Unsaid + Eq> Eq for Rare<T> {}

impl<T: Unsaid + Hash> Hash for Rare<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: Unsaid + fmt::Debug> fmt::Debug for Rare<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Makes a part of the model read, print and compare as if its rare fields were its own: the
/// text that it has as JSON, and the one that fingerprints are made of, come from a form of the
/// same name in which every field stands at its place.
macro_rules! whole {
    ($name:ident of $rare:ident { $($own:ident $kind:tt),* $(,)? } and { $($few:ident $few_kind:tt),* $(,)? }) => {
        impl Unsaid for crate::$rare {
            const UNSAID: &'static Self = &crate::$rare::NOTHING;
        }

        impl Deref for crate::$name {
            type Target = crate::$rare;

            fn deref(&self) -> &crate::$rare {
                &self.rare
            }
        }

        impl DerefMut for crate::$name {
            fn deref_mut(&mut self) -> &mut crate::$rare {
                &mut self.rare
            }
        }

        impl<'a> From<&'a crate::$name> for $name<'a> {
            fn from(part: &'a crate::$name) -> Self {
                Self {
                    $($own: whole!(lent $kind part.$own),)*
                    $($few: whole!(lent $few_kind part.rare.$few),)*
                }
            }
        }

        impl From<$name<'_>> for crate::$name {
            fn from(part: $name<'_>) -> Self {
                Self {
                    $($own: whole!(owned $kind part.$own),)*
                    rare: crate::$rare {
                        $($few: whole!(owned $few_kind part.$few),)*
                    }
                    .into(),
                }
            }
        }

        impl fmt::Debug for crate::$name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $name::from(self).fmt(f)
            }
        }

        impl Serialize for crate::$name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $name::from(self).serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for crate::$name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $name::deserialize(deserializer).map(Self::from)
            }
        }

        #[cfg(feature = "json-schema")]
        impl schemars::JsonSchema for crate::$name {
            fn schema_name() -> Cow<'static, str> {
                $name::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                $name::schema_id()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $name::json_schema(generator)
            }
        }
    };
    (lent value $field:expr) => { $field };
    (lent one $field:expr) => { Cow::Borrowed(&$field) };
    (lent maybe $field:expr) => { $field.as_ref().map(Cow::Borrowed) };
    (lent boxed $field:expr) => { $field.as_deref().map(Cow::Borrowed) };
    (lent text $field:expr) => { $field.as_deref().map(Cow::Borrowed) };
    (lent list $field:expr) => { Cow::Borrowed($field.as_slice()) };
    (owned value $field:expr) => { $field };
    (owned one $field:expr) => { $field.into_owned() };
    (owned maybe $field:expr) => { $field.map(Cow::into_owned) };
    (owned boxed $field:expr) => { $field.map(|part| Box::new(part.into_owned())) };
    (owned text $field:expr) => { $field.map(Cow::into_owned) };
    (owned list $field:expr) => { $field.into_owned() };
}

pub(crate) use whole;
