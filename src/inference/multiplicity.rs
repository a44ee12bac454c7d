//! Corrections for many tests at once.

/// How p-values of many tests are adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Adjustment {
    /// False discovery rate (Benjamini and Hochberg 1995).
    Fdr,
    /// Family-wise error (Bonferroni).
    Bonferroni,
    /// Family-wise error, step-down (Holm 1979).
    Holm,
}

impl Adjustment {
    /// Adjusted p-values, in the order given: a test is significant at level a where its adjusted p-value is at most a.
    ///
    /// With p_(1) ≤ … ≤ p_(m): FDR min over j ≥ i of m p_(j) / j; Holm max over j ≤ i of (m - j + 1) p_(j); Bonferroni m p; none above 1.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::Adjustment;
    /// let adjusted = Adjustment::Fdr.adjust(&[0.01, 0.04, 0.03]);
    /// assert!((adjusted[0] - 0.03).abs() < 1e-12 && (adjusted[2] - 0.04).abs() < 1e-12);
    /// ```
    ///
    /// # References
    ///
    /// Benjamini and Hochberg (1995), JRSS B 57; Caldas de Castro and Singer (2006), Geographical Analysis 38.
    #[must_use]
    #[doc(alias = "p.adjust")]
    pub fn adjust(self, p: &[f64]) -> Vec<f64> {
        let m = p.len();
        let mut order: Vec<usize> = (0..m).collect();
        order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
        let mut adjusted = vec![0.0; m];
        match self {
            Self::Bonferroni => {
                for i in 0..m {
                    adjusted[i] = (p[i] * m as f64).min(1.0);
                }
            }
            Self::Fdr => {
                let mut least = 1.0_f64;
                for (rank, &i) in order.iter().enumerate().rev() {
                    least = least.min(p[i] * m as f64 / (rank + 1) as f64);
                    adjusted[i] = least;
                }
            }
            Self::Holm => {
                let mut most = 0.0_f64;
                for (rank, &i) in order.iter().enumerate() {
                    most = most.max((p[i] * (m - rank) as f64).min(1.0));
                    adjusted[i] = most;
                }
            }
        }
        adjusted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjusted_values_agree_with_r() {
        // R 4.2.2: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.5), m)
        let p = [0.5, 0.03, 0.01, 0.04, 0.02];
        let close = |a: Vec<f64>, b: [f64; 5]| a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-12);
        assert!(close(
            Adjustment::Fdr.adjust(&p),
            [0.5, 0.05, 0.05, 0.05, 0.05]
        ));
        assert!(close(
            Adjustment::Holm.adjust(&p),
            [0.5, 0.09, 0.05, 0.09, 0.08]
        ));
        assert!(close(
            Adjustment::Bonferroni.adjust(&p),
            [1.0, 0.15, 0.05, 0.2, 0.1]
        ));
    }
}
