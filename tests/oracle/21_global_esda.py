# Global statistics of esda on Columbus: bivariate Moran, join counts, rates, 4 nearest neighbours.
import csv, json, os, warnings, numpy as np
warnings.filterwarnings("ignore")
import esda, libpysal, scipy
data = os.environ.get("COLUMBUS", "../data/columbus"); out = os.environ.get("ORACLE_OUT", ".")
rows = list(csv.DictReader(open(f"{data}/columbus.csv"))); x, y, X, Y = (np.array([float(r[c]) for r in rows]) for c in ("CRIME", "INC", "X", "Y"))
neighbours = {i: [] for i in range(49)}
for r in csv.DictReader(open(f"{data}/links_230.csv")): neighbours[int(float(r["i"])) - 1].append(int(float(r["j"])) - 1)
w = libpysal.weights.W(neighbours, silence_warnings=True); k = libpysal.weights.KNN.from_array(np.column_stack([X, Y]), k=4)
r = {"meta": {"data": "columbus.csv, links_230.csv", "versions": {"esda": esda.__version__, "libpysal": libpysal.__version__, "numpy": np.__version__}}}
r["moran_bv_W"] = {"call": "Moran_BV(CRIME, INC, w, permutations=0).I", "I": esda.Moran_BV(x, y, w, permutations=0).I}
r["moran_bv_k4"] = {"call": "Moran_BV(CRIME, INC, 4 nearest, permutations=0).I", "I": esda.Moran_BV(x, y, k, permutations=0).I}
hi = (x > np.median(x)).astype(int)
w.transform = "b"; k.transform = "b"
for s, v in (("B", w), ("k4", k)):
    j = esda.Join_Counts(hi, v, permutations=0); r[f"join_counts_{s}"] = {"call": "Join_Counts(CRIME > median, w, permutations=0)", "bb": j.bb, "bw": j.bw, "ww": j.ww}
g = esda.G(x, w, permutations=0); r["G_B"] = {"call": "G(CRIME, w binary, permutations=0)", "G": g.G, "EG": g.EG, "VG": g.VG, "z": g.z_norm}
# Asymmetric weights: esda's sums take them for what they are.
g = esda.G(x, k, permutations=0); r["G_k4"] = {"call": "G(CRIME, 4 nearest binary, permutations=0)", "G": g.G, "EG": g.EG, "VG": g.VG, "z": g.z_norm}
k.transform = "r"; c = esda.Geary(x, k, permutations=0); r["geary_k4"] = {"call": "Geary(CRIME, 4 nearest, permutations=0)", "C": c.C, "VC_norm": c.VC_norm, "VC_rand": c.VC_rand, "z_norm": c.z_norm, "z_rand": c.z_rand}
e = json.load(open(f"{out}/20_global.json"))["eb"]; w.transform = "r"
r["moran_rate"] = {"call": "Moran_Rate(events, population, w, permutations=0), events and population of 20_global.json", "I": esda.Moran_Rate(np.array(e["events"], float), np.array(e["population"], float), w, permutations=0).I}
json.dump(r, open(f"{out}/21_global_esda.json", "w"), indent=1, default=float)
