"""Worlds in words: what a file says is there, and what cannot be is named with the file and the field."""

import json
import re
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.emulator.queues import DeviceQueue, DrawnQueue, FixedQueue
from qiskit_runtime_service.emulator.saving import decode_world, encode_world
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.emulator.worlds import START
from qiskit_runtime_service.testing import (
    API_KEY,
    CoherentNoise,
    Drip,
    Fault,
    Garble,
    Lost,
    Misstate,
    Revoke,
    Stall,
    Status,
    Truncate,
    Unreachable,
    build_world,
    described_cloud,
    emulated_cloud,
    ibm_quantum,
    instance,
    line_device,
    load_world,
    past_job,
    past_session,
    person,
    recorded_device,
)
from qiskit_runtime_service.testing.described import build_described, decode_description

from ..support.calls import act, read

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "describe-a-world.md"
EXAMPLE = HOW_TO.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
LINE = '[[devices]]\nname = "a"\nqubits = 2\n'
JOB = LINE + '[[instances]]\nname = "one"\n[[instances.jobs]]\ndevice = "a"\n'
SESSION = LINE + '[[instances]]\nname = "one"\n[[instances.sessions]]\nname = "s"\ndevice = "a"\n'


def loaded(folder: Path, text: str) -> World:
    file = folder / "lab.toml"
    file.write_text(text, encoding="utf-8")
    return load_world(file)


def built(text: str) -> World:
    return build_described(decode_description(text.encode()), Path(), START)


@pytest.mark.holds("B447")
def test_the_example_of_the_how_to_is_the_world_that_it_describes(tmp_path: Path) -> None:
    world = loaded(tmp_path, EXAMPLE)
    assert decode_world(encode_world(world)) == world
    assert (world.seed, world.now, world.queue) == (7, START, DrawnQueue(mean_seconds=600.0))
    fez, small, dry = world.devices.values()
    assert (fez.name, small.name, dry.name) == ("ibm_fez", "ibm_small", "dry_run")
    assert [calibration.id for calibration in fez.calibrations] == ["ibm_fez-1", "ibm_fez-2", "ibm_fez-3"]
    assert (small.state, small.reason, small.num_qubits) == ("paused", "calibration", 5)
    assert (dry.mock, dry.num_qubits) == (True, 133)
    research, teaching = world.instances.values()
    assert (research.allocation, research.tags, teaching.limit) == (28800.0, ("team",), 600.0)
    assert research.devices == ("ibm_fez", "ibm_small", "dry_run")
    assert teaching.devices == ("ibm_small", "dry_run")
    statuses = [job["status"] for job in read(act(world, "GET", "/jobs?limit=200&pending=true")[1])["jobs"]]
    assert statuses == ["Queued"]
    cloud = emulated_cloud(world)
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud, instance="research")
    [thesis] = service.jobs(job_tags=["thesis"])
    assert thesis.result()[0].data.meas.get_counts() == {"00": 480, "11": 520}
    assert thesis.creation_date is not None
    assert thesis.creation_date.isoformat() == "2026-01-15T10:00:00+00:00"
    assert world.jobs_created == 24
    simulated = [job for held in world.jobs.values() for job in held.values() if b"OPENQASM" in job.params]
    assert sum(service.job(simulated[0].id).result()[0].data.c.get_counts().values()) == 100


@pytest.mark.holds("B447")
def test_words_say_what_functions_do() -> None:
    text = """
        token_seconds = 60
        jobs_per_minute = 5
        programs = ["sampler", "mine"]
        queue = { kind = "fixed", seconds = 3 }
        devices = [{ name = "a", qubits = 2, queue_length = 4 }, { snapshot = "manila", dynamic = true }]
        people = [{ name = "ada", account = "lab", key = "her key" }]
        [[instances]]
        name = "one"
        region = "eu-de"
        account = "lab"
        staging = true
        consumed = 7
        sessions = [{ name = "s", device = "a", mode = "batch", ago = 90, closed = false, by = "ada" }]
        jobs = [
            { device = "a", session = "s", ago = 80, count = 3, every = 10, waited = 1, ran = 4, private = true },
            { device = "a", program = "mine", created = 2026-09-01T11:59:00+02:00, status = "Cancelled", tags = ["t"] },
        ]
    """
    line = line_device("a", 2, queue_length=4)
    assert built(text) == build_world(
        instance(
            "one",
            region="eu-de",
            account="lab",
            staging=True,
            consumed=7,
            devices=[line, recorded_device("manila", dynamic=True)],
            sessions=[past_session("s", "a", mode="batch", ago=90, closed=False, by="ada")],
            jobs=[
                past_job("a", session="s", ago=80, count=3, every=10, waited=1, ran=4, private=True),
                past_job("a", program="mine", created=START - 60, status="Cancelled", tags=["t"]),
            ],
        ),
        people=[person("ada", account="lab", key="her key")],
        programs=["sampler", "mine"],
        queue=FixedQueue(seconds=3.0),
        token_seconds=60,
        jobs_per_minute=5,
    )


