"""What many things of one kind have in common: a notebook shows them as a table, and they become data frames."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from ..core.reports import describe_instances
from ..records.instance import Instance
from ..records.report import Report
from .display import as_page
from .views import view_instance

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

T = TypeVar("T")


class Tabular(ABC):
    """Something that can be written as rows, one dictionary each."""

    @abstractmethod
    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a dictionary for each row; all have the same keys."""

    def to_pandas(self) -> "pd.DataFrame":
        """Return the rows as a pandas data frame. Pandas is not installed with this library."""
        frame: pd.DataFrame = _load("pandas").DataFrame(self.to_dicts())
        return frame

    def to_polars(self) -> "pl.DataFrame":
        """Return the rows as a polars data frame. Polars is not installed with this library."""
        frame: pl.DataFrame = _load("polars").DataFrame(self.to_dicts(), infer_schema_length=None)
        return frame


def _load(library: str) -> Any:
    """Return a library that only those have who want its data frames."""
    try:
        return import_module(library)
    except ImportError as error:
        raise ImportError(f"This data frame needs {library}.\nInstall it: pip install {library}") from error


class Table(list[T], Tabular):
    """A list that a notebook shows as a table."""

    def __init__(self, items: Iterable[T] = ()) -> None:
        super().__init__(items)

    @abstractmethod
    def report(self) -> Report:
        """Return the table as text."""

    def _repr_html_(self) -> str:
        return as_page(self.report())


class InstanceList(Table[dict[str, Any]]):
    """Instances of an account, each with `crn`, `plan`, `name`, `tags` and `pricing_type`."""

    @classmethod
    def of(cls, instances: Iterable[Instance]) -> "InstanceList":
        """Make the list from records."""
        return cls(map(view_instance, instances))

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the instances."""
        return [dict(each) for each in self]

    def report(self) -> Report:
        """Return the instances as a table of text."""
        return describe_instances(self)
