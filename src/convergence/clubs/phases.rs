//! The phase-average trend of Boschan and Ebanks, for annual data.

/// Half the span of the first trend, in years.
const HALF: usize = 3;
/// No fewer periods: the span of the first trend and as much again.
pub(super) const LEAST: usize = 4 * HALF;
/// Full phases for two points of the trend.
const FULL_PHASES: usize = 4;

/// The trend; where it is not defined, how many full phases there are.
pub(super) fn trend(y: &[f64]) -> Result<Vec<f64>, usize> {
    let first = moving_average(y);
    let deviations: Vec<f64> = y.iter().zip(&first).map(|(y, m)| y - m).collect();
    let turns = turning_points(&deviations);
    let phases: Vec<(f64, f64)> = turns
        .windows(2)
        .map(|w| {
            let of_phase = &y[w[0] + 1..=w[1]];
            let mean = of_phase.iter().sum::<f64>() / of_phase.len() as f64;
            (0.5 * (w[0] + 1 + w[1]) as f64, mean)
        })
        .collect();
    if phases.len() < FULL_PHASES {
        return Err(phases.len());
    }
    let points: Vec<(f64, f64)> = phases
        .windows(3)
        .map(|w| {
            let third = |f: fn(&(f64, f64)) -> f64| w.iter().map(f).sum::<f64>() / 3.0;
            (third(|p| p.0), third(|p| p.1))
        })
        .collect();
    let mut trend = Vec::with_capacity(y.len());
    let mut segment = 0;
    for t in 0..y.len() {
        while segment + 2 < points.len() && t as f64 > points[segment + 1].0 {
            segment += 1;
        }
        let ((from, low), (to, high)) = (points[segment], points[segment + 1]);
        trend.push(low + (high - low) * (t as f64 - from) / (to - from));
    }
    let pairs = y.iter().zip(&trend);
    let shift = pairs.map(|(y, t)| y - t).sum::<f64>() / y.len() as f64;
    Ok(trend.into_iter().map(|t| t + shift).collect())
}

/// Means of seven years about each; the ends on the lines of the first and the last four means.
fn moving_average(y: &[f64]) -> Vec<f64> {
    let (count, span) = (y.len(), 2 * HALF + 1);
    let mut out = vec![0.0; count];
    for (t, w) in (HALF..).zip(y.windows(span)) {
        out[t] = w.iter().sum::<f64>() / span as f64;
    }
    let last = count - 1 - HALF;
    let rise = (out[2 * HALF] - out[HALF]) / HALF as f64;
    let end = (out[last] - out[last - HALF]) / HALF as f64;
    for k in 1..=HALF {
        out[HALF - k] = out[HALF] - rise * k as f64;
        out[last + k] = out[last] + end * k as f64;
    }
    out
}

/// Peaks and troughs in turn.
fn turning_points(d: &[f64]) -> Vec<usize> {
    let mut turns: Vec<(usize, bool)> = Vec::new();
    for t in 1..d.len() - 1 {
        let peak = d[t] > d[t - 1] && d[t] >= d[t + 1];
        let trough = d[t] < d[t - 1] && d[t] <= d[t + 1];
        if !(peak || trough) {
            continue;
        }
        match turns.last_mut() {
            Some((at, same)) if *same == peak => {
                let further = if peak { d[t] > d[*at] } else { d[t] < d[*at] };
                if further {
                    *at = t;
                }
            }
            _ => turns.push((t, peak)),
        }
    }
    turns.into_iter().map(|(t, _)| t).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every year is a phase, and the mean of three in turn is a third of the cycle, 0.0033, the other way round; what the ends make of it shifts the whole.
    #[test]
    fn a_cycle_is_averaged_out_of_a_line() {
        let cycle = [1.0, -1.0];
        let y: Vec<f64> = (0..40)
            .map(|t| 8.0 + 0.03 * t as f64 + 0.01 * cycle[t % 2])
            .collect();
        let trend = trend(&y).unwrap();
        let off = |t: usize| trend[t] - (8.0 + 0.03 * t as f64);
        let shift = f64::midpoint(off(5), off(6));
        assert!(shift.abs() < 0.005, "{shift}");
        for t in 5..35 {
            let third = -0.01 / 3.0 * cycle[t % 2];
            assert!((off(t) - shift - third).abs() < 1e-12, "{t} {}", off(t));
        }
        let left: f64 = y.iter().zip(&trend).map(|(y, t)| y - t).sum();
        assert!(left.abs() < 1e-12);
    }

    #[test]
    fn turning_points_alternate() {
        let d = [0.0, 2.0, 1.0, 3.0, -1.0, -1.0, 4.0, 4.0, 0.0, 1.0];
        assert_eq!(turning_points(&d), [1, 2, 3, 4, 6, 8]);
        let flat = [0.0, 1.0, 1.0, 2.0, 0.0];
        assert_eq!(turning_points(&flat), [3]);
    }

    #[test]
    fn a_bend_without_cycles_has_no_phases() {
        let y: Vec<f64> = (0..30).map(|t| f64::from(t * t)).collect();
        assert!(trend(&y).unwrap_err() < FULL_PHASES);
    }
}
