"""A stop of the server waits for answers under way, but not for ever for a line that has gone silent."""

import signal

import uvicorn

SECONDS = 10


def limit() -> None:
    """Let the server that runs this process wait `SECONDS` at a stop; called once it serves.

    Streamlit makes the server and has no setting for that; it is known by what handles the signal to stop.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if isinstance(server, uvicorn.Server) and server.config.timeout_graceful_shutdown is None:
        server.config.timeout_graceful_shutdown = SECONDS
