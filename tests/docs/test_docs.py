import pkgutil
import re
from pathlib import Path

import pytest

from bridge.store.schema import metadata
from bridge.upstream.discovery import discover
from tests.bench.rows import ROWS
from tests.docs.rooms import needed_arrows
from tests.docs.tables import ROOT, TABLES, example, with_tables
from tests.server.addresses import ROUTES

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("path", sorted({path for path, _ in TABLES.values()}))
def test_the_tables_of_commands_settings_and_options_are_those_of_the_code(path: str) -> None:
    assert (ROOT / path).read_text("utf-8") == with_tables(path), "write them with: python -m tests.docs.tables"


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_has_its_place(name: str) -> None:
    assert f"<!-- {name} -->" in (ROOT / TABLES[name][0]).read_text("utf-8")


def test_the_example_settings_are_what_init_writes() -> None:
    assert (ROOT / "config/bridge.example.toml").read_text("utf-8") == example()


@pytest.mark.parametrize("name", sorted(discover()))
def test_every_packaged_source_has_a_page_that_the_readme_links(name: str) -> None:
    if not discover()[name].create.__module__.startswith("bridge.sources."):
        return
    assert (ROOT / "docs" / f"{name}.md").exists()
    assert f"(docs/{name}.md)" in (ROOT / "README.md").read_text("utf-8")


def test_every_route_is_documented() -> None:
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    for route in ROUTES:
        assert f"`{route}`" in page


def test_the_page_about_performance_has_every_figure_of_the_bench() -> None:
    page = (ROOT / "docs/performance.md").read_text("utf-8")
    for row in ROWS:
        assert f"| {row.name} | {row.title} | " in page, "measure again: make bench"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_slow_tests_are_listed_for_contributors() -> None:
    files = (ROOT / "tests").rglob("*.py")
    marked = {what for file in files for what in re.findall(r'\bslow\("([^"]+)"\)', file.read_text("utf-8"))}
    listed = re.findall(r"^  - (.+?)(?: \(.*\))?$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(marked)


def test_nothing_names_a_package_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "http" not in text.replace("aiohttp", "")
        assert "--index" not in text
        assert "find-links" not in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_name_in_the_code_that_a_page_mentions_exists(page: Path) -> None:
    for name in re.findall(r"`(bridge(?:\.\w+)+)`", page.read_text("utf-8")):
        assert pkgutil.resolve_name(name), name


def test_rooms_that_import_each_other_in_a_circle_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="imports itself"):
        needed_arrows({"store": {"calendar"}, "calendar": {"model"}, "model": {"store"}})


def test_an_arrow_that_follows_from_others_is_not_drawn() -> None:
    graph = {"cli": {"store", "model"}, "store": {"model"}, "model": set[str]()}
    assert needed_arrows(graph) == {("cli", "store"), ("store", "model")}


def test_every_table_of_the_storage_stands_where_people_look_for_what_is_kept() -> None:
    page = (ROOT / "SECURITY.md").read_text("utf-8")
    assert [table for table in metadata.tables if f"`{table}`" not in page] == []
