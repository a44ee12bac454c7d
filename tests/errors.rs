//! Every error, provoked by one change to a valid input: the variant, its data, and what its message says.

// Values are compared with those that were put in.
#![allow(clippy::float_cmp)]

use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2, array};
use spatialecon::*;

/// The error of a result, after a look at its variant and fields (a pattern, with a guard) and at the words of its message.
macro_rules! refuses {
    ($result:expr, $pattern:pat $(if $guard:expr)?, $($word:expr),+ $(,)?) => {{
        let error = match $result {
            Ok(_) => panic!("accepted: {}", stringify!($result)),
            Err(error) => error,
        };
        assert!(matches!(&error, $pattern $(if $guard)?), "another error, or other fields: {error:?}");
        let text = error.to_string();
        for word in [$($word),+] {
            assert!(text.contains(word), "`{word}` is not in: {text}");
        }
    }};
}

const TABLE: &str = "id,gdp,pop,side\na,1.5,10,east\nb,2.5,20,west\nc,4.0,30,west\n";
const PANEL: &str =
    "id,year,gdp,side\na,2000,1.5,east\na,2001,2.5,east\nb,2000,3.5,west\nb,2001,4.5,west\n";
const GAL: &str = "0 3 map id\na 1\nb\nb 2\na c\nc 1\nb\n";
const MAP: &str = r#"{"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"code": "a", "gdp": 1.5},
 "geometry": {"type": "Polygon", "coordinates": [[[0,0],[2,0],[2,1],[0,1],[0,0]]]}},
{"type": "Feature", "properties": {"code": "b", "gdp": 2.5},
 "geometry": {"type": "MultiPolygon", "coordinates": [[[[2,0],[4,0],[4,1],[2,1],[2,0]]]]}}]}"#;

fn table(text: &str) -> Result<Table> {
    Table::csv_text(text)
        .unit("id")
        .columns(["gdp", "pop"])
        .labels(["side"])
        .read()
}

fn panel_reader(text: &str) -> PanelReader {
    Panel::csv_text(text)
        .unit("id")
        .period("year")
        .columns(["gdp"])
        .labels(["side"])
}

fn panel(text: &str) -> Result<Panel> {
    panel_reader(text).read()
}

fn map(text: &str) -> Result<Regions> {
    Regions::geojson_text(text)
        .unit("code")
        .columns(["gdp"])
        .read()
}

/// One change to a text; the change has to be one.
fn with(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "`{from}` is not in {text}");
    text.replacen(from, to, 1)
}

fn named(ids: &[&str]) -> Units {
    Units::new(ids.iter().copied()).unwrap()
}

/// A line of units, each a neighbour of the next.
fn line(n: usize) -> Weights {
    let pairs = (1..n).flat_map(|i| [(i - 1, i, 1.0), (i, i - 1, 1.0)]);
    Weights::from_links_at(&Units::range(n), pairs).unwrap()
}

const Y: [f64; 10] = [1.0, 3.0, 2.0, 5.0, 4.0, 6.5, 9.0, 1.5, 3.3, 2.2];
const X: [f64; 10] = [0.3, 1.0, 2.0, 2.5, 0.4, 1.6, 3.0, 1.1, 3.2, 2.9];

fn sample() -> Table {
    Table::from_columns([("y", Y.to_vec()), ("x", X.to_vec())]).unwrap()
}

fn weights() -> Weights {
    line(10).row_standardized().unwrap()
}

fn ols() -> Fit {
    Regression::of("y").on(["x"]).fit(&sample()).unwrap()
}

fn sar() -> Fit {
    let spec = Regression::of("y").on(["x"]).spatial_lag(&weights());
    spec.fit(&sample()).unwrap()
}

fn sem() -> Fit {
    let spec = Regression::of("y").on(["x"]).spatial_error(&weights());
    spec.fit(&sample()).unwrap()
}

/// A panel of four units and two years.
fn growing(first: [f64; 4], last: [f64; 4]) -> Panel {
    let values = Array2::from_shape_vec((2, 4), [first, last].concat()).unwrap();
    let units = named(&["a", "b", "c", "d"]);
    Panel::from_columns(&units, &[2000, 2010], [("gdp", values)]).unwrap()
}

/// A file with the bytes given, in the folder for files of tests.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn in_text(path: &Path) -> bool {
    path == Path::new("<text>")
}

#[test]
fn the_inputs_are_valid_before_they_are_changed() {
    assert_eq!(table(TABLE).unwrap().len(), 3);
    assert_eq!(panel(PANEL).unwrap().periods(), [2000, 2001]);
    assert_eq!(map(MAP).unwrap().units().len(), 2);
    assert_eq!(Weights::gal_text(GAL).unwrap().links(), 4);
    assert!(ols().n() == 10 && sar().rho().is_some() && sem().lambda().is_some());
}

// ---------------------------------------------------------------------------------------------- columns, units, periods

#[test]
fn unknown_columns() {
    let t = table(TABLE).unwrap();
    refuses!(
        t.values("gpd"),
        Error::UnknownColumn { name, available } if name == "gpd" && *available == ["gdp", "pop"],
        "no column `gpd`", "there are: gdp, pop",
    );
    refuses!(
        t.labels("gdp"),
        Error::UnknownColumn { name, available } if name == "gdp" && *available == ["side"],
        "`gdp`", "there are: side",
    );
    refuses!(
        Table::csv_text(TABLE).unit("code").read(),
        Error::UnknownColumn { name, available } if name == "code" && available.len() == 4,
        "`code`", "id, gdp, pop, side",
    );
    refuses!(
        Regression::of("growth").on(["gdp"]).fit(&sample()),
        Error::UnknownColumn { name, .. } if name == "growth",
        "`growth`", "y, x",
    );
    let p = panel(PANEL).unwrap();
    refuses!(
        p.values("pop"),
        Error::UnknownColumn { name, available } if name == "pop" && *available == ["gdp"],
        "no column `pop`", "there are: gdp",
    );
    refuses!(
        panel_reader(PANEL).columns(["pop"]).read(),
        Error::UnknownColumn { name, .. } if name == "pop",
        "no column `pop`", "id, year, gdp, side",
    );
    refuses!(
        SigmaConvergence::of(&p, "pop"),
        Error::UnknownColumn { name, .. } if name == "pop", "`pop`", "there are: gdp",
    );
    refuses!(
        Regions::geojson_text(MAP).columns(["pop"]).read(),
        Error::UnknownColumn { name, available } if name == "pop" && *available == ["code", "gdp"],
        "no column `pop`", "there are: code, gdp",
    );
    refuses!(
        sar().impacts().unwrap().of("z"),
        Error::UnknownColumn { name, .. } if name == "z", "`z`", "there are: x",
    );
    refuses!(
        sar().wald_test(["lambda"]),
        Error::UnknownColumn { name, .. } if name == "lambda", "`lambda`", "const, x, rho",
    );
}

#[test]
fn duplicate_columns() {
    let t = table(TABLE).unwrap();
    refuses!(
        t.column("gdp", vec![1.0, 2.0, 3.0]),
        Error::DuplicateColumn { name } if name == "gdp", "column `gdp` already", "choose another name",
    );
    refuses!(
        panel(PANEL).unwrap().label("gdp", ["p", "q"]),
        Error::DuplicateColumn { name } if name == "gdp", "`gdp`", "choose another name",
    );
    refuses!(
        Table::csv_text(TABLE).unit("id").columns(["gdp", "gdp"]).read(),
        Error::DuplicateColumn { name } if name == "gdp", "`gdp`", "choose another name",
    );
    refuses!(
        Regression::of("y").on(["x", "x"]).fit(&sample()),
        Error::DuplicateColumn { name } if name == "x", "`x`", "choose another name",
    );
    refuses!(
        Regression::of("y").on(["y"]).fit(&sample()),
        Error::DuplicateColumn { name } if name == "y", "`y`", "choose another name",
    );
}

#[test]
fn unknown_units_and_periods() {
    let t = table(TABLE).unwrap();
    refuses!(
        t.without(["z"]),
        Error::UnknownUnit { unit, place } if unit == "z" && place == "the table", "`z`", "the table",
    );
    refuses!(
        Weights::from_pairs(t.units(), [("a", "z")]),
        Error::UnknownUnit { unit, .. } if unit == "z", "`z`", "the units of the weights",
    );
    refuses!(
        Weights::from_links_at(&Units::range(3), [(0, 3, 1.0)]),
        Error::UnknownUnit { unit, .. } if unit == "#3", "`#3`", "3 units",
    );
    let p = panel(PANEL).unwrap();
    refuses!(
        p.at(2002),
        Error::UnknownPeriod { period: 2002, available } if *available == [2000, 2001],
        "no period 2002", "there are: 2000; 2001",
    );
    refuses!(
        Growth::between(&p, "gdp", 1999, 2001),
        Error::UnknownPeriod { period: 1999, .. },
        "no period 1999",
        "there are: 2000; 2001",
    );
    refuses!(
        panel_reader(PANEL).periods(2000..=2002).read(),
        Error::UnknownPeriod { period: 2002, .. },
        "no period 2002",
        "there are: 2000; 2001",
    );
}

#[test]
fn duplicate_units() {
    refuses!(
        Units::new(["a", "b", "a"]),
        Error::DuplicateUnit { unit, period: None, first, second }
            if unit == "a" && first == "position 0" && second == "position 2",
        "unit `a` occurs twice", "position 0", "position 2",
    );
    refuses!(
        table(&with(TABLE, "\nc,", "\na,")),
        Error::DuplicateUnit { unit, period: None, first, second }
            if unit == "a" && first == "line 2" && second == "line 4",
        "unit `a` occurs twice: line 2 and line 4",
    );
    refuses!(
        panel(&with(PANEL, "b,2001", "b,2000")),
        Error::DuplicateUnit { unit, period: Some(2000), first, second }
            if unit == "b" && first == "line 4" && second == "line 5",
        "unit `b`, period 2000, occurs twice: line 4 and line 5",
    );
    refuses!(
        map(&with(MAP, r#""code": "b""#, r#""code": "a""#)),
        Error::DuplicateUnit { unit, period: None, first, second }
            if unit == "a" && first == "feature 1" && second == "feature 2",
        "unit `a` occurs twice: feature 1 and feature 2",
    );
}

#[test]
fn labels_that_vary() {
    refuses!(
        panel(&with(PANEL, "b,2001,4.5,west", "b,2001,4.5,east")),
        Error::LabelVaries { label, unit, first, second }
            if label == "side" && unit == "b" && first == "`west` in line 4" && second == "`east` in line 5",
        "label `side` of unit `b`", "`west` in line 4", "`east` in line 5", "correct it, or leave the label out",
    );
}

#[test]
fn units_that_differ() {
    let t = table(TABLE).unwrap();
    let spec = |w: &Weights| Regression::of("gdp").on(["pop"]).spatial_lag(w);
    let lacking = Weights::from_pairs(&named(&["a", "b", "d"]), [("a", "b"), ("b", "d")]).unwrap();
    refuses!(
        spec(&lacking).fit(&t),
        Error::UnitsDiffer { left, right, position: 2, left_unit: Some(l), right_unit: Some(r), same_set: false, missing }
            if &**left == "the table" && &**right == "the weights" && &**l == "c" && &**r == "d" && **missing == ["c"],
        "the table", "the weights", "at position 2", "`c`", "`d`", "not in the weights: `c`", "select the common units",
    );
    let shorter = Weights::from_pairs(&named(&["a", "b"]), [("a", "b")]).unwrap();
    refuses!(
        spec(&shorter).fit(&t),
        Error::UnitsDiffer {
            position: 2,
            right_unit: None,
            same_set: false,
            ..
        },
        "the second: no unit",
        "not in the weights: `c`",
        "select the common units",
    );
    let turned = Weights::from_pairs(&named(&["b", "a", "c"]), [("a", "b"), ("b", "c")]).unwrap();
    refuses!(
        spec(&turned).fit(&t),
        Error::UnitsDiffer { position: 0, same_set: true, missing, .. } if missing.is_empty(),
        "at position 0", "`a`", "`b`", "same units in another order", "`aligned_to`",
    );
    refuses!(
        Moran::of(t.variable("gdp").unwrap(), &turned),
        Error::UnitsDiffer { left, same_set: true, .. } if &**left == "`gdp`", "`gdp`", "`aligned_to`",
    );
    refuses!(
        ols().lm_tests(&turned),
        Error::UnitsDiffer { left, .. } if &**left == "the fit", "the fit", "the weights", "`relabelled`",
    );
    // One comes with ids and the other without.
    refuses!(
        Moran::of(t.variable("gdp").unwrap(), &line(3)),
        Error::UnitsDiffer { position: 0, same_set: false, missing, .. } if missing.len() == 3,
        "`a`", "`0`", "`relabelled`", "`Table::over`",
    );
}

#[test]
fn lengths() {
    let t = sample();
    refuses!(
        t.clone().column("z", vec![1.0; 9]),
        Error::LengthMismatch { what, expected: 10, found: 9 } if what == "column `z`",
        "column `z`", "10 values expected, 9 found",
    );
    refuses!(
        panel(PANEL).unwrap().column("z", Array2::<f64>::zeros((2, 3))),
        Error::LengthMismatch { what, expected: 2, found: 3 } if what == "units (columns) of `z`",
        "units (columns) of `z`", "2 values expected, 3 found",
    );
    refuses!(
        Moran::of(&Y[..9], &line(10)),
        Error::LengthMismatch {
            expected: 10,
            found: 9,
            ..
        },
        "the weights",
        "10 values expected, 9 found",
    );
    refuses!(
        line(10).relabelled(&Units::range(9)),
        Error::LengthMismatch { what, expected: 10, found: 9 } if what == "new ids of the weights",
        "new ids of the weights", "10 values expected, 9 found",
    );
    refuses!(
        Weights::from_dense(&Units::range(2), Array2::<f64>::zeros((2, 3)).view()),
        Error::LengthMismatch { what, expected: 2, found: 3 } if what == "columns of the dense weights",
        "columns of the dense weights", "2 values expected, 3 found",
    );
    refuses!(
        sar().impacts().unwrap().between("x", &["a"; 9]),
        Error::LengthMismatch { what, expected: 10, found: 9 } if what == "labels of the groups",
        "labels of the groups", "10 values expected, 9 found",
    );
    refuses!(
        Sheet::new("title", ["a", "b"]).row(["1"]),
        Error::LengthMismatch { what, expected: 2, found: 1 } if what == "a row of `title`",
        "a row of `title`", "2 values expected, 1 found",
    );
}

// --------------------------------------------------------------------------------------------------------------- values

#[test]
fn not_finite() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let same = |value: &f64| value.to_bits() == bad.to_bits();
        let printed = format!("the value is {bad}");
        refuses!(
            Table::over(&named(&["a", "b"])).column("gdp", vec![1.0, bad]),
            Error::NotFinite { cell, value }
                if cell.unit == "b" && cell.period.is_none() && cell.column == "gdp" && same(value),
            "column `gdp`, unit `b`", printed.as_str(), "has to be a finite number",
        );
        refuses!(
            panel(PANEL).unwrap().column("z", array![[1.0, 2.0], [3.0, bad]]),
            Error::NotFinite { cell, value }
                if cell.unit == "b" && cell.period == Some(2001) && cell.column == "z" && same(value),
            "column `z`, unit `b`, period 2001", printed.as_str(), "has to be a finite number",
        );
        let mut x = X;
        x[7] = bad;
        refuses!(
            Moran::of(&x[..], &line(10)),
            Error::NotFinite { cell, .. } if cell.unit == "7", "unit `7`", "has to be a finite number",
        );
        refuses!(
            weights().lag(&x[..]),
            Error::NotFinite { cell, .. } if cell.unit == "7", "unit `7`", "has to be a finite number",
        );
        refuses!(
            gini(&x[..]),
            Error::NotFinite { cell, .. } if cell.unit == "7", "unit `7`", "has to be a finite number",
        );
    }
    for text in ["NaN", "nan", "inf", "-inf", "infinity", "1e999"] {
        refuses!(
            table(&with(TABLE, "2.5", text)),
            Error::NotFinite { cell, value }
                if cell.unit == "b" && cell.column == "gdp" && !value.is_finite(),
            "column `gdp`, unit `b`", "has to be a finite number",
        );
        refuses!(
            panel(&with(PANEL, "3.5", text)),
            Error::NotFinite { cell, .. } if cell.unit == "b" && cell.period == Some(2000),
            "column `gdp`, unit `b`, period 2000", "has to be a finite number",
        );
    }
}

#[test]
fn not_a_number() {
    refuses!(
        table(&with(TABLE, "2.5", "\"2,5\"")),
        Error::NotANumber { path, line: 3, cell, text }
            if in_text(path) && cell.unit == "b" && cell.column == "gdp" && text == "2,5",
        "<text>:3", "column `gdp`, unit `b`", "`2,5` is not a number", "a decimal point is expected",
    );
    refuses!(
        panel(&with(PANEL, "2001,4.5", "2001.5,4.5")),
        Error::NotANumber { line: 5, cell, text, .. } if cell.column == "year" && text == "2001.5",
        "<text>:5", "column `year`, unit `b`", "`2001.5`", "an integer is expected",
    );
    let path = file("errors_number.csv", with(TABLE, "30", "thirty").as_bytes());
    refuses!(
        Table::csv(&path).unit("id").columns(["pop"]).read(),
        Error::NotANumber { path: named, line: 4, cell, text }
            if *named == path && cell.unit == "c" && text == "thirty",
        "errors_number.csv:4", "column `pop`, unit `c`", "`thirty` is not a number",
    );
}

