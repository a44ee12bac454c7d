//! How many draws are at least and at most as large as the observed value, and the p-values that follow.

use crate::inference::Alternative;

/// The number of draws at least and at most as large as the observed value; a tie counts in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tails {
    pub(crate) at_least: u32,
    pub(crate) at_most: u32,
}

impl Tails {
    /// Counts draws beside the observed value; those nearer to it than the tolerance are ties.
    pub(crate) fn count(&mut self, draw: f64, observed: f64, tolerance: f64) {
        self.at_least += u32::from(draw >= observed - tolerance);
        self.at_most += u32::from(draw <= observed + tolerance);
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.at_least += other.at_least;
        self.at_most += other.at_most;
    }

    /// The tails of the negated statistic.
    pub(crate) fn mirrored(self) -> Self {
        Self {
            at_least: self.at_most,
            at_most: self.at_least,
        }
    }

    /// Every draw tied with the observed value.
    pub(crate) fn all_tied(draws: usize) -> Self {
        Self {
            at_least: draws as u32,
            at_most: draws as u32,
        }
    }

    /// Of a sample of R draws (1 + #≥)/(1 + R), (1 + #≤)/(1 + R), or twice the smaller of the two, at most 1; of all
    /// arrangements, of which the observed one is one, without the ones.
    pub(crate) fn p_value(self, draws: usize, sampled: bool, alternative: Alternative) -> f64 {
        let one = f64::from(u8::from(sampled));
        let share = |count: u32| (one + f64::from(count)) / (one + draws as f64);
        match alternative {
            Alternative::Greater => share(self.at_least),
            Alternative::Less => share(self.at_most),
            Alternative::TwoSided => (2.0 * share(self.at_least.min(self.at_most))).min(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_give_the_p_values_of_their_definition() {
        let tails = Tails {
            at_least: 4,
            at_most: 96,
        };
        let p = |a| tails.p_value(99, true, a);
        assert!((p(Alternative::Greater) - 0.05).abs() < 1e-15);
        assert!((p(Alternative::Less) - 0.97).abs() < 1e-15);
        assert!((p(Alternative::TwoSided) - 0.10).abs() < 1e-15);
        let tied = Tails::all_tied(99).p_value(99, true, Alternative::TwoSided);
        assert!((tied - 1.0).abs() < 1e-15);
        let exact = |a| tails.p_value(99, false, a);
        assert!((exact(Alternative::Greater) - 4.0 / 99.0).abs() < 1e-15);
        assert!((exact(Alternative::TwoSided) - 8.0 / 99.0).abs() < 1e-15);
    }
}
