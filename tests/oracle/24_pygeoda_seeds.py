# The Monte-Carlo error of GeoDa's pseudo p-values, as it is and not as 99,999 independent draws would have it: the same call with 100
# seeds. Its p-values vary from seed to seed by two to five times sqrt(p (1 - p) / R), and their means differ from the p-values of uniform
# draws (esda, and all arrangements) by up to 0.03; most of that difference goes away in a simulation that draws the first and the last unit
# half as often as the others.
# Input: the path of columbus.shp. Run: python 24_pygeoda_seeds.py ../data/columbus/columbus.shp
import importlib.metadata as im, json, os, sys
import numpy as np, pygeoda as pg
g = pg.open(sys.argv[1]); w = pg.queen_weights(g); crime = g.GetRealCol("CRIME")
seeds, draws = range(1, 101), 99999
r = {"meta": {"call": "pygeoda.STATISTIC(queen, CRIME, permutations=99999, seed=1000003 s), s = 1 .. 100", "versions": {"pygeoda": im.version("pygeoda")}}}
for name in ("local_moran", "local_geary", "local_g", "local_gstar"):
    p = np.array([getattr(pg, name)(w, crime, permutations=draws, seed=s * 1000003).lisa_pvalues() for s in seeds])
    m, s = p.mean(0), p.std(0, ddof=1)
    r[name] = {"mean": [float(v) for v in m], "sd": [float(v) for v in s]}
    ratio = s / np.sqrt(m * (1 - m) / draws)
    print(name, "sd over that of independent draws: median", np.median(ratio), "max", ratio.max())
json.dump(r, open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "24_pygeoda_seeds.json"), "w"), indent=1)
