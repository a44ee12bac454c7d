# Kernel densities, critical bandwidths and stochastic kernels by numpy and scipy alone, each from its formula.
# python tests/oracle/43_density.py [folder of the repository] > tests/oracle/43_density.json   (numpy, scipy, pandas)
import json, sys
import numpy as np, pandas as pd
from scipy.stats import gaussian_kde, norm
from scipy.optimize import brentq

root = sys.argv[1] if len(sys.argv) > 1 else "."
us = pd.read_csv(f"{root}/tests/data/us_income/usjoin.csv")
years = [str(y) for y in range(1929, 2010)]
income = us[years].to_numpy(float).T
relative = income / income.mean(1, keepdims=True)
at = np.linspace(0.3, 2, 18)
out = {}

# scipy.stats.gaussian_kde with weights; the weights of the test are the positions of the states, 1 to 48
w = np.arange(1.0, 49.0)
y = relative[0]
kde = gaussian_kde(y, weights=w)
sd = np.sqrt(kde.covariance[0, 0]) / kde.factor
out["weighted"] = {
    "effective": kde.neff, "sd": sd, "scott bandwidth": kde.factor * sd,
    "density": kde(at).tolist(),
    "distribution": [kde.integrate_box_1d(-np.inf, a) for a in at],
}
kde.set_bandwidth(0.17 / sd)
out["weighted, fixed"] = {"density": kde(at).tolist(), "distribution": [kde.integrate_box_1d(-np.inf, a) for a in at]}


# Critical bandwidths: modes counted as sign changes of the slope on a fine grid whose cells that nearly touch are searched again
def slope(x, h, z):
    u = (z[:, None] - x) / h
    return -(u * np.exp(-0.5 * u * u)).sum(1)


def modes(x, h, n=20001):
    z = np.linspace(x.min(), x.max(), n)
    s = np.concatenate([slope(x, h, part) for part in np.array_split(z, 40)])
    count = int(((s[:-1] > 0) & (s[1:] <= 0)).sum())
    # dips of the slope to the axis between grid points
    for j in range(1, n - 1):
        dip = s[j] > 0 and s[j] <= s[j - 1] and s[j] <= s[j + 1]
        top = s[j] < 0 and s[j] >= s[j - 1] and s[j] >= s[j + 1]
        if (dip or top) and s[j - 1] * s[j + 1] > 0:
            fine = slope(x, h, np.linspace(z[j - 1], z[j + 1], 2001))
            if (dip and fine.min() < 0) or (top and fine.max() > 0):
                count += 1
    return count


def critical(x, k):
    lo, hi = 1e-3 * np.ptp(x), np.ptp(x)
    while hi - lo > 1e-8 * hi:
        mid = 0.5 * (lo + hi)
        lo, hi = (lo, mid) if modes(x, mid) <= k else (mid, hi)
    return hi


chondrite = np.array([20.77, 22.56, 22.71, 22.99, 26.39, 27.08, 27.32, 27.33, 27.57, 27.81, 28.69, 29.36, 30.25, 31.89,
                      32.88, 33.23, 33.28, 33.40, 33.52, 33.83, 33.95, 34.82])
out["chondrite"] = {"critical bandwidths": [critical(chondrite, k) for k in (1, 2, 3, 4)]}
out["us"] = {"critical bandwidths": {p: [critical(relative[int(p) - 1929], k) for k in (1, 2, 3)] for p in ("1929", "2009")}}

# p-values of Silverman's test of the chondrites by an own generator, 2,000 draws
rng = np.random.default_rng(1)
p = []
for k, h in zip((1, 2, 3), out["chondrite"]["critical bandwidths"]):
    n, s2, m = len(chondrite), chondrite.var(ddof=1), chondrite.mean()
    more = 0
    for _ in range(2000):
        x = m + (rng.choice(chondrite, n) - m + h * rng.standard_normal(n)) / np.sqrt(1 + h * h / s2)
        more += modes(x, h, 601) > k
    p.append(more / 2000)
