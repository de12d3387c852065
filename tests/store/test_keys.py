import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import insert

from bridge.errors import ConfigError
from bridge.settings.schema import SecuritySettings
from bridge.store.cipher import Cipher, load_keys, write_new_key
from bridge.store.copies import take_inventory
from bridge.store.database import execute
from bridge.store.encryption import encrypt_again
from bridge.store.schema import shared_answers
from bridge.store.storage import Store, open_store
from bridge.upstream.credential import AccessToken
from tests.club.server import new_club
from tests.conftest import KEY, OpenSchool, SettableClock
from tests.store.conftest import OpenStorage, add_feed
from tests.tables import contents

NEW_KEY, OTHER_KEY = (Fernet.generate_key().decode() for _ in range(2))


async def fill(store: Store) -> tuple[int, str]:
    """A login with an access token, and a feed; gives the login's number and the feed's token."""
    await store.users.add("anna", "Anna", store.credentials.now())
    credential = await store.credentials.add("fortes", "refresh-1")
    await credential.replace("refresh-2", AccessToken("access-2", store.credentials.now() + timedelta(hours=1)))
    return credential.id, await add_feed(store)


async def opened(store: Store, number: int) -> tuple[str | None, str | None, str]:
    credential = await store.credentials.get(number)
    return (
        credential.secret,
        credential.access.token if credential.access else None,
        await store.feeds.token("anna", "default"),
    )


async def test_a_wrong_key_is_refused_and_changes_nothing(open_storage: OpenStorage) -> None:
    async with open_storage() as store:
        number, token = await fill(store)
        before = await contents(store.database)
    with pytest.raises(ConfigError, match="does not fit this storage"):
        async with open_storage(OTHER_KEY):
            pytest.fail("it was opened")
    async with open_storage() as store:
        assert await contents(store.database) == before
        assert await opened(store, number) == ("refresh-2", "access-2", token)


async def test_once_everything_is_encrypted_with_a_new_first_key_the_old_one_can_go(open_storage: OpenStorage) -> None:
    async with open_storage() as store:
        number, token = await fill(store)
        before = await contents(store.database)
    async with open_storage(NEW_KEY, KEY) as store:
        assert await opened(store, number) == ("refresh-2", "access-2", token)
        assert await contents(store.database) == before
        await encrypt_again(store.database, store.cipher)
    async with open_storage(NEW_KEY) as store:
        assert await opened(store, number) == ("refresh-2", "access-2", token)
        assert (await take_inventory(store.database, store.cipher)).problems == ()
    with pytest.raises(ConfigError):
        async with open_storage(KEY):
            pytest.fail("the old key still opens it")


async def test_a_shared_answer_of_a_key_that_is_gone_is_no_secret_that_is_lost(open_storage: OpenStorage) -> None:
    values = {"name": "list", "status": 200, "answer": Cipher([OTHER_KEY]).encrypt("[]"), "came": 1.0, "until": 2.0}
    async with open_storage() as store:
        await store.database.write(execute, insert(shared_answers).values(values))
        assert (await take_inventory(store.database, store.cipher)).problems == ()
    async with open_storage(NEW_KEY, KEY) as store:
        await encrypt_again(store.database, store.cipher)
        assert (await contents(store.database))["shared_answers"] == []


async def test_a_key_that_another_process_made_first_breaks_nobody_who_runs(
    storage_url: str, clock: SettableClock
) -> None:
    keys = [KEY]
    async with open_store(storage_url, Cipher([KEY], lambda: keys), clock) as store:
        number, token = await fill(store)
        keys = [NEW_KEY, KEY]
        async with open_store(storage_url, Cipher(keys), clock) as other:
            await encrypt_again(other.database, other.cipher)
        assert await opened(store, number) == ("refresh-2", "access-2", token)
        keys = [NEW_KEY]
        await add_feed(store, name="second")
    async with open_store(storage_url, Cipher([NEW_KEY]), clock) as store:
        assert await store.feeds.token("anna", "second")


