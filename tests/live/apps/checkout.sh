. /app/lib.sh
log INFO "starting checkout (pid $$)"
log INFO "warming up for 8s"
sleep 8
serve 8080
chat
