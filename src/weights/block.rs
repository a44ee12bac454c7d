//! Weights of groups: units with the same label are neighbours.

use std::collections::HashMap;

use super::links::binary;
use super::{Weights, check_links};
use crate::data::Units;
use crate::error::{Error, Result};

impl Weights {
    /// Binary weights: all units with the same label are neighbours, as the cities of a province or the districts of a watershed.
    ///
    /// Labels are compared as text, in the order of the units; [`Table::labels`](crate::Table::labels) has them. A unit alone in its group is an island.
    /// A group of g units makes g (g - 1) links, so that the squares of the sizes of groups count.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`] where there is not one label a unit; [`Error::TooLarge`] above 2³² - 1 links.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let units = Units::new(["Guangzhou", "Nanning", "Shenzhen"])?;
    /// let w = Weights::block(&units, &["Guangdong", "Guangxi", "Guangdong"])?;
    /// assert_eq!((w.weight(0, 2), w.links()), (1.0, 2));
    /// assert_eq!(w.islands(), ["Nanning"]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Case (1991), Econometrica 59: 953-965.
    #[doc(alias = "build_block_contiguity")]
    #[doc(alias = "block_weights")]
    #[doc(alias = "nb2blocknb")]
    #[doc(alias = "regime_weights")]
    pub fn block<S: AsRef<str>>(units: &Units, labels: &[S]) -> Result<Self> {
        let n = units.len();
        if labels.len() != n {
            return Err(Error::LengthMismatch {
                what: "labels of the groups".to_owned(),
                expected: n,
                found: labels.len(),
            });
        }
        check_links(n)?;
        let mut number = HashMap::new();
        let mut groups: Vec<Vec<u32>> = Vec::new();
        let mut group = Vec::with_capacity(n);
        for (i, label) in labels.iter().enumerate() {
            let g = *number.entry(label.as_ref()).or_insert(groups.len());
            if g == groups.len() {
                groups.push(Vec::new());
            }
            groups[g].push(i as u32);
            group.push(g);
        }
        let links = (groups.iter().map(Vec::len)).fold(0_usize, |sum, g| {
            sum.saturating_add(g.saturating_mul(g - 1))
        });
        if u32::try_from(links).is_err() {
            return Err(Error::TooLarge {
                what: "the number of links of weights of groups",
                n: links,
                limit: u32::MAX as usize,
                instead: "use smaller groups: one of g units makes g (g - 1) links",
            });
        }
        let (mut offsets, mut columns) = (vec![0], Vec::with_capacity(links));
        for (i, &g) in group.iter().enumerate() {
            columns.extend(groups[g].iter().filter(|&&j| j as usize != i));
            offsets.push(columns.len() as u32);
        }
        let built = format!("{} groups", groups.len());
        Ok(binary(units.clone(), offsets, columns, built))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Table;

    #[test]
    fn groups_in_any_order() {
        let units = Units::range(6);
        let labels = ["b", "a", "b", " b", "a", "b"];
        let w = Weights::block(&units, &labels).unwrap();
        let to = |i: usize| w.neighbours(i).map(|l| l.0).collect::<Vec<_>>();
        let expected: [&[usize]; 6] = [&[2, 5], &[4], &[0, 5], &[], &[1], &[0, 2]];
        assert_eq!((0..6).map(to).collect::<Vec<_>>(), expected);
        assert_eq!((w.built(), w.components()), ("3 groups", 3));
        assert!(w.is_symmetric() && !w.islands_decided());
        let table = Table::over(&units).label("region", labels).unwrap();
        let again = Weights::block(&units, table.labels("region").unwrap()).unwrap();
        assert_eq!(again.csr(), w.csr());
    }

    #[test]
    fn too_few_labels_and_too_many_links() {
        let e = Weights::block(&Units::range(3), &["a", "b"]).unwrap_err();
        assert!(matches!(e, Error::LengthMismatch { .. }), "{e}");
        let none: [&str; 0] = [];
        assert_eq!(Weights::block(&Units::range(0), &none).unwrap().n(), 0);
        let e = Weights::block(&Units::range(70_000), &vec!["one"; 70_000]).unwrap_err();
        assert!(matches!(e, Error::TooLarge { .. }), "{e}");
    }
}
