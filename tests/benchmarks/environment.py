"""A throw-away Python environment for the baselines, so that what they need never becomes a dependency of ours."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

# In the same versions as ours, so that the comparison is about the code and not about the releases below it.
_SAME = ("fastapi", "starlette", "pydantic", "sqlmodel", "sqlalchemy", "uvicorn", "uvloop", "httptools", "asyncpg")
_THEIRS = ("django", "djangorestframework", "gunicorn", "psycopg[binary]")


def build(folder: Path) -> Path:
    """Create the environment under `folder` and return the folder of its programs.

    Raises RuntimeError when `uv` is missing, CalledProcessError when the packages cannot be had.
    """
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise RuntimeError("the baselines need uv to install what they depend on")
    environment = folder / "environment"
    python = environment / "bin" / "python"
    same = [f"{name}=={importlib.metadata.version(name)}" for name in _SAME]
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), *same, *_THEIRS]
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(environment)], check=True)
    subprocess.run(install, check=True)
    return python.parent
