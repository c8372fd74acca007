"""Where IBM's users import the class that they describe devices of their own with."""

from ..shell.fake_backend import FakeBackendV2

__all__ = ["FakeBackendV2"]
