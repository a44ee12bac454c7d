//! What is written is read again; maps are the same in any order; contiguity and transformations keep their laws.

use std::fmt::Write;

use ndarray::Array1;
use proptest::prelude::*;
use spatialecon::*;

use crate::close;
use crate::maps::{Kind, Map, Random, any_map, matrix};

/// Unit squares at the cells given, as GeoJSON features in the order given.
fn squares(cells: &[(usize, usize)]) -> String {
    let features: Vec<String> = cells
        .iter()
        .map(|&(i, j)| {
            let ring: Vec<String> = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
                .iter()
                .map(|(a, b)| format!("[{}, {}]", i + a, j + b))
                .collect();
            format!(
                r#"{{"type": "Feature", "properties": {{"id": "{i}-{j}", "size": {}}}, "geometry": {{"type": "Polygon", "coordinates": [[{}]]}}}}"#,
                10 * i + j,
                ring.join(", ")
            )
        })
        .collect();
    format!(
        r#"{{"type": "FeatureCollection", "features": [{}]}}"#,
        features.join(", ")
    )
}

fn read(cells: &[(usize, usize)]) -> Regions {
    Regions::geojson_text(squares(cells))
        .unit("id")
        .columns(["size"])
        .planar()
        .read()
        .unwrap()
}

fn some_cells(seed: u64) -> Vec<(usize, usize)> {
    let mut random = Random::new(seed);
    let cells: Vec<(usize, usize)> = (0..5)
        .flat_map(|i| (0..5).map(move |j| (i, j)))
        .filter(|_| random.uniform() < 0.7)
        .collect();
    if cells.len() < 2 {
        vec![(0, 0), (0, 1)]
    } else {
        cells
    }
}

