//! What formats leave open, and what they cannot hold.

use spatialecon::*;

use crate::{FORMATS, Record, same, swm};

#[test]
fn order_of_units() {
    // origins first, then those that are destinations only
    let w = Weights::gwt_text("4\nb d 1\na b 2\nc a 3\n").unwrap();
    assert_eq!(w.units(), &Units::new(["b", "a", "c", "d"]).unwrap());
    let csv = Weights::csv_text("i,j,w\nb,d,1\na,b,2\nc,a,3\n")
        .read()
        .unwrap();
    assert!(same(&w, &csv));
    let units = Units::new(["a", "b", "c", "d", "e"]).unwrap();
    let w = Weights::gwt_text_over(&units, "0 5 map of towns name\nb d 1\n").unwrap();
    assert_eq!((w.weight(1, 3), w.islands().len()), (1.0, 4));
}

#[test]
fn matrix_market_variants() {
    let read = |text: &str| Weights::matrix_market_text(text).unwrap();
    let general = read(
        "%%matrixmarket MATRIX Coordinate Integer General\n%\n\n%c\n 2 2 2 \n\n1 2 3\n2 1 4\n",
    );
    assert_eq!((general.weight(0, 1), general.weight(1, 0)), (3.0, 4.0));
    let symmetric = read(
        "%%MatrixMarket matrix coordinate real symmetric\n3 3 4\n1 1 2\n2 1 .5\n3 1 0\n3 3 1e0\n",
    );
    assert_eq!((symmetric.links(), symmetric.self_links()), (4, 2));
    assert_eq!((symmetric.weight(0, 1), symmetric.weight(1, 0)), (0.5, 0.5));
    let pattern = read("%%MatrixMarket matrix coordinate pattern general\n2 2 1\n2 1\n");
    assert_eq!((pattern.links(), pattern.weight(1, 0)), (1, 1.0));
    assert_eq!(
        read("%%MatrixMarket matrix coordinate real general\n0 0 0\n").n(),
        0
    );
}

#[test]
fn dat_and_geobugs_variants() {
    let w = Weights::dat_text("\n  1.0 2e0 .5\n\n4 4 0\n").unwrap();
    assert_eq!((w.n(), w.links(), w.weight(0, 1)), (4, 1, 0.5));
    assert_eq!(Weights::dat_text("").unwrap().n(), 0);
    for text in [
        "list(num=c(1,1,0),adj=c(2,1),sumNumNeigh=2)",
        "list(adj = c(2L, 1L), weights = c(1, 1.0), num = c(1L, 1L,\r\n0L))\n",
        " list ( adj=c( 2,1 ) , num = c(1,1,0) ) ",
    ] {
        let w = Weights::geobugs_text(text).unwrap();
        assert_eq!((w.n(), w.links(), w.is_binary()), (3, 2, true), "{text}");
    }
    for text in [
        "list(num = 0, adj = integer(0))",
        "list(adj = numeric(0), num = c(0), weights = c())",
    ] {
        let w = Weights::geobugs_text(text).unwrap();
        assert_eq!((w.n(), w.links()), (1, 0), "{text}");
    }
}

// the header of `juvenile.gwt`, which comes with libpysal
#[test]
fn old_gwt_header() {
    let w = Weights::gwt_text("1 2 juvenile ID\n1 2 14.1421356\n2 1 14.1421356\n").unwrap();
    assert_eq!((w.n(), w.weight(0, 1)), (2, 14.142_135_6));
    assert!(Weights::gwt_text("1 2\n1 2 14.0\n").is_err());
    assert!(Weights::gwt_text("2 2 juvenile ID\n1 2 14.0\n").is_err());
}

#[test]
fn dense_weights_without_ids_are_not_taken_for_ids() {
    let symmetric = "0,0.5,0.25\n0.5,0,0.2\n0.25,0.2,0\n";
    let refused = Weights::dense_csv_text(symmetric).read().unwrap_err();
    assert!(refused.to_string().contains("without_ids()"), "{refused}");
    let w = Weights::dense_csv_text(symmetric)
        .without_ids()
        .read()
        .unwrap();
    assert_eq!((w.n(), w.weight(0, 2)), (3, 0.25));
}

#[test]
fn stata_variants() {
    assert_eq!(Weights::stata_text("0\n").unwrap().n(), 0);
    let one = Weights::stata_text("1\n5 0\n").unwrap();
    assert!(same(&one, &Weights::stata_text("1\n5\n").unwrap()));
    let w = Weights::stata_text("2\n5 0 1e-3\n\n7 2 .5\n").unwrap();
    assert_eq!((w.weight(0, 1), w.weight(1, 1), w.links()), (1e-3, 0.5, 3));
}

