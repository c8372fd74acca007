"""Who waits at a door to a cloud whose time stands still, and until when."""

import threading

from ..emulator.handle import Reply, waits_until
from ..emulator.world import leap_to
from ..records.exchange import Request
from ..transport.emulated import EmulatedTransport

MOST = 1024
"""How many answers are remembered, the newest."""

Question = tuple[str, str, str | None]


class Waits:
    """Lets the time of a cloud go on by what its visitors wait.

    Nobody outside can move a virtual clock. So whoever asks the same again, and was told of something that is still to
    come, has waited for it: the cloud leaps to where that answer changes, or where a refusal said to try again. What is
    asked for the first time, and what changes by no time, moves nothing.

    Source: behaviour B448.
    """

    def __init__(self, cloud: EmulatedTransport) -> None:
        self._cloud = cloud
        self._until: dict[Question, float] = {}
        self._changing = threading.Lock()

    def answer(self, request: Request, patience: float) -> Reply:
        """Let the cloud answer, after the time that who asks has waited."""
        question = request.method, request.url, request.header("Service-CRN")
        with self._changing:
            until = self._until.pop(question, None)
        if until is not None:
            self._cloud.alter(lambda world: leap_to(world, until))
        reply = self._cloud.answer(request, patience=patience)
        self._remember(question, waits_until(self._cloud.world, request, reply))
        return reply

    def _remember(self, question: Question, until: float | None) -> None:
        if until is None:
            return
        with self._changing:
            self._until[question] = until
            while len(self._until) > MOST:
                del self._until[next(iter(self._until))]
