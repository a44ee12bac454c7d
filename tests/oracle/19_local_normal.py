"""Local Moran's I of Columbus crime under normality, to thirty digits: exact upper tails and saddle-point deviates, one a unit.

The eigenvalues are those of the definition, found by mpmath from the rank-two matrix; the tail is Imhof's integral in u = exp(s), by tanh-sinh
quadrature; the saddle point is a root to thirty digits. Run from this folder: python 19_local_normal.py > 19_local_normal.json"""
import csv, json, sys
import mpmath as mp

mp.mp.dps = 30
x = [mp.mpf(r["CRIME"]) for r in csv.DictReader(open("../data/columbus/columbus.csv"))]
n = len(x); near = [[] for _ in x]
for r in csv.DictReader(open("../data/columbus/links_230.csv")): near[int(r["i"]) - 1].append(int(r["j"]) - 1)
mean = mp.fsum(x) / n; z = [v - mean for v in x]; m2 = mp.fsum(v * v for v in z) / n

def eigenvalues(i):
    # n ½ (u v' + v u') on the span of u = M e_i and v = M w_i: the eigenvalues of ½ [u'v, v'v; u'u, u'v]
    w = [mp.mpf(1) / len(near[i]) if j in near[i] else mp.mpf(0) for j in range(n)]
    u = [(1 if j == i else 0) - mp.mpf(1) / n for j in range(n)]; s = mp.fsum(w) / n; v = [a - s for a in w]
    dot = lambda a, b: mp.fsum(p * q for p, q in zip(a, b))
    return [n * g / 2 for g in mp.eig(mp.matrix([[dot(u, v), dot(v, v)], [dot(u, u), dot(u, v)]]), left=False, right=False)]

def tail(terms):
    def f(s):
        u = mp.e ** s
        theta = mp.fsum(h * mp.atan(l * u) for l, h in terms) / 2
        rho = mp.fsum(h * mp.log(1 + (l * u) ** 2) for l, h in terms) / 4
        return mp.sin(theta) * mp.e ** -rho
    return mp.mpf(1) / 2 + mp.quad(f, [-70, -20, -8, -4, -2, -1, 0, 1, 2, 4, 8, 20, 70, 140]) / mp.pi

def saddlepoint(terms):
    low, high = min(l for l, h in terms), max(l for l, h in terms)
    first = lambda t: mp.fsum(h * l / (1 - 2 * l * t) for l, h in terms)
    a, b = 1 / (2 * low), 1 / (2 * high); eps = mp.mpf(10) ** -12 * (b - a)
    t = mp.findroot(first, (a + eps, b - eps), solver="anderson", tol=mp.mpf(10) ** -50, maxsteps=500)
    k = -mp.fsum(h * mp.log(1 - 2 * l * t) for l, h in terms) / 2
    second = mp.fsum(2 * h * (l / (1 - 2 * l * t)) ** 2 for l, h in terms)
    r, u = mp.sign(t) * mp.sqrt(-2 * k), t * mp.sqrt(second)
    return r + mp.log(u / r) / r

out = {"meta": {"data": "columbus.csv CRIME, links_230.csv row-standardised", "mpmath": mp.__version__, "digits": mp.mp.dps}, "upper": [], "saddlepoint": []}
for i in range(n):
    c = z[i] * mp.fsum(z[j] for j in near[i]) / len(near[i]) / m2
    terms = [(g.real - c, 1) for g in eigenvalues(i)] + [(-c, n - 3)]
    out["upper"].append(float(tail(terms))); out["saddlepoint"].append(float(saddlepoint(terms)))
print(json.dumps(out, indent=1))
