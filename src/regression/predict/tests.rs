//! Predictions beside dense algebra, numerical derivatives and a closed form; what new units need.

use ndarray::{Array1, Array2, array};

use super::{JoinedWeights, Prediction};
use crate::data::{Table, Units};
use crate::error::Error;
use crate::linalg::dense;
use crate::regression::{Fit, Regression};
use crate::weights::Weights;

const KINDS: [Prediction; 5] = [
    Prediction::Trend,
    Prediction::Signal,
    Prediction::TrendSignal,
    Prediction::ReducedForm,
    Prediction::Best,
];

/// A ring with chords, not symmetric, whose rows differ in length.
fn first(n: usize) -> Weights {
    let links = (0..n).flat_map(|i| {
        let far = (i % 3 == 0).then_some((i, (i * 7 + 3) % n, 0.5));
        [(i, (i + 1) % n, 1.0), (i, (i + n - 1) % n, 1.0)]
            .into_iter()
            .chain(far)
    });
    Weights::from_links_at(&Units::range(n), links.filter(|(i, j, _)| i != j)).unwrap()
}

/// Two steps round the ring, both ways.
fn second(n: usize) -> Weights {
    let links = (0..n).flat_map(|i| [(i, (i + 2) % n, 1.0), (i, (i + n - 2) % n, 1.0)]);
    Weights::from_links_at(&Units::range(n), links).unwrap()
}

fn table(n: usize) -> Table {
    let wave = |a: f64, b: f64| -> Array1<f64> {
        (0..n)
            .map(|i| (a * i as f64).sin() + b * (i as f64 * 0.37).cos())
            .collect()
    };
    let (x, z) = (wave(1.3, 0.5), wave(2.1, -0.7));
    let y = &x * 2.0 - &z + wave(0.61, 1.5) + 3.0;
    Table::from_columns([("x", x), ("z", z), ("y", y)]).unwrap()
}

/// The eight models, with different weights for each term.
fn models(w: &Weights, m: &Weights) -> Vec<Regression> {
    let base = || Regression::of("y").on(["x", "z"]);
    vec![
        base(),
        base().durbin(w),
        base().spatial_lag(w),
        base().spatial_error(m),
        base().spatial_lag(w).durbin(m),
        base().spatial_error(m).durbin(w),
        base().spatial_lag(w).spatial_error(m),
        base().spatial_lag(w).spatial_error(m).durbin(w),
    ]
}

/// (X, A, B) over the joined units.
fn dense_parts(
    fit: &Fit,
    x: &Array2<f64>,
    w: &Weights,
    m: &Weights,
) -> (Array1<f64>, Array2<f64>, Array2<f64>) {
    let n = w.n();
    let filter = |value: f64, w: &Weights| Array2::eye(n) - w.csr().to_dense() * value;
    (
        x.dot(fit.b()),
        filter(fit.lag().map_or(0.0, |p| p.value), w),
        filter(fit.error().map_or(0.0, |p| p.value), m),
    )
}

/// The columns named over all units.
fn columns(whole: &Table, names: &[String], durbin: &Weights) -> Array2<f64> {
    let mut x = Array2::ones((whole.len(), names.len()));
    for (j, column) in names.iter().enumerate().skip(1) {
        let values = match column.strip_prefix("W ") {
            Some("const") => durbin.csr().row_sums(),
            Some(of) => durbin.lag(whole.variable(of).unwrap()).unwrap(),
            None => whole.values(column).unwrap().to_owned(),
        };
        x.column_mut(j).assign(&values);
    }
    x
}

fn near(what: &str, found: &Array1<f64>, wanted: &Array1<f64>) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    for (a, b) in found.iter().zip(wanted) {
        assert!(
            (a - b).abs() <= 1e-9 * (1.0 + b.abs()),
            "{what}: {a} and {b}"
        );
    }
}

