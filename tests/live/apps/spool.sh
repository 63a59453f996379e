# Fills its own file system.
. /app/lib.sh
log INFO "label-spooler 0.8 starting"
for batch in 1 2 3 4 5 6 7 8; do
  head -c 8388608 /dev/zero >"/tmp/spool-$batch"
  log INFO "batch $batch spooled, $((batch * 8))MiB kept in /tmp"
  sleep 3 &
  wait $!
done
chat
