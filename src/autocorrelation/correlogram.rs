//! Spatial correlograms: autocorrelation by order of neighbours or by distance.

use std::fmt;

use super::geary::Geary;
use super::moran::{Assumption, Moran};
use crate::data::{Coordinates, Points, Table, Units, Variable};
use crate::error::{Error, Result};
use crate::inference::{Adjustment, Alternative, PermutationTest, Permutations, TestResult};
use crate::text;
use crate::weights::Weights;

/// A spatial correlogram: Moran's I, Geary's C and the plain correlation, class by class, by order of neighbours or by distance.
///
/// The classes are tests of one pattern: their p-values belong together, and a correction for many tests
/// ([`Adjustment`]) is in every table.
///
/// # Example
///
/// ```
/// use spatialecon::{Alternative, Assumption, Correlogram, Permutations, Points, Units, Weights};
/// // Eight places in a line, values that go up and down.
/// let x = [1.0, 2.0, 4.0, 5.0, 6.0, 3.0, 2.0, 1.0];
/// let pairs = (0..7).map(|i| (i.to_string(), (i + 1).to_string()));
/// let w = Weights::from_pairs(&Units::range(8), pairs)?.row_standardized()?;
/// let by_order = Correlogram::by_order(&x[..], &w, 3)?;
/// assert!(by_order.classes()[0].moran().i() > 0.5 && by_order.classes()[2].moran().i() < 0.0);
///
/// let places = Points::planar((0..8).map(|i| (f64::from(i), 0.0)))?;
/// let by_distance = Correlogram::by_distance(&x[..], &places, &[1.5, 3.5])?;
/// assert_eq!(by_distance.classes().iter().map(|c| c.pairs()).collect::<Vec<_>>(), [7, 11]);
/// let p: Vec<f64> = by_distance
///     .moran_permutations(Permutations::new(999))?
///     .iter()
///     .map(|test| test.p_value(Alternative::Greater))
///     .collect();
/// assert!(p[0] < 0.05 && p[1] > 0.5);
/// let table = by_distance.moran_table(Assumption::Randomization, Alternative::Greater)?;
/// assert_eq!(table.units().id(1).as_deref(), Some("1.5 to 3.5"));
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Cliff and Ord (1981), Spatial Processes; Oden (1984), Geographical Analysis 16 (corrections).
#[derive(Debug, Clone)]
#[doc(alias = "sp.correlogram")]
#[doc(alias = "esda.correlogram")]
pub struct Correlogram {
    name: String,
    classes: Vec<CorrelogramClass>,
}

/// One class of a correlogram: the pairs of units of one order or of a range of distances.
#[derive(Debug, Clone)]
pub struct CorrelogramClass {
    label: String,
    pairs: usize,
    alone: usize,
    moran: Moran,
    geary: Geary,
    correlation: Option<f64>,
}

