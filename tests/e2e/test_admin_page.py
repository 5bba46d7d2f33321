"""The page at /admin/ui, in a browser."""

import os
import re
from pathlib import Path
from typing import Any, Iterator

import httpx
import pytest
from selenium.webdriver.common.keys import Keys

from support.browser import Browser
from support.client import PASSWORD, Client
from support.command_line import teamflow
from support.operators import make_operator
from support.poison import poison
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task

HOSTILE = "<img src=x onerror=\"window.hurt=1\"><script>window.hurt=1</script>"
# Where screenshots go, for people to look at.
PICTURES = os.environ.get("TEAMFLOW_PICTURES", "")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teamflow]:
    """Of this module's own: it parks events and rebuilds."""
    with Teamflow(tmp_path_factory.mktemp("page") / "data") as made:
        yield made


@pytest.fixture(scope="module")
def operator(server: Teamflow) -> Client:
    return make_operator(server)


@pytest.fixture(scope="module")
def chromium(server: Teamflow) -> Iterator[Browser]:
    made = Browser(server.url)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """With nobody signed in; a page that does something wrong fails the test."""
    chromium.open("/admin/ui")
    chromium.run("sessionStorage.clear()")
    chromium.look(1440, 900)
    chromium.complaints()
    yield chromium
    assert chromium.complaints() == []


# Texts that are hard to read on what is behind them (WCAG 2.1, 1.4.3: below 4.5 to 1).
FAINT = """
    const parts = (text) => text.match(/[\\d.]+/g).map(Number);
    const light = ([red, green, blue]) => [red, green, blue].map((each) => each / 255).map(
        (each) => each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
        .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = (node) => {
        for (let at = node; at; at = at.parentElement) {
            const [red, green, blue, alpha = 1] = parts(getComputedStyle(at).backgroundColor);
            if (alpha === 1) {
                return [red, green, blue];
            }
        }
        return [255, 255, 255];
    };
    return [...document.querySelectorAll("body *")].filter((each) => each.checkVisibility()
        && [...each.childNodes].some((one) => one.nodeType === 3 && one.data.trim())).filter(
        (each) => {
            const [low, high] = [light(parts(getComputedStyle(each).color)),
                light(behind(each))].sort((left, right) => left - right);
            return (high + 0.05) / (low + 0.05) < 4.5;
        }).map((each) => `${each.textContent} ${getComputedStyle(each).color}`)"""


