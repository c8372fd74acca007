"""What makes worlds and faults, as users find it: the functions of the emulator behind doors."""

from functools import partial

from ..core.arguments import if_given, read_flag, read_list_of_texts, read_number, read_text
from ..emulator import building, faults, worlds
from ..emulator.building import Offer, Person
from ..emulator.history import PastJob, PastSession
from ..emulator.world import Device
from ..records.backend import BackendRow
from .arguments import (
    A_WORLD,
    COHERENT,
    COUNT,
    EFFECT_OR_FAULT,
    FAULT,
    QUEUE,
    STATUS,
    WHOLE,
    a_name,
    a_thing,
    each,
    read_between,
    read_instant,
    read_seconds,
    reads,
)

MOST_INSTANCES = 100_000
MOST_QUBITS = 10_000
"""A line of so many takes a second to describe."""

A_DEVICE = a_thing(Device, wanted="a device, such as line_device() returns")
DEVICES = each(A_DEVICE, wanted="a list of devices")
LIMIT = if_given(read_seconds)
PLAN = a_name("the name of a plan")
PLACE_IN_TIME = {"queue": QUEUE, "seed": WHOLE, "now": read_instant}

one_instance = reads(
    devices=if_given(DEVICES),
    queue_seconds=read_seconds,
    run_seconds=if_given(read_seconds),
    limit=LIMIT,
    plan=PLAN,
    coherent=if_given(COHERENT),
    **PLACE_IN_TIME,
)(worlds.one_instance)

two_regions = reads(queue_seconds=read_seconds, **PLACE_IN_TIME)(worlds.two_regions)

many_instances = reads(
    count=partial(read_between, least=0, most=MOST_INSTANCES),
    plans=partial(read_between, least=1, most=MOST_INSTANCES),
    devices=if_given(DEVICES),
    limit=LIMIT,
    **PLACE_IN_TIME,
)(worlds.many_instances)

busy = reads(**PLACE_IN_TIME)(building.busy)

instance = reads(
    name=a_name("the name of an instance"),
    plan=PLAN,
    region=a_name("the name of a region"),
    account=a_name("the name of an account"),
    staging=read_flag,
    devices=DEVICES,
    tags=read_list_of_texts,
    limit=LIMIT,
    allocation=LIMIT,
    consumed=read_seconds,
    jobs=each(a_thing(PastJob, wanted="what past_job() returns"), wanted="a list of jobs of the past"),
    sessions=each(a_thing(PastSession, wanted="what past_session() returns"), wanted="a list of sessions of the past"),
)(building.instance)

person = reads(
    name=a_name("the name of a person"),
    account=a_name("the name of an account"),
    key=if_given(a_name("an API key")),
)(building.person)

build_world = reads(
    offers=each(a_thing(Offer, wanted="what instance() returns"), wanted="a list of instances"),
    people=each(a_thing(Person, wanted="what person() returns"), wanted="a list of people"),
    programs=if_given(read_list_of_texts),
    faults=each(FAULT, wanted="a list of faults"),
    token_seconds=COUNT,
    jobs_per_minute=if_given(COUNT),
    seconds_per_unit=if_given(partial(read_number, above=0.0)),
    coherent=if_given(COHERENT),
    **PLACE_IN_TIME,
)(building.build_world)

broken = reads(
    what=each(EFFECT_OR_FAULT, wanted="effects or faults"), method=read_text, path=read_text, world=if_given(A_WORLD)
)(building.broken)

line_device = reads(
    name=a_name("the name of a device"),
    num_qubits=partial(read_between, least=1, most=MOST_QUBITS),
    queue_length=COUNT,
    queue_seconds=read_seconds,
    run_seconds=if_given(read_seconds),
    mock=read_flag,
)(worlds.line_device)

device_from_row = reads(
    row=a_thing(BackendRow, wanted="a row of a listing, such as backend.row"),
    queue_length=if_given(COUNT),
    queue_seconds=read_seconds,
    run_seconds=if_given(read_seconds),
)(worlds.device_from_row)

recalibrated = reads(device=A_DEVICE, at=read_instant, errors=partial(read_number, least=0.0))(worlds.recalibrated)

html_page = reads(code=STATUS)(faults.html_page)

too_many_requests = reads(retry_after=if_given(COUNT))(faults.too_many_requests)
