"""Which output each class has follows from the network, or from the targets, and never from the record alone."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from derandkit import InputError, certify_network, load, verify
from derandkit.records import sealed
from derandkit.structure.trained.certify import digest_of

jnp = pytest.importorskip("jax.numpy")
RNG = np.random.default_rng(0)
X = RNG.standard_normal((120, 3))
W, B, V = np.array([[2.0, -1.0, 0.1], [0.0, 0.3, 0.2]]), np.array([0.1, -0.2]), np.array([3.0, 1.0])
LAYER = {"weights": W, "bias": B, "directions": [[2.0, -1.0, 0.0]], "penalty": 0.01}
TWO = (X @ [2.0, -1.0, 0.0] > 0).astype(int)
TEXT = np.array(["no", "yes"])[TWO]


def one(z):
    """One logit."""
    return jnp.tanh(z) @ V


def three(z):
    """Three logits."""
    return jnp.tanh(z) @ jnp.array([[3.0, 0.0, -1.0], [1.0, 0.5, 0.2]])


@functools.cache
def certified(*names, flipped=False):
    """The certificate of `one` on targets of these names."""
    return certify_network(one, X, np.array(names)[1 - TWO if flipped else TWO], **LAYER)


def test_classes_of_a_record_beside_a_plain_function_are_those_of_the_targets():
    """Targets that a record turned around verified: a risk of 2.47 for 0.134."""
    forged = sealed({**certified(0, 1, flipped=True).to_dict(), "classes": [1, 0]})
    for instance in ((X, TWO, one, W, B), (X, TWO, one), (X, TWO)):
        assert verify(forged, instance).failed
    forged = sealed({**certified("no", "yes", flipped=True).to_dict(), "classes": ["yes", "no"]})
    for instance in ((X, TEXT, one, W, B), (X, TEXT, one), (X, TEXT)):
        assert verify(forged, instance).failed
    turned = sealed({**certified("no", "yes").to_dict(), "classes": ["yes", "no"]})
    assert verify(turned, (X, TEXT, one, W, B)).failed == ("classes",)
    numbers = sealed({**certified(0, 1).to_dict(), "classes": [0, 1]})
    assert verify(numbers, (X, TWO, one, W, B)).failed == ("classes",)


@pytest.mark.parametrize("classes", [["no", "no"], ["no", "yes", "zzz"], ["no"], ["no", "maybe"], [0, 1]])
def test_other_classes_than_those_of_the_targets_fail(classes):
    forged = sealed({**certified("no", "yes").to_dict(), "classes": classes})
    assert set(verify(forged, (X, TEXT, one, W, B)).failed) <= {"form", "classes"}
    assert verify(forged, (X, TEXT, one, W, B)).failed


def test_targets_under_the_logistic_loss_are_two():
    """Targets 0 and 2 were taken, by classes or by counting, and a logistic risk of -0.995 verified."""
    record, third = certified(0, 1).to_dict(), np.arange(120) % 3
    other = sealed({**record, "digest": digest_of(X, third.astype(float))})
    assert verify(other, (X, third, one, W, B)).failed == ("rows",)
    old = {name: value for name, value in other.items() if name not in ("classes", "logits")}
    assert verify(sealed({**old, "schema_version": 3}), (X, third, one, W, B)).failed == ("rows",)
    named = sealed({**record, "classes": [0, 5, 1], "digest": digest_of(X, 2.0 * TWO)})
    assert verify(named, (X, TWO, one, W, B)).failed
    assert verify(named, (X, TWO)).failed == ("form",)


def test_a_certificate_names_the_classes_of_the_targets_in_the_order_of_the_outputs(tmp_path):
    found = certified("no", "yes")
    assert found.classes == ("no", "yes")
    assert "no, yes; the output is the logit of yes" in " ".join(str(found).split())
    assert found.risk == certified(0, 1).risk
    assert certified(0, 1).classes is None
    assert verify(found, (X, TEXT, one, W, B)).ok
    assert verify(found, (X, TEXT)).failed == ("layer", "derivatives")  # not checked
    found.save(tmp_path / "n.json")
    assert load(tmp_path / "n.json").classes == ("no", "yes")
    labels = np.array(["b", "c", "a"])[np.digitize(X[:, 0], [-0.4, 0.4])]
    several = certify_network(three, X, labels, **LAYER)
    assert several.classes == ("a", "b", "c")
    assert "a, b, c; in the order of the outputs" in str(several)
    assert verify(several, (X, labels, three, W, B)).ok
    forged = sealed({**several.to_dict(), "classes": ["b", "a", "c"]})
    assert verify(forged, (X, labels, three, W, B)).failed == ("classes",)


def test_older_records_have_the_classes_of_their_targets():
    old = {k: v for k, v in certified("no", "yes").to_dict().items() if k not in ("classes", "logits")}
    outcome = verify(sealed({**old, "schema_version": 3}), (X, TEXT, one, W, B))
    assert "rows" not in outcome.failed
    assert "classes" not in outcome.failed
    turned = np.array(["yes", "no"])[TWO]
    assert verify(sealed({**old, "schema_version": 3}), (X, turned, one, W, B)).failed == ("rows",)


@pytest.mark.parametrize("loss", ["squared", "huber"])
def test_losses_without_logits_have_none(loss):
    """A record whose `logits` was turned to true verified, and called the outputs of a squared loss logits."""
    with pytest.raises(InputError, match=f"outputs under the {loss} loss are no logits"):
        certify_network(one, X, X[:, 0], loss=loss, logits=True, **LAYER)
    found = certify_network(one, X, X[:, 0], loss=loss, **LAYER)
    forged = sealed({**found.to_dict(), "logits": True})
    assert verify(forged, (X, X[:, 0], one, W, B)).failed == ("form",)
    named = sealed({**found.to_dict(), "classes": ["no", "yes"]})
    assert verify(named, (X, X[:, 0], one, W, B)).failed == ("form",)


@pytest.mark.parametrize(
    ("label", "loss"), [("yes", None), ("yes", "logistic"), ("yes", "softmax"), (2, "softmax")]
)
def test_one_class_alone_has_no_output_where_the_network_states_none(label, loss):
    """Every row was one of output 0, whatever the class: a risk of 0.741 for 0.655."""
    with pytest.raises(InputError, match="does not state which output it has: give rows of all classes"):
        certify_network(one, X, [label] * 120, loss=loss, **LAYER)
