//! Codes of what is said about a mapping, all in one place.

/// A code and what it means in one line.
pub struct CodeMeaning {
    /// The stable code.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

macro_rules! codes {
    ($($name:ident = $code:literal $meaning:literal,)*) => {
        $(#[doc = $meaning] pub(crate) const $name: &str = $code;)*

        /// Every code of this crate, in order.
        pub const CODES: &[CodeMeaning] = &[
            $(CodeMeaning { code: $code, meaning: $meaning },)*
        ];
    };
}

codes! {
    NOT_XML = "D001" "The file is not well-formed XML",
    REFUSED = "D002" "The file is too large, too deeply nested, has a document type, or another encoding than it says",
    NOT_A_MAPPING = "D003" "The root element is not doctrine-mapping",
    EMPTY_FILE = "D004" "The file maps no class",
    MIXED_KINDS = "D005" "The file mixes kinds of classes; Doctrine reads only the first kind",
    NO_CLASS_NAME = "D006" "A class has no name",
    DUPLICATE_CLASS = "D007" "A class is mapped twice",
    UNKNOWN_ELEMENT = "D008" "Doctrine does not know this element and ignores it",
    UNKNOWN_ATTRIBUTE = "D009" "An attribute that Doctrine ignores looks like a misspelt one",
    NO_NAME = "D010" "A field, id, association or embedded has no name",
    DUPLICATE_PROPERTY = "D011" "A property is mapped twice",
    DUPLICATE_COLUMN = "D012" "Two properties use one column",
    NOT_A_NUMBER = "D013" "A number is not one; Doctrine reads its leading digits",
    INDEX_COLUMNS_OR_FIELDS = "D014" "An index has both columns and fields, or neither",
    INDEX_UNKNOWN_COLUMN = "D015" "An index names a column or field that its table has not",
    INDEX_NAME_ILLEGAL = "D016" "An index name has characters other than letters, digits and _",
    INDEX_NAME_TWICE = "D017" "One table has two indexes of one name",
    INHERITANCE_TYPE = "D018" "Unknown or unsupported inheritance type",
    DISCRIMINATOR = "D019" "The discriminator column has no name or a forbidden type",
    DISCRIMINATOR_MAP = "D020" "The discriminator map is missing or names an unmapped class",
    GENERATOR = "D021" "Unknown id generator strategy",
    SEQUENCE_NAME = "D022" "A sequence generator has no sequence name",
    NO_TARGET = "D023" "An association has no target entity",
    UNKNOWN_TARGET = "D024" "The target entity is not mapped",
    TARGET_WITHOUT_TABLE = "D025" "The target of an association has no table",
    JOIN_COLUMN = "D026" "A join column refers to a column that the target has not",
    ON_DELETE = "D027" "Unknown word for on-delete",
    SET_NULL_NOT_NULL = "D028" "on-delete SET NULL on a column that can't be NULL",
    NO_MAPPED_BY = "D029" "A one-to-many has no mapped-by",
    ID_ASSOCIATION = "D030" "An association can't be part of the identifier like this",
    NO_IDENTIFIER = "D031" "An entity has no identifier",
    DUPLICATE_TABLE = "D032" "Two classes or associations create one table",
    EMBEDDED = "D033" "An embedded has no class, or it is not a mapped embeddable",
    EMBEDDED_CYCLE = "D034" "Embeddables contain each other, or are nested too deeply",
    OVERRIDE = "D035" "An override names no inherited property, or changes its type",
    NO_CHILDREN = "D036" "No class is known to extend this mapped superclass",
    EXTENDS = "D037" "A declared parent class is not mapped, or classes extend each other",
    PARENT_WITHOUT_INHERITANCE = "D038" "An entity extends an entity that declares no inheritance",
    IGNORED = "D039" "Doctrine ignores this declaration",
    VERSION_TYPE = "D040" "A version field has a type that can't count",
    BOTH_KEYS_DROPPED = "D041" "Two foreign keys over one column lead to different targets; Doctrine drops both",
    SAME_OBJECT = "D042" "Two sources create one object",
    TOO_MANY_COLUMNS = "D043" "More columns or indexes than any engine takes",
    NEEDS_NEWER_ORM = "D044" "The declared Doctrine release does not know this",
    COMPOSITE_GENERATOR = "D045" "A composite identifier can't be generated",
    NO_COLUMN_NAME = "D046" "A column, table or reference name is empty",
    TOO_MANY_CLASSES = "D047" "More classes, or a deeper hierarchy, than any real application has",
    ELSEWHERE = "D048" "A table lies in another database than that of the connection",
    UNKNOWN_TYPE = "D101" "A field uses a type that does not exist, or not in this release of DBAL",
    EMBEDDABLE_ASSOCIATION = "D102" "An embeddable has an association",
    CHECK_TARGET = "D103" "The target entity is unknown or not an entity",
    CHECK_TARGET_SUPERCLASS = "D104" "The target entity is a mapped superclass",
    FOREIGN_ID_CHAIN = "D105" "An id association leads to an entity whose id is an association",
    OWNER_IS_FIELD = "D106" "mapped-by names a plain field",
    OWNER_MISSING = "D107" "mapped-by names nothing",
    OWNER_LACKS_INVERSED_BY = "D108" "The owning side lacks inversed-by",
    OWNER_INCONSISTENT = "D109" "The owning side's inversed-by names another field",
    INVERSE_IS_FIELD = "D110" "inversed-by names a plain field",
    INVERSE_MISSING = "D111" "inversed-by names nothing",
    INVERSE_LACKS_MAPPED_BY = "D112" "The inverse side lacks mapped-by",
    INVERSE_INCONSISTENT = "D113" "The inverse side's mapped-by names another field",
    CARDINALITY = "D114" "The two sides of an association do not fit each other",
    JOIN_TABLE_SOURCE_KEY = "D115" "A join table's column refers to a column outside the source's key",
    JOIN_TABLE_TARGET_KEY = "D116" "A join table's column refers to a column outside the target's key",
    JOIN_TABLE_TARGET_COUNT = "D117" "A join table does not refer to the target's whole key",
    JOIN_TABLE_SOURCE_COUNT = "D118" "A join table does not refer to the source's whole key",
    JOIN_COLUMN_KEY = "D119" "A join column refers to a column outside the target's key",
    JOIN_COLUMN_COUNT = "D120" "The join columns do not refer to the target's whole key",
    ORDER_BY = "D121" "order-by names a field that can't be ordered by",
    MISSING_IN_MAP = "D122" "A subclass is not in the root's discriminator map",
    NOT_A_CHILD = "D123" "A class in the discriminator map does not extend the root",
    OWNING_AND_INVERSE = "D124" "An association is both owning and inverse",
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_unique_and_sorted() {
        for pair in CODES.windows(2) {
            assert!(pair[0].code < pair[1].code, "{}", pair[1].code);
            assert!(!pair[0].meaning.is_empty());
        }
    }
}
