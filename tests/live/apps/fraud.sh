# Restarts once: what it left in its volume says whether it has done so.
. /app/lib.sh
log INFO "starting fraud (pid $$)"
if [ ! -e /scratch/schema ]; then
  touch /scratch/schema
  log WARN "feature cache schema changed, restarting once to rebuild"
  exit 1
fi
log INFO "feature cache rebuilt"
serve 8080
chat
