. /app/lib.sh
log INFO "month-end close for period $PERIOD"
log INFO "checking 14 subledgers"
sleep 2
log INFO "subledger accounts-payable: 0 unposted entries"
log ERROR "subledger inventory: 3 unposted journal entries (JE-20418, JE-20419, JE-20433)"
log FATAL "period $PERIOD cannot be closed while entries are unposted"
exit 1
