"""`watch` for PyTorch."""

from .recorder import Recorder, watch

__all__ = ["Recorder", "watch"]