#[test]
fn in_sample_by_dense_algebra() {
    let n = 30;
    let (w, m) = (
        first(n).row_standardized().unwrap(),
        second(n).row_standardized().unwrap(),
    );
    let t = table(n);
    for regression in models(&w, &m) {
        let fit = regression.fit(&t).unwrap();
        let name = fit.model().abbreviation();
        let (trend, a, b) = dense_parts(&fit, &fit.x().to_owned(), &w, &m);
        let reduced = dense::inverse(a.view(), "A").unwrap().dot(&trend);
        let c = b.dot(&a);
        let q = c.t().dot(&c);
        let gap = fit.y() - &reduced;
        let best = Array1::from_shape_fn(n, |i| {
            let others: f64 = (0..n).filter(|j| *j != i).map(|j| q[[i, j]] * gap[j]).sum();
            reduced[i] - others / q[[i, i]]
        });
        for (kind, wanted) in KINDS.into_iter().zip([
            trend.clone(),
            fit.fitted() - &trend,
            fit.fitted(),
            reduced.clone(),
            best,
        ]) {
            let found = fit.predict(kind).unwrap();
            near(
                &format!("{name} {kind}"),
                &found.values().to_owned(),
                &wanted,
            );
        }
    }
}

/// Standard errors of the reduced form by differences of A^-1 X b.
#[test]
fn std_errors_by_numerical_derivatives() {
    let n = 30;
    let w = first(n).row_standardized().unwrap();
    let fit = Regression::of("y")
        .on(["x", "z"])
        .spatial_lag(&w)
        .durbin(&w)
        .fit(&table(n))
        .unwrap();
    let k = fit.b().len();
    let at = |p: &Array1<f64>| {
        let a = Array2::eye(n) - w.csr().to_dense() * p[k];
        let b = p.slice_axis(ndarray::Axis(0), (..k).into()).to_owned();
        dense::inverse(a.view(), "A").unwrap().dot(&fit.x().dot(&b))
    };
    let p = fit.location();
    let h = 1e-5;
    let columns: Vec<Array1<f64>> = (0..=k)
        .map(|j| {
            let (mut up, mut down) = (p.clone(), p.clone());
            up[j] += h;
            down[j] -= h;
            (at(&up) - at(&down)) / (2.0 * h)
        })
        .collect();
    let v = fit.vcov_of_location();
    let wanted = Array1::from_shape_fn(n, |i| {
        let g: Array1<f64> = columns.iter().map(|c| c[i]).collect();
        g.dot(&v.dot(&g)).sqrt()
    });
    let found = fit.predict(Prediction::ReducedForm).unwrap();
    for (a, b) in found.std_errors().unwrap().iter().zip(&wanted) {
        assert!((a - b).abs() < 1e-6 * b);
    }
    let trend = fit.predict(Prediction::Trend).unwrap();
    let v = crate::linalg::least_squares::block(&v, k);
    for (e, row) in trend.std_errors().unwrap().iter().zip(fit.x().rows()) {
        assert!((e - row.dot(&v.dot(&row)).sqrt()).abs() < 1e-12);
    }
}

