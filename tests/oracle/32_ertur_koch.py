"""The model of Ertur and Koch by spreg: SDM without and with its restrictions, and the structure by numerical derivatives.
Run from this folder: python 32_ertur_koch.py > 32_ertur_koch.json"""
import contextlib, json, sys
import libpysal, numpy as np, spreg
from importlib.metadata import version

side, GD = 10, 0.05
w = libpysal.weights.lat2W(side, side); w.transform = "r"; W = w.full()[0]; N = side * side
rng = np.random.default_rng(32)
alpha, phi, gamma = 0.3, 0.15, 0.5
s = np.round(np.exp(rng.normal(-1.7, 0.5, N)), 5); n = np.round(rng.uniform(0.002, 0.034, N), 5)
x = np.log(s) - np.log(n + GD); d = 1 - alpha - phi
rho = gamma * (1 - alpha) / d
y = np.linalg.solve(np.eye(N) - rho * W, 4 + (alpha + phi) / d * x - alpha * gamma / d * W @ x + rng.normal(0, 0.25, N))
y = np.round(np.exp(y - 8), 6); ly, ls, lr = np.log(y), np.log(s), np.log(n + GD)

def sdm(X, names):
    # spreg's search for rho stops at its own tolerance; 1e-14 is the least that it takes seriously.
    with contextlib.redirect_stdout(sys.stderr):
        m = spreg.ML_Lag(ly[:, None], np.column_stack(X), w, slx_lags=1, method="full", epsilon=1e-14, name_x=names)
    k = ["const"] + names + [f"W {a}" for a in names] + ["rho"]
    vm = m.vm if m.vm.shape[0] == len(k) else m.vm1[: len(k), : len(k)]
    return m, k, vm, {"coef": dict(zip(k, m.betas.flatten().tolist())), "se": dict(zip(k, np.sqrt(np.diag(vm)).tolist())), "loglik": float(m.logll)}

u, uk, uv, free = sdm([ls, lr], ["ln_s", "ln_n_g_delta"])
r, rk, rv, bound = sdm([ls - lr], ["ln_s_over_n_g_delta"])
R = np.zeros((2, len(uk))); R[0, [1, 2]] = 1; R[1, [3, 4]] = 1
ub = u.betas.flatten(); gap = R @ ub
def structure(p):
    B, th, rho = p
    a = th / (th - rho)
    return np.array([a, B / (1 + B) - a, rho / ((1 + B) * (1 - a))])
p = r.betas.flatten()[1:4]; step = 1e-6
J = np.column_stack([(structure(p + step * e) - structure(p - step * e)) / (2 * step) for e in np.eye(3)])
v = J @ rv[1:4, 1:4] @ J.T
both = p[1:]; V = rv[2:4, 2:4]
cf = p[1] + p[2] * p[0]; g = np.array([p[2], 1, p[0]])
json.dump({"meta": {"program": f"spreg {version('spreg')}, libpysal {version('libpysal')}", "calls": "spreg.ML_Lag(y, x, w, slx_lags=1, method='full')"},
  "data": {"y": y.tolist(), "s": s.tolist(), "n": n.tolist()}, "side": side, "unrestricted": free, "restricted": bound,
  "LR": 2 * (float(u.logll) - float(r.logll)), "Wald": float(gap @ np.linalg.solve(R @ uv @ R.T, gap)),
  "structure": dict(zip(["alpha", "phi", "gamma"], structure(p).tolist())), "structure se": dict(zip(["alpha", "phi", "gamma"], np.sqrt(np.diag(v)).tolist())),
  "no externalities": float(cf**2 / (g @ rv[1:4, 1:4] @ g)), "no interdependence": float(both @ np.linalg.solve(V, both))}, sys.stdout, indent=1)
