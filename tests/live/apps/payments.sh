. /app/lib.sh
log INFO "payment-service 2.1 starting"
log INFO "loaded ${PROVIDERS:-4} payment providers"
for attempt in 1 2 3; do
  log INFO "opening session store at $SESSION_STORE (attempt $attempt/3)"
  if cause=$(nc -w 3 "${SESSION_STORE%:*}" "${SESSION_STORE#*:}" </dev/null 2>&1); then
    log INFO "session store is open"
    serve 8080
    chat
  fi
  log ERROR "connect to $SESSION_STORE: connection refused"
  log DEBUG "dial tcp $SESSION_STORE: ${cause#nc: }"
  sleep 1
done
log FATAL "could not reach session store $SESSION_STORE after 3 attempts, giving up"
exit 1