#[test]
fn missing() {
    for empty in ["", "  ", "NA"] {
        refuses!(
            table(&with(TABLE, "2.5", empty)),
            Error::Missing { cells, total: 1 } if cells[0].unit == "b" && cells[0].column == "gdp",
            "1 cell(s)", "column `gdp`, unit `b`", "`read_complete`",
        );
    }
    refuses!(
        panel(&with(PANEL, "3.5", "")),
        Error::Missing { cells, total: 1 } if cells[0].unit == "b" && cells[0].period == Some(2000),
        "column `gdp`, unit `b`, period 2000", "`read_complete`",
    );
    refuses!(
        map(&with(MAP, "2.5", "null")),
        Error::Missing { cells, total: 1 } if cells[0].unit == "b" && cells[0].column == "gdp",
        "column `gdp`, unit `b`", "`read_complete`",
    );
}

#[test]
fn unbalanced() {
    refuses!(
        panel(&with(PANEL, "b,2000,3.5,west\n", "")),
        Error::Unbalanced { holes, total: 1 } if *holes == [("b".to_owned(), 2000)],
        "1 of its (unit, period) pairs", "`b` 2000", "`periods`", "`read_complete`",
    );
    let more = format!("{PANEL}c,2005,1,west\n");
    refuses!(
        panel(&more),
        Error::Unbalanced { holes, total: 4 }
            if *holes == [("a", 2005), ("b", 2005), ("c", 2000), ("c", 2001)].map(|(u, p)| (u.to_owned(), p)),
        "`a` 2005; `b` 2005; `c` 2000; `c` 2001", "`read_complete`",
    );
}

#[test]
fn not_positive_under_a_logarithm() {
    for bad in [0.0, -2.5] {
        let p = growing([1.0, 2.0, 3.0, 4.0], [2.0, 3.0, bad, 5.0]);
        let printed = format!("the value is {bad}");
        refuses!(
            Growth::between(&p, "gdp", 2000, 2010),
            Error::NonPositive { cell, value }
                if cell.unit == "c" && cell.period == Some(2010) && cell.column == "gdp" && *value == bad,
            "column `gdp`, unit `c`, period 2010", printed.as_str(), "a positive one is needed",
        );
        refuses!(
            SigmaConvergence::of(&p, "gdp"),
            Error::NonPositive { cell, value }
                if cell.unit == "c" && cell.period == Some(2010) && *value == bad,
            "column `gdp`, unit `c`, period 2010", printed.as_str(), "a positive one is needed",
        );
        refuses!(
            p.with_ln("gdp"),
            Error::NonPositive { cell, .. } if cell.unit == "c" && cell.period == Some(2010),
            "unit `c`, period 2010", "a positive one is needed",
        );
        let t = Table::over(&named(&["a", "b"]))
            .column("gdp", vec![1.0, bad])
            .unwrap();
        refuses!(
            t.clone().with_ln("gdp"),
            Error::NonPositive { cell, value } if cell.unit == "b" && cell.period.is_none() && *value == bad,
            "column `gdp`, unit `b`", "a positive one is needed",
        );
        refuses!(
            Growth::of_columns(&t, "gdp", "gdp", 5.0),
            Error::NonPositive { cell, .. } if cell.unit == "b", "column `gdp`, unit `b`", "positive",
        );
        refuses!(
            mean_log_deviation(t.variable("gdp").unwrap()),
            Error::NonPositive { cell, .. } if cell.unit == "b", "column `gdp`, unit `b`", "positive",
        );
    }
}

#[test]
fn constants() {
    refuses!(
        Moran::of(&[2.0; 10][..], &line(10)),
        Error::Constant { name, what: "Moran's I" } if name == "x",
        "`x` is the same for every unit", "Moran's I is not defined",
    );
    let t = sample().column("flat", vec![7.0; 10]).unwrap();
    refuses!(
        LocalMoran::of(t.variable("flat").unwrap(), &line(10), Permutations::new(99)),
        Error::Constant { name, .. } if name == "flat", "`flat`", "local Moran's I is not defined",
    );
    let p = growing([1.0; 4], [1.0, 2.0, 3.0, 4.0]);
    refuses!(
        SigmaConvergence::of(&p, "gdp").unwrap().test(2000, 2010),
        Error::Constant { name, .. } if name == "the first date", "`the first date`", "is not defined",
    );
}

#[test]
fn what_would_be_mistaken_in_silence() {
    // Ids that are numbers out of order: positions are not ids.
    let w = Weights::gal_text("3\n1 1\n2\n3 1\n2\n2 2\n1 3\n").unwrap();
    let cities = named(&["a", "b", "c"]);
    refuses!(
        w.relabelled(&cities),
        Error::Unsupported { what, .. } if what.contains("numbers out of order"), "count from 1", "`only(",
    );
    let ordered = w
        .only(&named(&["1", "2", "3"]))
        .unwrap()
        .relabelled(&cities)
        .unwrap();
    assert_eq!(ordered.cardinalities(), [1, 2, 1]);
    // The dates turned over: one-sided tests would answer another question.
    let p = growing([1.0, 2.0, 3.0, 4.0], [2.0, 2.5, 3.0, 3.5]);
    refuses!(
        SigmaConvergence::of(&p, "gdp").unwrap().test(2010, 2000),
        Error::InvalidOption {
            option: "the last period",
            ..
        },
        "the last period = 2000",
        "a period after the first",
    );
    // One point of the sphere has many coordinates.
    let pole = Points::lon_lat([(0.0, 90.0), (90.0, 90.0), (10.0, 50.0)]).unwrap();
    refuses!(
        Weights::distance_decay(&pole, Decay::inverse(1.0)),
        Error::CoincidentPoints { first, second, .. } if first == "0" && second == "1", "`0` and `1`",
    );
    // A hole beside its polygon.
    let text = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":"a","properties":{},"geometry":{"type":"Polygon",
        "coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]],[[5,5],[5,5.5],[5.5,5.5],[5.5,5],[5,5]]]}}]}"#;
    refuses!(
        Regions::geojson_text(text).read(),
        Error::InvalidGeometry { unit, .. } if unit == "a", "region `a`", "outside its polygon",
    );
    // Ninety-five is not a level.
    let e = Estimate::new("b", 1.0, 0.5, Distribution::Normal);
    assert_eq!(e.interval(95.0), (f64::NEG_INFINITY, f64::INFINITY));
    // A column called like another parameter.
    let t = Table::from_columns([
        ("y", Y.to_vec()),
        ("rho", Y.iter().map(|v| v * v).collect::<Vec<_>>()),
    ])
    .unwrap();
    refuses!(
        Regression::of("y").on(["rho"]).spatial_lag(&line(Y.len())).fit(&t),
        Error::DuplicateColumn { name } if name == "rho", "`rho`", "choose another name",
    );
}

#[test]
fn too_few_units() {
    let small = Table::from_columns([("y", vec![1.0, 2.0]), ("x", vec![1.0, 0.0])]).unwrap();
    refuses!(
        Regression::of("y").on(["x"]).fit(&small),
        Error::TooFewUnits { what, needed: 3, n: 2 } if what == "a regression with 2 coefficients",
        "a regression with 2 coefficients needs at least 3 units, and there are 2", "use more units",
    );
    refuses!(
        Moran::of(&[1.0][..], &line(1)),
        Error::TooFewUnits {
            needed: 2,
            n: 1,
            ..
        },
        "Moran's I needs at least 2 units, and there are 1",
    );
    refuses!(
        Moran::of(&[1.0, 2.0, 4.0][..], &line(3))
            .unwrap()
            .variance(Assumption::Randomization),
        Error::TooFewUnits {
            needed: 4,
            n: 3,
            ..
        },
        "under randomisation needs at least 4 units",
        "there are 3",
    );
    refuses!(
        Weights::smallest_band(&Points::planar([(0.0, 0.0)]).unwrap()),
        Error::TooFewUnits {
            needed: 2,
            n: 1,
            ..
        },
        "needs at least 2 units",
    );
    refuses!(
        Weights::from_links_at(&Units::range(3), []).unwrap().without_islands(),
        Error::TooFewUnits { what, n: 0, .. } if what == "leaving the islands out", "leaving the islands out",
    );
    // More columns than rows.
    let columns = (0..12).map(|j| {
        (
            format!("x{j}"),
            (0..5).map(|i| f64::from(i * j % 7)).collect::<Vec<_>>(),
        )
    });
    let wide = Table::from_columns(columns.chain([("y".to_owned(), Y[..5].to_vec())])).unwrap();
    refuses!(
        Regression::of("y").on((0..12).map(|j| format!("x{j}"))).fit(&wide),
        Error::TooFewUnits { what, needed: 14, n: 5 } if what == "a regression with 13 coefficients",
        "13 coefficients needs at least 14 units, and there are 5",
    );
}

// -------------------------------------------------------------------------------------------------------------- weights

#[test]
fn islands() {
    let units = named(&["a", "b", "c", "d"]);
    let w = Weights::from_pairs(&units, [("a", "c")]).unwrap();
    let t = Table::over(&units)
        .column("y", vec![1.0, 2.0, 4.0, 3.0])
        .and_then(|t| t.column("x", vec![0.0, 2.0, 1.0, 1.5]))
        .unwrap();
    let y = || t.variable("y").unwrap();
    let advice = ["`islands_kept`", "`islands_attached`", "`without_islands`"];
    refuses!(
        w.row_standardized(),
        Error::Islands { units } if *units == ["b", "d"], "2 unit(s) have no neighbour: `b`; `d`", advice[0], advice[1], advice[2],
    );
    refuses!(
        Moran::of(y(), &w),
        Error::Islands { units } if *units == ["b", "d"], "`b`; `d`", advice[0], advice[1], advice[2],
    );
    refuses!(
        LocalMoran::of(y(), &w, Permutations::new(99)),
        Error::Islands { units } if *units == ["b", "d"], "`b`; `d`", advice[0], advice[1], advice[2],
    );
    for spec in [
        Regression::of("y").on(["x"]).spatial_lag(&w),
        Regression::of("y").on(["x"]).spatial_error(&w),
        Regression::of("y").on(["x"]).durbin(&w),
    ] {
        refuses!(
            spec.fit(&t),
            Error::Islands { units } if *units == ["b", "d"], "`b`; `d`", advice[0], advice[1], advice[2],
        );
    }
    let plain = Regression::of("y").on(["x"]).fit(&t).unwrap();
    refuses!(
        plain.residual_moran(&w),
        Error::Islands { units } if *units == ["b", "d"], "`b`; `d`", advice[0],
    );
    refuses!(
        plain.lm_tests(&w),
        Error::Islands { units } if *units == ["b", "d"], "`b`; `d`", advice[0],
    );
    // Once decided, the same weights pass.
    assert!(Moran::of(y(), &w.islands_kept()).is_ok());
    assert!(w.islands_kept().row_standardized().is_ok());
}

#[test]
fn invalid_links() {
    let units = named(&["a", "b"]);
    for (from, to, weight, problem) in [
        ("a", "a", 1.0, "its own neighbour"),
        ("a", "b", 0.0, "zero, which is no link; leave it out"),
        (
            "a",
            "b",
            -1.0,
            "its weight is -1, and a positive finite number is needed",
        ),
        ("a", "b", f64::NAN, "its weight is NaN"),
        ("a", "b", f64::INFINITY, "its weight is inf"),
    ] {
        refuses!(
            Weights::from_links(&units, [(from, to, weight)]),
            Error::InvalidLink { from: f, to: t, problem: p } if f == from && t == to && p.contains(problem),
            "the link from `a` to", problem,
        );
    }
    refuses!(
        Weights::from_pairs(&units, [("a", "b"), ("b", "a")]),
        Error::InvalidLink { problem, .. } if problem == "it is given twice", "`a`", "`b`", "given twice",
    );
    refuses!(
        Weights::from_dense(&units, array![[0.0, -1.0], [1.0, 0.0]].view()),
        Error::InvalidLink { from, to, .. } if from == "a" && to == "b", "`a`", "`b`", "positive finite",
    );
}

#[test]
fn points_and_distances() {
    let four = || [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (3.0, 3.0)];
    let points = Points::planar(four()).unwrap();
    for k in [0, 4, 5] {
        let value = format!("{k} of 4 units");
        refuses!(
            Weights::k_nearest(&points, k),
            Error::InvalidOption { option: "k", value: v, .. } if *v == value,
            "k = ", value.as_str(), "from 1 to n - 1",
        );
    }
    for bad in [-1.0, 0.0, f64::NAN, f64::INFINITY] {
        let shown = format!("= {bad}; expected: a positive finite number");
        refuses!(
            Weights::distance_band(&points, bad),
            Error::InvalidOption { option: "max", value, .. } if *value == bad.to_string(), "max", shown.as_str(),
        );
        refuses!(
            Weights::distance_decay(&points, Decay::inverse(bad)),
            Error::InvalidOption {
                option: "power",
                ..
            },
            "power",
            shown.as_str(),
        );
        refuses!(
            Weights::distance_decay(&points, Decay::inverse(1.0).within(bad)),
            Error::InvalidOption {
                option: "within",
                ..
            },
            "within",
            shown.as_str(),
        );
    }
    let mut same = four();
    same[3] = same[1];
    let same = Points::planar(same)
        .unwrap()
        .relabelled(&named(&["a", "b", "c", "d"]))
        .unwrap();
    refuses!(
        Weights::distance_decay(&same, Decay::default()),
        Error::CoincidentPoints { first, second, .. } if first == "b" && second == "d",
        "units `b` and `d` lie at the same point", "move one, merge them, or use k nearest neighbours",
    );
    refuses!(
        Weights::delaunay(&same),
        Error::CoincidentPoints { first, second, .. } if first == "b" && second == "d",
        "units `b` and `d` lie at the same point", "no triangulation",
    );
    refuses!(
        Weights::sphere_of_influence(&same),
        Error::CoincidentPoints { first, second, .. } if first == "b" && second == "d",
        "units `b` and `d` lie at the same point", "no radius", "move one, merge them",
    );
    let level = Points::planar([(0.0, 1.0), (1.0, 1.0), (3.0, 1.0)]).unwrap();
    refuses!(
        Weights::voronoi(&level, Clip::default()),
        Error::InvalidOption {
            option: "the clip",
            ..
        },
        "the bounding box of points on a line",
        "grow the box by a margin",
        "`Clip::none`",
    );
    let globe = Points::lon_lat([(0.0, 1.0), (1.0, 1.0), (3.0, 1.0)]).unwrap();
    refuses!(
        Weights::voronoi(&globe, Clip::convex_hull()),
        Error::Unsupported { .. },
        "Voronoi cells of longitudes and latitudes",
        "`Clip::none`",
        "project the points",
    );
    let tiny = Points::planar([(0.0, 0.0), (1e-200, 0.0)]).unwrap();
    refuses!(
        Weights::distance_decay(&tiny, Decay::inverse(2.0)),
        Error::InvalidLink { from, to, .. } if from == "0" && to == "1", "`0`", "`1`", "use another unit of measurement",
    );
    let other = Points::planar(four())
        .unwrap()
        .relabelled(&named(&["a", "b", "c", "d"]))
        .unwrap();
    refuses!(
        line(4).islands_attached(&other),
        Error::UnitsDiffer { left, .. } if &**left == "the points", "the points", "the weights",
    );
}

#[test]
fn coordinates_out_of_range() {
    for (x, y) in [
        (180.5, 0.0),
        (0.0, -90.5),
        (f64::NAN, 0.0),
        (0.0, f64::INFINITY),
        (450_000.0, 2_500_000.0),
    ] {
        refuses!(
            Points::lon_lat([(113.0, 23.0), (x, y)]),
            Error::CoordinateOutOfRange { unit, x: a, y: b }
                if unit == "1" && a.to_bits() == x.to_bits() && b.to_bits() == y.to_bits(),
            "unit `1`", format!("({x}, {y})").as_str(),
            if x.is_finite() && y.is_finite() { "longitude in [-180, 180]" } else { "have to be finite" },
            if x.is_finite() && y.is_finite() { "`Points::planar`" } else { "is not a point" },
        );
    }
    refuses!(
        Points::planar([(0.0, f64::NAN)]),
        Error::CoordinateOutOfRange { unit, .. } if unit == "0", "unit `0`",
    );
    let t = table(TABLE)
        .unwrap()
        .column("lat", vec![1.0, 2.0, 91.0])
        .unwrap();
    refuses!(
        t.points_lon_lat("gdp", "lat"),
        Error::CoordinateOutOfRange { unit, x, y } if unit == "c" && *x == 4.0 && *y == 91.0, "unit `c`", "(4, 91)",
    );
    refuses!(
        map(&with(MAP, "[4,1]", "[4,91]")),
        Error::CoordinateOutOfRange { unit, x, y } if unit == "b" && *x == 4.0 && *y == 91.0, "unit `b`", "(4, 91)", "planar",
    );
}