proptest! {
    #![proptest_config(crate::cases(48))]

    #[test]
    fn csv_round_trip(values in prop::collection::vec((any::<f64>(), any::<f64>(), "[a-z ,\"é广]{0,6}[a-z]"), 1..20)) {
        prop_assume!(values.iter().all(|v| v.0.is_finite() && v.1.is_finite()));
        let mut text = "id,a,b,label\n".to_owned();
        for (i, (a, b, label)) in values.iter().enumerate() {
            writeln!(text, "u{i},{a:?},{b:e},\"{}\"", label.replace('"', "\"\"")).unwrap();
        }
        let table = Table::csv_text(text).unit("id").columns(["a", "b"]).labels(["label"]).read().unwrap();
        for (i, (a, b, label)) in values.iter().enumerate() {
            prop_assert_eq!(table.values("a").unwrap()[i].to_bits(), a.to_bits());
            prop_assert_eq!(table.values("b").unwrap()[i].to_bits(), b.to_bits());
            prop_assert_eq!(table.labels("label").unwrap()[i].as_str(), label.trim());
        }
        prop_assert_eq!(table.units().id(0).unwrap(), "u0");
    }

    #[test]
    fn panels_do_not_depend_on_the_order_of_rows(n in 2_usize..8, periods in 1_usize..5, seed: u64) {
        let mut random = Random::new(seed);
        let rows: Vec<String> = (0..n * periods).map(|k| format!("u{},{},{:?}", k / periods, 2000 + k % periods, random.normal())).collect();
        let read = |rows: Vec<String>| {
            let text = format!("id,year,x\n{}\n", rows.join("\n"));
            Panel::csv_text(text).unit("id").period("year").columns(["x"]).read().unwrap()
        };
        let shuffled = random.order(rows.len()).into_iter().map(|k| rows[k].clone()).collect();
        let (a, b) = (read(rows), read(shuffled));
        prop_assert_eq!(a.periods(), b.periods());
        let b = b.aligned_to(a.units()).unwrap();
        prop_assert_eq!(a.values("x").unwrap(), b.values("x").unwrap());
    }

    #[test]
    fn gal_round_trip(map in any_map()) {
        let map = Map { kind: if map.seed % 2 == 0 { Kind::Lattice } else { Kind::Nearest }, ..map };
        let w = map.raw();
        let again = Weights::gal_text(&w.to_gal().unwrap()).unwrap();
        prop_assert_eq!(again.units(), w.units());
        prop_assert_eq!(matrix(&again), matrix(&w));
        prop_assert_eq!(again.islands(), w.islands());
    }

    #[test]
    fn regions_do_not_depend_on_the_order_of_features(seed: u64) {
        let cells = some_cells(seed);
        let shuffled: Vec<_> = Random::new(seed ^ 9).order(cells.len()).into_iter().map(|k| cells[k]).collect();
        let (a, b) = (read(&cells), read(&shuffled));
        let b = b.aligned_to(a.units()).unwrap();
        prop_assert_eq!(a.units(), b.units());
        prop_assert_eq!(a.areas(), b.areas());
        let (p, q) = (a.centroids().unwrap(), b.centroids().unwrap());
        prop_assert_eq!(p.xy(), q.xy());
        prop_assert_eq!(a.attributes().values("size").unwrap(), b.attributes().values("size").unwrap());
        prop_assert_eq!(matrix(&Weights::queen(&a).unwrap()), matrix(&Weights::queen(&b).unwrap()));
        prop_assert_eq!(matrix(&Weights::rook(&a).unwrap()), matrix(&Weights::rook(&b).unwrap()));
    }

    #[test]
    fn queen_holds_rook_and_both_equal_their_definition(seed: u64) {
        let cells = some_cells(seed);
        let regions = read(&cells);
        let (queen, rook) = (Weights::queen(&regions).unwrap(), Weights::rook(&regions).unwrap());
        for (a, &(i, j)) in cells.iter().enumerate() {
            for (b, &(k, l)) in cells.iter().enumerate() {
                let (across, up) = (i.abs_diff(k), j.abs_diff(l));
                let one = |is: bool| if is && a != b { 1.0 } else { 0.0 };
                prop_assert_eq!(queen.weight(a, b), one(across <= 1 && up <= 1));
                prop_assert_eq!(rook.weight(a, b), one(across + up == 1));
                prop_assert!(queen.weight(a, b) >= rook.weight(a, b));
            }
        }
    }

    #[test]
    fn transformations_keep_their_sums(map in any_map()) {
        let raw = map.raw();
        let row = raw.row_standardized().unwrap();
        for (i, sum) in row.row_sums().iter().enumerate() {
            let expected = if raw.neighbours(i).count() == 0 { 0.0 } else { 1.0 };
            close("row sum", *sum, expected, 1e-14, 1.0);
        }
        let spectral = raw.spectrally_normalized().unwrap();
        let largest = spectral.eigenvalues().unwrap().iter().map(|(re, im)| re.hypot(*im)).fold(0.0, f64::max);
        close("largest eigenvalue", largest, 1.0, 1e-9, 1.0);
        let dense = matrix(&raw);
        let most = |axis: usize| dense.sum_axis(ndarray::Axis(axis)).fold(0.0_f64, |m, v| m.max(*v));
        let divisor = most(0).min(most(1));
        let min_max = matrix(&raw.min_max_normalized().unwrap());
        for (at, v) in min_max.indexed_iter() {
            close("min-max", *v, dense[at] / divisor, 1e-14, 1.0);
        }
        // The lag is the product, and the constants are their sums.
        let x: Array1<f64> = map.random().normals(raw.n());
        for (a, b) in row.lag(&x).unwrap().iter().zip(matrix(&row).dot(&x)) {
            close("lag", *a, b, 1e-12, 1.0);
        }
        let both = &dense + &dense.t();
        let c = raw.constants();
        close("S0", c.s0, dense.sum(), 1e-12, 0.0);
        close("S1", c.s1, both.mapv(|v| v * v).sum() / 2.0, 1e-12, 0.0);
        close("S2", c.s2, both.sum_axis(ndarray::Axis(0)).mapv(|v| v * v).sum(), 1e-12, 0.0);
    }
}
