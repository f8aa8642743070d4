//! How much is tried, and what is told of it.

use std::io::Write as _;

/// True in a full run: everything that there is to try.
pub(crate) fn full() -> bool {
    std::env::var("REALIGN_KILLS").is_ok_and(|word| word == "all")
}

/// Which of so many are tried, from 1: all in a full run, else so many, evenly, from a place that
/// `REALIGN_SEED` moves.
pub(crate) fn sample(total: usize, some: usize) -> Vec<usize> {
    if full() {
        return (1..=total).collect();
    }
    self::some(total, some)
}

/// So many in any run.
pub(crate) fn some(total: usize, some: usize) -> Vec<usize> {
    if total <= some {
        return (1..=total).collect();
    }
    let seed = seed();
    (0..some)
        .map(|at| {
            let width = total / some;
            at * total / some + usize::try_from(seed).unwrap_or(0) % width.max(1) + 1
        })
        .collect()
}

/// The seed of everything that is left to chance here.
pub(crate) fn seed() -> u64 {
    std::env::var("REALIGN_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(3)
}

/// Numbers that look random, the same for the same seed.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(more: u64) -> Self {
        Self(seed().wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ more)
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.thousandth()).unwrap_or(0) * end / 1000
    }

    /// A number from 0 to 999.
    pub(crate) fn thousandth(&mut self) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % 1000).unwrap_or(0)
    }
}

/// Says how many places there were and how many kills; and writes it where `./test` adds it up.
pub(crate) fn tell(engine: &str, what: &str, places: usize, kills: usize) {
    println!("{engine}, {what}: {places} stop points, {kills} kills");
    if let Some(path) = std::env::var_os("REALIGN_TALLY") {
        let file = std::fs::File::options()
            .create(true)
            .append(true)
            .open(path);
        file.and_then(|mut file| writeln!(file, "{places} {kills}"))
            .expect("the tally can be written");
    }
}
