#!/usr/bin/env bash
# A picture of a command in a real xterm, on a display of its own (Xvfb): for the README, and to see what people see.
#
#   scripts/screenshot-xterm.sh OUT.png COLUMNSxROWS SECONDS [--keys 'KEY KEY...'] -- COMMAND [ARGUMENT...]
#
# Keys, as xdotool names them, are typed after SECONDS, half a second apart; the picture is taken SECONDS later.
# Needs: xvfb, xterm, imagemagick (import); xdotool for --keys.
set -euo pipefail

usage() {
  sed -n '2,8p' "$0" | cut -c3- >&2
  exit 2
}

[ $# -ge 5 ] || usage
out=$1 size=$2 seconds=$3
shift 3
keys=()
if [ "$1" = --keys ]; then
  read -ra keys <<<"$2"
  shift 2
fi
[ "$1" = -- ] || usage
shift
for tool in Xvfb xterm import ${keys:+xdotool}; do
  command -v "$tool" >/dev/null || { echo "screenshot-xterm: $tool is not installed" >&2; exit 1; }
done

display_file=$(mktemp)
pids=()
cleanup() {
  # The newest first: xterm before its display.
  for ((index = ${#pids[@]} - 1; index >= 0; index--)); do
    kill "${pids[index]}" 2>/dev/null || true
    wait "${pids[index]}" 2>/dev/null || true
  done
  rm -f "$display_file"
}
trap cleanup EXIT

# Xvfb chooses a free display itself and says which.
Xvfb -displayfd 3 -screen 0 2000x1600x24 -noreset -nolisten tcp 3>"$display_file" 2>/dev/null &
pids+=($!)
for _ in $(seq 100); do
  [ -s "$display_file" ] && break
  sleep 0.1
done
[ -s "$display_file" ] || { echo 'screenshot-xterm: Xvfb did not start' >&2; exit 1; }
export DISPLAY=":$(cat "$display_file")"

# A VT340 draws sixel pictures; the window operations tell how large a cell is.
COLORTERM=truecolor xterm -ti vt340 -xrm 'XTerm*allowWindowOps: true' -xrm 'XTerm*maxGraphicSize: 2000x1600' -geometry "$size+0+0" -fa 'DejaVu Sans Mono' -fs 11 -bg '#111318' -fg '#d8d8d8' +sb -b 0 \
  -xrm 'XTerm*termName: xterm-256color' -xrm 'XTerm*directColor: true' -e "$@" &
xterm=$!
pids+=("$xterm")
sleep "$seconds"
# Without a window manager nothing gives the window the keyboard.
[ ${#keys[@]} -eq 0 ] || xdotool search --onlyvisible --class xterm windowfocus
for key in "${keys[@]}"; do
  xdotool key "$key"
  sleep 0.5
done
[ ${#keys[@]} -eq 0 ] || sleep "$seconds"
import -window root -trim +repage "$out"
echo "$out"
