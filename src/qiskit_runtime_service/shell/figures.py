"""Figures of results, with plotly: those of `bridge`, with the errors of IBM's client where an argument is refused."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

from .._public import public
from ..bridge import layer_figures, schedule_figures, span_figures, zne_figures
from ..bridge.plotly_figures import UndrawableError, require_plotly
from ..client.raising import exception_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

P = ParamSpec("P")

require_plotly()


def refusing(draw: "Callable[P, Figure]") -> "Callable[P, Figure]":
    """Return a function that draws the same, and raises `IBMInputValueError` where an argument cannot be meant.

    Source: behaviour B491.
    """

    @public("visualization")
    @wraps(draw)
    def drawn(*args: P.args, **given: P.kwargs) -> "Figure":
        try:
            return draw(*args, **given)
        except UndrawableError as error:
            raise exception_of(error.problem) from None

    return drawn


draw_circuit_schedule_timing = refusing(schedule_figures.draw_circuit_schedule_timing)
draw_execution_spans = refusing(span_figures.draw_execution_spans)
draw_layer_error_map = refusing(layer_figures.draw_layer_error_map)
draw_layer_errors_swarm = refusing(layer_figures.draw_layer_errors_swarm)
draw_zne_evs = refusing(zne_figures.draw_zne_evs)
draw_zne_extrapolators = refusing(zne_figures.draw_zne_extrapolators)
