"""The engine measured: a toy with exact answers, the price of sharpness, the methods, and what the lemma leaves out."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from derandkit.datasets import gset
from derandkit.engine import (
    ConditionalExpectations,
    Derandomization,
    HessianDescent,
    LemmaDescent,
    RandomSampling,
    derandomize,
)
from derandkit.engine.law import GaussianSampler
from derandkit.engine.objective import QuadratureObjective
from derandkit.numerics.quadrature import gauss_hermite
from derandkit.plots.style import BLUE, GREEN, GREY, ORANGE
from derandkit.signs.objective import CutObjective
from derandkit.signs.relaxation.semidefinite import relax_cut
from tables import stored, timed

FloatArray = NDArray[np.float64]
FIGURES = Path(__file__).resolve().parent.parent / "docs" / "figures"


def run() -> None:
    """Print every table and draw every figure."""
    print("### The toy: E[(relu(w x + b)^3 - 1)^2] + lam w^2\n")
    print(toy_table(), "\n")
    print("### Sharpness of the sign against the cut and the work (LemmaDescent from the SDP law)\n")
    rows = smoothness_rows("G1") + smoothness_rows("G14")
    print(stored("engine/sharpness", SMOOTHNESS_HEADER, [(*row[:6], f"{row[6]:.1f}") for row in rows]), "\n")
    print("### Methods on one law (the SDP vectors of G14, tau = 0.1)\n")
    print(methods_table("G14"), "\n")
    print("### Beyond the assumptions: the double well with noise that is not Gaussian\n")
    print(noise_table(), "\n")
    print("### Beyond the assumptions: a double well with kinks\n")
    print(kink_table())
    FIGURES.mkdir(exist_ok=True)
    draw_toy(FIGURES / "toy.png")
    draw_smoothness(rows, FIGURES / "smoothness.png")


# --- the toy ------------------------------------------------------------------------------------------------------


def toy(w: float, b: float) -> float:
    """Return ``E[(relu(w x + b)^3 - 1)^2]`` by truncated moments ``m_k = b m_{k-1} + (k - 1) w^2 m_{k-2}``."""
    if w == 0.0:
        return (max(b, 0.0) ** 3 - 1.0) ** 2
    t = b / w
    m = [0.5 * math.erfc(-t / math.sqrt(2.0)), 0.0]
    m[1] = b * m[0] + w * math.exp(-t * t / 2.0) / math.sqrt(2.0 * math.pi)
    for k in range(2, 7):
        m.append(b * m[k - 1] + (k - 1) * w * w * m[k - 2])
    return m[6] - 2.0 * m[3] + 1.0


def frozen_minimiser(lam: float) -> float:
    """Return the global minimiser ``w >= 0`` of ``7.5 w^6 - 2 sqrt(2/pi) w^3 + lam w^2``.

    The inner minimum is the larger positive root of ``45 w^4 - 6 sqrt(2/pi) w + 2 lam``.
    """
    c = 2.0 * math.sqrt(2.0 / math.pi)
    roots = np.roots([45.0, 0.0, 0.0, -3.0 * c, 2.0 * lam])
    real = [float(z.real) for z in roots if abs(z.imag) < 1e-9 and z.real > 0]
    w = max(real, default=0.0)
    return w if toy(w, 0.0) + lam * w * w < 1.0 else 0.0


def toy_descent(lam: float) -> Derandomization:
    """Run the lemma's descent with the bias free, from the place of the frozen minimum without penalty."""
    objective = QuadratureObjective(
        lambda z: (np.maximum(z[:, 0], 0.0) ** 3 - 1.0) ** 2,
        gradient=lambda z: 6.0 * (np.maximum(z, 0.0) ** 3 - 1.0) * np.maximum(z, 0.0) ** 2,
        dimension=1,
    )
    law = GaussianSampler([0.0], [[frozen_minimiser(0.0)]])
    return derandomize(objective, law, method=LemmaDescent(penalty=lam))


def toy_table() -> str:
    """Tabulate both answers of the toy."""
    rows = []
    for lam in (1e-3, 0.1, 0.4, 0.45, 0.4502, 1.0):
        end = toy_descent(lam)
        w = end.sampler.spread_norm
        rows.append(
            (lam, f"{frozen_minimiser(lam):.4f}", f"{w:.4f}", f"{end.sampler.mean[0]:.6f}", end.status.name)
        )
    return stored("engine/toy", ("lam", "w*, b frozen at 0", "w, b free", "b, b free", "status"), rows)