impl Correlogram {
    /// By order of neighbours, 1 to `max_order`: units are of order k where the shortest path along the links has k steps.
    ///
    /// The weights of each order are binary ([`Weights::order`]) and then transformed as `w` is: row-standardised where `w` is. Units
    /// without neighbours of an order are kept with a lag of zero ([`CorrelogramClass::without_neighbours`] counts them), and n is that
    /// of all units for every order, where spdep counts those with neighbours.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where `max_order` is zero; [`Error::Unsupported`] where no two units are of some order; those of
    /// [`Moran::of`] and of [`Weights::order`].
    pub fn by_order<'a>(x: impl Into<Variable<'a>>, w: &Weights, max_order: usize) -> Result<Self> {
        w.check_ready()?;
        if max_order == 0 {
            return Err(Error::InvalidOption {
                option: "max_order",
                value: max_order.to_string(),
                expected: "a number of orders from 1",
            });
        }
        let classes = (1..=max_order).map(|k| {
            let order = w.order(k)?.islands_kept();
            if order.links() == 0 {
                return Err(empty(
                    &format!("order {k} of a correlogram"),
                    &format!("no two units are {k} steps apart"),
                ));
            }
            Ok((k.to_string(), order.transformed_like(w.transform())?))
        });
        Self::of(&x.into(), classes)
    }

    /// By distance: the first class holds the pairs up to `bounds[0]` apart, the next those from there to `bounds[1]`, and so on,
    /// each with its upper and without its lower bound.
    ///
    /// Bounds are in kilometres for longitude and latitude, in the unit of the coordinates for a plane. Weights are binary. Units
    /// without a neighbour in a class stay in n ([`CorrelogramClass::without_neighbours`]).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where there is no bound, or they are not positive and ascending; [`Error::Unsupported`] where a class
    /// holds no pair; [`Error::TooLarge`] above 2³² - 1 links up to a bound; those of [`Moran::of`].
    pub fn by_distance<'a>(
        x: impl Into<Variable<'a>>,
        points: &Points,
        bounds: &[f64],
    ) -> Result<Self> {
        let unit = match points.coordinates() {
            Coordinates::LonLat => " km",
            Coordinates::Planar => "",
        };
        let positive = bounds.first().is_some_and(|&b| b > 0.0);
        if !positive
            || bounds.windows(2).any(|b| b[0] >= b[1])
            || bounds.iter().any(|b| !b.is_finite())
        {
            return Err(Error::InvalidOption {
                option: "bounds",
                value: format!("{bounds:?}"),
                expected: "distances, positive and ascending",
            });
        }
        let classes = bounds.iter().enumerate().map(|(k, &upper)| {
            let (lower, ring) = match k.checked_sub(1).map(|before| bounds[before]) {
                None => (0.0, Weights::distance_band(points, upper)?),
                Some(lower) => (lower, Weights::distance_ring(points, lower, upper)?),
            };
            let label = format!("{lower} to {upper}{unit}");
            if ring.links() == 0 {
                return Err(empty(
                    &format!("class {label} of a correlogram"),
                    "no two units are that far apart",
                ));
            }
            Ok((label, ring.islands_kept()))
        });
        Self::of(&x.into(), classes)
    }

    fn of(
        x: &Variable<'_>,
        classes: impl Iterator<Item = Result<(String, Weights)>>,
    ) -> Result<Self> {
        let classes = classes
            .map(|class| {
                let (label, w) = class?;
                Ok(CorrelogramClass {
                    label,
                    pairs: w.pairs(),
                    alone: w.islands().len(),
                    moran: Moran::of(x.clone(), &w)?,
                    geary: Geary::of(x.clone(), &w)?,
                    correlation: correlation(x, &w)?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            name: x.name().to_owned(),
            classes,
        })
    }

    /// The classes, nearest first.
    #[must_use]
    pub fn classes(&self) -> &[CorrelogramClass] {
        &self.classes
    }

    /// Moran's I of each class by permutations, the same for all classes.
    ///
    /// # Errors
    ///
    /// Those of [`Moran::permutation`].
    pub fn moran_permutations(&self, permutations: Permutations) -> Result<Vec<PermutationTest>> {
        let classes = self.classes.iter();
        classes.map(|c| c.moran.permutation(permutations)).collect()
    }

    /// Geary's C of each class by permutations, the same for all classes.
    ///
    /// # Errors
    ///
    /// Those of [`Geary::permutation`].
    pub fn geary_permutations(&self, permutations: Permutations) -> Result<Vec<PermutationTest>> {
        let classes = self.classes.iter();
        classes.map(|c| c.geary.permutation(permutations)).collect()
    }

    /// Moran's I, a row a class: columns `estimate expectation variance z p p_holm p_fdr pairs`.
    ///
    /// # Errors
    ///
    /// Those of [`Moran::variance`].
    pub fn moran_table(&self, assumption: Assumption, alternative: Alternative) -> Result<Table> {
        self.table(|c| {
            Ok(Row {
                estimate: c.moran.i(),
                expectation: c.moran.expectation(),
                variance: c.moran.variance(assumption)?,
                test: c.moran.test(assumption, alternative)?,
            })
        })
    }

    /// Geary's C, a row a class: columns `estimate expectation variance z p p_holm p_fdr pairs`.
    ///
    /// # Errors
    ///
    /// Those of [`Geary::variance`].
    pub fn geary_table(&self, assumption: Assumption, alternative: Alternative) -> Result<Table> {
        self.table(|c| {
            Ok(Row {
                estimate: c.geary.c(),
                expectation: c.geary.expectation(),
                variance: c.geary.variance(assumption)?,
                test: c.geary.test(assumption, alternative)?,
            })
        })
    }

    fn table(&self, row: impl Fn(&CorrelogramClass) -> Result<Row>) -> Result<Table> {
        let rows: Vec<Row> = self.classes.iter().map(row).collect::<Result<_>>()?;
        let of = |f: fn(&Row) -> f64| rows.iter().map(f).collect::<Vec<f64>>();
        let p = of(|r| r.test.p_value);
        let pairs: Vec<f64> = self.classes.iter().map(|c| c.pairs as f64).collect();
        Table::over(&Units::new(self.classes.iter().map(|c| c.label.as_str()))?)
            .column("estimate", of(|r| r.estimate))?
            .column("expectation", of(|r| r.expectation))?
            .column("variance", of(|r| r.variance))?
            .column("z", of(|r| r.test.statistic))?
            .column("p_holm", Adjustment::Holm.adjust(&p))?
            .column("p_fdr", Adjustment::Fdr.adjust(&p))?
            .column("p", p)?
            .column("pairs", pairs)
    }
}

/// A row of the table of a statistic.
struct Row {
    estimate: f64,
    expectation: f64,
    variance: f64,
    test: TestResult,
}

impl CorrelogramClass {
    /// The order, or the range of distances.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Number of pairs of units in the class.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    /// Number of units without a neighbour in the class.
    #[must_use]
    pub fn without_neighbours(&self) -> usize {
        self.alone
    }

    /// Moran's I of the class.
    #[must_use]
    pub fn moran(&self) -> &Moran {
        &self.moran
    }

    /// Geary's C of the class.
    #[must_use]
    pub fn geary(&self) -> &Geary {
        &self.geary
    }

    /// Correlation of x and the mean of the neighbours, weighted as they are, over the units that have neighbours in the class;
    /// `None` where one does not vary. (The sum over unequal numbers of neighbours would tell of those numbers.)
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        self.correlation
    }
}

