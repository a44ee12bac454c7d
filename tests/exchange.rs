//! Exchange of ranks and directions of moves: exact p-values by enumeration elsewhere, laws that hold, what is refused, and size in long runs.
//!
//! ```text
//! cargo test --release --test exchange -- --ignored --nocapture --test-threads 1
//! ```

use ndarray::{Array1, array};
use serde_json::Value;
use spatialecon::*;

mod random;
use random::Random;

fn oracle() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/44_exchange.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|v| v.as_f64().unwrap()).collect()
}

fn close(what: &str, a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{what}: {a} and {b}");
}

/// Binary weights of undirected links between n units.
fn links(n: usize, pairs: &[(usize, usize)]) -> Weights {
    let pairs = pairs.iter().map(|(a, b)| (a.to_string(), b.to_string()));
    Weights::from_pairs(&Units::range(n), pairs).unwrap()
}

/// Units in a line.
fn line(n: usize) -> Weights {
    let pairs: Vec<(usize, usize)> = (1..n).map(|i| (i - 1, i)).collect();
    links(n, &pairs)
}

/// A square grid of units, and two dates whose values are correlated.
fn grid(side: usize, seed: u64, levels: f64) -> (Weights, Array1<f64>, Array1<f64>) {
    let mut pairs = Vec::new();
    for i in 0..side * side {
        if i % side + 1 < side {
            pairs.push((i, i + 1));
        }
        if i + side < side * side {
            pairs.push((i, i + side));
        }
    }
    let mut random = Random(seed);
    let x = random.normals(side * side);
    let y = &x * 0.7 + random.normals(side * side);
    let step = |v: &Array1<f64>| {
        if levels > 0.0 {
            v.mapv(|v| (v * levels).round())
        } else {
            v.clone()
        }
    };
    (links(side * side, &pairs), step(&x), step(&y))
}

#[test]
fn exact_p_values_are_those_of_enumeration() {
    let all = oracle();
    let e = &all["enumerated"];
    let (x, y) = (numbers(&e["x"]), numbers(&e["y"]));
    let pairs: Vec<(usize, usize)> = e["links"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| {
            (
                l[0].as_u64().unwrap() as usize,
                l[1].as_u64().unwrap() as usize,
            )
        })
        .collect();
    let w = links(8, &pairs);
    let regions = numbers(&e["regions"]).into_iter().map(|r| r.to_string());
    let mobility = ExchangeMobility::of(&x, &y)
        .unwrap()
        .label("region", regions)
        .unwrap();
    let check = |key: &str, at: usize, test: &PermutationTest| {
        assert!(test.is_exact());
        let of = |name: &str| e[key][name][at].as_f64().unwrap();
        close(key, test.statistic(), of("value"), 1e-12);
        close(key, test.mean(), of("mean"), 1e-12);
        close(
            key,
            test.p_value(Alternative::Greater),
            of("at least"),
            1e-12,
        );
        close(key, test.p_value(Alternative::Less), of("at most"), 1e-12);
    };
    let spatial = mobility.spatial_tau(&w).unwrap();
    let test = spatial.permutation(Permutations::all()).unwrap();
    check("spatial", 0, test.neighbours());
    check("spatial", 1, test.difference().unwrap());
    let theta = mobility.theta("region").unwrap();
    check("theta", 0, &theta.permutation(Permutations::all()).unwrap());
    let regional = mobility.regional_tau("region").unwrap();
    let test = regional.permutation(Permutations::all()).unwrap();
    let names = regional.regions().to_vec();
    let cells = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];
    for (at, (g, h)) in cells.into_iter().enumerate() {
        check(
            "regional",
            at,
            test.of(&names[g], &names[h]).unwrap().unwrap(),
        );
        let swapped = test.of(&names[h], &names[g]).unwrap();
        assert_eq!(swapped, test.of(&names[g], &names[h]).unwrap());
    }
    let w_rows = w.row_standardized().unwrap();
    let lisa = DirectionalLisa::of(&x, &y, &w_rows)
        .unwrap()
        .with_sectors(4)
        .unwrap();
    let test = lisa.permutation(Permutations::all()).unwrap();
    for (at, sector) in test.sectors().iter().chain([test.together()]).enumerate() {
        check("sectors", at, sector);
    }
    for (key, set) in [
        ("neighbours", NeighbourSet::Neighbours),
        ("neighbourhood", NeighbourSet::Neighbourhood),
    ] {
        let local = mobility.local_tau_of(&w, set).unwrap();
        let exact = local.permutation(Permutations::all()).unwrap();
        assert!(exact.is_exact());
        let sampled = local
            .permutation(Permutations::new(20_000).seed(5))
            .unwrap();
        let independent = Permutations::new(20_000).seed(5).independent();
        let independent = local.permutation(independent).unwrap();
        let (greater, less) = (
            exact.p_values(Alternative::Greater),
            exact.p_values(Alternative::Less),
        );
        let two = exact.p_values(Alternative::TwoSided);
        for i in 0..8 {
            close(
                key,
                local.values()[i],
                e[key]["value"][i].as_f64().unwrap(),
                1e-14,
            );
            close(
                key,
                greater[i],
                e[key]["at least"][i].as_f64().unwrap(),
                1e-12,
            );
            close(key, less[i], e[key]["at most"][i].as_f64().unwrap(), 1e-12);
            close(key, two[i], (2.0 * greater[i].min(less[i])).min(1.0), 1e-15);
            for draws in [&sampled, &independent] {
                let error = (less[i] * (1.0 - less[i]) / 20_000.0).sqrt();
                let p = draws.p_values(Alternative::Less)[i];
                close(key, p, less[i], 4.0 * error + 1.0 / 20_000.0);
            }
        }
    }
}

