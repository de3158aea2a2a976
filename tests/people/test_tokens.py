"""A secret says what it is, holds 256 random bits, and shows typing errors."""

import pytest

from app.people import tokens
from app.people.tables import CredentialKind


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [
        (CredentialKind.SESSION, "cercle_ses_"),
        (CredentialKind.TOKEN, "cercle_pat_"),
        (CredentialKind.LINK, "cercle_link_"),
    ],
)
def test_a_secret_says_what_it_is(kind: CredentialKind, prefix: str) -> None:
    secret = tokens.new_secret(kind)
    assert secret.startswith(prefix)
    assert len(secret) == len(prefix) + 43 + 8
    assert tokens.kind_of(secret) is kind


def test_no_two_secrets_are_alike() -> None:
    assert len({tokens.new_secret(CredentialKind.TOKEN) for _ in range(1000)}) == 1000


def test_a_typing_error_is_seen_without_asking_the_database() -> None:
    secret = tokens.new_secret(CredentialKind.TOKEN)
    for place in range(len(secret)):
        other = "x" if secret[place] != "x" else "y"
        assert tokens.kind_of(secret[:place] + other + secret[place + 1 :]) is None


@pytest.mark.parametrize("garbage", ["", "cercle_pat_", "cercle_pat_é", "Bearer", "x" * 10_000])
def test_anything_else_is_no_secret(garbage: str) -> None:
    assert tokens.kind_of(garbage) is None


def test_only_a_digest_is_kept() -> None:
    secret = tokens.new_secret(CredentialKind.SESSION)
    assert tokens.digest(secret) == tokens.digest(secret)
    assert len(tokens.digest(secret)) == 64
    assert secret not in tokens.digest(secret)
