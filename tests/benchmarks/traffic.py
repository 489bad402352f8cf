"""What goes over the line while Chromium loads a page."""

import base64
from typing import Any, NamedTuple

from playwright.sync_api import CDPSession


class Answer(NamedTuple):
    """What came over the line, and when it had, by the browser's clock."""

    size: float
    at: float


class Traffic:
    """Requests and bytes, headers included, and the content of the websocket's frames both ways."""

    def __init__(self, network: CDPSession) -> None:
        self.urls: dict[str, str] = {}
        self.answers: dict[str, Answer] = {}
        self.frames: list[Answer] = []
        self._began = float("inf")
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", self._asked)
        network.on("Network.loadingFinished", self._answered)
        network.on("Network.loadingFailed", self._failed)
        network.on("Network.webSocketFrameReceived", self._framed)
        network.on("Network.webSocketFrameSent", self._framed)

    @property
    def state(self) -> tuple[int, int]:
        """How many requests are asked and how many answered."""
        return len(self.urls), len(self.answers)

    @property
    def loaded(self) -> list[str]:
        """The addresses that were answered over the line, not by the cache."""
        return [self.urls[key] for key in self.urls if key in self.answers and self.answers[key].size]

    def size(self, seconds: float = float("inf")) -> float:
        """Return the bytes of the document, and of all else that had come within so many seconds."""
        document, *others = (self.answers[key] for key in self.urls if key in self.answers)
        return document.size + sum(one.size for one in (*others, *self.frames) if one.at <= self._began + seconds)

    def _asked(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith(("data:", "blob:")):
            self.urls[event["requestId"]] = event["request"]["url"]
            self._began = min(self._began, event["timestamp"])

    def _answered(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.urls:
            self.answers[event["requestId"]] = Answer(event["encodedDataLength"], event["timestamp"])

    def _failed(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.urls:
            self.answers[event["requestId"]] = Answer(0, event["timestamp"])

    def _framed(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        content = base64.b64decode(frame["payloadData"]) if frame["opcode"] == 2 else frame["payloadData"]
        self.frames.append(Answer(len(content), event["timestamp"]))
