. /app/lib.sh
log INFO "metrics exporter 0.5 for gateway"
log INFO "serving /metrics on :8080"
httpd -f -p 8080 -h /app/www
log FATAL "exporter http server stopped, status $?"
exit 1
