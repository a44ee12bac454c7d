//! Well-known binary geometries, as GeoPackages wrap them: polygons and multipolygons, in either byte order.

use geo::{Coord, MultiPolygon, Polygon};

use super::binary::array;
use super::layer::{Problem, ring};

/// The polygon in the blob of a GeoPackage: `GP`, version, flags, reference system, envelope, and the geometry.
pub(super) fn geopackage(blob: &[u8]) -> Result<MultiPolygon<f64>, Problem> {
    let broken = || Problem::Structure("its geometry is not one of a GeoPackage".to_owned());
    let flags = match blob {
        [b'G', b'P', 0, flags, ..] => *flags,
        _ => return Err(broken()),
    };
    if flags & 0b10_0000 != 0 {
        return Err(Problem::Structure(
            "its geometry is of an extended type".to_owned(),
        ));
    }
    let envelope = match (flags >> 1) & 0b111 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err(broken()),
    };
    let mut rest = Rest(blob.get(8 + envelope..).ok_or_else(broken)?);
    geometry(&mut rest)
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

/// The type of a geometry.
struct Kind {
    code: u32,
    little: bool,
    /// Numbers of a coordinate.
    numbers: usize,
}

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let cut = || Problem::Structure("its geometry ends early".to_owned());
        let found = array(self.0, 0).ok_or_else(cut)?;
        self.0 = self.0.get(N..).ok_or_else(cut)?;
        Ok(found)
    }

    fn integer(&mut self, little: bool) -> Result<u32, Problem> {
        let bytes = self.take()?;
        Ok(if little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    /// A count of things that take some bytes each, of which there have to be as many.
    fn count(&mut self, little: bool, each: usize) -> Result<usize, Problem> {
        let count = self.integer(little)? as usize;
        if count
            .checked_mul(each)
            .is_none_or(|bytes| bytes > self.0.len())
        {
            let problem = format!("its geometry counts {count} of what it has no room for");
            return Err(Problem::Structure(problem));
        }
        Ok(count)
    }

    fn number(&mut self, little: bool) -> Result<f64, Problem> {
        let bytes = self.take()?;
        Ok(if little {
            f64::from_le_bytes(bytes)
        } else {
            f64::from_be_bytes(bytes)
        })
    }

    /// Byte order and type; heights and measures are those of the ISO codes (1000, 2000, 3000) or of PostGIS (high bits).
    fn kind(&mut self) -> Result<Kind, Problem> {
        let little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            [other] => {
                let problem = format!("its geometry has the byte order {other}, neither 0 nor 1");
                return Err(Problem::Structure(problem));
            }
        };
        let code = self.integer(little)?;
        let (high, iso) = (code >> 29, (code & 0x0FFF_FFFF) / 1000);
        if high & 1 != 0 {
            self.take::<4>()?;
        }
        let extra = match iso {
            0 => (high >> 1 & 1) + (high >> 2 & 1),
            1 | 2 => 1,
            _ => 2,
        };
        Ok(Kind {
            code: (code & 0x0FFF_FFFF) % 1000,
            little,
            numbers: 2 + extra as usize,
        })
    }
}

fn geometry(rest: &mut Rest<'_>) -> Result<MultiPolygon<f64>, Problem> {
    let kind = rest.kind()?;
    match kind.code {
        3 => Ok(MultiPolygon(vec![polygon(rest, &kind)?])),
        6 => {
            // Byte order, type and number of rings.
            let parts = rest.count(kind.little, 9)?;
            let part = |_| match rest.kind()? {
                inner if inner.code == 3 => polygon(rest, &inner),
                _ => Err(Problem::Structure(
                    "a part of its multipolygon is no polygon".to_owned(),
                )),
            };
            (0..parts)
                .map(part)
                .collect::<Result<_, _>>()
                .map(MultiPolygon)
        }
        code => {
            let name = match code {
                1 => "Point",
                2 => "LineString",
                4 => "MultiPoint",
                5 => "MultiLineString",
                7 => "GeometryCollection",
                10 => "CurvePolygon",
                12 => "MultiSurface",
                _ => "geometry of another type",
            };
            Err(Problem::Structure(format!(
                "its geometry is a {name}; a Polygon or MultiPolygon is needed"
            )))
        }
    }
}

fn polygon(rest: &mut Rest<'_>, kind: &Kind) -> Result<Polygon<f64>, Problem> {
    let rings = rest.count(kind.little, 4)?;
    let one = |_| {
        let points = rest.count(kind.little, 8 * kind.numbers)?;
        let coord = |_| {
            let c = Coord {
                x: rest.number(kind.little)?,
                y: rest.number(kind.little)?,
            };
            (2..kind.numbers).try_for_each(|_| rest.number(kind.little).map(drop))?;
            Ok(c)
        };
        ring((0..points).map(coord).collect::<Result<_, _>>()?)
    };
    let mut rings = (0..rings).map(one);
    let outer = rings
        .next()
        .ok_or_else(|| Problem::Geometry("a polygon without a ring".to_owned()))??;
    Ok(Polygon::new(outer, rings.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [(f64, f64); 5] = [(0., 0.), (2., 0.), (2., 1.), (0., 1.), (0., 0.)];

    /// A polygon with the code given, its coordinates filled up with sevens.
    fn wkb(little: bool, code: u32, numbers: usize) -> Vec<u8> {
        let integer = |v: u32| {
            if little {
                v.to_le_bytes()
            } else {
                v.to_be_bytes()
            }
        };
        let number = |v: f64| {
            if little {
                v.to_le_bytes()
            } else {
                v.to_be_bytes()
            }
        };
        let mut bytes = vec![u8::from(little)];
        bytes.extend([integer(code), integer(1), integer(5)].concat());
        for (x, y) in SQUARE {
            bytes.extend([number(x), number(y)].concat());
            bytes.extend((2..numbers).flat_map(|_| number(7.0)));
        }
        bytes
    }

    fn blob(flags: u8, envelope: usize, geometry: &[u8]) -> Vec<u8> {
        [
            &[b'G', b'P', 0, flags, 0, 0, 0, 0][..],
            &vec![0; envelope],
            geometry,
        ]
        .concat()
    }

    #[test]
    fn both_byte_orders_and_all_dimensions() {
        let expected = MultiPolygon(vec![Polygon::new(SQUARE.to_vec().into(), vec![])]);
        for little in [true, false] {
            for (code, numbers) in [
                (3, 2),
                (1003, 3),
                (2003, 3),
                (3003, 4),
                (0x8000_0003, 3),
                (0xC000_0003, 4),
            ] {
                let one = wkb(little, code, numbers);
                assert_eq!(geopackage(&blob(0, 0, &one)).as_ref(), Ok(&expected));
                let integer = |v: u32| {
                    if little {
                        v.to_le_bytes()
                    } else {
                        v.to_be_bytes()
                    }
                };
                let several = [
                    &[u8::from(little)][..],
                    &integer(code + 3),
                    &integer(1),
                    &one,
                ]
                .concat();
                assert_eq!(
                    geopackage(&blob(0b11, 32, &several)).as_ref(),
                    Ok(&expected)
                );
            }
        }
    }

    #[test]
    fn every_cut_is_a_problem() {
        let whole = blob(1, 0, &wkb(true, 3, 2));
        for end in 0..whole.len() {
            assert!(geopackage(&whole[..end]).is_err());
        }
        let mut huge = whole.clone();
        huge[13..17].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(geopackage(&huge), Err(Problem::Structure(p)) if p.contains("no room")));
        assert!(geopackage(&blob(1, 0, &wkb(true, 1, 2))).is_err());
    }
}