#[test]
fn options_of_weights() {
    let regions = map(MAP).unwrap();
    for bad in [-1.0, f64::NAN, f64::INFINITY, 100.0] {
        refuses!(
            Weights::contiguity(&regions, Contiguity::queen().snapped(bad)),
            Error::InvalidOption { option: "snapped", value, .. } if *value == bad.to_string(),
            "snapped", "tolerance",
        );
    }
    let none = Weights::from_links_at(&Units::range(10), [])
        .unwrap()
        .islands_kept();
    refuses!(
        none.spectrally_normalized(),
        Error::Unsupported { what, .. } if what.contains("spectral"), "spectral", "there is no link",
    );
    refuses!(
        none.min_max_normalized(),
        Error::Unsupported { what, .. } if what.contains("min-max"), "min-max", "there is no link",
    );
    refuses!(
        Moran::of(&Y[..], &none),
        Error::Unsupported { what, .. } if what == "Moran's I without a link", "without a link", "weights sum to zero",
    );
    refuses!(
        Regression::of("y").on(["x"]).spatial_lag(&none).fit(&sample()),
        Error::Unsupported { what, .. } if what.contains("no links"), "no links", "its lag is zero",
    );
    let weighted = Weights::from_links_at(&Units::range(3), [(0, 1, 2.0), (1, 0, 1.0)]).unwrap();
    refuses!(
        weighted.to_gal(),
        Error::Unsupported { what, .. } if what.contains("GAL"), "not binary", "links without weights",
    );
    refuses!(
        weighted.islands_attached(&Points::planar([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)]).unwrap()),
        Error::Unsupported { .. },
        "not binary",
        "`islands_kept`",
        "`without_islands`",
    );
    let spaced =
        Weights::from_pairs(&named(&["New York", "Ohio"]), [("New York", "Ohio")]).unwrap();
    refuses!(
        spaced.to_gal(),
        Error::Unsupported { what, .. } if what.contains("New York"), "`New York`", "`relabelled`",
    );
    let one_way =
        Weights::from_links_at(&Units::range(3), [(0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0)]).unwrap();
    refuses!(
        one_way.ln_determinant_by(LogDeterminant::Cholesky, 0.5),
        Error::Unsupported { .. },
        "Cholesky",
        "not similar to a symmetric matrix; take `LogDeterminant::Lu`",
    );
}

// ---------------------------------------------------------------------------------------------------------------- files

#[test]
fn files_that_cannot_be_read_or_written() {
    let absent = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no_such_folder/no_such_file");
    let here = |path: &Path| *path == *absent;
    let kind = std::io::ErrorKind::NotFound;
    refuses!(
        Table::csv(&absent).unit("id").read(),
        Error::Io { path, source } if here(path) && source.kind() == kind, "no_such_file",
    );
    refuses!(
        Panel::csv(&absent).unit("id").period("year").read(),
        Error::Io { path, source } if here(path) && source.kind() == kind, "no_such_file",
    );
    refuses!(
        Regions::from_geojson(&absent),
        Error::Io { path, source } if here(path) && source.kind() == kind, "no_such_file",
    );
    refuses!(
        Weights::read_gal(&absent),
        Error::Io { path, source } if here(path) && source.kind() == kind, "no_such_file",
    );
    refuses!(
        line(3).write_gal(&absent),
        Error::Io { path, source } if here(path) && source.kind() == kind, "no_such_file",
    );
}

#[test]
fn csv_out_of_form() {
    let cases: &[(&str, &str, u64, u64, &str)] = &[
        ("", "", 1, 1, "the file is empty; a header is expected"),
        (
            TABLE,
            "id,gdp,pop,side\n",
            1,
            1,
            "there is no row below the header",
        ),
        (
            "b,2.5,20,west",
            "b,2.5,20",
            3,
            4,
            "the header has 4 fields, and this record has 3",
        ),
        (
            "b,2.5,20,west",
            "b,2.5,20,west,1",
            3,
            5,
            "the header has 4 fields, and this record has 5",
        ),
        ("b,2.5", "b,\"2.5", 3, 2, "is not closed"),
        ("2.5", "\"2.5\"x", 3, 2, "text follows the quote"),
        ("c,4.0", ",4.0", 4, 1, "the unit has no id"),
        ("gdp,pop", "gdp,gdp", 1, 3, "two columns are called `gdp`"),
    ];
    for (from, to, line, column, problem) in cases {
        let text = if from.is_empty() || *from == TABLE {
            (*to).to_owned()
        } else {
            with(TABLE, from, to)
        };
        let place = format!("<text>:{line}:{column}: not valid CSV");
        refuses!(
            table(&text),
            Error::Syntax { path, format: "CSV", line: l, column: c, problem: p }
                if in_text(path) && l == line && c == column && p.contains(problem),
            place.as_str(), *problem,
        );
    }
    refuses!(
        panel(&with(PANEL, "b,2001", "b,")),
        Error::Syntax { line: 5, column: 2, problem, .. } if problem == "the row has no period", ":5:2", "no period",
    );
    let latin = file("errors_latin.csv", b"id,gdp\na,1\n\xe9t\xe9,2\n");
    refuses!(
        Table::csv(&latin).unit("id").read(),
        Error::Syntax { path, format: "CSV", line: 3, column: 1, .. } if *path == latin,
        "errors_latin.csv:3:1", "not UTF-8; convert the file",
    );
    let wide = file("errors_utf16.csv", b"\xff\xfei\0d\0");
    refuses!(
        Table::csv(&wide).unit("id").read(),
        Error::Syntax { path, line: 1, column: 1, .. } if *path == wide, "errors_utf16.csv:1:1", "UTF-16; save it as UTF-8",
    );
}

