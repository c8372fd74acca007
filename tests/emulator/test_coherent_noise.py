"""Whose coherent errors a job meets: those of its device, or of the world, each device with its own."""

import msgspec
import pytest

from qiskit_runtime_service.emulator.needs import JobTask, find_need
from qiskit_runtime_service.emulator.saving import decode_world, encode_world
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.emulator.worlds import line_device, one_instance
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.testing import CoherentNoise, emulated_cloud
from qiskit_runtime_service.testing import one_instance as public_instance
from qiskit_runtime_service.testing.ready import READY

from ..support.calls import submit

OWN = CoherentNoise(detuning=1.0, seed=9)


def world_with(coherent: CoherentNoise | None, own: CoherentNoise | None = None, seed: int = 0) -> World:
    one, two = (line_device(name, 3) for name in ("ibm_one", "ibm_two"))
    return one_instance(devices=[msgspec.structs.replace(one, coherent=own), two], coherent=coherent, seed=seed)


def noise_on(world: World, device: str) -> CoherentNoise | None:
    """Return what a job meets on a device."""
    world, job = submit(world, device)
    task = find_need(world, job)
    assert isinstance(task, JobTask)
    return task.coherent


@pytest.mark.holds("B416")
def test_devices_have_their_own_noise_or_that_of_the_world_or_none() -> None:
    assert noise_on(world_with(None), "ibm_one") is None
    assert noise_on(world_with(None, OWN), "ibm_one") == OWN
    assert noise_on(world_with(None, OWN), "ibm_two") is None
    assert noise_on(world_with(CoherentNoise(), OWN), "ibm_one") == OWN
    found = noise_on(world_with(CoherentNoise(zz=7.0), OWN), "ibm_two")
    assert found is not None
    assert (found.detuning, found.zz, found.over_rotation, found.drift) == (20e3, 7.0, 0.05, 5e3)


@pytest.mark.holds("B416")
def test_each_device_of_a_world_draws_its_own_and_the_same_again() -> None:
    seeds = {
        (name, seed): noise_on(world_with(CoherentNoise(), seed=seed), name)
        for name in ("ibm_one", "ibm_two")
        for seed in (0, 1)
    }
    assert len({noise.seed for noise in seeds.values() if noise is not None}) == 4
    assert noise_on(world_with(CoherentNoise()), "ibm_one") == seeds["ibm_one", 0]
    given = {noise_on(world_with(CoherentNoise(seed=4), seed=seed), "ibm_one") for seed in (0, 1)}
    assert given == {CoherentNoise(seed=4)}


@pytest.mark.holds("B416")
def test_the_noise_of_a_world_is_saved_with_it() -> None:
    world = world_with(CoherentNoise(drift=3.0), OWN)
    again = decode_world(encode_world(world))
    assert (again.coherent, again.devices["ibm_one"].coherent) == (CoherentNoise(drift=3.0), OWN)


@pytest.mark.holds("B416")
def test_a_ready_world_has_noise_on_which_mitigation_can_be_tried_and_others_have_none() -> None:
    coherent = {name: make().coherent for name, make in READY.items()}
    assert coherent.pop("mitigation") == CoherentNoise()
    assert set(coherent.values()) == {None}


@pytest.mark.parametrize("field", ["detuning", "zz", "over_rotation", "drift", "seed"])
def test_noise_that_is_none_is_named_with_its_field(field: str) -> None:
    noise = CoherentNoise(**{field: -1})
    with pytest.raises(IBMInputValueError, match=rf"coherent\.{field} is -1"):
        public_instance(coherent=noise)
    with pytest.raises(IBMInputValueError, match=rf"world\.coherent\.{field} is -1"):
        emulated_cloud(msgspec.structs.replace(one_instance(), coherent=noise))
