. /app/lib.sh
log INFO "starting $NAME (pid $$)"
[ -n "$PORT" ] && serve "$PORT"
chat
