"""Which `with` blocks are open, of sessions and of trackers: those which this thread or task is in, and no other's.

A task begins with what is open where it is made, a thread with nothing; what either opens is its own.
"""

from contextvars import ContextVar
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from .session import Session
    from .tracking import UsageTracker

T = TypeVar("T")


class Block(Generic[T]):
    """One pass through a `with` block.

    Attributes:
        owner: The session or tracker whose it is.
        left: Whether it is over. A generator may be closed by another thread or task than the one that it began in.
        told: Of a session, whether was said that a primitive made for the backend runs in it.
    """

    def __init__(self, owner: T) -> None:
        self.owner = owner
        self.left = False
        self.told = False


class Blocks(Generic[T]):
    """The blocks of one kind.

    Args:
        name: Of the context variable that holds them.
    """

    def __init__(self, name: str) -> None:
        self._entered: ContextVar[tuple[Block[T], ...]] = ContextVar(name, default=())
        """The blocks that were entered here, the innermost last. Blocks that are left may be among them."""

    def open_here(self) -> tuple[Block[T], ...]:
        """Return the blocks that this thread or task is in, the innermost last.

        Source: behaviour B480, B543.
        """
        return tuple(block for block in self._entered.get() if not block.left)

    def innermost(self) -> Block[T] | None:
        """Return the innermost block that this thread or task is in, if it is in one."""
        return next(reversed(self.open_here()), None)

    def enter(self, owner: T) -> Block[T]:
        """Open a block, here and in the tasks that begin here."""
        block = Block(owner)
        self._entered.set((*self.open_here(), block))
        return block

    def leave(self, entered: list[Block[T]]) -> None:
        """Leave the innermost of the blocks of one owner, one that was entered here if there is one, and unlist it."""
        here = self.open_here()
        block = next((block for block in reversed(here) if block in entered), entered[-1] if entered else None)
        if block is not None:
            block.left = True
            entered.remove(block)
            self._entered.set(self.open_here())


SESSIONS: "Blocks[Session]" = Blocks("SESSIONS")
TRACKERS: "Blocks[UsageTracker]" = Blocks("TRACKERS")