/// All joined units are 30; 7 of them are new, the joined weights have another order than the sample.
#[test]
fn new_units_by_dense_algebra() {
    let n = 30;
    let new: Vec<usize> = vec![28, 3, 4, 11, 17, 0, 22];
    let ids: Vec<String> = new.iter().map(ToString::to_string).collect();
    let (w, m) = (
        first(n).row_standardized().unwrap(),
        second(n).row_standardized().unwrap(),
    );
    let whole = table(n);
    let sample = whole.without(&ids).unwrap();
    let among = |w: &Weights| {
        let w = w.raw().only(sample.units()).unwrap().islands_kept();
        w.row_standardized().unwrap()
    };
    let (ws, ms) = (among(&w), among(&m));
    let new_table = whole.aligned_to(&Units::new(ids.clone()).unwrap()).unwrap();
    let turned = Units::new((0..n).map(|i| ((i * 7 + 5) % n).to_string())).unwrap();
    let (wj, mj) = (w.only(&turned).unwrap(), m.only(&turned).unwrap());
    let joined = JoinedWeights::new().spatial_lag(&wj).spatial_error(&mj);
    let s: Vec<usize> = (0..n).filter(|i| !new.contains(i)).collect();
    for (regression, durbin) in models(&ws, &ms)
        .into_iter()
        .zip([&w, &w, &w, &w, &m, &w, &w, &w])
    {
        let fit = regression.fit(&sample).unwrap();
        let name = fit.model().abbreviation();
        let names = &fit.sample.design.names;
        let x = columns(&whole, names, durbin);
        let (trend, a, b) = dense_parts(&fit, &x, &w, &m);
        let reduced = dense::inverse(a.view(), "A").unwrap().dot(&trend);
        let c = b.dot(&a);
        let q = c.t().dot(&c);
        let y = whole.values("y").unwrap();
        let part = |rows: &[usize], columns: &[usize]| {
            Array2::from_shape_fn((rows.len(), columns.len()), |(i, j)| {
                q[[rows[i], columns[j]]]
            })
        };
        let gap: Array1<f64> = s.iter().map(|&i| y[i] - reduced[i]).collect();
        let at_new = |v: &Array1<f64>| -> Array1<f64> { new.iter().map(|&i| v[i]).collect() };
        let best = at_new(&reduced)
            - dense::inverse(part(&new, &new).view(), "Q")
                .unwrap()
                .dot(&part(&new, &s).dot(&gap));
        let spread = |v: &Array1<f64>| {
            let mut out = Array1::zeros(n);
            s.iter().zip(v).for_each(|(&i, v)| out[i] = *v);
            out
        };
        let signal = {
            let mut out = Array1::zeros(n);
            if let Some(p) = fit.lag() {
                out = out + w.csr().product(spread(fit.y()).view()) * p.value;
            }
            if let Some(p) = fit.error() {
                let mut u = fit.y() - &fit.x().dot(fit.b());
                if let Some(p) = fit.lag() {
                    u = u - ws.csr().product(fit.y().view()) * p.value;
                }
                out = out + m.csr().product(spread(&u).view()) * p.value;
            }
            out
        };
        let dj = if std::ptr::eq(durbin, &raw const m) {
            &mj
        } else {
            &wj
        };
        for (kind, wanted) in KINDS.into_iter().zip([
            at_new(&trend),
            at_new(&signal),
            at_new(&(&trend + &signal)),
            at_new(&reduced),
            best,
        ]) {
            for table in [&new_table, &whole] {
                let found = fit
                    .predict_for(table, joined.clone().durbin(dj), kind)
                    .unwrap();
                // In the order of the table.
                let order: Vec<usize> = found.units().iter().map(|u| u.parse().unwrap()).collect();
                let wanted: Array1<f64> = order
                    .iter()
                    .map(|i| wanted[new.iter().position(|j| j == i).unwrap()])
                    .collect();
                near(
                    &format!("{name} {kind} for new units"),
                    &found.values().to_owned(),
                    &wanted,
                );
            }
        }
    }
}

