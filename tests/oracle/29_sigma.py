"""Sigma convergence: weighted dispersion (double sums, statsmodels DescrStatsW), trends with HAC errors (statsmodels), their distribution (Imhof's integral by scipy),
spatial errors of logs (the concentrated likelihood by eigenvalues) and conditional tests (statsmodels, scipy). Run from this folder: python 29_sigma.py > 29_sigma.json"""
import csv, json, sys
import numpy as np, scipy, statsmodels, statsmodels.api as sm, libpysal
from scipy import integrate, stats
from statsmodels.stats.weightstats import DescrStatsW

rows = list(csv.DictReader(open("../data/us_income/usjoin.csv")))
years = list(range(1929, 2010))
us = np.array([[float(r[str(t)]) for r in rows] for t in years])
g = list(csv.DictReader(open("../../examples/data/guangdong/guangdong_panel.csv")))
ids = sorted({r["adcode"] for r in g}); gy = sorted({int(r["year"]) for r in g})
cell = {(r["adcode"], int(r["year"])): r for r in g}
gd = np.array([[float(cell[i, t]["gdp_pc_yuan"]) for i in ids] for t in gy])
pop = np.array([[float(cell[i, t]["resident_pop_10k"]) for i in ids] for t in gy])

def weighted(y, p):
    f = p / p.sum(); m = f @ y; d = DescrStatsW(y, p, ddof=0); l = DescrStatsW(np.log(y), p, ddof=0)
    return {"sd of logs": l.std, "CV": d.std / d.mean, "Theil": float(f @ (y / m * np.log(y / m))),
            "Gini": float((f[:, None] * f * np.abs(y[:, None] - y)).sum() / (2 * m))}

def imhof(lam):
    """P(sum lam_j z_j^2 > 0)"""
    lam = np.asarray(lam) / np.abs(lam).max()
    def f(u):
        return np.sin(0.5 * np.arctan(lam * u).sum()) / (u * np.prod((1 + (lam * u) ** 2) ** 0.25))
    # u = tan v, so that the whole line is covered
    total = integrate.quad(lambda v: f(np.tan(v)) / np.cos(v) ** 2, 0, np.pi / 2, epsabs=1e-14, epsrel=1e-13, limit=5000)[0]
    return 0.5 + total / np.pi

