# A job that waits for something that does not come.
. /app/lib.sh
log INFO "run started"
log INFO "waiting for partner file settlement.csv"
while :; do
  sleep 15 &
  wait $!
  log DEBUG "settlement.csv is not there yet"
done
