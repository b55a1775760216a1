#!/bin/sh
# Before the package goes, every AI client of every user gets back the configuration it had; the terminal asks for the PIN. An upgrade
# restores nothing. deb passes "remove" or "upgrade", rpm the number of versions that stay.
case "$1" in
  remove | 0) ;;
  *) exit 0 ;;
esac

gatehouse="${GATEHOUSE_EXECUTABLE:-/opt/Gatehouse/resources/bin/gatehouse}"
[ -x "$gatehouse" ] || exit 0
terminal=/dev/null
(: </dev/tty) 2>/dev/null && terminal=/dev/tty
me=$(id -u)

getent passwd | while IFS=: read -r user _ uid _ _ home _; do
  kept="$home/.local/share/gatehouse"
  if [ "$uid" = "$me" ]; then
    home="$HOME"
    kept="${GATEHOUSE_HOME:-$home/.local/share/gatehouse}"
    set -- "$gatehouse" uninstall --all
  elif [ "$me" = 0 ]; then
    set -- runuser -u "$user" -- env HOME="$home" "$gatehouse" uninstall --all
  else
    continue
  fi
  [ -d "$kept" ] || continue
  "$@" <"$terminal" || echo "The AI clients of $user could not be given their configuration back: start Gatehouse, then run \"$gatehouse uninstall --all\" as $user." >&2
  rm -f "$home/.config/autostart/gatehouse.desktop"
done
exit 0
