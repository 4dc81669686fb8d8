"""Passwords, second factors and security keys of the user, and the state of the server, on a real server."""

import base64
import hashlib
import hmac
import json
import socket
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

import gazu
from gazu import sessions
from gazu.client import KitsuClient
from gazu.exception import AuthFailedException, NotAllowedException, ParameterException
from gazu_sandbox import Sandbox
from gazu_sandbox.folders import read_state
from gazu_sandbox.services import DATABASE, psql

from .test_session import PASSWORD, totp, user_of

#: The curve P-256: its order, and its base point, which is the public key for the private key 1.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
X = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
Y = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5


@pytest.fixture
def jane(box: Any, new_person: Any) -> Iterator[Any]:
    """A person with a client of her own."""
    person = new_person(password=PASSWORD)
    with gazu.create_session(box.host, person["email"], PASSWORD) as client:
        yield SimpleNamespace(person=person, client=client, email=person["email"])


@pytest.fixture
def bot(box: Any, unique: Any) -> KitsuClient:
    made = gazu.person.new_bot("Bot", f"{unique('bot').replace(' ', '-')}@example.com")
    return KitsuClient(box.host, access_token=made["access_token"])


def log_in(jane: Any, password: str = PASSWORD, **factors: Any) -> Any:
    return gazu.log_in(jane.email, password, **factors, client=KitsuClient(jane.client.host))


# -- passwords -----------------------------------------------------------------
def test_a_password_is_changed_by_who_knows_the_old_one(jane: Any, bot: KitsuClient) -> None:
    for old, new, said in (("wrong", "another of 7 words", "Old password is wrong"), (PASSWORD, "abcd", "too short")):
        with pytest.raises(ParameterException, match=said) as caught:
            gazu.user.change_password(old, new, client=jane.client)
        assert new not in str(caught.value)
    assert gazu.user.change_password(PASSWORD, "another of 7 words", client=jane.client) == {"success": True}
    assert user_of(jane.client) == jane.person["id"]  # the tokens stay
    with pytest.raises(AuthFailedException):
        log_in(jane)
    assert log_in(jane, "another of 7 words")["user"]["id"] == jane.person["id"]
    with pytest.raises(NotAllowedException):
        gazu.user.change_password(PASSWORD, PASSWORD, client=bot)


def test_a_password_is_set_with_a_link(jane: Any, artist: Any) -> None:
    link = gazu.person.new_password_reset_link(jane.person)
    assert repr(link) == "'***'" and gazu.person.new_password_reset_link(jane.person["id"]) == link
    token = parse_qs(urlsplit(str(link)).query)["token"][0]
    nobody = KitsuClient(jane.client.host)
    for email, one, new in ((jane.email, "A" * 64, "another of 7 words"), (jane.email, token, "short")):
        with pytest.raises(ParameterException, match="Wrong or expired token|too short") as caught:
            gazu.user.reset_password(email, one, new, client=nobody)
        assert one not in repr(caught.value)
    assert gazu.user.reset_password(jane.email, token, "another of 7 words", client=nobody) == {"success": True}
    assert log_in(jane, "another of 7 words")
    with pytest.raises(ParameterException, match="Wrong or expired token"):  # it is good for one time
        gazu.user.reset_password(jane.email, token, PASSWORD, client=nobody)
    for email in (jane.email, "nobody+2@example.com"):
        assert gazu.person.send_password_reset(email, client=nobody) == {"success": "Reset token sent"}
    with pytest.raises(NotAllowedException):
        gazu.person.new_password_reset_link(jane.person, client=artist.client)


