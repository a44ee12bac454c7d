//! Measures of fit that compare a fit with another, or with its predictions.

use crate::error::Result;
use crate::regression::gaussian::concentrated;
use crate::regression::{Fit, Prediction};

impl Fit {
    /// Nagelkerke's R² against the constant alone: 1 - exp(-2 (log L - log L_0) / n).
    ///
    /// The constant alone has the same weights of the observations, and one variance. For OLS with a constant it is the ordinary R². (The form of Nagelkerke's paper that is divided by its maximum is for discrete
    /// responses.)
    ///
    /// # References
    ///
    /// Nagelkerke (1991), Biometrika 78.
    #[must_use]
    #[doc(alias("NK", "Cox-Snell", "pseudo R2"))]
    pub fn nagelkerke_r_squared(&self) -> f64 {
        let (y, root) = self.response_by_weights();
        let mean = root.dot(&y) / root.dot(&root);
        let total: f64 = (y.iter().zip(&root))
            .map(|(v, r)| (v - mean * r).powi(2))
            .sum();
        let half_ln_weights: f64 = root.iter().map(|r| r.ln()).sum();
        let gain = self.log_likelihood() - concentrated(self.n(), total) - half_ln_weights;
        -(-2.0 * gain / self.n() as f64).exp_m1()
    }

    /// Squared correlation of the response and a prediction in sample, a pseudo R² (zero where the prediction does not vary).
    ///
    /// spreg's `pr2` is that of `TrendSignal` for lag models and of `Trend` for error models, its `pr2_e` that of `ReducedForm`.
    ///
    /// # Errors
    ///
    /// As [`predict`](Self::predict).
    #[doc(alias("pr2", "pr2_e", "pseudo R2"))]
    pub fn squared_correlation(&self, of: Prediction) -> Result<f64> {
        let predicted = self.predict(of)?;
        let n = self.n() as f64;
        let centred = |v: ndarray::ArrayView1<'_, f64>| &v - v.sum() / n;
        let (y, p) = (centred(self.y().view()), centred(predicted.values()));
        let (yy, pp) = (y.dot(&y), p.dot(&p));
        Ok(if pp <= 1e-24 * yy {
            0.0
        } else {
            y.dot(&p).powi(2) / (yy * pp)
        })
    }
}
