"""Log-ins, second factors, bots, and tokens that end, on a real server."""

import base64
import hashlib
import hmac
import secrets
import struct
import threading
import time
import uuid
from pathlib import Path
from typing import Any, Callable, Iterator, List
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import urlopen

import pytest

import gazu
from gazu import connection, sessions
from gazu.client import KitsuClient
from gazu.exception import (
    AuthFailedException,
    GazuException,
    NoSessionException,
    NotAllowedException,
    NotAuthenticatedException,
    ParameterException,
    TransportException,
)
from gazu_sandbox import Sandbox

from ..waiting import until

PASSWORD = "a secret of 7 words"


@pytest.fixture
def jane(new_person: Any) -> Any:
    return new_person(password=PASSWORD)


@pytest.fixture
def client(box: Any) -> Iterator[KitsuClient]:
    """A client without tokens."""
    made = gazu.client.create_client(box.host)
    yield made
    made.session.close()


@pytest.fixture
def log_in(jane: Any, client: KitsuClient) -> Callable[..., Any]:
    """Log Jane in."""

    def log_in(password: str = PASSWORD, **factors: Any) -> Any:
        return gazu.log_in(jane["email"], password, **factors, client=client)

    return log_in


def user_of(client: KitsuClient) -> Any:
    return gazu.client.get_current_user(client=client)["id"]


def works(client: KitsuClient) -> bool:
    try:
        return bool(user_of(client))
    except NotAuthenticatedException:
        return False


