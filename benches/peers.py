"""The peers on the same work as `cargo bench --bench contiguity`, `--bench points` and `--bench permutations`: one thread, CPU seconds, median of the runs.

pip install libpysal esda numba geopandas scipy pygeoda; python benches/peers.py [largest n, 100000 unless given]
"""
import statistics
import sys
import time

import esda
import geopandas
import libpysal
import numpy as np
import pygeoda
import shapely
from scipy import sparse
from scipy.spatial import cKDTree


def timed(what, n, work, check, runs=3):
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    print(f"{what:34} n = {n:>8}  {statistics.median(seconds):10.6f} s  {check(result)}", flush=True)


def lattice(side):
    x, y = np.meshgrid(np.arange(side, dtype=float), np.arange(side, dtype=float))
    return geopandas.GeoDataFrame(geometry=shapely.box(x.ravel(), y.ravel(), x.ravel() + 1, y.ravel() + 1))


def uniform(n):
    """The xorshift stream of benches/points.rs."""
    state, mask, out = 88_172_645_463_325_252, (1 << 64) - 1, np.empty(2 * n)
    for k in range(2 * n):
        state ^= (state << 13) & mask
        state ^= state >> 7
        state ^= (state << 17) & mask
        out[k] = (state >> 11) / 2.0**53
    return out.reshape(n, 2)


largest = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
for side in (100, 316, 700, 1000):
    if side * side > largest:
        break
    cells = lattice(side)
    n = len(cells)
    timed("queen, libpysal Graph", n, lambda: libpysal.graph.Graph.build_contiguity(cells, rook=False), lambda g: g.n_edges)
    frame = pygeoda.open(cells)
    timed("queen, pygeoda", n, lambda: pygeoda.queen_weights(frame), lambda w: sum(len(w.get_neighbors(i)) for i in range(n)))
    graph = libpysal.weights.lat2SW(side, side, criterion="queen").tocsr().astype(float)
    rows = sparse.diags(1 / np.asarray(graph.sum(1)).ravel()) @ graph
    x = np.sin(1.7 * np.arange(n))
    repeats = max(1, 10_000_000 // n)
    timed(f"lag, SciPy CSR, {repeats} times", n, lambda: [rows @ x for _ in range(repeats)][-1], lambda y: f"{y.sum():.6f}")
for n in (10_000, 100_000, 1_000_000):
    if n > largest:
        break
    points = uniform(n)
    radius = (10 / (np.pi * n)) ** 0.5
    timed("8 nearest, scipy cKDTree", n, lambda: cKDTree(points).query(points, 9)[1][:, 1:], lambda j: int(j.sum()))
    timed("8 nearest, libpysal KNN", n, lambda: libpysal.weights.KNN(points, 8), lambda w: w.n * 8)
    timed("band, scipy query_pairs", n, lambda: cKDTree(points).query_pairs(radius, output_type="ndarray"), lambda p: 2 * len(p))
    if n <= 100_000:
        timed("band, libpysal DistanceBand", n, lambda: libpysal.weights.DistanceBand(points, radius, silence_warnings=True), lambda w: w.nonzero)
for side in (32, 100, 316):
    n = side * side
    if n > largest:
        break
    # the variable of benches/permutations.rs
    rows = libpysal.weights.lat2SW(side, side, criterion="queen").tocsr().astype(float)
    rows = sparse.diags(1 / np.asarray(rows.sum(1)).ravel()) @ rows
    x = np.sin(1.7 * np.arange(n, dtype=float) ** 2)
    x = x + 0.5 * (rows @ x)
    w = libpysal.weights.lat2W(side, side, rook=False)
    w.transform = "r"
    esda.Moran_Local(x[:1024] if n > 1024 else x, libpysal.weights.lat2W(32, 32, rook=False), permutations=9, n_jobs=1)  # compiles
    timed("Moran, 999, esda", n, lambda: esda.Moran(x, w, permutations=999), lambda m: f"{m.I:.8f}", 1)
    timed("local Moran, 999, esda", n, lambda: esda.Moran_Local(x, w, permutations=999, n_jobs=1, keep_simulations=False), lambda m: f"{m.Is.sum():.6f}", 1)
    frame = pygeoda.open(lattice(side))
    queen = pygeoda.queen_weights(frame)
    for method in ("lookup", "complete") if n < 20_000 else ("lookup",):
        timed(f"local Moran, 999, pygeoda {method}", n, lambda: pygeoda.local_moran(queen, x.tolist(), permutations=999, permutation_method=method, cpu_threads=1), lambda m: f"{sum(m.lisa_values()):.6f}", 1)
