"""Names are quoted and read as the server does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from psycopg.sql import SQL, Identifier

from partman_core.naming import Name, quote_ident

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

ODD_NAMES = ("Events", "a b", "a.b", 'we"ird', "naïve tbl", "dollar$", "1st", "x\ny")


def test_whatever_the_server_quotes_is_quoted(pg: Connection) -> None:
    words = [word for (word,) in pg.execute("SELECT word FROM pg_get_keywords()")]
    rows = pg.execute(
        "SELECT w, quote_ident(w) FROM unnest(%s::text[]) AS w", [[*words, *ODD_NAMES]]
    ).fetchall()
    assert len(rows) > 400
    for word, quoted_word in rows:
        assert quote_ident(word) == quoted_word or quoted_word == word
    for word in ODD_NAMES:
        assert (word, quote_ident(word)) in rows


@pytest.mark.parametrize("relation", [*ODD_NAMES, "order", "interval", "É" * 31])
def test_a_written_name_finds_its_relation(pg: Connection, relation: str) -> None:
    name = Name("public", relation)
    pg.execute(SQL("CREATE TABLE {} ()").format(Identifier(relation)))
    row = pg.execute(
        "SELECT relname FROM pg_class WHERE oid = to_regclass(%s)", [str(name)]
    ).fetchone()
    assert row == (relation,)


@pytest.mark.parametrize(
    "text", ["Public.Flights", ' "A" . b', "ÜBER", '"a""b".c$', "_X.\tY", "select"]
)
def test_a_name_is_read_as_the_server_reads_it(pg: Connection, text: str) -> None:
    row = pg.execute("SELECT parse_ident(%s)", [text]).fetchone()
    name = Name.parse(text)
    assert row == ([part for part in (name.schema, name.relation) if part],)
