# Speeds of convergence beyond one coefficient, by numpy and statsmodels: gap speeds by the dense transition, units left out by refits and
# OLSInfluence, Galton's parts, beta over spans. Run in tests/oracle: python 37_speeds.py > 37_speeds.json
import csv, json
import numpy as np, statsmodels, statsmodels.api as sm

root = "../.."
rows = list(csv.DictReader(open(f"{root}/tests/data/us_income/usjoin.csv")))
names = [r["Name"] for r in rows]
y = {t: np.log([float(r[str(t)]) for r in rows]) for t in (1929, 1994, 2009)}
n = len(names)
lines = open(f"{root}/tests/data/us_income/states48.gal").read().split("\n")[1:]
W = np.zeros((n, n))
for head, tail in zip(lines[::2], lines[1::2]):
    i = int(head.split()[0])
    for j in tail.split():
        W[i, int(j)] = 1.0
W /= W.sum(1, keepdims=True)
out = {"versions": {"numpy": np.__version__, "statsmodels": statsmodels.__version__}}

# Gap speed: eigenvalues of A = I + T (I - rho W)^-1 (b I + theta W), that of the constant left out; coefficients of 07_convergence.json.
ref = json.load(open("07_convergence.json"))
def gap(b, theta, rho, T):
    A = np.eye(n) + T * np.linalg.solve(np.eye(n) - rho * W, b * np.eye(n) + theta * W)
    a = np.linalg.eigvals(A)
    root_ = 1 + T * (b + theta) / (1 - rho)
    a = np.delete(a, np.argmin(abs(a - root_)))
    return -np.log(max(abs(a))) / T
c = ref["us_sdm"]["coef"]
out["us_sdm_gap"] = gap(c["y0"], c["lag.y0"], c["rho"], 80)
c = ref["us_sar"]["coef"]
out["us_sar_gap"] = gap(c["y0"], 0.0, c["rho"], 80)

# Units left out, 1929-2009, mean annual growth.
T = 80
g, x = (y[2009] - y[1929]) / T, y[1929]
X = sm.add_constant(x)
whole = sm.OLS(g, X).fit()
inf = whole.get_influence()
keep = lambda i: np.arange(n) != i
less = [sm.OLS(g[keep(i)], X[keep(i)]).fit() for i in range(n)]
out["us_left_out"] = {
    "leverage": inf.hat_matrix_diag.tolist(), "cook": inf.cooks_distance[0].tolist(),
    "beta": [f.params[1] for f in less], "se": [f.bse[1] for f in less],
    "hc": {k: [getattr(f, k.upper() + "_se")[1] for f in less] for k in ("HC0", "HC1", "HC2", "HC3")},
    "speed": [-np.log(1 + T * f.params[1]) / T for f in less],
}

# Galton's parts, 1929-2009.
B = T * whole.params[1]
u = y[2009] - (1 + B) * x
v = np.cov(x, u, bias=True)
out["us_galton"] = {"initial": x.var(), "last": y[2009].var(), "carried": (1 + B) ** 2 * v[0, 0],
    "covariance": 2 * (1 + B) * v[0, 1], "shocks": v[1, 1], "stationary": v[1, 1] / (1 - (1 + B) ** 2)}

# Spans of at least 8 years, Guangdong.
data = list(csv.DictReader(open(f"{root}/examples/data/guangdong/guangdong_panel.csv", encoding="utf-8-sig")))
years = sorted({int(r["year"]) for r in data})
units = sorted({r["adcode"] for r in data})
for column in ("gdp_pc_yuan", "gdp_pc_real2000_yuan"):
    level = {(r["adcode"], int(r["year"])): float(r[column]) for r in data}
    table = []
    for a in years:
        for b in years:
            if b - a >= 8:
                l0 = np.log([level[u_, a] for u_ in units]); l1 = np.log([level[u_, b] for u_ in units])
                f = sm.OLS((l1 - l0) / (b - a), sm.add_constant(l0)).fit()
                left = 1 + (b - a) * f.params[1]
                table.append([a, b, f.params[1], f.bse[1], f.HC3_se[1], f.pvalues[1], -np.log(left) / (b - a), f.rsquared])
    out[f"spans_{column}"] = table
print(json.dumps(out))
