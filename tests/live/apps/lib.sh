# What every application here starts with. Baked into the images, as /app/lib.sh.
# NAME, FORMAT (plain or json), PORT, EVERY come from /app/settings; what it chats about from /app/says.
. /app/settings

log() { # LEVEL TEXT
  at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  if [ "$FORMAT" = json ]; then
    case $1 in DEBUG) level=debug ;; INFO) level=info ;; WARN) level=warn ;; ERROR) level=error ;; *) level=fatal ;; esac
    printf '{"ts":"%s","level":"%s","logger":"%s","msg":"%s"}\n' "$at" "$level" "$NAME" "$2"
  else
    printf '%s %-5s [%s] %s\n' "$at" "$1" "$NAME" "$2"
  fi
}

serve() { # PORT: answer GET requests for what is in /app/www with 200, others with 404
  httpd -f -p "$1" -h /app/www &
  log INFO "listening on 0.0.0.0:$1"
}

get() { # HOST:PORT PATH: print the status of the answer, or what went wrong and fail
  answer=$(printf 'GET %s HTTP/1.0\r\n\r\n' "$2" | nc -w 3 "${1%:*}" "${1##*:}" 2>&1)
  case $answer in
  HTTP/1.*) answer=${answer#* }; echo "${answer%% *}" ;;
  *refused*|*address*) echo "${answer#nc: }"; return 1 ;;
  *) echo "no answer from $1 within 3s, timed out"; return 1 ;;
  esac
}

chat() { # say one line after the other, for ever
  while :; do
    while read -r level text; do
      case $text in *'{id}'*) text="${text%%'{id}'*}$((RANDOM + 10000))${text#*'{id}'}" ;; esac
      case $text in *'{n}'*) text="${text%%'{n}'*}$((RANDOM % 90 + 2))${text#*'{n}'}" ;; esac
      log "$level" "$text"
      sleep "$EVERY" &
      wait $!
    done </app/says
  done
}

trap 'log INFO "SIGTERM received, draining"; exit 0' TERM
