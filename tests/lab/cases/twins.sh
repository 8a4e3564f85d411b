# Two phones with the same model and serial number are told apart by their places, and each gives its own owner's data
left=(--contacts 15 --events 4 --todos 2 --seed 11)
right=(--contacts 12 --events 6 --todos 3 --seed 12)
phones 2
phone left "${left[@]}"
phone right "${right[@]}"
lifeboat devices > /tmp/list
says "R5CT60PRACT@${port[left]} Samsung SM-A536B ready" /tmp/list
says "R5CT60PRACT@${port[right]} Samsung SM-A536B ready" /tmp/list
exits 1 lifeboat rescue --device R5CT60PRACT --to /tmp/out/none 2> /tmp/why
says "several phones have the serial number R5CT60PRACT" /tmp/why
exits 0 lifeboat rescue --device "R5CT60PRACT@${port[right]}" --to /tmp/out/right
exits 0 lifeboat rescue --device "R5CT60PRACT@${port[left]}" --to /tmp/out/left
over_tcp alone-left "${left[@]}"
over_tcp alone-right "${right[@]}"
same left alone-left
same right alone-right
unplug left
lifeboat devices > /tmp/list
holds "the one that is left needs no place" grep -q '^R5CT60PRACT  ' /tmp/list
switch_off left
switch_off right
