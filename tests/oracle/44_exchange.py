# giddy (Kendall's tau, spatial, local and regional tau, Theta, Rose) and scipy (kendalltau) on US state income 1929-2009 and on Mexican states 1940-2000.
# Inputs: $DATA/us_income/usjoin.csv, states48.gal, $DATA/mexico/mexico.csv, mexico.gal (all from libpysal examples); regions of 11_giddy_inequality.json.
# Pseudo p-values of 99 999 permutations of giddy, seeds stated; exact p-values by enumeration of a sample of eight units, written out here.
import itertools, json, os, warnings, numpy as np, pandas as pd, scipy
from scipy.stats import kendalltau
warnings.filterwarnings("ignore")
import giddy, libpysal
from giddy.rank import SpatialTau, Tau, Tau_Local, Tau_Local_Neighbor, Tau_Local_Neighborhood, Tau_Regional, Theta
from giddy.directional import Rose
here = os.path.dirname(os.path.abspath(__file__)); data = os.environ.get("DATA", f"{here}/../data")
def J(v):
    if isinstance(v, dict): return {str(k): J(z) for k, z in v.items()}
    if isinstance(v, (list, tuple)): return [J(z) for z in v]
    if isinstance(v, np.ndarray): return J(v.tolist())
    return v.item() if isinstance(v, (np.floating, np.integer, np.bool_)) else v
def weights(path):
    g = libpysal.io.open(path).read()
    return libpysal.weights.W({i: [int(j) for j in g.neighbors[str(i)]] for i in range(len(g.id_order))}, id_order=list(range(len(g.id_order))), silence_warnings=True)
def upper(m, names): return {f"{names[g]},{names[h]}": m[g, h] for g in range(len(names)) for h in range(g, len(names))}
U = pd.read_csv(f"{data}/us_income/usjoin.csv"); Y = U[[str(t) for t in range(1929, 2010)]].values.astype(float)
M = pd.read_csv(f"{data}/mexico/mexico.csv"); X = M[[f"pcgdp{t}" for t in range(1940, 2010, 10)]].values.astype(float)
us_w, mx_w = weights(f"{data}/us_income/states48.gal"), weights(f"{data}/mexico/mexico.gal")
us_r = np.array(json.load(open(f"{here}/11_giddy_inequality.json"))["census_regions"]["labels"]); mx_r = M["hanson98"].values.astype(int)
out = {"meta": {"versions": {"giddy": giddy.__version__, "libpysal": libpysal.__version__, "scipy": scipy.__version__, "numpy": np.__version__}}}
def one(x, y, w, regions, R, seed):
    t = Tau(x, y); s = kendalltau(x, y, method="asymptotic"); names = [str(v) for v in np.unique(regions)]; n = len(x)
    r = {"tau": t.tau, "tau_p": t.tau_p, "concordant": t.concordant, "discordant": t.discordant, "scipy tau": s.statistic, "scipy p": s.pvalue}
    r["scipy p greater"] = kendalltau(x, y, method="asymptotic", alternative="greater").pvalue
    st = SpatialTau(x, y, w, 0); r["tau_spatial"] = st.tau_spatial; r["concordant_spatial"] = st.concordant_spatial; r["discordant_spatial"] = st.discordant_spatial; r["pairs_spatial"] = st.pairs_spatial
    r["tau_local"] = Tau_Local(x, y).tau_local
    ln = Tau_Local_Neighbor(x, y, w, 0); r["tau_ln"] = ln.tau_ln; r["tau_ln_weights"] = ln.tau_ln_weights; r["tau_lnhood"] = Tau_Local_Neighborhood(x, y, w, 0).tau_lnhood
    r["tau_reg"] = upper(Tau_Regional(x, y, regions, 0).tau_reg, names)
    # What the permutation tests draw: shares of R draws at least and at most as large, of the same statistics of giddy.
    np.random.seed(seed); sim = SpatialTau(x, y, w, R).taus; r["spatial draws"] = {"at least": (sim >= st.tau_spatial - 1e-12).mean(), "at most": (sim <= st.tau_spatial + 1e-12).mean(), "mean": sim.mean(), "sd": sim.std()}
    np.random.seed(seed); th = Theta(np.c_[x, y], regions, R); r["theta"] = th.theta[0, 0]; r["total"] = th.total[0]; r["max_total"] = th.max_total
    sim = th.sim[1:, 0]; r["theta draws"] = {"at least": (sim >= th.theta[0, 0] - 1e-12).mean(), "at most": (sim <= th.theta[0, 0] + 1e-12).mean(), "mean": sim.mean(), "sd": sim.std()}
    Rs = R // 5; np.random.seed(seed); tr = Tau_Regional(x, y, regions, Rs); r["regional draws"] = {"count": Rs, "at least": upper((tr.tau_reg_sim >= tr.tau_reg - 1e-12).mean(0), names), "at most": upper((tr.tau_reg_sim <= tr.tau_reg + 1e-12).mean(0), names)}
    np.random.seed(seed); tl = Tau_Local_Neighbor(x, y, w, 999); r["neighbour draws"] = {"count": 999, "at least": (tl.tau_ln_sim >= tl.tau_ln[:, None] - 1e-12).mean(1), "at most": (tl.tau_ln_sim <= tl.tau_ln[:, None] + 1e-12).mean(1)}
    np.random.seed(seed); th = Tau_Local_Neighborhood(x, y, w, 1999); r["neighbourhood draws"] = {"count": 1999, "at least": (th.tau_lnhood_sim >= th.tau_lnhood[:, None] - 1e-12).mean(1), "at most": (th.tau_lnhood_sim <= th.tau_lnhood[:, None] + 1e-12).mean(1)}
    r["draws"] = R; return r
