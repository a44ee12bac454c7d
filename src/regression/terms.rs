//! The terms of a regression equation, and the names of the models that they make.

use std::fmt;

use crate::weights::Weights;

/// The named models, each a set of terms of y = rho W y + X b + W X theta + u, u = lambda W u + e.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Model {
    /// y = X b + e.
    Ols,
    /// y = X b + W X theta + e.
    Slx,
    /// y = rho W y + X b + e.
    Sar,
    /// y = X b + u, u = lambda W u + e.
    Sem,
    /// y = rho W y + X b + W X theta + e.
    Sdm,
    /// y = X b + W X theta + u, u = lambda W u + e.
    Sdem,
    /// y = rho W y + X b + u, u = lambda M u + e.
    Sac,
    /// y = rho W y + X b + W X theta + u, u = lambda M u + e.
    Gns,
}

impl Model {
    /// The usual abbreviation: `OLS`, `SLX`, `SAR`, `SEM`, `SDM`, `SDEM`, `SAC`, `GNS`.
    #[must_use]
    pub fn abbreviation(self) -> &'static str {
        match self {
            Self::Ols => "OLS",
            Self::Slx => "SLX",
            Self::Sar => "SAR",
            Self::Sem => "SEM",
            Self::Sdm => "SDM",
            Self::Sdem => "SDEM",
            Self::Sac => "SAC",
            Self::Gns => "GNS",
        }
    }

    /// Whether the model is estimated by maximum likelihood, with rho or lambda or both.
    #[must_use]
    pub fn is_spatial_process(self) -> bool {
        !matches!(self, Self::Ols | Self::Slx)
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ols => "Ordinary least squares (OLS)",
            Self::Slx => "Spatially lagged X (SLX)",
            Self::Sar => "Spatial lag model (SAR)",
            Self::Sem => "Spatial error model (SEM)",
            Self::Sdm => "Spatial Durbin model (SDM)",
            Self::Sdem => "Spatial Durbin error model (SDEM)",
            Self::Sac => "Spatial lag and error model (SAC)",
            Self::Gns => "General nesting spatial model (GNS)",
        })
    }
}

/// Which regressors are lagged too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lagged {
    All,
    Only(Vec<String>),
}

/// The W X term.
#[derive(Debug, Clone)]
pub(crate) struct Durbin {
    pub(crate) w: Weights,
    pub(crate) lagged: Lagged,
}

/// A regressor and the columns of the design that hold it and its lag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Regressor {
    pub(crate) name: String,
    pub(crate) own: Option<usize>,
    pub(crate) lagged: Option<usize>,
}