# -- second factors ------------------------------------------------------------
def test_an_authenticator_application(jane: Any, bot: KitsuClient) -> None:
    """Zou 1.0.97: new tokens come with it; a proof is in a body, as DELETE has one here."""
    before = jane.client.access_token
    secret = gazu.user.start_totp(client=jane.client)
    assert "otpauth" not in repr(secret) and str(secret["totp_provisionning_uri"]).startswith("otpauth://totp/")
    with pytest.raises(ParameterException, match="TOTP verification failed"):
        gazu.user.enable_totp("000000", client=jane.client)
    codes = gazu.user.enable_totp(totp(secret["otp_secret"]), client=jane.client)
    assert len(codes) == 16 and repr(codes) == repr(["***"] * 16)
    assert jane.client.access_token != before and user_of(jane.client) == jane.person["id"]
    with pytest.raises(AuthFailedException, match="second factor is missing"):
        log_in(jane)
    assert log_in(jane, recovery_code=codes[0])
    for call in (gazu.user.start_totp, lambda client: gazu.user.enable_totp("000000", client=client)):
        with pytest.raises(ParameterException, match="already enabled"):
            call(client=jane.client)

    with pytest.raises(ParameterException, match="OTP verification failed"):
        gazu.user.new_recovery_codes(recovery_code=codes[0], client=jane.client)  # it was used
    fresh = gazu.user.new_recovery_codes(totp=totp(secret["otp_secret"]), client=jane.client)
    assert len(fresh) == 16 and not {*fresh} & {*codes}
    for call in (gazu.user.disable_totp, gazu.user.disable_email_otp, gazu.user.new_recovery_codes):
        with pytest.raises(ValueError, match="a second factor is needed"):
            call(client=jane.client)
    with pytest.raises(ParameterException, match="OTP verification failed") as caught:
        gazu.user.disable_totp(recovery_code=codes[1], client=jane.client)
    assert str(codes[1]) not in str(caught.value) and caught.value.path == "auth/totp"
    assert gazu.user.disable_totp(recovery_code=fresh[0], client=jane.client) == {"success": True}
    assert log_in(jane)["user"]["totp_enabled"] is False
    with pytest.raises(ParameterException, match="not enabled"):
        gazu.user.disable_totp(totp="000000", client=jane.client)
    with pytest.raises(NotAllowedException):
        gazu.user.start_totp(client=bot)


