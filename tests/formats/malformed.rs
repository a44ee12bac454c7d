//! Malformed files are refused with the place and the problem.

use std::path::Path;

use spatialecon::*;

use crate::*;

#[test]
fn malformed_texts_are_named_with_their_place() {
    let head = "%%MatrixMarket matrix coordinate real general\n";
    let mtx = |body: &str| format!("{head}{body}");
    #[rustfmt::skip]
    let cases: Vec<(Read, String, (u64, u64), &str)> = [
        (GWT, "", (1, 1), "empty"),
        (GWT, "x\n", (1, 1), "`x` is not a number of units"),
        (GWT, "1 2 0.5\n", (1, 1), "the header is"),
        (GWT, "2\na b\n", (2, 1), "`i j weight` is expected, and there are 2 words"),
        (GWT, "2\n  a b 1 2\n", (2, 3), "there are 4 words"),
        (GWT, "2\na b x\n", (2, 5), "`x` is not a number"),
        (GWT, "2\na b 0,5\n", (2, 5), "no comma"),
        (GWT, "2\né b -1\n", (2, 5), "the weight is `-1`"),
        (GWT, "2\na b inf\n", (2, 5), "the weight is `inf`"),
        (GWT, "2\na b nan\n", (2, 5), "the weight is `nan`"),
        (GWT, "2\na b 1e999\n", (2, 5), "the weight is `1e999`"),
        (GWT, "2\na b 1e-999\n", (2, 5), "too small"),
        (GWT, "2\na b 0\n", (2, 5), "the weight is zero"),
        (GWT, "2\na b 1\nb a 1\na b 1\n", (4, 3), "the neighbour `b` is given twice"),
        (GWT, "0 3 map id\na b 1\n", (1, 3), "states 3 units, and 2 have links; say which"),
        (GWT, "18446744073709551615\na b 1\n", (1, 1), "2 have links"),
        (GWT, "1\na b 1\n", (1, 1), "states 1 units, and 2 have links"),
        (GWT, "3\na b 1e308\na c 1e308\n", (3, 3), "`a` sum to infinity"),
        (GWT_OVER, "3\na b 1\n", (1, 1), "3 units, and 2 units are given"),
        (GWT_OVER, "2\na c 1\n", (2, 3), "`c` is not among the units given"),
        (GWT_OVER, "2\nc a 1\n", (2, 1), "`c` is not among the units given"),
        (DAT, "1 2\n", (1, 1), "`row column weight` is expected"),
        (DAT, "1 2 1\n0 1 1\n", (2, 1), "`0` is not the number of a unit"),
        (DAT, "1.5 2 1\n", (1, 1), "`1.5` is not"),
        (DAT, "1 -2 1\n", (1, 3), "`-2` is not"),
        (DAT, "1 nan 1\n", (1, 3), "`nan` is not"),
        (DAT, "1 2 -1\n", (1, 5), "`-1`"),
        (DAT, "1 2 1\n1 2 1\n", (2, 3), "twice"),
        (DAT, "1 4000000000 1\n", (1, 3), "4000000000 units are stated in 15 bytes"),
        // found by fuzzing: a count that takes a thousand times the memory of the text
        (DAT, "\n 3 7254 14\n", (2, 4), "7254 units are stated in 12 bytes"),
        (DAT, "1 1e300 1\n", (1, 3), "`1e300` is not"),
        (DAT_OVER, "1 3 1\n", (1, 3), "`3` is beyond the 2 units given"),
        (STATA, "", (1, 1), "empty"),
        (STATA, "2 3\n", (1, 1), "`number of units` is expected"),
        (STATA, "-1\n", (1, 1), "not a number of units"),
        (STATA, "2\na 0 1\nb 1\n", (3, 4), "the row of `b` has 1 weights in place of 2"),
        (STATA, "2\na 0 1\nb 1 0 0\n", (3, 7), "more than 2 weights"),
        (STATA, "2\na 0 x\nb 1 0\n", (2, 5), "`x` is not a number"),
        (STATA, "2\na 0 -1\nb 1 0\n", (2, 5), "`-1`"),
        (STATA, "2\na 0 1\na 1 0\n", (3, 1), "stands on line 2 already"),
        (STATA, "3\na b\nb a\n", (4, 1), "states 3 units, and there are 2"),
        (STATA, "1\na\nb\n", (3, 1), "one more than the 1"),
        (STATA, "4\na b\nb a z\nc\nd\n", (3, 5), "`z` is not among the units"),
        (STATA, "4\na b\nb a a\nc\nd\n", (3, 5), "given twice"),
        (STATA, "4\na b\nb b\nc\nd\n", (3, 3), "its own neighbour"),
        (STATA, "18446744073709551615\na b\n", (3, 1), "there are 1"),
        (GEOBUGS, "", (1, 1), "the text ends where `list`"),
        (GEOBUGS, "lst(", (1, 1), "`list` is expected in place of `lst`"),
        (GEOBUGS, "list(", (1, 6), "the text ends where `num`, `adj`"),
        (GEOBUGS, "list(x = 1)", (1, 6), "in place of `x`"),
        (GEOBUGS, "list(num c(1))", (1, 10), "`=` is expected"),
        (GEOBUGS, "list(num = c(1,), adj = c(2))", (1, 16), "a number is expected in place of `)`"),
        (GEOBUGS, "list(num = c(1 2), adj = c(2))", (1, 16), "`,` or `)` is expected"),
        (GEOBUGS, "list(num = c(1), num = c(2))", (1, 18), "`num` is given twice"),
        (GEOBUGS, "list(num = c(1))", (1, 17), "needs `num` and `adj`"),
        (GEOBUGS, "list(num = c(1), adj = c(2)", (1, 28), "the text ends where `,` or `)`"),
        (GEOBUGS, "list(num = c(0), adj = c()) x", (1, 29), "the end of the text is expected"),
        (GEOBUGS, "list(num = c(x), adj = c(1))", (1, 14), "not a number of neighbours"),
        (GEOBUGS, "list(num = c(1,\n9), adj = c(2, 1))", (2, 1), "more than the 2 values of `adj`"),
        (GEOBUGS, "list(num = c(1, 0), adj = c(2, 1))", (1, 32), "the numbers in `num` sum to 1"),
        (GEOBUGS, "list(num = c(1, 0), adj = c(3))", (1, 29), "`3` is not the number of a unit, from 1 to 2"),
        (GEOBUGS, "list(num = c(1, 0), adj = c(1))", (1, 29), "its own neighbour"),
        (GEOBUGS, "list(num = c(2, 0), adj = c(2, 2))", (1, 32), "twice"),
        (GEOBUGS, "list(num = c(1, 0), adj = c(2), weights = c(0))", (1, 45), "zero"),
        (GEOBUGS, "list(num = c(1, 0), adj = c(2), weights = c(1, 2))", (1, 45), "`weights` has 2 values, and `adj` has 1"),
        (GEOBUGS, "list(num = c(1, 0), adj = c(2), sumNumNeigh = 3)", (1, 47), "`sumNumNeigh` is 3"),
        (GEOBUGS, "list(num = numeric(3), adj = c(2))", (1, 20), "`0` is expected"),
        (CSV, "", (1, 1), "empty"),
        (CSV, "i,j,w\na,b,x\n", (2, 3), "`x` is not a number"),
        (CSV, "i,j,w\na,b,0\n", (2, 3), "zero"),
        (CSV, "i,j,w\na,b,-2\n", (2, 3), "`-2`"),
        (CSV, "i,j,w\na,b,\n", (2, 3), "`` is not a number"),
        (CSV, "i,j,w\na,,1\n", (2, 2), "no id"),
        (CSV, "i,j,w\na,b\n", (2, 3), "3 fields"),
        (CSV, "i,j,w\na,\"b,1\n", (2, 2), "not closed"),
        (CSV, "i,j,w\na,b,1\n\na,b,2\n", (4, 2), "twice"),
        (CSV, "i,i,w\na,b,1\n", (1, 2), "two columns"),
        (CSV_OVER, "i,j\na,c\n", (2, 2), "`c` is not among the units given"),
        (DENSE, "", (1, 1), "empty"),
        (DENSE, "id,a,b\na,0,1\n", (2, 1), "2 columns of weights, and 1 rows"),
        (DENSE, "id,a\na,0\nb,1\n", (3, 1), "one more than the 1 columns"),
        (DENSE, "id,a,b\na,0,1\nc,1,0\n", (3, 1), "the row is of `c`, and column 3 of `b`"),
        (DENSE, "id,a,b\na,0,1\nb,1\n", (3, 3), "3 fields"),
        (DENSE, "id,a,a\n", (1, 3), "two columns are of unit `a`"),
        (DENSE, "id,a,\n", (1, 3), "no id"),
        (DENSE, "id,a,b\na,0,\nb,1,0\n", (2, 3), "`` is not a number"),
        (DENSE, "id,a,b\na,0,-1\nb,1,0\n", (2, 3), "`-1`"),
        (DENSE, "id,a,b\na,1e308,1e308\nb,1,0\n", (2, 3), "infinity"),
        (BARE, "0,1\n", (1, 1), "2 columns of weights, and 1 rows"),
        (BARE, "0,1\n1,0\n0,0\n", (3, 1), "one more than the 2 columns"),
        (BARE, "0,x\n1,0\n", (1, 2), "`x` is not a number"),
    ]
    .into_iter()
    .map(|(read, text, at, part)| (read, text.to_owned(), at, part))
    .chain(
        [
            (String::new(), (1, 1), "the first line is"),
            ("1 2 3\n".to_owned(), (1, 1), "the first line is"),
            (head.replace("coordinate", "array"), (1, 23), "`array` is not read"),
            (head.replace("real", "complex"), (1, 34), "`complex` is not read"),
            (head.replace("general", "skew-symmetric"), (1, 39), "general or symmetric"),
            (mtx(""), (2, 1), "`rows columns entries` is missing"),
            (mtx("2 2\n"), (2, 1), "there are 2 words"),
            (mtx("2 3 1\n"), (2, 3), "this matrix is 2 by 3"),
            (mtx("x 2 1\n"), (2, 1), "not a number of rows"),
            (mtx("2 2 -1\n"), (2, 5), "not a number of entries"),
            (mtx("2 2 2\n1 2 1\n"), (4, 1), "2 entries are stated, and there are 1"),
            (mtx("2 2 1\n1 2 1\n2 1 1\n"), (4, 1), "one more than the 1 entries"),
            (mtx("2 2 1\n1 2\n"), (3, 1), "there are 2 words"),
            (mtx("2 2 1\n0 2 1\n"), (3, 1), "`0` is not the number of a unit, from 1 to 2"),
            (mtx("2 2 1\n1 3 1\n"), (3, 3), "`3` is not"),
            (mtx("2 2 1\n1 2 -1\n"), (3, 5), "`-1`"),
            (mtx("2 2 2\n1 2 1\n1 2 1\n"), (4, 3), "twice"),
            (mtx("4000000000 4000000000 0\n"), (2, 1), "so many units"),
            (mtx("2 2 18446744073709551615\n"), (3, 1), "there are 0"),
            (head.replace("general", "symmetric") + "2 2 1\n1 2 1\n", (3, 3), "lower triangle"),
        ]
        .map(|(text, at, part)| (MTX, text, at, part)),
    )
    .collect();
    for (read, text, at, part) in cases {
        match read(&text) {
            Err(Error::Syntax {
                line,
                column,
                problem,
                ..
            }) => {
                assert!(problem.contains(part), "{text:?}: {problem}");
                assert_eq!((line, column), at, "{text:?}: {problem}");
            }
            other => panic!("{text:?}: {other:?}"),
        }
    }
    assert!(matches!(
        CSV("i,j,x\na,b,1\n"),
        Err(Error::InvalidOption {
            option: "weight",
            ..
        })
    ));
    assert!(matches!(
        CSV("a,b,w\na,b,1\n"),
        Err(Error::UnknownColumn { .. })
    ));
    assert_eq!(CSV("i,j\na,b\n").unwrap().links(), 1);
    assert_eq!(CSV("i,j\n").unwrap().n(), 0);
}

