//! The one error type of the crate.
//!
//! Every variant carries the data that names the culprit (unit, period, column, file, line), and its message says what to
//! do next. No variant wraps the error of another crate; input and output keep [`std::io::Error`] with their path.

use std::fmt;
use std::path::PathBuf;

/// The result of every fallible operation of the crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One cell of a table or panel: the unit, the period where there is one, and the column.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cell {
    /// Id of the unit.
    pub unit: String,
    /// Period, where the data are a panel.
    pub period: Option<i32>,
    /// Name of the column.
    pub column: String,
}

impl Cell {
    pub(crate) fn new(
        unit: impl Into<String>,
        period: Option<i32>,
        column: impl Into<String>,
    ) -> Self {
        Self {
            unit: unit.into(),
            period,
            column: column.into(),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column `{}`, unit `{}`", self.column, self.unit)?;
        self.period.map_or(Ok(()), |p| write!(f, ", period {p}"))
    }
}

/// Whatever can go wrong in this crate, with the data that names the culprit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be opened, read or written.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// A file is not in the format that it should have.
    #[error("{path}:{line}:{column}: not valid {format}: {problem}", path = .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// `CSV`, `GeoJSON`, `GAL`, …
        format: &'static str,
        /// Line, counted from 1.
        line: u64,
        /// Column, counted from 1; for CSV the field of the record.
        column: u64,
        /// What is wrong there.
        problem: String,
    },

    /// A binary file is not in the format that it should have.
    #[error("{path}, byte {offset}: not a valid {format}: {problem}", path = .path.display())]
    Binary {
        /// The file.
        path: PathBuf,
        /// `shapefile`, `dBASE table`, …
        format: &'static str,
        /// Position in the file, counted from 0.
        offset: u64,
        /// What is wrong there.
        problem: String,
    },

    /// A cell of a text file does not hold a number.
    #[error("{path}:{line}: {cell}: `{text}` is not a number{hint}", path = .path.display(),
            hint = number_hint(.text))]
    NotANumber {
        /// The file.
        path: PathBuf,
        /// Line, counted from 1.
        line: u64,
        /// Unit, period and column.
        cell: Cell,
        /// What stands there.
        text: String,
    },

    /// A feature of a map file cannot be used.
    #[error("{path}: feature {feature}{}: {problem}", .id.as_ref().map(|u| format!(" (`{u}`)")).unwrap_or_default(), path = .path.display())]
    Feature {
        /// The file.
        path: PathBuf,
        /// Position of the feature, counted from 1.
        feature: usize,
        /// Its id, where it has one.
        id: Option<String>,
        /// What is wrong with it.
        problem: String,
    },

    /// A polygon is empty, self-intersecting or otherwise invalid.
    #[error(
        "region `{unit}`: {problem}; repair the geometry (for instance `ST_MakeValid`, `mapshaper -clean`) and read it again"
    )]
    InvalidGeometry {
        /// Id of the unit.
        unit: String,
        /// What is wrong, and where.
        problem: String,
    },

    /// A longitude or latitude lies outside its range, or a coordinate is not finite.
    #[error(
        "unit `{unit}`: ({x}, {y}) {}",
        if .x.is_finite() && .y.is_finite() {
            "is not a longitude in [-180, 180] and a latitude in [-90, 90]; say that projected coordinates are planar ones (`planar()` of the reader, `Points::planar`)"
        } else {
            "is not a point; coordinates have to be finite numbers"
        }
    )]
    CoordinateOutOfRange {
        /// Id of the unit.
        unit: String,
        /// First coordinate.
        x: f64,
        /// Second coordinate.
        y: f64,
    },

    /// Two units have the same coordinates where their distance must not be zero.
    #[error(
        "units `{first}` and `{second}` lie at the same point, so that {consequence}; move one, merge them, or use k nearest neighbours or a distance band"
    )]
    CoincidentPoints {
        /// Id of the first unit.
        first: String,
        /// Id of the second unit.
        second: String,
        /// What is not defined for them.
        consequence: &'static str,
    },

    /// A column (or label, or property) is asked for that is not there.
    #[error("no column `{name}`; {}{}", listed(.available), delimiter_hint(.available))]
    UnknownColumn {
        /// The name that was asked for.
        name: String,
        /// The names that exist.
        available: Vec<String>,
    },

    /// A column is added twice, or a name is used for two things.
    #[error("there is a column `{name}` already; choose another name, or name it once")]
    DuplicateColumn {
        /// The name.
        name: String,
    },

    /// A unit is asked for that is not there.
    #[error("no unit `{unit}` in {place}; compare the ids of both sides, letter by letter")]
    UnknownUnit {
        /// The id that was asked for.
        unit: String,
        /// Where it was looked for.
        place: String,
    },

    /// A period is asked for that is not there.
    #[error("no period {period}; there are: {}", list(.available, 30))]
    UnknownPeriod {
        /// The period that was asked for.
        period: i32,
        /// The periods that exist.
        available: Vec<i32>,
    },

    /// A unit (or a unit and period) occurs twice.
    #[error("unit `{unit}`{} occurs twice: {first} and {second}; remove one of them, or make the ids distinct", .period.map(|p| format!(", period {p},")).unwrap_or_default())]
    DuplicateUnit {
        /// The id.
        unit: String,
        /// The period, for panels.
        period: Option<i32>,
        /// Place of the first occurrence (`line 3`, `position 0`).
        first: String,
        /// Place of the second occurrence.
        second: String,
    },

    /// A label that belongs to a unit changes between the periods of a panel.
    #[error(
        "label `{label}` of unit `{unit}` is {first} and {second}; a label of a panel has to be the same in every period of its unit, so correct it, or leave the label out"
    )]
    LabelVaries {
        /// Name of the label.
        label: String,
        /// Id of the unit.
        unit: String,
        /// The first value and its place (`` `east` in line 3 ``).
        first: String,
        /// The first value that differs from it, and its place.
        second: String,
    },

    /// Two things that must speak of the same units in the same order do not.
    #[error("{left} and {right} do not have the same units in the same order: at position {position} the first: {}, the second: {}{}",
            quoted(.left_unit.as_deref()), quoted(.right_unit.as_deref()), advice(*.same_set, .right, .missing))]
    UnitsDiffer {
        /// What stands on the left (`the table`).
        left: Box<str>,
        /// What stands on the right (`the weights`).
        right: Box<str>,
        /// First position at which they differ.
        position: usize,
        /// The unit on the left at that position.
        left_unit: Option<Box<str>>,
        /// The unit on the right at that position.
        right_unit: Option<Box<str>>,
        /// Whether both have the same units in another order.
        same_set: bool,
        /// Units of the left that the right lacks, at most ten.
        missing: Box<[String]>,
    },

    /// An array has the wrong length.
    #[error("{what}: {expected} values expected, {found} found")]
    LengthMismatch {
        /// The array.
        what: String,
        /// How many values it should have.
        expected: usize,
        /// How many it has.
        found: usize,
    },

    /// Cells of a named column are empty.
    #[error("{} cell(s) are missing: {}; choose other columns or periods, or drop the units that lack them with `read_complete`, which returns what it dropped", .total, list(.cells, 10))]
    Missing {
        /// The first of them, at most 100.
        cells: Vec<Cell>,
        /// How many there are.
        total: usize,
    },

    /// A value is NaN or infinite.
    #[error("{cell}: the value is {value}; every value has to be a finite number")]
    NotFinite {
        /// Unit, period and column.
        cell: Cell,
        /// The value.
        value: f64,
    },

    /// A value that is to be put under a logarithm, or into a ratio, is zero or negative.
    #[error(
        "{cell}: the value is {value}, and a positive one is needed; correct it, or leave the unit out"
    )]
    NonPositive {
        /// Unit, period and column.
        cell: Cell,
        /// The value.
        value: f64,
    },

    /// A value is none of those that a statistic is defined for.
    #[error("{cell}: the value is {value}; expected: {expected}")]
    InvalidValue {
        /// Unit, period and column.
        cell: Cell,
        /// The value.
        value: f64,
        /// What would be valid.
        expected: &'static str,
    },

    /// A panel lacks some (unit, period) pairs.
    #[error("the panel is not balanced: {} of its (unit, period) pairs are absent: {}; restrict the periods with `periods`, or drop the incomplete units with `read_complete`, which returns what it dropped", .total, list_holes(.holes))]
    Unbalanced {
        /// The first absent pairs, at most 100.
        holes: Vec<(String, i32)>,
        /// How many there are.
        total: usize,
    },

    /// Units have no neighbour where every row needs one.
    #[error("{} unit(s) have no neighbour: {}; decide what to do with them: `islands_kept` (their lag is zero), `islands_attached` (to the nearest unit) or `without_islands`", .units.len(), list_units(.units))]
    Islands {
        /// Their ids.
        units: Vec<String>,
    },

    /// A link cannot be made.
    #[error("the link from `{from}` to `{to}`: {problem}")]
    InvalidLink {
        /// Id of the row.
        from: String,
        /// Id of the neighbour.
        to: String,
        /// What is wrong with it.
        problem: String,
    },

    /// The regressors are linearly dependent.
    #[error("the regressors are linearly dependent: {}; drop a column", .columns.iter().map(|(c, of)| if of.is_empty() { format!("`{c}` is zero everywhere") } else { format!("`{c}` is a combination of {}", of.iter().map(|o| format!("`{o}`")).collect::<Vec<_>>().join(", ")) }).collect::<Vec<_>>().join("; "))]
    Collinear {
        /// Each dependent column with the earlier ones that it is a combination of.
        columns: Vec<(String, Vec<String>)>,
    },

    /// A variable does not vary.
    #[error(
        "`{name}` is the same for every unit, so that {what} is not defined; choose another variable, or another period"
    )]
    Constant {
        /// The variable.
        name: String,
        /// What cannot be computed.
        what: &'static str,
    },

    /// There are too few units for what is asked.
    #[error(
        "{what} needs at least {needed} units, and there are {n}; use more units, or ask less of them"
    )]
    TooFewUnits {
        /// What is asked.
        what: String,
        /// How many units it needs.
        needed: usize,
        /// How many there are.
        n: usize,
    },

    /// There are too few periods for what is asked.
    #[error(
        "{what} needs at least {needed} periods, and there are {periods}; take more periods, or what needs fewer"
    )]
    TooFewPeriods {
        /// What is asked.
        what: String,
        /// How many periods it needs.
        needed: usize,
        /// How many there are.
        periods: usize,
    },

    /// Cut points of classes coincide, since values are tied.
    #[error(
        "column `{column}`{}: cut points {first} and {} of its {classes} quantile classes are both {value}, since so many values are tied; take fewer classes, or cut points of your own (`Classes::cut_points`)",
        .period.map(|p| format!(", period {p}")).unwrap_or_default(), .first + 1
    )]
    TiedCutPoints {
        /// Name of the column.
        column: String,
        /// The period, where classes are made for each period.
        period: Option<i32>,
        /// How many classes were asked for.
        classes: usize,
        /// The first of the two cut points, counted from 1.
        first: usize,
        /// Their common value.
        value: f64,
    },

    /// A class (a state of a Markov chain) holds nothing where something has to be in it.
    #[error(
        "{what}: class {class} {problem}; join it to another class, take fewer classes, or more periods"
    )]
    EmptyClass {
        /// What is asked.
        what: String,
        /// Name of the class.
        class: String,
        /// What it lacks.
        problem: &'static str,
    },

    /// A Markov chain falls into sets of classes that are never left, so that its long run depends on where it begins.
    #[error(
        "{what} is not unique: {} sets of classes are never left once they are entered: {}; look at each set by itself, take fewer classes, or more periods",
        .sets.len(), .sets.iter().map(|s| format!("{{{}}}", list(s, 10))).collect::<Vec<_>>().join(", ")
    )]
    SeveralClosedSets {
        /// What is asked.
        what: String,
        /// The names of the classes of each set.
        sets: Vec<Vec<String>>,
    },

    /// Something would need more memory than it may.
    #[error("{what} is bounded to {limit}, and {n} are asked for; {instead}")]
    TooLarge {
        /// What is asked.
        what: &'static str,
        /// The size that is asked for.
        n: usize,
        /// The largest size allowed.
        limit: usize,
        /// What can be done instead.
        instead: &'static str,
    },

    /// An option has a value outside its range.
    #[error("{option} = {value}; expected: {expected}")]
    InvalidOption {
        /// The option.
        option: &'static str,
        /// The value given.
        value: String,
        /// What would be valid.
        expected: &'static str,
    },

    /// A combination that has no theory, or that is not in the crate.
    #[error("not supported: {what}: {why}")]
    Unsupported {
        /// What was asked for.
        what: String,
        /// Why it cannot be had, and what can.
        why: String,
    },

    /// The speed of convergence is not defined at the estimate.
    #[error(
        "the speed of convergence is not defined: {expression} = {value:.6} is not positive (the gap more than closes within the span, b = {b:.6}, T = {span} years); report b, or take a shorter span"
    )]
    SpeedUndefined {
        /// The expression under the logarithm.
        expression: &'static str,
        /// Its value.
        value: f64,
        /// The coefficient of the initial level.
        b: f64,
        /// The span in years.
        span: f64,
    },

    /// A half-life does not exist.
    #[error(
        "there is no half-life: the speed of convergence is {speed:.6}, so that the gap does not close; report the speed"
    )]
    HalfLifeUndefined {
        /// The speed.
        speed: f64,
    },

    /// A matrix that has to be inverted is singular.
    #[error(
        "{what} is singular; a parameter may lie at the bound of its interval, or units of measurement may lie too far apart"
    )]
    Singular {
        /// The matrix.
        what: String,
    },

    /// An iteration ended without an answer.
    #[error(
        "{what} did not converge after {iterations} iterations; look at the scale of the variables, and at a parameter near the bound of its interval"
    )]
    NotConverged {
        /// The iteration.
        what: &'static str,
        /// How many were made.
        iterations: usize,
    },
}

