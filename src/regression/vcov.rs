//! Covariance matrices of estimates, chosen after the fit.

use std::fmt;

use ndarray::{Array1, Array2, ArrayView2};

use super::design::Design;
use crate::error::{Error, Result};
use crate::text::counted;

/// The estimator of the covariance of the coefficients; chosen after the fit by [`Fit::with_vcov`](super::Fit::with_vcov).
///
/// With e the residuals and h the leverages, (X'X)^-1 M (X'X)^-1 and M =
///
/// | | M | fits |
/// |---|---|---|
/// | `Classical` | X'X e'e / (n - k) for least squares; the inverse information for maximum likelihood | all |
/// | `Hc0` | sum e_i² x_i x_i' (White 1980) | OLS, SLX; panels |
/// | `Hc1` | the same times n / (n - k) | OLS, SLX; panels |
/// | `Hc2` | sum e_i² / (1 - h_i) x_i x_i' | OLS, SLX; panels |
/// | `Hc3` | sum e_i² / (1 - h_i)² x_i x_i' (MacKinnon and White 1985), the one to report in small samples | OLS, SLX; panels |
/// | `NeweyWest` | sum over units and lags of (1 - l / (L + 1)) (G_l + G_l'), G_l = sum x_it e_it e_i,t-l x_i,t-l' (Newey and West 1987) | panels |
/// | `HansenHodrick` | the same with the weight one for every lag (Hansen and Hodrick 1980) | panels |
/// | `Qml` | not of this form: I^-1 J I^-1 with the information I (observed above 1,000 units) and the variance J of the score at the third and fourth moments of the residuals, right for errors that are independent and alike but not normal (Lee 2004) | maximum likelihood; with rho and lambda both, up to 1,000 units |
///
/// HC on a maximum likelihood fit has no theory (under heteroskedasticity the estimates themselves are inconsistent) and is refused as
/// [`Error::Unsupported`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
#[doc(alias("vcovHC", "robust", "White"))]
pub enum Vcov {
    /// Homoskedastic, or the inverse information.
    #[default]
    Classical,
    /// White's estimator.
    Hc0,
    /// With the factor n / (n - k).
    Hc1,
    /// With the leverage.
    Hc2,
    /// With the squared leverage.
    Hc3,
    /// The sandwich of quasi-maximum likelihood.
    Qml,
    /// Newey and West's, for a panel: also consistent where the errors of a unit are correlated over so many periods, with weights 1 - l / (lags + 1).
    NeweyWest {
        /// Number of lags, below the number of periods; `None` for floor(4 (T / 100)^(2/9)).
        lags: Option<usize>,
    },
    /// Hansen and Hodrick's, for a panel: as Newey and West's with the weight one for every lag, as overlapping spans want; with T - 1 lags it is
    /// Arellano's, clustered by unit.
    HansenHodrick {
        /// Number of lags, below the number of periods.
        lags: usize,
    },
}

impl fmt::Display for Vcov {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Classical => "classical",
            Self::Hc0 => "HC0",
            Self::Hc1 => "HC1",
            Self::Hc2 => "HC2",
            Self::Hc3 => "HC3",
            Self::Qml => "QML sandwich",
            Self::NeweyWest { lags: None } => "Newey-West",
            Self::NeweyWest { lags: Some(l) } => {
                return write!(f, "Newey-West, {}", counted(*l, "lag"));
            }
            Self::HansenHodrick { lags } => {
                return write!(f, "Hansen-Hodrick, {}", counted(*lags, "lag"));
            }
        })
    }
}

/// A covariance matrix with named rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    names: Vec<String>,
    matrix: Array2<f64>,
}

impl Covariance {
    pub(crate) fn new(names: Vec<String>, matrix: Array2<f64>) -> Self {
        Self { names, matrix }
    }

    /// Names of the rows and columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The matrix.
    #[must_use]
    pub fn matrix(&self) -> ArrayView2<'_, f64> {
        self.matrix.view()
    }

    /// The covariance of two estimates.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`].
    pub fn between(&self, a: &str, b: &str) -> Result<f64> {
        let at = |name: &str| {
            self.names
                .iter()
                .position(|n| n == name)
                .ok_or_else(|| Error::UnknownColumn {
                    name: name.to_owned(),
                    available: self.names.clone(),
                })
        };
        Ok(self.matrix[[at(a)?, at(b)?]])
    }

    /// The standard error of the i-th estimate.
    pub(crate) fn std_error(&self, i: usize) -> f64 {
        self.matrix[[i, i]].sqrt()
    }
}

/// The heteroskedasticity-consistent covariance of least squares.
///
/// x: n × k; r: its triangular factor; residuals: n; bread (X'X)^-1: k × k.
pub(crate) fn heteroskedastic(
    kind: Vcov,
    x: ArrayView2<'_, f64>,
    r: ArrayView2<'_, f64>,
    residuals: &Array1<f64>,
    bread: &Array2<f64>,
    design: &Design,
) -> Result<Array2<f64>> {
    let (n, k) = x.dim();
    let h = design.leverage(r);
    if matches!(kind, Vcov::Hc2 | Vcov::Hc3)
        && let Some(i) = h.iter().position(|h| 1.0 - h < 1e-10)
    {
        return Err(Error::Unsupported {
            what: format!("{kind} where unit `{}` has leverage one", design.units.name(i)),
            why: "the unit alone determines a coefficient and has no residual; take HC1, or drop the column or the unit".to_owned(),
        });
    }
    let mut meat = Array2::<f64>::zeros((k, k));
    for (i, row) in x.rows().into_iter().enumerate() {
        let e2 = residuals[i] * residuals[i];
        let omega = match kind {
            Vcov::Hc1 => e2 * n as f64 / design.df() as f64,
            Vcov::Hc2 => e2 / (1.0 - h[i]),
            Vcov::Hc3 => e2 / (1.0 - h[i]).powi(2),
            _ => e2,
        };
        for a in 0..k {
            for b in 0..k {
                meat[[a, b]] += omega * row[a] * row[b];
            }
        }
    }
    Ok(bread.dot(&meat).dot(bread))
}