#[test]
fn tau_has_the_exact_p_values_of_scipy() {
    let all = oracle();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/mexico/mexico.csv");
    let table = Table::csv(path)
        .unit("State")
        .columns(["pcgdp1940", "pcgdp2000"])
        .read()
        .unwrap();
    let column = |name: &str| table.values(name).unwrap().to_vec();
    let (x, y) = (column("pcgdp1940"), column("pcgdp2000"));
    for n in [5, 12, 20, 32] {
        let mobility = ExchangeMobility::of(&x[..n], &y[..n]).unwrap();
        let expected = &all["exact"][n.to_string()];
        for (name, alternative) in [
            ("two-sided", Alternative::TwoSided),
            ("greater", Alternative::Greater),
            ("less", Alternative::Less),
        ] {
            let test = mobility.tau().exact_test(alternative).unwrap();
            let p = expected[name].as_f64().unwrap();
            close(name, test.p_value, p, 1e-13 * p.max(1e-3) + 1e-12 * p);
        }
    }
}

#[test]
fn parts_add_up_to_the_whole() {
    for (seed, levels) in [(1, 0.0), (2, 0.0), (3, 2.0), (4, 1.0)] {
        let (w, x, y) = grid(7, seed, levels);
        let n = x.len() as f64;
        let labels = (0..49).map(|i| ["north", "middle", "south"][i / 17]);
        let mobility = ExchangeMobility::of(&x, &y)
            .unwrap()
            .label("part", labels)
            .unwrap();
        let tau = mobility.tau();
        let (first, last, both) = tau.tied();
        let all = tau.concordant() + tau.discordant() + first + last + both;
        assert_eq!(all, 49 * 48 / 2);
        assert_eq!(tau.has_ties(), levels > 0.0);
        let score = tau.concordant() as f64 - tau.discordant() as f64;
        // Each pair counts for both of its units.
        close(
            "local",
            mobility.local_tau().sum() * (n - 1.0),
            2.0 * score,
            1e-9,
        );
        let regional = mobility.regional_tau("part").unwrap();
        let sizes = [("north", 17.0), ("middle", 17.0), ("south", 15.0)];
        let mut sum = 0.0;
        for (g, (a, m)) in sizes.into_iter().enumerate() {
            for (b, k) in sizes.into_iter().skip(g) {
                let pairs = if a == b { m * (m - 1.0) / 2.0 } else { m * k };
                sum += pairs * regional.value(a, b).unwrap().unwrap();
            }
        }
        close("regional", sum, score, 1e-9);
        let spatial = mobility.spatial_tau(&w).unwrap();
        assert_eq!(spatial.pairs(), 84);
        let local = mobility.local_tau_of(&w, NeighbourSet::Neighbours).unwrap();
        let weighted = (local.values() * local.shares()).sum();
        let plain = (spatial.concordant() as f64 - spatial.discordant() as f64) / 84.0;
        close("neighbours", weighted, plain, 1e-12);
        if levels == 0.0 {
            close("spatial", spatial.value(), plain, 1e-12);
            let others = (score - 84.0 * plain) / (49.0 * 24.0 - 84.0);
            close("others", spatial.of_others().unwrap(), others, 1e-12);
        }
        // Order is all that matters; the dates may be swapped; a reversed date reverses tau.
        let again = ExchangeMobility::of(&x.mapv(f64::exp), &y.mapv(|v| 3.0 * v - 7.0)).unwrap();
        assert_eq!(
            (again.tau().concordant(), again.tau().tied()),
            (tau.concordant(), tau.tied())
        );
        let swapped = ExchangeMobility::of(&y, &x).unwrap();
        close("swapped", swapped.tau().value(), tau.value(), 1e-15);
        let reversed = ExchangeMobility::of(&x, &y.mapv(|v| -v)).unwrap();
        close("reversed", reversed.tau().value(), -tau.value(), 1e-15);
        let (p, q) = (
            tau.test(Alternative::Less),
            reversed.tau().test(Alternative::Greater),
        );
        close("reversed p", p.p_value, q.p_value, 1e-15);
    }
}