/// Of x and the mean of the neighbours, over the units with neighbours.
fn correlation(x: &Variable<'_>, w: &Weights) -> Result<Option<f64>> {
    let values = x.checked_for(w.units(), "the weights")?;
    let means = w.csr().product(values) / w.csr().row_sums();
    let linked: Vec<(f64, f64)> = (0..w.n())
        .filter(|&i| !w.csr().pattern.row(i).is_empty())
        .map(|i| (values[i], means[i]))
        .collect();
    let mean = |f: fn(&(f64, f64)) -> f64| linked.iter().map(f).sum::<f64>() / linked.len() as f64;
    let (mx, my) = (mean(|p| p.0), mean(|p| p.1));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in &linked {
        xx += (x - mx).powi(2);
        xy += (x - mx) * (y - my);
        yy += (y - my).powi(2);
    }
    let size = |m: f64| 1e-26 * m * m * linked.len() as f64;
    let defined = xx > size(mx) && yy > size(my);
    Ok(defined.then(|| xy / (xx.sqrt() * yy.sqrt())))
}

fn empty(what: &str, why: &str) -> Error {
    Error::Unsupported {
        what: what.to_owned(),
        why: format!("{why}; ask for fewer or wider classes"),
    }
}

impl fmt::Display for Correlogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Correlogram of `{}`", self.name)?;
        let mut layout = text::Layout::new();
        layout.row([
            "",
            "pairs",
            "I",
            "z",
            "p",
            "p (Holm)",
            "C",
            "z",
            "p",
            "p (Holm)",
            "correlation",
        ]);
        let under = Assumption::Randomization;
        let morans = self
            .classes
            .iter()
            .map(|c| c.moran.test(under, Alternative::TwoSided).ok());
        let gearys = self
            .classes
            .iter()
            .map(|c| c.geary.test(under, Alternative::TwoSided).ok());
        let (morans, gearys) = (shown(morans), shown(gearys));
        for ((class, moran), geary) in self.classes.iter().zip(morans).zip(gearys) {
            let number = |x| text::significant(x, 4);
            let mut cells = vec![class.label.clone(), class.pairs.to_string()];
            cells.push(number(class.moran.i()));
            cells.extend(moran);
            cells.push(number(class.geary.c()));
            cells.extend(geary);
            cells.push(class.correlation.map_or_else(|| "none".to_owned(), number));
            layout.row(cells);
        }
        write!(f, "{layout}")?;
        writeln!(f, "under randomisation, two-sided")?;
        for class in self.classes.iter().filter(|c| c.alone > 0) {
            writeln!(
                f,
                "note: {}: {} unit(s) without neighbours: their spatial lag is zero",
                class.label, class.alone
            )?;
        }
        Ok(())
    }
}

