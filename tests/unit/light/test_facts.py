"""What is known of a text's bytes does not depend on how they come."""

from __future__ import annotations

import pytest

from lake.light.dialect import Dialect
from lake.light.facts import Examiner, Facts

TEXTS = {
    b'a,b\n1,"x"\n': Facts(),
    b'a,b\n1, "x"\n': Facts(spaced=True),
    b'a,b\n1,"x" ,2\n': Facts(spaced=True),
    b'a,b\n1,"say ""hi"" twice"\n': Facts(),
    b'a,b\n1,"one ""x"", and ""y"""\n': Facts(),
    b'a,b\n1,"NA",2\n': Facts(worded=True),
    b'a,b\n1,"NA""",2\n': Facts(),
    b'a,b\n1,"",2\n1, "x"\n': Facts(spaced=True, worded=True),
    b'a,b\r\n1,"NAN"\r\n': Facts(returns=True),
    b"a,b\n1,\0\n": Facts(nul=True),
}


def facts(*chunks: bytes) -> Facts:
    examiner = Examiner(Dialect(null_values=("NA", "")))
    for chunk in (*chunks, b"\n"):
        examiner.take(chunk)
    return examiner.facts


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_in_two_chunks_tells_what_it_tells_whole(text: bytes) -> None:
    assert facts(text) == TEXTS[text]
    for cut in range(1, len(text)):
        assert facts(text[:cut], text[cut:]) == TEXTS[text], cut


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_byte_by_byte_tells_what_it_tells_whole(text: bytes) -> None:
    assert facts(*(text[n : n + 1] for n in range(len(text)))) == TEXTS[text]
