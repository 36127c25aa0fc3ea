"""Prints pip's own settings as shell exports for uv, which does not read them."""

import ast
import os
import shlex
import subprocess
import sys

OURS = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "UV_NO_INDEX")


def main() -> None:
    if any(name in os.environ for name in OURS):  # whoever sets uv's own variables means them
        return
    for name, value in for_uv(read_pip()).items():
        if name not in os.environ:
            print(f"export {name}={shlex.quote(value)}")


def read_pip() -> dict[str, str]:
    """Option → value; the environment wins over [install], which wins over [global]."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    rows = [line.split("=", 1) for line in listed.stdout.splitlines() if "=" in line]
    values = {key: str(ast.literal_eval(value)) for key, value in rows}
    levels = ("global.", "install.", ":env:.")
    return {
        key.removeprefix(level): value for level in levels for key, value in values.items() if key.startswith(level)
    }


def for_uv(pip: dict[str, str]) -> dict[str, str]:
    settings = {
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": " ".join(pip.get("extra-index-url", "").split()),
        "UV_FIND_LINKS": ",".join(pip.get("find-links", "").split()),
        "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", "").split()),
        "UV_NO_INDEX": "true" if pip.get("no-index", "") in ("1", "true", "yes", "on") else "",
        "SSL_CERT_FILE": pip.get("cert", ""),
        # pip weighs all its indexes alike; uv would stop at the first that knows the name.
        "UV_INDEX_STRATEGY": "unsafe-best-match" if pip.get("extra-index-url") else "",
    }
    return {name: value for name, value in settings.items() if value}


if __name__ == "__main__":
    main()
