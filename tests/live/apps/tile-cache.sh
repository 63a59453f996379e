# Keeps what it renders in /var/cache/tiles.
. /app/lib.sh
log INFO "tile-cache 3.2 starting"
if ! cause=$(mkdir -p /var/cache/tiles 2>&1); then
  log ERROR "cannot open the cache: ${cause#mkdir: }"
  log FATAL "tile-cache needs a writable /var/cache/tiles, exiting"
  exit 1
fi
serve 8080
chat
