"""Check-ins as resources of FHIR R4: the list as a Questionnaire, each check-in as a QuestionnaireResponse.

Source: https://hl7.org/fhir/R4/questionnaire.html and https://hl7.org/fhir/R4/questionnaireresponse.html.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import RowMapping

from data import VERSION
from data.catalogue import LIST_VERSION, LISTS, NONE_OF_THESE, WINDOW_QUESTION, WINDOWS
from data.storage import database

# These never change: uuid5 of NAMESPACE_URL with infusion-check-in/questionnaire, …/windows, …/releases.
CANONICAL = "urn:uuid:9a241c4b-bcf8-55f7-aaed-f335a6a702da"
WINDOW_SYSTEM = "urn:uuid:193ce454-f449-526d-896e-8087c1a394a0"
RELEASE_SYSTEM = "urn:uuid:dff44a19-ee7b-57f0-978b-44a3f4d3ac5a"
_MADE_UP = {"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]}


def questionnaire(list_version: int = LIST_VERSION) -> Iterator[str]:
    """Give one version of the list as a JSON document."""
    asked = LISTS[list_version]
    windows = [
        {"valueCoding": {"system": WINDOW_SYSTEM, "code": window.code, "display": window.label}} for window in WINDOWS
    ]
    items = [
        {"linkId": code, "text": label, "type": "boolean", "required": True} for code, label in asked.labels.items()
    ]
    window = {"linkId": "window", "text": WINDOW_QUESTION, "type": "choice", "required": True, "answerOption": windows}
    resource = {
        "resourceType": "Questionnaire",
        "id": f"infusion-check-in-{list_version}",
        "meta": {"tag": [{"system": RELEASE_SYSTEM, "code": VERSION}]},
        "url": CANONICAL,
        "version": str(list_version),
        "name": "InfusionCheckIn",
        "title": "Infusion check-in",
        "status": "active" if list_version == LIST_VERSION else "retired",
        "description": f'"{asked.question}" True is a tick, false was shown and not ticked; all {len(asked.codes)} '
        f'false is the answer "{NONE_OF_THESE}". By an invitation the window is computed, not asked.',
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
    asked = LISTS[row["list_version"]].codes
    answers = [{"linkId": code, "answer": [{"valueBoolean": bool(row[code])}]} for code in asked]
    window = {"linkId": "window", "answer": [{"valueCoding": {"system": WINDOW_SYSTEM, "code": row["window"]}}]}
    return resource | {"status": "amended" if row["corrected"] else "completed", "item": [*answers, window]}