#[test]
fn theta_is_one_where_regions_move_together_and_zero_where_they_do_not() {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let labels = |l: [&str; 6]| l.map(str::to_owned);
    let theta = |y: [f64; 6], l: [&str; 6]| {
        let mobility = ExchangeMobility::of(&x[..], &y[..]).unwrap();
        mobility.label("r", labels(l)).unwrap().theta("r").unwrap()
    };
    let leapfrog = [4.0, 5.0, 6.0, 1.0, 2.0, 3.0];
    let together = theta(leapfrog, ["a", "a", "a", "b", "b", "b"]);
    assert_eq!(
        (together.value(), together.total(), together.max_total()),
        (1.0, 18.0, 18)
    );
    let within = theta(leapfrog, ["a", "b", "c", "a", "b", "c"]);
    assert_eq!((within.value(), within.cancelled()), (0.0, 1.0));
    // Together is the rarest: the two arrangements of the 20 in which the moves of a region have the same sign.
    let exact = together.permutation(Permutations::all()).unwrap();
    assert_eq!((exact.arrangements(), exact.at_least()), (20, 2));
    let reversed = theta(
        [6.0, 5.0, 4.0, 3.0, 2.0, 1.0],
        ["a", "b", "b", "a", "a", "b"],
    );
    assert_eq!(reversed.total(), 18.0);
}

/// A pair is one in whichever direction it is linked; islands have no pair; a unit is not its own neighbour.
#[test]
fn one_way_links_islands_and_diagonals() {
    let units = Units::range(6);
    let (x, y) = (
        [1.0, 5.0, 2.0, 4.0, 3.0, 6.0],
        [2.0, 1.0, 3.0, 6.0, 5.0, 4.0],
    );
    let mobility = ExchangeMobility::of(&x[..], &y[..]).unwrap();
    let both = links(6, &[(0, 1), (1, 2), (2, 3), (0, 3)]);
    let directed = [("0", "1"), ("2", "1"), ("3", "2"), ("0", "3"), ("3", "0")];
    let directed = directed.map(|(a, b)| (a, b, 2.5));
    let one_way = Weights::from_links(&units, directed).unwrap();
    let (a, b) = (
        mobility.spatial_tau(&both).unwrap(),
        mobility.spatial_tau(&one_way).unwrap(),
    );
    assert_eq!((a.pairs(), a.concordant(), a.discordant()), (4, 2, 2));
    assert_eq!((b.pairs(), b.concordant(), b.islands()), (4, 2, 2));
    assert_eq!(a.value(), b.value());
    let local = mobility
        .local_tau_of(&one_way, NeighbourSet::Neighbours)
        .unwrap();
    // Rows 1, 4 and 5 are empty; unit 0 keeps its order with 3 and changes places with 1.
    assert_eq!(local.values().to_vec(), [0.0, 0.0, -1.0, 1.0, 0.0, 0.0]);
    assert_eq!(local.notes(), [Note::Islands { count: 3 }]);
    assert_eq!(local.shares().sum(), 1.0);
    for p in [Permutations::new(99), Permutations::all()] {
        for set in [NeighbourSet::Neighbours, NeighbourSet::Neighbourhood] {
            let local = mobility.local_tau_of(&one_way, set).unwrap();
            let test = local.permutation(p).unwrap();
            assert_eq!(test.p_values(Alternative::Less)[4], 1.0);
            assert_eq!(test.p_values(Alternative::Greater)[5], 1.0);
        }
    }
    let kernel = both.with_diagonal(1.0).unwrap();
    let c = mobility.spatial_tau(&kernel).unwrap();
    assert_eq!((c.pairs(), c.value()), (a.pairs(), a.value()));
    // Every pair a pair of neighbours: nothing to compare with.
    let all: Vec<(usize, usize)> = (0..6)
        .flat_map(|i| (i + 1..6).map(move |j| (i, j)))
        .collect();
    let complete = mobility.spatial_tau(&links(6, &all)).unwrap();
    assert_eq!((complete.of_others(), complete.difference()), (None, None));
    assert_eq!(complete.value(), mobility.tau().value());
    let test = complete.permutation(Permutations::new(99)).unwrap();
    assert!(test.difference().is_none());
    assert_eq!(test.neighbours().p_value(Alternative::TwoSided), 1.0);
}

