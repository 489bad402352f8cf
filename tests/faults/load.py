"""Many patients at once who check in by every door, one form after the other, and what became of their forms."""

import hmac
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Self

from sqlalchemy import RowMapping, create_engine, select

from data.catalogue import CODES, DOORS
from data.storage.schema import check_ins
from tests.app import App
from tests.engines.processes import until
from tests.form import NO_ANSWER, Form

SECRET = "s" * 32
BELIEVING = {"FORWARDED_ALLOW_IPS": "*"}  # a server that believes what its visitors say their addresses are
PATIENCE = 120  # seconds for anything to happen that must
COUNTED = "The counters match the check-ins and infusions.\n"
UNHARMED = {"lost": 0, "doubled": 0, "altered": 0, "never sent": 0}


class Load:
    """Patients who check in as long as the block runs; each stays with one server until that one does not answer.

    Who is not told "Sent" sends the same form again, to the next server, as the page and a proxy do. After two attempts
    every fourth patient gives up: that check-in may be stored, but nobody was told so.
    """

    def __init__(self, *apps: App, patients: int = 8, doors: Sequence[str] = tuple(DOORS)) -> None:
        self.apps, self.doors, self.forms = apps, doors, list[Form]()
        self._closing, self._broken = Event(), Event()
        self._pool = ThreadPoolExecutor(patients)
        self._patients = [self._pool.submit(self._check_in, number) for number in range(patients)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        self._closing.set()
        try:
            if not failed:
                self._wait_until(lambda: all(patient.done() for patient in self._patients))
        finally:
            self._broken.set()
            self._pool.shutdown()

    @property
    def confirmed(self) -> int:
        """How many forms were answered with "Sent" and a receipt."""
        return sum(bool(form.receipt) for form in self.forms)

    def wait_for(self, number: int) -> None:
        """Wait until so many more forms are confirmed."""
        enough = self.confirmed + number
        self._wait_until(lambda: self.confirmed >= enough)

    def settle(self) -> None:
        """Wait until every form that is open now is confirmed, or given up."""
        waiting = list(self.forms)
        self._wait_until(lambda: all(form.receipt or self._is_given_up(form) for form in waiting))

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        def look() -> bool:
            self._raise_what_no_fault_explains()
            return condition()

        until("confirmation", look, patience=PATIENCE)

    def _raise_what_no_fault_explains(self) -> None:
        for patient in self._patients:
            if patient.done():
                patient.result()

    def _check_in(self, number: int) -> None:
        turn = number // len(self.doors)
        while not self._closing.is_set():
            form = Form(self.doors[number % len(self.doors)], visitor=number + 1)
            self.forms.append(form)
            while not (form.receipt or self._is_given_up(form) or self._broken.is_set()):
                with suppress(*NO_ANSWER):
                    form.send(self.apps[turn % len(self.apps)])
                if not form.receipt:
                    turn += 1
                    self._broken.wait(random.uniform(0.05, 0.2))

    @staticmethod
    def _is_given_up(form: Form) -> bool:
        return form.attempts >= 2 and int(form.key, 16) % 4 == 0


def harm(app: App, forms: list[Form]) -> dict[str, int]:
    """Compare forms with all rows, past the code under test: count those that are not as their patients were told.

    A confirmed form must be stored once, with its answers and receipt; any other at most once, with its answers. "Never
    sent" are rows of no form.
    """
    engine = create_engine(app.database_url)
    with engine.connect() as connection:
        rows = connection.execute(select(check_ins)).mappings().all()
    engine.dispose()
    stored = defaultdict(list)
    for row in rows:
        stored[row["key_digest"]].append(row)
    found = dict.fromkeys(UNHARMED, 0)
    for form in forms:
        of_form = stored.pop(_digest("submission key", form.key), [])
        found["lost"] += bool(form.receipt) and not of_form
        found["doubled"] += len(of_form) > 1
        found["altered"] += not all(_is_as_told(row, form) for row in of_form)
    return found | {"never sent": len(stored)}


def _is_as_told(row: RowMapping, form: Form) -> bool:
    answers = row["window"], tuple(code for code in CODES if row[code]), bool(row["none"])
    receipt = row["receipt_digest"] == _digest("receipt", form.receipt) if form.receipt else True
    return receipt and answers == (form.window.code, form.ticked, not form.ticked)


def _digest(purpose: str, text: str) -> str:
    return hmac.digest(SECRET.encode(), f"{purpose}\0{text}".encode(), "sha256").hex()
