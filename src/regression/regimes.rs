//! Groups of units by a label: regimes of coefficients, and groups of variances.

use std::collections::HashMap;

use ndarray::{Array1, ArrayView1};

use crate::data::Table;
use crate::error::{Error, Result};

/// The regimes that a specification asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Regimes {
    pub(crate) label: String,
    /// The terms that differ; none: all of them.
    pub(crate) terms: Option<Vec<String>>,
}

impl Regimes {
    /// Whether the term differs by group.
    pub(crate) fn has(&self, term: &str) -> bool {
        (self.terms.as_ref()).is_none_or(|terms| terms.iter().any(|t| t == term))
    }

    /// All terms asked for are there, once.
    pub(crate) fn check_terms(&self, known: &[String]) -> Result<()> {
        let terms = self.terms.as_deref().unwrap_or_default();
        if self.terms.is_some() && terms.is_empty() {
            return Err(Error::InvalidOption {
                option: "terms that differ by regime",
                value: "none".to_owned(),
                expected: "at least one regressor, or `const`; `regimes` for all",
            });
        }
        for (i, name) in terms.iter().enumerate() {
            if !known.contains(name) {
                return Err(Error::UnknownColumn {
                    name: name.clone(),
                    available: known.to_vec(),
                });
            }
            if terms[..i].contains(name) {
                return Err(Error::DuplicateColumn { name: name.clone() });
            }
        }
        Ok(())
    }
}

/// The regimes of a design: the columns of every term that differs, by group.
#[derive(Debug, Clone)]
pub(crate) struct RegimeTerms {
    pub(crate) groups: Groups,
    /// The name of the term without its group, and its columns in the order of the groups.
    pub(crate) terms: Vec<(String, Vec<usize>)>,
}

/// The groups of a label, in the order of their first unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Groups {
    pub(crate) label: String,
    pub(crate) names: Vec<String>,
    /// The group of each unit.
    pub(crate) of: Vec<u32>,
    pub(crate) sizes: Vec<usize>,
}

impl Groups {
    /// The groups of a label of the table; `what` says in errors what they are for.
    pub(crate) fn of(table: &Table, label: &str, what: &'static str) -> Result<Self> {
        if table.column_names().any(|c| c == label) {
            return Err(Error::Unsupported {
                what: format!("{what} of the numeric column `{label}`"),
                why: "groups are a label: read the column with `labels`, or add it with `Table::label`".to_owned(),
            });
        }
        let labels = table.labels(label)?;
        let mut at: HashMap<&str, u32> = HashMap::new();
        let mut names: Vec<String> = Vec::new();
        let mut sizes: Vec<usize> = Vec::new();
        let mut of = Vec::with_capacity(labels.len());
        for (i, name) in labels.iter().enumerate() {
            if name.is_empty() {
                return Err(Error::Unsupported {
                    what: format!(
                        "{what} of `{label}`, which is empty for unit `{}`",
                        table.units().name(i)
                    ),
                    why: "every unit belongs to a group; name it, or leave the unit out".to_owned(),
                });
            }
            let g = *at.entry(name).or_insert_with(|| {
                names.push(name.clone());
                sizes.push(0);
                (names.len() - 1) as u32
            });
            sizes[g as usize] += 1;
            of.push(g);
        }
        if names.len() < 2 {
            return Err(Error::Constant {
                name: label.to_owned(),
                what,
            });
        }
        Ok(Self {
            label: label.to_owned(),
            names,
            of,
            sizes,
        })
    }

    /// Number of groups.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The column where the unit is of the group, else zero.
    pub(crate) fn part(&self, v: ArrayView1<'_, f64>, group: usize) -> Array1<f64> {
        (v.iter().zip(&self.of))
            .map(|(v, g)| if *g as usize == group { *v } else { 0.0 })
            .collect()
    }

    /// The name of a parameter of one group.
    pub(crate) fn named(&self, term: &str, group: usize) -> String {
        format!("{term} [{}]", self.names[group])
    }

    /// The mean over the units of a number of their groups.
    pub(crate) fn mean(&self, values: &[f64]) -> f64 {
        let sum: f64 = (self.sizes.iter().zip(values))
            .map(|(n, v)| *n as f64 * v)
            .sum();
        sum / self.of.len() as f64
    }