def totp(secret: str) -> str:
    """Return the code that an authenticator application shows now (RFC 6238)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    number = struct.unpack(">I", digest[digest[-1] & 15 :][:4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


# -- log-in and log-out --------------------------------------------------------
def test_a_user_logs_in_and_out(box: Any, jane: Any, log_in: Any, client: KitsuClient) -> None:
    answer = log_in()
    assert (answer["login"], answer["user"]["id"], answer["organisation"]["name"]) == (True, jane["id"], "Kitsu")
    assert client.tokens == answer
    assert user_of(client) == jane["id"]
    old = KitsuClient(box.host, tokens=dict(client.tokens))
    assert gazu.log_out(client=client) == client.tokens == {}
    with pytest.raises(NotAuthenticatedException, match="revoked"):
        user_of(old)
    with pytest.raises(NotAuthenticatedException):
        user_of(client)
    assert gazu.log_out(client=client) == gazu.log_out(client=old) == {}  # over already: no error
    assert user_of(gazu.client.default_client) != jane["id"]


def test_addresses(box: Any, client: KitsuClient) -> None:
    assert (gazu.get_host(), gazu.get_event_host()) == (box.host, box.event_host)
    gazu.set_host(box.host + "/", client=client)
    gazu.set_event_host(box.event_host, client=client)
    assert gazu.get_host(client=client) == box.host + "/"
    assert gazu.get_event_host(client=client) == box.event_host
    gazu.log_in(box.email, box.password, client=client)
    assert gazu.person.get_person_by_email(box.email, client=client)["id"] == user_of(client)
    gazu.log_out(client=client)


def test_a_wrong_password_leaves_the_tokens(jane: Any, log_in: Any, client: KitsuClient) -> None:
    log_in()
    before = dict(client.tokens)
    with pytest.raises(AuthFailedException, match="Wrong email or password") as caught:
        log_in("wrong")
    assert (caught.value.status_code, caught.value.body["login"]) == (400, False)
    assert client.tokens == before
    assert user_of(client) == jane["id"]
    with pytest.raises(AuthFailedException):
        gazu.log_in(f"{uuid.uuid4().hex}@example.com", PASSWORD, client=client)


def test_too_many_wrong_passwords_lock_the_account(log_in: Any) -> None:
    for _ in range(5):
        with pytest.raises(AuthFailedException):
            log_in("wrong")
    with pytest.raises(AuthFailedException, match="too many failed attempts") as caught:
        log_in()
    assert caught.value.body["too_many_failed_login_attemps"] is True


def test_a_user_who_is_not_active_cannot_log_in(jane: Any, log_in: Any, client: KitsuClient) -> None:
    log_in()
    gazu.person.update_person({"id": jane["id"], "active": False})
    with pytest.raises(NotAuthenticatedException):
        user_of(client)
    with pytest.raises(AuthFailedException):
        log_in()


def test_a_session_of_its_own_logs_out_at_the_end(box: Any, jane: Any) -> None:
    with gazu.create_session(box.host, jane["email"], PASSWORD, ssl_verify=False) as session:
        assert user_of(session) == jane["id"] != user_of(gazu.client.default_client)
        assert (session.session.verify, session.use_refresh_token) == (False, True)
        left = KitsuClient(box.host, tokens=dict(session.tokens))
    assert session.access_token is None
    assert not works(left)
    with pytest.raises(AuthFailedException):
        gazu.create_session(box.host, jane["email"], "wrong")
    with pytest.raises(TransportException):
        gazu.create_session("http://127.0.0.1:9/api", jane["email"], PASSWORD)


# -- tokens --------------------------------------------------------------------
def test_tokens_are_kept_and_used_again(jane: Any, log_in: Any, client: KitsuClient, box: Any) -> None:
    saved = dict(log_in())
    for token in (saved["access_token"], saved, {"access_token": saved["access_token"]}):
        other = KitsuClient(box.host)
        assert gazu.set_token(token, client=other) is other.tokens
        assert user_of(other) == jane["id"]
        other.session.close()


def test_an_access_token_is_renewed(jane: Any, log_in: Any, client: KitsuClient) -> None:
    old = log_in()["access_token"]
    for renew in (lambda: gazu.refresh_access_token(client=client), client.refresh_access_token):
        answer = renew()
        assert client.access_token == answer["access_token"] != old
        assert client.tokens["user"]["id"] == jane["id"]
        assert user_of(client) == jane["id"]
    with pytest.warns(DeprecationWarning, match="use `refresh_access_token`"):
        assert gazu.refresh_token(client=client)["access_token"] == client.access_token
    client.refresh_token = None
    with pytest.raises(NotAuthenticatedException, match="no refresh token"):
        gazu.refresh_access_token(client=client)
    client.refresh_token = client.access_token
    with pytest.raises(GazuException, match="Only refresh tokens"):
        gazu.refresh_access_token(client=client)


def test_a_bot_works_with_its_token_and_has_no_session_to_end(project: Any, client: KitsuClient) -> None:
    bot = gazu.person.new_bot("R2", f"{uuid.uuid4().hex}@example.com", role="admin")
    gazu.set_token(bot["access_token"], client=client)
    assert user_of(client) == bot["id"]
    assert gazu.project.get_project(project, client=client)["id"] == project["id"]
    with pytest.raises(NotAllowedException):
        gazu.log_out(client=client)
    assert client.tokens == {}
    gazu.set_token(bot["access_token"], client=client)
    assert user_of(client) == bot["id"]
    with pytest.raises(AuthFailedException):
        gazu.log_in(bot["email"], "", client=client)


# -- two factors ---------------------------------------------------------------
def test_a_second_factor(jane: Any, log_in: Any, client: KitsuClient) -> None:
    log_in()
    secret = gazu.client.put("auth/totp", {}, client=client)["otp_secret"]
    codes = gazu.client.post("auth/totp", {"totp": totp(secret)}, client=client)["otp_recovery_codes"]
    gazu.set_token({}, client=client)

    with pytest.raises(AuthFailedException, match="second factor is missing: .*totp") as caught:
        log_in()
    assert caught.value.body["missing_OTP"] is True
    assert caught.value.body["preferred_two_factor_authentication"] == "totp"
    wrong = f"{(int(totp(secret)) + 123456) % 10**6:06}"
    for factors in (
        {"email_otp": "000000"},
        {"recovery_code": "no such code"},
        {"fido_authentication_response": {"id": "x"}},
    ):
        with pytest.raises(AuthFailedException, match="second factor is (wrong|missing)"):
            log_in(**factors)
    with pytest.raises(AuthFailedException, match="second factor is wrong") as caught:
        log_in(totp=wrong)
    assert caught.value.body["wrong_OTP"] is True
    assert client.tokens == {}

    assert log_in(totp=totp(secret))["user"]["totp_enabled"] is True
    assert user_of(client) == jane["id"]
    assert log_in(recovery_code=codes[0])["user"]["id"] == jane["id"]
    with pytest.raises(AuthFailedException, match="second factor is wrong"):
        log_in(recovery_code=codes[0])  # it is good for one time
    log_in(recovery_code=codes[1])

    gazu.person.disable_two_factor_authentication(jane)
    assert log_in()["user"]["totp_enabled"] is False
    with pytest.raises(ParameterException):
        gazu.person.disable_two_factor_authentication(jane["id"])


def test_a_second_factor_for_a_session_of_its_own(box: Any, jane: Any, log_in: Any, client: KitsuClient) -> None:
    log_in()
    secret = gazu.client.put("auth/totp", {}, client=client)["otp_secret"]
    codes = gazu.client.post("auth/totp", {"totp": totp(secret)}, client=client)["otp_recovery_codes"]
    with pytest.raises(AuthFailedException, match="missing"):
        gazu.create_session(box.host, jane["email"], PASSWORD)
    with gazu.create_session(box.host, jane["email"], PASSWORD, totp(secret)) as session:
        assert user_of(session) == jane["id"]
    with gazu.create_session(box.host, jane["email"], PASSWORD, recovery_code=codes[0]) as session:
        assert user_of(session) == jane["id"]


def test_a_code_is_sent_by_email(jane: Any, client: KitsuClient) -> None:
    assert gazu.send_email_otp(jane["email"]) == {"success": True}
    assert gazu.send_email_otp("nobody+1@example.com", client=client) == {"success": True}


# -- tokens that end -----------------------------------------------------------
@pytest.fixture(scope="module")
def old_tokens(second_server: Sandbox) -> Any:
    """An access token that has ended, and a refresh token that has not."""
    client = gazu.create_session(
        second_server.host, second_server.email, second_server.password, use_refresh_token=False
    )
    while works(client):
        time.sleep(0.2)
    client.session.close()
    return client.tokens


@pytest.fixture
def expired(second_server: Sandbox, old_tokens: Any) -> Iterator[KitsuClient]:
    client = gazu.client.create_client(second_server.host, use_refresh_token=False, tokens=dict(old_tokens))
    yield client
    client.session.close()


def test_a_token_that_ended_is_an_error_without_renewal(expired: KitsuClient) -> None:
    with pytest.raises(NotAuthenticatedException, match="Signature has expired") as caught:
        user_of(expired)
    assert caught.value.status_code == 401
    tokens = dict(expired.tokens)
    assert tokens["refresh_token"]
    expired.refresh_access_token()
    assert user_of(expired)
    assert expired.tokens == {**tokens, "access_token": expired.access_token}


@pytest.mark.parametrize("verb", ["get", "post", "put", "delete", "upload", "download"])
def test_a_token_that_ended_is_renewed_on_the_way(
    verb: str, expired: KitsuClient, unique: Callable[[str], str], tmp_path: Path
) -> None:
    expired.use_refresh_token = True
    name = unique("Paint")
    old, user = expired.access_token, expired.tokens["user"]["id"]
    path, file = f"data/persons/{user}", tmp_path / "picture.png"
    file.write_bytes(base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    ))  # fmt: skip
    call: Any = {
        "get": lambda: gazu.client.get(path, client=expired),
        "post": lambda: gazu.client.post("data/departments", {"name": name, "color": ""}, client=expired),
        "put": lambda: gazu.client.put(path, {"phone": "7"}, client=expired),
        "delete": lambda: gazu.client.delete(f"actions/persons/{user}/clear-avatar", client=expired),
        "upload": lambda: gazu.client.upload(f"pictures/thumbnails/persons/{user}", file, client=expired),
        "download": lambda: gazu.client.download("data/persons", tmp_path / "persons.json", client=expired),
    }
    call[verb]()
    assert expired.access_token != old
    if verb == "post":
        assert len(gazu.client.get("data/departments", params={"name": name}, client=expired)) == 1
    if verb == "upload":
        assert gazu.client.get(path, client=expired)["has_avatar"] is True


def test_threads_renew_a_token_once(expired: KitsuClient, monkeypatch: Any) -> None:
    expired.use_refresh_token = True
    renewed, found = [], []
    original = KitsuClient.refresh_access_token
    monkeypatch.setattr(KitsuClient, "refresh_access_token", lambda self: renewed.append(original(self)) or renewed[-1])
    threads = [threading.Thread(target=lambda: found.append(user_of(expired))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(set(found)), len(found), len(renewed)) == (1, 8, 1)


def test_a_callback_logs_in_again(second_server: Sandbox, expired: KitsuClient) -> None:
    asked = []

    def callback(client: KitsuClient, path: str) -> bool:
        asked.append(path)
        gazu.log_in(second_server.email, second_server.password, client=client)
        return True

    expired.callback_not_authenticated = callback
    assert user_of(expired)
    assert asked == ["auth/authenticated"]


def test_a_session_that_ended_is_left_without_an_error(expired: KitsuClient) -> None:
    with expired as same:
        assert same is expired
    assert expired.access_token is None


def test_log_out_of_a_session_that_ended(expired: KitsuClient) -> None:
    assert gazu.log_out(client=expired) == expired.tokens == {}


def test_log_in_with_browser(box: Any, new_person: Any, monkeypatch: Any) -> None:
    """Zou 1.0.97: a code works once and for its challenge; the session of the browser and the new one are two."""
    person = new_person(password=PASSWORD)
    pages: List[str] = []

    def allow(address: str) -> bool:
        """Do what Kitsu's page does for the person who is logged in there."""
        query = dict(parse_qsl(urlsplit(address).query))
        made = gazu.client.post("auth/app-login/code", {"code_challenge": query["code_challenge"]}, client=browser)
        place = f"http://127.0.0.1:{query['port']}/?"
        with urlopen(place + urlencode({"code": made["code"], "state": query["state"]})) as page:
            pages.append(page.read().decode())
        return True

    monkeypatch.setattr("webbrowser.open", allow)
    monkeypatch.setenv("DISPLAY", ":0")
    client = KitsuClient(box.host)
    with gazu.create_session(box.host, person["email"], PASSWORD) as browser:
        tokens = gazu.log_in_with_browser("test", timeout=120, client=client)
        assert tokens["user"]["id"] == person["id"] and client.tokens == tokens
        assert gazu.client.get_current_user(client=client)["id"] == person["id"]
        assert client.access_token != browser.access_token
        client.refresh_access_token()
        gazu.log_out(client=client)
        assert gazu.client.get_current_user(client=browser)["id"] == person["id"]
        until(lambda: pages)
        assert "close this window" in pages[0]
        with pytest.raises(gazu.AuthFailedException, match="code"):
            monkeypatch.setattr("webbrowser.open", forge)
            gazu.log_in_with_browser("test", timeout=120, client=client)