/// Weights of the observations make the precision A'B'DBA.
#[test]
fn weighted_observations_by_dense_algebra() {
    let n = 30;
    let (w, m) = (
        first(n).row_standardized().unwrap(),
        second(n).row_standardized().unwrap(),
    );
    let size: Array1<f64> = (0..n).map(|i| 1.0 + (i % 5) as f64).collect();
    let t = table(n).column("size", size.clone()).unwrap();
    let regression = Regression::of("y")
        .on(["x", "z"])
        .spatial_lag(&w)
        .spatial_error(&m);
    let parts = |fit: &Fit| {
        let x = columns(&t, &fit.sample.design.names, &w);
        let (trend, a, b) = dense_parts(fit, &x, &w, &m);
        let c = b.dot(&a);
        let q = c.t().dot(&Array2::from_diag(&size)).dot(&c);
        (dense::inverse(a.view(), "A").unwrap().dot(&trend), q)
    };
    let fit = regression.weighted_by("size").fit(&t).unwrap();
    let (reduced, q) = parts(&fit);
    let best = fit.y() - &(q.dot(&(fit.y() - &reduced)) / q.diag());
    near(
        "best",
        &fit.predict(Prediction::Best).unwrap().values().to_owned(),
        &best,
    );
    // Two neighbours that are new.
    let sample = t.without(["12", "13"]).unwrap();
    let among = |w: &Weights| w.only(sample.units()).unwrap();
    let fit = Regression::of("y")
        .on(["x", "z"])
        .spatial_lag(&among(&w))
        .spatial_error(&among(&m))
        .weighted_by("size")
        .fit(&sample)
        .unwrap();
    let (reduced, q) = parts(&fit);
    let gap = t.values("y").unwrap().to_owned() - &reduced;
    let to = |i: usize| -> f64 {
        (0..n)
            .filter(|j| *j != 12 && *j != 13)
            .map(|j| q[[i, j]] * gap[j])
            .sum()
    };
    let det = q[[12, 12]] * q[[13, 13]] - q[[12, 13]] * q[[13, 12]];
    let (a, b) = (to(12), to(13));
    let wanted = array![
        reduced[12] - (q[[13, 13]] * a - q[[12, 13]] * b) / det,
        reduced[13] - (q[[12, 12]] * b - q[[13, 12]] * a) / det
    ];
    let joined = JoinedWeights::new().spatial_lag(&w).spatial_error(&m);
    let found = fit.predict_for(&t, joined, Prediction::Best).unwrap();
    near("best of new units", &found.values().to_owned(), &wanted);
}

/// Above the size of dense matrices: new units far apart are predicted alone, each from its neighbours.
#[test]
fn many_units() {
    let n = 1_500;
    let w = second(n).row_standardized().unwrap();
    let whole = table(n);
    let ids = ["7", "700", "1400"];
    let sample = whole.without(ids).unwrap();
    let fit = Regression::of("y")
        .on(["x", "z"])
        .spatial_error(&w.only(sample.units()).unwrap())
        .fit(&sample)
        .unwrap();
    let lambda = fit.error().unwrap().value;
    let best = fit.predict_for(&whole, &w, Prediction::Best).unwrap();
    let u: Array1<f64> = {
        let b = fit.b();
        let trend = |i: usize| {
            b[0] + b[1] * whole.values("x").unwrap()[i] + b[2] * whole.values("z").unwrap()[i]
        };
        (0..n)
            .map(|i| whole.values("y").unwrap()[i] - trend(i))
            .collect()
    };
    // One dimension, W of weights one half: Q_ii = 1 + lambda² / 2, at two steps -lambda, at four lambda² / 4.
    for (id, value) in ids.iter().zip(best.values()) {
        let i: usize = id.parse().unwrap();
        let trend = whole.values("y").unwrap()[i] - u[i];
        let at = |d: usize| u[(i + d) % n] + u[(i + n - d) % n];
        let wanted = trend
            - (-lambda * at(2) + lambda * lambda / 4.0 * at(4)) / (1.0 + lambda * lambda / 2.0);
        assert!(
            (value - wanted).abs() < 1e-10 * wanted.abs().max(1.0),
            "{value} and {wanted}"
        );
    }
}

