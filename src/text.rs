//! Column layout and number formatting, shared by everything that prints itself.

use std::borrow::Cow;
use std::fmt;

/// A number with the significant digits given: plain between 1e-4 and 1e7, scientific outside.
pub(crate) fn significant(x: f64, digits: usize) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    if !x.is_finite() {
        return if x.is_nan() {
            "undefined".to_owned()
        } else {
            x.to_string()
        };
    }
    let size = x.abs().log10().floor();
    if !(-4.0..7.0).contains(&size) {
        return format!("{x:.*e}", digits.saturating_sub(1));
    }
    format!("{x:.*}", (digits as f64 - 1.0 - size).max(0.0) as usize)
}

/// `1 lag`, `2 lags`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A p-value: four decimals, `<0.0001` below.
pub(crate) fn p_value(p: f64) -> String {
    if p.is_nan() {
        "undefined".to_owned()
    } else if p < 0.0001 {
        "<0.0001".to_owned()
    } else {
        format!("{p:.4}")
    }
}

/// A field of CSV, quoted where it has to be.
pub(crate) fn csv_field(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

/// Width on a screen: most East Asian characters take two columns.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| if matches!(c as u32, 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFF60) { 2 } else { 1 }).sum()
}

/// A table of text: the first column to the left, the others to the right.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
enum Row {
    Cells(Vec<String>),
    Rule,
}

impl Layout {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) -> &mut Self {
        self.rows
            .push(Row::Cells(cells.into_iter().map(Into::into).collect()));
        self
    }

    pub(crate) fn rule(&mut self) -> &mut Self {
        self.rows.push(Row::Rule);
        self
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            if let Row::Cells(cells) = row {
                widths.resize(widths.len().max(cells.len()), 0);
                for (w, cell) in widths.iter_mut().zip(cells) {
                    *w = (*w).max(width(cell));
                }
            }
        }
        let total = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
        for row in &self.rows {
            match row {
                Row::Rule => writeln!(f, "{}", "-".repeat(total))?,
                Row::Cells(cells) => {
                    let mut line = String::new();
                    for (i, (cell, w)) in cells.iter().zip(&widths).enumerate() {
                        let pad = " ".repeat(w - width(cell));
                        if i == 0 {
                            line.push_str(cell);
                            line.push_str(&pad);
                        } else {
                            line.push_str("  ");
                            line.push_str(&pad);
                            line.push_str(cell);
                        }
                    }
                    writeln!(f, "{}", line.trim_end())?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_significant_digits() {
        assert_eq!(significant(0.0123456, 4), "0.01235");
        assert_eq!(significant(-1234.567, 4), "-1235");
        assert_eq!(significant(1.0e-9, 4), "1.000e-9");
        assert_eq!(significant(0.0, 4), "0");
        assert_eq!(p_value(0.00001), "<0.0001");
    }

    #[test]
    fn columns_are_aligned_by_width_on_the_screen() {
        let text = Layout::new()
            .row(["广州", "1"])
            .rule()
            .row(["a", "23"])
            .to_string();
        assert_eq!(text, "广州   1\n--------\na     23\n");
    }
}