def draw_toy(path: Path) -> None:
    """Draw the minimisers against the penalty: b frozen on the left, b free on the right."""
    from matplotlib.figure import Figure

    lams = np.linspace(0.0, 0.7, 281)
    frozen = np.array([frozen_minimiser(float(lam)) for lam in lams])
    jump = int(np.flatnonzero(frozen > 0)[-1])
    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2, sharex=True)
    left.plot(lams[: jump + 1], frozen[: jump + 1], color=BLUE, lw=2)
    left.plot(lams[jump + 1 :], frozen[jump + 1 :], color=BLUE, lw=2)
    left.axvline(0.4501, color="0.6", lw=1, ls=":")
    left.annotate(
        "jump at 0.4501\nfrom 0.3761 to 0", (0.4501, 0.19), xytext=(8, 0), textcoords="offset points"
    )
    left.set(title="bias frozen at 0", xlabel="penalty", ylabel="global minimiser w*", ylim=(-0.03, 0.55))
    ends = [toy_descent(float(lam)).sampler for lam in lams[4::24]]
    right.plot(lams[1:], np.ones(lams.size - 1), color=ORANGE, lw=2, label="b* (exact)")
    right.plot(lams[1:], np.zeros(lams.size - 1), color=BLUE, lw=2, label="w* (exact)")
    right.plot(
        lams[4::24], [law.mean[0] for law in ends], "o", color=ORANGE, mfc="white", label="b, LemmaDescent"
    )
    right.plot(
        lams[4::24], [law.spread_norm for law in ends], "o", color=BLUE, mfc="white", label="w, LemmaDescent"
    )
    right.set(title="bias free", xlabel="penalty", ylim=(-0.1, 1.15))
    right.legend(loc="center right", frameon=False)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130, metadata={"Software": None})


# --- sharpness ----------------------------------------------------------------------------------------------------

SMOOTHNESS_HEADER = ("graph", "tau", "F at the start", "F at the end", "cut", "steps", "seconds")
TAUS = (1.0, 0.6, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01)


def smoothness_rows(name: str) -> list[tuple[str, float, str, str, int | float, int, float]]:
    """Descend at each sharpness; the curvature of the smoothed sign grows like ``1 / tau``."""
    graph = gset(name)
    law = GaussianSampler(np.zeros(graph.n), relax_cut(graph).vectors)
    rows = []
    for tau in TAUS:
        objective = CutObjective(graph, tau)
        end, wall, _ = timed(lambda o=objective: derandomize(o, law, method=LemmaDescent(max_steps=600)))  # type: ignore[misc]
        cut = graph.cut_value(objective.round(end.sampler))
        steps = int(end.stats["steps"])
        rows.append((name, tau, f"{-end.start_value:.1f}", f"{-end.value:.1f}", cut, steps, wall))
    return rows


def draw_smoothness(rows: list[tuple[str, float, str, str, int | float, int, float]], path: Path) -> None:
    """Draw the cut and the number of steps against the sharpness."""
    from matplotlib.figure import Figure

    names = sorted({row[0] for row in rows}, key=lambda name: int(name[1:]))
    figure = Figure(figsize=(9.0, 6.6), layout="constrained")
    grid = figure.subplots(3, len(names), sharex=True, squeeze=False)
    for k, name in enumerate(names):
        mine = [row for row in rows if row[0] == name]
        taus = [row[1] for row in mine]
        end, start, work = grid[:, k]
        end.plot(taus, [float(row[4]) for row in mine], "o-", color=BLUE, label="cut")
        end.plot(
            taus, [float(row[3]) for row in mine], "s--", color=ORANGE, mfc="white", label="F at the end"
        )
        end.set(title=name, ylabel="weight" if k == 0 else "")
        start.plot(taus, [float(row[2]) for row in mine], "^:", color=GREY)
        start.set(ylabel="F at the start" if k == 0 else "")
        work.plot(taus, [row[5] for row in mine], "o-", color=GREEN)
        work.set(xlabel="smoothing tau (sharp on the left)", xscale="log", ylim=(0, None))
        work.set(ylabel="steps" if k == 0 else "")
        for axes in (end, start, work):
            axes.spines[["top", "right"]].set_visible(False)
    grid[0, 0].legend(frameon=False)
    figure.savefig(path, dpi=130, metadata={"Software": None})


# --- methods ------------------------------------------------------------------------------------------------------


def methods_table(name: str) -> str:
    """Compare the derandomizers and sampling on one law."""
    graph = gset(name)
    law = GaussianSampler(np.zeros(graph.n), relax_cut(graph).vectors)
    objective = CutObjective(graph, 0.1)
    rows = []
    for method in (LemmaDescent(), ConditionalExpectations(), RandomSampling(samples=1000, rng=0)):
        end, wall, _ = timed(lambda m=method: derandomize(objective, law, method=m))  # type: ignore[misc]
        cut = graph.cut_value(objective.round(end.sampler))
        rows.append(
            (type(method).__name__, f"{-end.start_value:.1f}", f"{-end.value:.1f}", cut, f"{wall:.1f}")
        )
    return stored("engine/methods", ("method", "F at the start", "F at the end", "cut", "seconds"), rows)


# --- beyond the assumptions ---------------------------------------------------------------------------------------