/// z, p and corrected p of each test; those that there are none of do not count among the tests.
fn shown(tests: impl Iterator<Item = Option<TestResult>>) -> Vec<[String; 3]> {
    let tests: Vec<Option<TestResult>> = tests.collect();
    let p: Vec<f64> = tests.iter().flatten().map(|t| t.p_value).collect();
    let mut adjusted = Adjustment::Holm.adjust(&p).into_iter();
    tests
        .iter()
        .map(|test| match test {
            None => ["none", "none", "none"].map(str::to_owned),
            Some(test) => [
                text::significant(test.statistic, 4),
                text::p_value(test.p_value),
                text::p_value(adjusted.next().unwrap_or(1.0)),
            ],
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unreadable_literal)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::columbus::{CRIME, weights};
    use super::*;
    use crate::weights::test_data::columbus_points;

    // spdep 1.2-7: sp.correlogram(col.gal.nb, CRIME, order = 5, method, style = "W")
    #[test]
    fn orders_agree_with_spdep() {
        let found = Correlogram::by_order(&CRIME[..], &weights(true), 5).unwrap();
        let expected = [
            (
                0.48577091366177316,
                0.008991121321779066,
                0.5478033771672514,
                0.009804107870385501,
                0.6702530279576298,
            ),
            (
                0.16130054662004556,
                0.00535597757368293,
                0.8300932951742712,
                0.006806621812238782,
                0.3276160757128011,
            ),
            (
                -0.12084011318161662,
                0.004389342279394182,
                1.116295073476016,
                0.006956483469748872,
                -0.36310428380566634,
            ),
            (
                -0.3082971145771885,
                0.00380264819517356,
                1.2900941960071577,
                0.004669265745191053,
                -0.5828900404723596,
            ),
            (
                -0.4390326324198411,
                0.00595491118204735,
                1.4017137383573584,
                0.00920108559646044,
                -0.6739021757139503,
            ),
        ];
        for (class, (i, i_variance, c, c_variance, r)) in found.classes().iter().zip(expected) {
            let under = Assumption::Randomization;
            assert_relative_eq!(class.moran().i(), i, max_relative = 1e-12);
            assert_relative_eq!(
                class.moran().variance(under).unwrap(),
                i_variance,
                max_relative = 1e-12
            );
            assert_relative_eq!(class.geary().c(), c, max_relative = 1e-12);
            assert_relative_eq!(
                class.geary().variance(under).unwrap(),
                c_variance,
                max_relative = 1e-12
            );
            assert_relative_eq!(class.correlation().unwrap(), r, max_relative = 1e-12);
        }
        let pairs: Vec<usize> = found
            .classes()
            .iter()
            .map(CorrelogramClass::pairs)
            .collect();
        assert_eq!(pairs[..4], [115, 203, 236, 235]);
        let table = found
            .moran_table(Assumption::Randomization, Alternative::TwoSided)
            .unwrap();
        let p = table.values("p").unwrap().to_vec();
        assert_eq!(
            table.values("p_holm").unwrap().to_vec(),
            Adjustment::Holm.adjust(&p)
        );
        assert_relative_eq!(p[0], 9.156535482603929e-08, max_relative = 1e-9);
        let table = found
            .geary_table(Assumption::Normality, Alternative::Less)
            .unwrap();
        assert_relative_eq!(
            table.values("z").unwrap()[0],
            -4.454169539136634,
            max_relative = 1e-12
        );
    }

    #[test]
    fn classes_of_distance_are_those_of_all_pairs() {
        let points = columbus_points();
        let bounds = [5.0, 12.5, 20.0];
        let found = Correlogram::by_distance(&CRIME[..], &points, &bounds).unwrap();
        let mean = CRIME.iter().sum::<f64>() / 49.0;
        let z = CRIME.map(|x| x - mean);
        let squares: f64 = z.iter().map(|z| z * z).sum();
        let mut lower = -1.0;
        for (class, upper) in found.classes().iter().zip(bounds) {
            let (mut pairs, mut cross, mut differences) = (0, 0.0, 0.0);
            for i in 0..49 {
                for j in 0..i {
                    let d = points.distance(i, j).unwrap();
                    if d > lower && d <= upper {
                        pairs += 1;
                        cross += z[i] * z[j];
                        differences += (z[i] - z[j]).powi(2);
                    }
                }
            }
            assert_eq!(class.pairs(), pairs);
            let count = f64::from(u32::try_from(pairs).unwrap());
            assert_relative_eq!(
                class.moran().i(),
                49.0 * cross / count / squares,
                max_relative = 1e-12
            );
            assert_relative_eq!(
                class.geary().c(),
                48.0 * differences / (2.0 * count * squares),
                max_relative = 1e-12
            );
            lower = upper;
        }
        let tests = found.moran_permutations(Permutations::new(999)).unwrap();
        let alone = found.classes()[1]
            .moran()
            .permutation(Permutations::new(999))
            .unwrap();
        assert_eq!((tests.len(), &tests[1]), (3, &alone));
        let geary = found.geary_permutations(Permutations::new(999)).unwrap();
        assert!(geary[0].p_value(Alternative::Less) < 0.05);
        assert!(found.to_string().contains("5 to 12.5"));
    }

    #[test]
    fn longitudes_and_latitudes_are_in_kilometres() {
        let places = [
            (113.25, 23.117),
            (113.583, 24.8),
            (114.06, 22.54),
            (113.55, 22.22),
            (116.68, 23.35),
        ];
        let points = Points::lon_lat(places).unwrap();
        let x = [4.0, 1.0, 5.0, 3.0, 2.0];
        let found = Correlogram::by_distance(&x[..], &points, &[150.0, 300.0, 450.0]).unwrap();
        let labels: Vec<&str> = found
            .classes()
            .iter()
            .map(CorrelogramClass::label)
            .collect();
        assert_eq!(labels, ["0 to 150 km", "150 to 300 km", "300 to 450 km"]);
        let pairs = found.classes().iter().map(CorrelogramClass::pairs);
        assert_eq!(pairs.sum::<usize>(), 10);
        assert_eq!(found.classes()[0].without_neighbours(), 2);
    }

    #[test]
    fn what_is_not_defined_is_an_error() {
        let w = weights(true);
        let far = Correlogram::by_order(&CRIME[..], &w, 30).unwrap_err();
        assert!(matches!(&far, Error::Unsupported { .. }), "{far}");
        let zero = Correlogram::by_order(&CRIME[..], &w, 0);
        assert!(matches!(zero, Err(Error::InvalidOption { .. })));
        let points = columbus_points();
        for bounds in [
            &[][..],
            &[0.0, 1.0],
            &[5.0, 5.0],
            &[5.0, f64::NAN],
            &[1.0, f64::INFINITY],
        ] {
            let bad = Correlogram::by_distance(&CRIME[..], &points, bounds);
            assert!(
                matches!(bad, Err(Error::InvalidOption { .. })),
                "{bounds:?}"
            );
        }
        let empty = Correlogram::by_distance(&CRIME[..], &points, &[1e-9, 10.0]);
        assert!(matches!(empty, Err(Error::Unsupported { .. })));
        let constant = Correlogram::by_order(&[1.0; 49][..], &w, 2);
        assert!(matches!(constant, Err(Error::Constant { .. })));
    }
}