#[test]
fn directions_are_counted_from_zero_counter_clockwise() {
    // Eight units, each with one neighbour of its own, so that dy is the move of that neighbour: every eighth of the circle, on its lower bound.
    let moves = [
        (1.0, 0.0),
        (1.0, 1.0),
        (0.0, 1.0),
        (-1.0, 1.0),
        (-1.0, 0.0),
        (-1.0, -1.0),
        (0.0, -1.0),
        (1.0, -1.0),
    ];
    let n = 16;
    let ids: Vec<(String, String, f64)> = (0..8)
        .map(|i| (i.to_string(), (i + 8).to_string(), 1.0))
        .collect();
    let w = Weights::from_links(&Units::range(n), ids)
        .unwrap()
        .islands_kept();
    let first: Array1<f64> = (0..n).map(|i| 10.0 + i as f64).collect();
    let mut last = first.clone();
    for (i, (dx, dy)) in moves.into_iter().enumerate() {
        last[i] += dx;
        last[i + 8] += dy;
    }
    let lisa = DirectionalLisa::of(&first, &last, &w)
        .unwrap()
        .with_scale(LisaScale::AsGiven)
        .unwrap();
    assert_eq!(lisa.counts(), [1; 8]);
    assert_eq!(
        (0..8).map(|i| lisa.sector(i).unwrap()).collect::<Vec<_>>(),
        (0..8).collect::<Vec<_>>()
    );
    assert_eq!((lisa.islands(), lisa.unmoved()), (8, 0));
    assert_eq!((lisa.sector(8), lisa.sector(99)), (None, None));
    assert_eq!(lisa.notes(), [Note::Islands { count: 8 }]);
    assert_eq!(lisa.mean_direction(), None);
    assert_eq!(lisa.clone().with_sectors(4).unwrap().counts(), [2; 4]);
    for (i, (dx, dy)) in moves.into_iter().enumerate() {
        close(
            "angle",
            lisa.angles()[i].unwrap(),
            std::f64::consts::TAU * i as f64 / 8.0,
            1e-15,
        );
        close("length", lisa.lengths()[i], f64::hypot(dx, dy), 1e-15);
    }
    // The same move for all: one direction; unit 0 and its neighbour stay.
    let mut last = first.mapv(|v| v + 1.0);
    (last[0], last[8]) = (first[0], first[8]);
    let lisa = DirectionalLisa::of(&first, &last, &w)
        .unwrap()
        .with_scale(LisaScale::AsGiven)
        .unwrap();
    assert_eq!(
        (lisa.unmoved(), lisa.counts()[1], lisa.sector(0)),
        (1, 7, None)
    );
    let (direction, length) = lisa.mean_direction().unwrap();
    close("direction", direction, std::f64::consts::FRAC_PI_4, 1e-15);
    close("resultant length", length, 1.0, 1e-15);
    // 2k sectors, two by two, are k sectors.
    let (w, x, y) = grid(9, 8, 0.0);
    let w = w.row_standardized().unwrap();
    let lisa = DirectionalLisa::of(&x.mapv(f64::exp), &y.mapv(f64::exp), &w).unwrap();
    let fine = lisa.clone().with_sectors(16).unwrap();
    for (s, count) in lisa.counts().iter().enumerate() {
        assert_eq!(*count, fine.counts()[2 * s] + fine.counts()[2 * s + 1]);
    }
    assert_eq!(lisa.counts().iter().sum::<usize>(), 81);
    let moved: usize = lisa.transitions().iter().flatten().sum();
    assert_eq!(moved, 81);
    // Quadrants do not depend on the scale, and are those of the Moran scatter plot.
    let z = lisa.clone().with_scale(LisaScale::ZScores).unwrap();
    assert_eq!(z.transitions(), lisa.transitions());
    let moran = LocalMoran::of(&x.mapv(f64::exp), &w, Permutations::new(9)).unwrap();
    assert_eq!(moran.quadrants(), lisa.origins());
    let test = lisa.permutation(Permutations::new(999).seed(3)).unwrap();
    let expected: f64 = test.sectors().iter().map(PermutationTest::mean).sum();
    close("expected", expected, 81.0, 1e-9);
}

