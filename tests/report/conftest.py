"""An invented newsroom: every place, person and outlet is made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from dedup.records import Article, Cluster, Furniture, Grade, Match, Measures, Member, Passage, Skipped
from dedup.report import Findings
from tests.report.browser import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MATCH = Callable[..., Match]

WIRE = (
    "PORT ELLERY (NWA) - The harbour bridge of Port Ellery will stay closed until the end of May, the roads office "
    "said on Tuesday.\n\nInspectors found cracks in two of its nine pillars. “We will not send a single bus across "
    "before the last weld is tested,” chief engineer Oda Brandvik told reporters.\n\nSome 14,000 people cross the "
    "bridge on a working day. Ferries will run every ten minutes instead, and tickets bought for the tram stay valid."
)
COURIER = WIRE.replace("on Tuesday", "late on Tuesday").replace("Some 14,000 people", "About 14,000 commuters")
HERALD = (
    "Sign up to our newsletter and never miss a story.\n\nCommuters face two more months on the water. Port Ellery’s "
    "bridge is shut until June because of damaged pillars, officials confirmed.\n\nOda Brandvik, who leads the "
    "repairs, put it plainly: “We will not send one bus across before the last weld has been tested.”\n\n"
    "Share this article on Facebook"
)
ROUNDUP = (
    "Five things to know this morning. The harvest fair opens in Lower Tarn with a parade of tractors.\n\nFerries will "
    "run every ten minutes instead, and tickets bought for the tram stay valid.\n\nAnd it will rain, says the "
    "weather office, until the weekend at least."
)
HOSTILE = "<script>alert(1)</script> & <img src=x onerror=alert(2)> is what the council's web page showed for an hour."


def make_article(id: str, body: str, **more: Any) -> Article:
    return Article(id=id, body=body, **more)


def make_match(a: Article, b: Article, grade: str, *shared: tuple[str, str] | str, **more: Any) -> Match:
    """A match whose passages are where the given texts stand in the two bodies."""
    passages = []
    for text in shared:
        left, right = (text, text) if isinstance(text, str) else text
        at, there = a.body.index(left), b.body.index(right)
        words = len(set(left.split()) & set(right.split()))
        quote = left.startswith("“")
        passages.append(Passage(at, at + len(left), there, there + len(right), words, float(words), quote))
    sides = {
        "containment_a": min(1.0, sum(p.a_end - p.a_start for p in passages) / max(1, len(a.body))),
        "containment_b": min(1.0, sum(p.b_end - p.b_start for p in passages) / max(1, len(b.body))),
    }
    measures = Measures(
        **sides,
        jaccard=0.01234,
        cosine=0.5,
        rare_overlap=44.25,
        longest_run=max((p.words for p in passages), default=0),
        shared_words=sum(p.words for p in passages),
        shared_quotes=sum(p.quote for p in passages),
        shared_names=0.3,
        longest_passage=max((p.words for p in passages), default=0),
        retold_quotes=0,
        told_again=0.0,
        rest_cosine=0.1,
    )
    defaults: dict[str, Any] = {"confidence": 0.97, "found_by": ("fingerprint", "quote"), "similarity": 0.8}
    return Match(
        a=a.id, b=b.id, grade=Grade(grade), measures=measures, passages=tuple(passages), **{**defaults, **more}
    )


def make_cluster(id: str, first: Article, *others: tuple[Article, str], **more: Any) -> Cluster:
    members = [Member(article=first.id, copy_group=first.id, role="source", grade_to_source="")]
    members += [Member(article=x.id, copy_group=x.id, role="member", grade_to_source=grade) for x, grade in others]
    return Cluster(
        id=id,
        members=tuple(sorted(members, key=lambda m: m.article)),
        representative=first.id,
        weakest_similarity=0.52,
        **more,
    )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a module. Not for all: while it runs, no other test could start an event loop."""
    with browser() as started:
        yield started


@pytest.fixture(name="article")
def article_builder() -> Callable[..., Article]:
    return make_article


@pytest.fixture(name="match")
def match_builder() -> Callable[..., Match]:
    return make_match


@pytest.fixture(name="cluster")
def cluster_builder() -> Callable[..., Cluster]:
    return make_cluster


@pytest.fixture
def newsroom() -> Findings:
    """Three articles on one closed bridge, a round-up that pastes from them, a hostile one and a short one."""
    return build_newsroom()


def build_newsroom() -> Findings:
    end = HERALD.index("Share this")
    courier = make_article(
        "courier/bridge.txt", COURIER, title="Bridge stays shut until end of May", publisher="Ellery Courier",
        published_at="2031-04-08T19:40:00+02:00", credit="With reporting by NWA", agency="NWA",
    )  # fmt: skip
    herald = make_article(
        "herald/bridge.txt", HERALD, title="Two more months on the ferry", publisher="Tarn Herald",
        published_at="2031-04-09", url="https://herald.example/bridge?a=1&b=2", language="en",
        furniture=(Furniture(0, 49, "subscribe"), Furniture(end, len(HERALD), "share")),
    )  # fmt: skip
    hostile = make_article(
        "hostile.html", HOSTILE, title="<script>alert('title')</script>", publisher="=cmd|' /C calc'!A0",
        url="javascript:alert(1)",
    )  # fmt: skip
    roundup = make_article(
        "roundup.txt", ROUNDUP, title='=HYPERLINK("http://x")', publisher="Morning Post", published_at="2031-04-09"
    )
    short = make_article("short.txt", "Rain in Lower Tarn.", title="Rain", publisher="Tarn Herald")
    wire = make_article(
        "wire.txt", WIRE, title="Port Ellery bridge closed until end of May", publisher="Northern Wire Agency",
        published_at="2031-04-08T16:05:00+00:00", agency="NWA", url="https://nwa.example/1",
    )  # fmt: skip
    told = ("“We will not send a single bus across before the last weld is tested,”",
            "“We will not send one bus across before the last weld has been tested.”")  # fmt: skip
    source = {"likely_source": "wire.txt", "source_reason": "published first; the Courier credits NWA"}
    ferries = "Ferries will run every ten minutes instead, and tickets bought for the tram stay valid."
    matches = [
        make_match(courier, herald, "rewrite", told, confidence=0.81, similarity=0.52, likely_source="cannot tell"),
        make_match(courier, roundup, "excerpt", ferries, confidence=0.93, similarity=0.05),
        make_match(courier, wire, "near_duplicate", (COURIER, WIRE), confidence=0.9996,
                   found_by=("signature",), **source),
        make_match(herald, wire, "rewrite", (told[1], told[0]), confidence=0.9, similarity=0.55, **source),
        make_match(hostile, short, "same_event", confidence=0.5),
    ]  # fmt: skip
    story = make_cluster(
        "c0001", wire, (courier, "near_duplicate"), (herald, "rewrite"),
        splits_at=0.56, parts=((courier.id, wire.id), (herald.id,)),
        weakest_link="courier/bridge.txt|herald/bridge.txt", title="Port Ellery bridge closed until end of May",
        **source,
    )  # fmt: skip
    return Findings(
        articles=[courier, herald, hostile, roundup, short, wire],
        matches=matches,
        clusters=[story],
        skipped=[Skipped(source="drop/<b>empty</b>.txt", stage="read", reason="the file is empty")],
        stats={"versions": {"dedup": "0.1"}, "options": {"grade": {"near_jaccard": 0.6}}, "seconds": {"read": 0.25}},
        short=frozenset({"short.txt"}),
    )
