"""Real tables with defaults only: directions found on 70 % of the rows, judged on the other 30 %.

``python benchmarks/structure_tables.py tables`` takes about five CPU minutes and needs scikit-learn and mlxtend;
``nothing 15`` runs 30 tables without any dependence on their targets.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import Any

import numpy as np

from derandkit import RegressionData, discover_structure, verify
from tables import stored

#: Splits by these seeds; no other use was made of them, and nothing was chosen on them.
SPLITS = range(1000, 1010)
#: Name, number of directions, whether targets are classes, and what is to be reached.
TABLES = (
    ("wine, 3 classes", 2, True, 0.99),
    ("digits, 10 classes", 5, True, 0.928),
    ("breast cancer", 1, True, 0.947),
    ("diabetes", 1, False, 0.42),
    ("housing", 2, False, 0.79),
)


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


def nothing(count: int = 50) -> None:
    """Count what is found in noise, and in a table whose targets are shuffled."""
    X, y = load("diabetes")
    found: dict[str, Counter[str]] = {"noise, 300 x 10": Counter(), "diabetes, shuffled": Counter()}
    for seed in range(count):
        rng = np.random.default_rng(seed)
        noise = rng.standard_normal((300, 10)), rng.standard_normal(300)
        for name, data in zip(found, (noise, (X, rng.permutation(y))), strict=True):
            found[name][discover_structure(data, controls=False).status.name] += 1
    rows = [(name, count, counts["NOTHING_FOUND"]) for name, counts in found.items()]
    print(stored("structure_tables/nothing", ("data", "runs", "nothing found"), rows))


def wine() -> None:
    """Return what other classifiers reach on the splits of the wine table, each on standardised columns."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    X, y = load("wine, 3 classes")
    rivals = {
        "linear discriminant analysis": LinearDiscriminantAnalysis(),
        "logistic regression, C = 1": LogisticRegression(max_iter=2000),
        "logistic regression, C = 0.1": LogisticRegression(C=0.1, max_iter=2000),
        "MLPClassifier, defaults": MLPClassifier(random_state=0, max_iter=2000),
        "support vectors, Gaussian kernel": SVC(),
        "15 neighbours, all columns": KNeighborsClassifier(15),
    }
    rows = []
    for name, classifier in rivals.items():
        scores = []
        for split in SPLITS:
            Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=split)
            scores.append(float(make_pipeline(StandardScaler(), classifier).fit(Xa, ya).score(Xb, yb)))
        missed = round(sum((1.0 - score) * 54 for score in scores))
        error = float(np.std(scores, ddof=1)) / len(scores) ** 0.5
        rows.append((name, f"{np.mean(scores):.4f} +- {error:.2g}", missed))
    print(stored("structure_tables/wine", ("classifier", "accuracy", "of 540 rows missed"), rows))


if __name__ == "__main__":
    parts = sys.argv[1:] or ["tables", "nothing", "wine"]
    if "tables" in parts:
        tables()
    if "nothing" in parts:
        nothing(*(int(part) for part in parts if part.isdigit()))
    if "wine" in parts:
        wine()
