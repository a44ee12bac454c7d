# Local join counts, local Lee, local Geary and local G on Columbus (spData weights, 230 links), by esda, and its folded pseudo p-values by
# 99,999 permutations over the queen weights of GeoDa.
# Input: links_230.csv and columbus.csv in ../data/columbus, 12_pygeoda_lisa.json beside this file. Run: python 23_local_esda.py
import csv, importlib.metadata as im, json, os, warnings
import numpy as np
from esda import G_Local, Geary_Local, Geary_Local_MV, Join_Counts_Local, Join_Counts_Local_BV, Moran_Local, Moran_Local_BV, Spatial_Pearson_Local
from libpysal.weights import W

warnings.filterwarnings("ignore")
here = os.path.dirname(os.path.abspath(__file__))
folder = os.path.join(here, "..", "data", "columbus")
rows = list(csv.DictReader(open(os.path.join(folder, "columbus.csv"))))
crime, inc, hoval = (np.array([float(r[c]) for r in rows]) for c in ("CRIME", "INC", "HOVAL"))
links = [(int(float(r["i"])) - 1, int(float(r["j"])) - 1) for r in csv.DictReader(open(os.path.join(folder, "links_230.csv")))]
w = W({i: [j for a, j in links if a == i] for i in range(49)}, silence_warnings=True)
J = lambda v: [float(x) for x in np.asarray(v).flatten()]
high, poor = (crime > np.median(crime)).astype(float), (inc < np.median(inc)).astype(float)
cheap = (hoval < np.median(hoval)).astype(float)
r = {"meta": {"data": "spData::columbus, col.gal.nb", "versions": {p: im.version(p) for p in ("esda", "libpysal", "numpy")},
              "indicators": "high = CRIME above, poor = INC below, cheap = HOVAL below their medians"}}
r["high"], r["poor"], r["cheap"] = J(high), J(poor), J(cheap)
r["join_counts"] = {"call": "Join_Counts_Local(connectivity=w).fit(high).LJC", "value": J(Join_Counts_Local(connectivity=w, permutations=9).fit(high).LJC)}
r["bjc"] = {"call": 'Join_Counts_Local_BV(connectivity=w).fit(high, poor, case="BJC").LJC', "value": J(Join_Counts_Local_BV(connectivity=w, permutations=9).fit(high, poor, case="BJC").LJC)}
r["clc"] = {"call": 'Join_Counts_Local_BV(connectivity=w).fit(high, poor, case="CLC").LJC', "value": J(Join_Counts_Local_BV(connectivity=w, permutations=9).fit(high, poor, case="CLC").LJC)}
r["geary"] = {"call": "Geary_Local(connectivity=w).fit(CRIME).localG, times 48/49", "value": J(Geary_Local(connectivity=w, permutations=9).fit(crime).localG * 48 / 49)}
r["geary_mv"] = {"call": "Geary_Local_MV(connectivity=w).fit([CRIME, INC, HOVAL]).localG, times 48/49", "value": J(Geary_Local_MV(connectivity=w, permutations=9).fit(np.array([crime, inc, hoval])).localG * 48 / 49)}
w.transform = "r"
r["lee"] = {"call": "Spatial_Pearson_Local(connectivity=w.sparse, permutations=9).fit(CRIME, INC).associations_, w row-standardised",
            "value": J(Spatial_Pearson_Local(connectivity=w.sparse, permutations=9).fit(crime.reshape(-1, 1), inc.reshape(-1, 1)).associations_)}
r["moran_bv"] = {"call": "Moran_Local_BV(CRIME, INC, w, permutations=9).Is", "value": J(Moran_Local_BV(crime, inc, w, permutations=9).Is)}
w.transform = "b"
g = G_Local(crime, w, transform="B", permutations=9)
s = G_Local(crime, w, transform="B", star=1.0, permutations=9)
r["g"] = {"call": 'G_Local(CRIME, w, transform="B").Gs', "value": J(g.Gs), "z": J(g.Zs)}
r["g_star"] = {"call": 'G_Local(CRIME, w, transform="B", star=1.0).Gs', "value": J(s.Gs), "z": J(s.Zs)}
# Its Zs are left out: G_Local takes the moments of binary weights for any, so that its z changes when all weights of a row are divided by
# one number, which no standardised statistic does; ours then equals that of the binary weights.
w2 = W({i: [j for a, j in links if a == i] for i in range(49)}, silence_warnings=True)
s = G_Local(crime, w2, transform="R", star=True, permutations=9)
r["g_star_row"] = {"call": 'G_Local(CRIME, w, transform="R", star=True).Gs', "value": J(s.Gs)}
queen = json.load(open(os.path.join(here, "12_pygeoda_lisa.json")))["queen"]["neighbors"]
q = W({i: a for i, a in enumerate(queen)}, silence_warnings=True)
k = {"permutations": 99999, "seed": 1, "n_jobs": 1}
r["local_moran"] = {"call": "Moran_Local(CRIME, queen, permutations=99999, seed=1).p_sim", "p_99999": J(Moran_Local(crime, q, **k).p_sim)}
r["local_geary"] = {"call": "Geary_Local(connectivity=queen, permutations=99999, seed=1).fit(CRIME).p_sim", "p_99999": J(Geary_Local(connectivity=q, **k).fit(crime).p_sim)}
r["local_g"] = {"call": 'G_Local(CRIME, queen, transform="R", permutations=99999, seed=1).p_sim', "p_99999": J(G_Local(crime, q, transform="R", **k).p_sim)}
json.dump(r, open(os.path.join(here, "23_local_esda.json"), "w"), indent=1)
