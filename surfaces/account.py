"""Who answered, and what the models took: the same words in every surface."""

from collections.abc import Iterator, Sequence

from domain.diagnosis import Diagnosis, ModelCall


def tell_models(diagnosis: Diagnosis) -> Iterator[str]:
    """One line a model: how often it was asked, and what that took."""
    for model in dict.fromkeys(call.model for call in diagnosis.calls):
        own = [call for call in diagnosis.calls if call.model == model]
        times = f"{len(own)} times" if len(own) > 1 else "once"
        yield f"{model}: {times}, {_price(own)}"


def _price(calls: Sequence[ModelCall]) -> str:
    """What calls took; one that failed for nothing took nothing."""
    paid = [call for call in calls if not call.fault or call.cost]
    if not paid:
        return "without an answer"
    tokens, prices = sum(call.read + call.written for call in paid), [call.cost for call in paid]
    price = "price not known" if None in prices else f"${sum(filter(None, prices)):.4f}"
    return f"{tokens:,} tokens, {price}"
