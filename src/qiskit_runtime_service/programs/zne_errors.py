"""The noise of shots through an extrapolation: how much a value at zero noise varies from run to run.

A fit is linear in the measured points as long as these vary little: a value that is read from the model is a weighted
sum of them. So each shot counts for the value by a known amount, and the spread of these is the error of the value.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]

PROBES = (0.0, 1.0, 2.0, 3.0)
"""At which noise factors a fitted model must be known, for `weights_of_points` to tell which curve it is."""

_CHUNK = 64
"""Of how many terms each shot is looked at at once."""
_MOST_SUMS = 2**23
"""How many sums are held at once, over shots and values."""


# From points to the value of a model


def weights_of_points(
    model: str, factors: Sequence[float], errors: Floats, probes: Floats, at: Sequence[float]
) -> Floats:
    """Return what each measured point counts for each value that is read from a fitted model.

    Args:
        model: Its name: `linear`, `polynomial_degree_2`, `exponential`, `double_exponential`, `fallback`.
        factors: Where points were measured.
        errors: Of the points, as the fit weighs them. Only their ratios matter.
        probes: Of the fitted model at `PROBES`.
        at: Where values are read.

    Returns:
        Shape (values, points). NaN where the fit failed.

    Source: behaviour B385.
    """
    points = np.asarray(factors, dtype=float)
    if model == "fallback":
        return np.tile(points == points.min(), (len(at), 1)) / np.count_nonzero(points == points.min())
    if not np.isfinite(probes).all():
        return np.full((len(at), len(points)), np.nan)
    scales = 1 / _clamped(errors)
    there = _slopes(model, probes, points) * scales[:, np.newaxis]
    return _slopes(model, probes, np.asarray(at, dtype=float)) @ np.linalg.pinv(there) * scales


def _clamped(errors: Floats) -> Floats:
    """Return errors as a fit can take them: those of points that do not vary at all are the smallest of the others."""
    usable = errors[np.isfinite(errors) & (errors > 0)]
    if not usable.size:
        return np.ones_like(errors)
    return np.clip(np.nan_to_num(errors, nan=np.inf), usable.min(), usable.max())


def _slopes(model: str, probes: Floats, at: Floats) -> Floats:
    """Return how the values of a model change with its parameters. Shape (values, parameters)."""
    degree = 1 if model == "linear" else int(model.rpartition("_")[2]) if model.startswith("polynomial") else None
    if degree is not None:
        return np.vander(at, degree + 1, increasing=True)
    # How large an exponential is would only scale the second of its slopes, and no weight depends on that.
    falling = [ratio**at for ratio in _ratios(probes, 1 if model == "exponential" else 2)]
    return np.stack([*falling, *(at * column for column in falling)], axis=1)


def _ratios(probes: Floats, count: int) -> list[float]:
    """Return of each exponential that a curve is the sum of the ratio from its value at 0 to that at 1."""
    zero, one, two, three = map(float, probes)
    if count == 2:  # as many as a double exponential has
        # The curve follows f(x+2) = s f(x+1) - p f(x), where s and p are the sum and the product of both ratios.
        matrix = np.array([[one, -zero], [two, -one]])
        if abs(np.linalg.det(matrix)) > 1e-9 * max(abs(one * one), abs(zero * two), 1e-300):
            total, product = np.linalg.solve(matrix, [two, three])
            ratios = np.roots([1.0, -total, product])
            if np.isreal(ratios).all() and (ratios.real > 0).all() and np.ptp(ratios.real) > 1e-6:
                return list(ratios.real)
    return [one / zero if zero and one / zero > 0 else 1.0]


# From shots to the error of a value


def variance_of_values(weights: Floats, terms: Sequence[str], bits: Bits) -> Floats:
    """Return the variances of weighted sums of Pauli terms that are measured with the same shots.

    It is the larger of what the shots say as one ensemble and of what their means over randomizations say: the first
    misses what differs from randomization to randomization, the second is rough where there are few.

    Args:
        weights: Of each term in each sum. Shape (sums, terms).
        terms: As labels, the highest qubit first.
        bits: Shape (randomizations, shots, qubits), the lowest qubit first.

    Source: behaviour B386.
    """
    rows = max(1, _MOST_SUMS // (bits.shape[0] * bits.shape[1]))
    parts = [weights[start : start + rows] for start in range(0, len(weights), rows)]
    return np.concatenate([_variance_of_some(part, terms, bits) for part in parts])


def _variance_of_some(weights: Floats, terms: Sequence[str], bits: Bits) -> Floats:
    randomizations, shots, _ = bits.shape
    sums = np.zeros((len(weights), randomizations * shots))
    for start, values in _values_of_terms(terms, bits):
        sums += weights[:, start : start + len(values)] @ values
    of_shots = sums.var(axis=1) / sums.shape[1]
    if randomizations == 1:
        return np.asarray(of_shots)
    means = sums.reshape(len(weights), randomizations, shots).mean(axis=2)
    larger: Floats = np.maximum(of_shots, means.var(axis=1, ddof=1) / randomizations)
    return larger


def _values_of_terms(terms: Sequence[str], bits: Bits) -> Iterator[tuple[int, Floats]]:
    """Yield the values of terms in each shot, some at a time, and the index of the first of them."""
    for start in range(0, len(terms), _CHUNK):
        chosen = terms[start : start + _CHUNK]
        yield start, np.stack([_values_of(term, bits).reshape(-1) for term in chosen]).astype(float)


def _values_of(term: str, bits: Bits) -> NDArray[np.int8]:
    """Return the value of a term in each shot: 1 or -1, and 0 where a projector is not met."""
    letters = term[::-1]
    signed = [qubit for qubit, letter in enumerate(letters) if letter in "XYZ"]
    values: NDArray[np.int8] = 1 - 2 * np.logical_xor.reduce(bits[..., signed], axis=-1).astype(np.int8)
    for wanted, kinds in ((False, "0+r"), (True, "1-l")):
        held = [qubit for qubit, letter in enumerate(letters) if letter in kinds]
        if held:
            values *= (bits[..., held] == wanted).all(axis=-1)
    return values


def variance_of_calibration(shares: Floats, supports: Any, rates: Floats, shots: int) -> Floats:
    """Return what the shots of a readout calibration add to the variances of sums of scaled terms.

    A term is divided by exp(-2 p) for the flip rate p of each of its qubits, so that terms on one qubit err together.

    Args:
        shares: What each term contributes to each sum, scaled. Shape (sums, terms).
        supports: Whether a term acts on a qubit. Shape (terms, qubits).
        rates: Of flips, of each qubit.
        shots: That they were counted from.

    Source: behaviour B386.
    """
    return np.asarray((2 * shares @ supports) ** 2 @ (rates * (1 - rates) / shots))
