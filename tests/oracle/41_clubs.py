# Log t test and convergence clubs of Phillips and Sul (2007, 2009), written from the papers, numpy only. Slow and plain: every group is summed up anew.
# US states 1929-2009 (tests/data/us_income/usjoin.csv), Guangdong 2000-2023 (examples/data/guangdong/guangdong_panel.csv),
# Chinese cities 2019-2023 (tests/data/china/gdp_per_head.csv).
# python 41_clubs.py > 41_clubs.json
import csv, json, math, pathlib
import numpy as np

root = pathlib.Path(__file__).resolve().parents[2]


# ---- trends -------------------------------------------------------------------------------------------------------------------
def hodrick_prescott(y, lam):
    T = len(y)
    D = np.zeros((T - 2, T))
    for i in range(T - 2):
        D[i, i:i + 3] = 1, -2, 1
    return np.linalg.solve(np.eye(T) + lam * D.T @ D, y)


def phase_average(y):
    T = len(y)
    m = np.full(T, np.nan)
    for t in range(3, T - 3):
        m[t] = y[t - 3:t + 4].mean()
    for k in (1, 2, 3):
        m[3 - k] = m[3] - k * (m[6] - m[3]) / 3
        m[T - 4 + k] = m[T - 4] + k * (m[T - 4] - m[T - 7]) / 3
    d = y - m
    turns = []
    for t in range(1, T - 1):
        kind = "peak" if d[t] > d[t - 1] and d[t] >= d[t + 1] else "trough" if d[t] < d[t - 1] and d[t] <= d[t + 1] else None
        if kind is None:
            continue
        if turns and turns[-1][1] == kind:
            old = turns[-1][0]
            if (kind == "peak" and d[t] > d[old]) or (kind == "trough" and d[t] < d[old]):
                turns[-1] = (t, kind)
        else:
            turns.append((t, kind))
    at = [t for t, _ in turns]
    means = [y[a + 1:b + 1].mean() for a, b in zip(at, at[1:])]
    middles = [np.arange(a + 1, b + 1).mean() for a, b in zip(at, at[1:])]
    assert len(means) >= 4, len(means)
    px = [np.mean(middles[i:i + 3]) for i in range(len(means) - 2)]
    py = [np.mean(means[i:i + 3]) for i in range(len(means) - 2)]
    trend = np.interp(np.arange(T), px, py)
    for t in range(T):
        if t < px[0]:
            trend[t] = py[0] + (t - px[0]) * (py[1] - py[0]) / (px[1] - px[0])
        if t > px[-1]:
            trend[t] = py[-1] + (t - px[-1]) * (py[-1] - py[-2]) / (px[-1] - px[-2])
    return trend + (y - trend).mean()


# ---- log t --------------------------------------------------------------------------------------------------------------------
def dispersion(y):
    h = y / y.mean(axis=1, keepdims=True)
    return ((h - 1) ** 2).mean(axis=1)


def kernel(x):
    z = 6 * math.pi * x / 5
    return 3 / z ** 2 * (math.sin(z) / z - math.cos(z))


def log_t(H, first, left_out=False):
    T = len(H)
    t = np.arange(first, T + 1)
    y = np.log(H[0] / H[first - 1:]) - 2 * np.log(np.log(t))
    X = np.column_stack([np.ones(len(t)), np.log(t)])
    coef, *_ = np.linalg.lstsq(X, y, rcond=None)
    u = y - X @ coef
    m = len(u)
    r = (u[1:] @ u[:-1]) / (u[:-1] @ u[:-1])
    bounded = r if left_out else min(max(r, -0.97), 0.97)
    a = 4 * bounded ** 2 / (1 - bounded) ** 4
    S = 1.3221 * (a * m) ** 0.2
    v, n = (u[:-1], m - 1) if left_out else (u, m)
    omega = u @ u / n + 2 * sum(kernel(j / S) * (v[j:] @ v[:-j]) / n for j in range(1, len(v)))
    se = math.sqrt(omega * np.linalg.inv(X.T @ X)[1, 1])
    return {"b": coef[1], "intercept": coef[0], "se": se, "t": coef[1] / se, "p": 0.5 * math.erfc(-coef[1] / se / math.sqrt(2)),
            "omega2": omega, "bandwidth": S, "autocorrelation": r, "first": first, "observations": m}


