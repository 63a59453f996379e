# Empties a node before its maintenance, as the Pod's ServiceAccount.
. /app/lib.sh
log INFO "node-maintenance 2.0 starting, draining $NODE"
while :; do
  kubectl drain "$NODE" --ignore-daemonsets --delete-emptydir-data --timeout=30s 2>&1 | while read -r line; do
    case $line in *rror*) log ERROR "$line" ;; *) log INFO "$line" ;; esac
  done
  sleep 5 &
  wait $!
done
