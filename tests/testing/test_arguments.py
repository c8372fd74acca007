"""What users hand to the laboratory is taken for what it plainly is, or an error of ours names it."""

import inspect
import re
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from qiskit_runtime_service import testing
from qiskit_runtime_service.emulator import building, faults, worlds
from qiskit_runtime_service.exceptions import CassetteError, IBMInputValueError
from qiskit_runtime_service.simulator import cloud
from qiskit_runtime_service.testing import (
    DoorLimits,
    DrawnQueue,
    EmulatedTransport,
    Fault,
    FixedQueue,
    Garble,
    Lost,
    Misstate,
    RecordingTransport,
    Revoke,
    SentRequests,
    Stall,
    Status,
    Truncate,
    broken,
    build_world,
    busy,
    describe_device,
    door_to,
    emulated_cloud,
    instance,
    line_device,
    load_world,
    many_instances,
    one_instance,
    recalibrated,
    record,
    save_world,
    two_regions,
)
from qiskit_runtime_service.testing.plugin import choose_world
from qiskit_runtime_service.testing.ready import READY

SECONDS = "seconds, 0 or more, and finite"
EFFECT = "an effect, such as Status(code=503)"
PAIRS = "a list of pairs of texts for headers, such as [('Retry-After', '5')]"
PATTERN = "a method and a path, such as 'POST /jobs'"
COUNT = "a whole number from 0 to 9223372036854775807"
WHOLE = "a whole number from -9223372036854775807 to 9223372036854775807"


CLOUD = EmulatedTransport(one_instance())


def odd(value: object) -> Any:
    """Return a value that no type checker would let pass."""
    return value


REFUSED: list[tuple[Callable[[], object], str, str, str]] = [
    (lambda: one_instance(queue_seconds=-1), "queue_seconds", "-1", SECONDS),
    (lambda: one_instance(limit=odd("10")), "limit", "'10'", f"{SECONDS}, or None"),
    (lambda: one_instance(plan=""), "plan", "''", "the name of a plan"),
    (lambda: one_instance(seed=2**63), "seed", f"{2**63}", WHOLE),
    (lambda: one_instance(now=253370764800), "now", "253370764800", "seconds since the epoch, before the year 9999"),
    (lambda: one_instance(queue=odd(60)), "queue", "60", "a DeviceQueue, FixedQueue or DrawnQueue"),
    (lambda: one_instance(queue=FixedQueue(seconds=-2)), "queue.seconds", "-2", SECONDS),
    (lambda: busy(queue=DrawnQueue(mean_seconds=odd("x"))), "queue.mean_seconds", "'x'", f"{SECONDS}, or None"),
    (
        lambda: one_instance(devices=[line_device("a", 2), odd("ibm_b")]),
        "devices[1]", "'ibm_b'", "a device, such as line_device() returns",
    ),
    (lambda: many_instances(2, plans=0), "plans", "0", "a whole number from 1 to 100000"),
    (lambda: line_device("ibm_a", 10_001), "num_qubits", "10001", "a whole number from 1 to 10000"),
    (lambda: line_device("ibm_a", 5, mock=odd("no")), "mock", "'no'", "True or False"),
    (lambda: instance("a", tags="team"), "tags", "'team'", "a list of texts"),
    (lambda: build_world(instance("a"), odd("b")), "offers[1]", "'b'", "what instance() returns"),
    (lambda: build_world(faults=[odd(Status(code=503))]), "faults[0]", repr(Status(code=503)), "a Fault"),
    (lambda: broken(odd(503)), "what[0]", "503", f"{EFFECT}, or a Fault"),
    (lambda: broken(Status(code=99)), "what[0].code", "99", "a whole number from 200 to 599"),
    (lambda: broken(Status(code=503, body=odd("x"))), "what[0].body", "'x'", "bytes"),
    (lambda: broken(Status(code=503, headers=(("A: b", "c"),))), "what[0].headers", "[('A: b', 'c')]", PAIRS),
    (lambda: broken(Status(code=503, headers=(("A", "b\n"),))), "what[0].headers", r"[('A', 'b\n')]", PAIRS),
    (lambda: broken(Status(code=503, headers=(("A", "b\nC: d"),))), "what[0].headers", r"[('A', 'b\nC: d')]", PAIRS),
    (lambda: broken(Status(code=503, headers=odd({"A": "b"}))), "what[0].headers", "{'A': 'b'}", PAIRS),
    (lambda: broken(Lost(acted=odd("no"))), "what[0].acted", "'no'", "True or False"),
    (lambda: broken(Truncate(keep=1.0)), "what[0].keep", "1.0", "a number, 0 or more, below 1"),
    (lambda: broken(Misstate(by=odd(1.5))), "what[0].by", "1.5", WHOLE),
    (lambda: broken(Garble(garbage=odd("x"))), "what[0].garbage", "'x'", "bytes"),
    (lambda: broken(Stall(seconds=1), Fault(effect=odd(None))), "what[1].effect", "None", EFFECT),
    (lambda: broken(Fault(effect=Stall(seconds=-1))), "what[0].effect.seconds", "-1", SECONDS),
    (lambda: broken(Fault(effect=Stall(seconds=1), after=-1)), "what[0].after", "-1", COUNT),
    (lambda: broken(world=odd(cloud)), "world", repr(cloud), "a world, such as one_instance() returns, or None"),
    (lambda: recalibrated(line_device("a", 2), at=-1), "at", "-1", "seconds since the epoch, 0 or more, and finite"),
    (lambda: emulated_cloud(speed=0), "speed", "0", "a number, above 0, and finite"),
    (lambda: emulated_cloud(executor=odd(print)), "executor", repr(print), "an Executor, or None"),
    (
        lambda: emulated_cloud(programs=odd({"executor": 1})),
        "programs", "{'executor': 1}", "a dictionary from names of programs to functions, or None",
    ),
    (lambda: READY["snapshots"](now="noon"), "now", "'noon'", "seconds since the epoch, 0 or more, and finite"),
    (lambda: READY["two_regions"](seed=1.5), "seed", "1.5", WHOLE),
    (lambda: door_to(odd("cloud")), "cloud", "'cloud'", "something that can send"),
    (lambda: door_to(CLOUD, port=65_536), "port", "65536", "a whole number from 0 to 65535"),
    (
        lambda: door_to(CLOUD, limits=DoorLimits(idle=0)),
        "limits.idle", "0", "seconds, above 0, and finite",
    ),
    (
        lambda: door_to(CLOUD, odd(ssl.SSLContext)),
        "context", repr(ssl.SSLContext), "an SSLContext, or None",
    ),
    (lambda: SentRequests(odd(one_instance)), "cloud", repr(one_instance), "an EmulatedTransport"),
    (lambda: SentRequests(CLOUD).times(-1, "GET /x"), "number", "-1", COUNT),
    (lambda: SentRequests(CLOUD).count("GET x"), "pattern", "'GET x'", PATTERN),
    (lambda: SentRequests(CLOUD).never("GET /x", odd(5)), "patterns[1]", "5", PATTERN),
    (lambda: record("a.yaml", odd("cloud")), "inner", "'cloud'", "something that can send"),
    (lambda: record("a.yaml", mode=odd(["all"])), "mode", "['all']", "'none' or 'once' or 'new_episodes' or 'all'"),
]  # fmt: skip
"""Calls, and what of them is refused: the argument, its value, and what it must be."""


