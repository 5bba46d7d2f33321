"""The pages of docs that show commands and their output: they run as written."""

import json
import re
import subprocess
from typing import Any

import pytest

from support.places import ROOT
from support.teamflow import Teamflow

BLOCK = re.compile(r"```sh\n(.*?)```\n+(?:```(json|text)\n(.*?)```)?", re.S)


def shape(value: Any) -> Any:
    """Names and kinds of values, without the values; null may stand for anything."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(element) for element in value]
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def words(text: str) -> list[str]:
    """The lines without what differs from run to run."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", text.replace("\r", ""))
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<time>", text)
    return re.sub(r"\d+", "<number>", text).strip().splitlines()


@pytest.mark.parametrize("page", ["api-tour.md"])
def test_a_page_runs_as_written(server: Teamflow, page: str) -> None:
    blocks = BLOCK.findall((ROOT / "docs" / page).read_text())
    assert blocks
    mark = "----- end of block -----"
    script = "".join(f"{code}\necho\necho '{mark}'\n" for code, _, _ in blocks)
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=60,
        env={"API": f"{server.url}/api/v1", "PATH": "/usr/bin:/bin"},
    )
    outputs = done.stdout.split(mark)
    assert len(outputs) == len(blocks) + 1, done.stderr
    for (code, kind, expected), output in zip(blocks, outputs):
        if kind == "json":
            assert shape(json.loads(output)) == shape(json.loads(expected)), code
        elif kind == "text":
            assert words(output) == words(expected), code
