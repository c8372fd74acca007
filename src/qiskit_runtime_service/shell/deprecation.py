"""How IBM's client warns of what is to go, for packages that warn with its functions."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from .._public import public
from .._warn import warn_user

P = ParamSpec("P")
T = TypeVar("T")


@public("utils.deprecation")
def issue_deprecation_msg(
    msg: str,
    version: str,
    remedy: str,
    stacklevel: int = 2,  # noqa: ARG001  # the line is found without
    period: str = "3 months",
) -> None:
    """Warn that something is deprecated, at the line of the program that uses it.

    Args:
        msg: What is deprecated.
        version: Since which version of IBM's client.
        remedy: What to do.
        stacklevel: Of no effect: the line is found.
        period: How long it stays.
    """
    words = f"{msg} as of qiskit-ibm-runtime {version} and will be removed no sooner than {period} after the release"
    warn_user(f"{words} date. {remedy}", DeprecationWarning)


@public("utils.deprecation")
def deprecate_arguments(
    deprecated: str,
    version: str,
    remedy: str,
    stacklevel: int = 2,  # noqa: ARG001  # the line is found without
) -> None:
    """Warn that an argument is deprecated, as `issue_deprecation_msg` does."""
    issue_deprecation_msg(f"The '{deprecated}' keyword arguments are deprecated", version, remedy)


@public("utils.deprecation")
def deprecate_function(
    deprecated: str,
    version: str,
    remedy: str,
    stacklevel: int = 2,  # noqa: ARG001  # the line is found without
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return what lets a function warn that it is deprecated, each time that it is called."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def warned(*args: P.args, **kwargs: P.kwargs) -> T:
            issue_deprecation_msg(f"The {deprecated} method is deprecated", version, remedy)
            return function(*args, **kwargs)

        return warned

    return decorate