/// A column that is only lagged, and everything that can be missing.
#[test]
fn what_new_units_need() {
    let n = 30;
    let (w, m) = (
        first(n).row_standardized().unwrap(),
        second(n).row_standardized().unwrap(),
    );
    let whole = table(n);
    let sample = whole.without(["29"]).unwrap();
    let (ws, ms) = (
        w.only(sample.units()).unwrap(),
        m.only(sample.units()).unwrap(),
    );
    let new = whole.aligned_to(&Units::new(["29"]).unwrap()).unwrap();
    let fit = |r: Regression| r.fit(&sample).unwrap();
    let only_lagged = fit(Regression::of("y")
        .on(["x"])
        .durbin_of(["z"], &ws)
        .spatial_lag(&ws));
    let refused = |fit: &Fit, t: &Table, j: JoinedWeights, says: &str| {
        let e = fit.predict_for(t, j, Prediction::Best).unwrap_err();
        assert!(e.to_string().contains(says), "{e}");
        e
    };
    let e = refused(&only_lagged, &new, (&w).into(), "lacks unit `0`");
    assert!(matches!(e, Error::Unsupported { .. }));
    assert!(
        only_lagged
            .predict_for(&whole, &w, Prediction::Best)
            .is_ok()
    );
    let sar = fit(Regression::of("y").on(["x"]).spatial_lag(&ws));
    let e = refused(&sar, &new, (&ws).into(), "`29`");
    assert!(matches!(e, Error::UnknownUnit { .. }));
    let e = refused(&sar, &sample, (&w).into(), "in the sample");
    assert!(matches!(e, Error::Unsupported { .. }));
    let e = refused(&sar, &new, JoinedWeights::new(), "rho W y needs weights");
    assert!(matches!(e, Error::Unsupported { .. }));
    assert!(
        sar.predict_for(&new, JoinedWeights::new(), Prediction::Trend)
            .is_ok()
    );
    let e = refused(
        &sar,
        &new,
        first(n).min_max_normalized().as_ref().unwrap().into(),
        "another way",
    );
    assert!(matches!(e, Error::Unsupported { .. }));
    let nameless = Table::over(&Units::new(["29"]).unwrap())
        .column("z", array![1.0])
        .unwrap();
    let e = refused(&sar, &nameless, (&w).into(), "no column `x`");
    assert!(matches!(e, Error::UnknownColumn { .. }));
    // A joined unit that is neither in the sample nor in the table.
    let (w31, t31) = (first(31).row_standardized().unwrap(), table(31));
    let fewer = Regression::of("y")
        .on(["x"])
        .spatial_lag(&ws)
        .fit(&sample)
        .unwrap();
    let e = refused(&fewer, &new, (&w31).into(), "`30`");
    assert!(matches!(e, Error::UnknownUnit { .. }));
    drop(t31);
    let two = fit(Regression::of("y").on(["x"]).spatial_lag(&ws).durbin(&ms));
    let e = refused(&two, &new, (&w).into(), "different weights");
    assert!(matches!(e, Error::Unsupported { .. }));
    let shown = sar
        .predict_for(&new, &w, Prediction::Trend)
        .unwrap()
        .to_string();
    assert!(
        shown.starts_with("Prediction of `y`: trend, 1 units"),
        "{shown}"
    );
}

#[test]
fn weights_and_regimes_of_new_units() {
    let n = 30;
    let w = second(n).row_standardized().unwrap();
    let size: Array1<f64> = (0..n).map(|i| if i == 29 { 0.0 } else { 2.0 }).collect();
    let side = (0..n).map(|i| if i % 2 == 0 { "even" } else { "odd" });
    let whole = table(n).column("size", size).unwrap();
    let whole = whole.label("side", side).unwrap();
    let sample = whole.without(["29"]).unwrap();
    let base = || {
        Regression::of("y")
            .on(["x"])
            .spatial_error(&w.only(sample.units()).unwrap())
    };
    let weighted = base().weighted_by("size").fit(&sample).unwrap();
    let e = weighted
        .predict_for(&whole, &w, Prediction::Best)
        .unwrap_err();
    assert!(matches!(e, Error::NonPositive { .. }), "{e}");
    assert!(
        weighted
            .predict_for(&whole, &w, Prediction::TrendSignal)
            .is_ok()
    );
    assert!(matches!(
        weighted.hausman_test(),
        Err(Error::Unsupported { .. })
    ));
    let split = base().regimes("side").fit(&sample).unwrap();
    assert!(split.predict(Prediction::Best).is_ok());
    let e = split
        .predict_for(&whole, &w, Prediction::Trend)
        .unwrap_err();
    assert!(matches!(e, Error::Unsupported { .. }), "{e}");
}
