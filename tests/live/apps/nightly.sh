. /app/lib.sh
log INFO "report run started"
sleep 3
log INFO "wrote 3 files"
log INFO "report run finished"
