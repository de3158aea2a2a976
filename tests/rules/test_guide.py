"""The guide to writing a decision rule is true: the package that it builds loads, conforms, speaks two languages."""

import importlib
import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.rules.catalogue import Catalogue
from app.rules.conformance import Conformance

GUIDE = Path(__file__).parents[2] / "docs" / "writing-a-decision-rule.md"


@pytest.fixture
def thumbs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The guide's package, written to disk as it says."""
    for language, block in re.findall(r"```(python|toml)\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL):
        name = block.splitlines()[0].removeprefix("# ")
        assert language in {"python", "toml"}
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(block, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    runpy.run_path("write_vectors.py")
    yield importlib.import_module("cercle_thumbs.thumbs_1").Thumbs
    for name in [name for name in sys.modules if name.startswith("cercle_thumbs")]:
        del sys.modules[name]


def test_the_package_of_the_guide_loads(thumbs: Any) -> None:
    catalogue = Catalogue([thumbs])
    assert catalogue.texts("thumbs", 1, "fr")["title"] == "Pouces"
    assert len(catalogue.reference_digest("thumbs")) == 64


def test_the_package_of_the_guide_conforms(thumbs: Any) -> None:
    suite = type("TestThumbs", (Conformance,), {"rule": thumbs, "variants": ({}, {"share": "1/2"}), "runs": 15})()
    for name in sorted(name for name in dir(suite) if name.startswith("test_")):
        getattr(suite, name)()
