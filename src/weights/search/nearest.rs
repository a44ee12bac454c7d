//! The k nearest of points in cells, two queries of a cell at a time and without branches on distances.

use std::ops::Range;

use super::cells::Cells;

/// Most candidates of a query.
const MOST: usize = 256;

/// The bits of a squared distance that a key gives up for the number of its candidate.
const NUMBER: u64 = MOST as u64 - 1;

/// Rings of cells that are looked at, one after the other, before a query is left to the tree.
const RINGS: [usize; 4] = [1, 2, 3, 5];

/// Points of one unit of work.
pub(super) const BLOCK: usize = 4096;

/// Most neighbours that are looked for in cells.
pub(super) const MOST_NEIGHBOURS: usize = 16;

/// Points in a cell for k neighbours: three rows of three cells hold them nearly always.
pub(super) fn per_cell(k: usize) -> f64 {
    let k = k as f64 + 1.0;
    (k + 2.5 * k.sqrt()) / std::f64::consts::PI
}

/// Cells above that have too many candidates around.
pub(super) const CROWDED: u32 = 40;

/// The nearest of the points from `q` on in the order of the cells: rows of ids, nearest first, and what is left to the tree.
pub(super) struct Found {
    pub(super) rows: Vec<u32>,
    pub(super) left: Vec<u32>,
}

/// The k nearest others of the points of a range, in the order of the cells, that are asked for.
pub(super) fn nearest(
    cells: &Cells,
    range: Range<usize>,
    k: usize,
    asked: impl Fn(u32) -> bool,
) -> Found {
    match k {
        0..=4 => search::<5>(cells, range, k, asked),
        5..=6 => search::<7>(cells, range, k, asked),
        7..=8 => search::<9>(cells, range, k, asked),
        9..=12 => search::<13>(cells, range, k, asked),
        _ => search::<17>(cells, range, k, asked),
    }
}

fn search<const N: usize>(
    cells: &Cells,
    range: Range<usize>,
    k: usize,
    asked: impl Fn(u32) -> bool,
) -> Found {
    let mut found = Found {
        rows: vec![0; range.len() * k],
        left: Vec::new(),
    };
    let mut query = Query::<N>::new(cells, k);
    let mut q = range.start;
    while q < range.end {
        let point = &cells.points()[q];
        let end = cells.own(point).end.min(range.end);
        let gathered = query.gather(point, RINGS[0]);
        for from in (q..end).step_by(2) {
            let pair = [from, (from + 1).min(end - 1)];
            let count = (end - from).min(2);
            if !pair.iter().any(|&at| asked(cells.ids()[at])) {
                continue;
            }
            let rows = &mut found.rows[(from - range.start) * k..][..count * k];
            let mut done = [false; 2];
            if gathered {
                query.select(pair);
                for (lane, out) in rows.chunks_mut(k).enumerate() {
                    done[lane] = query.answer(lane, pair[lane], out);
                }
            }
            if done[..count] != [true, true][..count] {
                for (lane, out) in rows.chunks_mut(k).enumerate() {
                    let open = !done[lane] && asked(cells.ids()[pair[lane]]);
                    if open && !query.further(pair[lane], out) {
                        found.left.push(pair[lane] as u32);
                    }
                }
                query.gather(point, RINGS[0]);
            }
        }
        q = end;
    }
    found
}

/// The candidates of a cell, and the nearest of them to two of its points.
struct Query<'a, const N: usize> {
    cells: &'a Cells,
    k: usize,
    rings: usize,
    /// The candidates, and their number.
    points: [[f64; 2]; MOST],
    ids: [u32; MOST],
    count: usize,
    /// Number of the first candidate in the middle cell, and its place in the order of cells.
    own: (usize, usize),
    /// For each of the two points the keys of all candidates, and the smallest of them in order.
    keys: [[f64; 2]; MOST],
    smallest: [[f64; 2]; N],
}

/// A squared distance with the number of its candidate in the last bits.
fn key(squared: f64, number: usize) -> f64 {
    f64::from_bits((squared.to_bits() & !NUMBER) | number as u64)
}

fn squared(a: &[f64; 2], b: &[f64; 2]) -> f64 {
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    x * x + y * y
}

/// The largest squared distance that has the key's leading bits.
fn ceiling(key: f64) -> f64 {
    f64::from_bits(key.to_bits() | NUMBER)
}

