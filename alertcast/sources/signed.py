"""XML signatures of alerts, checked against the certificates that are pinned for their source.

A certificate inside the message proves nothing: anybody can make one. What is read of a verified
alert is what was signed, as the signature's own transforms gave it, and it must be the alert that
stands in the document (CAP 1.2 section 3.3.2.1; XML Signature 1.1). The signature over a whole
envelope (EDXL-DE, Atom, RSS) counts in the same way for what is in it and has none of its own.
"""

import base64
import copy
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Self
from xml.etree.ElementTree import Element

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from pydantic import BeforeValidator, ConfigDict, model_validator
from signxml.algorithms import SignatureMethod
from signxml.verifier import SignatureConfiguration, XMLVerifier

from alertcast.core.signature import UNSIGNED, Signature, Verdict
from alertcast.sources.base import Source, SourceSettings
from alertcast.sources.cap_xml import as_utf8, local_name, read_xml

_TAG = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_CERTIFICATE = ".//{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
_METHODS = frozenset(
    method for method in SignatureMethod if "SHA1" not in method.name and "HMAC" not in method.name
)
"""SHA-1 can be forged, and a secret that both sides hold names nobody."""

MOST_SIGNATURES = 4
"""More than these in one alert are not looked at: each costs time for every pinned certificate."""


def read_certificates(given: object) -> tuple[x509.Certificate, ...]:
    """Return the certificates of PEM files; raises ValueError naming the file."""
    if not isinstance(given, list | tuple):
        msg = "must be a list of files"
        raise ValueError(msg)
    found: list[x509.Certificate] = []
    for one in given:
        if isinstance(one, x509.Certificate):
            found.append(one)
            continue
        try:
            found += x509.load_pem_x509_certificates(Path(str(one)).read_bytes())
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it holds no PEM certificate"
            msg = f"{one}: {reason}"
            raise ValueError(msg) from error
    return tuple(found)


Certificates = Annotated[tuple[x509.Certificate, ...], BeforeValidator(read_certificates)]


