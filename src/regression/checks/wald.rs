//! Wald tests of linear restrictions, and of common factors.

use ndarray::{Array1, Array2};

use crate::error::{Error, Result};
use crate::inference::{Distribution, TestResult};
use crate::linalg::dense;
use crate::linalg::triangular::dependent_columns;
use crate::regression::Fit;
use crate::regression::design::CONSTANT;
use crate::regression::terms::Model;

/// A restriction in the directions of the parameters, its distance at the estimate, and its words.
struct Restriction {
    row: Array1<f64>,
    distance: f64,
    words: String,
}

impl Fit {
    /// Wald test that all the parameters named (coefficients, `rho`, `lambda`) are zero: b' V^-1 b, chi-squared.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the names; [`Error::DuplicateColumn`] where a name is given twice.
    #[doc(alias = "Wald1.Sarlm")]
    pub fn wald_test<S: AsRef<str>>(
        &self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<TestResult> {
        let mut at = Vec::new();
        let mut all = Vec::new();
        for name in names {
            let name = name.as_ref();
            let i = self.place(name)?;
            if at.contains(&i) {
                return Err(Error::DuplicateColumn {
                    name: name.to_owned(),
                });
            }
            at.push(i);
            all.push(self.restriction(&[(name, 1.0)], 0.0, name.to_owned())?);
        }
        let tested: Vec<&str> = all.iter().map(|r| r.words.as_str()).collect();
        let null = format!("{} = 0", tested.join(" = "));
        self.wald(&all, "names", null)
    }

    /// Wald test that the parameters of each pair are equal, chi-squared with a degree of freedom a pair; with the coefficients of two
    /// regimes it is a Chow test.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the names; [`Error::Singular`] where a pair follows from others, or is one parameter twice.
    ///
    /// # Example
    ///
    /// ```
    /// # use ndarray::array;
    /// # use spatialecon::{Regression, Table};
    /// # let table = Table::from_columns([
    /// #     ("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5]),
    /// #     ("z", array![0.5, 1.0, 0.2, 0.9, 0.1, 0.7]),
    /// #     ("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2]),
    /// # ])?;
    /// let ols = Regression::of("y").on(["x", "z"]).fit(&table)?;
    /// let test = ols.wald_equal([("x", "z")])?;
    /// assert_eq!(test.null, "x = z");
    /// let same = ols.wald_restrictions(&[(&[("x", 1.0), ("z", -1.0)], 0.0)])?;
    /// assert!((test.statistic - same.statistic).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Chow (1960), Econometrica 28; Anselin (1990), Journal of Regional Science 30.
    #[doc(alias = "Chow")]
    pub fn wald_equal<A: AsRef<str>, B: AsRef<str>>(
        &self,
        pairs: impl IntoIterator<Item = (A, B)>,
    ) -> Result<TestResult> {
        let all = pairs
            .into_iter()
            .map(|(a, b)| {
                let (a, b) = (a.as_ref(), b.as_ref());
                self.restriction(&[(a, 1.0), (b, -1.0)], 0.0, format!("{a} = {b}"))
            })
            .collect::<Result<Vec<_>>>()?;
        self.wald_of(&all, "pairs")
    }

    /// Wald test of linear restrictions R b = q on the parameters (coefficients, `rho`, `lambda`): (R b - q)' (R V R')^-1 (R b - q),
    /// chi-squared with a degree of freedom a restriction. Each restriction is its factors by name, and its value.
    ///
    /// `&[(&[("INC", 1.0), ("W INC", 1.0)], 0.0)]` says `INC + W INC = 0`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the names; [`Error::InvalidOption`] for a factor or a value that is not finite;
    /// [`Error::Singular`] where a restriction follows from others.
    #[doc(alias("linearHypothesis", "test", "lincom"))]
    pub fn wald_restrictions<S: AsRef<str>>(
        &self,
        restrictions: &[(&[(S, f64)], f64)],
    ) -> Result<TestResult> {
        let all = restrictions
            .iter()
            .map(|(factors, value)| {
                let factors: Vec<(&str, f64)> =
                    factors.iter().map(|(n, f)| (n.as_ref(), *f)).collect();
                self.restriction(&factors, *value, words(&factors, *value))
            })
            .collect::<Result<Vec<_>>>()?;
        self.wald_of(&all, "restrictions")
    }

    /// Wald test of the common factors of an SDM, theta + rho b = 0, under which it is a SEM with lambda = rho; by the delta method,
    /// chi-squared with a degree of freedom a regressor.
    ///
    /// It needs nothing but the SDM; [`lr_test`](Self::lr_test) of the SDM against the SEM tests the same.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for other models, and for an SDM whose lag and Durbin terms have different weights, or in which not all regressors, or others, are lagged.
    ///
    /// # References
    ///
    /// Burridge (1981), Journal of the Royal Statistical Society B 43; Anselin (1988), section 13.3.
    #[doc(alias("cfh_test", "comfac"))]
    pub fn common_factor_test(&self) -> Result<TestResult> {
        let refuse = |why: &str| {
            Err(Error::Unsupported {
                what: format!(
                    "a test of common factors for a {}",
                    self.model().abbreviation()
                ),
                why: why.to_owned(),
            })
        };
        let (Model::Sdm, Some(lag), Some(durbin)) =
            (self.model(), self.lag(), self.durbin_weights())
        else {
            return refuse(
                "theta + rho b = 0 restricts the SDM, which then is a SEM; ask it of the SDM",
            );
        };
        if self.regimes().is_some() {
            return refuse(
                "with coefficients by regime it is no SEM: the lags of its regressors go by the group of the sender",
            );
        }
        if lag.w.csr() != durbin.csr() {
            return refuse("its lag and Durbin terms have different weights");
        }
        let b = self.b();
        let mut pairs = Vec::new();
        for r in self.regressors() {
            let (Some(own), Some(lagged)) = (r.own, r.lagged) else {
                return refuse("the restrictions need every regressor and its lag, and no others");
            };
            pairs.push((own, lagged));
        }
        let names = &self.sample.design.names;
        let constant = format!("W {CONSTANT}");
        if self.sample.design.lagged_constant
            && let Some(at) = names.iter().position(|n| *n == constant)
        {
            pairs.push((0, at));
        }
        if pairs.is_empty() {
            return refuse("it has no regressor");
        }
        let all: Vec<Restriction> = pairs
            .into_iter()
            .map(|(own, lagged)| {
                let mut row = Array1::zeros(b.len() + self.processes().len());
                row[own] = lag.value;
                row[lagged] = 1.0;
                row[b.len()] = b[own];
                Restriction {
                    row,
                    distance: b[lagged] + lag.value * b[own],
                    words: format!("{} = -rho {}", names[lagged], names[own]),
                }
            })
            .collect();
        let mut test = self.wald_of(&all, "restrictions")?;
        "Wald, common factors".clone_into(&mut test.name);
        Ok(test)
    }

    fn place(&self, name: &str) -> Result<usize> {
        let all = self.location_names();
        all.iter()
            .position(|n| n == name)
            .ok_or_else(|| Error::UnknownColumn {
                name: name.to_owned(),
                available: all.clone(),
            })
    }

    fn restriction(
        &self,
        factors: &[(&str, f64)],
        value: f64,
        words: String,
    ) -> Result<Restriction> {
        let location = self.location();
        let mut row = Array1::zeros(location.len());
        for (name, factor) in factors {
            row[self.place(name)?] += *factor;
        }
        let distance = row.dot(&location) - value;
        if !distance.is_finite() {
            return Err(Error::InvalidOption {
                option: "restrictions",
                value: words,
                expected: "finite factors and values",
            });
        }
        Ok(Restriction {
            row,
            distance,
            words,
        })
    }

    fn wald_of(&self, all: &[Restriction], option: &'static str) -> Result<TestResult> {
        let null: Vec<&str> = all.iter().map(|r| r.words.as_str()).collect();
        self.wald(all, option, null.join(", "))
    }

    fn wald(&self, all: &[Restriction], option: &'static str, null: String) -> Result<TestResult> {
        if all.is_empty() {
            return Err(Error::InvalidOption {
                option,
                value: "none".to_owned(),
                expected: "at least one parameter to test",
            });
        }
        let v = self.vcov_of_location();
        let p = v.nrows();
        let of: Vec<Array1<f64>> = all.iter().map(|r| v.dot(&r.row)).collect();
        let scale: Array1<f64> = (all.iter().zip(&of))
            .map(|(r, vr)| r.row.dot(vr).sqrt())
            .collect();
        // Restrictions in standard errors of the parameters, where their rank does not depend on units of measurement.
        let directions =
            Array2::from_shape_fn((p, all.len()), |(i, j)| all[j].row[i] * v[[i, i]].sqrt());
        if !dependent_columns(directions.view()).is_empty() {
            return Err(Error::Singular {
                what: "the covariance of the restrictions (one of them follows from the others, or restricts nothing)".to_owned(),
            });
        }
        // Correlations, so that units of measurement do not matter to the inverse.
        let sub = Array2::from_shape_fn((all.len(), all.len()), |(i, j)| {
            all[i].row.dot(&of[j]) / (scale[i] * scale[j])
        });
        self.check_positive(all, &of, &sub)?;
        let z: Array1<f64> = (all.iter().zip(&scale))
            .map(|(r, s)| r.distance / s)
            .collect();
        let statistic =
            z.dot(&dense::inverse(sub.view(), "the covariance of the parameters tested")?.dot(&z));
        Ok(TestResult::upper(
            "Wald",
            statistic,
            Distribution::ChiSquared {
                df: all.len() as f64,
            },
            null,
        ))
    }
}

/// An eigenvalue of a correlation matrix so much below zero is no rounding.
const NEGATIVE: f64 = -1e-10;

impl Fit {
    /// An error where a combination of the restrictions has a negative variance.
    fn check_positive(
        &self,
        all: &[Restriction],
        of: &[Array1<f64>],
        correlations: &Array2<f64>,
    ) -> Result<()> {
        let mut negative = all.iter().zip(of).any(|(r, vr)| r.row.dot(vr) < 0.0);
        if !negative && correlations.iter().all(|c| c.is_finite()) {
            let eigenvalues = dense::symmetric_eigenvalues(correlations.view())?;
            negative = eigenvalues.iter().any(|e| *e < NEGATIVE);
        }
        if !negative {
            return Ok(());
        }
        Err(Error::Unsupported {
            what: format!("a test of these parameters with {} standard errors", self.vcov_kind()),
            why: "some combination of them has a negative variance, as can happen where all lags have the weight one; take `Vcov::NeweyWest`, whose weights fall with the lag".to_owned(),
        })
    }
}

/// `INC + W INC = 0`, `2 INC - HOVAL = 1`.
fn words(factors: &[(&str, f64)], value: f64) -> String {
    let mut text = String::new();
    for (i, (name, factor)) in factors.iter().enumerate() {
        let sign = match (i, *factor < 0.0) {
            (0, false) => "",
            (0, true) => "-",
            (_, false) => " + ",
            (_, true) => " - ",
        };
        text.push_str(sign);
        if (factor.abs() - 1.0).abs() > 0.0 {
            text.push_str(&factor.abs().to_string());
            text.push(' ');
        }
        text.push_str(name);
    }
    format!("{text} = {value}")
}
