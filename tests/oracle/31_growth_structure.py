"""The Solow model by statsmodels, and ranks by scipy, on invented data that stand in the result.
Run from this folder: python 31_growth_structure.py > 31_growth_structure.json

Implied shares come from a nonlinear parametrisation by scipy's least_squares, whose Gauss-Newton matrix gives their standard errors:
apart from the delta method. Exact permutation p-values come from all 8! orders."""
import itertools, json, sys
import numpy as np, scipy, statsmodels, statsmodels.api as sm
from scipy.optimize import least_squares
from scipy.stats import kendalltau, rankdata, spearmanr

rng = np.random.default_rng(31)
N, T, GD = 64, 25.0, 0.05
s = np.round(np.exp(rng.normal(-1.8, 0.45, N)), 5)
h = np.round(np.exp(rng.normal(-2.6, 0.6, N)), 5)
n = np.round(rng.uniform(0.002, 0.034, N), 5)
ls, lh, lr = np.log(s), np.log(h), np.log(n + GD)
y0 = np.round(np.exp(8.0 + 0.9 * ls + 0.8 * lh - 1.6 * lr + rng.normal(0, 0.5, N) - 5), 3)
B = -0.35
y1 = np.round(np.exp(np.log(y0) + 2.0 + B * np.log(y0) + 0.35 * ls + 0.25 * lh - 0.6 * lr + rng.normal(0, 0.25, N)), 3)

def ols(y, x, names):
    m = sm.OLS(y, np.column_stack([np.ones(len(y))] + x)).fit()
    return m, {"coef": dict(zip(["const"] + names, m.params.tolist())), "se": dict(zip(["const"] + names, m.bse.tolist())), "loglik": m.llf}

def model(y, schooling, initial):
    free_x, free_n, bound_x, bound_n = [ls], ["ln_invest"], [ls - lr], ["ln_invest_over_n_g_delta"]
    if schooling:
        free_x.append(lh); free_n.append("ln_school"); bound_x.append(lh - lr); bound_n.append("ln_school_over_n_g_delta")
    free_x.append(lr); free_n.append("ln_n_g_delta")
    if initial:
        for x, names in ((free_x, free_n), (bound_x, bound_n)):
            x.append(np.log(y0)); names.append("ln_initial")
    m, free = ols(y, free_x, free_n)
    r, bound = ols(y, bound_x, bound_n)
    row = np.zeros(len(m.params)); row[1 : 3 + schooling] = 1
    f = m.f_test(row)
    out = {"unrestricted": free, "restricted": bound, "F": float(f.fvalue), "F p": float(f.pvalue), "LR": 2 * (m.llf - r.llf)}
    k = len(r.params)
    # a, alpha, eta, lambda: theta = 1 - exp(-lambda T), or 1.
    def equation(p):
        alpha, eta = p[1], (p[2] if schooling else 0.0)
        theta = 1 - np.exp(-p[-1] * T) if initial else 1.0
        fitted = p[0] + theta / (1 - alpha - eta) * (alpha * (ls - lr) + eta * (lh - lr))
        return y - fitted + (theta * np.log(y0) if initial else 0.0)
    start = [0.0, 0.3] + [0.2] * schooling + [0.02] * initial
    z = least_squares(equation, start, method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15, jac="3-point", max_nfev=100000)
    assert abs(z.fun @ z.fun / (r.resid @ r.resid) - 1) < 1e-12
    v = np.linalg.inv(z.jac.T @ z.jac) * (z.fun @ z.fun) / (N - k)
    names = ["alpha"] + ["eta"] * schooling + ["lambda"] * initial
    out["structure"] = {a: z.x[i + 1] for i, a in enumerate(names)}
    out["structure se"] = {a: float(np.sqrt(v[i + 1, i + 1])) for i, a in enumerate(names)}
    g = np.zeros(k); g[1] = -1
    if schooling: g[2] = -1
    rate = float(np.mean(n + GD))
    out["structural speed"] = rate * (1 - z.x[1] - (z.x[2] if schooling else 0.0))
    out["structural speed se"] = rate * float(np.sqrt(g @ v @ g))
    return out

out = {"meta": {"program": f"statsmodels {statsmodels.__version__}, scipy {scipy.__version__}, numpy {np.__version__}", "calls": "sm.OLS, f_test; scipy.optimize.least_squares; kendalltau, spearmanr, rankdata"},
       "data": {"invest": s.tolist(), "school": h.tolist(), "n": n.tolist(), "first": y0.tolist(), "last": y1.tolist()}, "span": T}
for schooling in (False, True):
    word = "with schooling" if schooling else "without schooling"
    out[f"levels {word}"] = model(np.log(y0), schooling, False)
    out[f"growth {word}"] = model(np.log(y1 / y0), schooling, True)

# Ranks of eight units at four dates, with ties.
x = np.array([[3, 1, 4, 1, 5, 9, 2, 6], [2, 2, 3, 1, 5, 7, 5, 8], [1, 2, 2, 2, 6, 7, 3, 3], [4, 1, 3, 2, 8, 6, 5, 7]], float)
ranks = np.array([rankdata(r) for r in x])
gamma = {"values": x.tolist(), "binary": [], "multi-year": [], "W binary": [], "W multi-year": [], "chi2 multi-year p": [], "tau-b": [], "spearman": [], "p exact greater": [], "p exact less": []}
def kendall_w(r):
    k, m = r.shape
    t = sum((c**3 - c).sum() for c in (np.unique(row, return_counts=True)[1] for row in r))
    total = r.sum(0)
    return 12 * ((total - total.mean()) ** 2).sum() / (k**2 * (m**3 - m) - k * t)
for t in range(1, 4):
    r0, rt = ranks[0], ranks[t]
    two, many = ranks[[0, t]], ranks[: t + 1]
    gamma["binary"].append(np.var(r0 + rt) / np.var(2 * r0)); gamma["multi-year"].append(np.var(many.sum(0)) / np.var((t + 1) * r0))
    gamma["W binary"].append(kendall_w(two)); gamma["W multi-year"].append(kendall_w(many))
    gamma["chi2 multi-year p"].append(float(scipy.stats.chi2.sf((t + 1) * 7 * kendall_w(many), 7)))
    gamma["tau-b"].append(float(kendalltau(x[0], x[t]).statistic)); gamma["spearman"].append(float(spearmanr(x[0], x[t]).statistic))
    observed = round(4 * r0 @ rt)
    sums = np.array([round(4 * (r0 @ rt[list(p)])) for p in itertools.permutations(range(8))])
    gamma["p exact greater"].append(float(np.mean(sums >= observed))); gamma["p exact less"].append(float(np.mean(sums <= observed)))
out["gamma"] = gamma
json.dump(out, sys.stdout, indent=1)