#[test]
fn geojson_out_of_form() {
    let cases: &[(&str, &str, u64, u64, &str)] = &[
        ("2.5},", "2.5},,", 4, 61, "key must be a string"),
        ("[2,0],[4,0]", "[2,0] [4,0]", 5, 63, "expected `,` or `]`"),
        (
            "\"gdp\": 1.5",
            "\"gdp\": 1.5.5",
            2,
            59,
            "expected `,` or `}`",
        ),
        ("1.5", "1e999", 2, 60, "number out of range"),
        ("1.5", "NaN", 2, 56, "expected value"),
    ];
    for (from, to, line, column, problem) in cases {
        let text = with(MAP, from, to);
        let place = format!("<text>:{line}:");
        refuses!(
            map(&text),
            Error::Syntax { path, format: "GeoJSON", line: l, column: c, problem: p }
                if in_text(path) && l == line && c == column && p.contains(problem),
            place.as_str(), "not valid GeoJSON", *problem,
        );
    }
    for (text, problem) in [
        ("", "the file is empty"),
        (" \n ", "the file is empty"),
        ("[]", "a FeatureCollection is expected, not an array"),
        ("{}", "an object without a `type`"),
        (r#"{"type": "Feature"}"#, "not a `Feature`"),
        (r#"{"type": "FeatureCollection"}"#, "no array `features`"),
        (
            r#"{"type": "FeatureCollection", "features": []}"#,
            "has no feature",
        ),
    ] {
        refuses!(
            map(text),
            Error::Syntax { line: 1, column: 1, problem: p, .. } if p.contains(problem), "<text>:1:1", problem,
        );
    }
    let cut = file("errors_cut.geojson", &MAP.as_bytes()[..MAP.len() - 3]);
    let lines = MAP.lines().count() as u64;
    refuses!(
        Regions::from_geojson(&cut),
        Error::Syntax { path, line, .. } if *path == cut && *line == lines, "errors_cut.geojson:5:", "the file ends early",
    );
}

#[test]
fn shapefiles_out_of_form() {
    for (bytes, place, problem) in [
        (&b"PK\x03\x04"[..], 0, "unpack it"),
        (b"", 0, "9994"),
        (&[0, 0, 0x27, 0x0A, 0], 5, "ends inside its header"),
    ] {
        refuses!(
            Regions::shapefile_bytes(bytes, None).planar().read(),
            Error::Binary { path, format: "shapefile", offset, problem: p }
                if *path == Path::new("<shp>") && *offset == place && p.contains(problem),
            "<shp>, byte", "not a valid shapefile", problem,
        );
    }
}

#[test]
fn features_that_cannot_be_used() {
    let cases = [
        (
            "\"code\": \"b\"",
            "\"code\": null",
            None,
            "it has no `code`",
        ),
        (
            "\"code\": \"b\"",
            "\"code\": 1.5",
            None,
            "`code` is 1.5, neither a text nor an integer",
        ),
        (
            "\"gdp\": 2.5",
            "\"gdp\": \"2.5\"",
            Some("b"),
            "property `gdp` is \"2.5\", not a number",
        ),
        (
            "\"MultiPolygon\"",
            "\"Point\"",
            Some("b"),
            "its geometry is a Point; a Polygon or MultiPolygon is needed",
        ),
        (
            "\"type\": \"MultiPolygon\", ",
            "",
            Some("b"),
            "its geometry has no type",
        ),
        (
            "[4,1]",
            "[4]",
            Some("b"),
            "[4] is not a position, which is an array of two numbers",
        ),
        ("[4,1]", "[\"4\",1]", Some("b"), "is not a position"),
        (
            "[[[[2,0],[4,0],[4,1],[2,1],[2,0]]]]",
            "7",
            Some("b"),
            "its coordinates are a number, not an array",
        ),
    ];
    for (from, to, id, problem) in cases {
        refuses!(
            map(&with(MAP, from, to)),
            Error::Feature { path, feature: 2, id: i, problem: p }
                if in_text(path) && i.as_deref() == id && p.contains(problem),
            "<text>: feature 2", problem, id.unwrap_or_default(),
        );
    }
    let second = MAP.rfind("\"Feature\"").unwrap();
    let other = format!("{}\"Part\"{}", &MAP[..second], &MAP[second + 9..]);
    refuses!(
        map(&other),
        Error::Feature { feature: 2, problem, .. } if problem.contains("\"Part\""), "feature 2", "not \"Feature\"",
    );
    let geometry = MAP.rfind("{\"type\": \"MultiPolygon\"").unwrap();
    let bare = format!("{}null}}]}}", &MAP[..geometry]);
    refuses!(
        map(&bare),
        Error::Feature { feature: 2, id: Some(id), .. } if id == "b", "feature 2 (`b`)", "leave it out, or give it a polygon",
    );
}

#[test]
fn invalid_polygons() {
    let square = "[[2,0],[4,0],[4,1],[2,1],[2,0]]";
    let cases = [
        ("[[2,0],[4,1],[4,0],[2,3],[2,0]]", "cross"),
        ("[[2,0],[4,0],[4,1],[2,1]]", "a ring is not closed"),
        ("[[2,0],[4,0],[2,0]]", "a ring has 3 coordinates"),
        ("[[2,0],[4,0],[3,0],[2,0]]", "has the area 0"),
        ("[]", "a ring has 0 coordinates"),
    ];
    for (ring, problem) in cases {
        refuses!(
            map(&with(MAP, square, ring)),
            Error::InvalidGeometry { unit, problem: p } if unit == "b" && p.contains(problem),
            "region `b`", problem, "repair the geometry", "ST_MakeValid",
        );
    }
    for empty in ["[]", "[[]]"] {
        refuses!(
            map(&with(MAP, &format!("[[{square}]]"), empty)),
            Error::InvalidGeometry { unit, .. } if unit == "b", "region `b`", "repair the geometry",
        );
    }
    refuses!(
        Regions::from_polygons(&named(&["a"]), Coordinates::Planar, vec![geo::MultiPolygon(Vec::new())]),
        Error::InvalidGeometry { unit, problem } if unit == "a" && problem == "the polygon is empty",
        "region `a`", "the polygon is empty", "repair the geometry",
    );
}

#[test]
fn gal_out_of_form() {
    let cases: &[(&str, &str, u64, u64, &str)] = &[
        (GAL, "", 1, 1, "the file is empty"),
        (
            "0 3 map id",
            "1 3 map id",
            1,
            1,
            "the header is `n` or `0 n name variable`",
        ),
        (
            "0 3 map id",
            "0 three map id",
            1,
            3,
            "`three` is not a number of units",
        ),
        (
            "0 3 map id",
            "0 -3 map id",
            1,
            3,
            "`-3` is not a number of units",
        ),
        (
            "0 3 map id",
            "0 4 map id",
            8,
            1,
            "the header states 4 units, and there are 3",
        ),
        (
            "0 3 map id",
            "0 2 map id",
            6,
            1,
            "unit `c` is one more than the 2 of the header",
        ),
        (
            "b 2\n",
            "b two\n",
            4,
            3,
            "`two` is not a number of neighbours",
        ),
        (
            "b 2\n",
            "b\n",
            4,
            1,
            "`id count` is expected, and there are 1 words",
        ),
        (
            "b 2\na c",
            "b 2\na",
            5,
            2,
            "unit `b` states 2 neighbours, and there are 1",
        ),
        (
            "b 2\na c",
            "b 2\na c a",
            5,
            5,
            "unit `b` states 2 neighbours, and there are 3",
        ),
        (
            "b 2\na c",
            "b 2\na a",
            5,
            3,
            "the neighbour `a` is given twice",
        ),
        (
            "b 2\na c",
            "b 2\na b",
            5,
            3,
            "unit `b` is its own neighbour",
        ),
        (
            "b 2\na c",
            "b 2\na z",
            5,
            3,
            "the neighbour `z` is not among the units",
        ),
        (
            "c 1\nb\n",
            "a 1\nb\n",
            6,
            1,
            "unit `a` stands on line 2 already",
        ),
        (
            "c 1\nb\n",
            "c 1\n",
            7,
            1,
            "unit `c` states 1 neighbours, and there are 0",
        ),
    ];
    for (k, (from, to, line, column, problem)) in cases.iter().enumerate() {
        let text = with(GAL, from, to);
        let place = format!("GAL text:{line}:{column}: not valid GAL");
        refuses!(
            Weights::gal_text(&text),
            Error::Syntax { path, format: "GAL", line: l, column: c, problem: p }
                if path == Path::new("GAL text") && l == line && c == column && p == problem,
            place.as_str(), *problem,
        );
        let name = format!("errors_{k}.gal");
        let path = file(&name, text.as_bytes());
        refuses!(
            Weights::read_gal(&path),
            Error::Syntax { path: named, line: l, column: c, .. } if *named == path && l == line && c == column,
            name.as_str(), *problem,
        );
    }
    let latin = file("errors_latin.gal", b"1\n\xe9 0\n\n");
    refuses!(
        Weights::read_gal(&latin),
        Error::Syntax {
            line: 2,
            column: 1,
            ..
        },
        "errors_latin.gal:2:1",
        "not UTF-8",
    );
}

// ---------------------------------------------------------------------------------------------------------- regressions

#[test]
fn singular_regressors() {
    let t = sample()
        .column("double", X.iter().map(|v| 2.0 * v).collect::<Array1<f64>>())
        .and_then(|t| t.column("copy", X.to_vec()))
        .and_then(|t| t.column("east", vec![1., 0., 0., 1., 0., 1., 1., 0., 0., 1.]))
        .and_then(|t| t.column("west", vec![0., 1., 1., 0., 1., 0., 0., 1., 1., 0.]))
        .and_then(|t| t.column("flat", vec![3.0; 10]))
        .and_then(|t| t.column("zero", vec![0.0; 10]))
        .unwrap();
    let of = |on: &[&str]| Regression::of("y").on(on.iter().copied()).fit(&t);
    let cases: &[(&[&str], &str, &[&str], &str)] = &[
        (
            &["x", "double"],
            "double",
            &["x"],
            "`double` is a combination of `x`",
        ),
        (
            &["x", "copy"],
            "copy",
            &["x"],
            "`copy` is a combination of `x`",
        ),
        (
            &["x", "east", "west"],
            "west",
            &["const", "east"],
            "`west` is a combination of `const`, `east`",
        ),
        (
            &["x", "flat"],
            "flat",
            &["const"],
            "`flat` is a combination of `const`",
        ),
        (&["x", "zero"], "zero", &[], "`zero` is zero everywhere"),
    ];
    for (on, column, partners, said) in cases {
        refuses!(
            of(on),
            Error::Collinear { columns }
                if columns.len() == 1 && columns[0].0 == *column && columns[0].1 == *partners,
            "linearly dependent", *said, "drop a column",
        );
    }
    refuses!(
        of(&["double", "x", "flat"]),
        Error::Collinear { columns } if columns.len() == 2,
        "`x` is a combination of `double`; `flat` is a combination of `const`", "drop a column",
    );
    // Without the constant the dummies may both stand.
    assert!(
        Regression::of("y")
            .on(["east", "west"])
            .without_intercept()
            .fit(&t)
            .is_ok()
    );
    refuses!(
        Regression::of("y").on(["x", "flat"]).spatial_lag(&weights()).fit(&t),
        Error::Collinear { columns } if columns[0].0 == "flat", "`flat`", "drop a column",
    );
    refuses!(
        Regression::of("y").without_intercept().fit(&t),
        Error::Unsupported { what, .. } if what.contains("without regressors"), "nothing to estimate; add a regressor",
    );
}

#[test]
fn questions_about_a_likelihood() {
    let w = weights();
    let fit = sar();
    refuses!(
        fit.likelihood_profile("lambda", &[0.1]),
        Error::UnknownColumn { .. },
        "`lambda`",
        "rho",
    );
    refuses!(
        fit.likelihood_profile("rho", &[1.5]),
        Error::Singular { .. },
        "rho = 1.5",
        "outside",
    );
    refuses!(
        fit.likelihood_interval("rho", 95.0),
        Error::InvalidOption {
            option: "level",
            ..
        },
        "95",
        "such as 0.95",
    );
    refuses!(
        ols().with_vcov(Vcov::Qml),
        Error::Unsupported { .. },
        "QML sandwich for a OLS",
        "maximum likelihood",
    );
    for (method, option) in [
        (LogDeterminant::Chebyshev { order: 0 }, "order"),
        (LogDeterminant::Chebyshev { order: 21 }, "order"),
        (
            LogDeterminant::Stochastic {
                probes: 1,
                degree: 30,
                seed: 1,
            },
            "probes",
        ),
        (
            LogDeterminant::Stochastic {
                probes: 8,
                degree: 1,
                seed: 1,
            },
            "degree",
        ),
    ] {
        refuses!(
            Regression::of("y")
                .on(["x"])
                .spatial_lag(&w)
                .log_determinant(method)
                .fit(&sample()),
            Error::InvalidOption { option: named, .. } if *named == option, option, "from",
        );
    }
    let impacts = fit.impacts().unwrap();
    refuses!(
        impacts.by_order("x", 101),
        Error::InvalidOption { .. },
        "100"
    );
    refuses!(
        impacts.by_order("z", 3),
        Error::UnknownColumn { .. },
        "`z`",
        "x"
    );
    refuses!(
        impacts.row("x", "no such"),
        Error::UnknownUnit { .. },
        "no such"
    );
}

#[test]
fn unsupported_combinations() {
    let w = weights();
    refuses!(
        sar().with_vcov(Vcov::Hc3),
        Error::Unsupported { what, .. } if what == "HC3 for a SAR by maximum likelihood", "HC3", "SAR", "are for OLS and SLX",
    );
    let mut spike = vec![0.0; 10];
    spike[4] = 1.0;
    let t = sample().column("spike", spike).unwrap();
    let alone = Regression::of("y").on(["x", "spike"]).fit(&t).unwrap();
    refuses!(
        alone.with_vcov(Vcov::Hc3),
        Error::Unsupported { what, .. } if what.contains("unit `4`"), "HC3", "unit `4`", "take HC1, or drop",
    );
    for (one, other) in [
        (sar(), sem()),
        (sem(), sar()),
        (ols(), sar()),
        (sar(), sar()),
    ] {
        refuses!(
            one.lr_test(&other),
            Error::Unsupported { what, .. } if what.contains(one.model().abbreviation()),
            "a likelihood ratio test of", one.model().abbreviation(), other.model().abbreviation(),
        );
    }
    let shifted: Vec<f64> = Y.iter().map(|v| v + 1.0).collect();
    let moved = Table::from_columns([("y", shifted), ("x", X.to_vec())]).unwrap();
    refuses!(
        sar().lr_test(&Regression::of("y").on(["x"]).fit(&moved).unwrap()),
        Error::Unsupported { why, .. } if why.contains("different samples"), "different samples",
    );
    refuses!(sar().lm_tests(&w), Error::Unsupported { what, .. } if what.contains("for a SAR"), "Lagrange", "OLS or SLX");
    refuses!(sem().residual_moran(&w), Error::Unsupported { what, .. } if what.contains("for a SEM"), "Moran", "OLS or SLX");
    refuses!(sar().white(), Error::Unsupported { what, .. } if what.contains("White"), "White", "OLS or SLX");
    assert!(sar().breusch_pagan().is_ok() && sem().koenker().is_ok());
    refuses!(
        sar().jarque_bera(),
        Error::Unsupported { .. },
        "Jarque-Bera",
        "OLS or SLX"
    );
    let exact = sample()
        .column(
            "line",
            X.iter().map(|v| 1.0 + 2.0 * v).collect::<Array1<f64>>(),
        )
        .unwrap();
    refuses!(
        Regression::of("line").on(["x"]).fit(&exact),
        Error::Unsupported { what, .. } if what == "a regression that fits exactly", "fits exactly", "residual variance is zero",
    );
    refuses!(
        Regression::of("line").on(["x"]).spatial_lag(&w).fit(&exact),
        Error::Unsupported { what, .. } if what == "a regression that fits exactly", "fits exactly",
    );
    let none: [(&str, &Fit); 0] = [];
    refuses!(Comparison::of(none), Error::Unsupported { what, .. } if what.contains("comparison"), "there is none");
    let other = Regression::of("x").on(["y"]).fit(&sample()).unwrap();
    refuses!(
        Comparison::of([("a", &ols()), ("b", &other)]),
        Error::Unsupported { why, .. } if why.contains("responses"), "comparison", "different responses",
    );
    let growth = Growth::between(
        &growing([1., 2., 3., 5.], [2., 3., 4., 5.]),
        "gdp",
        2000,
        2010,
    )
    .unwrap();
    refuses!(
        BetaConvergence::fit(&growth, &Regression::of("growth")),
        Error::Unsupported { what, .. } if what.contains("beta convergence"), "`growth` on `ln_initial`", "`growth.regression()`",
    );
    let same = growing([1., 2., 3., 5.], [2., 4., 6., 10.]);
    refuses!(
        SigmaConvergence::of(&same, "gdp").unwrap().test_by(SigmaTest::CarreeKlompSlope, 2000, 2010),
        Error::Unsupported { what, .. } if what == "Carree-Klomp T3", "Carree-Klomp T3", "one or more",
    );
    refuses!(
        gini(&[-1.0, 1.0][..]),
        Error::NonPositive { cell, .. } if cell.unit == "0", "unit `0`", "positive one is needed",
    );
    refuses!(
        coefficient_of_variation(&[-1.0, 0.5][..], Ddof::Sample),
        Error::Unsupported { what, .. } if what.contains("of `x`"), "`x`", "relative to a positive mean",
    );
}

#[test]
fn too_large() {
    let n = 1_001;
    let w = line(n).row_standardized().unwrap();
    refuses!(
        w.eigenvalues(),
        Error::TooLarge {
            n: 1_001,
            limit: 1_000,
            ..
        },
        "eigenvalues is bounded to 1000",
        "1001",
        "take a sparse factorisation",
    );
    let wave = |a: f64| (0..n).map(|i| (a * i as f64).sin()).collect::<Vec<_>>();
    let t = Table::from_columns([("y", wave(0.7)), ("x", wave(1.3))]).unwrap();
    let fit = Regression::of("y").on(["x"]).durbin(&w).fit(&t).unwrap();
    let impacts = fit.impacts().unwrap();
    refuses!(
        impacts.matrix("x"),
        Error::TooLarge {
            n: 1_001,
            limit: 1_000,
            ..
        },
        "effect matrix",
        "bounded to 1000",
        "1001",
        "take the average effects",
    );
    assert!(impacts.between("x", &vec!["all"; n]).is_ok());
    let apart: Vec<String> = (0..n).map(|i| i.to_string()).collect();
    refuses!(
        impacts.between("x", &apart),
        Error::TooLarge { limit: 1_000, .. },
        "groups",
    );
    refuses!(
        Regression::of("y")
            .on(["x"])
            .spatial_lag(&w)
            .log_determinant(LogDeterminant::Eigenvalues)
            .fit(&t),
        Error::TooLarge { limit: 1_000, .. },
        "eigenvalues",
        "sparse factorisation",
    );
    assert!(impacts.by_unit("x").is_ok());
    refuses!(
        Regression::of("y")
            .on(["x"])
            .spatial_lag(&w)
            .information(Information::Expected)
            .fit(&t),
        Error::TooLarge {
            n: 1_001,
            limit: 1_000,
            ..
        },
        "expected information",
        "take the observed information",
    );
    let points = Points::planar((0..5_001).map(|i| (f64::from(i), 0.0))).unwrap();
    refuses!(
        Weights::distance_decay(&points, Decay::default()),
        Error::TooLarge {
            n: 5_001,
            limit: 5_000,
            ..
        },
        "bounded to 5000",
        "5001",
        "give a cut-off with `within`",
    );
}

#[test]
fn singular_matrices() {
    // Of two units that are neighbours the eigenvalues are 1 and -1, exactly.
    let pair = line(2);
    for result in [
        pair.ln_determinant(1.0),
        pair.ln_determinant_by(LogDeterminant::Lu, 1.0),
        pair.ln_determinant_by(LogDeterminant::Cholesky, 1.0),
        pair.ln_determinant(f64::NAN),
    ] {
        refuses!(result, Error::Singular { what } if what.contains("I - rho W at rho ="), "I - rho W at rho = ", "is singular");
    }
}

#[test]
fn no_convergence() {
    // Without a cycle of links the likelihood hardly depends on rho, and hardly a draw of rho is admissible.
    let chain =
        Weights::from_links_at(&Units::range(10), (0..9).map(|i| (i, i + 1, 1e-5))).unwrap();
    let fit = Regression::of("y")
        .on(["x"])
        .spatial_lag(&chain.islands_kept())
        .fit(&sample())
        .unwrap();
    refuses!(
        fit.impacts().unwrap().simulated(Draws::new(100)),
        Error::NotConverged {
            what: "the draw of an admissible rho",
            iterations: 1_000
        },
        "the draw of an admissible rho",
        "1000 iterations",
    );
}

// ---------------------------------------------------------------------------------------------------------- convergence

#[test]
fn speeds_and_half_lives() {
    let beta = |first, last| {
        let growth = Growth::between(&growing(first, last), "gdp", 2000, 2010).unwrap();
        BetaConvergence::fit(&growth, &growth.regression()).unwrap()
    };
    // The poor overtake the rich: 1 + bT < 0.
    let leap = beta([1.0, 2.0, 4.0, 8.0], [9.0, 5.0, 2.0, 1.1]);
    let b = leap.beta().value;
    refuses!(
        leap.speed(),
        Error::SpeedUndefined { expression: "1 + bT", value, b: given, span: 10.0 }
            if *value <= 0.0 && *given == b && (value - (1.0 + 10.0 * b)).abs() < 1e-12,
        "speed of convergence is not defined", "1 + bT = -", "T = 10 years", "the gap more than closes",
    );
    let total = Growth::between(
        &growing([1.0, 2.0, 4.0, 8.0], [9.0, 5.0, 2.0, 1.1]),
        "gdp",
        2000,
        2010,
    )
    .and_then(Growth::total)
    .unwrap();
    refuses!(
        BetaConvergence::fit(&total, &total.regression()).unwrap().speed(),
        Error::SpeedUndefined { expression: "1 + B", value, b: given, .. }
            if *value <= 0.0 && (given - b).abs() < 1e-12,
        "1 + B = -", "T = 10 years",
    );
    refuses!(
        leap.nonlinear(),
        Error::SpeedUndefined {
            expression: "1 + bT",
            ..
        },
        "T = 10 years",
    );
    refuses!(
        leap.gap_speed(),
        Error::SpeedUndefined {
            expression: "1 + bT",
            ..
        },
        "T = 10 years",
    );
    let few = growing([1.0, 2.0, 4.0, 8.0], [2.0, 3.0, 7.0, 9.0]);
    let growth = Growth::between(&few, "gdp", 2000, 2010).unwrap();
    let close = BetaConvergence::fit(&growth, &growth.regression()).unwrap();
    refuses!(
        close.bootstrap(Draws::new(200)),
        Error::TooFewUnits {
            needed: 8,
            n: 4,
            ..
        },
        "a bootstrap of 2 coefficients",
        "at least 8 units",
    );
    refuses!(
        BetaSpans::of(&few, "gdp", 11),
        Error::InvalidOption {
            option: "the shortest span",
            ..
        },
        "11 years",
        "the first and the last period",
    );
    let level = growing([3.0, 3.0, 3.0, 3.0], [2.0, 3.0, 7.0, 9.0]);
    let growth = Growth::between(&level, "gdp", 2000, 2010).unwrap();
    refuses!(
        BetaConvergence::fit(&growth, &growth.regression()),
        Error::Collinear { .. },
        "`ln_initial` is a combination of `const`",
    );
    // The rich grow faster: the speed is negative.
    let apart = beta([1.0, 2.0, 4.0, 8.0], [1.1, 3.0, 9.0, 30.0])
        .speed()
        .unwrap();
    refuses!(
        apart.half_life(),
        Error::HalfLifeUndefined { speed } if *speed < 0.0 && *speed == apart.value(),
        "no half-life", format!("{:.6}", apart.value()).as_str(), "the gap does not close", "report the speed",
    );
}

#[test]
fn options_of_convergence() {
    let p = growing([1., 2., 3., 5.], [2., 3., 4., 5.]);
    for last in [2000, 1990] {
        refuses!(
            Growth::between(&p, "gdp", 2000, last),
            Error::InvalidOption { option: "the last period", value, .. } if *value == last.to_string(),
            "the last period", "expected: a period after the first",
        );
    }
    let t = p.at(2000).unwrap();
    for span in [0.0, -5.0, f64::NAN, f64::INFINITY] {
        refuses!(
            Growth::of_columns(&t, "gdp", "gdp", span),
            Error::InvalidOption { option: "span", value, .. } if *value == span.to_string(),
            "span", "expected: a positive number of years",
        );
    }
    refuses!(
        p.between(1980, 1990),
        Error::InvalidOption { option: "between", value, .. } if value == "1980 to 1990", "1980 to 1990", "holds a period",
    );
    for periods in [&[][..], &[2001, 2000], &[2000, 2000]] {
        refuses!(
            Panel::over(&Units::range(2), periods),
            Error::InvalidOption {
                option: "periods",
                ..
            },
            "expected: strictly increasing periods, one at least",
        );
    }
    refuses!(
        panel_reader(PANEL).periods(2000..).read(),
        Error::InvalidOption {
            option: "periods",
            ..
        },
        "more than",
        "a closed range such as 2000..=2010",
    );
    refuses!(
        Panel::csv_text(PANEL).unit("id").read(),
        Error::InvalidOption { option: "period", value, .. } if value == "none", "period", "expected: the name of a column",
    );
    refuses!(
        Table::csv_text(TABLE).unit("id").delimiter(b'\n').read(),
        Error::InvalidOption {
            option: "delimiter",
            ..
        },
        "delimiter",
        "an ASCII character other than",
    );
}

/// Four units in five years, with a column that does not vary in time, one that does not vary between units, and their sum.
fn five_years() -> Panel {
    let x = |f: &dyn Fn(usize, usize) -> f64| Array2::from_shape_fn((5, 4), |(t, i)| f(t, i));
    let noise = |t: usize, i: usize| f64::from(((3 * t + 7 * i * i) % 11) as u32);
    Panel::from_columns(
        &named(&["a", "b", "c", "d"]),
        &[2000, 2001, 2002, 2003, 2004],
        [
            ("y", x(&|t, i| 1.0 + noise(t, i))),
            ("x", x(&|t, i| noise(i, t))),
            ("coast", x(&|_, i| 1e6 + i as f64 / 3.0)),
            ("price", x(&|t, _| 0.1 * t as f64)),
            ("sum", x(&|t, i| 7.0 * t as f64 + 0.3 * i as f64)),
            ("one", x(&|_, _| 1.0)),
        ],
    )
    .unwrap()
}

#[test]
fn panels_that_cannot_be_fitted() {
    let p = five_years();
    let fit = |x: &str, effects| Regression::of("y").on([x]).effects(effects).fit(&p);
    assert!(fit("x", Effects::TwoWays).is_ok());
    assert!(fit("coast", Effects::Time).is_ok() && fit("price", Effects::Unit).is_ok());
    for (x, effects, of) in [
        ("coast", Effects::Unit, "the unit effects"),
        ("price", Effects::Time, "the time effects"),
        ("sum", Effects::TwoWays, "the unit and time effects"),
        ("one", Effects::Unit, "the unit effects"),
    ] {
        refuses!(fit(x, effects), Error::Collinear { columns } if columns[0].0 == x && columns[0].1 == [of], x, of);
    }
    refuses!(
        Regression::of("sum").on(["x"]).effects(Effects::TwoWays).fit(&p),
        Error::Unsupported { what, .. } if what.contains("`sum`"), "`sum`", "unit and time effects", "nothing is left to explain",
    );
    refuses!(
        Regression::of("y").on(["x"]).effects(Effects::Unit).fit(&p.at(2000).unwrap()),
        Error::Unsupported { what, .. } if what.contains("table"), "unit effects", "fit a `Panel`",
    );
    let w = line(4).relabelled(p.units()).unwrap();
    for spec in [
        Regression::of("y").on(["x"]).spatial_lag(&w),
        Regression::of("y").on(["x"]).spatial_error(&w),
        Regression::of("y").on(["x"]).durbin(&w),
    ] {
        refuses!(
            spec.fit(&p),
            Error::Unsupported { .. },
            "spatial term",
            "panel.at(period)"
        );
    }
    refuses!(
        Regression::of("y")
            .on(["x"])
            .weighted_by("one")
            .effects(Effects::Unit)
            .fit(&p),
        Error::Unsupported { .. },
        "weights of observations with fixed effects",
    );
    refuses!(
        Regression::of("y").on(["x", "nowhere"]).fit(&p),
        Error::UnknownColumn { name, .. } if name == "nowhere", "nowhere", "coast",
    );
    refuses!(
        Regression::of("y")
            .on(["x"])
            .effects(Effects::TwoWays)
            .fit(&p.between(2000, 2000).unwrap()),
        Error::Unsupported { .. },
        "unit and time effects",
        "one period",
        "shorter spans",
    );
    // Overlapping spans with unevenly spaced starts are clustered by unit, which asks for no spacing.
    let uneven = [("y", p.values("y").unwrap().to_owned())];
    let uneven = Panel::from_columns(p.units(), &[2000, 2001, 2002, 2003, 2005], uneven).unwrap();
    let growth = PanelGrowth::overlapping(&uneven, "y", 2).unwrap();
    assert_eq!(growth.panel().periods(), [2000, 2001, 2003]);
    let spec = growth.regression().effects(Effects::Time);
    let beta = PanelBetaConvergence::fit(&growth, &spec).unwrap();
    let kind = beta.regression().vcov_kind();
    assert_eq!(kind, Vcov::HansenHodrick { lags: 2 });
    refuses!(
        beta.with_vcov(Vcov::NeweyWest { lags: Some(1) }),
        Error::Unsupported { .. },
        "not evenly spaced",
    );
    let pooled = Regression::of("y").on(["x"]).fit(&p).unwrap();
    for question in [
        pooled.lm_tests(&w).err(),
        pooled.residual_moran(&w).err(),
        pooled.predict(Prediction::Trend).err(),
    ] {
        refuses!(
            question.map_or(Ok(()), Err),
            Error::Unsupported { .. },
            "on a panel",
            "one cross-section"
        );
    }
}

#[test]
fn covariances_that_need_time() {
    let p = five_years();
    let fit = |p: &Panel| {
        Regression::of("y")
            .on(["x"])
            .effects(Effects::Unit)
            .fit(p)
            .unwrap()
    };
    refuses!(
        fit(&p).with_vcov(Vcov::NeweyWest { lags: Some(5) }),
        Error::InvalidOption { option: "lags", value, .. } if value == "5", "lags", "fewer lags than the panel has periods",
    );
    refuses!(
        ols().with_vcov(Vcov::NeweyWest { lags: None }),
        Error::Unsupported { .. },
        "Newey-West",
        "no order in time",
    );
    let gap = Panel::from_columns(
        p.units(),
        &[2000, 2001, 2003],
        ["x", "y"].map(|c| (c, p.values(c).unwrap().select(ndarray::Axis(0), &[0, 1, 3]))),
    )
    .unwrap();
    refuses!(
        fit(&gap).with_vcov(Vcov::HansenHodrick { lags: 1 }),
        Error::Unsupported { .. },
        "not evenly spaced",
        "2001 to 2003 one of 2",
    );
    // A single series whose scores of two years cancel: with the weight one a sum of squares is left that rounds to nothing or below.
    let series = Panel::from_columns(
        &Units::range(1),
        &[0, 1, 2, 3],
        [("y", array![[1.0], [-1.0], [1.0], [-1.0]])],
    )
    .unwrap();
    refuses!(
        Regression::of("y")
            .fit(&series)
            .unwrap()
            .with_vcov(Vcov::HansenHodrick { lags: 1 }),
        Error::Unsupported { .. },
        "a variance is not positive",
        "NeweyWest",
    );
    refuses!(
        Regression::of("y")
            .on(["x"])
            .effects(Effects::Time)
            .half_panel_jackknife(&p),
        Error::Unsupported { .. },
        "time effects",
        "Effects::Unit",
    );
    refuses!(
        Regression::of("y").on(["x"]).effects(Effects::Unit).half_panel_jackknife(&p.between(2000, 2002).unwrap()),
        Error::InvalidOption { value, .. } if value == "3 periods", "four periods",
    );
}

#[test]
fn growth_of_panels() {
    let p = five_years();
    for years in [0, -1, 5, i32::MAX] {
        refuses!(
            PanelGrowth::spans(&p, "y", years),
            Error::InvalidOption { option: "years of a span", value, .. } if *value == years.to_string(), "years of a span",
        );
    }
    refuses!(
        PanelGrowth::overlapping(&p, "price", 1),
        Error::NonPositive { cell, .. } if cell.period == Some(2000), "`price`", "2000",
    );
    let growth = PanelGrowth::spans(&p, "y", 1).unwrap();
    refuses!(
        growth.clone().with_initial(&p, ["growth"]),
        Error::UnknownColumn { name, .. } if name == "growth", "growth",
    );
    refuses!(
        growth.clone().with_means(&p.without(["d"]).unwrap(), ["x"]),
        Error::UnitsDiffer { .. },
        "growth",
        "the determinants",
    );
    for regression in [
        Regression::of("growth"),
        Regression::of("ln_initial").on(["growth"]),
    ] {
        refuses!(
            PanelBetaConvergence::fit(&growth, &regression),
            Error::Unsupported { .. },
            "`growth` on `ln_initial`",
            "growth.regression()",
        );
    }
}

#[test]
fn values_that_a_statistic_is_not_defined_for() {
    let w = line(4);
    let t = Table::over(w.units())
        .column("gdp", vec![1.0, 2.0, -4.0, 3.0])
        .and_then(|t| t.column("rich", vec![0.0, 1.0, 2.0, 1.0]))
        .and_then(|t| t.column("poor", vec![1.0, 0.0, 0.0, 1.0]))
        .and_then(|t| t.column("people", vec![10.0, 20.0, 0.0, 30.0]))
        .and_then(|t| t.column("cases", vec![1.0, -2.0, 1.0, 1.0]))
        .unwrap();
    let unit = |i: usize| i.to_string();
    let x = |name| t.variable(name).unwrap();
    refuses!(
        GetisOrd::of(x("gdp"), &w),
        Error::InvalidValue { cell, value, .. } if cell.unit == unit(2) && *value == -4.0,
        "column `gdp`", "the value is -4", "expected",
    );
    for result in [
        JoinCounts::of(x("rich"), &w).map(|_| ()),
        LocalJoinCounts::of(x("rich"), &w, Permutations::new(9)).map(|_| ()),
        LocalJoinCounts::bivariate(x("rich"), x("poor"), &w, Permutations::new(9)).map(|_| ()),
        LocalJoinCounts::colocation(x("poor"), x("rich"), &w, Permutations::new(9)).map(|_| ()),
    ] {
        refuses!(
            result,
            Error::InvalidValue { cell, value, .. } if cell.unit == unit(2) && *value == 2.0,
            "column `rich`", "the value is 2", "0 or 1",
        );
    }
    refuses!(
        Moran::of_rates(x("poor"), x("people"), &w),
        Error::NonPositive { cell, .. } if cell.unit == unit(2), "column `people`", "positive",
    );
    refuses!(
        standardized_rates(x("cases"), x("gdp")),
        Error::NonPositive { cell, .. } if cell.unit == unit(2), "column `gdp`", "positive",
    );
    let people = [1.0, 2.0, 3.0, 4.0];
    refuses!(
        standardized_rates(x("cases"), Variable::from(&people[..])),
        Error::InvalidValue { cell, value, .. } if cell.unit == unit(1) && *value == -2.0,
        "column `cases`", "events",
    );
    refuses!(
        JoinCounts::of_labels(&["a", "b", "a"], &w),
        Error::LengthMismatch {
            expected: 4,
            found: 3,
            ..
        },
        "labels",
    );
}

#[test]
fn weights_whose_powers_are_no_numbers() {
    for size in [1e-300, 1e-70, 1e70, 1e300] {
        let pairs = (1..10).flat_map(|i| [(i - 1, i, size), (i, i - 1, 2.0 * size)]);
        let w = Weights::from_links_at(&Units::range(10), pairs).unwrap();
        let p = Permutations::new(9);
        for result in [
            Moran::of(&Y[..], &w).map(|_| ()),
            Geary::of(&Y[..], &w).map(|_| ()),
            GetisOrd::of(&Y[..], &w).map(|_| ()),
            Lee::of(&Y[..], &X[..], &w).map(|_| ()),
            Aple::of(&Y[..], &w).map(|_| ()),
            LocalMoran::of(&Y[..], &w, p).map(|_| ()),
            LocalLee::of(&Y[..], &X[..], &w, p).map(|_| ()),
            LocalGetisOrd::g(&Y[..], &w, p).map(|_| ()),
            JoinCounts::of(&[0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0][..], &w).map(|_| ()),
        ] {
            refuses!(
                result,
                Error::Unsupported { what, .. } if what.contains("over weights of the size"),
                "leave the range", "`row_standardized`",
            );
        }
        let scaled = w.row_standardized().unwrap();
        assert!(
            Lee::of(&Y[..], &X[..], &scaled)
                .unwrap()
                .variance()
                .unwrap()
                .is_finite()
        );
    }
    let local = LocalMoran::of(&Y[..], &line(10), Permutations::new(9)).unwrap();
    refuses!(
        local.adjust(array![0.1, 0.2].view(), Adjustment::Holm),
        Error::LengthMismatch {
            expected: 10,
            found: 2,
            ..
        },
        "p-values",
    );
}

#[test]
fn statistics_of_constants_islands_and_few_units() {
    let (flat, w) = ([2.0; 10], line(10));
    let y = &Y[..10];
    let p = Permutations::new(9);
    for (result, what) in [
        (Geary::of(&flat[..], &w).map(|_| ()), "Geary"),
        (Lee::of(&flat[..], y, &w).map(|_| ()), "Lee"),
        (Lee::of(y, &flat[..], &w).map(|_| ()), "Lee"),
        (BivariateMoran::of(&flat[..], y, &w).map(|_| ()), "Moran"),
        (BivariateMoran::of(y, &flat[..], &w).map(|_| ()), "Moran"),
        (Aple::of(&flat[..], &w).map(|_| ()), "APLE"),
        (LocalGeary::of(&flat[..], &w, p).map(|_| ()), "Geary"),
        (LocalGetisOrd::g(&flat[..], &w, p).map(|_| ()), "G"),
        (LocalLee::of(&flat[..], y, &w, p).map(|_| ()), "Lee"),
        (
            LocalBivariateMoran::of(y, &flat[..], &w, p).map(|_| ()),
            "Moran",
        ),
        (Losh::of(&flat[..], &w, p).map(|_| ()), "LOSH"),
    ] {
        refuses!(
            result,
            Error::Constant { .. },
            "is the same for every unit",
            what
        );
    }
    // An island that is not decided upon.
    let links = [(0, 1, 1.0), (1, 0, 1.0), (1, 2, 1.0), (2, 1, 1.0)];
    let w = Weights::from_links_at(&Units::range(4), links).unwrap();
    let (x, z) = (&[1.0, 2.0, 4.0, 3.0][..], &[2.0, 1.0, 1.0, 5.0][..]);
    let ones = &[1.0, 0.0, 1.0, 1.0][..];
    for result in [
        Geary::of(x, &w).map(|_| ()),
        GetisOrd::of(x, &w).map(|_| ()),
        Lee::of(x, z, &w).map(|_| ()),
        BivariateMoran::of(x, z, &w).map(|_| ()),
        Aple::of(x, &w).map(|_| ()),
        JoinCounts::of(ones, &w).map(|_| ()),
        LocalGeary::of(x, &w, p).map(|_| ()),
        LocalGetisOrd::g(x, &w, p).map(|_| ()),
        LocalGetisOrd::g_star(x, &w, p).map(|_| ()),
        LocalJoinCounts::of(ones, &w, p).map(|_| ()),
        LocalLee::of(x, z, &w, p).map(|_| ()),
        LocalBivariateMoran::of(x, z, &w, p).map(|_| ()),
        Losh::of(x, &w, p).map(|_| ()),
        Moran::of_each([x, z], &w).map(|_| ()),
    ] {
        refuses!(result, Error::Islands { units } if *units == ["3"], "`islands_kept`");
    }
    // Zero permutations, and more arrangements than are enumerated.
    let w = line(30);
    let x: Vec<f64> = (0..30).map(|i| f64::from(i * i % 17)).collect();
    for result in [
        Geary::of(&x, &w).and_then(|s| s.permutation(Permutations::new(0)).map(|_| ())),
        GetisOrd::of(&x, &w).and_then(|s| s.permutation(Permutations::new(0)).map(|_| ())),
        Lee::of(&x, &x, &w).and_then(|s| s.permutation(Permutations::new(0)).map(|_| ())),
        BivariateMoran::of(&x, &x, &w)
            .and_then(|s| s.permutation(Permutations::new(0)).map(|_| ())),
        Aple::of(&x, &w).and_then(|s| s.permutation(Permutations::new(0)).map(|_| ())),
        LocalGeary::of(&x, &w, Permutations::new(0)).map(|_| ()),
        LocalGetisOrd::g_star(&x, &w, Permutations::new(0)).map(|_| ()),
        Losh::of(&x, &w, Permutations::new(0)).map(|_| ()),
    ] {
        refuses!(
            result,
            Error::InvalidOption {
                option: "permutations",
                ..
            },
            "permutations = 0"
        );
    }
    refuses!(
        Moran::of(&x, &w).and_then(|m| m.permutation(Permutations::all())),
        Error::Unsupported { why, .. } if why.contains("10^6"), "every arrangement", "Permutations::new(9_999)",
    );
    let points = Points::planar((0..30).map(|i| (f64::from(i), 0.0))).unwrap();
    let all = Weights::distance_band(&points, 12.0).unwrap();
    refuses!(
        LocalMoran::of(&x, &all, Permutations::all()),
        Error::Unsupported { what, .. } if what.contains("the neighbours of unit"), "10^6",
    );
    for bounds in [&[][..], &[0.0, 1.0], &[2.0, 1.0], &[f64::NAN]] {
        refuses!(
            Correlogram::by_distance(&x, &points, bounds),
            Error::InvalidOption {
                option: "bounds",
                ..
            },
            "positive and ascending",
        );
    }
    let three = line(2);
    refuses!(
        LocalMoran::of(&[1.0, 2.0][..], &three, p)
            .unwrap()
            .moments(LocalAssumption::Total),
        Error::TooFewUnits { needed: 3, .. },
        "needs at least 3 units",
    );
}

#[test]
fn options_of_inference() {
    let w = weights();
    refuses!(
        Moran::of(&Y[..], &w).unwrap().permutation(Permutations::new(0)),
        Error::InvalidOption { option: "permutations", value, .. } if value == "0",
        "permutations = 0", "expected: a count from 1 to 2^31",
    );
    refuses!(
        LocalMoran::of(&Y[..], &w, Permutations::new(0)),
        Error::InvalidOption {
            option: "permutations",
            ..
        },
        "permutations = 0",
        "expected: a count from 1 to 2^31",
    );
    let local = LocalMoran::of(&Y[..], &w, Permutations::new(99)).unwrap();
    for level in [0.0, 1.0, 5.0, f64::NAN] {
        refuses!(
            local.clusters(level, None),
            Error::InvalidOption { option: "level", value, .. } if *value == level.to_string(),
            "level", "a number between 0 and 1",
        );
    }
    refuses!(
        sar().impacts().unwrap().simulated(Draws::new(10)),
        Error::InvalidOption { option: "draws", value, .. } if value == "10", "draws = 10", "from 100 (for percentile intervals) to 10 million draws",
    );
}

// ------------------------------------------------------------------------------------------------------ broken at random

/// The text cut at every byte, with every byte left out, doubled, and replaced by each of a few that mean something.
fn mutations(text: &str) -> impl Iterator<Item = Vec<u8>> + '_ {
    let bytes = text.as_bytes();
    let cut = (0..bytes.len()).map(|at| bytes[..at].to_vec());
    let changed = (0..bytes.len()).flat_map(move |at| {
        let put = move |middle: &[u8]| [&bytes[..at], middle, &bytes[at + 1..]].concat();
        let replaced = *b"\0\n\r\t \",.:-+09aeE[]{}\\\xc3\xff";
        [put(&[]), put(&[bytes[at], bytes[at]])]
            .into_iter()
            .chain(replaced.into_iter().map(move |b| put(&[b])))
    });
    cut.chain(changed)
}

/// Reads as text where it is one, otherwise from a file; an error has to say something, at a line that exists.
fn survives<T>(
    bytes: &[u8],
    name: &str,
    text: impl Fn(&str) -> Result<T>,
    path: impl Fn(&Path) -> Result<T>,
) -> Option<T> {
    let result = match std::str::from_utf8(bytes) {
        Ok(valid) => text(valid),
        Err(_) => path(&file(name, bytes)),
    };
    let shown = String::from_utf8_lossy(bytes);
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            assert!(error.to_string().len() > 10, "{error:?} for {shown:?}");
            if let Error::Syntax {
                line,
                column,
                problem,
                ..
            } = &error
            {
                let lines = 1 + shown.matches(['\n', '\r']).count() as u64;
                assert!(*line >= 1 && *line <= lines + 1, "{error} for {shown:?}");
                assert!(*column >= 1 && !problem.is_empty(), "{error} for {shown:?}");
            }
            None
        }
    }
}

