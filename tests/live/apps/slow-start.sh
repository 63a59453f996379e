# Loads for a minute and a half before it listens.
. /app/lib.sh
log INFO "rules-engine 4.1 starting"
for part in 1 2 3 4 5 6 7 8 9; do
  log INFO "compiling rule book, part $part of 9"
  sleep 10 &
  wait $!
done
serve 8080
chat
