//! Gamma convergence: do units change places?

mod concordance;
mod rank_sums;
pub(super) mod ranks;

pub use concordance::{Concordance, ConcordanceTest, RankConcordance};

use std::fmt;
use std::sync::Arc;

use ndarray::{Array1, Array2};

use crate::data::{Panel, Units};
use crate::error::{Error, Result};
use crate::text::{Layout, p_value, significant};
use ranks::{centred_ranks, kendall, spearman, squares};

/// Gamma convergence of a panel's column: how far the order of the units at the first period is kept in the later ones.
///
/// R_it are ascending ranks, ties sharing the mean of their ranks. For every period t after the first, 0:
///
/// | | index | large where |
/// |---|---|---|
/// | [`binary`](Self::binary) | RC_t = var(R_it + R_i0) / var(2 R_i0) | the order of t is that of the first period |
/// | [`multi_year`](Self::multi_year) | RC_T = var(R_i0 + … + R_iT) / var((T + 1) R_i0) | the orders of all periods up to T agree |
///
/// One is an order that is kept, zero its reversal (binary). A fall of RC is mobility; it is no test of convergence by itself, since
/// units may change places while dispersion rises. The null of the tests is no concordance at all: see [`RankConcordance`].
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Alternative, GammaConvergence, Panel, Permutations, Units};
/// let panel = Panel::from_columns(
///     &Units::new(["a", "b", "c", "d", "e"])?,
///     &[2000, 2010],
///     [("income", array![[1.0, 2.0, 4.0, 7.0, 9.0], [2.0, 5.0, 4.0, 9.0, 8.0]])],
/// )?;
/// let gamma = GammaConvergence::of(&panel, "income")?;
/// let kept = gamma.binary_at(2010)?;
/// assert!((kept.value() - 0.9).abs() < 1e-12);
/// assert!((gamma.spearman(2000, 2010)? - 0.8).abs() < 1e-12);
/// // 8 of the 120 orders agree as well with that of 2000, or better.
/// let exact = kept.permutation(Permutations::all())?;
/// assert!((exact.p_value(Alternative::Greater) - 8.0 / 120.0).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Boyle and McCarthy (1997), Oxford Bulletin of Economics and Statistics 59; Kendall and Gibbons (1990), Rank correlation methods.
#[derive(Debug, Clone)]
#[doc(alias("rank concordance", "kendall", "Tau", "rank mobility"))]
pub struct GammaConvergence {
    variable: String,
    units: Units,
    periods: Vec<i32>,
    ranks: Arc<Array2<i64>>,
    binary: Vec<RankConcordance>,
    multi_year: Vec<RankConcordance>,
}

/// No fewer units have a test of concordance.
const FEWEST: usize = 3;

impl GammaConvergence {
    /// The concordance of ranks of a column, for every period of the panel after the first.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::TooFewUnits`] for fewer than three; [`Error::Unsupported`] for a panel of one period;
    /// [`Error::Constant`], which names a period in which all values are equal, so that its ranks do not vary.
    pub fn of(panel: &Panel, column: &str) -> Result<Self> {
        let values = panel.values(column)?;
        let (units, periods) = (panel.units(), panel.periods());
        let n = units.len();
        if n < FEWEST {
            return Err(Error::TooFewUnits {
                what: "gamma convergence".to_owned(),
                needed: FEWEST,
                n,
            });
        }
        if periods.len() < 2 {
            return Err(Error::Unsupported {
                what: "gamma convergence in one period".to_owned(),
                why: "it compares the ranks of later periods with those of the first; read at least two periods".to_owned(),
            });
        }
        let mut ranks = Array2::zeros((periods.len(), n));
        for ((&period, row), mut to) in periods.iter().zip(values.rows()).zip(ranks.rows_mut()) {
            let of_period = centred_ranks(&row.to_vec());
            if squares(&of_period) == 0 {
                return Err(Error::Constant {
                    name: format!("{column}, period {period}"),
                    what: "the concordance of its ranks",
                });
            }
            to.assign(&Array1::from_vec(of_period));
        }
        let ranks = Arc::new(ranks);
        let (mut binary, mut multi_year) = (Vec::new(), Vec::new());
        let mut sums = ranks.row(0).to_vec();
        let mut each = vec![squares(&sums)];
        for t in 1..periods.len() {
            let row = ranks.row(t);
            each.push(squares(&row.to_vec()));
            let pair: Vec<i64> = ranks.row(0).iter().zip(row).map(|(a, b)| a + b).collect();
            for (sum, rank) in sums.iter_mut().zip(row) {
                *sum += rank;
            }
            let make = |kind, dates: Vec<usize>, sums: &[i64]| {
                RankConcordance::new(kind, column, periods, dates, &ranks, squares(sums), &each)
            };
            binary.push(make(Concordance::Binary, vec![0, t], &pair));
            multi_year.push(make(Concordance::MultiYear, (0..=t).collect(), &sums));
        }
        Ok(Self {
            variable: column.to_owned(),
            units: units.clone(),
            periods: periods.to_vec(),
            ranks,
            binary,
            multi_year,
        })
    }

