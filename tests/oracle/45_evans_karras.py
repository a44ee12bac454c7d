"""The panel test of Evans and Karras (1996) with every coefficient in one design matrix: nothing is partialled out.

    pip install numpy scipy pandas statsmodels
    python tests/oracle/45_evans_karras.py      # writes 45_evans_karras.json

z_it is ln y_it less the mean of logs of the period. Unit by unit OLS of dz on a constant, lagged differences and z_(t-1); then one OLS of the
standardised series on unit constants, unit lags and one z_(t-1). p-values by draws of numpy's generator, written anew here.
"""

import json
import os
import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(here, "..", "..")


def us_states():
    table = pd.read_csv(os.path.join(root, "tests/data/us_income/usjoin.csv"))
    return table[[str(year) for year in range(1929, 2010)]].to_numpy(float).T


def guangdong():
    table = pd.read_csv(os.path.join(root, "examples/data/guangdong/guangdong_panel.csv"))
    order = list(dict.fromkeys(table["name_en"]))
    wide = table.pivot(index="year", columns="name_en", values="gdp_pc_real2000_yuan")
    return wide[order].to_numpy(float)


def design(z, p, constant=True, start=None):
    """dz, and columns: constant, dz lagged 1 to p, z lagged, for periods from start (p + 1 if none is given)."""
    start = p + 1 if start is None else start
    t = np.arange(start, len(z))
    dz = np.diff(z, prepend=np.nan)
    columns = [np.ones(len(t))] if constant else []
    columns += [dz[t - j] for j in range(1, p + 1)]
    columns.append(z[t - 1])
    return dz[t], np.column_stack(columns)


def by_aic(z, most):
    def aic(p):
        y, x = design(z, p, start=most + 1)
        e = y - x @ np.linalg.solve(x.T @ x, x.T @ y)
        return np.log(e @ e / len(y)) + 2 * x.shape[1] / len(y)

    values = [aic(p) for p in range(most + 1)]
    return int(np.argmin(values))


def evans_karras(z, lags, full=True):
    n = z.shape[1]
    own = [sm.OLS(*design(z[:, i], lags[i])).fit() for i in range(n)]
    deltas = np.array([fit.params[0] for fit in own])
    delta_t = np.array([fit.tvalues[0] for fit in own])
    phi = np.sum(delta_t**2) / (n - 1)
    # One regression of everything.
    blocks, responses = [], []
    width = sum(1 + p for p in lags)
    at = 0
    for i, p in enumerate(lags):
        y, x = design(z[:, i] / np.sqrt(own[i].mse_resid), p)
        block = np.zeros((len(y), width + 1))
        block[:, at : at + 1 + p] = x[:, : 1 + p]
        block[:, -1] = x[:, -1]
        at += 1 + p
        blocks.append(block)
        responses.append(y)
    pooled = sm.OLS(np.concatenate(responses), np.vstack(blocks)).fit()
    df2 = (n - 1) / n * sum(fit.df_resid for fit in own)
    return {
        "rho": pooled.params[-1],
        "rho se": pooled.bse[-1],
        "tau": pooled.tvalues[-1],
        "delta": deltas.tolist(),
        "delta se": [fit.bse[0] for fit in own],
        "phi": phi,
        "phi p, F": stats.f.sf(phi, n - 1, df2),
        "df2": df2,
        "lags": list(map(int, lags)),
    }