# ---- clubs --------------------------------------------------------------------------------------------------------------------
def search(y, first, c_star=0.0, step=None, most=None, share=None, left_out=False, critical=-1.65):
    """y: periods x units. Lists of positions: clubs, and the divergent rest."""
    T, n = y.shape
    t_of = lambda units: log_t(dispersion(y[:, units]), first, left_out)["t"]
    key = y[-1] if share is None else y[T - math.ceil(share * T - 1e-9):].mean(axis=0)
    rest = sorted(range(n), key=lambda i: -key[i])
    clubs = []
    while len(rest) > 1:
        if t_of(rest) > critical:
            clubs.append({"members": rest, "core": rest, "c": c_star})
            rest = []
            break
        core = None
        for start in range(len(rest) - 1):
            if t_of(rest[start:start + 2]) > critical:
                passed = []
                for end in range(start + 2, len(rest) + 1):
                    t = t_of(rest[start:end])
                    if not t > critical:
                        break
                    passed.append((t, -end))
                core = rest[start:-max(passed)[1]]
                break
        if core is None:
            break
        joint = {i: t_of(core + [i]) for i in rest if i not in core}
        members = lambda c: [i for i in rest if i in core or joint[i] > c]
        c, k = c_star, 0
        if step is not None:
            while t_of(members(c)) <= critical:
                k += 1
                c = c_star + k * step
                if c > most + 1e-9:
                    joint = {i: -math.inf for i in joint}
                    break
        club = members(c)
        clubs.append({"members": club, "core": core, "c": c})
        rest = [i for i in rest if i not in club]
    return clubs, rest


def merge_phillips_sul(y, clubs, first, critical=-1.65):
    out = [[0]]
    for k in range(1, len(clubs)):
        units = sum((clubs[j]["members"] for j in out[-1] + [k]), [])
        if log_t(dispersion(y[:, units]), first)["t"] > critical:
            out[-1].append(k)
        else:
            out.append([k])
    return out


def merge_von_lyncker_thoennessen(y, clubs, first, critical=-1.65):
    groups = [[k] for k in range(len(clubs))]
    while True:
        units = [sum((clubs[j]["members"] for j in g), []) for g in groups]
        t = [log_t(dispersion(y[:, a + b]), first)["t"] for a, b in zip(units, units[1:])]
        for m in range(len(t)):
            if t[m] > critical and (m == len(t) - 1 or t[m] > t[m + 1]):
                groups[m:m + 2] = [groups[m] + groups[m + 1]]
                break
        else:
            return groups


def clubs_of(y, units, first, **options):
    found, rest = search(y, first, **options)
    h = y / y.mean(axis=1, keepdims=True)
    left = options.get("left_out", False)
    test = lambda members: log_t(dispersion(y[:, members]), first, left)
    describe = lambda members: {k: v for k, v in test(members).items() if k in ("b", "se", "t")}
    number = {units[i]: 0 for i in range(len(units))}
    core = dict(number)
    for k, c in enumerate(found):
        for i in c["members"]:
            number[units[i]] = k + 1
        for i in c["core"]:
            core[units[i]] = k + 1
    out = {"club": number, "core": core, "sizes": [len(c["members"]) for c in found], "c star": [c["c"] for c in found],
           "tests": [describe(c["members"]) for c in found],
           "curve of the first": h[:, found[0]["members"]].mean(axis=1).tolist() if found else []}
    if not left and len(found) > 1:
        for name, merge in (("PS", merge_phillips_sul), ("vLT", merge_von_lyncker_thoennessen)):
            groups = merge(y, found, first)
            merged = dict.fromkeys(units, 0)
            for k, g in enumerate(groups):
                for j in g:
                    for i in found[j]["members"]:
                        merged[units[i]] = k + 1
            out["merged " + name] = merged
            out["tests " + name] = [describe(sum((found[j]["members"] for j in g), [])) for g in groups]
    return out


