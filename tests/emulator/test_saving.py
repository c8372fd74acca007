"""Files of worlds that are damaged: each is refused with the field and what is wrong there."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.saving import decode_world, encode_world
from qiskit_runtime_service.emulator.soundness import is_json_object
from qiskit_runtime_service.emulator.world import Finished, World, give_outcome, move_on
from qiskit_runtime_service.emulator.worlds import line_device, one_instance, recalibrated
from qiskit_runtime_service.testing import DrawnQueue, Fault, Status
from qiskit_runtime_service.testing.ready import READY

from ..support.calls import first_crn, open_session, submit

CRN = first_crn(one_instance())
NAN, INFINITE = float("nan"), float("inf")


def lived_in() -> World:
    """Return a world with two jobs, one of them in a session, and something of all else."""
    drifting = recalibrated(line_device("ibm_emu5", 2), at=1788256900.0)
    world = one_instance(
        devices=[drifting, line_device("ibm_b", 2, queue_seconds=10)], queue=DrawnQueue(mean_seconds=2.0)
    )
    world, job = submit(world)
    world, session = open_session(world)
    world, _ = submit(world, session_id=session)
    world = give_outcome(move_on(world, 100), job, Finished(result=b"{}"))
    fault = Fault(effect=Status(code=503), path="*/x", times=2)
    return msgspec.structs.replace(world, faults=(fault,))


WORLD = lived_in()
SESSION = next(iter(WORLD.sessions))
PLAN = next(iter(WORLD.plans))
FIRST = next(iter(WORLD.jobs[CRN]))

Step = str | int


def damaged(path: tuple[Step, ...], value: Any) -> bytes:
    """Return a file in which another value stands at a place."""
    plain = msgspec.msgpack.decode(encode_world(WORLD))
    holder = plain["world"]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value(holder[path[-1]]) if callable(value) else value
    return msgspec.msgpack.encode(plain)


def renamed(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what files the last entry under another name, and no other."""
    return lambda entries: {name: [*entries.values()][-1]}


