#!/usr/bin/env bash
# Makes sure that the programs Granary calls are installed: with root or sudo it installs the missing
# Debian packages, otherwise one line prints the command. Ends with 1 only if a program is missing
# without which nothing runs; what only tests and charts need is left to them to skip.
set -euo pipefail

declare -A package_of=(
  [java]=openjdk-17-jre-headless [mvn]=maven [node]=nodejs [npm]=npm
  [chromium]=chromium [pdftoppm]=poppler-utils
)
needed=(java mvn node npm)

missing=()
for program in java mvn node npm chromium pdftoppm; do
  command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
if command -v java >/dev/null; then
  version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
  # An answer that cannot be read is no reason to install: apt would upgrade a Java in use.
  if [ -n "$version" ] && [ "$version" -lt 17 ]; then missing+=(openjdk-17-jre-headless); fi
fi
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
if ! fc-list :lang=zh 2>/dev/null | grep -q .; then missing+=(fonts-noto-cjk); fi

if [ ${#missing[@]} -gt 0 ]; then
  install="apt-get install -y --no-install-recommends --no-upgrade ${missing[*]}"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "setup: installing ${missing[*]}"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install -qq; } >/dev/null || echo "setup: failed: $install"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null && command -v apt-get >/dev/null; then
    echo "setup: installing ${missing[*]}"
    { sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive $install -qq; } >/dev/null || echo "setup: failed: $install"
  else
    echo "setup: please run: sudo $install"
  fi
fi

for program in "${needed[@]}"; do
  command -v "$program" >/dev/null || { echo "setup: $program is missing; nothing runs without it"; exit 1; }
done