#[test]
fn swm_variants() {
    let new = "VERSION@10.1;UNIQUEID@FID;SPATIALREFNAME@x;INPUTFC@C:\\d@ta;FIXEDWEIGHTS@False;HASID64@False";
    let expected = Weights::from_links(
        &Units::new(["7", "-2", "9"]).unwrap(),
        [("7", "-2", 0.25), ("7", "9", 0.25), ("-2", "7", 1.0)],
    )
    .unwrap();
    let one: &[i64] = &[7];
    let records: Vec<Record<'_>> = vec![
        (7, &[-2, 9], &[0.25, 0.25], Some(3.0)),
        (-2, one, &[1.0], Some(3.0)),
        (9, &[], &[], None),
    ];
    let mut fixed = records.clone();
    fixed[0].2 = &[0.25];
    // as libpysal's writer has it
    let mut sums = records.clone();
    sums[2].3 = Some(0.0);
    for bytes in [
        swm("FID;WGS", 4, &records),
        swm("FID;WGS", 4, &sums),
        swm(new, 4, &records),
        swm(&new.replace("64@False", "64@True"), 8, &records),
        swm(&new.replace("WEIGHTS@False", "WEIGHTS@True"), 4, &fixed),
        swm("version@10.1;FIXEDWEIGHTS@true;HASID64@TRUE", 8, &fixed),
    ] {
        let w = Weights::swm_bytes(&bytes).unwrap();
        assert!(same(&w, &expected), "{w:?}");
    }
    let big: &[i64] = &[1 << 40];
    let w = Weights::swm_bytes(&swm(
        "VERSION@10.1;HASID64@True",
        8,
        &[(1 << 40, big, &[2.0], Some(2.0))],
    ));
    assert_eq!(w.unwrap().units().id(0).unwrap(), "1099511627776");
    let ones: &[i64] = &[1];
    let w = Weights::swm_bytes(&swm("F;", 4, &[(1, ones, &[0.0], Some(0.0))])).unwrap();
    assert_eq!((w.n(), w.links()), (1, 0));
}

#[test]
fn what_cannot_be_written() {
    let pair = |a: &str, b: &str, w: f64| {
        Weights::from_links(&Units::new([a, b]).unwrap(), [(a, b, w)]).unwrap()
    };
    for id in ["a", "2147483648", "007", "+1", "", "1.0"] {
        let e = pair(id, "1", 2.0).to_swm("ID").unwrap_err();
        assert!(
            matches!(&e, Error::Unsupported { what, .. } if what.contains(&format!("`{id}`"))),
            "{e}"
        );
    }
    assert!(pair("-2147483648", "2147483647", 1.0).to_swm("ID").is_ok());
    for field in ["", "a;b", "a@b", "a\nb"] {
        let e = pair("2", "1", 1.0).to_swm(field).unwrap_err();
        assert!(
            matches!(
                e,
                Error::InvalidOption {
                    option: "field",
                    ..
                }
            ),
            "{e}"
        );
    }
    for id in ["", " a", "a\u{3000}"] {
        let w = pair(id, "b", 1.0);
        for written in [
            w.to_csv(),
            w.to_dense_csv(),
            w.to_gwt(),
            w.to_gal(),
            w.to_stata(),
        ] {
            assert!(matches!(written, Err(Error::Unsupported { .. })), "{id:?}");
        }
    }
    let w = Weights::from_links(&Units::range(5_001), [("0", "5000", 1.0)]).unwrap();
    for written in [w.to_dense_csv(), w.to_stata()] {
        assert!(matches!(
            written,
            Err(Error::TooLarge {
                n: 5_001,
                limit: 5_000,
                ..
            })
        ));
    }
    assert!(w.to_stata_sparse().is_ok());
    // a weight that row-standardising made zero
    let w = Weights::from_links(&Units::range(2), [("0", "0", 1.0)]);
    assert!(w.is_err());
    let units = Units::range(3);
    let w = Weights::from_links(
        &units,
        [
            ("0", "1", 1e-300),
            ("0", "2", 1e300),
            ("1", "0", 1.0),
            ("2", "0", 1.0),
        ],
    );
    let w = w.unwrap().row_standardized().unwrap();
    for format in FORMATS.iter().filter(|f| f.holds[0]) {
        let e = (format.write)(&w).unwrap_err();
        assert!(
            matches!(&e, Error::InvalidLink { from, to, .. } if from == "0" && to == "1"),
            "{e}"
        );
    }
}
