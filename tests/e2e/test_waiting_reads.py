"""How long a query waits for Min-Position: 2 s, or what `Prefer: wait=` says up to 30 s (api.md,
Conventions)."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from support.client import Client, check_problem
from support.waiting import until
from support.work import make_project


def test_a_query_waits_as_long_as_it_is_told(client: Client) -> None:
    make_project(client)
    partition, offset = client.position.split("@")
    never = f"{partition}@999999"
    headers = {"Authorization": f"Bearer {client.token}"}

    def ask(position: str, prefer: str) -> tuple[httpx.Response, float]:
        begun = time.monotonic()
        answer = httpx.get(
            client.url + "/api/v1/projects",
            headers={**headers, "Min-Position": position, "Prefer": prefer},
            timeout=120,
        )
        return answer, time.monotonic() - begun

    with ThreadPoolExecutor(4) as asking:
        begun = time.monotonic()
        usual = asking.submit(ask, never, "return=minimal")
        longer = asking.submit(ask, never, "respond-async, wait=5")
        longest = asking.submit(ask, never, "wait=3600")
        # Longer than the usual time, and then what it waits for happens.
        rewarded = asking.submit(ask, f"{partition}@{int(offset) + 1}", "wait=25")
        answer, took = usual.result()
        check_problem(answer, 503, "read_model_behind")
        assert took >= 2
        until(lambda: time.monotonic() >= begun + 3, 10)
        assert not rewarded.done()
        second = make_project(client)
        answer, took = rewarded.result()
        assert answer.status_code == 200 and took >= 3
        assert second["id"] in [each["id"] for each in answer.json()["projects"]]
        answer, took = longer.result()
        check_problem(answer, 503, "read_model_behind")
        assert took >= 5
        answer, took = longest.result()
        check_problem(answer, 503, "read_model_behind")
        assert answer.headers["Retry-After"] == "1"
        assert 25 <= took < 60
