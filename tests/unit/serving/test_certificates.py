from __future__ import annotations

import ipaddress
import stat

import pytest
from cryptography import x509

from cellwire.errors import InvalidParameterError
from cellwire.serving.certificates import make_certificates


def test_the_certificate_names_the_hosts_and_hangs_on_the_authority(tmp_path) -> None:
    files = make_certificates(tmp_path, ["gpubox.lab.org", "192.0.2.5"])
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["gpubox.lab.org"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("192.0.2.5")]
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
    assert b"PRIVATE" not in files.authority.read_bytes()


def test_nothing_is_overwritten(tmp_path) -> None:
    files = make_certificates(tmp_path, ["a"])
    before = files.key.read_bytes()
    with pytest.raises(InvalidParameterError, match="is there already"):
        make_certificates(tmp_path, ["a"])
    assert files.key.read_bytes() == before


def test_a_host_is_needed(tmp_path) -> None:
    with pytest.raises(InvalidParameterError, match="needs the name"):
        make_certificates(tmp_path, [])