@pytest.mark.holds("B447")
def test_what_is_left_out_is_the_usual() -> None:
    world = built(LINE)
    assert world == build_world(instance("main", devices=[line_device("a", 2)]))
    assert world.queue == DeviceQueue()
    assert built("").devices == {}


@pytest.mark.holds("B447")
@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("seed = 1.5", "Expected `int`", "$.seed"),
        ("sede = 1", "unknown field `sede`", ""),
        ("now = 2026-09-01T10:00:00", "timezone", "$.now"),
        ('clock = "sundial"', "sundial", "$.clock"),
        ("speed = 0", "> 0", "$.speed"),
        ('queue = { kind = "fixed" }', "says how long", "$.queue.seconds"),
        ("queue = { seconds = 5 }", "said by the device", "$.queue.seconds"),
        ("[[devices]]", "either a snapshot, or qubits", "$.devices[0]"),
        ("[[devices]]\nqubits = 2", "needs a name", "$.devices[0].name"),
        ('[[devices]]\nsnapshot = "fes"', "such as fez", "$.devices[0].snapshot"),
        ('[[devices]]\nsnapshot = "manila"\nfractional = true', "no rx and no rzz", "$.devices[0].snapshot"),
        (LINE + "dynamic = true", "a line of qubits", "$.devices[0].dynamic"),
        (LINE + "queue_seconds = -1", ">= 0", "$.devices[0].queue_seconds"),
        (LINE + 'state = "tired"', "tired", "$.devices[0].state"),
        (LINE + LINE, "two devices are called 'a'", "$.devices[1].name"),
        (LINE + "calibrations = [{ ago = 1e10 }]", "at is", "$.devices[0].calibrations[0]"),
        (
            LINE + '[[instances]]\nname = "one"\ndevices = ["a", "b"]',
            "no device 'b', but a",
            "$.instances[0].devices[1]",
        ),
        ("coherent = { zz = -1 }", ">= 0", "$.coherent.zz"),
        (LINE + "coherent = { cz = 1 }", "unknown field `cz`", "$.devices[0].coherent"),
        ("[[faults]]", "missing required field `effect`", "$.faults[0]"),
        ('faults = [{ effect = { kind = "smoke" } }]', "smoke", "$.faults[0].effect.kind"),
        ('faults = [{ effect = { kind = "status", code = 99 } }]', ">= 200", "$.faults[0].effect.code"),
        ('faults = [{ effect = { kind = "revoke" }, times = "some" }]', "some", "$.faults[0].times"),
        (
            'faults = [{ effect = { kind = "status", code = 200, headers = [["a b", "c"]] } }]',
            "headers is",
            "$.faults[0]",
        ),
        (
            'faults = [{ effect = { kind = "status", code = 200, body = "a", base64 = "YQ==" } }]',
            "either a text or in base64",
            "$.faults[0].effect.base64",
        ),
        (JOB + 'program = "circuit-runner"', "no program 'circuit-runner'", "$.instances[0].jobs[0].program"),
        (JOB + 'by = "eve"', "no person 'eve'", "$.instances[0].jobs[0].by"),
        (JOB + 'session = "s"', "no session 's'", "$.instances[0].jobs[0].session"),
        (SESSION + 'by = "eve"', "no person 'eve'", "$.instances[0].sessions[0].by"),
        (JOB + "created = 2026-09-01T10:00:01Z", "The past ends", "$.instances"),
        (JOB + "counts = { 02 = 1 }", "texts of 0 and 1", "$.instances[0].jobs[0].counts"),
        (JOB + "counts = { 0 = 1, 11 = 1 }", "all of one length", "$.instances[0].jobs[0].counts"),
        (JOB + "evs = [1, 2]\nstds = [0.1]", "2 evs and 1 stds", "$.instances[0].jobs[0].evs"),
        (JOB + "evs = [1]\ncounts = { 0 = 1 }", "one result", "$.instances[0].jobs[0].evs"),
        (JOB + 'result_file = "gone.json"', "gone.json", ""),
        (
            JOB.replace('device = "a"', 'device = "b"') + 'openqasm = "x"',
            "is not there",
            "$.instances[0].jobs[0].device",
        ),
        ("seed = = 1", "line 1, column 8", ""),
        ("\udcff", "UTF-8", ""),
    ],
)
def test_what_cannot_be_is_named_with_the_file_and_the_field(tmp_path: Path, text: str, what: str, where: str) -> None:
    file = tmp_path / "lab.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=re.escape(f"{file}: ")) as caught:
        load_world(file)
    assert what in str(caught.value)
    assert str(caught.value).endswith(f" - at `{where}`" if where else "")
    assert "\n" not in str(caught.value)