def wide(path, unit, years):
    rows = list(csv.DictReader(open(path, encoding="utf-8")))
    return [r[unit] for r in rows], np.log(np.array([[float(r[str(t)]) for r in rows] for t in years]))


def long(path, unit, column):
    rows = list(csv.DictReader(open(path, encoding="utf-8")))
    units = list(dict.fromkeys(r[unit] for r in rows))
    years = sorted({int(r["year"]) for r in rows})
    value = {(r[unit], int(r["year"])): float(r[column]) for r in rows}
    return units, np.log(np.array([[value[u, t] for u in units] for t in years]))


def down(r, T):
    return math.floor(r * T + 1e-9) + 1


out = {}
units, raw = wide(root / "tests/data/us_income/usjoin.csv", "Name", range(1929, 2010))
T = len(raw)
hp = np.column_stack([hodrick_prescott(y, 400.0) for y in raw.T])
pat = np.column_stack([phase_average(y) for y in raw.T])
first = down(1 / 3, T)
out["us"] = {
    "H raw": dispersion(raw).tolist(), "H": dispersion(hp).tolist(), "H phases": dispersion(pat).tolist(),
    "trend of Alabama": hp[:, 0].tolist(), "phase-average trend of Alabama": pat[:, 0].tolist(), "phase-average trend of Wyoming": pat[:, units.index("Wyoming")].tolist(),
    "h of Nevada": (hp / hp.mean(axis=1, keepdims=True))[:, units.index("Nevada")].tolist(),
    "log t raw": log_t(dispersion(raw), first), "log t": log_t(dispersion(hp), first), "log t phases": log_t(dispersion(pat), first),
    "log t left out": log_t(dispersion(hp), first, True), "log t from [rT], r = 0.2": log_t(dispersion(hp), math.floor(0.2 * T)),
    "log t of six": log_t(dispersion(hp[:, [units.index(u) for u in ("California", "Texas", "New York", "Maine", "Ohio", "Utah")]]), first),
    "clubs": clubs_of(hp, units, first),
}
late = np.column_stack([hodrick_prescott(y, 400.0) for y in raw[-40:].T])
out["us 1970"] = {"log t": log_t(dispersion(late), down(1 / 3, 40)), "clubs": clubs_of(late, units, down(1 / 3, 40)),
                  "clubs incremental": clubs_of(late, units, down(1 / 3, 40), c_star=-12.0, step=0.5, most=3.0),
                  "clubs by core": clubs_of(late, units, down(1 / 3, 40), c_star=-12.0, step=0.5, most=-11.0),
                  "clubs left out": clubs_of(late, units, round(40 / 3) + 1, left_out=True), "clubs by average": clubs_of(late, units, down(1 / 3, 40), share=1 / 3),
                  "clubs c* = 3": clubs_of(late, units, down(1 / 3, 40), c_star=3.0)}
units, raw = long(root / "examples/data/guangdong/guangdong_panel.csv", "adcode", "gdp_pc_real2000_yuan")
T = len(raw)
hp = np.column_stack([hodrick_prescott(y, 400.0) for y in raw.T])
first = down(1 / 3, T)
out["guangdong"] = {"H": dispersion(hp).tolist(), "log t": log_t(dispersion(hp), first), "log t raw": log_t(dispersion(raw), first),
                    "clubs": clubs_of(hp, units, first)}
units, raw = long(root / "tests/data/china/gdp_per_head.csv", "adcode", "gdp_pc_yuan")
hp = np.column_stack([hodrick_prescott(y, 6.25) for y in raw.T])
out["china"] = {"H": dispersion(hp).tolist(), "log t": log_t(dispersion(hp), 2), "clubs": clubs_of(hp, units, 2)}


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, list):
        return [plain(v) for v in x]
    return x.item() if isinstance(x, np.generic) else x


print(json.dumps({"meta": {"numpy": np.__version__, "call": "python 41_clubs.py"}, **plain(out)}, indent=1))
