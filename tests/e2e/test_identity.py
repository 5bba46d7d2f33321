"""Accounts, sign-ins, organizations, members and invitations over HTTP."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from support.client import PASSWORD, Client
from support.teamflow import Teamflow


def fresh_email() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.org"


def seconds_since(made: str) -> float:
    """How long ago an id was made: a UUIDv7 begins with the time in milliseconds."""
    return time.time() - (uuid.UUID(made).int >> 80) / 1000


def other_of(server: Teamflow) -> Client:
    made = Client(server.url)
    made.register()
    return made


def invite(owner: Client, role: str = "member") -> tuple[str, str]:
    """The address and the token of a new invitation."""
    email = fresh_email()
    made = owner.post("/invitations", {"email": email, "role": role}, expect=201)
    return email, made["token"]


# --- registration


def test_a_registration_works_at_once(anonymous: Client) -> None:
    answer = anonymous.register(organization_name="Acme")
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 900
    assert answer["organization"]["name"] == "Acme"
    assert "password" not in str(answer)
    me = anonymous.get("/me", min_position="")
    assert me["id"] == answer["user"]["id"]
    assert [m["role"] for m in me["memberships"]] == ["owner"]
    organization = anonymous.get(f"/organizations/{answer['organization']['id']}", min_position="")
    assert organization["settings"]["time_zone"] == "UTC"
    users = anonymous.get("/users", min_position="")
    assert [user["name"] for user in users["users"]] == [answer["user"]["name"]]


def test_a_login_works_directly_after_the_registration(anonymous: Client) -> None:
    user = anonymous.register()["user"]
    again = anonymous.login(user["email"].upper())
    assert again["user"]["id"] == user["id"]
    assert [m["role"] for m in again["memberships"]] == ["owner"]


def test_an_address_is_taken_once(client: Client, anonymous: Client) -> None:
    body = {
        "organization_name": "B", "name": "B", "password": PASSWORD, "email": client.user["email"]
    }
    anonymous.refused(409, "email_taken", "POST", "/auth/register", body)


def test_all_bad_fields_of_a_registration_are_named(anonymous: Client) -> None:
    body = {"email": "no address", "name": "", "password": "short", "extra": 1}
    anonymous.refused(
        422, "validation_failed", "POST", "/auth/register", body,
        fields=["organization_name", "email", "name", "password", "extra"],
    )


def test_a_repeated_registration_gives_the_same_ids(anonymous: Client) -> None:
    body = {
        "organization_name": "Twice", "email": fresh_email(), "name": "T", "password": PASSWORD
    }
    first = anonymous.send("POST", "/auth/register", body, key="k")
    second = anonymous.send("POST", "/auth/register", body, key="k")
    assert first.status_code == second.status_code == 201
    assert second.headers["Idempotency-Replayed"] == "true"
    for name in ("Location", "ETag", "Event-Position"):
        assert first.headers[name] == second.headers[name]
    assert first.json()["user"] == second.json()["user"]
    assert first.json()["organization"] == second.json()["organization"]
    for made in (first.json()["user"], first.json()["organization"]):
        assert seconds_since(made["id"]) < 60
    other = {**body, "name": "Another"}
    anonymous.refused(422, "idempotency_key_reused", "POST", "/auth/register", other, key="k")
    guess = {**body, "password": PASSWORD + "!"}
    anonymous.refused(422, "idempotency_key_reused", "POST", "/auth/register", guess, key="k")
    anonymous.refused(409, "email_taken", "POST", "/auth/register", body, key="l")


def test_registrations_at_once_under_one_key_are_one(server: Teamflow) -> None:
    """Whoever is told that the account is there can sign in to it, and nobody else."""
    email = fresh_email()
    passwords = [PASSWORD, PASSWORD, PASSWORD + "!", PASSWORD + "!"]

    def register(password: str) -> Any:
        body = {"organization_name": "O", "email": email, "name": "N", "password": password}
        with Client(server.url) as anonymous:
            return anonymous.send("POST", "/auth/register", body, key="k")

    with ThreadPoolExecutor(len(passwords)) as pool:
        answers = list(pool.map(register, passwords))
    won = {answer.status_code == 201: password for answer, password in zip(answers, passwords)}
    assert len(won) == 2, [answer.text for answer in answers]
    for answer, password in zip(answers, passwords):
        assert answer.status_code == (201 if password == won[True] else 422), answer.text
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert made[0]["user"] == made[1]["user"]
    assert made[0]["organization"] == made[1]["organization"]
    with Client(server.url) as client:
        client.login(email, won[True])
        body = {"email": email, "password": won[False]}
        client.refused(401, "invalid_credentials", "POST", "/auth/login", body)


def test_a_login_completes_a_registration_that_was_cut_short(launch: Any, log: str) -> None:
    """The program died between the account and its organization, and the client does not retry."""
    server = launch(log)
    server.restart(FAILPOINT="writer.before_append:2")
    email = fresh_email()
    body = {
        "organization_name": "Cut short", "email": email, "name": "Patient", "password": PASSWORD
    }
    with Client(server.url) as client:
        with pytest.raises(httpx.TransportError):
            client.send("POST", "/auth/register", body)
        server.wait_exit(60)
        server.start()
        answer = client.login(email)
        assert answer["organization"]["name"] == "Cut short"
        assert [m["role"] for m in answer["memberships"]] == ["owner"]
        client.post("/projects", {"name": "Goes on"}, expect=201)
        again = client.login(email)
        assert again["organization"] == answer["organization"]
        types = [event["type"] for event in client.get("/events")["events"]]
        assert types.count("organization.organization_created") == 1


# --- sign-ins


@pytest.mark.parametrize("known", [True, False])
def test_wrong_credentials_are_one_answer(client: Client, anonymous: Client, known: bool) -> None:
    email = client.user["email"] if known else fresh_email()
    body = {"email": email, "password": "wrong password"}
    problem = anonymous.refused(401, "invalid_credentials", "POST", "/auth/login", body)
    assert problem["detail"] == "e-mail address and password do not fit"


def test_a_refresh_token_is_good_once(client: Client) -> None:
    first = client.refresh_token
    client.refresh()
    second = client.refresh_token
    assert second != first
    client.get("/me")
    reused = {"refresh_token": first}
    client.refused(401, "unauthenticated", "POST", "/auth/refresh", reused)
    # Reuse revokes the whole family.
    client.refused(401, "unauthenticated", "POST", "/auth/refresh", {"refresh_token": second})


def test_logout_ends_the_sign_in(client: Client) -> None:
    body = {"refresh_token": client.refresh_token}
    client.post("/auth/logout", body, expect=204)
    client.refused(401, "unauthenticated", "POST", "/auth/refresh", body)


def test_without_a_token_nothing_is_shown(anonymous: Client) -> None:
    anonymous.refused(401, "unauthenticated", "GET", "/me")
    anonymous.refused(401, "unauthenticated", "GET", "/me", headers={"Authorization": "Bearer x"})


def test_tickets(client: Client) -> None:
    ticket = client.post("/auth/tickets")
    assert 0 < ticket["expires_in"] <= 30
    lasting = client.post("/auth/tickets", {"kind": "sse"})
    assert 30 < lasting["expires_in"] <= 900
    bad = {"kind": "x"}
    client.refused(422, "validation_failed", "POST", "/auth/tickets", bad, fields=["kind"])


# --- the own account


def test_the_own_name_changes(client: Client) -> None:
    answer = client.send("PATCH", "/me", {"name": "Another name"})
    assert answer.status_code == 200
    assert answer.json()["name"] == "Another name"
    assert client.get("/me")["name"] == "Another name"
    unchanged = client.send("PATCH", "/me", {"name": "Another name"})
    assert unchanged.headers["ETag"] == answer.headers["ETag"]
    client.refused(412, "version_conflict", "PATCH", "/me", {"name": "X"}, if_match='"1"')


def test_a_changed_password_ends_other_sign_ins(client: Client, server: Teamflow) -> None:
    with Client(server.url) as elsewhere:
        elsewhere.login(client.user["email"])
        body = {"current_password": "wrong", "new_password": "a whole new password"}
        client.refused(401, "invalid_credentials", "POST", "/me/password", body)
        body["current_password"] = PASSWORD
        client.post("/me/password", body, expect=204)
        token = {"refresh_token": elsewhere.refresh_token}
        elsewhere.refused(401, "unauthenticated", "POST", "/auth/refresh", token)
        client.refresh()
        elsewhere.login(client.user["email"], "a whole new password")


def signs_in(server: Teamflow, email: str, password: str) -> bool:
    with Client(server.url) as anyone:
        body = {"email": email, "password": password}
        return anyone.send("POST", "/auth/login", body).status_code == 200


def test_a_password_change_that_is_refused_changes_nothing(
    client: Client, server: Teamflow
) -> None:
    email = client.user["email"]
    body = {"current_password": PASSWORD, "new_password": "another fine password"}
    with Client(server.url) as elsewhere:
        elsewhere.login(email)
        client.refused(412, "version_conflict", "POST", "/me/password", body, if_match='"7"')
        client.patch("/me", {"name": "Somebody else"}, key="taken")
        client.refused(422, "idempotency_key_reused", "POST", "/me/password", body, key="taken")
        elsewhere.refresh()
    assert signs_in(server, email, PASSWORD)
    assert not signs_in(server, email, body["new_password"])
    types = [event["type"] for event in client.get("/events", min_position="")["events"]]
    assert "identity.password_changed" not in types


def test_a_repeated_password_change_is_one(client: Client, server: Teamflow) -> None:
    email = client.user["email"]
    body = {"current_password": PASSWORD, "new_password": "the second password"}
    first = client.send("POST", "/me/password", body, key="k")
    assert first.status_code == 204
    with Client(server.url) as later:
        later.login(email, body["new_password"])
        again = client.send("POST", "/me/password", body, key="k")
        assert again.status_code == 204
        assert again.headers["Idempotency-Replayed"] == "true"
        for name in ("ETag", "Event-Position"):
            assert again.headers[name] == first.headers[name]
        # The sign-ins that came after it stay.
        later.refresh()
    other = {"current_password": body["new_password"], "new_password": "the third password"}
    client.refused(422, "idempotency_key_reused", "POST", "/me/password", other, key="k")
    assert signs_in(server, email, body["new_password"])
    assert not signs_in(server, email, other["new_password"])


def test_a_password_change_cut_short_is_completed_by_its_retry(
    client: Client, server: Teamflow
) -> None:
    """History has it, the credential row does not: as after a crash between the two."""
    email = client.user["email"]
    body = {"current_password": PASSWORD, "new_password": "the second password"}
    row = "from identity_private.credentials where user_id = %s"
    with server.database() as database:
        user = [client.user["id"]]
        before = database.execute(f"select password_hash, version {row}", user).fetchone()
        assert before is not None
        client.post("/me/password", body, key="k", expect=204)
        database.execute(
            "update identity_private.credentials set password_hash = %s, version = %s"
            " where user_id = %s",
            [*before, *user],
        )
    assert signs_in(server, email, PASSWORD)
    again = client.send("POST", "/me/password", body, key="k")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (204, "true")
    assert signs_in(server, email, body["new_password"])
    assert not signs_in(server, email, PASSWORD)


# --- organizations and members


def test_settings_change(client: Client) -> None:
    path = f"/organizations/{client.organization['id']}"
    body = {"time_zone": "Europe/Berlin", "single_running_timer": True}
    assert client.patch(path, body)["settings"]["time_zone"] == "Europe/Berlin"
    settings = client.get(path)["settings"]
    assert settings["single_running_timer"] is True
    client.refused(
        422, "validation_failed", "PATCH", path, {"time_zone": "Mars/Base"}, fields=["time_zone"]
    )


def test_another_organization_is_not_there(client: Client, server: Teamflow) -> None:
    with other_of(server) as stranger:
        path = f"/organizations/{client.organization['id']}"
        stranger.refused(404, "not_found", "GET", path)
        stranger.refused(404, "not_found", "PATCH", path, {"name": "Mine"})
        user = f"/users/{client.user['id']}"
        stranger.refused(404, "not_found", "GET", user)
        stranger.refused(404, "not_found", "PATCH", user, {"role": "viewer"})
        body = {
            "email": stranger.user["email"], "password": PASSWORD,
            "organization_id": client.organization["id"],
        }
        stranger.refused(403, "forbidden", "POST", "/auth/login", body)


def test_the_last_owner_stays(client: Client) -> None:
    path = f"/users/{client.user['id']}"
    client.refused(409, "last_owner", "PATCH", path, {"role": "member"})
    client.refused(409, "last_owner", "PATCH", path, {"active": False})


def test_a_new_role_works_at_once(client: Client) -> None:
    with client.colleague("member") as colleague:
        path = f"/users/{colleague.user['id']}"
        changed = client.patch(path, {"role": "viewer"})
        assert changed["role"] == "viewer"
        assert changed["email"] == colleague.user["email"]
        listed = client.get("/users")
        assert listed["total"] == 2
        assert [user["role"] for user in listed["users"]] == ["owner", "viewer"]
        assert client.get("/users", params={"role": "viewer"})["total"] == 1
        colleague.refused(403, "forbidden", "POST", "/invitations", {"email": fresh_email()})
        colleague.refused(403, "forbidden", "PATCH", path, {"role": "admin"})


def test_a_deactivated_member_is_out(client: Client) -> None:
    with client.colleague("admin") as colleague:
        client.patch(f"/users/{colleague.user['id']}", {"active": False})
        body = {"email": fresh_email(), "role": "viewer"}
        colleague.refused(403, "forbidden", "POST", "/invitations", body)


def test_a_deactivated_founder_cannot_sign_in(client: Client) -> None:
    with client.colleague("owner") as colleague:
        colleague.patch(f"/users/{client.user['id']}", {"active": False})
        body = {"email": client.user["email"], "password": PASSWORD}
        client.refused(403, "forbidden", "POST", "/auth/login", body)


# --- invitations


def test_a_new_user_accepts(client: Client, anonymous: Client) -> None:
    email, token = invite(client, "admin")
    body = {"token": token, "name": "New here", "password": PASSWORD}
    answer = anonymous.post("/invitations/accept", body, expect=201)
    assert answer["user"]["email"] == email
    assert answer["organization"]["id"] == client.organization["id"]
    assert answer["role"] == "admin"
    anonymous.login(email)
    assert anonymous.get("/users")["total"] == 2
    anonymous.token = ""
    anonymous.refused(409, "invitation_used", "POST", "/invitations/accept", body)


def test_an_existing_user_accepts(client: Client, server: Teamflow) -> None:
    with other_of(server) as guest:
        _, token = invite(client, "viewer")
        joined = guest.post("/invitations/accept", {"token": token}, expect=201)
        assert joined["organization"]["id"] == client.organization["id"]
        assert [m["role"] for m in joined["memberships"]] == ["owner", "viewer"]
        switched = guest.refresh(organization_id=client.organization["id"])
        assert switched["role"] == "viewer"
        assert guest.get("/users")["total"] == 2
        again = {"token": invite(client)[1]}
        guest.refused(409, "already_member", "POST", "/invitations/accept", again)


def test_who_accepts_without_an_account_needs_a_name(client: Client, anonymous: Client) -> None:
    _, token = invite(client)
    anonymous.refused(
        422, "validation_failed", "POST", "/invitations/accept", {"token": token},
        fields=["name", "password"],
    )
    body = {"token": "nonsense", "name": "N", "password": PASSWORD}
    anonymous.refused(404, "not_found", "POST", "/invitations/accept", body)


def test_a_revoked_invitation_is_gone(client: Client, anonymous: Client) -> None:
    made = client.post("/invitations", {"email": fresh_email(), "role": "member"}, expect=201)
    path = f"/invitations/{made['invitation']['id']}"
    assert client.get(path)["status"] == "pending"
    client.delete(path, expect=204)
    assert client.get("/invitations")["invitations"][0]["status"] == "revoked"
    body = {"token": made["token"], "name": "N", "password": PASSWORD}
    anonymous.refused(404, "not_found", "POST", "/invitations/accept", body)
    client.refused(404, "not_found", "DELETE", path)


def test_a_repeated_invitation_shows_the_same_token(client: Client, anonymous: Client) -> None:
    body = {"email": fresh_email(), "role": "member"}
    first = client.send("POST", "/invitations", body, key="invite")
    second = client.send("POST", "/invitations", body, key="invite")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert seconds_since(first.json()["invitation"]["id"]) < 60
    guest = {"token": second.json()["token"], "name": "N", "password": PASSWORD}
    assert anonymous.post("/invitations/accept", guest)["user"]["email"] == body["email"]
