"""What failed requests are called."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from yarl import URL

from bridge.errors import AuthFailed, BadResponse, Forbidden, SourceError, Unavailable
from bridge.upstream.session import new_session
from tests.upstream.misbehaving import SECRET, asking, client, refused, saying


@pytest.mark.parametrize(
    ("status", "expected", "sentence"),
    [
        (401, AuthFailed, "refused the credentials"),
        (402, Unavailable, "switched off by the school"),
        (403, Forbidden, "does not allow"),
        (404, BadResponse, "404"),
        (400, BadResponse, "400"),
        (204, BadResponse, "204"),
        (304, BadResponse, "304"),
    ],
)
async def test_a_refusal_is_named_and_not_asked_for_again(
    status: int, expected: type[SourceError], sentence: str
) -> None:
    async with asking(saying(b"" if status in {204, 304} else b"hunter2", status)) as (http, upstream):
        error = await refused(http, upstream.url, query=[("token", SECRET)])
        assert type(error) is expected
        assert sentence in error.sentence
        assert not error.transient
        assert len(upstream.requests) == 1


async def test_nobody_there_is_out_of_reach() -> None:
    async with new_session() as session:
        error = await refused(client(session), URL(f"http://127.0.0.1:{unused_port()}/?token={SECRET}"))
    assert isinstance(error, Unavailable)
    assert error.transient
    assert error.sentence == "Fortes cannot be reached: 127.0.0.1 refuses connections."


async def test_a_host_that_nobody_knows_is_named() -> None:
    async with new_session() as session:
        error = await refused(client(session), URL("http://fortes.invalid/"))
    assert error.sentence == "Fortes cannot be reached: no host is called fortes.invalid."


@pytest.fixture
def self_signed(tmp_path: Path) -> Path:
    """A file with a key and a certificate that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    file = tmp_path / "certificate.pem"
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(key.private_bytes(*form) + made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return file


async def test_a_certificate_that_is_not_valid_is_told(self_signed: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(self_signed)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    port = unused_port()
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
    async with new_session() as session:
        error = await refused(client(session), URL(f"https://127.0.0.1:{port}/"))
    await runner.cleanup()
    assert error.sentence == "Fortes cannot be reached: the certificate of 127.0.0.1 is not valid."
