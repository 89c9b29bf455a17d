# A DVC of our own for the tests, from PyPI, in a folder that outlives this checkout: source this, then dvc_find.
# shellcheck shell=bash

DVC_VERSION=3.67.1

# Sets DVC to the program.
dvc_find() {
    local folder="$CACHE/dvc-$DVC_VERSION"
    DVC="$folder/bin/dvc"
    if "$DVC" --version >/dev/null 2>&1; then return 0; fi
    have python3 && python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
    note "installing DVC $DVC_VERSION"
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check "dvc==$DVC_VERSION"
    "$DVC" --version >/dev/null || fail "the package dvc brought no 'dvc' that runs"
}