FLAWS: list[tuple[tuple[Step, ...], Any, str]] = [
    # Numbers out of range: of each kind of number one field at least.
    (("now",), NAN, r"Expected `float` >= 0.0 - at `\$.world.now`"),
    (("now",), -1.0, r"Expected `float` >= 0.0 - at `\$.world.now`"),
    (("now",), 4e10, r"Expected `float` <= 32503680000.0 - at `\$.world.now`"),
    (("now",), "noon", r"Expected `float`, got `str` - at `\$.world.now`"),
    (("jobs_created",), -1, r"`\$.world.jobs_created`"),
    (("jobs_created",), 2**60, r"`\$.world.jobs_created`"),
    (("tokens_issued",), 2**64 - 1, r"`\$.world.tokens_issued`"),
    (("tokens_revoked",), -1, r"`\$.world.tokens_revoked`"),
    (("token_seconds",), 0, r"`\$.world.token_seconds`"),
    (("sessions_created",), -1, r"`\$.world.sessions_created`"),
    (("page_size",), 0, r"`\$.world.page_size`"),
    (("jobs_per_minute",), 0, r"`\$.world.jobs_per_minute`"),
    (("queue", "mean_seconds"), -1.0, r"`\$.world.queue.mean_seconds`"),
    (("instances", CRN, "limit"), INFINITE, r"`\$.world.instances\[...\].limit`"),
    (("instances", CRN, "allocation"), NAN, r"`\$.world.instances\[...\].allocation`"),
    (("instances", CRN, "consumed"), -1.0, r"`\$.world.instances\[...\].consumed`"),
    (("devices", "ibm_b", "num_qubits"), -1, r"`\$.world.devices\[...\].num_qubits`"),
    (("devices", "ibm_b", "queue_length"), -1, r"`\$.world.devices\[...\].queue_length`"),
    (("devices", "ibm_b", "queue_seconds"), INFINITE, r"`\$.world.devices\[...\].queue_seconds`"),
    (("devices", "ibm_b", "run_seconds"), NAN, r"`\$.world.devices\[...\].run_seconds`"),
    (("devices", "ibm_b", "clops"), -5, r"`\$.world.devices\[...\].clops`"),
    (("devices", "ibm_b", "metrics", 0, "value"), INFINITE, r"`\$.world.devices\[...\].metrics\[0\].value`"),
    (("faults", 0, "after"), -1, r"`\$.world.faults\[0\].after`"),
    (("faults", 0, "seen"), -1, r"`\$.world.faults\[0\].seen`"),
    (("faults", 0, "times"), -1, r"`\$.world.faults\[0\].times`"),
    (("faults", 0, "effect", "code"), 100, r"`\$.world.faults\[0\].effect.code`"),
    (("sessions", SESSION, "max_ttl"), -1, r"`\$.world.sessions\[...\].max_ttl`"),
    (("sessions", SESSION, "interactive_ttl"), -1, r"`\$.world.sessions\[...\].interactive_ttl`"),
    (("sessions", SESSION, "stopped_at"), NAN, r"`\$.world.sessions\[...\].stopped_at`"),
    (("sessions", SESSION, "cancelled_at"), INFINITE, r"`\$.world.sessions\[...\].cancelled_at`"),
    (("sessions", SESSION, "spans", 0, "starts_at"), NAN, r"`\$.world.sessions\[...\].spans\[0\].starts_at`"),
    (("jobs", CRN, 0, "created"), INFINITE, r"`jobs\[0\].created` - at `\$.world.jobs\[...\]`"),
    (("jobs", CRN, 1, "run_seconds"), -1.0, r"`jobs\[1\].run_seconds` - at `\$.world.jobs\[...\]`"),
    (("jobs", CRN, 1, "cost"), -1, r"`jobs\[1\].cost`"),
    (("jobs", CRN, 1, "starts_at"), NAN, r"`jobs\[1\].starts_at`"),
    (("jobs", CRN, 1, "number"), 0, r"`jobs\[1\].number`"),
    (("jobs", CRN, 1, "device"), 5, r"Expected `str`, got `int` in `jobs\[1\].device`"),
    (("jobs", CRN), "none", r"Expected `array`, got `str` - at `\$.world.jobs\[...\]`"),
    # What stands under another name than its own.
    (("plans",), renamed("other"), rf"it is called '{PLAN}' - at `\$.world.plans\['other'\]`"),
    (("instances",), renamed("other"), r"it is called 'crn:.*' - at `\$.world.instances\['other'\]`"),
    (("devices",), renamed("other"), r"it is called 'ibm_b' - at `\$.world.devices\['other'\]`"),
    (("sessions",), renamed("other"), rf"it is called '{SESSION}' - at `\$.world.sessions\['other'\]`"),
    # What does not fit together.
    (("sessions", SESSION, "crn"), "crn:", r"no instance 'crn:' - at `\$.world.sessions\['\w+'\].crn`"),
    (("sessions", SESSION, "created"), 3e10, r"now is 17.* - at `\$.world.sessions\['\w+'\].created`"),
    (
        ("sessions", SESSION, "spans", 0, "starts_at"),
        3e10,
        r"it is from 3.* - at `\$.world.sessions\['\w+'\].spans\[0\]`",
    ),
    (("sessions", SESSION, "spans", 0, "ends_at"), 1e300, r"to 1e\+300 - at `\$.world.sessions\['\w+'\].spans\[0\]`"),
    (("jobs",), renamed("crn:"), r"there is no such instance - at `\$.world.jobs\['crn:'\]`"),
    (("jobs", CRN, 0, "session"), "s0", r"no session 's0' - at `\$.world.jobs\['crn:.*'\]\[0\].session`"),
    (("jobs_created",), 1, r"2 is taken, or above jobs_created, 1 - at `\$.world.jobs\['crn:.*'\]\[1\].number`"),
    (("jobs", CRN, 1, "number"), 1, r"it is 1, after 1, .* in `jobs\[1\].number`"),
    (("jobs", CRN, 1, "number"), 3, r"it is 3, after 1, .* in `jobs\[1\].number`"),
    (("jobs", CRN, 1, "id"), FIRST, r"in `jobs\[1\].number`"),
    (("jobs", CRN), lambda jobs: jobs[::-1], r"it is 1, after 2, .* in `jobs\[1\].number`"),
    (("jobs", CRN, 1, "created"), 5.0, r"it is 5.0, after 17.* in `jobs\[1\].created`"),
    (("jobs", CRN, 1, "ends_at"), INFINITE, r"the job starts and never ends in `jobs\[1\].ends_at`"),
    (("jobs", CRN, 1, "ends_at"), 1e300, r"to 1e\+300 in `jobs\[1\].ends_at`"),
    (("jobs", CRN, 1, "params"), b"{", r"they are no JSON object in `jobs\[1\].params`"),
    (("jobs", CRN, 1, "params"), b"[]", r"they are no JSON object in `jobs\[1\].params`"),
    (("devices", "ibm_b", "properties"), b"\xff", r"no JSON object - at `\$.world.devices\['ibm_b'\].properties`"),
    (("devices", "ibm_b", "configuration"), b"{]", r"no JSON object - at `\$.world.devices\['ibm_b'\].configuration`"),
    (
        ("devices", "ibm_emu5", "calibrations", 1, "configuration"),
        b"5",
        r"no JSON object - at `\$.world.devices\['ibm_emu5'\].calibrations\[1\].configuration`",
    ),
    (
        ("devices", "ibm_emu5", "calibrations", 0, "properties"),
        b"{",
        r"no JSON object - at `\$.world.devices\['ibm_emu5'\].calibrations\[0\].properties`",
    ),
]


