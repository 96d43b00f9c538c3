"""Equal input gives equal bytes, whatever the threads, hash seed, order of the input, or BLAS kernels."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import derandkit
from derandkit.records import canonical_json, sealed

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
DATASETS = sorted(path for path in (ROOT / "datasets").iterdir() if path.is_file() and path.suffix != ".md")
#: OpenBLAS kernels, and the processor flags they need; a processor without them dies of an illegal instruction.
CORETYPES = {
    "Nehalem": {"sse4_2"},
    "Sandybridge": {"avx"},
    "Haswell": {"avx2", "fma"},
    "Zen": {"avx2", "fma"},
    "SkylakeX": {"avx512f", "avx512bw", "avx512dq", "avx512vl"},
}
WORKER = """
import hashlib, json, sys
import derandkit
out = {}
for path in sys.argv[1:]:
    text = derandkit.maxcut(path).to_json()
    record = json.loads(text)
    out[path] = [hashlib.sha256(text.encode()).hexdigest(), record["bound"]["method"], record["graph"]["n"]]
print(json.dumps(out))
"""


def hashed(k):
    """Sixteen bits that look like chance and are none."""
    return ((k + 1) * (k + 1) * 2654435761 >> 16) & 0xFFFF


def torus(rows, columns):
    for k in range(2 * rows * columns):
        v, down = divmod(k, 2)
        row, column = divmod(v, columns)
        u = ((row + down) % rows) * columns + (column + 1 - down) % columns
        yield f"{v + 1} {u + 1} {1 - 2 * (hashed(k) >> 15)}\n"


def dense(n):
    for i in range(n):
        for j in range(i + 1, n):
            h = hashed(i * n + j)
            if h % 10 == 0 or j == i + 1:
                yield f"v{i} v{j} {(1 + h % 17) / 8}\n"


@pytest.fixture(scope="module")
def instances(tmp_path_factory):
    """A signed torus whose bound is proven by sparse elimination, a graph that takes dense Cholesky, small ones."""
    folder = tmp_path_factory.mktemp("instances")
    large, middle = folder / "torus.rudy", folder / "dense.edgelist"
    large.write_text("2400 4800\n" + "".join(torus(40, 60)))
    middle.write_text("".join(dense(260)))
    return [*map(str, DATASETS), str(middle), str(large)]


def solve_elsewhere(instances, **environment):
    cleared = {k: v for k, v in os.environ.items() if not re.search("THREADS|PYTHONHASHSEED|CORETYPE", k)}
    done = subprocess.run(
        [sys.executable, "-c", WORKER, *instances],
        env={**cleared, "PYTHONPATH": str(SOURCE), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr}"
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def reference(instances):
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "NUMBA", "MKL")}
    found = solve_elsewhere(instances, PYTHONHASHSEED="0", **threads)
    assert found[instances[-1]][1:] == ["sparse-ldl", 2400]
    assert found[instances[-2]][1:] == ["dense-cholesky", 260]
    return found


def test_another_process_with_two_threads_and_another_hash_seed(instances, reference):
    threads = {f"{name}_NUM_THREADS": "2" for name in ("OMP", "OPENBLAS", "NUMBA", "MKL")}
    assert solve_elsewhere(instances, PYTHONHASHSEED="4242", **threads) == reference


def test_repeated_runs_in_one_process(instances, reference):
    for path in instances[:-1]:
        for _ in range(2):
            text = derandkit.maxcut(path).to_json()
            assert hashlib.sha256(text.encode()).hexdigest() == reference[path][0]


def skip_without(core):
    """Skip a test where the processor has not what the kernels of another one need."""
    try:
        flags = set(re.search(r"flags\s*: (.*)", Path("/proc/cpuinfo").read_text())[1].split())
    except (OSError, TypeError):
        pytest.skip("the processor does not say what it can do")
    if not CORETYPES[core] <= flags:
        pytest.skip(f"this processor cannot run the {core} kernels")


@pytest.mark.parametrize("core", sorted(CORETYPES))
def test_blas_kernels_leave_no_trace(instances, reference, core):
    """The instances are small: the promise for every graph is that of the documentation, not of this test."""
    skip_without(core)
    some = instances if core in ("Nehalem", "Haswell") else instances[:-1]
    found = solve_elsewhere(some, OPENBLAS_CORETYPE=core)
    assert found == {path: reference[path] for path in some}


CYCLES = """
import hashlib, random, sys
import networkx as nx
import derandkit
draw = random.Random(0)
edges = {edge: round(draw.gauss(0, 1), 3) for edge in nx.random_regular_graph(3, 60, seed=0).edges}
print(hashlib.sha256(derandkit.maxcut(edges, bound="cycle", search=None).to_json().encode()).hexdigest())
"""


@pytest.mark.parametrize("core", ["Nehalem", "Haswell"])
def test_a_proof_by_odd_cycles_does_not_follow_the_blas_kernel(core):
    """A norm and an inner product by the BLAS decided how long to step; this graph had another proof with Nehalem."""
    skip_without(core)
    cleared = {k: v for k, v in os.environ.items() if "CORETYPE" not in k}
    found = {
        subprocess.run(
            [sys.executable, "-c", CYCLES],
            env={**cleared, "PYTHONPATH": str(SOURCE), **environment},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for environment in ({}, {"OPENBLAS_CORETYPE": core})
    }
    assert len(found) == 1


#: What calls the BLAS or LAPACK on dense arrays of floats; `derandkit.numerics.vectors` has `inner` and `norm`.
DENSE = re.compile(r"\blinalg\.\w+\(|\.(dot|vdot|matmul|tensordot|multi_dot|eigh)\(|\bnp\.inner\(")
#: Where it decides nothing that the promise is about, by file: how often, and why.
EXCEPT = {
    "signs/values.py": (2, "sparse matrices"),
    "signs/search/several.py": (1, "a sparse matrix"),
    "signs/search/trajectory.py": (1, "integers"),
    "signs/search/clusters.py": (1, "integers"),
    "signs/relaxation/semidefinite.py": (2, "of cvxpy, which the page names"),
}


def dense_products(text):
    """Products by the operator @, and calls that go to the BLAS, outside of comments and docstrings."""
    tree = ast.parse(text)
    found = [node for node in ast.walk(tree) if isinstance(node, (ast.BinOp, ast.AugAssign))]
    found = [node for node in found if isinstance(node.op, ast.MatMult)]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found += [
        node
        for node in calls
        if DENSE.search(f"{ast.unparse(node).split('(')[0]}(")
        or any(word.arg == "optimize" for word in node.keywords)
    ]
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return found + [node for node in imports if "linalg" in (node.module or "").split(".")]


@pytest.mark.parametrize("wing", ["signs", "cuts", "quadratic"])
def test_nothing_that_decides_a_record_calls_the_blas(wing):
    home = SOURCE / "derandkit"
    for file in sorted((home / wing).rglob("*.py")):
        name = file.relative_to(home).as_posix()
        found = dense_products(file.read_text(encoding="utf-8"))
        allowed, _ = EXCEPT.get(name, (0, ""))
        assert len(found) == allowed, (
            f"{name}: {[ast.unparse(node) for node in found]}; use inner and norm of derandkit.numerics.vectors"
        )


def test_the_search_for_dense_products_finds_them():
    for text in (
        "np.linalg.norm(x)",
        "a @ b",
        "x.dot(y)",
        "np.dot(x, y)",
        "a @= b",
        "np.einsum('i,i', a, b, optimize=True)",
    ):
        assert dense_products(text), text
    assert not dense_products('"""a @ b"""\nnp.einsum("i,i->", a, b)\n@light\ndef f(): pass')


def shuffled(lines, step):
    """Every line once, in an order far from the given one."""
    n = len(lines)
    while np.gcd(step, n) != 1:
        step += 1
    return [lines[(k * step) % n] for k in range(n)]


@pytest.mark.parametrize("name", ["petersen.edgelist", "two-clusters.csv"])
def test_shuffled_and_reversed_lines(tmp_path, name, reference):
    path = ROOT / "datasets" / name
    lines = [line for line in path.read_text().splitlines() if not line.startswith(("#", "%"))]
    for step in (3, 7):
        other = tmp_path / name
        mixed = shuffled(lines, step)
        assert mixed != lines
        separator = "," if "," in lines[0] else " "
        swapped = [
            separator.join([c[1], c[0], *c[2:]]) if k % 2 else separator.join(c)
            for k, c in enumerate(line.split(separator) for line in mixed)
        ]
        other.write_text("\n".join(swapped) + "\n")
        text = derandkit.maxcut(other).to_json()
        assert hashlib.sha256(text.encode()).hexdigest() == reference[str(path)][0]


def test_order_of_networkx_nodes_and_edges():
    G = nx.karate_club_graph()
    text = derandkit.maxcut(G).to_json()
    for step in (5, 11):
        H = nx.Graph()
        H.add_nodes_from(shuffled(list(G), step))
        H.add_edges_from((v, u, d) for u, v, d in shuffled(list(G.edges(data=True)), step))
        assert list(H) != list(G)
        assert derandkit.maxcut(H).to_json() == text


def test_every_way_in_gives_the_same_bytes():
    """All but one line: what the input was read as, which is another for every way in."""

    def text(given):
        record = derandkit.maxcut(given).to_dict()
        readings.append(record["graph"].pop("reading"))
        return canonical_json(sealed(record))

    readings = []
    G = nx.petersen_graph()
    same = {
        text(given)
        for given in (
            G,
            nx.to_scipy_sparse_array(G, nodelist=range(10)),
            list(G.edges),
            np.array(G.edges),
            ROOT / "datasets" / "petersen.edgelist",
        )
    }
    assert len(same) == 1
    assert len(set(readings)) == len(readings)


def test_no_random_number_is_drawn(monkeypatch):
    import random

    def forbidden(*_, **__):
        raise AssertionError("a random number was drawn")

    for module, names in (
        (random, ("random", "randint", "choice", "shuffle", "gauss", "uniform", "seed", "Random")),
        (np.random, ("default_rng", "rand", "randn", "random", "seed", "standard_normal", "uniform", "normal",
                     "permutation", "choice", "RandomState", "Generator")),
    ):  # fmt: skip
        for name in names:
            monkeypatch.setattr(module, name, forbidden)
    for method in ("lemma", "conditional"):
        result = derandkit.maxcut(ROOT / "datasets" / "torus-10x10.rudy", method=method)
        assert derandkit.verify(result, ROOT / "datasets" / "torus-10x10.rudy").ok


RANDOM = re.compile(
    r"np\.random|numpy\.random|default_rng|^\s*(import|from) (random|secrets|uuid|time)\b", re.MULTILINE
)


def test_only_baselines_and_drawing_name_a_generator():
    """The way from a graph to its record imports no source of chance and reads no clock."""
    wings = (
        "cuts",
        "signs",
        "embeddings",
        "features",
        "engine",
        "certificates",
        "graphs",
        "points",
        "numerics",
        "models",
        "quadratic",
        "runtime",
    )
    path = [file for wing in wings for file in (SOURCE / "derandkit" / wing).rglob("*.py")]
    assert len(path) > 100
    named = {
        file.relative_to(SOURCE / "derandkit").as_posix() for file in path if RANDOM.search(file.read_text())
    }
    assert named <= {
        "embeddings/baselines.py",
        "features/baselines.py",
        "engine/law.py",  # `draw`, for whoever wants the randomized algorithm
        "engine/methods/perturbed.py",  # Jin et al.'s method, which takes an rng
        "engine/methods/sampling.py",  # the randomized algorithm itself
        "signs/baselines/randomized.py",
        "graphs/label_json.py",  # uuid, since a vertex may be named by one; none is made
        "certificates/cuts/coins.py",  # the verifier's coins, tossed only for a bound that rests on them
        "runtime/interrupts.py",  # the seconds of progress reports
        "runtime/signals.py",  # whether two presses of Ctrl-C are one request
        "runtime/processes.py",  # waits for workers
        "runtime/clock.py",  # the one clock, read only under a time limit, which depends on the machine
    }


def test_a_record_holds_no_time_and_no_path(instances):
    text = derandkit.maxcut(instances[0]).to_json()
    for word in (str(ROOT), str(Path.home()) + os.sep, "numpy", "seconds", Path(instances[0]).name):
        assert word not in text


#: Tests and their tools that look at a clock: to stop waiting for a process that hangs, or to show seconds on a page.
CLOCKS = {
    "tests/cli/test_cli_process.py": "waiting", "tests/cli/test_conic_signals.py": "waiting",
    "tests/cli/test_many.py": "waiting", "tests/house/test_pool.py": "waiting",
    "tests/adversarial.py": "shown", "tests/fuzzing.py": "shown",
}  # fmt: skip
CLOCK = re.compile(
    r"\btime\.(sleep|time|monotonic|perf_counter|process_time|thread_time)\w*\(|\bfrom time import"
)


def test_no_other_test_looks_at_a_clock():
    """What is shown is in the field `slowest`, which no test compares; `certificates/test_fuzz.py` turns that clock."""
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "tests").rglob("*.py")
    }
    assert {name for name, text in texts.items() if CLOCK.search(text)} == set(CLOCKS)
    for name, text in texts.items():
        if CLOCKS.get(name) == "shown":
            assert set(re.findall(r"time\.\w+", text)) == {"time.perf_counter"}
        lines = [line for line in text.splitlines() if re.search(r"\.slowest\b", line)]
        assert not any(re.search(r"assert|[<>]", line) for line in lines), name
