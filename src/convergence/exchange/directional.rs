//! Directional LISA: where units and their neighbours move in the Moran scatter plot.

use std::f64::consts::TAU;
use std::fmt;

use ndarray::{Array1, ArrayView1};

use super::check_dates;
use super::directional_test::DirectionalTest;
use crate::autocorrelation::Quadrant;
use crate::data::{Panel, Table, Variable};
use crate::error::{Error, Result};
use crate::inference::{Note, Permutations};
use crate::text::{Layout, significant};
use crate::weights::Weights;

/// How the values of a date are scaled before they are compared with those of another date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LisaScale {
    /// Over the mean of the date, as relative incomes are.
    #[default]
    RelativeToMean,
    /// Less the mean of the date, over its standard deviation (divisor n).
    ZScores,
    /// As they are.
    AsGiven,
}

impl fmt::Display for LisaScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RelativeToMean => "relative to the mean",
            Self::ZScores => "z-scores",
            Self::AsGiven => "as given",
        })
    }
}

/// Directional LISA: the moves of units in the Moran scatter plot between two dates, by direction.
///
/// With z the scaled values, the move of unit i from (z_i0, (Wz_0)_i) to (z_i1, (Wz_1)_i), brought to the origin, is
///
/// ```text
/// dx_i = z_i1 - z_i0,    dy_i = Σ_j w_ij dx_j,    theta_i = atan2(dy_i, dx_i) in [0, 2 pi),    r_i = sqrt(dx_i² + dy_i²)
/// ```
///
/// Directions are counted in k sectors of equal width, counter-clockwise from 0: sector s is `[2 pi s/k, 2 pi (s + 1)/k)`. In the first quadrant
/// (0 to pi/2) unit and neighbours both gain, in the third both lose; in the second the unit loses and its neighbours gain, in the fourth the
/// other way round. A unit that does not move at all (dx = dy = 0) has no direction, and one without neighbours no dy: both are in no
/// sector and are counted apart. Moves within rounding of the values are zero.
///
/// Defaults: values relative to the mean of the date, eight sectors. W is taken as it is; row-standardised weights make dy the move of the neighbours' mean.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Alternative, DirectionalLisa, Panel, Permutations, Units, Weights};
/// let units = Units::range(6);
/// let panel = Panel::from_columns(
///     &units,
///     &[2000, 2010],
///     [("income", array![[8.0, 9.0, 10.0, 11.0, 12.0, 10.0], [9.0, 11.0, 12.0, 10.0, 9.0, 9.0]])],
/// )?;
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&units, pairs)?.row_standardized()?;
/// let lisa = DirectionalLisa::between(&panel, "income", 2000, 2010, &w)?.with_sectors(4)?;
/// assert_eq!(lisa.counts(), [3, 0, 3, 0]);
/// // All six move the same way as their neighbours, as in 16 of the 720 orders.
/// let test = lisa.permutation(Permutations::all())?;
/// assert!((test.together().p_value(Alternative::Greater) - 16.0 / 720.0).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Rey, Murray and Anselin (2011), Visualizing regional income distribution dynamics, Letters in Spatial and Resource Sciences 4.
#[derive(Debug, Clone)]
#[doc(alias("Rose", "LISA vectors", "rose diagram", "dynamic LISA"))]
pub struct DirectionalLisa {
    pub(super) name: String,
    pub(super) weights: Weights,
    values: [Array1<f64>; 2],
    scale: LisaScale,
    pub(super) dx: Array1<f64>,
    dy: Array1<f64>,
    /// Moves that are no larger are rounding.
    rounding: f64,
    pub(super) sectors: usize,
    pub(super) counts: Vec<usize>,
    origin: Vec<Quadrant>,
    destination: Vec<Quadrant>,
}

/// Fewer units have no scatter plot to speak of.
const FEWEST: usize = 3;
/// No more sectors than this.
const MOST_SECTORS: usize = 360;

impl DirectionalLisa {
    /// The moves of a panel's column between two periods.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the last period is not after the first; [`Error::UnknownColumn`], [`Error::UnknownPeriod`]; [`Error::UnitsDiffer`]
    /// where W has other units; [`Error::TooFewUnits`] for fewer than three; [`Error::Constant`], which names a period in which all values
    /// are equal; [`Error::Unsupported`] where there are no neighbours at all, and where the mean of a period is not positive, so that values relative to it
    /// are not defined.
    pub fn between(
        panel: &Panel,
        column: &str,
        first: i32,
        last: i32,
        w: &Weights,
    ) -> Result<Self> {
        check_dates(first, last)?;
        let at = |period: i32| {
            let name = format!("{column}, period {period}");
            Ok::<_, Error>(panel.variable_at(column, period)?.named(&name))
        };
        let name = format!("{column}, {first} to {last}");
        Self::build(name, &at(first)?, &at(last)?, w)
    }