# Noise that can be undone, and faults


@pytest.mark.holds("B466")
def test_words_say_which_errors_can_be_undone() -> None:
    text = """
        coherent = {}
        devices = [{ snapshot = "manila", coherent = { zz = 1, detuning = 0, seed = 4 } }, { name = "a", qubits = 2 }]
    """
    own = CoherentNoise(zz=1.0, detuning=0.0, seed=4)
    devices = [recorded_device("manila", coherent=own), line_device("a", 2)]
    assert built(text) == build_world(instance("main", devices=devices), coherent=CoherentNoise())
    assert built(LINE).coherent is None


@pytest.mark.holds("B466")
def test_words_say_what_goes_wrong() -> None:
    text = """
        [[faults]]
        method = "POST"
        path = "*/jobs"
        after = 2
        times = "all"
        effect = { kind = "status", code = 429, headers = [["Retry-After", "5"]], body = "not now" }
        [[faults]]
        effect = { kind = "garble" }
    """
    busy = Status(code=429, headers=(("Retry-After", "5"),), body=b"not now")
    faults = (Fault(effect=busy, method="POST", path="*/jobs", after=2, times=None), Fault(effect=Garble()))
    assert built(LINE + text).faults == faults


@pytest.mark.holds("B466")
def test_a_described_fault_strikes(tmp_path: Path) -> None:
    fault = '[[faults]]\npath = "*/backends"\neffect = { kind = "status", code = 503, body = "out" }\n'
    world = loaded(tmp_path, LINE + fault)
    world, refused = act(world, "GET", "/backends")
    assert (refused.status, refused.body) == (503, b"out")
    assert act(world, "GET", "/backends")[1].status == 200


SECONDS = st.floats(0, 1e6)
TEXTS = st.text(st.characters(codec="ascii", exclude_characters="\x7f"), max_size=9)
HEADERS = st.lists(
    st.tuples(st.sampled_from(["Retry-After", "Via", "X-A"]), st.from_regex(r"[ -~]{0,9}", fullmatch=True))
)
EFFECTS = st.one_of(
    st.builds(
        Status,
        code=st.integers(200, 599),
        headers=HEADERS.map(tuple),
        body=TEXTS.map(str.encode) | st.binary(max_size=9),
    ),
    st.builds(Lost, acted=st.booleans()),
    st.just(Unreachable()),
    st.just(Revoke()),
    st.builds(Stall, seconds=SECONDS),
    st.builds(Drip, seconds=SECONDS),
    st.builds(Truncate, keep=st.floats(0, 1, exclude_max=True)),
    st.builds(Misstate, by=st.integers(-(10**6), 10**6)),
    st.builds(Garble, garbage=st.binary(max_size=9)),
)
FAULTS = st.builds(
    Fault,
    effect=EFFECTS,
    method=st.sampled_from(["*", "POST"]),
    path=TEXTS,
    after=st.integers(0, 9),
    times=st.none() | st.integers(0, 9),
)
NOISE = st.builds(
    CoherentNoise,
    detuning=SECONDS,
    zz=SECONDS,
    over_rotation=st.floats(0, 1),
    drift=SECONDS,
    seed=st.none() | st.integers(0, 9),
)


def as_toml(value: Any) -> str:
    """Return plain data as TOML writes them; what is `None` is left out."""
    match value:
        case dict():
            told = (f"{name} = {as_toml(item)}" for name, item in value.items() if item is not None)
            return f"{{ {', '.join(told)} }}"
        case list() | tuple():
            return f"[{', '.join(map(as_toml, value))}]"
        case bytes():
            return json.dumps(b64encode(value).decode())
        case _:
            return json.dumps(value)


def words_for(fault: Fault) -> str:
    """Return a fault in words."""
    told = {name: getattr(fault.effect, name) for name in fault.effect.__struct_fields__}
    if isinstance(fault.effect, Status):
        told["base64"] = told.pop("body")
    kind = type(fault.effect).__name__.lower()
    times = "all" if fault.times is None else fault.times
    more = {"method": fault.method, "path": fault.path, "after": fault.after, "times": times}
    return as_toml({"effect": {"kind": kind, **told}, **more})


@pytest.mark.holds("B466")
@given(st.lists(FAULTS, max_size=3), st.none() | NOISE, st.none() | NOISE)
def test_whatever_goes_wrong_and_can_be_undone_has_words_and_is_kept_in_a_file(
    faults: list[Fault], everywhere: CoherentNoise | None, here: CoherentNoise | None
) -> None:
    def noise(of: CoherentNoise | None) -> str:
        return "" if of is None else f"coherent = {as_toml(msgspec.structs.asdict(of))}\n"

    world = built(f"{noise(everywhere)}faults = [{', '.join(map(words_for, faults))}]\n{LINE}{noise(here)}")
    assert (world.faults, world.coherent, world.devices["a"].coherent) == (tuple(faults), everywhere, here)
    assert decode_world(encode_world(world)) == world