#[test]
fn what_has_no_answer_is_refused() {
    let units = Units::new(["a", "b", "c", "d"]).unwrap();
    let values = array![
        [1.0, 2.0, 3.0, 4.0],
        [2.0, 1.0, 4.0, 3.0],
        [5.0, 5.0, 5.0, 5.0],
        [1.0, 2.0, 3.0, 4.0],
        [-1.0, -2.0, 1.0, 0.5]
    ];
    let panel =
        Panel::from_columns(&units, &[2000, 2005, 2010, 2015, 2020], [("y", values)]).unwrap();
    let panel = panel
        .label("one", ["r"; 4])
        .unwrap()
        .label("two", ["r", "r", "r", "s"])
        .unwrap();
    let w = Weights::from_pairs(&units, [("a", "b"), ("b", "c"), ("c", "d")]).unwrap();
    let rows = w.row_standardized().unwrap();
    let of = |first, last| ExchangeMobility::between(&panel, "y", first, last);
    let lisa = |first, last| DirectionalLisa::between(&panel, "y", first, last, &rows);
    for (first, last) in [(2005, 2000), (2000, 2000)] {
        assert!(matches!(of(first, last), Err(Error::InvalidOption { .. })));
        assert!(matches!(
            lisa(first, last),
            Err(Error::InvalidOption { .. })
        ));
    }
    for (first, last) in [(1999, 2000), (2000, 2001)] {
        assert!(matches!(of(first, last), Err(Error::UnknownPeriod { .. })));
        assert!(matches!(
            lisa(first, last),
            Err(Error::UnknownPeriod { .. })
        ));
    }
    for (first, last) in [(2000, 2010), (2010, 2015)] {
        assert!(
            matches!(of(first, last), Err(Error::Constant { name, .. }) if name == "y, period 2010")
        );
        assert!(
            matches!(lisa(first, last), Err(Error::Constant { name, .. }) if name == "y, period 2010")
        );
    }
    let unknown = ExchangeMobility::between(&panel, "z", 2000, 2005);
    assert!(matches!(unknown, Err(Error::UnknownColumn { .. })));
    let mobility = of(2000, 2005).unwrap();
    let unsupported = |e: Error, word: &str| {
        let text = e.to_string();
        assert!(
            matches!(e, Error::Unsupported { .. }) && text.contains(word),
            "{text}"
        );
    };
    unsupported(mobility.theta("one").unwrap_err(), "`one`");
    unsupported(mobility.regional_tau("one").unwrap_err(), "`one`");
    assert!(matches!(
        mobility.theta("none"),
        Err(Error::UnknownColumn { .. })
    ));
    let regional = mobility.regional_tau("two").unwrap();
    assert!(matches!(
        regional.value("r", "q"),
        Err(Error::InvalidOption { .. })
    ));
    // One unit has no pair within its region.
    assert_eq!(regional.value("s", "s").unwrap(), None);
    let test = regional.permutation(Permutations::all()).unwrap();
    assert!(test.of("s", "s").unwrap().is_none() && test.of("r", "s").unwrap().is_some());
    unsupported(
        of(2000, 2015).unwrap().theta("two").unwrap_err(),
        "no unit changes its rank",
    );
    let none = Weights::from_pairs(&units, Vec::<(&str, &str)>::new())
        .unwrap()
        .islands_kept();
    unsupported(
        mobility.spatial_tau(&none).unwrap_err(),
        "no unit has a neighbour",
    );
    unsupported(
        mobility
            .local_tau_of(&none, NeighbourSet::Neighbours)
            .unwrap_err(),
        "no unit has a neighbour",
    );
    unsupported(
        DirectionalLisa::between(&panel, "y", 2000, 2005, &none).unwrap_err(),
        "no unit has a neighbour",
    );
    let other = w.relabelled(&Units::range(4)).unwrap();
    assert!(matches!(
        mobility.spatial_tau(&other),
        Err(Error::UnitsDiffer { .. })
    ));
    assert!(matches!(
        mobility.local_tau_of(&other, NeighbourSet::Neighbours),
        Err(Error::UnitsDiffer { .. })
    ));
    assert!(matches!(
        DirectionalLisa::between(&panel, "y", 2000, 2005, &other),
        Err(Error::UnitsDiffer { .. })
    ));
    unsupported(lisa(2000, 2020).unwrap_err(), "ZScores");
    for sectors in [0, 1, 361] {
        assert!(matches!(
            lisa(2000, 2005).unwrap().with_sectors(sectors),
            Err(Error::InvalidOption { .. })
        ));
    }
    // Bare arrays: one unit, two lengths, not a number; neighbours that are all tied.
    assert!(matches!(
        ExchangeMobility::of(&[1.0][..], &[2.0][..]),
        Err(Error::TooFewUnits { n: 1, .. })
    ));
    assert!(matches!(
        ExchangeMobility::of(&[1.0, 2.0, 3.0][..], &[2.0, 1.0][..]),
        Err(Error::LengthMismatch { .. })
    ));
    assert!(matches!(
        ExchangeMobility::of(&[1.0, 2.0, f64::NAN][..], &[2.0, 1.0, 0.0][..]),
        Err(Error::NotFinite { .. })
    ));
    let two = links(2, &[(0, 1)]);
    assert!(matches!(
        DirectionalLisa::of(&[1.0, 2.0][..], &[2.0, 1.0][..], &two),
        Err(Error::TooFewUnits { n: 2, .. })
    ));
    let bare = ExchangeMobility::of(&[1.0, 1.0, 2.0, 3.0][..], &[4.0, 3.0, 2.0, 1.0][..]).unwrap();
    unsupported(
        bare.spatial_tau(&links(4, &[(0, 1)])).unwrap_err(),
        "tied at the first date",
    );
    assert!(matches!(
        bare.spatial_tau(&two),
        Err(Error::LengthMismatch { .. })
    ));
    unsupported(
        bare.tau().exact_test(Alternative::Less).unwrap_err(),
        "tied",
    );
    let long: Array1<f64> = (0..171).map(f64::from).collect();
    unsupported(
        ExchangeMobility::of(&long, &long)
            .unwrap()
            .tau()
            .exact_test(Alternative::Less)
            .unwrap_err(),
        "170",
    );
    // Too many arrangements, and none.
    let (w, x, y) = grid(5, 1, 0.0);
    let mobility = ExchangeMobility::of(&x, &y).unwrap();
    let spatial = mobility.spatial_tau(&w).unwrap();
    unsupported(
        spatial.permutation(Permutations::all()).unwrap_err(),
        "more than 10^6",
    );
    assert!(matches!(
        spatial.permutation(Permutations::new(0)),
        Err(Error::InvalidOption { .. })
    ));
    let local = mobility.local_tau_of(&w, NeighbourSet::Neighbours).unwrap();
    assert!(matches!(
        local.permutation(Permutations::new(0)),
        Err(Error::InvalidOption { .. })
    ));
    assert!(local.permutation(Permutations::all()).is_ok());
}

