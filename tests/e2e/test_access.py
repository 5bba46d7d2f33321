"""Access that ends before its token does, and what is swept once it has expired."""

import time
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from support.client import Client
from support.feed import Feed
from support.teamflow import Teamflow
from support.tokens import signed_again
from support.waiting import until


def status(client: Client, path: str = "/tasks") -> int:
    return client.send("GET", path).status_code


def close_code(feed: Feed, within: float = 10.0) -> int:
    """Reads to the end of the feed."""
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            feed.receive(within)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_a_deactivated_member_reads_nothing_more(client: Client) -> None:
    with client.colleague() as member, Feed(member) as feed:
        assert status(member) == 200
        client.patch(f"/users/{member.user['id']}", {"active": False})
        until(lambda: status(member) == 403, 5, "the refusal")
        member.refused(403, "forbidden", "GET", "/projects")
        member.refused(403, "forbidden", "POST", "/tasks", {"title": "x", "project_id": "x"})
        assert close_code(feed) == 4401
        # The account itself is the user's own.
        assert member.get("/me")["id"] == member.user["id"]
        client.patch(f"/users/{member.user['id']}", {"active": True})
        until(lambda: status(member) == 200, 5, "the way back")


def test_a_changed_role_is_in_effect_at_once(client: Client) -> None:
    with client.colleague("admin") as member, Feed(member) as feed:
        assert status(member, "/invitations") == 200
        client.patch(f"/users/{member.user['id']}", {"role": "viewer"})
        until(lambda: status(member, "/invitations") == 403, 5, "the refusal")
        assert status(member) == 200
        assert close_code(feed) == 4401
        client.patch(f"/users/{member.user['id']}", {"role": "admin"})
        until(lambda: status(member, "/invitations") == 200, 5, "the new role")


def test_a_logout_ends_the_access_token(client: Client) -> None:
    other = Client(client.url)
    other.login(client.user["email"])
    with Feed(client) as feed:
        client.post("/auth/logout", {"refresh_token": client.refresh_token}, expect=204)
        until(lambda: status(client) == 401, 5, "the refusal")
        client.post("/auth/logout", {"refresh_token": client.refresh_token}, expect=204)
        # Noticed at the latest when there is something to deliver.
        other.post("/projects", {"name": "Something to tell"}, expect=201)
        assert close_code(feed) == 4401
    assert status(other) == 200
    other.close()


def test_a_refresh_token_used_twice_ends_the_sign_in(client: Client) -> None:
    first = client.refresh_token
    client.refresh()
    assert status(client) == 200
    client.refused(401, "unauthenticated", "POST", "/auth/refresh", {"refresh_token": first})
    until(lambda: status(client) == 401, 5, "the refusal")


def test_ended_access_stays_ended_after_a_restart(launch: Any) -> None:
    server = launch()
    with Client(server.url) as client:
        client.register()
        with client.colleague() as member, client.colleague() as leaver:
            client.patch(f"/users/{member.user['id']}", {"active": False})
            leaver.post("/auth/logout", {"refresh_token": leaver.refresh_token}, expect=204)
            server.kill9()
            server.start()
            until(lambda: status(member) == 403, 5, "the refusal")
            until(lambda: status(leaver) == 401, 5, "the refusal")
            assert status(client) == 200


def test_a_feed_ends_with_its_token(client: Client, server: Teamflow) -> None:
    now = int(time.time())
    client.token = signed_again(server, client.token, exp=now + 3)
    with Feed(client) as feed:
        assert close_code(feed) == 4401
    assert time.time() >= now + 3
    client.refused(401, "unauthenticated", "GET", "/tasks")


def test_server_sent_events_end_with_their_token(client: Client, server: Teamflow) -> None:
    token = signed_again(server, client.token, exp=int(time.time()) + 3)
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    with client.http.stream("GET", "/api/v1/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert "".join(answer.iter_text()).startswith(": heartbeat")


def test_a_forged_token_is_refused(client: Client, server: Teamflow) -> None:
    genuine = client.token
    client.token = signed_again(server, genuine, role="owner") + "A"
    client.refused(401, "unauthenticated", "GET", "/tasks")
    client.token = signed_again(server, genuine, exp=int(time.time()) - 1)
    client.refused(401, "unauthenticated", "GET", "/tasks")
    client.token = signed_again(server, genuine)
    assert status(client) == 200


EXPIRED = """
    insert into identity_private.refresh_families
           (family, user_id, is_operator, started_at, expires_at)
    values ('00000000-0000-4000-8000-000000000001', gen_random_uuid(), false,
            now() - interval '31 days', now() - interval '1 day');
    insert into identity_private.refresh_tokens
           (token_hash, family, organization_id, issued_at, expires_at)
    values (sha256('gone'), '00000000-0000-4000-8000-000000000001', gen_random_uuid(),
            now() - interval '31 days', now() - interval '1 day');
    insert into identity_private.tickets (ticket_hash, kind, claims, expires_at)
    values (sha256('gone'), 'ws', '{}', now() - interval '1 minute');
    insert into identity_private.credentials (user_id, password_hash, created_at, changed_at)
    values ('00000000-0000-4000-8000-000000000002', 'none', now() - interval '25 hours', now())
"""
LEFT = """
    select (select count(*) from identity_private.refresh_families where expires_at < now())
         + (select count(*) from identity_private.refresh_tokens where expires_at < now())
         + (select count(*) from identity_private.tickets where expires_at < now())
         + (select count(*) from identity_private.credentials
             where user_id = '00000000-0000-4000-8000-000000000002')
"""


def test_what_has_expired_is_deleted(launch: Any, log: str) -> None:
    server = launch(log)
    with Client(server.url) as client:
        client.register()
        with server.database() as database:
            # A day-old account stays, whatever its age.
            database.execute(
                "update identity_private.credentials set created_at = now() - interval '2 days'"
            )
            database.execute(EXPIRED)
        server.restart()
        with server.database() as database:
            until(lambda: database.execute(LEFT).fetchone() == (0,), 10, "the sweep")
        client.refresh()
        client.login(client.user["email"])