def rose(x, y, w, R, seed):
    w.transform = "r"; r = {"draws": R}
    for name, (a, b) in {"relative": (x / x.mean(), y / y.mean()), "z": ((x - x.mean()) / x.std(), (y - y.mean()) / y.std()), "as given": (x, y)}.items():
        for k in (4, 8, 16):  # at 12, say, giddy's cuts have one too many: np.arange ends by rounding
            o = Rose(np.c_[a, b], w, k); r[f"{name}, {k}"] = {"counts": o.counts}
            if name == "relative":
                if k == 8: r["theta"] = np.where(o.theta < 0, o.theta + 2 * np.pi, o.theta); r["r"] = o.r; r["dx"] = o._dx; r["dy"] = o._dy
                np.random.seed(seed); o.permute(R); r[f"{name}, {k}"] |= {"at least": o.larger_perm / R, "at most": o.smaller_perm / R, "expected": o.expected_perm}
    w.transform = "b"; return r
out["us"] = one(Y[:, 0], Y[:, -1], us_w, us_r, 9999, 1); out["us rose"] = rose(Y[:, 0], Y[:, -1], us_w, 9999, 2); out["us 1969 rose"] = rose(Y[:, 40], Y[:, -1], us_w, 9999, 3)
out["mexico"] = [one(X[:, t], X[:, t + 1], mx_w, mx_r, 4999, 10 + t) for t in (0, 5)]; out["mexico theta"] = Theta(X, mx_r, 0).theta
out["mexico spatial, regions as neighbours"] = [SpatialTau(X[:, t], X[:, t + 1], libpysal.weights.block_weights(mx_r, silence_warnings=True), 0).tau_spatial for t in range(6)]
# Ties: incomes in steps. giddy's Tau_Local divides by n - 1 (tau-a), its SpatialTau is tau-b.
x, y = np.floor(X[:, 0] / 2000), np.floor(X[:, 6] / 4000); out["ties"] = one(x, y, mx_w, mx_r, 1999, 20); out["ties"]["x"] = x; out["ties"]["y"] = y
# Exact tau without ties.
out["exact"] = {str(n): {a: kendalltau(X[:n, 0], X[:n, 6], method="exact", alternative=a).pvalue for a in ("two-sided", "greater", "less")} for n in (5, 12, 20, 32)}
# Eight units on a line and a tie: everything by enumeration of the 8! orders, and of all sets of neighbours.
x, y = np.array([3, 1, 4, 1, 5, 9, 2, 6.]), np.array([2, 7, 1, 8, 2, 5, 4, 3.]); n = 8; g = np.array([0, 0, 0, 1, 1, 1, 2, 2])
links = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (0, 3), (2, 6)]; nb = {i: sorted({b for a, b in links if a == i} | {a for a, b in links if b == i}) for i in range(n)}
s = np.sign(np.subtract.outer(x, x) * np.subtract.outer(y, y)); u, v = np.sign(np.subtract.outer(x, x)), np.sign(np.subtract.outer(y, y)); i, j = map(np.array, zip(*links))
full = (np.sum(s) / 2, np.sum(u != 0) / 2, np.sum(v != 0) / 2)
def st(p):
    a, b = p[i], p[j]; c, n1, n2 = s[a, b].sum(), (u[a, b] != 0).sum(), (v[a, b] != 0).sum(); t = c / np.sqrt(n1 * n2) if n1 * n2 else 0.0
    return t, t - (full[0] - c) / np.sqrt((full[1] - n1) * (full[2] - n2))
