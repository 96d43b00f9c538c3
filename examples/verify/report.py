"""What all checks share: the report, JSON that is read with distrust, seals, forms and arrays."""

import base64
import hashlib
import json
import math
import struct
from fractions import Fraction

from refusals import MALFORMED, Refused, line, need, sentence

PROVEN, RECOMPUTED, NOT_CHECKED, FAILED = "proven", "recomputed", "not checked", "FAILED"
#: Units of exact proofs are powers of two up to this one, and its inverse.
FARTHEST_UNIT = 4096


class Report:
    """Statements in the order in which they were looked at, each with a verdict."""

    def __init__(self):
        self.lines = []

    def run(self, name, check):
        """Run one check; it returns a verdict and a text, or raises. Return whether it did not fail."""
        try:
            verdict, text = check()
        except MALFORMED as error:
            verdict, text = FAILED, sentence(error)
        self.lines.append((name, verdict, line(text)))
        return verdict != FAILED

    def add(self, prefix, other):
        """Append the lines of another report under a prefix."""
        self.lines += [(prefix + name, verdict, text) for name, verdict, text in other.lines]
        return other.ok

    def verdict(self, name):
        """Return the verdict on a statement."""
        return next(verdict for own, verdict, _ in self.lines if own == name)

    @property
    def ok(self):
        """Whether nothing failed."""
        return bool(self.lines) and all(verdict != FAILED for _, verdict, _ in self.lines)

    @property
    def failed(self):
        """Names of the statements that failed."""
        return [name for name, verdict, _ in self.lines if verdict == FAILED]

    def __str__(self):
        width = max(len(name) for name, _, _ in self.lines)
        rows = [f"{verdict:<11}  {name:<{width}}  {text}".rstrip() for name, verdict, text in self.lines]
        return "\n".join([*rows, "", f"the record {'holds' if self.ok else 'does not hold'}"])


# --- JSON ---------------------------------------------------------------------------------------------------------
def read_json(text):
    """Read a record; refuse what two readers could read in two ways."""

    def once(pairs):
        need(len(dict(pairs)) == len(pairs), "a key stands twice in one object")
        return dict(pairs)

    def finite(number):
        need(math.isfinite(float(number)), f"{number[:40]} is beyond the range of numbers")
        return float(number)

    def whole(number):
        need(number != "-0", "-0 is not how an integer is written")
        return int(number)

    def constant(name):
        raise Refused(f"{name} is not a number")

    record = json.loads(
        text, object_pairs_hook=once, parse_float=finite, parse_int=whole, parse_constant=constant
    )
    need(isinstance(record, dict), "the JSON value is not an object")
    json.dumps(record, ensure_ascii=False).encode()  # fails for half of a character
    return record


def seal(record):
    """Return the SHA-256 of the canonical JSON without the seal: one line a key, keys sorted."""
    style = {"sort_keys": True, "allow_nan": False, "ensure_ascii": False}
    lines = [
        f" {json.dumps(key)}: {json.dumps(record[key], **style)}" for key in sorted(record) if key != "seal"
    ]
    return hashlib.sha256(("{\n" + ",\n".join(lines) + "\n}\n").encode()).hexdigest()


#: The newest version of each kind: in these no zero has a sign.
NEWEST = {
    "derandkit-maxcut": 3, "derandkit-constrained-cut": 2, "derandkit-ranked-cuts": 1, "derandkit-embedding": 4,
    "derandkit-features": 2, "derandkit-quadratic": 3,
}  # fmt: skip


def signed_zero(value):
    """Whether -0.0 is somewhere in a JSON value."""
    if isinstance(value, dict):
        return any(map(signed_zero, value.values()))
    if isinstance(value, list):
        return any(map(signed_zero, value))
    return type(value) is float and value == 0.0 and math.copysign(1.0, value) < 0.0


def check_seal(record):
    """Compare the seal, and refuse zeros with a sign."""
    need(record["seal"] == seal(record), "the content is not that of the seal")
    newest = record["schema_version"] == NEWEST[record["schema"]]
    need(not (newest and signed_zero(record)), "it holds -0.0, and zero is written 0.0")
    return PROVEN, "the file is as it was written"


def same(claim, value):
    """Whether two JSON values have one text: 14.0 is not 14, true is not 1, and -0.0 is not 0.0."""
    if isinstance(value, dict):
        return (
            isinstance(claim, dict)
            and set(claim) == set(value)
            and all(same(claim[k], value[k]) for k in value)
        )
    if isinstance(value, (list, tuple)):
        return isinstance(claim, list) and len(claim) == len(value) and all(map(same, claim, value))
    return type(claim) is type(value) and (repr(claim) if type(value) is float else claim) == (
        repr(value) if type(value) is float else value
    )


def is_real(value):
    """Whether a value is a finite float."""
    return type(value) is float and math.isfinite(value)


# --- the form of a record: names of forms, objects of them, and functions ------------------------------------------
def is_text(most):
    """Return the form of a printable text of at most so many characters."""
    return lambda value: type(value) is str and len(value) <= most


