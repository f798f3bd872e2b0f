"""One block through mail and chat: what its wrapper bears, and what it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.program.governance.armour import BEGIN, BLOCK_BYTES_MAX, END, read_block, write_block
from voicedr.program.governance.statement import StatementRefused

STATEMENT = "voicedr approval 1\nplan: " + "ab" * 32 + "\nflow: support-line\n"
SIGNATURE = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"
BLOCK = write_block(STATEMENT, SIGNATURE)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=300), st.text("abc=\n", min_size=1, max_size=300))
def test_what_goes_in_comes_out_to_the_byte(statement: str, signature: str) -> None:
    """Also carriage returns and blanks at the ends of lines: they are inside, and stay."""
    assert read_block(write_block(statement, signature)) == (statement, signature)


BORNE = {
    "as it is": BLOCK,
    "line ends of a mail": BLOCK.replace("\n", "\r\n"),
    "quoted twice": "".join(f"> > {line}\n" for line in BLOCK.splitlines()),
    "blanks behind": "".join(f"{line}  \t\n" for line in BLOCK.splitlines()),
    "indented": "".join(f"    {line}\n" for line in BLOCK.splitlines()),
    "empty lines between": BLOCK.replace("\n", "\n\n"),
    "words around it": f"Hello,\n\nhere it is:\n{BLOCK}\n-- \nA. Ruiz\n",
    "wrapped anew": BLOCK.replace(
        BLOCK.splitlines()[2], BLOCK.splitlines()[2][:20] + "\n" + BLOCK.splitlines()[2][20:]
    ),
}


@pytest.mark.parametrize("how", BORNE)
def test_what_mail_and_chat_do_to_the_wrapper_is_borne(how: str) -> None:
    """Nothing of it reaches the statement."""
    assert read_block(BORNE[how]) == (STATEMENT, SIGNATURE)


REFUSED = {
    "nothing": ("", "0 lines that begin one"),
    "two blocks": (BLOCK + BLOCK, "2 lines that begin one"),
    "cut off": (BLOCK[: len(BLOCK) // 2], "0 that end one"),
    "the end first": (f"{END}\n{BEGIN}\n", "there must be one approval"),
    "no signature": (BLOCK.replace("\nsignature\n", "\n"), 'the parts "statement" and "signature"'),
    "a part that is empty": (f"{BEGIN}\nstatement\nsignature\nYQ==\n{END}\n", "is not Base64"),
    "another character": (BLOCK.replace("dm9p", "dm9ä"), "is not Base64"),
    "a character less": (BLOCK.replace("dm9p", "dm9"), "was cut or changed"),
    "too long": (BLOCK + "x" * BLOCK_BYTES_MAX, "more than 65536 bytes"),
    "a long statement": (write_block("x" * 4097, SIGNATURE), "more than 4096 bytes"),
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_block_that_was_cut_or_changed_is_refused(how: str) -> None:
    """With what to do."""
    text, words = REFUSED[how]
    with pytest.raises(StatementRefused) as refused:
        read_block(text)
    assert words in str(refused.value)
    assert "Nothing was approved" in str(refused.value)
