# Appends to a file in its volume.
. /app/lib.sh
log INFO "archive-writer 1.9 starting as uid $(id -u)"
if ! cause=$( (echo start >>/data/archive.log) 2>&1); then
  log ERROR "open archive: ${cause##*: can}"
  log FATAL "/data/archive.log: Permission denied"
  exit 1
fi
serve 8080
chat
