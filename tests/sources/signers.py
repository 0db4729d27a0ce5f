"""Somebody who signs alerts in tests: the simulator's signer, with slips that it can make."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from lxml import etree
from signxml.algorithms import CanonicalizationMethod

from alertcast.simulator.feeds.signer import EXCLUSIVE
from alertcast.simulator.feeds.signer import Signer as Authority
from tests.sources.documents import NOW

INCLUSIVE = CanonicalizationMethod.CANONICAL_XML_1_0


class Signer(Authority):
    """An authority of that name, with a certificate of its own for a year."""

    def __init__(self, name: str, until: datetime = NOW + timedelta(days=180)) -> None:
        super().__init__(name, (until - timedelta(days=365), until))

    def sign(
        self,
        document: bytes,
        method: CanonicalizationMethod = EXCLUSIVE,
        *,
        names_itself: bool = True,
    ) -> bytes:
        """Return the alert with its signature as last child, by default with the certificate."""
        signed = super().sign(document, method)
        if names_itself:
            return signed
        root = etree.fromstring(signed)
        info = root.find(".//{http://www.w3.org/2000/09/xmldsig#}KeyInfo")
        info.getparent().remove(info)
        return bytes(etree.tostring(root))

    def write(self, folder: Path) -> Path:
        """Write the certificate as a PEM file and return its path."""
        path = folder / f"{self.name}.pem"
        path.write_bytes(self.pem)
        return path


@cache
def signer(name: str) -> Signer:
    """Return the signer of that name, always the same."""
    return Signer(name)
