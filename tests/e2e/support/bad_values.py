"""What clients should not send: lists of malformed JSON, headers, tokens and query strings."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any, Iterator

UNKNOWN_ID = "01900000-0000-7000-8000-000000000000"

#: Bodies that are no JSON, or JSON that readers disagree about.
MALFORMED_JSON: dict[str, bytes] = {
    "cut off in an object": b'{"a":1',
    "cut off in a string": b'{"a":"b',
    "cut off in an escape": b'{"a":"\\u12',
    "cut off in a word": b'{"a":tru',
    "nothing but blanks": b" \n ",
    "a comma too many": b'{"a":1,}',
    "a comma too few": b'{"a":1 "b":2}',
    "no colon": b'{"a" 1}',
    "trailing garbage": b"{}x",
    "two values": b"{} {}",
    "a closing bracket too many": b"{}}",
    "single quotes": b"{'a':1}",
    "names without quotes": b"{a:1}",
    "a comment": b"{/* no */}",
    "a leading zero": b'{"a":01}',
    "a plus sign": b'{"a":+1}',
    "a bare point": b'{"a":.5}',
    "a hexadecimal number": b'{"a":0x10}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "a number beyond a double": b'{"a":1e400}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a":"b"}'.encode("utf-16"),
    "an invalid byte": b'{"a":"\xff"}',
    "an overlong sequence": b'{"a":"\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}',
    "a sequence cut off": b'{"a":"\xe2\x82"}',
    "a code point beyond Unicode": b'{"a":"\xf4\x90\x80\x80"}',
    "a lone high surrogate": b'{"a":"\\ud800"}',
    "a lone low surrogate": b'{"a":"\\udc00"}',
    "an escaped NUL": b'{"a":"\\u0000"}',
    "a NUL in a name": b'{"a\\u0000b":1}',
    "a raw NUL": b'{"a":"\x00"}',
    "a raw newline in a string": b'{"a":"\n"}',
    "an unknown escape": b'{"a":"\\x41"}',
    "a key twice": b'{"a":1,"a":2}',
    "a key twice, once escaped": b'{"a":1,"\\u0061":2}',
    "a key twice further in": b'{"a":{"b":1,"b":1}}',
    "too deep": b'{"a":' + b"[" * 33 + b"]" * 33 + b"}",
    "much too deep": b"[" * 100_000,
    "much too deep, in objects": b'{"a":' * 100_000,
}

#: JSON whose root is no object.
NO_OBJECTS = [b"[]", b"null", b"true", b"7", b'"{}"', b"[{}]"]

WRONG_TYPES = [
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "application/json-patch+json",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    "json",
    "*/*",
    "",
]

RIGHT_TYPES = [
    "application/json",
    "APPLICATION/JSON",
    "application/json;charset=utf-8",
    'application/json ; charset="UTF-8"',
    "application/json; profile=x; Charset=utf-8",
]

#: Header fields and the code that each is refused with.
BAD_HEADERS: list[tuple[str, bytes, str]] = [
    ("Idempotency-Key", b"", "bad_header"),
    ("Idempotency-Key", b"k" * 129, "bad_header"),
    ("Idempotency-Key", b"two words", "bad_header"),
    ("Idempotency-Key", b"tab\there", "bad_header"),
    ("Idempotency-Key", "schlüssel".encode(), "bad_header"),
    ("If-Match", b"7", "bad_header"),
    ("If-Match", b'""', "bad_header"),
    ("If-Match", b'"seven"', "bad_header"),
    ("If-Match", b'W/"7"', "bad_header"),
    ("If-Match", b'"7', "bad_header"),
    ("If-Match", b'"-7"', "bad_header"),
    ("If-Match", b'"7.0"', "bad_header"),
    ("If-Match", b'"1", "2"', "bad_header"),
    ("If-Match", b'"9223372036854775808"', "bad_header"),
    ("Min-Position", b"3", "bad_position"),
    ("Min-Position", b"3@", "bad_position"),
    ("Min-Position", b"@3", "bad_position"),
    ("Min-Position", b"3@x", "bad_position"),
    ("Min-Position", b"3@-2", "bad_position"),
    ("Min-Position", b"-1@3", "bad_position"),
    ("Min-Position", b"3@1,", "bad_position"),
    ("Min-Position", b"3@1,3@2", "bad_position"),
    ("Min-Position", b"999999@1", "bad_position"),
    ("Min-Position", b"3@9223372036854775808", "bad_position"),
    ("Min-Position", b"4294967299@1", "bad_position"),
]

#: Segments that are no UUIDs, as they stand in a path. What a path cannot say at all is 400.
BAD_IDS = {
    "7": 404,
    "not-a-uuid": 404,
    UNKNOWN_ID[:-1]: 404,
    UNKNOWN_ID + "0": 404,
    "{" + UNKNOWN_ID + "}": 404,
    UNKNOWN_ID.replace("-", ""): 404,
    UNKNOWN_ID.replace("0", "g"): 404,
    "%20" + UNKNOWN_ID: 404,
    "%2e%2e": 404,
    "'%20or%201=1--": 404,
    "x" * 2000: 404,
    "%F0%9F%98%80": 404,
    "00000000-0000-0000-0000-000000000000": 404,
    UNKNOWN_ID: 404,
    "%00": 400,
    "%ff": 400,
    "%zz": 400,
}

#: Query strings of lists, and the parameters that are at fault.
BAD_PAGES: list[tuple[str, list[str]]] = [
    ("limit=0", ["limit"]),
    ("limit=-1", ["limit"]),
    ("limit=201", ["limit"]),
    ("limit=2147483648", ["limit"]),
    ("limit=99999999999999999999", ["limit"]),
    ("limit=1e2", ["limit"]),
    ("limit=1.5", ["limit"]),
    ("limit=", ["limit"]),
    ("limit=ten", ["limit"]),
    ("limit=+5", ["limit"]),
    ("limit=0x10", ["limit"]),
    ("limit=1&limit=2", ["limit"]),
    ("offset=-1", ["offset"]),
    ("offset=1000001", ["offset"]),
    ("offset=9223372036854775808", ["offset"]),
    ("cursor=", ["cursor"]),
    ("cursor=x", ["cursor"]),
    ("cursor=e30", ["cursor"]),
    ("cursor=bnVsbA", ["cursor"]),
    ("cursor=" + "A" * 3000, ["cursor"]),
    ("cursor=%22", ["cursor"]),
    ("sort=", ["sort"]),
    ("sort=nothing", ["sort"]),
    ("sort=-", ["sort"]),
    ("sort=id;drop%20table%20tasks", ["sort"]),
    ("sort=,", ["sort"]),
    ("unheard=1", ["unheard"]),
    ("LIMIT=1", ["LIMIT"]),
    ("limit=0&offset=-1&unheard=1", ["limit", "offset", "unheard"]),
]

MALFORMED_QUERIES = ["limit=%zz", "limit=%", "limit=%0", "x=%00", "x=%ff", "x=%c0%af", "%ed%a0%80"]


def bad_tokens(good: str, user: str) -> Iterator[tuple[str, str]]:
    """Authorization fields that must not let anybody in, each with what it tries."""
    header, payload, signature = good.split(".")
    claims = json.loads(_decoded(payload))
    yield "nothing", "Bearer "
    yield "no token", "Bearer"
    yield "another scheme", "Basic " + base64.b64encode(b"a:b").decode()
    yield "no scheme", good
    yield "two tokens", f"Bearer {good} {good}"
    yield "a comma", f"Bearer {good},"
    yield "quotes", f'Bearer "{good}"'
    yield "one part", "Bearer x"
    yield "two parts", f"Bearer {header}.{payload}"
    yield "four parts", f"Bearer {good}.x"
    yield "empty parts", "Bearer .."
    yield "no signature", f"Bearer {header}.{payload}."
    yield "a signature of nothing", f"Bearer {header}.{payload}.AAAA"
    yield "padding", f"Bearer {good}="
    yield "no base64", f"Bearer {header}.{payload}.!!!!"
    yield "the other alphabet of base64", f"Bearer {header}.{payload}.{'+/' * 21}"
    yield "a huge one", "Bearer " + "A" * 4000
    yield "a changed signature", f"Bearer {header}.{payload}.{_turned(signature)}"
    yield "a personal token that is none", "Bearer tfp_" + "0" * 40
    for change in (
        {"role": "owner", "operator": True},
        {"org": UNKNOWN_ID},
        {"sub": UNKNOWN_ID},
        {"exp": 99999999999},
    ):
        changed = _encoded(json.dumps({**claims, **change}).encode())
        yield f"claims {sorted(change)}", f"Bearer {header}.{changed}.{signature}"
    now = int(time.time())
    fresh = {**claims, "iat": now, "exp": now + 600, "sub": user}
    for algorithm in ("none", "None", "nOnE", "", "HS256", "HS512", "RS256", None):
        for more in ({}, {"kid": "../../etc/passwd"}, {"jwk": {"kty": "oct", "k": "AAAA"}}):
            made = {"typ": "JWT", **json.loads(_decoded(header)), "alg": algorithm, **more}
            signed = f"{_encoded(json.dumps(made).encode())}.{_encoded(json.dumps(fresh).encode())}"
            for key in (b"", b"secret", b"teamflow"):
                mac = hmac.new(key, signed.encode(), hashlib.sha256).digest()
                yield f"{algorithm} signed with {key!r}, {more}", f"Bearer {signed}.{_encoded(mac)}"


def wrong_for(schema: dict[str, Any]) -> Any:
    """A value that no field of any type takes, unless it takes everything: an array within an
    array for what is no array, a number for what is."""
    text = json.dumps(schema)
    return 7 if '"array"' in text or '"object"' in text else [[]]


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _turned(signature: str) -> str:
    return ("B" if signature[0] == "A" else "A") + signature[1:]
