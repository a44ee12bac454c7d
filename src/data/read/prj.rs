//! The words of a coordinate reference system (WKT, either version): geographic or projected.

use crate::data::Coordinates;

/// Degrees, in radians.
const DEGREE: f64 = std::f64::consts::PI / 180.0;

/// What a definition says of the coordinates, or why it does not.
pub(super) fn coordinates(definition: &str) -> Result<Coordinates, String> {
    // Names may hold any word, so that quoted text is left out.
    let words: String = definition.split('"').step_by(2).collect();
    let words = words.to_uppercase();
    let has = |names: &[&str]| {
        let starts = |name: &str| {
            let spaced = words.replace([' ', '\t', '\r', '\n'], "");
            spaced.contains(&format!("{name}[")) || spaced.contains(&format!("{name}("))
        };
        names.iter().any(|name| starts(name))
    };
    if has(&[
        "PROJCS",
        "PROJCRS",
        "PROJECTEDCRS",
        "LOCAL_CS",
        "ENGCRS",
        "ENGINEERINGCRS",
    ]) {
        return Ok(Coordinates::Planar);
    }
    if has(&["GEOCCS"]) || words.contains("CARTESIAN") {
        return Err("its coordinate reference system is geocentric".to_owned());
    }
    if has(&[
        "GEOGCS",
        "GEOGCRS",
        "GEOGRAPHICCRS",
        "GEODCRS",
        "GEODETICCRS",
    ]) {
        return match angle(definition) {
            Some(unit) if (unit / DEGREE - 1.0).abs() > 1e-6 => Err(format!(
                "its angles are not in degrees (their unit is {unit} radians)"
            )),
            _ => Ok(Coordinates::LonLat),
        };
    }
    Err("its coordinate reference system is neither geographic nor projected".to_owned())
}

/// The last unit of a geographic system that is named an angle, in radians; those of heights and ellipsoids are lengths.
fn angle(definition: &str) -> Option<f64> {
    let upper = definition.to_ascii_uppercase();
    let units = upper.match_indices("UNIT[").filter_map(|(at, _)| {
        let before = upper.get(..at)?;
        let rest = upper.get(at..)?;
        let number = rest.split('"').nth(2)?.trim_start_matches([',', ' ']);
        let number = number.split([',', ']', ' ']).next()?.parse::<f64>().ok()?;
        let is_length =
            before.ends_with("LENGTH") || before.ends_with("SCALE") || before.ends_with("TIME");
        (!is_length && number < 0.1).then_some(number)
    });
    units.last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_told_apart() {
        let wgs = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;
        assert_eq!(coordinates(wgs), Ok(Coordinates::LonLat));
        let utm = format!(
            r#"PROJCS["WGS 84 / UTM 49N",{wgs},PROJECTION["Transverse_Mercator"],UNIT["metre",1]]"#
        );
        assert_eq!(coordinates(&utm), Ok(Coordinates::Planar));
        let compound = format!(r#"COMPD_CS["x",{wgs},VERT_CS["height",UNIT["metre",1]]]"#);
        assert_eq!(coordinates(&compound), Ok(Coordinates::LonLat));
        let second = r#"GEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],CS[ellipsoidal,2],AXIS["latitude",north],AXIS["longitude",east],UNIT["degree",0.0174532925199433],ID["EPSG",4326]]"#;
        assert_eq!(coordinates(second), Ok(Coordinates::LonLat));
        let grads = r#"GEOGCS["NTF (Paris)",DATUM["x",SPHEROID["y",6378249.2,293.4660212936269]],PRIMEM["Paris",2.33722917],UNIT["grad",0.01570796326794897]]"#;
        assert!(coordinates(grads).is_err_and(|why| why.contains("degrees")));
        assert!(coordinates(r#"GEOCCS["x PROJCS[",UNIT["metre",1]]"#).is_err());
        assert!(coordinates("").is_err());
    }
}
