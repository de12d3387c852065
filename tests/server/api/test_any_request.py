"""schemathesis sends the API whatever its document allows, and much that it does not."""

import asyncio
import os
import sys
from pathlib import Path

from tests.conftest import slow
from tests.program import new_program

TOKEN = "the-token-of-all-tests"
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


@slow("some thousand made-up requests to the API, by schemathesis")
async def test_no_request_breaks_the_api_and_every_answer_is_as_documented(tmp_path: Path) -> None:
    async with new_program(tmp_path / "service") as program:
        program.configure({"security": {"admin_token": TOKEN}, "refresh": {"interval": "30m"}})
        async with program.serve() as service:
            words = [
                *("-m", "schemathesis.cli", "run", f"{service.address}/api/v1/openapi.json"),
                *("--url", f"{service.address}/api/v1", "--header", f"Authorization: Bearer {TOKEN}"),
                *("--checks", ",".join(_CHECKS), "--phases", "examples,coverage,fuzzing"),
                *("--max-examples", "20", "--seed", "1", "--generation-deterministic", "--request-timeout", "30"),
                *("--warnings", "off", "--no-color", "--continue-on-failure", "--suppress-health-check", "all"),
            ]
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *words,
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": ""},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            try:
                said, _ = await asyncio.wait_for(process.communicate(), 900)
            finally:
                if process.returncode is None:
                    process.kill()
            assert process.returncode == 0, said.decode()
        assert "Traceback" not in service.told()
