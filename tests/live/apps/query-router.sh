. /app/lib.sh
conf=/etc/query-router/router.conf
log INFO "query-router 5.5 starting"
log INFO "reading $conf"
number=0
while read -r line; do
  number=$((number + 1))
  case $line in
  '' | '#'* | '['*']' | *' = '*) ;;
  *)
    log ERROR "config: $conf:$number: expected 'key = value', got '$line'"
    log FATAL "configuration is invalid, exiting"
    exit 1
    ;;
  esac
done <$conf
serve 8080
chat
