"""The certificates that this machine trusts, as a store that Java reads: `python trust.py STORE`.

Java from PyPI brings a list of its own, which knows nothing of a company's proxy; pip and git know the machine's.
Runs in the project's environment, because the store's format comes from the cryptography package.
"""

import os
import ssl
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore
from cryptography.x509 import load_pem_x509_certificates

NAMED_BY = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")
USUAL = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


def bundle() -> Path | None:
    """The machine's own list: where variables say, else where distributions keep it."""
    named = [os.environ.get(name) for name in NAMED_BY]
    candidates = [*named, ssl.get_default_verify_paths().cafile, *USUAL]
    return next((Path(place) for place in candidates if place and Path(place).is_file()), None)


def main(store: Path) -> int:
    found = bundle()
    if found is None:
        return 1
    certificates = load_pem_x509_certificates(found.read_bytes())
    trusted = [PKCS12Certificate(one, f"ca-{number}".encode()) for number, one in enumerate(certificates)]
    store.write_bytes(serialize_java_truststore(trusted, NoEncryption()))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
