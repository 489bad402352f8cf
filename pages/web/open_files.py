"""How many files this process may open: each open page takes four, so the usual 1,024 allow 250 visitors."""

import sys
from contextlib import suppress

if sys.platform != "win32":  # Windows has no such limit
    import resource

_UNLIMITED = 1_000_000


def allow_all() -> None:
    """Raise the limit to the highest that the system allows this process; macOS names one that it then refuses."""
    if sys.platform != "win32":
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def most() -> int:
    soft = -1 if sys.platform == "win32" else resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return soft if soft > 0 else _UNLIMITED
