"""A student as JAX functions: risk, gradient, Hessian-vector products, and the curvature in the first layer's bias.

All of them are weighted sums over nodes, accumulated block by block in a fixed order. Blocks are small enough that
no matrix product inside is split over threads, so the bits do not depend on how many there are; they are also
faster than one large array, because a block stays in the cache.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.errors import InputError, MissingDependencyError
from derandkit.structure.training.losses import Jax, loss_function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonObject
    from derandkit.structure.student import Student
    from derandkit.structure.teacher import Sample


#: Multiplications in a matrix product of one block at most: above this XLA splits it over threads.
BLOCK_WORK = 1 << 19
#: Entries of the first layer in one block at most: above this XLA splits products of a matrix and a vector.
BLOCK_ENTRIES = 1 << 14
LARGEST_BLOCK = 512
#: Blocks of one call of a compiled function, by the kind of nodes. Training and evaluation take grids of different
#: sizes, and Sobol points by powers of two: in pieces of one size all of them share one compilation.
PIECE = {"grid": 4, "sobol": 16}


def require_jax() -> Jax:
    """Return the jax module.

    Raises
    ------
    MissingDependencyError
        If jax is not installed (extra ``structure``).
    """
    try:
        return import_module("jax")
    except ImportError:
        raise MissingDependencyError("jax", "structure") from None


@contextmanager
def double_precision() -> Iterator[None]:
    """Compute in double precision on the CPU within the block, whatever the process has set for itself."""
    jax = require_jax()
    # the context manager moved to the top level when the experimental one was retired
    home = jax if hasattr(jax, "enable_x64") else import_module("jax.experimental")
    with ExitStack() as settings:
        settings.enter_context(home.enable_x64(True))
        settings.enter_context(jax.default_device(jax.devices("cpu")[0]))
        # rules that find slips in programs, and would end this one
        settings.enter_context(jax.numpy_rank_promotion("allow"))
        settings.enter_context(jax.numpy_dtype_promotion("standard"))
        settings.enter_context(jax.transfer_guard("allow"))
        yield


class Blocks(NamedTuple):
    """A piece of a sample in equal blocks, the last ones filled up with nodes of weight zero."""

    points: Jax
    targets: Jax
    weights: Jax


@dataclass(frozen=True, eq=False)
class Network:
    """Compiled functions of one student under one loss, for inputs of one dimension.

    Parameters
    ----------
    risk_and_gradient : callable
        ``(W, b, theta, blocks) -> (risk, (dW, db, dtheta))``.
    product : callable
        ``(W, b, theta, db, dtheta, blocks) -> (Hb, Htheta)``, the Hessian in (b, theta) times a direction.
    joint_product : callable
        ``(W, b, theta, dW, db, dtheta, blocks) -> (HW, Hb, Htheta)``, the whole Hessian times a direction.
    bias_curvature : callable
        ``(W, b, theta, blocks) -> (n, n)`` Hessian in b.
    predict : callable
        ``(W, b, theta, points) -> values``.
    mean_loss : callable
        ``(W, b, theta, points, targets, weights) -> mean of the weighted losses``, a plain JAX function to
        differentiate.
    start : ndarray, shape (p,)
        Where theta starts.
    block : int
        Nodes in a block.
    student : Student
        What was compiled.
    """

    risk_and_gradient: Callable[..., Jax]
    product: Callable[..., Jax]
    joint_product: Callable[..., Jax]
    bias_curvature: Callable[..., Jax]
    predict: Callable[..., Jax]
    mean_loss: Callable[..., Jax]
    start: FloatArray
    block: int
    student: Student

    @property
    def width(self) -> int:
        """Units of the first layer."""
        return int(self.student.width)

    def blocks(self, sample: Sample) -> tuple[Blocks, ...]:
        """Cut a sample into blocks, and these into pieces that are passed to a compiled function at once."""
        size = self.block
        count = -(-len(sample.weights) // size)
        piece = PIECE.get(sample.kind, count)
        if sample.kind == "grid" and count > 1:
            count = -(-count // piece) * piece
        elif count % piece:
            piece = count
        missing = count * size - len(sample.weights)

        def pieces(array: FloatArray) -> list[Jax]:
            filled = np.pad(array, ((0, missing), *((0, 0),) * (array.ndim - 1)))
            return [
                jnp.asarray(part) for part in filled.reshape(-1, min(piece, count), size, *array.shape[1:])
            ]

        with double_precision():
            jnp = import_module("jax.numpy")
            parts = map(pieces, (sample.points, sample.targets, sample.weights))
            return tuple(Blocks(*part) for part in zip(*parts, strict=True))


def build(
    student: Student, loss: str | Callable[[Jax, Jax], Jax], dimension: int, outputs: int = 1
) -> Network:
    """Compile a student.

    Parameters
    ----------
    student : Student
        The network.
    loss : str or callable
        See `derandkit.structure.training.losses.loss_function`.
    dimension : int
        Number of inputs.
    outputs : int
        Number of outputs: values of the network are scalars for one, and have the shape (outputs,) for several.

    Raises
    ------
    MissingDependencyError
        If jax is not installed.
    InputError
        If a network or loss of the user's own does not return what it should.
    """
    if student.builtin and isinstance(loss, str):
        return _built(tuple(sorted(student.describe().items())), student, loss, dimension, outputs)
    return _build(student, loss, dimension, outputs)


_BUILT: dict[tuple[Jax, str, int, int], Network] = {}
#: Compiled networks that are kept for the next run.
KEPT = 16


def _built(key: Jax, student: Student, loss: str, dimension: int, outputs: int) -> Network:
    """Return a built-in network, compiled before if possible: the same problem again costs no compilation."""
    name = (key, loss, dimension, outputs)
    network = _BUILT.pop(name, None)
    if network is None:
        network = _build(student, loss, dimension, outputs)
    _BUILT[name] = network
    while len(_BUILT) > KEPT:
        del _BUILT[next(iter(_BUILT))]
    return network


def _build(student: Student, loss: str | Callable[[Jax, Jax], Jax], dimension: int, outputs: int) -> Network:
    jax = require_jax()
    with double_precision():
        upper, start, hidden = _upper(jax, student, outputs)
        ell = loss_function(loss)
        _check(jax, upper, ell, student, start, outputs)
        width = max(dimension, int(student.width) if hidden else 1, outputs)
        n = int(student.width)
        block = max(1, min(LARGEST_BLOCK, BLOCK_ENTRIES // n, BLOCK_WORK // (n * width)))
        return _compile(jax, student, upper, ell, start, outputs, 1 << (block.bit_length() - 1))


def _upper(jax: Jax, student: Student, outputs: int) -> tuple[Callable[[Jax, Jax], Jax], FloatArray, bool]:
    """Return the function of (theta, Z) above the first layer, and where theta starts."""
    if student.network is not None:
        ravel: Jax = import_module("jax.flatten_util").ravel_pytree
        flat, unravel = ravel(student.parameters)
        if np.iscomplexobj(flat):
            raise InputError(
                "the parameters of the student's network are complex, and the search is over real ones: give their "
                "real and imaginary parts as two parameters"
            )
        one = student.network
        return (
            lambda theta, Z: jax.vmap(lambda z: one(unravel(theta), z))(Z),
            np.asarray(flat, dtype=np.float64),
            True,
        )
    act = activation(jax, student)

    def upper(theta: Jax, Z: Jax) -> Jax:
        arrays = unpack(student, theta, outputs)
        h = act(Z)
        for k in range(1, student.depth - 1):
            h = act(h @ arrays[f"A{k}"].T + arrays[f"c{k}"])
        return h @ arrays["v"].T + arrays.get("c", 0.0)

    return upper, student.upper_layers(outputs), student.depth > 2


def unpack(student: Student, theta: Jax, outputs: int = 1) -> JsonObject:
    """Return the arrays above the first layer of a built-in network, by name."""
    arrays, first = {}, 0
    for name, shape in student.shapes_for(outputs).items():
        count = int(np.prod(shape, dtype=int))
        arrays[name] = theta[first : first + count].reshape(shape)
        first += count
    return arrays


def activation(jax: Jax, student: Student) -> Callable[[Jax], Jax]:
    """Return the activation of a built-in student as a JAX function."""
    jnp = import_module("jax.numpy")
    s = float(student.sharpness)
    functions: dict[str, Callable[[Jax], Jax]] = {
        "tanh": jnp.tanh,
        "gelu": lambda t: jax.nn.gelu(t, approximate=False),
        "erf": jax.scipy.special.erf,
        "softplus": lambda t: jax.nn.softplus(s * t) / s,
        "relu": jax.nn.relu,
        "hermite2": lambda t: (t * t - 1.0) / np.sqrt(2.0),
    }
    return functions[student.activation]


def _check(jax: Jax, upper: Jax, ell: Jax, student: Student, start: FloatArray, outputs: int) -> None:
    """Ask a network or loss of the user's own for one value, so that a wrong one is found before the work."""
    Z = np.zeros((3, int(student.width)))
    y = np.zeros(3 if outputs == 1 else (3, outputs))
    try:
        found = jax.eval_shape(upper, start, Z).shape
        shape = jax.eval_shape(lambda t, z: ell(upper(t, z), y), start, Z).shape
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"the network or the loss cannot be evaluated on z of shape ({student.width},): {first}"
        ) from None
    if found != y.shape:
        wanted = "a scalar" if outputs == 1 else f"{outputs} values, one for each output,"
        raise InputError(f"the network must return {wanted} for each input, got shape {found[1:]}")
    if shape != (3,):
        raise InputError(f"the loss must return a scalar for each input, got shape {shape[1:]}")