    /// RC_t of every period after the first: its ranks beside those of the first.
    #[must_use]
    pub fn binary(&self) -> &[RankConcordance] {
        &self.binary
    }

    /// RC_T of every period after the first: the ranks of all periods up to it.
    #[must_use]
    pub fn multi_year(&self) -> &[RankConcordance] {
        &self.multi_year
    }

    /// RC_t of one period.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`], which lists the periods after the first.
    pub fn binary_at(&self, period: i32) -> Result<&RankConcordance> {
        self.at(&self.binary, period)
    }

    /// RC_T of one period.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`], which lists the periods after the first.
    pub fn multi_year_at(&self, period: i32) -> Result<&RankConcordance> {
        self.at(&self.multi_year, period)
    }

    fn at<'a>(&self, all: &'a [RankConcordance], period: i32) -> Result<&'a RankConcordance> {
        let found = all.iter().find(|c| c.period() == period);
        found.ok_or_else(|| Error::UnknownPeriod {
            period,
            available: self.periods.iter().skip(1).copied().collect(),
        })
    }

    /// The ascending ranks of a period, ties sharing the mean of their ranks.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`].
    pub fn ranks(&self, period: i32) -> Result<Array1<f64>> {
        let middle = (self.units.len() + 1) as f64;
        let centred = self.ranks_of(period)?;
        Ok(centred
            .iter()
            .map(|&r| f64::midpoint(r as f64, middle))
            .collect())
    }

    /// Spearman's rho of two periods, the correlation of their (mid-)ranks; RC_t = (1 + rho) / 2 where no period has ties.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`].
    #[doc(alias = "spearmanr")]
    pub fn spearman(&self, first: i32, last: i32) -> Result<f64> {
        Ok(spearman(&self.ranks_of(first)?, &self.ranks_of(last)?))
    }

    /// Kendall's tau of two periods; tau-b where there are ties.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`].
    #[doc(alias("kendalltau", "tau-b"))]
    pub fn kendall(&self, first: i32, last: i32) -> Result<f64> {
        Ok(kendall(&self.ranks_of(first)?, &self.ranks_of(last)?))
    }

    fn ranks_of(&self, period: i32) -> Result<Vec<i64>> {
        let at = self.periods.iter().position(|&p| p == period);
        at.map(|t| self.ranks.row(t).to_vec())
            .ok_or_else(|| Error::UnknownPeriod {
                period,
                available: self.periods.clone(),
            })
    }

    /// The units.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// The periods, the first included.
    #[must_use]
    pub fn periods(&self) -> &[i32] {
        &self.periods
    }

    /// Name of the column.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }
}

impl fmt::Display for GammaConvergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Concordance of ranks of {} with those of {}, {} units",
            self.variable,
            self.periods.first().copied().unwrap_or_default(),
            self.units.len()
        )?;
        let mut table = Layout::new();
        table.row([
            "period",
            "RC binary",
            "chi2",
            "p",
            "RC multi-year",
            "chi2",
            "p",
        ]);
        table.rule();
        for (two, many) in self.binary.iter().zip(&self.multi_year) {
            let mut row = vec![two.period().to_string()];
            for c in [two, many] {
                let test = c.test();
                row.push(significant(c.value(), 5));
                row.push(significant(test.statistic, 5));
                row.push(p_value(test.p_value));
            }
            table.row(row);
        }
        write!(f, "{table}")?;
        writeln!(
            f,
            "p of chi2({}), no concordance; of few dates it is far too large: take `permutation`",
            self.units.len() - 1
        )?;
        if self.binary.iter().any(RankConcordance::has_ties) {
            writeln!(
                f,
                "There are ties: chi2 is that of Kendall's W, which differs from RC"
            )?;
        }
        Ok(())
    }
}
