"""Records an incident of a cluster: objects, events, logs and metrics, without secrets, for later."""

from tools.recorder.logs import RecordLimits
from tools.recorder.recorder import record

__all__ = ["RecordLimits", "record"]