class SignedSettings(SourceSettings):
    """What every source of CAP may be told about signatures."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    certificates: Certificates = ()  # PEM files of those whose signatures are believed
    must_be_signed: bool = False  # hold what none of them signed

    @model_validator(mode="after")
    def _has_certificates(self) -> Self:
        if self.must_be_signed and not self.certificates:
            msg = "must_be_signed needs certificates: nothing could ever be verified"
            raise ValueError(msg)
        return self

    def believes(self, signature: Signature) -> bool:
        """Say whether an alert of this source may be acted on without a human.

        A signature that should be right and is not is never believed, be it demanded or not.
        """
        if signature.verdict is Verdict.VERIFIED:
            return True
        return not (
            self.must_be_signed or (self.certificates and signature.verdict is Verdict.INVALID)
        )


def rules_of(source: Source) -> SignedSettings:
    """Return a source's rules of signatures; the usual ones for a format that has none."""
    settings = getattr(source, "settings", None)
    return settings if isinstance(settings, SignedSettings) else SignedSettings()


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges signatures at one moment."""

    certificates: tuple[x509.Certificate, ...]
    at: datetime  # when the document was received, aware

    def look(self, document: bytes) -> tuple[bytes, Signature]:
        """Return what the signature of its root covers, and a verdict; else the document itself.

        The root is an alert or an envelope.
        """
        root = etree.fromstring(document, _parser())
        verdicts = [
            self._judge(root, number)
            for number, _ in enumerate(root.findall(_TAG)[:MOST_SIGNATURES])
        ]
        for signed, signature in verdicts:
            if signed is not None:
                return signed, signature
        order = (Verdict.INVALID, Verdict.UNTRUSTED)
        worst = min((one for _, one in verdicts), key=lambda one: order.index(one.verdict))
        return document, worst

    def _judge(self, root: Any, number: int) -> tuple[bytes | None, Signature]:
        alone = copy.deepcopy(root)
        signatures = alone.findall(_TAG)
        for other in [*signatures[:number], *signatures[number + 1 :]]:
            alone.remove(other)
        why = "it does not hold under any pinned certificate"
        for certificate in self.certificates:
            signed, fault = _signed(alone, certificate)
            if signed is None:
                why = fault if self._is_named(signatures[number]) else why
                continue
            who = certificate.subject.rfc4514_string()
            if not certificate.not_valid_before_utc <= self.at <= certificate.not_valid_after_utc:
                until = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
                detail = f"the certificate of {who} was not valid when received; it ends {until}"
                return None, Signature(Verdict.UNTRUSTED, detail)
            if _content(read_xml(signed)) != _content(read_xml(etree.tostring(alone))):
                detail = f"{who} signed something else than all of this"
                return None, Signature(Verdict.INVALID, detail)
            return signed, Signature(Verdict.VERIFIED, who)
        if self._is_named(signatures[number]):
            return None, Signature(Verdict.INVALID, why)
        return None, Signature(Verdict.UNTRUSTED, "made with a certificate that is not pinned")

    def _is_named(self, signature: Any) -> bool:
        """Say whether a signature claims to be by a pinned certificate, or names none at all."""
        named = [_digest(text) for text in (e.text for e in signature.iterfind(_CERTIFICATE))]
        pinned = {_digest_of(certificate) for certificate in self.certificates}
        return not named or not pinned.isdisjoint(named)


class Seals:
    """The signatures of one document.

    `root` is what is to be read of it; `envelope` what the signature over all of it is worth, if it
    is no alert. A verified envelope is read from the bytes that were signed.
    """

    def __init__(self, data: bytes, root: Element, judge: Judge | None) -> None:
        self._data, self.root, self.judge = data, root, judge
        self.envelope = UNSIGNED
        self._pairs: dict[Element, Any] = {}
        if local_name(root) != "alert" and root.find(_TAG) is not None:
            signed, self.envelope = self._judged(lambda: as_utf8(data))
            if signed is not None:
                self._data, self.root = signed, read_xml(signed)

    @property
    def is_part_signed(self) -> bool:
        """Say whether a part that is no alert is signed by itself: that is not checked."""
        if b"Signature" not in self._data:  # nearly always
            return False
        signed = (element for element in self.root.iter() if element.find(_TAG) is not None)
        return any(local_name(each) != "alert" for each in signed if each is not self.root)

    def look(self, alert: Element) -> tuple[Element, Signature]:
        """Return the alert to be read, and what its signature is worth; never raises.

        A verified alert is read from the bytes that were signed.
        """
        if alert.find(_TAG) is None:
            return alert, self.envelope
        signed, own = self._judged(lambda: self._alone(alert))
        return (alert if signed is None else read_xml(signed)), of_both(self.envelope, own)

    def _judged(self, document: Callable[[], bytes]) -> tuple[bytes | None, Signature]:
        """Return what is signed of a document if that is verified, and the verdict."""
        if self.judge is None or not self.judge.certificates:
            detail = "no certificate is pinned for this source"
            return None, Signature(Verdict.UNTRUSTED, detail)
        try:
            covered, signature = self.judge.look(document())
            is_verified = signature.verdict is Verdict.VERIFIED
            read_xml(covered)
            return (covered if is_verified else None), signature
        except Exception as error:  # the libraries raise many kinds for what is badly made
            detail = f"the signature can not be read: {type(error).__name__}"
            return None, Signature(Verdict.INVALID, detail)

    def _alone(self, alert: Element) -> bytes:
        """Return the alert as a document of its own, with the namespaces it uses."""
        if not self._pairs:
            again = etree.fromstring(as_utf8(self._data), _parser())
            self._pairs = dict(zip(_alerts(self.root), _alerts(again), strict=True))
        found = copy.deepcopy(self._pairs[alert])
        found.tail = None
        alone: bytes = etree.tostring(found)
        return alone


def of_both(envelope: Signature, own: Signature) -> Signature:
    """Return what the signatures of an envelope and of an alert in it are worth together.

    What one of them verifies is verified, but an alert whose own signature should hold and does not
    is never believed.
    """
    if own.verdict in (Verdict.VERIFIED, Verdict.INVALID) or envelope.verdict is Verdict.UNSIGNED:
        return own
    if own.verdict is Verdict.UNTRUSTED and envelope.verdict is Verdict.UNTRUSTED:
        return own
    return envelope


def _signed(alert: Any, certificate: x509.Certificate) -> tuple[bytes | None, str]:
    """Return what a certificate has signed of an alert, else None and why it has not.

    The certificate's own time is not asked here.
    """
    rules = SignatureConfiguration(
        location="./",
        signature_methods=_METHODS,
        verification_time=certificate.not_valid_after_utc,
    )
    try:
        found = XMLVerifier().verify(alert, x509_cert=certificate, expect_config=rules)
    except Exception as error:  # the library raises many kinds for what is badly made
        return None, f"{type(error).__name__}: {str(error)[:160]}"
    if isinstance(found, list):
        return None, "it covers several parts"
    return found.signed_data, ""


def _content(alert: Element) -> list[tuple[object, ...]]:
    """Return all that is read of an alert, its signatures left out."""
    found: list[tuple[object, ...]] = []
    left: list[tuple[Element, int]] = [(alert, 0)]
    while left:  # not by recursion: a document may be deep
        element, depth = left.pop()
        tail = (element.tail or "").strip() if depth else ""
        found.append(
            (depth, element.tag, sorted(element.items()), (element.text or "").strip(), tail)
        )
        left += [(child, depth + 1) for child in element if child.tag != _TAG]
    return found


def _alerts(root: Any) -> Iterator[Any]:
    return (element for element in root.iter() if local_name(element) == "alert")


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _digest(text: str | None) -> bytes:
    try:
        return hashlib.sha256(base64.b64decode("".join((text or "").split()))).digest()
    except ValueError:
        return b""


def _digest_of(certificate: x509.Certificate) -> bytes:
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
