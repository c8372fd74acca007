"""Noise of a device that echoes and twirls undo: what its calibration does not tell."""

from typing import Annotated

from msgspec import Meta, Struct

from .._public import public
from .bounds import Count

Spread = Annotated[float, Meta(ge=0.0, le=1e9)]


@public("testing")
class CoherentNoise(Struct, frozen=True, kw_only=True):
    """Errors that are the same in each shot, so that decoupling and twirling help against them.

    Each qubit, and each pair of coupled qubits, has its own, drawn once around zero with these spreads; the defaults
    are those of an ordinary device. Qubits that wait for others are idle for so long, and relax.

    Source: behaviour B416.
    """

    detuning: Spread = 20e3
    """Hertz by which the phase of an idle qubit runs off."""
    zz: Spread = 50e3
    """Hertz by which the frequency of an idle qubit depends on an idle neighbour."""
    over_rotation: Spread = 0.05
    """The part by which gates on two qubits turn too far; those on one, by a tenth of it."""
    drift: Spread = 5e3
    """Hertz by which detunings wander within hours."""
    seed: Count | None = None
    """What the errors are drawn from; by default it follows from the seed of the world and the name of the device."""
