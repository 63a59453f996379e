# Asks the API server as the Pod's ServiceAccount.
. /app/lib.sh
log INFO "config-reloader 1.3 starting, watching configmaps of $WATCHED"
for attempt in 1 2 3; do
  if answer=$(kubectl get configmaps -n "$WATCHED" -o name 2>&1); then
    log INFO "watching $WATCHED"
    serve 8080
    chat
  fi
  log ERROR "list configmaps (attempt $attempt/3): $answer"
  sleep 2
done
log FATAL "cannot watch $WATCHED"
exit 1
