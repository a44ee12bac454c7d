//! Tables of results hold what the results say, unit by unit and class by class.

use std::path::PathBuf;

use ndarray::{Array2, array};
use spatialecon::*;

const INCOME: &str = "gdp_pc_real2000_yuan";

fn guangdong() -> (Panel, Weights) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/data/guangdong");
    let panel = Panel::csv(folder.join("guangdong_panel.csv"))
        .unit("name_en")
        .period("year")
        .columns([INCOME])
        .read()
        .unwrap();
    let regions = Regions::geojson(folder.join("guangdong.geojson"))
        .unit("name_en")
        .read()
        .unwrap();
    let w = Weights::queen(&regions).unwrap().row_standardized();
    (panel, w.unwrap())
}

fn names(table: &Table) -> Vec<&str> {
    table.column_names().chain(table.label_names()).collect()
}

#[test]
fn chains() {
    let chain =
        MarkovChain::from_transitions(array![[8.0, 2.0, 0.0], [1.0, 6.0, 3.0], [0.0, 5.0, 15.0]])
            .unwrap();
    let table = chain.table().unwrap();
    assert_eq!(names(&table), ["1", "2", "3", "transitions", "ergodic"]);
    assert_eq!(table.units(), &Units::new(["1", "2", "3"]).unwrap());
    let of = |column: &str| table.values(column).unwrap().to_vec();
    assert_eq!(of("2"), [0.2, 0.6, 0.25]);
    assert_eq!(of("transitions"), [10.0, 10.0, 20.0]);
    let shares = chain.ergodic().unwrap();
    assert_eq!(table.values("ergodic").unwrap(), shares.shares());
    // Two closed sets have no ergodic distribution in common.
    let apart = MarkovChain::from_transitions(array![[1.0, 0.0], [0.0, 1.0]]).unwrap();
    assert_eq!(names(&apart.table().unwrap()), ["1", "2", "transitions"]);
    let unknown = MarkovChain::from_transitions(array![[1.0, 1.0], [0.0, 0.0]]).unwrap();
    assert!(matches!(unknown.table(), Err(Error::EmptyClass { .. })));
}

#[test]
fn classes_whose_borders_are_near_have_names_of_their_own() {
    let income = array![
        [1.0, 1.00001, 1.00002, 1.00003],
        [1.00001, 1.0, 1.00003, 1.00002]
    ];
    let panel = Panel::from_columns(&Units::range(4), &[2000, 2001], [("y", income)]).unwrap();
    let cuts = Classes::cut_points([1.000005, 1.000015, 1.000025]);
    let chain = MarkovChain::of(&panel, "y", &cuts).unwrap();
    assert_eq!(chain.labels()[1], "1.000005 to 1.000015");
    assert_eq!(chain.table().unwrap().len(), 4);
}

#[test]
fn unit_roots() {
    let (panel, _) = guangdong();
    let gaps = StochasticConvergence::of(&panel, INCOME)
        .unwrap()
        .deterministic(Deterministic::Trend)
        .lags(Lags::Aic(2));
    let all = gaps.adf_all().unwrap();
    let table = all.table().unwrap();
    assert_eq!(names(&table), ["rho", "se", "t", "lags", "n", "p"]);
    assert_eq!(table.units(), panel.units());
    let lines = gaps.carlino_mills().unwrap();
    let paths = lines.table().unwrap();
    let cips = gaps.cips(1, Draws::new(100)).unwrap();
    let cadf = cips.table().unwrap();
    for i in 0..21 {
        let at = |table: &Table, column: &str| table.values(column).unwrap()[i];
        let unit = &all.units()[i];
        assert_eq!(at(&table, "rho"), unit.rho());
        assert_eq!(at(&table, "se"), unit.std_error());
        assert_eq!(at(&table, "t"), unit.rho() / unit.std_error());
        assert_eq!(at(&table, "lags") as usize, unit.lag());
        assert_eq!(at(&table, "n") as usize, unit.observations());
        assert_eq!(at(&table, "p"), unit.p_value());
        let line = &lines.units()[i];
        assert_eq!(at(&paths, "level"), line.level.value);
        assert_eq!(at(&paths, "level_se"), line.level.std_error);
        assert_eq!(at(&paths, "trend"), line.trend.value);
        assert_eq!(at(&paths, "trend_se"), line.trend.std_error);
        assert_eq!(at(&paths, "adf_t"), line.unit_root.statistic());
        assert_eq!(at(&paths, "adf_lags") as usize, line.unit_root.lag());
        assert_eq!(at(&paths, "adf_p"), line.unit_root.p_value());
        assert_eq!(paths.labels("gap").unwrap()[i], line.path.to_string());
        assert_eq!(at(&cadf, "t"), cips.units()[i].statistic);
        assert_eq!(at(&cadf, "p"), cips.units()[i].p_value);
    }
}

