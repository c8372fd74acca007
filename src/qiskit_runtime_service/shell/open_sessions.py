"""Which session is open: that of the innermost `with` block which this thread or task is in, and no other's.

A task begins with what is open where it is made, a thread with nothing; what either opens is its own.
"""

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .session import Session


class Block:
    """One pass through the `with` block of a session.

    Attributes:
        session: Whose it is.
        left: Whether it is over. A generator may be closed by another thread or task than the one that it began in.
        told: Whether was said that a primitive made for the backend runs in it.
    """

    def __init__(self, session: "Session") -> None:
        self.session = session
        self.left = False
        self.told = False


_BLOCKS: ContextVar[tuple[Block, ...]] = ContextVar("_BLOCKS", default=())
"""The blocks that were entered here, the innermost last. Blocks that are left may be among them."""


def _open_blocks() -> tuple[Block, ...]:
    return tuple(block for block in _BLOCKS.get() if not block.left)


def innermost_block() -> Block | None:
    """Return the innermost block that this thread or task is in, if it is in one.

    Source: behaviour B480.
    """
    return next(reversed(_open_blocks()), None)


def enter_block(session: "Session") -> Block:
    """Open the block of a session, here and in the tasks that begin here."""
    block = Block(session)
    _BLOCKS.set((*_open_blocks(), block))
    return block


def leave_block(entered: list[Block]) -> None:
    """Leave the innermost of the blocks of one session, one that was entered here if there is one, and unlist it."""
    here = _open_blocks()
    block = next((block for block in reversed(here) if block in entered), entered[-1] if entered else None)
    if block is not None:
        block.left = True
        entered.remove(block)
        _BLOCKS.set(_open_blocks())
