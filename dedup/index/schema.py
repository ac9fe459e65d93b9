"""The tables of an index, the same for SQLite and PostgreSQL.

Everything that can be made again from the texts carries no truth of its own: the texts are the index, the rest of it is
how they are found. An article whose reading changes, because furniture was learned, gets a new `num`, as if it had been
taken out and put in again; nothing outside refers to nums.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

__all__ = ["article", "metadata", "outlet", "page", "pair", "removed", "segment", "stamp"]

#: For SQLite the number of the row itself.
_NUM = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

#: What made the index, by name: versions, options, and the format of what lies in it.
stamp = Table(
    "dedup_stamp",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

article = Table(
    "dedup_article",
    metadata,
    Column("num", _NUM, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    #: The digest of the article as it was given, by which adding it again is known to change nothing.
    Column("digest", LargeBinary, nullable=False),
    #: Of the words that are not furniture.
    Column("body_hash", BigInteger, nullable=False),
    #: Only of texts too short to be judged by their words.
    Column("title_hash", BigInteger),
    Column("outlet", Integer, nullable=False),
    Column("words", Integer, nullable=False),
    #: Publication in days since 1970, null when unknown.
    Column("day", Double),
    #: When it was added, in seconds since 1970.
    Column("added", Double, nullable=False),
    #: The component of copies it belongs to, by the num of its first article; null for an article without copies.
    Column("story", BigInteger),
    #: The keys of its telling phrases, uint32, sorted; then a bit for each, whether it is filed under it.
    Column("phrases", LargeBinary, nullable=False),
    #: The keys of its quotations, uint32, under all of which it is filed.
    Column("quotes", LargeBinary, nullable=False),
    #: The keys of its subject, uint32, under all of which it is filed, too.
    Column("subjects", LargeBinary, nullable=False),
    #: The words that are furniture, int32 pairs of first and end.
    Column("furniture", LargeBinary, nullable=False),
    #: Fields and body, packed and compressed.
    Column("record", LargeBinary, nullable=False),
)
Index("dedup_article_body", article.c.body_hash)
Index("dedup_article_title", article.c.title_hash)
Index("dedup_article_outlet", article.c.outlet)
Index("dedup_article_day", article.c.day)
Index("dedup_article_added", article.c.added)
Index("dedup_article_story", article.c.story)

#: Copies: a < b in the order of their ids, not of their nums.
pair = Table(
    "dedup_pair",
    metadata,
    Column("a", BigInteger, primary_key=True, autoincrement=False),
    Column("b", BigInteger, primary_key=True, autoincrement=False),
    #: The code of `dedup.grade.GRADES`.
    Column("code", SmallInteger, nullable=False),
    Column("confidence", Double, nullable=False),
    sqlite_with_rowid=False,
)
Index("dedup_pair_b", pair.c.b)

outlet = Table(
    "dedup_outlet",
    metadata,
    Column("num", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, unique=True),
    Column("articles", Integer, nullable=False),
    #: How many articles it had when its furniture was learned.
    Column("learned_at", Integer, nullable=False),
    #: What was learned: hashes of lines and of runs of words, as `dedup.index.furniture` packs them.
    Column("knowledge", LargeBinary, nullable=False),
)

#: Which articles are filed under which phrases: sorted postings in pages, the pages of a segment in order.
page = Table(
    "dedup_page",
    metadata,
    Column("place", _NUM, primary_key=True, autoincrement=False),
    Column("postings", LargeBinary, nullable=False),
)

#: A level of pages, for a part of all keys. Level 0 has no pages: its `last` is the last num that
#: was given out, its `postings` how often articles were merged.
segment = Table(
    "dedup_segment",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    #: Its pages are told apart by so many bits of a key.
    Column("bits", Integer, nullable=False),
    Column("postings", BigInteger, nullable=False),
    #: Articles up to this num are filed here or in a later level.
    Column("last", BigInteger, nullable=False),
)

#: Articles that are gone and may still be filed somewhere, in the order in which they went.
removed = Table(
    "dedup_removed",
    metadata,
    Column("serial", _NUM, primary_key=True, autoincrement=True),
    Column("num", BigInteger, nullable=False),
)
