#!/bin/sh
# Compile one lock file: exact versions and hashes for Python 3.11 and later on every platform, without any address.
set -eu
name=$1
case $name in core) what="scripts/build-backend.in" ;; *) what="--group $name" ;; esac
constraint=""
[ "$name" = core ] || constraint="-c requirements/core.txt"
# shellcheck disable=SC2086
uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
  $what $constraint pyproject.toml -o "requirements/$name.txt"
