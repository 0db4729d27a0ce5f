"""Somebody who signs alerts: a key, its certificate, and the XML signature that they make."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, SignatureMethod
from signxml.signer import XMLSigner

from tests.sources.documents import NOW


class Signer:
    """An authority of that name, with a certificate of its own for a year around `NOW`."""

    def __init__(self, name: str, until: datetime = NOW + timedelta(days=180)) -> None:
        self.name, self._key = name, ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - timedelta(days=365))
            .not_valid_after(until)
            .sign(self._key, hashes.SHA256())
        )

    def sign(self, alert: bytes, *, names_itself: bool = True, c14n: str = "EXCLUSIVE") -> bytes:
        """Return the alert with its signature as last child, by default with the certificate."""
        method = {
            "EXCLUSIVE": CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
            "INCLUSIVE": CanonicalizationMethod.CANONICAL_XML_1_0,
        }[c14n]
        signer = XMLSigner(signature_algorithm=SignatureMethod.ECDSA_SHA256, c14n_algorithm=method)
        signed = signer.sign(etree.fromstring(alert), key=self._key, cert=[self.certificate])
        if not names_itself:
            info = signed.find(".//{http://www.w3.org/2000/09/xmldsig#}KeyInfo")
            info.getparent().remove(info)
        return bytes(etree.tostring(signed))

    def write(self, folder: Path) -> Path:
        """Write the certificate as a PEM file and return its path."""
        path = folder / f"{self.name}.pem"
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return path


@cache
def signer(name: str) -> Signer:
    """Return the signer of that name, always the same."""
    return Signer(name)
