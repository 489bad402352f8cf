import json
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from data import VERSION, demonstration
from data.catalogue import CODES, LABELS, LIST_VERSION, NONE_OF_THESE, QUESTION, WINDOW_BY_CODE
from data.files import fhir
from tests.exported import KINDS, NOON, export, send_every_kind


@pytest.fixture
def exported(prepared, tmp_path):
    """Export a check-in of every kind; gives the text of the files."""
    send_every_kind()
    return export("fhir", tmp_path / "out")


def responses(files):
    lines = files["QuestionnaireResponse.ndjson"].splitlines()
    return [QuestionnaireResponse.model_validate_json(line) for line in lines]


def questionnaire():
    return Questionnaire.model_validate_json("".join(fhir.questionnaire()))


def answers(response):
    return {item.linkId: item.answer[0] for item in response.item or ()}


def ticked(response):
    return [code for code, answer in answers(response).items() if answer.valueBoolean]


def test_the_questionnaire_is_the_list(exported):
    valid = Questionnaire.model_validate_json(exported["Questionnaire.json"])

    assert [(item.linkId, item.text) for item in valid.item[:-1]] == list(LABELS.items())
    assert {item.type for item in valid.item[:-1]} == {"boolean"}
    window = valid.item[-1]
    offered = {option.valueCoding.code: option.valueCoding.display for option in window.answerOption}
    assert (window.linkId, window.type) == ("window", "choice")
    assert offered == {code: one.label for code, one in WINDOW_BY_CODE.items()}
    assert QUESTION in valid.description
    assert f'all {len(CODES)} false is the answer "{NONE_OF_THESE}"' in valid.description


def test_the_questionnaires_name_is_the_same_in_every_clinic():
    assert f"urn:uuid:{uuid5(NAMESPACE_URL, 'infusion-check-in/questionnaire')}" == fhir.CANONICAL
    assert f"urn:uuid:{uuid5(NAMESPACE_URL, 'infusion-check-in/windows')}" == fhir.WINDOW_SYSTEM
    assert f"urn:uuid:{uuid5(NAMESPACE_URL, 'infusion-check-in/releases')}" == fhir.RELEASE_SYSTEM
    assert (questionnaire().url, questionnaire().version) == (fhir.CANONICAL, str(LIST_VERSION))


def test_the_questionnaire_says_which_release_exported_it(exported):
    (tag,) = Questionnaire.model_validate_json(exported["Questionnaire.json"]).meta.tag

    assert (tag.system, tag.code) == (fhir.RELEASE_SYSTEM, VERSION)


def test_every_kind_of_check_in_is_a_valid_response_that_tells_it(exported):
    of = dict(zip(KINDS, responses(exported), strict=True))

    assert {kind: (one.status, ticked(one)) for kind, one in of.items()} == {
        "as sent": ("completed", ["vision", "headache"]),
        "none of these": ("completed", []),
        "corrected": ("amended", ["fatigue"]),
        "withdrawn": ("entered-in-error", []),
        "invited": ("completed", ["dizziness"]),
    }
    assert of["withdrawn"].item is None
    assert [one.id for one in of.values()] == [f"check-in-{number}" for number in range(1, 6)]
    assert {one.questionnaire for one in of.values()} == {f"{fhir.CANONICAL}|{LIST_VERSION}"}
    assert [one.language for one in of.values()] == ["es", "en", "en", "en", "en"]
    assert of["as sent"].authored == NOON


def test_every_item_of_the_questionnaire_is_answered_by_what_it_offers(exported):
    asked = {item.linkId for item in questionnaire().item}
    offered = {(option.valueCoding.system, option.valueCoding.code) for option in questionnaire().item[-1].answerOption}

    for response in responses(exported):
        if response.status != "entered-in-error":
            given = answers(response)
            coding = given["window"].valueCoding
            assert set(given) == asked
            assert {given[code].valueBoolean for code in CODES} <= {True, False}
            assert (coding.system, coding.code) in offered


def test_nothing_says_who_the_patient_is(exported):
    for line in exported["QuestionnaireResponse.ndjson"].splitlines():
        assert set(json.loads(line)) <= {
            "resourceType",
            "id",
            "language",
            "questionnaire",
            "status",
            "authored",
            "item",
        }


def test_an_instant_has_its_time_zone(exported):
    for line in exported["QuestionnaireResponse.ndjson"].splitlines():
        assert datetime.fromisoformat(json.loads(line)["authored"]).utcoffset().total_seconds() == 0


def test_made_up_check_ins_are_tagged_as_test_data(prepared, tmp_path):
    demonstration.fill(10, 1, lambda _: None)

    assert {one.meta.tag[0].code for one in responses(export("fhir", tmp_path / "out"))} == {"HTEST"}