pub(super) fn lesser(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

pub(super) fn greater(a: f64, b: f64) -> f64 {
    if b < a { a } else { b }
}

/// The smallest of two series of keys, each in order: a network, so that no branch depends on a distance.
fn smallest<const N: usize>(keys: &[[f64; 2]]) -> [[f64; 2]; N] {
    let mut best = [[f64::INFINITY; 2]; N];
    for &key in keys {
        let mut new = key;
        for old in &mut best {
            let [a, b] = *old;
            *old = [lesser(a, new[0]), lesser(b, new[1])];
            new = [greater(a, new[0]), greater(b, new[1])];
        }
    }
    best
}

impl<'a, const N: usize> Query<'a, N> {
    fn new(cells: &'a Cells, k: usize) -> Self {
        Self {
            cells,
            k,
            rings: 0,
            points: [[0.0; 2]; MOST],
            ids: [0; MOST],
            count: 0,
            own: (0, 0),
            keys: [[0.0; 2]; MOST],
            smallest: [[f64::INFINITY; 2]; N],
        }
    }

    /// Take the points of the cells up to `rings` around that of a point; false where they are too many or too few.
    fn gather(&mut self, point: &[f64; 2], rings: usize) -> bool {
        self.rings = rings;
        self.count = 0;
        let (columns, rows) = self.cells.around(point, rings);
        let middle = self.cells.own(point).start;
        for row in rows {
            let run = self.cells.run(row, &columns);
            let end = self.count + run.len();
            if end > MOST {
                return false;
            }
            if run.contains(&middle) {
                self.own = (self.count + middle - run.start, middle);
            }
            self.points[self.count..end].copy_from_slice(&self.cells.points()[run.clone()]);
            self.ids[self.count..end].copy_from_slice(&self.cells.ids()[run]);
            self.count = end;
        }
        self.count > self.k
    }

    /// The number of a point of the middle cell.
    fn number(&self, at: usize) -> usize {
        self.own.0 + at - self.own.1
    }

    /// Find the smallest keys of two points of the middle cell.
    fn select(&mut self, pair: [usize; 2]) {
        let [p, q] = pair.map(|at| self.cells.points()[at]);
        let candidates = self.points[..self.count].iter().enumerate();
        for ((number, c), to) in candidates.zip(&mut self.keys) {
            *to = [key(squared(c, &p), number), key(squared(c, &q), number)];
        }
        for (lane, at) in pair.into_iter().enumerate() {
            self.keys[self.number(at)][lane] = f64::INFINITY;
        }
        self.smallest = smallest(&self.keys[..self.count]);
    }

    /// The row of one of the two points, if all that could be in it were candidates.
    fn answer(&self, lane: usize, at: usize, out: &mut [u32]) -> bool {
        let point = &self.cells.points()[at];
        let farthest = ceiling(self.smallest[self.k - 1][lane]);
        let clear = self.cells.clearance(point, self.rings);
        // an infinite key has a ceiling that is not a number
        if !(farthest < clear * clear * (1.0 - 8.0 * f64::EPSILON)) {
            return false;
        }
        let mut tied = false;
        for pair in self.smallest[..=self.k].windows(2) {
            tied |= pair[0][lane].to_bits() & !NUMBER == pair[1][lane].to_bits() & !NUMBER;
        }
        if tied {
            self.exactly(at, farthest, out);
        } else {
            for (to, key) in out.iter_mut().zip(&self.smallest) {
                *to = self.ids[(key[lane].to_bits() & NUMBER) as usize];
            }
        }
        true
    }

    /// The row of a point by exact distances and positions, of candidates not farther than a squared distance.
    fn exactly(&self, at: usize, farthest: f64, out: &mut [u32]) {
        let (own, point) = (self.number(at), &self.cells.points()[at]);
        let mut near = [(0.0, 0); MOST];
        let mut count = 0;
        for number in 0..self.count {
            let d = squared(&self.points[number], point);
            if d <= farthest && number != own {
                near[count] = (d, self.ids[number]);
                count += 1;
            }
        }
        near[..count].sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (to, from) in out.iter_mut().zip(&near) {
            *to = from.1;
        }
    }

    /// The row of a point by more and more cells; false where the tree has to answer.
    fn further(&mut self, at: usize, out: &mut [u32]) -> bool {
        let point = self.cells.points()[at];
        RINGS[1..].iter().any(|&rings| {
            if !self.gather(&point, rings) {
                return false;
            }
            self.select([at; 2]);
            self.answer(0, at, out)
        })
    }
}
