"""Real tables with defaults only: directions found on 70 % of the rows, judged on the other 30 %.

``python benchmarks/structure_tables.py tables`` takes about five CPU minutes and needs scikit-learn and mlxtend;
``nothing 100`` runs 200 tables in which nothing depends on the inputs, and goes on where an earlier call stopped.
``errors`` draws losses of rows kept back and counts how often their mean is within its standard errors; a minute.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from derandkit import RegressionData, discover_structure, verify
from tables import revision, stored, stored_rows, timed

#: Splits by these seeds; no other use was made of them, and nothing was chosen on them.
SPLITS = range(1000, 1010)
#: Other splits of the wine table, on which choices of penalties were tried.
OTHER = range(100, 150)
#: Name, number of directions, whether targets are classes, and what is to be reached.
TABLES = (
    ("wine, 3 classes", 2, True, 0.99),
    ("digits, 10 classes", 5, True, 0.928),
    ("breast cancer", 1, True, 0.947),
    ("diabetes", 1, False, 0.42),
    ("housing", 2, False, 0.79),
)
#: Tables in which the targets do not depend on the inputs.
NOISE, SHUFFLED = "noise, 300 x 10", "diabetes, shuffled"


def load(name: str) -> tuple[Any, Any]:
    """Return inputs and targets of a table."""
    from mlxtend.data import boston_housing_data
    from sklearn import datasets

    if name == "housing":
        X, y = boston_housing_data()
    else:
        source = {
            "wine, 3 classes": datasets.load_wine,
            "digits, 10 classes": datasets.load_digits,
            "breast cancer": datasets.load_breast_cancer,
            "diabetes": datasets.load_diabetes,
        }[name]
        X, y = source(return_X_y=True)
    return np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)


def judged(train: tuple[Any, Any], test: tuple[Any, Any], *, classes: bool) -> float:
    """Return the accuracy of 15 neighbours, or R2 of a kernel ridge regression with its two parameters by folds."""
    from sklearn.kernel_ridge import KernelRidge
    from sklearn.model_selection import GridSearchCV
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.preprocessing import StandardScaler

    scale = StandardScaler().fit(train[0])
    A, B = scale.transform(train[0]), scale.transform(test[0])
    if classes:
        return float(KNeighborsClassifier(15).fit(A, train[1]).score(B, test[1]))
    mean, deviation = train[1].mean(), train[1].std()
    grid = {"alpha": [0.01, 0.03, 0.1, 0.3, 1.0, 3.0], "gamma": [0.01, 0.03, 0.1, 0.3, 1.0]}
    machine = GridSearchCV(KernelRidge(kernel="rbf"), grid, cv=3).fit(A, (train[1] - mean) / deviation)
    return float(machine.score(B, (test[1] - mean) / deviation))


def rival(classes: bool, q: int) -> Any:
    """Return the linear way to as many directions: discriminant analysis, or partial least squares."""
    from sklearn.cross_decomposition import PLSRegression
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    return LinearDiscriminantAnalysis(n_components=q) if classes else PLSRegression(q)


def tables() -> None:
    """Judge the directions of every table on ten splits: those of the estimators, and the linear ones."""
    from sklearn.model_selection import train_test_split

    from derandkit import StructureClassifier, StructureRegressor

    rows = []
    for name, q, classes, goal in TABLES:
        X, y = load(name)
        scores, linear, seconds, verified = [], [], [], 0
        for split in SPLITS:
            Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=split)
            started = time.process_time()
            model = (StructureClassifier if classes else StructureRegressor)(q).fit(Xa, ya)
            seconds.append(time.process_time() - started)
            if split == SPLITS[0]:
                verified = verify(model.result_, RegressionData(Xa, ya)).ok
            other = rival(classes, q).fit(Xa, ya)
            for found, into in ((model, scores), (other, linear)):
                train, test = found.transform(Xa), found.transform(Xb)
                into.append(judged((train, ya), (test, yb), classes=classes))
            print(name, split, round(scores[-1], 4), round(linear[-1], 4), round(seconds[-1], 1), flush=True)
        mean, error = float(np.mean(scores)), float(np.std(scores, ddof=1)) / len(scores) ** 0.5
        each = ", ".join(f"{score:.3f}" for score in scores)
        row = (name, q, f"{mean:.4f} +- {error:.2g}", goal, "yes" if mean >= goal else "no")
        rows.append(
            (*row, f"{np.mean(linear):.4f}", each, f"{max(seconds):.1f}", "yes" if verified else "no")
        )
    header = ("table", "q", "score", "at least", "met", "linear", "splits", "longest fit, CPU s", "verified")
    print(stored("structure_tables/tables", header, rows))


def nothing(count: int = 100) -> None:
    """Count what is found in noise, and in a table whose targets are shuffled.

    Every run is stored as one row when it ends, so that a second call goes on where the first one stopped.
    """
    X, y = load("diabetes")
    runs = stored_rows("structure_tables/nothing_runs")
    known = {(name, int(seed)) for name, seed, *_ in runs}
    header = ("data", "seed", "status", "CPU s", "code")
    for seed in range(count):
        rng = np.random.default_rng(seed)
        noise = rng.standard_normal((300, 10)), rng.standard_normal(300)
        for name, data in ((NOISE, noise), (SHUFFLED, (X, rng.permutation(y)))):
            if (name, seed) in known:
                continue
            result, _, seconds = timed(lambda data=data: discover_structure(data, controls=False))
            status = result.status.name.lower().replace("_", " ")
            runs.append([name, str(seed), status, f"{seconds:.1f}", revision()])
            stored(
                "structure_tables/nothing_runs", header, sorted(runs, key=lambda row: (row[0], int(row[1])))
            )
            print(*runs[-1], sep=", ", flush=True)
    rows = []
    for name in (NOISE, SHUFFLED):
        own = [row for row in runs if row[0] == name]
        rows.append(
            (name, len(own), sum(row[2] == "nothing found" for row in own), max(float(row[3]) for row in own))
        )
    print(stored("structure_tables/nothing", ("data", "runs", "nothing found", "longest run, CPU s"), rows))


def wine() -> None:
    """Return what other classifiers reach on splits of the wine table, each on standardised columns."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    X, y = load("wine, 3 classes")
    rivals = {
        "quadratic discriminant analysis": QuadraticDiscriminantAnalysis(),
        "linear discriminant analysis": LinearDiscriminantAnalysis(),
        "logistic regression, C = 1": LogisticRegression(max_iter=2000),
        "logistic regression, C = 0.1": LogisticRegression(C=0.1, max_iter=2000),
        "MLPClassifier, defaults": MLPClassifier(random_state=0, max_iter=2000),
        "support vectors, Gaussian kernel": SVC(),
        "15 neighbours, all columns": KNeighborsClassifier(15),
    }
    found = {}
    for name, classifier in rivals.items():
        scores = []
        for split in (*SPLITS, *OTHER):
            Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=split)
            scores.append(float(make_pipeline(StandardScaler(), classifier).fit(Xa, ya).score(Xb, yb)))
        found[name] = scores
    print(stored("structure_tables/wine", ("classifier", *WINE_COLUMNS), wine_rows(found)))


