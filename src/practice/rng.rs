//! Random numbers that are the same for the same seed on every computer (SplitMix64).

pub(super) struct Rng(u64);

impl Rng {
    /// Creates the generator for item `index` of a kind. It does not depend on earlier numbers.
    pub fn of(seed: u64, kind: &str, index: u64) -> Self {
        let mut state = seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in kind.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        let mut rng = Self(state);
        rng.next();
        rng
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    /// True with a probability of `percent`.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Returns an entry of the list; an empty text if the list is empty.
    pub fn pick(&mut self, list: &[&'static str]) -> &'static str {
        let place = self.below(list.len() as u64) as usize;
        list.get(place).copied().unwrap_or_default()
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend(self.next().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }
}
