//! A k-d tree over points of 2 or 3 dimensions: nearest neighbours with ties broken by position, and balls.

const LEAF: usize = 8;

struct Node {
    /// Smallest position below this node, which decides ties.
    first: u32,
    /// Node of the upper half; zero for a leaf.
    upper: u32,
    axis: u32,
    split: f64,
}

/// The points in the order of the tree; children halve a range, so that no range is stored.
pub(in crate::weights) struct Tree<const D: usize> {
    nodes: Vec<Node>,
    points: Vec<[f64; D]>,
    ids: Vec<u32>,
}

fn squared<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

impl<const D: usize> Tree<D> {
    pub(in crate::weights) fn new(points: &[[f64; D]]) -> Self {
        let mut items: Vec<([f64; D], u32)> = points.iter().copied().zip(0..).collect();
        let mut nodes = Vec::with_capacity(4 * points.len() / LEAF + 1);
        if !items.is_empty() {
            build(&mut items, &mut nodes);
        }
        Self {
            nodes,
            points: items.iter().map(|&(p, _)| p).collect(),
            ids: items.iter().map(|&(_, i)| i).collect(),
        }
    }

    /// The points with their positions, near ones close to each other.
    pub(in crate::weights) fn in_order(&self) -> impl ExactSizeIterator<Item = (u32, &[f64; D])> {
        self.ids.iter().copied().zip(&self.points)
    }

