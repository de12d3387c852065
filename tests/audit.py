"""The last step of `make lint`: whether a locked dependency has a known vulnerability, as far as that can be asked.

pip-audit ends with 1 where its service cannot be reached, too; that says nothing of the dependencies.
"""

import json
import subprocess
import sys
from pathlib import Path

_LOCK = Path(__file__).parents[1] / "requirements-dev.lock"  # has those of requirements.lock, too
_COMMAND = ("-m", "pip_audit", "--require-hashes", "--disable-pip", "--format=json", "--progress-spinner=off")


def verdict(report: str, trouble: str) -> tuple[int, str]:
    """The exit code and the sentence for what pip-audit printed, as JSON, and for its last complaint."""
    try:
        dependencies = list(json.loads(report)["dependencies"])
    except (ValueError, LookupError, TypeError):
        return 0, f"Nothing was audited, since pip-audit could not ask its service: {trouble or 'it said nothing'}"
    known = [one for one in dependencies if "vulns" in one]
    found = [f"{one['name']} {one['version']}: {vuln['id']}" for one in known for vuln in one["vulns"]]
    if found:
        return 1, "\n".join(["Known vulnerabilities:", *found])
    silent = len(dependencies) - len(known)
    if not known:
        return 0, f"Nothing was audited: pip-audit's service knows none of the {silent} locked dependencies."
    unknown = f"; {silent} could not be looked up" if silent else ""
    return 0, f"Of {len(known)} locked dependencies none has a known vulnerability{unknown}."


def main() -> int:
    """Ask pip-audit, and print what it found."""
    command = [sys.executable, *_COMMAND, "--requirement", str(_LOCK)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    code, sentence = verdict(ended.stdout, ended.stderr.strip().rpartition("\n")[2])
    print(sentence)  # noqa: T201 - for whoever lints
    return code


if __name__ == "__main__":
    sys.exit(main())
