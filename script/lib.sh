# What script/run, script/test, script/install and script/lock share. Sourced, never run.
# shellcheck shell=bash
set -euo pipefail

CLONE="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/mimo-assistant"
export MIMO_MODELS="${MIMO_MODELS:-$CACHE/models}"
export PIP_DISABLE_PIP_VERSION_CHECK=1 DEBIAN_FRONTEND=noninteractive

headline() { printf '\n== %s\n' "$*" >&2; }
note() { printf '%s\n' "$*" >&2; }
give_up() { note "$1"; exit "${2:-3}"; }

# shellcheck disable=SC2034  # PYTHON_PACKAGES is for the scripts
# The first Python of 3.11 or newer; one that can build a venv is preferred. The distribution's own comes first: it was
# compiled with a profile, which those of pyenv are not, and takes up to a sixth less time. OUTSIDE_HOMES=1 leaves
# out those that live in a home folder. Sets PYTHON and PYTHON_PACKAGES.
find_python() {
    local candidate found=""
    PYTHON_PACKAGES=()
    for candidate in "$@" /usr/bin/python3 python3 python3.13 python3.12 python3.11 python3.14; do
        if [ -z "$candidate" ]; then continue; fi
        PYTHON="$("$candidate" -c 'import sys; sys.version_info >= (3, 11) and print(sys.executable)' 2>/dev/null)" || continue
        if [ -z "$PYTHON" ]; then continue; fi
        if [ -n "${OUTSIDE_HOMES:-}" ] && "$PYTHON" -c 'import sys; sys.exit(not sys.base_prefix.startswith(("/home/", "/root/")))'; then continue; fi
        if "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then return; fi
        found="${found:-$PYTHON}"
    done
    if [ -n "$found" ]; then
        PYTHON="$found"
        PYTHON_PACKAGES=("$("$PYTHON" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'): Python's own tool for the assistant's private packages")
    elif distribution_has_python; then
        PYTHON=/usr/bin/python3
        PYTHON_PACKAGES=("python3: the language it is written in" "python3-venv: Python's own tool for the assistant's private packages")
    else
        give_up "Python 3.11 or newer is needed (Debian 12 and Ubuntu 24.04 have it). If it is somewhere unusual: PYTHON=/path/to/python3 $0"
    fi
}

distribution_has_python() {
    # shellcheck source=/dev/null
    case "$(. /etc/os-release 2>/dev/null && echo "$ID:${VERSION_ID:-99}")" in
        debian:1[2-9]* | debian:99 | raspbian:1[2-9]* | ubuntu:2[4-9]* | ubuntu:[3-9]?.*) ;;
        *) return 1 ;;
    esac
}

# need_packages "name: reason"…: tells which Debian packages are missing and why, then installs just those.
need_packages() {
    local line missing=()
    command -v dpkg-query >/dev/null || { note "This is not Debian or Ubuntu; please see to it yourself that these are there:"; printf '  %s\n' "$@" >&2; return; }
    for line in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "${line%%:*}" 2>/dev/null | grep -qx installed || missing+=("$line")
    done
    if [ ${#missing[@]} -eq 0 ]; then return; fi
    headline "Debian packages that are missing, and what each is for"
    printf '  %s\n' "${missing[@]}" >&2
    install_packages "${missing[@]%%:*}"
}

install_packages() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
        if ! command -v sudo >/dev/null || { ! sudo -n true 2>/dev/null && ! [ -t 0 ]; }; then
            give_up "Installing them needs administrator's rights. Please run this, then start again:
  sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
        fi
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -c "$(declare -f apt_get_without_services); apt_get_without_services \"\$@\"" apt "$@" >&2 ||
        give_up "apt-get could not install: $*"
}

# Runs as root. A package such as mosquitto brings a system service, which we neither need nor want started.
apt_get_without_services() {
    local policy=/usr/sbin/policy-rc.d ours="" result=0
    if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && ours=1; fi
    # Package lists may be missing (a fresh container) or old: fetched only when the first try fails.
    apt-get install -y -q --no-install-recommends "$@" || { apt-get update -q && apt-get install -y -q --no-install-recommends "$@"; } || result=$?
    if [ -n "$ours" ]; then rm -f "$policy"; fi
    case " $* " in *" mosquitto "*) systemctl disable mosquitto.service >/dev/null 2>&1 || true ;; esac
    return "$result"
}

# The uv of script/uv.lock, in a venv of its own: it installs in seconds what takes pip minutes. Sets UV.
need_uv() {
    local home
    home="$CACHE/uv-$(cat "$CLONE/script/uv.lock" <("$PYTHON" -VV) | sha256sum | cut -c1-12)"
    UV="$home/bin/uv"
    if [ ! -e "$home/.complete" ]; then
        rm -rf "$home"
        mkdir -p "$CACHE"
        "$PYTHON" -m venv "$home"
        "$home/bin/python" -m pip install -q --require-hashes -r "$CLONE/script/uv.lock" >&2
        touch "$home/.complete"
    fi
    # uv does not read pip's configuration, so a mirror or proxy set there is handed over.
    eval "$("$home/bin/python" "$CLONE/script/pip_settings.py")"
}

# install_locked VENV LOCK [options]: exactly what the lock names, each file by its hash.
install_locked() {
    local python="$1/bin/python" lock="$2"
    shift 2
    "$UV" pip install --python "$python" --require-hashes -r "$lock" "$@" >&2 || {
        note "uv could not; trying pip, which takes longer."
        "$(dirname "$UV")/python" -m pip --python "$python" install --require-hashes -r "$lock" "$@" >&2
    }
}

# need_venv LOCK [KEY]: the venv for a lock, outside the clone, built once for each lock, Python and clone. Sets VENV.
need_venv() {
    local lock="$1" site
    mkdir -p "$CACHE"
    exec 9>"$CACHE/venv.lock"
    flock 9
    VENV="$CACHE/venv-$(cat "$lock" <("$PYTHON" -VV) <(echo "$PYTHON $CLONE") | sha256sum | cut -c1-12)"
    if [ ! -e "$VENV/.complete" ]; then
        headline "Python packages from script/$(basename "$lock") into $VENV"
        rm -rf "$VENV"
        need_uv
        "$PYTHON" -m venv --without-pip "$VENV" # the lock brings the pip that `models pull` fetches with
        install_locked "$VENV" "$lock"
        site="$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
        echo "$CLONE" >"$site/mimo_assistant.pth"
        write_command "$VENV/bin/mimo-assistant" "$VENV/bin/python"
        touch "$VENV/.complete"
    fi
    exec 9>&-
}

# write_command FILE PYTHON: the `mimo-assistant` command.
write_command() {
    printf '#!/bin/sh\nexec "%s" -m assistant.cli "$@"\n' "$2" >"$1"
    chmod 755 "$1"
}
