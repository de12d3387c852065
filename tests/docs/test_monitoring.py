"""The alert rules and the dashboard name metrics that there are, with labels that they have."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.server.metrics import Metrics
from bridge.store.account import State
from bridge.sync.outcome import Row

FOLDER = Path(__file__).parents[2] / "docs" / "monitoring"


def expressions() -> dict[str, str]:
    """What is asked of Prometheus, by name."""
    rules: Any = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))
    alerts = {rule["alert"]: rule["expr"] for group in rules["groups"] for rule in group["rules"]}
    board = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
    return alerts | {panel["title"]: panel["targets"][0]["expr"] for panel in board["panels"]}


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    """The labels of each metric that a service shows."""
    metrics = Metrics()
    metrics.refreshed("fortes", [Row("anna", "fortes", None)], 0.1)
    metrics.feed_requests.labels("200").inc()
    metrics.count_accounts({("fortes", State.OK): 1})
    found: dict[str, set[str]] = {"up": {"job"}}
    for line in metrics.text().decode().splitlines():
        if shown := re.match(r"(\w+)(?:\{(.*)\})? ", line):
            found.setdefault(shown[1], set()).update(re.findall(r'(\w+)="', shown[2] or ""))
    return found


@pytest.mark.parametrize("name", expressions())
def test_each_metric_and_label_is_there(name: str, known: dict[str, set[str]]) -> None:
    expression = expressions()[name]
    asked = re.findall(r"\b(roosterbridge_\w+|up\b)(?:\{([^}]*)\})?", expression)
    assert asked
    for metric, labels in asked:
        assert metric in known
        assert set(re.findall(r"(\w+)=~?\"", labels)) <= known[metric]
    by = {label for group in re.findall(r"by \(([^)]*)\)", expression) for label in re.split(r", *", group)}
    assert by <= set.union(*(known[metric] for metric, _ in asked))


def test_each_state_that_is_asked_for_is_one() -> None:
    asked = {state for expression in expressions().values() for state in re.findall(r'state="([^"]+)"', expression)}
    assert asked
    assert asked <= {state.value for state in State}