#[test]
fn broken_csv_never_panics() {
    let (mut read, mut all) = (0, 0);
    // A quoted field, and a line break of two bytes.
    let tables = [
        TABLE.to_owned(),
        with(TABLE, "east", "\"ea \"\"s\"\"\nt\"").replace('\n', "\r\n"),
    ];
    for bytes in tables.iter().flat_map(|t| mutations(t)) {
        all += 1;
        let reader = |r: TableReader| r.unit("id").columns(["gdp", "pop"]).labels(["side"]);
        let complete = |r: TableReader| reader(r).read_complete();
        survives(
            &bytes,
            "fuzz_c.csv",
            |t| complete(Table::csv_text(t)),
            |p| complete(Table::csv(p)),
        );
        let found = survives(
            &bytes,
            "fuzz.csv",
            |t| reader(Table::csv_text(t)).read(),
            |p| reader(Table::csv(p)).read(),
        );
        if let Some(t) = found {
            read += 1;
            let values = t.values("gdp").unwrap();
            assert!(values.len() == t.units().len() && values.iter().all(|v| v.is_finite()));
        }
    }
    assert!(read > 100 && read < all, "{read} of {all}");
    for bytes in mutations(PANEL) {
        let reader = |r: PanelReader| {
            r.unit("id")
                .period("year")
                .columns(["gdp"])
                .labels(["side"])
        };
        let complete = |r: PanelReader| reader(r).read_complete();
        survives(
            &bytes,
            "fuzz_pc.csv",
            |t| complete(Panel::csv_text(t)),
            |p| complete(Panel::csv(p)),
        );
        let found = survives(
            &bytes,
            "fuzz_p.csv",
            |t| reader(Panel::csv_text(t)).read(),
            |p| reader(Panel::csv(p)).read(),
        );
        if let Some(p) = found {
            let values = p.values("gdp").unwrap();
            assert_eq!(values.dim(), (p.periods().len(), p.units().len()));
            assert!(values.iter().all(|v| v.is_finite()));
        }
    }
}

