"""Defaults for tables: penalties and directions chosen on rows kept back, and an honest word when nothing is there."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest

import derandkit
from derandkit import InputError, RegressionData, StructureStatus, Student, Teacher, discover_structure
from derandkit.certificates.checks import Verdict
from derandkit.records import sealed

pytest.importorskip("jax")


@functools.cache
def noise():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((300, 10)), rng.standard_normal(300)
    return X, y


@functools.cache
def ridge():
    """One direction of eight inputs, 400 rows, noise 0.3."""
    rng = np.random.default_rng(3)
    X = rng.standard_normal((400, 8))
    u = np.array([0.6, -0.8, 0, 0, 0, 0, 0, 0])
    y = np.tanh(2.0 * X @ u) + 0.3 * rng.standard_normal(400)
    data = RegressionData(X, y)
    return data, u, discover_structure(data, Student(width=6), controls=False)


@functools.cache
def found_in_noise():
    return discover_structure(noise(), Student(width=8), controls=False)


def test_nothing_is_found_in_noise():
    result = found_in_noise()
    assert result.status is StructureStatus.NOTHING_FOUND
    assert not result.status.ok
    assert result.loss < 1.05 * result.mean_loss
    assert result.gain <= 2.365 * result.gain_error
    assert str(result).index("nothing found") < str(result).index("|W_perp|")
    assert derandkit.verify(result, noise()).ok


def test_a_network_beside_the_mean_has_found_nothing():
    """Where the mean is chosen, what is left of the network differs from it by rounding, on all parts alike."""
    rng = np.random.default_rng(59)
    data = rng.standard_normal((300, 10)), rng.standard_normal(300)
    result = discover_structure(data, controls=False)
    assert result.gain > 3.0 * result.gain_error  # 4.6 standard errors of 2e-6 of the loss
    assert result.gain < 1e-5 * result.mean_loss
    assert result.status is StructureStatus.NOTHING_FOUND
    assert derandkit.verify(result, data).ok
    record = json.loads(result.to_json())
    forged = {**record, "status": record["ended"], "message": StructureStatus[record["ended"].upper()].value}
    assert derandkit.verify(sealed(forged), data).failed == ("status",)


def test_a_small_penalty_overfits_noise_and_says_so():
    result = discover_structure(noise(), Student(width=8), penalty=1e-4, controls=False, max_steps=300)
    assert result.status is StructureStatus.OVERFITTED
    assert result.training_loss < 0.9 * result.mean_training_loss
    assert result.loss > result.mean_loss
    assert "penalty auto" in result.message
    assert derandkit.verify(result, noise()).ok


def test_one_direction_is_found_and_judged():
    data, u, result = ridge()
    assert result.status.ok
    assert len(result.span) == 1
    weights = np.array(result.column_weights[0])
    assert abs(weights @ u) / np.linalg.norm(weights) > 0.99
    # the noise is what is left: its variance in units of the targets
    left = 0.09 / np.var(data.y)
    assert result.loss < 1.6 * left
    assert result.loss < result.linear_loss < result.mean_loss
    assert result.gain == pytest.approx(result.mean_loss - result.loss, rel=1e-6)
    first = result.selection["ranks"][0]
    assert first["stability"] > 0.95
    assert derandkit.verify(result, data).ok
    text = str(result)
    assert text.index("explained") < text.index("direction 1") < text.index("|W_perp|")


def test_the_choice_is_the_same_every_time():
    data, _, result = ridge()
    assert (
        discover_structure((data.X, data.y), Student(width=6), controls=False).to_json() == result.to_json()
    )


def test_the_rows_that_judge_take_no_part_in_the_choice():
    data, _, result = ridge()
    y = data.y.copy()
    y[data._rows[1]] = 7.0
    other = discover_structure(RegressionData(data.X, y), Student(width=6), controls=False)
    assert other.selection == result.selection
    assert other.W.tobytes() == result.W.tobytes()
    assert other.loss > 10.0 * result.loss


def test_a_duplicated_column_shares_its_weight():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((400, 5))
    X[:, 4] = X[:, 0]
    y = np.tanh(2.0 * X[:, 0]) + 0.1 * rng.standard_normal(400)
    result = discover_structure((X, y), Student(width=8), controls=False)
    weights = np.array(result.column_weights[0])
    weights *= np.sign(weights[0])
    assert len(result.column_weights) == 1
    assert weights == pytest.approx([0.5**0.5, 0, 0, 0, 0.5**0.5], abs=0.08)


def test_what_is_given_is_not_chosen():
    data, _, _ = ridge()
    result = discover_structure(
        data, Student(width=4), upper_penalty=0.02, rank=2, controls=False, max_steps=50
    )
    assert result.settings["upper_penalty"] == 0.02
    assert {row["upper_penalty"] for row in result.selection["path"]} == {0.02}
    assert len(result.span) == result.settings["rank"] == 2
    assert derandkit.verify(result, data).ok
    plain = discover_structure(data, Student(width=4), penalty=0.01, controls=False, max_steps=5)
    assert plain.selection is None
    with pytest.raises(InputError, match="a teacher's penalty as a number"):
        discover_structure(Teacher("tanh", 2), penalty="auto")
    with pytest.raises(InputError, match="is not one of auto, or a number"):
        discover_structure(data, penalty="car")


def test_the_choice_follows_from_its_table():
    data, _, result = ridge()
    record = json.loads(result.to_json())
    for change in ("penalty", "upper_penalty", "rank"):
        forged = json.loads(result.to_json())
        if change == "rank":
            forged["selection"]["ranks"][0]["loss"] += 1.0
        else:
            forged["selection"]["ranks"][0][change] *= 3.0
        assert "provenance" in derandkit.verify(sealed(forged), data).failed, change
    forged = {**record, "status": "nothing_found", "message": StructureStatus.NOTHING_FOUND.value}
    assert derandkit.verify(sealed(forged), data).failed == ("status",)
    record = json.loads(found_in_noise().to_json())
    forged = {**record, "status": record["ended"], "message": StructureStatus[record["ended"].upper()].value}
    assert derandkit.verify(sealed(forged), noise()).failed == ("status",)


def test_what_fitted_rows_are_called_is_never_shown_as_recomputed():
    """With a table of penalties that nobody tried, "overfitted" became "nothing found", recomputed."""
    result = discover_structure(noise(), Student(width=8), penalty=1e-4, controls=False, max_steps=300)
    assert result.status is StructureStatus.OVERFITTED
    record = json.loads(result.to_json())
    pair = {"penalty": result.settings["penalty"], "upper_penalty": result.settings["upper_penalty"]}
    chosen = json.loads(found_in_noise().to_json())["selection"]
    table = {
        "path": [{**chosen["path"][0], **pair}],
        "ranks": [{**chosen["ranks"][0], **pair, "rank": len(result.span)}],
    }
    forged = {**record, "selection": {**chosen, **table}, "status": "nothing_found"}
    forged["message"] = StructureStatus.NOTHING_FOUND.value
    for text in (record, sealed(forged)):
        outcome = derandkit.verify(text, noise())
        checks = {check.name: check for check in outcome.checks}
        assert checks["status"].verdict is Verdict.NOT_CHECKED
        assert checks["references"].verdict is Verdict.RECOMPUTED  # that the gain over the mean is none
        assert outcome.ok


def test_that_a_choice_was_cut_short_is_never_shown_as_recomputed():
    """Nothing in a record shows it, and it hides that nothing was found."""
    forged = json.loads(found_in_noise().to_json())
    forged["selection"]["shortened"] = 1
    forged |= {"status": "time_limit", "message": StructureStatus.TIME_LIMIT.value}
    checks = {check.name: check for check in derandkit.verify(sealed(forged), noise()).checks}
    assert checks["status"].verdict.value == "not checked"
    assert "cut short is not repeated" in checks["status"].detail


def test_targets_0_and_1_are_two_classes():
    X, y = noise()
    y = (X[:, 0] + 0.5 * y > 0).astype(float)
    result = discover_structure((X, y), Student(width=4), controls=False, penalty=0.01, max_steps=30)
    assert result.settings["loss"] == "logistic"
    assert result.problem["standardise"] is False
    assert "classes 0 and 1" in " ".join(str(result).split())
    assert derandkit.verify(result, (X, y)).ok
    squared = discover_structure(
        (X, y), Student(width=4), loss="squared", controls=False, penalty=0.01, max_steps=5
    )
    assert squared.settings["loss"] == "squared"
    assert squared.problem["standardise"] is True
    assert RegressionData(X, 2.0 * y).loss == "squared"


def test_a_page_that_asks_for_auto_is_compared(tmp_path):
    X, y = noise()
    np.savetxt(tmp_path / "noise.csv", np.column_stack((X, y)), delimiter=",", fmt="%.17g")
    page = tmp_path / "noise.toml"
    page.write_text('[data]\ntable = "noise.csv"\ntarget = -1\n[run]\ncontrols = false\n')
    from derandkit.structure.config import read_configuration

    asked = read_configuration(page)
    record = discover_structure(asked.problem, asked.student, **asked.options()).to_dict()
    assert derandkit.verify(record, page).ok
    page.write_text('[data]\ntable = "noise.csv"\ntarget = -1\n[run]\ncontrols = false\npenalty = 1.0\n')
    assert derandkit.verify(record, page).failed == ("configuration",)


def test_a_choice_among_shortened_fits_says_so():
    """The clock is stopped in the seventh pair, so ten of the sixteen are shortened."""
    from derandkit.runtime.clock import current

    data, _, whole = ridge()
    assert whole.selection.shortened is None
    assert "shortened" not in json.loads(whole.to_json())["selection"]

    def stop(progress):
        if progress.stage == "choose penalties" and progress.step == 6:
            current().stop()

    result = discover_structure(
        data, Student(width=6), controls=False, on_progress=stop, on_interrupt="return"
    )
    assert result.selection.shortened == result.selection["shortened"] == 10
    assert len(result.selection.path) == 16
    assert result.selection.path[:6] == whole.selection.path[:6]
    assert "10 of 16 candidates were cut short" in " ".join(str(result).split())
    assert "provenance" not in derandkit.verify(result, data).failed
    assert derandkit.StructureResult.from_json(result.to_json()).to_json() == result.to_json()
    forged = json.loads(result.to_json())
    forged["selection"]["shortened"] = 17
    assert "provenance" in derandkit.verify(sealed(forged), data).failed


def test_the_choice_of_penalties_takes_no_product_for_numbers_that_it_does_not_use(monkeypatch):
    from derandkit.structure.heldout import selection
    from derandkit.structure.training.objective import NetworkObjective

    seen = []
    curvature = NetworkObjective.curvature
    monkeypatch.setattr(NetworkObjective, "curvature", lambda *a: seen.append(a[2].shape[1]) or curvature(*a))
    monkeypatch.setattr(selection, "PATH", (3e-3, 1e-2))
    monkeypatch.setattr(selection, "FIRST_STEPS", 3)
    monkeypatch.setattr(selection, "STEPS", 2)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((120, 5))
    y = np.tanh(X[:, 0] - X[:, 1]) + 0.1 * rng.standard_normal(120)
    discover_structure((X, y), Student(width=4), controls=False, max_steps=2)
    assert sum(seen) == 0
