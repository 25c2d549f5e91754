"""Those asked for among those known, each with the probabilities of being one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sanad.link.evidence import Evidence, Knowledge, Match, Record, probabilities, weights
from sanad.link.pairs import candidates


def match(
    known: Sequence[Record],
    asked: Sequence[Record],
    is_ruled_out: Callable[[str, str], bool] = lambda asked_id, known_id: False,
    seen: Sequence[Record] | None = None,
) -> Iterator[Match]:
    """Every pair that is at least a candidate, by asked in their order, the most probable first.

    Several records with one ``record_id`` are one who has been known by several names or places; what fits best counts.
    One who is asked for is at most one of those known: two who fit equally well get half of it each, and neither is
    linked. Nobody is compared with themselves, nor with whom ``is_ruled_out`` says they are not. How rare words are is
    told by all who were ``seen``, where those known are but a part of them.
    """
    knowledge = Knowledge(known if seen is None else seen, len({one.record_id for one in known}))
    least = weights().candidate
    for who, whom in candidates(known, asked):
        one = asked[who]
        best: dict[str, Evidence] = {}
        for other in (known[place] for place in whom):
            if other.record_id == one.record_id or is_ruled_out(one.record_id, other.record_id):
                continue
            evidence = knowledge.weigh(one, other)
            if other.record_id not in best or evidence.bits > best[other.record_id].bits:
                best[other.record_id] = evidence
        found = zip(best.items(), probabilities([evidence.bits for evidence in best.values()]), strict=True)
        told = [Match(one.record_id, other, p, evidence) for (other, evidence), p in found if p >= least]
        yield from sorted(told, key=lambda match: (-match.probability, match.known_id))
