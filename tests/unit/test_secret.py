"""Values that hide themselves, and are else as they were."""

import copy
import json
import pickle
import pprint
import reprlib

import pytest

import gazu
from gazu import client as raw
from gazu._http.route import public, route
from gazu.client import KitsuClient
from gazu.secret import SecretBytes, SecretText, Tokens, hide, hide_fields, hides_secrets

SECRET = "a-secret-that-is-long-enough-to-be-cut-by-whoever-shows-the-first-eighty-characters-of-a-text-only"


@pytest.mark.parametrize("show", [repr, ascii, pprint.pformat, reprlib.repr, "{0!r}".format, "{0[0]!r}".format])
@pytest.mark.parametrize(
    "value",
    [
        SecretText(SECRET),
        SecretText(SECRET)[:80],
        SecretBytes(SECRET.encode()),
        SecretBytes(SECRET.encode())[:80],
        Tokens(access_token=SECRET),
        Tokens(tokens={"refresh_token": SECRET}),
        hide({"deep": [{"a": SECRET}]}),
        hide_fields({"password": SECRET, "name": "x"}),
    ],
)
def test_every_way_to_show_a_value_hides_it(value, show):
    assert SECRET[:20] not in show([value])
    assert SECRET[:20] not in str([value])


def test_text_is_the_same_text():
    text = SecretText(SECRET)
    assert text == SECRET and hash(text) == hash(SECRET) and isinstance(text, str)
    assert (str(text), f"{text}", "%s" % text, text + "") == (SECRET,) * 4
    assert type(str(text)) is str
    assert text[2:5] == SECRET[2:5] and text[0] == SECRET[0] and list(text) == list(SECRET)
    assert text.encode() == SECRET.encode()


def test_bytes_are_the_same_bytes():
    body = SecretBytes(b"abc")
    assert body == b"abc" and body[0] == 97 and body[1:] == b"bc" and len(body) == 3
    assert (repr(body), str(body)) == ("<3 bytes>", "<3 bytes>")
    assert bytes(memoryview(body)) == b"abc" and body.decode() == "abc"


PLAIN = {"access_token": "a", "refresh_token": "r", "user": {"id": "1"}, "login": True}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_hold_plain_values(protocol):
    """So that programs without this class read them."""
    for value, plain in ((Tokens(PLAIN), PLAIN), (SecretText("a"), "a"), (SecretBytes(b"a"), b"a")):
        pickled = pickle.dumps(value, protocol)
        assert b"gazu" not in pickled
        back = pickle.loads(pickled)
        assert back == plain and type(back) is type(plain)


def test_json_is_the_same():
    assert json.dumps(Tokens(PLAIN)) == json.dumps(PLAIN)
    assert json.dumps(Tokens(PLAIN), indent=2, sort_keys=True) == json.dumps(PLAIN, indent=2, sort_keys=True)
    assert json.dumps({SecretText("k"): SecretText("v")}) == '{"k": "v"}'


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, dict.copy, lambda tokens: tokens.copy()])
def test_copies_hide_too(duplicate):
    tokens = Tokens(PLAIN)
    other = duplicate(tokens)
    assert other == PLAIN and other is not tokens
    assert "'a'" not in repr(other) and "'r'" not in repr(other)
    other["access_token"] = "b"
    assert tokens["access_token"] == "a"


def test_tokens_that_come_later_hide_too():
    tokens = Tokens()
    tokens["access_token"] = "secret"
    tokens.update({"refresh_token": "secret"})
    tokens.update([("access_token", "secret")], refresh_token="secret")
    assert tokens.setdefault("tokens", {"access_token": "secret"}) == {"access_token": "secret"}
    assert tokens.setdefault("access_token", "other") == "secret"
    tokens.__ior__({"refresh_token": "secret"})
    assert "secret" not in repr(tokens)
    assert tokens == {"access_token": "secret", "refresh_token": "secret", "tokens": {"access_token": "secret"}}