    /// The names of a parameter of every group.
    pub(crate) fn all_named(&self, term: &str) -> Vec<String> {
        (0..self.len()).map(|g| self.named(term, g)).collect()
    }

    /// An error that names the group where one has too few units for coefficients of its own; `counts` of them, by group.
    pub(crate) fn check_sizes(&self, counts: &[usize]) -> Result<()> {
        for ((name, n), count) in self.names.iter().zip(&self.sizes).zip(counts) {
            if *n < count + 1 {
                return Err(Error::TooFewUnits {
                    what: format!(
                        "the regime `{name}` of `{}` with {count} coefficients of its own",
                        self.label
                    ),
                    needed: count + 1,
                    n: *n,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};

    use crate::{Error, Lattice, Regression, Table, Units, Weights};

    fn table() -> Table {
        let x = array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5, 7.0, 1.5, 0.5];
        let y = array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2, 5.5, 2.0, 1.0];
        Table::over(&Units::new(["a", "b", "c", "d", "e", "f", "g", "h", "i"]).unwrap())
            .column("x", x)
            .unwrap()
            .column("y", y)
            .unwrap()
            .column("w", Array1::from_elem(9, 2.0))
            .unwrap()
            .label("side", ["e", "e", "w", "e", "w", "e", "w", "w", "e"])
            .unwrap()
            .label("one", ["all"; 9])
            .unwrap()
            .label("tiny", ["e", "e", "e", "e", "e", "e", "e", "w", "w"])
            .unwrap()
            .label("gap", ["e", "", "e", "e", "e", "e", "e", "w", "w"])
            .unwrap()
    }

    fn refused(r: Regression) -> String {
        r.fit(&table()).unwrap_err().to_string()
    }

    #[test]
    fn bad_groups_are_named() {
        let base = || Regression::of("y").on(["x"]);
        let says = |text: String, words: &[&str]| {
            for word in words {
                assert!(text.contains(word), "`{word}` is not in: {text}");
            }
        };
        says(
            refused(base().regimes("nowhere")),
            &["`nowhere`", "side, one, tiny, gap"],
        );
        says(
            refused(base().regimes("one")),
            &["`one` is the same for every unit", "regimes"],
        );
        says(
            refused(base().regimes("x")),
            &["numeric column `x`", "label"],
        );
        says(
            refused(base().regimes("gap")),
            &["`gap`", "empty for unit `b`"],
        );
        says(
            refused(base().regimes("tiny")),
            &[
                "regime `w` of `tiny`",
                "2 coefficients",
                "at least 3 units",
                "there are 2",
            ],
        );
        says(
            refused(base().regimes_of(["z"], "side")),
            &["`z`", "const, x"],
        );
        says(refused(base().regimes_of(["x", "x"], "side")), &["`x`"]);
        let none: [&str; 0] = [];
        says(
            refused(base().regimes_of(none, "side")),
            &["at least one regressor"],
        );
        says(
            refused(base().variance_by("nowhere")),
            &["`nowhere`", "side"],
        );
        says(
            refused(base().variance_by("one")),
            &["`one`", "variances by group"],
        );
        says(
            refused(base().variance_by("tiny")),
            &[
                "variance of the group `w` of `tiny`",
                "2 parameters",
                "at least 3 units",
            ],
        );
        says(refused(base().weighted_by("nowhere")), &["`nowhere`"]);
        let zero = table().column("v", array![1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        let error = base().weighted_by("v").fit(&zero.unwrap()).unwrap_err();
        assert!(
            matches!(&error, Error::NonPositive { cell, value } if cell.unit == "c" && cell.column == "v" && *value <= 0.0)
        );
    }

    #[test]
    fn a_column_may_not_be_called_like_a_parameter() {
        let named = table().column(
            "sigma2 [e]",
            array![1.0, 5.0, 2.0, 4.0, 3.0, 3.5, 2.5, 7.0, 6.0],
        );
        let error = Regression::of("y")
            .on(["x", "sigma2 [e]"])
            .variance_by("side")
            .fit(&named.unwrap())
            .unwrap_err();
        assert!(matches!(error, Error::DuplicateColumn { name } if name == "sigma2 [e]"));
    }

    /// Weights that are all the same change sigma² alone; weights that count are rows that stand so often.
    #[test]
    fn weights_of_observations_are_ratios() {
        let base = Regression::of("y").on(["x"]);
        let (plain, weighted) = (
            base.fit(&table()).unwrap(),
            base.clone().weighted_by("w").fit(&table()).unwrap(),
        );
        for (a, b) in plain.coefficients().iter().zip(weighted.coefficients()) {
            assert!((a.value - b.value).abs() < 1e-13 && (a.std_error - b.std_error).abs() < 1e-13);
        }
        assert!((2.0 * plain.sigma2() - weighted.sigma2()).abs() < 1e-13);
        assert!((plain.log_likelihood() - weighted.log_likelihood()).abs() < 1e-12);
        assert_eq!(weighted.weighted_by(), Some("w"));
        let uneven = table().column("v", array![1.0, 2.0, 3.0, 0.5, 4.0, 1.5, 2.5, 3.5, 1.0]);
        let uneven = base.weighted_by("v").fit(&uneven.unwrap()).unwrap();
        let ordinary = uneven.r_squared().ordinary.unwrap();
        assert!((uneven.nagelkerke_r_squared() - ordinary).abs() < 1e-12);
        assert!((uneven.r_squared().squared_correlation - ordinary).abs() < 1e-12);
        let (a, b) = (plain.r_squared(), weighted.r_squared());
        assert!((a.squared_correlation - b.squared_correlation).abs() < 1e-13);
        assert!((a.ordinary.unwrap() - b.ordinary.unwrap()).abs() < 1e-13);
    }

    #[test]
    fn what_does_not_hold_is_refused() {
        let base = Regression::of("y").on(["x"]);
        let grouped = base.clone().variance_by("side").fit(&table()).unwrap();
        assert!(matches!(
            grouped.breusch_pagan(),
            Err(Error::Unsupported { .. })
        ));
        assert!(matches!(
            grouped.jarque_bera(),
            Err(Error::Unsupported { .. })
        ));
        assert!(matches!(
            grouped.clone().with_vcov(crate::Vcov::Hc3),
            Err(Error::Unsupported { .. })
        ));
        let plain = base.fit(&table()).unwrap();
        assert!(matches!(plain.chow_test(), Err(Error::Unsupported { .. })));
        assert!(plain.group_variances().is_none() && plain.regimes().is_none());
        let lr = grouped.lr_test(&plain).unwrap();
        assert!(
            lr.statistic > 0.0 && lr.distribution == crate::Distribution::ChiSquared { df: 1.0 }
        );
        let weighted = base.clone().weighted_by("w").fit(&table()).unwrap();
        assert!(matches!(
            grouped.lr_test(&weighted),
            Err(Error::Unsupported { .. })
        ));
        let by_regime = base.clone().regimes("side").fit(&table()).unwrap();
        let lr = by_regime.lr_test(&plain).unwrap();
        assert!(
            lr.statistic > 0.0 && lr.distribution == crate::Distribution::ChiSquared { df: 2.0 }
        );
        let other = base
            .clone()
            .regimes_of(["x"], "side")
            .fit(&table())
            .unwrap();
        assert!(by_regime.lr_test(&other).unwrap().statistic >= 0.0);
        assert!(matches!(
            other.lr_test(&by_regime),
            Err(Error::Unsupported { .. })
        ));
        // One constant of two is left out of the auxiliary regression, and its place is taken by the constant.
        let constants = base
            .clone()
            .regimes_of(["const"], "side")
            .fit(&table())
            .unwrap();
        let by_hand = table()
            .column("east", array![1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0])
            .unwrap();
        let by_hand = Regression::of("y").on(["x", "east"]).fit(&by_hand).unwrap();
        let (a, b) = (constants.koenker().unwrap(), by_hand.koenker().unwrap());
        assert!((a.statistic - b.statistic).abs() < 1e-10 && a.distribution == b.distribution);
        assert!(matches!(
            constants.predict_for(
                &table(),
                &Weights::lattice(Lattice::rook(3, 3)).unwrap(),
                crate::Prediction::Trend
            ),
            Err(Error::Unsupported { .. })
        ));
    }

    /// Above a thousand units, where log-determinants are interpolated: the fit with the weights that the variances are.
    #[test]
    fn variances_of_many_units_are_weights() {
        let w = Weights::lattice(Lattice::rook(40, 40))
            .unwrap()
            .row_standardized()
            .unwrap();
        let n = w.n();
        let noise = |i: usize, k: usize| {
            (((i * 7919 + k * 104_729) % 10_007) as f64 / 10_007.0 - 0.5) * 12.0_f64.sqrt()
        };
        let x: Array1<f64> = (0..n).map(|i| noise(i * i + 3, 1)).collect();
        let e: Array1<f64> = (0..n)
            .map(|i| noise(i * (i + 5), 2) * if i % 3 == 0 { 2.0 } else { 0.5 })
            .collect();
        let u = &e
            + &(w.csr().product(e.view()) * 0.6)
            + &(w.csr().product(w.csr().product(e.view()).view()) * 0.3);
        let table = Table::over(w.units())
            .column("y", &x + &u)
            .unwrap()
            .column("x", x)
            .unwrap()
            .label(
                "third",
                (0..n).map(|i| if i % 3 == 0 { "yes" } else { "no" }),
            )
            .unwrap();
        let base = Regression::of("y")
            .on(["x"])
            .spatial_lag(&w)
            .spatial_error(&w);
        let fit = base.clone().variance_by("third").fit(&table).unwrap();
        let v = fit.group_variances().unwrap();
        assert!(
            v[0].name == "sigma2 [yes]"
                && (v[0].value / 4.0 - 1.0).abs() < 0.2
                && (v[1].value / 0.25 - 1.0).abs() < 0.3
        );
        let weights = (0..n).map(|i| 1.0 / v[usize::from(i % 3 != 0)].value);
        let table = table
            .column("weight", weights.collect::<Array1<f64>>())
            .unwrap();
        let given = base.clone().weighted_by("weight").fit(&table).unwrap();
        assert!((given.log_likelihood() - fit.log_likelihood()).abs() < 1e-6);
        assert!((given.sigma2() - 1.0).abs() < 1e-6);
        for (a, b) in [(given.rho(), fit.rho()), (given.lambda(), fit.lambda())] {
            let (a, b) = (a.unwrap(), b.unwrap());
            assert!((a.value - b.value).abs() < 1e-4 * b.std_error);
        }
        assert!(fit.log_likelihood() > base.fit(&table).unwrap().log_likelihood() + 100.0);
    }

    #[test]
    fn a_fit_prints_what_differs() {
        let w = Weights::lattice(Lattice::rook(3, 3))
            .unwrap()
            .relabelled(table().units())
            .unwrap();
        let other = w.clone().row_standardized().unwrap();
        let fit = Regression::of("y")
            .on(["x"])
            .spatial_lag(&w)
            .spatial_error(&other)
            .weighted_by("w")
            .regimes_of(["const"], "side")
            .variance_by("side")
            .fit(&table());
        // Nine units are too few for it; the text is that of what can be fitted.
        assert!(matches!(fit, Err(Error::TooFewUnits { .. })));
        let text = Regression::of("y")
            .on(["x"])
            .spatial_lag(&w)
            .durbin_of(["x"], &other)
            .weighted_by("w")
            .fit(&table())
            .unwrap()
            .to_string();
        for line in [
            "Weights of the spatial lag: ",
            "Weights of the lags of regressors: ",
            "Observations weighted by w\n",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
        let text = Regression::of("y")
            .regimes_of(["const"], "side")
            .variance_by("side")
            .fit(&table())
            .unwrap()
            .to_string();
        for line in [
            "Regimes by side: e (n = 5), w (n = 4)\n",
            "Variances by side: e (n = 5), w (n = 4), by maximum likelihood\n",
            "const [w]",
            "sigma2 [e] ",
            "N(0, 1)",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
    }
}