/// One name that holds separators: the file was split at the wrong character.
fn listed(available: &[String]) -> String {
    if available.is_empty() {
        "there is none of this kind (a label is another kind than a numeric column)".to_owned()
    } else {
        format!("there are: {}", available.join(", "))
    }
}

fn delimiter_hint(available: &[String]) -> &'static str {
    match available {
        [one] if one.contains(';') => "; is the delimiter a semicolon? say `.delimiter(b';')`",
        [one] if one.contains('\t') => "; is the delimiter a tab? say `.delimiter(b'\\t')`",
        _ => "",
    }
}

fn number_hint(text: &str) -> &'static str {
    if text.contains(',') {
        " (a decimal point is expected, no comma and no thousands separator)"
    } else if text.parse::<f64>().is_ok() {
        " that can be a period (an integer is expected)"
    } else if ["n/a", "#n/a", "null", "nan", "none", ".", "..", "-"]
        .contains(&text.to_lowercase().as_str())
    {
        " (if it stands for a missing value, say so with `.missing([..])`)"
    } else {
        ""
    }
}

fn list<T: fmt::Display>(items: &[T], most: usize) -> String {
    let mut text = items
        .iter()
        .take(most)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ");
    if items.len() > most {
        text.push_str("; …");
    }
    text
}

fn list_units(units: &[String]) -> String {
    list(
        &units.iter().map(|u| format!("`{u}`")).collect::<Vec<_>>(),
        10,
    )
}

fn list_holes(holes: &[(String, i32)]) -> String {
    list(
        &holes
            .iter()
            .map(|(u, p)| format!("`{u}` {p}"))
            .collect::<Vec<_>>(),
        10,
    )
}

fn quoted(unit: Option<&str>) -> String {
    unit.map_or_else(|| "no unit".to_owned(), |u| format!("`{u}`"))
}

fn advice(same_set: bool, right: &str, missing: &[String]) -> String {
    if same_set {
        return "; both have the same units in another order, so bring one into the order of the other with `aligned_to` (for weights: `only`)"
            .to_owned();
    }
    let lacks = if missing.is_empty() {
        String::new()
    } else {
        format!(
            "; not in {right}: {}",
            list(
                &missing.iter().map(|u| format!("`{u}`")).collect::<Vec<_>>(),
                10
            )
        )
    };
    format!(
        "{lacks}; select the common units, or, where one side came without ids, give it its ids with `relabelled` or `Table::over`"
    )
}