@pytest.mark.holds("B349")
@pytest.mark.parametrize(("call", "name", "value", "wanted"), REFUSED, ids=[name for _, name, _, _ in REFUSED])
def test_what_does_not_fit_is_named_with_its_place(
    call: Callable[[], object], name: str, value: str, wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = f"{name} is {value}.\nIt must be {wanted}."
    with pytest.raises(IBMInputValueError, match=f"^{re.escape(words)}") as caught:
        call()
    assert isinstance(caught.value, ValueError)


@pytest.mark.holds("B349")
def test_numbers_of_numpy_make_a_world_that_can_be_saved(tmp_path: Path) -> None:
    numbers: Any = np.arange(8)
    world = build_world(
        instance("a", devices=np.array([line_device("ibm_a", numbers[2])]), tags=np.array(["x"]), limit=numbers[7]),
        faults=[Fault(effect=Status(code=odd(np.int16(503)), headers=odd([["A", "b"]])), after=numbers[1])],
        queue=FixedQueue(seconds=odd(np.float32(0.5))),
        seed=numbers[3],
        now=np.float64(1.8e9),
    )
    save_world(world, tmp_path / "cloud.world")
    assert load_world(str(tmp_path / "cloud.world")) == world
    assert world == build_world(
        instance("a", devices=[line_device("ibm_a", 2)], tags=["x"], limit=7.0),
        faults=[Fault(effect=Status(code=503, headers=(("A", "b"),)), after=1)],
        queue=FixedQueue(seconds=0.5),
        seed=3,
        now=1.8e9,
    )


@pytest.mark.holds("B349")
def test_a_record_that_fits_is_the_same_as_before() -> None:
    fault = Fault(effect=Status(code=429, headers=(("Retry-After", "5"),), body=b"no"), times=None, path="*/jobs")
    assert broken(fault, Lost(acted=True)).faults == (fault, Fault(effect=Lost(acted=True)))
    assert one_instance(queue=DrawnQueue()).queue == DrawnQueue()


@pytest.mark.holds("B349")
@pytest.mark.parametrize("room", [building, faults, worlds, cloud])
def test_a_function_behind_doors_is_called_as_it_was(room: Any) -> None:
    shared = [name for name in testing.__all__ if inspect.isfunction(getattr(room, name, None))]
    assert shared
    for name in shared:
        public, inner = getattr(testing, name), getattr(room, name)
        assert inspect.signature(public) == inspect.signature(inner)
        assert (public.__name__, public.__doc__, public.__module__) == (name, inner.__doc__, testing.__name__)
    with pytest.raises(TypeError, match=r"one_instance\(\) got an unexpected keyword argument 'seeds'"):
        one_instance(seeds=1)  # type: ignore[call-arg]  # this is the mistake
    with pytest.raises(TypeError, match=r"line_device\(\) missing 1 required positional argument: 'num_qubits'"):
        line_device("ibm_a")  # type: ignore[call-arg]  # this is the mistake


@pytest.mark.holds("B349")
@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (pytest.mark.cloud(plan=5), "plan is 5"),
        (pytest.mark.cloud("snapshots", now="noon"), "now is 'noon'"),
        (pytest.mark.cloud(world="many_instances", count=-1), "count is -1"),
        (pytest.mark.cloud(faults=[Lost(acted=odd("no"))]), r"what\[0\].acted is 'no'"),
        (pytest.mark.cloud(lambda: "a world"), "world is 'a world'"),
    ],
)
def test_a_mark_of_a_test_is_read_like_a_call(mark: pytest.MarkDecorator, words: str) -> None:
    with pytest.raises(IBMInputValueError, match=words):
        choose_world(mark.mark, Path())