def test_keys_that_have_nothing_in_common_with_those_in_use_are_not_taken() -> None:
    cipher = Cipher([KEY], lambda: [OTHER_KEY])
    assert Cipher([KEY]).decrypt(cipher.encrypt("x")) == "x"


async def test_further_keys_behind_the_first_change_nothing(open_storage: OpenStorage) -> None:
    async with open_storage() as store:
        await fill(store)
        before = await contents(store.database)
    async with open_storage(KEY, NEW_KEY) as store:
        assert await contents(store.database) == before


async def test_no_secret_and_no_token_stands_in_the_storage_in_clear(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    club = new_club(clock)
    async with open_school({"club": club.stand_in}) as school:
        await school.add("anna", "club")
        feed_token = await school.feed("anna")
        await school.refresh()
        (access_token,) = club.access_tokens
        secrets = ["refresh-anna", club.logins[0].refresh_token, access_token, feed_token]
        stored = await _all_bytes(school.bridge.store)
        assert b"anna" in stored
        assert [secret for secret in secrets if secret.encode() in stored] == []


async def _all_bytes(store: Store) -> bytes:
    if store.database.file is None:
        return repr(await contents(store.database)).encode()
    files = list(store.database.file.parent.glob("bridge.db*"))
    assert any(path.name == "bridge.db-wal" and path.stat().st_size for path in files)
    return b"".join(path.read_bytes() for path in files)


@pytest.mark.parametrize("keys", [[], ["too short"], [KEY, ""], ["ü" * 44]])
def test_what_is_no_fernet_key_is_a_sentence_without_the_key(keys: list[str]) -> None:
    with pytest.raises(ConfigError, match="roosterbridge init") as raised:
        Cipher(keys)
    assert not any(key and key in raised.value.sentence for key in keys)


def test_the_same_text_is_written_differently_each_time() -> None:
    cipher = Cipher([KEY])
    assert cipher.encrypt("x") != cipher.encrypt("x")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"secret_key": SecretStr(f" {NEW_KEY} , {KEY}")}, [NEW_KEY, KEY]),
        ({}, [KEY, NEW_KEY]),
    ],
)
def test_keys_come_from_the_variable_or_else_the_file(
    tmp_path: Path, given: Mapping[str, SecretStr], expected: list[str]
) -> None:
    file = tmp_path / "secret.key"
    file.write_text(f"# first\n{KEY}\n\n  {NEW_KEY}\n")
    assert load_keys(SecuritySettings(secret_key_file=file, **given)) == expected


def test_a_missing_key_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no secret key at"):
        load_keys(SecuritySettings(secret_key_file=tmp_path / "none"))
    with pytest.raises(ConfigError, match="cannot be read"):
        load_keys(SecuritySettings(secret_key_file=tmp_path))


def test_a_new_key_is_its_owners_only_and_never_replaces_one(tmp_path: Path) -> None:
    file = tmp_path / "config" / "secret.key"
    assert write_new_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    written = file.read_bytes()
    assert Cipher(load_keys(SecuritySettings(secret_key_file=file))).encrypt("x")
    assert not write_new_key(file)
    assert file.read_bytes() == written


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, to see what the system is asked for")
def test_a_new_first_key_is_on_disk_under_its_name_before_it_is_used(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    write_new_key(file)
    run = "import pathlib, sys; from bridge.store.cipher import add_first_key; add_first_key(pathlib.Path(sys.argv[1]))"
    watched = ["strace", "-f", "-y", "-e", "trace=fsync,rename", sys.executable, "-c", run, str(file)]
    seen = subprocess.run(watched, capture_output=True, text=True, check=True).stderr
    calls = re.findall(
        rf"^(?:\[pid +\d+\] )?(fsync|rename)\(.*{re.escape(str(tmp_path))}(?:/secret\S+)?[>\"]", seen, re.MULTILINE
    )
    assert calls == ["fsync", "fsync", "rename", "fsync"]  # the file, its name, the new name