def test_new_tokens_are_stored(box: Any, new_person: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """A session of `gazu-cli login` goes on after a second factor was enabled."""
    for name in ("XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with gazu.create_session(box.host, new_person(password=PASSWORD)["email"], PASSWORD) as one:
        tokens = {name: str(one.tokens[name]) for name in ("access_token", "refresh_token")}
        sessions.write("jane", {"host": box.host, "tokens": tokens})
        client = gazu.connect(profile="jane", client=KitsuClient(box.host))
        gazu.user.enable_totp(totp(gazu.user.start_totp(client=client)["otp_secret"]), client=client)
        for name, token in sessions.read("jane")["tokens"].items():
            assert token == client.tokens[name] != tokens[name]


def test_a_studio_that_wants_a_second_factor() -> None:
    """Zou 1.0.97 with ENFORCE_2FA: the tokens of before open nothing. It takes seconds: a server of its own."""
    with Sandbox(workers=1, jobs=False, environment={"ENFORCE_2FA": "true"}) as box:
        client = gazu.create_session(box.host, box.email, box.password)
        assert client.tokens["two_factor_authentication_required"] is True
        before = KitsuClient(box.host, tokens=dict(client.tokens))
        with pytest.raises(NotAllowedException, match="gazu.user.start_totp"):
            gazu.project.all_projects(client=client)
        secret = gazu.user.start_totp(client=client)["otp_secret"]
        gazu.user.enable_totp(totp(secret), client=client)
        assert gazu.project.all_projects(client=client) == []
        with pytest.raises(NotAllowedException, match="setup is required"):
            gazu.project.all_projects(client=before)


def test_codes_by_email(second_server: Sandbox) -> None:
    admin = gazu.create_session(second_server.host, second_server.email, second_server.password)
    email = "codes@example.com"
    gazu.person.new_person("Co", "Des", email, password=PASSWORD, client=admin)
    with gazu.create_session(second_server.host, email, PASSWORD) as client:
        assert gazu.user.start_email_otp(client=client) == {"success": True}
        with pytest.raises(ParameterException, match="verification failed"):
            gazu.user.enable_email_otp("000000", client=client)
        before = client.access_token
        assert len(gazu.user.enable_email_otp(mailed_code(second_server, email), client=client)) == 16
        assert client.access_token != before
        with pytest.raises(AuthFailedException, match="missing: .*email_otp"):
            gazu.create_session(second_server.host, email, PASSWORD)
        with pytest.raises(ParameterException, match="already enabled"):
            gazu.user.start_email_otp(client=client)
        gazu.send_email_otp(email, client=client)
        code = mailed_code(second_server, email)
        assert gazu.user.disable_email_otp(email_otp=code, client=client) == {"success": True}
        gazu.create_session(second_server.host, email, PASSWORD)
    gazu.log_out(client=admin)


def mailed_code(server: Sandbox, email: str) -> str:
    """Return the code of the last email (RFC 4226), of which the sandbox sends none."""
    state: Any = read_state(Path(server.data))
    secret = psql(state, f"select email_otp_secret from person where email = '{email}'", database=DATABASE).strip()
    with socket.create_connection(("127.0.0.1", state["ports"]["redis"])) as redis:
        words = f"AUTH {state['redis_password']}\r\n" if state["redis_password"] else ""
        redis.sendall(f"{words}GET email-otp-count-{email}\r\nQUIT\r\n".encode())
        count = int(redis.makefile("rb").read().split(b"\r\n")[-3])
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", count), hashlib.sha1).digest()
    return f"{(struct.unpack('>I', digest[digest[-1] & 15 :][:4])[0] & 0x7FFFFFFF) % 10**6:06}"


def test_a_security_key(jane: Any, bot: KitsuClient) -> None:
    nobody = KitsuClient(jane.client.host)
    with pytest.raises(ParameterException, match="FIDO not enabled"):
        gazu.get_fido_challenge(jane.email, client=nobody)
    options = gazu.user.start_fido(client=jane.client)
    with pytest.raises(ParameterException, match="registration response"):
        gazu.user.register_fido({"id": "x"}, "Key", client=jane.client)
    with pytest.raises(ParameterException, match="No preregistration"):
        gazu.user.register_fido(registered(options), "Key", client=jane.client)
    options = gazu.user.start_fido(client=jane.client)
    before = jane.client.access_token
    assert len(gazu.user.register_fido(registered(options), "Key", client=jane.client)) == 16
    assert jane.client.access_token != before
    assert gazu.client.get_current_user(client=jane.client)["fido_devices"] == ["Key"]
    answer = signed(gazu.get_fido_challenge(jane.email, client=nobody))
    assert gazu.log_in(jane.email, PASSWORD, fido_authentication_response=answer, client=nobody)["login"]

    with pytest.raises(ValueError, match="expected one of Key"):  # Zou 1.0.97 answers {"success": true}
        gazu.user.unregister_fido("Kay", fido_authentication_response=answer, client=jane.client)
    with pytest.raises(ParameterException, match="OTP verification failed"):
        gazu.user.unregister_fido("Key", fido_authentication_response=answer, client=jane.client)
    answer = signed(gazu.get_fido_challenge(jane.email, client=jane.client))
    done = gazu.user.unregister_fido("Key", fido_authentication_response=answer, client=jane.client)
    assert done == {"success": True} and log_in(jane)["user"]["fido_enabled"] is False
    with pytest.raises(ParameterException, match="FIDO not enabled"):
        gazu.user.unregister_fido("Key", totp="000000", client=jane.client)
    with pytest.raises(NotAllowedException):
        gazu.user.start_fido(client=bot)


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _client_data(kind: str, options: Dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "challenge": options["challenge"], "origin": "https://127.0.0.1"}).encode()


def _authenticator_data(flags: int) -> bytes:
    return hashlib.sha256(b"127.0.0.1").digest() + bytes([flags]) + bytes(4)


def registered(options: Dict[str, Any]) -> Dict[str, Any]:
    """Return what a security key with the private key 1 answers (WebAuthn, CBOR by hand)."""
    public = (
        b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + X.to_bytes(32, "big") + b"\x22\x58\x20" + Y.to_bytes(32, "big")
    )
    data = _authenticator_data(0x41) + bytes(16) + b"\x00\x10" + b"0123456789abcdef" + public
    attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data
    response = {
        "clientDataJSON": text(_client_data("webauthn.create", options)),
        "attestationObject": text(attestation),
    }
    return _answer(response)


def signed(options: Dict[str, Any]) -> Dict[str, Any]:
    """Return what that key answers to a challenge: ECDSA with the random number 1."""
    client, data = _client_data("webauthn.get", options), _authenticator_data(0x01)
    digest = int.from_bytes(hashlib.sha256(data + hashlib.sha256(client).digest()).digest(), "big")
    numbers = [b"\x00" + one.to_bytes(32, "big") for one in (X % ORDER, (digest + X) % ORDER)]
    body = b"".join(b"\x02" + bytes([len(one)]) + one for one in map(_shortest, numbers))
    signature = b"\x30" + bytes([len(body)]) + body
    response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
    return _answer({name: text(value) for name, value in response.items()})


def _shortest(number: bytes) -> bytes:
    while number[0] == 0 and number[1] < 128:
        number = number[1:]
    return number


def _answer(response: Dict[str, str]) -> Dict[str, Any]:
    id = text(b"0123456789abcdef")
    return {"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}}


# -- the server ----------------------------------------------------------------
def test_the_state_of_the_server(box: Any, artist: Any) -> None:
    nobody = KitsuClient(box.host)
    assert gazu.client.get_server_config(client=nobody)["saml_enabled"] is False
    status = gazu.client.get_server_status(client=nobody)
    assert status["version"] == gazu.client.get_api_version() and status["database-up"] is True
    assert gazu.client.get_server_resources(client=nobody)["memory"]["total"] > 0
    assert gazu.client.get_server_stats()["number_of_comments"] >= 0
    with pytest.raises(NotAllowedException):
        gazu.client.get_server_stats(client=artist.client)
