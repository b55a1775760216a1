#!/bin/sh
# Before the package goes, every AI client of every user gets back the configuration it had. An upgrade restores nothing.
# deb passes "remove" or "upgrade", rpm the number of versions that stay.
case "$1" in
  remove | 0) ;;
  *) exit 0 ;;
esac

gatehouse="${GATEHOUSE_EXECUTABLE:-/opt/Gatehouse/resources/bin/gatehouse}"
[ -x "$gatehouse" ] || exit 0

getent passwd | while IFS=: read -r user _ uid _ _ home _; do
  [ -d "$home/.local/share/gatehouse" ] || continue
  if [ "$uid" = "$(id -u)" ]; then
    HOME="$home" "$gatehouse" uninstall --all </dev/null || echo "The clients of $user could not be restored; run \"$gatehouse uninstall --all\" as $user." >&2
  elif [ "$(id -u)" = 0 ]; then
    runuser -u "$user" -- env HOME="$home" "$gatehouse" uninstall --all </dev/null \
      || echo "The clients of $user could not be restored; run \"$gatehouse uninstall --all\" as $user." >&2
  fi
  rm -f "$home/.config/autostart/gatehouse.desktop"
done
exit 0
