//! English plurals and singulars by the rules of Doctrine's inflector, which Laravel's
//! naming strategy uses.

/// Words that change as a whole: singular and plural.
const IRREGULAR: &str = "\
    atlas/atlases axis/axes axe/axes beef/beefs blouse/blouses brother/brothers cafe/cafes \
    cave/caves chateau/chateaux niveau/niveaux child/children canvas/canvases \
    cookie/cookies brownie/brownies corpus/corpuses cow/cows criterion/criteria \
    curriculum/curricula demo/demos domino/dominoes echo/echoes epoch/epochs foot/feet \
    fungus/fungi ganglion/ganglions gas/gases genie/genies genus/genera goose/geese \
    graffito/graffiti hippopotamus/hippopotami hoof/hoofs human/humans iris/irises \
    larva/larvae leaf/leaves lens/lenses loaf/loaves man/men medium/media \
    memorandum/memoranda mongoose/mongooses motto/mottoes move/moves mythos/mythoi \
    niche/niches nucleus/nuclei numen/numina occiput/occiputs octopus/octopuses opus/opuses \
    ox/oxen passerby/passersby person/people plateau/plateaux safe/safes sex/sexes \
    sieve/sieves soliloquy/soliloquies syllabus/syllabi testis/testes thief/thieves \
    tooth/teeth tornado/tornadoes trilby/trilbys turf/turfs valve/valves volcano/volcanoes \
    abuse/abuses avalanche/avalanches cache/caches curve/curves emphasis/emphases foe/foes \
    grave/graves hoax/hoaxes neurosis/neuroses save/saves wave/waves oasis/oases \
    zombie/zombies";

/// Words that are their own plural.
const UNINFLECTED: &str = "\
    advice aircraft art audio baggage bison bream breeches britches buffalo butter cantus \
    carp cattle chassis clippers clothing coal cod compensation contretemps coreopsis corps \
    cotton data debris deer diabetes djinn education eland elk emoji equipment evidence \
    feedback fish flounder flour food furniture gallows gold headquarters herpes hijinks \
    homework impatience information innings jackanapes jeans jedi kin knowledge leather \
    love luggage mackerel maltese management metadata mews money moose mumps music news \
    nexus nutrition offspring oil patience pincers plankton pliers pokemon police polish \
    portuguese proceedings progress rabies rain research rhinoceros rice salmon sand \
    scissors sea-bass series shears sheep siemens silk sms soap spam species staff sugar \
    swine talent toothpaste traffic travel trousers trout tuna us vinegar weather wheat \
    whiting wildebeest wood wool";

/// The plural of a word in lower case; of several joined by `_`, the last one changes.
pub(crate) fn plural(word: &str) -> String {
    if word.is_empty()
        || is_uninflected(word)
        || matches!(word, "people" | "trivia" | "media")
        || (word.ends_with("media") && word.len() > 5)
        || (word.ends_with("ware") && word.len() > 4)
    {
        return word.to_owned();
    }
    if let Some((_, plural)) = irregular().find(|(singular, _)| *singular == word) {
        return plural.to_owned();
    }
    let word = Word(word);
    if let Some(stem) = word.before("status") {
        return format!("{stem}statuses");
    }
    for (end, with) in [("quiz", "quizzes"), ("mouse", "mice"), ("louse", "lice")] {
        if let Some(stem) = word.before(end) {
            return format!("{stem}{with}");
        }
    }
    for stem in ["matr", "vert", "ind"] {
        for end in ["ix", "ex"] {
            if let Some(before) = word.before(&format!("{stem}{end}")) {
                return format!("{before}{stem}ices");
            }
        }
    }
    if word.ends_with_any(&["x", "ch", "ss", "sh"]) {
        return format!("{}es", word.0);
    }
    if let Some(stem) = word.before("y")
        && (stem.ends_with("qu") || !ends_with_letter_of(stem, "aeiouy"))
        && !stem.is_empty()
    {
        return format!("{stem}ies");
    }
    if word.ends_with_any(&["hive", "gulf"]) {
        return format!("{}s", word.0);
    }
    if let Some(stem) = word.before("fe")
        && !stem.is_empty()
        && !stem.ends_with('f')
    {
        return format!("{stem}ves");
    }
    if let Some(stem) = word.before("f")
        && ends_with_letter_of(stem, "lr")
    {
        return format!("{stem}ves");
    }
    for (end, with) in [
        ("sis", "ses"),
        ("tum", "ta"),
        ("ium", "ia"),
        ("taxon", "taxa"),
        ("criterion", "criteria"),
        ("person", "people"),
        ("man", "men"),
        ("child", "children"),
        ("foot", "feet"),
    ] {
        if let Some(stem) = word.before(end) {
            return format!("{stem}{with}");
        }
    }
    if word.ends_with_any(&["buffalo", "hero", "potato", "tomato", "volcano"]) {
        return format!("{}es", word.0);
    }
    for stem in LATIN {
        if let Some(before) = word.before(&format!("{stem}us")) {
            return format!("{before}{stem}i");
        }
    }
    if word.ends_with_any(&["us", "alias"]) {
        return format!("{}es", word.0);
    }
    for stem in ["ax", "cris", "test", "thes"] {
        if let Some(before) = word.before(&format!("{stem}is")) {
            return format!("{before}{stem}es");
        }
    }
    if word.0.ends_with('s') {
        return word.0.to_owned();
    }
    format!("{}s", word.0)
}

