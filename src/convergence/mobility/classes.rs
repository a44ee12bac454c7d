//! `Classes`: how values are put into classes, and the classes of a panel's column.

use std::fmt;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

use crate::data::Units;
use crate::error::{Error, Result};
use crate::text::significant;

/// How the values of a column are put into classes, in increasing order.
///
/// | | cut points |
/// |---|---|
/// | [`quantiles(k)`](Self::quantiles) | the quantiles j/k, j = 1 … k - 1, of the values of all units in all periods: a class means the same in every period |
/// | `quantiles(k)` with [`by_period`](Self::by_period) | the quantiles of each period by itself: every class holds the same share of units in every period |
/// | [`cut_points`](Self::cut_points) | those given: the upper bounds of all classes but the last, which is open |
///
/// Class j holds the x with cut_(j-1) < x ≤ cut_j; a few units of the last place above a cut point count as equal to it. Quantiles are interpolated linearly between order statistics (type 7 of R, the default of NumPy). Values
/// are taken as they are unless [`relative`](Self::relative) divides them by the mean of their period: pooled quantiles of growing levels would make
/// classes of years rather than of units.
///
/// | option | default |
/// |---|---|
/// | [`by_period`](Self::by_period) | no, pooled |
/// | [`relative`](Self::relative) | no, values as they are |
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Classes, MarkovChain, Panel, Units};
/// let income = array![[1.0, 2.0, 3.0, 6.0], [2.0, 6.0, 4.0, 12.0]];
/// let panel = Panel::from_columns(&Units::range(4), &[2000, 2001], [("income", income)])?;
/// let chain = MarkovChain::of(&panel, "income", &Classes::cut_points([0.75, 1.25]).relative())?;
/// assert_eq!(chain.transitions()[[0, 0]], 1.0); // unit 0: 1/3 and 2/6 of the mean
/// assert_eq!(chain.transitions()[[0, 1]], 1.0); // unit 1: 2/3 and 6/6 of the mean
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Hyndman and Fan (1996), The American Statistician 50.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
#[doc(alias("mapclassify", "Quantiles", "cut", "UserDefined"))]
pub struct Classes {
    rule: Rule,
    by_period: bool,
    relative: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Rule {
    Quantiles(usize),
    CutPoints(Vec<f64>),
}

/// The classes of a column.
pub(super) struct Classified {
    /// Periods × units, from 0.
    pub(super) states: Array2<u32>,
    /// One row, or one for each period.
    pub(super) cuts: Array2<f64>,
    pub(super) labels: Vec<String>,
}

/// More classes are not asked for, since a chain has the square of their number of probabilities.
pub(super) const MOST_CLASSES: usize = 1_000;

/// Relative values and lags that differ by no more, relatively, are equal: sums of another order round otherwise.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

impl Classes {
    /// k classes by quantiles, pooled over all units and periods.
    pub fn quantiles(k: usize) -> Self {
        Self::by(Rule::Quantiles(k))
    }

    /// Classes by upper bounds, strictly increasing; the last class is open.
    pub fn cut_points(upper: impl IntoIterator<Item = f64>) -> Self {
        Self::by(Rule::CutPoints(upper.into_iter().collect()))
    }

    fn by(rule: Rule) -> Self {
        Self {
            rule,
            by_period: false,
            relative: false,
        }
    }

    /// Quantiles of each period by itself.
    pub fn by_period(self) -> Self {
        Self {
            by_period: true,
            ..self
        }
    }

    /// Values are divided by the unweighted mean of their period before they are classed.
    pub fn relative(self) -> Self {
        Self {
            relative: true,
            ..self
        }
    }

    pub(super) fn is_relative(&self) -> bool {
        self.relative
    }

