"""What a certificate says is about the PyTorch module that was given, which stays as it is, and so do the rows."""

from __future__ import annotations

import copy
import warnings

import numpy as np
import pytest

import derandkit
from derandkit import InputError

torch = pytest.importorskip("torch")
nn = torch.nn

X = np.random.default_rng(0).normal(size=(60, 4))
Y = np.tanh(X[:, 0] - X[:, 1])
PRECISION, EXIT = "has other outputs on these rows than its copy in double precision", "out of PyTorch by "
HELD, NOT_AFFINE = "holds the module itself", r"is not W x \+ b on these rows"


class Net(nn.Module):
    """Two layers, with what is done to the rows before them, and between them."""

    def __init__(self, between=torch.tanh, before=lambda x: None, scale=1.0):
        super().__init__()
        self.first, self.last, self.between, self.before = nn.Linear(4, 6), nn.Linear(6, 1), between, before
        with torch.no_grad():
            for part in self.first.parameters():
                part *= scale

    def forward(self, x):
        self.before(x)
        return self.last(self.between(self.first(x)))


def certified(model, rows=X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return derandkit.certify_network(model, rows, Y, penalty=0.05, directions=[[1, -1, 0, 0]])


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


class OfType(nn.Module):
    """Has an eps that depends on the type of its numbers, as RMSNorm of PyTorch without one."""

    def forward(self, h):
        return h * torch.rsqrt((h * h).mean(-1, keepdim=True) + torch.finfo(h.dtype).eps)


@pytest.mark.parametrize("between", [nn.RMSNorm(6), OfType()], ids=["RMSNorm", "finfo"])
def test_a_module_that_is_another_one_in_double_precision_is_refused(between):
    """RMSNorm without an eps takes that of its type: a risk of 1.055 was printed and verified, and it was 0.678."""
    model = Net(between, scale=2e-4)
    with pytest.raises(InputError, match=PRECISION):
        certified(model)
    doubled = copy.deepcopy(model).double()
    found = certified(doubled)
    with torch.no_grad():
        own = doubled(torch.from_numpy(X))[:, 0].numpy()
    assert found.risk == pytest.approx(np.mean((own - Y) ** 2), rel=1e-9)
    assert derandkit.verify(found, (X, Y, doubled)).ok
    assert not derandkit.verify(found, (X, Y, model)).ok


def test_a_record_of_a_copy_does_not_hold_of_the_module():
    """Such records of earlier versions verified beside the module."""
    found = certified(Net().double())

    class Low(Net):
        def forward(self, x):
            return super().forward(x.float()) if x.dtype == torch.float64 else 2 * super().forward(x)

    assert not derandkit.verify(found, (X, Y, Low())).ok


def test_autocast_inside_a_module_leaves_no_bound():
    """In double precision nothing is cast: a staircase of 231 steps was bounded by the lemma."""

    def between(h):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return torch.tanh(h @ torch.eye(6))

    class Cast(Net):
        def forward(self, x):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return self.last(torch.tanh(self.first(x))).to(x.dtype)

    with pytest.raises(InputError, match=PRECISION):
        certified(Cast())
    # so little of it that the outputs are the same
    slight = Net(lambda h: torch.tanh(h) + (1e-6 * between(h) if h.dtype == torch.float32 else 0.0))
    assert certified(slight).figures["lemma_bound"] is None


def test_autocast_around_the_call_is_not_part_of_the_module():
    model = Net()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = certified(model)
    assert found.risk == certified(model).risk


@pytest.mark.parametrize("kind", ["bfloat16", "half"])
def test_modules_of_less_than_32_bits_are_refused_in_a_line(kind):
    with pytest.raises(InputError, match=r"with which it is a staircase"):
        certified(getattr(Net(), kind)())


def test_complex_parameters_are_refused_in_a_line():
    """They ended in a message of PyTorch about an overflow."""
    model = Net(lambda h: (torch.tanh(h) * model.phase).real)
    model.phase = nn.Parameter(torch.ones(6, dtype=torch.complex64))
    with pytest.raises(InputError, match="complex parameters"):
        certified(model)


LEAVING = {
    "tolist": lambda z: torch.tensor([[abs(v) for v in row] for row in z.tolist()]).to(z),
    "signs": lambda z: z * torch.tensor([[1.0 if v > 0 else -1.0 for v in row] for row in z.tolist()]).to(z),
    "numpy": lambda z: torch.from_numpy(np.abs(z.numpy(force=True))),
    "array": lambda z: torch.from_numpy(np.abs(np.asarray(z.detach()))),
    "item": lambda z: z * (1.0 if z[0, 0].item() > 0 else -1.0),
    "float": lambda z: z * max(1.0, float(z.detach().abs().mean())),
    "data": lambda z: (
        z * torch.tensor([[1.0 if v > 0 else -1.0 for v in row] for row in z.data.tolist()]).to(z)
    ),
}


@pytest.mark.parametrize("name", LEAVING)
def test_numbers_of_the_rows_do_not_leave_pytorch(name):
    """The operations of PyTorch alone were searched: a network of |z| by tolist was bounded by the lemma."""
    with pytest.raises(InputError, match=EXIT):
        certified(Net(LEAVING[name]))


def test_numbers_that_do_not_depend_on_the_rows_may_leave():
    scale = torch.tensor(0.5)
    found = certified(Net(lambda z: torch.tanh(z) * scale.item() * float(len(z.shape))))
    assert found.risk > 0.0


class Held(nn.Module):
    """Calls a function that was made with the module, and holds it."""

    def __init__(self, middle, hooked=False):
        super().__init__()
        self.first, self.middle, self.last = nn.Linear(4, 6), middle, nn.Linear(6, 1)
        if hooked:
            self.first.register_forward_hook(
                lambda _module, _arguments, out: None if out is None else self.note(out)
            )
        self.between = lambda h: torch.tanh(self.middle(h))

    def note(self, out):
        self.last.weight.data.mul_(0.5)

    def forward(self, x):
        return self.last(self.between(self.first(x)))


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize("middle", [nn.Linear(6, 6), nn.BatchNorm1d(6)], ids=["linear", "batch norm"])
@pytest.mark.parametrize("hooked", [False, True])
def test_a_function_that_holds_the_module_is_refused_and_changes_nothing(kind, middle, hooked):
    """The copy used parameters of the original: a gradient of 0.627 was printed and verified, and it was 0.694."""
    model = Held(copy.deepcopy(middle), hooked).to(kind).train()
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(InputError, match=HELD):
        certified(model)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.training


def test_a_function_that_holds_the_module_far_out_is_refused():
    """Not every row takes the way by it."""

    class Seldom(Held):
        def forward(self, x):
            h = self.first(x)
            return self.last(torch.tanh(self.middle(h)) if len(x) != 60 else self.between(h))

    with pytest.raises(InputError, match=HELD):
        certified(Seldom(nn.Linear(6, 6)).double())


def test_a_module_that_is_another_one_while_it_is_differentiated_is_refused():
    """Its outputs were compared without derivatives alone."""
    model = Net(lambda h: torch.tanh(2 * h) if torch.is_grad_enabled() else torch.tanh(h))
    with pytest.raises(InputError, match="while it is differentiated"):
        certified(model)


@pytest.mark.parametrize("first", [torch.float32, torch.float64])
def test_a_module_of_two_precisions_is_compared_in_the_lower_one(first):
    other = torch.float64 if first == torch.float32 else torch.float32

    class Mixed(Net):
        def forward(self, x):
            return self.last(torch.tanh(self.first(x)).to(self.last.weight.dtype))

    model = Mixed()
    model.first.to(first)
    model.last.to(other)
    assert derandkit.verify(certified(model), (X, Y, model)).ok


def test_a_method_of_the_module_is_copied_with_it():
    class Bound(Net):
        def __init__(self):
            super().__init__()
            self.between = self.squash

        def squash(self, h):
            return torch.tanh(self.last.weight * h)

    model = Bound()
    assert derandkit.verify(certified(model), (X, Y, model)).ok


def test_a_part_that_is_not_copied_is_refused_and_stays_as_it_is():
    """A __deepcopy__ that returns the part itself had it made double, and put in evaluation mode."""

    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(6, 6)

        def forward(self, h):
            return torch.tanh(self.layer(h))

        def __deepcopy__(self, memo):
            return self

    model = Net(Shared())
    with pytest.raises(InputError, match="returns some of its parts as they are"):
        certified(model)
    assert model.between.training
    assert model.between.layer.weight.dtype == torch.float32


WRITING = {
    "clamp": lambda x: x.clamp_(-1.0, 1.0),
    "mask": lambda x: x.masked_fill_(x > 1.0, 1.0),
    "assigned": lambda x: x.__setitem__(x > 1.0, 1.0),
    "through data": lambda x: x.data.clamp_(-1.0, 1.0),
}


@pytest.mark.parametrize("name", WRITING)
def test_inputs_that_are_written_over_are_refused_and_the_rows_stay(name):
    """The table of the certificate was changed with them, and so a limit on the inputs was not seen."""
    rows = X.copy()
    with pytest.raises(InputError, match=NOT_AFFINE):
        certified(Net(before=WRITING[name]), rows)
    assert np.array_equal(rows, X)


def test_inputs_may_be_written_over_once_they_were_read():
    class After(Net):
        def forward(self, x):
            h = self.first(x)
            x.zero_()
            return self.last(torch.tanh(h))

    rows, model = X.copy(), After()
    found = certified(model, rows)
    assert np.array_equal(rows, X)
    assert derandkit.verify(found, (X, Y, model)).ok


def test_differences_of_the_first_weights_above_them_are_seen():
    """All weights were shifted by 1: a gradient of 6.66 was printed and verified, and it was 6.85."""

    class Tied(Net):
        def forward(self, x):
            W = self.first.weight
            return torch.tanh(self.first(x)) @ (W[:, :1] - W[:, 1:2])

    with pytest.raises(InputError, match="used again above it"):
        certified(Tied())


def test_noise_is_called_so():
    with pytest.raises(InputError, match="other outputs for the same row when it is run again"):
        certified(Net(lambda h: torch.tanh(h + torch.randn(6))))


def test_a_mode_that_returns_nothing_is_no_matter():
    """The override of `train` without a return value ended in an AttributeError."""

    class Silent(Net):
        def train(self, mode=True):
            super().train(mode)

    model = Silent()
    assert derandkit.verify(certified(model), (X, Y, model)).ok
