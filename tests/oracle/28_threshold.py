# One split of a growth regression of the US states (Hansen 1996, 2000), by brute force: every split is a pair of regressions by lstsq, every
# Lagrange multiplier statistic the one of an added block of regressors, z = x below the split less its projection on x.
# Inputs: $FIXTURES/usjoin.csv, states48.gal (both from libpysal examples/us_income). numpy only.
import csv, json, os, numpy as np
fx = os.environ.get("FIXTURES", "../data/us_income"); out = os.environ.get("ORACLE_OUT", ".")
rows = list(csv.DictReader(open(f"{fx}/usjoin.csv", encoding="utf-8-sig")))
year = lambda t: np.array([float(r[str(t)]) for r in rows])
text = open(f"{fx}/states48.gal").read().split("\n"); n = len(rows); W = np.zeros((n, n))
lines = [l.split() for l in text[1:] if l.strip()]
for head, links in zip(lines[::2], lines[1::2]):
    for j in links: W[int(head[0]), int(j)] = 1.0 / len(links)

def split(X, y, low):
    res = np.zeros(n); b = []
    for g in (low, ~low):
        beta, *_ = np.linalg.lstsq(X[g], y[g], rcond=None); res[g] = y[g] - X[g] @ beta; b.append(beta)
    return res, b

def run(first, last, durbin, by, reps):
    x = np.log(year(first)); y = (np.log(year(last)) - x) / (last - first); q = x if by == "ln_initial" else W @ x
    X = np.column_stack([np.ones(n), x] + ([W @ x] if durbin else [])); k = X.shape[1]
    e = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    least = max(int(np.ceil(0.15 * n)), k + 2)
    values = [v for v in np.unique(q) if least <= (q <= v).sum() <= n - least]
    Z = []
    for v in values:
        X1 = X * (q <= v)[:, None]; Z.append(X1 - X @ np.linalg.lstsq(X, X1, rcond=None)[0])
    lm = lambda u, Z, V: (Z.T @ u) @ np.linalg.solve(V, Z.T @ u)
    Vs = [(z * (e**2)[:, None]).T @ z for z in Z]
    sse = np.array([(split(X, y, q <= v)[0] ** 2).sum() for v in values]); best = int(np.argmin(sse)); g = values[best]
    stats = np.array([lm(e, z, V) for z, V in zip(Z, Vs)])
    rng = np.random.default_rng(28); larger = 0
    A = [np.linalg.solve(np.linalg.cholesky(V), z.T) for z, V in zip(Z, Vs)]
    for _ in range(reps):
        u = e * rng.choice([-1.0, 1.0], n); larger += max(((a @ u) ** 2).sum() for a in A) >= stats.max() * (1 - 1e-10)
    res, b = split(X, y, q <= g); s2 = (res**2).mean(); d2 = (X @ (b[0] - b[1])) ** 2
    h = 2.344 * q.std() * n ** -0.2; kern = np.maximum(1 - ((q - g) / h) ** 2, 0)
    eta = (kern * d2 * res**2).sum() / (kern * d2).sum() / s2; ratio = n * (sse - sse[best]) / sse[best]
    c = -2 * np.log(1 - np.sqrt(0.95))
    se = [float(np.sqrt((res**2).sum() / (n - 2 * k) * np.linalg.inv(X[grp].T @ X[grp])[1, 1])) for grp in (q <= g, q > g)]
    return {"call": f"growth {first}-{last} on const, ln_initial{', W ln_initial' if durbin else ''}; split by {by}", "threshold": g, "sum of squares": sse[best], "sum of squares of one": float((e**2).sum()),
            "sup-LM": stats.max(), "scale": eta, "values": values, "ratios": ratio.tolist(), "confidence set": [v for v, r in zip(values, ratio) if r <= eta * c],
            "homoskedastic confidence set": [v for v, r in zip(values, ratio) if r <= c], "n": [int((q <= g).sum()), int((q > g).sum())], "beta": [beta[1] for beta in b], "se": se, "sums of squares": [sse[best], float((e**2).sum())], "bootstrap p": (1 + larger) / (1 + reps), "bootstrap replicates": reps}

r = {"meta": {"data": "libpysal examples/us_income", "numpy": np.__version__, "critical values 0.90, 0.95, 0.99": [-2 * np.log(1 - np.sqrt(l)) for l in (0.9, 0.95, 0.99)]},
     "ols": run(1929, 2009, False, "ln_initial", 20000), "slx": run(1929, 1969, True, "ln_initial", 20000), "ols_by_neighbours": run(1969, 2009, False, "w_initial", 20000)}
json.dump(r, open(f"{out}/28_threshold.json", "w"), indent=1, default=float)
for key in ("ols", "slx", "ols_by_neighbours"):
    print(key, {k: r[key][k] for k in ("threshold", "sum of squares", "sum of squares of one", "sup-LM", "scale", "bootstrap p")}, len(r[key]["values"]), len(r[key]["confidence set"]), len(r[key]["homoskedastic confidence set"]))
