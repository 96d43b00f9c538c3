"""Real tables with defaults only: directions found on 70 % of the rows, judged on the other 30 %.

``python benchmarks/structure_tables.py tables`` takes about a minute on a quiet machine with two cores and needs
scikit-learn and mlxtend; ``nothing`` runs 100 tables without any dependence and takes five.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import Any

import numpy as np

from derandkit import RegressionData, discover_structure, verify
from tables import stored

SPLITS = 3
#: Name, number of directions, loss, and what is to be reached.
TABLES = (
    ("breast cancer", 1, "logistic", 0.947),
    ("diabetes", 1, "squared", 0.42),
    ("housing", 2, "squared", 0.79),
)


def load(name: str) -> tuple[Any, Any]:
    """Return inputs and targets of a table."""
    from mlxtend.data import boston_housing_data
    from sklearn import datasets

    if name == "housing":
        X, y = boston_housing_data()
    else:
        source = {"breast cancer": datasets.load_breast_cancer, "diabetes": datasets.load_diabetes}[name]
        X, y = source(return_X_y=True)
    return np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)


def judged(loss: str, train: tuple[Any, Any], test: tuple[Any, Any]) -> float:
    """Return the accuracy of 15 neighbours, or R2 of a kernel ridge regression with its two parameters by folds."""
    from sklearn.kernel_ridge import KernelRidge
    from sklearn.model_selection import GridSearchCV
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.preprocessing import StandardScaler

    scale = StandardScaler().fit(train[0])
    A, B = scale.transform(train[0]), scale.transform(test[0])
    if loss == "logistic":
        return float(KNeighborsClassifier(15).fit(A, train[1]).score(B, test[1]))
    mean, deviation = train[1].mean(), train[1].std()
    grid = {"alpha": [0.01, 0.03, 0.1, 0.3, 1.0, 3.0], "gamma": [0.01, 0.03, 0.1, 0.3, 1.0]}
    machine = GridSearchCV(KernelRidge(kernel="rbf"), grid, cv=3).fit(A, (train[1] - mean) / deviation)
    return float(machine.score(B, (test[1] - mean) / deviation))


def tables() -> None:
    """Judge the directions of every table on three splits."""
    from sklearn.model_selection import train_test_split

    rows = []
    for name, q, loss, goal in TABLES:
        X, y = load(name)
        scores, seconds, verified = [], [], True
        for split in range(SPLITS):
            Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=split)
            data = RegressionData(Xa, ya)
            started = time.perf_counter()
            result = discover_structure(data, rank=q, controls=False)
            seconds.append(time.perf_counter() - started)
            verified = verified and verify(result, data).ok
            along = [data.whiten(part) @ result.span.T for part in (Xa, Xb)]
            scores.append(judged(loss, (along[0], ya), (along[1], yb)))
        mean = float(np.mean(scores))
        each = ", ".join(f"{score:.3f}" for score in scores)
        met = "yes" if mean >= goal else "no"
        rows.append(
            (name, q, f"{mean:.4f}", each, goal, met, f"{max(seconds):.1f}", "yes" if verified else "no")
        )
    header = ("table", "q", "score", "splits", "at least", "met", "longest run, s", "verified")
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


if __name__ == "__main__":
    for part in sys.argv[1:] or ("tables", "nothing"):
        {"tables": tables, "nothing": nothing}[part]()
