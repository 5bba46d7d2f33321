"""Those who run the instance."""

import subprocess
import uuid

from support.client import PASSWORD, Client
from support.places import BINARY
from support.teamflow import Teamflow


def make_operator(server: Teamflow) -> Client:
    """A new operator, logged in."""
    email = f"operator-{uuid.uuid4().hex[:8]}@example.org"
    command = [str(BINARY), "operator", "create", "--data", str(server.data)]
    subprocess.run(
        [*command, "--email", email, "--password", PASSWORD],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )
    made = Client(server.url)
    made.login(email)
    return made
