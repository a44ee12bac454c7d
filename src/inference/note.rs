//! `Note`: what others print as a warning is a value on the result.

use std::fmt;

use crate::text;

/// Something that the reader of a result should know, as a value: it is printed with the result and can be matched on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// p-values are asymptotic and there are few units.
    FewUnits {
        /// Number of units.
        n: usize,
    },
    /// More parameters than a third of the number of units.
    ManyParameters {
        /// Number of parameters, with rho or lambda and the variance.
        parameters: usize,
        /// Number of units.
        n: usize,
    },
    /// Units that determine the fit: leverage above 0.5.
    Leverage {
        /// Ids and leverages.
        units: Vec<(String, f64)>,
    },
    /// Islands: units whose spatial lag is zero.
    Islands {
        /// How many.
        count: usize,
    },
    /// Every row of W sums to one, so that every unit receives the same total effect by construction.
    RowStandardizedReceivers,
    /// ln|I - rho W| is an approximation that the caller named.
    ApproximateLogDeterminant {
        /// Name of the parameter.
        parameter: &'static str,
        /// Which.
        method: String,
        /// Its error at the estimate: a bound or a standard error.
        error: f64,
    },
    /// The estimates of rho and lambda are correlated so highly that the data hardly tell a lag from an error.
    LagLikeError {
        /// Their correlation.
        correlation: f64,
    },
    /// The estimate of rho or lambda lies at the end of its interval.
    AtBound {
        /// Name of the parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
    },
    /// Simulated draws outside the parameter space were drawn again.
    RejectedDraws {
        /// How many were rejected.
        rejected: usize,
        /// How many were kept.
        kept: usize,
    },
    /// Fewer permutations than one unit alone needs to be significant at 0.05 after a correction for many tests.
    FewPermutations {
        /// Number of permutations.
        permutations: usize,
        /// Number of tests.
        tests: usize,
        /// The least number with which one test alone could be significant.
        needed: usize,
    },
    /// A log t test of few periods.
    FewPeriods {
        /// Number of periods.
        periods: usize,
        /// Observations of its regression.
        observations: usize,
    },
    /// Results are relative to a mean of logs, and so depend on the unit of money.
    DependsOnUnit {
        /// The lowest mean log of a period.
        lowest: f64,
        /// The highest.
        highest: f64,
    },
    /// Values look like logs where levels are expected, or the other way round.
    LogsOrLevels {
        /// What they were taken as.
        taken_as: &'static str,
        /// The highest value.
        extreme: f64,
    },
    /// Clubs that do not pass the log t test as a whole, though each of their units passed with the core.
    ClubsRejected {
        /// Their numbers, from 1.
        clubs: Vec<usize>,
    },
    /// The constant column was lagged too, since the rows of W do not all have the same sum.
    LaggedConstant,
    /// Units depend on each other, and the test takes them as independent.
    DependentUnits {
        /// The test of dependence.
        test: String,
        /// Its statistic.
        statistic: f64,
        /// Its p-value.
        p_value: f64,
    },
    /// A published table does not reach the data, and its nearest row was taken.
    NotTabulated {
        /// The table.
        what: &'static str,
        /// Its first row.
        least: f64,
        /// What the data have.
        value: f64,
        /// What to take in its place.
        instead: &'static str,
    },
    /// p-values of draws are too coarse for a correction for many tests.
    CoarseDraws {
        /// The smallest p-value that the draws can have.
        least: f64,
        /// How many tests the correction is for.
        tests: usize,
        /// The level.
        level: f64,
    },
    /// CIPS with a constant alone, of incomes relative to a mean over units.
    AveragesOfGaps,
    /// Expected counts are small, so that the chi-squared distribution is a rough approximation.
    SmallExpectedCounts {
        /// Cells with an expected count below five.
        small: usize,
        /// Cells that are compared.
        cells: usize,
    },
    /// Classes that are left for good: their share of the ergodic distribution is zero.
    TransientClasses {
        /// Their names.
        classes: Vec<String>,
    },
    /// Bootstrap draws in which something is not defined were left out.
    UndefinedDraws {
        /// How many.
        undefined: usize,
        /// Of how many.
        draws: usize,
    },
    /// A statistic could not be computed.
    NotDefined {
        /// What.
        what: &'static str,
        /// Why.
        why: String,
    },
}

