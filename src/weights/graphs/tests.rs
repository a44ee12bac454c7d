//! Graphs over points against spdep and against their definitions.

use super::super::Weights;
use super::super::test_data::{checksum, columbus_points};

// spdep 1.2-7, tri2nb(xy), gabrielneigh(xy), relativeneigh(xy), graph2nb(sym = TRUE)
#[test]
fn graphs_of_columbus() {
    let points = columbus_points();
    let w = Weights::delaunay(&points).unwrap();
    assert_eq!((w.links(), checksum(&w)), (270, 6_648_642));
    let w = Weights::gabriel(&points).unwrap();
    assert_eq!((w.links(), checksum(&w)), (190, 4_705_701));
}
