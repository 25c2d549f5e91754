"""The ledger worked out anew, from rows alone."""

from datetime import UTC, date, datetime

import pytest

from sanad.archive import ledger
from sanad.verify import chain
from sanad.words.errors import UsageError

AT = datetime(2026, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)
RELEASE = {"dataset": "a/b", "published_on": date(2026, 3, 17), "last_saved_at": AT, "url": None, "redacted": False}
EVIDENCE = {"words": "Ünïcode اردو \u0007", "numbers": [1, 1.5, -0.0], "x_id": 5, "nothing": None}


def rows():
    """Two events, chained as the archive chains them."""
    found = []
    before = ledger.GENESIS
    for seq, event in enumerate(("received", "accepted"), 1):
        row = {
            "seq": seq, "at": AT, "event": event, "release_id": 7, "extraction_id": seq - 1 or None, "actor": "a",
            "reason": "r", "evidence": EVIDENCE, "prev_hash": before,
        }  # fmt: skip
        before = ledger.hash_of(row)
        found.append(row | {"hash": before})
    return found


def test_both_implementations_of_the_chain_agree():
    assert list(chain.ledger(rows())) == []
    assert [chain.hash_of(row) for row in rows()] == [row["hash"] for row in rows()]


@pytest.mark.parametrize("column", ["seq", "event", "release_id", "extraction_id", "actor", "reason", "evidence", "at"])
def test_every_column_is_in_the_hash(column):
    changed = rows()
    changed[1][column] = {"seq": 3, "event": "quarantined", "evidence": {}, "at": datetime.now(UTC)}.get(column, 99)
    assert any("expected hash " in str(fault) for fault in chain.ledger(changed))


def test_what_an_event_states_of_its_release_is_what_the_row_says():
    told = {
        "published_on": "2026-03-17",
        "last_saved_at": "2026-05-01T12:30:15.123456Z",
        "url": None,
        "redacted": False,
    }
    stating = [row | {"evidence": {"release": told}} for row in rows()[:1]]
    assert list(chain.stated(stating, {7: RELEASE})) == []
    assert list(map(str, chain.stated(stating, {7: RELEASE | {"published_on": date(2026, 3, 18)}}))) == [
        "ledger: event 1: expected published_on 2026-03-17, as the event states it, found 2026-03-18"
    ]


def test_a_head_that_was_noted():
    found = rows()
    first, last = found[0]["hash"], found[1]["hash"]
    assert chain.noted_head(found, first) == (1, first)
    assert chain.noted_head(found, f" 2:{last.upper()} ") == (2, last)
    assert list(chain.heads(found, [(0, ledger.GENESIS), (1, first), (2, last)])) == []
    assert chain.noted_head(found, "a" * 64) == (2, "a" * 64)
    assert len(list(chain.heads(found, [(2, "a" * 64), (3, last), (1, last)]))) == 3
    assert chain.noted_head([], ledger.GENESIS) == (0, ledger.GENESIS)
    for text in ("", "2:", "two:" + last, last[1:], last + "0"):
        with pytest.raises(UsageError, match="no head of a ledger"):
            chain.noted_head(found, text)