from scipy.stats import rankdata
d = rankdata(y) - rankdata(x); W = np.zeros((n, n)); [W.__setitem__((a, b), 1) or W.__setitem__((b, a), 1) for a, b in links]; W /= W.sum(1, keepdims=True); z = y / y.mean() - x / x.mean()
def theta(p): return sum(abs(d[p][g == r].sum()) for r in range(3)) / np.abs(d).sum()
def reg(p): q = s[np.ix_(p, p)]; return [q[np.ix_(g == a, g == b)].sum() / ((g == a).sum() * ((g == b).sum() - (a == b))) for a in range(3) for b in range(a, 3)]
def counts(p): t = np.arctan2(W @ z[p], z[p]); t = np.where(t < 0, t + 2 * np.pi, t); return list(np.bincount((t // (np.pi / 2)).astype(int), minlength=4)) + [int((z[p] * (W @ z[p]) > 0).sum())]
everyone = [np.array(p) for p in itertools.permutations(range(n))]; here0 = np.arange(n)
def tails(f, observed):
    a = np.array([np.atleast_1d(f(p)) for p in everyone]); o = np.atleast_1d(observed)
    return {"value": o, "at least": (a >= o - 1e-9).mean(0), "at most": (a <= o + 1e-9).mean(0), "mean": a.mean(0)}
e = {"x": x, "y": y, "regions": g, "links": links, "spatial": tails(st, st(here0)), "theta": tails(theta, theta(here0)), "regional": tails(reg, reg(here0)), "sectors": tails(counts, counts(here0))}
def local(inside):
    rows = []
    for k in range(n):
        f = lambda js: s[k, list(js)].sum() + (sum(s[a, b] for a, b in itertools.combinations(js, 2)) if inside else 0)
        others = [q for q in range(n) if q != k]; a = np.array([f(js) for js in itertools.combinations(others, len(nb[k]))]); o = f(nb[k]); m = len(nb[k]); rows.append((o / (m * (m + 1) / 2 if inside else m), (a >= o).mean(), (a <= o).mean()))
    rows = np.array(rows); return {"value": rows[:, 0], "at least": rows[:, 1], "at most": rows[:, 2]}
e["neighbours"], e["neighbourhood"] = local(False), local(True); out["enumerated"] = e
json.dump(J(out), open(f"{os.environ.get('ORACLE_OUT', here)}/44_exchange.json", "w"), indent=1)