def forge(address: str) -> bool:
    query = dict(parse_qsl(urlsplit(address).query))
    urlopen(f"http://127.0.0.1:{query['port']}/?" + urlencode({"code": "forged", "state": query["state"]})).close()
    return True


def test_a_launcher_hands_its_log_in_over(box: Any, new_person: Any) -> None:
    """Zou 1.0.97: a code works once, and for the verifier of its challenge; a wrong one uses it up."""
    person = new_person(password=PASSWORD)
    verifier = secrets.token_urlsafe(48)
    challenge = gazu.helpers.code_challenge_of(verifier)
    with gazu.create_session(box.host, person["email"], PASSWORD) as launcher:
        code = gazu.user.new_app_login_code(challenge, client=launcher)
        assert repr(code) == "'***'" and len(str(code)) > 40
        dcc = KitsuClient(box.host)
        tokens = gazu.log_in_with_code(str(code), verifier, client=dcc)
        assert user_of(dcc) == person["id"] == tokens["user"]["id"] and dcc.access_token != launcher.access_token
        assert str(dcc.access_token) not in repr(tokens)
        with pytest.raises(AuthFailedException, match="Wrong or expired code"):
            gazu.log_in_with_code(code, verifier, client=KitsuClient(box.host))
        code = gazu.user.new_app_login_code(challenge, client=launcher)
        for one in (secrets.token_urlsafe(48), verifier):
            with pytest.raises(AuthFailedException, match="Wrong or expired code"):
                gazu.log_in_with_code(code, one, client=KitsuClient(box.host))
        with pytest.raises(ValueError, match="code_challenge: expected the 43 characters"):
            gazu.user.new_app_login_code(verifier, client=launcher)
        gazu.log_out(client=dcc)
        assert user_of(launcher) == person["id"]
    bot = gazu.person.new_bot("Bot", f"{uuid.uuid4().hex}@example.com")
    with pytest.raises(NotAllowedException):
        gazu.user.new_app_login_code(challenge, client=KitsuClient(box.host, access_token=bot["access_token"]))