#[test]
fn clubs() {
    // Two groups of logs that each close in on a level of their own.
    let logs = Array2::from_shape_fn((40, 6), |(t, i)| {
        let t = t as f64 + 1.0;
        let level = if i < 3 { 10.0 } else { 8.0 };
        let gap = [0.3, -0.1, -0.2][i % 3] / t + 0.0003 * (t * (i + 1) as f64).sin();
        level + 0.02 * t + gap
    });
    let years: Vec<i32> = (1980..2020).collect();
    let panel = Panel::from_columns(&Units::range(6), &years, [("y", logs)]).unwrap();
    let paths = TransitionPaths::of_logs(&panel, "y").unwrap();
    let clubs = paths.clubs(Clustering::new()).unwrap();
    let table = clubs.table().unwrap();
    assert_eq!(
        names(&table),
        ["units", "b", "se", "t", "alpha", "h", "members"]
    );
    assert_eq!(table.len(), clubs.clubs().len());
    assert_eq!(table.len(), 2);
    let last = paths.relative();
    for (k, club) in clubs.clubs().iter().enumerate() {
        let at = |column: &str| table.values(column).unwrap()[k];
        assert_eq!(at("units") as usize, club.units.len());
        assert_eq!(at("b"), club.log_t.b);
        assert_eq!(at("t"), at("b") / at("se"));
        assert_eq!(at("alpha"), at("b") / 2.0);
        assert_eq!(table.labels("members").unwrap()[k], club.units.join("; "));
        let h: f64 = club
            .units
            .iter()
            .map(|u| last[[39, panel.units().position(u).unwrap()]])
            .sum();
        assert!((at("h") - h / at("units")).abs() < 1e-14);
    }
}

#[test]
fn ranks_and_directions() {
    let (panel, w) = guangdong();
    let mobility = ExchangeMobility::between(&panel, INCOME, 2000, 2023).unwrap();
    let test = mobility
        .local_tau_of(&w, NeighbourSet::Neighbours)
        .and_then(|tau| tau.permutation(Permutations::all()))
        .unwrap();
    let table = test.table().unwrap();
    assert_eq!(names(&table), ["tau", "p_less", "p_greater"]);
    assert_eq!(table.values("tau").unwrap(), test.values());
    let less = test.p_values(Alternative::Less);
    assert_eq!(table.values("p_less").unwrap(), less);
    let greater = test.p_values(Alternative::Greater);
    assert_eq!(table.values("p_greater").unwrap(), greater);

    let moves = DirectionalLisa::between(&panel, INCOME, 2000, 2023, &w).unwrap();
    let table = moves.table().unwrap();
    assert_eq!(names(&table), ["dx", "dy", "length", "from", "to"]);
    assert_eq!(table.values("dy").unwrap(), moves.dy());
    for i in 0..21 {
        let at = |column: &str| table.values(column).unwrap()[i];
        assert_eq!(at("length"), at("dx").hypot(at("dy")));
        assert_eq!(
            table.labels("from").unwrap()[i],
            moves.origins()[i].to_string()
        );
        assert_eq!(
            table.labels("to").unwrap()[i],
            moves.destinations()[i].to_string()
        );
    }
}
