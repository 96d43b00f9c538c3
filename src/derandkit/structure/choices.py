"""The words that functions of networks take for an option; the command line reads its choices here, without NumPy."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

#: Links of a multi-index teacher.
Link: TypeAlias = Literal[
    "tanh", "relu", "sine", "linear", "hermite2", "hermite3", "hermite4", "hermite5", "hermite6", "staircase", "product"
]  # fmt: skip
#: Distributions of the inputs.
Inputs: TypeAlias = Literal["gaussian", "uniform", "student-t"]
Activation: TypeAlias = Literal["tanh", "gelu", "erf", "softplus", "relu", "hermite2"]
#: How parameters begin.
Start: TypeAlias = Literal["balanced", "published"]
Loss: TypeAlias = Literal["squared", "logistic", "huber", "softmax"]
#: Ways to train that have a name.
MethodName: TypeAlias = Literal["lemma", "hessian", "perturbed", "sgd", "adam"]
Optimizer: TypeAlias = Literal["sgd", "adam"]
#: What need not be trained.
Freezable: TypeAlias = Literal["bias", "upper"]

LINK_NAMES: tuple[Link, ...] = get_args(Link)
INPUTS: tuple[Inputs, ...] = get_args(Inputs)
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
STARTS: tuple[Start, ...] = get_args(Start)
LOSSES: tuple[Loss, ...] = get_args(Loss)
#: Losses whose outputs are logits of classes.
OF_CLASSES: tuple[Loss, ...] = ("logistic", "softmax")
METHODS: tuple[MethodName, ...] = get_args(MethodName)
#: Why the method "perturbed" is no name alone.
NEEDS_CONSTANTS = (
    "perturbed gradient descent needs the constants of the problem; pass "
    "PerturbedGradientDescent(gradient_lipschitz=..., hessian_lipschitz=..., accuracy=..., rng=...)"
)
OPTIMIZERS: tuple[Optimizer, ...] = get_args(Optimizer)
FREEZABLE: tuple[Freezable, ...] = get_args(Freezable)
