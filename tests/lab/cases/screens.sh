# The screens wait for a phone that is unplugged during a rescue, and go on when it is plugged in again
owner=(--contacts 120 --events 20 --todos 5 --seed 8)
phones 1
phone galaxy "${owner[@]}" --fault rate=150k/s
screen() { tmux capture-pane -p -t boat; }
shows() { screen | tr -s '[:space:]' ' ' | grep -qF -- "$1"; }
TERM=xterm-256color tmux -f /dev/null new-session -d -s boat -x 100 -y 30 "$LIFEBOAT --to /tmp/out/screens"
until_true shows "Press Enter to rescue"
shows "SM-A536B"
tmux send-keys -t boat Enter
until_true shows "Five minutes with the owner"
tmux send-keys -t boat Enter
until_true eval '[ "$(wc -c < "$(echo /tmp/out/screens/*/data/lifeboat.sqlite-wal)")" -gt 100000 ]'
unplug galaxy
until_true shows "Plug in the phone and unlock it"
screen
plug galaxy
until_true eval 'ls /tmp/out/screens/*/manifest-sha256.txt'
until_true shows "safe"
screen
tmux send-keys -t boat q
until_true eval '! tmux has-session -t boat'
over_tcp tcp "${owner[@]}"
same screens tcp
switch_off galaxy