#[test]
fn broken_geojson_never_panics() {
    let (mut read, mut all) = (0, 0);
    for bytes in mutations(MAP) {
        all += 1;
        let reader = |r: RegionsReader| r.unit("code").columns(["gdp"]);
        let found = survives(
            &bytes,
            "fuzz.geojson",
            |t| reader(Regions::geojson_text(t)).read(),
            |p| reader(Regions::geojson(p)).read(),
        );
        if let Some(regions) = found {
            read += 1;
            assert!(regions.areas().iter().all(|a| *a > 0.0 && a.is_finite()));
            let w = Weights::queen(&regions).unwrap();
            assert_eq!(w.n(), regions.units().len());
            assert!(regions.centroids().is_ok());
        }
    }
    assert!(read > 100 && read < all, "{read} of {all}");
}

#[test]
fn broken_gal_never_panics() {
    let (mut read, mut all) = (0, 0);
    for bytes in mutations(GAL) {
        all += 1;
        let found = survives(&bytes, "fuzz.gal", Weights::gal_text, |p| {
            Weights::read_gal(p)
        });
        if let Some(w) = found {
            read += 1;
            assert!((0..w.n()).all(|i| w.neighbours(i).all(|(j, _)| j < w.n() && j != i)));
            let again = Weights::gal_text(&w.to_gal().unwrap()).unwrap();
            assert!(again.units() == w.units() && again.links() == w.links());
        }
    }
    assert!(read > 100 && read < all, "{read} of {all}");
    for huge in [
        "18446744073709551615\n",
        "0 18446744073709551615 a b\n",
        "99999999999999999999999\n",
        "1\na 18446744073709551615\nb\n",
    ] {
        refuses!(
            Weights::gal_text(huge),
            Error::Syntax { format: "GAL", .. },
            "not valid GAL"
        );
    }
}

// ----------------------------------------------------------------------------------------------------------- none missing

/// Names of the variants, read from the source.
fn variants() -> Vec<String> {
    let source =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/error.rs")).unwrap();
    let body = source.split("pub enum Error {").nth(1).unwrap();
    let body = &body[..body.find("\n}").unwrap()];
    body.lines()
        .filter_map(|l| l.strip_prefix("    "))
        .filter(|l| l.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|l| l.chars().take_while(char::is_ascii_alphanumeric).collect())
        .collect()
}

#[test]
fn every_variant_is_provoked() {
    let variants = variants();
    assert!(variants.len() >= 30, "{variants:?}");
    let own = include_str!("errors.rs");
    // A mention counts where a result is refused with it.
    let refused: Vec<&str> = own.split("refuses!(").skip(1).collect();
    let absent: Vec<&String> = variants
        .iter()
        .filter(|v| {
            let mention = format!("Error::{v} {{");
            !refused.iter().any(|r| r.contains(&mention))
        })
        .collect();
    assert!(absent.is_empty(), "no test provokes {absent:?}");
}

#[test]
fn sigma_of_too_little_or_nothing() {
    let values = |rows: &[&[f64]]| {
        let flat: Vec<f64> = rows.concat();
        Array2::from_shape_vec((rows.len(), rows[0].len()), flat).unwrap()
    };
    let of = |rows: &[&[f64]]| {
        let periods: Vec<i32> = (2000..).take(rows.len()).collect();
        let units = named(&["a", "b", "c", "d", "e", "f"][..rows[0].len()]);
        Panel::from_columns(&units, &periods, [("gdp", values(rows))]).unwrap()
    };
    refuses!(
        SigmaConvergence::of(&of(&[&[1.0], &[2.0]]), "gdp"),
        Error::TooFewUnits { what, needed: 2, n: 1 } if what == "dispersion", "dispersion", "at least 2 units",
    );
    let full: [&[f64]; 4] = [
        &[1.0, 2.0, 3.0, 5.0, 9.0],
        &[1.5, 2.0, 3.5, 4.0, 8.0],
        &[2.0, 2.5, 4.0, 4.5, 7.0],
        &[3.0, 2.6, 4.5, 4.6, 7.5],
    ];
    let panel = of(&full);
    let sigma = SigmaConvergence::of(&panel, "gdp").unwrap();
    // Weights that are not positive, of other units, of no period.
    for bad in [0.0, -2.0] {
        let mut people = values(&full);
        people[[2, 3]] = bad;
        let panel = panel.clone().column("people", people).unwrap();
        refuses!(
            sigma.clone().weighted_by(&panel, "people"),
            Error::NonPositive { cell, value }
                if cell.unit == "d" && cell.period == Some(2002) && cell.column == "people" && *value == bad,
            "column `people`, unit `d`, period 2002", "a positive one is needed",
        );
    }
    refuses!(
        sigma.clone().weighted_by(&panel, "people"),
        Error::UnknownColumn { name, .. } if name == "people", "no column `people`",
    );
    refuses!(
        sigma.clone().weighted_by(&of(&full[..3]), "gdp"),
        Error::UnknownPeriod { period: 2003, .. },
        "no period 2003",
    );
    let others = panel
        .relabelled(&named(&["v", "w", "x", "y", "z"]))
        .unwrap();
    refuses!(
        sigma.clone().weighted_by(&others, "gdp"),
        Error::UnitsDiffer { .. },
        "the dispersion",
        "`v`",
    );
    refuses!(
        sigma.values(Measure::WeightedGini),
        Error::Unsupported { what, .. } if what == "weighted Gini", "there are no weights", "weighted_by",
    );
    refuses!(
        sigma.trend(Measure::WeightedCv),
        Error::Unsupported { what, .. } if what == "weighted CV", "there are no weights",
    );
    // Bootstrap.
    let draws = Draws::new(200);
    refuses!(
        sigma.bootstrap(Draws::new(5)),
        Error::InvalidOption {
            option: "draws",
            ..
        },
        "draws = 5",
        "from 100",
    );
    refuses!(
        sigma.bootstrap(Draws::new(10_000_000)),
        Error::TooLarge { n: 320_000_000, .. },
        "a bootstrap of dispersion",
        "take fewer draws",
    );
    let three = of(&[&[1.0, 2.0, 3.0], &[1.0, 2.5, 3.0]]);
    refuses!(
        SigmaConvergence::of(&three, "gdp")
            .unwrap()
            .bootstrap(draws),
        Error::TooFewUnits {
            needed: 4,
            n: 3,
            ..
        },
        "a bootstrap of dispersion",
        "at least 4 units",
    );
    let bands = sigma.bootstrap(draws).unwrap();
    refuses!(
        bands.of(Measure::WeightedTheil, 2000),
        Error::Unsupported { .. },
        "weighted Theil T",
        "there are no weights",
    );
    refuses!(
        bands.of(Measure::Theil, 1999),
        Error::UnknownPeriod { period: 1999, .. },
        "no period 1999"
    );
    refuses!(
        bands.change(Measure::Theil, 2002, 2000),
        Error::InvalidOption {
            option: "the last period",
            ..
        },
        "a period after the first",
    );
    // Trends.
    let two = SigmaConvergence::of(&of(&full[..2]), "gdp").unwrap();
    refuses!(
        two.trend(Measure::Cv),
        Error::TooFewPeriods { what, needed: 3, periods: 2 } if what == "a trend", "at least 3 periods, and there are 2",
    );
    refuses!(
        two.bootstrap(draws).unwrap().trend(Measure::Cv),
        Error::TooFewPeriods { periods: 2, .. },
        "a trend",
    );
    let flat = SigmaConvergence::of(&of(&[full[0]; 4]), "gdp").unwrap();
    refuses!(
        flat.trend(Measure::Gini),
        Error::Unsupported { what, .. } if what == "the trend of the Gini", "on a straight line",
    );
    let trend = sigma.trend(Measure::Gini).unwrap();
    refuses!(
        trend.clone().with_lag(4),
        Error::InvalidOption { option: "lag", .. },
        "lag = 4",
        "fewer lags than there are periods",
    );
    for level in [0.0, 1.0, f64::NAN] {
        refuses!(
            trend.interval(level),
            Error::InvalidOption {
                option: "level",
                ..
            },
            "between 0 and 1"
        );
    }
    // Filters.
    let w = line(5).row_standardized().unwrap();
    refuses!(
        sigma.filtered(&line(4)),
        Error::UnitsDiffer { .. },
        "the dispersion",
        "the weights",
    );
    let numbered = panel.relabelled(w.units()).unwrap();
    let mut still = values(&full);
    still.row_mut(1).fill(2.5);
    let still =
        Panel::from_columns(w.units(), &[2000, 2001, 2002, 2003], [("gdp", still)]).unwrap();
    refuses!(
        SigmaConvergence::of(&still, "gdp").unwrap().filtered(&w),
        Error::Constant { name, .. } if name == "ln gdp, 2001", "`ln gdp, 2001`", "spatial dependence",
    );
    refuses!(
        SigmaConvergence::of(&still, "gdp").unwrap().test(2000, 2001),
        Error::Constant { name, .. } if name == "the last date", "the last date",
    );
    let filtered = SigmaConvergence::of(&numbered, "gdp")
        .unwrap()
        .filtered(&w)
        .unwrap();
    refuses!(
        filtered.at_dependence_of(1999),
        Error::UnknownPeriod { .. },
        "no period 1999"
    );
    refuses!(
        filtered.at_dependence(f64::NAN),
        Error::InvalidOption {
            option: "lambda",
            ..
        },
        "admissible_interval",
    );
    // Given determinants.
    let table = panel.at(2000).unwrap();
    let table = table.column("z", vec![1.0, 0.0, 2.0, 0.0, 1.5]).unwrap();
    let table = table
        .column("z again", vec![2.0, 0.0, 4.0, 0.0, 3.0])
        .unwrap();
    refuses!(
        sigma.conditional(&table, ["z", "nothing"], 2000, 2003),
        Error::UnknownColumn { name, .. } if name == "nothing", "nothing",
    );
    refuses!(
        sigma.conditional(&table, ["z", "z again"], 2000, 2003),
        Error::Collinear { .. },
        "linearly dependent",
    );
    refuses!(
        sigma.conditional(&table, ["z", "z again", "gdp"], 2000, 2003),
        Error::TooFewUnits {
            needed: 6,
            n: 5,
            ..
        },
        "given 3 determinant(s)",
    );
    refuses!(
        sigma.conditional(&table, ["z"], 2003, 2000),
        Error::InvalidOption {
            option: "the last period",
            ..
        },
        "a period after the first",
    );
    let own = table
        .clone()
        .column(
            "ln",
            panel
                .variable_at("gdp", 2000)
                .unwrap()
                .values()
                .mapv(f64::ln),
        )
        .unwrap();
    assert!(sigma.conditional(&own, ["ln"], 2000, 2003).is_err());
    let same = SigmaConvergence::of(&of(&[full[0], full[0]]), "gdp").unwrap();
    refuses!(
        same.conditional(&table, ["z"], 2000, 2001),
        Error::Unsupported { .. },
        "perfectly correlated",
    );
    refuses!(
        same.test(2000, 2001),
        Error::Unsupported { what, .. } if what == "Pitman-Morgan", "perfectly correlated",
    );
}

/// A panel of one column `income`, periods × units.
fn incomes(periods: &[i32], values: Array2<f64>) -> Panel {
    let units = Units::new(
        ["a", "b", "c", "d", "e", "f"]
            .into_iter()
            .take(values.ncols()),
    )
    .unwrap();
    Panel::from_columns(&units, periods, [("income", values)]).unwrap()
}

/// Incomes of so many years that close in on each other, and wave.
fn closing(years: usize, units: usize) -> (Vec<i32>, Array2<f64>) {
    let values = Array2::from_shape_fn((years, units), |(t, i)| {
        let t = t as f64 + 1.0;
        (9.0 + 0.02 * t + (i as f64 - 1.2) / t + 0.001 * (t * (i + 2) as f64).sin()).exp()
    });
    ((2000..).take(years).collect(), values)
}

#[test]
fn transition_paths_and_log_t() {
    let (years, full) = closing(24, 3);
    let panel = incomes(&years, full.clone());
    let paths = TransitionPaths::of(&panel, "income").unwrap();
    assert!(paths.log_t(LogTOptions::new()).is_ok());
    refuses!(
        TransitionPaths::of(&panel, "gdp"),
        Error::UnknownColumn { .. },
        "income"
    );
    refuses!(
        TransitionPaths::of_logs(&panel, "gdp"),
        Error::UnknownColumn { .. },
        "income"
    );
    refuses!(
        TransitionPaths::of(&incomes(&years, closing(24, 1).1), "income"),
        Error::TooFewUnits {
            needed: 2,
            n: 1,
            ..
        },
        "relative transition paths",
    );
    let with = |value: f64| {
        let mut values = full.clone();
        values[[3, 1]] = value;
        incomes(&years, values)
    };
    for zero in [0.0, -2.0] {
        refuses!(
            TransitionPaths::of(&with(zero), "income"),
            Error::NonPositive { cell, value } if cell.unit == "b" && cell.period == Some(2003) && *value == zero,
            "positive one is needed",
        );
    }
    refuses!(
        TransitionPaths::of(&with(0.8), "income"),
        Error::InvalidValue { cell, value, .. } if cell.unit == "b" && cell.period == Some(2003) && *value == 0.8,
        "a level above 1", "smaller unit",
    );
    refuses!(
        TransitionPaths::of_logs(&with(-0.1), "income"),
        Error::InvalidValue { cell, value, .. } if cell.unit == "b" && cell.period == Some(2003) && *value == -0.1,
        "a log above 0",
    );
    // The trend of logs that fall steeply to near zero is negative at the end.
    let falling = Array2::from_shape_fn((24, 3), |(t, i)| {
        0.01 + i as f64 + if t < 12 { 9.0 - 0.75 * t as f64 } else { 0.0 }
    });
    refuses!(
        TransitionPaths::of_logs(&incomes(&years, falling), "income").unwrap().filtered(Trend::hodrick_prescott()),
        Error::InvalidValue { cell, .. } if cell.column == "trend of income" && cell.unit == "a",
        "a log above 0",
    );
    refuses!(paths.of_unit("z"), Error::UnknownUnit { unit, .. } if unit == "z", "the panel");
    let options = LogTOptions::new();
    refuses!(
        paths.log_t_of(["a", "z"], options),
        Error::UnknownUnit { .. },
        "`z`"
    );
    refuses!(
        paths.log_t_of(["a", "a"], options),
        Error::DuplicateUnit { .. },
        "`a`"
    );
    refuses!(
        paths.log_t_of(["a"], options),
        Error::TooFewUnits {
            needed: 2,
            n: 1,
            ..
        },
        "log t"
    );
    for r in [-0.1, 0.95, f64::NAN] {
        for trim in [Trim::Share(r), Trim::From(r), Trim::Rounded(r)] {
            refuses!(
                paths.log_t(options.trim(trim)),
                Error::InvalidOption { option: "trim", .. },
                "1/3"
            );
        }
    }
    refuses!(
        paths.log_t(options.trim(Trim::First(1))),
        Error::InvalidOption { option: "trim", .. },
        "ln ln t"
    );
    refuses!(
        paths.log_t(options.trim(Trim::First(22))),
        Error::TooFewPeriods {
            needed: 25,
            periods: 24,
            ..
        },
        "4 observations",
    );
    assert!(paths.log_t(options.trim(Trim::First(21))).is_ok());
    refuses!(
        paths.log_t(options.trim(Trim::First(usize::MAX))),
        Error::TooFewPeriods { periods: 24, .. },
        "4 observations",
    );
    refuses!(
        paths.log_t(options.trim(Trim::Share(0.9))),
        Error::TooFewPeriods {
            needed: 31,
            periods: 24,
            ..
        },
        "4 observations",
    );
    refuses!(
        paths.log_t(options.critical(f64::NAN)),
        Error::InvalidOption {
            option: "critical",
            ..
        },
        "-1.65"
    );
    let (few, values) = closing(4, 3);
    refuses!(
        TransitionPaths::of(&incomes(&few, values), "income")
            .unwrap()
            .log_t(options),
        Error::TooFewPeriods {
            needed: 5,
            periods: 4,
            ..
        },
        "log t",
    );
    // Periods that are not evenly spaced.
    let mut uneven = years.clone();
    uneven[23] = 2030;
    let apart = TransitionPaths::of(&incomes(&uneven, full.clone()), "income").unwrap();
    refuses!(
        apart.log_t(options),
        Error::Unsupported { .. },
        "2022 to 2030 one of 8",
        "evenly spaced"
    );
    refuses!(
        apart.clubs(Clustering::new()),
        Error::Unsupported { .. },
        "2022 to 2030 one of 8"
    );
    refuses!(
        apart.clone().filtered(Trend::hodrick_prescott()),
        Error::Unsupported { .. },
        "Hodrick-Prescott",
        "2022 to 2030 one of 8",
    );
    assert!(apart.filtered(Trend::None).is_ok());
    // Every fifth year is even.
    let fifth: Vec<i32> = (0..24).map(|k| 1900 + 5 * k).collect();
    assert!(
        TransitionPaths::of(&incomes(&fifth, full.clone()), "income")
            .unwrap()
            .log_t(options)
            .is_ok()
    );
    // All equal in one period; three equal values have a mean that is rounded.
    let mut tied = full.clone();
    tied.row_mut(15).fill(12_345.678);
    let tied = TransitionPaths::of(&incomes(&years, tied), "income").unwrap();
    refuses!(
        tied.log_t(options),
        Error::Unsupported { .. },
        "same in 2015",
        "`a`, `b`, `c`",
        "filtered"
    );
    let same = Array2::from_shape_fn((24, 2), |(t, _)| 100.0 + t as f64);
    let same = TransitionPaths::of(&incomes(&years, same), "income").unwrap();
    refuses!(
        same.log_t(options),
        Error::Unsupported { .. },
        "same in 2000",
        "`a`, `b`"
    );
    refuses!(
        same.clubs(Clustering::new()),
        Error::Unsupported { .. },
        "same in 2000"
    );
    // H that lies on the curve of the regression.
    let curve: Vec<f64> = (1..=24)
        .map(f64::from)
        .map(|t: f64| {
            if t < 2.0 {
                1.0
            } else {
                0.3 / t.powf(0.7) / t.ln().powi(2)
            }
        })
        .collect();
    refuses!(
        LogT::of(&curve, options),
        Error::Unsupported { .. },
        "no standard error"
    );
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let mut h = curve.clone();
        h[5] = wrong;
        refuses!(
            LogT::of(&h, options),
            Error::InvalidOption {
                option: "dispersion",
                ..
            },
            "positive and finite"
        );
    }
    refuses!(
        LogT::of(&[], options),
        Error::TooFewPeriods {
            needed: 5,
            periods: 0,
            ..
        },
        "log t"
    );
    // Units that never change have an H that never does: the regression is of -2 ln ln t.
    let constant = Array2::from_shape_fn((24, 3), |(_, i)| 100.0 * (i + 1) as f64);
    let constant = TransitionPaths::of(&incomes(&years, constant), "income").unwrap();
    assert_eq!(
        constant.log_t(options).unwrap().verdict(),
        Verdict::Divergence
    );
}