#[test]
fn malformed_bytes_are_named_with_their_place() {
    let (a, b): (&[i64], &[i64]) = (&[1], &[2]);
    let good = swm(
        "F;x",
        4,
        &[(1, b, &[1.0], Some(1.0)), (2, a, &[0.5], Some(0.5))],
    );
    assert_eq!(Weights::swm_bytes(&good).unwrap().links(), 2);
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    let mut longer = good.clone();
    longer.push(0);
    for (bytes, column, part) in [
        (b"F;x".to_vec(), 4, "no end of line"),
        (b"F\n\0\0\0\0\0\0\0\0".to_vec(), 1, "the header is"),
        (
            b"F;x\n\x01\0".to_vec(),
            7,
            "the file ends where a number of records",
        ),
        (with(7, 0x7f), 5, "2130706434 is not a number of records"),
        (with(7, 0xff), 5, "-16777214 is not"),
        (with(8, 7), 9, "neither 0 nor 1"),
        (with(19, 0x7f), 17, "is not a number of neighbours"),
        (with(19, 0xff), 17, "is not a number of neighbours"),
        (with(20, 3), 21, "the neighbour 3 is not among"),
        (with(31, 0xbf), 25, "the weight is -1"),
        (with(31, 0x7f), 25, "the weight is inf"),
        (with(40, 1), 41, "unit 1 stands at byte 13 already"),
        (
            good[..good.len() - 1].to_vec(),
            good.len() as u64,
            "ends where the sum",
        ),
        (
            longer,
            good.len() as u64 + 1,
            "1 bytes follow the 2 records",
        ),
    ] {
        match Weights::swm_bytes(&bytes) {
            Err(Error::Syntax {
                path,
                line: 1,
                column: c,
                problem,
                ..
            }) => {
                assert!(problem.contains(part), "{problem}");
                assert_eq!(c, column, "{problem}");
                assert_eq!(path, Path::new("SWM bytes"));
            }
            other => panic!("{part}: {other:?}"),
        }
    }
    let both: &[i64] = &[2, 2];
    let twice = swm(
        "F;x",
        4,
        &[(1, both, &[1.0, 1.0], Some(2.0)), (2, a, &[0.5], Some(0.5))],
    );
    let e = Weights::swm_bytes(&twice).unwrap_err().to_string();
    assert_eq!(
        e,
        "SWM bytes:1:25: not valid SWM: the neighbour `2` is given twice"
    );
}
