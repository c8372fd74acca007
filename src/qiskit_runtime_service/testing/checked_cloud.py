"""What opens an emulated cloud, as users find it: behind doors, and apart from worlds, which need no simulator."""

from functools import partial

from ..client.connection import WIRING
from ..core.arguments import if_given, read_number
from ..simulator import cloud
from ..simulator.parts import read_programs
from .arguments import A_WORLD, COUNT, KEEP, read_executor, reads

emulated_cloud = reads(
    world=if_given(A_WORLD),
    programs=if_given(read_programs),
    executor=if_given(read_executor),
    clock=WIRING["clock"],
    speed=partial(read_number, above=0.0),
    remembered=if_given(COUNT),
    keep=if_given(KEEP),
)(cloud.emulated_cloud)