    /// The values that are classed: as they are, or over the mean of their period.
    pub(super) fn scaled(
        &self,
        values: ArrayView2<'_, f64>,
        column: &str,
        periods: &[i32],
    ) -> Result<Array2<f64>> {
        let mut scaled = values.to_owned();
        if !self.relative {
            return Ok(scaled);
        }
        for (mut row, period) in scaled.rows_mut().into_iter().zip(periods) {
            let mean = row.sum() / row.len() as f64;
            if !(mean > 0.0 && mean.is_finite()) {
                return Err(Error::Unsupported {
                    what: format!(
                        "`{column}` relative to its mean of {} in period {period}",
                        significant(mean, 6)
                    ),
                    why: "the mean has to be positive; take the values as they are, without `relative`"
                        .to_owned(),
                });
            }
            row /= mean;
        }
        Ok(scaled)
    }

    /// The classes of values that are scaled already.
    pub(super) fn of_scaled(
        &self,
        scaled: ArrayView2<'_, f64>,
        column: &str,
        units: &Units,
        periods: &[i32],
    ) -> Result<Classified> {
        let k = self.checked()?;
        let cuts = self.cuts(scaled, column, units, periods)?;
        let mut states = Array2::zeros(scaled.raw_dim());
        for (t, (row, mut to)) in scaled.rows().into_iter().zip(states.rows_mut()).enumerate() {
            let cuts = cuts.row(t.min(cuts.nrows() - 1));
            let cuts: Vec<f64> = cuts.iter().map(|c| c + ROUNDING * c.abs()).collect();
            for (x, class) in row.iter().zip(to.iter_mut()) {
                *class = cuts.partition_point(|c| c < x) as u32;
            }
        }
        if let Rule::Quantiles(_) = self.rule {
            let sets: Vec<(Option<i32>, ArrayView2<'_, u32>)> = if self.by_period {
                let rows = states.axis_chunks_iter(Axis(0), 1);
                periods.iter().copied().map(Some).zip(rows).collect()
            } else {
                vec![(None, states.view())]
            };
            for (period, of) in sets {
                let mut seen = vec![false; k];
                of.iter().for_each(|&s| seen[s as usize] = true);
                if let Some(class) = seen.iter().position(|s| !s) {
                    let when = period.map(|p| format!(", period {p}")).unwrap_or_default();
                    return Err(Error::EmptyClass {
                        what: format!("quantiles of `{column}`{when}"),
                        class: format!("{} of {k}", class + 1),
                        problem: "holds no value, since values are tied or few",
                    });
                }
            }
        }
        let labels = self.labels(k, cuts.view());
        Ok(Classified {
            states,
            cuts,
            labels,
        })
    }

    /// The number of classes, once the options are valid.
    fn checked(&self) -> Result<usize> {
        match &self.rule {
            Rule::Quantiles(k) if (2..=MOST_CLASSES).contains(k) => Ok(*k),
            Rule::Quantiles(k) => Err(Error::InvalidOption {
                option: "classes",
                value: k.to_string(),
                expected: "from 2 to 1000 quantile classes",
            }),
            Rule::CutPoints(_) if self.by_period => Err(Error::InvalidOption {
                option: "by_period",
                value: "cut points that are given".to_owned(),
                expected: "quantiles, which each period can have of its own",
            }),
            Rule::CutPoints(cuts) => {
                let rising = cuts.windows(2).all(|pair| pair[0] < pair[1]);
                if rising
                    && (1..MOST_CLASSES).contains(&cuts.len())
                    && cuts.iter().all(|c| c.is_finite())
                {
                    return Ok(cuts.len() + 1);
                }
                let text: Vec<String> = cuts.iter().take(10).map(f64::to_string).collect();
                Err(Error::InvalidOption {
                    option: "cut_points",
                    value: format!("[{}]", text.join(", ")),
                    expected: "from 1 to 999 finite, strictly increasing upper bounds",
                })
            }
        }
    }

