"""结论的名称: the words beside the codes in what the views keep of decisions and vettings."""

from collections.abc import Iterable
from typing import Any

from service.domain.decision_purpose import DecisionResult
from service.domain.gate_condition import Condition


def condition_words(conditions: Iterable[str]) -> list[str]:
    """What each of these conditions is called, in their order."""
    return [Condition(each).word for each in conditions]


def put_words(document: dict[str, Any]) -> None:
    """Puts the words of results and conditions beside them, wherever they stand in a document."""
    conclusion = document["conclusion"]
    said = [document, *([conclusion] if conclusion else []), *document.get("revisions", [])]
    for each in said:
        result = each["result"]
        each["result_word"] = None if result is None else DecisionResult(result).word
    for each in document["overrides"]:
        each["conditions_words"] = condition_words(each["conditions"])
    if conclusion:
        conclusion["notices_words"] = condition_words(conclusion["notices"])
        conclusion["overridden_words"] = condition_words(conclusion["overridden"])