#[test]
fn trends_and_clubs() {
    let (years, full) = closing(24, 6);
    let paths = TransitionPaths::of(&incomes(&years, full.clone()), "income").unwrap();
    for lambda in [-1.0, f64::NAN, f64::INFINITY] {
        refuses!(
            paths.clone().filtered(Trend::HodrickPrescott { lambda }),
            Error::InvalidOption {
                option: "lambda",
                ..
            },
            "400",
        );
    }
    let of_years = |count: usize| {
        let rows = full.slice(ndarray::s![..count, ..]).to_owned();
        TransitionPaths::of(&incomes(&years[..count], rows), "income").unwrap()
    };
    refuses!(
        of_years(2).filtered(Trend::hodrick_prescott()),
        Error::TooFewPeriods {
            needed: 3,
            periods: 2,
            ..
        },
        "Hodrick",
    );
    refuses!(
        of_years(11).filtered(Trend::BoschanEbanks),
        Error::TooFewPeriods {
            needed: 12,
            periods: 11,
            ..
        },
        "phase-average",
    );
    let bend = Array2::from_shape_fn((24, 2), |(t, i)| 9.0 + i as f64 + (t * t) as f64 / 1024.0);
    refuses!(
        TransitionPaths::of_logs(&incomes(&years, bend), "income")
            .unwrap()
            .filtered(Trend::BoschanEbanks),
        Error::Unsupported { .. },
        "unit `a`",
        "turning point",
        "HodrickPrescott",
    );
    let options = Clustering::new();
    assert!(paths.clubs(options).is_ok());
    refuses!(
        paths.clubs(options.c_star(f64::NAN)),
        Error::InvalidOption {
            option: "c_star",
            ..
        },
        "0"
    );
    for step in [0.0, -0.1, f64::NAN, f64::INFINITY] {
        refuses!(
            paths.clubs(options.incremental(step, 3.0)),
            Error::InvalidOption {
                option: "step of c*",
                ..
            },
            "0.1"
        );
    }
    for most in [-1.0, 101.0, f64::NAN] {
        refuses!(
            paths.clubs(options.incremental(0.1, most)),
            Error::InvalidOption {
                option: "most c*",
                ..
            },
            "100"
        );
    }
    for share in [0.0, 1.5, f64::NAN] {
        refuses!(
            paths.clubs(options.order_by_average(share)),
            Error::InvalidOption {
                option: "share of the periods to order by",
                ..
            },
            "1/3",
        );
    }
    refuses!(
        paths.clubs(options.trim(Trim::Share(2.0))),
        Error::InvalidOption { option: "trim", .. },
        "1/3"
    );
    refuses!(
        paths.clubs(options.critical(f64::INFINITY)),
        Error::InvalidOption {
            option: "critical",
            ..
        },
        "-1.65"
    );
    refuses!(
        of_years(4).clubs(options),
        Error::TooFewPeriods { needed: 5, .. },
        "log t"
    );
    refuses!(
        paths.clubs(options).unwrap().club_of("z"),
        Error::UnknownUnit { .. },
        "`z`"
    );
    for absurd in [1e300, 1e-300] {
        let logs = Array2::from_elem((24, 2), absurd);
        refuses!(
            TransitionPaths::of_logs(&incomes(&years, logs), "income"),
            Error::InvalidValue { .. },
            "1e-100"
        );
    }
    // Two unfiltered paths that cross in a period, tried as a pair since all four do not converge.
    let crossing = Array2::from_shape_fn((24, 4), |(t, i)| {
        let (t, side) = (t as f64, if i % 2 == 0 { 1.0 } else { -1.0 });
        if i < 2 {
            12.0 + 0.02 * t + side * 0.001 * (t - 12.0)
        } else {
            9.0 - 0.02 * t + side * 0.1
        }
    });
    let crossing = TransitionPaths::of_logs(&incomes(&years, crossing), "income").unwrap();
    assert_eq!(
        crossing.log_t(LogTOptions::new()).unwrap().verdict(),
        Verdict::Divergence
    );
    refuses!(
        crossing.clubs(options),
        Error::Unsupported { .. },
        "log t of `a`, `b`",
        "same in 2012",
        "filtered"
    );
}

fn walks(years: &[i32], n: usize) -> Panel {
    let values = Array2::from_shape_fn((years.len(), n), |(t, i)| {
        let (t, i) = (t as f64, i as f64);
        2.0 + 0.1 * t + (1.3 * t * t * (i + 1.0)).sin() + i
    });
    let units = Units::new((0..n).map(|i| format!("u{i}"))).unwrap();
    Panel::from_columns(&units, years, [("gdp", values)]).unwrap()
}

#[test]
fn unit_roots_that_cannot_be_tested() {
    let years: Vec<i32> = (2000..2020).collect();
    let panel = walks(&years, 3);
    let draws = Draws::new(100);
    let of = |p: &Panel| StochasticConvergence::of(p, "gdp");
    refuses!(
        of(&walks(&years, 1)),
        Error::TooFewUnits {
            needed: 2,
            n: 1,
            ..
        },
        "relative to other units"
    );
    // Two gaps from a mean are each other's mirror image; two gaps from a leader are not.
    let two = of(&walks(&years, 2)).unwrap();
    refuses!(
        two.cross_dependence(),
        Error::TooFewUnits {
            needed: 3,
            n: 2,
            ..
        },
        "relative to a mean"
    );
    refuses!(
        two.ips(),
        Error::TooFewUnits { needed: 3, .. },
        "Im, Pesaran"
    );
    refuses!(
        two.llc(),
        Error::TooFewUnits { needed: 3, .. },
        "Levin, Lin"
    );
    refuses!(two.hadri(), Error::TooFewUnits { needed: 3, .. }, "Hadri");
    refuses!(
        two.fisher(),
        Error::TooFewUnits { needed: 3, .. },
        "p-values"
    );
    refuses!(
        two.cips(0, draws),
        Error::TooFewUnits { needed: 3, .. },
        "CIPS"
    );
    let led = of(&panel)
        .and_then(|g| g.relative_to(Reference::Unit("u0".to_owned())))
        .unwrap();
    assert!(led.cross_dependence().is_ok());
    refuses!(
        StochasticConvergence::of(&panel, "gpd"),
        Error::UnknownColumn { .. },
        "gdp",
    );
    refuses!(
        of(&walks(&[2000, 2001, 2003], 3)),
        Error::Unsupported { what, .. } if what.contains("unit-root tests"), "2001 to 2003 one of 2",
    );
    let mut levels = panel.values("gdp").unwrap().to_owned();
    levels[[4, 1]] = -1.0;
    let negative = Panel::from_columns(panel.units(), &years, [("gdp", levels.clone())]).unwrap();
    refuses!(
        of(&negative),
        Error::NonPositive { cell, value } if cell.unit == "u1" && cell.period == Some(2004) && *value == -1.0, "positive",
    );
    let gaps = of(&panel).unwrap();
    refuses!(
        gaps.clone().relative_to(Reference::Unit("u9".to_owned())),
        Error::UnknownUnit { unit, .. } if unit == "u9", "u9",
    );
    let series = StochasticConvergence::of_series(&panel, "gdp").unwrap();
    refuses!(
        series.clone().relative_to(Reference::Mean),
        Error::Unsupported { .. },
        "`StochasticConvergence::of`",
    );
    refuses!(gaps.adf("nobody"), Error::UnknownUnit { .. }, "nobody");
    refuses!(gaps.series("nobody"), Error::UnknownUnit { .. }, "nobody");
    refuses!(
        gaps.adf_all().unwrap().of("nobody"),
        Error::UnknownUnit { .. },
        "nobody"
    );
    refuses!(
        gaps.adf("u0").unwrap().critical_value(0.2),
        Error::InvalidOption {
            option: "level",
            ..
        },
        "0.05",
    );
    // Periods.
    refuses!(
        gaps.clone().lags(Lags::Aic(9)).adf_all(),
        Error::TooFewPeriods {
            needed: 22,
            periods: 20,
            ..
        },
        "9 lagged differences (constant)",
    );
    refuses!(
        gaps.clone().lags(Lags::Fixed(8)).ips_simulated(draws),
        Error::TooFewPeriods {
            needed: 22,
            periods: 20,
            ..
        },
        "variance of t",
    );
    refuses!(
        gaps.cips(5, draws),
        Error::TooFewPeriods {
            needed: 21,
            periods: 20,
            ..
        },
        "CIPS with 5 lags",
    );
    refuses!(
        of(&walks(&[2000, 2001], 3)).unwrap().hadri(),
        Error::TooFewPeriods {
            needed: 3,
            periods: 2,
            ..
        },
        "Hadri",
    );
    // Tables that end, and tests without moments.
    refuses!(
        gaps.clone().lags(Lags::Fixed(5)).ips(),
        Error::Unsupported { what, .. } if what.contains("14 observations and 5 lags"), "at least 20 observations", "`ips_simulated`",
    );
    let without = gaps.clone().deterministic(Deterministic::None);
    refuses!(
        without.ips(),
        Error::Unsupported { .. },
        "without a constant"
    );
    refuses!(
        without.hadri(),
        Error::Unsupported { .. },
        "without a constant"
    );
    refuses!(
        gaps.hadri_robust(20),
        Error::InvalidOption { option: "lags", .. },
        "fewer lags"
    );
    // Draws.
    refuses!(
        gaps.cips(0, Draws::new(9)),
        Error::InvalidOption {
            option: "draws",
            ..
        },
        "100"
    );
    refuses!(
        gaps.ips_simulated(Draws::new(9)),
        Error::InvalidOption {
            option: "draws",
            ..
        },
        "100"
    );
    refuses!(
        gaps.llc().unwrap().simulated(Draws::new(9)),
        Error::InvalidOption {
            option: "draws",
            ..
        },
        "100"
    );
    refuses!(
        gaps.adf_all().unwrap().simulated(Draws::new(9)),
        Error::InvalidOption {
            option: "draws",
            ..
        },
        "100"
    );
    refuses!(
        gaps.cips(0, draws).unwrap().critical_value(0.001),
        Error::InvalidOption {
            option: "level",
            ..
        },
        "the number of draws"
    );
    // Units that do not vary, or vary along a line.
    let with = |f: &dyn Fn(usize) -> f64| {
        let mut values = levels.mapv(f64::abs);
        for t in 0..20 {
            values[[t, 2]] = f(t);
        }
        let panel = Panel::from_columns(panel.units(), &years, [("gdp", values)]).unwrap();
        StochasticConvergence::of_series(&panel, "gdp").unwrap()
    };
    let constant = with(&|_| 0.1);
    for error in [
        constant.adf_all().map(|_| ()),
        constant.cips(0, draws).map(|_| ()),
        constant.cross_dependence().map(|_| ()),
        constant.llc().map(|_| ()),
        constant.carlino_mills().map(|_| ()),
    ] {
        refuses!(error, Error::Unsupported { what, .. } if what.contains("`u2`"), "the same in every period");
    }
    let line = with(&|t| 0.1 * t as f64);
    for error in [
        line.clone()
            .deterministic(Deterministic::Trend)
            .adf_all()
            .map(|_| ()),
        line.clone()
            .deterministic(Deterministic::Trend)
            .hadri()
            .map(|_| ()),
        line.cips(0, draws).map(|_| ()),
        line.carlino_mills().map(|_| ()),
    ] {
        refuses!(error, Error::Unsupported { what, .. } if what.contains("`u2`"), "`Panel::without`");
    }
    // The averages of what was taken about them are zero.
    refuses!(
        gaps.relative_to(Reference::LogMean).unwrap().cips(0, draws),
        Error::Unsupported { .. },
        "`StochasticConvergence::of_series`",
    );
    // Units that are the same have no gaps but rounding.
    let alike = Array2::from_shape_fn((20, 4), |(t, _)| 2.0 + (1.3 * t as f64).sin());
    let alike = Panel::from_columns(&Units::range(4), &years, [("gdp", alike)]).unwrap();
    for reference in [Reference::Others, Reference::Mean, Reference::LogMean] {
        let alike = of(&alike).and_then(|g| g.relative_to(reference)).unwrap();
        refuses!(
            alike.adf_all(),
            Error::Unsupported { .. },
            "same in every period"
        );
    }
    // The test of Evans and Karras has one reference and one deterministic term.
    let of_logs = of(&panel).and_then(|g| g.relative_to(Reference::LogMean));
    let of_logs = of_logs.unwrap();
    refuses!(
        of(&panel).unwrap().evans_karras(draws),
        Error::Unsupported { .. },
        "relative to the mean of the other units",
        "`relative_to(Reference::LogMean)`"
    );
    refuses!(
        StochasticConvergence::of_series(&panel, "gdp")
            .unwrap()
            .evans_karras(draws),
        Error::Unsupported { .. },
        "`gdp` as it is",
        "`StochasticConvergence::of`"
    );
    refuses!(
        of_logs
            .clone()
            .deterministic(Deterministic::Trend)
            .evans_karras(draws),
        Error::Unsupported { .. },
        "with constant and trend",
        "`Deterministic::Constant`"
    );
    let test = of_logs.evans_karras(draws).unwrap();
    for level in [0.0, 0.009, 1.0, f64::NAN] {
        refuses!(
            test.verdict_at(level),
            Error::InvalidOption {
                option: "level",
                ..
            },
            "0.05"
        );
    }
    assert_eq!(test.verdict_at(0.05).unwrap(), test.verdict());
    refuses!(
        of_logs.evans_karras(Draws::new(10)),
        Error::InvalidOption { .. },
        "draws"
    );
    refuses!(
        of_logs.clone().lags(Lags::Fixed(9)).evans_karras(draws),
        Error::TooFewPeriods { .. },
        "9 lagged differences"
    );
    refuses!(
        of(&walks(&years, 2))
            .and_then(|g| g.relative_to(Reference::LogMean))
            .unwrap()
            .evans_karras(draws),
        Error::TooFewUnits { needed: 3, .. },
        "Evans and Karras"
    );
    let one = StochasticConvergence::of_series(&walks(&years, 1), "gdp").unwrap();
    for error in [
        one.ips().map(|_| ()),
        one.llc().map(|_| ()),
        one.fisher().map(|_| ()),
        one.hadri().map(|_| ()),
        one.cips(0, draws).map(|_| ()),
        one.cross_dependence().map(|_| ()),
    ] {
        refuses!(
            error,
            Error::TooFewUnits {
                needed: 2,
                n: 1,
                ..
            },
            "2 units"
        );
    }
    assert!(one.adf_all().is_ok());
    let table = Table::from_columns([("y", array![1.0, 3.0, 2.0])]).unwrap();
    refuses!(
        CrossDependence::of_residuals(&Regression::of("y").fit(&table).unwrap()),
        Error::Unsupported { .. },
        "`Fit::residual_moran`",
    );
    let short = Regression::of("gdp").fit(&walks(&[2000, 2001], 3)).unwrap();
    refuses!(
        CrossDependence::of_residuals(&short),
        Error::TooFewPeriods {
            needed: 3,
            periods: 2,
            ..
        },
        "correlation",
    );
}

/// Four units in three years.
fn moving() -> Panel {
    let x = array![
        [1.0, 2.0, 3.0, 4.0],
        [2.0, 1.0, 3.5, 4.0],
        [1.0, 2.5, 4.0, 3.0]
    ];
    Panel::from_columns(
        &named(&["a", "b", "c", "d"]),
        &[2000, 2001, 2002],
        [("x", x)],
    )
    .unwrap()
    .label("side", ["east", "east", "west", "west"])
    .unwrap()
}

/// The same panel with other values in one year.
fn moved(year: usize, values: [f64; 4]) -> Panel {
    let panel = moving();
    let mut x = panel.values("x").unwrap().to_owned();
    x.row_mut(year).assign(&Array1::from(values.to_vec()));
    Panel::from_columns(panel.units(), panel.periods(), [("x", x)]).unwrap()
}

