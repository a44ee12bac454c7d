"""Weight files as libpysal reads them: moments of the whole matrix and some rows. Run from this folder: python 17_formats.py > 17_formats.json

Positions: the number less 1 in files that number their units from 1 (DAT, MatrixMarket, GeoBUGS), else the place in the file.
With p, q the positions of row and column, counted from 1: s = sum w, s_row = sum w p, s_column = sum w q, s_both = sum w p q,
pattern = sum p q^2, and max = the largest weight."""
import json, sys, warnings
import libpysal

warnings.simplefilter("ignore")
FILES = [
    ("baltimore/baltim_q.gal", "gal", False), ("baltimore/baltim_k4.gwt", "gwt", False),
    ("baltimore/baltim.tri.k12.kwt", "kwt", False), ("columbus/columbus.gal", "gal", False),
    ("formats/ohio.swm", "swm", False), ("formats/wmat.dat", "dat", True), ("formats/wmat.mtx", "mtx", True),
    ("formats/stata_full.txt", "stata_text", False), ("formats/stata_sparse.txt", "stata_text", False),
    ("formats/geobugs_scot", "geobugs_text", True), ("formats/spdep_listw2WB_columbus", "geobugs_text", True),
]
out = {"meta": {"program": f"libpysal {libpysal.__version__}", "call": "libpysal.io.open(file, 'r', format).read()"}}
for name, form, numbered in FILES:
    w = libpysal.io.open("../data/" + name, "r", form).read()
    ids = sorted(w.id_order) if numbered else list(w.neighbors)
    assert not numbered or ids == list(range(1, w.n + 1))
    at = {id: k for k, id in enumerate(ids, 1)}
    links = [(at[i], at[j], v) for i in ids for j, v in zip(w.neighbors[i], w.weights[i]) if v != 0]
    row = lambda p: {str(q): v for r, q, v in sorted(links) if r == p}
    out[name] = {
        "n": w.n, "links": len(links), "ids": [str(int(i)) if numbered else str(i) for i in (ids[0], ids[1], ids[-1])],
        "s": sum(v for *_, v in links), "s_row": sum(v * p for p, _, v in links), "s_column": sum(v * q for _, q, v in links),
        "s_both": sum(v * p * q for p, q, v in links), "pattern": sum(p * q * q for p, q, _ in links), "max": max(v for *_, v in links),
        "rows": {str(p): row(p) for p in (1, 2, w.n // 2, w.n)},
    }
json.dump(out, sys.stdout, indent=1)
