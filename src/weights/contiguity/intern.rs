//! Numbers for keys, by open addressing, and the owners of each number.

/// A key of fixed size.
pub(super) trait Key: Copy + Eq {
    fn hash(self) -> u64;
}

fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ (x >> 32)
}

impl Key for u64 {
    fn hash(self) -> u64 {
        mix(self)
    }
}

impl Key for [u64; 2] {
    fn hash(self) -> u64 {
        mix(self[0] ^ mix(self[1]).rotate_left(23))
    }
}

/// Keys numbered 0, 1, … in the order in which they first come.
pub(super) struct Interner<K> {
    slots: Vec<u32>,
    keys: Vec<K>,
}

const EMPTY: u32 = u32::MAX;

impl<K: Key> Interner<K> {
    pub(super) fn with_capacity(keys: usize) -> Self {
        Self {
            slots: vec![EMPTY; (2 * keys).next_power_of_two().max(16)],
            keys: Vec::with_capacity(keys),
        }
    }

    pub(super) fn keys(&self) -> &[K] {
        &self.keys
    }

    /// Slot of a key, or the empty one where it belongs.
    fn slot(&self, key: K) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = key.hash() as usize & mask;
        while self.slots[at] != EMPTY && self.keys[self.slots[at] as usize] != key {
            at = (at + 1) & mask;
        }
        at
    }

    pub(super) fn find(&self, key: K) -> Option<u32> {
        let id = self.slots[self.slot(key)];
        (id != EMPTY).then_some(id)
    }

    pub(super) fn number(&mut self, key: K) -> u32 {
        let at = self.slot(key);
        if self.slots[at] != EMPTY {
            return self.slots[at];
        }
        let id = self.keys.len() as u32;
        self.slots[at] = id;
        self.keys.push(key);
        if self.keys.len() * 2 > self.slots.len() {
            self.slots = vec![EMPTY; self.slots.len() * 2];
            for id in 0..self.keys.len() {
                let at = self.slot(self.keys[id]);
                self.slots[at] = id as u32;
            }
        }
        id
    }
}

/// For each number its owners, ascending and distinct where they came ascending.
pub(super) struct Owners {
    offsets: Vec<u32>,
    owners: Vec<u32>,
}

impl Owners {
    /// From (number, owner) entries with ascending owners.
    pub(super) fn new(numbers: usize, entries: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        // counted without repetitions, which follow one another in the list of a number
        let mut last = vec![EMPTY; numbers];
        let mut offsets = vec![0_u32; numbers + 1];
        for (number, owner) in entries.clone() {
            if last[number as usize] != owner {
                last[number as usize] = owner;
                offsets[number as usize + 1] += 1;
            }
        }
        for i in 0..numbers {
            offsets[i + 1] += offsets[i];
        }
        let mut next = offsets.clone();
        let mut owners = vec![0; offsets[numbers] as usize];
        last.fill(EMPTY);
        for (number, owner) in entries {
            let number = number as usize;
            if last[number] != owner {
                last[number] = owner;
                owners[next[number] as usize] = owner;
                next[number] += 1;
            }
        }
        Self { offsets, owners }
    }

    pub(super) fn of(&self, number: u32) -> &[u32] {
        let number = number as usize;
        &self.owners[self.offsets[number] as usize..self.offsets[number + 1] as usize]
    }
}
