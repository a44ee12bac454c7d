//! Numbers for keys, by open addressing.

/// A key of fixed size.
pub(super) type Key = [u64; 2];

/// A number that no key has.
pub(super) const NONE: u32 = u32::MAX;

/// Keys looked up together, so that waiting for the memory of one hides that of the others.
const BATCH: usize = 32;

/// Keys numbered 0, 1, … in the order in which they first come.
pub(super) struct Interner {
    slots: Vec<u32>,
    keys: Vec<Key>,
}

fn hash(key: Key) -> usize {
    let product =
        u128::from(key[0] ^ 0x9e37_79b9_7f4a_7c15) * u128::from(key[1] ^ 0xe703_7ed1_a0b4_28db);
    ((product as u64) ^ (product >> 64) as u64) as usize
}

impl Interner {
    /// For about as many keys.
    pub(super) fn with_capacity(keys: usize) -> Self {
        Self {
            slots: vec![NONE; (2 * keys).next_power_of_two().max(16)],
            keys: Vec::with_capacity(keys),
        }
    }

    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Slot of a key, or the empty one where it belongs.
    fn slot(&self, key: Key, hash: usize) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash & mask;
        while self.slots[at] != NONE && self.keys[self.slots[at] as usize] != key {
            at = (at + 1) & mask;
        }
        at
    }

    pub(super) fn find(&self, key: Key) -> Option<u32> {
        let id = self.slots[self.slot(key, hash(key))];
        (id != NONE).then_some(id)
    }

    /// Numbers of keys, appended to `out`.
    pub(super) fn number_all(&mut self, keys: &[Key], out: &mut Vec<u32>) {
        out.reserve(keys.len());
        for batch in keys.chunks(BATCH) {
            let (mut hashes, mut first) = ([0; BATCH], [NONE; BATCH]);
            let mask = self.slots.len() - 1;
            for (k, key) in batch.iter().enumerate() {
                hashes[k] = hash(*key);
                first[k] = self.slots[hashes[k] & mask];
            }
            let mut hit = [false; BATCH];
            for (k, key) in batch.iter().enumerate() {
                hit[k] = self.keys.get(first[k] as usize) == Some(key);
            }
            for (k, key) in batch.iter().enumerate() {
                let id = if hit[k] {
                    first[k]
                } else {
                    self.number(*key, hashes[k])
                };
                out.push(id);
            }
        }
    }

    fn number(&mut self, key: Key, hash_of_key: usize) -> u32 {
        let at = self.slot(key, hash_of_key);
        if self.slots[at] != NONE {
            return self.slots[at];
        }
        let id = self.keys.len() as u32;
        self.slots[at] = id;
        self.keys.push(key);
        if self.keys.len() > self.slots.len() / 8 * 5 {
            self.slots = vec![NONE; self.slots.len() * 2];
            for id in 0..self.keys.len() {
                let at = self.slot(self.keys[id], hash(self.keys[id]));
                self.slots[at] = id as u32;
            }
        }
        id
    }
}