    fn cuts(
        &self,
        scaled: ArrayView2<'_, f64>,
        column: &str,
        units: &Units,
        periods: &[i32],
    ) -> Result<Array2<f64>> {
        let k = match &self.rule {
            Rule::CutPoints(cuts) => {
                return Ok(ArrayView1::from(cuts).insert_axis(Axis(0)).to_owned());
            }
            Rule::Quantiles(k) => *k,
        };
        let rows: Vec<(Option<i32>, Vec<f64>)> = if self.by_period {
            let rows = scaled.rows().into_iter().map(|r| r.to_vec());
            periods.iter().copied().map(Some).zip(rows).collect()
        } else {
            vec![(None, scaled.iter().copied().collect())]
        };
        let mut cuts = Array2::zeros((rows.len(), k - 1));
        for ((period, mut values), mut to) in rows.into_iter().zip(cuts.rows_mut()) {
            if values.len() < k {
                return Err(Error::TooFewUnits {
                    what: format!("{k} quantile classes of `{column}`"),
                    needed: if self.by_period {
                        k
                    } else {
                        k.div_ceil(periods.len())
                    },
                    n: units.len(),
                });
            }
            values.sort_unstable_by(f64::total_cmp);
            for (j, cut) in to.iter_mut().enumerate() {
                *cut = quantile(&values, j + 1, k);
            }
            if let Some(first) =
                (1..to.len()).find(|&j| !(to[j] - to[j - 1] > ROUNDING * to[j].abs()))
            {
                return Err(Error::TiedCutPoints {
                    column: column.to_owned(),
                    period,
                    classes: k,
                    first,
                    value: to[first],
                });
            }
        }
        Ok(cuts)
    }

    fn labels(&self, k: usize, cuts: ArrayView2<'_, f64>) -> Vec<String> {
        if self.by_period {
            return (1..=k).map(|j| j.to_string()).collect();
        }
        // As many digits as tell the cut points apart.
        let digits = (4..17)
            .find(|&d| {
                let texts = cuts.row(0).mapv(|cut| significant(cut, d));
                texts.windows(2).into_iter().all(|pair| pair[0] != pair[1])
            })
            .unwrap_or(17);
        let text = |j: usize| significant(cuts[[0, j]], digits);
        (0..k)
            .map(|j| {
                if j == 0 {
                    format!("to {}", text(0))
                } else if j + 1 == k {
                    format!("above {}", text(j - 1))
                } else {
                    format!("{} to {}", text(j - 1), text(j))
                }
            })
            .collect()
    }
}

impl fmt::Display for Classes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Rule::Quantiles(k) => {
                let of = if self.by_period {
                    "each period"
                } else {
                    "all periods"
                };
                write!(f, "{k} quantile classes of {of}")?;
            }
            Rule::CutPoints(cuts) => write!(f, "{} classes by given cut points", cuts.len() + 1)?,
        }
        if self.relative {
            write!(f, ", relative to the mean of the period")?;
        }
        Ok(())
    }
}

/// The quantile j / k of sorted values by linear interpolation; the place among them is found in whole numbers.
fn quantile(sorted: &[f64], j: usize, k: usize) -> f64 {
    let place = (sorted.len() - 1) * j;
    let (below, rest) = (place / k, place % k);
    if rest == 0 {
        return sorted[below];
    }
    let share = rest as f64 / k as f64;
    let (a, b) = (sorted[below], sorted[below + 1]);
    if share < 0.5 {
        a + (b - a) * share
    } else {
        b - (b - a) * (1.0 - share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// numpy 2: np.quantile([1, 2, 4, 8, 16, 32], [0.2, 0.4, 0.6, 0.8])
    #[test]
    fn quantiles_are_those_of_numpy() {
        let sorted = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
        let found: Vec<f64> = (1..5).map(|j| quantile(&sorted, j, 5)).collect();
        assert_eq!(found, [2.0, 4.0, 8.0, 16.0]);
        assert!((quantile(&sorted, 1, 4) - 2.5).abs() < 1e-15);
    }

    #[test]
    fn a_value_at_a_cut_point_belongs_to_the_lower_class() {
        let values = ndarray::array![[1.0, 2.0, 2.5, 3.0, 3.5]];
        let classes = Classes::cut_points([2.0, 3.0]);
        let of = classes
            .of_scaled(values.view(), "x", &Units::range(5), &[1])
            .unwrap();
        assert_eq!(of.states.row(0).to_vec(), [0, 0, 1, 1, 2]);
        assert_eq!(of.labels, ["to 2.000", "2.000 to 3.000", "above 3.000"]);
    }
}