def _compile(
    jax: Jax, student: Student, upper: Jax, ell: Jax, start: FloatArray, outputs: int, block: int
) -> Network:
    jnp = jax.numpy

    def tree_add(a: Jax, b: Jax) -> Jax:
        return jax.tree_util.tree_map(jnp.add, a, b)

    def risk(parameters: Jax, X: Jax, y: Jax, w: Jax) -> Jax:
        W, b, theta = parameters
        return jnp.sum(w * ell(upper(theta, X @ W.T + b), y))

    def over(blocks: Blocks, step: Jax, total: Jax) -> Jax:
        return jax.lax.scan(lambda carry, xyw: (tree_add(carry, step(*xyw)), None), total, tuple(blocks))[0]

    def risk_and_gradient(total: Jax, blocks: Blocks, W: Jax, b: Jax, theta: Jax) -> Jax:
        return over(blocks, lambda *xyw: jax.value_and_grad(risk)((W, b, theta), *xyw), total)

    def product(total: Jax, blocks: Blocks, W: Jax, b: Jax, theta: Jax, db: Jax, dtheta: Jax) -> Jax:
        def one(Xk: Jax, yk: Jax, wk: Jax) -> Jax:
            gradient = jax.grad(lambda u, t: risk((W, u, t), Xk, yk, wk), argnums=(0, 1))
            return jax.jvp(gradient, (b, theta), (db, dtheta))[1]

        return over(blocks, one, total)

    def joint_product(total: Jax, blocks: Blocks, *vectors: Jax) -> Jax:
        here, along = vectors[:3], vectors[3:]
        return over(
            blocks, lambda *xyw: jax.jvp(lambda p: jax.grad(risk)(p, *xyw), (here,), (along,))[1], total
        )

    def bias_curvature(total: Jax, blocks: Blocks, W: Jax, b: Jax, theta: Jax) -> Jax:
        def one(Xk: Jax, yk: Jax, wk: Jax) -> Jax:
            Z = Xk @ W.T + b
            if student.builtin and outputs == 1:
                return _curvature_of_block(jax, student, ell, theta, Z, yk, wk)
            column = lambda e: jax.jvp(  # noqa: E731
                jax.grad(lambda u: jnp.sum(wk * ell(upper(theta, Z + u), yk))), (jnp.zeros_like(b),), (e,)
            )[1]
            return jax.vmap(column)(jnp.eye(b.size))

        return over(blocks, one, total)

    def mean_loss(W: Jax, b: Jax, theta: Jax, X: Jax, y: Jax, w: Jax) -> Jax:
        return jnp.mean(w * ell(upper(theta, X @ W.T + b), y))

    def predict(W: Jax, b: Jax, theta: Jax, X: Jax) -> Jax:
        return upper(theta, X @ W.T + b)

    def flat(function: Jax, zero: Callable[[FloatArray, FloatArray, FloatArray], Jax]) -> Callable[..., Jax]:
        compiled = jax.jit(function)

        def call(*arguments: Jax) -> Jax:
            *parameters, pieces = arguments
            total = zero(*parameters[:3])
            with double_precision():
                for blocks in pieces:
                    total = compiled(total, blocks, *parameters)
                return jax.tree_util.tree_map(lambda a: np.asarray(a, dtype=np.float64), total)

        return call

    compiled_predict = jax.jit(predict)

    def values(W: FloatArray, b: FloatArray, theta: FloatArray, X: FloatArray) -> FloatArray:
        with double_precision():
            return np.asarray(compiled_predict(W, b, theta, X), dtype=np.float64)

    return Network(
        flat(risk_and_gradient, lambda W, b, t: (np.zeros(()), tuple(map(np.zeros_like, (W, b, t))))),
        flat(product, lambda W, b, t: (np.zeros_like(b), np.zeros_like(t))),
        flat(joint_product, lambda W, b, t: tuple(map(np.zeros_like, (W, b, t)))),
        flat(bias_curvature, lambda W, b, t: np.zeros((b.size, b.size))),
        values,
        mean_loss,
        start,
        block,
        student,
    )