@pytest.mark.holds("B349")
def test_a_cassette_that_cannot_be_looked_at_is_told() -> None:
    for open_it in (record, partial(RecordingTransport, CLOUD)):
        with pytest.raises(CassetteError, match="File name too long"):
            open_it("a" * 300)


MISFITS: list[tuple[dict[str, Any], str, str]] = [
    ({"faults": (Fault(effect=Stall(seconds=-1)),)}, "world.faults[0].effect.seconds", "-1"),
    ({"faults": (Fault(effect=Revoke()), Fault(effect=Revoke(), after=odd("x")))}, "world.faults[1].after", "'x'"),
    ({"faults": (Fault(effect=odd(5)),)}, "world.faults[0].effect", "5"),
    ({"faults": odd(5)}, "world.faults", "5"),
    ({"seed": odd(1.5)}, "world.seed", "1.5"),
    ({"page_size": 0}, "world.page_size", "0"),
    ({"token_seconds": 10**400}, "world.token_seconds", "10… (401 characters)"),
]
"""What is put into a world past all doors: where it stands, and what it is."""


@pytest.mark.holds("B355")
@pytest.mark.parametrize(("fields", "name", "value"), MISFITS)
def test_what_is_put_into_a_world_by_hand_is_read_where_the_world_is_taken(
    fields: dict[str, Any], name: str, value: str, tmp_path: Path
) -> None:
    world = msgspec.structs.replace(one_instance(), **fields)
    before = one_instance()
    carrier = emulated_cloud(before)
    calls: list[Callable[[], object]] = [
        lambda: emulated_cloud(world),
        lambda: broken(Revoke(), world=world),
        lambda: save_world(world, tmp_path / "cloud.world"),
    ]
    for call in calls:
        with pytest.raises(IBMInputValueError) as caught:
            call()
        assert str(caught.value).startswith(f"{name} is {value}.\nIt must be what this field is declared as (")
    below: list[Callable[[], object]] = [lambda: EmulatedTransport(world), lambda: carrier.alter(lambda _: world)]
    for call in below:
        with pytest.raises(ValueError, match=f"^{re.escape(name)} is ") as refused:
            call()
        assert "\nIt must be what this field is declared as (" in str(refused.value)
    assert carrier.world == before


@pytest.mark.holds("B355")
def test_worlds_that_are_put_together_by_hand_and_fit_are_taken() -> None:
    fault = Fault(effect=Status(code=503), times=None)
    for world in (one_instance(), two_regions(), msgspec.structs.replace(one_instance(), faults=(fault,), seed=7)):
        assert EmulatedTransport(world).world == world
    with pytest.raises(KeyError, match="fake_nowhere"):
        describe_device("fake_nowhere")