out["chondrite"]["p"] = p


# Stochastic kernels
# n: units times the spans of a unit that do not overlap
def scott(x, y, n):
    r = np.corrcoef(x, y)[0, 1]
    f = (1 - r * r) ** (5 / 12) * (1 + r * r / 2) ** (-1 / 6) * n ** (-1 / 6)
    s = lambda v: min(v.std(ddof=1), (np.quantile(v, 0.75) - np.quantile(v, 0.25)) / 1.349)
    return s(x) * f, s(y) * f


def kernel(x, y, m, log, n):
    if log:
        x, y = np.log(x), np.log(y)
    hx, hy = scott(x, y, n)
    beyond = 4 * max(hx, hy)
    lo, hi = min(x.min(), y.min()) - beyond, max(x.max(), y.max()) + beyond
    edges = np.linspace(lo, hi, m + 1)
    c = 0.5 * (edges[1:] + edges[:-1])
    logw = norm.logpdf((c[:, None] - x) / hx)
    k = np.exp(logw - logw.max(1, keepdims=True))
    mass = np.diff(norm.cdf((edges[:, None] - y) / hy), axis=0)
    P = k @ mass.T / k.sum(1)[:, None]
    leak = 1 - P.sum(1)
    P /= P.sum(1)[:, None]
    A = np.vstack([P.T - np.eye(m), np.ones(m)])
    pi = np.linalg.lstsq(A, np.r_[np.zeros(m), 1], rcond=None)[0]
    back = np.exp if log else (lambda v: v)
    support = norm.pdf((c[:, None] - x) / hx).sum(1) * np.sqrt(2 * np.pi)

    def given(x0):
        w = norm.pdf((((np.log(x0) if log else x0)) - x) / hx)
        w = w / w.sum()
        F = lambda v: (w * norm.cdf((v - y) / hy)).sum()
        q = [float(back(brentq(lambda v: F(v) - p, lo - 1, hi + 1, xtol=1e-14))) for p in (0.25, 0.5, 0.75)]
        z = np.log(at) if log else at
        d = [(w * norm.pdf((v - y) / hy)).sum() / hy / (a if log else 1) for v, a in zip(z, at)]
        return {"quantiles": q, "density": d}

    return {"bandwidths": [hx, hy], "leak": leak.max(), "rows": P[[0, m // 3, m // 2, m - 1]].ravel().tolist(),
            "ergodic": pi.tolist(), "support": support.tolist(), "edges": back(edges).tolist(), "given": given(0.9)}


def pooled(a, b, step):
    return a[: len(a) - step].ravel(), b[step:].ravel()


# 1929 to 1939, 1939 to 1949, ...
disjoint = relative.shape[1] * len(range(0, len(relative) - 10, 10))
out["kernel, 10 years"] = kernel(*pooled(relative, relative, 10), 60, False, disjoint)
out["kernel, 10 years, logs"] = kernel(*pooled(relative, relative, 10), 60, True, disjoint)
out["kernel, 1929 to 2009"] = kernel(relative[0], relative[-1], 60, False, relative.shape[1])

# relative to neighbours
lines = open(f"{root}/tests/data/us_income/states48.gal").read().split("\n")
n = int(lines[0].split()[0] if len(lines[0].split()) == 1 else lines[0].split()[1])
W = np.zeros((n, n))
i = 1
while i < len(lines) and lines[i].strip():
    row = int(lines[i].split()[0])
    for j in lines[i + 1].split():
        W[row, int(j)] = 1
    i += 2
W /= W.sum(1, keepdims=True)
by = income / (income @ W.T)
out["neighbours"] = kernel(relative.ravel(), by.ravel(), 60, False, relative.size)
out["neighbours"]["explained"] = 1 - np.log(by).var(ddof=1) / np.log(relative).var(ddof=1)
print(json.dumps(out, indent=1))
