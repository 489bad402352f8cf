"""The messages that Streamlit's browser code may send, of which our pages need few kinds."""

import re

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

TYPES = {"rerun_script", "app_heartbeat", "stop_script"}
VALUES = {"string_value", "string_array_value", "bool_value", "trigger_value", None}
LARGEST = 64 * 1024  # bytes; our pages send 1.5 kB at most
NUMBER = re.compile(r"-infusions_([0-9]+_)*number$", re.ASCII)  # the end of the ids of widgets that send a number
MOST_WIDGETS = 200  # our pages have about forty


def is_ours(data: bytes | None) -> bool:
    """Return whether one of our pages could have sent this message."""
    if data is None or len(data) > LARGEST:
        return False
    try:
        message = BackMsg.FromString(data)
    except DecodeError:
        return False
    widgets = message.rerun_script.widget_states.widgets
    return message.WhichOneof("type") in TYPES and len(widgets) <= MOST_WIDGETS and all(map(_is_known, widgets))


def _is_known(widget: WidgetState) -> bool:
    kind = widget.WhichOneof("value")
    return kind in VALUES or (kind == "int_value" and NUMBER.search(widget.id) is not None)
