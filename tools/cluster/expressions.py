"""Selectors written as structures: ``matchLabels``, ``matchExpressions``, node selector terms."""

from collections.abc import Mapping
from typing import Any


def match_selector(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector matches; the empty selector matches everything."""
    wanted = selector.get("matchLabels") or {}
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        match_expression(expression, labels) for expression in selector.get("matchExpressions") or []
    )


def match_expression(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether one requirement holds; of an unknown operator it never does."""
    value, values = labels.get(expression.get("key", "")), expression.get("values") or []
    match expression.get("operator"):
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt" as operator if value and value.lstrip("-").isdigit() and values:
            return int(value) > int(values[0]) if operator == "Gt" else int(value) < int(values[0])
    return False