FORMS = {
    "real": is_real,
    "size": lambda value: is_real(value) and value >= 0.0,
    "positive": lambda value: is_real(value) and value > 0.0,
    "number": lambda value: type(value) is int or is_real(value),
    "count": lambda value: type(value) is int and 0 <= value < 2**63,
    "some": lambda value: type(value) is int and 1 <= value < 2**63,
    "truth": lambda value: type(value) is bool,
    "hash": lambda value: (
        type(value) is str and len(value) == 64 and not set(value) - set("0123456789abcdef")
    ),
    "object": lambda value: isinstance(value, dict),
}


def matches(value, form):
    """Whether a value has a form: a name of `FORMS`, ``"maybe NAME"``, an object, a set of words, or a function."""
    if isinstance(form, dict):
        return (
            isinstance(value, dict)
            and set(value) == set(form)
            and all(matches(value[k], form[k]) for k in form)
        )
    if isinstance(form, set):
        return type(value) is str and value in form
    if isinstance(form, str):
        return (form.startswith("maybe ") and value is None) or FORMS[form.removeprefix("maybe ")](value)
    return form(value)


def check_form(record, form):
    """Compare a record with its form, key by key."""
    odd = sorted(map(str, set(record) ^ set(form)))
    need(not odd, f"unknown or missing keys: {', '.join(odd)[:200]}")
    wrong = sorted(key for key in form if not matches(record[key], form[key]))
    need(not wrong, f"not of the published form: {', '.join(wrong)}")
    return PROVEN, "fields, types and sizes as published"


def list_of(form, most, least=0):
    """Return the form of a list."""

    def fits(value):
        return (
            isinstance(value, list) and least <= len(value) <= most and all(matches(x, form) for x in value)
        )

    return fits


# --- arrays -------------------------------------------------------------------------------------------------------
LETTERS = {"<f4": "f", "<f8": "d", "<i4": "i", "<i8": "q"}


def array_form(kind, axes, first=None):
    """Return the form of an encoded array; its text has to be as long as its shape says."""

    def form(value):
        if not (
            isinstance(value, dict) and set(value) == {"base64", "dtype", "shape"} and value["dtype"] == kind
        ):
            return False
        shape, text = value["shape"], value["base64"]
        good = isinstance(shape, list) and len(shape) == axes and all(FORMS["some"](size) for size in shape)
        good = good and (first is None or shape[0] == first) and type(text) is str
        return good and len(text) == 4 * -(-math.prod(shape) * int(kind[-1]) // 3)

    return form


def numbers(array):
    """Decode an array: little-endian numbers in base64, row by row; all have to be finite."""
    shape = array["shape"]
    need(len(shape) <= 4 and all(type(k) is int and 0 <= k < 2**40 for k in shape), "the shape is none")
    size = math.prod(shape)
    need(
        len(array["base64"]) == 4 * -(-size * int(array["dtype"][-1]) // 3), "the text does not fit the shape"
    )
    data = base64.b64decode(array["base64"], validate=True)
    need(len(data) == size * int(array["dtype"][-1]), "the text does not fit the shape")
    found = [x for (x,) in struct.iter_unpack("<" + LETTERS[array["dtype"]], data)]
    need(len(found) == size and all(map(math.isfinite, found)), "an array is too short or not finite")
    return found


def rows(array):
    """Decode an array of two axes as a list of rows."""
    flat, width = numbers(array), array["shape"][1]
    return [flat[k * width : (k + 1) * width] for k in range(array["shape"][0])]


# --- weights ------------------------------------------------------------------------------------------------------
def total(values):
    """Add rationals up."""
    return sum(values, Fraction(0))


def written(exact, whole):
    """Return a weight as a record writes it: an integer where all weights are whole, else the closest float."""
    return int(exact) if whole else float(exact)


def is_gap(claim, exact):
    """Whether a claim is a rational that is not negative, but for a few roundings of its own."""
    return (
        is_real(claim)
        and exact >= 0
        and abs(Fraction(claim) - exact) <= exact / 2**50
        and str(claim) != "-0.0"
    )


def float_above(exact):
    """Return the least float that is not below a rational."""
    nearest = float(exact)
    return nearest if Fraction(nearest) >= exact else math.nextafter(nearest, math.inf)


def float_below(exact):
    """Return the greatest float that is not above a rational."""
    return -float_above(-exact)


def integers(value):
    """Read a list of integers, or an encoded array of them."""
    if isinstance(value, dict):
        need(len(value["shape"]) == 1, "an array of one axis is expected")
        value = [int(x) if int(x) == x else None for x in numbers(value)]
    need(isinstance(value, list) and all(type(x) is int for x in value), "a list of integers is expected")
    return value


def unit_of(proof):
    """Return the power of two that the integers of a leaf count."""
    exponent = proof["unit"]
    need(type(exponent) is int and abs(exponent) <= FARTHEST_UNIT, "the unit is no exponent of two")
    return Fraction(2) ** exponent
