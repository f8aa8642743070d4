//! Options of a sequence.

use realign_model::{DataType, Ident, IntWidth, ObjectName, Origin, Sequence};

use super::{Cursor, Path, Reading};

/// What a statement says of a bound or an owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Said<T> {
    /// Nothing.
    #[default]
    Nothing,
    /// That there is none.
    None,
    /// What it is.
    Is(T),
}

/// What a statement says of a sequence; none is not said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SequenceText {
    /// `AS`.
    pub(crate) data_type: Option<DataType>,
    /// `INCREMENT BY`.
    pub(crate) increment: Option<i128>,
    /// `MINVALUE`.
    pub(crate) min: Said<i128>,
    /// `MAXVALUE`.
    pub(crate) max: Said<i128>,
    /// `START WITH`.
    pub(crate) start: Option<i128>,
    /// `CACHE`.
    pub(crate) cache: Option<u64>,
    /// `CYCLE` or `NO CYCLE`.
    pub(crate) cycle: Option<bool>,
    /// `UNLOGGED` or `LOGGED`, as dumps say it of an identity column.
    pub(crate) unlogged: Option<bool>,
    /// `OWNED BY table.column`.
    pub(crate) owned_by: Said<(Path, Ident)>,
    /// `SEQUENCE NAME`, of an identity column.
    pub(crate) name: Option<Path>,
}

impl Cursor<'_> {
    /// The options of a sequence, up to something else.
    pub(crate) fn sequence_options(&mut self) -> Reading<SequenceText> {
        let mut found = SequenceText::default();
        loop {
            if self.take("as") {
                found.data_type = Some(self.data_type()?);
            } else if self.take("increment") {
                self.take("by");
                found.increment = Some(self.integer()?);
            } else if self.take("minvalue") {
                found.min = Said::Is(self.integer()?);
            } else if self.take("maxvalue") {
                found.max = Said::Is(self.integer()?);
            } else if self.take_all(&["no", "minvalue"]) {
                found.min = Said::None;
            } else if self.take_all(&["no", "maxvalue"]) {
                found.max = Said::None;
            } else if self.take("start") {
                self.take("with");
                found.start = Some(self.integer()?);
            } else if self.take("restart") {
                self.take("with");
                // The next value belongs to the rows.
                let _ = self.integer();
            } else if self.take("cache") {
                found.cache = u64::try_from(self.integer()?).ok();
            } else if self.take("cycle") {
                found.cycle = Some(true);
            } else if self.take_all(&["no", "cycle"]) {
                found.cycle = Some(false);
            } else if self.take_all(&["owned", "by", "none"]) {
                found.owned_by = Said::None;
            } else if self.take_all(&["owned", "by"]) {
                found.owned_by = Said::Is(self.column_path()?);
            } else if self.take_all(&["sequence", "name"]) {
                found.name = Some(self.path()?);
            } else if self.take("unlogged") {
                found.unlogged = Some(true);
            } else if self.take("logged") {
                found.unlogged = Some(false);
            } else {
                return Ok(found);
            }
        }
    }

    /// A column with its table: `s.t.c`.
    pub(crate) fn column_path(&mut self) -> Reading<(Path, Ident)> {
        let at = self.place();
        let mut parts = vec![self.text_name()?];
        while self.take_symbol(".") {
            parts.push(self.text_name()?);
        }
        let column = parts.pop().unwrap_or_default();
        let Some(name) = parts.pop() else {
            return Err(self.expected(". and a column"));
        };
        let path = Path {
            schema: parts.pop(),
            name,
            at,
        };
        Ok((path, crate::render::live_ident(&column)))
    }
}

/// The smallest and the largest value of a sequence of this type.
fn limits(data_type: &DataType) -> (i128, i128) {
    match data_type {
        DataType::Int {
            width: IntWidth::W8 | IntWidth::W16,
            ..
        } => (i16::MIN.into(), i16::MAX.into()),
        DataType::Int {
            width: IntWidth::W24 | IntWidth::W32,
            ..
        } => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN.into(), i64::MAX.into()),
    }
}

impl SequenceText {
    /// A new sequence: what is not said is the server's default.
    pub(crate) fn make(&self, name: ObjectName, origin: Origin) -> Sequence {
        let mut sequence = Sequence {
            name,
            data_type: Some(DataType::int(IntWidth::W64)),
            start: 1,
            increment: 1,
            min: None,
            max: None,
            cache: Some(1),
            cycle: false,
            unlogged: false,
            owned_by: None,
            loose: false,
            origin,
        };
        self.apply(&mut sequence);
        if self.start.is_none() {
            let first = if sequence.increment > 0 {
                sequence.min
            } else {
                sequence.max
            };
            sequence.start = first.unwrap_or(1);
        }
        sequence
    }

    /// Changes a sequence by what is said.
    pub(crate) fn apply(&self, sequence: &mut Sequence) {
        let default_type = DataType::int(IntWidth::W64);
        if let Some(data_type) = &self.data_type {
            let before = limits(sequence.data_type.as_ref().unwrap_or(&default_type));
            // Bounds that only the type had set follow it.
            if sequence.max == Some(before.1) {
                sequence.max = None;
            }
            if sequence.min == Some(before.0) {
                sequence.min = None;
            }
            sequence.data_type = Some(data_type.clone());
        }
        if let Some(increment) = self.increment {
            sequence.increment = increment;
        }
        for (said, bound) in [
            (&self.min, &mut sequence.min),
            (&self.max, &mut sequence.max),
        ] {
            match said {
                Said::Nothing => {}
                Said::None => *bound = None,
                Said::Is(value) => *bound = Some(*value),
            }
        }
        let (lowest, highest) = limits(sequence.data_type.as_ref().unwrap_or(&default_type));
        let ascending = sequence.increment > 0;
        let min = if ascending { 1 } else { lowest };
        let max = if ascending { highest } else { -1 };
        sequence.min.get_or_insert(min);
        sequence.max.get_or_insert(max);
        if let Some(start) = self.start {
            sequence.start = start;
        }
        if let Some(cache) = self.cache {
            sequence.cache = Some(cache);
        }
        if let Some(cycle) = self.cycle {
            sequence.cycle = cycle;
        }
    }
}

/// True when a sequence is just what the engine makes for a column of this type.
pub(crate) fn is_usual(sequence: &Sequence, data_type: &DataType) -> bool {
    let usual = SequenceText {
        data_type: Some(data_type.clone()),
        ..SequenceText::default()
    }
    .make(sequence.name.clone(), Origin::None);
    sequence.data_type == usual.data_type
        && sequence.start == usual.start
        && sequence.increment == usual.increment
        && sequence.min == usual.min
        && sequence.max == usual.max
        && sequence.cache.unwrap_or(1) == 1
        && !sequence.cycle
}