/// Latin words in -us with a plural in -i.
const LATIN: &[&str] = &[
    "alumn", "bacill", "cact", "foc", "fung", "nucle", "radi", "stimul", "syllab", "termin", "vir",
];

/// The singular of a word, whatever the case of its first letters.
pub(crate) fn singular(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let uninflected = is_uninflected(&lower)
        || lower.ends_with("ss")
        || (lower.ends_with("media") && lower.len() > 5)
        || matches!(
            lower.as_str(),
            "clothes"
                | "fascia"
                | "fuchsia"
                | "galleria"
                | "mafia"
                | "militia"
                | "pants"
                | "petunia"
                | "sepia"
                | "trivia"
                | "utopia"
                | "tights"
                | "shorts"
        );
    if uninflected || !word.is_ascii() {
        return word.to_owned();
    }
    // The last entry of a plural wins, as in the table's inverse.
    if let Some((singular, _)) = irregular().filter(|(_, plural)| *plural == lower).last() {
        let first = &word[..1];
        return if first == first.to_ascii_lowercase() {
            singular.to_owned()
        } else {
            format!("{}{}", singular[..1].to_ascii_uppercase(), &singular[1..])
        };
    }
    // Every rule but the listed ones keeps a prefix of the word as it is written.
    let cut = |keep: usize, end: &str| format!("{}{end}", &word[..word.len() - keep]);
    let word_end = Word(&lower);
    for (end, with) in [
        ("statuses", "status"),
        ("status", "status"),
        ("campus", "campus"),
        ("menus", "menu"),
        ("quizzes", "quiz"),
        ("matrices", "matrix"),
        ("vertices", "vertex"),
        ("indices", "index"),
        ("aliases", "alias"),
        ("alias", "alias"),
        ("buffaloes", "buffalo"),
        ("heroes", "hero"),
        ("potatoes", "potato"),
        ("tomatoes", "tomato"),
        ("volcanoes", "volcano"),
        ("viri", "virius"),
        ("faxes", "fax"),
        ("taxes", "tax"),
        ("waxes", "wax"),
        ("analyses", "analysis"),
        ("axes", "axis"),
        ("crises", "crisis"),
        ("testes", "testis"),
        ("theses", "thesis"),
        ("shoes", "shoe"),
        ("slaves", "slave"),
        ("oes", "o"),
        ("ouses", "ouse"),
    ] {
        if word_end.before(end).is_some() {
            let same = end
                .bytes()
                .zip(with.bytes())
                .take_while(|(left, right)| left == right)
                .count();
            return cut(end.len() - same, &with[same..]);
        }
    }
    for stem in LATIN {
        if word_end.before(&format!("{stem}i")).is_some() {
            return cut(1, "us");
        }
    }
    if let Some(stem) = word_end.before("uses")
        && !stem.is_empty()
        && !stem.ends_with('a')
    {
        return cut(2, "");
    }
    if word_end.ends_with_any(&["mice", "lice"]) {
        return cut(3, "ouse");
    }
    if word_end.ends_with_any(&["xes", "ches", "sses", "shes"]) {
        return cut(2, "");
    }
    if word_end.ends_with_any(&["movies"]) {
        return cut(1, "");
    }
    if word_end.ends_with_any(&["series", "news"]) {
        return word.to_owned();
    }
    if let Some(stem) = word_end.before("ies")
        && !stem.is_empty()
        && (stem.ends_with("qu") || !ends_with_letter_of(stem, "aeiouy"))
    {
        return cut(3, "y");
    }
    if word_end.ends_with_any(&["lves", "rves"]) {
        return cut(3, "f");
    }
    if word_end.ends_with_any(&["tives", "hives", "drives", "dives", "olives"]) {
        return cut(1, "");
    }
    if let Some(stem) = word_end.before("ves")
        && !stem.is_empty()
        && !ends_with_letter_of(stem, "fo")
    {
        return cut(3, "fe");
    }
    if word_end.ends_with_any(&["diagnoses", "parentheses", "prognoses", "synopses"]) {
        return cut(2, "is");
    }
    for (end, keep, with) in [
        ("taxa", 1, "on"),
        ("criteria", 1, "on"),
        ("people", 5, "erson"),
        ("men", 2, "an"),
        ("children", 3, ""),
        ("feet", 3, "oot"),
        ("eaus", 1, ""),
    ] {
        if word_end.before(end).is_some() {
            return cut(keep, with);
        }
    }
    if word_end.ends_with_any(&["ta", "ia"]) && !lower.ends_with("regatta") {
        return cut(1, "um");
    }
    if lower.ends_with('s') {
        return cut(1, "");
    }
    word.to_owned()
}

