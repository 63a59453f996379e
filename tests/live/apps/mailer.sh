. /app/lib.sh
log INFO "mailer 1.7 starting"
log INFO "loaded 22 templates"
if [ -z "$SMTP_HOST" ]; then
  log FATAL "required setting SMTP_HOST is not set"
  exit 2
fi
serve 8080
chat