#[test]
fn classes_that_cannot_be_made() {
    let of = |panel: &Panel, classes: Classes| MarkovChain::of(panel, "x", &classes);
    let panel = moving();
    assert!(of(&panel, Classes::quantiles(3).by_period().relative()).is_ok());
    refuses!(
        MarkovChain::of(&panel, "y", &Classes::quantiles(2)),
        Error::UnknownColumn { name, .. } if name == "y", "no column `y`",
    );
    for k in [0, 1, 1001] {
        refuses!(
            of(&panel, Classes::quantiles(k)),
            Error::InvalidOption {
                option: "classes",
                ..
            },
            "2 to 1000",
        );
    }
    for cuts in [
        vec![],
        vec![2.0, 2.0],
        vec![3.0, 2.0],
        vec![f64::NAN],
        vec![f64::INFINITY],
    ] {
        refuses!(
            of(&panel, Classes::cut_points(cuts)),
            Error::InvalidOption {
                option: "cut_points",
                ..
            },
            "strictly increasing",
        );
    }
    refuses!(
        of(&panel, Classes::cut_points([2.0]).by_period()),
        Error::InvalidOption {
            option: "by_period",
            ..
        },
        "quantiles",
    );
    refuses!(
        of(&moved(1, [2.0, 2.0, 2.0, 4.0]), Classes::quantiles(4).by_period()),
        Error::TiedCutPoints { column, period: Some(2001), classes: 4, first: 1, value: 2.0 } if column == "x",
        "column `x`, period 2001", "cut points 1 and 2 of its 4", "both 2", "fewer classes",
    );
    let same = Array2::from_elem((3, 4), 7.0);
    let same = Panel::from_columns(panel.units(), panel.periods(), [("x", same)]).unwrap();
    refuses!(
        of(&same, Classes::quantiles(3).relative()),
        Error::TiedCutPoints {
            period: None,
            first: 1,
            ..
        },
        "cut points 1 and 2",
    );
    // One cut point cannot be tied, but the class above it is empty.
    refuses!(
        of(&same, Classes::quantiles(2)),
        Error::EmptyClass { class, .. } if class == "2 of 2", "quantiles of `x`: class 2 of 2", "fewer classes",
    );
    refuses!(
        of(&moved(2, [1.0, 5.0, 5.0, 5.0]), Classes::quantiles(2).by_period()),
        Error::EmptyClass { what, .. } if what.contains("2002"), "period 2002",
    );
    refuses!(
        of(&panel, Classes::quantiles(5).by_period()),
        Error::TooFewUnits {
            needed: 5,
            n: 4,
            ..
        },
        "5 quantile classes of `x`",
    );
    refuses!(
        of(&panel, Classes::quantiles(13)),
        Error::TooFewUnits {
            needed: 5,
            n: 4,
            ..
        },
        "13 quantile classes",
    );
    refuses!(
        of(&moved(1, [-9.0, 1.0, 2.0, 3.0]), Classes::quantiles(2).relative()),
        Error::Unsupported { what, .. } if what.contains("2001"), "without `relative`",
    );
    refuses!(
        of(&panel.between(2001, 2001).unwrap(), Classes::quantiles(2)),
        Error::TooFewPeriods {
            needed: 2,
            periods: 1,
            ..
        },
        "a Markov chain of `x`",
    );
    let gap = panel.values("x").unwrap().to_owned();
    let gap = Panel::from_columns(panel.units(), &[2000, 2001, 2005], [("x", gap)]).unwrap();
    refuses!(
        of(&gap, Classes::quantiles(2)),
        Error::Unsupported { what, .. } if what.contains("evenly spaced"), "2001 to 2005 one of 4", "between",
    );
    // One unit is enough for pooled classes.
    let one = panel.aligned_to(&named(&["b"])).unwrap();
    assert!(of(&one, Classes::quantiles(2)).is_ok());
    refuses!(
        of(&one, Classes::quantiles(2).by_period()),
        Error::TooFewUnits {
            needed: 2,
            n: 1,
            ..
        },
        "use more units",
    );
}

#[test]
fn chains_without_an_answer() {
    let chain = |m: Array2<f64>| MarkovChain::from_transitions(m).unwrap();
    refuses!(
        MarkovChain::from_transitions(Array2::ones((2, 3))),
        Error::LengthMismatch {
            expected: 2,
            found: 3,
            ..
        },
        "columns of the transitions",
    );
    for bad in [
        array![[1.0, -1.0], [0.0, 1.0]],
        array![[1.0, f64::NAN], [0.0, 1.0]],
        Array2::zeros((2, 2)),
    ] {
        refuses!(
            MarkovChain::from_transitions(bad),
            Error::InvalidOption {
                option: "transitions",
                ..
            },
            "not negative",
        );
    }
    refuses!(
        MarkovChain::from_transitions(array![[1.0]]),
        Error::InvalidOption {
            option: "classes",
            ..
        },
        "2 to 1000",
    );
    refuses!(
        MarkovChain::from_states(array![[0, 1], [2, 0]].view(), 2),
        Error::InvalidValue { cell, value: 2.0, .. } if cell.unit == "0" && cell.period == Some(1),
        "unit `0`, period 1", "0 to k - 1",
    );
    refuses!(
        MarkovChain::from_states(array![[0, 1]].view(), 2),
        Error::TooFewPeriods { .. },
        "at least 2 periods",
    );
    refuses!(
        MarkovChain::from_states(Array2::zeros((3, 0)).view(), 2),
        Error::TooFewUnits { n: 0, .. },
        "a Markov chain",
    );
    // A class without transitions.
    let never = chain(array![[1.0, 1.0], [0.0, 0.0]]);
    assert!(never.probabilities_from(1).is_none() && never.probabilities_from(9).is_none());
    refuses!(
        never.probabilities(),
        Error::EmptyClass { class, .. } if class == "2", "class 2", "no transition that starts in it",
    );
    for refused in [
        never.ergodic().err(),
        never.mean_first_passage().err(),
        never.sojourn_times().err(),
        never.mobility(MobilityIndex::Trace).err(),
        never.prais().err(),
        never.half_life().err(),
    ] {
        assert!(matches!(refused, Some(Error::EmptyClass { .. })));
    }
    // Two classes that are never left, and one that is.
    let split = chain(array![[1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 1.0]]);
    let split = split.labelled(["poor", "middle", "rich"]).unwrap();
    refuses!(
        split.ergodic(),
        Error::SeveralClosedSets { sets, .. } if sets.len() == 2, "{poor}, {rich}", "is not unique",
    );
    refuses!(
        split.half_life(),
        Error::HalfLifeUndefined { .. },
        "no half-life"
    );
    assert_eq!(split.sojourn_times().unwrap()[0], None);
    assert_eq!(split.passage_to(0).unwrap(), [Some(1.0), None, None]);
    refuses!(
        split.labelled(["one"]),
        Error::LengthMismatch {
            expected: 3,
            found: 1,
            ..
        },
        "names of the classes",
    );
    let transient = chain(array![[1.0, 1.0], [0.0, 2.0]]);
    refuses!(
        transient.mean_first_passage(),
        Error::Unsupported { .. },
        "left for good",
        "passage_to",
    );
    refuses!(
        transient.passage_to(2),
        Error::InvalidOption {
            option: "class",
            ..
        },
        "0 to k - 1",
    );
    // What needs histories.
    for refused in [
        transient.step(2).err(),
        transient.bootstrap(Draws::new(100)).err(),
        transient.homogeneity_over_time([2001]).err(),
        transient.homogeneity_across(&moving(), "side").err(),
        transient.order_test(2).err(),
        transient
            .mobility(MobilityIndex::Crossings(InitialDistribution::First))
            .err(),
    ] {
        assert!(
            matches!(refused, Some(Error::Unsupported { why, .. }) if why.contains("from_states"))
        );
    }
    let states = MarkovChain::of(&moving(), "x", &Classes::quantiles(2)).unwrap();
    refuses!(
        states.step(0),
        Error::InvalidOption { option: "step", .. },
        "one period"
    );
    refuses!(
        states.step(3),
        Error::TooFewPeriods { needed: 4, .. },
        "at least 4 periods"
    );
    refuses!(
        states.bootstrap(Draws::new(9)),
        Error::InvalidOption {
            option: "draws",
            ..
        },
        "100",
    );
    let one = MarkovChain::from_states(array![[0], [1], [0], [0]].view(), 2).unwrap();
    refuses!(
        one.bootstrap(Draws::new(100)),
        Error::TooFewUnits {
            needed: 2,
            n: 1,
            ..
        },
        "a bootstrap",
    );
    // Only the last of many units leaves the first class.
    let rare = Array2::from_shape_fn((3, 30), |(t, i)| usize::from(t == 1 && i == 29));
    let rare = MarkovChain::from_states(rare.view(), 2).unwrap();
    assert!(!rare.bootstrap(Draws::new(200)).unwrap().notes().is_empty());
}

#[test]
fn ranks_that_are_tied() {
    let panel = moved(1, [2.0, 3.5, 3.5, 4.0]);
    for chain in [MarkovChain::full_rank, MarkovChain::geographic_rank] {
        refuses!(
            chain(&panel, "x", RankTies::Refused),
            Error::InvalidValue { cell, value: 3.5, .. } if cell.unit == "c" && cell.period == Some(2001),
            "unit `c`, period 2001", "RankTies::InUnitOrder",
        );
        assert!(chain(&panel, "x", RankTies::InUnitOrder).is_ok());
        let ranks = chain(&moving(), "x", RankTies::Refused).unwrap();
        refuses!(
            ranks.bootstrap(Draws::new(100)),
            Error::Unsupported { .. },
            "share a rank",
        );
        refuses!(
            chain(
                &panel.aligned_to(&named(&["b"])).unwrap(),
                "x",
                RankTies::Refused
            ),
            Error::TooFewUnits {
                needed: 2,
                n: 1,
                ..
            },
            "ranks of `x`",
        );
    }
    let many = Panel::from_columns(
        &Units::range(1001),
        &[1, 2],
        [("x", Array2::zeros((2, 1001)))],
    )
    .unwrap();
    refuses!(
        MarkovChain::full_rank(&many, "x", RankTies::InUnitOrder),
        Error::TooLarge {
            n: 1001,
            limit: 1000,
            ..
        },
        "by_period",
    );
    let units = MarkovChain::geographic_rank(&moving(), "x", RankTies::Refused).unwrap();
    assert!(units.states().is_none());
    refuses!(
        units.homogeneity_across(&moving(), "side"),
        Error::Unsupported { .. },
        "its units are ranks",
    );
}

#[test]
fn tests_of_chains_without_an_answer() {
    let panel = moving();
    let chain = MarkovChain::of(&panel, "x", &Classes::quantiles(2)).unwrap();
    refuses!(
        chain.homogeneity_over_time([1999]),
        Error::UnknownPeriod { available, .. } if available == &[2001], "no period",
    );
    for year in ["2000", "2002"] {
        refuses!(
            chain.homogeneity_over_time([year.parse().unwrap()]),
            Error::InvalidOption { option: "breaks", value, .. } if value == year, "after the first",
        );
    }
    refuses!(
        chain.homogeneity_over_time([2001, 2001]),
        Error::InvalidOption {
            option: "breaks",
            ..
        },
        "increasing",
    );
    refuses!(
        chain.homogeneity_over_time([]),
        Error::InvalidOption {
            option: "strata",
            ..
        },
        "two strata",
    );
    refuses!(
        chain.homogeneity_across(&panel, "region"),
        Error::UnknownColumn { .. },
        "no column `region`",
    );
    let others = panel.without(["d"]).unwrap();
    refuses!(
        chain.homogeneity_across(&others, "side"),
        Error::UnitsDiffer { .. },
        "the chain",
        "the panel",
    );
    let still = array![[3.0, 0.0], [0.0, 4.0]];
    refuses!(
        Homogeneity::of([("a", still.clone()), ("b", still.clone())]),
        Error::Unsupported { .. },
        "nothing to compare",
    );
    refuses!(
        Homogeneity::of([("a", still.clone()), ("b", Array2::ones((3, 3)))]),
        Error::LengthMismatch {
            expected: 2,
            found: 3,
            ..
        },
        "stratum `b`",
    );
    let parts = Homogeneity::of([("a", array![[1.5, 1.0], [1.0, 1.0]]), ("b", still)]).unwrap();
    refuses!(
        parts.permutation(Permutations::new(9)),
        Error::Unsupported { .. },
        "not whole numbers",
    );
    let whole =
        Homogeneity::of([("a", Array2::ones((2, 2))), ("b", Array2::ones((2, 2)))]).unwrap();
    refuses!(
        whole.permutation(Permutations::all()),
        Error::Unsupported { .. },
        "take a sample",
    );
    refuses!(
        whole.permutation(Permutations::new(0)),
        Error::InvalidOption { .. },
        "permutations",
    );
    refuses!(
        chain.test_against(Array2::ones((3, 3)).view()),
        Error::LengthMismatch {
            expected: 2,
            found: 3,
            ..
        },
        "given probabilities",
    );
    refuses!(
        chain.test_against(array![[0.5, 0.4], [0.5, 0.5]].view()),
        Error::InvalidOption { value, .. } if value.contains("row 1"), "sum one",
    );
    let seen = MarkovChain::from_transitions(array![[2.0, 1.0], [0.0, 3.0]]).unwrap();
    refuses!(
        seen.test_against(array![[1.0, 0.0], [0.5, 0.5]].view()),
        Error::InvalidOption { .. },
        "refute",
    );
    let fixed = MarkovChain::from_transitions(array![[2.0, 0.0], [0.0, 3.0]]).unwrap();
    refuses!(
        fixed.test_against(array![[1.0, 0.0], [0.0, 1.0]].view()),
        Error::Unsupported { .. },
        "no choice",
    );
    refuses!(
        chain.order_test(3),
        Error::InvalidOption {
            option: "order",
            ..
        },
        "1 (against"
    );
    refuses!(
        MarkovChain::of(
            &panel.between(2000, 2001).unwrap(),
            "x",
            &Classes::quantiles(2)
        )
        .unwrap()
        .order_test(2),
        Error::TooFewPeriods {
            needed: 3,
            periods: 2,
            ..
        },
        "second order",
    );
    let one_way = MarkovChain::from_transitions(array![[2.0, 0.0], [2.0, 0.0]]).unwrap();
    refuses!(one_way.order_test(1), Error::Unsupported { .. }, "order 1");
}

#[test]
fn neighbours_that_have_no_class() {
    let panel = moving();
    let units = panel.units();
    let raw = Weights::from_pairs(units, [("a", "b"), ("b", "c"), ("c", "d")]).unwrap();
    let w = raw.row_standardized().unwrap();
    let of = |w: &Weights| SpatialMarkov::of(&panel, "x", w, &Classes::quantiles(2));
    assert!(of(&w).is_ok() && LisaMarkov::of(&panel, "x", &raw).is_ok());
    refuses!(
        of(&raw),
        Error::Unsupported { what, .. } if what.contains("not row-standardised"), "`b` have the sum 2", "row_standardized",
    );
    let island = Weights::from_pairs(units, [("a", "b"), ("b", "c")])
        .unwrap()
        .islands_kept();
    let island = island.row_standardized().unwrap();
    refuses!(
        of(&island),
        Error::Unsupported { .. },
        "without neighbours: `d`",
        "islands_attached"
    );
    refuses!(
        LisaMarkov::of(&panel, "x", &island),
        Error::Unsupported { .. },
        "without neighbours: `d`",
    );
    refuses!(
        of(&line(4).row_standardized().unwrap()),
        Error::UnitsDiffer { .. },
        "the panel",
        "the weights"
    );
    refuses!(
        SpatialMarkov::with_lag_classes(
            &panel,
            "x",
            &w,
            &Classes::quantiles(2).relative(),
            &Classes::quantiles(2)
        ),
        Error::InvalidOption {
            option: "lag_classes",
            ..
        },
        "for both",
    );
    let spatial = SpatialMarkov::with_lag_classes(
        &panel,
        "x",
        &w,
        &Classes::quantiles(2),
        &Classes::cut_points([99.0]),
    )
    .unwrap();
    refuses!(
        spatial.conditional(1),
        Error::EmptyClass { class, .. } if class.contains("above 99"), "the conditional chain of x",
    );
    refuses!(
        spatial.conditional(2),
        Error::InvalidOption {
            option: "lag_class",
            ..
        },
        "counted from 0"
    );
    refuses!(
        spatial.homogeneity(),
        Error::Unsupported { .. },
        "nothing to compare"
    );
    refuses!(
        spatial.against_rest(0),
        Error::Unsupported { .. },
        "fewer classes"
    );
    refuses!(
        LisaMarkov::of(&moved(1, [5.0; 4]), "x", &raw),
        Error::Constant { name, .. } if name == "x, period 2001", "`x, period 2001`",
    );
    let still = Array2::from_shape_fn((3, 4), |(_, i)| i as f64);
    let still = Panel::from_columns(units, panel.periods(), [("x", still)]).unwrap();
    let still = LisaMarkov::of(&still, "x", &raw).unwrap();
    refuses!(
        still.independence(),
        Error::Unsupported { .. },
        "hardly change sides"
    );
    let lisa = LisaMarkov::of(&panel, "x", &raw).unwrap();
    refuses!(
        lisa.significant(Permutations::new(99), 2.0, None),
        Error::InvalidOption { .. },
        "level",
    );
    refuses!(
        lisa.chain().clone().labelled(["HH", "LH", "LL", "LH"]),
        Error::InvalidOption { .. },
        "LH twice",
    );
}