    /// The moves from one variable to another over the units of W.
    ///
    /// # Errors
    ///
    /// As [`between`](Self::between); [`Error::LengthMismatch`], [`Error::NotFinite`] for bare arrays.
    pub fn of<'a, 'b>(
        first: impl Into<Variable<'a>>,
        last: impl Into<Variable<'b>>,
        w: &Weights,
    ) -> Result<Self> {
        let (first, last) = (first.into(), last.into());
        let name = if first.name() == last.name() {
            first.name().to_owned()
        } else {
            format!("{} to {}", first.name(), last.name())
        };
        Self::build(name, &first, &last, w)
    }

    fn build(name: String, first: &Variable<'_>, last: &Variable<'_>, w: &Weights) -> Result<Self> {
        let values = |x: &Variable<'_>| {
            let values = x.checked_for(w.units(), "the weights")?;
            if values.iter().all(|v| (v - values[0]).abs() <= 0.0) {
                return Err(Error::Constant {
                    name: x.name().to_owned(),
                    what: "the Moran scatter plot",
                });
            }
            Ok(values.to_owned())
        };
        if w.n() < FEWEST {
            return Err(Error::TooFewUnits {
                what: "directional LISA".to_owned(),
                needed: FEWEST,
                n: w.n(),
            });
        }
        let values = [values(first)?, values(last)?];
        if w.links() == 0 {
            return Err(super::no_neighbours("directional LISA"));
        }
        let quadrants = |v: &Array1<f64>| quadrants(v.view(), w);
        let (origin, destination) = (quadrants(&values[0]), quadrants(&values[1]));
        let zeros = || Array1::zeros(w.n());
        let lisa = Self {
            name,
            weights: w.clone(),
            values,
            scale: LisaScale::default(),
            dx: zeros(),
            dy: zeros(),
            rounding: 0.0,
            sectors: 8,
            counts: Vec::new(),
            origin,
            destination,
        };
        lisa.computed()
    }

    /// The same with values scaled otherwise.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the mean of a period is not positive, so that values relative to it are not defined.
    pub fn with_scale(mut self, scale: LisaScale) -> Result<Self> {
        self.scale = scale;
        self.computed()
    }

    /// The same with another number of sectors.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for fewer than two sectors, or more than 360.
    pub fn with_sectors(mut self, sectors: usize) -> Result<Self> {
        if !(2..=MOST_SECTORS).contains(&sectors) {
            return Err(Error::InvalidOption {
                option: "sectors",
                value: sectors.to_string(),
                expected: "from 2 to 360 sectors",
            });
        }
        self.sectors = sectors;
        self.computed()
    }

    fn computed(mut self) -> Result<Self> {
        let [first, last] = &self.values;
        let (first, last) = (self.scaled(first.view())?, self.scaled(last.view())?);
        // What is left of equal values by rounding is no move.
        let largest = |v: &Array1<f64>| v.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        self.rounding = 8.0 * f64::EPSILON * largest(&first).max(largest(&last));
        self.dx = (last - first).mapv(|d| snapped(d, self.rounding));
        self.dy = self.weights.csr().product(self.dx.view());
        for i in 0..self.dy.len() {
            self.dy[i] = snapped(self.dy[i], self.rounding_of_lag(i));
        }
        self.counts = vec![0; self.sectors];
        for i in 0..self.dx.len() {
            if let Some(s) = self.sector(i) {
                self.counts[s] += 1;
            }
        }
        Ok(self)
    }

    fn scaled(&self, values: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
        if self.scale == LisaScale::AsGiven {
            return Ok(values.to_owned());
        }
        // Neither scale depends on the unit of the values; in that of the largest no square leaves the range of numbers.
        let largest = values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        let values = values.mapv(|v| v / largest);
        let n = values.len() as f64;
        let mean = values.sum() / n;
        match self.scale {
            LisaScale::AsGiven => Ok(values),
            LisaScale::RelativeToMean if mean > 0.0 => Ok(values.mapv(|v| v / mean)),
            LisaScale::RelativeToMean => Err(Error::Unsupported {
                what: format!("{} relative to the mean", self.name),
                why: format!(
                    "the mean of a period is {}; take `LisaScale::ZScores`, or positive values",
                    significant(mean * largest, 5)
                ),
            }),
            LisaScale::ZScores => {
                let square = values.mapv(|v| (v - mean).powi(2)).sum() / n;
                Ok(values.mapv(|v| (v - mean) / square.sqrt()))
            }
        }
    }

    /// What rounding may leave of a move of the neighbours of unit i.
    pub(super) fn rounding_of_lag(&self, i: usize) -> f64 {
        let sum: f64 = self.weights.csr().row(i).map(|(_, w)| w.abs()).sum();
        self.rounding * sum
    }

    /// Whether unit i has no neighbour.
    pub(super) fn is_island(&self, i: usize) -> bool {
        self.weights.csr().pattern.row(i).is_empty()
    }

    /// The sector of a unit; none where it does not move, or has no neighbours.
    #[must_use]
    pub fn sector(&self, position: usize) -> Option<usize> {
        if position >= self.dx.len() || self.is_island(position) {
            return None;
        }
        sector(self.dx[position], self.dy[position], self.sectors)
    }

    /// Units by sector.
    #[must_use]
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// The bounds of a sector in radians, `[from, to)`.
    #[must_use]
    pub fn bounds(&self, sector: usize) -> (f64, f64) {
        let width = TAU / self.sectors as f64;
        (sector as f64 * width, (sector + 1) as f64 * width)
    }

    /// Units that do not move at all, and are in no sector.
    #[must_use]
    pub fn unmoved(&self) -> usize {
        let still = |&i: &usize| !self.is_island(i) && self.sector(i).is_none();
        (0..self.dx.len()).filter(still).count()
    }

    /// Units without neighbours, which are in no sector.
    #[must_use]
    pub fn islands(&self) -> usize {
        (0..self.dx.len()).filter(|&i| self.is_island(i)).count()
    }

    /// How the values of a date are scaled.
    #[must_use]
    pub fn scale(&self) -> LisaScale {
        self.scale
    }

    /// The moves of the units, dx.
    #[must_use]
    pub fn dx(&self) -> ArrayView1<'_, f64> {
        self.dx.view()
    }

    /// The moves of their neighbours, dy; zero for units without neighbours.
    #[must_use]
    pub fn dy(&self) -> ArrayView1<'_, f64> {
        self.dy.view()
    }

    /// The direction of each unit in radians, `[0, 2 pi)`; none where it does not move, or has no neighbours.
    #[must_use]
    pub fn angles(&self) -> Vec<Option<f64>> {
        (0..self.dx.len())
            .map(|i| {
                self.sector(i)?;
                angle(self.dx[i], self.dy[i])
            })
            .collect()
    }

    /// The length of each move.
    #[must_use]
    pub fn lengths(&self) -> Array1<f64> {
        let moves = self.dx.iter().zip(&self.dy);
        moves.map(|(x, y)| x.hypot(*y)).collect()
    }

    /// The mean direction in radians, `[0, 2 pi)`, and the mean resultant length in `[0, 1]`, of the directions alone, whatever their lengths; one is a common
    /// direction, zero none. No direction where no unit moves, or where directions cancel.
    #[must_use]
    pub fn mean_direction(&self) -> Option<(f64, f64)> {
        let angles: Vec<f64> = self.angles().into_iter().flatten().collect();
        let x: f64 = angles.iter().map(|a| a.cos()).sum();
        let y: f64 = angles.iter().map(|a| a.sin()).sum();
        let length = x.hypot(y) / angles.len().max(1) as f64;
        (length > 1e-12)
            .then(|| angle(x, y).map(|a| (a, length)))
            .flatten()
    }

    /// The moves as a table: columns `dx`, `dy` and `length`, labels `from` and `to`, the quadrants of the two dates.
    ///
    /// # Errors
    ///
    /// None that the moves themselves have not raised.
    pub fn table(&self) -> Result<Table> {
        let names = |all: &[Quadrant]| all.iter().map(Quadrant::to_string).collect::<Vec<_>>();
        Table::over(self.weights.units())
            .column("dx", self.dx.clone())?
            .column("dy", self.dy.clone())?
            .column("length", self.lengths())?
            .label("from", names(&self.origin))?
            .label("to", names(&self.destination))
    }

    /// The quadrant of each unit at the first date.
    #[must_use]
    pub fn origins(&self) -> &[Quadrant] {
        &self.origin
    }

    /// The quadrant of each unit at the last date.
    #[must_use]
    pub fn destinations(&self) -> &[Quadrant] {
        &self.destination
    }

    /// Units by the quadrant from which (rows) and to which (columns) they move, in the order of [`QUADRANTS`](Self::QUADRANTS); units on an axis and islands are left out.
    #[must_use]
    pub fn transitions(&self) -> [[usize; 4]; 4] {
        let place = |q: &Quadrant| Self::QUADRANTS.iter().position(|own| own == q);
        let mut counts = [[0; 4]; 4];
        for (from, to) in self.origin.iter().zip(&self.destination) {
            if let (Some(from), Some(to)) = (place(from), place(to)) {
                counts[from][to] += 1;
            }
        }
        counts
    }

    /// The order of rows and columns of [`transitions`](Self::transitions), counter-clockwise.
    pub const QUADRANTS: [Quadrant; 4] = [
        Quadrant::HighHigh,
        Quadrant::LowHigh,
        Quadrant::LowLow,
        Quadrant::HighLow,
    ];

    /// What the reader should know.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let count = self.islands();
        (count > 0)
            .then_some(Note::Islands { count })
            .into_iter()
            .collect()
    }

    /// The permutation test of the counts: the pairs of values are rearranged over the locations, and lags computed anew.
    ///
    /// As dy is the lag of dx, this rearranges dx. Cost: (links + n) × permutations.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a count that is zero or above 2^31; [`Error::Unsupported`] for more than 10^6 arrangements.
    pub fn permutation(&self, permutations: Permutations<'_>) -> Result<DirectionalTest> {
        DirectionalTest::of(self, permutations)
    }
}

