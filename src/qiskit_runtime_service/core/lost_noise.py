"""What a simulation left out, of the noise of its device and of its states, and how that is said."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

KEY = "noise_left_out"
"""Under which the metadata of a result have the sentences, if there are any."""
CUT_KEY = "approximations"
"""Under which the metadata of a result have the sentences about states that were cut off, if any was."""
IDLE_KEY = "options_without_effect"
"""Under which the metadata of a result have the options that the simulation did not follow, if there are any."""
GATES, READOUT, RELAXATION = "gate errors", "readout errors", "relaxation by T1 and T2"
COHERENT = "coherent errors"
NO_AER = "qiskit-aer is not installed, pip install 'qiskit-runtime-service[aer]'"


class Loss(NamedTuple):
    """What one pub ran without, and why."""

    pub: int
    parts: tuple[str, ...]
    """Nothing, or what the device has of `GATES`, `READOUT`, `RELAXATION`, `COHERENT`."""
    reason: str


def describe_losses(losses: Iterable[Loss], noun: str = "PUB") -> tuple[str, ...]:
    """Return a sentence for all pubs that lost the same for the same reason; none where nothing was lost.

    Args:
        losses: What each lost.
        noun: What they are, if not PUBs.

    Source: behaviour B271.
    """
    alike: dict[tuple[tuple[str, ...], str], list[int]] = {}
    for pub, parts, reason in losses:
        if parts:
            alike.setdefault((parts, reason), []).append(pub)
    return tuple(describe_loss(_name(pubs, noun), parts, reason) for (parts, reason), pubs in alike.items())


def describe_loss(who: str, parts: Sequence[str], reason: str) -> str:
    """Return what somebody runs without, in a sentence."""
    return f"{who} ran without {_join(parts)}: {reason}."


def describe_cuts(pubs: Sequence[int], bonds: int) -> tuple[str, ...]:
    """Return a sentence for all pubs whose matrix product states were cut off; none where nothing was.

    Source: behaviour B253.
    """
    if not pubs:
        return ()
    verb = "was" if len(pubs) == 1 else "were"
    return (f"{_name(pubs)} {verb} approximated: what needs bonds above {bonds} was cut off.",)


def describe_idle(options: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence for the options that a simulation did not follow, if there are any.

    Source: behaviour B271.
    """
    return (f"Without effect: {_join(options)}.",) if options else ()


def warn_of_losses(lost: Sequence[str], cut: Sequence[str] = ()) -> str:
    """Return what a user is warned of; nothing where nothing was left out.

    Args:
        lost: Sentences about noise.
        cut: Sentences about states.

    Source: behaviour B253, B271.
    """
    of_noise = ("The simulation has less noise than its device.", *lost) if lost else ()
    of_states = ("The simulation is an approximation.", *cut) if cut else ()
    return " ".join((*of_noise, *of_states))


def find_warning(metadata: object) -> str:
    """Return what the metadata of a result warn of; nothing for any other thing.

    Source: behaviour B253, B271.
    """
    return warn_of_losses(_told(metadata, KEY), _told(metadata, CUT_KEY))


def _told(metadata: object, key: str) -> tuple[str, ...]:
    found = metadata.get(key) if isinstance(metadata, Mapping) else None
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _name(pubs: Sequence[int], noun: str = "PUB") -> str:
    first, last = pubs[0], pubs[-1]
    if len(pubs) > 2 and last - first == len(pubs) - 1:
        return f"{noun}s {first} to {last}"
    return f"{noun}{'s' if len(pubs) > 1 else ''} " + _join([str(pub) for pub in pubs])


def _join(words: Sequence[str]) -> str:
    """Return words as a list of a sentence."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
