#!/usr/bin/env -S uv run --script
# /// script
# dependencies = ["nox >= 2024.4"]
# ///
"""Everyday tasks: `nox -l` lists them, `nox -s tests` runs one; without a name lint, imports, types and tests run."""

import configparser
import re

import nox

nox.needs_version = ">=2024.4"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]  # what numba supports
TESTS = ("pytest", "-n", "auto", "--dist", "loadfile")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The README's test command."""
    session.install(".[test]")
    session.run(*TESTS, *session.posargs)


@nox.session(python="3.11", default=False)
def floors(session: nox.Session) -> None:
    """The quick tests on the lowest versions that setup.cfg declares."""
    session.install(".[test]", *lowest("options", "install_requires"), *lowest("options.extras_require", "test"))
    session.run(*TESTS, "tests/test_packages.py", "tests/dynamics/runs", "tests/dynamics/kernels", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Rules and layout of the source."""
    session.install("ruff >= 0.12", "typos >= 1.30")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("typos")


@nox.session
def imports(session: nox.Session) -> None:
    """The order of packages and rooms, as .importlinter states it."""
    session.install(".", "import-linter >= 2.3")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Annotations."""
    session.install(".[test]", "mypy >= 1.15")
    session.run("mypy", "dynamics", "synthetic", "theory", "plots", "optdyn")


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """The site, in site/, with every example run and every warning an error."""
    session.install(".[store]", *nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "docs"))
    session.run("python", "-m", "sphinx", "-W", "--keep-going", "-q", "docs", "site")


@nox.session(default=False)
def build(session: nox.Session) -> None:
    """Wheel and source distribution, in dist/."""
    session.install("build >= 1.2")
    session.run("python", "-m", "build")


@nox.session(default=False)
def benchmarks(session: nox.Session) -> None:
    """Every workload beside its peers; only on a quiet machine do the numbers mean something."""
    session.install(".[benchmarks]")
    session.run("python", "-m", "benchmarks", *session.posargs)


def lowest(section: str, option: str) -> list[str]:
    """The declared floors as exact versions."""
    setup = configparser.ConfigParser(interpolation=None)
    setup.read("setup.cfg")
    floors = re.findall(r"^([\w-]+) >= ([\d.]+)", setup[section][option], flags=re.MULTILINE)
    return [f"{name} == {version}" for name, version in floors]


if __name__ == "__main__":
    nox.main()