/// Size of the tests of tau at 5 %, and of the exact local test, where the dates have nothing to do with each other.
#[test]
#[ignore = "some minutes; command in the header"]
fn size_under_independence() {
    println!(
        "| n | ties | tau, normal | variance without ties | exact | local, exact |\n|---|---|---|---|---|---|"
    );
    for (side, levels) in [(3, 0.0), (5, 0.0), (7, 0.0), (5, 1.0), (7, 0.5)] {
        let samples = 4_000;
        let mut counts = [0; 4];
        let mut locals = 0;
        for seed in 0..samples {
            let (w, x, _) = grid(side, 2 * seed, levels);
            let (_, y, _) = grid(side, 2 * seed + 1, levels);
            let Ok(mobility) = ExchangeMobility::of(&x, &y) else {
                continue;
            };
            let tau = mobility.tau();
            let two = Alternative::TwoSided;
            counts[0] += usize::from(tau.test(two).p_value <= 0.05);
            counts[1] += usize::from(tau.uncorrected_test(two).p_value <= 0.05);
            counts[2] += usize::from(tau.exact_test(two).is_ok_and(|t| t.p_value <= 0.05));
            let local = mobility.local_tau_of(&w, NeighbourSet::Neighbours).unwrap();
            let p = local
                .permutation(Permutations::all())
                .unwrap()
                .p_values(two);
            counts[3] += p.iter().filter(|p| **p <= 0.05).count();
            locals += p.len();
        }
        let share = |c: usize, of: usize| c as f64 / of as f64;
        let s = samples as usize;
        println!(
            "| {} | {} | {:.4} | {:.4} | {} | {:.4} |",
            side * side,
            levels > 0.0,
            share(counts[0], s),
            share(counts[1], s),
            if levels > 0.0 {
                String::new()
            } else {
                format!("{:.4}", share(counts[2], s))
            },
            share(counts[3], locals)
        );
        // Three standard errors; the exact tests cannot exceed their level.
        let error = 3.0 * (0.05_f64 * 0.95 / samples as f64).sqrt();
        assert!(share(counts[2], s) <= 0.05 + error && share(counts[3], locals) <= 0.05 + error);
        if side > 3 {
            assert!((share(counts[0], s) - 0.05).abs() <= error + 0.006);
        }
    }
}

