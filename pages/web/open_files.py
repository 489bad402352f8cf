"""How many files this process may open: each open page takes four, so the usual 1,024 allow 250 visitors."""

import sys

_UNLIMITED = 1_000_000

if sys.platform == "win32":  # which has no such limit

    def allow_all() -> None:
        """Do nothing."""

    def most() -> int:
        """Return a large number."""
        return _UNLIMITED

else:
    import resource

    def allow_all() -> None:
        """Raise the limit to the highest that the system allows this process."""
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def most() -> int:
        """Return the limit."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return _UNLIMITED if soft == resource.RLIM_INFINITY else soft