/// The direction in `[0, 2 pi)`; none of a move of length zero.
fn angle(dx: f64, dy: f64) -> Option<f64> {
    if dx == 0.0 && dy == 0.0 {
        return None;
    }
    let angle = dy.atan2(dx);
    // -0.0 and what lies so near below zero that it would round to 2 pi.
    let turned = if angle < 0.0 {
        angle + TAU
    } else {
        angle + 0.0
    };
    Some(turned.min(TAU.next_down()))
}

/// Zero where a move is no larger than rounding.
pub(super) fn snapped(moved: f64, rounding: f64) -> f64 {
    if moved.abs() <= rounding { 0.0 } else { moved }
}

/// The sector of a move; none of a move of length zero.
pub(super) fn sector(dx: f64, dy: f64, sectors: usize) -> Option<usize> {
    let width = TAU / sectors as f64;
    let angle = angle(dx, dy)?;
    let mut s = ((angle / width) as usize).min(sectors - 1);
    // The bounds are multiples of the width; a quotient may be rounded to the other side.
    if s + 1 < sectors && angle >= (s + 1) as f64 * width {
        s += 1;
    } else if angle < s as f64 * width {
        s = s.saturating_sub(1);
    }
    Some(s)
}

fn quadrants(values: ArrayView1<'_, f64>, w: &Weights) -> Vec<Quadrant> {
    let mean = values.sum() / values.len() as f64;
    let z = values.mapv(|v| v - mean);
    let magnitude = values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    let tolerance = 8.0 * f64::EPSILON * magnitude;
    let (lag, sums) = (w.csr().product(z.view()), w.csr().row_sums());
    (0..z.len())
        .map(|i| {
            if w.csr().pattern.row(i).is_empty() {
                Quadrant::Island
            } else {
                Quadrant::of(z[i], tolerance, lag[i], tolerance * sums[i])
            }
        })
        .collect()
}