def quick(z, lags, most=None):
    """tau and phi of draws, by plain least squares a unit; with most, each draw chooses its lags by AIC."""
    if most is not None:
        lags = [by_aic(z[:, i], most) for i in range(z.shape[1])]
    rho, se2, nu, t_delta = [], [], [], []
    for i, p in enumerate(lags):
        y, x = design(z[:, i], p)
        inverse = np.linalg.inv(x.T @ x)
        b = inverse @ x.T @ y
        e = y - x @ b
        df = len(y) - x.shape[1]
        s2 = e @ e / df
        rho.append(b[-1])
        se2.append(s2 * inverse[-1, -1])
        nu.append(df)
        t_delta.append(b[0] / np.sqrt(s2 * inverse[0, 0]))
    rho, w, nu = np.array(rho), 1 / np.array(se2), np.array(nu)
    pooled = (rho * w).sum() / w.sum()
    rss = (nu + rho**2 * w).sum() - pooled**2 * w.sum()
    tau = pooled / np.sqrt(rss / (nu.sum() + len(lags) - 1) / w.sum())
    return tau, np.sum(np.square(t_delta)) / (len(lags) - 1), pooled


def p_values(z, lags, most, draws, seed):
    random = np.random.default_rng(seed)
    periods, n = z.shape
    tau, phi, _ = quick(z, lags)
    below, means = 0, []
    for _ in range(draws):
        walks = random.standard_normal((periods, n)).cumsum(axis=0)
        drawn = quick(walks - walks.mean(axis=1, keepdims=True), lags, most)
        below += drawn[0] <= tau
        means.append(drawn[2])
    # Without constants, one rho.
    rho, w = [], []
    for i, p in enumerate(lags):
        fit = sm.OLS(*design(z[:, i], p, constant=False)).fit()
        rho.append(fit.params[-1])
        w.append(fit.bse[-1] ** -2)
    rho = min(np.average(rho, weights=w), 0)
    models = []
    for i, p in enumerate(lags):
        y, x = design(z[:, i], p, constant=False)
        y = y - rho * x[:, -1]
        if p:
            fit = sm.OLS(y, x[:, :p]).fit()
            models.append((fit.params, np.sqrt(fit.ssr / (len(y) - p))))
        else:
            models.append((np.zeros(0), np.sqrt(y @ y / len(y))))
    above = 0
    sigma = np.array([s for _, s in models])
    for _ in range(draws):
        u = random.standard_normal((periods, n)) * sigma
        u = (u - u.mean(axis=1, keepdims=True)) * np.sqrt(n / (n - 1))
        drawn = np.zeros_like(z)
        for i, p in enumerate(lags):
            drawn[: p + 1, i] = z[: p + 1, i]
            for t in range(p + 1, periods):
                dz = rho * drawn[t - 1, i] + u[t, i]
                for j in range(1, p + 1):
                    dz += models[i][0][j - 1] * (drawn[t - j, i] - drawn[t - j - 1, i])
                drawn[t, i] = drawn[t - 1, i] + dz
        above += quick(drawn, lags, most)[1] >= phi
    return {
        "tau p, draws": (1 + below) / (1 + draws),
        "phi p, draws": (1 + above) / (1 + draws),
        "rho of random walks": float(np.mean(means)),
        "draws": draws,
    }


out = {}
for name, levels in [("us states", us_states()), ("guangdong", guangdong())]:
    z = np.log(levels)
    z -= z.mean(axis=1, keepdims=True)
    n = z.shape[1]
    for label, lags in [
        ("0", [0] * n),
        ("1", [1] * n),
        ("2", [2] * n),
        ("AIC 4", [by_aic(z[:, i], 4) for i in range(n)]),
    ]:
        result = evans_karras(z, lags)
        tau, phi, rho = quick(z, lags)
        assert abs(tau - result["tau"]) < 1e-9 and abs(phi - result["phi"]) < 1e-9
        if label in ("1", "AIC 4"):
            result.update(p_values(z, lags, 4 if label == "AIC 4" else None, 4000, 45))
        out[f"{name}, {label}"] = result
        print(name, label, {k: v for k, v in result.items() if not isinstance(v, list)})

with open(os.path.join(here, "45_evans_karras.json"), "w") as file:
    json.dump(
        {
            "versions": {
                "python": sys.version.split()[0],
                "numpy": np.__version__,
                "statsmodels": sm.__version__ if hasattr(sm, "__version__") else "",
            },
            **out,
        },
        file,
        indent=1,
    )
