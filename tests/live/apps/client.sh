# Asks an upstream every few seconds. UPSTREAM is its name in the log, ADDRESS where it is, REQUEST what is asked for.
. /app/lib.sh
log INFO "starting"
serve "$PORT"
eval "address=\$$ADDRESS"
while :; do
  if status=$(get "$address" "$REQUEST"); then
    log INFO "upstream $UPSTREAM GET $REQUEST $status"
  else
    log ERROR "upstream $UPSTREAM GET $REQUEST failed: $status"
    log WARN "$INSTEAD"
  fi
  sleep "$EVERY" &
  wait $!
done