def picture(browser: Browser, name: str) -> None:
    """At both widths, light and dark: nothing may stand beyond the edge."""
    for width, height in ((1440, 900), (390, 844)):
        for scheme in ("light", "dark"):
            browser.look(width, height, scheme)
            wide = browser.run("return document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} wide"
            assert browser.run(FAINT) == [], f"{name}, {scheme}"
            if PICTURES:
                browser.save(Path(PICTURES) / f"{name}-{width}-{scheme}.png")
    browser.look(1440, 900)


def enter(browser: Browser, who: Client) -> None:
    browser.sign_in(who.user["email"], PASSWORD)


def test_the_files_are_kept_and_confined(server: Teamflow) -> None:
    with httpx.Client(base_url=server.url) as http:
        page = http.get("/admin/ui")
        assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        names = set(re.findall(r'"/admin/ui/([^"]+)"', page.text))
        assert names == {"admin.css", "main.js"}
        for name in sorted(names | {"dom.js"}):
            found = http.get(f"/admin/ui/{name}")
            assert found.status_code == 200 and found.headers["Cache-Control"] == "no-cache"
            kind = "text/css" if name.endswith(".css") else "text/javascript"
            assert found.headers["Content-Type"].startswith(kind)
            # All that it needs comes from here.
            assert not re.search(r"https?://|innerHTML|insertAdjacentHTML|\beval\b", found.text)
            tag = found.headers["ETag"]
            again = http.get(f"/admin/ui/{name}", headers={"If-None-Match": tag})
            assert again.status_code == 304 and again.content == b""
            assert again.headers["ETag"] == tag
            other = http.get(f"/admin/ui/{name}", headers={"If-None-Match": '"other"'})
            assert other.status_code == 200
        for name in ("nothing.js", "..%2Findex.html", "index"):
            assert http.get(f"/admin/ui/{name}").status_code == 404


def test_who_may_not_is_told(browser: Browser, server: Teamflow) -> None:
    owner = Client(server.url)
    owner.register()
    member = owner.colleague("member")
    browser.write("E-mail", owner.user["email"])
    browser.field("Password").send_keys("not the password", Keys.ENTER)
    assert browser.one("[role=alert]").text
    browser.write("E-mail", member.user["email"])
    browser.field("Password").clear()
    browser.field("Password").send_keys(PASSWORD, Keys.ENTER)
    browser.one("[role=alert]", "for operators, and for admins")
    picture(browser, "login")


def test_a_read_model_is_rebuilt_to_its_end(
    browser: Browser, server: Teamflow, operator: Client
) -> None:
    owner = Client(server.url)
    owner.register()
    project = make_project(owner)
    for _ in range(20):
        make_task(owner, project)
    enter(browser, operator)
    browser.one("tbody th", "tasks")
    picture(browser, "projections")
    browser.press("tasks")
    browser.one("h1", "tasks")
    browser.press("Dry run")
    browser.one("[role=status]", "would read")
    browser.press("Rebuild")
    assert browser.field("Hours that the build before is kept for an undo").get_attribute(
        "value") == "24"
    browser.press("Rebuild", "dialog button")
    browser.one("section .badge", "Done", within=60)
    assert "100.0 %" in browser.text() and "equal to the fold" in browser.text()
    assert operator.get("/admin/projections/tasks/rebuild")["rebuild"]["stage"] == "done"
    browser.press("Verify")
    browser.one("[role=status]", "equal to a fresh fold", within=60)
    picture(browser, "rebuild")
    browser.press("Undo")
    browser.press("Return to it", "dialog button")
    browser.one("h2", "Return to the build before")
    browser.one("section .badge", "Done", within=60)
    assert operator.get("/admin/projections/tasks/rebuild")["rebuild"]["is_undo"]


def test_a_rebuild_rests_goes_on_and_is_given_up(
    browser: Browser, server: Teamflow, operator: Client
) -> None:
    with server.database() as database:
        # Nobody takes it, so that it stands where it is.
        database.execute(
            "select * from teamflow.request_rebuild('users', 'operator Ada', 3600, false)")
        database.execute("update teamflow.rebuilds set lease_until = 'infinity', holder = 'nobody' "
                         "where projection = 'users'")
    enter(browser, operator)
    browser.go("#/projections/users")
    browser.press("Pause")
    browser.one("section .badge", "Paused")
    browser.one("dd", "operator Ada")
    picture(browser, "paused")
    browser.press("Resume")
    browser.one("section .badge", "Waiting")
    browser.press("Abort")
    browser.press("Abort it", "dialog button")
    with server.database() as database:
        database.execute(
            "update teamflow.rebuilds set lease_until = '-infinity' where projection = 'users'")
    browser.one("section .badge", "Aborted", within=30)
    browser.one("button", "Rebuild")


def test_a_parked_commit_is_given_up(
    browser: Browser, server: Teamflow, operator: Client
) -> None:
    owner = Client(server.url)
    owner.register()
    task = make_task(owner, make_project(owner))["id"]
    assert owner.get(f"/tasks/{task}")["id"] == task
    poison(server, task)
    teamflow("rebuild", "tasks", "--data", str(server.data))
    enter(browser, operator)
    browser.press("Parked")
    browser.one("article", f"task-{task}")
    picture(browser, "parked")
    browser.press("Retry")
    browser.one("[role=status]", "0 of its commits were taken")
    browser.press("Skip")
    # Without a reason the form does not let go.
    browser.press("Give it up", "dialog button")
    browser.write("Why, for the record", "broken by hand")
    picture(browser, "skip")
    browser.press("Give it up", "dialog button")
    browser.one("p", "Nothing is parked")
    assert operator.get("/admin/projections/tasks/parked")["parked"] == []
    with server.database() as database:
        row = database.execute("select reason from teamflow.skipped_commits").fetchone()
    assert row == ("broken by hand",)


def test_processes_and_owners_are_shown(browser: Browser, operator: Client) -> None:
    enter(browser, operator)
    browser.press("Processes")
    browser.one("tbody td", "alive")
    partitions = len(operator.get("/admin/log")["partitions"])
    until(lambda: len(browser.all("section:last-of-type tbody tr")) == partitions, 20)
    picture(browser, "processes")


def test_the_log_is_browsed_filtered_and_followed(browser: Browser, server: Teamflow) -> None:
    owner = Client(server.url)
    owner.register()
    project = make_project(owner)
    made = [make_task(owner, project)["id"] for _ in range(55)]
    enter(browser, owner)
    assert [each.text for each in browser.all("nav a")] == ["Log", "Streams"]
    until(lambda: len(browser.all(".event")) == 50, 20)
    picture(browser, "log")
    browser.press("Next")
    browser.one(".pager", "Page 2")
    browser.press("Back")
    browser.one(".pager", "Page 1")
    browser.write("Type", "task.task_creatd")
    browser.press("Show")
    browser.one("[role=alert]", "did you mean task.task_created")
    browser.write("Type", "task.task_created")
    browser.write("Stream", f"task-{made[7]}")
    browser.press("Show")
    until(lambda: len(browser.all(".event")) == 1, 20)
    browser.one(".event summary").click()
    browser.one("pre", made[7])
    picture(browser, "event")
    browser.press("Clear")
    browser.press("Live")
    browser.one("[role=status]", "Waiting for the next event")
    created = make_task(owner, project)["id"]
    browser.one(".event summary", created)


def test_a_stream_is_slid_through_time(
    browser: Browser, server: Teamflow, operator: Client
) -> None:
    """With a title that would do harm if it were read as markup."""
    owner = Client(server.url)
    owner.register()
    task = make_task(owner, make_project(owner), title="First")["id"]
    owner.patch(f"/tasks/{task}", {"title": HOSTILE})
    owner.patch(f"/tasks/{task}", {"title": "Third"})
    enter(browser, operator)
    browser.go(f"#/streams/task-{task}?organization_id={owner.organization['id']}")
    browser.one(".state dd", "Third")
    slider = browser.field("Version")
    assert slider.get_attribute("max") == "3"
    slider.send_keys(Keys.ARROW_LEFT)
    browser.one(".changed dd", HOSTILE)
    picture(browser, "stream")
    assert browser.run("return [window.hurt, document.images.length]") == [None, 0]
    slider.send_keys(Keys.HOME)
    browser.one(".state dd", "First")
    browser.press("Show version 2")
    browser.one(".changed dd", HOSTILE)
    browser.one(".versions .now summary").click()
    browser.one(".versions pre", "onerror")
    assert browser.run("return [window.hurt, document.images.length]") == [None, 0]
    browser.go(f"#/streams/taks-{task}?organization_id={owner.organization['id']}")
    browser.one("[role=alert]", "did you mean task?")


def test_everything_has_a_name(browser: Browser, operator: Client, server: Teamflow) -> None:
    """For those who do not see it: each control is called something, each page has one title."""
    nameless = """
        return [...document.querySelectorAll("button, a, input, textarea, summary")].filter(
            (each) => each.checkVisibility() && !each.textContent.trim()
                && !each.getAttribute("aria-label") && !(each.labels && each.labels.length))
            .map((each) => each.outerHTML)"""
    enter(browser, operator)
    for view in ("projections", "projections/tasks", "parked", "nodes", "events", "streams"):
        browser.go(f"#/{view}")
        until(lambda: browser.run("return document.querySelectorAll('h1').length") == 1, 20)
        assert browser.run(nameless) == [], view
    browser.go("#/parked")
    browser.one("h1", "Parked")
    browser.run("document.querySelector('.skip').focus()")
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.run("return document.activeElement.id") == "main"
    assert browser.one("h1").text == "Parked"
    browser.press("Sign out")
    browser.field("Password")
    assert browser.run("return sessionStorage.length") == 0


def test_a_session_goes_on_when_its_token_has_ended(
    browser: Browser, operator: Client
) -> None:
    enter(browser, operator)
    browser.one("tbody th", "tasks")
    browser.run("""
        const kept = JSON.parse(sessionStorage.getItem("teamflow.session"));
        kept.access = "ended";
        sessionStorage.setItem("teamflow.session", JSON.stringify(kept));
        location.reload()""")
    browser.one("tbody th", "tasks")
    kept: dict[str, Any] = browser.run(
        "return JSON.parse(sessionStorage.getItem('teamflow.session'))")
    assert kept["access"] != "ended"