ODD = [
    "-1",
    "1.5",
    "nan",
    "inf",
    "9223372036854775807",
    "true",
    '""',
    '"x"',
    "[]",
    "[[]]",
    "{}",
    "{ a = 1 }",
    "1979-05-27",
]
VALUES = [match.span(1) for match in re.finditer(r"^\w+ = (.+?)(?: +#.*)?$", EXAMPLE, re.MULTILINE)]


@pytest.mark.holds("B447")
@given(place=st.integers(0, len(VALUES) - 1), odd=st.sampled_from(ODD))
def test_an_odd_value_makes_a_sound_world_or_is_named(place: int, odd: str) -> None:
    start, end = VALUES[place]
    text = EXAMPLE[:start] + odd + EXAMPLE[end:]
    small = text.replace('snapshot = "fez"', 'snapshot = "manila"\nname = "ibm_fez"').replace("torino", "lima")
    try:
        world = built(small.replace("fractional = true", "fractional = false"))
    except (ValueError, OSError) as error:
        assert re.search(r" - at `\$\.|unknown field|Duplicate|line \d", str(error))
    else:
        assert decode_world(encode_world(world)) == world


@pytest.mark.holds("B444")
def test_a_result_in_a_file_is_told_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_bytes(b'{"anything": [1, 2]}')
    world = loaded(tmp_path, JOB + 'result_file = "old.json"')
    [job] = [name for held in world.jobs.values() for name in held]
    assert act(world, "GET", f"/jobs/{job}/results")[1].body == b'{"anything": [1, 2]}'


@pytest.mark.holds("B444")
def test_an_estimator_of_the_past_has_values_or_is_simulated(tmp_path: Path) -> None:
    job = '[[instances.jobs]]\ndevice = "a"\nprogram = "estimator"\n'
    written = job + "evs = [0.5, -0.25]\n"
    run = job + "openqasm = \"OPENQASM 3.0; include 'stdgates.inc'; x $0;\"\nobservables = ['IZ']\nshots = 10000\n"
    world = loaded(tmp_path, f'{LINE}[[instances]]\nname = "one"\n{written}{run}')
    cloud = emulated_cloud(world)
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    told, simulated = (service.job(name).result()[0].data for held in world.jobs.values() for name in held)
    assert told.evs.tolist() == [0.5, -0.25]
    assert told.stds.tolist() == [0.0, 0.0]
    assert abs(simulated.evs + 1.0) < 0.1


@pytest.mark.holds("B451")
@pytest.mark.parametrize(
    ("words", "speed"),
    [("", None), ('clock = "virtual"', None), ('clock = "real"', 1.0), ('clock = "real"\nspeed = 1000', 1000.0)],
)
def test_a_cloud_has_the_clock_that_is_described(tmp_path: Path, words: str, speed: float | None) -> None:
    file = tmp_path / "lab.toml"
    file.write_text(f"{words}\n{LINE}", encoding="utf-8")
    cloud = described_cloud(file)
    assert cloud.speed == speed
    before, real = cloud.now(), time.monotonic()
    while speed is not None and cloud.now() == before:
        assert time.monotonic() < real + 10.0
    assert (cloud.now() > before) == (speed is not None)


@pytest.mark.holds("B449")
def test_guides_find_what_they_name() -> None:
    cloud = emulated_cloud(ibm_quantum())
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    assert [found["plan"] for found in service.instances()] == ["open", "premium"]
    for name, fractional in (("ibm_fez", True), ("ibm_torino", True), ("ibm_brisbane", False)):
        backend = service.backend(name)
        assert "dynamic_circuits" in backend.supported_features
        assert {"if_else", "measure_2"} <= set(backend.operation_names)
        if fractional:
            whole = service.backend(name, use_fractional_gates=True)
            assert {"rx", "rzz"} <= set(whole.operation_names)
    assert service.least_busy(operational=True, simulator=False, min_num_qubits=127).name == "ibm_torino"
    statuses = {job.status() for job in service.jobs(limit=None)}
    assert statuses == {"DONE", "ERROR", "CANCELLED"}
    assert {job.record.backend for job in service.jobs(job_tags=["retired"])} == {"ibm_kyiv"}
    [bell] = service.jobs(job_tags=["bell"], instance="open-instance")
    counts: dict[str, Any] = bell.result()[0].data.c.get_counts()
    assert counts["00"] + counts["11"] > 3500
