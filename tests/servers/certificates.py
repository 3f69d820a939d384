"""A certificate for loopback, and the authority that signs it; good for a day, or longer."""

from __future__ import annotations

import datetime
import ipaddress
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

if TYPE_CHECKING:
    from pathlib import Path

DAY: Final = datetime.timedelta(days=1)


def make_certificates(
    folder: Path,
    good_for: datetime.timedelta = DAY,
    server: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
) -> None:
    """Write `ca.pem`, and `server.pem` with its `server.key`, into the folder."""
    authority = ec.generate_private_key(ec.SECP256R1())
    server = server or ec.generate_private_key(ec.SECP256R1())
    issuer = _named("dialguard test authority")
    folder.mkdir(parents=True, exist_ok=True)
    ca = (
        _unsigned(issuer, issuer, authority.public_key(), good_for)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(authority.public_key()), critical=False
        )
        .add_extension(_may_sign(), critical=True)
        .sign(authority, hashes.SHA256())
    )
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        _unsigned(_named("localhost"), issuer, server.public_key(), good_for)
        .add_extension(
            x509.SubjectAlternativeName([address, x509.DNSName("localhost")]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()),
            critical=False,
        )
        .sign(authority, hashes.SHA256())
    )
    for name, certificate in (("ca.pem", ca), ("server.pem", signed)):
        (folder / name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "server.key").write_bytes(
        server.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _unsigned(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    good_for: datetime.timedelta,
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - DAY).not_valid_after(now + good_for)


def _may_sign() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