/// Another run gives the same numbers.
#[test]
fn seeds_repeat_themselves() {
    let (w, x, y) = grid(6, 5, 1.0);
    let labels = (0..36).map(|i| format!("{}", i % 3));
    let mobility = ExchangeMobility::of(&x, &y)
        .unwrap()
        .label("r", labels)
        .unwrap();
    let run = |seed: u64| {
        let p = Permutations::new(299).seed(seed);
        let local = mobility
            .local_tau_of(&w, NeighbourSet::Neighbourhood)
            .unwrap();
        (
            mobility.spatial_tau(&w).unwrap().permutation(p).unwrap(),
            mobility.theta("r").unwrap().permutation(p).unwrap(),
            mobility
                .regional_tau("r")
                .unwrap()
                .permutation(p)
                .unwrap()
                .to_string(),
            local
                .permutation(p)
                .unwrap()
                .p_values(Alternative::TwoSided),
        )
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1).0, run(2).0);
}

#[test]
fn growth_that_is_the_same_for_all_is_no_move() {
    let base = [3.1, 1.7, 9.3, 2.2, 7.7, 5.9, 4.3];
    let grown = base.map(|v| v * 1.1);
    let w = line(7).row_standardized().unwrap();
    let lisa = DirectionalLisa::of(&base[..], &grown[..], &w).unwrap();
    for scale in [LisaScale::RelativeToMean, LisaScale::ZScores] {
        let lisa = lisa.clone().with_scale(scale).unwrap();
        assert_eq!((lisa.unmoved(), lisa.counts()), (7, &[0; 8][..]), "{scale}");
        assert_eq!(lisa.mean_direction(), None);
    }
}

#[test]
fn directions_do_not_depend_on_the_unit_of_the_values() {
    let first = [3.1, 1.7, 9.3, 2.2, 7.7, 5.9, 4.3];
    let last = [2.9, 2.7, 8.1, 3.2, 9.7, 4.9, 5.3];
    let w = line(7).row_standardized().unwrap();
    for scale in [LisaScale::RelativeToMean, LisaScale::ZScores] {
        let of = |unit: f64| {
            let (a, b) = (first.map(|v| v * unit), last.map(|v| v * unit));
            let lisa = DirectionalLisa::of(&a[..], &b[..], &w).unwrap();
            lisa.with_scale(scale).unwrap()
        };
        let one = of(1.0);
        for unit in [1e-165, 1e-150, 1e150, 1e160] {
            let other = of(unit);
            assert_eq!(one.counts(), other.counts(), "{scale} {unit}");
            for (a, b) in one.dx().iter().zip(other.dx()) {
                assert!((a - b).abs() < 1e-13, "{scale} {unit}");
            }
        }
    }
}