class Expectation:
    """``E[g(w x + b)]`` for scalar z and any law of x given by nodes and weights; derivatives of the sum itself."""

    dimension = 1

    def __init__(
        self, derivatives: tuple[Callable[[FloatArray], FloatArray], ...], x: FloatArray, w: FloatArray
    ):
        self.g, self.slope, self.bend = derivatives
        self.x, self.w = x, w

    def _z(self, law: GaussianSampler) -> FloatArray:
        return law.mean[0] + law.dense_spread()[0, 0] * self.x if law.rank else np.full(1, law.mean[0])

    def _mean(self, values: FloatArray) -> float:
        return math.fsum(self.w * values) if values.size == self.w.size else float(values[0])

    def value(self, law: GaussianSampler) -> float:
        return self._mean(self.g(self._z(law)))

    def mean_gradient(self, law: GaussianSampler) -> FloatArray:
        return np.array([self._mean(self.slope(self._z(law)))])

    def curvature(self, law: GaussianSampler, directions: FloatArray) -> FloatArray:
        return self._mean(self.bend(self._z(law))) * directions

    def spread_gradient(self, law: GaussianSampler) -> FloatArray:
        if not law.rank:
            return np.zeros((1, 0))
        return np.array([[math.fsum(self.w * self.slope(self._z(law)) * self.x)]])


def noises() -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return laws of mean 0 and variance 1 as nodes and weights."""
    from scipy.special import stdtrit

    u, w = np.polynomial.legendre.leggauss(2000)
    t = stdtrit(5.0, (u + 1.0) / 2.0)
    flat, flat_w = np.polynomial.legendre.leggauss(60)
    return {
        "Gaussian": gauss_hermite(60),
        "Student t, 5 degrees": (t / math.sqrt(5.0 / 3.0), w / 2.0),
        "uniform": (math.sqrt(3.0) * flat, flat_w / 2.0),
        "Rademacher": (np.array([-1.0, 1.0]), np.array([0.5, 0.5])),
    }


WELL = (
    lambda z: (z * z - 1.0) ** 2,
    lambda z: 4.0 * z * (z * z - 1.0),
    lambda z: 12.0 * z * z - 4.0,
)


def noise_table() -> str:
    """Find second-order stationary points of ``E[(z^2 - 1)^2] + 0.05 w^2`` for several laws of x."""
    rows = []
    start = GaussianSampler([0.05], [[0.9]])
    for name, (x, w) in noises().items():
        objective = Expectation(WELL, x, w)
        W, H = start.dense_spread(), objective.curvature(start, np.eye(1))
        stein = float(objective.spread_gradient(start)[0, 0] - (H @ W)[0, 0])
        end = derandomize(objective, start, method=HessianDescent(penalty=0.05, accuracy=1e-7, finish=False))
        finished = derandomize(objective, start, method=LemmaDescent(penalty=0.05))
        rows.append(
            (
                name,
                f"{stein:+.3f}",
                f"{end.history['spread_norm'][-1]:.2g}",
                f"{end.stats['lemma_bound']:.1g}",
                f"{finished.start_value:.4f}",
                f"{finished.value:.4f}",
                finished.stats["finished_by"],
            )
        )
    header = (
        "distribution of x",
        "dF/dw - H w",
        "w, stationary",
        "lemma would say",
        "F at the start",
        "g at the end",
        "finished by",
    )
    return stored("engine/noise", header, rows)


class Kinks:
    """``E | |z| - 1 |`` in closed form: ``||z| - 1| = |z - 1| + |z + 1| - |z| - 1``, folded normal laws."""

    dimension = 1

    def value(self, law: GaussianSampler) -> float:
        return sum(sign * self._folded(law, a)[0] for sign, a in ((1, 1.0), (1, -1.0), (-1, 0.0))) - 1.0

    def mean_gradient(self, law: GaussianSampler) -> FloatArray:
        return np.array([sum(sign * self._folded(law, a)[1] for sign, a in ((1, 1.0), (1, -1.0), (-1, 0.0)))])

    def curvature(self, law: GaussianSampler, directions: FloatArray) -> FloatArray:
        return directions * sum(
            sign * self._folded(law, a)[2] for sign, a in ((1, 1.0), (1, -1.0), (-1, 0.0))
        )

    @staticmethod
    def _folded(law: GaussianSampler, a: float) -> tuple[float, float, float]:
        """Return ``E|z - a|`` and its first two derivatives in b; at w = 0 the one-sided ones."""
        d, w = float(law.mean[0]) - a, law.spread_norm
        if w == 0.0:
            return abs(d), math.copysign(1.0, d), 0.0
        density = math.exp(-((d / w) ** 2) / 2.0) * math.sqrt(2.0 / math.pi)
        slope = math.erf(d / w / math.sqrt(2.0))
        return w * density + d * slope, slope, density / w


def kink_table() -> str:
    """Descend on a non-smooth g: the Gaussian smooths it as long as there is spread."""
    rows = []
    for b, w in ((0.0, 1.0), (0.05, 0.9), (0.4, 0.3), (2.0, 0.5)):
        for method in (LemmaDescent(), ConditionalExpectations()):
            end = derandomize(Kinks(), GaussianSampler([b], [[w]]), method=method)
            rows.append(
                (
                    f"b = {b}, w = {w}",
                    type(method).__name__,
                    f"{end.start_value:.4f}",
                    f"{end.value:.2g}",
                    f"{end.sampler.mean[0]:.6f}",
                    end.status.name,
                )
            )
    return stored("engine/kinks", ("start", "method", "F at the start", "g at the end", "b", "status"), rows)
