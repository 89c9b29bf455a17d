# The programs that load exports, from PyPI, in a folder that outlives this checkout: source this, then loaders_find.
# shellcheck shell=bash

# Sets LOADERS to a Python that has them.
loaders_find() {
    local list=tests/loaders/requirements.txt folder
    folder="$CACHE/loaders-$(sha256sum "$list" | cut -c1-16)"
    LOADERS="$folder/bin/python"
    if [ -f "$folder/whole" ]; then return 0; fi
    have python3 && python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
    note "installing what loads exports ($list)"
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$list"
    # What was broken off is not taken for whole.
    touch "$folder/whole"
}
