# Markov chains by giddy and NumPy: passage, sojourn and ergodic times of the US quintile chain's kin, spatial Markov by lag class, geographic ranks, Mexico, and tests by
# their formulae. Run in tests/oracle: python 40_markov.py > 40_markov.json  (giddy, libpysal, mapclassify, pandas, numpy, scipy)
import contextlib, io, json, sys, warnings
import numpy as np, pandas as pd, scipy, libpysal, giddy, mapclassify
from scipy import stats
warnings.filterwarnings("ignore")
from giddy.markov import Markov, Spatial_Markov, LISA_Markov, FullRank_Markov, GeoRank_Markov, homogeneity, kullback, sojourn_time
from giddy.ergodic import mfpt
from giddy.mobility import markov_mobility

def J(v):
    if isinstance(v, dict): return {str(k): J(z) for k, z in v.items()}
    if isinstance(v, (list, tuple)): return [J(z) for z in v]
    if isinstance(v, np.ndarray): return J(v.tolist())
    return v.item() if isinstance(v, (np.floating, np.integer, np.bool_)) else v

out = {"meta": {"giddy": giddy.__version__, "libpysal": libpysal.__version__, "mapclassify": mapclassify.__version__, "numpy": np.__version__, "scipy": scipy.__version__}}
with contextlib.redirect_stdout(io.StringIO()):
    U = pd.read_csv("../data/us_income/usjoin.csv"); Y = U[[str(t) for t in range(1929, 2010)]].values.astype(float)
    w0 = libpysal.io.open("../data/us_income/states48.gal").read()
    w = libpysal.weights.W({i: [int(j) for j in w0.neighbors[str(i)]] for i in range(48)}, silence_warnings=True); w.transform = "r"
    RY = Y / Y.mean(0)
    q5 = np.array([mapclassify.Quantiles(Y[:, t], k=5).yb for t in range(81)]).T
    m = Markov(q5); p = m.p
    # standard errors and eigenvalues by their formulae
    n = m.transitions.sum(1)
    lam = np.sort(np.abs(np.linalg.eigvals(p)))[-2]
    ini = np.bincount(q5[:, 0], minlength=5) / 48
    out["us quintiles"] = {"std errors": np.sqrt(p * (1 - p) / n[:, None]), "second eigenvalue": lam, "half-life": np.log(2) / -np.log(lam),
        "observed B1": markov_mobility(p, measure="B1", ini=n / n.sum()), "observed B2": markov_mobility(p, measure="B2", ini=n / n.sum()),
        "ergodic B1": markov_mobility(p, measure="B1", ini=m.steady_state), "first B2": markov_mobility(p, measure="B2", ini=ini)}
    # pooled quantiles of relative income
    pooled = mapclassify.Quantiles(RY.flatten(), k=5)
    mp = Markov(pooled.yb.reshape(RY.shape))
    out["us pooled"] = {"cut points": pooled.bins[:-1], "transitions": mp.transitions, "p": mp.p, "ergodic": mp.steady_state, "mfpt": mp.mfpt, "sojourn": mp.sojourn_time}
    # five periods a step
    T5 = np.zeros((5, 5))
    for t in range(76):
        for i in range(48): T5[q5[i, t], q5[i, t + 5]] += 1
    out["us step 5"] = {"transitions": T5}
    # spans of time and census regions
    def T(sel): # transitions that start in columns sel
        a = np.zeros((5, 5))
        for t in sel:
            for i in range(48): a[q5[i, t], q5[i, t + 1]] += 1
        return a
    h = homogeneity([T(range(0, 31)), T(range(31, 61)), T(range(61, 80))], class_names=list("abcde"), regime_names=list("xyz"))
    out["us over time"] = {"Q": h.Q, "LR": h.LR, "df": h.dof, "Q p": h.Q_p_value, "LR p": h.LR_p_value}
    h = homogeneity([T([t]) for t in range(80)], class_names=list("abcde"), regime_names=[str(t) for t in range(80)])
    out["us every period"] = {"Q": h.Q, "LR": h.LR, "df": h.dof}
    # order: second against first, first against independence, by the contingency tables of scipy
    c = np.zeros((5, 5, 5))
    for t in range(79):
        for i in range(48): c[q5[i, t + 1], q5[i, t], q5[i, t + 2]] += 1
    Q2 = LR2 = 0; df2 = 0
    for j in range(5):
        tab = c[j][c[j].sum(1) > 0][:, c[j].sum(0) > 0]
        x = stats.chi2_contingency(tab, correction=False); g = stats.chi2_contingency(tab, correction=False, lambda_="log-likelihood")
        Q2 += x[0]; LR2 += g[0]; df2 += x[2]
    x = stats.chi2_contingency(m.transitions, correction=False); g = stats.chi2_contingency(m.transitions, correction=False, lambda_="log-likelihood")
    out["us order"] = {"second": [Q2, LR2, df2], "first": [x[0], g[0], x[2]]}
    # against the ergodic-preserving matrix 0.8 I + 0.2 / 5
    p0 = 0.8 * np.eye(5) + 0.04
    E = n[:, None] * p0; N = m.transitions
    out["us against"] = {"Q": ((N - E) ** 2 / E).sum(), "LR": 2 * (N[N > 0] * np.log((N / E)[N > 0])).sum(), "df": 20}
    # spatial Markov: per class
    sm = Spatial_Markov(RY, w, fixed=True, k=5, m=5)
    out["us spatial"] = {"lag cut points": sm.lag_cutoffs, "F": sm.F, "S": sm.S, "pooled ergodic": sm.s, "chi2": [c[0] for c in sm.chi2], "pooled transitions": sm.transitions}
    sm3 = Spatial_Markov(RY, w, fixed=True, k=5, m=3)
    out["us spatial, 3 lag classes"] = {"lag cut points": sm3.lag_cutoffs, "T": sm3.T, "Q": sm3.Q, "LR": sm3.LR, "df": sm3.dof_hom}
    # Lags that are equal in exact arithmetic (Idaho and Wisconsin in 1960, at a cut point) are told apart by rounding in giddy: rounded to 12 decimals before they are classed.
    LY = np.round(libpysal.weights.lag_spatial(w, RY), 12)
    own, lag = (np.array([mapclassify.Quantiles(V[:, t], k=4).yb for t in range(81)]).T for V in (RY, LY))
    Tp = np.zeros((4, 4, 4))
    for t in range(80):
        for i in range(48): Tp[lag[i, t], own[i, t], own[i, t + 1]] += 1
    h = homogeneity(Tp, class_names=list("abcd"), regime_names=list("wxyz"))
    out["us spatial by period"] = {"T": Tp, "Q": h.Q, "LR": h.LR, "df": h.dof}
    rest = [stats.chi2_contingency(np.stack([sm.T[0][i], (sm.transitions - sm.T[0])[i]])[:, sm.transitions[i] > 0], correction=False) for i in range(5)]
    out["us spatial, first against rest"] = {"Q": sum(r[0] for r in rest), "df": sum(r[2] for r in rest)}
    # ranks
    fr = FullRank_Markov(Y); gr = GeoRank_Markov(Y)
    out["us full rank"] = {"sojourn": fr.sojourn_time, "mfpt first row": fr.mfpt[0], "mfpt last row": fr.mfpt[-1], "ergodic": fr.steady_state}
    out["us geographic rank"] = {"sojourn": gr.sojourn_time, "mfpt first row": gr.mfpt[0], "mfpt last row": gr.mfpt[-1], "ergodic": gr.steady_state, "transitions first row": gr.transitions[0]}
    # LISA Markov. giddy's expected_t and chi_2 are made of other chains than those of units and neighbours: y is transposed before, so that values are divided by the mean of
    # each unit over time, and Markov() takes periods for units and successive units of the file for successive periods. Both ways are computed; the first is right.
    lm = LISA_Markov(Y, w, permutations=0)
    A = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0]])
    def expected(low, lag_low):
        kron = np.kron(Markov(low).p, Markov(lag_low).p)
        return lm.transitions.sum(1)[:, None] * A.dot(kron).dot(A.T)
    Z = Y - Y.mean(0); E = expected(Z <= 0, libpysal.weights.lag_spatial(w, Z) <= 0); N = lm.transitions
    r = Y.T / Y.T.mean(0); rl = np.array([libpysal.weights.lag_spatial(w, v) for v in Y.T]) / Y.T.mean(0)
    wrong = expected(r < 1, rl < 1)
    out["us lisa"] = {"ergodic": lm.steady_state, "mfpt": lm.mfpt, "expected": E, "chi2": ((N - E) ** 2 / E).sum(), "LR": 2 * (N * np.log(N / E)).sum(),
        "chi2 of giddy": lm.chi_2[0], "chi2 of giddy, by the chains named above": ((N - wrong) ** 2 / wrong).sum()}
    # Mexico by decades, 3 classes each decade, 4 pooled
    M = pd.read_csv("../data/mexico/mexico.csv"); X = M[[f"pcgdp{y}" for y in range(1940, 2010, 10)]].values.astype(float)
    q3 = np.array([mapclassify.Quantiles(X[:, t], k=3).yb for t in range(7)]).T
    mm = Markov(q3); T3 = [np.zeros((3, 3)) for _ in range(2)]
    for t in range(6):
        for i in range(32): T3[int(t >= 3)][q3[i, t], q3[i, t + 1]] += 1
    h = homogeneity(T3, class_names=list("abc"), regime_names=list("xy")); kb = kullback(np.array(T3))
    out["mexico terciles"] = {"transitions": mm.transitions, "p": mm.p, "ergodic": mm.steady_state, "mfpt": mm.mfpt, "sojourn": mm.sojourn_time, "Q": h.Q, "LR": h.LR, "df": h.dof, "Kullback": kb["Conditional homogeneity"]}
    regions = M["hanson98"].values; names = sorted(set(str(r) for r in regions)); R = [np.zeros((3, 3)) for _ in names]
    for t in range(6):
        for i in range(32): R[names.index(str(regions[i]))][q3[i, t], q3[i, t + 1]] += 1
    h = homogeneity(R, class_names=list("abc"), regime_names=names)
    out["mexico by region"] = {"Q": h.Q, "LR": h.LR, "df": h.dof}
    fm = FullRank_Markov(X)
    out["mexico full rank"] = {"transitions": fm.transitions, "sojourn of those left": np.where(np.isfinite(fm.sojourn_time), fm.sojourn_time, -1.0)}
    # a chain with a transient class and one that is never left
    A = np.array([[6, 2, 0, 0], [1, 5, 2, 0], [0, 0, 7, 3], [0, 0, 4, 6.]]); PA = A / A.sum(1)[:, None]
    F = mfpt(PA)
    out["transient"] = {"transitions": A, "ergodic": giddy.ergodic.steady_state(PA), "to third": F[:, 2], "to fourth": F[:, 3]}
json.dump(J(out), sys.stdout, indent=1)