fn is_uninflected(word: &str) -> bool {
    UNINFLECTED.split(' ').any(|known| known == word)
}

fn irregular() -> impl Iterator<Item = (&'static str, &'static str)> {
    IRREGULAR.split(' ').filter_map(|pair| pair.split_once('/'))
}

struct Word<'w>(&'w str);

impl<'w> Word<'w> {
    fn before(&self, end: &str) -> Option<&'w str> {
        self.0.strip_suffix(end)
    }

    fn ends_with_any(&self, ends: &[&str]) -> bool {
        ends.iter().any(|end| self.0.ends_with(end))
    }
}

fn ends_with_letter_of(text: &str, letters: &str) -> bool {
    text.chars()
        .next_back()
        .is_some_and(|c| letters.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words() {
        for (one, many) in [
            ("user", "users"),
            ("company", "companies"),
            ("day", "days"),
            ("box", "boxes"),
            ("switch", "switches"),
            ("address", "addresses"),
            ("status", "statuses"),
            ("order_status", "order_statuses"),
            ("index", "indices"),
            ("person", "people"),
            ("child", "children"),
            ("mouse", "mice"),
            ("wife", "wives"),
            ("wolf", "wolves"),
            ("leaf", "leaves"),
            ("analysis", "analyses"),
            ("hero", "heroes"),
            ("photo", "photos"),
            ("virus", "viri"),
            ("bus", "buses"),
            ("alias", "aliases"),
            ("quiz", "quizzes"),
            ("cache", "caches"),
            ("medium", "media"),
        ] {
            assert_eq!(plural(one), many);
            if one != "virus" {
                assert_eq!(singular(many), one);
            }
        }
        assert_eq!(plural("equipment"), "equipment");
        assert_eq!(plural("software"), "software");
        assert_eq!(plural("user_data"), "user_datas");
        assert_eq!(singular("customerNotes"), "customerNote");
        assert_eq!(singular("People"), "Person");
        assert_eq!(singular("address"), "address");
        assert_eq!(singular("owner"), "owner");
        assert_eq!(plural(""), "");
    }
}