@pytest.mark.holds("B345")
@pytest.mark.parametrize(("path", "value", "words"), FLAWS)
def test_a_damaged_world_is_refused_with_its_field(path: tuple[Step, ...], value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        decode_world(damaged(path, value))


@pytest.mark.holds("B345")
def test_an_instance_of_no_crn_is_refused() -> None:
    plain = msgspec.msgpack.decode(encode_world(one_instance()))
    (entry,) = plain["world"]["instances"].values()
    plain["world"]["instances"] = {"crn:v1": entry | {"crn": "crn:v1"}}
    with pytest.raises(ValueError, match=r"a CRN has 10 parts - at `\$.world.instances\['crn:v1'\].crn`"):
        decode_world(msgspec.msgpack.encode(plain))


@pytest.mark.holds("B345")
def test_one_number_is_of_one_job_in_the_whole_world() -> None:
    world = READY["two_regions"]()
    one, other = world.instances
    world, _ = submit(world, "ibm_east5")
    plain = msgspec.msgpack.decode(encode_world(world))
    plain["world"]["jobs"][other] = plain["world"]["jobs"][one]
    with pytest.raises(ValueError, match=r"1 is taken, or above jobs_created, 1"):
        decode_world(msgspec.msgpack.encode(plain))


@pytest.mark.holds("B345")
@pytest.mark.parametrize("place", ["world", "jobs", "params", "tags"])
@pytest.mark.parametrize("head", [b"\xdd", b"\xdf", b"\xc6", b"\xdb"])
def test_a_size_that_is_only_said_takes_no_memory(place: str, head: bytes) -> None:
    file = encode_world(WORLD)
    # A list, an object, bytes or a text of four thousand million.
    start = file.index(place.encode()) + len(place)
    with pytest.raises(ValueError, match="no saved world"):
        decode_world(file[:start] + head + b"\xff\xff\xff\xff" + file[start + 1 :])


@pytest.mark.holds("B345")
@pytest.mark.parametrize("name", READY)
def test_every_ready_world_is_sound(name: str) -> None:
    world = READY[name]()
    assert decode_world(encode_world(world)) == world


def test_the_edges_of_what_is_sound_are_read() -> None:
    for path, value in (
        (("now",), 32503680000.0),
        (("page_size",), 1),
        (("jobs", CRN, 1, "params"), b'{"a":NaN}'),
        (("jobs", CRN, 1, "starts_at"), INFINITE),
        (("devices", "ibm_b", "queue_seconds"), 1e12),
        (("faults", 0, "effect", "code"), 999),
        (("faults", 0, "times"), None),
    ):
        assert isinstance(decode_world(damaged(path, value)), World)


objects = st.dictionaries(
    st.text(max_size=3), st.none() | st.integers() | st.floats() | st.text(max_size=3), max_size=3
)


@given(objects)
def test_a_json_object_is_one_in_pythons_dialect_too(value: dict[str, object]) -> None:
    assert is_json_object(json.dumps(value).encode())
    assert not is_json_object(json.dumps([value]).encode())
    assert not is_json_object(json.dumps(value).encode()[:-1])