def _curvature_of_block(jax: Jax, student: Student, ell: Jax, theta: Jax, Z: Jax, y: Jax, w: Jax) -> Jax:
    """Return the Hessian in b over one block, by carrying gradient and Hessian of the output down the layers.

    ``H = E[ell'' g g^T + ell' Q]`` with g and Q the gradient and the Hessian of the output in z. Through a layer
    ``z' = A act(z) + c`` they become ``act'(z) A^T g'`` and ``act' act'^T A^T Q' A + diag(act'' A^T g')``.
    """
    jnp = jax.numpy
    act = activation(jax, student)
    slope, bend = jax.vmap(jax.vmap(jax.grad(act))), jax.vmap(jax.vmap(jax.grad(jax.grad(act))))
    arrays = unpack(student, theta)
    zs = [Z]
    for k in range(1, student.depth - 1):
        zs.append(act(zs[-1]) @ arrays[f"A{k}"].T + arrays[f"c{k}"])
    f = act(zs[-1]) @ arrays["v"] + arrays.get("c", 0.0)
    first = jax.vmap(jax.grad(lambda p, t: ell(p[None], t[None])[0]))
    second = jax.vmap(jax.grad(jax.grad(lambda p, t: ell(p[None], t[None])[0])))
    l1, l2 = w * first(f, y), w * second(f, y)
    v = arrays["v"]
    g = slope(zs[-1]) * v
    diagonal = bend(zs[-1]) * v
    full = None
    for k in range(student.depth - 2, 0, -1):
        A, z = arrays[f"A{k}"], zs[k - 1]
        inner = jnp.einsum("ij,ki,il->kjl", A, diagonal, A)
        if full is not None:
            inner = inner + jnp.einsum("ij,kim,ml->kjl", A, full, A)
        s = slope(z)
        full = s[:, :, None] * inner * s[:, None, :]
        back = g @ A
        diagonal = bend(z) * back
        g = s * back
    H = jnp.einsum("k,ki,kj->ij", l2, g, g) + jnp.diag(l1 @ diagonal)
    return H if full is None else H + jnp.einsum("k,kij->ij", l1, full)