    /// The k nearest other points (squared distance, position), in that order; equal distances in the order of positions.
    pub(in crate::weights) fn nearest(
        &self,
        own: u32,
        point: &[f64; D],
        k: usize,
        out: &mut Vec<(f64, u32)>,
    ) {
        out.clear();
        if k > 0 && !self.nodes.is_empty() {
            self.nearest_below(0, 0..self.ids.len(), [0.0; D], own, point, k, out);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn nearest_below(
        &self,
        node: usize,
        range: std::ops::Range<usize>,
        mut off: [f64; D],
        own: u32,
        point: &[f64; D],
        k: usize,
        out: &mut Vec<(f64, u32)>,
    ) {
        let n = &self.nodes[node];
        if n.upper == 0 {
            for (p, &id) in self.points[range.clone()].iter().zip(&self.ids[range]) {
                let found = (squared(p, point), id);
                if id == own || (out.len() == k && !before(found, out[k - 1])) {
                    continue;
                }
                if out.len() == k {
                    out.pop();
                }
                let mut at = out.len();
                while at > 0 && before(found, out[at - 1]) {
                    at -= 1;
                }
                out.insert(at, found);
            }
            return;
        }
        let axis = n.axis as usize;
        let middle = range.start + range.len() / 2;
        let low = (node + 1, range.start..middle);
        let high = (n.upper as usize, middle..range.end);
        let to_split = point[axis] - n.split;
        // on the split both sides are equally near, and the lower one holds the smaller positions
        let (near, far) = if to_split <= 0.0 {
            (low, high)
        } else {
            (high, low)
        };
        self.nearest_below(near.0, near.1, off, own, point, k, out);
        off[axis] = to_split;
        if out.len() == k {
            // rounding must not cut off a point at the same distance
            let bound = squared(&off, &[0.0; D]) * (1.0 - 8.0 * f64::EPSILON);
            let worst = out[k - 1];
            if bound > worst.0 || (worst.0 == 0.0 && self.nodes[far.0].first > worst.1) {
                return;
            }
        }
        self.nearest_below(far.0, far.1, off, own, point, k, out);
    }

    /// Positions of the other points whose squared distance is at most `radius2`, in no order.
    pub(in crate::weights) fn within(
        &self,
        own: u32,
        point: &[f64; D],
        radius2: f64,
        out: &mut Vec<u32>,
    ) {
        let mut found = Vec::new();
        self.within_squared(own, point, radius2, &mut found);
        out.clear();
        out.extend(found.iter().map(|f| f.1));
    }

    /// The other points whose squared distance is at most `radius2` (squared distance, position), in no order.
    pub(in crate::weights) fn within_squared(
        &self,
        own: u32,
        point: &[f64; D],
        radius2: f64,
        out: &mut Vec<(f64, u32)>,
    ) {
        out.clear();
        if !self.nodes.is_empty() {
            self.within_below(0, 0..self.ids.len(), [0.0; D], own, point, radius2, out);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn within_below(
        &self,
        node: usize,
        range: std::ops::Range<usize>,
        mut off: [f64; D],
        own: u32,
        point: &[f64; D],
        radius2: f64,
        out: &mut Vec<(f64, u32)>,
    ) {
        let n = &self.nodes[node];
        if n.upper == 0 {
            let items = self.points[range.clone()].iter().zip(&self.ids[range]);
            out.extend(
                items
                    .map(|(p, &id)| (squared(p, point), id))
                    .filter(|&(d, id)| id != own && d <= radius2),
            );
            return;
        }
        let axis = n.axis as usize;
        let middle = range.start + range.len() / 2;
        let low = (node + 1, range.start..middle);
        let high = (n.upper as usize, middle..range.end);
        let to_split = point[axis] - n.split;
        let (near, far) = if to_split <= 0.0 {
            (low, high)
        } else {
            (high, low)
        };
        self.within_below(near.0, near.1, off, own, point, radius2, out);
        off[axis] = to_split;
        if squared(&off, &[0.0; D]) * (1.0 - 8.0 * f64::EPSILON) <= radius2 {
            self.within_below(far.0, far.1, off, own, point, radius2, out);
        }
    }
}

fn before(a: (f64, u32), b: (f64, u32)) -> bool {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).is_lt()
}

fn build<const D: usize>(items: &mut [([f64; D], u32)], nodes: &mut Vec<Node>) {
    let node = nodes.len();
    nodes.push(Node {
        first: items.iter().map(|i| i.1).min().unwrap_or(0),
        upper: 0,
        axis: 0,
        split: 0.0,
    });
    if items.len() <= LEAF {
        return;
    }
    let (mut low, mut high) = (items[0].0, items[0].0);
    for (p, _) in items.iter() {
        for d in 0..D {
            low[d] = low[d].min(p[d]);
            high[d] = high[d].max(p[d]);
        }
    }
    let mut axis = 0;
    for d in 1..D {
        if high[d] - low[d] > high[axis] - low[axis] {
            axis = d;
        }
    }
    let middle = items.len() / 2;
    items.select_nth_unstable_by(middle, |a, b| {
        a.0[axis].total_cmp(&b.0[axis]).then(a.1.cmp(&b.1))
    });
    nodes[node].axis = axis as u32;
    nodes[node].split = items[middle].0[axis];
    let (lower, upper) = items.split_at_mut(middle);
    build(lower, nodes);
    nodes[node].upper = nodes.len() as u32;
    build(upper, nodes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        // few distinct coordinates, so that many distances are equal and points coincide
        #[test]
        fn as_by_brute_force(xy in prop::collection::vec((0_u8..7, 0_u8..7), 1..80), k in 1_usize..12) {
            let points: Vec<[f64; 2]> = xy.iter().map(|&(x, y)| [f64::from(x), f64::from(y)]).collect();
            let tree = Tree::new(&points);
            let (mut found, mut inside) = (Vec::new(), Vec::new());
            for (i, p) in points.iter().enumerate() {
                let mut all: Vec<(f64, u32)> = (0..points.len())
                    .filter(|&j| j != i)
                    .map(|j| (squared(p, &points[j]), j as u32))
                    .collect();
                all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                tree.nearest(i as u32, p, k, &mut found);
                prop_assert_eq!(&found[..], &all[..k.min(all.len())]);
                tree.within(i as u32, p, 4.0, &mut inside);
                inside.sort_unstable();
                let mut ball: Vec<u32> = all.iter().filter(|a| a.0 <= 4.0).map(|a| a.1).collect();
                ball.sort_unstable();
                prop_assert_eq!(&inside, &ball);
            }
        }
    }
}
