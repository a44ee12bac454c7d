//! Items in groups, by counting sort.

use std::ops::Range;

/// For each of the groups 0, 1, … its items, in the order in which they came.
pub(super) struct Grouped<T> {
    offsets: Vec<u32>,
    pub(super) items: Vec<T>,
}

impl<T: Copy + Default> Grouped<T> {
    /// From (group, item) entries, less than 2³² of them.
    pub(super) fn new(groups: usize, entries: impl Iterator<Item = (u32, T)> + Clone) -> Self {
        // offsets[g + 1] is where the next item of g goes, and in the end where those of g + 1 start
        let mut offsets = vec![0_u32; groups + 2];
        entries
            .clone()
            .for_each(|(group, _)| offsets[group as usize + 2] += 1);
        let mut sum = 0;
        for offset in &mut offsets {
            sum += *offset;
            *offset = sum;
        }
        let mut items = vec![T::default(); sum as usize];
        entries.for_each(|(group, item)| {
            let next = &mut offsets[group as usize + 1];
            items[*next as usize] = item;
            *next += 1;
        });
        offsets.pop();
        Self { offsets, items }
    }

    pub(super) fn groups(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Where the items of a group stand.
    pub(super) fn range(&self, group: u32) -> Range<usize> {
        let group = group as usize;
        self.offsets[group] as usize..self.offsets[group + 1] as usize
    }

    pub(super) fn of(&self, group: u32) -> &[T] {
        &self.items[self.range(group)]
    }

    pub(super) fn of_mut(&mut self, group: u32) -> &mut [T] {
        let range = self.range(group);
        &mut self.items[range]
    }
}