impl fmt::Display for DirectionalLisa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Directional LISA of {}, {} units; values {}",
            self.name,
            self.dx.len(),
            self.scale
        )?;
        let mut table = Layout::new();
        table
            .row(["sector", "from (degrees)", "to", "units"])
            .rule();
        for (s, count) in self.counts.iter().enumerate() {
            let (from, to) = self.bounds(s);
            table.row([
                (s + 1).to_string(),
                significant(from.to_degrees(), 4),
                significant(to.to_degrees(), 4),
                count.to_string(),
            ]);
        }
        write!(f, "{table}")?;
        if let Some((direction, length)) = self.mean_direction() {
            writeln!(
                f,
                "mean direction {} degrees, resultant length {}",
                significant(direction.to_degrees(), 4),
                significant(length, 4)
            )?;
        }
        if self.unmoved() > 0 {
            writeln!(f, "{} unit(s) do not move", self.unmoved())?;
        }
        let mut table = Layout::new();
        let names = Self::QUADRANTS.map(|q| q.to_string());
        table
            .row(std::iter::once("from \\ to".to_owned()).chain(names.clone()))
            .rule();
        for (name, row) in names.into_iter().zip(self.transitions()) {
            table.row(std::iter::once(name).chain(row.map(|c| c.to_string())));
        }
        write!(f, "\n{table}")?;
        for note in self.notes() {
            writeln!(f, "{note}, and they are in no sector")?;
        }
        Ok(())
    }
}
