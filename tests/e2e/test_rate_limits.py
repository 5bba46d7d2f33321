"""Limits on the rate of requests, as an operator sets them (api.md, Conventions)."""

import httpx

from support.client import PASSWORD, Client, check_problem
from support.waiting import until


def test_a_token_that_asks_too_often(launch) -> None:
    server = launch(arguments=["--rate-limit.token", "3"])
    with Client(server.url) as hasty, Client(server.url) as calm:
        hasty.register()
        calm.register()

        def refused() -> httpx.Response | None:
            answer = hasty.send("GET", "/projects")
            return answer if answer.status_code != 200 else None

        limited = until(refused)
        check_problem(limited, 429, "rate_limited")
        assert int(limited.headers["Retry-After"]) >= 1
        # A refused command has no effect, and others are not concerned.
        until(lambda: hasty.send("POST", "/projects", {"name": "P"}).status_code == 429)
        assert calm.send("GET", "/projects").status_code == 200
        for path in ("/healthz", "/metrics"):
            for _ in range(20):
                assert httpx.get(server.url + path).status_code == 200
        # It is a matter of waiting.
        until(lambda: hasty.send("GET", "/projects").status_code == 200)


def test_an_address_that_signs_in_too_often(launch) -> None:
    server = launch(arguments=["--rate-limit.auth", "2"])
    with Client(server.url) as client:
        client.register()
        body = {"email": "nobody@example.org", "password": PASSWORD}
        limited = until(
            lambda: (answer := client.send("POST", "/auth/login", body)).status_code == 429
            and answer
        )
        check_problem(limited, 429, "rate_limited")
        assert int(limited.headers["Retry-After"]) >= 1
        # Claims about the way here change nothing.
        for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
            again = client.send("POST", "/auth/login", body, headers={name: "192.0.2.1"})
            assert again.status_code == 429, name
        assert client.send("GET", "/me").status_code == 200


def test_a_position_that_is_not_reached(launch) -> None:
    server = launch()
    with Client(server.url) as client:
        client.register()
        partition = client.post("/projects", {"name": "P"}) and client.position.split("@")[0]
        for path in ("/projects", "/tasks", "/timers", "/events"):
            answer = client.send(
                "GET", path, min_position=f"{partition}@999999", headers={"Prefer": "wait=0"}
            )
            check_problem(answer, 503, "read_model_behind")
            assert int(answer.headers["Retry-After"]) >= 1