def test_connect(box: Any, jane: Any, tmp_path: Path, monkeypatch: Any) -> None:
    for names in [value for name, value in vars(connection).items() if name.endswith("_VARIABLES")]:
        for name in names:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    client = KitsuClient("http://nowhere.invalid/api")
    with pytest.raises(NoSessionException):
        gazu.connect(client=client)
    with gazu.create_session(box.host, jane["email"], PASSWORD) as session:
        tokens = {name: str(session.tokens[name]) for name in ("access_token", "refresh_token")}
        sessions.write("studio", {"host": box.host, "tokens": tokens})
        assert user_of(gazu.connect(profile="studio", client=client)) == jane["id"]
        gazu.refresh_access_token(client=client)
        assert sessions.read("studio")["tokens"]["access_token"] == client.access_token != tokens["access_token"]
    monkeypatch.setenv("KITSU_HOST", box.host[: -len("/api")])
    monkeypatch.setenv("KITSU_LOGIN", jane["email"])
    monkeypatch.setenv("KITSU_PWD", PASSWORD)
    assert user_of(gazu.connect(client=client)) == jane["id"]
    monkeypatch.setenv("GAZU_TOKEN", gazu.person.new_bot("Bot", f"{uuid.uuid4().hex}@example.com")["access_token"])
    assert user_of(gazu.connect(client=client)) != jane["id"]
    monkeypatch.undo()


def test_the_newest_server_supports_all_functions(admin: KitsuClient) -> None:
    assert gazu.supports("studio.all_studios") and gazu.supports("gazu.concept.move_concepts")
    with pytest.raises(AttributeError):
        gazu.supports("studio.every_studio")
