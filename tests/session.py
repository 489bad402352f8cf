"""Streamlit's side of a page, spoken to without a browser."""

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection

Values = dict[str, tuple[str, object]]


class Session:
    """One session; `ids` holds the ids of the widgets that were shown, by their keys without `check_in_`.

    `html` is the HTML that the last run showed.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.ids: dict[str, str] = {}
        self.run(BackMsg())

    def run(self, message: BackMsg) -> list[str]:
        """Send a message that runs the page; return the texts of the headings and errors that come back."""
        message.rerun_script.SetInParent()
        return self.send(message.SerializeToString())

    def send(self, data: bytes) -> list[str]:
        """Send any bytes, and wait for a run's end."""
        self.connection.send(data)
        told: list[str] = []
        self.html = ""
        while True:
            forward = ForwardMsg.FromString(self.connection.recv(timeout=60))
            if forward.WhichOneof("type") == "script_finished":
                return told
            element = forward.delta.new_element
            kind = element.WhichOneof("type")
            if kind in ("heading", "alert"):
                told.append(getattr(element, kind).body)
            elif kind == "html":
                self.html += element.html.body
            elif kind and (shown := getattr(getattr(element, kind), "id", "")):
                self.ids[shown.split("-", 2)[-1].removeprefix("check_in_")] = shown

    def message(self, values: Values) -> BackMsg:
        """Return a message as a browser sends it, with the kind of value and the value of each widget."""
        message = BackMsg()
        for name, (kind, value) in values.items():
            state = message.rerun_script.widget_states.widgets.add(id=self.ids.get(name, f"$$ID-0-check_in_{name}"))
            if kind == "string_array_value":
                state.string_array_value.data.extend(value)
            else:
                setattr(state, kind, value)
        return message
