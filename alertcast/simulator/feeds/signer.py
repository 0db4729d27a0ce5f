"""Somebody who signs alerts: a key, its certificate, and the XML signature that they make."""

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, SignatureMethod
from signxml.signer import XMLSigner

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""A certificate that holds whatever the clock of a demo says."""

EXCLUSIVE = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0


class Signer:
    """An authority of that name, with a key made now and a certificate of its own."""

    def __init__(self, name: str, holds: tuple[datetime, datetime] = ALWAYS) -> None:
        """Make the key; `holds`: from when until when the certificate is valid, aware."""
        self.name, self._key = name, ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(holds[0])
            .not_valid_after(holds[1])
            .sign(self._key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        """The certificate, as a source pins it."""
        return self.certificate.public_bytes(Encoding.PEM)

    def sign(self, document: bytes, method: CanonicalizationMethod = EXCLUSIVE) -> bytes:
        """Return a CAP document with its signature as last child, and the certificate in it."""
        algorithm = SignatureMethod.ECDSA_SHA256
        signer = XMLSigner(signature_algorithm=algorithm, c14n_algorithm=method)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        alert = etree.fromstring(document, parser)
        signed = signer.sign(alert, key=self._key, cert=[self.certificate])
        return bytes(etree.tostring(signed))
