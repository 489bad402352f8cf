"""Check-ins as resources of FHIR R4: the list as a Questionnaire, each check-in as a QuestionnaireResponse.

Source: https://hl7.org/fhir/R4/questionnaire.html and https://hl7.org/fhir/R4/questionnaireresponse.html.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import RowMapping

from data import VERSION
from data.catalogue import CODES, LABELS, LIST_VERSION, NONE_OF_THESE, QUESTION, WINDOW_QUESTION, WINDOWS
from data.storage import database

# These never change: uuid5 of NAMESPACE_URL with infusion-check-in/questionnaire, …/windows, …/releases.
CANONICAL = "urn:uuid:9a241c4b-bcf8-55f7-aaed-f335a6a702da"
WINDOW_SYSTEM = "urn:uuid:193ce454-f449-526d-896e-8087c1a394a0"
RELEASE_SYSTEM = "urn:uuid:dff44a19-ee7b-57f0-978b-44a3f4d3ac5a"
_MADE_UP = {"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]}


def questionnaire() -> Iterator[str]:
    """Give the list as it is asked now as one JSON document."""
    windows = [
        {"valueCoding": {"system": WINDOW_SYSTEM, "code": window.code, "display": window.label}} for window in WINDOWS
    ]
    items = [{"linkId": code, "text": label, "type": "boolean", "required": True} for code, label in LABELS.items()]
    window = {"linkId": "window", "text": WINDOW_QUESTION, "type": "choice", "required": True, "answerOption": windows}
    resource = {
        "resourceType": "Questionnaire",
        "id": f"infusion-check-in-{LIST_VERSION}",
        "meta": {"tag": [{"system": RELEASE_SYSTEM, "code": VERSION}]},
        "url": CANONICAL,
        "version": str(LIST_VERSION),
        "name": "InfusionCheckIn",
        "title": "Infusion check-in",
        "status": "active",
        "description": f'"{QUESTION}" True is a tick, false was shown and not ticked; all fourteen false is the answer '
        f'"{NONE_OF_THESE}". By an invitation the window is computed, not asked.',
        "item": [*items, window],
    }
    yield json.dumps(resource, indent=2) + "\n"


def responses(rows: Iterable[RowMapping]) -> Iterator[str]:
    """Yield each check-in as a line of JSON; made-up ones are tagged as test data."""
    meta = {"meta": _MADE_UP} if database.is_demonstration() else {}
    for row in rows:
        yield json.dumps(_response(row) | meta, separators=(",", ":")) + "\n"


def _response(row: RowMapping) -> dict[str, Any]:
    """Return the resource of one check-in, without item texts: they would have to be in its language."""
    resource = {
        "resourceType": "QuestionnaireResponse",
        "id": f"check-in-{row['id']}",  # servers refuse an id of digits alone
        "language": row["language"],
        "questionnaire": f"{CANONICAL}|{row['list_version']}",
        "authored": row["recorded"].isoformat(),
    }
    if row["withdrawn"]:
        return resource | {"status": "entered-in-error"}
    answers = [{"linkId": code, "answer": [{"valueBoolean": bool(row[code])}]} for code in CODES]
    window = {"linkId": "window", "answer": [{"valueCoding": {"system": WINDOW_SYSTEM, "code": row["window"]}}]}
    return resource | {"status": "amended" if row["corrected"] else "completed", "item": [*answers, window]}
