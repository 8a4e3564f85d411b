# Four phones on one hub are rescued one after another, each with its own owner's data
phones 4 hub
for number in 1 2 3 4; do phone "p$number" --contacts "$((2 + number))" --events 1 --todos 1 --seed "$number"; done
lifeboat devices > /tmp/list
cat /tmp/list
holds "four are listed" test "$(grep -c ready /tmp/list)" = 4
for number in 1 2 3 4; do
  exits 0 lifeboat rescue --device "usb:${port[p$number]}" --to "/tmp/out/p$number" 2> "/tmp/told$number"
  says "complete: $((2 + number)) of $((2 + number))" "/tmp/told$number"
done
over_tcp tcp --contacts 5 --events 1 --todos 1 --seed 3
same p3 tcp
for number in 1 2 3 4; do switch_off "p$number"; done