def trend(t, s, lag):
    t = np.asarray(t, float); x = sm.add_constant(t)
    out = {"lag": lag}
    fits = {c: sm.OLS(s, x).fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": c}) for c in (False, True)}
    # A year around 2000 beside a constant costs digits: the same from centred years.
    centred = {c: sm.OLS(s, sm.add_constant(t - t.mean())).fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": c}) for c in (False, True)}
    assert np.allclose(fits[False].bse[1], centred[False].bse[1], rtol=1e-6)
    out["slope"], out["se"], out["se, use_correction"] = centred[False].params[1], centred[False].bse[1], centred[True].bse[1]
    T = len(t); a = (t - t.mean()) / ((t - t.mean()) ** 2).sum()
    k = np.maximum(0, 1 - np.abs(np.subtract.outer(np.arange(T), np.arange(T))) / (lag + 1))
    q, _ = np.linalg.qr(x); m = np.eye(T) - q @ q.T
    A = m @ (np.outer(a, a) * k) @ m
    e = m @ s; assert np.isclose(e @ (np.outer(a, a) * k) @ e, out["se"] ** 2, rtol=1e-9)
    lam = np.linalg.eigvalsh(A); lam = lam[lam > 1e-12 * lam.max()] / (a @ a)
    p = lambda c: imhof(np.concatenate([[1.0], -c * c * lam]))
    z = out["slope"] / out["se"]
    if p(abs(z)) > 1e-4:
        out["p"] = p(abs(z))
    out["critical value"] = scipy.optimize.brentq(lambda c: p(c) - 0.05, 1.5, 60, xtol=1e-13, rtol=1e-13)
    rng = np.random.default_rng(29); u = rng.standard_normal((400_000, T)); b = u @ a; r = u @ m
    v = np.einsum("ij,ij->i", r @ (np.outer(a, a) * k), r)
    share = np.mean(b * b > out["critical value"] ** 2 * v); out["simulated share beyond the critical value"] = share
    assert abs(share - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 400_000), share
    return out

w = libpysal.io.open("../data/us_income/states48.gal").read(); w.transform = "r"
order = [str(i) for i in range(48)]
wf, wid = w.full(); wid = [str(i) for i in wid]; perm = [wid.index(o) for o in order]; W = wf[np.ix_(perm, perm)]
omega = np.linalg.eigvals(W).real

def filtered(y, lam, mu):
    n = len(y); v = (np.eye(n) - lam * W) @ (np.log(y) - mu); s = np.linalg.inv(np.eye(n) - lam * W); q = np.eye(n) - 1 / n
    return v, {"lambda": lam, "mu": mu, "measured": np.log(y).std(), "filtered": v.std(), "sigma_v": np.sqrt(v @ v / n),
               "inflation": np.trace(q @ s @ s.T) / (n - 1)}

def error_model(y):
    """Exact likelihood, concentrated in lambda, by scipy; rows of W sum to one, so that mu is the mean of the filtered series over 1 - lambda."""
    l = np.log(y)
    def neg(lam):
        e = (np.eye(48) - lam * W) @ l; e = e - e.mean(); return 24 * np.log(e @ e / 48) - np.log(1 - lam * omega).sum()
    r = scipy.optimize.minimize_scalar(neg, bounds=(0, 0.9999), method="bounded", options={"xatol": 1e-12})
    lam = r.x
    return lam, ((np.eye(48) - lam * W) @ l).mean() / (1 - lam)

out = {"meta": {"program": f"statsmodels {statsmodels.__version__}, scipy {scipy.__version__}, numpy {np.__version__}, libpysal {libpysal.__version__}"}}
all_ = [weighted(y, p) for y, p in zip(gd, pop)]
out["guangdong weighted"] = {k: [d[k] for d in all_] for k in all_[0]}
s_us = np.log(us).std(axis=1); s_gd = np.log(gd).std(axis=1)
def default(T): return int(np.floor(4 * (T / 100) ** (2 / 9)))
out["us trend"] = trend(years, s_us, default(81)); out["us trend, lag 0"] = trend(years, s_us, 0); out["us trend, lag 20"] = trend(years, s_us, 20)
out["us trend, 1980-1989"] = trend(years[51:61], s_us[51:61], default(10))
out["guangdong trend"] = trend(gy, s_gd, default(len(gy)))
out["guangdong trend, last three"] = trend(gy[-3:], s_gd[-3:], default(3))
series = []; shocks = []
for t in (1929, 1969, 2009):
    y = us[t - 1929]; v, d = filtered(y, *error_model(y)); series.append(d); shocks.append(v)
out["us filtered"] = {k: [d[k] for d in series] for k in series[0]}
out["us filtered"]["at 1929"] = [float((np.linalg.inv(np.eye(48) - series[0]["lambda"] * W) @ v).std()) for v in shocks]
z = sm.add_constant(np.column_stack([np.log(us[0]) ** 2, np.arange(48.0)]))
e1, e2 = (sm.OLS(np.log(us[t - 1929]), z).fit().resid for t in (1979, 2009))
r, p = stats.pearsonr(e1 + e2, e1 - e2); df = 48 - 3
out["us conditional"] = {"sd": [np.sqrt(e1 @ e1 / df), np.sqrt(e2 @ e2 / df)], "t": r * np.sqrt((df - 1) / (1 - r * r)), "p": 2 * stats.t.sf(abs(r) * np.sqrt((df - 1) / (1 - r * r)), df - 1)}
json.dump(out, sys.stdout, indent=1)
