"""How many files this process may open: each open page takes four, so the usual 1,024 allow 250 visitors."""

from contextlib import suppress

try:
    import resource
except ImportError:  # on Windows, which has no such limit
    resource = None

_UNLIMITED = 1_000_000


def allow_all() -> None:
    """Raise the limit to the highest that the system allows this process; macOS names one that it then refuses."""
    if resource:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def most() -> int:
    """Return the limit."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if resource else -1
    return soft if soft > 0 else _UNLIMITED
