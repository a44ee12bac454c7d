//! Sorting the few neighbours of a unit without branches on their order.

/// Sort distinct numbers.
pub(crate) fn sort(numbers: &mut [u32]) {
    match numbers.len() {
        0 | 1 => {}
        2..=8 => by_rank::<8>(numbers),
        9..=16 => by_rank::<16>(numbers),
        _ => numbers.sort_unstable(),
    }
}

/// Each number goes where its rank is: how many are smaller.
fn by_rank<const N: usize>(numbers: &mut [u32]) {
    let mut padded = [u32::MAX; N];
    for (to, &from) in padded.iter_mut().zip(numbers.iter()) {
        *to = from;
    }
    let mut ranks = [0_u32; N];
    for &mut smaller in &mut *numbers {
        for (rank, &number) in ranks.iter_mut().zip(&padded) {
            *rank += u32::from(smaller < number);
        }
    }
    for (&rank, &number) in ranks.iter().zip(&padded).take(numbers.len()) {
        if let Some(to) = numbers.get_mut(rank as usize) {
            *to = number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lengths() {
        for n in 0..40_u64 {
            let mut x: Vec<u32> = (1..=n)
                .map(|i| ((i * 2_654_435_761) % 4_294_967_296) as u32)
                .collect();
            if n > 3 {
                x[1] = u32::MAX;
                x[2] = 0;
            }
            let mut expected = x.clone();
            expected.sort_unstable();
            sort(&mut x);
            assert_eq!(x, expected);
        }
    }
}
