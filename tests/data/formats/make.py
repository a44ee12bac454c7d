"""Maps of three units in every format, and Columbus in two; run in this folder with geopandas 1.2.0, pyogrio 0.13.0.

Unit `a` is a square of side 4 with a hole of side 1, `b` two squares of side 2, the second with a hole of side 1 in which
an island of side 0.5 lies, `c` a square of side 1: areas 15, 7.25 and 1 in the unit of the coordinates.
"""
import geopandas as gpd
from shapely.geometry import MultiPolygon, Polygon, box


def squares(x, y, scale):
    def ring(left, bottom, side):
        b = box(x + left * scale, y + bottom * scale, x + (left + side) * scale, y + (bottom + side) * scale)
        return list(b.exterior.coords)

    a = Polygon(ring(0, 0, 4), [ring(1, 1, 1)])
    b = MultiPolygon([
        Polygon(ring(4, 0, 2)),
        Polygon(ring(4, 2, 2), [ring(4.5, 2.5, 1)]),
        Polygon(ring(4.75, 2.75, 0.5)),
    ])
    c = Polygon(ring(6, 0, 1))
    return [a, b, c]


def frame(x, y, scale, crs):
    data = {
        "code": ["440100", "440200", "440300"],
        "name": ["广州", "韶关", "深圳"],
        "pop": [12.5, -3.0, None],
        "count": [1, 2, 3],
        "open": [True, False, True],
    }
    return gpd.GeoDataFrame(data, geometry=squares(x, y, scale), crs=crs)


degrees = frame(113.0, 23.0, 1.0, "EPSG:4326")
metres = frame(500_000.0, 2_500_000.0, 1_000.0, "EPSG:32649")
bare = frame(0.0, 0.0, 1.0, None)
degrees.to_file("squares.shp", encoding="UTF-8")
degrees.to_file("squares_gbk.shp", encoding="GBK")
metres.to_file("squares_utm.shp", encoding="UTF-8")
solid = metres.copy()
solid.geometry = metres.geometry.force_3d(7.0)
solid.to_file("squares_z.shp", encoding="UTF-8")
degrees.to_file("squares.geojson", driver="GeoJSON")
degrees.to_file("squares.gpkg", layer="degrees", SPATIAL_INDEX="NO")
metres.to_file("squares.gpkg", layer="metres", SPATIAL_INDEX="NO")
solid.to_file("squares.gpkg", layer="solid", SPATIAL_INDEX="NO")
# Without an index, which would put the features into its own order.
degrees.to_file("squares.fgb", SPATIAL_INDEX="NO")
metres.to_file("squares_utm.fgb", SPATIAL_INDEX="NO")
bare.to_file("squares_bare.fgb")
columbus = gpd.read_file("../columbus/columbus.shp")
columbus.to_file("columbus.gpkg", layer="columbus", SPATIAL_INDEX="NO")
columbus.to_file("columbus.fgb")