# -- clients -----------------------------------------------------------------------
def shown(client):
    return repr(client) + repr(vars(client)) + repr(client.tokens) + repr(client.headers)


def test_client_hides_its_tokens():
    client = KitsuClient("https://kitsu/api", access_token="secret-a", refresh_token="secret-r")
    assert "secret" not in shown(client)
    for tokens in ({"access_token": "secret-a"}, Tokens(access_token="secret-a"), {"access_token": None}):
        assert raw.set_tokens(tokens, client) is tokens is client.tokens
        assert "secret" not in shown(client)
    client.access_token = "secret-b"
    client.refresh_token = "secret-c"
    assert "secret" not in shown(client)
    client.tokens = {}
    client.tokens["access_token"] = "secret-d"  # as scripts do
    assert client.access_token == "secret-d"
    assert "secret" not in shown(client)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, copy.copy, lambda client: pickle.loads(pickle.dumps(client))])
def test_copied_client_hides_its_tokens(duplicate):
    client = duplicate(KitsuClient("https://jane:secret-p@kitsu/api", access_token="secret-a"))
    assert (client.host, client.access_token) == ("https://jane:secret-p@kitsu/api", "secret-a")
    assert "secret" not in shown(client)


def test_what_log_in_and_set_token_return(monkeypatch):
    client = KitsuClient("https://kitsu/api")
    answer = {"login": True, "access_token": "secret-a", "refresh_token": "secret-r", "user": {"id": "1"}}
    monkeypatch.setattr(raw, "post", lambda *args, **options: dict(answer))
    said = gazu.log_in("jane", "secret-p", client=client)
    assert said == answer and said is client.tokens
    assert "secret" not in repr(said) + shown(client)
    assert "secret" not in repr(gazu.set_token("secret-t", client=client)) + shown(client)
    assert "secret" not in repr(gazu.set_token({"access_token": "secret-t"}, client=client)) + shown(client)
    assert client.access_token == "secret-t"


# -- parameters ----------------------------------------------------------------------
@hides_secrets
def takes(name, password=None, other=None, **more):
    return repr((password, more)), name, password, other, more


def test_parameters_hide():
    for call in (lambda: takes("jane", "secret"), lambda: takes("jane", password="secret")):
        shown, name, password, other, more = call()
        assert (name, password, other, more) == ("jane", "secret", None, {})
        assert "secret" not in shown
    assert takes("x", 5, other=[1])[1:4] == ("x", 5, [1])
    assert "secret" not in takes("x", access_token="secret", tokens={"access_token": "secret"})[0]


def test_fields_hide_in_a_copy():
    data = {"password": "secret", "name": "jane"}
    assert hide_fields(data) == data
    assert data["password"].__class__ is str
    same = {"name": "jane"}
    assert hide_fields(same) is same
    assert hide_fields([1]) == [1] and hide_fields(None) is None


# -- addresses ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://kitsu/api", "https://kitsu/api"),
        ("https://kitsu/api?email=x", "https://kitsu/api"),
        ("https://jane:a@kitsu/api", "https://kitsu/api"),
        ("https://jane:a/b@kitsu/api", "https://kitsu/api"),
        ("https://jane:a#b?c@d@kitsu/api", "https://kitsu/api"),
        ("jane:a/b@kitsu/api", "kitsu/api"),
    ],
)
def test_public_address(address, shown):
    assert public(address) == shown


def test_path_with_a_secret_is_shown_as_its_template():
    path = route("data/playlists/{playlist_id}/share/{token}", "1", SecretText("secret"))
    assert path == "data/playlists/1/share/secret"
    assert repr(path) == "'data/playlists/{playlist_id}/share/{token}'"
    for params, query in (({}, ""), ({"a": 1}, "?a=1"), ({"password": SecretText("word")}, "?password=word")):
        whole = raw.build_path_with_params(path, params)
        assert whole == path + query and repr(whole) == repr(path) and str(whole.shown) == str(path.shown)
    assert repr(raw.build_path_with_params("auth/email-otp", {"email": SecretText("secret")})) == "'auth/email-otp'"
