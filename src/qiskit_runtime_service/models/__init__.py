"""The door to what configurations, calibrations and states are, where IBM's users look for it."""

from .._doors import open_doors
from ..exceptions import BackendPropertyError
from ..shell.models import (
    BackendConfiguration,
    BackendProperties,
    BackendStatus,
    GateConfig,
    GateProperties,
    Nduv,
    UchannelLO,
)

QasmBackendConfiguration = BackendConfiguration
"""The same: only the attributes tell backends apart."""

__all__ = [
    "BackendConfiguration",
    "BackendProperties",
    "BackendPropertyError",
    "BackendStatus",
    "GateConfig",
    "GateProperties",
    "Nduv",
    "QasmBackendConfiguration",
    "UchannelLO",
]

open_doors(__name__)
