"""Each alert fires for what it is for, and none while all is well: tried by Prometheus' own promtool."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.test_monitoring import FOLDER, expressions

ALERTS = FOLDER / "alerts.yml"
PROMTOOL = shutil.which("promtool")
JOB = 'job="roosterbridge"'
WELL = {
    f"up{{{JOB}}}": "1x600",
    'roosterbridge_feed_requests_total{status="200"}': "0+50x600",
    'roosterbridge_refresh_seconds_count{source="fortes"}': "0+10x600",
    'roosterbridge_accounts{source="fortes",state="ok"}': "300x600",
    'roosterbridge_accounts{source="fortes",state="login-needed"}': "5x600",
    'roosterbridge_accounts{source="fortes",state="held"}': "0x600",
    'roosterbridge_parts_total{source="fortes",outcome="ok"}': "0+10x600",
    'roosterbridge_parts_total{source="fortes",outcome="failed"}': "0+1x600",
    "roosterbridge_feeds_refused": "0x600",
    "roosterbridge_feeds_faulty": "0x600",
    "roosterbridge_feeds_not_rendered_total": "0x600",
}
"""The series of a service with which nothing is wrong; a few logins are needed at any time."""
ILL: dict[str, tuple[str, dict[str, str | None], str]] = {
    "away": ("RoosterbridgeAway", {f"up{{{JOB}}}": "1x10 0x600"}, "2h"),
    "errors": ("RoosterbridgeFeedsFail", {'roosterbridge_feed_requests_total{status="500"}': "0+1x600"}, "1h"),
    "no refreshes": (
        "RoosterbridgeRefreshesStopped",
        {'roosterbridge_refresh_seconds_count{source="fortes"}': "10x600"},
        "3h",
    ),
    "no refresh since the start": (
        "RoosterbridgeRefreshesStopped",
        {'roosterbridge_refresh_seconds_count{source="fortes"}': None},
        "3h",
    ),
    "a school fails": (
        "RoosterbridgeSourceAway",
        {'roosterbridge_parts_total{source="fortes",outcome="failed"}': "0+20x600"},
        "4h",
    ),
    "a school fails since the start": (
        "RoosterbridgeSourceAway",
        {'roosterbridge_parts_total{source="fortes",outcome="ok"}': None},
        "4h",
    ),
    "logins": (
        "RoosterbridgeLoginsNeeded",
        {'roosterbridge_accounts{source="fortes",state="login-needed"}': "6x600"},
        "26h",
    ),
    "held": ("RoosterbridgeAnswersHeld", {'roosterbridge_accounts{source="fortes",state="held"}': "1x600"}, "26h"),
    "refused": ("RoosterbridgeFaultyFeeds", {"roosterbridge_feeds_refused": "1x600"}, "1h"),
    "faulty": ("RoosterbridgeFaultyFeeds", {"roosterbridge_feeds_faulty": "1x600"}, "1h"),
    "not rendered": ("RoosterbridgeFaultyFeeds", {"roosterbridge_feeds_not_rendered_total": "0x6 1x600"}, "1h"),
}
"""What is wrong, the alert for it, the series that differ, and when the alert has fired."""
pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool on the PATH: Debian's package prometheus")


def promtool(*words: str | Path) -> None:
    """It must do; else what it says is in the failure."""
    ended = subprocess.run([str(PROMTOOL), *map(str, words)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def rules() -> dict[str, Any]:
    """The alert rules, by name."""
    groups = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def expected(name: str, moment: str, *, fires: bool) -> dict[str, Any]:
    """What promtool expects of an alert at a moment."""
    rule = rules()[name]
    summary = rule["annotations"]["summary"].replace("{{ $labels.source }}", "fortes").replace("{{ $value }}", "6")
    by_source = {"source": "fortes"} if "by (source)" in rule["expr"] else {}
    labels = rule["labels"] | by_source | ({"job": "roosterbridge"} if name.endswith("Away") and not by_source else {})
    alert = {"exp_labels": labels, "exp_annotations": {"summary": summary}}
    return {"eval_time": moment, "alertname": name, "exp_alerts": [alert] if fires else []}


def of(series: dict[str, str | None], *expectations: dict[str, Any]) -> dict[str, Any]:
    """A test of promtool: the series of a service that is well but for these, of which `None` is missing."""
    values = [{"series": one, "values": value} for one, value in (WELL | series).items() if value is not None]
    return {"interval": "5m", "input_series": values, "alert_rule_test": list(expectations)}


def test_the_rules_and_the_queries_of_the_dashboard_are_promql(tmp_path: Path) -> None:
    promtool("check", "rules", ALERTS)
    asked = {name: expression.replace("$__rate_interval", "5m") for name, expression in expressions().items()}
    recorded = [{"record": f"asked:{number}", "expr": expression} for number, expression in enumerate(asked.values())]
    queries = tmp_path / "queries.yml"
    queries.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": recorded}]}), "utf-8")
    promtool("check", "rules", queries)


def test_each_alert_fires_for_what_it_is_for_and_none_while_all_is_well(tmp_path: Path) -> None:
    assert {alert for alert, _, _ in ILL.values()} == rules().keys()
    tests = [of({}, *(expected(name, moment, fires=False) for name in rules() for moment in ("2h", "26h")))]
    for alert, series, moment in ILL.values():
        others = [expected(name, moment, fires=False) for name in rules() if name != alert]
        tests.append(of(series, expected(alert, moment, fires=True), *others))
    file = tmp_path / "tests.yml"
    file.write_text(json.dumps({"rule_files": [str(ALERTS)], "evaluation_interval": "5m", "tests": tests}), "utf-8")
    promtool("test", "rules", file)