impl fmt::Display for Note {
    // One arm a note.
    #[allow(clippy::too_many_lines)]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewUnits { n } => {
                write!(
                    f,
                    "n = {n}: p-values and standard errors are asymptotic; take those near a threshold as undecided"
                )
            }
            Self::ManyParameters { parameters, n } => {
                write!(f, "{parameters} parameters for {n} units: more than n / 3")
            }
            Self::Leverage { units } => {
                let named: Vec<_> = units.iter().map(|(u, h)| format!("{u} ({h:.2})")).collect();
                write!(f, "leverage above 0.5: {}", named.join(", "))
            }
            Self::Islands { count } => write!(
                f,
                "{count} unit(s) without neighbours: their spatial lag is zero"
            ),
            Self::RowStandardizedReceivers => write!(
                f,
                "every row of W sums to one, so that every unit receives the same total effect by construction: who sends is estimated, who receives more is not"
            ),
            Self::ApproximateLogDeterminant {
                parameter,
                method,
                error,
            } => write!(
                f,
                "ln|I - {parameter} W| is approximate ({method}), with an error of {error:.1e} at the estimate: the estimates and their standard errors are approximate too"
            ),
            Self::LagLikeError { correlation } => write!(
                f,
                "the estimates of rho and lambda have a correlation of {correlation:.4}: the data hardly tell a lag from an error; take the model with one of them, or other weights for one"
            ),
            Self::AtBound { parameter, value } => {
                write!(
                    f,
                    "{parameter} = {value:.6} lies at the end of its admissible interval; standard errors do not hold there"
                )
            }
            Self::RejectedDraws { rejected, kept } => {
                write!(
                    f,
                    "{rejected} draws outside the parameter space were rejected, {kept} kept"
                )
            }
            Self::FewPermutations {
                permutations,
                tests,
                needed,
            } => write!(
                f,
                "{permutations} permutations are few for a correction (FDR, Bonferroni, Holm) over {tests} tests: one unit alone can be significant at 0.05 from {needed} permutations on"
            ),
            Self::FewPeriods {
                periods,
                observations,
            } => write!(
                f,
                "T = {periods}: a log t regression on {observations} observations has little power and a poor size; take verdicts as undecided"
            ),
            Self::DependsOnUnit { lowest, highest } => write!(
                f,
                "paths are relative to a mean log of {lowest:.2} to {highest:.2}: in another unit of money H, b and clubs are others, so state the unit"
            ),
            Self::LogsOrLevels { taken_as, extreme } => write!(
                f,
                "the highest value, {extreme}, was taken as one of {taken_as}{}",
                if *taken_as == "levels" {
                    ", and its log was taken; if the column holds logs, say `of_logs`"
                } else {
                    ", and no log was taken; if the column holds levels, say `of`"
                }
            ),
            Self::ClubsRejected { clubs } => {
                let numbers: Vec<_> = clubs.iter().map(usize::to_string).collect();
                write!(
                    f,
                    "log t rejects club(s) {} as a whole, though each unit passed with the core: raise c* with `incremental`",
                    numbers.join(", ")
                )
            }
            Self::LaggedConstant => {
                write!(
                    f,
                    "the constant is lagged too (`W const`), since the rows of W do not all have the same sum"
                )
            }
            Self::DependentUnits {
                test,
                statistic,
                p_value,
            } => write!(
                f,
                "the units depend on each other ({test} {}, p {}), and this test takes them as independent, so that it rejects too often; `cips` allows for a common factor",
                text::significant(*statistic, 4),
                text::p_value(*p_value)
            ),
            Self::NotTabulated {
                what,
                least,
                value,
                instead,
            } => write!(
                f,
                "{what} begins at {least}, and the data have {value}: its first row was taken, which is wrong there; take {instead}"
            ),
            Self::CoarseDraws {
                least,
                tests,
                level,
            } => write!(
                f,
                "the smallest p-value of these draws, {}, is above {level} / {tests}: what is significant after a correction for {tests} tests is decided by a few draws; take more of them",
                text::significant(*least, 2)
            ),
            Self::AveragesOfGaps => write!(
                f,
                "the averages of incomes relative to a mean are no common factor: with a constant alone a true null can be rejected in 20 % of the samples at 5 %; take `Deterministic::Trend`, or `Reference::Unit`"
            ),
            Self::SmallExpectedCounts { small, cells } => write!(
                f,
                "{small} of {cells} expected counts are below 5: chi-squared p-values are rough, of likelihood ratios more than of Pearson; take fewer classes"
            ),
            Self::TransientClasses { classes } => write!(
                f,
                "class(es) {} are left for good in the long run: their ergodic share is zero",
                classes.join(", ")
            ),
            Self::UndefinedDraws { undefined, draws } => write!(
                f,
                "in {undefined} of {draws} draws a class was not visited, or the ergodic distribution was not unique; they are left out of what is not defined there"
            ),
            Self::NotDefined { what, why } => write!(f, "{what} is not defined: {why}"),
        }
    }
}

/// A line for each note.
pub(crate) fn write_notes(f: &mut fmt::Formatter<'_>, notes: &[Note]) -> fmt::Result {
    notes
        .iter()
        .try_for_each(|note| writeln!(f, "note: {note}"))
}
