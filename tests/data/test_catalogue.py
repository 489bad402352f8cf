from datetime import timedelta

from data import catalogue

ARTICLE = [
    "Nausea or vomiting",
    "Increased heart rate or blood pressure",
    "Changes in vision, such as blurriness or double vision",
    "Dizziness or lightheadedness",
    "Headache",
    "Increased salivation or dry mouth",
    "Muscle tremors or twitches",
    "Anxiety or restlessness",
    "Hallucinations",
    "Dissociation",
    "Fatigue or drowsiness",
    "Insomnia or changes in sleep patterns",
    "Appetite changes",
    "Bladder problems",
]


def test_the_labels_are_the_articles_words_in_its_order():
    assert [side_effect.label for side_effect in catalogue.SIDE_EFFECTS] == ARTICLE


def test_every_code_is_stable_and_stands_for_one_side_effect():
    assert catalogue.CODES == (
        "nausea",
        "heart_rate",
        "vision",
        "dizziness",
        "headache",
        "dry_mouth",
        "tremor",
        "anxiety",
        "hallucinations",
        "dissociation",
        "fatigue",
        "sleep",
        "appetite",
        "bladder",
    )


def test_the_windows_follow_each_other_without_gap_or_overlap_for_thirty_days():
    assert [window.code for window in catalogue.WINDOWS] == ["0-4 h", "4-24 h", "1-7 d", ">7 d"]
    assert catalogue.WINDOWS[0].start == timedelta(0)
    assert [window.end for window in catalogue.WINDOWS[:-1]] == [window.start for window in catalogue.WINDOWS[1:]]
    assert catalogue.WINDOWS[-1].end == timedelta(hours=720)


def test_the_question_asks_for_now():
    assert catalogue.QUESTION == "Which of these do you have now? Select all that apply."
