"""What goes wrong on the way to a cloud, and a cloud where it goes wrong from when it is told so."""

from collections.abc import Mapping
from typing import Any

import msgspec

from qiskit_runtime_service.emulator.faults import Effect, Fault, Lost, Stall, Status, Truncate, html_page
from qiskit_runtime_service.emulator.handle import Reply
from qiskit_runtime_service.emulator.worlds import START
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.simulator.cloud import Simulation, describe_device
from qiskit_runtime_service.testing import EmulatedTransport, line_device, one_instance
from qiskit_runtime_service.transport.base import Clock

from .public_calls import FAST, SLOW, UNCALIBRATED, UNDESCRIBED, UNLISTED

REFUSED = b'{"errors": [{"code": 1217, "message": "No.", "solution": "Wait."}], "trace": "t-1"}'

FAILURES: Mapping[str, Effect] = {
    **{
        str(code): Status(code=code, headers=(("Content-Type", "application/json"),), body=REFUSED)
        for code in (400, 401, 403, 404, 409, 429, 500, 503)
    },
    "no answer": Lost(acted=False),
    "cut": Truncate(),
    "no JSON": html_page(200),
    "late": Stall(seconds=1000.0),
}
"""By their names in the table of errors."""

PLACES: Mapping[str, tuple[str, ...]] = {
    "AT_TOKENS": ("*/identity/token",),
    "ON_THE_WAY": (
        *("*/search", "/api/v1/*"),
        *(f"/{UNDESCRIBED}/*/configuration", f"/{UNLISTED}/*/backends*", f"/{UNCALIBRATED}/*/properties"),
    ),
    "BY_THEMSELVES": (),
}
"""By the table of calls, which paths fail."""


class Failing(EmulatedTransport):
    """A cloud with one instance and two devices, one of them in no hurry, that fails where and when it is told to.

    Args:
        effect: What goes wrong then, again and again.
        now: When the world begins.
        clock: What its time runs with; without one it stands still until somebody sleeps, or asks again at a door.
    """

    def __init__(self, effect: Effect, now: float = START, clock: Clock | None = None) -> None:
        devices = [line_device(FAST, 5, run_seconds=0), line_device(SLOW, 5, queue_seconds=10**6)]
        world = one_instance(devices=devices, plan="premium", now=now)
        super().__init__(world, library=describe_device, simulate=Simulation(), clock=clock)
        self.effect = effect

    def arm(self, table: str) -> None:
        """Fail from now on, where the calls of a table come by, and nowhere else."""
        faults = tuple(Fault(path=path, effect=self.effect, times=None) for path in PLACES[table])
        self.alter(lambda world: msgspec.structs.replace(world, faults=faults))

    def answer(self, request: Request, /, **how: Any) -> Reply:
        """Answer as the cloud does, and obey who asks for `/arm/` and a table."""
        _, told, table = request.url.rpartition("/arm/")
        if told:
            self.arm(table)
            return Response(status=204)
        return super().answer(request, **how)