#: Columns of `wine_rows`.
WINE_COLUMNS = ("accuracy", "of 540 rows missed", "on 50 other splits", "of 2700 rows missed")


def wine_rows(found: dict[str, list[float]]) -> list[tuple[Any, ...]]:
    """Return mean, standard error over splits and rows missed of every way: on `SPLITS`, then on `OTHER`."""
    rows = []
    for name, scores in found.items():
        row: list[Any] = [name]
        for part in (scores[: len(SPLITS)], scores[len(SPLITS) :]):
            error = float(np.std(part, ddof=1)) / len(part) ** 0.5
            row += [f"{np.mean(part):.4f} +- {error:.2g}", round(sum((1.0 - score) * 54 for score in part))]
        rows.append(tuple(row))
    return rows


def softmax_directions(X: Any, y: Any) -> Any:
    """Return the map to the two leading directions of a softmax regression, C = 0.1."""
    from sklearn.linear_model import LogisticRegression

    weights = LogisticRegression(C=0.1, max_iter=5000).fit(X, y).coef_
    directions = np.linalg.svd(weights - weights.mean(axis=0), full_matrices=False)[2][:2]
    return lambda Z: Z @ directions.T


def wine_directions() -> None:
    """Judge two directions of the wine table: of rivals, and of every pair of penalties.

    The best pair is found with the test rows of `SPLITS`, and the best one of each split with its own test rows, so no
    choice of penalties can be better than the latter.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import train_test_split
    from sklearn.neighbors import NeighborhoodComponentsAnalysis
    from sklearn.preprocessing import StandardScaler

    from derandkit import StructureClassifier
    from derandkit.structure.heldout.selection import PATH, UPPER

    def shrunk(share: float) -> Any:
        return lambda X, y: (
            LinearDiscriminantAnalysis("eigen", shrinkage=share, n_components=2).fit(X, y).transform
        )

    def network(**penalties: float) -> Any:
        return lambda X, y: StructureClassifier(2, **penalties).fit(X, y).transform

    X, y = load("wine, 3 classes")
    ways = {
        "linear discriminant analysis": lambda X, y: (
            LinearDiscriminantAnalysis(n_components=2).fit(X, y).transform
        ),
        **{f"the same, shrinkage {share:g}": shrunk(share) for share in (0.05, 0.1, 0.2)},
        "softmax regression, C = 0.1": softmax_directions,
        "neighbourhood components": lambda X, y: (
            NeighborhoodComponentsAnalysis(2, init="lda", random_state=0).fit(X, y).transform
        ),
        "network, defaults": network(),
        **{f"network, {a:g}, {b:g}": network(penalty=a, upper_penalty=b) for b in UPPER for a in PATH},
    }
    found = {}
    for name, way in ways.items():
        scores = []
        for split in (*SPLITS, *OTHER):
            Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=split)
            scale = StandardScaler().fit(Xa)
            A, B = scale.transform(Xa), scale.transform(Xb)
            into = way(A, ya.astype(int))
            scores.append(judged((into(A), ya), (into(B), yb), classes=True))
        found[name] = scores
        print(name, round(float(np.mean(scores)), 4), flush=True)
    tried = [name for name in found if name.startswith("network, ") and name != "network, defaults"]
    order = sorted(tried, key=lambda name: -float(np.mean(found[name][: len(SPLITS)])))
    kept = {name: found[name] for name in found if name not in tried}
    for word, name in (("best", order[0]), ("worst", order[-1])):
        kept[f"network, {word} of {len(order)} pairs of penalties ({name[9:]})"] = found[name]
    kept["network, the best pair of each split"] = [
        max(scores) for scores in zip(*(found[name] for name in tried), strict=True)
    ]
    print(stored("structure_tables/wine_directions", ("two directions", *WINE_COLUMNS), wine_rows(kept)))


def wine_once() -> None:
    """Judge the wine table on the three splits on which its goal of 0.99 was measured, beside four linear ways.

    The seeds were not written down then. These are the splits on which the four figures of that day come out again:
    0.988, 0.969, 0.951 and 0.957.
    """
    from sklearn.cross_decomposition import PLSRegression
    from sklearn.decomposition import PCA
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    from derandkit import StructureClassifier

    X, y = load("wine, 3 classes")
    ways = {
        "derandkit, defaults": lambda X, y: StructureClassifier(2).fit(X, y).transform,
        "linear discriminant analysis": lambda X, y: (
            LinearDiscriminantAnalysis(n_components=2).fit(X, y).transform
        ),
        "partial least squares": lambda X, y: PLSRegression(2).fit(X, np.eye(3)[y]).transform,
        "principal components": lambda X, y: PCA(2).fit(X).transform,
        "all columns": lambda X, y: lambda Z: Z,
    }
    rows = []
    for name, way in ways.items():
        scores = []
        for split in range(3):
            Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=split, stratify=y)
            scale = StandardScaler().fit(Xa)
            A, B = scale.transform(Xa), scale.transform(Xb)
            into = way(A, ya.astype(int))
            scores.append(judged((into(A), ya), (into(B), yb), classes=True))
        missed = round(sum((1.0 - score) * 54 for score in scores))
        rows.append((name, f"{np.mean(scores):.3f}", ", ".join(f"{score:.3f}" for score in scores), missed))
    header = ("directions", "accuracy", "splits", "of 162 rows missed")
    print(stored("structure_tables/wine_once", header, rows))


#: Rows kept back, deviation of the logarithm of their weights (None: one row weighs a hundred others), and draws.
JUDGED = ((11, 0.0), (45, 0.0), (100, 0.0), (11, 1.0), (25, 1.0), (100, 1.0), (250, 2.0), (100, None))
DRAWS = 10_000


def errors() -> None:
    """Count how often the mean of drawn losses is within its standard errors of the mean of all."""
    from derandkit.structure.heldout.parts import counting
    from derandkit.structure.measure import FOUND, jackknife

    rows = []
    for losses in ("normal", "exponential"):
        for count, spread in JUDGED:
            rng = np.random.default_rng(count)
            found = []
            for _ in range(DRAWS):
                weights = np.ones(count) if spread is None else rng.lognormal(0.0, spread, count)
                if spread is None:
                    weights[0] = 100.0
                x = rng.standard_normal(count) if losses == "normal" else rng.exponential(size=count) - 1.0
                parts = np.array_split(np.arange(count), 8)
                masses = [float(weights[part].sum()) for part in parts]
                means = [float(np.average(x[part], weights=weights[part])) for part in parts]
                even = counting(masses)
                found.append((*jackknife(means, "rows", masses), FOUND[even], even))
            mean, error, times, even = np.array(found).T
            words = "one of 100" if spread is None else f"lognormal, {spread:g}" if spread else "equal"
            rows.append(
                (losses, count, words, f"{even.mean():.1f}", f"{np.mean(error**2) / np.var(mean):.2f}",
                 f"{np.mean(abs(mean) <= 2.0 * error):.3f}", f"{np.mean(abs(mean) <= times * error):.3f}",
                 f"{np.mean(mean > times * error):.3f}")
            )  # fmt: skip
            print(*rows[-1], sep=", ", flush=True)
    header = ("losses", "rows", "weights", "even parts", "squared error / variance", "within 2 errors",
              "within Student's t", "above it")  # fmt: skip
    print(stored("structure_tables/errors", header, rows))


if __name__ == "__main__":
    parts = sys.argv[1:] or ["tables", "nothing", "wine"]
    if "tables" in parts:
        tables()
    if "nothing" in parts:
        nothing(*(int(part) for part in parts if part.isdigit()))
    if "errors" in parts:
        errors()
    if "wine" in parts:
        wine()
    if "wine" in parts or "directions" in parts:
        wine_directions()
    if "wine" in parts or "once" in parts:
        wine_once()
