//! Where a unit stands in the Moran scatter plot, and the map of clusters.

use std::fmt;

/// Where a unit stands in the Moran scatter plot: its value against the mean, its neighbours' weighted sum of deviations
/// against zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quadrant {
    /// High among high neighbours.
    HighHigh,
    /// Low among low neighbours.
    LowLow,
    /// High among low neighbours.
    HighLow,
    /// Low among high neighbours.
    LowHigh,
    /// The unit's own value is the mean, or its spatial lag is zero, up to rounding.
    OnAxis,
    /// The unit has no neighbours.
    Island,
}

impl Quadrant {
    /// From the signs of a deviation and of its lag; moduli up to the tolerances are zero.
    pub(crate) fn of(z: f64, z_tolerance: f64, lag: f64, lag_tolerance: f64) -> Self {
        if z.abs() <= z_tolerance || lag.abs() <= lag_tolerance {
            return Self::OnAxis;
        }
        match (z > 0.0, lag > 0.0) {
            (true, true) => Self::HighHigh,
            (false, false) => Self::LowLow,
            (true, false) => Self::HighLow,
            (false, true) => Self::LowHigh,
        }
    }
}

impl fmt::Display for Quadrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HighHigh => "High-High",
            Self::LowLow => "Low-Low",
            Self::HighLow => "High-Low",
            Self::LowHigh => "Low-High",
            Self::OnAxis => "on axis",
            Self::Island => "island",
        })
    }
}

/// The label of a unit on the map of clusters: its quadrant where its statistic is significant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cluster {
    /// Significant, high among high neighbours (a hot spot).
    HighHigh,
    /// Significant, low among low neighbours (a cold spot).
    LowLow,
    /// Significant, high among low neighbours (an outlier).
    HighLow,
    /// Significant, low among high neighbours (an outlier).
    LowHigh,
    /// Not significant, or on an axis of the scatter plot.
    NotSignificant,
    /// The unit has no neighbours.
    Island,
}

impl Cluster {
    pub(super) const ALL: [Self; 6] = [
        Self::HighHigh,
        Self::LowLow,
        Self::HighLow,
        Self::LowHigh,
        Self::NotSignificant,
        Self::Island,
    ];

    pub(super) fn of(quadrant: Quadrant, significant: bool) -> Self {
        match quadrant {
            Quadrant::Island => Self::Island,
            Quadrant::HighHigh if significant => Self::HighHigh,
            Quadrant::LowLow if significant => Self::LowLow,
            Quadrant::HighLow if significant => Self::HighLow,
            Quadrant::LowHigh if significant => Self::LowHigh,
            _ => Self::NotSignificant,
        }
    }
}

impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HighHigh => "High-High",
            Self::LowLow => "Low-Low",
            Self::HighLow => "High-Low",
            Self::LowHigh => "Low-High",
            Self::NotSignificant => "not significant",
            Self::Island => "island",
        })
    }
}

/// The label of a unit by local Geary's c.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum GearyCluster {
    /// Significant, like its neighbours, which are high as it is.
    HighHigh,
    /// Significant, like its neighbours, which are low as it is.
    LowLow,
    /// Significant, like its neighbours, on different sides of the mean or on it.
    OtherPositive,
    /// Significant, like its neighbours in several variables at once.
    Positive,
    /// Significant, unlike its neighbours.
    Negative,
    /// Not significant.
    NotSignificant,
    /// The unit has no neighbours.
    Island,
}

impl fmt::Display for GearyCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HighHigh => "High-High",
            Self::LowLow => "Low-Low",
            Self::OtherPositive => "other positive",
            Self::Positive => "positive",
            Self::Negative => "negative",
            Self::NotSignificant => "not significant",
            Self::Island => "island",
        })
    }
}

/// The label of a unit by local G or G*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HotSpot {
    /// Significant, high values around it (G) or around and in it (G*).
    Hot,
    /// Significant, low values around it (G) or around and in it (G*).
    Cold,
    /// Not significant.
    NotSignificant,
    /// The unit has no neighbours.
    Island,
}

impl HotSpot {
    pub(super) const ALL: [Self; 4] = [Self::Hot, Self::Cold, Self::NotSignificant, Self::Island];
}

impl fmt::Display for HotSpot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hot => "hot",
            Self::Cold => "cold",
            Self::NotSignificant => "not significant",
            Self::Island => "island",
        })
    }
}
